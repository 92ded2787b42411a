//! Step 4: the values of the variables. Under construction.

use super::compose::ComposeStep;
use crate::secret::Secret;
use crate::wizard::facts::Facts;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Page, title};
use crate::wizard::screen::{Input, Reaction};

/// The variables: inherited, given anew, or a ready blob.
#[derive(Debug, Default)]
pub struct EnvStep {}

/// What shall become of the variables.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvPlan {
    /// As the others have them.
    Inherit,
    /// Encrypt these, and replace everything.
    Seal(Vec<(String, Secret)>),
    /// Send this blob (hex) as it is.
    Ready(String),
}

impl EnvStep {
    /// What shall become of the variables.
    pub fn plan(&self) -> EnvPlan {
        EnvPlan::Inherit
    }

    /// Names that are given, for checks in other steps; empty while inheriting.
    pub fn names(&self) -> Vec<String> {
        Vec::new()
    }

    /// Values that are given, so that a script can be searched for them.
    pub fn values(&self) -> Vec<&Secret> {
        Vec::new()
    }

    /// Where they come from, for the review: `./.env.prod`, `typed`, `as the others`.
    pub fn source(&self) -> String {
        "as the others".into()
    }

    /// The file it came from, if it came from one.
    pub fn path(&self) -> Option<String> {
        None
    }

    /// What the checks remarked, for the review.
    pub fn remarks(&self, _facts: &Facts, _compose: &ComposeStep) -> Vec<Line> {
        Vec::new()
    }

    /// Why the form cannot go on from here.
    pub fn problem(&self, _facts: &Facts, _compose: &ComposeStep) -> Option<String> {
        None
    }

    /// What can be done here now.
    pub fn offer(&self, _facts: &Facts, _compose: &ComposeStep) -> Offer {
        Offer::default()
            .with(Command::Next, "next")
            .with(Command::Back, "back")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, _facts: &Facts, _compose: &ComposeStep) -> Reaction {
        match input {
            Input::Command(Command::Next) => Reaction::next(),
            Input::Command(Command::Back) => Reaction::back(),
            _ => Reaction::none(),
        }
    }

    /// After the facts or the compose file changed.
    pub fn settle(&mut self, _facts: &Facts, _compose: &ComposeStep) {}

    /// The page.
    pub fn page<'a>(&'a self, _facts: &'a Facts, _compose: &'a ComposeStep) -> Page<'a> {
        Page {
            main: vec![Block::Text(vec![title("Variables")])],
            ..Page::default()
        }
    }
}
