//! One instance, and the two shapes in which the API shows it: CvmInfo and VM.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    apps::App,
    boot::{Life, State, Story},
    document::Document,
    environment::{Environment, Unreadable},
    mint::Mint,
    moment::Moment,
    nodes::{BASE_IMAGE, os_image_hash},
    world::World,
};

/// An instance that is to be made. A commit token stands for one of these.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) app_id: String,
    pub(super) name: Option<String>,
    pub(super) node: u64,
    pub(super) instance_type: String,
    pub(super) document: Document,
    pub(super) environment: Result<Environment, Unreadable>,
    /// The blob as it came, hex.
    pub(super) encrypted_env: String,
}

/// A confidential VM.
pub(super) struct Cvm {
    /// The integer id of API versions up to 2026-01-21.
    pub(super) number: u64,
    /// With dashes.
    pub(super) vm_uuid: String,
    /// 40 hex digits; shown once the guest has reported it.
    pub(super) instance_id: String,
    pub(super) name: String,
    pub(super) app_id: String,
    pub(super) node: u64,
    pub(super) instance_type: String,
    pub(super) document: Document,
    pub(super) hash: String,
    pub(super) environment: Environment,
    pub(super) created_at: Moment,
    pub(super) life: Life,
    /// How its boots go.
    pub(super) story: Story,
    /// The guest had reported its instance id before this boot.
    pub(super) identified: bool,
}

impl Cvm {
    pub(super) fn new(
        number: u64,
        draft: Draft,
        mint: &Mint,
        created_at: Moment,
        life: Life,
    ) -> Self {
        Self {
            number,
            vm_uuid: mint.uuid(&format!("cvm {number}")),
            instance_id: mint.hex(&format!("instance {number}"), 20),
            name: draft.name.unwrap_or_else(|| format!("inst-{number}")),
            app_id: draft.app_id,
            node: draft.node,
            instance_type: draft.instance_type,
            hash: draft.document.hash(),
            document: draft.document,
            environment: draft.environment.unwrap_or_default(),
            created_at,
            life,
            story: Story::Healthy,
            identified: false,
        }
    }

    /// `cvm_…`.
    pub(super) fn id(&self) -> String {
        format!("cvm_{}", &self.instance_id[..8])
    }

    pub(super) fn state(&self, now: Moment) -> State {
        self.life.state(now)
    }

    pub(super) fn known_instance_id(&self, state: &State) -> Option<&str> {
        (self.identified || state.identified).then_some(&*self.instance_id)
    }

    /// One per started operation.
    pub(super) fn correlation_id(&self) -> String {
        format!(
            "corr_{}_{}",
            self.number,
            self.life.since.unix_milliseconds() / 1000
        )
    }

    /// Addresses behind the gateway, one pair per published port; none before the instance id is known.
    pub(super) fn urls(&self, state: &State, domain: &str) -> Vec<Value> {
        let Some(instance) = self.known_instance_id(state) else {
            return Vec::new();
        };
        self.document
            .services()
            .iter()
            .flat_map(|service| &service.ports)
            .map(|port| {
                json!({
                    "app": format!("https://{}-{port}.{domain}", self.app_id),
                    "instance": format!("https://{instance}-{port}.{domain}"),
                })
            })
            .collect()
    }
}

impl World {
    /// CvmInfo. Its booleans and `storage_fs` are never null; `logs` waits for a node that serves them.
    pub(super) fn cvm_shape(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let kind = self.instance_type(&cvm.instance_type);
        let kms = self.kms_of(app);
        let node = self.node(cvm.node);
        let domain = node.map(super::nodes::Node::gateway_domain);
        let script = cvm.document.script();
        json!({
            "id": cvm.id(),
            "name": cvm.name,
            "app_id": cvm.app_id,
            "vm_uuid": cvm.vm_uuid,
            "instance_id": cvm.known_instance_id(&state),
            "resource": {
                "instance_type": cvm.instance_type,
                "vcpu": kind.vcpu,
                "memory_in_gb": gigabytes(kind.memory_mb),
                "disk_in_gb": kind.disk_gb,
                "gpus": 0,
                "compute_billing_price": kind.hourly_rate,
                "billing_period": "hourly",
            },
            "node_info": node.map(super::nodes::Node::reference),
            "os": {
                "name": BASE_IMAGE,
                "version": "0.5.7",
                "is_dev": false,
                "os_image_hash": os_image_hash(),
            },
            "kms_type": kms.kind(),
            "kms_info": {
                "chain_id": kms.chain_id,
                "dstack_kms_address": kms.contract,
                "dstack_app_address": kms.is_on_chain().then(|| format!("0x{}", app.app_id)),
                "deployer_address": kms.is_on_chain().then(|| self.deployer(app)),
                "rpc_endpoint": null,
                "encrypted_env_pubkey": (!kms.is_on_chain()).then(|| kms.env_public_key(&app.app_id)),
                "k256_pubkey": kms.root_public_key(),
            },
            "status": state.status,
            "in_progress": state.in_progress,
            "progress": state.in_progress.then(|| json!({
                "target": if state.status == "stopping" { "stopped" } else { "running" },
                "started_at": cvm.life.since.iso(),
                "correlation_id": cvm.correlation_id(),
            })),
            "compose_hash": cvm.hash,
            "docker_compose_hash": sha256(cvm.document.compose()),
            "pre_launch_script_hash": (!script.is_empty()).then(|| sha256(script)),
            "gateway": { "base_domain": domain, "cname": null },
            "services": [],
            "endpoints": cvm.urls(&state, domain.as_deref().unwrap_or_default()),
            "public_logs": true,
            "public_sysinfo": true,
            "public_tcbinfo": true,
            "gateway_enabled": true,
            "secure_time": false,
            "listed": false,
            "storage_fs": "zfs",
            "workspace": self.workspace_ref(),
            "creator": self.user_ref(),
            "created_at": cvm.created_at.iso(),
            "deleted_at": null,
            "project_type": null,
        })
    }

    /// VM with an integer id. The three nullable identifiers are always present.
    pub(super) fn vm_shape(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let kind = self.instance_type(&cvm.instance_type);
        let node = self.node(cvm.node);
        json!({
            "id": cvm.number,
            "name": cvm.name,
            "status": state.status,
            "teepod_id": cvm.node,
            "teepod": node.map(|node| json!({
                "id": node.id,
                "name": node.name,
                "region_identifier": node.region,
            })),
            "user_id": 7,
            "app_id": cvm.app_id,
            "vm_uuid": cvm.vm_uuid,
            "instance_id": cvm.known_instance_id(&state),
            "app_url": null,
            "base_image": BASE_IMAGE,
            "vcpu": kind.vcpu,
            "memory": kind.memory_mb,
            "disk_size": kind.disk_gb,
            "manifest_version": 2,
            "version": "1.0.0",
            "runner": "docker-compose",
            "docker_compose_file": cvm.document.compose(),
            "features": ["kms", "tproxy-net"],
            "created_at": cvm.created_at.iso(),
            "encrypted_env_pubkey": self.kms_of(app).env_public_key(&app.app_id),
        })
    }
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[expect(clippy::cast_precision_loss, reason = "megabytes of one machine")]
fn gigabytes(megabytes: u64) -> f64 {
    megabytes as f64 / 1024.0
}
