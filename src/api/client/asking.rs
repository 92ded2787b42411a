//! Asking, again where that may help, and making sense of what comes back.
//!
//! Only reads come past [`Shared::read`], the one place that repeats. No error that leaves here holds a key or a
//! token.

use serde_json::Value;

use super::Limits;
use super::question::Question;
use crate::api::decode::{self, RefusalHead, Unreadable, look};
use crate::api::error::{Error, ErrorKind};
use crate::api::told::{Asking, Head, REQUEST_ID};
use crate::api::types::Prepared;
use crate::http::{Answer, HeaderValue, Open, Transport};
use crate::secret::Secret;
use crate::shown::Shown;

/// Most characters of an unreadable answer that are kept.
const EXCERPT: usize = 400;

/// Shorter secrets than this are not looked for in answers: they would match by accident.
const SHORTEST_SECRET: usize = 8;

/// Names of what holds the address of a log (5.4, 5.6, 9.5). Whoever has one of those may read it.
const LOGS: [&str; 4] = [
    "log_endpoint",
    "syslog_endpoint",
    "container_log_base",
    "\"logs\"",
];

/// What the clones of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) transport: Transport,
    pub(super) key: Option<Secret>,
    /// The key once more, as it is sent.
    pub(super) header: Option<HeaderValue>,
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
        let asking = Asking::begin();
        let attempt = || async {
            let answer = self.ask(&question).await?;
            let head = Head::of(&answer);
            Ok((self.accept(&question, answer, &decode, &[])?, head))
        };
        let (result, tries) = self.limits.patience().repeat(attempt, Error::again).await;
        let came = result.as_ref().map(|(_, head)| head);
        asking.end(&question.asked(), tries, came);
        result
            .map(|(thing, _)| thing)
            .map_err(|error| Error { tries, ..error })
    }

    /// Asks the one time that it is asked, and has the log told.
    pub(super) async fn ask_once(&self, question: &Question) -> Result<Answer, Error> {
        let asking = Asking::begin();
        let answer = self.ask(question).await;
        let head = answer.as_ref().map(Head::of);
        asking.end(&question.asked(), 1, head.as_ref().map_err(|error| *error));
        answer
    }

    /// Asks once and reads the whole answer.
    async fn ask(&self, question: &Question) -> Result<Answer, Error> {
        let request = question.request(self.header.as_ref());
        let answer = self.transport.ask(&request, question.bounds()).await;
        answer.map_err(|failure| question.error(failure.into()))
    }

    /// Asks once and gives back the open answer, for a stream.
    pub(super) async fn open(&self, question: &Question) -> Result<Open, Error> {
        let request = question.request(self.header.as_ref());
        let asking = Asking::begin();
        let open = self.transport.open(&request, question.limit).await;
        let open = open.map_err(|failure| question.error(failure.into()));
        let head = open
            .as_ref()
            .map(|open| Head::new(open.status(), open.header(REQUEST_ID)));
        asking.end(&question.asked(), 1, head.as_ref().map_err(|error| *error));
        open
    }

    /// Sends what may create, once, and takes a 465 for an answer like any other.
    pub(super) async fn create(
        &self,
        question: Question,
        secrets: &[&Secret],
    ) -> Result<Prepared, Error> {
        let answer = self.ask_once(&question).await?;
        if answer.status == 465 {
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
        if answer.is_success() {
            return self.decoded(question, &answer, decode, secrets);
        }
        let body = self.without_secrets(&answer.body, secrets);
        let refusal = decode::refusal(refusal_head(&answer), body.as_bytes());
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
                "the answer is longer than {} KB",
                answer.body.len() >> 10
            )))
        } else {
            decode(&answer.body)
        };
        read.map_err(|Unreadable(cause)| {
            question.error(ErrorKind::Garbled {
                status: answer.status,
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

/// The beginning of an answer, unless it may hold a token that nobody has seen yet, or an address that opens a log.
fn excerpt(body: &str) -> Shown {
    if body.contains("token") {
        return Shown::line("(withheld: it may hold a commit token)");
    }
    if body.contains("device_code") {
        return Shown::line("(withheld: it may hold the code of a login)");
    }
    if LOGS.iter().any(|name| body.contains(name)) {
        return Shown::line("(withheld: it may hold the address of a log)");
    }
    let start: String = body.chars().take(EXCERPT).collect();
    Shown::text(&start)
}

fn refusal_head(answer: &Answer) -> RefusalHead {
    RefusalHead {
        status: answer.status,
        reason: answer.reason().to_owned(),
        request_id: answer.header(REQUEST_ID).map(look::bounded),
        retry_after: answer.retry_after(),
        redirect: answer
            .redirect
            .as_ref()
            .map(|host| look::bounded(host.as_str())),
    }
}
