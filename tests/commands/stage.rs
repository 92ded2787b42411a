//! A sandbox and a home of its own, for commands that sign in.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::inside;

/// The key that is good there, and printed nowhere.
pub const KEY: &str = "phak_sandbox_canary_0123456789";

/// A world, and a home that has nothing in it.
pub struct Stage {
    pub runtime: Runtime,
    pub service: SocketAddr,
    pub home: TempDir,
}

impl Stage {
    pub fn of(story: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let story = format!("sentence = ''\n{story}");
        let service = runtime.block_on(inside::open(&story, KEY));
        Self {
            runtime,
            service,
            home: tempfile::tempdir().unwrap(),
        }
    }

    pub fn command(&self, words: &str) -> Command {
        let home = self.home.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
        command
            .args(words.split_whitespace())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env(
                "PHALA_CLOUD_API_PREFIX",
                format!("http://{}/api/v1", self.service),
            )
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it; what it said on stdout. Fails where it said the key.
    #[track_caller]
    pub fn run(&self, words: &str, input: &str, code: i32) -> String {
        finish(self.command(words), input, code)
    }

    pub fn file(&self) -> PathBuf {
        self.home.path().join(".phala-cloud/credentials.json")
    }
}

#[track_caller]
pub fn finish(mut command: Command, input: &str, code: i32) -> String {
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    );
    assert_eq!(status.code(), Some(code), "{stdout}{stderr}");
    for said in [&stdout, &stderr] {
        assert!(!said.contains("canary"), "{said}");
    }
    stdout
}
