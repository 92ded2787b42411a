//! The choice among several live revisions of an app, as they were when they were shown.
//!
//! What became of them meanwhile, and what the choice means, is not known here.

use crate::api::types::ComposeHash;
use crate::shown::Shown;
use crate::wizard::facts::{AppFacts, Facts};
use crate::wizard::keymap::Command;
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Block, Line, Page, title};

#[derive(Debug, Default)]
pub(super) struct Revisions {
    menu: Menu,
    hashes: Vec<ComposeHash>,
}

impl Revisions {
    /// Those of the app that is looked at.
    pub(super) fn of(facts: &Facts) -> Self {
        let revisions = facts.app.as_ref().map(AppFacts::revisions);
        let revisions = revisions.unwrap_or_default();
        Self {
            menu: Menu::default(),
            hashes: revisions.iter().map(|revision| revision.hash).collect(),
        }
    }

    /// Whether these are the same, one for one.
    pub(super) fn are(&self, others: &Self) -> bool {
        self.hashes == others.hashes
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.hashes.len()
    }

    /// Takes a command. Says which one was taken, if one was.
    pub(super) fn choose(&mut self, command: Command) -> Option<ComposeHash> {
        let index = self.menu.update(command, self.hashes.len())?;
        self.hashes.get(index).copied()
    }

    /// The page.
    pub(super) fn page(&self, facts: &Facts) -> Page<'static> {
        let Some(about) = &facts.app else {
            return Page::default();
        };
        let choices: Vec<Choice> = about
            .revisions()
            .iter()
            .map(|revision| {
                let names: Vec<&str> = revision.instances.iter().map(Shown::as_str).collect();
                Choice::new(
                    revision.hash.short(),
                    format!("runs on {}", names.join(", ")),
                )
            })
            .collect();
        let mut lines = vec![
            title(format!(
                "{} runs several revisions. Which one shall the new instance run?",
                about.app.name
            )),
            Line::new(),
        ];
        lines.extend(self.menu.lines(&choices));
        Page {
            main: vec![Block::Text(lines)],
            side: vec![
                title("Why this is asked"),
                Line::from(
                    "The service does not choose for you: without a revision it refuses (ERR-03-009).",
                ),
                Line::new(),
                Line::from("A revision is a compose file and a script, known by its compose hash."),
            ],
            note: Line::new().dim("A new compose file can still be given in step 3."),
        }
    }
}
