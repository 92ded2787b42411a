//! The prepare-only request of an app that a contract governs: it creates nothing and hands out a ticket.
//!
//! An answer that got lost is no tragedy here: a newer preparation makes the older token useless. It is asked again
//! only when the person says so.

use super::brief::Brief;
use crate::api::error::Error;
use crate::api::types::Prepared;
use crate::journal::record::Choice;
use crate::secret::Secret;
use crate::wizard::event::{Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Status;
use crate::wizard::trouble;

/// Waiting for the service to prepare, or looking at why it did not.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepare {
    brief: Box<Brief>,
    since: u64,
    error: Option<Error>,
}

impl Prepare {
    /// Asks the service to prepare, by this decision where the rules of the journal ask for one.
    pub fn start(brief: Box<Brief>, consent: Option<Choice>, now: u64) -> (Self, Vec<Wish>) {
        let request = Request::Prepare(brief.order(consent));
        (
            Self {
                brief,
                since: now,
                error: None,
            },
            vec![Wish::Ask(request)],
        )
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64) -> Outcome<Self, (Box<Brief>, Prepared)> {
        match input {
            Input::Answer(Answer::Prepared(Ok(prepared))) => match self.brief.mismatch(&prepared) {
                None => Outcome::Done((self.brief, prepared)),
                Some(error) => {
                    self.error = Some(error);
                    Outcome::stay(self)
                }
            },
            Input::Answer(Answer::Prepared(Err(error))) => {
                self.error = Some(error);
                Outcome::stay(self)
            }
            Input::Command(Command::Refresh) if self.error.is_some() => {
                let (stage, wishes) = Self::start(self.brief, None, now);
                Outcome::Stay(stage, wishes)
            }
            Input::Command(Command::Copy) => {
                let text = self
                    .error
                    .as_ref()
                    .map(|error| format!("{}: {error}", error.asked))
                    .unwrap_or_default();
                Outcome::Stay(self, vec![Wish::Copy("the error", Secret::new(text))])
            }
            Input::Command(Command::Back) => Outcome::Leave,
            _ => Outcome::stay(self),
        }
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match self.error {
            Some(_) => Offer::default()
                .with(Command::Refresh, "prepare again")
                .with(Command::Copy, "copy for support")
                .with(Command::Back, "back to review"),
            None => Offer::default().with(Command::Back, "stop waiting, creates nothing"),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Status {
        match &self.error {
            Some(error) => Status::Unprepared(error.clone()),
            None => Status::Preparing,
        }
    }

    /// Whether the clock on screen runs.
    pub fn moves(&self) -> bool {
        self.error.is_none()
    }

    /// The page.
    pub fn page(&self, now: u64) -> Page<'_> {
        let Some(error) = &self.error else {
            return self.waiting(now);
        };
        let mut lines = trouble::card(error);
        lines.push(Line::new());
        lines.push(Line::from(
            "Nothing was created. Preparing again is free, and makes an older preparation useless.",
        ));
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim("Everything you entered is still there."),
        }
    }

    fn waiting(&self, now: u64) -> Page<'_> {
        let waited = now.saturating_sub(self.since);
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
