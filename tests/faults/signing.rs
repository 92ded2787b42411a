//! The program killed while it registers, again and again, against a chain that counts what is signed.
//!
//! A life is one deployment of another content on a new machine by the contract's owner, so two calls are signed: `deploy
//! --yes --allow-hash`, killed when a signed transaction is on the disk, when it is out, or anywhere near; then `commit
//! --id`, or `resume` on the screen, until it runs. A node may be late, or lose a transaction or its answer. Whatever
//! happens, each call is signed once, the very bytes that were written down are the ones that count, and there is one
//! instance. `SIGN_KILLS=500 cargo test --test faults signing -- --nocapture` is the long run, `SIGN_SEED=n` one life again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use phala_wizard::api::client::Client;
use phala_wizard::api::types::AppId;
use phala_wizard::sandbox::{self, Scenario};
use phala_wizard::secret::Secret;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::chance::Chance;
use super::kill::{ensure, number};
use crate::harness::{Program, Pty, Size};
use crate::inside;
use crate::node::Node;
use crate::wallet::Wallet;

/// How often the program is killed where nobody says otherwise.
const KILLS: usize = 24;

/// Lives at the same time: most of a life is waiting.
const AT_ONCE: usize = 6;

/// Runs of one life, before it counts as one that never ends.
const MOST_RUNS: usize = 14;

/// Longest walk of a person here.
const PATIENCE: Duration = Duration::from_mins(1);

const KEY: &str = "phak_sandbox_killed_while_signing";

const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/sandbox-team/orders-api:2.9.0\n";

/// The owner of the contract is whoever has the test account's key.
const STORY: &str = "sentence = ''\n[rules]\ntransactions_checked = 'always'\n\
    [apps.orders-api]\nowned_by_test_key = true\nowner_signs_after = inf\n";

/// What a node does to one of the first transactions it is handed. Delays are five times as short here, in minutes.
const FAULTS: [&str; 6] = [
    "",
    "",
    "delay = 150.0",
    "reset = true",
    "reset = true\napplied = true",
    "status = 503\nbody = 'busy'",
];

/// What a person types where this is on the screen: the line below says it wherever the page is scrolled to.
const TYPED: [(&str, &str); 3] = [
    ("Looking is free", "\r"),
    ("The contract allows it.", "\r"),
    ("instances noted", "\x1b[C\r"),
];

#[test]
fn a_program_that_is_killed_while_it_signs_signs_nothing_twice() {
    if let Some(seed) = number("SIGN_SEED") {
        let life = live(seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        eprintln!("seed {seed}: {life:#?}");
        return;
    }
    let wanted = number("SIGN_KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
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
                            sum.1.push(format!("SIGN_SEED={seed}: {why}"));
                        }
                    }
                }
            });
        }
    });
    let (sum, wrong) = sum.into_inner().unwrap();
    eprintln!("{sum:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(sum.kills >= wanted && sum.run > 0, "{sum:?}");
}

/// What a life came to.
#[derive(Debug, Default)]
struct Life {
    /// What had happened before each kill.
    killed: Vec<String>,
    /// Whether it ended as an instance that runs; else nothing was ever written down, or it is not known.
    runs: bool,
    /// The commit is written down and never came.
    not_known: bool,
    /// Transactions that were on the disk when the program was killed and had not counted by then.
    in_flight: usize,
    /// Whether a person went on with it on the screen.
    on_screen: bool,
}

#[derive(Debug, Default)]
struct Sum {
    lives: usize,
    kills: usize,
    run: usize,
    not_known: usize,
    in_flight: usize,
    on_screen: usize,
    killed_after: BTreeMap<String, usize>,
}

impl Sum {
    fn add(&mut self, life: &Life) {
        self.lives += 1;
        self.kills += life.killed.len();
        self.run += usize::from(life.runs);
        self.not_known += usize::from(life.not_known);
        self.in_flight += life.in_flight;
        self.on_screen += usize::from(life.on_screen);
        for what in &life.killed {
            *self.killed_after.entry(what.clone()).or_default() += 1;
        }
    }
}

/// One deployment from its first run to its end.
fn live(seed: u64) -> Result<Life, String> {
    let mut chance = Chance(seed);
    let world = World::new(&mut chance);
    let (before, counted) = (world.instances(), world.counted());
    let mut life = Life::default();
    let deploy = "deploy --app orders-api --node prod9 --compose app.yaml";
    let hash = world.foretold(deploy)?;
    let signing = format!("--allow-hash {hash} --private-key-file key");
    let words = format!("{deploy} --yes {signing}");
    world.run(&words, Some(&mut chance), &mut life)?;
    let mut runs = 1;
    while let Some(entry) = world.unfinished()? {
        ensure(runs < MOST_RUNS, || format!("it does not end: {entry}"))?;
        runs += 1;
        let id = entry["id"].as_str().unwrap_or_default();
        let all_signed = world.signed().len() == 2;
        let is_prepared = entry["standing"] == "prepared, not created";
        if all_signed && is_prepared && chance.below(3) == 0 {
            life.on_screen = true;
            world.resume(id)?;
            continue;
        }
        // What is signed already needs no key, and one that is there changes nothing.
        let with_key = !all_signed || chance.below(2) == 0;
        let signing = if with_key { &signing[..] } else { "" };
        let words = format!("commit --id {id} --yes {signing}");
        let is_killed = chance.below(10) < 4;
        let code = world.run(&words, is_killed.then_some(&mut chance), &mut life)?;
        match code {
            None | Some(0 | 5 | 8) => (),
            // The commit is written down and never came; a person is told that it is not known.
            Some(7) if !is_prepared => {
                life.not_known = true;
                break;
            }
            code => return Err(format!("{entry} ended with {code:?}")),
        }
    }
    let begun = usize::from(world.journals() > 0);
    life.runs = begun == 1 && !life.not_known;
    let made = world.instances().saturating_sub(before);
    let signed = world.signed();
    let grown = world.counted() - counted;
    let calls: BTreeSet<&str> = signed.iter().map(|it| it.call.as_str()).collect();
    ensure(calls.len() == signed.len(), || {
        format!("signed twice: {signed:?}")
    })?;
    let expected = usize::from(life.runs);
    ensure(made == expected, || format!("{made} made: {signed:?}"))?;
    ensure(
        grown == 2 * begun as u64 && signed.len() == 2 * begun,
        || format!("{grown} transactions count, {signed:?}"),
    )?;
    for signed in &signed {
        // Its hash is that of its bytes, so these and no others count.
        let receipt = world
            .node
            .ask("eth_getTransactionReceipt", &json!([signed.hash]));
        ensure(receipt["status"] == "0x1", || {
            format!("{signed:?}: {receipt}")
        })?;
    }
    Ok(life)
}

/// A signed transaction, as a journal has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Signed {
    call: String,
    hash: String,
    nonce: u64,
}

/// A sandbox inside the test, and a home for the program's journals.
struct World {
    runtime: Runtime,
    base: String,
    node: Node,
    account: String,
    app: AppId,
    home: tempfile::TempDir,
}

impl World {
    fn new(chance: &mut Chance) -> Self {
        let runtime = Runtime::new().unwrap();
        let story = match FAULTS[chance.below(FAULTS.len())] {
            "" => STORY.to_owned(),
            fault => format!(
                "{STORY}[[faults]]\nrequest = 'POST /rpc/**'\nrpc_method = 'eth_sendRawTransaction'\ncalls = [{}]\n{fault}\n",
                1 + chance.below(2)
            ),
        };
        let service = runtime.block_on(inside::open(&story, KEY));
        let options = sandbox::Options {
            seed: 1,
            api_key: KEY.to_owned(),
            base_url: String::new(),
        };
        let key = sandbox::World::new(Scenario::parse("twin", STORY).unwrap(), options).test_key();
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("key"), &key).unwrap();
        fs::write(home.path().join("app.yaml"), COMPOSE).unwrap();
        let base = format!("http://{service}/api/v1");
        let client = Client::new(&base, Some(Secret::new(KEY))).unwrap();
        let apps = runtime.block_on(client.apps(1, None)).unwrap().apps;
        let app = apps
            .iter()
            .find(|app| app.name.as_str() == "orders-api")
            .unwrap()
            .id;
        Self {
            runtime,
            base,
            node: Node(format!("http://{service}/rpc/8453")),
            account: Wallet::new(&key).address(),
            app,
            home,
        }
    }

    fn instances(&self) -> usize {
        let client = Client::new(&self.base, Some(Secret::new(KEY))).unwrap();
        self.runtime
            .block_on(client.instances(self.app))
            .unwrap()
            .len()
    }

    /// How many transactions of the account count; none may wait at the end.
    fn counted(&self) -> u64 {
        let counted = self.node.count(&self.account, "latest");
        let waiting = self.node.count(&self.account, "pending") - counted;
        assert_eq!(waiting, 0);
        counted
    }

    fn journals(&self) -> usize {
        self.files().count()
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let folder = self.home.path().join("state/phala-wizard/intents");
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = files.map(|file| file.path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "jnl"))
    }

    /// Every record of this kind, as far as it is on the disk.
    fn records(&self, kind: &str) -> Vec<Value> {
        let opening = format!("\"kind\":\"{kind}\",\"content\":");
        let mut found = Vec::new();
        for path in self.files() {
            let bytes = fs::read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for rest in text.split(&opening).skip(1) {
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
                found.extend(values.next().and_then(Result::ok));
            }
        }
        found
    }

    /// Every transaction that was signed, once each.
    fn signed(&self) -> Vec<Signed> {
        let text = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
        let records = self.records("transaction_signed");
        let signed = records.iter().map(|record| Signed {
            call: text(record, "call"),
            hash: format!("0x{}", text(record, "hash").trim_start_matches("0x")),
            nonce: record["nonce"].as_u64().unwrap(),
        });
        signed.collect()
    }

    /// The compose hash of what would be deployed, as the plan foretells it.
    fn foretold(&self, words: &str) -> Result<String, String> {
        let output = self.program(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let events = said
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let mut plans = events.filter(|event: &Value| event["event"] == "plan");
        let hash = plans
            .next()
            .and_then(|plan| plan["compose_hash"].as_str().map(str::to_owned));
        hash.ok_or(said)
    }

    fn variables(&self) -> [(&'static str, String); 4] {
        let home = self.home.path().display();
        [
            ("HOME", home.to_string()),
            ("XDG_STATE_HOME", format!("{home}/state")),
            ("PHALA_CLOUD_API_KEY", KEY.to_owned()),
            ("PHALA_CLOUD_API_PREFIX", self.base.clone()),
        ]
    }

    /// The program with these words, for other programs.
    fn program(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
        command
            .args(words.split_whitespace())
            .arg("--json")
            .env_clear()
            .envs(self.variables())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    /// Runs it with a node to ask, to its end or to a moment that chance has chosen. The exit code; `None` where it was
    /// killed.
    fn run(
        &self,
        words: &str,
        chance: Option<&mut Chance>,
        life: &mut Life,
    ) -> Result<Option<i32>, String> {
        let words = format!("{words} --rpc-url {} --timeout 20", self.node.0);
        let mut child = self.program(&words).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let moment = chance.map(Moment::of);
        let (mut said, mut last) = (String::new(), String::from("start"));
        if let Some(Point::Record(kind, count)) = moment.as_ref().map(|moment| &moment.point) {
            let before = self.records(kind).len();
            while self.records(kind).len() < before + count && child.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_micros(200));
            }
            last = format!("record {kind} {count}");
        }
        let mut told = 0;
        while moment.as_ref().is_none_or(|it| !it.is_near(&last, told)) {
            let from = said.len();
            if stdout.read_line(&mut said).unwrap() == 0 {
                break;
            }
            let event: Value = serde_json::from_str(&said[from..]).unwrap_or_default();
            event["event"]
                .as_str()
                .unwrap_or("nothing")
                .clone_into(&mut last);
            let is_it = moment.as_ref().is_some_and(|moment| moment.is_of(&last));
            told += usize::from(is_it);
        }
        if let Some(moment) = &moment {
            thread::sleep(moment.then);
            child.kill().unwrap();
        }
        stdout.read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        if code.is_none() {
            ensure(moment.is_some(), || format!("it died by itself\n{said}"))?;
            life.killed.push(last);
            let is_open = |signed: &Signed| {
                let receipt = self
                    .node
                    .ask("eth_getTransactionReceipt", &json!([signed.hash]));
                receipt.is_null()
            };
            life.in_flight += self.signed().iter().filter(|it| is_open(it)).count();
        }
        Ok(code)
    }

    /// Goes on with it on the screen until it runs.
    fn resume(&self, id: &str) -> Result<(), String> {
        let arguments = ["resume", id, "--rpc-url", &self.node.0];
        let mut program = Program::new(&arguments);
        for (name, value) in self.variables() {
            program = program.with(name, &value);
        }
        let mut pty = Pty::start(Size(100, 30), &program);
        let start = Instant::now();
        let mut last = None;
        while !pty.screen().contains("Running.") {
            ensure(start.elapsed() < PATIENCE, || {
                format!("after {last:?} it does not run:\n{}", pty.screen())
            })?;
            let is_over = !pty.take_in(Duration::from_millis(10));
            ensure(!is_over, || format!("it left:\n{}", pty.screen()))?;
            let screen = pty.screen();
            let seen = TYPED.iter().find(|(words, _)| screen.contains(words));
            if let Some((words, keys)) = seen.filter(|(words, _)| last != Some(*words)) {
                pty.keys(keys);
                last = Some(*words);
            }
        }
        pty.keys("\x03\x03");
        pty.wait_for_end();
        Ok(())
    }

    /// The one deployment that is not done, as `list` has it.
    fn unfinished(&self) -> Result<Option<Value>, String> {
        let output = self.program("list").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let list: Value = serde_json::from_str(&said).map_err(|why| format!("{why}: {said}"))?;
        ensure(output.status.code() == Some(0), || said.clone())?;
        let all = list["unfinished"].as_array().cloned().unwrap_or_default();
        ensure(all.len() <= 1, || said.clone())?;
        Ok(all.into_iter().next())
    }
}

/// When a run is killed, and a little after.
struct Moment {
    point: Point,
    then: Duration,
}

enum Point {
    /// So many more records of this kind are on the disk.
    Record(&'static str, usize),
    /// This event was told so often.
    Told(&'static str, usize),
}

impl Moment {
    fn of(chance: &mut Chance) -> Self {
        let longest = [300, 3_000, 30_000, 3_000_000][chance.below(4)];
        let point = match chance.below(8) {
            0..4 => Point::Record("transaction_signed", 1 + chance.below(2)),
            4 => Point::Record("transaction_seen", 1 + chance.below(2)),
            5 => Point::Record("commit_sent", 1),
            6 => Point::Told("transaction", 1 + chance.below(4)),
            _ => Point::Told("key_opened", 1),
        };
        Self {
            point,
            then: Duration::from_micros(chance.below(longest) as u64),
        }
    }

    fn is_of(&self, event: &str) -> bool {
        matches!(self.point, Point::Told(wanted, _) if wanted == event)
    }

    fn is_near(&self, last: &str, told: usize) -> bool {
        match self.point {
            Point::Record(..) => last.starts_with("record"),
            Point::Told(_, count) => told >= count,
        }
    }
}
