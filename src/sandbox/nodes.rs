//! Nodes: what the workspace may deploy on, what is free there, and what an instance costs.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    cvm::Size,
    kms::Kms,
    message::{Reply, Request},
    mint::Mint,
    refusal::{
        NO_KMS_ON_NODE, NO_RESOURCES, NODE_LACKS_MEMORY, NODE_LACKS_SLOTS, NODE_LACKS_VCPU,
        NODE_NOT_AVAILABLE, Refusal,
    },
    scenario::{InstanceTypeSpec, NodeSpec},
    world::{Answer, World, page},
};

/// The only family of instance types; no node here has a GPU.
const FAMILY: &str = "cpu";

/// A machine with what is free on it.
pub(super) struct Node {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) device_id: String,
    /// What the header of its quotes says about the machine; its id is the hash of this.
    pub(super) user_data: [u8; 20],
    pub(super) on_chain: bool,
    status: String,
    vcpu: u64,
    memory_mb: u64,
    slots: u64,
    fills_after_prepare: bool,
}

impl Node {
    pub(super) fn new(name: &str, spec: &NodeSpec, mint: &Mint) -> Self {
        let mut user_data = [0; 20];
        user_data.copy_from_slice(&mint.bytes(&format!("machine of node {name}"))[..20]);
        Self {
            id: spec.id,
            name: name.to_owned(),
            region: spec.region.clone(),
            device_id: hex::encode(Sha256::digest(user_data)),
            user_data,
            on_chain: spec.on_chain,
            status: spec.status.clone(),
            vcpu: spec.vcpu,
            memory_mb: spec.memory_mb,
            slots: spec.slots,
            fills_after_prepare: spec.fills_after_prepare,
        }
    }

    /// Whether an instance of this size can live here, asked in the order of the codes.
    pub(super) fn check(&self, size: Size, on_chain: bool) -> Result<(), Refusal> {
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
            (self.vcpu, size.vcpu, NODE_LACKS_VCPU, "vCPUs"),
            (self.memory_mb, size.memory_mb, NODE_LACKS_MEMORY, "memory"),
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

    /// Whether an instance that lives here can grow.
    pub(super) fn check_growth(&self, from: Size, to: Size) -> Result<(), Refusal> {
        let without = Self {
            vcpu: self.vcpu + from.vcpu,
            memory_mb: self.memory_mb + from.memory_mb,
            slots: self.slots + 1,
            name: self.name.clone(),
            region: self.region.clone(),
            device_id: self.device_id.clone(),
            status: self.status.clone(),
            ..*self
        };
        without.check(to, false)
    }

    pub(super) fn take(&mut self, size: Size) {
        self.vcpu = self.vcpu.saturating_sub(size.vcpu);
        self.memory_mb = self.memory_mb.saturating_sub(size.memory_mb);
        self.slots = self.slots.saturating_sub(1);
    }

    pub(super) fn give_back(&mut self, size: Size) {
        self.vcpu += size.vcpu;
        self.memory_mb += size.memory_mb;
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

    /// The short form beside `teepod_id`.
    pub(super) fn teepod(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "region_identifier": self.region })
    }

    pub(super) fn is_online(&self) -> bool {
        self.status == "ONLINE"
    }

    pub(super) fn gateway_domain(&self) -> String {
        format!("dstack-{}.example.invalid", self.name)
    }

    /// The KMS an instance here can have its keys from.
    fn served_by<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a Kms> {
        let fits = |kms: &&Kms| self.on_chain || !kms.is_on_chain();
        world.kms.iter().filter(fits)
    }

    fn available(&self, world: &World) -> Value {
        let kms: Vec<&str> = self.served_by(world).map(|kms| kms.id.as_str()).collect();
        json!({
            "teepod_id": self.id,
            "name": self.name,
            "listed": true,
            "resource_score": if self.slots == 0 { 0.0 } else { 0.9 },
            "remaining_vcpu": self.vcpu,
            "remaining_memory": self.memory_mb,
            "remaining_cvm_slots": self.slots,
            "images": world.node_images(),
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
        let mut answer = self.deployable();
        answer["kms_list"] = self.kms.iter().map(Kms::info).collect();
        Reply::json(200, &answer)
    }

    /// The same nodes for newer clients, with everything else a new app needs (section 5.2 of the API reference).
    pub(super) fn creation_resources(&self) -> Reply {
        let mut answer = self.deployable();
        let kinds = &self.scenario.instance_types;
        answer["kms_nodes"] = self.kms.iter().map(Kms::resource).collect();
        answer["node_kms_relations"] = self
            .online_nodes()
            .flat_map(|node| node.served_by(self).map(|kms| kms.relation(node.id)))
            .collect();
        answer["gateway_nodes"] = json!([]);
        answer["instance_types"] = kinds
            .iter()
            .map(|(id, kind)| {
                json!({
                    "id": id,
                    "name": id,
                    "vcpu": kind.vcpu,
                    "memory_mb": kind.memory_mb,
                    "default_disk_size_gb": kind.disk_gb,
                    "requires_gpu": false,
                    "requires_gpu_count": 0,
                    "family": FAMILY,
                })
            })
            .collect();
        Reply::json(200, &answer)
    }

    fn deployable(&self) -> Value {
        json!({
            "tier": self.scenario.workspace.tier,
            "capacity": {
                "max_instances": self.scenario.workspace.max_instances,
                "max_vcpu": 64,
                "max_memory": 131_072,
                "max_disk": 2000,
            },
            "nodes": self.online_nodes().map(|node| node.available(self)).collect::<Vec<_>>(),
            "gpu_availability": {
                "has_reserved_gpus": false,
                "reserved_gpu_count": 0,
                "has_public_gpus": false,
                "public_gpu_count": 0,
            },
        })
    }

    fn online_nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_online())
    }

    pub(super) fn workspace_nodes(&self, slug: &str, request: &Request) -> Answer {
        self.only_workspace(slug)?;
        let items: Vec<Value> = self.nodes.iter().map(Node::reference).collect();
        Ok(Reply::json(200, &page(request, &items, 30, 100)?))
    }

    /// Strict at the two outer levels.
    pub(super) fn instance_types(&self) -> Reply {
        let items = self.instance_type_rows();
        let total = items.len();
        let answer = json!({ "result": [{ "name": FAMILY, "items": items, "total": total }] });
        Reply::json(200, &answer)
    }

    /// Strict on the outside too.
    pub(super) fn instance_family(&self, family: &str) -> Answer {
        if family != FAMILY {
            return Err(Refusal::plain(404, "Instance type family not found"));
        }
        let items = self.instance_type_rows();
        let answer = json!({ "total": items.len(), "items": items, "family": family });
        Ok(Reply::json(200, &answer))
    }

    fn instance_type_rows(&self) -> Vec<Value> {
        let row = |(id, kind): (&String, &InstanceTypeSpec)| {
            json!({
                "id": id,
                "name": id,
                "description": kind.description,
                "vcpu": kind.vcpu,
                "memory_mb": kind.memory_mb,
                "hourly_rate": kind.hourly_rate,
                "requires_gpu": false,
                "default_disk_size_gb": kind.disk_gb,
                "family": FAMILY,
            })
        };
        self.scenario.instance_types.iter().map(row).collect()
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
        size: Size,
        on_chain: bool,
        prefers: impl Fn(&Node) -> bool,
    ) -> Result<&Node, Refusal> {
        if let Some(id) = wanted {
            let node = self.node(id).ok_or_else(|| {
                Refusal::coded(NODE_NOT_AVAILABLE, format!("Node {id} is not available"))
            })?;
            return node.check(size, on_chain).map(|()| node);
        }
        self.nodes
            .iter()
            .filter(|node| node.check(size, on_chain).is_ok())
            .min_by_key(|node| !prefers(node))
            .ok_or_else(|| Refusal::coded(NO_RESOURCES, "No node has room for this instance"))
    }
}
