//! What it means to leave the program at a stage, and how it ends then.

use super::Launch;
use crate::wizard::event;

/// What leaving means while nothing was sent.
pub const UNSENT: &str =
    "Nothing was sent. What you entered is kept only while this window is open.";

/// What leaving means once a request was begun that came to no instance.
pub const BEGUN: &str =
    "Nothing was created. What was prepared, if anything, is kept: phala-wizard resume goes on.";

/// What leaving means where an instance was made, and something else is on screen.
pub const MADE: &str = "The instance that was made before stays, and is billed. How to look at it and delete it is printed.";

/// What leaving means while a request that may have created has no clear answer.
pub const UNANSWERED: &str = "It is not known whether the instance exists. Leaving is safe: phala-wizard resume looks first.";

impl Launch {
    /// How the program ends while it is not known whether a request has created, and a person went on.
    pub fn unanswered(&self) -> Option<event::Exit> {
        let brief = match self {
            Self::Review(stage) => stage.brief(),
            Self::Prepare(stage) => stage.brief(),
            Self::Doubt(stage) => stage.brief(),
            Self::Chain(stage) => stage.brief(),
            Self::Founding(stage) => stage.brief(),
            Self::Commit(stage) if stage.is_used_up() => return Some(stage.exit()),
            Self::Commit(stage) => stage.brief(),
            Self::Finding(_) | Self::Live(_) => return None,
        };
        brief.unanswered.then(|| brief.may_exist())
    }

    /// How the program ends for the instance on screen that was made here, should it be left behind.
    pub fn made(&self) -> Option<event::Exit> {
        match self {
            Self::Live(stage) if stage.is_made() => Some(stage.exit()),
            _ => None,
        }
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let mut exit = self.unanswered().unwrap_or_else(|| self.own_exit());
        if let Some(several) = self.several() {
            several.amend(&mut exit);
        }
        exit
    }

    fn own_exit(&self) -> event::Exit {
        match self {
            Self::Review(_) | Self::Prepare(_) | Self::Doubt(_) => nothing_created(),
            Self::Chain(stage) => stage.exit(),
            Self::Founding(stage) => stage.exit(),
            Self::Commit(stage) => stage.exit(),
            Self::Finding(stage) => stage.exit(),
            Self::Live(stage) => stage.exit(),
        }
    }

    /// What leaving now means, in one sentence.
    pub fn leaving(&self) -> &'static str {
        if self.unanswered().is_some() {
            return UNANSWERED;
        }
        match self {
            Self::Review(stage) => stage.leaving(),
            Self::Prepare(_) => {
                "The request may be under way. It creates nothing on this app; phala-wizard resume looks first."
            }
            Self::Doubt(_) => {
                "Nothing was created, and the hash that came back is used for nothing."
            }
            Self::Founding(_) => {
                "Nothing was created. What was provisioned, and what was deployed for it, is kept: phala-wizard resume goes on."
            }
            Self::Chain(_) => {
                "Nothing was created. What was prepared is kept on this machine: phala-wizard resume goes on."
            }
            Self::Commit(stage) => stage.leaving(),
            Self::Finding(_) => "Nothing was watched yet, and nothing was changed.",
            Self::Live(stage) => stage.leaving(),
        }
    }
}

/// How the program ends while nothing exists.
pub fn nothing_created() -> event::Exit {
    event::Exit {
        outcome: event::Outcome::Nothing,
        receipt: vec!["Nothing was created.".to_owned()],
    }
}
