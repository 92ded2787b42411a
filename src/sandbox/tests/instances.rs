//! What can be asked for and what comes of it: every rule of section 6.3 of the API reference.

use super::*;
use crate::sandbox::{document::Document, environment::seal};

#[test]
fn the_prepared_hash_is_that_of_the_template_with_the_new_parts() {
    let mut visitor = Visitor::to("on-chain");
    let scenario = Scenario::named("on-chain").unwrap();
    let spec = &scenario.apps["orders-api"];
    let expected = Document::new(
        "orders-api",
        COMPOSE,
        &spec.pre_launch_script,
        &spec.allowed_envs,
    )
    .hash();
    assert_eq!(visitor.prepared()["compose_hash"], expected);
}

#[test]
fn nothing_changed_means_the_hash_of_the_live_revision_which_is_allowed() {
    let mut visitor = Visitor::to("on-chain");
    let (status, body) = visitor.prepare("orders-api", &json!({ "node_id": 5 }));
    let ticket = details(&body);
    let orders = visitor.app_id("orders-api");
    assert_eq!(status, 465);
    assert_eq!(
        ticket["compose_hash"],
        visitor.get(&format!("/apps/{orders}/cvms"))[0]["compose_hash"]
    );
    assert_eq!(ticket["onchain_status"]["is_allowed"], true);
}

#[test]
fn a_centralised_kms_creates_at_once_even_when_only_a_prepare_was_asked() {
    let mut visitor = Visitor::to("central-kms");
    let (status, vm) = visitor.prepare("kv-cache", &json!({}));
    assert_eq!(
        (status, &vm["app_id"]),
        (200, &json!(visitor.app_id("kv-cache")))
    );
    assert!(vm["id"].is_u64() && vm["vm_uuid"].is_string());
    assert_eq!(visitor.instances("kv-cache"), 2);
}

#[test]
fn without_the_header_465_comes_only_if_something_is_missing() {
    let mut visitor = Visitor::to("on-chain");
    let missing = visitor.direct("orders-api", &json!({ "node_id": 9 }));
    assert_eq!(code(&missing), (465, "ERR-01-005"));
    assert!(details(&missing.1)["commit_token"].is_string());
    assert_eq!(
        visitor.direct("orders-api", &json!({ "node_id": 5 })).0,
        200
    );
    let mut strict = Visitor::changed("[rules]\ndirect_creates_when_allowed = false");
    assert_eq!(strict.direct("orders-api", &json!({ "node_id": 5 })).0, 465);
}

#[test]
fn several_live_revisions_force_a_choice() {
    let mut visitor = Visitor::to("several-revisions");
    let orders = visitor.app_id("orders-api");
    let hash = visitor.get(&format!("/apps/{orders}/cvms"))[0]["compose_hash"].clone();
    let vague = visitor.prepare(
        "orders-api",
        &json!({ "node_id": 5, "docker_compose_file": COMPOSE }),
    );
    assert_eq!(code(&vague), (400, "ERR-03-009"));
    let (status, body) =
        visitor.prepare("orders-api", &json!({ "node_id": 5, "compose_hash": hash }));
    assert_eq!((status, &details(&body)["compose_hash"]), (465, &hash));
    let unknown = visitor.prepare("orders-api", &json!({ "compose_hash": "11".repeat(32) }));
    assert_eq!(unknown.0, 400);
    let mut lenient = Visitor::told({
        let mut scenario = Scenario::named("several-revisions").unwrap();
        scenario.rules.compose_file_settles_revision = true;
        scenario
    });
    assert_eq!(
        lenient
            .prepare("orders-api", &json!({ "docker_compose_file": COMPOSE }))
            .0,
        465
    );
}

#[test]
fn an_app_without_an_instance_has_no_template() {
    let answer = Visitor::to("on-chain").prepare("status-page", &json!({}));
    assert_eq!(
        answer,
        (
            400,
            json!({ "detail": "The app has no instance to take as a template" })
        )
    );
}

#[test]
fn nodes_are_refused_with_the_code_of_what_they_lack() {
    let mut visitor =
        Visitor::changed("[nodes.prod9]\nvcpu = 1\n[nodes.prod5]\nstatus = 'MAINTENANCE'");
    for (node, expected) in [
        (99, (404, "ERR-01-001")),
        (5, (404, "ERR-01-001")),
        (9, (400, "ERR-02-003")),
        (18, (400, "ERR-02-004")),
        (12, (400, "ERR-02-005")),
        (15, (400, "ERR-02-011")),
    ] {
        let answer = visitor.prepare("orders-api", &json!({ "node_id": node }));
        assert_eq!(code(&answer), expected, "node {node}");
    }
    assert_eq!(
        code(&visitor.prepare("orders-api", &json!({}))),
        (400, "ERR-02-002")
    );
}

#[test]
fn the_service_picks_an_allowed_node_that_has_room() {
    let mut visitor = Visitor::to("on-chain");
    let (_, body) = visitor.prepare("orders-api", &json!({}));
    assert_eq!(details(&body)["onchain_status"]["device_id_allowed"], true);
    let (_, vm) = Visitor::to("on-chain").direct("kv-cache", &json!({ "teepod_id": 9 }));
    assert_eq!(vm["teepod_id"], 9, "the old name of node_id");
}

#[test]
fn an_instance_takes_room_and_gives_it_back() {
    let mut visitor = Visitor::to("on-chain");
    let slots = |visitor: &mut Visitor| {
        visitor.get("/teepods/available")["nodes"][1]["remaining_cvm_slots"].clone()
    };
    let before = slots(&mut visitor);
    let vm = visitor.created();
    assert_eq!(slots(&mut visitor), before.as_u64().unwrap() - 1);
    let gone = visitor.send(
        &format!("DELETE /cvms/{}", vm["vm_uuid"].as_str().unwrap()),
        &[],
        "",
    );
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(slots(&mut visitor), before);
}

#[test]
fn money_and_quota_end() {
    let broke = Visitor::to("no-credit").prepare("orders-api", &json!({}));
    assert_eq!(code(&broke), (402, "ERR-04-001"));
    let full = Visitor::changed("[workspace]\nmax_instances = 5").prepare("orders-api", &json!({}));
    assert_eq!(code(&full), (400, "ERR-02-015"));
}

#[test]
fn the_environment_is_opened_with_the_apps_own_key_and_cut_to_what_is_allowed() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    let key = visitor.get(&format!("/kms/base/pubkey/0x{orders}"));
    assert_eq!(
        key.as_object().unwrap().len(),
        2,
        "one more member fails an official client"
    );
    let recipient: [u8; 32] = hex::decode(key["public_key"].as_str().unwrap())
        .unwrap()
        .try_into()
        .unwrap();
    let text = r#"{"env":[{"key":"LOG_LEVEL","value":"debug"},{"key":"NOT_ALLOWED","value":"x"}]}"#;
    let blob = hex::encode(seal(text, recipient));
    let (status, body) = visitor.prepare(
        "orders-api",
        &json!({ "node_id": 5, "encrypted_env": blob }),
    );
    assert_eq!(status, 465);
    let (_, vm) = visitor.commit(&details(&body));
    let found = visitor
        .world
        .environment(vm["vm_uuid"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        found
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect::<Vec<_>>(),
        [("LOG_LEVEL", "debug")]
    );

    let (status, body) = visitor.prepare("pricing-oracle", &json!({ "encrypted_env": blob }));
    assert_eq!(
        (status, &body["detail"][0]["loc"]),
        (422, &json!(["body", "encrypted_env"]))
    );
}

#[test]
fn a_blob_that_does_not_open_may_also_fail_the_boot() {
    let mut visitor = Visitor::changed("[rules]\nblob_checked = 'at-boot'");
    let (status, vm) = visitor.direct("kv-cache", &json!({ "encrypted_env": "00".repeat(70) }));
    assert_eq!(status, 200);
    visitor.wait(30.0);
    let state = visitor.get(&format!("/cvms/{}/state", vm["vm_uuid"].as_str().unwrap()));
    assert_eq!(
        state["boot_error"],
        "failed to decrypt the encrypted environment"
    );
}

#[test]
fn an_environment_that_is_not_sent_is_inherited() {
    let mut visitor = Visitor::to("on-chain");
    let first = visitor
        .world
        .cvms
        .iter_mut()
        .find(|cvm| cvm.name == "kv-cache")
        .unwrap();
    first
        .environment
        .insert("MAX_MEMORY".to_owned(), "1gb".to_owned().into());
    let (_, vm) = visitor.direct("kv-cache", &json!({ "docker_compose_file": COMPOSE }));
    let found = visitor
        .world
        .environment(vm["vm_uuid"].as_str().unwrap())
        .unwrap();
    assert_eq!(found["MAX_MEMORY"].as_str(), "1gb");
}

#[test]
fn a_body_that_does_not_fit_is_refused_member_by_member() {
    let mut visitor = Visitor::to("on-chain");
    let (status, body) = visitor.prepare(
        "orders-api",
        &json!({ "node_id": "x", "nodeId": 5, "encrypted_env": "zz" }),
    );
    let mut places: Vec<&str> = body["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["loc"][1].as_str().unwrap())
        .collect();
    places.sort_unstable();
    assert_eq!((status, places), (422, vec!["nodeId", "node_id"]));
    let (status, body) = visitor.prepare("orders-api", &json!({ "encrypted_env": "zz" }));
    assert_eq!(
        (status, &body["detail"][0]["loc"][1]),
        (422, &json!("encrypted_env"))
    );
}

#[test]
fn a_bad_compose_file_or_name_or_size_is_refused() {
    let mut visitor = Visitor::to("on-chain");
    for compose in ["services: [", "volumes: {}", ""] {
        let answer = visitor.prepare("orders-api", &json!({ "docker_compose_file": compose }));
        assert_eq!(code(&answer), (400, "ERR-01-003"), "{compose:?}");
    }
    let long = visitor.prepare(
        "orders-api",
        &json!({ "pre_launch_script": "#".repeat(204_800) }),
    );
    assert_eq!(code(&long), (400, "ERR-01-003"));
    let taken = visitor.prepare("orders-api", &json!({ "name": "kv-cache" }));
    assert_eq!(code(&taken), (409, "ERR-01-004"));
    assert_eq!(
        visitor
            .direct("kv-cache", &json!({ "name": "kv-cache-b" }))
            .1["name"],
        "kv-cache-b"
    );
}

#[test]
fn every_refusal_leaves_no_token_and_no_instance_behind() {
    let mut visitor = Visitor::to("on-chain");
    visitor.prepare("orders-api", &json!({ "node_id": 12 }));
    visitor.prepare(
        "orders-api",
        &json!({ "docker_compose_file": "services: [" }),
    );
    assert!(visitor.world.tickets.is_empty());
    assert_eq!(visitor.instances("orders-api"), 2);
}
