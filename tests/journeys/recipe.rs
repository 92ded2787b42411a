//! Answers of another time: they go ahead as far as they go, lose nothing, are saved, and give the same request again.

#![allow(clippy::expect_used, reason = "a panic in a test is a message to us")]

use std::path::{Path, PathBuf};

use phala_wizard::api::types::Plan;
use phala_wizard::recipe::{self, project::Project};
use phala_wizard::secret::Secret;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::answers::{Answers, Pace};
use phala_wizard::wizard::event::{Event, Outcome, Request};
use phala_wizard::wizard::form::Step;
use phala_wizard::wizard::status::Status;

use crate::cloud::{self, Cloud};
use crate::journey::Journey;
use crate::line::{Errand, yes};

const FOLDER: &str = "/home/dana/orders";

/// A value that is in the file with the variables, and a part of no name.
const VALUE: &str = "canary-value";

fn of_recipe(text: &str) -> Answers {
    let recipe = recipe::read(text, Path::new(FOLDER));
    Answers::of_recipe(&recipe.expect("a recipe"))
}

fn of_project(text: &str) -> Answers {
    let project = Project::read(text, Path::new(FOLDER));
    Answers::of_project(&project.expect("a project"))
}

fn begin(cloud: Cloud, answers: Answers) -> Journey {
    let start = Start {
        folder: FOLDER.into(),
        answers: Some(answers),
        ..Start::default()
    };
    let mut journey = Journey::begin(cloud, start);
    journey.settle();
    journey
}

fn with_recipe(cloud: Cloud, lines: &str) -> Journey {
    begin(cloud, of_recipe(&format!("schema = 1\n{lines}")))
}

fn step(journey: &Journey) -> Option<Step> {
    match journey.wizard.report().status {
        Status::Choosing { step, .. } => Some(step),
        _ => None,
    }
}

const ALL: &str = "app = 'orders-api'\nnode = 'use2'\ncompose = { file = 'docker-compose.yml' }\n\
                   variables = { file = '.env.prod', names = ['DATABASE_URL'] }\nscript = { file = 'before.sh' }\n";

#[test]
fn a_recipe_goes_ahead_to_the_review_and_says_where_each_answer_came_from() {
    let mut journey = with_recipe(Cloud::default(), ALL);
    journey.sees("Nothing was sent yet");
    let frame = journey.frame_at(140, 40);
    let source = |label: &str| {
        let row = frame
            .lines()
            .find(|line| line.trim_start().starts_with(label));
        let row = row
            .and_then(|row| row.split('│').next())
            .unwrap_or_default();
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(source("App").ends_with(" recipe"), "{frame}");
    assert!(source("Revision").ends_with(" only one"), "{frame}");
    assert_eq!(source("Node"), "Node use2, US West recipe");
    assert!(
        source("Compose").ends_with("B (recipe) ./docker-compose.yml"),
        "{frame}"
    );
    assert_eq!(
        source("Variables"),
        "Variables 1 values, encrypted here (recipe) ./.env.prod"
    );
    assert!(
        source("Script").ends_with("(recipe) ./before.sh"),
        "{frame}"
    );
    assert!(journey.creating().is_empty());
    journey.press("2<up><enter>").sees("What should it run?");
    journey
        .press("<enter><enter><enter>")
        .sees("Nothing was sent yet");
    let node = journey.frame_at(140, 40);
    let node = node.lines().find(|line| line.contains("prod6, US West"));
    assert!(
        node.is_some_and(|row| row.contains("you chose")),
        "{node:?}"
    );
}

#[test]
fn what_a_recipe_leaves_open_is_asked_and_the_rest_is_filled_in() {
    let mut journey = with_recipe(
        Cloud::default(),
        "app = 'orders-api'\ncompose = { file = 'docker-compose.yml' }\nscript = 'keep'\n",
    );
    assert_eq!(step(&journey), Some(Step::Node));
    journey.press("<enter>").sees("./docker-compose.yml");
    journey
        .press("<enter>")
        .sees("Which values shall its variables have?");
    journey
        .press("<enter><enter>")
        .sees("(recipe)")
        .sees("Nothing was sent yet");
}

#[test]
fn a_node_that_is_full_stands_at_its_step_with_the_reason_and_nothing_is_lost() {
    let mut journey = with_recipe(Cloud::default(), &ALL.replace("use2", "prod5"));
    assert_eq!(step(&journey), Some(Step::Node));
    journey
        .press("<down>")
        .sees("recipe: prod5 cannot take it: no free slot");
    journey.press("a").sees("./docker-compose.yml");
    journey.does_not_see("cannot take it").press("<enter>");
    journey
        .sees("DATABASE_URL")
        .press("<enter>")
        .sees("./before.sh");
    journey.press("<enter>").sees("Nothing was sent yet");
    journey.sees("the service chooses").sees("(recipe)");
    assert!(!journey.frame_at(120, 60).contains(VALUE));
}

#[test]
fn an_app_that_is_gone_leaves_the_list_to_choose_from() {
    for name in ["gone-api", &"9".repeat(40)] {
        let mut journey = with_recipe(Cloud::default(), &ALL.replace("orders-api", name));
        assert_eq!(step(&journey), Some(Step::App), "{name}");
        journey.sees("kv-cache").press("<down>").sees("recipe: ");
        journey.press("<up><enter>").sees("Where should it run?");
        journey
            .does_not_see("recipe: ")
            .press("<enter>")
            .sees("./docker-compose.yml");
    }
}

#[test]
fn an_app_named_by_its_id_is_taken_and_the_others_are_in_the_list_too() {
    let mut journey = with_recipe(Cloud::default(), &ALL.replace("orders-api", cloud::APP));
    journey
        .sees("Nothing was sent yet")
        .press("1")
        .sees("kv-cache");
    journey.press("<enter><enter>").sees("What should it run?");
}

#[test]
fn whoever_begins_to_answer_is_not_walked_past() {
    let start = Start {
        folder: FOLDER.into(),
        answers: Some(of_recipe(&format!("schema = 1\n{ALL}"))),
        ..Start::default()
    };
    let mut journey = Journey::begin(Cloud::default(), start);
    let (id, request) = journey.open.remove(0);
    let answer = journey.cloud.answer(&request).expect("signed in");
    journey.reply(id, answer);
    journey.press_only("<down>").settle();
    assert_eq!(step(&journey), Some(Step::App));
    journey.press("<up><enter>");
    assert_eq!(
        step(&journey),
        Some(Step::Node),
        "the node of the recipe waits for Enter"
    );
    journey.press("<enter>").sees("./docker-compose.yml");
    assert_eq!(step(&journey), Some(Step::Compose));
}

#[test]
fn names_that_are_not_those_of_the_recipe_stop_it_and_say_which() {
    let other = ALL.replace("['DATABASE_URL']", "['DATABASE_URL', 'TOKEN']");
    let mut journey = with_recipe(Cloud::default(), &other);
    assert_eq!(step(&journey), Some(Step::Env));
    journey.sees("the file has no value for TOKEN");
    let by_hand = ALL.replace("file = '.env.prod', ", "");
    let mut journey = with_recipe(Cloud::default(), &by_hand);
    journey.sees("those of DATABASE_URL have to be given anew");
    let mut alone = of_recipe(&format!("schema = 1\n{other}"));
    alone.pace = Pace::Alone;
    let errand = Errand::start(Cloud::default(), alone, yes());
    errand.came_to(Outcome::Unusable, (0, 0));
    errand.tells("no value for TOKEN");
    errand.tells("--env-file");
}

#[test]
fn the_project_s_own_file_points_at_its_app_and_brings_its_files() {
    let mut journey = begin(
        Cloud::default(),
        of_project(
            "app_id = '09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3'\ncompose_file = 'docker-compose.yml'",
        ),
    );
    assert_eq!(step(&journey), Some(Step::App));
    journey.sees("phala.toml in this folder names this app");
    journey.press("<enter><enter>").sees("./docker-compose.yml");
    journey.press("<enter><enter><enter>").sees("(phala.toml)");
    let frame = journey.frame_at(100, 40);
    assert!(
        frame.contains("kv-cache") && frame.matches("phala.toml").count() == 2,
        "{frame}"
    );
}

#[test]
fn another_app_than_the_project_s_gets_none_of_its_files() {
    let project = "name = 'kv-cache'\ncompose_file = 'docker-compose.yml'\nenv_file = '.env.prod'";
    let mut journey = begin(Cloud::default(), of_project(project));
    journey.press("<up><enter><enter><enter><enter><enter>");
    journey
        .sees("orders-api")
        .sees("keep the live one")
        .sees("inherit");
    journey.does_not_see("phala.toml");
    let alone = Answers {
        app: Some("orders-api".to_owned()),
        pace: Pace::Alone,
        ..of_project(project)
    };
    let mut errand = Errand::start(boots(Cloud::default()), alone, yes());
    errand.wait(120).came_to(Outcome::Running, (1, 1));
    assert_eq!(plan(&errand.asked).compose, None);
}

#[test]
fn unfinished_work_is_offered_beside_a_project_and_not_in_front_of_a_recipe() {
    let asks = |request: &Request| matches!(request, Request::Unfinished);
    let journey = begin(Cloud::default(), of_project("name = 'kv-cache'"));
    assert_eq!(journey.count(asks), 1);
    let journey = with_recipe(Cloud::default(), ALL);
    assert_eq!(journey.count(asks), 0);
}

fn boots(mut cloud: Cloud) -> Cloud {
    cloud.boots_well();
    cloud
}

/// What was asked to be made.
fn plan(asked: &[Request]) -> Plan {
    let plan = asked.iter().find_map(|request| match request {
        Request::Prepare(order) => Some(order.plan.clone()),
        _ => None,
    });
    plan.expect("it was prepared")
}

/// Names and values that were encrypted.
fn sealed(asked: &[Request]) -> Vec<(String, Secret)> {
    let mut sealed = asked.iter().filter_map(|request| match request {
        Request::Seal { entries, .. } => Some(entries.clone()),
        _ => None,
    });
    sealed.next_back().unwrap_or_default()
}

fn recipe_path() -> PathBuf {
    Path::new(FOLDER).join("phala-wizard.toml")
}

/// Walks by keys to the review and saves the answers there.
fn saved_at_the_review(keys: &str) -> Journey {
    let mut journey = Journey::signed_in(Cloud::default());
    for (number, part) in keys.split('|').enumerate() {
        match part.strip_prefix("paste ") {
            Some(text) if number > 0 => journey.paste(&text.replace("\\n", "\n")),
            _ => journey.press(part),
        };
    }
    journey.sees("Nothing was sent yet");
    journey.press("w").sees("Save the answers");
    journey.press("<enter>").sees("New: ./phala-wizard.toml");
    journey
        .press("<enter>")
        .sees("the answers are in ./phala-wizard.toml");
    journey
}

#[test]
fn a_walk_that_was_saved_gives_the_same_request_again_without_a_person() {
    let typed = "<enter><enter>3|paste # mine\\n|<^s><enter><enter>";
    for (keys, files) in [
        ("<enter><enter><enter><enter><enter>", 1),
        ("<enter>a<enter><enter><enter>", 1),
        ("<enter><enter>f/docker<enter><enter><enter><enter>", 1),
        ("<enter><enter><enter>2/env<enter><enter><enter>", 1),
        (
            "<enter><enter>f/docker<enter><enter>2/env<enter><enter>f/before<enter><enter>",
            1,
        ),
        (
            "<down><enter><enter>f/docker<enter><enter><enter>f/before<enter><enter>",
            1,
        ),
        (&format!("{typed}<enter>"), 2),
        (&format!("{typed}3|paste # own\\n|<^s><enter>"), 3),
    ] {
        let mut journey = saved_at_the_review(keys);
        assert_eq!(journey.cloud.disk.len(), files, "{keys}");
        let disk = journey.cloud.disk.clone();
        let text = &disk[&recipe_path()];
        assert!(disk.values().all(|text| !text.contains(VALUE)), "{disk:?}");
        journey.press("<enter>");
        if disk.is_empty() || !journey.asked.iter().any(Request::may_create) {
            journey
                .sees("Create this instance?")
                .press("<right><enter>");
        }
        let (before, sealed_before) = (plan(&journey.asked), sealed(&journey.asked));

        let alone = Answers {
            pace: Pace::Alone,
            ..of_recipe(text)
        };
        let cloud = Cloud {
            disk: disk.clone(),
            ..boots(Cloud::default())
        };
        let mut errand = Errand::start(cloud, alone, yes());
        errand.wait(200);
        assert_eq!(plan(&errand.asked), before, "{keys}\n{text}");
        assert_eq!(sealed(&errand.asked), sealed_before, "{keys}\n{text}");

        let cloud = Cloud {
            disk: disk.clone(),
            ..Cloud::default()
        };
        let mut again = begin(cloud, of_recipe(text));
        again.sees("Nothing was sent yet").press("w<enter>");
        again.sees("just as it would be written");
    }
}

#[test]
fn values_that_were_typed_are_names_in_a_recipe() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .press("<enter><enter><enter>")
        .paste("DATABASE_URL=canary-typed\n");
    journey.press("<enter><enter>").press("<enter>");
    journey
        .sees("Nothing was sent yet")
        .press("w<enter><enter>");
    let text = &journey.cloud.disk[&recipe_path()];
    assert!(
        text.contains("variables = { names = [\"DATABASE_URL\"] }"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_text_with_a_value_in_it_goes_into_no_file() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .press("<enter><enter>3")
        .paste("# canary-value is postgres://canary-value\n");
    journey.press("<^s><enter>2/env<enter><enter><enter>");
    journey.sees("Nothing was sent yet").press("w<enter>");
    journey
        .sees("has the value of a variable in it")
        .press("<esc>");
    journey.sees("Nothing was sent yet");
    assert!(journey.cloud.disk.is_empty());
}

#[test]
fn what_is_there_is_written_over_only_after_a_look_at_the_difference_and_a_yes() {
    let mut journey = saved_at_the_review("<enter><enter><enter><enter><enter>");
    let first = journey.cloud.disk.clone();
    journey.press("2a<enter><enter><enter>").press("w<enter>");
    journey
        .sees("Written over: ./phala-wizard.toml")
        .sees("- node = \"prod6\"")
        .sees("+ node = \"auto\"")
        .sees("Write over it?");
    journey.press("<enter>").sees("Save the answers");
    assert_eq!(journey.cloud.disk, first, "Enter alone changes nothing");
    journey.press("<enter><right><enter>");
    journey.sees("the answers are in");
    let over = journey
        .asked
        .iter()
        .rev()
        .find_map(|request| match request {
            Request::SaveFiles(files) => files[0].over,
            _ => None,
        });
    let seen = phala_wizard::journal::record::sha256(first[&recipe_path()].as_bytes());
    assert_eq!(over, Some(seen));
    assert!(journey.cloud.disk[&recipe_path()].contains("node = \"auto\""));
    assert!(journey.creating().is_empty());
}

#[test]
fn a_path_that_cannot_be_used_is_said_and_stays_to_be_mended() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.press("<enter><enter><enter><enter><enter>w<^u>");
    journey.press("<enter>").sees("type the name of a file");
    journey.press("sub/<enter>").sees("type the name of a file");
    journey.press("r.toml");
    let id = journey
        .wizard
        .update(Event::Command(phala_wizard::wizard::keymap::Command::Next));
    let [phala_wizard::wizard::event::Effect::Send(id, Request::LookAt(path))] = id.as_slice()
    else {
        panic!("{id:?}");
    };
    assert_eq!(path, &Path::new(FOLDER).join("sub/r.toml"));
    let (id, why) = (*id, "sub is no folder that is there");
    journey.event(Event::Reply(
        id,
        phala_wizard::wizard::event::Answer::LookedAt(Err(why.into())),
    ));
    journey
        .sees("Not written: sub is no folder")
        .sees("sub/r.toml");
    journey.press("<esc>").sees("Nothing was sent yet");
    assert!(journey.cloud.disk.is_empty());
}

#[test]
fn answers_are_saved_from_the_instance_too_and_the_receipt_says_where() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey
        .press("<enter><enter><enter><enter><enter><enter>")
        .wait(10);
    journey.press("<enter><right><enter>");
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running").press("w<enter><enter>");
    journey
        .sees("the answers are in ./phala-wizard.toml")
        .wait(5)
        .press("<^c><right><enter>");
    let exit = journey.exit.expect("it was left");
    assert_eq!(exit.outcome, Outcome::Running);
    let receipt = exit.receipt.join("\n");
    assert!(
        receipt.contains("phala-wizard deploy --recipe ./phala-wizard.toml --yes"),
        "{receipt}"
    );
}
