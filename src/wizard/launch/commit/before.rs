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
    /// They could not be read; the ones known from the form stand in.
    Unread(Error),
}

impl Before {
    /// As the list has them. `hash`: of what is about to be created, where it is known. `form`: those the form knew
    /// of, which are not ours either, whatever this list leaves out.
    pub(super) fn of(
        reply: Result<Vec<Instance>, Error>,
        hash: Option<&ComposeHash>,
        form: &[CvmUuid],
    ) -> Self {
        match reply {
            Ok(instances) => {
                let alike = instances.iter().filter(|one| {
                    starts(one) && hash.is_some() && one.compose_hash.as_ref() == hash
                });
                Self::Known {
                    uuids: joined(Instance::uuids(&instances), form),
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

    /// For a face without pages.
    pub(super) fn status(&self) -> Noted {
        match self {
            Self::Reading => Noted::Reading,
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
