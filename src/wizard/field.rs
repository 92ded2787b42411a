//! One line being typed.
//!
//! Ours rather than a text area's, because a hidden value must be wiped and leave nothing in an undo history.
//! It knows the line keys of a shell and nothing of what is typed into it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::secret::Secret;

/// A line of text with a cursor.
#[derive(Clone, PartialEq, Eq, Default, Zeroize, ZeroizeOnDrop)]
pub struct Field {
    text: String,
    /// Byte index, always at a character border.
    cursor: usize,
    #[zeroize(skip)]
    hidden: bool,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.hidden {
            return f.write_str("Field(hidden)");
        }
        write!(f, "Field({:?}, {})", self.text, self.cursor)
    }
}

impl Field {
    /// A field whose text may be seen.
    pub fn open(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
            hidden: false,
        }
    }

    /// A field whose text is never drawn.
    pub fn hidden() -> Self {
        // Room for a long value, so that typing it does not leave copies behind in freed memory.
        Self {
            text: String::with_capacity(4096),
            cursor: 0,
            hidden: true,
        }
    }

    /// Whether the text is never drawn.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// The text. Ask for it only where it is open, or where it is about to be used.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor stands, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Hands the text over and empties the field.
    pub fn take(&mut self) -> Secret {
        self.cursor = 0;
        Secret::new(std::mem::take(&mut self.text))
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        self.text.zeroize();
        self.text.push_str(text);
        self.cursor = self.text.len();
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.text.zeroize();
        self.cursor = 0;
    }

    /// Puts a pasted block at the cursor. Line ends and other control characters are left out: a line has none.
    pub fn paste(&mut self, block: &str) {
        for c in block
            .trim_end_matches(['\r', '\n'])
            .chars()
            .filter(|c| !c.is_control())
        {
            self.insert(c);
        }
    }

    /// Takes a key. Says whether it meant anything here.
    pub fn key(&mut self, event: KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        match event.code {
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.text.len(),
            KeyCode::Char('b') if control => self.cursor = self.before(),
            KeyCode::Char('f') if control => self.cursor = self.after(),
            KeyCode::Char('d') if control => self.remove(self.cursor, self.after()),
            KeyCode::Char('u') if control => self.remove(0, self.cursor),
            KeyCode::Char('k') if control => self.remove(self.cursor, self.text.len()),
            KeyCode::Char('w') if control => self.remove(self.word_before(), self.cursor),
            KeyCode::Char('h') if control => self.remove(self.before(), self.cursor),
            KeyCode::Char('b') if alt => self.cursor = self.word_before(),
            KeyCode::Char('f') if alt => self.cursor = self.word_after(),
            KeyCode::Char(c) if !control && !alt && !c.is_control() => self.insert(c),
            KeyCode::Backspace => self.remove(self.before(), self.cursor),
            KeyCode::Delete => self.remove(self.cursor, self.after()),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn insert(&mut self, c: char) {
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.text[..self.cursor]
            .char_indices()
            .next_back()
            .map_or(0, |(index, _)| index)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..]
            .chars()
            .next()
            .map_or(self.cursor, |c| self.cursor + c.len_utf8())
    }

    fn word_before(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.rfind(char::is_whitespace).map_or(0, |index| {
            index + head[index..].chars().next().map_or(1, char::len_utf8)
        })
    }

    fn word_after(&self) -> usize {
        let tail = &self.text[self.cursor..];
        let start = tail.len() - tail.trim_start().len();
        self.cursor
            + tail[start..]
                .find(char::is_whitespace)
                .map_or(tail.len(), |index| start + index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(field: &mut Field, text: &str) {
        for c in text.chars() {
            field.key(KeyEvent::from(KeyCode::Char(c)));
        }
    }

    fn control(letter: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
    }

    #[test]
    fn it_edits_like_a_shell() {
        let mut field = Field::open("");
        typed(&mut field, "one two drei");
        field.key(control('w'));
        typed(&mut field, "three");
        field.key(control('a'));
        typed(&mut field, ">");
        assert_eq!(field.text(), ">one two three");
        field.key(control('k'));
        assert_eq!(field.text(), ">");
        field.key(control('u'));
        assert!(field.is_empty());
    }

    #[test]
    fn a_control_character_is_no_letter_however_it_comes() {
        let mut field = Field::open("");
        typed(&mut field, "a\u{7}b\u{1b}\t\n\u{9b}c");
        assert_eq!(field.text(), "abc");
    }

    #[test]
    fn a_pasted_newline_is_not_a_key() {
        let mut field = Field::hidden();
        field.paste("phak_1\r\n");
        assert_eq!(field.take(), Secret::new("phak_1"));
        assert!(field.is_empty());
    }

    #[test]
    fn a_hidden_field_does_not_print_its_text() {
        let mut field = Field::hidden();
        typed(&mut field, "canary");
        assert!(!format!("{field:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn the_cursor_never_leaves_the_characters(text in "\\PC{0,12}", keys in proptest::collection::vec(0..9u8, 0..40)) {
            let mut field = Field::open(text);
            for key in keys {
                let event = match key {
                    0 => KeyEvent::from(KeyCode::Left),
                    1 => KeyEvent::from(KeyCode::Right),
                    2 => KeyEvent::from(KeyCode::Backspace),
                    3 => KeyEvent::from(KeyCode::Delete),
                    4 => control('w'),
                    5 => KeyEvent::new(KeyCode::Char('f'), KeyModifiers::ALT),
                    6 => KeyEvent::new(KeyCode::Char('b'), KeyModifiers::ALT),
                    7 => KeyEvent::from(KeyCode::Char('東')),
                    _ => KeyEvent::from(KeyCode::Home),
                };
                field.key(event);
                prop_assert!(field.text().is_char_boundary(field.cursor()));
            }
        }
    }
}
