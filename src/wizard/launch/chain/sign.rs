//! Signing here: a key is opened, everything is tried out, and only then may it be signed.
//!
//! ```text
//!   Choosing ──▶ (Path | Typing | Password) ──▶ Opening ──▶ Examining ──▶ Ready ──▶ Sending
//!                                                              ▲  │          │
//!                                                              └ Failed      └ the last 4 characters of the hash
//! ```
//!
//! Nothing is broadcast while anything found before says that it would not work. What is signed is what was found.

mod page;

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::api::error::Error;
use crate::api::types::ComposeHash;
use crate::chain::examination::{Examination, Problem, Replaced};
use crate::chain::transaction::Unsigned;
use crate::chain::{Address, Call, Subject};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{Answer, Broadcast, Request};
use crate::wizard::facts::Signing;
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::keys::{FoundKey, KeySource, Opened, Password};
use crate::wizard::menu::{Choice, Menu};
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
    /// The hash was named in full beforehand.
    allowed: bool,
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

/// Why it may not be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// What the chain says.
    Chain(Problem),
    /// The transaction that is to be replaced is another account's.
    OtherKey {
        /// Whose.
        from: Address,
    },
    /// There is nothing to call any more.
    Nothing,
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
    ) -> (Self, Vec<Wish>) {
        let sign = Self {
            of,
            at,
            host,
            calls,
            hash,
            replacing,
            allowed: false,
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

    fn answer(&mut self, answer: Answer) -> Turn {
        let step = std::mem::replace(&mut self.step, nowhere());
        let (step, turn) = match (answer, step) {
            (Answer::Keys(found), Step::Choosing { menu, note, .. }) => {
                let keys = Some(found);
                (Step::Choosing { keys, menu, note }, Turn::Stay(Vec::new()))
            }
            (Answer::KeyOpened(Ok(opened)), Step::Opening { .. }) => {
                let wish = self.examine(&opened);
                (Step::Examining { opened }, Turn::Stay(vec![wish]))
            }
            (Answer::KeyOpened(Err(why)), Step::Opening { .. }) => {
                let step = Step::Choosing {
                    keys: None,
                    menu: Menu::default(),
                    note: Some(why),
                };
                (step, Turn::Stay(vec![Wish::Ask(Request::FindKeys)]))
            }
            (Answer::Examined(Ok(found)), Step::Examining { opened }) => {
                let problems = self.problems(&opened, &found);
                let step = Step::Ready {
                    opened,
                    found,
                    problems,
                    typed: Field::open(""),
                };
                (step, Turn::Stay(Vec::new()))
            }
            (Answer::Examined(Err(error)), Step::Examining { opened }) => {
                (Step::Failed { opened, error }, Turn::Stay(Vec::new()))
            }
            (Answer::Signed(reply), Step::Sending { opened, rest, sent }) => {
                return self.signed(reply, opened, rest, sent);
            }
            (_, step) => (step, Turn::Stay(Vec::new())),
        };
        self.step = step;
        turn
    }

    /// One is out, or was not signed. Then the others stay unsigned too: they were found to work together.
    fn signed(
        &mut self,
        reply: Result<Box<Broadcast>, Shown>,
        opened: Opened,
        mut rest: VecDeque<(Call, Unsigned)>,
        sent: usize,
    ) -> Turn {
        let (Ok(broadcast), Some((_, unsigned))) = (reply.clone(), rest.pop_front()) else {
            return Turn::Unsigned(reply.err().unwrap_or_default());
        };
        // A node that refuses one does so for a reason that was not found before.
        if broadcast.taken.is_err() {
            rest.clear();
        }
        let fees = (unsigned.tip, unsigned.max_fee);
        let wishes: Vec<Wish> = self.next_signature(&rest).into_iter().collect();
        let is_last = rest.is_empty();
        self.step = Step::Sending {
            opened,
            rest,
            sent: sent + 1,
        };
        Turn::Sent(broadcast, fees, is_last, wishes)
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
            Step::Path(_) | Step::Typing(_) | Step::Password { .. } if command == Command::Back => {
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
            Step::Opening { .. } | Step::Examining { .. } if command == Command::Back => {
                self.choose()
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
    pub fn ask_at(&mut self, at: Place, host: Shown) -> Vec<Wish> {
        (self.at, self.host) = (at, host);
        match self.command(Command::Refresh) {
            Turn::Stay(wishes) => wishes,
            Turn::Back | Turn::Sent(..) | Turn::Unsigned(_) => Vec::new(),
        }
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.step {
            Step::Choosing { .. } => Menu::offer(Offer::default(), self.choices().len())
                .with(Command::Back, "sign nothing"),
            Step::Path(field) => typing(field, "open it"),
            Step::Typing(field) => typing(field, "open it"),
            Step::Password { .. } => Offer::new(Typing::Line)
                .with(Command::Next, "open it")
                .with(Command::Back, "other key"),
            Step::Opening { .. } | Step::Examining { .. } => {
                Offer::default().with(Command::Back, "other key")
            }
            Step::Failed { .. } => Offer::default()
                .with(Command::Refresh, "check again")
                .with(Command::Elsewhere, "other node")
                .with(Command::Back, "other key"),
            Step::Ready { problems, .. } if !problems.is_empty() => Offer::default()
                .with(Command::Refresh, "check again")
                .with(Command::Elsewhere, "other node")
                .with(Command::Copy, "copy account")
                .with(Command::Back, "other key"),
            Step::Ready { .. } => {
                let offer = Offer::new(if self.allowed {
                    Typing::No
                } else {
                    Typing::Line
                });
                let offer = if self.may_sign() {
                    offer.creating(Command::Next, "SIGN")
                } else {
                    let reason = format!(
                        "type the last {TYPED} characters of the hash; Enter alone signs nothing"
                    );
                    offer.blocked(Command::Next, "sign", reason)
                };
                offer
                    .with(Command::Tab, "check again")
                    .with(Command::Back, "other key")
            }
            Step::Sending { .. } => Offer::default(),
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

    /// Why it cannot be signed, a line each, once that is known.
    pub fn hindrances(&self) -> Vec<String> {
        match &self.step {
            Step::Choosing {
                note: Some(note), ..
            } => vec![format!("the key could not be opened: {note}")],
            Step::Failed { error, .. } => {
                vec![format!(
                    "it could not be tried out: {}: {error}",
                    error.asked
                )]
            }
            Step::Ready { problems, .. } => problems
                .iter()
                .map(|problem| problem.words(self.of.chain_id))
                .collect(),
            _ => Vec::new(),
        }
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

    fn examine(&self, opened: &Opened) -> Wish {
        Wish::Ask(Request::Examine {
            of: self.of,
            at: self.at,
            from: opened.address,
            calls: self.calls.clone(),
        })
    }

    fn problems(&self, opened: &Opened, found: &Examination) -> Vec<Why> {
        let mut problems = Vec::new();
        if found.calls.is_empty() {
            problems.push(Why::Nothing);
        }
        if let Some(Replacing { from, .. }) = self.replacing
            && from != opened.address
        {
            problems.push(Why::OtherKey { from });
        }
        let found = found.problems(self.replaced());
        problems.extend(found.into_iter().map(Why::Chain));
        problems
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

    fn choices(&self) -> Vec<Choice> {
        let Step::Choosing { keys, .. } = &self.step else {
            return Vec::new();
        };
        let keys = keys.iter().flatten().map(|key| {
            let address = key.address.map(|address| address.to_string());
            let why = match key.source {
                KeySource::Environment => {
                    "in the environment: other programs you start can read it"
                }
                _ => "keystore; its password is typed hidden",
            };
            let why = address.unwrap_or_else(|| why.to_owned());
            Choice::new(key.name.as_str(), why)
        });
        let always = [
            Choice::new("A key file", "64 hex digits; a pipe will do too"),
            Choice::new("Type or paste a key", "hidden; used once and wiped"),
        ];
        keys.chain(always).collect()
    }
}

/// A step that is about to be replaced.
fn nowhere() -> Step {
    Step::Opening {
        name: Shown::default(),
    }
}

fn typing(field: &Field, label: &'static str) -> Offer {
    let offer = Offer::new(Typing::Line);
    let offer = if field.is_empty() {
        offer.blocked(Command::Next, label, "nothing was typed")
    } else {
        offer.with(Command::Next, label)
    };
    offer.with(Command::Back, "other key")
}

#[cfg(test)]
mod tests;
