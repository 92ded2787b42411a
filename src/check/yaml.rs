//! YAML as a tree in which every node knows its line.
//!
//! Aliases and merge keys are resolved by the parser under its budget, so a small text cannot grow without bound.
//! It knows nothing of compose files.

mod places;

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, Spanned};

use places::Places;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    /// Line, counted from 1.
    pub(super) line: usize,
    /// Column in characters, counted from 1.
    pub(super) column: usize,
    /// What stands there.
    pub(super) value: Value,
}

/// What a node holds. Numbers and booleans are their text.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Why a text is not YAML.
#[derive(Debug)]
pub(super) struct YamlError {
    pub(super) line: Option<usize>,
    pub(super) column: Option<usize>,
    pub(super) message: String,
}

/// Parses one document.
pub(super) fn parse(text: &str) -> Result<Node, YamlError> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Merge,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        budget: serde_saphyr::budget! {
            max_nodes: 100_000,
            max_events: 300_000,
            max_depth: 64,
        },
    };
    let places = Places::of(text);
    match serde_saphyr::from_str_with_options::<Spanned<Value>>(text, options) {
        Ok(root) => {
            let mut root = Node::from(root);
            if let Some(places) = &places {
                root.move_to(places);
            }
            Ok(root)
        }
        Err(error) => {
            let location = error.location();
            let number = |count: u64| usize::try_from(count).ok().filter(|&count| count > 0);
            let found = location.and_then(|l| Some((number(l.line())?, number(l.column())?)));
            let moved = |(line, column)| match &places {
                Some(places) => places.place(line, column),
                None => (line, column),
            };
            let (line, column) = found.map(moved).unzip();
            Err(YamlError {
                line,
                column,
                message: in_words(&error.without_snippet().to_string()),
            })
        }
    }
}

impl Node {
    /// The text of a scalar; nothing for a list, a map or null.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a map; none for anything else.
    pub(super) fn entries(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The key node and value under `key` of a map.
    pub(super) fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries()
            .iter()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(k, v)| (k, v))
    }

    /// The value under `key` of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Moves it and all below it to the lines that people count.
    fn move_to(&mut self, places: &Places) {
        (self.line, self.column) = places.place(self.line, self.column);
        match &mut self.value {
            Value::Null | Value::Text(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.move_to(places)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    key.move_to(places);
                    value.move_to(places);
                }
            }
        }
    }
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        let place = |count: u64| usize::try_from(count).unwrap_or(1).max(1);
        Self {
            line: place(spanned.referenced.line()),
            column: place(spanned.referenced.column()),
            value: spanned.value,
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::Text(String::from_utf8_lossy(value).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Spanned<Value>>()? {
            items.push(item.into());
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<Value>, Spanned<Value>>()? {
            entries.push((key.into(), value.into()));
        }
        Ok(Value::Map(entries))
    }
}

/// The parser's message without its place and without talk about its own settings.
fn in_words(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(fact, _)| fact);
    if let Some(key) = message.strip_prefix("duplicate mapping key: ") {
        let key = key.split(", set DuplicateKeyPolicy").next().unwrap_or(key);
        return format!("the key '{key}' is written twice");
    }
    let table = [
        ("tabs disallowed", "a tab where only blanks may indent"),
        (
            "unclosed quote",
            "this quote is opened here and never closed",
        ),
        (
            "unclosed bracket",
            "this bracket is opened here and never closed",
        ),
        (
            "alias references unknown anchor",
            "an alias (*name) without its anchor (&name)",
        ),
        ("simple key expected ':'", "a ':' is missing after the key"),
        (
            "mapping values are not allowed",
            "a second ':' on this line: put the value in quotes",
        ),
        (
            "multiple YAML documents",
            "a second document starts here: keep one",
        ),
    ];
    let known = table.iter().find(|(start, _)| message.starts_with(start));
    known.map_or_else(|| message.to_owned(), |(_, words)| (*words).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_line() {
        let root = parse("services:\n  web:\n    image: a\n    ports:\n      - 80:80\n").unwrap();
        let (name, web) = &root.get("services").unwrap().entries()[0];
        assert_eq!((name.line, name.column, name.text()), (2, 3, Some("web")));
        assert_eq!(web.get("image").unwrap().line, 3);
        assert_eq!(web.get("ports").unwrap().items()[0].line, 5);
    }

    #[test]
    fn a_carriage_return_alone_ends_no_line_that_people_count() {
        let root = parse("a: 1\rb: [2,\r\n  3]\n\rc: é\rd: 4\r\n").unwrap();
        let places: Vec<_> = root
            .entries()
            .iter()
            .map(|(key, _)| (key.text().unwrap(), key.line, key.column))
            .collect();
        assert_eq!(places, [("a", 1, 1), ("b", 1, 6), ("c", 3, 2), ("d", 3, 7)]);
        let list = root.get("b").unwrap();
        assert_eq!((list.items()[1].line, list.items()[1].column), (2, 3));
        let error = parse("a: 1\rb: \"x\n").unwrap_err();
        assert_eq!((error.line, error.column), (Some(1), Some(9)));
    }

    #[test]
    fn aliases_and_merges_are_read_where_they_are_used() {
        let root = parse("x: &d\n  image: a\ny:\n  <<: *d\n  z: *d\n").unwrap();
        let y = root.get("y").unwrap();
        assert_eq!(y.get("image").unwrap().text(), Some("a"));
        assert_eq!(y.get("z").unwrap().line, 5);
    }

    #[test]
    fn odd_keys_and_scalars_are_no_error() {
        let root = parse("1: 0x1f\nnull: .inf\ntrue: ~\n? [a]\n: !custom 2001-01-01\n").unwrap();
        assert_eq!(root.entries().len(), 4);
        assert_eq!(root.get("1").unwrap().text(), Some("31"));
        assert!(root.get("true").unwrap().is_null());
    }

    #[test]
    fn errors_have_a_place_and_plain_words() {
        let table = [
            (
                "a: \"x\nb: 1\n",
                1,
                4,
                "this quote is opened here and never closed",
            ),
            (
                "a: {b: 1\n",
                1,
                4,
                "this bracket is opened here and never closed",
            ),
            ("a:\n\t- b\n", 2, 2, "a tab where only blanks may indent"),
            ("a: 1\na: 2\n", 2, 1, "the key 'a' is written twice"),
            (
                "x: *y\n",
                1,
                4,
                "an alias (*name) without its anchor (&name)",
            ),
            (
                "a: b: c\n",
                1,
                5,
                "a second ':' on this line: put the value in quotes",
            ),
            (
                "a: 1\n---\nb: 2\n",
                3,
                1,
                "a second document starts here: keep one",
            ),
        ];
        for (text, line, column, message) in table {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.line, error.column, error.message.as_str()),
                (Some(line), Some(column), message)
            );
        }
    }

    #[test]
    fn a_text_that_would_explode_is_refused() {
        let level = |n: usize| format!("a{n}: &a{n} [{}]\n", format!("*a{},", n - 1).repeat(10));
        let levels: Vec<String> = (1..9).map(level).collect();
        let bomb = format!("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n{}", levels.concat());
        assert!(parse(&bomb).is_err());
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
