//! What can be read out of a running instance: its document, addresses, system figures and containers.

use serde_json::{Map, Value, json};

use super::{
    boot::State,
    cvm::Cvm,
    document::Service,
    figures::{self, Figures},
    message::Reply,
    moment::Moment,
    world::{Answer, World},
};

const OFFLINE: &str = "the instance cannot be reached";

impl World {
    /// The stored document. Its optional members are left out rather than null.
    pub(super) fn compose_document(&self, id: &str) -> Answer {
        Ok(Reply::json(200, &self.cvm(id)?.document.to_json()))
    }

    pub(super) fn docker_compose(&self, id: &str) -> Answer {
        Ok(Reply::text(self.cvm(id)?.document.compose()))
    }

    pub(super) fn pre_launch_script(&self, id: &str) -> Answer {
        Ok(Reply::text(self.cvm(id)?.document.script()))
    }

    pub(super) fn network(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let state = cvm.state(self.now);
        let online = state.is_reachable();
        let domain = self
            .node(cvm.node)
            .map(super::nodes::Node::gateway_domain)
            .unwrap_or_default();
        let answer = json!({
            "is_online": online,
            "is_public": true,
            "error": trouble(&state),
            "internal_ip": online.then_some("10.4.0.17"),
            "latest_handshake": state.is_routed().then(|| self.now.plus(-12.0).iso()),
            "public_urls": state.is_routed().then(|| self.urls(cvm, &state, &domain)),
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn stats(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let state = cvm.state(self.now);
        let figures = Figures::of(cvm, &state, self.now);
        let (total, used) = (figures.total_memory, figures.used_memory);
        let online = state.is_reachable();
        let answer = json!({
            "is_online": online,
            "is_public": cvm.document.flag("public_sysinfo"),
            "in_progress": state.in_progress,
            "error": (!online).then_some(OFFLINE),
            "status": state.status,
            "boot_progress": state.progress,
            "boot_error": state.error,
            "sysinfo": online.then(|| json!({
                "os_name": "DStack",
                "os_version": self.os_shape(&cvm.image)["version"],
                "kernel_version": "6.9.0-dstack",
                "cpu_model": "Intel(R) Xeon(R) Platinum 8558",
                "num_cpus": cvm.size.vcpu,
                "total_memory": total,
                "available_memory": total - used,
                "used_memory": used,
                "free_memory": total - used,
                "total_swap": 0,
                "used_swap": 0,
                "free_swap": 0,
                "uptime": state.uptime.floor(),
                // Whole numbers in the vendor's schema: hundredths, by inference.
                "loadavg_one": figures.load[0],
                "loadavg_five": figures.load[1],
                "loadavg_fifteen": figures.load[2],
                "disks": [{
                    "name": "/dev/vda",
                    "mount_point": "/",
                    "total_size": figures.total_disk,
                    "free_size": figures.free_disk,
                }],
            })),
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn composition(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let state = cvm.state(self.now);
        let online = state.is_reachable();
        let document = match cvm.document.to_json() {
            Value::Object(members) if online => members,
            _ => Map::new(),
        };
        let member = |name: &str| document.get(name).cloned().unwrap_or_default();
        let answer = json!({
            "is_online": online,
            "is_public": true,
            "error": (!online).then_some(OFFLINE),
            "docker_compose_file": member("docker_compose_file"),
            "manifest_version": member("manifest_version"),
            "version": online.then_some("1.0.0"),
            "runner": member("runner"),
            "features": member("features"),
            "containers": online.then(|| self.containers(cvm, &state)),
        });
        Ok(Reply::json(200, &answer))
    }

    /// One container per service once docker has made them, in the state the boot or its mishap left them in.
    fn containers(&self, cvm: &Cvm, state: &State) -> Vec<Value> {
        let trouble = cvm.life.trouble(self.now);
        let seen = |service: &str| trouble.and_then(|mishap| cvm.seen(mishap, service));
        let services = cvm.document.services();
        let is_any_seen = services.iter().any(|service| seen(&service.name).is_some());
        let done = state.when("boot.progress", "done");
        if done.is_none() && !is_any_seen && !self.has_pulled(cvm, state) {
            return Vec::new();
        }
        let shape = |(place, service): (usize, &Service)| {
            let (word, status) = match (seen(&service.name), done) {
                (Some(seen), _) => (seen.state.as_str(), seen.status.clone()),
                (None, Some(done)) => ("running", figures::up(self.now.since(done))),
                (None, None) => ("created", "Created".to_owned()),
            };
            let label = format!("container {place} of {}", cvm.number);
            json!({
                "id": self.mint.hex(&label, 32),
                "image": service.image,
                "image_id": format!("sha256:{}", self.mint.hex(&service.image, 32)),
                "state": word,
                "status": status,
                "names": [format!("/dstack-{}-1", service.name)],
                "command": null,
                "created": cvm.life.since.unix_milliseconds() / 1000,
                "log_endpoint": self.log_endpoint(cvm, &service.name),
            })
        };
        services.iter().enumerate().map(shape).collect()
    }

    /// Docker has all the images and makes containers of them.
    fn has_pulled(&self, cvm: &Cvm, state: &State) -> bool {
        let ends_at = cvm.life.pulling().map(|(_, end)| end);
        let fate = cvm.life.fate().filter(|fate| !fate.mishap.goes_on);
        let came_to = fate.map_or(self.now, |fate| fate.at.min(self.now));
        state.is_starting_containers() && ends_at.is_none_or(|end| end <= came_to)
    }
}

/// What newer clients read beside the status.
pub(super) fn usage(cvm: &Cvm, state: &State, now: Moment) -> Value {
    let figures = Figures::of(cvm, state, now);
    json!({
        "cpu_percent": figures.cpu_percent(),
        "memory_used_bytes": figures.used_memory,
        "memory_total_bytes": figures.total_memory,
        "egress_bytes": state.uptime.floor() * 2048.0,
    })
}

fn trouble(state: &State) -> Option<&str> {
    if state.is_reachable() {
        let error = state.error.as_deref();
        error.filter(|_| !state.is_routed())
    } else {
        Some(OFFLINE)
    }
}
