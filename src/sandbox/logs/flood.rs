//! A container that writes more lines than anybody can read.
//!
//! Which line is written when is arithmetic, so that only those of a span are ever made: of a whole life there are
//! too many. Such a container says nothing else.

use serde::Deserialize;

use super::lines::Line;
use crate::sandbox::{cvm::Cvm, moment::Moment};

/// Lines told at one look, at most; who is behind hears the rest at the next one.
pub(super) const MOST: u64 = 20_000;
/// Of those there are, so many are told to whoever does not say how many he wants.
pub(super) const TAIL: usize = 1000;
/// More would not come through in the sandbox's own looks.
const FASTEST: u64 = 100_000;

/// Who floods, and how fast.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Flood {
    pub(super) service: String,
    lines_per_second: u64,
}

impl Flood {
    /// Says what fits the form and cannot be meant.
    pub(in crate::sandbox) fn check(&self) -> Result<(), String> {
        if (1..=FASTEST).contains(&self.lines_per_second) {
            return Ok(());
        }
        Err(format!(
            "flood: lines_per_second must be from 1 to {FASTEST}"
        ))
    }

    /// The lines after one moment up to another, or the first [`MOST`] of them and then the moment of the last.
    pub(super) fn between(&self, cvm: &Cvm, after: Moment, until: Moment) -> (Vec<Line>, Moment) {
        let mut lines = Vec::new();
        for (start, end) in spans(cvm, until) {
            let told = self.written(start, after.min(end));
            let there = self.written(start, until.min(end));
            let room = MOST.saturating_sub(lines.len() as u64);
            // Lines of one moment are told together, as the next look begins after it.
            let whole = if there.saturating_sub(told) > room {
                self.written(start, self.at(start, (told + room).saturating_sub(1)))
            } else {
                there
            };
            lines.extend((told..whole).map(|number| self.line(start, number)));
            if whole < there {
                let reached = lines.last().map_or(after, |line| line.at);
                return (lines, reached);
            }
        }
        (lines, until)
    }

    /// The last so many lines between two moments, both included, and never more than [`MOST`].
    pub(super) fn last(&self, cvm: &Cvm, from: Moment, until: Moment, count: usize) -> Vec<Line> {
        let mut wanted = MOST.min(count as u64);
        let mut spans: Vec<_> = spans(cvm, until).collect();
        spans.reverse();
        let mut lines = Vec::new();
        for (start, end) in spans {
            let there = self.written(start, until.min(end));
            let before = self.written(start, from.plus(-0.001));
            let first = there.saturating_sub(wanted).max(before);
            lines.extend((first..there).rev().map(|number| self.line(start, number)));
            wanted -= there.saturating_sub(first);
        }
        lines.reverse();
        lines
    }

    /// How many lines are written by then.
    fn written(&self, start: Moment, now: Moment) -> u64 {
        let milliseconds = now.unix_milliseconds() - start.unix_milliseconds();
        u64::try_from(milliseconds)
            .map_or(0, |span| span.saturating_mul(self.lines_per_second) / 1000)
    }

    /// When this line is written, the first one being number 0.
    fn at(&self, start: Moment, number: u64) -> Moment {
        let after = ((number + 1) * 1000).div_ceil(self.lines_per_second);
        start.later_by(after)
    }

    fn line(&self, start: Moment, number: u64) -> Line {
        let weight = number.wrapping_mul(7919) % 10_000;
        Line {
            at: self.at(start, number),
            channel: "stdout",
            text: format!(
                "{:>12} GET /v1/items/{weight:04} 200 {:>3} ms, served from memory, nobody will ever read this line",
                number + 1,
                weight % 97,
            ),
        }
    }
}

/// From when until when its containers ran, one pair per life, oldest first.
fn spans(cvm: &Cvm, now: Moment) -> impl Iterator<Item = (Moment, Moment)> {
    let mut lives = cvm.past.iter().chain([&cvm.life]).peekable();
    std::iter::from_fn(move || {
        let life = lives.next()?;
        let until = lives.peek().map_or(now, |next| next.since);
        let state = life.state(until);
        let done = state.when("boot.progress", "done");
        Some(done.map(|start| (start, state.exited_at.unwrap_or(until))))
    })
    .flatten()
}
