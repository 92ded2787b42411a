//! What crosses the wire, as the wizard sees it.
//!
//! Every text from the service is already [`Shown`]; every id is already checked. What the service left out or sent
//! as null is `None`, never a reason to fail. Section numbers are those of the API reference.

mod cockpit;
mod device;
mod new_app;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

pub use cockpit::{
    Certificate, Composition, Container, CvmName, Disk, Found, LogEnd, LogLine, LogSource, Network,
    Operation, Reached, Stats,
};
pub use device::{Approval, DeviceCode};

pub use new_app::{
    CreateBody, Founded, Keeper, KmsChain, Making, NewApp, NextApp, Provision, ProvisionBody, Size,
    stand_in,
};

pub use super::id::{AppId, ComposeHash, CvmUuid, DeviceId, NodeId, TransactionHash};
use crate::secret::Secret;
use crate::shown::Shown;

/// Who the key belongs to: `GET /auth/me` (5.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// `user.username`.
    pub user: Shown,
    /// `workspace.name`.
    pub workspace: Shown,
    /// `workspace.slug`, needed for quotas and dashboard links.
    pub slug: Option<Shown>,
    /// `workspace.tier`.
    pub tier: Option<Shown>,
    /// `credits.balance` in dollars, as text.
    pub balance: Option<Shown>,
    /// `credits.is_post_paid`: the balance is no limit.
    pub post_paid: bool,
}

/// One page of `GET /apps` (5.8).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AppPage {
    /// The rows of this page.
    pub apps: Vec<App>,
    /// This page, from 1.
    pub page: u32,
    /// How many pages there are.
    pub pages: u32,
    /// How many apps there are on all pages.
    pub total: u32,
}

/// An app: an identity with keys, under which instances run (5.8).
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// `app_id`.
    pub id: AppId,
    /// `name`, or the short id where the app has none.
    pub name: Shown,
    /// Who keeps its keys.
    pub kms: KmsKind,
    /// `created_at`, ISO time.
    pub created_at: Option<Shown>,
    /// Instances that came with the row, the current one first.
    pub instances: Vec<Instance>,
    /// `cvm_count`, where given.
    pub instance_count: Option<u32>,
}

/// Who keeps an app's keys, and so whether a contract has to agree (`kms_type`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KmsKind {
    /// Phala's own KMS: no contract; a prepare-only request may create at once.
    Central,
    /// A KMS governed by a contract on this chain (`base`, `ethereum`).
    OnChain(Shown),
    /// A word we do not know. Counts as "may create at once".
    Unknown(Shown),
}

/// A CVM of an app: `CvmInfo` (5.4).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instance {
    /// `vm_uuid`; null while the service has none.
    pub uuid: Option<CvmUuid>,
    /// `name`.
    pub name: Shown,
    /// `instance_id`, known once the guest reported it.
    pub instance_id: Option<Shown>,
    /// `status`, a word of 8.4.
    pub status: Shown,
    /// `in_progress`: an operation holds the CVM.
    pub in_progress: bool,
    /// `node_info`.
    pub node: Option<NodeRef>,
    /// `compose_hash`: the revision it runs.
    pub compose_hash: Option<ComposeHash>,
    /// `resource`.
    pub resource: Resource,
    /// `os.name`.
    pub image: Option<Shown>,
    /// `kms_info`.
    pub kms: KmsInfo,
    /// `kms_type`, the word that `GET /kms/{kms}/pubkey/{app}` accepts.
    pub kms_word: Option<Shown>,
    /// `endpoints[].app` and `.instance`.
    pub urls: Vec<Shown>,
    /// `created_at`, ISO time.
    pub created_at: Option<Shown>,
}

impl Instance {
    /// Whether it is new beside those there were before. Without a uuid that cannot be told, and counts as no.
    pub fn is_beside(&self, before: &[CvmUuid]) -> bool {
        self.uuid
            .as_ref()
            .is_some_and(|uuid| !before.contains(uuid))
    }

    /// Whether it was made before another one, by the service's own clock. `false` where it does not say.
    pub fn is_older_than(&self, other: &Self) -> bool {
        let made = |one: &Self| one.created_at.as_ref()?.as_str().parse::<Timestamp>().ok();
        made(self)
            .zip(made(other))
            .is_some_and(|(one, other)| one < other)
    }

    /// The uuids of a list of instances.
    pub fn uuids(instances: &[Self]) -> Vec<CvmUuid> {
        let uuids = instances.iter().filter_map(|one| one.uuid.clone());
        uuids.collect()
    }
}

/// The node an instance runs on: `NodeRef` (5.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeRef {
    /// `id`.
    pub id: Option<NodeId>,
    /// `name`.
    pub name: Shown,
    /// `region`.
    pub region: Option<Shown>,
    /// `device_id`.
    pub device: Option<DeviceId>,
}

/// Size and price of an instance: `resource` (5.4).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource {
    /// `instance_type`, as `tdx.small`.
    pub kind: Option<Shown>,
    /// `vcpu`.
    pub vcpu: Option<f64>,
    /// `memory_in_gb`.
    pub memory_gb: Option<f64>,
    /// `disk_in_gb`.
    pub disk_gb: Option<f64>,
    /// `compute_billing_price`, dollars per billing period, as text.
    pub price: Option<Shown>,
    /// `billing_period`: `hourly`, `monthly` or `skip`.
    pub period: Option<Shown>,
}

/// What an instance knows of its KMS: `kms_info` (5.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KmsInfo {
    /// `chain_id`; present means that a contract governs the app.
    pub chain_id: Option<u64>,
    /// `dstack_app_address`, the app's contract.
    pub contract: Option<Shown>,
    /// `encrypted_env_pubkey`, hex, where the KMS is central.
    pub env_key: Option<Shown>,
    /// `dstack_kms_address`, the contract of the KMS.
    pub kms_contract: Option<Shown>,
    /// `k256_pubkey`: whom the service names as the signer of env keys, hex; only newer versions do.
    pub signer: Option<Shown>,
}

/// The deployable nodes: `GET /teepods/available` (5.2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeList {
    /// The nodes, in the service's order.
    pub nodes: Vec<Node>,
}

/// A node an instance could be put on (5.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// `teepod_id`.
    pub id: NodeId,
    /// `name`.
    pub name: Shown,
    /// `region_identifier`.
    pub region: Option<Shown>,
    /// `remaining_cvm_slots`.
    pub slots: Option<u64>,
    /// `remaining_vcpu`.
    pub vcpu: Option<f64>,
    /// `remaining_memory`, MB.
    pub memory_mb: Option<f64>,
    /// `support_onchain_kms`; absent is unknown.
    pub on_chain: Option<bool>,
    /// `device_id`.
    pub device: Option<DeviceId>,
    /// `images[].name`.
    pub images: Vec<Shown>,
}

/// Which machines the app's contract allows: `GET /apps/{id}/device-allowlist` (5.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowlist {
    /// `is_onchain_kms`: whether a contract governs the app at all.
    pub on_chain: bool,
    /// `allow_any_device`.
    pub any_device: bool,
    /// `chain_id`.
    pub chain_id: Option<u64>,
    /// `app_contract_address`.
    pub contract: Option<Shown>,
    /// Device, the node it is under, and `allowed_onchain`.
    pub devices: Vec<(DeviceId, Option<Shown>, bool)>,
}

impl Allowlist {
    /// Whether the contract allows this machine; `None` where the list does not say.
    pub fn allows(&self, device: &DeviceId) -> Option<bool> {
        if self.any_device {
            return Some(true);
        }
        self.devices
            .iter()
            .find(|(id, ..)| id == device)
            .map(|(.., allowed)| *allowed)
    }
}

/// What is left of a workspace's limits: `GET /workspaces/{slug}/quotas` (5.1).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quotas {
    /// Name, limit and what remains, in the units of the name: slots, vCPU, MB, GB.
    pub limits: Vec<Quota>,
}

/// One limit of a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// `vm_slots`, `vcpu`, `memory_mb` or `disk_gb`.
    pub name: Shown,
    /// `limit`.
    pub limit: f64,
    /// `remaining`.
    pub remaining: f64,
}

/// What an instance was started from: `GET /cvms/{id}/compose_file` (9.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// `docker_compose_file`, byte for byte; data, not yet made safe to show.
    pub compose: String,
    /// `pre_launch_script`, byte for byte.
    pub script: Option<String>,
    /// `allowed_envs`: names the guest lets through. `None` where the service does not say.
    pub allowed_envs: Option<Vec<String>>,
    /// The whole document as JSON, in the order it was sent; `None` where only a compose file came.
    pub stored: Option<Arc<str>>,
}

/// The key that env values are encrypted to: `GET /kms/{kms}/pubkey/{app}` (9.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvKeyAnswer {
    /// `public_key`, as sent.
    pub public_key: Shown,
    /// `signature` by the KMS, as sent.
    pub signature: Option<Shown>,
}

/// What we want made. Everything the creating request says is in here, and nothing else is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The app that gets the instance.
    pub app: AppId,
    /// Its name, for people.
    pub name: Shown,
    /// The node, or `None` to let the service choose.
    pub node: Option<NodeId>,
    /// An existing revision to take over, where the app has several.
    pub revision: Option<ComposeHash>,
    /// A new compose file, byte for byte; `None` keeps the live one.
    pub compose: Option<String>,
    /// The encrypted env blob in hex; `None` inherits the live one.
    pub env: Option<String>,
    /// A new pre-launch script, byte for byte; `None` keeps the live one.
    pub script: Option<String>,
    /// What comes of it. For a new app, `app` is the id it will have.
    pub making: Making,
}

/// What asks for it first: prepare-only for an instance, a provision for an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FirstBody<'a> {
    /// For an instance of an app that exists.
    Prepare(PrepareBody<'a>),
    /// For a new app.
    Provision(ProvisionBody<'a>),
}

/// The body of the creating request (6.1), in the order of the reference. Absent means "as others".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrepareBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docker_compose_file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_launch_script: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypted_env: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compose_hash: Option<String>,
}

impl Plan {
    /// Path of the endpoint that prepares or provisions.
    pub fn path(&self) -> String {
        match self.making {
            Making::Instance => format!("/apps/{}/instances", self.app),
            Making::App(_) => "/cvms/provision".to_owned(),
        }
    }

    /// Path of the endpoint that creates what was prepared or provisioned.
    pub fn commit_path(&self) -> String {
        match self.making {
            Making::Instance => self.path(),
            Making::App(_) => "/cvms".to_owned(),
        }
    }

    /// What the new app is made from, where it is one.
    pub fn new_app(&self) -> Option<&NewApp> {
        match &self.making {
            Making::Instance => None,
            Making::App(app) => Some(app),
        }
    }

    /// The chain on which a new app has its contract, where it is one that has.
    pub fn kms_chain(&self) -> Option<KmsChain> {
        self.new_app()?.keeper.chain()
    }

    /// Whether it makes a new app.
    pub fn is_new_app(&self) -> bool {
        self.new_app().is_some()
    }

    /// The body, as previewed and as sent: both call this.
    pub fn body(&self) -> FirstBody<'_> {
        match self.new_app() {
            None => FirstBody::Prepare(self.prepare_body()),
            Some(app) => FirstBody::Provision(app.provision(self)),
        }
    }

    fn prepare_body(&self) -> PrepareBody<'_> {
        PrepareBody {
            node_id: self.node.map(|node| node.0),
            docker_compose_file: self.compose.as_deref(),
            pre_launch_script: self.script.as_deref(),
            encrypted_env: self.env.as_deref(),
            compose_hash: self.revision.map(|hash| hash.to_string()),
        }
    }
}

/// What a prepare-only request came to (6.2). Neither is an error.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// HTTP 465: a ticket that a later commit redeems.
    Ticket(Box<Ticket>),
    /// HTTP 2xx: the service created at once.
    Created(Box<Created>),
}

/// What the 465 hands out (6.4), or what a provision keeps ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// `commit_token`: whoever has it can finish the request. A provision has none, and is found by its hash instead,
    /// which stands here; it takes the API key to finish it.
    pub token: Secret,
    /// `compose_hash`, issued by the service.
    pub compose_hash: ComposeHash,
    /// `app_id` as answered; must be the one asked for.
    pub app: Option<AppId>,
    /// `device_id` of the node that was picked.
    pub device: Option<DeviceId>,
    /// `kms_info.chain_id`.
    pub chain_id: Option<u64>,
    /// `onchain_status.compose_hash_allowed`.
    pub hash_allowed: bool,
    /// `onchain_status.device_id_allowed`.
    pub device_allowed: bool,
    /// `commit_url`: the dashboard's page. It carries the token, so it is opened on a key and never shown or fetched.
    pub commit_url: Option<Secret>,
    /// What came instead of a token, where it is for a new app.
    pub provision: Option<Provision>,
}

/// A member of a ticket that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The member of the answer, as `device_id`.
    pub member: &'static str,
    /// What it is about, for people.
    pub noun: &'static str,
    /// What was asked for, in short.
    pub asked: String,
    /// What the service named, in short; `None` where it says nothing.
    pub named: Option<String>,
}

impl Ticket {
    /// In what it is not for the app of this plan and, where one was chosen, this machine. A ticket that strays is never used.
    pub fn strays(&self, plan: &Plan, device: Option<DeviceId>) -> Vec<Stray> {
        let mut strays = Vec::new();
        let app = plan.app;
        if let Some(chain) = plan.kms_chain() {
            // Its id is the address of a contract that is not there yet.
            if self.chain_id != Some(chain.id()) {
                strays.push(Stray {
                    member: "chain_id",
                    noun: "chain",
                    asked: chain.id().to_string(),
                    named: self.chain_id.map(|id| id.to_string()),
                });
            }
        } else if self.app != Some(app) {
            strays.push(Stray {
                member: "app_id",
                noun: "app",
                asked: app.short(),
                named: self.app.map(|app| app.short()),
            });
        }
        if let Some(device) = device
            && self.device != Some(device)
        {
            strays.push(Stray {
                member: "device_id",
                noun: "machine",
                asked: device.short(),
                named: self.device.map(|device| device.short()),
            });
        }
        strays
    }
}

/// What stands for the registration in a commit (6.1, `transaction_hash`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The literal `already-registered`: the service looks at the contract's state.
    AlreadyRegistered,
    /// The transaction that registered the hash.
    Transaction(TransactionHash),
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRegistered => f.write_str("already-registered"),
            Self::Transaction(hash) => write!(f, "0x{hash}"),
        }
    }
}

/// A new instance: `VM` (6.6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Created {
    /// `vm_uuid`; may be null for a moment.
    pub uuid: Option<CvmUuid>,
    /// `name`.
    pub name: Shown,
    /// `status` at birth.
    pub status: Shown,
    /// `app_id` as answered.
    pub app: Option<AppId>,
    /// `teepod` and `teepod_id`.
    pub node: Option<NodeRef>,
    /// `instance_id`, mostly null here.
    pub instance_id: Option<Shown>,
}

/// Whether the contract lets a hash boot on a device: `POST /apps/{id}/is-allowed` (5.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permission {
    /// `compose_hash_allowed`.
    pub hash: bool,
    /// `device_id_allowed` or `allow_any_device`; `None` where the service does not say.
    pub device: Option<bool>,
    /// `is_allowed`.
    pub all: bool,
    /// `error`: the service could not read the contract.
    pub error: Option<Shown>,
}

/// How an instance is doing: `GET /cvms/{id}/state` and `POST /status/batch` (8.1, 8.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// `status`, a word of 8.4.
    pub status: Shown,
    /// `boot_progress`, a word of 8.5.
    pub boot_progress: Option<Shown>,
    /// `boot_error`, free text.
    pub boot_error: Option<Shown>,
    /// `instance_id`.
    pub instance_id: Option<Shown>,
    /// `uptime`, as `1h 2m 3s`.
    pub uptime: Option<Shown>,
}

/// What is said to prove what an instance is: `GET /cvms/{id}/attestation` (9.7), byte for byte and not believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence(Arc<[u8]>);

impl Evidence {
    /// Evidence as it came.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Arc::from(bytes))
    }

    /// A JSON object, as text.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({} bytes)", self.0.len())
    }
}
