//! What the README says about keys, scenarios, variables and exit codes is what the code says.
//!
//! `UPDATE_README=1 cargo test --test readme` writes those parts anew.

use std::fmt::Write;
use std::{env, fs};

use phala_wizard::line::EVENTS;
use phala_wizard::sandbox::Scenario;
use phala_wizard::shell::config::settings;
use phala_wizard::wizard::event::Outcome;
use phala_wizard::wizard::keymap::{self, BINDINGS, Command};

#[path = "../src/cli.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the program's own description of its arguments"
)]
mod cli;

fn keys() -> String {
    let mut table = String::from("| key | what it does |\n| --- | --- |\n");
    for binding in BINDINGS {
        let keys = match binding.command {
            Command::Choose(1) => "1 to 9".to_owned(),
            Command::Jump(1) => "Alt-1 to Alt-6".to_owned(),
            Command::Choose(_) | Command::Jump(_) => continue,
            _ => keymap::all_keys(binding).replace('|', "\\|"),
        };
        let _ = writeln!(table, "| `{keys}` | {} |", binding.help);
    }
    table
}

fn scenarios() -> String {
    let mut table = String::from("| scenario | what happens |\n| --- | --- |\n");
    for scenario in Scenario::all() {
        let _ = writeln!(table, "| `{}` | {} |", scenario.name, scenario.sentence);
    }
    table
}

fn events() -> String {
    let mut table = String::from("| event | members | when |\n| --- | --- | --- |\n");
    for (event, members, when) in EVENTS {
        let members: Vec<String> = members.iter().map(|it| format!("`{it}`")).collect();
        let _ = writeln!(table, "| `{event}` | {} | {when} |", members.join(" "));
    }
    table
}

fn exit_codes() -> String {
    let mut table = String::from("| code | `outcome` | what it means |\n| --- | --- | --- |\n");
    for outcome in Outcome::ALL {
        let (code, word, meaning) = (outcome.code(), outcome.word(), outcome.meaning());
        let _ = writeln!(table, "| {code} | `{word}` | {meaning} |");
    }
    table
}

#[test]
fn the_generated_parts_are_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let mut readme = fs::read_to_string(path)
        .expect("README.md")
        .replace("\r\n", "\n");
    for (name, part) in [
        ("keys", keys()),
        ("scenarios", scenarios()),
        ("events", events()),
        ("settings", settings::table()),
        ("exit-codes", exit_codes()),
    ] {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let start = readme
            .find(&open)
            .map(|at| at + open.len())
            .expect("a place for the part");
        let end = readme[start..]
            .find(&close)
            .map(|at| at + start)
            .expect("the end of the part");
        if env::var_os("UPDATE_README").is_some() {
            readme.replace_range(start..end, &part);
            fs::write(path, &readme).expect("a README that can be written");
        } else {
            assert_eq!(
                &readme[start..end],
                part,
                "run `UPDATE_README=1 cargo test --test readme`"
            );
        }
    }
}

#[test]
fn every_command_of_the_readme_is_understood() {
    let readme =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README.md");
    let commands: Vec<&str> = readme
        .lines()
        .filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("phala-wizard")
                .or_else(|| line.strip_prefix("cargo run --release --"))
        })
        .collect();
    assert!(
        commands.len() >= 3,
        "the README shows how to start it: {commands:?}"
    );
    for command in commands {
        let arguments = command
            .split('#')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .map(|word| match word {
                // What everybody has another of. A key of nothing but 1 is no weak one.
                "HEX" | "HASH" => {
                    "1111111111111111111111111111111111111111111111111111111111111111"
                }
                "APP_ID" => "1111111111111111111111111111111111111111",
                word => word,
            });
        let words = std::iter::once("phala-wizard")
            .chain(arguments)
            .map(Into::into)
            .collect();
        let parsed = cli::Cli::parse(words);
        assert!(
            parsed.is_ok(),
            "phala-wizard{command}: {:?}",
            parsed.err().map(|error| error.to_string())
        );
    }
}

#[test]
fn the_help_names_every_exit_code() {
    let answer = cli::Cli::parse(vec!["phala-wizard".into(), "--help".into()]);
    let help = answer.map_or_else(|error| error.to_string(), |_| String::new());
    for outcome in Outcome::ALL {
        assert!(
            help.contains(outcome.meaning()),
            "--help does not say '{}'",
            outcome.meaning()
        );
    }
}
