//! Who is signed in, and what follows from that before anything else is asked.
//!
//! The key itself is not in here.

use crate::api::types::Identity;
use crate::shown::Shown;
use crate::wizard::elsewhere::Elsewhere;
use crate::wizard::event::KeyInfo;
use crate::wizard::registering::Registering;

/// What stands where the end of a key would.
const NO_KEY: &str = "none";

/// Who is signed in where.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Session {
    /// The service that is talked to.
    pub host: Shown,
    /// The base address every request goes to.
    pub base: Shown,
    /// The key, as far as it may be shown.
    pub key: KeyInfo,
    /// Whose key it is.
    pub identity: Identity,
    /// Who else can be asked.
    pub elsewhere: Elsewhere,
    /// The scenario, when it is the sandbox.
    pub sandbox: Option<String>,
    /// Who registers a compose hash, where that was ordered beforehand.
    pub registering: Registering,
}

impl Session {
    /// The same, once the key was laid down: what is asked from now on is asked without one.
    #[must_use]
    pub fn without_key(self) -> Self {
        let key = KeyInfo {
            tail: NO_KEY.to_owned(),
            origin: Shown::default(),
        };
        Self { key, ..self }
    }

    /// Whether it goes on without a key.
    pub fn is_without_key(&self) -> bool {
        self.key.tail == NO_KEY
    }

    /// Whether a key of that session sees what a key of this one sees.
    pub fn is_same_workspace(&self, other: &Self) -> bool {
        let name = |it: &Self| (it.identity.slug.clone(), it.identity.workspace.clone());
        self.base == other.base && self.sandbox == other.sandbox && name(self) == name(other)
    }
}
