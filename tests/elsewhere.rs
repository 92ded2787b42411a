//! What is read from others than the service, over real sockets: a contract from a node, Intel's lists from a server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[path = "elsewhere/account.rs"]
mod account;
#[path = "elsewhere/app.rs"]
mod app;
#[path = "elsewhere/chain.rs"]
mod chain;
#[path = "elsewhere/node.rs"]
mod node;
#[path = "elsewhere/pccs.rs"]
mod pccs;
#[path = "elsewhere/pretend.rs"]
mod pretend;
#[path = "elsewhere/recorded.rs"]
mod recorded;
#[path = "wire/server.rs"]
#[allow(dead_code, reason = "a service of its own needs more of it")]
mod server;
#[path = "elsewhere/signed.rs"]
mod signed;

use std::time::Duration;

use phala_wizard::api::elsewhere::Limits;
use phala_wizard::api::error::{Error, ErrorKind, Refusal, Unreachable};
use phala_wizard::http::Patience;

/// The real rules with pauses that a test does not feel.
fn limits() -> Limits {
    Limits {
        patience: Patience {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(2),
            ..Patience::default()
        },
        ..Limits::default()
    }
}

fn how(error: &Error) -> Unreachable {
    match &error.kind {
        ErrorKind::Unreachable(how, _) => *how,
        other => panic!("{other:?}"),
    }
}

fn refusal(error: &Error) -> &Refusal {
    match &error.kind {
        ErrorKind::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// What could not be read, and the beginning of it.
fn garbled(error: &Error) -> (&str, &str) {
    match &error.kind {
        ErrorKind::Garbled { cause, excerpt, .. } => (cause.as_str(), excerpt.as_str()),
        other => panic!("{other:?}"),
    }
}
