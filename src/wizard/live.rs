//! The instance boots, runs, or fails: the watch over one instance, from its birth or from wherever it was found.
//!
//! ```text
//! created, or found ──uuid?──▶ feed (stream, else looks) ──State──▶ timeline ──▶ verdict ──▶ status, alert, exit code
//!                               │ beside it, each on its own: containers, logs, network, stats, evidence, siblings
//!                               └─ not well ──▶ cause (what was read of all of them) ──▶ remedies, one key each
//! ```
//!
//! Only the feed makes the verdict; whatever else is lost changes a note. Leaving never stops the instance.

pub mod about;
mod care;
mod cause;
mod containers;
mod feed;
pub mod finding;
mod gauges;
mod hear;
mod logs;
mod pages;
mod panes;
mod phase;
mod poll;
mod progress;
mod proof;
mod reach;
mod receipt;
mod remedy;
mod report;
mod rollout;
mod runs;
mod several;
mod side;
mod tend;
mod timeline;
mod verdict;

use about::{About, Origin};
use care::Care;
use cause::Cause;
use containers::Containers;
use feed::Feed;
use gauges::Gauges;
use logs::Logs;
pub use panes::Pane;
use proof::{Proof, Wanted};
use reach::Reach;
use rollout::Rollout;
use timeline::Timeline;
pub use verdict::Verdict;

use super::boots::Usual;
use super::facts::Session;
use super::form::Step;
use super::launch::brief::{Birth, Brief, Known};
use crate::api::types::{ComposeHash, Created, CvmUuid, Found, Instance, State};
use crate::shown::Shown;
use crate::wizard::event::{Answer, Noted, Request};
use crate::wizard::screen::{Input, Outcome, Wish};

/// A wait of more than this many seconds ends with the alert.
const LONG_WAIT: u64 = 10;
/// For this many seconds after a restart the service may still tell of the boot before.
const OLD_NEWS: u64 = 30;
/// For this many seconds after its birth the service may not know an instance yet.
const NEWBORN: u64 = 30;

/// The watch over one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    about: About,
    created: Created,
    compose_hash: Option<ComposeHash>,
    /// Instances of the app that are not this one.
    before: Vec<CvmUuid>,
    /// The instance as the app's list has it, where it had to be found there.
    listed: Option<Box<Instance>>,
    since: u64,
    /// Whether it was watched from its birth on, so that its boot can be measured.
    from_birth: bool,
    pane: Pane,
    feed: Feed,
    timeline: Timeline,
    usual: Usual,
    state: Option<State>,
    /// Once known it stays known, even where a later state leaves it out.
    instance_id: Option<Shown>,
    verdict: Verdict,
    verdict_since: u64,
    /// Whether it was up once: then a failure is not one of the boot.
    has_run: bool,
    /// When the service took a restart whose beginning was not seen yet, and what was so before.
    restarted: Option<(u64, State)>,
    reach: Reach,
    containers: Containers,
    logs: Logs,
    gauges: Gauges,
    rollout: Rollout,
    proof: Proof,
    cause: Cause,
    care: Care,
    /// The instance that was watched before this one.
    before_it: Option<Box<Self>>,
    /// Why something could not be written down.
    unkept: Option<Shown>,
    /// The plan, where it is for several nodes.
    several: Option<Box<Brief>>,
}

/// A line of a log, for a face without pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// The log.
    pub log: String,
    /// Its number in it.
    pub number: u64,
    /// The node's time stamp.
    pub at: Option<Shown>,
    /// The line, values masked.
    pub text: Shown,
}

/// How the watch over an instance ends, where the person stays.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// Back to this question of the form, every answer kept.
    Change(Step),
    /// Another instance of the app is to be watched, and this one may be come back to.
    Other(Box<Instance>, Box<Live>),
    /// Back to the instance that was watched before.
    Back(Box<Live>),
    /// It is written down: on to the next of several nodes.
    Onward(Box<Brief>),
    /// To the instance that was made on another of the nodes.
    Made(Box<Brief>, Box<Birth>),
}

/// What a person wants beside the watch.
#[derive(Debug, Clone, PartialEq)]
enum Away {
    Change(Step),
    Other(Box<Instance>),
    Back,
    Onward,
    Switch,
}

impl Live {
    /// Begins to watch what was made.
    pub fn start(brief: &Brief, birth: Birth, now: u64) -> (Self, Vec<Wish>) {
        let Birth {
            created,
            compose_hash,
            device,
            before,
            known: how,
        } = birth;
        let wanted = Wanted::of(brief, compose_hash, device);
        let (mut live, mut wishes) = Self::over(About::brief(brief), created, wanted, now);
        live.compose_hash = compose_hash;
        live.before = before;
        live.from_birth = how == Known::Answered;
        live.several = brief.several.is_some().then(|| Box::new(brief.clone()));
        let created = Box::new(live.created.clone());
        let noted = match how {
            Known::Recorded => return (live, wishes),
            Known::Answered => Noted::Answered(created),
            Known::Found | Known::Chosen => Noted::Adopted {
                created,
                chosen: how == Known::Chosen,
            },
        };
        wishes.push(Wish::Ask(Request::Note(noted)));
        (live, wishes)
    }

    /// Begins to watch what was found.
    ///
    /// `log`: the one that is read beside it, for a face without pages.
    pub fn watch(
        found: &Found,
        session: &Session,
        log: Option<&str>,
        now: u64,
    ) -> (Self, Vec<Wish>) {
        let instance = &found.instance;
        let created = Created {
            uuid: instance.uuid.clone(),
            name: instance.name.clone(),
            status: instance.status.clone(),
            app: found.app,
            node: instance.node.clone(),
            instance_id: instance.instance_id.clone(),
        };
        let wanted = Wanted::told(found, session);
        let (mut live, mut wishes) = Self::over(About::found(found, session), created, wanted, now);
        live.compose_hash = instance.compose_hash;
        live.listed = Some(Box::new(found.instance.clone()));
        // What somebody stopped has run before.
        live.has_run =
            found.state.status.as_str() == "stopped" && phase::error(&found.state).is_none();
        if let Some(name) = log {
            live.logs.open(name);
            live.pane = Pane::Logs;
        }
        wishes.extend(live.hear(found.state.clone(), now));
        (live, wishes)
    }

    fn over(about: About, created: Created, wanted: Wanted, now: u64) -> (Self, Vec<Wish>) {
        let (feed, mut wishes) = Feed::start(about.app, created.uuid.clone(), now);
        wishes.extend(about.app.map(|app| Wish::Ask(Request::PastBoots(app))));
        let mut timeline = Timeline::default();
        timeline.take(
            &State {
                status: created.status.clone(),
                ..State::default()
            },
            now,
        );
        let mut live = Self {
            logs: Logs::new(about.mask.clone()),
            about,
            instance_id: None,
            created,
            compose_hash: None,
            before: Vec::new(),
            listed: None,
            since: now,
            from_birth: false,
            pane: Pane::default(),
            feed,
            timeline,
            usual: Usual::default(),
            state: None,
            verdict: Verdict::Booting,
            verdict_since: now,
            has_run: false,
            restarted: None,
            reach: Reach::default(),
            containers: Containers::default(),
            gauges: Gauges::default(),
            rollout: Rollout::default(),
            proof: Proof::new(wanted),
            cause: Cause::default(),
            care: Care::default(),
            before_it: None,
            unkept: None,
            several: None,
        };
        let told = live.created.instance_id.clone();
        live.identify(told.as_ref());
        (live, wishes)
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64) -> Outcome<Self, Ended> {
        let reacted = match input {
            // Its record comes before the next of several nodes is begun.
            Input::Answer(Answer::Noted(Ok(()))) if self.goes_onward() => Err(Away::Onward),
            Input::Answer(answer) => Ok(self.answer(answer, now)),
            Input::Tick => Ok(self.tend(now)),
            input => self.on_pane(input, now),
        };
        match reacted {
            Ok(wishes) => Outcome::Stay(self, wishes),
            Err(Away::Change(step)) => Outcome::Done(Ended::Change(step)),
            Err(Away::Onward) => match self.several.take() {
                Some(mut brief) => {
                    brief.before.extend(self.feed.uuid().cloned());
                    Outcome::Done(Ended::Onward(brief))
                }
                None => Outcome::stay(self),
            },
            Err(Away::Switch) => self.switch(Brief::turn_to_made),
            Err(Away::Other(instance)) if self.is_ours(&instance) => {
                self.switch(|brief| brief.turn_to_uuid(instance.uuid.as_ref()?))
            }
            Err(Away::Other(instance)) => Outcome::Done(match self.before_it.take() {
                // The first one is the one to come back to.
                Some(first) if first.feed.uuid() == instance.uuid.as_ref() => Ended::Back(first),
                Some(first) => Ended::Other(instance, first),
                None => Ended::Other(instance, Box::new(self)),
            }),
            Err(Away::Back) => match self.before_it.take() {
                Some(first) => Outcome::Done(Ended::Back(first)),
                None => Outcome::stay(self),
            },
        }
    }

    /// The same with an instance to come back to.
    #[must_use]
    pub fn after(mut self, first: Option<Box<Self>>) -> Self {
        self.before_it = first;
        self
    }

    /// Goes on after something else was on screen: what was asked then is not waited for any more.
    pub fn wake(mut self, now: u64) -> (Self, Vec<Wish>) {
        let mut wishes = self.feed.wake(now);
        for poll in [
            &mut self.containers.poll,
            &mut self.reach.poll,
            &mut self.gauges.poll,
            &mut self.cause.operations,
        ] {
            poll.wake();
        }
        self.rollout.wake();
        self.logs.wake();
        self.care = Care::None;
        self.pane = Pane::Status;
        if self.proof.wake() && self.verdict.is_up() {
            wishes.extend(self.ask_for_proof());
        }
        wishes.extend(self.ask_beside(now));
        (self, wishes)
    }

    /// Whether the clock on screen runs.
    pub fn moves(&self) -> bool {
        self.verdict != Verdict::Deleted || self.care.is_doing()
    }

    /// The lines of the log that is looked at, after this number.
    pub fn log_after(&self, number: u64) -> Vec<LogRow> {
        let tape = self.logs.selected();
        let first = number.max(tape.book.dropped());
        (first + 1..=tape.book.last())
            .filter_map(|number| Some((number, tape.book.line(number)?)))
            .map(|(number, line)| LogRow {
                log: tape.source.word().to_owned(),
                number,
                at: line.at.clone(),
                text: line.text.clone(),
            })
            .collect()
    }

    /// What is on screen, in a few words: for the title of the window.
    pub fn title(&self) -> String {
        format!("{}: {}", self.name(), self.verdict.word())
    }

    /// Whether it was made in this deployment; else somebody only watches it.
    pub fn is_made(&self) -> bool {
        self.about.origin != Origin::Watched
    }

    /// An id that is known stays known.
    fn identify(&mut self, id: Option<&Shown>) {
        if let Some(id) = known(id) {
            self.proof.identify(&id);
            self.instance_id = Some(id);
        }
    }

    /// The address a browser can open.
    fn address(&self) -> Option<String> {
        self.reach.addresses().next().map(ToString::to_string)
    }
}

/// An id, where there is one.
fn known(id: Option<&Shown>) -> Option<Shown> {
    id.filter(|id| !id.is_empty()).cloned()
}

#[cfg(test)]
mod tests;
