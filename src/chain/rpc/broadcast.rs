//! The one thing that acts: a signed transaction is handed to the node.

use alloy_primitives::keccak256;
use serde_json::{Value, json};

use super::envelope::{self, Failed};
use super::{Manner, Rpc, refused, short, unfit};
use crate::api::elsewhere::Heard;
use crate::api::error::Error;
use crate::http::{Again, Way};

/// Once, over a connection of its own. To send the same bytes again is harmless, and for whoever wrote them down to
/// decide.
const ONCE: Manner = Manner {
    way: Way::Own,
    again: |_| Again::No,
};
/// That the node has it: geth and reth, Nethermind, OpenEthereum, Besu and Hardhat, Erigon, CometBFT.
const KNOWN: &[&str] = &[
    "already known",
    "alreadyknown",
    "already imported",
    "known transaction",
    "existing tx with same hash",
    "already in mempool",
    "already exists in cache",
];
/// What only sounds like it.
const UNKNOWN: &str = "unknown transaction";

impl Rpc {
    /// Hands over a signed transaction, once. That the node has it already is well too.
    ///
    /// After any other error the transaction may be under way or not: only the chain can tell.
    pub async fn broadcast(&self, chain_id: u64, raw: &[u8]) -> Result<(), Error> {
        let hash = keccak256(raw);
        let asked = self.asked(&format!(
            "eth_sendRawTransaction of {}",
            short(hash.as_slice())
        ));
        self.expect_chain(&asked, chain_id).await?;
        let method = "eth_sendRawTransaction";
        let decode = |heard: &Heard<'_>, said: Result<Value, Failed>| match said {
            Ok(result) if envelope::exactly(&result) == Some(hash.0) => Ok(()),
            Ok(_) => Err(unfit(heard, method)),
            Err(failed) if is_known(&failed.message) => Ok(()),
            Err(failed) => Err(refused(heard, &failed)),
        };
        let parameters = json!([format!("0x{}", hex::encode(raw))]);
        self.ask(&asked, method, parameters, ONCE, decode).await
    }
}

/// Whether these words say that the node has it already.
fn is_known(message: &str) -> bool {
    let said = message.to_ascii_lowercase();
    !said.contains(UNKNOWN) && KNOWN.iter().any(|known| said.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_node_has_already_is_told_from_what_it_does_not_want() {
        for words in [
            "already known",
            "ALREADY_EXISTS: already known",
            "AlreadyKnown",
            "transaction already imported",
            "Transaction with the same hash was already imported.",
            "Known transaction",
            "Known transaction: 0x12",
            "tx already in mempool",
        ] {
            assert!(is_known(words), "{words}");
        }
        for words in [
            "unknown transaction type",
            "nonce too low",
            "replacement transaction underpriced",
            "insufficient funds for gas * price + value",
            "",
        ] {
            assert!(!is_known(words), "{words}");
        }
    }
}
