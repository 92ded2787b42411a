//! What can be read out of a running instance: its document, addresses, system figures and containers.

use serde_json::{Map, Value, json};

use super::{
    boot::State,
    cvm::Cvm,
    message::Reply,
    world::{Answer, World},
};

const OFFLINE: &str = "the instance cannot be reached";
const GIB: u64 = 1 << 30;

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
            "public_urls": state.is_routed().then(|| cvm.urls(&state, &domain)),
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn stats(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let state = cvm.state(self.now);
        let (total, used) = memory(cvm, &state);
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
                "loadavg_one": 21,
                "loadavg_five": 18,
                "loadavg_fifteen": 12,
                "disks": [{
                    "name": "/dev/vda",
                    "mount_point": "/",
                    "total_size": cvm.size.disk_gb * GIB,
                    "free_size": cvm.size.disk_gb * GIB / 10 * 8,
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

    /// One container per service: waiting while images are pulled, the first one broken if they do not start.
    fn containers(&self, cvm: &Cvm, state: &State) -> Vec<Value> {
        let failed = state.error.is_some() && !state.is_done();
        cvm.document
            .services()
            .iter()
            .enumerate()
            .map(|(place, service)| {
                let (word, status) = match place {
                    _ if state.is_done() => (
                        "running",
                        format!("Up {}", super::moment::human(state.uptime)),
                    ),
                    0 if failed => ("exited", "Exited (1) a few seconds ago".to_owned()),
                    _ => ("created", "Created".to_owned()),
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
            })
            .collect()
    }
}

/// What newer clients read beside the status.
pub(super) fn usage(cvm: &Cvm, state: &State) -> Value {
    let (total, used) = memory(cvm, state);
    json!({
        "cpu_percent": if state.is_done() { 7.5 } else { 61.0 },
        "memory_used_bytes": used,
        "memory_total_bytes": total,
        "egress_bytes": state.uptime.floor() * 2048.0,
    })
}

/// Bytes in all and in use.
fn memory(cvm: &Cvm, state: &State) -> (u64, u64) {
    let total = cvm.size.memory_mb << 20;
    (total, total / 10 * if state.is_done() { 4 } else { 2 })
}

fn trouble(state: &State) -> Option<&'static str> {
    if state.is_reachable() {
        state.error.filter(|_| !state.is_routed())
    } else {
        Some(OFFLINE)
    }
}
