//! The arguments, and what they mean before anything else is known.
//!
//! No option takes a secret: arguments can be read by every user of the machine, and stay in the shell's history. The
//! one key among them opens nothing but the sandbox.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

#[path = "cli/at_once.rs"]
pub(crate) mod at_once;
#[path = "cli/completions.rs"]
pub(crate) mod completions;
#[path = "cli/deploy.rs"]
mod deploy;
#[path = "cli/face.rs"]
mod face;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/looks.rs"]
mod looks;
#[path = "cli/man.rs"]
mod man;
#[path = "cli/registering.rs"]
mod registering;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/signin.rs"]
mod signin;
#[path = "cli/tables.rs"]
pub(crate) mod tables;
#[path = "cli/values.rs"]
mod values;
#[path = "cli/version.rs"]
mod version;
#[path = "cli/watch.rs"]
mod watch;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
pub(crate) use completions::Completions;
pub(crate) use deploy::{Commit, Deploy};
pub(crate) use face::Face;
pub(crate) use help::Help;
pub(crate) use looks::Looks;
pub(crate) use man::Man;
use phala_wizard::api::types::{AppId, ComposeHash, DeviceId};
use phala_wizard::journal::id::IntentId;
use phala_wizard::shell::demo;
use phala_wizard::shell::service::Place;
use phala_wizard::trust::compose_hash::Hash;
use phala_wizard::trust::env_blob::EnvKey;
use phala_wizard::trust::env_key_signature::Signer;
pub(crate) use registering::Nodes;
pub(crate) use settings::Settings;
pub(crate) use signin::{Login, Logout, Status};
pub(crate) use version::Version;
pub(crate) use watch::Watch;

/// Adds an instance to an app on Phala Cloud, and shows it until it runs.
#[derive(Debug, PartialEq, Parser)]
#[command(
    name = "phala-wizard",
    version,
    max_term_width = at_once::WIDTH,
    disable_help_flag = true,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Cli {
    /// Walk against a service inside this program: nothing real is touched, no key is needed. Without a name, it asks
    /// which scenario; `help scenarios` has all.
    #[arg(long, value_name = "SCENARIO", num_args = 0..=1, default_missing_value = "")]
    pub(crate) sandbox: Option<String>,

    #[command(flatten)]
    pub(crate) pace: Pace,

    /// A profile of the official CLI's credentials file, by its name or its workspace.
    #[arg(long, value_name = "NAME", conflicts_with = "sandbox")]
    pub(crate) profile: Option<String>,

    /// Fill in the answers of this file, as `w` in the review saves them: it goes ahead to the first question that it does
    /// not answer, or to the review. Nothing is sent by that.
    #[arg(long, value_name = "FILE")]
    pub(crate) recipe: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) nodes: Nodes,

    /// A PCCS to fetch Intel's lists from; else PCCS_URL, else a public one when you say so.
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub(crate) pccs: Option<String>,

    #[command(flatten)]
    pub(crate) looks: Looks,

    #[command(flatten)]
    pub(crate) face: Face,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How a sandbox is to be.
#[derive(Debug, Clone, Copy, PartialEq, Args)]
pub(crate) struct Pace {
    /// How much faster than real time passes in the sandbox.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = values::speed, requires = "sandbox")]
    speed: f64,

    /// What the sandbox draws its ids and chances from; the same number gives the same walk.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "sandbox")]
    seed: u64,
}

impl Pace {
    /// The same for whoever opens it.
    pub(crate) fn options(self) -> demo::Options {
        demo::Options {
            speed: self.speed,
            seed: self.seed,
        }
    }
}

/// What it can do instead of a walk.
#[derive(Debug, PartialEq, Subcommand)]
pub(crate) enum Command {
    /// Add an instance without a screen: options are the answers, nothing is asked, --yes is the one confirmation.
    #[command(disable_help_flag = true)]
    Deploy(Box<Deploy>),

    /// Finish what was begun, by the id of its journal or by a commit token. It looks first, and sends the token once.
    #[command(disable_help_flag = true)]
    Commit(Box<Commit>),

    /// Go on with a deployment that was begun on this machine: looks first, and sends nothing by itself.
    #[command(disable_help_flag = true)]
    Resume(Resume),

    /// Watch any instance: its boot, containers, logs, network, statistics and proof. By itself it changes nothing.
    #[command(disable_help_flag = true)]
    Watch(Watch),

    /// List the deployments of this machine that are not done, and the one way on from each.
    #[command(disable_help_flag = true)]
    List(List),

    /// Put a deployment of this machine aside for good: its token is dropped. Asks first.
    #[command(disable_help_flag = true)]
    Forget(Forget),

    /// Sign in with the browser or with an API key, and keep the key where the official CLI keeps its own.
    #[command(disable_help_flag = true)]
    Login(Login),

    /// Take a profile out of the credentials file, or its key out of the keyring.
    #[command(disable_help_flag = true)]
    Logout(Logout),

    /// Say who is signed in, where every setting comes from, and every path and host that is used.
    #[command(disable_help_flag = true)]
    Status(Status),

    /// The configuration file: write a commented one, say where it is, or what in it is not understood.
    #[command(subcommand, arg = print_this())]
    Config(Settings),

    /// Run the sandbox alone, for the official clients and other programs, until Ctrl-C.
    ///
    /// Once it listens it prints one line of JSON: `url` and `api_key` for clients of the API, `scenario`, and
    /// `rpc_url` for the chain behind it; in own-key also `test_key`, to sign with there. Its log goes to stderr.
    #[command(disable_help_flag = true)]
    Sandbox(Alone),

    /// Encrypt a .env file to an app's key, as the wizard does, and print the blob.
    #[command(disable_help_flag = true)]
    Encrypt(Encrypt),

    /// Judge a file the way the wizard does: exit code 0 where all is well, 1 where it is not.
    #[command(subcommand, arg = print_this())]
    Check(Check),

    /// Print the script that completes this program's lines in your shell. Nothing of the service is in it.
    #[command(disable_help_flag = true)]
    Completions(Completions),

    /// Print the manual page of the program or of a command, or write all of them into a folder.
    #[command(disable_help_flag = true)]
    Man(Man),

    /// Say which program this is: version, commit, target, and the version of the API it speaks.
    #[command(disable_help_flag = true)]
    Version(Version),

    /// Print the help of a command, or a page about exit codes, variables, files, keys, scenarios or events.
    #[command(disable_help_flag = true)]
    Help(Help),
}

/// Where it is written down what the program does.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Log {
    /// Write down what the program does, at the end of this file: questions and how they came out, stages, signals.
    /// Nothing secret is in it.
    #[arg(long = "log-file", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// What is gone on with.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Resume {
    /// Its id, as `list` shows it; else all are offered.
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,

    #[command(flatten)]
    pub(crate) nodes: Nodes,

    /// A profile of the official CLI's credentials file, by its name or its workspace.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    #[command(flatten)]
    pub(crate) face: Face,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// How the deployments that are not done are listed.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) log: Log,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// What is put aside.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Forget {
    /// Its id, as `list` shows it.
    #[arg(value_name = "ID", value_parser = values::intent)]
    pub(crate) id: IntentId,

    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) log: Log,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// What is encrypted, and to whom.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Encrypt {
    /// The app's encryption key: 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = values::env_key)]
    pub(crate) pubkey: EnvKey,

    /// The file; - is standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) env_file: PathBuf,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// What can be judged.
#[derive(Debug, PartialEq, Subcommand)]
pub(crate) enum Check {
    /// What a .env file says, what is doubtful in it, and whether it fits a compose file and an app. Values are never
    /// printed.
    #[command(disable_help_flag = true)]
    EnvFile(EnvFile),

    /// Whether an app's encryption key is signed by the KMS.
    #[command(disable_help_flag = true)]
    EnvKey(KeyClaim),

    /// A document's compose hash in every form the service has used.
    #[command(disable_help_flag = true)]
    ComposeHash(HashQuestion),

    /// Whether a machine runs what it should: the evidence of an instance, line by line.
    #[command(disable_help_flag = true)]
    Attestation(Evidence),

    /// Whether an app's contract allows a compose hash and a machine, and who can change that. Reads only, from a node
    /// that you name.
    #[command(disable_help_flag = true)]
    Chain(ChainQuestion),
}

/// A contract, and what it has to allow.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct ChainQuestion {
    /// The app's id.
    #[arg(long, value_name = "HEX", value_parser = values::app_id)]
    pub(crate) app_id: AppId,

    /// Its contract; else the address that is the app's id, as it is from dstack 0.5.4 on.
    #[arg(long, value_name = "HEX", value_parser = values::id)]
    pub(crate) contract: Option<[u8; 20]>,

    /// The id of the chain it is on, such as 8453; else the chain of the node.
    #[arg(long, value_name = "ID")]
    pub(crate) chain: Option<u64>,

    /// The compose hash it shall allow.
    #[arg(long, value_name = "HASH", value_parser = values::compose_hash)]
    pub(crate) compose_hash: Option<ComposeHash>,

    /// The machine it shall allow: its device id.
    #[arg(long, value_name = "HEX", value_parser = values::device)]
    pub(crate) device: Option<DeviceId>,

    /// The node to ask; else ETH_RPC_URL. No other is asked. An address with a key in it belongs into the variable:
    /// every user of the machine can read arguments.
    #[arg(long, value_name = "URL")]
    pub(crate) rpc_url: Option<String>,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// Evidence, and what it has to show.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Evidence {
    /// An attestation of the API, of one instance or of an app; - is standard input.
    #[arg(value_name = "BUNDLE.json")]
    pub(crate) bundle: PathBuf,

    /// Intel's lists for the quote, as JSON. Without them its signature is not checked; nothing is fetched.
    #[arg(long, value_name = "FILE")]
    pub(crate) collateral: Option<PathBuf>,

    /// The time to judge at, in Unix seconds; else now.
    #[arg(long, value_name = "UNIX")]
    pub(crate) at: Option<u64>,

    /// The compose hash it shall run.
    #[arg(long, value_name = "HASH", value_parser = values::hash)]
    pub(crate) compose_hash: Option<Hash>,

    /// The app it shall belong to.
    #[arg(long, value_name = "HEX", value_parser = values::id)]
    pub(crate) app_id: Option<[u8; 20]>,

    /// The instance it shall be.
    #[arg(long, value_name = "HEX", value_parser = values::id)]
    pub(crate) instance_id: Option<[u8; 20]>,

    /// The build of the operating system it shall say it is.
    #[arg(long, value_name = "HASH", value_parser = values::hash)]
    pub(crate) os_image_hash: Option<Hash>,

    /// The TLS certificate that it shows, PEM or DER, whose key shall be its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// A .env file, and what it has to fit.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct EnvFile {
    /// The file; - is standard input.
    pub(crate) file: PathBuf,

    /// The compose file that uses it.
    #[arg(long, value_name = "FILE")]
    pub(crate) compose: Option<PathBuf>,

    /// The names that the app lets through.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) allowed: Option<Vec<String>>,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// What the service says of a key, and who shall have signed it.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct KeyClaim {
    /// The app's id: 40 hex digits.
    #[arg(long, value_name = "HEX")]
    pub(crate) app_id: String,

    /// The key that is said to be the app's.
    #[arg(long, value_name = "HEX")]
    pub(crate) pubkey: String,

    /// The signature that came with it.
    #[arg(long, value_name = "HEX")]
    pub(crate) signature: String,

    /// The time that was signed too, in Unix seconds; without it the older form is meant.
    #[arg(long, value_name = "N")]
    pub(crate) timestamp: Option<u64>,

    /// The time to judge at, in Unix seconds; else now.
    #[arg(long, value_name = "N")]
    pub(crate) now: Option<u64>,

    /// The KMS's key, compressed: 66 hex digits.
    #[arg(long, value_name = "SIGNER", value_parser = values::signer)]
    pub(crate) signer: Signer,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// A document, and the hash it shall have.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct HashQuestion {
    /// The app-compose document as JSON; - is standard input.
    #[arg(value_name = "DOC.json")]
    pub(crate) document: PathBuf,

    /// A compose file in place of its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) compose: Option<PathBuf>,

    /// A pre-launch script in place of its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// The hash it is known by as it is, to see which form it was written in.
    #[arg(long, value_name = "HASH", value_parser = values::hash)]
    pub(crate) live_hash: Option<Hash>,

    /// The hash it shall have.
    #[arg(long, value_name = "HASH", value_parser = values::hash)]
    pub(crate) expect: Option<Hash>,

    #[command(flatten)]
    pub(crate) print: Print,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Print {
    /// Print one JSON object, for programs.
    #[arg(long)]
    pub(crate) json: bool,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// How the sandbox runs alone.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Alone {
    /// Where to listen, on this machine only; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:18777")]
    pub(crate) listen: Place,

    /// Which story it tells.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "on-chain",
        hide_possible_values = true
    )]
    pub(crate) scenario: String,

    /// How much faster than real time passes in it.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = values::speed)]
    pub(crate) speed: f64,

    /// What it draws its ids and chances from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// The key it asks for, else one is made up. It is a pretend key and opens nothing else, so it may stand here; a
    /// real one may not, because every user of the machine can read arguments.
    #[arg(long, value_name = "KEY", value_parser = values::pretend_key)]
    pub(crate) api_key: Option<String>,

    /// List the scenarios.
    #[arg(long, exclusive = true)]
    pub(crate) list: bool,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Cli {
    /// Reads the arguments.
    pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = help::dressed(Self::command(), &arguments);
        // Only who asks for a scenario waits for their list.
        if arguments.iter().any(|argument| needs_scenarios(argument)) {
            command = scenarios_in(command);
        }
        Self::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }
}

/// Whether a program asked, one that reads JSON whatever happens.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    let command = arguments.get(1).and_then(|word| word.to_str());
    matches!(command, Some("deploy" | "commit" | "watch"))
        && arguments.iter().any(|argument| argument == "--json")
}

/// All that can be typed, with every value that has a name: for completions.
fn described() -> clap::Command {
    help::with_topics(scenarios_in(Cli::command())).mut_subcommand("help", |help| {
        help.mut_arg("words", |words| words.hide_possible_values(false))
    })
}

/// What every command has, for the one that is nothing but commands itself.
fn print_this() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::HelpLong)
        .help("Print this")
}

fn scenarios_in(command: clap::Command) -> clap::Command {
    command
        .mut_arg("sandbox", with_scenarios)
        .mut_subcommand("deploy", |deploy| deploy.mut_arg("sandbox", with_scenarios))
        .mut_subcommand("sandbox", |alone| alone.mut_arg("scenario", with_scenarios))
}

fn needs_scenarios(argument: &OsStr) -> bool {
    let argument = argument.as_encoded_bytes();
    argument.starts_with(b"--sandbox") || argument.starts_with(b"--scenario")
}

/// Lets clap list the scenarios, and find the one that was meant.
fn with_scenarios(sandbox: Arg) -> Arg {
    let none = sandbox
        .get_num_args()
        .is_some_and(|count| count.min_values() == 0)
        .then(|| PossibleValue::new("").hide(true));
    let scenarios = demo::scenarios()
        .into_iter()
        .map(|(name, sentence)| PossibleValue::new(name).help(sentence));
    sandbox.value_parser(PossibleValuesParser::new(none.into_iter().chain(scenarios)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use phala_wizard::line::Stay;

    fn parse(arguments: &str) -> Result<Cli, clap::Error> {
        let arguments = std::iter::once("phala-wizard").chain(arguments.split_whitespace());
        Cli::parse(arguments.map(OsString::from).collect())
    }

    fn refusal(arguments: &str) -> String {
        let error = parse(arguments).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{arguments}");
        error.to_string()
    }

    #[test]
    fn the_description_of_the_arguments_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_secret() {
        let command = Cli::command();
        let names: Vec<&str> = command
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        let expected = [
            "sandbox",
            "speed",
            "seed",
            "profile",
            "recipe",
            "rpc-url",
            "pccs",
            "color",
            "theme",
            "ascii",
            "no-alt-screen",
            "reduce-motion",
            "accessible",
            "no-input",
            "log-file",
            "help",
        ];
        assert_eq!(names, expected);
        let alone = command.find_subcommand("sandbox").unwrap();
        let names: Vec<&str> = alone
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        let expected = [
            "listen", "scenario", "speed", "seed", "api-key", "list", "help",
        ];
        assert_eq!(names, expected);
        let mut arguments = alone.get_arguments();
        let key = arguments.find(|it| it.get_long() == Some("api-key"));
        let key = key.unwrap();
        let help = key.get_help().unwrap().to_string();
        assert!(help.contains("pretend key"), "{help}");
    }

    fn alone(arguments: &str) -> Alone {
        match parse(&format!("sandbox {arguments}")).unwrap().command {
            Some(Command::Sandbox(alone)) => alone,
            _ => panic!("no command in {arguments}"),
        }
    }

    #[test]
    fn the_sandbox_runs_alone_as_told() {
        let usual = alone("");
        assert_eq!(usual.listen, "127.0.0.1:18777".parse().unwrap());
        assert_eq!(usual.scenario, demo::scenarios()[0].0);
        assert_eq!((usual.speed, usual.seed, usual.api_key), (10.0, 1, None));
        let told = alone("--listen [::1]:0 --scenario boot-fails --speed 500 --seed 4 --api-key k");
        assert_eq!(told.listen, "[::1]:0".parse().unwrap());
        assert_eq!(told.scenario, "boot-fails");
        assert_eq!((told.speed, told.seed), (500.0, 4));
        assert_eq!(told.api_key.as_deref(), Some("k"));
        assert!(alone("--list").list);
        assert_eq!(parse("--sandbox on-chain").unwrap().command, None);
    }

    #[test]
    fn a_sandbox_that_makes_no_sense_is_refused() {
        let error = refusal("sandbox --listen 0.0.0.0:0");
        assert!(error.contains("for this machine only"), "{error}");
        assert!(refusal("sandbox --scenario boot-fail").contains("'boot-fails'"));
        assert!(refusal("sandbox --list --seed 3").contains("--list"));
        assert!(refusal("--ascii sandbox").contains("sandbox"));
    }

    fn deploy(arguments: &str) -> Deploy {
        match parse(&format!("deploy {arguments}")).unwrap().command {
            Some(Command::Deploy(deploy)) => *deploy,
            _ => panic!("no command in {arguments}"),
        }
    }

    #[test]
    fn a_deployment_for_scripts_has_only_answers_and_orders() {
        let usual = deploy("--app api");
        let orders = usual.orders();
        assert!(!orders.yes && !orders.prepare_only && orders.stay == Stay::UntilItRuns);
        assert_eq!(orders.timeout, 600);
        assert_eq!(usual.answers().app.as_deref(), Some("api"));
        let told = deploy("--app api --yes --no-watch --timeout 30 --sandbox on-chain");
        assert!(told.orders().yes && told.orders().stay == Stay::No);
        assert_eq!(told.orders().timeout, 30);
        assert_eq!(
            deploy("--no-watch --watch").orders().stay,
            Stay::UntilItRuns
        );
        assert_eq!(deploy("--watch --no-watch").orders().stay, Stay::No);
        assert!(deploy("--compose - --script -").problem().is_some());
        assert!(deploy("--compose - --script s").problem().is_none());
    }

    #[test]
    fn no_command_for_scripts_takes_a_secret() {
        let command = Cli::command();
        for (name, expected) in [
            (
                "deploy",
                &[
                    "app",
                    "new-app",
                    "kms",
                    "size",
                    "disk",
                    "recipe",
                    "node",
                    "compose",
                    "keep-compose",
                    "env-file",
                    "env-blob",
                    "inherit-env",
                    "script",
                    "keep-script",
                    "compose-hash",
                    "transaction-hash",
                    "prepare-only",
                    "token-file",
                    "yes",
                    "rpc-url",
                    "allow-hash",
                    "keystore",
                    "password-file",
                    "private-key-file",
                    "handoff",
                    "out",
                    "owner",
                    "wait-chain",
                    "json",
                    "timeout",
                    "watch",
                    "no-watch",
                    "sandbox",
                    "speed",
                    "seed",
                    "profile",
                    "log-file",
                    "help",
                ][..],
            ),
            (
                "commit",
                &[
                    "id",
                    "token-file",
                    "app",
                    "compose-hash",
                    "env-file",
                    "transaction-hash",
                    "yes",
                    "rpc-url",
                    "allow-hash",
                    "keystore",
                    "password-file",
                    "private-key-file",
                    "handoff",
                    "out",
                    "owner",
                    "wait-chain",
                    "json",
                    "timeout",
                    "watch",
                    "no-watch",
                    "profile",
                    "log-file",
                    "help",
                ],
            ),
        ] {
            let command = command.find_subcommand(name).unwrap();
            let names: Vec<&str> = command
                .get_arguments()
                .filter_map(clap::Arg::get_long)
                .collect();
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn a_deployment_that_makes_no_sense_is_refused() {
        assert!(refusal("deploy --app a --token-file t").contains("--prepare-only"));
        assert!(refusal("deploy --env-file a --inherit-env").contains("--inherit-env"));
        assert!(refusal("deploy --env-file a --env-blob b").contains("--env-blob"));
        assert!(refusal("deploy --app a --compose-hash 12").contains("64 hex digits"));
        assert!(refusal("deploy --app a --timeout 0").contains("--timeout"));
        assert!(refusal("deploy --sandbox on-chan").contains("'on-chain'"));
        assert!(refusal("deploy --sandbox= --app a").contains("on-chain"));
        assert!(refusal("commit --app a --yes").contains("--token-file"));
        for other in [
            "--app a",
            "--inherit-env",
            "--env-blob b",
            "--keep-compose",
            "--prepare-only",
        ] {
            let told = refusal(&format!("deploy --new-app shop1 {other}"));
            assert!(told.contains("--new-app"), "{told}");
        }
        assert!(refusal("deploy --app a --kms phala").contains("--kms"));
        assert!(refusal("deploy --kms phala").contains("--new-app"));
        assert!(refusal("deploy --new-app shop1 --kms bse").contains("'base'"));
        assert!(refusal("deploy --new-app shop1 --disk 0").contains("--disk"));
    }

    #[test]
    fn a_new_app_is_an_answer_instead_of_an_app() {
        let answers = deploy("--new-app shop1 --kms phala --size tdx.small --disk 40").answers();
        assert_eq!(answers.app, None);
        let new = answers.new_app.unwrap();
        assert_eq!((new.name.as_str(), new.disk_gb), ("shop1", Some(40)));
        assert_eq!(new.kms.as_deref(), Some("phala"));
        assert!(answers.origins.app.is_given());
        assert_eq!(deploy("--app a").answers().new_app, None);
    }

    #[test]
    fn a_commit_is_of_a_journal_or_of_a_token() {
        let id = "01JD8H4ZR8QX1V6T3M5N7P9K2C";
        for words in ["--yes", "--json", "--timeout 5 --no-watch"] {
            assert!(parse(&format!("commit --id {id} {words}")).is_ok());
        }
        let hash = "1".repeat(64);
        let token = format!("--app a --token-file t --compose-hash {hash}");
        assert!(parse(&format!("commit {token}")).is_ok());
        for option in token.split(" --").map(|it| it.trim_start_matches("--")) {
            let error = refusal(&format!("commit --id {id} --{option}"));
            assert!(error.contains("cannot be used with"), "{error}");
        }
        let error = refusal(&format!("commit --id {id} --transaction-hash {hash}"));
        assert!(error.contains("cannot be used with"), "{error}");
        assert!(refusal("commit --yes").contains("--token-file"));
        assert!(refusal("commit --id ../x").contains("not the id"));
    }

    #[test]
    fn whatever_asks_the_service_or_reads_a_journal_has_the_same_log() {
        let command = Cli::command();
        let option = |command: &clap::Command| {
            let mut all = command.get_arguments();
            let log = all.find(|it| it.get_long() == Some("log-file"));
            log.and_then(Arg::get_help).map(ToString::to_string)
        };
        let of_a_walk = option(&command);
        assert!(of_a_walk.is_some());
        for name in ["deploy", "commit", "resume", "watch", "list", "forget"] {
            let found = command.find_subcommand(name).unwrap();
            assert_eq!(option(found), of_a_walk, "{name}");
        }
        for name in ["sandbox", "encrypt", "check"] {
            assert_eq!(option(command.find_subcommand(name).unwrap()), None);
        }
        assert_eq!(deploy("--log-file l").log.file, Some("l".into()));
        assert!(refusal("--log-file l deploy").contains("deploy"));
    }

    #[test]
    fn the_sandbox_may_have_a_name() {
        assert_eq!(parse("").unwrap().sandbox, None);
        assert_eq!(parse("--sandbox").unwrap().sandbox.as_deref(), Some(""));
        let bare = parse("--sandbox --speed 20 --seed 7").unwrap();
        assert_eq!(bare.sandbox.as_deref(), Some(""));
        assert_eq!((bare.pace.speed, bare.pace.seed), (20.0, 7));
    }

    #[test]
    fn every_scenario_is_known() {
        for (name, _) in demo::scenarios() {
            let cli = parse(&format!("--sandbox {name}")).unwrap();
            assert_eq!(cli.sandbox.as_deref(), Some(name.as_str()));
        }
    }

    #[test]
    fn a_scenario_nearly_named_is_suggested_and_not_run() {
        let error = refusal("--sandbox boot-fail");
        assert!(error.contains("'boot-fails'"), "{error}");
        assert!(error.contains("possible values"), "{error}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(refusal("--sandbox --speed 0").contains("from 0.1 to 1000"));
        assert!(refusal("--speed 2").contains("--sandbox"));
        assert!(refusal("--sandbox --profile acme").contains("--profile"));
        assert!(refusal("--sandbx").contains("--sandbox"));
        assert!(refusal("phak_0123").contains("unrecognized subcommand"));
    }
}
