//! How far a question got that was not answered.
//!
//! It tells "was never sent" from "may have arrived", because only after the former may a caller ask again without
//! thinking. It does not decide whether to.

use std::error::Error as StdError;
use std::fmt;

use crate::shown::Shown;

/// How far a question got that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// The host name has no address.
    Lookup,
    /// No connection could be made.
    Connect,
    /// A connection was made, but no secure one.
    Tls,
    /// The time ran out; the request may have arrived.
    TimedOut,
    /// The connection ended early; the request may have arrived.
    Broken,
    /// The request was never sent, because sending it would not have been safe.
    NotSent,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lookup => "the host name has no address",
            Self::Connect => "no connection",
            Self::Tls => "no secure connection",
            Self::TimedOut => "no answer in time",
            Self::Broken => "the connection ended before the answer",
            Self::NotSent => "not sent",
        })
    }
}

/// A question that no answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How far it got.
    pub how: Unreachable,
    /// The innermost cause, with no address in it; may be empty.
    pub cause: Shown,
}

impl Failure {
    pub(super) fn new(how: Unreachable, cause: &str) -> Self {
        Self {
            how,
            cause: Shown::line(cause),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // Only before there is a connection is it sure that nothing was sent, whatever the cause says.
        let how = match &error {
            _ if error.is_builder() => Unreachable::NotSent,
            _ if !error.is_connect() && error.is_timeout() => Unreachable::TimedOut,
            _ if !error.is_connect() => Unreachable::Broken,
            _ if error.is_dns() => Unreachable::Lookup,
            _ if is_tls(&error) => Unreachable::Tls,
            _ => Unreachable::Connect,
        };
        Self::new(how, &root_cause(&error))
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    chain(error).any(<dyn StdError>::is::<rustls::Error>)
}

/// The innermost cause; it says the most, and no address with it.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(
        || "the request cannot be built".to_owned(),
        ToString::to_string,
    )
}

/// The causes of an error, also those that an I/O error wraps without naming them its source.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(inner(error), |cause| inner(*cause))
}

fn inner<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(io) = error.downcast_ref::<std::io::Error>()
        && let Some(wrapped) = io.get_ref()
    {
        return Some(wrapped as &(dyn StdError + 'static));
    }
    error.source()
}
