//! Where answers come from, and which of them count: options before a recipe, a recipe before the project's own file.

use super::{Answers, Pace, Question, Values};
use crate::recipe::project::{self, Project};
use crate::recipe::{Node, Recipe, Text, Variables};

/// Who gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// Nobody: what is usual is meant.
    #[default]
    Usual,
    /// An option of the command.
    Option,
    /// A recipe.
    Recipe,
    /// The official CLI's `phala.toml`.
    Project,
}

/// Who gave each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origins {
    /// [`Answers::app`].
    pub app: Origin,
    /// [`Answers::revision`].
    pub revision: Origin,
    /// [`Answers::node`].
    pub node: Origin,
    /// [`Answers::compose`].
    pub compose: Origin,
    /// [`Answers::values`].
    pub values: Origin,
    /// [`Answers::script`].
    pub script: Origin,
}

impl Origin {
    /// Whether somebody gave it.
    pub fn is_given(self) -> bool {
        self != Self::Usual
    }

    /// In a word, for the review.
    pub fn word(self, question: Question) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Option => question.option(),
            Self::Recipe => "recipe",
            Self::Project => project::FILE,
        }
    }
}

impl Question {
    /// The option that answers it.
    pub fn option(self) -> &'static str {
        match self {
            Self::App => "--app",
            Self::Revision => "--compose-hash",
            Self::Node => "--node",
            Self::Compose => "--compose",
            Self::Values => "--env-file",
            Self::Blob => "--env-blob",
            Self::Script => "--script",
            Self::Token => "--token-file",
        }
    }
}

impl Answers {
    /// What a recipe answers. A person who is there is asked the rest.
    pub fn of_recipe(recipe: &Recipe) -> Self {
        let of = |is_given: bool| {
            if is_given {
                Origin::Recipe
            } else {
                Origin::Usual
            }
        };
        let file = |text: &Option<Text>| match text {
            Some(Text::File(path)) => Some(path.clone()),
            Some(Text::Keep) | None => None,
        };
        let (values, names) = match recipe.variables.clone() {
            Some(Variables::File(path, names)) => (Values::File(path), names),
            Some(Variables::Blob(path)) => (Values::Blob(path), None),
            Some(Variables::ByHand(names)) => (Values::Anew(names), None),
            Some(Variables::Inherit) | None => (Values::Inherit, None),
        };
        Self {
            app: recipe.app.clone(),
            revision: recipe.revision,
            nodes: match &recipe.node {
                Some(Node::Named(names)) => names.clone(),
                Some(Node::Auto) | None => Vec::new(),
            },
            compose: file(&recipe.compose),
            values,
            names,
            script: file(&recipe.script),
            origins: Origins {
                app: of(recipe.app.is_some()),
                revision: of(recipe.revision.is_some()),
                node: of(recipe.node.is_some()),
                compose: of(recipe.compose.is_some()),
                values: of(recipe.variables.is_some()),
                script: of(recipe.script.is_some()),
            },
            pace: Pace::Ahead,
            ..Self::default()
        }
    }

    /// What the project's own file answers. A person who is there chooses the app; its files come with that.
    pub fn of_project(project: &Project) -> Self {
        let of = |is_given: bool| {
            if is_given {
                Origin::Project
            } else {
                Origin::Usual
            }
        };
        Self {
            app: project.app.clone(),
            compose: project.compose.clone(),
            values: project.env.clone().map_or(Values::Inherit, Values::File),
            belongs: project.app.clone(),
            origins: Origins {
                app: of(project.app.is_some()),
                compose: of(project.compose.is_some()),
                values: of(project.env.is_some()),
                ..Origins::default()
            },
            pace: Pace::Beside,
            ..Self::default()
        }
    }

    /// These, and what they leave open from the others.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        let (origins, others) = (&mut self.origins, other.origins);
        if !origins.app.is_given() {
            (self.app, origins.app) = (other.app, others.app);
        }
        if !origins.revision.is_given() {
            (self.revision, origins.revision) = (other.revision, others.revision);
        }
        if !origins.node.is_given() {
            (self.nodes, origins.node) = (other.nodes, others.node);
        }
        if !origins.compose.is_given() {
            (self.compose, origins.compose) = (other.compose, others.compose);
        }
        if !origins.values.is_given() {
            (self.values, origins.values) = (other.values, others.values);
            self.names = other.names;
        }
        if !origins.script.is_given() {
            (self.script, origins.script) = (other.script, others.script);
        }
        self.belongs = self.belongs.or(other.belongs);
        self
    }

    /// Whether all that the project's own file could say is answered without it.
    pub fn needs_no_project(&self) -> bool {
        let Origins {
            app,
            compose,
            values,
            ..
        } = self.origins;
        [app, compose, values].into_iter().all(Origin::is_given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(text: &str) -> Answers {
        let recipe = crate::recipe::read(text, "/w".as_ref());
        Answers::of_recipe(&recipe.unwrap())
    }

    fn project(text: &str) -> Answers {
        let project = Project::read(text, "/w".as_ref());
        Answers::of_project(&project.unwrap())
    }

    #[test]
    fn options_come_before_a_recipe_and_that_before_the_project() {
        let options = Answers {
            nodes: vec!["prod6".to_owned()],
            origins: Origins {
                node: Origin::Option,
                script: Origin::Option,
                ..Origins::default()
            },
            ..Answers::default()
        };
        let all = options
            .or(recipe(
                "schema = 1\napp = 'a'\nnode = 'auto'\nscript = { file = 's' }\nvariables = 'inherit'",
            ))
            .or(project("app_id = 'b'\ncompose_file = 'c'\nenv_file = 'e'"));
        assert_eq!(all.app.as_deref(), Some("a"));
        assert_eq!(all.nodes, ["prod6"]);
        assert_eq!(all.compose.as_deref(), Some("/w/c".as_ref()));
        assert_eq!((all.script, all.values), (None, Values::Inherit));
        assert_eq!(all.belongs.as_deref(), Some("b"));
        assert_eq!(all.pace, Pace::Alone);
        assert_eq!(
            all.origins,
            Origins {
                app: Origin::Recipe,
                revision: Origin::Usual,
                node: Origin::Option,
                compose: Origin::Project,
                values: Origin::Recipe,
                script: Origin::Option,
            }
        );
    }

    #[test]
    fn names_belong_to_the_values_they_were_written_with() {
        let named = "schema = 1\nvariables = { file = 'e', names = ['A'] }";
        let own = Answers {
            values: Values::File("/mine".into()),
            origins: Origins {
                values: Origin::Option,
                ..Origins::default()
            },
            ..Answers::default()
        };
        assert_eq!(own.or(recipe(named)).names, None);
        let of_recipe = Answers::default().or(recipe(named));
        assert_eq!(of_recipe.names, Some(vec!["A".to_owned()]));
        let by_hand = recipe("schema = 1\nvariables = { names = ['A'] }").values;
        assert_eq!(by_hand, Values::Anew(vec!["A".to_owned()]));
    }

    #[test]
    fn the_project_is_needed_for_what_nobody_said() {
        let all = "schema = 1\napp = 'a'\ncompose = 'keep'\nvariables = 'inherit'";
        assert!(recipe(all).needs_no_project());
        for line in all.lines().skip(1) {
            assert!(!recipe(&all.replace(line, "")).needs_no_project(), "{line}");
        }
    }
}
