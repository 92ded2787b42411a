//! The terms that a stage brings up.

use super::Launch;
use crate::wizard::guide::Term;

impl Launch {
    /// Its terms, for whoever hears them for the first time.
    pub fn terms(&self) -> &'static [Term] {
        match self {
            Self::Doubt(_) => &[Term::ComposeHash],
            Self::Chain(_) => &[Term::CommitToken],
            Self::Founding(_) => &[Term::Kms],
            Self::Live(_) => &[Term::Attestation],
            Self::Review(_) | Self::Prepare(_) | Self::Commit(_) | Self::Finding(_) => &[],
        }
    }
}
