//! How an instance is doing, judged from what was heard and nothing else.
//!
//! The protocol has no verdict of its own: "running" only says that a process is up, and a boot that failed is
//! reported as "running" for as long as anybody waits. Silence of the network is not silence of the guest, so time
//! counts only up to the last state that was heard.

use super::phase::{self, Reading};
use super::timeline::Timeline;
use crate::api::types::State;
use crate::shown::Shown;

/// An error after which no phase followed for this many seconds is final, known or not.
const SILENCE: u64 = 30;

/// How an instance is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// On its way.
    Booting,
    /// On its way, for much longer than usual.
    Stalled,
    /// Booted, with an error on display that may still go away.
    Degraded,
    /// Up, booted, no error, and it knows who it is.
    Running,
    /// It will not come up by itself.
    Failed,
    /// The service does not know it any more.
    Gone,
    /// It was deleted, from here.
    Deleted,
}

impl Verdict {
    /// Whether it is what a person was waiting for, good or bad.
    pub fn is_news(self) -> bool {
        self != Self::Booting
    }

    /// It in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Booting => "It boots.",
            Self::Stalled => "No progress.",
            Self::Degraded => "It runs, yet something is wrong.",
            Self::Running => "It runs.",
            Self::Failed => "It did not come up.",
            Self::Gone => "The service does not know it any more.",
            Self::Deleted => "It is deleted.",
        }
    }

    /// It in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Booting => "booting",
            Self::Stalled => "no progress",
            Self::Degraded => "running, not healthy",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::Deleted => "deleted",
        }
    }

    /// Whether nothing can become of it any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Gone | Self::Deleted)
    }

    /// Whether the guest has come up, so that addresses and containers can be asked for.
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Degraded)
    }
}

/// Judges a state that was heard `now`, with what was seen before it.
///
/// `identified`: an instance id is known, which the guest only has after it got its keys.
/// `usual`: the seconds that a phase mostly takes for this app, where that is known.
pub fn judge(
    state: &State,
    seen: &Timeline,
    identified: bool,
    now: u64,
    usual: &dyn Fn(&str) -> Option<u64>,
) -> Verdict {
    let done = phase::progress(state).is_some_and(|word| word.as_str() == "done");
    let error = phase::error(state);
    match phase::reading(&state.status) {
        Reading::Ended => Verdict::Failed,
        Reading::Up if done && error.is_some() => Verdict::Degraded,
        Reading::Up if done && identified => Verdict::Running,
        _ if is_final(seen, now) => Verdict::Failed,
        _ => patience(seen, now, usual),
    }
}

/// Whether an error is about the gateway: the boot goes on without it, and the guest tries again.
pub fn is_about_gateway(error: &Shown) -> bool {
    let text = error.as_str().to_lowercase();
    // A registry behind a proxy answers with these; that is about an image, not about our gateway.
    let http = ["bad gateway", "gateway timeout", "gateway time-out"];
    let text = http
        .iter()
        .fold(text, |text, words| text.replace(words, ""));
    text.contains("gateway") || text.contains("ingress route")
}

/// Whether the error on display means that the boot is over.
fn is_final(seen: &Timeline, now: u64) -> bool {
    let Some((error, false)) = seen.reported() else {
        return false;
    };
    if is_about_gateway(&error.text) {
        return false;
    }
    let ends_boot = seen
        .current()
        .and_then(|entry| phase::find(entry.word.as_str()))
        .is_some_and(|phase| phase.ends_boot);
    ends_boot || is_known_fatal(&error.text) || now.saturating_sub(error.since) >= SILENCE
}

/// Errors that are final whatever the phase they are reported in.
fn is_known_fatal(error: &Shown) -> bool {
    const FATAL: [&str; 8] = [
        "failed to start containers",
        "app keys",
        "not allowed",
        "not authorized",
        "denied",
        "non-zero",
        "no space left",
        "exec format error",
    ];
    let text = error.as_str().to_lowercase();
    FATAL.iter().any(|words| text.contains(words))
}

fn patience(seen: &Timeline, now: u64, usual: &dyn Fn(&str) -> Option<u64>) -> Verdict {
    let stalled = seen.current().is_some_and(|entry| {
        let word = entry.word.as_str();
        now.saturating_sub(entry.since) >= phase::patience(word, usual(word))
    });
    if stalled {
        Verdict::Stalled
    } else {
        Verdict::Booting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Booting, Degraded, Failed, Running, Stalled};

    fn state(status: &str, progress: &str, error: &str) -> State {
        State {
            status: status.into(),
            boot_progress: Some(progress.into()),
            boot_error: Some(error.into()),
            ..State::default()
        }
    }

    /// The verdict after these states, each with its second.
    fn after(states: &[(u64, State)], identified: bool) -> Verdict {
        let mut seen = Timeline::default();
        let mut verdict = Booting;
        for (now, state) in states {
            seen.take(state, *now);
            verdict = judge(state, &seen, identified, *now, &|_| None);
        }
        verdict
    }

    #[test]
    fn one_state_and_its_verdict() {
        const GATEWAY: &str =
            "dstack-gateway registration failed, the app has no ingress route: connection refused";
        for (status, progress, error, identified, expected) in [
            ("provisioning", "", "", false, Booting),
            ("creating", "", "", false, Booting),
            ("starting", "", "", false, Booting),
            ("running", "", "", true, Booting),
            ("running", "N/A", "", true, Booting),
            ("running", "running", "", true, Booting),
            ("running", "starting containers", "", true, Booting),
            ("running", "done", "", true, Running),
            ("running", "done", " ", true, Running),
            ("running", "done", "", false, Booting),
            ("running", "done", GATEWAY, true, Degraded),
            (
                "running",
                "done",
                "failed to start containers",
                true,
                Degraded,
            ),
            ("restarting", "done", "", true, Booting),
            ("updating", "", "", true, Booting),
            ("stopping", "done", "", true, Booting),
            ("shutting down", "", "", true, Booting),
            ("hibernating", "", "", true, Booting),
            ("moonlit", "", "", true, Booting),
            ("stopped", "", "", true, Failed),
            ("exited", "starting containers", "", true, Failed),
            ("exited", "done", "", true, Failed),
            ("removing", "done", "", true, Failed),
            ("deleting", "", "", true, Failed),
            ("error", "", "", false, Failed),
            ("failed", "", "", false, Failed),
            ("running", "booting", "", true, Booting),
            ("running", "attesting GPU", "", true, Booting),
            ("running", "requesting app keys", "", true, Booting),
            (
                "running",
                "requesting app keys",
                "KMS said: no",
                false,
                Failed,
            ),
            ("running", "pre-launch", "exit status 1", true, Failed),
            (
                "running",
                "starting containers",
                "failed to start containers",
                true,
                Failed,
            ),
            (
                "running",
                "running main script",
                "exit status 2",
                true,
                Failed,
            ),
            (
                "running",
                "setting up docker",
                "failed to get app keys",
                true,
                Failed,
            ),
            (
                "running",
                "booting",
                "write: No space left on device",
                true,
                Failed,
            ),
            ("running", "booting", "cannot set the clock", true, Booting),
            (
                "running",
                "setting up dstack-gateway",
                GATEWAY,
                true,
                Booting,
            ),
            ("running", "starting containers", GATEWAY, true, Booting),
            (
                "running",
                "starting containers",
                "pull: 502 Bad Gateway",
                true,
                Failed,
            ),
        ] {
            let state = state(status, progress, error);
            assert_eq!(
                after(&[(0, state)], identified),
                expected,
                "{status} / {progress} / {error} / {identified}"
            );
        }
    }

    #[test]
    fn an_unknown_error_is_final_when_nothing_follows() {
        let odd = || state("running", "setting up docker", "odd");
        assert_eq!(after(&[(0, odd()), (29, odd())], true), Booting);
        assert_eq!(after(&[(0, odd()), (30, odd())], true), Failed);
    }

    #[test]
    fn an_error_that_the_boot_went_past_is_not_final() {
        let docker = state("running", "setting up docker", "odd");
        let containers = || state("running", "starting containers", "odd");
        let states = [(0, docker), (10, containers()), (300, containers())];
        assert_eq!(after(&states, true), Booting);
    }

    #[test]
    fn a_gateway_error_never_becomes_final() {
        let state = || state("running", "setting up dstack-gateway", "gateway: refused");
        assert_eq!(after(&[(0, state()), (60, state())], true), Booting);
    }

    #[test]
    fn a_phase_stalls_at_three_times_its_usual_time() {
        for (word, seconds) in [
            ("requesting app keys", 60),
            ("starting containers", 25 * 60),
            ("warming the flux", 6 * 60),
        ] {
            let state = || state("running", word, "");
            let before = [(0, state()), (seconds - 1, state())];
            let at = [(0, state()), (seconds, state())];
            assert_eq!(
                (after(&before, true), after(&at, true)),
                (Booting, Stalled),
                "{word}"
            );
        }
    }

    #[test]
    fn a_stall_ends_with_the_next_phase() {
        let keys = || state("running", "requesting app keys", "");
        let disk = state("running", "initializing data disk", "");
        assert_eq!(
            after(&[(0, keys()), (90, keys()), (93, disk)], true),
            Booting
        );
    }
}
