//! From one place to the next: door, unfinished work, form, launch, and the answers on their way into a file.
//!
//! Each place says what became of an input; what that means for the others is decided here, and nothing of a place itself.

use super::answers::Pace;
use super::asked::Owner;
use super::door::{Door, Passage};
use super::event::{Answer, Effect, Request};
use super::facts::Session;
use super::form::Step;
use super::keymap::Command;
use super::launch::review::{Past, Review};
use super::launch::several::Several;
use super::launch::{self, Launch};
use super::recall::{Recall, Recalled};
use super::reread::Difference;
use super::saving::{Saved, Saving};
use super::screen::{Input, Wish};
use super::sight::View;
use super::{Wizard, form, plan};

impl Wizard {
    pub(super) fn door_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(door) = &mut self.door else {
            return Vec::new();
        };
        let passage = door.update(input);
        self.passage(passage)
    }

    pub(super) fn passage(&mut self, passage: Passage) -> Vec<Effect> {
        match passage {
            Passage::Closed(wishes) => self.grant(Owner::Door, wishes),
            Passage::Back => {
                self.door = None;
                self.view = View::default();
                self.asked.forget(Owner::Door)
            }
            Passage::WithoutKey => self.without_key(),
            Passage::Open(mut session) => {
                let was_without = self.session().is_some_and(Session::is_without_key);
                session.registering = self.start.registering.clone();
                if session.sandbox.is_some() && self.start.guide {
                    self.guide.in_sandbox();
                }
                self.door = None;
                self.view = View::default();
                let moved = self
                    .session()
                    .is_some_and(|it| !it.is_same_workspace(&session));
                let mut dropped = Vec::new();
                if moved {
                    dropped = self.move_out();
                }
                let wishes = self.form.signed_in(session);
                if let Some(typed) = self.start.watch.clone() {
                    // Nothing is asked for a form that nobody fills in.
                    return if self.launch.is_none() {
                        self.launch_course(Launch::find(&typed))
                    } else {
                        Vec::new()
                    };
                }
                if was_without && let Some(launch) = self.launch.take() {
                    let course = launch.with_a_key(self.now);
                    dropped.extend(self.launch_course(course));
                }
                let mut effects = dropped;
                effects.extend(self.grant(Owner::Form, wishes));
                // Once, and only where a person can choose; an untouched form has nothing that could get lost.
                let answers = self.start.answers.as_ref();
                let asks = answers.is_none_or(|answers| answers.pace == Pace::Beside);
                if asks && self.launch.is_none() && !self.recalled {
                    self.recalled = true;
                    effects.extend(self.grant(Owner::Recall, vec![Wish::Ask(Request::Unfinished)]));
                }
                effects
            }
        }
    }

    /// The key was laid down: what was prepared is finished with its token alone.
    fn without_key(&mut self) -> Vec<Effect> {
        self.door = None;
        self.view = View::default();
        let session = self.form.facts.session.take();
        self.form.facts.session = session.map(Session::without_key);
        let mut effects = self.asked.forget(Owner::Door);
        if let Some(launch) = self.launch.take() {
            effects.extend(self.launch_course(launch.without_key()));
        }
        effects
    }

    /// To another workspace: its apps and nodes are others, what comes from this machine stays.
    fn move_out(&mut self) -> Vec<Effect> {
        self.launch = None;
        self.recall = None;
        self.recalled = false;
        if self.form.is_touched() {
            self.notice = Some(
                "another workspace: app and node are chosen anew, the rest is kept".to_owned(),
            );
        }
        self.form.move_out();
        let mut effects = self.asked.forget(Owner::Stage);
        effects.extend(self.asked.forget(Owner::Form));
        effects.extend(self.asked.forget(Owner::Recall));
        effects
    }

    /// Goes to the profiles, and comes back with another one or with the same.
    pub(super) fn profiles(&mut self) -> Vec<Effect> {
        let Some(session) = self.session() else {
            return Vec::new();
        };
        let (door, wishes) = Door::profiles(session);
        self.door = Some(door);
        self.view = View::default();
        self.grant(Owner::Door, wishes)
    }

    pub(super) fn recall_answer(&mut self, answer: Answer) -> Vec<Effect> {
        let Answer::Unfinished(reply) = answer else {
            return if self.recall.is_some() {
                self.recall_input(Input::Answer(answer))
            } else {
                Vec::new()
            };
        };
        let Some(session) = self.session().cloned() else {
            return Vec::new();
        };
        let wanted = self.wanted();
        let unfinished = match reply {
            Ok(unfinished) => unfinished,
            Err(why) => {
                // Without a journal nothing is created; the request that would create says why.
                self.recall = wanted.map(|_| Recall::unreadable(why));
                return Vec::new();
            }
        };
        // Who has begun to answer already is not interrupted, unless that is what was asked for.
        if self.form.is_touched() && wanted.is_none() {
            return Vec::new();
        }
        if let Some((recall, wishes)) = Recall::of(unfinished, &session, wanted) {
            self.recall = Some(recall);
            self.view = View::default();
            return self.grant(Owner::Recall, wishes);
        }
        if self.start.resume.is_some() {
            self.notice = Some("nothing is unfinished on this machine".to_owned());
        }
        Vec::new()
    }

    pub(super) fn recall_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(recall) = &mut self.recall else {
            return Vec::new();
        };
        match recall.update(input) {
            Recalled::Stay(wishes) => self.grant(Owner::Recall, wishes),
            Recalled::New => {
                self.recall = None;
                self.view = View::default();
                self.asked.forget(Owner::Recall)
            }
            Recalled::Resume(state) => {
                let Some(session) = self.session().cloned() else {
                    return Vec::new();
                };
                self.recall = None;
                let mut effects = self.asked.forget(Owner::Recall);
                let course = Launch::resume(&state, &session, self.now);
                effects.extend(self.launch_course(course));
                effects
            }
        }
    }

    pub(super) fn form_course(&mut self, course: form::Course) -> Vec<Effect> {
        match course {
            form::Course::Stay(wishes) => self.grant(Owner::Form, wishes),
            form::Course::Review => self.review(Vec::new()),
            form::Course::Redeem(token) => match plan::redeem(&self.form, token) {
                Ok((brief, ticket)) => {
                    let course = Launch::redeem(brief, ticket);
                    self.launch_course(course)
                }
                Err(problem) => {
                    self.notice = Some(problem);
                    Vec::new()
                }
            },
        }
    }

    /// Begins the review, or goes to the question that still stops it. `changed` on the disk since the last one.
    fn review(&mut self, changed: Vec<Difference>) -> Vec<Effect> {
        match plan::review(&self.form) {
            Ok((brief, to_seal)) => {
                let (review, wishes) = Review::start(brief, to_seal);
                let course = Launch::start((review.after(self.past(), changed), wishes));
                self.launch_course(course)
            }
            Err((step, problem)) => {
                self.launch = None;
                self.form.jump(step);
                let files: Vec<String> = changed.into_iter().map(|of| of.file).collect();
                self.notice = Some(if files.is_empty() {
                    problem
                } else {
                    format!("changed on the disk: {}; {problem}", files.join(", "))
                });
                Vec::new()
            }
        }
    }

    fn past(&self) -> Past {
        match (&self.unanswered, self.begun) {
            (Some(_), _) => Past::Unanswered,
            (None, true) => Past::Begun,
            (None, false) => Past::Nothing,
        }
    }

    pub(super) fn launch_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(launch) = self.launch.take() else {
            return Vec::new();
        };
        // Only these lead away from an instance: what a person does, and its record, where several are made.
        let away = matches!(
            input,
            Input::Command(Command::Next | Command::Choose(_) | Command::Switch)
                | Input::Answer(Answer::Noted(_))
        );
        let made = away.then(|| launch.made()).flatten();
        let elsewhere = launch.several().map(Several::made_elsewhere);
        let course = launch.update(input, self.now);
        if !matches!(course, launch::Course::At(_, _, false)) {
            self.made.extend(made);
        }
        // Whoever plans anew does not want a second instance where there is one.
        if !matches!(course, launch::Course::At(..))
            && let Some(made) = elsewhere
        {
            self.form.node.leave_out(&made);
        }
        self.launch_course(course)
    }

    fn launch_course(&mut self, course: launch::Course) -> Vec<Effect> {
        match course {
            launch::Course::At(launch, wishes, another) => {
                self.begun &= !matches!(*launch, Launch::Live(_));
                self.unanswered = match *launch {
                    Launch::Live(_) => None,
                    _ => launch.unanswered().or(self.unanswered.take()),
                };
                self.launch = Some(*launch);
                let mut effects = Vec::new();
                if another {
                    effects.extend(self.asked.forget(Owner::Stage));
                    self.saving = None;
                    self.view = View::default();
                }
                effects.extend(self.grant(Owner::Stage, wishes));
                effects
            }
            launch::Course::Review => {
                let mut effects = self.asked.forget(Owner::Stage);
                effects.extend(self.review(Vec::new()));
                effects
            }
            launch::Course::Reread(files) => {
                let mut effects = self.asked.forget(Owner::Stage);
                let changed = self.form.take_again(files);
                effects.extend(self.review(changed));
                effects
            }
            launch::Course::Change(step) => {
                let mut effects = self.asked.forget(Owner::Stage);
                self.launch = None;
                self.view = View::default();
                // What was made has its id: the same answers once more are another app.
                self.form.facts.renew_id();
                self.form.jump(step);
                effects.extend(self.tick());
                self.notice = Some(
                    "answers kept; what failed stays, and is billed, until it is deleted"
                        .to_owned(),
                );
                effects
            }
            launch::Course::Found(found, first) => {
                let Some(session) = self.session().cloned() else {
                    return Vec::new();
                };
                let log = self.start.log.as_deref();
                let course = Launch::watch(&found, first, &session, log, self.now);
                self.launch_course(course)
            }
            launch::Course::Form => {
                self.launch = None;
                self.view = View::default();
                self.asked.forget(Owner::Stage)
            }
        }
    }

    /// Jumps to a form step that was seen; from a launch stage only where nothing was sent.
    pub(super) fn jump(&mut self, number: u8) -> Vec<Effect> {
        let Some(step) = Step::ALL.get(usize::from(number).saturating_sub(1)) else {
            return Vec::new();
        };
        if *step > self.form.seen {
            self.notice = Some(format!("{} was not reached yet", step.name()));
            return Vec::new();
        }
        self.launch = None;
        self.view = View::default();
        self.form.jump(*step);
        let mut effects = self.asked.forget(Owner::Stage);
        let course = self.form.update(Input::Tick);
        effects.extend(self.form_course(course));
        effects
    }

    /// Whether the key that saves means the answers.
    pub(super) fn saves(&self) -> bool {
        let launch = self.launch.as_ref().filter(|_| self.door.is_none());
        self.saving.is_none()
            && self.form.can_be_repeated()
            && launch.is_some_and(|launch| launch.offer().find(Command::Save).is_none())
    }

    pub(super) fn save(&mut self) -> Vec<Effect> {
        if let Some(answered) = self.form.recipe() {
            let folder = self.start.folder.clone();
            self.saving = Some(Box::new(Saving::start(answered, folder)));
            self.view = View::default();
        }
        Vec::new()
    }

    pub(super) fn saving_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(saving) = &mut self.saving else {
            return Vec::new();
        };
        let before = self.view;
        self.view = View::default();
        match saving.update(input) {
            Saved::Stay(wishes) => {
                if wishes.is_empty() {
                    self.view = before;
                }
                self.grant(Owner::Saving, wishes)
            }
            Saved::Leave => {
                self.saving = None;
                self.asked.forget(Owner::Saving)
            }
            Saved::Done(paths) => {
                self.saving = None;
                if let Some(path) = paths.first() {
                    let path = form::source::shown_path(path, &self.start.folder);
                    self.notice = Some(format!("the answers are in {path}"));
                    self.saved = Some(path);
                }
                Vec::new()
            }
        }
    }
}
