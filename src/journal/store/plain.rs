//! The disk of a system that is not Unix, by what the standard library promises everywhere: new files are new, a rename
//! replaces in one step, locks end with the process. Who else may read the folder is the user profile's business there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::disk::{Disk, DiskFile, Held, Lock, failed, in_turn};
use crate::journal::trouble::{Doing, Trouble};
use crate::shown::Shown;

/// Two folders.
#[derive(Debug)]
pub struct Plain {
    intents: PathBuf,
    locks: PathBuf,
}

/// Opens the folders in this one, and makes what is missing.
pub fn open(path: &Path) -> Result<Plain, Trouble> {
    let plain = Plain {
        intents: path.join("intents"),
        locks: path.join("locks"),
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| wrong(Doing::Create, parent, &error))?;
    }
    for folder in [path, &plain.intents, &plain.locks] {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(wrong(Doing::Create, folder, &error));
            }
            _ => {}
        }
        let about =
            fs::symlink_metadata(folder).map_err(|error| wrong(Doing::Read, folder, &error))?;
        let path = shown(folder);
        if about.is_symlink() {
            return Err(Trouble::Link { path });
        }
        if !about.is_dir() {
            return Err(Trouble::NotAFolder { path });
        }
    }
    Ok(plain)
}

impl Disk for Plain {
    fn keeps(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Vec<String>, Trouble> {
        let entries = fs::read_dir(&self.intents)
            .map_err(|error| wrong(Doing::Read, &self.intents, &error))?;
        Ok(entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect())
    }

    fn read(&self, name: &str, most: u64) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let path = self.intents.join(name);
        let size = look(&path)?;
        if size > most {
            let path = shown(&path);
            return Err(Trouble::TooLarge { path, most });
        }
        let room = usize::try_from(size).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        File::open(&path)
            .and_then(|file| file.take(size).read_to_end(&mut bytes))
            .map_err(|error| wrong(Doing::Read, &path, &error))?;
        Ok(bytes)
    }

    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, Trouble> {
        let path = self.intents.join(name);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(|error| wrong(Doing::Create, &path, &error))?;
        Ok(Box::new(PlainFile {
            file,
            path,
            written: 0,
            folder: self.intents.clone(),
        }))
    }

    fn replace(&self, from: &str, to: &str) -> Result<(), Trouble> {
        let (from, to) = (self.intents.join(from), self.intents.join(to));
        fs::rename(&from, to).map_err(|error| wrong(Doing::Rename, &from, &error))
    }

    fn move_to(&self, from: &str, to: &str) -> Result<(), Trouble> {
        let path = self.intents.join(to);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.replace(from, to),
            Err(error) => Err(wrong(Doing::Rename, &path, &error)),
            Ok(_) => {
                let taken = io::ErrorKind::AlreadyExists.into();
                Err(wrong(Doing::Rename, &path, &taken))
            }
        }
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        let path = self.intents.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(wrong(Doing::Remove, &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// A name cannot be asked for here; the file's own sync takes it along where that matters.
    fn sync_names(&self) -> Result<(), Trouble> {
        Ok(())
    }

    fn lock(&self, name: &str, words: &str) -> Result<Lock, Trouble> {
        // The words lie beside the lock: a locked file cannot be read by others everywhere.
        let (path, beside) = (
            self.locks.join(name),
            self.locks.join(format!("{name}.who")),
        );
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| wrong(Doing::Lock, &path, &error))?;
        match in_turn(|| file.try_lock()) {
            Ok(()) => {
                fs::write(&beside, words).map_err(|error| wrong(Doing::Lock, &beside, &error))?;
                Ok(Lock::Taken(Box::new(Locked { file, beside })))
            }
            Err(TryLockError::WouldBlock) => Ok(Lock::Theirs(
                fs::read_to_string(&beside).unwrap_or_default(),
            )),
            Err(TryLockError::Error(error)) => Err(wrong(Doing::Lock, &path, &error)),
        }
    }

    fn holder(&self, name: &str) -> Option<String> {
        let file = File::open(self.locks.join(name)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                let beside = self.locks.join(format!("{name}.who"));
                Some(fs::read_to_string(beside).unwrap_or_default())
            }
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

#[derive(Debug)]
struct PlainFile {
    file: File,
    path: PathBuf,
    written: u64,
    folder: PathBuf,
}

impl DiskFile for PlainFile {
    fn append(&mut self, bytes: &[u8]) -> Result<usize, Trouble> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(wrong(Doing::Write, &self.path, &error)),
                Ok(taken) => {
                    self.written += taken as u64;
                    return Ok(taken);
                }
            }
        }
    }

    fn sync(&mut self) -> Result<(), Trouble> {
        self.file
            .sync_all()
            .map_err(|error| wrong(Doing::Sync, &self.path, &error))
    }

    /// Nothing better can be asked everywhere than whether a file of this length has that name.
    fn is_named(&self, name: &str) -> Result<bool, Trouble> {
        let there = fs::symlink_metadata(self.folder.join(name));
        Ok(there.is_ok_and(|about| about.is_file() && about.len() == self.written))
    }
}

/// An open lock file, and the file beside it.
#[derive(Debug)]
struct Locked {
    file: File,
    beside: PathBuf,
}

impl Held for Locked {}

impl Drop for Locked {
    fn drop(&mut self) {
        // The next holder is not to be taken for this one.
        let _ = fs::remove_file(&self.beside);
        let _ = self.file.unlock();
    }
}

/// The size of a regular file.
fn look(path: &Path) -> Result<u64, Trouble> {
    let about = fs::symlink_metadata(path).map_err(|error| wrong(Doing::Read, path, &error))?;
    if about.is_symlink() {
        return Err(Trouble::Link { path: shown(path) });
    }
    if !about.is_file() {
        return Err(Trouble::NotAFile { path: shown(path) });
    }
    Ok(about.len())
}

fn wrong(doing: Doing, path: &Path, error: &io::Error) -> Trouble {
    failed(doing, &path.display().to_string(), error)
}

fn shown(path: &Path) -> Shown {
    Shown::line(&path.display().to_string())
}
