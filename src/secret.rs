//! Text that must not be seen: API keys, values of variables, commit tokens.
//!
//! A [`Secret`] cannot be printed, only [exposed](Secret::expose) on purpose, and is wiped when dropped.
//! It does not know where secrets come from or go to.

pub mod mask;

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A piece of text that prints as `Secret(..)` and is overwritten in memory when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Default)]
pub struct Secret(String);

impl Secret {
    /// Takes ownership of the text, so that no second copy stays behind.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every call is a place where it could leak.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length in bytes; may be shown.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Length in characters; may be shown.
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// `****` and the last four characters, enough to tell two secrets apart.
    ///
    /// A secret of fewer than twelve characters shows none of them.
    pub fn tail(&self) -> String {
        let count = self.chars();
        if count < 12 {
            return "****".to_owned();
        }
        let tail: String = self.0.chars().skip(count - 4).collect();
        format!("****{tail}")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text_and_its_length() {
        assert_eq!(format!("{:?}", Secret::new("phak_canary")), "Secret(..)");
    }

    #[test]
    fn the_tail_of_a_short_secret_is_hidden_too() {
        assert_eq!(Secret::new("hunter2").tail(), "****");
        assert_eq!(Secret::new("phak_0123456789").tail(), "****6789");
    }
}
