//! Files of every program that writes them, and files that nobody should open.

use serde_json::{Value, json};

use super::*;

struct Made {
    name: String,
    password: Secret,
    key: Secret,
    address: Address,
    file: String,
}

/// What others made.
fn made() -> Vec<Made> {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/keystore.json")).unwrap();
    let made = vectors["keystores"].as_array().unwrap().iter().map(|made| {
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        Made {
            name: text("name"),
            password: Secret::new(text("password")),
            key: Secret::new(text("key")),
            address: text("address").parse().unwrap(),
            file: text("file"),
        }
    });
    let made: Vec<Made> = made.collect();
    assert!(made.len() >= 5, "{}", made.len());
    made
}

/// One that opens fast, with an address.
fn quick() -> Made {
    let quick = |made: &Made| made.name.starts_with("ethers");
    made().into_iter().find(quick).expect("one of ethers")
}

/// The same with another value in one place.
fn changed(path: &str, value: Value) -> String {
    let mut file: Value = serde_json::from_str(&quick().file).unwrap();
    *file.pointer_mut(path).expect("a member") = value;
    file.to_string()
}

fn refused(file: &str) -> BadKeystore {
    Keystore::parse(file).expect_err("not a keystore we take")
}

#[test]
fn what_every_program_wrote_is_opened() {
    for made in made() {
        let keystore =
            Keystore::parse(&made.file).unwrap_or_else(|why| panic!("{}: {why}", made.name));
        let key = keystore.open(&made.password);
        let key = key.unwrap_or_else(|why| panic!("{}: {why}", made.name));
        assert_eq!(key.address(), made.address, "{}", made.name);
        assert_eq!(key.address(), Key::parse(&made.key).unwrap().address());
        let named = made.file.contains("\"address\"").then_some(made.address);
        assert_eq!(keystore.address(), named, "{}", made.name);
    }
}

#[test]
fn another_password_is_told_as_such() {
    let keystore = Keystore::parse(&quick().file).unwrap();
    for wrong in ["correct horse", " "] {
        let why = keystore.open(&Secret::new(wrong)).unwrap_err();
        assert_eq!(why, BadKeystore::Password);
    }
}

#[test]
fn a_changed_ciphertext_is_not_decrypted() {
    for (path, value) in [
        ("/Crypto/ciphertext", json!("ab".repeat(32))),
        ("/Crypto/mac", json!("00".repeat(32))),
        ("/Crypto/kdfparams/salt", json!("ab".repeat(32))),
        ("/Crypto/kdfparams/n", json!(512)),
    ] {
        let keystore = Keystore::parse(&changed(path, value)).unwrap();
        let why = keystore.open(&quick().password).unwrap_err();
        assert_eq!(why, BadKeystore::Password, "{path}");
    }
}

/// The MAC says nothing of the vector or the address: whose key comes out is looked at.
#[test]
fn the_key_has_to_be_of_the_address_that_the_file_names() {
    let other = "008aeeda4d805471df9b2a5b0f38a0c3bcba786b";
    for (path, value) in [
        ("/address", json!(other)),
        ("/address", json!(format!("0x{other}"))),
        ("/Crypto/cipherparams/iv", json!("00".repeat(16))),
    ] {
        let keystore = Keystore::parse(&changed(path, value)).unwrap();
        let why = keystore.open(&quick().password).unwrap_err();
        assert!(matches!(why, BadKeystore::OtherAddress { .. }), "{why}");
    }
}

#[test]
fn a_file_that_wants_too_much_is_not_begun() {
    for (member, value, told) in [
        ("n", json!(1 << 20), "1025 MB"),
        ("n", json!(1_u64 << 63), "MB of memory"),
        ("r", json!(u32::MAX), "MB of memory"),
        ("p", json!(u32::MAX), "MB of memory"),
        ("p", json!(4096), "33554432 steps"),
    ] {
        let why = refused(&changed(&format!("/Crypto/kdfparams/{member}"), value));
        assert!(why.to_string().contains(told), "{member}: {why}");
    }
    let rounds = json!({"dklen": 32, "c": 10_000_001, "prf": "hmac-sha256", "salt": "00"});
    let mut file: Value = serde_json::from_str(&changed("/Crypto/kdf", json!("pbkdf2"))).unwrap();
    file["Crypto"]["kdfparams"] = rounds;
    let why = refused(&file.to_string());
    assert!(why.to_string().contains("10000001 steps"), "{why}");
}

#[test]
fn parameters_that_cannot_be_are_refused() {
    for (member, value) in [
        ("n", json!(0)),
        ("n", json!(1)),
        ("n", json!(1000)),
        ("n", Value::Null),
        ("r", json!(0)),
        ("p", json!(0)),
    ] {
        let why = refused(&changed(&format!("/Crypto/kdfparams/{member}"), value));
        assert_eq!(why, BadKeystore::Parameters("scrypt"), "{member}");
    }
}

#[test]
fn what_is_not_known_is_named() {
    for (path, value, told) in [
        ("/version", json!(1), "version 3"),
        ("/version", json!("1"), "version 3"),
        ("/version", Value::Null, "version 3"),
        ("/Crypto/cipher", json!("aes-256-gcm"), "aes-128-ctr"),
        ("/Crypto/kdf", json!("argon2id"), "scrypt or pbkdf2"),
        ("/Crypto/kdf", json!("pbkdf2"), "hmac-sha256"),
        ("/Crypto/kdfparams/dklen", json!(64), "dklen of 32"),
        ("/Crypto/kdfparams/dklen", json!(u64::MAX), "dklen of 32"),
        (
            "/Crypto/ciphertext",
            json!("ab".repeat(31)),
            "member ciphertext",
        ),
        ("/Crypto/mac", json!("ab".repeat(33)), "member mac"),
        ("/Crypto/cipherparams/iv", json!("no"), "member iv"),
        ("/Crypto/kdfparams/salt", json!("0"), "member salt"),
        ("/address", json!("0x12"), "member address"),
        ("/Crypto/kdfparams/salt", json!(5), "line 1, column"),
    ] {
        let why = refused(&changed(path, value)).to_string();
        assert!(why.contains(told), "{path}: {why}");
    }
}

/// Somebody may name the file with the bare key instead.
#[test]
fn what_is_no_keystore_is_not_quoted() {
    let key = quick().key;
    let digits = key.expose().trim_start_matches("0x");
    let member = json!({"version": 3, "crypto": {"cipher": 5, "kdf": digits}}).to_string();
    let version = json!({ "version": digits }).to_string();
    for file in [
        "",
        "[]",
        "{}",
        "{\"version\": 3}",
        digits,
        &member,
        &version,
    ] {
        let why = refused(file);
        let all = format!("{why} {why:?}");
        assert!(!all.contains(digits), "{all}");
        assert!(!all.contains(&digits[..12]), "{all}");
    }
}

#[test]
fn nothing_but_the_address_is_printed() {
    let made = quick();
    let keystore = Keystore::parse(&made.file).unwrap();
    let address = made.address;
    assert_eq!(format!("{keystore:?}"), format!("Keystore({address})"));
    let silent = Keystore::parse(&changed("/address", Value::Null)).unwrap();
    assert_eq!(format!("{silent:?}"), "Keystore(..)");
}
