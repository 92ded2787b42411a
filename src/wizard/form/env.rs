//! Step 4: the values of the variables, inherited from the app or all set anew.
//!
//! Four ways, each with its own content, so that trying another one loses nothing. Values are encrypted when the review
//! begins, not here; until then they are secrets that no page shows unless it is asked to.

mod blob;
mod entry;
mod import;
mod key;
mod names;
mod page;
mod recipe;
mod reveal;
mod table;
#[cfg(test)]
pub(crate) mod testing;

use std::path::{Path, PathBuf};

use blob::Blob;
use import::Import;
use names::Names;
use table::Table;

use super::compose::ComposeStep;

use super::files::{Browsed, Files};
use super::source::shown_path;
use crate::api::error::Error;
use crate::check::names::{NameState, NameVerdict, UsedName};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::env_blob::SealedEnv;
use crate::wizard::event::TextFile;
use crate::wizard::facts::Facts;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::menu::Menu;
use crate::wizard::page::{Line, Mark, counted};
use crate::wizard::reread::Kept;
use crate::wizard::screen::{Input, Reaction, Wish};

/// The variables: inherited, given anew, or a ready blob.
#[derive(Debug, Default)]
pub struct EnvStep {
    /// Where the file browser begins.
    folder: PathBuf,
    way: Way,
    front: Front,
    menu: Menu,
    names: Names,
    files: Option<Files>,
    import: Option<Import>,
    /// The file that was read, and how many of its values an official reader would have read otherwise.
    file: Option<(Kept, usize)>,
    from_file: Table,
    typed: Table,
    blob: Blob,
    /// The file the blob came from, if it came from one.
    blob_file: Option<Kept>,
}

/// How the variables get their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Way {
    #[default]
    Inherit,
    File,
    Typed,
    Ready,
}

/// What is on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Front {
    #[default]
    Ways,
    Files,
    Import,
    Table,
    Blob,
    /// What stands behind the verdict on the key; leads back to where it was asked for.
    Key,
}

/// What shall become of the variables.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvPlan {
    /// As the others have them.
    Inherit,
    /// Encrypt these, and replace everything.
    Seal(Vec<(String, Secret)>),
    /// Send this blob (hex) as it is.
    Ready(String),
}

impl Way {
    const ALL: [Self; 4] = [Self::Inherit, Self::File, Self::Typed, Self::Ready];
}

impl EnvStep {
    /// A step that inherits; files are looked for from this folder on.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            ..Self::default()
        }
    }

    /// What shall become of the variables.
    pub fn plan(&self) -> EnvPlan {
        match (self.table(), self.way) {
            (Some(_), _) => EnvPlan::Seal(self.given()),
            (None, Way::Ready) => EnvPlan::Ready(
                self.blob
                    .sealed()
                    .map(SealedEnv::hex)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            (None, _) => EnvPlan::Inherit,
        }
    }

    /// Whether the app's own values are kept.
    pub fn inherits(&self) -> bool {
        self.way == Way::Inherit
    }

    /// Names and values that are given; empty while inheriting.
    pub fn given(&self) -> Vec<(String, Secret)> {
        let given = self.table().map_or(&[][..], Table::given);
        let pair = |given: &table::Given| (given.name.clone(), given.value.clone());
        given.iter().map(pair).collect()
    }

    /// Names that are given, for checks in other steps; empty while inheriting.
    pub fn names(&self) -> Vec<String> {
        let given = self.table().map_or(&[][..], Table::given);
        given.iter().map(|given| given.name.clone()).collect()
    }

    /// Values that are given, so that a script can be searched for them.
    pub fn values(&self) -> Vec<&Secret> {
        let given = self.table().map_or(&[][..], Table::given);
        given.iter().map(|given| &given.value).collect()
    }

    /// How the names fare. While nothing is given here, every name that the app lets through counts as given.
    pub fn compared(&self) -> &[NameState] {
        self.names.rows()
    }

    /// Names that the compose file uses.
    pub fn used(&self) -> &[UsedName] {
        self.names.used()
    }

    /// Where they come from, for the review: `./.env.prod`, `typed`, `as the others`.
    pub fn source(&self) -> String {
        match self.way {
            Way::Inherit => "as others".into(),
            Way::File => {
                let typed = self
                    .from_file
                    .given()
                    .iter()
                    .filter(|given| !given.from_file)
                    .count();
                let more = if typed > 0 {
                    format!(" + typed ({typed})")
                } else {
                    String::new()
                };
                format!("{}{more}", self.shown_path())
            }
            Way::Typed => "typed here".into(),
            Way::Ready => "a ready blob".into(),
        }
    }

    /// The file it came from, if it came from one.
    pub fn path(&self) -> Option<String> {
        (self.way == Way::File).then(|| self.shown_path())
    }

    /// The file it came from, a blob's too, to be read again.
    pub fn kept(&self) -> Option<&Kept> {
        match self.way {
            Way::File => self.file.as_ref().map(|(kept, _)| kept),
            Way::Ready => self.blob_file.as_ref(),
            Way::Inherit | Way::Typed => None,
        }
    }

    /// The file is gone: what was read is kept, and not compared any more.
    pub fn let_go(&mut self) {
        let file = self.file.as_mut().map(|(kept, _)| kept);
        for kept in file.into_iter().chain(&mut self.blob_file) {
            kept.sha256 = None;
        }
    }

    /// Takes the file that is the source as it is now.
    pub fn take_again(&mut self, file: TextFile) {
        match self.way {
            Way::Ready => self.take_blob(&file),
            Way::File | Way::Inherit | Way::Typed => self.take_file(file),
        }
    }

    /// What the checks remarked, for the review.
    pub fn remarks(&self, facts: &Facts, _compose: &ComposeStep) -> Vec<Line> {
        let warn = |text: String| Line::new().mark(Mark::Warn).plain(text);
        let Some(table) = self.table() else {
            return match self.way {
                Way::Ready => self.blob.remarks(),
                _ => self.not_inherited(facts).map(warn).into_iter().collect(),
            };
        };
        let mut lines = table.remarks(&self.names);
        if self.names.allowed().is_none() {
            lines.push(warn(UNSURE.into()));
        }
        if let Some((_, otherwise @ 1..)) = self.file.as_ref().filter(|_| self.way == Way::File) {
            lines.push(warn(format!(
                "the official readers would read {otherwise} of the file's values otherwise"
            )));
        }
        lines.extend(key::remark(facts).map(|remark| warn(remark.into())));
        lines
    }

    /// Why the form cannot go on from here.
    pub fn problem(&self, facts: &Facts, _compose: &ComposeStep) -> Option<String> {
        if self.front == Front::Import {
            return Some("the import is not finished: take it over or cancel it".into());
        }
        match self.table() {
            Some(table) => table.problem(&self.names).or_else(|| key::problem(facts)),
            None if self.way == Way::Ready => self.ready_problem(facts),
            None => None,
        }
    }

    /// Why the form cannot go on from here, in words that name no keys.
    pub fn flaw(&self, facts: &Facts) -> Option<String> {
        if let (Front::Import, Some(import)) = (self.front, &self.import) {
            return import.flaw();
        }
        match self.table() {
            Some(table) => table.flaw(&self.names).or_else(|| key::problem(facts)),
            None if self.way == Way::Ready => self.ready_problem(facts),
            None => None,
        }
    }

    /// What is wrong with the ready blob.
    fn ready_problem(&self, facts: &Facts) -> Option<String> {
        if facts.is_new_app() {
            return Some(
                "a ready blob is for a key that is known, and a new app has none yet".into(),
            );
        }
        self.blob.problem()
    }

    /// What came instead of the key that the values here are encrypted to.
    pub fn no_key<'f>(&self, facts: &'f Facts) -> Option<&'f Error> {
        let is_import = self.front == Front::Import && self.import.is_some();
        self.table().filter(|_| !is_import)?;
        facts.app.as_ref()?.env_key.error()
    }

    /// Takes the variables of a file. Where something has to be decided about them first, they wait for that.
    pub fn take_file(&mut self, file: TextFile) {
        self.import_file(file);
        // Remarks are no decision: the review repeats them.
        if let Some(import) = self.import.take_if(|import| import.problem().is_none()) {
            self.take_over(import);
        }
    }

    /// Takes a file with a ready blob, in hex.
    pub fn take_blob(&mut self, file: &TextFile) {
        self.blob.paste(file.text.expose());
        self.blob_file = Some(Kept::from(file));
        self.way = Way::Ready;
        self.show(Front::Ways);
    }

    /// Whether a value is shown that will be hidden by itself.
    pub fn moves(&self) -> bool {
        match (self.front, &self.import) {
            (Front::Import, Some(import)) => import.moves(),
            (Front::Table, _) => self.table().is_some_and(Table::moves),
            _ => false,
        }
    }

    /// Hides every value; for when the person looks elsewhere.
    pub fn hide(&mut self) {
        self.from_file.hide();
        self.typed.hide();
        if let Some(import) = &mut self.import {
            import.hide();
        }
    }

    /// What can be done here now.
    pub fn offer(&self, facts: &Facts, _compose: &ComposeStep) -> Offer {
        let again = key::can_ask_again(facts);
        let about_key = |offer: Offer| {
            offer
                .with_if(key::can_be_proven(facts), Command::Prove, "check the key")
                .with_if(key::has_details(facts), Command::Difference, "the key")
        };
        match (self.front, &self.files, &self.import, self.table()) {
            (Front::Files, Some(files), ..) => files.offer(),
            (Front::Import, _, Some(import), _) => import.offer(),
            (Front::Table, _, _, Some(table)) if table.is_typing() => {
                table.offer(&self.names, None)
            }
            (Front::Key, ..) => Offer::default()
                .with(Command::Back, "back")
                .with(Command::Difference, "")
                .with_if(key::can_be_proven(facts), Command::Prove, "check the key"),
            (Front::Table, _, _, Some(table)) => about_key(
                table
                    .offer(&self.names, key::problem(facts))
                    .with_if(self.way == Way::File, Command::Files, "other file")
                    .with_if(again, Command::Refresh, "ask again"),
            )
            .with(Command::Back, "ways"),
            (Front::Blob, ..) => {
                let offer = Offer::new(Typing::Line);
                match self.ready_problem(facts) {
                    Some(problem) => offer.blocked(Command::Next, "use it", problem),
                    None => offer.with(Command::Next, "use it"),
                }
                .with(Command::Back, "ways")
            }
            _ => about_key(
                self.ways_offer()
                    .with_if(again, Command::Refresh, "ask again"),
            )
            .with(Command::Back, "back"),
        }
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, facts: &mut Facts, compose: &ComposeStep) -> Reaction {
        let reaction = self.react(input, facts);
        self.settle(facts, compose);
        reaction
    }

    /// After the facts or the compose file changed.
    pub fn settle(&mut self, facts: &Facts, compose: &ComposeStep) {
        let given = self.table().map(|_| self.names());
        let text = compose.effective(facts).unwrap_or_default();
        self.names.settle(facts, text, given);
        match self.way {
            Way::File => self.from_file.settle(&self.names),
            Way::Typed => self.typed.settle(&self.names),
            Way::Inherit | Way::Ready => (),
        }
    }

    fn react(&mut self, input: Input, facts: &mut Facts) -> Reaction {
        if input == Input::Command(Command::Refresh) && self.front != Front::Files {
            facts.refresh();
            return Reaction::none();
        }
        match (self.front, input) {
            (Front::Files, input) => self.browse(input),
            (Front::Key, Input::Command(Command::Back | Command::Difference)) => {
                self.show(if self.table().is_some() {
                    Front::Table
                } else {
                    Front::Ways
                })
            }
            (Front::Key | Front::Ways | Front::Table, Input::Command(Command::Prove)) => Reaction {
                wishes: facts.ask_kms().map(Wish::Ask).into_iter().collect(),
                ..Reaction::none()
            },
            (Front::Ways | Front::Table, Input::Command(Command::Difference)) => {
                self.show(Front::Key)
            }
            (Front::Ways, Input::Command(Command::Back)) => Reaction::back(),
            (Front::Ways, Input::Command(command)) => {
                match self.menu.update(command, Way::ALL.len()) {
                    Some(index) => self.choose(Way::ALL[index], command),
                    None => Reaction::none(),
                }
            }
            (Front::Ways, Input::Paste(text)) => self.paste(&text),
            (Front::Table, Input::Command(Command::Files)) => self.open_files(),
            (Front::Table, Input::Paste(text)) if self.is_block(&text) => self.paste(&text),
            (Front::Table, input) => self.edit(input),
            (Front::Import, input) => self.decide(input),
            (Front::Blob, Input::Command(Command::Next)) if facts.is_new_app() => Reaction::none(),
            (Front::Blob, Input::Command(Command::Next)) => {
                self.way = Way::Ready;
                Reaction::next()
            }
            (Front::Blob, Input::Command(Command::Back)) => self.show(Front::Ways),
            (Front::Blob, Input::Key(key)) => {
                self.blob.key(key);
                self.blob_file = None;
                Reaction::none()
            }
            (Front::Blob, Input::Paste(text)) => {
                self.blob.paste(text.expose());
                self.blob_file = None;
                Reaction::none()
            }
            _ => Reaction::none(),
        }
    }

    fn choose(&mut self, way: Way, command: Command) -> Reaction {
        match way {
            Way::Inherit if self.way == Way::Inherit && command == Command::Next => {
                Reaction::next()
            }
            Way::Inherit => {
                self.way = Way::Inherit;
                Reaction::none()
            }
            Way::File if self.file.is_none() => self.open_files(),
            Way::File | Way::Typed => {
                self.way = way;
                self.show(Front::Table)
            }
            Way::Ready => self.show(Front::Blob),
        }
    }

    fn open_files(&mut self) -> Reaction {
        let begin = self
            .files
            .as_ref()
            .map_or(self.folder.as_path(), Files::folder)
            .to_owned();
        let (files, reaction) = Files::open(begin, is_env_file);
        self.files = Some(files);
        self.front = Front::Files;
        reaction
    }

    fn browse(&mut self, input: Input) -> Reaction {
        let Some(files) = &mut self.files else {
            return self.show(Front::Ways);
        };
        match files.update(input) {
            Browsed::Stay(reaction) => reaction,
            Browsed::Took(file) => self.import_file(file),
            Browsed::Leave if self.way == Way::File => self.show(Front::Table),
            Browsed::Leave => self.show(Front::Ways),
        }
    }

    fn import_file(&mut self, file: TextFile) -> Reaction {
        let import = Import::file(shown_path(&file.path, &self.folder), &file);
        if import.is_plain() {
            return self.take_over(import);
        }
        self.import = Some(import);
        self.show(Front::Import)
    }

    fn decide(&mut self, input: Input) -> Reaction {
        let Some(import) = &mut self.import else {
            return self.show(Front::Ways);
        };
        let command = match input {
            Input::Command(command) => command,
            Input::Tick => {
                import.tick();
                return Reaction::none();
            }
            Input::Paste(_) => return Reaction::say("take over or cancel this import first"),
            Input::Key(_) | Input::Answer(_) => return Reaction::none(),
        };
        match import.command(command) {
            import::Verdict::Stay(None) => Reaction::none(),
            import::Verdict::Stay(Some(sentence)) => Reaction::say(sentence),
            import::Verdict::Take => match self.import.take() {
                Some(import) => self.take_over(import),
                None => Reaction::none(),
            },
            import::Verdict::Cancel => {
                self.import = None;
                self.show(if self.table().is_some() {
                    Front::Table
                } else {
                    Front::Ways
                })
            }
            import::Verdict::Files => self.open_files(),
        }
    }

    fn take_over(&mut self, import: Import) -> Reaction {
        let file = import.file_read().cloned();
        let (entries, otherwise) = import.take();
        let count = entries.len();
        if let Some(file) = file {
            self.file = Some((file, otherwise));
            self.from_file.take_file(entries);
            self.way = Way::File;
        } else if self.way == Way::File {
            self.from_file.take_pasted(entries);
        } else {
            self.typed.take_pasted(entries);
            self.way = Way::Typed;
        }
        self.front = Front::Table;
        Reaction::say(format!("{} taken over", counted(count, "variable")))
    }

    fn edit(&mut self, input: Input) -> Reaction {
        let table = match self.way {
            Way::File => &mut self.from_file,
            _ => &mut self.typed,
        };
        match table.update(input, &self.names) {
            table::Verdict::Stay(None) => Reaction::none(),
            table::Verdict::Stay(Some(sentence)) => Reaction::say(sentence),
            table::Verdict::Done => Reaction::next(),
            table::Verdict::Leave => self.show(Front::Ways),
        }
    }

    /// Lines of `NAME=value` are looked at before they become rows.
    fn paste(&mut self, text: &Secret) -> Reaction {
        self.hide();
        self.import = Some(Import::pasted(text));
        self.show(Front::Import)
    }

    /// Whether pasted text is more than what the open field asks for.
    fn is_block(&self, text: &Secret) -> bool {
        match self.table() {
            Some(table) if table.is_typing_value() => false,
            Some(table) if table.is_typing() => text.expose().contains('='),
            _ => true,
        }
    }

    fn show(&mut self, front: Front) -> Reaction {
        self.front = front;
        if front == Front::Ways {
            self.menu = Menu::at(self.way as usize);
        }
        Reaction::none()
    }

    /// The rows that will be encrypted; `None` where none will be.
    fn table(&self) -> Option<&Table> {
        match self.way {
            Way::File => Some(&self.from_file),
            Way::Typed => Some(&self.typed),
            Way::Inherit | Way::Ready => None,
        }
    }

    fn shown_path(&self) -> String {
        let path = self
            .file
            .as_ref()
            .map(|(kept, _)| shown_path(&kept.path, &self.folder));
        path.unwrap_or_default()
    }

    /// What the compose file uses and inheriting cannot give.
    fn not_inherited(&self, facts: &Facts) -> Option<String> {
        let names: Vec<String> = self
            .names
            .with(NameVerdict::Missing)
            .map(|row| Shown::line(&row.name).to_string())
            .collect();
        if facts.is_new_app() {
            let none = "used by the compose file, and given no value; blank in the container";
            return (!names.is_empty()).then(|| format!("{}: {none}", names.join(", ")));
        }
        (!names.is_empty()).then(|| {
            format!(
                "{}: used by the compose file, and the app lets no such name through; blank in the container",
                names.join(", ")
            )
        })
    }

    fn ways_offer(&self) -> Offer {
        let goes_on = self.way == Way::Inherit && self.menu.cursor() == Way::Inherit as usize;
        Offer::default()
            .with(Command::Next, if goes_on { "next" } else { "choose" })
            .with(Command::Up, "")
            .with(Command::Down, "")
            .with_choices(Way::ALL.len(), "choose")
    }
}

const UNSURE: &str = "the service does not say which names the app lets through: a value under another name vanishes in the machine";

/// Names under which people keep variables.
fn is_env_file(name: &str) -> bool {
    name == ".env"
        || name.starts_with(".env.")
        || Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "env")
}

#[cfg(test)]
mod tests;
