//! Values set anew, one row per name: given ones, missing ones, and ones that would vanish.
//!
//! Values are hidden while they are typed and on screen. Nothing here encrypts or sends.

mod page;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use page::length;
use page::rows;

use super::entry::{Entered, EntryForm};
use super::names::Names;
use super::reveal::Reveal;
use crate::check::names::NameVerdict;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::dotenv;
use crate::trust::env_limits;
use crate::wizard::form::picker::Picker;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Line, Mark};
use crate::wizard::screen::Input;

/// Names that a sentence lists before it says how many more there are.
const LISTED: usize = 6;

/// A name with its value.
#[derive(Debug)]
pub struct Given {
    /// A valid variable name.
    pub name: String,
    /// Its value.
    pub value: Secret,
    /// Whether it came from the file; otherwise it was typed or pasted.
    pub from_file: bool,
}

/// The rows and what is being done to them.
#[derive(Debug, Default)]
pub struct Table {
    given: Vec<Given>,
    picker: Picker,
    entry: Option<EntryForm>,
    reveal: Reveal,
    /// Missing and vanishing names that the person agreed to.
    agreed: BTreeSet<String>,
    /// Enter was pressed once and named these.
    asked: bool,
}

/// What a command came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on; a sentence may be worth saying.
    Stay(Option<String>),
    /// The rows are as they shall be.
    Done,
    /// Back to the choice of ways.
    Leave,
}

impl Table {
    /// The rows that were given.
    pub fn given(&self) -> &[Given] {
        &self.given
    }

    /// Takes over variables of a file: those of a former file go, what was typed stays unless the file names it too.
    pub fn take_file(&mut self, entries: Vec<dotenv::Entry>) {
        self.given.retain(|given| !given.from_file);
        self.take(entries, true);
    }

    /// Takes over pasted variables.
    pub fn take_pasted(&mut self, entries: Vec<dotenv::Entry>) {
        self.take(entries, false);
    }

    /// After names were compared anew.
    pub fn settle(&mut self, names: &Names) {
        let rows = rows(names);
        self.picker
            .refresh(rows.iter().map(|row| Cow::Borrowed(row.name())));
        // What is not missing any more was not agreed to for ever.
        let open: BTreeSet<&str> = doubtful(names).collect();
        self.agreed.retain(|name| open.contains(name.as_str()));
    }

    /// Why these values cannot be sent, or what has to be agreed to first, with the key that does.
    pub fn problem(&self, names: &Names) -> Option<String> {
        let agrees = |unset| unset + ": Enter twice in the table agrees";
        self.stop(names).or_else(|| self.unset(names).map(agrees))
    }

    /// Why these values cannot be sent, or what nobody has agreed to.
    pub fn flaw(&self, names: &Names) -> Option<String> {
        self.stop(names).or_else(|| self.unset(names))
    }

    fn unset(&self, names: &Names) -> Option<String> {
        let open = self.open(names);
        (!open.is_empty()).then(|| format!("{} will have no value", listed(&open)))
    }

    /// Why these values cannot be sent, whatever the person agrees to.
    fn stop(&self, names: &Names) -> Option<String> {
        if self.given.is_empty() {
            return Some("no variables are set: add one, or inherit".into());
        }
        let not_allowed: Vec<&str> = names
            .with(NameVerdict::NotAllowed)
            .map(|row| row.name.as_str())
            .collect();
        if !not_allowed.is_empty() {
            return Some(format!(
                "the app does not let {} through: the machine would drop the value without a word, and this request \
                 cannot change the app's list",
                listed(&not_allowed)
            ));
        }
        let pairs = self
            .given
            .iter()
            .map(|given| (given.name.as_str(), &given.value));
        env_limits::remarks(pairs)
            .into_iter()
            .find(|remark| remark.kind.stops_boot())
            .map(|remark| remark.to_string())
    }

    /// What is worth saying about the values, for the review.
    pub fn remarks(&self, names: &Names) -> Vec<Line> {
        let warn = |text: String| Line::new().mark(Mark::Warn).plain(text);
        let mut lines: Vec<Line> = Vec::new();
        let unset: Vec<&str> = doubtful(names).collect();
        if !unset.is_empty() {
            lines.push(warn(format!(
                "{} will have no value in the new instance",
                listed(&unset)
            )));
        }
        for row in names.with(NameVerdict::Unused) {
            lines.push(warn(match &row.typo_of {
                Some(meant) => format!("{} is used by nobody; was {meant} meant?", row.name),
                None => format!("{} is used by nobody", row.name),
            }));
        }
        let pairs = self
            .given
            .iter()
            .map(|given| (given.name.as_str(), &given.value));
        lines.extend(
            env_limits::remarks(pairs)
                .into_iter()
                .filter(|remark| !remark.kind.stops_boot())
                .map(|remark| warn(remark.to_string())),
        );
        lines
    }

    /// Whether a value is shown, so that ticks are needed.
    pub fn moves(&self) -> bool {
        self.reveal.is_open()
    }

    /// Hides what is shown.
    pub fn hide(&mut self) {
        self.reveal.hide();
    }

    /// Whether a name or value is being typed.
    pub fn is_typing(&self) -> bool {
        self.entry.is_some()
    }

    /// Whether it is a value that is being typed.
    pub fn is_typing_value(&self) -> bool {
        self.entry.as_ref().is_some_and(EntryForm::is_at_value)
    }

    /// What can be done now, but for leaving. `stop` is what else keeps the values from being sent.
    pub fn offer(&self, names: &Names, stop: Option<String>) -> Offer {
        if let Some(entry) = &self.entry {
            return entry.offer();
        }
        let here = self.here(names);
        let given = here.as_ref().is_some_and(|name| self.find(name).is_some());
        let next = if self.asked {
            "agree and go on"
        } else {
            "next"
        };
        match self.stop(names).or(stop) {
            Some(problem) => Offer::default().blocked(Command::Next, next, problem),
            None => Offer::default().with(Command::Next, next),
        }
        .with_list()
        .with_if(here.is_some(), Command::Edit, "set value")
        .with(Command::Add, "add")
        .with_if(given, Command::Drop, "drop")
        .with_if(given, Command::Toggle, "show 5 s")
    }

    /// Takes an input. A block of pasted lines is not for here.
    pub fn update(&mut self, input: Input, names: &Names) -> Verdict {
        match (input, &mut self.entry) {
            (Input::Tick, _) => self.reveal.tick(),
            (Input::Key(key), Some(entry)) => entry.key(key),
            (Input::Paste(text), Some(entry)) => entry.paste(&text),
            (Input::Command(Command::Back), Some(_)) => self.entry = None,
            (Input::Command(Command::Next), Some(entry)) => {
                if let Some(Entered { name, value }) = entry.enter() {
                    self.entry = None;
                    self.set(name, value, false);
                }
            }
            (Input::Command(command), None) => return self.command(command, names),
            _ => (),
        }
        Verdict::Stay(None)
    }

    fn command(&mut self, command: Command, names: &Names) -> Verdict {
        if command == Command::Toggle {
            let given = self.here(names).and_then(|name| self.find(&name));
            let value = given.map(|given| (given.name.clone(), given.value.clone()));
            self.reveal.toggle(value);
            return Verdict::Stay(None);
        }
        self.reveal.hide();
        let asked = std::mem::take(&mut self.asked);
        match command {
            Command::Next => return self.go_on(asked, names),
            Command::Back => return Verdict::Leave,
            Command::Add => self.entry = Some(EntryForm::name()),
            Command::Edit => self.entry = self.here(names).map(EntryForm::value),
            Command::Drop => {
                if let Some(name) = self.here(names) {
                    self.given.retain(|given| given.name != name);
                }
            }
            command => self.picker.command(command),
        }
        Verdict::Stay(None)
    }

    fn go_on(&mut self, asked: bool, names: &Names) -> Verdict {
        let open = self.open(names);
        if open.is_empty() || self.stop(names).is_some() {
            // What stops is said by the form, as for every step.
            return Verdict::Done;
        }
        if asked {
            self.agreed.extend(open.into_iter().map(str::to_owned));
            return Verdict::Done;
        }
        self.asked = true;
        Verdict::Stay(Some(format!(
            "{} will have no value: Enter again goes on",
            listed(&open)
        )))
    }

    /// Names without a value that the person has not agreed to.
    fn open<'n>(&self, names: &'n Names) -> Vec<&'n str> {
        doubtful(names)
            .filter(|name| !self.agreed.contains(*name))
            .collect()
    }

    fn take(&mut self, entries: Vec<dotenv::Entry>, from_file: bool) {
        for entry in entries {
            self.set(entry.name, entry.value, from_file);
        }
    }

    fn set(&mut self, name: String, value: Secret, from_file: bool) {
        let given = Given {
            name,
            value,
            from_file,
        };
        match self.given.iter_mut().find(|known| known.name == given.name) {
            Some(known) => *known = given,
            None => self.given.push(given),
        }
    }

    fn find(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.name == name)
    }

    /// The name under the cursor.
    fn here(&self, names: &Names) -> Option<String> {
        let index = self.picker.selected()?;
        rows(names).get(index).map(|row| row.name().to_owned())
    }
}

/// Names that need a value and have none, and names that lose theirs.
fn doubtful(names: &Names) -> impl Iterator<Item = &str> {
    let missing = names
        .with(NameVerdict::Missing)
        .map(|row| row.name.as_str());
    missing.chain(names.vanishing())
}

/// `A, B and 3 more`.
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(LISTED)
        .map(|name| Shown::line(name).to_string())
        .collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
