//! Whole deployments on key strings, without terminal, network or clock.

#[path = "support/cloud.rs"]
mod cloud;
#[path = "journeys/cockpit.rs"]
mod cockpit;
#[path = "journeys/cockpit_faults.rs"]
mod cockpit_faults;
#[path = "journeys/first_app.rs"]
mod first_app;
#[path = "support/journey.rs"]
mod journey;
#[path = "journeys/line.rs"]
mod line;
#[path = "journeys/links.rs"]
mod links;
#[path = "journeys/panes.rs"]
mod panes;
#[path = "journeys/recipe.rs"]
mod recipe;
#[path = "journeys/resumed.rs"]
mod resumed;
#[path = "journeys/several.rs"]
mod several;
#[path = "journeys/signin.rs"]
mod signin;
#[path = "journeys/times.rs"]
mod times;
#[path = "support/typed.rs"]
mod typed;
#[path = "journeys/without_key.rs"]
mod without_key;

use cloud::{Cloud, Fate};
use journey::Journey;
use phala_wizard::api::types::CvmUuid;
use phala_wizard::journal::record::Question;
use phala_wizard::wizard::event::{Answer, Event, Outcome, Request};
use phala_wizard::wizard::keymap::Command;

/// From the list of apps to the review, everything kept.
const KEEP_ALL: &str = "<enter><enter><enter><enter><enter>";

fn at_review(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press(KEEP_ALL);
    journey
}

fn central() -> Cloud {
    Cloud {
        apps: vec![cloud::app(cloud::CENTRAL, "kv-cache", "phala")],
        ..Cloud::default()
    }
}

#[test]
fn an_on_chain_app_goes_from_the_list_to_running() {
    let mut journey = at_review(Cloud::default());
    journey.sees("Nothing was sent yet").press("<enter>");
    journey.sees("NOT registered").wait(10);
    journey.sees("Everything is registered").press("<enter>");
    journey
        .sees("Create this instance?")
        .press("<right><enter>");
    assert_eq!(journey.commits(), 1);
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running");
    journey.press("<^c><right><enter>");
    assert_eq!(
        journey.exit.map(|exit| exit.outcome),
        Some(Outcome::Running)
    );
}

/// What a face without keys gives passes the same gate as a key.
#[test]
fn a_command_acts_only_where_it_is_offered_and_not_blocked() {
    let mut journey = at_review(Cloud::default());
    journey.event(Event::Command(Command::Next));
    journey.settle();
    journey.sees("NOT registered");
    journey.event(Event::Command(Command::Jump(1)));
    journey.event(Event::Command(Command::Next));
    journey.sees("NOT registered");
    let notice = journey.wizard.notice().unwrap_or_default();
    assert!(notice.contains("does not allow"), "{notice}");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn everything_registered_goes_straight_to_the_confirmation_and_not_to_the_request() {
    let cloud = Cloud {
        hash_allowed: true,
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter>").sees("Create this instance?");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn without_a_contract_the_confirmation_stands_before_the_only_request() {
    let mut journey = at_review(central());
    assert!(journey.creating().is_empty());
    journey
        .press("<enter>")
        .sees("no contract governs this app");
    assert!(
        journey.creating().is_empty(),
        "nothing that could create left before the confirmation"
    );
    journey.press("<right><enter>");
    assert_eq!(journey.creating().len(), 1);
    assert!(
        matches!(journey.creating()[0], Request::Prepare(_)),
        "prepare-only is always sent"
    );
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running");
}

#[test]
fn holding_enter_never_creates() {
    for cloud in [
        Cloud::default(),
        central(),
        Cloud {
            hash_allowed: true,
            ..Cloud::default()
        },
    ] {
        let mut journey = Journey::signed_in(cloud);
        for _ in 0..500 {
            journey.press("<enter>").wait(1);
        }
        assert_eq!(journey.commits(), 0);
        let direct = journey.asked.iter().filter(|request| matches!(request, Request::Prepare(order) if order.plan.app == cloud::app_id(cloud::CENTRAL)));
        assert_eq!(direct.count(), 0);
    }
}

#[test]
fn ten_fast_enters_on_the_button_send_one_request() {
    let mut journey = at_review(Cloud {
        hash_allowed: true,
        ..Cloud::default()
    });
    journey
        .press("<enter><right>")
        .press_only("<enter><enter><enter><enter><enter><enter><enter><enter><enter><enter>");
    assert_eq!(journey.commits(), 1);
}

#[test]
fn a_lost_answer_is_unknown_and_found_again_without_a_second_request() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Lost,
        hidden_for: 2,
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter><right>");
    journey.cloud.hidden_for = 2;
    journey.press("<enter>");
    journey
        .sees("It may or may not exist")
        .does_not_see("failed")
        .wait(20);
    journey.sees("FOUND").press("<enter>").sees("orders-api-c");
    assert_eq!(journey.commits(), 1);
}

#[test]
fn a_lost_answer_that_stays_unknown_exits_with_its_own_code() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Lost,
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter><right>");
    journey.cloud.hidden_for = u32::MAX;
    journey.press("<enter>").wait(200).sees("Unknown.");
    journey.press("<^c><right><enter>");
    let exit = journey.exit.expect("it left");
    assert_eq!((exit.outcome, exit.outcome.code()), (Outcome::Unknown, 7));
    assert_eq!(
        journey
            .asked
            .iter()
            .filter(|request| matches!(request, Request::Commit { .. }))
            .count(),
        1
    );
}

#[test]
fn each_refusal_of_the_commit_has_its_card_and_its_way_on() {
    for (status, code, words, next) in [
        (
            466,
            "ERR-01-006",
            "The token is no longer good",
            "The token was used, or ran out",
        ),
        (
            467,
            "ERR-01-007",
            "does not prove the registration",
            "has to allow it first",
        ),
        (
            468,
            "ERR-01-008",
            "The contract says no",
            "has to allow it first",
        ),
    ] {
        let cloud = Cloud {
            hash_allowed: true,
            commit: Fate::Refused(status, Some(code)),
            ..Cloud::default()
        };
        let mut journey = at_review(cloud);
        journey
            .press("<enter><right><enter>")
            .sees(words)
            .press("<enter>")
            .sees(next);
        assert_eq!(journey.commits(), 1, "{status}");
    }
}

#[test]
fn a_token_that_is_gone_leads_to_another_one_only_by_the_apps_name() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(466, Some("ERR-01-006")),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey
        .press("<enter><right><enter>")
        .sees("The token is no longer good")
        .press("<enter>")
        .does_not_see("once")
        .wait(5)
        .sees("create again")
        .press("2")
        .sees("type the app's name");
    let sent = journey.creating().len();
    journey.press("y<enter>").sees("type the app's name");
    assert_eq!(journey.creating().len(), sent, "another word is no consent");
    journey
        .press("<esc>2orders-api<enter>")
        .sees("Create this instance?");
    assert_eq!(journey.creating().len(), sent + 1, "prepared once more");
    assert_eq!(journey.commits(), 1);
}

#[test]
fn a_lost_commit_is_sent_again_with_its_token_only_from_a_new_confirmation() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(503, None),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey
        .press("<enter><right><enter>")
        .sees("It may or may not")
        .wait(120)
        .sees("send again with the SAME token");
    assert_eq!(journey.commits(), 1, "not by itself");
    journey
        .press("2")
        .sees("Create this instance?")
        .press("<enter>");
    assert_eq!(
        journey.commits(),
        1,
        "the focus is on the button that does nothing"
    );
}

#[test]
fn what_the_help_does_is_what_its_key_does() {
    let mut journey = at_review(Cloud::default());
    journey.press("2").sees("Where should it run?");
    let mut journey = at_review(Cloud::default());
    journey.press("?numbered").sees("a numbered choice");
    journey.press("<down><enter>").sees("Where should it run?");
    journey.does_not_see("These keys work here");
}

#[test]
fn a_full_node_at_the_commit_leads_back_to_the_answers() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(400, Some("ERR-02-005")),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey
        .press("<enter><right><enter>")
        .sees("ERR-02-005")
        .sees("Nothing was created")
        .press("<enter>");
    journey.press("<a-2>").sees("Where should it run?");
    assert_eq!(journey.commits(), 1);
}

#[test]
fn a_lost_prepare_on_chain_is_asked_again_only_by_a_key() {
    let mut journey = at_review(Cloud {
        prepare: Fate::Lost,
        ..Cloud::default()
    });
    journey
        .press("<enter>")
        .sees("Preparing again is free")
        .wait(60);
    assert_eq!(journey.creating().len(), 1);
    journey.cloud.prepare = Fate::Good;
    journey.press("r").sees("has to allow it first");
    assert_eq!(journey.creating().len(), 2);
}

#[test]
fn a_lost_prepare_without_a_contract_is_looked_for_like_a_commit() {
    let mut journey = at_review(Cloud {
        prepare: Fate::Lost,
        ..central()
    });
    journey
        .press("<enter><right><enter>")
        .sees("It may or may not exist")
        .wait(10);
    journey.sees("FOUND");
    assert_eq!(journey.creating().len(), 1);
}

#[test]
fn a_ticket_from_a_preparation_that_was_given_up_is_never_used() {
    let mut journey = at_review(Cloud::default());
    journey.press_only("<enter>");
    let (old, request) = journey.open.pop().expect("the prepare request");
    journey.press("<esc>");
    let late = journey.cloud.answer(&request).expect("an answer");
    journey.sees("Going on prepares anew").press_only("<enter>");
    journey.reply(old, late);
    journey.sees("asking the service to prepare");
}

#[test]
fn a_ticket_for_another_app_is_refused_by_name() {
    let mut journey = at_review(Cloud::default());
    journey.press_only("<enter>");
    let (id, request) = journey.open.pop().expect("the prepare request");
    let Some(Answer::Prepared(Ok(phala_wizard::api::types::Prepared::Ticket(mut ticket)))) =
        journey.cloud.answer(&request)
    else {
        panic!("the pretend service prepares");
    };
    ticket.app = Some(cloud::app_id(cloud::CENTRAL));
    journey.reply(
        id,
        Answer::Prepared(Ok(phala_wizard::api::types::Prepared::Ticket(ticket))),
    );
    journey
        .sees("it is about app")
        .does_not_see("NOT registered");
}

#[test]
fn signing_in_again_in_the_middle_comes_back_to_the_same_place() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .press("<enter>")
        .sees("Where should it run?")
        .press_only("r");
    let (id, _) = journey
        .open
        .iter()
        .find(|(_, request)| *request == Request::Nodes)
        .cloned()
        .expect("the nodes");
    journey.reply(
        id,
        Answer::Nodes(Err(cloud::refused("GET /teepods/available", 401, None))),
    );
    journey.sees("does not accept this key").press("<enter>");
    journey.sees("Where should it run?");
}

#[test]
fn several_live_revisions_force_a_choice() {
    let mut cloud = Cloud::default();
    cloud.instances[1].compose_hash = Some(cloud::hash('c'));
    let mut journey = Journey::signed_in(cloud);
    journey
        .press("<enter>")
        .sees("runs several revisions")
        .press("2");
    journey
        .sees("Where should it run?")
        .press("<enter><enter><enter><enter><enter>");
    let Some(Request::Prepare(order)) = journey.creating().first().copied() else {
        panic!("prepared: {:?}", journey.frame())
    };
    assert_eq!(order.plan.revision, Some(cloud::hash('c')));
}

#[test]
fn a_full_node_cannot_be_taken_and_says_why() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .press("<enter>G<enter>")
        .sees("no free slot")
        .sees("Where should it run?");
}

#[test]
fn going_back_keeps_every_answer() {
    let mut journey = at_review(Cloud::default());
    let before = journey.frame();
    journey
        .press("<esc><esc><esc><esc><esc>")
        .sees("Which app gets a new instance?");
    journey.press("<a-5><enter>");
    assert_eq!(journey.frame(), before);
}

#[test]
fn pages_are_fetched_as_the_list_is_walked() {
    let apps = (0..500)
        .map(|n| cloud::app(&format!("{n:040x}"), &format!("app-{n:03}"), "phala"))
        .collect();
    let mut journey = Journey::signed_in(Cloud {
        apps,
        ..Cloud::default()
    });
    let pages = |journey: &Journey| {
        journey
            .asked
            .iter()
            .filter(|request| matches!(request, Request::Apps { .. }))
            .count()
    };
    assert_eq!(pages(&journey), 1);
    journey.press("GG");
    assert!(
        pages(&journey) > 1 && pages(&journey) < 5,
        "{}",
        pages(&journey)
    );
    journey
        .press("/app-487<enter>")
        .sees("Where should it run?");
}

#[test]
fn a_pasted_link_finds_the_app() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .paste(&format!(
            "https://cloud.phala.com/acme/apps/app_{}/overview",
            cloud::CENTRAL
        ))
        .press("<enter>");
    journey
        .sees("Where should it run?")
        .press("<a-1>")
        .sees("kv-cache");
}

#[test]
fn the_help_runs_what_it_shows() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .press("<enter>?")
        .sees("These keys work here")
        .press("service chooses<enter>");
    journey.sees("What should it run?");
}

#[test]
fn an_idle_screen_needs_no_tick() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.wait(3);
    assert!(!journey.wizard.moves(), "the list of apps moves");
    journey.press(KEEP_ALL);
    assert!(!journey.wizard.moves(), "the review moves");
    assert!(journey.cloud.signed_in);
}

#[test]
fn what_a_terminal_would_not_copy_is_said_and_kept() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.press("<enter><enter>3");
    let text = format!("# {}\n", "x".repeat(60_000));
    journey.paste(&text).press("<^s><enter><enter><enter>");
    journey.sees("Nothing was sent yet").press("<tab>y");
    journey.sees("not copied: ");
    assert_eq!(journey.copied, Vec::<String>::new());
}

#[test]
fn a_hash_of_another_content_stops_and_enter_leads_back() {
    let cloud = Cloud {
        lies: true,
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey
        .press("<enter>")
        .sees("wants another content registered");
    journey.press("<enter>").sees("Going on prepares anew");
    journey
        .press("<enter>")
        .sees("wants another content registered");
    journey
        .press("<right><enter>")
        .sees("not the hash of what you previewed");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn a_node_without_a_named_machine_is_remarked() {
    at_review(Cloud::default()).does_not_see("names no machine");
    let mut cloud = Cloud::default();
    for node in &mut cloud.nodes {
        node.device = None;
    }
    at_review(cloud).sees("names no machine");
}

#[test]
fn a_changed_compose_file_is_foretold_to_the_byte() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.press("<enter><enter>3").paste("# mine\n");
    journey.press("<^s><enter><enter><enter>");
    journey.sees("Hash       0x").press("<enter>");
    journey.sees("computed here from what you previewed: compact");
}

/// To the review with a compose file and variables that were read from the disk.
fn with_files(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press("<enter><enter>f/docker<enter><enter>");
    journey.press("2/env<enter><enter><enter>");
    journey.sees("Nothing was sent yet");
    journey
}

fn prepared(journey: &Journey) -> usize {
    let asked = journey.asked.iter();
    asked
        .filter(|request| matches!(request, Request::Prepare(_)))
        .count()
}

#[test]
fn files_that_changed_since_the_review_lead_back_to_it_before_anything_is_prepared() {
    let mut journey = with_files(Cloud::default());
    let reviewed = journey.cloud.compose_file.clone();
    journey.cloud.compose_file = reviewed.replace("1.8.2", "1.8.3");
    journey.press("<enter>");
    journey
        .sees("Changed on the disk: ./docker-compose.yml")
        .sees("-     image: ghcr.io/acme/api:1.8.2")
        .sees("+     image: ghcr.io/acme/api:1.8.3");
    assert_eq!(prepared(&journey), 0);
    journey.press("<enter>").sees("NOT registered");
    let sent = journey.asked.iter().find_map(|request| match request {
        Request::Prepare(order) => order.plan.compose.clone(),
        _ => None,
    });
    assert_eq!(sent, Some(journey.cloud.compose_file.clone()));
}

#[test]
fn values_that_changed_are_told_by_name_and_encrypted_anew() {
    let mut journey = with_files(Cloud::default());
    journey.cloud.env_file = "DATABASE_URL=canary-new\n".to_owned();
    journey.press("<enter>");
    journey
        .sees("Changed on the disk: ./.env.prod")
        .sees("~ DATABASE_URL")
        .sees("another value");
    assert!(!journey.frame_at(200, 80).contains("canary"));
    assert_eq!(prepared(&journey), 0);
    let sealed = journey
        .asked
        .iter()
        .rev()
        .find_map(|request| match request {
            Request::Seal { entries, .. } => Some(entries.len()),
            _ => None,
        });
    assert_eq!(sealed, Some(1));
}

#[test]
fn files_that_changed_since_the_preparation_lead_back_before_anything_is_created() {
    let mut journey = with_files(Cloud::default());
    journey.press("<enter>").wait(10);
    journey.press("<enter>").sees("Create this instance?");
    journey.cloud.compose_file.push_str("# another line\n");
    journey.press("<right><enter>");
    journey.sees("+ # another line");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn a_file_that_broke_leads_to_its_question() {
    let mut journey = with_files(Cloud::default());
    journey.cloud.compose_file = "services: [\n".to_owned();
    journey.press("<enter>");
    journey
        .sees("changed on the disk: ./docker-compose.yml")
        .sees("the compose file cannot be sent yet");
    assert_eq!(prepared(&journey), 0);
}

#[test]
fn a_file_that_is_gone_is_told_once_and_what_was_read_is_sent() {
    let mut journey = with_files(Cloud::default());
    let reviewed = journey.cloud.compose_file.clone();
    journey.cloud.gone = true;
    journey.press("<enter>");
    journey.sees("does not exist; what was read before is kept");
    assert_eq!(prepared(&journey), 0);
    journey.press("<enter>").sees("NOT registered");
    let sent = journey.asked.iter().find_map(|request| match request {
        Request::Prepare(order) => order.plan.compose.clone(),
        _ => None,
    });
    assert_eq!(sent, Some(reviewed));
}

#[test]
fn nothing_leaves_while_the_files_are_being_read() {
    let mut journey = with_files(central());
    journey.press("<enter>").press_only("<right><enter><enter>");
    journey.sees("Reading the files again");
    assert!(journey.creating().is_empty());
    // Who goes back while they are read is not taken up on it afterwards.
    journey.press_only("<esc>").settle();
    assert!(journey.creating().is_empty());
    journey.press("<enter><right><enter>");
    assert_eq!(journey.creating().len(), 1);
}

#[test]
fn what_never_left_is_not_told_as_a_no_of_the_service() {
    let allowed = Cloud {
        hash_allowed: true,
        commit: Fate::NotSent,
        ..Cloud::default()
    };
    let mut journey = at_review(allowed);
    journey
        .press("<enter><right><enter>")
        .sees("This was not sent")
        .does_not_see("The service said no")
        .does_not_see("Nothing was created");
    let unprepared = Cloud {
        prepare: Fate::NotSent,
        ..Cloud::default()
    };
    let mut journey = at_review(unprepared);
    journey
        .press("<enter>")
        .sees("This was not sent")
        .does_not_see("Nothing was created");
}

#[test]
fn a_second_send_that_never_left_leads_back_to_the_look_of_the_first() {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(503, None),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey
        .press("<enter><right><enter>")
        .wait(30)
        .press("2")
        .sees("Create this instance?");
    journey.cloud.commit = Fate::NotSent;
    journey.press("<right><enter>").sees("not sent: ");
    // The first one is what may have created, and it was sent once.
    journey.sees("HTTP 503").sees("It may or may not exist");
    assert_eq!(journey.commits(), 2);
}

/// From the search that found nothing, by either of the ways that may send once more.
fn decided(way: &str) -> Journey {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Refused(503, None),
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter><right><enter>").wait(30).press(way);
    journey
}

const SAME_TOKEN: &str = "2";
const ANEW: &str = "3orders-api<enter>";

#[test]
fn wherever_one_goes_after_a_decision_the_first_request_is_not_forgotten() {
    let left = |journey: &mut Journey, from: &str| {
        journey
            .press("<^c>")
            .does_not_see("Nothing was")
            .press("<right><enter>");
        let exit = journey.exit.take().expect("it left");
        assert_eq!(exit.outcome, Outcome::Unknown, "{from}");
        let receipt = exit.receipt.concat();
        assert!(receipt.contains("may exist and be billed"), "{from}");
    };
    left(&mut decided(SAME_TOKEN), "the confirmation");
    left(decided(ANEW).sees("Create this instance?"), "another token");
    left(
        decided(ANEW)
            .press("<enter>")
            .sees("An earlier request may"),
        "the review",
    );
    left(decided(ANEW).press("<enter><esc>"), "the form");

    let mut unprepared = at_review(Cloud {
        hash_allowed: true,
        commit: Fate::Refused(503, None),
        ..Cloud::default()
    });
    unprepared.press("<enter><right><enter>").wait(30);
    unprepared.cloud.prepare = Fate::Refused(503, None);
    unprepared
        .press(ANEW)
        .sees("The request before it may still");
    let sent = unprepared.creating().len();
    unprepared.press("r");
    assert_eq!(
        unprepared.creating().len(),
        sent,
        "the decision was for one"
    );
    left(&mut unprepared, "a preparation that failed");
}

#[test]
fn a_no_to_what_was_sent_after_a_decision_says_nothing_of_the_first_request() {
    let mut journey = decided(ANEW);
    journey.cloud.commit = Fate::Refused(402, Some("ERR-04-001"));
    journey
        .press("<right><enter>")
        .sees("It may or may not exist")
        .does_not_see("Nothing was created");
}

#[test]
fn never_mind_after_a_decision_leads_back_to_the_search() {
    for never_mind in ["<enter>", "<esc>"] {
        let mut journey = decided(SAME_TOKEN);
        journey
            .sees("Back to looking")
            .press(never_mind)
            .sees("It may or may not exist");
        assert_eq!(journey.commits(), 1);
    }
}

/// At the search after a commit without an answer, where nothing of it can be seen.
fn searching() -> Journey {
    let cloud = Cloud {
        hash_allowed: true,
        commit: Fate::Lost,
        ..Cloud::default()
    };
    let mut journey = at_review(cloud);
    journey.press("<enter>");
    journey.cloud.hidden_for = u32::MAX;
    journey.press("<right><enter>").wait(10);
    journey.sees("none new");
    journey
}

#[test]
fn an_instance_that_is_older_than_those_from_before_is_not_taken_for_ours() {
    let mut journey = searching();
    let mut hidden = journey.cloud.created[0].clone();
    hidden.uuid = CvmUuid::parse(&"9".repeat(32));
    hidden.created_at = Some("2026-11-01T09:00:00Z".into());
    journey.cloud.instances[0].created_at = Some("2026-11-02T09:00:00.5Z".into());
    journey.cloud.instances.push(hidden);
    journey.wait(30);
    journey.sees("1 new").does_not_see("FOUND");
}

#[test]
fn what_is_found_while_a_consent_is_typed_is_not_made_once_more() {
    let mut journey = searching();
    journey.press("3").sees("type the app's name");
    journey.press("orders-ap");
    journey.cloud.hidden_for = 0;
    journey.wait(40);
    journey.sees("FOUND").does_not_see("type the app's name");
    let sent = journey.creating().len();
    journey.press("i<enter>");
    assert_eq!(journey.creating().len(), sent);
}

#[test]
fn beside_somebody_else_s_new_instance_one_is_only_very_likely_ours() {
    let mut journey = searching();
    let mut other = journey.cloud.created[0].clone();
    other.uuid = CvmUuid::parse(&"9".repeat(32));
    other.compose_hash = Some(cloud::hash('e'));
    journey.cloud.instances.push(other);
    journey.cloud.hidden_for = 0;
    journey.wait(60);
    journey.sees("FOUND").sees("Others are new too");
}

#[test]
fn one_like_it_that_still_starts_is_shown_before_another_is_created() {
    let mut journey = at_review(Cloud {
        hash_allowed: true,
        ..Cloud::default()
    });
    journey.press("<enter>").does_not_see("alike");
    let mut first = journey.cloud.instances[0].clone();
    first.uuid = CvmUuid::parse(&"9".repeat(32));
    first.name = "orders-api-again".into();
    first.status = "starting".into();
    first.compose_hash = Some(journey.cloud.named);
    journey.cloud.instances.push(first);
    journey.press("<esc><enter>");
    journey.sees("orders-api-again has the same content and still starts");
}

/// Short secrets can be guessed from a hash, so not even that of the file with the values is written down.
#[test]
fn of_the_file_with_the_values_nothing_is_written_down() {
    let mut journey = with_files(Cloud::default());
    journey.press("<enter>").sees("NOT registered");
    let files = journey.asked.iter().find_map(|request| match request {
        Request::Prepare(order) => Some(&order.facts.files),
        _ => None,
    });
    let files = files.expect("it was prepared");
    let questions: Vec<Question> = files.iter().map(|file| file.question).collect();
    assert_eq!(questions, [Question::Compose]);
    assert!(files[0].path.ends_with("docker-compose.yml"));
}

/// What a look sees that was still under way is not taken for something that was there before.
#[test]
fn a_look_that_finds_it_late_leads_back_from_the_confirmation_to_send_again() {
    let mut journey = searching();
    journey.press_only("r2");
    journey.sees("Back to looking");
    journey.cloud.hidden_for = 0;
    journey.settle();
    journey.wait(5).sees("FOUND");
    assert_eq!(journey.creating().len(), 2, "prepared, and committed once");
}

#[test]
fn what_the_form_knew_is_not_ours_although_the_list_from_before_left_it_out() {
    let mut journey = at_review(Cloud {
        hash_allowed: true,
        commit: Fate::Lost,
        ..Cloud::default()
    });
    let all = journey.cloud.instances.clone();
    journey.cloud.instances.clear();
    journey.press("<enter>").sees("Create this instance?");
    journey.cloud.instances = all;
    journey.cloud.hidden_for = u32::MAX;
    journey.press("<right><enter>").wait(20);
    journey.sees("none new").does_not_see("FOUND");
}

#[test]
fn what_was_refused_is_not_said_any_more_once_the_contract_agrees() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.press("<enter><enter><enter><enter><enter><enter>");
    journey.press("<enter>");
    let refused = "the contract does not allow the hash yet";
    assert!(journey.frame_at(80, 24).contains(refused));
    journey.wait(30);
    let frame = journey.frame_at(80, 24);
    assert!(frame.contains("The contract allows it."), "{frame}");
    assert!(!frame.contains(refused), "{frame}");
}

#[test]
fn a_paste_of_more_than_a_person_pastes_is_refused_by_its_size_and_what_was_typed_stays() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.press("/ord").sees("ord");
    let most = phala_wizard::wizard::event::PASTE_LIMIT;
    journey.paste(&"x".repeat(most + 1));
    journey.sees("not pasted: 257 KB, and 256 KB at most");
    journey.sees("ord").paste("ers").sees("orders");
}
