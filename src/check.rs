//! What is wrong or doubtful in the texts a person gives, before any request.
//!
//! Text in, findings out. Errors stop, remarks do not; each names a line and a remedy. This room reads no file,
//! asks no registry and changes no byte of what it checks.

pub mod compose;
pub mod default_script;
pub mod diff;
pub mod finding;
pub mod highlight;
pub mod names;
pub mod script;

mod shell;
mod text_form;
mod yaml;

pub use finding::{ExcerptLine, Finding, Severity, excerpt};

/// Bytes that compose text and pre-launch script may have together (API reference).
pub const MAX_COMBINED_BYTES: usize = 204_800;
