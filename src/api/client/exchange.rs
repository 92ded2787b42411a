//! One question and what came back, over reqwest.
//!
//! Time and size are bounded here, and errors of the transport become [`Unreachable`]. Nothing here repeats anything,
//! and nothing knows what the answers mean.

use std::error::Error as StdError;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response, redirect, retry};

use super::base::Base;
use super::{Limits, TICKET_BYTES};
use crate::api::decode::{RefusalHead, look};
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::preview::{Headers, KEY_HEADER, USER_AGENT, headers};
use crate::shown::Shown;

/// Something to ask the service. It cannot be printed: a body may hold a commit token.
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    pub(super) headers: Headers,
    /// How long the whole exchange may take.
    pub(super) limit: Duration,
    /// How many bytes an accepted answer may have.
    pub(super) most: usize,
}

impl Question {
    /// Method and path, with neither query nor body: it may be shown.
    pub(super) fn asked(&self) -> Shown {
        Shown::line(&format!("{} /{}", self.method, self.path.join("/")))
    }

    /// What went wrong with this question.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error {
            asked: self.asked(),
            tries: 1,
            kind,
        }
    }
}

/// Whatever came back, in full. It cannot be printed either, for the same reason.
pub(super) struct Answer {
    pub(super) head: RefusalHead,
    pub(super) body: Vec<u8>,
    /// Whether the answer was longer than we read.
    pub(super) cut: bool,
}

/// Two ways to the service, opened when first used.
///
/// Reads share connections. A write gets a connection of its own, for two reasons: hyper sends a request again, unasked,
/// when a kept connection turns out closed before the first byte went out; that is harmless by its own account, but
/// here nothing has to be believed. And a kept connection that the other side is just closing would turn an ordinary
/// write into one with an unknown outcome. HTTP/1.1 keeps GOAWAY and REFUSED_STREAM out of the picture.
#[derive(Debug)]
pub(super) struct Transport {
    base: Base,
    key: Option<HeaderValue>,
    connect: Duration,
    reads: OnceLock<Result<reqwest::Client, Shown>>,
    writes: OnceLock<Result<reqwest::Client, Shown>>,
}

impl Transport {
    pub(super) fn new(base: Base, key: Option<HeaderValue>, limits: &Limits) -> Self {
        Self {
            base,
            key,
            connect: limits.connect,
            reads: OnceLock::new(),
            writes: OnceLock::new(),
        }
    }

    pub(super) fn base(&self) -> &Base {
        &self.base
    }

    /// Asks once and reads the whole answer.
    pub(super) async fn ask(&self, question: &Question) -> Result<Answer, Error> {
        let exchange = async {
            let response = self.head(question).await?;
            self.answer(question, response).await
        };
        tokio::time::timeout(question.limit, exchange)
            .await
            .unwrap_or_else(|_| Err(timed_out(question, "")))
    }

    /// Asks once and gives back the open answer, for a stream.
    pub(super) async fn open(&self, question: &Question) -> Result<Response, Error> {
        tokio::time::timeout(question.limit, self.head(question))
            .await
            .unwrap_or_else(|_| Err(timed_out(question, "")))
    }

    /// Reads what follows a head, as far as the bound for its status.
    pub(super) async fn answer(
        &self,
        question: &Question,
        mut response: Response,
    ) -> Result<Answer, Error> {
        let head = self.refusal_head(&response);
        let most = if response.status().is_success() {
            question.most
        } else {
            TICKET_BYTES
        };
        let mut body = Vec::new();
        let mut cut = false;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| question.error(unreachable(&error)))?
        {
            let room = most - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                cut = true;
                break;
            }
        }
        Ok(Answer { head, body, cut })
    }

    async fn head(&self, question: &Question) -> Result<Response, Error> {
        let client = self.client(&question.method).map_err(|why| {
            question.error(ErrorKind::Unreachable(Unreachable::NotSent, why.clone()))
        })?;
        let url = self.base.join(&question.path, &question.query);
        let mut request = client.request(question.method.clone(), url);
        if let Some(key) = &self.key {
            request = request.header(KEY_HEADER, key);
        }
        for (name, value) in headers(question.headers) {
            request = request.header(name, value);
        }
        if let Some(body) = &question.body {
            request = request.body(body.clone());
        }
        request
            .send()
            .await
            .map_err(|error| question.error(unreachable(&error)))
    }

    fn refusal_head(&self, response: &Response) -> RefusalHead {
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        RefusalHead {
            status: response.status().as_u16(),
            reason: response
                .status()
                .canonical_reason()
                .unwrap_or_default()
                .to_owned(),
            request_id: header("x-request-id").map(look::bounded),
            retry_after: header(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok()),
            redirect: response
                .status()
                .is_redirection()
                .then(|| header(LOCATION.as_str()))
                .flatten()
                .and_then(|location| self.base.redirect_host(location))
                .map(|host| look::bounded(&host)),
        }
    }

    fn client(&self, method: &Method) -> Result<&reqwest::Client, &Shown> {
        let reads = *method == Method::GET;
        let slot = if reads { &self.reads } else { &self.writes };
        slot.get_or_init(|| self.build(reads)).as_ref()
    }

    fn build(&self, reads: bool) -> Result<reqwest::Client, Shown> {
        // Refused only where one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(HeaderMap::new())
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(self.connect)
            .referer(false);
        if !reads {
            builder = builder.http1_only().pool_max_idle_per_host(0);
        }
        if self.base.is_loopback() {
            // What is on this machine is asked directly, and its name is not looked up anywhere.
            let here = [
                SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            ];
            builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
        }
        if !self.base.is_https() {
            // No certificate will be looked at, so the system's roots need not be read.
            builder = builder.tls_certs_only([]);
        }
        builder
            .build()
            .map_err(|error| Shown::line(&root_cause(&error)))
    }
}

/// The time ran out; where, is told by `cause`.
pub(super) fn timed_out(question: &Question, cause: &str) -> Error {
    question.error(ErrorKind::Unreachable(
        Unreachable::TimedOut,
        Shown::line(cause),
    ))
}

/// How far a request got that was not answered.
pub(super) fn unreachable(error: &reqwest::Error) -> ErrorKind {
    // Only before there is a connection is it sure that nothing was sent, whatever the cause says.
    let how = match error {
        _ if error.is_builder() => Unreachable::NotSent,
        _ if !error.is_connect() && error.is_timeout() => Unreachable::TimedOut,
        _ if !error.is_connect() => Unreachable::Broken,
        _ if error.is_dns() => Unreachable::Lookup,
        _ if is_tls(error) => Unreachable::Tls,
        _ => Unreachable::Connect,
    };
    ErrorKind::Unreachable(how, Shown::line(&root_cause(error)))
}

fn is_tls(error: &reqwest::Error) -> bool {
    chain(error).any(<dyn StdError>::is::<rustls::Error>)
}

/// The innermost cause; it says the most, and no address with it.
fn root_cause(error: &reqwest::Error) -> String {
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
