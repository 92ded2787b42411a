//! How a transaction fares.

use alloy_primitives::Address;
use serde_json::{Value, json};

use super::pinned::{Pinned, called};
use super::{Rpc, envelope, hex, short, unfit};
use crate::api::elsewhere::Heard;
use crate::api::error::Error;
use crate::chain::revert::Revert;
use crate::chain::transaction::{Standing, Tracked};
use crate::shown::Shown;

/// What a receipt says, where it is that of the transaction.
struct Receipt {
    block: u64,
    succeeded: bool,
}

impl Rpc {
    /// How a transaction fares, as this node has it now.
    pub async fn follow(&self, tracked: &Tracked) -> Result<Standing, Error> {
        let hash = short(tracked.hash.bytes());
        let asked = self.asked(&format!("the transaction {hash}"));
        self.expect_chain(&asked, tracked.chain_id).await?;
        if let Some(receipt) = self.receipt(&asked, tracked).await? {
            return self.landed(&asked, tracked, &receipt).await;
        }
        if self.is_held(&asked, tracked).await? {
            return Ok(Standing::Waiting);
        }
        if self.count(&asked, tracked.from).await? <= tracked.nonce {
            return Ok(Standing::Unknown);
        }
        // It may be this very one that used the number, a moment ago.
        match self.receipt(&asked, tracked).await? {
            Some(receipt) => self.landed(&asked, tracked, &receipt).await,
            None => Ok(Standing::NumberUsed),
        }
    }

    async fn landed(
        &self,
        asked: &Shown,
        tracked: &Tracked,
        receipt: &Receipt,
    ) -> Result<Standing, Error> {
        let block = receipt.block;
        if !receipt.succeeded {
            let why = self.why(asked, tracked, block).await;
            return Ok(Standing::Reverted { block, why });
        }
        let head = self.head(asked).await?;
        // One of several nodes can be behind the one that has the receipt.
        let depth = head.saturating_sub(block).saturating_add(1);
        Ok(Standing::Mined { block, depth })
    }

    async fn receipt(&self, asked: &Shown, of: &Tracked) -> Result<Option<Receipt>, Error> {
        let method = "eth_getTransactionReceipt";
        self.read(asked, method, json!([id(of)]), |result| receipt(result, of))
            .await
    }

    /// Whether the node holds it, in a block or not.
    async fn is_held(&self, asked: &Shown, of: &Tracked) -> Result<bool, Error> {
        let method = "eth_getTransactionByHash";
        let is_it = |result: &Value| match result {
            Value::Null => Some(false),
            held => (envelope::exactly(&held["hash"])? == *of.hash.bytes()).then_some(true),
        };
        self.read(asked, method, json!([id(of)]), is_it).await
    }

    /// Transactions of the account that are in blocks.
    async fn count(&self, asked: &Shown, of: Address) -> Result<u64, Error> {
        let (method, parameters) = ("eth_getTransactionCount", json!([hex(of), "latest"]));
        self.read(asked, method, parameters, envelope::quantity)
            .await
    }

    /// Why the contract refused, asked of the block before. It is no loss where that cannot be told: what counts is
    /// that it did.
    async fn why(&self, asked: &Shown, of: &Tracked, block: u64) -> Option<Revert> {
        let at = Pinned {
            node: self,
            asked,
            chain_id: of.chain_id,
            block: block.checked_sub(1)?,
        };
        let returned = |heard: &Heard<'_>, result: &Value| {
            envelope::bytes(result).ok_or_else(|| unfit(heard, "eth_call"))
        };
        let call = called(Some(of.from), of.to, &of.input);
        let said = at.tried("eth_call", call, returned).await;
        said.ok()?.err()
    }
}

fn id(of: &Tracked) -> String {
    format!("0x{}", of.hash)
}

/// Reads a receipt; nothing where there is none yet, or only one of a block that is still being made.
#[expect(clippy::option_option, reason = "unreadable, or not there")]
fn receipt(result: &Value, of: &Tracked) -> Option<Option<Receipt>> {
    if result.is_null() || result.get("blockNumber").is_some_and(Value::is_null) {
        return Some(None);
    }
    let hash = envelope::exactly(&result["transactionHash"])?;
    let to = envelope::exactly(&result["to"])?;
    let is_it = hash == *of.hash.bytes() && Address::from(to) == of.to;
    let succeeded = match envelope::quantity(&result["status"])? {
        0 => false,
        1 => true,
        _ => return None,
    };
    let block = envelope::quantity(&result["blockNumber"])?;
    is_it.then_some(Some(Receipt { block, succeeded }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::TransactionHash;

    fn tracked() -> Tracked {
        Tracked {
            chain_id: 1,
            hash: TransactionHash::from([1; 32]),
            from: Address::repeat_byte(2),
            nonce: 0,
            to: Address::repeat_byte(3),
            input: Vec::new(),
        }
    }

    fn written() -> Value {
        json!({
            "transactionHash": format!("0x{}", "01".repeat(32)),
            "to": format!("0x{}", "03".repeat(20)),
            "status": "0x1",
            "blockNumber": "0x7",
        })
    }

    #[test]
    fn a_receipt_is_of_this_transaction_and_says_how_it_went() {
        let read = |result: &Value| {
            receipt(result, &tracked())
                .map(|it| it.map(|receipt| (receipt.block, receipt.succeeded)))
        };
        assert_eq!(read(&written()), Some(Some((7, true))));
        assert_eq!(read(&Value::Null), Some(None));
        for (member, value, expected) in [
            ("status", json!("0x0"), Some(Some((7, false)))),
            ("status", json!("0x2"), None),
            ("status", Value::Null, None),
            ("blockNumber", Value::Null, Some(None)),
            ("blockNumber", json!(7), None),
            ("to", Value::Null, None),
            ("to", json!(format!("0x{}", "04".repeat(20))), None),
            (
                "transactionHash",
                json!(format!("0x{}", "02".repeat(32))),
                None,
            ),
            ("transactionHash", json!("0x01"), None),
        ] {
            let mut changed = written();
            changed[member] = value;
            assert_eq!(read(&changed), expected, "{changed}");
        }
    }
}
