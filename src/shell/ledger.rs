//! Between the wizard's creating requests and the client: what leaves is written down first.
//!
//! ```text
//!   order ──▶ lock of the app ──▶ record on the disk ──proof──▶ client ──▶ answer ──▶ record on the disk ──▶ wizard
//! ```
//!
//! Only [`send_prepare`] and [`send_commit`] let a creating request out, and both want the proof that its record is
//! durable. A record that cannot be written means that nothing is sent. What the rules of the journal do not allow is
//! not sent either: whether a person decided otherwise stands in the order.

mod answers;
mod notes;
mod others;
mod sealing;
mod transactions;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::blocking::blocking;
use super::clock;
use super::journals::{self, say};
use crate::api::client::Client;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::types::{AppId, Plan, Prepared as Answered, Proof, Ticket};
use crate::journal::found::Unfinished;
use crate::journal::id::IntentId;
use crate::journal::record::{
    Answering, Choice, CommitSent, Decision, Entry, Intent, PrepareSent, Prepared, fingerprint,
};
use crate::journal::state::{Known, NextStep, State};
use crate::journal::store::{Durable, Journal, Store};
use crate::journal::{again, trouble::WriteFailed};
use crate::shown::Shown;
use crate::wizard::event::Order;
use others::{beside, is_kept_twice, retire, unanswered};

/// The journals of this machine, and the one that is open.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    home: Home,
    open: Arc<Mutex<Option<Journal>>>,
}

/// Where journals are kept.
#[derive(Debug, Clone)]
enum Home {
    /// In this folder; opened when first needed. `None`: the system names no place for state.
    Folder(Option<PathBuf>),
    /// With the sandbox, and gone with it.
    Memory(Store),
}

impl Ledger {
    /// Journals in this folder.
    pub(super) fn at(folder: Option<PathBuf>) -> Self {
        Self::of(Home::Folder(folder))
    }

    /// Journals that end with the program, for a sandbox that does so too.
    pub(super) fn in_memory() -> Self {
        Self::of(Home::Memory(Store::in_memory()))
    }

    fn of(home: Home) -> Self {
        Self {
            home,
            open: Arc::default(),
        }
    }

    /// Sends the prepare-only request of this order, or its provision, once.
    pub(super) async fn prepare(&self, client: &Client, order: Order) -> Result<Answered, Error> {
        let asked = Shown::line(&format!("POST {}", order.plan.path()));
        let plan = order.plan.clone();
        // With a KMS on a chain the app has no key before its contract is there.
        let values = match plan.kms_chain() {
            None => order.seal.clone(),
            Some(_) => Vec::new(),
        };
        let durable = self
            .with(move |home, open| {
                // Whoever prepares the same answers after a certain no, or once there is an instance, begins anew.
                let is_over = |state: &State| ended(state) || refused(state) || exists(state);
                let (journal, before) = held(home, open, &order, is_over)?;
                consent(journal, &order)?;
                let sent = match journal.state().known() {
                    Known::Noted => PrepareSent::first(),
                    _ => PrepareSent::again(again::prepare_again(journal.state()).map_err(say)?),
                };
                let durable = append(journal, sent)?;
                retire(before, &order);
                Ok(durable)
            })
            .await
            .map_err(|why| not_sent(&asked, &why))?;
        let (intent, attempt) = (durable.intent(), durable.record().attempt());
        let answer = send_prepare(client, &plan, durable).await;
        let answer = answer.and_then(|answer| sealing::sealed(answer, &values, &asked));
        let answering = Answering::Prepare(attempt);
        let heard = self.hear(intent, answer.clone(), answering).await;
        answers::as_kept(answer, heard, &asked)
    }

    /// Redeems the token of this ticket, once.
    pub(super) async fn commit(
        &self,
        client: &Client,
        order: Order,
        ticket: Ticket,
        proof: Proof,
    ) -> Result<Answered, Error> {
        let asked = Shown::line(&format!("POST {}", order.plan.commit_path()));
        let app = order.plan.app;
        let token = fingerprint(&ticket.token);
        let known = ticket.clone();
        let durable = self
            .with(move |home, open| {
                let (journal, before) = held(home, open, &order, ended)?;
                if journal.state().known() == Known::Noted {
                    // Prepared elsewhere, or before this journal: that request has left, and this is its answer.
                    append(journal, PrepareSent::first())?;
                    append(journal, Prepared::of(&known, Answering::Prepare(1)))?;
                }
                if journal
                    .state()
                    .offered()
                    .is_some_and(|it| it.fingerprint == token)
                {
                    // It came in answer to a commit, and the person confirmed it on the screen that showed it.
                    decide(journal, Choice::UseOfferedToken)?;
                }
                consent(journal, &order)?;
                let send = journal.state().sends() + 1;
                let durable = append(journal, CommitSent { send, token, proof })?;
                let is_twin = |state: &State| is_kept_twice(state, durable.intent(), token);
                // One that cannot be read or closed is offered again, and its token refused: harmless.
                let twin = beside(home, Some(journal), is_twin);
                retire(before, &order);
                retire(twin.ok().flatten(), &order);
                Ok(durable)
            })
            .await
            .map_err(|why| not_sent(&asked, &why))?;
        let (intent, send) = (durable.intent(), durable.record().send);
        let answer = send_commit(client, app, &ticket, durable).await;
        let answering = Answering::Commit(send);
        let heard = self.hear(intent, answer.clone(), answering).await;
        answers::as_kept(answer, heard, &asked)
    }

    /// What was begun on this machine and is not closed.
    pub(super) async fn unfinished(&self) -> Result<Unfinished, Shown> {
        self.with(|home, _| home.store()?.unfinished().map_err(say))
            .await
    }

    /// Opens the journal of this intent to go on with it.
    pub(super) async fn resume(&self, id: IntentId) -> Result<Box<State>, Shown> {
        self.with(move |home, open| {
            *open = None;
            let store = home.store()?;
            let all = store.unfinished().map_err(say)?;
            let found = all.found.iter().find(|found| found.state.id() == id);
            let found = found.ok_or_else(|| Shown::line("it is not there any more"))?;
            let app = found.state.intent().plan.app;
            let lock = store.lock(app, clock::moment().unix).map_err(say)?;
            let journal = store.reopen(lock, id).map_err(say)?;
            let state = Box::new(journal.state().clone());
            *open = Some(journal);
            Ok(state)
        })
        .await
    }

    /// Puts an intent aside for good.
    pub(super) async fn forget(&self, id: IntentId) -> Result<(), Shown> {
        self.with(move |home, open| {
            if open.as_ref().is_some_and(|journal| journal.id() == id) {
                *open = None;
            }
            home.store()?.forget(id, clock::moment()).map_err(say)
        })
        .await
    }

    /// Writes a clear answer into the journal of its request, or says why not. An unclear one leaves its request
    /// unanswered, which is the truth.
    async fn hear(
        &self,
        intent: IntentId,
        answer: Result<Answered, Error>,
        answering: Answering,
    ) -> Result<(), Shown> {
        self.with(move |_, open| match open.as_mut() {
            Some(journal) if journal.id() == intent => answers::write(journal, answer, answering),
            // Another deployment has begun since: this answer is none of its.
            _ => Err("its journal is not open any more".into()),
        })
        .await
    }

    /// Does something to the journal on a thread that may block.
    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Home, &mut Option<Journal>) -> Result<T, Shown> + Send + 'static,
    ) -> Result<T, Shown> {
        let home = self.home.clone();
        let mut open = Arc::clone(&self.open).lock_owned().await;
        blocking(move || act(&home, &mut open))
            .await
            .unwrap_or_else(|| Err("the disk could not be asked".into()))
    }
}

impl Home {
    fn store(&self) -> Result<Store, Shown> {
        match self {
            Self::Memory(store) => Ok(store.clone()),
            Self::Folder(folder) => journals::open(folder.as_deref()),
        }
    }
}

/// Lets the prepare-only request out. The record that it is about to leave is on the disk.
async fn send_prepare(
    client: &Client,
    plan: &Plan,
    _on_disk: Durable<PrepareSent>,
) -> Result<Answered, Error> {
    client.prepare(plan).await
}

/// Lets the commit out. The record that it is about to leave, for this very token, is on the disk.
async fn send_commit(
    client: &Client,
    app: AppId,
    ticket: &Ticket,
    on_disk: Durable<CommitSent>,
) -> Result<Answered, Error> {
    let CommitSent { proof, token, .. } = on_disk.record();
    debug_assert_eq!(*token, fingerprint(&ticket.token), "one token, one record");
    if ticket.provision.is_some() {
        return client.create_app(app, ticket).await;
    }
    client
        .commit(app, &ticket.token, ticket.compose_hash, *proof)
        .await
}

/// The journal of this order: the open one if it is about the same request and not over, else a new one, and the one it
/// takes the place of.
fn held<'j>(
    home: &Home,
    open: &'j mut Option<Journal>,
    order: &Order,
    is_over: impl Fn(&State) -> bool,
) -> Result<(&'j mut Journal, Option<Journal>), Shown> {
    let moment = clock::moment();
    let intent = Intent::new(clock::fresh_id(&moment), &order.plan, order.facts.clone());
    let goes_on = open.as_ref().is_some_and(|journal| {
        let known = journal.state().intent();
        // The order has the id that the app got since, where it is one whose contract was deployed.
        let same_app =
            known.plan.app == intent.plan.app || journal.state().app() == intent.plan.app;
        let is_same = known.request_sha256 == intent.request_sha256 && same_app;
        is_same && !is_over(journal.state())
    });
    let store = home.store()?;
    let mut before = None;
    if let Some(journal) = open.as_ref().filter(|_| goes_on) {
        unanswered(&store, journal.state().intent())?;
    } else {
        let same_app = open
            .as_ref()
            .filter(|one| one.state().intent().plan.app == intent.plan.app);
        let lock = match same_app {
            Some(journal) => journal.lock(),
            None => store.lock(intent.plan.app, moment.unix).map_err(say)?,
        };
        unanswered(&store, &intent)?;
        // Without a token there is nothing to keep, and nothing to be found beside the new one.
        retire(open.take_if(|one| one.state().ticket().is_none()), order);
        before = open.replace(store.begin(lock, intent, moment).map_err(kept)?);
    }
    let journal = open.as_mut().ok_or("no journal is open")?;
    Ok((journal, before))
}

/// Whether it was refused for certain when it was prepared: the same answers once more are a new deployment.
fn ended(state: &State) -> bool {
    state.attempts() > 0 && state.next_step() == NextStep::StartOver
}

/// Whether its commit was, and nothing of it can act any more but by its token.
fn refused(state: &State) -> bool {
    matches!(state.known(), Known::CommitRefused | Known::NotRegistered)
        && !state.something_may_come()
}

/// Whether its instance is there: what is confirmed after that is another one.
fn exists(state: &State) -> bool {
    matches!(state.known(), Known::Created | Known::Running)
}

/// Writes down what the person decided, where the order says so.
fn consent(journal: &mut Journal, order: &Order) -> Result<(), Shown> {
    order
        .consent
        .clone()
        .map_or(Ok(()), |choice| decide(journal, choice))
}

fn decide(journal: &mut Journal, choice: Choice) -> Result<(), Shown> {
    let facts = Vec::new();
    append(journal, Decision { choice, facts }).map(drop)
}

fn append<R: Entry>(journal: &mut Journal, entry: R) -> Result<Durable<R>, Shown> {
    journal.append(entry, clock::moment()).map_err(kept)
}

fn kept(why: WriteFailed) -> Shown {
    match why {
        WriteFailed::NotNow(why) => Shown::line(&why.to_string()),
        why => Shown::line(&format!("no record of it can be kept: {why}")),
    }
}

fn not_sent(asked: &Shown, why: &Shown) -> Error {
    Error {
        asked: asked.clone(),
        tries: 0,
        kind: ErrorKind::Unreachable(Unreachable::NotSent, why.clone()),
    }
}

#[cfg(test)]
mod tests;
