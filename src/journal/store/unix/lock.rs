//! Locks, and beside each of them who has it. The words have a file of their own, as nothing is written into a file that
//! was found.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::sync::Arc;

use rustix::fs::{self, AtFlags, OFlags};

use super::Folder;
use crate::journal::store::disk::{Held, Lock, failed, in_turn};
use crate::journal::trouble::{Doing, Trouble};

/// Takes a lock, or says who has it.
pub(super) fn take(folder: &Arc<Folder>, name: &str, words: &str) -> Result<Lock, Trouble> {
    let (file, _) = folder.file(name, OFlags::RDWR | OFlags::CREATE)?;
    match in_turn(|| file.try_lock()) {
        Ok(()) => {
            let locked = Locked {
                file,
                folder: Arc::clone(folder),
                words: words_of(name),
            };
            // Words are for others to read; without them the lock is as good.
            let _ = locked.write(words);
            Ok(Lock::Taken(Box::new(locked)))
        }
        Err(TryLockError::WouldBlock) => Ok(Lock::Theirs(read(folder, name))),
        Err(TryLockError::Error(error)) => Err(failed(Doing::Lock, &folder.path_of(name), &error)),
    }
}

/// Who has a lock, without taking it.
pub(super) fn holder(folder: &Folder, name: &str) -> Option<String> {
    let (file, _) = folder.file(name, OFlags::RDONLY).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read(folder, name)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// What the holder of a lock wrote, and no more than a holder ever writes.
fn read(folder: &Folder, name: &str) -> String {
    let mut words = String::new();
    if let Ok((file, _)) = folder.file(&words_of(name), OFlags::RDONLY) {
        let _ = file.take(256).read_to_string(&mut words);
    }
    words
}

/// An open lock file. The system lets go of it when the process ends, however it ends. Who it is stands beside it.
#[derive(Debug)]
struct Locked {
    file: File,
    folder: Arc<Folder>,
    words: String,
}

impl Held for Locked {}

impl Locked {
    fn write(&self, words: &str) -> Result<(), Trouble> {
        let new = format!("{}.new", self.words);
        let _ = fs::unlinkat(&self.folder.handle, &new, AtFlags::empty());
        let (mut file, _) = self
            .folder
            .file(&new, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
        let path = self.folder.path_of(&new);
        file.write_all(words.as_bytes())
            .map_err(|error| failed(Doing::Write, &path, &error))?;
        fs::renameat(&self.folder.handle, &new, &self.folder.handle, &self.words)
            .map_err(|error| failed(Doing::Rename, &path, &error.into()))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // The next holder is not to be taken for this one in the moment before it has written down who it is.
        let _ = fs::unlinkat(&self.folder.handle, &self.words, AtFlags::empty());
        // By name, as closing is not enough while another program is being started: it has the file until it runs.
        let _ = self.file.unlock();
    }
}

/// Where the holder of a lock says who it is.
fn words_of(lock: &str) -> String {
    format!("{lock}.who")
}
