//! The words of a boot, in their order: what happens, how long it mostly takes, what usually stops it there.
//!
//! Before the guest speaks, the words are the service's (`status`); then they are dstack's own (`boot_progress`).
//! Neither list is published as complete: a word that is not in the table is shown as it came and stops nothing.

use crate::api::types::State;
use crate::shown::Shown;

/// The phases of a boot, first to last.
pub const PHASES: &[Phase] = &[
    Phase::new("provisioning", 120, "The service finds room on the node."),
    Phase::new(
        "creating",
        120,
        "The node gets the image and makes the virtual machine.",
    ),
    Phase::new("starting", 60, "The node starts the virtual machine."),
    Phase::new(
        "restarting",
        120,
        "The virtual machine stops and starts again.",
    ),
    Phase::new("updating", 120, "The service changes the instance."),
    Phase::new(
        "running",
        60,
        "The virtual machine is up; the guest has not said how far it is.",
    ),
    Phase::new("booting", 60, "The guest's kernel and system start.").always(),
    Phase::new(
        "attesting GPU",
        60,
        "The guest checks that the GPU is a genuine one.",
    ),
    Phase::new(
        "requesting app keys",
        20,
        "The guest proves what it is, and the KMS hands out the app's keys.",
    )
    .always()
    .ends_boot()
    .stopped_by(&[
        "the app's contract does not allow this compose hash, or this machine",
        "the KMS cannot be reached from the node",
        "the guest's image is not one the KMS trusts",
    ]),
    Phase::new(
        "initializing data disk",
        60,
        "The empty disk is encrypted and formatted.",
    )
    .always()
    .stopped_by(&["the disk of the node is full or broken"]),
    Phase::new("mounting data disk", 30, "The encrypted disk is opened.")
        .stopped_by(&["the keys do not fit the disk: it was written by another app"]),
    Phase::new("data disk ready", 20, "The disk can be written.").always(),
    Phase::new(
        "setting up dstack-gateway",
        30,
        "The guest registers with the gateway, which gives it its address.",
    )
    .always()
    .stopped_by(&["nothing: without the gateway the boot goes on, only the address is missing"]),
    Phase::new("setting up docker", 30, "The container engine starts.")
        .always()
        .stopped_by(&["the disk is full"]),
    Phase::new("init-script", 60, "The image's own script runs.")
        .stopped_by(&["the script returned non-zero"]),
    Phase::new(
        "pre-launch",
        60,
        "The pre-launch script runs, the login to the registry with it.",
    )
    .ends_boot()
    .stopped_by(&[
        "the script returned non-zero: a command failed, or a variable it needs is missing",
        "the login to the registry was refused",
    ]),
    Phase::new(
        "starting containers",
        500,
        "Images are pulled and containers started; mostly the longest part.",
    )
    .always()
    .ends_boot()
    .stopped_by(&[
        "an image cannot be pulled: no such name or tag, or too many pulls",
        "the registry wants a login, and none was given",
        "an image is not built for linux/amd64",
        "the disk is full while unpacking",
        "a variable is missing, and the compose file has a gap in its place",
    ]),
    Phase::new(
        "running main script",
        500,
        "The app's own script runs instead of containers.",
    )
    .ends_boot()
    .stopped_by(&["the script returned non-zero"]),
    Phase::new("done", 60, "The guest says that it has booted.").always(),
];

/// How long a phase may take whose word is not in the table, before a third of the patience is used up.
const USUAL_UNKNOWN: u64 = 120;
/// A phase that takes this many times as long as it mostly does, has stalled.
const PATIENCE: u64 = 3;

/// A phase of a boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// The word, as service or guest say it.
    pub word: &'static str,
    /// What happens, in a sentence.
    pub what: &'static str,
    /// Seconds within which it is mostly over. Pulling images has most of it: 1.4 GB can take 25 minutes.
    pub usual: u64,
    /// Whether every boot goes through it.
    pub always: bool,
    /// Whether an error reported here ends the boot.
    pub ends_boot: bool,
    /// What usually stops a boot here, most frequent first.
    pub causes: &'static [&'static str],
}

impl Phase {
    const fn new(word: &'static str, usual: u64, what: &'static str) -> Self {
        Self {
            word,
            what,
            usual,
            always: false,
            ends_boot: false,
            causes: &[],
        }
    }

    const fn always(self) -> Self {
        Self {
            always: true,
            ..self
        }
    }

    const fn ends_boot(self) -> Self {
        Self {
            ends_boot: true,
            ..self
        }
    }

    const fn stopped_by(self, causes: &'static [&'static str]) -> Self {
        Self { causes, ..self }
    }
}

/// The phase of this word, if it is a known one.
pub fn find(word: &str) -> Option<&'static Phase> {
    PHASES.iter().find(|phase| phase.word == word)
}

/// What every boot still goes through after this phase.
pub fn after(phase: &Phase) -> impl Iterator<Item = &'static Phase> {
    let next = PHASES
        .iter()
        .position(|other| other == phase)
        .map_or(PHASES.len(), |index| index + 1);
    PHASES[next..].iter().filter(|phase| phase.always)
}

/// Seconds without news after which this phase has stalled; `usual` seconds are what it mostly takes for this app.
pub fn patience(word: &str, usual: Option<u64>) -> u64 {
    let known = find(word).map_or(USUAL_UNKNOWN, |phase| phase.usual);
    // A few lucky boots must not make a person impatient with an ordinary one.
    PATIENCE * usual.map_or(known, |usual| usual.max(known / 2))
}

/// What a word of `status` says about the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The process is up. Not yet that anything works.
    Up,
    /// On its way, or a word we do not know: keep watching.
    Moving,
    /// It does not run, and nobody makes it.
    Ended,
}

/// Reads a word of `status`.
pub fn reading(status: &Shown) -> Reading {
    match status.as_str().to_ascii_lowercase().as_str() {
        "running" => Reading::Up,
        "exited" | "stopped" | "removing" | "deleting" | "error" | "failed" => Reading::Ended,
        _ => Reading::Moving,
    }
}

/// What usually is behind a machine that ended with this word.
pub fn ended_by(status: &Shown) -> &'static [&'static str] {
    match status.as_str().to_ascii_lowercase().as_str() {
        "exited" => &[
            "the virtual machine ended by itself: its memory did not suffice, or the guest gave up and switched off",
        ],
        "stopped" => &["somebody stopped it, or its workspace ran out of credit"],
        "removing" | "deleting" => &["somebody is deleting it"],
        _ => &["the service could not make the virtual machine; its support can see why"],
    }
}

/// The word that stands for where a boot is; `None` where the state says nothing about that.
pub fn word(state: &State) -> Option<&Shown> {
    let progress = progress(state);
    let status = Some(&state.status).filter(|status| !status.is_empty());
    match reading(&state.status) {
        Reading::Up => progress.or(status),
        // While it restarts, `done` is about the boot before.
        Reading::Moving => progress.filter(|word| word.as_str() != "done").or(status),
        Reading::Ended => progress,
    }
}

/// `boot_progress`, where it says anything.
pub fn progress(state: &State) -> Option<&Shown> {
    state
        .boot_progress
        .as_ref()
        .filter(|word| !word.is_empty() && word.as_str() != "N/A")
}

/// `boot_error`, where it says anything.
pub fn error(state: &State) -> Option<&Shown> {
    state
        .boot_error
        .as_ref()
        .filter(|text| !text.as_str().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_keeps_the_order_in_which_a_guest_boots() {
        let order = [
            "booting",
            "attesting GPU",
            "requesting app keys",
            "initializing data disk",
            "data disk ready",
            "setting up dstack-gateway",
            "setting up docker",
            "init-script",
            "pre-launch",
            "starting containers",
            "done",
        ];
        let places: Vec<Option<usize>> = order
            .iter()
            .map(|word| PHASES.iter().position(|phase| phase.word == *word))
            .collect();
        assert!(places.iter().all(Option::is_some), "{places:?}");
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn only_sure_phases_are_announced() {
        let docker = find("setting up docker").expect("a phase");
        let ahead: Vec<&str> = after(docker).map(|phase| phase.word).collect();
        assert_eq!(ahead, ["starting containers", "done"]);
    }

    #[test]
    fn a_large_image_has_25_minutes() {
        assert_eq!(patience("starting containers", None), 25 * 60);
        assert_eq!(patience("warming the flux", None), 6 * 60);
    }

    #[test]
    fn every_status_word_has_a_reading() {
        for (word, expected) in [
            ("provisioning", Reading::Moving),
            ("creating", Reading::Moving),
            ("starting", Reading::Moving),
            ("running", Reading::Up),
            ("Running", Reading::Up),
            ("restarting", Reading::Moving),
            ("updating", Reading::Moving),
            ("stopping", Reading::Moving),
            ("shutting down", Reading::Moving),
            ("stopped", Reading::Ended),
            ("exited", Reading::Ended),
            ("removing", Reading::Ended),
            ("deleting", Reading::Ended),
            ("error", Reading::Ended),
            ("failed", Reading::Ended),
            ("hibernating", Reading::Moving),
            ("moonlit", Reading::Moving),
        ] {
            assert_eq!(reading(&word.into()), expected, "{word}");
        }
    }

    #[test]
    fn the_word_of_a_state_is_the_guests_before_the_services() {
        let state = |status: &str, progress: Option<&str>| State {
            status: status.into(),
            boot_progress: progress.map(Shown::line),
            ..State::default()
        };
        for (status, progress, expected) in [
            ("creating", None, Some("creating")),
            ("running", None, Some("running")),
            ("running", Some(""), Some("running")),
            ("running", Some("N/A"), Some("running")),
            ("running", Some("booting"), Some("booting")),
            ("starting", Some("booting"), Some("booting")),
            ("restarting", Some("done"), Some("restarting")),
            ("exited", Some("pre-launch"), Some("pre-launch")),
            ("exited", None, None),
        ] {
            let state = state(status, progress);
            assert_eq!(
                word(&state).map(Shown::as_str),
                expected,
                "{status} {progress:?}"
            );
        }
    }
}
