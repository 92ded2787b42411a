//! Step 3: what it should run. Under construction.

use std::sync::Arc;

use crate::wizard::facts::Facts;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Page, title};
use crate::wizard::screen::{Input, Reaction};

/// The compose file: the live one, or a new text.
#[derive(Debug, Default)]
pub struct ComposeStep {
    text: Option<Arc<str>>,
}

impl ComposeStep {
    /// The new text, byte for byte; `None` keeps the live one.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.text.as_ref()
    }

    /// What the instance will run: the new text, or the live one.
    pub fn effective<'a>(&'a self, facts: &'a Facts) -> Option<&'a str> {
        match &self.text {
            Some(text) => Some(text),
            None => facts
                .app
                .as_ref()?
                .document
                .get()
                .map(|document| document.compose.as_str()),
        }
    }

    /// Where it comes from, for the review: `./docker-compose.yml`, `written here`, `as the others`.
    pub fn source(&self) -> String {
        "as the others".into()
    }

    /// The file it came from, if it came from one.
    pub fn path(&self) -> Option<String> {
        None
    }

    /// What the checks remarked, for the review.
    pub fn remarks(&self) -> Vec<Line> {
        Vec::new()
    }

    /// Why the form cannot go on from here.
    pub fn problem(&self, _facts: &Facts) -> Option<String> {
        None
    }

    /// What can be done here now.
    pub fn offer(&self, _facts: &Facts) -> Offer {
        Offer::default()
            .with(Command::Next, "next")
            .with(Command::Back, "back")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, _facts: &Facts) -> Reaction {
        match input {
            Input::Command(Command::Next) => Reaction::next(),
            Input::Command(Command::Back) => Reaction::back(),
            _ => Reaction::none(),
        }
    }

    /// After the facts changed.
    pub fn settle(&mut self, _facts: &Facts) {}

    /// The page.
    pub fn page<'a>(&'a self, _facts: &'a Facts) -> Page<'a> {
        Page {
            main: vec![Block::Text(vec![title("What should it run?")])],
            ..Page::default()
        }
    }
}
