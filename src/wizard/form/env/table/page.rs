//! How the table looks: what has to be said about names, and one row per name.

use super::{Table, listed};
use crate::check::names::{NameState, NameVerdict};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::form::env::names::Names;
use crate::wizard::page::{Block, Column, Line, List, Mark, Row};

impl Table {
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
}

/// A row: a name that was compared, or one that only the live revision has.
pub(super) enum Shape<'n> {
    Compared(&'n NameState, bool),
    Vanishing(&'n str),
}

impl Shape<'_> {
    pub(super) fn name(&self) -> &str {
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
pub(super) fn rows(names: &Names) -> Vec<Shape<'_>> {
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

/// The length of a value, which may be shown.
pub fn length(value: &Secret) -> String {
    match value.expose().lines().count() {
        0 | 1 => format!("**** {} chars", value.chars()),
        lines => format!("**** {lines} lines"),
    }
}
