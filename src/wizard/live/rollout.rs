//! The app's instances side by side: which there are, and the phase of each.

use super::phase;
use super::poll::Poll;
use super::timeline::Timeline;
use super::verdict::{self, Verdict};
use crate::api::error::Error;
use crate::api::types::{AppId, CvmUuid, Instance, State};
use crate::wizard::event::Request;
use crate::wizard::form::app::shorten;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Column, Line, List, Mark, Row, title};
use crate::wizard::screen::Wish;
use crate::wizard::trouble;

/// Seconds between two looks at the list of instances.
const LIST: u64 = 30;
/// Seconds between two looks at how they are doing.
const STATES: u64 = 5;

const COLUMNS: &[Column] = &[
    Column::grow("instance", 14),
    Column::new("node", 12, 2),
    Column::new("how it is", 28, 0),
    Column::new("compose", 14, 3),
    Column::new("up for", 10, 4),
];

/// The instances of one app.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rollout {
    list: Poll,
    states: Poll,
    rows: Vec<Sibling>,
    /// What keeps the list from being read, and what keeps the states.
    trouble: [Option<Error>; 2],
    cursor: usize,
    is_known: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Sibling {
    instance: Instance,
    state: Option<State>,
}

impl Rollout {
    /// Asks for what is due, while it is on screen.
    pub fn tend(&mut self, app: Option<AppId>, now: u64) -> Vec<Wish> {
        let mut wishes = Vec::new();
        if let Some(app) = app.filter(|_| self.list.is_due(LIST, now)) {
            self.list.asked(now);
            wishes.push(Wish::Ask(Request::Instances(app)));
        }
        let uuids: Vec<CvmUuid> = self
            .rows
            .iter()
            .filter_map(|row| row.instance.uuid.clone())
            .collect();
        if !uuids.is_empty() && self.states.is_due(STATES, now) {
            self.states.asked(now);
            wishes.push(Wish::Ask(Request::States(uuids)));
        }
        wishes
    }

    /// Nothing is under way.
    pub fn wake(&mut self) {
        self.list.wake();
        self.states.wake();
    }

    /// Asks at the next moment, whatever came before.
    pub fn hurry(&mut self) {
        self.list.hurry();
        self.states.hurry();
    }

    /// Takes the list of instances.
    pub fn take_list(&mut self, reply: &Result<Vec<Instance>, Error>, now: u64) {
        self.list.answered(reply.is_ok(), now);
        if let Ok(instances) = reply {
            let states: Vec<Sibling> = std::mem::take(&mut self.rows);
            let known = |uuid: &Option<CvmUuid>| {
                let mut rows = states.iter();
                rows.find(|row| row.instance.uuid == *uuid)
                    .and_then(|row| row.state.clone())
            };
            self.rows = instances
                .iter()
                .map(|instance| Sibling {
                    state: known(&instance.uuid),
                    instance: instance.clone(),
                })
                .collect();
            self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
            self.is_known = true;
        }
        self.trouble[0] = reply.as_ref().err().cloned();
    }

    /// Takes how they are doing.
    pub fn take_states(&mut self, reply: Result<Vec<(CvmUuid, State)>, Error>, now: u64) {
        self.states.answered(reply.is_ok(), now);
        let (states, trouble) = match reply {
            Ok(states) => (states, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        self.trouble[1] = trouble;
        for (uuid, state) in states {
            let mut rows = self.rows.iter_mut();
            if let Some(row) = rows.find(|row| row.instance.uuid.as_ref() == Some(&uuid)) {
                row.state = Some(state);
            }
        }
    }

    /// Moves in the list. Says which instance a person wants to watch, if one.
    pub fn command(&mut self, command: Command) -> Option<Instance> {
        let last = self.rows.len().saturating_sub(1);
        self.cursor = match command {
            Command::Up => self.cursor.saturating_sub(1),
            Command::Down => (self.cursor + 1).min(last),
            Command::PageUp => self.cursor.saturating_sub(10),
            Command::PageDown => (self.cursor + 10).min(last),
            Command::First => 0,
            Command::Last => last,
            Command::Next => return self.rows.get(self.cursor).map(|row| row.instance.clone()),
            _ => self.cursor,
        };
        None
    }

    /// What can be done with the list.
    pub fn offer(&self, here: Option<&CvmUuid>) -> Offer {
        let offer = Offer::default();
        let offer = match self.rows.get(self.cursor) {
            None => offer,
            Some(row) if row.instance.uuid.is_none() => offer.blocked(
                Command::Next,
                "watch it",
                "the service has not told its id yet",
            ),
            Some(row) if row.instance.uuid.as_ref() == here => {
                offer.blocked(Command::Next, "watch it", "it is the one on screen")
            }
            Some(_) => offer.with(Command::Next, "watch it"),
        };
        offer.with_list()
    }

    /// The list as blocks.
    pub fn blocks(&self, here: Option<&CvmUuid>) -> Vec<Block<'_>> {
        let here = here.cloned();
        let mut head = vec![title(self.summary())];
        head.extend(self.trouble.iter().flatten().map(trouble::brief));
        let empty = if self.is_known {
            "The app has no instance."
        } else {
            "Asking for the app's instances."
        };
        vec![
            Block::Text(head),
            Block::List(List {
                columns: COLUMNS,
                len: self.rows.len(),
                selected: Some(self.cursor).filter(|_| !self.rows.is_empty()),
                row: Box::new(move |index| {
                    self.rows.get(index).map_or_else(Row::default, |row| {
                        row.cells(row.instance.uuid.is_some() && row.instance.uuid == here)
                    })
                }),
                empty: vec![Line::new().dim(empty)],
            }),
        ]
    }

    /// How many run of how many, in a line.
    pub fn summary(&self) -> String {
        let up = |row: &&Sibling| row.verdict() == Some(Verdict::Running);
        match (self.rows.len(), self.is_known) {
            (_, false) => "The app's instances".to_owned(),
            (count, true) => {
                format!("{} of {count} run", self.rows.iter().filter(up).count())
            }
        }
    }
}

impl Sibling {
    /// How it is doing, as far as one look can tell.
    fn verdict(&self) -> Option<Verdict> {
        let state = self.state.as_ref()?;
        let mut seen = Timeline::default();
        seen.take(state, 0);
        let id = state
            .instance_id
            .as_ref()
            .or(self.instance.instance_id.as_ref());
        let identified = id.is_some_and(|id| !id.is_empty());
        Some(verdict::judge(state, &seen, identified, 0, &|_| None))
    }

    fn cells(&self, is_here: bool) -> Row {
        let name = if is_here {
            Line::new()
                .strong(self.instance.name.as_str())
                .dim("  this one")
        } else {
            Line::from(self.instance.name.as_str())
        };
        let node = self.instance.node.as_ref();
        let uptime = self.state.as_ref().and_then(|state| state.uptime.as_ref());
        let hash = self.instance.compose_hash.as_ref();
        Row::new(vec![
            name,
            Line::from(node.map_or("-", |node| node.name.as_str())),
            self.how(),
            Line::new()
                .dim(hash.map_or_else(|| "-".to_owned(), |hash| shorten(&format!("0x{hash}")))),
            Line::new().dim(uptime.map_or("-", |uptime| uptime.as_str())),
        ])
    }

    fn how(&self) -> Line {
        let Some(state) = &self.state else {
            return Line::new()
                .mark(Mark::Busy)
                .plain(self.instance.status.as_str());
        };
        let word = phase::word(state).unwrap_or(&state.status).as_str();
        match self.verdict() {
            Some(Verdict::Running) => Line::new().mark(Mark::Ok).good("running"),
            Some(Verdict::Degraded) => Line::new().mark(Mark::Warn).warn("running, with an error"),
            Some(Verdict::Failed) => Line::new()
                .mark(Mark::Bad)
                .bad(phase::error(state).map_or(state.status.as_str(), |error| error.as_str())),
            _ => Line::new().mark(Mark::Busy).plain(word),
        }
    }
}
