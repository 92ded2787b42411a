//! What is asked for of an instance, and when: each question on its own, none of them for nothing.

use super::logs::Wanted;
use super::poll::Poll;
use super::verdict::Verdict;
use super::{Live, Pane, cause, phase};
use crate::api::types::CvmUuid;
use crate::shown::Shown;
use crate::wizard::event::Request;
use crate::wizard::screen::Wish;

impl Live {
    /// Asks for everything that is due, each on its own.
    pub(super) fn tend(&mut self, now: u64) -> Vec<Wish> {
        let mut wishes = self.feed.tick(self.verdict, now);
        if self.verdict.is_over() {
            return wishes;
        }
        wishes.extend(self.proof.tick(self.feed.uuid(), now));
        wishes.extend(self.ask_beside(now));
        if self.is_in_trouble() {
            self.look_for_cause(now);
        }
        wishes
    }

    /// Containers, network, stats, siblings, operations and logs, as far as they are wanted now.
    pub(super) fn ask_beside(&mut self, now: u64) -> Vec<Wish> {
        let Some(uuid) = self
            .feed
            .uuid()
            .filter(|_| !self.verdict.is_over())
            .cloned()
        else {
            return Vec::new();
        };
        let mut wishes = Vec::new();
        let mut ask = |poll: &mut Poll, every: Option<u64>, request: fn(CvmUuid) -> Request| {
            if every.is_some_and(|every| poll.is_due(every, now)) {
                poll.asked(now);
                wishes.push(Wish::Ask(request(uuid.clone())));
            }
        };
        let (up, pane) = (self.verdict.is_up(), self.pane);
        let has_no_address = self.reach.addresses().next().is_none();
        let has_engine = up || self.is_at_containers();
        let often = |on: Pane, seldom: bool| match (pane == on, seldom) {
            (true, _) => Some(5),
            (false, true) => Some(15),
            (false, false) => None,
        };
        ask(
            &mut self.containers.poll,
            often(Pane::Containers, has_engine),
            Request::Composition,
        );
        ask(
            &mut self.reach.poll,
            often(Pane::Network, up && has_no_address),
            Request::Network,
        );
        ask(
            &mut self.gauges.poll,
            often(Pane::Stats, up),
            Request::Stats,
        );
        let asks_why = self.verdict == Verdict::Failed;
        ask(
            &mut self.cause.operations,
            asks_why.then_some(30),
            Request::Operations,
        );
        if pane == Pane::Instances {
            wishes.extend(self.rollout.tend(self.about.app, now));
        }
        wishes.extend(self.tend_logs(now));
        wishes
    }

    pub(super) fn tend_logs(&mut self, now: u64) -> Vec<Wish> {
        let wanted = Wanted {
            selected: self.pane == Pane::Logs,
            boot: matches!(self.verdict, Verdict::Booting | Verdict::Stalled),
            cause: self.is_in_trouble(),
        };
        let troubled: Vec<&str> = self.containers.troubled().collect();
        self.logs.tend(self.feed.uuid(), wanted, &troubled, now)
    }

    /// Whether something is wrong that may have a cause to be found.
    pub(super) fn is_in_trouble(&self) -> bool {
        match self.verdict {
            Verdict::Stalled | Verdict::Degraded | Verdict::Failed => true,
            Verdict::Running | Verdict::Booting => self.containers.troubled().next().is_some(),
            Verdict::Gone | Verdict::Deleted => false,
        }
    }

    fn is_at_containers(&self) -> bool {
        let current = self.timeline.current();
        current.is_some_and(|entry| entry.word.as_str() == "starting containers")
    }

    pub(super) fn look_for_cause(&mut self, now: u64) {
        let state = self.state.as_ref();
        let text = |text: Option<&Shown>| text.map_or("", Shown::as_str).to_owned();
        let status = text(state.map(|state| &state.status));
        let progress = text(state.and_then(phase::progress));
        let error = state.and_then(phase::error).map(ToString::to_string);
        self.cause.look(
            cause::Standing {
                status: &status,
                phase: &progress,
                error: error.as_deref(),
            },
            &self.logs,
            &self.containers,
            &self.about.env_names,
            now,
        );
    }
}
