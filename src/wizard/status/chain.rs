//! How far a registration is, for a face that does not draw pages.
//!
//! What the contract allows, what is being done about the rest, and which transactions were signed for it.

use crate::api::error::Error;
use crate::api::types::{AppId, ComposeHash, DeviceId, TransactionHash};
use crate::shown::Shown;

/// What the app's contract has to allow, and does; or that it has to come to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// The compose hash, as the service named it.
    pub hash: ComposeHash,
    /// Whether the contract allows it.
    pub hash_allowed: bool,
    /// Whether this is the hash of what was reviewed; `None` where that cannot be computed here.
    pub hash_checked: Option<bool>,
    /// The machine, where the service named one.
    pub device: Option<DeviceId>,
    /// Whether the contract allows it; `None` where the service does not say.
    pub device_allowed: Option<bool>,
    /// Whether nothing is missing.
    pub all: bool,
    /// Address of the contract.
    pub contract: Shown,
    /// The chain it is on.
    pub chain_id: Option<u64>,
    /// What kept the last look from an answer.
    pub trouble: Option<Error>,
    /// The contract, as a node of its chain had it; `None` where none was asked.
    pub read: Option<Contract>,
    /// What is being done about what is missing.
    pub work: Work,
    /// The account whose key is open, or was opened last.
    pub signer: Option<Signer>,
    /// The transactions that were signed for it here, oldest first.
    pub transactions: Vec<Transaction>,
    /// What was written for those who register it.
    pub handed: Option<Shown>,
    /// The transaction that goes along with the commit.
    pub proof: Option<TransactionHash>,
    /// Where the contract of a new app has to be deployed instead.
    pub founding: Option<Founding>,
}

/// The contract of a new app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Founding {
    /// Its address, once it is there.
    pub app: Option<AppId>,
    /// The function that is called for it.
    pub call: Option<&'static str>,
}

/// An app's contract, as one node had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Who was asked.
    pub host: Shown,
    /// At which block.
    pub block: u64,
    /// Which release of the contract it is.
    pub generation: String,
    /// Its owner; `None` where it was given up.
    pub owner: Option<String>,
    /// What kind of owner that is.
    pub owner_kind: String,
}

/// What is being done about a registration that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Work {
    /// Nothing but looking.
    #[default]
    Idle,
    /// Something that comes to an end by itself.
    Busy,
    /// Everything was tried out: the next word signs.
    Ready,
    /// It cannot be done, and why.
    Stopped(Vec<String>),
    /// The only hash that may be signed for is another one.
    Forbidden {
        /// That one.
        allowed: ComposeHash,
    },
}

/// A transaction that was signed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The function it calls, where that can be read.
    pub call: Option<&'static str>,
    /// Its hash.
    pub hash: TransactionHash,
    /// The account's number for it.
    pub nonce: u64,
    /// `sent`, `pending`, `mined`, `confirmed`, `reverted`, `replaced`, `dropped` or `reorganised`.
    pub state: &'static str,
    /// Whether that may still change.
    pub open: bool,
}

impl Transaction {
    /// Whether its state may still change.
    pub fn is_open(&self) -> bool {
        self.open
    }
}

/// The account that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Its address.
    pub account: String,
    /// What is to be known about where its key was kept.
    pub remarks: Vec<String>,
}
