//! The keys that can sign, as far as the wizard knows them: where they are and whose they are.
//!
//! A key never comes in here but for one that is typed, which goes straight on to the shell.

use std::path::PathBuf;

use crate::chain::Address;
use crate::secret::Secret;
use crate::shown::Shown;

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file of Ethereum's secret storage (version 3), as Foundry and geth keep keys. Wants a password.
    Keystore(PathBuf),
    /// A file, or a pipe, with 64 hex digits.
    File(PathBuf),
    /// The variable `PRIVATE_KEY`, as the official clients read it.
    Environment,
    /// Typed here.
    Typed(Secret),
}

/// What opens a keystore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    /// Nothing: the source needs none.
    None,
    /// Typed here.
    Typed(Secret),
    /// The first line of this file, or pipe.
    File(PathBuf),
}

/// A key that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// Where.
    pub source: KeySource,
    /// What it is called there.
    pub name: Shown,
    /// Its account, where that can be told without opening it.
    pub address: Option<Address>,
}

/// A key that was opened, and is kept where it can sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its account.
    pub address: Address,
    /// What is to be said of where it was: who else could have it.
    pub remarks: Vec<Shown>,
}
