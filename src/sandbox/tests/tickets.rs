//! Prepare, register, commit: every rule of section 6.5 of the API reference.

use super::*;

#[test]
fn a_prepare_names_what_must_be_registered() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    let orders = visitor.app_id("orders-api");
    assert_eq!(ticket["app_id"], orders);
    assert_eq!(ticket["kms_info"]["chain_id"], 8453);
    assert!(
        ticket["kms_info"].get("chain").is_none(),
        "the live service sends no chain object"
    );
    assert_eq!(ticket["commit_token"].as_str().unwrap().len(), 36);
    assert_eq!(
        ticket["onchain_status"],
        json!({ "compose_hash_allowed": false, "device_id_allowed": false, "is_allowed": false })
    );
    assert_eq!(visitor.instances("orders-api"), 2);
}

#[test]
fn the_owner_signs_after_a_while_and_then_the_commit_creates() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    let target = format!("/apps/{}/is-allowed", visitor.app_id("orders-api"));
    let question =
        json!({ "compose_hash": ticket["compose_hash"], "device_id": ticket["device_id"] });
    visitor.wait(19.0);
    assert_eq!(visitor.post(&target, &question).1["is_allowed"], false);
    assert_eq!(code(&visitor.commit(&ticket)), (468, "ERR-01-008"));
    visitor.wait(1.0);
    let allowed = visitor.post(&target, &question).1;
    assert_eq!(allowed["compose_hash_allowed"], true);
    assert_eq!(allowed["device_id_allowed"], true);
    assert_eq!(allowed["is_allowed"], true);
    let (status, vm) = visitor.commit(&ticket);
    assert_eq!(
        (status, &vm["teepod_id"], &vm["docker_compose_file"]),
        (200, &json!(9), &json!(COMPOSE))
    );
    assert_eq!(vm["instance_id"], Value::Null);
    assert_eq!(visitor.instances("orders-api"), 3);
}

#[test]
fn a_token_works_once() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    visitor.wait(20.0);
    assert_eq!(visitor.commit(&ticket).0, 200);
    assert_eq!(code(&visitor.commit(&ticket)), (466, "ERR-01-006"));
    assert_eq!(visitor.instances("orders-api"), 3);
}

#[test]
fn a_token_that_was_refused_for_the_contract_can_be_used_later() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    assert_eq!(visitor.commit(&ticket).0, 468);
    visitor.wait(20.0);
    assert_eq!(visitor.commit(&ticket).0, 200);
}

#[test]
fn a_token_lives_fourteen_days() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    visitor.wait(14.0 * 86_400.0 - 1.0);
    let early = visitor.prepare("pricing-oracle", &json!({ "node_id": 9 }));
    assert_eq!(early.0, 465, "another app's prepare leaves the token alone");
    visitor.wait(1.0);
    assert_eq!(code(&visitor.commit(&ticket)), (466, "ERR-01-006"));
}

#[test]
fn a_newer_prepare_of_the_same_app_replaces_the_token() {
    let mut visitor = Visitor::to("on-chain");
    let old = visitor.prepared();
    let new = visitor.prepared();
    visitor.wait(20.0);
    assert_eq!(code(&visitor.commit(&old)), (466, "ERR-01-006"));
    assert_eq!(visitor.commit(&new).0, 200);
}

#[test]
fn the_rules_for_tokens_can_be_switched() {
    let mut visitor = Visitor::changed(
        "[rules]\ntoken_once = false\nnewer_prepare_supersedes = 'never'\ntoken_seconds = 60",
    );
    let old = visitor.prepared();
    visitor.prepared();
    visitor.wait(20.0);
    assert_eq!(visitor.commit(&old).0, 200);
    assert_eq!(visitor.commit(&old).0, 200);
    visitor.wait(40.0);
    assert_eq!(visitor.commit(&old).0, 466);
}

#[test]
fn a_token_belongs_to_its_hash_and_its_app() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    visitor.wait(20.0);
    let mut wrong = ticket.clone();
    wrong["compose_hash"] = json!("00".repeat(32));
    assert_eq!(code(&visitor.commit(&wrong)), (466, "ERR-01-006"));
    let elsewhere = visitor.direct(
        "pricing-oracle",
        &json!({ "token": ticket["commit_token"] }),
    );
    assert_eq!(code(&elsewhere), (466, "ERR-01-006"));
    let unknown = visitor.direct(
        "orders-api",
        &json!({ "token": "4a46de97-61bd-4805-b1ad-029a2152f0cf" }),
    );
    assert_eq!(code(&unknown), (466, "ERR-01-006"));
    let shouted = format!(
        "0x{}",
        ticket["compose_hash"].as_str().unwrap().to_uppercase()
    );
    let mut loud = ticket;
    loud["compose_hash"] = json!(shouted);
    assert_eq!(visitor.commit(&loud).0, 200, "0x and case aside");
}

#[test]
fn a_transaction_is_verified_before_the_contract_is_asked() {
    let mut visitor = Visitor::to("never-signed");
    let ticket = visitor.prepared();
    let mut commit = |transaction: String| {
        visitor.direct(
            "orders-api",
            &json!({
                "token": ticket["commit_token"],
                "compose_hash": ticket["compose_hash"],
                "transaction_hash": transaction,
            }),
        )
    };
    assert_eq!(
        code(&commit(format!("0xbad{}", "1".repeat(61)))),
        (467, "ERR-01-007")
    );
    assert_eq!(code(&commit("nonsense".to_owned())), (467, "ERR-01-007"));
    assert_eq!(
        code(&commit(format!("0x{}", "1".repeat(64)))),
        (468, "ERR-01-008")
    );
    assert_eq!(code(&commit(String::new())), (468, "ERR-01-008"));
}

#[test]
fn a_commit_brings_nothing_but_what_identifies_the_prepare() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.prepared();
    visitor.wait(20.0);
    let token = &ticket["commit_token"];
    let with_node = visitor.direct("orders-api", &json!({ "token": token, "node_id": 9 }));
    assert_eq!(with_node.0, 422);
    let with_nulls = json!({
        "name": null, "node_id": null, "docker_compose_file": null, "pre_launch_script": null,
        "encrypted_env": null, "compose_hash": null, "token": token, "transaction_hash": null,
    });
    assert_eq!(
        visitor.direct("orders-api", &with_nulls).0,
        200,
        "nulls are as good as absent"
    );
}

#[test]
fn a_node_may_fill_up_between_prepare_and_commit() {
    let mut visitor = Visitor::to("node-full");
    let (status, body) = visitor.prepare("orders-api", &json!({ "docker_compose_file": COMPOSE }));
    assert_eq!(status, 465);
    visitor.wait(2.0);
    assert_eq!(code(&visitor.commit(&details(&body))), (400, "ERR-02-005"));
    assert_eq!(visitor.instances("orders-api"), 2);
}
