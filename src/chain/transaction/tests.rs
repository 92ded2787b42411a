//! What is signed here has to be what the official clients sign, to the last byte.

use serde_json::Value;

use super::*;
use crate::secret::Secret;

struct Vector {
    name: String,
    key: Key,
    from: Address,
    unsigned: Unsigned,
    hash: String,
    raw: String,
}

fn vectors() -> Vec<Vector> {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/transactions.json")).unwrap();
    let vectors = vectors["transactions"].as_array().unwrap();
    vectors.iter().map(vector).collect()
}

fn vector(vector: &Value) -> Vector {
    let text = |member: &str| vector[member].as_str().unwrap();
    let field = |member: &str| vector["transaction"][member].as_str().unwrap();
    let number = |member: &str| field(member).parse().unwrap();
    Vector {
        name: text("name").to_owned(),
        key: Key::parse(&Secret::new(text("key"))).unwrap(),
        from: text("from").parse().unwrap(),
        unsigned: Unsigned {
            chain_id: number("chain_id"),
            nonce: number("nonce"),
            tip: field("tip").parse().unwrap(),
            max_fee: field("max_fee").parse().unwrap(),
            gas: number("gas"),
            to: field("to").parse().unwrap(),
            input: hex::decode(field("input").trim_start_matches("0x")).unwrap(),
        },
        hash: text("hash").to_owned(),
        raw: text("raw").to_owned(),
    }
}

/// Signatures follow from key and message alone (RFC 6979), so any two signers agree.
#[test]
fn transactions_are_signed_as_the_official_clients_sign_them() {
    let vectors = vectors();
    for vector in &vectors {
        let Signed { from, hash, raw } = vector.unsigned.sign(&vector.key);
        let name = &vector.name;
        assert_eq!(format!("0x{}", hex::encode(raw)), vector.raw, "{name}");
        assert_eq!(
            hash,
            TransactionHash::parse(&vector.hash).unwrap(),
            "{name}"
        );
        assert_eq!(from, vector.from, "{name}");
    }
    assert!(vectors.len() >= 8, "{}", vectors.len());
}

/// RLP writes numbers without leading zeros, and both halves of a signature are numbers.
#[test]
fn the_vectors_have_the_rare_cases() {
    let vectors = vectors();
    let some = |what: fn(&Vector) -> bool| vectors.iter().any(what);
    assert!(some(|vector| vector.unsigned.nonce == 0));
    assert!(some(|vector| vector.unsigned.tip == 0));
    assert!(some(|vector| vector.unsigned.max_fee == u128::MAX));
    assert!(some(|vector| vector.unsigned.input.is_empty()));
    for chain in [1, 8453, 31337] {
        let there = vectors
            .iter()
            .any(|vector| vector.unsigned.chain_id == chain);
        assert!(there, "{chain}");
    }
    let signatures = vectors.iter().map(|vector| {
        let digest = keccak256(enveloped(&vector.unsigned.fields()));
        vector.key.sign(digest.0)
    });
    let signatures: Vec<_> = signatures.collect();
    assert!(signatures.iter().any(|(_, r, _)| r[0] == 0));
    assert!(signatures.iter().any(|(_, _, s)| s[0] == 0));
    assert!(signatures.iter().any(|(y_is_odd, ..)| *y_is_odd));
    assert!(signatures.iter().any(|(y_is_odd, ..)| !*y_is_odd));
    // Never the upper half (EIP-2): a node would not take it.
    assert!(signatures.iter().all(|(_, _, s)| s[0] < 0x80));
}

#[test]
fn every_field_is_signed() {
    let Vector { key, unsigned, .. } = vectors().swap_remove(0);
    let plain = unsigned.clone();
    let others = [
        Unsigned {
            chain_id: 1,
            ..plain.clone()
        },
        Unsigned {
            nonce: 9,
            ..plain.clone()
        },
        Unsigned {
            tip: 9,
            ..plain.clone()
        },
        Unsigned {
            max_fee: 9,
            ..plain.clone()
        },
        Unsigned {
            gas: 9,
            ..plain.clone()
        },
        Unsigned {
            to: Address::ZERO,
            ..plain.clone()
        },
        Unsigned {
            input: vec![9],
            ..plain
        },
    ];
    let signed = unsigned.sign(&key);
    for other in others {
        assert_ne!(other.sign(&key).hash, signed.hash, "{other:?}");
    }
}
