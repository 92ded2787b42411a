//! The screen of the real terminal.
//!
//! Frames go to standard output in one write each. While an editor, a pager or the shell has the terminal nothing is drawn.
//! What is drawn, it does not know.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use ratatui::{Frame, Terminal};
use tokio::sync::mpsc::Sender;

use super::alert::Alert;
use super::keyboard::Keyboard;
use super::pen::Pen;
use super::run::{Input, Screen};
use super::still::Still;
use super::{Looks, browser, clipboard, editor, pager, terminal};
use crate::shown::Shown;
use crate::theme::address::Links;

/// The terminal, taken.
#[derive(Debug)]
pub(super) struct Tty {
    terminal: Terminal<Pen<Wire>>,
    keyboard: Option<Keyboard>,
    alert: Alert,
    /// Somebody looks at it. A terminal that does not tell is not looked at, so that nothing goes by unheard.
    has_focus: bool,
    /// The title the window was given.
    title: String,
    /// What is on screen, where the passing of time alone shall not be drawn.
    still: Option<Still>,
    /// Where the addresses of the frame lead: the pen is told before it draws.
    links: Rc<RefCell<Links>>,
}

impl Tty {
    /// The screen of this terminal. It stays dark until the terminal is [taken](terminal::take).
    pub(super) fn new(alert: Alert, looks: Looks) -> io::Result<Self> {
        let links = Rc::default();
        let pen = Pen::new(Wire);
        let pen = if looks.links {
            pen.linking(Rc::clone(&links))
        } else {
            pen
        };
        let terminal = Terminal::new(pen)?;
        Ok(Self {
            terminal,
            keyboard: None,
            alert,
            has_focus: false,
            title: String::new(),
            still: looks.still.then(Still::default),
            links,
        })
    }

    /// Begins to read keys.
    pub(super) fn listen(&mut self, inbox: Sender<Input>) -> io::Result<()> {
        self.keyboard = Some(Keyboard::start(inbox)?);
        Ok(())
    }

    /// Does what needs the terminal to itself.
    fn lent<T>(&mut self, act: impl FnOnce() -> T) -> T {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.hold();
        }
        terminal::lend();
        let done = act();
        // If the terminal cannot be taken again, the next frame fails and says so.
        let _ = self.resume();
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.release();
        }
        done
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
    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        if terminal::is_taken() {
            let links = &self.links;
            let drawn = self.terminal.draw(|frame| {
                links.replace(paint(frame));
            })?;
            if let Some(still) = &mut self.still {
                still.drawn(drawn.buffer, Instant::now());
            }
        }
        Ok(())
    }

    fn draw_older(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        if let Some(still) = &self.still {
            paint(&mut self.terminal.get_frame());
            let buffer = self.terminal.current_buffer_mut();
            let can_wait = still.can_wait(buffer, Instant::now());
            buffer.reset();
            if can_wait {
                return Ok(());
            }
        }
        self.draw(paint)
    }

    fn forget(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is, and read the answer as if typed.
        self.terminal.backend_mut().forget();
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    fn title(&mut self, title: &str) {
        if self.alert.title && !title.is_empty() && self.title != title {
            title.clone_into(&mut self.title);
            // As with a bell: the next frame will tell.
            let _ = terminal::entitle(title);
        }
    }

    fn focus(&mut self, has_focus: bool) {
        self.has_focus = has_focus;
    }

    fn alert(&mut self, what: &str) {
        if !self.has_focus {
            let bytes = self.alert.bytes(what, clipboard::Through::here());
            self.send(&bytes);
        }
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
        // Whoever had it may have given it another title, and kept changes of focus to itself.
        self.title.clear();
        self.has_focus = false;
        self.forget()
    }

    fn edit(&mut self, text: &str, ending: &str) -> Result<String, Shown> {
        self.lent(|| editor::edit(&editor::Choice::here(), text, ending))
    }

    fn page(&mut self, text: &str) -> Result<(), Shown> {
        self.lent(|| pager::show(&pager::Choice::here(), text))
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
