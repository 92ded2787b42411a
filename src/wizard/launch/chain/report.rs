//! Where the chain step stands, for a face without pages.

use super::{Chain, View, tracking};
use crate::api::types::Permission;
use crate::chain::Call;
use crate::shown::Shown;
use crate::wizard::status::{Contract, Registration, Transaction, Work};

impl Chain {
    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Registration {
        let permission = Permission {
            hash: self.sight.hash(),
            device: self.sight.machine(),
            all: self.sight.all(),
            error: None,
        };
        let witness = self.sight.witness();
        Registration {
            trouble: self.sight.trouble.clone(),
            read: witness.map(|(node, reading)| Contract {
                host: node.host.clone(),
                block: reading.allowed.block,
                generation: reading.generation.to_string(),
                owner: reading.owner.address().map(|owner| owner.to_string()),
                owner_kind: reading.owner.to_string(),
            }),
            work: self.work(),
            signer: self.signer.clone(),
            transactions: self.tracking.items.iter().map(reported).collect(),
            handed: match &self.handed {
                Some(Ok(path)) => Some(Shown::line(&path.display().to_string())),
                _ => None,
            },
            proof: self.transaction(),
            ..self.brief.registration(&self.ticket, &permission)
        }
    }

    fn work(&self) -> Work {
        if let Some(signing) = &self.brief.registering.signing
            && signing.allow != self.ticket.compose_hash
        {
            return Work::Forbidden {
                allowed: signing.allow,
            };
        }
        if let Some(Err(why)) = &self.handed {
            return Work::Stopped(vec![why.to_string()]);
        }
        if let Some(why) = &self.unsigned {
            return Work::Stopped(vec![format!("it was not signed: {why}")]);
        }
        if self.is_finding() || self.brief.registering.hand_to.is_some() && self.handed.is_none() {
            return Work::Busy;
        }
        if let View::Signing(sign) = &self.view {
            let hindrances = sign.hindrances();
            return match (sign.may_sign(), hindrances.is_empty()) {
                (true, _) => Work::Ready,
                (false, true) => Work::Busy,
                (false, false) => Work::Stopped(hindrances),
            };
        }
        if self.brief.registering.signing.is_some() && !self.begun && !self.missing().is_empty() {
            let asked = self.sight.used().any(|node| node.trouble.is_none());
            return match self.unsignable() {
                // What was signed before comes first; then the rest is.
                _ if self.unsettled().is_some() => Work::Busy,
                Some(_) if asked && self.sight.witness().is_none() => Work::Busy,
                Some(why) => Work::Stopped(self.unread().unwrap_or_else(|| vec![why])),
                None => Work::Busy,
            };
        }
        Work::Idle
    }

    /// Why nobody has read the contract, where nobody has: a line for every node that was asked.
    fn unread(&self) -> Option<Vec<String>> {
        self.sight.of?;
        if self.sight.witness().is_some() {
            return None;
        }
        let troubles = self.sight.used().filter_map(|node| node.trouble.as_ref());
        let troubles = troubles.map(|error| format!("{}: {error}", error.asked));
        let why = match self.sight.used().next() {
            Some(_) => "the contract could not be read",
            None => {
                "the contract cannot be read without a node of its chain: --rpc-url or ETH_RPC_URL"
            }
        };
        Some(std::iter::once(why.to_owned()).chain(troubles).collect())
    }
}

fn reported(item: &tracking::Item) -> Transaction {
    Transaction {
        call: item.call.map(Call::function),
        hash: item.transaction.hash,
        nonce: item.transaction.nonce,
        state: tracking::state_word(item),
        open: item.is_open(),
    }
}
