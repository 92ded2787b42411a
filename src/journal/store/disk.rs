//! The disk, as far as a store needs it: one folder of files, one of locks.
//!
//! Everything that can fail goes through here, so that tests can make each of it fail, and stop the world in between.
//! Whoever hands a store its own disk vouches for it: a [`Durable`](super::durable::Durable) is worth as much as that.

use std::fmt;
use std::fs::TryLockError;
use std::io;
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::journal::trouble::{Cause, Doing, Trouble};
use crate::shown::Shown;

/// How often a lock is tried again, and how long after.
const TURNS: usize = 10;
const TURN: Duration = Duration::from_millis(5);

/// A folder of files and a folder of locks. Names are single names, never paths.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Whether what is written outlives the program.
    fn keeps(&self) -> bool;

    /// The names of all files.
    fn list(&self) -> Result<Vec<String>, Trouble>;

    /// A whole file, which is ours alone and no larger than this.
    fn read(&self, name: &str, most: u64) -> Result<Zeroizing<Vec<u8>>, Trouble>;

    /// A new file that only its owner may read. Fails if there is anything of this name.
    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, Trouble>;

    /// Gives a file another name, in one step, in place of what had that name.
    fn replace(&self, from: &str, to: &str) -> Result<(), Trouble>;

    /// Gives a file another name, and fails if there is anything of that name.
    fn move_to(&self, from: &str, to: &str) -> Result<(), Trouble>;

    /// Removes a file; it is no failure that there is none.
    fn remove(&self, name: &str) -> Result<(), Trouble>;

    /// Returns when the names are on the disk.
    fn sync_names(&self) -> Result<(), Trouble>;

    /// Takes a lock, or says what stands in it. Never waits for somebody to let go.
    fn lock(&self, name: &str, words: &str) -> Result<Lock, Trouble>;

    /// What stands in a lock, if somebody has it. Does not take it.
    fn holder(&self, name: &str) -> Option<String>;
}

/// A file that was just created.
pub trait DiskFile: fmt::Debug + Send {
    /// Writes to its end, in one write. Says how much was taken.
    fn append(&mut self, bytes: &[u8]) -> Result<usize, Trouble>;

    /// Returns when the bytes, and the length of the file, are on the disk.
    fn sync(&mut self) -> Result<(), Trouble>;

    /// Whether this name still leads to this file, and no other name does.
    fn is_named(&self, name: &str) -> Result<bool, Trouble>;
}

/// What came of trying to lock.
#[derive(Debug)]
pub enum Lock {
    /// It is ours until this is dropped, or the process ends however it ends.
    Taken(Box<dyn Held>),
    /// Somebody else has it. What it wrote.
    Theirs(String),
}

/// A lock that is held as long as this lives.
pub trait Held: fmt::Debug + Send + Sync {}

/// Tries a lock a few times: somebody may just be looking who has it, and who has it may not have written down yet who
/// it is.
pub fn in_turn(mut take: impl FnMut() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    for _ in 0..TURNS {
        match take() {
            Err(TryLockError::WouldBlock) => thread::sleep(TURN),
            other => return other,
        }
    }
    take()
}

/// A failure of the system, reduced to what a person can do about it.
pub fn failed(doing: Doing, path: &str, error: &io::Error) -> Trouble {
    Trouble::Failed {
        doing,
        path: Shown::line(path),
        cause: match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::Full,
            io::ErrorKind::ReadOnlyFilesystem => Cause::ReadOnly,
            io::ErrorKind::PermissionDenied => Cause::Denied,
            io::ErrorKind::NotFound => Cause::Missing,
            io::ErrorKind::AlreadyExists => Cause::Exists,
            _ => Cause::Other(Shown::line(&error.to_string())),
        },
    }
}
