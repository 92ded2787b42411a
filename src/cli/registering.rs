//! The arguments about an app's chain: who is asked, and who registers a compose hash there.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use phala_wizard::api::types::ComposeHash;
use phala_wizard::wizard::event::HandTo;
use phala_wizard::wizard::keys::{KeySource, Password};
use phala_wizard::wizard::registering::{self, Signing};

/// Who is asked about a chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub(crate) struct Nodes {
    /// A node of the app's chain, to read contracts at and to send to; a second one is compared with the first. Else
    /// ETH_RPC_URL, else rpc_urls in the configuration file, else a public one when you say so. An address with a key in
    /// it belongs into the variable or the file: every user of the machine can read arguments.
    #[arg(long = "rpc-url", value_name = "URL")]
    pub(crate) rpc_urls: Vec<String>,
}

/// Who registers the compose hash with the app's contract, where that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct Registering {
    #[command(flatten)]
    pub(crate) nodes: Nodes,

    /// Sign the registration, for this compose hash and no other: where the service names another one, nothing is
    /// signed and the exit code is 2. The key is --keystore's or --private-key-file's, else that of PRIVATE_KEY.
    #[arg(long, value_name = "HASH", value_parser = super::values::compose_hash, requires = "yes")]
    allow_hash: Option<ComposeHash>,

    /// Sign with the key in this keystore, as Foundry and geth write them.
    #[arg(
        long,
        value_name = "FILE",
        requires = "password_file",
        requires = "allow_hash",
        conflicts_with = "private_key_file"
    )]
    keystore: Option<PathBuf>,

    /// The file with the keystore's password; a pipe will do.
    #[arg(long, value_name = "FILE", requires = "keystore")]
    password_file: Option<PathBuf>,

    /// Sign with the key in this file, 64 hex digits; a pipe will do, as /dev/fd/3.
    #[arg(long, value_name = "FILE", requires = "allow_hash")]
    private_key_file: Option<PathBuf>,

    /// Write what the owners of the contract need to register it: a file for the Safe's transaction builder, commands
    /// for cast, or the bare calls. No token is in it. It ends then with exit code 5, unless --wait-chain says to wait.
    #[arg(
        long,
        value_name = "WHAT",
        requires = "out",
        conflicts_with = "allow_hash"
    )]
    handoff: Option<What>,

    /// Where that is written: a new file.
    #[arg(long, value_name = "FILE", requires = "handoff")]
    out: Option<PathBuf>,

    /// Who shall own the contract of a new app: an address. Without it the account that signs does; --handoff needs it.
    #[arg(long, value_name = "ADDRESS", value_parser = registering::account)]
    owner: Option<registering::Account>,

    /// Most seconds to wait for the contract, where that is another time than --timeout: owners take hours.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=2_592_000))]
    pub(crate) wait_chain: Option<u64>,
}

/// What is written for the owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A file for the Safe's transaction builder.
    Safe,
    /// Commands for Foundry's cast.
    Cast,
    /// The bare calls.
    Calldata,
}

impl Registering {
    /// What the wizard is told.
    pub(crate) fn orders(&self) -> registering::Registering {
        registering::Registering {
            signing: self.allow_hash.map(|allow| {
                let (source, password) = self.key();
                Signing {
                    source,
                    password,
                    allow,
                }
            }),
            hand_to: self
                .handoff
                .zip(self.out.clone())
                .map(|(what, out)| match what {
                    What::Safe => HandTo::Safe(out),
                    What::Cast => HandTo::Cast(out),
                    What::Calldata => HandTo::Calldata(out),
                }),
            owner: self.owner,
            values: None,
        }
    }

    /// Whether others do it, with files that are written for them.
    pub(crate) fn hands_over(&self) -> bool {
        self.handoff.is_some()
    }

    /// Whether it was said who shall own the contract of a new app.
    pub(crate) fn has_owner(&self) -> bool {
        self.owner.is_some()
    }

    fn key(&self) -> (KeySource, Password) {
        match (&self.keystore, &self.password_file, &self.private_key_file) {
            (Some(keystore), Some(password), _) => (
                KeySource::Keystore(keystore.clone()),
                Password::File(password.clone()),
            ),
            (_, _, Some(file)) => (KeySource::File(file.clone()), Password::None),
            _ => (KeySource::Environment, Password::None),
        }
    }
}
