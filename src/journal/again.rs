//! Whether a prepare-only request may leave a second time.
//!
//! A request that can create under a new identity is never repeated by the program, only by a person who has seen the
//! facts. So the permission is a value, and there are two ways to get one.

use thiserror::Error;

use super::record::Choice;
use super::state::{Known, State};

/// Permission to prepare once more. It can only be had from [`prepare_again`], and is used up by the record.
#[derive(Debug, PartialEq, Eq)]
pub struct MayPrepare {
    attempt: u32,
}

impl MayPrepare {
    /// Which attempt it will be, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// Why there is no permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WhyNot {
    /// Nothing was sent yet, so there is no again.
    #[error("nothing was sent yet")]
    NothingSent,
    /// The instance exists.
    #[error("the instance exists")]
    Exists,
    /// The intent is closed.
    #[error("this was closed")]
    Closed,
    /// A commit was sent: what it made may still appear.
    #[error("the create request was sent, and what it made may still appear")]
    CommitWasSent,
    /// No contract governs the app: the request before may have created.
    #[error("no contract governs this app, so the first request may have created an instance")]
    MayCreate,
    /// The records contradict each other.
    #[error("the records contradict each other")]
    Contradiction,
}

/// Asks for permission to prepare once more.
///
/// There are two reasons for a yes: a contract governs the app and no commit was ever sent; or a person decided so
/// after the last request that was sent.
pub fn prepare_again(state: &State) -> Result<MayPrepare, WhyNot> {
    let why_not = match state.known() {
        Known::Closed(_) => Some(WhyNot::Closed),
        Known::Created | Known::Running => Some(WhyNot::Exists),
        Known::Contradiction => Some(WhyNot::Contradiction),
        Known::Noted => Some(WhyNot::NothingSent),
        _ if state.decided() == Some(&Choice::PrepareAgain) => None,
        _ if state.sends() > 0 => Some(WhyNot::CommitWasSent),
        _ if !state.intent().is_governed() => Some(WhyNot::MayCreate),
        _ => None,
    };
    match why_not {
        Some(why_not) => Err(why_not),
        None => Ok(MayPrepare {
            attempt: state.attempts().saturating_add(1),
        }),
    }
}

#[cfg(test)]
impl MayPrepare {
    /// For records that nobody may act on.
    pub fn of_test(attempt: u32) -> Self {
        Self { attempt }
    }
}
