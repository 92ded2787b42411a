//! The screen of the real terminal.
//!
//! Frames go to standard output in one write each. While an editor or the shell has the terminal nothing is drawn.
//! What is drawn, it does not know.

use std::io::{self, BufWriter, Write};

use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc::Sender;

use super::keyboard::Keyboard;
use super::run::{Input, Screen};
use super::{browser, clipboard, editor, terminal};
use crate::shown::Shown;

/// Room for a whole frame of a large terminal.
const FRAME: usize = 64 * 1024;

/// The terminal, taken.
#[derive(Debug)]
pub(super) struct Tty {
    terminal: Terminal<CrosstermBackend<BufWriter<Wire>>>,
    keyboard: Option<Keyboard>,
}

impl Tty {
    /// The screen of this terminal. It stays dark until the terminal is [taken](terminal::take).
    pub(super) fn new() -> io::Result<Self> {
        let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME, Wire));
        let terminal = Terminal::new(backend)?;
        Ok(Self {
            terminal,
            keyboard: None,
        })
    }

    /// Begins to read keys.
    pub(super) fn listen(&mut self, inbox: Sender<Input>) -> io::Result<()> {
        self.keyboard = Some(Keyboard::start(inbox)?);
        Ok(())
    }

    fn send(&mut self, sequence: &str) {
        // A bell or a copy that cannot be sent is no reason to stop; the next frame will tell.
        let backend = self.terminal.backend_mut();
        let _ = backend
            .write_all(sequence.as_bytes())
            .and_then(|()| Write::flush(backend));
    }
}

impl Screen for Tty {
    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame)) -> io::Result<()> {
        if terminal::is_taken() {
            self.terminal.draw(paint)?;
        }
        Ok(())
    }

    fn forget(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is, and read the answer as if typed.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    fn alert(&mut self, _what: &str) {
        self.send("\x07");
    }

    fn copy(&mut self, text: &str) {
        if let Some(sequence) = clipboard::sequence(text, clipboard::Through::here()) {
            self.send(&sequence);
        }
    }

    fn open(&mut self, address: &str) {
        browser::open(address);
    }

    fn suspend(&mut self) {
        terminal::suspend();
    }

    fn resume(&mut self) -> io::Result<()> {
        terminal::take_again()?;
        self.forget()
    }

    fn edit(&mut self, text: &str, ending: &str) -> Result<String, Shown> {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.hold();
        }
        terminal::lend();
        let edited = editor::edit(&editor::Choice::here(), text, ending);
        // If the terminal cannot be taken again, the next frame fails and says so.
        let _ = self.resume();
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.release();
        }
        edited
    }
}

/// Standard output as far as it is ours. What is dropped at the end, as the cursor that ratatui wants to show once
/// more, comes after the terminal was given back, and goes nowhere.
#[derive(Debug)]
struct Wire;

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        terminal::write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
