//! The keys of a KMS, read from its contract: on the pretend chain, and from nodes that answer oddly.

use std::time::Duration;

use phala_wizard::api::elsewhere::Limits;
use phala_wizard::api::error::Error;
use phala_wizard::chain::kms::KmsKeys;
use phala_wizard::chain::rpc::{Rpc, kms_keys};
use phala_wizard::http::Unreachable;
use serde_json::{Value, json};

use super::pretend::Sandbox;
use super::server::{Reply, Server};
use super::{garbled, how, limits, refusal};

const CONTRACT: &str = "0x610178da211fef7d417bc0e6fed39f05609ad788";

/// An answer to the question with this id.
fn answer(id: u64, result: Value) -> Reply {
    let body = json!({ "jsonrpc": "2.0", "id": id, "result": result });
    Reply::json(200, &body.to_string())
}

fn failure(id: u64, code: i64, message: &str) -> Reply {
    let error = json!({ "code": code, "message": message });
    let body = json!({ "jsonrpc": "2.0", "id": id, "error": error });
    Reply::json(200, &body.to_string())
}

/// What a real contract returned.
fn recorded() -> Value {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/chain.json")).unwrap();
    vectors["generations"][0]["sdk_and_raw_results"]["raw kmsInfo"]["result"].clone()
}

/// A node of Base up to the call itself.
fn before_the_call() -> Vec<Reply> {
    vec![
        answer(1, json!("0x2105")),
        answer(2, json!("0x22")),
        answer(3, json!("0x60")),
    ]
}

async fn ask_with(server: &Server, path: &str, limits: Limits) -> Result<KmsKeys, Error> {
    let node = Rpc::new(&format!("{}{path}", server.origin()), limits).unwrap();
    node.kms_keys(8453, CONTRACT).await
}

async fn ask(server: &Server) -> Result<KmsKeys, Error> {
    ask_with(server, "/", limits()).await
}

/// The error of a node whose first answer this is, asked once.
async fn first(reply: Reply) -> Error {
    let server = Server::new([reply]);
    let error = ask(&server).await.unwrap_err();
    assert_eq!(error.tries, 1, "{error:?}");
    assert_eq!(server.seen().len(), 1);
    error
}

#[tokio::test]
async fn the_pretend_contract_gives_the_keys_that_the_service_names() {
    let sandbox = Sandbox::open("on-chain").await;
    for (chain_id, name) in [(8453, "base"), (1, "ethereum")] {
        let named = sandbox.get(&format!("/kms/on-chain/{name}")).await;
        let named = &named["contracts"][0];
        let contract = named["contract_address"].as_str().unwrap();
        let keys = kms_keys(&sandbox.rpc(chain_id), chain_id, contract)
            .await
            .unwrap();
        assert_eq!(named["k256_pubkey"], hex::encode(keys.signer));
        assert_eq!(named["ca_pubkey"], hex::encode(&keys.ca));
        assert!(keys.block > 0);
        let bare = contract.strip_prefix("0x").unwrap().to_uppercase();
        let again = kms_keys(&sandbox.rpc(chain_id), chain_id, &bare).await;
        assert_eq!(again.unwrap().signer, keys.signer);
    }
}

#[tokio::test]
async fn another_chain_is_named_beside_the_one_that_is_wanted() {
    let sandbox = Sandbox::open("on-chain").await;
    let error = kms_keys(&sandbox.rpc(1), 8453, CONTRACT).await.unwrap_err();
    assert_eq!(
        refusal(&error).message.as_str(),
        "this node serves chain 1 (Ethereum), and chain 8453 (Base) is wanted"
    );
    let server = Server::new([answer(1, json!("0x1"))]);
    ask(&server).await.unwrap_err();
    assert_eq!(server.seen().len(), 1, "the contract is not asked then");
}

#[tokio::test]
async fn an_account_or_another_contract_is_no_kms() {
    let sandbox = Sandbox::open("on-chain").await;
    let nobody = kms_keys(&sandbox.rpc(8453), 8453, CONTRACT)
        .await
        .unwrap_err();
    let said = refusal(&nobody).message.as_str();
    assert!(
        said.starts_with(&format!(
            "there is no contract at {CONTRACT} on chain 8453 (Base), block "
        )),
        "{said}"
    );
    let apps = sandbox.get("/apps").await;
    let apps = apps["dstack_apps"].as_array().unwrap();
    let app = apps
        .iter()
        .find(|app| app["name"] == "orders-api")
        .and_then(|app| app["app_id"].as_str())
        .unwrap();
    let error = kms_keys(&sandbox.rpc(8453), 8453, app).await.unwrap_err();
    assert_eq!(
        refusal(&error).message.as_str(),
        "it does not know kmsInfo(), so it is not the contract of a KMS"
    );
    let host = sandbox.rpc(8453);
    let host = host.strip_prefix("http://").unwrap();
    let host = host.split('/').next().unwrap();
    let short = format!("0x{}…{}", &app[..4], &app[36..]);
    assert_eq!(
        error.asked.as_str(),
        format!("kmsInfo() of {short} at {host}")
    );
}

#[tokio::test]
async fn a_node_is_asked_four_questions_about_one_block() {
    let mut replies = before_the_call();
    replies.push(answer(4, recorded()));
    let server = Server::new(replies);
    let keys = ask_with(&server, "/v2/canary_key?x=canary_query", limits())
        .await
        .unwrap();
    assert_eq!((keys.block, keys.ca), (34, vec![1]));
    let seen = server.seen();
    let asked: Vec<Value> = seen
        .iter()
        .map(|request| {
            assert_eq!(request.line, "POST /v2/canary_key?x=canary_query HTTP/1.1");
            assert_eq!(request.header("content-type"), Some("application/json"));
            serde_json::from_str(&request.body).unwrap()
        })
        .collect();
    let question = |id: u64, method: &str, parameters: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters });
    assert_eq!(
        asked,
        [
            question(1, "eth_chainId", json!([])),
            question(2, "eth_blockNumber", json!([])),
            question(3, "eth_getCode", json!([CONTRACT, "0x22"])),
            question(
                4,
                "eth_call",
                json!([{ "to": CONTRACT, "data": "0x09177063" }, "0x22"])
            ),
        ]
    );
}

#[tokio::test]
async fn what_is_no_answer_of_a_node_is_told_and_not_asked_again() {
    let page = first(Reply::json(200, "<html>\u{1b}[2Jwelcome</html>")).await;
    let (cause, excerpt) = garbled(&page);
    assert_eq!(cause, "eth_chainId: no JSON at line 1, column 1");
    assert_eq!(excerpt, "<html>\\u{1b}[2Jwelcome</html>");
    let other = first(answer(7, json!("0x2105"))).await;
    assert_eq!(
        garbled(&other).0,
        "eth_chainId: the answer is to another question"
    );
    let kind = first(answer(1, json!(8453))).await;
    assert_eq!(
        garbled(&kind).0,
        "eth_chainId: the result is of another kind"
    );
}

#[tokio::test]
async fn an_answer_without_end_ends() {
    let server = Server::new([Reply::Endless(200)]);
    let error = ask(&server).await.unwrap_err();
    assert_eq!(garbled(&error).0, "the answer is longer than 2048 KB");
    assert!(server.written().await < 64 << 20);
}

#[tokio::test]
async fn a_node_that_says_no_is_quoted_without_being_obeyed() {
    let error = first(failure(1, -32602, "bad\u{1b}[31m \u{202e}params\n")).await;
    assert_eq!(
        refusal(&error).message.as_str(),
        "bad\\u{1b}[31m \\u{202e}params\\u{a}"
    );
    assert_eq!(error.code(), Some("-32602"));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Server::new([answer(1, json!("0x2105"))]);
    let location = format!("{}/x?key=1", elsewhere.origin());
    let error = first(Reply::raw(&format!(
        "HTTP/1.1 307 X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    )))
    .await;
    let host = elsewhere.host();
    assert_eq!(
        refusal(&error).message.as_str(),
        format!("redirected to {host}, not followed")
    );
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_silent_node_times_out() {
    let server = Server::new([Reply::Hang]);
    let short = Limits {
        whole: Duration::from_millis(200),
        ..limits()
    };
    let error = ask_with(&server, "/", short).await.unwrap_err();
    assert_eq!((how(&error), error.tries), (Unreachable::TimedOut, 1));
}

#[tokio::test]
async fn what_may_be_over_in_a_moment_is_asked_again() {
    let mut replies = vec![
        Reply::json(429, "{}"),
        Reply::ReadAndDrop,
        answer(1, json!("0x2105")),
        answer(2, json!("0x22")),
        // One of several nodes has not got to the block that another one named.
        failure(3, -32000, "header not found"),
        answer(3, json!("0x60")),
        failure(4, -32005, "too fast"),
    ];
    replies.push(answer(4, recorded()));
    let server = Server::new(replies);
    assert_eq!(ask(&server).await.unwrap().block, 34);
    assert_eq!(server.seen().len(), 8);
    let busy = Server::new((0..5).map(|_| failure(1, -32005, "too fast")));
    let error = ask(&busy).await.unwrap_err();
    assert_eq!((error.tries, busy.seen().len()), (4, 4));
}

#[tokio::test]
async fn a_contract_that_gives_up_is_asked_once() {
    for code in [3, -32000] {
        let mut replies = before_the_call();
        replies.push(failure(4, code, "execution reverted"));
        let server = Server::new(replies);
        let error = ask(&server).await.unwrap_err();
        let said = refusal(&error).message.as_str();
        assert!(said.contains("not the contract of a KMS"), "{said}");
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test]
async fn empty_and_unregistered_contracts_say_what_they_are() {
    let mut replies = before_the_call();
    replies.push(answer(4, json!("0x")));
    let error = ask(&Server::new(replies)).await.unwrap_err();
    let said = refusal(&error).message.as_str();
    assert!(said.contains("not the contract of a KMS"), "{said}");
    let mut replies = before_the_call();
    replies.push(answer(4, json!(format!("0x{}", "00".repeat(64)))));
    let error = ask(&Server::new(replies)).await.unwrap_err();
    let said = refusal(&error).message.as_str();
    assert!(said.contains("what kmsInfo() returned"), "{said}");
}

#[tokio::test]
async fn a_key_in_the_address_is_never_shown() {
    let path = "/v2/canary_path_key?key=canary_query_key";
    let said = "no such key: canary_path_key canary_query_key";
    for reply in [
        Reply::json(401, &json!({ "error": said }).to_string()),
        Reply::json(403, said),
        failure(1, -32602, said),
        Reply::json(200, said),
        Reply::json(200, &json!({ "id": 1, "result": said }).to_string()),
        Reply::Drop,
        Reply::Hang,
    ] {
        let name = format!("{reply:?}");
        let server = Server::new([reply]);
        let short = Limits {
            whole: Duration::from_millis(300),
            ..limits()
        };
        let error = ask_with(&server, path, short).await.unwrap_err();
        let printed = format!("{error:?} {error} {}", error.asked);
        assert!(!printed.contains("canary"), "{name}: {printed}");
        assert!(printed.contains(&server.host()), "{name}: {printed}");
    }
    let node = Rpc::new("https://a.example/v2/canary?key=canary", limits()).unwrap();
    let printed = format!("{node:?}");
    assert!(printed.contains("a.example") && !printed.contains("canary"));
}

#[tokio::test]
async fn what_is_not_fit_to_be_asked_is_not() {
    for rpc in [
        "http://mainnet.example/canary",
        "canary",
        "ftp://a.example/canary",
        "https://canary@a.example",
    ] {
        let error = kms_keys(rpc, 8453, CONTRACT).await.unwrap_err();
        assert_eq!((how(&error), error.tries), (Unreachable::NotSent, 0));
        let printed = format!("{error:?} {error}");
        assert!(!printed.contains("canary"), "{printed}");
        assert!(!error.asked.is_empty());
    }
    let server = Server::new([]);
    for contract in ["", "0x", "0x12", &CONTRACT[..41], &format!("{CONTRACT}00")] {
        let error = kms_keys(&server.origin(), 8453, contract)
            .await
            .unwrap_err();
        assert_eq!(how(&error), Unreachable::NotSent, "{contract}");
    }
    assert_eq!(server.connections(), 0);
}
