use serde::Deserialize;

use super::super::bundle;
use super::*;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    compose_hash: String,
    app_id: String,
    key_provider: String,
    key_provider_id: String,
    mr_config_id_v1: String,
    mr_config_id_v2: String,
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    bundle::bytes(text, N).unwrap().try_into().unwrap()
}

#[test]
fn both_forms_are_those_of_the_official_sdk() {
    let file: File =
        serde_json::from_str(include_str!("../../../../tests/vectors/mr_config_id.json")).unwrap();
    assert_eq!(file.vectors.len(), 5);
    for vector in file.vectors {
        let compose_hash = bytes(&vector.compose_hash);
        let kind = match vector.key_provider.as_str() {
            "none" => KeyProviderKind::None,
            "local" => KeyProviderKind::Local,
            "kms" => KeyProviderKind::Kms,
            "tpm" => KeyProviderKind::Tpm,
            other => panic!("{other}"),
        };
        let id = bundle::bytes(&vector.key_provider_id, 64).unwrap();
        let hash = identity_hash(&compose_hash, &bytes(&vector.app_id), kind, &id);
        assert_eq!(
            ConfigId::read(&bytes(&vector.mr_config_id_v1)),
            ConfigId::ComposeHash(compose_hash)
        );
        assert_eq!(
            ConfigId::read(&bytes(&vector.mr_config_id_v2)),
            ConfigId::Identity(hash)
        );
    }
}

#[test]
fn what_has_no_form_is_told_from_what_is_not_used() {
    assert_eq!(ConfigId::read(&[0; 48]), ConfigId::Unused);
    assert_eq!(ConfigId::read(&[200; 48]), ConfigId::Unknown(200));
    for form in 0..4 {
        for at in [33, 47] {
            let mut register = [0; 48];
            register[0] = form;
            register[at] = 1;
            assert_eq!(ConfigId::read(&register), ConfigId::Malformed);
        }
    }
    let mut register = [0; 48];
    register[1] = 1;
    assert_eq!(ConfigId::read(&register), ConfigId::Malformed);
}

#[test]
fn the_third_form_hashes_the_text_as_it_is() {
    let text = r#"{"version":3}"#;
    let by_hand: [u8; 32] =
        Sha256::digest([b"dstack-mr-config-v3:\0", text.as_bytes()].concat()).into();
    assert_eq!(document_hash(text), by_hand);
    let mut register = [0; 48];
    register[0] = 3;
    register[1..33].copy_from_slice(&by_hand);
    assert_eq!(ConfigId::read(&register), ConfigId::Document(by_hand));
}
