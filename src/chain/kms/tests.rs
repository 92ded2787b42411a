//! The contract's answer as recorded, and everything it could be instead.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// What real contracts returned, one answer per generation of them.
fn recorded() -> Vec<Vec<u8>> {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/chain.json")).unwrap();
    let generations = vectors["generations"].as_array().unwrap();
    assert!(!generations.is_empty());
    generations
        .iter()
        .map(|generation| {
            let results = &generation["sdk_and_raw_results"];
            let text = results["raw kmsInfo"]["result"].as_str().unwrap();
            hex::decode(text.strip_prefix("0x").unwrap()).unwrap()
        })
        .collect()
}

fn returned(signer: &[u8], ca: &[u8]) -> Vec<u8> {
    DstackKms::kmsInfoCall::abi_encode_returns(&DstackKms::kmsInfoReturn {
        k256Pubkey: signer.to_vec().into(),
        caPubkey: ca.to_vec().into(),
        quote: vec![7; 5000].into(),
        eventlog: vec![8; 20_000].into(),
    })
}

fn signer() -> Vec<u8> {
    [vec![3], vec![9; 32]].concat()
}

#[test]
fn the_call_is_the_recorded_selector() {
    assert_eq!(hex::encode(call()), "09177063");
}

#[test]
fn recorded_answers_of_every_generation_are_read() {
    let key = "0217610d74cbd39b6143842c6d8bc310d79da1d82cc9d17f8876376221eda0c38f";
    for returned in recorded() {
        let keys = read(&returned, 34).unwrap();
        assert_eq!(hex::encode(keys.signer), key);
        assert_eq!((keys.ca, keys.block), (vec![1], 34));
    }
}

#[test]
fn a_quote_and_a_log_of_real_size_do_not_matter() {
    let keys = read(&returned(&signer(), &[5; 91]), 1).unwrap();
    assert_eq!(keys.signer[..], signer()[..]);
    assert_eq!(keys.ca, [5; 91]);
}

#[test]
fn nothing_at_all_is_another_contract() {
    assert_eq!(read(&[], 1), Err(NoKeys::OtherContract));
}

#[test]
fn what_is_cut_or_of_another_shape_is_refused() {
    let whole = &recorded()[0];
    for length in 1..whole.len() {
        // The last word is filled up with zeros, which a contract may leave out.
        if let Ok(keys) = read(&whole[..length], 34) {
            assert_eq!(Ok(keys), read(whole, 34));
            assert!(length > whole.len() - 32, "{length}");
        }
    }
    let truth = [&[0; 31][..], &[1]].concat();
    assert_eq!(read(&truth, 1), Err(NoKeys::Shape));
}

#[test]
fn a_contract_whose_kms_never_registered_says_so() {
    assert_eq!(read(&returned(&[], &[]), 1), Err(NoKeys::NotRegistered));
}

#[test]
fn only_a_compressed_key_is_one() {
    let wrong = |key: &[u8]| read(&returned(key, &[1]), 1);
    for length in [0, 32, 34, 64, 65] {
        assert_eq!(wrong(&vec![2; length]), Err(NoKeys::Signer(length)));
    }
    for first in [0, 1, 4, 255] {
        let key = [&[first][..], &[9; 32]].concat();
        assert_eq!(wrong(&key), Err(NoKeys::Signer(33)), "{first}");
    }
}

#[test]
fn a_ca_key_is_bounded() {
    assert!(read(&returned(&signer(), &[1; MOST_CA_BYTES]), 1).is_ok());
    let longer = read(&returned(&signer(), &[1; MOST_CA_BYTES + 1]), 1);
    assert_eq!(longer, Err(NoKeys::Ca(MOST_CA_BYTES + 1)));
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail_in_another_way(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _: Result<KmsKeys, NoKeys> = read(&bytes, 1);
    }
}
