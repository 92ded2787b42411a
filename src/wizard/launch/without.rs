//! Going on without a key, and coming back with one (S31).

use super::chain::Chain;
use super::commit::Commit;
use super::{Course, Launch, next};

impl Launch {
    /// Whether it can be finished without a key: there is a token that was not sent, and nothing has to be prepared
    /// before it is. Several instances are prepared once more, one after the other.
    pub fn can_go_without_key(&self) -> bool {
        let brief = match self {
            Self::Chain(stage) => stage.brief(),
            Self::Commit(stage) => stage.brief(),
            _ => return false,
        };
        self.token().is_some() && !brief.several.is_some()
    }

    /// The confirmation that redeems the token alone. Only where there is one that was not sent; all else stays.
    pub fn without_key(self) -> Course {
        match self {
            Self::Chain(stage) => {
                let is_allowed = stage.is_allowed();
                let (brief, ticket, proof) = stage.hand_on();
                let commit = Commit::redeem_without_key(brief, ticket, proof, is_allowed);
                next(Self::Commit, (commit, Vec::new()))
            }
            Self::Commit(stage) => next(Self::Commit, (stage.without_key(), Vec::new())),
            other => Course::At(Box::new(other), Vec::new(), false),
        }
    }

    /// There is a key again: what was to be finished without one is looked at from the chain step on.
    pub fn with_a_key(self, now: u64) -> Course {
        match self {
            Self::Commit(stage) => match stage.with_a_key() {
                Ok((brief, ticket)) => next(Self::Chain, Chain::start(brief, ticket, now)),
                Err(stage) => Course::At(Box::new(Self::Commit(*stage)), Vec::new(), false),
            },
            other => Course::At(Box::new(other), Vec::new(), false),
        }
    }
}
