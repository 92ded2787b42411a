//! `POST /apps/{app_id}/instances`: what is asked for, whether it can be had, and the making of it.
//!
//! The order of the checks is that of the API reference, section 6.3. Where the vendor is silent, a rule of the
//! scenario decides. Tokens are the business of the file beside this one.

use serde::Deserialize;

use super::{
    apps::Revision,
    boot::{Course, Life, Story},
    chain::normal,
    cvm::{Cvm, Draft},
    document,
    environment::{self, Environment, Unreadable},
    message::{Reply, Request},
    refusal::{
        BALANCE_TOO_LOW, COMPOSE_INVALID, FieldProblem, NAME_TAKEN, QUOTA_REACHED, Refusal,
        SEVERAL_REVISIONS,
    },
    scenario::BlobChecked,
    world::{Answer, World},
};

/// The body, every member optional, null as good as absent.
#[derive(Deserialize)]
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
            return self.commit(app, token, &wish);
        }
        let prepare_only = request.header("x-prepare-only") == Some("true");
        let draft = self.draft(app, &wish)?;
        self.afford()?;
        let rules = &self.scenario.rules;
        let at_once = if self.apps[app].contract.is_none() {
            !prepare_only || rules.prepare_creates_on_central_kms
        } else {
            !prepare_only && rules.direct_creates_when_allowed && self.is_registered(app, &draft)
        };
        if at_once {
            Ok(self.create(app, draft))
        } else {
            Err(self.prepare(app, draft))
        }
    }

    /// The template, with the parts of the wish put in, on a node that can take it.
    fn draft(&self, app: usize, wish: &Wish) -> Result<Draft, Refusal> {
        let template = self.template(app, wish)?;
        let compose = wish.docker_compose_file.as_deref();
        let script = wish.pre_launch_script.as_deref();
        let document = template.document.with(compose, script);
        let size = document.compose().len() + document.script().len();
        if size > self.scenario.rules.size_limit {
            let message = format!("Compose file and script take {size} bytes, more than allowed");
            return Err(Refusal::coded(COMPOSE_INVALID, message));
        }
        if compose.is_some() {
            document::services(document.compose()).map_err(|cause| {
                Refusal::coded(COMPOSE_INVALID, format!("Compose file is invalid: {cause}"))
            })?;
        }
        if let Some(name) = &wish.name
            && self.cvms.iter().any(|cvm| cvm.name == *name)
        {
            return Err(Refusal::coded(NAME_TAKEN, "A CVM of this name exists"));
        }
        let environment = match &wish.encrypted_env {
            None => Ok(template.environment.clone()),
            Some(blob) => self.open(app, blob, &document.allowed_envs())?,
        };
        let contract = self.apps[app].contract.as_ref();
        let kind = self.instance_type(&template.instance_type);
        let node = self.choose_node(
            wish.node_id.or(wish.teepod_id),
            kind,
            contract.is_some(),
            |node| contract.is_none_or(|contract| contract.allows_device(&node.device_id)),
        )?;
        Ok(Draft {
            app_id: template.app_id.clone(),
            name: wish.name.clone(),
            node: node.id,
            instance_type: template.instance_type.clone(),
            document,
            environment,
            encrypted_env: wish.encrypted_env.clone().unwrap_or_default(),
        })
    }

    /// The instance whose revision is taken over.
    fn template(&self, app: usize, wish: &Wish) -> Result<&Cvm, Refusal> {
        let mut live = self.cvms_of(&self.apps[app]);
        if let Some(hash) = &wish.compose_hash {
            return live.find(|cvm| cvm.hash == normal(hash)).ok_or_else(|| {
                Refusal::plain(400, "No instance of this app runs this compose hash")
            });
        }
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

    /// The environment in the blob. The inner error is the guest's, to be met at boot.
    fn open(
        &self,
        app: usize,
        blob: &str,
        allowed: &[&str],
    ) -> Result<Result<Environment, Unreadable>, Refusal> {
        let refuse = |cause: &str| {
            let message = format!("Value error, {cause}");
            Refusal::field(FieldProblem::body("encrypted_env", "value_error", &message))
        };
        let bytes = hex::decode(blob).map_err(|_| refuse("encrypted_env must be hex"))?;
        let app = &self.apps[app];
        let opened = environment::open(&bytes, &self.kms_of(app).env_secret(&app.app_id), allowed);
        match opened {
            Err(cause) if self.scenario.rules.blob_checked == BlobChecked::AtRequest => {
                Err(refuse(&cause.to_string()))
            }
            opened => Ok(opened),
        }
    }

    pub(super) fn afford(&self) -> Result<(), Refusal> {
        let is_broke = self
            .scenario
            .account
            .balance
            .bytes()
            .all(|b| matches!(b, b'0' | b'.' | b'-'));
        if is_broke {
            return Err(Refusal::coded(
                BALANCE_TOO_LOW,
                "The balance is too low for another instance",
            ));
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
    pub(super) fn create(&mut self, app: usize, draft: Draft) -> Reply {
        let story = if draft.environment.is_err() {
            Story::EnvUnreadable
        } else if self.is_registered(app, &draft) {
            self.scenario.boot
        } else {
            Story::KeysRefused
        };
        let course = Course::Boot {
            first: true,
            has_script: !draft.document.script().is_empty(),
            story,
            running_early: self.scenario.rules.running_while_booting,
        };
        let kind = &self.scenario.instance_types[&draft.instance_type];
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == draft.node) {
            node.take(kind);
        }
        let number = self.next_number();
        let document = draft.document.clone();
        let encrypted_env = draft.encrypted_env.clone();
        let life = Life {
            since: self.now,
            course,
        };
        let mut cvm = Cvm::new(number, draft, &self.mint, self.now, life);
        cvm.story = story;
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
        let shape = self.vm_shape(&cvm, &self.apps[app]);
        self.cvms.push(cvm);
        Reply::json(200, &shape)
    }
}
