//! The cells of what prepares and what creates once more, on the screen: the card is the right one, the code that one
//! leaves with too, and the terminal is given back.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::Runtime;

use crate::cell::{Cell, KEY};
use crate::faults::{FAULTS, Leaves};
use crate::harness::{End, Program, Pty, Size};
use crate::questions::{QUESTIONS, Stage, Story};
use crate::tap::Sent;

/// Walks at the same time.
const AT_ONCE: usize = 8;

/// From the list of apps to the review, everything kept.
const FORM: [(&str, &str); 4] = [
    ("What should it run?", "\r"),
    ("Which values shall", "\r"),
    ("Script that runs", "\r"),
    ("Nothing was sent yet", "\r"),
];

#[test]
fn the_card_is_the_right_one_and_the_terminal_is_given_back() {
    let wanted = env::var("MATRIX").unwrap_or_default();
    let questions = ["prepare", "commit", "create-at-once"];
    let cells: Vec<Cell> = QUESTIONS
        .iter()
        .filter(|question| questions.contains(&question.name))
        .enumerate()
        .flat_map(|(row, question)| {
            let faults = FAULTS.iter().filter(|it| it.fits(question) && !it.stalls());
            faults.enumerate().map(move |(column, fault)| {
                let is_third = (row + column) % 3 == 0;
                (is_third, Cell::new(question, fault, false))
            })
        })
        .filter(|(is_third, cell)| match wanted.as_str() {
            "" => *is_third,
            "all" => true,
            one => cell.name().starts_with(one),
        })
        .map(|(_, cell)| cell)
        .collect();
    let runtime = Runtime::new().unwrap();
    let next = AtomicUsize::new(0);
    let wrong: Mutex<Vec<String>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if catch_unwind(AssertUnwindSafe(|| walk(cell, &runtime))).is_err() {
                        wrong.lock().unwrap().push(cell.name());
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    eprintln!("{} cards", cells.len());
    assert!(wrong.is_empty(), "MATRIX={}", wrong.join(", MATRIX="));
}

fn walk(cell: &Cell, runtime: &Runtime) {
    let (_, address, record) = cell.world(runtime);
    // With a theme of its choice it asks the terminal nothing.
    let program = Program::new(&["--theme", "dark"])
        .with("PHALA_CLOUD_API_KEY", KEY)
        .with(
            "PHALA_CLOUD_API_PREFIX",
            &format!("http://{address}/api/v1"),
        );
    let mut pty = Pty::start(Size(100, 40), &program);
    let (app, node) = match cell.question.story {
        Story::AtOnce => ("/kv-cache\r", "/prod15\r"),
        _ => ("/orders-api\r", "/prod5\r"),
    };
    let first = [("status-page", app), ("prod18", node)];
    let confirmation = ("noted", "\x1b[C\r");
    let confirms = cell.question.stage == Stage::Creates;
    let rest = confirms.then_some(confirmation);
    for (words, keys) in first.into_iter().chain(FORM).chain(rest) {
        pty.wait_for(words);
        pty.keys(keys);
    }
    let (words, code) = card(cell);
    pty.wait_for(words);
    if let (Some(status), Leaves::No) = (cell.fault.status, cell.fault.leaves) {
        pty.wait_for(&format!("HTTP {status}"));
    }
    pty.keys("\x03\x03");
    let end = pty.wait_for_end();
    assert_eq!(end, End::Code(code), "{}: {}", cell.name(), pty.screen());
    pty.assert_given_back();
    let raw = without_titles(&pty.raw());
    let obeyed = ["\x1b]", "\x07", "\u{9b}", "\u{202e}"];
    let found = obeyed.iter().find(|bytes| raw.contains(**bytes));
    assert_eq!(found, None, "{}", cell.name());
    let creating = record.requests().into_iter().filter(Sent::creates);
    let commits = creating.filter(Sent::commits).count();
    assert!(commits <= 1, "{commits} commits");
}

/// What was written, without the window's titles: those are ours, and end where they end.
fn without_titles(raw: &str) -> String {
    let mut pieces = raw.split("\x1b]2;phala-wizard");
    let mut rest = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(['\x07', '\x1b']).expect("a title ends");
        rest.push_str(piece[end..].trim_start_matches(['\x07']));
    }
    rest
}

/// What the screen says, and the exit code of who leaves there.
fn card(cell: &Cell) -> (&'static str, u32) {
    let fault = cell.fault;
    let at_once = cell.question.story == Story::AtOnce;
    match (cell.question.stage, fault.leaves, fault.status) {
        (_, Leaves::No, Some(401)) if at_once => ("does not accept this key", 130),
        (Stage::Creates, Leaves::No, Some(401)) => ("does not accept this key", 5),
        (_, Leaves::No, Some(401)) => ("does not accept this key", 130),
        (Stage::Prepares, Leaves::Answer, _) if fault.name == "control-bytes" => {
            ("Preparing again is free", 130)
        }
        (Stage::Prepares, Leaves::Answer, _) => ("Create this instance?", 5),
        (Stage::Prepares, ..) => ("Preparing again is free", 130),
        // An id that is a number where a text belongs is read all the same.
        (_, Leaves::Answer, _) => ("Running.", 0),
        (Stage::Creates, ..) if fault.name == "types" => ("Running.", 0),
        (_, _, Some(404 | 410 | 466 | 467 | 468)) if at_once => ("Nothing was created", 130),
        (_, Leaves::TokenDead, _) => ("The token is no longer good.", 6),
        (_, Leaves::NotRegistered, Some(467)) => ("does not prove the registration", 5),
        (_, Leaves::NotRegistered, _) => ("The contract says no.", 5),
        (_, Leaves::No, Some(402)) => ("Nothing was created", 9),
        (_, Leaves::No, _) if at_once => ("Nothing was created", 130),
        (_, Leaves::No, _) => ("Nothing was created", 5),
        (_, Leaves::Unclear, _) => ("It may or may not exist", 7),
    }
}
