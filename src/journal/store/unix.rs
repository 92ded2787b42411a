//! The disk of a Unix system. Everything is opened relative to a folder that was looked at once, follows no link, and is
//! looked at again through the open handle: what a path leads to in the meantime does not matter. Written are only
//! files that were created for it.

mod lock;

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::disk::{Disk, DiskFile, Lock, failed};
use crate::journal::trouble::{Doing, Trouble};
use crate::shown::Shown;

/// What others may do, of a file's mode.
const OTHERS: u32 = 0o077;

/// Two folders that are ours alone.
#[derive(Debug)]
pub struct Unix {
    intents: Arc<Folder>,
    locks: Arc<Folder>,
}

/// An open folder, and its path as it is shown.
#[derive(Debug)]
struct Folder {
    handle: OwnedFd,
    path: String,
}

/// Opens the folders in this one, and makes what is missing.
pub fn open(path: &Path) -> Result<Unix, Trouble> {
    let shown = path.display().to_string();
    if let Some(parent) = path.parent() {
        let mut missing = DirBuilder::new();
        let made = missing.recursive(true).mode(0o700).create(parent);
        made.map_err(|error| failed(Doing::Create, &parent.display().to_string(), &error))?;
    }
    let state = Folder::open(CWD, path, shown)?;
    let below = |name: &str| {
        let path = format!("{}/{name}", state.path);
        Folder::open(state.handle.as_fd(), Path::new(name), path)
    };
    Ok(Unix {
        intents: Arc::new(below("intents")?),
        locks: Arc::new(below("locks")?),
    })
}

impl Folder {
    fn open(at: BorrowedFd<'_>, name: &Path, path: String) -> Result<Self, Trouble> {
        let is_new = match fs::mkdirat(at, name, Mode::RWXU) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(error) => return Err(failed(Doing::Create, &path, &error.into())),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = fs::openat(at, name, flags, Mode::empty())
            .map_err(|error| no_folder(at, name, &path, error))?;
        let stat = fs::fstat(&handle).map_err(|error| failed(Doing::Read, &path, &error.into()))?;
        ours(&stat, &path)?;
        let mode = mode(&stat);
        if mode & OTHERS != 0 {
            let path = Shown::line(&path);
            return Err(Trouble::Open { path, mode });
        }
        let folder = Self { handle, path };
        if is_new {
            let above = name.parent().filter(|above| *above != Path::new(""));
            let above = fs::openat(at, above.unwrap_or(Path::new(".")), flags, Mode::empty());
            let above = above.map_err(|error| failed(Doing::Sync, &folder.path, &error.into()))?;
            sync(&above, &folder.path)?;
        }
        Ok(folder)
    }

    /// Opens a file of ours, as it is looked at through the handle.
    fn file(&self, name: &str, flags: OFlags) -> Result<(File, Stat), Trouble> {
        // Without NONBLOCK, opening a pipe would wait for someone at its other end.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let doing = if flags.contains(OFlags::CREATE) {
            Doing::Create
        } else {
            Doing::Read
        };
        let path = self.path_of(name);
        let handle =
            fs::openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR).map_err(|error| {
                match error {
                    Errno::LOOP | Errno::MLINK => Trouble::Link {
                        path: Shown::line(&path),
                    },
                    error => failed(doing, &path, &error.into()),
                }
            })?;
        let stat = fs::fstat(&handle).map_err(|error| failed(doing, &path, &error.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Trouble::NotAFile {
                path: Shown::line(&path),
            });
        }
        ours(&stat, &path)?;
        // A second name may have been taken away between opening and looking, so the name is looked at as well. That
        // narrows the moment, and does not close it: the system drops the count of names before the name. So nothing
        // is ever written into a file that was found, nor is its mode touched.
        let there = fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| failed(doing, &path, &error.into()))?;
        if inode(&stat) != inode(&there) {
            return Err(Trouble::Replaced {
                path: Shown::line(&path),
            });
        }
        let names = names(&stat).max(names(&there));
        if names != 1 {
            return Err(Trouble::Linked {
                path: Shown::line(&path),
                names,
            });
        }
        Ok((File::from(handle), stat))
    }

    fn path_of(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }
}

impl Disk for Unix {
    fn keeps(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Vec<String>, Trouble> {
        let folder = &self.intents;
        let wrong = |error: Errno| failed(Doing::Read, &folder.path, &error.into());
        let mut found = Vec::new();
        for entry in Dir::read_from(&folder.handle).map_err(wrong)? {
            // A name that is not UTF-8 is none of ours.
            match entry.map_err(wrong)?.file_name().to_str() {
                Ok("." | "..") | Err(_) => {}
                Ok(name) => found.push(name.to_owned()),
            }
        }
        Ok(found)
    }

    fn read(&self, name: &str, most: u64) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let (file, stat) = self.intents.file(name, OFlags::RDONLY)?;
        let path = self.intents.path_of(name);
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > most {
            let path = Shown::line(&path);
            return Err(Trouble::TooLarge { path, most });
        }
        // No more than there was: a buffer that grows leaves unwiped copies behind.
        let room = usize::try_from(size).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        file.take(size)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(Doing::Read, &path, &error))?;
        Ok(bytes)
    }

    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, Trouble> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let (file, _) = self.intents.file(name, flags)?;
        Ok(Box::new(UnixFile {
            file,
            folder: Arc::clone(&self.intents),
            path: self.intents.path_of(name),
        }))
    }

    fn replace(&self, from: &str, to: &str) -> Result<(), Trouble> {
        let folder = &self.intents;
        fs::renameat(&folder.handle, from, &folder.handle, to)
            .map_err(|error| failed(Doing::Rename, &folder.path_of(from), &error.into()))
    }

    fn move_to(&self, from: &str, to: &str) -> Result<(), Trouble> {
        let folder = &self.intents;
        match fs::statat(&folder.handle, to, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => self.replace(from, to),
            Ok(_) => Err(failed(
                Doing::Rename,
                &folder.path_of(to),
                &io::ErrorKind::AlreadyExists.into(),
            )),
            Err(error) => Err(failed(Doing::Rename, &folder.path_of(to), &error.into())),
        }
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        let folder = &self.intents;
        match fs::unlinkat(&folder.handle, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(failed(Doing::Remove, &folder.path_of(name), &error.into())),
        }
    }

    fn sync_names(&self) -> Result<(), Trouble> {
        sync(&self.intents.handle, &self.intents.path)
    }

    fn lock(&self, name: &str, words: &str) -> Result<Lock, Trouble> {
        lock::take(&self.locks, name, words)
    }

    fn holder(&self, name: &str) -> Option<String> {
        lock::holder(&self.locks, name)
    }
}

/// A file that was just created.
#[derive(Debug)]
struct UnixFile {
    file: File,
    folder: Arc<Folder>,
    path: String,
}

impl DiskFile for UnixFile {
    fn append(&mut self, bytes: &[u8]) -> Result<usize, Trouble> {
        loop {
            match self.file.write(bytes) {
                // A signal came before anything was written.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => {
                    return written.map_err(|error| failed(Doing::Write, &self.path, &error));
                }
            }
        }
    }

    fn sync(&mut self) -> Result<(), Trouble> {
        self.file
            .sync_data()
            .map_err(|error| failed(Doing::Sync, &self.path, &error))
    }

    fn is_named(&self, name: &str) -> Result<bool, Trouble> {
        let wrong = |error: Errno| failed(Doing::Read, &self.path, &error.into());
        let here = fs::fstat(&self.file).map_err(wrong)?;
        let there = match fs::statat(&self.folder.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => there,
            Err(Errno::NOENT) => return Ok(false),
            Err(error) => return Err(wrong(error)),
        };
        Ok(inode(&here) == inode(&there) && names(&here) == 1)
    }
}

fn ours(stat: &Stat, path: &str) -> Result<(), Trouble> {
    let me = rustix::process::geteuid().as_raw();
    if stat.st_uid == me {
        return Ok(());
    }
    Err(Trouble::Foreign {
        path: Shown::line(path),
        owner: stat.st_uid,
    })
}

/// Opening said no. What stands there says why.
fn no_folder(at: BorrowedFd<'_>, name: &Path, path: &str, error: Errno) -> Trouble {
    let shown = Shown::line(path);
    let stat = fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW);
    match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
        Ok(FileType::Symlink) => Trouble::Link { path: shown },
        Ok(FileType::Directory) | Err(_) => failed(Doing::Read, path, &error.into()),
        Ok(_) => Trouble::NotAFolder { path: shown },
    }
}

/// Where a file system cannot be asked to keep names, there is nothing better to ask.
fn sync(folder: impl AsFd, path: &str) -> Result<(), Trouble> {
    match fs::fsync(folder) {
        Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        Err(error) => Err(failed(Doing::Sync, path, &error.into())),
    }
}

fn mode(stat: &Stat) -> u32 {
    #[allow(
        clippy::useless_conversion,
        reason = "the number is narrower elsewhere"
    )]
    Mode::from_raw_mode(stat.st_mode).as_raw_mode().into()
}

/// Which file it is, whatever its name.
fn inode(stat: &Stat) -> (impl PartialEq + use<>, impl PartialEq + use<>) {
    (stat.st_dev, stat.st_ino)
}

fn names(stat: &Stat) -> u64 {
    #[allow(
        clippy::useless_conversion,
        reason = "the number is narrower elsewhere"
    )]
    stat.st_nlink.into()
}
