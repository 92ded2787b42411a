//! Two-phase creation: what a prepare hands out, and what a commit hands in.
//!
//! The order of the checks is that of the API reference, section 6.5; what a token survives is a rule of the
//! scenario.

use serde_json::{Value, json};

use super::{
    apps::App,
    chain::{knows_transaction, normal},
    cvm::Draft,
    instances::Wish,
    moment::Moment,
    refusal::{
        FieldProblem, HASH_NOT_ALLOWED, REGISTRATION_NEEDED, Refusal, TOKEN_INVALID,
        TRANSACTION_UNVERIFIED,
    },
    scenario::Supersedes,
    world::{Answer, World},
};

/// What a commit token stands for.
pub(super) struct Ticket {
    token: String,
    draft: Draft,
    issued_at: Moment,
    used: bool,
    superseded: bool,
}

impl World {
    /// Issues a token and says what must be registered: the 465.
    pub(super) fn prepare(&mut self, app: usize, draft: Draft) -> Refusal {
        let hash = draft.document.hash();
        let mut device = String::new();
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == draft.node) {
            device.clone_from(&node.device_id);
            node.prepared();
        }
        for older in self
            .tickets
            .iter_mut()
            .filter(|older| older.draft.app_id == draft.app_id)
        {
            older.superseded |= match self.scenario.rules.newer_prepare_supersedes {
                Supersedes::Never => false,
                Supersedes::SameApp => true,
                Supersedes::SameAppAndNode => older.draft.node == draft.node,
            };
        }
        let token = self.mint.uuid(&format!("token {}", self.tickets.len()));
        self.tickets.push(Ticket {
            token: token.clone(),
            draft,
            issued_at: self.now,
            used: false,
            superseded: false,
        });
        let App {
            app_id,
            contract,
            owner_signs_after,
            ..
        } = &mut self.apps[app];
        let app_id = app_id.clone();
        let (mut hash_allowed, mut device_allowed) = (true, true);
        if let Some(contract) = contract {
            contract.register_at(self.now.plus(*owner_signs_after), &hash, &device);
            contract.settle(self.now);
            (hash_allowed, device_allowed) =
                (contract.allows_hash(&hash), contract.allows_device(&device));
        }
        let status = json!({
            "compose_hash_allowed": hash_allowed,
            "device_id_allowed": device_allowed,
            "is_allowed": hash_allowed && device_allowed,
        });
        let kms_info = self.kms_of(&self.apps[app]).info();
        let claimed = self.claim(app_id, hash, device);
        self.registration_needed(claimed, kms_info, status, &token)
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

    fn registration_needed(
        &self,
        [app_id, hash, device]: [String; 3],
        kms_info: Value,
        status: Value,
        token: &str,
    ) -> Refusal {
        let base = &self.options.base_url;
        let site = base.strip_suffix("/api/v1").unwrap_or(base);
        let slug = &self.scenario.workspace.slug;
        // The vendor has not published what these addresses look like for instances.
        let commit_url = format!(
            "{site}/{slug}/apps/{app_id}/instances/confirm?token={token}&compose_hash={hash}"
        );
        let api_commit_url = format!("{base}/apps/{app_id}/instances?token={token}");
        Refusal::coded(
            REGISTRATION_NEEDED,
            "Compose hash registration required on-chain",
        )
        .with_details([
            ("compose_hash", hash.into()),
            ("app_id", app_id.into()),
            ("device_id", device.into()),
            ("kms_info", kms_info),
            ("onchain_status", status),
            ("commit_token", token.into()),
            ("commit_url", commit_url.into()),
            ("api_commit_url", api_commit_url.into()),
        ])
        .advising("Register the compose hash on the app's contract, then commit with the token")
    }

    pub(super) fn commit(&mut self, app: usize, token: &str, wish: &Wish) -> Answer {
        let place = self.redeemable(app, token, wish)?;
        let draft = self.tickets[place].draft.clone();
        match wish.transaction_hash.as_deref() {
            None | Some("" | "already-registered") => {}
            Some(hash) if knows_transaction(hash) => {}
            Some(_) => {
                let message = "The transaction could not be verified";
                return Err(Refusal::coded(TRANSACTION_UNVERIFIED, message)
                    .advising("Wait until the transaction is confirmed, or check its hash"));
            }
        }
        if self.scenario.rules.commit_checks_contract && !self.is_registered(app, &draft) {
            let message = "The app's contract does not allow this compose hash on this device";
            return Err(Refusal::coded(HASH_NOT_ALLOWED, message));
        }
        let kind = self.instance_type(&draft.instance_type);
        self.choose_node(
            Some(draft.node),
            kind,
            self.apps[app].contract.is_some(),
            |_| true,
        )?;
        self.afford()?;
        // A token that failed further up can be tried again: inference.
        self.tickets[place].used = true;
        Ok(self.create(app, draft))
    }

    /// Where the ticket is, if it may be used for this.
    fn redeemable(&self, app: usize, token: &str, wish: &Wish) -> Result<usize, Refusal> {
        let rules = &self.scenario.rules;
        let Wish {
            node_id,
            teepod_id,
            docker_compose_file,
            pre_launch_script,
            encrypted_env,
            compose_hash,
            token: _,
            transaction_hash: _,
            name,
        } = wish;
        let brings_more = node_id.or(*teepod_id).is_some()
            || [docker_compose_file, pre_launch_script, encrypted_env, name]
                .iter()
                .any(|part| part.is_some());
        if rules.commit_takes_nothing_else && brings_more {
            let message =
                "Value error, a commit takes only token, compose_hash and transaction_hash";
            return Err(Refusal::field(FieldProblem::whole_body(
                "value_error",
                message,
            )));
        }
        let refused = || {
            Err(Refusal::coded(
                TOKEN_INVALID,
                "The commit token or compose hash is invalid or has expired",
            )
            .advising("Run prepare again"))
        };
        let Some((place, ticket)) = self.tickets.iter().enumerate().find(|(_, ticket)| {
            ticket.token == token && ticket.draft.app_id == self.apps[app].app_id
        }) else {
            return refused();
        };
        let is_expired = self.now.since(ticket.issued_at) >= rules.token_seconds;
        if is_expired || ticket.superseded || (ticket.used && rules.token_once) {
            return refused();
        }
        match compose_hash
            .as_deref()
            .map(normal)
            .filter(|hash| !hash.is_empty())
        {
            None if rules.commit_needs_compose_hash => refused(),
            Some(hash) if hash != ticket.draft.document.hash() => refused(),
            _ => Ok(place),
        }
    }

    /// Whether the app's contract would let this boot; without a contract nothing stands in the way.
    pub(super) fn is_registered(&self, app: usize, draft: &Draft) -> bool {
        let device = self
            .node(draft.node)
            .map(|node| node.device_id.as_str())
            .unwrap_or_default();
        self.apps[app]
            .contract
            .as_ref()
            .is_none_or(|contract| contract.allows(&draft.document.hash(), device))
    }
}
