//! An app's contract, read for a command that only says what stands in it.
//!
//! Nobody public is asked unasked: without an address it is told which there is.

use std::future::Future;

use super::config::Config;
use super::places::Places;
use crate::api::elsewhere::Limits;
use crate::api::error::Error;
use crate::api::types::{AppId, ComposeHash, DeviceId};
use crate::chain::contract::Reading;
use crate::chain::rpc::Rpc;
use crate::chain::{self, Address, Subject};
use crate::shown::Shown;

/// What is asked, as far as it is known before a node is.
#[derive(Debug, Clone)]
pub struct Question {
    /// The app.
    pub app: AppId,
    /// Its contract; else the address that is the app's id.
    pub contract: Option<[u8; 20]>,
    /// The chain; else the one that the node serves.
    pub chain_id: Option<u64>,
    /// The hash that has to be allowed.
    pub hash: Option<ComposeHash>,
    /// The machine that has to be allowed.
    pub device: Option<DeviceId>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who was asked.
    pub host: Shown,
    /// What of, and what came back.
    pub said: Result<(Subject, Reading), Error>,
}

/// Asks the node at `--rpc-url`, else at `ETH_RPC_URL`, else that of the configuration file, and waits.
///
/// # Errors
///
/// There is no address, or none that is fit to be asked; the error says what to do.
pub fn read(rpc: Option<String>, question: &Question) -> Result<Answer, Shown> {
    let places = Places::here(rpc.into_iter().collect(), None, &Config::here()?);
    let Some(address) = places.first(question.chain_id) else {
        return Err(nobody(question.chain_id));
    };
    let node = Rpc::new(address.expose(), Limits::default())
        .map_err(|error| Shown::line(&format!("the address of the node: {error}")))?;
    let said = waited_for(ask(&node, question))?;
    Ok(Answer {
        host: node.host(),
        said,
    })
}

async fn ask(node: &Rpc, question: &Question) -> Result<(Subject, Reading), Error> {
    let chain_id = match question.chain_id {
        Some(chain_id) => chain_id,
        None => node.serves().await?,
    };
    let subject = Subject {
        chain_id,
        contract: Address::from(question.contract.unwrap_or(*question.app.bytes())),
        app: question.app,
        hash: question.hash,
        device: question.device,
    };
    let reading = node.reading(&subject).await?;
    Ok((subject, reading))
}

/// On a runtime of its own: whoever runs such a command does nothing beside it.
fn waited_for<T>(what: impl Future<Output = T>) -> Result<T, Shown> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|why| Shown::line(&format!("cannot wait for a node: {why}")))?;
    Ok(runtime.block_on(what))
}

/// That there is no address, and which public one there would be.
fn nobody(chain_id: Option<u64>) -> Shown {
    let chains = chain_id.map_or(vec![8453, 1], |chain_id| vec![chain_id]);
    let public: Vec<String> = chains
        .into_iter()
        .filter_map(|chain_id| {
            let (name, node) = (chain::numbered(chain_id), chain::public(chain_id).first()?);
            Some(format!("for {name} there is --rpc-url {node}"))
        })
        .collect();
    let public = match public.as_slice() {
        [] => "no public one of this chain is known here".to_owned(),
        known => known.join(", "),
    };
    Shown::line(&format!(
        "no node is named, and none is asked unasked: give --rpc-url or ETH_RPC_URL; {public}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_address_the_public_one_is_named_and_not_asked() {
        let told = nobody(Some(8453));
        assert!(told.as_str().contains("--rpc-url https://mainnet.base.org"));
        assert!(!told.as_str().contains("ethereum"), "{told}");
        let told = nobody(None);
        for node in [8453, 1].map(|chain_id| chain::public(chain_id)[0]) {
            assert!(told.as_str().contains(node), "{told}");
        }
        assert!(nobody(Some(5)).as_str().contains("no public one"));
    }
}
