//! What to say when a question got no usable answer: nine kinds of trouble, nine texts (S30 to S33).
//!
//! The facts come from the [`Error`], word for word; the advice is ours and stands below them.

use super::event::Outcome;
use super::page::{Line, Mark, title};
use crate::api::error::{Error, ErrorKind, Refusal, Unreachable};

const READ_AGAIN: &str = "Reading again is safe.";

/// Credit and limits of the workspace.
const LIMITS: [&str; 4] = ["ERR-04-001", "ERR-04-002", "ERR-04-003", "ERR-02-015"];
/// The node has no room, or is not there any more.
const NODE_CANNOT: [&str; 6] = [
    "ERR-01-001",
    "ERR-02-002",
    "ERR-02-003",
    "ERR-02-004",
    "ERR-02-005",
    "ERR-02-012",
];

/// How the program ends where this error ends it and nothing was created.
pub fn outcome(error: &Error) -> Outcome {
    let no_room = |code| LIMITS.contains(&code) || NODE_CANNOT.contains(&code);
    match (error.status(), error.code()) {
        (_, Some(code)) if no_room(code) => Outcome::NoRoom,
        (Some(402), _) => Outcome::NoRoom,
        (Some(401), _) => Outcome::SignedOut,
        (Some(404), _) => Outcome::NotFound,
        _ => Outcome::Failed,
    }
}

/// The card for an error: what happened, what was asked, what came back, what it means, what to do.
pub fn card(error: &Error) -> Vec<Line> {
    let (headline, advice) = describe(error);
    let mut lines = vec![title(headline), Line::new()];
    let asked = Line::pair("asked for", 12, error.asked.as_str());
    lines.push(if error.tries > 1 {
        asked.dim(format!("   {} tries", error.tries))
    } else {
        asked
    });
    match &error.kind {
        ErrorKind::Unreachable(how, cause) => {
            lines.push(Line::label("came back", 12).warn(how.to_string()));
            if !cause.is_empty() {
                lines.push(Line::pair("", 12, cause.as_str()));
            }
        }
        ErrorKind::Refused(refusal) => {
            lines.push(
                Line::label("came back", 12)
                    .warn(format!("HTTP {}", refusal.status))
                    .dim(
                        refusal
                            .code
                            .as_ref()
                            .map(|code| format!("   {code}"))
                            .unwrap_or_default(),
                    ),
            );
            lines.push(Line::label("its words", 12).strong(refusal.message.as_str()));
            for (field, detail) in &refusal.details {
                lines.push(
                    Line::label("", 12)
                        .dim(format!("{field}: "))
                        .plain(detail.as_str()),
                );
            }
            for suggestion in &refusal.suggestions {
                lines.push(Line::pair("it suggests", 12, suggestion.as_str()));
            }
            if let Some(target) = &refusal.redirect {
                lines.push(
                    Line::label("points to", 12)
                        .warn(target.as_str())
                        .dim("   not followed"),
                );
            }
            if let Some(id) = &refusal.request_id {
                lines.push(Line::pair("request id", 12, id.as_str()));
            }
            if let Some(seconds) = refusal.retry_after {
                lines.push(Line::pair(
                    "wait",
                    12,
                    format!("the service asks for {seconds} s"),
                ));
            }
        }
        ErrorKind::Garbled {
            status,
            cause,
            excerpt,
        } => {
            lines.push(Line::label("came back", 12).warn(format!("HTTP {status}, not readable")));
            lines.push(Line::pair("where", 12, cause.as_str()));
            lines.push(Line::label("it begins", 12).dim(excerpt.as_str()));
        }
        ErrorKind::Unkept { status, cause } => {
            lines.push(Line::label("came back", 12).warn(format!("HTTP {status}")));
            lines.push(Line::pair("but", 12, cause.as_str()));
        }
    }
    // "Reading again is safe" is no advice where nothing was read.
    let reads = error.asked.as_str().starts_with("GET");
    let advice = advice
        .iter()
        .filter(|sentence| reads || **sentence != READ_AGAIN);
    lines.push(Line::new());
    lines.extend(advice.map(|sentence| Line::new().mark(Mark::Dot).plain(*sentence)));
    lines
}

/// The error in one line, for a place beside other things.
pub fn brief(error: &Error) -> Line {
    let (headline, _) = describe(error);
    Line::new()
        .mark(Mark::Warn)
        .warn(headline)
        .dim(format!("  {error}"))
}

/// A headline, and sentences of advice below it.
type Advice = (&'static str, &'static [&'static str]);

/// Headline and advice.
fn describe(error: &Error) -> Advice {
    match &error.kind {
        ErrorKind::Unreachable(how, _) => match how {
            Unreachable::Lookup | Unreachable::Connect => (
                "Cannot reach the service.",
                &[
                    "Nothing you entered is lost.",
                    "If other hosts fail too, it is your network; a proxy is taken from HTTPS_PROXY.",
                    "Files, variables and script can be worked on meanwhile.",
                ],
            ),
            Unreachable::Tls => (
                "No secure connection to the service.",
                &[
                    "Its certificate was refused: the clock may be wrong, or something stands between you and it.",
                    "The key was not sent.",
                ],
            ),
            Unreachable::TimedOut => (
                "The service did not answer in time.",
                &[READ_AGAIN, "It may be busy: waiting a little often helps."],
            ),
            Unreachable::Broken => (
                "The connection broke before the answer was complete.",
                &[READ_AGAIN],
            ),
            Unreachable::NotSent => ("This was not sent.", &["The reason stands above."]),
        },
        ErrorKind::Garbled { .. } => (
            "The answer cannot be read.",
            &[
                "Something between us and the service may have answered, as a login page of the network does.",
                "If it stays like this, the service speaks a newer language than this version.",
            ],
        ),
        ErrorKind::Unkept { .. } => (
            "What came back could not be written down.",
            &[
                "Without a record on this machine a token is not used: whoever goes on later could not know of it.",
                "Put right what stands above, as a full disk, and start the program again.",
            ],
        ),
        ErrorKind::Refused(refusal) => refused(refusal),
    }
}

/// Headline and advice for a refusal, by status and then by code.
fn refused(refusal: &Refusal) -> Advice {
    match refusal.status {
        300..=399 => (
            "The service sent us elsewhere, and we did not go.",
            &["Your key would have gone along. Check the base address."],
        ),
        401 => (
            "The service does not accept this key.",
            &[
                "It was revoked, has expired, or belongs to another service.",
                "Nothing you entered is lost: after signing in you come back to this place.",
            ],
        ),
        403 => (
            "Signed in, but not allowed to do this.",
            &[
                "Your role in this workspace may not do it. An owner of the workspace can change that.",
            ],
        ),
        404 => (
            "The service does not know it.",
            &[
                "It is not in this workspace, was deleted, or may not be seen with this key; which, it does not tell.",
            ],
        ),
        409 => (
            "Another operation is under way.",
            &["It is done in a moment, mostly. Ask again then."],
        ),
        422 => (
            "The service did not understand a value.",
            &["The field is named above."],
        ),
        429 => (
            "Too many requests.",
            &["The service asks to wait. Asking again sooner makes the wait longer."],
        ),
        500.. => (
            "The service could not answer.",
            &["This is its trouble, not yours. Everything you entered is still there."],
        ),
        _ => match refusal.code.as_ref().map(crate::shown::Shown::as_str) {
            Some(code) if LIMITS.contains(&code) => (
                "The service said no: a limit of the workspace.",
                &[
                    "Credit and limits are on the billing page. An owner of the workspace can raise them.",
                ],
            ),
            Some(code) if NODE_CANNOT.contains(&code) => (
                "The service said no: the node cannot take it.",
                &["Choose another node, or let the service choose."],
            ),
            Some("ERR-01-002" | "ERR-01-003") => (
                "The service said no: the compose file.",
                &["Go back to the compose step; the text is still there."],
            ),
            Some("ERR-03-009") => (
                "The service said no: the app has several live revisions.",
                &["Go back to the app and choose the revision."],
            ),
            _ => ("The service said no.", &["Its words stand above."]),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn refusal(status: u16) -> Error {
        let refusal = Refusal {
            status,
            message: "no".into(),
            ..Refusal::default()
        };
        Error {
            asked: "GET /apps".into(),
            tries: 1,
            kind: ErrorKind::Refused(refusal),
        }
    }

    fn unreachable(how: Unreachable) -> Error {
        Error {
            asked: "GET /apps".into(),
            tries: 3,
            kind: ErrorKind::Unreachable(how, "cause".into()),
        }
    }

    #[test]
    fn each_kind_of_trouble_has_its_own_headline() {
        let garbled = ErrorKind::Garbled {
            status: 200,
            cause: "line 1".into(),
            excerpt: "<html>".into(),
        };
        let errors = [
            unreachable(Unreachable::Connect),
            unreachable(Unreachable::Tls),
            unreachable(Unreachable::TimedOut),
            unreachable(Unreachable::Broken),
            refusal(401),
            refusal(403),
            refusal(404),
            refusal(429),
            refusal(503),
            refusal(307),
            Error {
                asked: "GET /apps".into(),
                tries: 1,
                kind: garbled,
            },
            Error {
                asked: "GET /apps".into(),
                tries: 1,
                kind: ErrorKind::Unkept {
                    status: 465,
                    cause: "the disk is full".into(),
                },
            },
        ];
        let headlines: HashSet<_> = errors.iter().map(|error| describe(error).0).collect();
        assert_eq!(headlines.len(), errors.len());
    }

    #[test]
    fn every_error_ends_in_one_way() {
        let with_code = |status, code: &str| {
            let mut error = refusal(status);
            if let ErrorKind::Refused(refusal) = &mut error.kind {
                refusal.code = Some(code.into());
            }
            error
        };
        for (error, expected) in [
            (with_code(400, "ERR-02-005"), Outcome::NoRoom),
            (with_code(403, "ERR-04-001"), Outcome::NoRoom),
            (with_code(400, "ERR-01-002"), Outcome::Failed),
            (refusal(402), Outcome::NoRoom),
            (refusal(401), Outcome::SignedOut),
            (refusal(404), Outcome::NotFound),
            (refusal(403), Outcome::Failed),
            (refusal(503), Outcome::Failed),
            (unreachable(Unreachable::Connect), Outcome::Failed),
        ] {
            assert_eq!(outcome(&error), expected, "{error}");
        }
    }

    #[test]
    fn a_card_names_what_was_asked_and_what_came_back() {
        let text: Vec<String> = card(&refusal(503)).iter().map(Line::words).collect();
        let text = text.join("\n");
        assert!(
            text.contains("GET /apps") && text.contains("HTTP 503") && text.contains("no"),
            "{text}"
        );
    }
}
