//! How long boots of an app took before, and so how long the next one should take.
//!
//! It does not know where that is kept; it is told, and tells.

/// A boot that was seen from its beginning until the instance ran.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastBoot {
    /// Its phases in their order, by their words, with their seconds.
    pub phases: Vec<(String, u64)>,
    /// Seconds from the creation until it ran.
    pub whole: u64,
}
