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
        Self::told(rpc, pccs, |name| env::var(name).ok())
    }

    fn told(
        rpc: Option<String>,
        pccs: Option<String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
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

    /// The address of a node that reads this chain.
    fn node(&self, at: Place, id: u64) -> Option<Secret> {
        match at {
            Place::Configured if self.rpc_by_chain => {
                let address = self.rpc.as_ref()?.expose();
                Some(Secret::new(format!("{address}/{id}")))
            }
            Place::Configured => self.rpc.clone(),
            Place::Public => chain::public(id).map(Secret::new),
        }
    }

    /// The address of a PCCS.
    fn cache(&self, at: Place) -> Option<&str> {
        match at {
            Place::Configured => self.pccs.as_ref().map(Secret::expose),
            Place::Public => Some(pccs::PUBLIC),
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
            rpc: Some(Secret::new("https://base.example/v2/canary-key")),
            rpc_by_chain: false,
            pccs: Some(Secret::new("https://pccs.example:8081/canary")),
        };
        let hosts = places.hosts();
        assert_eq!(hosts.rpc, Some("base.example".into()));
        assert_eq!(hosts.pccs, Some("pccs.example:8081".into()));
        assert!(!format!("{places:?} {hosts:?}").contains("canary"));
    }

    #[test]
    fn who_configured_nothing_has_a_public_place_for_the_chains_that_are_known() {
        let hosts = Places::default().hosts();
        let (place, host) = hosts.rpc(8453).expect("a public node");
        assert_eq!((place, host.as_str()), (Place::Public, "mainnet.base.org"));
        assert_eq!(hosts.rpc(424_242), None);
        assert_eq!(hosts.pccs(), (Place::Public, "pccs.phala.network".into()));
    }

    #[tokio::test]
    async fn nobody_is_asked_where_nobody_is_known() {
        let places = Places::default();
        let contract = Shown::line(&"2f".repeat(20));
        let error = places.kms_keys(Place::Configured, 8453, &contract).await;
        let error = error.expect_err("nothing is configured");
        assert_eq!(
            error.to_string(),
            "not sent: no node of this chain is known"
        );
        let error = places.kms_keys(Place::Public, 424_242, &contract).await;
        assert!(error.is_err_and(|error| error.is_offline()));
    }

    #[test]
    fn an_option_comes_before_its_variable_and_an_empty_one_is_none() {
        let option = || Some("https://option.example".to_owned());
        let set = |_: &str| Some("https://variable.example".to_owned());
        let told = Places::told(option(), option(), set).hosts();
        assert_eq!(told.rpc, Some("option.example".into()));
        assert_eq!(told.pccs, Some("option.example".into()));
        let variable = |wanted: &'static str| {
            move |name: &str| (name == wanted).then(|| "https://variable.example".to_owned())
        };
        let told = Places::told(None, None, variable("ETH_RPC_URL")).hosts();
        assert_eq!(
            (told.rpc, told.pccs),
            (Some("variable.example".into()), None)
        );
        let told = Places::told(None, None, variable("PCCS_URL")).hosts();
        assert_eq!(
            (told.rpc, told.pccs),
            (None, Some("variable.example".into()))
        );
        let told = Places::told(None, None, |_| Some(" ".to_owned())).hosts();
        assert_eq!((told.rpc, told.pccs), (None, None));
    }

    #[test]
    fn who_said_public_is_not_taken_to_the_configured_place() {
        let mut places = Places {
            rpc: Some(Secret::new("https://node.example")),
            rpc_by_chain: false,
            pccs: Some(Secret::new("https://pccs.example")),
        };
        let node = |places: &Places, at| {
            let address = places.node(at, 8453);
            address.map(|address| address.expose().to_owned())
        };
        let public = Some("https://mainnet.base.org".to_owned());
        assert_eq!(node(&places, Place::Public), public);
        assert_eq!(
            node(&places, Place::Configured).as_deref(),
            Some("https://node.example")
        );
        assert_eq!(places.cache(Place::Public), Some(pccs::PUBLIC));
        assert_eq!(
            places.cache(Place::Configured),
            Some("https://pccs.example")
        );
        places.rpc_by_chain = true;
        assert_eq!(
            node(&places, Place::Configured).as_deref(),
            Some("https://node.example/8453")
        );
        assert_eq!(node(&places, Place::Public), public);
    }
}
