//! The wizard without a screen: the loop of the screen, turned for a face that prints lines.
//!
//! It reads files and pipes, prints, and keeps a token where it was told to. What follows from what is decided in
//! [`crate::line`]. Whether anybody still reads what it prints makes no difference to it.

mod reading;
mod token;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use ratatui::Frame;
use tokio::sync::mpsc;

use super::ask::Asker;
use super::credentials::Environment;
use super::places::Places;
use super::questions::{Ask, Questions};
use super::run::{self, Core, INBOX, Screen};
use super::{demo, signals, zone};
use crate::line::{News, Orders, Paper, Walk};
use crate::secret::Secret;
use crate::theme::address::Links;
use crate::wizard::Start;
use crate::wizard::event::{Effect, Event, Exit, Outcome};
use reading::Reader;
use token::TokenFile;

/// How it was asked to behave, beyond what the wizard has to know.
#[derive(Debug)]
pub struct Options {
    /// What to do without asking.
    pub orders: Orders,
    /// One JSON object per line on stdout, and the lines for people on stderr.
    pub json: bool,
    /// Where the commit token goes, if it shall be kept.
    pub token_file: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// Who else is asked: nodes of chains.
    pub places: Places,
    /// How the sandbox is to be, where there will be one.
    pub demo: demo::Options,
}

/// Walks by itself as far as the orders go, and says how it came out.
pub fn run(start: Start, options: Options) -> Outcome {
    let mut paper = Streams::new(options.json);
    match options.token_file.map(TokenFile::create).transpose() {
        Ok(token) => paper.token = token,
        Err(why) => {
            paper.tell(&News::error_about(why, "--token-file"));
            paper.tell(&News::exit(Outcome::Unusable));
            return Outcome::Unusable;
        }
    }
    let mut walk = Walk::new(start, options.orders, paper);
    let (profile, places, demo) = (options.profile, options.places, options.demo);
    let end = play(&mut walk, || {
        let asker = Asker::new(Environment::here(profile), places, demo);
        Reader::new(asker)
    });
    end.map_or_else(
        |error| refuse(&format!("{error:#}"), None, options.json, Outcome::Failed),
        |exit| exit.outcome,
    )
}

/// The last words where nothing was begun: why, which option would mend it, and with which outcome.
pub fn refuse(why: &str, option: Option<&'static str>, json: bool, outcome: Outcome) -> Outcome {
    let mut paper = Streams::new(json);
    paper.tell(&match option {
        Some(option) => News::error_about(why, option),
        None => News::error(why),
    });
    paper.tell(&News::exit(outcome));
    outcome
}

/// The same as JSON, where people were told already.
pub fn refuse_as_json(why: &str) {
    for news in [News::error(why), News::exit(Outcome::Unusable)] {
        say(&mut io::stdout(), &news.json());
    }
}

fn play<A: Ask>(core: &mut impl Core, asker: impl FnOnce() -> A) -> anyhow::Result<Exit> {
    let (to, inbox) = mpsc::channel(INBOX);
    signals::listen_for_the_end(&to).context("cannot listen to signals")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start")?;
    let questions = Questions::new(Arc::new(asker()), to);
    let end = runtime.block_on(run::drive(core, &mut NoScreen, questions, inbox));
    // What is still under way is not waited for: all has been said.
    runtime.shutdown_background();
    end.context("it ended without a word")
}

impl<P: Paper> Core for Walk<P> {
    fn begin(&mut self) -> Vec<Effect> {
        let mut effects = Walk::begin(self);
        effects.extend(Walk::update(self, Event::Zone(zone::here())));
        effects
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        Walk::update(self, event)
    }

    /// Silence has to be counted too.
    fn moves(&self) -> bool {
        true
    }

    fn draw(&self, _frame: &mut Frame) {}
}

/// Nothing is drawn.
struct NoScreen;

impl Screen for NoScreen {
    fn draw(&mut self, _paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        Ok(())
    }
}

/// Stdout, stderr, and the file for a token.
#[derive(Debug)]
struct Streams {
    json: bool,
    token: Option<TokenFile>,
}

impl Streams {
    fn new(json: bool) -> Self {
        Self { json, token: None }
    }
}

impl Paper for Streams {
    fn tell(&mut self, news: &News) {
        let is_error = matches!(news, News::Error(_));
        for line in news.lines() {
            if self.json || is_error {
                say(&mut io::stderr(), &line);
            } else {
                say(&mut io::stdout(), &line);
            }
        }
        if self.json {
            say(&mut io::stdout(), &news.json());
        }
    }

    fn keep(&mut self, token: &Secret) -> Result<Option<String>, String> {
        match &mut self.token {
            Some(file) => file.write(token).map(|()| Some(file.shown())),
            None => Ok(None),
        }
    }
}

/// A line, at once. Where nobody reads any more there is nobody to tell, and a deployment goes on.
fn say(to: &mut dyn Write, line: &str) {
    let _ = writeln!(to, "{line}").and_then(|()| to.flush());
}
