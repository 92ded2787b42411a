//! Where a text comes from: kept as the app has it, read from a file, written here, or from the person's own editor.
//!
//! Each source keeps a text of its own, so switching among them loses nothing. What the text is for, and whether it is
//! any good, it does not know.

mod menu;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use menu::size_words;

use super::editor::{Editor, Written};
use super::files::{Browsed, Files};
use crate::shown::Shown;
use crate::wizard::event::{Answer, Request, TextFile};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::Menu;
use crate::wizard::page::{Page, title};
use crate::wizard::reread::Kept;
use crate::wizard::screen::{Input, Reaction};

/// What is particular about a text.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name, as a heading: `The pre-launch script`.
    pub name: &'static str,
    /// What the file browser asks.
    pub question: &'static str,
    /// File name ending, so an editor knows the language.
    pub ending: &'static str,
    /// File names that are likely to be meant.
    pub likely: fn(&str) -> bool,
}

/// Where the text comes from, in the order of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// As the app has it.
    #[default]
    Keep,
    /// A file.
    File,
    /// The text area.
    Here,
    /// The person's own editor.
    Outside,
}

/// The sources of a text, and the one that was chosen.
#[derive(Debug)]
pub struct TextSource {
    kind: Kind,
    /// Where the file browser begins.
    folder: PathBuf,
    menu: Menu,
    front: Front,
    source: Source,
    text: Option<Text>,
    file: Option<(Kept, Text)>,
    written: Option<Editor>,
    outside: Option<Text>,
    /// What the person's editor was opened with, while it is.
    lent: Option<Text>,
}

/// The text the app has, or why it is not known.
pub type Live<'a> = Result<&'a str, &'static str>;

/// What is on screen.
#[derive(Debug, Default)]
enum Front {
    #[default]
    Menu,
    /// All of the difference, or of the live text; the steps draw it.
    Whole,
    Files(Files),
    Editor,
}

/// A text that prints its size only: people do write passwords into texts.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(pub Arc<str>);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl Source {
    /// Every source, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Keep, Self::File, Self::Here, Self::Outside];
}

impl TextSource {
    /// Nothing is chosen yet, so what the app has is kept. Files are looked for from this folder on.
    pub fn new(kind: Kind, folder: PathBuf) -> Self {
        Self {
            kind,
            folder,
            menu: Menu::default(),
            front: Front::Menu,
            source: Source::Keep,
            text: None,
            file: None,
            written: None,
            outside: None,
            lent: None,
        }
    }

    /// The new text, byte for byte; `None` keeps what the app has.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.text.as_ref().map(|text| &text.0)
    }

    /// Takes the text of a file.
    pub fn take_file(&mut self, file: &TextFile) {
        self.file = Some(picked(file));
        self.take(Source::File);
    }

    /// The file the text came from.
    pub fn kept(&self) -> Option<&Kept> {
        let (kept, _) = self.file.as_ref().filter(|_| self.source == Source::File)?;
        Some(kept)
    }

    /// The file is gone: what was read is kept, and not compared any more.
    pub fn let_go(&mut self) {
        if let Some((kept, _)) = &mut self.file {
            kept.sha256 = None;
        }
    }

    /// The source that was chosen.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The cursor among the sources.
    pub fn menu(&self) -> Menu {
        self.menu
    }

    /// The file that was read, whether or not it is the source.
    pub fn file(&self) -> Option<String> {
        let (kept, _) = self.file.as_ref()?;
        Some(shown_path(&kept.path, &self.folder))
    }

    /// The file the text came from, as a path.
    pub fn path(&self) -> Option<String> {
        self.file().filter(|_| self.source == Source::File)
    }

    /// Whether the cursor stands on the source that was chosen, so that Enter goes on.
    pub fn is_settled(&self) -> bool {
        self.menu.cursor() == self.source as usize
    }

    /// What can be done in front of the menu; `None` where the menu is on screen.
    pub fn offer(&self) -> Option<Offer> {
        match (&self.front, &self.written) {
            (Front::Files(files), _) => Some(files.offer()),
            (Front::Editor, Some(editor)) => Some(editor.offer()),
            (Front::Whole, _) => {
                let offer = Offer::default().with(Command::Back, "back");
                Some(offer.with(Command::Difference, ""))
            }
            _ => None,
        }
    }

    /// Whether all of the difference, or of the live text, is on screen.
    pub fn is_whole(&self) -> bool {
        matches!(self.front, Front::Whole)
    }

    /// The page in front of the menu; `None` where the step draws it: the menu, or the whole difference.
    pub fn page(&self) -> Option<Page<'_>> {
        match (&self.front, &self.written) {
            (Front::Files(files), _) => Some(files.page(self.kind.question)),
            (Front::Editor, Some(editor)) => Some(editor.page(title(self.kind.name))),
            _ => None,
        }
    }

    /// Takes an input. A text that is written anew begins with the chosen one, or else with what the app has (`live`).
    /// The text area opens at `wrong`, line and column from 1.
    pub fn update(&mut self, input: Input, live: Live, wrong: Option<(usize, usize)>) -> Reaction {
        match (&mut self.front, input) {
            (_, Input::Answer(Answer::Edited(reply))) => self.edited(reply),
            (Front::Files(files), input) => {
                let browsed = files.update(input);
                self.browsed(browsed)
            }
            (Front::Editor, input) => self.write_on(input),
            (Front::Whole, Input::Command(_)) => {
                self.front = Front::Menu;
                Reaction::none()
            }
            (Front::Menu | Front::Whole, Input::Answer(Answer::File(reply))) => {
                self.read_again(reply)
            }
            (Front::Menu, Input::Command(command)) => self.command(command, live, wrong),
            (Front::Menu, Input::Paste(_)) => Reaction::say("to paste a text, choose 3 first"),
            (Front::Menu | Front::Whole, _) => Reaction::none(),
        }
    }

    fn command(&mut self, command: Command, live: Live, wrong: Option<(usize, usize)>) -> Reaction {
        let chosen = match command {
            Command::Back => return Reaction::back(),
            Command::Next if self.is_settled() => return Reaction::next(),
            Command::Difference => {
                self.front = Front::Whole;
                return Reaction::none();
            }
            Command::Files => Some(Source::File),
            Command::Edit => Some(Source::Outside),
            Command::Refresh => {
                return self.file.as_ref().map_or_else(Reaction::none, |(kept, _)| {
                    Reaction::ask(Request::ReadFile(kept.path.clone()))
                });
            }
            command => self
                .menu
                .update(command, Source::ALL.len())
                .map(|index| Source::ALL[index]),
        };
        let Some(source) = chosen else {
            return Reaction::none();
        };
        // Chosen once more, it is opened; it is opened too where it has no text yet.
        let open = self.source == source || matches!(command, Command::Files | Command::Edit);
        match source {
            Source::File if open || self.file.is_none() => self.browse(),
            Source::Here if open || self.written.is_none() => self.write(live, wrong),
            Source::Outside if open || self.outside.is_none() => self.edit_outside(live),
            source => {
                self.take(source);
                Reaction::none()
            }
        }
    }

    fn take(&mut self, source: Source) {
        self.source = source;
        self.text = match source {
            Source::Keep => None,
            Source::File => self.file.as_ref().map(|(_, text)| text.clone()),
            Source::Here => self.written.as_ref().map(|editor| Text(editor.text())),
            Source::Outside => self.outside.clone(),
        };
        self.show_menu();
    }

    fn show_menu(&mut self) {
        self.front = Front::Menu;
        self.menu = Menu::at(self.source as usize);
    }

    fn browse(&mut self) -> Reaction {
        let last = self.file.as_ref().and_then(|(kept, _)| kept.path.parent());
        let folder = last.unwrap_or(&self.folder).to_owned();
        let (files, reaction) = Files::open(folder, self.kind.likely);
        self.front = Front::Files(files);
        reaction
    }

    fn browsed(&mut self, browsed: Browsed) -> Reaction {
        match browsed {
            Browsed::Stay(reaction) => return reaction,
            Browsed::Took(file) => self.take_file(&file),
            Browsed::Leave => self.show_menu(),
        }
        Reaction::none()
    }

    fn read_again(&mut self, reply: Result<TextFile, Shown>) -> Reaction {
        let file = match reply {
            Ok(file) => picked(&file),
            Err(why) => return Reaction::say(format!("{why}; the text read before stays")),
        };
        let same = self.file.as_ref() == Some(&file);
        self.file = Some(file);
        if self.source == Source::File {
            self.take(Source::File);
        }
        Reaction::say(if same {
            "read again: nothing changed"
        } else {
            "read again: the text changed"
        })
    }

    fn write(&mut self, live: Live, wrong: Option<(usize, usize)>) -> Reaction {
        if self.written.is_none() {
            match self.beginning(live) {
                Ok(text) => self.written = Some(Editor::new(text.0)),
                Err(reason) => return Reaction::say(reason),
            }
        }
        self.front = Front::Editor;
        if let (Some(editor), Some((line, column))) = (&mut self.written, wrong)
            && Some(&Text(editor.text())) == self.text.as_ref()
        {
            editor.go_to(line, column);
        }
        Reaction::none()
    }

    fn write_on(&mut self, input: Input) -> Reaction {
        let Some(editor) = &mut self.written else {
            self.show_menu();
            return Reaction::none();
        };
        match editor.update(input) {
            Written::Stay(reaction) => return reaction,
            Written::Done => self.take(Source::Here),
            Written::Leave if self.source == Source::Here => self.take(Source::Here),
            Written::Leave => {
                self.show_menu();
                // Untouched it is only a copy, and next time shall begin with what is chosen then.
                self.written = self.written.take().filter(Editor::is_edited);
            }
        }
        Reaction::none()
    }

    fn edit_outside(&mut self, live: Live) -> Reaction {
        let text = match (&self.outside, self.beginning(live)) {
            (Some(text), _) => text.clone(),
            (None, Ok(text)) => text,
            (None, Err(reason)) => return Reaction::say(reason),
        };
        let request = Request::Edit {
            text: text.0.to_string(),
            ending: self.kind.ending,
        };
        self.lent = Some(text);
        Reaction::ask(request)
    }

    fn edited(&mut self, reply: Result<String, Shown>) -> Reaction {
        let Some(lent) = self.lent.take() else {
            return Reaction::none();
        };
        match reply {
            Ok(text) if *text == *lent.0 && self.outside.is_none() => {
                self.show_menu();
                Reaction::say("your editor changed nothing")
            }
            Ok(text) => {
                self.outside = Some(Text(Arc::from(text)));
                self.take(Source::Outside);
                Reaction::none()
            }
            Err(why) => {
                self.show_menu();
                Reaction::say(format!("{why}; the text is as it was"))
            }
        }
    }

    fn beginning(&self, live: Live) -> Result<Text, &'static str> {
        match &self.text {
            Some(text) => Ok(text.clone()),
            None => live.map(|text| Text(Arc::from(text))),
        }
    }
}

/// A path as people write it: below the folder the program was started in, or absolute.
pub fn shown_path(path: &Path, folder: &Path) -> String {
    let text = match path.strip_prefix(folder) {
        Ok(below) if !folder.as_os_str().is_empty() => format!("./{}", below.display()),
        _ => path.display().to_string(),
    };
    Shown::line(&text).to_string()
}

fn picked(file: &TextFile) -> (Kept, Text) {
    (Kept::from(file), Text(Arc::from(file.text.expose())))
}

#[cfg(test)]
mod tests;
