//! The first record: what is to be made, and what the world looked like when that was decided.

use serde::{Deserialize, Serialize};
use sha2::Digest;

use super::Hex;
use crate::api::types::{self, AppId, ComposeHash, CvmUuid, DeviceId, Keeper, KmsChain, NodeId};
use crate::journal::id::IntentId;
use crate::journal::text::{many, maybe, one};
use crate::shown::Shown;
use crate::trust::compose_hash::Form;

/// A SHA-256.
pub type Sha256 = Hex<32>;

/// What is to be made. Written before anything is sent, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its name, which is the file's too.
    #[serde(with = "one")]
    pub id: IntentId,
    /// What is sent.
    pub plan: Plan,
    /// SHA-256 of the creating request's body, as this version writes it.
    pub request_sha256: Sha256,
    /// SHA-256 of the new compose file, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compose_sha256: Option<Sha256>,
    /// Everything around the plan.
    pub facts: Facts,
}

/// What was known around the plan when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Base address of the service.
    #[serde(with = "one")]
    pub api_base: Shown,
    /// The profile the key came from, where it has a name.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub profile: Option<Shown>,
    /// `workspace.name`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Shown>,
    /// Whether the service is the sandbox.
    pub sandbox: bool,
    /// Whether preparing is without effect.
    pub governed: Governed,
    /// The node that was chosen; `None` where the service chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeChoice>,
    /// The compose hash the service should name, where it could be computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// The same document's hashes in the other forms: the service may name any of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Expected>,
    /// Names of the variables that are set. Their values are only in the sealed blob of the plan.
    pub env_names: Vec<String>,
    /// The files the answers came from.
    pub files: Vec<AnswerFile>,
    /// The app's instances when the plan was made: what is not among them is new.
    #[serde(with = "many")]
    pub before: Vec<CvmUuid>,
}

/// What the creating request says, as [`types::Plan`] had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `app_id` of the path.
    #[serde(with = "one")]
    pub app: AppId,
    /// The app's name, for people.
    #[serde(with = "one")]
    pub app_name: Shown,
    /// `node_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<u64>,
    /// `compose_hash`, an existing revision.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub revision: Option<ComposeHash>,
    /// `docker_compose_file`, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compose: Option<String>,
    /// `pre_launch_script`, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// `encrypted_env`, hex: only the app can open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_env: Option<String>,
    /// Where it makes a new app: what of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_app: Option<NewApp>,
}

/// What a new app is made from, as [`types::NewApp`] had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApp {
    /// `nonce`, which the app id follows from.
    pub nonce: u64,
    /// The chain whose KMS keeps its keys; without it Phala's own does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms: Option<Kms>,
    /// `instance_type`.
    pub size: String,
    /// `disk_size`, GB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_gb: Option<u64>,
    /// `allowed_envs`.
    pub env_names: Vec<String>,
}

/// A chain that a KMS has its contract on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kms {
    /// Base.
    Base,
    /// Ethereum.
    Ethereum,
}

/// Whether a prepare-only request is without effect on this app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Governed {
    /// A contract governs the app: preparing creates nothing.
    ByContract {
        /// `chain_id`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain_id: Option<u64>,
        /// The contract's address, as the service wrote it.
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        contract: Option<Shown>,
    },
    /// No contract, or it is not known whether there is one: preparing may create.
    MayCreate,
    /// The app does not exist yet: provisioning it creates nothing.
    NewApp,
}

/// A node, as a later look has to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeChoice {
    /// `teepod_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// `name`.
    #[serde(with = "one")]
    pub name: Shown,
    /// `region_identifier`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub region: Option<Shown>,
    /// `device_id`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

/// A compose hash computed before the service named one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The hash.
    #[serde(with = "one")]
    pub hash: ComposeHash,
    /// The form the document was written in for it.
    #[serde(with = "one")]
    pub form: Form,
}

/// A file an answer came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerFile {
    /// Which answer.
    pub question: Question,
    /// Where it lay.
    pub path: String,
    /// Its SHA-256 when it was read.
    pub sha256: Sha256,
}

/// The answers that can come from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// The compose file.
    Compose,
    /// The variables.
    Env,
    /// The pre-launch script.
    Script,
}

impl Intent {
    /// What is to be made, with the hashes of what will be sent.
    pub fn new(id: IntentId, plan: &types::Plan, facts: Facts) -> Self {
        let plan = Plan::from(plan);
        Self {
            id,
            request_sha256: request_sha256(&plan.to_api()),
            compose_sha256: plan.compose.as_deref().map(|text| sha256(text.as_bytes())),
            plan,
            facts,
        }
    }

    /// The plan, to be sent.
    pub fn plan(&self) -> types::Plan {
        self.plan.to_api()
    }

    /// Whether a prepare-only request is known to be without effect.
    pub fn is_governed(&self) -> bool {
        matches!(
            self.facts.governed,
            Governed::ByContract { .. } | Governed::NewApp
        )
    }
}

impl From<&types::Plan> for Plan {
    fn from(plan: &types::Plan) -> Self {
        let types::Plan {
            app,
            name,
            node,
            revision,
            compose,
            env,
            script,
            making,
        } = plan;
        Self {
            app: *app,
            app_name: name.clone(),
            node: node.map(|node| node.0),
            revision: *revision,
            compose: compose.clone(),
            script: script.clone(),
            encrypted_env: env.clone(),
            new_app: match making {
                types::Making::Instance => None,
                types::Making::App(app) => {
                    let types::NewApp {
                        keeper,
                        size,
                        disk_gb,
                        env_names,
                    } = app.as_ref();
                    Some(NewApp {
                        nonce: match keeper {
                            Keeper::Phala { nonce } => *nonce,
                            Keeper::OnChain(_) => 0,
                        },
                        kms: keeper.chain().map(|chain| match chain {
                            KmsChain::Base => Kms::Base,
                            KmsChain::Ethereum => Kms::Ethereum,
                        }),
                        size: size.clone(),
                        disk_gb: *disk_gb,
                        env_names: env_names.clone(),
                    })
                }
            },
        }
    }
}

impl Plan {
    fn to_api(&self) -> types::Plan {
        types::Plan {
            app: self.app,
            name: self.app_name.clone(),
            node: self.node.map(NodeId),
            revision: self.revision,
            compose: self.compose.clone(),
            env: self.encrypted_env.clone(),
            script: self.script.clone(),
            making: match &self.new_app {
                None => types::Making::Instance,
                Some(app) => types::Making::App(Box::new(types::NewApp {
                    keeper: match app.kms {
                        Some(Kms::Base) => Keeper::OnChain(KmsChain::Base),
                        Some(Kms::Ethereum) => Keeper::OnChain(KmsChain::Ethereum),
                        None => Keeper::Phala { nonce: app.nonce },
                    },
                    size: app.size.clone(),
                    disk_gb: app.disk_gb,
                    env_names: app.env_names.clone(),
                })),
            },
        }
    }
}

/// SHA-256 of anything, as records have it.
pub fn sha256(bytes: &[u8]) -> Sha256 {
    Hex(sha2::Sha256::digest(bytes).into())
}

fn request_sha256(plan: &types::Plan) -> Sha256 {
    // Numbers and text always become JSON; nothing else is in a body.
    sha256(&serde_json::to_vec(&plan.body()).unwrap_or_default())
}
