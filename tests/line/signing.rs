//! Registering without a screen: a key that signs for one hash that was named, files for owners, and what signs never.

use std::fs;
use std::path::Path;

use alloy_primitives::keccak256;
use serde_json::Value;

use super::keystore::keystore;
use super::run::{Cloud, Run};
use super::wallet::Wallet;

const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/sandbox-team/orders-api:2.9.0\n    environment:\n      LOG_LEVEL: ${LOG_LEVEL}\n";

/// Another content for a machine that is new: the contract allows neither.
const WHAT: &str = "--app orders-api --node prod9 --compose app.yaml";

const PASSWORD: &str = "canary-5d20c6-opens-the-keystore";

/// Of somebody who owns nothing.
const STRANGER: &str = "0x1f0e1d2c3b4a5968778695a4b3c2d1e0f1e2d3c4b5a697887766554433221100";

/// A sandbox whose test account owns the app's contract, with its key in files of every kind.
struct Owned {
    cloud: Cloud,
    account: String,
    /// How many transactions there are of it at first.
    before: u64,
    /// Of what would be deployed.
    hash: String,
}

impl Owned {
    fn open() -> Self {
        let cloud = Cloud::with("own-key");
        cloud.file("app.yaml", COMPOSE);
        cloud.file("key", &format!("{}\n", cloud.test_key));
        cloud.file("keystore", &keystore(&cloud.test_key, PASSWORD));
        cloud.file("password", &format!("{PASSWORD}\n"));
        let account = Wallet::new(&cloud.test_key).address();
        let run = cloud.deploy(&format!("{WHAT} --prepare-only"));
        run.ends(5, "prepared");
        let hash = run.first("prepared")["compose_hash"].as_str();
        let hash = hash.unwrap().to_owned();
        let before = cloud.node.count(&account, "pending");
        Self {
            cloud,
            account,
            before,
            hash,
        }
    }

    /// `deploy` of it with `--yes`, a node of the chain, and these words.
    fn words(&self, words: &str) -> String {
        let node = &self.cloud.node.0;
        format!("deploy {WHAT} --yes --rpc-url {node} --json {words}")
    }

    /// The same with the right hash.
    fn signing(&self, words: &str) -> String {
        self.words(&format!("--allow-hash {} {words}", self.hash))
    }

    fn run(&self, words: &str) -> Run {
        let run = Run::of(self.cloud.program(words));
        self.is_in_nothing_said(&run);
        run
    }

    #[track_caller]
    fn is_in_nothing_said(&self, run: &Run) {
        run.never_says(&self.cloud.test_key[2..]);
        run.never_says(&STRANGER[2..]);
        run.never_says(PASSWORD);
    }

    /// How many transactions of the account came since, with those that wait.
    fn signed(&self) -> u64 {
        self.cloud.node.count(&self.account, "pending") - self.before
    }

    /// Fails unless it was prepared and not signed, for a reason that has these words.
    #[track_caller]
    fn is_not_signed(&self, run: &Run, words: &str) {
        run.ends(5, "prepared");
        assert_eq!(
            (self.signed(), run.all("transaction").len()),
            (0, 0),
            "{run}"
        );
        let message = run.last("error")["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message}");
        assert!(message.contains("nothing was created"), "{message}");
    }

    /// Fails unless both calls were signed here, seen to count, and the second one proved the registration.
    #[track_caller]
    fn is_signed_and_runs(&self, run: &Run) {
        self.is_in_nothing_said(run);
        run.ends(0, "running");
        assert_eq!(run.first("contract_read")["owner_kind"], "a wallet");
        let owner = run.first("contract_read")["owner"].as_str().unwrap();
        assert_eq!(owner.to_lowercase(), self.account);
        assert_eq!(run.first("key_opened")["account"], owner);
        let told: Vec<(&str, &str, u64)> = run
            .all("transaction")
            .iter()
            .map(|it| {
                let text = |name: &str| it[name].as_str().unwrap();
                (text("call"), text("state"), it["nonce"].as_u64().unwrap())
            })
            .collect();
        for (call, nonce) in [
            ("addDevice", self.before),
            ("addComposeHash", self.before + 1),
        ] {
            let mut states = told.iter().filter(|it| it.0 == call);
            assert_eq!(states.next(), Some(&(call, "sent", nonce)), "{run}");
            assert_eq!(
                states.next_back(),
                Some(&(call, "confirmed", nonce)),
                "{run}"
            );
        }
        assert!(run.has("registered"), "{run}");
        assert_eq!(run.first("created")["compose_hash"], self.hash.as_str());
        assert_eq!(self.signed(), 2);
        let counts = self.cloud.node.count(&self.account, "latest");
        assert_eq!(counts, self.before + 2, "one of them waits");
    }
}

#[test]
fn a_key_in_a_file_signs_for_the_hash_that_was_named_with_it() {
    let owned = Owned::open();
    let run = owned.run(&owned.signing("--private-key-file key"));
    owned.is_signed_and_runs(&run);
    let remarks = run.first("key_opened")["remarks"].to_string();
    assert!(remarks.contains("can be read by other users"), "{remarks}");
    assert_eq!(owned.cloud.end(), (2, 1));
}

#[test]
fn a_key_can_come_through_a_pipe() {
    let owned = Owned::open();
    let words = owned.signing("--private-key-file /dev/fd/3");
    let program = owned.cloud.program_with_a_pipe(&words);
    let run = Run::new(program.output(&owned.cloud.test_key));
    owned.is_signed_and_runs(&run);
    assert_eq!(run.first("key_opened")["remarks"], serde_json::json!([]));
}

#[test]
fn a_keystore_is_opened_with_the_password_in_a_file() {
    let owned = Owned::open();
    let run = owned.run(&owned.signing("--keystore keystore --password-file password"));
    owned.is_signed_and_runs(&run);
}

#[test]
fn a_key_in_the_environment_signs_and_is_remarked_upon() {
    let owned = Owned::open();
    let program = owned.cloud.program(&owned.signing(""));
    let run = Run::of(program.with("PRIVATE_KEY", &owned.cloud.test_key));
    owned.is_signed_and_runs(&run);
    let remarks = run.first("key_opened")["remarks"].to_string();
    assert!(
        remarks.contains("PRIVATE_KEY is in the environment"),
        "{remarks}"
    );
}

#[test]
fn for_another_hash_than_the_one_that_was_named_nothing_is_signed() {
    let owned = Owned::open();
    let other = "ab".repeat(32);
    let run = owned.run(&owned.words(&format!("--allow-hash {other} --private-key-file key")));
    run.ends(2, "unusable");
    let error = run.last("error");
    assert_eq!(error["option"], "--allow-hash");
    assert_eq!(error["usable"][0], format!("0x{}", owned.hash));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(&other) && message.contains(&owned.hash),
        "{message}"
    );
    assert!(!run.has("key_opened"), "not even the key is opened: {run}");
    assert_eq!(owned.signed(), 0);
    assert_eq!(owned.cloud.end(), (2, 0));
}

#[test]
fn without_a_hash_that_was_named_yes_signs_nothing() {
    let owned = Owned::open();
    let program = owned.cloud.program(&owned.words("--timeout 3"));
    let run = Run::of(program.with("PRIVATE_KEY", &owned.cloud.test_key));
    owned.is_in_nothing_said(&run);
    owned.is_not_signed(&run, "did not allow it within 3 s");
    assert!(!run.has("key_opened"), "{run}");
    for words in [
        "--private-key-file key",
        "--keystore keystore --password-file password",
    ] {
        owned.run(&owned.words(words)).ends(2, "unusable");
    }
    // Nor does a hash without the confirmation.
    let hash = &owned.hash;
    let words = format!("deploy {WHAT} --json --allow-hash {hash} --private-key-file key");
    owned.run(&words).ends(2, "unusable");
    assert_eq!(owned.signed(), 0);
    assert_eq!(owned.cloud.end(), (2, 0));
}

#[test]
fn a_key_that_does_not_open_says_why_and_signs_nothing() {
    let owned = Owned::open();
    owned.cloud.file("wrong", "another-password-than-that");
    owned.cloud.file("none", "this is no key");
    for (words, why) in [
        (
            "--keystore keystore --password-file wrong",
            "the password is not the one",
        ),
        (
            "--keystore nowhere --password-file password",
            "nowhere does not exist",
        ),
        (
            "--keystore keystore --password-file nowhere",
            "nowhere does not exist",
        ),
        ("--private-key-file none", "64 hex digits"),
        ("--private-key-file -", "not read from standard input"),
        ("", "PRIVATE_KEY is not set"),
    ] {
        let run = owned.run(&owned.signing(words));
        owned.is_not_signed(&run, why);
        assert!(!run.has("key_opened"), "{run}");
    }
    assert_eq!(owned.cloud.end().1, 0);
}

#[test]
fn a_key_that_does_not_own_the_contract_is_told_who_does() {
    let owned = Owned::open();
    owned.cloud.file("key", STRANGER);
    let run = owned.run(&owned.signing("--private-key-file key"));
    owned.is_not_signed(&run, "not the owner: that is 0x");
    let message = run.last("error")["message"].as_str().unwrap();
    assert!(message.to_lowercase().contains(&owned.account), "{message}");
    assert!(run.has("key_opened"), "{run}");
    assert_eq!(
        owned
            .cloud
            .node
            .count(&Wallet::new(STRANGER).address(), "pending"),
        0
    );
    assert_eq!(owned.cloud.end(), (2, 0));
}

#[test]
fn a_node_that_is_not_there_is_named_and_nothing_is_signed() {
    let owned = Owned::open();
    let hash = &owned.hash;
    let run = owned.run(&format!(
        "deploy {WHAT} --yes --json --rpc-url http://127.0.0.1:1/canary --allow-hash {hash} --private-key-file key"
    ));
    owned.is_not_signed(&run, "at 127.0.0.1:1: no connection");
    assert!(!run.says("canary"), "{run}");
    assert!(!run.has("key_opened"), "{run}");
    // Without any node there is nobody to ask, and no public one is asked unasked.
    let run = owned.run(&format!(
        "deploy {WHAT} --yes --json --allow-hash {hash} --private-key-file key"
    ));
    owned.is_not_signed(&run, "--rpc-url");
    assert_eq!(owned.cloud.end().1, 0);
}

#[test]
fn a_contract_of_a_safe_is_not_signed_for() {
    let cloud = Cloud::with("slow-chain");
    cloud.file("key", STRANGER);
    let node = cloud.node.0.clone();
    let words = format!("--app orders-api --node prod9 --rpc-url {node}");
    let run = cloud.deploy(&format!("{words} --prepare-only"));
    let hash = run.first("prepared")["compose_hash"].clone();
    let hash = hash.as_str().unwrap();
    let run = cloud.deploy(&format!(
        "{words} --yes --allow-hash {hash} --private-key-file key"
    ));
    run.ends(5, "prepared");
    assert!(
        run.last("error")["message"].to_string().contains("Safe"),
        "{run}"
    );
    assert!(!run.has("transaction"), "{run}");
    assert_eq!(cloud.end(), (2, 0));
}

#[test]
fn what_owners_need_is_written_to_a_new_file() {
    let owned = Owned::open();
    for (what, file, said) in [
        ("safe", "for-the-safe.json", "\"checksum\""),
        ("cast", "commands.txt", "cast send --rpc-url"),
        ("calldata", "calls.txt", "call 2 of 2"),
    ] {
        let words = owned.words(&format!("--handoff {what} --out {file}"));
        let run = owned.run(&words);
        run.ends(5, "prepared");
        assert_eq!(run.first("handed_over")["file"], file);
        let path = owned.cloud.folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(said) && text.contains(&owned.hash), "{text}");
        // What is there already stays as it is.
        let again = owned.run(&words);
        again.ends(5, "prepared");
        let message = again.last("error")["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("{file} cannot be written")),
            "{message}"
        );
        assert!(!again.has("handed_over"), "{again}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let batch = batch(&owned.cloud.folder.path().join("for-the-safe.json"));
    assert_eq!(batch["meta"]["checksum"], checksum(&batch));
    assert_eq!(batch["chainId"], "8453");
    assert_eq!(owned.signed(), 0);
    assert_eq!(owned.cloud.end(), (7, 0));
}

#[test]
fn with_a_time_to_wait_for_owners_it_goes_on_once_they_have_signed() {
    let owned = Owned::open();
    let words = owned.words("--handoff safe --out batch.json --wait-chain 600 --timeout 60");
    let mut signed = Vec::new();
    let run = owned.cloud.program(&words).once("handed_over", || {
        let batch = batch(&owned.cloud.folder.path().join("batch.json"));
        for call in batch["transactions"].as_array().unwrap() {
            let text = |name: &str| call[name].as_str().unwrap();
            let (to, data) = (text("to"), text("data"));
            signed.push(owned.cloud.node.sign(&owned.cloud.test_key, to, data));
        }
    });
    owned.is_in_nothing_said(&run);
    run.ends(0, "running");
    assert!(!run.has("transaction"), "none of them is its own: {run}");
    assert_eq!(signed.len(), 2);
    assert_eq!(run.first("created")["compose_hash"], owned.hash.as_str());
    assert_eq!(owned.cloud.end(), (2, 1));
}

#[test]
fn with_a_time_to_wait_it_ends_when_that_is_over() {
    let owned = Owned::open();
    let words = owned.words("--handoff cast --out commands.txt --wait-chain 2");
    let run = owned.run(&words);
    owned.is_not_signed(&run, "did not allow it within 2 s");
    assert!(run.has("handed_over"), "{run}");
    assert_eq!(run.last("error")["option"], "--wait-chain");
}

fn batch(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The checksum of the Safe's own app, written from its source: Keccak-256 over a form of JSON of its own, in which an
/// object is the list of its names and then every value with a comma behind it; without the checksum, the name null.
fn checksum(batch: &Value) -> String {
    let mut batch = batch.clone();
    let meta = batch["meta"].as_object_mut().unwrap();
    meta.remove("checksum");
    meta["name"] = Value::Null;
    format!("0x{}", hex::encode(keccak256(flat(&batch))))
}

fn flat(value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(flat).collect();
            format!("[{}]", list.join(","))
        }
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let mut text = format!("{{{}", serde_json::to_string(&names).unwrap());
            for name in names {
                text += &flat(&members[name]);
                text.push(',');
            }
            text + "}"
        }
        other => other.to_string(),
    }
}
