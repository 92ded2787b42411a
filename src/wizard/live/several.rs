//! From one instance to the next, where a plan is for several nodes.

use super::{Ended, Live};
use crate::api::types::Instance;
use crate::wizard::launch::brief::{Birth, Brief};
use crate::wizard::screen::Outcome;

impl Live {
    /// The plan, where it is for several nodes.
    pub fn several(&self) -> Option<&Brief> {
        self.several.as_deref()
    }

    /// Whether the plan has nodes that an instance is still to be created on.
    pub(super) fn goes_onward(&self) -> bool {
        let several = self.several.as_ref().map(|brief| &brief.several);
        several.is_some_and(|several| several.is_confirmed() && several.has_next())
    }

    /// Whether this instance was made on another of the nodes.
    pub(super) fn is_ours(&self, instance: &Instance) -> bool {
        let brief = self.several.as_ref();
        brief
            .zip(instance.uuid.as_ref())
            .is_some_and(|(brief, uuid)| brief.several.has(uuid))
    }

    /// To another instance of the same plan.
    pub(super) fn switch(self, to: impl Fn(&mut Brief) -> Option<Birth>) -> Outcome<Self, Ended> {
        let mut brief = self.several.clone();
        let birth = brief.as_mut().and_then(|brief| to(brief));
        match brief.zip(birth) {
            Some((brief, birth)) => Outcome::Done(Ended::Made(brief, Box::new(birth.again()))),
            None => Outcome::stay(self),
        }
    }
}
