use std::collections::BTreeMap;

use aes_gcm::Tag;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct File {
    count: usize,
    vectors: Vec<Vector>,
    recipient_keys: Vec<Recipient>,
    broken_blobs: Vec<Broken>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    envs: Vec<Pair>,
    recipient_private_key: String,
    recipient_public_key: String,
    ephemeral_private_key: String,
    ephemeral_public_key: String,
    iv: String,
    plaintext: BTreeMap<String, String>,
    blobs: BTreeMap<String, String>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Pair {
    key: String,
    value: String,
}

/// What the guest reads.
#[derive(Deserialize)]
struct Text {
    env: Vec<Pair>,
}

#[derive(Deserialize)]
struct Recipient {
    note: String,
    public_key: String,
    verdict: String,
}

#[derive(Deserialize)]
struct Broken {
    note: String,
    recipient_private_key: String,
    blob: String,
    guest: serde_json::Value,
}

fn vectors() -> File {
    let file: File =
        serde_json::from_str(include_str!("../../../tests/vectors/env_encryption.json")).unwrap();
    assert_eq!(file.vectors.len(), file.count);
    file
}

fn secret(text: &str) -> StaticSecret {
    StaticSecret::from(hex_text::bytes::<32>(text).unwrap())
}

fn entries(pairs: &[Pair]) -> Vec<(String, Secret)> {
    pairs
        .iter()
        .map(|p| (p.key.clone(), Secret::new(p.value.as_str())))
        .collect()
}

/// What the guest does with a blob, as far as the text; `None` when it would refuse.
fn open(recipient: &StaticSecret, blob: &str) -> Option<String> {
    let blob = hex::decode(blob).ok()?;
    let (sender, rest) = blob.split_first_chunk::<KEY_BYTES>()?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
    let (text, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let shared = recipient.diffie_hellman(&PublicKey::from(*sender));
    let mut text = text.to_vec();
    cipher(&shared)
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            &[],
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    String::from_utf8(text).ok()
}

#[test]
fn fixed_blobs_are_made_byte_for_byte() {
    for vector in vectors().vectors {
        let key = EnvKey::parse(&vector.recipient_public_key).unwrap();
        let one_time = secret(&vector.ephemeral_private_key);
        assert_eq!(
            hex::encode(PublicKey::from(&one_time).as_bytes()),
            vector.ephemeral_public_key
        );
        let nonce = hex_text::bytes(&vector.iv).unwrap();
        let sealed = seal_with(&key, &entries(&vector.envs), &one_time, nonce).unwrap();
        assert_eq!(sealed.hex(), vector.blobs["js_fixed"], "{}", vector.id);
        assert_eq!(2 * sealed.bytes(), sealed.hex().len());
        let names: Vec<_> = vector.envs.iter().map(|p| p.key.clone()).collect();
        assert_eq!(sealed.names(), Some(names.as_slice()));
    }
}

#[test]
fn blobs_of_every_implementation_open_to_the_recorded_text() {
    let mut opened = 0;
    for vector in vectors().vectors {
        let recipient = secret(&vector.recipient_private_key);
        for (writer, blob) in &vector.blobs {
            let text = open(&recipient, blob).unwrap();
            let recorded = if writer.starts_with("python") {
                "python"
            } else {
                "js"
            };
            if !writer.starts_with("go") {
                assert_eq!(text, vector.plaintext[recorded], "{} {writer}", vector.id);
            }
            assert_eq!(
                serde_json::from_str::<Text>(&text).unwrap().env,
                vector.envs
            );
            assert_eq!(SealedEnv::parse_hex(blob).unwrap().hex(), blob);
            opened += 1;
        }
    }
    assert_eq!(opened, 13 * 7);
}

#[test]
fn keys_that_would_seal_for_everyone_are_refused() {
    let mut refused = 0;
    for recipient in vectors().recipient_keys {
        let parsed = EnvKey::parse(&recipient.public_key);
        if recipient.verdict == "reject" {
            assert_eq!(parsed, Err(EnvKeyError::LowOrder), "{}", recipient.note);
            refused += 1;
        } else {
            assert!(parsed.is_ok(), "{}", recipient.note);
        }
    }
    assert_eq!(refused, 7);
    // The same points with the ignored top bit set.
    let masked = format!("{}80", "0".repeat(62));
    assert_eq!(EnvKey::parse(&masked), Err(EnvKeyError::LowOrder));
}

#[test]
fn only_sixty_four_hex_digits_are_a_key() {
    let good = "843ae23319f9e84ee90ac618a2d823d42247427ca06bbbbf207784e3e84ba904";
    assert_eq!(EnvKey::parse(good).unwrap().to_string(), good);
    assert_eq!(
        EnvKey::parse(&format!("0x{}", good.to_uppercase()))
            .unwrap()
            .to_string(),
        good
    );
    let padded = format!("{good} ");
    let spread = format!("84 3a{}", &good[5..]);
    for bad in [
        &good[1..],
        &good[2..],
        padded.as_str(),
        spread.as_str(),
        "",
        "0x",
    ] {
        assert!(
            matches!(EnvKey::parse(bad), Err(EnvKeyError::Hex(_))),
            "{bad:?}"
        );
    }
    let said = EnvKey::parse(&good[1..]).unwrap_err().to_string();
    assert_eq!(
        said,
        "the encryption key is not readable: 64 hex digits wanted, 63 found"
    );
}

#[test]
fn broken_blobs_do_not_open_and_pass_only_as_opaque() {
    for broken in vectors().broken_blobs {
        let opens = broken.guest.get("env").is_some();
        let recipient = secret(&broken.recipient_private_key);
        assert_eq!(
            open(&recipient, &broken.blob).is_some(),
            opens,
            "{}",
            broken.note
        );
        // Nothing but the key can tell these from good ones, and the parser says so.
        let parsed = SealedEnv::parse_hex(&broken.blob).unwrap();
        assert_eq!(parsed.remarks(), [BlobRemark::Opaque]);
        assert_eq!(parsed.names(), None);
    }
}

#[test]
fn a_pasted_blob_is_tidied_or_refused_with_the_reason() {
    let blob = vectors().vectors[0].blobs["js_fixed"].clone();
    let messy = format!(" 0x{}\n{}\n", blob[..64].to_uppercase(), &blob[64..]);
    let parsed = SealedEnv::parse_hex(&messy).unwrap();
    assert_eq!(parsed.hex(), blob);
    assert!(parsed.remarks().contains(&BlobRemark::Tidied));
    let refused = |text: &str| SealedEnv::parse_hex(text).unwrap_err();
    assert_eq!(refused(""), BlobError::Short { found: 0 });
    assert_eq!(refused(&blob[1..]), BlobError::Odd(blob.len() - 1));
    assert_eq!(refused(&blob[..138]), BlobError::Short { found: 69 });
    assert_eq!(SealedEnv::parse_hex(&blob[..140]).unwrap().bytes(), 70);
    assert_eq!(
        refused(&format!("{blob}zz")),
        BlobError::Digit(blob.len() + 1)
    );
    assert_eq!(
        refused(&format!("{}{}", "0".repeat(64), &blob[64..])),
        BlobError::LowOrder
    );
}

#[test]
fn a_blob_the_host_would_cut_is_remarked() {
    let key =
        EnvKey::parse("843ae23319f9e84ee90ac618a2d823d42247427ca06bbbbf207784e3e84ba904").unwrap();
    // Text and frame: 23 + 5 bytes of JSON around "A" and the value, 60 around the text.
    let fits = HOST_LIMIT_BYTES - 60 - r#"{"env":[{"key":"A","value":""}]}"#.len();
    for (length, remarks) in [
        (fits, vec![]),
        (
            fits + 1,
            vec![BlobRemark::OverHostLimit(HOST_LIMIT_BYTES + 1)],
        ),
    ] {
        let sealed = seal(&key, &[("A".to_owned(), Secret::new("x".repeat(length)))]).unwrap();
        assert_eq!(sealed.remarks(), remarks);
    }
}

#[test]
fn no_two_seals_share_their_one_time_key() {
    let key =
        EnvKey::parse("843ae23319f9e84ee90ac618a2d823d42247427ca06bbbbf207784e3e84ba904").unwrap();
    let one = seal(&key, &[]).unwrap();
    let two = seal(&key, &[]).unwrap();
    assert_ne!(one.hex()[..64], two.hex()[..64]);
    assert_ne!(one.hex()[64..88], two.hex()[64..88]);
}

#[test]
fn the_size_of_a_blob_is_known_before_it_is_sealed() {
    let key =
        EnvKey::parse("843ae23319f9e84ee90ac618a2d823d42247427ca06bbbbf207784e3e84ba904").unwrap();
    let every: String = ('\0'..'\u{180}').chain(['\u{2028}', '世', '🚀']).collect();
    for count in 0..3 {
        let entries = vec![(every.clone(), Secret::new(every.as_str())); count];
        let foretold = sealed_bytes(entries.iter().map(|(name, value)| (name.as_str(), value)));
        assert_eq!(foretold, seal(&key, &entries).unwrap().bytes());
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_variables(
        recipient in any::<[u8; 32]>(),
        pairs in prop::collection::vec((any::<String>(), any::<String>()), 0..8),
    ) {
        let recipient = StaticSecret::from(recipient);
        let key = EnvKey::parse(&hex::encode(PublicKey::from(&recipient).as_bytes())).unwrap();
        let entries: Vec<_> = pairs.iter().map(|(k, v)| (k.clone(), Secret::new(v.as_str()))).collect();
        let sealed = seal(&key, &entries).unwrap();
        let text: serde_json::Value = serde_json::from_str(&open(&recipient, sealed.hex()).unwrap()).unwrap();
        let wanted: Vec<_> = pairs.iter().map(|(k, v)| serde_json::json!({"key": k, "value": v})).collect();
        prop_assert_eq!(text, serde_json::json!({ "env": wanted }));
        let foretold = sealed_bytes(entries.iter().map(|(name, value)| (name.as_str(), value)));
        prop_assert_eq!(foretold, sealed.bytes());
    }

    #[test]
    fn any_pasted_text_is_parsed_without_panic(text in any::<String>()) {
        if let Ok(sealed) = SealedEnv::parse_hex(&text) {
            prop_assert!(sealed.bytes() >= LEAST_BYTES);
        }
    }
}
