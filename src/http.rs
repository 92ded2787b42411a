//! Addresses that may be asked, and the one way of asking them.
//!
//! No redirect is followed, nothing is repeated unasked, nothing is compressed, and every answer is bounded in time and
//! size. What an answer means is for others to say; this room knows neither the service nor a chain, and no key.

mod address;
mod failure;
mod patience;
mod transport;

pub use self::address::{Address, host};
pub use self::failure::{Failure, Unreachable};
pub use self::patience::{Again, Patience, may_pass};
pub use self::transport::{Answer, Bounds, Open, Request, Transport, Way};
pub use reqwest::Method;
pub use reqwest::header::HeaderValue;

/// How we introduce ourselves.
pub const USER_AGENT: &str = concat!("phala-wizard/", env!("CARGO_PKG_VERSION"));
