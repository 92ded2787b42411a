//! A whole new app: what is promised, what is made, and what is refused.

use super::*;
use crate::sandbox::environment::seal;

fn wish(name: &str) -> Value {
    json!({
        "name": name,
        "teepod_id": 9,
        "compose_file": { "name": "", "docker_compose_file": COMPOSE, "allowed_envs": ["A"] },
    })
}

impl Visitor {
    fn provisioned(&mut self, wish: &Value) -> Value {
        let (status, told) = self.post("/cvms/provision", wish);
        assert_eq!(status, 200, "{told}");
        told
    }
}

#[test]
fn a_centralised_app_gets_its_id_from_the_service_and_appears_everywhere() {
    let mut visitor = Visitor::to("on-chain");
    let promised = visitor.get("/kms/phala/next_app_id?counts=3")["app_ids"].clone();
    assert_eq!(promised.as_array().unwrap().len(), 3);
    let told = visitor.provisioned(&wish("fresh-app"));
    assert_eq!(told["app_id"], promised[0]["app_id"]);
    assert_eq!(
        (&told["node_id"], &told["instance_type"]),
        (&json!(9), &json!("tdx.small"))
    );
    has(
        &told,
        "app_env_encrypt_pubkey compose_hash kms_info fmspc device_id os_image_hash kms_id",
    );
    let before = visitor.get("/apps")["total"].clone();
    let key = told["app_env_encrypt_pubkey"].as_str().unwrap();
    let recipient: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
    let blob = hex::encode(seal(r#"{"env":[{"key":"A","value":"1"}]}"#, recipient));
    let commit = json!({
        "app_id": told["app_id"],
        "compose_hash": told["compose_hash"],
        "encrypted_env": blob,
        "env_keys": ["A"],
    });
    let (status, vm) = visitor.post("/cvms", &commit);
    assert_eq!((status, &vm["status"]), (200, &json!("provisioning")));
    has(
        &vm,
        "teepod user_id app_id vm_uuid instance_id base_image docker_compose_file",
    );
    let uuid = vm["vm_uuid"].as_str().unwrap().to_owned();
    assert_eq!(visitor.world.environment(&uuid).unwrap()["A"].as_str(), "1");

    assert_eq!(visitor.get("/apps")["total"], before.as_u64().unwrap() + 1);
    let app_id = told["app_id"].as_str().unwrap();
    let app = visitor.get(&format!("/apps/{app_id}"));
    assert_eq!(
        (&app["name"], &app["current_cvm"]["vm_uuid"]),
        (&json!("fresh-app"), &json!(uuid))
    );
    assert_eq!(
        visitor.get("/cvms/fresh-app")["compose_hash"],
        told["compose_hash"]
    );
    let revisions = visitor.get(&format!("/apps/{app_id}/revisions"));
    assert_eq!(revisions["total"], 1);
    visitor.wait(200.0);
    assert_eq!(
        visitor.get("/cvms/fresh-app/state")["boot_progress"],
        "done"
    );
    let next = visitor.get("/kms/phala/next_app_id")["app_ids"][0]["app_id"].clone();
    assert_eq!(next, promised[1]["app_id"]);
}

#[test]
fn making_the_same_app_twice_finds_it_and_another_document_does_not_fit() {
    let mut visitor = Visitor::to("on-chain");
    let told = visitor.provisioned(&wish("fresh-app"));
    let commit = json!({ "app_id": told["app_id"], "compose_hash": told["compose_hash"] });
    let first = visitor.post("/cvms", &commit).1;
    let again = visitor.post("/cvms", &commit).1;
    assert_eq!(first["vm_uuid"], again["vm_uuid"]);
    let other = json!({ "app_id": told["app_id"], "compose_hash": "00".repeat(32) });
    assert_eq!(code(&visitor.post("/cvms", &other)), (409, "ERR-03-007"));
}

#[test]
fn an_app_on_chain_is_made_at_the_address_of_its_contract() {
    let mut visitor = Visitor::to("on-chain");
    let mut body = wish("on-base");
    body["kms"] = json!("BASE");
    let told = visitor.provisioned(&body);
    assert_eq!(
        (&told["app_id"], &told["app_env_encrypt_pubkey"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(told["kms_info"]["chain_id"], 8453);
    let address = format!("0x{}", "aB".repeat(20));
    let owner = format!("0x{}", "cd".repeat(20));
    let commit = json!({
        "app_id": address,
        "compose_hash": told["compose_hash"],
        "kms_id": told["kms_info"]["slug"],
        "contract_address": address,
        "deployer_address": owner,
    });
    assert_eq!(visitor.post("/cvms", &commit).0, 200);
    let app_id = "ab".repeat(20);
    let info = visitor.get(&format!("/apps/{app_id}/kms-info"));
    assert_eq!(
        (&info["is_onchain_kms"], &info["deployer_address"]),
        (&json!(true), &json!(owner))
    );
    let question = json!({ "compose_hash": told["compose_hash"], "node_id": 9 });
    let verdict = visitor
        .post(&format!("/apps/{app_id}/is-allowed"), &question)
        .1;
    assert_eq!(
        verdict["is_allowed"], true,
        "registered when the contract was deployed"
    );
    visitor.wait(200.0);
    assert_eq!(visitor.get("/cvms/on-base/state")["boot_progress"], "done");
    let target = format!("/apps/{app_id}/instances");
    assert_eq!(
        visitor.post(&target, &json!({ "node_id": 5 })).0,
        465,
        "another device"
    );
}

#[test]
fn a_name_is_a_host_name_and_free() {
    let mut visitor = Visitor::to("on-chain");
    for bad in ["abc", "1abcde", "under_score", "kv--cache", "ends-"] {
        let answer = visitor.post("/cvms/provision", &wish(bad));
        assert_eq!(
            (answer.0, &answer.1["detail"][0]["loc"][1]),
            (422, &json!("name")),
            "{bad}"
        );
    }
    let taken = visitor.post("/cvms/provision", &wish("kv-cache"));
    assert_eq!(code(&taken), (409, "ERR-01-004"));
    let (first, second) = (
        visitor.provisioned(&wish("fresh-app")),
        visitor.provisioned(&wish("fresh-app")),
    );
    assert_eq!(first["app_id"], second["app_id"], "nothing was made yet");
}

#[test]
fn what_cannot_be_had_is_refused_with_its_code() {
    let mut visitor = Visitor::to("on-chain");
    for (change, expected) in [
        (json!({ "instance_type": "tdx.huge" }), (400, "ERR-02-001")),
        (json!({ "vcpu": 64, "memory": 1024 }), (400, "ERR-02-002")),
        (json!({ "image": "dstack-9" }), (400, "ERR-02-010")),
        (json!({ "teepod_id": 99 }), (404, "ERR-01-001")),
        (json!({ "teepod_id": 12 }), (400, "ERR-02-005")),
        (
            json!({ "teepod_id": null, "region": "MOON" }),
            (400, "ERR-02-002"),
        ),
        (
            json!({ "teepod_id": 15, "kms": "BASE" }),
            (400, "ERR-02-011"),
        ),
        (json!({ "app_id": "00".repeat(20) }), (400, "ERR-02-008")),
        (
            json!({ "app_id": "00".repeat(20), "nonce": 3 }),
            (400, "ERR-02-008"),
        ),
        (
            json!({ "compose_file": { "docker_compose_file": "" } }),
            (400, "ERR-01-002"),
        ),
        (
            json!({ "compose_file": { "docker_compose_file": "services: [" } }),
            (400, "ERR-01-003"),
        ),
        (json!({ "compose_file": null }), (422, "")),
        (json!({ "name": null }), (422, "")),
        (json!({ "kms": "SOLANA" }), (404, "")),
        (json!({ "surprise": 1 }), (422, "")),
    ] {
        let mut body = wish("fresh-app");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        assert_eq!(
            code(&visitor.post("/cvms/provision", &body)),
            expected,
            "{change}"
        );
    }
    assert!(visitor.world.provisions.is_empty());
}

#[test]
fn an_id_of_ones_own_must_follow_from_its_nonce() {
    let mut visitor = Visitor::to("on-chain");
    let ids = visitor.get("/kms/phala/next_app_id?counts=5")["app_ids"].clone();
    let mut body = wish("fresh-app");
    body["app_id"] = ids[3]["app_id"].clone();
    body["nonce"] = ids[3]["nonce"].clone();
    assert_eq!(visitor.provisioned(&body)["app_id"], ids[3]["app_id"]);
    assert_eq!(visitor.refused("/kms/phala/next_app_id?counts=21").0, 422);
}

#[test]
fn a_commit_needs_a_provision_that_is_not_too_old() {
    let mut visitor = Visitor::to("on-chain");
    let told = visitor.provisioned(&wish("fresh-app"));
    let commit = json!({ "app_id": told["app_id"], "compose_hash": told["compose_hash"] });
    let unknown = json!({ "app_id": told["app_id"], "compose_hash": "00".repeat(32) });
    assert_eq!(visitor.post("/cvms", &unknown).0, 422);
    assert_eq!(
        visitor
            .post("/cvms", &json!({ "app_id": told["app_id"] }))
            .0,
        422
    );
    visitor.wait(14.0 * 86_400.0);
    assert_eq!(visitor.post("/cvms", &commit).0, 400);
}

#[test]
fn money_decides_when_it_is_made_and_not_before() {
    let mut visitor = Visitor::to("no-credit");
    let told = visitor.provisioned(&wish("fresh-app"));
    let commit = json!({ "app_id": told["app_id"], "compose_hash": told["compose_hash"] });
    assert_eq!(code(&visitor.post("/cvms", &commit)), (402, "ERR-04-001"));
    let total = visitor.get("/apps")["total"].clone();
    assert_eq!(
        total,
        Visitor::to("no-credit").get("/apps")["total"],
        "no app was left behind"
    );
}

#[test]
fn a_new_app_gets_the_services_own_script_unless_it_brings_one() {
    let script = |rules: &str, own: Option<&str>| {
        let mut visitor = Visitor::changed(rules);
        let mut body = wish("fresh-app");
        if let Some(own) = own {
            body["compose_file"]["pre_launch_script"] = json!(own);
        }
        let told = visitor.provisioned(&body);
        let commit = json!({ "app_id": told["app_id"], "compose_hash": told["compose_hash"] });
        visitor.post("/cvms", &commit);
        visitor.get("/cvms/fresh-app/pre-launch-script")
    };
    assert!(
        script("", None)
            .as_str()
            .unwrap()
            .starts_with("#!/bin/bash")
    );
    assert_eq!(script("", Some("echo mine")), "echo mine");
    assert_eq!(script("[rules]\ndefault_script = ''", None), "");
}

#[test]
fn figures_may_stand_in_for_a_type() {
    let mut visitor = Visitor::to("on-chain");
    let mut body = wish("fresh-app");
    body["vcpu"] = json!(2);
    body["memory"] = json!(3072);
    body["disk_size"] = json!(33);
    let told = visitor.provisioned(&body);
    let commit = json!({ "app_id": told["app_id"], "compose_hash": told["compose_hash"] });
    let vm = visitor.post("/cvms", &commit).1;
    assert_eq!(
        (&vm["vcpu"], &vm["memory"], &vm["disk_size"]),
        (&json!(2), &json!(3072), &json!(33))
    );
}
