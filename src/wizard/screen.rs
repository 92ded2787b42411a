//! What every screen is given, and what it can want.

use crossterm::event::KeyEvent;

use super::event::{Answer, Request};
use super::keymap::Command;
use crate::api::types::LogSource;
use crate::secret::Secret;

/// What reaches a screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A command it offered.
    Command(Command),
    /// A key that is text.
    Key(KeyEvent),
    /// A pasted block.
    Paste(Secret),
    /// The answer to a question it asked.
    Answer(Answer),
    /// A second went by.
    Tick,
}

/// What a screen can want besides changing itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Ask this.
    Ask(Request),
    /// Tell the person this in one line.
    Say(String),
    /// Put the text on the clipboard; the first part says what it is.
    Copy(&'static str, Secret),
    /// Show this address in the browser. Never one with a token in it.
    Open(String),
    /// A long wait is over, and how.
    Alert(&'static str),
    /// Leave the program at once: nothing is lost by that.
    Quit,
    /// Nobody reads this log any more.
    CloseLog(LogSource),
    /// Close the key that is open: it is wiped.
    CloseKey,
    /// To the door of the sandbox.
    Sandbox,
    /// Go to the door, for another profile.
    Profiles,
}

/// Where a form step wants to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Go {
    /// Nowhere.
    #[default]
    Stay,
    /// To the next step.
    Next,
    /// To the step before.
    Back,
}

/// A form step's reaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reaction {
    /// What it wants.
    pub wishes: Vec<Wish>,
    /// Where it wants to go.
    pub go: Go,
}

impl Reaction {
    /// Nothing more to do.
    pub fn none() -> Self {
        Self::default()
    }

    /// On to the next step.
    pub fn next() -> Self {
        Self {
            wishes: Vec::new(),
            go: Go::Next,
        }
    }

    /// Back to the step before.
    pub fn back() -> Self {
        Self {
            wishes: Vec::new(),
            go: Go::Back,
        }
    }

    /// Asks.
    pub fn ask(request: Request) -> Self {
        Self {
            wishes: vec![Wish::Ask(request)],
            go: Go::Stay,
        }
    }

    /// Says a sentence.
    pub fn say(sentence: impl Into<String>) -> Self {
        Self {
            wishes: vec![Wish::Say(sentence.into())],
            go: Go::Stay,
        }
    }

    /// Copies.
    pub fn copy(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            wishes: vec![Wish::Copy(what, Secret::new(text))],
            go: Go::Stay,
        }
    }
}

/// What a launch stage came to. A stage says what it made, never where that leads.
#[derive(Debug, PartialEq)]
pub enum Outcome<Stage, Product> {
    /// The stage goes on.
    Stay(Stage, Vec<Wish>),
    /// It is done, and this is what it was there for.
    Done(Product),
    /// The person goes back to the form.
    Leave,
}

impl<Stage, Product> Outcome<Stage, Product> {
    /// The stage goes on and wants nothing.
    pub fn stay(stage: Stage) -> Self {
        Self::Stay(stage, Vec::new())
    }

    /// The stage goes on and asks.
    pub fn ask(stage: Stage, request: Request) -> Self {
        Self::Stay(stage, vec![Wish::Ask(request)])
    }
}
