//! The answer as a recipe has it: where values come from and what they are called, and never one of them.

use super::{EnvStep, Way};
use crate::recipe::Variables;

impl EnvStep {
    /// Where the values come from. What was typed, and a file that cannot be read once more, have to be given anew.
    pub fn recipe(&self) -> Variables {
        let file = self.kept().filter(|kept| kept.sha256.is_some());
        match (self.way, file) {
            (Way::Inherit, _) => Variables::Inherit,
            (Way::File, Some(kept)) => Variables::File(kept.path.clone(), Some(self.names())),
            (Way::Ready, Some(kept)) => Variables::Blob(kept.path.clone()),
            (Way::File | Way::Typed | Way::Ready, _) => Variables::ByHand(self.names()),
        }
    }
}
