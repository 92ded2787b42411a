//! The person's own pager, on a text that may not lie in a file.
//!
//! The text goes through a pipe and is on no disk. What a terminal could obey in it is made visible before, whatever
//! the pager would do with it. The pager gets no secret in its environment, and `less` is kept from starting other
//! programs and from writing files.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

use super::process::{self, without_secrets};
use crate::shown::Shown;

/// Asked for in this order where no variable names a pager.
const USUAL: &[&str] = if cfg!(windows) {
    &["less.exe", "more.com"]
} else {
    &["less", "more"]
};

/// What says which pager to use: the variable and the search path.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// `$PAGER`.
    pub pager: Option<String>,
    /// `$PATH`.
    pub path: OsString,
}

impl Choice {
    /// What this process was started with.
    pub(super) fn here() -> Self {
        Self {
            pager: env::var("PAGER").ok(),
            path: env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// The program and its arguments.
    fn command(&self) -> Result<Vec<String>, Shown> {
        if let Some(value) = self
            .pager
            .as_deref()
            .filter(|value| !value.trim().is_empty())
        {
            return process::words(&self.path, value)
                .ok_or_else(|| "PAGER has a quote without an end".into());
        }
        USUAL
            .iter()
            .find(|name| process::finds(&self.path, name))
            .map(|name| vec![(*name).to_owned()])
            .ok_or_else(|| "no pager was found: set PAGER, as in PAGER=less".into())
    }
}

/// Shows the text until the pager is left. The terminal must have been lent.
pub(super) fn show(choice: &Choice, text: &str) -> Result<(), Shown> {
    let command = choice.command()?;
    let (program, arguments) = command
        .split_first()
        .map_or(("", &command[..]), |(program, rest)| {
            (program.as_str(), rest)
        });
    let name = process::name(program);
    let mut pager = Command::new(program);
    pager
        .args(arguments)
        .env("LESSSECURE", "1")
        .stdin(Stdio::piped());
    let mut pager = without_secrets(&mut pager)
        .spawn()
        .map_err(|error| Shown::line(&format!("{name} could not be started: {error}")))?;
    let handed = hand_over(&mut pager, text);
    let status = pager
        .wait()
        .map_err(|error| Shown::line(&format!("{name} was lost: {error}")))?;
    if !status.success() {
        return Err(Shown::line(&format!("{name} {}", process::ended(status))));
    }
    handed.map_err(|error| Shown::line(&format!("{name} did not get the whole text: {error}")))
}

/// Whoever leaves the pager before its end does not want the rest.
fn hand_over(pager: &mut Child, text: &str) -> io::Result<()> {
    let Some(mut pipe) = pager.stdin.take() else {
        return Ok(());
    };
    let mut text = Shown::text(text).to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    match pipe.write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A pager that runs this script in this folder.
    fn script(folder: &TempDir, script: &str) -> Choice {
        let script = format!(
            "cd {}; {script}",
            shell_words::quote(folder.path().to_str().unwrap())
        );
        Choice {
            pager: Some(format!("sh -c {}", shell_words::quote(&script))),
            ..Choice::default()
        }
    }

    fn folder() -> TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn the_text_comes_through_a_pipe_and_nothing_in_it_is_obeyed() {
        let folder = folder();
        let choice = script(&folder, "cat > seen; echo $# > arguments");
        assert_eq!(show(&choice, "one\n\x1b[31mtwo\tthree\u{9b}"), Ok(()));
        let seen = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(seen("seen"), "one\n\\u{1b}[31mtwo    three\\u{9b}\n");
        assert_eq!(seen("arguments"), "0\n");
    }

    #[test]
    fn less_is_kept_on_a_leash() {
        let folder = folder();
        let choice = script(
            &folder,
            "echo \"$LESSSECURE ${PHALA_CLOUD_API_KEY-none}\" > seen",
        );
        assert_eq!(show(&choice, ""), Ok(()));
        let seen = fs::read_to_string(folder.path().join("seen")).unwrap();
        assert_eq!(seen, "1 none\n");
    }

    #[test]
    fn a_pager_that_is_left_early_is_no_error() {
        let folder = folder();
        let text = "line\n".repeat(1_000_000);
        assert_eq!(show(&script(&folder, "head -n 1 > seen"), &text), Ok(()));
        assert_eq!(show(&script(&folder, "exec < /dev/null"), &text), Ok(()));
    }

    #[test]
    fn a_pager_that_fails_or_is_not_there_leaves_a_reason() {
        let folder = folder();
        let error = show(&script(&folder, "exit 3"), "text").unwrap_err();
        assert_eq!(error.as_str(), "sh ended with code 3");
        let choice = |pager: &str| Choice {
            pager: Some(pager.into()),
            ..Choice::default()
        };
        let error = show(&choice("/nowhere/page -x"), "text").unwrap_err();
        assert!(
            error.as_str().starts_with("page could not be started"),
            "{error}"
        );
        let error = show(&choice("less 'x"), "text").unwrap_err();
        assert_eq!(error.as_str(), "PAGER has a quote without an end");
    }

    #[test]
    fn without_a_variable_the_first_usual_pager_is_taken() {
        let folder = folder();
        let mut choice = Choice {
            pager: Some("  ".into()),
            path: folder.path().into(),
        };
        assert!(choice.command().is_err());
        for name in ["more", "less"] {
            fs::write(folder.path().join(name), "").unwrap();
            assert_eq!(choice.command().unwrap(), [name]);
        }
        choice.pager = Some("most '-x y'".into());
        assert_eq!(choice.command().unwrap(), ["most", "-x y"]);
    }
}
