//! The instance boots, runs, or fails: the watch over one instance, from its birth until it is proven up.
//!
//! ```text
//! created ──uuid?──▶ feed (stream, else looks) ──State──▶ timeline ──▶ verdict ──▶ page, bell, exit code
//!                                                                        └─ up ──▶ proof ──────▲
//! ```
//!
//! Leaving this stage never stops the instance, so it offers no way back: only leaving.

pub mod about;
mod feed;
mod pages;
mod phase;
mod proof;
mod receipt;
mod report;
mod timeline;
mod verdict;

use std::convert::Infallible;

use about::About;
use feed::Feed;
use proof::{Proof, Wanted};
use timeline::Timeline;
pub use verdict::Verdict;

use super::launch::brief::{Birth, Brief, Known};
use crate::api::error::Error;
use crate::api::types::{ComposeHash, Composition, Created, CvmUuid, Instance, Network, State};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::event::{self, Answer, Noted, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::screen::{Input, Outcome, Wish};

/// A wait of more than this many seconds ends with the bell.
const LONG_WAIT: u64 = 10;
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
    feed: Feed,
    timeline: Timeline,
    state: Option<State>,
    /// Once known it stays known, even where a later state leaves it out.
    instance_id: Option<Shown>,
    verdict: Verdict,
    verdict_since: u64,
    /// Whether it was up once: then a failure is not one of the boot.
    has_run: bool,
    network: Option<Result<Network, Error>>,
    containers: Option<Result<Composition, Error>>,
    proof: Proof,
    /// Why something could not be written down.
    unkept: Option<Shown>,
}

impl Live {
    /// Begins to watch.
    pub fn start(brief: &Brief, birth: Birth, now: u64) -> (Self, Vec<Wish>) {
        let Birth {
            created,
            compose_hash,
            device,
            before,
            known: how,
        } = birth;
        let proof = Proof::new(Wanted::of(brief, compose_hash, device));
        let (feed, mut wishes) = Feed::start(Some(brief.plan.app), created.uuid.clone(), now);
        let mut timeline = Timeline::default();
        timeline.take(
            &State {
                status: created.status.clone(),
                ..State::default()
            },
            now,
        );
        let mut live = Self {
            about: About::brief(brief),
            instance_id: None,
            created,
            compose_hash,
            before,
            listed: None,
            since: now,
            feed,
            timeline,
            state: None,
            verdict: Verdict::Booting,
            verdict_since: now,
            has_run: false,
            network: None,
            containers: None,
            proof,
            unkept: None,
        };
        let told = live.created.instance_id.clone();
        live.identify(told.as_ref());
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

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64) -> Outcome<Self, Infallible> {
        let wishes = match input {
            Input::Answer(answer) => self.answer(answer, now),
            Input::Tick => {
                let mut wishes = self.feed.tick(self.verdict, now);
                wishes.extend(self.proof.tick(self.feed.uuid(), now));
                wishes
            }
            Input::Command(Command::Prove) => self.proof.ask_lists(),
            Input::Command(Command::Difference) => {
                self.proof.show_details(!self.proof.shows_details());
                Vec::new()
            }
            Input::Command(Command::Back) => {
                self.proof.show_details(false);
                Vec::new()
            }
            Input::Command(Command::Refresh) => self.refresh(now),
            Input::Command(Command::Copy) => self.copy(0),
            Input::Command(Command::Choose(number)) => {
                self.copy(usize::from(number).saturating_sub(1))
            }
            Input::Command(Command::Open) => self.address().map(Wish::Open).into_iter().collect(),
            _ => Vec::new(),
        };
        Outcome::Stay(self, wishes)
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        if self.proof.shows_details() {
            return Offer::default()
                .with(Command::Back, "back")
                .with(Command::Difference, "")
                .with_if(
                    self.proof.can_ask_lists(),
                    Command::Prove,
                    "check the hardware",
                );
        }
        let copies = self.copies();
        let offer = Offer::default()
            .with_if(self.address().is_some(), Command::Open, "open the address")
            .with_if(
                self.proof.has_details(),
                Command::Difference,
                "what is proven",
            )
            .with_if(
                self.proof.can_ask_lists(),
                Command::Prove,
                "check the hardware",
            );
        let offer = if self.feed.is_looking() {
            offer.blocked(Command::Refresh, "look now", "a look is under way")
        } else {
            offer.with(Command::Refresh, "look now")
        };
        let offer = match copies.first() {
            Some(copy) => offer.with(Command::Copy, copy.label),
            None => offer,
        };
        // With a choice of one, `y` is enough.
        offer.with_choices(if copies.len() > 1 { copies.len() } else { 0 }, "copy")
    }

    /// Whether the clock on screen runs. What is proven to run needs no more looks.
    pub fn moves(&self) -> bool {
        self.verdict != Verdict::Running || self.proof.moves()
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        event::Exit {
            outcome: match self.verdict {
                Verdict::Running if self.proof.alarms().next().is_none() => event::Outcome::Running,
                _ => event::Outcome::Unhealthy,
            },
            receipt: self.receipt(),
        }
    }

    /// What leaving now means.
    pub fn leaving(&self) -> &'static str {
        match self.verdict {
            Verdict::Booting | Verdict::Stalled => {
                "The boot goes on without this window; phala-wizard resume watches it again."
            }
            Verdict::Running => "It runs on. The receipt is printed.",
            Verdict::Degraded => {
                "It runs on, and so does the guest's try to register. The commands to look are printed."
            }
            Verdict::Failed => {
                "It stays as it is, and is billed while it exists. The commands to look and to delete are printed."
            }
            Verdict::Gone => "The service does not know the instance any more.",
        }
    }

    fn answer(&mut self, answer: Answer, now: u64) -> Vec<Wish> {
        match answer {
            Answer::Streamed(state) => {
                self.feed.streamed(now);
                self.hear(state, now)
            }
            Answer::StreamEnded(_) => self.feed.stream_ended(self.verdict, now),
            Answer::State(Ok(state)) => {
                self.feed.looked(None, now);
                self.hear(state, now)
            }
            Answer::State(Err(error)) => {
                let known_before =
                    self.state.is_some() || now.saturating_sub(self.since) >= NEWBORN;
                let gone = error.status() == Some(404) && known_before;
                self.feed.looked(Some(error), now);
                if gone {
                    self.reach(Verdict::Gone, now)
                } else {
                    Vec::new()
                }
            }
            Answer::Instances(Ok(instances)) => {
                self.feed.looked(None, now);
                match feed::ours(&instances, &self.before, &self.created) {
                    Some(instance) => self.adopt(instance.clone()),
                    None => Vec::new(),
                }
            }
            Answer::Instances(Err(error)) => {
                self.feed.looked(Some(error), now);
                Vec::new()
            }
            Answer::Network(reply) => {
                self.network = Some(reply);
                Vec::new()
            }
            Answer::Composition(reply) => {
                self.containers = Some(reply);
                Vec::new()
            }
            Answer::Noted(kept) => {
                self.unkept = kept.err().or(self.unkept.take());
                Vec::new()
            }
            answer => self.proof.answer(answer, now),
        }
    }

    /// Takes over the instance that was found in the app's list.
    fn adopt(&mut self, instance: Instance) -> Vec<Wish> {
        let wishes = match instance.uuid.clone() {
            Some(uuid) => self.feed.found(uuid),
            None => Vec::new(),
        };
        self.identify(instance.instance_id.as_ref());
        self.listed = Some(Box::new(instance));
        wishes
    }

    /// An id that is known stays known.
    fn identify(&mut self, id: Option<&Shown>) {
        if let Some(id) = known(id) {
            self.proof.identify(&id);
            self.instance_id = Some(id);
        }
    }

    /// Takes a state, from wherever it came.
    fn hear(&mut self, state: State, now: u64) -> Vec<Wish> {
        self.timeline.take(&state, now);
        self.identify(state.instance_id.as_ref());
        let verdict = verdict::judge(&state, &self.timeline, self.instance_id.is_some(), now);
        self.state = Some(state);
        self.reach(verdict, now)
    }

    fn reach(&mut self, verdict: Verdict, now: u64) -> Vec<Wish> {
        if verdict == self.verdict {
            return Vec::new();
        }
        let waited = now.saturating_sub(self.verdict_since);
        self.verdict = verdict;
        self.verdict_since = now;
        let mut wishes = Vec::new();
        if verdict.is_news() && waited > LONG_WAIT {
            wishes.push(Wish::Alert(verdict.words()));
        }
        if verdict == Verdict::Running {
            wishes.push(Wish::Ask(Request::Note(Noted::Runs {
                uuid: self.feed.uuid().cloned(),
                instance_id: self.instance_id.clone(),
            })));
        }
        if verdict.is_up() {
            self.has_run = true;
            wishes.extend(self.ask_what_runs());
            wishes.extend(self.ask_for_proof());
        }
        wishes
    }

    fn refresh(&mut self, now: u64) -> Vec<Wish> {
        let mut wishes = self.feed.look(now);
        if self.verdict.is_up() {
            wishes.extend(self.ask_what_runs());
            wishes.extend(self.ask_for_proof());
        }
        wishes
    }

    fn ask_for_proof(&mut self) -> Vec<Wish> {
        let uuid = self.feed.uuid().cloned();
        uuid.map_or_else(Vec::new, |uuid| self.proof.ask(&uuid))
    }

    fn ask_what_runs(&self) -> Vec<Wish> {
        self.feed
            .uuid()
            .into_iter()
            .flat_map(|uuid| {
                [
                    Request::Network(uuid.clone()),
                    Request::Composition(uuid.clone()),
                ]
            })
            .map(Wish::Ask)
            .collect()
    }

    fn copy(&self, index: usize) -> Vec<Wish> {
        self.copies()
            .into_iter()
            .nth(index)
            .map(|copy| Wish::Copy(copy.what, Secret::new(copy.text)))
            .into_iter()
            .collect()
    }

    /// The addresses that were told, of a kind a browser can open.
    fn addresses(&self) -> impl Iterator<Item = &Shown> {
        self.network
            .iter()
            .flatten()
            .flat_map(|network| &network.urls)
            .filter(|url| {
                let url = url.as_str();
                url.starts_with("https://") || url.starts_with("http://")
            })
    }

    fn address(&self) -> Option<String> {
        self.addresses().next().map(ToString::to_string)
    }
}

/// An id, where there is one.
fn known(id: Option<&Shown>) -> Option<Shown> {
    id.filter(|id| !id.is_empty()).cloned()
}

#[cfg(test)]
mod tests;
