//! What is asked, of whom, and what is taken for known.

use super::*;
use crate::api::error::{ErrorKind, Unreachable};
use crate::api::types::KmsInfo;

fn hash(byte: &str) -> ComposeHash {
    ComposeHash::parse(&byte.repeat(32)).expect("a hash")
}

fn instance(byte: &str, status: &str) -> Instance {
    Instance {
        uuid: CvmUuid::parse(&byte.repeat(16)),
        status: status.into(),
        compose_hash: Some(hash("aa")),
        kms: KmsInfo {
            chain_id: Some(8453),
            kms_contract: Some(Shown::line(&format!("0x{}", "2f".repeat(20)))),
            env_key: Some("the key in the row".into()),
            ..KmsInfo::default()
        },
        kms_word: Some("kms-base".into()),
        ..Instance::default()
    }
}

/// Somebody is signed in and looks at an app with these instances.
fn facts(instances: Vec<Instance>) -> Facts {
    let mut facts = Facts {
        session: Some(Session::default()),
        ..Facts::default()
    };
    facts.look_at(&App {
        id: AppId::parse(&"ab".repeat(20)).expect("an app id"),
        name: "orders-api".into(),
        kms: KmsKind::OnChain("base".into()),
        created_at: None,
        instances: Vec::new(),
        instance_count: None,
    });
    about(&mut facts).instances = Load::Here(instances);
    facts
}

fn about(facts: &mut Facts) -> &mut AppFacts {
    facts.app.as_mut().expect("an app")
}

fn configured(mut facts: Facts) -> Facts {
    let session = facts.session.as_mut().expect("a session");
    session.elsewhere.rpc = vec!["rpc.example".into()];
    facts
}

fn offline() -> Error {
    Error {
        asked: "POST /".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(Unreachable::Connect, Shown::default()),
    }
}

/// Where the keys of the KMS are asked for, if they are.
fn contract_at(requests: &[Request]) -> Option<Place> {
    requests.iter().find_map(|request| match request {
        Request::KmsKeys { at, .. } => Some(*at),
        _ => None,
    })
}

#[test]
fn the_contract_is_read_unasked_only_where_the_person_configured_a_node() {
    let mut public = facts(vec![instance("12", "running")]);
    assert_eq!(contract_at(&public.missing()), None);
    assert_eq!(about(&mut public).kms_keys, Load::Unasked);
    let request = public.ask_kms().expect("a public node is known");
    assert_eq!(contract_at(&[request]), Some(Place::Public(0)));
    assert_eq!(about(&mut public).kms_keys, Load::Asked);
    let mut told = configured(facts(vec![instance("12", "running")]));
    assert_eq!(contract_at(&told.missing()), Some(Place::Configured(0)));
    assert_eq!(contract_at(&told.missing()), None, "it is under way");
}

#[test]
fn what_was_refused_is_asked_again_after_a_refresh() {
    let mut facts = configured(facts(vec![instance("12", "running")]));
    facts.missing();
    let failed = about(&mut facts);
    failed.kms_keys = Load::Failed(offline());
    failed.env_key = Load::Failed(offline());
    failed.document = Load::Failed(offline());
    assert_eq!(contract_at(&facts.missing()), None);
    facts.refresh();
    about(&mut facts).instances = Load::Here(vec![instance("12", "running")]);
    let requests = facts.missing();
    assert_eq!(contract_at(&requests), Some(Place::Configured(0)));
    let asks = |wanted: fn(&Request) -> bool| requests.iter().any(wanted);
    assert!(
        asks(|it| matches!(it, Request::EnvKey { .. })),
        "{requests:?}"
    );
    assert!(
        asks(|it| matches!(it, Request::Document(_))),
        "{requests:?}"
    );
}

#[test]
fn a_key_in_a_row_is_taken_only_where_no_contract_governs() {
    let mut governed = facts(vec![instance("12", "running")]);
    let requests = governed.missing();
    let asked = |it: &Request| matches!(it, Request::EnvKey { kms, .. } if kms == "kms-base");
    assert!(requests.iter().any(asked), "{requests:?}");
    assert_eq!(about(&mut governed).env_key, Load::Asked);
    let mut row = instance("12", "running");
    row.kms.chain_id = None;
    let mut central = facts(vec![row]);
    let requests = central.missing();
    assert!(!requests.iter().any(asked), "{requests:?}");
    let key = about(&mut central).env_key.get().expect("a key");
    assert_eq!(key.public_key.as_str(), "the key in the row");
    assert_eq!(key.signature, None);
}

#[test]
fn the_allowlist_says_whether_a_contract_governs_and_before_it_the_kind_of_kms() {
    let mut facts = facts(Vec::new());
    assert!(about(&mut facts).is_on_chain());
    let list = |on_chain| {
        Load::Here(Allowlist {
            on_chain,
            ..Allowlist::default()
        })
    };
    about(&mut facts).allowlist = list(false);
    assert!(!about(&mut facts).is_on_chain());
    about(&mut facts).app.kms = KmsKind::Central;
    about(&mut facts).allowlist = list(true);
    assert!(about(&mut facts).is_on_chain());
    about(&mut facts).allowlist = Load::Unasked;
    assert!(!about(&mut facts).is_on_chain());
}

#[test]
fn the_model_is_a_running_instance_of_the_chosen_revision() {
    let newer = Instance {
        compose_hash: Some(hash("bb")),
        ..instance("56", "running")
    };
    let mut facts = facts(vec![
        newer.clone(),
        instance("12", "stopped"),
        instance("34", "running"),
    ]);
    let about = about(&mut facts);
    about.choose_revision(Some(hash("aa")));
    let uuid = |byte: &str| CvmUuid::parse(&byte.repeat(16));
    assert_eq!(about.template().and_then(|it| it.uuid.clone()), uuid("34"));
    about.choose_revision(Some(hash("bb")));
    assert_eq!(about.template(), Some(&newer));
    about.instances = Load::Here(vec![instance("12", "stopped")]);
    about.choose_revision(Some(hash("aa")));
    assert_eq!(about.template().and_then(|it| it.uuid.clone()), uuid("12"));
}

/// Nobody asks for the key of an app with a central KMS, so nothing replaces the question about the app before.
#[test]
fn a_late_answer_about_the_app_before_is_not_taken_for_one_about_this_app() {
    let mut facts = facts(vec![instance("aa", "running")]);
    let asked = facts.missing();
    assert!(
        asked.iter().any(|it| matches!(it, Request::EnvKey { .. })),
        "{asked:?}"
    );
    facts.look_at(&App {
        id: AppId::parse(&"cd".repeat(20)).expect("an app id"),
        name: "kv-cache".into(),
        kms: KmsKind::Central,
        created_at: None,
        instances: Vec::new(),
        instance_count: None,
    });
    facts.missing();
    let late = || {
        let key = EnvKeyAnswer {
            public_key: "the key of the other app".into(),
            signature: None,
        };
        [Answer::EnvKey(Ok(key)), Answer::Document(Err(offline()))]
    };
    for answer in late() {
        assert_eq!(facts.take(answer), None);
    }
    assert_eq!(about(&mut facts).env_key, Load::Unasked);
    assert_eq!(about(&mut facts).document, Load::Unasked);
    let mut central = instance("bb", "running");
    central.kms.chain_id = None;
    facts.take(Answer::Instances(Ok(vec![central])));
    facts.missing();
    for answer in late().into_iter().take(1) {
        facts.take(answer);
    }
    let key = about(&mut facts).env_key.get().expect("a key");
    assert_eq!(key.public_key, "the key in the row".into());
}
