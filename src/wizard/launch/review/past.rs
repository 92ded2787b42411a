//! What went before a review in this run of the program: no review says that nothing was sent where something was.

use crate::wizard::launch::{BEGUN, UNANSWERED, UNSENT};
use crate::wizard::page::Line;

/// What went before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Past {
    /// Nothing was sent.
    #[default]
    Nothing,
    /// A request was begun that came to no instance.
    Begun,
    /// A request that may have created has no clear answer.
    Unanswered,
}

impl Past {
    /// What leaving now means, in one sentence.
    pub(super) fn leaving(self) -> &'static str {
        match self {
            Self::Nothing => UNSENT,
            Self::Begun => BEGUN,
            Self::Unanswered => UNANSWERED,
        }
    }

    /// What is at stake when going on. `on_chain`: a contract governs the app, so that there is a preparation.
    pub(super) fn note(self, on_chain: bool) -> Line {
        match (self, on_chain) {
            (Self::Nothing, _) => Line::new().strong("Nothing was sent yet."),
            (Self::Begun, true) => {
                Line::new().plain("Going on prepares anew; an older token stops working.")
            }
            (Self::Begun, false) => Line::new().plain("Going on asks you once more."),
            (Self::Unanswered, _) => Line::new().warn(
                "An earlier request may still come to something: phala-wizard resume looks first.",
            ),
        }
    }
}
