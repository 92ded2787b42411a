//! `.env` texts: whatever is read can be written, read and sealed again, and no message tells a value.

use std::sync::OnceLock;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use phala_wizard::secret::Secret;
use phala_wizard::trust::dotenv::{self, Keep, NameFlaw, Problem, ProblemKind, Reading};
use phala_wizard::trust::env_blob::{self, EnvKey};
use serde_json::{Value, json};
use x25519_dalek::{PublicKey, StaticSecret};

use super::safe;

/// Of the first of the vectors for sealing.
const PRIVATE_KEY: &str = "d38a394fcd303ebe739de01fd5942b05aaca14f0670b4e17632eca2174ff3966";
const PUBLIC_KEY: &str = "843ae23319f9e84ee90ac618a2d823d42247427ca06bbbbf207784e3e84ba904";

/// Reads, writes, seals and opens.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let reading = dotenv::read(text);
    is_in_order(&reading);
    says_only_what_may_be_shown(&reading);
    reads_other_line_ends_alike(text, &reading);
    reads_what_it_writes(&reading);
    opens_what_it_seals(&reading);
    settles_what_is_repeated(reading);
}

fn pairs(reading: &Reading) -> Vec<(&str, &str)> {
    let entries = reading.entries.iter();
    entries
        .map(|entry| (entry.name.as_str(), entry.value.expose()))
        .collect()
}

fn is_in_order(reading: &Reading) {
    assert!(!reading.entries.is_empty() || !reading.problems.is_empty());
    let mut before = 0;
    for entry in &reading.entries {
        assert_eq!(NameFlaw::of(&entry.name), None);
        assert!(!entry.value.expose().contains('\0'));
        assert!(before < entry.line && entry.line <= entry.last_line);
        before = entry.last_line;
    }
    assert!(before <= reading.lines);
    let of_the_whole = |kind: &ProblemKind| *kind == ProblemKind::NoVariables;
    let in_order = |problem: &Problem| (of_the_whole(&problem.kind), problem.line);
    assert!(reading.problems.is_sorted_by_key(in_order));
}

fn says_only_what_may_be_shown(reading: &Reading) {
    for problem in &reading.problems {
        safe::line(&problem.to_string());
    }
    let elsewhere = reading.elsewhere.iter().map(|(_, note)| note);
    let notes = reading.entries.iter().flat_map(|entry| &entry.notes);
    for note in notes.chain(elsewhere) {
        safe::line(&note.to_string());
    }
}

/// Line ends are no part of what is said.
fn reads_other_line_ends_alike(text: &str, reading: &Reading) {
    if !text.contains('\r') {
        let windows = dotenv::read(&text.replace('\n', "\r\n"));
        assert_eq!(pairs(&windows), pairs(reading));
        assert_eq!(windows.problems, reading.problems);
    }
}

fn reads_what_it_writes(reading: &Reading) {
    let line = |(name, value): (&str, &str)| {
        let value = value.replace('\\', r"\\").replace('"', "\\\"");
        format!("{name}=\"{}\"\n", value.replace('\r', r"\r"))
    };
    let written: Vec<_> = pairs(reading).into_iter().map(line).collect();
    let again = dotenv::read(&written.concat());
    assert_eq!(pairs(&again), pairs(reading));
    assert!(again.problems.iter().all(|problem| matches!(
        problem.kind,
        ProblemKind::Duplicate { .. } | ProblemKind::NoVariables
    )));
}

fn opens_what_it_seals(reading: &Reading) {
    static KEY: OnceLock<EnvKey> = OnceLock::new();
    let key = KEY.get_or_init(|| EnvKey::parse(PUBLIC_KEY).expect("a key"));
    let entries: Vec<(String, Secret)> = reading
        .entries
        .iter()
        .map(|entry| (entry.name.clone(), entry.value.clone()))
        .collect();
    let sealed = env_blob::seal(key, &entries).expect("a blob");
    let wanted: Vec<Value> = pairs(reading)
        .into_iter()
        .map(|(name, value)| json!({ "key": name, "value": value }))
        .collect();
    assert_eq!(open(sealed.hex()), json!({ "env": wanted }));
}

/// What the guest does.
fn open(blob: &str) -> Value {
    let mut private = [0; 32];
    hex::decode_to_slice(PRIVATE_KEY, &mut private).expect("a key");
    let blob = hex::decode(blob).expect("hex");
    let (sender, rest) = blob.split_first_chunk::<32>().expect("the sender's key");
    let (nonce, rest) = rest.split_first_chunk::<12>().expect("a nonce");
    let (sealed, tag) = rest.split_last_chunk::<16>().expect("a tag");
    let shared = StaticSecret::from(private).diffie_hellman(&PublicKey::from(*sender));
    let mut text = sealed.to_vec();
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*shared.as_bytes()))
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            &[],
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .expect("it opens");
    serde_json::from_slice(&text).expect("JSON")
}

fn settles_what_is_repeated(reading: Reading) {
    for which in [Keep::First, Keep::Last] {
        let mut settled = reading.clone();
        for entry in &reading.entries {
            settled.keep(&entry.name, which);
        }
        assert!(
            settled
                .problems
                .iter()
                .all(|problem| !problem.kind.needs_decision())
        );
        let mut names: Vec<_> = pairs(&settled).into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|one, next| one < next));
    }
}
