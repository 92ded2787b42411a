//! Sentences in a silence: while something is under way and nothing else is said, every half minute.

use super::words;

/// Seconds of silence.
const SILENCE: u64 = 30;

/// Since when there is nothing to say.
#[derive(Debug, Default)]
pub(super) struct Wait {
    now: u64,
    /// What is under way.
    what: Option<String>,
    /// When it began, as far as it was told.
    since: u64,
    /// When the next sentence is due.
    due: u64,
}

impl Wait {
    /// A second went by.
    pub(super) fn tick(&mut self, now: u64) {
        self.now = now;
    }

    /// What to say of what is under way, if its time has come. Where something else was said, silence begins anew.
    pub(super) fn beat(&mut self, what: Option<String>, was_said: bool) -> Option<String> {
        if self.what != what {
            self.what = what;
            self.since = self.now;
            self.due = self.now + SILENCE;
        } else if was_said {
            self.due = self.now + SILENCE;
        }
        let what = self.what.as_ref()?;
        if self.now < self.due {
            return None;
        }
        self.due = self.now + SILENCE;
        Some(format!(
            "Still waiting: {what}, {}.",
            words::span(self.now - self.since)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_broken_every_half_minute_and_only_while_something_is_under_way() {
        let mut wait = Wait::default();
        let mut beats = Vec::new();
        for now in 0..100 {
            wait.tick(now);
            beats.extend(wait.beat(Some("booting".into()), now == 10));
        }
        assert_eq!(
            beats,
            [
                "Still waiting: booting, 40 seconds.",
                "Still waiting: booting, 1 minute 10 seconds."
            ]
        );
        for now in 100..200 {
            wait.tick(now);
            assert_eq!(wait.beat(None, false), None);
        }
    }

    #[test]
    fn what_follows_is_counted_from_its_own_beginning() {
        let mut wait = Wait::default();
        wait.beat(Some("booting".into()), true);
        wait.tick(20);
        wait.beat(Some("pulling".into()), false);
        wait.tick(49);
        assert_eq!(wait.beat(Some("pulling".into()), false), None);
        wait.tick(50);
        let said = wait.beat(Some("pulling".into()), false);
        assert_eq!(said.as_deref(), Some("Still waiting: pulling, 30 seconds."));
    }
}
