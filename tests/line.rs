//! `phala-wizard deploy`, `commit` and `watch` as a script meets them: exit codes, lines, JSON, files, signals, and no secrets.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

#[path = "line/first_contract.rs"]
mod first_contract;
#[path = "support/keystore.rs"]
mod keystore;
#[path = "line/new_app.rs"]
mod new_app;
#[path = "support/node.rs"]
mod node;
#[path = "line/recipe.rs"]
mod recipe;
#[path = "line/run.rs"]
mod run;
#[path = "support/service.rs"]
mod service;
#[path = "line/several.rs"]
mod several;
#[path = "line/signing.rs"]
mod signing;
#[path = "support/wallet.rs"]
mod wallet;
#[path = "line/watch.rs"]
mod watch;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use run::{Cloud, Run, VALUE};
use rustix::process::Signal;

#[test]
fn an_app_under_a_contract_is_prepared_registered_created_and_watched() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.deploy("--app orders-api --node prod9 --yes");
    run.ends(0, "running");
    for event in [
        "signed_in",
        "app",
        "plan",
        "preparing",
        "prepared",
        "waiting_for_chain",
        "registered",
        "creating",
        "created",
        "phase",
        "verdict",
        "receipt",
        "exit",
    ] {
        assert!(run.has(event), "no {event}: {run}");
    }
    assert_eq!(run.first("prepared")["compose_hash_checked"], true);
    assert_eq!(run.first("waiting_for_chain")["missing"][0], "device");
    assert_eq!(run.last("verdict")["verdict"], "running");
    assert_eq!(cloud.end(), (1, 1));
}

#[test]
fn an_app_without_a_contract_is_created_by_the_one_request_and_values_stay_secret() {
    let cloud = Cloud::with("central-kms");
    cloud.file(
        "canary.env",
        &format!("MAX_MEMORY=1gb\nCACHE_PASSWORD={VALUE}\n"),
    );
    let run = cloud.deploy("--app kv-cache --node prod15 --env-file canary.env --yes");
    run.ends(0, "running");
    let answers = run.first("plan")["answers"].to_string();
    assert!(answers.contains("2 values, encrypted here"), "{answers}");
    assert_eq!(cloud.end(), (0, 1));
}

#[test]
fn values_can_come_through_a_pipe() {
    let cloud = Cloud::with("central-kms");
    let env = format!("MAX_MEMORY=1gb\nCACHE_PASSWORD={VALUE}\n");
    let run = cloud.deploy_with("--app kv-cache --env-file -", &env);
    run.ends(2, "unusable");
    let answers = run.first("plan")["answers"].to_string();
    assert!(answers.contains("2 values, encrypted here"), "{answers}");
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn without_yes_the_plan_is_shown_and_nothing_is_sent() {
    for (scenario, app) in [("on-chain", "orders-api"), ("central-kms", "kv-cache")] {
        let cloud = Cloud::with(scenario);
        let run = cloud.deploy(&format!("--app {app}"));
        run.ends(2, "unusable");
        assert_eq!(run.last("error")["option"], "--yes");
        let plan = run.first("plan");
        assert_eq!(plan["request"]["method"], "POST");
        assert_eq!(plan["compose_hash"].as_str().map(str::len), Some(64));
        assert_eq!(cloud.end(), (0, 0), "{scenario}");
    }
}

#[test]
fn a_preparation_is_finished_from_its_token_file() {
    let cloud = Cloud::with("already-registered");
    let run = cloud.deploy("--app orders-api --node prod5 --prepare-only --token-file token");
    run.ends(5, "prepared");
    let hash = run.first("prepared")["compose_hash"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = cloud.folder.path().join("token");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = fs::read_to_string(&path).unwrap();
    let token = token.strip_suffix('\n').unwrap();
    run.never_says(token);
    // The file is there now, and is not written over.
    let again = cloud.deploy("--app orders-api --prepare-only --token-file token");
    again.ends(2, "unusable");
    assert_eq!(again.last("error")["option"], "--token-file");

    let words = format!("--app orders-api --compose-hash {hash} --token-file token");
    let refused = cloud.commit(&words);
    refused.ends(2, "unusable");
    let run = cloud.commit(&format!("{words} --yes"));
    run.ends(0, "running");
    run.never_says(token);
    // One deployment, although two runs wrote it down.
    assert!(cloud.list().is_empty(), "{:?}", cloud.list());
    let twice = cloud.commit(&format!("{words} --yes"));
    twice.ends(6, "token_dead");
    let log = cloud.log();
    let creating: Vec<&str> = log.lines().filter(|line| run::creates(line)).collect();
    assert_eq!(creating.len(), 3, "prepared, redeemed, refused: {log}");
}

#[test]
fn what_was_prepared_is_finished_by_the_id_of_its_journal() {
    let cloud = Cloud::with("already-registered");
    let run = cloud.deploy("--app orders-api --node prod5 --prepare-only");
    run.ends(5, "prepared");
    let hash = run.first("prepared")["compose_hash"].clone();
    let (id, standing) = cloud.unfinished();
    assert_eq!(standing, "prepared, not created");

    let run = cloud.commit(&format!("--id {id}"));
    run.ends(2, "unusable");
    assert_eq!(run.last("error")["option"], "--yes");
    assert_eq!(run.first("unfinished")["id"], id.as_str());
    assert_eq!(run.first("unfinished")["compose_hash"], hash);
    assert_eq!(run.first("prepared")["compose_hash"], hash);
    assert!(run.has("looking") && !run.has("answer_lost"), "{run}");
    assert_eq!(cloud.unfinished(), (id.clone(), standing));

    let run = cloud.commit(&format!("--id {id} --yes"));
    run.ends(0, "running");
    assert_eq!(run.first("created")["found"], false);
    let again = cloud.commit(&format!("--id {id} --yes"));
    again.ends(4, "not_found");
    assert_eq!(again.last("error")["option"], "--id");
    assert_eq!(cloud.end(), (1, 1));
}

#[test]
fn what_was_prepared_is_created_as_it_was_and_a_file_that_changed_is_told() {
    let cloud = Cloud::with("already-registered");
    let compose = "services:\n  api:\n    image: ghcr.io/acme/orders-api:1.8.2\n";
    cloud.file("app.yaml", compose);
    let prepare = cloud.deploy("--app orders-api --node prod5 --compose app.yaml --prepare-only");
    prepare.ends(5, "prepared");
    cloud.file("app.yaml", &compose.replace("1.8.2", "1.9.0"));
    let (id, _) = cloud.unfinished();
    let run = cloud.commit(&format!("--id {id} --yes"));
    run.ends(0, "running");
    let told = run.first("files_changed")["files"].to_string();
    assert!(told.contains("app.yaml has another text now"), "{told}");
    let prepared = &prepare.first("prepared")["compose_hash"];
    assert_eq!(&run.first("created")["compose_hash"], prepared);
    assert_eq!(cloud.end(), (1, 1));
}

#[test]
fn an_instance_that_exists_is_watched_by_the_id_of_its_journal() {
    let cloud = Cloud::with("central-kms");
    let run = cloud.deploy("--app kv-cache --yes --no-watch");
    run.ends(8, "unhealthy");
    let uuid = run.first("created")["uuid"].clone();
    let (id, _) = cloud.unfinished();
    let run = cloud.commit(&format!("--id {id}"));
    run.ends(0, "running");
    assert_eq!(run.last("verdict")["uuid"], uuid);
    assert_eq!(cloud.end(), (0, 1));
}

#[test]
fn a_journal_that_another_wizard_holds_is_let_be() {
    let cloud = Cloud::with("never-signed");
    let program = cloud.program("deploy --app orders-api --node prod9 --yes --json");
    let run = program.meanwhile("waiting_for_chain", Signal::TERM, |pid| {
        let (id, _) = cloud.unfinished();
        let second = cloud.commit(&format!("--id {id} --yes"));
        second.ends(1, "failed");
        let message = second.last("error")["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("(pid {pid})")), "{message}");
    });
    run.ends(5, "prepared");
    assert_eq!(cloud.end(), (1, 0));
}

#[test]
fn a_journal_that_is_damaged_or_not_there_is_not_gone_on_with() {
    let cloud = Cloud::with("never-signed");
    let run = cloud.commit("--id 01JD8H4ZR8QX1V6T3M5N7P9K2C --yes");
    run.ends(4, "not_found");
    let run = cloud.deploy("--app orders-api --node prod9 --prepare-only");
    run.ends(5, "prepared");
    let (id, _) = cloud.unfinished();
    let journal = format!(".local/state/phala-wizard/intents/{id}.jnl");
    cloud.file(&journal, "not a journal");
    let run = cloud.commit(&format!("--id {id} --yes"));
    run.ends(1, "failed");
    assert!(run.says("is not used"), "{run}");
    assert_eq!(cloud.end(), (1, 0));
}

#[test]
fn preparing_only_needs_a_contract() {
    let cloud = Cloud::with("central-kms");
    let run = cloud.deploy("--app kv-cache --prepare-only --token-file token");
    run.ends(2, "unusable");
    assert!(run.says("no contract governs this app"), "{run}");
    assert!(!cloud.folder.path().join("token").exists());
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn a_full_node_and_an_empty_purse_have_a_code_of_their_own() {
    let cloud = Cloud::with("node-full");
    let run = cloud.deploy("--app orders-api --node prod5 --yes");
    run.ends(9, "no_room");
    assert_eq!(run.last("error")["error_code"], "ERR-02-005");
    assert_eq!(cloud.end(), (1, 0));
    let cloud = Cloud::with("no-credit");
    let run = cloud.deploy("--app kv-cache --yes");
    run.ends(9, "no_room");
    assert_eq!(run.last("error")["error_code"], "ERR-04-001");
}

#[test]
fn a_dead_token_is_not_followed_by_another_request() {
    let cloud = Cloud::with("token-expired");
    cloud
        .deploy("--app orders-api --node prod9 --yes")
        .ends(6, "token_dead");
    let log = cloud.log();
    let creating = log.lines().filter(|line| run::creates(line)).count();
    assert_eq!(creating, 2, "{log}");
}

#[test]
fn a_lost_answer_is_looked_for_and_nothing_is_sent_twice() {
    let cloud = Cloud::with("answer-lost");
    let run = cloud.deploy("--app orders-api --node prod9 --yes");
    run.ends(0, "running");
    assert!(run.has("answer_lost"), "{run}");
    assert_eq!(run.first("created")["found"], true);
    let log = cloud.log();
    let creating = log.lines().filter(|line| run::creates(line)).count();
    assert_eq!(creating, 2, "one prepares, one commits: {log}");
}

#[test]
fn a_service_that_lies_is_stopped_at_every_lie() {
    let cloud = Cloud::with("lying-service");
    let words = "--app orders-api --node prod9 --yes";
    let app = cloud.deploy(words);
    app.ends(1, "failed");
    assert!(app.says("it is about app"), "{app}");
    let hash = cloud.deploy(words);
    hash.ends(1, "failed");
    let message = hash.last("error")["message"].as_str().unwrap().to_owned();
    let foretold = hash.first("plan")["compose_hash"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.contains("0xdeadbeef") && message.contains(&foretold),
        "{message}"
    );
    let device = cloud.deploy(words);
    device.ends(1, "failed");
    assert!(device.says("it is about machine"), "{device}");
    assert_eq!(cloud.end(), (3, 0));
}

#[test]
fn a_boot_that_fails_says_so() {
    let cloud = Cloud::with("boot-fails");
    let run = cloud.deploy("--app kv-cache --yes");
    run.ends(8, "unhealthy");
    assert_eq!(run.last("verdict")["verdict"], "failed");
    assert_eq!(cloud.end(), (0, 1));
}

#[test]
fn without_watching_it_leaves_once_the_instance_exists() {
    let cloud = Cloud::with("central-kms");
    let run = cloud.deploy("--app kv-cache --yes --no-watch");
    run.ends(8, "unhealthy");
    assert!(run.has("created") && !run.has("error"), "{run}");
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.deploy("--app no-such-app --yes");
    run.ends(4, "not_found");
    let usable = run.last("error")["usable"].to_string();
    assert!(usable.contains("orders-api"), "{usable}");
    let id = "11".repeat(20);
    cloud
        .deploy(&format!("--app {id} --yes"))
        .ends(4, "not_found");
    let run = cloud.deploy("--yes");
    run.ends(2, "unusable");
    assert_eq!(run.last("error")["option"], "--app");
    let run = cloud.deploy("--app orders-api --node nowhere --yes");
    run.ends(2, "unusable");
    let error = run.last("error");
    assert_eq!(error["option"], "--node");
    assert!(error["usable"].to_string().contains("prod9"), "{error}");
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn an_app_is_found_by_id_link_and_the_uuid_of_an_instance() {
    let cloud = Cloud::with("on-chain");
    let id = cloud.deploy("--app orders-api").first("app")["app_id"].clone();
    let id = id.as_str().unwrap();
    for name in [
        id.to_owned(),
        format!("app_{id}"),
        format!("https://cloud.phala.com/acme/apps/{id}"),
        "orders-api-2".to_owned(),
    ] {
        let run = cloud.deploy(&format!("--app {name}"));
        assert_eq!(run.first("app")["app_id"], id, "{name}");
    }
}

#[test]
fn several_revisions_have_to_be_told_apart() {
    let cloud = Cloud::with("several-revisions");
    let run = cloud.deploy("--app orders-api --yes");
    run.ends(2, "unusable");
    let error = run.last("error");
    assert_eq!(error["option"], "--compose-hash");
    let hash = error["usable"][1].as_str().unwrap();
    let run = cloud.deploy(&format!("--app orders-api --compose-hash {hash}"));
    run.ends(2, "unusable");
    let body = run.first("plan")["request"]["body"].to_string();
    assert!(body.contains(hash.trim_start_matches("0x")), "{body}");
    let other = "0".repeat(64);
    let run = cloud.deploy(&format!("--app orders-api --compose-hash {other} --yes"));
    run.ends(2, "unusable");
    assert_eq!(run.last("error")["option"], "--compose-hash");
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn a_bad_key_and_no_key_end_at_the_door() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.program("deploy --app orders-api --yes --json");
    let run = Run::of(run.key("phak_sandbox_of_somebody_else"));
    run.ends(3, "signed_out");
    assert_eq!(run.last("error")["http_status"], 401);
    let run = Run::of(
        cloud
            .program("deploy --app orders-api --yes --json")
            .no_key(),
    );
    run.ends(3, "signed_out");
    assert!(run.says("PHALA_CLOUD_API_KEY"), "{run}");
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn files_are_judged_as_on_the_screen() {
    let cloud = Cloud::with("central-kms");
    cloud.file("bad.yaml", "services:\n  api: [\n");
    cloud.file("half.env", "MAX_MEMORY=1gb\n");
    cloud.file(
        "twice.env",
        "MAX_MEMORY=1\nMAX_MEMORY=2\nCACHE_PASSWORD=x\n",
    );
    cloud.file("blob", "zz");
    for (words, option, said) in [
        ("--compose bad.yaml", "--compose", "cannot be sent yet"),
        (
            "--compose none.yaml",
            "--compose",
            "none.yaml does not exist",
        ),
        (
            "--env-file half.env",
            "--env-file",
            "CACHE_PASSWORD will have no value",
        ),
        (
            "--env-file twice.env",
            "--env-file",
            "MAX_MEMORY has several values",
        ),
        ("--env-blob blob", "--env-blob", "this is not a blob"),
        ("--env-blob none", "--env-blob", "none does not exist"),
        ("--env-file none", "--env-file", "none does not exist"),
        ("--script none.sh", "--script", "none.sh does not exist"),
    ] {
        let run = cloud.deploy(&format!("--app kv-cache {words} --yes"));
        run.ends(2, "unusable");
        let error = run.last("error");
        assert_eq!(error["option"], option, "{run}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
        assert!(!run.says("Enter") && !run.says(" d skips"), "{run}");
    }
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn arguments_that_cannot_be_used_are_json_too() {
    let cloud = Cloud::with("on-chain");
    for words in [
        "deploy --json --app orders-api --bogus",
        "deploy --json --app orders-api --compose - --env-file -",
        "deploy --json --app orders-api --token-file t",
        "deploy --json --app orders-api --transaction-hash 0x12",
        "commit --json --app orders-api",
    ] {
        Run::of(cloud.program(words)).ends(2, "unusable");
    }
}

#[test]
fn a_signal_while_the_contract_is_waited_for_leaves_it_prepared() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let cloud = Cloud::with("never-signed");
        let program = cloud.program("deploy --app orders-api --node prod9 --yes --json");
        let run = program.until("waiting_for_chain", signal);
        run.ends(5, "prepared");
        assert!(run.says("Prepared, not created"), "{run}");
        assert_eq!(cloud.end(), (1, 0));
    }
}

#[test]
fn a_signal_before_anything_was_sent_ends_with_130() {
    let cloud = Cloud::with("on-chain");
    // Standard input stays open, so the compose file never comes.
    let program = cloud.program("deploy --app orders-api --compose - --yes --json");
    program
        .until("app", Signal::INT)
        .ends(130, "nothing_created");
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn a_contract_that_never_agrees_is_not_waited_for_for_ever() {
    let cloud = Cloud::with("never-signed");
    let run = cloud.deploy("--app orders-api --node prod9 --yes --timeout 2");
    run.ends(5, "prepared");
    assert_eq!(run.last("error")["option"], "--timeout");
    assert_eq!(cloud.end(), (1, 0));
}

#[test]
fn whoever_stops_reading_does_not_stop_a_deployment() {
    let cloud = Cloud::with("on-chain");
    let program = cloud.program("deploy --app orders-api --node prod9 --yes --json");
    assert_eq!(program.unread_after("preparing"), Some(0));
    assert_eq!(cloud.end(), (1, 1));
}

#[test]
fn people_read_plain_lines_and_errors_stand_apart() {
    let cloud = Cloud::with("central-kms");
    let program = cloud.program("deploy --app kv-cache --node prod15 --yes");
    let (said, errors, code) = program.output("");
    assert_eq!(code, Some(0), "{said}{errors}");
    for words in [
        "app kv-cache, 0x",
        "  request: POST http",
        "creating, sent once",
        "starting containers",
        "running.",
        "see the logs",
    ] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    assert!(!said.contains('\u{1b}'), "{said}");
    assert!(errors.is_empty(), "{errors}");
    let (said, errors, code) = cloud.program("deploy --app nope").output("");
    assert_eq!(code, Some(4));
    assert!(
        errors.starts_with("error: there is no app nope"),
        "{errors}"
    );
    assert!(
        errors.contains("can be used:") && errors.contains("example: --app "),
        "{errors}"
    );
    assert!(!said.contains("error"), "{said}");
}

#[test]
fn the_sandbox_inside_the_program_needs_nothing_else() {
    let cloud = Cloud::with("on-chain");
    let words = "deploy --sandbox central-kms --speed 500 --app kv-cache --yes --json";
    let run = Run::of(cloud.program(words).no_key());
    run.ends(0, "running");
    assert_eq!(run.first("signed_in")["sandbox"], "central-kms");
    assert_eq!(cloud.log(), "", "the one outside was not asked");
}
