//! The containers of an instance: what docker says of each, and how often it was seen to start again.

use std::collections::BTreeMap;

use super::poll::Poll;
use crate::api::error::Error;
use crate::api::types::{Composition, Container};
use crate::shown::Shown;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Column, Line, List, Mark, Row, Tone, title};
use crate::wizard::trouble;

const COLUMNS: &[Column] = &[
    Column::new("container", 20, 0),
    Column::new("how it is", 32, 0),
    Column::number("restarts", 8, 2),
    Column::grow("image", 20),
];

/// The containers, as far as they were told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Containers {
    /// When they are asked for.
    pub poll: Poll,
    told: Option<Result<Composition, Error>>,
    /// Why the last look told nothing, where an earlier one did.
    trouble: Option<Error>,
    seen: BTreeMap<Shown, Seen>,
    cursor: usize,
}

/// What was seen of one container before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Seen {
    is_restarting: bool,
    restarts: u32,
}

/// How a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It runs, and nothing says that it is not well.
    Well,
    /// It did its work and ended.
    Finished,
    /// It is on its way.
    Starting,
    /// It ended with an error, starts again and again, or says that it is not well.
    Troubled,
}

/// How a container is, in docker's words.
pub fn health(container: &Container) -> Health {
    let status = container.status.as_str().to_lowercase();
    match container.state.as_str() {
        "running" if status.contains("unhealthy") => Health::Troubled,
        "running" if status.contains("health: starting") => Health::Starting,
        "running" => Health::Well,
        "created" => Health::Starting,
        _ if status.starts_with("exited (0)") => Health::Finished,
        _ => Health::Troubled,
    }
}

impl Containers {
    /// Takes what the service told.
    pub fn take(&mut self, reply: Result<Composition, Error>, now: u64) {
        self.poll.answered(reply.is_ok(), now);
        if let Ok(told) = &reply {
            for container in &told.containers {
                let seen = self.seen.entry(container.name.clone()).or_default();
                let is_restarting = container.state.as_str() == "restarting";
                seen.restarts += u32::from(is_restarting && !seen.is_restarting);
                seen.is_restarting = is_restarting;
            }
        }
        // A look that failed is told beside what is known, and does not take its place.
        (self.told, self.trouble) = match (reply, self.told.take()) {
            (Err(error), Some(Ok(known))) => (Some(Ok(known)), Some(error)),
            (reply, _) => (Some(reply), None),
        };
    }

    /// What the service told.
    pub fn told(&self) -> Option<&Result<Composition, Error>> {
        self.told.as_ref()
    }

    /// The containers there are.
    pub fn all(&self) -> &[Container] {
        match &self.told {
            Some(Ok(told)) => &told.containers,
            _ => &[],
        }
    }

    /// Names of those that are not well.
    pub fn troubled(&self) -> impl Iterator<Item = &str> {
        self.all()
            .iter()
            .filter(|one| health(one) == Health::Troubled)
            .map(|one| one.name.as_str())
    }

    /// Moves in the list. Says whose log a person wants to see, if anybody's.
    pub fn command(&mut self, command: Command) -> Option<Shown> {
        let last = self.all().len().saturating_sub(1);
        self.cursor = match command {
            Command::Up => self.cursor.saturating_sub(1),
            Command::Down => (self.cursor + 1).min(last),
            Command::First | Command::PageUp => 0,
            Command::Last | Command::PageDown => last,
            Command::Next => return self.all().get(self.cursor).map(|one| one.name.clone()),
            _ => self.cursor,
        };
        None
    }

    /// What can be done with the list.
    pub fn offer(&self) -> Offer {
        Offer::default()
            .with_if(!self.all().is_empty(), Command::Next, "its log")
            .with_list()
    }

    /// The pane.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let all = self.all();
        let troubled = self.troubled().count();
        let mut head = match (&self.told, all.len()) {
            (Some(Err(error)), _) => vec![trouble::brief(error)],
            (Some(Ok(_)), 0) | (None, _) => Vec::new(),
            (_, count) if troubled == 0 => vec![title(format!("{count} of {count} are well"))],
            (_, count) => vec![Line::new().warn(format!("{troubled} of {count} are not well"))],
        };
        head.extend(self.trouble.as_ref().map(trouble::brief));
        vec![
            Block::Text(head),
            Block::List(List {
                columns: COLUMNS,
                len: all.len(),
                selected: Some(self.cursor.min(all.len().saturating_sub(1)))
                    .filter(|_| !all.is_empty()),
                row: Box::new(|index| {
                    all.get(index)
                        .map_or_else(Row::default, |one| self.row(one))
                }),
                empty: self.why_empty(),
            }),
        ]
    }

    /// The same in lines, to stand on another pane.
    pub fn lines(&self) -> Vec<Line> {
        let line = |(index, one): (usize, &Container)| {
            let label = if index == 0 { "containers" } else { "" };
            let (mark, told) = how(one);
            Line::label(label, 12)
                .mark(mark)
                .plain(format!("{:<16} ", one.name))
                .tone(tone(mark), told)
        };
        self.all().iter().enumerate().map(line).collect()
    }

    fn row(&self, one: &Container) -> Row {
        let restarts = self.seen.get(&one.name).map_or(0, |seen| seen.restarts);
        let (mark, told) = how(one);
        let restarts = match restarts {
            0 => Line::new().dim("-"),
            count => Line::new().warn(count.to_string()),
        };
        Row::new(vec![
            Line::new().strong(one.name.as_str()),
            Line::new().mark(mark).tone(tone(mark), told),
            restarts,
            Line::new().dim(one.image.as_str()),
        ])
    }

    fn why_empty(&self) -> Vec<Line> {
        let (what, why) = match &self.told {
            None => ("Asking for the containers.", ""),
            Some(Err(_)) => (
                "They could not be read.",
                "That says nothing about the instance.",
            ),
            Some(Ok(told)) if told.public == Some(false) => (
                "The app keeps its containers to itself.",
                "'public_sysinfo' is off in its document, so the service cannot show them.",
            ),
            Some(Ok(told)) if !told.online => (
                "The guest does not answer yet.",
                "Containers are told once its engine runs, at 'starting containers'.",
            ),
            Some(Ok(_)) => (
                "There are none yet.",
                "They are made at 'starting containers'.",
            ),
        };
        let mut lines = vec![Line::new(), Line::from(what), Line::new().dim(why)];
        if let Some(Ok(Composition {
            trouble: Some(words),
            ..
        })) = &self.told
        {
            lines.push(Line::new().dim(format!("In the service's words: {words}")));
        }
        lines
    }
}

/// How it is: a sign, and docker's words.
fn how(one: &Container) -> (Mark, &str) {
    let told = if one.status.is_empty() {
        one.state.as_str()
    } else {
        one.status.as_str()
    };
    let mark = match health(one) {
        Health::Well => Mark::Ok,
        Health::Finished => Mark::Dot,
        Health::Starting => Mark::Busy,
        Health::Troubled => Mark::Warn,
    };
    (mark, told)
}

fn tone(mark: Mark) -> Tone {
    if mark == Mark::Warn {
        Tone::Warn
    } else {
        Tone::Dim
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(state: &str, status: &str) -> Container {
        Container {
            name: "api".into(),
            state: state.into(),
            status: status.into(),
            ..Container::default()
        }
    }

    #[test]
    fn docker_words_and_how_the_container_is() {
        for (state, status, expected) in [
            ("running", "Up 2 minutes", Health::Well),
            ("running", "Up 2 minutes (healthy)", Health::Well),
            ("running", "Up 2 minutes (unhealthy)", Health::Troubled),
            (
                "running",
                "Up 2 seconds (health: starting)",
                Health::Starting,
            ),
            ("created", "Created", Health::Starting),
            ("exited", "Exited (0) 3 minutes ago", Health::Finished),
            ("exited", "Exited (1) 3 minutes ago", Health::Troubled),
            (
                "restarting",
                "Restarting (137) 4 seconds ago",
                Health::Troubled,
            ),
            ("dead", "", Health::Troubled),
        ] {
            assert_eq!(
                health(&container(state, status)),
                expected,
                "{state} {status}"
            );
        }
    }

    #[test]
    fn every_restart_that_is_seen_counts_once() {
        let mut containers = Containers::default();
        let running = ("running", "Up 1 second");
        let restarting = ("restarting", "Restarting (1) 1 second ago");
        for (state, status) in [running, restarting, restarting, running, restarting] {
            let told = Composition {
                online: true,
                containers: vec![container(state, status)],
                ..Composition::default()
            };
            containers.take(Ok(told), 0);
        }
        assert_eq!(containers.seen[&Shown::line("api")].restarts, 2);
        assert_eq!(containers.troubled().collect::<Vec<_>>(), ["api"]);
    }
}
