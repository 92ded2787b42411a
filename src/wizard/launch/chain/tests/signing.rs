//! A key, what is found out about it, and the words that sign.

use super::tracking::kept;
use super::*;
use crate::wizard::keys::FoundKey;

const ENDING: &str = "0707";

fn examination(calls: &[Call]) -> Examination {
    Examination {
        from: OWNER,
        block: 7,
        block_time: 0,
        owner: Owner::Wallet(OWNER),
        balance: U256::from(10_000_000_000_000_000_u64),
        nonce: 4,
        pending: 4,
        base_fee: 5_000_000,
        tip: 1_000_000,
        calls: calls.iter().map(|call| (*call, Ok(52_000))).collect(),
    }
}

fn opened() -> Answer {
    Answer::KeyOpened(Ok(Opened {
        address: OWNER,
        remarks: vec!["kept in the open".into()],
    }))
}

/// A step at which both calls are missing, and this key is open and was tried out.
fn ready(change: impl FnOnce(&mut Examination)) -> Driven {
    let mut chain = begun(1);
    chain.service(false, false);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, false));
    chain.press(Command::Choose(1));
    chain.answer(Answer::Keys(Vec::new()));
    chain
        .press(Command::Choose(2))
        .type_in(&"ab".repeat(32))
        .press(Command::Next);
    chain.answer(opened());
    let Some(Request::Examine {
        calls, from, at, ..
    }) = chain.asked().first().copied()
    else {
        panic!("{:?}", chain.wishes);
    };
    assert_eq!((*from, *at), (OWNER, NODE));
    let mut found = examination(calls);
    change(&mut found);
    chain.answer(Answer::Examined(Ok(Box::new(found))));
    chain
}

type Change = Box<dyn FnOnce(&mut Examination)>;

/// What was asked to be signed last.
fn signing(chain: &Driven) -> Option<(Call, Unsigned, bool)> {
    chain.asked().into_iter().find_map(|request| match request {
        Request::Sign {
            call,
            transaction,
            more,
            ..
        } => Some((*call, transaction.clone(), *more)),
        _ => None,
    })
}

pub(super) fn broadcast(call: Call, unsigned: &Unsigned, taken: Result<(), Error>) -> Answer {
    let mut digest = [0x42; 32];
    digest[0] = u8::try_from(unsigned.nonce).expect("a small number");
    digest[1] = u8::try_from(unsigned.max_fee % 251).expect("small");
    Answer::Signed(Ok(Box::new(Broadcast {
        call,
        transaction: Tracked {
            chain_id: unsigned.chain_id,
            hash: TransactionHash::from(digest),
            from: OWNER,
            nonce: unsigned.nonce,
            to: unsigned.to,
            input: unsigned.input.clone(),
        },
        taken,
    })))
}

#[test]
fn keys_are_offered_with_their_accounts_and_a_keystore_asks_for_its_password_hidden() {
    let mut chain = begun(1);
    chain.service(false, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    chain.press(Command::Choose(1));
    assert_eq!(chain.asked(), [&Request::FindKeys]);
    let source = KeySource::Keystore("/home/dana/.foundry/keystores/deployer".into());
    chain.answer(Answer::Keys(vec![FoundKey {
        source: source.clone(),
        name: "deployer".into(),
        address: Some(OWNER),
    }]));
    chain.says("deployer").says(&OWNER.to_string());
    chain.press(Command::Choose(1)).type_in("canary-password");
    assert!(!format!("{:?}{}", chain.chain, chain.text()).contains("canary"));
    chain.press(Command::Next);
    let password = Password::Typed(Secret::new("canary-password"));
    assert_eq!(chain.asked(), [&Request::OpenKey { source, password }]);
    // A wrong one leads back to the choice, with the reason. Nothing can be chosen before all of it is there.
    chain.answer(Answer::KeyOpened(Err("the password is another one".into())));
    assert!(chain.chain.offer().find(Command::Choose(1)).is_none());
    chain.answer(Answer::Keys(Vec::new()));
    chain.says("the password is another one");
    assert!(chain.chain.offer().find(Command::Choose(2)).is_some());
}

#[test]
fn everything_that_is_signed_stands_on_the_screen_of_the_words_that_sign() {
    let chain = ready(|_| ());
    for words in [
        "addDevice",
        "addComposeHash",
        &format!("0x{}", hash()),
        &format!("0x{}", device()),
        &chain
            .chain
            .sight
            .of
            .expect("a contract")
            .contract
            .to_string(),
        "8453 (Base)",
        "node0.example",
        "fee about",
        "to sign, type the last 4 characters of the hash",
        "kept in the open",
    ] {
        chain.says(words);
    }
}

#[test]
fn only_the_end_of_the_hash_signs() {
    let mut chain = ready(|_| ());
    assert!(
        chain
            .blocked(Command::Next)
            .contains("Enter alone signs nothing")
    );
    for wrong in ["y", "yes", "707", "0708", "07070", "0x07"] {
        chain.type_in(wrong);
        assert!(chain.blocked(Command::Next).contains("last 4"), "{wrong}");
        // As if the offer was passed over.
        chain.take(Input::Command(Command::Next));
        assert_eq!(signing(&chain), None, "{wrong}");
        for _ in wrong.chars() {
            chain.take(Input::Key(KeyEvent::from(KeyCode::Backspace)));
        }
    }
    chain.take(Input::Paste(Secret::new(ENDING)));
    assert!(
        chain.blocked(Command::Next).contains("last 4"),
        "pasted is not compared"
    );
    chain.type_in(ENDING).press(Command::Next);
    assert!(signing(&chain).is_some());
}

#[test]
fn the_machine_goes_first_and_the_key_is_wiped_with_the_last() {
    let mut chain = ready(|_| ());
    chain.type_in(ENDING).press(Command::Next);
    let (call, unsigned, more) = signing(&chain).expect("the first");
    assert_eq!(
        (call, unsigned.nonce, more),
        (Call::AddDevice(device()), 4, true)
    );
    assert_eq!(
        chain.chain.offer(),
        Offer::default(),
        "what has begun is not left"
    );
    chain.answer(broadcast(call, &unsigned, Ok(())));
    let (call, unsigned, more) = signing(&chain).expect("the second");
    assert_eq!(
        (call, unsigned.nonce, more),
        (Call::AddComposeHash(hash()), 5, false)
    );
    chain.answer(broadcast(call, &unsigned, Ok(())));
    assert!(chain.wishes.contains(&Wish::CloseKey));
    assert_eq!(signing(&chain), None);
    chain.says("Signed here").says("number 5");
    // Under way is not signed twice.
    assert!(
        chain
            .blocked(Command::Choose(1))
            .contains("nothing to sign")
    );
}

#[test]
fn whatever_would_not_work_is_named_with_a_way_out_and_nothing_is_signed() {
    let refusal = Revert::told("OwnableUnauthorizedAccount(0xaa)");
    let changes: [(Change, &str, &str); 4] = [
        (
            Box::new(|it| it.owner = Owner::Wallet(Address::ZERO)),
            "not the owner",
            "hand it over (2)",
        ),
        (
            Box::new(|it| it.balance = U256::from(1)),
            "too little for the fee",
            "send a little ETH on chain 8453 (Base)",
        ),
        (
            Box::new(move |it| it.calls[1].1 = Err(refusal)),
            "the contract would refuse addComposeHash: OwnableUnauthorizedAccount",
            "hand it to the owner",
        ),
        (
            Box::new(|it| it.pending = 6),
            "2 transaction(s) of this account wait already",
            "wait until they are in a block",
        ),
    ];
    for (change, words, advice) in changes {
        let mut chain = ready(change);
        chain
            .says(words)
            .says(advice)
            .says("Nothing was sent to the chain");
        assert!(chain.chain.offer().find(Command::Next).is_none());
        chain.type_in(ENDING).take(Input::Command(Command::Next));
        assert_eq!(signing(&chain), None, "{words}");
        // Once it is mended it is tried out anew.
        chain.press(Command::Refresh);
        assert!(matches!(chain.asked()[..], [Request::Examine { .. }]));
    }
}

#[test]
fn what_cannot_be_tried_out_is_told_and_another_node_can_be_asked() {
    let mut chain = begun(2);
    chain.service(false, true);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
    chain.press(Command::Choose(1));
    chain.answer(Answer::Keys(Vec::new()));
    chain
        .press(Command::Choose(2))
        .type_in("ab")
        .press(Command::Next)
        .answer(opened());
    chain.answer(Answer::Examined(Err(lost())));
    chain.says("It could not be tried out. Nothing was sent to the chain.");
    chain.says("eth_call at node0.example");
    chain.press(Command::Elsewhere);
    let at = chain.asked().into_iter().find_map(|request| match request {
        Request::Examine { at, .. } => Some(*at),
        _ => None,
    });
    assert_ne!(at, Some(NODE), "{:?}", chain.wishes);
}

#[test]
fn leaving_the_signature_closes_the_key() {
    let mut chain = ready(|_| ());
    chain.press(Command::Back);
    assert!(chain.wishes.contains(&Wish::CloseKey));
    chain.press(Command::Back);
    assert_eq!(chain.wishes, [Wish::CloseKey]);
    chain.says("Who does it, and how");
}

#[test]
fn a_signature_that_was_not_made_is_told_and_nothing_follows() {
    let mut chain = ready(|_| ());
    chain.type_in(ENDING).press(Command::Next);
    chain.answer(Answer::Signed(Err(
        "no record of it can be kept: the disk is full".into(),
    )));
    chain.says("It was not signed: no record of it can be kept");
    assert_eq!(chain.wishes, [Wish::CloseKey]);
    assert_eq!(chain.chain.status().transactions, []);
}

#[test]
fn a_node_that_does_not_take_the_first_is_not_handed_the_second() {
    let mut chain = ready(|_| ());
    chain.type_in(ENDING).press(Command::Next);
    let (call, unsigned, _) = signing(&chain).expect("the first");
    chain.answer(broadcast(call, &unsigned, Err(lost())));
    assert_eq!(signing(&chain), None);
    chain.says("eth_call at node0.example").says("Signed here");
}

/// With the order to sign for this hash and no other.
fn ordered(allow: ComposeHash) -> Box<Brief> {
    let mut brief = brief(1);
    brief.registering = Registering {
        signing: Some(Signing {
            source: KeySource::Environment,
            password: Password::None,
            allow,
        }),
        ..Registering::default()
    };
    brief
}

#[test]
fn nothing_is_signed_before_it_is_known_what_was_signed_before() {
    for brief in [brief(1), ordered(hash())] {
        let is_ordered = brief.registering.signing.is_some();
        let mut chain = Driven::unrecalled(brief);
        chain.service(false, true);
        chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
        assert!(chain.asked().is_empty(), "{:?}", chain.wishes);
        assert!(chain.blocked(Command::Choose(1)).contains("the journal"));
        let work = if is_ordered { Work::Busy } else { Work::Idle };
        assert_eq!(chain.chain.status().work, work);
        chain.answer(Answer::Transactions(Vec::new()));
        let opens = matches!(chain.asked()[..], [Request::OpenKey { .. }]);
        assert_eq!(opens, is_ordered, "{:?}", chain.wishes);
    }
}

/// The node may not have seen it yet, so it would call its number free.
#[test]
fn the_second_call_is_signed_once_the_first_that_was_written_down_counts() {
    let mut chain = Driven::unrecalled(ordered(hash()));
    chain.service(false, false);
    chain.node(NODE, reading(Owner::Wallet(OWNER), false, false));
    let of = chain.chain.sight.of.expect("a contract");
    let first = kept(&of, Call::AddDevice(device()), 4);
    let transaction = first.signed.hash;
    chain.answer(Answer::Transactions(vec![first]));
    assert!(matches!(chain.asked()[..], [Request::Follow { .. }]));
    chain.stands(2, transaction, Standing::Unknown);
    assert!(matches!(chain.asked()[..], [Request::SendAgain { .. }]));
    for seconds in [5, 6] {
        chain.now = seconds;
        chain.service(false, false);
        chain.node(NODE, reading(Owner::Wallet(OWNER), false, false));
        assert!(chain.asked().is_empty(), "{:?}", chain.wishes);
        assert!(chain.blocked(Command::Choose(1)).contains("under way"));
        assert_eq!(chain.chain.status().work, Work::Busy);
    }
    // It counts by now, and what was read before that does not know of it.
    let block = allowed(false, false).block + 1;
    chain.stands(8, transaction, Standing::Mined { block, depth: 2 });
    chain.service(false, false);
    assert!(matches!(chain.asked()[..], [Request::OpenKey { .. }]));
    chain.answer(opened());
    let [Request::Examine { calls, .. }] = chain.asked()[..] else {
        panic!("{:?}", chain.wishes);
    };
    assert_eq!(calls[..], [Call::AddComposeHash(hash())]);
}

#[test]
fn one_hash_alone_is_signed_for_without_a_person() {
    let order = |allow| {
        let mut chain = Driven::of(ordered(allow));
        chain.service(false, true);
        chain.node(NODE, reading(Owner::Wallet(OWNER), false, true));
        chain
    };
    let mut chain = order(hash());
    assert!(
        matches!(chain.asked()[..], [Request::OpenKey { .. }]),
        "{:?}",
        chain.wishes
    );
    assert_eq!(chain.chain.status().work, Work::Busy);
    chain.answer(opened());
    chain.answer(Answer::Examined(Ok(Box::new(examination(&[
        Call::AddComposeHash(hash()),
    ])))));
    assert_eq!(chain.chain.status().work, Work::Ready);
    chain.press(Command::Next);
    assert!(signing(&chain).is_some());

    let other = ComposeHash::from([8; 32]);
    let mut chain = order(other);
    assert!(
        chain.asked().is_empty(),
        "the key is not even opened: {:?}",
        chain.wishes
    );
    assert_eq!(
        chain.chain.status().work,
        Work::Forbidden { allowed: other }
    );
    chain
        .tick(60)
        .node(NODE, reading(Owner::Wallet(OWNER), false, true));
    assert!(chain.asked().is_empty(), "{:?}", chain.wishes);
}
