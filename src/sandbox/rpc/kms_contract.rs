//! What the contract of a KMS answers. It is the anchor of the KMS's own key, and the factory apps came from.

use alloy_primitives::{Address, B256, Bytes, Log};
use alloy_sol_types::{SolCall, SolEvent, SolInterface};

use super::{
    super::{
        chain::{Contract, Generation},
        world::World,
    },
    abi::{
        DstackKms::{self, DstackKmsCalls as Calls},
        Factory, OldKms, TcbFactory,
    },
    evm::{Outcome, Place, Revert},
    founding::minted,
};

impl World {
    pub(super) fn call_kms(
        &self,
        chain: usize,
        block: u64,
        kms: usize,
        from: Address,
        input: &[u8],
    ) -> Result<Outcome, Revert> {
        if let Some(deployed) = self.deployed(chain, kms, from, input) {
            return deployed.map(|(_, outcome)| outcome);
        }
        let call = Calls::abi_decode(input).map_err(|_| Revert::silent())?;
        let kms = &self.kms[kms];
        let flag = |value: bool| DstackKms::registeredAppsCall::abi_encode_returns(&value);
        // An app made here; in the first generation it is named by an id that is not its contract.
        let app = |id: Address| {
            self.ledgers[chain]
                .app(id, block)
                .filter(|contract| Some(contract.factory) == kms.address())
        };
        let output = match (call, kms.generation) {
            (Calls::owner(_), _) => {
                let owner = minted(&self.mint, &format!("owner of kms {}", kms.slug));
                DstackKms::ownerCall::abi_encode_returns(&owner)
            }
            (Calls::kmsInfo(_), _) => {
                DstackKms::kmsInfoCall::abi_encode_returns(&DstackKms::kmsInfoReturn {
                    k256Pubkey: bytes(&kms.root_public_key()),
                    caPubkey: bytes(&kms.ca_public_key),
                    // A pretend KMS runs in no TEE, so it has no evidence to show.
                    quote: Bytes::new(),
                    eventlog: Bytes::new(),
                })
            }
            (Calls::gatewayAppId(_), _) => {
                let id = kms.gateway_app_id.clone().unwrap_or_default();
                DstackKms::gatewayAppIdCall::abi_encode_returns(&id)
            }
            (Calls::apps(call), Generation::V1) => {
                let app = app(call.appId);
                DstackKms::appsCall::abi_encode_returns(&DstackKms::appsReturn {
                    isRegistered: app.is_some(),
                    controller: app.map_or(Address::ZERO, |contract| contract.address),
                })
            }
            (Calls::registeredApps(call), Generation::V2 | Generation::V3 | Generation::V4) => {
                flag(app(call.appId).is_some())
            }
            (Calls::allowedOsImages(_), _) => flag(true),
            (Calls::isAppAllowed(call), _) => {
                let guest = call.bootInfo;
                let refusal = match app(guest.appId) {
                    None => Some("App not registered"),
                    Some(contract) => contract.refusal(&guest),
                };
                DstackKms::isAppAllowedCall::abi_encode_returns(&DstackKms::isAppAllowedReturn {
                    isAllowed: refusal.is_none(),
                    reason: refusal.unwrap_or_default().to_owned(),
                })
            }
            _ => return Err(Revert::silent()),
        };
        Ok(Outcome::answer(output))
    }

    /// Whether there is code; every contract here answers the same few bytes.
    pub(super) fn has_code(&self, chain: usize, block: u64, address: Address) -> bool {
        !matches!(self.place(chain, block, address), Place::Nothing)
    }
}

/// What the factory emits after the app's own events.
pub(super) fn registered(factory: Generation, contract: &Contract) -> Vec<Log> {
    let (address, deployer, id) = (contract.factory, contract.deployer, contract.app_id);
    let made = if factory == Generation::V1 {
        OldKms::AppDeployedViaFactory {
            appId: id,
            proxyAddress: contract.address,
            deployer,
        }
        .encode_log_data()
    } else {
        DstackKms::AppDeployedViaFactory {
            appId: id,
            deployer,
        }
        .encode_log_data()
    };
    let known = DstackKms::AppRegistered { appId: id }.encode_log_data();
    [known, made].map(|data| Log { address, data }).into()
}

/// The call that made an app.
pub(super) fn deployment(
    factory: Generation,
    contract: &Contract,
    device: B256,
    hash: B256,
) -> Vec<u8> {
    let Contract {
        owner,
        upgrades_disabled,
        allow_any_device,
        require_tcb_up_to_date,
        ..
    } = *contract;
    if factory >= Generation::V3 {
        TcbFactory::deployAndRegisterAppCall {
            owner,
            disableUpgrades: upgrades_disabled,
            requireTcbUpToDate: require_tcb_up_to_date,
            allowAnyDevice: allow_any_device,
            deviceId: device,
            composeHash: hash,
        }
        .abi_encode()
    } else {
        Factory::deployAndRegisterAppCall {
            owner,
            disableUpgrades: upgrades_disabled,
            allowAnyDevice: allow_any_device,
            deviceId: device,
            composeHash: hash,
        }
        .abi_encode()
    }
}

fn bytes(digits: &str) -> Bytes {
    hex::decode(digits).unwrap_or_default().into()
}
