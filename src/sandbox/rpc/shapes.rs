//! Blocks, transactions, receipts and logs, in the shapes of the Ethereum JSON-RPC.

use alloy_primitives::{Address, B64, B256, Bloom, Log, keccak256, logs_bloom};
use serde_json::{Value, json};

use super::{
    ledger::{Ledger, Mined},
    transaction::{Kind, Transaction},
    words::{bytes, quantity},
};

const GAS_LIMIT: u64 = 60_000_000;

/// A block, with its transactions whole or only named.
pub(super) fn block(ledger: &Ledger, number: u64, whole: bool) -> Value {
    let mined = ledger.between(number, number);
    let transactions: Vec<Value> = mined
        .iter()
        .map(|mined| {
            if whole {
                transaction(ledger, &mined.transaction, Some(mined))
            } else {
                bytes(mined.transaction.hash.as_slice())
            }
        })
        .collect();
    let root = |what: &str| bytes(ledger.digest(what, number).as_slice());
    json!({
        "number": quantity(number),
        "hash": bytes(ledger.block_hash(number).as_slice()),
        "parentHash": bytes(ledger.block_hash(number.wrapping_sub(1)).as_slice()),
        "timestamp": timestamp(ledger, number),
        "baseFeePerGas": quantity(ledger.base_fee),
        "gasLimit": quantity(GAS_LIMIT),
        "gasUsed": quantity(mined.last().map_or(0, |last| last.gas_so_far)),
        "transactions": transactions,
        "logsBloom": bytes(bloom(mined.iter().flat_map(|mined| &mined.logs)).as_slice()),
        "stateRoot": root("state"),
        "transactionsRoot": root("transactions"),
        "receiptsRoot": root("receipts"),
        "mixHash": root("mix"),
        "sha3Uncles": bytes(keccak256([0xc0]).as_slice()),
        "uncles": [],
        "miner": bytes(Address::ZERO.as_slice()),
        "nonce": bytes(B64::ZERO.as_slice()),
        "difficulty": "0x0",
        "extraData": "0x",
        "size": "0x220",
        "withdrawals": [],
        "withdrawalsRoot": bytes(B256::ZERO.as_slice()),
    })
}

/// A transaction, with its place once it has one.
pub(super) fn transaction(ledger: &Ledger, of: &Transaction, mined: Option<&Mined>) -> Value {
    let Transaction {
        hash,
        kind,
        chain_id,
        nonce,
        tip,
        max_fee,
        gas,
        to,
        value,
        input,
        from,
        seal,
    } = of;
    let parity = u64::from(seal.y_is_odd);
    let mut shape = json!({
        "hash": bytes(hash.as_slice()),
        "nonce": quantity(*nonce),
        "gas": quantity(*gas),
        "to": bytes(to.as_slice()),
        "value": quantity(*value),
        "input": bytes(input),
        "from": bytes(from.as_slice()),
        "r": quantity(seal.r),
        "s": quantity(seal.s),
        "blockHash": mined.map(|mined| bytes(ledger.block_hash(mined.block).as_slice())),
        "blockNumber": mined.map(|mined| quantity(mined.block)),
        "transactionIndex": mined.map(|mined| quantity(mined.index)),
        "chainId": chain_id.map(quantity),
        "gasPrice": quantity(of.price(ledger.base_fee)),
    });
    match kind {
        Kind::Legacy => {
            shape["type"] = "0x0".into();
            shape["v"] = quantity(chain_id.map_or(27, |id| id * 2 + 35) + parity);
        }
        Kind::DynamicFee => {
            shape["type"] = "0x2".into();
            shape["v"] = quantity(parity);
            shape["yParity"] = quantity(parity);
            shape["accessList"] = json!([]);
            shape["maxFeePerGas"] = quantity(*max_fee);
            shape["maxPriorityFeePerGas"] = quantity(*tip);
        }
    }
    shape
}

pub(super) fn receipt(ledger: &Ledger, of: &Mined) -> Value {
    let Transaction {
        hash,
        kind,
        to,
        from,
        ..
    } = &of.transaction;
    json!({
        "type": match kind { Kind::Legacy => "0x0", Kind::DynamicFee => "0x2" },
        "status": quantity(u64::from(of.succeeded)),
        "transactionHash": bytes(hash.as_slice()),
        "transactionIndex": quantity(of.index),
        "blockHash": bytes(ledger.block_hash(of.block).as_slice()),
        "blockNumber": quantity(of.block),
        "from": bytes(from.as_slice()),
        "to": bytes(to.as_slice()),
        "contractAddress": null,
        "gasUsed": quantity(of.gas_used),
        "cumulativeGasUsed": quantity(of.gas_so_far),
        "effectiveGasPrice": quantity(of.transaction.price(ledger.base_fee)),
        "logs": logs(ledger, of).collect::<Vec<_>>(),
        "logsBloom": bytes(bloom(&of.logs).as_slice()),
    })
}

/// The logs of a transaction, each with its place.
pub(super) fn logs<'a>(ledger: &'a Ledger, of: &'a Mined) -> impl Iterator<Item = Value> + 'a {
    of.logs.iter().zip(of.first_log..).map(|(log, place)| {
        let topics: Vec<Value> = log
            .topics()
            .iter()
            .map(|topic| bytes(topic.as_slice()))
            .collect();
        json!({
            "address": bytes(log.address.as_slice()),
            "topics": topics,
            "data": bytes(&log.data.data),
            "blockNumber": quantity(of.block),
            "blockHash": bytes(ledger.block_hash(of.block).as_slice()),
            "blockTimestamp": timestamp(ledger, of.block),
            "transactionHash": bytes(of.transaction.hash.as_slice()),
            "transactionIndex": quantity(of.index),
            "logIndex": quantity(place),
            "removed": false,
        })
    })
}

fn timestamp(ledger: &Ledger, block: u64) -> Value {
    quantity(ledger.timestamp(block).unsigned_abs())
}

fn bloom<'a>(logs: impl IntoIterator<Item = &'a Log>) -> Bloom {
    logs_bloom(logs)
}
