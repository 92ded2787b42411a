//! A journal of two kilobytes, cut at every byte and with every bit turned over.

use std::sync::Arc;

use phala_wizard::journal::found::Unfinished;
use phala_wizard::journal::reader::{self, Stamped};
use phala_wizard::journal::record::{PrepareSent, Record, Visible};
use phala_wizard::journal::replay::replay;
use phala_wizard::journal::store::Store;

use super::life::{at, intent, prepared, sent, uuid};
use super::sim::Sim;

/// A file of about two kilobytes, its name, and its records.
fn journal() -> (String, Vec<u8>, Vec<Stamped>) {
    let mut intent = intent(1, false);
    intent.plan.compose = Some("# a comment that is of some length\n".repeat(20));
    let name = format!("{}.jnl", intent.id);
    let mut bytes = reader::begin(&intent, &at(1)).unwrap().to_vec();
    let rest: Vec<Record> = vec![
        PrepareSent::first().into(),
        prepared(1).into(),
        sent(1).into(),
        Visible { uuid: uuid() }.into(),
    ];
    let mut records = vec![Stamped {
        at: at(1),
        record: Record::Intent(Box::new(intent)),
    }];
    for (number, record) in (2..).zip(rest) {
        bytes.extend_from_slice(&reader::record(number, &at(number), &record).unwrap());
        let at = at(number);
        records.push(Stamped { at, record });
    }
    (name, bytes, records)
}

fn look(sim: &Sim) -> Unfinished {
    Store::on(Arc::new(sim.clone())).unfinished().unwrap()
}

#[test]
fn a_journal_that_is_cut_says_what_is_left_of_it_and_no_more() {
    let (name, bytes, records) = journal();
    let (mut stillborn, mut shorter) = (0, 0);
    for cut in 0..bytes.len() {
        let sim = Sim::with(&name, &bytes[..cut]);
        let unfinished = look(&sim);
        assert!(unfinished.set_aside.is_empty(), "{cut}: {unfinished:?}");
        match reader::read(&bytes[..cut]) {
            Ok(contents) => {
                let left = &records[..contents.records.len()];
                assert_eq!(contents.records, left, "{cut}");
                assert!(left.len() < records.len(), "{cut}");
                let state = replay(left);
                let found: Vec<_> = unfinished
                    .found
                    .into_iter()
                    .map(|found| found.state)
                    .collect();
                assert_eq!(found, Vec::from_iter(state), "{cut}");
                shorter += 1;
            }
            Err(why) => {
                assert_eq!(why, reader::Unreadable::Stillborn, "{cut}");
                assert!(unfinished.found.is_empty(), "{cut}");
                stillborn += 1;
            }
        }
        assert_eq!(
            sim.bytes(&name).as_deref(),
            Some(&bytes[..cut]),
            "untouched"
        );
    }
    println!(
        "{} bytes: {} cuts, {shorter} read as what is left, {stillborn} as never begun",
        bytes.len(),
        shorter + stillborn
    );
    assert_eq!(shorter + stillborn, bytes.len());
    assert!(bytes.len() >= 2_000, "{}", bytes.len());
}

#[test]
fn no_turned_bit_is_ever_acted_on_and_nothing_is_lost_over_it() {
    let (name, bytes, records) = journal();
    let mut aside = 0;
    for bit in 0..bytes.len() * 8 {
        let mut turned = bytes.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        assert!(reader::read(&turned).is_err(), "bit {bit} is not noticed");
        let sim = Sim::with(&name, &turned);
        let unfinished = look(&sim);
        assert!(unfinished.found.is_empty(), "bit {bit} is acted on");
        let [set_aside] = unfinished.set_aside.as_slice() else {
            panic!("bit {bit}: {unfinished:?}");
        };
        let moved_to = set_aside.moved_to.as_ref().expect("another name");
        assert_eq!(moved_to.as_str(), format!("{name}.damaged"));
        assert_eq!(
            sim.bytes(moved_to.as_str()),
            Some(turned),
            "nothing is lost"
        );
        assert_eq!(look(&sim), Unfinished::default(), "it is told once");
        aside += 1;
    }
    println!(
        "{} bits of {} records turned: {aside} files set aside, 0 acted on",
        bytes.len() * 8,
        records.len()
    );
    assert_eq!(aside, bytes.len() * 8);
}
