//! What stops an import, in words. Knows lines and names, never a value.

use std::fmt;

use crate::shown::Shown;

/// Something that must be fixed, skipped or decided before the import can finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line it stands on, counted from 1.
    pub line: usize,
    /// What it is; its `Display` is a sentence for people.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A line without a separator.
    NoEquals,
    /// The text before the separator cannot name a variable.
    Name(NameFlaw),
    /// A quote that is never closed; everything after it was left unread.
    UnclosedQuote,
    /// Something other than a comment behind a closing quote.
    TextAfterQuote,
    /// A carriage return that does not end a line.
    CarriageReturn,
    /// A zero byte, which no variable can hold.
    Nul,
    /// The name was given before: first or last value must be chosen.
    Duplicate {
        /// The repeated name.
        name: String,
        /// Line of its first value.
        first: usize,
    },
    /// The whole text holds no variable.
    NoVariables,
}

/// Why a text cannot name a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFlaw {
    /// Nothing there.
    Empty,
    /// A blank inside.
    Blank,
    /// Starts with a digit.
    Digit,
    /// Holds this character.
    Character(char),
}

impl NameFlaw {
    /// The first thing that keeps `name` from being `[A-Za-z_][A-Za-z0-9_]*`, the form the guest accepts.
    pub fn of(name: &str) -> Option<Self> {
        let first = name.chars().next();
        match name
            .chars()
            .find(|&c| c != '_' && !c.is_ascii_alphanumeric())
        {
            _ if first.is_none() => Some(Self::Empty),
            Some(c) if c.is_whitespace() => Some(Self::Blank),
            Some(c) => Some(Self::Character(c)),
            None if first.is_some_and(|c| c.is_ascii_digit()) => Some(Self::Digit),
            None => None,
        }
    }
}

impl ProblemKind {
    /// Whether a choice settles it; everything else must be fixed or skipped.
    pub fn needs_decision(&self) -> bool {
        matches!(self, Self::Duplicate { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ProblemKind::NoVariables => write!(f, "{}", self.kind),
            _ => write!(f, "line {}: {}", self.line, self.kind),
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEquals => f.write_str("no '=': skip it or fix it"),
            Self::Name(flaw) => write!(f, "{flaw}"),
            Self::UnclosedQuote => {
                f.write_str("the quote opened here is never closed, so nothing after it was read")
            }
            Self::TextAfterQuote => f.write_str("more text after the closing quote"),
            Self::CarriageReturn => f.write_str("a carriage return in the middle of the line"),
            Self::Nul => f.write_str("a zero byte, which no variable can hold"),
            Self::Duplicate { name, first } => {
                write!(
                    f,
                    "{name} has two values, the first on line {first}: keep first or last"
                )
            }
            Self::NoVariables => f.write_str("no variables in this text"),
        }
    }
}

impl fmt::Display for NameFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no name before the '='"),
            Self::Blank => f.write_str("a name cannot contain a space"),
            Self::Digit => f.write_str("a name cannot start with a digit"),
            Self::Character(c) => {
                write!(
                    f,
                    "a name cannot contain '{}'",
                    Shown::line(c.encode_utf8(&mut [0; 4]))
                )
            }
        }
    }
}
