//! Values set anew, one row per name: given ones, missing ones, and ones that would vanish.
//!
//! Values are hidden while they are typed and on screen. Nothing here encrypts or sends.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::entry::{Entered, EntryForm};
use super::names::Names;
use super::reveal::Reveal;
use crate::check::names::{NameState, NameVerdict};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::dotenv;
use crate::trust::env_blob::HOST_LIMIT_BYTES;
use crate::trust::env_limits;
use crate::wizard::form::picker::Picker;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Column, Line, List, Mark, Row};
use crate::wizard::screen::Input;

/// Names that a sentence lists before it says how many more there are.
const LISTED: usize = 6;
/// One-time key, nonce and tag of a sealed text, and the text around its entries.
const SEAL_BYTES: usize = 60 + 10;

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

    /// Why these values cannot be sent, or what has to be agreed to first.
    pub fn problem(&self, names: &Names) -> Option<String> {
        let unagreed = || {
            let open = self.open(names);
            (!open.is_empty()).then(|| {
                format!(
                    "{} will have no value: Enter twice in the table agrees",
                    listed(&open)
                )
            })
        };
        self.stop(names).or_else(unagreed)
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
        if let Some(remark) = env_limits::remarks(pairs)
            .into_iter()
            .find(|remark| remark.kind.stops_boot())
        {
            return Some(match remark.name {
                Some(name) => format!("{}: {}", Shown::line(&name), remark.kind),
                None => remark.kind.to_string(),
            });
        }
        let bytes = self.sealed_bytes();
        (bytes > HOST_LIMIT_BYTES).then(|| {
            format!("encrypted, the values take {bytes} bytes; the host copies {HOST_LIMIT_BYTES} of them")
        })
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
                .map(|remark| {
                    let name = remark
                        .name
                        .map(|name| format!("{name}: "))
                        .unwrap_or_default();
                    warn(format!("{name}{}", remark.kind))
                }),
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

    /// What can be done now.
    pub fn offer(&self, names: &Names) -> Offer {
        if let Some(entry) = &self.entry {
            return entry.offer();
        }
        let here = self.here(names);
        let given = here.as_ref().is_some_and(|name| self.find(name).is_some());
        Offer::default()
            .with(
                Command::Next,
                if self.asked {
                    "agree and go on"
                } else {
                    "next"
                },
            )
            .with_list()
            .with_if(here.is_some(), Command::Edit, "set value")
            .with(Command::Add, "add")
            .with_if(given, Command::Drop, "drop")
            .with_if(given, Command::Toggle, "show 5 s")
            .with(Command::Back, "ways")
    }

    /// Takes an input. A block of pasted lines is not for here.
    pub fn update(&mut self, input: Input, names: &Names) -> Verdict {
        match (input, &mut self.entry) {
            (Input::Tick, _) => self.reveal.tick(),
            (Input::Key(key), Some(entry)) => entry.key(key),
            (Input::Paste(text), Some(entry)) => entry.paste(&text),
            (Input::Command(Command::Back), Some(_)) => self.entry = None,
            (Input::Command(Command::Next), Some(entry)) => match entry.enter() {
                Ok(None) => (),
                Ok(Some(Entered { name, value })) => {
                    self.entry = None;
                    self.set(name, value, false);
                }
                Err(reason) => return Verdict::Stay(Some(reason)),
            },
            (Input::Command(command), None) => return self.command(command, names),
            _ => (),
        }
        Verdict::Stay(None)
    }

    /// Head, list and what stands below it.
    pub fn blocks<'a>(&'a self, names: &'a Names, mut head: Vec<Line>) -> Vec<Block<'a>> {
        head.extend(warnings(names));
        head.push(Line::new());
        let mut blocks = vec![Block::Text(head), Block::List(self.list(names))];
        if let Some(entry) = &self.entry {
            blocks.extend(entry.blocks());
        }
        let shown = self.reveal.lines();
        if !shown.is_empty() {
            blocks.push(Block::Text(shown));
        }
        blocks
    }

    /// Where the rows stand, in one line.
    pub fn note(&self, names: &Names) -> Line {
        let missing = names.with(NameVerdict::Missing).count();
        let unused = names.with(NameVerdict::Unused).count();
        let line = Line::new().plain(format!(
            "{} set, {missing} missing, {unused} unused.",
            self.given.len()
        ));
        match (self.stop(names), self.open(names).is_empty(), self.asked) {
            (Some(_), ..) => line.bad(" This cannot be sent yet."),
            (None, true, _) => line,
            (None, false, true) => line.warn(" Enter again goes on without them."),
            (None, false, false) => line.warn(" Enter twice goes on without what has no value."),
        }
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

    fn list<'a>(&'a self, names: &'a Names) -> List<'a> {
        const COLUMNS: &[Column] = &[
            Column::grow("Name", 14),
            Column::new("Value", 16, 1),
            Column::new("Used by", 12, 2),
            Column::new("State", 18, 0),
        ];
        let rows = rows(names);
        List {
            columns: COLUMNS,
            len: rows.len(),
            selected: self.picker.cursor(),
            row: Box::new(move |index| {
                rows.get(index)
                    .map_or_else(Row::default, |row| self.row(row))
            }),
            empty: vec![Line::new().dim(
                "No variables yet: n adds one, and a pasted block of NAME=value lines is read.",
            )],
        }
    }

    fn row(&self, row: &Shape) -> Row {
        let given = self.find(row.name());
        let value = match given {
            None => Line::new().dim("-"),
            Some(given) if given.value.is_empty() => Line::new().dim("(empty)"),
            Some(given) => Line::from(length(&given.value)),
        };
        let used_by = row.used_by();
        Row::new(vec![
            Line::from(Shown::line(row.name()).to_string()),
            value,
            if used_by.is_empty() {
                Line::new().dim("-")
            } else {
                Line::from(Shown::line(&used_by).to_string())
            },
            row.state(),
        ])
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

    /// Bytes of the blob these values make.
    fn sealed_bytes(&self) -> usize {
        let entries = self
            .given
            .iter()
            .map(|given| given.name.len() + written(given.value.expose()) + 22);
        SEAL_BYTES + entries.sum::<usize>()
    }
}

/// A row: a name that was compared, or one that only the live revision has.
enum Shape<'n> {
    Compared(&'n NameState, bool),
    Vanishing(&'n str),
}

impl Shape<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Compared(row, _) => &row.name,
            Self::Vanishing(name) => name,
        }
    }

    fn used_by(&self) -> String {
        match self {
            Self::Compared(row, _) => row.used_by.join(","),
            Self::Vanishing(_) => String::new(),
        }
    }

    fn state(&self) -> Line {
        let row = match self {
            Self::Compared(row, false) => row,
            Self::Compared(_, true) | Self::Vanishing(_) => return Line::new().warn("vanishes"),
        };
        match (row.state, &row.typo_of) {
            (NameVerdict::NotAllowed, _) => Line::new().mark(Mark::Bad).bad("not allowed"),
            (NameVerdict::Unused, Some(meant)) => {
                Line::new().warn(format!("typo of {}?", Shown::line(meant)))
            }
            (NameVerdict::Unused, None) => Line::new().dim("unused"),
            (NameVerdict::Missing, _) => Line::new().mark(Mark::Warn).warn("missing"),
            (NameVerdict::Defaulted, _) => Line::new().dim("has a default"),
            (NameVerdict::SetByDefaultScript, _) => Line::new().dim("set at boot"),
            (NameVerdict::Ok, _) => Line::new().good("ok"),
        }
    }
}

/// The rows: names that are used, names that are given, names that vanish.
fn rows(names: &Names) -> Vec<Shape<'_>> {
    let vanishing = names.vanishing();
    let is_compared = |name: &str| names.rows().iter().any(|row| row.name == name);
    let compared = names
        .rows()
        .iter()
        .map(|row| Shape::Compared(row, vanishing.contains(&row.name.as_str())));
    let others = vanishing
        .iter()
        .filter(|name| !is_compared(name))
        .map(|name| Shape::Vanishing(name));
    compared.chain(others).collect()
}

/// What stands above the rows: the names that something has to be said about.
fn warnings(names: &Names) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut warn = |names: &[&str], what: &str| {
        if !names.is_empty() {
            lines.push(
                Line::new()
                    .mark(Mark::Warn)
                    .warn(listed(names))
                    .dim(format!("  {what}")),
            );
        }
    };
    let missing: Vec<&str> = names
        .with(NameVerdict::Missing)
        .map(|row| row.name.as_str())
        .collect();
    warn(
        &missing,
        "used by the compose file, not set: blank in the container",
    );
    warn(
        &names.vanishing(),
        "let through by the app today, not set here: gone in the new instance",
    );
    let stopped: Vec<&str> = names
        .with(NameVerdict::NotAllowed)
        .map(|row| row.name.as_str())
        .collect();
    if !stopped.is_empty() {
        lines.push(Line::new().mark(Mark::Bad).bad(listed(&stopped)).dim(
                "  not on the app's list: the machine would drop it without a word, and this request cannot add it",
            ));
    }
    lines
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

/// The length of a value, which may be shown.
pub fn length(value: &Secret) -> String {
    match value.expose().lines().count() {
        0 | 1 => format!("**** {} chars", value.chars()),
        lines => format!("**** {lines} lines"),
    }
}

/// Bytes of a text as JSON writes it.
fn written(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            c if c < ' ' => 6,
            c => c.len_utf8(),
        })
        .sum()
}
