//! Why the instance does not come up: everything that is known is put before the diagnosis, and what it says is shown.
//!
//! The judging itself is [`crate::diagnosis`]; it is asked only while something is wrong, and once a second at most.

use super::containers::Containers;
use super::logs::Logs;
use super::poll::Poll;
use crate::api::error::Error;
use crate::api::types::Operation;
use crate::diagnosis::{
    ContainerSeen, Diagnosis, Evidence, Known, LogLine, Repair, Rest, diagnose,
};
use crate::shown::Shown;
use crate::wizard::page::{Line, Mark, points, title};
use crate::wizard::status::Why;

/// With more lines than this they are not all read every second: a flood must not slow the keys down.
const MANY: usize = 10_000;

/// What is known of why it fails.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cause {
    /// When it is asked what was done to the instance.
    pub operations: Poll,
    creation: Option<Shown>,
    found: Option<Diagnosis>,
    why: Option<String>,
    looked: Option<u64>,
}

/// Where the boot stands, in the words of service and guest.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing<'a> {
    /// `status`.
    pub status: &'a str,
    /// `boot_progress`.
    pub phase: &'a str,
    /// `boot_error`.
    pub error: Option<&'a str>,
}

impl Cause {
    /// Takes what was done to the instance: the newest that failed says why.
    pub fn take_operations(&mut self, reply: &Result<Vec<Operation>, Error>, now: u64) {
        self.operations.answered(reply.is_ok(), now);
        if let Ok(operations) = reply {
            let failed = operations
                .iter()
                .find(|operation| operation.status.as_str() == "failed");
            self.creation = failed.and_then(|operation| operation.error.clone());
            self.looked = None;
        }
    }

    /// Looks for the cause, unless that was done this very second.
    pub fn look(
        &mut self,
        standing: Standing,
        logs: &Logs,
        containers: &Containers,
        env_names: &[String],
        now: u64,
    ) {
        let kept: usize = logs.tapes().iter().map(|tape| tape.book.rows(false)).sum();
        let pause = if kept > MANY { 10 } else { 1 };
        if self.looked.is_some_and(|looked| now < looked + pause) {
            return;
        }
        self.looked = Some(now);
        let lines: Vec<LogLine> = logs
            .tapes()
            .iter()
            .flat_map(|tape| {
                let source = tape.source.word();
                tape.book.numbered().map(move |(number, line)| LogLine {
                    source,
                    number,
                    text: line.text.as_str(),
                })
            })
            .collect();
        let seen: Vec<ContainerSeen> = containers
            .all()
            .iter()
            .map(|one| ContainerSeen {
                name: one.name.as_str(),
                state: one.state.as_str(),
                status: one.status.as_str(),
            })
            .collect();
        let images: Vec<String> = containers
            .all()
            .iter()
            .map(|one| one.image.to_string())
            .collect();
        let known = Known {
            env_names,
            images: &images,
        };
        // What failed to be made never booted; else the operation only repeats what the guest says better.
        let creation = self.creation.as_ref().filter(|_| standing.phase.is_empty());
        self.found = diagnose(&Evidence {
            status: standing.status,
            phase: standing.phase,
            error: standing.error,
            creation: creation.map(Shown::as_str),
            lines: &lines,
            containers: &seen,
            known,
        });
        self.why = self.found.as_ref().and_then(|found| found.why(&known));
    }

    /// It comes up again: what was wrong before is over.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The cause, where it is known.
    pub fn found(&self) -> Option<&Diagnosis> {
        self.found.as_ref()
    }

    /// Whether it was looked for long enough, for a failure of this second. Logs need a moment to come (`heard`: the
    /// console did), and their last line may say it better than their first.
    pub fn is_settled(&self, failed: u64, heard: bool) -> bool {
        let waited = self
            .looked
            .map_or(0, |looked| looked.saturating_sub(failed));
        let enough = match (heard, self.found.is_some()) {
            (true, true) => 2,
            (true, false) => 6,
            (false, _) => 20,
        };
        waited >= enough
    }

    /// The cause, for a face without pages.
    pub fn report(&self) -> Option<Why> {
        let found = self.found.as_ref()?;
        Some(Why {
            cause: found.cause.word(),
            sentence: found.sentence(),
            rests_on: rests_on(&found.rests_on).words(),
            line: self.line().map(|(source, number)| (source.clone(), number)),
            fits: self.why.clone(),
            advice: found.cause.advice().to_vec(),
            repair: found.cause.repair().word(),
        })
    }

    /// What repairs it, where it is known.
    pub fn repair(&self) -> Option<Repair> {
        self.found.as_ref().map(|found| found.cause.repair())
    }

    /// The line of a log that says so.
    pub fn line(&self) -> Option<(&Shown, u64)> {
        match self.found.as_ref().map(|found| &found.rests_on) {
            Some(Rest::Log { source, number, .. }) => Some((source, *number)),
            _ => None,
        }
    }

    /// What it comes to, in lines; what is unknown says so.
    pub fn lines(&self) -> Vec<Line> {
        let Some(found) = &self.found else {
            let mut lines = vec![
                title("Why"),
                Line::new()
                    .plain("Unknown.")
                    .dim(" Nothing that was read says why; the logs may say more to you."),
            ];
            lines.extend(
                self.creation
                    .as_ref()
                    .map(|words| Line::label("the service", 13).plain(words.as_str())),
            );
            return lines;
        };
        let mut lines = vec![
            title("Most likely"),
            Line::new().mark(Mark::Bad).strong(found.sentence()),
        ];
        lines.push(rests_on(&found.rests_on));
        lines.extend(
            self.why
                .as_ref()
                .map(|why| Line::new().dim("it fits: ").plain(why.as_str())),
        );
        lines
    }

    /// What helps, most useful first; nothing where the cause is not known.
    pub fn advice(&self) -> Vec<Line> {
        let Some(found) = &self.found else {
            return Vec::new();
        };
        let mut lines = vec![Line::new(), title("What helps")];
        lines.extend(points(found.cause.advice()));
        lines
    }
}

/// The words that the verdict rests on, and whose they are.
fn rests_on(rest: &Rest) -> Line {
    let (whose, words) = match rest {
        Rest::Log {
            source,
            number,
            text,
        } => (format!("{source} line {number}: "), text.as_str()),
        Rest::BootError(text) => ("the guest's error: ".to_owned(), text.as_str()),
        Rest::Creation(text) => ("the service: ".to_owned(), text.as_str()),
        Rest::Container { name, status } => {
            return Line::new()
                .dim("docker says: ")
                .plain(format!("{name} {status}"));
        }
        Rest::Status => return Line::new().dim("its status says no more"),
    };
    Line::new().dim(whose).plain(words)
}
