//! The gateway in front of the apps: the addresses an instance has, and what answers there.
//!
//! It carries no traffic and terminates no TLS: whoever comes through is greeted by the instance's name.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    boot::State,
    chain::normal,
    cvm::Cvm,
    message::{Reply, Request},
    world::World,
};

/// What clients append to the address of the sandbox; the gateway stands beside it.
const API: &str = "/api/v1";

impl World {
    /// Answers a request below `/ingress` that arrives at this sandbox time since the start.
    pub fn ingress(&mut self, now: Duration, request: &Request) -> Reply {
        self.met(now, request, |world| {
            let (status, text) = world.greeting(&request.segments());
            let content_type = "text/plain; charset=utf-8";
            Reply::new(status, content_type, text.into_bytes())
        })
    }

    /// One pair per published port; none before the instance id is known.
    ///
    /// Where the sandbox knows its own address, these answer there; otherwise they are of the gateway's form and lead
    /// nowhere.
    pub(super) fn urls(&self, cvm: &Cvm, state: &State, domain: &str) -> Vec<Value> {
        let Some(instance) = cvm.known_instance_id(state) else {
            return Vec::new();
        };
        let base = &self.options.base_url;
        let origin = base.strip_suffix(API).unwrap_or(base);
        let address = |id: &str, port: u16| match origin {
            "" => format!("https://{id}-{port}.{domain}"),
            _ => format!("{origin}/ingress/{id}-{port}"),
        };
        let services = cvm.document.services();
        let ports = services.iter().flat_map(|service| &service.ports);
        ports
            .map(|port| {
                json!({
                    "app": address(&cvm.app_id, *port),
                    "instance": address(instance, *port),
                })
            })
            .collect()
    }

    /// What stands behind `ingress/{app or instance id}-{port}`, whatever follows in the path.
    fn greeting(&self, segments: &[&str]) -> (u16, String) {
        let unknown = (404, "nobody has this address".to_owned());
        let name = segments.get(1).copied().unwrap_or_default();
        let Some((id, port)) = name.rsplit_once('-') else {
            return unknown;
        };
        let (id, Ok(port)) = (normal(id), port.parse()) else {
            return unknown;
        };
        let meant = |cvm: &&Cvm| cvm.instance_id == id || cvm.app_id == id;
        let answers = self.cvms.iter().filter(meant);
        // Of several instances the gateway takes one that answers.
        answers
            .filter_map(|cvm| self.behind(cvm, port))
            .min_by_key(|answer| answer.0)
            .unwrap_or(unknown)
    }

    /// Status and text of one instance; nothing if it does not publish the port.
    fn behind(&self, cvm: &Cvm, port: u16) -> Option<(u16, String)> {
        let services = cvm.document.services();
        let mut publishing = services.iter().filter(|it| it.ports.contains(&port));
        let service = publishing.next()?;
        let state = cvm.state(self.now);
        let trouble = cvm.life.trouble(self.now);
        let seen = trouble.and_then(|mishap| cvm.seen(mishap, &service.name));
        let runs = state.is_done() && seen.is_none_or(|seen| seen.state == "running");
        Some(if !state.is_reachable() {
            (502, "the instance does not answer".to_owned())
        } else if !state.is_routed() {
            (503, "no route to the instance".to_owned())
        } else if !runs {
            (502, "the container does not answer".to_owned())
        } else {
            (200, format!("hello from {}", cvm.name))
        })
    }
}
