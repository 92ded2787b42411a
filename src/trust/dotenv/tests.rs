use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const CANARY: &str = "c4n4ry-v4lue";

/// Names and values of a text without problems.
fn pairs(text: &str) -> Vec<(String, String)> {
    let reading = read(text);
    assert_eq!(reading.problems, [], "{text:?}");
    exposed(&reading)
}

fn exposed(reading: &Reading) -> Vec<(String, String)> {
    let pair = |e: &Entry| (e.name.clone(), e.value.expose().to_owned());
    reading.entries.iter().map(pair).collect()
}

fn value(text: &str) -> String {
    let mut pairs = pairs(text);
    assert_eq!(pairs.len(), 1, "{text:?}");
    pairs.remove(0).1
}

fn kinds(text: &str) -> Vec<(usize, ProblemKind)> {
    read(text)
        .problems
        .into_iter()
        .map(|p| (p.line, p.kind))
        .collect()
}

#[test]
fn values_are_read_as_docker_compose_reads_them() {
    let table = [
        ("A=1", "1"),
        ("A=1\r\n", "1"),
        ("\u{feff}A=1\n", "1"),
        ("  \tA = 1  \n", "1"),
        ("export A=1", "1"),
        ("export   A = 1", "1"),
        ("A=", ""),
        ("A=\"\"", ""),
        ("A=''", ""),
        ("A= # only a comment", ""),
        ("A=1 # c", "1"),
        ("A=1\t# c", "1"),
        ("A=1#c", "1#c"),
        ("A=#c", "#c"),
        ("A=a#b #c", "a#b"),
        ("A=b=c=d", "b=c=d"),
        ("A=https://h/p?x=1&y=2#frag", "https://h/p?x=1&y=2#frag"),
        ("A=two words", "two words"),
        ("A='1 # c' # d", "1 # c"),
        ("A=\"1 # c\"# d", "1 # c"),
        ("A='x\\ny'", "x\\ny"),
        ("A='it\\'s'", "it's"),
        ("A='a\\\\b'", "a\\\\b"),
        ("A=x\\ny", "x\\ny"),
        (r#"A="a\n\r\t\"\\\$b\q""#, "a\n\r\t\"\\$b\\q"),
        (r#"A="\\n""#, "\\n"),
        ("A=\"x\r\ny\"\r\n", "x\ny"),
        ("A='x\ny\n'\n", "x\ny\n"),
        ("A=say \"hi\"", "say \"hi\""),
        ("A=${HOME}/x", "${HOME}/x"),
        ("A=`date`", "`date`"),
        ("A: 1", "1"),
        ("A=é世界🚀", "é世界🚀"),
        ("A='{\"a\": \"b\"}'", "{\"a\": \"b\"}"),
    ];
    for (text, wanted) in table {
        assert_eq!(value(text), wanted, "{text:?}");
    }
}

#[test]
fn a_key_file_in_quotes_is_one_entry_and_the_next_line_is_the_next() {
    let reading = read("# head\nPEM=\"-----BEGIN-----\nab=\n-----END-----\"\nB=2\n");
    assert_eq!(reading.problems, []);
    assert_eq!(reading.lines, 5);
    assert_eq!(
        reading.entries[0].value.expose(),
        "-----BEGIN-----\nab=\n-----END-----"
    );
    assert_eq!(
        (reading.entries[0].line, reading.entries[0].last_line),
        (2, 4)
    );
    assert_eq!(
        (reading.entries[1].line, reading.entries[1].last_line),
        (5, 5)
    );
    assert!(
        reading.entries[0]
            .notes
            .contains(&Note::MultiLine { lines: 3 })
    );
}

#[test]
fn lines_that_cannot_be_read_stop_with_their_number() {
    use ProblemKind::{CarriageReturn, Name, NoEquals, Nul, TextAfterQuote};
    let table = [
        ("A=1\njusttext\n", 2, NoEquals),
        ("A=1\nexport B\n", 2, NoEquals),
        ("A=1\nB:2\n", 2, NoEquals),
        ("A=1\nB:\n", 2, NoEquals),
        ("A=1\nAPI KEY=abc\n", 2, Name(NameFlaw::Blank)),
        ("A=1\n=x\n", 2, Name(NameFlaw::Empty)),
        ("A=1\n1B=x\n", 2, Name(NameFlaw::Digit)),
        ("A=1\nB-C=x\n", 2, Name(NameFlaw::Character('-'))),
        ("A=1\nB.C=x\n", 2, Name(NameFlaw::Character('.'))),
        ("A=1\nÉ=x\n", 2, Name(NameFlaw::Character('É'))),
        ("A=1\n\nB='x' y\n", 3, TextAfterQuote),
        ("A=1\nB=x\ry\n", 2, CarriageReturn),
        ("A=1\nB='x\ry'\n", 2, CarriageReturn),
        ("A=1\nB=x\0\n", 2, Nul),
    ];
    for (text, line, kind) in table {
        assert_eq!(kinds(text), [(line, kind)], "{text:?}");
        assert_eq!(read(text).entries.len(), 1, "{text:?}");
    }
}

#[test]
fn nothing_inside_a_broken_quote_becomes_a_variable() {
    let open = read("A=1\nPEM=\"-----BEGIN\nabc=\nB=2\n");
    assert_eq!(
        open.problems,
        [Problem {
            line: 2,
            kind: ProblemKind::UnclosedQuote
        }]
    );
    assert_eq!(exposed(&open), [("A".to_owned(), "1".to_owned())]);

    let tail = read("PEM=\"x\nabc=\n\" y\nB=2\n");
    assert_eq!(
        tail.problems,
        [Problem {
            line: 1,
            kind: ProblemKind::TextAfterQuote
        }]
    );
    assert_eq!(exposed(&tail), [("B".to_owned(), "2".to_owned())]);
}

#[test]
fn a_text_without_variables_is_an_error() {
    for text in ["", "\n\n", "# only\n", "\u{feff}"] {
        assert_eq!(kinds(text), [(1, ProblemKind::NoVariables)], "{text:?}");
    }
    let json = kinds("{\n  \"A\": \"1\"\n}\n");
    assert!(
        json.contains(&(2, ProblemKind::NoEquals)) && json.len() == 4,
        "{json:?}"
    );
}

#[test]
fn a_repeated_name_needs_a_decision_and_takes_it() {
    let text = "A=1\nB=x\nA=2\nA=3\n";
    let mut reading = read(text);
    let duplicate = |line| Problem {
        line,
        kind: ProblemKind::Duplicate {
            name: "A".to_owned(),
            first: 1,
        },
    };
    assert_eq!(reading.problems, [duplicate(3), duplicate(4)]);
    assert!(reading.problems.iter().all(|p| p.kind.needs_decision()));
    reading.keep("A", Keep::Last);
    assert_eq!(reading.problems, []);
    assert_eq!(
        exposed(&reading),
        [("B".into(), "x".into()), ("A".into(), "3".into())]
    );

    let mut reading = read(text);
    reading.keep("A", Keep::First);
    assert_eq!(
        exposed(&reading),
        [("A".into(), "1".into()), ("B".into(), "x".into())]
    );
}

#[test]
fn no_message_holds_a_value() {
    let text = format!(
        "A='{CANARY}' # {CANARY}\nA={CANARY}\n{CANARY} x={CANARY}\nB=\"{CANARY}\" {CANARY}\n{CANARY}\nC=\"{CANARY}"
    );
    let reading = read(&text);
    assert_eq!(reading.problems.len(), 5);
    assert!(!format!("{reading:?}").contains(CANARY));
    for problem in &reading.problems {
        assert!(!problem.to_string().contains(CANARY));
    }
    let elsewhere = reading.elsewhere.iter().map(|(_, note)| note);
    let notes = reading.entries.iter().flat_map(|entry| &entry.notes);
    for note in notes.chain(elsewhere) {
        assert!(!note.to_string().contains(CANARY));
    }
}

#[test]
fn what_other_readers_would_do_is_said() {
    let said = |text: &str| -> Vec<String> {
        let reading = read(text);
        reading.entries[0]
            .notes
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(said("A=1"), [""; 0]);
    assert_eq!(
        said("export R='redis://r' # cache"),
        [
            "'export' dropped",
            "quotes removed",
            "comment removed",
            "phala 1.1.18 'instances add -e' would keep 'export' as part of the name, keep the quotes and keep the comment",
        ]
    );
    assert_eq!(
        said("P=pa#ss"),
        ["parseEnvVars of @phala/cloud would cut the value at '#'"]
    );
    assert_eq!(
        said("P=$X"),
        ["'$' is kept as written, nothing is filled in"]
    );
    assert_eq!(
        said("P='$X'").len(),
        2,
        "in single quotes a dollar is plain everywhere"
    );
    assert!(said("P=\"a\\tb\"").contains(
        &"parseEnvVars of @phala/cloud would read only \\n and \\r of the escapes".to_owned()
    ));
    assert!(
        said("P=\"a\nb\nc\"").contains(
            &"phala 1.1.18 'instances add -e' would keep the quotes and break it into 3 entries"
                .to_owned()
        )
    );
}

#[test]
fn what_other_readers_make_of_lines_with_a_problem_is_said_too() {
    use Misreading::{
        DropsLine, KeepsLast, PartOfValue, ReadsAnyway, TakesAnyName, TakesLineForName,
    };
    let made = |text: &str| -> Vec<(usize, OtherReader, Misreading)> {
        let notes = read(text).elsewhere.into_iter();
        notes
            .map(|(line, note)| match note {
                Note::ReadOtherwise { by, how } => (line, by, how[0]),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let (lines, pattern) = (OtherReader::InstancesAdd, OtherReader::ParseEnvVars);
    for (text, line, by_line, by_pattern) in [
        ("A=1\nFOO\n", 2, TakesLineForName, DropsLine),
        ("A=1\r\nFOO\r\n", 2, TakesLineForName, DropsLine),
        ("A B=1\n", 1, TakesAnyName, DropsLine),
        ("A.B=1\n", 1, TakesAnyName, TakesAnyName),
        ("A=1\n1B=1\n", 2, TakesAnyName, TakesAnyName),
        ("A=\"x\nB=1\n", 1, ReadsAnyway, ReadsAnyway),
        ("A='x' y\n", 1, ReadsAnyway, ReadsAnyway),
        ("A=x\ry\nFOO\n", 1, ReadsAnyway, ReadsAnyway),
        ("A=`x\nFOO`\n", 2, TakesLineForName, PartOfValue),
        ("A=1\nA=2\n", 2, KeepsLast, KeepsLast),
    ] {
        let wanted = [(line, lines, by_line), (line, pattern, by_pattern)];
        assert_eq!(made(text)[..2], wanted, "{text:?}");
    }
    // A carriage return of theirs is no line of ours.
    let after = &made("A=x\ry\nFOO\nB.C=1\n")[2..];
    assert_eq!(after[1], (2, pattern, DropsLine));
    assert_eq!(after[3], (3, pattern, TakesAnyName));
    // A name may stand before the line with its separator.
    assert_eq!(made("FOO\n=1\n")[1], (1, pattern, ReadsAnyway));
    assert_eq!(made("FOO\n=1\n")[3], (2, pattern, PartOfValue));
    // To the reader by lines, these are two names.
    assert_eq!(made("A=1\nexport A=2\n"), [(2, pattern, KeepsLast)]);
    assert_eq!(made("A=1\n"), []);
    assert_eq!(made(""), []);
}

#[test]
fn a_long_text_is_read_to_its_end() {
    let many = 100_000;
    let values: Vec<_> = (0..many).map(|number| format!("A={number}\n")).collect();
    for text in [
        "\n".repeat(many),
        "A='\n".repeat(many),
        values.concat(),
        format!("A=\"{}\" x\n", r#"\""#.repeat(many)),
    ] {
        let reading = read(&format!("{text}B=1\n"));
        assert_eq!(exposed(&reading).last(), Some(&("B".into(), "1".into())));
    }
}

#[derive(Deserialize)]
struct File {
    count: usize,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    text: String,
    sdk: Vec<Official>,
    cli_instances_add: Vec<Official>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Official {
    key: String,
    value: String,
}

fn official(pairs: &[other_readers::Pair]) -> Vec<Official> {
    let plain = |pair: &other_readers::Pair| Official {
        key: pair.name.expose().to_owned(),
        value: pair.value.expose().to_owned(),
    };
    pairs.iter().map(plain).collect()
}

fn vectors() -> Vec<Vector> {
    let file: File =
        serde_json::from_str(include_str!("../../../tests/vectors/dotenv.json")).unwrap();
    assert_eq!(file.vectors.len(), file.count);
    file.vectors
}

#[test]
fn both_official_readers_are_rebuilt_faithfully() {
    for vector in vectors() {
        let (text, id) = (&vector.text, &vector.id);
        assert_eq!(
            official(&other_readers::parse_env_vars(text)),
            vector.sdk,
            "{id}"
        );
        assert_eq!(
            official(&other_readers::instances_add(text)),
            vector.cli_instances_add,
            "{id}"
        );
    }
}

#[test]
fn we_read_the_vectors_as_parse_env_vars_does_or_say_why_not() {
    for Vector { id, text, sdk, .. } in vectors() {
        let reading = read(&text);
        let ours: Vec<_> = exposed(&reading)
            .into_iter()
            .map(|(key, value)| Official { key, value })
            .collect();
        let noted = reading.entries.iter().any(|entry| {
            let by = |n: &Note| {
                matches!(
                    n,
                    Note::ReadOtherwise {
                        by: OtherReader::ParseEnvVars,
                        ..
                    }
                )
            };
            entry.notes.iter().any(by)
        });
        assert!(ours == sdk || noted || !reading.problems.is_empty(), "{id}");
        assert!(
            !(ours == sdk && noted),
            "{id}: a difference is claimed where there is none"
        );
    }
}

#[test]
fn the_pattern_reader_handles_its_odd_corners() {
    let read = |text: &str| -> Vec<(String, String)> {
        let plain = |p: &other_readers::Pair| (p.name.expose().into(), p.value.expose().into());
        other_readers::parse_env_vars(text)
            .iter()
            .map(plain)
            .collect()
    };
    let one = |k: &str, v: &str| vec![(k.to_owned(), v.to_owned())];
    assert_eq!(read("A\n=1"), one("A", "1"));
    assert_eq!(read("A B=1"), vec![]);
    assert_eq!(read("A='it\\'s'"), one("A", "it\\'s"));
    assert_eq!(read("A='C:\\'"), one("A", "C:\\"));
    assert_eq!(read("A=\"a\"b\""), one("A", "a\"b"));
    assert_eq!(read("__proto__=1"), vec![]);
    assert_eq!(
        read("B=1\n2=x\n1=y").first(),
        Some(&("1".to_owned(), "y".to_owned()))
    );
    assert_eq!(read("export = 1"), one("export", "1"));
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic_into_valid_names(text in any::<String>()) {
        let reading = read(&text);
        prop_assert!(reading.entries.iter().all(|e| NameFlaw::of(&e.name).is_none()));
        prop_assert!(!reading.entries.is_empty() || !reading.problems.is_empty());
    }

    #[test]
    fn any_text_of_awkward_pieces_is_read_without_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "A", "B", "=", ":", " ", "\t", "\n", "\r", "\r\n", "\"", "'", "`", "\\", "#", "$", "${X}", "export ",
            "é", "\u{feff}", "\0", "1", "-",
        ]), 0..40)
    ) {
        let text = pieces.concat();
        let reading = read(&text);
        for entry in &reading.entries {
            prop_assert!(NameFlaw::of(&entry.name).is_none());
            prop_assert!(entry.line <= entry.last_line && entry.last_line <= reading.lines);
            let own_line = text.lines().nth(entry.line - 1).unwrap_or_default();
            prop_assert!(own_line.contains(&entry.name));
        }
    }

    #[test]
    fn an_unreadable_line_is_never_a_variable(name in "[A-Z]{1,8}", junk in "[a-z ]{1,20}") {
        let reading = read(&format!("{name}=1\n{junk} x\n"));
        prop_assert_eq!(reading.entries.len(), 1);
        prop_assert_eq!(reading.problems.len(), 1);
    }

    #[test]
    fn what_is_written_in_double_quotes_is_read_back(value in "[^\0\r]*") {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        let reading = read(&format!("A=\"{escaped}\"\n"));
        prop_assert_eq!(exposed(&reading), vec![("A".to_owned(), value)]);
    }
}
