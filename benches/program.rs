//! The whole program in a terminal of 120x40, beside the floor program of the same run.

mod counts;
mod cycle;
mod process;
mod screens;
mod start;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use rustix::process::Pid;

use crate::harness::{Program, Pty, Size};
use crate::service::Service;

pub use counts::{Count, counts, sum, valgrind};

/// The size that the limits are about.
const USUAL: Size = Size(120, 40);

/// The wizard.
const WIZARD: &str = env!("CARGO_BIN_EXE_phala-wizard");

/// What can be read once the first frame of the floor is complete.
const FLOOR_IS_THERE: &str = "amber-ledger-0037";
/// The same of the wizard, whom nobody has signed in: the last key of its last row.
const WIZARD_IS_THERE: &str = "? keys";

const KEY: &str = "phak_sandbox_speed";

/// Prints the figures of the whole program: all, or those of these names.
pub fn measure(wanted: &[&String]) {
    let size = fs::metadata(WIZARD).map_or(0, |about| about.len());
    println!("\nbinary: {} KiB (limit 8192)", size / 1024);
    let parts: [(&str, fn()); 4] = [
        ("start", start::measure),
        ("screens", screens::measure),
        ("shocks", screens::shocks),
        ("cycle", cycle::measure),
    ];
    for (name, measure) in parts {
        if wanted.is_empty() || wanted.iter().any(|wanted| *wanted == name) {
            measure();
        }
    }
}

/// The floor program, which cargo built with this one: the newest where there are several.
pub fn floor() -> PathBuf {
    let here = env::current_exe().expect("this program");
    let folder = here.parent().expect("a folder").read_dir();
    let files = folder.expect("a folder").flatten();
    let is_floor = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("floor-") && !name.contains('.')
    };
    let built = |path: &PathBuf| fs::metadata(path).and_then(|about| about.modified());
    let paths = files.map(|entry| entry.path()).filter(is_floor);
    let newest = paths.max_by_key(|path| built(path).unwrap_or(SystemTime::UNIX_EPOCH));
    newest.expect("the floor program: build it too, with --bench floor")
}

/// A sandbox in a process of its own, and the wizard that talks to it.
struct World(Service);

impl World {
    fn open(speed: &str) -> Self {
        let arguments = ["--listen", "127.0.0.1:0", "--api-key", KEY];
        let story = ["--scenario", "on-chain", "--speed", speed];
        let quiet = std::process::Stdio::null();
        Self(Service::start(&[arguments, story].concat(), quiet))
    }

    fn program(&self) -> Program {
        Program::new(&[])
            .with("PHALA_CLOUD_API_KEY", KEY)
            .with("PHALA_CLOUD_API_PREFIX", self.0.text("url"))
    }

    fn wizard(&self) -> (Pty, Pid) {
        let pty = Pty::start(USUAL, &self.program());
        let pid = pty.pid();
        (pty, pid)
    }
}
