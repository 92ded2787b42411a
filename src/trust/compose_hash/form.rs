//! The ways in which a document has been written to bytes.

use std::fmt::{self, Write};

use super::json::{Json, sorted};

/// One way of writing a document. The names say: blanks, sorting, and what becomes of letters beyond ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// No blanks, sorted at every depth: what Phala Cloud has written since 2026.
    CompactDeep,
    /// Indented by four, sorted at every depth: 2025.
    IndentedDeep,
    /// Indented by four, only the top level sorted: the recipe documented in 2025.
    IndentedTop,
    /// No blanks, only the top level sorted.
    CompactTop,
    /// [`Form::CompactDeep`] with `\uXXXX` for letters beyond ASCII.
    CompactDeepAscii,
    /// [`Form::IndentedDeep`] with `\uXXXX`.
    IndentedDeepAscii,
    /// [`Form::IndentedTop`] with `\uXXXX`.
    IndentedTopAscii,
    /// [`Form::CompactTop`] with `\uXXXX`.
    CompactTopAscii,
}

impl Form {
    /// Every form, the likeliest first.
    pub const ALL: [Self; 8] = [
        Self::CompactDeep,
        Self::IndentedDeep,
        Self::IndentedTop,
        Self::CompactTop,
        Self::CompactDeepAscii,
        Self::IndentedDeepAscii,
        Self::IndentedTopAscii,
        Self::CompactTopAscii,
    ];

    /// Its name in reports for machines; it never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::CompactDeep => "compact_sorted_deep",
            Self::IndentedDeep => "indent4_sorted_deep",
            Self::IndentedTop => "indent4_sorted_top",
            Self::CompactTop => "compact_sorted_top",
            Self::CompactDeepAscii => "compact_sorted_deep_ascii",
            Self::IndentedDeepAscii => "indent4_sorted_deep_ascii",
            Self::IndentedTopAscii => "indent4_sorted_top_ascii",
            Self::CompactTopAscii => "compact_sorted_top_ascii",
        }
    }

    fn is_indented(self) -> bool {
        matches!(
            self,
            Self::IndentedDeep
                | Self::IndentedTop
                | Self::IndentedDeepAscii
                | Self::IndentedTopAscii
        )
    }

    fn sorts_only_the_top(self) -> bool {
        matches!(
            self,
            Self::IndentedTop | Self::CompactTop | Self::IndentedTopAscii | Self::CompactTopAscii
        )
    }

    fn is_ascii(self) -> bool {
        matches!(
            self,
            Self::CompactDeepAscii
                | Self::IndentedDeepAscii
                | Self::IndentedTopAscii
                | Self::CompactTopAscii
        )
    }
}

/// In words, for a person.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_indented(), self.sorts_only_the_top()) {
            (false, false) => "compact, sorted at every depth",
            (true, false) => "indented, sorted at every depth",
            (true, true) => "indented, sorted at the top",
            (false, true) => "compact, sorted at the top",
        })?;
        f.write_str(if self.is_ascii() { ", ASCII" } else { "" })
    }
}

/// The document in this form.
pub fn write(document: &Json, form: Form) -> String {
    let mut text = String::new();
    value(&mut text, document, form, 0);
    text
}

fn value(text: &mut String, json: &Json, form: Form, depth: usize) {
    match json {
        Json::Word(word) => text.push_str(word),
        Json::Number(number) => text.push_str(number),
        Json::Text(string) => quoted(text, string, form),
        Json::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                begin(text, index, form, depth);
                value(text, item, form, depth + 1);
            }
            end(text, items.is_empty(), form, depth);
            text.push(']');
        }
        Json::Object(members) => {
            let order = if depth > 0 && form.sorts_only_the_top() {
                members.iter().collect()
            } else {
                sorted(members)
            };
            text.push('{');
            for (index, (name, member)) in order.into_iter().enumerate() {
                begin(text, index, form, depth);
                quoted(text, name, form);
                text.push(':');
                value(text, member, form, depth + 1);
            }
            end(text, members.is_empty(), form, depth);
            text.push('}');
        }
    }
}

/// What stands in front of an item.
fn begin(text: &mut String, index: usize, form: Form, depth: usize) {
    if index > 0 {
        text.push(',');
    }
    if form.is_indented() {
        new_line(text, depth + 1);
    }
}

/// What stands behind the last item.
fn end(text: &mut String, is_empty: bool, form: Form, depth: usize) {
    if form.is_indented() && !is_empty {
        new_line(text, depth);
    }
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"    ".repeat(depth));
}

fn quoted(text: &mut String, string: &str, form: Form) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            c if c < ' ' || (form.is_ascii() && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            c => text.push(c),
        }
    }
    text.push('"');
}
