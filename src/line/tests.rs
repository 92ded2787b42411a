//! Every place under every order: what follows, and what never does.

use super::*;
use crate::api::error::{Error, ErrorKind, Refusal, Unreachable};
use crate::api::preview;
use crate::api::types::{AppId, ComposeHash, CvmUuid, DeviceId, Plan, TransactionHash};
use crate::wizard::answers::{Question, Stop};
use crate::wizard::event::Outcome;
use crate::wizard::form::Step;
use crate::wizard::keymap::Command;
use crate::wizard::status::{
    Begun, Candidate, Cause, Life, Noted, Overview, Recalling, Registration, Rereading, Reviewing,
    SignedOut, Transaction, Verdict, Work,
};

fn refused(status: u16, code: Option<&str>) -> Error {
    Error {
        asked: "POST /x".into(),
        tries: 1,
        kind: ErrorKind::Refused(Refusal {
            status,
            code: code.map(Into::into),
            message: "no".into(),
            ..Refusal::default()
        }),
    }
}

fn lost() -> Error {
    Error {
        asked: "POST /x".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(Unreachable::Broken, "".into()),
    }
}

fn overview(on_chain: bool) -> Status {
    let plan = Plan {
        app: AppId::parse(&"3f".repeat(20)).unwrap(),
        name: "api".into(),
        node: None,
        revision: None,
        compose: None,
        env: None,
        script: None,
        making: crate::api::types::Making::Instance,
    };
    Status::Reviewing(Reviewing::Ready(Box::new(Overview {
        on_chain,
        answers: Vec::new(),
        request: preview::preview("https://api.example/api/v1", &plan, "****"),
        hash: Err("no document".into()),
        changed: Vec::new(),
        remarks: Vec::new(),
        cost: Vec::new(),
    })))
}

fn registration(hash_allowed: bool, device_allowed: bool) -> Registration {
    Registration {
        hash: ComposeHash::parse(&"ab".repeat(32)).unwrap(),
        hash_allowed,
        hash_checked: Some(true),
        device: DeviceId::parse(&"de".repeat(32)),
        device_allowed: Some(device_allowed),
        all: hash_allowed && device_allowed,
        contract: "0x3f".into(),
        chain_id: Some(8453),
        trouble: None,
        read: None,
        work: Work::Idle,
        signer: None,
        transactions: Vec::new(),
        handed: None,
        proof: None,
        founding: None,
    }
}

fn asking(create: bool, before: Noted, on_chain: bool) -> Status {
    Status::Asking {
        create,
        before,
        registered: on_chain.then(|| registration(true, true)),
    }
}

fn candidate() -> Candidate {
    Candidate {
        said: "api on prod6, created 2026-11-28 11:25:29 CET".to_owned(),
        told: "api on prod6, created 2026-11-28T10:25:29Z".to_owned(),
    }
}

fn known() -> Noted {
    Noted::Known { alike: Vec::new() }
}

fn unknown(candidates: usize) -> Status {
    Status::Unknown {
        error: Some(lost()),
        outcome: Outcome::Unknown,
        strangers: 0,
        clear: false,
        candidates: vec![candidate(); candidates],
    }
}

/// As many that can be the one, beside one that cannot.
fn in_company(candidates: usize) -> Status {
    match unknown(candidates) {
        Status::Unknown {
            error,
            outcome,
            clear,
            candidates,
            ..
        } => Status::Unknown {
            error,
            outcome,
            clear,
            strangers: 1,
            candidates,
        },
        other => other,
    }
}

fn taken_up(outcome: Outcome, candidates: usize) -> Status {
    Status::Unknown {
        error: None,
        outcome,
        strangers: 0,
        clear: false,
        candidates: vec![candidate(); candidates],
    }
}

fn life(verdict: Verdict, settled: bool) -> Status {
    Status::Live(Box::new(Life {
        name: "api-3".into(),
        uuid: CvmUuid::parse(&"12".repeat(16)),
        node: "prod6".to_owned(),
        compose_hash: None,
        instance_id: None,
        phase: Some("booting".into()),
        verdict,
        headline: "created; not yet known to run.".to_owned(),
        addresses: Vec::new(),
        proof: None,
        settled,
        made: true,
        containers: Vec::new(),
        why: None,
        usual: None,
        figures: None,
        unread: None,
    }))
}

const VERDICTS: [Verdict; 6] = [
    Verdict::Booting,
    Verdict::Stalled,
    Verdict::Degraded,
    Verdict::Running,
    Verdict::Failed,
    Verdict::Gone,
];

fn begun(prepares: bool) -> Status {
    Status::Recalling(Recalling::Found(Box::new(Begun {
        id: "01JD8H4ZR8QX1V6T3M5N7P9K2C".to_owned(),
        app: AppId::parse(&"3f".repeat(20)).unwrap(),
        name: "api".into(),
        standing: "prepared, not created",
        way_on: "look, then on with the token that is kept",
        uuid: None,
        compose_hash: None,
        prepares,
    })))
}

/// Every place, with everything that decides in it.
fn everywhere() -> Vec<Status> {
    let mut all = vec![
        Status::SigningIn,
        Status::Preparing,
        Status::Sent,
        Status::Unprepared(refused(400, Some("ERR-02-005"))),
        Status::Unprepared(lost()),
        Status::Doubt {
            named: ComposeHash::parse(&"cd".repeat(32)).unwrap(),
            computed: "ab".repeat(32),
        },
        Status::Reviewing(Reviewing::Sealing),
        Status::Reviewing(Reviewing::Failed("no key".into())),
        overview(true),
        overview(false),
        begun(true),
        begun(false),
        Status::Recalling(Recalling::Reading),
        Status::Recalling(Recalling::Opening),
        Status::Recalling(Recalling::Missing("no".into())),
        Status::Recalling(Recalling::Refused("no".into())),
    ];
    for stop in [
        None,
        Some(Stop::unusable(Question::Node, "no")),
        Some(Stop::not_found(Question::App, "no")),
        Some(Stop::trouble(Question::App, &lost())),
    ] {
        all.push(Status::Choosing {
            step: Step::App,
            stop,
        });
    }
    for (hash, device) in [(false, false), (false, true), (true, false), (true, true)] {
        all.push(Status::Chain(registration(hash, device)));
    }
    for create in [false, true] {
        for on_chain in [false, true] {
            for before in [Noted::Reading, known(), Noted::Unread(lost())] {
                all.push(asking(create, before, on_chain));
            }
        }
    }
    all.extend((0..3).map(unknown));
    all.extend((0..3).map(in_company));
    all.push(Status::Rereading(Rereading::Reading));
    all.push(Status::Rereading(Rereading::Changed(vec!["a".to_owned()])));
    for outcome in [Outcome::TokenDead, Outcome::Prepared, Outcome::Nothing] {
        all.extend((0..3).map(|candidates| taken_up(outcome, candidates)));
    }
    for cause in [
        Cause::Token,
        Cause::Transaction,
        Cause::NotAllowed,
        Cause::Other,
    ] {
        all.push(Status::Refused {
            cause,
            error: refused(400, Some("ERR-02-005")),
        });
    }
    for verdict in VERDICTS {
        all.extend([life(verdict, false), life(verdict, true)]);
    }
    for why in [
        SignedOut::NoKey(None),
        SignedOut::No(refused(401, None)),
        SignedOut::No(lost()),
        SignedOut::NoSandbox("no port".into()),
    ] {
        let behind = all.clone().into_iter().map(Some).chain([None]);
        let behind: Vec<Option<Status>> = if why == SignedOut::No(refused(401, None)) {
            behind.collect()
        } else {
            vec![None]
        };
        all.extend(behind.into_iter().map(|behind| Status::SignedOut {
            why: why.clone(),
            behind: behind.map(Box::new),
        }));
    }
    all
}

fn orders(yes: bool, prepare_only: bool) -> Orders {
    Orders {
        yes,
        prepare_only,
        stay: Stay::UntilItRuns,
        timeout: 600,
        wait_chain: None,
    }
}

/// Every order beside every past.
fn ways() -> Vec<(Orders, SoFar)> {
    let mut all = Vec::new();
    for bits in 0..64_u8 {
        let bit = |place: u8| bits >> place & 1 == 1;
        let orders = Orders {
            stay: if bit(2) { Stay::UntilItRuns } else { Stay::No },
            ..orders(bit(0), bit(1))
        };
        for waited in [0, 599, 600] {
            all.push((
                orders.clone(),
                SoFar {
                    prepared: bit(5),
                    confirmed: bit(3),
                    kept: bit(4),
                    waited,
                    ..SoFar::default()
                },
            ));
        }
    }
    all
}

#[test]
fn only_yes_confirms_only_once_and_only_where_the_instances_are_noted() {
    let mut confirmed = 0;
    for status in everywhere() {
        for (orders, so_far) in ways() {
            if decide(&status, &orders, &so_far) != Move::Confirm {
                continue;
            }
            confirmed += 1;
            assert!(orders.yes && !orders.prepare_only, "{status:?} {orders:?}");
            assert!(!so_far.confirmed, "{status:?}");
            let ready = matches!(
                status,
                Status::Asking {
                    create: true,
                    before: Noted::Known { .. },
                    ..
                }
            );
            assert!(ready, "{status:?}");
        }
    }
    assert_ne!(confirmed, 0);
}

/// Enter on the button in focus is the confirmation, so it is never given as a plain command.
#[test]
fn no_plain_command_creates() {
    for status in everywhere() {
        for (orders, so_far) in ways() {
            let Move::Give(command) = decide(&status, &orders, &so_far) else {
                continue;
            };
            let harmless = match &status {
                Status::Reviewing(Reviewing::Ready(plan)) => {
                    command == Command::Next
                        && (orders.yes && !orders.prepare_only
                            || orders.prepare_only && plan.on_chain)
                }
                Status::Recalling(Recalling::Found(begun)) => {
                    command == Command::Next && (orders.yes || !begun.prepares)
                }
                Status::Chain(registration) => {
                    // Signing was ordered with the hash in full; the offer is there for no other.
                    let signs = registration.work == Work::Ready && !orders.prepare_only;
                    command == Command::Next && (registration.all || signs) && orders.yes
                }
                Status::Asking { create: false, .. } => command == Command::Right && orders.yes,
                // Back to the confirmation, or the preparation that was ordered.
                Status::Rereading(Rereading::Changed(_)) => command == Command::Next,
                Status::Unknown {
                    candidates,
                    strangers,
                    ..
                } => command == Command::Next && candidates.len() == 1 && *strangers == 0,
                // The first choice there is to look.
                Status::Refused {
                    cause: Cause::Token,
                    ..
                } => command == Command::Next && so_far.confirmed,
                _ => false,
            };
            assert!(harmless, "{command:?} at {status:?} under {orders:?}");
        }
    }
}

/// No place is left to wait for what never comes: each ends by itself, by an answer, or when the time is over.
#[test]
fn whatever_waits_beyond_its_time_waits_for_an_answer() {
    for status in everywhere() {
        let so_far = SoFar {
            waited: 600,
            ..SoFar::default()
        };
        if decide(&status, &orders(true, false), &so_far) != Move::Wait {
            continue;
        }
        let answered = match &status {
            Status::SigningIn
            | Status::Preparing
            | Status::Sent
            | Status::Rereading(Rereading::Reading)
            | Status::Choosing { stop: None, .. }
            | Status::Recalling(Recalling::Reading | Recalling::Opening)
            | Status::Reviewing(Reviewing::Sealing)
            | Status::Asking {
                before: Noted::Reading,
                ..
            } => true,
            Status::SignedOut { behind, .. } => behind.as_deref() == Some(&Status::Sent),
            _ => false,
        };
        assert!(answered, "{status:?}");
    }
}

#[test]
fn a_token_that_is_refused_is_looked_after_once_before_the_end() {
    let orders = orders(true, false);
    let so_far = SoFar {
        confirmed: true,
        ..SoFar::default()
    };
    let no = Status::Refused {
        cause: Cause::Token,
        error: refused(466, None),
    };
    assert_eq!(decide(&no, &orders, &so_far), Move::Give(Command::Next));
    let looking = |clear, candidates| Status::Unknown {
        error: Some(refused(466, None)),
        outcome: Outcome::TokenDead,
        clear,
        strangers: 0,
        candidates: vec![candidate(); candidates],
    };
    for (clear, candidates, next) in [
        (false, 0, Move::Wait),
        (true, 0, Move::End(None)),
        (false, 1, Move::Give(Command::Next)),
        (false, 2, Move::End(None)),
    ] {
        assert_eq!(decide(&looking(clear, candidates), &orders, &so_far), next);
    }
}

#[test]
fn every_end_has_its_reason_and_its_code() {
    let so_far = SoFar::default();
    let end = |status: &Status, orders: &Orders| decide(status, orders, &so_far);
    for (status, orders, outcome) in [
        (overview(true), orders(false, false), Outcome::Unusable),
        (overview(false), orders(false, true), Outcome::Unusable),
        (overview(false), orders(true, true), Outcome::Unusable),
        (begun(true), orders(false, false), Outcome::Unusable),
        (
            Status::Recalling(Recalling::Missing("no".into())),
            orders(true, false),
            Outcome::NotFound,
        ),
        (
            Status::Recalling(Recalling::Refused("no".into())),
            orders(true, false),
            Outcome::Failed,
        ),
        (
            Status::Chain(registration(true, true)),
            orders(false, false),
            Outcome::Unusable,
        ),
        (
            Status::Unprepared(refused(400, Some("ERR-04-001"))),
            orders(true, false),
            Outcome::NoRoom,
        ),
        (
            Status::Doubt {
                named: ComposeHash::parse(&"cd".repeat(32)).unwrap(),
                computed: "ab".repeat(32),
            },
            orders(true, false),
            Outcome::Failed,
        ),
        (
            Status::Refused {
                cause: Cause::Token,
                error: refused(466, None),
            },
            orders(true, false),
            Outcome::TokenDead,
        ),
        (
            Status::Refused {
                cause: Cause::NotAllowed,
                error: refused(468, None),
            },
            orders(true, false),
            Outcome::Prepared,
        ),
        (
            Status::SignedOut {
                why: SignedOut::No(refused(401, None)),
                behind: Some(Box::new(Status::Preparing)),
            },
            orders(true, false),
            Outcome::SignedOut,
        ),
    ] {
        assert_eq!(
            end(&status, &orders),
            Move::End(Some(outcome)),
            "{status:?}"
        );
        let reason = tell::reason(&status, &orders, &so_far);
        assert!(matches!(reason, Some(News::Error(_))), "{status:?}");
    }
    let behind = |status: Status| Status::SignedOut {
        why: SignedOut::No(refused(401, None)),
        behind: Some(Box::new(status)),
    };
    let yes = orders(true, false);
    assert_eq!(end(&behind(Status::Sent), &yes), Move::Wait);
    assert_eq!(end(&behind(unknown(0)), &yes), Move::End(None));
    assert_eq!(end(&unknown(2), &yes), Move::End(None));
}

fn report(status: Status) -> Report {
    Report {
        session: None,
        app: None,
        several: None,
        status,
    }
}

#[test]
fn silence_is_broken_every_thirty_seconds() {
    let mut pilot = Pilot::new(orders(true, false));
    let chain = report(Status::Chain(registration(false, true)));
    pilot.take(&chain, 5);
    let said: Vec<u64> = (6..=100)
        .filter(|now| !pilot.take(&chain, *now).0.is_empty())
        .collect();
    assert_eq!(said, [35, 65, 95]);
}

#[test]
fn the_time_at_a_place_counts_from_its_beginning() {
    let mut pilot = Pilot::new(orders(true, false));
    pilot.take(&report(Status::Preparing), 0);
    pilot.take(&report(Status::Chain(registration(false, false))), 500);
    let half = report(Status::Chain(registration(true, false)));
    assert_eq!(pilot.take(&half, 1099).1, Move::Wait);
    assert_eq!(pilot.take(&half, 1100).1, Move::End(None));
}

#[test]
fn what_the_contract_lacks_is_told_when_it_changes() {
    let mut pilot = Pilot::new(orders(true, false));
    let told = |(news, _): (Vec<News>, Move)| -> Vec<String> {
        news.iter().flat_map(News::lines).collect()
    };
    pilot.take(&report(Status::Preparing), 0);
    let first = told(pilot.take(&report(Status::Chain(registration(false, false))), 1));
    assert!(
        first
            .iter()
            .any(|line| line.contains("addComposeHash(0xabab")),
        "{first:?}"
    );
    assert!(
        first.iter().any(|line| line.contains("addDevice(0xdede")),
        "{first:?}"
    );
    let second = told(pilot.take(&report(Status::Chain(registration(true, false))), 2));
    assert!(
        !second.iter().any(|line| line.contains("addComposeHash")),
        "{second:?}"
    );
    assert!(
        second.iter().any(|line| line.contains("addDevice(0xdede")),
        "{second:?}"
    );
    let third = pilot.take(&report(Status::Chain(registration(true, true))), 3);
    assert_eq!(third, (vec![News::Registered], Move::Give(Command::Next)));
}

#[test]
fn news_is_one_line_of_json_whatever_is_in_it() {
    let news = News::error("a\nb\u{1b}[31m \"quoted\"");
    let json = news.json();
    assert!(!json.contains(['\n', '\u{1b}']), "{json}");
    let back: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(back["event"], "error");
    assert_eq!(back["message"], "a\nb\u{1b}[31m \"quoted\"");
}

#[test]
fn a_hash_of_another_content_is_never_gone_on_with() {
    let other = || Registration {
        hash_checked: Some(false),
        ..registration(true, true)
    };
    let asking = |create| Status::Asking {
        create,
        before: known(),
        registered: Some(other()),
    };
    for status in [Status::Chain(other()), asking(false), asking(true)] {
        for (orders, so_far) in ways() {
            let stop = Move::End(Some(Outcome::Failed));
            assert_eq!(decide(&status, &orders, &so_far), stop, "{status:?}");
            let reason = tell::reason(&status, &orders, &so_far);
            assert!(matches!(reason, Some(News::Error(_))), "{status:?}");
        }
    }
}

fn working(work: Work) -> Registration {
    Registration {
        work,
        ..registration(false, true)
    }
}

fn transaction(state: &'static str, open: bool) -> Transaction {
    Transaction {
        call: Some("addComposeHash"),
        hash: TransactionHash::from([9; 32]),
        nonce: 4,
        state,
        open,
    }
}

#[test]
fn what_is_signed_and_waited_for_on_the_chain_follows_the_orders() {
    let other = ComposeHash::parse(&"cd".repeat(32)).unwrap();
    let handed = |registration| Registration {
        handed: Some("batch.json".into()),
        ..registration
    };
    let under_way = |state, open, all| Registration {
        transactions: vec![transaction(state, open)],
        ..registration(all, true)
    };
    let end = |outcome| Move::End(Some(outcome));
    let (go, wait, left) = (Move::Give(Command::Next), Move::Wait, Move::End(None));
    for (registration, waited, wait_chain, expected) in [
        (working(Work::Idle), 0, None, wait),
        (working(Work::Busy), 0, None, wait),
        (working(Work::Busy), 600, None, left),
        (working(Work::Ready), 0, None, go),
        (
            working(Work::Stopped(vec!["poor".into()])),
            0,
            None,
            end(Outcome::Prepared),
        ),
        (
            working(Work::Forbidden { allowed: other }),
            0,
            None,
            end(Outcome::Unusable),
        ),
        // A transaction that may still change is waited for, as it goes along.
        (under_way("mined", true, true), 0, None, wait),
        (under_way("mined", true, true), 600, None, go),
        (under_way("confirmed", false, true), 0, None, go),
        (under_way("pending", true, false), 0, None, wait),
        (under_way("reverted", false, false), 600, None, left),
        // The owners are waited for where that was said.
        (
            handed(registration(false, true)),
            0,
            None,
            end(Outcome::Prepared),
        ),
        (handed(registration(false, true)), 3599, Some(3600), wait),
        (handed(registration(false, true)), 3600, Some(3600), left),
        (handed(registration(true, true)), 0, Some(3600), go),
        (registration(false, true), 5, Some(5), left),
    ] {
        let orders = Orders {
            wait_chain,
            ..orders(true, false)
        };
        let so_far = SoFar {
            waited,
            ..SoFar::default()
        };
        let status = Status::Chain(registration);
        assert_eq!(
            decide(&status, &orders, &so_far),
            expected,
            "{status:?} {waited}"
        );
        if let Move::End(_) = expected
            && !matches!(&status, Status::Chain(it) if it.handed.is_some())
        {
            let reason = tell::reason(&status, &orders, &so_far);
            assert!(matches!(reason, Some(News::Error(_))), "{status:?}");
        }
    }
}

#[test]
fn a_preparation_for_others_waits_until_the_files_are_written() {
    let kept = SoFar {
        kept: true,
        ..SoFar::default()
    };
    let next = |work| decide(&Status::Chain(working(work)), &orders(false, true), &kept);
    assert_eq!(next(Work::Busy), Move::Wait);
    assert_eq!(next(Work::Idle), Move::End(Some(Outcome::Prepared)));
}

#[test]
fn a_hash_that_was_not_named_is_told_with_both() {
    let other = ComposeHash::parse(&"cd".repeat(32)).unwrap();
    let status = Status::Chain(working(Work::Forbidden { allowed: other }));
    let reason = tell::reason(&status, &orders(true, false), &SoFar::default());
    let Some(News::Error(trouble)) = reason else {
        panic!("{reason:?}");
    };
    assert!(
        trouble.message.contains(&"cd".repeat(32)) && trouble.message.contains(&"ab".repeat(32))
    );
    assert_eq!(trouble.option, Some("--allow-hash"));
}

#[test]
fn every_change_of_a_transaction_is_told_once() {
    let at = |transactions| {
        Status::Chain(Registration {
            transactions,
            ..registration(false, true)
        })
    };
    let states = [
        at(vec![]),
        at(vec![transaction("sent", true)]),
        at(vec![transaction("sent", true)]),
        at(vec![transaction("confirmed", false)]),
    ];
    let mut told = Vec::new();
    for two in states.windows(2) {
        for news in tell::news(Some(&two[0]), &two[1], 0) {
            if let News::Transaction { state, .. } = news {
                told.push(state);
            }
        }
    }
    assert_eq!(told, ["sent", "confirmed"]);
}
