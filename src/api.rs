//! What Phala Cloud's API says and understands.
//!
//! [`types`] is what crosses the wire, [`error`] what can come back instead, [`client`] the one place that sends.
//! This room knows nothing of screens: it reduces every answer to what a caller can do about it.

pub mod client;
pub mod decode;
pub mod error;
pub mod id;
pub mod preview;
pub mod stream;
pub mod types;
