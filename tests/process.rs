//! What others on the machine see of the program, and what those it starts get from it.
//!
//! Linux only: `/proc` tells there what a process lets others know. Elsewhere the same calls are made as far as they
//! exist, and nothing shows it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    dead_code,
    reason = "a panic here is a message to us, and the harness is shared"
)]

#[path = "pty/harness.rs"]
mod harness;
#[path = "pty/probe.rs"]
mod probe;

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::{End, Program, Pty, Size};
use rustix::process::{Pid, Signal, geteuid, kill_process};

/// Stands in no program by chance.
const CANARY: &str = "phak_canary-6b1de0f3";

/// Where the program gets it from.
const VARIABLES: [&str; 4] = [
    "PHALA_CLOUD_API_KEY",
    "ETH_RPC_URL",
    "PCCS_URL",
    "PRIVATE_KEY",
];

/// A way to run it that needs no terminal.
const ALONE: [&str; 3] = ["sandbox", "--listen", "127.0.0.1:0"];

/// Without a screen: it waits for a contract that never agrees.
const WAITING: [&str; 8] = [
    "deploy",
    "--sandbox",
    "never-signed",
    "--app",
    "orders-api",
    "--node",
    "prod9",
    "--yes",
];

/// Somebody without rights: `nobody` on most systems.
const NOBODY: u32 = 65534;

/// The program in the terminal with a canary in every variable it knows.
fn walk(arguments: &[&str]) -> Pty {
    let program = VARIABLES
        .iter()
        .fold(Program::new(arguments), |program, name| {
            program.with(name, CANARY)
        });
    Pty::start(Size::USUAL, &program)
}

fn proc(pid: Pid, file: &str) -> String {
    let path = format!("/proc/{}/{file}", pid.as_raw_nonzero());
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_crash_leaves_no_memory_behind() {
    let mut pty = walk(&["--sandbox", "on-chain"]);
    pty.wait_for("orders-api");
    let limits = proc(pty.pid(), "limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core = core.expect("a limit of core files");
    let numbers: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(numbers, ["0", "0"], "{core}");
    // Where a service collects cores limits do not count; what is not dumpable leaves none there either.
    for words in [&ALONE[..], &WAITING] {
        let mut wizard = begun(Command::new(env!("CARGO_BIN_EXE_phala-wizard")).args(words));
        wizard.signal(Signal::ABORT);
        let end = wizard.0.wait().expect("its end");
        assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()));
        assert!(!end.core_dumped());
    }
}

#[test]
fn no_argument_of_the_program_is_a_secret() {
    let mut pty = walk(&["--sandbox", "on-chain"]);
    pty.wait_for("orders-api");
    assert!(!proc(pty.pid(), "cmdline").contains(CANARY));
    // Root alone can see this, so it is no proof of anything but that the canary was there to be found.
    if geteuid().is_root() {
        assert!(proc(pty.pid(), "environ").contains(CANARY));
    }
}

/// A program of somebody without rights, and what another program of the same person can read of it.
fn read_by_the_same_person(command: &mut Command) -> Result<String, String> {
    let child = begun(
        as_nobody(command)
            .env_clear()
            .env("PHALA_CLOUD_API_KEY", CANARY),
    );
    let environ = format!("/proc/{}/environ", child.0.id());
    let read = as_nobody(&mut Command::new("cat"))
        .arg(environ)
        .output()
        .expect("cat");
    if read.status.success() {
        Ok(String::from_utf8_lossy(&read.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&read.stderr).into_owned())
    }
}

/// Root may read everything, so a test that runs as root becomes somebody else.
fn as_nobody(command: &mut Command) -> &mut Command {
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/")
}

/// Starts it and waits for its first line.
fn begun(command: &mut Command) -> Ended {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = Ended(command.spawn().expect("a process"));
    let output = child.0.stdout.take().expect("its output");
    let mut ready = String::new();
    BufReader::new(output)
        .read_line(&mut ready)
        .expect("a line");
    assert!(!ready.is_empty(), "it has not begun");
    child
}

/// Ended with the test.
struct Ended(Child);

impl Ended {
    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.0.id()).expect("a process id");
        kill_process(Pid::from_raw(id).expect("a process id"), signal).expect("signalled");
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn other_programs_of_the_same_person_cannot_read_its_memory() {
    // What is not the program can be read, or the test would prove nothing.
    let mut other = Command::new("/bin/sh");
    other.args(["-c", "echo ready; exec sleep 60"]);
    let seen = read_by_the_same_person(&mut other).expect("an ordinary process can be read");
    assert!(seen.contains(CANARY), "{seen}");

    // Somebody without rights may not come near where it was built.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("phala-wizard");
    fs::copy(env!("CARGO_BIN_EXE_phala-wizard"), &copy).unwrap();
    for words in [&ALONE[..], &WAITING] {
        let mut wizard = Command::new(&copy);
        wizard.args(words);
        let refused = read_by_the_same_person(&mut wizard).expect_err("nobody reads it");
        assert!(refused.contains("Permission denied"), "{refused}");
    }
}

#[test]
fn neither_editor_nor_browser_gets_a_secret() {
    if probe::ran() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    script(
        &folder.path().join("xdg-open"),
        &format!(
            "env > {0}.part; echo \"$1\" >> {0}.part; mv {0}.part {0}",
            seen.display()
        ),
    );
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut variables = VARIABLES.map(|name| (name, CANARY)).to_vec();
    let editor = format!("sh -c 'env > {}.editor'", seen.display());
    variables.push(("EDITOR", &editor));
    variables.push(("PATH", &path));
    variables.push(("KEPT", "by-the-child"));
    let mut pty = probe::start("neither_editor_nor_browser_gets_a_secret", &variables);
    pty.keys("e");
    pty.wait_for("became");
    let editor = fs::read_to_string(seen.with_extension("editor")).unwrap();
    pty.keys("o");
    let browser = wait_for_file(&seen);
    assert!(browser.contains(probe::ADDRESS), "{browser}");
    for child in [editor, browser] {
        assert!(child.contains("KEPT=by-the-child"), "{child}");
        assert!(!child.contains(CANARY), "{child}");
    }
    pty.keys("q");
    assert_eq!(pty.wait_for_end(), End::Code(0));
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// Nobody waits for a browser, so nothing on the screen says that it has begun.
fn wait_for_file(path: &Path) -> String {
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        if let Ok(text) = fs::read_to_string(path) {
            return text;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} was not written", path.display());
}

#[test]
fn the_text_of_a_panic_holds_no_secret() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start(
        "the_text_of_a_panic_holds_no_secret",
        &[("RUST_BACKTRACE", "full"), ("PHALA_WIZARD_CANARY", CANARY)],
    );
    pty.keys("s");
    assert_eq!(pty.wait_for_end(), End::Code(101));
    let raw = pty.raw();
    // All of what a question holds is printed, and the secrets in it are not.
    for words in ["SignIn", "Seal", "CANARY_NAME", "Commit"] {
        assert!(raw.contains(words), "{words} is missing in\n{raw}");
    }
    assert!(!raw.contains(CANARY), "{raw}");
    let reports = pty.home().join(".local/state/phala-wizard/reports");
    let report = fs::read_to_string(reports.join("report.txt")).unwrap();
    // It was put together from what was at hand, so of all that nothing is written down.
    for words in ["SignIn", "CANARY_NAME", CANARY] {
        assert!(!report.contains(words), "{report}");
    }
}

#[test]
fn a_log_tells_a_walk_from_its_start_to_its_end_and_no_secret() {
    let mut pty = walk(&["--sandbox", "on-chain", "--log-file", "log"]);
    pty.wait_for("orders-api");
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait_for_end(), End::Code(130));
    let path = pty.home().join("log");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(path).unwrap();
    let mut rest = text.as_str();
    for line in [
        "start version=\"",
        "mode=\"sandbox\"",
        "stage name=\"Door\"",
        "name=\"open-sandbox\"",
        "answered asked=\"GET /auth/me\" status=200 tries=1 ms=",
        "stage name=\"App\"",
        "outside name=\"SIGTERM\"",
        "quit",
        "end code=130",
    ] {
        let at = rest.find(line);
        let at = at.unwrap_or_else(|| panic!("{line} does not come next in\n{text}"));
        rest = &rest[at..];
    }
    assert!(!text.contains(CANARY), "{text}");
    assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn a_log_that_cannot_be_written_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
    for path in [link.as_path(), folder.path()] {
        let output = Command::new(env!("CARGO_BIN_EXE_phala-wizard"))
            .arg("--log-file")
            .arg(path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("the log file"), "{words}");
        assert!(words.contains("cannot be opened"), "{words}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
