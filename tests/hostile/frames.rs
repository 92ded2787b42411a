//! Every text of every answer full of control bytes, one member at a time: no frame has one of them.
//!
//! By default every fourth member; `HOSTILE=all` takes them all.

use std::collections::BTreeSet;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use phala_wizard::sandbox::Scenario;
use serde_json::Value;

use crate::tour::{Tour, text};

/// What is pressed, and how many seconds pass then.
const WALK: [(&str, u64); 22] = [
    ("i", 0),
    ("<enter>", 0),
    ("<down>", 0),
    ("<up><enter>", 0),
    ("v", 0),
    ("v<enter>", 0),
    ("v", 0),
    ("v<enter>", 0),
    ("<enter>", 0),
    ("c", 0),
    ("c", 0),
    ("v", 0),
    ("v<enter>", 30),
    ("<right><enter>", 240),
    // Every pane, and back to the first one.
    ("<right>", 1),
    ("<right>", 1),
    ("<right>", 1),
    ("c", 1),
    ("<right>", 1),
    ("<right>", 1),
    ("<right>", 6),
    ("<right>", 1),
];

#[test]
fn no_frame_has_a_character_that_a_terminal_would_obey() {
    let clean = walk("", "nothing");
    assert!(clean.last.contains("Running."), "{}", clean.last);
    let mut members = BTreeSet::new();
    for body in &clean.said {
        let answer = serde_json::from_slice(body).unwrap_or_default();
        collect(&answer, &mut members);
    }
    assert!(members.len() > 120, "{}", members.len());
    let all = env::var("HOSTILE").is_ok_and(|wanted| wanted == "all");
    let step = if all { 1 } else { 4 };
    let (names, wholes) = (
        members
            .iter()
            .step_by(step)
            .map(|name| ("* /**", name.as_str())),
        QUESTIONS.iter().map(|question| (*question, "*")),
    );
    let cells: Vec<(&str, &str)> = wholes.chain(names).collect();
    let next = AtomicUsize::new(0);
    let (frames, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some((request, name)) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let fault = format!("[[faults]]\nrequest = '{request}'\ntaint = ['{name}']\n");
                    let walked = walk(&fault, name);
                    frames.fetch_add(walked.frames, Ordering::Relaxed);
                    wrong.lock().unwrap().extend(walked.wrong);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    eprintln!(
        "{} of {} members and {} whole answers, {} frames, {} wrong",
        cells.len() - QUESTIONS.len(),
        members.len(),
        QUESTIONS.len(),
        frames.into_inner(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const QUESTIONS: [&str; 14] = [
    "GET /auth/me",
    "GET /apps",
    "GET /teepods/available",
    "GET /workspaces/*/quotas",
    "GET /apps/*/cvms",
    "GET /apps/*/device-allowlist",
    "GET /cvms/*/compose_file",
    "GET /kms/*/pubkey/*",
    "POST /apps/*/instances",
    "POST /apps/*/is-allowed",
    "GET /cvms/*/state",
    "GET /cvms/*/network",
    "GET /cvms/*/composition",
    "GET /cvms/*/attestation",
];

struct Walked {
    said: Vec<Vec<u8>>,
    frames: usize,
    last: String,
    wrong: Vec<String>,
}

fn walk(fault: &str, name: &str) -> Walked {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let story = format!("sentence = ''\n{fault}");
        let mut you = Box::pin(Tour::telling(Scenario::parse("hostile", &story).unwrap())).await;
        let mut walked = Walked {
            said: Vec::new(),
            frames: 0,
            last: String::new(),
            wrong: Vec::new(),
        };
        for (keys, seconds) in WALK {
            you.press(keys).await;
            walked.look(&you, name);
            for _ in 0..seconds.min(2) {
                you.wait(1).await;
                walked.look(&you, name);
            }
            you.wait(seconds.saturating_sub(2)).await;
            walked.look(&you, name);
        }
        walked.said = you.said();
        walked.last = text(&you.frame(110, 40));
        walked
    })
}

impl Walked {
    fn look(&mut self, you: &Tour, name: &str) {
        let frame = you.frame(110, 40);
        self.frames += 1;
        let symbols = frame
            .content()
            .iter()
            .flat_map(|cell| cell.symbol().chars());
        let words = you.words();
        let found = symbols.chain(words.chars()).find(|c| steers(*c));
        if let Some(found) = found {
            self.wrong
                .push(format!("{name}: {found:?} in\n{}", text(&frame)));
        }
    }
}

/// Characters that move the cursor, start a sequence, turn the direction of writing, or are there and not seen.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{E0000}'..='\u{E007F}')
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(members) => {
            for (name, member) in members {
                if !name.contains(['\'', '\n']) {
                    into.insert(name.clone());
                }
                collect(member, into);
            }
        }
        _ => (),
    }
}
