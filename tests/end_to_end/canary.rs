//! Secrets with a mark of their own, sent through whole walks and then looked for everywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use phala_wizard::sandbox::Request;
use phala_wizard::shell::log;
use phala_wizard::wizard::event::Outcome;
use tempfile::TempDir;

use crate::tap::Sent;
use crate::walk::{KEY, Stage, Visit, twin};
use crate::{create, to_the_contract, to_the_registration, until_running};

/// A value that stands nowhere else.
const VALUE: &str = "canary-4d1f9c02e7-in-the-env-file";

#[test]
fn a_value_leaves_this_machine_only_encrypted_and_arrives_whole() {
    let log = log();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("canary.env");
    let text = format!("MAX_MEMORY=1gb\nCACHE_PASSWORD=\"{VALUE}\"\n");
    fs::write(&file, text).expect("written");
    let visit = Stage::of("central-kms")
        .in_folder(folder.path())
        .walk(async |you| {
            you.at("kv-cache", "/kv-cache<enter>").await;
            you.at("Where should it run?", "").await;
            you.at("prod15", "/prod15<enter>").await;
            you.at("What should it run?", "<enter>").await;
            you.at("Which values shall", "2").await;
            you.at("canary.env", "<enter>").await;
            you.at("2 variables", "<enter>").await;
            you.at("set all anew", "<enter>").await;
            you.at("Script that runs", "<enter>").await;
            you.at("Nothing was sent yet", "<enter>").await;
            create(you).await;
            until_running(you).await;
        });
    visit.came_to(Outcome::Running, 1, 0, 1);
    nobody_saw(&visit, VALUE);
    the_log_tells_what_happened_and_not(&log, &[VALUE, &hex::encode(VALUE), KEY]);
    the_key_is_only_in_its_header(&visit);
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 1, "something was written");

    // The same world once more: what it was sent opens there to what was in the file.
    let [sent] = &visit.creating()[..] else {
        panic!("one request creates");
    };
    let mut world = twin("central-kms");
    let request = Request {
        method: sent.method.clone(),
        path: sent.target.clone(),
        query: Vec::new(),
        headers: sent.headers.clone(),
        body: sent.body.clone(),
    };
    let reply = world.answer(std::time::Duration::ZERO, &request);
    let created: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    let uuid = created["vm_uuid"].as_str().expect("a uuid");
    let environment = world.environment(uuid).expect("an instance");
    let value = environment
        .get("CACHE_PASSWORD")
        .map(|value| value.as_str());
    assert_eq!(value, Some(VALUE));
}

#[test]
fn the_token_goes_back_once_and_the_key_in_its_header() {
    let log = log();
    let visit = Stage::of("on-chain").walk(async |you| {
        to_the_contract(you, "orders-api", "prod9").await;
        to_the_registration(you).await;
        create(you).await;
        until_running(you).await;
    });
    visit.came_to(Outcome::Running, 1, 1, 1);
    let commits = visit.creating().into_iter().filter(Sent::commits);
    let tokens: Vec<_> = commits.map(|sent| sent.json()["token"].clone()).collect();
    let [token] = &tokens[..] else {
        panic!("one token: {tokens:?}");
    };
    let token = token.as_str().expect("a token");
    on_no_paper(&visit, token);
    let text = the_log_tells_what_happened_and_not(&log, &[token, KEY]);
    for line in [
        "/instances\" status=465 tries=1 ms=",
        "/instances\" status=200 tries=1 ms=",
        "request_id=\"",
        "ask question=",
        "name=\"commit\"",
        "stage name=\"Chain\"",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert_eq!(count(&visit.record.bytes(), token), 1);
    the_key_is_only_in_its_header(&visit);
}

/// The log of this process, begun by whichever walk is first; the others write into it too.
fn log() -> PathBuf {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        log::begin(&folder.path().join("log"), "test").expect("a log");
        folder
    });
    FOLDER.path().join("log")
}

/// Fails where a secret is in the log, or a line that is none of ours. Returns the log.
fn the_log_tells_what_happened_and_not(log: &Path, secrets: &[&str]) -> String {
    let text = fs::read_to_string(log).expect("the log");
    for secret in secrets {
        for piece in pieces(secret) {
            assert!(!text.contains(piece), "{piece} is in\n{text}");
        }
    }
    for line in text.lines() {
        // Time, level, and one of our words.
        let words: Vec<&str> = line.split_whitespace().collect();
        let ours = [
            "start", "stage", "outside", "ask", "forget", "answered", "not", "copy", "open",
            "alert", "suspend", "redraw", "quit",
        ];
        assert!(words[1] == "INFO" && ours.contains(&words[2]), "{line}");
        assert!(!line.contains('?'), "a query: {line}");
    }
    text
}

/// Fails where the key is on a frame, in the receipt, or anywhere in a request but in the header for it.
fn the_key_is_only_in_its_header(visit: &Visit) {
    on_no_paper(visit, KEY);
    let requests = visit.record.requests();
    assert!(!requests.is_empty());
    for sent in &requests {
        assert_eq!(sent.header("x-api-key"), Some(KEY), "{sent:?}");
    }
    assert_eq!(count(&visit.record.bytes(), KEY), requests.len());
}

/// Fails where the secret is on a frame, in the receipt, or among the bytes that left the program.
pub fn nobody_saw(visit: &Visit, secret: &str) {
    on_no_paper(visit, secret);
    // A blob is sent in hex, so what was not encrypted would be too.
    let hex = hex::encode(secret);
    for secret in [secret, &hex] {
        assert_eq!(count(&visit.record.bytes(), secret), 0, "it was sent");
    }
}

/// Fails where the secret is on a frame or in the receipt.
fn on_no_paper(visit: &Visit, secret: &str) {
    assert!(!visit.seen.is_empty());
    let papers = visit.seen.iter().chain(&visit.exit.receipt);
    for paper in papers {
        for piece in pieces(secret) {
            assert!(!paper.contains(piece), "{piece} is in\n{paper}");
        }
    }
}

/// Every ten letters in a row: a column cuts a long text and a page wraps it, so it may never stand whole on a screen.
fn pieces(secret: &str) -> impl Iterator<Item = &str> {
    assert!(secret.is_ascii() && secret.len() > 10);
    (0..=secret.len() - 10).map(|at| &secret[at..at + 10])
}

fn count(bytes: &[u8], secret: &str) -> usize {
    let windows = bytes.windows(secret.len());
    windows.filter(|part| *part == secret.as_bytes()).count()
}
