//! The arguments of `version`. What it says is not known here.

use clap::Args;

use super::Print;

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Version {
    #[command(flatten)]
    pub(crate) print: Print,
}
