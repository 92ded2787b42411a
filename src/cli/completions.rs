//! `completions`: what a shell has to know to complete a line, from the same description as `--help`.
//!
//! The script that a shell reads has this program asked at every Tab, by a variable and not by a command, so that
//! nothing that can be typed is taken. It asks no service: names come from whoever knows what lies on this machine.

use clap::builder::ValueHint;
use clap::{Arg, ArgAction, Args};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use phala_wizard::shell::names::{Candidate, Kind};

/// The variable that has the name of the shell that asks.
pub(crate) const VARIABLE: &str = "PHALA_WIZARD_COMPLETE";

/// A file of `fpath` is read at the first Tab, and has to answer it then (clap_complete 4.6.11 leaves that out).
const AT_THE_FIRST_TAB: &str = "\
if [[ \"${funcstack[1]}\" = _phala-wizard ]]; then
    _clap_dynamic_completer_phala_wizard \"$@\"
fi
";

/// For whom.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: Shell,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Completions {
    /// The script for the shell.
    pub(crate) fn script(&self) -> String {
        let name = self.shell.to_string();
        // Into memory: on a stream that is closed this would be a panic.
        let mut script = Vec::new();
        let shells = Shells::builtins();
        let written = shells.completer(&name).map(|shell| {
            let program = "phala-wizard";
            shell.write_registration(VARIABLE, program, program, program, &mut script)
        });
        debug_assert!(matches!(written, Some(Ok(()))), "into memory");
        let mut script = String::from_utf8_lossy(&script).into_owned();
        if self.shell == Shell::Zsh {
            script.push_str(AT_THE_FIRST_TAB);
        }
        script
    }
}

/// Who answers a shell that asks what could follow. `known`: the names of this machine.
pub(crate) fn answering(
    known: fn(Kind) -> Vec<Candidate>,
) -> CompleteEnv<'static, impl Fn() -> clap::Command> {
    let described = move || named(hinted(super::described()), known);
    CompleteEnv::with_factory(described).var(VARIABLE)
}

/// Says of every value that is no file that files do not complete it.
fn hinted(command: clap::Command) -> clap::Command {
    command.mut_args(with_hint).mut_subcommands(hinted)
}

fn with_hint(arg: Arg) -> Arg {
    let is_open = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
    if is_open {
        arg.value_hint(ValueHint::Other)
    } else {
        arg
    }
}

/// Says what the names of this machine complete.
fn named(command: clap::Command, known: fn(Kind) -> Vec<Candidate>) -> clap::Command {
    command
        .mut_args(|arg| match kind(arg.get_id().as_str()) {
            Some(kind) => arg.add(ArgValueCandidates::new(move || candidates(known(kind)))),
            None => arg,
        })
        .mut_subcommands(move |command| named(command, known))
}

/// What an argument of this name takes. The name means the same in every command.
fn kind(argument: &str) -> Option<Kind> {
    Some(match argument {
        "app" => Kind::App,
        "app_id" => Kind::AppId,
        "node" => Kind::Node,
        "instance" => Kind::Instance,
        "id" => Kind::Unfinished,
        "profile" => Kind::Profile,
        _ => return None,
    })
}

fn candidates(known: Vec<Candidate>) -> Vec<CompletionCandidate> {
    let candidate =
        |(word, help): Candidate| CompletionCandidate::new(word).help(Some(help.into()));
    known.into_iter().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_has_a_script_that_asks_this_program() {
        for shell in Shell::value_variants() {
            let script = Completions {
                shell: *shell,
                help: None,
            }
            .script();
            for word in ["phala-wizard", VARIABLE] {
                assert!(script.contains(word), "{shell}: {word} in {script}");
            }
        }
    }

    #[test]
    fn every_name_that_is_completed_is_one_of_an_argument() {
        let mut found = Vec::new();
        collect(&super::super::described(), &mut found);
        for name in ["app", "app_id", "node", "instance", "id", "profile"] {
            assert!(found.iter().any(|it| it == name), "{name}");
            assert!(kind(name).is_some(), "{name}");
        }
    }

    fn collect(command: &clap::Command, found: &mut Vec<String>) {
        let arguments = command.get_arguments();
        found.extend(arguments.map(|arg| arg.get_id().to_string()));
        for command in command.get_subcommands() {
            collect(command, found);
        }
    }
}
