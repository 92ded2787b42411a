//! The command about the configuration file.

use clap::{ArgAction, Args, Subcommand};

/// What can be done about the file.
#[derive(Debug, PartialEq, Subcommand)]
pub(crate) enum Settings {
    /// Write a commented file with everything that can be set. One that is there stays as it is.
    #[command(disable_help_flag = true)]
    Init(Init),

    /// Print where the file is, whether there is one or not.
    #[command(disable_help_flag = true)]
    Path(Nothing),

    /// Read the file and say everything in it that is not understood, with its line.
    #[command(disable_help_flag = true)]
    Check(Nothing),
}

/// How the file is written.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Init {
    /// Print it instead.
    #[arg(long)]
    pub(crate) print: bool,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// No options of its own.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Nothing {
    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}
