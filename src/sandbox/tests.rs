//! The rules of the service, told as stories of requests. One file per subject.

mod attestation;
mod catalog;
mod chain;
mod cvms;
mod flood;
mod ingress;
mod instances;
mod login;
mod logs;
mod mishaps;
mod provision;
mod reading;
mod replicas;
mod settings;
mod stories;
mod tickets;
mod updates;
mod versions;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Delivery, Options, Reply, Request, Scenario, World};

const KEY: &str = "phak_sandbox_test";
const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.28\n    ports: ['80:80']\n";

/// A client with a world of its own and a clock it can turn.
struct Visitor {
    world: World,
    now: Duration,
}

impl Visitor {
    fn to(scenario: &str) -> Self {
        Self::told(Scenario::named(scenario).unwrap())
    }

    /// The default story, changed.
    fn changed(toml: &str) -> Self {
        Self::told(Scenario::parse("changed", &format!("sentence = ''\n{toml}")).unwrap())
    }

    fn told(scenario: Scenario) -> Self {
        let options = Options {
            seed: 1,
            api_key: KEY.to_owned(),
            base_url: "http://127.0.0.1:1/api/v1".to_owned(),
        };
        Self {
            world: World::new(scenario, options),
            now: Duration::ZERO,
        }
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    /// Sends a request such as `GET /apps?page=2` with the key.
    fn send(&mut self, line: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(owned)
                .collect(),
            headers: headers
                .iter()
                .copied()
                .chain([("x-api-key", KEY)])
                .map(owned)
                .collect(),
            body: body.as_bytes().to_vec(),
        };
        self.world.answer(self.now, &request)
    }

    fn get(&mut self, target: &str) -> Value {
        let (status, body) = parsed(&self.send(&format!("GET {target}"), &[], ""));
        assert_eq!(status, 200, "{target}: {body}");
        body
    }

    /// Status and body of a refused GET.
    fn refused(&mut self, target: &str) -> (u16, Value) {
        parsed(&self.send(&format!("GET {target}"), &[], ""))
    }

    fn post(&mut self, target: &str, body: &Value) -> (u16, Value) {
        parsed(&self.send(&format!("POST {target}"), &[], &body.to_string()))
    }

    fn patch(&mut self, target: &str, body: &Value) -> (u16, Value) {
        parsed(&self.send(&format!("PATCH {target}"), &[], &body.to_string()))
    }

    fn get_as(&mut self, version: &str, target: &str) -> Value {
        let headers = [("x-phala-version", version)];
        let (status, body) = parsed(&self.send(&format!("GET {target}"), &headers, ""));
        assert_eq!(status, 200, "{target} {version}: {body}");
        body
    }

    fn post_as(&mut self, version: &str, target: &str, body: &Value) -> Value {
        let headers = [("x-phala-version", version)];
        let reply = self.send(&format!("POST {target}"), &headers, &body.to_string());
        let (status, body) = parsed(&reply);
        assert_eq!(status, 200, "{target} {version}: {body}");
        body
    }

    fn app_id(&self, name: &str) -> String {
        self.world
            .apps
            .iter()
            .find(|app| app.name == name)
            .unwrap()
            .app_id
            .clone()
    }

    fn prepare(&mut self, app: &str, body: &Value) -> (u16, Value) {
        let line = format!("POST /apps/{}/instances", self.app_id(app));
        parsed(&self.send(&line, &[("x-prepare-only", "true")], &body.to_string()))
    }

    /// A prepare of orders-api on prod9 that is answered with 465; its details by name.
    fn prepared(&mut self) -> Value {
        let (status, body) = self.prepare(
            "orders-api",
            &json!({ "node_id": 9, "docker_compose_file": COMPOSE }),
        );
        assert_eq!(status, 465, "{body}");
        details(&body)
    }

    fn direct(&mut self, app: &str, body: &Value) -> (u16, Value) {
        let target = format!("/apps/{}/instances", self.app_id(app));
        self.post(&target, body)
    }

    fn commit(&mut self, ticket: &Value) -> (u16, Value) {
        self.direct(
            "orders-api",
            &json!({
                "token": ticket["commit_token"],
                "compose_hash": ticket["compose_hash"],
                "transaction_hash": "already-registered",
            }),
        )
    }

    /// Prepares, waits for the owner, commits; the VM.
    fn created(&mut self) -> Value {
        let ticket = self.prepared();
        self.wait(20.0);
        let (status, vm) = self.commit(&ticket);
        assert_eq!(status, 200, "{vm}");
        vm
    }

    fn instances(&mut self, app: &str) -> usize {
        let id = self.app_id(app);
        self.get(&format!("/apps/{id}/cvms"))
            .as_array()
            .unwrap()
            .len()
    }
}

fn parsed(reply: &Reply) -> (u16, Value) {
    assert_eq!(reply.delivery, Delivery::Whole);
    let body = if reply.content_type == "application/json" {
        serde_json::from_slice(&reply.body).unwrap()
    } else {
        Value::String(String::from_utf8(reply.body.clone()).unwrap())
    };
    (reply.status, body)
}

/// The `details` of a 465 as one object.
fn details(body: &Value) -> Value {
    body["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| {
            (
                detail["field"].as_str().unwrap().to_owned(),
                detail["value"].clone(),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (
        answer.0,
        answer.1["error_code"].as_str().unwrap_or_default(),
    )
}

fn has(value: &Value, members: &str) {
    for member in members.split_whitespace() {
        assert!(
            value.get(member).is_some(),
            "{member} is missing in {value}"
        );
    }
}

fn lacks(value: &Value, members: &str) {
    for member in members.split_whitespace() {
        assert!(
            value.get(member).is_none(),
            "{member} must be absent in {value}"
        );
    }
}
