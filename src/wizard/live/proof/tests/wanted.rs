//! What of a brief is held against the evidence.

use super::*;
use crate::api::types::{Node, NodeId};
use crate::chain::kms::KmsKeys;
use crate::trust::compose_hash::{Document, Foretold, Form};
use crate::wizard::live::tests::brief;

const LIVE: &str = r#"{"runner":"docker-compose","docker_compose_file":"a"}"#;
const NEW: &str = r#"{"runner":"docker-compose","docker_compose_file":"b"}"#;

fn device(byte: &str) -> DeviceId {
    DeviceId::parse(&byte.repeat(32)).expect("a device id")
}

fn node(device: Option<DeviceId>) -> Node {
    Node {
        id: NodeId(6),
        name: "prod6".into(),
        region: None,
        slots: None,
        vcpu: None,
        memory_mb: None,
        on_chain: None,
        device,
        images: Vec::new(),
    }
}

fn wanted(brief: &Brief) -> Expected {
    Wanted::of(brief, None, None).expected
}

#[test]
fn the_machine_of_the_ticket_counts_only_where_no_node_was_chosen() {
    let ticket = Some(device("22"));
    let mut brief = brief();
    let wanted = |brief: &Brief, ticket| Wanted::of(brief, None, ticket).expected.device_id;
    assert_eq!(wanted(&brief, None), None);
    assert_eq!(wanted(&brief, ticket), Some([0x22; 32]));
    brief.node = Some(node(Some(device("11"))));
    assert_eq!(wanted(&brief, None), Some([0x11; 32]));
    assert_eq!(wanted(&brief, ticket), Some([0x11; 32]));
    brief.node = Some(node(None));
    assert_eq!(wanted(&brief, ticket), None, "nobody asked for this one");
}

#[test]
fn the_app_is_the_one_of_the_plan() {
    let brief = brief();
    assert_eq!(wanted(&brief).app_id, Some(*brief.plan.app.bytes()));
}

#[test]
fn a_contracts_kms_is_expected_with_the_key_the_contract_names() {
    let mut brief = brief();
    let provider = |id| {
        Some(KeyProvider {
            kind: KeyProviderKind::Kms,
            id,
        })
    };
    assert_eq!(wanted(&brief).key_provider, provider(None));
    let contract = |ca: &[u8]| {
        Some(KmsKeys {
            signer: [2; 33],
            ca: ca.to_vec(),
            block: 7,
        })
    };
    brief.kms_keys = contract(&[1, 2, 3]);
    assert_eq!(wanted(&brief).key_provider, provider(Some(vec![1, 2, 3])));
    brief.kms_keys = contract(&[]);
    assert_eq!(wanted(&brief).key_provider, provider(None), "it names none");
    brief.on_chain = false;
    assert_eq!(wanted(&brief).key_provider, None);
}

#[test]
fn nobody_is_asked_about_the_hardware_of_the_sandbox() {
    let mut brief = brief();
    let lists = Wanted::of(&brief, None, None).lists;
    assert_eq!(lists, Some((Place::Public(0), "pccs.phala.network".into())));
    brief.sandbox = true;
    assert_eq!(Wanted::of(&brief, None, None).lists, None);
}

#[test]
fn the_expected_hash_is_the_named_one_only_where_it_stands_for_what_was_previewed() {
    let new = Document::parse(NEW).expect("a document");
    let (usual, other) = (Form::CompactDeep, Form::IndentedDeep);
    let live = Document::parse(LIVE).expect("a document").hash(usual);
    let computed = new.hash(usual);
    let in_another_form = new.hash(other);
    assert_ne!(computed, in_another_form);
    let mut brief = brief();
    let wanted = |brief: &Brief, named: Option<[u8; 32]>| {
        let wanted = Wanted::of(brief, named.map(ComposeHash::from), None);
        (wanted.expected.compose_hash, wanted.previewed)
    };
    assert_eq!(wanted(&brief, None), (None, false));
    let unknown = (Some([7; 32]), false);
    assert_eq!(wanted(&brief, Some([7; 32])), unknown, "nothing computed");
    brief.foretold = Ok(Foretold::of(LIVE, &live, (Some("b"), None)).expect("hashes"));
    assert_eq!(wanted(&brief, None), (Some(computed), true));
    assert_eq!(wanted(&brief, Some(computed)), (Some(computed), true));
    assert_eq!(
        wanted(&brief, Some(in_another_form)),
        (Some(in_another_form), true)
    );
    let differs = (Some(computed), true);
    assert_eq!(wanted(&brief, Some([7; 32])), differs, "another one");
}
