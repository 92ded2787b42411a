//! A look into an answer that may hold anything.
//!
//! Nothing here fails: what is absent, null or of another kind is `None`. It knows JSON, not the API.

use std::borrow::Cow;

use serde_json::Value;

use crate::shown::Shown;

/// Longest line taken over from an answer, in characters. A screen has no use for more.
const LONGEST_LINE: usize = 4096;

/// One place in an answer, or the knowledge that it is not there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a>(Option<&'a Value>);

impl<'a> Look<'a> {
    /// Nothing at all.
    pub(crate) const NOTHING: Self = Self(None);

    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value).filter(|value| !value.is_null()))
    }

    /// The member of this name.
    pub(crate) fn at(self, key: &str) -> Self {
        self.0
            .and_then(|value| value.get(key))
            .map_or(Self(None), Self::new)
    }

    /// This place, or the other where this one is absent.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.0.is_some() { self } else { other }
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    pub(crate) fn is_list(self) -> bool {
        self.0.is_some_and(Value::is_array)
    }

    /// The members of a list without its nulls; a single value counts as a list of one.
    pub(crate) fn each(self) -> impl Iterator<Item = Self> {
        let members = match self.0 {
            Some(Value::Array(members)) => members.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        members
            .iter()
            .map(Self::new)
            .filter(|member| member.0.is_some())
    }

    /// The members of a list that are objects.
    pub(crate) fn rows(self) -> impl Iterator<Item = Self> {
        self.each().filter(|row| row.is_object())
    }

    /// A text, or a number or truth value as text.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self.0? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(truth) => Some(Cow::Owned(truth.to_string())),
            _ => None,
        }
    }

    /// Whatever is there.
    pub(crate) fn as_value(self) -> Option<&'a Value> {
        self.0
    }

    /// Whatever is there as JSON in one line.
    pub(crate) fn compact(self) -> String {
        self.0.map(Value::to_string).unwrap_or_default()
    }

    /// A text as data, byte for byte.
    pub(crate) fn raw(self) -> Option<String> {
        self.0?.as_str().map(str::to_owned)
    }

    /// One line, made safe to show; an empty one counts as absent.
    pub(crate) fn line(self) -> Option<Shown> {
        self.text()
            .map(|text| bounded(&text))
            .filter(|line| !line.is_empty())
    }

    /// Words for people as one line: line breaks and runs of blanks become one blank.
    pub(crate) fn prose(self) -> Option<Shown> {
        self.text()
            .map(|text| bounded(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
            .filter(|line| !line.is_empty())
    }

    /// A web address. Anything that a browser would not fetch is left out.
    pub(crate) fn link(self) -> Option<Shown> {
        let text = self.text()?;
        (text.starts_with("https://") || text.starts_with("http://")).then(|| bounded(&text))
    }

    /// What the parser makes of the text.
    pub(crate) fn read<T>(self, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.text().and_then(|text| parse(&text))
    }

    /// A finite number, also one written as text.
    pub(crate) fn number(self) -> Option<f64> {
        let number = match self.0? {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// A whole number from 0, also one written as text or with a fraction of zero.
    pub(crate) fn whole(self) -> Option<u64> {
        if let Value::Number(number) = self.0?
            && let Some(whole) = number.as_u64()
        {
            return Some(whole);
        }
        self.read(|text| text.trim().parse().ok()).or_else(|| {
            let number = self.number()?;
            // Rust writes a float without fraction as plain digits; anything else does not parse.
            format!("{number}").parse().ok()
        })
    }

    /// A time span in whole seconds: a fraction of one is cut off.
    pub(crate) fn whole_seconds(self) -> Option<u64> {
        self.whole()
            // Rust writes the whole part of a float as plain digits.
            .or_else(|| format!("{}", self.number()?.floor()).parse().ok())
    }

    /// A truth value, also one written as text or number.
    pub(crate) fn truth(self) -> Option<bool> {
        match self.text()?.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        }
    }

    /// Whether it is there and true.
    pub(crate) fn is_true(self) -> bool {
        self.truth() == Some(true)
    }
}

/// A line of bounded length, made safe to show.
pub(crate) fn bounded(text: &str) -> Shown {
    Shown::bounded(text, LONGEST_LINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let value =
            json!({"a": "12", "b": 12.0, "c": "12.5", "d": true, "e": "NaN", "f": -1, "g": 12});
        let look = Look::new(&value);
        assert_eq!(look.at("a").whole(), Some(12));
        assert_eq!(look.at("b").whole(), Some(12));
        assert_eq!(look.at("g").whole(), Some(12));
        assert_eq!(look.at("c").whole(), None);
        assert_eq!(look.at("c").number(), Some(12.5));
        assert_eq!(look.at("g").text().as_deref(), Some("12"));
        assert_eq!(look.at("d").text().as_deref(), Some("true"));
        assert_eq!(look.at("e").number(), None);
        assert_eq!(look.at("f").whole(), None);
        assert_eq!(look.at("f").number(), Some(-1.0));
    }

    #[test]
    fn what_is_absent_null_or_odd_is_none() {
        let value = json!({"null": null, "list": [1], "empty": ""});
        let look = Look::new(&value);
        for key in ["null", "absent", "list", "empty"] {
            assert_eq!(look.at(key).line(), None, "{key}");
            assert_eq!(look.at(key).truth(), None, "{key}");
            assert_eq!(look.at(key).at("deeper").whole(), None, "{key}");
        }
    }

    #[test]
    fn a_list_skips_what_is_no_row() {
        let value = json!([{"a": 1}, null, 5, "x", [], {"a": 2}]);
        let rows: Vec<_> = Look::new(&value)
            .rows()
            .map(|row| row.at("a").whole())
            .collect();
        assert_eq!(rows, [Some(1), Some(2)]);
        assert_eq!(Look::new(&json!("one")).each().count(), 1);
    }

    #[test]
    fn a_link_is_something_a_browser_fetches() {
        for (text, kept) in [
            ("https://a.example/x", true),
            ("http://127.0.0.1:1/x", true),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("-h", false),
        ] {
            assert_eq!(Look::new(&json!(text)).link().is_some(), kept, "{text}");
        }
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let long = json!("é".repeat(100_000));
        let line = Look::new(&long).line().expect("a line");
        assert_eq!(line.as_str().chars().count(), LONGEST_LINE + 1);
    }
}
