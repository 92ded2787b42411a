//! The pretend chain: a JSON-RPC node over the very contracts the REST side reads, so both always agree.
//!
//! ```text
//!   POST /rpc[/{chain id}] ──> envelope (here) ──> methods ──> evm ──> app contract · KMS contract · multicall
//!                                                    │          │
//!                                                    v          v
//!                                 transaction ──> ledger <── mining <── the sandbox clock, owners who sign
//! ```
//!
//! One chain per chain id of the story. It has no EVM and no peers: a handful of contracts are known by heart, blocks
//! follow the sandbox clock, and signatures, nonces, fees and ownership are checked as nodes check them.

mod abi;
mod app_contract;
mod evm;
mod factory;
mod founding;
mod kms_contract;
mod ledger;
mod methods;
mod mining;
mod safe_contract;
mod shapes;
mod transaction;
mod verdict;
mod words;

use std::time::Duration;

use k256::ecdsa::SigningKey;
use serde_json::{Value, json};

use self::words::{Failure, Parameters};
pub(super) use self::{founding::Founding, ledger::Ledger};
use super::{
    kms::signing_key,
    message::{Reply, Request},
    mint::Mint,
    world::World,
};

impl World {
    /// Answers a call of the pretend chain that arrives at this sandbox time since the start.
    ///
    /// Its path is `/rpc` for the chain of the first on-chain KMS, or `/rpc/{chain id}`. No key is asked for.
    pub fn rpc(&mut self, now: Duration, request: &Request) -> Reply {
        self.met(now, request, |world| world.rpc_reply(request))
    }

    /// The secp256k1 key of the funded test account, 64 hex digits with `0x`; it follows from the seed.
    ///
    /// Not a secret type on purpose: it is worth nothing anywhere but in this world, and tests have to sign with it.
    pub fn test_key(&self) -> String {
        format!("0x{}", hex::encode(test_key(&self.mint).to_bytes()))
    }

    /// That key, in a story where it owns a contract, or makes one, and so is needed from outside.
    pub fn own_key(&self) -> Option<String> {
        let owned = |app: &String| {
            let spec = self.scenario.apps.get(app);
            spec.is_some_and(|spec| spec.owned_by_test_key)
        };
        let is_needed = self.scenario.rules.test_account_signs
            || self.scenario.workspace.apps.iter().any(owned);
        is_needed.then(|| self.test_key())
    }

    /// The address of the funded test account, with `0x` and the checksum of EIP-55.
    pub fn test_address(&self) -> String {
        test_address(&self.mint).to_string()
    }

    fn rpc_reply(&mut self, request: &Request) -> Reply {
        let chain = match request.segments().as_slice() {
            ["rpc"] => self
                .kms
                .iter()
                .find_map(|kms| kms.chain_id)
                .and_then(|id| self.chain_named(id)),
            ["rpc", id] => id.parse().ok().and_then(|id| self.chain_named(id)),
            _ => None,
        };
        let Some(chain) = chain else {
            return Reply::json(404, &json!({ "detail": "There is no such chain here" }));
        };
        if request.method != "POST" {
            return Reply::json(405, &json!({ "detail": "JSON-RPC takes POST only" }));
        }
        let answer = match serde_json::from_slice(&request.body) {
            Err(_) => Some(failed(&Value::Null, &Failure::new(-32700, "parse error"))),
            Ok(Value::Array(batch)) if !batch.is_empty() => {
                let answers: Vec<Value> = batch
                    .iter()
                    .filter_map(|call| self.rpc_call(chain, call))
                    .collect();
                (!answers.is_empty()).then(|| answers.into())
            }
            Ok(call) => self.rpc_call(chain, &call),
        };
        match answer {
            Some(answer) => Reply::json(200, &answer),
            None => Reply::nothing(),
        }
    }

    /// One call; none is the answer to a notification.
    fn rpc_call(&mut self, chain: usize, call: &Value) -> Option<Value> {
        let id = call.get("id");
        let named = call.get("method").and_then(Value::as_str);
        let is_call = call.get("jsonrpc").is_some_and(|version| version == "2.0")
            && id.is_none_or(|id| !id.is_object() && !id.is_array() && !id.is_boolean());
        let Some(name) = named.filter(|_| is_call) else {
            let invalid = Failure::new(-32600, "invalid request");
            return Some(failed(id.unwrap_or(&Value::Null), &invalid));
        };
        let answer =
            Parameters::new(call.get("params")).and_then(|given| self.method(chain, name, &given));
        let id = id?;
        Some(match answer {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(failure) => failed(id, &failure),
        })
    }
}

/// The address of the funded test account.
pub(super) fn test_address(mint: &Mint) -> alloy_primitives::Address {
    transaction::address_of(test_key(mint).verifying_key())
}

fn test_key(mint: &Mint) -> SigningKey {
    signing_key(mint, "test account")
}

fn failed(id: &Value, failure: &Failure) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": failure.to_json() })
}

#[cfg(test)]
mod tests;
