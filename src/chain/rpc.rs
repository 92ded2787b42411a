//! The only place that knows JSON-RPC.
//!
//! It only reads: every question may be asked again, and is, where that may help. An answer must have the question's id
//! and come from the chain that was meant. Of an address only the host is ever shown, for many hold a key.

mod envelope;

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use self::envelope::Flaw;
use super::kms::{self, KmsKeys};
pub use super::{name, public};
use crate::api::elsewhere::{self, Limits, Place};
use crate::api::error::{Error, ErrorKind, Refusal};
use crate::http::{Address, Again, HeaderValue, Method, Request, Way};
use crate::shown::Shown;

/// What contracts and nodes say when code gave up, as EIP-1474 and geth number it.
const REVERTED: &str = "3";
/// Codes under which nodes report what may be over in a moment: too many questions, or a block that has not got to this
/// one of several nodes yet.
const MAY_PASS: &[&str] = &["-32000", "-32001", "-32005", "-32603"];

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

/// A node to ask. Prints its host only.
#[derive(Debug)]
pub struct Rpc {
    place: Place,
    next_id: AtomicU64,
}

impl Rpc {
    /// A node at this address. Nothing is opened yet.
    ///
    /// Fails as [`Unreachable::NotSent`](crate::http::Unreachable::NotSent) where the address is not fit to be asked.
    pub fn new(address: &str, limits: Limits) -> Result<Self, Error> {
        let address = Address::endpoint(address)
            .map_err(|why| elsewhere::not_sent(&Shown::default(), why))?;
        Ok(Self {
            place: Place::new(address, limits),
            next_id: AtomicU64::new(1),
        })
    }

    /// As [`kms_keys`], of this node.
    pub async fn kms_keys(&self, chain_id: u64, contract: &str) -> Result<KmsKeys, Error> {
        let host = self.place.host();
        let Some(contract) = Contract::read(contract) else {
            let asked = Shown::line(&format!("kmsInfo() at {host}"));
            return Err(elsewhere::not_sent(
                &asked,
                "the address of the contract is not 20 bytes of hex",
            ));
        };
        let asked = Shown::line(&format!("kmsInfo() of {} at {host}", contract.short()));
        self.expect_chain(&asked, chain_id).await?;
        let block = self
            .read(&asked, "eth_blockNumber", json!([]), envelope::quantity)
            .await?;
        let at = format!("{block:#x}");
        let code = self
            .read(
                &asked,
                "eth_getCode",
                json!([contract.hex(), at]),
                envelope::bytes,
            )
            .await?;
        if code.is_empty() {
            let why = format!(
                "there is no contract at {} on {}, block {block}",
                contract.hex(),
                super::numbered(chain_id)
            );
            return Err(elsewhere::error(&asked, no(&why)));
        }
        let input = format!("0x{}", hex::encode(kms::call()));
        let call = json!([{ "to": contract.hex(), "data": input }, at]);
        let returned = self
            .read(&asked, "eth_call", call, envelope::bytes)
            .await
            .map_err(told_as_no_kms)?;
        kms::read(&returned, block).map_err(|why| elsewhere::error(&asked, no(&why.to_string())))
    }

    /// That the node serves this chain. Whatever else it says would be about another one.
    async fn expect_chain(&self, asked: &Shown, chain_id: u64) -> Result<(), Error> {
        let found = self
            .read(asked, "eth_chainId", json!([]), envelope::quantity)
            .await?;
        if found == chain_id {
            return Ok(());
        }
        let why = format!(
            "this node serves {}, and {} is wanted",
            super::numbered(found),
            super::numbered(chain_id)
        );
        Err(elsewhere::error(asked, no(&why)))
    }

    /// Asks for one value. Of all methods only those that read come past here.
    async fn read<T>(
        &self,
        asked: &Shown,
        method: &str,
        parameters: Value,
        decode: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, Error> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let request = Request {
            headers: ["Content-Type", "Accept"]
                .map(|name| (name, HeaderValue::from_static("application/json")))
                .to_vec(),
            body: Some(envelope::question(id, method, parameters)),
            ..Request::of(Method::POST, Way::Shared)
        };
        let decode = |heard: &elsewhere::Heard<'_>| {
            let result = envelope::result(&heard.answer.body, id).map_err(|flaw| match flaw {
                Flaw::Failed { code, message } => heard.refused(&message, code.as_deref()),
                Flaw::Unreadable(why) => heard.garbled(&format!("{method}: {why}")),
            })?;
            decode(&result)
                .ok_or_else(|| heard.garbled(&format!("{method}: the result is of another kind")))
        };
        self.place.read(asked, &request, decode, again).await
    }
}

/// The address of a contract.
struct Contract([u8; 20]);

impl Contract {
    fn read(text: &str) -> Option<Self> {
        let mut address = [0; 20];
        let digits = text.strip_prefix("0x").unwrap_or(text);
        hex::decode_to_slice(digits, &mut address).ok()?;
        Some(Self(address))
    }

    fn hex(&self) -> String {
        format!("0x{}", hex::encode(self.0))
    }

    /// As much of it as tells it from others: `0x1234…abcd`.
    fn short(&self) -> String {
        let Self(bytes) = self;
        format!(
            "0x{}…{}",
            hex::encode(&bytes[..2]),
            hex::encode(&bytes[18..])
        )
    }
}

/// A definite answer, and not the one that was hoped for.
fn no(why: &str) -> ErrorKind {
    ErrorKind::Refused(Refusal {
        status: 200,
        message: Shown::line(why),
        ..Refusal::default()
    })
}

/// Whether the contract itself gave up, however often it is asked.
fn is_revert(error: &Error) -> bool {
    let ErrorKind::Refused(refusal) = &error.kind else {
        return false;
    };
    error.code() == Some(REVERTED) || refusal.message.as_str().starts_with("execution reverted")
}

/// A contract that gives up on the call does not know it.
fn told_as_no_kms(error: Error) -> Error {
    if !is_revert(&error) {
        return error;
    }
    let kind = no(&kms::NoKeys::OtherContract.to_string());
    Error { kind, ..error }
}

/// Whether the same question may go better in a moment.
fn again(error: &Error) -> Again {
    let may_pass = error.code().is_some_and(|code| MAY_PASS.contains(&code));
    if may_pass && !is_revert(error) {
        return Again::Yes;
    }
    error.again()
}
