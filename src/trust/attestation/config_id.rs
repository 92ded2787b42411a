//! MRCONFIGID: 48 bytes that the host fixes before the machine starts and the hardware signs.
//!
//! The first byte names the form, 32 bytes follow, the rest is zero. Form 1: the compose hash itself. Form 2:
//! Keccak-256 of compose hash ‖ app id ‖ kind of key provider ‖ its id. Form 3: SHA-256 of `dstack-mr-config-v3:` ‖
//! 00 ‖ a document's text. All zero: not used. Knows the forms, not what they should say.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::identity::KeyProviderKind;

const DOCUMENT_PREFIX: &[u8] = b"dstack-mr-config-v3:\0";

/// What MRCONFIGID says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConfigId {
    /// All zero.
    Unused,
    /// Form 1: the compose hash.
    ComposeHash([u8; 32]),
    /// Form 2: see [`identity_hash`].
    Identity([u8; 32]),
    /// Form 3: see [`document_hash`].
    Document([u8; 32]),
    /// A form made after this program.
    Unknown(u8),
    /// Not of its own form: bytes where there should be zeros.
    Malformed,
}

impl ConfigId {
    /// Reads the register.
    pub fn read(register: &[u8; 48]) -> Self {
        let [form, rest @ ..] = register;
        let mut hash = [0; 32];
        hash.copy_from_slice(&rest[..32]);
        let tail_is_zero = rest[32..].iter().all(|byte| *byte == 0);
        match form {
            0 if hash == [0; 32] && tail_is_zero => Self::Unused,
            1 if tail_is_zero => Self::ComposeHash(hash),
            2 if tail_is_zero => Self::Identity(hash),
            3 if tail_is_zero => Self::Document(hash),
            0..=3 => Self::Malformed,
            form => Self::Unknown(*form),
        }
    }
}

/// The hash of form 2. The provider's id is empty for none.
pub(super) fn identity_hash(
    compose_hash: &[u8; 32],
    app_id: &[u8; 20],
    provider: KeyProviderKind,
    provider_id: &[u8],
) -> [u8; 32] {
    let kind = match provider {
        KeyProviderKind::None => 0,
        KeyProviderKind::Local => 1,
        KeyProviderKind::Kms => 2,
        KeyProviderKind::Tpm => 3,
    };
    Keccak256::new()
        .chain_update(compose_hash)
        .chain_update(app_id)
        .chain_update([kind])
        .chain_update(provider_id)
        .finalize()
        .into()
}

/// The hash of form 3, of the document's text as it is.
pub(super) fn document_hash(text: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(DOCUMENT_PREFIX)
        .chain_update(text)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests;
