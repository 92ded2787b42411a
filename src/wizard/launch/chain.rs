//! The app's contract has to agree: the compose hash and the machine must be allowed there before it may boot.
//!
//! ```text
//!   Sight      what is allowed, by the service and by every node that is asked
//!   Sign       a key of this machine does it             ──▶ Tracking   the transactions, until they count
//!   HandOver   others do it, with the files made for them
//! ```
//!
//! Whoever does it, this stage watches until everybody who was asked says yes. Only then the commit is offered.

mod answers;
mod beside;
mod found;
mod naming;
mod ordered;
mod overview;
mod report;
mod sight;
mod sign;
mod tracking;

use std::path::PathBuf;

pub use self::found::Found;
use self::sight::Sight;
use self::sign::{Replacing, Sign, Turn};
use self::tracking::Tracking;
use super::brief::Brief;
use crate::api::types::{Proof, Ticket, TransactionHash};
use crate::chain::contract::Owner;
use crate::chain::explorer;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{self, HandTo, Request};
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, hint};
use crate::wizard::page::{Block, Page};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Signer;

/// Waiting for the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    brief: Box<Brief>,
    ticket: Box<Ticket>,
    sight: Sight,
    tracking: Tracking,
    view: View,
    /// The transaction that registered the hash, found in the contract's logs.
    found: Option<TransactionHash>,
    /// What came of handing it over.
    handed: Option<Result<PathBuf, Shown>>,
    /// Whether what was ordered beforehand was begun.
    begun: bool,
    /// Whether it is known what was signed before: the journal has been read.
    recalled: bool,
    /// Why the last signature was not made.
    unsigned: Option<Shown>,
    /// The account whose key was opened last.
    signer: Option<Signer>,
    /// Whether the transaction that registered it is being looked for.
    finding: bool,
}

/// What is on screen.
#[derive(Debug, Clone, PartialEq)]
enum View {
    /// What is missing, and how it can be done.
    Overview,
    /// What stands behind the hash.
    Details,
    /// A transaction hash is being typed.
    Naming(Field),
    /// A key of this machine signs.
    Signing(Box<Sign>),
}

type Next = Outcome<Chain, (Box<Brief>, Box<Ticket>, Proof)>;

impl Chain {
    /// Begins with what the ticket says, and looks at once.
    pub fn start(brief: Box<Brief>, ticket: Box<Ticket>, now: u64) -> (Self, Vec<Wish>) {
        let sight = Sight::start(&brief, &ticket, now);
        let mut chain = Self {
            brief,
            ticket,
            sight,
            tracking: Tracking::default(),
            view: View::Overview,
            found: None,
            handed: None,
            begun: false,
            recalled: false,
            unsigned: None,
            signer: None,
            finding: false,
        };
        let mut wishes = chain.sight.look(now);
        wishes.push(Wish::Ask(Request::Transactions));
        wishes.extend(chain.hand_over_by_order());
        (chain, wishes)
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64) -> Next {
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
                View::Naming(_) => self.name_transaction(input, now),
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

    /// The token of the ticket.
    pub fn token(&self) -> &Secret {
        &self.ticket.token
    }

    /// Whether everybody who was asked says that nothing is missing.
    pub fn is_allowed(&self) -> bool {
        self.sight.all()
    }

    /// What the commit needs of it.
    pub fn hand_on(self) -> (Box<Brief>, Box<Ticket>, Proof) {
        let proof = self
            .transaction()
            .map_or(Proof::AlreadyRegistered, Proof::Transaction);
        (self.brief, self.ticket, proof)
    }

    /// The contract is looked at again and again, so the clock runs.
    pub fn moves(&self) -> bool {
        let busy = matches!(&self.view, View::Signing(sign) if sign.is_busy());
        !self.sight.all() || self.tracking.is_open() || busy || self.finding
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let mut exit = self.brief.prepared(&self.ticket);
        let under_way = self.tracking.items.iter().filter(|item| item.is_open());
        let lines = under_way.map(|item| format!("under way      0x{}", item.transaction.hash));
        let last = exit.receipt.len().saturating_sub(1);
        let lines: Vec<String> = lines.collect();
        exit.receipt.splice(last..last, lines);
        if let Some(Ok(path)) = &self.handed {
            let line = format!(
                "for the owners {}",
                Shown::line(&path.display().to_string())
            );
            exit.receipt.insert(last, line);
        }
        exit
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.view {
            View::Details => Offer::default()
                .with(Command::Back, "back")
                .with(Command::Difference, "")
                .with(Command::Copy, "copy hash"),
            View::Naming(field) => naming::offer(field),
            View::Signing(sign) => sign.offer(),
            View::Overview => self.offer_overview(),
        }
    }

    /// The page.
    pub fn page(&self, now: u64) -> Page<'_> {
        match &self.view {
            View::Overview => self.overview_page(now, None),
            View::Naming(field) => self.overview_page(now, Some(field)),
            View::Details => Page {
                main: vec![Block::Text(
                    self.brief.hash_details(Some(&self.ticket.compose_hash)),
                )],
                side: Vec::new(),
                note: self.note(now),
            },
            View::Signing(sign) => sign.page(),
        }
    }

    fn overview(mut self, input: Input, now: u64) -> Next {
        let Input::Command(command) = input else {
            return Outcome::stay(self);
        };
        let wishes = match command {
            Command::Back => return Outcome::Leave,
            Command::Next if self.sight.all() => {
                return Outcome::Done(self.hand_on());
            }
            Command::Refresh => {
                self.sight.forget();
                self.sight.look(now)
            }
            Command::Prove | Command::Elsewhere => self.sight.use_next(),
            Command::Add => {
                let known = self.transaction().map(|hash| format!("0x{hash}"));
                self.view = View::Naming(Field::open(known.unwrap_or_default()));
                Vec::new()
            }
            Command::Choose(1) => self.start_signing(None),
            Command::Faster => match self.tracking.slow() {
                Some((item, replaced)) => {
                    let from = item.transaction.from;
                    let call = item.call;
                    self.start_signing(Some((Replacing { replaced, from }, call)))
                }
                None => Vec::new(),
            },
            Command::Choose(2) => {
                let folder = PathBuf::from(".");
                self.hand_over(HandTo::Folder(folder))
            }
            Command::Choose(_) => {
                let address = self.ticket.commit_url.iter().cloned();
                address
                    .map(|url| Wish::Copy("the page's address, with the token in it", url))
                    .collect()
            }
            Command::Copy => {
                let text = format!("0x{}", self.ticket.compose_hash);
                vec![Wish::Copy("the compose hash", Secret::new(text))]
            }
            Command::Open => {
                let of = self.sight.of.filter(|_| !self.brief.sandbox);
                let page = of.and_then(|of| explorer(of.chain_id, &of.contract));
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

    fn details(mut self, input: &Input) -> Next {
        match input {
            Input::Command(Command::Difference | Command::Back) => self.view = View::Overview,
            Input::Command(Command::Copy) => {
                let text = format!("0x{}", self.ticket.compose_hash);
                let wish = Wish::Copy("the compose hash", Secret::new(text));
                return Outcome::Stay(self, vec![wish]);
            }
            _ => (),
        }
        Outcome::stay(self)
    }

    fn sign(&mut self, input: Input, now: u64) -> Vec<Wish> {
        let View::Signing(sign) = &mut self.view else {
            return Vec::new();
        };
        if input == Input::Command(Command::Elsewhere) {
            let mut wishes = self.sight.use_next();
            let other = self.sight.next_node().map(|node| node.host.clone());
            if let (Some(node), View::Signing(sign)) = (self.last_node(), &mut self.view) {
                wishes.extend(sign.ask_at(node, other));
            }
            return wishes;
        }
        match sign.update(input) {
            Turn::Stay(wishes) => wishes,
            Turn::Back => {
                self.view = View::Overview;
                vec![Wish::CloseKey]
            }
            Turn::Sent(broadcast, fees, is_last, mut wishes) => {
                self.tracking.add(*broadcast, fees, now);
                if is_last {
                    self.view = View::Overview;
                    wishes.push(Wish::CloseKey);
                    wishes.extend(self.sight.ask_nodes());
                }
                wishes
            }
            Turn::Unsigned(why) => {
                self.view = View::Overview;
                self.unsigned = Some(why);
                vec![Wish::CloseKey]
            }
        }
    }

    fn start_signing(
        &mut self,
        replacing: Option<(Replacing, Option<crate::chain::Call>)>,
    ) -> Vec<Wish> {
        let (Some(of), Some(node)) = (self.sight.of, self.node()) else {
            return Vec::new();
        };
        let (replacing, calls) = match replacing {
            Some((replacing, call)) => (Some(replacing), call.into_iter().collect()),
            None => (None, self.to_sign()),
        };
        self.unsigned = None;
        let hash = self.ticket.compose_hash;
        let other = self.sight.next_node().map(|node| node.host.clone());
        let (sign, wishes) = Sign::start(of, node, calls, hash, replacing, other);
        self.view = View::Signing(Box::new(sign));
        wishes
    }

    fn hand_over(&mut self, to: HandTo) -> Vec<Wish> {
        let Some(of) = self.sight.of else {
            self.handed = Some(Err("the service did not say which chain it is on".into()));
            return Vec::new();
        };
        vec![Wish::Ask(Request::HandOver {
            of,
            calls: self.missing(),
            app_name: self.brief.plan.name.clone(),
            to,
        })]
    }

    /// What has to be called: for this machine, and for those of the other nodes in the same go.
    fn missing(&self) -> Vec<crate::chain::Call> {
        let mut calls = self.sight.missing();
        let others = self.brief.several.machines();
        let others = others.map(|(_, device)| crate::chain::Call::AddDevice(device));
        // Only a transaction that was signed here tells of them; the next preparation tells for certain.
        calls.extend(others.filter(|call| !self.tracking.made(*call)));
        calls
    }

    /// The calls that nobody has made yet.
    fn to_sign(&self) -> Vec<crate::chain::Call> {
        let mut calls = self.missing();
        let read = self.sight.witness();
        let read = read.map(|(_, reading)| reading.allowed.block);
        calls.retain(|call| !self.tracking.covers(*call, read));
        calls
    }

    /// What has to be settled before anything more is signed. A transaction that no node has seen yet keeps its number:
    /// another one under the same number would take its place.
    fn unsettled(&self) -> Option<&'static str> {
        if !self.recalled {
            return Some("the journal has not been read yet");
        }
        let open = self.tracking.is_open();
        open.then_some("first the transaction that is under way has to come to its end")
    }

    /// Why it cannot be signed here.
    fn unsignable(&self) -> Option<String> {
        let Some(of) = self.sight.of else {
            return Some("the service did not say on which chain the contract is".to_owned());
        };
        let Some((_, reading)) = self.sight.witness() else {
            return Some(match self.sight.next_node() {
                _ if self.sight.used().next().is_some() => {
                    "the contract has not been read yet".to_owned()
                }
                Some(node) => format!(
                    "first the contract has to be read: {} asks {}",
                    hint(Command::Prove),
                    node.host
                ),
                None => format!(
                    "no node of {} is known: --rpc-url or ETH_RPC_URL",
                    crate::chain::numbered(of.chain_id)
                ),
            });
        };
        if self.to_sign().is_empty() {
            return Some("there is nothing to sign: it is allowed, or under way".to_owned());
        }
        if let Some(why) = self.unsettled() {
            return Some(why.to_owned());
        }
        match &reading.owner {
            Owner::Wallet(_) => None,
            Owner::Nobody => Some("nobody owns the contract: nothing can be added".to_owned()),
            owner => Some(format!("its owner is {owner}")),
        }
    }

    /// The transaction that goes along with the commit.
    fn transaction(&self) -> Option<TransactionHash> {
        let ours = || self.tracking.registration();
        self.brief.transaction.or_else(ours).or(self.found)
    }

    /// The node that is asked for what is signed and followed.
    fn node(&self) -> Option<(Place, Shown)> {
        let used = self.sight.used().find(|node| node.trouble.is_none());
        let node = used.or_else(|| self.sight.used().next())?;
        Some((node.at, node.host.clone()))
    }

    /// The node that was asked for last.
    fn last_node(&self) -> Option<(Place, Shown)> {
        let node = self.sight.used().last()?;
        Some((node.at, node.host.clone()))
    }
}

#[cfg(test)]
mod tests;
