//! The transactions of this deployment: how each fares, what is written down about it, and what is done.
//!
//! It never signs. Where nobody knows a transaction any more, the same bytes are handed over again: they cannot count
//! twice. Whether a transaction lives is no proof that the contract allows anything; that is read from the contract.

mod page;

pub(super) use self::page::state_word;
use crate::api::error::Error;
use crate::api::types::TransactionHash;
use crate::chain::examination::Replaced;
use crate::chain::transaction::{Standing, Tracked, Unsigned};
use crate::chain::{Address, Call};
use crate::journal::record::{Seen, TransactionSeen};
use crate::journal::state;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{Broadcast, Request};

/// Seconds between two looks at transactions that are under way.
const PAUSE: u64 = 2;
/// Blocks that have to be on it before it counts as there to stay.
const DEPTH: u64 = 2;
/// Seconds between two times the same bytes are handed over.
const AGAIN: u64 = 10;
/// A number that was used is believed when it was seen so often: a node may have blocks that another has not.
const SURE: u32 = 2;

/// All of them, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tracking {
    pub items: Vec<Item>,
    asked: Option<u64>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// What it calls; `None` where that cannot be read.
    pub call: Option<Call>,
    pub transaction: Tracked,
    /// Tip and most, wei per gas.
    pub fees: Option<(u128, u128)>,
    /// When it was broadcast, or taken up again.
    pub since: u64,
    /// How it fares.
    pub standing: Option<Standing>,
    /// Its state as it is written down.
    pub seen: Option<Seen>,
    /// It was in a block, and then in none: the block was replaced.
    pub reorganised: bool,
    /// How often in a row its number was found used.
    used: u32,
    /// When the same bytes were handed over last.
    sent: Option<u64>,
    /// Why it is not known how it fares.
    pub trouble: Option<Error>,
}

impl Tracking {
    /// Takes up what the journal has. What is known of one already stays.
    pub fn recall(&mut self, transactions: Vec<state::Transaction>, now: u64) {
        for kept in transactions {
            let signed = &kept.signed;
            if self
                .items
                .iter()
                .any(|item| item.transaction.hash == signed.hash)
            {
                continue;
            }
            let unsigned = Unsigned::read(&signed.raw.0);
            let input = unsigned.as_ref().map(|it| it.input.clone());
            let transaction = Tracked {
                chain_id: signed.chain_id,
                hash: signed.hash,
                from: Address::from(signed.from.0),
                nonce: signed.nonce,
                to: Address::from(signed.contract.0),
                input: input.unwrap_or_default(),
            };
            self.items.push(Item {
                call: Call::read(&transaction.input),
                fees: unsigned.map(|it| (it.tip, it.max_fee)),
                seen: kept.seen,
                // How it stands is asked, whatever was seen before; only an end stays.
                ..Item::new(transaction, now)
            });
        }
    }

    /// One was just broadcast.
    pub fn add(&mut self, broadcast: Broadcast, fees: (u128, u128), now: u64) {
        let Broadcast {
            call,
            transaction,
            taken,
        } = broadcast;
        self.items.push(Item {
            call: Some(call),
            fees: Some(fees),
            sent: Some(now),
            trouble: taken.err(),
            ..Item::new(transaction, now)
        });
        // Nobody has seen it yet.
        self.asked = Some(now);
    }

    /// Whether any may still change.
    pub fn is_open(&self) -> bool {
        self.items.iter().any(Item::is_open)
    }

    /// Whether this call was made, as far as a contract that was read at this block can know of it: it is under way, or
    /// counts from a later block on.
    pub fn covers(&self, call: Call, read: Option<u64>) -> bool {
        let mut made = self.items.iter().filter(|item| item.call == Some(call));
        made.any(|item| {
            let later = || match item.standing {
                Some(Standing::Mined { block, .. }) => read.is_none_or(|read| read < block),
                _ => false,
            };
            item.is_open() || later()
        })
    }

    /// Whether this call was made, and nothing says that it failed.
    pub fn made(&self, call: Call) -> bool {
        let mut made = self.items.iter().filter(|item| item.call == Some(call));
        made.any(|item| item.is_open() || item.seen == Some(Seen::Confirmed))
    }

    /// The transaction that made the contract allow the hash, as far as one of these did.
    pub fn registration(&self) -> Option<TransactionHash> {
        let is_hash = |item: &&Item| matches!(item.call, Some(Call::AddComposeHash(_)));
        let confirmed = |item: &&Item| item.seen == Some(Seen::Confirmed);
        let mut done = self.items.iter().filter(is_hash).filter(confirmed);
        done.next_back().map(|item| item.transaction.hash)
    }

    /// The one that waits, and can be made faster.
    pub fn slow(&self) -> Option<(&Item, Replaced)> {
        let waits =
            |item: &&Item| item.is_open() && !matches!(item.standing, Some(Standing::Mined { .. }));
        let item = self.items.iter().find(waits)?;
        let (tip, max_fee) = item.fees?;
        let nonce = item.transaction.nonce;
        item.call?;
        // Of several under one number the dearest counts.
        let rivals = self.items.iter().filter(|it| {
            it.transaction.nonce == nonce && it.transaction.from == item.transaction.from
        });
        let fees = rivals.filter_map(|it| it.fees);
        let (tip, max_fee) = fees.fold((tip, max_fee), |most, fees| {
            (most.0.max(fees.0), most.1.max(fees.1))
        });
        Some((
            item,
            Replaced {
                nonce,
                tip,
                max_fee,
            },
        ))
    }

    /// The question how they fare, where it is time for it.
    pub fn follow(&mut self, at: Place, now: u64) -> Option<Request> {
        let is_due = self.asked.is_none_or(|asked| now >= asked + PAUSE);
        let open = self.items.iter().filter(|item| item.is_open());
        let transactions: Vec<_> = open.map(|item| item.transaction.clone()).collect();
        if !is_due || transactions.is_empty() {
            return None;
        }
        self.asked = Some(now);
        Some(Request::Follow { transactions, at })
    }

    /// Takes the answer: what is to be written down, and what is to be handed over again.
    pub fn take(
        &mut self,
        replies: Vec<(TransactionHash, Result<Standing, Error>)>,
        now: u64,
    ) -> (Vec<TransactionSeen>, Option<(TransactionHash, u64)>) {
        let (mut notes, mut again) = (Vec::new(), None);
        for (hash, reply) in replies {
            let is_outbid = self.is_outbid(hash);
            let mut items = self.items.iter_mut();
            let Some(item) = items.find(|item| item.transaction.hash == hash) else {
                continue;
            };
            match reply {
                Ok(standing) => {
                    item.trouble = None;
                    notes.extend(item.take(standing));
                }
                Err(error) => item.trouble = Some(error),
            }
            let is_lost = item.standing == Some(Standing::Unknown) && item.trouble.is_none();
            if is_lost && !is_outbid && item.sent.is_none_or(|sent| now >= sent + AGAIN) {
                item.sent = Some(now);
                // One at a time: the others' turn comes with the next look.
                again = again.or(Some((hash, item.transaction.chain_id)));
            }
        }
        (notes, again)
    }

    /// Whether a dearer one is under way under the same number: nodes do not take this one any more.
    fn is_outbid(&self, hash: TransactionHash) -> bool {
        let number = |item: &Item| (item.transaction.from, item.transaction.nonce);
        let Some(this) = self.items.iter().find(|item| item.transaction.hash == hash) else {
            return false;
        };
        let mut rivals = self.items.iter().filter(|item| item.is_open());
        rivals.any(|rival| number(rival) == number(this) && rival.fees > this.fees)
    }
}

impl Item {
    fn new(transaction: Tracked, now: u64) -> Self {
        Self {
            call: None,
            transaction,
            fees: None,
            since: now,
            standing: None,
            seen: None,
            reorganised: false,
            used: 0,
            sent: None,
            trouble: None,
        }
    }

    /// Whether its state may still change.
    pub fn is_open(&self) -> bool {
        !self.seen.is_some_and(Seen::is_final)
    }

    /// Takes how it stands; what of it is new is to be written down.
    fn take(&mut self, standing: Standing) -> Option<TransactionSeen> {
        let was_mined =
            matches!(self.standing, Some(Standing::Mined { .. })) || self.seen == Some(Seen::Mined);
        let is_mined = matches!(standing, Standing::Mined { .. });
        self.reorganised = !is_mined && (self.reorganised || was_mined);
        self.used = match standing {
            Standing::NumberUsed => self.used + 1,
            _ => 0,
        };
        let (seen, block) = match standing {
            Standing::Waiting => (Some(Seen::Pending), None),
            Standing::Mined { block, depth } if depth >= DEPTH => {
                (Some(Seen::Confirmed), Some(block))
            }
            Standing::Mined { block, .. } => (Some(Seen::Mined), Some(block)),
            Standing::Reverted { block, .. } => (Some(Seen::Reverted), Some(block)),
            Standing::NumberUsed if self.used >= SURE => (Some(Seen::Replaced), None),
            Standing::NumberUsed | Standing::Unknown => (None, None),
        };
        self.standing = Some(standing);
        let seen = seen.filter(|seen| self.seen != Some(*seen))?;
        self.seen = Some(seen);
        Some(TransactionSeen {
            hash: self.transaction.hash,
            seen,
            block,
        })
    }
}
