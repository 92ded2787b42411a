use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct File {
    count: usize,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    kind: String,
    public_key: String,
    signature: String,
    app_id: String,
    timestamp: Option<u64>,
    now: u64,
    expected_kms_public_key: String,
    verdict: String,
    recovered_by: serde_json::Value,
}

impl Vector {
    fn claim(&self) -> Claim<'_> {
        Claim {
            app_id: &self.app_id,
            public_key: &self.public_key,
            signature: Some(&self.signature),
            timestamp: self.timestamp,
        }
    }

    fn signer(&self) -> Signer {
        Signer::parse(&self.expected_kms_public_key).unwrap()
    }
}

fn vectors() -> Vec<Vector> {
    let file: File = serde_json::from_str(include_str!(
        "../../../tests/vectors/env_pubkey_signature.json"
    ))
    .unwrap();
    assert_eq!(file.vectors.len(), file.count);
    file.vectors
}

#[test]
fn every_vector_gets_its_verdict() {
    for vector in vectors() {
        assert_eq!(
            vector.kind == "v1",
            vector.timestamp.is_some(),
            "{}",
            vector.id
        );
        let verdict = judge(
            &vector.claim(),
            Anchor::Contract(vector.signer()),
            vector.now,
        );
        match vector.verdict.as_str() {
            "accept" => assert_eq!(
                verdict,
                KeyVerdict::VerifiedOnChain(vector.signer()),
                "{}",
                vector.id
            ),
            _ => assert!(!verdict.allows_sealing(), "{}", vector.id),
        }
    }
}

#[test]
fn the_recovered_signer_is_the_one_the_official_sdk_recovers() {
    for vector in vectors() {
        let ours = recover(&vector.claim(), vector.now)
            .ok()
            .map(|signer| signer.to_string());
        assert_eq!(
            ours.as_deref(),
            vector.recovered_by["js_058"].as_str(),
            "{}",
            vector.id
        );
    }
}

#[test]
fn the_label_follows_the_anchor() {
    let vector = &vectors()[0];
    let (claim, signer) = (vector.claim(), vector.signer());
    let unsigned = Claim {
        signature: None,
        ..claim
    };
    let wrong = |why| KeyVerdict::Wrong(why);
    let table = [
        (
            claim,
            Anchor::SameService(signer),
            KeyVerdict::SignedBySameService(signer),
        ),
        (claim, Anchor::Nothing, KeyVerdict::NotVerifiable),
        (unsigned, Anchor::Nothing, KeyVerdict::NotVerifiable),
        (
            unsigned,
            Anchor::SameService(signer),
            KeyVerdict::NotVerifiable,
        ),
        (unsigned, Anchor::Contract(signer), wrong(WrongKey::Missing)),
    ];
    for (claim, anchor, wanted) in table {
        assert_eq!(judge(&claim, anchor, vector.now), wanted, "{anchor:?}");
    }
    let other = Signer::from_bytes([2; 33]);
    let verdict = judge(&claim, Anchor::SameService(other), vector.now);
    assert_eq!(
        verdict,
        wrong(WrongKey::OtherSigner {
            recovered: signer,
            wanted: other
        })
    );
}

#[test]
fn bytes_cannot_move_between_the_parts() {
    let vector = &vectors()[0];
    let moved = format!("{}{}", vector.app_id, &vector.public_key[..2]);
    let claims = [
        Claim {
            app_id: &moved,
            public_key: &vector.public_key[2..],
            ..vector.claim()
        },
        Claim {
            app_id: &vector.app_id[..38],
            ..vector.claim()
        },
        Claim {
            public_key: &vector.public_key[1..],
            ..vector.claim()
        },
    ];
    for claim in claims {
        assert!(matches!(
            recover(&claim, vector.now),
            Err(WrongKey::AppId(_) | WrongKey::Key(_))
        ));
    }
    let stamped = vectors()
        .into_iter()
        .find(|v| v.kind == "v1" && v.verdict == "accept")
        .unwrap();
    let stamp = stamped.timestamp.unwrap();
    let glued = format!("{stamp:016x}{}", stamped.public_key);
    let as_legacy = Claim {
        public_key: &glued,
        timestamp: None,
        ..stamped.claim()
    };
    assert!(matches!(
        recover(&as_legacy, stamped.now),
        Err(WrongKey::Key(_))
    ));
}

#[test]
fn only_recovery_ids_0_and_1_are_read() {
    let vector = &vectors()[0];
    for last in ["02", "1b", "1c", "ff"] {
        let signature = format!("{}{last}", &vector.signature[..128]);
        let claim = Claim {
            signature: Some(&signature),
            ..vector.claim()
        };
        assert_eq!(
            recover(&claim, vector.now),
            Err(WrongKey::Unrecoverable),
            "{last}"
        );
    }
}

#[test]
fn the_window_includes_its_ends() {
    assert_eq!(in_time(700, 1000), Ok(()));
    assert_eq!(in_time(699, 1000), Err(WrongKey::Stale(301)));
    assert_eq!(in_time(1060, 1000), Ok(()));
    assert_eq!(in_time(1061, 1000), Err(WrongKey::Future(61)));
    assert_eq!(in_time(u64::MAX, 0), Err(WrongKey::Future(u64::MAX)));
}

proptest! {
    #[test]
    fn any_claim_is_judged_without_panic(
        app in "[0-9a-fx]{38,42}", key in "[0-9a-f]{64}", signature in "[0-9a-f]{130}", time in any::<Option<u64>>(), now in any::<u64>()
    ) {
        let claim = Claim { app_id: &app, public_key: &key, signature: Some(&signature), timestamp: time };
        let verdict = judge(&claim, Anchor::Contract(Signer::from_bytes([2; 33])), now);
        prop_assert!(!verdict.allows_sealing());
    }
}

#[test]
fn a_key_without_signature_has_to_be_readable_all_the_same() {
    let vectors = vectors();
    let claim = Claim {
        signature: None,
        timestamp: None,
        ..vectors[0].claim()
    };
    let signer = vectors[0].signer();
    for anchor in [Anchor::Nothing, Anchor::SameService(signer)] {
        assert_eq!(judge(&claim, anchor, 0), KeyVerdict::NotVerifiable);
        let short = Claim {
            public_key: "00",
            ..claim
        };
        let verdict = judge(&short, anchor, 0);
        assert!(
            matches!(verdict, KeyVerdict::Wrong(WrongKey::Key(_))),
            "{verdict:?}"
        );
        let nobody = Claim {
            app_id: "",
            ..claim
        };
        let verdict = judge(&nobody, anchor, 0);
        assert!(
            matches!(verdict, KeyVerdict::Wrong(WrongKey::AppId(_))),
            "{verdict:?}"
        );
    }
}
