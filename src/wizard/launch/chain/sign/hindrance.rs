//! What keeps a transaction from being signed, in words, and what to do about it.

use super::{Replacing, Sign, Step};
use crate::chain::contract::Owner;
use crate::chain::examination::{Examination, Problem};
use crate::chain::{Address, ether, numbered};
use crate::wizard::keymap::{Command, hint};
use crate::wizard::keys::Opened;

/// Why it may not be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// What the chain says.
    Chain(Problem),
    /// The transaction that is to be replaced is another account's.
    OtherKey {
        /// Whose.
        from: Address,
    },
    /// There is nothing to call any more.
    Nothing,
}

impl Sign {
    /// Why it cannot be signed, a line each, once that is known.
    pub fn hindrances(&self) -> Vec<String> {
        match &self.step {
            Step::Choosing {
                note: Some(note), ..
            } => vec![format!("the key could not be opened: {note}")],
            Step::Failed { error, .. } => {
                vec![format!(
                    "it could not be tried out: {}: {error}",
                    error.asked
                )]
            }
            Step::Ready { problems, .. } => problems
                .iter()
                .map(|problem| problem.words(self.of.chain_id))
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn problems(&self, opened: &Opened, found: &Examination) -> Vec<Why> {
        let mut problems = Vec::new();
        if found.calls.is_empty() {
            problems.push(Why::Nothing);
        }
        if let Some(Replacing { from, .. }) = self.replacing
            && from != opened.address
        {
            problems.push(Why::OtherKey { from });
        }
        let found = found.problems(self.replaced());
        problems.extend(found.into_iter().map(Why::Chain));
        problems
    }
}

impl Why {
    /// What is the matter, in a line.
    pub(super) fn words(&self, chain: u64) -> String {
        match self {
            Self::Nothing => "there is nothing left to call".to_owned(),
            Self::OtherKey { from } => {
                format!("the transaction that waits is of another account: {from}")
            }
            Self::Chain(problem) => match problem {
                Problem::NotOwner { owner } => match owner.address() {
                    Some(address) => format!("not the owner: that is {address}, {owner}"),
                    None => format!("the contract's owner is {owner}"),
                },
                Problem::Poor { has, needs } => format!(
                    "too little for the fee: it has {} on {}, and needs {}",
                    ether::has(*has),
                    numbered(chain),
                    ether::needs(*needs)
                ),
                Problem::Refused { call, revert } => {
                    format!("the contract would refuse {}: {revert}", call.function())
                }
                Problem::NumberInUse { nonce, waiting } => format!(
                    "{waiting} transaction(s) of this account wait already, from number {nonce} on"
                ),
            },
        }
    }

    /// What to do about it.
    pub(super) fn advice(&self, chain: u64, account: &Address) -> String {
        match self {
            Self::Nothing => "go back: it is allowed already".to_owned(),
            Self::OtherKey { .. } => "open that account's key (Esc)".to_owned(),
            Self::Chain(problem) => match problem {
                Problem::NotOwner {
                    owner: Owner::Nobody,
                } => "nobody can allow anything here any more".to_owned(),
                Problem::NotOwner { .. } => {
                    "go back and hand it over (2), or open another key (Esc)".to_owned()
                }
                Problem::Poor { .. } => format!(
                    "send a little ETH on {} to {account} ({} copies it), then {}",
                    numbered(chain),
                    hint(Command::Copy),
                    hint(Command::Refresh)
                ),
                Problem::Refused { .. } => "hand it to the owner, or ask who runs the contract".to_owned(),
                Problem::NumberInUse { .. } => {
                    "wait until they are in a block, then r; or make the one of this deployment faster (u)".to_owned()
                }
            },
        }
    }
}
