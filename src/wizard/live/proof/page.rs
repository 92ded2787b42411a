//! How the proof looks: one line per question, worst first, and behind `v` what each found and what it proves.

use super::{Asked, Hardware, Outcome, Proof};
use crate::trust::attestation::{Check, Subject, Verdict};
use crate::wizard::keymap::{Command, hint};
use crate::wizard::page::{Line, Mark, title};

/// Columns for the widest verdict, `not checked`.
const VERDICT: usize = 12;

impl Proof {
    /// The list: what is proven and what is not.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = vec![
            title("Proof that it is what you asked for"),
            self.headline(),
        ];
        lines.extend(self.caveat());
        lines.extend(self.again());
        lines.extend(self.in_order().map(|check| self.row(check)));
        lines.extend(self.about_lists());
        lines
    }

    /// Everything about each line.
    pub fn detailed(&self) -> Vec<Line> {
        let mut lines = vec![
            title("Proof that it is what you asked for"),
            Line::new().dim("judged on this machine, not by the service"),
            self.headline(),
        ];
        lines.extend(self.caveat());
        lines.extend(self.again());
        lines.push(Line::new());
        for check in self.in_order() {
            lines.push(self.row(check));
            lines.push(Line::from(check.detail.as_str()));
            lines.push(Line::new().dim(check.proves()));
            lines.push(Line::new());
        }
        lines.extend(self.about_lists());
        lines
    }

    /// That this is from before, where it could not be read again.
    fn again(&self) -> Option<Line> {
        let error = self.lost.as_ref()?;
        Some(
            Line::new()
                .mark(Mark::Warn)
                .warn(format!("it could not be read again: {error}"))
                .dim(format!(
                    "   this is from before; {} asks again",
                    hint(Command::Refresh)
                )),
        )
    }

    /// The whole of it in a sentence.
    pub fn headline(&self) -> Line {
        match &self.bundle {
            Asked::Not => Line::new().dim("is asked for once it runs"),
            Asked::Waiting => Line::new()
                .mark(Mark::Busy)
                .dim("asking the instance for its evidence"),
            Asked::Failed(error) => Line::new()
                .mark(Mark::Warn)
                .warn(format!("the evidence could not be read: {error}"))
                .dim(format!("   {} asks again", hint(Command::Refresh))),
            Asked::Here(_) => self.conclusion(),
        }
    }

    fn conclusion(&self) -> Line {
        let again = if self.moves() {
            "   I ask again in a moment".to_owned()
        } else {
            format!("   {} asks again", hint(Command::Refresh))
        };
        let (previewed, hardware) = match self.outcome() {
            Outcome::Empty => {
                return Line::new()
                    .mark(Mark::Todo)
                    .plain("The instance shows no evidence yet.")
                    .dim(again);
            }
            Outcome::Alarm => {
                return Line::new().mark(Mark::Bad).bad(
                    "It does NOT prove to be what you asked for. Keep secrets and traffic away from it.",
                );
            }
            Outcome::Uncompared => {
                return Line::new()
                    .mark(Mark::Warn)
                    .warn("The evidence could not be compared with what you previewed.")
                    .dim(if self.may_say_more() {
                        again
                    } else {
                        String::new()
                    });
            }
            Outcome::Runs {
                previewed,
                hardware,
            } => (previewed, hardware),
        };
        let what = if previewed {
            "what you previewed"
        } else {
            "the document that was registered"
        };
        match hardware {
            Hardware::Signed => Line::new()
                .mark(Mark::Ok)
                .good(format!("Proven by hardware: it runs {what}.")),
            Hardware::Weak => Line::new().mark(Mark::Warn).warn(format!(
                "It runs {what}, on a machine whose firmware has known weaknesses."
            )),
            Hardware::NotChecked => Line::new().mark(Mark::Ok).plain(format!(
                "The evidence fits {what}; that real hardware signed it is not checked."
            )),
        }
    }

    /// What the sentence leaves open.
    fn caveat(&self) -> Option<Line> {
        let is_here = matches!(self.bundle, Asked::Here(_));
        let runs_another = matches!(
            self.outcome(),
            Outcome::Runs {
                previewed: false,
                ..
            }
        );
        (is_here && runs_another).then(|| {
            if self.wanted.told {
                return Line::new()
                    .mark(Mark::Dot)
                    .dim("Compared with what the service says of it: nothing was previewed here.");
            }
            Line::new()
                .mark(Mark::Warn)
                .warn("Whether that is what you previewed could not be computed here.")
        })
    }

    /// The proof in a few lines for the receipt, label and value.
    pub fn receipt(&self) -> Vec<(&'static str, String)> {
        if self.report.is_none() {
            return vec![("proof", "not checked".to_owned())];
        }
        let mut rows = vec![("proof", self.words().to_owned())];
        let differing = self
            .in_order()
            .filter(|check| check.verdict == Verdict::Differs);
        rows.extend(differing.map(|check| ("", check.detail.clone())));
        rows
    }

    /// The whole of it in a sentence without looks.
    pub(super) fn words(&self) -> &'static str {
        use Hardware::{NotChecked, Signed, Weak};
        let (previewed, hardware) = match self.outcome() {
            Outcome::Empty => return "not checked: there was no evidence",
            Outcome::Alarm => return "DIFFERS from what was asked for",
            Outcome::Uncompared => {
                return "not checked: the evidence could not be compared with what was previewed";
            }
            Outcome::Runs {
                previewed,
                hardware,
            } => (previewed, hardware),
        };
        match (previewed, hardware) {
            (true, Signed) => "runs what was previewed, signed by hardware",
            (true, Weak) => "runs what was previewed, on firmware that is not up to date",
            (true, NotChecked) => {
                "fits what was previewed; the hardware's signature was not checked"
            }
            (false, Signed) => {
                "runs what was registered, signed by hardware; whether that was previewed was not computed"
            }
            (false, Weak) => {
                "runs what was registered, on firmware that is not up to date; whether that was previewed was not \
                 computed"
            }
            (false, NotChecked) => {
                "fits what was registered; neither the hardware's signature nor whether that was previewed was checked"
            }
        }
    }

    fn row(&self, check: &Check) -> Line {
        let verdict = format!("{:<VERDICT$}", check.verdict);
        let line = match check.verdict {
            Verdict::Ok => Line::new().mark(Mark::Ok).good(verdict),
            Verdict::Differs => Line::new().mark(Mark::Bad).bad(verdict),
            Verdict::NotChecked => Line::new().mark(Mark::Todo).dim(verdict),
        };
        line.plain(self.statement(check.subject))
    }

    /// What differs first, then what a person asks first.
    fn in_order(&self) -> impl Iterator<Item = &Check> {
        let mut checks: Vec<&Check> = self
            .report
            .iter()
            .flat_map(|report| &report.checks)
            .collect();
        checks.sort_by_key(|check| (check.verdict != Verdict::Differs, rank(check.subject)));
        checks.into_iter()
    }

    /// Whom Intel's lists come from, are awaited from, or could be asked of.
    fn about_lists(&self) -> Option<Line> {
        let Some((_, host)) = &self.wanted.lists else {
            let made_up = "No hardware signs in the sandbox: its machines are made up.";
            return self.has_details().then(|| Line::new().dim(made_up));
        };
        match &self.lists {
            Asked::Not if self.can_ask_lists() => Some(
                Line::new()
                    .accent(hint(Command::Prove))
                    .plain(format!(
                        " asks {host} for Intel's lists, to check the hardware."
                    ))
                    .dim(" Nothing was asked there yet."),
            ),
            Asked::Not => None,
            Asked::Waiting => Some(
                Line::new()
                    .mark(Mark::Busy)
                    .dim(format!("asking {host} for Intel's lists")),
            ),
            Asked::Here(_) => Some(Line::new().dim(format!("Intel's lists came from {host}."))),
            Asked::Failed(error) => Some(
                Line::new()
                    .mark(Mark::Warn)
                    .warn(format!("Intel's lists did not come: {error}"))
                    .dim(format!("   {} asks {host} again", hint(Command::Prove))),
            ),
        }
    }
}

/// What a person asks first comes first.
fn rank(subject: Subject) -> usize {
    const ORDER: [Subject; 15] = [
        Subject::Bundle,
        Subject::ComposeHash,
        Subject::AppId,
        Subject::InstanceId,
        Subject::DeviceId,
        Subject::Quote,
        Subject::Debug,
        Subject::FirmwareState,
        Subject::KeyProvider,
        Subject::ConfigId,
        Subject::EventLog,
        Subject::Document,
        Subject::FirmwareLog,
        Subject::OsImage,
        Subject::Certificate,
    ];
    ORDER
        .iter()
        .position(|one| *one == subject)
        .unwrap_or(ORDER.len())
}
