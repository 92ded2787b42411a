//! The lines of a log, out of the bytes that a node sends (9.6).
//!
//! A body is plain text or one JSON object per line. Values are hidden in complete lines, before anything else is done
//! to them, and what is kept of a line that does not end is bounded. Where the bytes come from, and when, is not known
//! here.

use std::borrow::Cow;
use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::decode;
use super::decode::look::Look;
use super::types::{LogEnd, LogLine, LogSource};
use crate::secret::mask::Mask;
use crate::shown::Shown;

/// Most characters of a line that are shown.
const LONGEST: usize = 4096;

/// Most bytes of a line that are kept until it ends.
const KEPT: usize = 64 << 10;

/// Docker cuts a longer line into pieces of this many bytes, and only the last one ends with a line break.
const PIECE: usize = 16 << 10;

/// What somebody who reads a log is told. The end is the last thing, and always comes.
#[derive(Debug, Clone, PartialEq)]
pub enum LogStep {
    /// What was added.
    Lines(Vec<LogLine>),
    /// It is over, and why.
    End(LogEnd),
}

/// Cuts bytes into lines.
pub(super) struct Cutter {
    mask: Mask,
    /// Lines up to this moment are known already.
    after: Option<Timestamp>,
    /// Whether all of it was written to the standard error.
    is_error: bool,
    /// The line that did not end yet, as far as it is kept.
    line: Vec<u8>,
    /// Whether there was more of it.
    is_cut: bool,
    /// Whether the last message on the standard output, and on the standard error, was a piece of a line.
    unfinished: [bool; 2],
    ready: VecDeque<LogLine>,
}

impl Cutter {
    /// For a log of this source. Lines with a stamp up to `after` are left out.
    pub(super) fn new(source: &LogSource, mask: Mask, after: Option<&Shown>) -> Self {
        Self {
            mask,
            after: after.and_then(|after| after.as_str().parse().ok()),
            is_error: *source == LogSource::Stderr,
            line: Vec::new(),
            is_cut: false,
            unfinished: [false; 2],
            ready: VecDeque::new(),
        }
    }

    /// Takes of these bytes until there are enough lines; says how many it took.
    pub(super) fn take(&mut self, bytes: &[u8], enough: usize) -> usize {
        let mut taken = 0;
        while taken < bytes.len() && self.ready.len() < enough {
            let rest = &bytes[taken..];
            let end = rest.iter().position(|byte| *byte == b'\n');
            self.keep(&rest[..end.unwrap_or(rest.len())]);
            taken += end.map_or(rest.len(), |end| end + 1);
            if end.is_some() {
                self.end_line(false);
            }
        }
        taken
    }

    /// There will be no more bytes. A line without a line break may be less than what was written.
    pub(super) fn finish(&mut self, is_broken: bool) {
        if !self.line.is_empty() || self.is_cut {
            self.is_cut |= is_broken;
            self.end_line(true);
        }
    }

    /// How many lines there are.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// At most so many of them.
    pub(super) fn lines(&mut self, most: usize) -> Vec<LogLine> {
        let count = self.ready.len().min(most);
        self.ready.drain(..count).collect()
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT - self.line.len();
        self.is_cut |= bytes.len() > room;
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_line(&mut self, is_last: bool) {
        let mut bytes = std::mem::take(&mut self.line);
        let is_cut = std::mem::take(&mut self.is_cut);
        if is_cut {
            drop_half_character(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_matches('\r');
        if let Some((channel, message)) = envelope(text) {
            self.message(&channel, &message);
        } else if is_cut && text.starts_with('{') && text.contains("\"message\"") {
            // Values in it may stand in base64, which nobody could read, and no mask finds.
            self.ready.push_back(LogLine {
                text: Shown::line("(left out: a message without an end)"),
                is_error: self.is_error,
                ..LogLine::default()
            });
        } else {
            let end = match (is_cut, is_last) {
                (true, _) => Ending::Cut,
                (false, true) => Ending::Open,
                (false, false) => Ending::Whole,
            };
            self.add(text, self.is_error, end);
        }
    }

    /// What a JSON object told: usually one line with its line break.
    fn message(&mut self, channel: &str, message: &str) {
        let is_error = channel == "stderr" || self.is_error;
        let text = plain(message);
        let mut text = &*text;
        let is_piece = |text: &str| !text.ends_with('\n') && text.len() >= PIECE;
        let was_piece = std::mem::replace(&mut self.unfinished[usize::from(is_error)], false);
        if was_piece {
            // The rest of a line of which more was shown than a screen has room for.
            self.unfinished[usize::from(is_error)] = !text.contains('\n') && is_piece(text);
            match text.split_once('\n') {
                Some((_, rest)) if !rest.is_empty() => text = rest,
                _ => return,
            }
        }
        let cut = is_piece(text);
        let text = text.strip_suffix('\n').unwrap_or(text);
        let mut lines = text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let is_last = lines.peek().is_none();
            let end = if cut && is_last {
                Ending::Cut
            } else {
                Ending::Whole
            };
            self.add(line.trim_matches('\r'), is_error, end);
        }
        self.unfinished[usize::from(is_error)] |= cut;
    }

    /// A line as it was written, stamp included.
    fn add(&mut self, text: &str, is_error: bool, end: Ending) {
        let (at, text) = match stamp(text) {
            Some((moment, _, _)) if self.after.is_some_and(|after| moment <= after) => return,
            Some((_, at, rest)) => (Some(Shown::line(at)), rest),
            None => (None, text),
        };
        let hidden = self.hide(text, end);
        let bare = without_colours(&hidden);
        let bare = match bare {
            Cow::Borrowed(_) => bare,
            // A value may have been written in two colours.
            Cow::Owned(bare) => Cow::Owned(self.hide(&bare, end).into_owned()),
        };
        let mut bare = bare.replace('\t', "    ");
        if end == Ending::Cut {
            bare.push('…');
        }
        self.ready.push_back(LogLine {
            at,
            is_error,
            text: Shown::bounded(&bare, LONGEST),
        });
    }

    fn hide<'a>(&self, text: &'a str, end: Ending) -> Cow<'a, str> {
        match end {
            Ending::Whole => self.mask.hide(text),
            Ending::Open | Ending::Cut => self.mask.hide_cut(text),
        }
    }
}

/// How sure it is that a line is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It has its line break.
    Whole,
    /// The body ended in it.
    Open,
    /// More of it was left out.
    Cut,
}

/// Channel and message, where the line is a JSON object that has both.
fn envelope(line: &str) -> Option<(String, String)> {
    if !line.starts_with('{') {
        return None;
    }
    let value = decode::json(line.as_bytes()).ok()?;
    let top = Look::new(&value);
    Some((top.at("channel").raw()?, top.at("message").raw()?))
}

/// A message that may be in base64. What was meant as plain text is seldom both base64 and text behind it; with a
/// stamp, which is asked for, it never is.
fn plain(message: &str) -> Cow<'_, str> {
    let decoded = STANDARD.decode(message.trim_end()).unwrap_or_default();
    let is_odd = |c: char| c.is_control() && !"\n\r\t\u{1b}".contains(c);
    let is_text = std::str::from_utf8(&decoded).is_ok_and(|text| !text.contains(is_odd));
    if !decoded.is_empty() && (is_text || decoded.ends_with(b"\n")) {
        return Cow::Owned(String::from_utf8_lossy(&decoded).into_owned());
    }
    Cow::Borrowed(message)
}

/// The time at the beginning of a line, as it is and as it was written, and what follows it.
fn stamp(line: &str) -> Option<(Timestamp, &str, &str)> {
    let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
    let fits = |byte: u8| byte.is_ascii_digit() || b"-+:.TZ".contains(&byte);
    let is_time = (20..=40).contains(&head.len())
        && head.as_bytes().get(10) == Some(&b'T')
        && head.bytes().all(fits);
    if !is_time {
        return None;
    }
    Some((head.parse().ok()?, head, rest))
}

/// The text without its colours: ESC `[`, numbers, `m`.
fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains("\u{1b}[") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'));
        match end {
            Some(end) if after[end..].starts_with('m') => rest = &after[end + 1..],
            _ => {
                out.push_str("\u{1b}[");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Takes away the beginning of a character whose end is not there: a mask compares whole ones.
fn drop_half_character(bytes: &mut Vec<u8>) {
    let tail = bytes.iter().rev().take(4);
    let Some(back) = tail.clone().position(|byte| byte & 0xc0 != 0x80) else {
        return;
    };
    let start = bytes.len() - 1 - back;
    let length = match bytes[start] {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    };
    if length > back + 1 {
        bytes.truncate(start);
    }
}

#[cfg(test)]
mod tests;
