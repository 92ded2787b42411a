//! A line as it is typed, where the terminal does not edit it: letters at its end, and ways to take them back.
//!
//! What a line means is not known here, nor whether what is typed is shown. Any line may be a secret.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use unicode_width::UnicodeWidthChar;

use super::LONGEST;
use crate::secret::Secret;
use crate::wizard::field::Field;

/// The line so far.
pub(super) struct Typing(Field);

/// What a key came to.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Nothing,
    Line(Secret),
    /// Nothing more is to be typed.
    End,
    /// Ctrl-C: what was typed is gone.
    Interrupt,
}

impl Default for Typing {
    fn default() -> Self {
        Self(Field::hidden())
    }
}

impl Typing {
    /// Takes a key. The first of what is returned is what the terminal would show of it.
    pub(super) fn key(&mut self, key: KeyEvent) -> (String, Heard) {
        let Self(field) = self;
        if key.kind == KeyEventKind::Release {
            return (String::new(), Heard::Nothing);
        }
        let is_command = key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let echo = match key.code {
            KeyCode::Enter => {
                let line = std::mem::replace(field, Field::hidden()).take();
                return ("\r\n".to_owned(), Heard::Line(line));
            }
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                field.clear();
                return ("^C".to_owned(), Heard::Interrupt);
            }
            KeyCode::Char('d' | 'z') if is_command && field.is_empty() => {
                return (String::new(), Heard::End);
            }
            KeyCode::Char('u') if is_command => back(field, usize::MAX),
            KeyCode::Esc => back(field, usize::MAX),
            KeyCode::Char('h') if is_command => back(field, 1),
            KeyCode::Backspace => back(field, 1),
            KeyCode::Char(letter) if !is_command && field.text().len() < LONGEST => {
                let mut one = [0; 4];
                let letter = &*letter.encode_utf8(&mut one);
                let before = field.text().len();
                field.paste(letter);
                field.text()[before..].to_owned()
            }
            _ => String::new(),
        };
        (echo, Heard::Nothing)
    }
}

/// Takes so many letters back, and what was shown of them.
fn back(field: &mut Field, letters: usize) -> String {
    let mut columns = 0;
    for _ in 0..letters {
        let Some(last) = field.text().chars().next_back() else {
            break;
        };
        columns += last.width().unwrap_or(0);
        field.key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE));
    }
    ["\u{8}", " ", "\u{8}"]
        .map(|step| step.repeat(columns))
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is shown, and every line.
    fn typed(keys: &[KeyEvent]) -> (String, Vec<Heard>) {
        let mut typing = Typing::default();
        let mut shown = String::new();
        let mut heard = Vec::new();
        for key in keys {
            let (echo, what) = typing.key(*key);
            shown.push_str(&echo);
            if what != Heard::Nothing {
                heard.push(what);
            }
        }
        (shown, heard)
    }

    fn letters(text: &str) -> Vec<KeyEvent> {
        let key = |c| match c {
            '\n' => KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE),
            '\u{8}' => KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE),
            '\u{1b}' => KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE),
            c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
        };
        text.chars().map(key).collect()
    }

    fn control(letter: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
    }

    #[test]
    fn a_line_is_what_was_typed_and_not_taken_back() {
        let (shown, heard) = typed(&letters("onr\u{8}e\n\u{8}\n"));
        assert_eq!(shown, "onr\u{8} \u{8}e\r\n\r\n");
        let lines = ["one", ""].map(|line| Heard::Line(Secret::new(line)));
        assert_eq!(heard, lines);
    }

    #[test]
    fn all_of_it_is_taken_back_as_wide_as_it_was() {
        let (shown, heard) = typed(&letters("a\u{4e2d}\u{1b}b\n"));
        let wiped = "\u{8}\u{8}\u{8}   \u{8}\u{8}\u{8}";
        assert_eq!(shown, format!("a\u{4e2d}{wiped}b\r\n"));
        assert_eq!(heard, [Heard::Line(Secret::new("b"))]);
    }

    #[test]
    fn it_ends_where_nothing_was_typed_and_commands_are_no_letters() {
        let mut keys = letters("a");
        keys.extend([
            control('z'),
            control('x'),
            control('u'),
            control('z'),
            control('d'),
        ]);
        let (shown, heard) = typed(&keys);
        assert_eq!(shown, "a\u{8} \u{8}");
        assert_eq!(heard, [Heard::End, Heard::End]);
    }

    #[test]
    fn an_interrupted_line_is_gone() {
        let mut keys = letters("secret");
        keys.push(control('c'));
        keys.extend(letters("y\n"));
        let (shown, heard) = typed(&keys);
        assert_eq!(shown, "secret^Cy\r\n");
        assert_eq!(heard, [Heard::Interrupt, Heard::Line(Secret::new("y"))]);
    }

    #[test]
    fn a_key_that_is_let_go_is_no_second_one() {
        let mut keys = letters("ab");
        keys[1].kind = KeyEventKind::Release;
        assert_eq!(typed(&keys).0, "a");
    }
}
