//! Saving the answers: where to, what will be written, and the question before anything is written over.
//!
//! It decides and shows; the writing is an effect. Texts that a person wrote here get files of their own beside the
//! recipe. Values of variables are in none of them.

mod page;

use std::path::{Path, PathBuf};

pub use page::receipt;

use super::event::{Answer, NewFile, Request, TextFile};
use super::field::Field;
use super::form::recipe::{Answered, Part};
use super::keymap::{Command, Offer, Typing};
use super::screen::{Input, Wish};
use crate::journal::record::sha256;
use crate::recipe::FILE;
use crate::secret::Secret;
use crate::shown::Shown;

/// The answers on their way into a file.
#[derive(Debug)]
pub struct Saving {
    answered: Answered,
    /// Where paths begin.
    folder: PathBuf,
    path: Field,
    stage: Stage,
    /// Why the last try came to nothing.
    error: Option<Shown>,
}

#[derive(Debug)]
enum Stage {
    /// Where to.
    Path,
    /// What is there already is looked at, one after the other.
    Looking(Vec<Draft>, Vec<Draft>),
    /// A last look. The focus begins on what changes nothing.
    Showing { drafts: Vec<Draft>, write: bool },
    /// It is being written.
    Writing,
}

/// A file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    path: PathBuf,
    text: Secret,
    there: Option<TextFile>,
}

/// What became of it.
#[derive(Debug)]
pub enum Saved {
    /// It goes on.
    Stay(Vec<Wish>),
    /// Nothing was written.
    Leave,
    /// These files were, the recipe first.
    Done(Vec<PathBuf>),
}

impl Draft {
    /// Whether something else is there.
    fn is_over(&self) -> bool {
        let there = self.there.as_ref();
        there.is_some_and(|there| there.text != self.text)
    }

    /// Whether just this is there.
    fn is_there(&self) -> bool {
        self.there.is_some() && !self.is_over()
    }
}

impl Saving {
    /// Asks where to; paths begin at this folder.
    pub fn start(answered: Answered, folder: PathBuf) -> Self {
        Self {
            answered,
            folder,
            path: Field::open(FILE),
            stage: Stage::Path,
            error: None,
        }
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.stage {
            Stage::Path => match self.hindrance() {
                Some(why) => Offer::new(Typing::Line).blocked(Command::Next, "look", why),
                None => Offer::new(Typing::Line).with(Command::Next, "look what will be written"),
            }
            .with(Command::Back, "cancel"),
            Stage::Showing { drafts, .. } if drafts.iter().any(Draft::is_over) => Offer::default()
                .with(Command::Next, "press")
                .with(Command::Left, "")
                .with(Command::Right, "")
                .with(Command::Tab, "other button")
                .with(Command::Back, "another path"),
            Stage::Showing { drafts, .. } => {
                let label = if drafts.iter().all(Draft::is_there) {
                    "done"
                } else {
                    "write"
                };
                Offer::default()
                    .with(Command::Next, label)
                    .with(Command::Back, "another path")
            }
            Stage::Looking(..) => Offer::default().with(Command::Back, "another path"),
            // What is begun is waited for: it takes no time that could be felt.
            Stage::Writing => Offer::default(),
        }
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input) -> Saved {
        match (&mut self.stage, input) {
            (Stage::Path, Input::Command(Command::Back)) => return Saved::Leave,
            (Stage::Path, Input::Command(Command::Next)) => return self.look(),
            (Stage::Path, Input::Key(key)) => {
                self.path.key(key);
                self.error = None;
            }
            (Stage::Path, Input::Paste(text)) => {
                self.path.paste(text.expose());
                self.error = None;
            }
            (Stage::Looking(..) | Stage::Showing { .. }, Input::Command(Command::Back)) => {
                self.stage = Stage::Path;
            }
            (Stage::Looking(..), Input::Answer(Answer::LookedAt(reply))) => {
                return self.looked(reply);
            }
            (Stage::Showing { write, .. }, Input::Command(Command::Left)) => *write = false,
            (Stage::Showing { write, .. }, Input::Command(Command::Right)) => *write = true,
            (Stage::Showing { write, .. }, Input::Command(Command::Tab)) => *write = !*write,
            (Stage::Showing { .. }, Input::Command(Command::Next)) => return self.press(),
            (Stage::Writing, Input::Answer(Answer::FilesSaved(reply))) => match reply {
                Ok(paths) => return Saved::Done(paths),
                Err(why) => {
                    self.error = Some(why);
                    self.stage = Stage::Path;
                }
            },
            _ => (),
        }
        Saved::Stay(Vec::new())
    }

    /// Why this cannot be written anywhere, or not there.
    fn hindrance(&self) -> Option<String> {
        let leak = Part::ALL
            .iter()
            .find(|part| self.answered.gives_away(**part));
        if let Some(part) = leak {
            return Some(format!(
                "{} has the value of a variable in it, so it is not written to a file; put ${{NAME}} there",
                part.name()
            ));
        }
        let path = self.target();
        path.file_name()
            .is_none()
            .then(|| "type the name of a file".to_owned())
    }

    fn target(&self) -> PathBuf {
        let typed = self.path.text().trim();
        let path = Path::new(typed);
        if typed.ends_with(['/', '\\']) || typed.is_empty() {
            PathBuf::new()
        } else if path.starts_with("~") {
            path.to_owned()
        } else {
            self.folder.join(path)
        }
    }

    fn look(&mut self) -> Saved {
        match self.drafts() {
            Ok(drafts) => {
                self.error = None;
                let first = drafts.first().map(|draft| draft.path.clone());
                self.stage = Stage::Looking(Vec::new(), drafts);
                let ask = first.map(|path| Wish::Ask(Request::LookAt(path)));
                Saved::Stay(ask.into_iter().collect())
            }
            Err(why) => {
                self.error = Some(why);
                Saved::Stay(Vec::new())
            }
        }
    }

    /// The recipe, then the texts that have no file yet.
    fn drafts(&self) -> Result<Vec<Draft>, Shown> {
        let path = self.target();
        let folder = path.parent().unwrap_or(&self.folder);
        let stem = path.file_stem().unwrap_or_default();
        let beside = |part: Part| {
            let mut name = stem.to_owned();
            name.push(".");
            name.push(part.ending());
            folder.join(name)
        };
        let parts = Part::ALL.into_iter();
        let parts: Vec<(Part, PathBuf, Secret)> = parts
            .filter_map(|part| {
                let text = self.answered.text(part)?;
                Some((part, beside(part), Secret::new(&**text)))
            })
            .collect();
        let places = parts.iter().map(|(part, path, _)| (*part, path.clone()));
        let recipe = self.answered.noted(places).text(folder);
        let recipe = recipe.map_err(|why| Shown::line(&why.to_string()))?;
        let draft = |path: PathBuf, text: Secret| Draft {
            path,
            text,
            there: None,
        };
        let mut drafts = vec![draft(path.clone(), Secret::new(recipe))];
        drafts.extend(parts.into_iter().map(|(_, path, text)| draft(path, text)));
        Ok(drafts)
    }

    fn looked(&mut self, reply: Result<Option<TextFile>, Shown>) -> Saved {
        let Stage::Looking(done, left) = &mut self.stage else {
            return Saved::Stay(Vec::new());
        };
        let there = match reply {
            Ok(there) => there,
            Err(why) => {
                self.error = Some(why);
                self.stage = Stage::Path;
                return Saved::Stay(Vec::new());
            }
        };
        if !left.is_empty() {
            done.push(Draft {
                there,
                ..left.remove(0)
            });
        }
        if let Some(next) = left.first() {
            return Saved::Stay(vec![Wish::Ask(Request::LookAt(next.path.clone()))]);
        }
        let drafts = std::mem::take(done);
        let write = !drafts.iter().any(Draft::is_over);
        self.stage = Stage::Showing { drafts, write };
        Saved::Stay(Vec::new())
    }

    fn press(&mut self) -> Saved {
        let Stage::Showing { drafts, write } = &self.stage else {
            return Saved::Stay(Vec::new());
        };
        if !write {
            self.stage = Stage::Path;
            return Saved::Stay(Vec::new());
        }
        let files: Vec<NewFile> = drafts
            .iter()
            .filter(|draft| !draft.is_there())
            .map(|draft| NewFile {
                path: draft.path.clone(),
                text: draft.text.clone(),
                over: draft
                    .there
                    .as_ref()
                    .map(|there| sha256(there.text.expose().as_bytes())),
            })
            .collect();
        if files.is_empty() {
            return Saved::Done(
                drafts
                    .iter()
                    .map(|draft| draft.path.clone())
                    .take(1)
                    .collect(),
            );
        }
        self.stage = Stage::Writing;
        Saved::Stay(vec![Wish::Ask(Request::SaveFiles(files))])
    }
}
