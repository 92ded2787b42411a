//! Lines of logs, however their bytes arrive, and values that must not be in them.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::secret::Secret;

const ALL: usize = usize::MAX;

fn mask(values: &[&str]) -> Mask {
    Mask::new(values.iter().map(|value| Secret::new(*value)))
}

fn web() -> LogSource {
    LogSource::Container("web".into())
}

/// The lines of a body that comes in these pieces and ends well.
fn lines_of<'a>(mask: Mask, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<LogLine> {
    let mut cutter = Cutter::new(&web(), mask, None);
    for piece in pieces {
        assert_eq!(cutter.take(piece, ALL), piece.len());
    }
    cutter.finish(false);
    cutter.lines(ALL)
}

fn lines(mask: Mask, body: &str) -> Vec<LogLine> {
    lines_of(mask, [body.as_bytes()])
}

fn texts(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

fn said(channel: &str, message: &str) -> String {
    format!("{}\n", json!({"channel": channel, "message": message}))
}

#[test]
fn a_line_has_its_stamp_apart_and_nothing_a_terminal_obeys() {
    let body = "2026-11-23T16:12:04.123456789Z \u{1b}[1;31mred\u{1b}[0m\tand \u{1b}[2Kgone\r\n\
        2026-11-23T16:12:05+02:00\n\nno stamp\r\r\n2026-11-23 12:00:00 neither\n2026-99-23T16:12:04.1Z odd";
    let lines = lines(Mask::default(), body);
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.at.as_ref().map_or("", Shown::as_str),
                line.text.as_str(),
            )
        })
        .collect();
    let expected = [
        (
            "2026-11-23T16:12:04.123456789Z",
            "red    and \\u{1b}[2Kgone",
        ),
        ("2026-11-23T16:12:05+02:00", ""),
        ("", ""),
        ("", "no stamp"),
        ("", "2026-11-23 12:00:00 neither"),
        ("", "2026-99-23T16:12:04.1Z odd"),
    ];
    assert_eq!(told, expected);
    assert!(!lines.iter().any(|line| line.is_error));
}

#[test]
fn it_does_not_matter_where_a_body_is_cut_into_pieces() {
    let body = format!(
        "2026-11-23T16:12:04Z väl: hunter2é\r\n\n{}{}last hunter2é",
        said("stderr", "2026-11-23T16:12:05Z oh hunter2é\n"),
        said("stdout", &STANDARD.encode("2026-11-23T16:12:06Z fin\n")),
    );
    let mask = mask(&["hunter2é"]);
    let whole = lines(mask.clone(), &body);
    assert_eq!(
        texts(&whole),
        ["väl: ****", "", "oh ****", "fin", "last ****"]
    );
    assert!(whole[2].is_error && !whole[3].is_error);
    assert_eq!(whole[3].at, Some("2026-11-23T16:12:06Z".into()));
    let bytes = body.as_bytes();
    for at in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(at);
        assert_eq!(lines_of(mask.clone(), [head, tail]), whole, "{at}");
    }
    assert_eq!(lines_of(mask, bytes.chunks(1)), whole);
}

#[test]
fn a_message_is_plain_or_base64_and_may_have_several_lines() {
    for (message, expected) in [
        ("a\nb\n", vec!["a", "b"]),
        ("a\r\n\nb", vec!["a", "", "b"]),
        ("", vec![""]),
        ("done", vec!["done"]),
        ("test", vec!["test"]),
        ("aGVsbG8gd29ybGQK", vec!["hello world"]),
        ("aGVsbG8gd29ybGQK\n", vec!["hello world"]),
        ("/woK", vec!["\u{fffd}", ""]),
    ] {
        assert_eq!(
            texts(&lines(Mask::default(), &said("stdout", message))),
            expected,
            "{message:?}"
        );
    }
}

#[test]
fn what_only_looks_like_an_envelope_is_a_line() {
    for text in [
        "{",
        "{}",
        r#"{"level":"info","message":"hi"}"#,
        r#"{"channel":"stdout","message":null}"#,
        r#"{"channel":1,"message":"x"}"#,
        r#"[{"channel":"stdout","message":"x"}]"#,
    ] {
        assert_eq!(texts(&lines(Mask::default(), text)), [text]);
    }
}

#[test]
fn every_line_of_the_standard_error_is_an_error() {
    let mut cutter = Cutter::new(&LogSource::Stderr, Mask::default(), None);
    cutter.take(b"oh\n", ALL);
    assert!(cutter.lines(ALL)[0].is_error);
}

#[test]
fn what_is_known_already_is_left_out() {
    let after = Shown::line("2026-11-23T16:12:05Z");
    let mut cutter = Cutter::new(&web(), Mask::default(), Some(&after));
    let body = "2026-11-23T16:12:04Z a\n2026-11-23T18:12:05+02:00 b\n2026-11-23T16:12:05.000000001Z c\nd\n";
    cutter.take(body.as_bytes(), ALL);
    assert_eq!(texts(&cutter.lines(ALL)), ["c", "d"]);
}

#[test]
fn no_more_lines_are_made_than_somebody_takes() {
    let mut cutter = Cutter::new(&web(), Mask::default(), None);
    let body = b"a\nb\nc\nd\n";
    assert_eq!(cutter.take(body, 3), 6);
    assert_eq!(cutter.ready(), 3);
    assert_eq!(texts(&cutter.lines(2)), ["a", "b"]);
    assert_eq!(cutter.take(&body[6..], 3), 2);
    assert_eq!(texts(&cutter.lines(ALL)), ["c", "d"]);
}

#[test]
fn a_line_of_a_megabyte_is_cut_and_kept_in_little() {
    let mut cutter = Cutter::new(&web(), mask(&["hunter2"]), None);
    let long = "é".repeat(1 << 19);
    for piece in long.as_bytes().chunks(10_007) {
        cutter.take(piece, ALL);
        assert!(cutter.line.len() <= KEPT && cutter.line.capacity() <= 2 * KEPT);
    }
    cutter.take(b" hunter2\nnext hunter2\n", ALL);
    let lines = cutter.lines(ALL);
    assert_eq!(lines.len(), 2);
    let shown = lines[0].text.as_str();
    assert_eq!(shown.chars().count(), LONGEST + 1);
    assert!(shown.ends_with("é…"));
    assert_eq!(lines[1].text.as_str(), "next ****");
}

#[test]
fn a_value_that_does_not_end_where_a_line_is_cut_is_not_seen() {
    // Longer than what is kept of a line: it never stands there as a whole.
    let value = "é1".repeat(KEPT);
    let body = format!("a {value} z\nb\n");
    assert_eq!(
        texts(&lines(mask(&[&value]), &body)),
        ["a ****…", "b"],
        "cut"
    );
    // Colours in front, so that the cut is near what is shown.
    let body = format!("{}hunter2\n", "\u{1b}[31m".repeat(KEPT / 5 - 1));
    let told = lines(mask(&["hunter2"]), &body);
    assert_eq!(texts(&told), ["****…"]);
    // A connection that breaks inside of it.
    let mut cutter = Cutter::new(&web(), mask(&["hunter2"]), None);
    cutter.take(b"key hunt", ALL);
    cutter.finish(true);
    assert_eq!(texts(&cutter.lines(ALL)), ["key ****…"]);
}

#[test]
fn pieces_of_one_line_are_one_line() {
    let value = "0123456789".repeat(10);
    let long = format!("{}{}", "x".repeat(PIECE - 50), &value[..50]);
    let body = [
        said("stdout", &long),
        said("stderr", "between\n"),
        said("stdout", &format!("{}{}", &value[50..], "y".repeat(PIECE))),
        said("stdout", "rest of it\n"),
        said("stdout", "next\n"),
    ]
    .concat();
    let told = lines(mask(&[&value]), &body);
    assert_eq!(told.len(), 3);
    assert_eq!(texts(&told[1..]), ["between", "next"]);
    let endless = format!(r#"{{"channel":"stdout","message":"{}"#, "A".repeat(KEPT));
    assert_eq!(
        texts(&lines(Mask::default(), &format!("{endless}\"}}\nb\n"))),
        ["(left out: a message without an end)", "b"]
    );
}

#[test]
fn a_value_in_two_colours_is_found() {
    let body = "\u{1b}[1mhun\u{1b}[0mter2\u{1b}[0m\n\u{1b}[hunter2\n";
    assert_eq!(
        texts(&lines(mask(&["hunter2"]), body)),
        ["****", "\\u{1b}[****"]
    );
}

proptest! {
    #[test]
    fn no_value_survives_in_any_line(
        values in prop::collection::vec("[a-cé,]{4,9}|[ -)+-~]{4,30}", 1..4),
        parts in prop::collection::vec((0_usize..6, "[a-c,é \n\r\t]{0,12}"), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        is_broken in any::<bool>(),
    ) {
        // A line is told without blanks around it, and so are values.
        let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
        let long = || values.iter().filter(|value| value.chars().count() >= Mask::SHORTEST);
        let mut body = String::new();
        for (kind, noise) in &parts {
            let value = &values[kind % values.len()];
            match kind {
                0 => body.push_str(value),
                1 => body.push_str(&format!("\n{}", said("stderr", &format!("{value}{noise}{value}\n")))),
                2 => body.push_str(&format!("\n{}", said("x", &STANDARD.encode(format!("{noise}{value}\n"))))),
                3 => body.push_str(&format!("\u{1b}[3{kind}m{value}")),
                4 => body.push_str(&format!("2026-11-23T16:12:04Z {value}\n")),
                _ => body.push_str(&format!("{noise}{value}{noise}")),
            }
        }
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        at.sort_unstable();
        let mut cutter = Cutter::new(&web(), Mask::new(values.iter().map(Secret::new)), None);
        let mut from = 0;
        for to in at.into_iter().chain([body.len()]) {
            cutter.take(&body.as_bytes()[from..to], ALL);
            from = to;
        }
        cutter.finish(is_broken);
        for line in cutter.lines(ALL) {
            for value in long() {
                prop_assert!(!line.text.as_str().contains(value.as_str()), "{value:?} in {:?}", line.text);
            }
        }
    }
}
