//! `completions`: what a shell has to know to complete a line, from the same description as `--help`.
//!
//! Names of apps, nodes and instances are not completed: nothing of them is kept on this machine, and a press of Tab
//! asks no service.

use clap::builder::ValueHint;
use clap::{Arg, ArgAction, Args};
use clap_complete::Shell;

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
        let mut command = hinted(super::described());
        // Into memory: on a stream that is closed this would be a panic.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "phala-wizard", &mut script);
        let script = String::from_utf8_lossy(&script);
        // For bash the generator (4.6.11) writes the hyphen of a program's name in two ways, so no command is found. In
        // the others these words do not occur.
        script.replace("phala__subcmd__wizard", "phala__wizard")
    }
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};

    use clap::ValueEnum;

    use super::*;

    fn script(shell: Shell) -> String {
        Completions { shell, help: None }.script()
    }

    /// What a shell says of a script, or nothing where there is no such shell.
    fn tried(shell: &str, arguments: &[&str], script: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        fs::write(&path, script).unwrap();
        let output = Command::new(shell)
            .args(arguments)
            .arg(&path)
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "{shell}: {said}");
        Some(said)
    }

    #[test]
    fn every_shell_gets_every_command_and_option() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for word in ["deploy", "env-file", "no-alt-screen", "completions"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
            // Not every generator knows the values of options, and fewer those of what has no name.
            let values: &[&str] = match shell {
                Shell::Bash | Shell::Zsh => &["boot-fails", "exit-codes"],
                Shell::Fish => &["boot-fails"],
                _ => &[],
            };
            for word in values {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }

    #[test]
    fn shells_that_are_here_take_their_script() {
        tried("bash", &["-n"], &script(Shell::Bash));
        tried("zsh", &["-n"], &script(Shell::Zsh));
        tried("fish", &["--no-execute"], &script(Shell::Fish));
    }

    #[cfg(unix)]
    #[test]
    fn bash_completes_commands_values_and_files_and_asks_nobody() {
        let complete = |words: &str| {
            let ask = format!(
                "\ncompopt() {{ :; }}\nCOMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))\n\
                 _phala__wizard phala-wizard \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
                 echo \"${{COMPREPLY[@]}}\"\n"
            );
            let script = script(Shell::Bash) + &ask;
            tried("bash", &["--norc"], &script)
        };
        let Some(commands) = complete("phala-wizard depl") else {
            return;
        };
        assert_eq!(commands.trim(), "deploy");
        assert_eq!(
            complete("phala-wizard help exit").unwrap().trim(),
            "exit-codes"
        );
        let scenario = complete("phala-wizard --sandbox boot-f").unwrap();
        assert_eq!(scenario.trim(), "boot-fails");
        let option = complete("phala-wizard check chain --com").unwrap();
        assert_eq!(option.trim(), "--compose-hash");
        let files = complete("phala-wizard deploy --compose Cargo.to").unwrap();
        assert_eq!(files.trim(), "Cargo.toml");
        assert_eq!(
            complete("phala-wizard deploy --app Cargo.to")
                .unwrap()
                .trim(),
            "Cargo.to"
        );
    }
}
