//! Everything the program asks, met by everything that can go wrong with it: the real binary without a screen, over
//! real sockets, against a sandbox that counts what is made.
//!
//! A cell is one question and one fault. Whatever happens in it, the program ends by itself, with a code that is true,
//! after at most one request that could create. Every third cell runs in every run; `MATRIX=every` is all of them, and
//! `MATRIX=all` also waits out what these cut short by a signal. `MATRIX='commit/reset'` is the cells whose names begin
//! like this, with all they said.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[path = "matrix/cards.rs"]
mod cards;
#[path = "matrix/cell.rs"]
mod cell;
#[path = "support/cloud.rs"]
mod cloud;
#[path = "matrix/doubled.rs"]
mod doubled;
#[path = "matrix/faults.rs"]
mod faults;
#[path = "pty/harness.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod harness;
#[path = "support/inside.rs"]
mod inside;
#[path = "support/journey.rs"]
mod journey;
#[path = "matrix/judge.rs"]
mod judge;
#[path = "matrix/members.rs"]
mod members;
#[path = "matrix/questions.rs"]
mod questions;
#[path = "matrix/statuses.rs"]
mod statuses;
#[path = "end_to_end/tap.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod tap;
#[path = "support/typed.rs"]
mod typed;

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cell::{Cell, Ran};
use faults::{FAULTS, Fault};
use questions::QUESTIONS;

/// Cells at the same time: nearly all of a cell is waiting.
const AT_ONCE: usize = 100;

/// One cell of so many where nobody says otherwise: each question still meets a third of the faults, and each fault a
/// third of the questions.
const ONE_OF: usize = 3;

#[test]
fn whatever_goes_wrong_with_any_question_the_end_is_true_and_nothing_is_made_twice() {
    let wanted = env::var("MATRIX").unwrap_or_default();
    let waits = wanted == "all";
    let mut cells: Vec<Cell> = QUESTIONS
        .iter()
        .flat_map(|question| FAULTS.iter().map(move |fault| (question, fault)))
        .filter(|(question, fault)| fault.fits(question))
        .map(|(question, fault)| Cell::new(question, fault, waits))
        .enumerate()
        .filter(|(number, cell)| match wanted.as_str() {
            "" => number.is_multiple_of(ONE_OF),
            "every" | "all" => true,
            name => cell.name().starts_with(name),
        })
        .map(|(_, cell)| cell)
        .collect();
    assert!(!cells.is_empty(), "no cell begins with {wanted}");
    // What takes longest begins first.
    cells.sort_by_key(|cell| !cell.fault.stalls());
    let over = run_all(&cells);
    let mut codes: BTreeMap<&str, BTreeMap<i32, Vec<&str>>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (cell, ran) in &over {
        let of_question = codes.entry(cell.question.name).or_default();
        let code = ran.code.unwrap_or(-1);
        of_question.entry(code).or_default().push(cell.fault.name);
        if let Err(why) = judge::judge(cell, ran) {
            wrong.push(format!("{}: {why}\n{ran}", cell.name()));
        }
        if !matches!(wanted.as_str(), "" | "every" | "all") {
            eprintln!("{}\n{ran}", cell.name());
        }
    }
    for (question, codes) in &codes {
        for (code, faults) in codes {
            eprintln!("{question:>22} ends with {code:>3}: {}", faults.join(", "));
        }
    }
    eprintln!(
        "{} cells: {} questions, {} faults; {} wrong",
        over.len(),
        QUESTIONS.len(),
        FAULTS.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Runs them all, many at a time.
fn run_all(cells: &[Cell]) -> Vec<(&Cell, Ran)> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let next = AtomicUsize::new(0);
    let over: Mutex<Vec<(&Cell, Ran)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = cell.run(&runtime);
                    over.lock().unwrap().push((cell, ran));
                }
            });
        }
    });
    over.into_inner().unwrap()
}

/// Every pattern of a question is one that a run really asks, or its cells would prove nothing.
#[test]
fn every_question_of_the_matrix_is_asked() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for question in QUESTIONS {
        let ran = Cell::new(question, &Fault::NONE, true).run(&runtime);
        let code = ran.code;
        let sent = ran.sent.iter().any(|sent| question.is(sent));
        assert!(sent, "{} is not asked: {ran}", question.name);
        assert!(code == Some(question.best()), "{}: {ran}", question.name);
    }
}
