//! A node of a chain that says to each question what a test wants, in whatever order they come.

use phala_wizard::api::error::Error;
use phala_wizard::api::types::{AppId, ComposeHash, DeviceId};
use phala_wizard::chain::rpc::Rpc;
use phala_wizard::chain::{Address, Subject};
use serde_json::{Value, json};

use super::limits;
use super::server::{Reply, Server};

/// What a node says.
pub enum Said {
    Is(Value),
    /// Code, words and data of an error.
    No(i64, String, Value),
    /// Anything else.
    Raw(Reply),
}

pub struct Node {
    server: Server,
    pub rpc: Rpc,
}

impl Node {
    pub fn new(rule: impl Fn(&str, &Value) -> Said + Send + Sync + 'static) -> Self {
        let server = Server::by(move |seen| {
            let question: Value = serde_json::from_str(&seen.body).unwrap();
            let method = question["method"].as_str().unwrap();
            let mut answer = json!({ "jsonrpc": "2.0", "id": question["id"] });
            match rule(method, &question["params"]) {
                Said::Is(result) => answer["result"] = result,
                Said::No(code, message, data) => {
                    answer["error"] = json!({ "code": code, "message": message });
                    if !data.is_null() {
                        answer["error"]["data"] = data;
                    }
                }
                Said::Raw(reply) => return reply,
            }
            Reply::json(200, &answer.to_string())
        });
        let rpc = Rpc::new(&server.origin(), limits()).unwrap();
        Self { server, rpc }
    }

    /// Every question so far: method and parameters.
    pub fn asked(&self) -> Vec<(String, Value)> {
        let seen = self.server.seen();
        let question = |body: &str| -> (String, Value) {
            let question: Value = serde_json::from_str(body).unwrap();
            let method = question["method"].as_str().unwrap().to_owned();
            (method, question["params"].clone())
        };
        seen.iter().map(|seen| question(&seen.body)).collect()
    }

    /// How often this method was asked for.
    pub fn times(&self, method: &str) -> usize {
        let asked = self.asked();
        asked.iter().filter(|(name, _)| name == method).count()
    }
}

pub fn is(text: &str) -> Said {
    Said::Is(json!(text))
}

pub fn no(code: i64, message: &str) -> Said {
    Said::No(code, message.to_owned(), Value::Null)
}

/// As anvil says that a contract gave up and left this.
pub fn reverted(data: &str) -> Said {
    Said::No(3, "execution reverted".to_owned(), json!(data))
}

/// A word whose last bytes are these, in hex with `0x`.
pub fn word(last: &str) -> String {
    format!("0x{last:0>64}")
}

/// The selector of a call, without `0x`; nothing where it is none.
pub fn selector(parameters: &Value) -> &str {
    let data = parameters[0]["data"].as_str().unwrap_or_default();
    data.get(2..10).unwrap_or_default()
}

pub const APP: &str = "6f1216d1bfe15c98520ca1434fc1d9d57ac95321";
pub const OWNER: &str = "f39fd6e51aad88f6f4ce6ab8827279cfffb92266";
pub const IMPLEMENTATION: &str = "2279b7a0a67db372996a5fab50d91eaa73d2ebe6";
pub const HASH: &str = "c0ffee0000000000000000000000000000000000000000000000000000000000";
pub const DEVICE: &str = "de71ce1111111111111111111111111111111111111111111111111111111111";
/// What is left by a contract that is called by another than its owner.
pub const NOT_OWNER: &str =
    "0x118cdaa700000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8";

/// An app's contract on Base, at the address that is its id.
pub fn subject() -> Subject {
    Subject {
        chain_id: 8453,
        contract: address(APP),
        app: AppId::parse(APP).unwrap(),
        hash: ComposeHash::parse(HASH),
        device: DeviceId::parse(DEVICE),
    }
}

pub fn address(digits: &str) -> Address {
    let mut bytes = [0; 20];
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    hex::decode_to_slice(digits, &mut bytes).unwrap();
    Address::from(bytes)
}

/// A node of Base at block 34 that has a contract of the fourth generation, which allows the device and not the hash.
pub fn usual(method: &str, parameters: &Value) -> Said {
    match (method, selector(parameters)) {
        ("eth_chainId", _) => is("0x2105"),
        ("eth_blockNumber", _) => is("0x22"),
        ("eth_getBlockByNumber", _) => Said::Is(json!({
            "number": "0x22", "timestamp": "0x6b04641b", "baseFeePerGas": "0x3e8",
        })),
        ("eth_getCode", _) if parameters[0] == format!("0x{APP}") => is("0x60806040"),
        ("eth_getStorageAt", _) => match parameters[1].as_str() {
            Some("0x1") => is(&word("1")),
            _ => is(&word(IMPLEMENTATION)),
        },
        ("eth_call", "8da5cb5b") => is(&word(OWNER)),
        ("eth_call", "54fd4d50") => is(&word("2")),
        ("eth_call", "bf8b211b" | "0aa58c83") => is(&word("1")),
        ("eth_call", "e30c3978" | "3440a16a" | "2f6622e5") => is(&word("0")),
        ("eth_getCode", _) | ("eth_call", "dfc77223" | "2a819728") => is("0x"),
        ("eth_call", _) => reverted("0x"),
        ("eth_estimateGas", _) => is("0xcc0e"),
        ("eth_getBalance", _) => is("0x21e19e0c9bab2400000"),
        ("eth_getTransactionCount", _) => is("0x7"),
        ("eth_maxPriorityFeePerGas", _) => is("0x5"),
        _ => no(
            -32601,
            &format!("the method {method} does not exist/is not available"),
        ),
    }
}

/// What an error says, in one line.
pub fn words<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}
