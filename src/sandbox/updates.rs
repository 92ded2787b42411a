//! Updates of an instance: `PATCH /cvms/{id}` and what completes it (sections 7.2 and 7.3 of the API reference).
//!
//! Whatever stands in the app-compose document changes its hash, visibility included, so an app governed on chain
//! has to register it first. What does not stand there is applied at once.

mod change;

use serde_json::{Value, json};

pub(super) use self::change::{Change, Patch};
use super::{
    apps::Revision,
    boot::{ENV_UNREADABLE, KEYS_REFUSED, Mishap, Why},
    chain::normal,
    message::{Reply, Request},
    refusal::Refusal,
    replicas::Commit,
    tickets::{Purpose, token_invalid},
    world::{Answer, World},
};

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
        let is_cured = |mishap: &Mishap| {
            mishap.is_called(KEYS_REFUSED)
                || (environment.is_some() && mishap.is_called(ENV_UNREADABLE))
        };
        let mishap = match &environment {
            Some((_, Err(_))) => self.scenario.mishap_called(ENV_UNREADABLE),
            _ if !self.is_registered(app, &hash, node) => self.scenario.mishap_called(KEYS_REFUSED),
            _ => cvm.mishap.clone().filter(|mishap| !is_cured(mishap)),
        };
        let life = self.boot(Why::Update, &document, mishap.as_ref());
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
        cvm.mishap = mishap;
        if let Some((_, Ok(environment))) = environment {
            cvm.environment = environment;
        }
        if let Some(user_config) = user_config {
            cvm.user_config = user_config;
        }
        cvm.size = size;
        cvm.instance_type = instance_type;
        cvm.image = image;
        let correlation_id = if is_up {
            cvm.begin("update", life)
        } else {
            cvm.note("update", now, None)
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
