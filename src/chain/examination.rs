//! What was found out before anything is signed, and whether it may be.
//!
//! Nothing here signs. The transactions are made of what was found, so what is signed is what was judged.

use alloy_primitives::{Address, U256};

use super::contract::Owner;
use super::revert::Revert;
use super::transaction::Unsigned;
use super::{Call, Subject};

/// What a node said of the account that would sign, and of the calls it would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The account.
    pub from: Address,
    /// The block everything was read at.
    pub block: u64,
    /// Its `timestamp`, unix seconds.
    pub block_time: u64,
    /// Who owns the contract.
    pub owner: Owner,
    /// Wei the account has.
    pub balance: U256,
    /// Transactions of the account that are in blocks: the number of the next one.
    pub nonce: u64,
    /// The same with those that wait.
    pub pending: u64,
    /// Wei per gas of the next block, at least.
    pub base_fee: u128,
    /// Wei per gas on top, as the node suggests.
    pub tip: u128,
    /// The calls, in the order they would be sent, and how each went when it was simulated.
    pub calls: Vec<(Call, Result<u64, Revert>)>,
}

/// What keeps it from being signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The account does not own the contract.
    NotOwner {
        /// Who does.
        owner: Owner,
    },
    /// The balance does not cover what it costs at most.
    Poor {
        /// Wei it has.
        has: U256,
        /// Wei it needs.
        needs: U256,
    },
    /// The contract would refuse.
    Refused {
        /// Which call.
        call: Call,
        /// In its words.
        revert: Revert,
    },
    /// A transaction of this account waits under the same number.
    NumberInUse {
        /// The number.
        nonce: u64,
        /// How many wait.
        waiting: u64,
    },
}

/// Under which number a transaction is signed, and above which fees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The number of the transaction that is replaced.
    pub nonce: u64,
    /// Its tip, wei per gas.
    pub tip: u128,
    /// Its most, wei per gas.
    pub max_fee: u128,
}

/// Of the gas a simulation used, what is added in case the state changes until it is carried out: a fifth.
const SPARE_GAS: u64 = 5;
/// A transaction that replaces another pays at least a tenth more (geth's `pricebump`); an eighth is on the safe side.
const BUMP: u128 = 8;

impl Examination {
    /// Everything that keeps it from being signed, the most telling first.
    pub fn problems(&self, replaced: Option<&Replaced>) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.owner.address() != Some(self.from) {
            problems.push(Problem::NotOwner {
                owner: self.owner.clone(),
            });
        }
        for (call, outcome) in &self.calls {
            if let Err(revert) = outcome {
                let (call, revert) = (*call, revert.clone());
                problems.push(Problem::Refused { call, revert });
            }
        }
        let needs = self.most(replaced);
        if self.balance < needs {
            let has = self.balance;
            problems.push(Problem::Poor { has, needs });
        }
        if replaced.is_none() && self.pending > self.nonce {
            problems.push(Problem::NumberInUse {
                nonce: self.nonce,
                waiting: self.pending - self.nonce,
            });
        }
        problems
    }

    /// What would be signed, in order, for calls that went well when they were simulated.
    pub fn transactions(
        &self,
        subject: &Subject,
        replaced: Option<&Replaced>,
    ) -> Vec<(Call, Unsigned)> {
        let nonces = replaced.map_or(self.nonce, |replaced| replaced.nonce)..;
        let (tip, max_fee) = self.fees(replaced);
        let calls = self.calls.iter().zip(nonces);
        let calls = calls.filter_map(|((call, outcome), nonce)| {
            let gas = *outcome.as_ref().ok()?;
            let unsigned = Unsigned {
                chain_id: subject.chain_id,
                nonce,
                tip,
                max_fee,
                gas: gas.saturating_add(gas / SPARE_GAS),
                to: subject.contract,
                input: call.input(),
            };
            Some((*call, unsigned))
        });
        calls.collect()
    }

    /// Wei that all of it costs at most.
    pub fn most(&self, replaced: Option<&Replaced>) -> U256 {
        let (_, max_fee) = self.fees(replaced);
        let gas = self.gas(|gas| gas.saturating_add(gas / SPARE_GAS));
        gas.saturating_mul(U256::from(max_fee))
    }

    /// Wei that all of it costs if the next block is as dear as this one.
    pub fn likely(&self, replaced: Option<&Replaced>) -> U256 {
        let (tip, max_fee) = self.fees(replaced);
        let price = max_fee.min(self.base_fee.saturating_add(tip));
        self.gas(|gas| gas).saturating_mul(U256::from(price))
    }

    fn gas(&self, of: impl Fn(u64) -> u64) -> U256 {
        let gas = self
            .calls
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok());
        gas.fold(U256::ZERO, |sum, gas| {
            sum.saturating_add(U256::from(of(*gas)))
        })
    }

    /// Tip and most per gas: room for the base fee to double, and enough to take the place of another.
    fn fees(&self, replaced: Option<&Replaced>) -> (u128, u128) {
        let tip = self.tip;
        let max_fee = self.base_fee.saturating_mul(2).saturating_add(tip);
        match replaced {
            None => (tip, max_fee),
            Some(old) => (tip.max(bumped(old.tip)), max_fee.max(bumped(old.max_fee))),
        }
    }
}

fn bumped(fee: u128) -> u128 {
    fee.saturating_add(fee.div_ceil(BUMP))
}

#[cfg(test)]
mod tests;
