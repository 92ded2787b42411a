//! How blocks come to be: what owners of the story planned and what clients sent, run in order once it is due.

use alloy_primitives::{Address, Bytes, Log, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};

use super::{
    super::{chain::Contract, world::World},
    abi::Safe,
    evm::{Outcome, Place, Revert, intrinsic_gas},
    kms_contract::{deployment, registered},
    ledger::{Act, Next, Plan},
    transaction::{Kind, Seal, Transaction},
};

/// More than anything planned here uses.
const PLANNED_GAS: u64 = 400_000;
const DEPLOYMENT_GAS: u64 = 224_000;
/// What the detour over a Safe costs more.
const SAFE_GAS: u64 = 38_000;

impl World {
    /// Lets every chain catch up with the clock.
    pub(in crate::sandbox) fn mine(&mut self) {
        for chain in 0..self.ledgers.len() {
            let height = self.ledgers[chain].height(self.now);
            while let Some((block, next)) = self.ledgers[chain].next(height) {
                match next {
                    Next::Planned(plan) => self.carry_out(chain, block, &plan),
                    Next::Sent(transaction) => self.include(chain, block, transaction),
                }
            }
        }
    }

    /// Something an owner planned. It is signed by nobody whose key is known.
    fn carry_out(&mut self, chain: usize, block: u64, plan: &Plan) {
        let Some(app) = self.governed(plan.contract) else {
            return;
        };
        let Some(mut contract) = self.apps[app].contract.clone() else {
            return;
        };
        let factory = self.kms_of(&self.apps[app]).generation;
        let (from, to, input, outcome) = match &plan.act {
            Act::Deploy { device, hash } => {
                let input = deployment(factory, &contract, *device, *hash);
                let mut logs = contract.birth(*device, *hash);
                logs.extend(registered(factory, &contract));
                let outcome = Outcome {
                    output: Vec::new(),
                    logs,
                    gas: DEPLOYMENT_GAS,
                };
                self.ledgers[chain].remember(block, &contract);
                self.apps[app].contract = Some(contract.clone());
                let (deployer, factory) = (contract.deployer, contract.factory);
                (deployer, factory, input, Ok(outcome))
            }
            Act::Call(input) => {
                let outcome = self.transact(chain, block, contract.owner, plan.contract, input);
                self.signed_by_owner(&contract, input, outcome)
            }
        };
        let least = intrinsic_gas(&input);
        let transaction = self.unsigned(chain, from, to, input);
        let (succeeded, gas, logs) = match outcome {
            Ok(outcome) => (true, outcome.gas, outcome.logs),
            Err(_) => (false, Revert::GAS, Vec::new()),
        };
        self.ledgers[chain].record(block, transaction, succeeded, least + gas, logs);
    }

    /// From the owner itself; or, if that is a Safe, from one of its signers through it.
    fn signed_by_owner(
        &self,
        contract: &Contract,
        input: &[u8],
        outcome: Result<Outcome, Revert>,
    ) -> (Address, Address, Vec<u8>, Result<Outcome, Revert>) {
        let owner = contract.owner;
        if !self
            .ledgers
            .iter()
            .any(|ledger| ledger.safes.contains(&owner))
        {
            return (owner, contract.address, input.to_vec(), outcome);
        }
        let [signer, ..] = self.safe_owners(owner);
        let call = Safe::execTransactionCall {
            to: contract.address,
            value: U256::ZERO,
            data: Bytes::copy_from_slice(input),
            operation: 0,
            safeTxGas: U256::ZERO,
            baseGas: U256::ZERO,
            gasPrice: U256::ZERO,
            gasToken: Address::ZERO,
            refundReceiver: Address::ZERO,
            signatures: Bytes::new(),
        };
        let input = call.abi_encode();
        let outcome = outcome.map(|mut outcome| {
            let event = Safe::ExecutionSuccess {
                txHash: keccak256(&input),
                payment: U256::ZERO,
            };
            outcome.logs.push(Log {
                address: owner,
                data: event.encode_log_data(),
            });
            outcome.gas += SAFE_GAS;
            outcome
        });
        (signer, owner, input, outcome)
    }

    fn unsigned(&self, chain: usize, from: Address, to: Address, input: Vec<u8>) -> Transaction {
        let ledger = &self.ledgers[chain];
        let nonce = ledger.account(from).nonce;
        let digest = |what: &str| ledger.digest(&format!("{what} of {from}, its"), nonce);
        let number = |what: &str| U256::from_be_bytes(digest(what).0) >> 1_usize;
        Transaction {
            hash: digest("transaction"),
            kind: Kind::DynamicFee,
            chain_id: Some(ledger.chain_id),
            nonce,
            tip: ledger.tip,
            max_fee: 2 * ledger.base_fee + ledger.tip,
            gas: PLANNED_GAS,
            to,
            value: U256::ZERO,
            input: input.into(),
            from,
            seal: Seal {
                y_is_odd: false,
                r: number("r"),
                s: number("s"),
            },
        }
    }

    /// Something a client sent, and paid for whatever comes of it.
    fn include(&mut self, chain: usize, block: u64, transaction: Transaction) {
        let Transaction {
            from,
            to,
            value,
            gas,
            ..
        } = transaction;
        let is_plain = transaction.input.is_empty();
        let least = intrinsic_gas(&transaction.input);
        let result = if value.is_zero() || (is_plain && self.takes_money(chain, block, to)) {
            self.call(chain, block, from, to, &transaction.input)
        } else {
            Err(Revert::silent())
        };
        let (succeeded, used, logs) = match result {
            Ok(outcome) if least + outcome.gas <= gas => {
                // It went through just now, so it does so again.
                let outcome = self
                    .transact(chain, block, from, to, &transaction.input)
                    .unwrap_or(outcome);
                (true, least + outcome.gas, outcome.logs)
            }
            // Out of gas: all of it is gone.
            Ok(_) => (false, gas, Vec::new()),
            Err(_) => (false, (least + Revert::GAS).min(gas), Vec::new()),
        };
        let ledger = &mut self.ledgers[chain];
        let fee = U256::from(transaction.price(ledger.base_fee)) * U256::from(used);
        ledger.charge(from, fee);
        if succeeded {
            ledger.charge(from, value);
            ledger.fund(to, value);
        }
        ledger.record(block, transaction, succeeded, used, logs);
    }

    /// Whether money can be sent here: the contracts of this story want none.
    pub(super) fn takes_money(&self, chain: usize, block: u64, to: Address) -> bool {
        matches!(self.place(chain, block, to), Place::Nothing | Place::Safe)
    }

    /// Runs a call and keeps what it changed.
    fn transact(
        &mut self,
        chain: usize,
        block: u64,
        from: Address,
        to: Address,
        input: &[u8],
    ) -> Result<Outcome, Revert> {
        let Some(app) = self.governed(to) else {
            return self.transact_apart(chain, block, from, to, input);
        };
        let ledger = &mut self.ledgers[chain];
        let Some(contract) = self.apps[app].contract.as_mut() else {
            return Err(Revert::silent());
        };
        let outcome = contract.run(from, input, &ledger.implementations)?;
        ledger.remember(block, contract);
        Ok(outcome)
    }

    /// The app of a contract.
    fn governed(&self, address: Address) -> Option<usize> {
        self.apps.iter().position(|app| {
            app.contract
                .as_ref()
                .is_some_and(|contract| contract.address == address)
        })
    }
}
