//! The one place where the shell knows the sandbox: starts it inside this process, on a port of the loopback.

use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::credentials::Found;
use crate::sandbox::{self, Scenario, World};
use crate::secret::Secret;
use crate::shown::Shown;

/// How the sandbox is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How much faster than the real service time passes in it.
    pub speed: f64,
    /// What its ids and chances are drawn from.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            speed: 1.0,
            seed: 1,
        }
    }
}

/// Every scenario: its name and a sentence about it, in the order a person should meet them.
pub fn scenarios() -> Vec<(String, String)> {
    Scenario::sentences()
}

/// A sandbox that runs as long as this lives.
#[derive(Debug)]
pub(super) struct Demo {
    base: String,
    key: Secret,
    /// Dropped, it tells the sandbox to stop.
    _running: oneshot::Sender<()>,
}

impl Demo {
    /// Starts a sandbox that tells this story, and begins now.
    pub(super) async fn start(name: &str, options: Options) -> Result<Self, Shown> {
        let scenario = Scenario::named(name)
            .ok_or_else(|| Shown::line(&format!("there is no scenario {name}")))?;
        let no_port = |error| Shown::line(&format!("no port of the loopback is free: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_port)?;
        let base = format!("http://{}/api/v1", listener.local_addr().map_err(no_port)?);
        let key = fresh_key();
        let world = sandbox::Options {
            seed: options.seed,
            api_key: key.clone(),
            base_url: base.clone(),
        };
        let world = World::starting_at(scenario, world, unix_seconds());
        let (running, stopped) = oneshot::channel();
        tokio::spawn(sandbox::serve(listener, world, options.speed, async {
            let _ = stopped.await;
        }));
        Ok(Self {
            base,
            key: Secret::new(key),
            _running: running,
        })
    }

    /// Where it is, and the one key it knows.
    pub(super) fn found(&self) -> Found {
        Found {
            base: self.base.clone(),
            key: Some((self.key.clone(), "the sandbox".into())),
            note: None,
        }
    }
}

/// A key that another user of this machine cannot guess. Its tail is the part that is shown.
fn fresh_key() -> String {
    let random = || RandomState::new().hash_one(0);
    format!("phak_sandbox_{:016x}{:016x}_demo", random(), random())
}

fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
