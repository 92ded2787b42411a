//! What has to be true of every cell, and which ends are right for which.

use std::collections::BTreeSet;

use phala_wizard::line::EVENTS;
use phala_wizard::wizard::event::Outcome;
use serde_json::Value;

use crate::cell::{Cell, KEY, Ran, VALUE};
use crate::faults::{DOUBLED, Leaves};
use crate::questions::{Stage, Story};
use crate::tap::Sent;

/// Why this run is not as it should be.
pub fn judge(cell: &Cell, ran: &Ran) -> Result<(), String> {
    holds_anywhere(ran)?;
    has_a_right_code(cell, ran)?;
    names_what_was_asked(cell, ran)
}

/// What is true of every run, whatever happened in it.
pub fn holds_anywhere(ran: &Ran) -> Result<(), String> {
    ends_by_itself(ran)?;
    says_what_is_documented(ran)?;
    makes_at_most_one(ran)?;
    tells_the_truth(ran)?;
    keeps_secrets(ran)?;
    steers_no_terminal(ran)
}

fn ends_by_itself(ran: &Ran) -> Result<(), String> {
    ensure(!ran.hung, || "it never ended".into())?;
    let code = ran.code.ok_or("it was ended by a signal")?;
    let known = Outcome::ALL.iter().any(|it| i32::from(it.code()) == code);
    ensure(known, || format!("{code} is no exit code"))?;
    for words in ["panicked", "a bug in phala-wizard"] {
        let said = ran.said.contains(words) || ran.errors.contains(words);
        ensure(!said, || format!("it says '{words}'"))?;
    }
    Ok(())
}

fn says_what_is_documented(ran: &Ran) -> Result<(), String> {
    for event in &ran.events {
        let told = event.as_object().ok_or("a line is no object")?;
        let word = event["event"].as_str().unwrap_or_default();
        let known = EVENTS.iter().find(|(name, ..)| *name == word);
        let (_, members, _) = known.ok_or_else(|| format!("{word} is not documented"))?;
        let told: BTreeSet<&str> = told.keys().map(String::as_str).collect();
        let members: BTreeSet<&str> = members.iter().copied().chain(["event"]).collect();
        ensure(told == members, || format!("{word} has {told:?}"))?;
    }
    let last = ran.events.last().ok_or("it said nothing")?;
    ensure(
        last["event"] == "exit" && last["code"] == ran.code.unwrap_or(-1),
        || format!("it ends with {last}"),
    )?;
    let bad = ran.code != Some(0) && !ran.left;
    let why = error(ran).is_some() || ran.code == Some(8);
    ensure(!bad || why, || "it does not say why".into())
}

/// One confirmation was given at most, so one request that can create may leave.
fn makes_at_most_one(ran: &Ran) -> Result<(), String> {
    let creating: Vec<&Sent> = ran.sent.iter().filter(|sent| sent.creates()).collect();
    let (commits, prepares): (Vec<&Sent>, Vec<&Sent>) =
        creating.iter().partition(|sent| sent.commits());
    ensure(commits.len() <= 1 && prepares.len() <= 1, || {
        format!("{} commits and {} prepares", commits.len(), prepares.len())
    })?;
    ensure(prepares.iter().all(|sent| sent.only_prepares()), || {
        "a prepare without its header".into()
    })?;
    ensure(ran.made <= 1, || format!("{} instances", ran.made))
}

/// What the code says, and what there is.
fn tells_the_truth(ran: &Ran) -> Result<(), String> {
    let exists = ran.made == 1;
    let says_exists = matches!(ran.code, Some(0 | 8));
    let may_exist = says_exists || ran.code == Some(7);
    ensure(!exists || may_exist, || "an instance exists".into())?;
    ensure(exists || !says_exists, || "no instance exists".into())?;
    let named = |name: &str| ran.events.iter().any(|event| event["event"] == name);
    ensure(!says_exists || named("created"), || {
        "nothing was created".into()
    })?;
    if ran.code == Some(7) {
        let words = format!("{}{}", ran.said, ran.errors).to_lowercase();
        for claim in ["failed", "nothing was created", "created nothing"] {
            ensure(!words.contains(claim), || {
                format!("it is not known, and it says '{claim}'")
            })?;
        }
    }
    Ok(())
}

fn keeps_secrets(ran: &Ran) -> Result<(), String> {
    let token = ran
        .sent
        .iter()
        .find(|sent| sent.creates() && sent.commits());
    let token = token.map(|sent| sent.json()["token"].as_str().unwrap_or_default().to_owned());
    let said = format!("{}{}", ran.said, ran.errors);
    for secret in [KEY, VALUE].into_iter().chain(token.as_deref()) {
        for at in 0..=secret.len().saturating_sub(12) {
            let piece = &secret[at..at + 12];
            // What every key of the sandbox begins with is no secret.
            let is_common =
                "phak_sandbox_matrix".contains(piece) || "matrix-canary".contains(piece);
            ensure(is_common || !said.contains(piece), || {
                format!("{piece} was said")
            })?;
        }
    }
    let sent = String::from_utf8_lossy(&ran.bytes);
    ensure(!sent.contains(VALUE), || "the value was sent".into())?;
    for sent in &ran.sent {
        ensure(sent.header("x-api-key") == Some(KEY), || {
            "no key in the header for it".into()
        })?;
    }
    Ok(())
}

/// Nothing of what the service says reaches a terminal as anything but text.
fn steers_no_terminal(ran: &Ran) -> Result<(), String> {
    let decoded: String = ran.events.iter().map(texts).collect();
    let people = ran.errors.chars().filter(|c| *c != '\n');
    let steers = |c: &char| {
        let c = *c;
        c.is_control()
            || matches!(c,
                '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    // The body of a request is shown indented, with the newlines that are in it.
    let found = people
        .chain(decoded.chars().filter(|c| *c != '\n'))
        .find(steers);
    ensure(found.is_none(), || format!("{found:?} was said"))
}

/// Every text in a value, one after the other.
fn texts(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::Object(members) => members.values().map(texts).collect(),
        _ => String::new(),
    }
}

fn has_a_right_code(cell: &Cell, ran: &Ran) -> Result<(), String> {
    let right = right(cell, ran);
    let code = ran.code.unwrap_or(-1);
    ensure(right.contains(&code), || {
        format!("it ends with {code}, not with one of {right:?}")
    })
}

/// The ends that are right, by what is known at that place (B48 and table 2.5).
#[expect(
    clippy::match_same_arms,
    reason = "in the order of a walk, so that each place is read and changed alone"
)]
fn right(cell: &Cell, ran: &Ran) -> &'static [i32] {
    let fault = cell.fault;
    let at_once = cell.question.story == Story::AtOnce;
    match (cell.question.stage, fault.leaves) {
        _ if ran.left && cell.question.stage == Stage::Prepares => &[130],
        _ if ran.left => &[7],
        // What cannot be read is not gone on with, unless it can be done without.
        (Stage::Before, _) => match fault.status {
            Some(401) => &[3],
            Some(402) => &[0, 9],
            Some(404) if cell.question.name == "identity" => &[1],
            Some(404) => &[0, 4],
            // The service did not say; an answer in another form may say that there is no such thing.
            Some(_) => &[0, 1],
            None => &[0, 1, 2, 4, 5],
        },
        // The later preparation made the token of the first one useless.
        (Stage::Prepares, Leaves::Answer) if fault.name == DOUBLED => &[6],
        // A token that cannot be read is none.
        (Stage::Prepares, Leaves::Answer) if fault.name == "control-bytes" => &[1],
        (Stage::Prepares, Leaves::Answer) => &[0],
        (Stage::Prepares, _) => match fault.status {
            Some(401) => &[3],
            Some(402) => &[9],
            Some(404) => &[4],
            _ => &[1],
        },
        // What comes byte by byte may come too late.
        (Stage::Prepared, Leaves::Answer) if fault.name == "drip" => &[0, 1, 5],
        (Stage::Prepared, Leaves::Answer) => &[0],
        (Stage::Prepared, _) => &[0, 1, 3, 4, 5, 9],
        (Stage::Creates, Leaves::Answer) => &[0],
        // Without a token a no is a no.
        (Stage::Creates, _) if at_once && fault.status == Some(404) => &[4],
        (Stage::Creates, _) if at_once && matches!(fault.status, Some(410 | 466 | 467 | 468)) => {
            &[1]
        }
        // What was made is found; what was not is never said to have failed.
        (Stage::Creates, Leaves::Unclear) if ran.made == 1 => &[0],
        (Stage::Creates, Leaves::Unclear) => &[7],
        (Stage::Creates, Leaves::TokenDead) => &[6],
        (Stage::Creates, Leaves::NotRegistered) => &[5],
        (Stage::Creates, Leaves::No) => match fault.status {
            Some(401) => &[3],
            Some(402) => &[9],
            _ => &[1],
        },
        (Stage::Noted, Leaves::Answer) => &[7],
        (Stage::Noted, _) => &[1, 3, 4, 7, 9],
        (Stage::Lost, Leaves::Answer) if fault.name == "late" => &[0],
        (Stage::Lost, _) => &[7],
        (Stage::After, _) => &[0, 8],
    }
}

/// Where it ends because of an answer, the error says which question that was, and what came back.
fn names_what_was_asked(cell: &Cell, ran: &Ran) -> Result<(), String> {
    let Some(error) = error(ran) else {
        return Ok(());
    };
    let message = error["message"].as_str().unwrap_or_default();
    ensure(message.len() > 10, || format!("'{message}' says nothing"))?;
    let about_answers = matches!(ran.code, Some(1 | 3 | 4 | 7 | 9)) && error["option"].is_null();
    if !about_answers || matches!(cell.question.stage, Stage::Lost | Stage::Noted) {
        return Ok(());
    }
    let asked = error["asked"]
        .as_str()
        .ok_or("it does not say what was asked")?;
    ensure(cell.question.is_named_by(asked), || {
        format!("it names {asked}")
    })?;
    if let Some(status) = cell.fault.status {
        ensure(error["http_status"] == status, || {
            format!("it names {} and not {status}", error["http_status"])
        })?;
    }
    Ok(())
}

fn error(ran: &Ran) -> Option<&Value> {
    ran.events.iter().find(|event| event["event"] == "error")
}

fn ensure(is_so: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(why()) }
}
