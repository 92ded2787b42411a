//! `phala-wizard watch` as a script meets it: what names an instance, how it ends, and what is told on the way.

use rustix::process::Signal;
use serde_json::Value;

use crate::run::{Cloud, Run};

/// The id of an app, as `deploy` tells it.
fn app_id(cloud: &Cloud, name: &str) -> String {
    let run = cloud.deploy(&format!("--app {name}"));
    run.first("app")["app_id"].as_str().unwrap().to_owned()
}

/// An instance that was made a moment ago, and not watched: its uuid.
fn made(cloud: &Cloud) -> String {
    let run = cloud.deploy("--app kv-cache --yes --no-watch");
    let uuid = run.first("created")["uuid"].as_str().unwrap();
    uuid.to_owned()
}

#[test]
fn an_instance_is_found_by_whatever_names_it() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.watch("kv-cache");
    run.ends(0, "running");
    for event in [
        "signed_in",
        "watching",
        "phase",
        "verdict",
        "containers",
        "addresses",
        "proof",
        "receipt",
        "exit",
    ] {
        assert!(run.has(event), "no {event}: {run}");
    }
    let told = run.first("watching").clone();
    assert_eq!(told["name"], "kv-cache");
    let verdict = run.last("verdict");
    assert_eq!(verdict["verdict"], "running");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let app = app_id(&cloud, "kv-cache");
    for name in [
        text(&told["uuid"]),
        text(&verdict["instance_id"]),
        format!("app_{app}"),
        app,
    ] {
        let run = cloud.watch(&name);
        run.ends(0, "running");
        assert_eq!(run.first("watching"), &told, "{name}");
    }
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn of_several_instances_one_has_to_be_named() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.watch(&app_id(&cloud, "orders-api"));
    run.ends(2, "unusable");
    assert!(!run.has("watching"), "{run}");
    let usable = run.last("error")["usable"].as_array().unwrap();
    assert_eq!(usable.len(), 2, "{run}");
    for instance in usable {
        // The name comes first, the uuid last: either is what can be given instead.
        let words: Vec<&str> = instance.as_str().unwrap().split(' ').collect();
        let (name, uuid) = (words[0], words[words.len() - 1]);
        for word in [name, uuid] {
            let run = cloud.watch(word);
            run.ends(0, "running");
            let told = run.first("watching");
            assert_eq!((&told["name"], &told["uuid"]), (&name.into(), &uuid.into()));
        }
    }
}

#[test]
fn what_is_not_there_is_not_found_and_what_names_nothing_is_not_asked_for() {
    let cloud = Cloud::with("on-chain");
    let nobody = "f2e4c1a0-88d2-4c0e-b5b6-0a1c2f3e91b0";
    for name in ["no-such-instance", nobody, &"11".repeat(20)] {
        let run = cloud.watch(name);
        run.ends(4, "not_found");
        assert!(!run.has("watching"), "{run}");
    }
    for name in ["a/b", "../kv-cache", "kv%20cache", "kv?cache"] {
        let run = cloud.watch(name);
        run.ends(2, "unusable");
        assert!(run.says("its instance id, its name"), "{run}");
    }
    let log = cloud.log();
    assert!(!log.contains("kv%20") && !log.contains(".."), "{log}");
}

#[test]
fn arguments_that_do_not_fit_end_it_before_anybody_is_asked() {
    let cloud = Cloud::with("on-chain");
    for words in [
        "watch --json",
        "watch kv-cache --json --bogus",
        "watch kv-cache --json --timeout 0",
        "watch kv-cache --json --sandbox on-chain --profile team",
        "watch kv-cache --json --sandbox no-such-story",
    ] {
        let run = Run::of(cloud.program(words));
        assert!(run.has("error") && !run.has("signed_in"), "{words}: {run}");
    }
    let (said, errors, code) = cloud.program("watch kv-cache --follow").output("");
    assert_eq!((said.as_str(), code), ("", Some(2)));
    assert!(errors.contains("--lines and --json"), "{errors}");
    assert_eq!(cloud.log(), "");
}

#[test]
fn an_instance_that_was_stopped_is_not_healthy() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.watch("model-gateway");
    run.ends(8, "unhealthy");
    assert_eq!(run.last("verdict")["verdict"], "failed");
    assert!(run.has("receipt"), "{run}");
}

#[test]
fn a_boot_that_failed_is_told_with_its_cause() {
    let cloud = Cloud::with("fails-image-not-found");
    let run = cloud.watch(&made(&cloud));
    run.ends(8, "unhealthy");
    assert_eq!(run.last("verdict")["verdict"], "failed");
    let cause = run.last("cause");
    assert_eq!(cause["cause"], "image_not_found");
    assert_eq!(cause["repair"], "compose");
    assert_eq!(cause["log"], "serial");
    let (line, words) = (&cause["line"], cause["rests_on"].as_str().unwrap());
    let begin = format!("serial line {line}: ");
    assert!(words.starts_with(&begin), "{cause}");
    assert!(words.contains("manifest unknown"), "{cause}");
    assert_eq!(cloud.end(), (0, 1));
}

#[test]
fn whoever_follows_stays_until_the_time_is_up() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.watch("kv-cache --follow --timeout 3");
    run.ends(0, "running");
    assert!(run.has("receipt") && !run.has("error"), "{run}");
}

#[test]
fn a_boot_without_an_end_is_watched_until_the_time_is_up() {
    let cloud = Cloud::with("boot-stalls");
    let run = cloud.watch(&format!("{} --timeout 3", made(&cloud)));
    run.ends(8, "unhealthy");
    assert!(run.says("it was watched for 3 s"), "{run}");
}

#[test]
fn a_signal_while_it_is_followed_leaves_with_the_receipt() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let cloud = Cloud::with("on-chain");
        let program = cloud.program("watch kv-cache --follow --json");
        let run = program.until("proof", signal);
        run.ends(0, "running");
        assert!(run.says("kv-cache"), "{run}");
        assert!(!run.first("receipt")["lines"].as_array().unwrap().is_empty());
    }
}

#[test]
fn a_signal_while_it_boots_leaves_with_the_receipt_and_says_that_it_does_not_run() {
    let cloud = Cloud::with("boot-stalls");
    let program = cloud.program(&format!("watch {} --follow --json", made(&cloud)));
    let run = program.until("phase", Signal::TERM);
    run.ends(8, "unhealthy");
    assert!(run.has("receipt"), "{run}");
}

#[test]
fn a_log_is_told_line_by_line_and_nothing_in_it_is_hidden() {
    let cloud = Cloud::with("on-chain");
    for log in ["serial", "dstack-cache-1"] {
        let program = cloud.program(&format!("watch kv-cache --follow --log {log} --json"));
        let run = program.until("log proof", Signal::INT);
        run.ends(0, "running");
        let lines = run.all("log");
        for (index, line) in lines.iter().enumerate() {
            assert_eq!(
                (&line["log"], &line["line"]),
                (&log.into(), &(index + 1).into())
            );
            let text = line["text"].as_str().unwrap();
            assert!(!text.is_empty() && !text.contains("****"), "{line}");
        }
        assert!(lines.len() > 10, "{run}");
    }
    let program = cloud.program("watch kv-cache --log serial --json");
    Run::of(program).ends(0, "running");
}

#[test]
fn people_read_plain_lines() {
    let cloud = Cloud::with("on-chain");
    let (said, errors, code) = cloud.program("watch kv-cache --lines").output("");
    assert_eq!(code, Some(0), "{said}{errors}");
    for words in ["kv-cache", "running"] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    assert!(!said.contains('\u{1b}') && errors.is_empty(), "{errors}");
    let (said, errors, code) = cloud.program("watch nope --lines").output("");
    assert_eq!(code, Some(4));
    assert!(
        errors.starts_with("error: ") && !said.contains("error"),
        "{errors}"
    );
}

#[test]
fn an_instance_of_the_sandbox_inside_the_program_is_watched_without_a_key() {
    let cloud = Cloud::with("on-chain");
    let program = cloud.program("watch kv-cache --sandbox on-chain --json");
    let run = Run::of(program.no_key());
    run.ends(0, "running");
    assert_eq!(run.first("signed_in")["sandbox"], "on-chain");
    let uuid = run.first("watching")["uuid"].as_str().unwrap().to_owned();
    let words = format!("watch {uuid} --sandbox --json --speed 50");
    let again = Run::of(cloud.program(&words).no_key());
    again.ends(0, "running");
    assert_eq!(again.first("watching")["name"], "kv-cache");
    assert_eq!(cloud.log(), "", "the one outside was not asked");
}
