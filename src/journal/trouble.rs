//! What can go wrong with a disk, as a value that is compared, shown and decided on.

use std::fmt;

use thiserror::Error;

use super::replay::NotNow;
use crate::shown::Shown;

/// A folder or file that could not be used. Each says what to do about it, where there is something.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The system said no.
    #[error("cannot {doing} {path}: {cause}")]
    Failed {
        /// What was tried.
        doing: Doing,
        /// On what.
        path: Shown,
        /// Why.
        cause: Cause,
    },
    /// A symbolic link.
    #[error(
        "{path} is a link, and state is only kept where it says it is: replace the link by what it leads to"
    )]
    Link {
        /// The link.
        path: Shown,
    },
    /// Something else stands where a folder belongs.
    #[error("{path} is not a folder: move it away")]
    NotAFolder {
        /// The thing.
        path: Shown,
    },
    /// A pipe, a device, a folder: something that stands where a file belongs.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// The thing.
        path: Shown,
    },
    /// It belongs to another user.
    #[error(
        "{path} belongs to another user (uid {owner}): the wizard is to be started by the user who owns it"
    )]
    Foreign {
        /// The file or folder.
        path: Shown,
        /// Its owner.
        owner: u32,
    },
    /// Others may look into it.
    #[error("{path} is open to other users (mode {mode:o}): close it with chmod 700")]
    Open {
        /// The folder.
        path: Shown,
        /// Its mode.
        mode: u32,
    },
    /// It has a second name, through which somebody else may reach it.
    #[error("{path} has {names} names: only a file with one name is used")]
    Linked {
        /// The file.
        path: Shown,
        /// How many.
        names: u64,
    },
    /// Somebody put something else in its place while it was opened.
    #[error("{path} was replaced while it was opened")]
    Replaced {
        /// The file.
        path: Shown,
    },
    /// Larger than it may be.
    #[error("{path} is larger than {most} bytes")]
    TooLarge {
        /// The file.
        path: Shown,
        /// The limit.
        most: u64,
    },
}

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doing {
    /// Making a folder or file.
    Create,
    /// Opening or reading.
    Read,
    /// Writing.
    Write,
    /// Asking that it be on the disk.
    Sync,
    /// Giving it another name.
    Rename,
    /// Removing.
    Remove,
    /// Locking.
    Lock,
}

/// Why the system said no, as far as it changes what a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No room (`ENOSPC`, `EDQUOT`).
    Full,
    /// Nothing may be written there (`EROFS`).
    ReadOnly,
    /// It may not be used by this user (`EACCES`, `EPERM`).
    Denied,
    /// There is none.
    Missing,
    /// There is one already.
    Exists,
    /// Anything else, `EIO` among them, in the system's words.
    Other(Shown),
}

/// Why a record is not on the disk. What it stands for must not be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WriteFailed {
    /// It must not be done now. The journal stays as it was.
    #[error("{0}")]
    NotNow(#[from] NotNow),
    /// The record, or the file with it, is longer than it may be. The journal stays as it was.
    #[error("it is too large to be recorded")]
    TooLarge,
    /// An earlier record failed. The journal has to be opened again, which begins with what is certain.
    #[error("the journal has to be opened again first")]
    Poisoned,
    /// Only some of it was written. The journal is poisoned.
    #[error("only {written} of {wanted} bytes could be written")]
    Short {
        /// Bytes that were taken.
        written: usize,
        /// Bytes there were.
        wanted: usize,
    },
    /// Somebody removed or replaced the file: what was written would not be found again. The journal is poisoned.
    #[error("somebody removed or replaced the journal's file")]
    Gone,
    /// The disk failed. The journal is poisoned.
    #[error(transparent)]
    Disk(#[from] Trouble),
    /// The state of a real deployment cannot be kept in memory.
    #[error("without a folder to write to, nothing real is created")]
    NotKept,
    /// The lock is for another app.
    #[error("the lock is for another app")]
    WrongLock,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "save",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::Lock => "lock",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the disk is full"),
            Self::ReadOnly => f.write_str("it can only be read"),
            Self::Denied => f.write_str("you may not"),
            Self::Missing => f.write_str("it does not exist"),
            Self::Exists => f.write_str("there is one already"),
            Self::Other(words) => f.pad(words.as_str()),
        }
    }
}
