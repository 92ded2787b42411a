//! Reads lines from a Windows console, key by key.
//!
//! The console could edit lines itself, but would keep what it read, and could not be let go before the line is ended.

use std::io;
use std::sync::Arc;
use std::thread;

use crossterm::event::{Event, poll as has_event, read as next_event};
use tokio::sync::mpsc::Sender;

use super::typing::{Heard, Typing};
use crate::shell::keyboard::gate::Gate;
use crate::shell::keyboard::{GLANCE, LONGEST_WAIT, lettered};
use crate::shell::run::Input;
use crate::shell::terminal;

/// The thread that reads the console.
pub(in crate::shell::spoken) struct Reader {
    gate: Arc<Gate>,
}

impl Reader {
    /// Starts to read.
    pub(in crate::shell::spoken) fn start(inbox: Sender<Input>) -> io::Result<Self> {
        let gate = Arc::<Gate>::default();
        let theirs = Arc::clone(&gate);
        thread::Builder::new().name("lines".into()).spawn(move || {
            let mut typing = Typing::default();
            // It ends with the program, or when the console does.
            while serve(&theirs, &mut typing, &inbox).is_ok() {}
        })?;
        Ok(Self { gate })
    }

    /// Stops reading, so that another program can.
    pub(in crate::shell::spoken) fn hold(&mut self) {
        self.gate.hold(LONGEST_WAIT, || ());
    }

    /// Reads again.
    pub(in crate::shell::spoken) fn release(&mut self) {
        self.gate.release();
    }
}

fn serve(gate: &Gate, typing: &mut Typing, inbox: &Sender<Input>) -> io::Result<()> {
    gate.pass();
    if !has_event(GLANCE)? {
        return Ok(());
    }
    let Event::Key(key) = lettered(next_event()?) else {
        return Ok(());
    };
    let (echo, heard) = typing.key(key);
    if terminal::shows_typing() {
        terminal::write(echo.as_bytes())?;
    }
    let input = match heard {
        Heard::Nothing => return Ok(()),
        Heard::Line(line) => Input::Line(line),
        Heard::End => Input::Ended,
        Heard::Interrupt => Input::Interrupted,
    };
    inbox
        .blocking_send(input)
        .map_err(|_| io::ErrorKind::BrokenPipe.into())
}
