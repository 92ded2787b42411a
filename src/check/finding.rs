//! One thing to say about a text: where, what, and what to do.

use unicode_width::UnicodeWidthStr;

use crate::shown::Shown;

/// Whether a finding stops the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text cannot be sent like this.
    Error,
    /// Worth knowing; nothing stops.
    Remark,
}

/// One thing to say about a text. Both sentences are safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops.
    pub severity: Severity,
    /// Line, counted from 1; `None` when it is about the whole text.
    pub line: Option<usize>,
    /// Column in characters, counted from 1.
    pub column: Option<usize>,
    /// The fact.
    pub what: String,
    /// Why it matters or what to do.
    pub why: String,
}

impl Finding {
    pub(super) fn error(what: impl AsRef<str>, why: &str) -> Self {
        Self::new(Severity::Error, what.as_ref(), why)
    }

    pub(super) fn remark(what: impl AsRef<str>, why: &str) -> Self {
        Self::new(Severity::Remark, what.as_ref(), why)
    }

    fn new(severity: Severity, what: &str, why: &str) -> Self {
        let what = Shown::line(what).as_str().to_owned();
        Self {
            severity,
            line: None,
            column: None,
            what,
            why: why.to_owned(),
        }
    }

    /// At a place; counted from 1.
    pub(super) fn at(mut self, line: usize, column: usize) -> Self {
        (self.line, self.column) = (Some(line), Some(column));
        self
    }

    /// Its line and column, where it is about a place.
    pub fn place(&self) -> Option<(usize, usize)> {
        Some((self.line?, self.column.unwrap_or(1)))
    }

    /// Whether it stops the person.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// One line of an excerpt, safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Its number in the text; `None` for the line that holds the caret.
    pub number: Option<usize>,
    /// The line, or blanks and `^`.
    pub text: Shown,
}

/// The line a finding is about, the one above, and a caret below its column. Empty when it has no line.
pub fn excerpt(text: &str, finding: &Finding) -> Vec<ExcerptLine> {
    let Some(line) = finding.line else {
        return Vec::new();
    };
    let first = line.saturating_sub(1).max(1);
    let numbered = text
        .lines()
        .enumerate()
        .map(|(at, content)| (at + 1, content));
    let shown = numbered
        .skip(first - 1)
        .take(line + 1 - first)
        .collect::<Vec<_>>();
    let caret = finding
        .column
        .zip(shown.last())
        .map(|(column, (_, content))| {
            let before: String = content.chars().take(column.saturating_sub(1)).collect();
            let indent = Shown::text(&before).as_str().width();
            ExcerptLine {
                number: None,
                text: Shown::line(&format!("{}^", " ".repeat(indent))),
            }
        });
    let lines = shown.iter().map(|&(number, content)| ExcerptLine {
        number: Some(number),
        text: Shown::text(content),
    });
    lines.chain(caret).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, line: usize, column: usize) -> Vec<(Option<usize>, String)> {
        let finding = Finding::error("x", "").at(line, column);
        excerpt(text, &finding)
            .into_iter()
            .map(|l| (l.number, l.text.as_str().to_owned()))
            .collect()
    }

    #[test]
    fn the_caret_stands_below_the_column() {
        assert_eq!(
            lines("a:\n  b: [\nc", 2, 6),
            [
                (Some(1), "a:".into()),
                (Some(2), "  b: [".into()),
                (None, "     ^".into())
            ]
        );
    }

    #[test]
    fn wide_letters_and_tabs_move_the_caret() {
        assert_eq!(
            lines("東京: [", 1, 5),
            [(Some(1), "東京: [".into()), (None, "      ^".into())]
        );
        assert_eq!(
            lines("\t[", 1, 2),
            [(Some(1), "    [".into()), (None, "    ^".into())]
        );
    }

    #[test]
    fn a_finding_beyond_the_text_or_without_a_line_has_no_excerpt() {
        assert_eq!(lines("a", 9, 1), []);
        assert_eq!(excerpt("a", &Finding::remark("x", "")), []);
    }
}
