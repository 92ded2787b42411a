//! What came of each node, and what follows for the others.

use super::*;
use crate::api::error::{ErrorKind, Refusal, Unreachable};
use crate::api::types::{ComposeHash, Created};
use crate::secret::Secret;
use crate::wizard::event::{Exit, Outcome};
use crate::wizard::launch::brief::Known;

fn device(byte: u8) -> DeviceId {
    DeviceId::from([byte; 32])
}

fn node(id: u64) -> Node {
    Node {
        id: NodeId(id),
        name: format!("prod{id}").as_str().into(),
        region: None,
        slots: None,
        vcpu: None,
        memory_mb: None,
        on_chain: None,
        device: None,
        images: Vec::new(),
    }
}

fn brief(ids: &[u64]) -> Brief {
    Brief {
        several: Several::over(ids.iter().map(|id| node(*id)).collect()),
        ..crate::wizard::launch::brief::tests::brief(None)
    }
}

fn ticket(byte: u8, device_allowed: bool) -> Ticket {
    Ticket {
        token: Secret::new("token"),
        compose_hash: ComposeHash::from([7; 32]),
        app: None,
        device: Some(device(byte)),
        chain_id: None,
        hash_allowed: true,
        device_allowed,
        commit_url: None,
        provision: None,
    }
}

fn birth(byte: &str) -> Birth {
    Birth {
        created: Created {
            uuid: CvmUuid::parse(&byte.repeat(16)),
            ..Created::default()
        },
        compose_hash: None,
        device: None,
        before: Vec::new(),
        known: Known::Answered,
    }
}

fn refused(status: u16) -> Error {
    Error {
        asked: "POST /apps/../instances".into(),
        tries: 1,
        kind: ErrorKind::Refused(Refusal {
            status,
            ..Refusal::default()
        }),
    }
}

#[test]
fn one_node_or_none_is_not_several() {
    for several in [Several::default(), Several::over(vec![node(5)])] {
        assert!(!several.is_some() && several.lines().is_empty());
        assert_eq!(several.report(), None);
        let mut confirmed = several;
        confirmed.confirm();
        assert!(!confirmed.is_confirmed(), "one is confirmed each time");
    }
}

#[test]
fn each_is_prepared_first_and_only_after_the_confirmation_created_on_the_last_first() {
    let mut brief = brief(&[5, 7, 9]);
    for expected in [7, 9] {
        brief.several.prepared(&ticket(1, true));
        assert!(brief.turn_on());
        assert_eq!(brief.plan.node, Some(NodeId(expected)));
        assert_eq!(brief.place(), format!("prod{expected}"));
    }
    brief.several.prepared(&ticket(1, true));
    assert!(
        !brief.turn_on(),
        "all are prepared, and nothing is confirmed"
    );
    brief.several.confirm();
    for expected in [5, 7] {
        brief.several.made(&birth("7a"));
        assert!(brief.turn_on());
        assert_eq!(brief.plan.node, Some(NodeId(expected)));
    }
    brief.several.made(&birth("7b"));
    assert!(!brief.turn_on());
}

#[test]
fn the_machines_of_the_others_are_those_that_are_not_allowed_yet() {
    let mut brief = brief(&[5, 7, 9]);
    for (byte, allowed) in [(1, false), (2, true), (3, false)] {
        brief.several.prepared(&ticket(byte, allowed));
        brief.turn_on();
    }
    let machines: Vec<DeviceId> = brief.several.machines().map(|(_, device)| device).collect();
    assert_eq!(
        machines,
        [device(1)],
        "the last one is told by its own ticket"
    );
}

#[test]
fn only_a_certain_no_to_what_was_confirmed_lets_the_others_go_on() {
    let unreachable = |how| Error {
        kind: ErrorKind::Unreachable(how, "x".into()),
        ..refused(400)
    };
    let several = brief(&[5, 7]).several;
    assert!(
        !several.goes_on_after(&refused(400)),
        "nothing is confirmed"
    );
    let mut several = several;
    several.confirm();
    for (error, goes_on) in [
        (refused(400), true),
        (refused(404), true),
        (refused(401), false),
        (refused(429), false),
        (refused(503), false),
        (unreachable(Unreachable::Connect), false),
        (unreachable(Unreachable::TimedOut), false),
        (unreachable(Unreachable::NotSent), false),
    ] {
        assert_eq!(several.goes_on_after(&error), goes_on, "{error}");
    }
    // The last one, with nothing made before: its refusal is what is looked at.
    several.refused(refused(400));
    several.at = 1;
    assert!(!several.goes_on_after(&refused(400)));
}

#[test]
fn what_was_made_is_found_again_by_turns_and_by_its_id() {
    let mut brief = brief(&[5, 7, 9]);
    brief.several.made(&birth("7a"));
    assert!(!brief.has_other(), "there is one only");
    brief.turn_to(2);
    brief.several.made(&birth("7c"));
    let seen: Vec<_> = (0..3)
        .map(|_| brief.turn_to_made().and_then(|birth| birth.created.uuid))
        .collect();
    let uuid = |byte: &str| CvmUuid::parse(&byte.repeat(16));
    assert_eq!(seen, [uuid("7a"), uuid("7c"), uuid("7a")]);
    let wanted = uuid("7c").expect("a uuid");
    assert!(brief.several.has(&wanted));
    assert!(brief.turn_to_uuid(&wanted).is_some());
    assert_eq!(brief.plan.node, Some(NodeId(9)));
    let other = uuid("7d").expect("a uuid");
    assert!(!brief.several.has(&other) && brief.turn_to_uuid(&other).is_none());
    assert_eq!(brief.plan.node, Some(NodeId(9)), "it stays where it is");
}

#[test]
fn the_end_tells_of_every_node_and_is_as_bad_as_the_worst() {
    let mut brief = brief(&[5, 7, 9]);
    brief.several.confirm();
    brief.several.made(&birth("7a"));
    brief.turn_to(1);
    brief.several.refused(refused(402));
    brief.turn_to(0);
    let mut exit = Exit {
        outcome: Outcome::Running,
        receipt: Vec::new(),
    };
    brief.several.amend(&mut exit);
    assert_eq!(exit.outcome, Outcome::NoRoom);
    assert!(
        exit.receipt[0].starts_with("prod7: not created: "),
        "{exit:?}"
    );
    assert_eq!(
        exit.receipt[1],
        "prod9: nothing was sent that creates there"
    );
    assert_eq!(exit.receipt.len(), 2);
    let report = brief.several.report().expect("there are several");
    assert_eq!(
        (report.number, report.of, report.made, report.ahead),
        (1, 3, 1, 1)
    );
    for (one, other, worst) in [
        (Outcome::Running, Outcome::Unhealthy, Outcome::Unhealthy),
        (Outcome::Unhealthy, Outcome::NoRoom, Outcome::NoRoom),
        (Outcome::NoRoom, Outcome::Unknown, Outcome::Unknown),
        (Outcome::Running, Outcome::Running, Outcome::Running),
    ] {
        assert_eq!((worse(one, other), worse(other, one)), (worst, worst));
    }
}
