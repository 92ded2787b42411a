//! The contract of a new app, as one node told of it once it was there.
//!
//! A value only. What it is compared with before it is one, and how it is found, stands in [`rpc`](super::rpc).

use alloy_primitives::Address;

use crate::api::types::TransactionHash;

/// A contract that is what was to be deployed: registered with the KMS, of the owner that was named, and it allows the
/// code and the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundApp {
    /// Its address, which is the id of the app.
    pub app: Address,
    /// Who owns it.
    pub owner: Address,
    /// Who had it deployed.
    pub deployer: Address,
    /// The transaction that did.
    pub transaction: TransactionHash,
    /// The block it was read at.
    pub block: u64,
}
