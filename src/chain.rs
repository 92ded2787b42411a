//! The blockchain: what is read from it without asking the service, and what is signed for it.
//!
//! ```text
//!   contract   what an app's contract says of itself      kms   what the contract of a KMS does
//!   examination   what was found before a signature ──▶ transaction ◀── key ◀── keystore
//!   handoff   the same calls for people who sign elsewhere
//!   rpc   the only place that knows JSON-RPC
//! ```
//!
//! A chain is believed as far as the node that was asked: it proves nothing of itself. Nothing here decides to sign.

mod call;
pub mod contract;
pub mod examination;
pub mod handoff;
pub mod key;
pub mod keystore;
pub mod kms;
pub mod revert;
pub mod rpc;
pub mod transaction;

pub use alloy_primitives::{Address, U256};

pub use call::{Call, Subject};

/// The name of a chain for people; `None` for one that is not known here.
pub fn name(chain_id: u64) -> Option<&'static str> {
    Some(known(chain_id)?.0)
}

/// A node that anybody may ask about this chain, where there is one.
pub fn public(chain_id: u64) -> Option<&'static str> {
    Some(known(chain_id)?.1)
}

/// Name and public node.
fn known(chain_id: u64) -> Option<(&'static str, &'static str)> {
    Some(match chain_id {
        1 => ("Ethereum", "https://ethereum-rpc.publicnode.com"),
        8453 => ("Base", "https://mainnet.base.org"),
        31337 => ("a local test chain", "http://127.0.0.1:8545"),
        _ => return None,
    })
}

/// The number of a chain, with its name where that is known.
pub(crate) fn numbered(chain_id: u64) -> String {
    match name(chain_id) {
        Some(name) => format!("chain {chain_id} ({name})"),
        None => format!("chain {chain_id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Address;

    #[test]
    fn every_public_node_may_be_asked() {
        for chain_id in [1, 8453, 31337] {
            let node = public(chain_id).expect("a node");
            assert!(Address::endpoint(node).is_ok(), "{node}");
        }
        assert_eq!((name(5), public(5)), (None, None));
    }

    #[test]
    fn a_chain_is_named_for_people() {
        assert_eq!(numbered(8453), "chain 8453 (Base)");
        assert_eq!(numbered(5), "chain 5");
    }
}
