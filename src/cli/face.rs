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
