//! The stories that come with the program, by name.
//!
//! It knows their files and no more of them than the first line.

use serde::Deserialize;

use super::Scenario;

/// Files of one folder, each with its name behind a prefix.
macro_rules! stories_in {
    [$folder:literal, $prefix:literal; $($name:literal),* $(,)?] => {
        &[$((
            concat!($prefix, $name),
            include_str!(concat!("../../../assets/sandbox/", $folder, $name, ".toml")),
        )),*]
    };
}

/// In the order a person should meet them; the first one is the default.
const STORIES: &[(&str, &str)] = stories_in!["", "";
    "on-chain",
    "already-registered",
    "central-kms",
    "slow-chain",
    "never-signed",
    "own-key",
    "several-revisions",
    "node-full",
    "token-expired",
    "key-revoked",
    "answer-lost",
    "boot-fails",
    "keys-refused",
    "creation-fails",
    "boot-stalls",
    "degraded-gateway",
    "other-code",
    "flaky-network",
    "bad-weather",
    "empty-workspace",
    "first-contract",
    "many-apps",
    "no-credit",
    "hostile-names",
    "lying-service",
    "flood",
];

/// One failure of a boot each, called `fails-` and the name of its file. They come after the others.
const FAILURES: &[(&str, &str)] = stories_in!["failures/", "fails-";
    "app-unknown",
    "boot-denied",
    "build-impossible",
    "clock-unset",
    "command-not-found",
    "compose-invalid",
    "container-exits",
    "container-unhealthy",
    "credit-exhausted",
    "data-disk-locked",
    "device-not-allowed",
    "device-refused",
    "disk-full",
    "env-missing",
    "env-not-allowed",
    "env-unreadable",
    "file-missing",
    "gpu-not-attested",
    "hash-not-allowed",
    "image-denied",
    "image-not-found",
    "kms-unreachable",
    "login-refused",
    "machine-exited",
    "no-route",
    "node-full",
    "node-unavailable",
    "os-image-missing",
    "os-image-not-allowed",
    "out-of-memory",
    "port-taken",
    "pull-limit",
    "quota-reached",
    "registry-unreachable",
    "script-failed",
    "start-command",
    "tcb-outdated",
    "volume-denied",
    "wrong-architecture",
];

fn embedded() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    STORIES.iter().chain(FAILURES)
}

impl Scenario {
    /// All that come with the program; the first one is the default.
    pub fn all() -> Vec<Self> {
        embedded().map(Self::embedded).collect()
    }

    /// The name of every one and its sentence, which is the first line of its file: no other line is read.
    pub fn sentences() -> Vec<(String, String)> {
        #[derive(Deserialize)]
        struct Heading {
            sentence: String,
        }
        let heading = |(name, text): &(&str, &str)| {
            let first = text.lines().next()?;
            let heading: Heading = toml::from_str(first).ok()?;
            Some(((*name).to_owned(), heading.sentence))
        };
        embedded().filter_map(heading).collect()
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        let story = embedded().find(|(known, _)| *known == name);
        story.map(Self::embedded)
    }

    #[expect(
        clippy::expect_used,
        reason = "part of the program; a test reads each of them"
    )]
    fn embedded((name, text): &(&str, &str)) -> Self {
        Self::parse(name, text).expect("embedded scenarios are well-formed")
    }
}
