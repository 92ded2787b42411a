//! What follows from what the service prepared, or made: the next stage, or the next of several nodes; and which those
//! are.

use super::brief::{Birth, Brief, HashVerdict, Known};
use super::chain::Chain;
use super::commit::Commit;
use super::doubt::Doubt;
use super::prepare::Prepare;
use super::several::Several;
use super::{Course, Launch, next};
use crate::api::types::{Prepared, Ticket};
use crate::wizard::live::Live;

impl Launch {
    pub(super) fn prepared(brief: Box<Brief>, prepared: Prepared, now: u64) -> Course {
        match prepared {
            Prepared::Created(created) => {
                let birth = Birth {
                    created: *created,
                    compose_hash: None,
                    device: None,
                    known: Known::Answered,
                    before: brief.before.clone(),
                };
                Self::created(brief, birth, now)
            }
            Prepared::Ticket(ticket) => match brief.hash_verdict(&ticket.compose_hash) {
                HashVerdict::Differs { form, computed }
                    if brief.accepted != Some(ticket.compose_hash) =>
                {
                    next(Self::Doubt, Doubt::start(brief, ticket, (form, computed)))
                }
                HashVerdict::Differs { .. } | HashVerdict::Same(_) | HashVerdict::Unknown => {
                    Self::ticket(brief, ticket, now)
                }
            },
        }
    }

    /// The instance exists: it is watched.
    pub(super) fn created(mut brief: Box<Brief>, birth: Birth, now: u64) -> Course {
        brief.several.made(&birth);
        next(Self::Live, Live::start(&brief, birth, now))
    }

    /// With the next of several nodes, once they were confirmed; after the last, what was made is watched.
    pub(super) fn onward(mut brief: Box<Brief>, now: u64) -> Course {
        if brief.turn_on() {
            return if brief.prepares() {
                next(Self::Prepare, Prepare::start(brief, None, now))
            } else {
                next(Self::Commit, Commit::create_at_once(brief))
            };
        }
        match brief.turn_to_made() {
            Some(birth) => next(Self::Live, Live::start(&brief, birth.again(), now)),
            None => Course::Review,
        }
    }

    pub(super) fn ticket(mut brief: Box<Brief>, ticket: Box<Ticket>, now: u64) -> Course {
        brief.several.prepared(&ticket);
        if !brief.several.is_confirmed() && brief.turn_on() {
            return next(Self::Prepare, Prepare::start(brief, None, now));
        }
        if ticket.hash_allowed && ticket.device_allowed {
            let proof = brief.proof();
            next(Self::Commit, Commit::redeem(brief, ticket, proof))
        } else {
            next(Self::Chain, Chain::start(brief, ticket, now))
        }
    }

    /// The nodes that were chosen, where several were.
    pub fn several(&self) -> Option<&Several> {
        let several = match self {
            Self::Review(stage) => &stage.brief().several,
            Self::Prepare(stage) => &stage.brief().several,
            Self::Doubt(stage) => &stage.brief().several,
            Self::Chain(stage) => &stage.brief().several,
            Self::Commit(stage) => &stage.brief().several,
            Self::Finding(_) => return None,
            Self::Live(stage) => &stage.several()?.several,
        };
        several.is_some().then_some(several)
    }

    /// Whether the page names the nodes by itself.
    pub(super) fn names_nodes(&self) -> bool {
        match self {
            Self::Review(_) => true,
            Self::Commit(stage) => !stage.brief().several.is_confirmed(),
            _ => false,
        }
    }
}
