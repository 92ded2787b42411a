//! Lines of a page as words for an ear: no sign, no column, no abbreviation that is read wrongly.
//!
//! What a line means, and whether it was said before, is not known here.

use std::fmt::Write;

use crate::wizard::page::{Line, Mark, Piece, Tone};

/// Units that are written short beside a number, and what is said for one and for many.
const UNITS: &[(&str, &str, &str)] = &[
    ("s", "second", "seconds"),
    ("min", "minute", "minutes"),
    ("h", "hour", "hours"),
    ("d", "day", "days"),
    ("B", "byte", "bytes"),
    ("KB", "kilobyte", "kilobytes"),
    ("MB", "megabyte", "megabytes"),
    ("GB", "gigabyte", "gigabytes"),
    ("TB", "terabyte", "terabytes"),
    ("KiB", "kibibyte", "kibibytes"),
    ("MiB", "mebibyte", "mebibytes"),
    ("GiB", "gibibyte", "gibibytes"),
    ("%", "percent", "percent"),
    ("vCPU", "virtual CPU", "virtual CPUs"),
    ("chars", "character", "characters"),
];

/// A line as a sentence. Nothing, where it has nothing to say.
pub(super) fn sentence(line: &Line) -> String {
    joined(&line.0, is_label(&line.0))
}

/// What stands behind the first piece of this tone: the words of a choice, without its key.
pub(super) fn behind(line: &Line, place: usize) -> String {
    joined(line.0.get(place + 1..).unwrap_or_default(), false)
}

/// A cell of a list: a fraction is a count of a whole.
pub(super) fn cell(line: &Line) -> String {
    // The column says what it is about, and the word beside a sign says the same.
    let pieces = line.0.iter();
    let worded = pieces.filter(|piece| !matches!(piece, Piece::Mark(mark) if *mark != Mark::Here));
    let words = sentence(&Line(worded.cloned().collect()));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match words.split_once('/') {
        Some((part, whole)) if is_number(part) && is_number(whole) => format!("{part} of {whole}"),
        _ if words == "-" => String::new(),
        _ => words,
    }
}

/// A line that is somebody else's, as it is, without what would not be heard.
pub(super) fn verbatim(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !is_drawing(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Seconds in words.
pub(super) fn span(seconds: u64) -> String {
    let some = |count: u64, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    match (seconds / 60, seconds % 60) {
        (0, seconds) => some(seconds, "second"),
        (minutes, 0) => some(minutes, "minute"),
        (minutes, seconds) => format!("{} {}", some(minutes, "minute"), some(seconds, "second")),
    }
}

/// The sentence without what changes by itself: times, sizes, shares and what is paid so far. Two sentences of one key
/// tell the same.
pub(super) fn key(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split(' ').collect();
    let mut kept: Vec<&str> = Vec::with_capacity(words.len());
    let mut place = 0;
    while let Some(word) = words.get(place) {
        place += 1;
        if is_measured(&words, place - 1) {
            // The unit goes with its number.
            place += 1;
        } else if !word.starts_with('$') && !counts(&words, place - 1) {
            kept.push(word);
        }
    }
    let kept: Vec<&str> = kept.into_iter().map(bare).collect();
    kept.join(" ").trim().to_owned()
}

/// How many times, sizes and shares are in a sentence.
pub(super) fn measures(sentence: &str) -> usize {
    let words: Vec<&str> = sentence.split(' ').collect();
    (0..words.len())
        .filter(|place| is_measured(&words, *place))
        .count()
}

fn is_measured(words: &[&str], place: usize) -> bool {
    let unit = words.get(place + 1).map_or("", |unit| bare(unit));
    let is_unit = UNITS
        .iter()
        .any(|(_, one, many)| unit == *one || unit == *many);
    words[place].starts_with(|c: char| c.is_ascii_digit()) && is_unit
}

/// The number of a look or a block.
fn counts(words: &[&str], place: usize) -> bool {
    let before = place
        .checked_sub(1)
        .map_or("", |before| bare(words[before]));
    words[place].starts_with(|c: char| c.is_ascii_digit()) && matches!(before, "look" | "block")
}

/// The same for a line that only accompanies: no number in it is news.
pub(super) fn rough_key(sentence: &str) -> String {
    let mut key = key(sentence);
    key.retain(|c| !c.is_ascii_digit());
    key
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| ",.;:()".contains(c))
}

/// A label in its column: what follows it is its value.
fn is_label(pieces: &[Piece]) -> bool {
    let mut words = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(tone, text) if !text.trim().is_empty() => Some((*tone, text.as_str())),
        _ => None,
    });
    let Some((tone, first)) = words.next() else {
        return false;
    };
    let stands_first = matches!(pieces.first(), Some(Piece::Text(_, text)) if text == first);
    stands_first && tone == Tone::Dim && first.ends_with(' ') && words.next().is_some()
}

fn joined(pieces: &[Piece], label: bool) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(_, words) => text.push_str(words),
            Piece::Mark(mark) => {
                text.push_str("  ");
                text.push_str(said(*mark));
            }
            Piece::Graph(_, values) => {
                if let Some(value) = values.last() {
                    let _ = write!(text, "  {value} %");
                }
            }
            Piece::Bar(_, share, _) => {
                let _ = write!(text, "  {share} %");
            }
        }
    }
    let text: String = text
        .chars()
        .map(|c| match c {
            '·' | '\t' => ' ',
            c if is_drawing(c) || c.is_control() => ' ',
            c => c,
        })
        .collect();
    let mut out = String::new();
    let parts = text.split("  ").map(str::trim);
    let parts = parts.filter(|part| !part.is_empty()).flat_map(before_clock);
    for (place, part) in parts.enumerate() {
        let part = part.strip_suffix(" ..").unwrap_or(part);
        let part = match clock(part) {
            // When a thing began stands in front of it, and how long it took behind.
            Some(seconds) if place == 0 || seconds == 0 => continue,
            Some(seconds) => span(seconds),
            // An empty cell.
            None if part == "-" => continue,
            None => part.to_owned(),
        };
        if place == 1 && label && !out.is_empty() && !ends(&out) {
            out.push_str(": ");
        } else if !out.is_empty() {
            out.push_str(if ends(&out) { " " } else { ", " });
        }
        out.push_str(&part);
    }
    // The word beside a sign says the same.
    for (twice, once) in [("ok: ok", "ok"), ("to come: not checked", "not checked")] {
        out = out.replace(twice, once);
    }
    if !out.chars().any(char::is_alphanumeric) {
        return String::new();
    }
    spelt(&out)
}

/// Seconds of `01:23`, as times are shown that have their own column.
fn clock(text: &str) -> Option<u64> {
    let (minutes, seconds) = text.split_once(':')?;
    let is_clock = text.len() == 5
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b':');
    is_clock.then_some(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?)
}

/// A time is a part of its own, also where there was no room before it.
fn before_clock(part: &str) -> impl Iterator<Item = &str> {
    let split = part.rsplit_once(' ');
    let (part, time) = match split.filter(|(_, last)| clock(last).is_some()) {
        Some((rest, last)) => (rest, Some(last)),
        None => (part, None),
    };
    std::iter::once(part).chain(time)
}

fn ends(text: &str) -> bool {
    text.ends_with([',', '.', ':', ';', '?', '!'])
}

/// The sign in words. Signs that only point say nothing: what they point at is said.
fn said(mark: Mark) -> &'static str {
    match mark {
        Mark::Ok => "ok:",
        Mark::Warn => "note:",
        Mark::Bad => "problem:",
        Mark::Busy => "now:",
        Mark::Todo => "to come:",
        Mark::Chosen => "chosen:",
        Mark::Here => "the app runs there already",
        Mark::Free | Mark::Arrow | Mark::Dot => "",
    }
}

/// Boxes, blocks, braille, arrows and ticks: they are drawn and not read.
fn is_drawing(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2500}'..='\u{27bf}' | '\u{2800}'..='\u{28ff}' | '\u{2b00}'..='\u{2bff}')
}

/// Units written out, and what is paid per hour.
fn spelt(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let core = word.trim_end_matches([',', '.', ';', ':', ')']);
        let tail = &word[core.len()..];
        let before = out.last().map(String::as_str).unwrap_or_default();
        if let Some((_, one, many)) = UNITS.iter().find(|(short, ..)| *short == core)
            && before
                .trim_start_matches(['(', '~'])
                .starts_with(|c: char| c.is_ascii_digit())
        {
            let unit = if before == "1" { one } else { many };
            if let Some((from, to)) = before.split_once('-') {
                let range = format!("{from} to {to}");
                out.pop();
                out.push(range);
            }
            out.push(format!("{unit}{tail}"));
            continue;
        }
        let word = if word.starts_with('$') {
            word.replacen('/', " per ", 1)
        } else {
            word.to_owned()
        };
        out.push(word);
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_its_value_and_what_is_beside_it_are_one_sentence() {
        let line = Line::label("   where", 15).plain("prod6  ").dim("US West");
        assert_eq!(sentence(&line), "where: prod6, US West");
        let line = Line::label("chain", 12).mark(Mark::Ok).plain("registered");
        assert_eq!(sentence(&line), "chain: ok: registered");
        assert_eq!(
            sentence(&Line::from("two  parts. And  more")),
            "two, parts. And, more"
        );
    }

    #[test]
    fn what_is_only_drawn_is_not_said() {
        assert_eq!(sentence(&Line::from("───────┼──")), "");
        assert_eq!(sentence(&Line::from("  |        ^")), "");
        assert_eq!(sentence(&Line::from("looking ..")), "looking");
    }

    #[test]
    fn a_phase_says_how_long_it_took_and_not_when_it_began() {
        let line = Line::new()
            .dim("00:03  ")
            .mark(Mark::Ok)
            .plain("booting")
            .dim("   01:05");
        assert_eq!(sentence(&line), "ok: booting, 1 minute 5 seconds");
        assert_eq!(
            sentence(&Line::from("  a long phase 00:07")),
            "a long phase, 7 seconds"
        );
        let line = Line::new().mark(Mark::Ok).good("ok ").plain(" it is yours");
        assert_eq!(sentence(&line), "ok, it is yours");
    }

    #[test]
    fn units_are_written_out() {
        let said = |text: &str| sentence(&Line::from(text));
        assert_eq!(said("2 vCPU, 4 GB"), "2 virtual CPUs, 4 gigabytes");
        assert_eq!(
            said("usually 2-20 s, 1 B"),
            "usually 2 to 20 seconds, 1 byte"
        );
        assert_eq!(said("$0.116/hour"), "$0.116 per hour");
        assert_eq!(said("s stays s"), "s stays s");
    }

    #[test]
    fn a_cell_says_how_many_of_how_many() {
        assert_eq!(cell(&Line::from("1/2")), "1 of 2");
        assert_eq!(cell(&Line::from("a/b")), "a/b");
        assert_eq!(cell(&Line::from("-")), "");
    }

    #[test]
    fn what_changes_by_itself_makes_no_other_line() {
        assert_eq!(key("looked: 3 seconds ago"), key("looked: 14 seconds ago"));
        assert_eq!(key("memory 3 gigabytes"), key("memory 4 gigabytes"));
        assert_eq!(key("now: booting"), key("now: booting, 1 second"));
        assert_eq!(
            key("now: booting, 2 seconds"),
            key("now: booting, 1 second")
        );
        assert_eq!(
            measures("booting for 3 seconds; created 1 minute 2 seconds ago"),
            3
        );
        assert_ne!(key("1 of 2 registered"), key("2 of 2 registered"));
        assert_eq!(span(90), "1 minute 30 seconds");
    }

    #[test]
    fn no_control_byte_comes_through() {
        let bytes = "a\u{1b}[2J\u{7}\u{9b}b\u{0}c";
        assert_eq!(verbatim(bytes), "a[2Jbc");
        let line = sentence(&Line::from(bytes));
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.contains('a') && line.ends_with('c'), "{line:?}");
    }
}
