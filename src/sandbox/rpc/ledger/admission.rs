//! Which transactions a node takes in, and in which words it refuses the others.
//!
//! What it takes in waits for a block; that it fails there is no reason to refuse it.

use alloy_primitives::Address;

use super::{
    super::{super::moment::Moment, evm::intrinsic_gas, transaction::Transaction},
    Ledger, Waiting,
};

impl Ledger {
    /// Takes in a transaction for a later block, or says in the words of the nodes why not.
    pub(in super::super) fn accept(
        &mut self,
        now: Moment,
        transaction: Transaction,
    ) -> Result<(), String> {
        let known = self.transaction(transaction.hash).is_some();
        if known {
            return Err("already known".to_owned());
        }
        self.judge(&transaction)?;
        let from_block = self.height(now) + 1;
        if let Some(place) = self.waiting(transaction.from, transaction.nonce) {
            let old = self.pool[place].transaction.max_fee;
            // As the nodes have it: a tenth more, or it is not worth their while.
            if transaction.max_fee < old.saturating_add(old.div_ceil(10)) {
                return Err("replacement transaction underpriced".to_owned());
            }
            self.pool.remove(place);
        }
        self.pool.push(Waiting {
            transaction,
            from_block,
        });
        Ok(())
    }

    fn judge(&self, transaction: &Transaction) -> Result<(), String> {
        let Transaction {
            chain_id,
            nonce,
            tip,
            max_fee,
            gas,
            from,
            ..
        } = transaction;
        match chain_id {
            None => {
                let refusal = "only replay-protected (EIP-155) transactions allowed over RPC";
                return Err(refusal.to_owned());
            }
            Some(id) if *id != self.chain_id => {
                let ours = self.chain_id;
                return Err(format!(
                    "invalid chain id for signer: have {id} want {ours}"
                ));
            }
            Some(_) => {}
        }
        let account = self.account(*from);
        if *nonce < account.nonce {
            let next = account.nonce;
            return Err(format!(
                "nonce too low: next nonce {next}, tx nonce {nonce}"
            ));
        }
        if tip > max_fee {
            return Err(format!(
                "max priority fee per gas higher than max fee per gas: address {from}, \
                 maxPriorityFeePerGas: {tip}, maxFeePerGas: {max_fee}"
            ));
        }
        if *max_fee < self.base_fee {
            let base_fee = self.base_fee;
            return Err(format!(
                "max fee per gas less than block base fee: address {from}, maxFeePerGas: \
                 {max_fee}, baseFee: {base_fee}"
            ));
        }
        let least = intrinsic_gas(&transaction.input);
        if *gas < least {
            return Err(format!(
                "intrinsic gas too low: gas {gas}, minimum needed {least}"
            ));
        }
        let (have, want) = (account.balance, transaction.worst_cost());
        if have < want {
            return Err(format!(
                "insufficient funds for gas * price + value: address {from} have {have} want {want}"
            ));
        }
        Ok(())
    }

    /// The nonce after everything that waits.
    pub(in super::super) fn next_nonce(&self, address: Address) -> u64 {
        let mut next = self.account(address).nonce;
        while self.waiting(address, next).is_some() {
            next += 1;
        }
        next
    }

    fn waiting(&self, from: Address, nonce: u64) -> Option<usize> {
        self.pool.iter().position(|waiting| {
            waiting.transaction.from == from && waiting.transaction.nonce == nonce
        })
    }
}
