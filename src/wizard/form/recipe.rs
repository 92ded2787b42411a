//! The answers of the form as a recipe, and the texts that are in no file yet.

use std::path::PathBuf;
use std::sync::Arc;

use super::Form;
use super::node::Place;
use super::source::Text as Written;
use crate::recipe::{HandOver, Node, Noted, Recipe, Registration, Text, Variables};
use crate::secret::mask::Mask;
use crate::wizard::event::HandTo;
use crate::wizard::reread::Kept;

/// The answers, to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    noted: Noted,
    /// A compose file and a script that a person wrote here.
    compose: Option<Written>,
    script: Option<Written>,
    /// Values that must be in none of these texts.
    mask: Mask,
}

/// Whose text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The compose file.
    Compose,
    /// The pre-launch script.
    Script,
}

impl Part {
    /// Both, in their order.
    pub const ALL: [Self; 2] = [Self::Compose, Self::Script];

    /// The end of the name of a file that is made for it.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Compose => "compose.yml",
            Self::Script => "script.sh",
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compose => "the compose file",
            Self::Script => "the script",
        }
    }
}

impl Answered {
    /// The text of this part, where it is in no file yet.
    pub fn text(&self, part: Part) -> Option<&Arc<str>> {
        let text = match part {
            Part::Compose => &self.compose,
            Part::Script => &self.script,
        };
        text.as_ref().map(|text| &text.0)
    }

    /// Whether the value of a variable stands in the text of this part.
    pub fn gives_away(&self, part: Part) -> bool {
        let text = self.text(part);
        text.is_some_and(|text| *self.mask.hide(text) != **text)
    }

    /// The recipe, with the texts of these parts in files at these places.
    pub fn noted(&self, files: impl IntoIterator<Item = (Part, PathBuf)>) -> Noted {
        let mut noted = self.noted.clone();
        for (part, path) in files {
            let text = Some(Text::File(path));
            match part {
                Part::Compose => noted.recipe.compose = text,
                Part::Script => noted.recipe.script = text,
            }
        }
        noted
    }
}

impl Form {
    /// Whether the answers can be given once more. Those of a new app cannot: there is one app of its id.
    pub fn can_be_repeated(&self) -> bool {
        let about = self.app.taken().and_then(|id| self.facts.about(id));
        about.is_some_and(|about| about.new.is_none())
    }

    /// The answers as they are now; `None` while there is no app.
    pub fn recipe(&self) -> Option<Answered> {
        let about = self.facts.about(self.app.taken()?)?;
        let nodes = self.node.nodes(&self.facts);
        let node = match self.node.taken()? {
            Place::Anywhere => Node::Auto,
            Place::On(id) if nodes.is_empty() => Node::Named(vec![id.to_string()]),
            Place::On(_) => {
                let names = nodes.into_iter();
                Node::Named(
                    names
                        .map(|node| self.node.name_of(node, &self.facts))
                        .collect(),
                )
            }
        };
        let (compose, new_compose) = text(self.compose.text(), self.compose.kept());
        let (script, new_script) = text(self.script.text(), self.script.kept());
        let recipe = Recipe {
            app: Some(about.app.id.to_string()),
            revision: about.revision.filter(|_| about.revisions().len() > 1),
            node: Some(node),
            compose: Some(compose),
            variables: Some(self.env.recipe()),
            script: Some(script),
            registration: self.registration(about.is_on_chain()),
        };
        // Only what is the same when it is saved once more from there.
        let mut remarks = vec![("app", about.app.name.to_string())];
        if matches!(recipe.variables, Some(Variables::ByHand(_))) {
            remarks.push(("variables", "their values have to be given anew".to_owned()));
        }
        Some(Answered {
            noted: Noted { recipe, remarks },
            compose: new_compose,
            script: new_script,
            mask: Mask::new(self.env.given().into_iter().map(|(_, value)| value)),
        })
    }

    fn registration(&self, is_on_chain: bool) -> Option<Registration> {
        let session = self.facts.session.as_ref()?;
        let ordered = match session.registering.hand_to.clone() {
            Some(HandTo::Safe(path)) => Some((HandOver::Safe, path)),
            Some(HandTo::Cast(path)) => Some((HandOver::Cast, path)),
            Some(HandTo::Calldata(path)) => Some((HandOver::Calldata, path)),
            Some(HandTo::Folder(_)) | None => None,
        };
        let ordered =
            ordered.map(|(what, path)| Registration::HandOver(what, self.folder.join(path)));
        ordered.or(is_on_chain.then_some(Registration::Wait))
    }
}

/// Where a text comes from, and the text where that is no file that can be read again.
fn text(text: Option<&Arc<str>>, kept: Option<&Kept>) -> (Text, Option<Written>) {
    match (text, kept) {
        (None, _) => (Text::Keep, None),
        (Some(_), Some(kept)) if kept.sha256.is_some() => (Text::File(kept.path.clone()), None),
        (Some(text), _) => (Text::Keep, Some(Written(Arc::clone(text)))),
    }
}
