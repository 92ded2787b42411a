//! How long the last boots of an app took, kept for the next one.
//!
//! A help and no record: a file that cannot be read counts as none, and whoever writes last is right. What the times
//! mean is not known here.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use super::files;
use crate::api::types::AppId;
use crate::shown::Shown;
use crate::wizard::boots::PastBoot;

/// Boots that are kept of an app: older ones were of another time.
const MOST: usize = 10;

/// Where boots are kept.
#[derive(Debug, Clone)]
pub(super) enum Boots {
    /// A file per app in this folder. `None`: the system names no place for state.
    Folder(Option<PathBuf>),
    /// With the sandbox, and gone with it.
    Memory(Arc<Mutex<BTreeMap<AppId, Vec<PastBoot>>>>),
}

/// A file of boots.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Oldest first.
    boots: Vec<Boot>,
}

#[derive(Serialize, Deserialize)]
struct Boot {
    whole: u64,
    phases: Vec<(String, u64)>,
}

impl Boots {
    /// Boots beside the journals, which are in this folder.
    pub(super) fn at(state: Option<&Path>) -> Self {
        Self::Folder(state.map(|state| state.join("boots")))
    }

    /// Boots that end with the program, for a sandbox that does so too.
    pub(super) fn in_memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Those of this app, oldest first.
    pub(super) async fn past(&self, app: AppId) -> Vec<PastBoot> {
        let boots = self.clone();
        blocking(move || match boots {
            Self::Folder(folder) => {
                folder.map_or_else(Vec::new, |folder| read(&file(&folder, app)))
            }
            Self::Memory(known) => {
                let known = known.lock().unwrap_or_else(PoisonError::into_inner);
                known.get(&app).cloned().unwrap_or_default()
            }
        })
        .await
        .unwrap_or_default()
    }

    /// Keeps one more.
    pub(super) async fn keep(&self, app: AppId, boot: PastBoot) -> Result<(), Shown> {
        let boots = self.clone();
        blocking(move || match boots {
            Self::Folder(None) => Err("this system names no folder for state".into()),
            Self::Folder(Some(folder)) => {
                let path = file(&folder, app);
                let mut known = read(&path);
                add(&mut known, boot);
                write(&folder, &path, known).map_err(|error| {
                    Shown::line(&format!("{} cannot be written: {error}", path.display()))
                })
            }
            Self::Memory(known) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                add(known.entry(app).or_default(), boot);
                Ok(())
            }
        })
        .await
        .unwrap_or_else(|| Err("the disk could not be asked".into()))
    }
}

fn file(folder: &Path, app: AppId) -> PathBuf {
    folder.join(format!("{app}.json"))
}

fn add(known: &mut Vec<PastBoot>, boot: PastBoot) {
    known.push(boot);
    known.drain(..known.len().saturating_sub(MOST));
}

fn read(path: &Path) -> Vec<PastBoot> {
    let kept = files::read_text(path)
        .ok()
        .and_then(|text| serde_json::from_str::<Kept>(text.expose()).ok());
    let boots = kept.map(|kept| kept.boots).unwrap_or_default();
    let surplus = boots.len().saturating_sub(MOST);
    let safe = |(word, seconds): (String, u64)| (Shown::line(&word).as_str().to_owned(), seconds);
    boots
        .into_iter()
        .skip(surplus)
        .map(|boot| PastBoot {
            phases: boot.phases.into_iter().map(safe).collect(),
            whole: boot.whole,
        })
        .collect()
}

fn write(folder: &Path, path: &Path, boots: Vec<PastBoot>) -> io::Result<()> {
    let boots = boots.into_iter().map(|boot| Boot {
        whole: boot.whole,
        phases: boot.phases,
    });
    let text = serde_json::to_string(&Kept {
        boots: boots.collect(),
    })?;
    files::keep(folder, path, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(byte: u8) -> AppId {
        AppId::from([byte; 20])
    }

    fn boot(whole: u64) -> PastBoot {
        PastBoot {
            phases: vec![("booting".to_owned(), whole / 2)],
            whole,
        }
    }

    async fn wholes(boots: &Boots, app: AppId) -> Vec<u64> {
        let past = boots.past(app).await;
        past.iter().map(|boot| boot.whole).collect()
    }

    #[tokio::test]
    async fn the_last_ten_are_kept_of_each_app() {
        let place = tempfile::tempdir().unwrap();
        for boots in [Boots::at(Some(place.path())), Boots::in_memory()] {
            assert_eq!(boots.past(app(1)).await, []);
            for number in 1..=12 {
                boots.keep(app(1), boot(number)).await.unwrap();
            }
            boots.keep(app(2), boot(70)).await.unwrap();
            let kept: Vec<u64> = (3..=12).collect();
            assert_eq!(wholes(&boots, app(1)).await, kept);
            assert_eq!(boots.past(app(2)).await, [boot(70)]);
        }
        let names = std::fs::read_dir(place.path().join("boots")).unwrap();
        assert_eq!(names.count(), 2, "no other file stays behind");
    }

    #[tokio::test]
    async fn a_spoilt_file_counts_as_none_and_is_written_anew() {
        let place = tempfile::tempdir().unwrap();
        let boots = Boots::at(Some(place.path()));
        let path = place.path().join("boots").join(format!("{}.json", app(1)));
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        for text in ["", "{", "[]", r#"{"boots":[{"whole":-1,"phases":[]}]}"#] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(boots.past(app(1)).await, [], "{text}");
            boots.keep(app(1), boot(9)).await.unwrap();
            assert_eq!(boots.past(app(1)).await, [boot(9)]);
        }
        let text = r#"{"boots":[{"whole":2,"phases":[["a\u001b[31m",1]],"more":1}]}"#;
        std::fs::write(&path, text).unwrap();
        let word = boots.past(app(1)).await[0].phases[0].0.clone();
        assert_eq!(word, "a\\u{1b}[31m");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn boots_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let boots = Boots::at(Some(place.path()));
        boots.keep(app(1), boot(9)).await.unwrap();
        let folder = place.path().join("boots");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&file(&folder, app(1))), 0o600);
    }

    #[tokio::test]
    async fn where_there_is_no_place_for_state_nothing_is_kept() {
        let boots = Boots::at(None);
        assert!(boots.keep(app(1), boot(1)).await.is_err());
        assert_eq!(boots.past(app(1)).await, []);
    }
}
