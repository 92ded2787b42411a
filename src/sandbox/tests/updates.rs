//! Updates in one call or in two phases: sections 7.2 and 7.3 of the API reference.

use super::*;
use crate::sandbox::environment::seal;

const SCRIPT: &str = "#!/bin/sh\necho two\n";

impl Visitor {
    /// A prepared update of orders-api-1 that is answered with 465; its details by name.
    fn update_ticket(&mut self, body: &Value) -> Value {
        let reply = self.send(
            "PATCH /cvms/orders-api-1",
            &[("x-prepare-only", "true")],
            &body.to_string(),
        );
        let (status, body) = parsed(&reply);
        assert_eq!(status, 465, "{body}");
        details(&body)
    }

    /// Without the key.
    fn commit_update(&mut self, id: &str, body: &Value) -> (u16, Value) {
        let request = Request {
            method: "POST".to_owned(),
            path: format!("/cvms/{id}/commit-update"),
            body: body.to_string().into_bytes(),
            ..Request::default()
        };
        parsed(&self.world.answer(self.now, &request))
    }

    fn blob_for(&mut self, id: &str, plaintext: &str) -> String {
        let detail = self.get_as("2025-10-28", &format!("/cvms/{id}"));
        let key = detail["encrypted_env_pubkey"].as_str().unwrap().to_owned();
        let recipient: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
        hex::encode(seal(plaintext, recipient))
    }
}

fn is_running(answer: &(u16, Value)) {
    assert_eq!(answer.0, 202, "{}", answer.1);
    assert_eq!(answer.1["status"], "in_progress");
    assert!(answer.1["correlation_id"].is_string());
}

#[test]
fn a_centralised_app_is_updated_at_once_and_restarts() {
    let mut visitor = Visitor::to("on-chain");
    let before = visitor.get("/cvms/kv-cache")["compose_hash"].clone();
    let body = json!({ "docker_compose_file": COMPOSE, "pre_launch_script": SCRIPT });
    let prepared = visitor.send(
        "PATCH /cvms/kv-cache",
        &[("x-prepare-only", "true")],
        &body.to_string(),
    );
    is_running(&parsed(&prepared));
    let during = visitor.get("/cvms/kv-cache");
    assert_eq!(
        (&during["status"], &during["in_progress"]),
        (&json!("updating"), &json!(true))
    );
    assert_ne!(during["compose_hash"], before);
    assert_eq!(visitor.patch("/cvms/kv-cache", &body).0, 409);
    visitor.wait(200.0);
    let after = visitor.get("/cvms/kv-cache");
    assert_eq!(after["status"], "running");
    assert_eq!(after["compose_file"]["pre_launch_script"], SCRIPT);
    let app = visitor.app_id("kv-cache");
    let newest = visitor.get(&format!("/apps/{app}/revisions"))["revisions"][0].clone();
    assert_eq!(
        (&newest["operation_type"], &newest["compose_hash"]),
        (&json!("update"), &after["compose_hash"])
    );
    assert_eq!(
        visitor.get("/cvms/kv-cache/composition")["containers"][0]["image"],
        "nginx:1.28"
    );
}

#[test]
fn an_app_on_chain_has_to_register_first() {
    let mut visitor = Visitor::to("on-chain");
    let body = json!({ "docker_compose_file": COMPOSE });
    let (status, refused) = visitor.patch("/cvms/orders-api-1", &body);
    assert_eq!(
        (status, &refused["error_code"]),
        (465, &json!("ERR-01-005"))
    );
    let told = details(&refused);
    lacks(&told, "commit_token commit_url api_commit_url");
    assert_eq!(told["onchain_status"]["device_id_allowed"], true);
    let hash = told["compose_hash"].as_str().unwrap();
    let confirm = |visitor: &mut Visitor, transaction: &str| {
        let headers = [
            ("x-compose-hash", hash),
            ("x-transaction-hash", transaction),
        ];
        parsed(&visitor.send("PATCH /cvms/orders-api-1", &headers, "{}"))
    };
    let good = format!("0x{}", "1".repeat(64));
    assert_eq!(code(&confirm(&mut visitor, &good)), (468, "ERR-01-008"));
    assert_eq!(code(&confirm(&mut visitor, "0xbad")), (467, "ERR-01-007"));
    visitor.wait(20.0);
    is_running(&confirm(&mut visitor, &good));
    assert_eq!(visitor.get("/cvms/orders-api-1")["compose_hash"], hash);
    visitor.wait(200.0);
    assert_eq!(
        code(&confirm(&mut visitor, &good)),
        (466, "ERR-01-006"),
        "once"
    );
}

#[test]
fn a_prepared_update_is_committed_with_its_token_alone() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.update_ticket(&json!({ "docker_compose_file": COMPOSE }));
    let uuid = visitor.get("/cvms/orders-api-1")["vm_uuid"].clone();
    let page = ticket["commit_url"].as_str().unwrap();
    let tail = format!(
        "/sandbox-team/cvms/{}/confirm-update?token=",
        uuid.as_str().unwrap()
    );
    assert!(page.contains(&tail), "{page}");
    let token = &ticket["commit_token"];
    let body = json!({ "token": token, "compose_hash": "", "transaction_hash": "" });
    assert_eq!(visitor.commit_update("orders-api-1", &body).0, 468);
    visitor.wait(20.0);
    let wrong = json!({ "token": token, "compose_hash": "00".repeat(32) });
    assert_eq!(visitor.commit_update("orders-api-1", &wrong).0, 466);
    assert_eq!(visitor.commit_update("orders-api-2", &body).0, 466);
    is_running(&visitor.commit_update("orders-api-1", &body));
    assert_eq!(
        visitor.get("/cvms/orders-api-1/state")["status"],
        "updating"
    );
    visitor.wait(200.0);
    assert_eq!(visitor.commit_update("orders-api-1", &body).0, 466);
}

#[test]
fn a_newer_prepare_of_the_same_instance_kills_the_token() {
    let told = |rules: &str| {
        let mut visitor = Visitor::changed(rules);
        let old = visitor.update_ticket(&json!({ "docker_compose_file": COMPOSE }));
        visitor.update_ticket(&json!({ "pre_launch_script": SCRIPT }));
        visitor.prepared();
        visitor.wait(20.0);
        visitor
            .commit_update("orders-api-1", &json!({ "token": old["commit_token"] }))
            .0
    };
    assert_eq!(told(""), 466);
    assert_eq!(told("[rules]\nnewer_update_supersedes = false"), 202);
}

#[test]
fn a_token_for_an_update_lives_fourteen_days_and_can_be_looked_at() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.update_ticket(&json!({ "docker_compose_file": COMPOSE }));
    let token = ticket["commit_token"].as_str().unwrap();
    let look = format!("/cvms/orders-api-1/commit-update?token={token}");
    let seen = visitor.get(&look);
    assert_eq!(seen["compose_hash"], ticket["compose_hash"]);
    assert_eq!(seen["is_allowed"], false);
    visitor.wait(14.0 * 86_400.0);
    assert_eq!(visitor.refused(&look).0, 466);
    let late = visitor.commit_update("orders-api-1", &json!({ "token": token }));
    assert_eq!(code(&late), (466, "ERR-01-006"));
}

#[test]
fn what_is_not_in_the_document_needs_no_contract() {
    let mut visitor = Visitor::to("on-chain");
    let blob = visitor.blob_for(
        "orders-api-1",
        r#"{"env":[{"key":"LOG_LEVEL","value":"trace"},{"key":"OTHER","value":"x"}]}"#,
    );
    is_running(&visitor.patch("/cvms/orders-api-1", &json!({ "encrypted_env": blob })));
    let uuid = visitor.get("/cvms/orders-api-1")["vm_uuid"].clone();
    let found = visitor.world.environment(uuid.as_str().unwrap()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found["LOG_LEVEL"].as_str(), "trace");
    visitor.wait(200.0);
    let prepared = visitor.send(
        "PATCH /cvms/orders-api-1",
        &[("x-prepare-only", "true")],
        &json!({ "memory": 6144 }).to_string(),
    );
    is_running(&parsed(&prepared));
    visitor.wait(200.0);
    let config = json!({ "user_config": "{\"ssh_authorized_keys\":[\"ssh-ed25519 A\"]}" });
    is_running(&visitor.patch("/cvms/orders-api-1", &config));
    assert_eq!(
        visitor.get("/cvms/orders-api-1/user_config")["ssh_authorized_keys"],
        json!(["ssh-ed25519 A"])
    );
    visitor.wait(200.0);
    let hidden = visitor.patch("/cvms/orders-api-1", &json!({ "public_logs": false }));
    assert_eq!(hidden.0, 465, "visibility is part of the document");
}

#[test]
fn an_allowed_document_is_applied_unless_the_scenario_says_otherwise() {
    let told = |rules: &str| {
        let mut visitor = Visitor::changed(rules);
        let body = json!({ "docker_compose_file": COMPOSE });
        assert_eq!(visitor.patch("/cvms/orders-api-1", &body).0, 465);
        visitor.wait(20.0);
        let ticket = visitor.update_ticket(&body);
        assert_eq!(ticket["onchain_status"]["is_allowed"], true);
        visitor.patch("/cvms/orders-api-1", &body).0
    };
    assert_eq!(told(""), 202);
    assert_eq!(told("[rules]\nupdate_applies_when_allowed = false"), 465);
}

#[test]
fn sizes_and_images_change_and_are_checked() {
    let mut visitor = Visitor::to("on-chain");
    let free = |visitor: &mut Visitor| {
        visitor.get("/teepods/available")["nodes"][3]["remaining_vcpu"]
            .as_u64()
            .unwrap()
    };
    let before = free(&mut visitor);
    let body = json!({ "vcpu": 3.0, "memory": 4096, "disk_size": 50, "image": "dstack-0.5.6" });
    is_running(&visitor.patch("/cvms/kv-cache", &body));
    let after = visitor.get("/cvms/kv-cache");
    assert_eq!(
        (
            &after["resource"]["vcpu"],
            &after["resource"]["disk_in_gb"],
            &after["os"]["version"]
        ),
        (&json!(3), &json!(50), &json!("0.5.6"))
    );
    assert_eq!(free(&mut visitor), before - 2);
    visitor.wait(200.0);
    for (body, expected) in [
        (json!({ "disk_size": 10 }), (400, "ERR-02-008")),
        (json!({ "vcpu": 5000 }), (400, "ERR-02-003")),
        (json!({ "image": "dstack-9" }), (400, "ERR-02-010")),
        (json!({ "instance_type": "tdx.huge" }), (400, "ERR-02-001")),
        (json!({ "gpus": { "count": 1 } }), (400, "ERR-02-007")),
        (
            json!({ "docker_compose_file": "services: [" }),
            (400, "ERR-01-003"),
        ),
        (json!({ "vcpu": 1.5 }), (422, "")),
        (json!({ "shutdown_timeout": 5 }), (422, "")),
        (json!({ "encrypted_env": "zz" }), (422, "")),
        (json!({ "node_id": 5 }), (422, "")),
    ] {
        assert_eq!(
            code(&visitor.patch("/cvms/kv-cache", &body)),
            expected,
            "{body}"
        );
    }
    assert_eq!(visitor.patch("/cvms/nobody", &json!({})).0, 404);
    is_running(&visitor.patch("/cvms/kv-cache", &json!({ "instance_type": "tdx.medium" })));
    let resource = visitor.get("/cvms/kv-cache")["resource"].clone();
    assert_eq!(
        (&resource["vcpu"], &resource["disk_in_gb"]),
        (&json!(2), &json!(50)),
        "a disk keeps its size"
    );
}

#[test]
fn a_stopped_instance_keeps_an_update_for_its_next_start() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = {
        let body = json!({ "docker_compose_file": COMPOSE });
        details(&visitor.patch("/cvms/model-gateway", &body).1)
    };
    visitor.wait(20.0);
    let headers = [("x-compose-hash", ticket["compose_hash"].as_str().unwrap())];
    is_running(&parsed(&visitor.send(
        "PATCH /cvms/model-gateway",
        &headers,
        "{}",
    )));
    let state = visitor.get("/cvms/model-gateway/state");
    assert_eq!(state["status"], "stopped");
    visitor.post("/cvms/model-gateway/start", &json!({}));
    visitor.wait(200.0);
    assert_eq!(
        visitor.get("/cvms/model-gateway/state")["boot_progress"],
        "done"
    );
    let containers = visitor.get("/cvms/model-gateway/composition")["containers"].clone();
    assert_eq!(containers[0]["names"][0], "/dstack-web-1");
}

#[test]
fn an_update_the_contract_does_not_know_gets_no_keys() {
    let mut visitor = Visitor::changed("[rules]\ncommit_checks_contract = false");
    let ticket = visitor.update_ticket(&json!({ "docker_compose_file": COMPOSE }));
    let body = json!({ "token": ticket["commit_token"] });
    is_running(&visitor.commit_update("orders-api-1", &body));
    visitor.wait(100.0);
    assert_eq!(visitor.get("/cvms/orders-api-1/state")["status"], "exited");
}

#[test]
fn pending_updates_are_those_prepared_and_not_applied() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    let pending = format!("/apps/{orders}/pending-updates");
    assert_eq!(visitor.get(&pending), json!({ "items": [] }));
    let ticket = visitor.update_ticket(&json!({ "docker_compose_file": COMPOSE }));
    let item = visitor.get(&pending)["items"][0].clone();
    assert_eq!(
        (&item["on_chain"], &item["instance_name"]),
        (&json!(false), &json!("orders-api-1"))
    );
    let (uuid, hash) = (
        item["vm_uuid"].as_str().unwrap(),
        item["compose_hash"].as_str().unwrap(),
    );
    let preview = visitor.get(&format!("{pending}/{uuid}/{hash}/preview"));
    assert_eq!(preview["pending_docker_compose"], COMPOSE);
    assert_ne!(preview["current_docker_compose"], COMPOSE);
    visitor.wait(20.0);
    assert_eq!(visitor.get(&pending)["items"][0]["on_chain"], true);
    // Even where a token can be used again, what is applied waits no longer.
    visitor.world.scenario.rules.token_once = false;
    let body = json!({ "token": ticket["commit_token"] });
    is_running(&visitor.commit_update("orders-api-1", &body));
    assert_eq!(visitor.get(&pending), json!({ "items": [] }));
}

#[test]
fn the_environment_alone_can_be_sent_with_its_names() {
    let mut visitor = Visitor::to("on-chain");
    let blob = visitor.blob_for("kv-cache", r#"{"env":[{"key":"NEW","value":"1"}]}"#);
    let body = json!({ "encrypted_env": blob, "env_keys": ["NEW"] });
    let answer = visitor.patch("/cvms/kv-cache/envs", &body);
    is_running(&answer);
    assert_eq!(answer.1["allowed_envs_changed"], true);
    visitor.wait(200.0);
    let again = visitor.patch("/cvms/kv-cache/envs", &body);
    assert_eq!(again.1["allowed_envs_changed"], false);
    let blob = visitor.blob_for("orders-api-1", r#"{"env":[{"key":"NEW","value":"1"}]}"#);
    let body = json!({ "encrypted_env": blob, "env_keys": ["NEW"] });
    let (status, refused) = visitor.patch("/cvms/orders-api-1/envs", &body);
    assert_eq!(status, 465);
    visitor.wait(20.0);
    let mut second = body;
    second["compose_hash"] = details(&refused)["compose_hash"].clone();
    second["transaction_hash"] = json!(format!("0x{}", "1".repeat(64)));
    let done = visitor.patch("/cvms/orders-api-1/envs", &second);
    is_running(&done);
    assert_eq!(done.1["allowed_envs_changed"], true);
    assert_eq!(visitor.patch("/cvms/orders-api-1/envs", &json!({})).0, 422);
}

#[test]
fn a_compose_file_or_a_script_can_be_sent_as_it_is() {
    let mut visitor = Visitor::to("on-chain");
    let send = |visitor: &mut Visitor, word: &str, kind: &str, text: &str| {
        let line = format!("PATCH /cvms/kv-cache/{word}");
        let answer = parsed(&visitor.send(&line, &[("content-type", kind)], text));
        visitor.wait(200.0);
        answer
    };
    is_running(&send(&mut visitor, "docker-compose", "text/yaml", COMPOSE));
    is_running(&send(
        &mut visitor,
        "pre-launch-script",
        "text/plain",
        SCRIPT,
    ));
    assert_eq!(visitor.get("/cvms/kv-cache/docker-compose.yml"), COMPOSE);
    assert_eq!(visitor.get("/cvms/kv-cache/pre-launch-script"), SCRIPT);
    let wrong = send(&mut visitor, "docker-compose", "application/json", "\"x\"");
    assert_eq!(wrong.0, 400);
}

#[test]
fn the_oldest_flow_provisions_a_document_and_then_names_its_hash() {
    let mut visitor = Visitor::to("on-chain");
    let mut document = visitor.get("/cvms/kv-cache/compose_file");
    document["docker_compose_file"] = json!(COMPOSE);
    let (status, told) = visitor.post("/cvms/kv-cache/compose_file/provision", &document);
    assert_eq!(status, 200);
    has(
        &told,
        "app_id device_id compose_hash kms_info compose_hash_registered",
    );
    let blob = visitor.blob_for(
        "kv-cache",
        r#"{"env":[{"key":"MAX_MEMORY","value":"2gb"}]}"#,
    );
    let commit = json!({ "compose_hash": told["compose_hash"], "encrypted_env": blob });
    is_running(&visitor.patch("/cvms/kv-cache/compose_file", &commit));
    let now = visitor.get("/cvms/kv-cache");
    assert_eq!(now["compose_hash"], told["compose_hash"]);
    let found = visitor.world.environment(now["vm_uuid"].as_str().unwrap());
    assert_eq!(found.unwrap()["MAX_MEMORY"].as_str(), "2gb");
    visitor.wait(200.0);
    let unknown = json!({ "compose_hash": "00".repeat(32) });
    assert_eq!(
        visitor.patch("/cvms/kv-cache/compose_file", &unknown).0,
        400
    );
    document["docker_compose_file"] = json!("");
    let empty = visitor.post("/cvms/kv-cache/compose_file/provision", &document);
    assert_eq!(code(&empty), (400, "ERR-01-002"));
}

#[test]
fn visibility_resources_and_image_have_endpoints_of_their_own() {
    let mut visitor = Visitor::to("on-chain");
    let body = json!({ "public_sysinfo": true, "public_logs": false });
    let (status, detail) = visitor.patch("/cvms/kv-cache/visibility", &body);
    assert_eq!((status, &detail["public_logs"]), (200, &json!(false)));
    assert!(
        detail["id"].is_u64(),
        "an official client reads CvmDetail at every version"
    );
    visitor.wait(200.0);
    let body = json!({ "id": "kv-cache", "vcpu": 2, "memory": 4096, "allow_restart": 1 });
    is_running(&visitor.patch("/cvms/kv-cache/resources", &body));
    visitor.wait(200.0);
    let body = json!({ "os_image_name": "dstack-dev-0.5.7" });
    is_running(&visitor.patch("/cvms/kv-cache/os-image", &body));
    let now = visitor.get("/cvms/kv-cache");
    assert_eq!(
        (
            &now["resource"]["memory_in_gb"],
            &now["os"]["is_dev"],
            &now["public_logs"]
        ),
        (&json!(4.0), &json!(true), &json!(false))
    );
}
