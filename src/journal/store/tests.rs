//! A store on each kind of disk: what it keeps, what it refuses, and what it sets aside.

use super::*;
use crate::journal::record::{Choice, Decision, Facts, PrepareSent};
use crate::journal::replay::NotNow;
use crate::journal::testing::{TOKEN, at, by_contract, facts, intent, plan, prepared, sent};

/// Every disk there is, each in a folder of its own, with room for what is in it.
fn everywhere(test: impl Fn(&Store)) {
    let dir = tempfile::tempdir().unwrap();
    test(&Store::open(&dir.path().join("system")).unwrap());
    let plain = plain::open(&dir.path().join("plain")).unwrap();
    test(&Store::on(Arc::new(plain)));
    test(&Store::in_memory());
}

fn sandboxed() -> Intent {
    let facts = Facts {
        sandbox: true,
        ..facts(by_contract())
    };
    Intent::new(intent(by_contract()).id, &plan(), facts)
}

fn begun(store: &Store) -> Journal {
    let lock = store.lock(plan().app, 7).unwrap();
    store.begin(lock, sandboxed(), at(1)).unwrap()
}

fn path(store: &Store, id: IntentId) -> String {
    let found = store.disk.list().unwrap();
    let name = file_name(id);
    assert_eq!(found, [name.as_str()]);
    name
}

#[test]
fn what_is_written_is_found_and_gone_on_with() {
    everywhere(|store| {
        let mut journal = begun(store);
        let first = journal.append(PrepareSent::first(), at(2)).unwrap();
        assert_eq!((first.intent(), first.number()), (journal.id(), 2));
        let state = journal.state().clone();
        let found = store.unfinished().unwrap().found;
        assert_eq!(found[0].state, state);
        let me = std::process::id();
        assert_eq!(
            found[0].lock,
            LockState::Taken(Some(Holder { pid: me, since: 7 }))
        );

        let (id, lock) = (journal.id(), journal.into_lock());
        let mut journal = store.reopen(lock, id).unwrap();
        assert_eq!(journal.state(), &state);
        let token = journal.append(prepared(1, TOKEN), at(3)).unwrap();
        assert_eq!(token.number(), 3);
        let commit = journal.append(sent(1, TOKEN), at(4)).unwrap();
        assert_eq!((commit.number(), commit.record().send), (4, 1));
        journal.close(End::Created, at(5)).unwrap();
        assert_eq!(store.unfinished().unwrap(), Unfinished::default());
        let lock = store.lock(plan().app, 7).unwrap();
        assert_eq!(store.reopen(lock, id).unwrap_err(), NotOpened::Closed);
        let bytes = store.disk.read(&path(store, id), LARGEST).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("ct_canary"));
    });
}

#[test]
fn the_newest_comes_first() {
    everywhere(|store| {
        for ms in [2, 3, 1] {
            let intent = Intent::new(IntentId::new(ms, 0), &plan(), sandboxed().facts);
            let lock = store.lock(plan().app, 7).unwrap();
            store.begin(lock, intent, at(ms)).unwrap();
        }
        let found = store.unfinished().unwrap().found;
        let order: Vec<u64> = found.iter().map(|found| found.state.last().unix).collect();
        assert_eq!(order, [3, 2, 1]);
    });
}

#[test]
fn what_must_not_be_done_is_not_written_and_does_no_harm() {
    everywhere(|store| {
        let mut journal = begun(store);
        let early = journal.append(sent(1, TOKEN), at(2)).unwrap_err();
        assert_eq!(early, WriteFailed::NotNow(NotNow::Token));
        journal.append(PrepareSent::first(), at(2)).unwrap();
        let huge = "x".repeat(5 << 20);
        let large = journal.append(prepared(1, &huge), at(3)).unwrap_err();
        assert_eq!(large, WriteFailed::TooLarge);
        journal.append(prepared(1, TOKEN), at(3)).unwrap();
    });
}

#[test]
fn a_file_never_grows_beyond_what_is_read() {
    let store = Store::in_memory();
    let mut journal = begun(&store);
    let long = Decision {
        choice: Choice::AcceptOtherHash,
        facts: vec![Shown::line(&"x".repeat(4_000_000))],
    };
    let failed = (0..12).find_map(|_| journal.append(long.clone(), at(2)).err());
    assert_eq!(failed, Some(WriteFailed::TooLarge));
    assert_eq!(store.unfinished().unwrap().found.len(), 1);
    journal.append(PrepareSent::first(), at(3)).unwrap();
}

#[test]
fn nothing_begins_twice_or_under_the_lock_of_another_app() {
    everywhere(|store| {
        let journal = begun(store);
        let lock = journal.into_lock();
        let again = store.begin(lock, sandboxed(), at(2)).unwrap_err();
        assert!(matches!(
            again,
            WriteFailed::Disk(Trouble::Failed {
                cause: Cause::Exists,
                ..
            })
        ));
        assert_eq!(store.unfinished().unwrap().found.len(), 1);
        let other = AppId::parse(&"4f".repeat(20)).unwrap();
        let lock = store.lock(other, 7).unwrap();
        let wrong = store.begin(lock, sandboxed(), at(2)).unwrap_err();
        assert_eq!(wrong, WriteFailed::WrongLock);
        let lock = store.lock(other, 7).unwrap();
        let wrong = store.reopen(lock, sandboxed().id).unwrap_err();
        assert_eq!(wrong, NotOpened::WrongLock);
    });
}

#[test]
fn nothing_real_is_made_without_a_disk() {
    let store = Store::in_memory();
    let lock = store.lock(plan().app, 7).unwrap();
    let real = store.begin(lock, intent(by_contract()), at(1)).unwrap_err();
    assert_eq!(real, WriteFailed::NotKept);
    assert_eq!(store.unfinished().unwrap(), Unfinished::default());
}

#[test]
fn what_a_newer_version_wrote_is_set_aside_under_that_name_and_never_over_another() {
    everywhere(|store| {
        let journal = begun(store);
        let name = path(store, journal.id());
        drop(journal);
        let bytes = store.disk.read(&name, LARGEST).unwrap();
        for round in ["newer", "newer.2", "newer.3"] {
            store.disk.remove(&name).unwrap();
            let kind =
                serde_json::json!({"n": 2, "at": {"unix": 1}, "record": {"kind": "refunded"}});
            let frame = crate::journal::frame::around(&kind).unwrap();
            let mut file = store.disk.create(&name).unwrap();
            file.append(&bytes).unwrap();
            file.append(&frame).unwrap();
            let unfinished = store.unfinished().unwrap();
            assert!(unfinished.found.is_empty());
            let [aside] = unfinished.set_aside.as_slice() else {
                panic!("{unfinished:?}");
            };
            assert_eq!(aside.why, Aside::Contents(Unreadable::Newer));
            let moved_to = aside.moved_to.as_ref().unwrap();
            assert_eq!(moved_to.as_str(), format!("{name}.{round}"));
        }
        assert_eq!(store.disk.list().unwrap().len(), 3);
    });
}

#[test]
fn a_copy_under_another_name_is_set_aside() {
    everywhere(|store| {
        let journal = begun(store);
        let name = path(store, journal.id());
        drop(journal);
        let bytes = store.disk.read(&name, LARGEST).unwrap();
        let copy = file_name(IntentId::new(1, 1));
        store.disk.create(&copy).unwrap().append(&bytes).unwrap();
        let unfinished = store.unfinished().unwrap();
        assert_eq!(unfinished.found.len(), 1);
        assert_eq!(unfinished.set_aside[0].name.as_str(), copy);
        assert_eq!(
            unfinished.set_aside[0].why,
            Aside::Contents(Unreadable::Foreign)
        );
    });
}

#[test]
fn a_file_beyond_all_limits_is_set_aside_unread() {
    everywhere(|store| {
        let name = file_name(IntentId::new(1, 1));
        let mut file = store.disk.create(&name).unwrap();
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..33 {
            file.append(&piece).unwrap();
        }
        let unfinished = store.unfinished().unwrap();
        let aside = &unfinished.set_aside[0];
        assert!(matches!(aside.why, Aside::Disk(Trouble::TooLarge { .. })));
        assert!(aside.moved_to.is_some());
    });
}

#[test]
fn what_is_forgotten_is_closed_and_its_token_gone() {
    everywhere(|store| {
        let mut journal = begun(store);
        journal.append(PrepareSent::first(), at(2)).unwrap();
        journal.append(prepared(1, TOKEN), at(3)).unwrap();
        let id = journal.id();
        let held = store.forget(id, at(4)).unwrap_err();
        assert!(matches!(held, NotOpened::NotLocked(_)), "{held}");
        drop(journal);
        store.forget(id, at(4)).unwrap();
        assert_eq!(store.unfinished().unwrap(), Unfinished::default());
        let bytes = store.disk.read(&path(store, id), LARGEST).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("ct_canary"));
        assert_eq!(store.forget(id, at(5)).unwrap_err(), NotOpened::Closed);
    });
}

#[test]
fn nothing_of_a_store_prints_the_token() {
    everywhere(|store| {
        let mut journal = begun(store);
        journal.append(PrepareSent::first(), at(2)).unwrap();
        let token = journal.append(prepared(1, TOKEN), at(3)).unwrap();
        let found = store.unfinished().unwrap();
        let state = journal.state().clone();
        let (id, first) = (journal.id(), format!("{journal:?}"));
        let journal = store.reopen(journal.into_lock(), id).unwrap();
        let printed = format!("{first} {token:?} {found:#?} {state:#?} {journal:?} {store:?}");
        assert!(printed.contains("Secret(..)"));
        assert!(!printed.contains("canary"), "{printed}");
    });
}
