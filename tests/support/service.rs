//! `phala-wizard sandbox` started as a program, as any other program would start it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A sandbox that was started as a program. It is ended where a test fails.
pub struct Service {
    child: Child,
    ready: Value,
}

impl Service {
    /// Starts it with these arguments, its log going where `log` says, and waits for the line that says where it is.
    pub fn start(arguments: &[&str], log: impl Into<Stdio>) -> Self {
        let mut child = program(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready }
    }

    /// A member of the line it said when it was ready.
    pub fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// The names of all members of that line, sorted.
    #[allow(dead_code, reason = "not every test minds what else is said")]
    pub fn members(&self) -> Vec<&str> {
        let ready = self.ready.as_object().unwrap();
        let mut names: Vec<&str> = ready.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Sends the signal; gives back what is left on stdout, the log if it is piped, and the exit code.
    #[allow(dead_code, reason = "not every test minds how it ends")]
    pub fn end(mut self, signal: Signal) -> (String, String, Option<i32>) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
        let (mut rest, mut log) = (String::new(), String::new());
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_string(&mut rest).unwrap();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut log).unwrap();
        }
        let status = self.child.wait().unwrap();
        (rest, log, status.code())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, about to run the sandbox.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
    command.arg("sandbox").args(arguments);
    command
}
