//! The file of the Safe web app's Transaction Builder, version 1.0, with the checksum it looks for.
//!
//! The checksum is no signature: whoever changes the file can make a new one. It finds what happened on the way.

use alloy_primitives::{hex::encode_prefixed, keccak256};
use serde::Serialize;
use serde_json::Value;

use super::Handoff;

/// The file, its members in the order the app writes them in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    version: &'static str,
    /// As text, like all numbers in it but the next one.
    chain_id: String,
    created_at: u64,
    meta: Meta,
    transactions: Vec<Transaction>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    name: String,
    description: String,
    /// Of the Transaction Builder whose files these are like.
    tx_builder_version: &'static str,
    created_from_safe_address: String,
    created_from_owner_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    to: String,
    value: &'static str,
    data: String,
    /// Passed over where there is data.
    contract_method: Option<()>,
    contract_inputs_values: Option<()>,
}

/// The text of the file.
pub(super) fn batch(handoff: &Handoff, name: &str, description: &str) -> String {
    let mut batch = Batch::of(handoff, name, description);
    // Texts and numbers alone: there is nothing in it that could not be written.
    let value = serde_json::to_value(&batch).unwrap_or_default();
    batch.meta.checksum = Some(checksum(value));
    let text = serde_json::to_string_pretty(&batch).unwrap_or_default();
    text + "\n"
}

impl Batch {
    fn of(handoff: &Handoff, name: &str, description: &str) -> Self {
        let to = handoff.subject.contract.to_string();
        let transactions = handoff.calls.iter().map(|call| Transaction {
            to: to.clone(),
            value: "0",
            data: encode_prefixed(call.input()),
            contract_method: None,
            contract_inputs_values: None,
        });
        Self {
            version: "1.0",
            chain_id: handoff.subject.chain_id.to_string(),
            created_at: handoff.made_at_ms,
            meta: Meta {
                name: name.to_owned(),
                description: description.to_owned(),
                tx_builder_version: "2.0.1",
                created_from_safe_address: String::new(),
                created_from_owner_address: String::new(),
                checksum: None,
            },
            transactions: transactions.collect(),
        }
    }
}

/// Keccak-256 of the file in a form of its own, without its name and its checksum.
pub(super) fn checksum(mut batch: Value) -> String {
    if let Some(meta) = batch.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("checksum");
        meta.insert("name".to_owned(), Value::Null);
    }
    encode_prefixed(keccak256(flat(&batch)))
}

/// Lists and scalars as in JSON; an object as the list of its names in order, and then every value with a comma.
fn flat(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(flat).collect();
            format!("[{}]", values.join(","))
        }
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            let list = names.iter().map(|name| Value::from(name.as_str()));
            let values = names.iter().map(|name| flat(&members[*name]) + ",");
            format!(
                "{{{}{}}}",
                list.collect::<Value>(),
                values.collect::<String>()
            )
        }
        scalar => scalar.to_string(),
    }
}
