//! The official clients against the sandbox: what they make of its answers, not what we think of our bytes.
//!
//! ```text
//!   interop.rs ──starts──▶ phala-wizard sandbox ◀──HTTP── phala, @phala/cloud, phala-cloud, schemathesis
//!        ▲                                                        ▲
//!        └──a line of JSON per call── cli.mjs, sdk.mjs, sdk.py ───┘
//! ```
//!
//! The packages are installed by name and version into the target folder, once. Where node, Python or the registry is
//! missing, a test says so in one line and is left out, unless `INTEROP=required` is set; `INTEROP=off` leaves all of
//! them out. What came of it stands in `tests/interop/README.md`; `UPDATE_INTEROP=1 cargo test --test interop` writes
//! it anew.
//!
//! Beside them, contracts of ours on a real EVM (`interop/evm.rs`, `interop/contracts/README.md`).

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[path = "interop/conformance.rs"]
mod conformance;
#[path = "interop/evm.rs"]
mod evm;
#[path = "interop/expected.rs"]
mod expected;
#[path = "interop/line.rs"]
mod line;
#[path = "interop/packages.rs"]
mod packages;
#[path = "interop/pattern.rs"]
mod pattern;
#[path = "wire/server.rs"]
#[allow(dead_code, reason = "a service of its own needs more of it")]
mod server;
#[path = "support/service.rs"]
mod service;
#[path = "interop/table.rs"]
mod table;

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use line::Line;
use packages::{Missing, Packages};
use service::Service;

const KEY: &str = "phak_sandbox_interop";

#[test]
fn the_official_cli() {
    let Some(packages) = available(packages::node) else {
        return;
    };
    let quick = Stage::quick("cli");
    // Slow, because the CLI waits for a login in real seconds.
    let own = Stage::set("cli-own-key", "own-key", "10");
    let mut driver = packages.driver("cli.mjs");
    driver.env("PHALA", packages.file("node_modules/phala/dist/index.js"));
    own.is_ours(&mut driver);
    let lines = quick.drive(driver);
    table::write("phala", &line::judge(lines, &expected::cli()));
}

#[test]
fn the_typescript_sdk() {
    let Some(packages) = available(packages::node) else {
        return;
    };
    let mut driver = packages.driver("sdk.mjs");
    driver.env("SDK", packages.file(""));
    let own = Stage::set("typescript-own-key", "own-key", "500");
    own.is_ours(&mut driver);
    let lines = Stage::quick("typescript").drive(driver);
    table::write("@phala/cloud", &line::judge(lines, &expected::typescript()));
}

#[test]
fn the_python_sdk() {
    let Some(packages) = available(packages::python) else {
        return;
    };
    let lines = Stage::quick("python").drive(packages.driver("sdk.py"));
    table::write("phala-cloud", &line::judge(lines, &expected::python()));
}

#[test]
fn the_published_description() {
    let file = conformance::file();
    if !file.is_file() {
        leave_out("the vendor's OpenAPI file is not beside this repository");
        return;
    }
    let Some(packages) = available(packages::conformance) else {
        return;
    };
    let mut driver = packages.driver("conformance.py");
    driver
        .env("PROGRAM", env!("CARGO_BIN_EXE_phala-wizard"))
        .env("OPENAPI", file);
    table::section("schemathesis", &conformance::judge(told(driver)));
}

#[test]
fn what_is_known_is_met_and_listed() {
    table::section("known", &expected::known());
    let all = [expected::cli(), expected::typescript(), expected::python()].concat();
    for (letter, reason) in expected::KNOWN {
        let met = |it: &expected::Expected| it.expect.verdict() == format!("known ({letter})");
        let met = all.iter().any(met) || conformance::reasons().any(|met| met == *letter);
        assert!(met, "nobody meets {letter}: {reason}");
    }
    for it in &all {
        let verdict = it.expect.verdict();
        let letter = verdict.strip_prefix("known (");
        let listed = |letter: &str| expected::KNOWN.iter().any(|(it, _)| letter.starts_with(it));
        assert!(letter.is_none_or(listed), "{}: {verdict}", it.call);
    }
}

#[test]
fn the_headings_name_the_versions() {
    let readme = std::fs::read_to_string(ours("README.md")).unwrap();
    for package in [packages::CLI, packages::TYPESCRIPT, packages::PYTHON] {
        let (name, version) = package.rsplit_once(['@', '=']).unwrap();
        let heading = format!("## `{}` {version}\n", name.trim_end_matches('='));
        assert!(readme.contains(&heading), "{heading}");
    }
}

/// What a driver talks to.
struct Stage {
    service: Service,
}

impl Stage {
    /// A service that tells this story so many times as fast as real time. Its log lies beside the packages.
    fn set(name: &str, scenario: &str, speed: &str) -> Self {
        let log = packages::folder().join(format!("{name}.log"));
        let arguments = ["--listen", "127.0.0.1:0", "--api-key", KEY];
        let story = ["--scenario", scenario, "--speed", speed];
        let service = Service::start(&[arguments, story].concat(), File::create(log).unwrap());
        Self { service }
    }

    /// One whose contracts are signed within a blink.
    fn quick(name: &str) -> Self {
        Self::set(name, "on-chain", "500")
    }

    /// Tells the driver of this one as of the one whose contract its key owns.
    fn is_ours(&self, driver: &mut Command) {
        driver
            .env("OWN_URL", self.service.text("url"))
            .env("OWN_RPC", self.service.text("rpc_url"))
            .env("OWN_KEY", self.service.text("test_key"));
    }

    /// Runs a driver to its end and reads what it told.
    fn drive(&self, mut driver: Command) -> Vec<Line> {
        driver
            .env("API_URL", self.service.text("url"))
            .env("RPC_URL", self.service.text("rpc_url"))
            .env("API_KEY", self.service.text("api_key"));
        told(driver)
    }
}

/// What a driver told until its end.
fn told(mut driver: Command) -> Vec<Line> {
    let output = driver.stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{driver:?}: {complaint}\n{told}");
    told.lines().map(line::read).collect()
}

/// The packages, or a line about why there are none. A line that the harness cannot swallow.
fn available(packages: fn() -> Result<&'static Packages, Missing>) -> Option<&'static Packages> {
    let wanted = env::var("INTEROP").unwrap_or_default();
    if wanted == "off" {
        leave_out("INTEROP=off");
        return None;
    }
    packages()
        .map_err(|missing| {
            assert!(wanted != "required", "interop is required: {missing}");
            leave_out(&missing.to_string());
        })
        .ok()
}

fn leave_out(reason: &str) {
    let _ = writeln!(io::stderr(), "interop: left out, {reason}");
}

/// A file of ours beside this one.
fn ours(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/interop")
        .join(name)
}
