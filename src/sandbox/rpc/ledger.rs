//! One pretend chain: its blocks, which follow the sandbox clock, its accounts, and everything ever sent to it.
//!
//! It keeps books and runs nothing. A block is only a number and a moment unless something lies in it.

mod admission;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Log, U256, keccak256};

use super::{
    super::{
        chain::{Contract, Generation},
        mint::Mint,
        moment::Moment,
        scenario::ChainSpec,
    },
    founding::{endowments, minted},
    transaction::Transaction,
};

pub(in crate::sandbox) struct Ledger {
    pub(super) chain_id: u64,
    pub(super) name: String,
    /// Wei per gas. It never changes, so a price that was right stays right.
    pub(super) base_fee: u128,
    /// Wei per gas that clients are told to add.
    pub(super) tip: u128,
    start: Moment,
    block_milliseconds: i64,
    height_at_start: u64,
    pub(super) accounts: BTreeMap<Address, Account>,
    /// Every state an app's contract had, with the block that ended with it, in their order.
    states: BTreeMap<Address, Vec<(u64, Contract)>>,
    /// What owners are going to do, by block and order.
    plans: BTreeMap<(u64, u64), Plan>,
    pool: Vec<Waiting>,
    mined: Vec<Mined>,
    /// Accounts that are a Safe.
    pub(super) safes: BTreeSet<Address>,
    /// Code a proxy may point to.
    pub(super) implementations: [Address; Generation::ALL.len()],
    planned: u64,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Account {
    pub(super) balance: U256,
    pub(super) nonce: u64,
    /// The block of its latest transaction.
    last_block: u64,
}

impl Account {
    fn with(balance: U256) -> Self {
        Self {
            balance,
            ..Self::default()
        }
    }
}

/// What an owner of the story is going to do with a contract.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) contract: Address,
    pub(super) act: Act,
}

#[derive(Clone)]
pub(super) enum Act {
    /// Made by the factory, for this first device and hash; zeros for none.
    Deploy { device: B256, hash: B256 },
    /// A call by its owner.
    Call(Vec<u8>),
}

/// A transaction nobody has put into a block yet.
struct Waiting {
    transaction: Transaction,
    from_block: u64,
}

/// A transaction with its place and what came of it.
pub(super) struct Mined {
    pub(super) transaction: Transaction,
    pub(super) block: u64,
    pub(super) index: u64,
    pub(super) succeeded: bool,
    pub(super) gas_used: u64,
    /// Of this block, up to and with this one.
    pub(super) gas_so_far: u64,
    pub(super) logs: Vec<Log>,
    pub(super) first_log: u64,
}

/// The next thing that goes into a block.
pub(super) enum Next {
    Planned(Plan),
    Sent(Transaction),
}

impl Ledger {
    pub(in crate::sandbox) fn new(spec: &ChainSpec, start: Moment, mint: &Mint) -> Self {
        Self {
            chain_id: spec.id,
            name: spec.name.clone(),
            base_fee: spec.base_fee_wei.into(),
            tip: spec.tip_wei.into(),
            start,
            block_milliseconds: i64::from(spec.block_seconds.max(1)) * 1000,
            height_at_start: spec.height,
            accounts: endowments(mint)
                .map(|(address, balance)| (address, Account::with(balance)))
                .into(),
            states: BTreeMap::new(),
            plans: BTreeMap::new(),
            pool: Vec::new(),
            mined: Vec::new(),
            safes: BTreeSet::new(),
            implementations: Generation::ALL
                .map(|release| minted(mint, &format!("code {release:?} on {}", spec.id))),
            planned: 0,
        }
    }

    /// The number of the latest block at this moment; 0 for all times before the first.
    pub(super) fn height(&self, at: Moment) -> u64 {
        self.number(self.since_start(at).div_euclid(self.block_milliseconds))
    }

    /// The first block that is not before this moment.
    fn height_from(&self, at: Moment) -> u64 {
        let blocks = -(-self.since_start(at)).div_euclid(self.block_milliseconds);
        self.number(blocks)
    }

    fn since_start(&self, at: Moment) -> i64 {
        at.unix_milliseconds()
            .saturating_sub(self.start.unix_milliseconds())
            // Far from both ends, so that what is never due stays a block of its own.
            .clamp(-(1 << 60), 1 << 60)
    }

    fn number(&self, blocks_since_start: i64) -> u64 {
        self.height_at_start
            .saturating_add_signed(blocks_since_start)
    }

    /// Unix seconds.
    pub(super) fn timestamp(&self, block: u64) -> i64 {
        let blocks = i64::try_from(block).unwrap_or(i64::MAX)
            - i64::try_from(self.height_at_start).unwrap_or(i64::MAX);
        (self.start.unix_milliseconds() + blocks.saturating_mul(self.block_milliseconds)) / 1000
    }

    /// Follows from chain and number alone: whatever lies in a block, its hash is known beforehand.
    pub(super) fn block_hash(&self, block: u64) -> B256 {
        self.digest("block", block)
    }

    pub(super) fn digest(&self, what: &str, number: u64) -> B256 {
        keccak256(format!(
            "{what} {number} of pretend chain {}",
            self.chain_id
        ))
    }

    pub(super) fn account(&self, address: Address) -> Account {
        self.accounts.get(&address).copied().unwrap_or_default()
    }

    /// The code of a release.
    pub(super) fn implementation(&self, of: Generation) -> Address {
        self.implementations[of as usize]
    }

    pub(super) fn fund(&mut self, address: Address, wei: U256) {
        let account = self.accounts.entry(address).or_default();
        account.balance = account.balance.saturating_add(wei);
    }

    pub(super) fn charge(&mut self, address: Address, wei: U256) {
        let account = self.accounts.entry(address).or_default();
        account.balance = account.balance.saturating_sub(wei);
    }

    /// The contract of an app as it was at the end of this block.
    pub(super) fn contract(&self, address: Address, block: u64) -> Option<&Contract> {
        let states = self.states.get(&address)?;
        let known = states.partition_point(|(since, _)| *since <= block);
        Some(&states[known.checked_sub(1)?].1)
    }

    /// The same, by app id.
    pub(super) fn app(&self, id: Address, block: u64) -> Option<&Contract> {
        let address = *self
            .states
            .iter()
            .find(|(_, states)| {
                states
                    .first()
                    .is_some_and(|(_, contract)| contract.app_id == id)
            })?
            .0;
        self.contract(address, block)
    }

    /// How many contracts of apps there ever were.
    pub(super) fn contracts(&self) -> usize {
        self.states.len()
    }

    pub(super) fn remember(&mut self, block: u64, contract: &Contract) {
        let states = self.states.entry(contract.address).or_default();
        states.push((block, contract.clone()));
    }

    /// Plans something for a moment. What is due at once still gets into the latest block.
    pub(super) fn plan(&mut self, now: Moment, due: Moment, plan: Plan) {
        let block = if due <= now {
            self.height(due)
        } else {
            self.height_from(due)
        };
        self.planned += 1;
        self.plans.insert((block, self.planned), plan);
    }

    /// Takes what goes into a block next, up to this one.
    pub(super) fn next(&mut self, height: u64) -> Option<(u64, Next)> {
        let planned = self.plans.keys().next().map(|(block, _)| *block);
        let sent = self
            .pool
            .iter()
            .enumerate()
            .filter_map(|(place, waiting)| {
                let account = self.account(waiting.transaction.from);
                let ready = waiting.transaction.nonce == account.nonce;
                ready.then_some((waiting.from_block.max(account.last_block), place))
            })
            .min();
        match (planned, sent) {
            (Some(block), sent)
                if block <= height && sent.is_none_or(|(other, _)| block <= other) =>
            {
                let (_, plan) = self.plans.pop_first()?;
                Some((block, Next::Planned(plan)))
            }
            (_, Some((block, place))) if block <= height => {
                let transaction = self.pool.remove(place).transaction;
                Some((block, Next::Sent(transaction)))
            }
            _ => None,
        }
    }

    /// Writes down what came of a transaction.
    pub(super) fn record(
        &mut self,
        block: u64,
        transaction: Transaction,
        succeeded: bool,
        gas_used: u64,
        logs: Vec<Log>,
    ) {
        let account = self.accounts.entry(transaction.from).or_default();
        account.nonce = transaction.nonce + 1;
        account.last_block = block;
        let before = self.mined.last().filter(|before| before.block == block);
        let mined = Mined {
            index: before.map_or(0, |before| before.index + 1),
            gas_so_far: before.map_or(0, |before| before.gas_so_far) + gas_used,
            first_log: before.map_or(0, |before| before.first_log + before.logs.len() as u64),
            transaction,
            block,
            succeeded,
            gas_used,
            logs,
        };
        self.mined.push(mined);
    }

    pub(super) fn mined(&self, hash: B256) -> Option<&Mined> {
        self.mined
            .iter()
            .find(|mined| mined.transaction.hash == hash)
    }

    /// Mined or waiting.
    pub(super) fn transaction(&self, hash: B256) -> Option<&Transaction> {
        self.mined(hash)
            .map(|mined| &mined.transaction)
            .or_else(|| {
                let waiting = self
                    .pool
                    .iter()
                    .find(|waiting| waiting.transaction.hash == hash)?;
                Some(&waiting.transaction)
            })
    }

    /// Everything in these blocks, in order.
    pub(super) fn between(&self, first: u64, last: u64) -> &[Mined] {
        let from = self.mined.partition_point(|mined| mined.block < first);
        let to = self.mined.partition_point(|mined| mined.block <= last);
        self.mined.get(from..to).unwrap_or_default()
    }
}
