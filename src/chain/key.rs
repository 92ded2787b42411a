//! A key that signs transactions. It cannot print, and is wiped when it is dropped.

use std::fmt;

use alloy_primitives::{Address, keccak256};
use k256::ecdsa::SigningKey;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Bytes of a key.
const BYTES: usize = 32;

/// A secp256k1 key. Prints the address of its account.
pub struct Key(SigningKey);

/// Why a text is no key. It says nothing of what the text was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoKey {
    /// Not 64 hex digits.
    #[error("a private key has 64 hex digits, with or without 0x")]
    Shape,
    /// Not a number that the curve has a key for.
    #[error("this number is not a key of the curve secp256k1")]
    Number,
}

impl Key {
    /// Reads 64 hex digits, with or without `0x`; blanks around them are passed over.
    pub fn parse(text: &Secret) -> Result<Self, NoKey> {
        let text = text.expose().trim();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = Zeroizing::new([0; BYTES]);
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| NoKey::Shape)?;
        Self::of(&bytes)
    }

    /// The key with these bytes.
    pub fn of(bytes: &[u8; BYTES]) -> Result<Self, NoKey> {
        SigningKey::from_slice(bytes)
            .map(Self)
            .map_err(|_| NoKey::Number)
    }

    /// The address of its account: the last 20 bytes of the Keccak-256 of its public key.
    pub fn address(&self) -> Address {
        let point = self.0.verifying_key().to_sec1_point(false);
        Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..])
    }

    /// Signs this digest: whether `y` is odd, `r` and the lower `s` (EIP-2).
    pub(super) fn sign(&self, digest: [u8; 32]) -> (bool, [u8; 32], [u8; 32]) {
        let (signature, recovery) = self.0.sign_prehash_recoverable(&digest);
        let (r, s) = signature.split_bytes();
        (recovery.is_y_odd(), r.into(), s.into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.address())
    }
}

#[cfg(test)]
mod tests;
