//! Styles by meaning.
//!
//! Placeholder until the screens arrive.

/// How things look.
#[derive(Debug, Clone, Default)]
pub struct Theme {}
