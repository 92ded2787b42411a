//! What is asked of others than the service, because the service's word is what is being checked.
//!
//! Two kinds of places: nodes of a chain (the contract of a KMS) and a PCCS (Intel's lists). A place the person
//! configured is asked when it is needed; a public one only after the person says so. Either way its host is on screen.
//! The address itself is not known here: it may hold a key.

use crate::chain::public;
use crate::pccs::PUBLIC;
use crate::shown::Shown;

/// Which of the two is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The one the person configured.
    Configured,
    /// The well-known one.
    Public,
}

/// The hosts the person configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// Of the node that reads contracts: `--rpc-url` or `ETH_RPC_URL`.
    pub rpc: Option<Shown>,
    /// Of the PCCS: `--pccs` or `PCCS_URL`.
    pub pccs: Option<Shown>,
}

impl Elsewhere {
    /// Where contracts of this chain can be read, and its host; `None` where no place is known.
    pub fn rpc(&self, chain: u64) -> Option<(Place, Shown)> {
        let public = || Some((Place::Public, host(public(chain)?)));
        let configured = self.rpc.clone().map(|host| (Place::Configured, host));
        configured.or_else(public)
    }

    /// Where Intel's lists can be had, and its host.
    pub fn pccs(&self) -> (Place, Shown) {
        match &self.pccs {
            Some(host) => (Place::Configured, host.clone()),
            None => (Place::Public, host(PUBLIC)),
        }
    }
}

/// The host of one of our own addresses.
fn host(address: &str) -> Shown {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    Shown::line(rest.split('/').next().unwrap_or(rest))
}
