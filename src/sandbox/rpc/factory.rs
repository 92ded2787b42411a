//! A KMS as a factory: the call that puts the contract of a new app on the chain. It is the service's app only once the
//! service was asked to make it.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, Log};
use alloy_sol_types::{SolCall, SolInterface};

use super::{
    super::{
        chain::{Contract, Generation},
        world::World,
    },
    abi::{DstackApp, Factory, TcbFactory},
    evm::{Outcome, Place, Revert},
    founding::minted,
    kms_contract::registered,
};

/// Measured on the real factory, beside the price of any transaction of this input.
const GAS: u64 = 224_000;

/// What the factory is asked for.
struct Wanted {
    owner: Address,
    upgrades_disabled: bool,
    tcb_required: bool,
    any_device: bool,
    device: B256,
    hash: B256,
}

impl Wanted {
    /// Reads the call in the form of either release; `None` where it is another one.
    fn read(input: &[u8], of: Generation) -> Option<Self> {
        if let Ok(Factory::FactoryCalls::deployAndRegisterApp(call)) =
            Factory::FactoryCalls::abi_decode(input)
        {
            return Some(Self {
                owner: call.owner,
                upgrades_disabled: call.disableUpgrades,
                tcb_required: false,
                any_device: call.allowAnyDevice,
                device: call.deviceId,
                hash: call.composeHash,
            });
        }
        let TcbFactory::TcbFactoryCalls::deployAndRegisterApp(call) =
            TcbFactory::TcbFactoryCalls::abi_decode(input).ok()?;
        (of >= Generation::V3).then_some(Self {
            owner: call.owner,
            upgrades_disabled: call.disableUpgrades,
            tcb_required: call.requireTcbUpToDate,
            any_device: call.allowAnyDevice,
            device: call.deviceId,
            hash: call.composeHash,
        })
    }
}

impl World {
    /// What the factory would make of this call, and what it would tell; `None` where it is no such call.
    pub(super) fn deployed(
        &self,
        chain: usize,
        kms: usize,
        from: Address,
        input: &[u8],
    ) -> Option<Result<(Contract, Outcome), Revert>> {
        let (ledger, kms) = (&self.ledgers[chain], &self.kms[kms]);
        let wanted = Wanted::read(input, kms.generation)?;
        if wanted.owner.is_zero() {
            let owner = Address::ZERO;
            return Some(Err(Revert::error(&DstackApp::OwnableInvalidOwner {
                owner,
            })));
        }
        let factory = kms.address()?;
        // Follows from how many there are, as an address does from the number of its maker.
        let number = ledger.contracts();
        let address = minted(&self.mint, &format!("contract {number} of {factory}"));
        let app_id = match kms.generation {
            Generation::V1 => minted(&self.mint, &format!("app {number} of {factory}")),
            Generation::V2 | Generation::V3 | Generation::V4 => address,
        };
        let mut contract = Contract {
            address,
            app_id,
            generation: kms.generation,
            implementation: ledger.implementation(kms.generation),
            factory,
            deployer: from,
            owner: wanted.owner,
            pending_owner: Address::ZERO,
            hashes: BTreeSet::new(),
            devices: BTreeSet::new(),
            allow_any_device: wanted.any_device,
            upgrades_disabled: wanted.upgrades_disabled,
            require_tcb_up_to_date: wanted.tcb_required,
        };
        let mut logs: Vec<Log> = contract.birth(wanted.device, wanted.hash);
        logs.extend(registered(kms.generation, &contract));
        let outcome = Outcome {
            output: Factory::deployAndRegisterAppCall::abi_encode_returns(&app_id),
            logs,
            gas: GAS,
        };
        Some(Ok((contract, outcome)))
    }

    /// Runs a call of something that is no app of the service, and keeps what it changed.
    pub(super) fn transact_apart(
        &mut self,
        chain: usize,
        block: u64,
        from: Address,
        to: Address,
        input: &[u8],
    ) -> Result<Outcome, Revert> {
        match self.place(chain, block, to) {
            Place::Kms(kms) => {
                if let Some(deployed) = self.deployed(chain, kms, from, input) {
                    let (contract, outcome) = deployed?;
                    self.ledgers[chain].remember(block, &contract);
                    return Ok(outcome);
                }
            }
            Place::App(mut contract) => {
                let ledger = &mut self.ledgers[chain];
                let outcome = contract.run(from, input, &ledger.implementations)?;
                ledger.remember(block, &contract);
                return Ok(outcome);
            }
            Place::Multicall | Place::Safe | Place::Implementation | Place::Nothing => {}
        }
        self.call(chain, block, from, to, input)
    }

    /// The contract that was put on the chain of this KMS for an app that the service does not know yet.
    pub(in crate::sandbox) fn founded(&self, kms: usize, app_id: &str) -> Option<Contract> {
        let kms = &self.kms[kms];
        let chain = self.chain_named(kms.chain_id?)?;
        let ledger = &self.ledgers[chain];
        let id = super::super::chain::account(app_id)?;
        let contract = ledger.app(id, ledger.height(self.now))?;
        (Some(contract.factory) == kms.address()).then(|| contract.clone())
    }
}
