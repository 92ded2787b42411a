//! The lines of one log, as far as they are kept: a ring with a bound, and what is found in it.
//!
//! Lines are numbered from 1 as they came, and keep their number when older ones go. It does not know where they come
//! from, nor how they look.

use std::collections::VecDeque;

use crate::api::types::LogLine;
use crate::diagnosis::harmless::harmless;
use crate::shown::Shown;

/// Most bytes of text that are kept of one log.
pub const MOST_BYTES: usize = 4 << 20;
/// Most lines that are kept of one log.
pub const MOST_LINES: usize = 50_000;

/// A line that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The node's time stamp.
    pub at: Option<Shown>,
    /// Whether it came by the standard error.
    pub is_error: bool,
    /// The line.
    pub text: Shown,
    /// Why nobody needs to worry about it, where it is a known one.
    pub harmless: Option<&'static str>,
}

/// The kept lines of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    lines: VecDeque<Kept>,
    /// Lines that came and went.
    dropped: u64,
    bytes: usize,
    /// Numbers of the lines that are not known to be harmless.
    telling: VecDeque<u64>,
    needle: String,
    /// Numbers of the lines that hold the needle.
    hits: VecDeque<u64>,
}

impl Book {
    /// Takes a line that came.
    pub fn push(&mut self, line: LogLine) {
        let number = self.last() + 1;
        let harmless = harmless(line.text.as_str());
        if harmless.is_none() {
            self.telling.push_back(number);
        }
        if !self.needle.is_empty() && found(line.text.as_str(), &self.needle).is_some() {
            self.hits.push_back(number);
        }
        self.bytes += size(&line.text);
        self.lines.push_back(Kept {
            at: line.at,
            is_error: line.is_error,
            text: line.text,
            harmless,
        });
        while self.bytes > MOST_BYTES || self.lines.len() > MOST_LINES {
            self.drop_first();
        }
    }

    /// Looks for these words from now on; a search in lower case finds capitals too.
    pub fn search(&mut self, needle: &str) {
        needle.clone_into(&mut self.needle);
        self.hits = if needle.is_empty() {
            VecDeque::new()
        } else {
            self.numbered()
                .filter(|(_, line)| found(line.text.as_str(), needle).is_some())
                .map(|(number, _)| number)
                .collect()
        };
    }

    /// What is looked for.
    pub fn needle(&self) -> &str {
        &self.needle
    }

    /// How many lines hold it.
    pub fn hits(&self) -> usize {
        self.hits.len()
    }

    /// Which of the hits this line is, from 1.
    pub fn place_of(&self, number: u64) -> Option<usize> {
        self.hits.binary_search(&number).ok().map(|index| index + 1)
    }

    /// The next line after this one that holds what is looked for; from the top again after the last.
    pub fn hit_after(&self, number: u64) -> Option<u64> {
        let index = self.hits.partition_point(|hit| *hit <= number);
        self.hits.get(index).or_else(|| self.hits.front()).copied()
    }

    /// The one before this; from the bottom again before the first.
    pub fn hit_before(&self, number: u64) -> Option<u64> {
        let index = self.hits.partition_point(|hit| *hit < number);
        index
            .checked_sub(1)
            .and_then(|index| self.hits.get(index))
            .or_else(|| self.hits.back())
            .copied()
    }

    /// How many rows it takes to show it.
    pub fn rows(&self, folded: bool) -> usize {
        if folded {
            self.telling.len()
        } else {
            self.lines.len()
        }
    }

    /// The line that stands in this row.
    pub fn at(&self, row: usize, folded: bool) -> Option<(u64, &Kept)> {
        let number = if folded {
            *self.telling.get(row)?
        } else {
            self.dropped + row as u64 + 1
        };
        Some((number, self.line(number)?))
    }

    /// The row of a line, or of the next that is there.
    pub fn row_of(&self, number: u64, folded: bool) -> usize {
        let row = if folded {
            self.telling.partition_point(|line| *line < number)
        } else {
            usize::try_from(number.saturating_sub(self.dropped + 1)).unwrap_or(usize::MAX)
        };
        row.min(self.rows(folded).saturating_sub(1))
    }

    /// The line of this number, while it is kept.
    pub fn line(&self, number: u64) -> Option<&Kept> {
        let index = number.checked_sub(self.dropped + 1)?;
        self.lines.get(usize::try_from(index).ok()?)
    }

    /// Every kept line with its number, oldest first.
    pub fn numbered(&self) -> impl Iterator<Item = (u64, &Kept)> {
        (self.dropped + 1..).zip(&self.lines)
    }

    /// Number of the last line that came.
    pub fn last(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }

    /// Lines that came and are not kept any more.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Bytes of the kept text.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether no line is kept.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The time stamp of the last line that has one.
    pub fn last_stamp(&self) -> Option<&Shown> {
        self.lines.iter().rev().find_map(|line| line.at.as_ref())
    }

    /// Reasons why kept lines are known to be harmless, with how many lines each excuses.
    pub fn excuses(&self) -> Vec<(&'static str, usize)> {
        let mut excuses: Vec<(&'static str, usize)> = Vec::new();
        for reason in self.lines.iter().filter_map(|line| line.harmless) {
            match excuses.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => excuses.push((reason, 1)),
            }
        }
        excuses
    }

    /// How many kept lines are known to be harmless.
    pub fn folded(&self) -> usize {
        self.lines.len() - self.telling.len()
    }

    /// The whole of it as a text, as it is saved.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes + self.lines.len());
        for line in &self.lines {
            if let Some(at) = &line.at {
                text.push_str(at.as_str());
                text.push(' ');
            }
            text.push_str(line.text.as_str());
            text.push('\n');
        }
        text
    }

    fn drop_first(&mut self) {
        let Some(line) = self.lines.pop_front() else {
            return;
        };
        self.bytes -= size(&line.text);
        self.dropped += 1;
        for numbers in [&mut self.telling, &mut self.hits] {
            if numbers.front() == Some(&self.dropped) {
                numbers.pop_front();
            }
        }
    }
}

/// What a line costs: its text and what is kept beside it.
fn size(text: &Shown) -> usize {
    text.as_str().len() + size_of::<Kept>()
}

/// Where in a text a search finds its next hit, in bytes: begin and end.
pub fn found(text: &str, needle: &str) -> Option<(usize, usize)> {
    if needle.is_empty() {
        return None;
    }
    if needle.chars().any(char::is_uppercase) {
        return text.find(needle).map(|at| (at, at + needle.len()));
    }
    // Only what is as long in lower case can be pointed at in the text as it stands.
    let lower = text.to_ascii_lowercase();
    lower
        .find(&needle.to_ascii_lowercase())
        .map(|at| (at, at + needle.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine {
            text: text.into(),
            ..LogLine::default()
        }
    }

    fn book(texts: &[&str]) -> Book {
        let mut book = Book::default();
        for text in texts {
            book.push(line(text));
        }
        book
    }

    #[test]
    fn it_stays_within_its_bounds_and_numbers_stay() {
        let mut book = Book::default();
        book.search("line 7");
        for number in 0..MOST_LINES + 500 {
            book.push(line(&format!("line {number}")));
        }
        assert_eq!((book.rows(false), book.dropped()), (MOST_LINES, 500));
        assert_eq!(book.at(0, false).map(|(number, _)| number), Some(501));
        assert_eq!(book.line(500), None);
        let first = book.hit_after(0).and_then(|number| book.line(number));
        assert_eq!(first.map(|line| line.text.as_str()), Some("line 700"));
        let long = "x".repeat(4096);
        for _ in 0..2000 {
            book.push(line(&long));
        }
        assert!(book.bytes() <= MOST_BYTES);
        assert_eq!(book.rows(false), book.rows(true));
        assert_eq!(
            book.numbered()
                .map(|(_, line)| size(&line.text))
                .sum::<usize>(),
            book.bytes()
        );
    }

    #[test]
    fn a_search_goes_round_in_both_directions() {
        let mut book = book(&["denied", "b", "Denied", "d"]);
        book.search("denied");
        assert_eq!(book.hits(), 2);
        assert_eq!((book.hit_after(1), book.hit_after(3)), (Some(3), Some(1)));
        assert_eq!((book.hit_before(3), book.hit_before(1)), (Some(1), Some(3)));
        assert_eq!(book.place_of(3), Some(2));
        book.push(line("access denied"));
        assert_eq!(book.hit_after(3), Some(5));
        book.search("Denied");
        assert_eq!(book.hits(), 1);
        book.search("");
        assert_eq!((book.hits(), book.hit_after(0)), (0, None));
    }

    #[test]
    fn harmless_lines_fold_and_come_back() {
        let book = book(&[
            "one",
            "[FAILED] Failed to start Virtual Console Setup.",
            "two",
        ]);
        assert_eq!(
            (book.rows(true), book.rows(false), book.folded()),
            (2, 3, 1)
        );
        let row = |row, folded| book.at(row, folded).map(|(number, _)| number);
        assert_eq!((row(1, true), row(1, false)), (Some(3), Some(2)));
        assert_eq!((book.row_of(3, true), book.row_of(3, false)), (1, 2));
        // A line that is folded has the row of the next one.
        assert_eq!(book.row_of(2, true), 1);
    }
}
