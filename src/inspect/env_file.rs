//! `check env-file`: what a `.env` file says, what is doubtful in it, and whether it fits a compose file and an app.
//!
//! Names and lines are told, values never.

use serde_json::{Value, json};

use super::Report;
use crate::check::names::{NameState, NameVerdict, compare, used};
use crate::trust::{dotenv, env_limits};

/// Judges a `.env` text beside the compose text that uses it, and the names the app lets through.
pub fn report(text: &str, compose: Option<&str>, allowed: Option<&[String]>) -> Report {
    let reading = dotenv::read(text);
    let mut remarks = Remarks::default();
    for problem in &reading.problems {
        remarks.add(true, Some(problem.line), None, problem.kind.to_string());
    }
    for (line, note) in &reading.elsewhere {
        remarks.add(false, Some(*line), None, note.to_string());
    }
    for entry in &reading.entries {
        for note in &entry.notes {
            remarks.add(false, Some(entry.line), Some(&entry.name), note.to_string());
        }
    }
    let pairs = reading
        .entries
        .iter()
        .map(|entry| (entry.name.as_str(), &entry.value));
    for remark in env_limits::remarks(pairs) {
        let name = remark.name.as_deref();
        remarks.add(
            remark.kind.stops_boot(),
            None,
            name,
            remark.kind.to_string(),
        );
    }
    let names: Vec<String> = reading
        .entries
        .iter()
        .map(|entry| entry.name.clone())
        .collect();
    let used = compose.map(used).unwrap_or_default();
    for state in compare(&used, &names, allowed) {
        if let Some((stops, words)) = about(&state, compose.is_some()) {
            remarks.add(stops, None, Some(&state.name), words);
        }
    }
    let is_good = !remarks.stops;
    let verdict = if is_good { "ok" } else { "wrong" };
    let mut lines = vec![format!("{verdict}: {}", names.join(", "))];
    lines.extend(remarks.lines);
    Report {
        json: json!({ "verdict": verdict, "names": names, "remarks": remarks.json }),
        lines,
        is_good,
    }
}

/// What is worth saying about a name; `true` where it stops.
fn about(state: &NameState, has_compose: bool) -> Option<(bool, String)> {
    let said = match state.state {
        NameVerdict::NotAllowed => (
            true,
            "the app does not let this name through: it would vanish without a word".to_owned(),
        ),
        NameVerdict::Missing => (
            false,
            format!("used by {} and not given", state.used_by.join(", ")),
        ),
        NameVerdict::Unused if has_compose => (false, "the compose file does not use it".into()),
        _ => return None,
    };
    Some(match &state.typo_of {
        Some(meant) => (said.0, format!("{}; was {meant} meant?", said.1)),
        None => said,
    })
}

#[derive(Default)]
struct Remarks {
    json: Vec<Value>,
    lines: Vec<String>,
    stops: bool,
}

impl Remarks {
    fn add(&mut self, stops: bool, line: Option<usize>, name: Option<&str>, text: String) {
        self.stops |= stops;
        let place = line
            .map(|line| format!("line {line}  "))
            .unwrap_or_default();
        let of = name.map(|name| format!("{name}: ")).unwrap_or_default();
        let sign = if stops { "wrong" } else { "note " };
        self.lines.push(format!("  {sign}  {place}{of}{text}"));
        self.json
            .push(json!({ "stops": stops, "line": line, "name": name, "text": text }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPOSE: &str = "services:\n  a:\n    image: x:1\n    environment:\n      A: ${A}\n      MISSING: ${MISSING}\n";

    fn allowed(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn names_are_told_and_values_are_not() {
        let text = "export A='canary#1'\nB=ca\\nary\nC=$NAME\n";
        let report = report(text, None, None);
        assert_eq!(report.json["names"], json!(["A", "B", "C"]));
        assert_eq!(report.json["verdict"], "ok");
        assert!(!format!("{report:?}").contains("canary"), "{report:?}");
        let all = report.lines.join("\n");
        let unfilled = "C: '$' is kept as written, nothing is filled in";
        for words in ["'export' dropped", "quotes removed", "B: ", unfilled] {
            assert!(all.contains(words), "{all}");
        }
    }

    #[test]
    fn a_name_the_app_does_not_let_through_is_wrong() {
        let report = report(
            "A=1\nC=2\n",
            Some(COMPOSE),
            Some(&allowed(&["A", "MISSING"])),
        );
        assert_eq!(report.json["verdict"], "wrong");
        assert!(!report.is_good);
        let all = report.lines.join("\n");
        assert!(
            all.contains("C: the app does not let this name through"),
            "{all}"
        );
        assert!(all.contains("MISSING: used by a and not given"), "{all}");
    }

    #[test]
    fn what_cannot_be_read_is_wrong_with_its_line() {
        let report = report("A=1\nnot a variable\n", None, None);
        assert_eq!(report.json["verdict"], "wrong");
        assert_eq!(report.json["remarks"][0]["line"], 2);
        let elsewhere = &report.json["remarks"][1];
        assert_eq!(
            (&elsewhere["line"], &elsewhere["stops"]),
            (&json!(2), &json!(false))
        );
        assert!(
            elsewhere["text"]
                .to_string()
                .contains("take the whole line for a name")
        );
    }

    #[test]
    fn what_the_guest_would_not_boot_with_is_wrong_and_what_is_missing_is_a_note() {
        let long = format!("{}=1\n", "A".repeat(256));
        let report = report(&long, None, None);
        assert_eq!(report.json["verdict"], "wrong", "{report:?}");
        assert!(!report.is_good);
        let values: Vec<_> = ["A", "B", "C"]
            .map(|name| format!("{name}={}\n", "x".repeat(100_000)))
            .into();
        let large = super::report(&values.concat(), None, None);
        assert_eq!(large.json["verdict"], "wrong");
        assert!(large.lines[1].contains("the host copies 262144"));
        let missing = super::report("A=1\n", Some(COMPOSE), None);
        assert_eq!(missing.json["verdict"], "ok", "{missing:?}");
        assert_eq!(missing.json["remarks"][0]["name"], "MISSING");
        assert!(missing.is_good);
    }
}
