//! stub
pub mod diff;
