//! Unfinished work on this machine (S03): what the journals know, looked at before anything else happens.
//!
//! Looking is listing an app's instances and creates nothing. From every entry there is exactly one way on; which one,
//! the journal says ([`NextStep`](crate::journal::state::NextStep)), and [`Launch::resume`](super::launch::Launch::resume) goes it.

use super::event::{Answer, Request};
use super::facts::{Load, Session};
use super::keymap::{Command, Offer, hint};
use super::menu::Menu;
use super::page::{Block, Line, Mark, Page, counted, title};
use super::screen::{Input, Wish};
use super::status::{Begun, Recalling};
use crate::api::error::Error;
use crate::api::types::{AppId, Instance};
use crate::journal::found::{Found, Holder, LockState, SetAside, Unfinished};
use crate::journal::id::IntentId;
use crate::journal::state::{NextStep, State};
use crate::shown::Shown;

/// Entries that are offered; older ones stay in the folder until these are done.
const MOST: usize = 9;

/// The list of unfinished deployments.
#[derive(Debug)]
pub struct Recall {
    entries: Vec<Entry>,
    set_aside: Vec<SetAside>,
    menu: Menu,
    /// The entry whose journal is being opened.
    opening: bool,
    /// The entry that the next `d` forgets.
    forgetting: Option<IntentId>,
    trouble: Option<Trouble>,
}

/// What stops it.
#[derive(Debug)]
enum Trouble {
    /// The one that is wanted is not there.
    Missing(Shown),
    /// It cannot be had.
    Refused(Shown),
}

/// An unfinished deployment, and what a look at its app showed.
#[derive(Debug)]
struct Entry {
    found: Found,
    seen: Load<Vec<Instance>>,
}

/// What the list comes to.
#[derive(Debug)]
pub enum Recalled {
    /// It stays on screen.
    Stay(Vec<Wish>),
    /// Nothing of it: on to a new deployment.
    New,
    /// This one is taken up again.
    Resume(Box<State>),
}

impl Recall {
    /// What concerns this service; `None` where there is nothing to show. `wanted`: the one to open at once.
    pub fn of(
        unfinished: Unfinished,
        session: &Session,
        wanted: Option<&str>,
    ) -> Option<(Self, Vec<Wish>)> {
        let here = |found: &Found| {
            let facts = &found.state.intent().facts;
            facts.api_base == session.base && facts.sandbox == session.sandbox.is_some()
        };
        let entries: Vec<Entry> = unfinished
            .found
            .into_iter()
            .filter(here)
            .filter(|found| wanted.is_none_or(|id| found.state.id().to_string() == id))
            .take(MOST)
            .map(|found| Entry {
                found,
                seen: Load::Unasked,
            })
            .collect();
        if entries.is_empty() && unfinished.set_aside.is_empty() && wanted.is_none() {
            return None;
        }
        let mut recall = Self {
            trouble: wanted
                .filter(|_| entries.is_empty())
                .map(|id| Trouble::without(id, &unfinished.set_aside)),
            entries,
            set_aside: unfinished.set_aside,
            menu: Menu::default(),
            opening: false,
            forgetting: None,
        };
        let wishes = recall.look();
        Some((recall, wishes))
    }

    /// There is one that is wanted, and the journals cannot be read.
    pub fn unreadable(why: Shown) -> Self {
        Self {
            entries: Vec::new(),
            set_aside: Vec::new(),
            menu: Menu::default(),
            opening: false,
            forgetting: None,
            trouble: Some(Trouble::Refused(why)),
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Recalling {
        match (&self.trouble, self.entries.get(self.menu.cursor())) {
            (Some(Trouble::Missing(why)), _) => Recalling::Missing(why.clone()),
            (Some(Trouble::Refused(why)), _) => Recalling::Refused(why.clone()),
            (None, Some(_)) if self.opening => Recalling::Opening,
            (None, Some(entry)) => Recalling::Found(Box::new(entry.begun())),
            (None, None) => Recalling::Missing("nothing is unfinished for this service".into()),
        }
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input) -> Recalled {
        let command = match input {
            Input::Answer(answer) => return self.answer(answer),
            Input::Command(command) => command,
            Input::Key(_) | Input::Paste(_) | Input::Tick => return Recalled::stay(),
        };
        let forgetting = self.forgetting.take();
        match command {
            Command::Back | Command::Add => return Recalled::New,
            Command::Drop => return self.drop(forgetting),
            Command::Refresh => {
                for entry in &mut self.entries {
                    entry.seen = Load::Unasked;
                }
                return Recalled::Stay(self.look());
            }
            command => {
                if let Some(index) = self.menu.update(command, self.entries.len())
                    && let Some(entry) = self.entries.get(index)
                    && !self.opening
                {
                    self.opening = true;
                    self.trouble = None;
                    let resume = Request::Resume(entry.found.state.id());
                    return Recalled::Stay(vec![Wish::Ask(resume)]);
                }
            }
        }
        Recalled::stay()
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        let offer = match self.entries.len() {
            0 => Offer::default(),
            count => Menu::offer(Offer::default(), count)
                .with(Command::Refresh, "look again")
                .with(Command::Drop, "forget this one"),
        };
        offer
            .with(Command::Add, "start new")
            .with(Command::Back, "")
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let mut lines = vec![
            title("You have unfinished work on this machine"),
            Line::new(),
        ];
        for (index, entry) in self.entries.iter().enumerate() {
            let here = index == self.menu.cursor();
            let line = if here {
                Line::new().mark(Mark::Arrow)
            } else {
                Line::new().plain("  ")
            };
            let intent = entry.found.state.intent();
            let node = intent.facts.node.as_ref();
            let node = node.map_or("-", |node| node.name.as_str());
            let name = format!("{:<18} {node:<8} ", intent.plan.app_name);
            lines.push(
                line.key(format!("{} ", index + 1))
                    .plain(name)
                    .strong(entry.found.state.standing()),
            );
        }
        if let Some(entry) = self.entries.get(self.menu.cursor()) {
            lines.push(Line::new());
            lines.extend(entry.lines());
        }
        for aside in &self.set_aside {
            lines.push(Line::new());
            lines.push(
                Line::new()
                    .mark(Mark::Warn)
                    .warn(format!("{} is not used: {}", aside.name, aside.why)),
            );
            if let Some(name) = &aside.moved_to {
                lines.push(Line::new().dim(format!("  it lies beside the others as {name}")));
            }
        }
        if let Some(trouble) = &self.trouble {
            lines.push(Line::new());
            lines.push(Line::new().mark(Mark::Bad).bad(trouble.why().as_str()));
        }
        Page {
            main: vec![Block::Text(lines)],
            side: vec![
                title("What is kept"),
                Line::from(
                    "The plan, the encrypted blob and the commit token, in a file that only you can read.",
                ),
                Line::new(),
                Line::from("Values of variables are never kept in the clear."),
            ],
            note: match self.forgetting {
                Some(_) => Line::new().warn(format!(
                    "{} again forgets it: what it may have made is not known here any more.",
                    hint(Command::Drop)
                )),
                None => Line::new().plain("Nothing was sent again. Looking is free."),
            },
        }
    }

    fn answer(&mut self, answer: Answer) -> Recalled {
        match answer {
            Answer::Instances(reply) => {
                let waiting = self
                    .entries
                    .iter()
                    .position(|entry| entry.seen == Load::Asked);
                if let Some(index) = waiting {
                    let app = self.entries[index].app();
                    for entry in self.entries.iter_mut().filter(|entry| entry.app() == app) {
                        entry.see(reply.clone());
                    }
                }
                Recalled::Stay(self.look())
            }
            Answer::Resumed(Ok(state)) => Recalled::Resume(state),
            Answer::Resumed(Err(why)) => {
                self.opening = false;
                self.trouble = Some(Trouble::Refused(why));
                Recalled::stay()
            }
            Answer::Forgotten(Ok(id)) => {
                self.entries.retain(|entry| entry.found.state.id() != id);
                if self.entries.is_empty() {
                    return Recalled::New;
                }
                self.menu = Menu::default();
                Recalled::stay()
            }
            Answer::Forgotten(Err(why)) => {
                self.trouble = Some(Trouble::Refused(why));
                Recalled::stay()
            }
            _ => Recalled::stay(),
        }
    }

    /// The first press asks, the second does it.
    fn drop(&mut self, forgetting: Option<IntentId>) -> Recalled {
        let Some(entry) = self.entries.get(self.menu.cursor()) else {
            return Recalled::stay();
        };
        let id = entry.found.state.id();
        if forgetting == Some(id) {
            return Recalled::Stay(vec![Wish::Ask(Request::Forget(id))]);
        }
        self.forgetting = Some(id);
        Recalled::stay()
    }

    /// The next app nobody looked at yet, one after another.
    fn look(&mut self) -> Vec<Wish> {
        let next = self
            .entries
            .iter_mut()
            .find(|entry| entry.seen == Load::Unasked && !entry.found.state.lacks_contract());
        let Some(entry) = next else {
            return Vec::new();
        };
        entry.seen = Load::Asked;
        vec![Wish::Ask(Request::Instances(entry.app()))]
    }
}

impl Recalled {
    fn stay() -> Self {
        Self::Stay(Vec::new())
    }
}

impl Trouble {
    /// Why there is none of this id.
    fn without(id: &str, set_aside: &[SetAside]) -> Self {
        match set_aside
            .iter()
            .find(|aside| aside.name.as_str().starts_with(id))
        {
            Some(aside) => Self::Refused(Shown::line(&format!(
                "{} is not used: {}",
                aside.name, aside.why
            ))),
            None => Self::Missing("there is no such unfinished deployment for this service".into()),
        }
    }

    fn why(&self) -> &Shown {
        match self {
            Self::Missing(why) | Self::Refused(why) => why,
        }
    }
}

impl Entry {
    /// Takes what a look at its app showed. A new app that nobody knows was not made.
    fn see(&mut self, reply: Result<Vec<Instance>, Error>) {
        let is_new = self.found.state.intent().plan.new_app.is_some();
        self.seen.set(match reply {
            Err(error) if is_new && error.status() == Some(404) => Ok(Vec::new()),
            reply => reply,
        });
    }

    fn begun(&self) -> Begun {
        let state = &self.found.state;
        Begun {
            id: state.id().to_string(),
            app: self.app(),
            name: state.intent().plan.app_name.clone(),
            standing: state.standing(),
            way_on: state.way_on(),
            uuid: state.uuid().cloned(),
            compose_hash: state.prepared().map(|prepared| prepared.compose_hash),
            prepares: state.next_step() == NextStep::LookThenPrepare,
        }
    }

    fn app(&self) -> AppId {
        self.found.state.app()
    }

    fn lines(&self) -> Vec<Line> {
        let state = &self.found.state;
        let row = |label: &str, value: String| Line::pair(&format!("  {label}"), 16, value);
        let mut lines = Vec::new();
        if let Some(prepared) = state.prepared() {
            lines.push(row("compose hash", prepared.compose_hash.short()));
            if let Some(token) = prepared
                .token
                .as_ref()
                .filter(|_| prepared.provision.is_none())
            {
                lines.push(row("token", token.tail()));
            }
        }
        if let Some(uuid) = state.uuid() {
            lines.push(row("instance", uuid.to_string()));
        }
        let checked = Line::label("  looked", 16);
        lines.push(match &self.seen {
            Load::Unasked if state.lacks_contract() => checked.dim("it has no id to look for yet"),
            Load::Unasked | Load::Asked => checked.mark(Mark::Busy).dim("looking"),
            Load::Failed(error) => checked.mark(Mark::Warn).warn(error.to_string()),
            Load::Here(instances) => {
                let new = new_since(state, instances);
                match new.as_slice() {
                    [] => checked.plain(format!(
                        "{}, none new",
                        counted(instances.len(), "instance")
                    )),
                    new => checked.good(format!("new since then: {}", new.join(", "))),
                }
            }
        });
        if let LockState::Taken(holder) = self.found.lock {
            lines.push(row("open in", Holder::who(holder)));
        }
        lines.push(Line::label("  next", 16).accent(state.way_on()));
        lines
    }
}

/// Names of the app's instances that there were not before.
fn new_since(state: &State, instances: &[Instance]) -> Vec<String> {
    instances
        .iter()
        .filter(|one| one.is_beside(&state.intent().facts.before))
        .map(|one| format!("{} ({})", one.name, one.status))
        .collect()
}
