//! What a bug leaves behind: the terminal as it was, words on stderr, and a file that can be sent to whoever mends it.
//!
//! The file names the program, the place in its sources and the stage it was at. What a panic says may quote what was
//! typed or received, so it is printed and not written down, unless it stands in the sources word for word. Where the
//! wizard is and why, and what it knows, is not known here.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::fs;
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use super::{build, clock, files, folders, terminal};
use crate::shown::Shown;

/// Where bugs are told of.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Most characters of the name of a terminal.
const TERM: usize = 40;

/// What the program was started as, and where it stands.
static STANDING: Mutex<(&str, &str)> = Mutex::new(("", ""));

/// From here on a panic anywhere gives the terminal back before it says anything, and leaves a report.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(tell)));
}

/// The program was started as this.
pub fn started_as(mode: &'static str) {
    STANDING.lock().unwrap_or_else(PoisonError::into_inner).0 = mode;
}

/// It came to this stage.
pub(super) fn at(stage: &'static str) {
    STANDING.lock().unwrap_or_else(PoisonError::into_inner).1 = stage;
}

/// The first panic is told; what falls because of it is not.
fn tell(panic: &PanicHookInfo<'_>) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    terminal::give_back();
    if TOLD.swap(true, Ordering::SeqCst) {
        return;
    }
    let place = panic.location().map(|at| {
        let (line, column) = (at.line(), at.column());
        format!("{}:{line}:{column}", short(at.file()))
    });
    let place = place.as_deref().unwrap_or("an unknown place");
    let mut err = io::stderr();
    let _ = writeln!(
        err,
        "This is a bug in phala-wizard, at {place}:\n{}",
        Shown::text(message(panic.payload()).unwrap_or("no message"))
    );
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        let _ = writeln!(err, "{trace}");
    }
    let _ = writeln!(
        err,
        "\nNothing is repeated by itself; what was sent stays sent, and `phala-wizard list` has what is not done."
    );
    let text = text(place, panic.payload());
    let _ = match save(&text) {
        Ok(path) => writeln!(
            err,
            "A report is in {}\nNothing that you typed or received is in it. Read it, and send it with a word on what you did to\n{ISSUES}",
            Shown::line(&path.to_string_lossy())
        ),
        Err(why) => writeln!(
            err,
            "The report could not be written to a file ({why}). Send this, with a word on what you did, to\n{ISSUES}\n\n{text}"
        ),
    };
}

/// What the panic says.
fn message(payload: &dyn Any) -> Option<&str> {
    let literal = payload.downcast_ref::<&'static str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// The report.
fn text(place: &str, payload: &dyn Any) -> String {
    let (mode, stage) = *STANDING.lock().unwrap_or_else(PoisonError::into_inner);
    let or_unknown = |word: &'static str| if word.is_empty() { "unknown" } else { word };
    let said = match payload.downcast_ref::<&'static str>() {
        Some(literal) => literal,
        None => "left out here, for it may quote what was typed; it was printed",
    };
    let time = i64::try_from(clock::moment().unix).unwrap_or_default();
    let time =
        jiff::Timestamp::from_second(time).map_or_else(|_| String::new(), |time| time.to_string());
    let term = std::env::var("TERM").unwrap_or_default();
    format!(
        "A report of a bug in phala-wizard. Nothing that was typed or received is in it.\n\n\
         version   {version}\n\
         commit    {commit}\n\
         target    {target}\n\
         time      {time}\n\
         started   {mode}\n\
         stage     {stage}\n\
         place     {place}\n\
         thread    {thread}\n\
         message   {said}\n\
         terminal  {term}\n",
        version = build::VERSION,
        commit = build::COMMIT.unwrap_or("unknown"),
        target = build::target(),
        mode = or_unknown(mode),
        stage = or_unknown(stage),
        thread = thread::current().name().unwrap_or("unnamed"),
        term = Shown::bounded(&term, TERM),
    )
}

/// A new file for its owner alone, beside the journals.
fn save(text: &str) -> Result<PathBuf, Shown> {
    let state = folders::state().ok_or("this system names no folder for state")?;
    save_in(&state.join("reports"), text)
}

fn save_in(folder: &Path, text: &str) -> Result<PathBuf, Shown> {
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker
        .create(folder)
        .map_err(|why| Shown::line(&format!("{}: {why}", folder.display())))?;
    files::save_new(folder, "report.txt", text)
}

/// A file of the sources, without the folders of whoever built it.
fn short(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let from = match parts.iter().rposition(|part| *part == "src") {
        // With the name of the crate, where it is not this one.
        Some(at) => at.saturating_sub(1),
        None => parts.len().saturating_sub(1),
    };
    parts[from..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_holds_only_what_stands_in_the_sources() {
        let literal = text("src/a.rs:1:2", &"the list is empty");
        assert!(literal.contains("message   the list is empty"), "{literal}");
        assert!(literal.contains("place     src/a.rs:1:2"), "{literal}");
        assert!(literal.contains(build::VERSION), "{literal}");
        let made = text("src/a.rs:1:2", &"no hunter2 here".to_owned());
        assert!(!made.contains("hunter2"), "{made}");
        assert!(made.contains("left out here"), "{made}");
        assert_eq!(message(&"one"), Some("one"));
        assert_eq!(message(&"two".to_owned()), Some("two"));
        assert_eq!(message(&3), None);
    }

    #[test]
    fn no_folder_of_whoever_built_it_is_named() {
        for (file, expected) in [
            ("src/ui/list.rs", "src/ui/list.rs"),
            (
                "/home/me/.cargo/registry/src/index-1/ratatui-0.30.2/src/buffer.rs",
                "ratatui-0.30.2/src/buffer.rs",
            ),
            (
                "C:\\Users\\me\\one-1.0.0\\src\\lib.rs",
                "one-1.0.0/src/lib.rs",
            ),
            (
                "/rustc/abc/library/core/src/option.rs",
                "core/src/option.rs",
            ),
            ("tests/pty/probe.rs", "probe.rs"),
        ] {
            assert_eq!(short(file), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_report_is_a_new_file_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("state").join("reports");
        for name in ["report.txt", "report-2.txt"] {
            let path = save_in(&folder, "text").unwrap();
            assert_eq!(path, folder.join(name));
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let mode = fs::metadata(folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        fs::write(home.path().join("file"), "").unwrap();
        let why = save_in(&home.path().join("file"), "text").unwrap_err();
        assert!(why.as_str().contains("file"), "{why}");
    }
}
