//! `phala-wizard status`: who is signed in, where every setting comes from, every path, and every host.
//!
//! It reads, and asks the service one question unless it shall not. It writes nothing and prints no secret: of a key its
//! end, of an address its host.

use std::env;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::ask::Asker;
use super::config::{self, Config};
use super::credentials::{self, Environment};
use super::places::Places;
use super::{demo, files, names};
use crate::api::DEFAULT_BASE;
use crate::api::preview::API_VERSION;
use crate::chain;
use crate::http;
use crate::pccs;
use crate::shown::Shown;
use crate::wizard::event::{Outcome, SignedIn};

/// Chains whose public nodes are known.
const CHAINS: [u64; 2] = [1, 8453];

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// `--profile`.
    pub profile: Option<String>,
    /// Ask nobody.
    pub offline: bool,
}

/// How things stand.
#[derive(Debug)]
pub struct Standing {
    /// For people.
    pub lines: Vec<String>,
    /// The same for programs.
    pub json: Value,
    /// The exit code: 0 where somebody is signed in, or where nobody was asked.
    pub code: u8,
}

/// One row: what, its value, and where that comes from or what it is for.
struct Row(&'static str, String, String);

/// Looks, and says it on stdout. The exit code.
pub fn tell(json: bool, wanted: Wanted) -> u8 {
    let standing = look(wanted);
    let text = if json {
        standing.json.to_string()
    } else {
        standing.lines.join("\n")
    };
    // Where nobody reads there is nobody to tell.
    let _ = writeln!(io::stdout(), "{text}");
    standing.code
}

/// Looks, and asks the service whose key it is.
pub fn look(wanted: Wanted) -> Standing {
    let environment = Environment::here(wanted.profile.clone());
    let (config, trouble) = match Config::here() {
        Ok(config) => (config, None),
        Err(why) => (Config::default(), Some(why)),
    };
    let open = config.rpc_urls.remark().map(ToString::to_string);
    let places = Places::here(Vec::new(), None, &config);
    let found = environment.find();
    let (who, code) = match (&found.key, wanted.offline) {
        (None, _) => (
            found.note.as_ref().map_or_else(
                || "nobody: there is no key".to_owned(),
                |note| format!("nobody: {note}"),
            ),
            Outcome::SignedOut.code(),
        ),
        (Some(_), true) => (
            "a key is there; the service was not asked (--offline)".to_owned(),
            0,
        ),
        (Some(_), false) => asked(&environment, &places),
    };
    let settings = settings(&environment, &found, &places);
    let paths = paths(&environment);
    let hosts = hosts(&found.base, &places);
    let mut lines = vec![version(), format!("signed in    {who}")];
    for (title, rows) in [
        ("settings", &settings),
        ("paths", &paths),
        ("hosts", &hosts),
    ] {
        lines.push(String::new());
        lines.push(title.to_owned());
        lines.extend(rows.iter().map(|Row(what, value, why)| {
            let line = format!("  {what:<14} {value:<44} {why}");
            line.trim_end().to_owned()
        }));
    }
    let mut remarks: Vec<String> = Vec::new();
    if environment.key.is_some() {
        remarks.push(
            "PHALA_CLOUD_API_KEY is set: it comes before every profile, and every program of yours that is started from \
             the same shell can read it"
                .to_owned(),
        );
    }
    remarks.extend(trouble.map(|why| why.to_string()));
    remarks.extend(open);
    for remark in &remarks {
        lines.push(String::new());
        lines.push(format!("! {remark}"));
    }
    lines.push(String::new());
    lines.push(
        "No usage data is sent, no update is looked for, and no other host is asked.".to_owned(),
    );
    let table = |rows: &[Row]| -> Vec<Value> {
        rows.iter()
            .map(|Row(what, value, why)| json!({ "name": what, "value": value, "from": why }))
            .collect()
    };
    let json = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("PHALA_WIZARD_COMMIT"),
        "api_version": API_VERSION,
        "signed_in": who,
        "settings": table(&settings),
        "paths": table(&paths),
        "hosts": table(&hosts),
        "remarks": remarks,
    });
    Standing { lines, json, code }
}

fn version() -> String {
    let commit = option_env!("PHALA_WIZARD_COMMIT");
    let commit = commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    format!(
        "phala-wizard {}{commit}, API version {API_VERSION}; the service does not tell its own",
        env!("CARGO_PKG_VERSION")
    )
}

/// Whose key it is, as the service says.
fn asked(environment: &Environment, places: &Places) -> (String, u8) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return ("not known: cannot start".to_owned(), Outcome::Failed.code());
    };
    let asker = Asker::new(
        environment.clone(),
        places.clone(),
        demo::Options::default(),
    );
    let signed_in = runtime.block_on(asker.sign_in(None));
    runtime.shutdown_background();
    match signed_in {
        SignedIn::Yes { identity, host, .. } => (
            format!(
                "{}, workspace {}, at {host}",
                identity.user, identity.workspace
            ),
            0,
        ),
        SignedIn::No { error, host, .. } => {
            let outcome = if error.is_signed_out() {
                Outcome::SignedOut
            } else {
                Outcome::Failed
            };
            (format!("not known: {host} says {error}"), outcome.code())
        }
        SignedIn::NoKey { .. } => ("nobody".to_owned(), Outcome::SignedOut.code()),
    }
}

fn settings(environment: &Environment, found: &credentials::Found, places: &Places) -> Vec<Row> {
    let none = || "-".to_owned();
    let key = found.key.as_ref().map_or_else(
        || Row("API key", none(), "nowhere".to_owned()),
        |(key, origin)| Row("API key", key.tail(), origin.to_string()),
    );
    let profile = match environment.named() {
        Ok(Some((name, by))) => Row("profile", Shown::line(&name).to_string(), by.to_owned()),
        Ok(None) => Row("profile", none(), "there is none".to_owned()),
        Err(why) => Row("profile", none(), why.to_string()),
    };
    let from = if environment.base.is_some() {
        "PHALA_CLOUD_API_PREFIX"
    } else if found.base == DEFAULT_BASE {
        "default"
    } else {
        "the profile"
    };
    let hosts = places.hosts();
    let nodes: Vec<String> = hosts.rpc.iter().map(ToString::to_string).collect();
    let (nodes, nodes_from) = match (nodes.is_empty(), hosts.rpc_of.len()) {
        (false, _) => (nodes.join(", "), "ETH_RPC_URL"),
        (true, 0) => (none(), "not configured"),
        (true, count) => (format!("of {count} chains"), "the configuration file"),
    };
    let (pccs, pccs_from) = match &hosts.pccs {
        Some(host) => (host.to_string(), "PCCS_URL"),
        None => (none(), "not configured"),
    };
    let mut rows = vec![
        key,
        profile,
        Row(
            "service",
            Shown::line(&found.base).to_string(),
            from.to_owned(),
        ),
        Row("chain nodes", nodes, nodes_from.to_owned()),
        Row("PCCS", pccs, pccs_from.to_owned()),
    ];
    for name in ["HTTPS_PROXY", "NO_PROXY"] {
        if let Ok(value) = env::var(name) {
            let value = match name {
                // A proxy's address may hold a password.
                "HTTPS_PROXY" => http::host(&value).to_string(),
                _ => Shown::line(&value).to_string(),
            };
            rows.push(Row("proxy", value, name.to_owned()));
        }
    }
    rows
}

fn paths(environment: &Environment) -> Vec<Row> {
    let home = environment.home.as_deref();
    let row = |what, path: Option<&Path>, purpose: &str| {
        let Some(path) = path else {
            return Row(
                what,
                "-".to_owned(),
                "this system names no place".to_owned(),
            );
        };
        let there = match (path.exists(), files::others_can_read(path)) {
            (false, _) => "not there",
            (true, true) => "there, and others can read it",
            (true, false) => "there",
        };
        let path = Shown::line(&credentials::short(path, home));
        Row(what, path.to_string(), format!("{there}; {purpose}"))
    };
    let state = environment.state.as_deref();
    let below = |name: &str| state.map(|state| state.join(name));
    let names = environment.cache.as_deref().map(names::file);
    let project = environment.project.as_ref().map(|it| it.join("phala.toml"));
    vec![
        row(
            "credentials",
            environment.file().as_deref(),
            "the official CLI's, written by login and logout alone",
        ),
        row(
            "in the keyring",
            environment.in_keyring().as_deref(),
            "profiles whose keys are in the keyring, without the keys",
        ),
        row("project", project.as_deref(), "read, never written"),
        row("config", config::path().as_deref(), "read, never written"),
        row("state", state, "journals, locks, how long boots took"),
        row("journals", below("intents").as_deref(), "what was begun"),
        row(
            "names",
            names.as_deref(),
            "of the last workspace, for completion; logout takes it away",
        ),
        Row(
            "temporary",
            env::temp_dir().display().to_string(),
            "a folder of its own holds a text while an editor is open".to_owned(),
        ),
    ]
}

fn hosts(base: &str, places: &Places) -> Vec<Row> {
    let mut rows = vec![Row(
        "service",
        http::host(base).to_string(),
        "every question about apps, nodes and instances".to_owned(),
    )];
    let hosts = places.hosts();
    let nodes = hosts.rpc.iter().chain(hosts.rpc_of.values().flatten());
    for node in nodes {
        rows.push(Row(
            "chain node",
            node.to_string(),
            "you configured it: contracts are read, and signed transactions sent".to_owned(),
        ));
    }
    for id in CHAINS {
        for node in chain::public(id) {
            rows.push(Row(
                "chain node",
                http::host(node).to_string(),
                format!("public, chain {id}: only after the key that says so (p, R)"),
            ));
        }
    }
    rows.push(match &hosts.pccs {
        Some(host) => Row(
            "PCCS",
            host.to_string(),
            "you configured it: Intel's lists, when an instance is checked".to_owned(),
        ),
        None => Row(
            "PCCS",
            http::host(pccs::PUBLIC).to_string(),
            "public: Intel's lists, only after the key that says so (p)".to_owned(),
        ),
    });
    rows.push(Row(
        "guest",
        "the addresses of an instance".to_owned(),
        "its logs, as the service names them; the app itself only after c".to_owned(),
    ));
    rows
}
