//! What the command line tool has to make of the sandbox's answers.

use serde_json::{Value, json};

use super::{Expect, Expected, says};

/// In the order of `cli.mjs`.
pub fn cli() -> Vec<Expected> {
    let all = [sign_in(), read(), add(), sister_flows(), life()].concat();
    all.into_iter()
        .map(|(call, expect)| Expected {
            version: None,
            call: call.to_owned(),
            expect,
        })
        .collect()
}

type Row = (&'static str, Expect);

fn ok(call: &'static str, pattern: Value) -> Row {
    (call, Expect::Read(pattern))
}

fn text(call: &'static str, part: &str) -> Row {
    ok(call, json!({ "text": format!("~has {part}") }))
}

fn no(call: &'static str, words: &str) -> Row {
    (call, says(words))
}

fn sign_in() -> Vec<Row> {
    let me = json!({"success": true, "username": "you", "workspace": "Sandbox Team"});
    vec![
        ok(
            "status",
            json!({"username": "you", "team_name": "Sandbox Team", "apiVersion": "2026-01-21"}),
        ),
        ok("whoami", me.clone()),
        no("status, wrong key", "Could not validate credentials"),
        text("login, with the browser", "phak_"),
        text(
            "login KEY",
            "Welcome you! Credentials saved successfully (profile: sandbox-team)",
        ),
        ok("whoami, from the file", me),
    ]
}

/// A row of `cvms get` and of `instances ls`.
fn cvm(name: &str, node: &str) -> Value {
    json!({
        "id": "~cvm_",
        "name": name,
        "app_id": "~address",
        "vm_uuid": "~uuid",
        "instance_id": "~address",
        "resource": {"vcpu": "~int", "memory_in_gb": "~number", "disk_in_gb": "~int"},
        "node_info": {"object_type": "node", "name": node, "device_id": "~hash"},
        "os": {"name": "dstack-0.5.7"},
        "status": "running",
        "compose_hash": "~hash",
    })
}

fn read() -> Vec<Row> {
    let app =
        json!({"appId": "~address", "cvmName": "~text", "status": "~text", "uptime": "~text"});
    let apps = json!({"total": 5, "items": [app]});
    let kinds =
        json!([{"id": "~has tdx.", "vcpu": "~int", "memory_mb": "~int", "hourly_rate": "~text"}]);
    let container = json!({"image": "~text", "state": "running", "names": ["~has /dstack-"], "log_endpoint": "~url"});
    vec![
        ok("apps", apps.clone()),
        ok(
            "apps --search",
            json!({"total": 1, "items": [{"cvmName": "orders-api-1", "status": "running"}]}),
        ),
        ok("cvms list", apps),
        ok(
            "nodes list",
            json!({"items": [{"object_type": "node", "id": "~int", "status": "ONLINE", "device_id": "~hash"}]}),
        ),
        ok(
            "cvms list-nodes",
            json!({"nodes": [{"teepod_id": "~int", "remaining_cvm_slots": "~int", "images": [{"version": ["~int"]}]}]}),
        ),
        ok(
            "kms list",
            json!({"items": [{"id": "~kms_", "chain_id": "~int", "kms_contract_address": "~address", "chain": {"name": "~text"}}]}),
        ),
        ok(
            "kms base",
            json!({"chain_id": 8453, "contracts": [{"devices": [{"on_chain_allowed": true}], "os_images": [{"os_image_hash": "~hash"}]}]}),
        ),
        ok(
            "instance-types",
            json!({"result": [{"name": "cpu", "items": kinds, "total": 3}]}),
        ),
        ok(
            "instance-types cpu",
            json!({"family": "cpu", "items": kinds, "total": 3}),
        ),
        ok(
            "os-images --prod",
            json!({"total": 2, "items": [{"is_dev": false, "os_image_hash": "~hash"}]}),
        ),
        text("api /auth/me", "you"),
        ok("cvms get NAME", cvm("kv-cache", "prod15")),
        ok("cvms get UUID", cvm("kv-cache", "prod15")),
        no(
            "cvms get APP, of two instances",
            "Several CVMs match this identifier",
        ),
        ok(
            "cvms device-allowlist",
            json!({"is_onchain_kms": true, "chain_id": 8453, "devices": [{"device_id": "~hash", "allowed_onchain": "~bool"}]}),
        ),
        ok(
            "cvms attestation",
            json!({"is_online": true, "app_certificates": [{"fingerprint": "~hash", "subject": {"organization": "Sandbox"}}], "tcb_info": {"mrtd": "~hex", "app_compose": "~has docker_compose_file"}}),
        ),
        ok(
            "runtime-config",
            json!({"hostname": "kv-cache", "ssh_authorized_keys": "~list"}),
        ),
        ok("ps", json!({"containers": [container]})),
        ok(
            "ps, of a stopped one",
            json!({"containers": [], "error": "~text"}),
        ),
        text("logs", "cache: "),
        text("logs CONTAINER", "Z cache: "),
        text("logs --serial", "dstack-prepare.sh"),
        text("logs --cvm-stdout", "qemu: guest started"),
        // Ephemeral key, nonce, ciphertext and tag.
        ok("envs encrypt", json!({"text": "~text"})),
    ]
}

/// What creates says.
fn vm(node: u64) -> Value {
    json!({
        "success": true,
        "id": "~int",
        "status": "provisioning",
        "app_id": "~address",
        "vm_uuid": "~uuid",
        "teepod_id": node,
        "memory": "~int",
        "encrypted_env_pubkey": "~hash",
    })
}

/// What a prepare says.
fn ticket() -> Value {
    json!({
        "prepare_only": true,
        "composeHash": "~hash",
        "appId": "~address",
        "deviceId": "~hash",
        "kmsInfo": {"chain_id": 8453, "kms_contract_address": "~address"},
        "commitToken": "~uuid",
        "commitUrl": "~url",
        "apiCommitUrl": "~url",
        "onchainStatus": {"is_allowed": false},
    })
}

fn add() -> Vec<Row> {
    let chainless = Expect::Known {
        reason: "d",
        says: "~has App KMS info is missing chain configuration",
    };
    vec![
        ok(
            "instances ls",
            json!({"0": cvm("orders-api-1", "prod5"), "1": cvm("orders-api-2", "prod12")}),
        ),
        no("instances ls, of no app", "App not found"),
        ok("instances add, central KMS", vm(15)),
        ok("instances add -e, central KMS", vm(15)),
        ok("instances add, all registered", vm(5)),
        no("instances add, no such node", "Node \"nowhere\" not found"),
        no("instances add, node full", "[ERR-02-005]"),
        ok("instances add --prepare-only", ticket()),
        no("instances add --commit, token unknown", "[ERR-01-006]"),
        ok("instances add --commit", vm(9)),
        no("instances add --commit, token used", "[ERR-01-006]"),
        ok(
            "instances rm",
            json!({"0": {"vm_uuid": "~uuid", "deleted": true}}),
        ),
        no("instances rm, no such instance", "CVM not found"),
        ("instances add, KMS without a chain", chainless),
        ok("instances add --prepare-only, unsigned", ticket()),
        no("instances add --commit, unsigned", "[ERR-01-008]"),
        ok("instances add, without a key", ticket()),
        ok("instances add, signed by itself", vm(9)),
    ]
}

fn sister_flows() -> Vec<Row> {
    let update = json!({"commit_token": "~uuid", "compose_hash": "~hash", "device_id": "~hash", "onchain_status": {"device_id_allowed": true, "is_allowed": false}});
    let mut replica = ticket();
    replica["onchainStatus"] = json!({"is_allowed": "~bool"});
    vec![
        ok("cvms replicate, central KMS", vm(15)),
        ok("cvms replicate --prepare-only", replica),
        ok("cvms replicate --commit", vm(9)),
        ok(
            "deploy --prepare-only, central KMS",
            json!({"prepare_only": false, "message": "~has The update was applied directly"}),
        ),
        ok(
            "deploy -e --wait, central KMS",
            json!({"success": true, "name": "kv-cache"}),
        ),
        ok("deploy --prepare-only", update),
        ok(
            "deploy --commit",
            json!({"status": "in_progress", "correlation_id": "~text"}),
        ),
        no("deploy --commit, token used", "invalid or has expired"),
    ]
}

fn life() -> Vec<Row> {
    let becomes =
        |status: &str| json!({"cvm": {"id": "~int", "name": "model-gateway", "status": status}});
    vec![
        ok("cvms start", becomes("starting")),
        ok("cvms restart", becomes("restarting")),
        ok("cvms stop", becomes("stopping")),
        ok("cvms delete", json!({"deleted": true})),
        no("cvms get, deleted", "CVM not found"),
    ]
}
