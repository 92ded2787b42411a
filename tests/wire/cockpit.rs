//! What is asked about one instance, and what is done to it, over real sockets.

use phala_wizard::api::error::Unreachable;
use phala_wizard::api::types::{CvmName, CvmUuid};

use crate::wire::server::{Reply, Server};
use crate::{CVM, KEY, client, cvm, how};

const DASHED: &str = "fafb32a5-8bee-42c0-a39e-bc7327bec98f";

#[tokio::test]
async fn an_instance_is_found_by_what_a_person_typed() {
    let server = Server::by(|_| Reply::json(200, include_str!("../answers/instance.json")));
    for (typed, path) in [
        (DASHED, CVM),
        ("orders-api-1", "orders-api-1"),
        (crate::APP, &format!("app_{}", crate::APP)),
    ] {
        let name = CvmName::parse(typed).expect("a name");
        let found = client(&server).find(&name).await.expect("an instance");
        assert_eq!(found.instance.name.as_str(), "web-base");
        let asked = server.seen().pop().expect("a request");
        assert_eq!(asked.line, format!("GET /api/v1/cvms/{path} HTTP/1.1"));
        assert_eq!(asked.header("x-phala-version"), Some("2026-01-21"));
    }
}

#[tokio::test]
async fn many_states_are_one_question_that_is_put_once() {
    let answer = format!(r#"{{"{DASHED}": {{"status": "running"}}}}"#);
    let server = Server::new([Reply::json(200, &answer), Reply::json(503, "{}")]);
    let client = client(&server);
    let other = CvmUuid::parse(&"12".repeat(16)).expect("a uuid");
    let states = client.states(&[cvm(), other]).await.expect("states");
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].1.status.as_str(), "running");
    let error = client.states(&[cvm()]).await.expect_err("a refusal");
    assert_eq!(error.status(), Some(503));
    assert_eq!(client.states(&[]).await, Ok(vec![]));
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].line, "POST /api/v1/status/batch HTTP/1.1");
    assert_eq!(
        seen[0].body,
        format!(r#"{{"vm_uuids":["{DASHED}","12121212-1212-1212-1212-121212121212"]}}"#)
    );
}

#[tokio::test]
async fn operations_and_figures_are_reads_that_are_repeated() {
    let server = Server::new([
        Reply::json(503, "{}"),
        Reply::json(200, include_str!("../answers/operations.json")),
        Reply::json(503, "{}"),
        Reply::json(200, include_str!("../answers/stats.json")),
    ]);
    let client = client(&server);
    assert_eq!(client.operations(&cvm()).await.map(|all| all.len()), Ok(2));
    assert!(client.stats(&cvm()).await.is_ok_and(|stats| stats.online));
    let seen = server.seen();
    assert_eq!(seen[1].path(), format!("/cvms/{CVM}/operations?limit=20"));
    assert_eq!(seen[3].path(), format!("/cvms/{CVM}/stats"));
}

#[tokio::test]
async fn a_restart_and_a_deletion_are_sent_once_each_over_a_connection_of_its_own() {
    let empty = "HTTP/1.1 204 No Content\r\n\r\n";
    let vm = include_str!("../answers/created.json");
    let server = Server::new([Reply::json(200, vm), Reply::raw(empty)]);
    let client = client(&server);
    assert_eq!(client.restart(&cvm()).await, Ok(()));
    assert_eq!(client.delete(&cvm()).await, Ok(()));
    let seen = server.seen();
    assert_eq!(
        seen[0].line,
        format!("POST /api/v1/cvms/{CVM}/restart HTTP/1.1")
    );
    assert_eq!(seen[0].body, r#"{"force":false}"#);
    assert_eq!(seen[1].line, format!("DELETE /api/v1/cvms/{CVM} HTTP/1.1"));
    assert_eq!(seen[1].body, "");
    assert!(seen.iter().all(|one| one.header("x-api-key") == Some(KEY)));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn what_was_refused_or_not_answered_is_not_sent_again() {
    let busy = r#"{"error_code": "ERR-01-004", "message": "busy"}"#;
    let server = Server::new([
        Reply::json(409, busy),
        Reply::json(404, "{}"),
        Reply::json(503, "{}"),
        Reply::json(503, "{}"),
        Reply::ReadAndDrop,
        Reply::ReadAndDrop,
    ]);
    let client = client(&server);
    let error = client.restart(&cvm()).await.expect_err("a refusal");
    assert_eq!(error.code(), Some("ERR-01-004"));
    let error = client.delete(&cvm()).await.expect_err("a refusal");
    assert_eq!(error.status(), Some(404));
    for _ in 0..2 {
        let error = client.restart(&cvm()).await.expect_err("a failure");
        assert!(error.status() == Some(503) || how(&error) == Some(Unreachable::Broken));
        let error = client.delete(&cvm()).await.expect_err("a failure");
        assert!(error.status() == Some(503) || how(&error) == Some(Unreachable::Broken));
    }
    assert_eq!(server.seen().len(), 6);
}
