//! `check attestation`: whether a machine runs what it should, one line per question.
//!
//! Where something was asked for, well is only what answers it: a question that stays open counts like a wrong answer.

use serde_json::{Value, json};

use super::Report;
use crate::trust::attestation::{
    Bundle, Collateral, Expected, Report as Checked, Subject, Verdict, check,
};

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
    let open = open_questions(&report, expected, collateral.is_some());
    // Where nothing at all could be looked at, nothing is well.
    let is_good = report.verdict() == Verdict::Ok && open.is_empty();
    let verdict = if is_good { "ok" } else { "differs" };
    let checks = report.checks.iter();
    let (mut lines, checks): (Vec<_>, Vec<_>) = checks
        .map(|one| line(one.name(), one.verdict, &one.detail, one.proves()))
        .unzip();
    if !open.is_empty() {
        lines.push(format!("asked for and not checked: {}", open.join(", ")));
    }
    lines.push(verdict.to_owned());
    Report {
        json: json!({ "verdict": verdict, "checks": checks, "open": open }),
        lines,
        is_good,
    }
}

/// The names of the checks that were asked for and could not be made.
fn open_questions(
    report: &Checked,
    expected: &Expected,
    has_collateral: bool,
) -> Vec<&'static str> {
    let asked = [
        (Subject::Quote, has_collateral),
        (
            Subject::ComposeHash,
            expected.compose_hash.is_some() && !report.compares_hash(expected),
        ),
        (Subject::AppId, expected.app_id.is_some()),
        (Subject::InstanceId, expected.instance_id.is_some()),
        (Subject::DeviceId, expected.device_id.is_some()),
        (Subject::KeyProvider, expected.key_provider.is_some()),
        (Subject::OsImage, expected.os_image_hash.is_some()),
        (Subject::Certificate, expected.certificate_key.is_some()),
    ];
    let is_open = |subject| {
        let check = report.about(subject);
        check.is_none_or(|check| check.verdict == Verdict::NotChecked)
    };
    asked
        .into_iter()
        .filter(|(subject, is_asked)| *is_asked && is_open(*subject))
        .map(|(subject, _)| subject.name())
        .collect()
}

fn line(name: &str, verdict: Verdict, detail: &str, proves: &str) -> (String, Value) {
    let verdict = verdict.word();
    (
        format!("{verdict:<13}{name:<16}{detail}"),
        json!({ "name": name, "verdict": verdict, "detail": detail, "proves": proves }),
    )
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
    fn what_is_asked_for_and_cannot_be_answered_is_not_well() {
        let hash = "12a20aed7d6c68601e9f6e108a93b4199ae7231684307ffc4833c9cd08d45de7";
        let fixed = quote();
        let free = fixed.replacen(&format!("01{hash}"), &"00".repeat(33), 1);
        assert_ne!(fixed, free);
        let nothing = Expected::default();
        let document = Expected {
            compose_hash: Expected::read_hash(hash).ok(),
            ..Expected::default()
        };
        let other = Expected {
            compose_hash: Some([7; 32]),
            ..Expected::default()
        };
        let ids = Expected {
            app_id: Some([7; 20]),
            instance_id: Some([7; 20]),
            ..Expected::default()
        };
        let unlogged = ["app-id", "instance-id"].as_slice();
        for (quote, expected, verdict, open) in [
            (&fixed, &nothing, "ok", [].as_slice()),
            // The log is kept hidden, and MRCONFIGID names the document.
            (&fixed, &document, "ok", &[]),
            (&fixed, &other, "differs", &[]),
            (&free, &document, "differs", &["compose-hash"]),
            (&fixed, &ids, "differs", unlogged),
        ] {
            let bundle = json!({ "quote": quote }).to_string();
            let report = report(bundle.as_bytes(), expected, None, 0);
            assert_eq!(report.json["verdict"], verdict, "{report:?}");
            assert_eq!(report.json["open"], json!(open), "{report:?}");
            assert_eq!(report.is_good, verdict == "ok");
            let words = format!("asked for and not checked: {}", open.join(", "));
            assert_eq!(report.lines.contains(&words), !open.is_empty());
        }
        let lists = no_lists();
        let unsigned = report(br#"{"quote": null}"#, &nothing, Some(&lists), 0);
        assert_eq!(unsigned.json["open"], json!(["quote"]));
    }

    /// A quote of the real machine, with the hash of its document in MRCONFIGID.
    fn quote() -> String {
        let changes = include_str!("../../tests/vectors/attestation_changes.json");
        let changes: Value = serde_json::from_str(changes).unwrap();
        let mut vectors = changes["vectors"].as_array().unwrap().iter();
        let quote = vectors.find_map(|one| one["changed"]["quote_hex"].as_str());
        quote.unwrap().to_owned()
    }

    /// Collateral that vouches for nothing.
    fn no_lists() -> Collateral {
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
        Collateral::parse(empty.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn with_lists_the_signature_is_looked_at() {
        let bundle = json!({ "quote": quote() }).to_string();
        let verdict = |lists| {
            let report = report(bundle.as_bytes(), &Expected::default(), lists, 0);
            report.json["checks"][0].clone()
        };
        assert_eq!(verdict(None)["name"], "quote");
        assert_eq!(verdict(None)["verdict"], "not-checked");
        assert_eq!(verdict(Some(&no_lists()))["verdict"], "differs");
    }
}
