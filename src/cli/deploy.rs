//! The arguments of the commands that add an instance without a screen, and what they mean to the wizard.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use phala_wizard::api::types::{ComposeHash, TransactionHash};
use phala_wizard::journal::id::IntentId;
use phala_wizard::line::{Orders, Stay};
use phala_wizard::wizard::answers::{Answers, NewApp, Origin, Origins, PreparedBefore, Values};
use phala_wizard::wizard::form::node::AUTO;
use phala_wizard::wizard::registering;

use super::registering::Registering;
use super::{Log, Pace, values};

/// What is added, where, and how far it goes.
#[derive(Debug, PartialEq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each one is an option")]
pub(crate) struct Deploy {
    /// The app: its name, its id, a link to it, or the name or UUID of one of its instances. Without it, the apps are
    /// listed and nothing is done.
    #[arg(long, value_name = "APP")]
    pub(crate) app: Option<String>,

    /// Make a new app of this name with its first instance, where there is none to add to: 5 to 63 letters, digits and
    /// hyphens. It needs --kms, --size and --compose.
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with_all = ["app", "compose_hash", "keep_compose", "env_blob", "inherit_env", "prepare_only"]
    )]
    pub(crate) new_app: Option<String>,

    /// Who keeps the keys of the new app: Phala's own KMS, or a contract of your own on a chain. Cannot be changed later.
    #[arg(long, value_name = "WHO", requires = "new_app", conflicts_with = "app", value_parser = ["phala", "base", "ethereum"])]
    pub(crate) kms: Option<String>,

    /// How large the first instance of the new app is, as tdx.small. A size that does not exist lists those that do.
    #[arg(
        long,
        value_name = "SIZE",
        requires = "new_app",
        conflicts_with = "app"
    )]
    pub(crate) size: Option<String>,

    /// How large its disk is, in GB (of 1024 MB, as the service counts); else as is usual for the size.
    #[arg(long, value_name = "GB", requires = "new_app", conflicts_with = "app", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) disk: Option<u64>,

    /// Answers from this file, as the wizard saves them; other options come before it, and it before a phala.toml here.
    #[arg(long, value_name = "FILE")]
    pub(crate) recipe: Option<PathBuf>,

    /// The node, by name or number; else, and for auto, the service chooses. Given several times, an instance is created
    /// on each: registered once, confirmed once, one after the other.
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Vec<String>,

    /// A new compose file; else the live one is kept. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) compose: Option<PathBuf>,

    /// Keep the live compose file, whatever a recipe or phala.toml says.
    #[arg(long, conflicts_with = "compose")]
    pub(crate) keep_compose: bool,

    /// Set every variable anew, from this .env file; encrypted on this machine. - is standard input.
    #[arg(long, value_name = "FILE", group = "values")]
    pub(crate) env_file: Option<PathBuf>,

    /// Send values that were encrypted elsewhere for this app's key: a file with the blob in hex.
    #[arg(long, value_name = "FILE", group = "values")]
    pub(crate) env_blob: Option<PathBuf>,

    /// Keep the values of the others, as without an option for them.
    #[arg(long, group = "values")]
    pub(crate) inherit_env: bool,

    /// An own pre-launch script; else the live one is kept. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// Keep the live script, whatever a recipe says.
    #[arg(long, conflicts_with = "script")]
    pub(crate) keep_script: bool,

    /// The live revision to take over, where the app has several.
    #[arg(long, value_name = "HASH", value_parser = values::compose_hash)]
    pub(crate) compose_hash: Option<ComposeHash>,

    /// The transaction that registered the compose hash, as proof; else the contract's own state is.
    #[arg(long, value_name = "HASH", value_parser = values::transaction)]
    pub(crate) transaction_hash: Option<TransactionHash>,

    /// Prepare and go no further: says what the contract has to allow. Creates nothing, and works only where a contract
    /// governs the app.
    #[arg(long)]
    pub(crate) prepare_only: bool,

    /// Keep the commit token in this new file too, readable by you alone. It is in the journal in any case.
    #[arg(long, value_name = "FILE", requires = "prepare_only")]
    pub(crate) token_file: Option<PathBuf>,

    /// Create the instance. Billing starts then. Without it the plan is shown, and nothing is sent that could create.
    /// It signs nothing; --allow-hash does.
    #[arg(long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) registering: Registering,

    #[command(flatten)]
    pub(crate) waits: Waits,

    /// Against a service inside this program, with this scenario: nothing real is touched, no key is needed.
    #[arg(long, value_name = "SCENARIO", conflicts_with = "profile")]
    pub(crate) sandbox: Option<String>,

    #[command(flatten)]
    pub(crate) pace: Pace,

    /// A profile of the official CLI's credentials file, by its name or its workspace.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// What was prepared, and how it is finished.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Commit {
    /// Go on with the journal of this deployment, as `list` names it. It looks first.
    #[arg(long, value_name = "ID", value_parser = values::intent)]
    pub(crate) id: Option<IntentId>,

    /// The file with the commit token, where there is no journal of it here. - is standard input.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "id",
        conflicts_with = "id"
    )]
    pub(crate) token_file: Option<PathBuf>,

    /// The app it was prepared for, named as for `deploy`.
    #[arg(
        long,
        value_name = "APP",
        required_unless_present = "id",
        conflicts_with = "id"
    )]
    pub(crate) app: Option<String>,

    /// The compose hash that was named with the token.
    #[arg(
        long,
        value_name = "HASH",
        value_parser = values::compose_hash,
        required_unless_present = "id",
        conflicts_with = "id"
    )]
    pub(crate) compose_hash: Option<ComposeHash>,

    /// The values of a new app's variables once more, from a .env file: where an earlier run stopped before its contract
    /// was there, it could not encrypt them.
    #[arg(long, value_name = "FILE", requires = "id")]
    pub(crate) env_file: Option<PathBuf>,

    /// The transaction that registered it, as proof; else the contract's own state is.
    #[arg(long, value_name = "HASH", value_parser = values::transaction, conflicts_with = "id")]
    pub(crate) transaction_hash: Option<TransactionHash>,

    /// Create the instance. Billing starts then. Without it nothing is sent.
    #[arg(long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) registering: Registering,

    #[command(flatten)]
    pub(crate) waits: Waits,

    /// A profile of the official CLI's credentials file, by its name or its workspace.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// How long it stays, and how it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Waits {
    /// One JSON object per line on stdout, errors too; the lines for people go to stderr.
    #[arg(long)]
    pub(crate) json: bool,

    /// Most seconds to wait for one thing: the contract, an answer that got lost, the boot.
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    pub(crate) timeout: u64,

    /// Stay until the instance runs, or is known not to. This is what it does anyway.
    #[arg(long, overrides_with = "no_watch")]
    watch: bool,

    /// Leave once it is created. The exit code is 8 then: nobody looked whether it runs.
    #[arg(long)]
    no_watch: bool,
}

impl Deploy {
    /// What the form is answered with.
    pub(crate) fn answers(&self) -> Answers {
        let of = |is_given: bool| {
            if is_given {
                Origin::Option
            } else {
                Origin::Usual
            }
        };
        let has_values = self.inherit_env || self.env_file.is_some() || self.env_blob.is_some();
        Answers {
            app: self.app.clone(),
            new_app: self.new_app.clone().map(|name| NewApp {
                name,
                kms: self.kms.clone(),
                size: self.size.clone(),
                disk_gb: self.disk,
            }),
            revision: self.compose_hash,
            nodes: self.nodes(),
            compose: self.compose.clone(),
            values: match (&self.env_file, &self.env_blob) {
                (Some(path), _) => Values::File(path.clone()),
                (None, Some(path)) => Values::Blob(path.clone()),
                (None, None) => Values::Inherit,
            },
            script: self.script.clone(),
            transaction: self.transaction_hash,
            origins: Origins {
                app: of(self.app.is_some() || self.new_app.is_some()),
                revision: of(self.compose_hash.is_some()),
                node: of(!self.node.is_empty()),
                compose: of(self.keep_compose || self.compose.is_some()),
                values: of(has_values),
                script: of(self.keep_script || self.script.is_some()),
            },
            ..Answers::default()
        }
    }

    /// What is done without asking.
    pub(crate) fn orders(&self) -> Orders {
        Orders {
            yes: self.yes,
            prepare_only: self.prepare_only,
            stay: self.waits.stay(),
            timeout: self.waits.timeout,
            wait_chain: self.registering.wait_chain,
        }
    }

    /// Why these arguments cannot be used together.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let files = [&self.compose, &self.env_file, &self.env_blob, &self.script];
        let from_stdin = files.into_iter().flatten();
        let from_stdin = from_stdin.filter(|path| path.as_os_str() == "-");
        if from_stdin.count() > 1 {
            return Some("standard input can be only one of the files");
        }
        let on_chain = self.kms.as_deref().is_some_and(|kms| kms != "phala");
        if on_chain && self.registering.hands_over() && !self.registering.has_owner() {
            return Some("--handoff for a new app needs --owner: who shall own its contract");
        }
        if self.node.len() > 1 && self.new_app.is_some() {
            return Some("a new app begins with one instance, so on one node");
        }
        if self.node.len() > 1 && self.node.iter().any(|name| name == AUTO) {
            return Some("several nodes are named, and auto is none of them");
        }
        if self.node.len() > 1 && self.token_file.is_some() {
            return Some("a token file is for one node: with several, each token is used at once");
        }
        None
    }

    /// The nodes that are named.
    fn nodes(&self) -> Vec<String> {
        let named = self.node.iter().filter(|name| *name != AUTO);
        named.cloned().collect()
    }
}

impl Commit {
    /// What the form is answered with: the app, and what was prepared for it. `None` where the journal has the answers.
    pub(crate) fn answers(&self) -> Option<Answers> {
        Some(Answers {
            app: Some(self.app.clone()?),
            transaction: self.transaction_hash,
            prepared: Some(PreparedBefore {
                token: self.token_file.clone()?,
                hash: self.compose_hash?,
            }),
            ..Answers::default()
        })
    }

    /// What is done without asking.
    pub(crate) fn orders(&self) -> Orders {
        Orders {
            yes: self.yes,
            prepare_only: false,
            stay: self.waits.stay(),
            timeout: self.waits.timeout,
            wait_chain: self.registering.wait_chain,
        }
    }

    /// Who registers, and the values that are given anew.
    pub(crate) fn registering(&self) -> registering::Registering {
        registering::Registering {
            values: self.env_file.clone(),
            ..self.registering.orders()
        }
    }
}

impl Waits {
    fn stay(self) -> Stay {
        if self.no_watch && !self.watch {
            Stay::No
        } else {
            Stay::UntilItRuns
        }
    }
}
