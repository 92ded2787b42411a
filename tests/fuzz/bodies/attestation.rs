//! Attestation bundles and collateral: no line is `ok` that leans on something nobody looked at, and a log that adds up
//! is believed to the byte.

use phala_wizard::trust::attestation::{
    Bundle, Collateral, Expected, KeyProvider, KeyProviderKind, Report, Subject, Verdict, check,
};
use serde_json::{Value, json};

use super::measured::{self, Machine};
use super::safe;

/// 2025, when the real quote was made.
const AT: u64 = 1_758_000_000;

/// What is read from a log, and so worth nothing without it.
const FROM_THE_LOG: [Subject; 5] = [
    Subject::ComposeHash,
    Subject::AppId,
    Subject::InstanceId,
    Subject::KeyProvider,
    Subject::OsImage,
];

/// Judges a bundle as it comes and as if a machine had measured its log; or judges a real quote by collateral.
pub fn run(data: &[u8]) {
    if let Ok(bundle) = Bundle::parse(data) {
        for expected in [Expected::default(), something()] {
            promises_little(&bundle, &expected);
        }
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(data)
        && let Some(machine) = Machine::measure(&members)
    {
        is_believed(&machine);
        is_not_believed_with_another_entry(&machine);
    }
    if let Ok(collateral) = Collateral::parse(data) {
        judges_by(&collateral);
    }
}

fn something() -> Expected {
    Expected {
        compose_hash: Some([1; 32]),
        app_id: Some([2; 20]),
        instance_id: None,
        device_id: Some([3; 32]),
        key_provider: Some(KeyProvider {
            kind: KeyProviderKind::Kms,
            id: None,
        }),
        os_image_hash: Some([4; 32]),
        certificate_key: Some(vec![5]),
    }
}

fn verdict(report: &Report, subject: Subject) -> Verdict {
    report.about(subject).expect("a line for each").verdict
}

/// Parses JSON of our own making.
fn parsed(bundle: &Value) -> Bundle {
    Bundle::parse(bundle.to_string().as_bytes()).expect("a bundle")
}

/// What holds of every report without collateral. Returns it.
fn promises_little(bundle: &Bundle, expected: &Expected) -> Report {
    let report = check(bundle, expected, None, AT);
    for check in &report.checks {
        safe::line(&check.detail);
        assert!(check.detail.ends_with('.'), "{}", check.detail);
    }
    if report.checks.len() == 1 {
        let only = &report.checks[0];
        assert_eq!(only.subject, Subject::InstanceId);
        assert_ne!(only.verdict, Verdict::Ok);
        return report;
    }
    assert_eq!(report.checks.len(), 14);
    let of = |subject| verdict(&report, subject);
    assert_ne!(of(Subject::Quote), Verdict::Ok, "nobody looked at it");
    assert_eq!(of(Subject::FirmwareState), Verdict::NotChecked);
    if of(Subject::EventLog) != Verdict::Ok {
        for subject in FROM_THE_LOG {
            assert_eq!(of(subject), Verdict::NotChecked, "{subject:?}");
        }
    }
    if *expected == Expected::default() {
        for subject in FROM_THE_LOG.into_iter().chain([Subject::DeviceId]) {
            assert_ne!(of(subject), Verdict::Ok, "{subject:?}: nothing to compare");
        }
        assert_eq!(of(Subject::Certificate), Verdict::NotChecked);
    }
    if of(Subject::Debug) == Verdict::NotChecked {
        // There is no quote, so there is nothing at all.
        let mut rest = report.checks.iter();
        assert!(
            rest.all(
                |check| check.subject == Subject::Quote || check.verdict == Verdict::NotChecked
            )
        );
    }
    report
}

/// Every value that stands once in the log is the one that is expected, and no other is.
fn is_believed(machine: &Machine) {
    let expected = Expected {
        compose_hash: machine.once("compose-hash").and_then(array),
        app_id: machine.once("app-id").and_then(array),
        instance_id: machine.once("instance-id").and_then(array),
        ..Expected::default()
    };
    let report = promises_little(&parsed(&machine.bundle), &expected);
    let of = |subject| verdict(&report, subject);
    // A log may leave out what came before the operating system.
    assert_ne!(of(Subject::FirmwareLog), Verdict::Differs, "{report:?}");
    assert_eq!(of(Subject::EventLog), Verdict::Ok, "{report:?}");
    for (subject, is_told) in [
        (Subject::ComposeHash, expected.compose_hash.is_some()),
        (Subject::AppId, expected.app_id.is_some()),
        (Subject::InstanceId, expected.instance_id.is_some()),
    ] {
        assert_eq!(of(subject) == Verdict::Ok, is_told, "{report:?}");
    }
    if machine.form == 1 && expected.compose_hash.is_some() {
        assert_eq!(of(Subject::ConfigId), Verdict::Ok, "{report:?}");
    }
    let other = Expected {
        compose_hash: expected.compose_hash.map(changed),
        app_id: expected.app_id.map(changed),
        instance_id: expected.instance_id.map(changed),
        ..Expected::default()
    };
    let report = promises_little(&parsed(&machine.bundle), &other);
    for subject in [Subject::ComposeHash, Subject::AppId, Subject::InstanceId] {
        assert_ne!(verdict(&report, subject), Verdict::Ok, "{report:?}");
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn changed<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    bytes[N - 1] ^= 1;
    bytes
}

/// An entry that the quote does not know makes the log worthless.
fn is_not_believed_with_another_entry(machine: &Machine) {
    let bundle = parsed(&machine.with_another_entry());
    let report = promises_little(&bundle, &something());
    assert_eq!(verdict(&report, Subject::EventLog), Verdict::Differs);
    for subject in FROM_THE_LOG {
        assert_eq!(verdict(&report, subject), Verdict::NotChecked);
    }
}

/// With collateral the signature is judged, for better or worse.
fn judges_by(collateral: &Collateral) {
    let bundle = parsed(&json!({ "quote": hex::encode(measured::quote()) }));
    for at in [0, AT, u64::MAX] {
        let report = check(&bundle, &Expected::default(), Some(collateral), at);
        report
            .checks
            .iter()
            .for_each(|check| safe::line(&check.detail));
        let quote = verdict(&report, Subject::Quote);
        assert_ne!(quote, Verdict::NotChecked);
        let firmware = verdict(&report, Subject::FirmwareState);
        assert_eq!(firmware == Verdict::NotChecked, quote == Verdict::Differs);
    }
}
