//! What the commands for scripts say: texts in, a [`Report`] out, for people as lines and for machines as JSON.
//!
//! The verdicts are made in [`trust`](crate::trust) and [`check`](crate::check); here they get names that stay. This
//! room opens no file and prints nothing.

pub mod attestation;
pub mod chain;
pub mod compose_hash;
pub mod encrypt;
pub mod env_file;
pub mod env_key;
pub mod unfinished;

use serde_json::Value;

/// What a command has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One object; its members keep their names.
    pub json: Value,
    /// The same for people.
    pub lines: Vec<String>,
    /// Whether all is well: else the exit code is 1.
    pub is_good: bool,
}
