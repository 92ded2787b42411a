//! Folders and files, read once and never more than a wizard needs, and new files.
//!
//! A file is read as it is, into memory that is wiped. What it means is not known here. Nothing is written over.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroize;

use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::event::{Folder, FolderEntry, TextFile};

/// Largest file that is read, in bytes. The service takes 200 KiB of compose file and script together.
const LARGEST: u64 = 1024 * 1024;

/// The first number that no name for a new file gets.
const NAMES: u32 = 1000;

/// Room for what comes through a pipe, so that growing leaves no copies behind.
const PIPE: u64 = 64 * 1024;

/// Lists a folder: folders first, then files, each by name. An entry that cannot be looked at counts as a file.
/// A path that begins with `~` begins at home.
pub(super) fn list(path: &Path, home: Option<&Path>) -> Result<Folder, Shown> {
    let path = from_home(path, home);
    let path = fs::canonicalize(&path).map_err(|error| failed(&path, &error))?;
    let read = fs::read_dir(&path).map_err(|error| failed(&path, &error))?;
    let mut entries: Vec<FolderEntry> = read
        .filter_map(Result::ok)
        .map(|entry| {
            let about = fs::metadata(entry.path()).ok();
            let is_folder = about.as_ref().is_some_and(fs::Metadata::is_dir);
            let size = about.filter(fs::Metadata::is_file);
            FolderEntry {
                name: entry.file_name(),
                is_folder,
                size: size.map_or(0, |about| about.len()),
            }
        })
        .collect();
    entries.sort_by(|a, b| (!a.is_folder, &a.name).cmp(&(!b.is_folder, &b.name)));
    Ok(Folder { path, entries })
}

/// Reads a text file whole. A path that begins with `~` begins at home.
pub(super) fn read(path: &Path, home: Option<&Path>) -> Result<TextFile, Shown> {
    let path = from_home(path, home);
    let text = read_text(&path)?;
    Ok(TextFile {
        path: std::path::absolute(&path).unwrap_or(path),
        text,
        lasts: true,
    })
}

/// The text of a file, every byte of it.
pub(super) fn read_text(path: &Path) -> Result<Secret, Shown> {
    // Looked at before it is opened: opening a pipe would wait for someone to write into it.
    let about = fs::metadata(path).map_err(|error| failed(path, &error))?;
    if about.is_dir() {
        return Err(sentence(path, "is a folder"));
    }
    if !about.is_file() {
        return Err(sentence(path, "is not a regular file"));
    }
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    whole(path, file, about.len(), LARGEST)
}

/// The same of a file or a pipe, which is waited for until whoever writes into it is done.
///
/// Nothing else: a terminal that is read here would take the keys from the screen.
pub(super) fn read_text_or_pipe(path: &Path) -> Result<Secret, Shown> {
    let about = fs::metadata(path).map_err(|error| failed(path, &error))?;
    if !is_pipe(&about) {
        return read_text(path);
    }
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    whole(path, file, PIPE, LARGEST)
}

/// The text of an open file of about this size, every byte of it, but at most `most` bytes.
pub(super) fn whole(path: &Path, file: impl Read, size: u64, most: u64) -> Result<Secret, Shown> {
    String::from_utf8(bytes(path, file, size, most)?)
        .map(Secret::new)
        .map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            error.into_bytes().zeroize();
            sentence(
                path,
                &format!("is not UTF-8 text: the byte at offset {at} does not fit"),
            )
        })
}

/// The same of a file that need not be text.
pub(super) fn bytes(path: &Path, file: impl Read, size: u64, most: u64) -> Result<Vec<u8>, Shown> {
    // One byte more than allowed tells too large from just fitting, and room for it keeps secrets in one place.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0) + 1);
    let read = file.take(most + 1).read_to_end(&mut bytes);
    let verdict = match read {
        Err(error) => Err(failed(path, &error)),
        Ok(_) if bytes.len() as u64 > most => {
            let limit = most / (1024 * 1024);
            Err(sentence(path, &format!("is larger than {limit} MB")))
        }
        Ok(_) => Ok(()),
    };
    if let Err(reason) = verdict {
        bytes.zeroize();
        return Err(reason);
    }
    Ok(bytes)
}

/// Writes a new file that only its owner can read, and says where it is. Where the name is taken, the next one is:
/// `a-2.log` after `a.log`.
pub(super) fn save_new(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Shown> {
    let is_name = Path::new(name).file_name() == Some(OsStr::new(name));
    if !is_name || !name.chars().all(|c| !c.is_control()) {
        return Err(Shown::line(&format!("{name} is no name for a file")));
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let names = std::iter::once(name.to_owned())
        .chain((2..NAMES).map(|number| format!("{stem}-{number}{ending}")));
    for name in names {
        let path = folder.join(name);
        let written = for_owner().open(&path).and_then(|mut file| {
            // Half a log would look like a whole one.
            file.write_all(text.as_bytes())
                .inspect_err(|_| drop(fs::remove_file(&path)))
        });
        match written {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(sentence(&path, &format!("cannot be written: {error}"))),
        }
    }
    Err(Shown::line(&format!("{name}: every name like it is taken")))
}

/// Writes a file of this folder, which is made where it is missing: both for their owner alone. Under another name
/// first, so nobody ever reads half of it.
pub(super) fn keep(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // What `tempfile` makes is for its owner alone.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// To be made anew, for its owner alone.
pub(super) fn for_owner() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether other users may read or change this file, as far as the system says so.
#[cfg(unix)]
pub(super) fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn others_can_read(_path: &Path) -> bool {
    false
}

/// A path that begins with `~` begins at home.
pub(super) fn from_home(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

#[cfg(unix)]
fn is_pipe(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    about.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_about: &fs::Metadata) -> bool {
    false
}

pub(super) fn failed(path: &Path, error: &io::Error) -> Shown {
    let what = match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read by you".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    sentence(path, &what)
}

pub(super) fn sentence(path: &Path, what: &str) -> Shown {
    let name = path.file_name().unwrap_or(OsStr::new(path));
    Shown::line(&format!("{} {what}", Path::new(name).display()))
}

/// A path below home that a test writes with slashes, as the person is told of it here.
#[cfg(test)]
pub(super) fn as_here(path: &str) -> String {
    path.replace('/', std::path::MAIN_SEPARATOR_STR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn folders_come_first_and_each_kind_is_sorted() {
        let dir = folder();
        for name in ["b.yaml", "a.yaml"] {
            fs::write(dir.path().join(name), "12345").unwrap();
        }
        for name in ["zoo", "bar"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let folder = list(Path::new("~"), Some(dir.path())).unwrap();
        assert!(folder.path.is_absolute());
        let seen: Vec<_> = folder
            .entries
            .iter()
            .map(|entry| (entry.name.to_str().unwrap(), entry.is_folder, entry.size))
            .collect();
        let expected = [
            ("bar", true, 0),
            ("zoo", true, 0),
            ("a.yaml", false, 5),
            ("b.yaml", false, 5),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_file_is_read_byte_for_byte() {
        let dir = folder();
        let path = dir.path().join("compose.yaml");
        fs::write(&path, "\u{feff}a: 1\r\n\n").unwrap();
        let file = read(&path, None).unwrap();
        assert_eq!(file.text.expose(), "\u{feff}a: 1\r\n\n");
        assert_eq!(file.path, path);
    }

    #[test]
    fn home_is_found() {
        let dir = folder();
        fs::write(dir.path().join(".env"), "A=1").unwrap();
        let file = read(Path::new("~/.env"), Some(dir.path())).unwrap();
        assert_eq!(file.text.expose(), "A=1");
    }

    #[test]
    fn what_cannot_be_read_says_why_in_a_sentence() {
        let dir = folder();
        let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
        write("latin1", b"caf\xe9");
        let size = usize::try_from(LARGEST).unwrap();
        write("large", &vec![b'x'; size + 1]);
        fs::create_dir(dir.path().join("sub")).unwrap();
        for (name, reason) in [
            ("missing", "missing does not exist"),
            ("sub", "sub is a folder"),
            ("large", "large is larger than 1 MB"),
            (
                "latin1",
                "latin1 is not UTF-8 text: the byte at offset 3 does not fit",
            ),
        ] {
            let error = read(&dir.path().join(name), None).unwrap_err();
            assert_eq!(error.as_str(), reason);
        }
    }

    #[test]
    fn a_file_of_exactly_the_limit_is_read() {
        let dir = folder();
        let path = dir.path().join("full");
        let size = usize::try_from(LARGEST).unwrap();
        fs::write(&path, vec![b'x'; size]).unwrap();
        assert_eq!(read(&path, None).unwrap().text.len(), size);
    }

    #[test]
    fn a_new_file_takes_no_name_that_is_taken() {
        let dir = folder();
        for (name, expected) in [
            ("web.log", "web.log"),
            ("web.log", "web-2.log"),
            ("web.log", "web-3.log"),
            ("web-2.log", "web-2-2.log"),
            (".log", ".log"),
            (".log", ".log-2"),
            ("web", "web"),
            ("web", "web-2"),
        ] {
            let path = save_new(dir.path(), name, expected).unwrap();
            assert_eq!(path, dir.path().join(expected));
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
            assert!(!others_can_read(&path));
        }
        for name in ["", ".", "..", "a/b", "/a", "../a", "a/", "a\n"] {
            assert!(save_new(dir.path(), name, "").is_err(), "{name:?}");
        }
        assert!(save_new(&dir.path().join("no"), "a", "").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_before_it_is_opened() {
        let dir = folder();
        let path = dir.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = read(&path, None).unwrap_err();
        assert_eq!(error.as_str(), "socket is not a regular file");
    }
}
