//! Before the form: who is signed in, or which scenario of the sandbox is opened (S01, S31, S36).
//!
//! The door stands in front of whatever is on screen, so signing in again in the middle comes back to the same place.

mod report;
mod stories;

use super::event::{Answer, KeyInfo, Request, SignedIn};
use super::facts::Session;
use super::field::Field;
use super::keymap::{Command, Offer, Typing};
use super::menu::{Choice, Menu};
use super::page::{Block, Line, Mark, Page, title};
use super::registering::Registering;
use super::screen::{Input, Wish};
use super::trouble;
use crate::api::error::Error;
use crate::shown::Shown;

/// The door.
#[derive(Debug)]
pub struct Door {
    at: At,
    host: Shown,
    note: Option<Shown>,
    /// The scenarios that can be opened: name and sentence.
    scenarios: Vec<(String, String)>,
    sandbox: Option<String>,
    /// Whether somebody is signed in behind it: it was opened on purpose.
    behind: bool,
}

#[derive(Debug)]
enum At {
    /// Asking whose key it is.
    Asking,
    /// Nobody is signed in.
    Menu(Menu),
    /// An API key is typed, hidden.
    Key(Field),
    /// The key was not accepted, or could not be checked.
    No {
        key: KeyInfo,
        error: Error,
        menu: Menu,
    },
    /// Which scenario of the sandbox.
    Scenarios(Menu),
    /// The sandbox starts.
    Opening,
    /// The sandbox did not start.
    Closed(Shown),
}

/// What became of the door.
#[derive(Debug)]
pub enum Passage {
    /// Still closed.
    Closed(Vec<Wish>),
    /// Somebody is signed in.
    Open(Session),
    /// Nothing has changed: back to whoever was signed in.
    Back,
}

impl Door {
    /// The door at the start of the program.
    pub fn start(sandbox: Option<&str>, scenarios: Vec<(String, String)>) -> (Self, Vec<Wish>) {
        let mut door = Self {
            at: At::Asking,
            host: Shown::default(),
            note: None,
            scenarios,
            sandbox: None,
            behind: false,
        };
        let wishes = match sandbox {
            None => vec![Wish::Ask(Request::SignIn(None))],
            Some("") => {
                door.at = At::Scenarios(Menu::default());
                Vec::new()
            }
            Some(name) => door.open(name.to_owned()),
        };
        (door, wishes)
    }

    /// The door after the service refused the key in the middle.
    pub fn again(session: &Session, error: Error, scenarios: Vec<(String, String)>) -> Self {
        let at = At::No {
            key: session.key.clone(),
            error,
            menu: Menu::default(),
        };
        Self {
            at,
            host: session.host.clone(),
            note: None,
            scenarios,
            sandbox: session.sandbox.clone(),
            behind: false,
        }
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input) -> Passage {
        let command = match input {
            Input::Answer(answer) => return self.answer(answer),
            Input::Paste(text) => {
                if let At::Key(field) = &mut self.at {
                    field.paste(text.expose());
                }
                return Passage::closed();
            }
            Input::Key(key) => {
                if let At::Key(field) = &mut self.at {
                    field.key(key);
                }
                return Passage::closed();
            }
            Input::Tick => return Passage::closed(),
            Input::Command(command) => command,
        };
        let count = self.choices().len();
        match &mut self.at {
            At::Menu(menu) => match menu.update(command, count) {
                Some(0) => self.at = At::Key(Field::hidden()),
                Some(1) => self.at = At::Scenarios(Menu::default()),
                Some(_) => return self.ask(),
                None => (),
            },
            At::Key(field) => match command {
                Command::Next if !field.is_empty() => {
                    let key = field.take();
                    self.at = At::Asking;
                    return Passage::Closed(vec![Wish::Ask(Request::SignIn(Some(key)))]);
                }
                Command::Back => self.at = At::Menu(Menu::default()),
                _ => (),
            },
            At::No { menu, .. } => match menu.update(command, count) {
                Some(0) => return self.ask(),
                Some(1) => self.at = At::Key(Field::hidden()),
                Some(_) => self.at = At::Scenarios(Menu::default()),
                None => (),
            },
            At::Scenarios(menu) => match (command, menu.update(command, count)) {
                (Command::Back, _) if self.behind => return Passage::Back,
                (Command::Back, _) => self.at = At::Menu(Menu::default()),
                (_, Some(index)) => {
                    let name = self.scenarios[index].0.clone();
                    return Passage::Closed(self.open(name));
                }
                _ => (),
            },
            At::Closed(_) if command == Command::Back => self.at = At::Scenarios(Menu::default()),
            At::Asking | At::Opening | At::Closed(_) => (),
        }
        Passage::closed()
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.at {
            At::Asking | At::Opening => Offer::default(),
            At::Menu(_) | At::No { .. } => Menu::offer(Offer::default(), self.choices().len()),
            At::Scenarios(_) => Menu::offer(Offer::default(), self.choices().len())
                .with(Command::First, "")
                .with(Command::Last, "")
                .with(
                    Command::Back,
                    if self.behind {
                        "back"
                    } else {
                        "sign in instead"
                    },
                ),
            At::Key(field) => {
                let offer = Offer::new(Typing::Line);
                let offer = if field.is_empty() {
                    offer.blocked(Command::Next, "sign in", "nothing was typed yet")
                } else {
                    offer.with(Command::Next, "sign in")
                };
                offer.with(Command::Back, "back")
            }
            At::Closed(_) => Offer::default().with(Command::Back, "other scenarios"),
        }
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let (lines, note) = match &self.at {
            At::Asking => (
                [
                    welcome(),
                    vec![
                        Line::new()
                            .mark(Mark::Busy)
                            .plain("looking for an API key, and asking whose it is"),
                    ],
                ]
                .concat(),
                Line::new().dim("Keys you type here stay on this machine. No usage data is sent."),
            ),
            At::Menu(menu) => (
                self.menu(*menu),
                Line::new().dim("Keys you type here stay on this machine. No usage data is sent."),
            ),
            At::Key(field) => return self.key_page(field),
            At::No { key, error, menu } => (
                self.refused(key, error, *menu),
                Line::new().dim("Where the key came from is always shown; its middle never is."),
            ),
            At::Scenarios(menu) => return stories::page(&self.scenarios, *menu),
            At::Opening => (
                vec![
                    title("Starting the sandbox"),
                    Line::new(),
                    Line::from("It listens on this machine only."),
                ],
                Line::new(),
            ),
            At::Closed(reason) => (
                vec![
                    title("The sandbox did not start."),
                    Line::new(),
                    Line::new().warn(reason.as_str()),
                ],
                Line::new(),
            ),
        };
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note,
        }
    }

    fn answer(&mut self, answer: Answer) -> Passage {
        match answer {
            Answer::SignedIn(SignedIn::Yes {
                host,
                base,
                key,
                identity,
                elsewhere,
            }) => {
                return Passage::Open(Session {
                    host,
                    base,
                    key,
                    identity,
                    elsewhere,
                    sandbox: self.sandbox.clone(),
                    registering: Registering::default(),
                });
            }
            Answer::SignedIn(SignedIn::NoKey { host, note }) => {
                self.host = host;
                self.note = note;
                self.at = At::Menu(Menu::default());
            }
            Answer::SignedIn(SignedIn::No { host, key, error }) => {
                self.host = host;
                self.at = At::No {
                    key,
                    error,
                    menu: Menu::default(),
                };
            }
            Answer::Sandbox(Ok(_)) => {
                self.at = At::Asking;
                return Passage::Closed(vec![Wish::Ask(Request::SignIn(None))]);
            }
            Answer::Sandbox(Err(reason)) => self.at = At::Closed(reason),
            _ => (),
        }
        Passage::closed()
    }

    fn ask(&mut self) -> Passage {
        self.at = At::Asking;
        Passage::Closed(vec![Wish::Ask(Request::SignIn(None))])
    }

    fn open(&mut self, name: String) -> Vec<Wish> {
        self.at = At::Opening;
        self.sandbox = Some(name.clone());
        vec![Wish::Ask(Request::OpenSandbox(name))]
    }

    fn choices(&self) -> Vec<Choice> {
        match &self.at {
            At::Menu(_) => vec![
                Choice::new(
                    "Paste an API key",
                    "typed hidden; used while this window is open, not stored",
                ),
                Choice::new(
                    "Look around in the sandbox",
                    "no account, no network, no card; every step is simulated",
                ),
                Choice::new(
                    "Look for a key again",
                    "PHALA_CLOUD_API_KEY, then the official CLI's profile",
                ),
            ],
            At::No { .. } => vec![
                Choice::new("Try again", "with the same key"),
                Choice::new("Paste another key", "typed hidden"),
                Choice::new("Look around in the sandbox", "no account, no network"),
            ],
            At::Scenarios(_) => self
                .scenarios
                .iter()
                .map(|(name, sentence)| Choice::new(name.as_str(), sentence.as_str()))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn menu(&self, menu: Menu) -> Vec<Line> {
        let mut lines = welcome();
        lines.push(title("How do you want to start?"));
        lines.push(Line::new());
        lines.extend(menu.lines(&self.choices()));
        if let Some(note) = &self.note {
            lines.push(Line::new());
            lines.push(Line::new().mark(Mark::Warn).warn(note.as_str()));
        }
        lines.push(Line::new());
        lines.push(title("Have at hand"));
        for sentence in [
            "the docker compose file, or nothing: you can reuse the revision that runs now",
            "the values for the variables it names; they are encrypted on this machine",
            "only if a contract governs the app: who owns it (wallet, Safe, timelock)",
        ] {
            lines.push(Line::new().mark(Mark::Dot).plain(sentence));
        }
        lines
    }

    fn key_page<'a>(&'a self, field: &'a Field) -> Page<'a> {
        let lines = vec![
            title("Paste an API key"),
            Line::new(),
            Line::new()
                .dim("You make one at ")
                .accent("https://cloud.phala.com")
                .dim(", in the settings, under API tokens."),
            Line::new()
                .dim("It is sent to ")
                .plain(self.host.as_str())
                .dim(" and nowhere else."),
            Line::new(),
        ];
        Page {
            main: vec![
                Block::Text(lines),
                Block::Field {
                    label: "API key",
                    field,
                },
            ],
            side: Vec::new(),
            note: Line::new().dim("Hidden while you type; Ctrl-U clears it."),
        }
    }

    fn refused(&self, key: &KeyInfo, error: &Error, menu: Menu) -> Vec<Line> {
        let mut lines = trouble::card(error);
        lines.push(Line::new());
        lines.push(Line::pair("key", 12, key.tail.as_str()).dim(format!("   from {}", key.origin)));
        lines.push(Line::pair("service", 12, self.host.as_str()));
        lines.push(Line::new());
        lines.extend(menu.lines(&self.choices()));
        lines
    }
}

impl Passage {
    fn closed() -> Self {
        Self::Closed(Vec::new())
    }
}

fn welcome() -> Vec<Line> {
    vec![
        Line::new(),
        Line::new()
            .strong("Add one more confidential VM to an app that already runs on Phala Cloud."),
        Line::from(
            "Nothing is created, signed or billed before step 8, and you can go back at any time.",
        ),
        Line::new(),
    ]
}
