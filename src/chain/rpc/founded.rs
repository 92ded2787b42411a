//! Whether the contract of a new app is there: from the transaction that deployed it, or from what the factory told.
//!
//! An event is a hint only. What counts is what the contracts say of themselves: the KMS that it is registered, and the
//! contract whose it is and what it allows.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolEvent, sol};
use serde_json::{Value, json};

use super::envelope::{self, Failed};
use super::logs::{RANGE, may_be_too_far};
use super::{Rpc, hex, no, refused, short, unfit, word};
use crate::api::elsewhere::{self, Heard};
use crate::api::error::{Error, ErrorKind};
use crate::api::types::{AppId, TransactionHash};
use crate::chain::founding::FoundApp;
use crate::chain::{Deployment, Subject};
use crate::shown::Shown;

sol! {
    /// As far as it is listened to and read (dstack 0.5.4 and later).
    interface DstackKms {
        event AppDeployedViaFactory(address indexed appId, address indexed deployer);
        function registeredApps(address appId) external view returns (bool);
    }
}

/// How often it is asked to look half as far.
const HALVINGS: u32 = 3;
/// Most apps of others that are looked at.
const MOST: usize = 25;

/// An app that the factory says it deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Deployed {
    app: Address,
    deployer: Address,
    transaction: TransactionHash,
    block: u64,
    index: u64,
}

impl Rpc {
    /// The contract that this transaction deployed, of the factory that is the subject. `None` while the node has no
    /// receipt of it. A contract that is not what was to be deployed is an error.
    pub async fn deployed_by(
        &self,
        factory: &Subject,
        wanted: &Deployment,
        transaction: TransactionHash,
    ) -> Result<Option<FoundApp>, Error> {
        let hash = short(transaction.bytes());
        let asked = self.asked(&format!("the transaction {hash}"));
        self.expect_chain(&asked, factory.chain_id).await?;
        let (method, parameters) = (
            "eth_getTransactionReceipt",
            json!([format!("0x{transaction}")]),
        );
        let kms = factory.contract;
        let found = self
            .read(&asked, method, parameters, |result| {
                receipt(result, transaction, kms)
            })
            .await?;
        let Some(deployed) = found else {
            return Ok(None);
        };
        let why = "it deployed no app of this KMS";
        let mut last = elsewhere::error(&asked, no(why));
        for one in deployed {
            match self.check(factory, wanted, one).await {
                Ok(found) => return Ok(Some(found)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The newest contract of the last `back` blocks that is what was to be deployed, whoever had it deployed.
    pub async fn deployed_lately(
        &self,
        factory: &Subject,
        wanted: &Deployment,
        back: u64,
    ) -> Result<Option<FoundApp>, Error> {
        let kms = short(factory.contract.as_slice());
        let asked = self.asked(&format!("the events of {kms}"));
        self.expect_chain(&asked, factory.chain_id).await?;
        let head = self.head(&asked).await?;
        let mut halvings = 0;
        let mut deployed = loop {
            let range = (head.saturating_sub(back >> halvings), head);
            match self.deployments(&asked, factory.contract, range).await {
                Err(error) if halvings < HALVINGS && may_be_too_far(&error) => halvings += 1,
                said => break said?,
            }
        };
        deployed.sort_by_key(|one| std::cmp::Reverse((one.block, one.index)));
        for one in deployed.into_iter().take(MOST) {
            match self.check(factory, wanted, one).await {
                Ok(found) => return Ok(Some(found)),
                // Somebody else's app.
                Err(error) if is_another(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn deployments(
        &self,
        asked: &Shown,
        kms: Address,
        (from, to): (u64, u64),
    ) -> Result<Vec<Deployed>, Error> {
        let method = "eth_getLogs";
        let filter = json!([{
            "address": hex(kms),
            "fromBlock": format!("{from:#x}"),
            "toBlock": format!("{to:#x}"),
            "topics": [format!("{:#x}", DstackKms::AppDeployedViaFactory::SIGNATURE_HASH)],
        }]);
        let decode = |heard: &Heard<'_>, said: Result<Value, Failed>| {
            let result = said.map_err(|failed| refused(heard, &failed))?;
            logs(&result, kms).ok_or_else(|| unfit(heard, method))
        };
        self.ask(asked, method, filter, RANGE, decode).await
    }

    /// That it is registered, whose it was to be, and allows what it was to allow.
    async fn check(
        &self,
        factory: &Subject,
        wanted: &Deployment,
        deployed: Deployed,
    ) -> Result<FoundApp, Error> {
        let app = deployed.app;
        let asked = self.asked(&format!("the contract {}", short(app.as_slice())));
        let at = self.pin(&asked, factory.chain_id).await?;
        let call = DstackKms::registeredAppsCall { appId: app };
        let registered = at.view(factory.contract, &call, word::flag).await?;
        if registered != Ok(true) {
            return Err(at.no("the contract of the KMS does not have it registered"));
        }
        let reading = self
            .reading(&Subject {
                contract: app,
                app: AppId::from(app.0.0),
                hash: Some(wanted.hash),
                device: Some(wanted.device),
                ..*factory
            })
            .await?;
        let owner = reading.owner.address();
        if owner != Some(wanted.owner) {
            let whose = owner.map_or_else(|| "nobody".to_owned(), |owner| owner.to_string());
            let why = format!("it is owned by {whose}, and was to be by {}", wanted.owner);
            return Err(at.no(&why));
        }
        if reading.allowed.hash != Some(true) {
            return Err(at.no("it does not allow the compose hash"));
        }
        if reading.allowed.machine() != Some(true) {
            return Err(at.no("it does not allow the machine"));
        }
        Ok(FoundApp {
            app,
            owner: wanted.owner,
            deployer: deployed.deployer,
            transaction: deployed.transaction,
            block: reading.allowed.block,
        })
    }
}

/// Whether a contract said definitely that it is not the one.
fn is_another(error: &Error) -> bool {
    matches!(&error.kind, ErrorKind::Refused(refusal) if refusal.status == 200)
}

/// Reads a receipt: the apps that it tells of, none where it failed. Nothing where there is none yet.
#[expect(clippy::option_option, reason = "unreadable, or not there")]
fn receipt(result: &Value, of: TransactionHash, kms: Address) -> Option<Option<Vec<Deployed>>> {
    if result.is_null() || result.get("blockNumber").is_some_and(Value::is_null) {
        return Some(None);
    }
    if envelope::exactly(&result["transactionHash"])? != *of.bytes() {
        return None;
    }
    match envelope::quantity(&result["status"])? {
        0 => return Some(Some(Vec::new())),
        1 => {}
        _ => return None,
    }
    let logs = result["logs"].as_array()?.iter();
    let ours = logs.filter(|log| is_of(log, kms));
    Some(Some(ours.map(read).collect::<Option<_>>()?))
}

/// Reads the logs of this factory. One that was taken back with its block is none.
fn logs(result: &Value, kms: Address) -> Option<Vec<Deployed>> {
    let logs = result.as_array()?.iter();
    let logs = logs.filter(|log| log["removed"] != true);
    logs.map(|log| if is_of(log, kms) { read(log) } else { None })
        .collect()
}

/// Whether this factory says by it that it deployed an app. An event of another contract says nothing.
fn is_of(log: &Value, kms: Address) -> bool {
    let address = envelope::exactly(&log["address"]).map(Address::from);
    let topic = log["topics"].get(0).and_then(envelope::exactly);
    address == Some(kms)
        && topic.map(B256::from) == Some(DstackKms::AppDeployedViaFactory::SIGNATURE_HASH)
}

fn read(log: &Value) -> Option<Deployed> {
    let address = |place: usize| {
        let topic: [u8; 32] = envelope::exactly(log["topics"].get(place)?)?;
        word::account(&topic)
    };
    Some(Deployed {
        app: address(1)?,
        deployer: address(2)?,
        transaction: TransactionHash::from(envelope::exactly(&log["transactionHash"])?),
        block: envelope::quantity(&log["blockNumber"])?,
        index: envelope::quantity(&log["logIndex"])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "0xfd86d7f6962eba3b7a3bf9129c06c0b2f885e1c61ef2c9f0dbb856be0deefdee";

    fn kms() -> Address {
        Address::repeat_byte(3)
    }

    fn log() -> Value {
        json!({
            "address": format!("0x{}", "03".repeat(20)),
            "topics": [
                TOPIC,
                format!("0x{:0>64}", "07".repeat(20)),
                format!("0x{:0>64}", "09".repeat(20)),
            ],
            "data": "0x",
            "blockNumber": "0x7",
            "logIndex": "0x2",
            "transactionHash": format!("0x{}", "01".repeat(32)),
        })
    }

    fn written(logs: Value) -> Value {
        json!({
            "transactionHash": format!("0x{}", "01".repeat(32)),
            "status": "0x1",
            "blockNumber": "0x7",
            "logs": logs,
        })
    }

    #[test]
    fn event_and_question_are_those_of_the_real_contract() {
        use alloy_sol_types::SolCall;
        let event = DstackKms::AppDeployedViaFactory::SIGNATURE_HASH;
        assert_eq!(format!("{event:#x}"), TOPIC);
        let selector = DstackKms::registeredAppsCall::SELECTOR;
        assert_eq!(::hex::encode(selector), "a6c4cce9");
    }

    #[test]
    fn an_app_is_read_from_the_factory_s_own_event_alone() {
        let of = TransactionHash::from([1; 32]);
        let apps = |logs: Value| receipt(&written(logs), of, kms()).flatten();
        let found = apps(json!([log()])).unwrap();
        assert_eq!(found[0].app, Address::repeat_byte(7));
        assert_eq!(found[0].deployer, Address::repeat_byte(9));
        for (member, value) in [
            ("address", json!(format!("0x{}", "04".repeat(20)))),
            ("topics", json!([format!("0x{}", "04".repeat(32))])),
        ] {
            let mut other = log();
            other[member] = value;
            assert_eq!(apps(json!([other])), Some(Vec::new()), "{other}");
        }
        // With three addresses it is that of the first release, where the app's id is another one than its contract's.
        let mut dirty = log();
        dirty["topics"][1] = json!(format!("0x{}", "07".repeat(32)));
        assert_eq!(apps(json!([dirty])), None);
    }

    #[test]
    fn a_receipt_is_of_this_transaction_and_may_not_be_there() {
        let of = TransactionHash::from([1; 32]);
        assert_eq!(receipt(&Value::Null, of, kms()), Some(None));
        let mut failed = written(json!([log()]));
        failed["status"] = json!("0x0");
        assert_eq!(receipt(&failed, of, kms()), Some(Some(Vec::new())));
        let other = TransactionHash::from([2; 32]);
        assert_eq!(receipt(&written(json!([])), other, kms()), None);
    }

    #[test]
    fn a_log_that_was_taken_back_is_none() {
        assert_eq!(logs(&json!([log()]), kms()).map(|all| all.len()), Some(1));
        let mut gone = log();
        gone["removed"] = json!(true);
        assert_eq!(logs(&json!([gone]), kms()), Some(Vec::new()));
        assert_eq!(logs(&Value::Null, kms()), None);
    }
}
