//! The proof that a record is on the disk.

use crate::journal::id::IntentId;

/// A record of this kind is on the disk, of this intent, in this place. Only a [`Journal`](super::Journal) makes one,
/// after the disk said so; it cannot be copied, so whoever takes it by value acts once.
///
/// It holds the record: what is sent is taken from here, and so is what was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Durable<R> {
    intent: IntentId,
    number: u64,
    record: R,
}

impl<R> Durable<R> {
    pub(super) fn new(intent: IntentId, number: u64, record: R) -> Self {
        Self {
            intent,
            number,
            record,
        }
    }

    /// The intent it belongs to.
    pub fn intent(&self) -> IntentId {
        self.intent
    }

    /// Its place in the file, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The record.
    pub fn record(&self) -> &R {
        &self.record
    }
}
