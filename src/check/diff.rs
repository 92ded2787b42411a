//! The difference of two texts, line by line, as a person reads it.
//!
//! It shows what differs and says when nothing but line ends does; it does not judge the difference.

use similar::{Algorithm, ChangeTag, TextDiff};

use crate::shown::Shown;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;
/// With more lines than this on both sides together, an exact difference could be felt while typing.
const MOST_LINES_EXACT: usize = 20_000;

/// Two texts compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whether they differ, and in what.
    pub verdict: DiffVerdict,
    /// Changed lines with their surroundings; empty unless lines differ.
    pub lines: Vec<DiffLine>,
    /// Lines only the new text has.
    pub added: usize,
    /// Lines only the old text has.
    pub removed: usize,
}

/// In what two texts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffVerdict {
    /// Not in one byte.
    Same,
    /// Only in line ends or a byte order mark: the same to read, another hash.
    LineEndsOnly,
    /// In at least one line.
    Lines,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// Which text has it.
    pub kind: DiffKind,
    /// Its number in the old text, counted from 1.
    pub old: Option<usize>,
    /// Its number in the new text, counted from 1.
    pub new: Option<usize>,
    /// The line, safe to show; empty for a gap.
    pub text: Shown,
}

/// Which text has a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffKind {
    /// Both.
    Same,
    /// The new one only.
    Added,
    /// The old one only.
    Removed,
    /// Some unchanged lines are left out here.
    Gap,
}

/// Compares two texts.
pub fn diff(old: &str, new: &str) -> Difference {
    let (old_lines, new_lines) = (lines(old), lines(new));
    if old_lines == new_lines {
        let verdict = if old == new {
            DiffVerdict::Same
        } else {
            DiffVerdict::LineEndsOnly
        };
        return Difference {
            verdict,
            lines: Vec::new(),
            added: 0,
            removed: 0,
        };
    }
    let exact = old_lines.len() + new_lines.len() <= MOST_LINES_EXACT;
    let algorithm = if exact {
        Algorithm::Myers
    } else {
        Algorithm::Patience
    };
    let compared = TextDiff::configure()
        .algorithm(algorithm)
        .diff_slices(&old_lines, &new_lines);
    let mut out = Vec::new();
    let mut next_old = 0;
    for group in compared.grouped_ops(CONTEXT) {
        if group
            .first()
            .is_some_and(|op| op.old_range().start > next_old)
        {
            out.push(gap());
        }
        next_old = group.last().map_or(next_old, |op| op.old_range().end);
        out.extend(
            group
                .iter()
                .flat_map(|op| compared.iter_changes(op))
                .map(|change| DiffLine {
                    kind: kind(change.tag()),
                    old: change.old_index().map(|at| at + 1),
                    new: change.new_index().map(|at| at + 1),
                    text: Shown::text(change.value_ref()),
                }),
        );
    }
    if next_old < old_lines.len() {
        out.push(gap());
    }
    let count = |kind| {
        out.iter()
            .filter(|line: &&DiffLine| line.kind == kind)
            .count()
    };
    Difference {
        verdict: DiffVerdict::Lines,
        added: count(DiffKind::Added),
        removed: count(DiffKind::Removed),
        lines: out,
    }
}

/// Lines without their ends and without a byte order mark, so that only what is read is compared.
fn lines(text: &str) -> Vec<&str> {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .lines()
        .collect()
}

fn gap() -> DiffLine {
    DiffLine {
        kind: DiffKind::Gap,
        old: None,
        new: None,
        text: Shown::default(),
    }
}

fn kind(tag: ChangeTag) -> DiffKind {
    match tag {
        ChangeTag::Equal => DiffKind::Same,
        ChangeTag::Insert => DiffKind::Added,
        ChangeTag::Delete => DiffKind::Removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The difference as marks, numbers and text.
    fn drawn(old: &str, new: &str) -> Vec<String> {
        let mark = |kind| match kind {
            DiffKind::Same => ' ',
            DiffKind::Added => '+',
            DiffKind::Removed => '-',
            DiffKind::Gap => '~',
        };
        let number = |n: Option<usize>| n.map_or(String::new(), |n| n.to_string());
        diff(old, new)
            .lines
            .iter()
            .map(|l| {
                format!(
                    "{}{}|{}|{}",
                    mark(l.kind),
                    number(l.old),
                    number(l.new),
                    l.text
                )
            })
            .collect()
    }

    #[test]
    fn changes_stand_in_three_lines_of_context_with_gaps_around() {
        let old = (1..=12)
            .map(|n| format!("l{n}"))
            .collect::<Vec<_>>()
            .join("\n");
        let new = old.replace("l6", "L6\nmore");
        assert_eq!(
            drawn(&old, &new),
            [
                "~||", " 3|3|l3", " 4|4|l4", " 5|5|l5", "-6||l6", "+|6|L6", "+|7|more", " 7|8|l7",
                " 8|9|l8", " 9|10|l9", "~||",
            ]
        );
        let difference = diff(&old, &new);
        assert_eq!((difference.added, difference.removed), (2, 1));
    }

    #[test]
    fn line_ends_alone_are_told_apart_from_sameness() {
        let verdict = |old, new| diff(old, new).verdict;
        assert_eq!(verdict("a\nb\n", "a\nb\n"), DiffVerdict::Same);
        assert_eq!(verdict("a\nb\n", "a\r\nb\r\n"), DiffVerdict::LineEndsOnly);
        assert_eq!(verdict("a\nb\n", "a\nb"), DiffVerdict::LineEndsOnly);
        assert_eq!(verdict("a\n", "\u{feff}a\n"), DiffVerdict::LineEndsOnly);
        assert_eq!(verdict("a\n", "a \n"), DiffVerdict::Lines);
        assert_eq!(verdict("", "a\n"), DiffVerdict::Lines);
        assert_eq!(diff("a\r\nb\n", "a\nb\n").lines, []);
    }

    #[test]
    fn an_empty_side_is_all_added_or_removed() {
        assert_eq!(drawn("", "a\nb\n"), ["+|1|a", "+|2|b"]);
        assert_eq!(drawn("a\n", ""), ["-1||a"]);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_told_from_the_difference(
            old in prop::collection::vec("[ab]{0,2}\n", 0..12),
            new in prop::collection::vec("[ab]{0,2}\n", 0..12),
        ) {
            let difference = diff(&old.concat(), &new.concat());
            prop_assert_eq!(old.len() + difference.added, new.len() + difference.removed);
            for line in &difference.lines {
                let theirs = line.old.map(|n| old[n - 1].trim_end());
                let ours = line.new.map(|n| new[n - 1].trim_end());
                prop_assert!(theirs.is_none_or(|l| l == line.text.as_str()));
                prop_assert!(ours.is_none_or(|l| l == line.text.as_str()));
            }
        }
    }
}
