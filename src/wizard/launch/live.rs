//! The instance boots, runs, or fails. Under construction.

use std::convert::Infallible;

use super::brief::Brief;
use crate::api::types::Created;
use crate::wizard::event;
use crate::wizard::keymap::Offer;
use crate::wizard::page::{Block, Page, title};
use crate::wizard::screen::{Input, Outcome, Wish};

/// The watch over one instance.
#[derive(Debug, PartialEq)]
pub struct Live {
    brief: Box<Brief>,
    created: Created,
    since: u64,
}

impl Live {
    /// Begins to watch.
    pub fn start(brief: Box<Brief>, created: Created, now: u64) -> (Self, Vec<Wish>) {
        (
            Self {
                brief,
                created,
                since: now,
            },
            Vec::new(),
        )
    }

    /// Takes an input.
    pub fn update(self, _input: Input, _now: u64) -> Outcome<Self, Infallible> {
        Outcome::stay(self)
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        Offer::default()
    }

    /// Whether the clock on screen runs.
    pub fn moves(&self) -> bool {
        true
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let _ = (&self.brief, self.since);
        event::Exit {
            outcome: event::Outcome::Unhealthy,
            receipt: Vec::new(),
        }
    }

    /// The page.
    pub fn page(&self, _now: u64) -> Page<'_> {
        Page {
            main: vec![Block::Text(vec![title(self.created.name.as_str())])],
            ..Page::default()
        }
    }
}
