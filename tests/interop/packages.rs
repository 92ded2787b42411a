//! The official packages: which versions, where they lie, and what is missing where they cannot be had.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::{env, fs};

/// The official clients, as they are named in their registries.
pub const CLI: &str = "phala@1.1.18";
pub const TYPESCRIPT: &str = "@phala/cloud@0.2.9";
pub const PYTHON: &str = "phala-cloud==0.2.0";

/// A compiler of Solidity and a chain to put what it makes on.
const EVM: &[&str] = &["solc@0.8.37", "@foundry-rs/anvil@1.7.1"];

/// What draws requests from a description and checks the answers against it, and what draws for it.
const CONFORMANCE: &[&str] = &[
    "schemathesis==4.32.5",
    "hypothesis==6.170.17",
    "jsonschema_rs==0.60.3",
];

/// Packages that were installed, and what runs them.
pub struct Packages {
    folder: PathBuf,
    runs_with: PathBuf,
}

/// Why there are none.
#[derive(Clone)]
pub struct Missing(String);

impl Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Packages {
    /// A file that came with them.
    pub fn file(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The chain, about to be started.
    pub fn anvil(&self) -> Command {
        let mut command = Command::new(find_anvil(&self.folder).unwrap());
        command.env_clear().env("HOME", &self.folder);
        command
    }

    /// One of our scripts, about to run with them and nothing of the caller's environment but the path.
    pub fn driver(&self, script: &str) -> Command {
        let mut command = Command::new(&self.runs_with);
        command.arg(crate::ours(script)).env_clear();
        command.envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", &self.folder).current_dir(&self.folder);
        command
    }
}

/// Everything of ours outside the sources.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The CLI and the TypeScript SDK.
pub fn node() -> Result<&'static Packages, Missing> {
    static NODE: OnceLock<Result<Packages, Missing>> = OnceLock::new();
    NODE.get_or_init(|| of_npm("node", &[CLI, TYPESCRIPT]))
        .as_ref()
        .map_err(Clone::clone)
}

/// The compiler and the chain.
pub fn evm() -> Result<&'static Packages, Missing> {
    static EVM_PACKAGES: OnceLock<Result<Packages, Missing>> = OnceLock::new();
    EVM_PACKAGES
        .get_or_init(|| {
            let packages = of_npm("evm", EVM)?;
            // It is an optional package for this system, and npm says nothing where there is none.
            match find_anvil(&packages.folder) {
                Some(_) => Ok(packages),
                None => Err(Missing("there is no anvil for this system".to_owned())),
            }
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// The program itself: what npm links to is a script that would live on without it.
fn find_anvil(folder: &Path) -> Option<PathBuf> {
    let packages = fs::read_dir(folder.join("node_modules/@foundry-rs")).ok()?;
    let programs = packages.filter_map(|entry| Some(entry.ok()?.path().join("bin/anvil")));
    programs.into_iter().find(|program| program.is_file())
}

/// The Python SDK. One of its dependencies is built on the spot, and only by Pythons up to 3.10.
pub fn python() -> Result<&'static Packages, Missing> {
    static SDK: OnceLock<Result<Packages, Missing>> = OnceLock::new();
    SDK.get_or_init(|| {
        let python = find_python(|minor| minor == 10).ok_or_else(|| {
            let reason = "pysha3, which phala-cloud needs, does not compile with newer ones";
            Missing(format!("there is no Python 3.10, and {reason}"))
        })?;
        virtual_environment("python", &python, &[PYTHON])
    })
    .as_ref()
    .map_err(Clone::clone)
}

/// Schemathesis.
pub fn conformance() -> Result<&'static Packages, Missing> {
    static CHECKER: OnceLock<Result<Packages, Missing>> = OnceLock::new();
    CHECKER
        .get_or_init(|| {
            let python = find_python(|minor| minor >= 10)
                .ok_or_else(|| Missing("there is no Python 3.10 or newer".to_owned()))?;
            virtual_environment("conformance", &python, CONFORMANCE)
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// Installs packages of npm into a folder of this name.
fn of_npm(name: &str, names: &[&str]) -> Result<Packages, Missing> {
    let folder = folder().join(name);
    let runs_with = PathBuf::from("node");
    heard(Command::new(&runs_with).arg("--version"))?;
    install(&folder, names, || {
        // Nothing that comes along may run while it is installed.
        let quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
        let mut npm = Command::new("npm");
        npm.args(["install", "--prefix"]).arg(&folder).args(quiet);
        heard(npm.args(names)).map(|_| ())
    })?;
    Ok(Packages { folder, runs_with })
}

/// Installs into a virtual environment of this name.
fn virtual_environment(name: &str, python: &Path, names: &[&str]) -> Result<Packages, Missing> {
    let folder = folder().join(name);
    let runs_with = folder.join("bin/python");
    install(&folder, names, || {
        heard(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
        let mut pip = Command::new(&runs_with);
        pip.args(["-m", "pip", "install", "--quiet", "--no-input"]);
        heard(pip.args(names)).map(|_| ())
    })?;
    Ok(Packages { folder, runs_with })
}

/// A Python 3 whose minor version will do: by its name on the path, or of pyenv.
fn find_python(will_do: impl Fn(u32) -> bool) -> Option<PathBuf> {
    let of_pyenv = env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv/versions"));
    let mut found: Vec<PathBuf> = of_pyenv
        .and_then(|versions| fs::read_dir(versions).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/python3")))
        .collect();
    found.sort();
    let named = [
        "python3",
        "python3.10",
        "python3.11",
        "python3.12",
        "python3.13",
    ];
    let candidates = named.into_iter().map(PathBuf::from).chain(found);
    candidates.into_iter().find(|python| {
        let ask = "import sys; print(sys.version_info.major, sys.version_info.minor)";
        let told = heard(Command::new(python).args(["-c", ask]));
        let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let minor = told
            .ok()
            .and_then(|told| told.strip_prefix("3 ")?.parse().ok());
        minor.is_some_and(&will_do)
    })
}

/// Makes the folder anew, unless these very packages were installed there to the end.
fn install(
    folder: &Path,
    names: &[&str],
    make: impl FnOnce() -> Result<(), Missing>,
) -> Result<(), Missing> {
    let (done, names) = (folder.join("installed"), names.join("\n"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == names) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    make()?;
    fs::write(done, names).unwrap();
    Ok(())
}

/// What a command said, where it did what it should.
fn heard(command: &mut Command) -> Result<Output, Missing> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Ok(output) if output.status.success() => Ok(output),
        Ok(output) => {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let last = complaint.lines().rfind(|line| !line.trim().is_empty());
            Err(Missing(format!("{name}: {}", last.unwrap_or("it failed"))))
        }
        Err(error) => Err(Missing(format!("{name}: {error}"))),
    }
}
