//! A refusal in whichever of its shapes it comes (4.1).
//!
//! Structured at the top or under `detail`, a plain text, a list of fields, or no JSON at all: there is always a
//! [`Refusal`] with words in it. What could hold a commit token is left out.

use serde_json::Value;

use super::look::{Look, bounded};
use crate::api::error::Refusal;
use crate::shown::Shown;

/// Details that hold the commit token or a link with it.
const WITHHELD: [&str; 3] = ["commit_token", "commit_url", "api_commit_url"];

/// Longest value of a detail that is not a text, in characters.
const LONGEST_VALUE: usize = 200;

/// What the head of the answer says.
#[derive(Debug, Clone, Default)]
pub struct RefusalHead {
    /// HTTP status.
    pub status: u16,
    /// Its usual words, as in `Bad Gateway`; empty where it has none.
    pub reason: String,
    /// `X-Request-ID`.
    pub request_id: Option<Shown>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// Where a redirect pointed.
    pub redirect: Option<Shown>,
}

/// Reads a refusal out of any body.
pub fn refusal(head: RefusalHead, body: &[u8]) -> Refusal {
    let value = serde_json::from_slice::<Value>(body);
    let top = value.as_ref().map_or(Look::NOTHING, Look::new);
    let detail = top.at("detail");
    let envelope = if detail.is_object() { detail } else { top };
    let details = if detail.is_list() {
        invalid_fields(detail)
    } else {
        named_details(envelope.at("details"))
    };
    let code = envelope.at("error_code").line();
    let message = message(envelope, detail, &details);
    let foreign = code.is_none() && message.is_none();
    let message = message.unwrap_or_else(|| {
        let words = format!("{} {}", head.status, head.reason);
        match (&value, &head.redirect) {
            (_, Some(host)) => Shown::line(&format!("redirected to {host}, not followed")),
            (Ok(_), None) => Shown::line(words.trim()),
            (Err(_), None) => Shown::line(&format!(
                "{}, not from the service{}",
                words.trim(),
                kind(body)
            )),
        }
    });
    Refusal {
        status: head.status,
        code,
        message,
        details,
        suggestions: envelope
            .at("suggestions")
            .each()
            .filter_map(Look::prose)
            .collect(),
        request_id: top.at("request_id").line().or(head.request_id),
        retry_after: head.retry_after,
        redirect: head.redirect,
        foreign,
    }
}

fn message(envelope: Look, detail: Look, details: &[(Shown, Shown)]) -> Option<Shown> {
    ["message", "error_description", "error"]
        .into_iter()
        .find_map(|key| envelope.at(key).prose())
        .or_else(|| detail.prose())
        .or_else(|| {
            let issues: Vec<_> = details
                .iter()
                .map(|(field, text)| format!("{field}: {text}"))
                .collect();
            (!issues.is_empty()).then(|| bounded(&issues.join("; ")))
        })
}

/// `details[]` of the structured envelope: the message, where there is one, else the value.
fn named_details(details: Look) -> Vec<(Shown, Shown)> {
    details
        .rows()
        .filter_map(|item| {
            let field = item.at("field").line()?;
            let withheld = WITHHELD.contains(&field.as_str());
            let text = item.at("message").prose().or(item.at("value").prose());
            (!withheld).then(|| (field, text.unwrap_or_else(|| compact(item.at("value")))))
        })
        .collect()
}

/// The list of a 422: the place without its first word (`body`, `query`), and what is wrong there.
fn invalid_fields(list: Look) -> Vec<(Shown, Shown)> {
    list.rows()
        .map(|issue| {
            let place: Vec<_> = issue
                .at("loc")
                .each()
                .filter_map(Look::text)
                .skip_while(|part| matches!(&**part, "body" | "query" | "path" | "header"))
                .collect();
            let field = match place.join(".") {
                empty if empty.is_empty() => Shown::line("request"),
                place => bounded(&place),
            };
            let text = issue.at("msg").prose().or(issue.at("type").prose());
            (field, text.unwrap_or_default())
        })
        .collect()
}

/// An object or list as one line, cut where it gets long.
fn compact(value: Look) -> Shown {
    let text = value.compact();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => Shown::line(&format!("{}…", &text[..end])),
        None => Shown::line(&text),
    }
}

/// What an answer that is not JSON seems to be.
fn kind(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start();
    match start.first() {
        None => " (empty)",
        Some(b'<') => " (HTML)",
        Some(_) => "",
    }
}
