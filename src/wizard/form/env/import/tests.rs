use super::*;
use crate::wizard::form::env::testing::{CANARY, words};

fn import(text: &str) -> Import {
    let file = TextFile {
        path: "/home/dana/.env".into(),
        text: Secret::new(text),
        lasts: true,
    };
    Import::file("./.env".into(), &file)
}

fn down(import: &mut Import, times: usize) {
    for _ in 0..times {
        import.command(Command::Down);
    }
}

#[test]
fn what_was_done_to_a_line_is_said_and_the_value_is_not() {
    let import = import(&format!("export A=1\nB='{CANARY}'  # cache\nC=$BASE\n"));
    let text = words(&import.page());
    assert!(text.contains("'export' dropped"), "{text}");
    assert!(text.contains("quotes removed, comment removed"), "{text}");
    assert!(text.contains("nothing is filled in"), "{text}");
    assert!(
        text.contains("line 2: phala 1.1.18 'instances add -e' would keep the quotes"),
        "{text}"
    );
    assert!(!text.contains(CANARY) && !format!("{import:?}").contains(CANARY));
    assert_eq!(import.problem(), None);
}

#[test]
fn a_line_that_cannot_be_read_stops_by_its_number_until_it_is_left_out() {
    let mut import = import(&format!("A=1\nAPI KEY={CANARY}\n{CANARY}\n"));
    let problem = import.problem().unwrap();
    assert!(
        problem.contains("line 2: a name cannot contain a space"),
        "{problem}"
    );
    assert!(problem.contains("and 1 more"), "{problem}");
    assert!(matches!(
        import.command(Command::Next),
        Verdict::Stay(Some(_))
    ));
    let text = words(&import.page());
    assert!(!text.contains(CANARY));
    for sentence in [
        "line 2: phala 1.1.18 'instances add -e' would take what stands before the '=' for a name",
        "line 2: parseEnvVars of @phala/cloud would drop the line",
        "line 3: phala 1.1.18 'instances add -e' would take the whole line for a name",
    ] {
        assert!(text.contains(sentence), "{text}");
    }
    import.command(Command::Drop);
    assert_eq!(import.command(Command::Next), Verdict::Take);
    let names: Vec<String> = import
        .take()
        .0
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, ["A"]);
}

#[test]
fn a_repeated_name_has_to_be_decided() {
    for (key, kept) in [(1, "one"), (2, "two")] {
        let mut import = import("KEY=one\nB=2\nKEY=two\n");
        assert!(
            import
                .problem()
                .is_some_and(|text| text.contains("KEY has several values"))
        );
        import.command(Command::Choose(key));
        assert_eq!(import.problem(), None);
        let (entries, _) = import.take();
        let value = entries
            .iter()
            .find(|entry| entry.name == "KEY")
            .map(|entry| &entry.value);
        assert_eq!(value, Some(&Secret::new(kept)));
    }
}

#[test]
fn a_decision_is_about_the_name_on_screen_wherever_the_cursor_is() {
    let mut import = import("KEY=one\nB=2\nKEY=two\n");
    import.command(Command::First);
    down(&mut import, 1);
    import.command(Command::Choose(1));
    assert_eq!(import.problem(), None);
}

#[test]
fn a_text_without_variables_cannot_be_taken_over() {
    let mut import = import("{\n");
    import.command(Command::Drop);
    assert!(
        import
            .problem()
            .is_some_and(|text| text.contains("no variables"))
    );
    assert!(matches!(
        import.command(Command::Next),
        Verdict::Stay(Some(_))
    ));
}

#[test]
fn pasted_lines_end_in_carriage_returns() {
    let import = Import::pasted(&Secret::new("A=1\rB=2\r"));
    assert_eq!(import.take().0.len(), 2);
}

#[test]
fn a_value_shows_for_five_seconds_with_its_invisible_characters() {
    let mut import = import("A=\"x\\ty\"\n");
    import.command(Command::Toggle);
    assert!(words(&import.page()).contains("x\\u{9}y"));
    (0..5).for_each(|_| import.tick());
    assert!(!words(&import.page()).contains("x\\u{9}y"));
    assert!(!import.moves());
}
