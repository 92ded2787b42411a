//! Which tickets are not used, and what is said of a hash.

use super::*;
use crate::api::types::DeviceId;
use crate::api::types::{AppId, NodeId, Ticket};
use crate::secret::Secret;
use crate::trust::compose_hash;
use crate::wizard::registering::Registering;

const LIVE: &str = r#"{"runner":"docker-compose","docker_compose_file":"a"}"#;

fn app(byte: &str) -> AppId {
    AppId::parse(&byte.repeat(20)).expect("an app id")
}

fn device(byte: &str) -> DeviceId {
    DeviceId::parse(&byte.repeat(32)).expect("a device id")
}

/// About app `3f`, on a node that is this machine.
pub(in crate::wizard::launch) fn brief(asked: Option<DeviceId>) -> Brief {
    Brief {
        plan: Plan {
            app: app("3f"),
            name: "orders-api".into(),
            node: Some(NodeId(6)),
            revision: None,
            compose: None,
            env: None,
            script: None,
            making: crate::api::types::Making::Instance,
        },
        on_chain: true,
        allowlist: None,
        node: Some(Node {
            id: NodeId(6),
            name: "prod6".into(),
            region: None,
            slots: None,
            vcpu: None,
            memory_mb: None,
            on_chain: None,
            device: asked,
            images: Vec::new(),
        }),
        several: Several::default(),
        before: Vec::new(),
        size: String::new(),
        price: None,
        answers: Vec::new(),
        remarks: Vec::new(),
        cost: Vec::new(),
        paths: [None, None, None],
        files: Vec::new(),
        run: Run::This,
        live: None,
        kms_keys: None,
        elsewhere: Elsewhere::default(),
        unanswered: false,
        accepted: None,
        transaction: None,
        registering: Registering::default(),
        env_names: Vec::new(),
        seal: Vec::new(),
        mask: crate::secret::mask::Mask::default(),
        workspace: None,
        foretold: Err("the live document has no hash".into()),
        base: Shown::default(),
        host: Shown::default(),
        key_tail: String::new(),
        sandbox: false,
    }
}

fn ticket(app: Option<AppId>, device: Option<DeviceId>) -> Prepared {
    Prepared::Ticket(Box::new(Ticket {
        token: Secret::new("token"),
        compose_hash: hash(&[7; 32]),
        app,
        device,
        chain_id: None,
        hash_allowed: true,
        device_allowed: true,
        commit_url: None,
        provision: None,
    }))
}

fn hash(bytes: &[u8; 32]) -> ComposeHash {
    ComposeHash::from(*bytes)
}

#[test]
fn only_a_ticket_for_this_app_and_this_machine_is_used() {
    let ours = Some(app("3f"));
    let here = Some(device("11"));
    for (asked, app, device, why) in [
        (here, ours, here, None),
        (None, ours, here, None),
        (None, ours, None, None),
        (here, None, here, Some("does not say which app")),
        (here, ours, None, Some("does not say which machine")),
        (here, Some(app("4e")), here, Some("it is about app 0x4e4e")),
        (None, Some(app("4e")), None, Some("it is about app 0x4e4e")),
        (
            here,
            ours,
            Some(device("22")),
            Some("it is about machine 0x2222"),
        ),
    ] {
        let found = brief(asked).mismatch(&ticket(app, device));
        match (why, found.map(|error| error.kind)) {
            (None, None) => {}
            (
                Some(why),
                Some(ErrorKind::Garbled {
                    status: 465, cause, ..
                }),
            ) => {
                assert!(
                    cause.as_str().starts_with(why) || cause.as_str().contains(why),
                    "{cause}"
                );
            }
            (why, found) => panic!("{why:?} wanted, {found:?} found"),
        }
    }
}

#[test]
fn a_named_hash_is_the_same_differs_or_is_unknown_and_says_so_everywhere() {
    let document = compose_hash::Document::parse(LIVE).expect("a document");
    let form = Form::ALL[0];
    let live = document.hash(form);
    let computed = document
        .with(Some("b"), None)
        .expect("a document")
        .hash(form);
    let foretold = Foretold::of(LIVE, &live, (Some("b"), None)).expect("hashes");
    let known = Brief {
        foretold: Ok(foretold),
        ..brief(None)
    };
    let other = hash(&[7; 32]);
    for (brief, named, verdict, line, note) in [
        (
            &known,
            hash(&computed),
            HashVerdict::Same(form),
            "ok computed here from what you previewed: compact, sorted at every depth",
            "ok as computed here",
        ),
        (
            &known,
            other,
            HashVerdict::Differs { form, computed },
            "X not the hash of what you previewed",
            "X not as computed here",
        ),
        (
            &brief(None),
            other,
            HashVerdict::Unknown,
            "! not checked: the live document has no hash",
            "! not checked here",
        ),
    ] {
        assert_eq!(brief.hash_verdict(&named), verdict);
        assert_eq!(spaced(&brief.hash_line(&named)), line);
        assert_eq!(spaced(&brief.hash_note(&named)), note);
    }
}

#[test]
fn a_hash_in_any_form_is_still_the_same_after_it_was_written_down() {
    let document = compose_hash::Document::parse(LIVE).expect("a document");
    let live = document.hash(Form::IndentedDeep);
    let new = document.with(Some("b"), None).expect("a document");
    let known = Brief {
        foretold: Foretold::of(LIVE, &live, (Some("b"), None)).map_err(|why| why.to_string()),
        ..brief(None)
    };
    let taken_up = Brief {
        foretold: foretold(&known.order(None).facts),
        ..brief(None)
    };
    for form in [Form::IndentedDeep, Form::CompactDeep] {
        let named = hash(&new.hash(form));
        assert_eq!(taken_up.hash_verdict(&named), HashVerdict::Same(form));
    }
    let other = hash(&[7; 32]);
    assert_eq!(taken_up.hash_verdict(&other), known.hash_verdict(&other));
    assert!(foretold(&brief(None).order(None).facts).is_err());
}

/// The words of a line with single blanks.
fn spaced(line: &Line) -> String {
    let words = line.words();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
