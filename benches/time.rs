//! Time per turn. The floor is measured between the rounds of every case, so that a busy machine slows both.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cases::{CASES, Case, FLOOR, Turns};

/// Rounds of which the median is taken.
const ROUNDS: usize = 15;
/// About how long a round takes.
const ROUND: Duration = Duration::from_millis(20);

/// Prints the table.
pub fn measure(cases: &[&Case]) -> ExitCode {
    println!(
        "{:32} {:>10} {:>7} {:>7} {:>7}",
        "", "ns/turn", "floor", "ratio", "bytes"
    );
    let mut floor = (CASES
        .iter()
        .find(|case| case.name == FLOOR)
        .expect("the floor")
        .begin)();
    let floor_turns = turns_in_a_round(&mut floor);
    for case in cases {
        let mut turn = (case.begin)();
        turn();
        let turns = turns_in_a_round(&mut turn);
        let mut here = Vec::new();
        let mut below = Vec::new();
        for _ in 0..ROUNDS {
            below.push(round(&mut floor, floor_turns));
            here.push(round(&mut turn, turns));
        }
        let bytes = median((0..100).map(|_| turn()).collect());
        let (here, below) = (median(here), median(below));
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a key")]
        let ratio = here as f64 / below as f64;
        println!(
            "{:32} {here:>10} {below:>7} {ratio:>7.2} {bytes:>7}",
            case.name
        );
    }
    ExitCode::SUCCESS
}

/// The middle one.
pub fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn turns_in_a_round(turn: &mut Turns) -> u32 {
    let start = Instant::now();
    let mut turns = 0;
    while start.elapsed() < ROUND {
        turn();
        turns += 1;
    }
    turns
}

/// Nanoseconds per turn.
fn round(turn: &mut Turns, turns: u32) -> u128 {
    let start = Instant::now();
    for _ in 0..turns {
        turn();
    }
    start.elapsed().as_nanos() / u128::from(turns)
}
