//! A log of an instance, read from the node that has it (9.6).
//!
//! The service names an address with a token in it. It is asked for anew at each opening, goes nowhere else, and is
//! named by its host alone. The node gets neither our key nor the version of the service we read; what it answers is
//! read only as fast as somebody takes it.

use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::{Client, LARGE_BYTES, Limits, TICKET_BYTES};
use crate::api::decode;
use crate::api::elsewhere;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::log::{Cutter, LogStep};
use crate::api::told::{Asking, Head};
use crate::api::types::{CvmUuid, LogEnd, LogSource};
use crate::http::{Address, Bounds, Failure, Method, Open, Request, Transport, Way};
use crate::secret::Secret;
use crate::secret::mask::Mask;
use crate::shown::Shown;

/// Lines that are asked for of what was written before.
const HISTORY: usize = 1000;

/// Most lines that are told at once.
const BATCH: usize = 2000;

/// How long lines are gathered: a flood comes as some twenty messages a second.
const GATHERED: Duration = Duration::from_millis(50);

impl Client {
    /// A log, from its last lines or from this stamp on, and as it grows. The end is the last item.
    ///
    /// Nothing is asked before the stream is polled. A node that does not let anybody follow gives what it has, and
    /// that is then the end.
    pub fn log(
        &self,
        cvm: &CvmUuid,
        source: LogSource,
        mask: Mask,
        after: Option<Shown>,
    ) -> BoxStream<'static, LogStep> {
        let (client, cvm) = (self.clone(), cvm.clone());
        let opening = async move {
            let opened = async {
                let address = client.log_address(&cvm, &source).await?;
                let limits = client.0.limits;
                let door = Door::new(address, &source, after.as_ref(), mask.clone(), limits);
                let (open, follows) = door.enter().await.map_err(LogEnd::Failed)?;
                let cutter = Cutter::new(&source, mask, after.as_ref());
                Ok(Reader::new(door, open, follows, cutter))
            };
            match opened.await {
                Ok(reader) => reader.steps(),
                Err(end) => stream::iter([LogStep::End(end)]).boxed(),
            }
        };
        stream::once(opening).flatten().boxed()
    }

    /// Where the log is, or why it cannot be read.
    async fn log_address(&self, cvm: &CvmUuid, source: &LogSource) -> Result<Secret, LogEnd> {
        let uuid = cvm.in_path();
        let found = if let LogSource::Container(name) = source {
            let mut question = self.get(["cvms", &uuid, "composition"]);
            question.most = LARGE_BYTES;
            let address = |value: &_| decode::container_log(value, name);
            self.0.read(question, address).await
        } else {
            let mut question = self.get(["cvms", &uuid]);
            question.headers.older = true;
            question.most = LARGE_BYTES;
            self.0.read(question, decode::vm_log).await
        };
        found.map_err(LogEnd::Failed)?
    }
}

/// Where a log is read. It cannot be printed.
struct Door {
    /// As the service named it, with the channel.
    address: Secret,
    /// What is wanted, without `follow`.
    wanted: String,
    /// A node that says no may quote what it has.
    mask: Mask,
    limits: Limits,
}

impl Door {
    fn new(
        address: Secret,
        source: &LogSource,
        after: Option<&Shown>,
        mask: Mask,
        limits: Limits,
    ) -> Self {
        let channel = match source {
            LogSource::Container(_) => None,
            channel => Some(format!("ch={}", channel.word())),
        };
        let address = match channel {
            Some(channel) => with(&address, &channel),
            None => address,
        };
        // Only a stamp is sent, and in the one form that needs no escaping.
        let since = after.and_then(|after| after.as_str().parse::<Timestamp>().ok());
        let wanted = match since {
            Some(since) => format!("text&timestamps&since={since}"),
            None => format!("text&timestamps&tail={HISTORY}&lines={HISTORY}"),
        };
        Self {
            address,
            wanted,
            mask,
            limits,
        }
    }

    /// Opens it, to be followed where the node lets us.
    async fn enter(&self) -> Result<(Open, bool), Error> {
        match self.open(true).await {
            Ok(open) => Ok((open, true)),
            Err(error) if may_be_for_following(&error.kind) => Ok((self.open(false).await?, false)),
            Err(error) => Err(error),
        }
    }

    async fn open(&self, follow: bool) -> Result<Open, Error> {
        let follow = if follow { "follow&" } else { "" };
        let address = with(&self.address, &format!("{follow}{}", self.wanted));
        let address = Address::endpoint(address.expose())
            .map_err(|why| elsewhere::not_sent(&Shown::line("the log"), why))?;
        let asked = Shown::line(&format!("GET {}", address.host()));
        let transport = Transport::new(address, self.limits.connect);
        let asking = Asking::begin();
        let opened = self.asked(&transport).await;
        let opened = opened.map_err(|kind| elsewhere::error(&asked, kind));
        let head = opened.as_ref().map(|open| Head::new(open.status(), None));
        asking.end(&asked, 1, head.as_ref().map_err(|error| *error));
        opened
    }

    async fn asked(&self, transport: &Transport) -> Result<Open, ErrorKind> {
        let request = Request::of(Method::GET, Way::Own);
        let open = transport.open(&request, self.limits.whole).await?;
        let is_page = open.is("text/html");
        if (200..300).contains(&open.status()) && !is_page {
            return Ok(open);
        }
        let bounds = Bounds {
            whole: self.limits.whole,
            most: TICKET_BYTES,
            most_refused: TICKET_BYTES,
        };
        let mut answer = open.whole(bounds).await?;
        let text = String::from_utf8_lossy(&answer.body);
        answer.body = self.mask.hide(&text).into_owned().into_bytes();
        let no_log = "a page, and no log";
        Err(elsewhere::no(answer, transport.address(), no_log))
    }

    /// What this says of a connection to it that failed.
    fn failed(&self, failure: Failure) -> LogEnd {
        let host = crate::http::host(self.address.expose());
        let asked = Shown::line(&format!("GET {host}"));
        LogEnd::Failed(elsewhere::error(&asked, failure.into()))
    }
}

/// The address with this at the end of its query.
fn with(address: &Secret, option: &str) -> Secret {
    let address = address.expose();
    let joint = if address.contains('?') { '&' } else { '?' };
    Secret::new(format!("{address}{joint}{option}"))
}

/// Whether the same may go better without `follow`: a refusal, or a node that says nothing before there is a new line.
fn may_be_for_following(kind: &ErrorKind) -> bool {
    match kind {
        ErrorKind::Refused(refusal) => refusal.status >= 400,
        ErrorKind::Unreachable(how, _) => *how == Unreachable::TimedOut,
        _ => false,
    }
}

/// A log that is open.
struct Reader {
    door: Door,
    follows: bool,
    /// Whether the node said anything.
    heard: bool,
    bytes: BoxStream<'static, Result<Vec<u8>, Failure>>,
    /// What came, and how much of it is cut into lines.
    piece: (Vec<u8>, usize),
    cutter: Cutter,
    /// There will be no more bytes.
    end: Option<LogEnd>,
}

impl Reader {
    fn new(door: Door, open: Open, follows: bool, cutter: Cutter) -> Self {
        Self {
            door,
            follows,
            heard: false,
            bytes: bytes(open),
            piece: (Vec::new(), 0),
            cutter,
            end: None,
        }
    }

    fn steps(self) -> BoxStream<'static, LogStep> {
        stream::unfold(Some(self), |reader| async {
            let mut reader = reader?;
            Some(match reader.next().await {
                LogStep::End(end) => (LogStep::End(end), None),
                step => (step, Some(reader)),
            })
        })
        .boxed()
    }

    async fn next(&mut self) -> LogStep {
        loop {
            self.gather().await;
            let lines = self.cutter.lines(BATCH);
            if !lines.is_empty() {
                return LogStep::Lines(lines);
            }
            let Some(end) = self.end.take() else { continue };
            // It ended without a word: perhaps it cannot be followed, and has something to say all the same.
            if end != LogEnd::Closed || self.heard || !self.follows {
                return LogStep::End(end);
            }
            self.follows = false;
            match self.door.open(false).await {
                Ok(open) => self.bytes = bytes(open),
                Err(error) => return LogStep::End(LogEnd::Failed(error)),
            }
        }
    }

    /// Reads until there are enough lines, or until the first of them waited long enough. A log may be quiet for as
    /// long as it likes.
    async fn gather(&mut self) {
        let mut until: Option<Instant> = None;
        loop {
            self.cut();
            if self.cutter.ready() >= BATCH || self.end.is_some() {
                return;
            }
            if self.cutter.ready() > 0 && until.is_none() {
                until = Some(Instant::now() + GATHERED);
            }
            let next = match until {
                // A stream that always has something would never let the clock be looked at.
                Some(until) if until <= Instant::now() => return,
                Some(until) => match timeout_at(until, self.bytes.next()).await {
                    Ok(next) => next,
                    Err(_) => return,
                },
                None => self.bytes.next().await,
            };
            match next {
                Some(Ok(bytes)) => {
                    self.heard |= !bytes.is_empty();
                    self.piece = (bytes, 0);
                }
                Some(Err(failure)) => {
                    self.cutter.finish(true);
                    self.end = Some(self.door.failed(failure));
                }
                None => {
                    self.cutter.finish(false);
                    self.end = Some(LogEnd::Closed);
                }
            }
        }
    }

    fn cut(&mut self) {
        let (bytes, cut) = &mut self.piece;
        *cut += self.cutter.take(&bytes[*cut..], BATCH);
    }
}

fn bytes(open: Open) -> BoxStream<'static, Result<Vec<u8>, Failure>> {
    open.chunks()
        .map_ok(|chunk| chunk.as_ref().to_vec())
        .boxed()
}
