//! One instance and what it is made from. The shapes in which the API shows it are in the file `shapes`.

use std::sync::Arc;

use super::{
    boot::{Life, Mishap, Seen, State},
    document::Document,
    environment::{Environment, Unreadable},
    mint::Mint,
    moment::Moment,
    operations::Operation,
    scenario::InstanceTypeSpec,
};

/// What an instance takes of its node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Size {
    pub(super) vcpu: u64,
    pub(super) memory_mb: u64,
    pub(super) disk_gb: u64,
}

impl From<&InstanceTypeSpec> for Size {
    fn from(kind: &InstanceTypeSpec) -> Self {
        Self {
            vcpu: kind.vcpu,
            memory_mb: kind.memory_mb,
            disk_gb: kind.disk_gb,
        }
    }
}

/// An instance that is to be made. A commit token stands for one of these.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) app_id: String,
    pub(super) name: Option<String>,
    pub(super) node: u64,
    pub(super) instance_type: String,
    pub(super) size: Size,
    /// Name of the OS image.
    pub(super) image: String,
    pub(super) document: Document,
    pub(super) environment: Result<Environment, Unreadable>,
    /// The blob as it came, hex.
    pub(super) encrypted_env: String,
    pub(super) listed: bool,
}

/// A confidential VM.
pub(super) struct Cvm {
    /// The integer id of API versions up to 2026-01-21.
    pub(super) number: u64,
    /// With dashes.
    pub(super) vm_uuid: String,
    /// 40 hex digits; shown once the guest has reported it.
    pub(super) instance_id: String,
    pub(super) name: String,
    pub(super) app_id: String,
    pub(super) node: u64,
    pub(super) instance_type: String,
    pub(super) size: Size,
    /// Name of the OS image.
    pub(super) image: String,
    pub(super) document: Document,
    pub(super) hash: String,
    pub(super) environment: Environment,
    /// JSON text given with an update, if any.
    pub(super) user_config: String,
    pub(super) listed: bool,
    pub(super) created_at: Moment,
    pub(super) life: Life,
    /// Lives before this one, oldest first; the logs remember them.
    pub(super) past: Vec<Life>,
    /// Oldest first.
    pub(super) operations: Vec<Operation>,
    /// What goes wrong in its boots.
    pub(super) mishap: Option<Arc<Mishap>>,
    /// The guest had reported its instance id before this boot.
    pub(super) identified: bool,
}

impl Cvm {
    pub(super) fn new(
        number: u64,
        draft: Draft,
        mint: &Mint,
        created_at: Moment,
        life: Life,
    ) -> Self {
        let hash = draft.document.hash();
        Self {
            number,
            vm_uuid: mint.uuid(&format!("cvm {number}")),
            instance_id: mint.hex(&format!("instance {number}"), 20),
            name: draft.name.unwrap_or_else(|| format!("inst-{number}")),
            app_id: draft.app_id,
            node: draft.node,
            instance_type: draft.instance_type,
            size: draft.size,
            image: draft.image,
            document: draft.document,
            environment: draft.environment.unwrap_or_default(),
            user_config: String::new(),
            listed: draft.listed,
            created_at,
            past: Vec::new(),
            operations: vec![Operation::new(
                number,
                0,
                "create",
                created_at,
                Some(life.clone()),
                &hash,
            )],
            life,
            mishap: None,
            identified: false,
            hash,
        }
    }

    /// `cvm_…`.
    pub(super) fn id(&self) -> String {
        format!("cvm_{}", &self.instance_id[..8])
    }

    pub(super) fn state(&self, now: Moment) -> State {
        self.life.state(now)
    }

    pub(super) fn known_instance_id(&self, state: &State) -> Option<&str> {
        (self.identified || state.identified).then_some(&*self.instance_id)
    }

    /// Ends this life and begins another, as one operation whose correlation id is the answer.
    pub(super) fn begin(&mut self, kind: &'static str, life: Life) -> String {
        self.identified |= self.life.state(life.since).identified;
        let since = life.since;
        self.past
            .push(std::mem::replace(&mut self.life, life.clone()));
        self.note(kind, since, Some(life))
    }

    /// Writes down an operation; without a life it is one that changes nothing about how the instance lives.
    pub(super) fn note(&mut self, kind: &'static str, at: Moment, life: Option<Life>) -> String {
        let place = self.operations.len();
        let operation = Operation::new(self.number, place, kind, at, life, &self.hash);
        let id = operation.correlation_id.clone();
        self.operations.push(operation);
        id
    }

    /// The operation that holds the instance, or the last one that did.
    pub(super) fn correlation_id(&self) -> &str {
        self.operations
            .last()
            .map(|operation| operation.correlation_id.as_str())
            .unwrap_or_default()
    }

    /// A text of a mishap, with what it leaves open.
    pub(super) fn filled_in(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let services = self.document.services();
        let (name, image) = services
            .first()
            .map(|service| (service.name.as_str(), service.image.as_str()))
            .unwrap_or_default();
        text.replace("{image}", image)
            .replace("{instance}", &self.instance_id)
            .replace("{service}", name)
    }

    /// What a mishap makes of this service, if it says so.
    pub(super) fn seen<'a>(&self, mishap: &'a Mishap, service: &str) -> Option<&'a Seen> {
        let mut all = mishap.containers.iter();
        all.find(|seen| self.filled_in(&seen.service) == service)
    }
}
