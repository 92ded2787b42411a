//! An instance that exists, as it is handed on to whoever watches it.

use crate::api::types::{ComposeHash, Created, CvmUuid, DeviceId};

/// An instance that was created, as the stage that made it hands it on.
#[derive(Debug, Clone, PartialEq)]
pub struct Birth {
    /// What the service said of it.
    pub created: Created,
    /// What it was registered under; `None` where no ticket came before it.
    pub compose_hash: Option<ComposeHash>,
    /// The machine it was prepared for; `None` where no ticket said.
    pub device: Option<DeviceId>,
    /// Instances of the app that existed just before.
    pub before: Vec<CvmUuid>,
    /// How it is known to be the one that was asked for.
    pub known: Known,
}

impl Birth {
    /// The same, once it was written down and watched before.
    #[must_use]
    pub fn again(self) -> Self {
        Self {
            known: Known::Recorded,
            ..self
        }
    }
}

/// How an instance is known to be the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The service answered the request with it.
    Answered,
    /// It was the only new one of its kind in the list.
    Found,
    /// The person picked it among several.
    Chosen,
    /// The journal has it.
    Recorded,
}
