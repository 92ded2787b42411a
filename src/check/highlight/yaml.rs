//! Meanings in a YAML text, line by line and without a grammar.
//!
//! A half-written text must keep its colours and no nesting may cost anything, so this reads forward once and
//! remembers only an open quote or an open block. It never says whether the YAML is right.

use super::{Span, SpanKind};

/// Bytes within which `${` must be closed to be coloured; keeps a line of open braces cheap.
const LONGEST_BRACES: usize = 512;

/// What an earlier line left open.
enum Open {
    Nothing,
    /// A quoted text whose closing quote has not come.
    Quote(char),
    /// A block of text below a line with this indentation.
    Block(usize),
}

/// Spans per line.
pub(super) fn highlight(text: &str) -> Vec<Vec<Span>> {
    let mut open = Open::Nothing;
    text.split('\n')
        .map(|line| {
            Line {
                text: line,
                at: 0,
                in_flow: false,
                spans: Vec::new(),
            }
            .read(&mut open)
        })
        .collect()
}

struct Line<'t> {
    text: &'t str,
    at: usize,
    /// Whether a bracket opened on this line, so that commas separate.
    in_flow: bool,
    spans: Vec<Span>,
}

impl Line<'_> {
    fn read(mut self, open: &mut Open) -> Vec<Span> {
        let indent = self.text.len() - self.text.trim_start_matches(' ').len();
        match *open {
            Open::Block(parent) if self.text.trim().is_empty() || indent > parent => {
                self.push_text(0, self.text.trim_end().len());
                return self.spans;
            }
            Open::Block(_) => *open = Open::Nothing,
            Open::Quote(quote) => {
                let end = self.quote_end(0, quote);
                self.push_text(0, end.unwrap_or(self.text.len()));
                let Some(end) = end else { return self.spans };
                self.at = end;
                *open = Open::Nothing;
            }
            Open::Nothing => {}
        }
        if matches!(self.text.trim_end(), "---" | "...") {
            self.push(0, 3, SpanKind::Punctuation);
            return self.spans;
        }
        while self.token(indent, open) {}
        self.spans
    }

    /// Reads one token; whether there may be another.
    fn token(&mut self, indent: usize, open: &mut Open) -> bool {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return false;
        };
        match first {
            '#' if start == 0 || self.text[..start].ends_with([' ', '\t']) => {
                self.take(rest.trim_end().len(), SpanKind::Comment);
            }
            '"' | '\'' => match self.quote_end(start + 1, first) {
                Some(end) if is_key_end(&self.text[end..]) => self.take(end - start, SpanKind::Key),
                Some(end) => {
                    self.push_text(start, end);
                    self.at = end;
                }
                None => {
                    *open = Open::Quote(first);
                    self.push_text(start, self.text.trim_end().len());
                    return false;
                }
            },
            '[' | ']' | '{' | '}' | ',' => {
                self.in_flow |= matches!(first, '[' | '{');
                self.take(1, SpanKind::Punctuation);
            }
            '-' | '?' | ':' if ends_a_word(&rest[1..]) => self.take(1, SpanKind::Punctuation),
            '|' | '>' => {
                *open = Open::Block(indent);
                self.take(word_length(rest), SpanKind::Punctuation);
            }
            '&' | '*' => self.take(word_length(rest), SpanKind::Variable),
            '!' => self.take(word_length(rest), SpanKind::Keyword),
            _ => self.plain(),
        }
        true
    }

    /// A plain scalar: a key when a colon follows, else a number or a text.
    fn plain(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let mut previous = ' ';
        let mut depth = 0_usize;
        let end = rest
            .char_indices()
            .find(|&(at, c)| {
                // Braces of `${...}` belong to the word.
                match c {
                    '{' if previous == '$' => depth += 1,
                    '}' if depth > 0 => {
                        depth -= 1;
                        previous = ' ';
                        return false;
                    }
                    _ => {}
                }
                let ends = match c {
                    ':' => is_key_end(&rest[at..]),
                    '#' => previous.is_whitespace() && at > 0,
                    ',' | '[' | ']' | '{' | '}' => self.in_flow && depth == 0,
                    _ => false,
                };
                previous = c;
                ends
            })
            .map_or(rest.len(), |(at, _)| at);
        let word = rest[..end].trim_end();
        if is_key_end(&rest[end..]) {
            self.take(word.len(), SpanKind::Key);
        } else if is_number(word) {
            self.take(word.len(), SpanKind::Number);
        } else {
            self.push_text(start, start + word.len());
        }
        self.at = start + end;
    }

    /// Behind the quote that closes a text open since before `from`, if it is on this line.
    fn quote_end(&self, from: usize, quote: char) -> Option<usize> {
        let mut chars = self.text[from..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let doubled =
                c == '\'' && quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'');
            if (c == '\\' && quote == '"') || doubled {
                chars.next();
            } else if c == quote {
                return Some(from + at + 1);
            }
        }
        None
    }

    fn take(&mut self, length: usize, kind: SpanKind) {
        self.push(self.at, self.at + length, kind);
        self.at += length;
    }

    /// A text with the variables compose fills in.
    fn push_text(&mut self, start: usize, end: usize) {
        let mut plain = start;
        let mut at = start;
        while let Some(dollar) = self.text[at..end].find('$').map(|found| at + found) {
            let length = variable_length(&self.text[dollar + 1..end]);
            at = dollar + length.map_or(1, |length| length + 1);
            if length.is_none() && self.text[at..end].starts_with('$') {
                at += 1;
            } else if length.is_some() {
                self.push(plain, dollar, SpanKind::Text);
                self.push(dollar, at, SpanKind::Variable);
                plain = at;
            }
        }
        self.push(plain, end, SpanKind::Text);
    }

    fn push(&mut self, start: usize, end: usize, kind: SpanKind) {
        if start < end {
            self.spans.push(Span { start, end, kind });
        }
    }
}

/// Bytes of `NAME` or `{...}` behind a `$`, if one stands there.
fn variable_length(rest: &str) -> Option<usize> {
    if rest.starts_with('{') {
        let near = &rest[..rest.floor_char_boundary(LONGEST_BRACES)];
        return near.find('}').map(|end| end + 1);
    }
    let end = rest
        .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    (end > 0).then_some(end)
}

/// Whether a colon that ends a key stands here.
fn is_key_end(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(ends_a_word)
}

fn ends_a_word(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace())
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}'))
        .unwrap_or(text.len())
        .max(1)
}

fn is_number(word: &str) -> bool {
    matches!(
        word,
        "true" | "false" | "null" | "~" | "True" | "False" | "Null"
    ) || (word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && word.parse::<f64>().is_ok())
}
