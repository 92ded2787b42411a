//! The keyring of the system: the keychain of macOS, the credential manager of Windows, the keyring of the Linux kernel.
//!
//! That of the kernel forgets: at a restart, and what is not used for some days. That is said where it is chosen. The
//! desktop's own keyring on Linux is not asked: it would take a D-Bus client of three megabytes. Whose keys lie in
//! here, and for which service, is not known here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use keyring_core::{CredentialStore, Entry, Error};

use crate::secret::Secret;
use crate::shown::Shown;

/// What our entries are called in it.
const SERVICE: &str = "phala-wizard";

/// What it is called.
#[cfg(target_os = "linux")]
pub(super) const NAME: &str = "the kernel's keyring";
#[cfg(target_os = "macos")]
pub(super) const NAME: &str = "the keychain";
#[cfg(windows)]
pub(super) const NAME: &str = "the credential manager";
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) const NAME: &str = "a keyring";

/// What a person has to know before a key is kept in it.
#[cfg(target_os = "linux")]
const TERM: &str = "the kernel's: it forgets at a restart, and after some days without use";
#[cfg(target_os = "macos")]
const TERM: &str = "the keychain of this user";
#[cfg(windows)]
const TERM: &str = "the credential manager of this user";
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
const TERM: &str = "";

/// A keyring, which may not be there.
#[derive(Clone, Default)]
pub enum Keyring {
    /// There is none.
    #[default]
    None,
    /// The system's. It is opened when it is needed.
    System,
    /// One that ends with the process.
    Memory(Arc<Mutex<BTreeMap<String, Secret>>>),
}

impl Keyring {
    /// That of the system.
    pub fn of_the_system() -> Self {
        Self::System
    }

    /// One that ends with the process.
    pub fn in_memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// How it keeps, or why nothing can be kept in it.
    pub(super) fn term(&self) -> Result<Shown, Shown> {
        match self {
            Self::None => Err("this system has no keyring that is known here".into()),
            Self::Memory(_) => Ok(TERM.into()),
            Self::System => store().map(|_| TERM.into()),
        }
    }

    /// Keeps a key under this name.
    pub(super) fn set(&self, name: &str, key: &Secret) -> Result<(), Shown> {
        match self {
            Self::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.insert(name.to_owned(), key.clone());
                Ok(())
            }
            _ => self.entry(name)?.set_password(key.expose()).map_err(told),
        }
    }

    /// The key of this name; `None` where it is not in there.
    pub(super) fn get(&self, name: &str) -> Result<Option<Secret>, Shown> {
        match self {
            Self::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(kept.get(name).cloned())
            }
            _ => match self.entry(name)?.get_password() {
                Ok(key) => Ok(Some(Secret::new(key))),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(told(error)),
            },
        }
    }

    /// Drops the key of this name, if it is there.
    pub(super) fn remove(&self, name: &str) -> Result<(), Shown> {
        match self {
            Self::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.remove(name);
                Ok(())
            }
            _ => match self.entry(name)?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(told(error)),
            },
        }
    }

    fn entry(&self, name: &str) -> Result<Entry, Shown> {
        let store = match self {
            Self::System => store()?,
            _ => return Err("there is no keyring".into()),
        };
        Entry::new_in_store(&store, SERVICE, name).map_err(told)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "Keyring(none)",
            Self::System => "Keyring(system)",
            Self::Memory(_) => "Keyring(memory)",
        })
    }
}

/// The words of an error, without what it may carry: a key that is not UTF-8 is in it.
fn told(error: Error) -> Shown {
    let why = match error {
        Error::NoStorageAccess(why) | Error::PlatformFailure(why) => why.to_string(),
        Error::BadEncoding(_) => "what is in there is no text".to_owned(),
        Error::NoEntry => "it is not in there".to_owned(),
        _ => "it does not take this".to_owned(),
    };
    Shown::line(&format!("{NAME} says no: {why}"))
}

#[cfg(target_os = "linux")]
fn store() -> Result<Arc<CredentialStore>, Shown> {
    let store = linux_keyutils_keyring_store::Store::new().map_err(told)?;
    Ok(store)
}

#[cfg(target_os = "macos")]
fn store() -> Result<Arc<CredentialStore>, Shown> {
    let store = apple_native_keyring_store::keychain::Store::new().map_err(told)?;
    Ok(store)
}

#[cfg(windows)]
fn store() -> Result<Arc<CredentialStore>, Shown> {
    let store = windows_native_keyring_store::Store::new().map_err(told)?;
    Ok(store)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn store() -> Result<Arc<CredentialStore>, Shown> {
    Err("this system has no keyring that is known here".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_until_it_is_removed() {
        let keyring = Keyring::in_memory();
        let key = Secret::new("phak_canary");
        assert_eq!(keyring.get("acme"), Ok(None));
        keyring.set("acme", &key).unwrap();
        assert_eq!(keyring.clone().get("acme"), Ok(Some(key)));
        assert_eq!(keyring.get("other"), Ok(None));
        assert!(!format!("{keyring:?}").contains("canary"));
        keyring.remove("acme").unwrap();
        keyring.remove("acme").unwrap();
        assert_eq!(keyring.get("acme"), Ok(None));
    }

    #[test]
    fn where_there_is_none_nothing_is_kept_and_the_reason_is_told() {
        let none = Keyring::default();
        assert!(none.term().is_err());
        assert!(none.set("acme", &Secret::new("phak_canary")).is_err());
        assert!(none.get("acme").is_err());
    }

    #[test]
    fn an_error_never_quotes_what_was_found() {
        let words = told(Error::BadEncoding(b"phak_canary".to_vec()));
        assert!(!words.as_str().contains("canary"), "{words}");
    }
}
