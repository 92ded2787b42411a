//! What a look into the folder comes to: unfinished work, and files that had to be set aside.

use thiserror::Error;

use super::reader::Unreadable;
use super::state::State;
use super::trouble::Trouble;
use crate::api::types::AppId;
use crate::shown::Shown;

/// Everything in the folder that is not closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unfinished {
    /// What can be gone on with, newest first.
    pub found: Vec<Found>,
    /// What cannot be read, and was not touched but for its name.
    pub set_aside: Vec<SetAside>,
}

/// An intent that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How far it came, and what is to be done next.
    pub state: State,
    /// Whether somebody is at it right now, in this or another window.
    pub lock: LockState,
}

/// Whether an app is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockState {
    /// Nobody has it.
    Free,
    /// Somebody has it, and who, where that is written down by now.
    Taken(Option<Holder>),
}

/// A file that is not acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its name in the folder.
    pub name: Shown,
    /// Why.
    pub why: Aside,
    /// The name it has now; `None` where it was left as it is.
    pub moved_to: Option<Shown>,
}

/// Why a file is not acted on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Aside {
    /// What is in it.
    #[error(transparent)]
    Contents(#[from] Unreadable),
    /// It could not be read, or is not a file of ours.
    #[error(transparent)]
    Disk(#[from] Trouble),
}

/// Who holds the lock of an app, by what it wrote into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

/// Why an app could not be locked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotLocked {
    /// Somebody else has it. Who, is not known in the moment before it is written down.
    #[error("{} is deploying here", Holder::who(*holder))]
    Held {
        /// The app.
        app: AppId,
        /// Who.
        holder: Option<Holder>,
    },
    /// The lock could not be had.
    #[error(transparent)]
    Disk(#[from] Trouble),
}

impl Holder {
    /// Who that is, in words, as far as it is written down.
    pub fn who(holder: Option<Self>) -> String {
        match holder {
            Some(holder) => format!("another wizard (pid {})", holder.pid),
            None => "another wizard".to_owned(),
        }
    }

    /// As it stands in the lock.
    pub fn text(&self) -> String {
        format!("pid {}\nsince {}\n", self.pid, self.since)
    }

    /// Reads that back; `None` where it is not (yet) there.
    pub fn read(text: &str) -> Option<Self> {
        let (pid, since) = text.strip_suffix('\n')?.split_once('\n')?;
        Some(Self {
            pid: pid.strip_prefix("pid ")?.parse().ok()?,
            since: since.strip_prefix("since ")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_read_back_only_when_it_is_whole() {
        let holder = Holder {
            pid: 4711,
            since: 1_763_900_000,
        };
        let text = holder.text();
        assert_eq!(Holder::read(&text), Some(holder));
        for cut in 0..text.len() {
            assert_eq!(Holder::read(&text[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn the_words_name_the_other_one() {
        let app = AppId::parse(&"3f".repeat(20)).unwrap();
        let holder = Some(Holder {
            pid: 4711,
            since: 0,
        });
        let held = NotLocked::Held { app, holder };
        assert_eq!(
            held.to_string(),
            "another wizard (pid 4711) is deploying here"
        );
        let held = NotLocked::Held { app, holder: None };
        assert_eq!(held.to_string(), "another wizard is deploying here");
    }
}
