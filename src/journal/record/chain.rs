//! Transactions: written down signed, before anybody else has seen them.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Hex;
use crate::api::types::TransactionHash;
use crate::journal::text::one;

/// An address on the chain.
pub type Address = Hex<20>;

/// A transaction is signed and about to be broadcast. All of it is public once it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionSigned {
    /// The chain, as EIP-155 numbers it.
    pub chain_id: u64,
    /// The contract that is called.
    pub contract: Address,
    /// What is asked of it.
    pub call: Call,
    /// Who signed.
    pub from: Address,
    /// The signer's number for it: of two with the same number, only one can count.
    pub nonce: u64,
    /// Its hash.
    #[serde(with = "one")]
    pub hash: TransactionHash,
    /// The signed bytes, to be sent again as they are.
    pub raw: RawTransaction,
}

/// What a transaction asks of the app's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `addComposeHash`.
    AddComposeHash,
    /// `addDevice`.
    AddDevice,
    /// `deployAndRegisterApp`: the contract of a new app.
    DeployApp,
}

/// What the chain says of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionSeen {
    /// Which one.
    #[serde(with = "one")]
    pub hash: TransactionHash,
    /// Its state.
    pub seen: Seen,
    /// The block it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

/// States of a transaction. The first two can still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Accepted, in no block.
    Pending,
    /// In a block that may still be replaced.
    Mined,
    /// In a block under others, and it did what it should.
    Confirmed,
    /// In a block, and the contract refused.
    Reverted,
    /// Its number was used by another transaction: this one will never count.
    Replaced,
}

impl Seen {
    /// Whether nothing more is to come.
    pub fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::Mined => false,
            Self::Confirmed | Self::Reverted | Self::Replaced => true,
        }
    }
}

/// The bytes of a signed transaction, hex in the file.
#[derive(Clone, PartialEq, Eq)]
pub struct RawTransaction(pub Vec<u8>);

impl fmt::Debug for RawTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawTransaction({})", hex::encode(&self.0))
    }
}

impl Serialize for RawTransaction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for RawTransaction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text)
            .map(Self)
            .map_err(|_| D::Error::custom("a transaction that is not hex"))
    }
}
