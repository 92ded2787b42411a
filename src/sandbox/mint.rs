//! Identifiers and keys that look random and follow from the seed alone.

use sha2::{Digest, Sha256};

/// Makes the same things from the same seed, in every run.
pub(super) struct Mint {
    seed: u64,
}

impl Mint {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Thirty-two bytes that belong to this label.
    pub(super) fn bytes(&self, label: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(label.as_bytes());
        hash.finalize().into()
    }

    /// Lower-case hex of so many bytes, at most 32.
    pub(super) fn hex(&self, label: &str, bytes: usize) -> String {
        hex::encode(&self.bytes(label)[..bytes.min(32)])
    }

    /// A version 4 UUID with dashes.
    pub(super) fn uuid(&self, label: &str) -> String {
        let mut bytes = self.bytes(label);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let digits = hex::encode(&bytes[..16]);
        [0..8, 8..12, 12..16, 16..20, 20..32]
            .map(|part| &digits[part])
            .join("-")
    }

    /// True with this probability, from 0 to 1.
    pub(super) fn chance(&self, label: &str, probability: f64) -> bool {
        let draw = self.bytes(label);
        let draw = u32::from_be_bytes([draw[0], draw[1], draw[2], draw[3]]);
        f64::from(draw) < probability * (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_things_and_another_seed_others() {
        assert_eq!(Mint::new(7).uuid("a"), Mint::new(7).uuid("a"));
        assert_ne!(Mint::new(7).uuid("a"), Mint::new(8).uuid("a"));
        assert_ne!(Mint::new(7).uuid("a"), Mint::new(7).uuid("b"));
    }

    #[test]
    fn uuids_carry_version_and_variant() {
        let uuid = Mint::new(1).uuid("x");
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
    }

    #[test]
    fn chances_come_about_as_often_as_they_say() {
        let mint = Mint::new(3);
        let hits = (0..1000)
            .filter(|n| mint.chance(&n.to_string(), 0.25))
            .count();
        assert!((200..300).contains(&hits), "{hits}");
        assert!(mint.chance("always", 1.0));
        assert!(!mint.chance("never", 0.0));
    }
}
