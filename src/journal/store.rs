//! The only place of the program that writes state to disk.
//!
//! ```text
//!   $XDG_STATE_HOME/phala-wizard/     0700, ours
//!     intents/<id>.jnl                0600, one per intent, only appended to
//!     intents/<id>.jnl.new            the same while it is written anew
//!     intents/<id>.jnl.damaged        set aside, with .newer: never acted on, never removed
//!     locks/<app id>.lock             0600, one per app on this machine, whatever service it is on
//!     locks/<app id>.lock.who         who has it
//! ```
//!
//! Every call blocks; the shell calls from a thread that may. A store has no clock, no randomness and no idea of where
//! its folder is: all three are handed in.

pub mod disk;
pub mod durable;
mod memory;
#[cfg(any(test, not(unix)))]
mod plain;
#[cfg(unix)]
mod unix;
mod writer;

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::found::{Aside, Found, Holder, LockState, NotLocked, SetAside, Unfinished};
use super::id::IntentId;
use super::moment::Moment;
use super::reader::{self, Contents, LARGEST, Unreadable};
use super::record::{End, Intent, Record};
use super::replay::replay;
use super::state::Known;
use super::trouble::{Cause, Trouble, WriteFailed};
use crate::api::types::AppId;
use crate::shown::Shown;
use disk::{Disk, Held, Lock};
pub use durable::Durable;
pub use writer::Journal;
use writer::file_name;

/// The ending of a journal's name.
const ENDING: &str = ".jnl";

/// Other names tried for a file that is set aside, before it is left where it is.
const NAMES: usize = 100;

/// Where journals are kept.
#[derive(Debug, Clone)]
pub struct Store {
    disk: Arc<dyn Disk>,
}

/// The right to write journals of one app. The system gives it back when the process ends, however it ends.
///
/// One journal may follow another under the same lock, so it can be shared; it is given back with the last share.
#[derive(Debug, Clone)]
pub struct AppLock {
    app: AppId,
    _held: Arc<dyn Held>,
}

/// Why a journal could not be opened again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotOpened {
    /// It cannot be read, and was set aside.
    #[error("{}: {}", .0.name, .0.why)]
    SetAside(SetAside),
    /// It is closed.
    #[error("this was closed")]
    Closed,
    /// It is about another app than the lock.
    #[error("the lock is for another app")]
    WrongLock,
    /// The app is being deployed to by somebody else.
    #[error(transparent)]
    NotLocked(#[from] NotLocked),
    /// Its end could not be written.
    #[error(transparent)]
    Write(#[from] WriteFailed),
}

impl Store {
    /// Opens the folder of this path, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// The folder is not ours alone, or cannot be used. The error says what to do.
    pub fn open(folder: &Path) -> Result<Self, Trouble> {
        #[cfg(unix)]
        let disk = unix::open(folder)?;
        #[cfg(not(unix))]
        let disk = plain::open(folder)?;
        Ok(Self::on(Arc::new(disk)))
    }

    /// A store that is gone with the program. Nothing but the sandbox can be deployed to from it: without a record on a
    /// disk nothing real is created, and nobody can agree to anything else.
    pub fn in_memory() -> Self {
        Self::on(Arc::new(memory::Memory::default()))
    }

    /// A store on any disk. For tests; the program has no other disk than the system's.
    pub fn on(disk: Arc<dyn Disk>) -> Self {
        Self { disk }
    }

    /// Locks an app, so that one wizard at a time acts on it. Never waits.
    ///
    /// `since` is the wall time in seconds, for others to read.
    pub fn lock(&self, app: AppId, since: u64) -> Result<AppLock, NotLocked> {
        let me = Holder {
            pid: std::process::id(),
            since,
        };
        match self.disk.lock(&lock_name(app), &me.text())? {
            Lock::Taken(held) => Ok(AppLock {
                app,
                _held: Arc::from(held),
            }),
            Lock::Theirs(words) => Err(NotLocked::Held {
                app,
                holder: Holder::read(&words),
            }),
        }
    }

    /// Writes down what is to be made. When this returns it is on the disk.
    pub fn begin(&self, lock: AppLock, intent: Intent, at: Moment) -> Result<Journal, WriteFailed> {
        if lock.app != intent.plan.app {
            return Err(WriteFailed::WrongLock);
        }
        if !self.disk.keeps() && !intent.facts.sandbox {
            return Err(WriteFailed::NotKept);
        }
        Journal::begin(Arc::clone(&self.disk), lock, intent, at)
    }

    /// Opens a journal to go on with it, beginning with what is certain.
    pub fn reopen(&self, lock: AppLock, id: IntentId) -> Result<Journal, NotOpened> {
        let name = file_name(id);
        let (bytes, contents) = self
            .read(&name)
            .map_err(|why| NotOpened::SetAside(self.set_aside(&name, why)))?;
        let Some(state) = replay(&contents.records) else {
            let why = Aside::Contents(Unreadable::Foreign);
            return Err(NotOpened::SetAside(self.set_aside(&name, why)));
        };
        if state.intent().plan.app != lock.app {
            return Err(NotOpened::WrongLock);
        }
        if let Known::Closed(_) = state.known() {
            return Err(NotOpened::Closed);
        }
        let mut sound = bytes;
        sound.truncate(contents.sound);
        let count = contents.records.len() as u64;
        let disk = Arc::clone(&self.disk);
        Ok(Journal::found(disk, lock, sound, count, state))
    }

    /// Everything that is not closed, newest first. Files that cannot be read are given another name and reported, once.
    ///
    /// # Errors
    ///
    /// The folder itself cannot be read.
    pub fn unfinished(&self) -> Result<Unfinished, Trouble> {
        let mut names = self.disk.list()?;
        names.retain(|name| name.ends_with(ENDING));
        names.sort_unstable();
        let mut unfinished = Unfinished::default();
        for name in names.iter().rev() {
            match self.read(name) {
                Ok((_, contents)) => match replay(&contents.records) {
                    Some(state) if matches!(state.known(), Known::Closed(_)) => {}
                    Some(state) => {
                        let name = lock_name(state.intent().plan.app);
                        let lock = match self.disk.holder(&name) {
                            Some(words) => LockState::Taken(Holder::read(&words)),
                            None => LockState::Free,
                        };
                        unfinished.found.push(Found { state, lock });
                    }
                    None => {
                        let why = Aside::Contents(Unreadable::Foreign);
                        unfinished.set_aside.push(self.set_aside(name, why));
                    }
                },
                // Nothing was ever done for it; or it has gone since it was listed.
                Err(
                    Aside::Contents(Unreadable::Stillborn)
                    | Aside::Disk(Trouble::Failed {
                        cause: Cause::Missing,
                        ..
                    }),
                ) => {}
                Err(why) => unfinished.set_aside.push(self.set_aside(name, why)),
            }
        }
        Ok(unfinished)
    }

    /// Puts an intent aside for good, because a person said so: it is closed as forgotten, and its token dropped.
    /// What somebody else has locked stays.
    pub fn forget(&self, id: IntentId, at: Moment) -> Result<(), NotOpened> {
        let name = file_name(id);
        let (_, contents) = self
            .read(&name)
            .map_err(|why| NotOpened::SetAside(self.set_aside(&name, why)))?;
        let Some(app) = app_of(&contents) else {
            return Err(NotOpened::WrongLock);
        };
        let lock = self.lock(app, at.unix)?;
        self.reopen(lock, id)?.close(End::Forgotten, at)?;
        Ok(())
    }

    fn read(&self, name: &str) -> Result<(zeroize::Zeroizing<Vec<u8>>, Contents), Aside> {
        let bytes = self.disk.read(name, LARGEST)?;
        let contents = reader::read(&bytes)?;
        // A file under the name of another one is a copy.
        if file_name(contents.id) != name {
            return Err(Aside::Contents(Unreadable::Foreign));
        }
        Ok((bytes, contents))
    }

    /// Gives a file another name that says why it is not acted on. What the disk does not let us read is left alone.
    fn set_aside(&self, name: &str, why: Aside) -> SetAside {
        let ending = match &why {
            Aside::Contents(Unreadable::Newer) => Some("newer"),
            Aside::Contents(_) | Aside::Disk(Trouble::TooLarge { .. }) => Some("damaged"),
            Aside::Disk(_) => None,
        };
        let moved_to = ending.and_then(|ending| self.move_aside(name, ending));
        SetAside {
            name: Shown::line(name),
            why,
            moved_to: moved_to.map(|name| Shown::line(&name)),
        }
    }

    fn move_aside(&self, name: &str, ending: &str) -> Option<String> {
        for number in 1..=NAMES {
            let to = match number {
                1 => format!("{name}.{ending}"),
                _ => format!("{name}.{ending}.{number}"),
            };
            match self.disk.move_to(name, &to) {
                Ok(()) => {
                    // Only a name: if it is lost, the file is found damaged once more.
                    let _ = self.disk.sync_names();
                    return Some(to);
                }
                Err(Trouble::Failed {
                    cause: Cause::Exists,
                    ..
                }) => {}
                Err(_) => return None,
            }
        }
        None
    }
}

impl AppLock {
    /// Whose lock it is.
    pub fn app(&self) -> AppId {
        self.app
    }
}

/// One lock per app, whatever service it is on.
fn lock_name(app: AppId) -> String {
    format!("{app}.lock")
}

fn app_of(contents: &Contents) -> Option<AppId> {
    match &contents.records.first()?.record {
        Record::Intent(intent) => Some(intent.plan.app),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
