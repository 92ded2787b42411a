//! The chain step, driven as the wizard drives it: who says what, what is signed, and what becomes of it.

mod signing;
mod tracking;

use super::*;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::types::{ComposeHash, DeviceId, Permission};
use crate::chain::contract::{Allowed, Generation, Reading};
use crate::chain::examination::Examination;
use crate::chain::revert::Revert;
use crate::chain::transaction::{Standing, Tracked, Unsigned};
use crate::chain::{Address, Call, U256};
use crate::journal::record::{Seen, TransactionSeen};
use crate::wizard::event::{Answer, Broadcast, Noted};
use crate::wizard::keys::{KeySource, Opened, Password};
use crate::wizard::launch::brief;
use crate::wizard::registering::{Registering, Signing};
use crate::wizard::status::Work;
use crossterm::event::{KeyCode, KeyEvent};

pub(super) const OWNER: Address = Address::repeat_byte(0xaa);
const NODE: Place = Place::Configured(0);
const SECOND: Place = Place::Configured(1);

pub(super) fn hash() -> ComposeHash {
    ComposeHash::from([7; 32])
}

pub(super) fn device() -> DeviceId {
    DeviceId::from([0x11; 32])
}

fn brief(nodes: usize) -> Box<Brief> {
    let mut brief = brief::tests::brief(Some(device()));
    brief.elsewhere.rpc = (0..nodes)
        .map(|n| Shown::line(&format!("node{n}.example")))
        .collect();
    Box::new(brief)
}

fn ticket() -> Box<Ticket> {
    Box::new(Ticket {
        token: Secret::new("canary-token"),
        compose_hash: hash(),
        app: None,
        device: Some(device()),
        chain_id: Some(8453),
        hash_allowed: false,
        device_allowed: false,
        commit_url: None,
        provision: None,
    })
}

/// A chain step that has just begun, with so many configured nodes.
fn begun(nodes: usize) -> Driven {
    Driven::of(brief(nodes))
}

/// A contract of this owner, which allows these.
fn reading(owner: Owner, hash: bool, device: bool) -> Reading {
    Reading {
        block_time: 0,
        generation: Generation::V3,
        implementation: Some(Address::repeat_byte(2)),
        upgrades_disabled: false,
        owner,
        pending_owner: None,
        tcb_required: None,
        allowed: allowed(hash, device),
    }
}

fn allowed(hash: bool, device: bool) -> Allowed {
    Allowed {
        block: 51_375_546,
        hash: Some(hash),
        device: Some(device),
        any_device: false,
    }
}

fn permission(hash: bool, device: bool) -> Permission {
    Permission {
        hash,
        device: Some(device),
        all: hash && device,
        error: None,
    }
}

pub(super) fn lost() -> Error {
    Error {
        asked: "eth_call at node0.example".into(),
        tries: 3,
        kind: ErrorKind::Unreachable(Unreachable::TimedOut, Shown::default()),
    }
}

/// The step, its clock, and what it wanted last.
struct Driven {
    chain: Chain,
    now: u64,
    wishes: Vec<Wish>,
}

impl Driven {
    fn of(brief: Box<Brief>) -> Self {
        let mut driven = Self::unrecalled(brief);
        let wishes = std::mem::take(&mut driven.wishes);
        driven.answer(Answer::Transactions(Vec::new()));
        driven.wishes = wishes;
        driven
    }

    /// With the journal still being read.
    fn unrecalled(brief: Box<Brief>) -> Self {
        let (chain, wishes) = Chain::start(brief, ticket(), 0);
        Self {
            chain,
            now: 0,
            wishes,
        }
    }

    fn take(&mut self, input: Input) -> &mut Self {
        match self.chain.clone().update(input, self.now) {
            Outcome::Stay(chain, wishes) => {
                self.chain = chain;
                self.wishes = wishes;
            }
            other => panic!("it does not stay: {other:?}"),
        }
        self
    }

    fn answer(&mut self, answer: Answer) -> &mut Self {
        self.take(Input::Answer(answer))
    }

    /// Presses a key as far as it is offered.
    fn press(&mut self, command: Command) -> &mut Self {
        let offered = self.chain.offer();
        let offered = offered
            .find(command)
            .unwrap_or_else(|| panic!("{command:?} is not offered"));
        assert_eq!(offered.blocked, None);
        self.take(Input::Command(command))
    }

    fn blocked(&self, command: Command) -> String {
        let offer = self.chain.offer();
        let offered = offer.find(command).expect("it is offered");
        offered.blocked.clone().expect("it is blocked")
    }

    fn type_in(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            self.take(Input::Key(KeyEvent::from(KeyCode::Char(letter))));
        }
        self
    }

    fn tick(&mut self, now: u64) -> &mut Self {
        self.now = now;
        self.take(Input::Tick)
    }

    fn service(&mut self, hash: bool, device: bool) -> &mut Self {
        self.answer(Answer::IsAllowed(Ok(permission(hash, device))))
    }

    fn node(&mut self, at: Place, reading: Reading) -> &mut Self {
        self.answer(Answer::Contract(vec![(at, Ok(reading))]))
    }

    fn asked(&self) -> Vec<&Request> {
        let asked = self.wishes.iter().filter_map(|wish| match wish {
            Wish::Ask(request) => Some(request),
            _ => None,
        });
        asked.collect()
    }

    fn text(&self) -> String {
        let page = self.chain.page(self.now);
        let mut lines: Vec<String> = Vec::new();
        for block in &page.main {
            match block {
                Block::Text(text) => {
                    lines.extend(text.iter().map(crate::wizard::page::Line::words));
                }
                Block::Field { label, .. } => lines.push((*label).to_owned()),
                _ => (),
            }
        }
        lines.extend(page.side.iter().map(crate::wizard::page::Line::words));
        lines.push(page.note.words());
        lines.join("\n")
    }

    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        let text = self.text();
        assert!(text.contains(words), "{words:?} is not in\n{text}");
        self
    }

    fn proof(&self) -> Proof {
        match self
            .chain
            .clone()
            .update(Input::Command(Command::Next), self.now)
        {
            Outcome::Done((_, _, proof)) => proof,
            other => panic!("it is not done: {other:?}"),
        }
    }
}

#[test]
fn a_configured_node_is_asked_at_once_and_a_public_one_only_when_it_is_said_so() {
    let configured = begun(1);
    let reads = |request: &&&Request| matches!(request, Request::ReadContract { .. });
    assert_eq!(configured.asked().iter().filter(reads).count(), 1);
    let mut nobody = begun(0);
    assert_eq!(nobody.asked().iter().filter(reads).count(), 0);
    nobody.service(false, true);
    nobody.says("asks mainnet.base.org");
    assert!(
        nobody
            .blocked(Command::Choose(1))
            .contains("p asks mainnet.base.org")
    );
    nobody.press(Command::Prove);
    let Some(Request::ReadContract { at, of }) = nobody.asked().first().copied() else {
        panic!("{:?}", nobody.wishes);
    };
    assert_eq!(
        (at.as_slice(), of.chain_id),
        (&[Place::Public(0)][..], 8453)
    );
    assert_eq!((of.hash, of.device), (Some(hash()), Some(device())));
}

#[test]
fn in_a_sandbox_nobody_public_can_be_asked() {
    let mut brief = brief(1);
    brief.sandbox = true;
    let chain = Driven::of(brief);
    assert_eq!(chain.chain.sight.nodes.len(), 1);
    assert!(chain.chain.offer().find(Command::Elsewhere).is_none());
    assert!(chain.chain.offer().find(Command::Open).is_none());
}

#[test]
fn each_combination_of_hash_and_machine_has_its_own_words_and_calls() {
    for (hash_allowed, device_allowed, words, calls) in [
        (
            false,
            false,
            "the hash and the machine,",
            vec![Call::AddDevice(device()), Call::AddComposeHash(hash())],
        ),
        (false, true, "the hash,", vec![Call::AddComposeHash(hash())]),
        (true, false, "the machine,", vec![Call::AddDevice(device())]),
    ] {
        let mut chain = begun(1);
        chain.service(hash_allowed, device_allowed);
        chain.node(
            NODE,
            reading(Owner::Wallet(OWNER), hash_allowed, device_allowed),
        );
        chain.says(&format!("Not allowed yet: {words}"));
        assert_eq!(chain.chain.to_sign(), calls);
        assert!(chain.blocked(Command::Next).contains("does not allow"));
    }
    let mut chain = begun(1);
    chain.service(true, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), true, true));
    chain.answer(Answer::Registration(Ok(None)));
    chain.says("Everything is registered.");
    assert_eq!(chain.proof(), Proof::AlreadyRegistered);
}

#[test]
fn any_machine_is_as_good_as_this_one() {
    let mut chain = begun(1);
    chain.service(false, true);
    let mut reading = reading(Owner::Wallet(OWNER), false, false);
    reading.allowed.any_device = true;
    chain.node(NODE, reading);
    chain.says("any machine is allowed");
    assert_eq!(chain.chain.to_sign(), [Call::AddComposeHash(hash())]);
}

#[test]
fn one_no_among_those_who_were_asked_keeps_the_commit_back() {
    let owner = || Owner::Wallet(OWNER);
    let mut chain = begun(2);
    chain.node(NODE, reading(owner(), false, false));
    chain.node(SECOND, reading(owner(), false, false));
    chain.service(true, true);
    chain.says("not everybody says so yet");
    chain.answer(Answer::Allowed(vec![
        (NODE, Ok(allowed(true, true))),
        (SECOND, Ok(allowed(false, true))),
    ]));
    chain.says("not everybody says so yet");
    assert!(chain.blocked(Command::Next).contains("the hash"));
    chain.answer(Answer::Allowed(vec![(SECOND, Ok(allowed(true, true)))]));
    assert!(
        chain
            .wishes
            .contains(&Wish::Alert("The contract allows it."))
    );
    chain.says("Looking for its transaction");
    chain.answer(Answer::Registration(Ok(None)));
    chain.says("Everything is registered.");
    // A node that says yes while the service does not is no yes either.
    chain.service(false, true);
    assert!(chain.blocked(Command::Next).contains("the hash"));
}

#[test]
fn a_node_that_does_not_answer_is_told_and_keeps_nothing_back() {
    let mut chain = begun(1);
    chain.answer(Answer::Contract(vec![(NODE, Err(lost()))]));
    chain.service(true, true);
    chain.says("eth_call at node0.example");
    assert_eq!(chain.proof(), Proof::AlreadyRegistered);
    // Another one can be asked instead.
    chain.service(false, true);
    chain.press(Command::Elsewhere);
    let Some(Request::ReadContract { at, .. }) = chain.asked().first().copied() else {
        panic!("{:?}", chain.wishes);
    };
    assert_eq!(at, &[Place::Public(0)]);
}

#[test]
fn looks_grow_apart_and_end_with_the_last_yes() {
    let mut chain = begun(1);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    chain.service(false, true);
    let mut looks = Vec::new();
    for now in 1..2_000 {
        let looked = chain
            .tick(now)
            .asked()
            .iter()
            .any(|it| matches!(it, Request::IsAllowed { .. }));
        if looked {
            chain.service(false, true);
            looks.push(now);
        }
    }
    let pauses: Vec<u64> = looks.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(pauses.first(), Some(&5));
    assert_eq!(pauses.last(), Some(&60));
    assert!(pauses.is_sorted(), "{pauses:?}");
    chain.answer(Answer::Allowed(vec![(NODE, Ok(allowed(true, true)))]));
    chain.service(true, true);
    assert!(chain.tick(9_999).asked().is_empty());
}

#[test]
fn the_transaction_of_somebody_else_is_found_and_goes_along() {
    let mut chain = begun(1);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    chain.service(true, true);
    chain.answer(Answer::Allowed(vec![(NODE, Ok(allowed(true, true)))]));
    let asked = chain.asked();
    assert!(
        matches!(asked.last(), Some(Request::FindRegistration { at, .. }) if *at == NODE),
        "{asked:?}"
    );
    assert_eq!(
        chain.chain.status().work,
        Work::Busy,
        "it is worth a moment"
    );
    let transaction = TransactionHash::from([9; 32]);
    chain.answer(Answer::Registration(Ok(Some(transaction))));
    assert_eq!(chain.proof(), Proof::Transaction(transaction));
    assert_eq!(chain.chain.status().work, Work::Idle);
    // What a person named counts more.
    let named = TransactionHash::from([5; 32]);
    chain.chain.brief.transaction = Some(named);
    assert_eq!(chain.proof(), Proof::Transaction(named));
}

#[test]
fn without_a_log_the_contract_s_own_state_is_the_proof() {
    for reply in [Ok(None), Err(lost())] {
        let mut chain = begun(1);
        chain.node(NODE, reading(Owner::Wallet(OWNER), true, true));
        chain.service(true, true);
        chain.answer(Answer::Registration(reply));
        assert_eq!(chain.proof(), Proof::AlreadyRegistered);
    }
}

#[test]
fn who_else_owns_it_is_named_and_signing_is_refused_with_the_reason() {
    let address = Address::repeat_byte(0x5a);
    let safe = Owner::Safe {
        address,
        threshold: 2,
        owners: vec![OWNER, address, Address::ZERO],
    };
    for (owner, words) in [
        (safe, "a Safe, 2 of 3 sign"),
        (Owner::Timelock { address, delay: 60 }, "a timelock, 60 s"),
        (Owner::Contract(address), "a contract of another kind"),
        (Owner::Nobody, "nobody"),
    ] {
        let mut chain = begun(1);
        chain.service(false, true);
        chain.node(NODE, reading(owner, false, true));
        chain.says(words);
        assert!(
            chain
                .blocked(Command::Choose(1))
                .contains(words.split(',').next().unwrap_or(words))
        );
    }
}

#[test]
fn a_timelock_that_outlasts_the_token_is_warned_of() {
    let mut chain = begun(1);
    let address = Address::repeat_byte(0x5a);
    let delay = 15 * 24 * 60 * 60;
    chain.node(
        NODE,
        reading(Owner::Timelock { address, delay }, false, true),
    );
    chain.says("takes longer than the token lives");
}

#[test]
fn handing_over_asks_for_the_missing_calls_and_tells_where_they_are() {
    let mut chain = begun(0);
    chain.service(false, true);
    chain.press(Command::Choose(2));
    let Some(Request::HandOver { calls, to, .. }) = chain.asked().first().copied() else {
        panic!("{:?}", chain.wishes);
    };
    assert_eq!(calls, &[Call::AddComposeHash(hash())]);
    assert!(matches!(to, HandTo::Folder(_)));
    chain.answer(Answer::HandedOver(Ok("./handover-07070707".into())));
    chain.says("./handover-07070707");
    assert!(
        chain
            .chain
            .exit()
            .receipt
            .iter()
            .any(|line| line.contains("handover-07070707"))
    );
    chain.answer(Answer::HandedOver(Err("the disk is full".into())));
    chain.says("the disk is full");
}

#[test]
fn no_page_and_no_question_has_the_token() {
    let mut chain = begun(1);
    chain.service(false, false);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, false));
    chain.press(Command::Choose(2));
    let told = format!("{:?} {}", chain.wishes, chain.text());
    assert!(!told.contains("canary-token"), "{told}");
}

#[test]
fn what_the_chain_allows_already_is_not_handed_over_or_signed_again() {
    let mut chain = begun(1);
    chain.service(false, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), true, true));
    chain.says("nothing is left to call");
    assert!(
        chain
            .blocked(Command::Choose(1))
            .contains("nothing to sign")
    );
    assert!(
        chain
            .blocked(Command::Choose(2))
            .contains("nothing is left to call")
    );
}

#[test]
fn a_look_on_a_key_reads_the_contract_whole_and_shows_the_old_one_meanwhile() {
    let mut chain = begun(1);
    chain.service(false, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    chain.press(Command::Refresh);
    let whole = |it: &&Request| matches!(it, Request::ReadContract { .. });
    assert_eq!(chain.asked().into_iter().filter(whole).count(), 1);
    chain.says("a wallet");
    chain.node(NODE, reading(Owner::Nobody, false, true));
    chain.says("nobody: it was given up");
    chain.tick(60);
    assert_eq!(chain.asked().into_iter().filter(whole).count(), 0);
}
