//! Instructions per turn: the same on a busy machine, so a limit can be a limit.
//!
//! Callgrind runs this program twice for every case, once with twice the turns. The difference is what the turns
//! cost, and the way to the first of them is in neither.

use std::env;
use std::fs;
use std::process::{Command, ExitCode, Stdio};

use crate::cases::Case;

/// Turns of the shorter run. The cursor's way is a circle of 200 keys.
const TURNS: u64 = 200;

/// Prints the table. Fails where a case is over its limit; without valgrind it says so and measures nothing.
pub fn count(cases: &[&Case]) -> ExitCode {
    let is_there = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !is_there.is_ok_and(|status| status.success()) {
        println!("valgrind is not installed: no instructions are counted");
        return ExitCode::SUCCESS;
    }
    println!("{:32} {:>12} {:>7}", "", "M instr/turn", "limit");
    let mut end = ExitCode::SUCCESS;
    for case in cases {
        let turns = if case.name.contains("KiB") {
            TURNS / 10
        } else {
            TURNS
        };
        let cost = total(case.name, 2 * turns) - total(case.name, turns);
        #[expect(clippy::cast_precision_loss, reason = "a few millions")]
        let cost = cost as f64 / turns as f64 / 1e6;
        let limit = case.limit.map(|(limit, _)| limit);
        let shown = limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        println!("{:32} {cost:>12.2} {shown:>7}", case.name);
        if limit.is_some_and(|limit| cost > limit) {
            println!("    over its limit");
            end = ExitCode::FAILURE;
        }
    }
    end
}

/// All instructions of a run, as callgrind sums them up at the end of its file.
fn total(name: &str, turns: u64) -> u64 {
    let file = env::temp_dir().join(format!("phala-wizard-callgrind.{}", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().expect("this program"))
        .args(["--turns", name, &turns.to_string()])
        .status()
        .expect("valgrind");
    assert!(status.success(), "{name} under callgrind");
    let counts = fs::read_to_string(&file).expect("what callgrind wrote");
    let _ = fs::remove_file(&file);
    let sum = counts
        .lines()
        .find_map(|line| line.strip_prefix("summary: "));
    sum.and_then(|sum| sum.trim().parse().ok()).expect("a sum")
}
