//! The app's instances as they were before the request: what is new beside them is ours.

use crate::api::error::Error;
use crate::api::types::{ComposeHash, CvmUuid, Instance};
use crate::wizard::page::{Line, Mark, counted};
use crate::wizard::status::Noted;

/// Whether they are known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Before {
    Reading,
    Known {
        uuids: Vec<CvmUuid>,
        /// Names of those that run the same content and have not come up yet: perhaps this was created just now.
        alike: Vec<String>,
    },
    /// They are not read without a key: the ones known from before stand in.
    Kept {
        uuids: Vec<CvmUuid>,
        /// Whether the contract was seen to allow everything before the key was laid down.
        is_allowed: bool,
    },
    /// They could not be read; the ones known from the form stand in.
    Unread(Error),
}

impl Before {
    /// As the list has them, and what was `known` before: that is not ours, whatever the list leaves out. `hash`: of what
    /// is about to be created, where it is known.
    pub(super) fn of(
        reply: Result<Vec<Instance>, Error>,
        known: &[CvmUuid],
        hash: Option<&ComposeHash>,
    ) -> Self {
        match reply {
            Ok(instances) => {
                let alike = instances.iter().filter(|one| {
                    starts(one) && hash.is_some() && one.compose_hash.as_ref() == hash
                });
                Self::Known {
                    uuids: joined(Instance::uuids(&instances), known),
                    alike: alike.map(|one| one.name.to_string()).collect(),
                }
            }
            Err(error) => Self::Unread(error),
        }
    }

    /// Those that were noted for a request that is over.
    pub(super) fn noted(uuids: Vec<CvmUuid>) -> Self {
        Self::Known {
            uuids,
            alike: Vec::new(),
        }
    }

    /// Whether the contract was seen to allow everything: else the service looks when it is asked to create.
    pub(super) fn saw_registration(&self) -> bool {
        !matches!(
            self,
            Self::Kept {
                is_allowed: false,
                ..
            }
        )
    }

    /// Those of them that are known; `fallback` where they were not read.
    pub(super) fn uuids(self, fallback: &[CvmUuid]) -> Option<Vec<CvmUuid>> {
        match self {
            Self::Known { uuids, .. } | Self::Kept { uuids, .. } => Some(uuids),
            Self::Unread(_) => Some(fallback.to_vec()),
            Self::Reading => None,
        }
    }

    /// For a face without pages.
    pub(super) fn status(&self) -> Noted {
        match self {
            Self::Reading => Noted::Reading,
            Self::Kept { .. } => Noted::Known { alike: Vec::new() },
            Self::Known { alike, .. } => Noted::Known {
                alike: alike.clone(),
            },
            Self::Unread(error) => Noted::Unread(error.clone()),
        }
    }

    /// How it stands in the confirmation.
    pub(super) fn lines(&self) -> Vec<Line> {
        let label = |name| Line::label(name, 15);
        match self {
            Self::Reading => vec![
                label("   before")
                    .mark(Mark::Busy)
                    .plain("noting which instances exist"),
            ],
            Self::Known { uuids, alike } => {
                let noted = format!("{} noted", counted(uuids.len(), "instance"));
                let mut lines = vec![label("   before").mark(Mark::Ok).plain(noted)];
                lines.extend(alike.iter().map(|name| {
                    label("   alike").mark(Mark::Warn).warn(format!(
                        "{name} has the same content and still starts: this adds another"
                    ))
                }));
                lines
            }
            Self::Kept { uuids, .. } => {
                let known = format!("{} known from before", counted(uuids.len(), "instance"));
                let why = "   not read again without a key";
                vec![label("   before").mark(Mark::Ok).plain(known).dim(why)]
            }
            Self::Unread(error) => vec![
                label("   before")
                    .mark(Mark::Warn)
                    .warn(format!("could not be read: {error}")),
            ],
        }
    }
}

/// Whether it has not come up yet.
fn starts(instance: &Instance) -> bool {
    instance.in_progress || matches!(instance.status.as_str(), "provisioning" | "starting")
}

/// These instances, and those of the others that are not among them.
fn joined(mut uuids: Vec<CvmUuid>, others: &[CvmUuid]) -> Vec<CvmUuid> {
    let missing: Vec<CvmUuid> = others
        .iter()
        .filter(|uuid| !uuids.contains(uuid))
        .cloned()
        .collect();
    uuids.extend(missing);
    uuids
}
