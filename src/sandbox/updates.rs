//! Updates of an instance: `PATCH /cvms/{id}` and what completes it (sections 7.2 and 7.3 of the API reference).
//!
//! Whatever stands in the app-compose document changes its hash, visibility included, so an app governed on chain
//! has to register it first. What does not stand there is applied at once.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};

use super::{
    apps::Revision,
    boot::{Story, Why},
    chain::normal,
    cvm::{Cvm, Size},
    document::Document,
    environment::{Environment, Unreadable},
    message::{Reply, Request},
    refusal::{FieldProblem, INVALID_PARAMETERS, NO_GPU, NO_SUCH_TYPE, Refusal},
    replicas::Commit,
    tickets::{Purpose, token_invalid},
    world::{Answer, World},
};

/// Body of `PATCH /cvms/{id}`. The older endpoints each bring a part of it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    pub(super) docker_compose_file: Option<String>,
    pub(super) pre_launch_script: Option<String>,
    pub(super) allowed_envs: Option<Vec<String>>,
    pub(super) public_logs: Option<bool>,
    pub(super) public_sysinfo: Option<bool>,
    pub(super) public_tcbinfo: Option<bool>,
    pub(super) encrypted_env: Option<String>,
    pub(super) user_config: Option<String>,
    pub(super) gpus: Option<Value>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) vcpu: Option<u64>,
    /// Megabytes.
    #[serde(default, deserialize_with = "whole")]
    pub(super) memory: Option<u64>,
    /// Gigabytes, as everywhere else, although the vendor's schema says megabytes here.
    #[serde(default, deserialize_with = "whole")]
    pub(super) disk_size: Option<u64>,
    pub(super) instance_type: Option<String>,
    pub(super) image: Option<String>,
    pub(super) shutdown_timeout: Option<u64>,
    #[expect(
        dead_code,
        reason = "every guest of the sandbox ends when it is told to"
    )]
    pub(super) allow_force_stop: Option<bool>,
    #[expect(dead_code, reason = "the sandbox always restarts")]
    pub(super) allow_restart: Option<Value>,
}

/// What an instance is to become.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) vm_uuid: String,
    pub(super) document: Document,
    /// The blob as it came, and what the guest makes of it.
    environment: Option<(String, Result<Environment, Unreadable>)>,
    user_config: Option<String>,
    size: Size,
    instance_type: String,
    image: String,
}

/// How an update went.
pub(super) struct Updated {
    pub(super) correlation_id: String,
    pub(super) envs_changed: bool,
}

impl World {
    /// One endpoint, two phases: headers that name a hash complete what an earlier call began.
    pub(super) fn patch_cvm(&mut self, id: &str, request: &Request) -> Answer {
        let patch: Patch = request.json()?;
        let updated = match request.header("x-compose-hash") {
            Some(hash) => self.update_registered(id, hash, request.header("x-transaction-hash"))?,
            None => self.update(id, patch, prepares(request))?,
        };
        Ok(Reply::json(202, &in_progress(&updated)))
    }

    /// Applies a patch, or says what must be registered before.
    pub(super) fn update(
        &mut self,
        id: &str,
        patch: Patch,
        prepare_only: bool,
    ) -> Result<Updated, Refusal> {
        let cvm = self.cvm(id)?;
        if cvm.state(self.now).in_progress {
            return Err(Refusal::plain(409, "Another operation is in progress"));
        }
        let change = self.change(cvm, patch)?;
        let (hash, node) = (change.document.hash(), cvm.node);
        let needs_contract = hash != cvm.hash;
        let app = self.app_position(&cvm.app_id)?;
        let allowed =
            self.scenario.rules.update_applies_when_allowed && self.is_registered(app, &hash, node);
        let at_once =
            self.apps[app].contract.is_none() || !needs_contract || (!prepare_only && allowed);
        if at_once {
            return self.apply(app, change);
        }
        let purpose = Purpose::Update(change);
        let token = self.issue(purpose.clone());
        // Only a prepare is told the token; the other caller comes back with the hash.
        let told = prepare_only.then_some(&*token);
        Err(self.registration_needed(app, &purpose, told))
    }

    /// The second phase without a token: the hash says which change is meant.
    pub(super) fn update_registered(
        &mut self,
        id: &str,
        hash: &str,
        transaction: Option<&str>,
    ) -> Result<Updated, Refusal> {
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        let hash = normal(hash);
        let place = self
            .tickets
            .iter()
            .rposition(|ticket| {
                ticket.is_good(self)
                    && matches!(&ticket.purpose, Purpose::Update(change)
                        if change.vm_uuid == vm_uuid && change.document.hash() == hash)
            })
            .ok_or_else(token_invalid)?;
        self.redeem_update(place, transaction)
    }

    /// Needs no key: the token is one. 202.
    pub(super) fn commit_update(&mut self, id: &str, request: &Request) -> Answer {
        let commit = Commit::read(request)?;
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        let place = self.redeemable(
            commit.token(),
            commit.compose_hash.as_deref(),
            |purpose| matches!(purpose, Purpose::Update(change) if change.vm_uuid == vm_uuid),
        )?;
        let updated = self.redeem_update(place, commit.transaction_hash.as_deref())?;
        Ok(Reply::json(202, &in_progress(&updated)))
    }

    /// What a page that asks for confirmation would show. The shape is inference.
    pub(super) fn commit_preview(&self, id: &str, request: &Request) -> Answer {
        let cvm = self.cvm(id)?;
        let token = request.parameter("token").unwrap_or_default();
        let place = self.redeemable(
            token,
            Some(""),
            |purpose| matches!(purpose, Purpose::Update(change) if change.vm_uuid == cvm.vm_uuid),
        )?;
        let ticket = &self.tickets[place];
        let app = self.app_position(&cvm.app_id)?;
        let (hash, node) = ticket.purpose.needs(self);
        let expires = ticket.issued_at.plus(self.scenario.rules.token_seconds);
        let answer = json!({
            "vm_uuid": cvm.vm_uuid,
            "app_id": cvm.app_id,
            "compose_hash": hash,
            "is_allowed": self.is_registered(app, &hash, node),
            "kms_info": self.kms_of(&self.apps[app]).info(),
            "expires_at": expires.iso(),
        });
        Ok(Reply::json(200, &answer))
    }

    fn redeem_update(
        &mut self,
        place: usize,
        transaction: Option<&str>,
    ) -> Result<Updated, Refusal> {
        let purpose = self.tickets[place].purpose.clone();
        let Purpose::Update(change) = &purpose else {
            return Err(token_invalid());
        };
        let cvm = self.cvm(&change.vm_uuid)?;
        if cvm.state(self.now).in_progress {
            return Err(Refusal::plain(409, "Another operation is in progress"));
        }
        let app = self.app_position(&cvm.app_id)?;
        self.check_registered(app, &purpose, transaction)?;
        self.spend(place);
        self.apply(app, change.clone())
    }

    fn change(&self, cvm: &Cvm, patch: Patch) -> Result<Change, Refusal> {
        let mut document = cvm.document.with(
            patch.docker_compose_file.as_deref(),
            patch.pre_launch_script.as_deref(),
        );
        if let Some(names) = patch.allowed_envs {
            document = document.set("allowed_envs", names.into());
        }
        for (name, flag) in [
            ("public_logs", patch.public_logs),
            ("public_sysinfo", patch.public_sysinfo),
            ("public_tcbinfo", patch.public_tcbinfo),
        ] {
            if let Some(flag) = flag {
                document = document.set(name, flag.into());
            }
        }
        self.check_document(&document, patch.docker_compose_file.is_some())?;
        let environment = match patch.encrypted_env {
            None => None,
            Some(blob) => {
                let opened = self.open(&cvm.app_id, &blob, &document)?;
                Some((blob, opened))
            }
        };
        if patch.gpus.is_some() {
            return Err(Refusal::coded(NO_GPU, "The node has no GPU"));
        }
        if patch
            .shutdown_timeout
            .is_some_and(|seconds| !(10..=1200).contains(&seconds))
        {
            let message = "Input should be between 10 and 1200";
            return Err(Refusal::field(FieldProblem::body(
                "shutdown_timeout",
                "out_of_range",
                message,
            )));
        }
        let (instance_type, mut size) = match patch.instance_type {
            None => (cvm.instance_type.clone(), cvm.size),
            Some(name) => {
                let kinds = &self.scenario.instance_types;
                let kind = kinds.get(&name).ok_or_else(|| {
                    Refusal::coded(NO_SUCH_TYPE, "There is no such instance type")
                })?;
                (name, Size::from(kind))
            }
        };
        size.vcpu = patch.vcpu.unwrap_or(size.vcpu);
        size.memory_mb = patch.memory.unwrap_or(size.memory_mb);
        // A type with a smaller disk leaves the disk as it is; a smaller disk by itself is a mistake.
        size.disk_gb = patch
            .disk_size
            .unwrap_or(size.disk_gb.max(cvm.size.disk_gb));
        if size.disk_gb < cvm.size.disk_gb || size.vcpu == 0 || size.memory_mb == 0 {
            let message = "A disk cannot shrink, and a machine needs a vCPU and memory";
            return Err(Refusal::coded(INVALID_PARAMETERS, message));
        }
        if let Some(node) = self.node(cvm.node).filter(|_| size != cvm.size) {
            node.check_growth(cvm.size, size)?;
        }
        Ok(Change {
            vm_uuid: cvm.vm_uuid.clone(),
            document,
            environment,
            user_config: patch.user_config,
            size,
            instance_type,
            image: match patch.image {
                None => cvm.image.clone(),
                Some(name) => self.image_named(&name)?,
            },
        })
    }

    /// Nothing but another document.
    pub(super) fn change_to(&self, cvm: &Cvm, document: Document) -> Change {
        Change {
            vm_uuid: cvm.vm_uuid.clone(),
            document,
            environment: None,
            user_config: None,
            size: cvm.size,
            instance_type: cvm.instance_type.clone(),
            image: cvm.image.clone(),
        }
    }

    /// Adds the environment that comes with the second half of the oldest flow.
    ///
    /// The names in `env_keys` were fixed when the document was hashed; here they change nothing.
    pub(super) fn attach_blob(
        &mut self,
        vm_uuid: &str,
        hash: &str,
        blob: &str,
    ) -> Result<(), Refusal> {
        let is_meant = |purpose: &Purpose| {
            matches!(purpose, Purpose::Update(change)
                if change.vm_uuid == vm_uuid && change.document.hash() == hash)
        };
        let found = self
            .tickets
            .iter()
            .rposition(|ticket| is_meant(&ticket.purpose));
        let place = found.ok_or_else(|| Refusal::plain(400, "Provision not found"))?;
        let app_id = self.cvm(vm_uuid)?.app_id.clone();
        let Purpose::Update(change) = &self.tickets[place].purpose else {
            return Err(token_invalid());
        };
        let opened = self.open(&app_id, blob, &change.document)?;
        if let Purpose::Update(change) = &mut self.tickets[place].purpose {
            change.environment = Some((blob.to_owned(), opened));
        }
        Ok(())
    }

    /// Makes a change come true. A running instance restarts with it; any other keeps it for its next start.
    fn apply(&mut self, app: usize, change: Change) -> Result<Updated, Refusal> {
        let Change {
            vm_uuid,
            document,
            environment,
            user_config,
            size,
            instance_type,
            image,
        } = change;
        let now = self.now;
        let hash = document.hash();
        let cvm = self.cvm(&vm_uuid)?;
        let is_up = matches!(cvm.state(now).status, "running" | "starting");
        let (node, old_size) = (cvm.node, cvm.size);
        let is_new = cvm.hash != hash || environment.is_some();
        let envs_changed = cvm.document.allowed_envs() != document.allowed_envs();
        let story = match (&environment, cvm.story) {
            (Some((_, Err(_))), _) => Story::EnvUnreadable,
            _ if !self.is_registered(app, &hash, node) => Story::KeysRefused,
            (Some(_), Story::EnvUnreadable) | (_, Story::KeysRefused) => Story::Healthy,
            (_, story) => story,
        };
        let life = self.boot(Why::Update, &document, story);
        let revision = Revision {
            vm_uuid: vm_uuid.clone(),
            document: document.clone(),
            created_at: now,
            operation: "update",
            encrypted_env: match &environment {
                Some((blob, _)) => blob.clone(),
                None => self.last_blob(app, &vm_uuid),
            },
        };
        let cvm = self.cvm_mut(&vm_uuid)?;
        cvm.document = document;
        cvm.hash = hash;
        cvm.story = story;
        if let Some((_, Ok(environment))) = environment {
            cvm.environment = environment;
        }
        if let Some(user_config) = user_config {
            cvm.user_config = user_config;
        }
        cvm.size = size;
        cvm.instance_type = instance_type;
        cvm.image = image;
        let correlation_id = match is_up {
            true => cvm.begin("update", life),
            false => cvm.note("update", now, None),
        };
        if let Some(node) = self.nodes.iter_mut().find(|candidate| candidate.id == node) {
            node.give_back(old_size);
            node.take(size);
        }
        if is_new {
            self.apps[app].revisions.insert(0, revision);
        }
        Ok(Updated {
            correlation_id,
            envs_changed,
        })
    }

    /// The blob the instance was last given.
    fn last_blob(&self, app: usize, vm_uuid: &str) -> String {
        let mut revisions = self.apps[app].revisions.iter();
        revisions
            .find(|revision| revision.vm_uuid == vm_uuid)
            .map(|revision| revision.encrypted_env.clone())
            .unwrap_or_default()
    }
}

/// Whether the caller wants a token rather than a change.
pub(super) fn prepares(request: &Request) -> bool {
    request.header("x-prepare-only") == Some("true")
}

/// Body of a 202.
pub(super) fn in_progress(updated: &Updated) -> Value {
    json!({
        "status": "in_progress",
        "message": "CVM update initiated",
        "correlation_id": updated.correlation_id,
    })
}

/// A whole number, which an official client may write as `2.0`.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(from)? else {
        return Ok(None);
    };
    if number.fract() == 0.0 && (0.0..1e9).contains(&number) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and in range, as was just seen"
        )]
        return Ok(Some(number as u64));
    }
    Err(D::Error::custom("expected a whole number"))
}
