//! Answers that are known before anybody is asked: the options of a command, say.
//!
//! They are values, not keys. The form takes them one question after the other, as soon as it knows enough to judge
//! them, and judges them by the same rules as what is typed. The first one that does not do stops it there.

mod origin;

use std::path::PathBuf;

pub use origin::{Origin, Origins};

use super::form::Step;
use crate::api::error::Error;
use crate::api::types::{ComposeHash, TransactionHash};

/// What the form is to be answered with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// The app: its name, its id, a link to it, or the name or UUID of one of its instances.
    pub app: Option<String>,
    /// The live revision to take over, where the app has several.
    pub revision: Option<ComposeHash>,
    /// The nodes, an instance on each: their names or numbers. Without any the service chooses.
    pub nodes: Vec<String>,
    /// The compose file; `None` keeps the live one.
    pub compose: Option<PathBuf>,
    /// The values of the variables.
    pub values: Values,
    /// The names they shall have, no more and no fewer; `None` where any will do.
    pub names: Option<Vec<String>>,
    /// The pre-launch script; `None` keeps the live one.
    pub script: Option<PathBuf>,
    /// The transaction that registered the compose hash; `None` relies on the contract's state.
    pub transaction: Option<TransactionHash>,
    /// A request that was prepared before. Then only the app is looked for, and the launch begins at its confirmation.
    pub prepared: Option<PreparedBefore>,
    /// Who gave each of them.
    pub origins: Origins,
    /// What names the app that the files of [`Origin::Project`] are for: another one gets none of them.
    pub belongs: Option<String>,
    /// How they are given.
    pub pace: Pace,
}

/// How answers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// By themselves, with what is usual where there is none: nobody can be asked.
    #[default]
    Alone,
    /// By themselves, as far as they go. A person answers what they do not, and may change everything.
    Ahead,
    /// Where a person comes by.
    Beside,
}

/// Where the values of the variables come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Values {
    /// As the app has them.
    #[default]
    Inherit,
    /// A `.env` file.
    File(PathBuf),
    /// A file with a ready blob, in hex.
    Blob(PathBuf),
    /// From a person who is not there any more: values for these names have to be given anew.
    Anew(Vec<String>),
}

/// What is left of a preparation: a token in a file, and the hash that was named with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedBefore {
    /// The file with the commit token.
    pub token: PathBuf,
    /// The compose hash that it belongs to.
    pub hash: ComposeHash,
}

/// The answer that does not do, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// What was answered, or not.
    pub question: Question,
    /// What is the matter with it.
    pub problem: Problem,
    /// What would do, as far as that can be listed.
    pub usable: Vec<String>,
}

/// What can be answered beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// [`Answers::app`].
    App,
    /// [`Answers::revision`].
    Revision,
    /// [`Answers::nodes`].
    Node,
    /// [`Answers::compose`].
    Compose,
    /// [`Answers::values`], in a file with names.
    Values,
    /// [`Answers::values`], in a blob.
    Blob,
    /// [`Answers::script`].
    Script,
    /// [`PreparedBefore::token`].
    Token,
}

/// What is the matter with an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// It cannot be used.
    Unusable(String),
    /// There is no such thing.
    NotFound(String),
    /// It cannot be judged, because the service did not say what that takes.
    Trouble(Error),
}

impl Stop {
    /// A stop because of an answer that cannot be used.
    pub fn unusable(question: Question, why: impl Into<String>) -> Self {
        Self {
            question,
            problem: Problem::Unusable(why.into()),
            usable: Vec::new(),
        }
    }

    /// A stop because there is no such thing.
    pub fn not_found(question: Question, why: impl Into<String>) -> Self {
        Self {
            question,
            problem: Problem::NotFound(why.into()),
            usable: Vec::new(),
        }
    }

    /// A stop because the service did not answer.
    pub fn trouble(question: Question, error: &Error) -> Self {
        Self {
            question,
            problem: Problem::Trouble(error.clone()),
            usable: Vec::new(),
        }
    }

    /// The same, with what would do.
    #[must_use]
    pub fn with(self, usable: impl IntoIterator<Item = String>) -> Self {
        Self {
            usable: usable.into_iter().collect(),
            ..self
        }
    }

    /// The problem in a sentence.
    pub fn words(&self) -> String {
        match &self.problem {
            Problem::Unusable(why) | Problem::NotFound(why) => why.clone(),
            Problem::Trouble(error) => format!("{}: {error}", error.asked),
        }
    }
}

impl Question {
    /// The step that asks it.
    pub fn step(self) -> Step {
        match self {
            Self::App | Self::Revision | Self::Token => Step::App,
            Self::Node => Step::Node,
            Self::Compose => Step::Compose,
            Self::Values | Self::Blob => Step::Env,
            Self::Script => Step::Script,
        }
    }
}

impl From<Step> for Question {
    fn from(step: Step) -> Self {
        match step {
            Step::App => Self::App,
            Step::Node => Self::Node,
            Step::Compose => Self::Compose,
            Step::Env => Self::Values,
            Step::Script => Self::Script,
        }
    }
}
