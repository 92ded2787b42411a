//! Signing in: with a code, with a profile, at the start and in the middle of every step.

#![allow(clippy::expect_used, reason = "a panic in a test is a message to us")]

use phala_wizard::api::types::Approval;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Answer, Request};
use phala_wizard::wizard::signin::{Keeping, Login};

use super::cloud::cockpit::Fault;
use super::cloud::{self, Cloud, Fate};
use super::journey::Journey;
use super::{KEEP_ALL, at_review, central};

fn nobody(cloud: Cloud) -> Journey {
    let cloud = Cloud {
        signed_in: false,
        ..cloud
    };
    let mut journey = Journey::begin(cloud, Start::default());
    journey.settle();
    journey
}

fn polls(journey: &Journey) -> usize {
    journey.count(|request| matches!(request, Request::Login(Login::Poll(_))))
}

fn kept(journey: &Journey) -> Vec<Keeping> {
    let asked = journey.asked.iter();
    let kept = asked.filter_map(|request| match request {
        Request::Login(Login::Keep(keeping)) => Some(*keeping),
        _ => None,
    });
    kept.collect()
}

/// Signs in with the browser from the card of a refused key, and keeps nothing.
fn sign_in_again(journey: &mut Journey) {
    journey.sees("does not accept this key").press("2");
    journey.sees("W X K D - 4 4 7 1").wait(7);
    journey.sees("Where shall the key be kept?").press("3");
}

#[test]
fn a_code_that_is_approved_opens_the_door_and_the_key_is_kept_where_one_says() {
    let mut journey = nobody(Cloud::default());
    journey.cloud.signin.polls = [Ok(Approval::Pending), Ok(Approval::SlowDown)].into();
    journey.sees("How do you want to start?").press("1");
    journey.sees("https://cloud.example/device?code=WXKD-4471");
    journey.wait(4).sees("good for 09:56");
    assert_eq!(polls(&journey), 0, "the interval comes first");
    journey.wait(8);
    assert_eq!(polls(&journey), 2);
    journey.wait(9);
    assert_eq!(polls(&journey), 2, "it was asked to slow down");
    journey.wait(2);
    assert_eq!(polls(&journey), 3);
    journey
        .sees("Signed in as dana")
        .sees("Where shall the key be kept?");
    journey.sees("~/.phala-cloud/credentials.json, profile acme");
    assert_eq!(kept(&journey), [], "nothing before the choice");
    journey
        .press("<enter>")
        .sees("Which app gets a new instance?");
    assert_eq!(kept(&journey), [Keeping::File]);
    let session = journey.wizard.session().expect("somebody is signed in");
    assert_eq!(
        session.key.origin.as_str(),
        "profile acme in ~/.phala-cloud/credentials.json"
    );
}

#[test]
fn the_page_is_opened_and_copied_only_by_a_key_and_escape_gives_up() {
    let mut journey = nobody(Cloud::default());
    journey.press("1");
    assert_eq!(journey.opened, 0, "nothing opens by itself");
    journey.press("o<enter>y");
    assert_eq!(journey.opened, 2);
    assert_eq!(
        journey.copied,
        ["https://cloud.example/device?code=WXKD-4471"]
    );
    journey
        .press("<esc>")
        .sees("How do you want to start?")
        .wait(20);
    assert_eq!(polls(&journey), 0);
}

#[test]
fn denied_and_expired_have_their_own_words_and_a_way_on() {
    for (approval, words) in [
        (Approval::Denied, "The login was denied on the page."),
        (Approval::Expired, "The code has expired"),
        (Approval::Ended("account closed".into()), "account closed"),
    ] {
        let mut journey = nobody(Cloud::default());
        journey.cloud.signin.polls = [Ok(approval)].into();
        journey.press("1").wait(7);
        journey.sees(words);
        let before = polls(&journey);
        journey.wait(30);
        assert_eq!(polls(&journey), before, "it is over");
        journey.press("<enter>").sees("W X K D").press("<esc>");
        journey.sees("How do you want to start?");
    }
}

#[test]
fn a_network_that_fails_is_told_and_asked_again() {
    let mut journey = nobody(Cloud::default());
    let lost = || Err(cloud::lost());
    journey.cloud.signin.polls = [lost(), lost()].into();
    journey.press("1").wait(7);
    journey.sees("The code stays good").wait(12);
    journey.sees("Where shall the key be kept?");
}

#[test]
fn what_cannot_be_kept_is_said_and_the_key_is_used_all_the_same() {
    let mut journey = nobody(Cloud::default());
    journey.cloud.signin.disk_is_full = true;
    journey.press("2").paste("phak_typed_0123").press("<enter>");
    journey.sees("Where shall the key be kept?").press("1");
    journey
        .sees("It was not kept: the disk is full")
        .press("<enter>");
    journey.sees("Which app gets a new instance?");
    let mut journey = nobody(Cloud::default());
    journey.cloud.signin.file_blocked = true;
    journey.press("2").paste("phak_typed_0123").press("<enter>");
    journey.press("1").sees("is a link, and is left as it is");
    assert_eq!(kept(&journey), []);
    journey.press("2").sees("Which app gets a new instance?");
    assert_eq!(kept(&journey), [Keeping::Keyring]);
}

/// The service refuses the key while an answer is still on its way to this step.
fn refused_at(keys: &str) -> (Journey, String) {
    let mut cloud = Cloud::default();
    cloud.cockpit.faults.push((
        |request| matches!(request, Request::Quotas(_)),
        |_| Fault::Silent,
    ));
    let mut journey = Journey::signed_in(cloud);
    journey.press(keys);
    let before = journey.frame();
    let held = journey.held.iter();
    let mut quotas = held.filter(|(_, request)| matches!(request, Request::Quotas(_)));
    let (id, _) = quotas.next().cloned().expect("the quotas are asked for");
    let no = cloud::refused("GET /workspaces/acme/quotas", 401, None);
    journey.reply(id, Answer::Quotas(Err(no)));
    (journey, before)
}

#[test]
fn a_key_that_is_refused_at_any_question_leads_back_to_the_same_field() {
    for (step, keys) in [
        "j",
        "<enter>j",
        "<enter><enter>",
        "<enter><enter><enter>2/env<enter>",
        "<enter><enter><enter><enter>",
        KEEP_ALL,
    ]
    .into_iter()
    .enumerate()
    {
        let (mut journey, before) = refused_at(keys);
        assert_eq!(journey.wizard.place(), step);
        sign_in_again(&mut journey);
        assert_eq!(journey.wizard.place(), step);
        // What the service had not said before, it may have said by now; all else is as it was.
        let words = before.lines().nth(3).expect("a page").trim_end();
        assert!(journey.frame().contains(words.trim()), "{words}");
        assert!(journey.creating().is_empty());
    }
}

#[test]
fn what_was_typed_is_still_typed_after_signing_in_again() {
    let (mut journey, before) = refused_at("<enter><enter><enter>2/env<enter><enter>");
    sign_in_again(&mut journey);
    assert_eq!(journey.frame(), before);
}

#[test]
fn a_key_that_is_refused_at_the_chain_leads_back_there_and_on() {
    let mut journey = at_review(Cloud::default());
    journey.press("<enter>").sees("NOT registered");
    let silent: fn(&Request) -> bool = |request| matches!(request, Request::IsAllowed { .. });
    journey
        .cloud
        .cockpit
        .faults
        .push((silent, |_| Fault::Silent));
    journey.wait(5);
    let held = journey.held.iter().find(|(_, request)| silent(request));
    let (id, _) = held.cloned().expect("the contract is asked");
    let no = cloud::refused("POST /apps/../is-allowed", 401, None);
    journey.reply(id, Answer::IsAllowed(Err(no)));
    journey.cloud.cockpit.faults.clear();
    sign_in_again(&mut journey);
    assert_eq!(journey.wizard.place(), 6);
    journey.wait(20).sees("Everything is registered");
    assert_eq!(journey.creating().len(), 1, "it was not prepared again");
}

#[test]
fn a_key_that_is_refused_at_the_commit_leads_back_and_commits_only_when_told() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(401, None),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter>").press("<right><enter>");
    assert_eq!(journey.commits(), 1);
    sign_in_again(&mut journey);
    assert_eq!((journey.wizard.place(), journey.commits()), (7, 1));
}

#[test]
fn a_key_that_is_refused_while_it_runs_leads_back_to_it() {
    let mut journey = at_review(central());
    journey.press("<enter><right><enter>");
    journey.cloud.boots_well();
    journey.wait(10).sees("Running");
    let no: super::cloud::cockpit::Meets =
        |_| Fault::Fails(cloud::refused("GET /cvms/../state", 401, None));
    journey
        .cloud
        .cockpit
        .faults
        .push((|request| matches!(request, Request::State(_)), no));
    journey.wait(90);
    journey.cloud.cockpit.faults.clear();
    sign_in_again(&mut journey);
    journey.sees("Running");
    assert_eq!(journey.wizard.place(), 8);
}

#[test]
fn a_key_of_another_workspace_does_not_go_on_with_what_was_sent() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(401, None),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter>").press("<right><enter>");
    journey.cloud.signin.workspace = Some("beta");
    journey.press("3").paste("phak_of_beta").press("<enter>");
    journey.sees("This key belongs to another workspace.");
    journey.cloud.signin.workspace = None;
    journey.press("2").paste("phak_of_acme").press("<enter>3");
    assert_eq!((journey.wizard.place(), journey.commits()), (7, 1));
}

#[test]
fn before_anything_is_sent_another_workspace_keeps_the_files_and_asks_for_its_own_apps() {
    let (mut journey, _) = refused_at("<enter><enter><enter>");
    journey.cloud.signin.workspace = Some("beta");
    journey.press("3").paste("phak_of_beta").press("<enter>3");
    journey.sees("another workspace: app and node are chosen anew");
    journey.sees("Which app gets a new instance?");
    assert_eq!(journey.wizard.place(), 0);
}

#[test]
fn another_profile_is_taken_from_the_list_of_apps_and_escape_comes_back() {
    let mut journey = Journey::signed_in(Cloud::default());
    let before = journey.frame();
    journey.press("P").sees("Which profile?").sees("acme-lab");
    journey.press("<esc>");
    assert_eq!(journey.frame(), before);
    journey.cloud.signin.workspace = Some("acme-lab");
    journey.press("P2").sees("Which app gets a new instance?");
    let used = Request::Login(Login::Use("acme-lab".to_owned()));
    assert!(journey.asked.contains(&used));
    let session = journey.wizard.session().expect("somebody is signed in");
    assert_eq!(session.identity.workspace.as_str(), "acme-lab");
    assert_eq!(kept(&journey), [], "no file is changed by that");
    journey.press("<enter>").sees("Where should it run?");
    journey.press("P").sees("Where should it run?");
}

#[test]
fn in_the_sandbox_nothing_is_kept_and_no_profile_is_offered() {
    let start = Start {
        sandbox: Some("on-chain".to_owned()),
        ..Start::default()
    };
    let mut journey = Journey::begin(Cloud::default(), start);
    journey.settle();
    journey.sees("Which app gets a new instance?").press("P");
    journey.does_not_see("Which profile?");
    let no = cloud::refused("GET /teepods/available", 401, None);
    journey.press("<enter>").press_only("r");
    let open = journey.open.iter().find(|(_, it)| *it == Request::Nodes);
    let (id, _) = open.cloned().expect("the nodes");
    journey.reply(id, Answer::Nodes(Err(no)));
    journey
        .does_not_see("profile of the official")
        .press("2")
        .wait(7);
    journey.sees("Where should it run?");
    assert_eq!(kept(&journey), []);
}

#[test]
fn a_second_refusal_does_not_undo_what_was_begun_at_the_door() {
    let is_slow: fn(&Request) -> bool = |it| matches!(it, Request::Quotas(_) | Request::Nodes);
    let mut cloud = Cloud::default();
    cloud.cockpit.faults.push((is_slow, |_| Fault::Silent));
    let mut journey = Journey::signed_in(cloud);
    let held = journey.held.clone();
    assert_eq!(held.len(), 2, "{held:?}");
    let no = |asked| cloud::refused(asked, 401, None);
    for (turn, (id, request)) in held.into_iter().enumerate() {
        let answer = match request {
            Request::Nodes => Answer::Nodes(Err(no("GET /teepods/available"))),
            _ => Answer::Quotas(Err(no("GET /workspaces/acme/quotas"))),
        };
        let before = journey.frame();
        journey.reply(id, answer);
        if turn == 0 {
            journey.press("3").paste("phak_half_typed");
        } else {
            assert_eq!(journey.frame(), before, "the key is still typed");
        }
    }
    journey
        .press("<enter>")
        .sees("Where shall the key be kept?");
}
