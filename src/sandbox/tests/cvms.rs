//! What instances must and must not say about themselves, after sections 8, 9 and 11 of the API reference.

use super::*;

#[test]
fn an_instance_is_found_by_every_form_of_its_identifier() {
    let mut visitor = Visitor::to("on-chain");
    let cache = visitor.app_id("kv-cache");
    let row = visitor.get(&format!("/apps/{cache}/cvms"))[0].clone();
    let number = visitor
        .world
        .cvms
        .iter()
        .find(|cvm| cvm.app_id == cache)
        .unwrap()
        .number;
    let uuid = row["vm_uuid"].as_str().unwrap();
    let instance = row["instance_id"].as_str().unwrap();
    for form in [
        uuid.to_owned(),
        uuid.replace('-', ""),
        row["id"].as_str().unwrap().to_owned(),
        format!("app_{cache}"),
        cache.clone(),
        format!("0x{cache}"),
        format!("instance_{instance}"),
        number.to_string(),
        "kv-cache".to_owned(),
    ] {
        assert_eq!(
            visitor.get(&format!("/cvms/{form}"))["vm_uuid"],
            row["vm_uuid"],
            "{form}"
        );
    }
    let orders = visitor.app_id("orders-api");
    assert_eq!(
        code(&visitor.refused(&format!("/cvms/app_{orders}"))),
        (400, "ERR-03-010")
    );
    assert_eq!(code(&visitor.refused("/cvms/nobody")), (404, "ERR-03-001"));
}

#[test]
fn the_state_leaves_out_what_it_does_not_know() {
    let mut visitor = Visitor::to("on-chain");
    let vm = visitor.created();
    let target = format!("/cvms/{}/state", vm["vm_uuid"].as_str().unwrap());
    let fresh = visitor.get(&target);
    has(&fresh, "id name status uptime");
    lacks(
        &fresh,
        "instance_id exited_at boot_progress boot_error shutdown_progress",
    );
    visitor.wait(200.0);
    let done = visitor.get(&target);
    assert_eq!(
        (&done["status"], &done["boot_progress"]),
        (&json!("running"), &json!("done"))
    );
    has(&done, "instance_id");
    lacks(&done, "boot_error exited_at");
}

#[test]
fn a_batch_is_keyed_by_what_was_asked() {
    let mut visitor = Visitor::to("on-chain");
    let vm = visitor.created();
    let dashed = vm["vm_uuid"].as_str().unwrap();
    let plain = dashed.replace('-', "");
    visitor.wait(60.0);
    let (_, batch) = visitor.post(
        "/status/batch",
        &json!({ "vm_uuids": [dashed, plain, "unknown"] }),
    );
    assert_eq!(
        batch.as_object().unwrap().keys().collect::<Vec<_>>(),
        [dashed, &plain]
    );
    let row = &batch[dashed];
    assert_eq!(
        (&row["boot_progress"], &row["in_progress"]),
        (&json!("starting containers"), &json!(true))
    );
    let events: Vec<&str> = row["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert!(events.contains(&"instance.info"));
    assert_eq!(visitor.post("/status/batch", &json!({})).0, 422);
}

#[test]
fn a_booted_instance_has_addresses_figures_and_containers() {
    let mut visitor = Visitor::to("on-chain");
    let vm = visitor.created();
    let uuid = vm["vm_uuid"].as_str().unwrap().to_owned();
    let early = visitor.get(&format!("/cvms/{uuid}/composition"));
    has(
        &early,
        "is_online error docker_compose_file manifest_version version runner features containers",
    );
    assert_eq!(
        (&early["is_online"], &early["containers"]),
        (&json!(false), &Value::Null)
    );
    has(
        &visitor.get(&format!("/cvms/{uuid}/stats")),
        "is_online error status boot_progress boot_error sysinfo",
    );
    visitor.wait(200.0);
    let containers = visitor.get(&format!("/cvms/{uuid}/composition"))["containers"].clone();
    assert_eq!(
        (&containers[0]["state"], &containers[0]["image"]),
        (&json!("running"), &json!("nginx:1.28"))
    );
    assert!(containers[0]["names"][0].as_str().unwrap().starts_with('/'));
    let network = visitor.get(&format!("/cvms/{uuid}/network"));
    assert_eq!(network["error"], Value::Null);
    let url = network["public_urls"][0]["app"].as_str().unwrap();
    assert!(
        url.starts_with("http://127.0.0.1:1/ingress/") && url.ends_with("-80"),
        "{url}"
    );
    assert!(visitor.get(&format!("/cvms/{uuid}/stats"))["sysinfo"]["total_memory"].is_u64());
}

#[test]
fn documents_are_json_and_text_where_they_should_be() {
    let mut visitor = Visitor::to("on-chain");
    let document = visitor.get("/cvms/kv-cache/compose_file");
    assert!(
        document
            .as_object()
            .unwrap()
            .values()
            .all(|member| !member.is_null())
    );
    lacks(&document, "pre_launch_script");
    let text = visitor.send("GET /cvms/kv-cache/docker-compose.yml", &[], "");
    assert_eq!(text.content_type, "text/plain; charset=utf-8");
    assert_eq!(
        document["docker_compose_file"],
        String::from_utf8(text.body).unwrap()
    );
    let empty = visitor.send("GET /cvms/kv-cache/pre-launch-script", &[], "");
    assert_eq!(
        (empty.content_type.as_str(), empty.body.as_slice()),
        ("application/json", b"\"\"".as_slice()),
        "an official client takes an empty body for no answer"
    );
    assert!(
        visitor
            .get("/cvms/orders-api-1/pre-launch-script")
            .as_str()
            .unwrap()
            .starts_with("#!/bin/bash")
    );
}

#[test]
fn an_instance_can_be_stopped_started_and_deleted_but_not_all_at_once() {
    let mut visitor = Visitor::to("on-chain");
    assert_eq!(
        visitor.post("/cvms/kv-cache/stop", &json!({})).1["status"],
        "stopping"
    );
    assert_eq!(visitor.post("/cvms/kv-cache/start", &json!({})).0, 409);
    visitor.wait(10.0);
    assert_eq!(visitor.get("/cvms/kv-cache/state")["status"], "stopped");
    assert_eq!(visitor.post("/cvms/kv-cache/stop", &json!({})).0, 400);
    let started = visitor.post("/cvms/kv-cache/start", &json!({})).1;
    assert!(
        started["instance_id"].is_string(),
        "known from its first life"
    );
    visitor.wait(100.0);
    assert_eq!(visitor.get("/cvms/kv-cache/state")["boot_progress"], "done");
    assert_eq!(
        visitor
            .post("/cvms/kv-cache/restart", &json!({ "force": true }))
            .0,
        200
    );
    assert_eq!(visitor.send("DELETE /cvms/kv-cache", &[], "").status, 204);
    assert_eq!(visitor.refused("/cvms/kv-cache").0, 404);
}
