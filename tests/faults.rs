//! What becomes of a journal when a disk fails, the world stops, bits turn over, or somebody gets in the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

mod faults {
    #[cfg(unix)]
    mod attacks;
    mod bits;
    mod crash;
    mod life;
    #[cfg(unix)]
    mod locks;
    mod sim;
}
