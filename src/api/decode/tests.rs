//! The decoders on sample answers, and on everything that may become of them.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::api::types::{Composition, CvmUuid, LogEnd, Ticket};
use crate::secret::Secret;

type Decoder = fn(&Value) -> Result<(), Unreadable>;

const APP: &str = "09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3";
const HASH: &str = "6d57f6d8e7591437f0d38af4b3af6d4e0cfc06a22d81caeeec95d601cac538c5";

macro_rules! sample {
    ($name:literal) => {
        json(include_bytes!(concat!(
            "../../../tests/answers/",
            $name,
            ".json"
        )))
        .expect("a sample is JSON")
    };
}

/// Every sample, its decoder, and the fields without which the answer is of no use.
fn samples() -> Vec<(&'static str, Value, Decoder, &'static [&'static str])> {
    vec![
        (
            "identity",
            sample!("identity"),
            |v| identity(v).map(drop),
            &[],
        ),
        ("apps", sample!("apps"), |v| app_page(v, 1).map(drop), &[]),
        ("app", sample!("app"), |v| app(v, app_id()).map(drop), &[]),
        (
            "instances",
            sample!("instances"),
            |v| instances(v).map(drop),
            &[],
        ),
        ("nodes", sample!("nodes"), |v| nodes(v).map(drop), &[]),
        (
            "allowlist",
            sample!("allowlist"),
            |v| allowlist(v).map(drop),
            &[],
        ),
        ("quotas", sample!("quotas"), |v| quotas(v).map(drop), &[]),
        (
            "document",
            sample!("document"),
            |v| document(v.to_string().as_bytes()).map(drop),
            &[],
        ),
        (
            "env_key",
            sample!("env_key"),
            |v| env_key(v).map(drop),
            &["public_key"],
        ),
        ("created", sample!("created"), |v| created(v).map(drop), &[]),
        (
            "created_union",
            sample!("created_union"),
            |v| created(v).map(drop),
            &[],
        ),
        (
            "permission",
            sample!("permission"),
            |v| permission(v, hash()).map(drop),
            &[],
        ),
        ("state", sample!("state"), |v| state(v).map(drop), &[]),
        ("network", sample!("network"), |v| network(v).map(drop), &[]),
        (
            "containers",
            sample!("containers"),
            |v| composition(v).map(drop),
            &[],
        ),
        (
            "containers_logs",
            sample!("containers_logs"),
            |v| container_log(v, &"cache".into()).map(drop),
            &[],
        ),
        ("instance", sample!("instance"), |v| found(v).map(drop), &[]),
        (
            "instance_2025_10_28",
            sample!("instance_2025_10_28"),
            |v| vm_log(v).map(drop),
            &[],
        ),
        (
            "states",
            sample!("states"),
            |v| states(v, &[cvm()]).map(drop),
            &[],
        ),
        ("stats", sample!("stats"), |v| stats(v).map(drop), &[]),
        (
            "operations",
            sample!("operations"),
            |v| operations(v).map(drop),
            &[],
        ),
        (
            "prepare_465",
            sample!("prepare_465"),
            |v| ticket(v).map(drop),
            &["details", "commit_token", "compose_hash"],
        ),
    ]
}

fn app_id() -> AppId {
    AppId::parse(APP).expect("an app id")
}

fn cvm() -> CvmUuid {
    CvmUuid::parse("7a2d3e4f5c6b4d7e9f80112233445566").expect("a uuid")
}

fn hash() -> ComposeHash {
    ComposeHash::parse(HASH).expect("a hash")
}

/// The path of every value inside, as JSON pointers.
fn places(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, v)| (key.clone(), v)).collect(),
        Value::Array(members) => {
            let numbered = members.iter().enumerate();
            numbered.map(|(at, v)| (at.to_string(), v)).collect()
        }
        _ => Vec::new(),
    };
    children
        .into_iter()
        .flat_map(|(key, child)| {
            let deeper = places(child);
            std::iter::once(format!("/{key}")).chain(
                deeper
                    .into_iter()
                    .map(move |place| format!("/{key}{place}")),
            )
        })
        .collect()
}

fn without(value: &Value, place: &str) -> Value {
    let mut value = value.clone();
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    match value.pointer_mut(parent).expect("a parent") {
        Value::Object(members) => drop(members.remove(key)),
        Value::Array(members) => drop(members.remove(key.parse().expect("a number"))),
        _ => unreachable!("only objects and lists have members"),
    }
    value
}

fn with(value: &Value, place: &str, replacement: &Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(place).expect("a place") = replacement.clone();
    value
}

/// A changed answer decodes, or the error names a field that cannot be done without.
fn check(name: &str, what: &str, value: &Value, decode: Decoder, needed: &[&str]) {
    if let Err(Unreadable(cause)) = decode(value) {
        let named = needed.iter().any(|field| cause.starts_with(field));
        assert!(named, "{name}, {what}: {cause}");
    }
}

#[test]
fn every_sample_decodes() {
    for (name, value, decode, _) in samples() {
        assert_eq!(decode(&value), Ok(()), "{name}");
    }
}

#[test]
fn every_field_may_be_missing_or_null() {
    let mut changes = 0;
    for (name, value, decode, needed) in samples() {
        for place in places(&value) {
            let missing = without(&value, &place);
            check(name, &format!("without {place}"), &missing, decode, needed);
            let null = with(&value, &place, &Value::Null);
            check(name, &format!("null at {place}"), &null, decode, needed);
            changes += 2;
        }
    }
    assert!(changes > 900, "only {changes} changes were tried");
}

#[test]
fn every_field_may_be_of_another_kind() {
    let kinds = [
        json!(""),
        json!("x"),
        json!(-1),
        json!(1.5),
        json!(true),
        json!([[], null, 7, {}]),
        json!({"x": {}}),
    ];
    // An answer that is plainly about something else is refused, and so is a list that is none.
    for (name, value, decode, needed) in samples() {
        for place in places(&value) {
            for kind in &kinds {
                let odd = with(&value, &place, kind);
                check(name, &format!("{kind} at {place}"), &odd, decode, needed);
            }
        }
    }
}

#[test]
fn unknown_fields_are_nobodys_business() {
    for (name, value, decode, _) in samples() {
        if let Value::Object(members) = &value {
            let mut members: Map<String, Value> = members.clone();
            members.insert("brand_new".to_owned(), json!({"deep": [1, 2, 3]}));
            assert_eq!(decode(&Value::Object(members)), Ok(()), "{name}");
        }
    }
}

#[test]
fn an_answer_of_another_kind_is_unreadable() {
    for (name, _, decode, _) in samples() {
        for value in [json!(null), json!(7), json!(true)] {
            assert!(decode(&value).is_err(), "{name}: {value}");
        }
    }
}

#[test]
fn what_is_no_json_is_unreadable() {
    let deep = "[".repeat(1_000_000);
    for text in ["", " \n", "<html>", "{", "{\"a\":", "\u{feff}{}", &deep] {
        assert!(json(text.as_bytes()).is_err());
    }
    assert!(json(b"{\"a\": \"\xff\"}").is_err());
}

#[test]
fn the_identity_is_read_in_both_shapes() {
    let today = identity(&sample!("identity")).expect("an identity");
    assert_eq!(today.user.as_str(), "sandbox");
    assert_eq!(today.workspace.as_str(), "Sandbox Team");
    assert_eq!(today.slug, Some("sandbox-team".into()));
    assert_eq!(today.tier, Some("PRO".into()));
    assert_eq!(today.balance, Some("12.50".into()));
    assert!(!today.post_paid);

    let flat =
        json!({"username": "ann", "team_name": "Acme", "team_tier": "FREE", "credits": 12.5});
    let flat = identity(&flat).expect("an identity");
    assert_eq!(flat.user.as_str(), "ann");
    assert_eq!(flat.workspace.as_str(), "Acme");
    assert_eq!(flat.balance, Some("12.5".into()));
}

#[test]
fn a_page_of_apps_keeps_full_and_minimal_rows() {
    let page = app_page(&sample!("apps"), 1).expect("a page");
    assert_eq!((page.page, page.pages, page.total), (1, 1, 2));
    let [full, minimal] = &page.apps[..] else {
        panic!("two rows: {page:?}")
    };
    assert_eq!(full.id, app_id());
    assert_eq!(full.kms, KmsKind::OnChain("base".into()));
    assert_eq!(full.instance_count, Some(2));
    let names: Vec<_> = full.instances.iter().map(|cvm| cvm.name.as_str()).collect();
    assert_eq!(
        names,
        ["web-base", "web-2"],
        "the current one first, and once"
    );
    assert_eq!(minimal.name.as_str(), "0x50b0e827..388cc1");
    assert_eq!(minimal.kms, KmsKind::Unknown(Shown::default()));
    assert_eq!(minimal.instances, []);
}

#[test]
fn pages_are_counted_where_the_service_does_not_say() {
    let pages = |value| app_page(&value, 3).map(|page| (page.page, page.pages, page.total));
    assert_eq!(
        pages(json!({"total": 101, "page_size": 50})),
        Ok((3, 3, 101))
    );
    assert_eq!(
        pages(json!({"total": "101", "page_size": 0})),
        Ok((3, 3, 101))
    );
    assert_eq!(pages(json!({})), Ok((3, 3, 0)));
}

#[test]
fn a_row_without_an_id_is_skipped_or_kept() {
    let rows = json!({"dstack_apps": [{"app_id": "nonsense"}, {"name": "x"}, 5, {"app_id": format!("0x{APP}")}]});
    let page = app_page(&rows, 1).expect("a page");
    assert_eq!(page.apps.len(), 1);
    let kept = instances(&json!([{"name": "young"}, null, "x"])).expect("a list");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].uuid, None);
}

#[test]
fn an_app_of_very_many_instances_has_each_once() {
    let many = 50_000;
    let row = |number: usize| json!({"vm_uuid": format!("{number:032x}")});
    let mut rows: Vec<_> = (0..many).map(row).collect();
    rows.extend([row(1), json!({"name": "young"}), json!({"name": "young"})]);
    let app = app(&json!({"current_cvm": row(7), "cvms": rows}), app_id()).expect("an app");
    assert_eq!(app.instances.len(), many + 2);
    assert_eq!(
        app.instances[0].uuid,
        CvmUuid::parse(&format!("{:032x}", 7))
    );
}

#[test]
fn an_answer_about_something_else_is_refused() {
    let other = AppId::parse(&"11".repeat(20)).expect("an app id");
    assert!(app(&sample!("app"), other).is_err());
    let other = ComposeHash::parse(&"11".repeat(32)).expect("a hash");
    assert!(permission(&sample!("permission"), other).is_err());
}

#[test]
fn the_kms_is_known_by_its_word_or_by_the_chain() {
    let kind = |value| app(&value, app_id()).map(|app| app.kms);
    let chain = |id| json!({"current_cvm": {"kms_info": {"chain_id": id}}});
    assert_eq!(kind(json!({"kms_type": "phala"})), Ok(KmsKind::Central));
    assert_eq!(
        kind(json!({"kms_type": "legacy"})),
        Ok(KmsKind::Unknown("legacy".into()))
    );
    assert_eq!(kind(chain(8453)), Ok(KmsKind::OnChain("base".into())));
    assert_eq!(
        kind(chain(31337)),
        Ok(KmsKind::OnChain("chain 31337".into()))
    );
    assert_eq!(kind(json!({})), Ok(KmsKind::Unknown(Shown::default())));
}

#[test]
fn an_instance_is_read_in_full() {
    let rows = instances(&sample!("instances")).expect("a list");
    let row = &rows[0];
    assert_eq!(row.uuid, CvmUuid::parse("7a2d3e4f5c6b4d7e9f80112233445566"));
    assert_eq!(row.name.as_str(), "web-base");
    assert_eq!(row.status.as_str(), "running");
    assert_eq!(row.compose_hash, Some(hash()));
    assert_eq!(row.kms.chain_id, Some(8453));
    assert_eq!(row.kms.contract, Some(Shown::line(&format!("0x{APP}"))));
    assert_eq!(row.kms.env_key, None);
    assert_eq!(row.kms_word, Some("base".into()));
    assert_eq!(row.image, Some("dstack-0.5.7".into()));
    assert_eq!(row.urls.len(), 2);
    let node = row.node.as_ref().expect("a node");
    assert_eq!((node.id, node.name.as_str()), (Some(NodeId(5)), "prod6"));
    assert!(node.device.is_some());
    assert_eq!(row.resource.kind, Some("tdx.small".into()));
    assert_eq!(row.resource.memory_gb, Some(2.0));
    assert_eq!(row.resource.price, Some("0.058".into()));
}

#[test]
fn the_older_shapes_of_an_instance_say_the_same() {
    let detail = sample!("instance_2025_10_28");
    let basic = json!({"vm_uuid": "6f1c2d3e4b5a4c6d8e7f001122334455", "status": "running", "vcpu": 1, "memory": 2048,
        "disk_size": 40, "teepod_id": 5, "teepod_name": "prod6", "region_identifier": "US-WEST-1"});
    let hosted = json!({"hosted": {"id": "6f1c2d3e4b5a4c6d8e7f001122334455", "status": "running"}, "vcpu": 1,
        "memory": 2048, "disk_size": 40, "node": {"id": 5, "name": "prod6", "region_identifier": "US-WEST-1"}});
    let rows = instances(&json!([detail, basic, hosted])).expect("a list");
    for row in rows {
        assert_eq!(
            row.uuid,
            CvmUuid::parse("6f1c2d3e-4b5a-4c6d-8e7f-001122334455")
        );
        assert_eq!(row.status.as_str(), "running");
        assert_eq!(row.resource.memory_gb, Some(2.0));
        assert_eq!(row.resource.disk_gb, Some(40.0));
        let node = row.node.expect("a node");
        assert_eq!((node.id, node.name.as_str()), (Some(NodeId(5)), "prod6"));
        assert_eq!(node.region, Some("US-WEST-1".into()));
    }
}

#[test]
fn nodes_are_read_and_an_overbooked_one_has_nothing_left() {
    let list = nodes(&sample!("nodes")).expect("nodes");
    let ids: Vec<_> = list.nodes.iter().map(|node| node.id.0).collect();
    assert_eq!(ids, [5, 12]);
    let node = &list.nodes[0];
    assert_eq!(node.slots, Some(8));
    assert_eq!(node.memory_mb, Some(32768.0));
    assert_eq!(node.on_chain, Some(true));
    assert_eq!(node.images, ["dstack-0.5.7".into()]);
    let odd = json!({"nodes": [{"teepod_id": "7", "remaining_cvm_slots": -2}, {"name": "no id"}]});
    let odd = nodes(&odd).expect("nodes");
    assert_eq!(odd.nodes.len(), 1);
    assert_eq!(odd.nodes[0].slots, Some(0));
    assert_eq!(odd.nodes[0].on_chain, None);
}

#[test]
fn the_allowlist_answers_for_each_device() {
    let list = allowlist(&sample!("allowlist")).expect("a list");
    assert!(list.on_chain && !list.any_device);
    let allowed: Vec<_> = list
        .devices
        .iter()
        .map(|(id, ..)| list.allows(id))
        .collect();
    assert_eq!(allowed, [Some(true), Some(false)]);
}

#[test]
fn quotas_without_numbers_are_left_out() {
    let all = quotas(&sample!("quotas")).expect("quotas");
    assert_eq!(all.limits.len(), 4);
    assert_eq!(all.limits[0].name.as_str(), "vm_slots");
    assert_eq!((all.limits[0].limit, all.limits[0].remaining), (10.0, 7.0));
    let some = json!({"quotas": {"vcpu": {"limit": "8", "remaining": 2}, "disk_gb": {"limit": 5}}});
    assert_eq!(quotas(&some).expect("quotas").limits.len(), 1);
}

#[test]
fn a_document_keeps_every_byte() {
    let full = document(sample!("document").to_string().as_bytes()).expect("a document");
    assert_eq!(full.compose, "services:\n  web:\n    image: nginx:1.27\n");
    assert_eq!(full.script.as_deref(), Some("#!/bin/sh\r\necho ready\n"));
    assert_eq!(
        full.allowed_envs,
        Some(vec!["DB_URL".to_owned(), "TOKEN".to_owned()])
    );
    let app_compose = sample!("document").to_string();
    for shape in [
        json!({"compose_file": sample!("document")}),
        json!({"compose_file": app_compose}),
        json!(app_compose),
    ] {
        assert_eq!(document(shape.to_string().as_bytes()), Ok(full.clone()));
    }
    let bare = json!("services: {}\n\u{1b}").to_string();
    let bare = document(bare.as_bytes()).expect("a document");
    assert_eq!(bare.compose, "services: {}\n\u{1b}");
    assert_eq!((bare.allowed_envs, bare.stored), (None, None));
}

#[test]
fn a_document_keeps_its_order_and_its_numbers() {
    let text = r#"{"z": {"b": 1.0, "a": 2}, "docker_compose_file": "x", "A": null}"#;
    let wrapped = format!("{{\"other\": 1, \"compose_file\": {text}}}");
    for sent in [text, &wrapped] {
        let document = document(sent.as_bytes()).expect("a document");
        assert_eq!(document.stored.as_deref(), Some(text));
    }
}

#[test]
fn a_new_instance_is_read_in_both_shapes() {
    let vm = created(&sample!("created")).expect("an instance");
    assert_eq!(
        vm.uuid,
        CvmUuid::parse("fb1747f6-bd70-4109-8c1e-945ecd8fc91b")
    );
    assert_eq!(vm.app, Some(app_id()));
    assert_eq!(vm.status.as_str(), "creating");
    assert_eq!(vm.node.and_then(|node| node.id), Some(NodeId(12)));
    assert_eq!(vm.instance_id, None);
    let union = created(&sample!("created_union")).expect("an instance");
    assert_eq!(union.node.map(|node| node.name), Some("prod6".into()));
    for nothing in [json!({}), json!({"ok": true}), json!([]), json!("created")] {
        assert!(created(&nothing).is_err(), "{nothing}");
    }
}

#[test]
fn permission_is_what_the_contract_grants_and_never_a_guess() {
    let all = permission(&sample!("permission"), hash()).expect("a permission");
    let expected = Permission {
        hash: true,
        device: Some(true),
        all: true,
        error: None,
    };
    assert_eq!(all, expected);
    assert_eq!(permission(&json!({}), hash()), Ok(Permission::default()));
    let any = json!({"allow_any_device": true, "device_id_allowed": false, "error": "rpc\ndown"});
    let any = permission(&any, hash()).expect("a permission");
    assert_eq!(any.device, Some(true));
    assert_eq!(any.error, Some("rpc down".into()));
}

#[test]
fn an_empty_boot_error_is_none() {
    let fine = state(&json!({"status": "running", "boot_error": "", "boot_progress": "done"}));
    assert_eq!(fine.expect("a state").boot_error, None);
    let read = state(&sample!("state")).expect("a state");
    assert_eq!(read.boot_progress, Some("done".into()));
    assert_eq!(read.uptime, Some("12s".into()));
    assert!(read.instance_id.is_some());
}

#[test]
fn addresses_and_containers_are_read() {
    let network = network(&sample!("network")).expect("a network");
    assert!(network.online);
    assert_eq!(network.urls.len(), 1);
    assert!(
        network.urls[0].as_str().contains("63010f80"),
        "the instance's own address"
    );
    let told = composition(&sample!("containers")).expect("containers");
    let list = &told.containers;
    assert_eq!(list[0].name.as_str(), "dstack-web-1");
    assert_eq!(list[0].status.as_str(), "Up 2 minutes (healthy)");
    assert_eq!(
        composition(&json!({"containers": null})),
        Ok(Composition::default())
    );
}

#[test]
fn a_ticket_is_read_at_the_top_and_under_detail() {
    let top = sample!("prepare_465");
    let read = ticket(&top).expect("a ticket");
    let expected = Ticket {
        token: crate::secret::Secret::new("4a46de97-61bd-4805-b1ad-029a2152f0cf"),
        compose_hash: ComposeHash::parse(
            "2bad8ffb3d8b28b0de1eac03e5a1de0aa307438376d56f41ed98e32145881894",
        )
        .expect("a hash"),
        app: Some(app_id()),
        device: DeviceId::parse("aa8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7bbb"),
        chain_id: Some(8453),
        hash_allowed: false,
        device_allowed: false,
        commit_url: read.commit_url.clone(),
        provision: None,
    };
    assert_eq!(read, expected);
    assert!(read.commit_url.is_some());
    assert_eq!(ticket(&json!({"detail": top})), Ok(read));
}

#[test]
fn a_ticket_normalises_and_names_what_it_misses() {
    let of = |details: Value| ticket(&json!({"details": details}));
    let token = json!({"field": "commit_token", "value": "t"});
    let upper = json!({"field": "compose_hash", "value": format!("0x{}", HASH.to_uppercase())});
    let app = json!({"field": "app_id", "value": format!("0x{APP}")});
    let read = of(json!([token, upper, app])).expect("a ticket");
    assert_eq!(read.compose_hash, hash());
    assert_eq!(read.app, Some(app_id()));
    let cause = |details| {
        of(details)
            .map_err(|Unreadable(cause)| cause)
            .expect_err("an error")
    };
    assert!(cause(json!([token])).starts_with("compose_hash"));
    assert!(cause(json!([upper])).starts_with("commit_token"));
    assert!(
        cause(json!([token, {"field": "compose_hash", "value": "0x12"}]))
            .starts_with("compose_hash")
    );
    assert!(cause(json!("plain")).starts_with("details"));
}

fn refused(status: u16, reason: &str, body: &[u8]) -> crate::api::error::Refusal {
    let head = RefusalHead {
        status,
        reason: reason.to_owned(),
        ..RefusalHead::default()
    };
    refusal(head, body)
}

#[test]
fn a_refusal_has_words_in_every_shape() {
    for (status, body, message, code) in [
        (
            466,
            r#"{"error_code": "ERR-01-006", "message": "expired"}"#,
            "expired",
            Some("ERR-01-006"),
        ),
        (
            400,
            r#"{"detail": {"error_code": "ERR-02-005", "message": "full"}}"#,
            "full",
            Some("ERR-02-005"),
        ),
        (404, r#"{"detail": "App not found"}"#, "App not found", None),
        (
            403,
            r#"{"detail": {"message": "no access"}}"#,
            "no access",
            None,
        ),
        (
            400,
            r#"{"detail": {"error": "slow_down", "error_description": "wait"}}"#,
            "wait",
            None,
        ),
        (
            400,
            r#"{"detail": {"error": "slow_down"}}"#,
            "slow_down",
            None,
        ),
        (400, r#"{"message": "bad"}"#, "bad", None),
        (400, r#"{"error": "bad"}"#, "bad", None),
        (401, r#"{"detail": "no key", "code": 17}"#, "no key", None),
        (400, "{}", "400 Reason", None),
        (400, "null", "400 Reason", None),
        (
            502,
            "<html>Bad</html>",
            "502 Reason, not from the service (HTML)",
            None,
        ),
        (502, "", "502 Reason, not from the service (empty)", None),
        (503, "upstream", "503 Reason, not from the service", None),
        (
            400,
            "{\"message\": \"a\\n  b\\u001b[31m\"}",
            "a b\\u{1b}[31m",
            None,
        ),
    ] {
        let refusal = refused(status, "Reason", body.as_bytes());
        assert_eq!(refusal.message.as_str(), message, "{body}");
        assert_eq!(refusal.code.as_ref().map(Shown::as_str), code, "{body}");
        assert_eq!(refusal.status, status);
        let ours = message.starts_with(&format!("{status} Reason"));
        assert_eq!(refusal.foreign, ours, "{body}");
    }
}

#[test]
fn a_list_of_invalid_fields_becomes_one_sentence() {
    let refusal = refused(
        422,
        "",
        include_bytes!("../../../tests/answers/refused_422.json"),
    );
    assert_eq!(
        refusal.message.as_str(),
        "node_id: Input should be a valid integer; encrypted_env: Value error, encrypted_env must be hex"
    );
    assert_eq!(refusal.details.len(), 2);
    let bare = refused(
        422,
        "",
        br#"{"detail": [{"loc": ["body"], "type": "missing"}, 5]}"#,
    );
    assert_eq!(bare.message.as_str(), "request: missing");
}

#[test]
fn details_suggestions_and_the_request_id_are_kept() {
    let refusal = refused(
        466,
        "",
        include_bytes!("../../../tests/answers/refused_466.json"),
    );
    assert_eq!(refusal.suggestions, ["Run prepare again".into()]);
    let body = json!({"error_code": "E", "message": "m", "request_id": "r-1", "details": [
        {"field": "node", "value": 5, "message": null},
        {"field": "quota", "value": {"left": 0}, "message": null},
        {"field": "name", "value": "x", "message": "is taken"},
    ]});
    let refusal = refused(409, "", body.to_string().as_bytes());
    let details: Vec<_> = refusal
        .details
        .iter()
        .map(|(field, text)| (field.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        details,
        [
            ("node", "5"),
            ("quota", "{\"left\":0}"),
            ("name", "is taken")
        ]
    );
    assert_eq!(refusal.request_id, Some("r-1".into()));
}

#[test]
fn a_ticket_read_as_a_refusal_gives_no_token_away() {
    let refusal = refused(
        465,
        "",
        include_bytes!("../../../tests/answers/prepare_465.json"),
    );
    assert_eq!(refusal.code, Some("ERR-01-005".into()));
    assert!(!format!("{refusal:?}").contains("4a46de97"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!(APP)),
        Just(json!(HASH)),
    ];
    // Names that the decoders look for, so that they get past the first step.
    let key = prop::sample::select(vec![
        "app_id",
        "apps",
        "detail",
        "details",
        "field",
        "value",
        "message",
        "loc",
        "compose_hash",
        "nodes",
        "teepod_id",
        "devices",
        "device_id",
        "quotas",
        "vcpu",
        "limit",
        "current_cvm",
        "cvms",
        "kms_info",
        "chain_id",
        "hosted",
        "node",
        "names",
        "containers",
        "status",
        "images",
        "page_size",
        "total",
        "docker_compose_file",
        "allowed_envs",
        "compose_file",
        "public_key",
        "resource",
        "endpoints",
        "app",
    ]);
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|members| {
                let members = members.into_iter().map(|(key, v)| (key.to_owned(), v));
                Value::Object(members.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_a_decoder_panic(value in any_json()) {
        for (name, _, decode, _) in samples() {
            if let Err(Unreadable(cause)) = decode(&value) {
                prop_assert!(!cause.is_empty(), "{} gives no cause", name);
            }
        }
        let refusal = refused(400, "Bad Request", value.to_string().as_bytes());
        prop_assert!(!refusal.message.is_empty());
    }

    #[test]
    fn no_bytes_make_a_refusal_panic(bytes in any::<Vec<u8>>()) {
        prop_assert!(!refused(500, "", &bytes).message.is_empty());
    }
}

#[test]
fn an_instance_is_found_with_its_app_and_its_state() {
    let today = found(&sample!("instance")).expect("an instance");
    assert_eq!(today.instance.uuid, Some(cvm()));
    assert_eq!(today.app, Some(app_id()));
    assert_eq!(today.state.status.as_str(), "running");
    assert_eq!(today.state.instance_id, today.instance.instance_id);
    let older = found(&sample!("instance_2025_10_28")).expect("an instance");
    assert_eq!(older.instance.name.as_str(), "web-phala");
    for id in [APP.to_owned(), format!("0x{APP}"), format!("app_{APP}")] {
        let row = json!({"name": "a", "app_id": id});
        let row = found(&row).expect("an instance");
        assert_eq!(row.app, Some(app_id()));
    }
    let hosted = json!({"hosted": {"status": "exited", "boot_error": "no\nkeys", "app_id": APP}});
    let hosted = found(&hosted).expect("an instance");
    assert_eq!(hosted.state.boot_error, Some("no keys".into()));
    assert_eq!(hosted.app, Some(app_id()));
    assert!(found(&json!({"detail": "?"})).is_err());
}

#[test]
fn states_are_told_in_the_order_asked_and_who_is_unknown_is_left_out() {
    let other = CvmUuid::parse(&"12".repeat(16)).expect("a uuid");
    let stranger = CvmUuid::parse(&"34".repeat(16)).expect("a uuid");
    let mut answer = sample!("states");
    answer[other.in_path()] = json!({"status": "starting"});
    answer[stranger.to_string()] = json!(null);
    let asked = [other.clone(), stranger, cvm()];
    let told = states(&answer, &asked).expect("states");
    let told: Vec<_> = told
        .iter()
        .map(|(cvm, state)| (cvm, state.status.as_str()))
        .collect();
    assert_eq!(told, [(&other, "starting"), (&cvm(), "running")]);
}

#[test]
fn a_system_is_told_in_full_or_not_at_all() {
    let full = stats(&sample!("stats")).expect("a system");
    assert_eq!(full.system, Some("DStack 0.5.4".into()));
    assert_eq!((full.cpus, full.uptime), (Some(2), Some(3723)));
    assert_eq!(full.load, [Some(0.21), Some(0.18), Some(0.12)]);
    assert_eq!(full.memory, Some(4 << 30));
    assert_eq!(full.memory_used, Some(1 << 30));
    assert_eq!(full.disks[0].place.as_str(), "/");
    assert_eq!(
        (full.disks[0].size, full.disks[0].free),
        (40 << 30, 32 << 30)
    );
    let none = json!({"is_online": false, "is_public": null, "error": "gone", "sysinfo": null});
    let none = stats(&none).expect("a system");
    assert_eq!(none.trouble, Some("gone".into()));
    assert_eq!((none.system, none.cpus, none.public), (None, None, None));
    assert_eq!(none.load, [None; 3]);
    let odd = json!({"sysinfo": {"uptime": 12.9, "os_version": "1", "disks": [{"name": "vda"}]}});
    let odd = stats(&odd).expect("a system");
    assert_eq!((odd.uptime, odd.system), (Some(12), Some("1".into())));
    assert_eq!(odd.disks[0].place.as_str(), "vda");
}

#[test]
fn operations_stand_newest_first() {
    let told = operations(&sample!("operations")).expect("operations");
    let kinds: Vec<_> = told.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["restart", "create"]);
    assert_eq!(told[1].error, Some("the node has no room".into()));
    assert_eq!(told[1].status.as_str(), "failed");
    // Without all of the times, as the service has them.
    let odd = json!([{"operation_type": "a", "started_at": "2026-11-23T16:12:04Z"},
        {"operation_type": "b"}, {"operation_type": "c", "started_at": "2026-11-24T16:12:04Z"}]);
    let odd = operations(&odd).expect("operations");
    let kinds: Vec<_> = odd.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["a", "b", "c"]);
    assert_eq!(operations(&json!({})), Ok(vec![]));
}

#[test]
fn the_address_of_a_log_is_found_by_the_exact_name_of_its_container() {
    let answer = sample!("containers_logs");
    let address = Secret::new("https://node.example.invalid/logs/cache?token=canary");
    let log = |name: &str| container_log(&answer, &name.into()).expect("an answer");
    for name in ["dstack-cache-1", "/dstack-cache-1", "cache"] {
        assert_eq!(log(name), Ok(address.clone()), "{name}");
    }
    assert_eq!(log("dstack-web-1"), Err(LogEnd::Private));
    let names = vec!["dstack-web-1".into(), "dstack-cache-1".into()];
    assert_eq!(log("dstack"), Err(LogEnd::NoContainer(names)));
    let with = |place: &str, value: Value| {
        let answer = with(&answer, place, &value);
        container_log(&answer, &"cache".into()).expect("an answer")
    };
    assert_eq!(with("/is_public", json!(false)), Err(LogEnd::Private));
    assert_eq!(with("/is_online", json!(false)), Err(LogEnd::Offline(None)));
    assert_eq!(with("/is_online", json!(null)), Ok(address));
    assert_eq!(
        with("/containers", json!(null)),
        Err(LogEnd::NoContainer(vec![]))
    );
    let told = composition(&answer).expect("containers");
    assert_eq!(told.containers[1].name.as_str(), "dstack-cache-1");
    assert!(told.containers[1].has_log && !told.containers[0].has_log);
    assert!(!format!("{told:?} {:?}", log("cache")).contains("canary"));
}

#[test]
fn the_address_of_the_vms_logs_is_told_in_the_older_shape_alone() {
    let older = vm_log(&sample!("instance_2025_10_28")).expect("an answer");
    assert!(older.is_ok_and(|address| address.expose().ends_with("?token=t")));
    let today = vm_log(&sample!("instance")).expect("an answer");
    assert_eq!(today, Err(LogEnd::NoAddress));
}

#[test]
fn a_network_is_read_in_full_and_where_it_is_down() {
    let up = network(&sample!("network")).expect("a network");
    assert!(up.online && up.urls[0].as_str().starts_with("https://63010f80"));
    assert_eq!(up.public, Some(true));
    assert_eq!(up.internal_ip, Some("10.4.0.7".into()));
    assert_eq!(up.handshake, Some("12s ago".into()));
    let down = json!({"is_online": false, "error": "no\nroute", "public_urls": [{"app": "https://a"}, {"app": "x"}]});
    let down = network(&down).expect("a network");
    assert_eq!(down.trouble, Some("no route".into()));
    assert_eq!(down.urls, ["https://a".into()]);
    assert_eq!((down.public, down.internal_ip), (None, None));
}
