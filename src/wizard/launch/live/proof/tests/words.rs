//! Which words, marks and order a report gets. Made-up reports: these hold also where no real evidence is at hand.

use super::*;
use crate::trust::attestation::Check;
use crate::wizard::page::Mark;

/// A proof whose evidence came to these verdicts.
fn judged<const N: usize>(checks: [(Subject, Verdict); N]) -> Proof {
    let mut proof = proof(Expected::default(), Some(Place::Public));
    proof.bundle = Asked::Here(Evidence::new(b"{}"));
    let checks = checks.map(|(subject, verdict)| Check {
        subject,
        verdict,
        detail: format!("{} is told", subject.name()),
    });
    proof.report = Some(Report {
        checks: checks.into(),
    });
    proof
}

fn headline(proof: &Proof) -> String {
    proof.headline().words()
}

#[test]
fn every_outcome_has_its_own_headline_and_receipt() {
    use Subject::{ComposeHash, FirmwareState, Quote};
    use Verdict::{Differs, NotChecked, Ok};
    for (checks, head, receipt, alarms) in [
        (
            [(Quote, Ok), (FirmwareState, Ok), (ComposeHash, Ok)],
            "ok Proven by hardware",
            "runs what was previewed, signed by hardware",
            0,
        ),
        (
            [
                (Quote, NotChecked),
                (FirmwareState, NotChecked),
                (ComposeHash, Ok),
            ],
            "ok The evidence fits what you previewed; that real hardware signed it is not checked.",
            "fits what was previewed; the hardware's signature was not checked",
            0,
        ),
        (
            [(Quote, Ok), (FirmwareState, Differs), (ComposeHash, Ok)],
            "! It runs what you previewed, on a machine whose firmware has known weaknesses.",
            "runs what was previewed, on firmware that is not up to date",
            0,
        ),
        (
            [
                (Quote, Ok),
                (FirmwareState, Differs),
                (ComposeHash, Differs),
            ],
            "X It does NOT prove to be what you asked for.",
            "DIFFERS from what was previewed",
            1,
        ),
        (
            [
                (Quote, Differs),
                (FirmwareState, NotChecked),
                (ComposeHash, Ok),
            ],
            "X It does NOT prove to be what you asked for.",
            "DIFFERS from what was previewed",
            1,
        ),
        (
            [
                (Quote, NotChecked),
                (FirmwareState, NotChecked),
                (ComposeHash, NotChecked),
            ],
            ". The instance shows no evidence yet.",
            "not checked: there was no evidence",
            0,
        ),
    ] {
        let proof = judged(checks);
        let words = headline(&proof);
        assert!(
            words.replace("  ", " ").starts_with(head),
            "{checks:?}: {words}"
        );
        assert_eq!(
            proof.receipt()[0],
            ("proof", receipt.to_owned()),
            "{checks:?}"
        );
        assert_eq!(proof.alarms().count(), alarms, "{checks:?}");
        let told = checks
            .iter()
            .filter(|(_, verdict)| *verdict == Differs)
            .count();
        assert_eq!(proof.receipt().len(), 1 + told, "{checks:?}");
    }
}

#[test]
fn what_differs_stands_first_and_then_what_a_person_asks_first() {
    let proof = judged([
        (Subject::Certificate, Verdict::NotChecked),
        (Subject::AppId, Verdict::Ok),
        (Subject::OsImage, Verdict::Differs),
        (Subject::ComposeHash, Verdict::Ok),
        (Subject::Quote, Verdict::NotChecked),
    ]);
    let text = words(proof.lines().into_iter().skip(2));
    let order = [
        Subject::OsImage,
        Subject::ComposeHash,
        Subject::AppId,
        Subject::Quote,
        Subject::Certificate,
    ];
    for (line, subject) in text.lines().zip(order) {
        assert!(line.contains(subject.statement()), "{subject:?} in\n{text}");
    }
}

#[test]
fn each_verdict_has_its_own_mark() {
    for (verdict, mark) in [
        (Verdict::Ok, Mark::Ok),
        (Verdict::Differs, Mark::Bad),
        (Verdict::NotChecked, Mark::Todo),
    ] {
        let proof = judged([(Subject::AppId, verdict)]);
        let row = words(proof.lines().into_iter().skip(2).take(1));
        let expected = format!("{} {verdict}", mark.word());
        assert!(row.replace("  ", " ").starts_with(&expected), "{row}");
    }
}
