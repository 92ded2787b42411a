//! `check compose-hash`: a document's hash in every known form, and whether one of them is the expected one.

use serde_json::{Map, json};

use super::Report;
use crate::trust::compose_hash::{CannotCompute, Document, Form, Hash};

/// What is asked about a document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'q> {
    /// The stored document.
    pub document: &'q str,
    /// A compose file in place of its own.
    pub compose: Option<&'q str>,
    /// A pre-launch script in place of its own.
    pub script: Option<&'q str>,
    /// The hash that the stored document is known by, to see which form it is in.
    pub live: Option<Hash>,
    /// The hash that the document shall have, with those parts replaced.
    pub expected: Option<Hash>,
}

/// The answer.
pub fn report(question: &Question) -> Report {
    match hashes(question) {
        Ok((calibrated, hashes)) => found(question, calibrated, &hashes),
        Err(why) => Report {
            json: json!({
                "verdict": "cannot-compute",
                "hash": null,
                "forms": {},
                "form": null,
                "calibration": null,
                "reason": why.to_string(),
            }),
            lines: vec![format!("cannot compute: {why}")],
            is_good: false,
        },
    }
}

type Hashes = Vec<(Form, Hash)>;

fn hashes(question: &Question) -> Result<(Option<Form>, Hashes), CannotCompute> {
    let document = Document::parse(question.document)?;
    let calibrated = match question.live {
        Some(live) => Some(document.form_of(&live).ok_or(CannotCompute::Uncalibrated)?),
        None => None,
    };
    let document = document.with(question.compose, question.script)?;
    Ok((calibrated, document.hashes().collect()))
}

fn found(question: &Question, calibrated: Option<Form>, hashes: &Hashes) -> Report {
    let matching = question.expected.map(|expected| {
        let found = hashes.iter().find(|(_, hash)| *hash == expected);
        found.map(|(form, _)| *form)
    });
    let (verdict, reason) = match matching {
        None => ("no-expectation", None),
        Some(Some(_)) => ("same", None),
        Some(None) => (
            "differs",
            Some("no known form of the document has the expected hash"),
        ),
    };
    let named: Map<_, _> = hashes
        .iter()
        .map(|(form, hash)| (form.name().to_owned(), hex::encode(hash).into()))
        .collect();
    let mut lines: Vec<String> = hashes
        .iter()
        .map(|(form, hash)| format!("{:<26}{}", form.name(), hex::encode(hash)))
        .collect();
    if let Some(form) = calibrated {
        lines.push(format!("the live document is written like this: {form}"));
    }
    lines.push(match (matching, question.expected) {
        (Some(Some(form)), _) => format!("same: {form}"),
        (Some(None), Some(expected)) => format!("differs: expected {}", hex::encode(expected)),
        _ => "no hash was expected".to_owned(),
    });
    Report {
        json: json!({
            "verdict": verdict,
            "hash": named.get(Form::CompactDeep.name()),
            "forms": named,
            "form": matching.flatten().map(Form::name),
            "calibration": calibrated.map(Form::name),
            "reason": reason,
        }),
        lines,
        is_good: verdict != "differs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"runner":"docker-compose","docker_compose_file":"a"}"#;

    fn asked<'q>(document: &'q str, expected: Option<&Report>) -> Question<'q> {
        let hash = |report: &Report| {
            let hash = hex::decode(report.json["hash"].as_str().unwrap()).unwrap();
            hash.try_into().unwrap()
        };
        Question {
            document,
            expected: expected.map(hash),
            ..Question::default()
        }
    }

    #[test]
    fn every_form_is_told_and_the_right_one_named() {
        let first = report(&asked(DOCUMENT, None));
        assert_eq!(first.json["verdict"], "no-expectation");
        assert_eq!(first.json["forms"].as_object().unwrap().len(), 8);
        assert!(first.is_good);
        let again = report(&asked(DOCUMENT, Some(&first)));
        assert_eq!(again.json["verdict"], "same");
        assert_eq!(again.json["form"], "compact_sorted_deep");
        assert!(again.is_good);
    }

    #[test]
    fn another_compose_file_differs_and_a_replaced_one_is_the_same() {
        let first = report(&asked(DOCUMENT, None));
        let changed = Question {
            compose: Some("b"),
            ..asked(DOCUMENT, Some(&first))
        };
        let changed = report(&changed);
        assert_eq!(changed.json["verdict"], "differs");
        assert_eq!(changed.json["form"], serde_json::Value::Null);
        assert!(!changed.is_good);
        let other = r#"{"runner":"docker-compose","docker_compose_file":"b"}"#;
        let back = Question {
            compose: Some("a"),
            ..asked(other, Some(&first))
        };
        assert_eq!(report(&back).json["verdict"], "same");
    }

    #[test]
    fn what_cannot_be_computed_says_why_and_is_not_good() {
        let refused = report(&asked(r#"{"n":1.0}"#, None));
        assert_eq!(refused.json["verdict"], "cannot-compute");
        assert!(refused.json["reason"].as_str().unwrap().contains("number"));
        assert!(!refused.is_good);
        let uncalibrated = Question {
            live: Some([1; 32]),
            ..asked(DOCUMENT, None)
        };
        assert_eq!(report(&uncalibrated).json["verdict"], "cannot-compute");
    }
}
