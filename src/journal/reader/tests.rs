//! What makes a file not ours to act on. Cuts and flipped bits are tried in `tests/faults`.

use serde_json::{Value, json};

use super::*;
use crate::journal::record::{Closed, End, PrepareSent};
use crate::journal::testing::{TOKEN, at, by_contract, intent, prepared};

/// A file of these texts.
fn file(texts: &[Value]) -> Vec<u8> {
    texts
        .iter()
        .flat_map(|text| frame::around(text).unwrap().to_vec())
        .collect()
}

fn header() -> Value {
    json!({"magic": MAGIC, "format": FORMAT, "id": intent(by_contract()).id.to_string()})
}

fn written(n: u64, record: &Value) -> Value {
    json!({"n": n, "at": {"unix": 1}, "record": record})
}

fn first() -> Value {
    let record = Record::Intent(Box::new(intent(by_contract())));
    written(1, &serde_json::to_value(record).unwrap())
}

fn prepare_sent() -> Value {
    json!({"kind": "prepare_sent", "content": {"attempt": 1}})
}

#[test]
fn what_is_written_is_read() {
    let intent = intent(by_contract());
    let mut bytes = begin(&intent, &at(1)).unwrap().to_vec();
    let second = Record::from(PrepareSent::first());
    bytes.extend_from_slice(&record(2, &at(2), &second).unwrap());
    let contents = read(&bytes).unwrap();
    assert_eq!(contents.id, intent.id);
    assert_eq!(contents.sound, bytes.len());
    assert!(!contents.torn);
    let records: Vec<Record> = contents.records.into_iter().map(|r| r.record).collect();
    assert_eq!(records, [Record::Intent(Box::new(intent)), second]);
}

#[test]
fn a_member_that_is_not_known_is_passed_over() {
    let mut record = prepare_sent();
    record["content"]["mood"] = json!({"good": true});
    let mut second = written(2, &record);
    second["more"] = json!(1);
    let contents = read(&file(&[header(), first(), second])).unwrap();
    assert_eq!(
        contents.records[1].record,
        Record::from(PrepareSent::first())
    );
}

#[test]
fn a_newer_version_is_recognised_by_format_kind_or_word() {
    let mut newer = header();
    newer["format"] = json!(FORMAT + 1);
    newer["id"] = json!({"another": "shape"});
    let kind = written(2, &json!({"kind": "refunded", "content": {}}));
    let word = written(2, &json!({"kind": "closed", "content": {"end": "sold"}}));
    for texts in [
        vec![newer],
        vec![header(), first(), kind],
        vec![header(), first(), word],
    ] {
        assert_eq!(read(&file(&texts)), Err(Unreadable::Newer), "{texts:?}");
    }
}

#[test]
fn records_in_another_order_are_not_ours() {
    for texts in [
        vec![header(), first(), written(3, &prepare_sent())],
        vec![header(), written(1, &prepare_sent())],
        vec![json!({"magic": "another program", "format": 1})],
        vec![json!([])],
    ] {
        assert_eq!(read(&file(&texts)), Err(Unreadable::Foreign), "{texts:?}");
    }
    let mut other = header();
    other["id"] = json!(IntentId::new(1, 1).to_string());
    assert_eq!(read(&file(&[other, first()])), Err(Unreadable::Foreign));
}

#[test]
fn a_file_without_a_whole_intent_was_never_acted_on() {
    assert_eq!(read(b""), Err(Unreadable::Stillborn));
    assert_eq!(read(&file(&[header()])), Err(Unreadable::Stillborn));
    let whole = file(&[header(), first()]);
    let cut = &whole[..whole.len() - 1];
    assert_eq!(read(cut), Err(Unreadable::Stillborn));
}

#[test]
fn closing_drops_the_token_and_keeps_the_rest_as_it_was() {
    let mut strange = serde_json::to_value(Record::from(PrepareSent::first())).unwrap();
    strange["content"]["mood"] = json!("good");
    let token = serde_json::to_value(Record::from(prepared(1, TOKEN))).unwrap();
    let bytes = file(&[header(), first(), written(2, &strange), written(3, &token)]);
    let end = Record::Closed(Closed { end: End::Running });
    let closed = closed(&bytes, &at(9), &end).unwrap();
    let text = String::from_utf8_lossy(&closed);
    assert!(!text.contains("ct_canary"));
    assert!(text.contains("mood"));
    let contents = read(&closed).unwrap();
    assert_eq!(contents.records.len(), 4);
    assert_eq!(contents.records[3].record, end);
    let bare = prepared(1, TOKEN).without_token();
    assert_eq!(contents.records[2].record, Record::from(bare));
}
