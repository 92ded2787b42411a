//! What Phala Cloud's API says and understands.
//!
//! [`types`] is what crosses the wire, [`error`] what can come back instead, [`client`] the one place that sends.
//! [`elsewhere`] reads from others than the service, with the same errors, and [`log`] makes sense of what a node tells.
//! This room knows nothing of screens: it reduces every answer to what a caller can do about it.

pub mod client;
pub mod decode;
pub mod elsewhere;
pub mod error;
pub mod id;
pub mod log;
pub mod preview;
pub mod stream;
mod told;
pub mod types;

/// Where the service lives, with the `/api/v1` of it (1.1).
pub const DEFAULT_BASE: &str = "https://cloud-api.phala.com/api/v1";
