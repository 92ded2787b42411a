//! Whole deployments over real sockets: the real loop and client against the sandbox, one story each.
#![allow(clippy::expect_used, reason = "a panic here is a message to us")]
#![allow(
    clippy::missing_panics_doc,
    reason = "a test panics where something is wrong"
)]

#[path = "end_to_end/canary.rs"]
mod canary;
#[path = "end_to_end/diagnosis.rs"]
mod diagnosis;
#[path = "end_to_end/first_app.rs"]
mod first_app;
#[path = "end_to_end/first_contract.rs"]
mod first_contract;
#[path = "end_to_end/repair.rs"]
mod repair;
#[path = "end_to_end/signing.rs"]
mod signing;
#[path = "end_to_end/tap.rs"]
mod tap;
#[path = "support/typed.rs"]
mod typed;
#[path = "end_to_end/walk.rs"]
mod walk;
#[path = "support/wallet.rs"]
mod wallet;

use std::collections::BTreeSet;

use phala_wizard::sandbox::Scenario;
use phala_wizard::wizard::event::Outcome;
use tap::Sent;
use walk::{Stage, Visit, Visitor};

/// The scenarios that a walk here goes through.
const WALKED: &[&str] = &[
    "on-chain",
    "already-registered",
    "central-kms",
    "slow-chain",
    "never-signed",
    "own-key",
    "token-expired",
    "key-revoked",
    "answer-lost",
    "boot-fails",
    "keys-refused",
    "creation-fails",
    "boot-stalls",
    "degraded-gateway",
    "other-code",
    "empty-workspace",
    "first-contract",
    "many-apps",
    "no-credit",
    "several-revisions",
    "node-full",
    "flaky-network",
    "bad-weather",
    "hostile-names",
    "lying-service",
    "flood",
];

#[test]
fn every_scenario_is_walked() {
    let told = Scenario::all().into_iter().map(|it| it.name);
    // One failure of a boot is walked like another; all of them are walked in `diagnosis`.
    let mut all: Vec<String> = told.filter(|it| !it.starts_with("fails-")).collect();
    let mut named = WALKED.to_vec();
    all.sort_unstable();
    named.sort_unstable();
    assert_eq!(all, named);
}

#[test]
fn on_chain() {
    let visit = Stage::of("on-chain").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        you.sees("Everything is registered").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("The evidence fits what you previewed").await;
        you.presses("v").await;
        you.sees("Does not prove").await;
        you.presses("v").await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    let receipt = visit.exit.receipt.join("\n");
    assert!(receipt.contains("running."), "{receipt}");
    assert!(
        receipt.contains("fits what was previewed; the hardware's signature was not checked"),
        "{receipt}"
    );
    assert!(receipt.contains("prod9 (EU-CENTRAL-1)"), "{receipt}");
}

/// It runs, and what it shows of itself is not what was previewed: no success, and the receipt says why.
#[test]
fn other_code() {
    let visit = Stage::of("other-code").walk(async |you| {
        to_the_review(you, "orders-api", "prod5").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("It does NOT prove to be what you asked for").await;
        you.at("it runs the document you previewed", "v").await;
        you.sees("badc0deb").await;
        you.presses("v").await;
        you.sees("Running.").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Unhealthy, 1, 1, 1);
    let receipt = visit.exit.receipt.join("\n");
    assert!(
        receipt.contains("DIFFERS from what was asked for"),
        "{receipt}"
    );
    assert!(receipt.contains("badc0deb"), "{receipt}");
}

#[test]
fn already_registered() {
    let visit = Stage::of("already-registered").walk(async |you| {
        to_the_review(you, "orders-api", "prod5").await;
        you.presses("<enter>").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
}

#[test]
fn flood() {
    let visit = Stage::of("flood").walk(async |you| {
        to_the_review(you, "orders-api", "prod5").await;
        you.presses("<enter>").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
}

#[test]
fn central_kms() {
    let visit = Stage::of("central-kms").walk(async |you| {
        to_the_review(you, "kv-cache", "prod15").await;
        you.presses("<enter>").await;
        you.sees("no contract governs this app").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 0, 1);
}

#[test]
fn slow_chain() {
    let visit = Stage::of("slow-chain").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        you.sees("NOT registered").await;
        you.sees("Everything is registered").await;
        you.presses("<enter>").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
}

#[test]
fn never_signed() {
    let visit = Stage::of("never-signed").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        you.at("look 1;", "<enter>").await;
        you.at("look 2;", "").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Prepared, 1, 0, 0);
    assert_eq!(visit.exit.outcome.code(), 5);
}

#[test]
fn own_key() {
    let visit = Stage::of("own-key").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        you.at("look 1;", "<enter>").await;
        // The very contract the service looks at: any device may boot.
        let app = walk::app("own-key", "orders-api");
        you.signs(&app, &format!("0x7c4beeb8{:064x}", 1)).await;
        to_the_registration(you).await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
}

#[test]
fn token_expired() {
    let visit = Stage::of("token-expired").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        to_the_registration(you).await;
        create(you).await;
        you.at("The token is no longer good.", "<enter>").await;
        // Nothing new is listed, twice; only a person who types the app's name goes on from there.
        you.at("may give you two", "2").await;
        you.at("type the app's name", "orders-api<enter>").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 2, 2, 1);
}

/// The token alone redeems it; everything that is read after that wants a key again.
#[test]
fn key_revoked() {
    let visit = Stage::of("key-revoked").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        you.at("does not accept this key", "5").await;
        you.at("not seen to agree", "<right><enter>").await;
        let typed = format!("2{}<enter>", walk::KEY);
        you.at("The service wants a key for this.", &typed).await;
        you.at("Where shall the key be kept?", "3").await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    let commit = visit.creating().into_iter().find(Sent::commits);
    let commit = commit.expect("the token was redeemed");
    assert_eq!(commit.header("x-api-key"), None, "by the token alone");
}

#[test]
fn answer_lost() {
    let visit = Stage::of("answer-lost").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        to_the_registration(you).await;
        create(you).await;
        you.sees("It may or may not exist").await;
        you.at("FOUND", "<enter>").await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    assert!(!visit.seen.iter().any(|frame| frame.contains("failed")));
}

#[test]
fn boot_fails() {
    fails("boot-fails");
}

#[test]
fn keys_refused() {
    fails("keys-refused");
}

#[test]
fn creation_fails() {
    fails("creation-fails");
}

/// Whatever becomes of it, it was created, and exits with its own code.
fn fails(scenario: &str) {
    let visit = Stage::of(scenario).walk(async |you| {
        to_the_review(you, "kv-cache", "prod15").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("It did not come up.").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Unhealthy, 1, 0, 1);
}

#[test]
fn boot_stalls() {
    let visit = Stage::of("boot-stalls").walk(async |you| {
        to_the_review(you, "kv-cache", "prod15").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("starting containers").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Unhealthy, 1, 0, 1);
}

#[test]
fn degraded_gateway() {
    let visit = Stage::of("degraded-gateway").walk(async |you| {
        to_the_review(you, "kv-cache", "prod15").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("It runs, yet something is wrong.").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Unhealthy, 1, 0, 1);
}

#[test]
fn empty_workspace() {
    let visit = Stage::of("empty-workspace").walk(async |you| {
        you.sees("no app").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Nothing, 0, 0, 0);
}

#[test]
fn many_apps() {
    let visit = Stage::of("many-apps").walk(async |you| {
        you.sees("orders-api").await;
        you.presses("GG").await;
        you.sees("500").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Nothing, 0, 0, 0);
}

#[test]
fn no_credit() {
    let visit = Stage::of("no-credit").walk(async |you| {
        to_the_review(you, "kv-cache", "prod15").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("ERR-04-001").await;
        you.sees("Nothing was created").await;
        leave(you).await;
    });
    visit.came_to(Outcome::NoRoom, 1, 0, 0);
}

#[test]
fn several_revisions() {
    let visit = Stage::of("several-revisions").walk(async |you| {
        you.at("orders-api", "/orders-api<enter>").await;
        you.at("runs several revisions", "2").await;
        from_the_node(you, "prod9").await;
        you.presses("<enter>").await;
        you.sees("has to allow it first").await;
        to_the_registration(you).await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    let second = visit
        .after
        .iter()
        .find(|it| it.name.as_str() == "orders-api-2");
    let second = second.and_then(|it| it.compose_hash).expect("a revision");
    let prepared = visit.creating()[0].json();
    assert_eq!(prepared["compose_hash"], second.to_string());
}

#[test]
fn node_full() {
    let visit = Stage::of("node-full").walk(async |you| {
        to_the_review(you, "orders-api", "prod5").await;
        you.presses("<enter>").await;
        create(you).await;
        you.sees("ERR-02-005").await;
        you.at("Nothing was created", "<enter>").await;
        you.sees("Going on prepares anew").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Nothing, 1, 1, 0);
}

#[test]
fn flaky_network() {
    let visit = insistent("flaky-network");
    let requests = visit.record.requests();
    let form = requests.split(Sent::creates).next().expect("the form");
    let asked = form.iter().map(|sent| sent.target.as_str());
    let different: BTreeSet<&str> = asked.collect();
    assert!(different.len() < form.len(), "nothing was asked again");
}

/// Five are walked as far as the review, and the last one all the way.
#[test]
fn hostile_names() {
    let visit = Stage::of("hostile-names").walk(async |you| {
        for (filter, name, node) in [
            ("invoice", r"invoice-\u{202e}gpj", r"\u{1b}[3"),
            ("診断", "診断サービス", "prod15"),
            ("goes-on", "a-name-that-goes-on", "prod15"),
            ("pay", r"\u{200b}\u{2060}", "prod15"),
            ("algo", "z", "prod15"),
            ("red", r"\u{1b}[31mred", "prod15"),
        ] {
            you.at("▌ orders-api", &format!("/{filter}")).await;
            you.at(&format!("▌ {name}"), "<enter>").await;
            from_the_node(you, node).await;
            you.at(name, "<a-2>").await;
            you.at("Where should it run?", "/<esc><a-1>").await;
            you.at("Which app gets", "/<esc><home>").await;
        }
        you.at("▌ orders-api", "<a-5>").await;
        you.at("Script that runs", "<enter>").await;
        you.at("Nothing was sent yet", "<enter>").await;
        you.sees(r"one more    \u{1b}[31mred").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 0, 1);
}

#[test]
fn bad_weather() {
    let visit = insistent("bad-weather");
    let refused = visit.seen.iter().any(|frame| frame.contains("r try again"));
    assert!(refused, "the weather was fine");
}

/// The first 465 is about another app, the second about another content, the third about another machine.
#[test]
fn lying_service() {
    let visit = Stage::of("lying-service").walk(async |you| {
        to_the_review(you, "orders-api", "prod9").await;
        you.presses("<enter>").await;
        you.at("it is about app", "r").await;
        you.sees("wants another content registered").await;
        you.at("0xdeadbeef", "<enter>").await;
        you.at("Going on prepares anew", "<enter>").await;
        you.sees("it is about machine").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Nothing, 3, 0, 0);
}

/// A walk by someone who asks again where the service could not answer: it ends well all the same.
fn insistent(scenario: &str) -> Visit {
    let visit = Stage::of(scenario).walk(async |you| {
        you.insists_on("kv-cache").await;
        you.presses("/kv-cache<enter>").await;
        you.insists_on("prod15").await;
        from_the_node(you, "prod15").await;
        you.presses("<enter>").await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 0, 1);
    visit
}

/// From the list of apps to the review, everything kept as the app has it.
async fn to_the_review(you: &mut Visitor, app: &str, node: &str) {
    you.at(app, &format!("/{app}<enter>")).await;
    from_the_node(you, node).await;
}

async fn from_the_node(you: &mut Visitor, node: &str) {
    you.sees("Where should it run?").await;
    you.at(node, &format!("/{node}<enter>")).await;
    you.at("What should it run?", "<enter>").await;
    you.at("Which values shall", "<enter>").await;
    you.at("Script that runs", "<enter>").await;
    you.sees("Nothing was sent yet").await;
}

/// Through the preparation, to what the contract says.
async fn to_the_contract(you: &mut Visitor, app: &str, node: &str) {
    to_the_review(you, app, node).await;
    you.presses("<enter>").await;
    you.sees("has to allow it first").await;
}

/// Waits for the contract, and goes on to the confirmation.
async fn to_the_registration(you: &mut Visitor) {
    you.sees("Everything is registered").await;
    you.presses("<enter>").await;
}

/// The one confirmation, given.
async fn create(you: &mut Visitor) {
    you.sees("Create this instance?").await;
    you.at("noted", "<right><enter>").await;
}

async fn until_running(you: &mut Visitor) {
    you.sees("Running.").await;
    leave(you).await;
}

async fn leave(you: &mut Visitor) {
    you.presses("<^c>").await;
    you.at("Stay", "<right><enter>").await;
}
