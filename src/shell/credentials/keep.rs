//! Writes a profile into a credentials file, and takes one out.
//!
//! The layout is the official CLI's (10.2). Other profiles and members that nobody here knows stay as they are. The
//! file is replaced in one step, by a new one of its owner alone that is on the disk before it gets the name. A link, a
//! file of somebody else and a layout of another version are left alone. Who else writes at the same time is noticed:
//! another of us by a lock, any other program because the file has changed since it was read.

mod layout;
mod lock;

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::SCHEMA_VERSION;
use super::files;
use crate::secret::Secret;
use crate::shown::Shown;
use layout::{After, Layout, Object, Unknown};

/// How often it is begun anew when the file has changed meanwhile.
const ROUNDS: u32 = 5;

/// Room beside what was there, so that no copy is left behind by growing.
const ROOM: usize = 16 * 1024;

/// A profile as it is written.
#[derive(Debug, Clone, Default)]
pub(in crate::shell) struct Entry {
    /// Its name.
    pub name: String,
    /// The key; `None` where it is in the keyring.
    pub token: Option<Secret>,
    /// The service.
    pub api_prefix: String,
    /// The workspace: its name, its slug.
    pub workspace: (String, Option<String>),
    /// Whose key it is.
    pub username: String,
    /// When, as the official CLI writes it.
    pub updated_at: String,
}

/// What is done to a file.
#[derive(Debug)]
enum Change<'c> {
    /// The profile is added, or replaces the one of its name, and becomes the current one.
    Put(&'c Entry),
    /// The profile of this name goes. The file goes with the last one.
    Take(&'c str),
    /// None is the current one any more.
    Unset,
}

/// Keeps a profile.
pub(in crate::shell) fn put(path: &Path, entry: &Entry) -> Result<(), Shown> {
    change(path, &Change::Put(entry)).map(drop)
}

/// Takes a profile out. Says whether it was there.
pub(in crate::shell) fn take(path: &Path, name: &str) -> Result<bool, Shown> {
    change(path, &Change::Take(name))
}

/// Makes none of its profiles the one that is used when none is named.
pub(in crate::shell) fn unset_current(path: &Path) -> Result<(), Shown> {
    change(path, &Change::Unset).map(drop)
}

/// Whether there is a profile of this name that keeping would replace; the error is why nothing is kept there.
pub(in crate::shell) fn would_replace(path: &Path, name: &str) -> Result<bool, Shown> {
    let text = read(path)?.unwrap_or_default();
    Ok(parse(path, text.expose())?.has(name))
}

fn change(path: &Path, change: &Change) -> Result<bool, Shown> {
    change_while(path, change, || ())
}

/// `between`: what happens after the new file is made and before it takes the place of the old one.
fn change_while(path: &Path, change: &Change, between: impl Fn()) -> Result<bool, Shown> {
    let folder = path.parent().ok_or_else(|| wrong(path, "has no folder"))?;
    if let Change::Put(_) = change {
        make_folder(folder).map_err(|error| failed(folder, "cannot be created", &error))?;
    } else if !path.exists() {
        return Ok(false);
    }
    let _lock =
        lock::take(folder).map_err(|()| wrong(folder, "is being written to by another program"))?;
    for _ in 0..ROUNDS {
        let before = read(path)?;
        let text = before.as_ref().map_or("", Secret::expose);
        let written = match parse(path, text)?.changed(change, SCHEMA_VERSION) {
            None => return Ok(false),
            Some(After::Empty) => None,
            Some(After::File(after)) => Some(write(folder, path, &after, text.len())?),
        };
        between();
        if read(path)? != before {
            // Somebody else was faster. What they wrote is read, and changed in turn.
            continue;
        }
        match written {
            Some(file) => file
                .persist(path)
                .map(drop)
                .map_err(|error| failed(path, "cannot be replaced", &error.error))?,
            None => {
                fs::remove_file(path).map_err(|error| failed(path, "cannot be removed", &error))?;
            }
        }
        // Where a folder cannot be asked to keep names, there is nothing better to ask.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        return Ok(true);
    }
    Err(wrong(path, "is changed by another program all the time"))
}

/// The text of the file; `None` where there is none. Refuses what is not to be replaced.
fn read(path: &Path) -> Result<Option<Secret>, Shown> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, "cannot be looked at", &error)),
    };
    if about.is_symlink() {
        return Err(wrong(path, "is a link, and is left as it is"));
    }
    if !about.is_file() {
        return Err(wrong(path, "is not a regular file"));
    }
    if !is_of(&about, user()) {
        return Err(wrong(path, "belongs to another user"));
    }
    files::read_text(path).map(Some)
}

fn parse<'a>(path: &Path, text: &'a str) -> Result<Layout<'a>, Shown> {
    Layout::parse(text, SCHEMA_VERSION).map_err(|unknown| match unknown {
        Unknown::NotUnderstood => wrong(path, "is not understood, and is left as it is"),
        Unknown::Version => wrong(
            path,
            "has a layout that is not known here, and is left as it is",
        ),
    })
}

/// Who runs this.
#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn user() -> u32 {
    0
}

#[cfg(unix)]
fn is_of(about: &fs::Metadata, user: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.uid() == user
}

#[cfg(not(unix))]
fn is_of(_about: &fs::Metadata, _user: u32) -> bool {
    true
}

/// A new folder is its owner's alone; one that is there is left as it is.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut missing = DirBuilder::new();
    missing.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut missing, 0o700);
    missing.create(folder)
}

/// On the disk under another name, for its owner alone.
fn write(
    folder: &Path,
    path: &Path,
    file: &Object<'_>,
    size: usize,
) -> Result<tempfile::NamedTempFile, Shown> {
    let mut text = Zeroizing::new(Vec::with_capacity(size + ROOM));
    let made = serde_json::to_writer_pretty(&mut *text, file);
    made.map_err(|_| wrong(path, "cannot be made anew"))?;
    text.push(b'\n');
    let written = || {
        let mut new = tempfile::Builder::new();
        new.prefix(".credentials-").suffix(".new");
        let mut new = new.tempfile_in(folder)?;
        new.write_all(&text)?;
        new.as_file().sync_all()?;
        Ok(new)
    };
    written().map_err(|error: io::Error| failed(path, "cannot be written", &error))
}

fn wrong(path: &Path, what: &str) -> Shown {
    Shown::line(&format!("{} {what}", path.display()))
}

fn failed(path: &Path, what: &str, error: &io::Error) -> Shown {
    wrong(path, &format!("{what}: {error}"))
}

#[cfg(test)]
mod tests;
