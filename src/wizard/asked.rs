//! The questions under way: who asked, what for, since when.
//!
//! A reply counts only while somebody still waits for it. Per kind of question only the latest counts; a stage that
//! is left takes its questions with it. A late ticket from a preparation that was given up can so never be redeemed.

use super::event::{Answer, Effect, Request, RequestId, Topic};
use super::keys::{KeySource, Password};
use crate::api::types::LogSource;

/// Who waits for a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The door: sign-in and sandbox.
    Door,
    /// Unfinished work of this machine.
    Recall,
    /// What is known about the chosen app, and what the form's steps ask for.
    Form,
    /// The launch stage on screen.
    Stage,
    /// The answers on their way into a file.
    Saving,
}

/// A question under way.
#[derive(Debug, Clone, PartialEq)]
struct Open {
    id: RequestId,
    owner: Owner,
    topic: Topic,
    purpose: &'static str,
    since: u64,
    /// A stream answers more than once, and a key stays open as long as its question.
    streams: bool,
}

/// All questions under way.
#[derive(Debug, Default)]
pub struct Asked {
    open: Vec<Open>,
    last: u64,
}

impl Asked {
    /// Asks. An older question of the same kind by the same owner is forgotten.
    pub fn ask(&mut self, owner: Owner, request: Request, now: u64) -> Vec<Effect> {
        let topic = request.topic();
        let mut effects = self.forget_if(|open| open.owner == owner && open.topic == topic);
        self.last += 1;
        let id = RequestId(self.last);
        self.open.push(Open {
            id,
            owner,
            topic,
            purpose: request.purpose(),
            since: now,
            streams: request.streams(),
        });
        effects.push(Effect::Send(id, request));
        effects
    }

    /// Whether somebody still waits for this reply, and who. The question is closed, unless it streams on.
    pub fn answered(&mut self, id: RequestId, answer: &Answer) -> Option<Owner> {
        let index = self.open.iter().position(|open| open.id == id)?;
        let owner = self.open[index].owner;
        if !(self.open[index].streams && answer.goes_on()) {
            self.open.remove(index);
        }
        Some(owner)
    }

    /// Gives up whatever this owner asked.
    pub fn forget(&mut self, owner: Owner) -> Vec<Effect> {
        self.forget_if(|open| open.owner == owner)
    }

    /// Gives up the key that this owner had opened.
    pub fn close_key(&mut self, owner: Owner) -> Vec<Effect> {
        let key = Request::OpenKey {
            source: KeySource::Environment,
            password: Password::None,
        };
        let topic = key.topic();
        self.forget_if(|open| open.owner == owner && open.topic == topic)
    }

    /// Gives up a log that this owner read.
    pub fn close_log(&mut self, owner: Owner, source: LogSource) -> Vec<Effect> {
        let topic = Topic::Log(source);
        self.forget_if(|open| open.owner == owner && open.topic == topic)
    }

    /// What is waited for, and for how many seconds, oldest first. A stream is not a wait.
    pub fn waits(&self, now: u64) -> impl Iterator<Item = (&'static str, u64)> {
        self.open
            .iter()
            .filter(|open| !open.streams)
            .map(move |open| (open.purpose, now.saturating_sub(open.since)))
    }

    /// Whether this owner waits for anything.
    pub fn is_open(&self, owner: Owner) -> bool {
        self.open.iter().any(|open| open.owner == owner)
    }

    /// Whether anything is waited for.
    pub fn is_waiting(&self) -> bool {
        self.open.iter().any(|open| !open.streams)
    }

    fn forget_if(&mut self, condition: impl Fn(&Open) -> bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.open.retain(|open| {
            let gone = condition(open);
            if gone {
                effects.push(Effect::Forget(open.id));
            }
            !gone
        });
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apps(page: u32) -> Request {
        Request::Apps { page, search: None }
    }

    fn nothing() -> Answer {
        Answer::StreamEnded(None)
    }

    #[test]
    fn a_newer_question_of_a_kind_replaces_the_older() {
        let mut asked = Asked::default();
        asked.ask(Owner::Form, apps(1), 0);
        let effects = asked.ask(Owner::Form, apps(2), 0);
        assert_eq!(effects[0], Effect::Forget(RequestId(1)));
        assert_eq!(asked.answered(RequestId(1), &nothing()), None);
        assert_eq!(asked.answered(RequestId(2), &nothing()), Some(Owner::Form));
        assert_eq!(
            asked.answered(RequestId(2), &nothing()),
            None,
            "a question is answered once"
        );
    }

    #[test]
    fn leaving_forgets_what_was_asked_there() {
        let mut asked = Asked::default();
        asked.ask(Owner::Stage, Request::Nodes, 0);
        asked.ask(Owner::Form, Request::Nodes, 0);
        assert_eq!(asked.forget(Owner::Stage), [Effect::Forget(RequestId(1))]);
        assert_eq!(asked.answered(RequestId(1), &nothing()), None);
        assert_eq!(asked.answered(RequestId(2), &nothing()), Some(Owner::Form));
    }
}
