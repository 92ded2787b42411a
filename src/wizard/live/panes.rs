//! The panes of the cockpit: which is in front, what can be done there, and what it says.

use super::care::{Care, Target};
use super::logs::page::Around;
use super::verdict::Verdict;
use super::{Away, Live};
use crate::secret::Secret;
use crate::wizard::event::Request;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Page, title};
use crate::wizard::screen::{Input, Wish};
use crate::zone::Zone;

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// How it is doing, and what can be done about it.
    #[default]
    Status,
    /// Its containers.
    Containers,
    /// Its logs.
    Logs,
    /// Its addresses, and whether the app answers.
    Network,
    /// How its system is doing.
    Stats,
    /// What it proves of itself.
    Proof,
    /// The app's instances side by side.
    Instances,
}

impl Pane {
    /// All of them, from left to right.
    pub const ALL: [Self; 7] = [
        Self::Status,
        Self::Containers,
        Self::Logs,
        Self::Network,
        Self::Stats,
        Self::Proof,
        Self::Instances,
    ];
    const NAMES: &[&str] = &[
        "Status",
        "Containers",
        "Logs",
        "Network",
        "Stats",
        "Proof",
        "Fleet",
    ];

    fn index(self) -> usize {
        Self::ALL.iter().position(|pane| *pane == self).unwrap_or(0)
    }

    fn beside(self, by: usize) -> Self {
        Self::ALL[(self.index() + by) % Self::ALL.len()]
    }
}

impl Live {
    /// Brings a pane to the front.
    pub(super) fn turn_to(&mut self, pane: Pane, now: u64) -> Vec<Wish> {
        self.pane = pane;
        self.ask_beside(now)
    }

    /// Takes what a person does.
    pub(super) fn on_pane(&mut self, input: Input, now: u64) -> Result<Vec<Wish>, Away> {
        if self.care.asks() {
            return Ok(self.care_input(input));
        }
        if self.pane == Pane::Logs && self.logs.look(&input) {
            return Ok(self.tend_logs(now));
        }
        let Input::Command(command) = input else {
            return Ok(Vec::new());
        };
        let wishes = match command {
            Command::Right => self.turn_to(self.pane.beside(1), now),
            Command::Left => self.turn_to(self.pane.beside(Pane::ALL.len() - 1), now),
            Command::Logs => self.turn_to(Pane::Logs, now),
            Command::Difference | Command::Back if self.pane == Pane::Proof => {
                self.turn_to(Pane::Status, now)
            }
            Command::Difference => self.turn_to(Pane::Proof, now),
            Command::Back if self.pane == Pane::Status => return Err(Away::Back),
            Command::Back => self.turn_to(Pane::Status, now),
            Command::Prove => self.proof.ask_lists(),
            Command::Refresh => self.refresh(now),
            Command::Check => self.reach.check(),
            Command::Switch => return Err(Away::Switch),
            Command::Detach => vec![Wish::Quit],
            Command::Restart => {
                self.care = Care::AskRestart;
                Vec::new()
            }
            Command::Delete => {
                self.care = Care::ask_delete();
                Vec::new()
            }
            Command::Copy => self.copy(0),
            Command::Open => self.address().map(Wish::Open).into_iter().collect(),
            Command::Save | Command::Pager => self.hand_out_log(command),
            command => return self.on_this_pane(command, now),
        };
        Ok(wishes)
    }

    fn on_this_pane(&mut self, command: Command, now: u64) -> Result<Vec<Wish>, Away> {
        match self.pane {
            Pane::Status => {
                let Command::Choose(number) = command else {
                    return Ok(Vec::new());
                };
                let index = usize::from(number).saturating_sub(1);
                if !self.asks_for_remedy() {
                    return Ok(self.copy(index));
                }
                match self.remedies().into_iter().nth(index) {
                    Some(remedy) => self.remedy(remedy, now).map_err(Away::Change),
                    None => Ok(Vec::new()),
                }
            }
            Pane::Containers => {
                if let Some(name) = self.containers.command(command) {
                    self.logs.show_end(name.as_str());
                    return Ok(self.turn_to(Pane::Logs, now));
                }
                Ok(Vec::new())
            }
            Pane::Instances => match self.rollout.command(command) {
                Some(instance) => Err(Away::Other(Box::new(instance))),
                None => Ok(Vec::new()),
            },
            Pane::Logs | Pane::Network | Pane::Stats | Pane::Proof => Ok(Vec::new()),
        }
    }

    fn copy(&self, index: usize) -> Vec<Wish> {
        self.copies()
            .into_iter()
            .nth(index)
            .map(|copy| Wish::Copy(copy.what, Secret::new(copy.text)))
            .into_iter()
            .collect()
    }

    fn hand_out_log(&self, command: Command) -> Vec<Wish> {
        let tape = self.logs.selected();
        let text = Secret::new(tape.book.text());
        vec![Wish::Ask(if command == Command::Save {
            Request::SaveLog {
                name: file_name(self.name(), tape.source.word()),
                text,
            }
        } else {
            Request::ShowPaged(text)
        })]
    }

    fn care_input(&mut self, input: Input) -> Vec<Wish> {
        let Some(target) = self.target() else {
            self.care = Care::None;
            return Vec::new();
        };
        self.care.update(input, &target)
    }

    /// What a question of restarting or deleting is about.
    fn target(&self) -> Option<Target> {
        let uuid = self.feed.uuid()?.clone();
        let name = match self.name() {
            "" => uuid.to_string(),
            name => name.to_owned(),
        };
        Some(Target {
            uuid,
            name,
            node: self.node(),
            sandbox: self.about.sandbox,
        })
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        if let (true, Some(target)) = (self.care.asks(), self.target()) {
            return self.care.offer(&target);
        }
        if self.pane == Pane::Logs && self.logs.is_typing() {
            return self.logs.offer();
        }
        let offer = match self.pane {
            Pane::Status => self.status_offer(),
            Pane::Containers => self.containers.offer(),
            Pane::Logs => self.logs.offer(),
            Pane::Network => self.network_offer(),
            Pane::Stats => Offer::default(),
            Pane::Proof => Offer::default().with_if(
                self.proof.can_ask_lists(),
                Command::Prove,
                "check the hardware",
            ),
            Pane::Instances => self.rollout.offer(self.feed.uuid()),
        };
        self.everywhere(offer)
    }

    fn status_offer(&self) -> Offer {
        let offer = Offer::default();
        let offer = if self.asks_for_remedy() {
            self.remedies()
                .iter()
                .zip(1..)
                .fold(offer, |offer, (remedy, number)| {
                    match self.hindrance(remedy) {
                        None => offer.with(Command::Choose(number), "choose"),
                        Some(reason) => offer.blocked(Command::Choose(number), "choose", reason),
                    }
                })
        } else {
            // With a choice of one, `y` is enough.
            let copies = self.copies().len();
            offer.with_choices(if copies > 1 { copies } else { 0 }, "copy")
        };
        offer
            .with_if(
                self.address().is_some() && !self.verdict.is_over(),
                Command::Open,
                "open the address",
            )
            .with_if(
                self.proof.has_details(),
                Command::Difference,
                "what is proven",
            )
            .with_if(
                self.proof.can_ask_lists(),
                Command::Prove,
                "check the hardware",
            )
    }

    fn network_offer(&self) -> Offer {
        let offer = Offer::default();
        let offer = match (self.address().is_some(), self.reach.is_checking()) {
            (true, false) => offer.with(Command::Check, "ask the app"),
            (true, true) => offer.blocked(Command::Check, "ask the app", "it is being asked"),
            (false, _) => offer.blocked(Command::Check, "ask the app", "no address is told yet"),
        };
        offer.with_if(self.address().is_some(), Command::Open, "open the address")
    }

    /// What can be done on every pane.
    fn everywhere(&self, offer: Offer) -> Offer {
        let over = self.verdict.is_over();
        let has_logs = self.pane == Pane::Logs;
        let others = self.several.as_ref().is_some_and(|brief| brief.has_other());
        let offer = offer
            .with_if(others, Command::Switch, "next instance")
            .with_if(
                self.pane == Pane::Status && self.before_it.is_some(),
                Command::Back,
                "the one before",
            )
            .with(Command::Left, "")
            .with(Command::Right, "pane")
            .with_if(!has_logs, Command::Logs, "logs")
            .with_if(self.pane != Pane::Status, Command::Back, "status")
            .with_if(self.pane == Pane::Proof, Command::Difference, "");
        let offer = if self.feed.is_looking() {
            offer.blocked(Command::Refresh, "look now", "a look is under way")
        } else {
            offer.with(Command::Refresh, "look now")
        };
        let offer = match self.copies().first() {
            Some(copy) if !has_logs => offer.with(Command::Copy, copy.label),
            _ => offer,
        };
        let known = self.feed.uuid().is_some() && !over;
        let (restart, delete) = (Command::Restart, Command::Delete);
        let offer = match (known, self.care.is_doing()) {
            (false, _) => offer,
            (true, true) => offer
                .blocked(restart, "restart", "a request is under way")
                .blocked(delete, "delete", "a request is under way"),
            (true, false) => offer.with(restart, "restart").with(delete, "delete"),
        };
        offer.with_if(
            matches!(self.verdict, Verdict::Booting | Verdict::Stalled),
            Command::Detach,
            "detach",
        )
    }

    /// The page.
    pub fn page<'a>(&'a self, now: u64, zone: &'a Zone) -> Page<'a> {
        if let (true, Some(target)) = (self.care.asks(), self.target()) {
            return Page {
                main: self.care.blocks(&target),
                side: Vec::new(),
                note: Line::new().dim("Nothing is sent before Enter."),
            };
        }
        let mut main = vec![Block::Tabs(Pane::NAMES, self.pane.index())];
        if self.pane != Pane::Status {
            main.push(Block::Text(vec![self.one_line(now)]));
        }
        if let Some(news) = self.care.news() {
            main.push(Block::Text(news));
        }
        match self.pane {
            Pane::Status => main.push(Block::Text(self.status_lines(now))),
            Pane::Containers => main.extend(self.containers.blocks()),
            Pane::Logs => main.extend(self.logs.blocks(self.around(now), zone)),
            Pane::Network => main.push(Block::Text(self.reach.lines(zone))),
            Pane::Stats => main.push(Block::Text(self.gauges.lines())),
            Pane::Proof => main.push(Block::Text(self.proof_lines())),
            Pane::Instances => main.extend(self.rollout.blocks(self.feed.uuid())),
        }
        Page {
            main,
            side: if self.pane == Pane::Status {
                self.side()
            } else {
                Vec::new()
            },
            note: match self.pane {
                Pane::Logs => self.logs.note(zone),
                _ => self.note(now),
            },
        }
    }

    fn proof_lines(&self) -> Vec<Line> {
        if self.proof.has_details() {
            self.proof.detailed()
        } else {
            vec![
                title("Proof that it is what you asked for"),
                self.proof.headline(),
            ]
        }
    }

    fn around(&self, now: u64) -> Around<'_> {
        Around {
            age: now.saturating_sub(self.since),
            phase: self
                .timeline
                .current()
                .filter(|_| !self.verdict.is_up())
                .map(|entry| entry.word.as_str()),
        }
    }
}

/// The name of a file for a log: names are the service's and may be anything.
fn file_name(instance: &str, log: &str) -> String {
    let plain = |text: &str| -> String {
        let keep = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        text.chars()
            .map(|c| if keep(c) { c } else { '-' })
            .take(60)
            .collect()
    };
    format!("{}-{}.log", plain(instance), plain(log))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_stays_in_its_folder() {
        assert_eq!(
            file_name("orders-api-c", "dstack-api-1"),
            "orders-api-c-dstack-api-1.log"
        );
        assert_eq!(file_name("../../etc/x", "a b"), "------etc-x-a-b.log");
    }

    #[test]
    fn every_pane_has_its_name() {
        assert_eq!(Pane::NAMES.len(), Pane::ALL.len());
        assert_eq!(Pane::Status.beside(6), Pane::Instances);
        assert_eq!(Pane::Instances.beside(1), Pane::Status);
    }
}
