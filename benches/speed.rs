//! How long a key takes, beside the least it could take.
//!
//! - `cargo bench`: time per turn, ratio to the floor and bytes written, for every case; then the whole program, from
//!   its first frame to what it does when nothing is pressed
//! - `cargo bench -- --instructions`: instructions per turn and of the whole program, counted by callgrind
//! - `cargo bench -- --program`: the whole program only; of it `start`, `cycle`, `screens` or `shocks`, where named
//! - `cargo bench -- --check`: the same of a handful, compared with their limits and with the last time; CI does this
//! - `cargo bench -- --smoke`, `cargo test --bench speed`: every case once, nothing measured

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::pedantic,
    clippy::collapsible_if,
    missing_docs,
    reason = "a program for us, run by hand"
)]

#[cfg(unix)]
mod cases;
#[cfg(unix)]
#[path = "../tests/support/cloud.rs"]
mod cloud;
#[cfg(unix)]
mod counted;
#[cfg(unix)]
#[path = "../tests/support/flood.rs"]
mod flood;
#[cfg(unix)]
#[path = "floor/list.rs"]
mod floor;
#[cfg(unix)]
#[path = "../tests/pty/harness.rs"]
#[allow(dead_code, reason = "less of it is needed here than in the tests")]
mod harness;
#[cfg(unix)]
mod instructions;
#[cfg(unix)]
#[path = "../tests/support/journey.rs"]
mod journey;
#[cfg(unix)]
mod program;
#[cfg(unix)]
#[path = "../tests/support/service.rs"]
#[allow(dead_code, reason = "less of it is needed here than in the tests")]
mod service;
#[cfg(unix)]
mod time;
#[cfg(unix)]
#[path = "../tests/support/typed.rs"]
mod typed;

#[cfg(unix)]
use std::env;
#[cfg(unix)]
use std::process::ExitCode;

#[cfg(unix)]
use cases::{CASES, Case};

/// What is measured has a terminal of Unix.
#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let given = |option: &str| arguments.iter().any(|argument| argument == option);
    let words: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    if let (true, [name, turns]) = (given("--turns"), &words[..]) {
        let turns = turns.parse().expect("a number of turns");
        return run(name, turns);
    }
    let wanted: Vec<&Case> = CASES
        .iter()
        .filter(|case| words.is_empty() || words.iter().any(|word| case.name.contains(*word)))
        .collect();
    if given("--check") {
        instructions::check()
    } else if given("--instructions") {
        instructions::count(&wanted, words.is_empty())
    } else if given("--program") {
        program::measure(&words);
        ExitCode::SUCCESS
    } else if given("--bench") && !given("--smoke") {
        let end = time::measure(&wanted);
        if words.is_empty() {
            program::measure(&[]);
        }
        end
    } else {
        smoke(&wanted)
    }
}

#[cfg(unix)]
/// Takes so many turns and says nothing: what callgrind watches.
fn run(name: &str, turns: u32) -> ExitCode {
    let case = CASES.iter().find(|case| case.name == name);
    let mut turn = (case.expect("a case of this name").begin)();
    for _ in 0..turns {
        turn();
    }
    ExitCode::SUCCESS
}

#[cfg(unix)]
/// Every case for a few turns; those with a limit on bytes keep it.
fn smoke(cases: &[&Case]) -> ExitCode {
    for case in cases {
        let mut turn = (case.begin)();
        let first = turn();
        assert!(first > 0, "{}: nothing was drawn", case.name);
        let bytes = time::median((0..10).map(|_| turn()).collect());
        if let Some((_, limit)) = case.limit {
            if bytes > limit {
                println!("{}: {bytes} bytes, limit {limit}", case.name);
            }
        }
        println!("ok  {}", case.name);
    }
    ExitCode::SUCCESS
}
