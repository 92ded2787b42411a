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

    /// Later by so many milliseconds.
    pub(super) fn later_by(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add_unsigned(milliseconds))
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

    /// What a person or `docker logs` calls a moment: `42m` ago, Unix seconds, or an ISO time.
    pub(super) fn read(text: &str, now: Self) -> Option<Self> {
        if let Ok(seconds) = text.parse::<f64>() {
            return seconds.is_finite().then(|| Self(0).plus(seconds));
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Some(Self(time.as_millisecond()));
        }
        let mut ago = 0.0;
        let mut digits = String::new();
        for letter in text.chars() {
            let unit = match letter {
                '0'..='9' | '.' => {
                    digits.push(letter);
                    continue;
                }
                's' => 1.0,
                'm' => 60.0,
                'h' => 3600.0,
                'd' => 86_400.0,
                _ => return None,
            };
            ago += std::mem::take(&mut digits).parse::<f64>().ok()? * unit;
        }
        (digits.is_empty() && !text.is_empty()).then(|| now.plus(-ago))
    }

    /// The way Docker stamps a line, as in `2026-11-23T16:12:04.250000000Z`.
    pub(super) fn stamp(self) -> String {
        Timestamp::from_millisecond(self.0)
            .unwrap_or_default()
            .strftime("%Y-%m-%dT%H:%M:%S.%9fZ")
            .to_string()
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

    #[test]
    fn a_moment_can_be_said_in_three_ways() {
        let now = Moment::from_unix(1_795_450_324);
        assert_eq!(Moment::read("42m", now), Some(now.plus(-2520.0)));
        assert_eq!(Moment::read("1h30m5s", now), Some(now.plus(-5405.0)));
        assert_eq!(Moment::read("1795450324", now), Some(now));
        assert_eq!(Moment::read("2026-11-23T16:12:04Z", now), Some(now));
        for nonsense in ["", "m", "5x", "1h30", "yesterday", "inf"] {
            assert_eq!(Moment::read(nonsense, now), None, "{nonsense}");
        }
        assert_eq!(now.plus(0.25).stamp(), "2026-11-23T16:12:04.250000000Z");
    }
}
