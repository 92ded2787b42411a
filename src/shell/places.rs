//! The addresses of others than the service: nodes of chains, and the PCCS with Intel's lists.
//!
//! An address may hold somebody's key in its path, so it stays here; the wizard only ever hears of its host.

use std::collections::BTreeMap;
use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use super::config::Config;
use crate::api::elsewhere::Limits;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::chain;
use crate::chain::kms::KmsKeys;
use crate::chain::rpc::{self, Rpc};
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
    /// `--rpc-url`, once or twice, else `ETH_RPC_URL`.
    pub rpc: Vec<Secret>,
    /// Per chain, where the former are none: the configuration file.
    pub rpc_of: BTreeMap<u64, Vec<Secret>>,
    /// Whether that address serves several chains and wants the id of one at its end, as the sandbox's does.
    pub rpc_by_chain: bool,
    /// `--pccs`, else `PCCS_URL`.
    pub pccs: Option<Secret>,
}

impl Places {
    /// What the arguments say, else the environment, else the configuration file. Variables that are empty count as not
    /// set.
    pub fn here(rpc: Vec<String>, pccs: Option<String>, configured: &Config) -> Self {
        let told = Self::told(rpc, pccs, |name| env::var(name).ok());
        Self {
            rpc_of: configured.rpc_urls.clone().into_nodes(),
            pccs: told.pccs.or_else(|| configured.pccs.clone()),
            ..told
        }
    }

    fn told(
        rpc: Vec<String>,
        pccs: Option<String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
        let rpc = if rpc.is_empty() {
            variable("ETH_RPC_URL").into_iter().collect()
        } else {
            rpc
        };
        Self {
            rpc: rpc.into_iter().map(Secret::new).collect(),
            rpc_of: BTreeMap::new(),
            rpc_by_chain: false,
            pccs: pccs.or_else(|| variable("PCCS_URL")).map(Secret::new),
        }
    }

    /// Their hosts.
    pub(super) fn hosts(&self) -> Elsewhere {
        let host = |address: &Secret| http::host(address.expose());
        Elsewhere {
            rpc: self.rpc.iter().map(host).collect(),
            rpc_of: self
                .rpc_of
                .iter()
                .map(|(chain, nodes)| (*chain, nodes.iter().map(host).collect()))
                .collect(),
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
        let address = self.node(at, id);
        let address = address.ok_or_else(|| nowhere("no node of this chain is known"))?;
        rpc::kms_keys(address.expose(), id, contract.as_str()).await
    }

    /// Fetches Intel's lists.
    pub(super) async fn collateral(&self, at: Place, need: &Need) -> Result<Box<Vouched>, Error> {
        let address = self.cache(at);
        let address = address.ok_or_else(|| nowhere("no PCCS is configured"))?;
        let collateral = pccs::collateral(address, need).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Box::new(Vouched {
            collateral,
            at: now.map_or(0, |now| now.as_secs()),
        }))
    }

    /// The address that is asked first: of this chain, where one is named, or else of the only one that is configured.
    pub(super) fn first(&self, chain_id: Option<u64>) -> Option<&Secret> {
        let of_chain = || match chain_id {
            Some(id) => self.rpc_of.get(&id),
            None if self.rpc_of.len() == 1 => self.rpc_of.values().next(),
            None => None,
        };
        self.rpc.first().or_else(|| of_chain()?.first())
    }

    /// A node of this chain.
    pub(super) fn rpc(&self, at: Place, id: u64) -> Result<Rpc, Error> {
        let address = self.node(at, id);
        let address = address.ok_or_else(|| nowhere("no node of this chain is known"))?;
        Rpc::new(address.expose(), Limits::default())
    }

    /// The address of a node that reads this chain.
    fn node(&self, at: Place, id: u64) -> Option<Secret> {
        match at {
            Place::Configured(number) if self.rpc_by_chain => {
                let address = self.rpc.get(number)?.expose();
                Some(Secret::new(format!("{address}/{id}")))
            }
            Place::Configured(number) => match self.rpc_of.get(&id) {
                Some(nodes) if self.rpc.is_empty() => nodes.get(number).cloned(),
                _ => self.rpc.get(number).cloned(),
            },
            Place::Public(number) => {
                let address = chain::public(id).get(number);
                address.map(|address| Secret::new(*address))
            }
        }
    }

    /// The address of a PCCS.
    fn cache(&self, at: Place) -> Option<&str> {
        match at {
            Place::Configured(_) => self.pccs.as_ref().map(Secret::expose),
            Place::Public(_) => Some(pccs::PUBLIC),
        }
    }
}

fn nowhere(why: &str) -> Error {
    Error {
        asked: Shown::default(),
        tries: 0,
        kind: ErrorKind::Unreachable(Unreachable::NotSent, Shown::line(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_an_address_is_told() {
        let places = Places {
            rpc: vec![Secret::new("https://base.example/v2/canary-key")],
            rpc_of: BTreeMap::from([(1, vec![Secret::new("https://of.example/canary")])]),
            pccs: Some(Secret::new("https://pccs.example:8081/canary")),
            ..Places::default()
        };
        let hosts = places.hosts();
        assert_eq!(hosts.rpc, ["base.example".into()]);
        assert_eq!(hosts.rpc_of[&1], ["of.example".into()]);
        assert_eq!(hosts.pccs, Some("pccs.example:8081".into()));
        assert!(!format!("{places:?} {hosts:?}").contains("canary"));
    }

    #[test]
    fn who_configured_nothing_has_a_public_place_for_the_chains_that_are_known() {
        let hosts = Places::default().hosts();
        let (place, host) = hosts.rpc(8453).expect("a public node");
        assert_eq!(
            (place, host.as_str()),
            (Place::Public(0), "mainnet.base.org")
        );
        assert_eq!(hosts.rpc(424_242), None);
        assert_eq!(
            hosts.pccs(),
            (Place::Public(0), "pccs.phala.network".into())
        );
    }

    #[tokio::test]
    async fn nobody_is_asked_where_nobody_is_known() {
        let places = Places::default();
        let contract = Shown::line(&"2f".repeat(20));
        let error = places.kms_keys(Place::Configured(0), 8453, &contract).await;
        let error = error.expect_err("nothing is configured");
        assert_eq!(
            error.to_string(),
            "not sent: no node of this chain is known"
        );
        let error = places.kms_keys(Place::Public(0), 424_242, &contract).await;
        assert!(error.is_err_and(|error| error.is_offline()));
    }

    #[test]
    fn an_option_comes_before_its_variable_and_an_empty_one_is_none() {
        let option = || Some("https://option.example".to_owned());
        let set = |_: &str| Some("https://variable.example".to_owned());
        let told = Places::told(vec![option().unwrap_or_default()], option(), set).hosts();
        assert_eq!(told.rpc, ["option.example".into()]);
        assert_eq!(told.pccs, Some("option.example".into()));
        let variable = |wanted: &'static str| {
            move |name: &str| (name == wanted).then(|| "https://variable.example".to_owned())
        };
        let told = Places::told(vec![], None, variable("ETH_RPC_URL")).hosts();
        assert_eq!(
            (told.rpc, told.pccs),
            (vec!["variable.example".into()], None)
        );
        let told = Places::told(vec![], None, variable("PCCS_URL")).hosts();
        assert_eq!(
            (told.rpc, told.pccs),
            (vec![], Some("variable.example".into()))
        );
        let told = Places::told(vec![], None, |_| Some(" ".to_owned())).hosts();
        assert_eq!((told.rpc, told.pccs), (vec![], None));
    }

    #[test]
    fn who_said_public_is_not_taken_to_the_configured_place() {
        let mut places = Places {
            rpc: vec![Secret::new("https://node.example")],
            pccs: Some(Secret::new("https://pccs.example")),
            ..Places::default()
        };
        let node = |places: &Places, at| {
            let address = places.node(at, 8453);
            address.map(|address| address.expose().to_owned())
        };
        let public = Some("https://mainnet.base.org".to_owned());
        assert_eq!(node(&places, Place::Public(0)), public);
        assert_eq!(
            node(&places, Place::Configured(0)).as_deref(),
            Some("https://node.example")
        );
        assert_eq!(places.cache(Place::Public(0)), Some(pccs::PUBLIC));
        assert_eq!(
            places.cache(Place::Configured(0)),
            Some("https://pccs.example")
        );
        places.rpc_by_chain = true;
        assert_eq!(
            node(&places, Place::Configured(0)).as_deref(),
            Some("https://node.example/8453")
        );
        assert_eq!(node(&places, Place::Public(0)), public);
    }
}
