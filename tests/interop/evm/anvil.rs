//! A chain of one test's own, whose blocks come when they are told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use phala_wizard::chain::Address;
use serde_json::{Value, json};

use crate::packages::Packages;

/// The id of its chain.
pub const CHAIN: u64 = 31337;

/// A node that ends with the test.
pub struct Anvil {
    child: Child,
    host: String,
}

impl Anvil {
    pub fn start(packages: &Packages) -> Self {
        let mut program = packages.anvil();
        program.args(["--host", "127.0.0.1", "--port", "0", "--no-mining"]);
        let mut child = program
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let host = lines.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("Listening on ").map(str::to_owned)
        });
        // It goes on talking, and would stop where nobody listens.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            host: host.unwrap(),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.host)
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// What it says to a question that it has an answer to.
    pub fn ask(&self, method: &str, parameters: Value) -> Value {
        let question = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        let answer: Value = serde_json::from_str(&post(&self.host, &question.to_string())).unwrap();
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends it from an account of its own, in a block; the receipt.
    pub fn send(&self, to: Option<Address>, data: &[u8]) -> Value {
        let from = self.ask("eth_accounts", json!([]))[0].clone();
        let mut transaction =
            json!({ "from": from, "data": format!("0x{}", hex::encode(data)), "gas": "0x4c4b40" });
        if let Some(to) = to {
            transaction["to"] = format!("{to:#x}").into();
        }
        let hash = self.ask("eth_sendTransaction", json!([transaction]));
        self.mine();
        let receipt = self.ask("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    /// Puts a contract on its chain.
    pub fn deploy(&self, code: &[u8]) -> Address {
        let receipt = self.send(None, code);
        address(receipt["contractAddress"].as_str().unwrap())
    }

    /// Gives an account this much, in wei.
    pub fn fund(&self, account: Address, wei: u128) {
        let parameters = json!([format!("{account:#x}"), format!("{wei:#x}")]);
        self.ask("anvil_setBalance", parameters);
    }

    /// A block of whatever waits.
    pub fn mine(&self) {
        self.ask("evm_mine", json!([]));
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of the answer to this one.
pub fn post(host: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        socket,
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

pub fn address(digits: &str) -> Address {
    let mut bytes = [0; 20];
    hex::decode_to_slice(&digits[2..], &mut bytes).unwrap();
    Address::from(bytes)
}
