//! Where a key is kept, where it is found again, and that the sandbox keeps nothing.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::shell::demo;
use crate::shell::keyring::Keyring;
use crate::shell::places::Places as Nodes;

const OTHERS: &str = r#"{"schema_version": 1, "current_profile": "old",
    "profiles": {"old": {"token": "phak_old_0001"}, "acme": {"token": "phak_before_0002"}}}"#;

fn home(file: Option<&str>) -> (TempDir, Environment) {
    let home = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        fs::create_dir(home.path().join(".phala-cloud")).unwrap();
        fs::write(home.path().join(".phala-cloud/credentials.json"), text).unwrap();
    }
    let environment = Environment {
        home: Some(home.path().to_owned()),
        state: Some(home.path().join("state")),
        keyring: Keyring::in_memory(),
        ..Environment::default()
    };
    (home, environment)
}

fn fresh(key: &str) -> Fresh {
    Fresh {
        key: Secret::new(key),
        base: "https://acme.example/api/v1".to_owned(),
        identity: Identity {
            user: "dana".into(),
            workspace: "Acme".into(),
            slug: Some("acme".into()),
            ..Identity::default()
        },
    }
}

fn kept(environment: &Environment, keeping: Keeping, key: &str) -> Shown {
    let entry = entry(environment, &fresh(key));
    keep_in(environment, keeping, entry).unwrap()
}

/// The key that is found, where it comes from, and for which service.
fn found(environment: &Environment) -> (String, String, String) {
    let found = environment.find();
    let (key, origin) = found.key.expect("a key");
    (
        key.expose().to_owned(),
        origin.as_str().to_owned(),
        found.base,
    )
}

#[test]
fn what_is_kept_in_the_file_is_found_there_the_next_time() {
    let (_home, environment) = home(Some(OTHERS));
    let places = places(&environment, &fresh("x").identity);
    let file = crate::shell::files::as_here("~/.phala-cloud/credentials.json");
    assert_eq!(places.file.as_str(), file);
    assert_eq!(places.profile.as_str(), "acme");
    assert!(places.replaces && places.file_blocked.is_none() && !places.shadowed);
    let origin = kept(&environment, Keeping::File, "phak_new_0003");
    let (key, from, base) = found(&environment);
    assert_eq!(
        (key.as_str(), from.as_str()),
        ("phak_new_0003", origin.as_str())
    );
    assert_eq!(base, "https://acme.example/api/v1");
    let old = environment.clone().with_profile("old");
    assert_eq!(found(&old).0, "phak_old_0001");
}

#[test]
fn what_is_kept_in_the_keyring_is_in_no_file_and_is_found_all_the_same() {
    let (home, environment) = home(Some(OTHERS));
    kept(&environment, Keeping::Keyring, "phak_canary_0003");
    let ours = fs::read_to_string(home.path().join("state/keyring.json")).unwrap();
    assert!(!ours.contains("canary"), "{ours}");
    let file = home.path().join(".phala-cloud/credentials.json");
    assert_eq!(fs::read_to_string(&file).unwrap(), OTHERS, "not touched");
    assert_eq!(found(&environment).0, "phak_canary_0003");
    let named = environment.clone().with_profile("acme");
    assert_eq!(found(&named).0, "phak_canary_0003", "it is the newer one");
    assert_eq!(
        found(&environment.clone().with_profile("old")).0,
        "phak_old_0001"
    );
    let rows = environment.profiles().unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.key_name.as_str(), row.tail.is_some(), row.is_current))
        .collect();
    assert_eq!(rows, [("old", true, false), ("acme", false, true)]);

    // A sign-in that is kept in the file comes first from then on.
    kept(&environment, Keeping::File, "phak_file_0004");
    assert_eq!(found(&environment).0, "phak_file_0004");
    assert!(!home.path().join("state/keyring.json").exists());
    assert_eq!(environment.keyring.get("acme"), Ok(None));
}

#[test]
fn a_keyring_that_forgot_says_so() {
    let (_home, environment) = home(None);
    kept(&environment, Keeping::Keyring, "phak_canary_0003");
    environment.keyring.remove("acme").unwrap();
    let found = environment.find();
    assert_eq!(found.key, None);
    let note = found.note.expect("a note");
    assert!(note.as_str().contains("sign in again"), "{note}");
}

#[test]
fn forgetting_takes_it_from_wherever_it_is() {
    let (home, environment) = home(Some(OTHERS));
    kept(&environment, Keeping::Keyring, "phak_canary_0003");
    assert_eq!(environment.forget("acme").unwrap().len(), 2);
    assert_eq!(environment.keyring.get("acme"), Ok(None));
    assert!(!home.path().join("state/keyring.json").exists());
    assert_eq!(found(&environment).0, "phak_old_0001");
    assert_eq!(environment.forget("acme"), Ok(Vec::new()));
}

#[test]
fn a_profile_is_named_as_the_official_cli_names_it() {
    let (_home, environment) = home(None);
    let mut identity = fresh("x").identity;
    assert_eq!(profile_name(&environment, &identity), "acme");
    identity.slug = None;
    assert_eq!(profile_name(&environment, &identity), "default");
    let asked = environment.with_profile(" mine ");
    assert_eq!(profile_name(&asked, &identity), "mine");
}

#[tokio::test]
async fn in_the_sandbox_a_code_is_approved_and_nothing_is_kept() {
    let (home, environment) = home(None);
    let options = demo::Options {
        speed: 500.0,
        seed: 1,
    };
    let asker = Asker::new(environment, Nodes::default(), options);
    asker.open_sandbox("on-chain").await.unwrap();
    let code = asker.begin().await.unwrap();
    assert!(code.expires_in < 900, "its time passes faster");
    // The page is the sandbox's own; without anybody it settles after half a minute of its time.
    let token = loop {
        match asker.poll(&code.code).await.unwrap() {
            Approval::Token(token) => break token,
            Approval::Pending | Approval::SlowDown => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            other => panic!("{other:?}"),
        }
    };
    let signed_in = asker.enter_with(token).await;
    assert!(matches!(signed_in, SignedIn::Yes { .. }), "{signed_in:?}");
    assert!(asker.keep(Keeping::File).await.is_err());
    assert!(asker.places_to_keep().await.file_blocked.is_some());
    assert_eq!(asker.profiles().await, Ok(Vec::new()));
    assert!(!home.path().join(".phala-cloud").exists());
    let again = asker.poll(&code.code).await.unwrap();
    assert_eq!(again, Approval::Expired, "a code works once");
}
