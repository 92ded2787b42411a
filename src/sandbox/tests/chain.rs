//! The pretend chain beside the API: one state, seen from two sides.

use alloy_sol_types::SolCall;

use super::*;

#[path = "../../../tests/support/wallet.rs"]
mod wallet;

use wallet::{Draft, Wallet};

const ADD_HASH: &str = "dfc77223";
const ADD_DEVICE: &str = "2a819728";
const ALLOWED_HASH: &str = "2f6622e5";
const HASH_ADDED: &str = "0xfecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af";
const DEVICE_ADDED: &str = "0x67fc71ab96fe3fa3c6f78e9a00e635d591b7333ce611c0380bc577aac702243b";
const ANYTHING: &str = "5555555555555555555555555555555555555555555555555555555555555555";

impl Visitor {
    /// The whole answer to one call of the default chain.
    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.ask_at("/rpc", method, parameters)
    }

    fn ask_at(&mut self, path: &str, method: &str, parameters: Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": parameters });
        let reply = self.rpc("POST", path, &call.to_string());
        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, &answer["id"]), (200, &json!(7)), "{answer}");
        answer
    }

    /// The result of a call that works.
    fn chain(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.ask(method, parameters);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Code and words of a call that does not.
    fn refusal(&mut self, method: &str, parameters: Value) -> (i64, String) {
        let answer = self.ask(method, parameters);
        let error = &answer["error"];
        let words = error["message"].as_str().unwrap_or_default().to_owned();
        (error["code"].as_i64().unwrap_or_default(), words)
    }

    fn rpc(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        };
        self.world.rpc(self.now, &request)
    }

    fn number(&mut self, method: &str, parameters: Value) -> u64 {
        hex_number(&self.chain(method, parameters))
    }

    fn contract_of(&mut self, app: &str) -> String {
        let id = self.app_id(app);
        let info = self.get(&format!("/apps/{id}/kms-info"));
        info["app_contract_address"].as_str().unwrap().to_owned()
    }

    /// What a read of the app's contract gives, by its calldata.
    fn read(&mut self, app: &str, input: &str) -> Value {
        let to = self.contract_of(app);
        self.chain("eth_call", json!([{ "to": to, "data": input }, "latest"]))
    }

    /// Whether the contract itself allows this hash.
    fn hash_on_chain(&mut self, app: &str, hash: &str) -> bool {
        let word = self.read(app, &format!("0x{ALLOWED_HASH}{hash}"));
        word.as_str().unwrap().ends_with('1')
    }

    /// A call of the app's contract, to be signed by the test account.
    fn draft(&mut self, app: &str, input: &str) -> Draft {
        let from = self.world.test_address();
        Draft {
            chain_id: 8453,
            nonce: self.number("eth_getTransactionCount", json!([from, "pending"])),
            tip: 1_000_000,
            max_fee: 20_000_000,
            gas: 100_000,
            to: self.contract_of(app),
            value: 0,
            input: input.to_owned(),
        }
    }

    fn wallet(&self) -> Wallet {
        Wallet::new(&self.world.test_key())
    }

    /// Signs and sends; the hash.
    fn transact(&mut self, app: &str, input: &str) -> Value {
        let draft = self.draft(app, input);
        let raw = self.wallet().sign(&draft);
        self.chain("eth_sendRawTransaction", json!([raw]))
    }

    fn receipt(&mut self, hash: &Value) -> Value {
        self.chain("eth_getTransactionReceipt", json!([hash]))
    }

    /// Events of one kind that the app's contract ever told.
    fn events(&mut self, app: &str, topic: &str) -> Vec<Value> {
        let filter = json!({
            "address": self.contract_of(app), "topics": [topic], "fromBlock": "0x0",
        });
        let logs = self.chain("eth_getLogs", json!([filter]));
        logs.as_array().unwrap().clone()
    }
}

fn hex_number(value: &Value) -> u64 {
    u64::from_str_radix(&value.as_str().unwrap()[2..], 16).unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

/// What the official client sends for an app of this owner, machine and content.
fn deployment(owner: &str, device: &str, hash: &str) -> String {
    let word = |digits: &str| format!("{:0>64}", digits.trim_start_matches("0x"));
    let none = "0".repeat(64);
    [
        "0x8618169d",
        &word(owner),
        &none,
        &none,
        &word(device),
        &word(hash),
    ]
    .concat()
}

#[test]
fn the_factory_puts_a_contract_on_the_chain_and_the_service_makes_its_app_once() {
    let mut visitor = Visitor::to("first-contract");
    let wish = json!({
        "name": "first-shop",
        "teepod_id": 9,
        "kms": "BASE",
        "compose_file": { "name": "", "docker_compose_file": COMPOSE },
    });
    let told = visitor.post("/cvms/provision", &wish).1;
    let text = |member: &str| told[member].as_str().unwrap().to_owned();
    let factory = told["kms_info"]["kms_contract_address"]
        .as_str()
        .unwrap()
        .to_owned();
    let from = visitor.world.test_address();
    let input = deployment(&from, &text("device_id"), &text("compose_hash"));
    let called = json!([{ "from": from, "to": factory, "data": input }, "latest"]);
    let returned = visitor.chain("eth_call", called.clone());
    let address = format!("0x{}", &returned.as_str().unwrap()[26..]);
    let commit = json!({
        "app_id": address,
        "compose_hash": told["compose_hash"],
        "contract_address": address,
        "deployer_address": from,
    });
    assert_eq!(
        visitor.post("/cvms", &commit).0,
        400,
        "nothing is there yet"
    );

    let draft = Draft {
        chain_id: 8453,
        nonce: visitor.number("eth_getTransactionCount", json!([from, "pending"])),
        tip: 1_000_000,
        max_fee: 20_000_000,
        gas: 400_000,
        to: factory.clone(),
        value: 0,
        input: input.clone(),
    };
    let raw = visitor.wallet().sign(&draft);
    let hash = visitor.chain("eth_sendRawTransaction", json!([raw]));
    visitor.wait(10.0);
    let receipt = visitor.receipt(&hash);
    assert_eq!(receipt["status"], "0x1");
    let made = "0xfd86d7f6962eba3b7a3bf9129c06c0b2f885e1c61ef2c9f0dbb856be0deefdee";
    let logs = receipt["logs"].as_array().unwrap();
    let log = logs.iter().find(|log| log["topics"][0] == made).unwrap();
    let same = |one: &Value, other: &str| one.as_str().unwrap().eq_ignore_ascii_case(other);
    assert!(same(&log["address"], &factory));
    assert!(log["topics"][1].as_str().unwrap().ends_with(&address[2..]));
    let registered = format!("0xa6c4cce9{:0>64}", &address[2..]);
    let asked = json!([{ "to": factory, "data": registered }, "latest"]);
    assert!(
        visitor
            .chain("eth_call", asked)
            .as_str()
            .unwrap()
            .ends_with('1')
    );
    assert_ne!(
        visitor.chain("eth_call", called),
        returned,
        "the next one has another address"
    );

    let apps = |visitor: &mut Visitor| visitor.get("/apps")["total"].clone();
    assert_eq!(apps(&mut visitor), 0, "the service knows nothing of it");
    let other =
        json!({ "app_id": format!("0x{}", "ab".repeat(20)), "compose_hash": told["compose_hash"] });
    assert_eq!(visitor.post("/cvms", &other).0, 400, "another address");
    assert_eq!(visitor.post("/cvms", &commit).0, 200);
    assert_eq!(apps(&mut visitor), 1);
    let info = visitor.get(&format!("/apps/{}/kms-info", &address[2..]));
    assert!(same(&info["app_contract_address"], &address));
    // The owner goes on with it like with any other.
    let add = format!("0x{}{}", "dfc77223", "cd".repeat(32));
    let draft = Draft {
        nonce: draft.nonce + 1,
        to: address.clone(),
        input: add,
        ..draft
    };
    let raw = visitor.wallet().sign(&draft);
    visitor.chain("eth_sendRawTransaction", json!([raw]));
    visitor.wait(10.0);
    let asked = format!("0x{ALLOWED_HASH}{}", "cd".repeat(32));
    let asked = json!([{ "to": address, "data": asked }, "latest"]);
    assert!(
        visitor
            .chain("eth_call", asked)
            .as_str()
            .unwrap()
            .ends_with('1')
    );
}

#[test]
fn a_contract_of_another_content_is_not_the_app_that_was_provisioned() {
    let mut visitor = Visitor::to("first-contract");
    let wish = json!({
        "name": "first-shop",
        "teepod_id": 9,
        "kms": "BASE",
        "compose_file": { "name": "", "docker_compose_file": COMPOSE },
    });
    let told = visitor.post("/cvms/provision", &wish).1;
    let factory = told["kms_info"]["kms_contract_address"]
        .as_str()
        .unwrap()
        .to_owned();
    let from = visitor.world.test_address();
    let input = deployment(&from, told["device_id"].as_str().unwrap(), &"ee".repeat(32));
    let nobody = deployment(&"0".repeat(40), &"aa".repeat(32), &"ee".repeat(32));
    let refused = visitor
        .refusal(
            "eth_call",
            json!([{ "to": factory, "data": nobody }, "latest"]),
        )
        .1;
    assert!(refused.contains("0x1e4fbdf7"), "{refused}");
    let called = json!([{ "from": from, "to": factory, "data": input }, "latest"]);
    let returned = visitor.chain("eth_call", called);
    let address = format!("0x{}", &returned.as_str().unwrap()[26..]);
    let draft = Draft {
        chain_id: 8453,
        nonce: visitor.number("eth_getTransactionCount", json!([from, "pending"])),
        tip: 1_000_000,
        max_fee: 20_000_000,
        gas: 400_000,
        to: factory,
        value: 0,
        input,
    };
    let raw = visitor.wallet().sign(&draft);
    visitor.chain("eth_sendRawTransaction", json!([raw]));
    visitor.wait(10.0);
    let commit = json!({ "app_id": address, "compose_hash": told["compose_hash"] });
    let (status, refusal) = visitor.post("/cvms", &commit);
    assert_eq!(status, 468, "{refusal}");
}

#[test]
fn what_the_owner_signs_is_what_the_service_finds_registered() {
    let mut visitor = Visitor::to("own-key");
    let ticket = visitor.prepared();
    let (hash, device) = (text(&ticket, "compose_hash"), text(&ticket, "device_id"));
    visitor.wait(1e6);
    assert!(
        !visitor.hash_on_chain("orders-api", hash),
        "nobody signs for you"
    );
    assert_eq!(code(&visitor.commit(&ticket)).0, 468);

    let first = visitor.transact("orders-api", &format!("0x{ADD_DEVICE}{device}"));
    let second = visitor.transact("orders-api", &format!("0x{ADD_HASH}{hash}"));
    assert_eq!(visitor.receipt(&first), Value::Null, "not in a block yet");
    let waiting = visitor.chain("eth_getTransactionByHash", json!([second]));
    assert_eq!(
        (&waiting["blockNumber"], &waiting["hash"]),
        (&Value::Null, &second)
    );
    assert!(!visitor.hash_on_chain("orders-api", hash));

    visitor.wait(2.0);
    for sent in [&first, &second] {
        let receipt = visitor.receipt(sent);
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        assert_eq!(
            text(&receipt, "from"),
            visitor.world.test_address().to_lowercase()
        );
    }
    assert!(visitor.hash_on_chain("orders-api", hash));
    let id = visitor.app_id("orders-api");
    let question = json!({ "compose_hash": hash, "node_id": 9 });
    let (_, verdict) = visitor.post(&format!("/apps/{id}/is-allowed"), &question);
    assert_eq!(verdict["is_allowed"], true, "{verdict}");

    let mut commit = json!({ "token": ticket["commit_token"], "compose_hash": hash });
    for (named, status) in [(json!(format!("0x{ANYTHING}")), 467), (second, 200)] {
        commit["transaction_hash"] = named;
        let (answered, body) = visitor.direct("orders-api", &commit);
        assert_eq!(answered, status, "{body}");
    }
}

#[test]
fn whoever_is_not_the_owner_pays_for_nothing() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    let input = format!("0x{ADD_HASH}{}", text(&ticket, "compose_hash"));
    let me = visitor.world.test_address();
    let call = json!({ "from": me, "to": visitor.contract_of("orders-api"), "data": input });
    let refused = format!(
        "execution reverted: custom error 0x118cdaa7: {:0>64}",
        me[2..].to_lowercase()
    );
    for method in ["eth_call", "eth_estimateGas"] {
        assert_eq!(visitor.refusal(method, json!([call])), (3, refused.clone()));
    }
    let before = visitor.chain("eth_getBalance", json!([me, "latest"]));
    let sent = visitor.transact("orders-api", &input);
    visitor.wait(2.0);
    let receipt = visitor.receipt(&sent);
    assert_eq!(
        (&receipt["status"], &receipt["logs"]),
        (&json!("0x0"), &json!([]))
    );
    assert_ne!(
        visitor.chain("eth_getBalance", json!([me, "latest"])),
        before
    );
    assert!(!visitor.hash_on_chain("orders-api", text(&ticket, "compose_hash")));
    let commit = json!({ "token": ticket["commit_token"], "transaction_hash": sent });
    assert_eq!(code(&visitor.direct("orders-api", &commit)).0, 467);
}

#[test]
fn a_transaction_for_another_contract_or_another_hash_proves_nothing() {
    let mine = "owned_by_test_key = true";
    let story = format!("[apps.orders-api]\n{mine}\n[apps.model-gateway]\n{mine}");
    let mut visitor = Visitor::changed(&story);
    let ticket = visitor.prepared();
    let hash = text(&ticket, "compose_hash");
    let elsewhere = visitor.transact("model-gateway", &format!("0x{ADD_HASH}{hash}"));
    let other = visitor.transact("orders-api", &format!("0x{ADD_HASH}{ANYTHING}"));
    visitor.wait(30.0);
    assert!(
        visitor.hash_on_chain("orders-api", hash),
        "its owner signed it anyway"
    );
    let mut commit = json!({ "token": ticket["commit_token"] });
    for named in [elsewhere, other] {
        assert_eq!(visitor.receipt(&named)["status"], "0x1");
        commit["transaction_hash"] = named;
        assert_eq!(code(&visitor.direct("orders-api", &commit)).0, 467);
    }
    commit["transaction_hash"] = "already-registered".into();
    assert_eq!(visitor.direct("orders-api", &commit).0, 200);
}

#[test]
fn a_node_takes_only_what_could_be_mined() {
    let mut visitor = Visitor::to("own-key");
    let good = visitor.draft("orders-api", &format!("0x{ADD_HASH}{ANYTHING}"));
    let wallet = visitor.wallet();
    let poor = Wallet::new(&format!("0x{ANYTHING}"));
    let send = |visitor: &mut Visitor, raw: &str| {
        let (code, words) = visitor.refusal("eth_sendRawTransaction", json!([raw]));
        assert!(code == -32000 || words.is_empty(), "{code}");
        words
    };
    let of = |change: fn(&mut Draft)| {
        let mut draft = good.clone();
        change(&mut draft);
        wallet.sign(&draft)
    };
    for (raw, said) in [
        (
            of(|draft| draft.chain_id = 1),
            "invalid chain id for signer: have 1 want 8453",
        ),
        (of(|draft| draft.gas = 21_100), "intrinsic gas too low"),
        (
            of(|draft| draft.tip = 30_000_000),
            "max priority fee per gas higher",
        ),
        (
            of(|draft| draft.max_fee = 1_000_000),
            "max fee per gas less than block base fee",
        ),
        (
            of(|draft| draft.value = 10_u128.pow(21)),
            "insufficient funds for gas * price + value",
        ),
        (poor.sign(&good), "insufficient funds"),
        ("0x01c0".to_owned(), "transaction type not supported"),
        ("0x02c0".to_owned(), "rlp: "),
        ("0x".to_owned(), "rlp: "),
        (format!("{}00", wallet.sign(&good)), "rlp: "),
    ] {
        let words = send(&mut visitor, &raw);
        assert!(words.starts_with(said), "{words} is not {said}");
    }
    // The same bytes with one bit of the signature turned belong to nobody with money.
    let mut raw = wallet.sign(&good);
    let last = raw.pop().unwrap();
    raw.push(if last == '0' { '1' } else { '0' });
    let words = send(&mut visitor, &raw);
    assert!(
        words.contains("insufficient funds") || words == "invalid sender",
        "{words}"
    );

    let everywhere = Draft {
        chain_id: 0,
        ..good.clone()
    };
    let words = send(&mut visitor, &wallet.sign_legacy(&everywhere));
    assert_eq!(
        words,
        "only replay-protected (EIP-155) transactions allowed over RPC"
    );

    let raw = wallet.sign(&good);
    assert_eq!(send(&mut visitor, &raw), "");
    assert_eq!(send(&mut visitor, &raw), "already known");
    let cheap = of(|draft| draft.max_fee += 1);
    assert_eq!(
        send(&mut visitor, &cheap),
        "replacement transaction underpriced"
    );
    let dear = of(|draft| draft.max_fee *= 2);
    assert_eq!(send(&mut visitor, &dear), "");
    visitor.wait(2.0);
    let words = send(&mut visitor, &of(|draft| draft.max_fee *= 4));
    let (next, old) = (good.nonce + 1, good.nonce);
    assert_eq!(
        words,
        format!("nonce too low: next nonce {next}, tx nonce {old}")
    );
    let old = visitor.chain("eth_getTransactionByHash", json!([format!("0x{ANYTHING}")]));
    assert_eq!(old, Value::Null);
}

#[test]
fn the_mirror_image_of_a_signature_is_nobodys() {
    let mut visitor = Visitor::to("own-key");
    let draft = visitor.draft("orders-api", &format!("0x{ADD_HASH}{ANYTHING}"));
    let raw = visitor.wallet().sign(&draft);
    // r and s are the last two fields of 32 bytes; nearly every seed has them in full.
    let (head, s) = raw.split_at(raw.len() - 64);
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let number = |digits: &str| alloy_primitives::U256::from_str_radix(digits, 16).unwrap();
    let mirrored = format!("{head}{:064x}", number(order) - number(s));
    let answer = visitor.refusal("eth_sendRawTransaction", json!([mirrored]));
    assert_eq!(answer, (-32000, "invalid sender".to_owned()));
}

#[test]
fn a_legacy_transaction_counts_as_much() {
    let mut visitor = Visitor::to("own-key");
    let draft = visitor.draft("orders-api", &format!("0x{ADD_HASH}{ANYTHING}"));
    let raw = visitor.wallet().sign_legacy(&draft);
    let sent = visitor.chain("eth_sendRawTransaction", json!([raw]));
    visitor.wait(2.0);
    let receipt = visitor.receipt(&sent);
    assert_eq!(
        (&receipt["status"], &receipt["type"]),
        (&json!("0x1"), &json!("0x0"))
    );
    // What it offered is what it pays.
    assert_eq!(hex_number(&receipt["effectiveGasPrice"]), 20_000_000);
    let shape = visitor.chain("eth_getTransactionByHash", json!([sent]));
    assert!(
        [16_941, 16_942].contains(&hex_number(&shape["v"])),
        "{shape}"
    );
}

#[test]
fn a_gap_in_the_nonces_waits_until_it_is_filled() {
    let mut visitor = Visitor::to("own-key");
    let mut draft = visitor.draft("orders-api", &format!("0x{ADD_HASH}{ANYTHING}"));
    draft.nonce += 1;
    let raw = visitor.wallet().sign(&draft);
    let later = visitor.chain("eth_sendRawTransaction", json!([raw]));
    visitor.wait(60.0);
    assert_eq!(visitor.receipt(&later), Value::Null);
    visitor.transact("orders-api", &format!("0x{ADD_DEVICE}{ANYTHING}"));
    visitor.wait(2.0);
    assert_eq!(visitor.receipt(&later)["transactionIndex"], "0x1");
}

#[test]
fn too_little_gas_is_lost() {
    let mut visitor = Visitor::to("own-key");
    let input = format!("0x{ADD_HASH}{ANYTHING}");
    let mut draft = visitor.draft("orders-api", &input);
    let call = json!({ "from": visitor.world.test_address(), "to": draft.to, "data": input });
    let estimate = visitor.number("eth_estimateGas", json!([call]));
    for (gas, status) in [(estimate - 1000, "0x0"), (estimate, "0x1")] {
        draft.gas = gas;
        let raw = visitor.wallet().sign(&draft);
        let sent = visitor.chain("eth_sendRawTransaction", json!([raw]));
        visitor.wait(2.0);
        let receipt = visitor.receipt(&sent);
        assert_eq!(receipt["status"], status);
        assert!(hex_number(&receipt["gasUsed"]) <= gas);
        draft.nonce += 1;
    }
}

#[test]
fn an_owner_who_signs_unseen_still_leaves_blocks_behind() {
    let mut visitor = Visitor::to("on-chain");
    let (hashes, devices) = (
        visitor.events("orders-api", HASH_ADDED).len(),
        visitor.events("orders-api", DEVICE_ADDED).len(),
    );
    assert_eq!((hashes, devices), (1, 2), "what it went through before");
    let ticket = visitor.prepared();
    visitor.wait(19.0);
    assert_eq!(visitor.events("orders-api", HASH_ADDED).len(), 1);
    visitor.wait(1.0);
    let told = visitor.events("orders-api", HASH_ADDED);
    assert_eq!(told.len(), 2);
    assert_eq!(text(&told[1], "data")[2..], *text(&ticket, "compose_hash"));
    assert_eq!(
        told[1]["blockNumber"],
        visitor.chain("eth_blockNumber", json!([]))
    );
    let receipt = visitor.receipt(&told[1]["transactionHash"]);
    assert_eq!(text(&receipt, "to"), visitor.contract_of("orders-api"));
    // The service believes a transaction that can be looked up.
    let mut commit = json!({ "token": ticket["commit_token"] });
    commit["transaction_hash"] = told[1]["transactionHash"].clone();
    assert_eq!(visitor.direct("orders-api", &commit).0, 200);
}

#[test]
fn a_safe_is_a_contract_and_others_send_its_transactions() {
    let mut visitor = Visitor::to("on-chain");
    let id = visitor.app_id("pricing-oracle");
    let owner = visitor.get(&format!("/apps/{id}/kms-info"))["deployer_address"].clone();
    let code = visitor.ask_at("/rpc/1", "eth_getCode", json!([owner, "latest"]));
    assert_ne!(code["result"], "0x");
    visitor.prepare(
        "pricing-oracle",
        &json!({ "node_id": 9, "docker_compose_file": COMPOSE }),
    );
    visitor.wait(96.0);
    let filter =
        json!({ "address": format!("0x{id}"), "topics": [HASH_ADDED], "fromBlock": "0x0" });
    let logs = visitor.ask_at("/rpc/1", "eth_getLogs", json!([filter]));
    let hash = &logs["result"][1]["transactionHash"];
    let receipt = visitor.ask_at("/rpc/1", "eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["result"]["to"], owner);
    assert_ne!(receipt["result"]["from"], owner);
}

/// Told as a Safe tells it: an address in a word of 32 bytes, a list behind its place and its length.
#[test]
fn a_safe_says_who_signs_for_it_and_how_many_have_to() {
    let mut visitor = Visitor::to("on-chain");
    let id = visitor.app_id("pricing-oracle");
    let owner = visitor.get(&format!("/apps/{id}/kms-info"))["deployer_address"].clone();
    let ask = |visitor: &mut Visitor, to: &Value, input: &str| {
        let call = json!([{ "to": to, "data": input }, "latest"]);
        let answer = visitor.ask_at("/rpc/1", "eth_call", call);
        let result = answer["result"].as_str().expect("an answer").to_owned();
        result.trim_start_matches("0x").to_owned()
    };
    assert_eq!(
        ask(&mut visitor, &owner, "0xe75235b8"),
        format!("{:064x}", 2)
    );
    let owners = ask(&mut visitor, &owner, "0xa0e67e2b");
    let words: Vec<&str> = (0..owners.len() / 64)
        .map(|at| &owners[at * 64..][..64])
        .collect();
    assert_eq!(words[0], format!("{:064x}", 32));
    assert_eq!(words[1], format!("{:064x}", 3));
    let signers = &words[2..];
    let different: std::collections::BTreeSet<&&str> = signers.iter().collect();
    assert_eq!((signers.len(), different.len()), (3, 3), "{owners}");
    assert!(
        signers
            .iter()
            .all(|signer| signer.starts_with(&"0".repeat(24)))
    );
    let itself = owner.as_str().expect("an address")[2..].to_lowercase();
    assert!(!owners.contains(&itself));
    // Every other call it takes without a word, and an account has no words at all.
    assert_eq!(ask(&mut visitor, &owner, "0x12345678"), "");
    let account = json!(format!("0x{}", &signers[0][24..]));
    assert_eq!(ask(&mut visitor, &account, "0xe75235b8"), "");
    // Whoever signs for it is one of them.
    visitor.prepare(
        "pricing-oracle",
        &json!({ "node_id": 9, "docker_compose_file": COMPOSE }),
    );
    visitor.wait(96.0);
    let filter =
        json!({ "address": format!("0x{id}"), "topics": [HASH_ADDED], "fromBlock": "0x0" });
    let logs = visitor.ask_at("/rpc/1", "eth_getLogs", json!([filter]));
    let hash = &logs["result"][1]["transactionHash"];
    let receipt = visitor.ask_at("/rpc/1", "eth_getTransactionReceipt", json!([hash]));
    let from = text(&receipt["result"], "from").to_lowercase();
    assert_eq!(from[2..], signers[0][24..]);
}

#[test]
fn blocks_follow_the_clock_and_each_names_the_one_before() {
    let mut visitor = Visitor::to("on-chain");
    let start = visitor.number("eth_blockNumber", json!([]));
    visitor.wait(7.0);
    let block = visitor.chain("eth_getBlockByNumber", json!(["latest", false]));
    assert_eq!(hex_number(&block["number"]), start + 3);
    assert_eq!(hex_number(&block["timestamp"]), 1_795_449_600 + 6);
    assert_eq!(block["baseFeePerGas"], "0x4c4b40");
    let before = format!("{:#x}", start + 2);
    let before = visitor.chain("eth_getBlockByNumber", json!([before, true]));
    assert_eq!(block["parentHash"], before["hash"]);
    let future = format!("{:#x}", start + 4);
    let future = visitor.chain("eth_getBlockByNumber", json!([future, false]));
    assert_eq!(future, Value::Null);
    let other = visitor.ask_at("/rpc/1", "eth_chainId", json!([]));
    assert_eq!(other["result"], "0x1");
}

#[test]
fn an_older_block_is_read_as_it_was() {
    let mut visitor = Visitor::to("own-key");
    let before = visitor.chain("eth_blockNumber", json!([]));
    visitor.transact("orders-api", &format!("0x{ADD_HASH}{ANYTHING}"));
    visitor.wait(2.0);
    let to = visitor.contract_of("orders-api");
    let call = json!({ "to": to, "data": format!("0x{ALLOWED_HASH}{ANYTHING}") });
    let read = |visitor: &mut Visitor, block: Value| {
        let word = visitor.chain("eth_call", json!([call, block]));
        word.as_str().unwrap().ends_with('1')
    };
    assert!(read(&mut visitor, json!("latest")));
    assert!(!read(&mut visitor, before));
    assert!(!read(&mut visitor, json!("finalized")));
    visitor.wait(128.0);
    assert!(read(&mut visitor, json!("finalized")));
    // Before the contract was made there is nothing at its address.
    assert_eq!(visitor.chain("eth_call", json!([call, "earliest"])), "0x");
    assert_eq!(visitor.chain("eth_getCode", json!([to, "0x1"])), "0x");
    assert_ne!(visitor.chain("eth_getCode", json!([to, "latest"])), "0x");
}

#[test]
fn every_generation_has_its_own_functions() {
    // Whether version(), pendingOwner(), appId(), supportsInterface() are there.
    for (generation, there) in [
        ("v1", [false, false, true, false]),
        ("v2", [false, false, false, true]),
        ("v3", [true, false, false, true]),
        ("v4", [true, true, false, true]),
    ] {
        let mut visitor = Visitor::changed(&format!("[kms.base]\ngeneration = '{generation}'"));
        let to = visitor.contract_of("orders-api");
        let interface = format!("0x01ffc9a7{:0<64}", "1e079198");
        let found = ["0x54fd4d50", "0xe30c3978", "0x80afdea8", &interface].map(|input| {
            let answer = visitor.ask("eth_call", json!([{ "to": to, "data": input }]));
            let silent = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            assert!(
                answer["error"] == silent || answer["result"].is_string(),
                "{answer}"
            );
            answer["result"].is_string()
        });
        assert_eq!(found, there, "{generation}");
        let id = visitor.app_id("orders-api");
        assert_eq!(to == format!("0x{id}"), generation != "v1");
        // The KMS knows the app by its id, in the words of its time.
        let kms = visitor.get("/kms/base")["kms_contract_address"].clone();
        let (signature, known) = if generation == "v1" {
            let entry = format!("{:064x}{:0>64}", 1, &to[2..]);
            ("apps(address)", entry)
        } else {
            ("registeredApps(address)", format!("{:064x}", 1))
        };
        let selector = hex::encode(&alloy_primitives::keccak256(signature)[..4]);
        let call = json!({ "to": kms, "data": format!("0x{selector}{id:0>64}") });
        let answer = visitor.chain("eth_call", json!([call]));
        assert_eq!(answer, format!("0x{known}"));
    }
}

#[test]
fn slots_say_which_code_runs_and_what_is_open() {
    let implementation = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
    for (generation, slot) in [("v1", "0x2"), ("v3", "0x1")] {
        let mut visitor = Visitor::changed(&format!(
            "[kms.base]\ngeneration = '{generation}'\n[apps.model-gateway]\nupgrades_disabled = true"
        ));
        for (app, flags) in [("orders-api", 0), ("model-gateway", 0x0101)] {
            let to = visitor.contract_of(app);
            let word = visitor.chain("eth_getStorageAt", json!([to, slot, "latest"]));
            assert_eq!(word, format!("0x{flags:064x}"), "{generation} {app}");
            let code = visitor.chain("eth_getStorageAt", json!([to, implementation, "latest"]));
            let code = format!("0x{}", &code.as_str().unwrap()[26..]);
            assert_ne!(visitor.chain("eth_getCode", json!([code, "latest"])), "0x");
        }
    }
}

#[test]
fn the_fourth_generation_hands_over_in_two_steps() {
    let story = "[kms.base]\ngeneration = 'v4'\n[apps.orders-api]\nowned_by_test_key = true";
    let mut visitor = Visitor::changed(story);
    let me = visitor.world.test_address().to_lowercase();
    let heir = Wallet::new(&format!("0x{ANYTHING}"));
    visitor.transact(
        "orders-api",
        &format!("0xf2fde38b{:0>64}", &heir.address()[2..]),
    );
    visitor.wait(2.0);
    let owner = |visitor: &mut Visitor| visitor.read("orders-api", "0x8da5cb5b");
    assert_eq!(owner(&mut visitor), format!("0x{:0>64}", &me[2..]));
    let waiting = visitor.read("orders-api", "0xe30c3978");
    assert_eq!(waiting, format!("0x{:0>64}", &heir.address()[2..]));
    // The heir has no money yet.
    let mut gift = visitor.draft("orders-api", "0x");
    gift.to = heir.address();
    gift.value = 10_u128.pow(17);
    let raw = visitor.wallet().sign(&gift);
    visitor.chain("eth_sendRawTransaction", json!([raw]));
    visitor.wait(2.0);
    let mut accept = visitor.draft("orders-api", "0x79ba5097");
    accept.nonce = 0;
    visitor.chain("eth_sendRawTransaction", json!([heir.sign(&accept)]));
    visitor.wait(2.0);
    assert_eq!(owner(&mut visitor), waiting);
    // Everything is told twice: in its own words, and as a change of policy.
    let told = visitor.events("orders-api", HASH_ADDED);
    let receipt = visitor.receipt(&told[0]["transactionHash"]);
    let topics: Vec<&str> = receipt["logs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|log| log["topics"][0].as_str())
        .collect();
    let policy = "0x341d3bc64e32172fc5bcf27b0f7f69dc5adc19af64b7aa1dee361e5883c32375";
    assert_eq!(
        topics.iter().filter(|topic| **topic == policy).count(),
        2,
        "{topics:?}"
    );
}

#[test]
fn a_multicall_says_of_each_part_whether_it_worked() {
    let mut visitor = Visitor::to("on-chain");
    let to = visitor.contract_of("orders-api");
    let part = |target: &str, allow: bool, input: &str| Call3 {
        target: target.parse().unwrap(),
        allowFailure: allow,
        callData: input.parse().unwrap(),
    };
    let nobody = format!("0x{}", "77".repeat(20));
    let mut ask = |calls: Vec<Call3>| {
        let input = format!("0x{}", hex::encode(aggregate3Call { calls }.abi_encode()));
        let multicall = "0xcA11bde05977b3631167028862bE2a173976CA11";
        visitor.ask(
            "eth_call",
            json!([{ "to": multicall, "data": input }, "latest"]),
        )
    };
    let answer = ask(vec![
        part(&to, true, "0x3440a16a"),
        part(&to, true, "0xdeadbeef"),
        part(&nobody, true, "0x3440a16a"),
    ]);
    let bytes = hex::decode(&answer["result"].as_str().unwrap()[2..]).unwrap();
    let parts: Vec<(bool, usize)> = aggregate3Call::abi_decode_returns(&bytes)
        .unwrap()
        .into_iter()
        .map(|part| (part.success, part.returnData.len()))
        .collect();
    assert_eq!(parts, [(true, 32), (false, 0), (true, 0)]);
    let answer = ask(vec![part(&to, false, "0xdeadbeef")]);
    assert_eq!(
        answer["error"]["message"],
        "execution reverted: Multicall3: call failed"
    );
}

alloy_sol_types::sol! {
    struct Call3 { address target; bool allowFailure; bytes callData; }
    struct Outcome { bool success; bytes returnData; }
    function aggregate3(Call3[] calls) external payable returns (Outcome[] returnData);
}

#[test]
fn calls_come_alone_or_in_batches_and_mistakes_are_named() {
    let mut visitor = Visitor::to("on-chain");
    let mut post = |body: &str| {
        let reply = visitor.rpc("POST", "/rpc", body);
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status, body)
    };
    let (_, answers) = post(
        r#"[{"jsonrpc":"2.0","id":"a","method":"net_version"},
            {"jsonrpc":"2.0","method":"eth_chainId"},
            {"jsonrpc":"2.0","id":2,"method":"eth_nothing","params":[]},
            5]"#,
    );
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 3, "a notification is not answered");
    assert_eq!(
        answers[0],
        json!({ "jsonrpc": "2.0", "id": "a", "result": "8453" })
    );
    assert_eq!(answers[1]["error"]["code"], -32601);
    assert_eq!(answers[2]["error"]["code"], -32600);
    for (body, code) in [
        ("{", -32700),
        ("[]", -32600),
        ("{}", -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}"#, -32600),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":{}}"#,
            -32602,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_call"}"#, -32602),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12"]}"#,
            -32602,
        ),
    ] {
        let (status, answer) = post(body);
        assert_eq!(
            (status, &answer["error"]["code"]),
            (200, &json!(code)),
            "{body}"
        );
    }
    assert_eq!(
        post(r#"{"jsonrpc":"2.0","method":"eth_chainId"}"#),
        (204, Value::Null)
    );
}

#[test]
fn there_is_one_chain_per_id_and_no_other() {
    let mut visitor = Visitor::to("on-chain");
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    for (method, path, status) in [
        ("POST", "/rpc", 200),
        ("POST", "/rpc/8453", 200),
        ("POST", "/rpc/1", 200),
        ("POST", "/rpc/2", 404),
        ("POST", "/rpc/base", 404),
        ("POST", "/rpc/1/1", 404),
        ("GET", "/rpc", 405),
    ] {
        let reply = visitor.rpc(method, path, body);
        assert_eq!(reply.status, status, "{method} {path}");
    }
    // Nothing of it is under the API.
    assert_eq!(visitor.send("POST /rpc", &[], body).status, 404);
}

#[test]
fn fees_are_those_a_wallet_asks_for() {
    let mut visitor = Visitor::to("on-chain");
    assert_eq!(visitor.number("eth_gasPrice", json!([])), 6_000_000);
    assert_eq!(
        visitor.number("eth_maxPriorityFeePerGas", json!([])),
        1_000_000
    );
    let history = visitor.chain("eth_feeHistory", json!(["0x4", "latest", [10, 50]]));
    assert_eq!(history["baseFeePerGas"].as_array().unwrap().len(), 5);
    assert_eq!(history["reward"][3], json!(["0xf4240", "0xf4240"]));
    let newest = visitor.number("eth_blockNumber", json!([]));
    assert_eq!(hex_number(&history["oldestBlock"]), newest - 3);
}

#[test]
fn a_465_names_the_chain_only_where_the_story_says_so() {
    let chain = Visitor::to("own-key").prepared()["kms_info"]["chain"].clone();
    assert_eq!(chain["id"], 8453);
    assert_eq!(
        chain["rpcUrls"]["default"]["http"],
        json!(["http://127.0.0.1:1/rpc/8453"])
    );
    let plain = Visitor::to("on-chain").prepared();
    assert_eq!(plain["kms_info"].get("chain"), None);
}

#[test]
fn the_key_of_the_test_account_follows_from_the_seed_and_owns_what_the_story_says() {
    let mut visitor = Visitor::to("own-key");
    let address = visitor.world.test_address();
    assert_eq!(visitor.wallet().address(), address.to_lowercase());
    let owner = visitor.read("orders-api", "0x8da5cb5b");
    assert_eq!(owner, format!("0x{:0>64}", address[2..].to_lowercase()));
    let id = visitor.app_id("orders-api");
    let info = visitor.get(&format!("/apps/{id}/kms-info"));
    assert_eq!(info["deployer_address"], address.to_lowercase());
    assert_eq!(
        visitor.world.test_key(),
        Visitor::to("on-chain").world.test_key()
    );
}
