//! The shapes in which the API shows an instance since 2026-01-21: CvmInfo, VM, and the union of both.
//!
//! Which keys must be absent rather than null, and the other way round, is what official clients demand (sections
//! 5.4, 6.6 and 11.1 of the API reference).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    account::USER_NUMBER, apps::App, chain::Contract, cvm::Cvm, nodes::Node, version::Version,
    world::World,
};

impl World {
    /// A row of a list of instances: CvmInfo, or HostedCvm in 2025-10-28.
    pub(super) fn cvm_row(&self, version: Version, cvm: &Cvm, app: &App) -> Value {
        match version {
            Version::V20251028 => self.hosted_shape(cvm, app),
            _ => self.cvm_shape(cvm, app),
        }
    }

    /// CvmInfo. Its booleans and `storage_fs` are never null.
    pub(super) fn cvm_shape(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let kms = self.kms_of(app);
        let node = self.node(cvm.node);
        let domain = node.map(Node::gateway_domain);
        let document = &cvm.document;
        let script = document.script();
        json!({
            "id": cvm.id(),
            "name": cvm.name,
            "app_id": cvm.app_id,
            "vm_uuid": cvm.vm_uuid,
            "instance_id": cvm.known_instance_id(&state),
            "resource": {
                "instance_type": cvm.instance_type,
                "vcpu": cvm.size.vcpu,
                "memory_in_gb": gigabytes(cvm.size.memory_mb),
                "disk_in_gb": cvm.size.disk_gb,
                "gpus": 0,
                "compute_billing_price": self.instance_type(&cvm.instance_type).hourly_rate,
                "billing_period": "hourly",
            },
            "node_info": node.map(Node::reference),
            "os": self.os_shape(&cvm.image),
            "kms_type": kms.kind(),
            "kms_info": {
                "chain_id": kms.chain_id,
                "dstack_kms_address": kms.contract,
                "dstack_app_address": app.contract.as_ref().map(Contract::address),
                "deployer_address": kms.is_on_chain().then(|| self.deployer(app)),
                "rpc_endpoint": null,
                "encrypted_env_pubkey": (!kms.is_on_chain()).then(|| kms.env_public_key(&app.app_id)),
                "k256_pubkey": kms.root_public_key(),
            },
            "status": state.status,
            "in_progress": state.in_progress,
            "progress": state.in_progress.then(|| json!({
                "target": cvm.life.target(),
                "started_at": cvm.life.since.iso(),
                "correlation_id": cvm.correlation_id(),
            })),
            "compose_hash": cvm.hash,
            "docker_compose_hash": sha256(document.compose()),
            "pre_launch_script_hash": (!script.is_empty()).then(|| sha256(script)),
            "gateway": { "base_domain": domain, "cname": null },
            "logs": self.log_urls(cvm),
            "services": [],
            "endpoints": self.urls(cvm, &state, domain.as_deref().unwrap_or_default()),
            "public_logs": document.flag("public_logs"),
            "public_sysinfo": document.flag("public_sysinfo"),
            "public_tcbinfo": document.flag("public_tcbinfo"),
            "gateway_enabled": document.flag("gateway_enabled"),
            "secure_time": document.flag("secure_time"),
            "listed": cvm.listed,
            "storage_fs": document.text("storage_fs"),
            "workspace": self.workspace_ref(),
            "creator": self.user_ref(),
            "created_at": cvm.created_at.iso(),
            "deleted_at": null,
            "project_type": null,
        })
    }

    /// What making, starting and stopping an instance answers with.
    ///
    /// VM with an integer id up to 2026-01-21. Later VM and CvmInfo in one: newer clients disagree on which it is.
    pub(super) fn vm_shape(&self, version: Version, cvm: &Cvm, app: &App) -> Value {
        let vm = self.plain_vm(cvm, app);
        if !version.has_string_ids() {
            return vm;
        }
        let mut union = self.cvm_shape(cvm, app);
        if let (Value::Object(union), Value::Object(vm)) = (&mut union, vm) {
            for (name, member) in vm {
                union.entry(name).or_insert(member);
            }
        }
        union["user_id"] = self.user_ref()["id"].clone();
        // Text or null to one official client, number or null to another.
        union["manifest_version"] = Value::Null;
        union
    }

    /// The three nullable identifiers are always present.
    fn plain_vm(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let kms = self.kms_of(app);
        json!({
            "id": cvm.number,
            "name": cvm.name,
            "status": state.status,
            "teepod_id": cvm.node,
            "teepod": self.node(cvm.node).map(Node::teepod),
            "user_id": USER_NUMBER,
            "app_id": cvm.app_id,
            "vm_uuid": cvm.vm_uuid,
            "instance_id": cvm.known_instance_id(&state),
            "app_url": null,
            "base_image": cvm.image,
            "vcpu": cvm.size.vcpu,
            "memory": cvm.size.memory_mb,
            "disk_size": cvm.size.disk_gb,
            "manifest_version": 2,
            "version": "1.0.0",
            "runner": "docker-compose",
            "docker_compose_file": cvm.document.compose(),
            "features": ["kms", "tproxy-net"],
            "created_at": cvm.created_at.iso(),
            "encrypted_env_pubkey": kms.env_public_key(&app.app_id),
            "app_auth_contract_address": app.contract.as_ref().map(Contract::address),
            "deployer_address": kms.is_on_chain().then(|| self.deployer(app)),
        })
    }
}

/// How an instance is called where only its id is said.
pub(super) fn short_id(version: Version, cvm: &Cvm) -> Value {
    if version.has_string_ids() {
        cvm.id().into()
    } else {
        cvm.number.into()
    }
}

pub(super) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[expect(clippy::cast_precision_loss, reason = "megabytes of one machine")]
fn gigabytes(megabytes: u64) -> f64 {
    megabytes as f64 / 1024.0
}
