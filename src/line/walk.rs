//! The wizard and its pilot as one machine: events in, effects out, and every piece of news told on the way.

use super::{Move, News, Orders, Pilot};
use crate::secret::Secret;
use crate::wizard::event::{Effect, Event, Exit, Outcome};
use crate::wizard::keymap::Command;
use crate::wizard::{Start, Wizard};

/// Where news goes, and the one secret that may be kept.
pub trait Paper {
    /// Tells it.
    fn tell(&mut self, news: &News);
    /// Keeps a commit token, where that was ordered: the file it went to, or why it could not.
    fn keep(&mut self, token: &Secret) -> Result<Option<String>, String>;
}

/// A walk without a person.
#[derive(Debug)]
pub struct Walk<P> {
    wizard: Wizard,
    pilot: Pilot,
    paper: P,
    now: u64,
    /// Number of the last line of the log that was told.
    told: u64,
}

impl<P: Paper> Walk<P> {
    /// A walk that has asked nothing yet.
    pub fn new(start: Start, orders: Orders, paper: P) -> Self {
        Self {
            wizard: Wizard::new(start),
            pilot: Pilot::new(orders),
            paper,
            now: 0,
            told: 0,
        }
    }

    /// What it wants done before anything has happened.
    pub fn begin(&mut self) -> Vec<Effect> {
        let effects = self.wizard.begin();
        self.go_on(effects)
    }

    /// Takes one event and says what shall be done about it.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Tick(now) => self.now = now,
            Event::Leave => return vec![self.end(None)],
            _ => (),
        }
        let effects = self.wizard.update(event);
        self.go_on(effects)
    }

    /// Where it is told.
    pub fn paper(&self) -> &P {
        &self.paper
    }

    /// Tells what is new, and gives the commands that follow, until something has to be waited for.
    fn go_on(&mut self, mut effects: Vec<Effect>) -> Vec<Effect> {
        loop {
            let report = self.wizard.report();
            let (news, next) = self.pilot.take(&report, self.now);
            for news in &news {
                self.paper.tell(news);
            }
            for row in self.wizard.log_after(self.told) {
                self.told = row.number;
                self.paper.tell(&News::log(row));
            }
            let command = match next {
                Move::Wait => return effects,
                Move::Give(command) => command,
                // The button's own command: on the screen, Enter on "Create instance" is no more than this.
                Move::Confirm => Command::Next,
                Move::KeepToken => match self.keep() {
                    Ok(()) => {
                        self.pilot.kept();
                        continue;
                    }
                    Err(why) => {
                        self.paper.tell(&News::error_about(why, "--token-file"));
                        effects.push(self.end(Some(Outcome::Failed)));
                        return effects;
                    }
                },
                Move::End(because) => {
                    effects.push(self.end(because));
                    return effects;
                }
            };
            effects.extend(self.wizard.update(Event::Command(command)));
            if self.wizard.report() == report {
                // It did not take the command; the next event may change that.
                return effects;
            }
        }
    }

    fn keep(&mut self) -> Result<(), String> {
        let Some(token) = self.wizard.token() else {
            return Ok(());
        };
        if let Some(token_file) = self.paper.keep(token)? {
            self.paper.tell(&News::TokenKept { token_file });
        }
        Ok(())
    }

    /// The end: for a reason of the pilot's own, or as the wizard would end it.
    fn end(&mut self, because: Option<Outcome>) -> Effect {
        let exit = self.wizard.exit();
        let outcome = because.unwrap_or(exit.outcome);
        self.paper.tell(&News::Receipt {
            lines: exit.receipt.clone(),
        });
        self.paper.tell(&News::exit(outcome));
        Effect::Quit(Exit { outcome, ..exit })
    }
}
