//! A screen that keeps still: where only figures have changed because time passes, it is drawn every ten seconds.
//!
//! Why somebody wants that, and what the figures count, is not known here. What a key or an answer changed is drawn at
//! once, and so is anything but a digit: a value whose time on screen is over disappears when it shall.

use std::time::{Duration, Instant};

use ratatui::buffer::{Buffer, Cell};

/// So long may figures be old.
const REST: Duration = Duration::from_secs(10);

/// What is on screen, and since when.
#[derive(Debug, Default)]
pub(super) struct Still {
    seen: Option<(Buffer, Instant)>,
}

impl Still {
    /// This was drawn.
    pub(super) fn drawn(&mut self, frame: &Buffer, now: Instant) {
        self.seen = Some((frame.clone(), now));
    }

    /// Whether this frame can wait.
    pub(super) fn can_wait(&self, frame: &Buffer, now: Instant) -> bool {
        self.seen.as_ref().is_some_and(|(seen, since)| {
            now.duration_since(*since) < REST && differs_in_figures(seen, frame)
        })
    }
}

fn differs_in_figures(one: &Buffer, other: &Buffer) -> bool {
    let is_digit = |cell: &Cell| matches!(cell.symbol().as_bytes(), [b'0'..=b'9']);
    let mut cells = one.content.iter().zip(&other.content);
    one.area == other.area
        && cells.all(|(one, other)| one == other || (is_digit(one) && is_digit(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Buffer {
        Buffer::with_lines([text])
    }

    #[test]
    fn figures_can_wait_for_a_while_and_nothing_else_can() {
        let start = Instant::now();
        let mut still = Still::default();
        let soon = start + Duration::from_secs(1);
        assert!(
            !still.can_wait(&frame("3 s"), soon),
            "nothing was drawn yet"
        );
        still.drawn(&frame("waiting  3 s"), start);
        for (text, can_wait) in [
            ("waiting  3 s", true),
            ("waiting  9 s", true),
            ("waiting 10 s", false),
            ("waitinG  3 s", false),
            ("........  3 s", false),
        ] {
            assert_eq!(still.can_wait(&frame(text), soon), can_wait, "{text}");
        }
        assert!(!still.can_wait(&frame("waiting  4 s"), start + REST));
    }
}
