//! Instructions: the same on a busy machine, so a limit can be a limit.
//!
//! Callgrind runs this program twice for every case, once with twice the turns. The difference is what the turns
//! cost, and the way to the first of them is in neither. Whole programs are counted from start to end.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::process::{Command, ExitCode, Stdio};

use crate::cases::{CASES, Case};
use crate::program::{Count, counts};

/// Turns of the shorter run. The cursor's way is a circle of 200 keys.
const TURNS: u32 = 200;

/// What a change is checked by, and how many turns of it: few, so that it takes a minute.
const CHECKED: [(&str, u32); 4] = [
    (crate::cases::FLOOR, 10),
    ("apps: cursor in 5,000", 10),
    ("key field: a letter", 10),
    ("Live 120x40", 10),
];

/// How much more than the last time is too much.
const TOLERANCE: f64 = 1.1;

/// What the check counted when somebody last agreed to it, in millions.
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/baseline.toml");

/// Prints the table of these cases and of whole programs. Fails where one is over its limit; without valgrind it says
/// so and counts nothing.
pub fn count(cases: &[&Case], with_programs: bool) -> ExitCode {
    if !has_valgrind() {
        println!("valgrind is not installed: no instructions are counted");
        return ExitCode::SUCCESS;
    }
    println!("{:32} {:>12} {:>7}", "", "M instr", "limit");
    let mut is_over = false;
    let turned = cases.iter().map(|case| {
        let is_large = case.name.contains("KiB");
        of_turns(case, if is_large { TURNS / 10 } else { TURNS })
    });
    let programs = with_programs.then(counts).into_iter().flatten();
    for count in turned.chain(programs) {
        let limit = count
            .limit
            .map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        println!("{:32} {:>12.2} {limit:>7}", count.name, count.cost);
        if count.limit.is_some_and(|limit| count.cost > limit) {
            println!("    over its limit");
            is_over = true;
        }
    }
    if is_over {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Counts what a change is checked by, and compares it with the limits and with the last time. `UPDATE_BASELINE=1`
/// writes that anew. Without valgrind it fails: a check that counts nothing would always hold.
pub fn check() -> ExitCode {
    if !has_valgrind() {
        println!("valgrind is not installed, and the instructions cannot be counted without it");
        return ExitCode::FAILURE;
    }
    let turned = CHECKED.map(|(name, turns)| {
        let case = CASES.iter().find(|case| case.name == name);
        of_turns(case.expect("a case of this name"), turns)
    });
    let counted: Vec<Count> = turned.into_iter().chain(counts()).collect();
    if env::var_os("UPDATE_BASELINE").is_some() {
        fs::write(BASELINE, written(&counted)).expect("the baseline");
        println!("written: {BASELINE}");
    }
    let text = fs::read_to_string(BASELINE).unwrap_or_default();
    let before: BTreeMap<String, f64> = toml::from_str(&text).expect("the baseline");
    println!("{:32} {:>8} {:>8} {:>7}", "", "M instr", "before", "limit");
    let mut wrong = 0;
    for count in &counted {
        let last = before.get(count.name);
        let limit = limit(count, last).map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        let last_shown = last.map_or_else(|| "-".to_owned(), |last| format!("{last:.3}"));
        println!(
            "{:32} {:>8.3} {last_shown:>8} {limit:>7}",
            count.name, count.cost
        );
        for problem in problems(count, last) {
            println!("    {problem}");
            wrong += 1;
        }
    }
    if wrong > 0 {
        println!("where that is as it should be: UPDATE_BASELINE=1, and say why in the commit");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn problems(count: &Count, last: Option<&f64>) -> Vec<&'static str> {
    let is_over = limit(count, last).is_some_and(|limit| count.cost > limit);
    let of_last = match last {
        None => Some("it has no baseline"),
        Some(last) if count.cost > last * TOLERANCE => Some("more than a tenth above the baseline"),
        Some(_) => None,
    };
    let over = is_over.then_some("over its limit");
    over.into_iter().chain(of_last).collect()
}

/// The limits are about the program that people get. A build without optimisation is held to those that it could keep
/// the last time, and beyond that to the baseline alone.
fn limit(count: &Count, last: Option<&f64>) -> Option<f64> {
    let could_keep = |limit: &f64| last.is_none_or(|last| last <= limit);
    let is_held = |limit: &f64| cfg!(not(debug_assertions)) || could_keep(limit);
    count.limit.filter(is_held)
}

fn written(counted: &[Count]) -> String {
    let mut text = String::from(
        "# Millions of instructions, counted by `.ci/run` in the build that it makes.\n\
         # UPDATE_BASELINE=1 writes it anew.\n",
    );
    for count in counted {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\"{}\" = {:.3}", count.name, count.cost);
    }
    text
}

fn has_valgrind() -> bool {
    let mut version = Command::new("valgrind");
    let status = version.arg("--version").stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// What a turn of a case takes.
fn of_turns(case: &Case, turns: u32) -> Count {
    let cost = total(case.name, 2 * turns) - total(case.name, turns);
    Count {
        name: case.name,
        cost: cost / f64::from(turns),
        limit: case.limit.map(|(limit, _)| limit),
    }
}

/// Millions of instructions of a whole run.
fn total(name: &str, turns: u32) -> f64 {
    let file = env::temp_dir().join(format!("phala-wizard-turns.{}", std::process::id()));
    let file = file.display().to_string();
    let status = Command::new("valgrind")
        .args(crate::program::valgrind(&file))
        .arg(env::current_exe().expect("this program"))
        .args(["--turns", name, &turns.to_string()])
        .status()
        .expect("valgrind");
    assert!(status.success(), "{name} under callgrind");
    crate::program::sum(&file)
}
