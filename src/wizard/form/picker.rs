//! A list that is filtered while typing: used for apps, nodes and files.
//!
//! It holds positions only; the things belong to the step. Matching runs when the filter or the list changes, never
//! while drawing.

use std::ops::Range;

use crossterm::event::KeyEvent;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};

/// How far a page key goes.
const PAGE: usize = 10;

/// The cursor and filter of a list.
#[derive(Debug, Clone, Default)]
pub struct Picker {
    filter: Field,
    filtering: bool,
    /// Place of the cursor among the matches.
    cursor: usize,
    /// Indices of what matches, best first; everything in order while there is no filter.
    matches: Vec<usize>,
}

impl Picker {
    /// Matches anew. Call it when the list or the filter changed; the cursor stays where it can.
    pub fn refresh<'a>(&mut self, texts: impl ExactSizeIterator<Item = std::borrow::Cow<'a, str>>) {
        let kept = self.selected();
        let needle = self.filter.text().trim().to_owned();
        if needle.is_empty() {
            self.matches = Range {
                start: 0,
                end: texts.len(),
            }
            .collect();
        } else {
            let pattern = Pattern::parse(&needle, CaseMatching::Ignore, Normalization::Smart);
            let mut matcher = Matcher::new(Config::DEFAULT);
            let mut buffer = Vec::new();
            let mut scored: Vec<(u32, usize)> = texts
                .enumerate()
                .filter_map(|(index, text)| {
                    pattern
                        .score(Utf32Str::new(&text, &mut buffer), &mut matcher)
                        .map(|score| (score, index))
                })
                .collect();
            scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
            self.matches = scored.into_iter().map(|(_, index)| index).collect();
        }
        self.cursor = kept
            .filter(|_| needle.is_empty())
            .and_then(|index| self.matches.iter().position(|match_| *match_ == index))
            .unwrap_or(0);
    }

    /// Takes a command that moves in a list.
    pub fn command(&mut self, command: Command) {
        let last = self.matches.len().saturating_sub(1);
        match command {
            Command::Up => self.cursor = self.cursor.saturating_sub(1),
            Command::Down => self.cursor = (self.cursor + 1).min(last),
            Command::PageUp => self.cursor = self.cursor.saturating_sub(PAGE),
            Command::PageDown => self.cursor = (self.cursor + PAGE).min(last),
            Command::First => self.cursor = 0,
            Command::Last => self.cursor = last,
            Command::Filter => self.filtering = true,
            _ => (),
        }
    }

    /// Takes a key of the filter. Says whether the filter changed.
    pub fn key(&mut self, event: KeyEvent) -> bool {
        let before = self.filter.text().len();
        self.filter.key(event) && self.filter.text().len() != before
    }

    /// Takes a pasted filter.
    pub fn paste(&mut self, text: &str) {
        self.filtering = true;
        self.filter.paste(text);
    }

    /// Closes the filter: Enter keeps what it found, Esc empties it first. Says whether it changed.
    pub fn close_filter(&mut self, keep: bool) -> bool {
        self.filtering = false;
        let emptied = !keep && !self.filter.is_empty();
        if emptied {
            self.filter.clear();
        }
        emptied
    }

    /// Whether letters go to the filter now.
    pub fn is_filtering(&self) -> bool {
        self.filtering
    }

    /// The filter's field, for drawing.
    pub fn filter(&self) -> &Field {
        &self.filter
    }

    /// Puts the cursor on this item, if it is among the matches.
    pub fn select(&mut self, index: usize) {
        if let Some(place) = self.matches.iter().position(|match_| *match_ == index) {
            self.cursor = place;
        }
    }

    /// Index of the item under the cursor.
    pub fn selected(&self) -> Option<usize> {
        self.matches.get(self.cursor).copied()
    }

    /// Place of the cursor among the matches.
    pub fn cursor(&self) -> Option<usize> {
        (!self.matches.is_empty()).then_some(self.cursor)
    }

    /// Indices of what matches.
    pub fn matches(&self) -> &[usize] {
        &self.matches
    }

    /// An offer with the keys of a filtered list. `Next` and `Back` are the screen's.
    pub fn offer(&self) -> Offer {
        if self.filtering {
            return Offer::new(Typing::Line)
                .with(Command::Up, "")
                .with(Command::Down, "");
        }
        Offer::new(Typing::No).with_list()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyCode;
    use std::borrow::Cow;

    const NAMES: [&str; 4] = ["orders-api", "kv-cache", "pricing-oracle", "web-dashboard"];

    fn picker(filter: &str) -> Picker {
        let mut picker = Picker::default();
        picker.refresh(NAMES.into_iter().map(Cow::Borrowed));
        picker.command(Command::Filter);
        for c in filter.chars() {
            picker.key(KeyEvent::from(KeyCode::Char(c)));
        }
        picker.refresh(NAMES.into_iter().map(Cow::Borrowed));
        picker
    }

    #[test]
    fn a_filter_finds_letters_with_gaps() {
        assert_eq!(picker("prcorcl").matches(), [2]);
        assert_eq!(picker("kv").matches(), [1]);
        assert_eq!(picker("zzz").selected(), None);
    }

    #[test]
    fn emptying_the_filter_brings_everything_back_and_keeps_the_cursor() {
        let mut picker = picker("dash");
        assert!(picker.close_filter(false));
        picker.refresh(NAMES.into_iter().map(Cow::Borrowed));
        assert_eq!(picker.matches().len(), 4);
        assert_eq!(picker.selected(), Some(3));
    }

    #[test]
    fn the_cursor_stays_in_the_list() {
        let mut picker = picker("");
        picker.command(Command::PageDown);
        assert_eq!(picker.selected(), Some(3));
        picker.command(Command::Up);
        picker.command(Command::First);
        picker.command(Command::Up);
        assert_eq!(picker.selected(), Some(0));
    }
}
