//! The sealed variables: `encrypted_env` of the API.
//!
//! One-time X25519 public key (32 bytes), nonce (12), AES-256-GCM ciphertext with its tag (n + 16), in lower-case hex.
//! The AES key is the shared secret itself. Seals for one key and refuses keys that would seal for everyone.
//! It does not know whose key it is; that is [`super::env_key_signature`]'s question.

use std::fmt;

use aes_gcm::aead::{AeadInOut, Generate, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use serde::Serialize;
use thiserror::Error;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

use super::hex_text::{self, HexFlaw};
use crate::secret::Secret;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Text of a blob without variables: `{"env":[]}`.
const LEAST_TEXT_BYTES: usize = 10;
const LEAST_BYTES: usize = KEY_BYTES + NONCE_BYTES + TAG_BYTES + LEAST_TEXT_BYTES;
/// Text of a variable without name and value: `{"key":"","value":""}`.
const BARE_ENTRY_BYTES: usize = 21;

/// Bytes of a blob that the host copies into the machine; of a larger one the end is missing.
pub const HOST_LIMIT_BYTES: usize = 256 * 1024;

/// The public key of an app: what is sealed for it, only its instances can open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnvKey([u8; KEY_BYTES]);

/// Why a text is no key to seal for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EnvKeyError {
    /// Not the hex of 32 bytes.
    #[error("the encryption key is not readable: {0}")]
    Hex(HexFlaw),
    /// A point of low order: the shared secret would be zero, known to everyone.
    #[error("the encryption key is a point of low order: anyone could open what is sealed for it")]
    LowOrder,
}

impl EnvKey {
    /// Reads exactly 64 hex digits, with or without `0x`.
    pub fn parse(text: &str) -> Result<Self, EnvKeyError> {
        let bytes = hex_text::bytes(text).map_err(EnvKeyError::Hex)?;
        if has_low_order(bytes) {
            Err(EnvKeyError::LowOrder)
        } else {
            Ok(Self(bytes))
        }
    }

    /// The raw little-endian u coordinate.
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Display for EnvKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for EnvKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnvKey({self})")
    }
}

/// Why sealing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// The operating system gave no random bytes.
    #[error("the system has no random numbers to give, so nothing can be sealed safely")]
    NoRandomness,
    /// The cipher refused; only a text of more than 64 GiB makes it do so.
    #[error("the variables could not be sealed")]
    Cipher,
}

/// Variables nobody but the app's instances can read, as they are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEnv {
    hex: String,
    names: Option<Vec<String>>,
    remarks: Vec<BlobRemark>,
}

/// Something worth saying about a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BlobRemark {
    /// `0x`, capital letters or white space were taken out.
    #[error("written as plain lower-case hex, as the service wants it")]
    Tidied,
    /// Nothing tells whose key it was sealed for, nor which names are in it.
    #[error(
        "a ready blob does not tell which key it is for or what is in it: a wrong one fails at boot"
    )]
    Opaque,
    /// More than the host copies.
    #[error(
        "the blob has {0} bytes, the host copies {HOST_LIMIT_BYTES} of them: the machine would not boot"
    )]
    OverHostLimit(usize),
}

/// Why a pasted text is no blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BlobError {
    /// A character that is no hex digit, counted from 1.
    #[error("character {0} is not a hex digit")]
    Digit(usize),
    /// Half a byte at the end.
    #[error("{0} hex digits: an even number is needed, so one is missing")]
    Odd(usize),
    /// Shorter than a blob without variables.
    #[error("{found} bytes: a blob has at least {LEAST_BYTES}")]
    Short {
        /// Bytes found.
        found: usize,
    },
    /// The sender's key has low order; the guest refuses it.
    #[error("the first 32 bytes are not a usable public key: the machine would refuse the blob")]
    LowOrder,
}

impl SealedEnv {
    /// Takes a ready blob as pasted: hex in either case, `0x` and white space around or between are taken out.
    pub fn parse_hex(text: &str) -> Result<Self, BlobError> {
        let compact: String = text.split_whitespace().collect();
        let digits = compact.strip_prefix("0x").unwrap_or(&compact);
        if let Some(place) = hex_text::first_non_digit(digits) {
            return Err(BlobError::Digit(place));
        }
        if !digits.len().is_multiple_of(2) {
            return Err(BlobError::Odd(digits.len()));
        }
        let found = digits.len() / 2;
        if found < LEAST_BYTES {
            return Err(BlobError::Short { found });
        }
        // The digits were counted and looked at above, so this reads.
        let sender = hex_text::bytes(&digits[..2 * KEY_BYTES]).map_err(|_| BlobError::LowOrder)?;
        if has_low_order(sender) {
            return Err(BlobError::LowOrder);
        }
        let hex = digits.to_ascii_lowercase();
        let mut remarks = vec![BlobRemark::Opaque];
        if hex != text {
            remarks.push(BlobRemark::Tidied);
        }
        Ok(Self::new(hex, None, remarks))
    }

    fn new(hex: String, names: Option<Vec<String>>, mut remarks: Vec<BlobRemark>) -> Self {
        let bytes = hex.len() / 2;
        if bytes > HOST_LIMIT_BYTES {
            remarks.push(BlobRemark::OverHostLimit(bytes));
        }
        Self {
            hex,
            names,
            remarks,
        }
    }

    /// The text for the API: lower-case hex without `0x`.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// Bytes of the blob; its hex text has twice as many characters.
    pub fn bytes(&self) -> usize {
        self.hex.len() / 2
    }

    /// Names inside, in order; `None` for a pasted blob, which does not tell.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// What is worth saying about it.
    pub fn remarks(&self) -> &[BlobRemark] {
        &self.remarks
    }
}

/// Seals the variables for `key`, in the order given, with a fresh one-time key and nonce from the system.
pub fn seal(key: &EnvKey, entries: &[(String, Secret)]) -> Result<SealedEnv, SealError> {
    let random =
        Zeroizing::new(<[u8; KEY_BYTES]>::try_generate().map_err(|_| SealError::NoRandomness)?);
    let nonce = <[u8; NONCE_BYTES]>::try_generate().map_err(|_| SealError::NoRandomness)?;
    seal_with(key, entries, &StaticSecret::from(*random), nonce)
}

/// Seals the variables for this key, as it was sent: the blob in hex, or why there is none, in words.
pub fn seal_hex(key: &str, entries: &[(String, Secret)]) -> Result<String, String> {
    let key = EnvKey::parse(key).map_err(|error| error.to_string())?;
    let sealed = seal(&key, entries).map_err(|error| error.to_string())?;
    Ok(sealed.hex().to_owned())
}

/// Seals with a given one-time secret and nonce; the same input always gives the same blob.
fn seal_with(
    key: &EnvKey,
    entries: &[(String, Secret)],
    one_time: &StaticSecret,
    nonce: [u8; NONCE_BYTES],
) -> Result<SealedEnv, SealError> {
    let shared = one_time.diffie_hellman(&PublicKey::from(key.0));
    let mut text = plaintext(entries)?;
    let tag = cipher(&shared)
        .encrypt_inout_detached(&Nonce::from(nonce), &[], text.as_mut_slice().into())
        .map_err(|_| SealError::Cipher)?;
    let mut blob = Vec::with_capacity(text.len() + KEY_BYTES + NONCE_BYTES + TAG_BYTES);
    blob.extend_from_slice(PublicKey::from(one_time).as_bytes());
    blob.extend_from_slice(&nonce);
    blob.extend_from_slice(&text);
    blob.extend_from_slice(&tag);
    let names = entries.iter().map(|(name, _)| name.clone()).collect();
    Ok(SealedEnv::new(hex::encode(blob), Some(names), Vec::new()))
}

#[derive(Serialize)]
struct Plaintext<'e> {
    env: Vec<Variable<'e>>,
}

#[derive(Serialize)]
struct Variable<'e> {
    key: &'e str,
    value: &'e str,
}

/// Bytes of the blob that [`seal`] makes of these variables, without making it.
pub fn sealed_bytes<'e>(entries: impl IntoIterator<Item = (&'e str, &'e Secret)>) -> usize {
    let mut bytes = LEAST_BYTES;
    for (at, (name, value)) in entries.into_iter().enumerate() {
        let comma = usize::from(at > 0);
        bytes += comma + BARE_ENTRY_BYTES + written(name) + written(value.expose());
    }
    bytes
}

/// Bytes of a text as JSON writes it, without its quotes.
fn written(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            c if c < ' ' => 6,
            c => c.len_utf8(),
        })
        .sum()
}

/// The text the guest reads, wiped when dropped.
fn plaintext(entries: &[(String, Secret)]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    // Escaped, a byte takes at most six. One allocation, so that no outgrown half stays behind unwiped.
    let most = entries
        .iter()
        .map(|(name, value)| 6 * (name.len() + value.len()) + 24)
        .sum::<usize>();
    let mut text = Zeroizing::new(Vec::with_capacity(most + LEAST_TEXT_BYTES));
    let env = entries.iter().map(|(name, value)| Variable {
        key: name,
        value: value.expose(),
    });
    serde_json::to_writer(&mut *text, &Plaintext { env: env.collect() })
        .map_err(|_| SealError::Cipher)?;
    Ok(text)
}

fn cipher(shared: &SharedSecret) -> Aes256Gcm {
    let mut key = aes_gcm::Key::<Aes256Gcm>::from(*shared.as_bytes());
    let cipher = Aes256Gcm::new(&key);
    key.zeroize();
    cipher
}

/// Whether every secret makes the same zero with this point.
fn has_low_order(point: [u8; KEY_BYTES]) -> bool {
    // Clamping makes any scalar a multiple of eight, the order of the whole small subgroup: one try tells.
    !StaticSecret::from([1; KEY_BYTES])
        .diffie_hellman(&PublicKey::from(point))
        .was_contributory()
}

#[cfg(test)]
mod tests;
