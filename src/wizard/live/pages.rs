//! The pages of the watch: booting (S26), failed or stalled (S27), the receipt (S28), degraded (S29), gone.

use super::phase::{self, Reading};
use super::receipt::span;
use super::verdict::Verdict;
use super::{Live, verdict};
use crate::wizard::page::{Line, Mark, Tone, points, title};
use crate::wizard::trouble;

/// Seconds after which an instance that the list does not have yet deserves a word.
const LATE: u64 = 60;

impl Live {
    /// The pane that says how it is doing.
    pub(super) fn status_lines(&self, now: u64) -> Vec<Line> {
        match self.verdict {
            Verdict::Booting if self.feed.uuid().is_none() => self.searching(now),
            Verdict::Booting => self.booting(now),
            Verdict::Stalled => self.stalled(now),
            Verdict::Running => self.running(),
            Verdict::Degraded => self.degraded(now),
            Verdict::Failed => self.failed(),
            Verdict::Gone => self.gone(),
            Verdict::Deleted => self.deleted_lines(),
        }
    }

    /// The same in one line, to stand above another pane.
    pub(super) fn one_line(&self, now: u64) -> Line {
        let name = Line::new().strong(self.name()).plain("  ");
        let since = span(now.saturating_sub(self.verdict_since));
        match self.verdict {
            Verdict::Booting => match self.timeline.current() {
                Some(phase) => name
                    .mark(Mark::Busy)
                    .plain(phase.word.as_str())
                    .dim(format!("  {}", span(now.saturating_sub(phase.since)))),
                None => name.mark(Mark::Busy).plain("booting"),
            },
            Verdict::Running if !self.is_well() => name.mark(Mark::Warn).warn("running, not well"),
            Verdict::Running => name.mark(Mark::Ok).good("running"),
            Verdict::Stalled | Verdict::Degraded => name
                .mark(Mark::Warn)
                .warn(self.verdict.word())
                .dim(format!("  {since}")),
            Verdict::Failed => name
                .mark(Mark::Bad)
                .bad("failed")
                .dim(format!("  {since} ago")),
            Verdict::Gone | Verdict::Deleted => name.mark(Mark::Bad).bad(self.verdict.word()),
        }
    }

    fn searching(&self, now: u64) -> Vec<Line> {
        let waited = now.saturating_sub(self.since);
        let mut lines = vec![
            title(format!("{}  Created.", self.name())),
            Line::new(),
            Line::from("The service has not told its id yet; I look for it in the app's list."),
            Line::new(),
            Line::new()
                .mark(Mark::Busy)
                .plain("looking for the one new instance")
                .dim(format!(
                    "   {} looks in {}",
                    self.feed.looks(),
                    span(waited)
                )),
        ];
        if waited >= LATE {
            lines.push(Line::new());
            lines.push(Line::from(
                "This takes longer than usual. Looking costs nothing and creates nothing; the dashboard shows it too.",
            ));
        }
        lines.extend(self.trouble());
        lines
    }

    fn booting(&self, now: u64) -> Vec<Line> {
        let up = self
            .state
            .as_ref()
            .is_some_and(|state| phase::reading(&state.status) == Reading::Up);
        let what = if up {
            "The machine is up. The guest is still booting."
        } else {
            "Booting."
        };
        let mut lines = vec![title(format!("{}  {what}", self.name())), self.so_far(now)];
        lines.extend(self.usual_line());
        lines.push(Line::new());
        lines.extend(self.phases(now));
        if let Some((error, went_on)) = self.timeline.reported() {
            lines.push(Line::new());
            lines.push(Line::new().mark(Mark::Warn).warn(error.text.as_str()));
            lines.push(Line::new().dim(match (verdict::is_about_gateway(&error.text), went_on) {
                (true, _) => "  This stops nothing: the boot goes on, and the guest tries the gateway again.",
                (false, true) => "  The boot went on after this.",
                (false, false) => "  I wait a moment for the boot to go on before I call it failed.",
            }));
        }
        lines.extend(self.trouble());
        lines
    }

    fn stalled(&self, now: u64) -> Vec<Line> {
        let word = self
            .timeline
            .current()
            .map_or("-", |entry| entry.word.as_str());
        let mut lines = vec![
            self.head().warn(format!("No progress at '{word}'.")),
            Line::new(),
        ];
        lines.push(match self.usual_of(word) {
            Some(seconds) => Line::from(format!(
                "It is mostly over within {}. It may still come: I keep watching.",
                span(seconds)
            )),
            None => Line::from("It may still come: I keep watching."),
        });
        lines.extend(self.why());
        lines.push(Line::new());
        lines.push(title("How far it came"));
        lines.extend(self.phases(now));
        lines.extend(self.trouble());
        lines
    }

    fn failed(&self) -> Vec<Line> {
        let mut lines = vec![self.head().bad(if self.has_run {
            "It does not run any more."
        } else {
            "It did not come up."
        })];
        if let Some((error, _)) = self.timeline.reported() {
            let words = error.text.as_str().lines();
            lines.extend(words.map(|line| Line::label("its words", 11).strong(line)));
        }
        lines.extend(self.why());
        lines.push(Line::new());
        lines.push(title("How far it came"));
        lines.extend(self.phases(self.verdict_since));
        if let Some(state) = &self.state {
            let status = Line::pair("status", 11, state.status.as_str());
            lines.push(match phase::reading(&state.status) {
                Reading::Up => status.dim("   the process is up, nothing more"),
                _ => status,
            });
        }
        lines.extend(self.trouble());
        lines
    }

    fn running(&self) -> Vec<Line> {
        let name = self.head();
        let uptime = self.state.as_ref().and_then(|state| state.uptime.as_ref());
        let since = match uptime {
            _ if self.from_birth => span(self.verdict_since - self.since),
            Some(uptime) => format!("up for {uptime}"),
            None => String::new(),
        };
        let well = self.containers.troubled().next().is_none();
        let mut lines = if well {
            vec![
                name.good("Running.").dim(format!("   {since}")),
                Line::new().dim("Up, booted without an error, and with an id of its own."),
            ]
        } else {
            vec![
                name.warn("Running, and not all of its containers are well.")
                    .dim(format!("   {since}")),
            ]
        };
        lines.push(Line::new());
        lines.extend(self.what_runs());
        if !well {
            lines.extend(self.why());
        }
        lines.push(Line::new());
        lines.extend(self.proof.lines());
        if !self.is_made() {
            lines.extend(self.trouble());
            return lines;
        }
        lines.push(Line::new());
        lines.push(title("Still yours to do"));
        lines.push(
            Line::new()
                .mark(Mark::Dot)
                .plain("send traffic there: it has an address of its own"),
        );
        if self.about.changed {
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("update the app's other instances, if they should match"),
            );
        }
        lines.extend(self.trouble());
        lines
    }

    fn degraded(&self, now: u64) -> Vec<Line> {
        let mut lines = vec![
            self.head().warn("It runs, yet something is wrong."),
            Line::new(),
            Line::new()
                .mark(Mark::Ok)
                .plain("the machine is up, and the guest has booted"),
        ];
        let about_gateway = self.timeline.reported().map(|(error, _)| {
            lines.push(
                Line::new()
                    .mark(Mark::Warn)
                    .plain("the guest reports  ")
                    .warn(error.text.as_str()),
            );
            verdict::is_about_gateway(&error.text)
        });
        if self.cause.found().is_some() {
            lines.extend(self.why());
        } else {
            lines.push(Line::new());
            lines.push(title("What usually helps, in this order"));
            let advice: &[&str] = if about_gateway == Some(true) {
                &[
                    "wait: the guest keeps trying to register, and takes the error back when it succeeds",
                    "see that the port is in 'ports:' and the service listens on 0.0.0.0, not on 127.0.0.1",
                    "restart it",
                ]
            } else {
                &["read the logs around the error", "restart it"]
            };
            lines.extend(points(advice));
            lines.extend(self.remedy_lines());
        }
        lines.push(Line::new().dim(format!(
            "  I look every 20 s, for {} now; this page becomes the receipt when the error is gone.",
            span(now.saturating_sub(self.verdict_since))
        )));
        lines.push(Line::new());
        lines.extend(self.what_runs());
        lines.push(Line::new());
        lines.extend(self.proof.lines());
        lines.extend(self.trouble());
        lines
    }

    fn gone(&self) -> Vec<Line> {
        let mut lines = vec![
            self.head().bad("The service does not know it any more."),
            Line::new(),
            Line::from(
                "It was deleted, or this key may not see it; which, the service does not tell.",
            ),
            Line::new(),
        ];
        lines.extend(self.phases(self.verdict_since));
        lines.extend(self.trouble());
        lines
    }

    fn deleted_lines(&self) -> Vec<Line> {
        vec![
            title(format!("{}  Deleted.", self.name())),
            Line::new(),
            Line::from("The instance and its disk are gone, and nothing of it is billed any more."),
            Line::new().dim(
                "The app, its other instances and what is registered on chain are as they were.",
            ),
        ]
    }

    /// Its name, for the first line.
    fn head(&self) -> Line {
        Line::new().tone(Tone::Title, format!("{}  ", self.name()))
    }

    /// Why it is not well, what can be done about it, and what helps: or that it is unknown, and what it usually is.
    fn why(&self) -> Vec<Line> {
        let mut lines = vec![Line::new()];
        lines.extend(self.cause.lines());
        lines.extend(self.remedy_lines());
        lines.extend(self.cause.advice());
        if self.cause.found().is_none() {
            lines.extend(self.usual_causes());
        }
        lines
    }

    fn usual_causes(&self) -> Vec<Line> {
        let ended = self.verdict == Verdict::Failed && self.timeline.reported().is_none();
        let (at, causes): (&str, &[&str]) = match (&self.state, self.timeline.current()) {
            (Some(state), _) if ended => (state.status.as_str(), phase::ended_by(&state.status)),
            (_, Some(entry)) => (
                entry.word.as_str(),
                phase::find(entry.word.as_str()).map_or(&[], |phase| phase.causes),
            ),
            _ => return Vec::new(),
        };
        if causes.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![
            Line::new(),
            title(format!("What usually causes it at '{at}'")),
        ];
        lines.extend(points(causes));
        lines
    }

    /// The trouble of the last look, where it was not heard for it.
    fn trouble(&self) -> Vec<Line> {
        let mut lines = self.last_look();
        if let Some(why) = &self.unkept {
            lines.push(Line::new());
            lines.push(
                Line::new()
                    .mark(Mark::Warn)
                    .warn(format!("not written down: {why}"))
                    .dim("   the instance itself is not affected; keep its uuid"),
            );
        }
        lines
    }

    fn last_look(&self) -> Vec<Line> {
        match self.feed.trouble() {
            Some(error) if self.verdict != Verdict::Gone => vec![
                Line::new(),
                trouble::brief(error),
                Line::new().dim("  The last look failed. That says nothing about the instance."),
            ],
            _ => Vec::new(),
        }
    }
}
