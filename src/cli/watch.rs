//! The arguments of `watch`: which instance, and how it is told.

use clap::{ArgAction, Args};
use phala_wizard::line::{Orders, Stay};

use super::{Face, Log, Pace};

/// What is watched, and how.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Watch {
    /// Its uuid, instance id or name; or the id of its app, which shows the instances to choose from. Else what the
    /// phala.toml of this folder names.
    #[arg(value_name = "INSTANCE")]
    pub(crate) instance: Option<String>,

    /// Print lines instead of a screen, until it runs, fails, or the time is up.
    #[arg(long)]
    pub(crate) lines: bool,

    /// One JSON object per line on stdout, errors too; the lines for people go to stderr.
    #[arg(long)]
    pub(crate) json: bool,

    /// Stay when it runs too, until Ctrl-C or the time is up. With --lines or --json.
    #[arg(long)]
    pub(crate) follow: bool,

    /// Print the lines of this log too: serial, stdout, stderr, or a container. With --lines or --json.
    #[arg(long, value_name = "LOG")]
    pub(crate) log: Option<String>,

    /// Most seconds to watch. With --lines or --json.
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    pub(crate) timeout: u64,

    /// Watch an instance of the sandbox: nothing real is touched, no key is needed.
    #[arg(long, value_name = "SCENARIO", num_args = 0..=1, default_missing_value = "on-chain")]
    pub(crate) sandbox: Option<String>,

    #[command(flatten)]
    pub(crate) pace: Pace,

    /// A profile of the official CLI's credentials file, by its name or its workspace.
    #[arg(long, value_name = "NAME", conflicts_with = "sandbox")]
    pub(crate) profile: Option<String>,

    #[command(flatten)]
    pub(crate) face: Face,

    #[command(flatten)]
    pub(crate) log_file: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Watch {
    /// Whether there is to be a screen.
    pub(crate) fn on_screen(&self) -> bool {
        !self.lines && !self.json
    }

    /// Why these arguments cannot be used together.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let needs_lines = self.follow || self.log.is_some();
        (self.on_screen() && needs_lines)
            .then_some("--follow and --log are for --lines and --json; the screen has both")
    }

    /// What it may do without asking: nothing but to look.
    pub(crate) fn orders(&self) -> Orders {
        Orders {
            yes: false,
            prepare_only: false,
            stay: if self.follow {
                Stay::On
            } else {
                Stay::UntilItRuns
            },
            timeout: self.timeout,
            wait_chain: None,
        }
    }
}
