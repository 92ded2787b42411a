//! A journal that is open: the one way to write a record.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::AppLock;
use super::disk::{Disk, DiskFile};
use super::durable::Durable;
use crate::journal::id::IntentId;
use crate::journal::moment::Moment;
use crate::journal::reader::{self, LARGEST, Stamped};
use crate::journal::record::{Closed, End, Entry, Intent, Record};
use crate::journal::state::State;
use crate::journal::trouble::WriteFailed;

/// The journal of one intent, under the lock of its app.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    lock: AppLock,
    hand: Hand,
    /// Bytes that are certain.
    length: u64,
    /// Records that are certain.
    count: u64,
    state: State,
}

/// What a journal has in hand.
enum Hand {
    /// The file, as it was written by this process.
    File(Box<dyn DiskFile>),
    /// The sound part of a file that was found. It is written anew before anything is added: what a failing disk never
    /// kept may still be readable from memory, and only a fresh copy is known to be on it.
    Found(Zeroizing<Vec<u8>>),
    /// Nothing that could be trusted.
    Poisoned,
}

impl Journal {
    pub(super) fn begin(
        disk: Arc<dyn Disk>,
        lock: AppLock,
        intent: Intent,
        at: Moment,
    ) -> Result<Self, WriteFailed> {
        let bytes = reader::begin(&intent, &at).ok_or(WriteFailed::TooLarge)?;
        let name = file_name(intent.id);
        let mut file = disk.create(&name)?;
        let written = write_all(file.as_mut(), &bytes)
            .and_then(|()| Ok(disk.sync_names()?))
            .and_then(|()| in_place(file.as_mut(), &name));
        if let Err(why) = written {
            // Nothing was done for it, so what is left of it may go. If it stays, it says "nothing was sent".
            if why != WriteFailed::Gone {
                let _ = disk.remove(&name);
            }
            return Err(why);
        }
        Ok(Self {
            disk,
            lock,
            hand: Hand::File(file),
            length: bytes.len() as u64,
            count: 1,
            state: State::begin(intent, at),
        })
    }

    pub(super) fn found(
        disk: Arc<dyn Disk>,
        lock: AppLock,
        sound: Zeroizing<Vec<u8>>,
        count: u64,
        state: State,
    ) -> Self {
        Self {
            disk,
            lock,
            length: sound.len() as u64,
            hand: Hand::Found(sound),
            count,
            state,
        }
    }

    /// The intent's name.
    pub fn id(&self) -> IntentId {
        self.state.id()
    }

    /// What the records say together.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Gives the lock back, to open the journal again with it or to begin another one.
    pub fn into_lock(self) -> AppLock {
        self.lock
    }

    /// The lock of its app, for a journal that follows it.
    pub fn lock(&self) -> AppLock {
        self.lock.clone()
    }

    /// Writes a record, and returns when it is on the disk. Only then may be done what it stands for.
    ///
    /// # Errors
    ///
    /// The record is not certain to be on the disk. After a failure of the disk nothing more is taken: the journal has
    /// to be [opened again](super::Store::reopen).
    pub fn append<R: Entry>(&mut self, entry: R, at: Moment) -> Result<Durable<R>, WriteFailed> {
        let record: Record = entry.clone().into();
        if let Hand::Poisoned = self.hand {
            return Err(WriteFailed::Poisoned);
        }
        self.state.allows(&record)?;
        let number = self.count + 1;
        let bytes = reader::record(number, &at, &record).ok_or(WriteFailed::TooLarge)?;
        let length = self.length + bytes.len() as u64;
        if length > LARGEST {
            return Err(WriteFailed::TooLarge);
        }
        self.write(&bytes)?;
        self.length = length;
        self.count = number;
        self.state.take(&Stamped { at, record });
        Ok(Durable::new(self.id(), number, entry))
    }

    /// Ends the journal: the file is written anew, without the token, and with the end.
    ///
    /// # Errors
    ///
    /// The file is as it was, or as it should be; never in between.
    pub fn close(self, end: End, at: Moment) -> Result<AppLock, WriteFailed> {
        let Self {
            disk,
            lock,
            hand,
            length,
            count,
            state,
        } = self;
        let record = Record::Closed(Closed { end });
        state.allows(&record)?;
        let name = file_name(state.id());
        let bytes = match hand {
            Hand::Poisoned => return Err(WriteFailed::Poisoned),
            Hand::Found(bytes) => bytes,
            Hand::File(file) => {
                drop(file);
                disk.read(&name, LARGEST)?
            }
        };
        // What stands behind the certain part was never promised to anybody.
        let certain = usize::try_from(length).unwrap_or(usize::MAX);
        let sound = bytes.get(..certain).ok_or(WriteFailed::Gone)?;
        let contents = reader::read(sound).map_err(|_| WriteFailed::Gone)?;
        if (contents.id, contents.records.len() as u64) != (state.id(), count) {
            return Err(WriteFailed::Gone);
        }
        let closed = reader::closed(sound, &at, &record).ok_or(WriteFailed::TooLarge)?;
        write_anew(disk.as_ref(), &name, &closed)?;
        Ok(lock)
    }

    /// Whatever fails in here leaves the journal poisoned.
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteFailed> {
        let name = file_name(self.id());
        let mut file = match std::mem::replace(&mut self.hand, Hand::Poisoned) {
            Hand::File(file) => file,
            Hand::Found(sound) => write_anew(self.disk.as_ref(), &name, &sound)?,
            Hand::Poisoned => return Err(WriteFailed::Poisoned),
        };
        write_all(file.as_mut(), bytes)?;
        in_place(file.as_mut(), &name)?;
        self.hand = Hand::File(file);
        Ok(())
    }
}

/// The name of an intent's file.
pub(super) fn file_name(id: IntentId) -> String {
    format!("{id}.jnl")
}

/// Writes a file under another name first, and then in place of the one there is.
fn write_anew(disk: &dyn Disk, name: &str, bytes: &[u8]) -> Result<Box<dyn DiskFile>, WriteFailed> {
    let new = format!("{name}.new");
    disk.remove(&new)?;
    let mut file = write_new(disk, &new, bytes)?;
    disk.replace(&new, name)?;
    disk.sync_names()?;
    in_place(file.as_mut(), name)?;
    Ok(file)
}

fn write_new(disk: &dyn Disk, name: &str, bytes: &[u8]) -> Result<Box<dyn DiskFile>, WriteFailed> {
    let mut file = disk.create(name)?;
    write_all(file.as_mut(), bytes)?;
    Ok(file)
}

fn write_all(file: &mut dyn DiskFile, bytes: &[u8]) -> Result<(), WriteFailed> {
    let written = file.append(bytes)?;
    if written != bytes.len() {
        return Err(WriteFailed::Short {
            written,
            wanted: bytes.len(),
        });
    }
    file.sync()?;
    Ok(())
}

/// What is on the disk without its name is not found again.
fn in_place(file: &mut dyn DiskFile, name: &str) -> Result<(), WriteFailed> {
    if file.is_named(name)? {
        Ok(())
    } else {
        Err(WriteFailed::Gone)
    }
}

/// What it holds may be the token.
impl std::fmt::Debug for Hand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Found(_) => "Found",
            Self::Poisoned => "Poisoned",
        })
    }
}
