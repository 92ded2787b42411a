//! How far the boot is: its phases with their times, what is usual, and what is still to come.

use super::Live;
use super::phase;
use super::receipt::{clock, span};
use super::verdict::Verdict;
use crate::wizard::page::{Line, Mark};

/// Phases shown of a boot; the ones before are counted.
const SHOWN: usize = 14;

impl Live {
    /// The timeline: what was seen, what is under way, what follows.
    pub(super) fn phases(&self, until: u64) -> Vec<Line> {
        let entries = self.timeline.entries();
        let first = entries.len().saturating_sub(SHOWN);
        let earlier = self.timeline.dropped() + first;
        let mut lines = Vec::new();
        if earlier > 0 {
            lines.push(Line::new().dim(format!("       {earlier} phases before")));
        }
        for (index, entry) in entries.iter().enumerate().skip(first) {
            let next = entries.get(index + 1);
            let mark = match (next, self.verdict) {
                (Some(_), _) | (None, Verdict::Running | Verdict::Degraded) => Mark::Ok,
                (None, Verdict::Booting) => Mark::Busy,
                (None, Verdict::Stalled) => Mark::Warn,
                (None, Verdict::Failed | Verdict::Gone | Verdict::Deleted) => Mark::Bad,
            };
            let end = next.map_or(until, |next| next.since);
            let line = Line::new()
                .dim(format!(
                    "{:>5}  ",
                    clock(entry.since.saturating_sub(self.since))
                ))
                .mark(mark);
            // All of it fits in 40 columns.
            let word = format!("{:<26}", entry.word);
            let line = if next.is_none() {
                line.strong(word)
            } else {
                line.plain(word)
            };
            let line = line.dim(clock(end.saturating_sub(entry.since)));
            lines.push(match self.usual.phase(entry.word.as_str()) {
                Some(usual @ 1..) => line.dim(format!("   usual {}", clock(usual))),
                Some(0) | None => line,
            });
        }
        let Some(current) = self.timeline.current() else {
            return lines;
        };
        match phase::find(current.word.as_str()) {
            Some(phase) => {
                lines.push(Line::new().dim(format!("         {}", phase.what)));
                let ahead: Vec<&str> = phase::after(phase).map(|phase| phase.word).collect();
                if matches!(self.verdict, Verdict::Booting | Verdict::Stalled) && !ahead.is_empty()
                {
                    lines.push(
                        Line::new()
                            .dim("       ")
                            .mark(Mark::Todo)
                            .dim(format!("then {}", ahead.join(", "))),
                    );
                }
            }
            None => lines.push(Line::new().dim("         A word I do not know; shown as it came.")),
        }
        lines
    }

    /// Where the boot stands, in one line: in a small window there is room for no more.
    pub(super) fn so_far(&self, now: u64) -> Line {
        let ago = span(now.saturating_sub(self.since));
        let created = if self.from_birth {
            format!("created {ago} ago")
        } else {
            format!("watched for {ago}")
        };
        match self.timeline.current() {
            Some(phase) => Line::new().plain(phase.word.as_str()).dim(format!(
                " for {}; {created}",
                span(now.saturating_sub(phase.since))
            )),
            None => Line::new().dim(created),
        }
    }

    /// Seconds that a phase mostly takes: for this app where that is known, else for any.
    pub(super) fn usual_of(&self, word: &str) -> Option<u64> {
        self.usual
            .phase(word)
            .or_else(|| phase::find(word).map(|phase| phase.usual))
    }

    /// What is usual for a boot of this app, where enough of them were seen from this machine.
    pub(super) fn usual_line(&self) -> Option<Line> {
        let (shortest, longest, count) = self.usual.whole()?;
        Some(Line::new().dim(if shortest == longest {
            format!(
                "usual for this app: {}, the last {count} boots",
                span(shortest)
            )
        } else {
            format!(
                "usual for this app: {} to {}, the last {count} boots",
                span(shortest),
                span(longest)
            )
        }))
    }
}
