//! The timetable of a boot: phases with their lengths, and what each story does to them.
//!
//! Words are those of the VM manager (API reference 8.5), lengths are made up.

use super::{Story, Why};

pub(super) const PROVISIONING: f64 = 3.0;
pub(super) const KEYS: &str = "requesting app keys";
pub(super) const DISK_READY: &str = "data disk ready";
pub(super) const GATEWAY: &str = "setting up dstack-gateway";
pub(super) const CONTAINERS: &str = "starting containers";
pub(super) const NO_ROUTE: &str = "failed to register with the gateway: no ingress route";

/// What goes wrong: in which phase, after how many seconds of it, the words, and when the guest powers off.
pub(super) struct Mishap {
    pub(super) phase: &'static str,
    pub(super) after: f64,
    pub(super) error: &'static str,
    pub(super) exits_after: f64,
}

pub(super) fn mishap(story: Story) -> Option<Mishap> {
    let (phase, after, error, exits_after) = match story {
        Story::Healthy | Story::CreationFails | Story::Stalls => return None,
        Story::KeysRefused => (
            KEYS,
            4.0,
            "KMS denied the app keys: boot is not allowed by the app contract",
            20.0,
        ),
        Story::EnvUnreadable => (
            KEYS,
            5.0,
            "failed to decrypt the encrypted environment",
            20.0,
        ),
        Story::ContainersFail => (
            CONTAINERS,
            40.0,
            "failed to start containers",
            f64::INFINITY,
        ),
        Story::GatewayDegraded => (GATEWAY, 2.0, NO_ROUTE, f64::INFINITY),
    };
    Some(Mishap {
        phase,
        after,
        error,
        exits_after,
    })
}

/// Phases of the guest with their lengths in seconds.
pub(super) fn phases(why: Why, has_script: bool) -> Vec<(&'static str, f64)> {
    let disk = match why {
        Why::Create => ("initializing data disk", 8.0),
        _ => ("mounting data disk", 3.0),
    };
    let mut phases = vec![
        ("booting", 12.0),
        (KEYS, 6.0),
        disk,
        (DISK_READY, 2.0),
        (GATEWAY, 7.0),
        ("setting up docker", 6.0),
    ];
    if has_script {
        phases.push(("pre-launch", 6.0));
    }
    // The image pull of a first boot is by far the longest part.
    let containers = match why {
        Why::Create => 95.0,
        Why::Update => 40.0,
        Why::Start | Why::Restart { .. } => 12.0,
    };
    phases.push((CONTAINERS, containers));
    phases
}
