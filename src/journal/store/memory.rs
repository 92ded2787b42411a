//! A disk that is gone with the program.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::disk::{Disk, DiskFile, Held, Lock, failed};
use crate::journal::trouble::{Doing, Trouble};
use crate::shown::Shown;

type Bytes = Arc<Mutex<Zeroizing<Vec<u8>>>>;
type Locks = Arc<Mutex<BTreeMap<String, String>>>;

/// Files and locks in memory.
#[derive(Default)]
pub struct Memory {
    files: Arc<Mutex<BTreeMap<String, Bytes>>>,
    locks: Locks,
}

impl Disk for Memory {
    fn keeps(&self) -> bool {
        false
    }

    fn list(&self) -> Result<Vec<String>, Trouble> {
        Ok(open(&self.files).keys().cloned().collect())
    }

    fn read(&self, name: &str, most: u64) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let files = open(&self.files);
        let file = files.get(name).ok_or_else(|| missing(Doing::Read, name))?;
        let bytes = open(file);
        if bytes.len() as u64 > most {
            let path = Shown::line(name);
            return Err(Trouble::TooLarge { path, most });
        }
        Ok(bytes.clone())
    }

    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, Trouble> {
        let mut files = open(&self.files);
        if files.contains_key(name) {
            return Err(failed(
                Doing::Create,
                name,
                &io::ErrorKind::AlreadyExists.into(),
            ));
        }
        let bytes = Bytes::default();
        files.insert(name.to_owned(), Arc::clone(&bytes));
        Ok(Box::new(MemoryFile {
            bytes,
            files: Arc::clone(&self.files),
        }))
    }

    fn replace(&self, from: &str, to: &str) -> Result<(), Trouble> {
        let mut files = open(&self.files);
        let file = files
            .remove(from)
            .ok_or_else(|| missing(Doing::Rename, from))?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn move_to(&self, from: &str, to: &str) -> Result<(), Trouble> {
        if open(&self.files).contains_key(to) {
            return Err(failed(
                Doing::Rename,
                to,
                &io::ErrorKind::AlreadyExists.into(),
            ));
        }
        self.replace(from, to)
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        open(&self.files).remove(name);
        Ok(())
    }

    fn sync_names(&self) -> Result<(), Trouble> {
        Ok(())
    }

    fn lock(&self, name: &str, words: &str) -> Result<Lock, Trouble> {
        let mut locks = open(&self.locks);
        if let Some(words) = locks.get(name) {
            return Ok(Lock::Theirs(words.clone()));
        }
        locks.insert(name.to_owned(), words.to_owned());
        Ok(Lock::Taken(Box::new(MemoryLock {
            name: name.to_owned(),
            locks: Arc::clone(&self.locks),
        })))
    }

    fn holder(&self, name: &str) -> Option<String> {
        open(&self.locks).get(name).cloned()
    }
}

struct MemoryFile {
    bytes: Bytes,
    files: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

impl DiskFile for MemoryFile {
    fn append(&mut self, bytes: &[u8]) -> Result<usize, Trouble> {
        open(&self.bytes).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn sync(&mut self) -> Result<(), Trouble> {
        Ok(())
    }

    fn is_named(&self, name: &str) -> Result<bool, Trouble> {
        let files = open(&self.files);
        Ok(files
            .get(name)
            .is_some_and(|file| Arc::ptr_eq(file, &self.bytes)))
    }
}

#[derive(Debug)]
struct MemoryLock {
    name: String,
    locks: Locks,
}

impl Held for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        open(&self.locks).remove(&self.name);
    }
}

/// What a panicking thread left behind is as good as any: every change here is one step.
fn open<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(doing: Doing, name: &str) -> Trouble {
    failed(doing, name, &io::ErrorKind::NotFound.into())
}

/// The bytes may hold the token.
impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl std::fmt::Debug for MemoryFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryFile")
    }
}
