//! How long boots of an app took before, and so how long the next one should take.
//!
//! It does not know where that is kept; it is told, and tells.

/// So many boots make a habit; fewer say nothing.
pub const ENOUGH: usize = 3;

/// A boot that was seen from its beginning until the instance ran.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastBoot {
    /// Its phases in their order, by their words, with their seconds.
    pub phases: Vec<(String, u64)>,
    /// Seconds from the creation until it ran.
    pub whole: u64,
}

/// What is usual for an app.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usual(Vec<PastBoot>);

impl Usual {
    /// What these boots make usual.
    pub fn new(boots: Vec<PastBoot>) -> Self {
        Self(boots)
    }

    /// Seconds that this phase mostly takes, in the middle of what was seen; `None` where it was not seen often enough.
    pub fn phase(&self, word: &str) -> Option<u64> {
        let seconds = self.0.iter().filter_map(|boot| {
            let mut phases = boot.phases.iter();
            phases
                .find(|(known, _)| known == word)
                .map(|(_, seconds)| *seconds)
        });
        middle(seconds.collect())
    }

    /// Seconds of the shortest and the longest boot, and how many were seen; `None` where those are too few.
    pub fn whole(&self) -> Option<(u64, u64, usize)> {
        let seconds = || self.0.iter().map(|boot| boot.whole);
        let (shortest, longest) = (seconds().min()?, seconds().max()?);
        (self.0.len() >= ENOUGH).then_some((shortest, longest, self.0.len()))
    }
}

fn middle(mut seconds: Vec<u64>) -> Option<u64> {
    seconds.sort_unstable();
    (seconds.len() >= ENOUGH).then(|| seconds[seconds.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(keys: u64, whole: u64) -> PastBoot {
        PastBoot {
            phases: vec![("requesting app keys".to_owned(), keys)],
            whole,
        }
    }

    #[test]
    fn too_few_boots_say_nothing() {
        let usual = Usual::new(vec![boot(4, 200), boot(6, 220)]);
        assert_eq!(
            (usual.phase("requesting app keys"), usual.whole()),
            (None, None)
        );
    }

    #[test]
    fn the_middle_is_usual_and_not_what_happened_once() {
        let usual = Usual::new(vec![boot(4, 200), boot(900, 1100), boot(6, 220)]);
        assert_eq!(usual.phase("requesting app keys"), Some(6));
        assert_eq!(usual.phase("done"), None);
        assert_eq!(usual.whole(), Some((200, 1100, 3)));
    }
}
