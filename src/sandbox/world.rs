//! The service itself, as a pure function of its state, the sandbox time and a request.
//!
//! No socket and no clock. What exists is here; what each endpoint says stands in the files beside this one, each
//! of which adds its part to [`World`].

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    apps::App,
    catalog,
    cvm::Cvm,
    environment::Environment,
    fault,
    kms::Kms,
    login::Login,
    logs::Reader,
    message::{Reply, Request, Subject, Watch},
    mint::Mint,
    moment::Moment,
    nodes::Node,
    provision::Provision,
    refusal::Refusal,
    rpc::Ledger,
    scenario::Scenario,
    ssh_keys::SshKey,
    tickets::Ticket,
};

/// 2026-11-23 16:00:00 UTC.
const DEFAULT_START: i64 = 1_795_449_600;

/// An endpoint's answer.
pub(super) type Answer = Result<Reply, Refusal>;

/// What the caller decides about a world.
#[derive(Clone)]
pub struct Options {
    /// Every identifier, key, token and chance follows from it.
    pub seed: u64,
    /// The key that opens the door, such as `phak_sandbox_…`; never a real one. A device login makes further ones.
    pub api_key: String,
    /// Where clients reach it, with `/api/v1`; appears in answers.
    pub base_url: String,
}

/// A whole pretend Phala Cloud: one workspace, seen by one user.
pub struct World {
    pub(super) scenario: Scenario,
    pub(super) options: Options,
    pub(super) mint: Mint,
    pub(super) start: Moment,
    pub(super) now: Moment,
    pub(super) kms: Vec<Kms>,
    pub(super) nodes: Vec<Node>,
    /// One chain per chain id.
    pub(super) ledgers: Vec<Ledger>,
    pub(super) apps: Vec<App>,
    pub(super) cvms: Vec<Cvm>,
    pub(super) tickets: Vec<Ticket>,
    pub(super) provisions: Vec<Provision>,
    pub(super) logins: Vec<Login>,
    /// Tokens that came out of logins; each opens the door like the key.
    pub(super) issued_keys: Vec<String>,
    pub(super) ssh_keys: Vec<SshKey>,
    /// Who follows a log.
    pub(super) readers: Vec<Reader>,
    /// Prepares answered with 465 so far.
    pub(super) prepares: usize,
    /// Each open stream holds a copy.
    pub(super) streams: Arc<()>,
    /// How many identifiers were given out.
    minted: u64,
    /// How many requests came.
    answered: u64,
}

impl World {
    /// A world that begins at a fixed moment, so that every run says the same.
    pub fn new(scenario: Scenario, options: Options) -> Self {
        Self::starting_at(scenario, options, DEFAULT_START)
    }

    /// A world that begins at this Unix time in seconds, so that ages shown to a person make sense.
    pub fn starting_at(scenario: Scenario, options: Options, unix_seconds: i64) -> Self {
        let start = Moment::from_unix(unix_seconds);
        let mut world = Self {
            mint: Mint::new(options.seed),
            scenario,
            options,
            start,
            now: start,
            kms: Vec::new(),
            nodes: Vec::new(),
            ledgers: Vec::new(),
            apps: Vec::new(),
            cvms: Vec::new(),
            tickets: Vec::new(),
            provisions: Vec::new(),
            logins: Vec::new(),
            issued_keys: Vec::new(),
            ssh_keys: Vec::new(),
            readers: Vec::new(),
            prepares: 0,
            streams: Arc::new(()),
            minted: 4100,
            answered: 0,
        };
        catalog::furnish(&mut world);
        world
    }

    /// Answers a request of the API that arrives at this sandbox time since the start.
    pub fn answer(&mut self, now: Duration, request: &Request) -> Reply {
        let mut reply = self.met(now, request, |world| world.reply(request));
        self.answered += 1;
        // One official client shows it with an error.
        let id = format!("req_{:06}", self.answered);
        reply.headers.push(("X-Request-ID".to_owned(), id));
        reply
    }

    /// What an endpoint answers, unless a fault of the story comes in between.
    pub(super) fn met(
        &mut self,
        now: Duration,
        request: &Request,
        reply: impl FnOnce(&mut Self) -> Reply,
    ) -> Reply {
        self.advance(now);
        match fault::pick(&mut self.scenario.faults, request, &self.mint) {
            None => reply(self),
            Some(fault) => {
                let answer = fault.lets_through().then(|| reply(self));
                fault.spoil(answer)
            }
        }
    }

    /// What an open stream writes at this time, given when it began, and whether it ends with that.
    pub fn watched(&mut self, now: Duration, began: Duration, watch: &Watch) -> (String, bool) {
        self.advance(now);
        match &watch.subject {
            Subject::State { target, timeout } => {
                let elapsed = now.saturating_sub(began);
                self.events(&watch.vm_uuid, target, *timeout, elapsed)
            }
            Subject::Log { reader, query } => self.followed(watch, *reader, query),
        }
    }

    /// The environment the guest of an instance ended up with; for tests that send one.
    pub fn environment(&self, vm_uuid: &str) -> Option<&Environment> {
        self.cvms
            .iter()
            .find(|cvm| cvm.vm_uuid == vm_uuid)
            .map(|cvm| &cvm.environment)
    }

    /// A number that was not given out before.
    pub(super) fn next_number(&mut self) -> u64 {
        self.minted += 1;
        self.minted
    }

    /// Time never runs backwards, whatever the caller says.
    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(self.start.after(now));
        self.mine();
    }
}

/// One page of items, with the members every paged answer has.
pub(super) fn page(
    request: &Request,
    items: &[Value],
    default: usize,
    max: usize,
) -> Result<Value, Refusal> {
    let number = request.number("page", 1, &(1..=usize::MAX))?;
    let size = request.number("page_size", default, &(1..=max))?;
    let shown: Vec<&Value> = items
        .iter()
        .skip(size.saturating_mul(number - 1))
        .take(size)
        .collect();
    Ok(json!({
        "items": shown,
        "total": items.len(),
        "page": number,
        "page_size": size,
        "pages": items.len().div_ceil(size),
    }))
}
