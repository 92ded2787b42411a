//! The shell's ledger at a desk of ours: what it sends lies in a tray until somebody answers it, what it writes goes to
//! a simulated disk, and its clock stands still.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use phala_wizard::api::client;
use phala_wizard::api::error::{Error, ErrorKind, Unreachable};
use phala_wizard::api::types::{AppId, ComposeHash, Plan, Prepared, Proof, Ticket};
use phala_wizard::journal::found::Unfinished;
use phala_wizard::journal::id::IntentId;
use phala_wizard::journal::state::State;
use phala_wizard::journal::store;
use phala_wizard::journal::trouble::Trouble;
use phala_wizard::secret::Secret;
use phala_wizard::shown::Shown;
use phala_wizard::wizard::event::{Noted, Request};

use super::ledger::Ledger;
use crate::faults::sim::Sim;

/// What a creating request comes to.
pub type Reply = Result<Prepared, Error>;

thread_local! {
    /// The disk that a store is opened on; `None` means the machine's own.
    static DISK: RefCell<Option<Sim>> = const { RefCell::new(None) };
}

/// A ledger, with everything that is under way.
pub struct Desk {
    sim: Sim,
    ledger: Ledger,
    tray: Arc<Mutex<Tray>>,
    under_way: BTreeMap<u32, Pin<Box<dyn Future<Output = Reply>>>>,
}

/// What has left, and what came back.
#[derive(Debug, Default)]
pub struct Tray {
    left: Vec<Left>,
    answers: BTreeMap<u32, Reply>,
}

/// A request that has left.
#[derive(Debug, Clone)]
pub struct Left {
    /// Under which number.
    pub number: u32,
    /// The token that it redeems; `None` for a preparation.
    pub token: Option<Secret>,
    /// What it asks for.
    pub plan: Option<Plan>,
    /// What would be on the disk if the power had gone in this moment.
    pub certain: crate::faults::sim::Files,
}

impl Desk {
    /// A ledger that has this disk.
    pub fn on(sim: &Sim) -> Self {
        Self {
            sim: sim.clone(),
            ledger: Ledger::at(Some(PathBuf::from("/sim"))),
            tray: Arc::default(),
            under_way: BTreeMap::new(),
        }
    }

    /// Orders a creating request. The answer where it did not leave; else it is under way.
    pub fn send(&mut self, number: u32, request: Request) -> Option<Reply> {
        let client = Client::Desk(number, Arc::clone(&self.tray), self.sim.clone());
        let ledger = self.ledger.clone();
        let sent = async move {
            match request {
                Request::Prepare(order) => ledger.prepare(&client, *order).await,
                Request::Commit {
                    order,
                    ticket,
                    proof,
                } => ledger.commit(&client, *order, *ticket, proof).await,
                other => panic!("{other:?} creates nothing"),
            }
        };
        self.under_way.insert(number, Box::pin(sent));
        self.turn(number)
    }

    /// Answers a request that is under way: what the wizard is told.
    pub fn answer(&mut self, number: u32, reply: Reply) -> Reply {
        self.tray().answers.insert(number, reply);
        self.turn(number).expect("an answer ends it")
    }

    /// Everything that has left, in order.
    pub fn left(&self) -> Vec<Left> {
        self.tray().left.clone()
    }

    pub fn note(&self, noted: Noted) -> Result<(), Shown> {
        self.now(self.ledger.note(noted))
    }

    pub fn unfinished(&self) -> Result<Unfinished, Shown> {
        self.now(self.ledger.unfinished())
    }

    pub fn resume(&self, id: IntentId) -> Result<Box<State>, Shown> {
        self.now(self.ledger.resume(id))
    }

    fn turn(&mut self, number: u32) -> Option<Reply> {
        let mut sent = self.under_way.remove(&number).expect("it is under way");
        match self.poll(sent.as_mut()) {
            Poll::Ready(reply) => Some(reply),
            Poll::Pending => {
                self.under_way.insert(number, sent);
                None
            }
        }
    }

    fn now<T>(&self, act: impl Future<Output = T>) -> T {
        match self.poll(std::pin::pin!(act)) {
            Poll::Ready(done) => done,
            Poll::Pending => panic!("nothing of this waits"),
        }
    }

    fn poll<T>(&self, act: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
        DISK.set(Some(self.sim.clone()));
        let polled = act.poll(&mut Context::from_waker(Waker::noop()));
        DISK.set(None);
        polled
    }

    fn tray(&self) -> std::sync::MutexGuard<'_, Tray> {
        self.tray.lock().unwrap()
    }
}

/// Stands for the client. One that was not made by a [`Desk`] is the real one: the ledger's own tests have it.
pub enum Client {
    Desk(u32, Arc<Mutex<Tray>>, Sim),
    Real(client::Client),
}

impl Client {
    pub fn new(base: &str, key: Option<Secret>) -> Result<Self, Error> {
        client::Client::new(base, key).map(Self::Real)
    }

    pub async fn prepare(&self, plan: &Plan) -> Reply {
        match self {
            Self::Real(client) => client.prepare(plan).await,
            Self::Desk(..) => self.send(None, Some(plan.clone())).await,
        }
    }

    pub async fn commit(
        &self,
        app: AppId,
        token: &Secret,
        hash: ComposeHash,
        proof: Proof,
    ) -> Reply {
        match self {
            Self::Real(client) => client.commit(app, token, hash, proof).await,
            Self::Desk(..) => self.send(Some(token.clone()), None).await,
        }
    }

    pub async fn create_app(&self, app: AppId, ticket: &Ticket) -> Reply {
        match self {
            Self::Real(client) => client.create_app(app, ticket).await,
            Self::Desk(..) => self.send(Some(ticket.token.clone()), None).await,
        }
    }

    async fn send(&self, token: Option<Secret>, plan: Option<Plan>) -> Reply {
        let Self::Desk(number, tray, sim) = self else {
            return Err(unreachable(Unreachable::NotSent));
        };
        tray.lock().unwrap().left.push(Left {
            number: *number,
            token,
            plan,
            certain: sim.all_certain(),
        });
        poll_fn(|_| match tray.lock().unwrap().answers.remove(number) {
            Some(reply) => Poll::Ready(reply),
            None => Poll::Pending,
        })
        .await
    }
}

/// No answer, and how that is known.
pub fn unreachable(how: Unreachable) -> Error {
    Error {
        asked: "POST /apps/x/instances".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(how, "pretended".into()),
    }
}

/// A store that is opened on the disk of the desk.
#[derive(Debug, Clone)]
pub struct Store(store::Store);

impl Store {
    pub fn open(folder: &Path) -> Result<Self, Trouble> {
        match DISK.with_borrow(Clone::clone) {
            Some(sim) => Ok(Self(store::Store::on(Arc::new(sim)))),
            None => store::Store::open(folder).map(Self),
        }
    }

    pub fn in_memory() -> Self {
        Self(store::Store::in_memory())
    }
}

impl Deref for Store {
    type Target = store::Store;

    fn deref(&self) -> &store::Store {
        &self.0
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

/// A clock that stands still, and names in order.
pub mod clock {
    use std::sync::atomic::{AtomicU64, Ordering};

    use phala_wizard::journal::id::IntentId;
    use phala_wizard::journal::moment::Moment;

    use super::DISK;

    const NOW: u64 = 1_763_900_000;

    static OTHERS: AtomicU64 = AtomicU64::new(0);

    pub fn moment() -> Moment {
        Moment {
            unix: NOW,
            boot: None,
        }
    }

    /// The first name that is not taken yet.
    pub fn fresh_id(at: &Moment) -> IntentId {
        let id = |number: u64| IntentId::new(at.unix * 1000 + number, 1);
        let Some(sim) = DISK.with_borrow(Clone::clone) else {
            return id(OTHERS.fetch_add(1, Ordering::Relaxed));
        };
        let names = sim.names();
        let mut all = (names.len() as u64..).map(id);
        all.find(|id| !names.contains(&format!("{id}.jnl")))
            .unwrap()
    }
}
