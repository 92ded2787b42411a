//! The one place where the shell knows the sandbox: opens it inside this process, on a port of the loopback.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::boots::Boots;
use super::credentials::Found;
use super::ledger::Ledger;
use super::places::Places;
use crate::chain::key::Key;
pub(super) use crate::sandbox::Handled;
use crate::sandbox::{self, Scenario, World};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::keys::{FoundKey, KeySource};

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

/// A sandbox that has its port and its story, and does not answer yet.
pub(super) struct Opened {
    /// Where its API begins, with `/api/v1`.
    pub(super) base: String,
    /// Where its chain is asked.
    pub(super) rpc: String,
    /// Of a funded account on that chain that owns a contract, where the story has one; worth nothing anywhere else.
    pub(super) test_key: Option<String>,
    listener: TcpListener,
    world: World,
    speed: f64,
}

impl Opened {
    /// Takes the port; the story of this name begins now. `key` is the only one that opens it.
    pub(super) async fn at(
        place: SocketAddr,
        name: &str,
        key: String,
        options: Options,
    ) -> Result<Self, Shown> {
        let scenario = Scenario::named(name)
            .ok_or_else(|| Shown::line(&format!("there is no scenario {name}")))?;
        let no_port = |error| Shown::line(&format!("cannot listen on {place}: {error}"));
        let listener = TcpListener::bind(place).await.map_err(no_port)?;
        let address = listener.local_addr().map_err(no_port)?;
        let base = format!("http://{address}/api/v1");
        let world = sandbox::Options {
            seed: options.seed,
            api_key: key,
            base_url: base.clone(),
        };
        let world = World::starting_at(scenario, world, unix_seconds());
        Ok(Self {
            base,
            rpc: format!("http://{address}/rpc"),
            test_key: world.own_key(),
            listener,
            world,
            speed: options.speed,
        })
    }

    /// Answers until `shutdown` resolves, and tells of every request.
    pub(super) async fn serve(
        self,
        tell: impl Fn(Handled) + Clone + Send + Sync + 'static,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        sandbox::serve_and_tell(self.listener, self.world, self.speed, tell, shutdown).await
    }
}

/// A sandbox that runs as long as this lives.
#[derive(Debug)]
pub(super) struct Demo {
    base: String,
    rpc: String,
    key: Secret,
    /// Of the funded account of its chain, where that owns a contract.
    own_key: Option<Secret>,
    ledger: Ledger,
    boots: Boots,
    /// Dropped, it tells the sandbox to stop.
    _running: oneshot::Sender<()>,
}

impl Demo {
    /// Starts a sandbox that tells this story, and begins now.
    pub(super) async fn start(name: &str, options: Options) -> Result<Self, Shown> {
        let key = fresh_key();
        let place = SocketAddr::from(([127, 0, 0, 1], 0));
        let opened = Opened::at(place, name, key.clone(), options).await?;
        let (base, rpc) = (opened.base.clone(), opened.rpc.clone());
        let own_key = opened.test_key.clone().map(Secret::new);
        let (running, stopped) = oneshot::channel();
        tokio::spawn(opened.serve(|_| (), async {
            let _ = stopped.await;
        }));
        Ok(Self {
            base,
            rpc,
            key: Secret::new(key),
            own_key,
            ledger: Ledger::in_memory(),
            boots: Boots::in_memory(),
            _running: running,
        })
    }

    /// Its chain, and nobody else: what is made up in there can be looked up nowhere outside.
    pub(super) fn places(&self) -> Places {
        Places {
            rpc: vec![Secret::new(self.rpc.as_str())],
            rpc_by_chain: true,
            ..Places::default()
        }
    }

    /// The key of its test account, where that owns a contract; it opens nothing outside.
    pub(super) fn keys(&self) -> Vec<FoundKey> {
        let own = self.own_key.as_ref().map(|key| FoundKey {
            source: KeySource::Typed(key.clone()),
            name: "the sandbox's test account".into(),
            address: Key::parse(key).ok().map(|key| key.address()),
        });
        own.into_iter().collect()
    }

    /// Its journals, which end with it.
    pub(super) fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// How long boots in it took, which ends with it too.
    pub(super) fn boots(&self) -> Boots {
        self.boots.clone()
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
pub(super) fn fresh_key() -> String {
    let random = || RandomState::new().hash_one(0);
    format!("phak_sandbox_{:016x}{:016x}_demo", random(), random())
}

fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
