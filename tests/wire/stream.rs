//! The live status over real sockets: states, silence, cuts and floods.

use std::time::Duration;

use futures_util::StreamExt;
use phala_wizard::api::client::{Client, Limits};
use phala_wizard::api::error::{Error, ErrorKind, Unreachable};
use phala_wizard::api::types::State;

use crate::wire::server::{Reply, Server};
use crate::{CVM, KEY, client, client_with, cvm, how, limits};

const STREAM: &str = include_str!("../answers/stream.txt");

async fn states(client: &Client) -> (Vec<State>, Option<Error>) {
    let mut states = Vec::new();
    let mut stream = client.stream(&cvm());
    while let Some(item) = stream.next().await {
        match item {
            Ok(state) => states.push(state),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an error is the last item");
                return (states, Some(error));
            }
        }
    }
    (states, None)
}

fn words(states: &[State]) -> Vec<&str> {
    states.iter().map(|state| state.status.as_str()).collect()
}

#[tokio::test]
async fn a_stream_gives_the_states_until_it_is_complete() {
    let crlf = STREAM.replace('\n', "\r\n");
    for text in [STREAM, &crlf] {
        let after = format!("{text}\nevent: state\ndata: {{\"status\": \"late\"}}\n\n");
        let server = Server::new([Reply::events(&after)]);
        let (states, error) = states(&client(&server)).await;
        assert_eq!(error, None);
        assert_eq!(
            words(&states),
            [
                "creating", "creating", "starting", "starting", "starting", "starting", "running"
            ]
        );
        assert_eq!(states[6].boot_progress, Some("done".into()));
        let seen = server.seen();
        assert_eq!(
            seen[0].path(),
            format!("/cvms/{CVM}/state?target=running&interval=5&timeout=600")
        );
        assert_eq!(seen[0].header("accept"), Some("text/event-stream"));
        assert_eq!(seen[0].header("cache-control"), Some("no-cache"));
        assert_eq!(seen[0].header("x-api-key"), Some(KEY));
    }
}

#[tokio::test]
async fn a_stream_ends_quietly_at_its_time_limit_and_where_it_is_closed() {
    let state = "event: state\ndata: {\"status\": \"starting\"}\n\n";
    for end in ["event: timeout\ndata: {\"error\": \"x\"}\n\n", ""] {
        let server = Server::new([Reply::events(&format!("{state}{end}"))]);
        let (states, error) = states(&client(&server)).await;
        assert_eq!((words(&states), error), (vec!["starting"], None));
    }
}

#[tokio::test]
async fn odd_events_are_passed_over() {
    let text = ": ping\n\ndata: {\"status\": \"nameless\"}\n\nevent: news\ndata: x\n\nid: 7\nretry: 5\n\n\
        event: state\ndata: {\"status\":\ndata:  \"several lines\"}\n\nevent: complete\n\n";
    let server = Server::new([Reply::events(text)]);
    let (states, error) = states(&client(&server)).await;
    assert_eq!((words(&states), error), (vec!["several lines"], None));
}

#[tokio::test]
async fn trouble_on_a_stream_is_told() {
    let state = "event: state\ndata: {\"status\": \"starting\"}\n\n";
    for (trouble, told) in [
        (
            "event: error\ndata: {\"error\": \"backend\", \"message\": \"node lost\"}\n\n",
            "node lost",
        ),
        ("event: error\ndata: plain words\n\n", "plain words"),
        ("event: error\n\n", "the stream reports an error"),
        ("event: state\ndata: {oops\n\n", "not JSON"),
        ("event: state\ndata: []\n\n", "expected an object"),
    ] {
        let server = Server::new([Reply::events(&format!("{state}{trouble}{state}"))]);
        let (states, error) = states(&client(&server)).await;
        assert_eq!(words(&states), ["starting"], "{trouble}");
        let error = error.expect("an error");
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(error.asked.as_str(), format!("GET /cvms/{CVM}/state"));
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_broken() {
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    let event = "event: state\ndata: {\"status\": \"starting\"}\n\n";
    let cut = format!("{head}{:x}\r\n{event}\r\n40\r\nevent: st", event.len());
    let server = Server::new([Reply::raw(&cut).last()]);
    let (states, error) = states(&client(&server)).await;
    assert_eq!(words(&states), ["starting"]);
    assert_eq!(how(&error.expect("an error")), Some(Unreachable::Broken));
}

#[tokio::test]
async fn a_stream_that_falls_silent_or_does_not_end_is_broken() {
    let event = "event: state\ndata: {\"status\": \"starting\"}\n\n";
    for (silence, stream, told) in [(30, 10_000, "silent"), (10_000, 30, "does not end")] {
        let limits = Limits {
            silence: Duration::from_millis(silence),
            stream: Duration::from_millis(stream),
            ..limits()
        };
        let server = Server::new([Reply::events(event).held()]);
        let (states, error) = states(&client_with(&server, limits)).await;
        assert_eq!(words(&states), ["starting"]);
        let error = error.expect("an error");
        assert_eq!(how(&error), Some(Unreachable::Broken));
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn an_event_without_end_is_refused() {
    let line = format!(
        "event: state\ndata: {{\"status\": \"{}\"}}\n\n",
        "x".repeat(70_000)
    );
    let lines = format!("event: state\n{}\n", "data: x\n".repeat(9_000));
    for text in [
        line.clone(),
        lines.clone(),
        line.replace('\n', "\r\n"),
        lines.replace('\n', "\r\n"),
    ] {
        let server = Server::new([Reply::events(&text)]);
        let (states, error) = states(&client(&server)).await;
        assert!(states.is_empty());
        let error = error.expect("an error");
        assert!(error.to_string().contains("longer than 64 KB"), "{error}");
    }
    // Many small events may be longer than that together.
    let many = "event: state\r\ndata: {\"status\": \"a\"}\r\n\r\n".repeat(4_000);
    let server = Server::new([Reply::events(&many)]);
    let (states, error) = states(&client(&server)).await;
    assert_eq!((states.len(), error), (4_000, None));
}

#[tokio::test]
async fn what_is_no_stream_is_an_error() {
    let state = include_str!("../answers/state.json");
    let server = Server::new([
        Reply::json(200, state),
        Reply::json(404, r#"{"error_code": "ERR-03-001", "message": "gone"}"#),
        Reply::json(429, "{}"),
        Reply::ReadAndDrop,
    ]);
    let client = client(&server);
    let mut errors = Vec::new();
    for _ in 0..4 {
        let (states, error) = states(&client).await;
        assert!(states.is_empty());
        errors.push(error.expect("an error"));
    }
    assert!(matches!(
        errors[0].kind,
        ErrorKind::Garbled { status: 200, .. }
    ));
    assert_eq!(errors[1].code(), Some("ERR-03-001"));
    assert_eq!(errors[2].status(), Some(429));
    assert_eq!(how(&errors[3]), Some(Unreachable::Broken));
    assert_eq!(server.seen().len(), 4, "opening is tried once");
}
