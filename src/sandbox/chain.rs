//! The contract of one on-chain app, and its owner who registers what a prepare needs after a while.
//!
//! A pretend chain without blocks: what is registered counts from its moment on.

use std::collections::BTreeSet;

use super::moment::Moment;

/// State of a DstackApp contract. Its address is the app id.
#[derive(Clone, Default)]
pub(super) struct Contract {
    hashes: BTreeSet<String>,
    devices: BTreeSet<String>,
    pub(super) allow_any_device: bool,
    pending: Vec<Registration>,
}

#[derive(Clone)]
struct Registration {
    due: Moment,
    hash: String,
    device: String,
}

impl Contract {
    pub(super) fn new(allow_any_device: bool) -> Self {
        Self {
            allow_any_device,
            ..Self::default()
        }
    }

    pub(super) fn allow_hash(&mut self, hash: &str) {
        self.hashes.insert(normal(hash));
    }

    pub(super) fn allow_device(&mut self, device: &str) {
        self.devices.insert(normal(device));
    }

    /// The owner will have registered both at this moment.
    pub(super) fn register_at(&mut self, due: Moment, hash: &str, device: &str) {
        self.pending.push(Registration {
            due,
            hash: normal(hash),
            device: normal(device),
        });
    }

    /// Lets everything take effect that is due.
    pub(super) fn settle(&mut self, now: Moment) {
        for done in self.pending.extract_if(.., |waiting| waiting.due <= now) {
            self.hashes.insert(done.hash);
            self.devices.insert(done.device);
        }
    }

    pub(super) fn allows_hash(&self, hash: &str) -> bool {
        self.hashes.contains(&normal(hash))
    }

    /// Whether the device itself is registered; see also `allow_any_device`.
    pub(super) fn lists_device(&self, device: &str) -> bool {
        self.devices.contains(&normal(device))
    }

    pub(super) fn allows_device(&self, device: &str) -> bool {
        self.allow_any_device || self.lists_device(device)
    }

    /// What the KMS asks before it gives an instance its keys.
    pub(super) fn allows(&self, hash: &str, device: &str) -> bool {
        self.allows_hash(hash) && self.allows_device(device)
    }
}

/// Whether the pretend chain knows this transaction.
///
/// As it has no blocks, every well-formed hash counts as mined, but for those that start with `0xbad`.
pub(super) fn knows_transaction(hash: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_counts_from_its_moment_on() {
        let start = Moment::from_unix(0);
        let mut contract = Contract::default();
        contract.register_at(start.plus(20.0), "0xAB", "cd");
        contract.settle(start.plus(19.9));
        assert!(!contract.allows("ab", "CD"));
        contract.settle(start.plus(20.0));
        assert!(contract.allows("ab", "0xCD"));
    }

    #[test]
    fn an_owner_who_never_signs_never_does() {
        let start = Moment::from_unix(0);
        let mut contract = Contract::default();
        contract.register_at(start.plus(f64::INFINITY), "ab", "cd");
        contract.settle(start.plus(1e9));
        assert!(!contract.allows_hash("ab"));
    }

    #[test]
    fn any_device_does_not_mean_any_hash() {
        let contract = Contract::new(true);
        assert!(contract.allows_device("cd") && !contract.lists_device("cd"));
        assert!(!contract.allows("ab", "cd"));
    }

    #[test]
    fn unknown_transactions_are_the_malformed_and_the_bad() {
        let good = format!("0x{}", "1".repeat(64));
        assert!(knows_transaction(&good));
        assert!(!knows_transaction(&format!("0xBAD{}", "1".repeat(61))));
        assert!(!knows_transaction(&good[..65]));
        assert!(!knows_transaction(&good[2..]));
    }
}
