//! Copies by asking the terminal to (OSC 52), which also works over ssh.
//!
//! Multiplexers hand such a sequence on only when it is wrapped for them. tmux takes the plain one too, by another of its
//! settings (`set-clipboard`), and as neither is known here it gets both: copying the same text twice does no harm. The
//! terminal does not answer, so whether it obeyed cannot be known here.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

use crate::wizard::event::COPY_LIMIT;

/// GNU screen cuts what it hands on after this many bytes.
const SCREEN_PIECE: usize = 512;

/// What sits between this program and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// Nothing that has to be told.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Through {
    /// What the variables of this process say.
    pub(super) fn here() -> Self {
        Self::of(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    /// A sequence that ends with BEL, as it has to be sent so that the terminal gets it.
    pub(super) fn wrap(self, plain: &str) -> String {
        match self {
            Self::Nothing => plain.to_owned(),
            Self::Tmux => format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
            Self::Screen => {
                let pieces = plain.as_bytes().chunks(SCREEN_PIECE);
                let pieces: Vec<_> = pieces.map(String::from_utf8_lossy).collect();
                format!("\x1bP{}\x1b\\", pieces.join("\x1b\\\x1bP"))
            }
        }
    }

    fn of(is_set: impl Fn(&str) -> bool) -> Self {
        if is_set("TMUX") {
            Self::Tmux
        } else if is_set("STY") {
            Self::Screen
        } else {
            Self::Nothing
        }
    }
}

/// The bytes that make the terminal copy this text; `None` where it is too long.
pub(super) fn sequence(text: &str, through: Through) -> Option<String> {
    if text.len() > COPY_LIMIT {
        return None;
    }
    let mut plain = String::new();
    CopyToClipboard::to_clipboard_from(text)
        .write_ansi(&mut plain)
        .ok()?;
    // BEL ends it as well as ESC \ does, and a multiplexer does not take it for the end of its own wrapping.
    let plain = plain.trim_end_matches("\x1b\\").trim_end_matches('\x07');
    let plain = format!("{plain}\x07");
    let wrapped = through.wrap(&plain);
    Some(match through {
        Through::Tmux => plain + &wrapped,
        Through::Nothing | Through::Screen => wrapped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_what_each_multiplexer_hands_on() {
        let copied = |through| sequence("phala", through).unwrap();
        assert_eq!(copied(Through::Nothing), "\x1b]52;c;cGhhbGE=\x07");
        let tmux = "\x1b]52;c;cGhhbGE=\x07\x1bPtmux;\x1b\x1b]52;c;cGhhbGE=\x07\x1b\\";
        assert_eq!(copied(Through::Tmux), tmux);
        assert_eq!(copied(Through::Screen), "\x1bP\x1b]52;c;cGhhbGE=\x07\x1b\\");
    }

    #[test]
    fn screen_gets_it_in_pieces_that_add_up() {
        let text = "x".repeat(2000);
        let whole = sequence(&text, Through::Nothing).unwrap();
        let pieces = sequence(&text, Through::Screen).unwrap();
        let longest = pieces.split("\x1b\\").map(str::len).max();
        assert_eq!(longest, Some(SCREEN_PIECE + 2));
        let joined = pieces.replace("\x1b\\", "").replace("\x1bP", "");
        assert_eq!(joined, whole);
    }

    #[test]
    fn what_a_terminal_would_drop_is_not_sent() {
        let longest = sequence(&"x".repeat(COPY_LIMIT), Through::Nothing).unwrap();
        assert_eq!(longest.len() - "\x1b]52;c;\x07".len(), 74_992);
        assert_eq!(
            sequence(&"x".repeat(COPY_LIMIT + 1), Through::Nothing),
            None
        );
    }

    #[test]
    fn tmux_inside_screen_is_tmux() {
        assert_eq!(Through::of(|_| true), Through::Tmux);
        assert_eq!(Through::of(|name| name == "STY"), Through::Screen);
        assert_eq!(Through::of(|_| false), Through::Nothing);
    }
}
