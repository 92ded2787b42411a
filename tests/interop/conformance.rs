//! The sandbox's answers against the vendor's OpenAPI file: where they differ, and why.
//!
//! The file is the vendor's and no part of this repository; it is read where it lies.

use std::fmt::Write;
use std::path::PathBuf;

use serde::Deserialize;

use crate::line::Line;

/// Where the vendor's file would be.
pub fn file() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/reference/openapi.json"
    ))
}

/// What differs, by operation, with the letter of its reason in the table.
const DIFFERENCES: &[(&str, &[(&str, &str)])] = &[
    (
        "GET /api/v1/cvms/{cvm_id}/docker-compose.yml",
        &[(
            "UndefinedContentType: Received: text/plain; charset=utf-8",
            "f",
        )],
    ),
    (
        "GET /api/v1/cvms/{cvm_id}/state",
        &[
            ("UndefinedContentType: Received: text/event-stream", "g"),
            (NO_404, "h"),
        ],
    ),
    ("PATCH /api/v1/cvms/{cvm_id}/instance-id", &[(NO_404, "h")]),
    ("PATCH /api/v1/cvms/{cvm_id}/listed", &[(NO_404, "h")]),
    ("POST /api/v1/apps/{app_id}/is-allowed", &[(NO_404, "h")]),
    (
        "POST /api/v1/apps/{app_id}/cvms/is-allowed",
        &[(NO_404, "h")],
    ),
    (
        "GET /api/v1/cvms/{cvm_id}/commit-update",
        &[(NO_404, "h"), (NO_466, "i")],
    ),
    (
        "POST /api/v1/cvms/{cvm_id}/commit-update",
        &[(NO_404, "h"), (NO_466, "i")],
    ),
    (
        "POST /api/v1/cvms/{cvm_id}/commit-replica",
        &[(NO_404, "h"), (NO_466, "i")],
    ),
    (
        "POST /api/v1/cvms/{cvm_id}/stop",
        &[("UndefinedStatusCode: Received: 400", "j")],
    ),
];

const NO_404: &str = "UndefinedStatusCode: Received: 404";
const NO_466: &str = "UndefinedStatusCode: Received: 466";

/// What the driver told of one operation.
#[derive(Deserialize)]
struct Told {
    served: bool,
    /// Requests.
    #[serde(default)]
    asked: u64,
    #[serde(default)]
    problems: Vec<String>,
}

/// The letters of the reasons that are met.
pub fn reasons() -> impl Iterator<Item = &'static str> {
    let all = DIFFERENCES.iter().flat_map(|(_, differences)| *differences);
    all.map(|(_, letter)| *letter)
}

/// The section of the table: every operation of the file that the sandbox serves.
///
/// # Panics
///
/// Where an answer differs from the file and nobody knows why, or no longer differs.
pub fn judge(lines: Vec<Line>) -> String {
    let (mut rows, mut unknown) = (String::new(), String::new());
    let (mut served, mut asked, total) = (0, 0, lines.len());
    for line in lines {
        let Line {
            call,
            parsed,
            error,
            ..
        } = line;
        let told: Told = serde_json::from_value(parsed).unwrap();
        if !told.served {
            continue;
        }
        served += 1;
        asked += told.asked;
        let listed = DIFFERENCES.iter().find(|(known, _)| *known == call);
        let differences = listed.map_or(&[][..], |(_, differences)| differences);
        let mut expected: Vec<&str> = differences.iter().map(|(problem, _)| *problem).collect();
        expected.sort_unstable();
        if told.problems != expected {
            // Writing to a String cannot fail.
            let found = error.unwrap_or_default();
            let _ = writeln!(unknown, "{call}: expected {expected:?}, found {found}");
        }
        let letters: Vec<&str> = differences.iter().map(|(_, letter)| *letter).collect();
        let verdict = if letters.is_empty() {
            "as described".to_owned()
        } else {
            format!("known ({})", letters.join(", "))
        };
        let _ = writeln!(rows, "| `{call}` | {verdict} |");
    }
    assert!(unknown.is_empty(), "\n{unknown}");
    for (call, _) in DIFFERENCES {
        assert!(rows.contains(&format!("`{call}`")), "{call} is not served");
    }
    format!(
        "The file describes {total} operations; the sandbox serves {served} of them, and answered {asked} requests.\n\n\
         | operation | answers |\n| --- | --- |\n{rows}"
    )
}
