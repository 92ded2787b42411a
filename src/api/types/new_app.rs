//! A whole new app, in the words of the two calls that make one: what is provisioned, and what that brought (Appendix B,
//! `deploy`).
//!
//! The document is spelt out member by member, so that the service adds nothing to it and its hash can be computed
//! before it is asked. Whether the answers are any good, this does not know.

use serde::Serialize;

use super::{AppId, Plan};
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
    /// The nonce that its app id follows from.
    pub nonce: u64,
    /// Size of its first instance, as `tdx.small`.
    pub size: String,
    /// Size of the disk in GB; `None` leaves it to the service.
    pub disk_gb: Option<u64>,
    /// Names of variables that the guest lets through: exactly those that get a value.
    pub env_names: Vec<String>,
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
    kms: &'a str,
    /// Else the service picks an image for development, which lets people in by SSH.
    prefer_dev: bool,
    app_id: String,
    nonce: u64,
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
            kms: "PHALA",
            prefer_dev: false,
            app_id: plan.app.to_string(),
            nonce: self.nonce,
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
        }
    }
}
