//! Nodes: what the workspace may deploy on, what is free there, and what an instance costs.

use serde_json::{Value, json};

use super::{
    message::{Reply, Request},
    refusal::{
        NO_KMS_ON_NODE, NO_RESOURCES, NODE_LACKS_MEMORY, NODE_LACKS_SLOTS, NODE_LACKS_VCPU,
        NODE_NOT_AVAILABLE, Refusal,
    },
    scenario::{InstanceTypeSpec, NodeSpec},
    world::{Answer, World, page},
};

pub(super) const BASE_IMAGE: &str = "dstack-0.5.7";

/// A machine with what is free on it.
pub(super) struct Node {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) device_id: String,
    pub(super) on_chain: bool,
    status: String,
    vcpu: u64,
    memory_mb: u64,
    slots: u64,
    fills_after_prepare: bool,
}

impl Node {
    pub(super) fn new(name: &str, spec: &NodeSpec, device_id: String) -> Self {
        Self {
            id: spec.id,
            name: name.to_owned(),
            region: spec.region.clone(),
            device_id,
            on_chain: spec.on_chain,
            status: spec.status.clone(),
            vcpu: spec.vcpu,
            memory_mb: spec.memory_mb,
            slots: spec.slots,
            fills_after_prepare: spec.fills_after_prepare,
        }
    }

    /// Whether an instance of this kind can live here, asked in the order of the codes.
    pub(super) fn check(&self, kind: &InstanceTypeSpec, on_chain: bool) -> Result<(), Refusal> {
        let name = &self.name;
        if self.status != "ONLINE" {
            return Err(Refusal::coded(
                NODE_NOT_AVAILABLE,
                format!("Node {name} is not available"),
            ));
        }
        if on_chain && !self.on_chain {
            return Err(Refusal::coded(
                NO_KMS_ON_NODE,
                format!("Node {name} has no on-chain KMS"),
            ));
        }
        for (free, needed, code, what) in [
            (self.vcpu, kind.vcpu, NODE_LACKS_VCPU, "vCPUs"),
            (self.memory_mb, kind.memory_mb, NODE_LACKS_MEMORY, "memory"),
            (self.slots, 1, NODE_LACKS_SLOTS, "instance slots"),
        ] {
            if free < needed {
                return Err(Refusal::coded(
                    code,
                    format!("Node {name} does not have enough {what}"),
                )
                .advising("Choose another node, or leave the choice to the service"));
            }
        }
        Ok(())
    }

    pub(super) fn take(&mut self, kind: &InstanceTypeSpec) {
        self.vcpu = self.vcpu.saturating_sub(kind.vcpu);
        self.memory_mb = self.memory_mb.saturating_sub(kind.memory_mb);
        self.slots = self.slots.saturating_sub(1);
    }

    pub(super) fn give_back(&mut self, kind: &InstanceTypeSpec) {
        self.vcpu += kind.vcpu;
        self.memory_mb += kind.memory_mb;
        self.slots += 1;
    }

    /// What others do while a prepare waits; a prepare reserves nothing.
    pub(super) fn prepared(&mut self) {
        if self.fills_after_prepare {
            self.slots = 0;
        }
    }

    /// NodeRef: `object_type` is compared by the official clients.
    pub(super) fn reference(&self) -> Value {
        json!({
            "object_type": "node",
            "id": self.id,
            "name": self.name,
            "region": self.region,
            "device_id": self.device_id,
            "ppid": "0".repeat(32),
            "status": self.status,
            "version": "v0.5.7 (git:0000000)",
        })
    }

    pub(super) fn gateway_domain(&self) -> String {
        format!("dstack-{}.example.invalid", self.name)
    }

    fn available(&self, world: &World) -> Value {
        let kms: Vec<&str> = world
            .kms
            .iter()
            .filter(|kms| self.on_chain || !kms.is_on_chain())
            .map(|kms| kms.id.as_str())
            .collect();
        json!({
            "teepod_id": self.id,
            "name": self.name,
            "listed": true,
            "resource_score": if self.slots == 0 { 0.0 } else { 0.9 },
            "remaining_vcpu": self.vcpu,
            "remaining_memory": self.memory_mb,
            "remaining_cvm_slots": self.slots,
            "images": [{
                "name": BASE_IMAGE,
                "slug": BASE_IMAGE,
                "is_dev": false,
                "version": [0, 5, 7],
                "os_image_hash": os_image_hash(),
                "requires_gpu": false,
            }],
            "support_onchain_kms": self.on_chain,
            "fmspc": "B0C06F000000",
            "device_id": self.device_id,
            "device_ids": [],
            "region_identifier": self.region,
            "default_kms": kms.first(),
            "kms_list": kms,
        })
    }
}

/// Endpoints about nodes, and the choice of one.
impl World {
    pub(super) fn available_nodes(&self) -> Reply {
        let answer = json!({
            "tier": self.scenario.workspace.tier,
            "capacity": {
                "max_instances": self.scenario.workspace.max_instances,
                "max_vcpu": 64,
                "max_memory": 131_072,
                "max_disk": 2000,
            },
            "nodes": self
                .nodes
                .iter()
                .filter(|node| node.status == "ONLINE")
                .map(|node| node.available(self))
                .collect::<Vec<_>>(),
            "kms_list": self.kms.iter().map(super::kms::Kms::info).collect::<Vec<_>>(),
            "gpu_availability": {
                "has_reserved_gpus": false,
                "reserved_gpu_count": 0,
                "has_public_gpus": false,
                "public_gpu_count": 0,
            },
        });
        Reply::json(200, &answer)
    }

    pub(super) fn workspace_nodes(&self, slug: &str, request: &Request) -> Answer {
        self.only_workspace(slug)?;
        let items: Vec<Value> = self.nodes.iter().map(Node::reference).collect();
        Ok(Reply::json(200, &page(request, &items, 30, 100)?))
    }

    /// Strict at the two outer levels.
    pub(super) fn instance_types(&self) -> Reply {
        let items: Vec<Value> = self
            .scenario
            .instance_types
            .iter()
            .map(|(id, kind)| {
                json!({
                    "id": id,
                    "name": id,
                    "description": kind.description,
                    "vcpu": kind.vcpu,
                    "memory_mb": kind.memory_mb,
                    "hourly_rate": kind.hourly_rate,
                    "requires_gpu": false,
                    "default_disk_size_gb": kind.disk_gb,
                    "family": "cpu",
                })
            })
            .collect();
        let total = items.len();
        let answer = json!({ "result": [{ "name": "cpu", "items": items, "total": total }] });
        Reply::json(200, &answer)
    }

    /// The type of this name; every instance has one that exists.
    pub(super) fn instance_type(&self, name: &str) -> &InstanceTypeSpec {
        &self.scenario.instance_types[name]
    }

    pub(super) fn node(&self, id: u64) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// The node asked for, checked; or else the first that fits, before others one whose device `prefers` says yes to.
    pub(super) fn choose_node(
        &self,
        wanted: Option<u64>,
        kind: &InstanceTypeSpec,
        on_chain: bool,
        prefers: impl Fn(&Node) -> bool,
    ) -> Result<&Node, Refusal> {
        if let Some(id) = wanted {
            let node = self.node(id).ok_or_else(|| {
                Refusal::coded(NODE_NOT_AVAILABLE, format!("Node {id} is not available"))
            })?;
            return node.check(kind, on_chain).map(|()| node);
        }
        self.nodes
            .iter()
            .filter(|node| node.check(kind, on_chain).is_ok())
            .min_by_key(|node| !prefers(node))
            .ok_or_else(|| Refusal::coded(NO_RESOURCES, "No node has room for this instance"))
    }
}

pub(super) fn os_image_hash() -> String {
    "ab".repeat(32)
}
