//! The contract of a KMS: what to call, and what its answer says.
//!
//! Bytes in, keys out. It asks nobody, and it does not judge whether the KMS deserves trust: quote and event log are
//! passed over here.

use alloy_sol_types::{SolCall, sol};
use thiserror::Error;

sol! {
    /// As far as it is read (dstack, `DstackKms.sol`).
    interface DstackKms {
        function kmsInfo() external view returns (bytes k256Pubkey, bytes caPubkey, bytes quote, bytes eventlog);
    }
}

/// Bytes of a compressed secp256k1 key.
const SIGNER_BYTES: usize = 33;
/// Most bytes of a CA key. A real one is a `SubjectPublicKeyInfo` of P-256, 91 bytes.
const MOST_CA_BYTES: usize = 4096;

/// The keys of a KMS, as its contract named them at one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKeys {
    /// `k256Pubkey`: whom the signature over an env key must be from. Compressed secp256k1.
    pub signer: [u8; SIGNER_BYTES],
    /// `caPubkey`: the key of its certificate authority, as the contract has it; usually `SubjectPublicKeyInfo` in DER.
    pub ca: Vec<u8>,
    /// The block at which the contract was asked.
    pub block: u64,
}

/// Why an answer has no keys in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoKeys {
    /// No bytes came back: nothing there knows the call.
    #[error("it does not know kmsInfo(), so it is not the contract of a KMS")]
    OtherContract,
    /// Not the four values that the call returns.
    #[error("what kmsInfo() returned is not what the contract of a KMS returns")]
    Shape,
    /// The contract was made, and its KMS has not registered yet.
    #[error("the contract names no key yet: its KMS has not registered")]
    NotRegistered,
    /// A key in another form.
    #[error("k256Pubkey has {0} bytes, or is not a compressed key of {SIGNER_BYTES}")]
    Signer(usize),
    /// More than a key has.
    #[error("caPubkey has {0} bytes, at most {MOST_CA_BYTES} are read")]
    Ca(usize),
}

/// The input of a call of `kmsInfo()`.
pub fn call() -> Vec<u8> {
    DstackKms::kmsInfoCall {}.abi_encode()
}

/// Reads what the call returned at this block.
pub fn read(returned: &[u8], block: u64) -> Result<KmsKeys, NoKeys> {
    if returned.is_empty() {
        return Err(NoKeys::OtherContract);
    }
    let info = DstackKms::kmsInfoCall::abi_decode_returns(returned).map_err(|_| NoKeys::Shape)?;
    let (signer, ca) = (info.k256Pubkey, info.caPubkey);
    if signer.is_empty() && ca.is_empty() {
        return Err(NoKeys::NotRegistered);
    }
    let signer: [u8; SIGNER_BYTES] = signer
        .as_ref()
        .try_into()
        .ok()
        .filter(|key: &[u8; SIGNER_BYTES]| matches!(key[0], 2 | 3))
        .ok_or(NoKeys::Signer(signer.len()))?;
    if ca.len() > MOST_CA_BYTES {
        return Err(NoKeys::Ca(ca.len()));
    }
    Ok(KmsKeys {
        signer,
        ca: ca.to_vec(),
        block,
    })
}

#[cfg(test)]
mod tests;
