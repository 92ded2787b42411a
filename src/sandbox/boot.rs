//! The life of an instance as a function of time: what it says at any moment, failures included.
//!
//! A healthy first boot takes about two and a half minutes. Nothing here changes state: a life is a course and the
//! moment it began.

mod mishap;
mod phases;

use std::sync::Arc;

pub(super) use self::mishap::{ENV_UNREADABLE, KEYS_REFUSED, Mishap, Seen};
use self::phases::{CONTAINERS, CREATING, DISK_READY, DONE, PRE_LAUNCH, PROVISIONING, Timetable};
use super::moment::Moment;

/// What an instance is doing, and since when.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) since: Moment,
    pub(super) course: Course,
}

#[derive(Clone, Debug)]
pub(super) enum Course {
    Boot {
        why: Why,
        has_script: bool,
        /// Absent if all goes well.
        mishap: Option<Arc<Mishap>>,
        /// From when on `status` says `running`: while booting (as the VM manager does), or when done.
        running_early: bool,
    },
    Stop {
        /// The guest is asked to end by itself, which takes longer than pulling the plug.
        gracefully: bool,
    },
}

/// What goes wrong in a life, from when on, and until when.
#[derive(Clone, Copy)]
pub(super) struct Fate<'a> {
    pub(super) mishap: &'a Mishap,
    pub(super) at: Moment,
    until: Moment,
}

impl Fate<'_> {
    pub(super) fn lasts_at(&self, moment: Moment) -> bool {
        (self.at..self.until).contains(&moment)
    }
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

    /// Images are pulled.
    pub(super) fn pulls(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }
}

/// What an instance says about itself at one moment.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct State {
    pub(super) status: &'static str,
    pub(super) progress: Option<&'static str>,
    pub(super) error: Option<String>,
    /// Why the machine could not be made, which is not reported as an error of a boot.
    failure: Option<String>,
    /// The gateway was not told of it.
    is_cut_off: bool,
    /// The guest has reported its instance id in this boot.
    pub(super) identified: bool,
    /// A cloud operation holds the instance.
    pub(super) in_progress: bool,
    /// How long the process is up, in seconds.
    pub(super) uptime: f64,
    pub(super) exited_at: Option<Moment>,
    /// Phases passed so far, each with the moment it began.
    pub(super) events: Vec<(Moment, &'static str, String)>,
}

impl State {
    pub(super) fn is_done(&self) -> bool {
        self.progress == Some(DONE)
    }

    /// Images are pulled and containers made.
    pub(super) fn is_starting_containers(&self) -> bool {
        self.progress == Some(CONTAINERS)
    }

    /// Docker runs, so statistics and containers can be read.
    pub(super) fn is_reachable(&self) -> bool {
        self.is_up() && matches!(self.progress, Some(PRE_LAUNCH | CONTAINERS | DONE))
    }

    /// The gateway has a route to it.
    pub(super) fn is_routed(&self) -> bool {
        self.is_reachable() && !self.is_cut_off
    }

    /// The boot ended with an error and nothing more will come of it.
    pub(super) fn is_broken(&self) -> bool {
        self.error.is_some() && !self.is_done() && !self.in_progress
    }

    /// The operation that began this life came to nothing.
    pub(super) fn has_failed(&self) -> bool {
        self.is_broken() || (matches!(self.status, "error" | "exited") && !self.is_done())
    }

    /// Why it failed, for an instance that did.
    pub(super) fn reason(&self) -> &str {
        let silent = match self.status {
            "exited" => "The guest powered off without a word",
            _ => "The node could not create the virtual machine",
        };
        let told = self.error.as_deref().or(self.failure.as_deref());
        told.unwrap_or(silent)
    }

    /// When an event of this name and body was reported, if it was.
    pub(super) fn when(&self, name: &str, body: &str) -> Option<Moment> {
        let mut events = self.events.iter();
        events
            .find(|event| event.1 == name && event.2 == body)
            .map(|event| event.0)
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
            mishap: None,
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
        let Course::Boot { .. } = self.course else {
            return state.exited_at;
        };
        let error = state.events.iter().find(|event| event.1 == "boot.error");
        state
            .when("boot.progress", DONE)
            .or(error.map(|event| event.0))
            .or(state.exited_at)
            .or_else(|| Some(self.switched_on()))
    }

    pub(super) fn state(&self, now: Moment) -> State {
        let (why, running_early) = match &self.course {
            Course::Stop { gracefully } => return self.ending(now, *gracefully),
            Course::Boot {
                why, running_early, ..
            } => (why, running_early),
        };
        let (word, _) = why.lead();
        let start = self.switched_on();
        if now < start {
            return State::new(word);
        }
        if let Some(mishap) = self.mishap().filter(|mishap| mishap.is_in(CREATING)) {
            return State {
                in_progress: false,
                failure: mishap.error.clone(),
                ..State::new("error")
            };
        }
        booting(
            start,
            now,
            &self.timetable(*why),
            self.mishap(),
            *running_early,
        )
    }

    /// What goes wrong in it if nothing ends it before.
    pub(super) fn fate(&self) -> Option<Fate<'_>> {
        let Course::Boot { why, .. } = &self.course else {
            return None;
        };
        let mishap = self.mishap()?;
        let is_unmade = mishap.is_in(CREATING);
        let (start, after) = match is_unmade {
            true if *why == Why::Create => (self.since, mishap.after),
            true => (self.since, why.lead().1),
            false => (self.switched_on(), self.timetable(*why).mishap),
        };
        let at = start.plus(after);
        let until = at.plus(mishap.clears_after.unwrap_or(f64::INFINITY));
        after.is_finite().then_some(Fate { mishap, at, until })
    }

    /// What has gone wrong in it and is not well again.
    pub(super) fn trouble(&self, now: Moment) -> Option<&Mishap> {
        let fate = self.fate()?;
        fate.lasts_at(now).then_some(fate.mishap)
    }

    /// From when until when images are pulled, if they are.
    pub(super) fn pulling(&self) -> Option<(Moment, Moment)> {
        let Course::Boot { why, .. } = &self.course else {
            return None;
        };
        let (from, to) = self.timetable(*why).pulling;
        let start = self.switched_on();
        (why.pulls() && from.is_finite()).then(|| (start.plus(from), start.plus(to)))
    }

    fn mishap(&self) -> Option<&Mishap> {
        match &self.course {
            Course::Boot { mishap, .. } => mishap.as_deref(),
            Course::Stop { .. } => None,
        }
    }

    fn timetable(&self, why: Why) -> Timetable {
        let has_script = matches!(
            self.course,
            Course::Boot {
                has_script: true,
                ..
            }
        );
        Timetable::of(why, has_script, self.mishap())
    }

    /// When the machine is there and begins to boot, or when it is clear that it never will.
    fn switched_on(&self) -> Moment {
        let Course::Boot { why, .. } = &self.course else {
            return self.since;
        };
        let lead = match self.mishap() {
            Some(mishap) if mishap.stalls_creation() => f64::INFINITY,
            Some(mishap) if mishap.is_in(CREATING) && *why == Why::Create => mishap.after,
            _ => why.lead().1,
        };
        self.since.plus(lead)
    }

    fn ending(&self, now: Moment, gracefully: bool) -> State {
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
    now: Moment,
    table: &Timetable,
    mishap: Option<&Mishap>,
    running_early: bool,
) -> State {
    let elapsed = now.since(start);
    // Nothing happens in a guest that is off.
    let reached = elapsed.min(table.exit);
    let mut state = State {
        uptime: elapsed,
        ..State::new(if running_early { "running" } else { "starting" })
    };
    let begun = table.phases.iter().filter(|(_, begins)| *begins <= reached);
    for &(phase, begins) in begun {
        let at = start.plus(begins);
        state.progress = Some(phase);
        state.events.push((at, "boot.progress", phase.to_owned()));
        if phase == DISK_READY {
            state.identified = true;
            state.events.push((at, "instance.info", phase.to_owned()));
        }
    }
    state.in_progress = !state.is_done();
    if let Some(mishap) = mishap.filter(|_| table.mishap <= reached) {
        let lasts = elapsed < table.cleared;
        state.is_cut_off = lasts && mishap.closes_the_gateway();
        state.error = mishap.error.clone().filter(|_| lasts);
        if let Some(error) = &mishap.error {
            let at = start.plus(table.mishap);
            state.events.push((at, "boot.error", error.clone()));
            state.events.sort_by_key(|event| event.0);
            state.in_progress &= !mishap.ends_the_boot();
        }
    }
    if state.is_done() {
        state.status = "running";
    }
    if elapsed >= table.exit {
        return State {
            status: "exited",
            exited_at: Some(start.plus(table.exit)),
            uptime: 0.0,
            in_progress: false,
            ..state
        };
    }
    state
}

impl State {
    fn new(status: &'static str) -> Self {
        Self {
            status,
            progress: None,
            error: None,
            failure: None,
            is_cut_off: false,
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
    use crate::sandbox::Scenario;

    /// The first boot, which meets this mishap of `base.toml`; `healthy` is none of them.
    fn life(mishap: &str, running_early: bool) -> Life {
        let base = Scenario::named("on-chain").unwrap();
        let course = Course::Boot {
            why: Why::Create,
            has_script: true,
            mishap: base.mishap_called(mishap),
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
            mishap: None,
            running_early: false,
        };
        Life {
            since: Moment::from_unix(0),
            course,
        }
    }

    fn at(life: &Life, seconds: f64) -> State {
        life.state(Moment::from_unix(0).plus(seconds))
    }

    /// Status and phase words in the order a watcher meets them.
    fn words(life: &Life) -> Vec<String> {
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
            words(&life("healthy", false)),
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
        let boot = life("healthy", false);
        assert!(!at(&boot, 3.0 + 12.0 + 6.0 + 7.9).identified);
        assert!(at(&boot, 3.0 + 12.0 + 6.0 + 8.0).identified);
        assert!(at(&boot, 200.0).identified);
    }

    #[test]
    fn the_operation_ends_when_the_boot_does() {
        let boot = life("healthy", false);
        assert!(at(&boot, 140.0).in_progress);
        assert!(!at(&boot, 145.0).in_progress);
    }

    #[test]
    fn running_may_be_said_long_before_done() {
        let state = at(&life("healthy", true), 5.0);
        assert_eq!((state.status, state.progress), ("running", Some("booting")));
    }

    #[test]
    fn refused_keys_end_in_exited_with_the_reason_kept() {
        let boot = life("keys-refused", true);
        assert_eq!(at(&boot, 18.9).error, None);
        let failed = at(&boot, 19.0);
        assert_eq!(
            (failed.status, failed.progress),
            ("running", Some("requesting app keys"))
        );
        assert!(failed.error.is_some() && !failed.identified);
        let gone = at(&boot, 39.0);
        assert_eq!((gone.status, gone.error), ("exited", failed.error));
    }

    #[test]
    fn failed_containers_stay_failed_and_never_done() {
        let late = at(&life("containers-fail", true), 10_000.0);
        assert_eq!(late.progress, Some(CONTAINERS));
        assert_eq!(late.error.as_deref(), Some("failed to start containers"));
        assert!(!late.in_progress);
    }

    #[test]
    fn a_degraded_gateway_is_done_with_an_error() {
        let state = at(&life("gateway-degraded", false), 200.0);
        assert_eq!(
            (state.status, state.progress, state.error.is_some()),
            ("running", Some("done"), true)
        );
        assert!(state.is_reachable() && !state.is_routed());
    }

    #[test]
    fn a_stalled_boot_says_nothing_at_all() {
        let state = at(&life("stalls", false), 10_000.0);
        assert_eq!((state.progress, state.error), (Some(CONTAINERS), None));
    }

    #[test]
    fn a_failed_creation_is_an_error_without_progress() {
        let state = at(&life("creation-fails", false), 4.0);
        assert_eq!(
            (state.status, state.progress, state.in_progress),
            ("error", None, false)
        );
    }

    #[test]
    fn a_second_boot_mounts_the_disk_and_is_short() {
        let again = words(&boot_for(Why::Start));
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
            let early = at(&life, 5.9);
            assert_eq!(
                (early.status, early.shutdown_progress(), early.in_progress),
                (word, Some("powering off"), true)
            );
            assert_eq!(at(&life, 6.0).progress, Some("booting"));
        }
    }

    #[test]
    fn a_stop_takes_its_time_and_a_gentle_one_longer() {
        let start = Moment::from_unix(0);
        let hard = Life::stopping(start, false);
        assert_eq!(at(&hard, 1.0).status, "stopping");
        assert_eq!(at(&hard, 2.0).status, "stopped");
        let gentle = Life::stopping(start, true);
        assert_eq!(at(&gentle, 5.9).status, "shutting down");
        assert_eq!(at(&gentle, 6.0).status, "stopped");
    }

    #[test]
    fn an_operation_ends_when_its_last_word_is_said() {
        let start = Moment::from_unix(0);
        let healthy = life("healthy", false);
        assert_eq!(healthy.ends(start.plus(100.0)), None);
        assert_eq!(
            healthy.ends(start.plus(9999.0)),
            Some(start.plus(3.0 + 142.0))
        );
        let failing = life("creation-fails", false);
        assert_eq!(failing.ends(start.plus(50.0)), Some(start.plus(3.0)));
        let refused = life("keys-refused", false);
        assert_eq!(refused.ends(start.plus(50.0)), Some(start.plus(19.0)));
        assert!(at(&refused, 50.0).is_broken() && !at(&healthy, 200.0).is_broken());
    }
}
