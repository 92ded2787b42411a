//! What a Safe that owns an app says of itself: who signs for it, and how many of them have to.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolInterface};

use super::{
    super::world::World,
    abi::Safe::{SafeCalls as Calls, getOwnersCall, getThresholdCall},
    evm::Outcome,
    founding::minted,
};

/// How many of the three have to sign.
const THRESHOLD: u64 = 2;

impl World {
    /// What it answers. It takes whatever else it is asked without a word.
    pub(super) fn call_safe(&self, safe: Address, input: &[u8]) -> Outcome {
        match Calls::abi_decode(input) {
            Ok(Calls::getThreshold(_)) => {
                let threshold = U256::from(THRESHOLD);
                Outcome::answer(getThresholdCall::abi_encode_returns(&threshold))
            }
            Ok(Calls::getOwners(_)) => {
                let owners = self.safe_owners(safe).to_vec();
                Outcome::answer(getOwnersCall::abi_encode_returns(&owners))
            }
            Ok(Calls::execTransaction(_)) | Err(_) => Outcome::default(),
        }
    }

    /// Who signs for a Safe. The first of them sends its transactions.
    pub(super) fn safe_owners(&self, safe: Address) -> [Address; 3] {
        ["signer", "second signer", "third signer"]
            .map(|who| minted(&self.mint, &format!("{who} of {safe}")))
    }
}
