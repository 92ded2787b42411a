//! Compose files: every finding has its place in the text and words that may be shown, and the same text always gets
//! the same ones.

use phala_wizard::check::compose::{self, ComposeReport};
use phala_wizard::check::{Severity, excerpt, names};
use phala_wizard::trust::dotenv::NameFlaw;

use super::safe;

/// Checks a compose file, and compares the names in it with some that are given.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let report = compose::check(text, 0);
    assert_eq!(report, compose::check(text, 0));
    assert_eq!(report.combined_bytes, text.len());
    findings_have_a_place(text, &report);
    services_have_a_line(text, &report);
    names_are_names(text, &report);
    let with_script = compose::check(text, usize::MAX);
    assert!(!with_script.can_be_sent());
}

/// Lines as editors count them: what follows the last line end is one more.
fn lines(text: &str) -> usize {
    text.split('\n').count()
}

fn findings_have_a_place(text: &str, report: &ComposeReport) {
    let sorted = |finding: &phala_wizard::check::Finding| (finding.severity, finding.line);
    assert!(report.findings.is_sorted_by_key(sorted));
    for finding in &report.findings {
        safe::line(&finding.what);
        safe::line(&finding.why);
        if let Some((line, column)) = finding.place() {
            assert!((1..=lines(text)).contains(&line), "{finding:?}");
            assert!(column > 0, "{finding:?}");
        }
        for line in excerpt(text, finding) {
            safe::text(line.text.as_str());
        }
    }
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    assert_eq!(
        compose::counts(&report.findings),
        (
            errors.clone().count(),
            report.findings.len() - errors.clone().count()
        )
    );
    assert_eq!(report.can_be_sent(), errors.count() == 0);
}

fn services_have_a_line(text: &str, report: &ComposeReport) {
    assert!(!report.can_be_sent() || !report.services.is_empty());
    for service in &report.services {
        assert!((1..=lines(text)).contains(&service.line), "{service:?}");
    }
    for given in [&[][..], &["DSTACK_DOCKER_USERNAME".to_owned()]] {
        for finding in compose::registry_remarks(&report.services, given) {
            safe::line(&finding.what);
            assert!(!finding.is_error());
        }
    }
}

fn names_are_names(text: &str, report: &ComposeReport) {
    assert_eq!(names::used(text), report.names);
    let mut seen = Vec::new();
    for used in &report.names {
        assert!((1..=lines(text)).contains(&used.line), "{used:?}");
        assert!(!used.used_by.is_empty());
        assert!(!seen.contains(&&used.name), "{used:?} twice");
        seen.push(&used.name);
    }
    // Names that a service passes on are as the text has them; those behind a dollar are always names.
    let given: Vec<String> = report
        .names
        .iter()
        .map(|used| used.name.clone())
        .filter(|name| NameFlaw::of(name).is_none())
        .chain(["OTHER".to_owned()])
        .collect();
    let states = names::compare(&report.names, &given, Some(&given));
    assert!(states.len() >= report.names.len() && states.len() <= report.names.len() + 1);
}
