//! Keystores for tests, written from the description of the format; opening one takes no time.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

use aes::Aes128;
use aes::cipher::{KeyIvInit, StreamCipher};
use alloy_primitives::keccak256;
use ctr::Ctr128BE;
use serde_json::json;

/// The text of a file with this key, 64 hex digits with `0x`, under this password.
pub fn keystore(key: &str, password: &str) -> String {
    let (salt, iv) = ([7; 32], [9; 16]);
    let mut stretched = [0; 32];
    // Two rounds, which is the least there can be.
    let parameters = scrypt::Params::new(1, 8, 1).unwrap();
    scrypt::scrypt(password.as_bytes(), &salt, &parameters, &mut stretched).unwrap();
    let mut text = hex::decode(&key[2..]).unwrap();
    let cipher = Ctr128BE::<Aes128>::new_from_slices(&stretched[..16], &iv);
    cipher.unwrap().apply_keystream(&mut text);
    let mac = keccak256([&stretched[16..], &text[..]].concat());
    json!({
        "version": 3,
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": hex::encode(iv) },
            "ciphertext": hex::encode(text),
            "kdf": "scrypt",
            "kdfparams": { "dklen": 32, "n": 2, "r": 8, "p": 1, "salt": hex::encode(salt) },
            "mac": hex::encode(mac),
        },
    })
    .to_string()
}
