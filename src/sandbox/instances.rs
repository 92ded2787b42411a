//! `POST /apps/{app_id}/instances`: what is asked for, whether it can be had, and the making of it.
//!
//! The order of the checks is that of the API reference, section 6.3. Where the vendor is silent, a rule of the
//! scenario decides. Tokens are the business of the file beside this one.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    apps::Revision,
    boot::{Course, ENV_UNREADABLE, KEYS_REFUSED, Life, Mishap, Why},
    chain::normal,
    cvm::{Cvm, Draft},
    document::{self, Document},
    environment::{self, Environment, Unreadable},
    message::{Reply, Request},
    refusal::{
        BALANCE_TOO_LOW, COMPOSE_INVALID, Code, NAME_TAKEN, QUOTA_REACHED, Refusal,
        SEVERAL_REVISIONS,
    },
    scenario::BlobChecked,
    tickets::Purpose,
    version::Version,
    world::{Answer, World},
};

/// The body, every member optional, null as good as absent.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) node_id: Option<u64>,
    /// Old name of `node_id`.
    pub(super) teepod_id: Option<u64>,
    pub(super) docker_compose_file: Option<String>,
    pub(super) pre_launch_script: Option<String>,
    pub(super) encrypted_env: Option<String>,
    pub(super) compose_hash: Option<String>,
    pub(super) token: Option<String>,
    pub(super) transaction_hash: Option<String>,
    pub(super) name: Option<String>,
}

impl World {
    pub(super) fn add_instance(&mut self, app: &str, request: &Request) -> Answer {
        let wish: Wish = request.json()?;
        let app = self.app_position(app)?;
        if let Some(token) = &wish.token {
            return self.commit(app, token, &wish, Version::of(request));
        }
        let template = self.template(app, &wish)?;
        let draft = self.draft(app, template, &wish)?;
        self.create_or_prepare(app, Purpose::Instance(draft), request)
    }

    /// Makes an instance or a replica at once, or says what has to be registered before.
    pub(super) fn create_or_prepare(
        &mut self,
        app: usize,
        purpose: Purpose,
        request: &Request,
    ) -> Answer {
        self.afford()?;
        let prepare_only = request.header("x-prepare-only") == Some("true");
        let rules = &self.scenario.rules;
        let at_once = if self.apps[app].contract.is_none() {
            !prepare_only || rules.prepare_creates_on_central_kms
        } else {
            let (hash, node) = purpose.needs(self);
            !prepare_only
                && rules.direct_creates_when_allowed
                && self.is_registered(app, &hash, node)
        };
        match purpose {
            Purpose::Instance(draft) | Purpose::Replica { draft, .. } if at_once => {
                Ok(self.create(app, draft, Version::of(request)))
            }
            purpose => Err(self.prepare(app, purpose)),
        }
    }

    /// The template, with the parts of the wish put in, on a node that can take it.
    pub(super) fn draft(&self, app: usize, template: &Cvm, wish: &Wish) -> Result<Draft, Refusal> {
        let compose = wish.docker_compose_file.as_deref();
        let document = template
            .document
            .with(compose, wish.pre_launch_script.as_deref());
        self.check_document(&document, compose.is_some())?;
        if let Some(name) = &wish.name {
            self.check_name_is_free(name)?;
        }
        let environment = match &wish.encrypted_env {
            None => Ok(template.environment.clone()),
            Some(blob) => self.open(&self.apps[app].app_id, blob, &document)?,
        };
        let contract = self.apps[app].contract.as_ref();
        let node = self.choose_node(
            wish.node_id.or(wish.teepod_id),
            template.size,
            contract.is_some(),
            |node| contract.is_none_or(|contract| contract.allows_device(&node.device_id)),
        )?;
        Ok(Draft {
            app_id: template.app_id.clone(),
            name: wish.name.clone(),
            node: node.id,
            instance_type: template.instance_type.clone(),
            size: template.size,
            image: template.image.clone(),
            document,
            environment,
            encrypted_env: wish.encrypted_env.clone().unwrap_or_default(),
            listed: template.listed,
        })
    }

    /// The instance whose revision is taken over.
    fn template(&self, app: usize, wish: &Wish) -> Result<&Cvm, Refusal> {
        if let Some(hash) = &wish.compose_hash {
            return self.live_with(app, hash);
        }
        let mut live = self.cvms_of(&self.apps[app]);
        let first = live
            .next()
            .ok_or_else(|| Refusal::plain(400, "The app has no instance to take as a template"))?;
        let settled =
            self.scenario.rules.compose_file_settles_revision && wish.docker_compose_file.is_some();
        if !settled && live.any(|other| other.hash != first.hash) {
            return Err(Refusal::coded(
                SEVERAL_REVISIONS,
                "The app has several live revisions: compose_hash is needed",
            ));
        }
        Ok(first)
    }

    /// The first instance of the app that runs this revision.
    pub(super) fn live_with(&self, app: usize, hash: &str) -> Result<&Cvm, Refusal> {
        self.cvms_of(&self.apps[app])
            .find(|cvm| cvm.hash == normal(hash))
            .ok_or_else(|| Refusal::plain(400, "No instance of this app runs this compose hash"))
    }

    pub(super) fn check_document(
        &self,
        document: &Document,
        compose_is_new: bool,
    ) -> Result<(), Refusal> {
        let size = document.compose().len() + document.script().len();
        if size > self.scenario.rules.size_limit {
            let message = format!("Compose file and script take {size} bytes, more than allowed");
            return Err(Refusal::coded(COMPOSE_INVALID, message));
        }
        if compose_is_new {
            document::services(document.compose()).map_err(|cause| {
                Refusal::coded(COMPOSE_INVALID, format!("Compose file is invalid: {cause}"))
            })?;
        }
        Ok(())
    }

    pub(super) fn check_name_is_free(&self, name: &str) -> Result<(), Refusal> {
        if self.cvms.iter().any(|cvm| cvm.name == name) {
            return Err(Refusal::coded(NAME_TAKEN, "A CVM of this name exists"));
        }
        Ok(())
    }

    /// The environment in the blob. The inner error is the guest's, to be met at boot.
    pub(super) fn open(
        &self,
        app_id: &str,
        blob: &str,
        document: &Document,
    ) -> Result<Result<Environment, Unreadable>, Refusal> {
        let refuse = |cause: &str| Refusal::value("encrypted_env", cause);
        let bytes = hex::decode(blob).map_err(|_| refuse("encrypted_env must be hex"))?;
        let kms = self.kms_of(self.app(app_id)?);
        let opened = environment::open(&bytes, &kms.env_secret(app_id), &document.allowed_envs());
        self.judge_blob(opened)
    }

    /// Tells now that a blob does not open, or leaves it to the guest.
    pub(super) fn judge_blob(
        &self,
        opened: Result<Environment, Unreadable>,
    ) -> Result<Result<Environment, Unreadable>, Refusal> {
        match opened {
            Err(cause) if self.scenario.rules.blob_checked == BlobChecked::AtRequest => {
                Err(Refusal::value("encrypted_env", &cause.to_string()))
            }
            opened => Ok(opened),
        }
    }

    /// Whether the account can pay for an instance that is started again.
    pub(super) fn afford_running(&self) -> Result<(), Refusal> {
        if self.scenario.rules.starting_needs_credit && self.is_broke() {
            return Err(self.too_poor("The balance is too low to start an instance"));
        }
        Ok(())
    }

    fn too_poor(&self, message: &str) -> Refusal {
        let code = Code(BALANCE_TOO_LOW, self.scenario.rules.balance_status);
        Refusal::coded(code, message)
    }

    fn is_broke(&self) -> bool {
        let mut balance = self.scenario.account.balance.bytes();
        balance.all(|b| matches!(b, b'0' | b'.' | b'-'))
    }

    pub(super) fn afford(&self) -> Result<(), Refusal> {
        if self.is_broke() {
            return Err(self.too_poor("The balance is too low for another instance"));
        }
        if self.cvms.len() as u64 >= self.scenario.workspace.max_instances {
            return Err(Refusal::coded(
                QUOTA_REACHED,
                "The workspace has all the instances it may have",
            ));
        }
        Ok(())
    }

    /// Makes the instance, which begins to boot now.
    pub(super) fn create(&mut self, app: usize, draft: Draft, version: Version) -> Reply {
        let hash = draft.document.hash();
        let mishap = if draft.environment.is_err() {
            self.scenario.mishap_called(ENV_UNREADABLE)
        } else if self.is_registered(app, &hash, draft.node) {
            self.scenario.own_mishap()
        } else {
            self.scenario.mishap_called(KEYS_REFUSED)
        };
        let life = self.boot(Why::Create, &draft.document, mishap.as_ref());
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == draft.node) {
            node.take(draft.size);
        }
        let number = self.next_number();
        let document = draft.document.clone();
        let encrypted_env = draft.encrypted_env.clone();
        let mut cvm = Cvm::new(number, draft, &self.mint, self.now, life);
        cvm.mishap = mishap;
        self.apps[app].revisions.insert(
            0,
            Revision {
                vm_uuid: cvm.vm_uuid.clone(),
                document,
                created_at: self.now,
                operation: "create_instance",
                encrypted_env,
            },
        );
        let shape = self.vm_shape(version, &cvm, &self.apps[app]);
        self.cvms.push(cvm);
        Reply::json(200, &shape)
    }

    /// A boot that begins now.
    pub(super) fn boot(&self, why: Why, document: &Document, mishap: Option<&Arc<Mishap>>) -> Life {
        let is_over = |mishap: &Mishap| mishap.once && why != Why::Create;
        Life {
            since: self.now,
            course: Course::Boot {
                why,
                has_script: !document.script().is_empty(),
                mishap: mishap.filter(|mishap| !is_over(mishap)).cloned(),
                running_early: self.scenario.rules.running_while_booting,
            },
        }
    }
}
