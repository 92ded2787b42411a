//! An instance that does not come up: the cause on screen, the one key that does something about it, and what is done
//! to the instance itself.

use phala_wizard::api::types::{CvmUuid, LogSource, Operation, State};
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Noted, Outcome, Request};

use super::cloud::cockpit::{Fault, container};
use super::cloud::{self, Cloud, Fate};
use super::journey::Journey;
use super::resumed;

/// From the list of apps until the instance is made: a typed line in the compose file, a typed value.
const TYPED: &str = "<enter><enter>3";
/// From the review over the confirmation.
const DEPLOY: &str = "<enter><right><enter>";
const COMPOSE_LINE: &str = "# mine";
const VALUE: &str = "canary-typed";

/// A boot that fails, and what says why.
struct Story {
    repair: &'static str,
    phase: &'static str,
    error: &'static str,
    /// The last line of the console.
    line: &'static str,
    cause: &'static str,
    /// What is on screen once key 1 was pressed.
    after: &'static str,
}

const STORIES: [Story; 8] = [
    Story {
        repair: "node",
        phase: "requesting app keys",
        error: "failed to get app keys",
        line: "dstack-prepare.sh[412]: Error: Boot denied: OS image is not allowed",
        cause: "the KMS gave no keys: it does not trust this OS image",
        after: "Where should it run?",
    },
    Story {
        repair: "compose",
        phase: "starting containers",
        error: "failed to start containers",
        line: "app-compose.sh[302]: Error: manifest for ghcr.io/acme/api:1.8.2 not found: manifest unknown",
        cause: "the registry has no such name or tag",
        after: "What should it run?",
    },
    Story {
        repair: "env",
        phase: "starting containers",
        error: "failed to start containers",
        line: "app-compose.sh[302]: Error response from daemon: pull access denied for acme/api",
        cause: "the image acme/api could not be pulled: the registry wants a login",
        after: "DATABASE_URL",
    },
    Story {
        repair: "script",
        phase: "pre-launch",
        error: "pre-launch failed: exit status 127",
        line: "app-compose.sh[302]: /tmp/pre-launch.sh: line 3: jq: command not found",
        cause: "the script calls jq, which is not in the machine",
        after: "Script that runs in the machine",
    },
    Story {
        repair: "register",
        phase: "requesting app keys",
        error: "failed to get app keys",
        line: "dstack-prepare.sh[412]: Error: Boot denied: compose hash not allowed",
        cause: "the app's contract does not allow this compose hash",
        after: "Restart orders-api-c?",
    },
    Story {
        repair: "restart",
        phase: "requesting app keys",
        error: "failed to get app keys",
        line: "dstack-prepare.sh[412]: Error: failed to ask the KMS at https://kms.example: connection refused",
        cause: "the guest has no keys: the KMS",
        after: "Restart orders-api-c?",
    },
    Story {
        repair: "wait",
        phase: "done",
        error: "dstack-gateway registration failed, the app has no ingress route",
        line: "app-compose.sh[302]: Container dstack-api-1  Started",
        cause: "the gateway has no route to it",
        after: "Container dstack-api-1  Started",
    },
    Story {
        repair: "nothing",
        phase: "requesting app keys",
        error: "failed to get app keys",
        line: "dstack-prepare.sh[412]: Error: Boot denied: ask its owner",
        cause: "the KMS gave no keys: the boot is not allowed",
        after: "Boot denied: ask its owner",
    },
];

impl Story {
    fn named(repair: &str) -> &'static Self {
        let named = STORIES.iter().find(|story| story.repair == repair);
        named.unwrap_or(&STORIES[0])
    }

    fn cloud(&self) -> Cloud {
        let mut cloud = ready();
        let console = [
            "Linux version 6.9.0-dstack",
            "[FAILED] Failed to start Virtual Console Setup.",
            self.line,
        ];
        cloud.cockpit.says(LogSource::Serial, &console);
        cloud
    }

    fn state(&self) -> State {
        State {
            status: "running".into(),
            boot_progress: Some(self.phase.into()),
            boot_error: Some(self.error.into()),
            instance_id: None,
            uptime: None,
        }
    }
}

/// Where nothing has to be registered first.
pub fn ready() -> Cloud {
    Cloud {
        hash_allowed: true,
        ..Cloud::default()
    }
}

/// Made with a compose file and a value that were typed in, and booting.
pub fn typed(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press(TYPED).paste(&format!("{COMPOSE_LINE}\n"));
    journey.press("<^s><enter>").sees("Which values");
    journey.press("3<enter>nDATABASE_URL<enter>").paste(VALUE);
    journey.press("<enter><enter><enter>");
    journey.sees("Nothing was sent yet").press(DEPLOY).wait(2);
    assert_eq!(journey.commits(), 1, "{}", journey.frame());
    journey
}

/// The same, and it fails as it is told.
fn failed(story: &Story) -> Journey {
    let mut journey = typed(story.cloud());
    journey.cloud.state = story.state();
    journey.wait(20);
    journey
}

fn restarts(journey: &Journey) -> usize {
    journey.count(|request| matches!(request, Request::Restart(_)))
}

/// Whether it is written down that it is deleted, with the id of the one that was.
fn is_noted(journey: &Journey) -> bool {
    let is_it = |request: &Request| matches!(request, Request::Note(Noted::Deleted { uuid }) if uuid.is_some());
    journey.asked.iter().any(is_it)
}

fn deletes(journey: &Journey) -> usize {
    journey.count(|request| matches!(request, Request::Delete(_)))
}

/// What was sent with the last creating request.
fn last_order(journey: &Journey) -> (Option<String>, bool) {
    let orders = journey.creating().into_iter().rev();
    let mut plans = orders.filter_map(|request| match request {
        Request::Prepare(order) | Request::Commit { order, .. } => Some(&order.plan),
        _ => None,
    });
    plans.next().map_or((None, false), |plan| {
        (plan.compose.clone(), plan.env.is_some())
    })
}

#[test]
fn the_cause_is_named_and_key_1_does_something_about_it() {
    for story in &STORIES {
        let mut journey = failed(story);
        let frame = journey.frame_at(240, 60);
        assert!(frame.contains(story.cause), "{}:\n{frame}", story.repair);
        let line = story.line.split_once(": ").map_or("", |(_, text)| text);
        let rests = match story.repair {
            "wait" => story.error,
            _ => line,
        };
        assert!(frame.contains(&rests[..30]), "{}:\n{frame}", story.repair);
        journey.press("1");
        let frame = journey.frame_at(120, 60);
        assert!(frame.contains(story.after), "{}:\n{frame}", story.repair);
        assert_eq!(journey.commits(), 1, "{}", story.repair);
        assert_eq!((restarts(&journey), deletes(&journey)), (0, 0));
    }
}

/// Whatever is repaired in the form, all the rest of it is still there, and what is made of it is a second instance.
#[test]
fn who_goes_back_finds_every_answer_and_makes_a_second_instance_of_it() {
    for (repair, on) in [
        ("node", "<enter><enter><enter><enter>"),
        ("compose", "<enter><enter><enter>"),
        ("env", "<enter><enter>"),
        ("script", "<enter>"),
    ] {
        let mut journey = failed(Story::named(repair));
        let first = last_order(&journey);
        assert!(
            first
                .0
                .as_ref()
                .is_some_and(|text| text.contains(COMPOSE_LINE))
        );
        assert!(first.1, "{repair}: a value was sent");
        journey
            .press("1")
            .sees("answers kept; what failed stays")
            .press(on);
        journey.sees("Nothing was sent yet");
        journey.cloud.state.boot_error = None;
        journey.press(DEPLOY).wait(2);
        assert_eq!(journey.commits(), 2, "{repair}: {}", journey.frame());
        assert_eq!(last_order(&journey), first, "{repair}");
        assert_eq!(journey.cloud.created.len(), 2);
        let second = journey.cloud.created[1].uuid.clone().expect("a uuid");
        let streamed = journey
            .asked
            .iter()
            .rev()
            .find_map(|request| match request {
                Request::Stream(of) => Some(of.clone()),
                _ => None,
            });
        assert_eq!(
            streamed,
            Some(second),
            "{repair}: the second one is watched"
        );
        journey.cloud.boots_well();
        journey.wait(10).sees("Running.");
    }
}

/// The instance that failed was made, is there, and costs money: no way out may say that nothing was.
#[test]
fn who_goes_back_and_leaves_is_told_of_the_instance_that_stays() {
    let mut journey = failed(Story::named("compose"));
    let first = journey.cloud.created[0].uuid.clone().expect("a uuid");
    journey.press("1").sees("What should it run?");
    journey
        .press("<^c>")
        .does_not_see("Nothing was sent")
        .does_not_see("Nothing was created")
        .press("<right><enter>");
    let exit = journey.exit.take().expect("it left");
    let receipt = exit.receipt.join("\n");
    assert_eq!(exit.outcome, Outcome::Unhealthy, "{receipt}");
    assert!(receipt.contains(&first.to_string()), "{receipt}");
    assert!(receipt.contains("phala instances rm"), "{receipt}");
}

#[test]
fn the_line_that_says_why_is_one_key_away() {
    let mut journey = failed(Story::named("env"));
    journey.sees("serial line 3: ").press("2");
    journey
        .sees("[1 serial]")
        .sees("     3  app-compose.sh[302]: Error response")
        .sees("Standing still");
    // The harmless line is folded, and the number of the one that matters is still its own.
    journey.does_not_see("Virtual Console").press("z");
    journey.sees("     2  [FAILED] Failed to start Virtual");
    journey.press("<esc>").sees("Most likely");
}

#[test]
fn a_cause_in_a_container_is_shown_in_that_container_s_log() {
    let mut cloud = ready();
    let restarting = container("dstack-api-1", "restarting", "Restarting (1) 3 seconds ago");
    cloud.cockpit.containers(vec![restarting]);
    let said = [
        "starting",
        "PermissionError: [Errno 13] Permission denied: '/data/db'",
    ];
    cloud
        .cockpit
        .says(super::cloud::cockpit::of("dstack-api-1"), &said);
    let mut journey = typed(cloud);
    journey.cloud.state = Story::named("compose").state();
    journey.wait(20);
    journey
        .sees("a container may not write to /data/db")
        .sees("dstack-api-1 line 2: ")
        .press("2")
        .sees("[4 api]")
        .sees("     2  PermissionError");
}

#[test]
fn a_creation_that_failed_says_so_in_the_service_s_words() {
    let mut cloud = ready();
    cloud.cockpit.operations = Ok(vec![Operation {
        kind: "create".into(),
        status: "failed".into(),
        error: Some("ERR-02-005: not enough slots on the node".into()),
        started_at: None,
    }]);
    let mut journey = typed(cloud);
    journey.cloud.state = State {
        status: "error".into(),
        ..State::default()
    };
    journey.wait(20);
    journey
        .sees("the node has no room for it")
        .sees("the service: ERR-02-005")
        .press("1")
        .sees("Where should it run?");
}

#[test]
fn what_nobody_can_explain_is_unknown_and_says_so() {
    let mut cloud = ready();
    cloud
        .cockpit
        .says(LogSource::Serial, &["Linux version 6.9.0-dstack", "odd"]);
    let mut journey = typed(cloud);
    journey.cloud.state = Story::named("compose").state();
    journey.wait(20);
    journey
        .sees("Unknown.")
        .sees("What usually causes it at 'starting containers'")
        .press("1")
        .sees("[1 serial]")
        .sees("     2  odd");
}

#[test]
fn a_restart_is_asked_for_sent_once_and_its_boot_is_watched_anew() {
    let mut journey = failed(Story::named("restart"));
    journey.press("1").sees("Restart orders-api-c?");
    journey.press("<esc>").sees("Most likely");
    journey.wait(60);
    assert_eq!(restarts(&journey), 0);
    journey.cloud.state = State {
        status: "restarting".into(),
        ..State::default()
    };
    journey.press("x").sees("Nothing is sent before Enter");
    journey.press("<enter><enter><enter>");
    assert_eq!(restarts(&journey), 1);
    journey
        .sees("Booting.")
        .sees("restarting")
        .does_not_see("Most likely")
        .does_not_see("✗");
    journey.wait(5);
    journey.cloud.boots_well();
    journey.wait(10).sees("Running.");
    assert_eq!((restarts(&journey), journey.commits()), (1, 1));
    journey.press("<^c><right><enter>");
    let outcome = journey.exit.map(|exit| exit.outcome);
    assert_eq!(outcome, Some(Outcome::Running));
}

/// The service tells of the boot before until the restart begins.
#[test]
fn what_ran_before_a_restart_does_not_run_because_of_it() {
    let mut cloud = ready();
    cloud.boots_well();
    let mut journey = typed(cloud);
    journey.wait(5).sees("Running.").press("x<enter>");
    journey.wait(10).does_not_see("Running.");
    let well = journey.cloud.state.clone();
    journey.cloud.state = State {
        status: "restarting".into(),
        ..State::default()
    };
    journey.wait(8).sees("restarting").does_not_see("Running.");
    journey.cloud.state = well;
    journey.wait(8).sees("Running.");
    // Where the restart was too fast to be seen, it is believed after a while.
    journey.press("x<enter>").wait(10).does_not_see("Running.");
    journey.wait(30).sees("Running.");
    assert_eq!(restarts(&journey), 2);
    // The same of what failed before.
    let mut journey = failed(Story::named("restart"));
    journey.press("x<enter>").wait(10);
    journey
        .sees("Booting.")
        .does_not_see("It did not come up.")
        .does_not_see("✗");
    journey.wait(30).sees("It did not come up.");
}

#[test]
fn a_restart_that_is_under_way_cannot_be_asked_for_again() {
    let mut journey = failed(Story::named("restart"));
    journey.press("x").press_only("<enter>xD1");
    assert_eq!((restarts(&journey), deletes(&journey)), (1, 0));
    journey.sees("asking the service to restart it");
    let notice = journey.wizard.notice().unwrap_or_default().to_owned();
    assert_eq!(notice, "a request is under way");
    journey.settle();
    assert_eq!((restarts(&journey), deletes(&journey)), (1, 0));
}

#[test]
fn a_restart_that_was_refused_is_shown_and_not_sent_again() {
    let mut journey = failed(Story::named("restart"));
    journey.cloud.cockpit.restarted = Err(cloud::refused("POST /cvms/../restart", 409, None));
    journey.press("x<enter>");
    journey
        .sees("It was not restarted, as far as is known.")
        .sees("Nothing is sent again by itself.");
    journey.wait(120);
    assert_eq!(restarts(&journey), 1);
    journey.cloud.cockpit.restarted = Ok(());
    journey
        .press("x<enter>")
        .does_not_see("It was not restarted");
    assert_eq!(restarts(&journey), 2);
}

#[test]
fn deleting_takes_the_name_and_another_one_is_refused_with_a_reason() {
    let mut journey = failed(Story::named("nothing"));
    journey
        .press("D")
        .sees("Delete orders-api-c?")
        .sees("Its disk goes with it");
    for wrong in ["<enter>", "orders-api<enter>", "orders-api-x<enter>"] {
        journey.press(wrong);
        let notice = journey.wizard.notice().unwrap_or_default();
        assert_eq!(notice, "type its name first: orders-api-c", "{wrong}");
        journey.press("<esc>D");
    }
    assert_eq!(deletes(&journey), 0);
    journey.press("<esc>").sees("Most likely");
    journey.press("Dorders-api-c<enter>").sees("Deleted.");
    assert_eq!(deletes(&journey), 1);
    assert!(is_noted(&journey), "it is written down");
    let asked = journey.asked.len();
    journey.wait(120);
    assert_eq!(
        journey.asked.len(),
        asked,
        "nothing is asked of what is gone"
    );
    for key in ["x", "D", "1", "3"] {
        journey.press(key).sees("Deleted.");
    }
    assert_eq!((deletes(&journey), restarts(&journey)), (1, 0));
    journey.press("<^c><right><enter>");
    let exit = journey.exit.take().expect("it left");
    assert_eq!(exit.outcome, Outcome::Failed);
    assert!(exit.receipt[0].contains("nothing of it exists"), "{exit:?}");
}

#[test]
fn what_is_gone_already_counts_as_deleted() {
    let mut journey = failed(Story::named("nothing"));
    journey.cloud.cockpit.deleted = Err(cloud::refused("DELETE /cvms/..", 404, None));
    journey.press("Dorders-api-c<enter>").sees("Deleted.");
    assert_eq!(deletes(&journey), 1);
}

#[test]
fn a_deletion_without_a_clear_answer_is_shown_and_not_sent_again() {
    for error in [
        cloud::refused("DELETE /cvms/..", 403, None),
        cloud::refused("DELETE /cvms/..", 503, None),
        cloud::lost(),
    ] {
        let mut journey = failed(Story::named("nothing"));
        journey.cloud.cockpit.deleted = Err(error.clone());
        journey.press("Dorders-api-c<enter>");
        journey
            .sees("It was not deleted, as far as is known.")
            .does_not_see("Deleted.")
            .wait(300);
        assert_eq!(deletes(&journey), 1, "{error}");
        assert!(!is_noted(&journey));
        // It was deleted all the same, and a look says so.
        let is_state = |request: &Request| matches!(request, Request::State(_));
        let gone = |_: &Request| Fault::Fails(cloud::refused("GET /cvms/..", 404, None));
        journey.cloud.cockpit.faults = vec![(is_state, gone)];
        journey.wait(12).sees("Deleted.");
        assert!(is_noted(&journey), "it is written down");
        assert_eq!(deletes(&journey), 1, "{error}");
    }
}

/// Its answers were given in another run, so there is no question to go back to.
#[test]
fn what_was_taken_up_or_is_only_watched_cannot_be_changed_here() {
    let story = Story::named("compose");
    let mut taken_up = resumed::at_the_confirmation(story.cloud());
    taken_up.press("<right><enter>").wait(2);
    let mut watched = watched(story.cloud(), "orders-api");
    for journey in [&mut taken_up, &mut watched] {
        journey.cloud.state = story.state();
        journey.wait(40);
        journey.sees(story.cause).sees("not now: its answers");
        journey.press("1").sees("Most likely");
        let notice = journey.wizard.notice().unwrap_or_default();
        assert!(notice.contains("not in this window"), "{notice}");
        journey.press("2").sees("[1 serial]");
    }
}

/// In front of an instance that somebody watches by this name.
pub fn watched(cloud: Cloud, name: &str) -> Journey {
    let start = Start {
        watch: Some(name.to_owned()),
        ..Start::default()
    };
    let mut journey = Journey::begin(cloud, start);
    journey.settle();
    journey
}

#[test]
fn detaching_leaves_the_boot_alone_and_names_the_way_back() {
    let mut journey = typed(ready());
    let uuid = journey.cloud.created[0].uuid.clone().expect("a uuid");
    journey.press("d");
    let exit = journey.exit.take().expect("it left at once");
    assert_eq!(exit.outcome, Outcome::Unhealthy);
    let receipt = exit.receipt.join("\n");
    let again = format!("phala-wizard watch {uuid}");
    assert!(receipt.contains(&again), "{receipt}");
    assert_eq!((restarts(&journey), deletes(&journey)), (0, 0));
}

#[test]
fn the_cockpit_of_an_instance_is_where_a_lost_answer_leads_too() {
    let mut journey = Journey::signed_in(Cloud {
        commit: Fate::Lost,
        hidden_for: 4,
        ..ready()
    });
    journey
        .press("<enter><enter><enter><enter><enter>")
        .press(DEPLOY);
    journey.wait(40).sees("FOUND").press("<enter>");
    let story = Story::named("env");
    let console = [story.line];
    journey.cloud.cockpit.says(LogSource::Serial, &console);
    journey.cloud.state = story.state();
    journey.wait(40).sees("serial line 1: ").press("1");
    journey.sees("Which values shall its variables have?");
}

/// What is typed into the form is hidden in every log, and no page shows it.
#[test]
fn typed_values_are_masked_in_every_log_and_on_no_page() {
    let mut cloud = ready();
    let line = format!("api-1  | DATABASE_URL={VALUE} is set");
    cloud.cockpit.says(LogSource::Serial, &[&line]);
    cloud
        .cockpit
        .says(super::cloud::cockpit::of("api"), &[&line]);
    let mut journey = typed(cloud);
    journey.cloud.boots_well();
    journey.wait(10).sees("Running.");
    for keys in ["L", "4", "<esc>", "<right>", "<right><right>"] {
        journey.press(keys).wait(1);
        let frame = journey.frame_at(200, 80);
        assert!(!frame.contains(VALUE), "{frame}");
    }
    journey.press("L4");
    journey.sees("DATABASE_URL=**** is set").press("w");
    let masks = journey.asked.iter().filter_map(|request| match request {
        Request::Log { mask, .. } => Some(format!("{mask:?}")),
        _ => None,
    });
    let masks: Vec<String> = masks.collect();
    assert!(masks.len() >= 2, "{masks:?}");
    assert!(
        masks.iter().all(|mask| mask == "Mask(1 values)"),
        "{masks:?}"
    );
    let all = format!("{:?}", journey.wizard);
    assert!(!all.contains(VALUE), "not even printed for us");
    for request in &journey.asked {
        assert!(!format!("{request:?}").contains(VALUE), "{request:?}");
    }
}

/// Wherever one went from an instance that was made, it is on the receipt, once, and no code says that nothing was.
#[test]
fn what_was_made_stays_on_the_receipt_wherever_one_goes_from_it() {
    let left = |journey: &mut Journey| {
        journey.press("<^c>").does_not_see("Nothing was ");
        journey.press("<right><enter>");
        let exit = journey.exit.take().expect("it left");
        let receipt = exit.receipt.join("\n");
        for made in &journey.cloud.created {
            let uuid = made.uuid.as_ref().expect("a uuid");
            let row = format!("  uuid          {uuid}");
            assert_eq!(receipt.matches(&row).count(), 1, "{receipt}");
        }
        assert!(!receipt.contains("Nothing was created"), "{receipt}");
        exit.outcome
    };
    let story = Story::named("compose");
    let mut at_review = failed(story);
    at_review.press("1<enter><enter><enter>");
    at_review.sees("Nothing was sent yet");
    assert_eq!(left(&mut at_review), Outcome::Unhealthy);

    let mut second = failed(story);
    second
        .press("1<enter><enter><enter>")
        .press(DEPLOY)
        .wait(20);
    second.press("1<enter><enter><enter>");
    assert_eq!(second.cloud.created.len(), 2);
    assert_eq!(left(&mut second), Outcome::Unhealthy);

    let mut lost = failed(story);
    lost.press("1<enter><enter><enter>");
    lost.cloud.commit = Fate::Refused(503, None);
    lost.press(DEPLOY).wait(20);
    assert_eq!(left(&mut lost), Outcome::Unknown);

    let mut cloud = ready();
    cloud.siblings_are_well();
    let mut other = typed(cloud);
    other.press("<left>").cloud.cockpit.hides = true;
    other
        .press("g<enter>")
        .sees("The service does not know it.");
    assert_eq!(left(&mut other), Outcome::Unhealthy);

    let mut cloud = ready();
    cloud.siblings_are_well();
    let mut and_back = typed(cloud);
    and_back.press("<left>g<enter>").sees("Running.");
    and_back.press("<left>G<enter>").sees("orders-api-c");
    assert_eq!(left(&mut and_back), Outcome::Unhealthy);
}

#[test]
fn another_instance_of_the_app_is_watched_by_its_uuid() {
    let mut cloud = ready();
    cloud.siblings_are_well();
    let mut journey = typed(cloud);
    journey.press("<left>").sees("2 of 3 run").sees("this one");
    let first: CvmUuid = journey.cloud.instances[0].uuid.clone().expect("a uuid");
    journey.press("g<enter>").sees("orders-api  Running.");
    journey.press("<^c><right><enter>");
    let receipt = journey.exit.take().expect("it left").receipt.join("\n");
    assert!(receipt.contains(&first.to_string()), "{receipt}");
    let made = journey.cloud.created[0].uuid.clone().expect("a uuid");
    assert!(
        receipt.contains(&made.to_string()),
        "the one that was made: {receipt}"
    );
}
