//! JSON-RPC 2.0: one question as text, and what an answer to it holds.

use std::borrow::Cow;

use alloy_primitives::U256;
use serde_json::{Value, json};

/// Why an answer has no result.
#[derive(Debug, PartialEq)]
pub(super) enum Flaw {
    /// The node says no.
    Failed(Failed),
    /// It is no answer to this question.
    Unreadable(Cow<'static, str>),
}

/// The `error` of an answer.
#[derive(Debug, PartialEq)]
pub(super) struct Failed {
    /// The node's number for it.
    pub(super) code: Option<String>,
    /// Its words, as they came.
    pub(super) message: String,
    /// What it adds; for a call that gave up usually what the contract left.
    pub(super) data: Value,
}

/// The text of a question.
pub(super) fn question(id: u64, method: &str, parameters: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }).to_string()
}

/// The result of the question with this id.
pub(super) fn result(answer: &[u8], id: u64) -> Result<Value, Flaw> {
    let unreadable = |why| Err(Flaw::Unreadable(Cow::Borrowed(why)));
    let mut answer: Value = match serde_json::from_slice(answer) {
        Ok(answer) => answer,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let why = format!("no JSON at line {line}, column {column}");
            return Err(Flaw::Unreadable(why.into()));
        }
    };
    let Some(members) = answer.as_object_mut() else {
        return unreadable("no answer of JSON-RPC");
    };
    let error = members.remove("error").filter(|error| !error.is_null());
    let found = members.get("id").unwrap_or(&Value::Null);
    // A node that could not read the question has no id to give back.
    let is_ours = found.as_u64() == Some(id) || (error.is_some() && found.is_null());
    if !is_ours {
        return unreadable("the answer is to another question");
    }
    if let Some(error) = error {
        return Err(Flaw::Failed(failed(&error)));
    }
    match members.remove("result") {
        Some(result) => Ok(result),
        None => unreadable("the answer has neither a result nor an error"),
    }
}

fn failed(error: &Value) -> Failed {
    let code = error.get("code").filter(|code| code.is_i64());
    let message = error.get("message").unwrap_or(error);
    Failed {
        code: code.map(Value::to_string),
        message: message
            .as_str()
            .map_or_else(|| message.to_string(), str::to_owned),
        data: error.get("data").cloned().unwrap_or_default(),
    }
}

/// A number: `0x` and up to 16 hex digits.
pub(super) fn quantity(result: &Value) -> Option<u64> {
    wide(result)?.try_into().ok()
}

/// A price: as [`quantity`], up to 32 hex digits.
pub(super) fn price(result: &Value) -> Option<u128> {
    wide(result)?.try_into().ok()
}

/// A sum of money: as [`quantity`], up to 64 hex digits.
pub(super) fn wide(result: &Value) -> Option<U256> {
    let digits = result.as_str()?.strip_prefix("0x")?;
    let is_hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| U256::from_str_radix(digits, 16).ok())?
}

/// Bytes: `0x` and hex digits, maybe none.
pub(super) fn bytes(result: &Value) -> Option<Vec<u8>> {
    hex::decode(result.as_str()?.strip_prefix("0x")?).ok()
}

/// So many bytes, neither more nor fewer.
pub(super) fn exactly<const N: usize>(result: &Value) -> Option<[u8; N]> {
    bytes(result)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreadable(text: &str) -> bool {
        matches!(result(text.as_bytes(), 7), Err(Flaw::Unreadable(_)))
    }

    #[test]
    fn a_question_says_what_the_standard_wants() {
        assert_eq!(
            question(7, "eth_chainId", json!([])),
            r#"{"jsonrpc":"2.0","id":7,"method":"eth_chainId","params":[]}"#
        );
    }

    #[test]
    fn only_an_answer_to_this_question_is_one() {
        let answer = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"0x1"}}"#);
        assert_eq!(result(answer("7").as_bytes(), 7), Ok(json!("0x1")));
        for id in ["8", "null", "\"7\"", "7.5", "-7", "[7]"] {
            assert!(unreadable(&answer(id)), "{id}");
        }
        for text in [
            "",
            "[]",
            "null",
            "<html>",
            r#"{"id":7}"#,
            r#"{"result":"0x1"}"#,
        ] {
            assert!(unreadable(text), "{text}");
        }
    }

    #[test]
    fn an_error_counts_before_a_result_and_may_be_of_any_shape() {
        let failed = |error: &str| {
            let text = format!(r#"{{"id":7,"result":"0x1","error":{error}}}"#);
            match result(text.as_bytes(), 7) {
                Err(Flaw::Failed(failed)) => (failed.code, failed.message),
                other => panic!("{other:?}"),
            }
        };
        let code = |text: &str| Some(text.to_owned());
        let error = r#"{"code":-32000,"message":"header not found","data":"0x"}"#;
        assert_eq!(failed(error), (code("-32000"), "header not found".into()));
        assert_eq!(failed("\"no\""), (None, "no".into()));
        assert_eq!(failed(r#"{"code":"x"}"#), (None, r#"{"code":"x"}"#.into()));
        assert_eq!(
            failed(r#"{"code":3,"message":null}"#),
            (code("3"), "null".into())
        );
        let text = format!(r#"{{"id":7,"error":{error}}}"#);
        let kept = match result(text.as_bytes(), 7) {
            Err(Flaw::Failed(failed)) => failed.data,
            other => panic!("{other:?}"),
        };
        assert_eq!(kept, json!("0x"));
        let text = br#"{"id":7,"result":"0x1","error":null}"#;
        assert_eq!(result(text, 7), Ok(json!("0x1")));
        let unread = br#"{"id":null,"error":{"code":-32700,"message":"parse error"}}"#;
        assert!(matches!(result(unread, 7), Err(Flaw::Failed(_))));
    }

    #[test]
    fn numbers_and_bytes_are_hex_after_0x_and_nothing_else() {
        for (text, expected) in [
            ("0x0", Some(0)),
            ("0x2105", Some(8453)),
            ("0xffffffffffffffff", Some(u64::MAX)),
            ("0x10000000000000000", None),
            ("0x", None),
            ("2105", None),
            ("0x+1", None),
            ("0x-1", None),
        ] {
            assert_eq!(quantity(&json!(text)), expected, "{text}");
        }
        assert_eq!(quantity(&json!(8453)), None);
        let word = format!("0x{}", "f".repeat(64));
        assert_eq!(wide(&json!(word)), Some(U256::MAX));
        assert_eq!(wide(&json!(format!("{word}f"))), None);
        assert_eq!(price(&json!(word)), None);
        let most = format!("0x{}", "f".repeat(32));
        assert_eq!(price(&json!(most)), Some(u128::MAX));
        assert_eq!(exactly::<2>(&json!("0x00ff")), Some([0, 255]));
        assert_eq!(exactly::<2>(&json!("0xff")), None);
        assert_eq!(bytes(&json!("0x")), Some(Vec::new()));
        assert_eq!(bytes(&json!("0x00ff")), Some(vec![0, 255]));
        for wrong in [json!("00ff"), json!("0x0"), json!("0xzz"), Value::Null] {
            assert_eq!(bytes(&wrong), None, "{wrong}");
        }
    }
}
