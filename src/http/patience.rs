//! Asking again, for what only reads.
//!
//! Pauses grow, and a caller may be told to wait longer by the other side. Whether another try may help is for the
//! caller to say. Nothing that may create comes past here.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

/// How often a read is tried, and how long is waited between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Tries, the first included.
    pub tries: u32,
    /// The pause before the second try.
    pub first_pause: Duration,
    /// No pause of ours is longer, up to chance doubling it.
    pub longest_pause: Duration,
    /// A longer wait that the other side asks for is not waited for.
    pub longest_asked: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 4,
            first_pause: Duration::from_millis(300),
            longest_pause: Duration::from_secs(8),
            longest_asked: Duration::from_secs(20),
        }
    }
}

/// Whether the same question may go better in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It would fail the same way.
    No,
    /// After a pause of our choice.
    Yes,
    /// After our pause or this one, whichever is longer.
    After(Duration),
}

/// Whether an answer of this HTTP status may be another one in a moment.
pub fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

impl Patience {
    /// Tries until it works, or until another try would not change anything; with the number of tries.
    pub async fn repeat<T, E, F>(
        &self,
        attempt: impl Fn() -> F,
        again: impl Fn(&E) -> Again,
    ) -> (Result<T, E>, u32)
    where
        F: Future<Output = Result<T, E>>,
    {
        let pauses = ExponentialBuilder::new()
            .with_factor(3.0)
            .with_min_delay(self.first_pause)
            .with_max_delay(self.longest_pause)
            .with_max_times(self.tries.saturating_sub(1) as usize)
            .with_jitter();
        let tries = AtomicU32::new(0);
        let counted = || {
            tries.fetch_add(1, Ordering::Relaxed);
            attempt()
        };
        let result = counted
            .retry(pauses)
            .when(|error| again(error) != Again::No)
            .adjust(|error, pause| self.pause(pause?, again(error)))
            .await;
        (result, tries.load(Ordering::Relaxed))
    }

    /// Our pause or theirs, whichever is longer; `None` where theirs is too long to wait for.
    fn pause(&self, ours: Duration, again: Again) -> Option<Duration> {
        match again {
            Again::After(asked) if asked > self.longest_asked => None,
            Again::After(asked) => Some(ours.max(asked)),
            Again::Yes => Some(ours),
            Again::No => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_pause_wins_and_a_very_long_one_is_reported() {
        let patience = Patience::default();
        let pause = Duration::from_millis(300);
        let after = |seconds| Again::After(Duration::from_secs(seconds));
        assert_eq!(patience.pause(pause, Again::Yes), Some(pause));
        assert_eq!(patience.pause(pause, after(0)), Some(pause));
        assert_eq!(
            patience.pause(pause, after(20)),
            Some(Duration::from_secs(20))
        );
        assert_eq!(patience.pause(pause, after(21)), None);
        assert_eq!(patience.pause(pause, Again::No), None);
    }
}
