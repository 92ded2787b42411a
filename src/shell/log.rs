//! The log a person asks for with `--log-file`: what the program did, when, and how it came out.
//!
//! Names, numbers and paths of questions; never a body, a header, a query, a value or a key that was pressed. Whoever
//! writes a line calls a function here or in `api::told`, so there is one place each to look at for that promise. Lines
//! of libraries are left out: theirs may hold headers. Without the option nothing listens, and nothing is put together.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

use super::build;
use crate::shown::Shown;
use crate::wizard::event::{Effect, Request};
use crate::wizard::signin::Login;

/// Writes from here on, at the end of this file. `mode`: what the program was started as.
///
/// # Errors
///
/// Says why the file cannot be written to: it is a link, or no ordinary file, or the system refuses.
pub fn begin(path: &Path, mode: &str) -> Result<(), Shown> {
    let file = open(path).map_err(|error| {
        let name = path.display();
        Shown::line(&format!("the log file {name} cannot be opened: {error}"))
    })?;
    let lines = fmt::layer()
        .with_ansi(false)
        .with_target(false)
        // A disk that is full is no reason to write into the screen.
        .log_internal_errors(false)
        .with_writer(Mutex::new(file))
        .with_filter(
            filter_fn(|about| about.target().starts_with("phala_wizard"))
                .with_max_level_hint(LevelFilter::INFO),
        );
    // Refused only where somebody listens already.
    registry()
        .with(lines)
        .try_init()
        .map_err(|error| Shown::line(&error.to_string()))?;
    let (version, commit) = (build::VERSION, build::COMMIT.unwrap_or("unknown"));
    tracing::info!(version, commit, mode, "start");
    Ok(())
}

/// Opens for writing at the end; a new file is for its owner alone.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;
        // A pipe without a reader would otherwise be waited for.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options
            .mode(0o600)
            .custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is not an ordinary file"))
    }
}

/// How the program ends.
pub fn end(code: u8) {
    tracing::info!(code, "end");
}

/// Another place on the rail.
pub(super) fn stage(name: &str) {
    tracing::info!(name, "stage");
}

/// Something from outside that is not a key.
pub(super) fn outside(name: &str) {
    tracing::info!(name, "outside");
}

/// What the wizard wants done.
pub(super) fn effect(effect: &Effect) {
    match effect {
        Effect::Send(id, request) => {
            tracing::info!(question = id.0, name = question(request), "ask");
        }
        Effect::Forget(id) => tracing::info!(question = id.0, "forget"),
        Effect::Copy(_) => tracing::info!("copy"),
        Effect::Open(_) => tracing::info!("open"),
        Effect::Alert(_) => tracing::info!("alert"),
        Effect::Suspend => tracing::info!("suspend"),
        Effect::Redraw => tracing::info!("redraw"),
        Effect::Quit(_) => tracing::info!("quit"),
    }
}

/// The name of a question, and nothing of what is in it.
fn question(request: &Request) -> &'static str {
    match request {
        Request::SignIn(_) => "sign-in",
        Request::Login(login) => match login {
            Login::Begin => "login-begin",
            Login::Poll(_) => "login-poll",
            Login::Enter(_) => "login-enter",
            Login::Profiles => "profiles",
            Login::Use(_) => "use-profile",
            Login::Places => "keeping-places",
            Login::Keep(_) => "keep-key",
            Login::LayDown => "lay-key-down",
        },
        Request::OpenSandbox(_) => "open-sandbox",
        Request::Apps { .. } => "apps",
        Request::App(_) => "app",
        Request::Instances(_) => "instances",
        Request::Nodes => "nodes",
        Request::NextApp => "next_app",
        Request::TermsSeen => "terms_seen",
        Request::KeepTerms(_) => "keep_terms",
        Request::Sizes => "sizes",
        Request::Allowlist(_) => "allowlist",
        Request::Quotas(_) => "quotas",
        Request::Document(_) => "document",
        Request::EnvKey { .. } => "env-key",
        Request::ListFolder(_) => "list-folder",
        Request::ReadFile(_) => "read-file",
        Request::ReadAgain(_) => "read-again",
        Request::Edit { .. } => "edit",
        Request::Seal { .. } => "seal",
        Request::Prepare(_) => "prepare",
        Request::IsAllowed { .. } => "is-allowed",
        Request::Commit { .. } => "commit",
        Request::Stream(_) => "stream",
        Request::State(_) => "state",
        Request::Network(_) => "network",
        Request::Composition(_) => "composition",
        Request::Find(_) => "find",
        Request::States(_) => "states",
        Request::Stats(_) => "stats",
        Request::Operations(_) => "operations",
        Request::Log { .. } => "log",
        Request::CheckAddress(_) => "check-address",
        Request::Restart(_) => "restart",
        Request::Delete(_) => "delete",
        Request::PastBoots(_) => "past-boots",
        Request::KeepBoot(..) => "keep-boot",
        Request::SaveLog { .. } => "save-log",
        Request::LookAt(_) => "look-at",
        Request::SaveFiles(_) => "save-files",
        Request::ShowPaged(_) => "show-paged",
        Request::Attestation(_) => "attestation",
        Request::Collateral { .. } => "collateral",
        Request::KmsKeys { .. } => "kms-keys",
        Request::ReadContract { .. } => "read-contract",
        Request::ReadAllowed { .. } => "read-allowed",
        Request::FindRegistration { .. } => "find-registration",
        Request::FindApp { .. } => "find-app",
        Request::Transactions => "transactions",
        Request::FindKeys => "find-keys",
        Request::OpenKey { .. } => "open-key",
        Request::Examine { .. } => "examine",
        Request::Sign { .. } => "sign",
        Request::SendAgain { .. } => "send-again",
        Request::Follow { .. } => "follow",
        Request::HandOver { .. } => "hand-over",
        Request::Note(_) => "note",
        Request::Unfinished => "unfinished",
        Request::Resume(_) => "resume",
        Request::Forget(_) => "forget",
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_new_log_is_for_its_owner_alone_and_an_old_one_is_added_to() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        for line in ["one\n", "two\n"] {
            open(&path).unwrap().write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_link_a_folder_and_a_pipe_are_no_log() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        let target = folder.path().join("target");
        symlink(&target, &link).unwrap();
        open(&link).unwrap_err();
        assert!(!target.exists(), "it was made through the link");
        open(folder.path()).unwrap_err();
        open(Path::new("/dev/null")).unwrap_err();
        open(&folder.path().join("no").join("log")).unwrap_err();
    }
}
