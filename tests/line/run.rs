//! A sandbox that was started as a program, and runs of ours against it, looked through for secrets.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use phala_wizard::line::EVENTS;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::node::Node;
use crate::service::Service;

/// A key that stands nowhere else, but in its header.
const KEY: &str = "phak_sandbox_canary-93b1f0e2c7_tail";
/// A value that stands nowhere else.
pub const VALUE: &str = "canary-77aa0c31f5-of-a-variable";

/// A sandbox, and a folder to run in.
pub struct Cloud {
    service: RefCell<Option<Service>>,
    url: String,
    /// Its chain.
    pub node: Node,
    /// The key of the account that owns a contract there, in a story where one does.
    pub test_key: String,
    pub folder: tempfile::TempDir,
}

impl Cloud {
    pub fn with(scenario: &str) -> Self {
        let words = [
            "--listen",
            "127.0.0.1:0",
            "--speed",
            "300",
            "--scenario",
            scenario,
            "--api-key",
            KEY,
        ];
        let service = Service::start(&words, Stdio::piped());
        let has_owner = service.members().contains(&"test_key");
        let test_key = if has_owner {
            service.text("test_key")
        } else {
            ""
        };
        Self {
            url: service.text("url").to_owned(),
            node: Node(format!("{}/8453", service.text("rpc_url"))),
            test_key: test_key.to_owned(),
            service: RefCell::new(Some(service)),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn file(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// `deploy` with these words and `--json`, from beginning to end.
    pub fn deploy(&self, words: &str) -> Run {
        self.deploy_with(words, "")
    }

    /// The same, with this on standard input.
    pub fn deploy_with(&self, words: &str, input: &str) -> Run {
        let program = self.program(&format!("deploy {words} --json"));
        Run::new(program.output(input))
    }

    /// `commit` with these words and `--json`.
    pub fn commit(&self, words: &str) -> Run {
        Run::of(self.program(&format!("commit {words} --json")))
    }

    /// `watch` with these words and `--json`.
    pub fn watch(&self, words: &str) -> Run {
        Run::of(self.program(&format!("watch {words} --json")))
    }

    /// The one deployment that `list` has: its id, and where it stopped.
    pub fn unfinished(&self) -> (String, String) {
        let list = self.list();
        let [only] = &list[..] else {
            panic!("not one: {list:?}");
        };
        let text = |name: &str| only[name].as_str().unwrap().to_owned();
        (text("id"), text("standing"))
    }

    /// The deployments that `list` has.
    pub fn list(&self) -> Vec<Value> {
        let (said, errors, code) = self.program("list --json").output("");
        assert_eq!(code, Some(0), "{said}{errors}");
        let list: Value = serde_json::from_str(&said).unwrap();
        list["unfinished"].as_array().unwrap().clone()
    }

    /// The program, about to run in the folder with the key.
    pub fn program(&self, words: &str) -> Program {
        self.started(Command::new(env!("CARGO_BIN_EXE_phala-wizard")), words)
    }

    /// The same, and what would be its standard input is its third file.
    pub fn program_with_a_pipe(&self, words: &str) -> Program {
        let mut shell = Command::new("sh");
        let script = "exec \"$0\" \"$@\" 3<&0 </dev/null";
        shell.args(["-c", script, env!("CARGO_BIN_EXE_phala-wizard")]);
        self.started(shell, words)
    }

    fn started(&self, mut command: Command, words: &str) -> Program {
        assert!(!words.contains(KEY) && !words.contains(VALUE));
        command
            .args(words.split_whitespace())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PHALA_CLOUD_API_KEY", KEY)
            .env("PHALA_CLOUD_API_PREFIX", &self.url)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Program(command)
    }

    /// Ends the sandbox: how many requests prepared, and how many created, as its log has them.
    pub fn end(&self) -> (usize, usize) {
        let log = self.log();
        let sent = |status: &[&str]| {
            let lines = log.lines().filter(|line| creates(line));
            lines
                .filter(|line| status.iter().any(|status| line.contains(status)))
                .count()
        };
        (sent(&[" 465 "]), sent(&[" 200 ", " 201 "]))
    }

    /// Ends the sandbox: what it was asked.
    pub fn log(&self) -> String {
        let service = self.service.borrow_mut().take().unwrap();
        let (_, log, _) = service.end(Signal::TERM);
        log
    }
}

/// Whether this line of the log is a request that can create.
pub fn creates(line: &str) -> bool {
    line.starts_with("POST ") && line.split(' ').nth(1).unwrap().ends_with("/instances")
}

/// The program, not started yet.
pub struct Program(Command);

impl Program {
    pub fn key(mut self, key: &str) -> Self {
        self.0.env("PHALA_CLOUD_API_KEY", key);
        self
    }

    pub fn no_key(mut self) -> Self {
        self.0.env_remove("PHALA_CLOUD_API_KEY");
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it: stdout, stderr, exit code.
    pub fn output(mut self, input: &str) -> (String, String, Option<i32>) {
        let mut child = self.0.spawn().unwrap();
        // A program that refuses its arguments reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
            output.status.code(),
        )
    }

    /// Runs it with an open standard input, and sends the signal once these events were told.
    pub fn until(self, event: &str, signal: Signal) -> Run {
        self.meanwhile(event, signal, |_| ())
    }

    /// The same, and does this with its process id before the signal.
    pub fn meanwhile(mut self, event: &str, signal: Signal, act: impl FnOnce(u32)) -> Run {
        let mut child = self.0.spawn().unwrap();
        let _open = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = wait_for(&mut stdout, event);
        act(child.id());
        kill_process(Pid::from_child(&child), signal).unwrap();
        stdout.read_to_string(&mut said).unwrap();
        let mut errors = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        Run::new((said, errors, child.wait().unwrap().code()))
    }

    /// Runs it to its end, and does this once this event was told.
    pub fn once(mut self, event: &str, act: impl FnOnce()) -> Run {
        let mut child = self.0.spawn().unwrap();
        let _open = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = wait_for(&mut stdout, event);
        act();
        stdout.read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        Run::new((said, errors, output.status.code()))
    }

    /// Runs it, and reads no more of stdout and stderr after this event. The exit code.
    pub fn unread_after(mut self, event: &str) -> Option<i32> {
        let mut child: Child = self.0.spawn().unwrap();
        drop(child.stderr.take());
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        wait_for(&mut stdout, event);
        drop(stdout);
        child.wait().unwrap().code()
    }
}

/// Reads until these events were told, in whatever order.
fn wait_for(stdout: &mut impl BufRead, events: &str) -> String {
    let mut said = String::new();
    let mut missing: Vec<&str> = events.split(' ').collect();
    loop {
        let mut line = String::new();
        assert_ne!(
            stdout.read_line(&mut line).unwrap(),
            0,
            "no {missing:?} in\n{said}"
        );
        said.push_str(&line);
        missing.retain(|event| !line.contains(&format!("\"event\":\"{event}\"")));
        if missing.is_empty() {
            return said;
        }
    }
}

/// A run with `--json` that is over.
pub struct Run {
    events: Vec<Value>,
    said: String,
    errors: String,
    code: Option<i32>,
}

impl Run {
    pub fn of(program: Program) -> Self {
        Self::new(program.output(""))
    }

    pub fn new((said, errors, code): (String, String, Option<i32>)) -> Self {
        let object = |line: &str| {
            let value: Value =
                serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
            let word = value["event"].as_str().unwrap();
            let known = EVENTS.iter().find(|(event, ..)| *event == word);
            let (_, members, _) = known.unwrap_or_else(|| panic!("{word} is not documented"));
            let told = value.as_object().unwrap().keys();
            let told: BTreeSet<&str> = told.map(String::as_str).collect();
            let documented = members.iter().copied().chain(["event"]);
            assert_eq!(told, documented.collect(), "{word}");
            value
        };
        let run = Self {
            events: said.lines().map(object).collect(),
            said,
            errors,
            code,
        };
        run.never_says(KEY);
        run.never_says(VALUE);
        run
    }

    /// Fails unless it ended like this, and said so last, and said why where it did not end well.
    #[track_caller]
    pub fn ends(&self, code: i32, outcome: &str) {
        assert_eq!(self.code, Some(code), "{self}");
        let last = self.events.last().unwrap();
        assert_eq!(last["event"], "exit", "{self}");
        assert_eq!(last["code"], code, "{self}");
        assert_eq!(last["outcome"], outcome, "{self}");
        let others = &self.events[..self.events.len() - 1];
        assert!(
            others.iter().all(|event| event["event"] != "exit"),
            "{self}"
        );
        let asked_for_less = self
            .events
            .iter()
            .any(|event| event["event"] == "token_kept");
        let interrupted = matches!(outcome, "prepared" | "unhealthy" | "nothing_created");
        assert!(
            code == 0 || asked_for_less || interrupted || self.has("error"),
            "{self}"
        );
    }

    pub fn has(&self, event: &str) -> bool {
        self.events.iter().any(|told| told["event"] == event)
    }

    #[track_caller]
    pub fn first(&self, event: &str) -> &Value {
        let told = self.events.iter().find(|told| told["event"] == event);
        told.unwrap_or_else(|| panic!("no {event}: {self}"))
    }

    /// Every event of this kind.
    pub fn all(&self, event: &str) -> Vec<&Value> {
        let told = self.events.iter();
        told.filter(|told| told["event"] == event).collect()
    }

    #[track_caller]
    pub fn last(&self, event: &str) -> &Value {
        let told = self.events.iter().rfind(|told| told["event"] == event);
        told.unwrap_or_else(|| panic!("no {event}: {self}"))
    }

    /// Whether these words are anywhere in what it said.
    pub fn says(&self, words: &str) -> bool {
        self.said.contains(words) || self.errors.contains(words)
    }

    /// Fails where any ten letters in a row of the secret were said.
    #[track_caller]
    pub fn never_says(&self, secret: &str) {
        assert!(secret.is_ascii() && secret.len() > 10);
        for at in 0..=secret.len() - 10 {
            let piece = &secret[at..at + 10];
            assert!(!self.says(piece), "{piece} in {self}");
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}\n{}\ncode {:?}", self.said, self.errors, self.code)
    }
}
