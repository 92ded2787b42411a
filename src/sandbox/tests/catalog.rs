//! What can be had: nodes, instance types, OS images, KMS and their chains; and which apps a filter finds.

use super::*;

#[test]
fn instance_types_come_by_family_and_are_strict_outside() {
    let mut visitor = Visitor::to("on-chain");
    let family = visitor.get("/instance-types/cpu");
    assert_eq!(family.as_object().unwrap().len(), 3);
    assert_eq!(
        (&family["total"], &family["family"]),
        (&json!(3), &json!("cpu"))
    );
    assert!(family["items"][0]["hourly_rate"].is_string());
    assert_eq!(visitor.refused("/instance-types/gpu").0, 404);
}

#[test]
fn os_images_have_a_text_for_a_version_here_and_numbers_on_nodes() {
    let mut visitor = Visitor::to("on-chain");
    let images = visitor.get("/os-images?is_dev=false");
    let names: Vec<&str> = images["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["dstack-0.5.7", "dstack-0.5.6"]);
    assert_eq!(images["items"][0]["version"], "0.5.7");
    has(
        &images["items"][0],
        "slug os_image_hash is_dev requires_gpu",
    );
    let node = visitor.get("/teepods/available")["nodes"][0].clone();
    assert_eq!(node["images"].as_array().unwrap().len(), 3);
    let hash = &images["items"][0]["os_image_hash"];
    assert_eq!(node["images"][0]["os_image_hash"], *hash);
    assert_eq!(visitor.get("/cvms/kv-cache")["os"]["os_image_hash"], *hash);
}

#[test]
fn an_instance_can_choose_among_builds_of_each_version() {
    let mut visitor = Visitor::to("on-chain");
    let rows = visitor.get("/cvms/kv-cache/available-os-images");
    assert_eq!(rows[0]["version"], json!([0, 5, 7]));
    assert_eq!(rows[0]["prod"]["is_current"], true);
    assert_eq!(rows[0]["dev"]["name"], "dstack-dev-0.5.7");
    assert_eq!(rows[1]["dev"], Value::Null);
}

#[test]
fn newer_clients_get_all_they_need_for_a_new_app_at_once() {
    let mut visitor = Visitor::to("on-chain");
    let graph = visitor.get("/teepods/cvm-create-resources");
    has(
        &graph,
        "tier capacity nodes kms_nodes node_kms_relations gateway_nodes instance_types gpu_availability",
    );
    let off_chain = graph["node_kms_relations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|relation| relation["teepod_id"] == 15);
    assert_eq!(off_chain.count(), 1, "prod15 has no on-chain KMS");
    has(
        &graph["instance_types"][0],
        "default_disk_size_gb requires_gpu_count family",
    );
}

#[test]
fn a_chain_tells_what_its_contracts_allow() {
    let mut visitor = Visitor::to("on-chain");
    let base = visitor.get("/kms/on-chain/base");
    assert_eq!(
        (&base["chain_id"], &base["chain_name"]),
        (&json!(8453), &json!("base"))
    );
    let contract = &base["contracts"][0];
    assert_eq!(contract["devices"].as_array().unwrap().len(), 4);
    assert_eq!(contract["os_images"].as_array().unwrap().len(), 3);
    let key = visitor.get("/cvms/orders-api-1")["kms_info"]["k256_pubkey"].clone();
    assert_eq!(contract["k256_pubkey"], key);
    assert_eq!(visitor.refused("/kms/on-chain/solana").0, 400);
}

#[test]
fn filters_must_all_fit_one_instance() {
    let mut visitor = Visitor::to("on-chain");
    let mut names = |query: &str| -> Vec<String> {
        visitor.get(&format!("/apps?{query}"))["dstack_apps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|app| app["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("status=stopped"), ["model-gateway"]);
    assert_eq!(names("status=stopped&status=running").len(), 4);
    assert_eq!(names("kms_type=base"), ["orders-api", "model-gateway"]);
    assert_eq!(names("kms_slug=phala-prod"), ["kv-cache", "status-page"]);
    assert_eq!(names("node=prod5"), ["orders-api", "pricing-oracle"]);
    assert_eq!(names("node=prod5&region=US-EAST-1"), Vec::<String>::new());
    assert_eq!(names("region=US-EAST-1"), ["orders-api"]);
    assert_eq!(names("instance_type=tdx.large"), ["model-gateway"]);
    assert_eq!(names("base_image=dstack-0.5.7").len(), 4);
    assert_eq!(names("base_image=dstack-0.5.6"), Vec::<String>::new());
    assert_eq!(names("listed=true"), Vec::<String>::new());
    assert_eq!(
        names("search=or&listed=false"),
        ["orders-api", "pricing-oracle"]
    );
    assert_eq!(visitor.refused("/apps?listed=perhaps").0, 422);
}

#[test]
fn filter_options_are_what_there_is_and_none_is_missing() {
    let mut visitor = Visitor::to("on-chain");
    let options = visitor.get("/apps/filter-options");
    assert_eq!(options["statuses"], json!(["running", "stopped"]));
    assert_eq!(options["kms_types"], json!(["base", "ethereum", "phala"]));
    assert_eq!(
        options["nodes"],
        json!(["prod12", "prod15", "prod5", "prod9"])
    );
    let empty = Visitor::to("empty-workspace").get("/apps/filter-options");
    has(
        &empty,
        "statuses image_versions instance_types kms_slugs kms_types regions nodes",
    );
    assert_eq!(empty["nodes"], json!([]));
}

#[test]
fn every_place_where_an_id_may_stand_as_a_cursor_leads_to_the_end() {
    let mut visitor = Visitor::to("on-chain");
    assert_eq!(
        visitor.get("/workspaces?limit=1")["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(visitor.get("/workspaces?cursor=x")["data"], json!([]));
    assert_eq!(visitor.refused("/workspaces?limit=0").0, 422);
}
