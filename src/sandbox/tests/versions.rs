//! Which shape an answer has in which API version (section 2 of the API reference), and the keys that differ.

use super::*;

const ALL: [&str; 4] = ["2025-10-28", "2026-01-21", "2026-05-22", "2026-06-23"];

#[test]
fn the_user_is_flat_in_the_oldest_version_only() {
    let mut visitor = Visitor::to("on-chain");
    let old = visitor.get_as("2025-10-28", "/auth/me");
    has(&old, "username email avatar team_name team_tier");
    assert_eq!(old["credits"], 125.0);
    for version in &ALL[1..] {
        has(
            &visitor.get_as(version, "/auth/me"),
            "user workspace credits",
        );
    }
}

#[test]
fn rows_of_lists_are_hosted_cvms_in_the_oldest_version() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    for list in ["/cvms/paginated".to_owned(), format!("/apps/{orders}/cvms")] {
        let rows = visitor.get_as("2025-10-28", &list);
        let row = rows.get("items").unwrap_or(&rows)[0].clone();
        has(
            &row,
            "hosted name status managed_user node dapp_dashboard_url syslog_endpoint project_id project_type \
             billing_period kms_info vcpu memory disk_size gateway_domain public_urls",
        );
        has(
            &row["hosted"],
            "id name status uptime app_url app_id instance_id exited_at boot_progress boot_error \
             shutdown_progress image_version",
        );
        assert_eq!(row["hosted"]["id"].as_str().unwrap().len(), 32, "no dashes");
        for version in &ALL[1..] {
            let rows = visitor.get_as(version, &list);
            has(
                &rows.get("items").unwrap_or(&rows)[0],
                "resource gateway vm_uuid logs",
            );
        }
    }
    let bare = visitor.get_as("2026-01-21", "/cvms");
    assert_eq!(bare.as_array().unwrap().len(), 5);
}

#[test]
fn one_instance_has_a_number_in_the_oldest_version() {
    let mut visitor = Visitor::to("on-chain");
    let old = visitor.get_as("2025-10-28", "/cvms/kv-cache");
    assert!(old["id"].is_u64());
    has(
        &old,
        "teepod_id vm_uuid instance_id base_image encrypted_env_pubkey kms_info vcpu memory disk_size",
    );
    assert!(
        old["syslog_endpoint"].as_str().unwrap().contains('?'),
        "the official CLI appends to it blindly"
    );
    lacks(&old, "compose_file resource");
    for version in &ALL[1..] {
        let new = visitor.get_as(version, "/cvms/kv-cache");
        assert!(new["id"].as_str().unwrap().starts_with("cvm_"));
        has(&new, "compose_file resource");
    }
    let basic = visitor.get_as("2025-10-28", "/apps?search=kv-cache")["dstack_apps"][0].clone();
    assert_eq!(basic["current_cvm"]["teepod_name"], "prod15");
    assert!(basic["cvms"][0]["disk_size"].is_u64());
}

#[test]
fn what_is_made_or_moved_has_a_number_and_later_a_text() {
    let mut visitor = Visitor::to("on-chain");
    for version in ALL {
        let cache = visitor.app_id("kv-cache");
        let made = visitor.post_as(version, &format!("/apps/{cache}/instances"), &json!({}));
        let is_text = version >= "2026-05-22";
        assert_eq!(made["id"].is_string(), is_text, "{version}");
        assert_eq!(made["user_id"].is_string(), is_text, "{version}");
        assert_eq!(made.get("resource").is_some(), is_text, "{version}");
        assert_eq!(made["manifest_version"].is_null(), is_text, "{version}");
        has(
            &made,
            "vm_uuid instance_id encrypted_env_pubkey teepod_id memory created_at",
        );
        let uuid = made["vm_uuid"].as_str().unwrap();
        let stopped = visitor.post_as(version, &format!("/cvms/{uuid}/stop"), &json!({}));
        assert_eq!(stopped["id"], made["id"]);
    }
}

#[test]
fn ids_in_allowlists_and_verdicts_follow_the_version() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    for version in ALL {
        let is_text = version >= "2026-05-22";
        let list = visitor.get_as(version, &format!("/apps/{orders}/device-allowlist"));
        assert_eq!(list["devices"][0]["cvm_ids"][0].is_string(), is_text);
        let one = visitor.post_as(version, "/cvms/orders-api-1/is-allowed", &json!({}));
        assert_eq!(
            (one["cvm_id"].is_string(), &one["is_allowed"]),
            (is_text, &json!(true))
        );
        let all = visitor.post_as(
            version,
            &format!("/apps/{orders}/cvms/is-allowed"),
            &json!({}),
        );
        assert_eq!(all["results"][0]["cvm_id"].is_string(), is_text);
        assert_eq!(
            (&all["total"], &all["allowed_count"]),
            (&json!(2), &json!(2))
        );
    }
    let cache = visitor.app_id("kv-cache");
    let off_chain = visitor
        .post(&format!("/apps/{cache}/cvms/is-allowed"), &json!({}))
        .1;
    assert_eq!(
        (&off_chain["is_onchain"], &off_chain["total"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(visitor.post("/cvms/kv-cache/is-allowed", &json!({})).0, 400);
}

#[test]
fn a_verdict_about_an_instance_can_be_asked_for_another_node() {
    let mut visitor = Visitor::to("on-chain");
    let elsewhere = visitor
        .post("/cvms/orders-api-1/is-allowed", &json!({ "node_id": 9 }))
        .1;
    assert_eq!(
        (
            &elsewhere["compose_hash_allowed"],
            &elsewhere["device_id_allowed"]
        ),
        (&json!(true), &json!(false))
    );
}

#[test]
fn kms_nodes_become_contracts_in_the_newest_version() {
    let mut visitor = Visitor::to("on-chain");
    for version in &ALL[..3] {
        has(
            &visitor.get_as(version, "/kms")["items"][0],
            "url version kms_contract_address",
        );
        assert!(
            visitor.get_as(version, "/kms/base")["id"]
                .as_str()
                .unwrap()
                .starts_with("kms_")
        );
    }
    let list = visitor.get_as("2026-06-23", "/kms");
    assert_eq!(list.as_object().unwrap().len(), 5, "strict on the outside");
    let contract = visitor.get_as("2026-06-23", "/kms/base");
    has(&contract, "slug label k256_pubkey ca_pubkey node_count");
    assert_eq!(contract["chain_id"], 8453);
    let id = contract["id"].as_str().unwrap();
    assert!(id.starts_with("kc_"));
    assert_eq!(
        visitor.get_as("2026-06-23", &format!("/kms/{id}")),
        contract
    );
    let central = visitor.get_as("2026-06-23", "/kms/phala-prod");
    assert_eq!(
        (&central["contract_address"], &central["chain_id"]),
        (&json!("phala"), &json!(0))
    );
    let nodes = visitor.get_as("2026-06-23", "/kms/base/nodes");
    assert_eq!(
        (&nodes["total"], &nodes["items"][0]["kms_type"]),
        (&json!(1), &json!("base"))
    );
}

#[test]
fn digits_in_a_text_are_there_for_whoever_needs_them() {
    let mut visitor = Visitor::changed("[rules]\ndigit_ids = true");
    for target in ["/cvms/kv-cache", "/cvms/kv-cache/state"] {
        let id = visitor.get_as("2026-01-21", target)["id"].clone();
        assert!(
            id.as_str().unwrap().parse::<u64>().is_ok(),
            "{target}: {id}"
        );
    }
    let newer = visitor.get_as("2026-05-22", "/cvms/kv-cache");
    assert!(newer["id"].as_str().unwrap().starts_with("cvm_"));
}

#[test]
fn every_answer_has_a_request_id_of_its_own() {
    let mut visitor = Visitor::to("on-chain");
    let mut id = || {
        let reply = visitor.send("GET /nothing", &[], "");
        let mut headers = reply.headers.into_iter();
        headers.find(|(name, _)| name == "X-Request-ID").unwrap().1
    };
    assert_ne!(id(), id());
}
