//! `login`, `logout` and `status` against a sandbox, in a home of their own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::stage::{KEY, Stage, finish};

fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn file(path: &Path) -> Value {
    object(&fs::read_to_string(path).unwrap())
}

#[test]
fn a_key_from_a_pipe_is_kept_where_the_official_cli_keeps_its_own() {
    let stage = Stage::of("");
    let said = stage.run("login --with-key --json", &format!("{KEY}\n"), 0);
    let said = object(&said);
    assert_eq!(said["key"], "****6789");
    let name = said["profile"].as_str().unwrap();
    let kept = file(&stage.file());
    assert_eq!(kept["schema_version"], 1);
    assert_eq!(kept["current_profile"], name);
    let profile = &kept["profiles"][name];
    assert_eq!(profile["token"], KEY);
    assert_eq!(
        profile["api_prefix"],
        format!("http://{}/api/v1", stage.service)
    );
    assert_eq!(profile["workspace"]["slug"], name);
    assert_eq!(profile["user"]["username"], said["user"]);
    let at = profile["updated_at"].as_str().unwrap();
    assert!(at.len() == 24 && at.ends_with('Z'), "{at}");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&stage.file()), 0o600);
    assert_eq!(mode(stage.file().parent().unwrap()), 0o700);

    let status = stage.run("status", "", 0);
    assert!(status.contains(said["user"].as_str().unwrap()), "{status}");
    for words in [
        "~/.phala-cloud/credentials.json",
        "config/phala-wizard/config.toml",
        "state/phala-wizard",
        "PHALA_CLOUD_API_PREFIX",
        "pccs.phala.network",
        "mainnet.base.org",
        "****6789",
    ] {
        assert!(status.contains(words), "{words} in {status}");
    }
    let gone = stage.run("logout", "", 0);
    assert!(gone.contains("stays good until you revoke it"), "{gone}");
    assert!(!stage.file().exists());
    stage.run("status", "", 3);
    stage.run("logout", "", 3);
}

#[test]
fn a_second_login_keeps_the_first_and_what_nobody_here_knows() {
    let stage = Stage::of("");
    let before = r#"{"schema_version": 1, "current_profile": "old", "later": [1.0],
        "profiles": {"old": {"token": "phak_old", "api_prefix": "https://x.example/api/v1", "own": {"a": 1}}}}"#;
    fs::create_dir(stage.file().parent().unwrap()).unwrap();
    fs::write(stage.file(), before).unwrap();
    stage.run("login --with-key --profile mine", KEY, 0);
    let after = file(&stage.file());
    let before = object(before);
    assert_eq!(after["profiles"]["old"], before["profiles"]["old"]);
    assert_eq!(after["later"], before["later"]);
    assert_eq!(after["current_profile"], "mine");
    stage.run("logout --profile mine", "", 0);
    assert_eq!(file(&stage.file())["current_profile"], "old");
    stage.run("logout --profile mine", "", 3);
}

#[test]
fn a_key_that_is_not_accepted_is_kept_nowhere() {
    let stage = Stage::of("");
    for (input, code) in [("phak_canary_wrong_key", 3), ("", 2), (" \n", 2)] {
        stage.run("login --with-key", input, code);
        assert!(!stage.file().exists());
    }
    // Without a terminal there is nobody to ask.
    stage.run("login --manual", KEY, 2);
    stage.run("login --with-key", &KEY.repeat(200), 2);
}

#[test]
fn a_link_is_left_alone() {
    let stage = Stage::of("");
    let real = stage.home.path().join("real.json");
    fs::write(&real, "{\"schema_version\": 1, \"profiles\": {}}").unwrap();
    fs::create_dir(stage.file().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&real, stage.file()).unwrap();
    stage.run("login --with-key", KEY, 1);
    let text = fs::read_to_string(&real).unwrap();
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_code_is_approved_denied_or_expires() {
    let story = |rules: &str| format!("[device_login]\ninterval = 1\n{rules}");
    let approved = Stage::of(&story("settles_after = 1.0\n"));
    let said = approved.run("login --no-browser", "", 0);
    assert!(said.contains("/auth/device?user_code="), "{said}");
    assert!(said.contains("Kept as profile"), "{said}");
    approved.run("status", "", 0);
    for (rules, outcome) in [
        ("settles_after = 1.0\ndenied = true\n", "denied on the page"),
        ("settles_after = inf\nexpires_in = 300\n", "has expired"),
    ] {
        let stage = Stage::of(&story(rules));
        let said = stage.run("login --no-browser --json", "", 3);
        let said = object(&said);
        assert_eq!(said["outcome"], "signed_out");
        let why = said["error"].as_str().unwrap();
        assert!(why.contains(outcome), "{why}");
        assert!(!stage.file().exists());
    }
}

#[test]
fn a_key_in_the_keyring_is_in_no_file() {
    let stage = Stage::of("");
    let mut child = stage.command("login --with-key --keyring").spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(KEY.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(!stage.file().exists());
    let index = stage.home.path().join("state/phala-wizard/keyring.json");
    if output.status.success() {
        let text = fs::read_to_string(&index).unwrap();
        assert!(!text.contains("canary"), "{text}");
        let status = stage.run("status", "", 0);
        assert!(status.contains("the kernel's keyring"), "{status}");
        stage.run("logout", "", 0);
        assert!(!index.exists());
    } else {
        // A container may not have one.
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!index.exists());
    }
}

#[test]
fn status_asks_nobody_when_told_and_flags_a_key_in_the_environment() {
    let stage = Stage::of("");
    let mut command = stage.command("status --offline --json");
    command.env("PHALA_CLOUD_API_KEY", KEY);
    // Nobody listens there any more.
    stage.runtime.shutdown_background();
    let said = object(&finish(command, "", 0));
    assert_eq!(said["api_version"], "2026-01-21");
    let remark = said["remarks"][0].as_str().unwrap();
    assert!(remark.contains("PHALA_CLOUD_API_KEY is set"), "{remark}");
    let key = &said["settings"][0];
    assert_eq!(
        (&key["value"], &key["from"]),
        (&"****6789".into(), &"PHALA_CLOUD_API_KEY".into())
    );
}

#[test]
fn no_option_of_them_takes_a_key() {
    let stage = Stage::of("");
    for words in [
        "login phak_1",
        "login --with-key=phak_1",
        "login --key phak_1",
    ] {
        stage.run(words, "", 2);
    }
}

#[test]
fn what_is_done_is_written_down_where_it_is_asked_for_and_no_key_with_it() {
    let stage = Stage::of("");
    let log = stage.home.path().join("said.log");
    for (words, mode, code) in [
        ("status", "status", 3),
        ("login --with-key", "login", 0),
        ("status", "status", 0),
        ("logout", "logout", 0),
        ("logout", "logout", 3),
    ] {
        let before = fs::read_to_string(&log).unwrap_or_default();
        let words = format!("{words} --log-file {}", log.display());
        stage.run(&words, KEY, code);
        let written = fs::read_to_string(&log).unwrap();
        let written = written.strip_prefix(&before).expect("added at the end");
        assert!(written.contains(&format!("mode=\"{mode}\"")), "{written}");
        assert!(written.contains(&format!("end code={code}")), "{written}");
        assert!(!written.contains("canary"), "{written}");
        if mode == "login" {
            assert!(written.contains("GET /auth/me"), "{written}");
        }
    }
    assert_eq!(
        fs::metadata(&log).unwrap().permissions().mode() & 0o777,
        0o600
    );
    stage.run("status --log-file /nowhere/at/all.log", "", 2);
}
