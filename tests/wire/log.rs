//! Logs over real sockets: what is asked of the service and of the node, and how a log ends.

use std::time::Duration;

use futures_util::StreamExt;
use phala_wizard::api::client::{Client, Limits};
use phala_wizard::api::error::{ErrorKind, Unreachable};
use phala_wizard::api::log::LogStep;
use phala_wizard::api::types::{LogEnd, LogLine, LogSource};
use phala_wizard::secret::Secret;
use phala_wizard::secret::mask::Mask;
use phala_wizard::shown::Shown;
use serde_json::json;

use crate::wire::server::{Reply, Server};
use crate::{CVM, KEY, client, client_with, cvm, how, limits};

const NODE_TOKEN: &str = "canary_token_of_a_node";
const LINE: &str = "2026-11-23T16:12:04Z hello\n";

fn composition(endpoint: &str) -> Reply {
    let containers = [json!({"names": ["/web"], "log_endpoint": endpoint})];
    let answer = json!({"is_online": true, "is_public": true, "containers": containers});
    Reply::json(200, &answer.to_string())
}

fn endpoint(node: &Server) -> String {
    format!("{}/log/web?token={NODE_TOKEN}", node.origin())
}

/// A body that ends with its connection.
fn body(text: &str) -> Reply {
    Reply::raw(&format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n{text}"
    ))
    .last()
}

fn web() -> LogSource {
    LogSource::Container("web".into())
}

async fn read(
    client: &Client,
    source: LogSource,
    mask: Mask,
    after: Option<Shown>,
) -> (Vec<LogLine>, LogEnd) {
    let mut steps = client.log(&cvm(), source, mask, after);
    let mut lines = Vec::new();
    loop {
        match steps.next().await.expect("an end comes") {
            LogStep::Lines(more) => {
                assert!(!more.is_empty() && more.len() <= 2000);
                lines.extend(more);
            }
            LogStep::End(end) => {
                assert!(steps.next().await.is_none(), "the end is the last item");
                return (lines, end);
            }
        }
    }
}

/// The log of a container at a node that answers like this, with what the node was asked.
async fn told(replies: Vec<Reply>) -> (Vec<LogLine>, LogEnd, Server) {
    let node = Server::new(replies);
    let service = Server::new([composition(&endpoint(&node))]);
    let (lines, end) = read(&client(&service), web(), Mask::default(), None).await;
    assert!(!format!("{lines:?} {end:?}").contains(NODE_TOKEN));
    (lines, end, node)
}

fn texts(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn the_node_is_asked_without_key_and_version() {
    let (lines, end, node) = told(vec![body(LINE)]).await;
    assert_eq!((texts(&lines), end), (vec!["hello"], LogEnd::Closed));
    assert_eq!(lines[0].at, Some("2026-11-23T16:12:04Z".into()));
    let [request] = &node.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        request.path(),
        format!("/log/web?token={NODE_TOKEN}&follow&text&timestamps&tail=1000&lines=1000")
    );
    let names: Vec<&str> = request.headers().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["accept", "host", "user-agent"]);
    assert!(!node.raw().contains(KEY));
}

#[tokio::test]
async fn the_logs_of_the_vm_are_asked_for_in_the_older_version() {
    for (source, channel) in [
        (LogSource::Serial, "serial"),
        (LogSource::Stdout, "stdout"),
        (LogSource::Stderr, "stderr"),
    ] {
        let node = Server::new([body("oh\n")]);
        let detail = json!({"name": "web", "syslog_endpoint": endpoint(&node)});
        let service = Server::new([Reply::json(200, &detail.to_string())]);
        let (lines, end) = read(&client(&service), source, Mask::default(), None).await;
        assert_eq!((texts(&lines), end), (vec!["oh"], LogEnd::Closed));
        assert_eq!(lines[0].is_error, channel == "stderr");
        let asked = &service.seen()[0];
        assert_eq!(asked.path(), format!("/cvms/{CVM}"));
        assert_eq!(asked.header("x-phala-version"), Some("2025-10-28"));
        assert_eq!(asked.header("x-api-key"), Some(KEY));
        let asked = node.seen()[0].path().to_owned();
        assert!(asked.contains(&format!("?token={NODE_TOKEN}&ch={channel}&follow&")));
    }
    let service = Server::new([Reply::json(200, r#"{"syslog_endpoint": null}"#)]);
    let (_, end) = read(&client(&service), LogSource::Serial, Mask::default(), None).await;
    assert_eq!(end, LogEnd::NoAddress);
}

#[tokio::test]
async fn a_log_goes_on_from_its_last_stamp() {
    let late = "2026-11-23T16:12:05.5Z world\n";
    let node = Server::new([body(&format!("{LINE}{late}"))]);
    let service = Server::new([composition(&endpoint(&node))]);
    let after = Some(Shown::line("2026-11-23T18:12:04+02:00"));
    let (lines, _) = read(&client(&service), web(), Mask::default(), after).await;
    assert_eq!(texts(&lines), ["world"]);
    let asked = node.seen()[0].path().to_owned();
    assert!(asked.ends_with("&follow&text&timestamps&since=2026-11-23T16:12:04Z"));
}

#[tokio::test]
async fn a_node_that_nobody_may_follow_is_asked_for_what_it_has() {
    let no = |status| Reply::json(status, r#"{"error": "no follow"}"#);
    for first in [no(400), no(501), body("")] {
        let (lines, end, node) = told(vec![first, body(LINE)]).await;
        assert_eq!((texts(&lines), end), (vec!["hello"], LogEnd::Closed));
        let seen = node.seen();
        assert_eq!(seen.len(), 2);
        assert!(!seen[1].path().contains("follow"));
        assert!(
            seen[1]
                .path()
                .ends_with("&text&timestamps&tail=1000&lines=1000")
        );
    }
    let (lines, end, node) = told(vec![body(""), body("")]).await;
    assert_eq!((lines, end), (vec![], LogEnd::Closed));
    assert_eq!(node.seen().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_told_by_the_host_alone() {
    let page = "<html>canary_token_of_a_node</html>";
    let html = format!(
        "HTTP/1.1 503 X\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    let (lines, end, node) = told(vec![Reply::raw(&html), Reply::raw(&html)]).await;
    assert!(lines.is_empty());
    let LogEnd::Failed(error) = end else {
        panic!("{end:?}")
    };
    assert_eq!(error.status(), Some(503));
    assert_eq!(error.asked.as_str(), format!("GET {}", node.host()));
    let words = format!("bad token {NODE_TOKEN}");
    let refused = || Reply::json(403, &json!({"message": words}).to_string());
    let (_, end, _) = told(vec![refused(), refused()]).await;
    let LogEnd::Failed(error) = end else {
        panic!("{end:?}")
    };
    assert_eq!(error.to_string(), "bad token **** (HTTP 403)");
}

#[tokio::test]
async fn a_page_is_no_log_and_a_redirect_is_not_followed() {
    let other = Server::new([body(LINE)]);
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let moved = format!(
        "HTTP/1.1 302 X\r\nLocation: {}/x\r\nContent-Length: 0\r\n\r\n",
        other.origin()
    );
    for reply in [page, &moved] {
        let (lines, end, node) = told(vec![Reply::raw(reply)]).await;
        assert!(lines.is_empty());
        assert!(matches!(end, LogEnd::Failed(_)), "{end:?}");
        assert_eq!(node.seen().len(), 1);
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_connection_that_breaks_in_a_line_shows_no_half_of_a_value() {
    let text = "2026-11-23T16:12:04Z one\n2026-11-23T16:12:05Z key hunt";
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n";
    let node = Server::new([Reply::raw(&format!("{head}{text}")).last()]);
    let service = Server::new([composition(&endpoint(&node))]);
    let mask = Mask::new([Secret::new("hunter2")]);
    let (lines, end) = read(&client(&service), web(), mask, None).await;
    assert_eq!(texts(&lines), ["one", "key ****…"]);
    let LogEnd::Failed(error) = end else {
        panic!("{end:?}")
    };
    assert_eq!(how(&error), Some(Unreachable::Broken));
    assert_eq!(error.asked.as_str(), format!("GET {}", node.host()));
}

#[tokio::test]
async fn a_node_that_is_not_there_is_unreachable() {
    let node = Server::new([]);
    let address = endpoint(&node);
    node.stop();
    let service = Server::new([composition(&address)]);
    let (_, end) = read(&client(&service), web(), Mask::default(), None).await;
    let LogEnd::Failed(error) = end else {
        panic!("{end:?}")
    };
    assert!(!format!("{error:?}").contains(NODE_TOKEN));
    assert_eq!(how(&error), Some(Unreachable::Connect));
}

#[tokio::test]
async fn an_address_that_must_not_be_asked_is_not_asked() {
    for address in [
        "http://node.example/log?token=canary_token_of_a_node",
        "https://user:canary_token_of_a_node@node.example/log",
        "canary_token_of_a_node",
        "ftp://127.0.0.1/canary_token_of_a_node",
    ] {
        let service = Server::new([composition(address)]);
        let (_, end) = read(&client(&service), web(), Mask::default(), None).await;
        let LogEnd::Failed(error) = end else {
            panic!("{end:?}")
        };
        assert_eq!(how(&error), Some(Unreachable::NotSent), "{address}");
        assert!(!format!("{error:?}").contains(NODE_TOKEN));
    }
}

#[tokio::test]
async fn a_quiet_log_is_open_and_a_first_line_does_not_wait_for_the_next() {
    let node = Server::new([body(LINE).held()]);
    let service = Server::new([composition(&endpoint(&node))]);
    let limits = Limits {
        silence: Duration::from_millis(20),
        stream: Duration::from_millis(20),
        ..limits()
    };
    let client = client_with(&service, limits);
    let mut steps = client.log(&cvm(), web(), Mask::default(), None);
    let Some(LogStep::Lines(lines)) = steps.next().await else {
        panic!("the line is told")
    };
    assert_eq!(texts(&lines), ["hello"]);
    let more = tokio::time::timeout(Duration::from_millis(300), steps.next()).await;
    assert!(more.is_err(), "silence is no end: {more:?}");
}

#[tokio::test]
async fn a_flood_comes_in_few_messages_and_none_is_lost() {
    let many = 30_000;
    let text: String = (0..many).map(|number| format!("line {number}\n")).collect();
    let node = Server::new([body(&text)]);
    let service = Server::new([composition(&endpoint(&node))]);
    let mut steps = client(&service).log(&cvm(), web(), Mask::default(), None);
    let (mut messages, mut lines) = (0, Vec::new());
    while let Some(LogStep::Lines(more)) = steps.next().await {
        messages += 1;
        lines.extend(more);
    }
    assert_eq!(lines.len(), many);
    assert_eq!(lines[many - 1].text.as_str(), format!("line {}", many - 1));
    assert!(messages <= 200, "{messages} messages");
}

#[tokio::test]
async fn why_there_is_no_log_is_told_without_asking_a_node() {
    for (answer, expected) in [
        (json!({"is_public": false}), LogEnd::Private),
        (
            json!({"is_online": false, "error": "gone"}),
            LogEnd::Offline(Some("gone".into())),
        ),
        (
            json!({"containers": [{"names": ["/web-2"]}]}),
            LogEnd::NoContainer(vec!["web-2".into()]),
        ),
        (
            json!({"containers": [{"names": ["/web"]}]}),
            LogEnd::Private,
        ),
    ] {
        let service = Server::new([Reply::json(200, &answer.to_string())]);
        let (_, end) = read(&client(&service), web(), Mask::default(), None).await;
        assert_eq!(end, expected);
    }
    let service = Server::new([Reply::json(404, "{}")]);
    let (_, end) = read(&client(&service), web(), Mask::default(), None).await;
    assert!(matches!(end, LogEnd::Failed(error) if error.status() == Some(404)));
    let garbled = format!(r#"{{"containers": [{{"log_endpoint": "https://n/{NODE_TOKEN}"#);
    let service = Server::new([Reply::json(200, &garbled)]);
    let (_, end) = read(&client(&service), web(), Mask::default(), None).await;
    let LogEnd::Failed(error) = end else {
        panic!("{end:?}")
    };
    assert!(matches!(error.kind, ErrorKind::Garbled { .. }));
    assert!(!format!("{error:?}").contains(NODE_TOKEN));
}
