//! Replicas: another instance of an app, made after one that is named (sections 7.1 and 7.2 of the API reference).
//!
//! They differ from `POST /apps/{app_id}/instances` in what they are made after and in who may commit: here the
//! token alone is the key.

use serde::Deserialize;

use super::{
    instances::Wish,
    message::Request,
    refusal::{Refusal, SEVERAL_REVISIONS},
    tickets::Purpose,
    version::Version,
    world::{Answer, World},
};

/// Body of `POST /cvms/{id}/replicas`, all of it optional, itself included.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ReplicaWish {
    node_id: Option<u64>,
    teepod_id: Option<u64>,
    encrypted_env: Option<String>,
    compose_hash: Option<String>,
}

/// Body of `commit-replica` and `commit-update`; the token may stand in the address instead.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Commit {
    token: Option<String>,
    pub(super) compose_hash: Option<String>,
    pub(super) transaction_hash: Option<String>,
}

impl Commit {
    pub(super) fn read(request: &Request) -> Result<Self, Refusal> {
        let body: Option<Self> = request.json()?;
        let mut commit = body.unwrap_or_default();
        if commit.token.as_deref().unwrap_or_default().is_empty() {
            commit.token = request.parameter("token").map(str::to_owned);
        }
        Ok(commit)
    }

    pub(super) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }
}

impl World {
    pub(super) fn replicate(&mut self, id: &str, request: &Request) -> Answer {
        let body: Option<ReplicaWish> = request.json()?;
        let wish = body.unwrap_or_default();
        let source = self.cvm(id)?;
        let (source_id, source_node) = (source.vm_uuid.clone(), source.node);
        let app = self.app_position(&source.app_id)?;
        let template = if let Some(hash) = &wish.compose_hash {
            self.live_with(app, hash)?
        } else {
            let mut live = self.cvms_of(&self.apps[app]);
            let settled = self.scenario.rules.replica_source_settles_revision;
            if !settled && live.any(|other| other.hash != source.hash) {
                let message = "The app has several live revisions: compose_hash is needed";
                return Err(Refusal::coded(SEVERAL_REVISIONS, message));
            }
            source
        };
        // Without a node it is made where its source lives.
        let wish = Wish {
            node_id: wish.node_id.or(wish.teepod_id).or(Some(source_node)),
            encrypted_env: wish.encrypted_env,
            ..Wish::default()
        };
        let draft = self.draft(app, template, &wish)?;
        let purpose = Purpose::Replica {
            source: source_id,
            draft,
        };
        self.create_or_prepare(app, purpose, request)
    }

    /// The same, where the app is named too.
    pub(super) fn replicate_in(&mut self, app: &str, id: &str, request: &Request) -> Answer {
        let app_id = &self.app(app)?.app_id;
        if self.cvm(id)?.app_id != *app_id {
            return Err(Refusal::plain(400, "The CVM belongs to another app"));
        }
        self.replicate(id, request)
    }

    /// Needs no key.
    pub(super) fn commit_replica(&mut self, id: &str, request: &Request) -> Answer {
        let commit = Commit::read(request)?;
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        let place = self.redeemable(
            commit.token(),
            commit.compose_hash.as_deref(),
            |purpose| matches!(purpose, Purpose::Replica { source, .. } if *source == vm_uuid),
        )?;
        let transaction = commit.transaction_hash.as_deref();
        self.redeem_draft(place, transaction, Version::of(request))
    }
}
