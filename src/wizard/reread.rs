//! Files that answers came from, to be read again before a request leaves.

use std::path::PathBuf;

use super::event::TextFile;
use super::page::Line;
use crate::journal::record::{AnswerFile, Question, Sha256, sha256};
use crate::shown::Shown;

/// Where a file lies that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it lies.
    pub path: PathBuf,
    /// What was read; `None` where it cannot be read once more.
    pub sha256: Option<Sha256>,
}

impl From<&TextFile> for Kept {
    fn from(file: &TextFile) -> Self {
        Self {
            path: file.path.clone(),
            sha256: file.lasts.then(|| sha256(file.text.expose().as_bytes())),
        }
    }
}

/// A file an answer came from, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// Which answer.
    pub question: Question,
    /// Where it lies.
    pub path: PathBuf,
    /// What was read.
    pub sha256: Sha256,
}

/// A file that is not what it was, or cannot be read any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which answer.
    pub question: Question,
    /// Where it lies.
    pub path: PathBuf,
    /// What is there now, or why that is not known.
    pub now: Result<TextFile, Shown>,
}

/// What a file that changed means for the answer it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it lies, as people write it.
    pub file: String,
    /// What changed; of variables only the names.
    pub lines: Vec<Line>,
}

impl FileRead {
    /// The file as a journal has it. Of a file with values not even a hash is written down: short ones can be guessed
    /// from it. Nor of one whose name is no text.
    pub fn written_down(&self) -> Option<AnswerFile> {
        let path = self.path.to_str()?.to_owned();
        (self.question != Question::Env).then_some(AnswerFile {
            question: self.question,
            path,
            sha256: self.sha256,
        })
    }

    /// Whether this is what was read before.
    pub fn is_still(&self, now: &Result<TextFile, Shown>) -> bool {
        now.as_ref()
            .is_ok_and(|file| sha256(file.text.expose().as_bytes()) == self.sha256)
    }
}

impl From<&AnswerFile> for FileRead {
    fn from(file: &AnswerFile) -> Self {
        Self {
            question: file.question,
            path: PathBuf::from(&file.path),
            sha256: file.sha256,
        }
    }
}

impl Changed {
    /// What became of it, in a sentence.
    pub fn words(&self) -> String {
        let path = Shown::line(&self.path.display().to_string());
        match &self.now {
            Ok(_) => format!("{path} has another text now"),
            Err(why) => format!("{path} cannot be read any more: {why}"),
        }
    }
}
