//! Transactions: mined, replaced, dropped, refused, reorganised; and what is written down about each.

use super::signing::broadcast;
use super::*;
use crate::chain::Subject;
use crate::journal::record::{self, Hex, RawTransaction, TransactionSigned};
use crate::journal::state;

fn unsigned(nonce: u64, max_fee: u128) -> Unsigned {
    Unsigned {
        chain_id: 8453,
        nonce,
        tip: 8,
        max_fee,
        gas: 60_000,
        to: Address::repeat_byte(0x3f),
        input: Call::AddComposeHash(hash()).input(),
    }
}

/// A step at which one transaction, the hash's, was broadcast.
fn sent() -> (Driven, TransactionHash) {
    let mut chain = begun(1);
    chain.service(false, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    let signed = broadcast(Call::AddComposeHash(hash()), &unsigned(4, 80), Ok(()));
    let Answer::Signed(Ok(signed)) = signed else {
        panic!("it is signed");
    };
    let transaction = signed.transaction.hash;
    chain.chain.tracking.add(*signed, (8, 80), 0);
    (chain, transaction)
}

/// A transaction with this call as the journal has it, never seen by anybody.
pub(super) fn kept(of: &Subject, call: Call, nonce: u64) -> state::Transaction {
    let key = crate::chain::key::Key::parse(&Secret::new("1".repeat(64))).expect("a key");
    let unsigned = Unsigned {
        to: of.contract,
        input: call.input(),
        ..unsigned(nonce, 80)
    };
    let signed = unsigned.sign(&key);
    state::Transaction {
        signed: TransactionSigned {
            chain_id: 8453,
            contract: Hex(of.contract.0.0),
            call: match call {
                Call::AddDevice(_) => record::Call::AddDevice,
                Call::AddComposeHash(_) => record::Call::AddComposeHash,
                Call::DeployApp(_) => record::Call::DeployApp,
            },
            from: Hex(signed.from.0.0),
            nonce,
            hash: signed.hash,
            raw: RawTransaction(signed.raw),
        },
        seen: None,
    }
}

impl Driven {
    /// Asks how it stands, and answers.
    pub(super) fn stands(
        &mut self,
        now: u64,
        hash: TransactionHash,
        standing: Standing,
    ) -> &mut Self {
        self.tick(now);
        let follows = self
            .asked()
            .iter()
            .any(|it| matches!(it, Request::Follow { .. }));
        assert!(follows, "at {now}: {:?}", self.wishes);
        self.answer(Answer::Followed(vec![(hash, Ok(standing))]))
    }

    fn noted(&self) -> Vec<TransactionSeen> {
        let notes = self.asked().into_iter().find_map(|request| match request {
            Request::Note(Noted::Transactions(seen)) => Some(seen.clone()),
            _ => None,
        });
        notes.unwrap_or_default()
    }

    fn sent_again(&self) -> bool {
        self.asked()
            .iter()
            .any(|it| matches!(it, Request::SendAgain { .. }))
    }

    fn state(&self) -> &'static str {
        self.chain.status().transactions[0].state
    }
}

fn seen(hash: TransactionHash, seen: Seen, block: Option<u64>) -> Vec<TransactionSeen> {
    vec![TransactionSeen { hash, seen, block }]
}

#[test]
fn it_counts_two_blocks_deep_and_every_change_is_written_down_once() {
    let (mut chain, hash) = sent();
    chain.stands(2, hash, Standing::Waiting);
    assert_eq!(chain.noted(), seen(hash, Seen::Pending, None));
    chain.stands(4, hash, Standing::Waiting);
    assert_eq!(chain.noted(), []);
    chain.stands(6, hash, Standing::Mined { block: 9, depth: 1 });
    assert_eq!(chain.noted(), seen(hash, Seen::Mined, Some(9)));
    assert_eq!(chain.state(), "mined");
    assert_eq!(
        chain.chain.transaction(),
        None,
        "that block may still be replaced"
    );
    chain.stands(8, hash, Standing::Mined { block: 9, depth: 2 });
    assert_eq!(chain.noted(), seen(hash, Seen::Confirmed, Some(9)));
    // The contract is looked at again at once, and this transaction goes along.
    assert!(
        chain
            .asked()
            .iter()
            .any(|it| matches!(it, Request::ReadAllowed { .. }))
    );
    assert_eq!(chain.chain.transaction(), Some(hash));
    assert!(!chain.chain.tracking.is_open());
}

#[test]
fn a_confirmed_transaction_is_no_registration() {
    let (mut chain, hash) = sent();
    chain.stands(2, hash, Standing::Mined { block: 9, depth: 3 });
    assert!(chain.blocked(Command::Next).contains("does not allow"));
}

#[test]
fn what_nobody_knows_any_more_is_handed_over_again_as_it_is_and_not_too_often() {
    let (mut chain, hash) = sent();
    let mut again = 0;
    for now in (2..=40).step_by(2) {
        chain.stands(now, hash, Standing::Unknown);
        again += u32::from(chain.sent_again());
        assert_eq!(chain.state(), "dropped");
    }
    assert_eq!(again, 4, "every ten seconds");
    assert!(
        chain
            .wishes
            .iter()
            .all(|wish| !matches!(wish, Wish::Ask(Request::Sign { .. })))
    );
}

#[test]
fn a_block_that_was_replaced_is_told_and_the_same_bytes_go_again() {
    let (mut chain, hash) = sent();
    chain.stands(2, hash, Standing::Mined { block: 9, depth: 1 });
    chain.stands(14, hash, Standing::Unknown);
    assert_eq!(chain.state(), "reorganised");
    assert!(chain.sent_again());
    chain.says("its block was replaced");
    chain.stands(
        16,
        hash,
        Standing::Mined {
            block: 10,
            depth: 2,
        },
    );
    assert_eq!(chain.state(), "confirmed");
}

#[test]
fn a_number_that_was_used_is_believed_the_second_time() {
    let (mut chain, hash) = sent();
    chain.stands(2, hash, Standing::NumberUsed);
    assert_eq!(
        (chain.noted(), chain.chain.tracking.is_open()),
        (vec![], true)
    );
    chain.stands(4, hash, Standing::Waiting);
    chain.stands(6, hash, Standing::NumberUsed);
    assert!(chain.chain.tracking.is_open(), "not twice in a row");
    chain.stands(8, hash, Standing::NumberUsed);
    assert_eq!(chain.noted(), seen(hash, Seen::Replaced, None));
    chain.says("another transaction used its number");
    // Whether the contract allows it is what counts; else it can be signed anew.
    assert_eq!(chain.chain.to_sign(), [Call::AddComposeHash(super::hash())]);
}

#[test]
fn a_refusal_of_the_contract_is_told_in_its_words() {
    let (mut chain, hash) = sent();
    let why = Some(Revert::told("OwnableUnauthorizedAccount(0xaa)"));
    chain.stands(2, hash, Standing::Reverted { block: 9, why });
    assert_eq!(chain.noted(), seen(hash, Seen::Reverted, Some(9)));
    chain.says("the contract refused: OwnableUnauthorizedAccount(0xaa)");
    assert_eq!(chain.chain.transaction(), None);
}

#[test]
fn a_node_that_does_not_say_leaves_it_as_it_was() {
    let (mut chain, hash) = sent();
    chain.stands(2, hash, Standing::Waiting);
    chain
        .tick(4)
        .answer(Answer::Followed(vec![(hash, Err(lost()))]));
    assert_eq!((chain.state(), chain.noted()), ("pending", vec![]));
    assert!(!chain.sent_again());
    chain.says("eth_call at node0.example");
}

#[test]
fn a_slow_one_can_be_paid_more_for_under_its_own_number_and_by_its_own_account() {
    let (mut chain, hash) = sent();
    chain.stands(2, hash, Standing::Waiting);
    chain.tick(70);
    chain.says("u pays more under the same number");
    chain.press(Command::Faster);
    chain.answer(Answer::Keys(Vec::new()));
    chain
        .press(Command::Choose(2))
        .type_in("ab")
        .press(Command::Next);
    let found = |from| {
        Answer::Examined(Ok(Box::new(Examination {
            from,
            block: 7,
            block_time: 0,
            owner: Owner::Wallet(from),
            balance: U256::from(1_000_000_000_000_u64),
            nonce: 4,
            pending: 5,
            base_fee: 10,
            tip: 2,
            calls: vec![(Call::AddComposeHash(super::hash()), Ok(50_000))],
        })))
    };
    let other = Address::repeat_byte(0xbb);
    let opened = |address| {
        Answer::KeyOpened(Ok(Opened {
            address,
            remarks: Vec::new(),
        }))
    };
    chain.answer(opened(other)).answer(found(other));
    chain.says("of another account");
    chain.press(Command::Back).answer(Answer::Keys(Vec::new()));
    chain
        .press(Command::Choose(2))
        .type_in("ab")
        .press(Command::Next);
    chain.answer(opened(OWNER)).answer(found(OWNER));
    chain.says("takes the place of number 4");
    chain.type_in("0707").press(Command::Next);
    let Some(Request::Sign { transaction, .. }) = chain.asked().first().copied() else {
        panic!("{:?}", chain.wishes);
    };
    assert_eq!(
        (transaction.nonce, transaction.tip, transaction.max_fee),
        (4, 9, 90)
    );
    let faster = transaction.clone();
    chain.answer(broadcast(
        Call::AddComposeHash(super::hash()),
        &faster,
        Ok(()),
    ));
    // Nobody takes the cheaper one any more, so it is not handed over again.
    chain
        .tick(80)
        .answer(Answer::Followed(vec![(hash, Ok(Standing::Unknown))]));
    assert!(!chain.sent_again());
}

#[test]
fn what_the_journal_has_is_followed_after_a_restart_and_never_signed_again() {
    let mut chain = begun(1);
    chain.service(false, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    let of: Subject = chain.chain.sight.of.expect("a contract");
    let call = Call::AddComposeHash(hash());
    let unseen = kept(&of, call, 4);
    let signed = unseen.signed.clone();
    let seen = state::Transaction {
        seen: Some(Seen::Pending),
        ..unseen.clone()
    };
    chain.answer(Answer::Transactions(vec![seen]));
    let Some(Request::Follow { transactions, .. }) = chain.asked().first().copied() else {
        panic!("{:?}", chain.wishes);
    };
    assert_eq!(
        (transactions[0].hash, transactions[0].nonce),
        (signed.hash, 4)
    );
    assert_eq!(transactions[0].input, call.input());
    assert!(chain.blocked(Command::Choose(1)).contains("under way"));
    assert_eq!(chain.chain.tracking.items[0].fees, Some((8, 80)));
    // Asked twice, it stays one.
    chain.answer(Answer::Transactions(vec![unseen]));
    assert_eq!(chain.chain.tracking.items.len(), 1);
    chain.stands(2, signed.hash, Standing::Unknown);
    assert!(
        chain.sent_again(),
        "the bytes are in the journal, and may never have left"
    );
}
