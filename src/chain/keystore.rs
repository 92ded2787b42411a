//! A key under a password: Ethereum's secret storage, version 3, as `cast wallet`, geth and the official clients write it.
//!
//! Reads it, and writes none. Where the file lies and who typed the password is not known here. Opening one takes a
//! second or so on purpose, so nobody does it where somebody waits for the screen.

mod stretching;

use std::fmt;

use aes::Aes128;
use aes::cipher::{KeyIvInit, StreamCipher};
use alloy_primitives::{Address, Keccak256};
use ctr::Ctr128BE;
use ctutils::CtEq;
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;
use zeroize::Zeroizing;

use self::stretching::Stretching;
use super::key::{Key, NoKey};
use crate::secret::Secret;

/// The one version of the format that is known.
const VERSION: u64 = 3;

/// A keystore that was read and not opened. Prints the address it names, and nothing else of it.
pub struct Keystore {
    address: Option<Address>,
    stretching: Stretching,
    iv: [u8; 16],
    ciphertext: [u8; 32],
    mac: [u8; 32],
}

/// Why a keystore gave no key. It quotes nothing of the file: that may be something else, such as a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadKeystore {
    /// Something is missing, or is something else.
    #[error(
        "this is no keystore: it is not as version 3 of the format has it, at line {line}, column {column}"
    )]
    Layout {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Another version of the format.
    #[error("this keystore is not of version 3 of the format, which alone is known here")]
    Version,
    /// Another cipher or another way from the password to the key.
    #[error("this keystore does not name {0}, which alone is known here")]
    Unknown(&'static str),
    /// A member that is no hex, or too short or too long.
    #[error("the member {0} of this keystore is not hex digits of the right number")]
    Digits(&'static str),
    /// Numbers that scrypt or PBKDF2 cannot have.
    #[error("the parameters of {0} in this keystore are impossible")]
    Parameters(&'static str),
    /// It wants to be opened at a price that nobody asks for in good faith.
    #[error("opening this keystore would take {mib} MB of memory; more than {most} are not given")]
    Memory {
        /// What it would take.
        mib: u128,
        /// What is given.
        most: u128,
    },
    /// The same, of time.
    #[error("opening this keystore would take {steps} steps; more than {most} are not gone")]
    Work {
        /// What it would take.
        steps: u128,
        /// What is given.
        most: u128,
    },
    /// What comes out of the password does not fit.
    #[error("the password is not the one of this keystore, or the file was changed")]
    Password,
    /// The file says whose key it is, and that is not so.
    #[error("this keystore says that it is of {named}, and the key in it is of {found}")]
    OtherAddress {
        /// What it says.
        named: Address,
        /// Whose it is.
        found: Address,
    },
    /// What was under the password is no key.
    #[error("what is in this keystore is no key: {0}")]
    NoKey(#[from] NoKey),
}

impl Keystore {
    /// Reads the text of a file. What is too dear to open is refused here.
    pub fn parse(text: &str) -> Result<Self, BadKeystore> {
        // By itself at first: the members of other versions are other ones, and would be told as damage.
        let versioned: Versioned = serde_json::from_str(text).map_err(layout)?;
        if !versioned.version.is_known() {
            return Err(BadKeystore::Version);
        }
        let File { address, crypto } = serde_json::from_str(text).map_err(layout)?;
        if crypto.cipher != "aes-128-ctr" {
            return Err(BadKeystore::Unknown("the cipher aes-128-ctr"));
        }
        let address = address.as_deref().map(|digits| exactly(digits, "address"));
        Ok(Self {
            address: address.transpose()?.map(Address::new),
            stretching: Stretching::read(&crypto.kdf, &crypto.kdfparams)?,
            iv: exactly(&crypto.cipherparams.iv, "iv")?,
            ciphertext: exactly(&crypto.ciphertext, "ciphertext")?,
            mac: exactly(&crypto.mac, "mac")?,
        })
    }

    /// The account it says it is of. Foundry does not say.
    pub fn address(&self) -> Option<Address> {
        self.address
    }

    /// Takes the key out. Takes as long as whoever made the file wanted guessing to take.
    pub fn open(&self, password: &Secret) -> Result<Key, BadKeystore> {
        let stretched = self.stretching.of(password)?;
        let (cipher, authentic) = stretched.split_at(16);
        // Before anything is decrypted, and without telling by its time how much of it is right.
        let mut mac = Keccak256::new();
        mac.update(authentic);
        mac.update(self.ciphertext);
        if !mac.finalize().0.ct_eq(&self.mac).to_bool() {
            return Err(BadKeystore::Password);
        }
        let mut bytes = Zeroizing::new(self.ciphertext);
        Ctr128BE::<Aes128>::new_from_slices(cipher, &self.iv)
            .map_err(|_| BadKeystore::Parameters("aes-128-ctr"))?
            .apply_keystream(bytes.as_mut_slice());
        let key = Key::of(&bytes)?;
        let found = key.address();
        match self.address {
            Some(named) if named != found => Err(BadKeystore::OtherAddress { named, found }),
            _ => Ok(key),
        }
    }
}

impl fmt::Debug for Keystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => write!(f, "Keystore({address})"),
            None => f.write_str("Keystore(..)"),
        }
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: Version,
}

/// Text in the first version, a number since.
#[derive(Deserialize)]
#[serde(untagged)]
enum Version {
    Number(u64),
    Other(IgnoredAny),
}

impl Version {
    fn is_known(&self) -> bool {
        matches!(self, Self::Number(VERSION))
    }
}

/// The file, as far as it concerns us. Some write `Crypto`, as the format once was.
#[derive(Deserialize)]
struct File {
    address: Option<String>,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: String,
    kdf: String,
    kdfparams: stretching::Parameters,
    mac: String,
}

#[derive(Deserialize)]
struct CipherParams {
    iv: String,
}

/// Exactly as many bytes as there have to be, from hex with or without `0x`.
fn exactly<const N: usize>(digits: &str, member: &'static str) -> Result<[u8; N], BadKeystore> {
    let mut bytes = [0; N];
    hex::decode_to_slice(bare(digits), &mut bytes).map_err(|_| BadKeystore::Digits(member))?;
    Ok(bytes)
}

fn bare(digits: &str) -> &str {
    digits.strip_prefix("0x").unwrap_or(digits)
}

/// The position only: the parser's own words may quote the file.
fn layout(error: serde_json::Error) -> BadKeystore {
    let (line, column) = (error.line(), error.column());
    BadKeystore::Layout { line, column }
}

#[cfg(test)]
mod tests;
