//! What is heard of the instance, and what follows from it.

use super::verdict::{self, Verdict};
use super::{LONG_WAIT, Live, NEWBORN, OLD_NEWS, feed};
use crate::api::error::Error;
use crate::api::types::{Instance, State};
use crate::wizard::boots::{PastBoot, Usual};
use crate::wizard::event::{Answer, Noted, Request};
use crate::wizard::live::care::{Care, Deed};
use crate::wizard::screen::Wish;

impl Live {
    /// Takes an answer.
    pub(super) fn answer(&mut self, answer: Answer, now: u64) -> Vec<Wish> {
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
            Answer::State(Err(error)) => self.unheard(error, now),
            Answer::Instances(reply) => self.hear_list(reply, now),
            Answer::States(reply) => {
                self.rollout.take_states(reply, now);
                Vec::new()
            }
            Answer::Network(reply) => {
                self.reach.take(reply, now);
                Vec::new()
            }
            Answer::AddressChecked(answer) => {
                self.reach.checked(answer);
                Vec::new()
            }
            Answer::Composition(reply) => {
                self.containers.take(reply, now);
                if let Some(Ok(told)) = self.containers.told() {
                    self.logs.take_containers(told);
                }
                self.heard_beside(now)
            }
            Answer::Stats(reply) => {
                self.gauges.take(reply, now);
                Vec::new()
            }
            Answer::Operations(reply) => {
                self.cause.take_operations(&reply, now);
                self.heard_beside(now)
            }
            Answer::Logged(source, lines) => {
                self.logs.take(&source, lines);
                Vec::new()
            }
            Answer::LogEnded(source, why) => {
                self.logs.ended(&source, why, now);
                self.heard_beside(now)
            }
            Answer::LogSaved(reply) => vec![Wish::Say(match reply {
                Ok(path) => format!("written: {}", path.display()),
                Err(why) => format!("not written: {why}"),
            })],
            Answer::Paged(Err(why)) => vec![Wish::Say(why.to_string())],
            Answer::Restarted(reply) => self.done(Deed::Restart, reply, now),
            Answer::Deleted(reply) => self.done(Deed::Delete, reply, now),
            Answer::PastBoots(boots) => {
                self.usual = Usual::new(boots);
                Vec::new()
            }
            Answer::Noted(kept) => {
                self.unkept = kept.err().or(self.unkept.take());
                Vec::new()
            }
            answer => self.proof.answer(answer, now),
        }
    }

    /// Takes a state, from wherever it came.
    pub(super) fn hear(&mut self, state: State, now: u64) -> Vec<Wish> {
        if self.is_old_news(&state, now) {
            return Vec::new();
        }
        self.restarted = None;
        self.timeline.take(&state, now);
        self.identify(state.instance_id.as_ref());
        let verdict = verdict::judge(
            &state,
            &self.timeline,
            self.instance_id.is_some(),
            now,
            &|word| self.usual.phase(word),
        );
        self.state = Some(state);
        self.reach_verdict(verdict, now)
    }

    /// Whether it tells what was so before a restart, and nothing of the restart itself.
    fn is_old_news(&self, state: &State, now: u64) -> bool {
        let told = |state: &State| {
            let (status, progress) = (state.status.clone(), state.boot_progress.clone());
            (status, progress, state.boot_error.clone())
        };
        let before = self.restarted.as_ref();
        before.is_some_and(|(at, old)| now < at + OLD_NEWS && told(old) == told(state))
    }

    /// A look that told nothing of the instance.
    fn unheard(&mut self, error: Error, now: u64) -> Vec<Wish> {
        let known_before = self.state.is_some() || now.saturating_sub(self.since) >= NEWBORN;
        let gone = error.status() == Some(404) && known_before;
        self.feed.looked(Some(error), now);
        if gone && matches!(self.care, Care::Failed(Deed::Delete, _)) {
            // The answer was lost, and the deletion was not.
            self.deleted(now)
        } else if gone && self.verdict != Verdict::Deleted {
            self.reach_verdict(Verdict::Gone, now)
        } else {
            Vec::new()
        }
    }

    fn hear_list(&mut self, reply: Result<Vec<Instance>, Error>, now: u64) -> Vec<Wish> {
        if self.feed.uuid().is_some() {
            self.rollout.take_list(&reply, now);
            return self.rollout.tend(self.about.app, now);
        }
        match reply {
            Ok(instances) => {
                self.feed.looked(None, now);
                match feed::ours(&instances, &self.before, &self.created) {
                    Some(instance) => self.adopt(instance.clone(), now),
                    None => Vec::new(),
                }
            }
            Err(error) => {
                self.feed.looked(Some(error), now);
                Vec::new()
            }
        }
    }

    /// Takes over the instance that was found in the app's list.
    fn adopt(&mut self, instance: Instance, now: u64) -> Vec<Wish> {
        let wishes = match instance.uuid.clone() {
            Some(uuid) => self.feed.found(uuid, now),
            None => Vec::new(),
        };
        self.identify(instance.instance_id.as_ref());
        self.listed = Some(Box::new(instance));
        wishes
    }

    fn reach_verdict(&mut self, verdict: Verdict, now: u64) -> Vec<Wish> {
        if verdict == self.verdict {
            return Vec::new();
        }
        let waited = now.saturating_sub(self.verdict_since);
        let first_time = !self.has_run;
        self.verdict = verdict;
        self.verdict_since = now;
        let mut wishes = Vec::new();
        if verdict.is_news() && waited > LONG_WAIT {
            wishes.push(Wish::Alert(verdict.words()));
        }
        if matches!(verdict, Verdict::Booting | Verdict::Running) {
            // What was wrong before is over, and so is what was tried against it.
            self.cause.forget();
            if matches!(self.care, Care::Failed(..)) {
                self.care = Care::None;
            }
        }
        if verdict == Verdict::Running {
            if self.is_made() {
                wishes.push(Wish::Ask(Request::Note(Noted::Runs {
                    uuid: self.feed.uuid().cloned(),
                    instance_id: self.instance_id.clone(),
                })));
            }
            wishes.extend(self.keep_boot().filter(|_| first_time));
        }
        if verdict.is_up() {
            self.has_run = true;
            self.containers.poll.hurry();
            self.reach.poll.hurry();
            wishes.extend(self.ask_what_runs(now));
            wishes.extend(self.ask_for_proof());
        }
        if self.is_in_trouble() {
            self.logs.hurry();
            self.look_for_cause(now);
        }
        wishes.extend(self.ask_beside(now));
        wishes
    }

    /// Looks again, for everything.
    pub(super) fn refresh(&mut self, now: u64) -> Vec<Wish> {
        let mut wishes = self.feed.look(now);
        self.reach.poll.give_up();
        self.containers.poll.give_up();
        self.gauges.poll.hurry();
        self.rollout.hurry();
        if self.verdict.is_up() {
            wishes.extend(self.ask_what_runs(now));
            wishes.extend(self.ask_for_proof());
        }
        wishes.extend(self.ask_beside(now));
        wishes
    }

    /// Something was heard beside the verdict: it may say why.
    fn heard_beside(&mut self, now: u64) -> Vec<Wish> {
        if self.is_in_trouble() {
            self.look_for_cause(now);
        }
        self.tend_logs(now)
    }

    fn done(&mut self, deed: Deed, reply: Result<(), Error>, now: u64) -> Vec<Wish> {
        match (deed, reply) {
            (Deed::Restart, Ok(())) => {
                self.care = Care::None;
                self.has_run = false;
                self.restarted = self.state.take().map(|before| (now, before));
                self.from_birth = false;
                self.cause.forget();
                self.timeline.begin_again();
                let mut wishes = vec![Wish::Say(
                    "the service restarts it: the boot is watched from its beginning".to_owned(),
                )];
                wishes.extend(self.reach_verdict(Verdict::Booting, now));
                wishes.extend(self.feed.look(now));
                wishes
            }
            (Deed::Delete, Ok(())) => self.deleted(now),
            // It is not there: that is what was wanted.
            (Deed::Delete, Err(error)) if error.status() == Some(404) => self.deleted(now),
            (deed, Err(error)) => {
                self.care = Care::Failed(deed, error);
                self.feed.look(now)
            }
        }
    }

    fn deleted(&mut self, now: u64) -> Vec<Wish> {
        self.care = Care::None;
        let mut wishes = self.reach_verdict(Verdict::Deleted, now);
        if self.is_made() {
            let uuid = self.feed.uuid().cloned();
            wishes.push(Wish::Ask(Request::Note(Noted::Deleted { uuid })));
        }
        wishes
    }

    /// How long this boot took, where it was seen from its beginning.
    fn keep_boot(&self) -> Option<Wish> {
        let app = self
            .about
            .app
            .filter(|_| self.from_birth && self.timeline.dropped() == 0)?;
        let entries = self.timeline.entries();
        let phases = entries.windows(2).map(|pair| {
            let seconds = pair[1].since.saturating_sub(pair[0].since);
            (pair[0].word.to_string(), seconds)
        });
        Some(Wish::Ask(Request::KeepBoot(
            app,
            PastBoot {
                phases: phases.collect(),
                whole: self.verdict_since.saturating_sub(self.since),
            },
        )))
    }

    pub(super) fn ask_for_proof(&mut self) -> Vec<Wish> {
        let uuid = self.feed.uuid().cloned();
        uuid.map_or_else(Vec::new, |uuid| self.proof.ask(&uuid))
    }

    fn ask_what_runs(&mut self, now: u64) -> Vec<Wish> {
        let Some(uuid) = self.feed.uuid().cloned() else {
            return Vec::new();
        };
        let mut wishes = Vec::new();
        if self.reach.poll.begin(now) {
            wishes.push(Wish::Ask(Request::Network(uuid.clone())));
        }
        if self.containers.poll.begin(now) {
            wishes.push(Wish::Ask(Request::Composition(uuid)));
        }
        wishes
    }
}
