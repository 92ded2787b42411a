//! What became of something that runs code: the contract's own no is a result, everything else that went wrong is not.
//!
//! There is no standard for it. Nodes say it with different codes, words and places for what the contract left.

use serde_json::Value;

use super::envelope::Failed;
use super::refused;
use crate::api::elsewhere::Heard;
use crate::api::error::ErrorKind;
use crate::chain::revert::Revert;

/// What came of a try.
#[derive(Debug)]
pub(super) enum Tried<T> {
    /// It went well.
    Done(T),
    /// The contract gave up.
    Reverted(Revert),
    /// The account cannot pay for it, in the node's words; it says nothing of the contract.
    Poor(ErrorKind),
    /// All the gas there may be was not enough: too little money for more, or a call without an end.
    AllGas(Revert),
}

/// What contracts say through a node, by the words they are told in.
const REVERTED: &[&str] = &[
    "revert",
    "vm execution error",
    "invalid opcode",
    "bad instruction",
    "invalid jump",
    "stack underflow",
    "out of gas",
];
/// `execution reverted`, as EIP-1474 and geth number it, and as Nethermind does.
const REVERTED_CODES: &[&str] = &["3", "-32015"];
/// That the account cannot pay: geth, Besu, Hardhat, reth.
const POOR: &[&str] = &[
    "insufficient funds",
    "insufficient balance",
    "insufficient sender balance",
    "enough funds",
    "lack of funds",
    "exceeds account balance",
    "exceeds transaction sender account balance",
];
/// That it would take more gas than the account can pay for, or than the node gives anybody (geth).
const ALL_GAS: &[&str] = &["gas required exceeds"];
/// How deep nodes bury what a contract left.
const DEPTH: usize = 4;

/// What this failure of a try says; an error where it says nothing of the try.
pub(super) fn fault<T>(heard: &Heard<'_>, failed: &Failed) -> Result<Tried<T>, ErrorKind> {
    let said = failed.message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
    let reason = || reason(failed, heard.words(&failed.message).as_str());
    // Whatever else a contract says is its own, also that somebody else has too little money.
    if left(failed).is_some_and(|left| !left.is_empty()) || said.starts_with("execution reverted") {
        return Ok(Tried::Reverted(reason()));
    }
    if says(ALL_GAS) {
        return Ok(Tried::AllGas(reason()));
    }
    if says(POOR) {
        return Ok(Tried::Poor(refused(heard, failed)));
    }
    let code = failed.code.as_deref();
    if code.is_some_and(|code| REVERTED_CODES.contains(&code)) || says(REVERTED) {
        return Ok(Tried::Reverted(reason()));
    }
    Err(refused(heard, failed))
}

/// Why it gave up: from what it left, else from the words of the node, where they say more than that.
fn reason(failed: &Failed, words: &str) -> Revert {
    let left = left(failed).unwrap_or_default();
    let bare = ["execution reverted", "vm execution error."];
    let is_bare = bare.iter().any(|bare| words.eq_ignore_ascii_case(bare));
    // A place for what it left that is empty says the same as no reason in the words.
    if !left.is_empty() || is_bare || (has_place(failed) && !words.contains(':')) {
        return Revert::read(&left);
    }
    Revert::told(words)
}

/// Whether the node has something to say of what the contract left, even if it is that there is nothing.
fn has_place(failed: &Failed) -> bool {
    left(failed).is_some()
}

/// What the contract left.
fn left(failed: &Failed) -> Option<Vec<u8>> {
    found(&failed.data, DEPTH)
}

/// The first bytes in hex, behind the names that nodes use: `0x…`, `Reverted 0x…`, `{"data": …}`, and under the hash of
/// the transaction that was tried `{"return": …}`.
fn found(data: &Value, depth: usize) -> Option<Vec<u8>> {
    match data {
        Value::String(text) => {
            let text = text.trim();
            let text = text.strip_prefix("Reverted").unwrap_or(text).trim_start();
            hex::decode(text.strip_prefix("0x")?).ok()
        }
        Value::Object(members) if depth > 0 => {
            let named = ["data", "return", "result", "originalError"];
            let mut named = named.iter().filter_map(|name| members.get(*name));
            named.find_map(|inner| found(inner, depth - 1)).or_else(|| {
                let mut inner = members.values().filter(|value| value.is_object());
                inner.find_map(|inner| found(inner, depth - 1))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOT_OWNER: &str =
        "0x118cdaa700000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8";
    const NAMED: &str = "OwnableUnauthorizedAccount(0x70997970C51812dc3A010C7d01b50e0d17dc79C8)";

    fn failed(message: &str, data: Value) -> Failed {
        Failed {
            code: None,
            message: message.to_owned(),
            data,
        }
    }

    #[test]
    fn what_a_contract_left_is_found_wherever_a_node_puts_it() {
        for data in [
            json!(NOT_OWNER),
            json!(format!("Reverted {NOT_OWNER}")),
            json!({ "data": NOT_OWNER }),
            json!({ "message": "reverted", "data": NOT_OWNER, "txHash": format!("0x{}", "1".repeat(64)) }),
            json!({ "data": { "data": NOT_OWNER } }),
            json!({ "originalError": { "code": 3, "data": NOT_OWNER, "message": "execution reverted" } }),
            json!({ format!("0x{}", "1".repeat(64)): { "error": "revert", "return": NOT_OWNER }, "name": "RuntimeError" }),
        ] {
            let failed = failed("execution reverted", data.clone());
            assert_eq!(
                reason(&failed, "execution reverted").to_string(),
                NAMED,
                "{data}"
            );
        }
    }

    #[test]
    fn the_node_s_words_stand_in_for_what_it_keeps_to_itself() {
        let told = |words: &str, data: Value| reason(&failed(words, data), words).to_string();
        let nothing = Revert::read(&[]).to_string();
        assert_eq!(told("execution reverted", Value::Null), nothing);
        assert_eq!(told("Execution reverted", json!("0x")), nothing);
        assert_eq!(told("RPC Request failed.", json!("0x")), nothing);
        assert_eq!(told("VM execution error.", json!("Reverted")), nothing);
        let words = "execution reverted: Ownable: caller is not the owner";
        assert_eq!(told(words, Value::Null), words);
        assert_eq!(told(words, json!("0x")), words);
    }

    #[test]
    fn no_depth_is_followed_for_ever() {
        let deep = (0..100).fold(json!(NOT_OWNER), |inner, _| json!({ "data": inner }));
        assert_eq!(left(&failed("", deep)), None);
        for data in [
            json!("reverted"),
            json!("0x1"),
            json!(7),
            json!([NOT_OWNER]),
            Value::Null,
        ] {
            assert_eq!(left(&failed("", data)), None);
        }
    }
}
