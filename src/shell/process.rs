//! This process beside others: what they cannot read of it, and what those it starts do not get.
//!
//! The key is in the environment and in memory as long as the program runs. Where a process crashes, the system may
//! write all of it to a file; and programs of the same person may read it at any time. Both are switched off before the
//! first secret is read. A child is started without the variables that hold secrets.
//!
//! On Linux the process is not dumpable: no core, not even where a service collects cores and limits do not count; and
//! `/proc/PID/environ`, `/proc/PID/mem`, `gdb -p`, `strace -p` and `perf` are for root alone. To look into it, start it
//! as root, or under the debugger. Elsewhere on Unix only core files are switched off, and on other systems nothing is:
//! what is missing there has no safe interface.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitStatus};

use thiserror::Error;

/// Variables that are, or may hold, a secret: keys, and addresses with somebody's key in their path.
const SECRETS: [&str; 4] = [
    "PHALA_CLOUD_API_KEY",
    "ETH_RPC_URL",
    "PCCS_URL",
    "PRIVATE_KEY",
];

/// Something that should have been switched off and was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Exposed {
    /// The limit of core files stayed as it was.
    #[cfg(unix)]
    #[error(
        "a crash may write keys and values to a core file, for the system did not switch that off: {0}"
    )]
    Core(rustix::io::Errno),
    /// The process is as open to others as any.
    #[cfg(target_os = "linux")]
    #[error(
        "your other programs can read keys and values in memory, for the system did not forbid it: {0}"
    )]
    Memory(rustix::io::Errno),
}

/// Keeps this process to itself, from here to its end. Returns what could not be switched off, to be told.
pub fn keep_to_itself() -> Vec<Exposed> {
    [core_files(), memory()].into_iter().flatten().collect()
}

#[cfg(unix)]
fn core_files() -> Option<Exposed> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // The hard limit too: whatever runs in this process later cannot raise it again.
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).err().map(Exposed::Core)
}

#[cfg(not(unix))]
fn core_files() -> Option<Exposed> {
    None
}

#[cfg(target_os = "linux")]
fn memory() -> Option<Exposed> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    let refused = set_dumpable_behavior(DumpableBehavior::NotDumpable).err();
    refused.map(Exposed::Memory)
}

#[cfg(not(target_os = "linux"))]
fn memory() -> Option<Exposed> {
    None
}

/// Ends this process with the code that Windows itself ends one with at Ctrl-C: 0xC000013A.
#[cfg(windows)]
pub(super) fn end_at_ctrl_c() -> ! {
    std::process::exit(-0x3FFF_FEC6)
}

/// Whether a program of this name is on this search path.
pub(super) fn finds(path: &OsStr, name: &str) -> bool {
    std::env::split_paths(path).any(|folder| folder.join(name).is_file())
}

/// The program and the arguments in the value of a variable; `None` where a quote has no end, or nothing is there.
/// Quotes and backslashes mean what they mean to a shell; on Windows a backslash is itself, and a program is looked for
/// with the endings that programs have there.
pub(super) fn words(path: &OsStr, value: &str) -> Option<Vec<String>> {
    if !cfg!(windows) {
        return shell_words::split(value)
            .ok()
            .filter(|words| !words.is_empty());
    }
    let mut words = words_with_backslashes(value, |whole| Path::new(whole).is_file())?;
    let program = &mut words[0];
    if Path::new(program).extension().is_none()
        && let Some(whole) = ENDINGS
            .iter()
            .map(|ending| format!("{program}{ending}"))
            .find_map(|name| located(path, &name))
    {
        *program = whole;
    }
    Some(words)
}

/// What a program may be called on Windows, beyond its name.
const ENDINGS: [&str; 4] = [".exe", ".com", ".cmd", ".bat"];

/// As people write it where backslashes are in every path, and blanks in many.
fn words_with_backslashes(value: &str, is_file: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let value = value.trim();
    if is_file(value) {
        return Some(vec![value.to_owned()]);
    }
    shell_words::split(&value.replace('\\', "\\\\"))
        .ok()
        .filter(|words| !words.is_empty())
}

/// The whole path of a program on this search path.
fn located(path: &OsStr, name: &str) -> Option<String> {
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())?
        .into_os_string()
        .into_string()
        .ok()
}

/// What a program is called, without the folder it is in.
pub(super) fn name(program: &str) -> &str {
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    name.unwrap_or(program)
}

/// How a program ended that did not succeed, behind its name.
pub(super) fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with code {code}"),
        None => "was killed".to_owned(),
    }
}

/// Takes the variables that hold secrets out of what this child will see.
pub(super) fn without_secrets(child: &mut Command) -> &mut Command {
    for name in SECRETS {
        child.env_remove(name);
    }
    child
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_backslashes_are_in_paths_they_stay() {
        let words = |value: &str| words_with_backslashes(value, |whole| whole.ends_with("d.exe"));
        let told = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(
            words(r"C:\Program Files\ed.exe"),
            told(&[r"C:\Program Files\ed.exe"])
        );
        assert_eq!(
            words(r#""C:\Program Files\edit.exe" --wait"#),
            told(&[r"C:\Program Files\edit.exe", "--wait"])
        );
        assert_eq!(words("code --wait"), told(&["code", "--wait"]));
        assert_eq!(words(r#""code --wait"#), None);
        assert_eq!(words("  "), None);
    }

    #[test]
    fn a_program_is_located_by_its_whole_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("code.cmd"), "").unwrap();
        let path = folder.path().as_os_str();
        let whole = folder.path().join("code.cmd");
        assert_eq!(located(path, "code.cmd").as_deref(), whole.to_str());
        assert_eq!(located(path, "code"), None);
    }
}
