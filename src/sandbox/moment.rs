//! Points in sandbox time, and the words the API has for them.
//!
//! It never asks a clock: the world is told what time it is.

use std::time::Duration;

use jiff::Timestamp;

/// Milliseconds since the Unix epoch, in sandbox time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Moment(i64);

impl Moment {
    pub(super) fn from_unix(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Later by so many seconds; earlier if negative.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, which is what is wanted"
    )]
    pub(super) fn plus(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1000.0) as i64))
    }

    pub(super) fn after(self, elapsed: Duration) -> Self {
        self.plus(elapsed.as_secs_f64())
    }

    /// Seconds from `earlier` to here.
    #[expect(clippy::cast_precision_loss, reason = "centuries fit")]
    pub(super) fn since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1000.0
    }

    pub(super) fn unix_milliseconds(self) -> i64 {
        self.0
    }

    /// As in `2026-11-23T16:12:04Z`.
    pub(super) fn iso(self) -> String {
        Timestamp::from_millisecond(self.0)
            .unwrap_or_default()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
    }
}

/// A span the way the VM manager prints it, such as `1h 2m 3s`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut to whole seconds on purpose"
)]
pub(super) fn human(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let parts = [
        (days, "d"),
        (hours, "h"),
        (minutes, "m"),
        (seconds % 60, "s"),
    ];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let words: Vec<String> = parts[first..]
        .iter()
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_spans_read_like_those_of_the_api() {
        let noon = Moment::from_unix(1_795_450_324);
        assert_eq!(noon.iso(), "2026-11-23T16:12:04Z");
        assert!((noon.plus(61.5).since(noon) - 61.5).abs() < 1e-9);
        assert_eq!(human(3723.9), "1h 2m 3s");
        assert_eq!(human(0.0), "0s");
        assert_eq!(human(90_000.0), "1d 1h 0m 0s");
    }
}
