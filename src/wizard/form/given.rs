//! The form answers itself with what was known beforehand, one question after the other.
//!
//! It waits where a person would: until the service has said what an answer is judged by. An answer that does not do
//! ends it, and so does a person who begins to answer.

use super::{Course, Form, Go, Reaction, Step};
use crate::api::types::TransactionHash;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::answers::{Answers, PreparedBefore, Question, Stop, Values};
use crate::wizard::event::{Request, TextFile};
use crate::wizard::screen::Wish;

/// What is still to be answered, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// `None` once all is answered, something stopped it, or nothing was given.
    answers: Option<Box<Answers>>,
    /// The question whose file is being read.
    reading: Option<Question>,
    /// The question whose file the values came from.
    values: Option<Question>,
    stop: Option<Stop>,
    transaction: Option<TransactionHash>,
    prepared: Option<PreparedBefore>,
}

impl Form {
    /// The same form, answered with this as far as it goes.
    #[must_use]
    pub fn answered(mut self, answers: Answers) -> Self {
        let revision = match answers.prepared {
            Some(_) => super::app::Pick::Whichever,
            None => super::app::Pick::Of(answers.revision),
        };
        self.app.want(answers.app.clone(), revision);
        self.given.transaction = answers.transaction;
        self.given.prepared.clone_from(&answers.prepared);
        self.given.answers = Some(Box::new(answers));
        self
    }

    /// The answer that stopped the form, if one did.
    pub fn stop(&self) -> Option<&Stop> {
        self.given.stop.as_ref()
    }

    /// The transaction that was named beforehand.
    pub fn transaction(&self) -> Option<TransactionHash> {
        self.given.transaction
    }

    /// What was prepared before, where the form is there to finish that.
    pub fn prepared(&self) -> Option<&PreparedBefore> {
        self.given.prepared.as_ref()
    }

    /// A person answers from here on.
    pub(super) fn hand_over(&mut self) {
        self.given.answers = None;
        self.given.reading = None;
        self.app.want_no_more();
    }

    /// The question on screen cannot be left: without a person nothing will change that.
    pub(super) fn stop_answering(&mut self, why: &str) {
        if self.given.answers.is_some() {
            self.hand_over();
            self.given.stop = Some(Stop::unusable(self.at.into(), why));
        }
    }

    /// Whether a file is read for an answer that was given.
    pub(super) fn is_reading(&self) -> bool {
        self.given.reading.is_some()
    }

    /// Goes on with what was given, as far as it can be judged by now.
    pub(super) fn go_on(&mut self, course: Course) -> Course {
        let mut wishes = match course {
            Course::Stay(wishes) => wishes,
            other => return other,
        };
        loop {
            match self.next_answer() {
                Next::Wait(wish) => {
                    wishes.extend(wish);
                    return Course::Stay(wishes);
                }
                Next::Stop(stop) => {
                    self.hand_over();
                    wishes.push(Wish::Say(stop.words()));
                    self.given.stop = Some(stop);
                    return Course::Stay(wishes);
                }
                Next::Question => match self.follow(Reaction {
                    wishes: Vec::new(),
                    go: Go::Next,
                }) {
                    Course::Stay(more) => wishes.extend(more),
                    other => {
                        self.given.answers = None;
                        return other;
                    }
                },
            }
        }
    }

    /// Takes the file that was read for an answer.
    pub(super) fn take_file(&mut self, reply: Result<TextFile, Shown>) -> Course {
        let Some(question) = self.given.reading.take() else {
            return Course::Stay(Vec::new());
        };
        let file = match reply {
            Ok(file) => file,
            Err(why) => {
                self.hand_over();
                self.given.stop = Some(Stop::unusable(question, why.to_string()));
                return Course::Stay(vec![Wish::Say(why.to_string())]);
            }
        };
        match question {
            Question::Compose => self.compose.take_file(&file),
            Question::Blob => self.env.take_blob(&file),
            Question::Values => self.env.take_file(file),
            Question::Script => self.script.take_file(&file),
            Question::Token => {
                self.given.answers = None;
                return Course::Redeem(Secret::new(file.text.expose().trim()));
            }
            Question::App | Question::Revision | Question::Node => (),
        }
        if let (Some(answers), Question::Values | Question::Blob) =
            (&mut self.given.answers, question)
        {
            answers.values = Values::Inherit;
            self.given.values = Some(question);
        }
        self.check();
        Course::Stay(Vec::new())
    }

    fn next_answer(&mut self) -> Next {
        if self.given.reading.is_some() || self.facts.session.is_none() {
            return Next::Wait(None);
        }
        let Some(answers) = &mut self.given.answers else {
            return Next::Wait(None);
        };
        if let Some(stop) = self.app.stop() {
            return Next::Stop(stop.clone());
        }
        // The app step goes on by itself, once it has the app and its revision.
        if self.at == Step::App || !self.facts.is_settled() {
            return Next::Wait(None);
        }
        let file = match (self.at, &answers.prepared) {
            (_, Some(before)) => Some((Question::Token, before.token.clone())),
            (Step::Compose, None) => answers.compose.take().map(|path| (Question::Compose, path)),
            (Step::Env, None) => match &answers.values {
                Values::Inherit => None,
                Values::File(path) => Some((Question::Values, path.clone())),
                Values::Blob(path) => Some((Question::Blob, path.clone())),
            },
            (Step::Script, None) => answers.script.take().map(|path| (Question::Script, path)),
            (Step::App | Step::Node, None) => None,
        };
        if let Some((question, path)) = file {
            self.given.reading = Some(question);
            return Next::Wait(Some(Wish::Ask(Request::ReadFile(path))));
        }
        if self.at == Step::Node
            && let Err(stop) = self.node.give(answers.node.as_deref(), &self.facts)
        {
            return Next::Stop(stop);
        }
        if self.at == Step::Env
            && let Some(error) = self.env.no_key(&self.facts)
        {
            return Next::Stop(Stop::trouble(Question::Values, error));
        }
        match self.flaw(self.at) {
            Some(why) => Next::Stop(Stop::unusable(self.question(), why)),
            None => Next::Question,
        }
    }

    /// The question of the step it is at.
    fn question(&self) -> Question {
        match (self.at, self.given.values) {
            (Step::Env, Some(values)) => values,
            (step, _) => step.into(),
        }
    }

    /// Why this question stops the form, in words that name no keys.
    fn flaw(&self, step: Step) -> Option<String> {
        match step {
            Step::Env => self.env.flaw(&self.facts),
            step => self.problem(step),
        }
    }
}

/// What the next answer comes to.
enum Next {
    /// It has to be waited for, perhaps by asking.
    Wait(Option<Wish>),
    /// It does not do.
    Stop(Stop),
    /// It was taken: to the next question.
    Question,
}
