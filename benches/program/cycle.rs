//! Prepare and commit without a screen, over loopback, beside the official CLI that does the same.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Pid;
use serde_json::Value;

use super::process::{kib, of_children};
use super::{KEY, WIZARD, World};

/// How often ours does it: the system counts in hundredths of a second.
const OURS: u32 = 10;
const THEIRS: u32 = 3;

/// The contract has what it needs by then.
const SIGNED: Duration = Duration::from_secs(2);

/// What the children of a cycle took.
#[derive(Default)]
struct Cost {
    cpu: Duration,
    most: u64,
}

/// Prints both.
pub fn measure() {
    println!(
        "\n{:32} {:>8} {:>9}",
        "prepare and commit", "CPU ms", "peak KiB"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let mut ours = Cost::default();
    // A world of its own for each: in one, the second round would find two live revisions, and have to choose.
    for round in 0..OURS {
        ours.add(our_cycle(&World::open("500"), folder.path(), round));
    }
    ours.print("phala-wizard", OURS);
    let Some(script) = official() else {
        println!("the official CLI is not here; cargo test --test interop fetches it");
        return;
    };
    let mut theirs = Cost::default();
    for round in 0..THEIRS {
        let world = World::open("500");
        theirs.add(their_cycle(&world, folder.path(), &script, round));
    }
    theirs.print("official CLI", THEIRS);
    println!(
        "{:32} {:>8.0} {:>9.1}   (limits 75 and 10)",
        "ratio",
        theirs.each(THEIRS) / ours.each(OURS),
        ratio(theirs.most, ours.most),
    );
}

#[expect(clippy::cast_precision_loss, reason = "some thousands of KiB")]
fn ratio(above: u64, below: u64) -> f64 {
    above as f64 / below.max(1) as f64
}

impl Cost {
    fn add(&mut self, more: Self) {
        self.cpu += more.cpu;
        self.most = self.most.max(more.most);
    }

    fn each(&self, rounds: u32) -> f64 {
        (self.cpu / rounds).as_secs_f64() * 1e3
    }

    fn print(&self, name: &str, rounds: u32) {
        println!("{name:32} {:>8.1} {:>9}", self.each(rounds), self.most);
    }
}

fn our_cycle(world: &World, folder: &Path, round: u32) -> Cost {
    let (token, told) = (format!("{round}.token"), compose(folder, "ours", round));
    let base = || {
        let mut command = Command::new(WIZARD);
        command.env_clear().env("HOME", folder).current_dir(folder);
        command.env("PHALA_CLOUD_API_KEY", KEY);
        command.env("PHALA_CLOUD_API_PREFIX", world.0.text("url"));
        command
    };
    let mut prepare = base();
    prepare.args(["deploy", "--app", "orders-api", "--node", "prod9", "--json"]);
    prepare.args(["--compose", &told, "--prepare-only", "--token-file", &token]);
    let (mut cost, said) = run(&mut prepare, 5);
    let prepared = said.lines().find(|line| line.contains("compose_hash\""));
    let prepared: Value = serde_json::from_str(prepared.expect("a hash")).expect("JSON");
    let hash = prepared["compose_hash"].as_str().expect("a hash");
    sleep(SIGNED);
    let mut commit = base();
    commit.args(["commit", "--app", "orders-api", "--compose-hash", hash]);
    commit.args(["--token-file", &token, "--yes", "--no-watch", "--json"]);
    // It was created, and nobody waited to see it run.
    cost.add(run(&mut commit, 8).0);
    cost
}

fn their_cycle(world: &World, folder: &Path, script: &Path, round: u32) -> Cost {
    let told = compose(folder, "theirs", round);
    let app = "orders-api";
    let base = || {
        let mut command = Command::new("node");
        command.env_clear().env("HOME", folder).current_dir(folder);
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        for (name, value) in [
            ("CI", "1"),
            ("NO_COLOR", "1"),
            ("PHALA_DISABLE_UPDATE_CHECK", "1"),
        ] {
            command.env(name, value);
        }
        command.env("PHALA_CLOUD_API_KEY", KEY);
        command.env("PHALA_CLOUD_API_PREFIX", world.0.text("url"));
        command.arg(script);
        command
    };
    let mut apps = base();
    apps.args(["apps", "--json"]);
    let apps: Value = serde_json::from_str(&run(&mut apps, 0).1).expect("JSON");
    let items = apps["items"].as_array().expect("apps");
    let is_it = |item: &&Value| {
        item["cvmName"]
            .as_str()
            .is_some_and(|name| name.starts_with(app))
    };
    let item = items.iter().find(is_it).expect("the app");
    let app = item["appId"].as_str().expect("an id").to_owned();
    let add = ["instances", "add", "--json", "--app-id", &app];
    let mut prepare = base();
    prepare
        .args(add)
        .args(["--node-id", "prod9", "-c", &told, "--prepare-only"]);
    let (mut cost, said) = run(&mut prepare, 0);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let of = |name: &str| said[name].as_str().expect("a text").to_owned();
    sleep(SIGNED);
    let mut commit = base();
    commit
        .args(add)
        .args(["--commit", "--compose-hash", &of("composeHash")]);
    commit.args(["--token", &of("commitToken")]);
    cost.add(run(&mut commit, 0).0);
    cost
}

/// A compose file that nobody prepared before.
fn compose(folder: &Path, whose: &str, round: u32) -> String {
    let name = format!("{whose}-{round}.yml");
    let image = "ghcr.io/sandbox-team/orders-api";
    let text = format!("services:\n  api:\n    image: {image}:{whose}-{round}\n");
    fs::write(folder.join(&name), text).expect("a file");
    name
}

/// Runs a child to its end: what it took, and what it printed. It prints little enough for a pipe to hold.
fn run(command: &mut Command, code: i32) -> (Cost, String) {
    let before = of_children();
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a child");
    let pid = Pid::from_child(&child);
    let mut most = 0;
    while child.try_wait().expect("a status").is_none() {
        most = most.max(kib(pid, "status", "VmHWM").unwrap_or(0));
        sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{command:?}: {said}{complaint}"
    );
    let cpu = of_children().saturating_sub(before);
    (Cost { cpu, most }, said)
}

/// Where the interop test put it, or where `PHALA_CLI` says: its script.
fn official() -> Option<PathBuf> {
    let named = env::var_os("PHALA_CLI").map(PathBuf::from);
    let fetched = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop/node");
        folder.join("node_modules/phala/dist/index.js")
    };
    Some(named.unwrap_or_else(fetched)).filter(|script| script.is_file())
}
