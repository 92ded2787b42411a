//! The app's contract: read at nodes of its chain, and written to with a key of this machine.
//!
//! What is signed goes through the ledger, which lets no transaction out that is not written down. Which node is asked,
//! and whether anything is signed, is not decided here.

use std::path::{Path, PathBuf};

use futures_util::future::join_all;

use super::blocking::blocking;
use super::clock;
use super::ledger::Ledger;
use super::places::Places;
use super::signer::Signer;
use crate::api::error::Error;
use crate::api::types::TransactionHash;
use crate::chain::contract::{Allowed, Reading};
use crate::chain::examination::Examination;
use crate::chain::founding::FoundApp;
use crate::chain::handoff::Handoff;
use crate::chain::rpc::Rpc;
use crate::chain::transaction::{Standing, Tracked, Unsigned};
use crate::chain::{Address, Call, Deployment, Subject};
use crate::journal::record::{self, Hex, RawTransaction, TransactionSigned};
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{Broadcast, HandTo};

/// Blocks that are searched for the transaction that registered a hash: five hours on Base, a day and a half on Ethereum.
const SEARCHED: u64 = 9_000;

/// Everything about one run of the program that reading and writing a contract takes.
#[derive(Debug)]
pub(super) struct Registrar<'a> {
    pub(super) places: Places,
    pub(super) ledger: Ledger,
    pub(super) signer: &'a Signer,
}

impl Registrar<'_> {
    /// Everything the contract says of itself, by each of these nodes.
    pub(super) async fn readings(
        &self,
        of: Subject,
        at: Vec<Place>,
    ) -> Vec<(Place, Result<Reading, Error>)> {
        let asked = at.into_iter().map(|place| async move {
            let reading = async { self.node(place, of.chain_id)?.reading(&of).await };
            (place, reading.await)
        });
        join_all(asked).await
    }

    /// What it allows by now, by each of these nodes.
    pub(super) async fn allowed(
        &self,
        of: Subject,
        at: Vec<Place>,
    ) -> Vec<(Place, Result<Allowed, Error>)> {
        let asked = at.into_iter().map(|place| async move {
            let allowed = async { self.node(place, of.chain_id)?.allowed(&of).await };
            (place, allowed.await)
        });
        join_all(asked).await
    }

    /// The transaction that made it allow the hash, where one is found in its newest logs.
    pub(super) async fn registration(
        &self,
        of: Subject,
        at: Place,
    ) -> Result<Option<TransactionHash>, Error> {
        let node = self.node(at, of.chain_id)?;
        node.registered_by(&of, SEARCHED).await
    }

    /// The contract of a new app, where it is there by now.
    pub(super) async fn found_app(
        &self,
        of: Subject,
        wanted: Deployment,
        transaction: Option<TransactionHash>,
        at: Place,
    ) -> Result<Option<Box<FoundApp>>, Error> {
        let node = self.node(at, of.chain_id)?;
        let found = match transaction {
            Some(transaction) => node.deployed_by(&of, &wanted, transaction).await?,
            None => node.deployed_lately(&of, &wanted, SEARCHED).await?,
        };
        Ok(found.map(Box::new))
    }

    /// Tries out what this account would call.
    pub(super) async fn examine(
        &self,
        of: Subject,
        at: Place,
        from: Address,
        calls: &[Call],
    ) -> Result<Box<Examination>, Error> {
        let node = self.node(at, of.chain_id)?;
        node.examine(&of, from, calls).await.map(Box::new)
    }

    /// Signs with the open key, writes it down and hands it to the node. `Err`: nothing has left this machine.
    pub(super) async fn sign(
        &self,
        call: Call,
        unsigned: Unsigned,
        at: Place,
        more: bool,
    ) -> Result<Box<Broadcast>, Shown> {
        let node = self.node(at, unsigned.chain_id);
        let node = node.map_err(|error| Shown::line(&error.to_string()))?;
        let signed = self.signer.sign(&unsigned, more)?;
        let record = TransactionSigned {
            chain_id: unsigned.chain_id,
            contract: Hex(unsigned.to.0.0),
            call: match call {
                Call::AddDevice(_) => record::Call::AddDevice,
                Call::AddComposeHash(_) => record::Call::AddComposeHash,
                Call::DeployApp(_) => record::Call::DeployApp,
            },
            from: Hex(signed.from.0.0),
            nonce: unsigned.nonce,
            hash: signed.hash,
            raw: RawTransaction(signed.raw),
        };
        let taken = self.ledger.broadcast(&node, record).await?;
        Ok(Box::new(Broadcast {
            call,
            transaction: Tracked {
                chain_id: unsigned.chain_id,
                hash: signed.hash,
                from: signed.from,
                nonce: unsigned.nonce,
                to: unsigned.to,
                input: unsigned.input,
            },
            taken,
        }))
    }

    /// Hands the same bytes to the node once more.
    pub(super) async fn send_again(
        &self,
        hash: TransactionHash,
        chain_id: u64,
        at: Place,
    ) -> Result<(), Error> {
        let node = self.node(at, chain_id)?;
        self.ledger.broadcast_again(&node, hash).await
    }

    /// How these transactions fare.
    pub(super) async fn follow(
        &self,
        transactions: Vec<Tracked>,
        at: Place,
    ) -> Vec<(TransactionHash, Result<Standing, Error>)> {
        let asked = transactions.into_iter().map(|transaction| async move {
            let standing = async {
                let node = self.node(at, transaction.chain_id)?;
                node.follow(&transaction).await
            };
            (transaction.hash, standing.await)
        });
        join_all(asked).await
    }

    fn node(&self, at: Place, chain_id: u64) -> Result<Rpc, Error> {
        self.places.rpc(at, chain_id)
    }
}

/// Writes what others need to register it. `Err` says why it could not be written.
pub(super) async fn hand_over(
    of: Subject,
    calls: Vec<Call>,
    app_name: Shown,
    to: HandTo,
) -> Result<PathBuf, Shown> {
    let handoff = Handoff {
        subject: of,
        calls,
        app_name,
        made_at_ms: clock::moment().unix.saturating_mul(1000),
    };
    blocking(move || write(&handoff, to))
        .await
        .unwrap_or_else(|| Err("the disk could not be asked".into()))
}

fn write(handoff: &Handoff, to: HandTo) -> Result<PathBuf, Shown> {
    let (path, text) = match to {
        HandTo::Folder(folder) => return write_folder(handoff, &folder),
        HandTo::Safe(path) => (path, handoff.safe_batch()),
        HandTo::Cast(path) => (path, handoff.cast_commands()),
        HandTo::Calldata(path) => (path, handoff.calldata()),
    };
    write_new(&path, &text)?;
    Ok(path)
}

/// A folder of a name that is free, with everything in it.
fn write_folder(handoff: &Handoff, folder: &Path) -> Result<PathBuf, Shown> {
    let hash = handoff.subject.hash.map(|hash| hash.to_string());
    let hash = hash
        .as_deref()
        .and_then(|hash| hash.get(..8))
        .unwrap_or("device");
    let names = std::iter::once(format!("handover-{hash}"))
        .chain((2..100).map(|number| format!("handover-{hash}-{number}")));
    for name in names {
        let folder = folder.join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => {
                for (name, text) in handoff.files() {
                    write_new(&folder.join(name), &text)?;
                }
                return Ok(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&folder, &error)),
        }
    }
    Err("every name for a new folder is taken".into())
}

fn write_new(path: &Path, text: &str) -> Result<(), Shown> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Shown {
    Shown::line(&format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::{AppId, ComposeHash};

    async fn hand(to: HandTo) -> Result<PathBuf, Shown> {
        let of = Subject {
            chain_id: 8453,
            contract: Address::repeat_byte(0x3f),
            app: AppId::from([0x3f; 20]),
            hash: Some(ComposeHash::from([0xab; 32])),
            device: None,
        };
        let calls = vec![Call::AddComposeHash(ComposeHash::from([0xab; 32]))];
        hand_over(of, calls, "orders-api".into(), to).await
    }

    #[tokio::test]
    async fn every_hand_over_has_a_folder_of_its_own_with_everything_in_it() {
        let place = tempfile::tempdir().unwrap();
        for name in ["handover-abababab", "handover-abababab-2"] {
            let folder = hand(HandTo::Folder(place.path().to_owned())).await.unwrap();
            assert_eq!(folder, place.path().join(name));
            for name in Handoff::file_names() {
                let text = std::fs::read_to_string(folder.join(name)).unwrap();
                assert!(text.contains(&"ab".repeat(32)), "{name}");
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_is_there_is_not_written_over() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("batch.json");
        assert_eq!(hand(HandTo::Safe(path.clone())).await, Ok(path.clone()));
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(first.contains("checksum"), "{first}");
        for to in [
            HandTo::Safe(path.clone()),
            HandTo::Cast(path.clone()),
            HandTo::Calldata(path.clone()),
        ] {
            assert!(hand(to).await.is_err());
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    }
}
