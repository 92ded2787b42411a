//! A key that was accepted, and the choice where it is kept. Nothing is written before that choice.

use crate::shown::Shown;
use crate::wizard::facts::Session;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::signin::{Keeping, Places};

/// The choice.
#[derive(Debug)]
pub struct Keep {
    session: Session,
    /// What keeping would mean; `None` until that is known.
    places: Option<Places>,
    menu: Menu,
    /// It is being written.
    writing: bool,
    /// Why it could not be kept.
    trouble: Option<Shown>,
}

/// What the person wants.
#[derive(Debug, PartialEq)]
pub enum Wanted {
    /// Nothing yet.
    Nothing,
    /// Keep it there.
    Keep(Keeping),
    /// Go on without keeping it.
    GoOn,
}

impl Keep {
    /// The choice for this session.
    pub fn new(session: Session) -> Self {
        Self {
            session,
            places: None,
            menu: Menu::default(),
            writing: false,
            trouble: None,
        }
    }

    /// What keeping would mean is known. The cursor starts on what can be done.
    pub fn known(&mut self, places: Places) {
        self.menu = Menu::at(if places.file_blocked.is_none() { 0 } else { 2 });
        self.places = Some(places);
    }

    /// It was kept, and comes from there now; or not.
    pub fn kept(&mut self, kept: Result<Shown, Shown>) -> Option<Session> {
        self.writing = false;
        match kept {
            Ok(origin) => {
                self.session.key.origin = origin;
                Some(self.session.clone())
            }
            Err(why) => {
                self.trouble = Some(why);
                self.menu = Menu::at(2);
                None
            }
        }
    }

    /// The session as it is, with a key that is not kept.
    pub fn session(&self) -> Session {
        self.session.clone()
    }

    /// Takes a command.
    pub fn command(&mut self, command: Command) -> Wanted {
        if self.is_waiting() {
            return Wanted::Nothing;
        }
        let keeping = match self.menu.update(command, self.choices().len()) {
            Some(0) if self.blocked(0).is_none() => Keeping::File,
            Some(1) if self.blocked(1).is_none() => Keeping::Keyring,
            Some(2) => return Wanted::GoOn,
            Some(_) | None => return Wanted::Nothing,
        };
        self.writing = true;
        self.trouble = None;
        Wanted::Keep(keeping)
    }

    /// What can be done.
    pub fn offer(&self) -> Offer {
        if self.is_waiting() {
            return Offer::default();
        }
        let mut offer = Menu::offer(Offer::default(), self.choices().len());
        for index in 0..2 {
            let Some(why) = self.blocked(index) else {
                continue;
            };
            let why = why.as_str();
            let number = if index == 0 { 1 } else { 2 };
            for offered in &mut offer.commands {
                let is_it = offered.command == Command::Choose(number)
                    || offered.command == Command::Next && self.menu.cursor() == index;
                if is_it {
                    offered.blocked = Some(why.to_owned());
                }
            }
        }
        offer
    }

    /// The page.
    pub fn page(&self) -> Page<'static> {
        let identity = &self.session.identity;
        let mut who = format!("Signed in as {}", identity.user);
        if !identity.workspace.is_empty() {
            who = format!("{who}, workspace {}", identity.workspace);
        }
        let key = &self.session.key;
        let mut lines = vec![
            title(format!("{who}.")),
            Line::pair("key", 5, key.tail.as_str())
                .dim(format!("  {}, at {}", key.origin, self.session.host)),
            Line::new(),
        ];
        if self.is_waiting() {
            let what = if self.writing {
                "keeping the key"
            } else {
                "looking where the key can be kept"
            };
            lines.push(Line::new().mark(Mark::Busy).plain(what));
        } else {
            lines.push(title("Where shall the key be kept?"));
            lines.extend(self.menu.lines(&self.choices()));
            if self.places.as_ref().is_some_and(|places| places.shadowed) {
                lines.push(Line::new());
                lines.push(Line::new().mark(Mark::Warn).warn(
                    "PHALA_CLOUD_API_KEY is set: the next start takes that key before any other",
                ));
            }
            if let Some(why) = self.blocked(self.menu.cursor()) {
                lines.push(Line::new());
                lines.push(Line::new().mark(Mark::Warn).warn(why.as_str()));
            }
        }
        if let Some(why) = &self.trouble {
            lines.push(Line::new());
            lines.push(
                Line::new()
                    .mark(Mark::Bad)
                    .bad(format!("It was not kept: {why}")),
            );
        }
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new()
                .dim("Nothing is written before you choose. Nobody else gets the key."),
        }
    }

    fn is_waiting(&self) -> bool {
        self.places.is_none() || self.writing
    }

    /// Why this choice cannot be taken.
    fn blocked(&self, index: usize) -> Option<&Shown> {
        let places = self.places.as_ref()?;
        match (index, &places.keyring) {
            (0, _) => places.file_blocked.as_ref(),
            (1, Some(Err(why))) => Some(why),
            _ => None,
        }
    }

    fn choices(&self) -> Vec<Choice> {
        let Some(places) = &self.places else {
            return Vec::new();
        };
        let replaces = if places.replaces {
            "replaces the profile of that name, and is"
        } else {
            "a new profile,"
        };
        let keyring = match &places.keyring {
            Some(Ok(name)) => name.as_str(),
            Some(Err(_)) | None => "there is none here",
        };
        vec![
            Choice::new(
                "In the official CLI's file",
                format!(
                    "{}, profile {}: {replaces} used from now on by both tools",
                    places.file, places.profile
                ),
            ),
            Choice::new("In the system's keyring", keyring),
            Choice::new("Nowhere", "good as long as this window is open"),
        ]
    }
}
