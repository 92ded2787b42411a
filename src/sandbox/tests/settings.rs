//! Names, listings, life cycle, operations and SSH keys.

use super::*;

#[test]
fn stopping_pulls_the_plug_and_shutting_down_waits() {
    let mut visitor = Visitor::to("on-chain");
    let shut = visitor.post("/cvms/kv-cache/shutdown", &json!({})).1;
    assert_eq!(shut["status"], "shutting down");
    assert_eq!(visitor.post("/cvms/kv-cache/shutdown", &json!({})).0, 409);
    let state = visitor.get("/cvms/kv-cache/state");
    assert_eq!(state["shutdown_progress"], "powering off");
    assert_eq!(
        visitor.post("/cvms/kv-cache/stop", &json!({})).1["status"],
        "stopping"
    );
    visitor.wait(2.0);
    assert_eq!(visitor.get("/cvms/kv-cache/state")["status"], "stopped");
    visitor.post("/cvms/kv-cache/start", &json!({}));
    visitor.wait(5.0);
    assert_eq!(
        visitor.post("/cvms/kv-cache/stop", &json!({})).0,
        200,
        "a stop does not wait for a boot"
    );
    let orders = visitor.post("/cvms/orders-api-1/restart", &json!({})).1;
    assert_eq!(orders["status"], "restarting");
}

#[test]
fn starting_costs_money() {
    let told = |rules: &str| {
        let mut visitor = Visitor::changed(&format!("[account]\nbalance = '0.00'\n{rules}"));
        visitor.post("/cvms/model-gateway/start", &json!({}))
    };
    assert_eq!(code(&told("")), (402, "ERR-04-001"));
    assert_eq!(
        code(&told("[rules]\nbalance_status = 400")),
        (400, "ERR-04-001")
    );
    assert_eq!(told("[rules]\nstarting_needs_credit = false").0, 200);
}

#[test]
fn an_instance_can_be_renamed_and_listed() {
    let mut visitor = Visitor::to("on-chain");
    let rename = |visitor: &mut Visitor, name: &str| {
        let body = json!({ "name": name }).to_string();
        visitor.send("PATCH /cvms/kv-cache/name", &[], &body).status
    };
    assert_eq!(rename(&mut visitor, "bad name"), 422);
    assert_eq!(rename(&mut visitor, "orders-api-1"), 409);
    assert_eq!(
        rename(&mut visitor, "kv-cache"),
        204,
        "to what it is called"
    );
    assert_eq!(rename(&mut visitor, "kv-cache-b"), 204);
    assert_eq!(visitor.refused("/cvms/kv-cache").0, 404);
    assert_eq!(
        visitor
            .patch("/cvms/kv-cache-b/listed", &json!({ "listed": true }))
            .0,
        200
    );
    assert_eq!(visitor.get("/cvms/kv-cache-b")["listed"], true);
    assert_eq!(visitor.get("/apps?listed=true")["total"], 1);
    assert_eq!(visitor.patch("/cvms/kv-cache-b/listed", &json!({})).0, 422);
}

#[test]
fn several_can_be_stopped_at_once() {
    let mut visitor = Visitor::to("on-chain");
    let body = json!({ "cvm_ids": ["kv-cache", "orders-api-1", "model-gateway", "nobody"] });
    let (_, summary) = visitor.post("/cvms/batch-stop", &body);
    assert_eq!(
        (&summary["total"], &summary["stopped"], &summary["skipped"]),
        (&json!(4), &json!(2), &json!(1))
    );
    assert_eq!(summary["errors"][0]["cvm_id"], "nobody");
    let many = json!({ "cvm_ids": vec!["kv-cache"; 51] });
    assert_eq!(visitor.post("/cvms/batch-stop", &many).0, 400);
}

#[test]
fn instance_ids_are_never_missing_for_long() {
    let mut visitor = Visitor::to("on-chain");
    let known = visitor.patch("/cvms/kv-cache/instance-id", &json!({})).1;
    assert_eq!(
        (&known["status"], &known["source"]),
        (&json!("unchanged"), &json!("teepod_state"))
    );
    visitor.created();
    let all = visitor
        .patch("/cvms/instance-ids", &json!({ "limit": 100 }))
        .1;
    assert_eq!(
        (&all["scanned"], &all["unchanged"], &all["skipped"]),
        (&json!(6), &json!(5), &json!(1))
    );
    let some = visitor
        .patch("/cvms/instance-ids", &json!({ "cvm_ids": ["kv-cache"] }))
        .1;
    assert_eq!(some["total"], 1);
}

#[test]
fn operations_tell_what_happened_and_how_it_went() {
    let mut visitor = Visitor::to("on-chain");
    visitor.post("/cvms/kv-cache/stop", &json!({}));
    let busy = visitor.get("/cvms/kv-cache/operation-status");
    assert_eq!(
        (&busy["status"], &busy["operation_type"]),
        (&json!("in_progress"), &json!("stop"))
    );
    visitor.wait(10.0);
    visitor.post("/cvms/kv-cache/start", &json!({}));
    visitor.wait(5.0);
    let list = visitor.get("/cvms/kv-cache/operations");
    let told: Vec<(&str, &str)> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["operation_type"].as_str().unwrap(),
                row["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("start", "in_progress"),
            ("stop", "completed"),
            ("create", "completed")
        ]
    );
    has(
        &list["items"][1],
        "correlation_id target_state triggered_by started_at completed_at duration_ms error_message \
         sub_operations events instance_name compose_hash",
    );
    assert_eq!(list["items"][1]["duration_ms"], 2000);
    assert_eq!(list["items"][0]["completed_at"], Value::Null);
    let first = visitor.get("/cvms/kv-cache/operations?limit=2");
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = visitor.get(&format!(
        "/cvms/kv-cache/operations?limit=2&cursor={cursor}"
    ));
    assert_eq!(rest["items"][0]["operation_type"], "create");
    assert_eq!(rest["next_cursor"], Value::Null);
    let stops = visitor.get("/cvms/kv-cache/operations?operation_types=stop");
    assert_eq!(stops["total"], 1);
    assert_eq!(visitor.refused("/cvms/kv-cache/operations?cursor=x").0, 422);
    visitor.wait(200.0);
    assert_eq!(
        visitor.get("/cvms/kv-cache/operation-status")["status"],
        "idle"
    );
}

#[test]
fn a_failed_creation_says_why() {
    let mut visitor = Visitor::to("creation-fails");
    let (_, vm) = visitor.direct("kv-cache", &json!({}));
    visitor.wait(10.0);
    let target = format!("/cvms/{}/operations", vm["vm_uuid"].as_str().unwrap());
    let row = visitor.get(&target)["items"][0].clone();
    assert_eq!(
        (&row["operation_type"], &row["status"]),
        (&json!("create"), &json!("failed"))
    );
    assert!(
        row["error_message"]
            .as_str()
            .unwrap()
            .contains("could not create")
    );
    for (scenario, reason) in [
        ("keys-refused", "KMS denied"),
        ("boot-fails", "failed to start containers"),
    ] {
        let mut visitor = Visitor::to(scenario);
        let (_, vm) = visitor.direct("kv-cache", &json!({}));
        visitor.wait(300.0);
        let target = format!("/cvms/{}/operations", vm["vm_uuid"].as_str().unwrap());
        let row = visitor.get(&target)["items"][0].clone();
        assert_eq!(row["status"], "failed", "{scenario}");
        assert!(row["error_message"].as_str().unwrap().contains(reason));
    }
}

#[test]
fn a_boot_can_be_cancelled_and_a_stop_cannot() {
    let mut visitor = Visitor::to("on-chain");
    let idle = visitor
        .post("/cvms/kv-cache/operations/cancel", &json!({}))
        .1;
    assert_eq!(idle["cancelled"], false);
    visitor.post("/cvms/kv-cache/shutdown", &json!({}));
    assert_eq!(
        visitor
            .post("/cvms/kv-cache/operations/cancel", &json!({}))
            .0,
        409
    );
    visitor.wait(10.0);
    visitor.post("/cvms/kv-cache/start", &json!({}));
    let busy = visitor.get("/cvms/kv-cache")["progress"]["correlation_id"].clone();
    let cancelled = visitor
        .post("/cvms/kv-cache/operations/cancel", &json!({}))
        .1;
    assert_eq!(
        (&cancelled["cancelled"], &cancelled["correlation_id"]),
        (&json!(true), &busy)
    );
    assert_eq!(visitor.get("/cvms/kv-cache/state")["status"], "stopping");
}

#[test]
fn a_batch_tells_the_operation_and_what_it_costs() {
    let mut visitor = Visitor::to("on-chain");
    let uuid = visitor.get("/cvms/kv-cache")["vm_uuid"].clone();
    let row = |visitor: &mut Visitor| {
        let batch = visitor
            .post("/status/batch", &json!({ "vm_uuids": [uuid] }))
            .1;
        batch[uuid.as_str().unwrap()].clone()
    };
    let quiet = row(&mut visitor);
    assert_eq!(quiet["operation"], Value::Null);
    assert!(quiet["resource_usage"]["memory_used_bytes"].is_u64());
    visitor.post("/cvms/kv-cache/restart", &json!({}));
    let busy = row(&mut visitor);
    assert_eq!(
        (&busy["operation_type"], &busy["operation"]["phase"]),
        (&json!("restart"), &json!("restarting"))
    );
    assert_eq!(busy["resource_usage"], Value::Null);
}

#[test]
fn ssh_keys_come_and_go() {
    let mut visitor = Visitor::to("on-chain");
    assert_eq!(visitor.get("/user/ssh-keys"), json!([]));
    let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8p me@here";
    let body = json!({ "name": "laptop", "public_key": public });
    let (status, key) = visitor.post("/user/ssh-keys", &body);
    assert_eq!((status, &key["key_type"]), (201, &json!("ed25519")));
    assert!(key["fingerprint"].as_str().unwrap().starts_with("SHA256:"));
    has(
        &key,
        "id user_id name public_key source created_at updated_at",
    );
    assert_eq!(
        visitor.get("/cvms/kv-cache/user_config")["ssh_authorized_keys"],
        json!([public])
    );
    let nonsense = json!({ "name": "x", "public_key": "hello" });
    assert_eq!(visitor.post("/user/ssh-keys", &nonsense).0, 422);
    let id = key["id"].as_str().unwrap();
    assert_eq!(
        visitor
            .send(&format!("DELETE /user/ssh-keys/{id}"), &[], "")
            .status,
        204
    );
    assert_eq!(
        visitor
            .send(&format!("DELETE /user/ssh-keys/{id}"), &[], "")
            .status,
        404
    );
    let import = visitor.post(
        "/user/ssh-keys/github-profile",
        &json!({ "github_username": "a" }),
    );
    assert_eq!((import.0, &import.1["keys_added"]), (200, &json!(0)));
    assert_eq!(
        visitor.post("/user/ssh-keys/github-sync", &json!({})).1["synced_count"],
        0
    );
}
