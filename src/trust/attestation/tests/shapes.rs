//! What is read as a bundle, and what is not.

use proptest::prelude::*;

use super::*;

/// The same instance under the same verdicts, however it is wrapped.
#[track_caller]
fn same_as_plain(value: &Value) {
    let plain = Scene::real().report(&everything());
    assert_eq!(check(&parse(value), &everything(), None, 0), plain);
}

#[test]
fn all_three_shapes_say_the_same() {
    let scene = Scene::real();
    let quote = hex::encode(&scene.quote);
    let tcb_info = json!({ "mrtd": "", "event_log": scene.log, "app_compose": scene.document });
    let certificates = json!([
        { "subject": {}, "is_ca": true, "quote": null },
        { "position_in_chain": 0, "quote": format!("0x{quote}") },
    ]);
    same_as_plain(&json!({
        "name": "x", "is_online": true, "is_public": true, "error": null, "compose_file": null, "new": [1],
        "app_certificates": certificates, "tcb_info": tcb_info,
    }));
    same_as_plain(&json!({
        "app_id": APP_ID, "kms_info": { "chain_id": 8453 }, "qemu_version": null,
        "instances": [{ "vm_uuid": "x", "instance_id": INSTANCE_ID, "quote": quote, "tcb_info": tcb_info }],
    }));
    same_as_plain(&json!({
        "instances": [{
            "quote": null, "app_certificates": certificates, "eventlog": scene.log,
            "tcb_info": { "event_log": [], "app_compose": scene.document },
        }],
    }));
    same_as_plain(&json!({
        "quote": quote, "event_log": scene.log.to_string(),
        "tcb_info": json!({ "app_compose": scene.document }).to_string(),
    }));
}

#[test]
fn of_several_instances_the_expected_one_is_looked_at() {
    let mut one = Scene::real().json();
    one["instance_id"] = json!(INSTANCE_ID.to_ascii_uppercase());
    let other = json!({ "instance_id": "ab".repeat(20), "quote": "00" });
    let nameless = json!({ "name": "third", "quote": null });
    let bundle = parse(&json!({ "instances": [other, one, nameless, 7] }));
    assert_eq!(bundle.instances(), 3);
    assert_eq!(
        check(&bundle, &everything(), None, 0),
        Scene::real().report(&everything())
    );
    let unclear = check(&bundle, &Expected::default(), None, 0);
    assert_eq!(unclear.verdict(), Verdict::NotChecked);
    let line = detail(&unclear, Subject::InstanceId);
    assert!(
        line.contains("3 instances") && line.contains(INSTANCE_ID) && line.contains("third"),
        "{line}"
    );
    let mut expected = everything();
    expected.instance_id = Some([9; 20]);
    let absent = check(&bundle, &expected, None, 0);
    assert_eq!(absent.verdict(), Verdict::Differs);
    assert!(detail(&absent, Subject::InstanceId).contains(&"ab".repeat(20)));
    let twice = parse(&json!({ "instances": [one, one] }));
    assert_eq!(
        check(&twice, &everything(), None, 0).verdict(),
        Verdict::Differs
    );
}

#[test]
fn an_app_without_instances_has_nothing_to_show() {
    let report = check(&parse(&json!({ "instances": [] })), &everything(), None, 0);
    assert_eq!(report.verdict(), Verdict::NotChecked);
    assert_eq!(report.checks.len(), 1);
}

#[test]
fn what_is_no_bundle_is_refused() {
    for text in [
        "[]",
        "7",
        "null",
        "{}",
        r#"{"instances": 7}"#,
        r#"{"quota": "00"}"#,
    ] {
        assert_eq!(
            Bundle::parse(text.as_bytes()).unwrap_err(),
            BundleError::NoEvidence,
            "{text}"
        );
    }
    assert!(matches!(Bundle::parse(b"{\x1b"), Err(BundleError::Json(_))));
    let large = vec![b' '; MAX_BUNDLE_BYTES + 1];
    let bytes = large.len();
    assert_eq!(
        Bundle::parse(&large).unwrap_err(),
        BundleError::TooLarge { bytes }
    );
    let many = json!({ "instances": vec![json!({}); 1025] }).to_string();
    assert_eq!(
        Bundle::parse(many.as_bytes()).unwrap_err(),
        BundleError::TooMany(1025)
    );
}

#[test]
fn a_broken_member_spoils_one_line() {
    for (quote, word) in [
        (json!("zz"), "not hex"),
        (json!("0"), "not hex"),
        (json!(7), "not a text"),
        (json!("00".repeat(70_000)), "more than 65536 bytes"),
    ] {
        let mut value = Scene::real().json();
        value["quote"] = quote;
        let report = check(&parse(&value), &everything(), None, 0);
        assert_eq!(verdict(&report, Subject::Quote), Verdict::Differs);
        assert!(detail(&report, Subject::Quote).contains(word), "{word}");
    }
    for (member, broken) in [
        ("imr", json!(-1)),
        ("imr", json!("3")),
        ("event_type", json!(1u64 << 33)),
        ("digest", json!("0")),
        ("digest", json!(1)),
        ("event", json!(1)),
        ("event_payload", json!("0g")),
        ("version", json!("2")),
    ] {
        let mut scene = Scene::real();
        scene.log[5][member] = broken;
        let report = scene.report(&everything());
        assert_eq!(
            verdict(&report, Subject::EventLog),
            Verdict::Differs,
            "{member}"
        );
        assert!(
            detail(&report, Subject::EventLog).contains("entry 6: "),
            "{member}"
        );
        assert_eq!(verdict(&report, Subject::AppId), Verdict::NotChecked);
        assert_eq!(verdict(&report, Subject::ConfigId), Verdict::Ok);
    }
    let mut scene = Scene::real();
    scene.log = json!(vec![json!({}); 65_537]);
    let report = scene.report(&everything());
    assert!(detail(&report, Subject::EventLog).contains("more than 65536 entries"));
}

#[test]
fn what_is_expected_is_read_in_the_spellings_of_the_service() {
    let hash = Expected::read_hash(COMPOSE_HASH).unwrap();
    for prefix in ["0x", "sha256:"] {
        assert_eq!(
            Expected::read_hash(&format!("{prefix}{COMPOSE_HASH}")),
            Ok(hash)
        );
    }
    let id = Expected::read_id(APP_ID).unwrap();
    for prefix in ["0x", "app_", "instance_"] {
        assert_eq!(Expected::read_id(&format!("{prefix}{APP_ID}")), Ok(id));
    }
    assert!(Expected::read_id(COMPOSE_HASH).is_err());
    assert!(Expected::read_hash(APP_ID).is_err());
}

#[test]
fn collateral_is_bounded_and_complete() {
    assert!(matches!(
        Collateral::parse(b"{}"),
        Err(CollateralError::Json(_))
    ));
    let large = vec![b' '; MAX_COLLATERAL_BYTES + 1];
    let bytes = large.len();
    assert_eq!(
        Collateral::parse(&large).unwrap_err(),
        CollateralError::TooLarge { bytes }
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[0-9a-f]{0,8}".prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "instances",
        "quote",
        "tcb_info",
        "event_log",
        "eventlog",
        "app_certificates",
        "app_compose",
        "imr",
        "event_type",
        "digest",
        "event",
        "event_payload",
        "version",
        "instance_id",
        "vm_config",
        "mr_config",
    ]);
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Bundle::parse(&bytes);
        let _ = Collateral::parse(&bytes);
        prop_assert!(Quote::parse(&bytes).is_err());
    }

    #[test]
    fn any_json_is_judged_without_panic(value in any_json()) {
        if let Ok(bundle) = Bundle::parse(value.to_string().as_bytes()) {
            let report = check(&bundle, &everything(), None, 0);
            prop_assert_ne!(report.verdict(), Verdict::Ok);
        }
    }

    #[test]
    fn any_member_in_a_real_bundle_is_judged_without_panic(
        value in any_json(), member in prop::sample::select(vec!["quote", "tcb_info", "event_log", "vm_config"])
    ) {
        let mut bundle = Scene::real().json();
        bundle[member] = value;
        let report = check(&parse(&bundle), &everything(), None, 0);
        prop_assert_eq!(report.checks.len(), 14);
    }

    #[test]
    fn any_damage_to_a_quote_is_judged_without_panic(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>()
    ) {
        let mut scene = Scene::real();
        let at = at.index(scene.quote.len());
        scene.quote[at] = byte;
        scene.quote.truncate(length.index(scene.quote.len()) + 1);
        prop_assert_eq!(scene.report(&everything()).checks.len(), 14);
    }

    #[test]
    fn no_changed_entry_passes(
        at in any::<prop::sample::Index>(), contents in prop::collection::vec(any::<u8>(), 0..24)
    ) {
        let mut scene = Scene::real();
        scene.edit(|log| {
            let at = 20 + at.index(log.len() - 20);
            let contents = json!(hex::encode(contents));
            if log[at]["event_payload"] == contents {
                log[at]["event"] = json!("other");
            }
            log[at]["event_payload"] = contents;
        });
        prop_assert_eq!(verdict(&scene.report(&everything()), Subject::EventLog), Verdict::Differs);
    }
}
