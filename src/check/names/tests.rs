use proptest::prelude::*;

use super::*;

fn service(environment: &str) -> String {
    format!("services:\n  web:\n    image: a\n    environment:\n{environment}")
}

/// Names and needs of a value.
fn uses(value: &str) -> Vec<(String, Need)> {
    template::scan(value).uses
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_form_of_a_use_is_found() {
    use Need::{Expected, FallbackFor, Optional, Required};
    let table: &[(&str, &[(&str, Need)])] = &[
        ("$A", &[("A", Expected)]),
        ("x$A/y", &[("A", Expected)]),
        ("${A}", &[("A", Expected)]),
        ("${A:-x}", &[("A", Optional)]),
        ("${A-x}", &[("A", Optional)]),
        ("${A:-}", &[("A", Optional)]),
        ("${A:?set it}", &[("A", Required)]),
        ("${A?}", &[("A", Required)]),
        ("${A:+x}", &[("A", Optional)]),
        ("${A+x}", &[("A", Optional)]),
        (
            "${A:-${B}}",
            &[("A", Optional), ("B", FallbackFor("A".into()))],
        ),
        (
            "${A:-${B:-$C}}",
            &[
                ("A", Optional),
                ("B", Optional),
                ("C", FallbackFor("A".into())),
            ],
        ),
        (
            "${A:-${B:?no}}",
            &[("A", Optional), ("B", FallbackFor("A".into()))],
        ),
        ("${A:+${B}}", &[("A", Optional), ("B", Optional)]),
        ("$$A", &[]),
        ("$${A}", &[]),
        ("$$$A", &[("A", Expected)]),
        ("${A}${B}", &[("A", Expected), ("B", Expected)]),
        ("no dollar", &[]),
    ];
    for (value, wanted) in table {
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(n, need)| ((*n).to_owned(), need.clone()))
            .collect();
        assert_eq!(uses(value), wanted, "{value}");
        assert!(!template::scan(value).bad_dollar, "{value}");
    }
}

#[test]
fn a_dollar_that_compose_refuses_is_told() {
    for value in [
        "$(pwd)", "100$", "${A", "${}", "${1A}", "$1", "${A!x}", "${A:}", "a $ b",
    ] {
        assert!(template::scan(value).bad_dollar, "{value}");
    }
}

#[test]
fn users_lines_and_strongest_need_are_collected() {
    let text = "\
services:
  api:
    image: ${REG:-docker.io}/a
    environment:
      - URL=${URL}
      - PASSED
      - 'LITERAL=1'
  worker:
    image: a # ${COMMENT}
    command: |
      run
      --url ${URL:?needed}
    environment:
      PASSED:
      ${KEY}: x
configs:
  c:
    content: ${CONTENT}
";
    let used = used(text);
    let rows: Vec<_> = used
        .iter()
        .map(|u| (u.name.as_str(), u.need.clone(), u.used_by.join(","), u.line))
        .collect();
    assert_eq!(
        rows,
        [
            ("REG", Need::Optional, "api".to_owned(), 3),
            ("URL", Need::Required, "api,worker".to_owned(), 5),
            ("PASSED", Need::Expected, "api,worker".to_owned(), 6),
            ("CONTENT", Need::Expected, "configs".to_owned(), 18),
        ]
    );
}

#[test]
fn a_name_in_a_block_of_lines_is_found_on_its_own_line() {
    let text = "services:\n  a:\n    image: a\n    command: |\n      run\n      --url ${URL}\n";
    assert_eq!(used(text)[0].line, 6);
}

#[test]
fn a_name_that_another_one_begins_with_keeps_its_own_line() {
    let text =
        "services:\n  a:\n    image: a\n    command: |\n      $URL_B and URL\n      ${URL}\n";
    let lines: Vec<_> = used(text).into_iter().map(|u| (u.name, u.line)).collect();
    assert_eq!(lines, [("URL_B".to_owned(), 5), ("URL".to_owned(), 6)]);
}

#[test]
fn a_block_of_very_many_names_is_read() {
    let many = 10_000;
    let names: Vec<_> = (0..many).map(|at| format!("      $A{at}\n")).collect();
    let used = used(&format!(
        "services:\n  a:\n    command: |\n{}",
        names.concat()
    ));
    assert_eq!(used.len(), many);
    assert!(used.iter().zip(4..).all(|(used, line)| used.line == line));
}

#[test]
fn the_three_lists_are_compared() {
    use NameVerdict::{Defaulted, Missing, NotAllowed, Ok, SetByDefaultScript, Unused};
    let text = service(
        "      - A=${GIVEN}\n      - B=${MISSING}\n      - C=${DEFAULTED:-1}\n      - D=${VANISHES}\n      - E=${DSTACK_APP_ID}\n",
    );
    let given = list(&[
        "GIVEN",
        "VANISHES",
        "STRAY",
        "DSTACK_DOCKER_USERNAME",
        "NEW",
        "STRAY",
    ]);
    let allowed = list(&[
        "GIVEN",
        "MISSING",
        "DEFAULTED",
        "STRAY",
        "DSTACK_DOCKER_USERNAME",
    ]);
    let rows = compare(&used(&text), &given, Some(&allowed));
    let states: Vec<_> = rows
        .iter()
        .map(|r| (r.name.as_str(), r.state, r.allowed))
        .collect();
    assert_eq!(
        states,
        [
            ("GIVEN", Ok, Some(true)),
            ("MISSING", Missing, Some(true)),
            ("DEFAULTED", Defaulted, Some(true)),
            ("VANISHES", NotAllowed, Some(false)),
            ("DSTACK_APP_ID", SetByDefaultScript, Some(false)),
            ("STRAY", Unused, Some(true)),
            ("DSTACK_DOCKER_USERNAME", Ok, Some(true)),
            ("NEW", NotAllowed, Some(false)),
        ]
    );
    assert_eq!(rows[6].used_by, ["registry login"]);
    let unknown = compare(&used(&text), &given, None);
    assert!(
        unknown
            .iter()
            .all(|r| r.allowed.is_none() && r.state != NotAllowed)
    );
}

#[test]
fn a_fallback_is_missing_only_while_the_first_choice_is() {
    let text = service("      - A=${FIRST:-${SECOND}}\n");
    let state = |given: &[&str]| compare(&used(&text), &list(given), None)[1].state;
    assert_eq!(state(&[]), NameVerdict::Missing);
    assert_eq!(state(&["FIRST"]), NameVerdict::Defaulted);
    assert_eq!(state(&["SECOND"]), NameVerdict::Ok);
}

#[test]
fn a_typo_is_guessed_in_both_directions() {
    let text = service("      - A=${DATABASE_URL}\n      - B=${REDIS_URL}\n");
    let rows = compare(
        &used(&text),
        &list(&["DATABSE_URL", "REDIS_URL", "LOG_LEVEL"]),
        None,
    );
    let typos: Vec<_> = rows
        .iter()
        .map(|r| (r.name.as_str(), r.typo_of.as_deref()))
        .collect();
    assert_eq!(
        typos,
        [
            ("DATABASE_URL", Some("DATABSE_URL")),
            ("REDIS_URL", None),
            ("DATABSE_URL", Some("DATABASE_URL")),
            ("LOG_LEVEL", None),
        ]
    );
}

#[test]
fn names_that_vanish_are_listed() {
    let live = list(&["A", "B", "C"]);
    assert_eq!(vanishing(&live, &list(&["C", "A", "D"])), ["B"]);
}

proptest! {
    #[test]
    fn any_text_is_scanned_without_panic(text in any::<String>()) {
        for name in used(&text) {
            prop_assert!(!name.used_by.is_empty());
        }
    }

    #[test]
    fn any_template_is_scanned_without_panic(
        pieces in prop::collection::vec(prop::sample::select(vec!["$", "{", "}", "A", ":", "-", "?", "+", "é"]), 0..30)
    ) {
        let found = template::scan(&pieces.concat());
        prop_assert!(found.uses.iter().all(|(name, _)| !name.is_empty()));
    }
}
