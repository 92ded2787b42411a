//! A text being written here: compose files and scripts.
//!
//! What came from outside goes out byte for byte as long as nothing in it was changed; only a changed text is the
//! text area's, with LF as its line end. What the text is for, and whether it is any good, it does not know.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use tui_textarea::{CursorMove, TextArea};

use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::page::{Block, Line, Page};
use crate::wizard::plan::bytes;
use crate::wizard::screen::{Input, Reaction};

/// Bytes a text may grow to here. More than any service takes, and little enough to stay quick.
pub const LIMIT: usize = 256 * 1024;

/// How far a page key goes.
const PAGE: u16 = 20;
/// Changes that can be undone.
const HISTORY: usize = 500;
/// Blanks the Tab key inserts: both YAML and shell scripts indent by two.
const INDENT: u8 = 2;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text area, and the text it began with. Prints its size only: people do write passwords into scripts.
pub struct Editor {
    area: TextArea<'static>,
    given: Arc<str>,
    edited: bool,
    size: usize,
}

impl std::fmt::Debug for Editor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Editor({} bytes)", self.size)
    }
}

/// What the person wants of the editor.
#[derive(Debug, PartialEq)]
pub enum Written {
    /// To go on writing.
    Stay(Reaction),
    /// To use the text as it is now.
    Done,
    /// To leave it for now; the text stays.
    Leave,
}

impl Default for Editor {
    fn default() -> Self {
        Self::new(Arc::from(""))
    }
}

impl Editor {
    /// Opens a text. The cursor stands at its beginning.
    pub fn new(given: Arc<str>) -> Self {
        let mut area = TextArea::new(lines(&given).map(str::to_owned).collect());
        area.set_max_histories(HISTORY);
        area.set_tab_length(INDENT);
        Self {
            size: given.len(),
            area,
            given,
            edited: false,
        }
    }

    /// The text: exactly what it was opened with, unless it was changed.
    pub fn text(&self) -> Arc<str> {
        if self.edited {
            Arc::from(self.area.lines().join("\n"))
        } else {
            Arc::clone(&self.given)
        }
    }

    /// Whether it differs from what it was opened with. Undoing everything makes it the same again.
    pub fn is_edited(&self) -> bool {
        self.edited
    }

    /// Puts the cursor on a line and column, both from 1.
    pub fn go_to(&mut self, line: usize, column: usize) {
        let place = |number: usize| u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
        self.area
            .move_cursor(CursorMove::Jump(place(line), place(column)));
    }

    /// What can be done here now.
    pub fn offer(&self) -> Offer {
        Offer::new(Typing::Text)
            .with(Command::Next, "done")
            .with(Command::Back, "back, text stays")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input) -> Written {
        match input {
            Input::Command(Command::Next) => return Written::Done,
            Input::Command(Command::Back) => return Written::Leave,
            Input::Key(key) => return Written::Stay(self.key(key)),
            Input::Paste(block) => return Written::Stay(self.paste(block.expose())),
            Input::Command(_) | Input::Answer(_) | Input::Tick => (),
        }
        Written::Stay(Reaction::none())
    }

    /// The page, under this heading.
    pub fn page(&self, heading: Line) -> Page<'_> {
        let (row, column) = self.place();
        let heading = heading.dim(format!(
            "   line {row}, column {column}   {} lines, {}",
            self.area.lines().len(),
            bytes(self.size)
        ));
        Page {
            main: vec![Block::Text(vec![heading]), Block::Editor(&self.area)],
            note: self.note(),
            ..Page::default()
        }
    }

    fn key(&mut self, key: KeyEvent) -> Reaction {
        match key.code {
            // The area itself pages by what it last drew; a page here is the same everywhere.
            KeyCode::PageUp => self.page_to(|row| row.saturating_sub(PAGE)),
            KeyCode::PageDown => self.page_to(|row| row.saturating_add(PAGE)),
            _ if self.area.input(key) => return self.changed(),
            _ => (),
        }
        Reaction::none()
    }

    fn page_to(&mut self, to: impl Fn(u16) -> u16) {
        let (row, column) = self.place();
        let row = u16::try_from(row - 1).unwrap_or(u16::MAX);
        self.go_to(usize::from(to(row)) + 1, column);
    }

    /// Inserts a block as one change. Terminals write pasted line ends as CR, CRLF or LF.
    fn paste(&mut self, block: &str) -> Reaction {
        if self.size + block.len() > LIMIT {
            return Reaction::say(format!(
                "not pasted: {} more would exceed the {} KB this text area takes",
                bytes(block.len()),
                LIMIT / 1024
            ));
        }
        let block = block.replace("\r\n", "\n").replace('\r', "\n");
        self.area.insert_str(block);
        self.changed()
    }

    fn changed(&mut self) -> Reaction {
        let before = self.size;
        self.measure();
        if self.size > LIMIT && self.size > before {
            self.area.undo();
            self.measure();
            return Reaction::say(format!(
                "this text area takes {} KB, and they are used up",
                LIMIT / 1024
            ));
        }
        Reaction::none()
    }

    fn measure(&mut self) {
        self.edited = !lines(&self.given).eq(self.area.lines());
        self.size = if self.edited {
            let text: usize = self.area.lines().iter().map(String::len).sum();
            text + self.area.lines().len() - 1
        } else {
            self.given.len()
        };
    }

    /// Line and column of the cursor, from 1.
    fn place(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0 + 1, cursor.1 + 1)
    }

    fn note(&self) -> Line {
        let line_ends = match (self.loses_form(), self.edited) {
            (false, _) => "",
            (true, false) => {
                "Unchanged it goes out byte for byte; edited, its line ends become LF.  "
            }
            (true, true) => "Its line ends are LF now, since it was edited here.  ",
        };
        Line::new()
            .warn(line_ends)
            .dim("Ctrl-U undoes, Ctrl-R does it again.")
    }

    /// Whether the text came with something that the text area does not keep.
    fn loses_form(&self) -> bool {
        self.given.contains("\r\n") || self.given.starts_with(BYTE_ORDER_MARK)
    }
}

/// The lines of a text as the area holds them: without line ends and without a byte order mark.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(text)
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crossterm::event::KeyModifiers;
    use proptest::prelude::*;

    fn typed(editor: &mut Editor, text: &str) {
        for c in text.chars() {
            editor.update(Input::Key(KeyEvent::from(KeyCode::Char(c))));
        }
    }

    fn control(letter: char) -> Input {
        Input::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
    }

    fn paste(editor: &mut Editor, text: &str) -> Written {
        editor.update(Input::Paste(Secret::new(text)))
    }

    #[test]
    fn an_edited_text_ends_its_lines_with_lf() {
        let mut editor = Editor::new(Arc::from("\u{feff}a: 1\r\nb: 2"));
        assert!(editor.note().words().contains("become LF"));
        typed(&mut editor, "# ");
        assert_eq!(&*editor.text(), "# a: 1\nb: 2");
        assert!(editor.note().words().contains("are LF now"));
    }

    #[test]
    fn undoing_everything_gives_the_very_bytes_back() {
        let mut editor = Editor::new(Arc::from("a\r\nb"));
        typed(&mut editor, "x");
        assert!(editor.is_edited());
        editor.update(control('u'));
        assert!(!editor.is_edited());
        assert_eq!(&*editor.text(), "a\r\nb");
    }

    #[test]
    fn a_pasted_block_is_one_change_whatever_its_line_ends() {
        let mut editor = Editor::default();
        paste(&mut editor, "a\rb\r\nc\nd");
        assert_eq!(&*editor.text(), "a\nb\nc\nd");
        editor.update(control('u'));
        assert_eq!(&*editor.text(), "");
        editor.update(control('r'));
        assert_eq!(&*editor.text(), "a\nb\nc\nd");
    }

    #[test]
    fn a_block_that_is_too_large_is_refused_with_a_sentence() {
        let mut editor = Editor::new(Arc::from("keep me"));
        let large = "x".repeat(300 * 1024);
        let Written::Stay(reaction) = paste(&mut editor, &large) else {
            panic!("the editor was left");
        };
        assert_eq!(
            reaction,
            Reaction::say("not pasted: 300 KB more would exceed the 256 KB this text area takes")
        );
        assert_eq!(&*editor.text(), "keep me");
    }

    #[test]
    fn typing_stops_at_the_limit_and_deleting_does_not() {
        let mut editor = Editor::default();
        paste(&mut editor, &"x".repeat(LIMIT));
        typed(&mut editor, "y");
        assert_eq!(editor.text().len(), LIMIT);
        editor.update(Input::Key(KeyEvent::from(KeyCode::Backspace)));
        assert_eq!(editor.text().len(), LIMIT - 1);
    }

    #[test]
    fn done_and_back_are_told_apart_and_keep_the_text() {
        let mut editor = Editor::default();
        typed(&mut editor, "a");
        assert_eq!(editor.update(Input::Command(Command::Back)), Written::Leave);
        assert_eq!(editor.update(Input::Command(Command::Next)), Written::Done);
        assert_eq!(&*editor.text(), "a");
    }

    #[test]
    fn a_debug_print_holds_no_text() {
        let mut editor = Editor::new(Arc::from("canary"));
        typed(&mut editor, "x");
        assert_eq!(format!("{editor:?}"), "Editor(7 bytes)");
    }

    #[test]
    fn a_page_key_moves_by_a_page_and_stays_in_the_text() {
        let mut editor = Editor::new(Arc::from("line\n".repeat(50)));
        editor.update(Input::Key(KeyEvent::from(KeyCode::Down)));
        assert_eq!(editor.place(), (2, 1));
        editor.update(Input::Key(KeyEvent::from(KeyCode::PageDown)));
        assert_eq!(editor.place(), (22, 1));
        for _ in 0..9 {
            editor.update(Input::Key(KeyEvent::from(KeyCode::PageDown)));
        }
        assert_eq!(editor.place(), (51, 1));
        editor.go_to(2, 3);
        assert_eq!(editor.place(), (2, 3));
    }

    proptest! {
        #[test]
        fn a_text_that_was_only_looked_at_goes_out_byte_for_byte(text in "(\u{feff})?([a-zé\t]|\r|\n|\r\n){0,40}") {
            let mut editor = Editor::new(Arc::from(text.as_str()));
            for code in [KeyCode::Down, KeyCode::End, KeyCode::Right, KeyCode::PageUp] {
                editor.update(Input::Key(KeyEvent::from(code)));
            }
            typed(&mut editor, "x");
            editor.update(Input::Key(KeyEvent::from(KeyCode::Backspace)));
            prop_assert_eq!(&*editor.text(), text.as_str());
        }
    }
}
