//! Where in a text something is wrong, in lines and columns.

use std::fmt;
use std::ops::Range;

/// Most characters of a word that is quoted.
const WORD: usize = 40;

/// Something in a file that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is the matter, quoting no value.
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.why
        )
    }
}

/// The same, before lines were counted.
#[derive(Debug)]
pub(super) struct Spot {
    /// In bytes.
    pub(super) at: usize,
    pub(super) why: String,
}

impl Spot {
    pub(super) fn new(at: Range<usize>, why: impl Into<String>) -> Self {
        Self {
            at: at.start,
            why: why.into(),
        }
    }

    /// Counts lines and columns in the text it is about.
    pub(super) fn within(self, text: &str) -> Wrong {
        let before = text.get(..self.at).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        Wrong {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            why: self.why,
        }
    }
}

/// A word as it may be quoted: only where it looks like one, as somebody may have put a secret where a word belongs.
pub(super) fn quoted(word: &str) -> Option<&str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (!word.is_empty() && word.len() <= WORD && word.bytes().all(is_word)).then_some(word)
}
