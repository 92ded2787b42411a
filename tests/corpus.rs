//! The inputs that are kept for the fuzz targets, through the bodies of these targets: what a fuzzer once found or
//! reached holds on every machine, without a fuzzer. `tests/fuzz` has the targets.
#![allow(
    clippy::expect_used,
    reason = "a promise that is broken is a panic, here and in the targets"
)]

#[path = "fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::{Path, PathBuf};

/// Runs a body on every input kept for it; the one that breaks it is named.
fn each_input(target: &str, body: fn(&[u8])) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.join("tests/fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder).expect("inputs of the target");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "nothing is kept for {target}");
    for path in paths {
        let input = fs::read(&path).expect("an input");
        let outcome = std::panic::catch_unwind(|| body(&input));
        assert!(outcome.is_ok(), "broken by {}", path.display());
    }
}

#[test]
fn attestations_promise_only_what_was_looked_at() {
    each_input("attestation", bodies::attestation::run);
}

#[test]
fn documents_read_back_as_they_were_written() {
    each_input("compose", bodies::compose::run);
}

#[test]
fn findings_in_compose_files_have_a_place() {
    each_input("compose_file", bodies::compose_file::run);
}

#[test]
fn variables_are_read_written_and_sealed_alike() {
    each_input("dotenv", bodies::dotenv::run);
}

#[test]
fn events_are_read_alike_however_they_are_cut() {
    each_input("stream", bodies::stream::run);
}

#[test]
fn answers_show_no_token() {
    each_input("ticket", bodies::ticket::run);
}
