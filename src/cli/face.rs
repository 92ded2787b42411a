//! How a walk meets the person: on a screen, in plain lines, or not at all.

use clap::{Args, ValueEnum};

/// The face of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Args)]
pub(crate) struct Face {
    /// Ask in plain lines, for screen readers and simple terminals: nothing is redrawn, choices are numbered. Else the
    /// setting `accessible`, else the variable ACCESSIBLE.
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    pub(crate) accessible: Option<Switch>,

    /// Ask nothing: says which command does it without questions, and ends with exit code 2.
    #[arg(long)]
    pub(crate) no_input: bool,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

impl Face {
    /// What the option says of plain lines, where it was given.
    pub(crate) fn is_plain(self) -> Option<bool> {
        self.accessible.map(|switch| switch == Switch::On)
    }
}

impl Face {
    /// Why this cannot be a conversation, where it cannot. The first two: whether what is typed, and what is shown, is a
    /// terminal's.
    pub(crate) fn hindrance(
        self,
        keyboard: bool,
        screen: bool,
        term: Option<&str>,
    ) -> Option<&'static str> {
        let is_dumb = term == Some("dumb");
        match (self.no_input, keyboard, screen) {
            (true, ..) => Some("--no-input: nothing is to be asked, and this asks."),
            (_, false, _) => Some(
                "the keyboard is not a terminal, and nothing is asked from a pipe. Start it in a terminal.",
            ),
            (_, _, false) => Some(
                "the output is not a terminal, and there would be no one to show it to. Start it in a terminal.",
            ),
            _ if is_dumb && self.is_plain() == Some(false) => Some(
                "this terminal (TERM=dumb) cannot show a screen, and --accessible=off wants no plain lines.",
            ),
            _ => None,
        }
    }

    /// The command that does the same without a conversation.
    pub(crate) fn instead(resume: Option<&str>, watch: bool) -> String {
        match (resume, watch) {
            (Some(""), _) => "phala-wizard commit --id ID".to_owned(),
            (Some(id), _) => format!("phala-wizard commit --id {id}"),
            (None, true) => "phala-wizard watch INSTANCE --lines".to_owned(),
            (None, false) => "phala-wizard deploy --app APP".to_owned(),
        }
    }
}
