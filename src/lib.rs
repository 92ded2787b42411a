//! phala-wizard: adds an instance to an app on Phala Cloud, and shows it until it runs.
//!
//! This crate is the whole program; `main.rs` only reads arguments and prints the receipt.

pub mod api;
pub mod check;
pub mod sandbox;
pub mod secret;
pub mod shell;
pub mod shown;
pub mod theme;
pub mod trust;
pub mod ui;
pub mod wizard;
