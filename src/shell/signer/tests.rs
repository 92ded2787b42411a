//! Keys in every place they may be in, and who else could have them.

use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::chain::Address;

const DIGITS: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
const ADDRESS: &str = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";
const PASSWORD: &str = "correct horse battery staple";

/// A keystore of that key under that password, with its address, and one of another key without.
fn keystores() -> [String; 2] {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/keystore.json")).unwrap();
    let all = vectors["keystores"].as_array().unwrap();
    ["web3", "cast"].map(|maker| {
        let made = |one: &&Value| one["name"].as_str().unwrap().starts_with(maker);
        let made = all.iter().find(made).expect(maker);
        made["file"].as_str().unwrap().to_owned()
    })
}

/// A home with `alice`, `bob` and things that are no keystores.
fn home() -> (TempDir, KeyPlaces) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".foundry/keystores");
    fs::create_dir_all(folder.join("a-folder")).unwrap();
    let [alice, bob] = keystores();
    for (name, text) in [
        ("alice", alice.as_str()),
        ("bob", &bob),
        ("README", "keys of the team"),
        ("large", &format!("{bob}{}", " ".repeat(20_000))),
    ] {
        write(&folder.join(name), text, 0o644);
    }
    let places = KeyPlaces {
        home: Some(home.path().to_owned()),
        ..KeyPlaces::default()
    };
    (home, places)
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = mode;
}

fn names(found: &[FoundKey]) -> Vec<&str> {
    found.iter().map(|key| key.name.as_str()).collect()
}

fn typed(password: &str) -> Password {
    Password::Typed(Secret::new(password))
}

fn signer() -> Signer {
    Signer::new(KeyPlaces::default())
}

fn unsigned() -> Unsigned {
    Unsigned {
        chain_id: 8453,
        nonce: 0,
        tip: 1,
        max_fee: 2,
        gas: 3,
        to: Address::ZERO,
        input: vec![4],
    }
}

#[tokio::test]
async fn keystores_of_foundry_are_found_with_what_they_say() {
    let (home, places) = home();
    let found = Signer::new(places).list().await;
    assert_eq!(names(&found), ["alice", "bob"]);
    assert_eq!(found[0].address, Some(ADDRESS.parse().unwrap()));
    assert_eq!(found[1].address, None, "Foundry does not say whose it is");
    let path = home.path().join(".foundry/keystores/alice");
    assert_eq!(found[0].source, KeySource::Keystore(path));
    assert_eq!(signer().list().await, []);
}

#[tokio::test]
async fn a_variable_names_a_file_or_a_folder_and_nothing_comes_twice() {
    let (home, places) = home();
    let elsewhere = tempfile::tempdir().unwrap();
    let [alice, _] = keystores();
    write(&elsewhere.path().join("carol"), &alice, 0o600);
    for (named, expected) in [
        (elsewhere.path().to_owned(), vec!["carol", "alice", "bob"]),
        (
            elsewhere.path().join("carol"),
            vec!["carol", "alice", "bob"],
        ),
        (
            home.path().join(".foundry/keystores/bob"),
            vec!["bob", "alice"],
        ),
        ("~/.foundry/keystores/bob".into(), vec!["bob", "alice"]),
        ("/nowhere/at/all".into(), vec!["alice", "bob"]),
    ] {
        let places = KeyPlaces {
            keystore: Some(named),
            ..places.clone()
        };
        assert_eq!(names(&Signer::new(places).list().await), expected);
    }
}

#[tokio::test]
async fn a_list_has_an_end_and_the_variable_is_in_it() {
    let (home, places) = home();
    let [alice, _] = keystores();
    for number in 0..60 {
        let name = format!(".foundry/keystores/key-{number:02}");
        write(&home.path().join(name), &alice, 0o600);
    }
    assert_eq!(Signer::new(places.clone()).list().await.len(), 50);
    let places = KeyPlaces {
        private_key: Some(Secret::new(format!("0x{DIGITS}"))),
        ..places
    };
    let found = Signer::new(places).list().await;
    assert_eq!(found.len(), 50);
    let last = found.last().unwrap();
    assert_eq!(last.source, KeySource::Environment);
    assert_eq!(last.name.as_str(), "PRIVATE_KEY");
    assert_eq!(last.address, Some(ADDRESS.parse().unwrap()));
}

#[tokio::test]
async fn a_keystore_is_opened_with_its_password() {
    let (home, places) = home();
    let signer = Signer::new(places);
    let alice = || KeySource::Keystore("~/.foundry/keystores/alice".into());
    let (opened, _) = signer.open(alice(), typed(PASSWORD)).await.unwrap();
    assert_eq!(opened.address.to_string(), ADDRESS);
    assert_eq!(opened.remarks, [], "a keystore may be read by anybody");
    let file = home.path().join("password");
    for text in [PASSWORD.to_owned(), format!("{PASSWORD}\r\nnot this\n")] {
        write(&file, &text, 0o600);
        let opened = signer.open(alice(), Password::File(file.clone())).await;
        assert_eq!(opened.unwrap().0.remarks, []);
    }
    write(&file, PASSWORD, 0o640);
    let (opened, _) = signer.open(alice(), Password::File(file)).await.unwrap();
    if cfg!(unix) {
        let remarks = ["password can be read by other users".into()];
        assert_eq!(opened.remarks, remarks);
    }
}

#[tokio::test]
async fn what_does_not_open_says_why_and_leaves_nothing_open() {
    let (_home, places) = home();
    let signer = Signer::new(places);
    let keystore = |name: &str| KeySource::Keystore(format!("~/.foundry/keystores/{name}").into());
    for (source, password, told) in [
        (
            keystore("alice"),
            typed("canary"),
            "alice cannot be used: the password is not",
        ),
        (
            keystore("alice"),
            Password::None,
            "with a password, and none was given",
        ),
        (
            keystore("alice"),
            Password::File("~/none".into()),
            "none does not exist",
        ),
        (
            keystore("alice"),
            Password::File("-".into()),
            "standard input",
        ),
        (
            keystore("README"),
            typed("x"),
            "README cannot be used: this is no keystore",
        ),
        (keystore("a-folder"), typed("x"), "a-folder is a folder"),
        (
            KeySource::File("-".into()),
            Password::None,
            "standard input",
        ),
        #[cfg(unix)]
        (
            KeySource::File("/dev/null".into()),
            Password::None,
            "null is not a regular file",
        ),
        (
            KeySource::Environment,
            Password::None,
            "PRIVATE_KEY is not set",
        ),
        (
            KeySource::Typed(Secret::new("canary")),
            Password::None,
            "64 hex digits",
        ),
    ] {
        let good = KeySource::Typed(Secret::new(DIGITS));
        let _held = signer.open(good, Password::None).await.unwrap();
        let why = signer.open(source, password).await.unwrap_err();
        assert!(why.as_str().contains(told), "{why}");
        assert!(!why.as_str().contains("canary"), "{why}");
        assert!(signer.sign(&unsigned(), true).is_err(), "{why}");
    }
}

#[tokio::test]
async fn a_key_comes_from_a_file_a_pipe_a_variable_or_a_person() {
    let (home, places) = home();
    let file = home.path().join("key");
    write(&file, &format!("0x{DIGITS}\n"), 0o600);
    let signer = Signer::new(KeyPlaces {
        private_key: Some(Secret::new(DIGITS)),
        ..places
    });
    let in_file = KeySource::File(file.clone());
    let typed = KeySource::Typed(Secret::new(DIGITS));
    for (source, remark) in [
        (in_file.clone(), None),
        (KeySource::File("~/key".into()), None),
        (typed, None),
        (
            KeySource::Environment,
            Some("PRIVATE_KEY is in the environment"),
        ),
    ] {
        let (opened, _) = signer.open(source, Password::None).await.unwrap();
        assert_eq!(opened.address.to_string(), ADDRESS);
        let remarks: Vec<&str> = opened.remarks.iter().map(Shown::as_str).collect();
        assert_eq!(remarks.len(), usize::from(remark.is_some()), "{remarks:?}");
        assert!(
            remark.is_none_or(|remark| remarks[0].starts_with(remark)),
            "{remarks:?}"
        );
    }
    write(&file, DIGITS, 0o604);
    let (opened, _) = signer.open(in_file, Password::None).await.unwrap();
    if cfg!(unix) {
        assert_eq!(opened.remarks, ["key can be read by other users".into()]);
    }
}

/// As a shell hands it over: `--private-key-file /dev/fd/3 3< <(pass show key)`.
#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_read_to_its_end() {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let path = format!("/dev/fd/{}", reader.as_raw_fd());
    let write = std::thread::spawn(move || {
        writer.write_all(&DIGITS.as_bytes()[..20]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        writer.write_all(&DIGITS.as_bytes()[20..]).unwrap();
    });
    let opened = signer()
        .open(KeySource::File(path.into()), Password::None)
        .await;
    write.join().unwrap();
    let (opened, _) = opened.unwrap();
    assert_eq!(opened.address.to_string(), ADDRESS);
    assert_eq!(opened.remarks, []);
}

#[tokio::test]
async fn only_an_open_key_signs_and_a_wiped_one_does_not() {
    let signer = signer();
    let none = signer.sign(&unsigned(), true).unwrap_err();
    assert_eq!(none.as_str(), "no key is open");
    let typed = KeySource::Typed(Secret::new(DIGITS));
    let (_, held) = signer.open(typed.clone(), Password::None).await.unwrap();
    let transaction = signer.sign(&unsigned(), true).unwrap();
    let key = Key::parse(&Secret::new(DIGITS)).unwrap();
    assert_eq!(transaction, unsigned().sign(&key));
    drop(held);
    assert!(signer.sign(&unsigned(), true).is_err(), "nobody holds it");
    let (_, _held) = signer.open(typed.clone(), Password::None).await.unwrap();
    assert!(signer.sign(&unsigned(), false).is_ok());
    assert!(signer.sign(&unsigned(), false).is_err(), "it was used");
    let (_, first) = signer.open(typed.clone(), Password::None).await.unwrap();
    let (_, _second) = signer.open(typed, Password::None).await.unwrap();
    drop(first);
    assert!(
        signer.sign(&unsigned(), false).is_ok(),
        "that was the older one"
    );
}

#[tokio::test]
async fn no_key_is_printed() {
    let signer = Signer::new(KeyPlaces {
        private_key: Some(Secret::new(DIGITS)),
        ..KeyPlaces::default()
    });
    let held = signer
        .open(KeySource::Environment, Password::None)
        .await
        .unwrap();
    let printed = format!("{signer:?} {held:?}");
    assert!(
        printed.contains(ADDRESS) && !printed.contains(&DIGITS[..8]),
        "{printed}"
    );
}
