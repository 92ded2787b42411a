//! The commands for scripts, as scripts see them: exit code, one JSON object on stdout, errors on stderr.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic here is a message to us"
)]

#[cfg(unix)]
#[path = "commands/chain.rs"]
mod chain;
#[cfg(unix)]
#[path = "commands/completions.rs"]
mod completions;
#[cfg(unix)]
#[path = "support/inside.rs"]
mod inside;
#[cfg(unix)]
#[path = "commands/proxy.rs"]
mod proxy;
#[cfg(unix)]
#[path = "support/service.rs"]
mod service;
#[cfg(unix)]
#[path = "commands/signin.rs"]
mod signin;
#[cfg(unix)]
#[path = "commands/stage.rs"]
mod stage;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha512};

/// A key made for the vectors.
const KEY: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

/// The key in `vectors/certificate.pem`, as `openssl x509 -pubkey` has it.
const CERTIFICATE_KEY: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004e44b965440169072edc552e67d3ef317\
                               4461d80b9b1dc6b0573599720786291033538abb635d4632ed9015846db8ede62beeae0bdb311802a2303ba8\
                               387d6c1a";

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_phala-wizard"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
fn object(output: &Output) -> Value {
    assert!(output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn vectors(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

#[test]
fn compose_hashes_come_with_their_verdict() {
    for vector in vectors(include_str!("vectors/compose_hash.json")) {
        let document = vector["input_json"].as_str().unwrap();
        let acceptable = vector["acceptable"].as_array().unwrap();
        let expected = acceptable[0].as_str().unwrap();
        let zeros = "0".repeat(64);
        let expect = if expected == "refuse" {
            &zeros
        } else {
            expected
        };
        let command = ["check", "compose-hash", "-", "--json", "--expect", expect];
        let output = run(&command, document);
        let answer = object(&output);
        let (verdict, code) = match answer["verdict"].as_str().unwrap() {
            "cannot-compute" => ("refuse", 1),
            "same" => (answer["hash"].as_str().unwrap(), 0),
            other => panic!("{}: {other}", vector["id"]),
        };
        assert!(acceptable.iter().any(|one| one == verdict), "{answer}");
        assert_eq!(output.status.code(), Some(code), "{}", vector["id"]);
        assert_eq!(answer["reason"].is_null(), code == 0);
    }
}

#[test]
fn another_hash_differs_and_ends_with_1() {
    let zeros = "0".repeat(64);
    let command = ["check", "compose-hash", "-", "--json", "--expect", &zeros];
    let output = run(&command, r#"{"runner":"docker-compose"}"#);
    assert_eq!(object(&output)["verdict"], "differs");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn signatures_are_accepted_or_wrong() {
    for vector in vectors(include_str!("vectors/env_pubkey_signature.json")) {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let mut arguments = vec!["check".to_owned(), "env-key".into(), "--json".into()];
        for (option, value) in [
            ("app-id", text("app_id")),
            ("pubkey", text("public_key")),
            ("signature", text("signature")),
            ("signer", text("expected_kms_public_key")),
            ("now", vector["now"].to_string()),
        ] {
            arguments.push(format!("--{option}={value}"));
        }
        if let Some(timestamp) = vector["timestamp"].as_u64() {
            arguments.push(format!("--timestamp={timestamp}"));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&arguments, "");
        let (verdict, code) = if vector["verdict"] == "accept" {
            ("accept", 0)
        } else {
            ("wrong", 1)
        };
        assert_eq!(object(&output)["verdict"], verdict, "{}", vector["id"]);
        assert_eq!(output.status.code(), Some(code));
    }
}

#[test]
fn values_are_printed_by_no_command() {
    let text = "export A='canary#1'\nB=canary2\nnot canary3\n";
    for arguments in [
        &["check", "env-file", "-"][..],
        &["check", "env-file", "-", "--json", "--allowed", "A"],
        &["encrypt", "--pubkey", KEY],
    ] {
        let output = run(arguments, text);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(!format!("{output:?}").contains("canary"), "{output:?}");
        let all = [&output.stdout[..], &output.stderr].concat();
        let words = String::from_utf8(all).unwrap();
        assert!(!words.contains("canary") && !words.is_empty(), "{words}");
    }
}

#[test]
fn a_blob_alone_is_printed_for_a_pipe() {
    let output = run(&["encrypt", "--pubkey", KEY], "A=1\n");
    let blob = String::from_utf8(output.stdout).unwrap();
    let plaintext = r#"{"env":[{"key":"A","value":"1"}]}"#;
    let blob = hex::decode(blob.trim_end()).unwrap();
    assert_eq!(blob.len(), 32 + 12 + 16 + plaintext.len());
}

#[test]
fn what_cannot_be_used_ends_with_2() {
    for arguments in [
        &["check", "compose-hash", "/nowhere/at/all.json"][..],
        &["check", "env-file", "/nowhere/at/all"],
        &["encrypt", "--pubkey", "00"],
        &["check", "compose-hash", "-", "--expect", "00"],
        &["check"],
    ] {
        let output = run(arguments, "{}");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn a_certificate_is_held_against_the_key_in_the_quote() {
    let vectors = vectors(include_str!("vectors/attestation_changes.json"));
    let mut quotes = vectors
        .iter()
        .filter_map(|vector| vector["changed"]["quote_hex"].as_str());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cert.pem");
    let ask = |quote: &str| {
        let bundle = serde_json::json!({ "quote": quote }).to_string();
        let file = path.to_str().unwrap();
        let command = ["check", "attestation", "-", "--json", "--certificate", file];
        run(&command, &bundle)
    };
    let theirs = quotes.next().unwrap();
    assert_eq!(ask(theirs).status.code(), Some(2), "there is no such file");
    std::fs::write(&path, "a secret, not a certificate").unwrap();
    let refused = ask(theirs);
    assert_eq!(refused.status.code(), Some(2));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(
        why.contains("the certificate: it is no certificate"),
        "{why}"
    );

    std::fs::write(&path, include_str!("vectors/certificate.pem")).unwrap();
    let verdict = |output: &Output| {
        let answer = object(output);
        let mut checks = answer["checks"].as_array().unwrap().iter();
        let line = checks.find(|check| check["name"] == "certificate");
        line.unwrap()["verdict"].clone()
    };
    let others = ask(theirs);
    assert_eq!(
        (verdict(&others), others.status.code()),
        ("differs".into(), Some(1))
    );
    let mut ours = hex::decode(theirs).unwrap();
    let key = hex::decode(CERTIFICATE_KEY).unwrap();
    let bound = Sha512::digest([b"ratls-cert:", &key[..]].concat());
    ours[568..632].copy_from_slice(&bound);
    let ours = ask(&hex::encode(ours));
    assert_eq!((verdict(&ours), ours.status.code()), ("ok".into(), Some(0)));
}
