//! What is written comes back, and what must not be written has no way in.

use proptest::prelude::*;

use super::*;
use crate::journal::testing::{
    self, TOKEN, any_record, by_contract, decided, intent, made, plan, prepared, refused, sent,
    signed, uuid,
};

/// One of each kind, with every member set.
fn one_of_each() -> Vec<Record> {
    let mut offered = prepared(1, TOKEN);
    offered.answering = Answering::Commit(1);
    offered.date = Some("Mon, 23 Nov 2026 10:00:00 GMT".into());
    offered.mismatch = vec![Mismatch {
        member: "device_id".into(),
        asked: "0xde".into(),
        named: "0xdf".into(),
    }];
    let hash = signed(7, "ab").hash;
    vec![
        Record::Intent(Box::new(intent(by_contract()))),
        PrepareSent::first().into(),
        PrepareRefused {
            attempt: 1,
            status: 402,
            code: Some("ERR-04-001".into()),
        }
        .into(),
        offered.into(),
        CreatedDirectly {
            attempt: 1,
            made: made(9),
        }
        .into(),
        signed(7, "ab").into(),
        TransactionSeen {
            hash,
            seen: Seen::Mined,
            block: Some(22_000_000),
        }
        .into(),
        sent(1, TOKEN).into(),
        refused(1, Meaning::TokenGone).into(),
        Committed {
            how: How::Found,
            made: made(9),
        }
        .into(),
        Visible { uuid: uuid(9) }.into(),
        Running {
            uuid: Some(uuid(9)),
            instance_id: Some("0a0b".into()),
        }
        .into(),
        decided(Choice::Mine(uuid(9))).into(),
        Record::Closed(Closed { end: End::Running }),
    ]
}

/// Every kind of record as format 1 spells it. It is never changed, only added to.
const FORMAT_1: &str = include_str!("format_1.json");

#[test]
fn the_spelling_of_a_record_is_the_files_and_not_the_programs() {
    let golden: serde_json::Value = serde_json::from_str(FORMAT_1).unwrap();
    let spelt = serde_json::to_value(one_of_each()).unwrap();
    assert_eq!(spelt, golden, "{spelt:#}");
}

#[test]
fn what_was_spelt_once_is_read_for_ever() {
    let read: Vec<Record> = serde_json::from_str(FORMAT_1).unwrap();
    assert_eq!(read, one_of_each());
}

#[test]
fn a_plan_and_a_ticket_come_back_as_they_were() {
    let intent = intent(by_contract());
    assert_eq!(intent.plan(), plan());
    let ticket = testing::ticket(TOKEN);
    let record = Prepared::of(&ticket, Answering::Prepare(1));
    assert_eq!(record.ticket(), Some(ticket));
}

#[test]
fn another_plan_is_another_request() {
    let mut changed = plan();
    changed.compose = Some("services: {}\n".to_owned());
    let intent = intent(by_contract());
    let other = Intent::new(intent.id, &changed, intent.facts.clone());
    assert_ne!(intent.request_sha256, other.request_sha256);
}

#[test]
fn a_token_that_is_not_for_what_was_asked_cannot_be_redeemed() {
    let mut record = prepared(1, TOKEN);
    record.mismatch = vec![Mismatch {
        member: "app_id".into(),
        asked: "3f".into(),
        named: "4f".into(),
    }];
    assert_eq!(record.ticket(), None);
    assert_eq!(prepared(1, TOKEN).without_token().ticket(), None);
}

#[test]
fn a_token_is_never_printed() {
    for record in one_of_each() {
        let printed = format!("{record:?} {record:#?}");
        assert!(!printed.contains("ct_canary"), "{printed}");
    }
}

#[test]
fn only_two_members_of_all_records_can_hold_a_secret() {
    let sources = [
        include_str!("../record.rs"),
        include_str!("answer.rs"),
        include_str!("chain.rs"),
        include_str!("intent.rs"),
    ];
    let members: Vec<&str> = sources
        .iter()
        .flat_map(|source| source.lines())
        .map(str::trim)
        .filter(|line| line.starts_with("pub ") && line.contains("Secret") && line.ends_with(','))
        .collect();
    assert_eq!(
        members,
        [
            "pub token: Option<Secret>,",
            "pub commit_url: Option<Secret>,"
        ]
    );
}

#[test]
fn tokens_are_told_apart_by_a_piece_that_is_of_no_use() {
    let one = fingerprint(&Secret::new("one"));
    assert_ne!(one, fingerprint(&Secret::new("two")));
    // The first eight bytes of `printf one | sha256sum`.
    assert_eq!(one.to_string(), "7692c3ad3540bb80");
}

proptest! {
    #[test]
    fn any_record_comes_back_as_it_was(record in any_record()) {
        let text = serde_json::to_string(&record).unwrap();
        let read: Record = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, record);
    }

    #[test]
    fn a_text_from_a_file_is_safe_to_show(text in any::<String>()) {
        let written = serde_json::json!({"uuid": null, "instance_id": text});
        let running: Running = serde_json::from_value(written).unwrap();
        let again = Shown::line(&text);
        prop_assert_eq!(running.instance_id, Some(again));
    }
}
