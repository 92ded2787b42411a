//! The only place that knows JSON-RPC: a node, how it is asked, and what each question comes to.
//!
//! ```text
//!   reading · allowed ── app ──┐
//!   examine ── account ────────┼─ pinned: one chain, one block ─┐
//!   kms_keys ── kms ───────────┘                                ├─ Rpc ── envelope
//!   follow · registered_by · deployed_by · broadcast ───────────┘
//! ```
//!
//! Questions may be asked again, and are, where that may help; the one thing that acts goes out once, from
//! [`broadcast`](Rpc::broadcast). An answer must have the question's id and come from the chain that was meant. Of an
//! address only the host is ever shown, for many hold a key.

mod account;
mod app;
mod block;
mod broadcast;
mod envelope;
mod fault;
mod fee;
mod follow;
mod founded;
mod kms;
mod logs;
mod owner;
mod pinned;
mod word;

use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::Address;
use serde_json::{Value, json};

use self::envelope::{Failed, Flaw};
pub use self::kms::kms_keys;
use self::pinned::Pinned;
pub use super::{name, public};
use crate::api::elsewhere::{self, Heard, Limits, Place};
use crate::api::error::{Error, ErrorKind, Refusal};
use crate::http::{Address as Location, Again, HeaderValue, Method, Request, Way};
use crate::shown::Shown;

/// Codes under which nodes report what may be over in a moment: too many questions, or a block that has not got to this
/// one of several nodes yet.
const MAY_PASS: &[&str] = &["-32000", "-32001", "-32005", "-32603"];

/// How a question is put.
struct Manner {
    way: Way,
    again: fn(&Error) -> Again,
}

/// What only reads.
const READ: Manner = Manner {
    way: Way::Shared,
    again,
};

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
        let address = Location::endpoint(address)
            .map_err(|why| elsewhere::not_sent(&Shown::default(), why))?;
        Ok(Self {
            place: Place::new(address, limits),
            next_id: AtomicU64::new(1),
        })
    }

    /// The name of the machine, with its port where one is written.
    pub fn host(&self) -> Shown {
        self.place.host()
    }

    /// The chain it serves, as EIP-155 numbers it.
    pub async fn serves(&self) -> Result<u64, Error> {
        let asked = self.asked("eth_chainId");
        self.chain_id(&asked).await
    }

    /// What an error says was asked.
    fn asked(&self, what: &str) -> Shown {
        Shown::line(&format!("{what} at {}", self.host()))
    }

    /// Its newest block, and that it is one of this chain.
    async fn pin<'n>(&'n self, asked: &'n Shown, chain_id: u64) -> Result<Pinned<'n>, Error> {
        self.expect_chain(asked, chain_id).await?;
        let block = self.head(asked).await?;
        Ok(Pinned {
            node: self,
            asked,
            chain_id,
            block,
        })
    }

    /// That the node serves this chain. Whatever else it says would be about another one.
    async fn expect_chain(&self, asked: &Shown, chain_id: u64) -> Result<(), Error> {
        let found = self.chain_id(asked).await?;
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

    async fn chain_id(&self, asked: &Shown) -> Result<u64, Error> {
        self.read(asked, "eth_chainId", json!([]), envelope::quantity)
            .await
    }

    /// The number of the newest block.
    async fn head(&self, asked: &Shown) -> Result<u64, Error> {
        self.read(asked, "eth_blockNumber", json!([]), envelope::quantity)
            .await
    }

    /// Asks for one value.
    async fn read<T>(
        &self,
        asked: &Shown,
        method: &str,
        parameters: Value,
        decode: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, Error> {
        let decode = |heard: &Heard<'_>, said: Result<Value, Failed>| {
            let result = said.map_err(|failed| refused(heard, &failed))?;
            decode(&result).ok_or_else(|| unfit(heard, method))
        };
        self.ask(asked, method, parameters, READ, decode).await
    }

    /// Puts one question, and hands on what the node said to it.
    async fn ask<T>(
        &self,
        asked: &Shown,
        method: &str,
        parameters: Value,
        manner: Manner,
        decode: impl Fn(&Heard<'_>, Result<Value, Failed>) -> Result<T, ErrorKind>,
    ) -> Result<T, Error> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let request = Request {
            headers: ["Content-Type", "Accept"]
                .map(|name| (name, HeaderValue::from_static("application/json")))
                .to_vec(),
            body: Some(envelope::question(id, method, parameters)),
            ..Request::of(Method::POST, manner.way)
        };
        let decode = |heard: &Heard<'_>| {
            let said = match envelope::result(&heard.answer.body, id) {
                Ok(result) => Ok(result),
                Err(Flaw::Failed(failed)) => Err(failed),
                Err(Flaw::Unreadable(why)) => {
                    return Err(heard.garbled(&format!("{method}: {why}")));
                }
            };
            decode(heard, said)
        };
        self.place.read(asked, &request, decode, manner.again).await
    }
}

/// An address as it is sent: lower case, with `0x`.
fn hex(address: Address) -> String {
    format!("{address:#x}")
}

/// As much of bytes as tells them from others: `0x1234…abcd`.
fn short(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    match (digits.get(..4), digits.len().checked_sub(4)) {
        (Some(head), Some(tail)) => format!("0x{head}…{}", &digits[tail..]),
        _ => format!("0x{digits}"),
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

/// That the node says no, in its words.
fn refused(heard: &Heard<'_>, failed: &Failed) -> ErrorKind {
    heard.refused(&failed.message, failed.code.as_deref())
}

/// That a result is not of the kind that the question has.
fn unfit(heard: &Heard<'_>, question: &str) -> ErrorKind {
    heard.garbled(&format!("{question}: the result is of another kind"))
}

/// Whether the same question may go better in a moment.
fn again(error: &Error) -> Again {
    if error.code().is_some_and(|code| MAY_PASS.contains(&code)) {
        return Again::Yes;
    }
    error.again()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shortened_where_there_is_something_to_leave_out() {
        assert_eq!(short(&[0xab; 20]), "0xabab…abab");
        assert_eq!(short(&[0xab]), "0xab");
        assert_eq!(short(&[]), "0x");
        assert_eq!(
            hex(Address::repeat_byte(0xAB)),
            format!("0x{}", "ab".repeat(20))
        );
    }
}
