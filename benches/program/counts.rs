//! Instructions of whole programs: to say a version, and from start to quit in a terminal.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use super::{FLOOR_IS_THERE, USUAL, WIZARD, WIZARD_IS_THERE, floor};
use crate::harness::{End, Program, Pty};

/// One figure.
pub struct Count {
    pub name: &'static str,
    /// Millions of instructions.
    pub cost: f64,
    /// The most it may be.
    pub limit: Option<f64>,
}

/// What whole programs take, the floor first.
pub fn counts() -> Vec<Count> {
    let count = |name, limit, cost| Count { name, cost, limit };
    let floor = floor().display().to_string();
    vec![
        count(
            "floor: start to quit",
            None,
            in_a_terminal(&[&floor, "list"], FLOOR_IS_THERE, "q"),
        ),
        count(
            "start to quit",
            Some(15.0),
            in_a_terminal(&[WIZARD], WIZARD_IS_THERE, "\x03"),
        ),
        count("--version", Some(1.0), alone("--version")),
        count("--help", Some(1.0), alone("--help")),
    ]
}

fn alone(option: &str) -> f64 {
    let file = file();
    let status = Command::new("valgrind")
        .args(valgrind(&file))
        .args([WIZARD, option])
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("valgrind").success(), "{option}");
    sum(&file)
}

/// How often a program is begun and left: answers from outside come a little earlier or later, and cost a frame more.
const TIMES: usize = 3;

/// The least of some runs.
fn in_a_terminal(program: &[&str], words: &str, quit: &str) -> f64 {
    let runs = (0..TIMES).map(|_| once_in_a_terminal(program, words, quit));
    runs.fold(f64::INFINITY, f64::min)
}

fn once_in_a_terminal(program: &[&str], words: &str, quit: &str) -> f64 {
    let file = file();
    let options = valgrind(&file);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let program = Program::other("valgrind", &[&options[..], program].concat());
    let mut pty = Pty::start(USUAL, &program);
    pty.wait_for(words);
    pty.keys(quit);
    let end = pty.wait_for_end();
    // The wizard says by 3 that nobody had signed in.
    assert!(matches!(end, End::Code(0 | 3)), "{end:?}");
    sum(&file)
}

fn file() -> String {
    let name = format!("phala-wizard-callgrind.{}", std::process::id());
    env::temp_dir().join(name).display().to_string()
}

/// The options of valgrind before the program.
pub fn valgrind(file: &str) -> [String; 3] {
    [
        "--tool=callgrind".to_owned(),
        "--quiet".to_owned(),
        format!("--callgrind-out-file={file}"),
    ]
}

/// Millions of instructions, as callgrind sums them up at the end of its file.
pub fn sum(file: &str) -> f64 {
    let counts = fs::read_to_string(file).expect("what callgrind wrote");
    let _ = fs::remove_file(file);
    let sum = counts.lines().find_map(|line| {
        line.strip_prefix("summary: ")
            .or(line.strip_prefix("totals: "))
    });
    let sum = sum.and_then(|sum| sum.split_whitespace().next()?.parse::<f64>().ok());
    sum.expect("a sum") / 1e6
}
