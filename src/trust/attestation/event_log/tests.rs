use serde_json::json;

use super::*;

fn log(entries: Value) -> Log {
    Log::read(&entries).unwrap()
}

fn entry(name: &str, contents: &str, version: u64) -> Value {
    json!({
        "imr": 3, "event_type": RUNTIME_TYPE, "event": name, "event_payload": contents, "version": version,
    })
}

/// The digest of the first entry, as hex.
fn digest(log: &Log) -> String {
    hex::encode(log.0[0].computed().unwrap())
}

#[test]
fn the_digest_is_the_one_real_machines_extend() {
    let log = log(json!([entry("system-preparing", "", 1)]));
    assert_eq!(
        digest(&log),
        "f9974020ef507068183313d0ca808e0d1ca9b2d1ad0c61f5784e7157c362c06536f5ddacdad4451693f48fcc72fff624"
    );
}

#[test]
fn the_second_recipe_is_canonical_json() {
    for (name, contents, text) in [
        (
            "compose-hash",
            "ABcd",
            r#"{"name":"compose-hash","payload":"abcd","type":134217729}"#,
        ),
        ("", "", r#"{"name":"","payload":"","type":134217729}"#),
        (
            "a\"b\\c\n\u{8}\u{1}\u{7f}/é",
            "",
            "{\"name\":\"a\\\"b\\\\c\\n\\b\\u0001\u{7f}/é\",\"payload\":\"\",\"type\":134217729}",
        ),
    ] {
        let log = log(json!([entry(name, contents, 2)]));
        assert_eq!(log.0[0].canonical(), text);
        assert_eq!(digest(&log), hex::encode(Sha384::digest(text)));
    }
}

#[test]
fn a_register_without_entries_stays_zero() {
    let empty = log(json!([]));
    assert_eq!(empty.runtime(), Ok([0; 48]));
    assert_eq!(empty.firmware(), Ok([[0; 48]; 3]));
    assert_eq!(empty.runtime_prefix(&[1; 48]), None);
}

#[test]
fn short_digests_are_filled_with_zeros() {
    let short = log(json!([{"imr": 1, "event_type": 1, "digest": "ab"}]));
    let full =
        log(json!([{"imr": 1, "event_type": 1, "digest": format!("ab{}", "00".repeat(47))}]));
    assert_eq!(short.firmware(), full.firmware());
    assert_ne!(short.firmware(), Ok([[0; 48]; 3]));
}

#[test]
fn a_register_is_the_hash_of_what_it_was_and_the_digest() {
    let log = log(json!([
        {"imr": 0, "event_type": 1, "digest": "11".repeat(48)},
        {"imr": 2, "event_type": 1, "digest": "22".repeat(48)},
        {"imr": 0, "event_type": 1, "digest": "33".repeat(48)},
    ]));
    let step = |register: [u8; 48], digest: u8| -> [u8; 48] {
        Sha384::digest([register, [digest; 48]].concat()).into()
    };
    let first = step(step([0; 48], 0x11), 0x33);
    assert_eq!(log.firmware(), Ok([first, [0; 48], step([0; 48], 0x22)]));
}

#[test]
fn values_are_those_before_the_end_of_the_boot() {
    let log = log(json!([
        entry("a", "01", 1),
        entry("b", "02", 1),
        entry("b", "03", 1),
        entry("system-ready", "", 1),
        entry("a", "04", 1),
        entry("c", "05", 1),
    ]));
    assert_eq!(log.boot_value("a"), Found::Once(&[1]));
    assert_eq!(log.boot_value("b"), Found::Times(2));
    assert_eq!(log.boot_value("c"), Found::Missing);
    assert!(log.marks_end_of_boot());
    assert_eq!(log.runtime_entries(), 6);
}
