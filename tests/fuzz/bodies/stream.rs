//! The live status: what comes out depends on the bytes alone, not on how they were cut on their way, and is what the
//! standard of server-sent events makes of them.

use std::io::Cursor;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use phala_wizard::api::decode;
use phala_wizard::api::error::{Error, ErrorKind};
use phala_wizard::api::stream::states;
use phala_wizard::api::types::State;
use phala_wizard::shown::Shown;
use tokio::runtime::{Builder, Runtime};

use super::safe;

/// Where one event is refused for its length; which events come before it depends on how the bytes were cut.
const LARGEST_EVENT: usize = 64 << 10;
const LONG: Duration = Duration::from_hours(1);

/// Reads the same bytes in one piece, byte by byte, and cut as they say themselves.
pub fn run(data: &[u8]) {
    let whole = read([data]);
    is_well_formed(&whole);
    if data.len() > LARGEST_EVENT {
        return;
    }
    assert_eq!(read(data.chunks(1)), whole);
    assert_eq!(read(uneven(data)), whole);
    if let Ok(text) = std::str::from_utf8(data) {
        is_what_the_standard_says(text, &whole);
    }
}

fn read<'d>(pieces: impl IntoIterator<Item = &'d [u8]>) -> Vec<Result<State, Error>> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_current_thread();
        builder.enable_time().build().expect("a runtime")
    });
    let pieces: Vec<_> = pieces
        .into_iter()
        .map(|piece| Ok(Cursor::new(piece.to_vec())))
        .collect();
    runtime.block_on(async {
        let asked = Shown::line("GET /cvms/x/state");
        states(stream::iter(pieces), asked, LONG, LONG)
            .collect()
            .await
    })
}

/// Pieces whose lengths are told by the bytes.
fn uneven(mut data: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while let [first, ..] = data {
        let length = usize::from(first % 23).min(data.len());
        let (piece, rest) = data.split_at(length.max(1));
        pieces.push(piece);
        data = rest;
    }
    pieces
}

fn is_well_formed(items: &[Result<State, Error>]) {
    let errors = items.iter().filter(|item| item.is_err()).count();
    assert!(errors == 0 || (errors == 1 && items.last().is_some_and(Result::is_err)));
    for item in items {
        match item {
            Ok(state) => {
                let rest = [
                    &state.boot_progress,
                    &state.boot_error,
                    &state.instance_id,
                    &state.uptime,
                ];
                let shown = rest.into_iter().flatten().chain([&state.status]);
                shown.for_each(|shown| safe::line(shown.as_str()));
            }
            Err(error) => error_is_safe_to_show(error),
        }
    }
}

fn error_is_safe_to_show(error: &Error) {
    assert_eq!(error.asked.as_str(), "GET /cvms/x/state");
    match &error.kind {
        ErrorKind::Refused(refusal) => {
            assert!(!refusal.message.is_empty());
            safe::line(refusal.message.as_str());
        }
        ErrorKind::Garbled { cause, excerpt, .. } => {
            safe::line(cause.as_str());
            safe::text(excerpt.as_str());
        }
        ErrorKind::Unreachable(..) | ErrorKind::Unkept { .. } => {
            panic!("nothing was sent that could break, or be kept: {error:?}")
        }
    }
}

/// The standard, read word by word: fields until a blank line, of which the last `event` and every `data` count.
fn is_what_the_standard_says(text: &str, items: &[Result<State, Error>]) {
    let mut items = items.iter();
    let mut event = None;
    let mut data: Option<String> = None;
    for line in lines(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        if !line.is_empty() {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => event = Some(value),
                "data" => {
                    data = Some(match data {
                        Some(before) => format!("{before}\n{value}"),
                        None => value.to_owned(),
                    });
                }
                _ => {}
            }
            continue;
        }
        let data = data.take().unwrap_or_default();
        match event.take() {
            Some("state") => {
                let state = decode::json(data.as_bytes()).and_then(|value| decode::state(&value));
                match (items.next(), state) {
                    (Some(Ok(found)), Ok(state)) => assert_eq!(*found, state),
                    (Some(Err(_)), Err(_)) => return,
                    (found, wanted) => panic!("found {found:?}, not {wanted:?}"),
                }
            }
            Some("complete" | "timeout") => break,
            Some("error") => {
                let is_refusal = |error: &Error| matches!(error.kind, ErrorKind::Refused(_));
                let last = items.next();
                assert!(
                    matches!(last, Some(Err(error)) if is_refusal(error)),
                    "{last:?}"
                );
                return;
            }
            _ => {}
        }
    }
    assert_eq!(items.next(), None, "more than was sent");
}

/// Lines with an end; what follows the last one is not yet said.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        lines.push(&rest[..at]);
        let after = &rest[at..];
        let end = if after.starts_with("\r\n") { 2 } else { 1 };
        rest = &after[end..];
    }
    lines
}
