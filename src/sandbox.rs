//! A pretend Phala Cloud inside this program, for trying things out and for tests: a second witness of the wire.
//!
//! ```text
//!   assets/sandbox/*.toml ──> scenario ──> catalog ──┐
//!                                                    v
//!   socket ──> serve ──> Request ──> World::answer(now, …) ──> Reply ──> serve ──> socket
//!                                      │     or World::rpc, the pretend chain, or World::ingress, the gateway
//!                                      │ fault · routes · login
//!                                      │ account · nodes · images · kms · contracts · apps · permission
//!                                      │ instances · replicas · updates · provision · app_ids · tickets
//!                                      │ cvms · operations · settings · guest · figures · logs · attestation
//!                                      └ shapes · legacy · boot · chain · document · environment
//! ```
//!
//! It shares no type with the client and never will: requests are read by structs of its own, transcribed from the
//! API reference and refusing what they do not know, so that a slip on one side is seen by the other. Where the
//! vendor is silent, the behaviour is a rule in `assets/sandbox/base.toml`, marked as inference.

mod account;
mod app_ids;
mod apps;
mod attestation;
mod boot;
mod catalog;
mod chain;
mod contracts;
mod cvm;
mod cvms;
mod document;
mod environment;
mod fault;
mod figures;
mod filters;
mod guest;
mod images;
mod ingress;
mod instances;
mod kms;
mod legacy;
mod login;
mod logs;
mod message;
mod mint;
mod moment;
mod nodes;
mod older_updates;
mod operations;
mod pending;
mod permission;
mod provision;
mod refusal;
mod replicas;
mod routes;
mod rpc;
mod scenario;
mod serve;
mod settings;
mod shapes;
mod ssh_keys;
mod tickets;
mod updates;
mod version;
mod world;

pub use environment::Environment;
pub use message::{Delivery, Reply, Request, StreamFault, Watch};
pub use scenario::{Scenario, ScenarioError};
pub use serve::{Handled, serve, serve_and_tell};
pub use world::{Options, World};

#[cfg(test)]
mod tests;
