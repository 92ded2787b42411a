//! Contracts of ours on a real EVM, asked and signed for by the very code that the wizard uses.

#[path = "evm/anvil.rs"]
mod anvil;
#[path = "evm/code.rs"]
mod code;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use phala_wizard::api::elsewhere::Limits;
use phala_wizard::api::error::ErrorKind;
use phala_wizard::api::types::{AppId, ComposeHash, DeviceId};
use phala_wizard::chain::contract::{Generation, Owner, Reading};
use phala_wizard::chain::examination::{Examination, Problem, Replaced};
use phala_wizard::chain::key::Key;
use phala_wizard::chain::revert::Revert;
use phala_wizard::chain::rpc::Rpc;
use phala_wizard::chain::transaction::{Signed, Standing, Tracked, Unsigned};
use phala_wizard::chain::{Address, Call, Subject, U256};
use phala_wizard::http::Patience;
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::{available, packages};
use anvil::{Anvil, CHAIN, address, post};
use code::{Begun, Code, by_a_safe, offered_to};

const ETHER: u128 = 1_000_000_000_000_000_000;

/// A chain with a contract on it, whose owner has a key and money.
struct Stage {
    anvil: Anvil,
    code: &'static Code,
    rpc: Rpc,
    owner: Key,
    subject: Subject,
}

/// A transaction that was signed, and how it is looked for.
struct Sent {
    unsigned: Unsigned,
    signed: Signed,
    tracked: Tracked,
}

impl Stage {
    /// With a contract that allows nothing; or nothing at all where there is no chain to be had.
    fn open() -> Option<Self> {
        Self::with(Code::app, |_| ())
    }

    /// With this contract, begun like this.
    fn with(made_of: fn(&Code) -> Vec<u8>, begun: fn(&mut Begun)) -> Option<Self> {
        let packages = available(packages::evm)?;
        let code = Code::compiled(packages);
        let anvil = Anvil::start(packages);
        let owner = Key::of(&[0x11; 32]).unwrap();
        anvil.fund(owner.address(), ETHER);
        let contract = anvil.deploy(&made_of(code));
        let mut beginning = Begun {
            owner: owner.address(),
            ..Begun::default()
        };
        begun(&mut beginning);
        anvil.send(Some(contract), &beginning.call());
        let rpc = Rpc::new(&anvil.url(), limits()).unwrap();
        Some(Self {
            anvil,
            code,
            rpc,
            owner,
            subject: of(contract),
        })
    }

    async fn reading(&self) -> Reading {
        self.rpc.reading(&self.subject).await.unwrap()
    }

    async fn examine(&self, key: &Key, calls: &[Call]) -> Examination {
        let examined = self.rpc.examine(&self.subject, key.address(), calls).await;
        examined.unwrap()
    }

    /// What the owner would be sent to sign for these calls.
    async fn signed(&self, calls: &[Call], replaced: Option<&Replaced>) -> Vec<Sent> {
        let examined = self.examine(&self.owner, calls).await;
        let transactions = examined.transactions(&self.subject, replaced);
        assert_eq!(transactions.len(), calls.len());
        let unsigned = transactions.into_iter().map(|(_, unsigned)| unsigned);
        unsigned.map(|it| sent(it, &self.owner)).collect()
    }

    async fn broadcast(&self, sent: &Sent) {
        self.rpc.broadcast(CHAIN, &sent.signed.raw).await.unwrap();
    }

    async fn standing(&self, sent: &Sent) -> Standing {
        self.rpc.follow(&sent.tracked).await.unwrap()
    }

    /// Whether it comes into the next block, and does what it should.
    async fn is_mined(&self, sent: &Sent) -> bool {
        self.anvil.mine();
        matches!(self.standing(sent).await, Standing::Mined { .. })
    }

    /// How often the contract told that a hash was added.
    fn times_told(&self) -> usize {
        let topic = "0xfecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af";
        let contract = format!("{:#x}", self.subject.contract);
        let filter = json!([{ "address": contract, "fromBlock": "0x0", "topics": [topic] }]);
        let logs = self.anvil.ask("eth_getLogs", filter);
        logs.as_array().unwrap().len()
    }
}

fn limits() -> Limits {
    Limits {
        patience: Patience {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(2),
            ..Patience::default()
        },
        ..Limits::default()
    }
}

fn of(contract: Address) -> Subject {
    Subject {
        chain_id: CHAIN,
        contract,
        app: AppId::from(*contract.0),
        hash: Some(ComposeHash::from([0xc0; 32])),
        device: Some(DeviceId::from([0xde; 32])),
    }
}

fn sent(unsigned: Unsigned, key: &Key) -> Sent {
    let signed = unsigned.sign(key);
    let tracked = Tracked {
        chain_id: unsigned.chain_id,
        hash: signed.hash,
        from: signed.from,
        nonce: unsigned.nonce,
        to: unsigned.to,
        input: unsigned.input.clone(),
    };
    Sent {
        unsigned,
        signed,
        tracked,
    }
}

fn both(subject: &Subject) -> [Call; 2] {
    [
        Call::AddDevice(subject.device.unwrap()),
        Call::AddComposeHash(subject.hash.unwrap()),
    ]
}

fn hash_alone(subject: &Subject) -> [Call; 1] {
    [Call::AddComposeHash(subject.hash.unwrap())]
}

fn stranger() -> Key {
    Key::of(&[0x22; 32]).unwrap()
}

fn said(error: &phala_wizard::api::error::Error) -> &str {
    match &error.kind {
        ErrorKind::Refused(refusal) => refusal.message.as_str(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_owner_signs_for_the_machine_then_for_the_code_and_both_are_allowed() {
    let Some(stage) = Stage::open() else { return };
    let reading = stage.reading().await;
    assert_eq!(reading.generation, Generation::V4);
    assert_eq!(reading.owner, Owner::Wallet(stage.owner.address()));
    assert_eq!(
        (reading.implementation, reading.pending_owner),
        (None, None)
    );
    assert_eq!(reading.tcb_required, Some(false));
    let Subject { hash, device, .. } = stage.subject;
    let missing = reading.allowed.missing(hash, device);
    assert_eq!(missing, both(&stage.subject));
    assert_eq!(
        stage.rpc.registered_by(&stage.subject, 100).await.unwrap(),
        None
    );

    let examined = stage.examine(&stage.owner, &missing).await;
    assert_eq!(examined.problems(None), []);
    assert_eq!(examined.balance, U256::from(ETHER));
    let all = stage.signed(&missing, None).await;
    for sent in &all {
        assert_eq!(stage.standing(sent).await, Standing::Unknown);
        stage.broadcast(sent).await;
        assert!(stage.is_mined(sent).await);
    }
    let [first, second] = &all[..] else {
        panic!("two")
    };
    assert_eq!(second.unsigned.nonce, first.unsigned.nonce + 1);
    let (
        Standing::Mined { block, depth: 2 },
        Standing::Mined {
            block: next,
            depth: 1,
        },
    ) = (stage.standing(first).await, stage.standing(second).await)
    else {
        panic!("one above the other")
    };
    assert_eq!(next, block + 1);

    let allowed = stage.rpc.allowed(&stage.subject).await.unwrap();
    assert!(allowed.all() && allowed.missing(hash, device).is_empty());
    assert_eq!(
        (allowed.hash, allowed.device, allowed.block),
        (Some(true), Some(true), next)
    );
    let registered = stage.rpc.registered_by(&stage.subject, 100).await.unwrap();
    assert_eq!(registered, Some(second.signed.hash));
    let after = stage.examine(&stage.owner, &[]).await;
    assert!(after.balance < examined.balance);
    assert!(
        examined.balance - after.balance <= examined.most(None),
        "no more than was said"
    );
    assert_eq!((after.nonce, after.pending), (2, 2));
}

#[tokio::test]
async fn whoever_does_not_own_it_is_named_before_and_refused_after() {
    let Some(stage) = Stage::open() else { return };
    let stranger = stranger();
    stage.anvil.fund(stranger.address(), ETHER);
    let examined = stage.examine(&stranger, &hash_alone(&stage.subject)).await;
    let named = Revert::told(&format!(
        "OwnableUnauthorizedAccount({})",
        stranger.address()
    ));
    let [call] = hash_alone(&stage.subject);
    assert_eq!(
        examined.problems(None),
        [
            Problem::NotOwner {
                owner: Owner::Wallet(stage.owner.address())
            },
            Problem::Refused {
                call,
                revert: named.clone()
            },
        ]
    );
    assert_eq!(examined.transactions(&stage.subject, None), []);
    let unsigned = Unsigned {
        chain_id: CHAIN,
        nonce: 0,
        tip: examined.tip,
        max_fee: examined.base_fee * 2 + examined.tip,
        gas: 100_000,
        to: stage.subject.contract,
        input: call.input(),
    };
    let sent = sent(unsigned, &stranger);
    stage.broadcast(&sent).await;
    stage.anvil.mine();
    let Standing::Reverted { why, .. } = stage.standing(&sent).await else {
        panic!("it went well")
    };
    assert_eq!(why, Some(named));
    assert_eq!(stage.times_told(), 0);
}

#[tokio::test]
async fn an_account_without_money_is_told_what_it_takes_and_sends_nothing() {
    let Some(stage) = Stage::open() else { return };
    for wei in [0, 1] {
        stage.anvil.fund(stage.owner.address(), wei);
        let examined = stage.examine(&stage.owner, &both(&stage.subject)).await;
        let gas: Vec<bool> = examined.calls.iter().map(|(_, it)| it.is_ok()).collect();
        assert_eq!(gas, [true, true]);
        let [Problem::Poor { has, needs }] = &examined.problems(None)[..] else {
            panic!("{:?}", examined.problems(None))
        };
        assert_eq!((*has, *needs), (U256::from(wei), examined.most(None)));
    }
    let sent = stage.signed(&hash_alone(&stage.subject), None).await;
    let error = stage.rpc.broadcast(CHAIN, &sent[0].signed.raw).await;
    let error = error.unwrap_err();
    assert!(
        said(&error).to_lowercase().contains("insufficient funds"),
        "{error}"
    );
    assert_eq!(stage.standing(&sent[0]).await, Standing::Unknown);
    // The same bytes are good once there is money.
    stage.anvil.fund(stage.owner.address(), ETHER);
    stage.broadcast(&sent[0]).await;
    assert!(stage.is_mined(&sent[0]).await);
}

#[tokio::test]
async fn what_is_allowed_already_is_not_asked_for_and_asking_does_no_harm() {
    let Some(stage) = Stage::open() else { return };
    for round in 1..=2 {
        let mut gas = Vec::new();
        for sent in stage.signed(&both(&stage.subject), None).await {
            gas.push(sent.unsigned.gas);
            stage.broadcast(&sent).await;
            assert!(stage.is_mined(&sent).await);
        }
        let allowed = stage.rpc.allowed(&stage.subject).await.unwrap();
        let Subject { hash, device, .. } = stage.subject;
        assert_eq!(allowed.missing(hash, device), []);
        assert_eq!(stage.times_told(), round);
        let is_dear = gas.iter().all(|gas| *gas > 50_000);
        assert_eq!(is_dear, round == 1, "{gas:?}");
    }
}

#[tokio::test]
async fn where_any_machine_may_only_the_code_is_missing() {
    let begun = |begun: &mut Begun| begun.any_device = true;
    let Some(stage) = Stage::with(Code::app, begun) else {
        return;
    };
    let allowed = stage.reading().await.allowed;
    assert_eq!(
        (allowed.device, allowed.any_device, allowed.machine()),
        (Some(false), true, Some(true))
    );
    let Subject { hash, device, .. } = stage.subject;
    assert_eq!(allowed.missing(hash, device), hash_alone(&stage.subject));
}

#[tokio::test]
async fn behind_a_proxy_its_code_is_named_and_whether_that_stays() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let implementation = stage.subject.contract;
    for fixed_code in [false, true] {
        let begun = Begun {
            owner: stage.owner.address(),
            fixed_code,
            any_device: !fixed_code,
            up_to_date: fixed_code,
        };
        let proxy = stage.code.proxy(implementation, begun.call());
        stage.subject = of(stage.anvil.deploy(&proxy));
        let reading = stage.reading().await;
        assert_eq!(reading.implementation, Some(implementation));
        assert_eq!(reading.upgrades_disabled, fixed_code);
        assert_eq!(reading.allowed.any_device, !fixed_code);
        assert_eq!(reading.tcb_required, Some(fixed_code));
        assert_eq!(reading.owner, Owner::Wallet(stage.owner.address()));
        for sent in stage.signed(&both(&stage.subject), None).await {
            stage.broadcast(&sent).await;
            assert!(stage.is_mined(&sent).await);
        }
        assert_eq!(
            stage.rpc.allowed(&stage.subject).await.unwrap().hash,
            Some(true)
        );
    }
}

#[tokio::test]
async fn an_error_of_the_contract_s_own_is_shown_by_its_selector() {
    let Some(stage) = Stage::with(Code::stubborn, |_| ()) else {
        return;
    };
    let examined = stage.examine(&stage.owner, &both(&stage.subject)).await;
    assert!(examined.calls[0].1.is_ok());
    let why = examined.calls[1].1.as_ref().unwrap_err().to_string();
    let selector = &alloy_primitives::keccak256("NotToday(uint256)")[..4];
    assert_eq!(
        why,
        format!("an error of its own, 0x{}", hex::encode(selector))
    );
    assert_eq!(examined.transactions(&stage.subject, None).len(), 1);
}

#[tokio::test]
async fn a_replacement_takes_the_number_and_the_first_is_known_to_be_gone() {
    let Some(stage) = Stage::open() else { return };
    let calls = hash_alone(&stage.subject);
    let first = stage.signed(&calls, None).await.remove(0);
    stage.broadcast(&first).await;
    assert_eq!(stage.standing(&first).await, Standing::Waiting);
    let examined = stage.examine(&stage.owner, &calls).await;
    let in_use = Problem::NumberInUse {
        nonce: 0,
        waiting: 1,
    };
    assert_eq!(examined.problems(None), [in_use]);
    let replaced = Replaced {
        nonce: first.unsigned.nonce,
        tip: first.unsigned.tip,
        max_fee: first.unsigned.max_fee,
    };
    assert_eq!(examined.problems(Some(&replaced)), []);
    // For as much as the first pays, the node does not bother.
    let cheap = sent(
        Unsigned {
            gas: first.unsigned.gas + 1,
            ..first.unsigned.clone()
        },
        &stage.owner,
    );
    let error = stage.rpc.broadcast(CHAIN, &cheap.signed.raw).await;
    let error = error.unwrap_err();
    assert!(said(&error).contains("underpriced"), "{error}");

    let second = stage.signed(&calls, Some(&replaced)).await.remove(0);
    assert_eq!(second.unsigned.nonce, first.unsigned.nonce);
    stage.broadcast(&second).await;
    assert_eq!(stage.standing(&second).await, Standing::Waiting);
    stage.anvil.mine();
    assert_eq!(stage.standing(&first).await, Standing::NumberUsed);
    assert!(stage.is_mined(&second).await);
    assert_eq!(stage.times_told(), 1);
    let error = stage.rpc.broadcast(CHAIN, &first.signed.raw).await;
    let error = error.unwrap_err();
    assert!(said(&error).contains("nonce too low"), "{error}");
}

#[tokio::test]
async fn what_was_dropped_is_unknown_and_the_same_bytes_are_good_again() {
    let Some(stage) = Stage::open() else { return };
    let sent = stage
        .signed(&hash_alone(&stage.subject), None)
        .await
        .remove(0);
    stage.broadcast(&sent).await;
    // Whoever is not sure sends it again.
    stage.broadcast(&sent).await;
    assert_eq!(stage.standing(&sent).await, Standing::Waiting);
    let hash = format!("0x{}", sent.signed.hash);
    stage.anvil.ask("anvil_dropTransaction", json!([hash]));
    assert_eq!(stage.standing(&sent).await, Standing::Unknown);
    stage.broadcast(&sent).await;
    assert!(stage.is_mined(&sent).await);
    assert_eq!(stage.times_told(), 1);
}

#[tokio::test]
async fn what_a_reorganisation_took_back_is_sent_again_and_counts_once() {
    let Some(stage) = Stage::open() else { return };
    let before = stage.anvil.ask("evm_snapshot", json!([]));
    let sent = stage
        .signed(&hash_alone(&stage.subject), None)
        .await
        .remove(0);
    stage.broadcast(&sent).await;
    assert!(stage.is_mined(&sent).await);
    assert!(stage.rpc.allowed(&stage.subject).await.unwrap().hash == Some(true));
    stage.anvil.ask("evm_revert", json!([before]));
    assert_eq!(stage.standing(&sent).await, Standing::Unknown);
    assert_eq!(
        stage.rpc.allowed(&stage.subject).await.unwrap().hash,
        Some(false)
    );
    stage.broadcast(&sent).await;
    assert!(stage.is_mined(&sent).await);
    assert_eq!(
        stage.rpc.allowed(&stage.subject).await.unwrap().hash,
        Some(true)
    );
    assert_eq!(stage.times_told(), 1);
    assert_eq!(stage.examine(&stage.owner, &[]).await.nonce, 1);
}

#[tokio::test]
async fn in_another_branch_it_may_wait_or_be_gone_and_its_bytes_are_good_still() {
    let Some(stage) = Stage::open() else { return };
    let sent = stage
        .signed(&hash_alone(&stage.subject), None)
        .await
        .remove(0);
    stage.broadcast(&sent).await;
    assert!(stage.is_mined(&sent).await);
    stage.anvil.ask("anvil_reorg", json!([1, []]));
    let standing = stage.standing(&sent).await;
    assert!(
        matches!(standing, Standing::Unknown | Standing::Waiting),
        "{standing:?}"
    );
    assert_eq!(
        stage.rpc.registered_by(&stage.subject, 100).await.unwrap(),
        None
    );
    stage.broadcast(&sent).await;
    assert!(stage.is_mined(&sent).await);
    assert_eq!(stage.times_told(), 1);
}

#[tokio::test]
async fn a_node_that_is_behind_says_no_until_it_gets_there() {
    let Some(stage) = Stage::open() else { return };
    let behind = Arc::new(AtomicU64::new(0));
    let (host, lag) = (stage.anvil.host().to_owned(), Arc::clone(&behind));
    // It passes everything on, and has got only so far.
    let server = Server::by(move |seen| {
        let mut answer: Value = serde_json::from_str(&post(&host, &seen.body)).unwrap();
        if seen.body.contains("eth_blockNumber") {
            let head = answer["result"].as_str().unwrap();
            let head = u64::from_str_radix(&head[2..], 16).unwrap();
            answer["result"] = format!("{:#x}", head - lag.load(Ordering::Relaxed)).into();
        }
        Reply::json(200, &answer.to_string())
    });
    let slow = Rpc::new(&server.origin(), limits()).unwrap();
    let sent = stage
        .signed(&hash_alone(&stage.subject), None)
        .await
        .remove(0);
    stage.broadcast(&sent).await;
    stage.anvil.mine();
    behind.store(1, Ordering::Relaxed);
    let late = slow.allowed(&stage.subject).await.unwrap();
    let now = stage.rpc.allowed(&stage.subject).await.unwrap();
    assert_eq!((late.hash, now.hash), (Some(false), Some(true)));
    assert_eq!(late.block + 1, now.block);
    behind.store(0, Ordering::Relaxed);
    assert_eq!(slow.allowed(&stage.subject).await.unwrap(), now);
}

#[tokio::test]
async fn a_safe_is_known_by_its_signers_and_allows_what_they_agree_on() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let signers = [
        stage.owner.address(),
        stranger().address(),
        Address::repeat_byte(7),
    ];
    let safe = stage.anvil.deploy(&stage.code.safe(2, &signers));
    let implementation = stage.subject.contract;
    let begun = Begun {
        owner: safe,
        ..Begun::default()
    };
    let proxy = stage.code.proxy(implementation, begun.call());
    stage.subject = of(stage.anvil.deploy(&proxy));
    let expected = Owner::Safe {
        address: safe,
        threshold: 2,
        owners: signers.to_vec(),
    };
    assert_eq!(stage.reading().await.owner, expected);
    let examined = stage
        .examine(&stage.owner, &hash_alone(&stage.subject))
        .await;
    let not_owner = Problem::NotOwner { owner: expected };
    assert_eq!(
        examined.problems(None)[0],
        not_owner,
        "one signer alone is not the Safe"
    );
    for call in both(&stage.subject) {
        let made = by_a_safe(stage.subject.contract, call.input());
        let receipt = stage.anvil.send(Some(safe), &made);
        if matches!(call, Call::AddComposeHash(_)) {
            let found = stage.rpc.registered_by(&stage.subject, 100).await.unwrap();
            let found = found.map(|hash| format!("0x{hash}"));
            assert_eq!(found.as_deref(), receipt["transactionHash"].as_str());
        }
    }
    assert!(stage.rpc.allowed(&stage.subject).await.unwrap().all());
}

#[tokio::test]
async fn owners_of_every_kind_are_told_apart() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let implementation = stage.subject.contract;
    let timelock = stage.anvil.deploy(&stage.code.timelock(86_400));
    let delegated = Address::repeat_byte(0x77);
    let code = format!("0xef0100{}", hex::encode(implementation));
    let parameters = json!([format!("{delegated:#x}"), code]);
    stage.anvil.ask("anvil_setCode", parameters);
    for (owner, expected) in [
        (
            timelock,
            Owner::Timelock {
                address: timelock,
                delay: 86_400,
            },
        ),
        (delegated, Owner::Wallet(delegated)),
        (implementation, Owner::Contract(implementation)),
        (Address::ZERO, Owner::Nobody),
    ] {
        let begun = Begun {
            owner,
            ..Begun::default()
        };
        let proxy = stage.code.proxy(implementation, begun.call());
        stage.subject = of(stage.anvil.deploy(&proxy));
        assert_eq!(stage.reading().await.owner, expected);
    }
}

#[tokio::test]
async fn who_was_offered_it_is_named_until_accepting() {
    let Some(stage) = Stage::open() else { return };
    let heir = stranger();
    let examined = stage.examine(&stage.owner, &[]).await;
    let unsigned = Unsigned {
        chain_id: CHAIN,
        nonce: examined.nonce,
        tip: examined.tip,
        max_fee: examined.base_fee * 2 + examined.tip,
        gas: 100_000,
        to: stage.subject.contract,
        input: offered_to(heir.address()),
    };
    let sent = sent(unsigned, &stage.owner);
    stage.broadcast(&sent).await;
    assert!(stage.is_mined(&sent).await);
    let reading = stage.reading().await;
    assert_eq!(reading.pending_owner, Some(heir.address()));
    assert_eq!(reading.owner.address(), Some(stage.owner.address()));
}

#[tokio::test]
async fn the_first_release_has_an_id_of_its_own() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let app = AppId::from([0xab; 20]);
    for fixed_code in [false, true] {
        let of_app = Address::from(*app.bytes());
        let first = stage.code.first(stage.owner.address(), of_app, fixed_code);
        let contract = stage.anvil.deploy(&first);
        stage.subject = Subject {
            app,
            ..of(contract)
        };
        let reading = stage.reading().await;
        assert_eq!(reading.generation, Generation::V1);
        assert_eq!(
            (reading.upgrades_disabled, reading.tcb_required),
            (fixed_code, None)
        );
        let error = stage.rpc.reading(&of(contract)).await.unwrap_err();
        assert!(said(&error).contains("is that of app 0xabab"), "{error}");
    }
}

#[tokio::test]
async fn another_contract_an_account_and_another_chain_are_definite_noes() {
    let Some(stage) = Stage::open() else { return };
    let other = stage.anvil.deploy(&stage.code.timelock(1));
    let error = stage.rpc.reading(&of(other)).await.unwrap_err();
    assert!(said(&error).contains("does not answer owner()"), "{error}");
    let error = stage
        .rpc
        .reading(&of(stage.owner.address()))
        .await
        .unwrap_err();
    assert!(
        said(&error).starts_with("there is no contract at"),
        "{error}"
    );
    let error = stage
        .rpc
        .allowed(&of(stage.owner.address()))
        .await
        .unwrap_err();
    assert!(
        said(&error).contains("so it is not the contract of an app"),
        "{error}"
    );

    assert_eq!(stage.rpc.serves().await.unwrap(), CHAIN);
    let elsewhere = Subject {
        chain_id: 8453,
        ..stage.subject
    };
    let error = stage.rpc.reading(&elsewhere).await.unwrap_err();
    assert_eq!(
        said(&error),
        "this node serves chain 31337 (a local test chain), and chain 8453 (Base) is wanted"
    );
    let here = stage
        .signed(&hash_alone(&stage.subject), None)
        .await
        .remove(0);
    let unsigned = Unsigned {
        chain_id: 8453,
        ..here.unsigned
    };
    let there = sent(unsigned, &stage.owner);
    let error = stage
        .rpc
        .broadcast(8453, &there.signed.raw)
        .await
        .unwrap_err();
    assert!(
        said(&error).starts_with("this node serves chain 31337"),
        "{error}"
    );
    // Even where somebody mixes the two up, a signature is for one chain.
    let error = stage
        .rpc
        .broadcast(CHAIN, &there.signed.raw)
        .await
        .unwrap_err();
    assert!(said(&error).to_lowercase().contains("chain"), "{error}");
    assert_eq!(stage.times_told(), 0);
    assert_eq!(address(&format!("{other:#x}")), other);
}
