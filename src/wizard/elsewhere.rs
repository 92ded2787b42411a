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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_place_comes_before_the_public_one_and_is_called_so() {
        let nobody = Elsewhere::default();
        let told = Elsewhere {
            rpc: Some("rpc.example".into()),
            pccs: Some("pccs.example".into()),
        };
        let public = |host: &str| (Place::Public, Shown::line(host));
        let configured = |host: &str| (Place::Configured, Shown::line(host));
        assert_eq!(nobody.rpc(8453), Some(public("mainnet.base.org")));
        assert_eq!(nobody.pccs(), public("pccs.phala.network"));
        assert_eq!(told.rpc(8453), Some(configured("rpc.example")));
        assert_eq!(told.pccs(), configured("pccs.example"));
        // Who knows no public node of a chain asks nobody, and the configured one for any.
        assert_eq!(nobody.rpc(424_242), None);
        assert_eq!(told.rpc(424_242), Some(configured("rpc.example")));
    }

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        for address in [
            "https://node.example/v2/key",
            "node.example/key",
            "http://node.example",
        ] {
            assert_eq!(host(address).as_str(), "node.example", "{address}");
        }
    }
}
