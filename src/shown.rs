//! Text from outside, made safe to show.
//!
//! Everything the service says passes through [`Shown`] in the decoder, so no screen has to think of escape
//! sequences, right-to-left overrides or invisible letters. What is unsafe becomes visible, nothing is dropped.

use std::fmt::{self, Write};

/// At most this many combining marks may sit on one letter; real scripts need fewer.
const MARKS_PER_LETTER: usize = 4;

/// Text in which every character that a terminal could obey, hide or reorder is written as `\u{..}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Shown(String);

impl Shown {
    /// Cleans one line: line breaks are made visible too.
    pub fn line(text: &str) -> Self {
        Self(clean(text, false))
    }

    /// Cleans one line of at most this many characters; `…` stands for what is left out.
    pub fn bounded(text: &str, most: usize) -> Self {
        match text.char_indices().nth(most) {
            Some((end, _)) => Self::line(&format!("{}…", &text[..end])),
            None => Self::line(text),
        }
    }

    /// Cleans a text of several lines: `\n` stays, tabs become four blanks, `\r\n` becomes `\n`.
    pub fn text(text: &str) -> Self {
        Self(clean(&text.replace("\r\n", "\n"), true))
    }

    /// The cleaned text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self::line(text)
    }
}

fn clean(text: &str, multi_line: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\n' if multi_line => out.push('\n'),
            '\t' if multi_line => out.push_str("    "),
            _ if unsafe_to_show(c) || marks > MARKS_PER_LETTER => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// Control (Cc), format (Cf), line and paragraph separators, private use, tags and variation selectors.
fn unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{8e2}' | '\u{115f}'
            | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{110bd}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_become_visible() {
        let shown = Shown::line("a\u{1b}]0;owned\u{7}b\u{9b}31m");
        assert_eq!(shown.as_str(), "a\\u{1b}]0;owned\\u{7}b\\u{9b}31m");
    }

    #[test]
    fn reordering_and_invisible_letters_become_visible() {
        assert_eq!(
            Shown::line("abc\u{202e}def\u{200b}").as_str(),
            "abc\\u{202e}def\\u{200b}"
        );
        assert_eq!(Shown::line("tag\u{e0041}").as_str(), "tag\\u{e0041}");
    }

    #[test]
    fn a_line_keeps_no_line_break_and_a_text_keeps_it() {
        assert_eq!(Shown::line("a\nb").as_str(), "a\\u{a}b");
        assert_eq!(Shown::text("a\r\nb\tc").as_str(), "a\nb    c");
    }

    #[test]
    fn a_line_without_end_is_cut() {
        assert_eq!(Shown::bounded("éé", 2).as_str(), "éé");
        assert_eq!(Shown::bounded("ééé\u{1b}", 2).as_str(), "éé…");
        assert_eq!(Shown::bounded("\u{1b}é", 1).as_str(), "\\u{1b}…");
    }

    #[test]
    fn a_tower_of_marks_is_cut_and_real_words_are_not() {
        let tower: String = std::iter::once('e')
            .chain(std::iter::repeat_n('\u{301}', 40))
            .collect();
        assert_eq!(Shown::line(&tower).as_str().matches("\\u{301}").count(), 36);
        assert_eq!(Shown::line("Łódź 東京 é 🦀").as_str(), "Łódź 東京 é 🦀");
    }

    proptest! {
        #[test]
        fn nothing_that_could_be_obeyed_survives(text in any::<String>()) {
            let shown = Shown::line(&text);
            prop_assert!(!shown.as_str().chars().any(unsafe_to_show));
            prop_assert_eq!(Shown::line(shown.as_str()), shown);
        }
    }
}
