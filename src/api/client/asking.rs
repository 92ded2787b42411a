//! Asking, again where that may help, and making sense of what comes back.
//!
//! Only reads come past [`Shared::read`], the one place that repeats. No error that leaves here holds a key or a
//! token.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use serde_json::Value;

use super::Limits;
use super::exchange::{Answer, Question, Transport};
use crate::api::decode::{self, Unreadable, look};
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::types::Prepared;
use crate::secret::Secret;
use crate::shown::Shown;

/// Most characters of an unreadable answer that are kept.
const EXCERPT: usize = 400;

/// Shorter secrets than this are not looked for in answers: they would match by accident.
const SHORTEST_SECRET: usize = 8;

/// What the clones of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) transport: Transport,
    pub(super) key: Option<Secret>,
    pub(super) limits: Limits,
}

impl Shared {
    /// Asks until there is an answer that another try would not change.
    pub(super) async fn read<T>(
        &self,
        question: Question,
        decode: impl Fn(&Value) -> Result<T, Unreadable>,
    ) -> Result<T, Error> {
        self.read_bytes(question, |bytes| decode(&decode::json(bytes)?))
            .await
    }

    /// The same, for an answer whose bytes count.
    pub(super) async fn read_bytes<T>(
        &self,
        question: Question,
        decode: impl Fn(&[u8]) -> Result<T, Unreadable>,
    ) -> Result<T, Error> {
        let limits = self.limits;
        let pauses = ExponentialBuilder::new()
            .with_factor(3.0)
            .with_min_delay(limits.first_pause)
            .with_max_delay(limits.longest_pause)
            .with_max_times(limits.tries.saturating_sub(1) as usize)
            .with_jitter();
        let tries = AtomicU32::new(0);
        let attempt = || async {
            tries.fetch_add(1, Ordering::Relaxed);
            let answer = self.transport.ask(&question).await?;
            self.accept(&question, answer, &decode, &[])
        };
        let result = attempt
            .retry(pauses)
            .when(worth_another_try)
            .adjust(|error, pause| longer_of(pause?, retry_after(error), limits))
            .await;
        result.map_err(|error| Error {
            tries: tries.load(Ordering::Relaxed),
            ..error
        })
    }

    /// Sends what may create, once, and takes a 465 for an answer like any other.
    pub(super) async fn create(
        &self,
        question: Question,
        secrets: &[&Secret],
    ) -> Result<Prepared, Error> {
        let answer = self.transport.ask(&question).await?;
        if answer.head.status == 465 {
            let ticket = |bytes: &[u8]| {
                let ticket = decode::ticket(&decode::json(bytes)?)?;
                Ok(Prepared::Ticket(Box::new(ticket)))
            };
            return self.decoded(&question, &answer, ticket, secrets);
        }
        let created = |bytes: &[u8]| {
            let created = decode::created(&decode::json(bytes)?)?;
            Ok(Prepared::Created(Box::new(created)))
        };
        self.accept(&question, answer, created, secrets)
    }

    /// The decoded body of a 2xx, or the refusal in any other.
    pub(super) fn accept<T>(
        &self,
        question: &Question,
        answer: Answer,
        decode: impl Fn(&[u8]) -> Result<T, Unreadable>,
        secrets: &[&Secret],
    ) -> Result<T, Error> {
        if (200..300).contains(&answer.head.status) {
            return self.decoded(question, &answer, decode, secrets);
        }
        let body = self.without_secrets(&answer.body, secrets);
        let refusal = decode::refusal(answer.head, body.as_bytes());
        Err(question.error(ErrorKind::Refused(refusal)))
    }

    fn decoded<T>(
        &self,
        question: &Question,
        answer: &Answer,
        decode: impl Fn(&[u8]) -> Result<T, Unreadable>,
        secrets: &[&Secret],
    ) -> Result<T, Error> {
        let read = if answer.cut {
            Err(Unreadable(format!(
                "the answer is longer than {} KiB",
                answer.body.len() >> 10
            )))
        } else {
            decode(&answer.body)
        };
        read.map_err(|Unreadable(cause)| {
            question.error(ErrorKind::Garbled {
                status: answer.head.status,
                cause: look::bounded(&cause),
                excerpt: excerpt(&self.without_secrets(&answer.body, secrets)),
            })
        })
    }

    /// The answer as text in which our own key and token, should the service repeat them, are masked.
    fn without_secrets(&self, body: &[u8], secrets: &[&Secret]) -> String {
        let mut text = String::from_utf8_lossy(body).into_owned();
        for secret in self.key.iter().chain(secrets.iter().copied()) {
            if secret.len() >= SHORTEST_SECRET {
                text = text.replace(secret.expose(), "****");
            }
        }
        text
    }
}

/// The beginning of an answer, unless it may hold a token that nobody has seen yet.
fn excerpt(body: &str) -> Shown {
    if body.contains("token") {
        return Shown::line("(withheld: it may hold a commit token)");
    }
    let start: String = body.chars().take(EXCERPT).collect();
    Shown::text(&start)
}

/// Whether the same read may go better in a moment.
fn worth_another_try(error: &Error) -> bool {
    match &error.kind {
        ErrorKind::Unreachable(how, _) => matches!(
            how,
            Unreachable::Lookup | Unreachable::Connect | Unreachable::Broken
        ),
        ErrorKind::Refused(refusal) => match refusal.status {
            408 | 425 | 429 | 500 | 502 | 503 | 504 => true,
            // Without a code another operation is in the way; with one it is final.
            409 => refusal.code.is_none(),
            _ => false,
        },
        ErrorKind::Garbled { .. } => false,
    }
}

fn retry_after(error: &Error) -> Option<Duration> {
    match &error.kind {
        ErrorKind::Refused(refusal) => refusal.retry_after.map(Duration::from_secs),
        _ => None,
    }
}

/// Our pause or the service's, whichever is longer; `None` where the service's is too long to wait for.
fn longer_of(pause: Duration, asked: Option<Duration>, limits: Limits) -> Option<Duration> {
    match asked {
        Some(asked) if asked > limits.longest_retry_after => None,
        Some(asked) => Some(pause.max(asked)),
        None => Some(pause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Refusal;

    fn refused(status: u16, code: Option<&str>) -> Error {
        Error {
            asked: "GET /x".into(),
            tries: 1,
            kind: ErrorKind::Refused(Refusal {
                status,
                code: code.map(Shown::line),
                ..Refusal::default()
            }),
        }
    }

    #[test]
    fn only_what_may_go_better_is_tried_again() {
        for status in [408, 409, 425, 429, 500, 502, 503, 504] {
            assert!(worth_another_try(&refused(status, None)), "{status}");
        }
        for status in [301, 307, 400, 401, 402, 403, 404, 405, 410, 422, 465, 501] {
            assert!(!worth_another_try(&refused(status, None)), "{status}");
        }
        assert!(!worth_another_try(&refused(409, Some("ERR-01-004"))));
        for (how, again) in [
            (Unreachable::Lookup, true),
            (Unreachable::Connect, true),
            (Unreachable::Broken, true),
            (Unreachable::Tls, false),
            (Unreachable::TimedOut, false),
            (Unreachable::NotSent, false),
        ] {
            let kind = ErrorKind::Unreachable(how, Shown::default());
            let error = Error {
                kind,
                ..refused(0, None)
            };
            assert_eq!(worth_another_try(&error), again, "{how}");
        }
    }

    #[test]
    fn the_longer_pause_wins_and_a_very_long_one_is_reported() {
        let limits = Limits::default();
        let pause = Duration::from_millis(300);
        let seconds = Duration::from_secs;
        assert_eq!(longer_of(pause, None, limits), Some(pause));
        assert_eq!(longer_of(pause, Some(seconds(0)), limits), Some(pause));
        assert_eq!(
            longer_of(pause, Some(seconds(20)), limits),
            Some(seconds(20))
        );
        assert_eq!(longer_of(pause, Some(seconds(21)), limits), None);
    }
}
