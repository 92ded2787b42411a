//! What is signed, and what keeps it from being signed.

use super::*;
use crate::api::types::{AppId, ComposeHash, DeviceId};

const KEY: Address = Address::repeat_byte(1);

fn examination() -> Examination {
    Examination {
        from: KEY,
        block: 7,
        block_time: 0,
        owner: Owner::Wallet(KEY),
        balance: U256::from(10_000_000_u64),
        nonce: 4,
        pending: 4,
        base_fee: 10,
        tip: 3,
        calls: vec![
            (Call::AddDevice(DeviceId::from([2; 32])), Ok(50_000)),
            (Call::AddComposeHash(ComposeHash::from([3; 32])), Ok(40_000)),
        ],
    }
}

fn subject() -> Subject {
    Subject {
        chain_id: 8453,
        contract: Address::repeat_byte(9),
        app: AppId::from([9; 20]),
        hash: None,
        device: None,
    }
}

#[test]
fn what_is_signed_is_what_was_simulated_in_that_order() {
    let signed = examination().transactions(&subject(), None);
    let numbers: Vec<_> = signed.iter().map(|(_, it)| (it.nonce, it.gas)).collect();
    assert_eq!(numbers, [(4, 60_000), (5, 48_000)]);
    for (call, unsigned) in signed {
        assert_eq!(unsigned.input, call.input());
        assert_eq!((unsigned.tip, unsigned.max_fee), (3, 23));
        assert_eq!((unsigned.chain_id, unsigned.to), (8453, subject().contract));
    }
    assert_eq!(examination().most(None), U256::from(108_000 * 23));
    assert_eq!(examination().likely(None), U256::from(90_000 * 13));
    assert_eq!(examination().problems(None), []);
}

#[test]
fn a_replacement_keeps_the_number_and_pays_an_eighth_more() {
    let replaced = Replaced {
        nonce: 2,
        tip: 16,
        max_fee: 80,
    };
    let mut examination = examination();
    examination.calls.truncate(1);
    examination.pending = 5;
    let (_, unsigned) = examination
        .transactions(&subject(), Some(&replaced))
        .remove(0);
    assert_eq!(
        (unsigned.nonce, unsigned.tip, unsigned.max_fee),
        (2, 18, 90)
    );
    assert_eq!(examination.problems(Some(&replaced)), []);
    // Where the market went up further than that, the market counts.
    examination.base_fee = 1000;
    let (_, unsigned) = examination
        .transactions(&subject(), Some(&replaced))
        .remove(0);
    assert_eq!(unsigned.max_fee, 2003);
}

#[test]
fn everything_that_is_wrong_is_named() {
    let mut examination = examination();
    examination.owner = Owner::Nobody;
    examination.balance = U256::from(2_483_999_u64);
    examination.pending = 6;
    let revert = Revert::read(&[]);
    examination.calls[1].1 = Err(revert.clone());
    let needs = U256::from(60_000 * 23);
    assert_eq!(
        examination.problems(None),
        [
            Problem::NotOwner {
                owner: Owner::Nobody
            },
            Problem::Refused {
                call: examination.calls[1].0,
                revert
            },
            Problem::NumberInUse {
                nonce: 4,
                waiting: 2
            },
        ]
    );
    examination.balance = needs - U256::ONE;
    let poor = Problem::Poor {
        has: examination.balance,
        needs,
    };
    assert!(examination.problems(None).contains(&poor));
}

#[test]
fn exactly_enough_is_enough() {
    let mut examination = examination();
    examination.balance = examination.most(None);
    assert_eq!(examination.problems(None), []);
    examination.balance -= U256::ONE;
    assert_eq!(examination.problems(None).len(), 1);
}
