//! What the two official readers make of the same text.
//!
//! Both are rebuilt from their observed behaviour, only to tell people where a file means something else elsewhere.
//! Their results are secrets, names included: a broken key file ends up in names.

use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use super::{Entry, Misreading, Note, OtherReader, Problem, ProblemKind, newlines};
use crate::secret::Secret;

/// A name and a value as another reader has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: Secret,
    pub(super) value: Secret,
}

/// An assignment that the pattern matched, and the lines of the text it took, the first and the last.
struct Match {
    pair: Pair,
    lines: (usize, usize),
}

/// What both readers make of a text, for looking things up in it.
struct Others<'t> {
    lines: Vec<&'t str>,
    /// How often a name is in the one's result, and in the other's matches.
    counts: [HashMap<&'t str, usize>; 2],
    matches: &'t [Match],
}

/// Adds to each entry which official reader would have read it differently, and how; returns the same for the lines
/// with a problem.
pub(super) fn annotate(
    entries: &mut [Entry],
    problems: &[Problem],
    text: &str,
) -> Vec<(usize, Note)> {
    let line_split = instances_add(text);
    let matches = matches(text);
    let others = Others {
        lines: text.split('\n').collect(),
        counts: [
            counted(line_split.iter()),
            counted(matches.iter().map(|found| &found.pair)),
        ],
        matches: &matches,
    };
    let elsewhere = problems
        .iter()
        .flat_map(|problem| {
            let by_line = others
                .line_split_on(problem)
                .map(|how| (OtherReader::InstancesAdd, how));
            let by_pattern = others
                .pattern_on(problem)
                .map(|how| (OtherReader::ParseEnvVars, how));
            let said = |(by, how)| (problem.line, Note::ReadOtherwise { by, how: vec![how] });
            by_line.into_iter().chain(by_pattern).map(said)
        })
        .collect();
    let by_pattern = as_js_object(matches.into_iter().map(|found| found.pair).collect());
    let line_split: HashSet<_> = line_split.iter().map(Pair::exposed).collect();
    let by_pattern: HashMap<_, _> = by_pattern.iter().map(Pair::exposed).collect();
    let mut count: HashMap<String, usize> = HashMap::new();
    for entry in entries.iter() {
        *count.entry(entry.name.clone()).or_default() += 1;
    }
    for entry in entries {
        let (name, value) = (entry.name.as_str(), entry.value.expose());
        let split_alike = line_split.contains(&(name, value));
        let line_split = (!split_alike).then(|| against_line_split(entry));
        // That reader keeps the last of several values: which one counts is asked of the person anyway.
        let theirs = by_pattern.get(name).copied();
        let matched_alike = count.get(name) != Some(&1) || theirs == Some(value);
        let by_pattern = (!matched_alike).then(|| vec![against_pattern(entry, theirs)]);
        for (by, how) in [
            (OtherReader::InstancesAdd, line_split),
            (OtherReader::ParseEnvVars, by_pattern),
        ] {
            let note = how.map(|how| Note::ReadOtherwise { by, how });
            entry.notes.extend(note);
        }
    }
    elsewhere
}

impl Others<'_> {
    /// What the reader by lines makes of a problem. Each line by itself is a variable to it.
    fn line_split_on(&self, problem: &Problem) -> Option<Misreading> {
        let line = self.lines.get(problem.line - 1)?;
        Some(match &problem.kind {
            ProblemKind::Duplicate { name, .. } => return self.last_counts(0, name),
            ProblemKind::NoVariables => return None,
            _ if instances_add(line).is_empty() => Misreading::DropsLine,
            ProblemKind::NoEquals => Misreading::TakesLineForName,
            ProblemKind::Name(_) => Misreading::TakesAnyName,
            ProblemKind::UnclosedQuote
            | ProblemKind::TextAfterQuote
            | ProblemKind::CarriageReturn
            | ProblemKind::Nul => Misreading::ReadsAnyway,
        })
    }

    /// What the reader by pattern makes of a problem.
    fn pattern_on(&self, problem: &Problem) -> Option<Misreading> {
        let line = problem.line;
        // Matches stand in the order of lines: the one that may take this line is the first that does not end before.
        let after = self.matches.partition_point(|found| found.lines.1 < line);
        let found = self
            .matches
            .get(after)
            .filter(|found| found.lines.0 <= line);
        Some(match (&problem.kind, found) {
            (ProblemKind::Duplicate { name, .. }, _) => return self.last_counts(1, name),
            (ProblemKind::NoVariables, _) => return None,
            (_, None) => Misreading::DropsLine,
            (_, Some(found)) if found.lines.0 < line => Misreading::PartOfValue,
            (ProblemKind::Name(_), Some(_)) => Misreading::TakesAnyName,
            (_, Some(_)) => Misreading::ReadsAnyway,
        })
    }

    fn last_counts(&self, reader: usize, name: &str) -> Option<Misreading> {
        let count = self.counts[reader].get(name).copied().unwrap_or(0);
        (count > 1).then_some(Misreading::KeepsLast)
    }
}

fn counted<'p>(pairs: impl Iterator<Item = &'p Pair>) -> HashMap<&'p str, usize> {
    let mut counts = HashMap::new();
    for pair in pairs {
        *counts.entry(pair.name.expose()).or_default() += 1;
    }
    counts
}

impl Pair {
    fn exposed(&self) -> (&str, &str) {
        (self.name.expose(), self.value.expose())
    }
}

fn against_line_split(entry: &Entry) -> Vec<Misreading> {
    let how: Vec<_> = entry
        .notes
        .iter()
        .filter_map(|note| match note {
            Note::ExportDropped => Some(Misreading::KeepsExport),
            Note::QuotesRemoved => Some(Misreading::KeepsQuotes),
            Note::CommentRemoved => Some(Misreading::KeepsComment),
            Note::MultiLine { lines } => Some(Misreading::BreaksLines { lines: *lines }),
            Note::ColonForm => Some(Misreading::TakesLineForName),
            _ => None,
        })
        .collect();
    if how.is_empty() {
        vec![Misreading::Otherwise]
    } else {
        how
    }
}

fn against_pattern(entry: &Entry, theirs: Option<&str>) -> Misreading {
    let ours = entry.value.expose();
    match theirs {
        None => Misreading::Drops,
        Some(cut) if ours.starts_with(cut) && ours[cut.len()..].trim_start().starts_with('#') => {
            Misreading::CutsAtHash
        }
        Some(_) if ours.starts_with('`') => Misreading::RemovesBackQuotes,
        Some(_) if entry.notes.contains(&Note::EscapesRead) => Misreading::ReadsEscapesOtherwise,
        Some(_) => Misreading::Otherwise,
    }
}

/// The reader in `phala instances add -e`: lines at LF, split at the first `=`, both sides trimmed.
pub(super) fn instances_add(text: &str) -> Vec<Pair> {
    text.split('\n')
        .map(|line| line.trim_matches(is_js_space))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            pair(
                name.trim_matches(is_js_space),
                value.trim_matches(is_js_space).to_owned(),
            )
        })
        .collect()
}

/// `parseEnvVars` of @phala/cloud: one pattern over the whole text, collected in a JavaScript object.
#[cfg(test)]
pub(super) fn parse_env_vars(text: &str) -> Vec<Pair> {
    as_js_object(matches(text).into_iter().map(|found| found.pair).collect())
}

/// Every match of that pattern, in the order of the text.
fn matches(text: &str) -> Vec<Match> {
    // A carriage return alone ends a line of theirs, and none of ours.
    let ours: Vec<usize> = text
        .split('\n')
        .zip(1..)
        .flat_map(|(line, number)| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            line.split('\r').map(move |_| number)
        })
        .collect();
    let text = Zeroizing::new(text.replace("\r\n", "\n"));
    let text = Zeroizing::new(text.replace('\r', "\n"));
    let number = |theirs: usize| ours.get(theirs).copied().unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 0);
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        if let Some((pair, end)) = assignment(&text, at) {
            let last = line + newlines(&text[at..end]);
            let lines = (number(line), number(last));
            found.push(Match { pair, lines });
            // The pattern only starts at a line start, so the rest of the line it ended on is passed over.
            at = text[end..]
                .find('\n')
                .map_or(text.len(), |next| end + next + 1);
            line = last + 1;
        } else {
            at = line_end + 1;
            line += 1;
        }
    }
    found
}

/// Matches one assignment at the line start `at`; returns it and where the match ends.
fn assignment(text: &str, at: usize) -> Option<(Pair, usize)> {
    // Blank lines are tried again from the next line, which gives the same match without walking them twice.
    let start = skip_blanks_of_line(text, at);
    if text[start..].starts_with('\n') {
        return None;
    }
    let after_export = text[start..]
        .strip_prefix("export")
        .map(|rest| text.len() - rest.len());
    let exported = after_export
        .map(|from| (from, skip_blanks(text, from)))
        .filter(|(from, name)| name > from)
        .and_then(|(_, name)| key_and_separator(text, name));
    let (name, value_at) = exported.or_else(|| key_and_separator(text, start))?;
    let (raw, end) = [b'\'', b'"', b'`']
        .into_iter()
        .find_map(|quote| in_quotes(text, value_at, quote))
        .unwrap_or_else(|| to_hash_or_line_end(text, value_at));
    Some((pair(name, without_quotes(raw)), end))
}

/// A key at `at` and the place behind `=`, or behind `:` and one blank.
fn key_and_separator(text: &str, at: usize) -> Option<(&str, usize)> {
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let end = text[at..]
        .find(|c| !is_key(c))
        .map_or(text.len(), |len| at + len);
    let name = &text[at..end];
    if name.is_empty() {
        return None;
    }
    let equals = skip_blanks(text, end);
    if text[equals..].starts_with('=') {
        return Some((name, equals + 1));
    }
    let blank = text[end..]
        .strip_prefix(':')?
        .chars()
        .next()
        .filter(|&c| is_js_space(c))?;
    Some((name, end + 1 + blank.len_utf8()))
}

/// A value in `quote`s followed by nothing but blanks and a comment; also over several lines.
fn in_quotes(text: &str, at: usize, quote: u8) -> Option<(&str, usize)> {
    let open = skip_blanks(text, at);
    let bytes = text.as_bytes();
    if bytes.get(open) != Some(&quote) {
        return None;
    }
    // An escaped quote only closes the value when no later quote can.
    let mut closing = Vec::new();
    for place in open + 1..bytes.len() {
        if bytes[place] == quote {
            closing.push(place);
            if bytes[place - 1] != b'\\' {
                break;
            }
        }
    }
    closing.into_iter().rev().find_map(|close| {
        let tail = tail_end(text, close + 1)?;
        Some((&text[at..=close], tail))
    })
}

fn to_hash_or_line_end(text: &str, at: usize) -> (&str, usize) {
    let end = text[at..]
        .find(['#', '\n'])
        .map_or(text.len(), |len| at + len);
    let line_end = text[at..].find('\n').map_or(text.len(), |len| at + len);
    (&text[at..end], line_end)
}

/// Where blanks and a comment behind `at` end, if a line ends there.
fn tail_end(text: &str, at: usize) -> Option<usize> {
    // Whether it is one shows at the next letter; only then is the end of the line looked for.
    let tail = skip_blanks_of_line(text, at);
    let ends = tail == text.len() || text[tail..].starts_with(['\n', '#']);
    ends.then(|| text[tail..].find('\n').map_or(text.len(), |len| tail + len))
}

fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(is_js_space).len()
}

fn skip_blanks_of_line(text: &str, at: usize) -> usize {
    let is_blank = |c| c != '\n' && is_js_space(c);
    text.len() - text[at..].trim_start_matches(is_blank).len()
}

fn without_quotes(raw: &str) -> String {
    let raw = raw.trim_matches(is_js_space);
    let quote = raw.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
    let Some(quote) = quote else {
        return raw.to_owned();
    };
    let inner = raw
        .strip_prefix(quote)
        .and_then(|rest| rest.strip_suffix(quote))
        .unwrap_or(raw);
    if quote == '"' {
        Zeroizing::new(inner.replace("\\n", "\n")).replace("\\r", "\r")
    } else {
        inner.to_owned()
    }
}

/// Integer-like names first and in order, a repeated name at its first place with its last value, no `__proto__`.
fn as_js_object(found: Vec<Pair>) -> Vec<Pair> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let first_places: Vec<usize> = found
        .iter()
        .enumerate()
        .map(|(at, pair)| *places.entry(pair.name.expose()).or_insert(at))
        .collect();
    let mut object: Vec<Option<Pair>> = found.iter().map(|_| None).collect();
    for (pair, place) in found.into_iter().zip(first_places) {
        object[place] = Some(pair);
    }
    let named = object
        .into_iter()
        .flatten()
        .filter(|pair| pair.name.expose() != "__proto__");
    let mut object: Vec<Pair> = named.collect();
    object.sort_by_key(|pair| array_index(pair.name.expose()).unwrap_or(u32::MAX));
    object
}

fn array_index(name: &str) -> Option<u32> {
    let index: u32 = name.parse().ok()?;
    (index != u32::MAX && index.to_string() == name).then_some(index)
}

fn pair(name: &str, value: String) -> Pair {
    Pair {
        name: Secret::new(name),
        value: Secret::new(value),
    }
}

/// White space as JavaScript sees it.
fn is_js_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}
