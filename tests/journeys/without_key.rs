//! Finishing without a key: the token alone redeems what was prepared, and nothing else is asked.

#![allow(clippy::expect_used, reason = "a panic in a test is a message to us")]

use phala_wizard::wizard::event::{Answer, Event, Outcome, Request};
use phala_wizard::wizard::signin::{Login, Told};

use super::at_review;
use super::cloud::cockpit::Fault;
use super::cloud::{self, Cloud, Fate};
use super::journey::Journey;

const LAY_DOWN: Request = Request::Login(Login::LayDown);

fn is_contract(request: &Request) -> bool {
    matches!(request, Request::IsAllowed { .. })
}

fn is_list(request: &Request) -> bool {
    matches!(request, Request::Instances(_))
}

/// From now on the service refuses the key, and says so to the first of these questions.
fn revoke(journey: &mut Journey, question: fn(&Request) -> bool) {
    let no: super::cloud::cockpit::Meets = |_| Fault::Fails(cloud::refused("GET /x", 401, None));
    journey.cloud.cockpit.faults.push((question, no));
}

/// At the chain step, where the contract does not agree yet and the key was revoked.
fn revoked_at_the_chain() -> Journey {
    let mut journey = at_review(Cloud {
        looks_until_allowed: 99,
        ..Cloud::default()
    });
    journey.press("<enter>").sees("NOT registered");
    revoke(&mut journey, is_contract);
    journey.wait(9).sees("does not accept this key");
    journey
}

/// What was asked once the key was laid down.
fn asked_without(journey: &Journey) -> &[Request] {
    let from = journey.asked.iter().position(|it| *it == LAY_DOWN);
    &journey.asked[from.expect("the key was laid down") + 1..]
}

#[test]
fn at_the_chain_step_the_token_alone_is_confirmed_and_sent_once() {
    let mut journey = revoked_at_the_chain();
    journey.sees("5 Finish without a key").press("5");
    journey
        .sees("Create this instance?")
        .sees("not seen to agree");
    journey.sees("2 instances known from before");
    assert_eq!(asked_without(&journey), [], "nothing is asked by itself");
    journey.press("<enter>").sees("Going on prepares anew");
    assert_eq!(journey.commits(), 0, "the focus was on the way back");

    let mut journey = revoked_at_the_chain();
    journey.press("5<right>").press_only("<enter>");
    assert_eq!(journey.commits(), 1);
    assert!(matches!(asked_without(&journey), [Request::Commit { .. }]));
    journey.settle();
    assert_eq!((journey.wizard.place(), journey.commits()), (8, 1));
}

#[test]
fn at_the_commit_what_was_seen_of_the_contract_still_stands() {
    let mut journey = at_review(Cloud {
        hash_allowed: true,
        ..Cloud::default()
    });
    revoke(&mut journey, is_list);
    journey.press("<enter>").sees("does not accept this key");
    journey
        .press("5")
        .sees("compose hash and machine are registered");
    journey.sees("not read again without a key");
    journey.press("<right><enter>");
    assert_eq!(journey.commits(), 1);
}

#[test]
fn a_service_that_wants_a_key_is_told_and_the_contract_is_looked_at_again_with_one() {
    let mut journey = revoked_at_the_chain();
    journey.cloud.commit = Fate::Refused(401, None);
    journey.press("5<right><enter>");
    assert_eq!(journey.commits(), 1);
    journey.sees("The service wants a key for this.");
    journey
        .does_not_see("Finish without a key")
        .does_not_see("Try again");
    journey.cloud.cockpit.faults.clear();
    journey.cloud.looks_until_allowed = 0;
    journey.cloud.commit = Fate::Good;
    journey.press("2").paste("phak_new_0123").press("<enter>3");
    journey.wait(10).sees("Everything is registered");
    assert_eq!((journey.wizard.place(), journey.commits()), (6, 1));
    journey.press("<enter>").press("<right><enter>");
    assert_eq!((journey.wizard.place(), journey.commits()), (8, 2));
}

#[test]
fn watching_wants_a_key_and_leaving_says_that_the_instance_is_there() {
    let mut journey = revoked_at_the_chain();
    revoke(&mut journey, |request| {
        matches!(request, Request::Stream(_) | Request::State(_))
    });
    journey.press("5<right><enter>").wait(5);
    journey.sees("The service wants a key for this.");
    journey.press("<^c><tab><enter>");
    let exit = journey.exit.as_ref().expect("it was left");
    assert_eq!(exit.outcome, Outcome::Unhealthy);
    assert!(
        exit.receipt.join("\n").contains("phala-wizard watch"),
        "{exit:?}"
    );
}

#[test]
fn an_answer_that_was_lost_is_looked_for_only_with_a_key_again() {
    let mut journey = revoked_at_the_chain();
    revoke(&mut journey, is_list);
    journey.cloud.commit = Fate::Lost;
    journey.press("5<right><enter>").wait(5);
    journey.sees("The service wants a key for this.");
    journey.does_not_see("Finish without a key");
    journey.cloud.cockpit.faults.clear();
    journey
        .press("2")
        .paste("phak_new_0123")
        .press("<enter>3")
        .wait(10);
    journey.sees("Nothing was sent twice.").press("<enter>");
    assert_eq!((journey.wizard.place(), journey.commits()), (8, 1));
}

#[test]
fn it_is_offered_only_where_a_token_was_not_sent() {
    for (keys, asking) in [("", "r"), ("<enter>", "r"), (super::KEEP_ALL, "<enter>")] {
        let mut journey = Journey::signed_in(Cloud::default());
        journey.press(keys);
        revoke(&mut journey, |_| true);
        journey.press(asking).sees("does not accept this key");
        journey.does_not_see("Finish without a key");
    }
    let mut journey = at_review(super::central());
    journey.press("<enter><right><enter>");
    revoke(&mut journey, |_| true);
    journey.wait(90).sees("does not accept this key");
    journey.does_not_see("Finish without a key");
}

#[test]
fn where_the_key_cannot_be_laid_down_the_ways_are_there_again() {
    let mut journey = revoked_at_the_chain();
    journey.press_only("5");
    let open = journey.open.iter().find(|(_, it)| *it == LAY_DOWN);
    let (id, _) = open.cloned().expect("the key is laid down");
    let why = cloud::lost();
    journey.event(Event::Reply(id, Answer::Login(Told::LaidDown(Err(why)))));
    journey.sees("Finish without a key");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn several_nodes_are_prepared_once_more_so_they_want_a_key() {
    let mut cloud = Cloud {
        looks_until_allowed: 99,
        ..Cloud::default()
    };
    for node in &mut cloud.nodes {
        node.slots = Some(4);
    }
    let mut journey = Journey::signed_in(cloud);
    journey.press("<enter> <down> <enter><enter><enter><enter><enter>");
    journey.sees("NOT registered");
    revoke(&mut journey, is_contract);
    journey.wait(9).sees("does not accept this key");
    journey.does_not_see("Finish without a key");
}
