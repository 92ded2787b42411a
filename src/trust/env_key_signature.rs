//! Whether the key to seal for is the one the KMS gave out for this app.
//!
//! The KMS signs Keccak-256 of `dstack-env-encrypt-pubkey:` ‖ app id (20 bytes) ‖ [time, 8 bytes big-endian] ‖ key
//! (32 bytes) with secp256k1. Recovery always yields some signer, so the signer is compared with an anchor; and as
//! nothing separates the parts, their exact lengths are demanded before hashing. The clock and the anchor are handed
//! in: this room reads neither.

use std::fmt;

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};
use thiserror::Error;

use super::hex_text::{self, HexFlaw};

const PREFIX: &[u8] = b"dstack-env-encrypt-pubkey:";
const APP_ID_BYTES: usize = 20;
const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 65;
const SIGNER_BYTES: usize = 33;

/// A timestamped signature older than this many seconds proves nothing.
pub const MAX_AGE_SECONDS: u64 = 300;
/// Nor one from further in the future than this.
pub const MAX_AHEAD_SECONDS: u64 = 60;

/// What the service says about a key. All texts are hex, with or without `0x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'c> {
    /// The app the key is said to be for, 20 bytes.
    pub app_id: &'c str,
    /// The X25519 key, 32 bytes.
    pub public_key: &'c str,
    /// r ‖ s ‖ recovery id (0 or 1), 65 bytes; `None` where the service gives none.
    pub signature: Option<&'c str>,
    /// Unix seconds of the timestamped form; `None` for the older form, which never expires.
    pub timestamp: Option<u64>,
}

/// A compressed secp256k1 public key of a KMS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signer([u8; SIGNER_BYTES]);

/// What the signer is compared with, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// `kmsInfo().k256Pubkey`, read from the KMS contract by this program itself, or pinned by the person.
    Contract(Signer),
    /// `k256_pubkey` from the same service that gave the key.
    SameService(Signer),
    /// Nothing to compare with.
    Nothing,
}

/// What can honestly be said about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyVerdict {
    /// Signed by the key in the KMS contract.
    VerifiedOnChain(Signer),
    /// Signed by a key the same service names: consistent, not proven.
    SignedBySameService(Signer),
    /// No signature or no anchor, as with a centralised KMS.
    NotVerifiable,
    /// Wrong: nothing may be sealed for this key.
    Wrong(WrongKey),
}

/// Why a key is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WrongKey {
    /// The app id is not the hex of 20 bytes.
    #[error("the app id is not readable: {0}")]
    AppId(HexFlaw),
    /// The key is not the hex of 32 bytes.
    #[error("the encryption key is not readable: {0}")]
    Key(HexFlaw),
    /// The signature is not the hex of 65 bytes.
    #[error("the signature is not readable: {0}")]
    Signature(HexFlaw),
    /// The contract names a signer, but no signature came.
    #[error("the KMS contract names a signer, but the key came without a signature")]
    Missing,
    /// The signature belongs to no key at all.
    #[error("the signature is not valid for any signer")]
    Unrecoverable,
    /// Older than the window.
    #[error("the signature is {0} seconds old, {MAX_AGE_SECONDS} are allowed")]
    Stale(u64),
    /// From the future.
    #[error(
        "the signature is dated {0} seconds ahead of this machine's clock, {MAX_AHEAD_SECONDS} are allowed"
    )]
    Future(u64),
    /// Signed for another app, another key, or by another KMS.
    #[error(
        "signed by {recovered}, not by {wanted}: the key is for another app or from another KMS"
    )]
    OtherSigner {
        /// Who signed these bytes.
        recovered: Signer,
        /// Who should have.
        wanted: Signer,
    },
}

impl Signer {
    /// Reads 33 bytes of hex, with or without `0x`.
    pub fn parse(text: &str) -> Result<Self, HexFlaw> {
        hex_text::bytes(text).map(Self)
    }

    /// Takes the bytes a contract returned.
    pub fn from_bytes(bytes: [u8; SIGNER_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({self})")
    }
}

impl KeyVerdict {
    /// Whether values may be sealed for the key.
    pub fn allows_sealing(&self) -> bool {
        !matches!(self, Self::Wrong(_))
    }
}

impl fmt::Display for KeyVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VerifiedOnChain(signer) => write!(
                f,
                "verified on chain: signed by {signer}, the key in the KMS contract"
            ),
            Self::SignedBySameService(signer) => {
                write!(
                    f,
                    "signed by {signer}; that signer is named by the same service, not by the chain"
                )
            }
            Self::NotVerifiable => {
                f.write_str("not verifiable: nothing independent vouches for this key")
            }
            Self::Wrong(why) => write!(f, "wrong: {why}"),
        }
    }
}

/// Judges a claim against an anchor at `now`, Unix seconds.
pub fn judge(claim: &Claim<'_>, anchor: Anchor, now: u64) -> KeyVerdict {
    if claim.signature.is_none() && !matches!(anchor, Anchor::Contract(_)) {
        return match message(claim) {
            Ok(_) => KeyVerdict::NotVerifiable,
            Err(why) => KeyVerdict::Wrong(why),
        };
    }
    let recovered = match recover(claim, now) {
        Ok(recovered) => recovered,
        Err(why) => return KeyVerdict::Wrong(why),
    };
    match anchor {
        Anchor::Contract(wanted) | Anchor::SameService(wanted) if recovered != wanted => {
            KeyVerdict::Wrong(WrongKey::OtherSigner { recovered, wanted })
        }
        Anchor::Contract(_) => KeyVerdict::VerifiedOnChain(recovered),
        Anchor::SameService(_) => KeyVerdict::SignedBySameService(recovered),
        Anchor::Nothing => KeyVerdict::NotVerifiable,
    }
}

/// Who signed a claim, if the signature is well-formed and in time. Says nothing about whether that is the KMS.
pub fn recover(claim: &Claim<'_>, now: u64) -> Result<Signer, WrongKey> {
    let message = message(claim)?;
    let signature: [u8; SIGNATURE_BYTES] =
        hex_text::bytes(claim.signature.ok_or(WrongKey::Missing)?).map_err(WrongKey::Signature)?;
    if let Some(signed_at) = claim.timestamp {
        in_time(signed_at, now)?;
    }
    let recovery = match signature[SIGNATURE_BYTES - 1] {
        parity @ (0 | 1) => RecoveryId::new(parity == 1, false),
        _ => return Err(WrongKey::Unrecoverable),
    };
    let signature = Signature::from_slice(&signature[..SIGNATURE_BYTES - 1])
        .map_err(|_| WrongKey::Unrecoverable)?;
    let key = VerifyingKey::recover_from_prehash(&Keccak256::digest(message), &signature, recovery)
        .map_err(|_| WrongKey::Unrecoverable)?;
    let point = key.to_sec1_point(true);
    point
        .as_bytes()
        .try_into()
        .map(Signer)
        .map_err(|_| WrongKey::Unrecoverable)
}

/// The bytes that were signed, each part of its exact length.
fn message(claim: &Claim<'_>) -> Result<Vec<u8>, WrongKey> {
    let app_id: [u8; APP_ID_BYTES] = hex_text::bytes(claim.app_id).map_err(WrongKey::AppId)?;
    let key: [u8; KEY_BYTES] = hex_text::bytes(claim.public_key).map_err(WrongKey::Key)?;
    let mut message = PREFIX.to_vec();
    message.extend_from_slice(&app_id);
    message.extend(claim.timestamp.map(u64::to_be_bytes).into_iter().flatten());
    message.extend_from_slice(&key);
    Ok(message)
}

/// Whether a time lies in the window around now, ends included.
fn in_time(signed_at: u64, now: u64) -> Result<(), WrongKey> {
    let age = now.saturating_sub(signed_at);
    let ahead = signed_at.saturating_sub(now);
    if age > MAX_AGE_SECONDS {
        Err(WrongKey::Stale(age))
    } else if ahead > MAX_AHEAD_SECONDS {
        Err(WrongKey::Future(ahead))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
