//! Writes the commented file, once.
//!
//! A file that is there is never touched, whatever is in it. What stands in the new one, [`settings`] knows.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};

use super::{Place, settings};
use crate::shell::files;
use crate::shown::Shown;

/// Writes the commented file to its place, for its owner alone.
///
/// # Errors
///
/// There is one already, or it cannot be written.
pub fn init(place: &Place) -> Result<(), Shown> {
    let path = &place.path;
    let name = place.name();
    if let Some(folder) = path.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|error| Shown::line(&format!("{name} cannot be written: {error}")))?;
    }
    let written = files::for_owner().open(path).and_then(|mut file| {
        // Half a file might say something else than a whole one.
        file.write_all(settings::template().as_bytes())
            .inspect_err(|_| drop(fs::remove_file(path)))
    });
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Shown::line(&format!(
            "{name} is there already, and stays as it is; --print shows what would be written"
        )),
        _ => Shown::line(&format!("{name} cannot be written: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn place(folder: &std::path::Path) -> Place {
        Place {
            path: super::super::file(folder),
            home: None,
        }
    }

    #[test]
    fn it_is_written_once_for_its_owner_and_says_nothing() {
        let home = tempfile::tempdir().unwrap();
        let place = place(&home.path().join("config"));
        init(&place).unwrap();
        assert_eq!(Config::at(&place), Ok(Config::default()));
        assert!(!files::others_can_read(&place.path));
        fs::write(&place.path, "motion = false\n").unwrap();
        let why = init(&place).unwrap_err();
        assert!(why.as_str().contains("stays as it is"), "{why}");
        let text = fs::read_to_string(&place.path).unwrap();
        assert_eq!(text, "motion = false\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let place = place(home.path());
        let elsewhere = home.path().join("elsewhere");
        fs::create_dir_all(place.path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &place.path).unwrap();
        init(&place).unwrap_err();
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let why = init(&place(&file)).unwrap_err();
        assert!(why.as_str().contains("cannot be written"), "{why}");
    }
}
