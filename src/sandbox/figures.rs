//! Memory, load and disk of an instance, which vary as those of a living one do, and how long its containers are up.
//!
//! A function of sandbox time and the instance's number: every run says the same. Nothing here is measured.

use super::{boot::State, cvm::Cvm, moment::Moment};

/// Parts of a whole in which shares are counted.
const WHOLE: u64 = 100_000;
/// Seconds in which memory grows until it is collected.
const MEMORY_SPAN: u64 = 900;
/// Seconds until a container counts as healthy.
const HEALTHY_AFTER: u64 = 30;

/// What the system of an instance says of itself at one moment. Sizes in bytes, load in hundredths.
pub(super) struct Figures {
    pub(super) total_memory: u64,
    pub(super) used_memory: u64,
    /// Over one, five and fifteen minutes.
    pub(super) load: [u64; 3],
    pub(super) total_disk: u64,
    pub(super) free_disk: u64,
    cpu_per_mille: u64,
}

impl Figures {
    pub(super) fn of(cvm: &Cvm, state: &State, now: Moment) -> Self {
        let seconds = now.unix_milliseconds().unsigned_abs() / 1000;
        // Instances do not move in step.
        let own = seconds + cvm.number * 37;
        let (total_memory, total_disk) = (cvm.size.memory_mb << 20, cvm.size.disk_gb << 30);
        let memory = if state.is_done() {
            36_000 + 8_000 * (own % MEMORY_SPAN) / MEMORY_SPAN + 500 * wave(own, 40) / 100
        } else {
            18_000 + 2_000 * wave(own, 30) / 100
        };
        let age = now.since(cvm.created_at).max(0.0);
        let base = if state.is_done() { 12 } else { 85 };
        let load = [(20, 40), (100, 24), (300, 12)]
            .map(|(span, height)| base + height * wave(own, span) / 100);
        let cpu_per_mille = 4 * base + 60 * wave(own, 25) / 100;
        Self {
            total_memory,
            used_memory: share(total_memory, memory),
            load,
            total_disk,
            free_disk: total_disk - share(total_disk, disk_use(age)),
            cpu_per_mille,
        }
    }

    pub(super) fn cpu_percent(&self) -> f64 {
        f64::from(u32::try_from(self.cpu_per_mille).unwrap_or_default()) / 10.0
    }
}

/// A fifth at first, and a hundredth more every two days, until there is little left.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an age is not negative, and saturates"
)]
fn disk_use(age: f64) -> u64 {
    (20_000 + (age as u64).saturating_mul(1000) / 172_800).min(85_000)
}

/// Up and down from 0 to 100 and back in twice so many seconds.
fn wave(seconds: u64, span: u64) -> u64 {
    let place = seconds % (2 * span);
    100 * place.min(2 * span - place) / span
}

/// So many parts of a whole.
fn share(whole: u64, parts: u64) -> u64 {
    whole / WHOLE * parts
}

/// Status of a container that runs for so many seconds, in docker's words.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut to whole seconds on purpose"
)]
pub(super) fn up(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    let span = match (seconds, minutes, hours) {
        (0, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (..60, ..) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".to_owned(),
        (_, ..60, _) => format!("{minutes} minutes"),
        (.., 1) => "About an hour".to_owned(),
        (.., ..48) => format!("{hours} hours"),
        (.., ..336) => format!("{} days", hours / 24),
        (.., ..1440) => format!("{} weeks", hours / 168),
        _ => format!("{} months", hours / 720),
    };
    let health = if seconds < HEALTHY_AFTER {
        "health: starting"
    } else {
        "healthy"
    };
    format!("Up {span} ({health})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_has_words_for_every_span() {
        for (seconds, words) in [
            (0.4, "Up Less than a second (health: starting)"),
            (1.0, "Up 1 second (health: starting)"),
            (29.9, "Up 29 seconds (health: starting)"),
            (45.0, "Up 45 seconds (healthy)"),
            (119.0, "Up About a minute (healthy)"),
            (185.0, "Up 3 minutes (healthy)"),
            (3700.0, "Up About an hour (healthy)"),
            (7200.0, "Up 2 hours (healthy)"),
            (3.0 * 86_400.0, "Up 3 days (healthy)"),
            (35.0 * 86_400.0, "Up 5 weeks (healthy)"),
            (90.0 * 86_400.0, "Up 3 months (healthy)"),
        ] {
            assert_eq!(up(seconds), words);
        }
    }

    #[test]
    fn a_wave_goes_up_and_down() {
        let heights = [0, 5, 10, 15, 20].map(|seconds| wave(seconds, 10));
        assert_eq!(heights, [0, 50, 100, 50, 0]);
        assert_eq!(disk_use(0.0), 20_000);
        assert_eq!(disk_use(2.0 * 86_400.0), 21_000);
        assert_eq!(disk_use(1e12), 85_000);
    }
}
