//! What each client has to make of the sandbox's answers, call by call.

#[path = "expected/cli.rs"]
mod cli;
#[path = "expected/sdk.rs"]
mod sdk;

use serde_json::{Value, json};

pub use cli::cli;
pub use sdk::{python, typescript};

/// One call and what should come of it.
#[derive(Clone)]
pub struct Expected {
    pub version: Option<String>,
    pub call: String,
    pub expect: Expect,
}

/// What should come of a call.
#[derive(Clone)]
pub enum Expect {
    /// The client takes the answer, and makes this of it.
    Read(Value),
    /// The sandbox says no, and the client says this: its words as `error`, what it read as `parsed`.
    Refused(Value),
    /// The client does not get what it wants, and says so; the reason is known.
    Known {
        reason: &'static str,
        says: &'static str,
    },
    /// The client lists what it can do, and nothing of that is left out here.
    Among(Vec<String>),
}

impl Expect {
    /// As in the table.
    pub fn verdict(&self) -> String {
        match self {
            Self::Read(_) => "read".to_owned(),
            Self::Refused(_) => "refused".to_owned(),
            Self::Known { reason, .. } => format!("known ({reason})"),
            Self::Among(_) => "all called".to_owned(),
        }
    }
}

/// A refusal in these words.
fn says(words: &str) -> Expect {
    Expect::Refused(json!({ "error": format!("~has {words}") }))
}

/// Where no server can please all official clients (the API reference, section 11.3), and what the sandbox does not do,
/// by the letter in the table.
pub const KNOWN: &[(&str, &str)] = &[
    (
        "a",
        "In version 2025-10-28 the Python SDK reads some answers with its newest models, so it wants ids as text where \
         the TypeScript SDK and the command line tool, whose version this is, want numbers.",
    ),
    (
        "b",
        "In version 2026-01-21 the Python SDK wants the id of an instance as a number; the TypeScript SDK and the \
         command line tool, whose default this version is, want text such as `cvm_…`.",
    ),
    (
        "c",
        "Up to version 2026-01-21 the Python SDK reads a created instance as it is listed, with `resource` and an id \
         as text; the TypeScript SDK and the command line tool read it as a VM with a number.",
    ),
    (
        "d",
        "The command line tool wants a `chain` object inside the KMS of a 465, which the real service does not send; \
         a later version of the tool looks it up itself. The scenario `own-key` sends one.",
    ),
    (
        "f",
        "The vendor's description calls a compose file JSON; the TypeScript SDK takes it as text, and text it is by its \
         name.",
    ),
    (
        "g",
        "The description does not mention the stream of states that every official client asks this address for.",
    ),
    (
        "h",
        "The description forgets that there may be no such app or instance, which other operations beside this one \
         answer with 404.",
    ),
    (
        "i",
        "The description forgets the code of a token that is not good, which the vendor's list of errors has.",
    ),
    (
        "j",
        "The description has no answer to stopping what is stopped; the sandbox answers as it does to starting what \
         runs.",
    ),
];

/// What is known, as the README lists it.
pub fn known() -> String {
    KNOWN.iter().fold(String::new(), |list, (letter, reason)| {
        list + "- **" + letter + ".** " + reason + "\n"
    })
}
