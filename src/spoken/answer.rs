//! A line that was typed: what it means on the page in front, and having it done.

use super::question::{Kind, takes_nothing, takes_row};
use super::reading::Reading;
use super::{LOG_AT_ONCE, Mode, Spoken, help, steer, words};
use crate::secret::Secret;
use crate::wizard::event::Effect;
use crate::wizard::keymap::{Command, Offer};

/// Most bytes of an answer that are said back.
const SAID_BACK: usize = 60;

/// What a word means on every page.
enum Word {
    Help,
    Again,
    Facts,
    More(Option<usize>),
    Print,
}

impl Spoken {
    /// Takes a line that was typed.
    pub fn answer(&mut self, line: &Secret) -> Vec<Effect> {
        let was_hidden = matches!(
            self.asked.as_ref().map(|asked| asked.kind),
            Some(Kind::Field(true))
        );
        // The terminal ended the line itself, but for one that it did not show.
        self.open = was_hidden;
        if let Mode::Writing(text) = &mut self.mode {
            if line.expose() != "." {
                text.push_str(line.expose());
                text.push('\n');
                return Vec::new();
            }
            let text = Secret::new(std::mem::take(&mut **text));
            self.mode = Mode::Asking;
            self.asked = None;
            let effects = steer::write(&mut self.wizard, &text);
            self.out.push(format!(
                "{} taken. \"done\" uses the text.",
                crate::wizard::page::counted(text.expose().lines().count(), "line")
            ));
            return self.kept_back(effects);
        }
        self.memory.answered();
        self.asked = None;
        self.notice = None;
        let effects = self.understand(line);
        self.kept_back(effects)
    }

    fn understand(&mut self, line: &Secret) -> Vec<Effect> {
        let reading = self.read();
        let offer = self.wizard.offer();
        let kind = Kind::of(&reading, &offer);
        let text = line.expose().trim();
        if let Mode::Yes = self.mode {
            self.mode = Mode::Asking;
            return self.confirmed(text, &offer);
        }
        if let Kind::Field(is_hidden) = kind {
            return self.fill(line, is_hidden, &offer, &reading);
        }
        if text.is_empty() {
            return self.default(kind, &offer, &reading);
        }
        if let Ok(number) = text.parse::<usize>() {
            return self.number(number, kind, &offer, &reading);
        }
        if let Some(word) = word(text) {
            return self.word(word, kind, &offer, &reading);
        }
        self.named(text, kind, &offer, &reading)
            .unwrap_or_else(|| self.free(line, kind, &offer))
    }

    /// Enter alone.
    fn default(&mut self, kind: Kind, offer: &Offer, reading: &Reading) -> Vec<Effect> {
        match kind {
            Kind::Confirm => steer::press(&mut self.wizard, Command::Back),
            Kind::Log => {
                self.more(None, reading);
                Vec::new()
            }
            Kind::Text => Vec::new(),
            _ => match offer.find(Command::Next) {
                Some(next) if next.creates => {
                    self.out
                        .push("Nothing is done by Enter alone here.".to_owned());
                    Vec::new()
                }
                Some(_) => {
                    self.say_chosen(kind, reading, offer);
                    steer::press(&mut self.wizard, Command::Next)
                }
                None => Vec::new(),
            },
        }
    }

    fn say_chosen(&mut self, kind: Kind, reading: &Reading, offer: &Offer) {
        let name = match kind {
            Kind::List if takes_row(offer) => reading.list.as_ref().and_then(|list| {
                let selected = list.selected?;
                list.names.get(selected).cloned()
            }),
            Kind::Buttons => reading
                .buttons
                .and_then(|(labels, focus)| labels.get(focus).map(|label| (*label).to_owned())),
            _ => None,
        };
        if let Some(name) = name {
            self.out.push(format!("Chosen: {name}."));
        }
    }

    /// The choice of this number.
    pub(super) fn number(
        &mut self,
        number: usize,
        kind: Kind,
        offer: &Offer,
        reading: &Reading,
    ) -> Vec<Effect> {
        let key = number.to_string();
        let index = number.wrapping_sub(1);
        match kind {
            Kind::Buttons => self.button(index, reading),
            Kind::List if reading.list.as_ref().is_some_and(|list| index < list.len) => {
                self.row(index, reading)
            }
            Kind::Ways | Kind::Log | Kind::Go | Kind::Look => {
                let command = u8::try_from(number).ok().map(Command::Choose);
                let offered = command.filter(|command| offer.find(*command).is_some());
                let Some(command) = offered else {
                    return self.puzzled(&key);
                };
                if let Some(way) = reading.ways.iter().find(|way| way.key == key) {
                    self.out.push(format!("Chosen: {}.", way.name));
                }
                self.log = 0;
                steer::press(&mut self.wizard, command)
            }
            _ => self.puzzled(&key),
        }
    }

    pub(super) fn button(&mut self, index: usize, reading: &Reading) -> Vec<Effect> {
        let mut effects = Vec::new();
        let label = reading.buttons.and_then(|(labels, _)| labels.get(index));
        let Some(label) = label else {
            return self.puzzled(&(index + 1).to_string());
        };
        if !steer::to_button(&mut self.wizard, index, &mut effects) {
            return effects;
        }
        self.out.push(format!("Chosen: {label}."));
        let creates = self.wizard.offer();
        if creates.find(Command::Next).is_some_and(|next| next.creates) {
            self.mode = Mode::Yes;
            return effects;
        }
        effects.extend(steer::press(&mut self.wizard, Command::Next));
        effects
    }

    /// A yes to what was chosen, or anything else.
    fn confirmed(&mut self, text: &str, offer: &Offer) -> Vec<Effect> {
        let still = offer.find(Command::Next).is_some_and(|next| next.creates);
        if text.eq_ignore_ascii_case("yes") && still {
            return steer::press(&mut self.wizard, Command::Next);
        }
        let mut effects = Vec::new();
        steer::to_button(&mut self.wizard, 0, &mut effects);
        self.out.push(if text.eq_ignore_ascii_case("yes") {
            "That cannot be done any more.".to_owned()
        } else {
            "No. Nothing was sent.".to_owned()
        });
        effects
    }

    /// Takes a row, or goes to it where Enter is for the whole list.
    pub(super) fn row(&mut self, index: usize, reading: &Reading) -> Vec<Effect> {
        let mut effects = Vec::new();
        let name = reading.list.as_ref().and_then(|list| list.names.get(index));
        let name = name.cloned().unwrap_or_else(|| (index + 1).to_string());
        if !steer::to_row(&mut self.wizard, index, &mut effects) {
            self.out.push(format!("{name} cannot be reached."));
            return effects;
        }
        let offer = self.wizard.offer();
        if offer.find(Command::Next).is_some() && takes_row(&offer) {
            self.out.push(format!("Chosen: {name}."));
            effects.extend(steer::press(&mut self.wizard, Command::Next));
        } else {
            self.out.push(format!("You are at {}, {name}.", index + 1));
        }
        effects
    }

    fn word(&mut self, word: Word, kind: Kind, offer: &Offer, reading: &Reading) -> Vec<Effect> {
        match word {
            Word::Help => self
                .out
                .extend(help::lines(kind, reading, offer, self.wizard.place())),
            Word::Again => {
                self.from = 0;
                self.log = 0;
                self.memory.forget();
            }
            Word::Facts if reading.side.is_empty() => {
                self.out.push("Nothing stands beside this.".to_owned());
            }
            Word::Facts => self.out.extend(reading.side.iter().cloned()),
            Word::More(count) => self.more(count, reading),
            Word::Print => match self.kept.take() {
                Some(text) => {
                    let lines = text.expose().lines().map(words::verbatim);
                    self.out.extend(lines);
                }
                None => return steer::press(&mut self.wizard, Command::Pager),
            },
        }
        Vec::new()
    }

    /// Reads a list on, or what is new in a log.
    fn more(&mut self, count: Option<usize>, reading: &Reading) {
        if let Some((len, _)) = reading.log {
            let from = match count {
                Some(count) => len.saturating_sub(count),
                None if self.log > len => len.saturating_sub(LOG_AT_ONCE),
                None => self.log,
            };
            let begin = from.max(len.saturating_sub(LOG_AT_ONCE.max(count.unwrap_or(0))));
            if begin > from {
                self.out
                    .push(format!("{} lines are left out.", begin - from));
            }
            if begin == len {
                self.out.push("No new lines.".to_owned());
            }
            let rows = self.log_rows(begin, len);
            self.out.extend(rows);
            self.log = len;
            return;
        }
        match reading.list.as_ref().and_then(|list| list.unsaid) {
            Some(next) => self.from = next,
            None => self.out.push("There is no more.".to_owned()),
        }
    }

    pub(super) fn puzzled(&mut self, text: &str) -> Vec<Effect> {
        // A pasted line may be a variable with its value.
        let said = if text.len() > SAID_BACK || text.contains('=') {
            "This".to_owned()
        } else {
            format!("\"{}\"", words::verbatim(text))
        };
        self.out
            .push(format!("{said} is no answer here. \"help\" says what is."));
        Vec::new()
    }

    /// A line for the field in front.
    fn fill(
        &mut self,
        line: &Secret,
        is_hidden: bool,
        offer: &Offer,
        reading: &Reading,
    ) -> Vec<Effect> {
        let text = line.expose();
        if text == "back" || text.is_empty() && is_hidden && !takes_nothing(offer) {
            return steer::press(&mut self.wizard, Command::Back);
        }
        if !is_hidden {
            let text = text.trim();
            if text == "quit" {
                return steer::press(&mut self.wizard, Command::Leave);
            }
            if let Some(word) =
                word(text).filter(|word| !matches!(word, Word::More(_) | Word::Print))
            {
                return self.word(word, Kind::Field(false), offer, reading);
            }
        }
        let mut effects = Vec::new();
        if !text.is_empty() || is_hidden {
            let plain = text.strip_prefix('\\');
            let is_escaped = plain
                .is_some_and(|plain| plain == "back" || word(plain).is_some() || plain == "quit");
            let typed = match plain {
                Some(plain) if is_escaped => Secret::new(plain),
                _ => line.clone(),
            };
            if is_hidden {
                self.out.push(format!(
                    "{} taken.",
                    crate::wizard::page::counted(typed.chars(), "character")
                ));
            }
            effects.extend(steer::fill(&mut self.wizard, &typed));
        }
        effects.extend(steer::press(&mut self.wizard, Command::Next));
        effects
    }
}

fn word(text: &str) -> Option<Word> {
    let text = text.to_lowercase();
    Some(match text.as_str() {
        "help" | "?" => Word::Help,
        "again" => Word::Again,
        "facts" => Word::Facts,
        "more" => Word::More(None),
        "print" => Word::Print,
        text => Word::More(Some(text.strip_prefix("more ")?.trim().parse().ok()?)),
    })
}
