//! Who may know whom. A compiler checks this between crates only, so within ours a test reads the sources.
//!
//! Read as text: comments, strings and unit tests are left out, `use` trees are spelt out, and what climbs out of a
//! room with `super` counts like what begins with `crate`.

#[path = "support/sources.rs"]
mod sources;

use sources::{Name, Source};

/// A room of the program: a file of `src`, and the folder of its name.
struct Room {
    name: &'static str,
    /// Of our own: rooms, or modules in them.
    knows: &'static [&'static str],
    /// Of the outside.
    never: &'static [&'static [&'static str]],
}

const WAITING: &[&str] = &["async", "await", "tokio", "futures_util"];
const CLOCK: &[&str] = &["Instant", "SystemTime", "jiff"];
const SYSTEM: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::io::stdout",
    "std::net",
    "std::process",
    "std::thread",
    "rustix",
    "signal_hook",
];
const WIRE: &[&str] = &["reqwest", "axum", "rustls"];
/// What decides, draws or judges does not tell: a log is an effect like any other.
const LOG: &[&str] = &["tracing", "tracing_subscriber"];
const SCREEN: &[&str] = &["ratatui", "crossterm", "tui_textarea"];

const ROOMS: &[Room] = &[
    Room {
        name: "secret",
        knows: &[],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "shown",
        knows: &[],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    // Times are read and written, and nobody is asked for one.
    Room {
        name: "zone",
        knows: &["shown"],
        never: &[
            WAITING,
            SYSTEM,
            WIRE,
            SCREEN,
            LOG,
            &[
                "Instant",
                "SystemTime",
                "Timestamp::now",
                "ZonedDateTime::now",
                "TimeZone::get",
                "TimeZone::system",
                "TimeZone::try_system",
            ],
        ],
    },
    Room {
        name: "diagnosis",
        knows: &["shown"],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "trust",
        knows: &["secret", "shown"],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "check",
        knows: &["secret", "shown", "trust"],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "inspect",
        knows: &[
            "api::error",
            "api::types",
            "chain::Address",
            "chain::Subject",
            "chain::contract",
            "chain::name",
            "chain::numbered",
            "check",
            "journal",
            "secret",
            "shown",
            "trust",
        ],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "http",
        knows: &["shown"],
        never: &[
            SCREEN,
            LOG,
            &["axum", "std::env", "std::fs", "std::process"],
        ],
    },
    Room {
        name: "api",
        knows: &["http", "secret", "shown"],
        never: &[
            SCREEN,
            &[
                "axum",
                "reqwest",
                "rustls",
                "std::env",
                "std::fs",
                "std::process",
            ],
        ],
    },
    Room {
        name: "chain",
        knows: &[
            "api::elsewhere",
            "api::error",
            "api::types",
            "http",
            "secret",
            "shown",
        ],
        never: &[CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "pccs",
        knows: &["api::elsewhere", "api::error", "http", "shown", "trust"],
        never: &[CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "journal",
        knows: &["api::types", "secret", "shown", "trust::compose_hash"],
        never: &[
            WAITING,
            CLOCK,
            WIRE,
            SCREEN,
            &["std::env", "std::net", "signal_hook"],
        ],
    },
    Room {
        name: "recipe",
        knows: &["api::types", "check", "shown"],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "wizard",
        knows: &[
            "api::error",
            "api::preview",
            "api::types",
            "chain::Address",
            "chain::Call",
            "chain::Deployment",
            "chain::Subject",
            "chain::U256",
            "chain::contract",
            "chain::ether",
            "chain::examination",
            "chain::explorer",
            "chain::founding",
            "chain::kms",
            "chain::name",
            "chain::numbered",
            "chain::public",
            "chain::revert",
            "chain::transaction",
            "check",
            "diagnosis",
            "journal::again",
            "journal::found",
            "journal::id",
            "journal::moment",
            "journal::record",
            "journal::replay",
            "journal::state",
            "journal::trouble",
            "pccs::PUBLIC",
            "recipe",
            "secret",
            "shown",
            "trust",
            "zone",
        ],
        never: &[
            WAITING,
            CLOCK,
            SYSTEM,
            WIRE,
            LOG,
            &["ratatui", "crossterm::execute", "crossterm::terminal"],
        ],
    },
    Room {
        name: "line",
        knows: &[
            "api::error",
            "api::preview",
            "api::types",
            "secret",
            "shown",
            "wizard",
        ],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN],
    },
    Room {
        name: "spoken",
        knows: &["secret", "wizard"],
        never: &[
            WAITING,
            CLOCK,
            SYSTEM,
            WIRE,
            LOG,
            &["ratatui", "crossterm::execute", "crossterm::terminal"],
        ],
    },
    Room {
        name: "theme",
        knows: &["wizard::page"],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, LOG, &["crossterm"]],
    },
    Room {
        name: "ui",
        knows: &["shown", "theme", "wizard"],
        // A widget says what something means; which colour that is, the theme says.
        never: &[WAITING, CLOCK, SYSTEM, WIRE, LOG, &["crossterm", "Color"]],
    },
    Room {
        name: "shell",
        knows: &[
            "api", "chain", "http", "journal", "line", "pccs", "recipe", "secret", "shown",
            "spoken", "theme", "trust", "ui", "wizard", "zone",
        ],
        never: &[&["axum", "reqwest"]],
    },
    Room {
        name: "sandbox",
        knows: &[],
        never: &[
            SCREEN,
            LOG,
            &[
                "reqwest",
                "std::env",
                "std::fs",
                "std::process",
                "SystemTime",
            ],
        ],
    },
    // The program around the library, and the list of rooms itself.
    Room {
        name: "main",
        knows: &[
            "given", "inspect", "judge", "papers", "settings", "shell", "spoken", "theme", "wizard",
        ],
        never: &[WAITING, WIRE, LOG],
    },
    Room {
        name: "given",
        knows: &["shell", "wizard"],
        never: &[WAITING, WIRE, LOG],
    },
    Room {
        name: "judge",
        knows: &["cli", "inspect", "secret", "shell", "shown", "trust"],
        never: &[WAITING, WIRE, LOG],
    },
    Room {
        name: "papers",
        knows: &["cli", "shell", "wizard"],
        never: &[WAITING, CLOCK, WIRE, LOG],
    },
    Room {
        name: "settings",
        knows: &["cli", "shell::config"],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "cli",
        knows: &[
            "api::types",
            "journal::id",
            "line",
            "shell",
            "theme",
            "trust",
            "wizard",
        ],
        never: &[WAITING, CLOCK, SYSTEM, WIRE, SCREEN, LOG],
    },
    Room {
        name: "lib",
        knows: &[],
        never: &[],
    },
];

/// What one file alone may do, in a room that may not: file, words, reason.
const DOORS: &[(&str, &[&str], &str)] = &[(
    "src/shell/demo.rs",
    &["sandbox"],
    "starts the sandbox; everything else talks to it like to any service",
)];

/// What only these files of a room may name.
const KEEPERS: &[(&str, &[&str], &[&str])] = &[
    (
        "http",
        &["tokio", "async", "await"],
        &["src/http/transport.rs", "src/http/patience.rs"],
    ),
    // One place that waits for the service.
    (
        "api",
        &["tokio", "async", "await"],
        &[
            "src/api/client",
            "src/api/stream.rs",
            "src/api/elsewhere.rs",
        ],
    ),
    // One file each where a line of the log is written, to be read by whoever asks what stands in it.
    ("api", LOG, &["src/api/told.rs"]),
    ("shell", LOG, &["src/shell/log.rs"]),
    // What a contract says is read without asking anybody.
    (
        "chain",
        &["tokio", "async", "await", "futures_util"],
        &["src/chain/rpc"],
    ),
    // The world has no socket and no clock; the server in front of it has both.
    (
        "sandbox",
        &["tokio", "async", "await", "axum", "Instant", "std::net"],
        &["src/sandbox/serve.rs"],
    ),
    // What is written is decided without a disk; only the store has one, and nobody else in its room needs it.
    (
        "journal",
        &[
            "std::fs",
            "std::process",
            "std::thread",
            "rustix",
            "journal::store",
            "super::store",
        ],
        &["src/journal/store"],
    ),
    // Other programs are started in three places, each with its own reasons; a fourth says what they do not get.
    (
        "shell",
        &["std::process"],
        &[
            "src/shell/editor.rs",
            "src/shell/pager.rs",
            "src/shell/browser.rs",
            "src/shell/process.rs",
        ],
    ),
];

#[test]
fn every_room_knows_only_whom_it_may() {
    let wrong: Vec<String> = Source::below(&["src"])
        .iter()
        .filter(|source| !source.is_test())
        .flat_map(trespasses)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_has_its_rule_and_every_rule_its_room() {
    let sources = Source::below(&["src"]);
    for source in &sources {
        let room = source.module()[0];
        assert!(rule(room).is_some(), "{}: no rule for {room}", source.path);
    }
    for room in ROOMS {
        let found = sources.iter().any(|source| source.module()[0] == room.name);
        assert!(found, "there is no {} any more", room.name);
    }
    for (file, words, reason) in DOORS {
        let source = sources.iter().find(|source| source.path == *file);
        let opened = source.is_some_and(|source| {
            let mut outside = source
                .names()
                .into_iter()
                .filter_map(|name| own(source, &name));
            outside.any(|path| words.iter().any(|word| begins(&path, word)))
        });
        assert!(opened, "{file} needs no door any more: {reason}");
    }
}

#[test]
fn a_trespass_is_seen_however_it_is_written() {
    for (path, code, seen) in [
        ("src/wizard/form.rs", "use std::fs;", "std::fs"),
        ("src/wizard/form.rs", "use std::{fmt, fs::File};", "std::fs"),
        (
            "src/wizard/form.rs",
            "let a = std::env::var(b);",
            "std::env",
        ),
        ("src/wizard/form.rs", "async fn a() {}", "async"),
        (
            "src/wizard/form.rs",
            "use crate::{api::client::Client};",
            "api::client",
        ),
        (
            "src/wizard/form.rs",
            "use super::super::shell::run;",
            "shell::run",
        ),
        ("src/wizard.rs", "tracing::info!(a);", "tracing"),
        ("src/shell/run.rs", "tracing::info!(a);", "tracing"),
        ("src/wizard.rs", "use super::ui;", "ui"),
        ("src/ui/list.rs", "style.fg(Color::Red);", "Color"),
        ("src/sandbox/world.rs", "use crate::{api, secret};", "api"),
        (
            "src/sandbox/world.rs",
            "use tokio::net::TcpListener;",
            "tokio",
        ),
        ("src/shell/run.rs", "use crate::sandbox::World;", "sandbox"),
        (
            "src/ui/body.rs",
            "use crate::api::types::App;",
            "api::types",
        ),
        ("src/api/client.rs", "use reqwest::Url;", "reqwest"),
        ("src/chain/kms.rs", "async fn a() {}", "async"),
        ("src/main.rs", "use phala_wizard::sandbox;", "sandbox"),
        (
            "src/wizard/launch.rs",
            "use crate::journal::store::Store;",
            "journal::store",
        ),
        ("src/journal/state.rs", "use std::fs::File;", "std::fs"),
        (
            "src/journal/state.rs",
            "use super::store::Durable;",
            "super::store",
        ),
        (
            "src/journal/record/intent.rs",
            "use crate::journal::store::Durable;",
            "journal::store",
        ),
        (
            "src/journal/store/unix.rs",
            "let now = SystemTime::now();",
            "SystemTime",
        ),
    ] {
        let found = trespasses(&written(path, code));
        assert!(
            found.iter().any(|found| found.contains(seen)),
            "{code}: {found:?}"
        );
    }
}

#[test]
fn what_is_allowed_is_no_trespass() {
    for (path, code) in [
        (
            "src/wizard/form.rs",
            "// use std::fs;\nlet a = \"tokio::spawn\";",
        ),
        ("src/wizard/form.rs", "use super::page::{Line, Page};"),
        ("src/wizard/form.rs", "use crate::api::types::{App, AppId};"),
        ("src/shell/demo.rs", "use crate::sandbox::{self, World};"),
        ("src/sandbox/serve.rs", "use tokio::net::TcpListener;"),
        (
            "src/wizard/launch.rs",
            "use crate::journal::state::NextStep;",
        ),
        ("src/journal/store/unix.rs", "use std::fs::File;"),
        ("src/shell/ask.rs", "use crate::journal::store::Durable;"),
    ] {
        assert_eq!(trespasses(&written(path, code)), Vec::<String>::new());
    }
}

fn written(path: &str, code: &str) -> Source {
    Source::new(path.to_owned(), code.to_owned())
}

/// Everything this file names and may not, with file and line.
fn trespasses(source: &Source) -> Vec<String> {
    let room = source.module()[0];
    let Some(rule) = rule(room) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for name in source.names() {
        let here = format!("{}:{}", source.path, name.line);
        let ours = own(source, &name);
        let path = ours.clone().unwrap_or_else(|| name.path.join("::"));
        if ours.is_some() && !may_know(source, rule, &path) {
            found.push(format!("{here}: {room} must not know {path}"));
        }
        let mut never = rule.never.iter().flat_map(|words| words.iter());
        if ours.is_none() && never.any(|word| mentions(&path, word)) {
            found.push(format!("{here}: {room} must not mention {path}"));
        }
        for (_, words, files) in KEEPERS.iter().filter(|(of, _, _)| *of == room) {
            let kept = files.iter().any(|file| source.path.starts_with(file));
            if !kept && words.iter().any(|word| mentions(&path, word)) {
                found.push(format!(
                    "{here}: only {} may mention {path}",
                    files.join(" and ")
                ));
            }
        }
    }
    found
}

fn rule(room: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|rule| rule.name == room)
}

fn may_know(source: &Source, rule: &Room, path: &str) -> bool {
    let known = |word: &&str| begins(path, word);
    let door = DOORS.iter().find(|(file, _, _)| *file == source.path);
    begins(path, rule.name)
        || rule.knows.iter().any(known)
        || door.is_some_and(|(_, words, _)| words.iter().any(known))
}

/// What is named, from the root of our crate, where it is ours and lies outside the file's own room.
fn own(source: &Source, name: &Name) -> Option<String> {
    let path = &name.path;
    let from_root = match path.first().map(String::as_str)? {
        "crate" | "phala_wizard" => &path[1..],
        "super" => {
            let supers = path
                .iter()
                .take_while(|segment| *segment == "super")
                .count();
            let depth = source.module().len();
            (supers >= depth).then(|| &path[supers..])?
        }
        _ => return None,
    };
    (!from_root.is_empty()).then(|| from_root.join("::"))
}

/// Whether a path is this one or lies in it.
fn begins(path: &str, with: &str) -> bool {
    path == with
        || path
            .strip_prefix(with)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// Whether these segments stand anywhere in a path.
fn mentions(path: &str, words: &str) -> bool {
    format!("::{path}::").contains(&format!("::{words}::"))
}
