//! Two-phase changes: what a prepare hands out, and what a commit hands in.
//!
//! The order of the checks is that of the API reference, section 6.5; what a token survives is a rule of the
//! scenario. What a token stands for is an instance, a replica or an update: their own files carry them out.

use serde_json::{Value, json};

use super::{
    apps::App,
    chain::normal,
    cvm::Draft,
    instances::Wish,
    moment::Moment,
    refusal::{
        FieldProblem, HASH_NOT_ALLOWED, REGISTRATION_NEEDED, Refusal, TOKEN_INVALID,
        TRANSACTION_UNVERIFIED,
    },
    scenario::Supersedes,
    updates::Change,
    version::Version,
    world::{Answer, World},
};

/// A commit token that was given out.
pub(super) struct Ticket {
    token: String,
    pub(super) purpose: Purpose,
    pub(super) issued_at: Moment,
    used: bool,
    superseded: bool,
}

/// What a token stands for.
#[derive(Clone)]
pub(super) enum Purpose {
    Instance(Draft),
    /// Of the instance with this `vm_uuid`.
    Replica {
        source: String,
        draft: Draft,
    },
    Update(Change),
}

impl Purpose {
    /// The compose hash and the node that the contract must allow.
    pub(super) fn needs(&self, world: &World) -> (String, u64) {
        match self {
            Self::Instance(draft) | Self::Replica { draft, .. } => {
                (draft.document.hash(), draft.node)
            }
            Self::Update(change) => {
                let node = world.cvm(&change.vm_uuid).map_or(0, |cvm| cvm.node);
                (change.document.hash(), node)
            }
        }
    }

    /// Where a commit goes: path below the dashboard's workspace, and path below the API.
    fn commit_paths(&self, app_id: &str) -> [String; 2] {
        match self {
            // The vendor has not published what these addresses look like for instances and replicas.
            Self::Instance(_) => [
                format!("apps/{app_id}/instances/confirm"),
                format!("apps/{app_id}/instances"),
            ],
            Self::Replica { source, .. } => [
                format!("cvms/{source}/confirm-replica"),
                format!("cvms/{source}/commit-replica"),
            ],
            Self::Update(Change { vm_uuid, .. }) => [
                format!("cvms/{vm_uuid}/confirm-update"),
                format!("cvms/{vm_uuid}/commit-update"),
            ],
        }
    }
}

impl Ticket {
    /// Still good at this moment, as far as nobody looks at a contract.
    pub(super) fn is_good(&self, world: &World) -> bool {
        let rules = &world.scenario.rules;
        let is_expired = world.now.since(self.issued_at) >= rules.token_seconds;
        !(is_expired || self.superseded || (self.used && rules.token_once))
    }
}

impl World {
    /// Issues a token and says what must be registered: the 465.
    pub(super) fn prepare(&mut self, app: usize, purpose: Purpose) -> Refusal {
        let token = self.issue(purpose.clone());
        self.registration_needed(app, &purpose, Some(&token))
    }

    /// Keeps what is to be done until a commit names it. Older tokens for the same thing may die of it.
    pub(super) fn issue(&mut self, purpose: Purpose) -> String {
        let rules = &self.scenario.rules;
        for older in &mut self.tickets {
            older.superseded |= match (&older.purpose, &purpose) {
                (Purpose::Update(old), Purpose::Update(new)) => {
                    rules.newer_update_supersedes && old.vm_uuid == new.vm_uuid
                }
                (
                    Purpose::Instance(old) | Purpose::Replica { draft: old, .. },
                    Purpose::Instance(new) | Purpose::Replica { draft: new, .. },
                ) => {
                    old.app_id == new.app_id
                        && match rules.newer_prepare_supersedes {
                            Supersedes::Never => false,
                            Supersedes::SameApp => true,
                            Supersedes::SameAppAndNode => old.node == new.node,
                        }
                }
                _ => false,
            };
        }
        let token = self.mint.uuid(&format!("token {}", self.tickets.len()));
        self.tickets.push(Ticket {
            token: token.clone(),
            purpose,
            issued_at: self.now,
            used: false,
            superseded: false,
        });
        token
    }

    /// The 465, with the means to commit if there is a token. The owner of the contract takes notice.
    pub(super) fn registration_needed(
        &mut self,
        app: usize,
        purpose: &Purpose,
        token: Option<&str>,
    ) -> Refusal {
        let (hash, node) = purpose.needs(self);
        let mut device = String::new();
        if let Some(node) = self.nodes.iter_mut().find(|candidate| candidate.id == node) {
            device.clone_from(&node.device_id);
            node.prepared();
        }
        let App {
            app_id,
            owner_signs_after,
            ..
        } = &self.apps[app];
        let (app_id, due) = (app_id.clone(), self.now.plus(*owner_signs_after));
        self.owner_registers(app, due, &hash, &device);
        let contract = self.apps[app].contract.as_ref();
        let hash_allowed = contract.is_none_or(|contract| contract.allows_hash(&hash));
        let device_allowed = contract.is_none_or(|contract| contract.allows_device(&device));
        let status = json!({
            "compose_hash_allowed": hash_allowed,
            "device_id_allowed": device_allowed,
            "is_allowed": hash_allowed && device_allowed,
        });
        let kms_info = self.kms_info_for_registration(app);
        let [app_id, hash, device] = self.claim(app_id, hash, device);
        let commit = token.map(|token| self.commit_details(purpose, &app_id, &hash, token));
        let details = [
            ("compose_hash", hash.into()),
            ("app_id", app_id.into()),
            ("device_id", device.into()),
            ("kms_info", kms_info),
            ("onchain_status", status),
        ];
        Refusal::coded(
            REGISTRATION_NEEDED,
            "Compose hash registration required on-chain",
        )
        .with_details(details.into_iter().chain(commit.into_iter().flatten()))
        .advising("Register the compose hash on the app's contract, then commit with the token")
    }

    /// The three identifiers as they are, or as a lying service tells them.
    fn claim(&mut self, app_id: String, hash: String, device: String) -> [String; 3] {
        let lies = &self.scenario.lies;
        let lie = lies.get(self.prepares % lies.len().max(1)).cloned();
        self.prepares += 1;
        match lie {
            None => [app_id, hash, device],
            Some(lie) => [
                lie.app_id.unwrap_or(app_id),
                lie.compose_hash.unwrap_or(hash),
                lie.device_id.unwrap_or(device),
            ],
        }
    }

    fn commit_details(
        &self,
        purpose: &Purpose,
        app_id: &str,
        hash: &str,
        token: &str,
    ) -> [(&'static str, Value); 3] {
        let base = &self.options.base_url;
        let site = base.strip_suffix("/api/v1").unwrap_or(base);
        let slug = &self.scenario.workspace.slug;
        let [page, call] = purpose.commit_paths(app_id);
        let commit_url = format!("{site}/{slug}/{page}?token={token}&compose_hash={hash}");
        let api_commit_url = format!("{base}/{call}?token={token}");
        [
            ("commit_token", token.into()),
            ("commit_url", commit_url.into()),
            ("api_commit_url", api_commit_url.into()),
        ]
    }

    /// Redeems a token for an instance of this app.
    pub(super) fn commit(
        &mut self,
        app: usize,
        token: &str,
        wish: &Wish,
        version: Version,
    ) -> Answer {
        self.check_nothing_else(wish)?;
        let app_id = self.apps[app].app_id.clone();
        let place = self.redeemable(
            token,
            wish.compose_hash.as_deref(),
            |purpose| matches!(purpose, Purpose::Instance(draft) if draft.app_id == app_id),
        )?;
        self.redeem_draft(place, wish.transaction_hash.as_deref(), version)
    }

    /// Makes the instance or replica a good token stands for, if the contract and the node still agree.
    pub(super) fn redeem_draft(
        &mut self,
        place: usize,
        transaction: Option<&str>,
        version: Version,
    ) -> Answer {
        let purpose = self.tickets[place].purpose.clone();
        let (Purpose::Instance(draft) | Purpose::Replica { draft, .. }) = &purpose else {
            return Err(token_invalid());
        };
        let app = self.app_position(&draft.app_id)?;
        self.check_registered(app, &purpose, transaction)?;
        let on_chain = self.apps[app].contract.is_some();
        self.choose_node(Some(draft.node), draft.size, on_chain, |_| true)?;
        self.afford()?;
        self.spend(place);
        Ok(self.create(app, draft.clone(), version))
    }

    /// A token that failed further up can be tried again: inference.
    pub(super) fn spend(&mut self, place: usize) {
        self.tickets[place].used = true;
    }

    /// 467 for a transaction nobody knows, 468 if the contract does not allow what is to be done.
    pub(super) fn check_registered(
        &self,
        app: usize,
        purpose: &Purpose,
        transaction: Option<&str>,
    ) -> Result<(), Refusal> {
        let (hash, node) = purpose.needs(self);
        match transaction {
            None | Some("" | "already-registered") => {}
            Some(id) if self.verifies(app, id, &hash, node) => {}
            Some(_) => {
                let message = "The transaction could not be verified";
                return Err(Refusal::coded(TRANSACTION_UNVERIFIED, message)
                    .advising("Wait until the transaction is confirmed, or check its hash"));
            }
        }
        if self.scenario.rules.commit_checks_contract && !self.is_registered(app, &hash, node) {
            let message = "The app's contract does not allow this compose hash on this device";
            return Err(Refusal::coded(HASH_NOT_ALLOWED, message));
        }
        Ok(())
    }

    fn check_nothing_else(&self, wish: &Wish) -> Result<(), Refusal> {
        let Wish {
            node_id,
            teepod_id,
            docker_compose_file,
            pre_launch_script,
            encrypted_env,
            compose_hash: _,
            token: _,
            transaction_hash: _,
            name,
        } = wish;
        let brings_more = node_id.or(*teepod_id).is_some()
            || [docker_compose_file, pre_launch_script, encrypted_env, name]
                .iter()
                .any(|part| part.is_some());
        if self.scenario.rules.commit_takes_nothing_else && brings_more {
            let message =
                "Value error, a commit takes only token, compose_hash and transaction_hash";
            return Err(Refusal::field(FieldProblem::whole_body(
                "value_error",
                message,
            )));
        }
        Ok(())
    }

    /// Where the ticket is, if it may be used for this: 466 otherwise.
    pub(super) fn redeemable(
        &self,
        token: &str,
        compose_hash: Option<&str>,
        fits: impl Fn(&Purpose) -> bool,
    ) -> Result<usize, Refusal> {
        let found = self
            .tickets
            .iter()
            .position(|ticket| ticket.token == token && fits(&ticket.purpose));
        let place = found
            .filter(|place| self.tickets[*place].is_good(self))
            .ok_or_else(token_invalid)?;
        let prepared = self.tickets[place].purpose.needs(self).0;
        match compose_hash.map(normal).filter(|hash| !hash.is_empty()) {
            None if self.scenario.rules.commit_needs_compose_hash => Err(token_invalid()),
            Some(hash) if hash != prepared => Err(token_invalid()),
            _ => Ok(place),
        }
    }

    /// Whether the app's contract would let this boot; without a contract nothing stands in the way.
    pub(super) fn is_registered(&self, app: usize, hash: &str, node: u64) -> bool {
        let device = self
            .node(node)
            .map(|node| node.device_id.as_str())
            .unwrap_or_default();
        self.apps[app]
            .contract
            .as_ref()
            .is_none_or(|contract| contract.allows(hash, device))
    }
}

/// 466.
pub(super) fn token_invalid() -> Refusal {
    Refusal::coded(
        TOKEN_INVALID,
        "The commit token or compose hash is invalid or has expired",
    )
    .advising("Run prepare again")
}
