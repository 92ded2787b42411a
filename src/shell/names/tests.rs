use super::*;
use crate::api::types::{AppId, AppPage, Identity, KmsKind, NodeList};
use crate::shown::Shown;
use crate::wizard::event::KeyInfo;

fn app(byte: &str, name: &str) -> App {
    App {
        id: AppId::parse(&byte.repeat(20)).unwrap(),
        name: Shown::line(name),
        kms: KmsKind::Central,
        created_at: None,
        instances: Vec::new(),
        instance_count: None,
    }
}

fn apps(list: &[(&str, &str)]) -> Answer {
    let apps = list.iter().map(|(byte, name)| app(byte, name)).collect();
    Answer::Apps(Ok(AppPage {
        apps,
        ..AppPage::default()
    }))
}

fn signed_in(slug: &str) -> Answer {
    Answer::SignedIn(SignedIn::Yes {
        host: "cloud.example".into(),
        base: "https://cloud.example/api/v1".into(),
        key: KeyInfo {
            tail: "****".to_owned(),
            origin: Shown::line("here"),
        },
        identity: Identity {
            slug: Some(Shown::line(slug)),
            ..Identity::default()
        },
        elsewhere: crate::wizard::elsewhere::Elsewhere::default(),
    })
}

fn words(folder: &Path) -> Vec<String> {
    let all = by_name(read(&file(folder)).apps);
    all.into_iter().map(|(word, _)| word).collect()
}

#[tokio::test]
async fn names_are_those_of_the_last_workspace_and_of_the_last_list() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("cache");
    let keeper = Keeper::at(Some(folder.clone()));
    keeper.learn(&apps(&[("0a", "early")]), true).await;
    assert!(!folder.exists(), "nobody is signed in");

    keeper.learn(&signed_in("team"), false).await;
    keeper
        .learn(&apps(&[("1a", "one"), ("2a", "two")]), true)
        .await;
    keeper.learn(&apps(&[("3a", "three")]), false).await;
    assert_eq!(words(&folder), ["one", "two", "three"]);
    keeper.learn(&apps(&[("1a", "uno")]), false).await;
    assert_eq!(words(&folder), ["two", "three", "uno"]);
    keeper.learn(&apps(&[("2a", "two")]), true).await;
    assert_eq!(words(&folder), ["two"]);

    let again = Keeper::at(Some(folder.clone()));
    again.learn(&signed_in("team"), false).await;
    again
        .learn(&Answer::Nodes(Ok(NodeList::default())), false)
        .await;
    assert_eq!(words(&folder), ["two"], "the same workspace, later");
    again.learn(&signed_in("others"), false).await;
    again.learn(&apps(&[("4a", "theirs")]), false).await;
    assert_eq!(words(&folder), ["theirs"]);
    forget(Some(&folder));
    assert_eq!(words(&folder), [""; 0]);
}

#[test]
fn a_name_that_is_not_one_word_or_not_one_app_is_not_completed() {
    for name in ["", "-rf", "a b", "a;b", "$(a)", "a\tb", "a\u{1b}b", "a'b"] {
        assert_eq!(Named::of(name, "1".into()), None, "{name:?}");
    }
    let named = |name: &str, id: &str| Named::of(name, id.to_owned()).unwrap();
    let list = vec![named("orders", "1"), named("kv", "2"), named("orders", "3")];
    let words: Vec<String> = by_name(list).into_iter().map(|(word, _)| word).collect();
    assert_eq!(words, ["1", "kv", "3"]);
}

#[test]
fn no_list_grows_without_end() {
    let mut list = Vec::new();
    for number in 0..MOST + 3 {
        add(&mut list, vec![Named::of("n", number.to_string()).unwrap()]);
    }
    assert_eq!((list.len(), list[0].id.as_str()), (MOST, "3"));
}
