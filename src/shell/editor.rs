//! The person's own editor, on a text that is no secret.
//!
//! The text lies in a folder nobody else can read while the editor runs. Whatever goes wrong, the text the wizard has
//! stays as it was; only a reason comes back. The editor gets no secret: neither in the text nor in its environment.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::process::{self, without_secrets};
use crate::shown::Shown;

/// Asked for in this order where no variable names an editor.
const USUAL: &[&str] = if cfg!(windows) {
    &["notepad.exe"]
} else {
    &["nano", "vim", "vi"]
};

/// What says which editor to use: the variables and the search path.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// `$VISUAL`.
    pub visual: Option<String>,
    /// `$EDITOR`.
    pub editor: Option<String>,
    /// `$PATH`.
    pub path: OsString,
}

impl Choice {
    /// What this process was started with.
    pub(super) fn here() -> Self {
        Self {
            visual: env::var("VISUAL").ok(),
            editor: env::var("EDITOR").ok(),
            path: env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// The program and its arguments.
    fn command(&self) -> Result<Vec<String>, Shown> {
        for (name, value) in [("VISUAL", &self.visual), ("EDITOR", &self.editor)] {
            let Some(value) = value.as_deref().filter(|value| !value.trim().is_empty()) else {
                continue;
            };
            return process::words(&self.path, value)
                .ok_or_else(|| Shown::line(&format!("{name} has a quote without an end")));
        }
        USUAL
            .iter()
            .find(|name| process::finds(&self.path, name))
            .map(|name| vec![(*name).to_owned()])
            .ok_or_else(|| "no editor was found: set VISUAL or EDITOR, as in EDITOR=nano".into())
    }
}

/// Runs the editor on this text and returns what it became. The terminal must have been lent.
pub(super) fn edit(choice: &Choice, text: &str, ending: &str) -> Result<String, Shown> {
    let command = choice.command()?;
    let unusable =
        |error: io::Error| Shown::line(&format!("the text could not be handed over: {error}"));
    let folder = private_folder().map_err(unusable)?;
    let file = folder.path().join("text").with_extension(ending);
    fs::write(&file, text).map_err(unusable)?;
    run(&command, &file)?;
    let bytes = fs::read(&file)
        .map_err(|error| Shown::line(&format!("the edited text could not be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Shown::line(&format!(
            "the edited text is not UTF-8: the byte at offset {at} does not fit"
        ))
    })
}

fn private_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("phala-wizard-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

fn run(command: &[String], file: &Path) -> Result<(), Shown> {
    let (program, arguments) = command
        .split_first()
        .map_or(("", command), |(program, rest)| (program.as_str(), rest));
    let name = process::name(program);
    let mut editor = Command::new(program);
    editor.args(arguments).arg(file);
    let status = without_secrets(&mut editor).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Shown::line(&format!(
            "{name} {}, so the text stays as it was",
            process::ended(status)
        ))),
        Err(error) => Err(Shown::line(&format!(
            "{name} could not be started: {error}"
        ))),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Choice {
        Choice {
            editor: Some(format!("sh -c {}", shell_words::quote(script))),
            ..Choice::default()
        }
    }

    #[test]
    fn the_editor_gets_the_text_in_a_file_with_the_right_ending() {
        let script = "case \"$0\" in *.yaml) echo more >> \"$0\";; esac";
        assert_eq!(
            edit(&shell(script), "services:\n", "yaml").unwrap(),
            "services:\nmore\n"
        );
    }

    #[test]
    fn nobody_else_can_read_the_text_meanwhile() {
        let script = "ls -ld \"$(dirname \"$0\")\" | cut -c1-10 > \"$0\"";
        assert_eq!(edit(&shell(script), "", "sh").unwrap(), "drwx------\n");
    }

    #[test]
    fn an_editor_that_fails_or_crashes_leaves_a_reason() {
        let error = edit(&shell("echo lost > \"$0\"; exit 3"), "kept", "sh").unwrap_err();
        let expected = "sh ended with code 3, so the text stays as it was";
        assert_eq!(error.as_str(), expected);
        let error = edit(&shell("kill -9 $$"), "kept", "sh").unwrap_err();
        assert_eq!(error.as_str(), "sh was killed, so the text stays as it was");
    }

    #[test]
    fn an_editor_that_is_not_there_leaves_a_reason() {
        let choice = Choice {
            visual: Some("/nowhere/edit --wait".into()),
            ..Choice::default()
        };
        let error = edit(&choice, "", "sh").unwrap_err();
        assert!(
            error.as_str().starts_with("edit could not be started"),
            "{error}"
        );
    }

    #[test]
    fn arguments_and_quotes_are_those_of_a_shell() {
        let choice = Choice {
            visual: Some("  ".into()),
            editor: Some("code -w --user-data-dir '/a b'".into()),
            ..Choice::default()
        };
        let words = ["code", "-w", "--user-data-dir", "/a b"];
        assert_eq!(choice.command().unwrap(), words);
        let broken = Choice {
            visual: Some("vi 'x".into()),
            ..choice
        };
        assert_eq!(
            broken.command().unwrap_err().as_str(),
            "VISUAL has a quote without an end"
        );
    }

    #[test]
    fn without_variables_the_first_usual_editor_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let mut choice = Choice {
            path: dir.path().into(),
            ..Choice::default()
        };
        assert!(choice.command().is_err());
        for name in ["vi", "vim"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(choice.command().unwrap(), ["vim"]);
        choice.editor = Some("ed".into());
        assert_eq!(choice.command().unwrap(), ["ed"]);
    }
}
