//! Hides values that must not be seen in text from outside: a log may print what it was given.
//!
//! It does not know what a log is, and keeps the values as secrets.

use std::borrow::Cow;
use std::fmt;
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

    /// A mask for these values.
    pub fn new(values: impl IntoIterator<Item = Secret>) -> Self {
        let long = |value: &Secret| value.chars() >= Self::SHORTEST;
        Self(values.into_iter().filter(long).collect())
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without the values.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, value| {
            if text.contains(value.expose()) {
                Cow::Owned(text.replace(value.expose(), Self::STARS))
            } else {
                text
            }
        })
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} values)", self.0.len())
    }
}
