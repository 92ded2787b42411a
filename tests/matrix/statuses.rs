//! Every HTTP status, in every form, as the answer to what prepares and to what creates: what it is taken for.
//!
//! Without sockets: the answer is decoded as the client does it, and the wizard itself is asked where it stands then.
//! `statuses.txt` is the table, equal neighbours in one line; `UPDATE_STATUSES=1` writes it anew.

use std::env;
use std::fmt::Write;
use std::fs;

use phala_wizard::api::decode::{self, RefusalHead, Unreadable};
use phala_wizard::api::error::{Error, ErrorKind};
use phala_wizard::api::types::Prepared;
use phala_wizard::shown::Shown;
use phala_wizard::wizard::event::{Answer, Request};
use phala_wizard::wizard::status::{SignedOut, Status};

use crate::cloud::{self, Cloud, Fate};
use crate::journey::Journey;

/// What stands in the body: its name, the body, and whether a code of the service is in it.
const FORMS: [(&str, &str); 4] = [
    (
        "with a code",
        r#"{"error_code": "ERR-02-005", "message": "no room"}"#,
    ),
    ("without a code", r#"{"detail": "no"}"#),
    ("empty", ""),
    ("HTML", "<html><h1>no</h1></html>"),
];

/// Walks until the request has left.
type Prefix = fn() -> Journey;

/// What is asked.
const ASKED: [(&str, Prefix); 4] = [
    ("prepare", preparing),
    ("commit", committing),
    ("the same token again", again),
    ("create at once", at_once),
];

#[test]
fn every_status_in_every_form_is_taken_for_what_the_table_says() {
    let mut table = String::new();
    let mut cells = 0;
    for (asked, until_sent) in ASKED {
        for (form, body) in FORMS {
            let _ = writeln!(table, "{asked}, {form}");
            let mut open: Option<(u16, u16, &str)> = None;
            for status in 200..=599 {
                let verdict = judged(until_sent(), status, body);
                is_never_too_sure(asked, status, form, verdict);
                cells += 1;
                match &mut open {
                    Some((_, last, same)) if *same == verdict => *last = status,
                    _ => {
                        write(&mut table, open);
                        open = Some((status, status, verdict));
                    }
                }
            }
            write(&mut table, open);
        }
    }
    eprintln!("{cells} answers");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/statuses.txt");
    if env::var_os("UPDATE_STATUSES").is_some() {
        fs::write(path, &table).unwrap();
    }
    let known = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    assert_eq!(table, known, "UPDATE_STATUSES=1 writes the table anew");
}

fn write(table: &mut String, range: Option<(u16, u16, &str)>) {
    let Some((first, last, verdict)) = range else {
        return;
    };
    let range = match last - first {
        0 => format!("{first}"),
        _ => format!("{first}-{last}"),
    };
    let _ = writeln!(table, "  {range:<9} {verdict}");
}

/// Where the request that creates may have been carried out, nobody says that nothing was made.
#[track_caller]
fn is_never_too_sure(asked: &str, status: u16, form: &str, verdict: &str) {
    if asked == "prepare" {
        return;
    }
    let says_no = verdict.contains("nothing was made");
    let where_is = format!("{asked}, {status} {form}: {verdict}");
    // Nothing that is no answer of the service is a no, and nothing of what a gateway says.
    let unclear = matches!(status, 200..=399 | 408 | 425 | 429 | 500..)
        || (status == 409 && form != "with a code")
        // A path that is suddenly unknown can be a token that was just used.
        || (matches!(status, 404 | 410) && asked == "commit" && form != "with a code")
        || matches!(form, "HTML" | "empty") && !matches!(status, 401 | 467 | 468);
    assert!(!unclear || !says_no, "{where_is}");
    // After an unanswered send a no is none about the send before.
    assert!(asked != "the same token again" || !says_no, "{where_is}");
    // What the service says in its own words is one, the first time.
    let clear = matches!(status, 400 | 401 | 402 | 403 | 422) && form == "with a code";
    let is_first = asked != "the same token again";
    assert!(!clear || !is_first || verdict != UNCLEAR, "{where_is}");
}

const UNCLEAR: &str = "not known: looks";

/// What the wizard takes the answer for.
fn judged(mut journey: Journey, status: u16, body: &str) -> &'static str {
    let at = journey
        .open
        .iter()
        .position(|(_, request)| request.may_create())
        .expect("a request that can create");
    let (id, request) = journey.open.remove(at);
    let answer = answer(status, body);
    journey.reply(
        id,
        match request {
            Request::Prepare(_) => Answer::Prepared(answer),
            _ => Answer::Committed(answer),
        },
    );
    verdict(&journey.wizard.report().status)
}

fn verdict(status: &Status) -> &'static str {
    use phala_wizard::wizard::status::Cause;
    match status {
        Status::Unprepared(error) if error.may_have_acted() => "not prepared, or not known to be",
        Status::Unprepared(_) => "not prepared",
        Status::Unknown { .. } => UNCLEAR,
        Status::Refused { cause, .. } => match cause {
            Cause::Token => "the token is dead",
            Cause::Transaction => "no: nothing was made, the transaction proves nothing",
            Cause::NotAllowed => "no: nothing was made, the contract does not allow it",
            Cause::Other => "no: nothing was made",
        },
        Status::SignedOut {
            why: SignedOut::No(_),
            behind,
        } => match behind.as_deref().map(verdict) {
            Some(UNCLEAR) => "signed out, and not known: looks",
            Some("not prepared") => "signed out, not prepared",
            Some("not prepared, or not known to be") => {
                "signed out, not prepared, or not known to be"
            }
            Some("no: nothing was made") => "signed out, no: nothing was made",
            other => panic!("{other:?} behind the door"),
        },
        other => panic!("not a place to be: {other:?}"),
    }
}

/// The answer as the client gives it.
fn answer(status: u16, body: &str) -> Result<Prepared, Error> {
    let bytes = body.as_bytes();
    let garbled = |Unreadable(cause): Unreadable| ErrorKind::Garbled {
        status,
        cause: Shown::line(&cause),
        excerpt: Shown::line(body),
    };
    let kind = match status {
        465 => match decode::json(bytes).and_then(|value| decode::ticket(&value)) {
            Ok(ticket) => return Ok(Prepared::Ticket(Box::new(ticket))),
            Err(why) => garbled(why),
        },
        200..=299 => match decode::json(bytes).and_then(|value| decode::created(&value)) {
            Ok(created) => return Ok(Prepared::Created(Box::new(created))),
            Err(why) => garbled(why),
        },
        _ => {
            let head = RefusalHead {
                status,
                ..RefusalHead::default()
            };
            ErrorKind::Refused(decode::refusal(head, bytes))
        }
    };
    Err(Error {
        asked: "POST /apps/../instances".into(),
        tries: 1,
        kind,
    })
}

fn at_review(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press("<enter><enter><enter><enter><enter>");
    journey
}

fn registered() -> Cloud {
    Cloud {
        hash_allowed: true,
        ..Cloud::default()
    }
}

fn preparing() -> Journey {
    let mut journey = at_review(registered());
    journey.press_only("<enter>");
    journey
}

fn committing() -> Journey {
    let mut journey = at_review(registered());
    journey.press("<enter>").press_only("<right><enter>");
    journey
}

fn again() -> Journey {
    let cloud = Cloud {
        commit: Fate::Refused(503, None),
        ..registered()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter><right><enter>").wait(3);
    journey.press("2").press_only("<right><enter>");
    journey
}

fn at_once() -> Journey {
    let cloud = Cloud {
        apps: vec![cloud::app(cloud::CENTRAL, "kv-cache", "phala")],
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter>").press_only("<right><enter>");
    journey
}
