//! What each target does with bytes nobody chose: read them, and hold what comes out against what is promised.
//!
//! The fuzzer runs these bodies on inputs it invents, `tests/corpus.rs` on the inputs that are kept. A promise that is
//! broken is a panic.

#[path = "bodies/attestation.rs"]
pub mod attestation;
#[path = "bodies/compose.rs"]
pub mod compose;
#[path = "bodies/compose_file.rs"]
pub mod compose_file;
#[path = "bodies/dotenv.rs"]
pub mod dotenv;
#[path = "bodies/stream.rs"]
pub mod stream;
#[path = "bodies/ticket.rs"]
pub mod ticket;

#[path = "bodies/measured.rs"]
mod measured;
#[path = "bodies/safe.rs"]
mod safe;
