//! `check chain`: what an app's contract says of itself, and whether it allows what was asked about.
//!
//! A node is believed as far as it goes: it proves nothing of what it says.

use serde_json::{Value, json};

use super::Report;
use crate::api::error::{Error, ErrorKind};
use crate::chain::contract::{Generation, Owner, Reading};
use crate::chain::{Address, Subject, name, numbered};
use crate::shown::Shown;

/// What a node said, at `now` (Unix seconds). All is well where nothing is missing of what was asked about.
pub fn report(host: &Shown, subject: &Subject, reading: &Reading, now: u64) -> Report {
    let allowed = &reading.allowed;
    let missing = allowed.missing(subject.hash, subject.device);
    let is_good = allowed.all();
    let is_asked = subject.hash.is_some() || subject.device.is_some();
    let verdict = match (is_asked, is_good) {
        (false, _) => "nothing-asked",
        (true, true) => "allowed",
        (true, false) => "not-allowed",
    };
    let age = now.saturating_sub(reading.block_time);
    let who = (!missing.is_empty()).then(|| who(&reading.owner));
    let device = subject.device.map(|device| {
        json!({
            "id": device.to_string(),
            "listed": allowed.device,
            "allowed": allowed.machine(),
        })
    });
    let json = json!({
        "verdict": verdict,
        "node": host.as_str(),
        "chain_id": subject.chain_id,
        "chain": name(subject.chain_id),
        "block": allowed.block,
        "block_time": reading.block_time,
        "block_age_seconds": age,
        "app_id": subject.app.to_string(),
        "contract": hex(subject.contract),
        "generation": generation(reading.generation),
        "implementation": reading.implementation.map(hex),
        "code_can_be_replaced": can_be_replaced(reading),
        "owner": owner(&reading.owner),
        "pending_owner": reading.pending_owner.map(hex),
        "any_device": allowed.any_device,
        "tcb_up_to_date_required": reading.tcb_required,
        "compose_hash": subject.hash.map(|hash| json!({ "hash": hash.to_string(), "allowed": allowed.hash })),
        "device": device,
        "missing": missing
            .iter()
            .map(|call| json!({
                "function": call.function(),
                "argument": call.argument().to_string(),
                "data": format!("0x{}", hex::encode(call.input())),
            }))
            .collect::<Vec<_>>(),
        "who": who,
    });
    let mut lines = vec![
        line("node", host),
        line(
            "chain",
            format!(
                "{}, block {}, {age} s ago",
                numbered(subject.chain_id),
                allowed.block
            ),
        ),
        line(
            "contract",
            format!("{}: {}", hex(subject.contract), reading.generation),
        ),
        line("code", code(reading)),
    ];
    lines.extend(owners(&reading.owner));
    lines.extend([
        line(
            "offered to",
            reading.pending_owner.map_or("nobody".to_owned(), hex),
        ),
        line("any device", if allowed.any_device { "yes" } else { "no" }),
        line("TCB", tcb(reading.tcb_required)),
        line(
            "compose hash",
            judged(allowed.hash, subject.hash.map(|hash| hash.to_string())),
        ),
        line(
            "device",
            judged(
                allowed.machine(),
                subject.device.map(|device| device.to_string()),
            ),
        ),
    ]);
    lines.extend(missing.iter().map(|call| line("missing", call)));
    lines.extend(who.map(|who| line("who can", who)));
    lines.push(verdict.replace('-', " "));
    Report {
        json,
        lines,
        is_good,
    }
}

/// That nothing could be read, and what may help.
pub fn unreadable(error: &Error) -> Report {
    let (asked, came_back, next) = (error.asked.as_str(), error.to_string(), next(error));
    Report {
        lines: vec![
            line("asked", asked),
            line("came back", &came_back),
            line("next", next),
            "unreadable".to_owned(),
        ],
        json: json!({
            "verdict": "unreadable",
            "asked": asked,
            "came_back": came_back,
            "next": next,
        }),
        is_good: false,
    }
}

fn line(what: &str, says: impl std::fmt::Display) -> String {
    format!("{what:<14}{says}")
}

fn hex(address: Address) -> String {
    format!("{address:#x}")
}

/// A name that stays.
fn generation(of: Generation) -> &'static str {
    match of {
        Generation::V1 => "v1",
        Generation::V2 => "v2",
        Generation::V3 => "v3",
        Generation::V4 => "v4",
    }
}

/// Whether what was read today can be other code tomorrow.
fn can_be_replaced(reading: &Reading) -> bool {
    reading.implementation.is_some() && !reading.upgrades_disabled && reading.owner != Owner::Nobody
}

fn code(reading: &Reading) -> String {
    match reading.implementation.map(hex) {
        None => "no proxy: its code stays".to_owned(),
        Some(at) if can_be_replaced(reading) => format!("{at}, and its owner can replace it"),
        Some(at) if reading.upgrades_disabled => format!("{at}, for good"),
        Some(at) => format!("{at}, and nobody is left to replace it"),
    }
}

fn owner(owner: &Owner) -> Value {
    let kind = match owner {
        Owner::Nobody => "nobody",
        Owner::Wallet(_) => "wallet",
        Owner::Safe { .. } => "safe",
        Owner::Timelock { .. } => "timelock",
        Owner::Contract(_) => "contract",
    };
    let mut object = json!({ "kind": kind, "address": owner.address().map(hex) });
    match owner {
        Owner::Safe {
            threshold, owners, ..
        } => {
            object["threshold"] = (*threshold).into();
            object["owners"] = owners.iter().map(|it| hex(*it)).collect();
        }
        Owner::Timelock { delay, .. } => object["delay_seconds"] = (*delay).into(),
        Owner::Nobody | Owner::Wallet(_) | Owner::Contract(_) => (),
    }
    object
}

/// Who owns it, and who signs for that.
fn owners(owner: &Owner) -> Vec<String> {
    let mut lines = vec![line(
        "owner",
        match owner.address().map(hex) {
            Some(address) => format!("{address}: {owner}"),
            None => owner.to_string(),
        },
    )];
    if let Owner::Safe { owners, .. } = owner {
        lines.extend(owners.iter().map(|it| line("  signs", hex(*it))));
    }
    lines
}

fn tcb(required: Option<bool>) -> &'static str {
    match required {
        Some(true) => "a machine has to be up to date",
        Some(false) => "a machine need not be up to date",
        None => "this release has no rule for it",
    }
}

fn judged(allowed: Option<bool>, what: Option<String>) -> String {
    match (allowed, what) {
        (Some(true), Some(what)) => format!("allowed      {what}"),
        (Some(false), Some(what)) => format!("NOT allowed  {what}"),
        _ => "not asked".to_owned(),
    }
}

/// Who can make the calls that are missing.
fn who(owner: &Owner) -> String {
    match owner {
        Owner::Nobody => "nobody any more: it has no owner".to_owned(),
        Owner::Wallet(address) => format!("whoever has the key of {}", hex(*address)),
        Owner::Safe {
            address,
            threshold,
            owners,
        } => format!(
            "{threshold} of the {} who sign for the Safe {}",
            owners.len(),
            hex(*address)
        ),
        Owner::Timelock { address, delay } => format!(
            "whoever may propose to the timelock {}; it acts {delay} s later",
            hex(*address)
        ),
        Owner::Contract(address) => format!("the contract {}, by its own rules", hex(*address)),
    }
}

/// What may help.
fn next(error: &Error) -> &'static str {
    match &error.kind {
        ErrorKind::Unreachable(..) => "look at the address and the connection, or ask another node",
        // In our words: the node answered, and it is something else that was found.
        ErrorKind::Refused(refusal) if refusal.status == 200 && refusal.code.is_none() => {
            "look at --app-id, --contract and --chain, and whether the node is one of that chain"
        }
        ErrorKind::Refused(_) => "try again later, or ask another node",
        ErrorKind::Garbled { .. } | ErrorKind::Unkept { .. } => {
            "ask another node: what answers there may be none"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Refusal;
    use crate::api::types::{AppId, ComposeHash, DeviceId};
    use crate::chain::contract::Allowed;

    const OWNER: Address = Address::repeat_byte(2);

    fn subject() -> Subject {
        Subject {
            chain_id: 8453,
            contract: Address::repeat_byte(1),
            app: AppId::from([1; 20]),
            hash: Some(ComposeHash::from([3; 32])),
            device: Some(DeviceId::from([4; 32])),
        }
    }

    fn reading() -> Reading {
        Reading {
            block_time: 100,
            generation: Generation::V4,
            implementation: Some(Address::repeat_byte(5)),
            upgrades_disabled: false,
            owner: Owner::Wallet(OWNER),
            pending_owner: None,
            tcb_required: Some(false),
            allowed: Allowed {
                block: 7,
                hash: Some(false),
                device: Some(false),
                any_device: false,
            },
        }
    }

    fn told(reading: &Reading) -> Report {
        report(&Shown::line("node.example"), &subject(), reading, 112)
    }

    #[test]
    fn what_is_missing_is_listed_with_who_can_mend_it() {
        let told = told(&reading());
        assert!(!told.is_good);
        let lines = told.lines.join("\n");
        for words in [
            "node          node.example",
            "chain         chain 8453 (Base), block 7, 12 s ago",
            "DstackApp, dstack after 0.5.11",
            "and its owner can replace it",
            "offered to    nobody",
            "compose hash  NOT allowed  0303",
            "device        NOT allowed  0404",
            "missing       addDevice(0x0404",
            "missing       addComposeHash(0x0303",
            "who can       whoever has the key of 0x0202",
            "not allowed",
        ] {
            assert!(lines.contains(words), "{words}\n{lines}");
        }
        let json = told.json;
        assert_eq!(json["verdict"], "not-allowed");
        assert_eq!(json["block_age_seconds"], 12);
        assert_eq!(json["missing"][0]["function"], "addDevice");
        let data = format!("0xdfc77223{}", "03".repeat(32));
        assert_eq!(json["missing"][1]["data"], data);
        assert_eq!(json["code_can_be_replaced"], true);
    }

    #[test]
    fn all_is_well_where_nothing_is_missing_or_nothing_was_asked() {
        let mut reading = reading();
        reading.allowed.hash = Some(true);
        reading.allowed.any_device = true;
        let well = told(&reading);
        assert!(well.is_good);
        assert_eq!(well.json["verdict"], "allowed");
        assert_eq!(well.json["missing"], json!([]));
        assert_eq!(well.json["device"]["listed"], false);
        assert_eq!(well.json["device"]["allowed"], true);
        assert!(well.json["who"].is_null());
        (reading.allowed.hash, reading.allowed.device) = (None, None);
        let nothing = Subject {
            hash: None,
            device: None,
            ..subject()
        };
        let told = report(&Shown::line("node.example"), &nothing, &reading, 0);
        assert!(told.is_good);
        assert_eq!(told.json["verdict"], "nothing-asked");
        assert_eq!(
            told.json["block_age_seconds"], 0,
            "no clock is ahead of a chain"
        );
        let lines = told.lines.join("\n");
        assert_eq!(lines.matches("not asked").count(), 2, "{lines}");
    }

    #[test]
    fn every_kind_of_owner_says_who_can() {
        let safe = Owner::Safe {
            address: OWNER,
            threshold: 2,
            owners: vec![Address::repeat_byte(6); 3],
        };
        let timelock = Owner::Timelock {
            address: OWNER,
            delay: 9,
        };
        for (owner, kind, words) in [
            (Owner::Nobody, "nobody", "nobody any more"),
            (safe, "safe", "2 of the 3 who sign for the Safe 0x0202"),
            (timelock, "timelock", "it acts 9 s later"),
            (Owner::Contract(OWNER), "contract", "by its own rules"),
        ] {
            let reading = Reading { owner, ..reading() };
            let told = told(&reading);
            assert_eq!(told.json["owner"]["kind"], kind);
            let who = told.json["who"].as_str().unwrap();
            assert!(who.contains(words), "{who}");
            let signers = told.lines.iter().filter(|it| it.starts_with("  signs"));
            assert_eq!(signers.count(), if kind == "safe" { 3 } else { 0 });
        }
    }

    #[test]
    fn code_that_stays_is_told_from_code_that_may_not() {
        let told = |change: fn(&mut Reading)| {
            let mut reading = reading();
            change(&mut reading);
            let told = told(&reading);
            assert_eq!(told.json["code_can_be_replaced"], false);
            told.lines[3].clone()
        };
        assert!(told(|it| it.upgrades_disabled = true).ends_with(", for good"));
        assert!(told(|it| it.implementation = None).ends_with("its code stays"));
        assert!(told(|it| it.owner = Owner::Nobody).contains("nobody is left"));
    }

    #[test]
    fn what_cannot_be_read_says_what_was_asked_what_came_back_and_what_may_help() {
        let refused = |status, code: Option<&str>| {
            let refusal = Refusal {
                status,
                code: code.map(Shown::line),
                message: "no".into(),
                ..Refusal::default()
            };
            let told = unreadable(&Error {
                asked: "the contract 0x0101 at node.example".into(),
                tries: 1,
                kind: ErrorKind::Refused(refusal),
            });
            assert!(!told.is_good);
            assert_eq!(told.json["verdict"], "unreadable");
            assert_eq!(
                told.lines[0],
                "asked         the contract 0x0101 at node.example"
            );
            told.json["next"].as_str().unwrap().to_owned()
        };
        assert!(refused(200, None).contains("--chain"));
        assert!(refused(200, Some("-32005")).contains("later"));
        assert!(refused(429, None).contains("later"));
    }
}
