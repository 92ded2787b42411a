//! Real contracts of two releases, as a real node told of them: the recordings beside the official clients, replayed.

use std::sync::Arc;

use phala_wizard::api::types::{AppId, ComposeHash, DeviceId, TransactionHash};
use phala_wizard::chain::contract::{Generation, Owner};
use phala_wizard::chain::transaction::{Standing, Tracked};
use phala_wizard::chain::{Call, Subject, U256};
use serde_json::{Value, json};

use super::node::{DEVICE, HASH, Node, OWNER, Said, address, is, no, word};

const VISITOR: &str = "70997970c51812dc3a010c7d01b50e0d17dc79c8";

/// One release of the contracts, and what was recorded of it.
struct Recorded(Arc<Value>);

fn recorded() -> Vec<Recorded> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/chain.json")).unwrap();
    let all = vectors["generations"].as_array().unwrap().clone();
    all.into_iter().map(|it| Recorded(Arc::new(it))).collect()
}

impl Recorded {
    fn generation(&self) -> Generation {
        match self.0["generation"].as_str().unwrap() {
            "v2-0.5.8" => Generation::V2,
            "v3-0.5.11" => Generation::V3,
            other => panic!("{other} is new"),
        }
    }

    fn subject(&self, contract: &str) -> Subject {
        let contract = self.0["contracts"][contract]["contract"].as_str().unwrap();
        Subject {
            chain_id: 31337,
            contract: address(contract),
            app: AppId::parse(contract).unwrap(),
            hash: ComposeHash::parse(HASH),
            device: DeviceId::parse(DEVICE),
        }
    }

    /// The recorded exchanges of one method, in their order.
    fn of(&self, method: &str) -> Vec<&Value> {
        let all = self.0["rpc"].as_array().unwrap().iter();
        all.filter(|it| it["request"]["method"] == method).collect()
    }

    /// A node that says what was recorded, and of what was not: that it is the usual thing.
    fn node(&self) -> Node {
        let all = Arc::clone(&self.0);
        Node::new(move |method, given| {
            let wanted = plain(given);
            let recorded = all["rpc"].as_array().unwrap().iter();
            let mut fitting = recorded.filter(|it| {
                it["request"]["method"] == method && plain(&it["request"]["params"]) == wanted
            });
            match fitting.next() {
                Some(exchange) => told(&exchange["response"]),
                None => unrecorded(method, given, &all),
            }
        })
    }
}

/// What the clients did not ask: where the chain is, and whether accounts have code. For a contract that was asked less
/// than another of its release, what that other said.
fn unrecorded(method: &str, given: &Value, all: &Value) -> Said {
    let contracts = all["contracts"].as_object().unwrap();
    let is_ours = |it: &Value| {
        let place = it["contract"].as_str().or(it.as_str()).unwrap();
        given[0]
            .as_str()
            .is_some_and(|given| given.eq_ignore_ascii_case(place))
    };
    match method {
        "eth_blockNumber" | "eth_getTransactionCount" => is("0x25"),
        "eth_getBlockByNumber" => Said::Is(json!({
            "number": "0x25", "timestamp": "0x6b04641b", "baseFeePerGas": "0xc8",
        })),
        "eth_getCode" if contracts.values().any(is_ours) => is("0x6080"),
        "eth_getCode" => is("0x"),
        "eth_getTransactionByHash" => Said::Is(Value::Null),
        "eth_maxPriorityFeePerGas" => is("0x3b9aca00"),
        "eth_estimateGas" => {
            let recorded = all["rpc"].as_array().unwrap().iter();
            let mut filled = recorded.filter(|it| it["request"]["method"] == "eth_fillTransaction");
            let same = filled.find(|it| plain(&it["request"]["params"])[0] == plain(given)[0]);
            match same {
                Some(exchange) => Said::Is(exchange["response"]["result"]["tx"]["gas"].clone()),
                None => is("0xcc0e"),
            }
        }
        "eth_getStorageAt" if given[1] != "0x1" => {
            let code = all["contracts"]["appImplementation"].as_str().unwrap();
            is(&word(&code[2..]))
        }
        "eth_call" => {
            let locked = &all["contracts"]["app_locked"]["contract"];
            assert_ne!(
                plain(&given[0]["to"]),
                plain(locked),
                "{given} was not recorded"
            );
            let mut same = given.clone();
            same[0]["to"] = locked.clone();
            let mut recorded = all["rpc"].as_array().unwrap().iter();
            let exchange = recorded.find(|it| plain(&it["request"]["params"]) == plain(&same));
            told(&exchange.unwrap_or_else(|| panic!("{given} was not recorded"))["response"])
        }
        _ => no(-32601, method),
    }
}

fn told(response: &Value) -> Said {
    let error = &response["error"];
    match response.get("result") {
        Some(result) => Said::Is(result.clone()),
        None => Said::No(
            error["code"].as_i64().unwrap(),
            error["message"].as_str().unwrap().to_owned(),
            error["data"].clone(),
        ),
    }
}

/// Parameters in one spelling: lower case, the block left out, and the caller too where the call only reads.
fn plain(parameters: &Value) -> Value {
    let text = parameters.to_string().to_lowercase();
    let mut plain: Value = serde_json::from_str(&text).unwrap();
    if plain.is_null() {
        return json!([]);
    }
    if let Some(list) = plain.as_array_mut()
        && list.len() > 1
    {
        list.pop();
    }
    let is_write = ["0xdfc77223", "0x2a819728"]
        .iter()
        .any(|it| text.contains(it));
    if let Some(call) = plain.get_mut(0).and_then(Value::as_object_mut)
        && !is_write
    {
        call.remove("from");
    }
    plain
}

#[tokio::test]
async fn real_contracts_are_read_as_what_they_are() {
    for recorded in recorded() {
        let node = recorded.node();
        let subject = recorded.subject("app_locked");
        let reading = node.rpc.reading(&subject).await.unwrap();
        assert_eq!(reading.generation, recorded.generation());
        let code = recorded.0["contracts"]["appImplementation"]
            .as_str()
            .unwrap();
        assert_eq!(reading.implementation, Some(address(code)));
        assert!(!reading.upgrades_disabled);
        assert_eq!(reading.owner, Owner::Wallet(address(OWNER)));
        assert_eq!(reading.pending_owner, None);
        let knows = recorded.generation() == Generation::V3;
        assert_eq!(reading.tcb_required, knows.then_some(false));
        let allowed = reading.allowed;
        assert_eq!((allowed.hash, allowed.device), (Some(false), Some(false)));
        assert!(!allowed.any_device);
        let missing = allowed.missing(subject.hash, subject.device);
        assert_eq!(missing.len(), 2);
        assert_eq!(node.rpc.allowed(&subject).await.unwrap(), allowed);
    }
}

#[tokio::test]
async fn a_real_contract_can_let_any_machine_in_or_keep_its_code_for_good() {
    for recorded in recorded() {
        let node = recorded.node();
        let any = node
            .rpc
            .reading(&recorded.subject("app_any_device"))
            .await
            .unwrap();
        assert!(any.allowed.any_device && !any.upgrades_disabled);
        let fixed = node
            .rpc
            .reading(&recorded.subject("app_no_upgrade"))
            .await
            .unwrap();
        assert!(fixed.upgrades_disabled && !fixed.allowed.any_device);
    }
}

#[tokio::test]
async fn a_real_refusal_names_the_account_and_a_real_owner_is_not_refused() {
    for recorded in recorded() {
        let node = recorded.node();
        let subject = recorded.subject("app_locked");
        let hash = Call::AddComposeHash(subject.hash.unwrap());
        let visitor = node.rpc.examine(&subject, address(VISITOR), &[hash]).await;
        let visitor = visitor.unwrap();
        let why = visitor.calls[0].1.as_ref().unwrap_err().to_string();
        let expected = "OwnableUnauthorizedAccount(0x70997970C51812dc3A010C7d01b50e0d17dc79C8)";
        assert_eq!(why, expected);
        assert_eq!(
            visitor.balance,
            U256::from(10_000_000_000_000_000_000_000_u128)
        );
        let owner = node.rpc.examine(&subject, address(OWNER), &[hash]).await;
        let owner = owner.unwrap();
        let gas = recorded.of("eth_fillTransaction")[0]["response"]["result"]["tx"]["gas"].clone();
        let gas = u64::from_str_radix(&gas.as_str().unwrap()[2..], 16).unwrap();
        assert_eq!(owner.calls, [(hash, Ok(gas))]);
        assert_eq!((owner.tip, owner.nonce), (1_000_000_000, 37));
        assert_eq!(owner.problems(None), []);
    }
}

#[tokio::test]
async fn real_transactions_are_handed_over_and_followed_by_their_receipts() {
    let mut followed = 0;
    for recorded in recorded() {
        let node = recorded.node();
        let sent = recorded.of("eth_sendRawTransaction");
        let receipts = recorded.of("eth_getTransactionReceipt");
        assert_eq!(sent.len(), receipts.len());
        for (sent, receipt) in sent.into_iter().zip(receipts) {
            let raw = sent["request"]["params"][0].as_str().unwrap();
            let raw = hex::decode(&raw[2..]).unwrap();
            node.rpc.broadcast(31337, &raw).await.unwrap();
            let receipt = &receipt["response"]["result"];
            let text = |member: &str| receipt[member].as_str().unwrap();
            let tracked = Tracked {
                chain_id: 31337,
                hash: TransactionHash::parse(text("transactionHash")).unwrap(),
                from: address(text("from")),
                nonce: 0,
                to: address(text("to")),
                input: Vec::new(),
            };
            assert_eq!(sent["response"]["result"], text("transactionHash"));
            let block = u64::from_str_radix(&text("blockNumber")[2..], 16).unwrap();
            let standing = node.rpc.follow(&tracked).await.unwrap();
            assert!(matches!(standing, Standing::Mined { block: found, .. } if found == block));
            followed += 1;
        }
    }
    assert_eq!(followed, 8);
}

#[tokio::test]
async fn a_real_event_leads_to_its_transaction() {
    for recorded in recorded() {
        let subject = recorded.subject("app_locked");
        let receipts = recorded.of("eth_getTransactionReceipt");
        let logs = receipts.iter().flat_map(|it| {
            let logs = it["response"]["result"]["logs"].as_array();
            logs.unwrap().clone()
        });
        let contract = format!("{:#x}", subject.contract);
        let topic = "0xfecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af";
        let told: Vec<Value> = logs
            .filter(|log| log["address"] == contract && log["topics"][0] == topic)
            .collect();
        assert_eq!(told.len(), 2, "added, and added again");
        let expected = told[1]["transactionHash"].as_str().unwrap().to_owned();
        let node = Node::new(move |method, _| match method {
            "eth_chainId" => is("0x7a69"),
            "eth_blockNumber" => is("0x25"),
            "eth_getLogs" => Said::Is(json!(told)),
            _ => no(-32601, method),
        });
        let found = node.rpc.registered_by(&subject, 100).await.unwrap();
        assert_eq!(found, TransactionHash::parse(&expected));
    }
}

#[tokio::test]
async fn what_was_read_by_hand_says_the_same() {
    for recorded in recorded() {
        let raw = &recorded.0["sdk_and_raw_results"];
        let node = recorded.node();
        let reading = node
            .rpc
            .reading(&recorded.subject("app_locked"))
            .await
            .unwrap();
        let known = |name: &str| raw[&format!("raw {name}")].get("result").is_some();
        assert_eq!(raw["raw owner"]["result"], word(OWNER));
        assert_eq!(known("version"), reading.generation == Generation::V3);
        assert_eq!(known("requireTcbUpToDate"), reading.tcb_required.is_some());
        assert!(!known("pendingOwner") && !known("appId"));
        let flags = &raw["raw flags slot (byte0=_upgradesDisabled, byte1=allowAnyDevice)"];
        let code = raw["raw eip1967 implementation slot"]["result"]
            .as_str()
            .unwrap();
        assert_eq!(reading.implementation, Some(address(&code[26..])));
        for (name, contract) in [
            ("locked", "app_locked"),
            ("any", "app_any_device"),
            ("no_upgrade", "app_no_upgrade"),
        ] {
            let read = node.rpc.reading(&recorded.subject(contract)).await.unwrap();
            let expected = match (read.upgrades_disabled, read.allowed.any_device) {
                (false, false) => "0",
                (false, true) => "100",
                (true, false) => "1",
                (true, true) => "101",
            };
            assert_eq!(flags[name], word(expected), "{name}");
        }
        let left = raw["raw addComposeHash simulate non-owner"]["error"]["data"].as_str();
        let left = hex::decode(&left.unwrap()[2..]).unwrap();
        let why = phala_wizard::chain::revert::Revert::read(&left).to_string();
        assert!(
            why.starts_with("OwnableUnauthorizedAccount(0x70997970"),
            "{why}"
        );
    }
}
