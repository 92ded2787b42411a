//! What accounts, nodes, apps and keys must and must not say, after sections 5 and 11 of the API reference.

use super::*;

#[test]
fn nothing_is_told_without_the_key() {
    let mut world = Visitor::to("on-chain").world;
    let mut request = Request {
        method: "GET".to_owned(),
        path: "/auth/me".to_owned(),
        ..Request::default()
    };
    assert_eq!(world.answer(Duration::ZERO, &request).status, 401);
    request.headers = vec![("x-api-key".to_owned(), format!("{KEY}x"))];
    assert_eq!(world.answer(Duration::ZERO, &request).status, 401);
    request.headers = vec![("x-api-key".to_owned(), KEY.to_owned())];
    assert_eq!(world.answer(Duration::ZERO, &request).status, 200);
}

#[test]
fn the_user_and_the_workspace_have_every_required_member() {
    let mut visitor = Visitor::to("on-chain");
    let me = visitor.get("/auth/me");
    has(
        &me["user"],
        "username email avatar email_verified totp_enabled has_backup_codes flag_has_password",
    );
    assert_eq!(me["user"]["role"], "user");
    has(&me["workspace"], "id name tier role slug");
    has(
        &me["credits"],
        "balance granted_balance is_post_paid outstanding_amount",
    );
    has(
        &visitor.get("/workspaces")["pagination"],
        "has_more next_cursor total",
    );
    has(
        &visitor.get("/workspaces/sandbox-team"),
        "id name tier role created_at slug is_default",
    );
    let quotas = visitor.get("/workspaces/sandbox-team/quotas");
    assert_eq!(
        quotas["quotas"]["vm_slots"],
        json!({ "limit": 40, "remaining": 35 })
    );
    assert_eq!(visitor.refused("/workspaces/other").0, 404);
}

#[test]
fn nodes_show_what_is_free_and_what_they_can_do() {
    let mut visitor = Visitor::to("on-chain");
    let available = visitor.get("/teepods/available");
    let nodes = available["nodes"].as_array().unwrap();
    let seen: Vec<(u64, bool, u64)> = nodes
        .iter()
        .map(|node| {
            (
                node["teepod_id"].as_u64().unwrap(),
                node["support_onchain_kms"].as_bool().unwrap(),
                node["remaining_cvm_slots"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (5, true, 9),
            (9, true, 17),
            (12, true, 0),
            (15, false, 12),
            (18, true, 2)
        ]
    );
    assert_eq!(nodes[0]["images"][0]["version"], json!([0, 5, 7]));
    has(
        &available["kms_list"][0],
        "id slug url version chain_id kms_contract_address gateway_app_id",
    );
    let rows = visitor.get("/workspaces/sandbox-team/nodes?page_size=2&page=3");
    assert_eq!(
        (&rows["pages"], rows["items"][0]["object_type"].as_str()),
        (&json!(3), Some("node"))
    );
    let kinds = visitor.get("/instance-types");
    assert_eq!(kinds.as_object().unwrap().len(), 1, "strict on the outside");
    assert!(kinds["result"][0]["items"][0]["hourly_rate"].is_string());
}

#[test]
fn apps_come_in_pages_and_can_be_searched() {
    let mut visitor = Visitor::to("many-apps");
    let last = visitor.get("/apps?page=5&page_size=100");
    assert_eq!(last["dstack_apps"].as_array().unwrap().len(), 100);
    assert_eq!(
        (&last["total"], &last["total_pages"]),
        (&json!(500), &json!(5))
    );
    assert_eq!(
        visitor.get("/apps?page=6&page_size=100")["dstack_apps"],
        json!([])
    );
    assert_eq!(visitor.refused("/apps?page_size=101").0, 422);
    assert_eq!(visitor.refused("/apps?page=0").0, 422);
    let oracle = visitor.app_id("pricing-oracle");
    for search in ["PRICING", &oracle[..12], &format!("0x{oracle}")] {
        let found = visitor.get(&format!("/apps?search={search}"));
        assert_eq!(
            (&found["total"], &found["dstack_apps"][0]["app_id"]),
            (&json!(1), &json!(oracle)),
            "{search}"
        );
    }
}

#[test]
fn an_app_shows_its_instances_or_none() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    let app = visitor.get(&format!("/apps/{orders}"));
    has(&app, "id name app_id created_at kms_type current_cvm cvms");
    assert_eq!(
        (&app["kms_type"], &app["cvm_count"]),
        (&json!("base"), &json!(2))
    );
    let empty = visitor.app_id("status-page");
    assert_eq!(
        visitor.get(&format!("/apps/{empty}"))["current_cvm"],
        Value::Null
    );
    assert_eq!(visitor.get(&format!("/apps/{empty}/cvms")), json!([]));
    assert_eq!(
        visitor.refused("/apps/0000"),
        (404, json!({ "detail": "App not found" }))
    );
}

#[test]
fn an_instance_row_keeps_what_official_clients_demand() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    let row = visitor.get(&format!("/apps/{orders}/cvms"))[0].clone();
    has(
        &row,
        "id name resource status gateway vm_uuid instance_id app_id compose_hash",
    );
    for never_null in
        "public_logs public_sysinfo public_tcbinfo gateway_enabled secure_time storage_fs listed"
            .split(' ')
    {
        assert!(!row[never_null].is_null(), "{never_null}");
    }
    assert!(row["resource"]["compute_billing_price"].is_string());
    assert_eq!(
        (
            &row["kms_info"]["chain_id"],
            &row["kms_info"]["encrypted_env_pubkey"]
        ),
        (&json!(8453), &Value::Null)
    );
    let cache = visitor.app_id("kv-cache");
    let central = visitor.get(&format!("/apps/{cache}/cvms"))[0]["kms_info"].clone();
    assert_eq!(central["chain_id"], Value::Null);
    let key = visitor.get(&format!("/kms/phala/pubkey/{cache}"))["public_key"].clone();
    assert_eq!(central["encrypted_env_pubkey"], key);
    lacks(&row, "compose_file");
    has(&row["logs"], "serial stdout stderr");
    let uuid = row["vm_uuid"].as_str().unwrap();
    has(&visitor.get(&format!("/cvms/{uuid}")), "compose_file");
}

#[test]
fn the_allowlist_tells_new_devices_from_known_ones() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    let list = visitor.get(&format!("/apps/{orders}/device-allowlist"));
    let allowed: Vec<(&str, bool)> = list["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["node_name"].as_str().unwrap(),
                row["allowed_onchain"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        allowed,
        [
            ("prod5", true),
            ("prod9", false),
            ("prod12", true),
            ("prod18", false)
        ]
    );
    let cache = visitor.app_id("kv-cache");
    assert_eq!(
        visitor.get(&format!("/apps/{cache}/device-allowlist"))["is_onchain_kms"],
        false
    );
    let oracle = visitor.app_id("pricing-oracle");
    let info = visitor.get(&format!("/apps/{oracle}/kms-info"));
    assert_eq!(
        (
            &info["chain_id"],
            &info["deployer_type"],
            &info["is_contract"]
        ),
        (&json!(1), &json!("safe"), &json!(true))
    );
}

#[test]
fn revisions_are_listed_newest_first_and_carry_their_document() {
    let mut visitor = Visitor::to("several-revisions");
    let orders = visitor.app_id("orders-api");
    let list = visitor.get(&format!("/apps/{orders}/revisions"));
    let rows = list["revisions"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let dates: Vec<&str> = rows
        .iter()
        .map(|row| row["created_at"].as_str().unwrap())
        .collect();
    assert!(dates[0] > dates[1] && dates[1] > dates[2], "{dates:?}");
    let id = rows[1]["revision_id"].as_str().unwrap();
    let one = visitor.get(&format!("/apps/{orders}/revisions/{id}"));
    assert!(
        one["compose_file"]["docker_compose_file"]
            .as_str()
            .unwrap()
            .contains("2.7.4")
    );
    assert!(one["encrypted_env"].is_string() && one["user_config"].is_string());
    let raw = visitor.get(&format!(
        "/apps/{orders}/revisions/{id}?raw_compose_file=true"
    ));
    let text = raw["compose_file"].as_str().unwrap();
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text));
    assert_eq!(raw["compose_hash"], hash);
}

#[test]
fn a_kms_is_known_by_id_slug_and_type() {
    let mut visitor = Visitor::to("on-chain");
    let list = visitor.get("/kms?is_onchain=true");
    assert_eq!(
        (&list["total"], list.as_object().unwrap().len()),
        (&json!(2), 5)
    );
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(visitor.get(&format!("/kms/{id}")), visitor.get("/kms/base"));
    assert_eq!(visitor.refused("/kms/nobody").0, 404);
    assert_eq!(visitor.refused("/kms/base/pubkey/abc").0, 400);
}
