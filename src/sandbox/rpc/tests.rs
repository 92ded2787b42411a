//! What was recorded at the real contracts, played to the pretend ones.

use std::time::Duration;

use alloy_primitives::{Address, B256, U256};
use serde_json::{Value, json};

use super::super::{
    Options, Request, Scenario, World,
    chain::{Contract, Generation, account},
};

const CHAIN: usize = 0;
const RECORDED: &str = include_str!("../../../tests/vectors/chain.json");

/// A world whose only chain is the one of the recordings, before the first of them.
struct Replay {
    world: World,
    now: Duration,
}

impl Replay {
    fn of(generation: Generation, recorded: &Value) -> Self {
        let story = format!(
            "sentence = ''
            [workspace]
            apps = ['orders-api']
            [chains.base]
            id = 31337
            base_fee_wei = 7
            [kms.base]
            chain_id = 31337
            generation = '{}'
            [kms.ethereum]
            chain_id = 31337
            [apps.orders-api]
            instances = []",
            format!("{generation:?}").to_lowercase()
        );
        let options = Options {
            seed: 1,
            api_key: String::new(),
            base_url: String::new(),
        };
        let mut world = World::new(Scenario::parse("replay", &story).unwrap(), options);
        let contracts = &recorded["contracts"];
        let address = |text: &Value| account(text.as_str().unwrap()).unwrap();
        world.kms[0].contract = Some(contracts["kms"].as_str().unwrap().to_owned());
        let owner = account("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266").unwrap();
        let made = |app: &str| Contract {
            address: address(&contracts[app]["contract"]),
            app_id: address(&contracts[app]["appId"]),
            implementation: address(&contracts["appImplementation"]),
            factory: address(&contracts["kms"]),
            owner,
            allow_any_device: app == "app_any_device",
            upgrades_disabled: app == "app_no_upgrade",
            hashes: [].into(),
            // The device they were made for.
            devices: [B256::repeat_byte(0x11)].into(),
            ..world.apps[0].contract.clone().unwrap()
        };
        let locked = made("app_locked");
        for contract in [
            made("app_any_device"),
            made("app_no_upgrade"),
            locked.clone(),
        ] {
            world.ledgers[CHAIN].remember(0, &contract);
        }
        world.apps[0].contract = Some(locked);
        world.ledgers[CHAIN].fund(owner, U256::from(10_u64.pow(19)));
        Self {
            world,
            now: Duration::ZERO,
        }
    }

    fn send(&mut self, request: &Value) -> Value {
        let request = Request {
            method: "POST".to_owned(),
            path: "/rpc".to_owned(),
            body: request.to_string().into_bytes(),
            ..Request::default()
        };
        serde_json::from_slice(&self.world.rpc(self.now, &request).body).unwrap()
    }

    /// The signer goes on where it was when this was recorded.
    fn count_up_to(&mut self, raw: &str) -> Address {
        let bytes = hex::decode(&raw[2..]).unwrap();
        let sent = super::transaction::Transaction::decode(&bytes).unwrap();
        let accounts = &mut self.world.ledgers[CHAIN].accounts;
        accounts.get_mut(&sent.from).unwrap().nonce = sent.nonce;
        sent.from
    }
}

fn recordings() -> Vec<(Generation, Value)> {
    let file: Value = serde_json::from_str(RECORDED).unwrap();
    [Generation::V2, Generation::V3]
        .into_iter()
        .zip(file["generations"].as_array().unwrap().clone())
        .collect()
}

#[test]
fn every_recorded_call_is_answered_as_the_real_contract_did() {
    for (generation, recorded) in recordings() {
        let mut replay = Replay::of(generation, &recorded);
        let mut compared = 0;
        for exchange in recorded["rpc"].as_array().unwrap() {
            let (request, theirs) = (&exchange["request"], &exchange["response"]);
            let label = &exchange["label"];
            let input = request["params"][0]["data"].as_str().unwrap_or_default();
            match request["method"].as_str().unwrap() {
                // Another key, other money; and this chain deploys nothing.
                _ if label == "deployAppAuth" => {}
                "eth_call" if input.starts_with("0x09177063") => {}
                "eth_getBalance" | "eth_fillTransaction" => {}
                "eth_sendRawTransaction" => {
                    let raw = request["params"][0].as_str().unwrap();
                    let from = replay.count_up_to(raw);
                    assert_eq!(
                        hex::encode(from),
                        "f39fd6e51aad88f6f4ce6ab8827279cfffb92266"
                    );
                    assert_eq!(replay.send(request), *theirs, "{label}");
                    replay.now += Duration::from_secs(2);
                    compared += 1;
                }
                "eth_getTransactionReceipt" => {
                    same_receipt(&replay.send(request), theirs);
                    compared += 1;
                }
                _ => {
                    assert_eq!(replay.send(request), *theirs, "{label}: {request}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 35, "{compared}");
    }
}

/// All but where it lies: blocks and prices are those of another chain.
fn same_receipt(ours: &Value, theirs: &Value) {
    let (ours, theirs) = (&ours["result"], &theirs["result"]);
    for member in [
        "type",
        "status",
        "transactionHash",
        "transactionIndex",
        "from",
        "to",
        "contractAddress",
        "logsBloom",
    ] {
        assert_eq!(ours[member], theirs[member], "{member}");
    }
    let told = |receipt: &Value| {
        let logs = receipt["logs"].as_array().unwrap().clone();
        logs.into_iter()
            .map(|log| json!([log["address"], log["topics"], log["data"], log["logIndex"]]))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(ours), told(theirs));
    let gas = |receipt: &Value| {
        let digits = receipt["gasUsed"].as_str().unwrap().to_owned();
        i64::from_str_radix(&digits[2..], 16).unwrap()
    };
    assert!((gas(ours) - gas(theirs)).abs() < 100, "{ours}");
}

#[test]
fn the_key_of_the_kms_stands_in_its_contract() {
    let (generation, recorded) = recordings().remove(0);
    let mut replay = Replay::of(generation, &recorded);
    let call = json!({ "to": recorded["contracts"]["kms"], "data": "0x09177063" });
    let answer = replay.send(&json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [call, "latest"],
    }));
    let result = answer["result"].as_str().unwrap();
    // Four offsets, then the length and the 33 bytes of the key: as recorded but for the key itself.
    let key = replay.world.kms[0].root_public_key();
    assert_eq!(&result[2 + 4 * 64..2 + 5 * 64], &format!("{:064x}", 33));
    assert_eq!(&result[2 + 5 * 64..2 + 5 * 64 + 66], key);
}
