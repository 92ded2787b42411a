//! A signed transaction: read from its bytes, with the account whose key signed it.
//!
//! Legacy ones (EIP-155) and those with a dynamic fee (EIP-1559). Whether the chain wants it is the ledger's business.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Decodable, EMPTY_STRING_CODE, Encodable, Header};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

/// The first byte of a transaction with a dynamic fee.
const DYNAMIC_FEE: u8 = 2;

/// A transaction as the chain keeps it.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) hash: B256,
    pub(super) kind: Kind,
    /// Absent in legacy transactions that hold on every chain.
    pub(super) chain_id: Option<u64>,
    pub(super) nonce: u64,
    /// Wei per gas, at most, for the block's maker; the whole price of a legacy one.
    pub(super) tip: u128,
    /// Wei per gas, at most.
    pub(super) max_fee: u128,
    pub(super) gas: u64,
    pub(super) to: Address,
    pub(super) value: U256,
    pub(super) input: Bytes,
    pub(super) from: Address,
    pub(super) seal: Seal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Legacy,
    DynamicFee,
}

/// The signature.
#[derive(Clone, Debug)]
pub(super) struct Seal {
    pub(super) y_is_odd: bool,
    pub(super) r: U256,
    pub(super) s: U256,
}

impl Transaction {
    /// Reads the bytes of `eth_sendRawTransaction`. What is wrong is said in the words of the nodes.
    pub(super) fn decode(raw: &[u8]) -> Result<Self, String> {
        match raw.first() {
            Some(&DYNAMIC_FEE) => Self::dynamic_fee(raw),
            Some(0xc0..) => Self::legacy(raw),
            Some(_) => Err("transaction type not supported".to_owned()),
            None => Err("rlp: input is empty".to_owned()),
        }
    }

    /// `02 ‖ [chain id, nonce, tip, max fee, gas, to, value, input, access list, y, r, s]`.
    fn dynamic_fee(raw: &[u8]) -> Result<Self, String> {
        let fields = only_list(&raw[1..])?;
        let mut rest = fields;
        let chain_id = read(&mut rest)?;
        let nonce = read(&mut rest)?;
        let tip = read(&mut rest)?;
        let max_fee = read(&mut rest)?;
        let gas = read(&mut rest)?;
        let (to, value, input) = action(&mut rest)?;
        if !list(&mut rest)?.is_empty() {
            return Err("access lists are not supported here".to_owned());
        }
        let unsigned = &fields[..fields.len() - rest.len()];
        let y_is_odd = read(&mut rest)?;
        let seal = Seal {
            y_is_odd,
            r: number(&mut rest)?,
            s: number(&mut rest)?,
        };
        ends(rest)?;
        let mut message = vec![DYNAMIC_FEE];
        wrap(unsigned, &mut message);
        Ok(Self {
            hash: keccak256(raw),
            kind: Kind::DynamicFee,
            chain_id: Some(chain_id),
            nonce,
            tip,
            max_fee,
            gas,
            to,
            value,
            input,
            from: seal.signer(&message)?,
            seal,
        })
    }

    /// `[nonce, gas price, gas, to, value, input, v, r, s]`.
    fn legacy(raw: &[u8]) -> Result<Self, String> {
        let fields = only_list(raw)?;
        let mut rest = fields;
        let nonce = read(&mut rest)?;
        let price = read(&mut rest)?;
        let gas = read(&mut rest)?;
        let (to, value, input) = action(&mut rest)?;
        let mut unsigned = fields[..fields.len() - rest.len()].to_vec();
        let v: u64 = read(&mut rest)?;
        let (chain_id, y_is_odd) = match v {
            27 | 28 => (None, v == 28),
            35.. => (Some((v - 35) / 2), (v - 35) % 2 == 1),
            _ => return Err("invalid sender".to_owned()),
        };
        let seal = Seal {
            y_is_odd,
            r: number(&mut rest)?,
            s: number(&mut rest)?,
        };
        ends(rest)?;
        if let Some(id) = chain_id {
            id.encode(&mut unsigned);
            unsigned.extend([EMPTY_STRING_CODE; 2]);
        }
        let mut message = Vec::new();
        wrap(&unsigned, &mut message);
        Ok(Self {
            hash: keccak256(raw),
            kind: Kind::Legacy,
            chain_id,
            nonce,
            tip: price,
            max_fee: price,
            gas,
            to,
            value,
            input,
            from: seal.signer(&message)?,
            seal,
        })
    }

    /// Wei per gas that it really pays.
    pub(super) fn price(&self, base_fee: u128) -> u128 {
        self.max_fee.min(base_fee.saturating_add(self.tip))
    }

    /// The most it can cost, in wei.
    pub(super) fn worst_cost(&self) -> U256 {
        U256::from(self.max_fee)
            .saturating_mul(U256::from(self.gas))
            .saturating_add(self.value)
    }
}

impl Seal {
    /// Whose key signed this, if anybody's: only the lower of the two possible signatures counts (EIP-2).
    fn signer(&self, message: &[u8]) -> Result<Address, String> {
        let nobody = || "invalid sender".to_owned();
        let (r, s) = (self.r.to_be_bytes::<32>(), self.s.to_be_bytes::<32>());
        let signature = Signature::from_scalars(r, s).map_err(|_| nobody())?;
        if signature.normalize_s() != signature {
            return Err(nobody());
        }
        let recovery = RecoveryId::new(self.y_is_odd, false);
        let digest = keccak256(message);
        let key = VerifyingKey::recover_from_prehash(digest.as_slice(), &signature, recovery)
            .map_err(|_| nobody())?;
        Ok(address_of(&key))
    }
}

/// The account of a key.
pub(super) fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_sec1_point(false);
    Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..])
}

fn read<T: Decodable>(rest: &mut &[u8]) -> Result<T, String> {
    T::decode(rest).map_err(said)
}

/// An integer of up to 256 bits, without leading zeros.
fn number(rest: &mut &[u8]) -> Result<U256, String> {
    let bytes = Header::decode_bytes(rest, false).map_err(said)?;
    if bytes.len() > 32 || bytes.first() == Some(&0) {
        return Err("rlp: non-canonical integer".to_owned());
    }
    Ok(U256::from_be_slice(bytes))
}

/// To, value and input.
fn action(rest: &mut &[u8]) -> Result<(Address, U256, Bytes), String> {
    let to = Header::decode_bytes(rest, false).map_err(said)?;
    let to = match to.len() {
        20 => Address::from_slice(to),
        0 => return Err("contracts cannot be created here".to_owned()),
        _ => return Err("rlp: input string of the wrong length for an address".to_owned()),
    };
    let value = number(rest)?;
    let input = Header::decode_bytes(rest, false).map_err(said)?;
    Ok((to, value, Bytes::copy_from_slice(input)))
}

fn list<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    Header::decode_bytes(rest, true).map_err(said)
}

/// The payload of a list that is all there is.
fn only_list(raw: &[u8]) -> Result<&[u8], String> {
    let mut rest = raw;
    let payload = list(&mut rest)?;
    ends(rest)?;
    Ok(payload)
}

fn ends(rest: &[u8]) -> Result<(), String> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err("rlp: input contains more than one value".to_owned())
    }
}

fn wrap(payload: &[u8], into: &mut Vec<u8>) {
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(into);
    into.extend_from_slice(payload);
}

fn said(error: alloy_rlp::Error) -> String {
    format!("rlp: {error}")
}
