//! The prepare-only request of an app that a contract governs, or the provision of a new one: it creates nothing and
//! hands out a ticket.
//!
//! An answer that got lost is no tragedy here: a newer preparation makes the older token useless. It is asked again
//! only when the person says so. Before it leaves, the files are read again.

use super::brief::Brief;
use super::gate::Gate;
use crate::api::error::Error;
use crate::api::types::Prepared;
use crate::journal::record::Choice;
use crate::secret::Secret;
use crate::wizard::event::{Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::reread::Changed;
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Status;
use crate::wizard::trouble;

/// Waiting for the service to prepare, or looking at why it did not.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepare {
    brief: Box<Brief>,
    /// What the person decided for this request, where the rules of the journal ask for it.
    consent: Option<Choice>,
    at: At,
}

#[derive(Debug, Clone, PartialEq)]
enum At {
    /// Nothing has left: the files are read again.
    Gate(Gate),
    /// The request has left.
    Sent { since: u64 },
    /// It came to nothing.
    Failed(Error),
}

/// What preparing comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Readied {
    /// The service's answer.
    Prepared(Box<Brief>, Prepared),
    /// Nothing has left: these files are not what was previewed.
    Changed(Vec<Changed>),
    /// The service said no to this of several nodes, which is noted; the others were confirmed too.
    Refused(Box<Brief>),
    /// A person left this of several nodes out; the brief is about the next.
    Without(Box<Brief>),
}

impl Prepare {
    /// Asks the service to prepare, by this decision where the rules of the journal ask for one.
    pub fn start(brief: Box<Brief>, consent: Option<Choice>, now: u64) -> (Self, Vec<Wish>) {
        let gate = Gate::close(&brief);
        let mut prepare = Self {
            brief,
            consent,
            at: At::Sent { since: now },
        };
        let request = match gate {
            Some((gate, request)) => {
                prepare.at = At::Gate(gate);
                request
            }
            None => prepare.request(),
        };
        (prepare, vec![Wish::Ask(request)])
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64) -> Outcome<Self, Readied> {
        match input {
            Input::Answer(Answer::FilesAgain(files)) if matches!(self.at, At::Gate(_)) => {
                let changed = self.brief.changed(files);
                if changed.is_empty() {
                    return self.send(now);
                }
                if !self.brief.is_settled() {
                    return Outcome::Done(Readied::Changed(changed));
                }
                self.at = At::Gate(Gate::Told(changed));
                Outcome::stay(self)
            }
            Input::Command(Command::Next) if matches!(self.at, At::Gate(Gate::Told(_))) => {
                self.send(now)
            }
            Input::Answer(Answer::Prepared(Ok(prepared))) => match self.brief.mismatch(&prepared) {
                None => Outcome::Done(Readied::Prepared(self.brief, prepared)),
                Some(error) => {
                    self.at = At::Failed(error);
                    Outcome::stay(self)
                }
            },
            Input::Answer(Answer::Prepared(Err(error)))
                if self.brief.several.goes_on_after(&error) =>
            {
                self.brief.several.refused(error);
                Outcome::Done(Readied::Refused(self.brief))
            }
            Input::Command(Command::Drop)
                if matches!(self.at, At::Failed(_)) && self.brief.several.can_leave_out() =>
            {
                self.brief.leave_out();
                Outcome::Done(Readied::Without(self.brief))
            }
            Input::Answer(Answer::Prepared(Err(error))) => {
                self.at = At::Failed(error);
                Outcome::stay(self)
            }
            Input::Command(Command::Refresh)
                if matches!(self.at, At::Failed(_)) && !self.brief.unanswered =>
            {
                let (stage, wishes) = Self::start(self.brief, None, now);
                Outcome::Stay(stage, wishes)
            }
            Input::Command(Command::Copy) => {
                let text = match &self.at {
                    At::Failed(error) => format!("{}: {error}", error.asked),
                    At::Gate(_) | At::Sent { .. } => String::new(),
                };
                Outcome::Stay(self, vec![Wish::Copy("the error", Secret::new(text))])
            }
            Input::Command(Command::Back) => Outcome::Leave,
            _ => Outcome::stay(self),
        }
    }

    /// What was decided.
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.at {
            At::Gate(gate) => gate.offer(),
            At::Sent { .. } => {
                Offer::default().with(Command::Back, "stop waiting, creates nothing")
            }
            // What a person decided beside an unanswered request was for one preparation.
            At::Failed(_) => Offer::default()
                .with_if(
                    !self.brief.unanswered,
                    Command::Refresh,
                    if self.brief.plan.is_new_app() {
                        "provision again"
                    } else {
                        "prepare again"
                    },
                )
                .with_if(
                    self.brief.several.can_leave_out(),
                    Command::Drop,
                    "leave this node out",
                )
                .with(Command::Copy, "copy for support")
                .with(Command::Back, "back to review"),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Status {
        match &self.at {
            At::Gate(gate) => gate.status(),
            At::Sent { .. } => Status::Preparing,
            At::Failed(error) => Status::Unprepared(error.clone()),
        }
    }

    /// Whether the clock on screen runs.
    pub fn moves(&self) -> bool {
        matches!(self.at, At::Sent { .. })
    }

    /// The page.
    pub fn page(&self, now: u64) -> Page<'_> {
        let error = match &self.at {
            At::Gate(gate) => return gate.page(),
            At::Sent { since } => return self.waiting(now.saturating_sub(*since)),
            At::Failed(error) => error,
        };
        let mut lines = trouble::card(error);
        lines.push(Line::new());
        if self.brief.plan.is_new_app() {
            lines.extend(failed_new_app(error));
            return Page {
                main: vec![Block::Text(lines)],
                side: Vec::new(),
                note: Line::new().dim("Everything you entered is still there."),
            };
        }
        lines.push(Line::from(if self.brief.unanswered {
            "This created nothing. The request before it may still: phala-wizard resume looks first."
        } else if error.left() {
            "Nothing was created. Preparing again is free, and makes an older preparation useless."
        } else {
            "Preparing creates nothing on this app, and makes an older preparation useless."
        }));
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim("Everything you entered is still there."),
        }
    }

    fn send(mut self, now: u64) -> Outcome<Self, Readied> {
        let request = self.request();
        self.at = At::Sent { since: now };
        Outcome::ask(self, request)
    }

    fn request(&self) -> Request {
        Request::Prepare(self.brief.order(self.consent.clone()))
    }

    fn provisioning(&self, waited: u64) -> Page<'_> {
        let mut lines = vec![
            title("Provisioning"),
            Line::new(),
            Line::new()
                .mark(Mark::Busy)
                .plain("asking the service to look at the new app")
                .dim(format!(
                    "   sent {waited} s ago, usually 1-4 s, I wait up to 120 s"
                )),
            Line::new()
                .mark(Mark::Todo)
                .dim("comparing the compose hash it names"),
        ];
        if !self.brief.seal.is_empty() {
            lines.push(
                Line::new()
                    .mark(Mark::Todo)
                    .dim("encrypting the values to the key it names"),
            );
        }
        lines.push(Line::new());
        lines.push(Line::from(
            "This creates nothing and costs nothing: the service checks the answers, chooses a node, and keeps them for \
             14 days. If the answer gets lost it is safe to ask again.",
        ));
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim(format!("Waiting for {}.", self.brief.host)),
        }
    }

    fn waiting(&self, waited: u64) -> Page<'_> {
        if self.brief.plan.is_new_app() {
            return self.provisioning(waited);
        }
        let mut lines = vec![title("Preparing"), Line::new()];
        if self.brief.plan.env.is_some() {
            lines.push(Line::new().mark(Mark::Ok).plain("the values are encrypted"));
        }
        lines.push(
            Line::new()
                .mark(Mark::Busy)
                .plain("asking the service to prepare")
                .dim(format!(
                    "   sent {waited} s ago, usually 1-4 s, I wait up to 120 s"
                )),
        );
        lines.push(
            Line::new()
                .mark(Mark::Todo)
                .dim("reading what the contract still has to allow"),
        );
        lines.push(Line::new());
        lines.push(Line::from(
            "This creates nothing. If the answer gets lost it is safe to ask again: a newer preparation simply makes the \
             older token useless.",
        ));
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim(format!("Waiting for {}.", self.brief.host)),
        }
    }
}

/// What a provision that came to nothing means.
fn failed_new_app(error: &Error) -> Vec<Line> {
    let mut lines = vec![Line::from(
        "Nothing was created and nothing is billed: provisioning only has the service look at it. Doing it again is free.",
    )];
    if error
        .status()
        .is_some_and(|status| (400..500).contains(&status))
    {
        lines.push(Line::new());
        lines.push(Line::new().mark(Mark::Dot).plain(
            "if the name or the id was taken meanwhile: back to step 1, which asks for a new id by itself",
        ));
    }
    lines
}
