//! When something was written, so that its age can be told even if the clock was set in between.

use serde::{Deserialize, Serialize};

/// A moment by two clocks. Both are handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Wall time, seconds since 1970.
    pub unix: u64,
    /// The clock that nobody sets, where the system has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<SinceBoot>,
}

/// Time since the system was started, sleep included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinceBoot {
    /// Which start that was: the system's boot id.
    pub id: String,
    /// Seconds since then.
    pub seconds: u64,
}

/// How long ago a moment was, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// By the clock that nobody sets.
    Exact(u64),
    /// By the wall clock, which may have been set since.
    ByWall(u64),
    /// The wall clock says that it lies in the future.
    Unknown,
}

impl Moment {
    /// How old this moment is at another one.
    pub fn age(&self, now: &Self) -> Age {
        if let (Some(then), Some(now)) = (&self.boot, &now.boot)
            && then.id == now.id
        {
            return Age::Exact(now.seconds.saturating_sub(then.seconds));
        }
        now.unix
            .checked_sub(self.unix)
            .map_or(Age::Unknown, Age::ByWall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unix: u64, boot: Option<(&str, u64)>) -> Moment {
        let boot = boot.map(|(id, seconds)| SinceBoot {
            id: id.to_owned(),
            seconds,
        });
        Moment { unix, boot }
    }

    #[test]
    fn a_clock_that_was_set_does_not_change_an_age() {
        let then = at(1_000_000, Some(("a", 100)));
        for jump in [0, 1_000_000, 5_000_000] {
            let now = at(jump, Some(("a", 160)));
            assert_eq!(then.age(&now), Age::Exact(60));
        }
    }

    #[test]
    fn after_a_restart_only_the_wall_clock_is_left() {
        let then = at(1_000, Some(("a", 100)));
        assert_eq!(then.age(&at(1_060, Some(("b", 5)))), Age::ByWall(60));
        assert_eq!(then.age(&at(1_060, None)), Age::ByWall(60));
        assert_eq!(then.age(&at(999, Some(("b", 5)))), Age::Unknown);
    }
}
