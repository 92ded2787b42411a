//! A disk that fails, and a world that stops, at every operation of a whole life.

use std::sync::Arc;

use phala_wizard::journal::record::PrepareSent;
use phala_wizard::journal::store::Store;
use phala_wizard::journal::trouble::{Cause, Trouble, WriteFailed};

use super::life::{Ledger, TOKEN, app, at, contents, intent, live};
use super::sim::{EIO, ENOSPC, EROFS, Fault, Sim, Survives};

/// How often a life is taken up again before something is wrong with it.
const TRIES: usize = 5;

const FAULTS: [Fault; 7] = [
    Fault::Errno(ENOSPC),
    Fault::Errno(EIO),
    Fault::Errno(EROFS),
    Fault::DoneAnd(ENOSPC),
    Fault::DoneAnd(EIO),
    Fault::DoneAnd(EROFS),
    Fault::Short,
];

/// Lives on this disk until it is closed, taken up again after every interruption.
fn live_on(sim: &Sim, ledger: &mut Ledger) {
    for _ in 0..TRIES {
        if live(sim, ledger).is_ok() {
            return;
        }
    }
    panic!("it does not come to an end: {ledger:#?}");
}

/// At its end, an intent is on the disk with everything that was proven, and without its token.
fn is_well_ended(sim: &Sim, ledger: &Ledger) {
    let certain = sim.after_crash(0, Survives::Nothing);
    ledger.check(&certain);
    let (id, told) = ledger.closed.expect("it was closed");
    // Nobody was told that the token is gone where the disk did not say so.
    let sim = if told { &certain } else { sim };
    assert!(contents(sim, id).is_some());
    for name in sim.names() {
        let bytes = sim.bytes(&name).expect("a file");
        let mut parts = bytes.windows(TOKEN.len());
        assert!(
            !parts.any(|part| part == TOKEN.as_bytes()),
            "{name} keeps the token"
        );
    }
}

/// Operations of a life that nothing happens to.
fn operations() -> usize {
    let (sim, mut ledger) = (Sim::new(), Ledger::default());
    live(&sim, &mut ledger).expect("nothing goes wrong");
    is_well_ended(&sim, &ledger);
    sim.operations()
}

#[test]
fn whichever_operation_fails_nothing_is_proven_that_is_not_there() {
    let (operations, mut lives) = (operations(), 0);
    for number in 1..=operations {
        for fault in FAULTS {
            let (sim, mut ledger) = (Sim::new(), Ledger::default());
            sim.plan(number, fault);
            live_on(&sim, &mut ledger);
            is_well_ended(&sim, &ledger);
            lives += 1;
        }
    }
    println!("{operations} operations, {lives} lives with one failure: nothing proven was lost");
    assert_eq!(lives, operations * FAULTS.len());
}

#[test]
fn what_could_not_be_begun_can_be_begun_again_under_the_same_name() {
    for number in 1.. {
        let sim = Sim::new();
        let store = Store::on(Arc::new(sim.clone()));
        let lock = store.lock(app(), 1).unwrap();
        sim.plan(number, Fault::Errno(ENOSPC));
        if store.begin(lock, intent(1, false), at(1)).is_ok() {
            assert!(number > 4, "create, write, sync, names, and a look");
            break;
        }
        let lock = store.lock(app(), 1).unwrap();
        assert!(
            store.begin(lock, intent(1, false), at(1)).is_ok(),
            "{number}"
        );
    }
}

#[test]
fn a_failure_is_told_for_what_it_is_and_the_journal_takes_no_more() {
    let causes = [
        (Fault::Errno(ENOSPC), Some(Cause::Full)),
        (Fault::Errno(EROFS), Some(Cause::ReadOnly)),
        (Fault::Short, None),
    ];
    for (fault, expected) in causes {
        let sim = Sim::new();
        let store = Store::on(Arc::new(sim.clone()));
        let lock = store.lock(app(), 1).unwrap();
        let mut journal = store.begin(lock, intent(1, false), at(1)).unwrap();
        sim.plan(1, fault);
        let failed = journal.append(PrepareSent::first(), at(2)).unwrap_err();
        match (failed, expected) {
            (WriteFailed::Disk(Trouble::Failed { cause, .. }), Some(expected)) => {
                assert_eq!(cause, expected);
            }
            (WriteFailed::Short { written, wanted }, None) => assert!(written < wanted),
            other => panic!("{other:?}"),
        }
        let more = journal.append(PrepareSent::first(), at(2)).unwrap_err();
        assert_eq!(more, WriteFailed::Poisoned);
        let id = journal.id();
        let mut journal = store.reopen(journal.into_lock(), id).unwrap();
        assert!(journal.append(PrepareSent::first(), at(3)).is_ok());
        let found = store.unfinished().unwrap().found;
        assert_eq!(found[0].state.attempts(), 1);
    }
}

#[test]
fn a_disk_that_fails_and_then_loses_its_power_keeps_what_was_proven() {
    let (operations, mut crashes) = (operations(), 0);
    for number in 1..=operations {
        for fault in FAULTS {
            let (sim, mut ledger) = (Sim::new(), Ledger::default());
            sim.plan(number, fault);
            // On to its end where the failure is survived at once; else taken up again after the power came back.
            let _ = live(&sim, &mut ledger);
            for left in Survives::ALL {
                for names in 0..sim.name_states() {
                    let mut ledger = ledger.clone();
                    let after = sim.after_crash(names, left);
                    ledger.check(&after);
                    live_on(&after, &mut ledger);
                    is_well_ended(&after, &ledger);
                    crashes += 1;
                }
            }
        }
    }
    println!("{crashes} lives with a failure and a power cut: nothing proven was lost");
    assert!(crashes >= operations * FAULTS.len() * Survives::ALL.len());
}

#[test]
fn wherever_the_world_stops_what_was_proven_is_there_and_it_goes_on() {
    let (operations, mut crashes) = (operations(), 0);
    for number in 1..=operations {
        let (sim, mut ledger) = (Sim::new(), Ledger::default());
        sim.plan(number, Fault::Crash);
        assert!(live(&sim, &mut ledger).is_err() || number == operations);
        for left in Survives::ALL {
            for names in 0..sim.name_states() {
                let mut ledger = ledger.clone();
                let after = sim.after_crash(names, left);
                ledger.check(&after);
                live_on(&after, &mut ledger);
                is_well_ended(&after, &ledger);
                crashes += 1;
            }
        }
    }
    println!("{operations} operations, {crashes} crashes: nothing proven was lost");
    assert!(crashes >= operations * Survives::ALL.len());
}

#[test]
fn wherever_the_world_stops_again_while_it_recovers_what_was_proven_is_there() {
    let (operations, mut crashes) = (operations(), 0);
    for number in 1..=operations {
        let (sim, mut ledger) = (Sim::new(), Ledger::default());
        sim.plan(number, Fault::Crash);
        let _ = live(&sim, &mut ledger);
        for (names, left) in [
            (0, Survives::Nothing),
            (usize::MAX, Survives::Half),
            (usize::MAX, Survives::Everything),
        ] {
            for second in 1.. {
                let mut ledger = ledger.clone();
                let after = sim.after_crash(names, left);
                after.plan(second, Fault::Crash);
                let ended = live(&after, &mut ledger);
                if !after.is_crashed() {
                    assert!(ended.is_ok() || ledger.closed.is_some());
                    break;
                }
                for left in [Survives::Nothing, Survives::Half] {
                    let mut ledger = ledger.clone();
                    let again = after.after_crash(usize::MAX, left);
                    ledger.check(&again);
                    live_on(&again, &mut ledger);
                    is_well_ended(&again, &ledger);
                    crashes += 1;
                }
            }
        }
    }
    println!("{crashes} lives with two crashes: nothing proven was lost");
    assert!(crashes > operations * operations);
}
