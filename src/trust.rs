//! What leaves this machine sealed, and whether the key it is sealed for is the right one.
//!
//! Bytes in, verdict out. This room reads no file, asks no network and knows no clock: the time is handed in
//! where a verdict depends on it. It refuses to know screens.

pub mod attestation;
pub mod compose_hash;
pub mod dotenv;
pub mod env_blob;
pub mod env_key_signature;
pub mod env_limits;

mod hex_text;
