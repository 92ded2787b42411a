//! The pretend chain over real sockets.

use serde_json::{Value, json};

use super::wallet::{Draft, Wallet};
use super::{COMPOSE, KEY, Options, Sandbox, Scenario, World};

impl Sandbox {
    /// What a call of the chain gives, without any key.
    async fn chain(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len(),
        );
        let text = String::from_utf8(self.raw(&request).await.0).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        serde_json::from_str(body).unwrap()
    }

    async fn method(&self, name: &str, parameters: Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": name, "params": parameters });
        let answer = self.chain("/rpc", &call).await;
        assert!(answer.get("error").is_none(), "{name}: {answer}");
        answer["result"].clone()
    }

    /// Waits for blocks by asking, not by the clock.
    async fn mined(&self, hash: &Value) -> Value {
        loop {
            let receipt = self
                .method("eth_getTransactionReceipt", json!([hash]))
                .await;
            if !receipt.is_null() {
                return receipt;
            }
        }
    }
}

#[tokio::test]
async fn a_signed_registration_lets_the_commit_through() {
    let sandbox = Sandbox::open("own-key").await;
    let options = Options {
        seed: 4,
        api_key: KEY.to_owned(),
        base_url: String::new(),
    };
    let twin = World::new(Scenario::named("own-key").unwrap(), options);
    let wallet = Wallet::new(&twin.test_key());
    let app = sandbox.app("orders-api").await;
    let target = format!("POST /api/v1/apps/{app}/instances");
    let wish = json!({ "node_id": 9, "docker_compose_file": COMPOSE });
    let (status, body) = sandbox
        .json(&target, "x-prepare-only: true\r\n", &wish)
        .await;
    assert_eq!(status, 465);
    let detail = |name: &str| {
        let details = body["details"].as_array().unwrap();
        let found = details.iter().find(|detail| detail["field"] == name);
        found.unwrap()["value"].clone()
    };
    let address = wallet.address();
    let count = sandbox
        .method("eth_getTransactionCount", json!([address, "latest"]))
        .await;
    let nonce = u64::from_str_radix(&count.as_str().unwrap()[2..], 16).unwrap();
    let mut last = Value::Null;
    for (place, selector, entry) in [
        (0, "2a819728", "device_id"),
        (1, "dfc77223", "compose_hash"),
    ] {
        let draft = Draft {
            chain_id: 8453,
            nonce: nonce + place,
            tip: 1_000_000,
            max_fee: 20_000_000,
            gas: 100_000,
            to: format!("0x{app}"),
            value: 0,
            input: format!("0x{selector}{}", detail(entry).as_str().unwrap()),
        };
        last = sandbox
            .method("eth_sendRawTransaction", json!([wallet.sign(&draft)]))
            .await;
    }
    assert_eq!(sandbox.mined(&last).await["status"], "0x1");
    let commit = json!({
        "token": detail("commit_token"),
        "compose_hash": detail("compose_hash"),
        "transaction_hash": last,
    });
    assert_eq!(sandbox.ask(&target, "", &commit.to_string()).await.0, 200);
    sandbox.close().await;
}

#[tokio::test]
async fn every_chain_has_its_address_and_nothing_else_has() {
    let sandbox = Sandbox::open("on-chain").await;
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" });
    for (path, id) in [
        ("/rpc", "0x2105"),
        ("/rpc/8453", "0x2105"),
        ("/rpc/1", "0x1"),
    ] {
        assert_eq!(sandbox.chain(path, &call).await["result"], id, "{path}");
    }
    let batch = sandbox.chain("/rpc", &json!([call, call])).await;
    assert_eq!(batch.as_array().map(Vec::len), Some(2));
    for target in ["POST /rpc/5", "POST /rpcs", "POST /api/v1/rpc"] {
        let (status, ..) = sandbox.ask(target, "", &call.to_string()).await;
        assert_eq!(status, 404, "{target}");
    }
    let elsewhere = sandbox
        .ask("POST /rpc", "Origin: https://evil.example\r\n", "{}")
        .await;
    assert_eq!(elsewhere.0, 403);
    sandbox.close().await;
}
