//! The name of an intent, which is also the name of its file.

use std::fmt;

use ulid::Ulid;

/// A ULID: 48 bits of time and 80 random ones, written as 26 letters of Crockford's base 32, so that names sort by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(Ulid);

impl IntentId {
    /// A new name. `unix_ms` is the wall time in milliseconds; of `random`, 80 bits are used.
    pub fn new(unix_ms: u64, random: u128) -> Self {
        Self(Ulid::from_parts(unix_ms, random))
    }

    /// Reads exactly what [`Display`](fmt::Display) writes. Base 32 allows more spellings of the same number, and a
    /// second spelling would be a second file.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(Ulid::from_string(text).ok()?);
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl fmt::Debug for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IntentId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time() {
        let older = IntentId::new(1_763_900_000_000, u128::MAX);
        let newer = IntentId::new(1_763_900_000_001, 0);
        assert!(older < newer);
        assert!(older.to_string() < newer.to_string());
    }

    #[test]
    fn one_intent_has_one_spelling() {
        let id = IntentId::new(1_763_900_000_000, 0x0123_4567_89ab_cdef);
        let name = id.to_string();
        assert_eq!(name.len(), 26);
        assert_eq!(IntentId::parse(&name), Some(id));
        let smaller = name.to_lowercase();
        for other in [smaller.as_str(), "", "..", &format!("{name}0"), &name[1..]] {
            assert_eq!(IntentId::parse(other), None, "{other}");
        }
    }
}
