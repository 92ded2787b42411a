//! What was typed as a name: a choice, a page, a command, a key by its letter, or something to look for.

use crossterm::event::{KeyCode, KeyEvent};
use zeroize::Zeroizing;

use super::command::{begins, typed};
use super::question::Kind;
use super::reading::Reading;
use super::{Mode, Spoken, steer};
use crate::secret::Secret;
use crate::wizard::event::Effect;
use crate::wizard::keymap::{Command, Offer, Typing, look_up};

impl Spoken {
    /// A choice, a page or a command by its name; a key by its letter.
    pub(super) fn named(
        &mut self,
        text: &str,
        kind: Kind,
        offer: &Offer,
        reading: &Reading,
    ) -> Option<Vec<Effect>> {
        let exact = |name: &str| name.eq_ignore_ascii_case(text);
        let near = |name: &str| begins(name, text);
        if kind == Kind::Confirm && matches!(text.to_lowercase().as_str(), "yes" | "no") {
            let is_yes = text.eq_ignore_ascii_case("yes");
            let command = if is_yes { Command::Next } else { Command::Back };
            return Some(steer::press(&mut self.wizard, command));
        }
        if kind == Kind::Text && exact("read") {
            let lines = reading.text.iter().flatten().enumerate();
            self.out
                .extend(lines.map(|(index, line)| format!("{}: {}", index + 1, line.trim_end())));
            return Some(Vec::new());
        }
        if kind == Kind::Text && exact("type") {
            self.out.push(
                "Type the text. A line with a single dot ends it, Ctrl-C leaves it as it was."
                    .to_owned(),
            );
            self.mode = Mode::Writing(Zeroizing::new(String::new()));
            return Some(Vec::new());
        }
        if let Some(effects) = self.choice(exact, kind, offer, reading) {
            return Some(effects);
        }
        let letter = match (text.chars().next(), text.chars().count(), offer.typing) {
            (Some(letter), 1, Typing::No) => look_up(key(letter), offer),
            _ => None,
        };
        let command = letter.or_else(|| typed(offer, text).map(|offered| offered.command));
        if let Some(command) = command {
            return Some(self.command(command, offer));
        }
        if let Some((name, number)) = text.rsplit_once(' ')
            && let (Some(offered), Ok(number)) = (typed(offer, name), number.parse::<usize>())
        {
            let mut effects = Vec::new();
            let is_there = match kind {
                Kind::List => steer::to_row(&mut self.wizard, number.wrapping_sub(1), &mut effects),
                _ => steer::to_way(&mut self.wizard, &number.to_string(), &mut effects),
            };
            if is_there {
                effects.extend(self.command(offered.command, offer));
                return Some(effects);
            }
        }
        if let Some((name, needle)) = text.split_once(' ')
            && name == "find"
            && offer.find(Command::Filter).is_some()
        {
            return Some(self.find(&Secret::new(needle), kind));
        }
        self.choice(near, kind, offer, reading)
    }

    /// The only choice or page whose name does.
    fn choice(
        &mut self,
        does: impl Fn(&str) -> bool,
        kind: Kind,
        offer: &Offer,
        reading: &Reading,
    ) -> Option<Vec<Effect>> {
        let only = |names: &mut dyn Iterator<Item = &str>| {
            let mut found = names.enumerate().filter(|(_, name)| does(name));
            let first = found.next().map(|(index, _)| index);
            first.filter(|_| found.next().is_none())
        };
        if let Some((labels, _)) = &reading.tabs
            && let Some(tab) = only(&mut labels.iter().map(String::as_str))
        {
            let mut effects = Vec::new();
            self.fresh = true;
            steer::to_tab(&mut self.wizard, tab, &mut effects);
            return Some(effects);
        }
        match kind {
            Kind::Buttons => {
                let (labels, _) = reading.buttons?;
                let index = only(&mut labels.iter().copied())?;
                Some(self.button(index, reading))
            }
            Kind::List => {
                let names = &reading.list.as_ref()?.names;
                let index = only(&mut names.iter().map(String::as_str))?;
                Some(self.row(index, reading))
            }
            _ => {
                let mut names = reading.ways.iter().map(|way| way.name.as_str());
                let way = reading.ways.get(only(&mut names)?)?;
                if let Ok(number) = way.key.parse() {
                    return Some(self.number(number, kind, offer, reading));
                }
                let command = look_up(key(way.key.chars().next()?), offer)?;
                Some(self.command(command, offer))
            }
        }
    }

    /// Does what was named. Nothing that creates is done by a name alone.
    pub(super) fn command(&mut self, command: Command, offer: &Offer) -> Vec<Effect> {
        let offered = offer.find(command);
        if command == Command::Next && offered.is_some_and(|next| next.creates) {
            self.mode = Mode::Yes;
            return Vec::new();
        }
        // What is printed stays on the screen for everybody to read.
        if offered.is_some_and(|offered| offered.label.starts_with("show 5")) {
            self.out
                .push("A value is not shown in plain lines: it would stay there.".to_owned());
            return Vec::new();
        }
        steer::press(&mut self.wizard, command)
    }

    /// Narrows the list, or looks for it in the log.
    fn find(&mut self, needle: &Secret, kind: Kind) -> Vec<Effect> {
        let mut effects = steer::press(&mut self.wizard, Command::Filter);
        effects.extend(steer::fill(&mut self.wizard, needle));
        self.from = 0;
        let rows = self.read().list.map_or(0, |list| list.len);
        // A path or an id that is in no list.
        let is_elsewhere =
            kind == Kind::List && (rows == 0 || needle.expose().contains(std::path::is_separator));
        let can = |offer: &Offer| {
            offer
                .find(Command::Next)
                .is_some_and(|next| next.blocked.is_none())
        };
        if (is_elsewhere || kind == Kind::Log) && can(&self.wizard.offer()) {
            effects.extend(steer::press(&mut self.wizard, Command::Next));
        } else if kind == Kind::List && rows == 0 {
            // Everything is listed again, as nothing came of it.
            effects.extend(steer::press(&mut self.wizard, Command::Back));
            self.out
                .push("Nothing here has that in its name.".to_owned());
        }
        effects
    }

    /// Something that names nothing: a path, an id, or part of a name in a long list.
    pub(super) fn free(&mut self, line: &Secret, kind: Kind, offer: &Offer) -> Vec<Effect> {
        let can_find = offer.find(Command::Filter).is_some() || offer.typing == Typing::Line;
        if kind == Kind::List && can_find {
            return self.find(&Secret::new(line.expose().trim()), kind);
        }
        self.puzzled(line.expose().trim())
    }
}

fn key(letter: char) -> KeyEvent {
    KeyEvent::from(KeyCode::Char(letter))
}
