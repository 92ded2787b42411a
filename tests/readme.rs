//! What the README says about keys, scenarios, variables and exit codes is what the code says.
//!
//! `UPDATE_README=1 cargo test --test readme` writes those parts anew.

use std::{env, fs};

use cli::tables;

#[path = "readme/documents.rs"]
mod documents;
#[path = "support/sources.rs"]
mod sources;

#[path = "../src/cli.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the program's own description of its arguments"
)]
mod cli;

fn markdown(table: &tables::Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let cells = |row: &[String]| row.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let head: Vec<String> = table.head.iter().map(|&name| name.into()).collect();
    let below = vec!["---".to_owned(); head.len()];
    let rows = table.rows().iter().map(|row| line(cells(row)));
    [line(head), line(below)].into_iter().chain(rows).collect()
}

#[test]
fn the_generated_parts_are_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let mut readme = fs::read_to_string(path)
        .expect("README.md")
        .replace("\r\n", "\n");
    for (name, part) in [
        ("keys", tables::keys()),
        ("scenarios", tables::scenarios()),
        ("events", tables::events()),
        ("settings", tables::settings()),
        ("environment", tables::environment()),
        ("exit-codes", tables::exit_codes()),
    ] {
        let part = markdown(&part);
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
                "SIGNER" => "111111111111111111111111111111111111111111111111111111111111111111",
                "ID" => "01JD8H4ZR8QX1V6T3M5N7P9K2C",
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
