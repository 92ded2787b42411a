//! Parameters and results of JSON-RPC: hex numbers, hex bytes, and the errors with their codes.

use alloy_primitives::{Address, B256, U256};
use serde_json::{Value, json};

use super::super::chain::{account, word};
use super::evm::Revert;

/// The `error` of an answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Option<Value>,
}

impl Failure {
    /// The nodes' code for everything that is not about the form.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(-32000, message)
    }

    pub(super) fn parameters(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        error
    }
}

impl From<Revert> for Failure {
    fn from(revert: Revert) -> Self {
        Self {
            code: 3,
            message: revert.message(),
            data: Some(bytes(&revert.0)),
        }
    }
}

/// `0x` and the digits of a number, without leading zeros.
pub(super) fn quantity(number: impl TryInto<U256>) -> Value {
    let number = number.try_into().unwrap_or_default();
    format!("{number:#x}").into()
}

/// `0x` and all the digits.
pub(super) fn bytes(bytes: &[u8]) -> Value {
    format!("0x{}", hex::encode(bytes)).into()
}

/// The positional parameters of one call.
pub(super) struct Parameters<'a>(&'a [Value]);

impl<'a> Parameters<'a> {
    pub(super) fn new(given: Option<&'a Value>) -> Result<Self, Failure> {
        match given {
            None | Some(Value::Null) => Ok(Self(&[])),
            Some(Value::Array(list)) => Ok(Self(list)),
            Some(_) => Err(Failure::parameters("non-array args")),
        }
    }

    pub(super) fn optional(&self, place: usize) -> Option<&'a Value> {
        self.0.get(place).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, place: usize) -> Result<&'a Value, Failure> {
        self.optional(place).ok_or_else(|| {
            Failure::parameters(format!("missing value for required argument {place}"))
        })
    }

    pub(super) fn address(&self, place: usize) -> Result<Address, Failure> {
        address_in(self.required(place)?)
    }

    pub(super) fn hash(&self, place: usize) -> Result<B256, Failure> {
        hash_in(self.required(place)?)
    }

    pub(super) fn bytes(&self, place: usize) -> Result<Vec<u8>, Failure> {
        bytes_in(self.required(place)?)
    }

    pub(super) fn number(&self, place: usize) -> Result<U256, Failure> {
        number_in(self.required(place)?)
    }

    pub(super) fn is_true(&self, place: usize) -> bool {
        self.optional(place) == Some(&Value::Bool(true))
    }
}

pub(super) fn address_in(value: &Value) -> Result<Address, Failure> {
    prefixed(value)
        .and_then(account)
        .ok_or_else(|| Failure::parameters(format!("invalid address: {value}")))
}

pub(super) fn hash_in(value: &Value) -> Result<B256, Failure> {
    prefixed(value)
        .and_then(word)
        .ok_or_else(|| Failure::parameters(format!("invalid hash: {value}")))
}

pub(super) fn bytes_in(value: &Value) -> Result<Vec<u8>, Failure> {
    prefixed(value)
        .and_then(|text| hex::decode(&text[2..]).ok())
        .ok_or_else(|| Failure::parameters(format!("invalid hex data: {value}")))
}

/// A hex number; a plain JSON number is accepted too, as most nodes do for counts.
pub(super) fn number_in(value: &Value) -> Result<U256, Failure> {
    if let Some(number) = value.as_u64() {
        return Ok(U256::from(number));
    }
    prefixed(value)
        .filter(|text| text.len() > 2)
        .and_then(|text| U256::from_str_radix(&text[2..], 16).ok())
        .ok_or_else(|| Failure::parameters(format!("invalid number: {value}")))
}

fn prefixed(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| text.starts_with("0x"))
}
