//! What was seen of a boot, in the order it was seen: phases with their times, and the error on display.
//!
//! It records and judges nothing. What happened between two looks it does not know and does not make up.

use super::phase;
use crate::api::types::State;
use crate::shown::Shown;

/// More phases than this are not kept: an instance that restarts for ever must not fill the memory.
const MOST: usize = 64;

/// The history of one boot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    entries: Vec<Entry>,
    dropped: usize,
    reported: Option<Reported>,
}

/// A phase that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its word.
    pub word: Shown,
    /// When it was seen first.
    pub since: u64,
}

/// An error that the guest reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// Its text, word for word.
    pub text: Shown,
    /// When it was seen first.
    pub since: u64,
    /// How many phases had been seen by then.
    phases: usize,
}

impl Timeline {
    /// Takes a state that was heard now.
    pub fn take(&mut self, state: &State, now: u64) {
        if let Some(word) = phase::word(state)
            && self.current().is_none_or(|entry| entry.word != *word)
        {
            self.entries.push(Entry {
                word: word.clone(),
                since: now,
            });
            if self.entries.len() > MOST {
                self.entries.remove(0);
                self.dropped += 1;
            }
        }
        match phase::error(state) {
            None => self.reported = None,
            Some(text) if self.reported.as_ref().is_some_and(|old| old.text == *text) => {}
            Some(text) => {
                self.reported = Some(Reported {
                    text: text.clone(),
                    since: now,
                    phases: self.count(),
                });
            }
        }
    }

    /// What was seen is another boot's from now on.
    pub fn begin_again(&mut self) {
        *self = Self::default();
    }

    /// The phases, first to last.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Phases that were seen and are not kept any more.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The phase it is in.
    pub fn current(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// The error on display, and whether the boot went on after it.
    pub fn reported(&self) -> Option<(&Reported, bool)> {
        self.reported
            .as_ref()
            .map(|reported| (reported, self.count() > reported.phases))
    }

    fn count(&self) -> usize {
        self.dropped + self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(progress: &str, error: Option<&str>) -> State {
        State {
            status: "running".into(),
            boot_progress: Some(progress.into()),
            boot_error: error.map(Shown::line),
            ..State::default()
        }
    }

    #[test]
    fn a_phase_begins_when_it_is_seen_first() {
        let mut timeline = Timeline::default();
        for (now, word) in [(1, "booting"), (4, "booting"), (7, "setting up docker")] {
            timeline.take(&state(word, None), now);
        }
        let seen: Vec<(&str, u64)> = timeline
            .entries()
            .iter()
            .map(|entry| (entry.word.as_str(), entry.since))
            .collect();
        assert_eq!(seen, [("booting", 1), ("setting up docker", 7)]);
    }

    #[test]
    fn an_error_knows_whether_the_boot_went_on() {
        let mut timeline = Timeline::default();
        timeline.take(&state("booting", Some("odd")), 1);
        timeline.take(&state("booting", Some("odd")), 5);
        assert_eq!(
            timeline.reported().map(|(error, on)| (error.since, on)),
            Some((1, false))
        );
        timeline.take(&state("setting up docker", Some("odd")), 9);
        assert_eq!(
            timeline.reported().map(|(error, on)| (error.since, on)),
            Some((1, true))
        );
        timeline.take(&state("setting up docker", Some("")), 12);
        assert_eq!(timeline.reported(), None);
    }

    #[test]
    fn a_restart_loop_stays_small() {
        let mut timeline = Timeline::default();
        for now in 0..1000 {
            let word = if now % 2 == 0 {
                "booting"
            } else {
                "requesting app keys"
            };
            timeline.take(&state(word, None), now);
        }
        assert_eq!((timeline.entries().len(), timeline.dropped()), (64, 936));
    }
}
