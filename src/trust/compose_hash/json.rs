//! JSON with everything kept that a hash depends on: the order of members, and how numbers were written.
//!
//! It tells where the official implementations would write a value differently. It hashes nothing.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use super::number;

/// Deeper documents are refused: the guest's own reader would refuse them too.
const DEPTH: usize = 127;

/// Why the official implementations would not agree on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unsure {
    /// A number that JavaScript and Python write differently, or cannot hold.
    #[error("the document has a number that the official clients write in different ways")]
    Number,
    /// Names that are sorted differently, or that vanish.
    #[error("the document has names that the official clients sort in different ways")]
    Names,
    /// Half of a surrogate pair.
    #[error("the document has text that is no Unicode")]
    Text,
    /// Deeper than 127 levels.
    #[error("the document is nested deeper than 127 levels")]
    Depth,
}

/// A value.
#[derive(Clone, PartialEq)]
pub enum Json {
    /// `null`, `true`, `false`.
    Word(&'static str),
    /// A number, as everybody writes it.
    Number(String),
    /// A text, without its escapes.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Members in their order; a repeated name keeps its first place and its last value, as in JavaScript.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a value whose text is known to be JSON.
    pub fn read(raw: &RawValue) -> Result<Self, Unsure> {
        Self::read_at(raw, 0)
    }

    fn read_at(raw: &RawValue, depth: usize) -> Result<Self, Unsure> {
        if depth > DEPTH {
            return Err(Unsure::Depth);
        }
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let Members(raws) = serde_json::from_str(text).map_err(|_| Unsure::Text)?;
                let mut members: Vec<(String, Self)> = Vec::with_capacity(raws.len());
                // Where each name stands: looking through all members for each would take a long document forever.
                let mut places: HashMap<&str, usize> = HashMap::with_capacity(raws.len());
                for (name, raw) in &raws {
                    let value = Self::read_at(raw, depth + 1)?;
                    match places.entry(name.as_str()) {
                        Entry::Occupied(place) => members[*place.get()].1 = value,
                        Entry::Vacant(place) => {
                            place.insert(members.len());
                            members.push((name.clone(), value));
                        }
                    }
                }
                Ok(Self::Object(members))
            }
            Some(b'[') => {
                let raws: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| Unsure::Text)?;
                let items = raws.into_iter().map(|raw| Self::read_at(raw, depth + 1));
                items.collect::<Result<_, _>>().map(Self::List)
            }
            Some(b'"') => serde_json::from_str(text)
                .map(Self::Text)
                .map_err(|_| Unsure::Text),
            Some(b'n') => Ok(Self::Word("null")),
            Some(b't') => Ok(Self::Word("true")),
            Some(b'f') => Ok(Self::Word("false")),
            _ => number::agreed(text).map(Self::Number).ok_or(Unsure::Number),
        }
    }

    /// Whether JavaScript and Python would put its members in the same order.
    pub fn is_written_alike(&self) -> Result<(), Unsure> {
        match self {
            Self::List(items) => items.iter().try_for_each(Self::is_written_alike),
            Self::Object(members) => {
                let sorted = sorted(members);
                let names = |members: &[&(String, Self)]| {
                    members
                        .iter()
                        .map(|(name, _)| name.clone())
                        .collect::<Vec<_>>()
                };
                if names(&in_javascript(members)?) != names(&sorted) {
                    return Err(Unsure::Names);
                }
                members
                    .iter()
                    .try_for_each(|(_, value)| value.is_written_alike())
            }
            Self::Word(_) | Self::Number(_) | Self::Text(_) => Ok(()),
        }
    }
}

/// Members in the order of their code points.
pub fn sorted(members: &[(String, Json)]) -> Vec<&(String, Json)> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    sorted
}

/// Members in the order that the JavaScript SDK leaves them in.
fn in_javascript(members: &[(String, Json)]) -> Result<Vec<&(String, Json)>, Unsure> {
    let has = |wanted: &str| members.iter().any(|(name, _)| name == wanted);
    if has("__proto__") {
        return Err(Unsure::Names);
    }
    let mut order: Vec<_> = members.iter().collect();
    // An object with a member of this name is not sorted at all.
    if !has("constructor") {
        order.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    }
    // Names that are array indices come first, by number, whatever else was done.
    order.sort_by(|(a, _), (b, _)| match (index(a), index(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    Ok(order)
}

/// What JavaScript takes for an array index: a decimal number below 2^32 - 1, without leading zeros.
fn index(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok()?;
    (number != u32::MAX && number.to_string() == name).then_some(number)
}

/// Sets a member: a new one comes last, a known one stays in its place.
pub fn put(members: &mut Vec<(String, Json)>, name: &str, value: Json) {
    match members.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => members.push((name.to_owned(), value)),
    }
}

/// The members of an object, repeated names and all.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'t> serde::Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'t> Visitor<'t> for All {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'t>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}
