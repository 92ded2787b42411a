//! How long it takes until the first frame is complete, in pairs with the floor.

use std::time::{Duration, Instant};

use super::process::{Work, kib};
use super::{FLOOR_IS_THERE, USUAL, WIZARD, WIZARD_IS_THERE, floor};
use crate::harness::{Program, Pty};
use crate::time::median;

const PAIRS: usize = 15;

struct Start {
    took: Duration,
    cpu: Duration,
    bytes: usize,
    held: u64,
}

/// Prints the table.
pub fn measure() {
    println!(
        "\n{:32} {:>8} {:>8} {:>7} {:>8}",
        "first complete frame", "ms", "CPU ms", "bytes", "RSS KiB"
    );
    let list = Program::other(floor(), &["list"]);
    let wizard = Program::other(WIZARD, &[]);
    let (mut below, mut here) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        below.push(start(&list, FLOOR_IS_THERE, "q"));
        here.push(start(&wizard, WIZARD_IS_THERE, "\x03"));
    }
    print("floor", &below);
    print("phala-wizard", &here);
    let middle = |starts: &[Start], of: fn(&Start) -> Duration| {
        median(starts.iter().map(of).collect()).as_secs_f64()
    };
    println!(
        "{:32} {:>8.2} {:>8.2}   (limit of the first 1.5)",
        "ratio",
        middle(&here, |start| start.took) / middle(&below, |start| start.took),
        middle(&here, |start| start.cpu) / middle(&below, |start| start.cpu),
    );
}

fn start(program: &Program, words: &str, quit: &str) -> Start {
    let begin = Instant::now();
    let mut pty = Pty::start(USUAL, program);
    pty.wait_for(words);
    let took = begin.elapsed();
    let start = Start {
        took,
        cpu: Work::of(pty.pid()).since(&Work::default()).cpu,
        bytes: pty.raw().len(),
        held: kib(pty.pid(), "status", "VmRSS").unwrap_or(0),
    };
    pty.keys(quit);
    pty.wait_for_end();
    start
}

fn print(name: &str, starts: &[Start]) {
    let milliseconds =
        |of: fn(&Start) -> Duration| median(starts.iter().map(of).collect()).as_secs_f64() * 1e3;
    println!(
        "{name:32} {:>8.2} {:>8.2} {:>7} {:>8}",
        milliseconds(|start| start.took),
        milliseconds(|start| start.cpu),
        median(starts.iter().map(|start| start.bytes).collect()),
        median(starts.iter().map(|start| start.held).collect()),
    );
}
