//! Where keys are looked for, and the one that is open. The only place of the program that holds a key.
//!
//! Keys are found where `cast` finds them: `ETH_KEYSTORE`, a file or a folder; `keystores` in `~/.foundry` (no variable
//! moves that folder for `cast`, so none does here); and `PRIVATE_KEY`, as the official clients read it. A key is read
//! when it is opened and never before, and gone when it has signed, when another one is opened, or when whoever wanted
//! it open lets go of it ([`Held`]). It leaves this place as signatures only; whether to sign is decided by others.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::blocking::blocking;
use super::files;
use crate::chain::key::Key;
use crate::chain::keystore::Keystore;
use crate::chain::transaction::{Signed, Unsigned};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::keys::{FoundKey, KeySource, Opened, Password};

/// Most keys that are listed.
const MOST: usize = 50;
/// Most entries of a folder that are looked at: somebody may have named a folder of something else.
const MOST_ENTRIES: usize = 500;
/// Bytes of the largest file that is taken for a keystore while looking around: they have half a kilobyte.
const LARGEST: u64 = 16 * 1024;
/// The variable with a bare key.
const VARIABLE: &str = "PRIVATE_KEY";

/// What decides where keys are looked for.
#[derive(Debug, Clone, Default)]
pub struct KeyPlaces {
    /// `PRIVATE_KEY`. No child gets it.
    pub private_key: Option<Secret>,
    /// `ETH_KEYSTORE`: a file or a folder.
    pub keystore: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
}

impl KeyPlaces {
    /// The places of this process. Variables that are empty count as not set.
    pub fn here() -> Self {
        let private_key = env::var(VARIABLE).ok().map(Secret::new);
        let keystore = env::var_os("ETH_KEYSTORE").filter(|value| !value.is_empty());
        let base = etcetera::choose_base_strategy().ok();
        Self {
            private_key: private_key.filter(|key| !key.expose().trim().is_empty()),
            keystore: keystore.map(PathBuf::from),
            home: base.map(|base| etcetera::BaseStrategy::home_dir(&base).to_owned()),
        }
    }

    fn found(&self) -> Vec<FoundKey> {
        let named = self.keystore.iter().map(|path| self.full(path));
        let foundry = self.home.iter().map(|home| home.join(".foundry/keystores"));
        // The variable may name what lies in the folder.
        let mut seen = BTreeSet::new();
        let paths = named.chain(foundry).flat_map(|path| files_at(&path));
        let mut found: Vec<FoundKey> = paths
            .filter(|path| seen.insert(path.clone()))
            .filter_map(found_at)
            .take(MOST)
            .collect();
        if let Some(key) = &self.private_key {
            found.truncate(MOST - 1);
            found.push(FoundKey {
                source: KeySource::Environment,
                name: VARIABLE.into(),
                address: Key::parse(key).ok().map(|key| key.address()),
            });
        }
        found
    }

    /// The key there, and what is to be said of that place.
    fn take(&self, source: &KeySource, password: &Password) -> Result<(Key, Vec<Shown>), Shown> {
        let mut remarks = Vec::new();
        let key = match source {
            KeySource::Keystore(path) => {
                // Foundry leaves them readable for everybody, for without the password they are worth nothing. So that
                // is not remarked upon.
                let (path, text) = self.read(path)?;
                let about = |why| files::sentence(&path, &format!("cannot be used: {why}"));
                let keystore = Keystore::parse(text.expose()).map_err(about)?;
                let password = self.password(password, &mut remarks)?;
                keystore.open(&password).map_err(about)?
            }
            KeySource::File(path) => {
                let text = self.private(path, &mut remarks)?;
                Key::parse(&text).map_err(say)?
            }
            KeySource::Environment => {
                let unset = "the variable PRIVATE_KEY is not set";
                let text = self.private_key.as_ref().ok_or(unset)?;
                remarks.push(
                    "PRIVATE_KEY is in the environment, where your other programs can read it"
                        .into(),
                );
                Key::parse(text).map_err(say)?
            }
            KeySource::Typed(text) => Key::parse(text).map_err(say)?,
        };
        Ok((key, remarks))
    }

    fn password(&self, password: &Password, remarks: &mut Vec<Shown>) -> Result<Secret, Shown> {
        match password {
            Password::None => {
                Err("a keystore is opened with a password, and none was given".into())
            }
            Password::Typed(password) => Ok(password.clone()),
            Password::File(path) => {
                let text = self.private(path, remarks)?;
                let line = text.expose().lines().next();
                Ok(Secret::new(line.unwrap_or_default()))
            }
        }
    }

    /// Reads what nobody else should read, and says so where somebody can.
    fn private(&self, path: &Path, remarks: &mut Vec<Shown>) -> Result<Secret, Shown> {
        let (path, text) = self.read(path)?;
        if path.is_file() && files::others_can_read(&path) {
            remarks.push(files::sentence(&path, "can be read by other users"));
        }
        Ok(text)
    }

    fn read(&self, path: &Path) -> Result<(PathBuf, Secret), Shown> {
        if path == Path::new("-") {
            // It is the terminal, or the answers of a script; nobody could tell which of its lines are the key.
            return Err(
                "a key is not read from standard input; name a file, or a pipe as /dev/fd/3".into(),
            );
        }
        let path = self.full(path);
        let text = files::read_text_or_pipe(&path)?;
        Ok((path, text))
    }

    fn full(&self, path: &Path) -> PathBuf {
        files::from_home(path, self.home.as_deref())
    }
}

/// Signs, with the key that is open. Knows of one at most, and has none: it is whose that holds it open.
#[derive(Debug, Default)]
pub(super) struct Signer {
    places: KeyPlaces,
    key: Mutex<Weak<Slot>>,
}

/// Holds a key open. Dropped, it wipes it.
#[derive(Debug)]
pub(super) struct Held(#[expect(dead_code, reason = "it is there to be dropped")] Arc<Slot>);

/// A key, until it was used.
type Slot = Mutex<Option<Key>>;

impl Signer {
    /// One with no key open, which looks for keys in these places.
    pub(super) fn new(places: KeyPlaces) -> Self {
        Self {
            places,
            key: Mutex::default(),
        }
    }

    /// The keys that can be found without being told where: keystores by name, then the variable.
    pub(super) async fn list(&self) -> Vec<FoundKey> {
        let places = self.places.clone();
        blocking(move || places.found()).await.unwrap_or_default()
    }

    /// Opens a key, for as long as it is held. Whatever was open is gone, even where this fails.
    ///
    /// # Errors
    ///
    /// It cannot be read, the password is another one, or it is no key; the error says which, and quotes nothing.
    pub(super) async fn open(
        &self,
        source: KeySource,
        password: Password,
    ) -> Result<(Opened, Held), Shown> {
        self.wipe();
        let places = self.places.clone();
        let taken = blocking(move || places.take(&source, &password)).await;
        let (key, remarks) = taken.ok_or("the key could not be read")??;
        let address = key.address();
        let slot = Arc::new(Mutex::new(Some(key)));
        *lock(&self.key) = Arc::downgrade(&slot);
        Ok((Opened { address, remarks }, Held(slot)))
    }

    /// Signs with the key that is open, and wipes it unless more is to be signed.
    ///
    /// # Errors
    ///
    /// None is.
    pub(super) fn sign(&self, unsigned: &Unsigned, more: bool) -> Result<Signed, Shown> {
        let slot = lock(&self.key).upgrade();
        let slot = slot.ok_or("no key is open")?;
        let mut key = lock(&slot);
        let signed = key.as_ref().map(|key| unsigned.sign(key));
        if !more {
            *key = None;
        }
        signed.ok_or_else(|| "no key is open".into())
    }

    /// Puts the key away for good, whoever holds it.
    fn wipe(&self) {
        let slot = std::mem::take(&mut *lock(&self.key)).upgrade();
        if let Some(slot) = slot {
            *lock(&slot) = None;
        }
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files at a path: itself, or what lies in it, by name.
fn files_at(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let entries = entries.take(MOST_ENTRIES).filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// A keystore, if that is what the file is.
fn found_at(path: PathBuf) -> Option<FoundKey> {
    let about = fs::metadata(&path).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    let text = files::read_text(&path).ok()?;
    let keystore = Keystore::parse(text.expose()).ok()?;
    Some(FoundKey {
        name: Shown::line(&path.file_name()?.to_string_lossy()),
        address: keystore.address(),
        source: KeySource::Keystore(path),
    })
}

fn say(why: impl ToString) -> Shown {
    Shown::line(&why.to_string())
}

#[cfg(test)]
mod tests;
