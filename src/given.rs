//! What was answered before anybody is asked: by options, in a recipe, in the project's own file. In this order.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use phala_wizard::shell::recipes;
use phala_wizard::wizard::answers::{Answers, Origins};
use phala_wizard::wizard::registering::Registering;

/// The answers of a command that asks nobody, and who registers.
///
/// # Errors
///
/// Why something that is needed cannot be read, and the option that named it.
pub(crate) fn alone(
    options: Answers,
    mut registering: Registering,
    recipe: Option<&Path>,
) -> Result<(Answers, Registering), (String, Option<&'static str>)> {
    let mut answers = options;
    if let Some(path) = recipe {
        let given = recipes::recipe(path).map_err(|why| (why.to_string(), Some("--recipe")))?;
        answers = answers.or(given.answers);
        if registering == Registering::default() {
            registering.hand_to = given.hand_to;
        }
    }
    // A file that nobody needs stops nobody.
    if !answers.needs_no_project() {
        let linked = folder().and_then(|folder| linked(&folder));
        answers = answers.or(linked.map_err(|why| (format!("{why:#}"), None))?);
    }
    Ok((answers, registering))
}

/// What a screen begins with.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// What the form is answered with.
    pub(crate) answers: Option<Answers>,
    /// What is to be said at its beginning.
    pub(crate) note: Option<String>,
}

/// The answers for a screen. There everything can be answered by hand, so a project's own file stops nobody.
///
/// # Errors
///
/// The recipe cannot be read, or not be understood.
pub(crate) fn beside(recipe: Option<&Path>) -> anyhow::Result<Given> {
    let recipe = recipe.map(recipes::recipe).transpose();
    let recipe = recipe
        .map_err(|why| anyhow!("{why}"))?
        .map(|given| given.answers);
    Ok(match (recipe, linked(&folder()?)) {
        (Some(recipe), Ok(project)) => Given {
            answers: Some(recipe.or(project)),
            note: None,
        },
        (None, Ok(project)) => Given {
            answers: (project.origins != Origins::default()).then_some(project),
            note: None,
        },
        (answers, Err(why)) => Given {
            answers,
            note: Some(format!("{why}; nothing is taken from it")),
        },
    })
}

/// The instance that is named, here or in the project's own file.
pub(crate) fn instance(named: Option<String>) -> anyhow::Result<String> {
    if let Some(named) = named {
        return Ok(named);
    }
    let linked = recipes::project(&folder()?).map_err(|why| anyhow!("{why}"))?;
    linked.and_then(|linked| linked.instance).context(
        "say which instance: its uuid, its instance id, its name, or the id of its app; no phala.toml here names one",
    )
}

/// The current folder.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    env::current_dir().context("cannot find the current folder")
}

/// What the project's own file answers; nothing, where there is none.
fn linked(folder: &Path) -> anyhow::Result<Answers> {
    let linked = recipes::project(folder).map_err(|why| anyhow!("{why}"))?;
    Ok(linked.unwrap_or_default().answers)
}
