//! What an app's contract says of itself, as one node told it at one block.
//!
//! Values only. Which questions lead to them stands in [`rpc`](super::rpc).

use std::fmt;

use alloy_primitives::Address;

use super::Call;
use crate::api::types::{ComposeHash, DeviceId};

/// Which release of the contract it is, told by the functions it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// `AppAuth`, dstack up to 0.5.3: has `appId()`, and an address that is not the app's id.
    V1,
    /// `DstackApp`, dstack 0.5.4 to 0.5.8.
    V2,
    /// dstack 0.5.9 to 0.5.11: has `version()` and `requireTcbUpToDate()`.
    V3,
    /// Later: has `pendingOwner()`, so a transfer has to be accepted.
    V4,
}

/// Who may change what the contract allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Nobody: it was given up for good.
    Nobody,
    /// An account with a key.
    Wallet(Address),
    /// A Safe: several keys together.
    Safe {
        /// Its address.
        address: Address,
        /// How many have to sign.
        threshold: u64,
        /// Who can.
        owners: Vec<Address>,
    },
    /// A contract that does what it was told after a delay.
    Timelock {
        /// Its address.
        address: Address,
        /// `getMinDelay`: seconds.
        delay: u64,
    },
    /// Some other contract.
    Contract(Address),
}

/// What is allowed, at one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// The block.
    pub block: u64,
    /// `allowedComposeHashes`; `None` where no hash was asked about.
    pub hash: Option<bool>,
    /// `allowedDeviceIds`, of the machine itself; `None` where none was asked about.
    pub device: Option<bool>,
    /// `allowAnyDevice`.
    pub any_device: bool,
}

/// Everything that is read of a contract, at one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// `timestamp` of the block, unix seconds.
    pub block_time: u64,
    /// Which release it is.
    pub generation: Generation,
    /// The code behind the proxy (ERC-1967); `None` where it is no proxy.
    pub implementation: Option<Address>,
    /// Whether that code can never be replaced.
    pub upgrades_disabled: bool,
    /// Who may change it.
    pub owner: Owner,
    /// Who was offered to own it, and has not accepted.
    pub pending_owner: Option<Address>,
    /// `requireTcbUpToDate`, where it knows the question.
    pub tcb_required: Option<bool>,
    /// What it allows.
    pub allowed: Allowed,
}

impl Allowed {
    /// Whether nothing is missing of what was asked about.
    pub fn all(&self) -> bool {
        self.hash != Some(false) && self.machine() != Some(false)
    }

    /// Whether the machine may be booted on, by itself or because any may; `None` where none was asked about.
    pub fn machine(&self) -> Option<bool> {
        Some(self.device? || self.any_device)
    }

    /// The calls that are missing, in the order they are sent: the machine, then the hash.
    pub fn missing(&self, hash: Option<ComposeHash>, device: Option<DeviceId>) -> Vec<Call> {
        let device = device.filter(|_| self.machine() == Some(false));
        let hash = hash.filter(|_| self.hash == Some(false));
        let calls = device.map(Call::AddDevice).into_iter();
        calls.chain(hash.map(Call::AddComposeHash)).collect()
    }
}

impl Owner {
    /// Its address; `None` where nobody owns it.
    pub fn address(&self) -> Option<Address> {
        match self {
            Self::Nobody => None,
            Self::Wallet(address)
            | Self::Safe { address, .. }
            | Self::Timelock { address, .. }
            | Self::Contract(address) => Some(*address),
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "AppAuth, dstack up to 0.5.3",
            Self::V2 => "DstackApp, dstack 0.5.4 to 0.5.8",
            Self::V3 => "DstackApp, dstack 0.5.9 to 0.5.11",
            Self::V4 => "DstackApp, dstack after 0.5.11",
        })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody: it was given up, and nothing can be added"),
            Self::Wallet(_) => f.write_str("a wallet"),
            Self::Safe {
                threshold, owners, ..
            } => write!(f, "a Safe, {threshold} of {} sign", owners.len()),
            Self::Timelock { delay, .. } => write!(f, "a timelock, {delay} s"),
            Self::Contract(_) => f.write_str("a contract of another kind"),
        }
    }
}
