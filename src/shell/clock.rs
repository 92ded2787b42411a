//! The moment, and names that nobody had before: what the journal is handed from outside.

use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::journal::id::IntentId;
use crate::journal::moment::{Moment, SinceBoot};

/// Now, by the wall clock and, where the system has one, by the clock that nobody sets.
pub(super) fn moment() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Moment {
        unix: since.map_or(0, |since| since.as_secs()),
        boot: since_boot(),
    }
}

/// A name for an intent that begins at this moment.
pub(super) fn fresh_id(at: &Moment) -> IntentId {
    // It tells files apart; it is no secret, so the hasher's own randomness is good enough.
    let random = || u128::from(RandomState::new().hash_one(0));
    IntentId::new(at.unix.saturating_mul(1000), random() << 64 | random())
}

#[cfg(target_os = "linux")]
fn since_boot() -> Option<SinceBoot> {
    use rustix::time::{ClockId, clock_gettime};

    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let time = clock_gettime(ClockId::Boottime);
    Some(SinceBoot {
        id: id.trim().to_owned(),
        seconds: u64::try_from(time.tv_sec).ok()?,
    })
}

#[cfg(not(target_os = "linux"))]
fn since_boot() -> Option<SinceBoot> {
    None
}
