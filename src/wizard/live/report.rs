//! How the instance is doing, for a face without pages.

use super::{Live, Pane, Verdict};
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
            addresses: self.reach.addresses().cloned().collect(),
            proof: self.proof.proven(),
            settled: self.is_settled(),
            made: self.is_made(),
            containers: self.containers.all().to_vec(),
            why: self.cause.report(),
            usual: self
                .timeline
                .current()
                .and_then(|entry| self.usual.phase(entry.word.as_str())),
            figures: self.gauges.figures(),
            unread: self.logs.unread().filter(|_| self.pane == Pane::Logs),
        }
    }

    /// Whether everything that is asked about it, as it is now, has been answered. A log that was ordered is part of it.
    fn is_settled(&self) -> bool {
        let has_log = self.pane != Pane::Logs || self.logs.is_selected_heard();
        has_log
            && match self.verdict {
                Verdict::Failed => self
                    .cause
                    .is_settled(self.verdict_since, self.logs.is_console_heard()),
                Verdict::Running => {
                    self.reach.told().is_some()
                        && self.containers.told().is_some()
                        && self.proof.is_settled()
                }
                _ => true,
            }
    }
}
