//! Every fault a story can have, as bytes on a socket.

use std::io;

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{KEY, Sandbox, Scenario};

const ME: &str = "GET /api/v1/auth/me";
const WATCH: &str = "GET /api/v1/cvms/kv-cache/state?target=stopped&interval=5&timeout=600";
/// Far beyond the life of any test, at any speed.
const NEVER: &str = "1e12";

impl Sandbox {
    /// The default story with one fault; a thousand times as fast as real time.
    async fn suffering(fault: &str) -> Self {
        let story = format!("sentence = ''\n[[faults]]\n{fault}");
        Self::telling(Scenario::parse("suffering", &story).unwrap(), 1000.0).await
    }

    /// A connection that has asked this and not yet read.
    async fn asking(&self, line: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        socket
    }
}

/// What came until there were so many of these.
async fn until(socket: &mut TcpStream, words: &str, count: usize) -> String {
    let mut text = String::new();
    let mut piece = [0; 4096];
    while text.matches(words).count() < count {
        let length = socket.read(&mut piece).await.unwrap();
        assert!(length > 0, "it ended after {text}");
        text += &String::from_utf8_lossy(&piece[..length]);
    }
    text
}

/// Whatever still comes, however it ends.
async fn rest(mut socket: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await.ok();
    bytes
}

#[tokio::test]
async fn any_status_with_any_page_and_retry_after() {
    for status in [401, 403, 404, 409, 422, 429, 500, 502, 503, 504] {
        let sandbox = Sandbox::suffering(&format!(
            "request = 'GET /auth/*'\ncalls = [2]\nstatus = {status}\nbody = '<h1>no</h1>'\n\
             content_type = 'text/html'\nheaders = {{ Retry-After = '7' }}"
        ))
        .await;
        assert_eq!(
            sandbox.ask(ME, "", "").await.0,
            200,
            "the first call is not meant"
        );
        let (answered, head, body) = sandbox.ask(ME, "", "").await;
        assert_eq!((answered, body.as_str()), (status, "<h1>no</h1>"));
        assert!(head.contains("content-type: text/html"), "{head}");
        assert!(head.contains("retry-after: 7"), "{head}");
        assert_eq!(sandbox.ask(ME, "", "").await.0, 200);
        sandbox.close().await;
    }
}

#[tokio::test]
async fn an_answer_is_held_back() {
    let sandbox = Sandbox::suffering("request = 'GET /auth/me'\ndelay = 60").await;
    assert_eq!(sandbox.ask(ME, "", "").await.0, 200, "it comes in the end");
    sandbox.close().await;

    let fault = format!("request = 'GET /auth/me'\ndelay = {NEVER}");
    let sandbox = Sandbox::suffering(&fault).await;
    let socket = sandbox.asking(ME).await;
    assert_eq!(sandbox.ask("GET /api/v1/workspaces", "", "").await.0, 200);
    sandbox.close().await;
    assert_eq!(
        rest(socket).await,
        b"",
        "nothing came before the service went away"
    );
}

#[tokio::test]
async fn a_reset_before_it_took_effect_leaves_everything_as_it_was() {
    let sandbox = Sandbox::suffering(
        "request = 'POST /apps/*/instances'\nwith_member = 'token'\ncalls = [1]\nreset = true",
    )
    .await;
    let (target, commit) = sandbox.ready_commit().await;
    assert_eq!(sandbox.bytes(&target, "", &commit).await, b"");
    assert_eq!(sandbox.ask(&target, "", &commit).await.0, 200);
    sandbox.close().await;
}

#[tokio::test]
async fn json_that_is_not_what_was_agreed() {
    for (how, fits) in [
        (
            "torn",
            (|text| serde_json::from_str::<Value>(text).is_err()) as fn(&str) -> bool,
        ),
        ("nulls", |text| json(text)["user"].is_null()),
        ("types", |text| json(text)["user"]["username"].is_number()),
        ("listed", |text| {
            json(text)[0]["user"]["username"].is_string()
        }),
    ] {
        let fault = format!("request = 'GET /auth/me'\njson = '{how}'");
        let sandbox = Sandbox::suffering(&fault).await;
        let (status, head, body) = sandbox.ask(ME, "", "").await;
        let length = format!("content-length: {}", body.len());
        assert!(status == 200 && head.contains(&length), "{how}: {head}");
        assert!(fits(&body), "{how}: {body}");
        sandbox.close().await;
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_bomb_says_that_it_is_packed() {
    let sandbox = Sandbox::suffering("request = 'GET /auth/me'\ngzip_bomb = 64").await;
    let bytes = sandbox.bytes(ME, "", "").await;
    let start = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let (head, body) = bytes.split_at(start + 4);
    let head = String::from_utf8_lossy(head).to_lowercase();
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(body.len() < 100_000, "{}", body.len());
    let unpacked = io::copy(&mut MultiGzDecoder::new(body), &mut io::sink()).unwrap();
    assert_eq!(unpacked, 64 << 20);
    sandbox.close().await;
}

#[tokio::test]
async fn an_endless_body_goes_on_until_somebody_leaves() {
    let sandbox = Sandbox::suffering("request = 'GET /auth/me'\nendless = true").await;
    let mut reader = sandbox.asking(ME).await;
    let text = until(&mut reader, "sandbox-team", 500).await;
    assert!(text.to_lowercase().contains("transfer-encoding: chunked"));
    drop(reader);
    // Somebody who stays does not keep the service from closing.
    let mut stays = sandbox.asking(ME).await;
    until(&mut stays, "sandbox-team", 1).await;
    tokio::join!(sandbox.close(), rest(stays));
}

#[tokio::test]
async fn a_dripping_body_comes_byte_by_byte() {
    let sandbox = Sandbox::suffering("request = 'GET /auth/me'\ndrip = 0.1").await;
    let (status, head, body) = sandbox.ask(ME, "", "").await;
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{head}"
    );
    assert!(status == 200 && json(&body)["user"].is_object());
    sandbox.close().await;

    let sandbox = Sandbox::suffering(&format!("request = 'GET /auth/me'\ndrip = {NEVER}")).await;
    let mut socket = sandbox.asking(ME).await;
    let head = until(&mut socket, "\r\n\r\n", 1).await;
    assert!(
        head.ends_with("\r\n\r\n"),
        "not one byte of the body: {head}"
    );
    sandbox.close().await;
    assert_eq!(rest(socket).await, b"");
}

#[tokio::test]
async fn a_stream_breaks_in_the_middle_of_a_message() {
    let sandbox = Sandbox::suffering("request = 'GET /cvms/*/state'\nstream = 'cut'").await;
    let text = rest(sandbox.asking(WATCH).await).await;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    assert_eq!(text.matches("event: state\n").count(), 2, "{text}");
    assert_eq!(
        text.matches("\n\n").count(),
        1,
        "the second has no end: {text}"
    );
    assert!(!text.ends_with("0\r\n\r\n"), "nor has the stream: {text}");
    sandbox.close().await;
}

#[tokio::test]
async fn a_stream_floods() {
    let sandbox = Sandbox::suffering("request = 'GET /cvms/*/state'\nstream = 'flood'").await;
    let mut socket = sandbox.asking(WATCH).await;
    until(&mut socket, "event: state\n", 500).await;
    let ((), bytes) = tokio::join!(sandbox.close(), rest(socket));
    assert!(!String::from_utf8_lossy(&bytes).contains("event: complete"));
}

#[tokio::test]
async fn a_stream_falls_silent() {
    let sandbox = Sandbox::suffering("request = 'GET /cvms/*/state'\nstream = 'silence'").await;
    let mut socket = sandbox.asking(WATCH).await;
    until(&mut socket, "\n\n", 1).await;
    // Others are served meanwhile; the stream says nothing until the service goes away.
    for _ in 0..20 {
        assert_eq!(sandbox.ask(ME, "", "").await.0, 200);
    }
    sandbox.close().await;
    let bytes = rest(socket).await;
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("event") && !text.contains("ping"), "{text}");
}

#[tokio::test]
async fn control_bytes_travel_in_names_and_logs() {
    let story = "sentence = ''\n[[faults]]\nrequest = 'GET /apps'\ntaint = ['name']\n\
                 [[faults]]\nrequest = 'GET /cvms/*/pre-launch-script'\ntaint = ['*']";
    let sandbox = Sandbox::telling(Scenario::parse("tainted", story).unwrap(), 1000.0).await;
    let (_, _, body) = sandbox.ask("GET /api/v1/apps", "", "").await;
    let name = json(&body)["dstack_apps"][0]["name"].clone();
    assert!(name.as_str().unwrap().starts_with("\u{1b}]0;"), "{name}");
    let script = "GET /api/v1/cvms/orders-api-1/pre-launch-script";
    let (status, _, text) = sandbox.ask(script, "", "").await;
    assert_eq!(status, 200);
    assert!(
        text.lines().all(|line| line.contains("\u{1b}[2J")),
        "{text:?}"
    );
    sandbox.close().await;
}

#[tokio::test]
async fn one_method_of_the_chain_fails_and_the_others_do_not() {
    let sandbox = Sandbox::suffering(
        "request = 'POST /rpc/**'\nrpc_method = 'eth_chainId'\nstatus = 429\n\
         headers = { Retry-After = '1' }\nbody = 'slow down'",
    )
    .await;
    for (method, expected) in [("eth_chainId", 429), ("eth_blockNumber", 200)] {
        let call = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        let (status, ..) = sandbox.ask("POST /rpc", "", &call).await;
        assert_eq!(status, expected, "{method}");
    }
    sandbox.close().await;
}

#[tokio::test]
async fn a_lie_about_app_and_hash_travels_in_the_465() {
    let sandbox = Sandbox::open("lying-service").await;
    let app = sandbox.app("orders-api").await;
    let target = format!("POST /api/v1/apps/{app}/instances");
    for (field, lie) in [
        ("app_id", "badc0ffee0ddf00dbadc0ffee0ddf00dbadc0ffe"),
        ("compose_hash", "deadbeef"),
        ("device_id", "fee1dead"),
    ] {
        let wish = "{\"node_id\":9}";
        let (status, _, body) = sandbox.ask(&target, "x-prepare-only: true\r\n", wish).await;
        let details = json(&body)["details"].clone();
        let found = details.as_array().unwrap().iter();
        let value = found
            .filter(|detail| detail["field"] == field)
            .find_map(|detail| detail["value"].as_str().map(str::to_owned))
            .unwrap();
        assert!(status == 465 && value.starts_with(lie), "{field}: {value}");
    }
    sandbox.close().await;
}
