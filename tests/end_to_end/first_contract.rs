//! A first app whose keys a contract governs, over real sockets: from an empty workspace to running, with a key of this
//! machine, and taken up again where a run ended in between.

use std::fs;

use alloy_primitives::keccak256;
use phala_wizard::chain::Call;
use phala_wizard::chain::transaction::Unsigned;
use phala_wizard::journal::state::Known;
use phala_wizard::journal::store::Store;
use phala_wizard::wizard::event::Outcome;

use crate::canary::nobody_saw;
use crate::tap::Sent;
use crate::walk::{Stage, Visit, Visitor, twin};
use crate::wallet::Wallet;
use crate::{leave, until_running};

/// A value that stands nowhere else.
const VALUE: &str = "canary-51c7d09be2-of-an-app-with-a-contract";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let compose = "services:\n  web:\n    image: nginx:1.29\n    environment:\n      - GREETING\n    ports: ['80:80']\n";
    fs::write(folder.path().join("docker-compose.yml"), compose).expect("written");
    let values = format!("GREETING={VALUE}\n");
    fs::write(folder.path().join("shop.env"), values).expect("written");
    folder
}

fn key() -> String {
    twin("first-contract").test_key()
}

async fn to_the_contract(you: &mut Visitor) {
    you.at("has no apps yet", "1").await;
    you.at("what is it called?", "<^u>first-shop<enter>").await;
    you.at("Who keeps its keys?", "2").await;
    you.at("tdx.small", "<enter>").await;
    you.at("20 GB is usual", "<enter>").await;
    you.at("prod9", "/prod9<enter>").await;
    you.at("What should it run?", "f").await;
    you.at("docker-compose.yml", "/docker<enter>").await;
    you.at("YAML reads", "<enter>").await;
    you.at("Which values shall", "2").await;
    you.at("shop.env", "/shop<enter>").await;
    you.at("set all anew", "<enter>").await;
    you.at("Script that runs", "3").await;
    you.at("#!/bin/bash", "<^s>").await;
    you.at("no syntax error", "<enter>").await;
    you.at("computed", "<enter>").await;
    you.sees("NOT deployed").await;
    you.sees("its key was read").await;
}

/// Signs with the sandbox's key, after its hash was compared.
async fn signs(you: &mut Visitor) {
    let key = key();
    you.presses("1").await;
    you.sees("Which key signs?").await;
    you.sees_no_more("looking for keystores").await;
    you.presses("<up><enter>").await;
    you.at("private key, hidden", &key).await;
    let hidden = format!("{} characters, hidden", key.len());
    you.at(&hidden, "<enter>").await;
    you.sees("simulated: the contract takes it").await;
    let sent = you.sent();
    let examined = sent.iter().rfind(|sent| {
        sent.target.starts_with("/rpc") && sent.json().to_string().contains("0x8618169d")
    });
    let asked = examined.expect("it was tried out").json().to_string();
    let data = asked.split("0x8618169d").nth(1).expect("calldata");
    let ending = &data[5 * 64 - 4..5 * 64];
    you.presses(&format!("{ending}<enter>")).await;
    you.sees("Signed here").await;
}

/// Every transaction that was broadcast, by all walks so far: what it calls, and its hash.
fn deployed(visit: &Visit) -> Vec<(Call, String)> {
    let requests = visit.record.requests();
    let raw = requests.iter().filter_map(Sent::broadcast);
    raw.map(|raw| {
        let unsigned = Unsigned::read(&raw).expect("a transaction");
        let call = Call::read(&unsigned.input).expect("a call");
        (call, keccak256(&raw).to_string())
    })
    .collect()
}

fn created(visit: &Visit) -> serde_json::Value {
    let requests = visit.record.requests();
    let mut sent = requests
        .iter()
        .filter(|sent| sent.method == "POST" && sent.target == "/cvms");
    let body = sent.next().map(Sent::json).expect("it was sent");
    assert!(sent.next().is_none(), "it was sent once");
    body
}

/// That the one contract is the app, and the app is what was asked for.
fn is_the_app(visit: &Visit) {
    assert_eq!(visit.exit.outcome, Outcome::Running);
    let all = deployed(visit);
    let mut hashes: Vec<&String> = all.iter().map(|(_, hash)| hash).collect();
    hashes.dedup();
    assert_eq!(
        hashes.len(),
        1,
        "one transaction, however often it was handed over"
    );
    let Call::DeployApp(deployment) = all[0].0 else {
        panic!("{:?}", all[0].0)
    };
    let account = Wallet::new(&key()).address();
    assert_eq!(deployment.owner.to_string().to_lowercase(), account);
    let body = created(visit);
    let text = |name: &str| body[name].as_str().expect("text").to_lowercase();
    assert_eq!(text("deployer_address"), account);
    assert_eq!(text("contract_address"), format!("0x{}", text("app_id")));
    assert_eq!(text("compose_hash"), deployment.hash.to_string());
    assert!(text("encrypted_env").len() > 100, "the values go along");
    let [made] = &visit.after[..] else {
        panic!("one instance: {:?}", visit.after)
    };
    assert_eq!(made.name.as_str(), "first-shop");
    nobody_saw(visit, VALUE);
    nobody_saw(visit, &key()[2..]);
}

#[test]
fn from_an_empty_workspace_to_an_app_with_a_contract_that_runs() {
    let folder = folder();
    let visit = Stage::of("first-contract")
        .with_a_node()
        .in_folder(folder.path())
        .walk(async |you| {
            to_the_contract(you).await;
            signs(you).await;
            you.sees("registered with the KMS").await;
            you.sees("1 value encrypted here").await;
            you.at("Enter goes on", "<enter>").await;
            you.sees("Create this app and its first instance?").await;
            you.sees("its contract on Base").await;
            you.at("0 instances noted", "<right><enter>").await;
            you.sees("The evidence fits what you previewed").await;
            until_running(you).await;
        });
    is_the_app(&visit);
}

#[test]
fn what_was_signed_before_is_found_by_whoever_comes_later_and_not_signed_again() {
    let folder = folder();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let first = Stage::of("first-contract")
            .with_a_node()
            .in_folder(folder.path())
            .walk_on(async |you| {
                to_the_contract(you).await;
                signs(you).await;
                leave(you).await;
            })
            .await;
        assert_eq!(first.exit.outcome, Outcome::Prepared);
        assert_eq!(first.after.len(), 0);
        let store = Store::open(&first.left.state.path().join("phala-wizard")).expect("a store");
        let unfinished = store.unfinished().expect("journals");
        let known: Vec<Known> = unfinished.found.iter().map(|it| it.state.known()).collect();
        assert_eq!(known, [Known::Prepared]);
        assert!(unfinished.found[0].state.may_have_contract());
        drop(store);

        let path = folder.path().join("shop.env");
        let second = Stage::of("first-contract")
            .with_a_node()
            .after(first)
            .walk_on(async |you| {
                you.at("its contract is under way", "<enter>").await;
                you.sees("registered with the KMS").await;
                you.at(
                    "have to be given anew",
                    &format!("{}<enter>", path.display()),
                )
                .await;
                you.sees("1 value encrypted here").await;
                you.at("Enter goes on", "<enter>").await;
                you.sees("Create this app and its first instance?").await;
                you.at("0 instances noted", "<right><enter>").await;
                until_running(you).await;
            })
            .await;
        is_the_app(&second);
    });
}
