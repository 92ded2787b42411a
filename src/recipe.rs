//! The answers of a walk as a file, `phala-wizard.toml`, to be given again: by a colleague, or in CI.
//!
//! ```toml
//! schema = 1
//! app = "3f91deaf16ff7c823ee65081d6bafa1ceea05ffc"    # or a name
//! node = "prod6"                                      # or "auto", or ["prod6", "prod9"]
//! compose = { file = "docker-compose.yml" }           # or "keep"
//! variables = { file = ".env", names = ["API_URL"] }  # or "inherit", or { blob = "sealed.hex" }
//! script = "keep"                                     # or { file = "before.sh" }
//! registration = "wait"                               # or { hand_over = "safe", file = "safe.json" }
//! ```
//!
//! Everything but `schema` can be left out; then it is not answered. Paths begin at the folder of the file. It is read
//! strictly, as a name that is misspelt would silently answer nothing. No secret has a place in it: values of variables
//! stay in the file they came from, and who signs for a contract is said where the key is.
//!
//! Beside it, what the official CLI's `phala.toml` says of the same. This room decides what is in such a text and what a
//! text says; files are read and written elsewhere.

mod place;
pub mod project;
mod read;
mod write;

use std::path::{Path, PathBuf};

use crate::api::types::ComposeHash;

pub use place::Wrong;
pub use read::read;
pub use write::{Noted, Unwritable};

/// What such a file is called, unless somebody calls it otherwise.
pub const FILE: &str = "phala-wizard.toml";

/// The one layout that is known.
const SCHEMA: i64 = 1;

/// What may be in it, in the order it is written.
const NAMES: [&str; 8] = [
    "schema",
    "app",
    "revision",
    "node",
    "compose",
    "variables",
    "script",
    "registration",
];

/// Answers, each of them only if it is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The app: its id, or whatever else names it.
    pub app: Option<String>,
    /// The live revision to take over, where the app has several.
    pub revision: Option<ComposeHash>,
    /// Where it shall run.
    pub node: Option<Node>,
    /// The compose file.
    pub compose: Option<Text>,
    /// The values of the variables.
    pub variables: Option<Variables>,
    /// The pre-launch script.
    pub script: Option<Text>,
    /// Who registers a compose hash with the app's contract.
    pub registration: Option<Registration>,
}

/// Where it shall run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Wherever the service puts it.
    Auto,
    /// On the nodes of these names or numbers, an instance on each. There is one at least.
    Named(Vec<String>),
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// As the app has it.
    Keep,
    /// This file.
    File(PathBuf),
}

/// Where values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variables {
    /// As the app has them.
    Inherit,
    /// A `.env` file, and the names that are in it; without them any will do.
    File(PathBuf, Option<Vec<String>>),
    /// A file with a ready blob, in hex.
    Blob(PathBuf),
    /// From the keyboard: they are given anew, under these names.
    ByHand(Vec<String>),
}

/// Who registers a compose hash with the app's contract. Nobody signs because of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// Somebody does, and it is waited for.
    Wait,
    /// Others do, with what is written into this new file.
    HandOver(HandOver, PathBuf),
}

/// What is written for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOver {
    /// A file for the Safe's transaction builder.
    Safe,
    /// Commands for Foundry's `cast`.
    Cast,
    /// The bare calls.
    Calldata,
}

impl HandOver {
    /// Every kind, with its word.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("safe", Self::Safe),
        ("cast", Self::Cast),
        ("calldata", Self::Calldata),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Cast => "cast",
            Self::Calldata => "calldata",
        }
    }
}

/// A path in a file, as it is from anywhere: what is not absolute begins at the folder of that file.
fn from(folder: &Path, written: &str) -> PathBuf {
    let path = Path::new(written);
    if path.starts_with("~") {
        // Home is known where files are read.
        return path.to_owned();
    }
    folder.join(path)
}

#[cfg(test)]
mod tests;
