//! What is asked of others than the service, because the service's word is what is being checked.
//!
//! Two kinds of places: nodes of a chain (the contract of a KMS) and a PCCS (Intel's lists). A place the person
//! configured is asked when it is needed; a public one only after the person says so. Either way its host is on screen.
//! The address itself is not known here: it may hold a key.

use std::collections::BTreeMap;

use crate::chain::public;
use crate::pccs::PUBLIC;
use crate::shown::Shown;

/// Who is asked: the first of its kind, the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// One that the person configured.
    Configured(usize),
    /// A well-known one.
    Public(usize),
}

/// The hosts the person configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// Of the nodes for whatever chain: `--rpc-url` or `ETH_RPC_URL`.
    pub rpc: Vec<Shown>,
    /// Of the nodes of one chain, where the former are none: the configuration file.
    pub rpc_of: BTreeMap<u64, Vec<Shown>>,
    /// Of the PCCS: `--pccs` or `PCCS_URL`.
    pub pccs: Option<Shown>,
}

impl Place {
    /// Whether it is one that the person configured: it is asked without being told to.
    pub fn is_configured(self) -> bool {
        matches!(self, Self::Configured(_))
    }
}

impl Elsewhere {
    /// Where contracts of this chain can be read first, and its host; `None` where no place is known.
    pub fn rpc(&self, chain: u64) -> Option<(Place, Shown)> {
        self.nodes(chain).into_iter().next()
    }

    /// Every node of this chain and its host, those first that the person configured.
    pub fn nodes(&self, chain: u64) -> Vec<(Place, Shown)> {
        let of_chain = self.rpc_of.get(&chain);
        let configured = match of_chain {
            Some(hosts) if self.rpc.is_empty() => hosts,
            _ => &self.rpc,
        };
        let configured = configured.iter().cloned().enumerate();
        let configured = configured.map(|(number, host)| (Place::Configured(number), host));
        let public = public(chain).iter().enumerate();
        let public = public.map(|(number, address)| (Place::Public(number), host(address)));
        configured.chain(public).collect()
    }

    /// Where Intel's lists can be had, and its host.
    pub fn pccs(&self) -> (Place, Shown) {
        match &self.pccs {
            Some(host) => (Place::Configured(0), host.clone()),
            None => (Place::Public(0), host(PUBLIC)),
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
            rpc: vec!["rpc.example".into()],
            pccs: Some("pccs.example".into()),
            ..Elsewhere::default()
        };
        let public = |host: &str| (Place::Public(0), Shown::line(host));
        let configured = |host: &str| (Place::Configured(0), Shown::line(host));
        assert_eq!(nobody.rpc(8453), Some(public("mainnet.base.org")));
        assert_eq!(nobody.pccs(), public("pccs.phala.network"));
        assert_eq!(told.rpc(8453), Some(configured("rpc.example")));
        assert_eq!(told.pccs(), configured("pccs.example"));
        // Who knows no public node of a chain asks nobody, and the configured one for any.
        assert_eq!(nobody.rpc(424_242), None);
        assert_eq!(told.rpc(424_242), Some(configured("rpc.example")));
    }

    #[test]
    fn a_chain_s_own_nodes_count_where_none_is_for_every_chain() {
        let mut told = Elsewhere::default();
        let own = vec![Shown::line("one.example"), Shown::line("two.example")];
        told.rpc_of.insert(8453, own);
        let places = |told: &Elsewhere, chain| {
            let nodes = told.nodes(chain);
            nodes
                .iter()
                .map(|(at, host)| format!("{at:?} {host}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            places(&told, 8453),
            [
                "Configured(0) one.example",
                "Configured(1) two.example",
                "Public(0) mainnet.base.org",
                "Public(1) base-rpc.publicnode.com",
            ]
        );
        assert_eq!(places(&told, 1), ["Public(0) ethereum-rpc.publicnode.com"]);
        told.rpc = vec!["all.example".into()];
        assert_eq!(places(&told, 8453)[..1], ["Configured(0) all.example"]);
        assert_eq!(places(&told, 424_242), ["Configured(0) all.example"]);
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
