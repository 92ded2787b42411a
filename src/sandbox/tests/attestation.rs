//! Attestation bundles: consistent in themselves, and proof of nothing.

use sha2::{Digest, Sha384};

use super::*;

/// RTMR3 as a verifier computes it from the log, with digests of its own.
fn replayed(log: &Value) -> String {
    let mut register = [0; 48];
    for event in log.as_array().unwrap() {
        if event["imr"] != 3 {
            continue;
        }
        assert_eq!(event["event_type"], 134_217_729);
        let payload = hex::decode(event["event_payload"].as_str().unwrap()).unwrap();
        let digest = Sha384::new()
            .chain_update([1, 0, 0, 8])
            .chain_update(":")
            .chain_update(event["event"].as_str().unwrap())
            .chain_update(":")
            .chain_update(payload)
            .finalize();
        assert_eq!(event["digest"], hex::encode(digest));
        register = Sha384::new()
            .chain_update(register)
            .chain_update(digest)
            .finalize()
            .into();
    }
    hex::encode(register)
}

fn payload<'a>(log: &'a Value, name: &str) -> &'a str {
    let mut events = log.as_array().unwrap().iter();
    let event = events.find(|event| event["event"] == name).unwrap();
    event["event_payload"].as_str().unwrap()
}

#[test]
fn the_event_log_replays_and_names_what_runs() {
    let mut visitor = Visitor::to("on-chain");
    let bundle = visitor.get("/cvms/kv-cache/attestation");
    let cvm = visitor.get("/cvms/kv-cache");
    assert_eq!(
        (&bundle["is_online"], &bundle["error"]),
        (&json!(true), &Value::Null)
    );
    let tcb = &bundle["tcb_info"];
    let log = &tcb["event_log"];
    assert_eq!(tcb["rtmr3"], replayed(log));
    assert_eq!(payload(log, "compose-hash"), cvm["compose_hash"]);
    assert_eq!(payload(log, "app-id"), cvm["app_id"]);
    assert_eq!(payload(log, "instance-id"), cvm["instance_id"]);
    assert_eq!(payload(log, "os-image-hash"), cvm["os"]["os_image_hash"]);
    let provider = hex::decode(payload(log, "key-provider")).unwrap();
    let provider: Value = serde_json::from_slice(&provider).unwrap();
    let kms = visitor.get_as("2026-06-23", "/kms/phala-prod");
    assert_eq!(provider["id"], kms["ca_pubkey"]);
    let text = tcb["app_compose"].as_str().unwrap();
    assert_eq!(
        hex::encode(sha2::Sha256::digest(text)),
        cvm["compose_hash"].as_str().unwrap()
    );
}

#[test]
fn the_parts_of_the_boot_add_up_to_their_registers() {
    let mut visitor = Visitor::to("on-chain");
    let bundle = visitor.get("/cvms/kv-cache/attestation");
    let tcb = &bundle["tcb_info"];
    for register in 0..3 {
        let mut events = tcb["event_log"].as_array().unwrap().iter();
        let event = events.find(|event| event["imr"] == register).unwrap();
        let digest = hex::decode(event["digest"].as_str().unwrap()).unwrap();
        let extended = Sha384::new()
            .chain_update([0; 48])
            .chain_update(digest)
            .finalize();
        assert_eq!(tcb[format!("rtmr{register}")], hex::encode(extended));
    }
}

#[test]
fn the_quote_has_its_registers_in_place_and_no_signature() {
    let mut visitor = Visitor::to("on-chain");
    let bundle = visitor.get("/cvms/kv-cache/attestation");
    let certificates = bundle["app_certificates"].as_array().unwrap();
    assert_eq!(certificates.len(), 3);
    let quote = hex::decode(certificates[0]["quote"].as_str().unwrap()).unwrap();
    let at = |from: usize, length: usize| hex::encode(&quote[from..from + length]);
    let tcb = &bundle["tcb_info"];
    assert_eq!(
        (at(0, 2), at(4, 4)),
        ("0400".to_owned(), "81000000".to_owned())
    );
    assert_eq!(at(184, 48), tcb["mrtd"]);
    for (place, name) in ["rtmr0", "rtmr1", "rtmr2", "rtmr3"].iter().enumerate() {
        assert_eq!(at(376 + 48 * place, 48), tcb[*name], "{name}");
    }
    assert_eq!(at(232, 1), "01");
    assert_eq!(at(233, 32), payload(&tcb["event_log"], "compose-hash"));
    let signed = u32::from_le_bytes(quote[632..636].try_into().unwrap());
    assert_eq!(quote.len(), 636 + usize::try_from(signed).unwrap());
    assert_eq!(at(636, 128), "0".repeat(256), "nobody signed it");
    let node = &visitor.get("/cvms/kv-cache")["node_info"];
    let machine = sha2::Sha256::digest(&quote[28..48]);
    assert_eq!(hex::encode(machine), node["device_id"].as_str().unwrap());
    for certificate in certificates {
        has(
            certificate,
            "subject issuer serial_number not_before not_after version fingerprint signature_algorithm \
             sans is_ca position_in_chain quote",
        );
    }
    assert_eq!(certificates[1]["quote"], Value::Null);
}

#[test]
fn what_is_not_reachable_has_nothing_to_show() {
    let mut visitor = Visitor::to("on-chain");
    let bundle = visitor.get("/cvms/model-gateway/attestation");
    has(
        &bundle,
        "name is_online error app_certificates tcb_info compose_file",
    );
    assert_eq!(bundle["is_online"], false);
    for empty in ["app_certificates", "tcb_info", "compose_file"] {
        assert_eq!(bundle[empty], Value::Null, "{empty}");
    }
    let body = json!({ "public_tcbinfo": false });
    visitor.patch("/cvms/kv-cache", &body);
    visitor.wait(200.0);
    let hidden = visitor.get("/cvms/kv-cache/attestation");
    assert_eq!(
        (&hidden["tcb_info"], &hidden["is_public"]),
        (&Value::Null, &json!(false))
    );
    assert!(hidden["app_certificates"].is_array());
}

#[test]
fn an_app_shows_all_its_instances_at_once() {
    let mut visitor = Visitor::to("on-chain");
    let orders = visitor.app_id("orders-api");
    let bundle = visitor.get(&format!("/apps/{orders}/attestations"));
    has(
        &bundle,
        "app_id contract_address kms_info instances kms_guest_agent_info gateway_guest_agent_info qemu_version",
    );
    assert_eq!(
        bundle["kms_info"]["chain_id"], "8453",
        "digits in a text please every client"
    );
    let instances = bundle["instances"].as_array().unwrap();
    assert_eq!(instances.len(), 2);
    for instance in instances {
        assert_eq!(
            instance["tcb_info"]["rtmr3"],
            replayed(&instance["eventlog"])
        );
        has(
            instance,
            "vm_uuid quote ppid device_id app_certificates compose_file error",
        );
    }
    assert_ne!(
        instances[0]["tcb_info"]["rtmr3"],
        instances[1]["tcb_info"]["rtmr3"]
    );
    let gateway = visitor.app_id("model-gateway");
    let stopped = visitor.get(&format!("/apps/{gateway}/attestations"))["instances"][0].clone();
    assert_eq!(
        (&stopped["quote"], &stopped["eventlog"]),
        (&Value::Null, &json!([]))
    );
}

#[test]
fn whoever_asks_may_see_an_apps_attestations_unless_the_scenario_minds() {
    let asked = |rules: &str| {
        let mut visitor = Visitor::changed(rules);
        let request = Request {
            method: "GET".to_owned(),
            path: format!("/apps/{}/attestations", visitor.app_id("kv-cache")),
            ..Request::default()
        };
        visitor.world.answer(visitor.now, &request).status
    };
    assert_eq!(asked(""), 200);
    assert_eq!(asked("[rules]\napp_attestations_are_public = false"), 401);
}
