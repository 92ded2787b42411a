//! The form answers itself with what was known beforehand, one question after the other.
//!
//! It waits where a person would: until the service has said what an answer is judged by. An answer that does not do
//! ends it, and so does a person who begins to answer. Where there is a person, what was not given by then is filled in
//! when they come to it, and goes nowhere by itself.

mod origin;

use super::{Course, Form, Go, Reaction, Step};
use crate::api::types::TransactionHash;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::answers::{Answers, Pace, PreparedBefore, Question, Stop, Values};
use crate::wizard::event::{Request, TextFile};
use crate::wizard::page::{Line, Page};
use crate::wizard::screen::Wish;

/// What is still to be answered, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Everything, as it was given.
    all: Option<Box<Answers>>,
    /// What is left of it. `None` once all is answered, something stopped it for good, or nothing was given.
    answers: Option<Box<Answers>>,
    /// Whether it goes on to the next question by itself.
    walks: bool,
    /// The steps that were answered with what was given, or by a person before that.
    filled: [bool; Step::ALL.len()],
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
        self.app.want(answers.app.clone(), revision, answers.pace);
        self.given.transaction = answers.transaction;
        self.given.prepared.clone_from(&answers.prepared);
        self.given.walks = answers.pace != Pace::Beside;
        self.given.all = Some(Box::new(answers.clone()));
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
        self.given.walks = false;
        self.given.reading = None;
        self.app.want_no_more();
        if self
            .given
            .answers
            .as_ref()
            .is_some_and(|answers| answers.pace == Pace::Alone)
        {
            self.given.answers = None;
        }
    }

    /// A person brings a file or a text for this step: nothing else is filled in there.
    pub(super) fn answers_it(&mut self, step: Step) {
        self.given.filled[step.index()] = true;
    }

    /// The question on screen cannot be left: without a person nothing will change that.
    pub(super) fn stop_answering(&mut self, why: &str) {
        if self.given.walks {
            self.hand_over();
            self.given.stop = Some(Stop::unusable(self.at.into(), why));
        }
    }

    /// This question is answered: whatever stopped there does not any more.
    pub(super) fn passes(&mut self, step: Step) {
        self.given.stop.take_if(|stop| stop.question.step() == step);
    }

    /// The same page, which says what was given and does not do, as long as nothing else was answered.
    pub(super) fn remarked<'a>(&self, page: Page<'a>) -> Page<'a> {
        match &self.given.stop {
            Some(stop) if stop.question.step() == self.at => Page {
                note: Line::new()
                    .warn(self.origin(stop.question).word(stop.question))
                    .plain(format!(": {}", stop.words())),
                ..page
            },
            _ => page,
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
                        self.hand_over();
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
        if let Some(answers) = &mut self.given.answers {
            match question {
                Question::Compose => answers.compose = None,
                Question::Script => answers.script = None,
                Question::Values | Question::Blob => answers.values = Values::Inherit,
                Question::App | Question::Revision | Question::Node | Question::Token => (),
            }
        }
        let file = match reply {
            Ok(file) => file,
            Err(why) => {
                self.hand_over();
                self.answers_it(question.step());
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
        if let Question::Values | Question::Blob = question {
            self.given.values = Some(question);
        }
        self.check();
        Course::Stay(Vec::new())
    }

    fn next_answer(&mut self) -> Next {
        if self.given.reading.is_some() || self.facts.session.is_none() {
            return Next::Wait(None);
        }
        let Some(answers) = self.given.answers.as_deref() else {
            return Next::Wait(None);
        };
        if let Some(stop) = self.app.take_stop() {
            return Next::Stop(stop);
        }
        // The app step goes on by itself, once it has the app and its revision.
        if self.at == Step::App || !self.facts.is_settled() {
            return Next::Wait(None);
        }
        if answers.pace != Pace::Alone && !self.is_due(self.at) {
            self.given.walks = false;
            return Next::Wait(None);
        }
        let file = match (self.at, &answers.prepared) {
            (_, Some(before)) => Some((Question::Token, before.token.clone())),
            (Step::Compose, None) => answers
                .compose
                .clone()
                .map(|path| (Question::Compose, path)),
            (Step::Env, None) => match &answers.values {
                Values::Inherit | Values::Anew(_) => None,
                Values::File(path) => Some((Question::Values, path.clone())),
                Values::Blob(path) => Some((Question::Blob, path.clone())),
            },
            (Step::Script, None) => answers.script.clone().map(|path| (Question::Script, path)),
            (Step::App | Step::Node, None) => None,
        };
        if let Some((question, path)) = file.filter(|(question, _)| self.is_meant(*question)) {
            self.given.reading = Some(question);
            return Next::Wait(Some(Wish::Ask(Request::ReadFile(path))));
        }
        self.given.filled[self.at.index()] = true;
        if self.at == Step::Node
            && let Err(stop) = self.node.give(&answers.nodes, &self.facts)
        {
            return Next::Stop(stop);
        }
        if self.at == Step::Env
            && let Values::Anew(names) = &answers.values
        {
            return Next::Stop(Stop::unusable(Question::Values, anew(names)));
        }
        if self.at == Step::Env
            && let Some(error) = self.env.no_key(&self.facts)
        {
            return Next::Stop(Stop::trouble(Question::Values, error));
        }
        match self.flaw(self.at) {
            Some(why) => Next::Stop(Stop::unusable(self.question(), why)),
            None if self.given.walks => Next::Question,
            None => Next::Wait(None),
        }
    }

    /// Whether something was given for this step and not taken yet.
    fn is_due(&self, step: Step) -> bool {
        let question = match step {
            Step::Env => Question::Values,
            step => step.into(),
        };
        !self.given.filled[step.index()]
            && self.origin(question).is_given()
            && self.is_meant(question)
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
            Step::Env => self.env.flaw(&self.facts).or_else(|| self.other_names()),
            step => self.problem(step),
        }
    }

    /// How the names that are given differ from those that shall be.
    fn other_names(&self) -> Option<String> {
        let wanted = self.given.answers.as_ref()?.names.as_ref()?;
        let given = self.env.names();
        let without = |all: &[String], other: &[String]| {
            let rest = all.iter().filter(|name| !other.contains(name));
            let names: Vec<String> = rest.map(|name| Shown::line(name).to_string()).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        match (without(wanted, &given), without(&given, wanted)) {
            (None, None) => None,
            (Some(missing), None) => Some(format!("the file has no value for {missing}")),
            (None, Some(more)) => Some(format!(
                "the file has names that are not in the recipe: {more}"
            )),
            (Some(missing), Some(more)) => Some(format!(
                "the file has other names than the recipe: {missing} missing, {more} too many"
            )),
        }
    }
}

/// Why values that were typed cannot be taken from a recipe.
fn anew(names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| Shown::line(name).to_string())
        .collect();
    match names.as_slice() {
        [] => "the values were given by hand, and a recipe keeps none: they have to be given anew"
            .to_owned(),
        names => format!(
            "a recipe keeps no values: those of {} have to be given anew",
            names.join(", ")
        ),
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
