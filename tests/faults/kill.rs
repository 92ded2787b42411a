//! The program killed in the middle of a deployment, again and again, against a sandbox that counts what is made.
//!
//! A life is one deployment: `deploy --yes`, or the same typed on the screen, killed somewhere; then `list`, and
//! `commit --id ID --yes` until it is done, killed now and then too. It is killed the moment a journal has a record of
//! some kind, or at a point of what it tells, or a little later.
//! `KILLS=2000 cargo test --test faults kill -- --nocapture` is the long run; `KILL_SEED=n` is one life again.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::chance::Chance;
use crate::harness::{Program, Pty, Size};
use crate::service::Service;

/// How often the program is killed where nobody says otherwise.
const KILLS: usize = 24;

/// Lives at the same time: most of a life is waiting.
const AT_ONCE: usize = 6;

/// Runs of one life, before it counts as one that never ends.
const MOST_RUNS: usize = 14;

/// Stories that end well for who waits: scenario, app, and whether a contract governs it.
const STORIES: [(&str, &str, bool); 3] = [
    ("already-registered", "orders-api", true),
    ("on-chain", "orders-api", true),
    ("central-kms", "kv-cache", false),
];

/// The records a deployment writes on its way, each of them a point to die at.
const RECORDS: [&str; 8] = [
    "intent",
    "prepare_sent",
    "prepared",
    "created_directly",
    "commit_sent",
    "committed",
    "running",
    "closed",
];

/// What a person types where this is on the screen, in this order; some screens are there too short to be seen.
const TYPED: [(&str, &str); 9] = [
    ("APP", "/APP\r"),
    ("Where should it run?", "\r"),
    ("What should it run?", "\r"),
    ("Which values shall", "\r"),
    ("Script that runs", "\r"),
    ("Nothing was sent yet", "\r"),
    ("Everything is registered", "\r"),
    ("noted", "\x1b[C\r"),
    ("Running.", ""),
];

/// Longest walk of a person here.
const PATIENCE: Duration = Duration::from_secs(20);

/// What can stand in `list` for something that was prepared and never committed.
const PREPARED: &str = "prepared, not created";

#[test]
fn a_program_that_is_killed_anywhere_makes_one_instance_or_says_what_is_not_known() {
    if let Some(seed) = number("KILL_SEED") {
        let life = live(seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        eprintln!("seed {seed}: {life:#?}");
        return;
    }
    let wanted = number("KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
    let (kills, seeds) = (AtomicUsize::new(0), AtomicUsize::new(1));
    let sum = Mutex::new((Sum::default(), Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while kills.load(Ordering::Relaxed) < wanted {
                    let seed = seeds.fetch_add(1, Ordering::Relaxed) as u64;
                    let life = live(seed);
                    let mut sum = sum.lock().unwrap();
                    match life {
                        Ok(life) => {
                            kills.fetch_add(life.killed.len(), Ordering::Relaxed);
                            sum.0.add(&life);
                        }
                        Err(why) => {
                            // A life that fails must not keep the others from an end.
                            kills.fetch_add(1, Ordering::Relaxed);
                            sum.1.push(format!("KILL_SEED={seed}: {why}"));
                        }
                    }
                }
            });
        }
    });
    let (sum, wrong) = sum.into_inner().unwrap();
    eprintln!("{sum:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(sum.kills >= wanted, "{sum:?}");
}

/// What a life came to.
#[derive(Debug)]
struct Life {
    /// The last event that was told before each kill.
    killed: Vec<String>,
    end: End,
    /// Whether a run began from a token in the journal.
    from_token: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// One instance, seen to run.
    Runs,
    /// Nothing was written down, nothing was sent, nothing was made.
    Nothing,
    /// The request is written down and never came; a person is told that it is not known.
    NotKnown,
}

#[derive(Debug, Default)]
struct Sum {
    lives: usize,
    kills: usize,
    instances: usize,
    tokens_redeemed_later: usize,
    ends: BTreeMap<End, usize>,
    killed_after: BTreeMap<String, usize>,
}

impl Sum {
    fn add(&mut self, life: &Life) {
        self.lives += 1;
        self.kills += life.killed.len();
        self.instances += usize::from(life.end == End::Runs);
        self.tokens_redeemed_later += usize::from(life.from_token && life.end == End::Runs);
        *self.ends.entry(life.end).or_default() += 1;
        for event in &life.killed {
            *self.killed_after.entry(event.clone()).or_default() += 1;
        }
    }
}

/// One deployment from its first run to its end.
fn live(seed: u64) -> Result<Life, String> {
    let mut chance = Chance(seed);
    let (scenario, app, is_governed) = STORIES[chance.below(3)];
    let world = World::new(scenario, app, &mut chance);
    let before = world.instances();
    let mut life = Life {
        killed: Vec::new(),
        end: End::NotKnown,
        from_token: false,
    };
    let mut code = if chance.below(4) == 0 {
        world.walk(app, &mut chance, &mut life.killed);
        None
    } else {
        let deploy = format!("deploy --app {app} --yes --json --timeout 30");
        world.run(&deploy, Some(&mut chance), &mut life.killed)?
    };
    let mut runs = 1;
    life.end = loop {
        let Some(entry) = world.unfinished()? else {
            break if world.journals() == 0 {
                End::Nothing
            } else {
                End::Runs
            };
        };
        let sends = entry["commits_sent"].as_u64().unwrap_or(u64::MAX);
        ensure(sends <= 1, || format!("a token was sent {sends} times"))?;
        if code == Some(7) {
            break End::NotKnown;
        }
        ensure(runs < MOST_RUNS, || format!("it does not end: {entry}"))?;
        let is_prepared = entry["standing"] == PREPARED;
        life.from_token |= is_prepared;
        let id = entry["id"].as_str().unwrap_or_default();
        let is_killed = chance.below(10) < 4;
        let commit = format!("commit --id {id} --yes --json --timeout 8");
        code = world.run(&commit, is_killed.then_some(&mut chance), &mut life.killed)?;
        runs += 1;
        match code {
            None | Some(0 | 8) => (),
            Some(7) if !is_prepared => (),
            code => return Err(format!("{entry} ended with {code:?}\n{}", world.log())),
        }
    };
    let made = world.instances().saturating_sub(before);
    let log = world.log();
    let posts = |is: fn(&str) -> bool| {
        let mut lines = log.lines().filter(|line| line.starts_with("POST "));
        let lines = lines.by_ref().filter(|line| line.contains("/instances "));
        lines.filter(|line| is(line)).count()
    };
    // Where a contract governs the app, 465 answers what creates nothing.
    let creating = posts(|line| !is_governed_answer(line));
    let all = posts(|_| true);
    let sent = if is_governed { creating } else { all };
    let expected = usize::from(life.end == End::Runs);
    ensure(made == expected && sent <= 1, || {
        format!(
            "{:?}, {made} made, {sent} creating requests\n{log}",
            life.end
        )
    })?;
    ensure(life.end != End::NotKnown || sent == 0, || {
        format!("a request came and its instance was not found\n{log}")
    })?;
    ensure(life.end != End::Nothing || all == 0, || {
        format!("nothing is written down of {all} requests\n{log}")
    })?;
    Ok(life)
}

fn is_governed_answer(line: &str) -> bool {
    line.contains(" 465 ")
}

/// A sandbox, and a home for the program's journals.
struct World {
    service: Service,
    home: tempfile::TempDir,
    app: String,
}

impl World {
    fn new(scenario: &str, app: &str, chance: &mut Chance) -> Self {
        let home = tempfile::tempdir().unwrap();
        let log = File::create(home.path().join("log")).unwrap();
        let seed = chance.below(1000).to_string();
        let words = ["--listen", "127.0.0.1:0", "--speed", "400", "--seed", &seed];
        let words: Vec<&str> = words.into_iter().chain(["--scenario", scenario]).collect();
        let service = Service::start(&words, log);
        let mut world = Self {
            service,
            home,
            app: String::new(),
        };
        let apps = world.get("/apps");
        let all = apps["dstack_apps"].as_array().unwrap();
        let found = all.iter().find(|known| known["name"] == app).unwrap();
        found["app_id"].as_str().unwrap().clone_into(&mut world.app);
        world
    }

    /// How many instances the app has, as the API says.
    fn instances(&self) -> usize {
        let cvms = self.get(&format!("/apps/{}/cvms", self.app));
        cvms.as_array().unwrap().len()
    }

    /// How many journals there are, closed or not.
    fn journals(&self) -> usize {
        self.files().count()
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let folder = self.home.path().join("state/phala-wizard/intents");
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = files.map(|file| file.path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "jnl"))
    }

    /// Whether a journal has a record of this kind.
    fn has_written(&self, kind: &str) -> bool {
        let record = format!("\"kind\":\"{kind}\"");
        let has = |bytes: Vec<u8>| {
            let mut parts = bytes.windows(record.len());
            parts.any(|part| part == record.as_bytes())
        };
        self.files().any(|path| fs::read(path).is_ok_and(has))
    }

    fn get(&self, path: &str) -> Value {
        let host = self.service.text("url").strip_prefix("http://").unwrap();
        let (host, prefix) = host.split_once('/').unwrap();
        let key = self.service.text("api_key");
        let mut socket = TcpStream::connect(host).unwrap();
        write!(
            socket,
            "GET /{prefix}{path} HTTP/1.0\r\nHost: {host}\r\nX-API-Key: {key}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("log")).unwrap()
    }

    fn program(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
        command
            .args(words.split_whitespace())
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("PHALA_CLOUD_API_KEY", self.service.text("api_key"))
            .env("PHALA_CLOUD_API_PREFIX", self.service.text("url"))
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it, to its end or to a moment that chance has chosen. The exit code; `None` where it was killed.
    fn run(
        &self,
        words: &str,
        chance: Option<&mut Chance>,
        killed: &mut Vec<String>,
    ) -> Result<Option<i32>, String> {
        let mut command = self.program(words);
        command.stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let mut last = String::from("start");
        let moment = chance.map(Moment::of);
        let mut lines = 0;
        if let Some(Point::Record(kind)) = moment.as_ref().map(|moment| &moment.point) {
            while !self.has_written(kind) && child.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_micros(200));
            }
            last = format!("record {kind}");
        }
        while moment.as_ref().is_none_or(|it| !it.is_near(lines, &last)) {
            let from = said.len();
            if stdout.read_line(&mut said).unwrap() == 0 {
                break;
            }
            let told: Value = serde_json::from_str(&said[from..]).unwrap_or_default();
            told["event"]
                .as_str()
                .unwrap_or("nothing")
                .clone_into(&mut last);
            lines += 1;
        }
        if let Some(moment) = &moment {
            thread::sleep(moment.then);
            child.kill().unwrap();
        }
        stdout.read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        if code.is_none() {
            ensure(moment.is_some(), || format!("it died by itself\n{said}"))?;
            killed.push(last);
        }
        Ok(code)
    }

    /// Types a deployment on the screen until the moment that chance has chosen, or until it runs.
    fn walk(&self, app: &str, chance: &mut Chance, killed: &mut Vec<String>) {
        let moment = Moment::of(chance);
        let text = |path: PathBuf| path.display().to_string();
        let home = self.home.path();
        let program = Program::new(&[])
            .with("HOME", &text(home.to_owned()))
            .with("XDG_STATE_HOME", &text(home.join("state")))
            .with("PHALA_CLOUD_API_KEY", self.service.text("api_key"))
            .with("PHALA_CLOUD_API_PREFIX", self.service.text("url"));
        let mut pty = Pty::start(Size(100, 30), &program);
        let start = Instant::now();
        let (mut next, mut last) = (0, String::from("screen"));
        let is_due = |next: usize| match &moment.point {
            Point::Record(kind) => self.has_written(kind),
            Point::Told { lines, .. } => next > *lines,
        };
        while next < TYPED.len() && !is_due(next) && start.elapsed() < PATIENCE {
            if !pty.take_in(Duration::from_millis(1)) {
                break;
            }
            let screen = pty.screen();
            let seen = TYPED[next..]
                .iter()
                .position(|(words, _)| screen.contains(&words.replace("APP", app)));
            if let Some(seen) = seen {
                let (words, keys) = TYPED[next + seen];
                pty.keys(&keys.replace("APP", app));
                last = format!("screen {words}");
                next += seen + 1;
            }
        }
        thread::sleep(moment.then);
        pty.signal(Signal::KILL);
        killed.push(last);
    }

    /// The one deployment that is not done, as `list` has it.
    fn unfinished(&self) -> Result<Option<Value>, String> {
        let output = self.program("list --json").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let list: Value = serde_json::from_str(&said).map_err(|why| format!("{why}: {said}"))?;
        ensure(output.status.code() == Some(0), || said.clone())?;
        let all = list["unfinished"].as_array().cloned().unwrap_or_default();
        ensure(all.len() <= 1, || said.clone())?;
        Ok(all.into_iter().next())
    }
}

pub fn ensure(is_so: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(why()) }
}

pub fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// When a run is killed: at a point of what it tells, and a little after. So every part of a life is hit, however long
/// it takes on this machine.
struct Moment {
    point: Point,
    then: Duration,
}

enum Point {
    /// A journal has a record of this kind.
    Record(&'static str),
    /// So many lines were told, or screens passed.
    Told {
        lines: usize,
        /// What is told just before a request leaves; with it, the lines do not count.
        event: Option<&'static str>,
    },
}

impl Moment {
    fn of(chance: &mut Chance) -> Self {
        let events = [None, None, Some("preparing"), Some("creating")];
        let longest = [300, 3_000, 30_000][chance.below(3)];
        let point = if chance.below(2) == 0 {
            Point::Record(RECORDS[chance.below(RECORDS.len())])
        } else {
            Point::Told {
                lines: chance.below(14),
                event: events[chance.below(4)],
            }
        };
        Self {
            point,
            then: Duration::from_micros(chance.below(longest) as u64),
        }
    }

    fn is_near(&self, lines: usize, last: &str) -> bool {
        match self.point {
            Point::Record(_) => true,
            Point::Told {
                event: Some(event), ..
            } => event == last,
            Point::Told { lines: wanted, .. } => lines >= wanted,
        }
    }
}
