//! Signing in with a code, over a real socket: what is sent, and what comes of each answer.

use phala_wizard::api::types::Approval;
use phala_wizard::secret::Secret;

use super::server::{Reply, Server};
use crate::{Client, ErrorKind, limits};

const CODE: &str = r#"{"device_code": "canary-code", "user_code": "WXKD-4471",
    "verification_uri": "https://cloud.example/device", "expires_in": 600, "interval": 5}"#;

fn stranger(server: &Server) -> Client {
    Client::with_limits(&server.base, None, limits()).expect("a client")
}

fn detail(word: &str) -> String {
    format!(r#"{{"detail": {{"error": "{word}", "error_description": "x"}}}}"#)
}

#[tokio::test]
async fn a_code_is_asked_for_once_and_without_a_key() {
    let server = Server::new([Reply::json(200, CODE), Reply::json(503, "{}")]);
    let client = stranger(&server);
    let code = client.device_code().await.expect("a code");
    assert_eq!(code.user_code.as_str(), "WXKD-4471");
    assert!(client.device_code().await.is_err(), "not repeated");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].line, "POST /api/v1/auth/device/code HTTP/1.1");
    assert_eq!(
        seen[0].body,
        r#"{"client_id":"phala-cli","scope":"user:profile cvms:* nodes:*"}"#
    );
    assert_eq!(seen[0].header("x-api-key"), None);
}

#[tokio::test]
async fn every_answer_to_a_poll_has_its_meaning() {
    let token = r#"{"access_token": "phak_1", "token_type": "bearer", "expires_in": 1}"#;
    let server = Server::new([
        Reply::json(400, &detail("authorization_pending")),
        Reply::json(429, &detail("slow_down")),
        Reply::json(403, &detail("access_denied")),
        Reply::json(400, &detail("expired_token")),
        Reply::json(400, &detail("invalid_grant")),
        Reply::json(200, token),
    ]);
    let client = stranger(&server);
    let code = Secret::new("canary-code");
    for expected in [
        Approval::Pending,
        Approval::SlowDown,
        Approval::Denied,
        Approval::Expired,
        Approval::Ended("x".into()),
        Approval::Token(Secret::new("phak_1")),
    ] {
        assert_eq!(client.device_token(&code).await, Ok(expected));
    }
    let seen = server.seen();
    assert_eq!(
        seen[0].body,
        r#"{"device_code":"canary-code","grant_type":"urn:ietf:params:oauth:grant-type:device_code"}"#
    );
    assert!(seen.iter().all(|one| one.header("x-api-key").is_none()));
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error_that_quotes_no_secret() {
    let server = Server::new([
        Reply::json(200, r#"{"device_code": "canary-code"}"#),
        Reply::json(200, r#"{"token_type": "bearer", "echo": "canary-code"}"#),
        Reply::json(500, r#"{"detail": "canary-code is lost"}"#),
        Reply::json(
            400,
            r#"{"error_code": "ERR-00-001", "message": "canary-code"}"#,
        ),
        Reply::ReadAndDrop,
    ]);
    let client = stranger(&server);
    let code = Secret::new("canary-code");
    let mut errors = vec![client.device_code().await.expect_err("no code")];
    for _ in 0..4 {
        errors.push(client.device_token(&code).await.expect_err("no token"));
    }
    for error in &errors {
        let printed = format!("{error:?} {error}");
        assert!(!printed.contains("canary"), "{printed}");
    }
    assert!(matches!(errors[1].kind, ErrorKind::Garbled { .. }));
    assert!(errors[4].is_offline());
}
