//! What an app's contract is asked: everything once, or only what it allows, again and again.

use alloy_primitives::{Address, B256};
use alloy_sol_types::sol;
use futures_util::future::{try_join, try_join3};

use super::owner::classify;
use super::pinned::Pinned;
use super::{Rpc, short, word};
use crate::api::error::Error;
use crate::chain::Subject;
use crate::chain::contract::{Allowed, Generation, Reading};
use crate::chain::revert::Revert;

sol! {
    /// As far as it is read (dstack, `DstackApp.sol`; `AppAuth.sol` up to 0.5.3).
    interface App {
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function appId() external view returns (address);
        function version() external view returns (uint256);
        function requireTcbUpToDate() external view returns (bool);
        function allowAnyDevice() external view returns (bool);
        function allowedComposeHashes(bytes32 composeHash) external view returns (bool);
        function allowedDeviceIds(bytes32 deviceId) external view returns (bool);
    }
}

/// Where a proxy keeps the address of its code (ERC-1967).
const IMPLEMENTATION: &str = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

impl Rpc {
    /// Everything that is read of an app's contract, at the newest block.
    pub async fn reading(&self, subject: &Subject) -> Result<Reading, Error> {
        let asked = self.asked(&about(subject));
        let at = self.pin(&asked, subject.chain_id).await?;
        let contract = subject.contract;
        let ((code, block, owner), (app_id, version, pending)) = try_join(
            try_join3(
                at.code(contract),
                at.block(),
                at.view(contract, &App::ownerCall {}, word::account),
            ),
            try_join3(
                at.view(contract, &App::appIdCall {}, word::account),
                at.view(contract, &App::versionCall {}, word::any),
                at.view(contract, &App::pendingOwnerCall {}, word::somebody),
            ),
        )
        .await?;
        at.needs_code(contract, &code)?;
        let owner = owner.map_err(|why| at.no_app::<App::ownerCall>(contract, &why))?;
        let generation = generation(app_id.is_ok(), version.is_ok(), pending.is_ok());
        belongs(&at, subject, app_id)?;
        let (allowed, (tcb_required, implementation, flags)) = try_join(
            allowed(&at, subject),
            try_join3(
                tcb_required(&at, contract, generation),
                at.storage(contract, IMPLEMENTATION, word::somebody),
                at.storage(contract, slot_of_flags(generation), flags),
            ),
        )
        .await?;
        Ok(Reading {
            block_time: block.time,
            generation,
            implementation,
            // Where the second flag is another one, the slot holds something else than is known of it.
            upgrades_disabled: flags.upgrades_disabled && flags.any_device == allowed.any_device,
            owner: classify(&at, owner).await?,
            pending_owner: pending.ok().flatten(),
            tcb_required,
            allowed,
        })
    }

    /// What an app's contract allows at the newest block, and nothing else: to be asked again and again.
    pub async fn allowed(&self, subject: &Subject) -> Result<Allowed, Error> {
        let asked = self.asked(&about(subject));
        let at = self.pin(&asked, subject.chain_id).await?;
        allowed(&at, subject).await
    }
}

fn about(subject: &Subject) -> String {
    format!("the contract {}", short(subject.contract.as_slice()))
}

/// What it allows.
async fn allowed(at: &Pinned<'_>, subject: &Subject) -> Result<Allowed, Error> {
    let contract = subject.contract;
    let hash = async {
        let Some(hash) = subject.hash else {
            return Ok(None);
        };
        let call = App::allowedComposeHashesCall {
            composeHash: B256::from(*hash.bytes()),
        };
        at.need(contract, &call, word::flag).await.map(Some)
    };
    let device = async {
        let Some(device) = subject.device else {
            return Ok(None);
        };
        let call = App::allowedDeviceIdsCall {
            deviceId: B256::from(*device.bytes()),
        };
        at.need(contract, &call, word::flag).await.map(Some)
    };
    let any_device = at.need(contract, &App::allowAnyDeviceCall {}, word::flag);
    let (any_device, hash, device) = try_join3(any_device, hash, device).await?;
    Ok(Allowed {
        block: at.block,
        hash,
        device,
        any_device,
    })
}

/// Which release it is, by the functions it knows.
fn generation(has_app_id: bool, has_version: bool, has_pending_owner: bool) -> Generation {
    match (has_app_id, has_version, has_pending_owner) {
        (true, ..) => Generation::V1,
        (false, false, _) => Generation::V2,
        (false, true, false) => Generation::V3,
        (false, true, true) => Generation::V4,
    }
}

/// That it is the contract of this app.
fn belongs(
    at: &Pinned<'_>,
    subject: &Subject,
    app_id: Result<Address, Revert>,
) -> Result<(), Error> {
    let app = Address::from(*subject.app.bytes());
    let (place, wanted) = (at.place(subject.contract), super::hex(app));
    match app_id {
        Ok(found) if found == app => Ok(()),
        Ok(found) => Err(at.no(&format!(
            "the contract at {place}, is that of app {}, and not of app {wanted}",
            super::hex(found)
        ))),
        Err(_) if subject.contract == app => Ok(()),
        Err(_) => Err(at.no(&format!(
            "the contract at {place}, is not that of app {wanted}: such a one has the app's id as its address"
        ))),
    }
}

async fn tcb_required(
    at: &Pinned<'_>,
    contract: Address,
    generation: Generation,
) -> Result<Option<bool>, Error> {
    if matches!(generation, Generation::V1 | Generation::V2) {
        return Ok(None);
    }
    let said = at.view(contract, &App::requireTcbUpToDateCall {}, word::flag);
    said.await.map(Result::ok)
}

/// Two flags that share a slot.
struct Flags {
    upgrades_disabled: bool,
    any_device: bool,
}

/// Where they lie: the first has no function that tells it.
fn slot_of_flags(generation: Generation) -> &'static str {
    match generation {
        Generation::V1 => "0x2",
        Generation::V2 | Generation::V3 | Generation::V4 => "0x1",
    }
}

fn flags(slot: &[u8]) -> Option<Flags> {
    let [.., any_device, upgrades_disabled] = word::any(slot)?;
    let flag = |byte| match byte {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    Some(Flags {
        upgrades_disabled: flag(upgrades_disabled)?,
        any_device: flag(any_device)?,
    })
}

#[cfg(test)]
mod tests {
    use alloy_sol_types::SolCall;

    use super::*;

    #[test]
    fn a_release_is_told_by_what_it_knows() {
        for (has, expected) in [
            ((true, false, false), Generation::V1),
            ((true, true, true), Generation::V1),
            ((false, false, false), Generation::V2),
            ((false, false, true), Generation::V2),
            ((false, true, false), Generation::V3),
            ((false, true, true), Generation::V4),
        ] {
            assert_eq!(generation(has.0, has.1, has.2), expected);
        }
    }

    #[test]
    fn functions_have_the_selectors_of_the_real_contracts() {
        for (ours, recorded) in [
            (App::ownerCall::SELECTOR, "8da5cb5b"),
            (App::pendingOwnerCall::SELECTOR, "e30c3978"),
            (App::versionCall::SELECTOR, "54fd4d50"),
            (App::requireTcbUpToDateCall::SELECTOR, "0aa58c83"),
            (App::appIdCall::SELECTOR, "80afdea8"),
            (App::allowAnyDeviceCall::SELECTOR, "3440a16a"),
            (App::allowedComposeHashesCall::SELECTOR, "2f6622e5"),
            (App::allowedDeviceIdsCall::SELECTOR, "bf8b211b"),
        ] {
            assert_eq!(hex::encode(ours), recorded);
        }
    }

    #[test]
    fn two_flags_lie_in_the_last_two_bytes() {
        let read = |before: u8, any: u8, disabled: u8| {
            let mut slot = [0; 32];
            (slot[29], slot[30], slot[31]) = (before, any, disabled);
            flags(&slot).map(|flags| (flags.upgrades_disabled, flags.any_device))
        };
        assert_eq!(read(0, 0, 1), Some((true, false)));
        assert_eq!(read(1, 1, 0), Some((false, true)));
        assert_eq!((read(0, 0, 2), read(0, 2, 0)), (None, None));
        assert!(flags(&[0; 31]).is_none());
    }
}
