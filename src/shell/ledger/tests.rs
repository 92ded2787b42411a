//! The ledger between orders and a service that is not there, or not asked at all.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc;

use super::*;
use crate::api::elsewhere::Limits;
use crate::api::types::TransactionHash;
use crate::api::types::{AppId, ComposeHash, Created, CvmUuid, NodeId};
use crate::chain::rpc::Rpc;
use crate::journal::record::How;
use crate::journal::record::{
    Call, Facts, Governed, Hex, RawTransaction, Seen, TransactionSeen, TransactionSigned,
};
use crate::secret::Secret;
use crate::wizard::event::Noted;

/// Nobody listens there: whatever is sent is known not to have arrived.
const NOBODY: &str = "http://127.0.0.1:1/api/v1";

fn client() -> Client {
    Client::new(NOBODY, Some(Secret::new("phak_test"))).expect("a client")
}

fn order(governed: Governed, consent: Option<Choice>) -> Order {
    Order {
        plan: Plan {
            app: AppId::parse(&"3f".repeat(20)).expect("an app id"),
            name: "orders-api".into(),
            node: Some(NodeId(6)),
            revision: None,
            compose: None,
            env: None,
            script: None,
            making: crate::api::types::Making::Instance,
        },
        facts: Facts {
            api_base: NOBODY.into(),
            profile: None,
            workspace: None,
            sandbox: false,
            governed,
            node: None,
            expected: None,
            also: Vec::new(),
            env_names: Vec::new(),
            files: Vec::new(),
            before: Vec::new(),
        },
        consent,
        seal: Vec::new(),
    }
}

fn by_contract() -> Governed {
    Governed::ByContract {
        chain_id: Some(8453),
        contract: None,
    }
}

fn ticket() -> Ticket {
    Ticket {
        token: Secret::new("54ce8e5d-284b-41dd-a78e-5ba38a1f0001"),
        compose_hash: ComposeHash::parse(&"ab".repeat(32)).expect("a hash"),
        app: AppId::parse(&"3f".repeat(20)),
        device: None,
        chain_id: Some(8453),
        hash_allowed: true,
        device_allowed: true,
        commit_url: None,
        provision: None,
    }
}

/// A service that takes every request and hangs up instead of answering.
fn hangs_up() -> Client {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address");
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let base = format!("http://{place}/api/v1");
    Client::new(&base, Some(Secret::new("phak_test"))).expect("a client")
}

/// A service that does this once a request has come, and then answers with a token.
fn names_a_token(act: impl FnOnce() + Send + 'static) -> Client {
    names_token("4a46de97-61bd-4805-b1ad-029a2152f0cf", act)
}

/// The same with this token.
fn names_token(token: &'static str, act: impl FnOnce() + Send + 'static) -> Client {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        read_request(&mut stream);
        act();
        let body = include_str!("../../../tests/answers/prepare_465.json");
        let body = body.replace("4a46de97-61bd-4805-b1ad-029a2152f0cf", token);
        let head = format!(
            "HTTP/1.1 465 Registration Required\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .expect("an answer");
    });
    let base = format!("http://{place}/api/v1");
    Client::new(&base, Some(Secret::new("phak_test"))).expect("a client")
}

fn read_request(stream: &mut std::net::TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let lower = line.to_ascii_lowercase();
        if let Some(number) = lower.strip_prefix("content-length:") {
            length = number.trim().parse().expect("a number");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
}

/// Redeems the token of the tests.
async fn commit(ledger: &Ledger, client: &Client, consent: Option<Choice>) -> Unreachable {
    let order = order(by_contract(), consent);
    let proof = Proof::AlreadyRegistered;
    how(ledger.commit(client, order, ticket(), proof).await).0
}

/// What the one journal that is not closed says.
async fn only(ledger: &Ledger) -> State {
    let mut found = ledger.unfinished().await.expect("a folder").found;
    assert_eq!(found.len(), 1);
    found.remove(0).state
}

fn ledger(folder: &Path) -> Ledger {
    Ledger::at(Some(folder.join("phala-wizard")))
}

fn how(answer: Result<Answered, Error>) -> (Unreachable, String) {
    match answer.expect_err("nobody answers").kind {
        ErrorKind::Unreachable(how, cause) => (how, cause.to_string()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn without_a_record_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a file");
    std::fs::write(&file, "").expect("a file");
    for ledger in [
        Ledger::at(None),
        Ledger::at(Some(file.join("phala-wizard"))),
    ] {
        let (sent, why) = how(ledger.prepare(&client(), order(by_contract(), None)).await);
        assert_eq!(sent, Unreachable::NotSent, "{why}");
        let proof = Proof::AlreadyRegistered;
        let client = client();
        let commit = ledger.commit(&client, order(by_contract(), None), ticket(), proof);
        assert_eq!(how(commit.await).0, Unreachable::NotSent);
    }
}

#[tokio::test]
async fn what_never_arrived_may_be_sent_again_and_is_closed_when_it_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    for governed in [Governed::MayCreate, by_contract()] {
        for _ in 0..2 {
            let answer = ledger
                .prepare(&client(), order(governed.clone(), None))
                .await;
            assert_eq!(how(answer).0, Unreachable::Connect);
        }
    }
    let open = ledger.unfinished().await.expect("a folder").found;
    assert_eq!(open.len(), 1, "the one that is open");
    assert!(!open[0].state.something_may_come());
}

#[tokio::test]
async fn a_second_wizard_is_told_who_holds_the_app() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (ledger(folder.path()), ledger(folder.path()));
    let answer = one.prepare(&client(), order(by_contract(), None)).await;
    assert_eq!(how(answer).0, Unreachable::Connect);
    let (sent, why) = how(two.prepare(&client(), order(by_contract(), None)).await);
    assert_eq!(sent, Unreachable::NotSent);
    let me = format!("another wizard (pid {})", std::process::id());
    assert!(why.contains(&me), "{why}");
}

#[tokio::test]
async fn a_token_is_on_the_disk_before_its_commit_leaves_and_outlives_the_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = ledger(folder.path());
    let proof = Proof::AlreadyRegistered;
    let client = client();
    let commit = first.commit(&client, order(by_contract(), None), ticket(), proof);
    assert_eq!(how(commit.await).0, Unreachable::Connect);
    let id = first.unfinished().await.expect("a folder").found[0]
        .state
        .id();
    drop(first);
    let second = ledger(folder.path());
    let state = second.resume(id).await.expect("it is there");
    assert_eq!(state.ticket().map(|it| it.token), Some(ticket().token));
    assert_eq!(state.sends(), 1);
    assert_eq!(state.known(), Known::CommitRefused, "it never arrived");
    second.forget(id).await.expect("nobody else has it");
    assert!(
        second
            .unfinished()
            .await
            .expect("a folder")
            .found
            .is_empty()
    );
}

#[tokio::test]
async fn a_no_to_a_later_commit_counts_where_the_ones_before_are_clear() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = ledger(folder.path());
    for _ in 0..2 {
        assert_eq!(commit(&first, &client(), None).await, Unreachable::Connect);
    }
    let state = only(&first).await;
    assert_eq!((state.known(), state.sends()), (Known::CommitRefused, 2));

    let folder = tempfile::tempdir().expect("a folder");
    let second = ledger(folder.path());
    let lost = commit(&second, &hangs_up(), None).await;
    assert_eq!(lost, Unreachable::Broken);
    let again = Some(Choice::SendAgain);
    assert_eq!(
        commit(&second, &client(), again).await,
        Unreachable::Connect
    );
    let state = only(&second).await;
    assert_eq!(state.known(), Known::CommitUnanswered { sends: 2 });
}

#[tokio::test]
async fn another_hash_is_accepted_only_as_it_was_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    assert_eq!(commit(&ledger, &client(), None).await, Unreachable::Connect);
    let other = ComposeHash::parse(&"cd".repeat(32)).expect("a hash");
    for (hash, accepted) in [(other, false), (ticket().compose_hash, true)] {
        ledger
            .note(Noted::Accepted(hash))
            .await
            .expect("it is kept");
        let state = only(&ledger).await;
        assert_eq!(state.accepted(), accepted.then_some(hash));
    }
}

#[tokio::test]
async fn a_late_answer_is_never_written_into_the_journal_of_another_deployment() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    let (arrived, has_arrived) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let slow = names_a_token(move || {
        arrived.send(()).expect("somebody waits");
        may_go.recv().expect("a sign");
    });
    let first = tokio::spawn({
        let ledger = ledger.clone();
        async move { ledger.prepare(&slow, order(by_contract(), None)).await }
    });
    let wait = tokio::task::spawn_blocking(move || has_arrived.recv());
    wait.await.expect("a thread").expect("the request");
    let mut other = order(by_contract(), None);
    other.plan.compose = Some("services: {}\n".to_owned());
    let lost = how(ledger.prepare(&hangs_up(), other).await);
    assert_eq!(lost.0, Unreachable::Broken);
    go.send(()).expect("the service waits");
    let late = first.await.expect("a task").expect_err("nobody keeps it");
    assert!(matches!(late.kind, ErrorKind::Unkept { .. }), "{late}");
    let state = only(&ledger).await;
    assert_eq!(state.known(), Known::PrepareUnanswered);
}

/// Elsewhere a folder with an open file in it cannot be taken away.
#[cfg(unix)]
#[tokio::test]
async fn a_token_that_cannot_be_written_down_is_not_handed_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    let intents = folder.path().join("phala-wizard/intents");
    let client = names_a_token(move || {
        std::fs::remove_dir_all(&intents).expect("it was there");
    });
    let answer = ledger.prepare(&client, order(by_contract(), None)).await;
    let error = answer.expect_err("there is no record of it");
    assert!(
        matches!(error.kind, ErrorKind::Unkept { status: 465, .. }),
        "{error:?}"
    );
    let words = error.to_string();
    assert!(words.contains("no record of it can be kept"), "{words}");
    assert!(error.may_have_acted() && error.left());
}

#[tokio::test]
async fn an_instance_that_was_answered_is_written_down_at_the_second_try_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    assert_eq!(
        commit(&ledger, &hangs_up(), None).await,
        Unreachable::Broken
    );
    let created = Created {
        uuid: CvmUuid::parse(&"7a".repeat(16)),
        ..Created::default()
    };
    for _ in 0..2 {
        let noted = Noted::Answered(Box::new(created.clone()));
        ledger.note(noted).await.expect("it is kept");
        let state = only(&ledger).await;
        assert_eq!(state.known(), Known::Created);
        let made: Vec<&How> = state.made().map(|(how, _)| how).collect();
        assert_eq!(made, [&How::Answered(1)]);
    }
}

#[tokio::test]
async fn the_same_answers_can_be_tried_again_after_a_certain_no_to_their_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    assert_eq!(commit(&ledger, &client(), None).await, Unreachable::Connect);
    let first = only(&ledger).await;
    assert_eq!(first.known(), Known::CommitRefused);
    let answer = ledger.prepare(&client(), order(by_contract(), None)).await;
    assert_eq!(how(answer).0, Unreachable::Connect, "it was sent");
    let second = only(&ledger).await;
    assert_ne!(first.id(), second.id());
    assert_eq!((second.attempts(), second.sends()), (1, 0));
}

#[tokio::test]
async fn a_token_outlives_a_deployment_of_another_app_and_none_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    assert_eq!(commit(&ledger, &client(), None).await, Unreachable::Connect);
    let first = only(&ledger).await;
    let mut other = order(by_contract(), None);
    other.plan.app = AppId::parse(&"4f".repeat(20)).expect("an app id");
    let answer = ledger.prepare(&client(), other).await;
    assert_eq!(how(answer).0, Unreachable::Connect);
    let found = ledger.unfinished().await.expect("a folder").found;
    let mine = found.iter().find(|one| one.state.id() == first.id());
    let mine = mine.expect("its token is still good");
    assert_eq!(mine.state.ticket().map(|it| it.token), Some(ticket().token));
    ledger.resume(first.id()).await.expect("it is there");
    let mut changed = order(by_contract(), None);
    changed.plan.compose = Some("services: {}\n".to_owned());
    let answer = ledger.prepare(&client(), changed).await;
    assert_eq!(how(answer).0, Unreachable::Connect);
    let found = ledger.unfinished().await.expect("a folder").found;
    assert!(found.iter().all(|one| one.state.id() != first.id()));
}

#[tokio::test]
async fn a_token_that_was_handed_on_in_a_file_is_one_deployment() {
    let folder = tempfile::tempdir().expect("a folder");
    let prepared = names_a_token(|| ());
    let answer = ledger(folder.path())
        .prepare(&prepared, order(by_contract(), None))
        .await;
    let Ok(Answered::Ticket(handed_on)) = answer else {
        panic!("a token");
    };
    let preparation = only(&ledger(folder.path())).await.id();

    // Whoever has the file knows the app and the token, and not all that was asked for.
    let redeem = async |ticket: Ticket| {
        let mut order = order(by_contract(), None);
        order.plan.node = None;
        let ledger = ledger(folder.path());
        let proof = Proof::AlreadyRegistered;
        let answer = ledger.commit(&client(), order, ticket, proof).await;
        assert_eq!(how(answer).0, Unreachable::Connect, "it was sent");
        let found = ledger.unfinished().await.expect("a folder").found;
        found.into_iter().map(|found| found.state)
    };
    let mut waits = redeem(ticket()).await;
    assert!(
        waits.any(|state| state.id() == preparation),
        "another token"
    );
    let mut waits = redeem(*handed_on).await;
    assert!(waits.all(|state| state.id() != preparation));
}

#[tokio::test]
async fn nothing_leaves_while_another_journal_of_the_app_is_unanswered() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_node = |node: u64| {
        let mut order = order(by_contract(), None);
        order.plan.app = AppId::parse("09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3").expect("an app");
        order.plan.node = Some(NodeId(node));
        order
    };
    let first = ledger(folder.path());
    let names = names_a_token(|| ());
    let prepared = first.prepare(&names, on_node(6)).await;
    prepared.expect("a token");
    let id = only(&first).await.id();
    drop(first);

    let second = ledger(folder.path());
    let names = names_token("6b57ef08-72ce-4916-82be-13ab3263a1d0", || ());
    let Ok(Answered::Ticket(token)) = second.prepare(&names, on_node(7)).await else {
        panic!("a token");
    };
    let proof = Proof::AlreadyRegistered;
    let (lost, _) = how(second.commit(&hangs_up(), on_node(7), *token, proof).await);
    assert_eq!(lost, Unreachable::Broken);
    drop(second);

    let third = ledger(folder.path());
    let state = third.resume(id).await.expect("it is prepared");
    let token = state.ticket().expect("a token");
    let (sent, why) = how(third.commit(&hangs_up(), on_node(6), token, proof).await);
    assert_eq!(sent, Unreachable::NotSent);
    assert!(why.contains("may still come to something"), "{why}");
}

/// A transaction as it is signed here.
fn signed(nonce: u64) -> TransactionSigned {
    TransactionSigned {
        chain_id: 8453,
        contract: Hex([0x3f; 20]),
        call: Call::AddComposeHash,
        from: Hex([0xaa; 20]),
        nonce,
        hash: TransactionHash::from([u8::try_from(nonce).expect("small"); 32]),
        raw: RawTransaction(vec![2, 0xc0]),
    }
}

/// A node that nobody may have been at, and whether somebody was.
fn node() -> (Rpc, std::net::TcpListener) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let place = listener.local_addr().expect("an address");
    let node = Rpc::new(&format!("http://{place}"), Limits::default());
    (node.expect("a node"), listener)
}

#[tokio::test]
async fn a_transaction_without_a_record_is_handed_to_nobody() {
    let (node, door) = node();
    let nowhere = Ledger::in_memory();
    let why = nowhere.broadcast(&node, signed(4)).await;
    assert_eq!(why, Err("no journal is open".into()));

    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    commit(&ledger, &client(), None).await;
    // The same call is under way under another number: two could count.
    ledger.note_signed(signed(4)).await;
    let why = ledger.broadcast(&node, signed(5)).await;
    let why = why.expect_err("it is not allowed");
    assert!(why.as_str().contains("under way"), "{why}");
    assert!(door.accept().is_err(), "somebody was there");
    assert_eq!(ledger.transactions().await.len(), 1);
}

#[tokio::test]
async fn a_transaction_is_on_the_disk_before_a_node_sees_it_and_whatever_that_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    commit(&ledger, &client(), None).await;
    let dead = Rpc::new("http://127.0.0.1:1", Limits::default()).expect("a node");
    let taken = ledger
        .broadcast(&dead, signed(4))
        .await
        .expect("it is written down");
    assert!(taken.is_err(), "nobody is there");
    let state = only(&ledger).await;
    assert_eq!(state.transactions()[0].signed, signed(4));
    let again = ledger.broadcast_again(&dead, signed(5).hash).await;
    let why = again.expect_err("that one was never signed").to_string();
    assert!(why.contains("not in the journal"), "{why}");
    let seen = TransactionSeen {
        hash: signed(4).hash,
        seen: Seen::Confirmed,
        block: Some(9),
    };
    ledger
        .note(Noted::Transactions(vec![seen]))
        .await
        .expect("a note");
    assert_eq!(
        only(&ledger).await.transactions()[0].seen,
        Some(Seen::Confirmed)
    );
}

impl Ledger {
    /// As if it was broadcast.
    async fn note_signed(&self, signed: TransactionSigned) {
        let write = |_: &Home, open: &mut Option<Journal>| {
            let journal = open.as_mut().ok_or("no journal is open")?;
            append(journal, signed).map(drop)
        };
        self.with(write).await.expect("a record");
    }
}

/// Of several nodes each has a journal of its own, and the next one is open when the first is seen to run.
#[tokio::test]
async fn what_runs_closes_its_own_journal_and_leaves_the_open_one_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path());
    let uuid = |byte: &str| CvmUuid::parse(&byte.repeat(16));
    commit(&ledger, &hangs_up(), None).await;
    let created = Created {
        uuid: uuid("7a"),
        ..Created::default()
    };
    let noted = Noted::Answered(Box::new(created));
    ledger.note(noted).await.expect("it is kept");
    let first = only(&ledger).await.id();
    let mut next = order(by_contract(), None);
    next.plan.node = Some(NodeId(7));
    let answer = ledger.prepare(&client(), next).await;
    assert_eq!(how(answer).0, Unreachable::Connect, "it was sent");
    let runs = |byte| Noted::Runs {
        uuid: uuid(byte),
        instance_id: None,
    };
    for known in ["7b", "7a", "7a"] {
        ledger.note(runs(known)).await.expect("it is kept");
    }
    let left = only(&ledger).await;
    assert_ne!(left.id(), first, "the first is closed");
    assert_eq!(left.intent().plan.node, Some(7));
    assert_eq!(left.made().count(), 0, "nothing is said of the second");
    // The open one still takes what is about it.
    let created = Created {
        uuid: uuid("7c"),
        ..Created::default()
    };
    let noted = Noted::Adopted {
        created: Box::new(created),
        chosen: false,
    };
    ledger.note(noted).await.expect("it is kept");
    ledger.note(runs("7c")).await.expect("it is kept");
    let all = ledger.unfinished().await.expect("a folder").found;
    assert!(all.is_empty());
}
