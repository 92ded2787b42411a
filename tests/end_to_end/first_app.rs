//! A first app over real sockets: from an empty workspace to running, with the loop, the client and the sandbox.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use phala_wizard::journal::state::Known;
use phala_wizard::journal::store::Store;
use phala_wizard::sandbox::Request;
use phala_wizard::wizard::event::Outcome;
use serde_json::Value;

use crate::canary::nobody_saw;
use crate::tap::Sent;
use crate::walk::{Stage, Visit, Visitor, twin};
use crate::{leave, until_running};

/// A value that stands nowhere else.
const VALUE: &str = "canary-8e02b7d1aa-of-a-first-app";

/// The connection dies once the app is made, before the answer is there.
const LOST: &str =
    "[[faults]]\nrequest = 'POST /cvms'\ncalls = [1]\nreset = true\napplied = true\n";

/// A folder with a compose file and values.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let compose = "services:\n  web:\n    image: nginx:1.29\n    environment:\n      - GREETING\n    ports: ['80:80']\n";
    fs::write(folder.path().join("docker-compose.yml"), compose).expect("written");
    fs::write(
        folder.path().join("shop.env"),
        format!("GREETING={VALUE}\n"),
    )
    .expect("written");
    folder
}

async fn to_the_review(you: &mut Visitor) {
    you.at("has no apps yet", "1").await;
    you.at("what is it called?", "<^u>first-shop<enter>").await;
    you.at("Who keeps its keys?", "<enter>").await;
    you.at("tdx.small", "<enter>").await;
    you.at("How large is its disk?", "").await;
    you.at("20 GB is usual", "<enter>").await;
    you.at("Where should it run?", "").await;
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
    you.sees("Nothing was sent yet").await;
}

async fn to_the_confirmation(you: &mut Visitor) {
    to_the_review(you).await;
    you.at("computed", "<enter>").await;
    you.sees("Create this app and its first instance?").await;
    you.sees("as computed here").await;
    you.sees("0 instances noted").await;
}

/// What was posted by all walks so far, by where.
fn posted(visit: &Visit) -> BTreeMap<String, usize> {
    let mut posted = BTreeMap::new();
    for sent in visit.record.requests() {
        if sent.method == "POST" && sent.target.starts_with("/cvms") {
            *posted.entry(sent.target).or_default() += 1;
        }
    }
    posted
}

fn is_posted(visit: &Visit, provisions: usize, creations: usize) {
    let expected = [("/cvms/provision", provisions), ("/cvms", creations)];
    let expected = expected.into_iter().filter(|(_, count)| *count > 0);
    let expected = expected.map(|(target, count)| (target.to_owned(), count));
    assert_eq!(posted(visit), expected.collect());
}

fn body(visit: &Visit, target: &str) -> Value {
    let requests = visit.record.requests();
    let sent = requests
        .iter()
        .find(|sent| sent.target == target && sent.method == "POST");
    sent.map(Sent::json).expect("it was sent")
}

/// The journals that are left, and how far each came.
fn left(state: &Path) -> Vec<Known> {
    let store = Store::open(&state.join("phala-wizard")).expect("a store");
    let unfinished = store.unfinished().expect("journals");
    unfinished
        .found
        .iter()
        .map(|found| found.state.known())
        .collect()
}

#[test]
fn from_an_empty_workspace_to_running_and_no_value_in_the_clear() {
    let folder = folder();
    let visit = Stage::of("empty-workspace")
        .in_folder(folder.path())
        .walk(async |you| {
            to_the_confirmation(you).await;
            you.at("1 value encrypted here", "<right><enter>").await;
            you.sees("The evidence fits what you previewed").await;
            until_running(you).await;
        });
    assert_eq!(visit.exit.outcome, Outcome::Running);
    is_posted(&visit, 1, 1);
    nobody_saw(&visit, VALUE);
    let [made] = &visit.after[..] else {
        panic!("one instance: {:?}", visit.after)
    };
    assert_eq!(made.name.as_str(), "first-shop");
    let creation = body(&visit, "/cvms");
    let hash = made.compose_hash.map(|hash| hash.to_string());
    assert_eq!(creation["compose_hash"].as_str(), hash.as_deref());
    assert_eq!(left(visit.left.state.path()), [], "nothing is unfinished");
    for entry in fs::read_dir(visit.left.state.path().join("phala-wizard")).expect("the state") {
        let path = entry.expect("an entry").path();
        let bytes = if path.is_file() {
            fs::read(path).expect("bytes")
        } else {
            Vec::new()
        };
        let found = bytes
            .windows(VALUE.len())
            .any(|part| part == VALUE.as_bytes());
        assert!(!found, "a value is on the disk");
    }

    // The same world once more: what it was sent opens there to what was in the file.
    let mut world = twin("empty-workspace");
    let mut uuid = String::new();
    for sent in visit.record.requests() {
        if sent.method == "POST" && sent.target.starts_with("/cvms") {
            let request = Request {
                method: sent.method.clone(),
                path: sent.target.clone(),
                query: Vec::new(),
                headers: sent.headers.clone(),
                body: sent.body.clone(),
            };
            let reply = world.answer(std::time::Duration::ZERO, &request);
            let answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
            uuid = answer["vm_uuid"].as_str().unwrap_or_default().to_owned();
        }
    }
    let environment = world.environment(&uuid).expect("an instance");
    let value = environment.get("GREETING").map(|value| value.as_str());
    assert_eq!(value, Some(VALUE));
}

#[test]
fn leaving_at_the_confirmation_creates_nothing_and_resume_needs_no_value() {
    let folder = folder();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let first = Stage::of("empty-workspace")
            .in_folder(folder.path())
            .walk_on(async |you| {
                to_the_confirmation(you).await;
                leave(you).await;
            })
            .await;
        assert_eq!(first.exit.outcome, Outcome::Prepared);
        is_posted(&first, 1, 0);
        assert_eq!(left(first.left.state.path()), [Known::Prepared]);
        assert_eq!(first.after.len(), 0);

        let second = Stage::of("empty-workspace")
            .after(first)
            .walk_on(async |you| {
                you.at("provisioned, not created", "<enter>").await;
                you.sees("Create this app and its first instance?").await;
                you.at("0 instances noted", "<right><enter>").await;
                until_running(you).await;
            })
            .await;
        assert_eq!(second.exit.outcome, Outcome::Running);
        // What was provisioned before is what was created.
        is_posted(&second, 1, 1);
        assert!(body(&second, "/cvms")["encrypted_env"].is_string());
        assert_eq!(second.after.len(), 1);
        nobody_saw(&second, VALUE);
    });
}

#[test]
fn an_answer_that_is_lost_is_looked_for_by_whoever_comes_later_too() {
    let folder = folder();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let first = Stage::of("empty-workspace")
            .where_also(LOST)
            .in_folder(folder.path())
            .walk_on(async |you| {
                to_the_confirmation(you).await;
                you.presses("<right><enter>").await;
                you.sees("It may or may not exist").await;
                leave(you).await;
            })
            .await;
        assert_eq!(first.exit.outcome, Outcome::Unknown);
        is_posted(&first, 1, 1);
        let known = left(first.left.state.path());
        assert_eq!(known, [Known::CommitUnanswered { sends: 1 }]);

        let second = Stage::of("empty-workspace")
            .after(first)
            .walk_on(async |you| {
                you.at("ANSWER NOT SEEN", "<enter>").await;
                you.at("FOUND", "<enter>").await;
                until_running(you).await;
            })
            .await;
        assert_eq!(second.exit.outcome, Outcome::Running);
        is_posted(&second, 1, 1);
        assert_eq!(second.after.len(), 1, "one app, whatever was lost");
    });
}
