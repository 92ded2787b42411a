//! What is written before it is done.
//!
//! Whatever may cost money or cannot be had twice is a [record](record::Record) on the disk first: what was decided,
//! that a request is about to leave, the commit token that came back. One file per [intent](record::Intent) of adding
//! one instance, only ever appended to. After a crash at any moment the file says what is known, and what is the one
//! safe thing to do next.
//!
//! ```text
//!   record ──▶ frame ──▶ store          writing: durable before it is acted on, proven by a `Durable`
//!   record ◀── reader ◀── store         reading: a torn end is dropped, a damaged or newer file is set aside
//!      └─────▶ replay ──▶ state ──▶ next step, and who may prepare again
//! ```
//!
//! All but [`store`] is pure: bytes in, verdict out. [`store`] is the only place of the program that writes state to
//! disk. Nothing here sends anything, and no clock, no randomness and no process is asked: the moment, the random bits
//! of a new name and the folder are handed in.
//!
//! What may be in a file: the plan as it is sent (values of variables only sealed), names of variables, ids, hashes,
//! what the service said, and the commit token. The API key and values of variables have no field to stand in.

pub mod again;
pub mod found;
pub mod id;
pub mod moment;
pub mod reader;
pub mod record;
pub mod replay;
pub mod state;
pub mod store;
pub mod trouble;

mod frame;
#[cfg(test)]
mod testing;
mod text;
