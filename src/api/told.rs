//! What the log says of a question: how it was put and how it came out, and nothing that was in it.
//!
//! Costs next to nothing where nobody listens.

use std::time::Instant;

use super::decode::look;
use super::error::{Error, ErrorKind};
use crate::http::Answer;
use crate::shown::Shown;

/// The header with the service's id for a request.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// What may be said of an answer.
#[derive(Debug, Clone)]
pub(super) struct Head {
    status: u16,
    request_id: Option<Shown>,
}

impl Head {
    /// Of an answer in full.
    pub(super) fn of(answer: &Answer) -> Self {
        Self::new(answer.status, answer.header(REQUEST_ID))
    }

    /// Of a status and the service's id for the request.
    pub(super) fn new(status: u16, request_id: Option<&str>) -> Self {
        Self {
            status,
            request_id: request_id.map(look::bounded),
        }
    }
}

/// A question that is under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking(Instant);

impl Asking {
    /// From now on.
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Tells how it came out, after so many tries. `asked`: method and path, without a query.
    pub(super) fn end(self, asked: &Shown, tries: u32, came: Result<&Head, &Error>) {
        let ms = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        let asked = asked.as_str();
        match came {
            Ok(Head { status, request_id }) => {
                let id = request_id.as_ref().map(Shown::as_str);
                tracing::info!(asked, status, tries, ms, request_id = id, "answered");
            }
            Err(error) => {
                let id = error.request_id().map(Shown::as_str);
                let status = error.status();
                let how = match &error.kind {
                    ErrorKind::Unreachable(how, _) => format!("{how:?}"),
                    ErrorKind::Refused(_) => "Refused".to_owned(),
                    ErrorKind::Garbled { .. } => "Garbled".to_owned(),
                    ErrorKind::Unkept { .. } => "Unkept".to_owned(),
                };
                tracing::info!(
                    asked,
                    status,
                    tries,
                    ms,
                    request_id = id,
                    how,
                    "not answered"
                );
            }
        }
    }
}
