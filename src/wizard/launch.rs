//! From the answers to a running instance, one stage at a time.
//!
//! ```text
//! form ──▶ Review ─┬─ contract governs, or new app ▶ Prepare ──465──▶ (Doubt) ──▶ Chain ──▶ Commit ──▶ Live
//!                  │                                             (new app) Founding ───▲
//!                  └─ no contract ──▶ Commit (asks first: preparing may create) ────────▲
//! ```
//!
//! A stage owns what it needs and is moved by value; it says what it made, and only [`Launch::update`] knows what
//! follows from that.

pub mod brief;
pub mod chain;
pub mod commit;
pub mod doubt;
mod follow;
mod gate;
mod leave;
pub mod prepare;
mod resume;
pub mod review;
pub mod several;
mod terms;
mod without;

pub use leave::{BEGUN, MADE, UNANSWERED, UNSENT, nothing_created};

use brief::Brief;
use chain::{Chain, Found as Founding};
use commit::{Commit, Committed};
use doubt::Doubt;
use prepare::{Prepare, Readied};
use review::{Review, Reviewed};

use super::event::{Noted, Request};
use super::facts::Session;
use super::form::Step;
use super::keymap::Offer;
use super::live::finding::{Finding, Sought};
use super::live::{Ended, Live, LogRow};
use super::page::{Block, Page};
use super::reread::Changed;
use super::screen::{Input, Outcome, Wish};
use super::status::Status;
use crate::api::types::{AppId, Found, Prepared, Ticket};
use crate::secret::Secret;
use crate::zone::Zone;

/// The stage on screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Launch {
    /// A last look at everything.
    Review(Review),
    /// The prepare-only request is under way.
    Prepare(Prepare),
    /// The service named a hash that is not the one of what was previewed.
    Doubt(Doubt),
    /// The app's contract has to agree.
    Chain(Chain),
    /// The contract of a new app has to be there.
    Founding(Founding),
    /// The one confirmation, and the one request that creates.
    Commit(Commit),
    /// The instance that is to be watched is looked for.
    Finding(Finding),
    /// The instance boots, runs, or fails.
    Live(Live),
}

/// What a launch comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// A stage is on screen. `true` if it is another one than before.
    At(Box<Launch>, Vec<Wish>, bool),
    /// Back to the review, made anew from the answers.
    Review,
    /// The same, with these files as they are now.
    Reread(Vec<Changed>),
    /// Back to the form.
    Form,
    /// Back to this question of it: what is there because of its answers stays.
    Change(Step),
    /// The instance that was looked for is there; and the one that was watched before.
    Found(Box<Found>, Option<Box<Live>>),
}

impl Launch {
    /// Begins with the review.
    pub fn start(review: (Review, Vec<Wish>)) -> Course {
        let (stage, wishes) = review;
        Course::At(Box::new(Self::Review(stage)), wishes, true)
    }

    /// Begins with the confirmation, for a ticket that was handed out before.
    pub fn redeem(brief: Brief, ticket: Ticket) -> Course {
        let proof = brief.proof();
        next(
            Self::Commit,
            Commit::redeem(Box::new(brief), Box::new(ticket), proof),
        )
    }

    /// Begins with looking for the instance that is named.
    pub fn find(typed: &str) -> Course {
        next(Self::Finding, Finding::start(typed))
    }

    /// Watches what was found.
    pub fn watch(
        found: &Found,
        first: Option<Box<Live>>,
        session: &Session,
        log: Option<&str>,
        now: u64,
    ) -> Course {
        let (live, wishes) = Live::watch(found, session, log, now);
        next(Self::Live, (live.after(first), wishes))
    }

    /// The lines of the log that is read for a face without pages, after this number.
    pub fn log_after(&self, number: u64) -> Vec<LogRow> {
        match self {
            Self::Live(stage) => stage.log_after(number),
            _ => Vec::new(),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self, zone: &Zone) -> Status {
        match self {
            Self::Review(stage) => Status::Reviewing(stage.status()),
            Self::Prepare(stage) => stage.status(),
            Self::Doubt(stage) => stage.status(),
            Self::Chain(stage) => Status::Chain(stage.status()),
            Self::Founding(stage) => Status::Chain(stage.status()),
            Self::Commit(stage) => stage.status(zone),
            Self::Finding(stage) => Status::Seeking(stage.status()),
            Self::Live(stage) => Status::Live(Box::new(stage.status())),
        }
    }

    /// The commit token, while it was not sent.
    pub fn token(&self) -> Option<&Secret> {
        match self {
            Self::Chain(stage) => Some(stage.token()),
            Self::Commit(stage) => stage.token(),
            Self::Review(_)
            | Self::Prepare(_)
            | Self::Doubt(_)
            | Self::Founding(_)
            | Self::Finding(_)
            | Self::Live(_) => None,
        }
    }

    /// The app, where a stage knows it by now and the form does not.
    pub fn app(&self) -> Option<AppId> {
        match self {
            Self::Founding(stage) => stage.app(),
            Self::Commit(stage) => Some(stage.brief().plan.app),
            Self::Review(_)
            | Self::Prepare(_)
            | Self::Doubt(_)
            | Self::Chain(_)
            | Self::Finding(_)
            | Self::Live(_) => None,
        }
    }

    /// Place on the rail, from 0, after the form's five.
    pub fn index(&self) -> usize {
        match self {
            Self::Review(_) | Self::Prepare(_) | Self::Doubt(_) => 5,
            Self::Chain(_) | Self::Founding(_) => 6,
            Self::Commit(_) => 7,
            Self::Finding(_) | Self::Live(_) => 8,
        }
    }

    /// Takes an input; says where that leads.
    pub fn update(self, input: Input, now: u64) -> Course {
        match self {
            Self::Review(stage) => match stage.update(input) {
                Outcome::Stay(stage, wishes) => same(Self::Review(stage), wishes),
                Outcome::Leave => Course::Form,
                Outcome::Done(Reviewed(brief)) if brief.prepares() => {
                    next(Self::Prepare, Prepare::start(brief, None, now))
                }
                Outcome::Done(Reviewed(brief)) => next(Self::Commit, Commit::create_at_once(brief)),
            },
            Self::Prepare(stage) => match stage.update(input, now) {
                Outcome::Stay(stage, wishes) => same(Self::Prepare(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done(Readied::Prepared(brief, prepared)) => {
                    Self::prepared(brief, prepared, now)
                }
                Outcome::Done(Readied::Changed(files)) => Course::Reread(files),
                Outcome::Done(Readied::Refused(brief)) => Self::onward(brief, now),
                Outcome::Done(Readied::Without(brief)) => {
                    next(Self::Prepare, Prepare::start(brief, None, now))
                }
            },
            Self::Doubt(stage) => match stage.update(input) {
                Outcome::Stay(stage, wishes) => same(Self::Doubt(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done((mut brief, ticket)) => {
                    let hash = ticket.compose_hash;
                    brief.accepted = Some(hash);
                    Self::ticket(brief, ticket, now).noting(Noted::Accepted(hash))
                }
            },
            Self::Chain(stage) => match stage.update(input, now) {
                Outcome::Stay(stage, wishes) => same(Self::Chain(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done((brief, ticket, proof)) => {
                    next(Self::Commit, Commit::redeem(brief, ticket, proof))
                }
            },
            Self::Founding(stage) => match stage.update(input, now) {
                Outcome::Stay(stage, wishes) => same(Self::Founding(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done((brief, ticket, proof)) => {
                    next(Self::Commit, Commit::redeem(brief, ticket, proof))
                }
            },
            Self::Commit(stage) => match stage.update(input, now) {
                Outcome::Stay(stage, wishes) => same(Self::Commit(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done((brief, committed)) => match committed {
                    Committed::Created(birth) => Self::created(brief, *birth, now),
                    Committed::Refused => Self::onward(brief, now),
                    Committed::Ticket(ticket) => {
                        Self::prepared(brief, Prepared::Ticket(ticket), now)
                    }
                    Committed::NotRegistered(ticket) if brief.plan.kms_chain().is_some() => {
                        next(Self::Founding, Founding::start(brief, ticket, now))
                    }
                    Committed::NotRegistered(ticket) => {
                        next(Self::Chain, Chain::start(brief, ticket, now))
                    }
                    Committed::Expired(_) if brief.lacks_values() => {
                        Self::start(Review::start(*brief, None))
                    }
                    Committed::Expired(consent) => {
                        next(Self::Prepare, Prepare::start(brief, consent, now))
                    }
                    Committed::Changed(files) => Course::Reread(files),
                },
            },
            Self::Live(stage) => match stage.update(input, now) {
                Outcome::Stay(stage, wishes) => same(Self::Live(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done(Ended::Change(step)) => Course::Change(step),
                Outcome::Done(Ended::Other(instance, first)) => {
                    next(Self::Finding, Finding::other(&instance, Some(first)))
                }
                Outcome::Done(Ended::Back(first)) => next(Self::Live, first.wake(now)),
                Outcome::Done(Ended::Onward(brief)) => Self::onward(brief, now),
                Outcome::Done(Ended::Made(brief, birth)) => {
                    next(Self::Live, Live::start(&brief, *birth, now))
                }
            },
            Self::Finding(stage) => match stage.update(input) {
                Outcome::Stay(stage, wishes) => same(Self::Finding(stage), wishes),
                Outcome::Leave => Course::Form,
                Outcome::Done(Sought::Found(found, first)) => Course::Found(found, first),
                Outcome::Done(Sought::Back(first)) => next(Self::Live, first.wake(now)),
            },
        }
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match self {
            Self::Review(stage) => stage.offer(),
            Self::Prepare(stage) => stage.offer(),
            Self::Doubt(stage) => stage.offer(),
            Self::Chain(stage) => stage.offer(),
            Self::Founding(stage) => stage.offer(),
            Self::Commit(stage) => stage.offer(),
            Self::Finding(stage) => stage.offer(),
            Self::Live(stage) => stage.offer(),
        }
    }

    /// The page of the stage on screen.
    pub fn page<'a>(&'a self, now: u64, zone: &'a Zone) -> Page<'a> {
        let mut page = self.own_page(now, zone);
        if let Some(several) = self.several().filter(|_| !self.names_nodes()) {
            page.main.insert(0, Block::Text(several.lines()));
        }
        page
    }

    fn own_page<'a>(&'a self, now: u64, zone: &'a Zone) -> Page<'a> {
        match self {
            Self::Review(stage) => stage.page(),
            Self::Prepare(stage) => stage.page(now),
            Self::Doubt(stage) => stage.page(),
            Self::Chain(stage) => stage.page(now),
            Self::Founding(stage) => stage.page(now),
            Self::Commit(stage) => stage.page(now, zone),
            Self::Finding(stage) => stage.page(),
            Self::Live(stage) => stage.page(now, zone),
        }
    }

    /// Whether something on screen moves with time.
    pub fn moves(&self) -> bool {
        match self {
            Self::Review(_) | Self::Doubt(_) | Self::Finding(_) => false,
            Self::Prepare(stage) => stage.moves(),
            Self::Chain(stage) => stage.moves(),
            Self::Founding(stage) => stage.moves(),
            Self::Commit(stage) => stage.moves(),
            Self::Live(stage) => stage.moves(),
        }
    }
}

impl Course {
    /// The same, and this is written down.
    fn noting(mut self, noted: Noted) -> Self {
        if let Self::At(_, wishes, _) = &mut self {
            wishes.push(Wish::Ask(Request::Note(noted)));
        }
        self
    }
}

fn same(stage: Launch, wishes: Vec<Wish>) -> Course {
    Course::At(Box::new(stage), wishes, false)
}

fn next<Stage>(wrap: impl FnOnce(Stage) -> Launch, (stage, wishes): (Stage, Vec<Wish>)) -> Course {
    Course::At(Box::new(wrap(stage)), wishes, true)
}
