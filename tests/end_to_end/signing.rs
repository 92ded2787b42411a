//! The contract's owner at the keyboard, and others: what is signed, in which order, and what never is.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use alloy_primitives::keccak256;
use phala_wizard::chain::Call;
use phala_wizard::chain::transaction::Unsigned;
use phala_wizard::wizard::event::Outcome;
use serde_json::Value;
use tempfile::TempDir;

use crate::canary::nobody_saw;
use crate::tap::Sent;
use crate::walk::{Stage, Visit, Visitor, app, twin};
use crate::wallet::Wallet;
use crate::{create, leave, to_the_contract, to_the_registration, until_running};

/// A key of somebody who owns nothing and has nothing.
const STRANGER: &str = "0x1f0e1d2c3b4a5968778695a4b3c2d1e0f1e2d3c4b5a697887766554433221100";

const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/sandbox-team/orders-api:2.9.0\n    environment:\n      \
                       LOG_LEVEL: ${LOG_LEVEL}\n";

/// What stands beside the overview once a node has read the contract.
const READ: &str = "│ The contract";

#[test]
fn both_calls_are_signed_here_and_the_hash_s_transaction_is_the_proof() {
    let (_changed, stage) = with_a_change();
    let visit = stage.walk(async |you| {
        to_the_contract_with_the_change(you).await;
        to_the_words(you, &twin("own-key").test_key()).await;
        let ending = ending(you);
        you.presses(&format!("{ending}<enter>")).await;
        you.sees("Signed here").await;
        to_the_registration(you).await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    nobody_saw(&visit, &twin("own-key").test_key()[2..]);
    let [device, hash] = &broadcasts(&visit)[..] else {
        panic!("two calls are missing");
    };
    assert!(matches!(device.0, Call::AddDevice(_)), "{:?}", device.0);
    let commit = visit.creating().into_iter().find(Sent::commits);
    let commit = commit.expect("a commit").json();
    let named = commit["compose_hash"].as_str().expect("a hash");
    assert_eq!(
        hash.0.to_string(),
        format!("addComposeHash(0x{})", named.trim_start_matches("0x"))
    );
    assert_eq!(commit["transaction_hash"], hash.2);
    let contract = app("own-key", "orders-api");
    for (_, unsigned, _) in [device, hash] {
        assert_eq!(unsigned.to.to_string().to_lowercase(), contract);
        assert_eq!(unsigned.chain_id, 8453);
    }
    assert_eq!(hash.1.nonce, device.1.nonce + 1);
    // Both were seen to count, and the contract was read once more before it was gone on.
    let all = visit.seen.join("\n");
    assert!(all.contains("confirmed, block"), "{all}");
    let after = read_of_the_contract_after_the_last(&visit);
    assert!(after, "nobody asked the node whether it counts");
}

#[test]
fn nothing_but_the_typed_end_of_the_hash_signs() {
    let visit = Stage::of("own-key").with_a_node().walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        to_the_words(you, &twin("own-key").test_key()).await;
        let ending = ending(you);
        let clear = "<back>".repeat(8);
        you.presses("<enter>").await;
        you.sees("Enter alone signs nothing").await;
        let wrong = if ending == "0000" { "1111" } else { "0000" };
        for typed in ["y", "yes", wrong, &ending[1..], &format!("0{ending}")] {
            you.at(WORDS, typed).await;
            you.presses("<enter>").await;
            you.sees("type the last 4 characters").await;
            you.presses(&clear).await;
        }
        you.pastes(&ending).await;
        you.presses("<enter>").await;
        you.pastes(&format!("{ending}\n")).await;
        you.presses("<enter><^s>").await;
        // Whatever was about to be sent would be out before this is on screen.
        you.presses("<tab>").await;
        you.sees(WORDS).await;
        you.presses("<esc>").await;
        you.at("A key file", "<esc>").await;
        you.sees("Who does it, and how").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Prepared, 1, 0, 0);
    assert!(broadcasts(&visit).is_empty());
}

#[test]
fn a_key_that_is_not_the_owner_s_is_told_whose_it_would_have_to_be() {
    let owner = Wallet::new(&twin("own-key").test_key()).address();
    let visit = Stage::of("own-key").with_a_node().walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        opens(you, STRANGER).await;
        you.sees("It cannot be signed like this").await;
        let frame = you.frame();
        let account = Wallet::new(STRANGER).address();
        let text = frame.to_lowercase();
        assert!(text.contains("not the owner: that is"), "{frame}");
        assert!(text.contains(&owner) && text.contains(&account), "{frame}");
        // There is no word that would sign, and no button.
        let ending = ending(you);
        you.presses(&format!("{ending}<enter>")).await;
        you.at("It cannot be signed like this", "<esc>").await;
        you.at("A key file", "<esc>").await;
        you.sees("Who does it, and how").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Prepared, 1, 0, 0);
    assert!(broadcasts(&visit).is_empty());
}

#[test]
fn what_is_no_key_is_not_quoted() {
    let wrong = "0x1f0e1d2c3b4a5968778695a4b3c2d1e0f1e2d3c4b5a6978877665544332211";
    let visit = Stage::of("own-key").with_a_node().walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        opens(you, wrong).await;
        you.at("the key could not be opened", "<esc>").await;
        you.sees("Who does it, and how").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Prepared, 1, 0, 0);
    nobody_saw(&visit, &wrong[2..]);
}

/// The files are made, go to the owner, who signs elsewhere; the transaction is found in the contract's logs.
#[test]
fn what_is_handed_over_and_signed_elsewhere_is_found_in_the_logs() {
    LazyLock::force(&FOLDER);
    let mut signed = Vec::new();
    let (_changed, stage) = with_a_change();
    let visit = stage.walk(async |you| {
        to_the_contract_with_the_change(you).await;
        you.sees(READ).await;
        you.presses("2").await;
        you.sees("written: ").await;
        let folder = written(&you.frame());
        for call in calls_of(
            &folder.join("safe-batch.json"),
            &app("own-key", "orders-api"),
        ) {
            let input = format!("0x{}", hex::encode(call.input()));
            let hash = you.signs(&app("own-key", "orders-api"), &input).await;
            signed.push((folder.clone(), call, hash));
        }
        you.sees("goes with the commit").await;
        to_the_registration(you).await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    assert!(broadcasts(&visit).is_empty(), "it signs nothing itself");
    let [
        (folder, Call::AddDevice(_), _),
        (_, Call::AddComposeHash(_), hash),
    ] = &signed[..]
    else {
        panic!("{signed:?}");
    };
    let commit = visit.creating().into_iter().find(Sent::commits);
    let commit = commit.expect("a commit").json();
    assert_eq!(commit["transaction_hash"], hash.as_str());
    holds_no_secret(folder, &[commit["token"].as_str().expect("a token")]);
}

/// Its owner is a Safe: no key of one person is enough.
#[test]
fn what_a_safe_owns_is_handed_over_and_waited_for() {
    LazyLock::force(&FOLDER);
    let mut folder = PathBuf::new();
    // The owner of the story signs ten seconds after the preparation.
    let stage = Stage::of("slow-chain").with_a_node().at_speed(60.0);
    let visit = stage.walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        you.sees(READ).await;
        you.presses("1").await;
        you.sees("not now: its owner is").await;
        assert!(you.frame().contains("Safe"), "{}", you.frame());
        you.presses("2").await;
        you.sees("written: ").await;
        folder = written(&you.frame());
        to_the_registration(you).await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    assert!(broadcasts(&visit).is_empty());
    assert!(!visit.seen.iter().any(|frame| frame.contains("Which key")));
    let calls = calls_of(
        &folder.join("safe-batch.json"),
        &app("slow-chain", "orders-api"),
    );
    assert_eq!(calls.len(), 1, "the hash is that of the live revision");
    let commit = visit.creating().into_iter().find(Sent::commits);
    let commit = commit.expect("a commit").json();
    holds_no_secret(&folder, &[commit["token"].as_str().expect("a token")]);
}

/// The owner's own story, with a node of the chain and another compose file in a folder.
fn with_a_change() -> (TempDir, Stage) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("docker-compose.yml"), COMPOSE).expect("written");
    let stage = Stage::of("own-key").with_a_node();
    let stage = stage.in_folder(folder.path());
    (folder, stage)
}

/// To what the contract says of a new machine and another content: it allows neither.
async fn to_the_contract_with_the_change(you: &mut Visitor) {
    you.at("orders-api", "/orders-api<enter>").await;
    you.at("Where should it run?", "").await;
    you.at("prod9", "/prod9<enter>").await;
    you.at("What should it run?", "2").await;
    you.at("docker-compose.yml", "<enter>").await;
    you.at("2.9.0", "<enter>").await;
    you.at("Which values shall", "<enter>").await;
    you.at("Script that runs", "<enter>").await;
    you.at("Nothing was sent yet", "<enter>").await;
    you.sees("has to allow it first").await;
    you.sees("1  the compose hash     ✗ NOT registered").await;
}

/// The words that stand where the end of the hash is typed.
const WORDS: &str = "to sign, type the last 4 characters of the hash";

/// From the overview to where the hash's end is typed, with this key.
async fn to_the_words(you: &mut Visitor, key: &str) {
    opens(you, key).await;
    you.sees(WORDS).await;
    you.sees("simulated: the contract takes it").await;
}

/// From the overview, types this key.
async fn opens(you: &mut Visitor, key: &str) {
    you.sees(READ).await;
    you.presses("1").await;
    you.sees("Which key signs?").await;
    you.sees_no_more("looking for keystores").await;
    // The last choice, however many keys this machine has.
    you.presses("<up><enter>").await;
    you.at("private key, hidden", key).await;
    // A frame with nothing of it on it.
    let hidden = format!("{} characters, hidden", key.len());
    you.at(&hidden, "<enter>").await;
}

/// The last four characters of the hash that has to be allowed.
fn ending(you: &Visitor) -> String {
    let asked = you.sent();
    let asked = asked
        .iter()
        .rfind(|sent| sent.target.ends_with("/is-allowed"));
    let asked = asked.expect("the service was asked").json();
    let hash = asked["compose_hash"].as_str().expect("a hash");
    hash[hash.len() - 4..].to_owned()
}

/// Every transaction that was broadcast: what it calls, all of it, and its hash.
fn broadcasts(visit: &Visit) -> Vec<(Call, Unsigned, String)> {
    let requests = visit.record.requests();
    let raw = requests.iter().filter_map(Sent::broadcast);
    raw.map(|raw| {
        let unsigned = Unsigned::read(&raw).expect("a transaction");
        let call = Call::read(&unsigned.input).expect("a call");
        (call, unsigned, keccak256(&raw).to_string())
    })
    .collect()
}

/// Whether a node was asked about the contract after the last transaction was out.
fn read_of_the_contract_after_the_last(visit: &Visit) -> bool {
    let requests = visit.record.requests();
    let last = requests.iter().rposition(|sent| sent.broadcast().is_some());
    let rest = &requests[last.expect("one was broadcast")..];
    let commit = rest.iter().position(Sent::commits).expect("a commit");
    rest[..commit]
        .iter()
        .any(|sent| sent.target.starts_with("/rpc") && sent.json().to_string().contains("eth_call"))
}

/// Where this process is, so that what the wizard writes here lies in a folder of the tests' own.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    env::set_current_dir(folder.path()).expect("a folder to be in");
    folder
});

/// The folder that was written, as the screen names it.
fn written(frame: &str) -> PathBuf {
    let (_, rest) = frame.split_once("written: ").expect("a folder");
    let name = rest.split([' ', '\n', '│']).next().expect("a name");
    FOLDER.path().join(name)
}

/// What the Safe is asked for, by the file for it.
fn calls_of(batch: &Path, contract: &str) -> Vec<Call> {
    let text = fs::read_to_string(batch).expect("the file for the Safe");
    let batch: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(batch["chainId"], "8453");
    let transactions = batch["transactions"].as_array().expect("a list");
    let read = |sent: &Value| {
        let to = sent["to"].as_str().expect("an address");
        assert_eq!(to.to_lowercase(), contract);
        assert_eq!(sent["value"], "0");
        let data = sent["data"].as_str().expect("data");
        Call::read(&hex::decode(&data[2..]).expect("hex digits")).expect("a call")
    };
    transactions.iter().map(read).collect()
}

/// Fails where one of the files has a secret in it.
fn holds_no_secret(folder: &Path, secrets: &[&str]) {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a text");
        for secret in secrets.iter().chain(&[crate::walk::KEY]) {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
        names.push(path.file_name().expect("a name").to_string_lossy().into());
    }
    names.sort_unstable();
    let all = [
        "README.txt",
        "calldata.txt",
        "cast-commands.txt",
        "safe-batch.json",
    ];
    assert_eq!(names, all);
}
