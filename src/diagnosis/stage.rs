//! Where a boot stands, in nine steps: coarser than its words, so that a sign can say where it holds.
//!
//! The default pre-launch script sends words of its own as progress. Words nobody knows stand for no step.

/// A set of steps, as bits.
pub(super) type Stages = u16;

pub(super) const BOOTING: Stages = 1;
pub(super) const GPU: Stages = 1 << 1;
pub(super) const KEYS: Stages = 1 << 2;
pub(super) const DISK: Stages = 1 << 3;
pub(super) const GATEWAY: Stages = 1 << 4;
pub(super) const DOCKER: Stages = 1 << 5;
pub(super) const SCRIPT: Stages = 1 << 6;
pub(super) const CONTAINERS: Stages = 1 << 7;
pub(super) const DONE: Stages = 1 << 8;
/// Wherever it stands.
pub(super) const ANYWHERE: Stages = (1 << 9) - 1;

/// The step of a word of progress.
pub(super) fn of_progress(word: &str) -> Option<Stages> {
    let word = word.trim();
    Some(match word {
        "booting" => BOOTING,
        "attesting GPU" => GPU,
        "requesting app keys" => KEYS,
        "initializing data disk" | "mounting data disk" | "data disk ready" => DISK,
        "setting up dstack-gateway" => GATEWAY,
        "setting up docker" => DOCKER,
        "init-script" | "pre-launch" | "running main script" => SCRIPT,
        "starting containers" => CONTAINERS,
        "done" => DONE,
        _ if ["docker cleanup", "docker compose pull", "awscli", "AWS "]
            .iter()
            .any(|begins| word.starts_with(begins)) =>
        {
            SCRIPT
        }
        _ => return None,
    })
}

/// The step that begins with a line of the console.
pub(super) fn of_line(body: &str) -> Option<Stages> {
    if body.starts_with("Running pre-launch script") || body.starts_with("Running init script") {
        return Some(SCRIPT);
    }
    if body.starts_with("Starting containers") {
        return Some(CONTAINERS);
    }
    if body.starts_with("Running main script") {
        return Some(SCRIPT);
    }
    of_progress(body)
}
