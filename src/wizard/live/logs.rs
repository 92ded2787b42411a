//! The logs of an instance: which there are, which are read now, and what was read of each.
//!
//! A log that is lost changes a note beside it and nothing else: the verdict never comes from here. Each is read on its
//! own, from where it was left, with growing pauses.

pub mod book;
pub mod page;
mod view;

use book::Book;
use view::View;

use crate::api::types::{Composition, CvmUuid, LogEnd, LogLine, LogSource};
use crate::secret::mask::Mask;
use crate::shown::Shown;
use crate::wizard::event::Request;
use crate::wizard::screen::Wish;

/// Seconds until a log that ended is read again, by how often that was in vain; the last one repeats.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 30];
/// The same where there is nothing to read yet.
const NOT_YET: u64 = 10;

/// All logs of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Logs {
    mask: Mask,
    tapes: Vec<Tape>,
    selected: usize,
    view: View,
}

/// One log, and how it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    /// Which.
    pub source: LogSource,
    /// What was read.
    pub book: Book,
    tie: Tie,
}

/// How a log is read.
#[derive(Debug, Clone, PartialEq)]
enum Tie {
    /// Nobody wants it.
    Idle,
    /// It is asked for, and nothing was heard yet.
    Asked {
        /// How often that was in vain before.
        vain: usize,
    },
    /// It comes in.
    Open {
        /// How often it was in vain, as long as it told nothing new.
        vain: usize,
    },
    /// It ended.
    Ended {
        /// Why.
        why: LogEnd,
        /// When it is read again.
        again: u64,
        /// How often it was in vain.
        vain: usize,
    },
}

/// Which logs are wanted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The one that is selected is on screen.
    pub selected: bool,
    /// The boot is watched: its console may say why it fails.
    pub boot: bool,
    /// A cause is looked for: containers in trouble are read too.
    pub cause: bool,
}

impl Logs {
    /// Logs whose lines hide these values.
    pub fn new(mask: Mask) -> Self {
        let sources = [LogSource::Serial, LogSource::Stdout, LogSource::Stderr];
        Self {
            mask,
            tapes: sources.map(Tape::new).into(),
            selected: 0,
            view: View::default(),
        }
    }

    /// The logs, in the order of their tabs.
    pub fn tapes(&self) -> &[Tape] {
        &self.tapes
    }

    /// The log that is looked at.
    pub fn selected(&self) -> &Tape {
        // There are always the three of the machine.
        &self.tapes[self.selected.min(self.tapes.len() - 1)]
    }

    /// The log of this name, if it is a known one.
    pub fn tape(&self, source: &LogSource) -> Option<&Tape> {
        self.tapes.iter().find(|tape| tape.source == *source)
    }

    /// No log is read any more.
    pub fn wake(&mut self) {
        for tape in &mut self.tapes {
            tape.tie = Tie::Idle;
        }
    }

    /// Logs that could not be read are asked for anew: something happened that they may tell.
    pub fn hurry(&mut self) {
        for tape in &mut self.tapes {
            if matches!(tape.tie, Tie::Ended { .. }) {
                tape.tie = Tie::Idle;
            }
        }
    }

    /// Whether the log that is looked at was read, or is known not to be readable.
    pub fn is_selected_heard(&self) -> bool {
        let tie = &self.selected().tie;
        matches!(tie, Tie::Open { .. } | Tie::Ended { .. })
    }

    /// Whether the console was read, or is known not to be readable.
    pub fn is_console_heard(&self) -> bool {
        let console = self.tape(&LogSource::Serial);
        console.is_some_and(|tape| matches!(tape.tie, Tie::Open { .. } | Tie::Ended { .. }))
    }

    /// Looks at another log.
    pub fn select(&mut self, index: usize) {
        if index < self.tapes.len() && index != self.selected {
            self.selected = index;
            self.view.turn_to(self.tapes[index].book.needle());
        }
    }

    /// Looks at the log of this name, whether or not it is known yet.
    pub fn open(&mut self, name: &str) {
        let known = self
            .tapes
            .iter()
            .position(|tape| tape.source.word() == name);
        let index = known.unwrap_or_else(|| {
            self.tapes
                .push(Tape::new(LogSource::Container(Shown::bounded(name, 128))));
            self.tapes.len() - 1
        });
        self.select(index);
    }

    /// The containers there are, so the logs there are.
    pub fn take_containers(&mut self, composition: &Composition) {
        for container in &composition.containers {
            let source = LogSource::Container(container.name.clone());
            // Somebody may have asked for it by the name of its service.
            let mut tapes = self.tapes.iter_mut();
            if let Some(tape) = tapes.find(|tape| {
                matches!(tape.source, LogSource::Container(_))
                    && tape.source != source
                    && tape.source.word() == short(&source)
            }) {
                tape.source = source.clone();
                tape.tie = Tie::Idle;
            }
            if self.tape(&source).is_none() && !container.name.is_empty() {
                self.tapes.push(Tape::new(source));
            }
        }
    }

    /// Asks for what is wanted and due, and lets go of what is not wanted any more.
    pub fn tend(
        &mut self,
        cvm: Option<&CvmUuid>,
        wanted: Wanted,
        troubled: &[&str],
        now: u64,
    ) -> Vec<Wish> {
        let Some(cvm) = cvm else {
            return Vec::new();
        };
        let selected = self.selected().source.clone();
        let mut wishes = Vec::new();
        for tape in &mut self.tapes {
            let is_wanted = wanted.selected && tape.source == selected
                || match &tape.source {
                    LogSource::Serial => wanted.boot || wanted.cause,
                    LogSource::Stdout | LogSource::Stderr => wanted.cause,
                    LogSource::Container(name) => wanted.cause && troubled.contains(&name.as_str()),
                };
            wishes.extend(tape.tend(cvm, is_wanted, &self.mask, now));
        }
        wishes
    }

    /// Takes lines that came.
    pub fn take(&mut self, source: &LogSource, lines: Vec<LogLine>) {
        if let Some(tape) = self.tapes.iter_mut().find(|tape| tape.source == *source) {
            let before = tape.book.dropped();
            let (known, vain) = match tape.tie {
                Tie::Asked { vain } => (tape.book.overlap(&lines), vain + 1),
                Tie::Open { vain } => (0, vain),
                Tie::Idle | Tie::Ended { .. } => (0, 1),
            };
            let is_new = lines.len() > known;
            tape.tie = Tie::Open {
                vain: if is_new { 0 } else { vain },
            };
            for line in lines.into_iter().skip(known) {
                tape.book.push(line);
            }
            if tape.book.dropped() != before {
                self.view.stay_within(&tape.book);
            }
        }
    }

    /// A log ended.
    pub fn ended(&mut self, source: &LogSource, why: LogEnd, now: u64) {
        if let Some(tape) = self.tapes.iter_mut().find(|tape| tape.source == *source) {
            tape.end(why, now);
        }
    }
}

/// The name of a log without what docker compose puts around the name of a service.
fn short(source: &LogSource) -> &str {
    let name = source.word();
    let service = name
        .strip_prefix("dstack-")
        .and_then(|rest| rest.rsplit_once('-'));
    match (source, service) {
        (LogSource::Container(_), Some((service, number)))
            if number.chars().all(|c| c.is_ascii_digit()) && !service.is_empty() =>
        {
            service
        }
        _ => name,
    }
}

impl Tape {
    fn new(source: LogSource) -> Self {
        Self {
            source,
            book: Book::default(),
            tie: Tie::Idle,
        }
    }

    fn tend(&mut self, cvm: &CvmUuid, is_wanted: bool, mask: &Mask, now: u64) -> Option<Wish> {
        let vain = match &self.tie {
            Tie::Idle if is_wanted => 0,
            Tie::Ended { again, vain, .. } if is_wanted && now >= *again => *vain,
            Tie::Open { .. } | Tie::Asked { .. } if !is_wanted => {
                self.tie = Tie::Idle;
                return Some(Wish::CloseLog(self.source.clone()));
            }
            _ => return None,
        };
        self.tie = Tie::Asked { vain };
        Some(Wish::Ask(Request::Log {
            of: cvm.clone(),
            source: self.source.clone(),
            mask: mask.clone(),
            after: self.book.last_stamp().cloned(),
        }))
    }

    fn end(&mut self, why: LogEnd, now: u64) {
        let vain = match self.tie {
            Tie::Asked { vain } => vain + 1,
            Tie::Open { vain } => vain,
            Tie::Idle | Tie::Ended { .. } => 0,
        };
        let pause = match why {
            LogEnd::Closed | LogEnd::Failed(_) => PAUSES[vain.min(PAUSES.len() - 1)],
            LogEnd::Private | LogEnd::NoContainer(_) | LogEnd::NoAddress | LogEnd::Offline(_) => {
                NOT_YET
            }
        };
        self.tie = Tie::Ended {
            why,
            again: now + pause,
            vain,
        };
    }

    /// How it is read now, in a word.
    fn words(&self) -> &'static str {
        match &self.tie {
            Tie::Idle => "not read",
            Tie::Asked { .. } => "asking",
            Tie::Open { .. } => "following",
            Tie::Ended { why, .. } => match why {
                LogEnd::Closed => "polling",
                LogEnd::Private => "private",
                LogEnd::NoContainer(_) | LogEnd::NoAddress => "not there",
                LogEnd::Offline(_) => "not answering",
                LogEnd::Failed(_) => "lost, trying again",
            },
        }
    }
}

#[cfg(test)]
mod tests;
