//! The blockchain: what is read from it without asking the service, and what is signed for it.
//!
//! ```text
//!   contract   what an app's contract says of itself      kms   what the contract of a KMS does
//!   examination   what was found before a signature ──▶ transaction ◀── key ◀── keystore
//!   founding   the contract of a new app, once it is there
//!   handoff   the same calls for people who sign elsewhere
//!   rpc   the only place that knows JSON-RPC
//! ```
//!
//! A chain is believed as far as the node that was asked: it proves nothing of itself. Nothing here decides to sign.

mod call;
pub mod contract;
pub mod ether;
pub mod examination;
pub mod founding;
pub mod handoff;
pub mod key;
pub mod keystore;
pub mod kms;
pub mod revert;
pub mod rpc;
pub mod transaction;

pub use alloy_primitives::{Address, U256};

pub use call::{Call, Deployment, Subject};

/// The name of a chain for people; `None` for one that is not known here.
pub fn name(chain_id: u64) -> Option<&'static str> {
    Some(known(chain_id)?.0)
}

/// Nodes that anybody may ask about this chain, as far as some are known.
pub fn public(chain_id: u64) -> &'static [&'static str] {
    known(chain_id).map_or(&[], |known| known.1)
}

/// Where people look at this contract or account, where such a page is known.
pub fn explorer(chain_id: u64, address: &Address) -> Option<String> {
    let site = match chain_id {
        1 => "etherscan.io",
        8453 => "basescan.org",
        _ => return None,
    };
    Some(format!("https://{site}/address/{address}"))
}

/// Name and public nodes.
fn known(chain_id: u64) -> Option<(&'static str, &'static [&'static str])> {
    Some(match chain_id {
        1 => ("Ethereum", &["https://ethereum-rpc.publicnode.com"]),
        8453 => (
            "Base",
            &[
                "https://mainnet.base.org",
                "https://base-rpc.publicnode.com",
            ],
        ),
        31337 => ("a local test chain", &["http://127.0.0.1:8545"]),
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
    use crate::http;

    #[test]
    fn every_public_node_may_be_asked() {
        for chain_id in [1, 8453, 31337] {
            assert!(!public(chain_id).is_empty());
            for node in public(chain_id) {
                assert!(http::Address::endpoint(node).is_ok(), "{node}");
            }
        }
        assert_eq!((name(5), public(5).len()), (None, 0));
    }

    #[test]
    fn a_chain_is_named_for_people() {
        assert_eq!(numbered(8453), "chain 8453 (Base)");
        assert_eq!(numbered(5), "chain 5");
    }
}
