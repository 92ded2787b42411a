//! Recipes and the project's own file: read before anything is asked, and written as a whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::files;
use crate::journal::record::sha256;
use crate::recipe::project::{FILE as PROJECT, Project};
use crate::recipe::{self, HandOver, Registration};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::answers::Answers;
use crate::wizard::event::{HandTo, NewFile, TextFile};

/// What a recipe says, to be given to the wizard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What the form is answered with.
    pub answers: Answers,
    /// Who registers a compose hash, where it says so.
    pub hand_to: Option<HandTo>,
}

/// What a project's own file says, to be given to the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linked {
    /// What the form is answered with.
    pub answers: Answers,
    /// What is watched.
    pub instance: Option<String>,
}

/// What the recipe at this path says. Paths in it begin at its folder; in one that comes through a pipe, here.
///
/// # Errors
///
/// It cannot be read, or something in it is not understood: which file, and where in it.
pub fn recipe(path: &Path) -> Result<Given, Shown> {
    let text = files::read_text_or_pipe(path)?;
    let folder = if path.is_file() {
        folder_of(path)
    } else {
        here()
    };
    let recipe = recipe::read(text.expose(), &folder).map_err(|wrong| {
        let wrong = format!("{}, {wrong}", path.display());
        Shown::line(&wrong)
    })?;
    let hand_to = match recipe.registration.clone() {
        Some(Registration::HandOver(what, to)) => Some(match what {
            HandOver::Safe => HandTo::Safe(to),
            HandOver::Cast => HandTo::Cast(to),
            HandOver::Calldata => HandTo::Calldata(to),
        }),
        Some(Registration::Wait) | None => None,
    };
    Ok(Given {
        answers: Answers::of_recipe(&recipe),
        hand_to,
    })
}

/// What the `phala.toml` of this folder says; `None` where there is none.
///
/// # Errors
///
/// It cannot be read, or what is used of it is not understood: where in it.
pub fn project(folder: &Path) -> Result<Option<Linked>, Shown> {
    let path = folder.join(PROJECT);
    if fs::metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let text = files::read_text(&path)?;
    let project = Project::read(text.expose(), folder)
        .map_err(|wrong| Shown::line(&format!("{PROJECT}, {wrong}")))?;
    Ok(Some(Linked {
        answers: Answers::of_project(&project),
        instance: project.instance,
    }))
}

/// The file that is there, as it is; `None` where there is none.
pub(super) fn look(path: &Path, home: Option<&Path>) -> Result<Option<TextFile>, Shown> {
    let full = files::from_home(path, home);
    match fs::symlink_metadata(&full) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder_of(&full);
            if folder.is_dir() {
                Ok(None)
            } else {
                Err(files::sentence(&folder, "is no folder that is there"))
            }
        }
        _ => files::read(path, home).map(Some),
    }
}

/// Writes these files, each of them whole or not at all, and says where they are. Nothing is written over but what was
/// seen, as it was seen.
pub(super) fn save(new: Vec<NewFile>, home: Option<&Path>) -> Result<Vec<PathBuf>, Shown> {
    let mut saved = Vec::new();
    for file in new {
        let path = files::from_home(&file.path, home);
        let path = std::path::absolute(&path).unwrap_or(path);
        save_one(&path, &file).map_err(|why| match saved.as_slice() {
            [] => why,
            saved => Shown::line(&format!("{why}; written before that: {}", names(saved))),
        })?;
        saved.push(path);
    }
    Ok(saved)
}

fn save_one(path: &Path, file: &NewFile) -> Result<(), Shown> {
    let failed = |error: &io::Error| files::sentence(path, &format!("cannot be written: {error}"));
    // Behind a link lies somebody's file: it is that one that is replaced, and the link stays.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut draft = NamedTempFile::new_in(folder_of(&path)).map_err(|error| failed(&error))?;
    let written = draft
        .write_all(file.text.expose().as_bytes())
        .and_then(|()| draft.as_file().sync_all());
    written.map_err(|error| failed(&error))?;
    let Some(seen) = file.over else {
        return match draft.persist_noclobber(&path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(
                files::sentence(&path, "is there by now, and was not when you looked"),
            ),
            Err(error) => Err(failed(&error.error)),
        };
    };
    let now: Secret = files::read_text(&path)?;
    if sha256(now.expose().as_bytes()) != seen {
        return Err(files::sentence(
            &path,
            "has another text than when you looked",
        ));
    }
    if let Ok(about) = fs::metadata(&path) {
        // It stays as readable as it was.
        let _ = fs::set_permissions(draft.path(), about.permissions());
    }
    draft
        .persist(&path)
        .map(drop)
        .map_err(|error| failed(&error.error))
}

fn folder_of(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.parent().map_or_else(here, Path::to_owned)
}

fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

fn names(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::answers::{Origin, Pace, Values};

    fn file(path: PathBuf, text: &str, over: Option<&str>) -> NewFile {
        NewFile {
            path,
            text: Secret::new(text),
            over: over.map(|text| sha256(text.as_bytes())),
        }
    }

    fn entries(folder: &Path) -> Vec<String> {
        let read = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = read
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn paths_in_a_recipe_begin_at_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        fs::write(
            &path,
            "schema = 1\ncompose = { file = 'c.yml' }\nregistration = { hand_over = 'safe', file = 's.json' }\n",
        )
        .unwrap();
        let given = recipe(&path).unwrap();
        assert_eq!(given.answers.compose, Some(folder.path().join("c.yml")));
        assert_eq!(
            given.hand_to,
            Some(HandTo::Safe(folder.path().join("s.json")))
        );
        assert_eq!(given.answers.pace, Pace::Ahead);
        fs::write(&path, "schema = 1\nnodes = 1\n").unwrap();
        let why = recipe(&path).unwrap_err();
        let expected = format!(
            "{}, line 2, column 1: nodes is not known here",
            path.display()
        );
        assert!(why.as_str().starts_with(&expected), "{why}");
        let missing = recipe(&folder.path().join("none.toml")).unwrap_err();
        assert_eq!(missing.as_str(), "none.toml does not exist");
    }

    #[test]
    fn a_project_is_read_where_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(project(folder.path()), Ok(None));
        let path = folder.path().join(PROJECT);
        fs::write(&path, "name = 'api'\nenv_file = '.env'\nwhat = 'ever'\n").unwrap();
        let linked = project(folder.path()).unwrap().unwrap();
        assert_eq!(linked.instance.as_deref(), Some("api"));
        assert_eq!(
            linked.answers.values,
            Values::File(folder.path().join(".env"))
        );
        assert_eq!(linked.answers.origins.values, Origin::Project);
        fs::write(&path, "name = 'api'\nenv_file = \n").unwrap();
        let why = project(folder.path()).unwrap_err();
        assert!(
            why.as_str().starts_with("phala.toml, line 2, column 1"),
            "{why}"
        );
    }

    #[test]
    fn files_are_written_whole_and_nothing_over_what_was_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let both = vec![file(one.clone(), "1", None), file(two.clone(), "2", None)];
        assert_eq!(save(both, None), Ok(vec![one.clone(), two.clone()]));
        let why = save(vec![file(one.clone(), "new", None)], None).unwrap_err();
        assert_eq!(
            why.as_str(),
            "one is there by now, and was not when you looked"
        );
        let why = save(vec![file(one.clone(), "new", Some("other"))], None).unwrap_err();
        assert_eq!(why.as_str(), "one has another text than when you looked");
        assert_eq!(fs::read_to_string(&one).unwrap(), "1");
        save(vec![file(one.clone(), "new", Some("1"))], None).unwrap();
        assert_eq!(fs::read_to_string(&one).unwrap(), "new");
        let half = vec![
            file(folder.path().join("three"), "3", None),
            file(two, "x", None),
        ];
        let why = save(half, None).unwrap_err();
        assert!(why.as_str().contains("; written before that: "), "{why}");
        assert_eq!(
            entries(folder.path()),
            ["one", "three", "two"],
            "no draft is left"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_over_stays_as_readable_and_where_it_is() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "1").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        save(vec![file(link.clone(), "2", Some("1"))], None).unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "2");
        assert_eq!(
            fs::metadata(&real).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let new = folder.path().join("new");
        save(vec![file(new.clone(), "3", None)], None).unwrap();
        assert_eq!(
            fs::metadata(&new).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn what_is_there_is_seen_and_what_is_not_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        assert_eq!(look(&path, None), Ok(None));
        fs::write(&path, "x").unwrap();
        let there = look(Path::new("~/r.toml"), Some(folder.path()))
            .unwrap()
            .unwrap();
        assert_eq!(there.text.expose(), "x");
        assert!(look(folder.path(), None).is_err(), "it is a folder");
        let why = look(&folder.path().join("no/r.toml"), None).unwrap_err();
        assert_eq!(why.as_str(), "no is no folder that is there");
    }
}
