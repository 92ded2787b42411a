//! From a key to a block of the pretend chain, for contracts of every release.

use phala_wizard::chain::contract::{Generation, Owner};
use phala_wizard::chain::examination::Problem;
use phala_wizard::chain::key::Key;
use phala_wizard::chain::rpc::Rpc;
use phala_wizard::chain::transaction::{Standing, Tracked};
use phala_wizard::chain::{Call, Subject};
use phala_wizard::sandbox::Scenario;
use phala_wizard::secret::Secret;

use super::pretend::{Sandbox, of_an_app};

fn key(sandbox: &Sandbox) -> Key {
    Key::parse(&Secret::new(sandbox.test_key.clone())).unwrap()
}

/// Signs what is missing and waits for its blocks by asking; the calls that were made.
async fn allow(rpc: &Rpc, subject: &Subject, key: &Key) -> Vec<Call> {
    let allowed = rpc.allowed(subject).await.unwrap();
    let missing = allowed.missing(subject.hash, subject.device);
    let examined = rpc.examine(subject, key.address(), &missing).await.unwrap();
    assert_eq!(examined.problems(None), []);
    for (_, unsigned) in examined.transactions(subject, None) {
        let signed = unsigned.sign(key);
        let tracked = Tracked {
            chain_id: unsigned.chain_id,
            hash: signed.hash,
            from: signed.from,
            nonce: unsigned.nonce,
            to: unsigned.to,
            input: unsigned.input.clone(),
        };
        assert_eq!(rpc.follow(&tracked).await.unwrap(), Standing::Unknown);
        rpc.broadcast(subject.chain_id, &signed.raw).await.unwrap();
        // It is known, or in a block: to be sent again does no harm.
        rpc.broadcast(subject.chain_id, &signed.raw).await.unwrap();
        loop {
            match rpc.follow(&tracked).await.unwrap() {
                Standing::Waiting => (),
                Standing::Mined { depth, .. } => break assert!(depth > 0),
                other => panic!("{other:?}"),
            }
        }
    }
    missing
}

#[tokio::test]
async fn the_owner_of_a_contract_of_any_release_allows_what_is_missing() {
    for (named, expected) in [
        ("v1", Generation::V1),
        ("v2", Generation::V2),
        ("v3", Generation::V3),
        ("v4", Generation::V4),
    ] {
        let story = format!(
            "sentence = ''\n[kms.base]\ngeneration = '{named}'\n[apps.orders-api]\nowned_by_test_key = true"
        );
        let sandbox = Sandbox::telling(Scenario::parse(named, &story).unwrap()).await;
        let (rpc, subject) = of_an_app(&sandbox).await;
        let key = key(&sandbox);
        let before = rpc.reading(&subject).await.unwrap();
        assert_eq!(before.generation, expected);
        assert_eq!(before.owner, Owner::Wallet(key.address()));
        let is_id = subject.contract.0 == *subject.app.bytes();
        assert_eq!(is_id, expected != Generation::V1);
        let made = allow(&rpc, &subject, &key).await;
        assert_eq!(made.len(), 2, "{named}");
        assert!(rpc.allowed(&subject).await.unwrap().all());
        let registered = rpc.registered_by(&subject, 1000).await.unwrap();
        assert!(registered.is_some(), "{named}");
        assert_eq!(allow(&rpc, &subject, &key).await, []);
    }
}

#[tokio::test]
async fn in_the_story_of_one_s_own_key_it_is_that_key_that_can() {
    let sandbox = Sandbox::open("own-key").await;
    let (rpc, subject) = of_an_app(&sandbox).await;
    let key = key(&sandbox);
    allow(&rpc, &subject, &key).await;
    assert!(rpc.allowed(&subject).await.unwrap().all());
}

#[tokio::test]
async fn in_another_story_the_same_key_is_told_whose_it_is() {
    let sandbox = Sandbox::open("on-chain").await;
    let (rpc, subject) = of_an_app(&sandbox).await;
    let key = key(&sandbox);
    let hash = Call::AddComposeHash(subject.hash.unwrap());
    let examined = rpc.examine(&subject, key.address(), &[hash]).await;
    let problems = examined.unwrap().problems(None);
    let [Problem::NotOwner { owner }, Problem::Refused { revert, .. }] = &problems[..] else {
        panic!("{problems:?}")
    };
    assert_eq!(*owner, rpc.reading(&subject).await.unwrap().owner);
    let named = format!("OwnableUnauthorizedAccount({})", key.address());
    assert_eq!(revert.to_string(), named);
}
