//! Who owns a contract: an account with a key, or which kind of contract.
//!
//! Whatever stands at the owner's address is not ours and may answer anything; what does not fit a kind is not of it.

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, sol};
use futures_util::future::try_join3;

use super::pinned::Pinned;
use super::word;
use crate::api::error::Error;
use crate::chain::contract::Owner;

sol! {
    /// As far as it tells a Safe from others.
    interface Safe {
        function getThreshold() external view returns (uint256);
        function getOwners() external view returns (address[]);
    }
    /// As far as it tells a timelock from others (OpenZeppelin, `TimelockController`).
    interface Timelock {
        function getMinDelay() external view returns (uint256);
    }
}

/// How the code of an account begins that lends itself that of a contract (EIP-7702). A key still signs for it.
const DELEGATION: [u8; 3] = [0xef, 0x01, 0x00];
/// Most owners of a Safe that are listed; more than any real one has.
const MOST_OWNERS: usize = 256;

/// Finds out who it is.
pub(super) async fn classify(at: &Pinned<'_>, address: Address) -> Result<Owner, Error> {
    if address.is_zero() {
        return Ok(Owner::Nobody);
    }
    let code = at.code(address).await?;
    if code.is_empty() || is_delegated(&code) {
        return Ok(Owner::Wallet(address));
    }
    let (threshold, owners, delay) = try_join3(
        at.call(address, &Safe::getThresholdCall {}.abi_encode()),
        at.call(address, &Safe::getOwnersCall {}.abi_encode()),
        at.call(address, &Timelock::getMinDelayCall {}.abi_encode()),
    )
    .await?;
    let number = |said: Result<Vec<u8>, _>| word::number(&said.ok()?);
    let owners = owners.ok().and_then(|owners| listed(&owners));
    Ok(match (number(threshold), owners, number(delay)) {
        (Some(threshold), Some(owners), _) if is_sane(threshold, &owners) => Owner::Safe {
            address,
            threshold,
            owners,
        },
        (None, None, Some(delay)) => Owner::Timelock { address, delay },
        _ => Owner::Contract(address),
    })
}

fn is_delegated(code: &[u8]) -> bool {
    code.len() == DELEGATION.len() + Address::len_bytes() && code.starts_with(&DELEGATION)
}

/// Whether so many of these can sign.
fn is_sane(threshold: u64, owners: &[Address]) -> bool {
    let most = u64::try_from(owners.len()).unwrap_or(u64::MAX);
    (1..=most).contains(&threshold)
}

/// A list of addresses.
fn listed(returned: &[u8]) -> Option<Vec<Address>> {
    let owners = Safe::getOwnersCall::abi_decode_returns_validate(returned).ok()?;
    (owners.len() <= MOST_OWNERS).then_some(owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_has_an_address_behind_its_mark_and_nothing_else() {
        let code = [&DELEGATION[..], &[7; 20]].concat();
        assert!(is_delegated(&code));
        assert!(!is_delegated(&code[..22]));
        assert!(!is_delegated(&[&code[..], &[0]].concat()));
        assert!(!is_delegated(&[0xef; 23]));
    }

    #[test]
    fn owners_are_a_list_of_addresses_that_somebody_can_have() {
        let owners = vec![Address::repeat_byte(1), Address::repeat_byte(2)];
        let returned = Safe::getOwnersCall::abi_encode_returns(&owners);
        assert_eq!(listed(&returned), Some(owners.clone()));
        let mut dirty = returned.clone();
        dirty[64] = 1;
        assert_eq!(listed(&dirty), None);
        assert_eq!(listed(&returned[..returned.len() - 1]), None);
        assert_eq!(listed(&[]), None);
        let many = vec![Address::ZERO; MOST_OWNERS + 1];
        assert_eq!(
            listed(&Safe::getOwnersCall::abi_encode_returns(&many)),
            None
        );
        let sane = [0, 1, 2, 3].map(|threshold| is_sane(threshold, &owners));
        assert_eq!(sane, [false, true, true, false]);
    }
}
