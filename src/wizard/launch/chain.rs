//! The app's contract has to agree: the compose hash and the machine must be allowed there before it may boot.
//!
//! ```text
//!   Sight      what is allowed, by the service and by every node that is asked
//!   Sign       a key of this machine does it             ──▶ Tracking   the transactions, until they count
//!   HandOver   others do it, with the files made for them
//! ```
//!
//! Whoever does it, this stage watches until everybody who was asked says yes. Only then the commit is offered.

mod overview;
mod sight;
mod sign;
mod tracking;

use std::path::PathBuf;

use self::sight::Sight;
use self::sign::{Replacing, Sign, Turn};
use self::tracking::Tracking;
use super::brief::Brief;
use crate::api::types::{Permission, Proof, Ticket, TransactionHash};
use crate::chain::contract::Owner;
use crate::chain::explorer;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{self, Answer, HandTo, Noted, Request};
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::page::{Block, Page};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::{Contract, Registration, Signer, Transaction, Work};

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

    /// The contract is looked at again and again, so the clock runs.
    pub fn moves(&self) -> bool {
        let busy = matches!(&self.view, View::Signing(sign) if sign.is_busy());
        !self.sight.all() || self.tracking.is_open() || busy
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
            View::Naming(field) => {
                let offer = Offer::new(Typing::Line);
                let offer = match named(field.text()) {
                    Ok(_) => offer.with(Command::Next, "use it"),
                    Err(reason) => offer.blocked(Command::Next, "use it", reason),
                };
                offer.with(Command::Back, "never mind")
            }
            View::Signing(sign) => sign.offer(),
            View::Overview => self.offer_overview(),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Registration {
        let permission = Permission {
            hash: self.sight.hash(),
            device: self.sight.machine(),
            all: self.sight.all(),
            error: None,
        };
        let witness = self.sight.witness();
        Registration {
            trouble: self.sight.trouble.clone(),
            read: witness.map(|(node, reading)| Contract {
                host: node.host.clone(),
                block: reading.allowed.block,
                generation: reading.generation.to_string(),
                owner: reading.owner.address().map(|owner| owner.to_string()),
                owner_kind: reading.owner.to_string(),
            }),
            work: self.work(),
            signer: self.signer.clone(),
            transactions: self.tracking.items.iter().map(reported).collect(),
            handed: match &self.handed {
                Some(Ok(path)) => Some(Shown::line(&path.display().to_string())),
                _ => None,
            },
            proof: self.transaction(),
            ..self.brief.registration(&self.ticket, &permission)
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
                note: self.note(),
            },
            View::Signing(sign) => sign.page(),
        }
    }

    fn answer(&mut self, answer: Answer, now: u64) -> Vec<Wish> {
        let was_all = self.sight.all();
        match answer {
            Answer::IsAllowed(reply) => self.sight.take_service(reply, now),
            Answer::Contract(replies) => self.sight.take_readings(replies, now),
            Answer::Allowed(replies) => self.sight.take_allowed(replies, now),
            Answer::Registration(reply) => {
                // Where no log is found the contract's own state stands for it.
                self.found = reply.ok().flatten();
                self.finding = false;
                return Vec::new();
            }
            Answer::Transactions(kept) => {
                self.tracking.recall(kept, now);
                return self.follow(now);
            }
            Answer::Followed(replies) => {
                let open = self.tracking.is_open();
                let (notes, again) = self.tracking.take(replies, now);
                let mut wishes = Vec::new();
                if !notes.is_empty() {
                    wishes.push(Wish::Ask(Request::Note(Noted::Transactions(notes))));
                }
                if let (Some((hash, chain_id)), Some((at, _))) = (again, self.node()) {
                    wishes.push(Wish::Ask(Request::SendAgain { hash, chain_id, at }));
                }
                // It came to an end: what counts is what the contract says by now.
                if open && !self.tracking.is_open() {
                    wishes.extend(self.sight.look(now));
                }
                return wishes;
            }
            Answer::HandedOver(reply) => {
                let done = reply.is_ok();
                self.handed = Some(reply);
                return if done { vec![Wish::Bell] } else { Vec::new() };
            }
            answer => {
                if let Answer::KeyOpened(Ok(opened)) = &answer {
                    self.signer = Some(Signer {
                        account: opened.address.to_string(),
                        remarks: opened.remarks.iter().map(ToString::to_string).collect(),
                    });
                }
                return match &mut self.view {
                    View::Signing(_) => self.sign(Input::Answer(answer), now),
                    _ => Vec::new(),
                };
            }
        }
        let mut wishes = self.sign_by_order();
        if self.sight.all() && !was_all {
            wishes.push(Wish::Bell);
            let of_ours = self.tracking.registration().is_some();
            if let (Some(of), Some((at, _)), false) = (self.sight.of, self.node(), of_ours) {
                self.finding = true;
                wishes.push(Wish::Ask(Request::FindRegistration { of, at }));
            }
        }
        wishes
    }

    fn tick(&mut self, now: u64) -> Vec<Wish> {
        let mut wishes = if self.sight.is_due(now) {
            self.sight.look(now)
        } else {
            Vec::new()
        };
        wishes.extend(self.follow(now));
        wishes
    }

    fn follow(&mut self, now: u64) -> Vec<Wish> {
        let Some((at, _)) = self.node() else {
            return Vec::new();
        };
        let request = self.tracking.follow(at, now);
        request.map(Wish::Ask).into_iter().collect()
    }

    fn overview(mut self, input: Input, now: u64) -> Next {
        let Input::Command(command) = input else {
            return Outcome::stay(self);
        };
        let wishes = match command {
            Command::Back => return Outcome::Leave,
            Command::Next if self.sight.all() => {
                let proof = self
                    .transaction()
                    .map_or(Proof::AlreadyRegistered, Proof::Transaction);
                return Outcome::Done((self.brief, self.ticket, proof));
            }
            Command::Refresh => {
                for node in &mut self.sight.nodes {
                    // Everything about it is read anew, not only what it allows.
                    node.reading = None;
                }
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

    fn name_transaction(mut self, input: Input, now: u64) -> Next {
        let View::Naming(field) = &mut self.view else {
            return Outcome::stay(self);
        };
        match input {
            Input::Key(key) => {
                field.key(key);
            }
            Input::Paste(text) => field.paste(text.expose()),
            Input::Command(Command::Back) => self.view = View::Overview,
            Input::Command(Command::Next) => {
                match named(field.text()) {
                    Ok(transaction) => self.brief.transaction = transaction,
                    Err(reason) => return Outcome::Stay(self, vec![Wish::Say(reason.to_owned())]),
                }
                self.view = View::Overview;
                let wishes = self.sight.look(now);
                return Outcome::Stay(self, wishes);
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
            if let (Some((at, host)), View::Signing(sign)) = (self.last_node(), &mut self.view) {
                wishes.extend(sign.ask_at(at, host));
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
        let (sign, wishes) = Sign::start(of, node, calls, hash, replacing);
        self.view = View::Signing(Box::new(sign));
        wishes
    }

    /// Signs with the key that was named beforehand, for the hash that was named with it, as soon as the contract was
    /// read. Another hash is never signed for.
    fn sign_by_order(&mut self) -> Vec<Wish> {
        let Some(signing) = self.brief.registering.signing.clone() else {
            return Vec::new();
        };
        let may = signing.allow == self.ticket.compose_hash && !self.to_sign().is_empty();
        let (Some(of), Some(node)) = (self.sight.of, self.node()) else {
            return Vec::new();
        };
        if self.begun || !may || self.sight.witness().is_none() {
            return Vec::new();
        }
        self.begun = true;
        let hash = self.ticket.compose_hash;
        let (sign, _) = Sign::start(of, node, self.to_sign(), hash, None);
        let (sign, wishes) = sign.by_order(&signing);
        self.view = View::Signing(Box::new(sign));
        wishes
    }

    fn hand_over_by_order(&mut self) -> Vec<Wish> {
        match self.brief.registering.hand_to.clone() {
            Some(to) => self.hand_over(to),
            None => Vec::new(),
        }
    }

    fn hand_over(&mut self, to: HandTo) -> Vec<Wish> {
        let Some(of) = self.sight.of else {
            self.handed = Some(Err("the service did not say which chain it is on".into()));
            return Vec::new();
        };
        vec![Wish::Ask(Request::HandOver {
            of,
            calls: self.sight.missing(),
            app_name: self.brief.plan.name.clone(),
            to,
        })]
    }

    /// The calls that nobody has made yet.
    fn to_sign(&self) -> Vec<crate::chain::Call> {
        let mut calls = self.sight.missing();
        calls.retain(|call| !self.tracking.has_under_way(*call));
        calls
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
                Some(node) => format!("first the contract has to be read: p asks {}", node.host),
                None => format!(
                    "no node of {} is known: --rpc-url or ETH_RPC_URL",
                    crate::chain::numbered(of.chain_id)
                ),
            });
        };
        if self.to_sign().is_empty() {
            return Some("there is nothing to sign: it is allowed, or under way".to_owned());
        }
        match &reading.owner {
            Owner::Wallet(_) => None,
            Owner::Nobody => Some("nobody owns the contract: nothing can be added".to_owned()),
            owner => Some(format!("the owner is {owner}: hand it over (2)")),
        }
    }

    fn work(&self) -> Work {
        if let Some(signing) = &self.brief.registering.signing
            && signing.allow != self.ticket.compose_hash
        {
            return Work::Forbidden {
                allowed: signing.allow,
            };
        }
        if let Some(Err(why)) = &self.handed {
            return Work::Stopped(vec![why.to_string()]);
        }
        if let Some(why) = &self.unsigned {
            return Work::Stopped(vec![format!("it was not signed: {why}")]);
        }
        if self.finding || self.brief.registering.hand_to.is_some() && self.handed.is_none() {
            return Work::Busy;
        }
        if let View::Signing(sign) = &self.view {
            let hindrances = sign.hindrances();
            return match (sign.may_sign(), hindrances.is_empty()) {
                (true, _) => Work::Ready,
                (false, true) => Work::Busy,
                (false, false) => Work::Stopped(hindrances),
            };
        }
        if self.brief.registering.signing.is_some()
            && !self.begun
            && !self.sight.missing().is_empty()
        {
            let asked = self.sight.used().any(|node| node.trouble.is_none());
            return match self.unsignable() {
                Some(_) if asked && self.sight.witness().is_none() => Work::Busy,
                Some(why) => Work::Stopped(vec![why]),
                None => Work::Busy,
            };
        }
        Work::Idle
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

fn reported(item: &tracking::Item) -> Transaction {
    Transaction {
        call: item.call.map(|call| call.function()),
        hash: item.transaction.hash,
        nonce: item.transaction.nonce,
        state: overview::state_word(item),
        open: item.is_open(),
    }
}

/// What was typed: a transaction, or that there is none to name. `Err` says why it is neither.
fn named(text: &str) -> Result<Option<TransactionHash>, &'static str> {
    match text.trim() {
        "" | "already-registered" => Ok(None),
        text => TransactionHash::parse(text)
            .map(Some)
            .ok_or("a transaction hash has 64 hex digits; leave it empty for 'already registered'"),
    }
}
