//! Hides values that must not be seen in text from outside: a log may print what it was given.
//!
//! It does not know what a log is, and keeps the values as secrets. It finds a value as it is written: not as JSON
//! escapes it, not in base64, not with a line break in it that the value does not have.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Secret;

/// Values to hide. Clones share them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mask(Arc<[Secret]>);

impl Mask {
    /// Stands for a value.
    pub const STARS: &str = "****";
    /// Values of fewer characters stay: hiding every `1` and `on` would make a log unreadable.
    pub const SHORTEST: usize = 4;

    /// A mask for these values. One of several lines is hidden line by line, as a log tells it, and blanks around a
    /// line do not count: whoever prints it may have trimmed it.
    pub fn new(values: impl IntoIterator<Item = Secret>) -> Self {
        let mut lines: Vec<Secret> = Vec::new();
        for value in values {
            for line in value.expose().split(['\n', '\r']).map(str::trim) {
                let is_known = || lines.iter().any(|known| known.expose() == line);
                if line.chars().count() >= Self::SHORTEST && !is_known() {
                    lines.push(Secret::new(line));
                }
            }
        }
        // The longest first: what lies in another value is then hidden as a part of that.
        lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
        Self(lines.into())
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A line without the values. Where several overlap, all that belongs to any of them is hidden.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        covered(text, self.found(text))
    }

    /// The same for the beginning of a line whose rest is not there: a value may begin in it and end behind it.
    pub fn hide_cut<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found = self.found(text);
        for value in self.0.iter().map(Secret::expose) {
            let from = text.len().saturating_sub(value.len());
            let mut starts = (from..text.len()).filter(|at| text.is_char_boundary(*at));
            if let Some(at) = starts.find(|at| value.starts_with(&text[*at..])) {
                found.push(at..text.len());
            }
        }
        covered(text, found)
    }

    /// Where the values are, those too that begin inside of another one.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for value in self.0.iter().map(Secret::expose) {
            let mut from = 0;
            while let Some(at) = text[from..].find(value) {
                let at = from + at;
                found.push(at..at + value.len());
                from = at + text[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        found
    }
}

/// The text with stars instead of these places.
fn covered(text: &str, mut places: Vec<Range<usize>>) -> Cow<'_, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_unstable_by_key(|place| place.start);
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (number, place) in places.into_iter().enumerate() {
        if number == 0 || place.start >= end {
            out.push_str(&text[end..place.start]);
            out.push_str(Mask::STARS);
        }
        end = end.max(place.end);
    }
    out.push_str(&text[end..]);
    Cow::Owned(out)
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} values)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(values: &[&str]) -> Mask {
        Mask::new(values.iter().map(|value| Secret::new(*value)))
    }

    #[test]
    fn values_become_stars_and_short_ones_stay() {
        let mask = mask(&["hunter2", "on", "ключ", "", "abc"]);
        assert_eq!(
            mask.hide("on: hunter2, hunter2ключ abc"),
            "on: ****, ******** abc"
        );
        assert!(matches!(mask.hide("nothing here"), Cow::Borrowed(_)));
        assert!(super::Mask::new([Secret::new("on")]).is_empty());
        assert_eq!(format!("{mask:?}"), "Mask(2 values)");
    }

    #[test]
    fn of_values_that_overlap_nothing_is_left() {
        assert_eq!(mask(&["abcd", "abcdef"]).hide("xabcdefx"), "x****x");
        assert_eq!(mask(&["abcde", "cdefg"]).hide("xabcdefgx"), "x****x");
        assert_eq!(mask(&["abab"]).hide("xabababx"), "x****x");
    }

    #[test]
    fn a_value_of_several_lines_is_hidden_line_by_line() {
        let mask = mask(&["-----BEGIN-----\r\n  MIIEvQ\nab\n-----END-----\n"]);
        for (line, expected) in [
            ("key: -----BEGIN-----", "key: ****"),
            ("MIIEvQ", "****"),
            ("    MIIEvQ", "    ****"),
            ("ab", "ab"),
        ] {
            assert_eq!(mask.hide(line), expected);
        }
    }

    #[test]
    fn a_value_that_runs_over_the_end_is_hidden_where_the_text_is_cut() {
        let mask = mask(&["abcdefgh"]);
        assert_eq!(mask.hide("log abcde"), "log abcde");
        assert_eq!(mask.hide_cut("log abcde"), "log ****");
        assert_eq!(mask.hide_cut("log abcdefgh, a"), "log ****, ****");
        assert_eq!(mask.hide_cut("log x"), "log x");
        assert_eq!(super::Mask::default().hide_cut("abc"), "abc");
    }

    proptest! {
        #[test]
        fn no_value_survives(
            values in prop::collection::vec("[abé]{1,6}", 0..5),
            text in "[abé ]{0,40}",
        ) {
            let mask = Mask::new(values.iter().map(Secret::new));
            let hidden = mask.hide(&text);
            let cut = mask.hide_cut(&text);
            for value in values.iter().filter(|value| value.chars().count() >= Mask::SHORTEST) {
                prop_assert!(!hidden.contains(value.as_str()));
                prop_assert!(!cut.contains(value.as_str()));
            }
            let long = values.iter().any(|value| value.chars().count() >= Mask::SHORTEST);
            prop_assert!(long || hidden == text.as_str());
        }
    }
}
