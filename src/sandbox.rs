//! A pretend Phala Cloud inside this program, for trying things out and for tests: a second witness of the wire.
//!
//! ```text
//!   assets/sandbox/*.toml ──> scenario ──> catalog ──┐
//!                                                    v
//!   socket ──> serve ──> Request ──> World::answer(now, …) ──> Reply ──> serve ──> socket
//!                                      │ fault · account · nodes · kms · apps
//!                                      │ instances · tickets · cvms · guest
//!                                      └ boot · chain · document · environment
//! ```
//!
//! It shares no type with the client and never will: requests are read by structs of its own, transcribed from the
//! API reference and refusing what they do not know, so that a slip on one side is seen by the other. Where the
//! vendor is silent, the behaviour is a rule in `assets/sandbox/base.toml`, marked as inference.

mod account;
mod apps;
mod boot;
mod catalog;
mod chain;
mod cvm;
mod cvms;
mod document;
mod environment;
mod fault;
mod guest;
mod instances;
mod kms;
mod message;
mod mint;
mod moment;
mod nodes;
mod refusal;
mod scenario;
mod serve;
mod tickets;
mod world;

pub use environment::Environment;
pub use message::{Delivery, Reply, Request, Watch};
pub use scenario::{Scenario, ScenarioError};
pub use serve::{Handled, serve, serve_and_tell};
pub use world::{Options, World};

#[cfg(test)]
mod tests;
