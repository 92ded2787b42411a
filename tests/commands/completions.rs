//! What a shell is told that asks what could follow: bash itself, with the script that the program prints.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::stage::{KEY, Stage};

/// What bash offers for the last of these words.
fn offered(stage: &Stage, words: &str) -> Vec<String> {
    let script = stage.run("completions bash", "", 0);
    let ask = format!(
        "{script}\nCOMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); COMP_TYPE=9\n\
         compopt() {{ :; }}\n\
         _clap_complete_phala_wizard phala-wizard \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    );
    let program = Path::new(env!("CARGO_BIN_EXE_phala-wizard"));
    let folder = program.parent().unwrap().to_str().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    // Whom it would ask if it asked anybody.
    let mut bash = Command::new("bash");
    for (name, value) in stage.command("").get_envs() {
        bash.env(name, value.unwrap_or_default());
    }
    let output = bash
        .args(["--norc", "-c", &ask])
        .env("PATH", format!("{folder}:{path}"))
        .env("PHALA_CLOUD_API_PREFIX", "http://127.0.0.1:1/api/v1")
        .current_dir(stage.home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
    let words = String::from_utf8(output.stdout).unwrap();
    words.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_values_and_files() {
    let stage = Stage::of("");
    fs::write(stage.home.path().join("compose.yaml"), "services: {}\n").unwrap();
    for (words, expected) in [
        ("phala-wizard depl", "deploy"),
        ("phala-wizard help exit", "exit-codes"),
        ("phala-wizard --sandbox boot-f", "boot-fails"),
        ("phala-wizard check chain --com", "--compose-hash"),
        ("phala-wizard deploy --compose compo", "compose.yaml"),
    ] {
        assert_eq!(offered(&stage, words), [expected], "{words}");
    }
    assert_eq!(offered(&stage, "phala-wizard deploy --app compo"), [""; 0]);
    let found = fs::read_dir(stage.home.path()).unwrap().count();
    assert_eq!(found, 1, "to complete something leaves nothing behind");
}

#[test]
fn names_that_were_seen_are_completed_until_the_logout() {
    let stage = Stage::of("");
    let name = "phala-wizard deploy --app orders";
    assert_eq!(offered(&stage, name), [""; 0], "nothing was seen yet");
    stage.run("login --with-key --profile work", KEY, 0);
    stage.run("deploy --app orders-api --node prod5 --prepare-only", "", 5);
    assert_eq!(offered(&stage, name), ["orders-api"]);
    for (words, expected) in [
        ("phala-wizard deploy --node prod5", "prod5"),
        ("phala-wizard watch orders-api-2", "orders-api-2"),
        ("phala-wizard status --profile wo", "work"),
    ] {
        assert_eq!(offered(&stage, words), [expected], "{words}");
    }
    let unfinished = offered(&stage, "phala-wizard commit --id ''");
    assert_eq!(unfinished.len(), 1, "{unfinished:?}");
    let resumed = offered(&stage, "phala-wizard resume ''");
    assert_eq!(resumed[0], unfinished[0], "{resumed:?}");

    let names = stage.home.path().join("cache/phala-wizard/names.json");
    let text = fs::read_to_string(&names).unwrap();
    assert!(!text.contains("canary"), "{text}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&names).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let status = stage.run("status --offline", "", 0);
    assert!(status.contains("names.json"), "{status}");
    stage.run("logout", "", 0);
    assert!(!names.exists());
    assert_eq!(offered(&stage, name), [""; 0]);
}
