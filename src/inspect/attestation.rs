//! `check attestation`: whether a machine runs what it should, one line per question.

use serde_json::{Value, json};

use super::Report;
use crate::trust::attestation::{Bundle, Collateral, Expected, Report as Checked, Verdict, check};

/// Judges a bundle, at `at` (Unix seconds). Without collateral the quote's signature is not checked.
pub fn report(
    bundle: &[u8],
    expected: &Expected,
    collateral: Option<&Collateral>,
    at: u64,
) -> Report {
    let report = match Bundle::parse(bundle) {
        Ok(bundle) => check(&bundle, expected, collateral, at),
        Err(flaw) => Checked::unreadable(&flaw),
    };
    // Where nothing at all could be looked at, nothing is well.
    let is_good = report.verdict() == Verdict::Ok;
    let checks = report.checks.iter();
    let lines = checks.map(|one| line(one.name(), one.verdict, &one.detail, one.proves()));
    told(is_good, lines.collect())
}

fn line(name: &str, verdict: Verdict, detail: &str, proves: &str) -> (String, Value) {
    let verdict = verdict.word();
    (
        format!("{verdict:<13}{name:<16}{detail}"),
        json!({ "name": name, "verdict": verdict, "detail": detail, "proves": proves }),
    )
}

fn told(is_good: bool, checks: Vec<(String, Value)>) -> Report {
    let verdict = if is_good { "ok" } else { "differs" };
    let (mut lines, checks): (Vec<_>, Vec<_>) = checks.into_iter().unzip();
    lines.push(verdict.to_owned());
    Report {
        json: json!({ "verdict": verdict, "checks": checks }),
        lines,
        is_good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bundle_differs_and_says_why() {
        let report = report(b"{", &Expected::default(), None, 0);
        assert_eq!(report.json["verdict"], "differs");
        assert_eq!(report.json["checks"][0]["name"], "bundle");
        assert!(!report.is_good);
    }

    #[test]
    fn nothing_looked_at_is_not_well() {
        let report = report(br#"{"instances": []}"#, &Expected::default(), None, 0);
        assert!(!report.is_good, "{report:?}");
    }

    #[test]
    fn what_is_expected_is_compared() {
        let two = br#"{"instances": [{"name": "a"}, {"name": "b"}]}"#;
        let verdict = |expected: &Expected| {
            let report = report(two, expected, None, 0);
            report.json["checks"][0]["verdict"].clone()
        };
        assert_eq!(verdict(&Expected::default()), "not-checked");
        let this = Expected {
            instance_id: Some([9; 20]),
            ..Expected::default()
        };
        assert_eq!(verdict(&this), "differs");
    }

    #[test]
    fn with_lists_the_signature_is_looked_at() {
        let changes = include_str!("../../tests/vectors/attestation_changes.json");
        let changes: Value = serde_json::from_str(changes).unwrap();
        let mut vectors = changes["vectors"].as_array().unwrap().iter();
        let quote = vectors
            .find_map(|one| one["changed"].get("quote_hex"))
            .unwrap();
        let bundle = json!({ "quote": quote }).to_string();
        let texts = [
            "pck_crl_issuer_chain",
            "root_ca_crl",
            "pck_crl",
            "tcb_info_issuer_chain",
            "tcb_info",
            "tcb_info_signature",
            "qe_identity_issuer_chain",
            "qe_identity",
            "qe_identity_signature",
        ];
        let empty: Value = texts.into_iter().map(|name| (name, "")).collect();
        let empty = Collateral::parse(empty.to_string().as_bytes()).unwrap();
        let verdict = |lists| {
            let report = report(bundle.as_bytes(), &Expected::default(), lists, 0);
            report.json["checks"][0].clone()
        };
        assert_eq!(verdict(None)["name"], "quote");
        assert_eq!(verdict(None)["verdict"], "not-checked");
        assert_eq!(verdict(Some(&empty))["verdict"], "differs");
    }
}
