//! One question and what came back, over reqwest.
//!
//! Time and size are bounded here. Nothing here repeats anything, and nothing knows what the answers mean.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt};
use reqwest::header::{HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::tls::TlsInfo;
use reqwest::{Method, Response, StatusCode, redirect, retry};
use tokio::time::timeout;

use super::failure::root_cause;
use super::{Address, Failure, USER_AGENT, Unreachable};
use crate::shown::Shown;

/// Something to ask of an address. It cannot be printed: body and headers may hold secrets.
pub struct Request {
    /// `GET`, `POST` or `DELETE`.
    pub method: Method,
    /// Segments under the address; none asks the address as it stands.
    pub path: Vec<String>,
    /// Names and values, to be escaped.
    pub query: Vec<(&'static str, String)>,
    /// Beside what HTTP itself adds.
    pub headers: Vec<(&'static str, HeaderValue)>,
    /// What is sent with it.
    pub body: Option<String>,
    /// Over which connection.
    pub way: Way,
}

impl Request {
    /// A request of the address itself, with nothing in it yet.
    pub fn of(method: Method, way: Way) -> Self {
        Self {
            method,
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            way,
        }
    }
}

/// Over which connection a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One that is kept and shared; for reads.
    Shared,
    /// One of its own, for what must not be sent twice.
    ///
    /// For two reasons: hyper sends a request again, unasked, when a kept connection turns out closed before the first
    /// byte went out; that is harmless by its own account, but here nothing has to be believed. And a kept connection
    /// that the other side is just closing would turn an ordinary write into one with an unknown outcome. HTTP/1.1
    /// keeps GOAWAY and REFUSED_STREAM out of the picture.
    Own,
}

/// How long an exchange may take, and how much of an answer is read.
///
/// The head is bounded by hyper: some 400 KiB in HTTP/1, 16 KiB in HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// For the whole exchange.
    pub whole: Duration,
    /// Bytes of the body of a 2xx.
    pub most: usize,
    /// Bytes of any other body.
    pub most_refused: usize,
}

/// Whatever came back, in full. It cannot be printed: it may hold secrets.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where a redirect points: the host, with its port where one is written. It was not followed.
    pub redirect: Option<Shown>,
    /// As much as was read.
    pub body: Vec<u8>,
    /// Whether the answer was longer than we read.
    pub cut: bool,
    head: HeaderMap,
}

impl Answer {
    /// The header of this name, where it is there and ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.get(name)?.to_str().ok()
    }

    /// The usual words of the status, as in `Bad Gateway`; empty where it has none.
    pub fn reason(&self) -> &'static str {
        StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default()
    }

    /// Whether it is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Seconds the other side asks to wait.
    pub fn retry_after(&self) -> Option<u64> {
        self.header(RETRY_AFTER.as_str())?.trim().parse().ok()
    }
}

/// An answer of which only the head has arrived.
pub struct Open {
    response: Response,
    redirect: Option<Shown>,
}

impl Open {
    /// Whether it is a 2xx whose `Content-Type` begins like this.
    pub fn is(&self, kind: &str) -> bool {
        let found = self.response.headers().get("content-type");
        self.response.status().is_success()
            && found.is_some_and(|found| found.as_bytes().starts_with(kind.as_bytes()))
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The header of this name, where it is there and ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The certificate that was shown, in DER, where it came over a secure connection.
    pub fn certificate(&self) -> Option<&[u8]> {
        let about = self.response.extensions().get::<TlsInfo>()?;
        about.peer_certificate()
    }

    /// Reads the rest, as far as the bounds.
    pub async fn whole(self, bounds: Bounds) -> Result<Answer, Failure> {
        timeout(bounds.whole, self.read(bounds))
            .await
            .unwrap_or_else(|_| Err(timed_out()))
    }

    /// The rest, piece by piece, without any bound.
    pub fn chunks(
        self,
    ) -> impl Stream<Item = Result<impl AsRef<[u8]> + Send + 'static, Failure>> + Send + 'static
    {
        self.response.bytes_stream().map_err(Failure::from)
    }

    async fn read(mut self, bounds: Bounds) -> Result<Answer, Failure> {
        let status = self.response.status();
        let most = if status.is_success() {
            bounds.most
        } else {
            bounds.most_refused
        };
        let mut body = Vec::new();
        let mut cut = false;
        while let Some(chunk) = self.response.chunk().await? {
            let room = most - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                cut = true;
                break;
            }
        }
        Ok(Answer {
            status: status.as_u16(),
            redirect: self.redirect,
            body,
            cut,
            head: self.response.headers().clone(),
        })
    }
}

/// The two ways to an address, opened when first used.
pub struct Transport {
    address: Address,
    connect: Duration,
    shared: OnceLock<Result<reqwest::Client, Shown>>,
    own: OnceLock<Result<reqwest::Client, Shown>>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transport").field(&self.address).finish()
    }
}

impl Transport {
    /// Ways to this address that wait so long for a connection, TLS included. Nothing is opened yet.
    pub fn new(address: Address, connect: Duration) -> Self {
        Self {
            address,
            connect,
            shared: OnceLock::new(),
            own: OnceLock::new(),
        }
    }

    /// Where they lead.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Asks once and reads the whole answer.
    pub async fn ask(&self, request: &Request, bounds: Bounds) -> Result<Answer, Failure> {
        let exchange = async { self.send(request).await?.read(bounds).await };
        timeout(bounds.whole, exchange)
            .await
            .unwrap_or_else(|_| Err(timed_out()))
    }

    /// Asks once and gives back the open answer, which has to begin within this time.
    pub async fn open(&self, request: &Request, limit: Duration) -> Result<Open, Failure> {
        timeout(limit, self.send(request))
            .await
            .unwrap_or_else(|_| Err(timed_out()))
    }

    async fn send(&self, request: &Request) -> Result<Open, Failure> {
        let client = self.client(request.way).map_err(|why| Failure {
            how: Unreachable::NotSent,
            cause: why.clone(),
        })?;
        let url = self.address.join(&request.path, &request.query);
        let mut question = client.request(request.method.clone(), url);
        for (name, value) in &request.headers {
            question = question.header(*name, value);
        }
        if let Some(body) = &request.body {
            question = question.body(body.clone());
        }
        let response = question.send().await?;
        let redirect = self.redirect(&response);
        Ok(Open { response, redirect })
    }

    fn redirect(&self, response: &Response) -> Option<Shown> {
        if !response.status().is_redirection() {
            return None;
        }
        let location = response.headers().get(LOCATION)?.to_str().ok()?;
        self.address.redirect_host(location)
    }

    fn client(&self, way: Way) -> Result<&reqwest::Client, &Shown> {
        let slot = match way {
            Way::Shared => &self.shared,
            Way::Own => &self.own,
        };
        slot.get_or_init(|| self.build(way)).as_ref()
    }

    fn build(&self, way: Way) -> Result<reqwest::Client, Shown> {
        // Refused only where one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(HeaderMap::new())
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(self.connect)
            .tls_info(true)
            .referer(false);
        if way == Way::Own {
            builder = builder.http1_only().pool_max_idle_per_host(0);
        }
        if self.address.is_loopback() {
            // What is on this machine is asked directly, and its name is not looked up anywhere.
            let here = [
                SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            ];
            builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
        }
        if !self.address.is_https() {
            // No certificate will be looked at, so the system's roots need not be read.
            builder = builder.tls_certs_only([]);
        }
        builder
            .build()
            .map_err(|error| Shown::line(&root_cause(&error)))
    }
}

fn timed_out() -> Failure {
    Failure::new(Unreachable::TimedOut, "")
}
