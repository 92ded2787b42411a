//! What a driver told of one call, and what is thought of it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::expected::{Expect, Expected};
use crate::pattern::misfit;

/// One line of a driver.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The client's name in its registry.
    #[serde(rename = "client")]
    _client: String,
    /// The version of the API it was told to speak, where it can be told.
    #[serde(default)]
    version: Option<String>,
    pub call: String,
    /// Whether the client took the answer.
    ok: bool,
    /// What it made of it.
    pub parsed: Value,
    /// What it said where it did not take it.
    pub error: Option<String>,
}

/// What came of one call: as in the table.
pub struct Judged {
    pub version: Option<String>,
    pub call: String,
    pub verdict: String,
}

pub fn read(line: &str) -> Line {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Compares all that was told with all that was expected, in the order of the expectations.
///
/// # Panics
///
/// Where they differ, with every difference.
pub fn judge(mut lines: Vec<Line>, expected: &[Expected]) -> Vec<Judged> {
    let mut problems = Vec::new();
    let mut judged = Vec::new();
    for Expected {
        version,
        call,
        expect,
    } in expected
    {
        let place = format!("{} {call}", version.as_deref().unwrap_or_default());
        let told = |line: &Line| line.version == *version && line.call == *call;
        match lines.iter().position(told) {
            None => problems.push(format!("{place}: nothing was told")),
            Some(position) => {
                let line = lines.remove(position);
                problems
                    .extend(problem(&line, expect).map(|problem| format!("{place}: {problem}")));
                judged.push(Judged {
                    version: version.clone(),
                    call: call.clone(),
                    verdict: expect.verdict(),
                });
            }
        }
    }
    let strangers = lines.iter().map(|line| format!("nobody expected {line:?}"));
    problems.extend(strangers);
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    judged
}

fn problem(line: &Line, expect: &Expect) -> Option<String> {
    let refused = json!({ "error": line.error, "parsed": line.parsed });
    match (expect, line.ok) {
        (Expect::Read(pattern), true) => misfit(pattern, &line.parsed, "parsed"),
        (Expect::Refused(pattern), false) => misfit(pattern, &refused, "refusal"),
        (Expect::Known { says, .. }, false) => {
            misfit(&json!({ "error": says }), &refused, "refusal")
        }
        (Expect::Among(known), true) => forgotten(&line.parsed, known),
        (Expect::Read(_) | Expect::Among(_), false) => {
            Some(format!("the client refused it: {refused}"))
        }
        (_, true) => Some(format!("it should have been refused: {}", line.parsed)),
    }
}

/// The first of the names that nobody knows.
fn forgotten(names: &Value, known: &[String]) -> Option<String> {
    let names = names.as_array().map_or(&[][..], Vec::as_slice);
    if names.is_empty() {
        return Some("there are none".to_owned());
    }
    let mut names = names.iter().filter_map(Value::as_str);
    let stranger = names.find(|name| !known.iter().any(|known| known == name))?;
    Some(format!("{stranger} is never called"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    fn told(ok: bool) -> Vec<Line> {
        let line =
            json!({"client": "it", "call": "ask", "ok": ok, "parsed": {"a": 1}, "error": "no"});
        vec![read(&line.to_string())]
    }

    fn expecting(expect: Expect) -> Vec<Expected> {
        vec![Expected {
            version: None,
            call: "ask".to_owned(),
            expect,
        }]
    }

    #[test]
    fn what_is_as_expected_is_in_the_table() {
        let judged = judge(told(true), &expecting(Expect::Read(json!({"a": 1}))));
        assert_eq!(judged.len(), 1);
        judge(
            told(false),
            &expecting(Expect::Refused(json!({"error": "no"}))),
        );
    }

    #[test]
    fn what_is_not_fails() {
        let known = Expect::Known {
            reason: "-",
            says: "~has no",
        };
        for (lines, expected) in [
            (told(true), expecting(Expect::Read(json!({"a": 2})))),
            (told(false), expecting(Expect::Read(json!({})))),
            (told(true), expecting(Expect::Refused(json!({})))),
            (
                told(false),
                expecting(Expect::Refused(json!({"error": "yes"}))),
            ),
            (told(true), expecting(known)),
            (told(true), Vec::new()),
            (told(true), expecting(Expect::Among(Vec::new()))),
            (Vec::new(), expecting(Expect::Read(json!({})))),
        ] {
            assert!(catch_unwind(|| judge(lines, &expected)).is_err());
        }
    }
}
