//! The shell acts: it owns the terminal, the clock, the network and the disk, and decides nothing.
//!
//! [`run()`] is the whole program between the arguments and the receipt. The order in it matters: the first frame is on
//! screen before a runtime is started, a file opened or a connection made.

mod address;
mod alarm;
pub mod alert;
pub mod ask;
#[cfg_attr(not(unix), allow(dead_code))]
mod background;
mod blocking;
mod boots;
mod browser;
pub mod build;
pub mod clipboard;
mod clock;
mod cockpit;
pub mod config;
pub mod credentials;
pub mod demo;
mod editor;
mod files;
mod folders;
pub mod input;
pub mod journals;
mod keyboard;
mod keyring;
mod ledger;
pub mod line;
pub mod links;
pub mod log;
pub mod names;
mod pager;
pub mod pen;
pub mod places;
pub mod process;
pub mod questions;
pub mod reading;
pub mod recipes;
mod registrar;
pub mod report;
pub mod run;
pub mod service;
mod signals;
mod signer;
pub mod signin;
pub mod spoken;
pub mod standing;
mod still;
pub mod terminal;
mod terms;
mod tty;
mod zone;

use std::sync::Arc;

use anyhow::Context;
use ratatui::Frame;
use tokio::sync::mpsc;

use crate::theme::address::Links;
use crate::theme::{Colours, Theme};
use crate::ui;
use crate::wizard::event::{Effect, Event, Exit};
use crate::wizard::sight::{RAIL, RailMark};
use crate::wizard::{Start, Wizard};
use alarm::Alarm;
use alert::Alert;
use ask::Asker;
use credentials::Environment;
use places::Places;
use questions::{Ask, Questions};
use run::{Core, INBOX, Screen};
use tty::Tty;

pub use run::drive;

/// How the program was asked to behave, beyond what the wizard has to know.
#[derive(Debug, Default)]
pub struct Options {
    /// How the screen looks.
    pub looks: Looks,
    /// `--profile`.
    pub profile: Option<String>,
    /// Who else than the service can be asked.
    pub places: Places,
    /// How the sandbox is to be, where there will be one.
    pub demo: demo::Options,
    /// How a person who looks elsewhere is told that a wait is over.
    pub alert: Alert,
}

/// How the screen looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and any of them goes with any other"
)]
pub struct Looks {
    /// Styles by meaning.
    pub theme: Theme,
    /// The terminal is asked for its background, and the colours follow what it says.
    pub asks_background: bool,
    /// A screen of our own, not over what is there.
    pub alternate: bool,
    /// The passing of time alone is drawn every ten seconds only.
    pub still: bool,
    /// The terminal is told where addresses lead, so that it can open them.
    pub links: bool,
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            asks_background: false,
            alternate: true,
            still: false,
            links: false,
        }
    }
}

/// Walks a person through it, from the first frame to the terminal given back.
///
/// # Errors
///
/// Fails if the terminal cannot be used, or if it goes away and the wizard cannot say how things came out.
pub fn run(start: Start, options: Options) -> anyhow::Result<Exit> {
    let looks = options.looks;
    let walk = Walk {
        wizard: Wizard::new(start),
        theme: looks.theme,
    };
    let (profile, places, demo) = (options.profile, options.places, options.demo);
    play(walk, looks, options.alert, || {
        Asker::new(Environment::here(profile), places, demo)
    })
}

/// Runs any machine in the real terminal. Whoever answers its questions is made after the first frame.
///
/// # Errors
///
/// As [`run()`].
pub fn play<A: Ask>(
    mut core: impl Core,
    looks: Looks,
    alert: Alert,
    asker: impl FnOnce() -> A,
) -> anyhow::Result<Exit> {
    let (to, inbox) = mpsc::channel(INBOX);
    signals::listen(&to).context("cannot listen to signals")?;
    let mut tty = Tty::new(alert, looks).context("cannot use the terminal")?;
    let guard = terminal::take(looks.alternate).context("cannot use the terminal")?;
    tty.draw(&mut |frame| core.draw_linked(frame))
        .context("cannot draw")?;
    // Elsewhere the answer could not be told from keys.
    if cfg!(unix)
        && looks.asks_background
        && background::can_be_asked(|name| std::env::var(name).ok())
    {
        // Whoever cannot be asked will not answer either.
        let _ = terminal::ask(background::QUESTION);
    }
    tty.listen(to.clone()).context("cannot read keys")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start")?;
    let questions = Questions::new(Arc::new(asker()), to);
    let alarm = Alarm::default();
    let inside = runtime.enter();
    let end = alarm.wakes(run::drive_woken(
        &alarm, &mut core, &mut tty, questions, inbox,
    ));
    drop(inside);
    drop(guard);
    // What is still under way is not waited for: the person has left.
    runtime.shutdown_background();
    end.context("the terminal is gone")
}

/// The wizard with the styles it is drawn in: what the loop turns.
#[derive(Debug)]
pub struct Walk {
    /// What decides.
    pub wizard: Wizard,
    /// How it looks.
    pub theme: Theme,
}

impl Core for Walk {
    fn begin(&mut self) -> Vec<Effect> {
        let mut effects = self.wizard.begin();
        effects.extend(self.wizard.update(Event::Zone(zone::here())));
        effects
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        self.wizard.update(event)
    }

    fn moves(&self) -> bool {
        self.wizard.moves()
    }

    fn draw(&self, frame: &mut Frame) {
        ui::draw(&self.wizard, &self.theme, frame);
    }

    fn draw_linked(&self, frame: &mut Frame) -> Links {
        ui::draw_linked(&self.wizard, &self.theme, frame)
    }

    fn recolour(&mut self, colours: Colours) {
        self.theme.colours = colours;
    }

    fn stage(&self) -> &'static str {
        let rail = self.wizard.rail();
        let place = rail.iter().position(|mark| *mark == RailMark::Here);
        place.map_or("Door", |place| RAIL[place])
    }

    fn title(&self) -> String {
        self.wizard.title()
    }
}
