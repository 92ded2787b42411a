//! How the instance is doing, for a face without pages.

use super::{Live, Verdict};
use crate::shown::Shown;
use crate::wizard::status::Life;

impl Live {
    /// Where it stands.
    pub fn status(&self) -> Life {
        let listed = self.listed.as_ref();
        Life {
            name: Shown::line(self.name()),
            uuid: self.feed.uuid().cloned(),
            node: self.node(),
            compose_hash: listed
                .and_then(|instance| instance.compose_hash)
                .or(self.compose_hash),
            instance_id: self.instance_id.clone(),
            phase: self.timeline.current().map(|entry| entry.word.clone()),
            verdict: self.verdict,
            headline: self.headline(),
            addresses: self.addresses().cloned().collect(),
            proof: self.proof.proven(),
            settled: self.verdict != Verdict::Running
                || self.network.is_some() && self.containers.is_some() && self.proof.is_settled(),
        }
    }
}
