//! Before the form: who is signed in, or which scenario of the sandbox is opened (S01, S02, S31, S36).
//!
//! The door stands in front of whatever is on screen, so signing in again in the middle comes back to the same place.
//! It never goes on with a key of another workspace where something of the first one was sent.

pub mod device;
mod keep;
mod pages;
mod profiles;
mod report;
mod stories;
mod ways;
mod without;

use super::event::{Answer, KeyInfo, Request, SignedIn};
use super::facts::Session;
use super::field::Field;
use super::keymap::Command;
use super::menu::Menu;
use super::page::{Block, Line, Mark, Page, title};
use super::registering::Registering;
use super::screen::{Input, Wish};
use super::signin::{Login, Told};
use crate::api::error::Error;
use crate::secret::Secret;
use crate::shown::Shown;
use device::{Device, Ending, Move};
use keep::{Keep, Wanted};
use profiles::Profiles;
pub use ways::PLAIN_LINES;
use ways::Way;

/// The door.
#[derive(Debug)]
pub struct Door {
    at: At,
    host: Shown,
    note: Option<Shown>,
    /// The scenarios that can be opened: name and sentence.
    scenarios: Vec<(String, String)>,
    sandbox: Option<String>,
    /// Whose walk goes on behind it.
    session: Option<Box<Session>>,
    bound: Bound,
    /// The key that was not accepted last, and why not.
    refused: Option<(KeyInfo, Error)>,
    /// The key that is asked about is new: it can be kept.
    is_fresh: bool,
    /// Behind it is a prepared request whose token was not sent.
    has_token: bool,
    /// The session behind it is still good, so that there is a way back without signing in.
    can_go_back: bool,
    now: u64,
}

/// What the walk behind the door is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bound {
    /// There is none yet.
    #[default]
    Free,
    /// Answers of a form: another workspace means other apps and nodes.
    Form,
    /// Something was sent: only the same workspace can go on with it.
    Sent,
}

#[derive(Debug)]
enum At {
    /// Asking whose key it is.
    Asking,
    /// The ways in.
    Menu(Menu),
    /// An API key is typed, hidden.
    Key(Field),
    /// A code is asked for, to be approved in a browser.
    Beginning,
    /// It waits to be approved.
    Device(Box<Device>),
    /// It came to nothing.
    Ended(Ending),
    /// The profiles of this machine.
    Profiles(Profiles),
    /// The key is good, and the choice is where it is kept.
    Keep(Box<Keep>),
    /// The key is good, and of another workspace.
    Other(Box<Session>, Menu),
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
    /// Nothing has changed; back to what is behind it.
    Back,
    /// No key from now on: what is behind it is finished with its token alone.
    WithoutKey,
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
            session: None,
            bound: Bound::Free,
            refused: None,
            is_fresh: false,
            has_token: false,
            can_go_back: false,
            now: 0,
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
    pub fn again(session: &Session, bound: Bound, error: Error) -> Self {
        Self {
            refused: Some((session.key.clone(), error)),
            ..Self::inside(session, bound, At::Menu(Menu::default()))
        }
    }

    /// The door that somebody goes to, to come back with another profile.
    pub fn profiles(session: &Session) -> (Self, Vec<Wish>) {
        let at = At::Profiles(Profiles::default());
        let door = Self {
            can_go_back: true,
            ..Self::inside(session, Bound::Form, at)
        };
        (door, vec![ask(Login::Profiles)])
    }

    fn inside(session: &Session, bound: Bound, at: At) -> Self {
        let (door, _) = Self::start(None, Vec::new());
        Self {
            at,
            host: session.host.clone(),
            sandbox: session.sandbox.clone(),
            session: Some(Box::new(session.clone())),
            bound,
            ..door
        }
    }

    /// Whether somebody went to it by choice: else a sign-in has begun that another refusal must not undo.
    pub fn can_go_back(&self) -> bool {
        self.can_go_back
    }

    /// Whether something on it moves with time.
    pub fn moves(&self) -> bool {
        matches!(self.at, At::Device(_))
    }

    /// Time went by.
    pub fn tick(&mut self, now: u64) -> Passage {
        self.now = now;
        match &mut self.at {
            At::Device(device) => {
                let course = device.tick(now);
                self.follow(course)
            }
            _ => Passage::closed(),
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
        if command == Command::Back {
            return self.back();
        }
        let ways = self.ways();
        match &mut self.at {
            At::Menu(menu) | At::Other(_, menu) => {
                if let Some(index) = menu.update(command, ways.len()) {
                    return self.take(ways[index]);
                }
            }
            At::Key(field) if command == Command::Next && !field.is_empty() => {
                let key = field.take();
                return self.ask(Request::SignIn(Some(key)), true);
            }
            At::Device(device) => {
                let address = device.page_address().as_str();
                let wish = match command {
                    Command::Next | Command::Open => Wish::Open(address.to_owned()),
                    Command::Copy => Wish::Copy("the address", Secret::new(address)),
                    _ => return Passage::closed(),
                };
                return Passage::Closed(vec![wish]);
            }
            At::Ended(_) if command == Command::Next => return self.take(Way::Browser),
            At::Profiles(profiles) => {
                if let Some(name) = profiles.command(command) {
                    return self.ask(Request::Login(Login::Use(name)), false);
                }
            }
            At::Keep(keep) => match keep.command(command) {
                Wanted::Nothing => (),
                Wanted::Keep(keeping) => {
                    return Passage::Closed(vec![ask(Login::Keep(keeping))]);
                }
                Wanted::GoOn => return Passage::Open(keep.session()),
            },
            At::Scenarios(menu) => {
                if let Some(index) = menu.update(command, self.scenarios.len()) {
                    let name = self.scenarios[index].0.clone();
                    return Passage::Closed(self.open(name));
                }
            }
            _ => (),
        }
        Passage::closed()
    }

    fn back(&mut self) -> Passage {
        match &self.at {
            At::Menu(_) | At::Profiles(_) | At::Scenarios(_) if self.can_go_back => {
                return Passage::Back;
            }
            At::Closed(_) => self.at = At::Scenarios(Menu::default()),
            At::Key(_)
            | At::Beginning
            | At::Device(_)
            | At::Ended(_)
            | At::Profiles(_)
            | At::Scenarios(_) => self.at = At::Menu(Menu::default()),
            _ => (),
        }
        Passage::closed()
    }

    fn answer(&mut self, answer: Answer) -> Passage {
        match (answer, &mut self.at) {
            (
                Answer::SignedIn(SignedIn::Yes {
                    host,
                    base,
                    key,
                    identity,
                    elsewhere,
                }),
                _,
            ) => {
                let session = Session {
                    host,
                    base,
                    key,
                    identity,
                    elsewhere,
                    sandbox: self.sandbox.clone(),
                    registering: Registering::default(),
                };
                return self.admit(session);
            }
            (Answer::SignedIn(SignedIn::NoKey { host, note }), _) => {
                (self.host, self.note, self.refused) = (host, note, None);
                self.at = At::Menu(Menu::default());
            }
            (Answer::SignedIn(SignedIn::No { host, key, error }), _) => {
                (self.host, self.refused) = (host, Some((key, error)));
                self.at = At::Menu(Menu::default());
            }
            (Answer::Sandbox(Ok(_)), _) => return self.ask(Request::SignIn(None), false),
            (Answer::Sandbox(Err(reason)), _) => self.at = At::Closed(reason),
            (Answer::Login(Told::Begun(Ok(code))), At::Beginning) => {
                self.at = At::Device(Box::new(Device::new(code, self.now)));
            }
            (Answer::Login(Told::Begun(Err(error))), At::Beginning) => {
                self.at = At::Ended(Ending::Failed(error));
            }
            (Answer::Login(Told::Polled(answer)), At::Device(device)) => {
                let course = device.polled(answer);
                return self.follow(course);
            }
            (Answer::Login(Told::Profiles(known)), At::Profiles(profiles)) => profiles.known(known),
            (Answer::Login(Told::Places(places)), At::Keep(keep)) => keep.known(*places),
            (Answer::Login(Told::LaidDown(done)), At::Asking) => return self.laid_down(done),
            (Answer::Login(Told::Kept(kept)), At::Keep(keep)) => {
                if let Some(session) = keep.kept(kept) {
                    return Passage::Open(session);
                }
            }
            _ => (),
        }
        Passage::closed()
    }

    /// A key that is good: is it one to go on with, and is it new?
    fn admit(&mut self, session: Session) -> Passage {
        let is_other = |before: &Session| !before.is_same_workspace(&session);
        if self.bound == Bound::Sent && self.session.as_deref().is_some_and(is_other) {
            self.at = At::Other(Box::new(session), Menu::default());
            return Passage::closed();
        }
        if !self.is_fresh || self.sandbox.is_some() {
            return Passage::Open(session);
        }
        self.at = At::Keep(Box::new(Keep::new(session)));
        Passage::Closed(vec![ask(Login::Places)])
    }

    fn follow(&mut self, course: Move) -> Passage {
        match course {
            Move::Wait => Passage::closed(),
            Move::Ask(code) => Passage::Closed(vec![ask(Login::Poll(code))]),
            Move::Enter(token) => self.ask(Request::Login(Login::Enter(token)), true),
            Move::Over(ending) => {
                self.at = At::Ended(ending);
                Passage::closed()
            }
        }
    }

    fn take(&mut self, way: Way) -> Passage {
        match way {
            Way::Again => return self.ask(Request::SignIn(None), false),
            Way::Browser => {
                self.at = At::Beginning;
                return Passage::Closed(vec![ask(Login::Begin)]);
            }
            Way::Profile => {
                self.at = At::Profiles(Profiles::default());
                return Passage::Closed(vec![ask(Login::Profiles)]);
            }
            Way::Key => self.at = At::Key(Field::hidden()),
            Way::Sandbox => self.at = At::Scenarios(Menu::default()),
            Way::Finish => return self.ask(Request::Login(Login::LayDown), false),
        }
        Passage::closed()
    }

    fn ask(&mut self, request: Request, is_fresh: bool) -> Passage {
        self.at = At::Asking;
        self.is_fresh = is_fresh;
        Passage::Closed(vec![Wish::Ask(request)])
    }

    fn open(&mut self, name: String) -> Vec<Wish> {
        self.at = At::Opening;
        self.sandbox = Some(name.clone());
        vec![Wish::Ask(Request::OpenSandbox(name))]
    }
}

impl Passage {
    fn closed() -> Self {
        Self::Closed(Vec::new())
    }
}

fn ask(login: Login) -> Wish {
    Wish::Ask(Request::Login(login))
}
