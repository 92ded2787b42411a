//! A new app whose keys a contract governs needs that contract first: its address is what the app is called by.
//!
//! ```text
//!   Missing ──▶ (a key here signs, or others do) ──▶ Looking ──▶ Key ──▶ (Values) ──▶ Sealing ──▶ Writing ──▶ Done
//! ```
//!
//! It is deployed once. What may be there already is looked for before anything is signed, and what is found counts
//! only where the chain says that it is what was asked for. The values are encrypted after that, as only then the app
//! has a key. Nothing is created here.

mod answers;
mod hands;
mod page;
mod report;
mod values;

use std::path::PathBuf;

use super::sign::{Replacing, Sign};
use super::tracking::Tracking;
use crate::api::error::Error;
use crate::api::types::{AppId, EnvKeyAnswer, Proof, Ticket, TransactionHash};
use crate::chain::founding::FoundApp;
use crate::chain::kms::KmsKeys;
use crate::chain::{Address, Subject, explorer};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{self, Request};
use crate::wizard::field::Field;
use crate::wizard::keymap::Command;
use crate::wizard::launch::brief::Brief;
use crate::wizard::registering::account;
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Signer;

/// Waiting for the contract of a new app.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    brief: Box<Brief>,
    ticket: Box<Ticket>,
    /// The contract of the KMS, or why it is not known.
    of: Result<Subject, &'static str>,
    nodes: Vec<Node>,
    /// The keys of the KMS, as its contract has them.
    kms: Option<KmsKeys>,
    tracking: Tracking,
    recalled: bool,
    view: View,
    at: At,
    /// Whom it shall belong to; the account that signs, where nobody is named.
    owner: Option<Address>,
    /// A transaction that somebody else made, as a person named it.
    named: Option<TransactionHash>,
    handed: Option<Result<PathBuf, Shown>>,
    /// Whether what was ordered beforehand was begun.
    begun: bool,
    unsigned: Option<Shown>,
    signer: Option<Signer>,
    contract: Option<FoundApp>,
    env_key: Option<EnvKeyAnswer>,
    since: u64,
    looked: Option<u64>,
    /// What came of the last look, where it was no contract.
    trouble: Option<Error>,
}

/// A node of the chain.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    at: Place,
    host: Shown,
    used: bool,
    trouble: Option<Error>,
}

#[derive(Debug, Clone, PartialEq)]
enum At {
    /// It is not there, as far as is known.
    Missing,
    /// The chain is being asked.
    Looking,
    /// The service is asked for the app's key.
    Key,
    /// That came to nothing, or the key cannot be trusted.
    NoKey(String),
    /// The values are not here any more: an earlier run had them. Why the last try did not do.
    Values(Option<String>),
    /// They are read from a file.
    Reading,
    /// They are being encrypted.
    Sealing,
    /// It is being written down.
    Writing,
    /// It could not be.
    Unwritten(Shown),
    /// All is there.
    Done,
}

#[derive(Debug, Clone, PartialEq)]
enum View {
    Overview,
    /// What stands behind the hash.
    Details,
    /// Whom the contract shall belong to, for the files or for a transaction.
    Owner(Field, Next),
    /// A transaction hash is being typed.
    Naming(Field),
    /// The path of a file with the values.
    Values(Field),
    Signing(Box<Sign>),
}

/// What the owner is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    HandOver,
    Name,
}

type Step = Outcome<Found, (Box<Brief>, Box<Ticket>, Proof)>;

impl Found {
    /// Begins with what the provision says, and looks what was done before.
    pub fn start(brief: Box<Brief>, ticket: Box<Ticket>, now: u64) -> (Self, Vec<Wish>) {
        let of = subject(&brief, &ticket);
        let known = of.map_or(Vec::new(), |of| brief.nodes_of(of.chain_id));
        let nodes = known.into_iter().map(|(at, host)| Node {
            at,
            host,
            used: at.is_configured(),
            trouble: None,
        });
        let mut nodes: Vec<Node> = nodes.collect();
        // One is enough, and another can be asked instead.
        for node in nodes.iter_mut().skip(1) {
            node.used = false;
        }
        let mut found = Self {
            owner: brief.registering.owner,
            brief,
            ticket,
            of,
            nodes,
            kms: None,
            tracking: Tracking::default(),
            recalled: false,
            view: View::Overview,
            at: At::Missing,
            named: None,
            handed: None,
            begun: false,
            unsigned: None,
            signer: None,
            contract: None,
            env_key: None,
            since: now,
            looked: None,
            trouble: None,
        };
        let provision = found.ticket.provision.as_ref();
        let before = provision.and_then(|provision| provision.founded.clone());
        found.named = found.brief.transaction;
        if let Some(before) = before {
            // It was there before; whatever the service says, the chain is asked once more.
            found.owner = account(before.owner.as_str()).ok();
            found.named = before.transaction;
        }
        let mut wishes = vec![Wish::Ask(Request::Transactions)];
        wishes.extend(found.read_kms());
        (found, wishes)
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64) -> Step {
        match input {
            Input::Answer(answer) => {
                let wishes = self.answer(answer, now);
                Outcome::Stay(self, wishes)
            }
            Input::Tick => {
                let wishes = self.tick(now);
                Outcome::Stay(self, wishes)
            }
            input => match &mut self.view {
                View::Overview => self.overview(input, now),
                View::Details => self.details(&input),
                View::Owner(..) | View::Naming(_) => self.typed(input, now),
                View::Values(_) => self.typed_path(input),
                View::Signing(_) => {
                    let wishes = self.sign(input, now);
                    Outcome::Stay(self, wishes)
                }
            },
        }
    }

    /// What was decided.
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// The app, once its contract is there.
    pub fn app(&self) -> Option<AppId> {
        let found = self.contract.as_ref()?;
        Some(AppId::from(found.app.0.0))
    }

    /// The chain is looked at again and again, so the clock runs.
    pub fn moves(&self) -> bool {
        self.at != At::Done
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let mut exit = self.brief.prepared(&self.ticket);
        let last = exit.receipt.len().saturating_sub(1);
        let mut lines = Vec::new();
        if let Some(app) = self.app() {
            lines.push(format!("its contract   0x{app}"));
        }
        let under_way = self.tracking.items.iter().filter(|item| item.is_open());
        lines.extend(under_way.map(|item| format!("under way      0x{}", item.transaction.hash)));
        if let Some(Ok(path)) = &self.handed {
            let path = Shown::line(&path.display().to_string());
            lines.push(format!("for the owners {path}"));
        }
        exit.receipt.splice(last..last, lines);
        exit
    }

    fn overview(mut self, input: Input, now: u64) -> Step {
        let Input::Command(command) = input else {
            return Outcome::stay(self);
        };
        let wishes = match command {
            Command::Back => return Outcome::Leave,
            Command::Next if self.at == At::Done => {
                let proof = self.transaction();
                let proof = proof.map_or(Proof::AlreadyRegistered, Proof::Transaction);
                return Outcome::Done((self.brief, self.ticket, proof));
            }
            Command::Refresh => self.once_more(now),
            Command::Prove | Command::Elsewhere => self.use_next(),
            Command::Choose(1) if self.unsignable().is_none() => self.start_signing(None),
            Command::Choose(2) if self.unready().is_none() => {
                self.view = View::Owner(self.owner_field(), Next::HandOver);
                Vec::new()
            }
            Command::Add if self.unready().is_none() => {
                self.view = match self.owner {
                    Some(_) => View::Naming(self.naming_field()),
                    None => View::Owner(self.owner_field(), Next::Name),
                };
                Vec::new()
            }
            Command::Faster => match self.tracking.slow() {
                Some((item, replaced)) => {
                    let (from, call) = (item.transaction.from, item.call);
                    self.start_signing(Some((Replacing { replaced, from }, call)))
                }
                None => Vec::new(),
            },
            Command::Copy => {
                let text = match self.app() {
                    Some(app) => format!("0x{app}"),
                    None => format!("0x{}", self.ticket.compose_hash),
                };
                vec![Wish::Copy("it", Secret::new(text))]
            }
            Command::Open => {
                let page = self.explored();
                page.map(Wish::Open).into_iter().collect()
            }
            Command::Difference => {
                self.view = View::Details;
                Vec::new()
            }
            _ => Vec::new(),
        };
        Outcome::Stay(self, wishes)
    }

    fn details(mut self, input: &Input) -> Step {
        if let Input::Command(Command::Difference | Command::Back) = input {
            self.view = View::Overview;
        }
        Outcome::stay(self)
    }

    /// The transaction that goes along with the request that creates.
    fn transaction(&self) -> Option<TransactionHash> {
        self.contract.as_ref().map(|found| found.transaction)
    }

    fn explored(&self) -> Option<String> {
        let of = self.of.ok().filter(|_| !self.brief.sandbox)?;
        let contract = self
            .contract
            .as_ref()
            .map_or(of.contract, |found| found.app);
        explorer(of.chain_id, &contract)
    }

    /// The node that is asked.
    fn node(&self) -> Option<(Place, Shown)> {
        let node = self.nodes.iter().find(|node| node.used)?;
        Some((node.at, node.host.clone()))
    }

    /// The node that could be asked instead.
    fn next_node(&self) -> Option<&Node> {
        let used = self.nodes.iter().position(|node| node.used);
        let start = used.map_or(0, |used| used + 1);
        let count = self.nodes.len();
        let mut order = (0..count).map(|step| (start + step) % count);
        let next = order.find(|index| !self.nodes[*index].used)?;
        self.nodes.get(next)
    }

    fn use_next(&mut self) -> Vec<Wish> {
        let Some(next) = self.next_node().map(|node| node.at) else {
            return self.read_kms();
        };
        for node in &mut self.nodes {
            node.used = node.at == next;
            node.trouble = None;
        }
        self.kms = None;
        self.read_kms()
    }
}

/// The contract of the KMS, as the provision names it.
fn subject(brief: &Brief, ticket: &Ticket) -> Result<Subject, &'static str> {
    let provision = ticket.provision.as_ref();
    let named = provision.and_then(|provision| provision.kms_contract.as_ref());
    let named = named.ok_or("the service did not name the contract of the KMS")?;
    let contract = AppId::parse(named.as_str());
    let contract =
        contract.ok_or("the contract of the KMS that the service named is no address")?;
    let chain_id = ticket.chain_id;
    let chain_id = chain_id.ok_or("the service did not say which chain the KMS is on")?;
    if ticket.device.is_none() {
        return Err("the service did not say which machine it chose");
    }
    Ok(Subject {
        chain_id,
        contract: Address::from(*contract.bytes()),
        app: brief.plan.app,
        hash: Some(ticket.compose_hash),
        device: ticket.device,
    })
}

#[cfg(test)]
mod tests;
