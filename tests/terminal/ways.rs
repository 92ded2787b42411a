//! The ways out of a screen, and what has to be true after each.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::runtime::Runtime;

use crate::harness::{End, Program, Pty, Size};
use crate::screens::Screen;

const WIZARD: &str = env!("CARGO_BIN_EXE_phala-wizard");

/// Most CPU that the end may cost, debug build and last words included. What spins for its last half second needs more.
const LAST_WORDS: Duration = Duration::from_millis(350);

/// A way out.
pub struct Way {
    pub name: &'static str,
    how: How,
}

enum How {
    /// Ctrl-C, and once more where it asks.
    Keys,
    /// A signal that it answers with a receipt.
    Leaves(Signal),
    /// A signal that ends it at once.
    Ends(Signal, &'static str),
    /// Stopped, continued, and left then.
    Stops,
    /// The window is closed, and the system says so.
    HangsUp,
    /// The window is closed, and nobody says so.
    Vanishes,
}

const fn way(name: &'static str, how: How) -> Way {
    Way { name, how }
}

pub const WAYS: &[Way] = &[
    way("ctrl-c", How::Keys),
    way("term", How::Leaves(Signal::TERM)),
    way("hup", How::Leaves(Signal::HUP)),
    way("int", How::Leaves(Signal::INT)),
    way("quit", How::Ends(Signal::QUIT, "Quit")),
    way("stop", How::Stops),
    way("hang-up", How::HangsUp),
    way("vanish", How::Vanishes),
];

impl Way {
    /// Goes to the screen and leaves it this way.
    pub fn take(&self, screen: &Screen, runtime: &Runtime) {
        let world = screen.world(runtime);
        let start = |program: Program| {
            let mut pty = Pty::start(Size(100, 30), &Screen::in_world(program, world));
            screen.reach(&mut pty);
            pty
        };
        match &self.how {
            How::Keys => {
                let mut pty = start(Program::new(&[]));
                pty.keys("\x03\x03");
                given_back(&mut pty, &End::Code(screen.code));
            }
            How::Leaves(signal) => {
                let mut pty = start(Program::new(&[]));
                pty.signal(*signal);
                given_back(&mut pty, &End::Code(screen.code));
            }
            How::Ends(signal, name) => {
                let mut pty = start(Program::new(&[]));
                pty.signal(*signal);
                let end = pty.wait_for_end();
                assert!(
                    matches!(&end, End::Signal(by) if by.starts_with(name)),
                    "{end:?}"
                );
                pty.assert_given_back();
            }
            How::Stops => {
                let script =
                    "set -m; \"$0\"; echo it stopped; read answer; fg; echo it ended with $?";
                let mut pty = start(Program::other("sh", &["-c", script, WIZARD]));
                kill_process(child_of(pty.pid()), Signal::TSTP).unwrap();
                pty.wait_for("it stopped");
                pty.assert_given_back();
                pty.assert_line_settings();
                pty.keys("\r");
                pty.wait_for(screen.words);
                pty.keys("\x03\x03");
                pty.wait_for(&format!("it ended with {}", screen.code));
                given_back(&mut pty, &End::Code(0));
            }
            How::HangsUp => {
                let mut pty = start(Program::new(&[]));
                pty.hang_up();
                assert_eq!(pty.wait_for_end(), End::Code(screen.code));
            }
            How::Vanishes => vanishes(screen, start),
        }
    }
}

fn given_back(pty: &mut Pty, end: &End) {
    assert_eq!(&pty.wait_for_end(), end, "{}", pty.screen());
    pty.assert_given_back();
}

/// In a session of its own it gets no SIGHUP: only the terminal itself can tell it. Nothing of it may run then but what
/// its last words take.
fn vanishes(screen: &Screen, start: impl Fn(Program) -> Pty) {
    let script = "trap '' HUP; setsid -w \"$0\" --log-file log; echo $? > code; times > times";
    let mut pty = start(Program::other("sh", &["-c", script, WIZARD]));
    let shell = pty.pid();
    let before = used(child_of(shell));
    pty.hang_up();
    let times = wait_for_file(&pty, "times");
    let code = fs::read_to_string(pty.home().join("code")).unwrap();
    let log = fs::read_to_string(pty.home().join("log")).unwrap();
    assert_eq!(code, format!("{}\n", screen.code), "{log}");
    let of_children = times.lines().nth(1).unwrap();
    let after: Duration = of_children.split_whitespace().map(span).sum();
    let cost = after.saturating_sub(before);
    assert!(cost < LAST_WORDS, "{cost:?} of CPU after the end");
}

/// As the shell writes it: `0m0.012345s`.
fn span(text: &str) -> Duration {
    let (minutes, seconds) = text.trim_end_matches('s').split_once('m').unwrap();
    let seconds: f64 = seconds.parse().unwrap();
    Duration::from_secs_f64(minutes.parse::<f64>().unwrap() * 60.0 + seconds)
}

/// The one process that this one has started, or the one that it has become.
fn child_of(parent: Pid) -> Pid {
    let path = |pid: Pid, file: &str| format!("/proc/{}/{file}", pid.as_raw_nonzero());
    let mut pid = parent;
    loop {
        let id = pid.as_raw_nonzero();
        let children = fs::read_to_string(path(pid, &format!("task/{id}/children"))).unwrap();
        let name = fs::read_to_string(path(pid, "comm")).unwrap();
        if name.starts_with("phala-wizard") {
            return pid;
        }
        let child = children.split_whitespace().next().unwrap();
        pid = Pid::from_raw(child.parse().unwrap()).unwrap();
    }
}

/// How much CPU this process has used.
fn used(pid: Pid) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields[11..13]
        .iter()
        .map(|n| n.parse::<u64>().unwrap())
        .sum();
    // A hundred a second on every Linux there is.
    Duration::from_millis(ticks * 10)
}

fn wait_for_file(pty: &Pty, name: &str) -> String {
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        let text = fs::read_to_string(pty.home().join(name)).unwrap_or_default();
        if text.lines().count() > 1 {
            return text;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("it did not end");
}
