//! Step 5: the pre-launch script. Under construction.

use std::sync::Arc;

use super::compose::ComposeStep;
use super::env::EnvStep;
use crate::wizard::facts::Facts;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Page, title};
use crate::wizard::screen::{Input, Reaction};

/// The pre-launch script: the platform's, the live one, or one's own.
#[derive(Debug, Default)]
pub struct ScriptStep {
    text: Option<Arc<str>>,
}

impl ScriptStep {
    /// The new text, byte for byte; `None` keeps what the app has.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.text.as_ref()
    }

    /// Where it comes from, for the review.
    pub fn source(&self) -> String {
        "as the others".into()
    }

    /// The file it came from, if it came from one.
    pub fn path(&self) -> Option<String> {
        None
    }

    /// What the checks remarked, for the review.
    pub fn remarks(&self, _facts: &Facts, _compose: &ComposeStep, _env: &EnvStep) -> Vec<Line> {
        Vec::new()
    }

    /// Why the form cannot go on from here.
    pub fn problem(
        &self,
        _facts: &Facts,
        _compose: &ComposeStep,
        _env: &EnvStep,
    ) -> Option<String> {
        None
    }

    /// What can be done here now.
    pub fn offer(&self, _facts: &Facts) -> Offer {
        Offer::default()
            .with(Command::Next, "next")
            .with(Command::Back, "back")
    }

    /// Takes an input.
    pub fn update(
        &mut self,
        input: Input,
        _facts: &Facts,
        _compose: &ComposeStep,
        _env: &EnvStep,
    ) -> Reaction {
        match input {
            Input::Command(Command::Next) => Reaction::next(),
            Input::Command(Command::Back) => Reaction::back(),
            _ => Reaction::none(),
        }
    }

    /// After the facts changed.
    pub fn settle(&mut self, _facts: &Facts, _compose: &ComposeStep, _env: &EnvStep) {}

    /// The page.
    pub fn page<'a>(
        &'a self,
        _facts: &'a Facts,
        _compose: &'a ComposeStep,
        _env: &'a EnvStep,
    ) -> Page<'a> {
        Page {
            main: vec![Block::Text(vec![title("Script")])],
            ..Page::default()
        }
    }
}
