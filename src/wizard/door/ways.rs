//! The ways in (S01, S31): which there are, and what is said above them.

use super::{At, Door};
use crate::api::error::Error;
use crate::wizard::event::KeyInfo;
use crate::wizard::facts::Session;
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Line, Mark, title};
use crate::wizard::trouble;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The same key once more.
    Again,
    /// A code that is approved in a browser.
    Browser,
    /// An API key, typed hidden.
    Key,
    /// A profile of this machine.
    Profile,
    /// The sandbox.
    Sandbox,
    /// No key: the token alone.
    Finish,
}

impl Way {
    fn choice(self) -> Choice {
        let (what, why) = match self {
            Self::Again => ("Try again", "with the same key"),
            Self::Browser => (
                "Sign in with the browser",
                "a page and a short code; any device",
            ),
            Self::Key => ("Paste an API key", "typed hidden; kept where you say"),
            Self::Profile => (
                "Use a profile of the official CLI",
                "another profile, another workspace",
            ),
            Self::Finish => (
                "Finish without a key",
                "by the token alone; confirmed first",
            ),
            Self::Sandbox => (
                "Look around in the sandbox",
                "no account, no network, no card; every step is simulated",
            ),
        };
        Choice::new(what, why)
    }
}

impl Door {
    /// The ways that are open now, most useful first.
    pub(super) fn ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        let is_other = matches!(self.at, At::Other(..));
        if self.refused.is_some() && !is_other && !self.is_without_key() {
            ways.push(Way::Again);
        }
        ways.extend([Way::Browser, Way::Key]);
        // In the sandbox no key from outside is of use, and in the middle of a walk the sandbox is none.
        if self.sandbox.is_none() {
            ways.push(Way::Profile);
        }
        if self.session.is_none() {
            ways.push(Way::Sandbox);
        }
        if self.can_finish() && !is_other {
            ways.push(Way::Finish);
        }
        ways
    }

    /// The menu of the ways in.
    pub(super) fn ways_page(&self, menu: Menu) -> Vec<Line> {
        let choices: Vec<Choice> = self.ways().into_iter().map(Way::choice).collect();
        match &self.refused {
            Some((key, error)) => self.refused_page(key, error, menu.lines(&choices)),
            None => self.welcome_page(menu.lines(&choices)),
        }
    }

    fn welcome_page(&self, menu: Vec<Line>) -> Vec<Line> {
        let mut lines = welcome();
        lines.push(title("How do you want to start?"));
        lines.push(Line::new());
        lines.extend(menu);
        if let Some(note) = &self.note {
            lines.push(Line::new());
            lines.push(Line::new().mark(Mark::Warn).warn(note.as_str()));
        }
        lines.push(Line::new());
        lines.push(Line::new().dim("For a screen reader: ").plain(PLAIN_LINES));
        lines.push(Line::new());
        lines.push(title("Have at hand"));
        for sentence in [
            "the docker compose file, or nothing: you can reuse the revision that runs now",
            "the values for the variables it names; they are encrypted on this machine",
            "only if a contract governs the app: who owns it (wallet, Safe, timelock)",
        ] {
            lines.push(Line::new().mark(Mark::Dot).plain(sentence));
        }
        lines
    }

    fn refused_page(&self, key: &KeyInfo, error: &Error, menu: Vec<Line>) -> Vec<Line> {
        let mut lines = if self.is_without_key() {
            Self::wants_a_key(error)
        } else {
            trouble::card(error)
        };
        lines.push(Line::new());
        let origin = if self.is_without_key() {
            "   it was laid down here".to_owned()
        } else {
            format!("   from {}", key.origin)
        };
        lines.push(Line::pair("key", 12, key.tail.as_str()).dim(origin));
        lines.push(Line::pair("service", 12, self.host.as_str()));
        lines.push(Line::new());
        lines.extend(menu);
        lines
    }

    /// A key that is good, for another workspace than the one that the work on screen belongs to.
    pub(super) fn other_page(&self, session: &Session, menu: Menu) -> Vec<Line> {
        let name = |session: &Session| {
            let workspace = &session.identity.workspace;
            format!("{workspace} at {}", session.host)
        };
        let before = self.session.as_deref().map(name).unwrap_or_default();
        let choices: Vec<Choice> = self.ways().into_iter().map(Way::choice).collect();
        let mut lines = vec![
            title("This key belongs to another workspace."),
            Line::new(),
            Line::pair("the key", 12, name(session)),
            Line::pair("on screen", 12, before),
            Line::new(),
            Line::from(
                "What was prepared or made here can only be finished from its own workspace.",
            ),
            Line::new(),
        ];
        lines.extend(menu.lines(&choices));
        lines
    }
}

/// How this becomes plain lines.
pub const PLAIN_LINES: &str = "phala-wizard --accessible asks in plain lines.";

pub(super) fn welcome() -> Vec<Line> {
    vec![
        Line::new(),
        Line::new()
            .strong("Add one more confidential VM to an app that already runs on Phala Cloud."),
        Line::from(
            "Nothing is created, signed or billed before step 8, and you can go back at any time.",
        ),
        Line::new(),
    ]
}
