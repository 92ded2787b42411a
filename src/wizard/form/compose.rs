//! Step 3: what it should run. The live compose file is kept, or another text is sent byte for byte.
//!
//! Each source keeps a text of its own, so switching among them loses nothing. What is wrong with a text is found in
//! [`check`](crate::check); here it is only decided what stops the person.

pub(super) mod checked;
pub(super) mod page;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use checked::Checked;

use super::editor::{Editor, Written};
use super::files::{Browsed, Files};
use crate::api::types::Document;
use crate::check::compose::counts;
use crate::shown::Shown;
use crate::wizard::event::{Answer, Request, TextFile};
use crate::wizard::facts::{Facts, Load};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::Menu;
use crate::wizard::page::{Line, Mark, Page};
use crate::wizard::screen::{Input, Reaction};

/// The compose file: the live one, or a new text.
#[derive(Debug, Default)]
pub struct ComposeStep {
    /// Where the file browser begins.
    folder: PathBuf,
    menu: Menu,
    front: Front,
    source: Source,
    /// The text of the source; `None` keeps the live one.
    text: Option<Arc<str>>,
    file: Option<Picked>,
    written: Option<Editor>,
    outside: Option<Arc<str>>,
    /// What the person's editor was opened with, while it is.
    lent: Option<Arc<str>>,
    checked: Checked,
}

/// Where the text comes from, in the order of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Source {
    #[default]
    Keep,
    File,
    Here,
    Outside,
}

/// What is on screen.
#[derive(Debug, Default)]
enum Front {
    /// The sources, and what the checks say.
    #[default]
    Menu,
    /// The file browser.
    Files(Files),
    /// The text area.
    Editor,
    /// All of the difference, or of the live text.
    Whole,
}

/// A file that was read.
#[derive(Debug, Clone)]
struct Picked {
    path: PathBuf,
    text: Arc<str>,
}

impl Source {
    const ALL: [Self; 4] = [Self::Keep, Self::File, Self::Here, Self::Outside];
}

impl ComposeStep {
    /// A step that keeps the live text; files are looked for from this folder on.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            ..Self::default()
        }
    }

    /// The new text, byte for byte; `None` keeps the live one.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.text.as_ref()
    }

    /// What the instance will run: the new text, or the live one.
    pub fn effective<'a>(&'a self, facts: &'a Facts) -> Option<&'a str> {
        match &self.text {
            Some(text) => Some(text),
            None => live(facts).map(|document| document.compose.as_str()),
        }
    }

    /// Where it comes from, for the review: `./docker-compose.yml`, `written here`, `as the others`.
    pub fn source(&self) -> String {
        match (self.source, &self.file) {
            (Source::File, Some(file)) => self.shown_path(&file.path),
            (Source::Here, _) => "written here".into(),
            (Source::Outside, _) => "your editor".into(),
            (Source::Keep | Source::File, _) => "as others".into(),
        }
    }

    /// The file it came from, if it came from one.
    pub fn path(&self) -> Option<String> {
        let file = self.file.as_ref().filter(|_| self.source == Source::File)?;
        Some(self.shown_path(&file.path))
    }

    /// What the checks remarked, for the review.
    pub fn remarks(&self) -> Vec<Line> {
        if self.text.is_none() {
            return Vec::new();
        }
        let findings = self.checked.report.findings.iter();
        findings
            .filter(|finding| !finding.is_error())
            .map(|finding| {
                Line::new()
                    .mark(Mark::Warn)
                    .plain(format!("compose: {}", finding.what))
            })
            .collect()
    }

    /// Why the form cannot go on from here. A live text is not judged: it runs.
    pub fn problem(&self, _facts: &Facts) -> Option<String> {
        self.text.as_ref()?;
        let findings = &self.checked.report.findings;
        let first = findings.iter().find(|finding| finding.is_error())?;
        let place = first
            .line
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default();
        let more = match counts(findings).0 - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!(
            "the compose file cannot be sent yet: {}{place}{more}",
            first.what
        ))
    }

    /// What can be done here now.
    pub fn offer(&self, facts: &Facts) -> Offer {
        match (&self.front, &self.written) {
            (Front::Files(files), _) => return files.offer(),
            (Front::Editor, Some(editor)) => return editor.offer(),
            (Front::Whole, _) => {
                return Offer::default()
                    .with(Command::Back, "back")
                    .with(Command::Difference, "");
            }
            (Front::Menu | Front::Editor, _) => (),
        }
        let offer = Offer::default();
        let offer = match (self.is_on_source(), self.problem(facts)) {
            (true, Some(problem)) => offer.blocked(Command::Next, "next", problem),
            (true, None) => offer.with(Command::Next, "next"),
            (false, _) => match self.waits(Source::ALL[self.menu.cursor()], facts) {
                Some(reason) => offer.blocked(Command::Next, "choose", reason),
                None => offer.with(Command::Next, "choose"),
            },
        };
        let offer = offer
            .with_choices(Source::ALL.len(), "choose")
            .with(Command::Up, "")
            .with(Command::Down, "")
            .with(Command::Files, "pick a file");
        let offer = match self.waits(Source::Outside, facts) {
            Some(reason) => offer.blocked(Command::Edit, "$EDITOR", reason),
            None => offer.with(Command::Edit, "$EDITOR"),
        };
        offer
            .with_if(
                self.checked.difference.is_some(),
                Command::Difference,
                "difference",
            )
            .with_if(
                self.text.is_none() && self.checked.live.is_some(),
                Command::Difference,
                "show it",
            )
            .with_if(
                self.source == Source::File,
                Command::Refresh,
                "read the file again",
            )
            .with(Command::Back, "back")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, facts: &Facts) -> Reaction {
        match (&mut self.front, input) {
            (_, Input::Answer(Answer::Edited(reply))) => self.edited(reply),
            (Front::Files(files), input) => {
                let browsed = files.update(input);
                self.browsed(browsed)
            }
            (_, Input::Answer(Answer::File(reply))) => self.read_again(reply),
            (Front::Editor, input) => self.write_on(input),
            (Front::Whole, Input::Command(_)) => {
                self.front = Front::Menu;
                Reaction::none()
            }
            (Front::Menu, Input::Command(command)) => self.command(command, facts),
            (Front::Menu, Input::Paste(_)) => {
                Reaction::say("to paste a compose file, choose 3 first")
            }
            _ => Reaction::none(),
        }
    }

    /// After the facts, the text or the script changed: looks at everything anew that is not known yet.
    pub fn settle(&mut self, facts: &Facts, script_len: usize) {
        if !self
            .checked
            .is_about(self.text.as_ref(), live(facts), script_len)
        {
            self.checked = Checked::new(self.text.clone(), live(facts).cloned(), script_len);
        }
    }

    /// The page.
    pub fn page<'a>(&'a self, facts: &'a Facts) -> Page<'a> {
        match (&self.front, &self.written) {
            (Front::Files(files), _) => files.page("Which compose file?"),
            (Front::Editor, Some(editor)) => {
                editor.page(crate::wizard::page::title("The compose file"))
            }
            (Front::Whole, _) => page::whole(self),
            (Front::Menu | Front::Editor, _) => page::menu(self, facts),
        }
    }

    fn command(&mut self, command: Command, facts: &Facts) -> Reaction {
        match command {
            Command::Back => Reaction::back(),
            Command::Next if self.is_on_source() => Reaction::next(),
            Command::Files => self.browse(),
            Command::Edit => self.edit_outside(facts),
            Command::Difference => {
                self.front = Front::Whole;
                Reaction::none()
            }
            Command::Refresh => match &self.file {
                Some(file) => Reaction::ask(Request::ReadFile(file.path.clone())),
                None => Reaction::none(),
            },
            command => match self.menu.update(command, Source::ALL.len()) {
                Some(index) => self.choose(Source::ALL[index], facts),
                None => Reaction::none(),
            },
        }
    }

    /// Takes a source; opens it where it has no text yet, or was the source already.
    fn choose(&mut self, source: Source, facts: &Facts) -> Reaction {
        let again = self.source == source;
        match source {
            Source::File if again || self.file.is_none() => self.browse(),
            Source::Here if again || self.written.is_none() => self.write(facts),
            Source::Outside if again || self.outside.is_none() => self.edit_outside(facts),
            source => {
                self.take(source);
                Reaction::none()
            }
        }
    }

    fn take(&mut self, source: Source) {
        self.source = source;
        self.menu = Menu::at(source as usize);
        self.text = match source {
            Source::Keep => None,
            Source::File => self.file.as_ref().map(|file| Arc::clone(&file.text)),
            Source::Here => self.written.as_ref().map(Editor::text),
            Source::Outside => self.outside.clone(),
        };
    }

    fn browse(&mut self) -> Reaction {
        let last = self.file.as_ref().and_then(|file| file.path.parent());
        let folder = last.unwrap_or(&self.folder).to_owned();
        let (files, reaction) = Files::open(folder, is_compose_file);
        self.front = Front::Files(files);
        reaction
    }

    fn browsed(&mut self, browsed: Browsed) -> Reaction {
        match browsed {
            Browsed::Stay(reaction) => return reaction,
            Browsed::Took(file) => {
                self.file = Some(Picked::from(&file));
                self.take(Source::File);
            }
            Browsed::Leave => self.menu = Menu::at(self.source as usize),
        }
        self.front = Front::Menu;
        Reaction::none()
    }

    fn read_again(&mut self, reply: Result<TextFile, Shown>) -> Reaction {
        let file = match reply {
            Ok(file) => file,
            Err(why) => return Reaction::say(format!("{why}; the text read before stays")),
        };
        let picked = Picked::from(&file);
        let same = self
            .file
            .as_ref()
            .is_some_and(|old| old.text == picked.text);
        self.file = Some(picked);
        if self.source == Source::File {
            self.take(Source::File);
        }
        Reaction::say(if same {
            "read again: nothing changed"
        } else {
            "read again: the text changed"
        })
    }

    /// Opens the text area on its own text, or else on what is chosen now, at the first thing that is wrong.
    fn write(&mut self, facts: &Facts) -> Reaction {
        if self.written.is_none() {
            match self.beginning(facts) {
                Ok(text) => self.written = Some(Editor::new(text)),
                Err(reason) => return Reaction::say(reason),
            }
        }
        self.front = Front::Editor;
        let wrong = self.checked.report.findings.iter().find(|f| f.is_error());
        if let (Some(editor), Some(place)) = (&mut self.written, wrong)
            && let (Some(line), Some(text)) = (place.line, &self.text)
            && editor.text() == *text
        {
            editor.go_to(line, place.column.unwrap_or(1));
        }
        Reaction::none()
    }

    fn write_on(&mut self, input: Input) -> Reaction {
        let Some(editor) = &mut self.written else {
            return Reaction::none();
        };
        match editor.update(input) {
            Written::Stay(reaction) => return reaction,
            Written::Done => self.take(Source::Here),
            Written::Leave if self.source == Source::Here => self.take(Source::Here),
            Written::Leave => {
                self.menu = Menu::at(self.source as usize);
                // Untouched it is only a copy, and next time shall begin with what is chosen then.
                self.written = self.written.take().filter(Editor::is_edited);
            }
        }
        self.front = Front::Menu;
        Reaction::none()
    }

    fn edit_outside(&mut self, facts: &Facts) -> Reaction {
        let text = match (&self.outside, self.beginning(facts)) {
            (Some(text), _) => Arc::clone(text),
            (None, Ok(text)) => text,
            (None, Err(reason)) => return Reaction::say(reason),
        };
        self.lent = Some(Arc::clone(&text));
        Reaction::ask(Request::Edit {
            text: text.to_string(),
            ending: "yml",
        })
    }

    fn edited(&mut self, reply: Result<String, Shown>) -> Reaction {
        let Some(lent) = self.lent.take() else {
            return Reaction::none();
        };
        match reply {
            Ok(text) if *text == *lent && self.outside.is_none() => {
                self.menu = Menu::at(self.source as usize);
                Reaction::say("your editor changed nothing")
            }
            Ok(text) => {
                self.outside = Some(Arc::from(text));
                self.take(Source::Outside);
                Reaction::none()
            }
            Err(why) => {
                self.menu = Menu::at(self.source as usize);
                Reaction::say(format!("{why}; the text is as it was"))
            }
        }
    }

    /// What a text that is written anew begins with.
    fn beginning(&self, facts: &Facts) -> Result<Arc<str>, &'static str> {
        let document = facts.app.as_ref().map(|about| &about.document);
        match (&self.text, document) {
            (Some(text), _) => Ok(Arc::clone(text)),
            (None, Some(Load::Here(document))) => Ok(Arc::from(document.compose.as_str())),
            (None, Some(Load::Unasked | Load::Asked)) => {
                Err("the live compose file is still being read: wait a moment")
            }
            (None, Some(Load::Failed(_)) | None) => Ok(Arc::from("")),
        }
    }

    /// Why this source cannot be opened yet: it would begin with a text that is not here.
    fn waits(&self, source: Source, facts: &Facts) -> Option<&'static str> {
        let begins = match source {
            Source::Here => self.written.is_none(),
            Source::Outside => self.outside.is_none(),
            Source::Keep | Source::File => false,
        };
        self.beginning(facts).err().filter(|_| begins)
    }

    fn is_on_source(&self) -> bool {
        self.menu.cursor() == self.source as usize
    }

    /// A path for people: short where it lies below the folder the program was started in.
    fn shown_path(&self, path: &Path) -> String {
        let text = match path.strip_prefix(&self.folder) {
            Ok(below) if !self.folder.as_os_str().is_empty() => format!("./{}", below.display()),
            _ => path.display().to_string(),
        };
        Shown::line(&text).to_string()
    }
}

impl From<&TextFile> for Picked {
    fn from(file: &TextFile) -> Self {
        Self {
            path: file.path.clone(),
            text: Arc::from(file.text.expose()),
        }
    }
}

fn live(facts: &Facts) -> Option<&Arc<Document>> {
    facts.app.as_ref()?.document.get()
}

fn is_compose_file(name: &str) -> bool {
    let ending = Path::new(name).extension();
    name.contains("compose") && ending.is_some_and(|ending| ending == "yml" || ending == "yaml")
}

#[cfg(test)]
mod tests;
