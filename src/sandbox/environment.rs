//! The environment as the guest reads it: opens the blob, applies the guest's limits, drops what is not allowed.
//!
//! Independent of the code that seals blobs, which lives on the client's side.

use std::collections::BTreeMap;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit},
};
use serde::Deserialize;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// Values by name. The sandbox keeps them only in memory.
pub type Environment = BTreeMap<String, Zeroizing<String>>;

const MAX_ENTRIES: usize = 1024;
const MAX_NAME: usize = 255;
const MAX_VALUE: usize = 131_072;
const MAX_TOTAL: usize = 1 << 20;

/// Why the guest would not start with this blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("the blob is shorter than a key, a nonce and a tag")]
    Short,
    #[error("the blob does not open with the app's key")]
    Sealed,
    #[error("the plaintext is not the JSON the guest expects")]
    Shape,
    #[error("more than 1024 entries")]
    Entries,
    #[error("a name is longer than 255 bytes or no variable name")]
    Name,
    #[error("the values are too long")]
    Length,
}

/// What the guest ends up with. A name that is not allowed vanishes without a word; a repeated one counts last.
pub(super) fn open(
    blob: &[u8],
    key: &StaticSecret,
    allowed: &[&str],
) -> Result<Environment, Unreadable> {
    #[derive(Deserialize)]
    struct Plaintext {
        env: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        key: String,
        value: String,
    }
    let plaintext = decrypt(blob, key)?;
    let plaintext: Plaintext = serde_json::from_slice(&plaintext).map_err(|_| Unreadable::Shape)?;
    if plaintext.env.len() > MAX_ENTRIES {
        return Err(Unreadable::Entries);
    }
    let mut environment = Environment::new();
    let mut total = 0;
    for Entry { key, value } in plaintext.env {
        let value = Zeroizing::new(value);
        if !allowed.contains(&key.as_str()) {
            continue;
        }
        if key.len() > MAX_NAME || !is_name(&key) {
            return Err(Unreadable::Name);
        }
        total += key.len() + value.len();
        if value.len() > MAX_VALUE || total > MAX_TOTAL {
            return Err(Unreadable::Length);
        }
        environment.insert(key, value);
    }
    Ok(environment)
}

/// Sender's X25519 key (32 bytes), nonce (12), AES-256-GCM ciphertext with its tag; the shared secret is the key.
fn decrypt(blob: &[u8], key: &StaticSecret) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let (sender, rest) = blob.split_first_chunk::<32>().ok_or(Unreadable::Short)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<12>().ok_or(Unreadable::Short)?;
    let shared = key.diffie_hellman(&PublicKey::from(*sender));
    if !shared.was_contributory() {
        return Err(Unreadable::Sealed);
    }
    let cipher = Aes256Gcm::new_from_slice(shared.as_bytes()).map_err(|_| Unreadable::Sealed)?;
    cipher
        .decrypt(&Nonce::from(*nonce), ciphertext)
        .map(Zeroizing::new)
        .map_err(|_| Unreadable::Sealed)
}

fn is_name(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Seals a plaintext the way a client does, for tests.
#[cfg(test)]
pub(super) fn seal(plaintext: &str, recipient: [u8; 32]) -> Vec<u8> {
    let ephemeral = StaticSecret::from([0x42; 32]);
    let shared = ephemeral.diffie_hellman(&PublicKey::from(recipient));
    let nonce = [0x24; 12];
    let sealed = Aes256Gcm::new_from_slice(shared.as_bytes())
        .unwrap()
        .encrypt(&Nonce::from(nonce), plaintext.as_bytes())
        .unwrap();
    [
        PublicKey::from(&ephemeral).as_bytes().as_slice(),
        &nonce,
        &sealed,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> StaticSecret {
        StaticSecret::from([7; 32])
    }

    fn opened(plaintext: &str, allowed: &[&str]) -> Result<Environment, Unreadable> {
        open(
            &seal(plaintext, *PublicKey::from(&key()).as_bytes()),
            &key(),
            allowed,
        )
    }

    /// Blob by the official JavaScript SDK.
    #[test]
    fn a_blob_of_the_official_sdk_opens() {
        let secret = "d38a394fcd303ebe739de01fd5942b05aaca14f0670b4e17632eca2174ff3966";
        let blob = concat!(
            "147a86baa37d3a9d5bbfc69ca8684a659ca6ce56f9584be0016f4443a03b5e4afb18f87babd362f9f897a01ba8eea664",
            "b9ac91f1bd11b4e5d3a1cc837434968dc78cdd2e44f304b6d3d5b7662eda6eb5552ceb64959b34930becc8ffa7300240a8",
        );
        let secret: [u8; 32] = hex::decode(secret).unwrap().try_into().unwrap();
        let found = open(&hex::decode(blob).unwrap(), &secret.into(), &["FOO"]).unwrap();
        assert_eq!(found["FOO"].as_str(), "bar");
    }

    #[test]
    fn names_outside_the_allowed_ones_vanish_and_the_last_of_two_counts() {
        let text =
            r#"{"env":[{"key":"A","value":"1"},{"key":"B","value":"2"},{"key":"A","value":"3"}]}"#;
        let found = opened(text, &["A"]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found["A"].as_str(), "3");
    }

    #[test]
    fn what_stops_a_guest_stops_here() {
        assert_eq!(opened("[]", &[]), Err(Unreadable::Shape));
        assert_eq!(
            opened(r#"{"env":[{"key":"A","value":1}]}"#, &[]),
            Err(Unreadable::Shape)
        );
        assert_eq!(
            opened(r#"{"env":[{"key":"A-B","value":""}]}"#, &["A-B"]),
            Err(Unreadable::Name)
        );
        let long = format!(
            r#"{{"env":[{{"key":"A","value":"{}"}}]}}"#,
            "x".repeat(MAX_VALUE + 1)
        );
        assert_eq!(opened(&long, &["A"]), Err(Unreadable::Length));
        let many = format!(
            r#"{{"env":[{}]}}"#,
            vec![r#"{"key":"A","value":""}"#; 1025].join(",")
        );
        assert_eq!(opened(&many, &[]), Err(Unreadable::Entries));
    }

    #[test]
    fn a_foreign_or_weak_or_short_blob_does_not_open() {
        let blob = seal(r#"{"env":[]}"#, *PublicKey::from(&key()).as_bytes());
        assert_eq!(
            open(&blob, &StaticSecret::from([8; 32]), &[]),
            Err(Unreadable::Sealed)
        );
        assert_eq!(open(&blob[..43], &key(), &[]), Err(Unreadable::Short));
        // A low-order sender key makes the shared secret zero, for anybody to seal with.
        let nonce = [0; 12];
        let cipher = Aes256Gcm::new_from_slice(&[0; 32]).unwrap();
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), br#"{"env":[]}"#.as_slice())
            .unwrap();
        let weak = [[0; 32].as_slice(), &nonce, &sealed].concat();
        assert_eq!(open(&weak, &key(), &[]), Err(Unreadable::Sealed));
    }
}
