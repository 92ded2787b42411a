//! The live status as a stream of server-sent events (8.2).
//!
//! A feed, not a verdict: it passes on states until the service closes it, and says why where it ends early. Silence,
//! length and the size of an event are bounded.

use std::future::Future;
use std::io::Cursor;
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream};
use sse_stream::{Sse, SseByteStream};
use tokio::time::{Instant, timeout_at};

use super::decode::{self, Unreadable, look::Look};
use super::error::{Error, ErrorKind, Refusal, Unreachable};
use super::types::State;
use crate::shown::Shown;

/// Most bytes of one event, and so of one line.
const LARGEST_EVENT: usize = 64 << 10;

/// A piece of the stream as it came off the wire.
pub type Chunk = Cursor<Vec<u8>>;

/// What an event means for the one who watches.
#[derive(Debug, PartialEq)]
enum Step {
    State(State),
    /// `complete` or `timeout`: the service is done.
    End,
    /// Something we have no use for.
    Nothing,
}

/// The states of a stream that has yet to be opened; an error in opening it is its only item.
pub(super) fn opened<S>(
    opening: impl Future<Output = Result<S, Error>> + Send + 'static,
) -> BoxStream<'static, Result<State, Error>>
where
    S: Stream<Item = Result<State, Error>> + Send + 'static,
{
    stream::once(opening).try_flatten().boxed()
}

/// Pieces of a body, with the transport's errors as ours.
pub(super) fn chunks<B, E>(
    body: impl Stream<Item = Result<B, E>>,
    mut error: impl FnMut(E) -> Error,
) -> impl Stream<Item = Result<Chunk, Error>>
where
    B: AsRef<[u8]>,
{
    body.map(move |chunk| match chunk {
        Ok(chunk) => Ok(Cursor::new(chunk.as_ref().to_vec())),
        Err(cause) => Err(error(cause)),
    })
}

/// The states in these bytes. Ends at `complete`, at `timeout`, where the bytes end, or after an error.
///
/// `asked` is named in errors. The bytes may be silent for `silence` and last for `whole`; both clocks are tokio's.
pub fn states(
    bytes: impl Stream<Item = Result<Chunk, Error>> + Send + 'static,
    asked: Shown,
    silence: Duration,
    whole: Duration,
) -> impl Stream<Item = Result<State, Error>> + Send + 'static {
    let error = move |kind| Error {
        asked: asked.clone(),
        tries: 1,
        kind,
    };
    let bytes = bounded_events(awake(bytes, silence, whole));
    SseByteStream::new(bytes)
        .map(move |event| match event {
            Ok(event) => step(event).map_err(&error),
            Err(sse_stream::Error::Body(cause)) => Err(match cause.downcast::<BodyError>() {
                Ok(cause) => match *cause {
                    BodyError::Ours(error) => error,
                    BodyError::Kind(kind) => error(kind),
                },
                Err(cause) => error(broken(&cause.to_string())),
            }),
            Err(cause) => Err(error(garbled(&cause.to_string(), ""))),
        })
        .try_take_while(|step| future::ready(Ok(*step != Step::End)))
        .try_filter_map(|step| {
            future::ready(Ok(match step {
                Step::State(state) => Some(state),
                Step::End | Step::Nothing => None,
            }))
        })
        .scan(false, |failed, item| {
            // Whatever comes after an error would be a guess.
            let item = (!*failed).then_some(item);
            *failed = matches!(item, Some(Err(_)));
            future::ready(item)
        })
}

fn step(event: Sse) -> Result<Step, ErrorKind> {
    let data = event.data.unwrap_or_default();
    match event.event.as_deref() {
        Some("state") => decode::json(data.as_bytes())
            .and_then(|value| decode::state(&value))
            .map(Step::State)
            .map_err(|Unreadable(cause)| garbled(&cause, &data)),
        Some("complete" | "timeout") => Ok(Step::End),
        Some("error") => Err(ErrorKind::Refused(trouble(&data))),
        _ => Ok(Step::Nothing),
    }
}

/// An `error` event: `{error, elapsed?, message?}`, or just words.
fn trouble(data: &str) -> Refusal {
    let value = decode::json(data.as_bytes()).unwrap_or(serde_json::Value::from(data));
    let look = Look::new(&value);
    let message = look.at("message").or(look.at("error")).or(look).prose();
    Refusal {
        status: 200,
        message: message.unwrap_or_else(|| Shown::line("the stream reports an error")),
        ..Refusal::default()
    }
}

/// Why there are no more bytes, in the form that the event parser passes on.
#[derive(Debug, thiserror::Error)]
enum BodyError {
    #[error("{0}")]
    Ours(Error),
    #[error("the stream cannot be read on")]
    Kind(ErrorKind),
}

/// Ends with an error when nothing comes for `silence`, or when `whole` is over.
fn awake(
    bytes: impl Stream<Item = Result<Chunk, Error>> + Send + 'static,
    silence: Duration,
    whole: Duration,
) -> impl Stream<Item = Result<Chunk, BodyError>> + Send + 'static {
    let end = Instant::now() + whole;
    stream::unfold(Some(bytes.boxed()), move |bytes| async move {
        let mut bytes = bytes?;
        let limit = end.min(Instant::now() + silence);
        match timeout_at(limit, bytes.next()).await {
            Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(bytes))),
            Ok(Some(Err(error))) => Some((Err(BodyError::Ours(error)), None)),
            Ok(None) => None,
            Err(_) => {
                let cause = if limit == end {
                    "the stream does not end"
                } else {
                    "the stream fell silent"
                };
                Some((Err(BodyError::Kind(broken(cause))), None))
            }
        }
    })
}

/// Ends with an error when an event, or a line in it, has no end.
fn bounded_events(
    bytes: impl Stream<Item = Result<Chunk, BodyError>> + Send + 'static,
) -> impl Stream<Item = Result<Chunk, BodyError>> + Send + 'static {
    let mut event = EventSize::default();
    bytes.map(move |chunk| {
        let chunk = chunk?;
        if event.grows(chunk.get_ref()) > LARGEST_EVENT {
            let cause = format!("an event is longer than {} KB", LARGEST_EVENT >> 10);
            return Err(BodyError::Kind(garbled(&cause, "")));
        }
        Ok(chunk)
    })
}

/// Counts the bytes since the last blank line.
#[derive(Default)]
struct EventSize {
    size: usize,
    line: usize,
    after_return: bool,
}

impl EventSize {
    /// The largest size that an event reached inside this chunk.
    fn grows(&mut self, chunk: &[u8]) -> usize {
        let mut largest = 0;
        for byte in chunk {
            match byte {
                b'\n' if self.after_return => {}
                b'\r' | b'\n' if self.line == 0 => self.size = 0,
                b'\r' | b'\n' => self.line = 0,
                _ => self.line += 1,
            }
            self.after_return = *byte == b'\r';
            self.size += 1;
            largest = largest.max(self.size);
        }
        largest
    }
}

fn broken(cause: &str) -> ErrorKind {
    ErrorKind::Unreachable(Unreachable::Broken, Shown::line(cause))
}

fn garbled(cause: &str, data: &str) -> ErrorKind {
    ErrorKind::Garbled {
        status: 200,
        cause: Shown::line(cause),
        excerpt: Shown::text(&data.chars().take(400).collect::<String>()),
    }
}
