//! Signing here: a key is opened, everything is tried out, and only then may it be signed.
//!
//! ```text
//!   Choosing ──▶ (Path | Typing | Password) ──▶ Opening ──▶ Examining ──▶ Ready ──▶ Sending
//!                                                              ▲  │          │
//!                                                              └ Failed      └ the last 4 characters of the hash
//! ```
//!
//! Nothing is broadcast while anything found before says that it would not work. What is signed is what was found.

mod answers;
mod hindrance;
mod offer;
mod page;

use std::collections::VecDeque;
use std::path::PathBuf;

use self::hindrance::Why;
use crate::api::error::Error;
use crate::api::types::ComposeHash;
use crate::chain::examination::{Examination, Replaced};
use crate::chain::transaction::Unsigned;
use crate::chain::{Address, Call, Subject};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{Broadcast, Request};
use crate::wizard::field::Field;
use crate::wizard::keymap::Command;
use crate::wizard::keys::{FoundKey, KeySource, Opened, Password};
use crate::wizard::menu::Menu;
use crate::wizard::registering::Signing;
use crate::wizard::screen::{Input, Wish};

/// Characters of the hash that are typed.
const TYPED: usize = 4;

/// Signing, as far as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sign {
    of: Subject,
    at: Place,
    host: Shown,
    calls: Vec<Call>,
    hash: ComposeHash,
    replacing: Option<Replacing>,
    /// What is deployed belongs to whoever signs.
    is_mine: bool,
    /// The hash was named in full beforehand.
    allowed: bool,
    /// The host of another node that could be asked.
    other: Option<Shown>,
    step: Step,
}

/// The transaction whose place this one takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replacing {
    /// Its number and fees.
    pub replaced: Replaced,
    /// Who signed it.
    pub from: Address,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// Which key. `None`: they are being looked for.
    Choosing {
        keys: Option<Vec<FoundKey>>,
        menu: Menu,
        note: Option<Shown>,
    },
    /// The path of a key file.
    Path(Field),
    /// The key itself, hidden.
    Typing(Field),
    /// The password of this keystore, hidden.
    Password {
        path: PathBuf,
        name: Shown,
        field: Field,
    },
    /// The key is being opened.
    Opening { name: Shown },
    /// It is open, and everything is being tried out.
    Examining { opened: Opened },
    /// That could not be done.
    Failed { opened: Opened, error: Error },
    /// Everything was tried out.
    Ready {
        opened: Opened,
        found: Box<Examination>,
        problems: Vec<Why>,
        typed: Field,
    },
    /// It is being signed and broadcast, one after the other.
    Sending {
        opened: Opened,
        rest: VecDeque<(Call, Unsigned)>,
        sent: usize,
    },
}

/// Where a turn leads.
#[derive(Debug, PartialEq)]
pub(super) enum Turn {
    /// It goes on.
    Stay(Vec<Wish>),
    /// Back to where it was begun.
    Back,
    /// One was broadcast; `true` if it was the last.
    Sent(Box<Broadcast>, (u128, u128), bool, Vec<Wish>),
    /// It was not signed, and why.
    Unsigned(Shown),
}

impl Sign {
    /// Begins with the choice of a key, or with the one that was named beforehand.
    pub fn start(
        of: Subject,
        (at, host): (Place, Shown),
        calls: Vec<Call>,
        hash: ComposeHash,
        replacing: Option<Replacing>,
        other: Option<Shown>,
    ) -> (Self, Vec<Wish>) {
        let nobody_s = |call: &Call| matches!(call, Call::DeployApp(it) if it.owner.is_zero());
        let is_mine = calls.iter().any(nobody_s);
        let sign = Self {
            of,
            at,
            host,
            calls,
            hash,
            replacing,
            is_mine,
            allowed: false,
            other,
            step: Step::Choosing {
                keys: None,
                menu: Menu::default(),
                note: None,
            },
        };
        (sign, vec![Wish::Ask(Request::FindKeys)])
    }

    /// Goes on with a key and a hash that were named beforehand.
    pub fn by_order(mut self, signing: &Signing) -> (Self, Vec<Wish>) {
        self.allowed = signing.allow == self.hash;
        let wishes = self.open(signing.source.clone(), signing.password.clone());
        (self, wishes)
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input) -> Turn {
        match input {
            Input::Answer(answer) => self.answer(answer),
            Input::Key(key) => {
                if let Some(field) = self.field() {
                    field.key(key);
                }
                Turn::Stay(Vec::new())
            }
            Input::Paste(text) => {
                // What signs is typed: a hash that was copied along with its last characters was not compared.
                let signs = self.is_ready();
                if let Some(field) = self.field().filter(|_| !signs) {
                    field.paste(text.expose());
                }
                Turn::Stay(Vec::new())
            }
            Input::Tick => Turn::Stay(Vec::new()),
            Input::Command(command) => self.command(command),
        }
    }

    fn command(&mut self, command: Command) -> Turn {
        let stay = || Turn::Stay(Vec::new());
        let (count, may_sign) = (self.choices().len(), self.may_sign());
        match &mut self.step {
            Step::Choosing { keys, menu, .. } => {
                if command == Command::Back {
                    return Turn::Back;
                }
                let keys = keys.clone().unwrap_or_default();
                match menu.update(command, count) {
                    Some(index) if index < keys.len() => self.take(&keys[index]),
                    Some(index) if index == keys.len() => {
                        self.step = Step::Path(Field::open(""));
                        stay()
                    }
                    Some(_) => {
                        self.step = Step::Typing(Field::hidden());
                        stay()
                    }
                    None => stay(),
                }
            }
            Step::Path(_)
            | Step::Typing(_)
            | Step::Password { .. }
            | Step::Opening { .. }
            | Step::Examining { .. }
                if command == Command::Back =>
            {
                self.choose()
            }
            Step::Path(field) if command == Command::Next && !field.is_empty() => {
                let path = PathBuf::from(field.text().trim());
                Turn::Stay(self.open(KeySource::File(path), Password::None))
            }
            Step::Typing(field) if command == Command::Next && !field.is_empty() => {
                let key = field.take();
                Turn::Stay(self.open(KeySource::Typed(key), Password::None))
            }
            Step::Password { path, field, .. } if command == Command::Next => {
                let (path, password) = (path.clone(), field.take());
                Turn::Stay(self.open(KeySource::Keystore(path), Password::Typed(password)))
            }
            Step::Failed { opened, .. } | Step::Ready { opened, .. }
                if command == Command::Refresh || command == Command::Tab =>
            {
                let opened = opened.clone();
                let wish = self.examine(&opened);
                self.step = Step::Examining { opened };
                Turn::Stay(vec![wish])
            }
            Step::Failed { .. } | Step::Ready { .. } if command == Command::Back => self.choose(),
            Step::Ready { .. } if command == Command::Next && may_sign => self.send(),
            Step::Ready { opened, .. } if command == Command::Copy => {
                let account = opened.address.to_string();
                Turn::Stay(vec![Wish::Copy("the account", Secret::new(account))])
            }
            _ => stay(),
        }
    }

    /// Another node is asked instead.
    pub fn ask_at(&mut self, node: (Place, Shown), other: Option<Shown>) -> Vec<Wish> {
        (self.at, self.host) = node;
        self.other = other;
        match self.command(Command::Refresh) {
            Turn::Stay(wishes) => wishes,
            Turn::Back | Turn::Sent(..) | Turn::Unsigned(_) => Vec::new(),
        }
    }

    /// Whether something is under way.
    pub fn is_busy(&self) -> bool {
        matches!(
            self.step,
            Step::Choosing { keys: None, .. }
                | Step::Opening { .. }
                | Step::Examining { .. }
                | Step::Sending { .. }
        )
    }

    /// Whether everything was tried out and the hash was named: the next word signs.
    pub fn may_sign(&self) -> bool {
        let Step::Ready {
            problems, typed, ..
        } = &self.step
        else {
            return false;
        };
        let hash = self.hash.to_string();
        let ending = &hash[hash.len() - TYPED..];
        problems.is_empty() && (self.allowed || typed.text().trim().eq_ignore_ascii_case(ending))
    }

    /// Whether the person is at the words that sign.
    fn is_ready(&self) -> bool {
        matches!(self.step, Step::Ready { .. })
    }

    fn field(&mut self) -> Option<&mut Field> {
        match &mut self.step {
            Step::Path(field)
            | Step::Typing(field)
            | Step::Password { field, .. }
            | Step::Ready { typed: field, .. } => Some(field),
            _ => None,
        }
    }

    fn take(&mut self, key: &FoundKey) -> Turn {
        match &key.source {
            KeySource::Keystore(path) => {
                self.step = Step::Password {
                    path: path.clone(),
                    name: key.name.clone(),
                    field: Field::hidden(),
                };
                Turn::Stay(Vec::new())
            }
            source => Turn::Stay(self.open(source.clone(), Password::None)),
        }
    }

    fn choose(&mut self) -> Turn {
        self.step = Step::Choosing {
            keys: None,
            menu: Menu::default(),
            note: None,
        };
        Turn::Stay(vec![Wish::CloseKey, Wish::Ask(Request::FindKeys)])
    }

    fn open(&mut self, source: KeySource, password: Password) -> Vec<Wish> {
        let name = match &source {
            KeySource::Keystore(path) | KeySource::File(path) => {
                Shown::line(&path.display().to_string())
            }
            KeySource::Environment => "PRIVATE_KEY".into(),
            KeySource::Typed(_) => "the key that was typed".into(),
        };
        self.step = Step::Opening { name };
        vec![Wish::Ask(Request::OpenKey { source, password })]
    }

    fn examine(&mut self, opened: &Opened) -> Wish {
        if self.is_mine {
            for call in &mut self.calls {
                if let Call::DeployApp(deployment) = call {
                    deployment.owner = opened.address;
                }
            }
        }
        Wish::Ask(Request::Examine {
            of: self.of,
            at: self.at,
            from: opened.address,
            calls: self.calls.clone(),
        })
    }

    fn replaced(&self) -> Option<&Replaced> {
        self.replacing.as_ref().map(|replacing| &replacing.replaced)
    }

    fn send(&mut self) -> Turn {
        let Step::Ready { opened, found, .. } = &self.step else {
            return Turn::Stay(Vec::new());
        };
        let rest: VecDeque<_> = found.transactions(&self.of, self.replaced()).into();
        let wishes = self.next_signature(&rest).into_iter().collect();
        self.step = Step::Sending {
            opened: opened.clone(),
            rest,
            sent: 0,
        };
        Turn::Stay(wishes)
    }

    fn next_signature(&self, rest: &VecDeque<(Call, Unsigned)>) -> Option<Wish> {
        let (call, transaction) = rest.front()?.clone();
        Some(Wish::Ask(Request::Sign {
            call,
            transaction,
            at: self.at,
            more: rest.len() > 1,
        }))
    }
}
