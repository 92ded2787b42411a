//! From the answers to a running instance, one stage at a time.
//!
//! ```text
//! form ──▶ Review ─┬─ contract governs, or new app ▶ Prepare ──465──▶ (Doubt) ──▶ Chain ──▶ Commit ──▶ Live
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
pub mod prepare;
mod resume;
pub mod review;
pub mod several;
mod terms;
mod without;

use brief::Brief;
use chain::Chain;
use commit::{Commit, Committed};
use doubt::Doubt;
use prepare::{Prepare, Readied};
use review::{Review, Reviewed};

use super::event::{self, Noted, Request};
use super::facts::Session;
use super::form::Step;
use super::keymap::Offer;
use super::live::finding::{Finding, Sought};
use super::live::{Ended, Live, LogRow};
use super::page::{Block, Page};
use super::reread::Changed;
use super::screen::{Input, Outcome, Wish};
use super::status::Status;
use crate::api::types::{Found, Prepared, Ticket};
use crate::secret::Secret;

/// What leaving means while nothing was sent.
pub const UNSENT: &str =
    "Nothing was sent. What you entered is kept only while this window is open.";

/// What leaving means once a request was begun that came to no instance.
pub const BEGUN: &str =
    "Nothing was created. What was prepared, if anything, is kept: phala-wizard resume goes on.";

/// What leaving means where an instance was made, and something else is on screen.
pub const MADE: &str = "The instance that was made before stays, and is billed. How to look at it and delete it is printed.";

/// What leaving means while a request that may have created has no clear answer.
pub const UNANSWERED: &str = "It is not known whether the instance exists. Leaving is safe: phala-wizard resume looks first.";

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
    pub fn status(&self) -> Status {
        match self {
            Self::Review(stage) => Status::Reviewing(stage.status()),
            Self::Prepare(stage) => stage.status(),
            Self::Doubt(stage) => stage.status(),
            Self::Chain(stage) => Status::Chain(stage.status()),
            Self::Commit(stage) => stage.status(),
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
            | Self::Finding(_)
            | Self::Live(_) => None,
        }
    }

    /// Place on the rail, from 0, after the form's five.
    pub fn index(&self) -> usize {
        match self {
            Self::Review(_) | Self::Prepare(_) | Self::Doubt(_) => 5,
            Self::Chain(_) => 6,
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
            Self::Commit(stage) => match stage.update(input, now) {
                Outcome::Stay(stage, wishes) => same(Self::Commit(stage), wishes),
                Outcome::Leave => Course::Review,
                Outcome::Done((brief, committed)) => match committed {
                    Committed::Created(birth) => Self::created(brief, *birth, now),
                    Committed::Refused => Self::onward(brief, now),
                    Committed::Ticket(ticket) => {
                        Self::prepared(brief, Prepared::Ticket(ticket), now)
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
            Self::Commit(stage) => stage.offer(),
            Self::Finding(stage) => stage.offer(),
            Self::Live(stage) => stage.offer(),
        }
    }

    /// The page of the stage on screen.
    pub fn page(&self, now: u64) -> Page<'_> {
        let mut page = self.own_page(now);
        if let Some(several) = self.several().filter(|_| !self.names_nodes()) {
            page.main.insert(0, Block::Text(several.lines()));
        }
        page
    }

    fn own_page(&self, now: u64) -> Page<'_> {
        match self {
            Self::Review(stage) => stage.page(),
            Self::Prepare(stage) => stage.page(now),
            Self::Doubt(stage) => stage.page(),
            Self::Chain(stage) => stage.page(now),
            Self::Commit(stage) => stage.page(now),
            Self::Finding(stage) => stage.page(),
            Self::Live(stage) => stage.page(now),
        }
    }

    /// Whether something on screen moves with time.
    pub fn moves(&self) -> bool {
        match self {
            Self::Review(_) | Self::Doubt(_) | Self::Finding(_) => false,
            Self::Prepare(stage) => stage.moves(),
            Self::Chain(stage) => stage.moves(),
            Self::Commit(stage) => stage.moves(),
            Self::Live(stage) => stage.moves(),
        }
    }

    /// How the program ends while it is not known whether a request has created, and a person went on.
    pub fn unanswered(&self) -> Option<event::Exit> {
        let brief = match self {
            Self::Review(stage) => stage.brief(),
            Self::Prepare(stage) => stage.brief(),
            Self::Doubt(stage) => stage.brief(),
            Self::Chain(stage) => stage.brief(),
            Self::Commit(stage) if stage.is_used_up() => return Some(stage.exit()),
            Self::Commit(stage) => stage.brief(),
            Self::Finding(_) | Self::Live(_) => return None,
        };
        brief.unanswered.then(|| brief.may_exist())
    }

    /// How the program ends for the instance on screen that was made here, should it be left behind.
    pub fn made(&self) -> Option<event::Exit> {
        match self {
            Self::Live(stage) if stage.is_made() => Some(stage.exit()),
            _ => None,
        }
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let mut exit = self.unanswered().unwrap_or_else(|| self.own_exit());
        if let Some(several) = self.several() {
            several.amend(&mut exit);
        }
        exit
    }

    fn own_exit(&self) -> event::Exit {
        match self {
            Self::Review(_) | Self::Prepare(_) | Self::Doubt(_) => nothing_created(),
            Self::Chain(stage) => stage.exit(),
            Self::Commit(stage) => stage.exit(),
            Self::Finding(stage) => stage.exit(),
            Self::Live(stage) => stage.exit(),
        }
    }

    /// What leaving now means, in one sentence.
    pub fn leaving(&self) -> &'static str {
        if self.unanswered().is_some() {
            return UNANSWERED;
        }
        match self {
            Self::Review(stage) => stage.leaving(),
            Self::Prepare(_) => {
                "The request may be under way. It creates nothing on this app; phala-wizard resume looks first."
            }
            Self::Doubt(_) => {
                "Nothing was created, and the hash that came back is used for nothing."
            }
            Self::Chain(_) => {
                "Nothing was created. What was prepared is kept on this machine: phala-wizard resume goes on."
            }
            Self::Commit(stage) => stage.leaving(),
            Self::Finding(_) => "Nothing was watched yet, and nothing was changed.",
            Self::Live(stage) => stage.leaving(),
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

/// How the program ends while nothing exists.
pub fn nothing_created() -> event::Exit {
    event::Exit {
        outcome: event::Outcome::Nothing,
        receipt: vec!["Nothing was created.".to_owned()],
    }
}

fn same(stage: Launch, wishes: Vec<Wish>) -> Course {
    Course::At(Box::new(stage), wishes, false)
}

fn next<Stage>(wrap: impl FnOnce(Stage) -> Launch, (stage, wishes): (Stage, Vec<Wish>)) -> Course {
    Course::At(Box::new(wrap(stage)), wishes, true)
}
