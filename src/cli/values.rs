//! Values of options, read from what was typed: the reason why one cannot be used is what the person is told.
//!
//! Which option takes one, and what it means there, is not known here.

use phala_wizard::api::types::{AppId, ComposeHash, DeviceId, TransactionHash};
use phala_wizard::journal::id::IntentId;
use phala_wizard::trust::attestation::Expected;
use phala_wizard::trust::compose_hash::{Hash, read_hash};
use phala_wizard::trust::env_blob::EnvKey;
use phala_wizard::trust::env_key_signature::Signer;

/// A key that the sandbox is to take.
pub(super) fn pretend_key(text: &str) -> Result<String, String> {
    match text {
        "" => Err("a key is needed".to_owned()),
        _ if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text.to_owned()),
        _ => Err("a key has only visible ASCII characters".to_owned()),
    }
}

/// Who signed an env key.
pub(super) fn signer(text: &str) -> Result<Signer, String> {
    Signer::parse(text).map_err(|flaw| flaw.to_string())
}

/// The key that values are encrypted with.
pub(super) fn env_key(text: &str) -> Result<EnvKey, String> {
    EnvKey::parse(text).map_err(|error| error.to_string())
}

/// A hash as it is compared: 32 bytes.
pub(super) fn hash(text: &str) -> Result<Hash, String> {
    read_hash(text).map_err(|flaw| flaw.to_string())
}

/// An id as it is compared: 20 bytes.
pub(super) fn id(text: &str) -> Result<[u8; 20], String> {
    Expected::read_id(text).map_err(|flaw| flaw.to_string())
}

/// The id of an app, or a link with it.
pub(super) fn app_id(text: &str) -> Result<AppId, String> {
    AppId::find(text).ok_or_else(|| "the id of an app has 40 hex digits".to_owned())
}

/// A compose hash.
pub(super) fn compose_hash(text: &str) -> Result<ComposeHash, String> {
    ComposeHash::parse(text).ok_or_else(|| "a compose hash has 64 hex digits".to_owned())
}

/// The id of a machine.
pub(super) fn device(text: &str) -> Result<DeviceId, String> {
    DeviceId::parse(text).ok_or_else(|| "the id of a machine has 64 hex digits".to_owned())
}

/// How many times as fast as usual.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.1..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("a number from 0.1 to 1000 is needed".to_owned()),
    }
}

/// The id of a deployment that is not done.
pub(super) fn intent(text: &str) -> Result<IntentId, &'static str> {
    IntentId::parse(text).ok_or("this is not the id of a deployment, as `list` names it")
}

/// The hash of a transaction.
pub(super) fn transaction(text: &str) -> Result<TransactionHash, &'static str> {
    TransactionHash::parse(text).ok_or("a transaction hash has 64 hex digits")
}
