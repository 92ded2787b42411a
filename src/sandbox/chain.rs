//! The contract of one on-chain app: what it holds, as the REST side and the pretend chain both read it.
//!
//! What happens to it happens on the chain, in `rpc`; here is only its state. Transactions of the first generation's
//! contracts go to an address that is not the app id; later the two are one.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256};
use serde::Deserialize;

/// Which release of the contracts is deployed: up to dstack 0.5.3, 0.5.8, 0.5.11, and the head of its repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Generation {
    V1,
    V2,
    #[default]
    V3,
    V4,
}

impl Generation {
    /// Oldest first.
    pub(super) const ALL: [Self; 4] = [Self::V1, Self::V2, Self::V3, Self::V4];
}

/// State of an app's contract.
#[derive(Clone)]
pub(super) struct Contract {
    pub(super) address: Address,
    pub(super) app_id: Address,
    pub(super) generation: Generation,
    /// The code behind the proxy.
    pub(super) implementation: Address,
    /// The KMS contract that made it.
    pub(super) factory: Address,
    /// Whose transaction made it, and who owned it first.
    pub(super) deployer: Address,
    pub(super) owner: Address,
    /// Zero if nobody was asked to take over.
    pub(super) pending_owner: Address,
    pub(super) hashes: BTreeSet<B256>,
    pub(super) devices: BTreeSet<B256>,
    pub(super) allow_any_device: bool,
    pub(super) upgrades_disabled: bool,
    pub(super) require_tcb_up_to_date: bool,
}

impl Contract {
    pub(super) fn allows_hash(&self, hash: &str) -> bool {
        word(hash).is_some_and(|hash| self.hashes.contains(&hash))
    }

    /// Whether the device itself is registered; see also `allow_any_device`.
    pub(super) fn lists_device(&self, device: &str) -> bool {
        word(device).is_some_and(|device| self.devices.contains(&device))
    }

    pub(super) fn allows_device(&self, device: &str) -> bool {
        self.allow_any_device || self.lists_device(device)
    }

    /// What the KMS asks before it gives an instance its keys.
    pub(super) fn allows(&self, hash: &str, device: &str) -> bool {
        self.allows_hash(hash) && self.allows_device(device)
    }

    /// As the API writes it: lower case with `0x`.
    pub(super) fn address(&self) -> String {
        format!("{:#x}", self.address)
    }
}

/// Whether a text looks like the hash of a transaction that was mined: every well-formed one does, but for those that
/// start with `0xbad`. Most stories have an owner who signs elsewhere, so nobody knows a real one.
pub(super) fn looks_mined(hash: &str) -> bool {
    hash.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 64
            && digits.bytes().all(|b| b.is_ascii_hexdigit())
            && !digits.to_lowercase().starts_with("bad")
    })
}

/// Lower case without `0x`, as hashes, devices and app ids are compared.
pub(super) fn normal(hex: &str) -> String {
    let hex = hex.to_lowercase();
    hex.strip_prefix("0x").unwrap_or(&hex).to_owned()
}

/// Thirty-two bytes in hex, with or without `0x`.
pub(super) fn word(digits: &str) -> Option<B256> {
    let mut word = B256::ZERO;
    hex::decode_to_slice(normal(digits), word.as_mut_slice()).ok()?;
    Some(word)
}

/// Twenty bytes in hex, with or without `0x`.
pub(super) fn account(digits: &str) -> Option<Address> {
    let mut account = Address::ZERO;
    hex::decode_to_slice(normal(digits), account.as_mut_slice()).ok()?;
    Some(account)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A contract that allows nothing, with an address and an owner.
    pub(in crate::sandbox) fn contract(generation: Generation) -> Contract {
        Contract {
            address: Address::repeat_byte(1),
            app_id: Address::repeat_byte(1),
            generation,
            implementation: Address::repeat_byte(2),
            factory: Address::repeat_byte(3),
            deployer: Address::repeat_byte(4),
            owner: Address::repeat_byte(4),
            pending_owner: Address::ZERO,
            hashes: BTreeSet::new(),
            devices: BTreeSet::new(),
            allow_any_device: false,
            upgrades_disabled: false,
            require_tcb_up_to_date: false,
        }
    }

    #[test]
    fn any_device_does_not_mean_any_hash() {
        let mut contract = contract(Generation::V3);
        contract.allow_any_device = true;
        let (hash, device) = ("ab".repeat(32), "cd".repeat(32));
        assert!(contract.allows_device(&device) && !contract.lists_device(&device));
        assert!(!contract.allows(&hash, &device));
    }

    #[test]
    fn a_prefix_and_the_case_make_no_difference_but_the_length_does() {
        let mut contract = contract(Generation::V3);
        contract.hashes.insert(B256::repeat_byte(0xab));
        assert!(contract.allows_hash(&format!("0x{}", "AB".repeat(32))));
        assert!(contract.allows_hash(&"ab".repeat(32)));
        assert!(!contract.allows_hash(&"ab".repeat(31)));
        assert!(!contract.allows_hash(""));
    }

    #[test]
    fn unknown_transactions_are_the_malformed_and_the_bad() {
        let good = format!("0x{}", "1".repeat(64));
        assert!(looks_mined(&good));
        assert!(!looks_mined(&format!("0xBAD{}", "1".repeat(61))));
        assert!(!looks_mined(&good[..65]));
        assert!(!looks_mined(&good[2..]));
    }
}
