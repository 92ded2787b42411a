//! No clear answer came: the instance may exist. Looking for it, without sending anything that creates (S24).
//!
//! The instances from before the request are compared with those listed now, and only what two looks in a row agree on
//! counts. One new one on our node, with our hash, and younger than all there were before is ours; several are shown, and
//! so is one beside which somebody else's appeared; none means looking on, with growing pauses. Only a person goes on from there: by sending the very same token again, or, where a second instance could
//! come of it, by typing the app's name.

mod consent;
mod page;

use consent::{Consent, Way};

use super::{Again, At, Commit, Committed, Errand, Next};
use crate::api::error::{Error, No};
use crate::api::types::{Created, CvmUuid, Instance};
use crate::journal::record;
use crate::secret::Secret;
use crate::wizard::event::{self, Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::launch::brief::{Brief, Known};
use crate::wizard::menu::Menu;
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::{Candidate, Status};
use crate::zone::Zone;

/// Seconds between one look and the next; the last one repeats.
const PAUSES: [u64; 7] = [2, 4, 8, 15, 30, 60, 60];

/// The search for an instance that may exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    why: Why,
    before: Vec<CvmUuid>,
    looks: Vec<Glance>,
    /// When to look next; `None` while a look is under way.
    next: Option<u64>,
    /// What the last look found; it counts once the next one agrees.
    last: Option<Vec<Instance>>,
    /// New instances that can be ours, by two looks in a row; `None` until two agreed.
    agreed: Option<Vec<Instance>>,
    /// New instances that cannot be ours: somebody else is at it too.
    strangers: usize,
    menu: Menu,
    consent: Option<Consent>,
}

/// Why it is not known whether the instance exists.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// A request was sent, and this came instead of an answer.
    Lost {
        /// What came.
        error: Error,
        /// When the request left.
        sent: u64,
        /// When it was given up.
        gave_up: u64,
    },
    /// The token was used, by whomever, or ran out; with what the service said, where that was in this run.
    Refused(Option<Error>),
    /// It was taken up again from the journal.
    Resumed(Resumed),
}

/// How far a deployment came that is taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// The prepare-only request may have left; on this app it creates nothing. With nothing found it is sent again.
    Preparing,
    /// Prepared, never committed. With nothing found the launch goes on with the token.
    Prepared,
    /// The creating request may have left.
    Sent,
}

/// One look at the list.
#[derive(Debug, Clone, PartialEq)]
struct Glance {
    at: u64,
    seen: Result<(usize, usize), Error>,
}

impl Look {
    /// Begins to look, at once.
    pub fn start(why: Why, before: Vec<CvmUuid>, brief: &Brief) -> (Self, Vec<Wish>) {
        let look = Self {
            why,
            before,
            looks: Vec::new(),
            next: None,
            last: None,
            agreed: None,
            strangers: 0,
            menu: Menu::default(),
            consent: None,
        };
        (look, vec![Wish::Ask(Request::Instances(brief.plan.app))])
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64, brief: Box<Brief>, errand: Errand) -> Next {
        if let Some(consent) = &mut self.consent
            && !matches!(input, Input::Answer(_) | Input::Tick)
        {
            match consent.update(input, brief.plan.name.as_str()) {
                consent::Verdict::Stay => (),
                consent::Verdict::Back => self.consent = None,
                consent::Verdict::Given => return self.give(brief),
            }
            return self.stay(brief, errand, Vec::new());
        }
        let mut wishes = Vec::new();
        match input {
            Input::Answer(Answer::Instances(reply)) => {
                let had = self.candidates().len();
                self.take(reply, now, &brief, &errand);
                if self.candidates().len() > had {
                    wishes.push(Wish::Alert("The instance was found."));
                }
                if !self.is_clear() {
                    // What may be there by now is not made once more.
                    self.consent = None;
                }
                if self.is_clear()
                    && let Why::Resumed(resumed) = self.why
                {
                    match (resumed, errand) {
                        (Resumed::Preparing, _) => {
                            return Outcome::Done((brief, Committed::Expired(None)));
                        }
                        // Its hash is judged as if the service had named it just now.
                        (Resumed::Prepared, Errand::Redeem(ticket, _)) => {
                            return Outcome::Done((brief, Committed::Ticket(ticket)));
                        }
                        (_, errand) => return self.stay(brief, errand, wishes),
                    }
                }
            }
            Input::Tick if self.next.is_some_and(|next| now >= next) => {
                wishes.push(self.ask(&brief));
            }
            Input::Command(Command::Refresh) => wishes.push(self.ask(&brief)),
            Input::Command(Command::Copy) => wishes.extend(self.copy()),
            Input::Command(command) => {
                let count = self.choices(&errand).max(self.candidates().len());
                if let Some(index) = self.menu.update(command, count) {
                    return self.choose(index, brief, errand);
                }
            }
            _ => (),
        }
        self.stay(brief, errand, wishes)
    }

    /// What can be done now.
    pub fn offer(&self, errand: &Errand, brief: &Brief) -> Offer {
        if let Some(consent) = &self.consent {
            return consent.offer(brief.plan.name.as_str());
        }
        let offer = match (self.candidates().len(), self.choices(errand)) {
            (0, 0) => Offer::default(),
            (1, _) => Offer::default().with(Command::Next, "take it over and watch it"),
            (0, count) | (count, _) => Menu::offer(Offer::default(), count),
        };
        offer.with(Command::Refresh, "look now").with_if(
            self.error().is_some(),
            Command::Copy,
            "copy for support",
        )
    }

    /// Where it stands.
    pub fn status(&self, zone: &Zone) -> Status {
        Status::Unknown {
            error: self.error().cloned(),
            outcome: self.outcome(),
            strangers: self.strangers,
            clear: self.is_clear(),
            candidates: self
                .candidates()
                .iter()
                .map(|one| Candidate {
                    said: format!("{} {}", one.name, page::describe(one, Some(zone))),
                    told: format!("{} {}", one.name, page::describe(one, None)),
                })
                .collect(),
        }
    }

    /// How the program ends if it is left now.
    pub fn outcome(&self) -> event::Outcome {
        match &self.why {
            Why::Refused(_) => event::Outcome::TokenDead,
            Why::Lost { .. } | Why::Resumed(Resumed::Sent) => event::Outcome::Unknown,
            Why::Resumed(Resumed::Prepared) => event::Outcome::Prepared,
            Why::Resumed(Resumed::Preparing) => event::Outcome::Nothing,
        }
    }

    /// Whether another look is to come.
    pub fn moves(&self) -> bool {
        self.candidates().is_empty()
    }

    fn error(&self) -> Option<&Error> {
        match &self.why {
            Why::Lost { error, .. } => Some(error),
            Why::Refused(error) => error.as_ref(),
            Why::Resumed(_) => None,
        }
    }

    /// What two looks agreed on.
    fn candidates(&self) -> &[Instance] {
        self.agreed.as_deref().unwrap_or_default()
    }

    /// Whether two looks agreed that there is nothing, and none since has seen anything.
    fn is_clear(&self) -> bool {
        let is_empty = |seen: &Option<Vec<Instance>>| seen.as_ref().is_some_and(Vec::is_empty);
        is_empty(&self.agreed) && is_empty(&self.last)
    }

    fn ways(&self, errand: &Errand) -> &'static [Way] {
        match errand {
            _ if !self.is_clear() || !self.candidates().is_empty() => &[],
            Errand::Redeem(ticket, _) if ticket.provision.is_some() && !self.is_refused() => {
                &[Way::KeepLooking, Way::SameToken]
            }
            Errand::Redeem(..) if self.is_refused() => &[Way::KeepLooking, Way::Anew],
            Errand::Redeem(..) => &[Way::KeepLooking, Way::SameToken, Way::Anew],
            Errand::AtOnce => &[Way::KeepLooking, Way::Anew],
        }
    }

    fn choices(&self, errand: &Errand) -> usize {
        self.ways(errand).len()
    }

    /// Whether the service said that the token is no longer good: sending it once more can do nothing.
    fn is_refused(&self) -> bool {
        let is_so = |error: &Error| error.verdict_on_commit() == Some(No::TokenGone);
        matches!(self.why, Why::Refused(_)) || self.error().is_some_and(is_so)
    }

    fn ask(&mut self, brief: &Brief) -> Wish {
        self.next = None;
        Wish::Ask(Request::Instances(brief.plan.app))
    }

    fn copy(&self) -> Option<Wish> {
        let error = self.error()?;
        let id = error.request_id();
        let id = id
            .map(|id| format!("   request id {id}"))
            .unwrap_or_default();
        let text = format!("{}: {error}{id}", error.asked);
        Some(Wish::Copy("the error", Secret::new(text)))
    }

    fn choose(mut self, index: usize, brief: Box<Brief>, errand: Errand) -> Next {
        if let Some(instance) = self.candidates().get(index) {
            let created = adopt(instance, &brief);
            let known = if self.candidates().len() == 1 {
                Known::Found
            } else {
                Known::Chosen
            };
            let birth = errand.birth(created, self.before, known);
            return Outcome::Done((brief, Committed::Created(Box::new(birth))));
        }
        match self.ways(&errand).get(index) {
            Some(Way::SameToken) => {
                let choice = record::Choice::SendAgain;
                self.once_more(brief, errand, choice)
            }
            Some(Way::Anew) => {
                self.consent = Some(Consent::default());
                self.stay(brief, errand, Vec::new())
            }
            Some(Way::KeepLooking) => {
                let wish = self.ask(&brief);
                self.stay(brief, errand, vec![wish])
            }
            None => self.stay(brief, errand, Vec::new()),
        }
    }

    /// The person knows that it may give two, and wants it.
    fn give(self, mut brief: Box<Brief>) -> Next {
        brief.unanswered = true;
        let choice = record::Choice::PrepareAgain;
        if brief.prepares() {
            Outcome::Done((brief, Committed::Expired(Some(choice))))
        } else {
            self.once_more(brief, Errand::AtOnce, choice)
        }
    }

    /// Asks once more, by this decision.
    fn once_more(self, mut brief: Box<Brief>, errand: Errand, choice: record::Choice) -> Next {
        brief.unanswered = true;
        let again = Again {
            choice,
            why: self.why,
        };
        Outcome::stay(Commit::once_more(brief, errand, self.before, again))
    }

    fn stay(self, brief: Box<Brief>, errand: Errand, wishes: Vec<Wish>) -> Next {
        let commit = Commit {
            brief,
            errand,
            again: None,
            at: At::Unknown(self),
        };
        Outcome::Stay(commit, wishes)
    }

    fn take(
        &mut self,
        reply: Result<Vec<Instance>, Error>,
        now: u64,
        brief: &Brief,
        errand: &Errand,
    ) {
        let mut pause = PAUSES[self.looks.len().min(PAUSES.len() - 1)];
        let seen = brief.listed(reply).map(|instances| {
            let all = instances.len();
            let is_new = |instance: &Instance| instance.is_beside(&self.before);
            let (new, old): (Vec<Instance>, Vec<Instance>) =
                instances.into_iter().partition(is_new);
            let count = new.len();
            let ours: Vec<Instance> = new
                .into_iter()
                .filter(|instance| could_be_ours(instance, brief, errand))
                // What is older than one of those was only hidden when they were noted.
                .filter(|instance| !old.iter().any(|old| instance.is_older_than(old)))
                .collect();
            match &self.last {
                Some(last) if same(last, &ours) => self.agreed = Some(ours.clone()),
                // What was just seen for the first time is looked at once more before anything follows from it.
                _ => pause = pause.min(PAUSES[0]),
            }
            self.strangers = count - ours.len();
            self.last = Some(ours);
            (all, count)
        });
        self.looks.push(Glance { at: now, seen });
        self.next = self.candidates().is_empty().then_some(now + pause);
    }
}

/// Whether two looks found the same instances.
fn same(one: &[Instance], other: &[Instance]) -> bool {
    let uuids = |instances: &[Instance]| -> Vec<Option<CvmUuid>> {
        let mut uuids: Vec<_> = instances.iter().map(|one| one.uuid.clone()).collect();
        uuids.sort_unstable_by_key(|uuid| uuid.as_ref().map(ToString::to_string));
        uuids
    };
    uuids(one) == uuids(other)
}

/// Whether a new instance fits what was asked for. What the service does not say does not count against it.
fn could_be_ours(instance: &Instance, brief: &Brief, errand: &Errand) -> bool {
    let node = instance.node.as_ref().and_then(|node| node.id);
    let same_node = brief
        .plan
        .node
        .is_none_or(|asked| node.is_none_or(|node| node == asked));
    let same_hash = match errand {
        Errand::Redeem(ticket, _) => instance
            .compose_hash
            .is_none_or(|hash| hash == ticket.compose_hash),
        Errand::AtOnce => true,
    };
    same_node && same_hash
}

fn adopt(instance: &Instance, brief: &Brief) -> Created {
    Created {
        uuid: instance.uuid.clone(),
        name: instance.name.clone(),
        status: instance.status.clone(),
        app: Some(brief.plan.app),
        node: instance.node.clone(),
        instance_id: instance.instance_id.clone(),
    }
}
