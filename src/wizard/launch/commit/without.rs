//! The confirmation of who goes on without a key: the token alone redeems what was prepared.
//!
//! Nothing can be read then, so nothing is claimed of the list of instances or of the contract but what was seen before.
//! The request is the same, behind the same confirmation.

use super::before::Before;
use super::{At, Cause, Commit, Errand};
use crate::api::types::{Proof, Ticket};
use crate::wizard::launch::brief::Brief;
use crate::wizard::page::{Line, Mark};

impl Commit {
    /// Asks whether to redeem this ticket without a key. `is_allowed`: the contract was seen to allow everything.
    pub fn redeem_without_key(
        brief: Box<Brief>,
        ticket: Box<Ticket>,
        proof: Proof,
        is_allowed: bool,
    ) -> Self {
        let before = Before::Kept {
            uuids: brief.before.clone(),
            is_allowed,
        };
        Self {
            brief,
            errand: Errand::Redeem(ticket, proof),
            again: None,
            at: At::Asking {
                create: false,
                before,
            },
        }
    }

    /// The same confirmation, now that nothing can be read any more. The focus goes back to where nothing happens.
    #[must_use]
    pub fn without_key(mut self) -> Self {
        if let At::Asking { before, .. } | At::Gate { before, .. } = self.at {
            let is_allowed = before.saw_registration();
            let known = self.brief.before.clone();
            let uuids = before.uuids(&known).unwrap_or(known);
            let before = Before::Kept { uuids, is_allowed };
            self.at = At::Asking {
                create: false,
                before,
            };
        }
        self
    }

    /// The ticket, where everything about it is to be looked at again now that there is a key: nothing came of it, or the
    /// service did not take it without one.
    ///
    /// # Errors
    ///
    /// Gives the stage back where there is no such ticket, or where an older request has to be looked for.
    pub fn with_a_key(self) -> Result<(Box<Brief>, Box<Ticket>), Box<Self>> {
        let is_open = match &self.at {
            At::Asking { .. } | At::Gate { .. } => true,
            At::Refused(refused) => refused.cause() == Cause::Other,
            At::Sent { .. } | At::Unknown(_) => false,
        };
        match self.errand {
            Errand::Redeem(ticket, _)
                if is_open
                    && self.again.is_none()
                    && !self.brief.unanswered
                    && ticket.provision.is_none() =>
            {
                Ok((self.brief, ticket))
            }
            errand => Err(Box::new(Self { errand, ..self })),
        }
    }
}

/// What stands for the contract where it was not seen to agree.
pub(super) fn unseen() -> Line {
    Line::label("   chain", 15)
        .mark(Mark::Warn)
        .warn("not seen to agree; the service looks before it creates")
}
