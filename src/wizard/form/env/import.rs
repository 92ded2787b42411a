//! A text of `NAME=value` lines before it is taken over: what was read, what could not be, what has to be decided.
//!
//! Values stay hidden. A line that cannot be read is named by its number and never shown.

mod page;

use std::collections::BTreeMap;

use super::reveal::Reveal;
use crate::secret::Secret;
use crate::trust::dotenv::{self, Entry, Keep, Note, Problem, ProblemKind, Reading};
use crate::wizard::event::TextFile;
use crate::wizard::form::picker::Picker;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::reread::Kept;

/// A text that was read and not taken over yet.
#[derive(Debug)]
pub struct Import {
    source: String,
    file: Option<Kept>,
    reading: Reading,
    /// Lines that cannot be read are left out.
    skip: bool,
    kept: BTreeMap<String, Keep>,
    items: Vec<Item>,
    picker: Picker,
    reveal: Reveal,
}

/// A row: an entry or a problem, by its place in the reading.
#[derive(Debug, Clone, Copy)]
enum Item {
    Entry(usize),
    Problem(usize),
}

/// What a command came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on; a sentence may be worth saying.
    Stay(Option<String>),
    /// Take it over.
    Take,
    /// Leave everything as it was.
    Cancel,
    /// Another file.
    Files,
}

impl Import {
    /// Reads a file, whose path is `shown` like this.
    pub fn file(shown: String, file: &TextFile) -> Self {
        Self::read(shown, Some(Kept::from(file)), file.text.expose())
    }

    /// Reads a pasted block. Terminals send its line ends as carriage returns.
    pub fn pasted(text: &Secret) -> Self {
        Self::read(
            "the pasted lines".into(),
            None,
            line_ends(text.expose()).expose(),
        )
    }

    fn read(source: String, file: Option<Kept>, text: &str) -> Self {
        let reading = dotenv::read(text);
        let items = items(&reading);
        let mut picker = Picker::default();
        picker.refresh(items.iter().map(|_| std::borrow::Cow::Borrowed("")));
        let first_problem = items
            .iter()
            .position(|item| matches!(item, Item::Problem(_)));
        picker.select(first_problem.unwrap_or(0));
        Self {
            source,
            file,
            reading,
            skip: false,
            kept: BTreeMap::new(),
            items,
            picker,
            reveal: Reveal::default(),
        }
    }

    /// The file it was read from.
    pub fn file_read(&self) -> Option<&Kept> {
        self.file.as_ref()
    }

    /// Whether there is nothing to say and nothing to decide.
    pub fn is_plain(&self) -> bool {
        self.reading.problems.is_empty()
            && self
                .reading
                .entries
                .iter()
                .all(|entry| entry.notes.is_empty())
    }

    /// What keeps it from being taken over, with the key that helps.
    pub fn problem(&self) -> Option<String> {
        let flaw = self.flaw()?;
        let key = if self.reading.entries.is_empty() {
            return Some(flaw);
        } else if self.skip {
            ": 1 keeps the first, 2 the last"
        } else {
            match self.unreadable().count() {
                0 => ": 1 keeps the first, 2 the last",
                1 => ": fix it, or d skips it",
                _ => ": fix them, or d skips them",
            }
        };
        Some(flaw + key)
    }

    /// What keeps it from being taken over.
    pub fn flaw(&self) -> Option<String> {
        if self.reading.entries.is_empty() {
            return Some(format!("there are no variables in {}", self.source));
        }
        if let Some(problem) = self.unreadable().next().filter(|_| !self.skip) {
            return Some(match self.unreadable().count() - 1 {
                0 => problem.to_string(),
                more => format!("{problem}, and {more} more"),
            });
        }
        let (name, _) = self.undecided().next()?;
        Some(format!("{name} has several values"))
    }

    /// The variables as decided, and how many of them an official reader would have read otherwise.
    pub fn take(mut self) -> (Vec<Entry>, usize) {
        for (name, keep) in &self.kept {
            self.reading.keep(name, *keep);
        }
        let otherwise = self
            .reading
            .entries
            .iter()
            .filter(|entry| others(entry).next().is_some());
        let count = otherwise.count();
        (self.reading.entries, count)
    }

    /// Whether a value is shown, so that ticks are needed.
    pub fn moves(&self) -> bool {
        self.reveal.is_open()
    }

    /// A second went by.
    pub fn tick(&mut self) {
        self.reveal.tick();
    }

    /// Hides what is shown.
    pub fn hide(&mut self) {
        self.reveal.hide();
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        let bad = self.unreadable().next().is_some();
        let repeated = self.repeated().is_some();
        let offer = match self.problem() {
            Some(problem) => Offer::default().blocked(Command::Next, "take over", problem),
            None => Offer::default().with(Command::Next, "take over"),
        };
        offer
            .with_list()
            .with_if(repeated, Command::Choose(1), "keep the first")
            .with_if(repeated, Command::Choose(2), "keep the last")
            .with_if(
                bad,
                Command::Drop,
                if self.skip {
                    "bring bad lines back"
                } else {
                    "skip bad lines"
                },
            )
            .with_if(self.entry().is_some(), Command::Toggle, "show 5 s")
            .with(Command::Files, "another file")
            .with(Command::Back, "cancel")
    }

    /// Takes a command.
    pub fn command(&mut self, command: Command) -> Verdict {
        if command == Command::Toggle {
            let value = self
                .entry()
                .map(|entry| (entry.name.clone(), entry.value.clone()));
            self.reveal.toggle(value);
            return Verdict::Stay(None);
        }
        self.reveal.hide();
        match command {
            Command::Next => match self.problem() {
                None => return Verdict::Take,
                problem => return Verdict::Stay(problem),
            },
            Command::Back => return Verdict::Cancel,
            Command::Files => return Verdict::Files,
            Command::Drop => self.skip = !self.skip,
            Command::Choose(number @ (1 | 2)) => {
                if let Some(name) = self.repeated().map(ToOwned::to_owned) {
                    let keep = if number == 1 { Keep::First } else { Keep::Last };
                    self.kept.insert(name, keep);
                }
            }
            command => self.picker.command(command),
        }
        Verdict::Stay(None)
    }

    fn unreadable(&self) -> impl Iterator<Item = &Problem> {
        self.reading.problems.iter().filter(|problem| {
            !problem.kind.needs_decision() && problem.kind != ProblemKind::NoVariables
        })
    }

    /// Repeated names without a decision, each once, with the line of the repetition.
    fn undecided(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut seen: Vec<&str> = Vec::new();
        self.reading
            .problems
            .iter()
            .filter_map(move |problem| match &problem.kind {
                ProblemKind::Duplicate { name, .. }
                    if !self.kept.contains_key(name) && !seen.contains(&name.as_str()) =>
                {
                    seen.push(name);
                    Some((name.as_str(), problem.line))
                }
                _ => None,
            })
    }

    /// Different names.
    fn count(&self) -> usize {
        let names: std::collections::BTreeSet<&str> = self
            .reading
            .entries
            .iter()
            .map(|entry| entry.name.as_str())
            .collect();
        names.len()
    }

    fn item(&self) -> Option<Item> {
        self.items.get(self.picker.selected()?).copied()
    }

    /// The repeated name that a decision is about: the one under the cursor, else the first undecided one.
    fn repeated(&self) -> Option<&str> {
        let undecided = || self.undecided().next().map(|(name, _)| name);
        self.repeated_here().or_else(undecided)
    }

    fn repeated_here(&self) -> Option<&str> {
        let name = match self.item()? {
            Item::Problem(index) => match &self.reading.problems[index].kind {
                ProblemKind::Duplicate { name, .. } => name,
                _ => return None,
            },
            Item::Entry(index) => &self.reading.entries[index].name,
        };
        let is_repeated = |problem: &Problem| matches!(&problem.kind, ProblemKind::Duplicate { name: other, .. } if other == name);
        self.reading
            .problems
            .iter()
            .any(is_repeated)
            .then_some(name)
    }

    /// The entry on the line under the cursor.
    fn entry(&self) -> Option<&Entry> {
        match self.item()? {
            Item::Entry(index) => self.reading.entries.get(index),
            Item::Problem(index) => {
                let line = self.reading.problems[index].line;
                let repeated = self.reading.problems[index].kind.needs_decision();
                self.reading
                    .entries
                    .iter()
                    .find(|entry| repeated && entry.line == line)
            }
        }
    }
}

/// Notes about what others would have done to it.
fn others(entry: &Entry) -> impl Iterator<Item = &Note> {
    entry
        .notes
        .iter()
        .filter(|note| matches!(note, Note::ReadOtherwise { .. }))
}

/// Every entry and every problem, in the order of lines; a repetition stands once, as what it asks.
fn items(reading: &Reading) -> Vec<Item> {
    let problem_on = |line: usize| reading.problems.iter().any(|problem| problem.line == line);
    let entries = reading.entries.iter().enumerate();
    let mut items: Vec<(usize, Item)> = entries
        .filter(|(_, entry)| !problem_on(entry.line))
        .map(|(index, entry)| (entry.line, Item::Entry(index)))
        .collect();
    let problems = reading.problems.iter().enumerate();
    items.extend(
        problems
            .filter(|(_, problem)| problem.kind != ProblemKind::NoVariables)
            .map(|(index, problem)| (problem.line, Item::Problem(index))),
    );
    items.sort_by_key(|(line, _)| *line);
    items.into_iter().map(|(_, item)| item).collect()
}

/// The text with every line end as `\n`, in one allocation.
pub fn line_ends(text: &str) -> Secret {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => (),
            '\r' => out.push('\n'),
            c => out.push(c),
        }
    }
    Secret::new(out)
}

#[cfg(test)]
mod tests;
