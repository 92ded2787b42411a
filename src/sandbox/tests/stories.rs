//! What each scenario promises, and the stream that a watcher reads.

use super::*;

/// The words a watcher hears, once each, until the stream ends or half an hour is over.
fn watched(visitor: &mut Visitor, vm: &Value) -> Vec<String> {
    let line = format!(
        "GET /cvms/{}/state?target=running&interval=5&timeout=600",
        vm["vm_uuid"].as_str().unwrap()
    );
    let reply = visitor.send(&line, &[], "");
    let Delivery::Stream(watch) = reply.delivery else {
        panic!("a stream")
    };
    let began = visitor.now;
    let mut heard = Vec::new();
    loop {
        let (text, ends) = visitor.world.watched(visitor.now, began, &watch);
        for event in text.split_terminator("\n\n") {
            let (name, data) = event.split_once('\n').unwrap();
            let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            let word = |member: &str| data[member].as_str().unwrap_or("-").to_owned();
            heard.push(format!(
                "{} {} {}",
                name.strip_prefix("event: ").unwrap(),
                word("status"),
                word("boot_progress")
            ));
        }
        if ends {
            heard.dedup();
            return heard;
        }
        visitor.now += watch.interval;
    }
}

#[test]
fn a_stream_walks_through_the_phases_and_completes() {
    let mut visitor = Visitor::to("on-chain");
    let vm = visitor.created();
    let heard = watched(&mut visitor, &vm);
    assert_eq!(heard.first().unwrap(), "state provisioning -");
    assert!(heard.contains(&"state starting starting containers".to_owned()));
    assert_eq!(
        heard[heard.len() - 2..],
        ["state running done", "complete running -"]
    );
}

#[test]
fn a_stream_for_a_target_that_never_comes_times_out() {
    let mut visitor = Visitor::to("boot-stalls");
    let (_, vm) = visitor.direct("kv-cache", &json!({}));
    let heard = watched(&mut visitor, &vm);
    assert_eq!(
        heard[heard.len() - 2..],
        ["state starting starting containers", "timeout - -"]
    );
    assert!(visitor.now >= Duration::from_mins(10));
}

#[test]
fn a_stream_may_complete_long_before_the_boot_is_done() {
    let mut visitor = Visitor::to("already-registered");
    let ticket = visitor.prepared();
    assert_eq!(ticket["onchain_status"]["is_allowed"], true);
    let (_, vm) = visitor.commit(&ticket);
    let heard = watched(&mut visitor, &vm);
    assert_eq!(
        heard[heard.len() - 2..],
        ["state running booting", "complete running -"]
    );
}

#[test]
fn streams_are_counted_and_their_numbers_have_ranges() {
    let mut visitor = Visitor::to("on-chain");
    let open: Vec<Reply> = (0..5)
        .map(|_| visitor.send("GET /cvms/kv-cache/state?target=stopped", &[], ""))
        .collect();
    assert_eq!(
        visitor.refused("/cvms/kv-cache/state?target=stopped").0,
        429
    );
    drop(open);
    assert_eq!(
        visitor
            .send("GET /cvms/kv-cache/state?target=stopped", &[], "")
            .status,
        200
    );
    assert_eq!(
        visitor
            .refused("/cvms/kv-cache/state?target=stopped&interval=4")
            .0,
        422
    );
    assert_eq!(
        visitor
            .refused("/cvms/kv-cache/state?target=stopped&timeout=601")
            .0,
        422
    );
}

#[test]
fn a_deleted_instance_ends_its_stream_with_an_error() {
    let mut visitor = Visitor::to("on-chain");
    let Delivery::Stream(watch) = visitor
        .send("GET /cvms/kv-cache/state?target=stopped", &[], "")
        .delivery
    else {
        panic!("a stream")
    };
    visitor.send("DELETE /cvms/kv-cache", &[], "");
    let (text, ends) = visitor.world.watched(visitor.now, visitor.now, &watch);
    assert!(ends && text.starts_with("event: error\n"), "{text}");
}

#[test]
fn a_lost_answer_still_created_the_instance() {
    let mut visitor = Visitor::to("answer-lost");
    let ticket = visitor.prepared();
    visitor.wait(20.0);
    let line = format!("POST /apps/{}/instances", visitor.app_id("orders-api"));
    let body = json!({ "token": ticket["commit_token"], "compose_hash": ticket["compose_hash"] })
        .to_string();
    assert_eq!(visitor.send(&line, &[], &body).delivery, Delivery::Reset);
    assert_eq!(visitor.instances("orders-api"), 3);
    assert_eq!(
        parsed(&visitor.send(&line, &[], &body)).0,
        466,
        "a second try finds the token used"
    );
}

#[test]
fn an_expired_token_can_be_replaced() {
    let mut visitor = Visitor::to("token-expired");
    let first = visitor.prepared();
    visitor.wait(20.0);
    assert_eq!(code(&visitor.commit(&first)), (466, "ERR-01-006"));
    let second = visitor.prepared();
    assert_eq!(visitor.commit(&second).0, 200);
}

#[test]
fn every_boot_story_ends_as_its_sentence_says() {
    for (scenario, status, progress, error) in [
        ("on-chain", "running", Some("done"), false),
        ("boot-fails", "running", Some("starting containers"), true),
        ("keys-refused", "exited", Some("requesting app keys"), true),
        ("creation-fails", "error", None, false),
        (
            "boot-stalls",
            "starting",
            Some("starting containers"),
            false,
        ),
        ("degraded-gateway", "running", Some("done"), true),
    ] {
        let mut visitor = Visitor::to(scenario);
        let (_, vm) = visitor.direct("kv-cache", &json!({}));
        visitor.wait(1000.0);
        let state = visitor.get(&format!("/cvms/{}/state", vm["vm_uuid"].as_str().unwrap()));
        assert_eq!(state["status"], status, "{scenario}");
        assert_eq!(state["boot_progress"].as_str(), progress, "{scenario}");
        assert_eq!(state.get("boot_error").is_some(), error, "{scenario}");
    }
}

#[test]
fn an_unregistered_instance_gets_no_keys_whatever_the_story() {
    let mut visitor = Visitor::changed("[rules]\ncommit_checks_contract = false");
    let ticket = visitor.prepared();
    let (status, vm) = visitor.commit(&ticket);
    assert_eq!(status, 200);
    visitor.wait(200.0);
    assert_eq!(
        visitor.get(&format!("/cvms/{}/state", vm["vm_uuid"].as_str().unwrap()))["status"],
        "exited"
    );
}

#[test]
fn a_lying_service_lies_about_one_thing_at_a_time() {
    let mut visitor = Visitor::to("lying-service");
    let orders = visitor.app_id("orders-api");
    let truth = Visitor::to("on-chain").prepared();
    let lies: Vec<Value> = (0..4).map(|_| visitor.prepared()).collect();
    for (lie, member) in lies
        .iter()
        .zip(["app_id", "compose_hash", "device_id", "app_id"])
    {
        for checked in ["app_id", "compose_hash", "device_id"] {
            assert_eq!(
                lie[checked] == truth[checked],
                checked != member,
                "{member}: {checked}"
            );
        }
    }
    assert_ne!(lies[0]["app_id"], orders);
}

#[test]
fn a_flaky_network_breaks_only_reading_and_always_in_the_same_way() {
    let story = || {
        let mut visitor = Visitor::to("flaky-network");
        let mut seen = Vec::new();
        for _ in 0..60 {
            let reply = visitor.send("GET /apps", &[], "");
            let after = reply.headers.iter().any(|(name, _)| name == "Retry-After");
            assert_eq!(after, matches!(reply.status, 429 | 503));
            seen.push((reply.status, reply.delivery));
        }
        assert_eq!(
            visitor.prepare("orders-api", &json!({ "node_id": 9 })).0,
            465
        );
        seen
    };
    let seen = story();
    assert_eq!(seen, story());
    for kind in [
        (503, Delivery::Whole),
        (429, Delivery::Whole),
        (200, Delivery::Reset),
        (200, Delivery::Cut),
    ] {
        assert!(seen.contains(&kind), "{kind:?}");
    }
    let good = seen
        .iter()
        .filter(|seen| **seen == (200, Delivery::Whole))
        .count();
    assert!(good > 30, "{good}");
}

#[test]
fn the_workspaces_are_as_full_as_they_say() {
    for (scenario, apps) in [
        ("on-chain", 5),
        ("empty-workspace", 0),
        ("many-apps", 500),
        ("hostile-names", 7),
    ] {
        assert_eq!(
            Visitor::to(scenario).get("/apps")["total"],
            apps,
            "{scenario}"
        );
    }
}

#[test]
fn slow_owners_sign_in_the_end_and_others_never_do() {
    let mut slow = Visitor::to("slow-chain");
    let ticket = slow.prepared();
    slow.wait(599.0);
    assert_eq!(slow.commit(&ticket).0, 468);
    slow.wait(1.0);
    assert_eq!(slow.commit(&ticket).0, 200);
    let mut never = Visitor::to("never-signed");
    let ticket = never.prepared();
    never.wait(86_400.0);
    assert_eq!(never.commit(&ticket).0, 468);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let told = |seed| {
        let options = Options {
            seed,
            api_key: KEY.to_owned(),
            base_url: String::new(),
        };
        let mut visitor = Visitor::to("on-chain");
        visitor.world = World::new(Scenario::named("on-chain").unwrap(), options);
        (visitor.prepared(), visitor.get("/cvms/paginated"))
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

#[test]
fn every_story_can_be_read_from_its_first_page_to_its_instances() {
    for scenario in Scenario::all() {
        let name = scenario.name.clone();
        let mut quiet = scenario;
        quiet.faults.clear();
        let mut visitor = Visitor::told(quiet);
        let rows = visitor.get("/apps?page_size=100")["dstack_apps"]
            .as_array()
            .unwrap()
            .clone();
        for row in rows {
            let id = row["app_id"].as_str().unwrap();
            let cvms = visitor.get(&format!("/apps/{id}/cvms"));
            assert_eq!(
                cvms.as_array().unwrap().len() as u64,
                row["cvm_count"].as_u64().unwrap(),
                "{name}"
            );
            visitor.get(&format!("/apps/{id}/revisions"));
            visitor.get(&format!("/apps/{id}/device-allowlist"));
        }
        visitor.get("/teepods/available");
        visitor.get("/auth/me");
    }
}
