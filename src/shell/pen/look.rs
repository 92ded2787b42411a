//! How a cell is written, and the shortest way to say so after another one.
//!
//! The sixteen named colours are told as such, so that the terminal's own palette decides what they are. Underlines have
//! the colour of the text: where theirs would be, a cell says what it leads to.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Everything about a cell but what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    text: Color,
    behind: Color,
    how: Modifier,
}

/// What is switched off together, and by which code.
const OFF: [(Modifier, u16); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::ITALIC, 23),
    (Modifier::UNDERLINED, 24),
    (Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK), 25),
    (Modifier::REVERSED, 27),
    (Modifier::HIDDEN, 28),
    (Modifier::CROSSED_OUT, 29),
];

/// What switches it on.
const ON: [(Modifier, u16); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// Codes of the first colour; the others follow.
const TEXT: u16 = 30;
const BEHIND: u16 = 40;

impl Look {
    /// As a terminal writes that was told nothing.
    pub(super) const PLAIN: Self = Self {
        text: Color::Reset,
        behind: Color::Reset,
        how: Modifier::empty(),
    };

    /// The look of a cell.
    pub(super) fn of(cell: &Cell, has_colours: bool) -> Self {
        let colours = if has_colours {
            Self {
                text: cell.fg,
                behind: cell.bg,
                how: cell.modifier,
            }
        } else {
            Self::PLAIN
        };
        Self {
            how: cell.modifier,
            ..colours
        }
    }

    /// Whether it can be seen where nothing is written.
    pub(super) fn fills(self) -> bool {
        self.behind != Color::Reset || self.how.intersects(Modifier::REVERSED)
    }

    /// Says it to a terminal that writes like `before`, where that is known: as what differs, or from the beginning,
    /// whichever is shorter.
    pub(super) fn after(self, before: Option<Self>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[");
        let start = out.len();
        if self != Self::PLAIN {
            code(0, start, out);
            self.differing_from(Self::PLAIN, start, out);
        }
        let end = out.len();
        if let Some(before) = before {
            self.differing_from(before, end, out);
            if out.len() - end < end - start {
                out.drain(start..end);
            } else {
                out.truncate(end);
            }
        }
        out.push(b'm');
    }

    /// The codes that lead here from another look. The first of them stands at `start`.
    fn differing_from(self, before: Self, start: usize, out: &mut Vec<u8>) {
        let mut kept = before.how;
        for (how, off) in OFF {
            if (before.how - self.how).intersects(how) {
                code(off, start, out);
                kept -= how;
            }
        }
        for (how, on) in ON {
            if (self.how - kept).contains(how) {
                code(on, start, out);
            }
        }
        for (first, here, there) in [
            (TEXT, self.text, before.text),
            (BEHIND, self.behind, before.behind),
        ] {
            if here != there {
                colour(first, here, start, out);
            }
        }
    }
}

fn colour(first: u16, colour: Color, start: usize, out: &mut Vec<u8>) {
    let number = match colour {
        Color::Reset => return code(first + 9, start, out),
        Color::Rgb(red, green, blue) => {
            for part in [first + 8, 2, red.into(), green.into(), blue.into()] {
                code(part, start, out);
            }
            return;
        }
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(number) => u16::from(number),
    };
    // An index is not a name.
    let is_named = !matches!(colour, Color::Indexed(_));
    match number {
        0..8 if is_named => code(first + number, start, out),
        8.. if is_named => code(first + 60 + number - 8, start, out),
        _ => {
            for part in [first + 8, 5, number] {
                code(part, start, out);
            }
        }
    }
}

fn code(number: u16, start: usize, out: &mut Vec<u8>) {
    if out.len() > start {
        out.push(b';');
    }
    decimal(number, out);
}

/// Writes a number.
pub(super) fn decimal(number: u16, out: &mut Vec<u8>) {
    if number >= 10 {
        decimal(number / 10, out);
    }
    // One digit always fits.
    out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
}
