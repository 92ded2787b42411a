//! The client over real sockets: what leaves, what is let in, and what is never sent twice.
#![allow(
    clippy::expect_used,
    reason = "a panic in a test's own machinery is a message to us"
)]

mod wire {
    mod cockpit;
    mod log;
    mod login;
    mod new_app;
    pub(crate) mod server;
    mod stream;
}

use std::time::Duration;

use futures_util::StreamExt;
use phala_wizard::api::client::{Client, Limits};
use phala_wizard::api::error::{Error, ErrorKind, Unreachable};
use phala_wizard::api::preview::preview;
use phala_wizard::api::types::{
    AppId, ComposeHash, CvmUuid, DeviceId, NodeId, Plan, Prepared, Proof, TransactionHash,
};
use phala_wizard::secret::Secret;
use wire::server::{Reply, Seen, Server};

const KEY: &str = "phak_sandbox_key";
const TOKEN: &str = "54ce8e5d-284b-41dd-a78e-5ba38a1f9001";
const APP: &str = "09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3";
const HASH: &str = "2bad8ffb3d8b28b0de1eac03e5a1de0aa307438376d56f41ed98e32145881894";
const CVM: &str = "fafb32a58bee42c0a39ebc7327bec98f";

const TICKET: &str = include_str!("answers/prepare_465.json");
const CREATED: &str = include_str!("answers/created.json");
const IDENTITY: &str = include_str!("answers/identity.json");

/// The real rules with pauses that a test does not feel.
fn limits() -> Limits {
    Limits {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        ..Limits::default()
    }
}

fn client(server: &Server) -> Client {
    client_with(server, limits())
}

fn client_with(server: &Server, limits: Limits) -> Client {
    Client::with_limits(&server.base, Some(Secret::new(KEY)), limits).expect("a client")
}

fn app() -> AppId {
    AppId::parse(APP).expect("an app id")
}

fn hash() -> ComposeHash {
    ComposeHash::parse(HASH).expect("a hash")
}

fn cvm() -> CvmUuid {
    CvmUuid::parse(CVM).expect("a uuid")
}

fn plan() -> Plan {
    Plan {
        app: app(),
        name: "web".into(),
        node: Some(NodeId(12)),
        revision: None,
        compose: Some("services:\n  web:\n    image: nginx:1.28\n".to_owned()),
        env: None,
        script: None,
        making: phala_wizard::api::types::Making::Instance,
    }
}

async fn commit(client: &Client) -> Result<Prepared, Error> {
    let transaction = TransactionHash::parse(&"11".repeat(32)).expect("a hash");
    let proof = Proof::Transaction(transaction);
    client
        .commit(app(), &Secret::new(TOKEN), hash(), proof)
        .await
}

fn how(error: &Error) -> Option<Unreachable> {
    match &error.kind {
        ErrorKind::Unreachable(how, _) => Some(*how),
        _ => None,
    }
}

#[tokio::test]
async fn a_prepare_is_the_recorded_request() {
    let server = Server::new([Reply::json(465, TICKET)]);
    let prepared = client(&server).prepare(&plan()).await.expect("a ticket");
    assert!(matches!(prepared, Prepared::Ticket(ticket) if ticket.compose_hash == hash()));
    let [request] = &server.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        request.line,
        format!("POST /api/v1/apps/{APP}/instances HTTP/1.1")
    );
    assert_eq!(
        request.body,
        r#"{"node_id":12,"docker_compose_file":"services:\n  web:\n    image: nginx:1.28\n"}"#
    );
    let version = format!("phala-wizard/{}", env!("CARGO_PKG_VERSION"));
    let host = server.host();
    let expected = [
        ("accept", "application/json"),
        ("content-length", "81"),
        ("content-type", "application/json"),
        ("host", host.as_str()),
        ("user-agent", version.as_str()),
        ("x-api-key", KEY),
        ("x-phala-version", "2026-01-21"),
        ("x-prepare-only", "true"),
    ];
    assert_eq!(request.headers(), expected);
}

#[tokio::test]
async fn a_commit_is_the_recorded_request() {
    let server = Server::new([Reply::json(200, CREATED)]);
    let created = commit(&client(&server)).await.expect("an instance");
    assert!(matches!(created, Prepared::Created(vm) if vm.name.as_str() == "inst-4112"));
    let [request] = &server.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        request.line,
        format!("POST /api/v1/apps/{APP}/instances HTTP/1.1")
    );
    let transaction = "11".repeat(32);
    assert_eq!(
        request.body,
        format!(
            r#"{{"token":"{TOKEN}","compose_hash":"{HASH}","transaction_hash":"0x{transaction}"}}"#
        )
    );
    assert_eq!(request.header("x-prepare-only"), None);
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn every_read_asks_where_the_reference_says() {
    let server = Server::new((0..13).map(|_| Reply::json(404, "{}")));
    let client = client(&server);
    let _ = client.who_am_i().await;
    let _ = client.apps(2, None).await;
    let _ = client.apps(1, Some("a&b c")).await;
    let _ = client.app(app()).await;
    let _ = client.instances(app()).await;
    let _ = client.nodes().await;
    let _ = client.allowlist(app()).await;
    let _ = client.quotas("sandbox-team").await;
    let _ = client.document(&cvm()).await;
    let _ = client.env_key("base", app()).await;
    let _ = client.state(&cvm()).await;
    let _ = client.network(&cvm()).await;
    let _ = client.composition(&cvm()).await;
    let seen = server.seen();
    let asked: Vec<_> = seen.iter().map(Seen::path).collect();
    let expected = [
        "/auth/me".to_owned(),
        "/apps?page=2&page_size=50".to_owned(),
        "/apps?page=1&page_size=50&search=a%26b+c".to_owned(),
        format!("/apps/{APP}"),
        format!("/apps/{APP}/cvms"),
        "/teepods/available".to_owned(),
        format!("/apps/{APP}/device-allowlist"),
        "/workspaces/sandbox-team/quotas".to_owned(),
        format!("/cvms/{CVM}/compose_file"),
        format!("/kms/base/pubkey/{APP}"),
        format!("/cvms/{CVM}/state"),
        format!("/cvms/{CVM}/network"),
        format!("/cvms/{CVM}/composition"),
    ];
    assert_eq!(asked, expected);
    for request in &seen {
        assert!(request.line.starts_with("GET "), "{}", request.line);
        assert_eq!(request.header("x-api-key"), Some(KEY));
        assert_eq!(request.header("content-type"), None);
        assert_eq!(request.header("accept-encoding"), None);
        assert_eq!(request.header("cookie"), None);
        assert_eq!(request.body, "");
    }
}

#[tokio::test]
async fn the_contract_is_asked_about_hash_and_device() {
    let server = Server::new([
        Reply::json(200, include_str!("answers/permission.json")),
        Reply::json(200, r#"{"compose_hash_allowed": true}"#),
    ]);
    let client = client(&server);
    let device = DeviceId::parse(&"ab".repeat(32));
    // The sample is about another hash than the one asked for.
    let other = client.is_allowed(app(), hash(), device).await;
    assert!(matches!(other, Err(error) if matches!(error.kind, ErrorKind::Garbled { .. })));
    let permission = client.is_allowed(app(), hash(), None).await;
    assert!(permission.expect("an answer").hash);
    let seen = server.seen();
    let device = "ab".repeat(32);
    assert_eq!(seen[0].path(), format!("/apps/{APP}/is-allowed"));
    assert_eq!(
        seen[0].body,
        format!(r#"{{"compose_hash":"{HASH}","device_id":"{device}"}}"#)
    );
    assert_eq!(seen[1].body, format!(r#"{{"compose_hash":"{HASH}"}}"#));
}

#[tokio::test]
async fn the_preview_is_what_is_sent() {
    let server = Server::new([Reply::json(465, TICKET)]);
    let client = client(&server);
    let preview = preview(client.base(), &plan(), &Secret::new(KEY).tail());
    let _ = client.prepare(&plan()).await;
    let seen = server.seen();
    assert_eq!(
        format!(
            "{} {} HTTP/1.1",
            preview.method,
            preview.url.replace(&server.origin(), "")
        ),
        seen[0].line
    );
    assert_eq!(preview.body, seen[0].body);
    let mut shown: Vec<_> = preview
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    shown.sort();
    let sent: Vec<_> = seen[0]
        .headers()
        .into_iter()
        .filter(|(name, _)| *name != "host")
        .map(|(name, value)| (name.to_owned(), value.replace(KEY, "****_key")))
        .collect();
    assert_eq!(shown, sent);
}

#[cfg(unix)]
#[test]
fn a_real_shell_gives_curl_the_body_and_the_key() {
    let awkward = Plan {
        compose: Some("a: 'it''s' \"$HOME\" `id` \\n %s \\\\\r\n".to_owned()),
        script: Some("x".repeat(200_000)),
        ..plan()
    };
    let preview = preview("http://127.0.0.1:1/api/v1", &awkward, "****_key");
    // Instead of curl: what it would read from its two inputs, and none of its arguments.
    let script = format!(
        "curl() {{ cat; printf '\\n'; cat <&3; }}\n{}",
        preview.as_curl()
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("script");
    std::fs::write(&path, script).expect("a script");
    let output = std::process::Command::new("sh")
        .arg(path)
        .env("PHALA_CLOUD_API_KEY", "a b$c")
        .output()
        .expect("a shell");
    let read = String::from_utf8(output.stdout).expect("text");
    let (body, key) = read.split_once('\n').expect("two inputs");
    assert_eq!(body, preview.body);
    assert_eq!(key, "X-API-Key: a b$c\n");
}

/// Everything that may go wrong with a request, and what is known afterwards.
fn accidents() -> Vec<(&'static str, Reply)> {
    vec![
        ("dropped before it was read", Reply::Drop),
        ("read and not answered", Reply::ReadAndDrop),
        (
            "answered with half a head",
            Reply::raw("HTTP/1.1 200 OK\r\nContent-Le").last(),
        ),
        (
            "answered with half a body",
            Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"name\":").last(),
        ),
        ("408", Reply::json(408, "{}")),
        (
            "429",
            Reply::raw("HTTP/1.1 429 X\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}"),
        ),
        ("500", Reply::json(500, "{}")),
        (
            "502 HTML",
            Reply::raw("HTTP/1.1 502 X\r\nContent-Length: 6\r\n\r\n<html>"),
        ),
        ("503", Reply::json(503, "{}")),
        (
            "409 without a code",
            Reply::json(409, r#"{"detail": "busy"}"#),
        ),
        (
            "307",
            Reply::raw("HTTP/1.1 307 X\r\nLocation: /api/v1/x\r\nContent-Length: 0\r\n\r\n"),
        ),
        ("204", Reply::raw("HTTP/1.1 204 No Content\r\n\r\n")),
        ("200 HTML", Reply::json(200, "<html>")),
        ("200 about nothing", Reply::json(200, "{}")),
    ]
}

#[tokio::test]
async fn what_may_create_is_sent_once_whatever_happens() {
    for (what, reply) in accidents() {
        for prepares in [true, false] {
            let server = Server::new([reply.clone(), Reply::json(200, CREATED)]);
            let client = client(&server);
            let result = if prepares {
                client.prepare(&plan()).await
            } else {
                commit(&client).await
            };
            let error = result.expect_err(what);
            assert_eq!(error.tries, 1, "{what}");
            assert!(error.may_have_acted(), "{what}: {error:?}");
            assert_eq!(server.connections(), 1, "{what}");
            let requests = usize::from(!matches!(reply, Reply::Drop));
            assert_eq!(server.seen().len(), requests, "{what}");
        }
    }
}

#[tokio::test]
async fn a_question_by_post_is_sent_once_too() {
    for (what, reply) in accidents() {
        let server = Server::new([reply, Reply::json(200, "{}")]);
        let _ = client(&server).is_allowed(app(), hash(), None).await;
        assert_eq!(server.connections(), 1, "{what}");
        assert!(server.seen().len() <= 1, "{what}");
    }
}

#[tokio::test]
async fn a_write_never_takes_a_kept_connection() {
    let server = Server::new([
        Reply::json(200, IDENTITY),
        Reply::json(200, IDENTITY),
        Reply::json(465, TICKET),
        Reply::json(200, CREATED),
    ]);
    let client = client(&server);
    client.who_am_i().await.expect("an identity");
    client.who_am_i().await.expect("an identity");
    assert_eq!(server.connections(), 1, "reads share a connection");
    client.prepare(&plan()).await.expect("a ticket");
    commit(&client).await.expect("an instance");
    assert_eq!(server.connections(), 3, "writes do not");
}

#[tokio::test]
async fn a_definite_no_is_one() {
    for (status, body) in [
        (400, r#"{"error_code": "ERR-02-005", "message": "full"}"#),
        (401, r#"{"detail": "no key"}"#),
        (402, r#"{"error_code": "ERR-04-001", "message": "balance"}"#),
        (422, include_str!("answers/refused_422.json")),
        (466, include_str!("answers/refused_466.json")),
        (467, r#"{"error_code": "ERR-01-007", "message": "no"}"#),
        (468, r#"{"error_code": "ERR-01-008", "message": "no"}"#),
    ] {
        let server = Server::new([Reply::json(status, body)]);
        let error = commit(&client(&server)).await.expect_err("a refusal");
        assert_eq!(error.status(), Some(status));
        assert!(!error.may_have_acted(), "{status}");
        assert_eq!(error.asked.as_str(), format!("POST /apps/{APP}/instances"));
    }
}

#[tokio::test]
async fn a_465_to_a_commit_is_a_new_ticket() {
    let server = Server::new([Reply::json(465, TICKET), Reply::json(200, IDENTITY)]);
    let client = client(&server);
    // As the shell asks: each question in a task of its own.
    let asking = client.clone();
    let answer = tokio::spawn(async move { commit(&asking).await });
    let answer = answer.await.expect("a task").expect("a ticket");
    assert!(matches!(answer, Prepared::Ticket(_)));
    let identity = tokio::spawn(async move { client.who_am_i().await });
    assert!(identity.await.expect("a task").is_ok());
}

#[tokio::test]
async fn an_unreadable_ticket_gives_no_token_away() {
    let long = format!(
        "{{\"commit_token\": \"{TOKEN}\", \"x\": \"{}\"}}",
        "y".repeat(70_000)
    );
    for (body, cause) in [
        (
            TICKET.replace("\"compose_hash\",", "\"other\","),
            "compose_hash",
        ),
        (
            TICKET.replace("\"commit_token\"", "\"other\""),
            "commit_token",
        ),
        (long, "longer than 64 KB"),
    ] {
        let server = Server::new([Reply::json(465, &body)]);
        let error = client(&server).prepare(&plan()).await.expect_err(cause);
        assert!(error.to_string().contains(cause), "{error}");
        assert!(error.may_have_acted(), "a ticket may have been issued");
        for token in ["4a46de97", TOKEN] {
            assert!(!format!("{error:?}").contains(token), "{cause}");
        }
    }
}

#[tokio::test]
async fn our_secrets_are_masked_where_the_service_repeats_them() {
    let echo = format!(
        r#"{{"error_code": "E", "message": "bad {KEY} and {TOKEN}", "details":
        [{{"field": "x", "value": "{TOKEN}"}}], "request_id": "{KEY}"}}"#
    );
    for (status, body) in [
        (400, echo.as_str()),
        (500, KEY),
        (200, KEY),
        (200, TOKEN),
        (465, KEY),
    ] {
        let server = Server::new([Reply::json(status, body)]);
        let error = commit(&client(&server)).await.expect_err("an error");
        let printed = format!("{error:?} {error}");
        assert!(
            !printed.contains(KEY) && !printed.contains(TOKEN),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn a_read_is_repeated_until_it_works() {
    let server = Server::new([
        Reply::json(503, "{}"),
        Reply::ReadAndDrop,
        Reply::json(409, r#"{"detail": "busy"}"#),
        Reply::json(200, IDENTITY),
    ]);
    let identity = client(&server).who_am_i().await.expect("an identity");
    assert_eq!(identity.user.as_str(), "sandbox");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_read_is_given_up_after_four_tries() {
    let server = Server::new((0..6).map(|_| Reply::json(502, "<html>")));
    let error = client(&server).nodes().await.expect_err("an error");
    assert_eq!((error.tries, error.status()), (4, Some(502)));
    assert_eq!(error.asked.as_str(), "GET /teepods/available");
    assert!(
        error
            .to_string()
            .contains("502 Bad Gateway, not from the service (HTML)")
    );
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_final_answer_to_a_read_is_not_asked_for_again() {
    for (status, body) in [
        (400, "{}"),
        (401, "{}"),
        (403, "{}"),
        (404, "{}"),
        (422, "{}"),
        (501, "{}"),
        (409, r#"{"error_code": "ERR-01-004", "message": "taken"}"#),
        (200, "<html>"),
    ] {
        let server = Server::new([Reply::json(status, body), Reply::json(200, IDENTITY)]);
        let error = client(&server).who_am_i().await.expect_err("an error");
        assert_eq!((error.tries, server.seen().len()), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn a_long_wait_is_reported_and_not_waited_for() {
    let busy =
        "HTTP/1.1 429 X\r\nRetry-After: 3600\r\nX-Request-ID: r-7\r\nContent-Length: 2\r\n\r\n{}";
    let server = Server::new([Reply::raw(busy), Reply::json(200, IDENTITY)]);
    let error = client(&server).who_am_i().await.expect_err("an error");
    assert_eq!(error.tries, 1);
    assert_eq!(error.request_id(), Some(&"r-7".into()));
    let ErrorKind::Refused(refusal) = error.kind else {
        panic!("a refusal")
    };
    assert_eq!(refusal.retry_after, Some(3600));
}

/// Asks everything that a client can ask, once, and says how each ended.
async fn everything(client: &Client) -> Vec<Error> {
    let mut stream = client.stream(&cvm());
    let streamed = stream.next().await.expect("an answer");
    [
        client.who_am_i().await.map(drop),
        client.apps(1, None).await.map(drop),
        client.app(app()).await.map(drop),
        client.instances(app()).await.map(drop),
        client.nodes().await.map(drop),
        client.allowlist(app()).await.map(drop),
        client.quotas("sandbox-team").await.map(drop),
        client.document(&cvm()).await.map(drop),
        client.env_key("base", app()).await.map(drop),
        client.state(&cvm()).await.map(drop),
        client.network(&cvm()).await.map(drop),
        client.composition(&cvm()).await.map(drop),
        client.attestation(&cvm()).await.map(drop),
        streamed.map(drop),
        client.is_allowed(app(), hash(), None).await.map(drop),
        client.prepare(&plan()).await.map(drop),
        commit(client).await.map(drop),
    ]
    .into_iter()
    .map(|answer| answer.expect_err("a redirect is no answer"))
    .collect()
}

#[tokio::test]
async fn no_redirect_of_any_kind_is_followed_and_the_key_stays_here() {
    let elsewhere = Server::new((0..20).map(|_| Reply::json(200, CREATED)));
    let mut cells = 0;
    for status in [300, 301, 302, 303, 305, 307, 308] {
        for location in [
            // The same host, as a path and whole: once followed it would go round for ever.
            "/api/v1/auth/me",
            "SAME/auth/me",
            "SAME",
            // Another port, which is another host to whoever holds a key.
            "ELSEWHERE/x?key=1",
            "//ELSEHOST/x",
            "http://user:pw@ELSEHOST/x",
            // Another host, plain and secure, and one that only looks like this one.
            "http://evil.example/api/v1",
            "https://evil.example/api/v1",
            "http://127.0.0.1.evil.example/",
            // Relative, empty, and nonsense.
            "x/y",
            "",
            "ftp://[::1",
        ] {
            let server = Server::new([]);
            let location = location
                .replace("SAME", &server.base)
                .replace("ELSEWHERE", &elsewhere.base)
                .replace("ELSEHOST", &elsewhere.host());
            let redirect =
                format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            server.will((0..40).map(|_| Reply::raw(&redirect)));
            let errors = everything(&client(&server)).await;
            for error in &errors {
                let ErrorKind::Refused(refusal) = &error.kind else {
                    panic!("{status} {location}: {error:?}")
                };
                assert_eq!((refusal.status, error.tries), (status, 1), "{location}");
                assert!(error.may_have_acted(), "{status} {location}");
                let printed = format!("{error:?} {error}");
                assert!(!printed.contains("pw@"), "{printed}");
                if location.contains(&elsewhere.host()) {
                    let host = refusal.redirect.as_ref().expect("a host");
                    assert_eq!(host.as_str(), elsewhere.host());
                    assert!(refusal.message.as_str().contains(host.as_str()));
                }
            }
            assert_eq!(server.seen().len(), errors.len(), "{status} {location}");
            cells += errors.len();
        }
    }
    assert_eq!(elsewhere.connections(), 0);
    eprintln!("{cells} redirects, 0 followed");
}

#[tokio::test]
async fn a_token_of_a_megabyte_is_an_answer_that_is_too_long_and_is_nowhere_in_the_error() {
    let token = "5".repeat(1 << 20);
    for (status, answer) in [
        (
            465,
            TICKET.replace("4a46de97-61bd-4805-b1ad-029a2152f0cf", &token),
        ),
        (
            200,
            TICKET.replace("4a46de97-61bd-4805-b1ad-029a2152f0cf", &token),
        ),
        (400, format!(r#"{{"message": "{token}"}}"#)),
    ] {
        let server = Server::new([Reply::json(status, &answer), Reply::json(status, &answer)]);
        let client = client(&server);
        for error in [
            client.prepare(&plan()).await.expect_err("too long"),
            commit(&client).await.expect_err("too long"),
        ] {
            assert!(error.may_have_acted(), "{status}: {error}");
            assert!(format!("{error:?} {error}").len() < 4096, "{status}");
        }
        assert_eq!(server.seen().len(), 2);
    }
}

#[tokio::test]
async fn what_is_nested_without_end_is_an_answer_that_cannot_be_read() {
    for depth in [200, 30_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for status in [200, 465, 500] {
                let server = Server::new((0..80).map(|_| Reply::json(status, &deep)));
                let limits = Limits {
                    tries: 1,
                    ..limits()
                };
                let errors = everything(&client_with(&server, limits)).await;
                assert!(errors.iter().all(|error| !error.to_string().is_empty()));
            }
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_ends() {
    for (status, kib) in [(200, 1024), (465, 64)] {
        let server = Server::new([Reply::Endless(status)]);
        let error = client(&server)
            .prepare(&plan())
            .await
            .expect_err("too long");
        let expected = format!("longer than {kib} KB");
        assert!(error.to_string().contains(&expected), "{error}");
        // What the sockets between us hold comes on top of what was read.
        assert!(server.written().await < 24 << 20);
    }
    let server = Server::new((0..4).map(|_| Reply::Endless(503)));
    let error = client(&server).nodes().await.expect_err("too long");
    assert_eq!((error.status(), error.tries), (Some(503), 4));
}

#[tokio::test]
async fn a_head_without_end_ends() {
    let server = Server::new([Reply::EndlessHead]);
    let error = commit(&client(&server)).await.expect_err("too long");
    assert_eq!(how(&error), Some(Unreachable::Broken), "{error:?}");
    assert!(server.written().await < 24 << 20);
}

#[tokio::test]
async fn a_silent_service_times_out() {
    let brief = Limits {
        whole: Duration::from_millis(40),
        creating: Duration::from_millis(40),
        ..limits()
    };
    let slow_body = Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{");
    for reply in [Reply::Hang, slow_body.held()] {
        let server = Server::new([reply.clone(), reply.clone(), reply.clone()]);
        let client = client_with(&server, brief);
        let read = client.who_am_i().await.expect_err("no answer");
        assert_eq!(how(&read), Some(Unreachable::TimedOut));
        assert_eq!(read.tries, 1, "who waited once need not wait four times");
        let prepare = client.prepare(&plan()).await.expect_err("no answer");
        assert_eq!(how(&prepare), Some(Unreachable::TimedOut));
        let commit = commit(&client).await.expect_err("no answer");
        assert!(commit.may_have_acted());
        assert_eq!(server.seen().len(), 3);
    }
}

#[tokio::test]
async fn a_creating_request_is_given_more_time() {
    let limits = Limits {
        whole: Duration::from_millis(1),
        ..limits()
    };
    let late = Reply::json(200, CREATED).after(Duration::from_millis(20));
    let server = Server::new([late.clone(), late]);
    let client = client_with(&server, limits);
    client.prepare(&plan()).await.expect("an instance");
    commit(&client).await.expect("an instance");
}

#[tokio::test]
async fn nobody_there_is_no_connection_and_nothing_happened() {
    let server = Server::new([]);
    let base = server.base.clone();
    server.stop();
    let client = Client::with_limits(&base, None, limits()).expect("a client");
    let read = client.who_am_i().await.expect_err("nobody");
    assert_eq!((how(&read), read.tries), (Some(Unreachable::Connect), 4));
    let write = client.prepare(&plan()).await.expect_err("nobody");
    assert_eq!((how(&write), write.tries), (Some(Unreachable::Connect), 1));
    assert!(!write.may_have_acted());
}

#[tokio::test]
async fn a_service_without_tls_is_no_secure_connection() {
    let server = Server::new([Reply::Blurt(b"HTTP/1.1 400 Bad Request\r\n\r\n")]);
    let base = server.base.replace("http://", "https://");
    let client = Client::with_limits(&base, Some(Secret::new(KEY)), limits()).expect("a client");
    let error = client.prepare(&plan()).await.expect_err("no TLS");
    assert_eq!(how(&error), Some(Unreachable::Tls), "{error:?}");
    assert!(!error.may_have_acted());
    let raw = server.raw();
    assert!(!raw.is_empty() && !raw.contains(KEY));
}
