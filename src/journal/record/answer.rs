//! What the service answered: tokens, refusals, instances.

use serde::{Deserialize, Serialize};

use super::{Fingerprint, NodeChoice, fingerprint};
use crate::api::types::{
    self, AppId, ComposeHash, Created, CvmUuid, DeviceId, NodeId, NodeRef, Ticket,
};
use crate::journal::text::{maybe, one};
use crate::secret::Secret;
use crate::shown::Shown;

/// Which request an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answering {
    /// The prepare-only request of this attempt.
    Prepare(u32),
    /// The commit of this number.
    Commit(u32),
}

/// A commit token came: HTTP 465 (6.4), or a new app was provisioned. Written before the token is shown, used or logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// What it answers. A token in answer to a commit is not used before a person says so.
    pub answering: Answering,
    /// `commit_token`; `None` after closing.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// What tells this token from others, also when it is gone.
    pub fingerprint: Fingerprint,
    /// `compose_hash`.
    #[serde(with = "one")]
    pub compose_hash: ComposeHash,
    /// `app_id` as answered.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// `device_id`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// `kms_info.chain_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_id: Option<u64>,
    /// `onchain_status.compose_hash_allowed`.
    pub hash_allowed: bool,
    /// `onchain_status.device_id_allowed`.
    pub device_allowed: bool,
    /// `commit_url`, which carries the token; `None` after closing.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub commit_url: Option<Secret>,
    /// What came instead of a token, where a new app was provisioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<Provision>,
    /// The answer's `Date`, as the service wrote it.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub date: Option<Shown>,
    /// In what it is not what was asked for. Such a token is never used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatch: Vec<Mismatch>,
}

/// What the provision of a new app brought. Nothing in it opens anything: the values are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    /// `app_env_encrypt_pubkey`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub env_key: Option<Shown>,
    /// The values, encrypted to that key, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// Which KMS it was.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub kms: Option<Shown>,
    /// The contract of that KMS.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub kms_contract: Option<Shown>,
}

/// Something the service named that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// The member of the answer, as `device_id`.
    #[serde(with = "one")]
    pub member: Shown,
    /// What was asked for.
    #[serde(with = "one")]
    pub asked: Shown,
    /// What the service named.
    #[serde(with = "one")]
    pub named: Shown,
}

/// The prepare-only request was refused, for certain: nothing was made by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepareRefused {
    /// Which attempt.
    pub attempt: u32,
    /// HTTP status; 0 where the request is known not to have arrived.
    pub status: u16,
    /// `error_code`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub code: Option<Shown>,
}

/// A clear answer to a commit that was no instance. An unclear one is not recorded: the commit stays unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRefused {
    /// Which commit.
    pub send: u32,
    /// HTTP status; 0 where the request is known not to have arrived.
    pub status: u16,
    /// `error_code`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub code: Option<Shown>,
    /// What it says about the token.
    pub meaning: Meaning,
}

/// What a refusal of a commit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// A definite no while no other commit was without a clear answer: nothing was made.
    NothingMade,
    /// 467, 468: the chain does not agree yet, and the token is still good.
    NotRegistered,
    /// 466: the token was used, by whomever, or ran out. Which of them is not told.
    TokenGone,
}

/// An instance, as far as an answer or a list told of it (6.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// `vm_uuid`; the service may need a moment for it.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<CvmUuid>,
    /// `name`.
    #[serde(with = "one")]
    pub name: Shown,
    /// `status` at birth.
    #[serde(with = "one")]
    pub status: Shown,
    /// `app_id` as answered.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// Where it was put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeChoice>,
    /// `instance_id`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Shown>,
    /// The compose hash it was registered under, where one is known.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub compose_hash: Option<ComposeHash>,
    /// In what it is not what was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatch: Vec<Mismatch>,
}

/// The service created in answer to a prepare-only request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedDirectly {
    /// Which attempt.
    pub attempt: u32,
    /// The instance.
    pub made: Made,
}

/// The instance exists. Written before it is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// How that is known.
    pub how: How,
    /// The instance.
    pub made: Made,
}

/// How it is known that an instance is the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The service answered a prepare-only request with it.
    AtOnce,
    /// The service answered the commit of this number with it.
    Answered(u32),
    /// It was the only new one of its kind in the list.
    Found,
    /// A person said so.
    Chosen,
}

impl Prepared {
    /// The record of a ticket.
    pub fn of(ticket: &Ticket, answering: Answering) -> Self {
        let Ticket {
            token,
            compose_hash,
            app,
            device,
            chain_id,
            hash_allowed,
            device_allowed,
            commit_url,
            provision,
        } = ticket;
        Self {
            answering,
            fingerprint: fingerprint(token),
            token: Some(token.clone()),
            compose_hash: *compose_hash,
            app: *app,
            device: *device,
            chain_id: *chain_id,
            hash_allowed: *hash_allowed,
            device_allowed: *device_allowed,
            commit_url: commit_url.clone(),
            provision: provision.as_ref().map(|one| Provision {
                env_key: one.env_key.clone(),
                sealed: one.sealed.clone(),
                kms: one.kms.clone(),
                kms_contract: one.kms_contract.clone(),
            }),
            date: None,
            mismatch: Vec::new(),
        }
    }

    /// The ticket, to be redeemed; `None` where the token is gone or the ticket is not for what was asked.
    pub fn ticket(&self) -> Option<Ticket> {
        if !self.mismatch.is_empty() {
            return None;
        }
        Some(Ticket {
            token: self.token.clone()?,
            compose_hash: self.compose_hash,
            app: self.app,
            device: self.device,
            chain_id: self.chain_id,
            hash_allowed: self.hash_allowed,
            device_allowed: self.device_allowed,
            commit_url: self.commit_url.clone(),
            provision: self.provision.as_ref().map(|one| types::Provision {
                env_key: one.env_key.clone(),
                sealed: one.sealed.clone(),
                kms: one.kms.clone(),
                kms_contract: one.kms_contract.clone(),
                // What was founded since is a record of its own.
                founded: None,
            }),
        })
    }

    /// The same without anything that could be used.
    pub(in crate::journal) fn without_token(mut self) -> Self {
        self.token = None;
        self.commit_url = None;
        self
    }
}

impl Made {
    /// The record of an instance.
    pub fn of(created: &Created, compose_hash: Option<ComposeHash>) -> Self {
        let Created {
            uuid,
            name,
            status,
            app,
            node,
            instance_id,
        } = created;
        Self {
            uuid: uuid.clone(),
            name: name.clone(),
            status: status.clone(),
            app: *app,
            node: node.as_ref().map(|node| NodeChoice {
                id: node.id.map(|id| id.0),
                name: node.name.clone(),
                region: node.region.clone(),
                device: node.device,
            }),
            instance_id: instance_id.clone(),
            compose_hash,
            mismatch: Vec::new(),
        }
    }

    /// The instance, to be watched.
    pub fn created(&self) -> Created {
        Created {
            uuid: self.uuid.clone(),
            name: self.name.clone(),
            status: self.status.clone(),
            app: self.app,
            node: self.node.as_ref().map(|node| NodeRef {
                id: node.id.map(NodeId),
                name: node.name.clone(),
                region: node.region.clone(),
                device: node.device,
            }),
            instance_id: self.instance_id.clone(),
        }
    }
}
