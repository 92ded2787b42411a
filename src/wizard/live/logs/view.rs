//! How a log is looked at: following or standing, folded or not, and what is looked for in it.

use super::Logs;
use super::book::Book;
use crate::wizard::field::Field;
use crate::wizard::keymap::Command;
use crate::wizard::screen::Input;

/// How far a page key goes.
const PAGE: usize = 20;

/// How the selected log is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// The line that is looked at; `None` follows the end.
    pub at: Option<u64>,
    pub wrap: bool,
    pub stamps: bool,
    pub fold: bool,
    /// What is looked for, while it is typed.
    pub typing: Option<Field>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            at: None,
            wrap: false,
            stamps: false,
            fold: true,
            typing: None,
        }
    }
}

impl View {
    /// Another log is looked at: from its end.
    pub(super) fn turn_to(&mut self, needle: &str) {
        self.at = None;
        if let Some(field) = &mut self.typing {
            field.set(needle);
        }
    }

    /// A line that is gone cannot be looked at.
    pub(super) fn stay_within(&mut self, book: &Book) {
        self.at = self.at.map(|at| at.max(book.dropped() + 1));
    }
}

impl Logs {
    /// Whether letters belong to the search.
    pub fn is_typing(&self) -> bool {
        self.view.typing.is_some()
    }

    /// Whether it goes with the end of the log.
    pub fn follows(&self) -> bool {
        self.view.at.is_none()
    }

    /// Takes a command or a key that is about how a log is looked at. Says whether it was one.
    pub fn look(&mut self, input: &Input) -> bool {
        match input {
            Input::Key(key) => {
                if let Some(field) = &mut self.view.typing
                    && field.key(*key)
                {
                    let needle = field.text().to_owned();
                    self.search(&needle);
                }
            }
            Input::Paste(text) => {
                if let Some(field) = &mut self.view.typing {
                    field.paste(text.expose());
                    let needle = field.text().to_owned();
                    self.search(&needle);
                }
            }
            Input::Command(command) => return self.command(*command),
            Input::Answer(_) | Input::Tick => return false,
        }
        true
    }

    /// Looks at this line of this log.
    pub fn show(&mut self, source: &str, number: u64) {
        if let Some(index) = self
            .tapes
            .iter()
            .position(|tape| tape.source.word() == source)
        {
            self.select(index);
            self.view.at = Some(number);
        }
    }

    /// Looks at the end of this log.
    pub fn show_end(&mut self, source: &str) {
        self.show(source, 0);
        self.view.at = None;
    }

    fn command(&mut self, command: Command) -> bool {
        match command {
            Command::Filter => {
                let needle = self.selected().book.needle();
                self.view.typing = Some(Field::open(needle));
            }
            Command::Next if self.is_typing() => self.view.typing = None,
            Command::Back if self.is_typing() => {
                self.view.typing = None;
                self.search("");
            }
            Command::FindNext => self.jump(Book::hit_after),
            Command::FindBefore => self.jump(Book::hit_before),
            Command::Follow => {
                self.view.at = match self.view.at {
                    Some(_) => None,
                    None => Some(self.selected().book.last()),
                };
            }
            Command::Wrap => self.view.wrap = !self.view.wrap,
            Command::Stamps => self.view.stamps = !self.view.stamps,
            Command::Fold => self.view.fold = !self.view.fold,
            Command::Tab => self.turn(1),
            Command::BackTab => self.turn(self.tapes.len().saturating_sub(1)),
            Command::Choose(number) => self.select(usize::from(number).saturating_sub(1)),
            Command::Up => self.step(|row, _| row.saturating_sub(1)),
            Command::Down => self.step(|row, _| row + 1),
            Command::PageUp => self.step(|row, _| row.saturating_sub(PAGE)),
            Command::PageDown => self.step(|row, _| row + PAGE),
            Command::First => self.step(|_, _| 0),
            Command::Last => self.view.at = None,
            _ => return false,
        }
        true
    }

    fn turn(&mut self, by: usize) {
        let count = self.tapes.len().max(1);
        self.select((self.selected + by) % count);
    }

    fn search(&mut self, needle: &str) {
        let index = self.selected.min(self.tapes.len() - 1);
        let book = &mut self.tapes[index].book;
        book.search(needle);
        if book.hits() > 0 {
            let from = self.view.at.unwrap_or_else(|| book.last() + 1);
            self.view.at = book.hit_before(from + 1);
        }
    }

    fn jump(&mut self, to: impl Fn(&Book, u64) -> Option<u64>) {
        let book = &self.selected().book;
        let from = self.view.at.unwrap_or_else(|| book.last());
        if let Some(number) = to(book, from) {
            self.view.at = Some(number);
        }
    }

    /// Moves by rows. Beyond the last one it follows.
    fn step(&mut self, to: impl Fn(usize, usize) -> usize) {
        let fold = self.folds();
        let book = &self.selected().book;
        let count = book.rows(fold);
        let row = match self.view.at {
            Some(number) => book.row_of(number, fold),
            None => count.saturating_sub(1),
        };
        let next = to(row, count);
        self.view.at = book.at(next, fold).map(|(number, _)| number);
    }
}
