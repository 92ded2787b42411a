//! What stands at an address, and what a call of it gives.
//!
//! There is no bytecode: a handful of contracts are known by heart, and nothing else can be put on this chain.

use alloy_primitives::{Address, Log, U256, address, hex::encode_prefixed};
use alloy_sol_types::{Revert as Reason, SolCall, SolError, SolInterface};

use super::{
    super::{chain::Contract, world::World},
    abi::Multicall3::{self, Multicall3Calls, Result as Part, aggregate3Call},
};

/// Multicall3, the same on every chain.
pub(super) const MULTICALL: Address = address!("cA11bde05977b3631167028862bE2a173976CA11");
/// What a call uses that is refused, or only reads.
const READ_GAS: u64 = 5_500;

/// What any transaction of this input costs, in gas.
pub(super) fn intrinsic_gas(input: &[u8]) -> u64 {
    let price = |byte: &u8| if *byte == 0 { 4 } else { 16 };
    21_000 + input.iter().map(price).sum::<u64>()
}

/// A call that went through.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// ABI-encoded.
    pub(super) output: Vec<u8>,
    pub(super) logs: Vec<Log>,
    /// What was used beside the price of any transaction of this input.
    pub(super) gas: u64,
}

impl Outcome {
    /// A call that only answers.
    pub(super) fn answer(output: Vec<u8>) -> Self {
        Self {
            output,
            logs: Vec::new(),
            gas: READ_GAS,
        }
    }
}

/// A call that was refused, with what it says: nothing, an `Error(string)` or a custom error.
#[derive(Debug)]
pub(super) struct Revert(pub(super) Vec<u8>);

impl Revert {
    pub(super) const GAS: u64 = READ_GAS;

    /// Such as that of a function that does not exist.
    pub(super) fn silent() -> Self {
        Self(Vec::new())
    }

    /// `require(…, "reason")`.
    pub(super) fn because(reason: &str) -> Self {
        Self(Reason::from(reason).abi_encode())
    }

    pub(super) fn error(error: &impl SolError) -> Self {
        Self(error.abi_encode())
    }

    /// In the words of the nodes.
    pub(super) fn message(&self) -> String {
        let Self(data) = self;
        if let Ok(reason) = Reason::abi_decode(data) {
            return format!("execution reverted: {}", reason.reason);
        }
        match data.split_at_checked(4) {
            None => "execution reverted".to_owned(),
            Some((selector, arguments)) => format!(
                "execution reverted: custom error {}: {}",
                encode_prefixed(selector),
                hex::encode(arguments)
            ),
        }
    }
}

/// What stands at an address.
pub(super) enum Place {
    /// The proxy of an app's contract, as it was at the block asked about.
    App(Contract),
    /// Place in the world's list.
    Kms(usize),
    Multicall,
    /// A Safe, which says whose it is and takes every other call without a word.
    Safe,
    /// Code that is not called on its own: what a proxy points to.
    Implementation,
    /// An account without code.
    Nothing,
}

impl World {
    /// What stands at this address of this chain at this block.
    pub(super) fn place(&self, chain: usize, block: u64, address: Address) -> Place {
        let ledger = &self.ledgers[chain];
        if let Some(contract) = ledger.contract(address, block) {
            return Place::App(contract.clone());
        }
        let here = |kms: &super::super::kms::Kms| kms.chain_id == Some(ledger.chain_id);
        let kms = self
            .kms
            .iter()
            .position(|kms| here(kms) && kms.address() == Some(address));
        if let Some(kms) = kms {
            return Place::Kms(kms);
        }
        if address == MULTICALL {
            Place::Multicall
        } else if ledger.safes.contains(&address) {
            Place::Safe
        } else if ledger.implementations.contains(&address) {
            Place::Implementation
        } else {
            Place::Nothing
        }
    }

    /// Runs a call at the end of this block, and forgets what it changed.
    pub(super) fn call(
        &self,
        chain: usize,
        block: u64,
        from: Address,
        to: Address,
        input: &[u8],
    ) -> Result<Outcome, Revert> {
        match self.place(chain, block, to) {
            Place::App(mut contract) => {
                contract.run(from, input, &self.ledgers[chain].implementations)
            }
            Place::Kms(kms) => self.call_kms(chain, block, kms, from, input),
            Place::Multicall => self.call_multicall(chain, block, input),
            Place::Implementation => Err(Revert::silent()),
            Place::Safe => Ok(self.call_safe(to, input)),
            Place::Nothing => Ok(Outcome::default()),
        }
    }

    /// As its writes come from Multicall3 itself, which owns nothing, they never change anything.
    fn call_multicall(&self, chain: usize, block: u64, input: &[u8]) -> Result<Outcome, Revert> {
        let calls = match Multicall3Calls::abi_decode(input).map_err(|_| Revert::silent())? {
            Multicall3Calls::aggregate3(aggregate3Call { calls }) => calls,
            Multicall3Calls::getBlockNumber(_) => {
                let number = U256::from(block);
                let output = Multicall3::getBlockNumberCall::abi_encode_returns(&number);
                return Ok(Outcome::answer(output));
            }
            Multicall3Calls::getChainId(_) => {
                let id = U256::from(self.ledgers[chain].chain_id);
                return Ok(Outcome::answer(
                    Multicall3::getChainIdCall::abi_encode_returns(&id),
                ));
            }
        };
        let mut parts = Vec::with_capacity(calls.len());
        let mut gas = READ_GAS;
        for call in calls {
            // A multicall of itself could go on for ever.
            let answer = if call.target == MULTICALL {
                Err(Revert::silent())
            } else {
                self.call(chain, block, MULTICALL, call.target, &call.callData)
            };
            gas += READ_GAS;
            parts.push(match answer {
                Ok(outcome) => Part {
                    success: true,
                    returnData: outcome.output.into(),
                },
                Err(Revert(data)) if call.allowFailure => Part {
                    success: false,
                    returnData: data.into(),
                },
                Err(_) => return Err(Revert::because("Multicall3: call failed")),
            });
        }
        Ok(Outcome {
            output: aggregate3Call::abi_encode_returns(&parts),
            logs: Vec::new(),
            gas,
        })
    }
}
