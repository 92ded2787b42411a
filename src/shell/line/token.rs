//! The file that a commit token is kept in: new, and readable by its owner alone.
//!
//! It is made before anything is sent, so that a token never comes without a place to keep it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::secret::Secret;
use crate::shown::Shown;

/// A file that waits for its token. Without one it is taken away again.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
    file: File,
    written: bool,
}

impl TokenFile {
    /// Makes the file. `Err` says why it cannot be made; a file that is there already is never written to.
    pub(super) fn create(path: PathBuf) -> Result<Self, String> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => Ok(Self {
                path,
                file,
                written: false,
            }),
            Err(error) => Err(format!(
                "the token cannot be kept in {}: {error}; nothing was sent",
                shown(&path)
            )),
        }
    }

    /// Writes the token, and a line end.
    pub(super) fn write(&mut self, token: &Secret) -> Result<(), String> {
        let mut line = String::with_capacity(token.len() + 1);
        line.push_str(token.expose());
        line.push('\n');
        let line = Secret::new(line);
        let written = self.file.write_all(line.expose().as_bytes());
        let written = written.and_then(|()| self.file.sync_all());
        written.map_err(|error| {
            format!(
                "the token could not be kept in {}: {error}; nothing was created",
                shown(&self.path)
            )
        })?;
        self.written = true;
        Ok(())
    }

    /// Its path, as it may be shown.
    pub(super) fn shown(&self) -> String {
        shown(&self.path)
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        if !self.written {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn shown(path: &Path) -> String {
    Shown::line(&path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let mut file = TokenFile::create(path.clone()).unwrap();
        file.write(&Secret::new("canary")).unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "canary\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_without_its_token_goes_and_one_that_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        drop(TokenFile::create(path.clone()).unwrap());
        assert!(!path.exists());
        fs::write(&path, "older").unwrap();
        let why = TokenFile::create(path.clone()).unwrap_err();
        assert!(why.contains("nothing was sent"), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "older");
    }
}
