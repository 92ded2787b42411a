//! What the service said, and what it still has to be asked.
//!
//! The form's steps hold what the person answered; this holds what the service did. Which questions to ask follows
//! from what is known and what is looked at, so no step asks for itself and walking back and forth asks nothing twice.

mod load;
mod session;

use std::sync::Arc;

pub use load::Load;
pub use session::Session;

use super::elsewhere::{Elsewhere, Place};
use super::event::{Answer, Request};
use crate::api::error::Error;
use crate::api::types::{
    Allowlist, App, AppId, ComposeHash, CvmUuid, Document, EnvKeyAnswer, Instance, Keeper,
    KmsChain, KmsKind, NextApp, NodeList, Quotas, Resource, Size,
};
use crate::chain::kms::KmsKeys;
use crate::shown::Shown;

/// All that is known from the service.
#[derive(Debug, Default)]
pub struct Facts {
    /// Who is signed in; `None` until somebody is.
    pub session: Option<Session>,
    /// The nodes that can be deployed to.
    pub nodes: Load<NodeList>,
    /// What is left of the workspace's limits.
    pub quotas: Load<Quotas>,
    /// About the app that is looked at.
    pub app: Option<AppFacts>,
    /// Whether a new app is thought of: only then is asked what that takes.
    pub founding: bool,
    /// The id a new app would have.
    pub next_app: Load<NextApp>,
    /// The sizes its first instance can have.
    pub sizes: Load<Vec<Size>>,
}

/// What is known about one app.
#[derive(Debug, Clone, PartialEq)]
pub struct AppFacts {
    /// The app itself.
    pub app: App,
    /// Its instances.
    pub instances: Load<Vec<Instance>>,
    /// The machines its contract allows, and whether there is a contract.
    pub allowlist: Load<Allowlist>,
    /// The revision to take over, once it is clear which.
    pub revision: Option<ComposeHash>,
    /// What that revision was started from.
    pub document: Load<Arc<Document>>,
    /// The key that values are encrypted to.
    pub env_key: Load<EnvKeyAnswer>,
    /// The keys of the KMS, as its contract names them.
    pub kms_keys: Load<KmsKeys>,
    /// What it is made from, where it does not exist yet.
    pub new: Option<Founding>,
}

/// What an app that does not exist yet is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Founding {
    /// Who keeps its keys, and so what its id follows from.
    pub keeper: Keeper,
    /// The size of its first instance, with its price.
    pub size: Resource,
    /// Size of the disk in GB; `None` leaves it to the service.
    pub disk_gb: Option<u64>,
}

/// A live revision of an app: a compose hash, and the instances that run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The compose hash.
    pub hash: ComposeHash,
    /// Names of the instances that run it.
    pub instances: Vec<Shown>,
    /// When the oldest of them was created.
    pub since: Option<Shown>,
}

impl Facts {
    /// Looks at an app. What is known about another is dropped; about the same one, kept.
    pub fn look_at(&mut self, app: &App) {
        if self.app.as_ref().is_none_or(|facts| facts.app.id != app.id) {
            self.app = Some(AppFacts::new(app.clone()));
        }
    }

    /// What is known about this app.
    pub fn about(&self, app: AppId) -> Option<&AppFacts> {
        self.app.as_ref().filter(|facts| facts.app.id == app)
    }

    /// Whether it is about an app that does not exist yet.
    pub fn is_new_app(&self) -> bool {
        self.app.as_ref().is_some_and(|about| about.new.is_some())
    }

    /// The id that a new app would have is asked for once more.
    pub fn renew_id(&mut self) {
        if self.founding {
            self.next_app = Load::Unasked;
        }
    }

    /// The questions that what is looked at raises and nobody has asked yet.
    pub fn missing(&mut self) -> Vec<Request> {
        let mut requests = Vec::new();
        let Some(session) = &self.session else {
            return requests;
        };
        self.nodes.ask(|| Some(Request::Nodes), &mut requests);
        let slug = session.identity.slug.as_ref();
        self.quotas.ask(
            || slug.map(|slug| Request::Quotas(slug.as_str().to_owned())),
            &mut requests,
        );
        if self.founding {
            self.next_app.ask(|| Some(Request::NextApp), &mut requests);
            self.sizes.ask(|| Some(Request::Sizes), &mut requests);
        }
        if let Some(app) = self.app.as_mut().filter(|app| app.new.is_none()) {
            app.missing(&session.elsewhere, &mut requests);
        }
        requests
    }

    /// The question that reads the contract of the KMS, now that the person wants it asked.
    pub fn ask_kms(&mut self) -> Option<Request> {
        let session = self.session.as_ref()?;
        let app = self.app.as_mut()?;
        let (request, _) = app.kms_question(&session.elsewhere)?;
        app.kms_keys = Load::Asked;
        Some(request)
    }

    /// Whether every question that was asked has been answered, well or not.
    pub fn is_settled(&self) -> bool {
        let app = |app: &AppFacts| {
            app.instances.is_asked()
                || app.allowlist.is_asked()
                || app.document.is_asked()
                || app.env_key.is_asked()
                || app.kms_keys.is_asked()
        };
        !(self.nodes.is_asked()
            || self.next_app.is_asked()
            || self.sizes.is_asked()
            || self.quotas.is_asked()
            || self.app.as_ref().is_some_and(app))
    }

    /// Takes a reply. What is not a fact is given back.
    pub fn take(&mut self, answer: Answer) -> Option<Answer> {
        match answer {
            Answer::Nodes(reply) => self.nodes.take(reply),
            Answer::Quotas(reply) => self.quotas.take(reply),
            Answer::NextApp(reply) => self.next_app.take(reply),
            Answer::Sizes(reply) => self.sizes.take(reply),
            answer => match &mut self.app {
                Some(app) => return app.take(answer),
                None => return Some(answer),
            },
        }
        None
    }

    /// Forgets everything that was refused or may have aged, so that it is asked again.
    pub fn refresh(&mut self) {
        self.nodes.retry();
        self.quotas.retry();
        self.next_app.retry();
        self.sizes.retry();
        if let Some(app) = self.app.as_mut().filter(|app| app.new.is_none()) {
            app.instances.retry();
            app.allowlist.retry();
            if app.document.error().is_some() {
                app.document = Load::Unasked;
            }
            if app.env_key.error().is_some() {
                app.env_key = Load::Unasked;
            }
            if app.kms_keys.error().is_some() {
                app.kms_keys = Load::Unasked;
            }
        }
    }

    /// The first thing that was refused, if any, worst first.
    pub fn trouble(&self) -> Option<&Error> {
        let app = self.app.as_ref();
        app.and_then(|app| app.instances.error())
            .or_else(|| self.nodes.error())
            .or_else(|| app.and_then(|app| app.document.error()))
    }
}

impl AppFacts {
    fn new(app: App) -> Self {
        Self {
            app,
            instances: Load::Unasked,
            allowlist: Load::Unasked,
            revision: None,
            document: Load::Unasked,
            env_key: Load::Unasked,
            kms_keys: Load::Unasked,
            new: None,
        }
    }

    /// An app that does not exist yet: nothing is asked about it, because nobody knows it.
    pub fn founded(app: App, founding: Founding) -> Self {
        let chain = founding.keeper.chain();
        Self {
            instances: Load::Here(Vec::new()),
            // Its contract is made for the machine that is chosen, whichever that is.
            allowlist: Load::Here(Allowlist {
                on_chain: chain.is_some(),
                any_device: chain.is_some(),
                chain_id: chain.map(KmsChain::id),
                ..Allowlist::default()
            }),
            new: Some(founding),
            ..Self::new(app)
        }
    }

    /// The size of the instance that is made: that of the one it is modelled on, or the one that was chosen.
    pub fn size(&self) -> Option<&Resource> {
        match &self.new {
            Some(founding) => Some(&founding.size),
            None => self.template().map(|template| &template.resource),
        }
    }

    /// Whether a contract has to agree before an instance may boot. Unknown counts as no: then the one confirmation
    /// stands before the first request, which may create.
    pub fn is_on_chain(&self) -> bool {
        match (self.allowlist.get(), &self.app.kms) {
            (Some(allowlist), _) => allowlist.on_chain,
            (None, KmsKind::OnChain(_)) => true,
            (None, KmsKind::Central | KmsKind::Unknown(_)) => false,
        }
    }

    /// The instances, from the list or else from the row of the app.
    pub fn instances(&self) -> &[Instance] {
        self.instances
            .get()
            .map_or(&self.app.instances, |list| list)
    }

    /// The live revisions, the one with most instances first.
    pub fn revisions(&self) -> Vec<Revision> {
        let mut revisions: Vec<Revision> = Vec::new();
        for instance in self.instances() {
            let Some(hash) = instance.compose_hash else {
                continue;
            };
            match revisions.iter_mut().find(|revision| revision.hash == hash) {
                Some(revision) => {
                    revision.instances.push(instance.name.clone());
                    revision.since = revision
                        .since
                        .take()
                        .into_iter()
                        .chain(instance.created_at.clone())
                        .min();
                }
                None => revisions.push(Revision {
                    hash,
                    instances: vec![instance.name.clone()],
                    since: instance.created_at.clone(),
                }),
            }
        }
        revisions.sort_by_key(|revision| std::cmp::Reverse(revision.instances.len()));
        revisions
    }

    /// The instance that the new one is modelled on: one of the chosen revision, a running one if there is any.
    pub fn template(&self) -> Option<&Instance> {
        let candidates = || {
            self.instances().iter().filter(|instance| {
                instance.uuid.is_some()
                    && self
                        .revision
                        .is_none_or(|hash| instance.compose_hash == Some(hash))
            })
        };
        candidates()
            .find(|instance| instance.status.as_str() == "running")
            .or_else(|| candidates().next())
    }

    /// Takes over this revision; the document of another is dropped.
    pub fn choose_revision(&mut self, hash: Option<ComposeHash>) {
        if self.revision != hash {
            self.revision = hash;
            self.document = Load::Unasked;
        }
    }

    /// The question that reads the keys of the KMS from its contract, and the host that would be asked. `None` where
    /// no contract is told or nobody is known who reads that chain.
    pub fn kms_question(&self, elsewhere: &Elsewhere) -> Option<(Request, Shown)> {
        let kms = &self.template()?.kms;
        let (chain, contract) = (kms.chain_id?, kms.kms_contract.clone()?);
        let (at, host) = elsewhere.rpc(chain)?;
        let request = Request::KmsKeys {
            chain,
            contract,
            at,
        };
        Some((request, host))
    }

    fn missing(&mut self, elsewhere: &Elsewhere, into: &mut Vec<Request>) {
        let id = self.app.id;
        self.instances.ask(|| Some(Request::Instances(id)), into);
        self.allowlist.ask(|| Some(Request::Allowlist(id)), into);
        if self.instances.is_pending() {
            return;
        }
        // Whom the person configured is asked unasked; the public place waits for a key.
        let question = self
            .kms_question(elsewhere)
            .map(|(request, _)| request)
            .filter(|request| {
                matches!(
                    request,
                    Request::KmsKeys {
                        at: Place::Configured(_),
                        ..
                    }
                )
            });
        self.kms_keys.ask(|| question, into);
        let template = self.template().cloned();
        let uuid: Option<CvmUuid> = template.as_ref().and_then(|instance| instance.uuid.clone());
        self.document.ask(|| uuid.map(Request::Document), into);
        if let Some(template) = template {
            match template.kms.env_key {
                // A central KMS has no endpoint for the key: an instance carries it.
                Some(key) if template.kms.chain_id.is_none() => {
                    if matches!(self.env_key, Load::Unasked) {
                        self.env_key = Load::Here(EnvKeyAnswer {
                            public_key: key,
                            signature: None,
                        });
                    }
                }
                _ => {
                    let kms = template.kms_word.map(|word| word.as_str().to_owned());
                    self.env_key
                        .ask(|| kms.map(|kms| Request::EnvKey { kms, app: id }), into);
                }
            }
        }
    }

    fn take(&mut self, answer: Answer) -> Option<Answer> {
        match answer {
            Answer::Instances(reply) => {
                self.instances.take(reply);
                if let [only] = self.revisions().as_slice() {
                    self.revision = Some(only.hash);
                }
            }
            Answer::Allowlist(reply) => self.allowlist.take(reply),
            Answer::Document(reply) => self.document.take(reply.map(Arc::new)),
            Answer::EnvKey(reply) => self.env_key.take(reply),
            Answer::KmsKeys(reply) => self.kms_keys.take(reply),
            other => return Some(other),
        }
        None
    }
}

#[cfg(test)]
mod tests;
