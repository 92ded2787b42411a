//! Which transaction allowed a hash, from what the contract told of it.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolEvent, sol};
use serde_json::{Value, json};

use super::envelope::{self, Failed};
use super::{Manner, Rpc, hex, refused, short, unfit};
use crate::api::elsewhere::Heard;
use crate::api::error::{Error, ErrorKind};
use crate::api::types::TransactionHash;
use crate::chain::Subject;
use crate::http::Way;
use crate::shown::Shown;

sol! {
    /// As far as it is listened to.
    interface Told {
        event ComposeHashAdded(bytes32 composeHash);
    }
}

/// A node that does not want to look so far is asked to look less far, and not the same again.
pub(super) const RANGE: Manner = Manner {
    way: Way::Shared,
    again: Error::again,
};
/// How often it is asked to look half as far.
const HALVINGS: u32 = 3;

/// A log, and where it stands.
struct Log {
    block: u64,
    index: u64,
    data: B256,
    transaction: TransactionHash,
}

impl Rpc {
    /// The newest transaction of the last `back` blocks that allowed the hash; of fewer where the node does not look so
    /// far. `None` where there is none, or no hash is asked about.
    pub async fn registered_by(
        &self,
        subject: &Subject,
        back: u64,
    ) -> Result<Option<TransactionHash>, Error> {
        let Some(hash) = subject.hash else {
            return Ok(None);
        };
        let contract = short(subject.contract.as_slice());
        let asked = self.asked(&format!("the events of {contract}"));
        self.expect_chain(&asked, subject.chain_id).await?;
        let head = self.head(&asked).await?;
        let mut halvings = 0;
        let logs = loop {
            let range = (head.saturating_sub(back >> halvings), head);
            match self.logs(&asked, subject.contract, range).await {
                Err(error) if halvings < HALVINGS && may_be_too_far(&error) => halvings += 1,
                said => break said?,
            }
        };
        let ours = logs.into_iter().filter(|log| log.data == *hash.bytes());
        let newest = ours.max_by_key(|log| (log.block, log.index));
        Ok(newest.map(|log| log.transaction))
    }

    async fn logs(
        &self,
        asked: &Shown,
        contract: Address,
        (from, to): (u64, u64),
    ) -> Result<Vec<Log>, Error> {
        let method = "eth_getLogs";
        let filter = json!([{
            "address": hex(contract),
            "fromBlock": format!("{from:#x}"),
            "toBlock": format!("{to:#x}"),
            "topics": [format!("{:#x}", Told::ComposeHashAdded::SIGNATURE_HASH)],
        }]);
        let decode = |heard: &Heard<'_>, said: Result<Value, Failed>| {
            let result = said.map_err(|failed| refused(heard, &failed))?;
            read(&result, contract).ok_or_else(|| unfit(heard, method))
        };
        self.ask(asked, method, filter, RANGE, decode).await
    }
}

/// Whether it may be the range that is refused.
pub(super) fn may_be_too_far(error: &Error) -> bool {
    matches!(&error.kind, ErrorKind::Refused(refusal) if !matches!(refusal.status, 401 | 403 | 429))
}

/// Reads the logs of this contract. One that was taken back with its block is none.
fn read(result: &Value, contract: Address) -> Option<Vec<Log>> {
    let logs = result.as_array()?.iter();
    logs.filter(|log| log["removed"] != true)
        .map(|log| {
            let address = envelope::exactly(&log["address"])?;
            let topic = envelope::exactly(log["topics"].get(0)?)?;
            let is_it = Address::from(address) == contract
                && B256::from(topic) == Told::ComposeHashAdded::SIGNATURE_HASH;
            is_it.then_some(Log {
                block: envelope::quantity(&log["blockNumber"])?,
                index: envelope::quantity(&log["logIndex"])?,
                data: B256::from(envelope::exactly(&log["data"])?),
                transaction: TransactionHash::from(envelope::exactly(&log["transactionHash"])?),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "0xfecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af";

    fn log() -> Value {
        json!({
            "address": format!("0x{}", "03".repeat(20)),
            "topics": [TOPIC],
            "data": format!("0x{}", "05".repeat(32)),
            "blockNumber": "0x7",
            "logIndex": "0x0",
            "transactionHash": format!("0x{}", "01".repeat(32)),
            "removed": false,
        })
    }

    fn found(log: Value) -> Option<usize> {
        read(&json!([log]), Address::repeat_byte(3)).map(|logs| logs.len())
    }

    #[test]
    fn the_event_is_that_of_the_real_contract() {
        assert_eq!(
            format!("{:#x}", Told::ComposeHashAdded::SIGNATURE_HASH),
            TOPIC
        );
    }

    #[test]
    fn a_log_is_the_contract_s_and_of_the_event_that_was_asked_for() {
        assert_eq!(found(log()), Some(1));
        for (member, value, expected) in [
            ("removed", json!(true), Some(0)),
            ("removed", Value::Null, Some(1)),
            ("address", json!(format!("0x{}", "04".repeat(20))), None),
            ("topics", json!([format!("0x{}", "04".repeat(32))]), None),
            ("topics", json!([]), None),
            ("data", json!("0x"), None),
            ("data", json!(format!("0x{}", "05".repeat(64))), None),
            ("blockNumber", Value::Null, None),
            ("transactionHash", json!("0x01"), None),
        ] {
            let mut changed = log();
            changed[member] = value;
            assert_eq!(found(changed.clone()), expected, "{changed}");
        }
        assert!(read(&json!([]), Address::ZERO).is_some_and(|logs| logs.is_empty()));
        assert!(read(&Value::Null, Address::ZERO).is_none());
    }
}
