//! The wizard decides: events in, effects out. It does no IO and knows no clock, so all of it runs in a test.

pub mod event;

use std::path::PathBuf;

use event::{Effect, Event};

/// What is known before the first frame: the arguments, and nothing that had to be read or asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Walk against the sandbox: `Some("")` asks which scenario, `Some(name)` opens that one.
    pub sandbox: Option<String>,
    /// Where the file browser begins.
    pub folder: PathBuf,
}

/// The whole state of the program.
#[derive(Debug)]
pub struct Wizard {
    start: Start,
}

impl Wizard {
    /// A wizard that has asked nothing yet.
    pub fn new(start: Start) -> Self {
        Self { start }
    }

    /// What it wants done before anything has happened. Called once, after the first frame.
    pub fn begin(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    /// Takes one event and says what shall be done about it.
    pub fn update(&mut self, _event: Event) -> Vec<Effect> {
        let _ = &self.start;
        Vec::new()
    }

    /// Whether something on screen moves with time, so that ticks are needed.
    pub fn moves(&self) -> bool {
        false
    }
}
