//! The pretend chain of a sandbox that runs as a program, asked as any client would.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::wallet::{Draft, Wallet};

/// A node of one chain, at this address.
#[derive(Clone)]
pub struct Node(pub String);

impl Node {
    /// What this method gives.
    pub fn ask(&self, method: &str, parameters: &Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        let body = call.to_string();
        let place = self.0.strip_prefix("http://").unwrap();
        let (host, path) = place.split_once('/').unwrap();
        let mut socket = TcpStream::connect(host).unwrap();
        write!(
            socket,
            "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// How many transactions of this account count; with those that wait, where that is said.
    pub fn count(&self, account: &str, block: &str) -> u64 {
        let count = self.ask("eth_getTransactionCount", &json!([account, block]));
        u64::from_str_radix(&count.as_str().unwrap()[2..], 16).unwrap()
    }

    /// Signs this call of a contract with the key, and sends it. Its hash.
    #[allow(dead_code, reason = "not every test signs for itself")]
    pub fn sign(&self, key: &str, contract: &str, input: &str) -> String {
        self.sign_with_gas(key, contract, input, 100_000)
    }

    /// The same, for a call that takes so much gas.
    #[allow(dead_code, reason = "not every test signs for itself")]
    pub fn sign_with_gas(&self, key: &str, contract: &str, input: &str, gas: u64) -> String {
        let wallet = Wallet::new(key);
        let draft = Draft {
            chain_id: 8453,
            nonce: self.count(&wallet.address(), "pending"),
            tip: 1_000_000,
            max_fee: 20_000_000,
            gas,
            to: contract.to_owned(),
            value: 0,
            input: input.to_owned(),
        };
        let hash = self.ask("eth_sendRawTransaction", &json!([wallet.sign(&draft)]));
        hash.as_str().unwrap().to_owned()
    }
}
