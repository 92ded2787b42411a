//! How contracts come to stand on a chain before anybody asks: whose they are, which code, what they went through.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;

use super::{
    super::{
        chain::{Contract, Generation, account, word},
        kms::Kms,
        mint::Mint,
        moment::Moment,
        world::World,
    },
    abi::DstackApp,
    ledger::{Act, Plan},
    test_address,
};

/// 1 ether in wei.
const ETHER: u64 = 1_000_000_000_000_000_000;
const FUNDS_OF_OWNERS: u64 = 10;
const FUNDS_OF_TEST_ACCOUNT: u64 = 100;

/// What is to be known of an app's contract before it is made.
#[derive(Clone, Copy, Default)]
pub(in crate::sandbox) struct Founding<'a> {
    /// Address of the owner; made up if absent.
    pub(in crate::sandbox) owner: Option<&'a str>,
    /// `eoa`, `safe` and so on.
    pub(in crate::sandbox) owner_kind: Option<&'a str>,
    /// That of the KMS if absent.
    pub(in crate::sandbox) generation: Option<Generation>,
    pub(in crate::sandbox) allow_any_device: bool,
    pub(in crate::sandbox) upgrades_disabled: bool,
}

impl World {
    /// An app's contract as it is going to be made, if its KMS is on a chain of this story. It allows nothing yet.
    pub(in crate::sandbox) fn found(
        &mut self,
        kms: usize,
        app_id: &str,
        founding: Founding<'_>,
    ) -> Option<Contract> {
        let kms = &self.kms[kms];
        let factory = kms.address()?;
        let chain = self.chain_named(kms.chain_id?)?;
        let ledger = &mut self.ledgers[chain];
        let generation = founding.generation.unwrap_or(kms.generation);
        let made_up = |what: &str| minted(&self.mint, &format!("{what} of {app_id}"));
        let app_id = account(app_id)?;
        let owner = founding
            .owner
            .and_then(account)
            .unwrap_or_else(|| made_up("owner"));
        if founding.owner_kind == Some("safe") {
            ledger.safes.insert(owner);
        } else {
            ledger.fund(owner, ether(FUNDS_OF_OWNERS));
        }
        Some(Contract {
            address: match generation {
                Generation::V1 => made_up("contract"),
                Generation::V2 | Generation::V3 | Generation::V4 => app_id,
            },
            app_id,
            generation,
            implementation: ledger.implementation(generation),
            factory,
            deployer: owner,
            owner,
            pending_owner: Address::ZERO,
            hashes: std::collections::BTreeSet::new(),
            devices: std::collections::BTreeSet::new(),
            allow_any_device: founding.allow_any_device,
            upgrades_disabled: founding.upgrades_disabled,
            require_tcb_up_to_date: false,
        })
    }

    /// Puts an app's contract on its chain: made for the first of these hashes and devices, then given the others.
    pub(in crate::sandbox) fn contract_history(
        &mut self,
        app: usize,
        hashes: &[(Moment, String)],
        devices: &[(Moment, String)],
    ) {
        let Some(contract) = &self.apps[app].contract else {
            return;
        };
        let (address, made) = (contract.address, self.apps[app].created_at);
        let mut hashes = words(hashes).into_iter();
        let mut devices = words(devices).into_iter();
        let birth = Act::Deploy {
            device: devices.next().map_or(B256::ZERO, |(_, device)| device),
            hash: hashes.next().map_or(B256::ZERO, |(_, hash)| hash),
        };
        self.plan(app, made, address, birth);
        for (at, device) in devices {
            self.plan(app, at.max(made), address, add_device(device));
        }
        for (at, hash) in hashes {
            self.plan(app, at.max(made), address, add_hash(hash));
        }
    }

    /// The app's owner registers what is missing of these two, at this moment; never, if it is infinitely far away.
    pub(in crate::sandbox) fn owner_registers(
        &mut self,
        app: usize,
        due: Moment,
        hash: &str,
        device: &str,
    ) {
        let Some(contract) = &self.apps[app].contract else {
            return;
        };
        let address = contract.address;
        let device = word(device).filter(|_| !contract.allows_device(device));
        let hash = word(hash).filter(|_| !contract.allows_hash(hash));
        for act in [device.map(add_device), hash.map(add_hash)]
            .into_iter()
            .flatten()
        {
            self.plan(app, due, address, act);
        }
        self.mine();
    }

    fn plan(&mut self, app: usize, due: Moment, contract: Address, act: Act) {
        let now = self.now;
        if let Some(chain) = self.chain_of(app) {
            self.ledgers[chain].plan(now, due, Plan { contract, act });
        }
    }

    /// Which of the chains an app is governed on.
    pub(super) fn chain_of(&self, app: usize) -> Option<usize> {
        self.chain_named(self.kms_of(&self.apps[app]).chain_id?)
    }

    /// Which of the chains has this id.
    pub(super) fn chain_named(&self, id: u64) -> Option<usize> {
        self.ledgers.iter().position(|ledger| ledger.chain_id == id)
    }
}

impl Kms {
    /// Of its contract.
    pub(super) fn address(&self) -> Option<Address> {
        self.contract.as_deref().and_then(account)
    }
}

/// The accounts that have something from the start.
pub(super) fn endowments(mint: &Mint) -> [(Address, U256); 1] {
    [(test_address(mint), ether(FUNDS_OF_TEST_ACCOUNT))]
}

/// An address that follows from the seed and belongs to nobody.
pub(super) fn minted(mint: &Mint, label: &str) -> Address {
    Address::from_slice(&mint.bytes(label)[..20])
}

fn ether(whole: u64) -> U256 {
    U256::from(whole) * U256::from(ETHER)
}

fn add_device(device: B256) -> Act {
    Act::Call(DstackApp::addDeviceCall { deviceId: device }.abi_encode())
}

fn add_hash(hash: B256) -> Act {
    Act::Call(DstackApp::addComposeHashCall { composeHash: hash }.abi_encode())
}

fn words(entries: &[(Moment, String)]) -> Vec<(Moment, B256)> {
    entries
        .iter()
        .filter_map(|(at, digits)| Some((*at, word(digits)?)))
        .collect()
}
