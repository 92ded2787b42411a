//! The timetable of a boot: its phases with their beginnings, and what a mishap does to them.
//!
//! Words are those of the VM manager (API reference 8.5), lengths are made up.

use super::{Mishap, Why};

pub(super) const PROVISIONING: f64 = 3.0;
/// Before there is a guest that could report a phase.
pub(super) const CREATING: &str = "creating";
pub(super) const DISK_READY: &str = "data disk ready";
pub(super) const GATEWAY: &str = "setting up dstack-gateway";
pub(super) const PRE_LAUNCH: &str = "pre-launch";
pub(super) const CONTAINERS: &str = "starting containers";
pub(super) const DONE: &str = "done";

/// Every phase a mishap can name, in their order; some of them not every guest goes through.
pub(super) const PHASES: &[&str] = &[
    "booting",
    "attesting GPU",
    "requesting app keys",
    "initializing data disk",
    "mounting data disk",
    DISK_READY,
    GATEWAY,
    "setting up docker",
    "init-script",
    PRE_LAUNCH,
    CONTAINERS,
    DONE,
];

/// The part of pulling in the phase that starts the containers; then they are made.
const PULLING: f64 = 0.8;

/// When things happen, in seconds since the guest was switched on. What never happens does so at infinity.
pub(super) struct Timetable {
    /// Each phase with its beginning, up to the last one that is reached.
    pub(super) phases: Vec<(&'static str, f64)>,
    pub(super) mishap: f64,
    /// All is well again.
    pub(super) cleared: f64,
    /// The guest powers off.
    pub(super) exit: f64,
    /// Beginning and end of the pulling of images.
    pub(super) pulling: (f64, f64),
}

impl Timetable {
    pub(super) fn of(why: Why, has_script: bool, mishap: Option<&Mishap>) -> Self {
        let mut table = Self {
            phases: Vec::new(),
            mishap: f64::INFINITY,
            cleared: f64::INFINITY,
            exit: f64::INFINITY,
            pulling: (f64::INFINITY, f64::INFINITY),
        };
        let mut begins = 0.0;
        for (phase, length) in lengths(why, has_script, mishap) {
            table.phases.push((phase, begins));
            if phase == CONTAINERS {
                table.pulling = (begins, begins + length * PULLING);
            }
            let end = begins + length;
            begins = match mishap.filter(|mishap| mishap.is_in(phase)) {
                None => end,
                Some(mishap) => {
                    table.mishap = begins + mishap.after;
                    if mishap.ends_the_boot() {
                        break;
                    }
                    // A later boot is quicker, and meets it all the same.
                    end.max(table.mishap)
                }
            };
        }
        if let Some(mishap) = mishap {
            let span = |seconds: Option<f64>| seconds.unwrap_or(f64::INFINITY);
            table.exit = table.mishap + span(mishap.exits_after);
            table.cleared = table.mishap + span(mishap.clears_after);
        }
        table
    }
}

/// Phases of the guest with their lengths.
fn lengths(why: Why, has_script: bool, mishap: Option<&Mishap>) -> Vec<(&'static str, f64)> {
    let disk = match why {
        Why::Create => "initializing data disk",
        _ => "mounting data disk",
    };
    // The image pull of a first boot is by far the longest part.
    let containers = match why {
        Why::Create => 95.0,
        Why::Update => 40.0,
        Why::Start | Why::Restart { .. } => 12.0,
    };
    let length = |phase: &&'static str| {
        let is_named = || mishap.is_some_and(|mishap| mishap.is_in(phase));
        Some(match *phase {
            "booting" => 12.0,
            "attesting GPU" if is_named() => 5.0,
            "requesting app keys" | "setting up docker" => 6.0,
            "initializing data disk" if disk == *phase => 8.0,
            "mounting data disk" if disk == *phase => 3.0,
            DISK_READY => 2.0,
            GATEWAY => 7.0,
            "init-script" if is_named() => 4.0,
            PRE_LAUNCH if has_script || is_named() => 6.0,
            CONTAINERS => containers,
            DONE => f64::INFINITY,
            _ => return None,
        })
    };
    PHASES
        .iter()
        .filter_map(|phase| Some((*phase, length(phase)?)))
        .collect()
}
