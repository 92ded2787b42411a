//! Reads the keys of a Windows console.
//!
//! It hands over records, so nothing is ever half read. It cannot be woken from here, so the thread looks up often.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossterm::event::{poll as has_event, read as next_event};
use tokio::sync::mpsc::Sender;

use super::gate::Gate;
use super::{END_OF_BURST, Input, deliver, is_burst, lettered};

/// How often the thread looks whether it is to wait.
pub(in crate::shell) const GLANCE: Duration = Duration::from_millis(50);

/// Nobody waits longer than this for the thread to hold.
pub(in crate::shell) const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// The thread that reads the console.
#[derive(Debug)]
pub(in crate::shell) struct Keyboard {
    gate: Arc<Gate>,
}

impl Keyboard {
    /// Starts to read.
    pub(in crate::shell) fn start(inbox: Sender<Input>) -> io::Result<Self> {
        let gate = Arc::<Gate>::default();
        let theirs = Arc::clone(&gate);
        thread::Builder::new()
            .name("keyboard".into())
            .spawn(move || while serve(&theirs, &inbox).is_ok() {})?;
        Ok(Self { gate })
    }

    /// Stops reading, so that another program can.
    pub(in crate::shell) fn hold(&mut self) {
        self.gate.hold(LONGEST_WAIT, || ());
    }

    /// Reads again.
    pub(in crate::shell) fn release(&mut self) {
        self.gate.release();
    }
}

fn serve(gate: &Gate, inbox: &Sender<Input>) -> io::Result<()> {
    gate.pass();
    if !has_event(GLANCE)? {
        return Ok(());
    }
    let mut batch = vec![lettered(next_event()?)];
    let mut patience = Duration::ZERO;
    while has_event(patience)? {
        batch.push(lettered(next_event()?));
        if is_burst(&batch) {
            patience = END_OF_BURST;
        }
    }
    deliver(inbox, batch)
}
