//! Who gave the answers that the form has now, for the review. An answer that a person changed is theirs.

use std::path::Path;

use super::super::app::AppStep;
use super::super::node::{Place, is_called};
use super::super::{Form, Step};
use crate::wizard::answers::{Answers, Origin, Pace, Question, Values};

impl Form {
    /// Who gave an answer to this, whatever became of it.
    pub(super) fn origin(&self, question: Question) -> Origin {
        let Some(all) = &self.given.all else {
            return Origin::Usual;
        };
        let origins = all.origins;
        match question {
            Question::App => origins.app,
            Question::Revision => origins.revision,
            Question::Node => origins.node,
            Question::Compose => origins.compose,
            Question::Values | Question::Blob => origins.values,
            Question::Script => origins.script,
            Question::Token => Origin::Usual,
        }
    }

    /// Whether this answer is for the app that was taken: the project's files are for the project's app alone.
    pub(super) fn is_meant(&self, question: Question) -> bool {
        let all = self.given.all.as_deref();
        let belongs = all.and_then(|all| all.belongs.as_deref());
        self.origin(question) != Origin::Project
            || belongs.is_none_or(|name| self.app.is_called(name))
    }

    /// Who gave the answer to this question that stands now, in a word; `None` where a person did.
    pub fn source(&self, question: Question) -> Option<&'static str> {
        let all = self.given.all.as_deref()?;
        let origin = self.origin(question);
        let is_alone = all.pace == Pace::Alone;
        let stands = match question {
            Question::App => stands(&self.app, all),
            Question::Revision => {
                let about = self.facts.app.as_ref();
                all.revision.is_some() && about.and_then(|about| about.revision) == all.revision
            }
            Question::Node if all.nodes.is_empty() => self.node.taken() == Some(Place::Anywhere),
            Question::Node => {
                let nodes = self.node.nodes(&self.facts);
                let mut pairs = nodes.iter().zip(&all.nodes);
                nodes.len() == all.nodes.len() && pairs.all(|(node, name)| is_called(node, name))
            }
            Question::Compose => self.is_from(all.compose.as_deref(), Step::Compose),
            Question::Script => self.is_from(all.script.as_deref(), Step::Script),
            Question::Values | Question::Blob => match &all.values {
                Values::Inherit => self.is_from(None, Step::Env),
                Values::File(path) | Values::Blob(path) => self.is_from(Some(path), Step::Env),
                Values::Anew(_) => false,
            },
            Question::Token => false,
        };
        (stands && (origin.is_given() || is_alone) && self.is_meant(question))
            .then(|| origin.word(question))
    }

    /// Whether the step has the text of this file; without one, whether it keeps what the app has.
    fn is_from(&self, path: Option<&Path>, step: Step) -> bool {
        let (kept, keeps) = match step {
            Step::Compose => (self.compose.kept(), self.compose.text().is_none()),
            Step::Script => (self.script.kept(), self.script.text().is_none()),
            Step::Env => (self.env.kept(), self.env.inherits()),
            Step::App | Step::Node => return false,
        };
        match (path, kept) {
            (None, _) => keeps,
            (Some(path), Some(kept)) => match path.strip_prefix("~") {
                Ok(rest) => kept.path.ends_with(rest),
                Err(_) => kept.path == self.folder.join(path) || kept.path == path,
            },
            (Some(_), None) => false,
        }
    }
}

fn stands(app: &AppStep, all: &Answers) -> bool {
    all.app.as_deref().is_some_and(|name| app.is_called(name))
}
