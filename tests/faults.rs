//! What becomes of a journal when a disk fails, the world stops, bits turn over, or somebody gets in the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[cfg(unix)]
#[path = "pty/harness.rs"]
#[allow(dead_code, reason = "the tests of the terminal use the rest")]
mod harness;
#[cfg(unix)]
#[path = "support/service.rs"]
mod service;

mod faults {
    #[cfg(unix)]
    mod attacks;
    mod bits;
    mod crash;
    #[cfg(unix)]
    mod kill;
    mod life;
    #[cfg(unix)]
    mod locks;
    mod sim;
}
