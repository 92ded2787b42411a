//! How an import looks: one row per line that says something, and where other readers differ.

use super::{Import, Item, others};
use crate::trust::dotenv::{Entry, Keep, Note, ProblemKind};
use crate::wizard::page::{Block, Column, Line, List, Mark, Page, Row, counted, title};

/// At most this many sentences about other readers stand below the list.
const OTHERS_SHOWN: usize = 4;

impl Import {
    /// The page.
    pub fn page(&self) -> Page<'_> {
        let mut below = vec![Line::new()];
        below.extend(self.reveal.lines());
        below.extend(self.other_readers());
        Page {
            main: vec![
                Block::Text(vec![self.heading(), Line::new()]),
                Block::List(self.list()),
                Block::Text(below),
            ],
            side: Vec::new(),
            note: match self.problem() {
                Some(problem) => Line::new().mark(Mark::Bad).bad(problem),
                None => Line::new().good(format!(
                    "{} can be taken over.",
                    counted(self.count(), "variable")
                )),
            },
        }
    }

    fn heading(&self) -> Line {
        let open = self.undecided().count()
            + if self.skip {
                0
            } else {
                self.unreadable().count()
            };
        let line = title(format!("Import {}", self.source)).dim(format!(
            "   {}, {}",
            counted(self.reading.lines, "line"),
            counted(self.count(), "variable")
        ));
        match open {
            0 => line,
            open => line.warn(format!(", {open} to decide")),
        }
    }

    fn list(&self) -> List<'_> {
        const COLUMNS: &[Column] = &[
            Column::number("Line", 5, 0),
            Column::new("What was read", 26, 0),
            Column::grow("Decision", 34),
        ];
        List {
            columns: COLUMNS,
            len: self.items.len(),
            selected: self.picker.cursor(),
            row: Box::new(|index| {
                self.items
                    .get(index)
                    .map_or_else(Row::default, |item| self.row(*item))
            }),
            empty: vec![Line::new().bad("There are no variables in this text.")],
        }
    }

    fn row(&self, item: Item) -> Row {
        let number = |line: usize| Line::from(line.to_string());
        match item {
            Item::Entry(index) => {
                let entry = &self.reading.entries[index];
                let notes: Vec<String> = own(entry).map(ToString::to_string).collect();
                Row::new(vec![
                    number(entry.line),
                    Line::new().plain(entry.name.clone()).dim(" = ****"),
                    Line::new()
                        .mark(Mark::Ok)
                        .good("ok ")
                        .dim(format!(" {}", notes.join(", "))),
                ])
            }
            Item::Problem(index) => {
                let problem = &self.reading.problems[index];
                let (what, decision) = match &problem.kind {
                    ProblemKind::Duplicate { name, first } => (
                        Line::new()
                            .plain(name.clone())
                            .dim(format!("  also on line {first}")),
                        self.decision(name),
                    ),
                    kind if self.skip => (
                        Line::new().dim("left out"),
                        Line::new().dim(kind.to_string()),
                    ),
                    kind => (
                        Line::new().bad("cannot be read"),
                        Line::new().mark(Mark::Bad).bad(kind.to_string()),
                    ),
                };
                Row::new(vec![number(problem.line), what, decision])
            }
        }
    }

    fn decision(&self, name: &str) -> Line {
        match self.kept.get(name) {
            None => Line::new()
                .mark(Mark::Warn)
                .warn("several values: 1 first, 2 last"),
            Some(Keep::First) => Line::new().mark(Mark::Ok).good("the first is kept"),
            Some(Keep::Last) => Line::new().mark(Mark::Ok).good("the last is kept"),
        }
    }

    /// Where an official reader would have read something else.
    fn other_readers(&self) -> Vec<Line> {
        let entries = self.reading.entries.iter();
        let of_entries = entries.flat_map(|entry| others(entry).map(|note| (entry.line, note)));
        let elsewhere = self.reading.elsewhere.iter();
        let mut notes: Vec<(usize, &Note)> = of_entries
            .chain(elsewhere.map(|(line, note)| (*line, note)))
            .collect();
        if notes.is_empty() {
            return Vec::new();
        }
        notes.sort_by_key(|(line, _)| *line);
        let sentences = notes
            .iter()
            .map(|(line, note)| format!("line {line}: {note}"));
        let more = notes.len().saturating_sub(OTHERS_SHOWN);
        let mut lines = vec![
            Line::new()
                .dim("Read as docker compose reads it, with nothing filled in. Others differ:"),
        ];
        lines.extend(
            sentences
                .take(OTHERS_SHOWN)
                .map(|sentence| Line::new().dim(format!("  {sentence}"))),
        );
        if more > 0 {
            lines.push(Line::new().dim(format!("  and {}", counted(more, "more place"))));
        }
        lines
    }
}

/// Notes about what was done to the line.
fn own(entry: &Entry) -> impl Iterator<Item = &Note> {
    entry
        .notes
        .iter()
        .filter(|note| !matches!(note, Note::ReadOtherwise { .. }))
}
