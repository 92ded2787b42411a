//! A transaction with a dynamic fee (EIP-1559): signed here, and how it fared.
//!
//! It sends nothing and keeps nothing: whoever signs writes the bytes down before anybody else sees them.

use alloy_primitives::{Address, keccak256};
use alloy_rlp::{Decodable, Encodable, Header};

use super::key::Key;
use super::revert::Revert;
use crate::api::types::TransactionHash;

/// The first byte of such a transaction (EIP-2718).
const DYNAMIC_FEE: u8 = 2;
/// An access list of nothing, in RLP.
const NO_ACCESS_LIST: u8 = 0xc0;

/// What is to be signed. It never carries money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// The chain, as EIP-155 numbers it.
    pub chain_id: u64,
    /// The account's number for it.
    pub nonce: u64,
    /// Wei per gas on top of the base fee, at most.
    pub tip: u128,
    /// Wei per gas, at most.
    pub max_fee: u128,
    /// Most gas it may use.
    pub gas: u64,
    /// The contract that is called.
    pub to: Address,
    /// Selector and arguments.
    pub input: Vec<u8>,
}

/// The same, signed. All of it is public once it is broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who signed.
    pub from: Address,
    /// Keccak-256 of the bytes.
    pub hash: TransactionHash,
    /// The bytes that are broadcast.
    pub raw: Vec<u8>,
}

/// A transaction that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// The chain it is for.
    pub chain_id: u64,
    /// Its hash.
    pub hash: TransactionHash,
    /// Who signed it.
    pub from: Address,
    /// The account's number for it.
    pub nonce: u64,
    /// The contract it calls.
    pub to: Address,
    /// With what.
    pub input: Vec<u8>,
}

/// How a transaction fares, as one node has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The node does not know it: it never got there, or was dropped.
    Unknown,
    /// It waits to come into a block.
    Waiting,
    /// It is in a block, and did what it should.
    Mined {
        /// The block.
        block: u64,
        /// Blocks that would have to be replaced to undo it: 1 where it is in the newest.
        depth: u64,
    },
    /// It is in a block, and the contract refused.
    Reverted {
        /// The block.
        block: u64,
        /// Why, where that could be asked.
        why: Option<Revert>,
    },
    /// It is in no block, and another transaction used its number.
    NumberUsed,
}

impl Unsigned {
    /// Signs it: `02 ‖ rlp[chain id, nonce, tip, max fee, gas, to, value, input, access list, y, r, s]`.
    pub fn sign(&self, key: &Key) -> Signed {
        let fields = self.fields();
        let message = enveloped(&fields);
        let (y_is_odd, r, s) = key.sign(keccak256(&message).0);
        let mut all = fields;
        y_is_odd.encode(&mut all);
        number(&r).encode(&mut all);
        number(&s).encode(&mut all);
        let raw = enveloped(&all);
        Signed {
            from: key.address(),
            hash: TransactionHash::from(keccak256(&raw).0),
            raw,
        }
    }

    /// Reads a signed one back, as it was written down; `None` where it is of another form.
    pub fn read(raw: &[u8]) -> Option<Self> {
        let mut rest = raw.strip_prefix(&[DYNAMIC_FEE])?;
        let mut fields = Header::decode_bytes(&mut rest, true).ok()?;
        let fields = &mut fields;
        let chain_id = u64::decode(fields).ok()?;
        let nonce = u64::decode(fields).ok()?;
        let tip = u128::decode(fields).ok()?;
        let max_fee = u128::decode(fields).ok()?;
        let gas = u64::decode(fields).ok()?;
        let to = <[u8; 20]>::decode(fields).ok()?.into();
        let _value = Header::decode_bytes(fields, false).ok()?;
        let input = Header::decode_bytes(fields, false).ok()?.to_vec();
        Some(Self {
            chain_id,
            nonce,
            tip,
            max_fee,
            gas,
            to,
            input,
        })
    }

    fn fields(&self) -> Vec<u8> {
        let Self {
            chain_id,
            nonce,
            tip,
            max_fee,
            gas,
            to,
            input,
        } = self;
        let mut fields = Vec::new();
        chain_id.encode(&mut fields);
        nonce.encode(&mut fields);
        tip.encode(&mut fields);
        max_fee.encode(&mut fields);
        gas.encode(&mut fields);
        to.encode(&mut fields);
        number(&[]).encode(&mut fields);
        input.as_slice().encode(&mut fields);
        fields.push(NO_ACCESS_LIST);
        fields
    }
}

/// A number as RLP has it: without leading zeros, so that nought is no bytes at all.
fn number(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// As one list, behind the byte of its type.
fn enveloped(fields: &[u8]) -> Vec<u8> {
    let mut bytes = vec![DYNAMIC_FEE];
    Header {
        list: true,
        payload_length: fields.len(),
    }
    .encode(&mut bytes);
    bytes.extend_from_slice(fields);
    bytes
}

#[cfg(test)]
mod tests;
