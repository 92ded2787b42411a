//! Files are read again just before a request leaves: what was previewed has to be what lies there.
//!
//! The request itself is made of what was previewed, whatever happens on the disk. A file that changed leads back to the
//! review; where the plan is older than this run, or may be under way already, it is only told.

use super::brief::{Brief, Run};
use crate::journal::record::{AnswerFile, Question};
use crate::shown::Shown;
use crate::wizard::event::{Request, TextFile};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, counted, title};
use crate::wizard::reread::{Changed, FileRead};
use crate::wizard::status::{Rereading, Status};

/// What keeps a request from leaving.
#[derive(Debug, PartialEq)]
pub enum Gate {
    /// So many files are being read.
    Reading(usize),
    /// The plan stays as it is although these changed: the person is told, and may go on.
    Told(Vec<Changed>),
}

impl Brief {
    /// Whether the plan stays as it is, whatever the files say: it was written down before, or may be under way.
    pub(super) fn is_settled(&self) -> bool {
        self.run == Run::Earlier || self.unanswered
    }

    /// The files for the journal.
    pub(super) fn files_written_down(&self) -> Vec<AnswerFile> {
        self.files
            .iter()
            .filter_map(FileRead::written_down)
            .collect()
    }

    /// The files that are not what they were, of those just read again.
    pub(super) fn changed(&self, files: Vec<(Question, Result<TextFile, Shown>)>) -> Vec<Changed> {
        let mut changed = Vec::new();
        for (question, now) in files {
            let known = self.files.iter().find(|file| file.question == question);
            if let Some(known) = known.filter(|known| !known.is_still(&now)) {
                changed.push(Changed {
                    question,
                    path: known.path.clone(),
                    now,
                });
            }
        }
        changed
    }
}

impl Gate {
    /// Closed, with the question that may open it; `None` where no answer came from a file that can be read again.
    pub fn close(brief: &Brief) -> Option<(Self, Request)> {
        let files = brief.files.iter();
        let files: Vec<_> = files
            .map(|file| (file.question, file.path.clone()))
            .collect();
        let gate = Self::Reading(files.len());
        (!files.is_empty()).then_some((gate, Request::ReadAgain(files)))
    }

    /// What can be done in front of it.
    pub fn offer(&self) -> Offer {
        match self {
            Self::Reading(_) => Offer::default().with(Command::Back, "back to review"),
            Self::Told(_) => Offer::default()
                .with(Command::Next, "go on with what was previewed")
                .with(Command::Back, "back"),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Status {
        Status::Rereading(match self {
            Self::Reading(_) => Rereading::Reading,
            Self::Told(changed) => Rereading::Changed(changed.iter().map(Changed::words).collect()),
        })
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let (lines, note) = match self {
            Self::Reading(count) => (
                vec![
                    title("Reading the files again"),
                    Line::new(),
                    Line::new()
                        .mark(Mark::Busy)
                        .plain(counted(*count, "file"))
                        .dim("   what was previewed has to be what lies there"),
                ],
                Line::new().dim("Nothing leaves before that."),
            ),
            Self::Told(changed) => (
                told(changed),
                Line::new().dim("Going on sends what was previewed then."),
            ),
        };
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note,
        }
    }
}

fn told(changed: &[Changed]) -> Vec<Line> {
    let mut lines = vec![
        title("The files changed since this was planned"),
        Line::new(),
    ];
    lines.extend(
        changed
            .iter()
            .map(|file| Line::new().mark(Mark::Warn).plain(file.words())),
    );
    lines.push(Line::new());
    lines.push(Line::from(
        "What was planned does not change with them: what is sent is what was previewed then. To deploy what the files \
         say now, go back and plan it anew.",
    ));
    lines
}
