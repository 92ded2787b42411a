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
