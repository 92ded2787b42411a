//! `help`, and what stands before and behind the options in `--help`: examples first, then what is not an option.
//!
//! The three ways to ask, `-h`, `--help` and `help`, have one answer. What is in the tables is not known here.

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args};

use super::tables::{self, TOPICS};

/// What is asked about.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Help {
    /// A command, such as deploy or check chain, or a topic; else the whole.
    #[arg(value_name = "TOPIC|COMMAND", hide_possible_values = true)]
    pub(crate) words: Vec<String>,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// Commands that end with the codes of a walk.
const WALKS: [&str; 4] = ["deploy", "commit", "resume", "watch"];

type Examples = &'static [(&'static str, &'static str)];

/// What can be typed, by command, and what comes of it. The first is the program itself.
const EXAMPLES: &[(&str, Examples)] = &[
    (
        "",
        &[
            ("phala-wizard", "add an instance to one of your apps"),
            (
                "phala-wizard --sandbox",
                "try everything without an account",
            ),
            (
                "phala-wizard --sandbox boot-fails",
                "see what a failing boot looks like",
            ),
            (
                "phala-wizard deploy --app api",
                "what would be added, for scripts; --yes adds it",
            ),
            (
                "phala-wizard --recipe phala-wizard.toml",
                "with the answers of another time",
            ),
            ("phala-wizard resume", "go on with what was begun"),
            (
                "phala-wizard help keys",
                "every key; see the end of this for more",
            ),
        ],
    ),
    (
        "deploy",
        &[
            (
                "phala-wizard deploy --app api",
                "the plan and the exact request; nothing is sent",
            ),
            (
                "phala-wizard deploy --app api --compose docker-compose.yml --yes --json",
                "with a new compose file, told as JSON",
            ),
            (
                "phala-wizard deploy --app api --node prod5 --node prod9 --yes",
                "an instance on each of several nodes",
            ),
            (
                "phala-wizard deploy --app api --prepare-only --token-file token",
                "what the contract has to allow; creates nothing",
            ),
            (
                "phala-wizard deploy --new-app shop1 --kms phala --size tdx.small --compose docker-compose.yml",
                "a new app; what is missing is listed with what would do",
            ),
            (
                "phala-wizard deploy --new-app shop1 --kms base --size tdx.small --compose docker-compose.yml --yes --allow-hash HASH --private-key-file key",
                "the same with a contract on Base, which this key deploys",
            ),
            (
                "phala-wizard deploy --sandbox answer-lost --app orders-api --yes",
                "try it without an account",
            ),
        ],
    ),
    (
        "commit",
        &[
            (
                "phala-wizard commit --id 01JD8H4ZR8QX1V6T3M5N7P9K2C",
                "what is known of it; --yes goes on",
            ),
            (
                "phala-wizard commit --app api --compose-hash HASH --token-file token --yes",
                "with a token that was kept",
            ),
            (
                "phala-wizard commit --id 01JD8H4ZR8QX1V6T3M5N7P9K2C --env-file .env --yes",
                "a new app whose values were not encrypted yet",
            ),
        ],
    ),
    (
        "resume",
        &[
            ("phala-wizard resume", "choose among what was begun"),
            ("phala-wizard resume 01JD8H4ZR8QX1V6T3M5N7P9K2C", "this one"),
        ],
    ),
    (
        "watch",
        &[
            ("phala-wizard watch orders-api-1", "on the screen"),
            (
                "phala-wizard watch orders-api-1 --json --timeout 60",
                "for a script, a minute at most",
            ),
            (
                "phala-wizard watch orders-api-1 --sandbox",
                "try it without an account",
            ),
        ],
    ),
    (
        "list",
        &[
            ("phala-wizard list", "what is not done"),
            ("phala-wizard list --json", "the same for a script"),
        ],
    ),
    (
        "forget",
        &[(
            "phala-wizard forget 01JD8H4ZR8QX1V6T3M5N7P9K2C",
            "drops its token for good; asks first",
        )],
    ),
    (
        "login",
        &[
            ("phala-wizard login", "with the browser"),
            ("phala-wizard login --manual", "asks for an API key, unseen"),
            (
                "phala-wizard login --with-key --profile acme",
                "reads it from a pipe; no option takes it",
            ),
        ],
    ),
    (
        "logout",
        &[
            ("phala-wizard logout", "the current profile"),
            ("phala-wizard logout --profile acme", "this one"),
        ],
    ),
    (
        "status",
        &[
            ("phala-wizard status", "asks the service whose key it is"),
            ("phala-wizard status --offline --json", "asks nobody"),
        ],
    ),
    (
        "config",
        &[("phala-wizard config check", "what in it is not understood")],
    ),
    (
        "config init",
        &[
            (
                "phala-wizard config init",
                "a commented file, where there is none",
            ),
            ("phala-wizard config init --print", "only shown"),
        ],
    ),
    (
        "config path",
        &[("phala-wizard config path", "where it is, or would be")],
    ),
    (
        "config check",
        &[("phala-wizard config check", "each problem with its line")],
    ),
    (
        "sandbox",
        &[
            (
                "phala-wizard sandbox --scenario slow-chain --speed 100",
                "a pretend service for the official clients",
            ),
            ("phala-wizard sandbox --list", "what it can tell"),
        ],
    ),
    (
        "encrypt",
        &[(
            "phala-wizard encrypt --pubkey HEX --env-file .env",
            "the blob, as hex",
        )],
    ),
    (
        "check",
        &[(
            "phala-wizard check env-file .env",
            "names, doubts, what the guest would refuse",
        )],
    ),
    (
        "check env-file",
        &[(
            "phala-wizard check env-file .env --compose docker-compose.yml",
            "and whether it fits the compose file",
        )],
    ),
    (
        "check env-key",
        &[(
            "phala-wizard check env-key --app-id APP_ID --pubkey HEX --signature HEX --signer SIGNER",
            "whether this KMS signed it",
        )],
    ),
    (
        "check compose-hash",
        &[(
            "phala-wizard check compose-hash app-compose.json --expect HASH",
            "every form the service has used",
        )],
    ),
    (
        "check attestation",
        &[(
            "phala-wizard check attestation bundle.json --compose-hash HASH",
            "what the hardware says, line by line",
        )],
    ),
    (
        "check chain",
        &[(
            "phala-wizard check chain --app-id APP_ID --rpc-url https://mainnet.base.org",
            "what its contract allows, and who can change that",
        )],
    ),
    (
        "completions",
        &[
            (
                "phala-wizard completions bash > ~/.local/share/bash-completion/completions/phala-wizard",
                "for bash",
            ),
            (
                "phala-wizard completions zsh > ~/.zfunc/_phala-wizard",
                "for zsh, where ~/.zfunc is in fpath",
            ),
            (
                "phala-wizard completions fish > ~/.config/fish/completions/phala-wizard.fish",
                "for fish",
            ),
        ],
    ),
    (
        "man",
        &[
            ("phala-wizard man | man -l -", "read it"),
            (
                "phala-wizard man --dir ~/.local/share/man/man1",
                "put every page where man looks",
            ),
        ],
    ),
    (
        "version",
        &[("phala-wizard version --json", "for a script")],
    ),
    (
        "help",
        &[
            ("phala-wizard help check chain", "a command"),
            ("phala-wizard help exit-codes", "a topic"),
        ],
    ),
];

/// The examples of a command, as its help and its man page show them. The program itself is the empty name.
pub(crate) fn examples(command: &str) -> Examples {
    let found = EXAMPLES.iter().find(|(name, _)| *name == command);
    found.map_or(&[], |(_, examples)| examples)
}

/// Adds to the description what this call will show, and nothing where it shows no help.
pub(crate) fn dressed(command: clap::Command, arguments: &[OsString]) -> clap::Command {
    let mut command = command;
    if arguments.get(1).is_some_and(|first| first == "help") {
        command = with_topics(command);
    }
    let asks = |argument: &OsString| argument == "--help" || argument == "-h";
    if arguments.iter().any(asks) {
        command = framed(command, "", arguments).after_long_help(footer());
    }
    command
}

/// Lets `help` refuse what it knows nothing about, with what was meant.
pub(crate) fn with_topics(command: clap::Command) -> clap::Command {
    let mut known: Vec<PossibleValue> = TOPICS
        .iter()
        .map(|topic| PossibleValue::new(topic.name).help(topic.about))
        .collect();
    for one in command.get_subcommands() {
        known.push(PossibleValue::new(one.get_name().to_owned()));
        let below = one.get_subcommands();
        known.extend(below.map(|it| PossibleValue::new(it.get_name().to_owned())));
    }
    command.mut_subcommand("help", |help| {
        help.mut_arg("words", |words| {
            words.value_parser(PossibleValuesParser::new(known))
        })
    })
}

/// Puts examples before the help of a command, and of those below it that are named in this call.
fn framed(command: clap::Command, path: &str, arguments: &[OsString]) -> clap::Command {
    let examples = examples(path);
    let mut command = command;
    if !examples.is_empty() {
        let table = tables::pairs(&["what is typed", "what it does"], examples);
        command = command.before_help(format!("Examples:\n{}", table.plain().trim_end()));
    }
    if WALKS.contains(&path) {
        command =
            command.after_long_help("See also: phala-wizard help exit-codes, help environment");
    }
    for name in arguments.iter().filter_map(|argument| argument.to_str()) {
        if command.find_subcommand(name).is_some() {
            let path = format!("{path} {name}");
            command = command.mut_subcommand(name, |below| framed(below, path.trim(), arguments));
        }
    }
    command
}

/// What follows the options of the program itself.
fn footer() -> String {
    let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
    format!(
        "Environment:\n{}\nExit codes:\n{}\nMore: phala-wizard help COMMAND, or help with one of\n  {}",
        tables::environment().plain(),
        tables::exit_codes().plain(),
        topics.join(", ")
    )
}

impl Help {
    /// The page that was asked for.
    ///
    /// # Errors
    ///
    /// The help of a command is what clap answers with instead of arguments, and so is a refusal.
    pub(crate) fn page(&self) -> Result<String, clap::Error> {
        if let [word] = self.words.as_slice()
            && let Some(topic) = TOPICS.iter().find(|topic| topic.name == *word)
        {
            let table = (topic.table)().plain();
            return Ok(format!("{}\n\n{}", topic.about, table.trim_end()));
        }
        let words = self.words.iter().map(String::as_str);
        let line = ["phala-wizard"].into_iter().chain(words).chain(["--help"]);
        // `--help` is always an answer; the arguments themselves are never come by.
        super::Cli::parse(line.map(OsString::from).collect()).map(|_| String::new())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;
    use phala_wizard::wizard::event::Outcome;

    use super::super::{Cli, Command};
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::parse(line.split_whitespace().map(OsString::from).collect())
    }

    /// What a line prints that asks for help.
    fn printed(line: &str) -> String {
        let error = match parse(line) {
            Ok(Cli {
                command: Some(Command::Help(help)),
                ..
            }) => match help.page() {
                Ok(page) => return page,
                Err(error) => error,
            },
            Ok(_) => panic!("{line} shows no help"),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{line}: {error}");
        error.to_string()
    }

    /// Every command, by the words it is called with.
    fn commands(command: &clap::Command, path: &str, all: &mut Vec<String>) {
        all.push(path.to_owned());
        for below in command.get_subcommands() {
            let path = format!("{path} {}", below.get_name());
            commands(below, path.trim(), all);
        }
    }

    fn every_command() -> Vec<String> {
        let mut all = Vec::new();
        commands(&Cli::command(), "", &mut all);
        assert!(all.len() > 15, "{all:?}");
        all
    }

    #[test]
    fn the_three_ways_to_ask_have_one_answer_with_examples_first() {
        for command in every_command() {
            let long = printed(&format!("phala-wizard {command} --help"));
            assert!(
                long.starts_with("Examples:\n  phala-wizard"),
                "cli/help.rs has no example of '{command}'"
            );
            assert!(long.contains("\nUsage: phala-wizard"), "{long}");
            assert_eq!(printed(&format!("phala-wizard {command} -h")), long);
            assert_eq!(printed(&format!("phala-wizard help {command}")), long);
        }
    }

    #[test]
    fn every_example_is_understood_and_of_a_command_that_is_there() {
        let known = every_command();
        for (command, examples) in EXAMPLES {
            assert!(known.iter().any(|it| it == command), "{command} is gone");
            for (line, _) in *examples {
                let line = line.split(['|', '>']).next().unwrap();
                let line = line
                    .replace("HASH", &"1".repeat(64))
                    .replace("SIGNER", &"1".repeat(66))
                    .replace("HEX", &"1".repeat(64))
                    .replace("APP_ID", &"1".repeat(40));
                assert!(line.starts_with(format!("phala-wizard {command}").trim()));
                parse(&line).unwrap();
            }
        }
    }

    #[test]
    fn every_topic_has_its_page_and_stands_at_the_end_of_the_help() {
        let help = printed("phala-wizard --help");
        for topic in &TOPICS {
            let page = printed(&format!("phala-wizard help {}", topic.name));
            assert!(page.starts_with(topic.about), "{page}");
            for row in (topic.table)().rows() {
                let name = row[0].replace('`', "");
                assert!(page.contains(&name), "{name} is not in\n{page}");
            }
            assert!(help.contains(topic.name), "{}", topic.name);
        }
        assert_eq!(printed("phala-wizard help"), help);
    }

    #[test]
    fn the_help_says_how_it_ends_and_what_is_read() {
        let help = printed("phala-wizard --help");
        let words: Vec<&str> = help.split_whitespace().collect();
        let words = words.join(" ");
        for outcome in Outcome::ALL {
            let line = format!(
                "{} {} {}",
                outcome.code(),
                outcome.word(),
                outcome.meaning()
            );
            assert!(words.contains(&line), "{line}");
        }
        assert!(words.contains("PHALA_CLOUD_API_KEY the API key, before any file"));
    }

    #[test]
    fn what_is_nearly_a_command_an_option_or_a_topic_is_suggested_and_not_run() {
        for (line, meant) in [
            ("phala-wizard deplyo", "'deploy'"),
            ("phala-wizard chekc env-file x", "'check'"),
            ("phala-wizard check env-fil x", "'env-file'"),
            ("phala-wizard --sandbx", "'--sandbox'"),
            ("phala-wizard deploy --ap x", "'--app'"),
            ("phala-wizard help exit-code", "'exit-codes'"),
            ("phala-wizard help deplyo", "'deploy'"),
            ("phala-wizard completions bsh", "'bash'"),
        ] {
            let error = parse(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
            let words = error.to_string();
            assert!(
                words.contains("similar") && words.contains(meant),
                "{words}"
            );
        }
    }
}
