//! The sandbox as bytes on a real socket, read without any HTTP library: what a client really meets.

#![expect(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

#[path = "sandbox_wire/chain.rs"]
mod chain;
#[path = "sandbox_wire/faults.rs"]
mod faults;
#[path = "sandbox_wire/live.rs"]
mod live;
#[path = "support/wallet.rs"]
mod wallet;

use std::{io, net::SocketAddr, time::Duration};

use phala_wizard::sandbox::{Options, Scenario, World, serve};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

const KEY: &str = "phak_sandbox_wire";
const COMPOSE: &str = "services: {web: {image: 'nginx:1.28'}}";

/// A sandbox on a port of its own.
struct Sandbox {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    async fn telling(scenario: Scenario, speed: f64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = Options {
            seed: 4,
            api_key: KEY.to_owned(),
            base_url: format!("http://{address}/api/v1"),
        };
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            stopped.await.ok();
        };
        let world = World::new(scenario, options);
        let server = tokio::spawn(serve(listener, world, speed, shutdown));
        Self {
            address,
            stop,
            server,
        }
    }

    async fn open(scenario: &str) -> Self {
        Self::telling(Scenario::named(scenario).unwrap(), 1000.0).await
    }

    /// Sends exactly this and reads until the server hangs up, or until the connection breaks.
    async fn raw(&self, request: &str) -> (Vec<u8>, io::Result<()>) {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = socket.read_to_end(&mut bytes).await.map(|_| ());
        (bytes, end)
    }

    async fn bytes(&self, line: &str, headers: &str, body: &str) -> Vec<u8> {
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nX-API-Key: {KEY}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len(),
        );
        self.raw(&request).await.0
    }

    /// Status, head in lower case, body.
    async fn ask(&self, line: &str, headers: &str, body: &str) -> (u16, String, String) {
        let bytes = self.bytes(line, headers, body).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    async fn json(&self, line: &str, headers: &str, body: &Value) -> (u16, Value) {
        let (status, head, body) = self.ask(line, headers, &body.to_string()).await;
        assert!(head.contains("content-type: application/json"), "{head}");
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn app(&self, name: &str) -> String {
        let (_, apps) = self
            .json(&format!("GET /api/v1/apps?search={name}"), "", &json!({}))
            .await;
        apps["dstack_apps"][0]["app_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Prepares orders-api on a registered node, with the live revision: ready to commit.
    async fn ready_commit(&self) -> (String, String) {
        let target = format!(
            "POST /api/v1/apps/{}/instances",
            self.app("orders-api").await
        );
        let (status, body) = self
            .json(
                &target,
                "X-Prepare-Only: true\r\n",
                &json!({ "node_id": 5 }),
            )
            .await;
        assert_eq!(status, 465);
        let field = |name: &str| {
            let details = body["details"].as_array().unwrap();
            details
                .iter()
                .find(|detail| detail["field"] == name)
                .unwrap()["value"]
                .clone()
        };
        let commit =
            json!({ "token": field("commit_token"), "compose_hash": field("compose_hash") });
        (target, commit.to_string())
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        // A server that does not close would otherwise hang the test for minutes.
        timeout(Duration::from_secs(20), self.server)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn a_status_that_http_does_not_know_travels_unharmed() {
    let sandbox = Sandbox::open("on-chain").await;
    let target = format!(
        "POST /api/v1/apps/{}/instances",
        sandbox.app("orders-api").await
    );
    let wish = json!({ "node_id": 9, "docker_compose_file": COMPOSE });
    let (status, body) = sandbox
        .json(&target, "x-prepare-only: true\r\n", &wish)
        .await;
    assert_eq!((status, &body["error_code"]), (465, &json!("ERR-01-005")));
    sandbox.close().await;
}

#[tokio::test]
async fn only_this_machine_and_no_web_page_is_answered() {
    let sandbox = Sandbox::open("on-chain").await;
    let from = |host: &str, more: &str| {
        format!(
            "GET /api/v1/auth/me HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {KEY}\r\nConnection: close\r\n{more}\r\n"
        )
    };
    for (request, expected) in [
        (from("localhost:18777", ""), "200"),
        (from("evil.example", ""), "403"),
        (from("127.0.0.1.evil.example", ""), "403"),
        (from("127.0.0.1", "Origin: https://evil.example\r\n"), "403"),
        (from("127.0.0.1", "Origin: null\r\n"), "403"),
        (from("127.0.0.1", "Host: evil.example\r\n"), "403"),
    ] {
        let (bytes, _) = sandbox.raw(&request).await;
        let answer = String::from_utf8(bytes).unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(expected), "{request}");
        assert_eq!(
            answer.contains("sandbox-team"),
            expected == "200",
            "{request}"
        );
    }
    sandbox.close().await;
}

#[tokio::test]
async fn a_lost_answer_is_a_broken_connection_without_a_single_byte() {
    let sandbox = Sandbox::open("answer-lost").await;
    let (target, commit) = sandbox.ready_commit().await;
    assert_eq!(sandbox.bytes(&target, "", &commit).await, b"");
    let (status, _, _) = sandbox.ask(&target, "", &commit).await;
    assert_eq!(status, 466, "the instance exists and the token is spent");
    sandbox.close().await;
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_its_length_says() {
    let fault = "sentence = ''\n[[faults]]\nrequest = 'GET /auth/me'\ncut = true";
    let sandbox = Sandbox::telling(Scenario::parse("cut", fault).unwrap(), 1.0).await;
    let (status, head, body) = sandbox.ask("GET /api/v1/auth/me", "", "").await;
    let length = head
        .split("content-length: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let length: usize = length.parse().unwrap();
    assert_eq!((status, body.len()), (200, length / 2));
    sandbox.close().await;
}

#[tokio::test]
async fn a_stream_of_a_new_instance_ends_with_complete() {
    let sandbox = Sandbox::open("on-chain").await;
    let (target, commit) = sandbox.ready_commit().await;
    let (_, _, vm) = sandbox.ask(&target, "", &commit).await;
    let vm: Value = serde_json::from_str(&vm).unwrap();
    let uuid = vm["vm_uuid"].as_str().unwrap().replace('-', "");
    let watch = format!("GET /api/v1/cvms/{uuid}/state?target=running&interval=5&timeout=600");
    let (status, head, events) = sandbox
        .ask(&watch, "Accept: text/event-stream\r\n", "")
        .await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(events.matches("event: state\n").count() > 5, "{events}");
    assert!(events.contains("\"boot_progress\":\"done\""), "{events}");
    assert!(events.contains("event: complete\ndata: {"), "{events}");
    sandbox.close().await;
}

#[tokio::test]
async fn closing_does_not_wait_for_streams() {
    let sandbox = Sandbox::telling(Scenario::named("on-chain").unwrap(), 1.0).await;
    let mut socket = TcpStream::connect(sandbox.address).await.unwrap();
    let watch = format!(
        "GET /api/v1/cvms/kv-cache/state?target=stopped&interval=30 HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n"
    );
    socket.write_all(watch.as_bytes()).await.unwrap();
    let mut first = [0; 15];
    socket.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    sandbox.close().await;
}

#[tokio::test]
async fn what_is_not_the_api_is_not_found() {
    let sandbox = Sandbox::open("on-chain").await;
    for target in ["GET /", "GET /api/v1/nothing", "PUT /api/v1/apps"] {
        assert_eq!(sandbox.ask(target, "", "").await.0, 404, "{target}");
    }
    let (status, _, body) = sandbox
        .ask("GET /api/v1/cvms/kv%2Dcache/docker-compose.yml", "", "")
        .await;
    assert_eq!((status, body.contains("valkey")), (200, true));
    sandbox.close().await;
}

#[tokio::test]
async fn a_followed_log_comes_without_a_key_and_ends_with_its_instance() {
    let sandbox = Sandbox::open("on-chain").await;
    let (_, composition) = sandbox
        .json("GET /api/v1/cvms/kv-cache/composition", "", &json!({}))
        .await;
    let endpoint = composition["containers"][0]["log_endpoint"].clone();
    let path = endpoint.as_str().unwrap();
    let path = path
        .strip_prefix(&format!("http://{}", sandbox.address))
        .unwrap();
    let ask = format!(
        "GET {path}&bare&tail=1&follow HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        sandbox.address
    );
    let mut socket = TcpStream::connect(sandbox.address).await.unwrap();
    socket.write_all(ask.as_bytes()).await.unwrap();
    let mut heard = vec![0; 4096];
    let first = socket.read(&mut heard).await.unwrap();
    assert!(heard[..first].starts_with(b"HTTP/1.1 200 OK"));
    sandbox
        .ask("POST /api/v1/cvms/kv-cache/stop", "", "{}")
        .await;
    heard.truncate(first);
    socket.read_to_end(&mut heard).await.unwrap();
    let text = String::from_utf8(heard).unwrap();
    assert!(text.contains("received SIGTERM"), "{text}");
    assert!(!text.contains(": ping"), "a log has no room for comments");
    sandbox.close().await;
}
