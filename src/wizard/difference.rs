//! What differs between two texts, as lines of a page.

use super::page::{Line, Tone};
use crate::check::diff::{self, DiffKind, DiffVerdict};

/// The difference from one text to another.
pub fn diff_lines(old: &str, new: &str) -> Vec<Line> {
    let difference = diff::diff(old, new);
    match difference.verdict {
        DiffVerdict::Same => return vec![Line::new().dim("no difference, not in one byte")],
        DiffVerdict::LineEndsOnly => {
            return vec![Line::new().warn("only line ends differ: the same to read, another hash")];
        }
        DiffVerdict::Lines => (),
    }
    difference
        .lines
        .iter()
        .map(|line| {
            let text = &line.text;
            match line.kind {
                DiffKind::Same => Line::new().dim(format!("  {text}")),
                DiffKind::Added => Line::new().tone(Tone::Added, format!("+ {text}")),
                DiffKind::Removed => Line::new().tone(Tone::Removed, format!("- {text}")),
                DiffKind::Gap => Line::new().dim("  .."),
            }
        })
        .collect()
}
