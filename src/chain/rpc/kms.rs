//! The keys of a KMS, asked of its contract.

use alloy_primitives::Address;

use super::Rpc;
use crate::api::elsewhere::{self, Limits};
use crate::api::error::Error;
use crate::chain::kms::{self, KmsKeys, NoKeys};
use crate::shown::Shown;

/// Reads the keys of a KMS from its contract, at the newest block of this chain.
///
/// `rpc` is a JSON-RPC address, `https` or on this machine; `contract` has 20 bytes, hex with or without `0x`. The node
/// is asked which chain it serves before anything else, and code and keys are read at one block.
pub async fn kms_keys(rpc: &str, chain_id: u64, contract: &str) -> Result<KmsKeys, Error> {
    let node = Rpc::new(rpc, Limits::default()).map_err(|error| Error {
        asked: Shown::line("kmsInfo() of the contract of the KMS"),
        ..error
    })?;
    node.kms_keys(chain_id, contract).await
}

impl Rpc {
    /// As [`kms_keys`], of this node.
    pub async fn kms_keys(&self, chain_id: u64, contract: &str) -> Result<KmsKeys, Error> {
        let Some(contract) = read(contract) else {
            return Err(elsewhere::not_sent(
                &self.asked("kmsInfo()"),
                "the address of the contract is not 20 bytes of hex",
            ));
        };
        let short = super::short(contract.as_slice());
        let asked = self.asked(&format!("kmsInfo() of {short}"));
        let at = self.pin(&asked, chain_id).await?;
        at.needs_code(contract, &at.code(contract).await?)?;
        let returned = at.call(contract, &kms::call()).await?;
        let keys = returned
            // A contract that gives up on the call does not know it.
            .map_err(|_| NoKeys::OtherContract)
            .and_then(|returned| kms::read(&returned, at.block));
        keys.map_err(|why| at.no(&why.to_string()))
    }
}

/// The address of a contract.
fn read(text: &str) -> Option<Address> {
    let mut address = [0; 20];
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode_to_slice(digits, &mut address).ok()?;
    Some(Address::from(address))
}
