//! What the documents and workflows say of the code is so: paths that are there, rooms that are on the map, variables
//! that are listed, one toolchain, and a tone that is kept.

use std::fs;
use std::path::Path;

use crate::cli::tables;
use crate::sources::Source;

const DOCUMENTS: [&str; 5] = [
    "README.md",
    "benches/README.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
    "src/lib.rs",
];

/// Words in capitals that are no variables of the environment: methods, signals, and what is asked for in a file.
const NO_VARIABLES: [&str; 1] = ["PATH"];

fn read(path: &str) -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(package.join(path));
    text.unwrap_or_else(|why| panic!("{path}: {why}"))
        .replace("\r\n", "\n")
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.starts_with("```"));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_path_that_is_named_is_there() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src/", "tests/", "assets/", "benches/", ".github/", ".ci/"];
    let mut seen = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for path in quoted(&text).filter(|path| folders.iter().any(|it| path.starts_with(it))) {
            assert!(package.join(path).exists(), "{document} names {path}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen} paths were found");
}

#[test]
fn every_name_in_a_recipe_is_in_the_file_it_is_said_to_be_in() {
    for (path, words) in [
        ("src/wizard/keymap.rs", ["pub enum Command", "BINDINGS"]),
        ("src/wizard/form.rs", ["pub enum Step", "fn problem"]),
        ("src/api/types.rs", ["pub struct Plan", "pub struct Ticket"]),
        (
            "src/wizard/event.rs",
            ["pub enum Request", "pub enum Answer"],
        ),
        (
            "src/sandbox/scenario/stories.rs",
            ["const STORIES", "const FAILURES"],
        ),
        ("src/sandbox/fault.rs", ["struct Fault", "mod damage"]),
        ("src/diagnosis/cause.rs", ["pub enum Cause", "const ALL"]),
        (
            "tests/end_to_end/diagnosis.rs",
            ["const EXPECTED", "fn every_failure_is_told"],
        ),
        (
            "tests/matrix/faults.rs",
            ["pub const FAULTS", "struct Fault"],
        ),
    ] {
        let text = read(path);
        for word in words {
            assert!(text.contains(word), "{path} has no `{word}`");
        }
    }
}

/// A room is a file of `src` and the folder beside it.
#[test]
fn the_map_has_every_room() {
    let map = read("src/lib.rs");
    let map: Vec<&str> = map.lines().filter(|line| line.starts_with("//!")).collect();
    let map = map.join(" ");
    let words: Vec<&str> = map
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let mut rooms = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if room != "lib" {
            assert!(
                words.contains(&room.as_str()),
                "{room} is not on the map in src/lib.rs"
            );
            rooms += 1;
        }
    }
    assert!(rooms > 20, "{rooms} rooms were found");
}

/// Words in capitals and quotes, as the names of variables are written.
fn names_of_variables(code: &str) -> impl Iterator<Item = &str> {
    let calls = ["var(\"", "var_os(\"", "text(\"", "is_set(\"", "variable(\""];
    calls.into_iter().flat_map(move |call| {
        let after = code.split(call).skip(1);
        after.filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
    })
}

#[test]
fn every_variable_that_is_read_is_listed() {
    let table = tables::environment();
    let listed: Vec<&str> = table
        .rows()
        .iter()
        .flat_map(|row| quoted(&row[0]))
        .collect();
    let mut seen = 0;
    for source in Source::below(&["src"]).iter().filter(|it| !it.is_test()) {
        let code = source
            .text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap();
        for name in names_of_variables(code) {
            let is_name = name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            if is_name && !NO_VARIABLES.contains(&name) {
                assert!(
                    listed.contains(&name),
                    "{} reads {name}, which is not in src/cli/tables.rs",
                    source.path
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 8, "{seen} variables were found");
}

#[test]
fn what_is_built_and_what_is_looked_through_are_the_same_systems() {
    let (release, deny) = (read(".github/workflows/release.yml"), read("deny.toml"));
    let built: Vec<&str> = release
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- { target: "))
        .filter_map(|rest| rest.split(',').next())
        .collect();
    assert_eq!(built.len(), 7, "{built:?}");
    for target in &built {
        assert!(
            deny.contains(&format!("\"{target}\"")),
            "{target} is not in deny.toml"
        );
    }
    let listed = deny.lines().filter(|line| {
        line.trim().starts_with('"') && line.contains("-unknown-")
            || line.contains("-apple-")
            || line.contains("-pc-")
    });
    assert_eq!(listed.count(), built.len());
}

#[test]
fn the_oldest_toolchain_is_the_one_that_is_tested() {
    let manifest = read("Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .expect("rust-version");
    for workflow in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        let text = read(workflow);
        assert!(
            text.contains(&format!("RUSTUP_TOOLCHAIN: {version}")),
            "{workflow} does not use {version}"
        );
    }
    let version = version.trim_matches('"');
    for document in ["README.md", ".github/CONTRIBUTING.md"] {
        assert!(read(document).contains(version), "{document}: {version}");
    }
}

/// Nobody is shouted at, apologised to or labelled.
#[test]
fn sentences_for_people_keep_their_tone() {
    let mut wrong = Vec::new();
    for source in Source::below(&["src"]).iter().filter(|it| !it.is_test()) {
        // What the sandbox says is what the service and its guests say.
        if source.path.starts_with("src/sandbox") || source.path.starts_with("src/diagnosis") {
            continue;
        }
        let code = source
            .text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap();
        for (number, line) in code.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            let sentence = line.split('"').skip(1).step_by(2).any(|words| {
                let shouts = words
                    .as_bytes()
                    .windows(2)
                    .any(|pair| pair[0].is_ascii_lowercase() && pair[1] == b'!')
                    && !words.contains("!(");
                let low = words.to_lowercase();
                shouts
                    || ["oops", "sorry", "please ", "successfully"]
                        .iter()
                        .any(|it| low.contains(it))
                    || ["ERROR", "WARN", "INFO", "FATAL"]
                        .iter()
                        .any(|it| words.starts_with(it))
            });
            if sentence && !is_comment {
                wrong.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A tag of somebody else's can be moved to other code; a commit cannot.
#[test]
fn actions_of_others_are_named_by_their_commit() {
    for workflow in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        let text = read(workflow);
        let uses: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
            .filter(|action| !action.starts_with("./"))
            .collect();
        assert!(!uses.is_empty(), "{workflow}");
        for action in uses {
            let (_, at) = action.split_once('@').expect("a commit");
            let (commit, version) = at.split_once(" # v").unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "{workflow}: {action}");
        }
    }
}
