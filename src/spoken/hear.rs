//! What is said besides the lines of a page: who and where, notes and notices, waits, and the rows of a log.

use super::reading::{self, Reading, Said};
use super::{LOG_AT_FIRST, Mode, Spoken, words};
use crate::wizard::keymap::Command;
use crate::wizard::page::Block;
use crate::wizard::sight::RAIL;

impl Spoken {
    /// Says who is signed in and which step it is, once.
    pub(super) fn greet(&mut self, lines: &mut Vec<String>) {
        let Some(session) = self.wizard.session() else {
            return;
        };
        if !self.taught.session {
            self.taught.session = true;
            let who = &session.identity;
            lines.push(format!(
                "Signed in as {}, in the workspace {}.",
                who.user, who.workspace
            ));
            if let Some(story) = &session.sandbox {
                lines.push(format!(
                    "This is the sandbox with the story {story}. Nothing leaves this machine."
                ));
            }
        }
        let place = self.wizard.place();
        if self.taught.place != Some(place) && self.wizard.overlay().is_none() {
            self.taught.place = Some(place);
            lines.push(if self.wizard.watches() {
                "Watching an instance. By itself this changes nothing.".to_owned()
            } else {
                format!("Step {} of {}, {}.", place + 1, RAIL.len(), RAIL[place])
            });
        }
    }

    /// What stands below the page: its note, and a wait that a person could notice.
    pub(super) fn accompanying(&mut self, reading: &Reading, is_new: bool) -> Vec<Said> {
        let mut said = Vec::new();
        let has = |text: &str| reading.lines.iter().any(|line| line.text == text);
        // Nothing is said by where a cursor stands.
        // In a text it tells keys of the text.
        let is_said =
            has(&reading.note) || reading.note.contains("cursor") || reading.text.is_some();
        let key = words::rough_key(&reading.note);
        let is_known = is_new && key == self.note;
        if is_known {
            self.in_front().hush(&key);
        }
        if !reading.note.is_empty() && !is_said && !matches!(self.mode, Mode::Yes) {
            self.note.clone_from(&key);
            said.push(Said {
                key,
                text: reading.note.clone(),
                is_ahead: false,
            });
        }
        if let (None, Some(purpose)) = (&reading.busy, self.slow()) {
            said.push(Said::new(format!("Waiting: {purpose}. \"quit\" leaves.")));
        }
        said
    }

    /// What is waited for, for longer than a person would not notice.
    fn slow(&self) -> Option<&'static str> {
        let mut waits = self.wizard.waits();
        waits
            .find(|(_, seconds)| *seconds >= 2)
            .map(|(purpose, _)| purpose)
    }

    /// What is waited for, in words that do not change while it is.
    pub(super) fn pending(&self, reading: &Reading) -> Option<String> {
        if !self.wizard.moves() {
            return None;
        }
        let busy = reading.busy.clone();
        let slow = || self.slow().map(str::to_owned);
        let blocked = || {
            let is_chain = RAIL[self.wizard.place()] == "Chain";
            let offer = is_chain.then(|| self.wizard.offer())?;
            offer.find(Command::Next)?.blocked.clone()
        };
        let words = busy.or_else(slow).or_else(blocked)?;
        let first = words.split(',').next().unwrap_or_default();
        Some(first.trim_end_matches('.').to_owned())
    }

    pub(super) fn hear_log(&mut self, reading: &Reading, lines: &mut Vec<String>) {
        let Some((len, _)) = reading.log else { return };
        if self.log == 0 && len > 0 {
            lines.extend(self.log_rows(len.saturating_sub(LOG_AT_FIRST), len));
            self.log = len;
        }
    }

    /// These rows of the log in front, from 0.
    pub(super) fn log_rows(&self, from: usize, upto: usize) -> Vec<String> {
        let page = self.wizard.page();
        let log = page.main.iter().find_map(|block| match block {
            Block::Log(log) => Some(log),
            _ => None,
        });
        let Some(log) = log else { return Vec::new() };
        let row = |row| reading::log_row(log, row);
        (from..upto.min(log.len)).map(row).collect()
    }

    pub(super) fn hear_notice(&mut self, lines: &mut Vec<String>) {
        let notice = self.wizard.notice().map(words::verbatim);
        if notice != self.notice {
            if let Some(notice) = &notice {
                lines.push(sentence(notice));
            }
            self.notice = notice;
        }
    }
}

/// A notice as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(letters).collect();
    if text.ends_with(['.', '?', ':']) {
        text
    } else {
        format!("{text}.")
    }
}
