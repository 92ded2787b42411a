//! How somebody is told who looks elsewhere: the bytes of bells, notes and window titles.
//!
//! Whether somebody looks elsewhere, and what there is to tell, others know. It is only ever fixed words and names of
//! apps, never a secret: a desktop keeps notes, and a window title is on other screens too.

use super::clipboard::Through;
use crate::shown::Shown;

/// Most characters of a window title.
const TITLE: usize = 80;
/// Most characters of a note.
const NOTE: usize = 200;

/// Makes the terminal remember the title it has.
pub(super) const KEEP_TITLE: &str = "\x1b[22;0t";
/// Gives it the title back that it had then.
pub(super) const PUT_TITLE_BACK: &str = "\x1b[23;0t";

/// How a person wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// With the terminal's bell.
    pub bell: bool,
    /// With a note on the desktop.
    pub note: Note,
    /// Where it stands is in the window's title.
    pub title: bool,
}

impl Default for Alert {
    fn default() -> Self {
        Self {
            bell: true,
            note: Note::Off,
            title: true,
        }
    }
}

/// A note on the desktop, which terminals understand in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Note {
    /// None: a terminal that does not understand one may print it.
    #[default]
    Off,
    /// As iTerm2, kitty, `WezTerm`, Ghostty and Windows Terminal understand it.
    Osc9,
    /// As rxvt-unicode, foot and VTE understand it.
    Osc777,
}

impl Note {
    /// The words for it in the configuration file.
    pub(super) const WORDS: [(&'static str, Self); 3] = [
        ("off", Self::Off),
        ("osc9", Self::Osc9),
        ("osc777", Self::Osc777),
    ];
}

impl Alert {
    /// The bytes that tell this.
    pub(super) fn bytes(self, what: &str, through: Through) -> String {
        let what = tame(what, NOTE);
        let note = match self.note {
            Note::Off => String::new(),
            Note::Osc9 => through.wrap(&format!("\x1b]9;phala-wizard: {what}\x07")),
            Note::Osc777 => {
                // A semicolon begins another field.
                let what = what.replace(';', ",");
                through.wrap(&format!("\x1b]777;notify;phala-wizard;{what}\x07"))
            }
        };
        let bell = if self.bell { "\x07" } else { "" };
        format!("{bell}{note}")
    }
}

/// The bytes that give the window this title. Multiplexers take it for their own windows, so it is not wrapped.
pub(super) fn title(text: &str) -> String {
    format!("\x1b]2;{}\x07", tame(text, TITLE))
}

/// Without anything a terminal could obey, hide or reorder, and not too long.
fn tame(text: &str, most: usize) -> String {
    let is_harmless =
        |c: &char| Shown::line(c.encode_utf8(&mut [0; 4])).as_str().len() == c.len_utf8();
    text.chars().filter(is_harmless).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(bell: bool, note: Note, what: &str) -> String {
        let alert = Alert {
            bell,
            note,
            ..Alert::default()
        };
        alert.bytes(what, Through::Nothing)
    }

    #[test]
    fn each_way_has_its_bytes() {
        let what = "Running.";
        assert_eq!(bytes(true, Note::Off, what), "\x07");
        assert_eq!(bytes(false, Note::Off, what), "");
        assert_eq!(
            bytes(false, Note::Osc9, what),
            "\x1b]9;phala-wizard: Running.\x07"
        );
        assert_eq!(
            bytes(true, Note::Osc777, what),
            "\x07\x1b]777;notify;phala-wizard;Running.\x07"
        );
    }

    #[test]
    fn a_multiplexer_hands_the_note_on_and_rings_itself() {
        let alert = Alert {
            note: Note::Osc9,
            ..Alert::default()
        };
        assert_eq!(
            alert.bytes("Running.", Through::Tmux),
            "\x07\x1bPtmux;\x1b\x1b]9;phala-wizard: Running.\x07\x1b\\"
        );
        assert_eq!(
            alert.bytes("Running.", Through::Screen),
            "\x07\x1bP\x1b]9;phala-wizard: Running.\x07\x1b\\"
        );
    }

    #[test]
    fn nothing_in_it_is_obeyed() {
        let what = "a\x1b]52;c;aGk=\x07\u{9c}b\u{202e}\n;c";
        assert_eq!(
            bytes(false, Note::Osc9, what),
            "\x1b]9;phala-wizard: a]52;c;aGk=b;c\x07"
        );
        assert_eq!(
            bytes(false, Note::Osc777, what),
            "\x1b]777;notify;phala-wizard;a]52,c,aGk=b,c\x07"
        );
        assert_eq!(title(what), "\x1b]2;a]52;c;aGk=b;c\x07");
    }

    #[test]
    fn a_title_has_an_end() {
        let long = title(&"é".repeat(200));
        assert_eq!(long.matches('é').count(), TITLE);
        let long = bytes(false, Note::Osc9, &"é".repeat(300));
        assert_eq!(long.matches('é').count(), NOTE);
    }
}
