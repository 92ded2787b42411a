//! A page read from top to bottom: its lines as sentences, and what on it can be chosen.
//!
//! It reads what the screen draws, and knows no screen by name: whatever a page says is said here too.

use super::words;
use crate::wizard::page::{Block, Line, List, LogView, Mark, Page, Piece, Row, Tone};

/// Rows of a list that are said at once.
pub(super) const AT_ONCE: usize = 20;
/// Rows of a list whose names can be typed.
const NAMED: usize = 500;

/// A page in words.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// What it is about: its first words.
    pub(super) title: String,
    /// From top to bottom.
    pub(super) lines: Vec<Said>,
    /// The facts beside it.
    pub(super) side: Vec<String>,
    /// The line below it.
    pub(super) note: String,
    /// Lines with a number or a key in front.
    pub(super) ways: Vec<Way>,
    /// The list on it.
    pub(super) list: Option<Rows>,
    /// Its buttons, and the one in focus.
    pub(super) buttons: Option<(&'static [&'static str], usize)>,
    /// The pages beside each other, and the one in front.
    pub(super) tabs: Option<(Vec<String>, usize)>,
    /// The line that is typed.
    pub(super) field: Option<Asked>,
    /// The text that is written: its lines.
    pub(super) text: Option<Vec<String>>,
    /// The log: how many rows it has, and the one the cursor is on.
    pub(super) log: Option<(usize, Option<usize>)>,
    /// What is under way.
    pub(super) busy: Option<String>,
}

/// A sentence, and whether it is news when it comes up later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The words.
    pub(super) text: String,
    /// What tells it from others.
    pub(super) key: String,
    /// Still to come: no news by itself.
    pub(super) is_ahead: bool,
}

/// A line that is chosen by what stands in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// What is typed for it.
    pub(super) key: String,
    /// What it is called.
    pub(super) name: String,
    /// The cursor is on it.
    pub(super) is_here: bool,
}

/// The rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    /// How many there are.
    pub(super) len: usize,
    /// The one the cursor is on.
    pub(super) selected: Option<usize>,
    /// What the first of them are called.
    pub(super) names: Vec<String>,
    /// The first that was not said, where there are more.
    pub(super) unsaid: Option<usize>,
}

/// A line that is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// What is asked for.
    pub(super) label: &'static str,
    /// It is not shown while it is typed.
    pub(super) is_hidden: bool,
    /// What it says already, where that may be said.
    pub(super) text: String,
}

impl Said {
    pub(super) fn new(text: String) -> Self {
        Self {
            key: words::key(&text),
            text,
            is_ahead: false,
        }
    }
}

impl Reading {
    /// Reads a page; of a list, what begins with row `from`.
    pub(super) fn of(page: &Page, from: usize) -> Self {
        let mut reading = Self {
            side: sentences(&page.side),
            note: words::sentence(&page.note),
            ..Self::default()
        };
        for block in &page.main {
            reading.block(block, from);
        }
        reading.title = reading
            .lines
            .first()
            .map(|said| said.text.clone())
            .unwrap_or_default();
        reading
    }

    fn block(&mut self, block: &Block, from: usize) {
        match block {
            Block::Text(lines) => {
                for line in lines {
                    self.line(line);
                }
            }
            Block::List(list) => self.list(list, from),
            Block::Editor(area) => self.text = Some(area.lines().to_vec()),
            Block::Field { label, field } => {
                self.field = Some(Asked {
                    label,
                    is_hidden: field.is_hidden(),
                    text: if field.is_hidden() {
                        String::new()
                    } else {
                        words::verbatim(field.text())
                    },
                });
            }
            Block::Buttons(labels, focus) => {
                self.buttons = Some((labels, *focus));
                for (number, label) in (1..).zip(*labels) {
                    self.say(format!("  {number}. {label}"));
                }
            }
            Block::Tabs(labels, front) => {
                self.tabs(
                    labels.iter().map(|label| (*label).to_owned()).collect(),
                    *front,
                );
            }
            Block::Log(log) => {
                self.log = Some((log.len, log.selected));
                if log.len == 0 {
                    for line in &log.empty {
                        self.line(line);
                    }
                }
            }
        }
    }

    fn line(&mut self, line: &Line) {
        let key = line.0.iter().position(is_key);
        if let Some(place) = key {
            return self.way(line, place);
        }
        match (&self.tabs, bracketed(line)) {
            (None, Some((labels, front))) => return self.tabs(labels, front),
            (Some(_), Some((mut labels, front))) => {
                let shown = labels.remove(front);
                return self.say(format!("Shown: {shown}. Others: {}.", labels.join(", ")));
            }
            _ => (),
        }
        let text = words::sentence(line);
        let has = |mark: Mark| line.0.contains(&Piece::Mark(mark));
        // A legend of signs, and what a row says already that the cursor is on.
        let is_said = has(Mark::Arrow) && self.lines.iter().any(|said| said.text.ends_with(&text));
        if text.is_empty() || has(Mark::Here) || is_said {
            return;
        }
        if let Some(Piece::Text(Tone::Title, heading)) = line.0.first() {
            return self.heading(heading, line);
        }
        if has(Mark::Busy) {
            self.busy = Some(text.trim_start_matches("now: ").to_owned());
        }
        let mut said = Said::new(text);
        // A line of two clocks is about the time that goes by.
        said.is_ahead = said.text.starts_with("to come") || words::measures(&said.text) > 1;
        self.lines.push(said);
    }

    /// A heading is one sentence and what stands behind it another: counts change there.
    fn heading(&mut self, heading: &str, line: &Line) {
        self.say(words::sentence(&Line::from(heading)));
        let rest = words::behind(line, 0);
        let is_word = |part: &str| part.chars().any(char::is_alphabetic);
        if is_word(&rest) {
            self.say(rest);
        }
    }

    fn tabs(&mut self, labels: Vec<String>, front: usize) {
        if let Some(name) = labels.get(front) {
            self.say(format!("Page {name}."));
        }
        self.tabs = Some((labels, front));
    }

    fn way(&mut self, line: &Line, place: usize) {
        let key = match &line.0[place] {
            Piece::Text(_, key) => key.trim().to_owned(),
            _ => String::new(),
        };
        let rest = words::behind(line, place);
        let rest_of = |text: &str| text.trim_start_matches("chosen: ").to_owned();
        let mut said = Said::new(format!("  {key}. {rest}"));
        // Which of them is chosen is said when it is chosen.
        said.key = format!("  {key}. {}", rest_of(&rest));
        self.lines.push(said);
        let name = rest_of(&rest);
        let name = name.split([',', ':']).next().unwrap_or_default();
        self.ways.push(Way {
            key,
            name: name.trim().to_owned(),
            is_here: line.0[..place].contains(&Piece::Mark(Mark::Arrow)),
        });
    }

    fn list(&mut self, list: &List, from: usize) {
        if list.len == 0 {
            for line in &list.empty {
                self.line(line);
            }
        }
        let upto = (from + AT_ONCE).min(list.len);
        for index in from.min(upto)..upto {
            let row = (list.row)(index);
            let text = format!("  {}. {}", index + 1, row_words(list, &row));
            self.say(text);
        }
        if upto < list.len {
            self.say(format!(
                "{} of {} were read. \"more\" reads on.",
                upto, list.len
            ));
        }
        self.list = Some(Rows {
            len: list.len,
            selected: list.selected,
            names: (0..list.len.min(NAMED))
                .map(|index| row_name(&(list.row)(index)))
                .collect(),
            unsaid: (upto < list.len).then_some(upto),
        });
    }

    fn say(&mut self, text: String) {
        self.lines.push(Said::new(text));
    }
}

/// A row of a log, word for word behind its number.
pub(super) fn log_row(log: &LogView, row: usize) -> String {
    let line = (log.row)(row).words();
    let line = line.trim_start();
    match line.split_once("  ") {
        Some((number, text)) => format!("{number}: {}", words::verbatim(text)),
        None => words::verbatim(line),
    }
}

fn sentences(lines: &[Line]) -> Vec<String> {
    let said = lines.iter().map(words::sentence);
    said.filter(|text| !text.is_empty()).collect()
}

fn is_key(piece: &Piece) -> bool {
    matches!(piece, Piece::Text(Tone::Key, key) if !key.trim().is_empty())
}

/// Names beside each other of which one is in brackets, and which that is.
fn bracketed(line: &Line) -> Option<(Vec<String>, usize)> {
    let words = line.0.iter().filter_map(|piece| match piece {
        Piece::Text(tone, text) if !text.trim().is_empty() => Some((*tone, text.trim())),
        _ => None,
    });
    let mut front = None;
    let mut labels = Vec::new();
    for (tone, text) in words {
        let inner = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        match (tone, inner) {
            (Tone::Title | Tone::Strong, Some(inner)) if front.is_none() => {
                front = Some(labels.len());
                labels.push(inner.to_owned());
            }
            (Tone::Dim, None) => labels.push(text.to_owned()),
            _ => return None,
        }
    }
    front.map(|front| (labels, front))
}

fn has_key(line: &Line) -> bool {
    line.0.iter().any(is_key)
}

/// What a row is called: the first cell that is no number of ours and says something.
fn row_name(row: &Row) -> String {
    let cells = row.cells.iter().filter(|cell| !has_key(cell));
    let first = cells.map(words::sentence).find(|text| !text.is_empty());
    let first = first.unwrap_or_default();
    first.split(',').next().unwrap_or_default().to_owned()
}

fn row_words(list: &List, row: &Row) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (column, cell) in list.columns.iter().zip(&row.cells) {
        if has_key(cell) {
            continue;
        }
        let text = words::cell(cell);
        if text.is_empty() {
            continue;
        }
        let is_first = parts.is_empty();
        parts.push(if is_first || column.title.is_empty() {
            text
        } else {
            format!("{} {text}", lower(column.title))
        });
    }
    let text = parts.join(", ");
    if row.usable {
        text
    } else {
        format!("{text}. Cannot be taken")
    }
}

/// `Keys from` as `keys from`; a name in capitals stays one.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::field::Field;
    use crate::wizard::menu::{Choice, Menu};
    use crate::wizard::page::Column;

    fn texts(reading: &Reading) -> Vec<&str> {
        reading
            .lines
            .iter()
            .map(|said| said.text.as_str())
            .collect()
    }

    #[test]
    fn a_menu_is_numbered_and_knows_where_its_cursor_is() {
        let choices = [
            Choice::new("keep the live one", "no new hash"),
            Choice::new("a file", "picked"),
        ];
        let page = Page {
            main: vec![Block::Text(Menu::at(1).ticked(&choices, 0))],
            ..Page::default()
        };
        let reading = Reading::of(&page, 0);
        assert_eq!(
            texts(&reading),
            [
                "  1. chosen: keep the live one, no new hash",
                "  2. a file, picked"
            ]
        );
        assert_eq!(reading.ways[0].name, "keep the live one");
        assert!(reading.ways[1].is_here && !reading.ways[0].is_here);
    }

    #[test]
    fn a_row_says_what_its_columns_mean_and_whether_it_can_be_taken() {
        const COLUMNS: &[Column] = &[
            Column::grow("Name", 4),
            Column::new("Live", 4, 1),
            Column::new("vCPU", 4, 1),
        ];
        let row = |index: usize| Row {
            cells: ["orders", "1/2", "-"].map(Line::from).to_vec(),
            usable: index == 0,
        };
        let page = Page {
            main: vec![Block::List(List {
                columns: COLUMNS,
                len: 25,
                selected: Some(3),
                row: Box::new(row),
                empty: Vec::new(),
            })],
            ..Page::default()
        };
        let reading = Reading::of(&page, 0);
        assert_eq!(reading.lines.len(), AT_ONCE + 1);
        assert_eq!(texts(&reading)[0], "  1. orders, live 1 of 2");
        assert!(texts(&reading)[1].ends_with("Cannot be taken"));
        assert_eq!(reading.list.unwrap().unsaid, Some(AT_ONCE));
        let rest = Reading::of(&page, AT_ONCE);
        assert_eq!(rest.lines.len(), 5);
        assert!(texts(&rest)[0].starts_with("  21. "));
    }

    #[test]
    fn a_hidden_field_says_nothing_of_its_text() {
        let mut field = Field::hidden();
        field.set("canary");
        let page = Page {
            main: vec![Block::Field {
                label: "value",
                field: &field,
            }],
            ..Page::default()
        };
        let reading = Reading::of(&page, 0);
        assert!(!format!("{reading:?}").contains("canary"));
    }
}
