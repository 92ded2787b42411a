//! The app that was named beforehand: looked for in the whole list, and taken only if it is the only one of its name.
//!
//! A filter may guess what is meant. This may not.

use super::{AppStep, without_template};
use crate::api::error::Error;
use crate::api::types::{App, AppId, ComposeHash, CvmUuid};
use crate::shown::Shown;
use crate::wizard::answers::{NewApp, Pace, Question, Stop};
use crate::wizard::event::Request;
use crate::wizard::facts::Facts;
use crate::wizard::nearest;
use crate::wizard::screen::Reaction;

/// More than this many names or hashes are not listed where another one was wanted.
const LISTED: usize = 50;

/// What was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// `None` where nothing was, which stops once the list is there to choose from.
    name: Option<String>,
    /// A new app instead.
    new: Option<NewApp>,
    revision: Pick,
    pace: Pace,
}

/// Which of an app's live revisions is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// This one; without a hash, the only one there is.
    Of(Option<ComposeHash>),
    /// It does not matter.
    Whichever,
}

impl AppStep {
    /// Takes this app as soon as it is found, by itself; beside a person it is only shown where it is.
    pub fn want(&mut self, name: Option<String>, revision: Pick, pace: Pace) {
        if name.is_some() || pace == Pace::Alone {
            self.wanted = Some(Wanted {
                name,
                new: None,
                revision,
                pace,
            });
        }
    }

    /// Makes this app as soon as it is known what that takes, by itself.
    pub fn want_new(&mut self, new: NewApp, pace: Pace) {
        self.wanted = Some(Wanted {
            name: None,
            new: Some(new),
            revision: Pick::Whichever,
            pace,
        });
    }

    /// Goes on with the new app that is wanted; nothing, where none is.
    pub(super) fn found_wanted(&mut self, facts: &mut Facts) -> Reaction {
        let wanted = self.wanted.as_ref().and_then(|wanted| wanted.new.clone());
        let Some(new) = wanted else {
            return Reaction::none();
        };
        let apps = &self.apps;
        let taken = |name: &str| apps.iter().any(|app| app.name.as_str() == name);
        match self.new.give(&new, facts, taken) {
            Ok(true) => {
                self.wanted = None;
                self.taken = self.new.made().map(|made| made.app.id);
                self.is_named_only = false;
                Reaction::next()
            }
            Ok(false) => Reaction::none(),
            Err(stop) => self.stop_at(stop),
        }
    }

    /// Whether there is a person beside what is wanted.
    pub(super) fn has_company(&self) -> bool {
        let wanted = self.wanted.as_ref();
        wanted.is_some_and(|wanted| wanted.pace != Pace::Alone)
    }

    /// Whether this names the app that was taken.
    pub fn is_called(&self, name: &str) -> bool {
        let Some(taken) = self.taken else {
            return false;
        };
        match AppId::find(name) {
            Some(id) => id == taken,
            None => called(&self.apps, name)
                .into_iter()
                .any(|index| self.apps[index].id == taken),
        }
    }

    /// The app is there, at this place of the list.
    pub(super) fn found(&mut self, index: usize, facts: &mut Facts) -> Reaction {
        self.picker.select(index);
        let is_only_shown = |wanted: &Wanted| wanted.pace == Pace::Beside;
        if self
            .wanted
            .take_if(|wanted| is_only_shown(wanted))
            .is_none()
        {
            return self.take(facts);
        }
        facts.look_at(&self.apps[index]);
        self.pointed = Some(self.apps[index].id);
        Reaction::none()
    }

    /// Whatever was named, a person chooses now.
    pub fn want_no_more(&mut self) {
        self.wanted = None;
        self.is_named_only = false;
    }

    /// Why the app that was named cannot be taken: once.
    pub fn take_stop(&mut self) -> Option<Stop> {
        self.stop.take()
    }

    /// The id, where the app was named by its id or by a link with it.
    pub(super) fn wanted_id(&self) -> Option<AppId> {
        AppId::find(self.wanted.as_ref()?.name.as_deref()?)
    }

    /// Looks for the app in what is loaded; asks for more where there is more.
    pub(super) fn seek(&mut self, facts: &mut Facts) -> Reaction {
        if let Some((loaded, all)) = self.pages
            && loaded < all
        {
            return Reaction::ask(Request::Apps {
                page: loaded + 1,
                search: None,
            });
        }
        if self
            .wanted
            .as_ref()
            .is_some_and(|wanted| wanted.new.is_some())
        {
            self.found_new(facts);
            return self.found_wanted(facts);
        }
        let Some(name) = self.wanted.as_ref().and_then(|wanted| wanted.name.clone()) else {
            let usable = self.names(&self.apps.iter().collect::<Vec<_>>());
            let stop = Stop::unusable(Question::App, "it has to be said which app");
            return self.stop_at(stop.with(usable));
        };
        let found = called(&self.apps, &name);
        match found.as_slice() {
            [] => {
                let usable = self.names(&self.apps.iter().collect::<Vec<_>>());
                let near = nearest::hint(&name, self.apps.iter().map(|app| &app.name));
                let name = Shown::line(&name);
                let why = format!("there is no app {name} in the workspace{near}");
                self.stop_at(Stop::not_found(Question::App, why).with(usable))
            }
            [only] => self.found(*only, facts),
            several => {
                let ids = several.iter().map(|index| self.apps[*index].id.to_string());
                let why = format!(
                    "{} apps are called {}: give the id",
                    several.len(),
                    Shown::line(&name)
                );
                let stop = Stop::unusable(Question::App, why).with(ids);
                self.stop_at(stop)
            }
        }
    }

    /// Takes the app, now that its instances are known, with the revision that is meant.
    pub(super) fn take_wanted(&mut self, facts: &mut Facts) -> Reaction {
        let Some(wanted) = self.wanted.clone() else {
            return Reaction::none();
        };
        if let Some(about) = &mut facts.app
            && let Pick::Of(Some(hash)) = wanted.revision
        {
            let live = about.revisions();
            if live.iter().all(|revision| revision.hash != hash) {
                let why = format!("no instance of {} runs {}", about.app.name, hash.short());
                let usable = live.iter().take(LISTED);
                let usable = usable.map(|revision| format!("0x{}", revision.hash));
                return self.stop_at(Stop::unusable(Question::Revision, why).with(usable));
            }
            about.choose_revision(Some(hash));
        }
        self.is_named_only = wanted.revision == Pick::Whichever;
        if let Some(stop) = self.flaw(facts) {
            return self.stop_at(stop);
        }
        self.wanted = None;
        Reaction::next()
    }

    /// The app was asked for by its id, and did not come.
    pub(super) fn not_there(&mut self, error: &Error) -> Reaction {
        let why = "no app with this id in the workspace, or no access to it";
        self.stop_at(match error.status() {
            Some(404) => Stop::not_found(Question::App, why),
            _ => Stop::trouble(Question::App, error),
        })
    }

    pub(super) fn stop_at(&mut self, stop: Stop) -> Reaction {
        self.stop = Some(stop);
        Reaction::none()
    }

    fn flaw(&self, facts: &Facts) -> Option<Stop> {
        let about = facts.app.as_ref()?;
        if let Some(error) = about.instances.error() {
            return Some(Stop::trouble(Question::App, error));
        }
        let why = self.problem(facts)?;
        let live = about.revisions();
        if about.revision.is_some() || live.len() < 2 {
            return Some(Stop::unusable(Question::App, why));
        }
        let usable = live.iter().take(LISTED);
        let usable = usable.map(|revision| format!("0x{}", revision.hash));
        Some(Stop::unusable(Question::Revision, why).with(usable))
    }

    /// The names of apps that could be taken; where two have the same, their ids.
    fn names(&self, apps: &[&App]) -> Vec<String> {
        let usable = apps.iter().filter(|app| without_template(app).is_none());
        usable
            .take(LISTED)
            .map(|app| {
                let alone = self
                    .apps
                    .iter()
                    .filter(|other| other.name == app.name)
                    .count()
                    == 1;
                if alone {
                    app.name.to_string()
                } else {
                    app.id.to_string()
                }
            })
            .collect()
    }
}

/// The apps of this name; else the app with an instance of this UUID or name. Places in the list.
fn called(apps: &[App], name: &str) -> Vec<usize> {
    let text = Shown::line(name);
    let uuid = CvmUuid::find(name);
    let places = |fits: &dyn Fn(&App) -> bool| {
        let places = apps.iter().enumerate().filter(|(_, app)| fits(app));
        places.map(|(index, _)| index).collect::<Vec<usize>>()
    };
    let by_name = places(&|app| app.name == text);
    if !by_name.is_empty() {
        return by_name;
    }
    places(&|app| {
        app.instances
            .iter()
            .any(|instance| instance.name == text || uuid.is_some() && instance.uuid == uuid)
    })
}
