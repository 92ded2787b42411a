//! A whole new app, in the words of the two calls that make one: what is provisioned, and what that brought (Appendix B,
//! `deploy`).
//!
//! The document is spelt out member by member, so that the service adds nothing to it and its hash can be computed
//! before it is asked. Whether the answers are any good, this does not know.

use serde::Serialize;

use super::{AppId, Plan, TransactionHash};
use crate::shown::Shown;

/// What the creating request makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Making {
    /// One more instance of an app that exists.
    #[default]
    Instance,
    /// An app that does not exist yet, with its first instance.
    App(Box<NewApp>),
}

/// What a new app is made from, beside what every plan has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApp {
    /// Who keeps its keys, and so what its app id follows from.
    pub keeper: Keeper,
    /// Size of its first instance, as `tdx.small`.
    pub size: String,
    /// Size of the disk in GB; `None` leaves it to the service.
    pub disk_gb: Option<u64>,
    /// Names of variables that the guest lets through: exactly those that get a value.
    pub env_names: Vec<String>,
}

/// Who keeps the keys of a new app, and so what its id follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// Phala's own KMS: the id follows from this nonce of the workspace.
    Phala {
        /// The nonce.
        nonce: u64,
    },
    /// A KMS with its contract on this chain: the id is the address of a contract that is deployed for the app.
    OnChain(KmsChain),
}

/// A chain that a KMS of the service has its contract on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KmsChain {
    /// Base.
    Base,
    /// Ethereum.
    Ethereum,
}

/// What founds an app whose keys a contract governs: the contract was read, and is as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founded {
    /// The address of the contract, which is the id of the app.
    pub app: AppId,
    /// Who owns the contract, with `0x`.
    pub owner: Shown,
    /// The transaction that deployed it, where it is known.
    pub transaction: Option<TransactionHash>,
}

/// The id of the next app of the workspace, with the nonce that it follows from: `GET /kms/phala/next_app_id` (5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextApp {
    /// `app_id`.
    pub app: AppId,
    /// `nonce`.
    pub nonce: u64,
}

/// A size an instance can have: `GET /instance-types` (9.9).
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// `id`, as `tdx.small`.
    pub id: Shown,
    /// `vcpu`.
    pub vcpu: Option<f64>,
    /// `memory_mb`.
    pub memory_mb: Option<f64>,
    /// `default_disk_size_gb`.
    pub disk_gb: Option<f64>,
    /// `hourly_rate` in dollars, as text.
    pub hourly: Option<Shown>,
    /// `requires_gpu`.
    pub gpu: bool,
}

/// What a provision brought beside the hash: it stands in the place of a commit token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provision {
    /// `app_env_encrypt_pubkey`, as sent.
    pub env_key: Option<Shown>,
    /// The values, encrypted to that key, in hex. `None` where there are none.
    pub sealed: Option<String>,
    /// `kms_info.id`, or `kms_id`: which KMS it was.
    pub kms: Option<Shown>,
    /// `kms_info.kms_contract_address`: the contract of that KMS, which deploys those of apps.
    pub kms_contract: Option<Shown>,
    /// The contract of the app, once it is there, where it takes one.
    pub founded: Option<Founded>,
}

/// The body of `POST /cvms/provision`, in the order the official tool sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionBody<'a> {
    name: &'a str,
    compose_file: ComposeDocument<'a>,
    listed: bool,
    instance_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teepod_id: Option<u64>,
    kms: &'static str,
    /// Else the service picks an image for development, which lets people in by SSH.
    prefer_dev: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<u64>,
}

/// An app-compose document with every member spelt out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members are the service's, one by one"
)]
struct ComposeDocument<'a> {
    allowed_envs: &'a [String],
    docker_compose_file: &'a str,
    features: [&'a str; 2],
    gateway_enabled: bool,
    kms_enabled: bool,
    local_key_provider_enabled: bool,
    manifest_version: u8,
    name: &'a str,
    no_instance_id: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_launch_script: Option<&'a str>,
    public_logs: bool,
    public_sysinfo: bool,
    public_tcbinfo: bool,
    runner: &'a str,
    secure_time: bool,
    storage_fs: &'a str,
    tproxy_enabled: bool,
}

/// The body of `POST /cvms`, in the order the official tool sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreateBody<'a> {
    app_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypted_env: Option<&'a str>,
    compose_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployer_address: Option<&'a str>,
}

impl Keeper {
    /// The chain whose contract governs the app, where one does.
    pub fn chain(self) -> Option<KmsChain> {
        match self {
            Self::Phala { .. } => None,
            Self::OnChain(chain) => Some(chain),
        }
    }
}

impl KmsChain {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Base, Self::Ethereum];

    /// The service's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Ethereum => "ethereum",
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "Base",
            Self::Ethereum => "Ethereum",
        }
    }

    /// Its number, by EIP-155.
    pub fn id(self) -> u64 {
        match self {
            Self::Base => 8453,
            Self::Ethereum => 1,
        }
    }

    /// The one of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.word() == word)
    }
}

/// What stands for the id of an app whose contract is not there yet. It follows from the name, of which a workspace has
/// one; it is the id of nothing, and goes nowhere.
pub fn stand_in(name: &str) -> AppId {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest(format!("a new app called {name}")).into();
    let mut id = [0; 20];
    id.copy_from_slice(&digest[..20]);
    AppId::from(id)
}

impl NewApp {
    /// The body of the provision.
    pub(super) fn provision<'a>(&'a self, plan: &'a Plan) -> ProvisionBody<'a> {
        ProvisionBody {
            name: plan.name.as_str(),
            compose_file: self.spelt_out(plan),
            listed: false,
            instance_type: &self.size,
            disk_size: self.disk_gb,
            teepod_id: plan.node.map(|node| node.0),
            kms: match self.keeper {
                Keeper::Phala { .. } => "PHALA",
                Keeper::OnChain(KmsChain::Base) => "BASE",
                Keeper::OnChain(KmsChain::Ethereum) => "ETHEREUM",
            },
            prefer_dev: false,
            app_id: match self.keeper {
                Keeper::Phala { .. } => Some(plan.app.to_string()),
                Keeper::OnChain(_) => None,
            },
            nonce: match self.keeper {
                Keeper::Phala { nonce } => Some(nonce),
                Keeper::OnChain(_) => None,
            },
        }
    }

    /// The document as it is sent, as JSON.
    pub fn document(&self, plan: &Plan) -> String {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_string(&self.spelt_out(plan)).unwrap_or_default()
    }

    fn spelt_out<'a>(&'a self, plan: &'a Plan) -> ComposeDocument<'a> {
        ComposeDocument {
            allowed_envs: &self.env_names,
            docker_compose_file: plan.compose.as_deref().unwrap_or_default(),
            features: ["kms", "tproxy-net"],
            gateway_enabled: true,
            kms_enabled: true,
            local_key_provider_enabled: false,
            manifest_version: 2,
            name: plan.name.as_str(),
            no_instance_id: false,
            pre_launch_script: plan.script.as_deref(),
            public_logs: true,
            public_sysinfo: true,
            public_tcbinfo: true,
            runner: "docker-compose",
            secure_time: false,
            storage_fs: "zfs",
            tproxy_enabled: true,
        }
    }
}

impl<'a> CreateBody<'a> {
    /// What makes the app that was provisioned under this id and hash.
    pub fn new(app: AppId, hash: String, sealed: Option<&'a str>) -> Self {
        Self {
            app_id: app.to_string(),
            encrypted_env: sealed,
            compose_hash: hash,
            kms_id: None,
            contract_address: None,
            deployer_address: None,
        }
    }

    /// The same for an app with a contract of its own.
    #[must_use]
    pub fn founded(self, provision: &'a Provision) -> Self {
        let Some(founded) = &provision.founded else {
            return self;
        };
        Self {
            kms_id: provision.kms.as_ref().map(Shown::as_str),
            contract_address: Some(format!("0x{}", founded.app)),
            deployer_address: Some(founded.owner.as_str()),
            ..self
        }
    }
}
