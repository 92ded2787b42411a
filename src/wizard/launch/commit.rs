//! The one confirmation, and the one request that creates.
//!
//! The request leaves once per confirmation and is never repeated by the program. No answer means "unknown", never
//! "failed": the app's instances from before are compared with those after, until ours is found or the person
//! decides. The words of this stage never promise more than is known.

mod before;
mod founding;
mod look;
mod page;
mod refused;
mod without;

use before::Before;
use look::Look;
pub use look::{Resumed, Why};
pub use refused::Cause;
use refused::Refused;

use super::brief::{Birth, Brief, Known};
use super::gate::Gate;
use crate::api::error::Error;
use crate::api::types::{
    ComposeHash, Created, CvmUuid, Instance, Permission, Prepared, Proof, Ticket,
};
use crate::journal::record::Choice;
use crate::secret::Secret;
use crate::wizard::event::{self, Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Line, Page};
use crate::wizard::reread::Changed;
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Status;
use crate::wizard::trouble;
use crate::zone::Zone;

/// Whoever stands here has heard that the contract allows everything.
const ALL_ALLOWED: Permission = Permission {
    hash: true,
    device: Some(true),
    all: true,
    error: None,
};

const BUTTONS: &[&str] = &["Back to review", "Create instance"];
const BUTTONS_APP: &[&str] = &["Back to review", "Create the app"];
const BUTTONS_SEVERAL: &[&str] = &["Back to review", "Create instances"];
const BUTTONS_AGAIN: &[&str] = &["Back to looking", "Create instance"];

/// The commit of one brief.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    brief: Box<Brief>,
    errand: Errand,
    /// Why it is asked once more, after a request that may have created.
    again: Option<Again>,
    at: At,
}

/// Asking once more.
#[derive(Debug, Clone, PartialEq)]
struct Again {
    /// What the person decided for the next request.
    choice: Choice,
    /// Why it was looked for before that.
    why: Why,
}

/// What the creating request is.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// Redeem a ticket.
    Redeem(Box<Ticket>, Proof),
    /// Prepare an app that no contract governs: the service may create at once.
    AtOnce,
}

/// What a commit comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Committed {
    /// The instance exists.
    Created(Box<Birth>),
    /// The service wants a registration (again), or wanted one in an earlier run: a ticket nobody has looked at yet.
    Ticket(Box<Ticket>),
    /// The contract does not agree (467, 468): the same ticket goes back to the chain.
    NotRegistered(Box<Ticket>),
    /// There is no token that may be used: prepare again, by this decision where the rules ask for one.
    Expired(Option<Choice>),
    /// Nothing has left: these files are not what was previewed.
    Changed(Vec<Changed>),
    /// The service said no to this of several nodes, which is noted; the others were confirmed too.
    Refused,
}

#[derive(Debug, Clone, PartialEq)]
enum At {
    /// Asking for the confirmation. The focus starts on the button that does nothing.
    Asking { create: bool, before: Before },
    /// It was given, and nothing has left: the files are read again.
    Gate { gate: Gate, before: Before },
    /// The request has left.
    Sent { since: u64, before: Vec<CvmUuid> },
    /// No clear answer came: looking for what exists now.
    Unknown(Look),
    /// A definite no.
    Refused(Refused),
}

/// What every update of this stage comes to.
type Next = Outcome<Commit, (Box<Brief>, Committed)>;

impl Commit {
    /// Asks whether to redeem this ticket.
    pub fn redeem(brief: Box<Brief>, ticket: Box<Ticket>, proof: Proof) -> (Self, Vec<Wish>) {
        Self::start(brief, Errand::Redeem(ticket, proof))
    }

    /// Asks whether to send the prepare-only request although it may create.
    pub fn create_at_once(brief: Box<Brief>) -> (Self, Vec<Wish>) {
        Self::start(brief, Errand::AtOnce)
    }

    fn start(brief: Box<Brief>, errand: Errand) -> (Self, Vec<Wish>) {
        let list = Request::Instances(brief.plan.app);
        let at = At::Asking {
            // What was confirmed with the first of several nodes is not asked again.
            create: brief.several.is_confirmed(),
            before: Before::Reading,
        };
        let commit = Self {
            brief,
            errand,
            again: None,
            at,
        };
        (commit, vec![Wish::Ask(list)])
    }

    /// Asks once more. The instances from before the first request stay the ones to compare with.
    fn once_more(brief: Box<Brief>, errand: Errand, before: Vec<CvmUuid>, again: Again) -> Self {
        Self {
            brief,
            errand,
            again: Some(again),
            at: At::Asking {
                create: false,
                before: Before::noted(before),
            },
        }
    }

    /// Takes up what the journal knows: the request may have left, so the instance is looked for first.
    pub fn resume(brief: Box<Brief>, errand: Errand, why: Why) -> (Self, Vec<Wish>) {
        let before = brief.before.clone();
        let (look, wishes) = Look::start(why, before, &brief);
        let commit = Self {
            brief,
            errand,
            again: None,
            at: At::Unknown(look),
        };
        (commit, wishes)
    }

    /// Takes an input.
    pub fn update(self, input: Input, now: u64) -> Next {
        match self.at {
            At::Asking { .. } => self.asking(input, now),
            At::Gate { .. } => self.at_gate(input, now),
            At::Sent { .. } => self.sent(input, now),
            At::Unknown(look) => look.update(input, now, self.brief, self.errand),
            At::Refused(refused) => refused.update(input, self.brief, self.errand),
        }
    }

    /// What was decided.
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.at {
            At::Asking { create, before } => {
                let offer = Offer::default();
                let back = match self.again {
                    None => "back to review",
                    Some(_) => "back to looking",
                };
                let offer = if *create && *before == Before::Reading {
                    offer.blocked(
                        Command::Next,
                        "create",
                        "one moment: the list of instances is being noted first",
                    )
                } else if *create {
                    offer.creating(Command::Next, "CREATE")
                } else {
                    offer.with(Command::Next, back)
                };
                offer
                    .with(Command::Left, "")
                    .with(Command::Right, "")
                    .with(Command::Tab, "other button")
                    .with(Command::Back, back)
            }
            At::Gate { gate, .. } => gate.offer(),
            At::Sent { .. } => Offer::default(),
            At::Unknown(look) => look.offer(&self.errand, &self.brief),
            At::Refused(refused) => refused.offer(&self.errand),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self, zone: &Zone) -> Status {
        match &self.at {
            At::Asking { create, before } => Status::Asking {
                create: *create,
                before: before.status(),
                registered: match &self.errand {
                    Errand::Redeem(ticket, _)
                        if ticket.provision.is_none() && before.saw_registration() =>
                    {
                        Some(self.brief.registration(ticket, &ALL_ALLOWED))
                    }
                    Errand::Redeem(..) | Errand::AtOnce => None,
                },
            },
            At::Gate { gate, .. } => gate.status(),
            At::Sent { .. } => Status::Sent,
            At::Unknown(look) => look.status(zone),
            At::Refused(refused) => refused.status(),
        }
    }

    /// The token, while it was not sent.
    pub fn token(&self) -> Option<&Secret> {
        match (&self.at, &self.errand) {
            (At::Asking { .. } | At::Gate { .. }, Errand::Redeem(ticket, _))
                if ticket.provision.is_none() =>
            {
                Some(&ticket.token)
            }
            _ => None,
        }
    }

    /// Whether the clock on screen runs.
    pub fn moves(&self) -> bool {
        match &self.at {
            At::Asking { .. } | At::Gate { .. } | At::Refused(_) => false,
            At::Sent { .. } => true,
            At::Unknown(look) => look.moves(),
        }
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let outcome = self.outcome();
        let receipt = match (outcome, &self.errand) {
            (event::Outcome::TokenDead, _) => vec![
                "The token is no longer good: nothing more can come of it.".to_owned(),
                format!(
                    "It may have been used before. Look:  phala instances ls --app-id {}",
                    self.brief.plan.app
                ),
            ],
            (event::Outcome::Unknown, _) => self.brief.may_exist().receipt,
            (event::Outcome::Prepared, Errand::Redeem(ticket, _)) => {
                self.brief.prepared(ticket).receipt
            }
            _ => super::nothing_created().receipt,
        };
        event::Exit { outcome, receipt }
    }

    fn outcome(&self) -> event::Outcome {
        let by_errand = match &self.errand {
            Errand::Redeem(..) => event::Outcome::Prepared,
            Errand::AtOnce => event::Outcome::Nothing,
        };
        match &self.at {
            At::Asking { .. } | At::Gate { .. } => by_errand,
            At::Sent { .. } => event::Outcome::Unknown,
            At::Unknown(look) => look.outcome(),
            At::Refused(refused) => refused.outcome().unwrap_or(by_errand),
        }
    }

    /// Whether the token was refused: it may have been used, and what of, is not told.
    pub fn is_used_up(&self) -> bool {
        matches!(&self.at, At::Refused(refused) if refused.is_of_token())
    }

    /// What leaving now means.
    pub fn leaving(&self) -> &'static str {
        match (&self.at, self.outcome()) {
            (At::Refused(_), event::Outcome::TokenDead) => {
                "Nothing is sent again. Whether the token was used before is what looking tells."
            }
            (At::Asking { .. } | At::Gate { .. } | At::Refused(_), _) => "Nothing was created.",
            (At::Sent { .. }, _) => {
                "The request is on its way. Leaving does not cancel it; phala-wizard resume looks first."
            }
            (At::Unknown(_), event::Outcome::Prepared | event::Outcome::Nothing) => {
                "Nothing was sent since it was taken up again. Leaving is safe: phala-wizard resume looks first."
            }
            (At::Unknown(_), _) => super::UNANSWERED,
        }
    }

    /// The page.
    pub fn page<'a>(&'a self, now: u64, zone: &'a Zone) -> Page<'a> {
        match &self.at {
            At::Asking { create, before } => self.confirmation(*create, before),
            At::Gate { gate, .. } => gate.page(),
            At::Sent { since, .. } => self.in_flight(now.saturating_sub(*since)),
            At::Unknown(look) => look.page(now, zone, &self.brief, &self.errand),
            At::Refused(refused) => refused.page(&self.errand),
        }
    }

    fn asking(mut self, input: Input, now: u64) -> Next {
        let At::Asking { create, before } = &mut self.at else {
            return Outcome::stay(self);
        };
        match input {
            Input::Answer(Answer::Instances(reply)) => match before {
                Before::Reading => {
                    let reply = self.brief.listed(reply);
                    *before = Before::of(reply, &self.brief.before, self.errand.hash());
                    if self.brief.several.is_confirmed() && *create {
                        return match before {
                            Before::Known { .. } => self.confirmed(now),
                            Before::Reading | Before::Kept { .. } | Before::Unread(_) => {
                                *create = false;
                                Outcome::stay(self)
                            }
                        };
                    }
                }
                // A look that was still under way: what it saw is no reason to create again, and never noted.
                Before::Known { uuids, .. } if self.again.is_some() => {
                    let is_new = |one: &Instance| one.is_beside(uuids);
                    if self
                        .brief
                        .listed(reply)
                        .is_ok_and(|list| list.iter().any(is_new))
                    {
                        return self.back();
                    }
                }
                Before::Known { .. } | Before::Kept { .. } | Before::Unread(_) => (),
            },
            Input::Command(Command::Left) => *create = false,
            Input::Command(Command::Right) => *create = true,
            Input::Command(Command::Tab) => *create = !*create,
            Input::Command(Command::Next) if *create => return self.confirmed(now),
            Input::Command(Command::Next | Command::Back) => return self.back(),
            _ => (),
        }
        Outcome::stay(self)
    }

    /// The confirmation was given: the files are read again before it leaves.
    fn confirmed(mut self, now: u64) -> Next {
        let At::Asking { before, .. } = &mut self.at else {
            return Outcome::stay(self);
        };
        if *before == Before::Reading {
            return Outcome::stay(self);
        }
        let before = std::mem::replace(before, Before::Reading);
        let Some((gate, request)) = Gate::close(&self.brief) else {
            return self.send(before, now);
        };
        self.at = At::Gate { gate, before };
        Outcome::ask(self, request)
    }

    /// The confirmation was given: it leaves if the files are still what was previewed.
    fn at_gate(mut self, input: Input, now: u64) -> Next {
        let At::Gate { gate, before } = &mut self.at else {
            return Outcome::stay(self);
        };
        match input {
            Input::Answer(Answer::FilesAgain(files)) => {
                let changed = self.brief.changed(files);
                if changed.is_empty() {
                    let before = std::mem::replace(before, Before::Reading);
                    return self.send(before, now);
                }
                // What may be under way already is only sent again as it was.
                if !self.brief.is_settled() {
                    return Outcome::Done((self.brief, Committed::Changed(changed)));
                }
                *gate = Gate::Told(changed);
            }
            // Whoever was told decides once more.
            Input::Command(Command::Next) if matches!(gate, Gate::Told(_)) => {
                self.brief.files.clear();
                self.ask_again();
            }
            Input::Command(Command::Back) => {
                self.ask_again();
                return self.back();
            }
            _ => (),
        }
        Outcome::stay(self)
    }

    /// From the gate back to the confirmation.
    fn ask_again(&mut self) {
        if let At::Gate { before, .. } = &mut self.at {
            let before = std::mem::replace(before, Before::Reading);
            self.at = At::Asking {
                create: false,
                before,
            };
        }
    }

    fn send(mut self, before: Before, now: u64) -> Next {
        let known = self.brief.before.clone();
        let before = before.uuids(&known).unwrap_or(known);
        let request = self.creating_request();
        self.brief.several.confirm();
        self.at = At::Sent { since: now, before };
        Outcome::ask(self, request)
    }

    /// Back to where this was asked from: the review, or the search that goes on.
    fn back(mut self) -> Next {
        let (Some(again), At::Asking { before, .. }) = (self.again.take(), &mut self.at) else {
            return Outcome::Leave;
        };
        let before = std::mem::replace(before, Before::Reading);
        let known = self.brief.before.clone();
        let before = before.uuids(&known).unwrap_or(known);
        let (look, wishes) = Look::start(again.why, before, &self.brief);
        self.at = At::Unknown(look);
        Outcome::Stay(self, wishes)
    }

    fn buttons(&self) -> &'static [&'static str] {
        match self.again {
            None if self.brief.plan.is_new_app() => BUTTONS_APP,
            None if self.brief.several.is_some() => BUTTONS_SEVERAL,
            None => BUTTONS,
            Some(_) => BUTTONS_AGAIN,
        }
    }

    /// The request of this errand. It leaves from one place, behind the confirmation.
    fn creating_request(&self) -> Request {
        let choice = self.again.as_ref().map(|again| again.choice.clone());
        match &self.errand {
            Errand::Redeem(ticket, proof) => Request::Commit {
                order: self.brief.order(choice),
                ticket: ticket.clone(),
                proof: *proof,
            },
            Errand::AtOnce => Request::Prepare(self.brief.order(choice)),
        }
    }

    fn sent(mut self, input: Input, now: u64) -> Next {
        let At::Sent { since, before } = &mut self.at else {
            return Outcome::stay(self);
        };
        let Input::Answer(Answer::Committed(reply) | Answer::Prepared(reply)) = input else {
            return Outcome::stay(self);
        };
        let mismatch = reply
            .as_ref()
            .ok()
            .and_then(|prepared| self.brief.mismatch(prepared));
        let error = match reply {
            Ok(Prepared::Created(created)) => {
                let birth = self
                    .errand
                    .birth(*created, std::mem::take(before), Known::Answered);
                return Outcome::Done((self.brief, Committed::Created(Box::new(birth))));
            }
            Ok(Prepared::Ticket(ticket)) => match mismatch {
                None => return Outcome::Done((self.brief, Committed::Ticket(ticket))),
                Some(error) => error,
            },
            Err(error) => error,
        };
        let before = std::mem::take(before);
        if error.never_arrived()
            && let Some(again) = self.again.take()
        {
            // Nothing has changed: the request before it is still the one to look for.
            let (look, mut wishes) = Look::start(again.why, before, &self.brief);
            wishes.push(Wish::Say(format!("not sent: {error}")));
            self.at = At::Unknown(look);
            return Outcome::Stay(self, wishes);
        }
        // After an unanswered send, a no says nothing about the one before.
        let counts = !self.brief.unanswered || !error.left();
        let cause = Cause::of(&error, &self.errand).filter(|_| counts);
        if cause == Some(Cause::Other) && self.brief.several.goes_on_after(&error) {
            self.brief.several.refused(error);
            return Outcome::Done((self.brief, Committed::Refused));
        }
        if let Some(cause) = cause {
            self.at = At::Refused(Refused::new(cause, error, before));
            Outcome::stay(self)
        } else {
            let why = Why::Lost {
                error,
                sent: *since,
                gave_up: now,
            };
            let (look, wishes) = Look::start(why, before, &self.brief);
            self.at = At::Unknown(look);
            Outcome::Stay(self, wishes)
        }
    }
}

impl Errand {
    /// The compose hash of what is created, where the service has named one.
    fn hash(&self) -> Option<&ComposeHash> {
        match self {
            Self::Redeem(ticket, _) => Some(&ticket.compose_hash),
            Self::AtOnce => None,
        }
    }

    /// What came of it, beside the instances there were before.
    fn birth(&self, created: Created, before: Vec<CvmUuid>, known: Known) -> Birth {
        let ticket = match self {
            Self::Redeem(ticket, _) => Some(ticket),
            Self::AtOnce => None,
        };
        Birth {
            created,
            compose_hash: ticket.map(|ticket| ticket.compose_hash),
            device: ticket.and_then(|ticket| ticket.device),
            before,
            known,
        }
    }
}

/// The lines of an error under a headline of ours.
fn with_card(headline: Vec<Line>, error: &Error) -> Vec<Line> {
    let mut lines = headline;
    lines.push(Line::new());
    lines.extend(trouble::card(error).into_iter().skip(2));
    lines
}
