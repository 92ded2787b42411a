//! The addresses of others than the service: nodes of chains, and the PCCS with Intel's lists.
//!
//! An address may hold somebody's key in its path, so it stays here; the wizard only ever hears of its host.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::chain::kms::KmsKeys;
use crate::chain::{self, rpc};
use crate::http;
use crate::pccs;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::attestation::Need;
use crate::wizard::elsewhere::{Elsewhere, Place};
use crate::wizard::event::Vouched;

/// The configured addresses.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `--rpc-url`, else `ETH_RPC_URL`.
    pub rpc: Option<Secret>,
    /// Whether that address serves several chains and wants the id of one at its end, as the sandbox's does.
    pub rpc_by_chain: bool,
    /// `--pccs`, else `PCCS_URL`.
    pub pccs: Option<Secret>,
}

impl Places {
    /// What the arguments say, else the environment. Variables that are empty count as not set.
    pub fn here(rpc: Option<String>, pccs: Option<String>) -> Self {
        let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            rpc: rpc.or_else(|| variable("ETH_RPC_URL")).map(Secret::new),
            rpc_by_chain: false,
            pccs: pccs.or_else(|| variable("PCCS_URL")).map(Secret::new),
        }
    }

    /// Their hosts.
    pub(super) fn hosts(&self) -> Elsewhere {
        let host = |address: &Secret| http::host(address.expose());
        Elsewhere {
            rpc: self.rpc.as_ref().map(host),
            pccs: self.pccs.as_ref().map(host),
        }
    }

    /// Reads the keys of a KMS from its contract on the chain of this id.
    pub(super) async fn kms_keys(
        &self,
        at: Place,
        id: u64,
        contract: &Shown,
    ) -> Result<KmsKeys, Error> {
        let address = match at {
            Place::Configured => self.rpc.clone(),
            Place::Public => chain::public(id).map(Secret::new),
        };
        let address = address.ok_or_else(|| nowhere("no node of this chain is known"))?;
        let address = match (at, self.rpc_by_chain) {
            (Place::Configured, true) => Secret::new(format!("{}/{id}", address.expose())),
            _ => address,
        };
        rpc::kms_keys(address.expose(), id, contract.as_str()).await
    }

    /// Fetches Intel's lists.
    pub(super) async fn collateral(&self, at: Place, need: &Need) -> Result<Box<Vouched>, Error> {
        let address = match at {
            Place::Configured => self.pccs.as_ref().map(Secret::expose),
            Place::Public => Some(pccs::PUBLIC),
        };
        let address = address.ok_or_else(|| nowhere("no PCCS is configured"))?;
        let collateral = pccs::collateral(address, need).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Box::new(Vouched {
            collateral,
            at: now.map_or(0, |now| now.as_secs()),
        }))
    }
}

fn nowhere(why: &str) -> Error {
    Error {
        asked: Shown::default(),
        tries: 0,
        kind: ErrorKind::Unreachable(Unreachable::NotSent, Shown::line(why)),
    }
}
