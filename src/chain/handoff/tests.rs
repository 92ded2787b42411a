//! Every file against what the official programs write and read, and what can be in none of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::api::types::{AppId, ComposeHash, DeviceId};

const CONTRACT: &str = "0x6F1216D1BFe15c98520CA1434FC1d9D57AC95321";

fn hash() -> ComposeHash {
    ComposeHash::parse(&format!("c0ffee{}", "0".repeat(58))).unwrap()
}

fn device() -> DeviceId {
    DeviceId::parse(&format!("de71ce{}", "1".repeat(58))).unwrap()
}

fn handoff() -> Handoff {
    Handoff {
        subject: Subject {
            chain_id: 8453,
            contract: CONTRACT.parse().unwrap(),
            app: AppId::parse(CONTRACT).unwrap(),
            hash: Some(hash()),
            device: Some(device()),
        },
        calls: vec![Call::AddDevice(device()), Call::AddComposeHash(hash())],
        app_name: "paymaster".into(),
        made_at_ms: 1_780_000_000_000,
    }
}

/// Files that the Transaction Builder takes, with checksums it finds right.
fn recorded() -> Vec<Value> {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/chain.json")).unwrap();
    let recorded = vectors["safe_transaction_builder"].as_array().unwrap();
    assert_eq!(recorded.len(), 3);
    recorded.clone()
}

/// Everything in this text that is `0x` and digits.
fn words(text: &str) -> BTreeSet<String> {
    let ends = |c: char| !c.is_ascii_alphanumeric();
    let words = text.split(ends).filter(|word| word.starts_with("0x"));
    words.map(str::to_owned).collect()
}

#[test]
fn checksums_are_those_of_the_safe_app() {
    for file in recorded() {
        let expected = file["meta"]["checksum"].as_str().unwrap();
        assert_eq!(safe::checksum(file.clone()), expected);
        let mut changed = file.clone();
        changed["meta"]["name"] = "another".into();
        assert_eq!(
            safe::checksum(changed.clone()),
            expected,
            "a name may change"
        );
        changed["transactions"][0]["to"] = Value::from("0x00");
        assert_ne!(safe::checksum(changed), expected);
    }
}

#[test]
fn a_batch_is_what_the_safe_app_writes() {
    let mut compared = 0;
    for file in recorded() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let sent = file["transactions"].as_array().unwrap();
        let calls = sent.iter().map(|sent| {
            let method = &sent["contractInputsValues"]["composeHash"];
            match sent["data"].as_str() {
                Some(data) => Call::read(&hex::decode(&data[2..]).unwrap()).unwrap(),
                None => Call::AddComposeHash(ComposeHash::parse(&text(method)).unwrap()),
            }
        });
        let handoff = Handoff {
            calls: calls.collect(),
            made_at_ms: file["createdAt"].as_u64().unwrap(),
            ..handoff()
        };
        let meta = &file["meta"];
        let ours = safe::batch(&handoff, &text(&meta["name"]), &text(&meta["description"]));
        let ours: Value = serde_json::from_str(&ours).unwrap();
        // Who made it from which Safe is not known here, and a call as data is the same as one in words.
        let mut expected = file.clone();
        expected["meta"]["createdFromSafeAddress"] = "".into();
        for (sent, call) in expected["transactions"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .zip(&handoff.calls)
        {
            sent["data"] = format!("0x{}", hex::encode(call.input())).into();
            sent["contractMethod"] = Value::Null;
            sent["contractInputsValues"] = Value::Null;
        }
        let sum = safe::checksum(expected.clone());
        compared += usize::from(sum == text(&meta["checksum"]));
        expected["meta"]["checksum"] = sum.into();
        assert_eq!(ours, expected);
    }
    assert_eq!(
        compared, 1,
        "one of them is ours to the last digit of its checksum"
    );
}

#[test]
fn a_batch_has_its_members_in_the_order_of_the_app() {
    let text = handoff().safe_batch();
    let order = [
        "version",
        "chainId",
        "createdAt",
        "meta",
        "transactions",
        "to",
        "value",
        "data",
    ];
    let places = order.map(|member| text.find(&format!("\"{member}\":")).expect(member));
    assert!(places.is_sorted(), "{places:?}");
    assert!(text.contains("\"value\": \"0\""));
}

#[test]
fn commands_are_complete_and_nothing_else_is_among_them() {
    let Handoff { calls, .. } = handoff();
    let (device, hash) = (calls[0].argument(), calls[1].argument());
    let start =
        "cast send --rpc-url '<a node of chain 8453 (Base)>' --chain 8453 --account '<your key>'";
    let expected = format!(
        "{start} {CONTRACT} \"addDevice(bytes32)\" {device}\n{start} {CONTRACT} \"addComposeHash(bytes32)\" {hash}\n"
    );
    assert_eq!(handoff().cast_commands(), expected);
}

#[test]
fn every_calldata_reads_back_as_the_call_it_is() {
    let handoff = handoff();
    for (name, text) in handoff.files() {
        let read: BTreeSet<String> = words(&text)
            .iter()
            .filter(|word| word.len() == 2 + 2 * 36)
            .map(|word| {
                Call::read(&hex::decode(&word[2..]).unwrap())
                    .expect(word)
                    .to_string()
            })
            .collect();
        let all: BTreeSet<String> = handoff.calls.iter().map(ToString::to_string).collect();
        let expected = if name == "cast-commands.txt" {
            BTreeSet::new()
        } else {
            all
        };
        assert_eq!(read, expected, "{name}");
    }
    let calldata = handoff.calldata();
    for call in &handoff.calls {
        assert!(
            calldata.contains(&format!("means   {call}\n")),
            "{calldata}"
        );
    }
}

/// Written so that a member more is an error here: there is none in which a key, a token or a value could be.
#[test]
fn nothing_is_in_a_file_but_what_was_asked() {
    let handoff = handoff();
    let Handoff {
        subject,
        calls,
        app_name: _,
        made_at_ms: _,
    } = handoff.clone();
    let Subject {
        chain_id: _,
        contract,
        app,
        hash: _,
        device: _,
    } = subject;
    let mut known = BTreeSet::from([contract.to_string(), format!("0x{app}")]);
    for call in calls {
        known.insert(call.argument().to_string());
        known.insert(format!("0x{}", hex::encode(call.input())));
    }
    let batch: Value = serde_json::from_str(&handoff.safe_batch()).unwrap();
    known.insert(batch["meta"]["checksum"].as_str().unwrap().to_owned());
    for (name, text) in handoff.files() {
        let unknown: Vec<String> = words(&text).difference(&known).cloned().collect();
        assert_eq!(unknown, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_name_cannot_write_a_line_of_its_own() {
    let name = "x\"; rm -rf ~ #\n\nNOTHING TO CHECK\n$(id)";
    let handoff = Handoff {
        app_name: Shown::text(&format!("{name}{}", "y".repeat(500))),
        ..handoff()
    };
    let page = handoff.explanation();
    assert!(
        page.contains("    x\"; rm -rf ~ #\\u{a}\\u{a}NOTHING TO CHECK"),
        "{page}"
    );
    assert!(!page.contains("\nNOTHING TO CHECK"));
    assert!(!page.contains(&"y".repeat(100)), "a name has an end");
    assert!(!handoff.cast_commands().contains("rm -rf"));
    assert!(!handoff.calldata().contains("rm -rf"));
    let batch: Value = serde_json::from_str(&handoff.safe_batch()).unwrap();
    let named = batch["meta"]["name"].as_str().unwrap();
    assert!(
        named.starts_with("Allow for x\"; rm -rf ~ #\\u{a}"),
        "{named}"
    );
}

#[test]
fn the_page_says_what_the_owner_has_to_know() {
    let page = handoff().explanation();
    for said in [
        CONTRACT,
        "chain      8453 (Base)",
        "paymaster",
        "gets the\napp's keys",
        "cannot be taken back for machines that already have the keys",
        "check compose-hash app-compose.json --expect 0xc0ffee",
        "cast decode-calldata \"addComposeHash(bytes32)\" 0xdfc77223c0ffee",
        "on another way than the one these files came on",
        "\"allowedComposeHashes(bytes32)(bool)\" 0xc0ffee",
        "\"allowedDeviceIds(bytes32)(bool)\" 0xde71ce",
        "check chain --app-id 0x6f1216d1bfe15c98520ca1434fc1d9d57ac95321 --device 0xde71ce",
        "--compose-hash 0xc0ffee",
        "Apps > Transaction Builder",
        "checksum",
        "no password and no token",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    for file in &Handoff::file_names()[1..] {
        assert!(page.contains(file), "{file}");
    }
}

#[test]
fn a_page_about_one_call_is_silent_about_the_other() {
    let only = |call| {
        Handoff {
            calls: vec![call],
            ..handoff()
        }
        .explanation()
    };
    let page = only(Call::AddDevice(device()));
    assert!(
        !page.contains("compose hash") && !page.contains("check compose-hash"),
        "{page}"
    );
    let page = only(Call::AddComposeHash(hash()));
    assert!(
        !page.contains("device id") && !page.contains("allowedDeviceIds"),
        "{page}"
    );
}

#[test]
fn lines_of_words_fit_a_narrow_window() {
    let page = handoff().explanation();
    for line in page.lines().filter(|line| !line.contains("0x")) {
        assert!(line.chars().count() <= 90, "{line}");
    }
}
