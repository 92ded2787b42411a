//! What a creating request may bring back: a ticket, a refusal, a new instance. Nothing that is shown holds the token
//! or anything a terminal could obey.

use phala_wizard::api::decode::{self, RefusalHead, Unreadable};
use phala_wizard::api::error::Refusal;
use phala_wizard::api::types::{Created, Ticket};
use phala_wizard::secret::Secret;
use phala_wizard::shown::Shown;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::safe;

const HEAD: &str = "Commit Token Issued";

/// Reads an answer in all three ways, as it is and with a token that would be recognised.
pub fn run(data: &[u8]) {
    is_safe_to_show(&refusal(data));
    let Ok(mut value) = decode::json(data) else {
        return;
    };
    let created = decode::created(&value);
    assert_eq!(created, decode::created(&value));
    if let Ok(created) = &created {
        new_instance_is_safe_to_show(created);
    }
    if let Ok(ticket) = decode::ticket(&value) {
        is_in_the_answer(&ticket, data);
    }
    // Made of the whole input: a fuzzer learns fixed words, and would put them anywhere.
    let canary = hex::encode(Sha256::digest(data));
    let tokens = mark_tokens(&mut value, &canary);
    match decode::ticket(&value) {
        Ok(ticket) => {
            assert!(tokens > 0, "a token out of nowhere");
            assert_eq!(ticket.token, Secret::new(canary.as_str()));
            assert!(!format!("{ticket:?}").contains(&canary));
        }
        Err(Unreadable(why)) => assert!(!why.contains(&canary)),
    }
    let marked = refusal(value.to_string().as_bytes());
    assert!(!format!("{marked:?} {marked}").contains(&canary));
}

fn refusal(body: &[u8]) -> Refusal {
    let head = RefusalHead {
        status: 465,
        reason: HEAD.to_owned(),
        ..RefusalHead::default()
    };
    decode::refusal(head, body)
}

fn is_safe_to_show(refusal: &Refusal) {
    let Refusal {
        status,
        code,
        message,
        details,
        suggestions,
        request_id,
        retry_after,
        redirect,
        foreign: _,
    } = refusal;
    assert_eq!((*status, *retry_after, redirect), (465, None, &None));
    assert!(!message.is_empty(), "a refusal always has words");
    let shown = [message]
        .into_iter()
        .chain(code)
        .chain(details.iter().flat_map(|(field, text)| [field, text]))
        .chain(suggestions)
        .chain(request_id);
    shown.for_each(|shown| safe::line(shown.as_str()));
}

fn new_instance_is_safe_to_show(created: &Created) {
    let node = created.node.as_ref();
    let shown = [&created.name, &created.status]
        .into_iter()
        .chain(&created.instance_id)
        .chain(node.map(|node| &node.name))
        .chain(node.and_then(|node| node.region.as_ref()));
    shown.for_each(|shown: &Shown| safe::line(shown.as_str()));
}

/// Ids are those of the answer, in whichever spelling.
fn is_in_the_answer(ticket: &Ticket, data: &[u8]) {
    assert!(!ticket.token.is_empty());
    let answer = String::from_utf8_lossy(data).to_ascii_lowercase();
    // An escape in JSON may spell a digit, too.
    if !answer.contains('\\') {
        let ids = [
            Some(ticket.compose_hash.to_string()),
            ticket.app.map(|id| id.to_string()),
            ticket.device.map(|id| id.to_string()),
        ];
        for id in ids.into_iter().flatten() {
            assert!(answer.contains(&id), "{id} is not in the answer");
        }
    }
    if let Some(url) = &ticket.commit_url {
        assert!(url.expose().starts_with("http"));
        safe::line(url.expose());
    }
}

/// Puts the canary wherever the answer has a commit token; returns how often.
fn mark_tokens(value: &mut Value, canary: &str) -> usize {
    let mut count = mark_list(value.get_mut("details"), canary);
    let inner = value.get_mut("detail");
    count += mark_list(inner.and_then(|inner| inner.get_mut("details")), canary);
    count
}

fn mark_list(list: Option<&mut Value>, canary: &str) -> usize {
    let rows = list.and_then(Value::as_array_mut).into_iter().flatten();
    let mut count = 0;
    for row in rows.filter(|row| row["field"] == "commit_token") {
        row["value"] = canary.into();
        count += 1;
    }
    count
}
