//! A wallet for tests: signs transactions for the pretend chain, written from the EIPs and not from its reader.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use k256::ecdsa::SigningKey;

/// One key.
pub struct Wallet(SigningKey);

/// What is to be signed.
#[derive(Clone)]
pub struct Draft {
    pub chain_id: u64,
    pub nonce: u64,
    pub tip: u128,
    /// The price of a legacy transaction.
    pub max_fee: u128,
    pub gas: u64,
    /// With `0x`.
    pub to: String,
    pub value: u128,
    /// With `0x`.
    pub input: String,
}

impl Wallet {
    /// From 64 hex digits with `0x`.
    pub fn new(key: &str) -> Self {
        let bytes = hex::decode(&key[2..]).unwrap();
        Self(SigningKey::from_slice(&bytes).unwrap())
    }

    /// Lower case with `0x`.
    pub fn address(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        let digest = keccak256(&point.as_bytes()[1..]);
        format!("0x{}", hex::encode(&digest[12..]))
    }

    /// EIP-1559, as `eth_sendRawTransaction` takes it.
    pub fn sign(&self, draft: &Draft) -> String {
        let mut fields = Vec::new();
        draft.chain_id.encode(&mut fields);
        draft.nonce.encode(&mut fields);
        draft.tip.encode(&mut fields);
        draft.max_fee.encode(&mut fields);
        draft.gas.encode(&mut fields);
        draft.action(&mut fields);
        fields.push(0xc0);
        let (odd, r, s) = self.seal(&[&[2], listed(&fields).as_slice()].concat());
        u64::from(odd).encode(&mut fields);
        integer(r, &mut fields);
        integer(s, &mut fields);
        format!("0x02{}", hex::encode(listed(&fields)))
    }

    /// EIP-155; for chain 0 as before it, good on every chain.
    #[allow(dead_code, reason = "not every test that has a wallet is about this")]
    pub fn sign_legacy(&self, draft: &Draft) -> String {
        let mut fields = Vec::new();
        draft.nonce.encode(&mut fields);
        draft.max_fee.encode(&mut fields);
        draft.gas.encode(&mut fields);
        draft.action(&mut fields);
        let mut unsigned = fields.clone();
        let first = if draft.chain_id == 0 {
            27
        } else {
            draft.chain_id.encode(&mut unsigned);
            unsigned.extend([0x80, 0x80]);
            draft.chain_id * 2 + 35
        };
        let (odd, r, s) = self.seal(&listed(&unsigned));
        (first + u64::from(odd)).encode(&mut fields);
        integer(r, &mut fields);
        integer(s, &mut fields);
        format!("0x{}", hex::encode(listed(&fields)))
    }

    fn seal(&self, message: &[u8]) -> (bool, U256, U256) {
        let digest = keccak256(message);
        let (signature, recovery) = self.0.sign_prehash_recoverable(digest.as_slice());
        let bytes = signature.to_bytes();
        let half = |part: &[u8]| U256::from_be_slice(part);
        (recovery.is_y_odd(), half(&bytes[..32]), half(&bytes[32..]))
    }
}

impl Draft {
    fn action(&self, fields: &mut Vec<u8>) {
        let to: Address = self.to.parse().unwrap();
        to.as_slice().encode(fields);
        self.value.encode(fields);
        let input: Bytes = self.input.parse().unwrap();
        input.as_ref().encode(fields);
    }
}

fn integer(number: U256, into: &mut Vec<u8>) {
    number.to_be_bytes_trimmed_vec().as_slice().encode(into);
}

fn listed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header {
        list: true,
        payload_length: payload.len(),
    };
    header.encode(&mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}
