//! What a credentials file is after a change, and what is never changed.

use std::path::PathBuf;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

/// As the official CLI writes it, with members that nobody here knows, in an order of its own.
const FILE: &str = r#"{
  "later": {"x": [1, 2.50, 12345678901234567890123]},
  "schema_version": 1,
  "current_profile": "acme",
  "profiles": {
    "zeta": {
      "token": "phak_zeta_0001",
      "flag": 1e400,
      "workspace": null
    },
    "acme": {"token": "phak_acme_0002", "mine": true, "user": {"username": "dana", "email": "d@x"}}
  }
}"#;

fn home(text: Option<&str>) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".phala-cloud");
    let path = folder.join("credentials.json");
    if let Some(text) = text {
        fs::create_dir(&folder).unwrap();
        fs::write(&path, text).unwrap();
    }
    (home, path)
}

fn entry(name: &str) -> Entry {
    Entry {
        name: name.to_owned(),
        token: Some(Secret::new("phak_new_9999")),
        api_prefix: "https://cloud.example/api/v1".to_owned(),
        workspace: ("Acme \"Lab\"".to_owned(), Some("acme-lab".to_owned())),
        username: "dana".to_owned(),
        updated_at: "2026-11-28T10:00:00.000Z".to_owned(),
    }
}

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_first_profile_is_a_whole_file_as_the_official_cli_writes_it() {
    let (_home, path) = home(None);
    put(&path, &entry("acme-lab")).unwrap();
    let expected = json!({
        "schema_version": 1,
        "current_profile": "acme-lab",
        "profiles": {"acme-lab": {
            "token": "phak_new_9999",
            "api_prefix": "https://cloud.example/api/v1",
            "workspace": {"name": "Acme \"Lab\"", "slug": "acme-lab"},
            "user": {"username": "dana"},
            "updated_at": "2026-11-28T10:00:00.000Z",
        }},
    });
    assert_eq!(json_of(&path), expected);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_written_whatever_was_there() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let (_home, path) = home(None);
    put(&path, &entry("a")).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let folder = path.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    put(&path, &entry("b")).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(folder), 0o755, "the folder is the official CLI's");
}

#[test]
fn what_nobody_here_knows_stays_byte_for_byte_and_in_its_place() {
    let (_home, path) = home(Some(FILE));
    put(&path, &entry("acme")).unwrap();
    let after = fs::read_to_string(&path).unwrap();
    for kept in [
        r#"{"x": [1, 2.50, 12345678901234567890123]}"#,
        "\"zeta\": {\n      \"token\": \"phak_zeta_0001\",\n      \"flag\": 1e400,",
        "\"mine\": true",
    ] {
        assert!(after.contains(kept), "{kept} in {after}");
    }
    let place = |text: &str| after.find(text).unwrap();
    assert!(place("later") < place("schema_version"));
    assert!(place("zeta") < place("\"acme\": {"));
    assert!(after.contains("phak_new_9999") && !after.contains("phak_acme_0002"));
    assert_eq!(after.matches("\"acme\": {").count(), 1);
}

#[test]
fn a_new_profile_becomes_the_current_one_and_the_others_stay() {
    let (_home, path) = home(Some(FILE));
    put(&path, &entry("acme-lab")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    for token in ["phak_zeta_0001", "phak_acme_0002", "phak_new_9999"] {
        assert!(text.contains(token), "{token}");
    }
    assert!(text.contains("\"current_profile\": \"acme-lab\""));
    assert_eq!(would_replace(&path, "zeta"), Ok(true));
    assert_eq!(would_replace(&path, "none"), Ok(false));
}

#[test]
fn the_last_profile_takes_the_file_with_it_and_the_current_one_has_a_successor() {
    let (_home, path) = home(Some(FILE));
    assert_eq!(take(&path, "nope"), Ok(false));
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE, "not touched");
    assert_eq!(take(&path, "acme"), Ok(true));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"current_profile\": \"zeta\""), "{text}");
    assert!(!text.contains("phak_acme_0002"));
    assert_eq!(take(&path, "zeta"), Ok(true));
    assert!(!path.exists());
    assert_eq!(take(&path, "zeta"), Ok(false));
}

#[test]
fn who_is_not_the_current_one_goes_quietly() {
    let (_home, path) = home(Some(FILE));
    take(&path, "zeta").unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"current_profile\": \"acme\""), "{text}");
}

#[test]
fn a_file_of_another_layout_is_left_alone() {
    for text in [
        "{\"schema_version\": 2, \"profiles\": {}}",
        "{\"profiles\": {}}",
        "{}",
        "{\"schema_version\": \"1\"}",
        "{\"schema_version\": 1, \"profiles\": []}",
        "{\"schema_version\": 1, \"profiles\": {\"a\": {\"token\": phak_canary}}}",
        "[]",
        "canary",
    ] {
        let (_home, path) = home(Some(text));
        let why = put(&path, &entry("acme")).unwrap_err();
        assert!(why.as_str().contains("left as it is"), "{why}");
        assert!(!why.as_str().contains("canary"), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        let rest = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(rest, 1, "nothing is left behind");
    }
}

#[cfg(unix)]
#[test]
fn a_link_and_what_is_no_file_are_left_alone() {
    let (home, path) = home(Some(FILE));
    let real = home.path().join("real.json");
    fs::rename(&path, &real).unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    let why = put(&path, &entry("acme")).unwrap_err();
    assert!(why.as_str().contains("is a link"), "{why}");
    assert!(take(&path, "acme").is_err());
    assert_eq!(fs::read_to_string(&real).unwrap(), FILE);
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(put(&path, &entry("acme")).is_err());
}

#[test]
fn many_at_once_lose_nothing() {
    let (_home, path) = home(Some(FILE));
    thread::scope(|scope| {
        for number in 0..8 {
            let path = &path;
            scope.spawn(move || put(path, &entry(&format!("p{number}"))).unwrap());
        }
    });
    let text = fs::read_to_string(&path).unwrap();
    for number in 0..8 {
        assert!(text.contains(&format!("\"p{number}\": {{")), "{text}");
    }
    assert!(text.contains("phak_zeta_0001") && text.contains("phak_acme_0002"));
    let rest = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(rest, 1, "nothing is left behind");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error_and_no_panic() {
    let (home, _) = home(None);
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let why = put(&file.join("credentials.json"), &entry("a")).unwrap_err();
    assert!(why.as_str().contains("cannot be created"), "{why}");
}

#[test]
fn what_is_written_never_prints() {
    let printed = format!("{:?}", entry("a"));
    assert!(!printed.contains("phak_new"), "{printed}");
}

#[test]
fn what_another_program_wrote_meanwhile_is_kept_too() {
    let (_home, path) = home(Some(FILE));
    let rounds = std::cell::Cell::new(0);
    let new = entry("acme-lab");
    let changed = change_while(&path, &Change::Put(&new), || {
        rounds.set(rounds.get() + 1);
        if rounds.get() == 1 {
            let other = FILE.replace("phak_zeta_0001", "phak_zeta_0003");
            fs::write(&path, other).unwrap();
        }
    });
    assert_eq!((changed, rounds.get()), (Ok(true), 2));
    // It has numbers that no JSON value here can hold, so it is looked at as text.
    let kept = fs::read_to_string(&path).unwrap();
    for token in ["phak_zeta_0003", "phak_new_9999"] {
        assert!(kept.contains(token), "{token} is not in {kept}");
    }
    let always = change_while(&path, &Change::Put(&new), || {
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + "\n").unwrap();
    });
    assert!(always.is_err_and(|why| why.as_str().contains("all the time")));
}

#[cfg(unix)]
#[test]
fn a_file_is_of_one_user_and_of_no_other() {
    let (_home, path) = home(Some(FILE));
    let about = fs::metadata(&path).unwrap();
    assert!(is_of(&about, user()));
    assert!(!is_of(&about, user() + 1));
    // Whoever may give files away sees that such a one is left alone.
    if std::os::unix::fs::chown(&path, Some(user() + 1), None).is_ok() {
        let refused = put(&path, &entry("acme-lab"));
        assert!(refused.is_err_and(|why| why.as_str().contains("belongs to another user")));
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    }
}
