//! One node, one chain, one block: what is read together is read of one state.

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use serde_json::{Value, json};

use super::block::{self, Block};
use super::envelope::{self, Failed};
use super::fault::{Tried, fault};
use super::{READ, Rpc, hex, no, refused, unfit};
use crate::api::elsewhere::{self, Heard};
use crate::api::error::{Error, ErrorKind};
use crate::chain;
use crate::chain::revert::Revert;
use crate::shown::Shown;

/// A block of a chain, and who is asked about it.
#[derive(Clone, Copy)]
pub(super) struct Pinned<'n> {
    pub(super) node: &'n Rpc,
    /// What an error says was asked.
    pub(super) asked: &'n Shown,
    pub(super) chain_id: u64,
    pub(super) block: u64,
}

impl Pinned<'_> {
    /// The block as a parameter.
    pub(super) fn at(&self) -> String {
        format!("{:#x}", self.block)
    }

    /// The block itself.
    pub(super) async fn block(&self) -> Result<Block, Error> {
        let (method, number) = ("eth_getBlockByNumber", self.block);
        let decode = |heard: &Heard<'_>, said: Result<Value, Failed>| {
            let result = said.map_err(|failed| refused(heard, &failed))?;
            if result.is_null() {
                // As a node that is behind the one that named it says elsewhere.
                return Err(heard.refused("header not found", Some("-32001")));
            }
            block::read(&result, number).ok_or_else(|| unfit(heard, method))
        };
        let parameters = json!([self.at(), false]);
        self.node
            .ask(self.asked, method, parameters, READ, decode)
            .await
    }

    /// The code at an address; no bytes where there is none.
    pub(super) async fn code(&self, of: Address) -> Result<Vec<u8>, Error> {
        let parameters = json!([hex(of), self.at()]);
        self.node
            .read(self.asked, "eth_getCode", parameters, envelope::bytes)
            .await
    }

    /// That there is code at an address.
    pub(super) fn needs_code(&self, contract: Address, code: &[u8]) -> Result<(), Error> {
        if !code.is_empty() {
            return Ok(());
        }
        let place = self.place(contract);
        Err(self.no(&format!("there is no contract at {place}")))
    }

    /// What lies in a slot of a contract's storage.
    pub(super) async fn storage<T>(
        &self,
        of: Address,
        slot: &str,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Error> {
        let parameters = json!([hex(of), slot, self.at()]);
        let word = |result: &Value| decode(&envelope::bytes(result)?);
        self.node
            .read(self.asked, "eth_getStorageAt", parameters, word)
            .await
    }

    /// Runs a call that only reads; what it returned, or why it gave up.
    pub(super) async fn call(
        &self,
        to: Address,
        input: &[u8],
    ) -> Result<Result<Vec<u8>, Revert>, Error> {
        let returned = |heard: &Heard<'_>, result: &Value| {
            envelope::bytes(result).ok_or_else(|| unfit(heard, "eth_call"))
        };
        self.tried("eth_call", called(None, to, input), returned)
            .await
    }

    /// As [`call`](Self::call), of one function, its result read in full. Who returns nothing does not know it.
    pub(super) async fn view<C: SolCall, T>(
        &self,
        to: Address,
        call: &C,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Result<T, Revert>, Error> {
        let decode = |heard: &Heard<'_>, result: &Value| {
            let bytes = envelope::bytes(result).ok_or_else(|| unfit(heard, C::SIGNATURE))?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let value = decode(&bytes).ok_or_else(|| unfit(heard, C::SIGNATURE))?;
            Ok(Some(value))
        };
        let call = called(None, to, &call.abi_encode());
        let said = self.tried("eth_call", call, decode).await?;
        Ok(said.and_then(|value| value.ok_or_else(|| Revert::read(&[]))))
    }

    /// As [`view`](Self::view), of a function without which it is not the contract of an app.
    pub(super) async fn need<C: SolCall, T>(
        &self,
        to: Address,
        call: &C,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Error> {
        let said = self.view(to, call, decode).await?;
        said.map_err(|why| self.no_app::<C>(to, &why))
    }

    /// That this is not the contract of an app, for it does not answer what such a one does.
    pub(super) fn no_app<C: SolCall>(&self, contract: Address, why: &Revert) -> Error {
        let (place, function) = (self.place(contract), C::SIGNATURE);
        self.no(&format!(
            "what is at {place}, does not answer {function}, so it is not the contract of an app: it gave up {why}"
        ))
    }

    /// Tries something that runs code. Whoever has no money is let off paying for it, for this only looks.
    pub(super) async fn tried<T>(
        &self,
        method: &str,
        mut call: Value,
        decode: impl Fn(&Heard<'_>, &Value) -> Result<T, ErrorKind>,
    ) -> Result<Result<T, Revert>, Error> {
        match self.once(method, &call, &decode).await? {
            Tried::Done(value) => return Ok(Ok(value)),
            Tried::Reverted(why) => return Ok(Err(why)),
            Tried::Poor(_) | Tried::AllGas(_) => call["gasPrice"] = "0x0".into(),
        }
        match self.once(method, &call, &decode).await? {
            Tried::Done(value) => Ok(Ok(value)),
            // With nothing to pay it is the call itself that has no end.
            Tried::Reverted(why) | Tried::AllGas(why) => Ok(Err(why)),
            Tried::Poor(kind) => Err(elsewhere::error(self.asked, kind)),
        }
    }

    async fn once<T>(
        &self,
        method: &str,
        call: &Value,
        decode: &impl Fn(&Heard<'_>, &Value) -> Result<T, ErrorKind>,
    ) -> Result<Tried<T>, Error> {
        let decode = |heard: &Heard<'_>, said: Result<Value, Failed>| match said {
            Ok(result) => decode(heard, &result).map(Tried::Done),
            Err(failed) => fault(heard, &failed),
        };
        let parameters = json!([call, self.at()]);
        self.node
            .ask(self.asked, method, parameters, READ, decode)
            .await
    }

    /// An address for people: with its chain and the block.
    pub(super) fn place(&self, address: Address) -> String {
        format!(
            "{} on {}, block {}",
            hex(address),
            chain::numbered(self.chain_id),
            self.block
        )
    }

    /// A definite answer, and not the one that was hoped for.
    pub(super) fn no(&self, why: &str) -> Error {
        elsewhere::error(self.asked, no(why))
    }
}

/// A call as it is sent.
pub(super) fn called(from: Option<Address>, to: Address, input: &[u8]) -> Value {
    let mut call = json!({ "to": hex(to), "data": format!("0x{}", hex::encode(input)) });
    if let Some(from) = from {
        call["from"] = hex(from).into();
    }
    call
}
