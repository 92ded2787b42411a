//! A container that writes more lines than anybody can read: what is kept has a bound, and keys answer as ever.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a panic here is a message to us"
)]

#[path = "support/cloud.rs"]
mod cloud;
#[path = "support/flood.rs"]
mod flood;
#[allow(dead_code, reason = "half of what it can is enough here")]
#[path = "pty/harness.rs"]
mod harness;
#[path = "support/journey.rs"]
mod journey;
#[path = "support/typed.rs"]
mod typed;

use std::fs;
use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;
use flood::Watch;
use harness::{End, Program, Pty, Size};
use phala_wizard::theme::Theme;
use phala_wizard::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Lines of a minute, as the sandbox's flood writes them, and how many of them come at once.
const MINUTE: usize = 600_000;
const AT_ONCE: usize = 500;
/// Lines that fill a log, of which not everything is kept.
const FULL: usize = 60_000;

/// How many times as long a key may take as without the flood.
const FACTOR: u32 = 4;

/// Most lines and bytes of text that are kept of one log.
const MOST_LINES: usize = 50_000;
const MOST_BYTES: usize = 4 << 20;

/// What is pressed, again and again: up, to the next hit, through all four logs and back, and a search for more; and
/// whether it is a letter of the search. Such a letter looks at every line that is kept, whatever else is pressed at
/// none.
const KEYS: [(&str, bool); 3] = [
    ("<up><pgup><down>nN<pgup><tab><tab><tab><tab><pgdn>/", false),
    ("/<back>", true),
    ("<enter>", false),
];

/// A megabyte, in what `/proc` counts in.
const MEGABYTE: u64 = 1024;

#[test]
fn a_minute_of_it_is_kept_within_bounds_and_keys_answer_as_ever() {
    let mut watches = [(); 3].map(|()| Box::new(Watch::new()));
    watches[0].hears(AT_ONCE);
    watches[1].hears(FULL);
    for watch in &mut watches {
        watch.presses("/items<enter>");
    }
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    let keys = KEYS.iter().flat_map(|(keys, searches)| {
        let keys = typed::parse(keys).into_iter();
        keys.map(|key| (key, *searches))
    });
    let keys: Vec<(KeyEvent, bool)> = keys.collect();
    let mut pressed: Vec<Times> = keys.iter().map(|_| Times::default()).collect();
    let mut turn = (0..keys.len()).cycle();
    let mut batches = 0;
    while watches[2].heard() < MINUTE {
        watches[2].hears(AT_ONCE);
        batches += 1;
        if batches % 8 > 0 && watches[2].is_heard() {
            continue;
        }
        let at = turn.next().expect("turns without an end");
        let (key, searches) = keys[at];
        let took = watches.each_mut().map(|watch| {
            let start = Instant::now();
            watch.key(key);
            terminal
                .draw(|frame| ui::draw(&watch.journey.wizard, &Theme::default(), frame))
                .expect("drawing into memory");
            start.elapsed()
        });
        let quiet = if searches { took[1] } else { took[0] };
        pressed[at].quiet.push(quiet);
        pressed[at].flooded.push(took[2]);
    }
    let rows = watches[2].journey.wizard.log_after(0);
    let bytes: usize = rows.iter().map(|row| row.text.as_str().len()).sum();
    println!("kept: {} lines, {bytes} bytes of text", rows.len());
    assert!(rows.len() <= MOST_LINES && bytes <= MOST_BYTES);
    assert_eq!(rows.last().map(|row| row.number), Some(MINUTE as u64));
    for ((key, _), times) in keys.iter().zip(pressed) {
        let (quiet, flooded) = times.medians();
        println!("{:?}: {quiet:?}, in the flood {flooded:?}", key.code);
        assert!(
            flooded <= quiet * FACTOR,
            "{key:?}: {quiet:?}, in the flood {flooded:?}"
        );
    }
}

/// What one key took.
#[derive(Default)]
struct Times {
    quiet: Vec<Duration>,
    flooded: Vec<Duration>,
}

impl Times {
    fn medians(self) -> (Duration, Duration) {
        let median = |mut times: Vec<Duration>| {
            times.sort_unstable();
            times[times.len() / 2]
        };
        (median(self.quiet), median(self.flooded))
    }
}

/// Ten thousand lines a second, and time three times as fast, in a real terminal.
#[test]
fn the_program_answers_keys_in_it_and_does_not_grow() {
    let arguments = [
        "watch",
        "orders-api-1",
        "--sandbox",
        "flood",
        "--speed",
        "3",
    ];
    let mut pty = Pty::start(Size(120, 40), &Program::new(&arguments));
    pty.wait_for("L logs");
    pty.keys("L");
    pty.wait_for("4 api");
    pty.keys("4");
    let begun = frames(&pty);
    let mut kept = Vec::new();
    for lines in [100_000, 200_000, 300_000] {
        until(&mut pty, lines);
        pty.keys("?");
        let is_help = |pty: &Pty| pty.screen().contains("These keys work here");
        // The last row is drawn last.
        pty.wait_until("help", |pty| {
            is_help(pty) && pty.screen().contains("Esc close")
        });
        pty.keys("\x1b");
        pty.wait_until("the log again", |pty| !is_help(pty) && came(pty).is_some());
        kept.push(resident(&pty));
    }
    let lines = came(&pty).expect("a number of lines");
    let frames = frames(&pty) - begun;
    let bytes = pty.raw().len();
    println!("{lines} lines, {frames} frames, {bytes} bytes; resident: {kept:?} kB");
    assert!(
        frames as u64 * 100 < lines,
        "{frames} frames of {lines} lines"
    );
    assert!(kept[2] < 200 * MEGABYTE, "{kept:?}");
    assert!(kept[2] < kept[1] + kept[1] / 10, "{kept:?}");
    pty.keys("\x03");
    pty.wait_for("Stay");
    pty.keys("\x1b[C\r");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

/// Waits until so many lines came.
fn until(pty: &mut Pty, lines: u64) {
    // Each is waited for with a deadline of its own, so that a slow machine only has to go on.
    for some in (0..=lines).step_by(10_000) {
        pty.wait_until(&format!("{some} lines"), |pty| came(pty) >= Some(some));
    }
}

/// How many lines came, as the page says.
fn came(pty: &Pty) -> Option<u64> {
    let rows = pty.rows();
    let note = rows.iter().find(|row| row.contains(" kept, the first "))?;
    let (before, _) = note.split_once(" lines, ")?;
    let digits = before.rsplit(' ').next()?.replace(',', "");
    digits.parse().ok()
}

/// Every frame ends with the cursor, hidden or shown.
fn frames(pty: &Pty) -> usize {
    let raw = pty.raw();
    raw.matches("\x1b[?25l").count() + raw.matches("\x1b[?25h").count()
}

/// Kilobytes of memory that the program has.
fn resident(pty: &Pty) -> u64 {
    let path = format!("/proc/{}/status", pty.pid().as_raw_nonzero());
    let status = fs::read_to_string(path).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    number.expect("a line").parse().expect("a number")
}
