//! Which words, marks and order a report gets. Made-up reports: these hold also where no real evidence is at hand.

use super::*;
use crate::trust::attestation::Check;
use crate::wizard::page::Mark;

/// A proof whose evidence came to these verdicts, while a hash is expected.
fn judged<const N: usize>(checks: [(Subject, Verdict); N]) -> Proof {
    let expected = Expected {
        compose_hash: Some([7; 32]),
        ..Expected::default()
    };
    let mut proof = proof(expected, Some(Place::Public(0)));
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
            "DIFFERS from what was asked for",
            1,
        ),
        (
            [
                (Quote, Differs),
                (FirmwareState, NotChecked),
                (ComposeHash, Ok),
            ],
            "X It does NOT prove to be what you asked for.",
            "DIFFERS from what was asked for",
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
fn what_was_not_compared_is_not_said_to_run() {
    use Verdict::{NotChecked, Ok};
    let unnamed = [
        (Subject::Quote, Ok),
        (Subject::ComposeHash, NotChecked),
        (Subject::ConfigId, NotChecked),
    ];
    let mut proof = judged(unnamed);
    let uncompared = |proof: &Proof| {
        let told = "not checked: the evidence could not be compared with what was previewed";
        headline(proof).contains("The evidence could not be compared with what you previewed.")
            && proof.receipt()[0].1 == told
    };
    assert!(uncompared(&proof), "{}", headline(&proof));
    assert!(
        headline(&proof).ends_with("r asks again"),
        "it may come yet"
    );
    proof.wanted.expected.compose_hash = None;
    assert!(uncompared(&proof), "{}", headline(&proof));
    assert!(!headline(&proof).contains("again"), "there is no use in it");

    let fixed = [
        (Subject::Quote, Ok),
        (Subject::ComposeHash, NotChecked),
        (Subject::ConfigId, Ok),
    ];
    let mut proof = judged(fixed);
    assert!(headline(&proof).contains("it runs what you previewed."));
    proof.wanted.expected.compose_hash = None;
    assert!(
        uncompared(&proof),
        "what it was compared with, nobody expected"
    );
}

#[test]
fn a_hash_that_was_not_computed_here_is_only_the_registered_one() {
    use Subject::{ComposeHash, FirmwareState, Quote};
    use Verdict::{Differs, NotChecked, Ok};
    for (quote, firmware, head, receipt) in [
        (
            Ok,
            Ok,
            "Proven by hardware: it runs the document that was registered.",
            "runs what was registered, signed by hardware; whether that was previewed was not computed",
        ),
        (
            Ok,
            Differs,
            "It runs the document that was registered, on a machine whose firmware has known weaknesses.",
            "runs what was registered, on firmware that is not up to date; whether that was previewed was not computed",
        ),
        (
            NotChecked,
            NotChecked,
            "The evidence fits the document that was registered; that real hardware signed it is not checked.",
            "fits what was registered; neither the hardware's signature nor whether that was previewed was checked",
        ),
    ] {
        let mut proof = judged([(Quote, quote), (FirmwareState, firmware), (ComposeHash, Ok)]);
        let caveat = "Whether that is what you previewed could not be computed here.";
        assert!(!list(&proof).contains(caveat));
        proof.wanted.previewed = false;
        assert!(headline(&proof).contains(head), "{}", headline(&proof));
        assert_eq!(proof.receipt()[0].1, receipt);
        for text in [list(&proof), words(proof.detailed())] {
            assert!(text.contains(caveat), "{text}");
            assert!(
                text.contains("it runs the document that was registered"),
                "{text}"
            );
            assert!(!text.contains("the document you previewed"), "{text}");
        }
        let proven = proof.proven().expect("it is settled");
        let statements: Vec<&str> = proven.checks.iter().map(|(_, says, _)| *says).collect();
        assert_eq!(statements[2], "it runs the document that was registered");
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
