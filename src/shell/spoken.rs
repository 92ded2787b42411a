//! The walk in plain lines: the loop of the screen, turned for a terminal that only prints and reads lines.
//!
//! The terminal goes on editing the line that is typed; nothing but letters and line ends is ever sent to it. What is
//! said, and what an answer means, is decided in [`crate::spoken`].

mod reader;

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context;
use ratatui::Frame;
use tokio::sync::mpsc;

use super::ask::Asker;
use super::credentials::Environment;
use super::questions::{Ask, Questions};
use super::run::{self, Core, INBOX, Screen};
use super::{Options, browser, editor, signals, terminal, zone};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::spoken::{Prompt, Speech, Spoken};
use crate::theme::address::Links;
use crate::wizard::Start;
use crate::wizard::event::{Effect, Event, Exit};
use crate::wizard::sight::RAIL;
use reader::Reader;

/// Walks a person through it in plain lines. `why` says why it does.
///
/// # Errors
///
/// As [`super::run()`].
pub fn run(start: Start, options: Options, why: &str) -> anyhow::Result<Exit> {
    let core = Spoken::new(start, why);
    play(core, options.alert.bell, || {
        let environment = Environment::here(options.profile);
        Asker::new(environment, options.places, options.demo)
    })
}

/// The same with any machine that speaks. `bell`: it may be rung.
///
/// # Errors
///
/// As [`super::run()`].
pub fn play<A: Ask>(
    mut core: impl Core,
    bell: bool,
    asker: impl FnOnce() -> A,
) -> anyhow::Result<Exit> {
    let (to, inbox) = mpsc::channel(INBOX);
    signals::listen_and_ask(&to).context("cannot listen to signals")?;
    let guard = terminal::take_plain().context("cannot use the terminal")?;
    let mut screen = Lines {
        bell,
        reader: None,
        prompt: None,
    };
    // Said before anything is started, as the first frame is drawn.
    if let Some(speech) = core.speak() {
        screen
            .say(&speech)
            .context("cannot write to the terminal")?;
    }
    screen.reader = Some(Reader::start(to.clone()).context("cannot read what is typed")?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start")?;
    let questions = Questions::new(Arc::new(asker()), to);
    let end = runtime.block_on(run::drive(&mut core, &mut screen, questions, inbox));
    if let Some(last) = core.speak() {
        let _ = screen.say(&Speech {
            breaks: true,
            prompt: None,
            ..last
        });
    }
    drop(guard);
    runtime.shutdown_background();
    end.context("the terminal is gone")
}

impl Core for Spoken {
    fn begin(&mut self) -> Vec<Effect> {
        let mut effects = Self::begin(self);
        effects.extend(Self::update(self, Event::Zone(zone::here())));
        effects
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        Self::update(self, event)
    }

    fn moves(&self) -> bool {
        self.wizard().moves()
    }

    fn draw(&self, _frame: &mut Frame) {}

    fn stage(&self) -> &'static str {
        match self.wizard().session() {
            Some(_) => RAIL[self.wizard().place()],
            None => "Door",
        }
    }

    fn answer(&mut self, line: Secret) -> Vec<Effect> {
        Self::answer(self, &line)
    }

    fn interrupted(&mut self) -> Vec<Effect> {
        Self::interrupted(self)
    }

    fn ended(&mut self) -> Vec<Effect> {
        Self::ended(self)
    }

    fn speak(&mut self) -> Option<Speech> {
        Some(Self::speak(self))
    }
}

/// A terminal of lines.
struct Lines {
    bell: bool,
    reader: Option<Reader>,
    /// What asks now, to be said again after something else had the terminal.
    prompt: Option<Prompt>,
}

impl Lines {
    /// Does what needs the terminal to itself.
    fn lent<T>(&mut self, act: impl FnOnce() -> T) -> T {
        if let Some(reader) = &mut self.reader {
            reader.hold();
        }
        terminal::lend();
        let done = act();
        let _ = terminal::take_again();
        if let Some(reader) = &mut self.reader {
            reader.release();
        }
        done
    }

    fn ask(&mut self) -> io::Result<()> {
        match &self.prompt {
            Some(prompt) => {
                // Before it is said: who reads it may type at once.
                terminal::show_typing(!prompt.is_hidden)?;
                write(&plain(&prompt.text))
            }
            None => Ok(()),
        }
    }
}

impl Screen for Lines {
    fn draw(&mut self, _paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        Ok(())
    }

    fn say(&mut self, speech: &Speech) -> io::Result<()> {
        let mut text = String::new();
        if speech.breaks {
            text.push('\n');
        }
        for line in &speech.lines {
            text.push_str(&plain(line));
            text.push('\n');
        }
        write(&text)?;
        if speech.prompt.is_some() {
            self.prompt.clone_from(&speech.prompt);
            self.ask()?;
        }
        Ok(())
    }

    fn alert(&mut self, _what: &str) {
        if self.bell {
            // What it is about is said in words. One that cannot be rung is no reason to stop.
            let _ = write("\x07");
        }
    }

    fn open(&mut self, address: &str) {
        browser::open(address);
    }

    fn suspend(&mut self) {
        terminal::suspend();
    }

    fn resume(&mut self) -> io::Result<()> {
        terminal::take_again()?;
        write("\n")?;
        self.ask()
    }

    fn edit(&mut self, text: &str, ending: &str) -> Result<String, Shown> {
        let choice = editor::Choice::here();
        // The usual ones draw a screen. On Windows the usual one has a window of its own.
        if cfg!(unix) && choice.visual.is_none() && choice.editor.is_none() {
            return Err(
                "no editor was named: set VISUAL or EDITOR to one that works here, such as ed, or write it here"
                    .into(),
            );
        }
        self.lent(|| editor::edit(&choice, text, ending))
    }

    fn page(&mut self, text: &str) -> Result<(), Shown> {
        let lines: String = text.lines().map(|line| plain(line) + "\n").collect();
        write(&lines).map_err(|error| Shown::line(&error.to_string()))
    }
}

/// Without anything a terminal could obey. Nothing of it should come this far; this is the last gate.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn write(text: &str) -> io::Result<()> {
    if !terminal::is_taken() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_gate_lets_no_control_character_through() {
        assert_eq!(plain("a\u{1b}[31m\r\u{9b}b\u{7}\u{e9}"), "a[31mb\u{e9}");
    }
}
