//! The life of an instance as a function of time: what it says at any moment, failures included.
//!
//! A healthy first boot takes about two and a half minutes. Nothing here changes state: a life is a course and the
//! moment it began.

mod phases;

use serde::Deserialize;

use self::phases::{CONTAINERS, DISK_READY, Mishap, NO_ROUTE, PROVISIONING, mishap, phases};
use super::moment::Moment;

/// How a boot goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Story {
    /// Through every phase to `done`.
    #[default]
    Healthy,
    /// The virtual machine is never made: status `error`.
    CreationFails,
    /// The KMS gives no keys because the contract says no; the guest powers off.
    KeysRefused,
    /// The environment does not open in the guest; it powers off.
    EnvUnreadable,
    /// A container does not start; the machine stays up.
    ContainersFail,
    /// The gateway gives no route; everything else works.
    GatewayDegraded,
    /// The image pull never ends and nothing is said about it.
    Stalls,
}

/// What an instance is doing, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) since: Moment,
    pub(super) course: Course,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Course {
    Boot {
        why: Why,
        has_script: bool,
        story: Story,
        /// From when on `status` says `running`: while booting (as the VM manager does), or when done.
        running_early: bool,
    },
    Stop {
        /// The guest is asked to end by itself, which takes longer than pulling the plug.
        gracefully: bool,
    },
}

/// What a boot is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// Makes the machine and its disk; later boots only mount it.
    Create,
    Start,
    Restart {
        gracefully: bool,
    },
    /// Restarts with another document, whose images are pulled again.
    Update,
}

impl Why {
    /// What happens before the machine is switched on: the status word and its length in seconds.
    fn lead(self) -> (&'static str, f64) {
        match self {
            Self::Create => ("provisioning", PROVISIONING),
            Self::Start => ("starting", 0.0),
            Self::Restart { gracefully } => ("restarting", stop_length(gracefully)),
            Self::Update => ("updating", stop_length(true)),
        }
    }
}

/// What an instance says about itself at one moment.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct State {
    pub(super) status: &'static str,
    pub(super) progress: Option<&'static str>,
    pub(super) error: Option<&'static str>,
    /// The guest has reported its instance id in this boot.
    pub(super) identified: bool,
    /// A cloud operation holds the instance.
    pub(super) in_progress: bool,
    /// How long the process is up, in seconds.
    pub(super) uptime: f64,
    pub(super) exited_at: Option<Moment>,
    /// Phases passed so far, each with the moment it began.
    pub(super) events: Vec<(Moment, &'static str, &'static str)>,
}

impl State {
    pub(super) fn is_done(&self) -> bool {
        self.progress == Some("done")
    }

    /// Docker runs, so statistics and containers can be read.
    pub(super) fn is_reachable(&self) -> bool {
        self.is_up()
            && matches!(
                self.progress,
                Some("pre-launch" | "starting containers" | "done")
            )
    }

    /// The gateway has a route to it.
    pub(super) fn is_routed(&self) -> bool {
        self.is_reachable() && self.error != Some(NO_ROUTE)
    }

    /// The boot ended with an error and nothing more will come of it.
    pub(super) fn is_broken(&self) -> bool {
        self.error.is_some() && !self.is_done() && !self.in_progress
    }

    /// Why it failed, for an instance that did.
    pub(super) fn reason(&self) -> &'static str {
        self.error
            .unwrap_or("The node could not create the virtual machine")
    }

    pub(super) fn shutdown_progress(&self) -> Option<&'static str> {
        matches!(
            self.status,
            "stopping" | "shutting down" | "restarting" | "updating"
        )
        .then_some("powering off")
    }

    fn is_up(&self) -> bool {
        matches!(self.status, "starting" | "running")
    }
}

/// Seconds from the order to stop until the process is gone.
fn stop_length(gracefully: bool) -> f64 {
    if gracefully { 6.0 } else { 2.0 }
}

impl Life {
    /// One that ends now.
    pub(super) fn stopping(since: Moment, gracefully: bool) -> Self {
        let course = Course::Stop { gracefully };
        Self { since, course }
    }

    /// One that finished booting long ago.
    pub(super) fn settled(since: Moment) -> Self {
        let course = Course::Boot {
            why: Why::Create,
            has_script: true,
            story: Story::Healthy,
            running_early: false,
        };
        Self { since, course }
    }

    pub(super) fn is_boot(&self) -> bool {
        matches!(self.course, Course::Boot { .. })
    }

    /// The status word this life is on its way to.
    pub(super) fn target(&self) -> &'static str {
        if self.is_boot() { "running" } else { "stopped" }
    }

    /// When its operation was over, if that was before `until`.
    pub(super) fn ends(&self, until: Moment) -> Option<Moment> {
        let state = self.state(until);
        if state.in_progress {
            return None;
        }
        let last_word = state.events.last().map(|(at, _, _)| *at);
        Some(match self.course {
            Course::Stop { gracefully } => self.since.plus(stop_length(gracefully)),
            Course::Boot { why, .. } => last_word.unwrap_or_else(|| self.since.plus(why.lead().1)),
        })
    }

    pub(super) fn state(&self, now: Moment) -> State {
        match self.course {
            Course::Stop { gracefully } => self.ending(now, gracefully),
            Course::Boot {
                why,
                has_script,
                story,
                running_early,
            } => {
                let (word, lead) = why.lead();
                let elapsed = now.since(self.since) - lead;
                if elapsed < 0.0 {
                    return State::new(word);
                }
                if story == Story::CreationFails {
                    return State {
                        in_progress: false,
                        ..State::new("error")
                    };
                }
                let start = self.since.plus(lead);
                booting(
                    start,
                    elapsed,
                    &phases(why, has_script),
                    story,
                    running_early,
                )
            }
        }
    }

    fn ending(self, now: Moment, gracefully: bool) -> State {
        let length = stop_length(gracefully);
        let stopped = now.since(self.since) >= length;
        let word = match stopped {
            true => "stopped",
            false if gracefully => "shutting down",
            false => "stopping",
        };
        State {
            in_progress: !stopped,
            exited_at: stopped.then(|| self.since.plus(length)),
            ..State::new(word)
        }
    }
}

fn booting(
    start: Moment,
    elapsed: f64,
    phases: &[(&'static str, f64)],
    story: Story,
    running_early: bool,
) -> State {
    let mishap = mishap(story);
    let mut state = State {
        uptime: elapsed,
        ..State::new(if running_early { "running" } else { "starting" })
    };
    let mut begins = 0.0;
    for &(phase, length) in phases {
        state.progress = Some(phase);
        state.identified |= phase == DISK_READY;
        state
            .events
            .push((start.plus(begins), "boot.progress", phase));
        if phase == DISK_READY {
            state
                .events
                .push((start.plus(begins), "instance.info", phase));
        }
        let mut fatal = false;
        if let Some(Mishap {
            phase: fails_in,
            after,
            error,
            exits_after,
        }) = &mishap
            && *fails_in == phase
            && elapsed >= begins + after
        {
            let failed = begins + after;
            state.error = Some(error);
            state.events.push((start.plus(failed), "boot.error", error));
            fatal = story != Story::GatewayDegraded;
            state.in_progress = !fatal;
            if elapsed >= failed + exits_after {
                let exit = start.plus(failed + exits_after);
                return State {
                    status: "exited",
                    exited_at: Some(exit),
                    uptime: 0.0,
                    ..state
                };
            }
        }
        let endless = story == Story::Stalls && phase == CONTAINERS;
        begins += length;
        if fatal || endless || elapsed < begins {
            return state;
        }
    }
    state
        .events
        .push((start.plus(begins), "boot.progress", "done"));
    State {
        status: "running",
        progress: Some("done"),
        in_progress: false,
        ..state
    }
}

impl State {
    fn new(status: &'static str) -> Self {
        Self {
            status,
            progress: None,
            error: None,
            identified: false,
            in_progress: true,
            uptime: 0.0,
            exited_at: None,
            events: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(story: Story, running_early: bool) -> Life {
        let course = Course::Boot {
            why: Why::Create,
            has_script: true,
            story,
            running_early,
        };
        Life {
            since: Moment::from_unix(0),
            course,
        }
    }

    fn boot_for(why: Why) -> Life {
        let course = Course::Boot {
            why,
            has_script: false,
            story: Story::Healthy,
            running_early: false,
        };
        Life {
            since: Moment::from_unix(0),
            course,
        }
    }

    fn at(life: Life, seconds: f64) -> State {
        life.state(Moment::from_unix(0).plus(seconds))
    }

    /// Status and phase words in the order a watcher meets them.
    fn words(life: Life) -> Vec<String> {
        let mut words: Vec<String> = (0..2400)
            .map(|tenth| at(life, f64::from(tenth) / 10.0))
            .map(|state| format!("{} {}", state.status, state.progress.unwrap_or("-")))
            .collect();
        words.dedup();
        words
    }

    #[test]
    fn a_healthy_boot_walks_through_every_phase() {
        assert_eq!(
            words(life(Story::Healthy, false)),
            [
                "provisioning -",
                "starting booting",
                "starting requesting app keys",
                "starting initializing data disk",
                "starting data disk ready",
                "starting setting up dstack-gateway",
                "starting setting up docker",
                "starting pre-launch",
                "starting starting containers",
                "running done",
            ]
        );
    }

    #[test]
    fn the_instance_is_identified_from_data_disk_ready_on() {
        let boot = life(Story::Healthy, false);
        assert!(!at(boot, 3.0 + 12.0 + 6.0 + 7.9).identified);
        assert!(at(boot, 3.0 + 12.0 + 6.0 + 8.0).identified);
        assert!(at(boot, 200.0).identified);
    }

    #[test]
    fn the_operation_ends_when_the_boot_does() {
        let boot = life(Story::Healthy, false);
        assert!(at(boot, 140.0).in_progress);
        assert!(!at(boot, 145.0).in_progress);
    }

    #[test]
    fn running_may_be_said_long_before_done() {
        let state = at(life(Story::Healthy, true), 5.0);
        assert_eq!((state.status, state.progress), ("running", Some("booting")));
    }

    #[test]
    fn refused_keys_end_in_exited_with_the_reason_kept() {
        let boot = life(Story::KeysRefused, true);
        assert_eq!(at(boot, 18.9).error, None);
        let failed = at(boot, 19.0);
        assert_eq!(
            (failed.status, failed.progress),
            ("running", Some("requesting app keys"))
        );
        assert!(failed.error.is_some() && !failed.identified);
        let gone = at(boot, 39.0);
        assert_eq!((gone.status, gone.error), ("exited", failed.error));
    }

    #[test]
    fn failed_containers_stay_failed_and_never_done() {
        let late = at(life(Story::ContainersFail, true), 10_000.0);
        assert_eq!(late.progress, Some(CONTAINERS));
        assert_eq!(late.error, Some("failed to start containers"));
        assert!(!late.in_progress);
    }

    #[test]
    fn a_degraded_gateway_is_done_with_an_error() {
        let state = at(life(Story::GatewayDegraded, false), 200.0);
        assert_eq!(
            (state.status, state.progress, state.error),
            ("running", Some("done"), Some(NO_ROUTE))
        );
        assert!(state.is_reachable() && !state.is_routed());
    }

    #[test]
    fn a_stalled_boot_says_nothing_at_all() {
        let state = at(life(Story::Stalls, false), 10_000.0);
        assert_eq!((state.progress, state.error), (Some(CONTAINERS), None));
    }

    #[test]
    fn a_failed_creation_is_an_error_without_progress() {
        let state = at(life(Story::CreationFails, false), 4.0);
        assert_eq!(
            (state.status, state.progress, state.in_progress),
            ("error", None, false)
        );
    }

    #[test]
    fn a_second_boot_mounts_the_disk_and_is_short() {
        let again = words(boot_for(Why::Start));
        assert_eq!(again[2], "starting mounting data disk");
        assert!(!again.iter().any(|word| word.contains("pre-launch")));
    }

    #[test]
    fn a_restart_and_an_update_first_power_off() {
        for (why, word) in [
            (Why::Restart { gracefully: true }, "restarting"),
            (Why::Update, "updating"),
        ] {
            let life = boot_for(why);
            let early = at(life, 5.9);
            assert_eq!(
                (early.status, early.shutdown_progress(), early.in_progress),
                (word, Some("powering off"), true)
            );
            assert_eq!(at(life, 6.0).progress, Some("booting"));
        }
    }

    #[test]
    fn a_stop_takes_its_time_and_a_gentle_one_longer() {
        let start = Moment::from_unix(0);
        let hard = Life::stopping(start, false);
        assert_eq!(at(hard, 1.0).status, "stopping");
        assert_eq!(at(hard, 2.0).status, "stopped");
        let gentle = Life::stopping(start, true);
        assert_eq!(at(gentle, 5.9).status, "shutting down");
        assert_eq!(at(gentle, 6.0).status, "stopped");
    }

    #[test]
    fn an_operation_ends_when_its_last_word_is_said() {
        let start = Moment::from_unix(0);
        let healthy = life(Story::Healthy, false);
        assert_eq!(healthy.ends(start.plus(100.0)), None);
        assert_eq!(
            healthy.ends(start.plus(9999.0)),
            Some(start.plus(3.0 + 142.0))
        );
        let failing = life(Story::CreationFails, false);
        assert_eq!(failing.ends(start.plus(50.0)), Some(start.plus(3.0)));
        let refused = life(Story::KeysRefused, false);
        assert_eq!(refused.ends(start.plus(50.0)), Some(start.plus(19.0)));
        assert!(at(refused, 50.0).is_broken() && !at(healthy, 200.0).is_broken());
    }
}
