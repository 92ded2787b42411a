//! Two wizards on one app: the second is told who is first, and whoever dies lets go.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::thread;

use phala_wizard::api::types::AppId;
use phala_wizard::journal::found::{Holder, LockState, NotLocked};
use phala_wizard::journal::store::{NotOpened, Store};

use super::life::{app, at, intent};

/// Tells a second process what to lock.
const FOLDER: &str = "FAULTS_LOCK_FOLDER";

/// What that process says when it has it.
const SAID: &str = "holding";

fn holder(result: Result<impl std::fmt::Debug, NotLocked>) -> Option<Holder> {
    match result {
        Err(NotLocked::Held { holder, app: of }) if of == app() => holder,
        other => panic!("not held: {other:?}"),
    }
}

fn me(since: u64) -> Holder {
    Holder {
        pid: std::process::id(),
        since,
    }
}

/// Another process that holds the lock until it is killed.
fn other_process(state: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "faults::locks::a_second_handle_is_told_who_is_first",
        ])
        .args(["--nocapture", "--test-threads=1"])
        .env(FOLDER, state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let said = out.lines().any(|line| line.unwrap().contains(SAID));
    assert!(said, "the other process did not get the lock");
    child
}

#[test]
fn a_second_handle_is_told_who_is_first() {
    let told = std::env::var_os(FOLDER).map(PathBuf::from);
    let dir = tempfile::tempdir().unwrap();
    let state = told.clone().unwrap_or_else(|| dir.path().join("state"));
    let (one, other) = (Store::open(&state).unwrap(), Store::open(&state).unwrap());
    let lock = one.lock(app(), 1_763_900_000).unwrap();
    assert_eq!(holder(other.lock(app(), 5)), Some(me(1_763_900_000)));
    assert_eq!(holder(one.lock(app(), 5)), Some(me(1_763_900_000)));
    let another = AppId::parse(&"4f".repeat(20)).unwrap();
    assert!(other.lock(another, 5).is_ok(), "one lock per app");
    if told.is_some() {
        println!("{SAID}");
        // Until the one who started this process ends it, or itself.
        let _ = std::io::stdin().read_line(&mut String::new());
    }
    drop(lock);
    let who = state.join("locks").join(format!("{}.lock.who", app()));
    assert!(!who.exists(), "nobody is taken for the one who left");
    assert!(other.lock(app(), 6).is_ok());
}

#[test]
fn a_process_that_dies_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let store = Store::open(&state).unwrap();
    let mut child = other_process(&state);
    let first = holder(store.lock(app(), 5)).expect("who it is");
    assert_eq!(first.pid, child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(store.lock(app(), 6).is_ok());
}

#[test]
fn what_another_process_is_at_is_shown_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let store = Store::open(&state).unwrap();
    let intent = intent(1, false);
    let lock = store.lock(app(), 1).unwrap();
    let journal = store.begin(lock, intent.clone(), at(1)).unwrap();
    let found = |store: &Store| store.unfinished().unwrap().found.remove(0).lock;
    assert_eq!(found(&store), LockState::Taken(Some(me(1))));
    drop(journal);
    assert_eq!(found(&store), LockState::Free);

    let mut child = other_process(&state);
    let LockState::Taken(Some(who)) = found(&store) else {
        panic!("nobody has it");
    };
    assert_eq!(who.pid, child.id());
    let forgotten = store.forget(intent.id, at(2)).unwrap_err();
    assert!(matches!(forgotten, NotOpened::NotLocked(_)), "{forgotten}");
    child.kill().unwrap();
    child.wait().unwrap();
    store.forget(intent.id, at(3)).unwrap();
    assert!(store.unfinished().unwrap().found.is_empty());
}

#[test]
fn of_two_that_race_one_has_it_and_the_other_knows_who() {
    const RACES: usize = 200;
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let (start, end) = (Barrier::new(2), Barrier::new(2));
    let race = |store: Store| {
        let mut results = Vec::new();
        for race in 0..RACES {
            start.wait();
            let lock = store.lock(app(), race as u64);
            // Nobody lets go before both have tried.
            end.wait();
            results.push(lock.map(drop));
        }
        results
    };
    let (one, other) = (Store::open(&state).unwrap(), Store::open(&state).unwrap());
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| race(one));
        let other = scope.spawn(|| race(other));
        (one.join().unwrap(), other.join().unwrap())
    });
    let mut named = 0;
    for (race, pair) in (0..).zip(one.into_iter().zip(other)) {
        let lost = match pair {
            (Ok(()), lost) | (lost, Ok(())) => holder(lost),
            neither => panic!("race {race}: {neither:?}"),
        };
        // Not yet written down is possible, somebody else is not.
        assert!(
            lost.is_none() || lost == Some(me(race)),
            "race {race}: {lost:?}"
        );
        named += usize::from(lost.is_some());
    }
    println!("{RACES} races, {RACES} with one winner, in {named} the loser knew its name");
    assert!(named > RACES / 2);
}
