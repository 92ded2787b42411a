//! What becomes of a journal when a disk fails, the world stops, bits turn over, or somebody gets in the way.

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
