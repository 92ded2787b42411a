//! What a person can do about an instance that is not well: numbered, and each one key.

use super::about::Origin;
use super::care::Care;
use super::verdict::Verdict;
use super::{Live, Pane};
use crate::diagnosis::Repair;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::form::Step;
use crate::wizard::page::{Line, title};
use crate::wizard::screen::Wish;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Back to this question, with every answer kept.
    Change(Step),
    /// See the line of the log that says why.
    ShowLine(Shown, u64),
    /// See the logs.
    ShowLogs,
    /// Restart it.
    Restart,
    /// Delete it.
    Delete,
    /// Copy everything support needs to know.
    Report,
}

impl Remedy {
    /// What it does, and what that means.
    fn words(&self) -> (String, String) {
        let (what, why) = match self {
            Self::Change(step) => {
                return (
                    format!("change it: {}", step.name()),
                    format!(
                        "step {}, every answer kept; this instance stays until it is deleted",
                        step.index() + 1
                    ),
                );
            }
            Self::ShowLine(source, number) => {
                return (
                    format!("see line {number}"),
                    format!("of the log '{source}'"),
                );
            }
            Self::ShowLogs => ("see the logs", "what it said last"),
            Self::Restart => ("restart it", "the same machine, once more"),
            Self::Delete => ("delete it", "ends the billing; asks for its name"),
            Self::Report => (
                "copy for support",
                "everything above as text, without secrets",
            ),
        };
        (what.to_owned(), why.to_owned())
    }
}

impl Live {
    /// Whether a person is asked what to do about it.
    pub(super) fn asks_for_remedy(&self) -> bool {
        match self.verdict {
            Verdict::Stalled | Verdict::Degraded | Verdict::Failed => true,
            Verdict::Running => self.containers.troubled().next().is_some(),
            Verdict::Booting | Verdict::Gone | Verdict::Deleted => false,
        }
    }

    /// What can be done about it, most useful first.
    pub(super) fn remedies(&self) -> Vec<Remedy> {
        let mut remedies = Vec::new();
        let step = match self.cause.repair() {
            Some(Repair::Node) => Some(Step::Node),
            Some(Repair::Compose) => Some(Step::Compose),
            Some(Repair::Env) => Some(Step::Env),
            Some(Repair::Script) => Some(Step::Script),
            Some(Repair::Register | Repair::Restart | Repair::Wait | Repair::Nothing) | None => {
                None
            }
        };
        let prefers_restart = matches!(
            self.cause.repair(),
            Some(Repair::Restart | Repair::Register)
        );
        remedies.extend(step.map(Remedy::Change));
        if prefers_restart {
            remedies.push(Remedy::Restart);
        }
        remedies.push(match self.cause.line() {
            Some((source, number)) => Remedy::ShowLine(source.clone(), number),
            None => Remedy::ShowLogs,
        });
        if !prefers_restart {
            remedies.push(Remedy::Restart);
        }
        remedies.push(Remedy::Delete);
        remedies.push(Remedy::Report);
        remedies
    }

    /// Why it cannot be done now.
    pub(super) fn hindrance(&self, remedy: &Remedy) -> Option<&'static str> {
        match remedy {
            Remedy::Change(_) if self.about.origin != Origin::Made => Some(
                "its answers are not in this window: begin anew with phala-wizard, or update it with phala deploy --cvm-id",
            ),
            Remedy::Restart | Remedy::Delete if self.feed.uuid().is_none() => {
                Some("the service has not told its id yet")
            }
            Remedy::Restart | Remedy::Delete if self.care.is_doing() => {
                Some("a request is under way")
            }
            _ => None,
        }
    }

    /// Does it. `Err`: where the person wants to go back to.
    pub(super) fn remedy(&mut self, remedy: Remedy, now: u64) -> Result<Vec<Wish>, Step> {
        match remedy {
            Remedy::Change(step) => return Err(step),
            Remedy::ShowLine(source, number) => {
                self.logs.show(source.as_str(), number);
                return Ok(self.turn_to(Pane::Logs, now));
            }
            Remedy::ShowLogs => return Ok(self.turn_to(Pane::Logs, now)),
            Remedy::Restart => self.care = Care::AskRestart,
            Remedy::Delete => self.care = Care::ask_delete(),
            Remedy::Report => {
                return Ok(vec![Wish::Copy("the report", Secret::new(self.report()))]);
            }
        }
        Ok(Vec::new())
    }

    /// The choices as lines.
    pub(super) fn remedy_lines(&self) -> Vec<Line> {
        let mut lines = vec![Line::new(), title("What you can do")];
        for (index, remedy) in self.remedies().iter().enumerate() {
            let (what, why) = remedy.words();
            let line = Line::new().key(format!("  {} ", index + 1));
            lines.push(match self.hindrance(remedy) {
                None => line.plain(format!("{what:<20}  ")).dim(why),
                Some(reason) => line.dim(format!("{what:<20}  not now: {reason}")),
            });
        }
        lines
    }
}
