//! What a command for scripts is about: a file, a pipe or standard input, read once.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::files;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::event::TextFile;

/// Most bytes that are read: an attestation with its event log has a few hundred KiB.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Reads a text whole; `-` is standard input. `Err` says what is the matter with which file.
pub fn read(path: &Path) -> Result<Secret, Shown> {
    if path == Path::new("-") {
        let name = Path::new("standard input");
        return files::whole(name, io::stdin().lock(), 0, LARGEST);
    }
    let (file, size) = open(path)?;
    files::whole(path, file, size, LARGEST)
}

/// Reads a file whole that need not be text and is no secret. `Err` says what is the matter with it.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Shown> {
    let (file, size) = open(path)?;
    files::bytes(path, file, size, LARGEST)
}

fn open(path: &Path) -> Result<(File, u64), Shown> {
    let file = File::open(path).map_err(|error| files::failed(path, &error))?;
    let size = file.metadata().map_or(0, |about| about.len());
    Ok((file, size))
}

/// A text that was read from here, as an answer: only what is a file on the disk can be read once more.
pub fn file(path: PathBuf, text: Secret) -> TextFile {
    let lasts = path != Path::new("-") && path.is_file();
    let path = match std::path::absolute(&path) {
        Ok(absolute) if lasts => absolute,
        _ => path,
    };
    TextFile { path, text, lasts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_and_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("document.json");
        std::fs::write(&path, "{}\n").unwrap();
        assert_eq!(read(&path).unwrap().expose(), "{}\n");
        let missing = read(&folder.path().join("none.json")).unwrap_err();
        assert_eq!(missing.as_str(), "none.json does not exist");
        assert!(read(folder.path()).is_err());
        std::fs::write(&path, [0x30, 0xff]).unwrap();
        assert!(read(&path).is_err(), "it is no text");
        assert_eq!(read_bytes(&path).unwrap(), [0x30, 0xff]);
        assert!(read_bytes(&folder.path().join("none.json")).is_err());
    }
}
