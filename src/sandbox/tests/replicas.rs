//! Replicas: made after an instance that is named, committed with a token and no key.

use super::*;

impl Visitor {
    /// A replica of orders-api-1 on prod9 that is answered with 465; its details by name.
    fn replica_ticket(&mut self) -> Value {
        let line = "POST /cvms/orders-api-1/replicas";
        let body = json!({ "node_id": 9 }).to_string();
        let (status, body) = parsed(&self.send(line, &[("x-prepare-only", "true")], &body));
        assert_eq!(status, 465, "{body}");
        details(&body)
    }

    /// Without the key.
    fn commit_replica(&mut self, id: &str, ticket: &Value) -> (u16, Value) {
        let body = json!({
            "token": ticket["commit_token"],
            "compose_hash": ticket["compose_hash"],
            "transaction_hash": "already-registered",
        });
        let request = Request {
            method: "POST".to_owned(),
            path: format!("/cvms/{id}/commit-replica"),
            body: body.to_string().into_bytes(),
            ..Request::default()
        };
        parsed(&self.world.answer(self.now, &request))
    }
}

#[test]
fn without_a_body_it_is_made_where_its_source_lives() {
    let mut visitor = Visitor::to("on-chain");
    for body in ["", "null", "{}"] {
        let (status, vm) = parsed(&visitor.send("POST /cvms/kv-cache/replicas", &[], body));
        assert_eq!((status, &vm["teepod_id"]), (200, &json!(15)), "{body:?}");
        assert_eq!(vm["status"], "provisioning");
        let uuid = vm["vm_uuid"].as_str().unwrap();
        visitor.send(&format!("DELETE /cvms/{uuid}"), &[], "");
    }
}

#[test]
fn a_replica_runs_what_its_source_runs() {
    let mut visitor = Visitor::to("several-revisions");
    let source = visitor.get("/cvms/orders-api-1");
    let (status, vm) = visitor.post("/cvms/orders-api-1/replicas", &json!({ "node_id": 5 }));
    assert_eq!(status, 200, "{vm}");
    let made = visitor.get(&format!("/cvms/{}", vm["vm_uuid"].as_str().unwrap()));
    assert_eq!(made["compose_hash"], source["compose_hash"]);
    let other = visitor.get("/cvms/orders-api-2")["compose_hash"].clone();
    assert_ne!(made["compose_hash"], other);
    let wish = json!({ "node_id": 5, "compose_hash": other });
    let vm = visitor.post("/cvms/orders-api-1/replicas", &wish).1;
    let made = visitor.get(&format!("/cvms/{}", vm["vm_uuid"].as_str().unwrap()));
    assert_eq!(made["compose_hash"], other);
}

#[test]
fn several_revisions_may_force_a_choice_here_too() {
    let mut scenario = Scenario::named("several-revisions").unwrap();
    scenario.rules.replica_source_settles_revision = false;
    let mut visitor = Visitor::told(scenario);
    let vague = visitor.post("/cvms/orders-api-1/replicas", &json!({ "node_id": 5 }));
    assert_eq!(code(&vague), (400, "ERR-03-009"));
}

#[test]
fn a_prepared_replica_is_committed_with_its_token_alone() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.replica_ticket();
    assert_eq!(ticket["onchain_status"]["device_id_allowed"], false);
    let source = visitor.get("/cvms/orders-api-1")["vm_uuid"].clone();
    let url = ticket["api_commit_url"].as_str().unwrap();
    let tail = format!("/cvms/{}/commit-replica?token=", source.as_str().unwrap());
    assert!(url.contains(&tail), "{url}");
    assert_eq!(
        code(&visitor.commit_replica("orders-api-1", &ticket)),
        (468, "ERR-01-008")
    );
    visitor.wait(20.0);
    assert_eq!(
        code(&visitor.commit_replica("orders-api-2", &ticket)),
        (466, "ERR-01-006"),
        "the token names its source"
    );
    let elsewhere = visitor.commit(&ticket);
    assert_eq!(code(&elsewhere), (466, "ERR-01-006"), "and is no instance");
    let (status, vm) = visitor.commit_replica("orders-api-1", &ticket);
    assert_eq!((status, &vm["teepod_id"]), (200, &json!(9)));
    assert_eq!(
        code(&visitor.commit_replica("orders-api-1", &ticket)),
        (466, "ERR-01-006")
    );
    assert_eq!(visitor.instances("orders-api"), 3);
}

#[test]
fn the_token_may_stand_in_the_address() {
    let mut visitor = Visitor::to("on-chain");
    let ticket = visitor.replica_ticket();
    visitor.wait(20.0);
    let request = Request {
        method: "POST".to_owned(),
        path: "/cvms/orders-api-1/commit-replica".to_owned(),
        query: vec![(
            "token".to_owned(),
            ticket["commit_token"].as_str().unwrap().to_owned(),
        )],
        ..Request::default()
    };
    assert_eq!(visitor.world.answer(visitor.now, &request).status, 200);
}

#[test]
fn an_app_and_an_instance_that_are_named_together_belong_together() {
    let mut visitor = Visitor::to("on-chain");
    let (cache, orders) = (visitor.app_id("kv-cache"), visitor.app_id("orders-api"));
    let uuid = visitor.get("/cvms/kv-cache")["vm_uuid"]
        .as_str()
        .unwrap()
        .to_owned();
    let wrong = visitor.post(&format!("/apps/{orders}/cvms/{uuid}/replicas"), &json!({}));
    assert_eq!(wrong.0, 400);
    let right = visitor.post(&format!("/apps/{cache}/cvms/{uuid}/replicas"), &json!({}));
    assert_eq!(right.0, 200);
    assert_eq!(visitor.post("/cvms/nobody/replicas", &json!({})).0, 404);
    let unknown = visitor.post("/cvms/kv-cache/replicas", &json!({ "token": "x" }));
    assert_eq!(unknown.0, 422, "no token here");
}

#[test]
fn an_instance_may_be_committed_without_a_key_if_the_scenario_says_so() {
    let commit = |rules: &str| {
        let mut visitor = Visitor::changed(rules);
        let ticket = visitor.prepared();
        visitor.wait(20.0);
        let request = Request {
            method: "POST".to_owned(),
            path: format!("/apps/{}/instances", visitor.app_id("orders-api")),
            body: json!({ "token": ticket["commit_token"] })
                .to_string()
                .into_bytes(),
            ..Request::default()
        };
        visitor.world.answer(visitor.now, &request).status
    };
    assert_eq!(commit(""), 401);
    assert_eq!(commit("[rules]\ninstance_commit_needs_key = false"), 200);
}
