//! Where a deployment stopped, and the one way on, in the words of lists and screens.

use super::{Known, NextStep, State};
use crate::journal::record::End;

/// It was sent, and what came of it is not known.
const MAY_EXIST: &str = "SENT, ANSWER NOT SEEN: may exist";

impl State {
    /// Where a deployment stopped, in a few words.
    pub fn standing(&self) -> &'static str {
        let known = self.known();
        let says_so = matches!(
            known,
            Known::TokenGone
                | Known::Created
                | Known::Running
                | Known::Closed(_)
                | Known::Contradiction
        );
        // Whatever became of the newest request, an older one may still come to something.
        if self.something_may_come() && !says_so {
            return MAY_EXIST;
        }
        match known {
            Known::Noted => "nothing was sent",
            Known::PrepareUnanswered if self.is_new_app() => "provisioning, answer not seen",
            Known::PrepareUnanswered => "preparing, answer not seen",
            Known::PrepareRefused => "the service said no, nothing was made",
            Known::TokenUseless => "the answer was about something else",
            Known::Prepared if self.lacks_contract() && self.may_have_contract() => {
                "its contract is under way"
            }
            Known::Prepared if self.lacks_contract() => "provisioned, no contract yet",
            Known::Prepared if self.is_new_app() => "provisioned, not created",
            Known::Prepared => "prepared, not created",
            Known::CommitUnanswered { .. } => MAY_EXIST,
            Known::CommitRefused => "refused, nothing was made",
            Known::NotRegistered => "prepared; the contract did not agree yet",
            Known::TokenGone => "the token was used or ran out: may exist",
            Known::TokenOffered => "asked to register again",
            Known::Created => "created, not yet seen to run",
            Known::Running => "runs",
            Known::Closed(End::Running) => "done: it runs",
            Known::Closed(_) => "closed",
            Known::Contradiction => "the records contradict each other",
        }
    }

    /// Whether it makes a new app.
    fn is_new_app(&self) -> bool {
        self.intent.plan.new_app.is_some()
    }

    /// The one way on, in a few words.
    pub fn way_on(&self) -> &'static str {
        match self.next_step() {
            NextStep::StartOver => "the review, with the same plan",
            NextStep::LookThenPrepare if self.lacks_contract() => {
                "the review, then provision again; that creates nothing"
            }
            NextStep::LookThenPrepare if self.is_new_app() => {
                "look, then provision again; that creates nothing"
            }
            NextStep::LookThenOfferCommit | NextStep::LookThenFollowTransaction
                if self.lacks_contract() =>
            {
                "on with its contract"
            }
            NextStep::LookThenOfferCommit if self.is_new_app() => {
                "look, then on with what was provisioned"
            }
            NextStep::LookThenPrepare => "look, then prepare again; that creates nothing",
            NextStep::LookThenAsk => "look, then you decide",
            NextStep::LookThenOfferCommit => "look, then on with the token that is kept",
            NextStep::LookThenFollowTransaction => "look, then on with the registration",
            NextStep::LookOnly => "look for the instance",
            NextStep::Watch | NextStep::Nothing => "watch the instance",
        }
    }
}
