//! Which terms were explained on this machine, so that nothing is explained twice.
//!
//! A help and no record: a file that cannot be read counts as none, and words that are not known are passed over.

use std::io;
use std::path::{Path, PathBuf};

use super::blocking::blocking;
use super::files;
use crate::shown::Shown;
use crate::wizard::guide::Term;

/// The terms that were seen, as the file beside the journals in this folder has them.
pub(super) async fn read(state: Option<PathBuf>) -> Vec<Term> {
    blocking(move || state.map_or_else(Vec::new, |state| seen(&file(&state))))
        .await
        .unwrap_or_default()
}

/// Keeps them.
pub(super) async fn keep(state: Option<PathBuf>, terms: Vec<Term>) -> Result<(), Shown> {
    let written = blocking(move || match state {
        None => Err("this system names no folder for state".into()),
        Some(state) => {
            let path = file(&state);
            write(&state, &path, &terms).map_err(|error| {
                Shown::line(&format!("{} cannot be written: {error}", path.display()))
            })
        }
    });
    written
        .await
        .unwrap_or_else(|| Err("the disk could not be asked".into()))
}

fn file(state: &Path) -> PathBuf {
    state.join("seen.json")
}

fn seen(path: &Path) -> Vec<Term> {
    let text = files::read_text(path).ok();
    let words = text.and_then(|text| serde_json::from_str::<Vec<String>>(text.expose()).ok());
    let words = words.unwrap_or_default();
    words.iter().filter_map(|word| Term::of(word)).collect()
}

fn write(folder: &Path, path: &Path, terms: &[Term]) -> io::Result<()> {
    let words: Vec<&str> = terms.iter().map(|term| term.word()).collect();
    files::keep(folder, path, &serde_json::to_string(&words)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_seen_is_known_the_next_time() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        assert_eq!(read(Some(state.clone())).await, []);
        let terms = vec![Term::Kms, Term::Cvm];
        keep(Some(state.clone()), terms.clone()).await.unwrap();
        assert_eq!(read(Some(state.clone())).await, terms);
        for (text, terms) in [
            ("", vec![]),
            ("{}", vec![]),
            (r#"["kms","x"]"#, vec![Term::Kms]),
        ] {
            std::fs::write(file(&state), text).unwrap();
            assert_eq!(read(Some(state.clone())).await, terms, "{text}");
        }
        let names = std::fs::read_dir(&state).unwrap();
        assert_eq!(names.count(), 1, "no other file stays behind");
    }

    #[tokio::test]
    async fn where_there_is_no_place_for_state_everything_is_new() {
        assert!(keep(None, vec![Term::Cvm]).await.is_err());
        assert_eq!(read(None).await, []);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        keep(Some(state.clone()), vec![Term::Cvm]).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&state), mode(&file(&state))), (0o700, 0o600));
    }
}
