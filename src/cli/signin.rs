//! The arguments of `login`, `logout` and `status`. None of them takes a key.

use clap::{ArgAction, Args};
use phala_wizard::shell::signin::{Wanted, Way};
use phala_wizard::shell::standing;

use super::Log;

/// How to sign in.
#[expect(clippy::struct_excessive_bools, reason = "each one is an option")]
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Login {
    /// The name to keep it under; else the slug of the workspace.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,

    /// Ask for an API key instead, unseen.
    #[arg(long, conflicts_with = "with_key")]
    manual: bool,

    /// Read an API key from standard input instead.
    #[arg(long)]
    with_key: bool,

    /// Do not open the page; its address is printed either way.
    #[arg(long)]
    no_browser: bool,

    /// Keep the key in the system's keyring instead of the official CLI's file, which then does not see it.
    #[arg(long)]
    keyring: bool,

    /// Print one JSON object, for programs; the lines for people go to stderr.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Login {
    /// What it comes to.
    pub(crate) fn wanted(&self) -> Wanted {
        let way = match (self.manual, self.with_key) {
            (true, _) => Way::Typed,
            (_, true) => Way::Pipe,
            _ => Way::Browser {
                open: !self.no_browser,
            },
        };
        Wanted {
            profile: self.profile.clone(),
            way,
            keyring: self.keyring,
            json: self.json,
        }
    }
}

/// Which profile goes.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Logout {
    /// Its name; else the one that is used.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Print one JSON object, for programs; the lines for people go to stderr.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// What is told.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Status {
    /// A profile of the official CLI's credentials file, by its name or its workspace.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,

    /// Ask nobody, the service neither.
    #[arg(long)]
    offline: bool,

    /// Print one JSON object, for programs.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Status {
    /// What it comes to.
    pub(crate) fn wanted(&self) -> standing::Wanted {
        standing::Wanted {
            profile: self.profile.clone(),
            offline: self.offline,
        }
    }
}
