//! The one strict reader of `.env` texts.
//!
//! Reads what docker compose would read, but expands nothing and guesses nothing: a line it cannot read is a
//! [`Problem`] with a number, never a variable. Beside each entry it notes what it did and where an official reader
//! would have read something else. It does not know where the text came from, and no message holds a value.

mod note;
mod other_readers;
mod problem;

pub use note::{Misreading, Note, OtherReader};
pub use problem::{NameFlaw, Problem, ProblemKind};

use crate::secret::Secret;

/// Blanks that separate things within a line.
const BLANK: [char; 2] = [' ', '\t'];

/// Everything a text says, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Lines in the text.
    pub lines: usize,
    /// Variables in the order of the text; a repeated name is here as often as it was written.
    pub entries: Vec<Entry>,
    /// What stops the import, in the order of lines; that there is no variable at all comes last.
    pub problems: Vec<Problem>,
    /// What the official readers make of lines with a problem, each with its line, in the order of lines.
    pub elsewhere: Vec<(usize, Note)>,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Line of its name, counted from 1.
    pub line: usize,
    /// Line of its last character; differs from `line` only for a value in quotes.
    pub last_line: usize,
    /// A valid variable name.
    pub name: String,
    /// The value as the app will see it.
    pub value: Secret,
    /// What was done to read it.
    pub notes: Vec<Note>,
}

/// Which of several values of one name is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The one written first.
    First,
    /// The one written last.
    Last,
}

impl Reading {
    /// Settles a repeated name: its other values are dropped and wiped, its problems are gone.
    pub fn keep(&mut self, name: &str, which: Keep) {
        let mut lines = self
            .entries
            .iter()
            .filter(|e| e.name == name)
            .map(|e| e.line);
        let kept = match which {
            Keep::First => lines.next(),
            Keep::Last => lines.next_back(),
        };
        self.entries
            .retain(|e| e.name != name || Some(e.line) == kept);
        self.problems
            .retain(|p| !matches!(&p.kind, ProblemKind::Duplicate { name: n, .. } if n == name));
    }
}

/// Reads a whole text. Never fails: what is wrong stands in [`Reading::problems`].
pub fn read(text: &str) -> Reading {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut entries: Vec<Entry> = Vec::new();
    let mut problems = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let (outcome, taken) = statement(rest, line);
        match outcome {
            Outcome::Nothing => {}
            Outcome::Entry(entry) => entries.push(entry),
            Outcome::Problem(kind) => problems.push(Problem { line, kind }),
        }
        line += newlines(&rest[..taken]);
        rest = &rest[taken..];
    }
    problems.extend(duplicates(&entries));
    problems.sort_by_key(|problem| problem.line);
    let elsewhere = other_readers::annotate(&mut entries, &problems, text);
    if entries.is_empty() {
        problems.push(Problem {
            line: 1,
            kind: ProblemKind::NoVariables,
        });
    }
    Reading {
        lines: text.lines().count(),
        entries,
        problems,
        elsewhere,
    }
}

enum Outcome {
    Nothing,
    Entry(Entry),
    Problem(ProblemKind),
}

/// Reads the statement at the start of `text`; returns it and how many bytes it took, line end included.
fn statement(text: &str, line: usize) -> (Outcome, usize) {
    let (content, after_line) = first_line(text);
    let start = content.trim_start_matches(BLANK);
    if start.trim().is_empty() || start.starts_with('#') {
        return (Outcome::Nothing, after_line);
    }
    let (start, mut notes) = drop_export(start);
    let (name, raw) = match split_name(start, &mut notes) {
        Ok(parts) => parts,
        Err(kind) => return (Outcome::Problem(kind), after_line),
    };
    let value = raw.trim_start_matches(BLANK);
    let (value, taken) = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let offset = content.len() - value.len() + 1;
            let (value, taken) = quoted(&text[offset..], quote, &mut notes);
            (value, offset + taken)
        }
        _ => (unquoted(raw, &mut notes), after_line),
    };
    match value {
        Ok(value) if value.expose().contains('\0') => (Outcome::Problem(ProblemKind::Nul), taken),
        Ok(value) => {
            let last_line =
                line + newlines(text[..taken].strip_suffix('\n').unwrap_or(&text[..taken]));
            if last_line > line {
                notes.push(Note::MultiLine {
                    lines: last_line - line + 1,
                });
            }
            let name = name.to_owned();
            (
                Outcome::Entry(Entry {
                    line,
                    last_line,
                    name,
                    value,
                    notes,
                }),
                taken,
            )
        }
        Err(kind) => (Outcome::Problem(kind), taken),
    }
}

/// The first line without its end, and where the next one starts.
fn first_line(text: &str) -> (&str, usize) {
    let (content, after) = match text.find('\n') {
        Some(at) => (&text[..at], at + 1),
        None => (text, text.len()),
    };
    (content.strip_suffix('\r').unwrap_or(content), after)
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}

/// Drops a leading `export`, unless that is the name itself.
fn drop_export(content: &str) -> (&str, Vec<Note>) {
    match content.strip_prefix("export") {
        Some(rest)
            if rest.starts_with(BLANK) && !rest.trim_start_matches(BLANK).starts_with('=') =>
        {
            (rest.trim_start_matches(BLANK), vec![Note::ExportDropped])
        }
        _ => (content, Vec::new()),
    }
}

/// Splits a line into a valid name and all that follows the separator.
fn split_name<'t>(
    content: &'t str,
    notes: &mut Vec<Note>,
) -> Result<(&'t str, &'t str), ProblemKind> {
    let end = content
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .unwrap_or(content.len());
    let (name, rest) = content.split_at(end);
    let after = rest.trim_start_matches(BLANK);
    let value = if let Some(value) = after.strip_prefix('=') {
        value
    } else if let Some(value) = rest
        .strip_prefix(':')
        .filter(|value| value.starts_with(BLANK))
    {
        notes.push(Note::ColonForm);
        value
    } else if content.contains('=') {
        let flaw = match rest.chars().next() {
            Some(c) if !c.is_whitespace() => NameFlaw::Character(c),
            _ => NameFlaw::Blank,
        };
        return Err(ProblemKind::Name(flaw));
    } else {
        return Err(ProblemKind::NoEquals);
    };
    match NameFlaw::of(name) {
        None => Ok((name, value)),
        Some(flaw) => Err(ProblemKind::Name(flaw)),
    }
}

/// A value without quotes: up to a `#` after a blank, or to the end of the line.
fn unquoted(raw: &str, notes: &mut Vec<Note>) -> Result<Secret, ProblemKind> {
    if raw.contains('\r') {
        return Err(ProblemKind::CarriageReturn);
    }
    let comment = raw
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| raw[..at].ends_with(char::is_whitespace));
    if comment.is_some() {
        notes.push(Note::CommentRemoved);
    }
    let value = raw[..comment.unwrap_or(raw.len())].trim();
    if names_a_variable(value) {
        notes.push(Note::LiteralDollar);
    }
    Ok(Secret::new(value))
}

/// A value in quotes, from behind the opening one, and how many bytes it took, line end included.
///
/// What stands in the quotes may be the inside of a key: also when it cannot be read it is taken as a whole, to the
/// end of the text if need be, so that none of its lines becomes a variable.
fn quoted(text: &str, quote: char, notes: &mut Vec<Note>) -> (Result<Secret, ProblemKind>, usize) {
    let Some(end) = closing_quote(text, quote) else {
        return (Err(ProblemKind::UnclosedQuote), text.len());
    };
    let (tail, after_line) = first_line(&text[end + 1..]);
    let taken = end + 1 + after_line;
    let tail = tail.trim_start();
    if !tail.is_empty() && !tail.starts_with('#') {
        return (Err(ProblemKind::TextAfterQuote), taken);
    }
    notes.push(Note::QuotesRemoved);
    if !tail.is_empty() {
        notes.push(Note::CommentRemoved);
    }
    (unescape(&text[..end], quote, notes), taken)
}

/// Place of the first `quote` that no backslash escapes.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// The inside of a pair of quotes with its escapes read and its line ends as `\n`.
fn unescape(raw: &str, quote: char, notes: &mut Vec<Note>) -> Result<Secret, ProblemKind> {
    // One allocation: the value is never longer than its text, so no half of it stays behind unwiped.
    let mut value = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    let (mut escapes, mut dollar) = (false, false);
    while let Some(c) = chars.next() {
        let read = match (c, chars.peek().copied()) {
            ('\r', Some('\n')) => continue,
            ('\r', _) => return Err(ProblemKind::CarriageReturn),
            ('\\', Some(next)) => escape(next, quote),
            ('$', Some(next)) => {
                dollar |= quote == '"' && starts_a_name(next);
                None
            }
            _ => None,
        };
        if read.is_some() {
            chars.next();
            escapes = true;
        }
        value.push(read.unwrap_or(c));
        // A backslash before a backslash in single quotes stands for itself, and so does the next one.
        if read.is_none() && c == '\\' && chars.peek() == Some(&'\\') {
            chars.next();
            value.push('\\');
        }
    }
    if escapes {
        notes.push(Note::EscapesRead);
    }
    if dollar {
        notes.push(Note::LiteralDollar);
    }
    Ok(Secret::new(value))
}

/// What a backslash and `next` stand for; nothing if they stand for themselves.
fn escape(next: char, quote: char) -> Option<char> {
    match (quote, next) {
        ('\'', '\'') => Some('\''),
        ('"', 'n') => Some('\n'),
        ('"', 'r') => Some('\r'),
        ('"', 't') => Some('\t'),
        ('"', '"' | '\\' | '$') => Some(next),
        _ => None,
    }
}

/// Whether another reader could take `$NAME` or `${NAME}` in it for a variable.
fn names_a_variable(value: &str) -> bool {
    value
        .match_indices('$')
        .any(|(at, _)| value[at + 1..].starts_with(starts_a_name))
}

fn starts_a_name(c: char) -> bool {
    c == '{' || c == '_' || c.is_ascii_alphabetic()
}

fn duplicates(entries: &[Entry]) -> Vec<Problem> {
    let mut first_lines = std::collections::HashMap::new();
    entries
        .iter()
        .filter_map(|entry| {
            let first = *first_lines.entry(entry.name.as_str()).or_insert(entry.line);
            let kind = ProblemKind::Duplicate {
                name: entry.name.clone(),
                first,
            };
            (first != entry.line).then_some(Problem {
                line: entry.line,
                kind,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
