//! Names of the workspace that was looked at last, kept for shells that complete them: a press of Tab asks no service.
//!
//! Names and ids and nothing else, and nothing of the sandbox. They may be lost at any time, and be out of date.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use super::credentials::Environment;
use super::{files, folders, journals};
use crate::api::types::{App, Instance, Node};
use crate::wizard::event::{Answer, SignedIn};

/// The most names of a kind: nobody chooses from more by Tab.
const MOST: usize = 500;

/// What can be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of an app.
    App,
    /// The id of an app.
    AppId,
    /// The name of a node.
    Node,
    /// The name of an instance.
    Instance,
    /// The id of a deployment that is not done.
    Unfinished,
    /// The name of a profile.
    Profile,
}

/// A word, and what helps to tell it from others.
pub type Candidate = (String, String);

/// Everything of this kind that is known on this machine.
pub fn known(kind: Kind) -> Vec<Candidate> {
    let kept = |list: fn(Names) -> Vec<Named>| {
        let path = folders::cache().map(|folder| file(&folder));
        path.map_or_else(Vec::new, |path| list(read(&path)))
    };
    match kind {
        Kind::App => by_name(kept(|names| names.apps)),
        Kind::AppId => by_id(kept(|names| names.apps)),
        Kind::Node => by_name(kept(|names| names.nodes)),
        Kind::Instance => by_name(kept(|names| names.instances)),
        Kind::Unfinished => unfinished(),
        Kind::Profile => profiles(),
    }
}

/// Takes them off this machine.
pub(super) fn forget(folder: Option<&Path>) {
    // What is not there is gone already, and another program may be at it.
    let _ = folder.map(|folder| std::fs::remove_file(file(folder)));
}

/// Keeps what answers name.
#[derive(Debug, Clone, Default)]
pub(super) struct Keeper {
    folder: Option<PathBuf>,
    /// What the file has, once a workspace is known.
    names: Arc<Mutex<Option<Names>>>,
}

impl Keeper {
    /// One that keeps them in this folder.
    pub(super) fn at(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            names: Arc::default(),
        }
    }

    /// Learns from an answer. `anew`: it is a list from its beginning, so what it does not have is gone.
    pub(super) async fn learn(&self, answer: &Answer, anew: bool) {
        let Some(folder) = self.folder.clone() else {
            return;
        };
        let learnt: Box<dyn FnOnce(&mut Names) + Send> = match answer {
            Answer::SignedIn(SignedIn::Yes { host, identity, .. }) => {
                let workspace = identity.slug.as_ref().unwrap_or(&identity.workspace);
                let place = format!("{host}/{workspace}");
                let names = Arc::clone(&self.names);
                blocking(move || {
                    let names = names.lock();
                    let mut names = names.unwrap_or_else(PoisonError::into_inner);
                    *names = Some(Names::of(place, read(&file(&folder))));
                })
                .await;
                return;
            }
            Answer::Apps(Ok(page)) => {
                let apps: Vec<Named> = page.apps.iter().filter_map(Named::app).collect();
                let instances = page.apps.iter().flat_map(|app| &app.instances);
                let instances: Vec<Named> = instances.filter_map(Named::instance).collect();
                Box::new(move |names| {
                    if anew {
                        names.apps.clear();
                        names.instances.clear();
                    }
                    add(&mut names.apps, apps);
                    add(&mut names.instances, instances);
                })
            }
            Answer::Instances(Ok(list)) => {
                let list = list.iter().filter_map(Named::instance).collect();
                Box::new(move |names| add(&mut names.instances, list))
            }
            Answer::Nodes(Ok(list)) => {
                let list = list.nodes.iter().filter_map(Named::node).collect();
                Box::new(move |names| names.nodes = list)
            }
            _ => return,
        };
        let names = Arc::clone(&self.names);
        blocking(move || {
            let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(names) = names.as_mut() else { return };
            let before = names.clone();
            learnt(names);
            if *names != before
                && let Ok(text) = serde_json::to_string(&names)
            {
                // Without it nothing is completed, and everything else goes on.
                let _ = files::keep(&folder, &file(&folder), &text);
            }
        })
        .await;
    }
}

/// The file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Names {
    /// Host and slug of the workspace they are of.
    workspace: String,
    apps: Vec<Named>,
    nodes: Vec<Named>,
    instances: Vec<Named>,
}

impl Names {
    /// Those of this workspace: others are dropped.
    fn of(workspace: String, kept: Self) -> Self {
        if kept.workspace == workspace {
            return kept;
        }
        Self {
            workspace,
            ..Self::default()
        }
    }
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Named {
    name: String,
    id: String,
}

impl Named {
    fn app(app: &App) -> Option<Self> {
        Self::of(app.name.as_str(), app.id.to_string())
    }

    fn instance(instance: &Instance) -> Option<Self> {
        Self::of(instance.name.as_str(), instance.uuid.as_ref()?.to_string())
    }

    fn node(node: &Node) -> Option<Self> {
        Self::of(node.name.as_str(), node.id.0.to_string())
    }

    /// Whatever a shell could take for more than one word, or for a sign of its own, is not completed.
    fn of(name: &str, id: String) -> Option<Self> {
        let name = name.to_owned();
        (is_word(&name) && is_word(&id)).then_some(Self { name, id })
    }
}

fn is_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain)
}

fn add(to: &mut Vec<Named>, new: Vec<Named>) {
    to.retain(|old| new.iter().all(|new| new.id != old.id));
    to.extend(new);
    let surplus = to.len().saturating_sub(MOST);
    to.drain(..surplus);
}

/// By its name where that is its alone, else by its id.
fn by_name(list: Vec<Named>) -> Vec<Candidate> {
    let same = |named: &Named| list.iter().filter(|it| it.name == named.name).count();
    let word = |named: &Named| match same(named) {
        1 => (named.name.clone(), named.id.clone()),
        _ => (named.id.clone(), named.name.clone()),
    };
    list.iter().map(word).collect()
}

fn by_id(list: Vec<Named>) -> Vec<Candidate> {
    list.into_iter().map(|it| (it.id, it.name)).collect()
}

fn unfinished() -> Vec<Candidate> {
    // To look for journals would make a folder for them.
    let is_there = folders::state().is_some_and(|folder| folder.exists());
    let found = is_there.then(journals::unfinished).and_then(Result::ok);
    let found = found.map_or_else(Vec::new, |all| all.found);
    let word = |found: crate::journal::found::Found| {
        let plan = &found.state.intent().plan;
        (found.state.id().to_string(), plan.app_name.to_string())
    };
    found.into_iter().map(word).collect()
}

fn profiles() -> Vec<Candidate> {
    let profiles = Environment::here(None).profiles().unwrap_or_default();
    let profiles = profiles.into_iter().filter(|it| is_word(&it.key_name));
    profiles
        .map(|it| (it.key_name, it.host.to_string()))
        .collect()
}

/// Where they are kept.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("names.json")
}

/// A file that cannot be read counts as none.
fn read(path: &Path) -> Names {
    let text = files::read_text(path).ok();
    text.and_then(|text| serde_json::from_str(text.expose()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
