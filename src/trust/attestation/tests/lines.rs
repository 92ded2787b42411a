//! Every line in every verdict it can have.

use sha2::Sha512;

use super::super::report::Verdict::{Differs, NotChecked, Ok as Fine};
use super::*;

/// Asserts the verdict of one line after a change to scene and expectation.
#[track_caller]
fn line(
    subject: Subject,
    wanted: Verdict,
    change: impl FnOnce(&mut Scene, &mut Expected),
) -> String {
    let mut scene = Scene::real();
    let mut expected = everything();
    change(&mut scene, &mut expected);
    let report = scene.report(&expected);
    let found = report.about(subject).unwrap();
    assert_eq!(found.verdict, wanted, "{subject:?}: {}", found.detail);
    found.detail.clone()
}

/// A case of the real evidence for whatever a bundle cannot bring about.
fn case<'c>(evidence: &'c Evidence, expected: &'c Expected) -> Case<'c> {
    Case::open(evidence, expected, None, 7)
}

fn verified(status: &str) -> Verified {
    Verified::for_tests(status, &["INTEL-SA-00837"])
}

#[test]
fn all_lines_of_the_real_machine_are_fine_but_what_was_not_at_hand() {
    let report = Scene::real().report(&everything());
    let not_fine: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.verdict != Fine)
        .map(|check| (check.name(), check.verdict))
        .collect();
    assert_eq!(
        not_fine,
        [
            ("quote", NotChecked),
            ("tcb-status", NotChecked),
            ("certificate", NotChecked)
        ]
    );
    assert_eq!(report.checks.len(), 14);
    assert_eq!(report.verdict(), Fine);
}

#[test]
fn one_line_that_differs_makes_the_whole_differ() {
    let mut expected = everything();
    expected.app_id = Some([7; 20]);
    assert_eq!(Scene::real().report(&expected).verdict(), Differs);
}

#[test]
fn nothing_to_look_at_is_not_fine() {
    let bundle = parse(&json!({
        "is_online": false, "tcb_info": null, "app_certificates": null, "error": "CVM is \u{1b}[1mstopped",
    }));
    let report = check(&bundle, &everything(), None, 0);
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.verdict == NotChecked),
        "{report:?}"
    );
    assert_eq!(report.verdict(), NotChecked);
    let quote = detail(&report, Subject::Quote);
    assert!(
        quote.ends_with("The service says: CVM is \\u{1b}[1mstopped."),
        "{quote}"
    );
}

#[test]
fn each_line_has_its_own_name_and_says_what_it_proves() {
    let report = Scene::real().report(&everything());
    let mut names: Vec<_> = report.checks.iter().map(Check::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), report.checks.len());
    for check in &report.checks {
        assert!(
            check.proves().contains("not") || check.proves().contains("Only"),
            "{} promises everything",
            check.name()
        );
        assert!(check.detail.ends_with('.'), "{}", check.detail);
    }
    assert_eq!(Fine.word(), "ok");
    assert_eq!(Differs.word(), "differs");
    assert_eq!(NotChecked.word(), "not-checked");
    assert_eq!(NotChecked.to_string(), "not checked");
}

#[test]
fn a_quote_that_cannot_be_read_differs_and_nothing_leans_on_it() {
    let mut scene = Scene::real();
    scene.quote.truncate(600);
    let report = scene.report(&everything());
    for check in &report.checks {
        let wanted = match check.subject {
            Subject::Quote => Differs,
            _ => NotChecked,
        };
        assert_eq!(check.verdict, wanted, "{}: {}", check.name(), check.detail);
    }
    line(Subject::Quote, Differs, |scene, _| scene.quote[4] = 0);
}

#[test]
fn a_quote_is_held_against_the_collateral() {
    let empty = json!({
        "pck_crl_issuer_chain": "", "root_ca_crl": "", "pck_crl": "", "tcb_info_issuer_chain": "", "tcb_info": "",
        "tcb_info_signature": "", "qe_identity_issuer_chain": "", "qe_identity": "", "qe_identity_signature": "",
    });
    let collateral = Collateral::parse(empty.to_string().as_bytes()).unwrap();
    let report = check(
        &Scene::real().bundle(),
        &everything(),
        Some(&collateral),
        42,
    );
    assert_eq!(verdict(&report, Subject::Quote), Differs);
    assert!(detail(&report, Subject::Quote).contains("Unix time 42"));
    assert_eq!(verdict(&report, Subject::FirmwareState), NotChecked);
    assert_eq!(report.verdict(), Differs);
}

#[test]
fn only_firmware_that_is_up_to_date_is_fine() {
    let scene = Scene::real();
    let bundle = scene.bundle();
    let expected = everything();
    let Picked::One(evidence) = bundle.pick(None) else {
        panic!("one instance");
    };
    let mut case = case(evidence, &expected);
    for (status, wanted, word) in [
        ("UpToDate", Fine, "up to date"),
        ("OutOfDate", Differs, "old"),
        ("OutOfDateConfigurationNeeded", Differs, "old"),
        ("SWHardeningNeeded", Differs, "software"),
        ("ConfigurationAndSWHardeningNeeded", Differs, "software"),
        ("ConfigurationNeeded", Differs, "settings"),
        ("Revoked", Differs, "withdrawn"),
        ("TDRelaunchAdvised", Differs, "started anew"),
        (
            "TDRelaunchAdvisedConfigurationNeeded",
            Differs,
            "started anew",
        ),
        ("Fancy", Differs, "not known"),
    ] {
        case.verified = Some(Ok(verified(status)));
        let check = case.check_firmware_state();
        assert_eq!(check.verdict, wanted, "{status}");
        assert!(check.detail.contains(word), "{status}: {}", check.detail);
        assert_eq!(check.detail.contains("INTEL-SA-00837"), wanted == Differs);
        assert_eq!(case.check_quote().verdict, Fine);
    }
}

#[test]
fn a_machine_in_debug_mode_is_shown_as_such() {
    for bits in [1, 2, 0x10, 0x80] {
        line(Subject::Debug, Differs, |scene, _| {
            scene.set(TD_ATTRIBUTES, &[bits]);
        });
    }
}

#[test]
fn the_start_up_log_has_to_add_up() {
    for number in 0..3 {
        let detail = line(Subject::FirmwareLog, Differs, |scene, _| {
            scene.quote[RTMR0 + 48 * number] ^= 1;
        });
        assert!(detail.contains(&format!("RTMR{number}")), "{detail}");
    }
    line(Subject::FirmwareLog, Differs, |scene, _| {
        // The right digest and one byte more, which must not be cut off in silence.
        let digest = scene.log[0]["digest"].as_str().unwrap().to_owned();
        scene.log[0]["digest"] = json!(digest + "00");
    });
    line(Subject::FirmwareLog, Differs, |scene, _| {
        scene.log = json!(7);
    });
    line(Subject::FirmwareLog, NotChecked, |scene, _| {
        scene.log = json!([]);
    });
    // A service may leave the long part out; what is not there is no sign of a change.
    let detail = line(Subject::FirmwareLog, NotChecked, |scene, _| {
        let entries = scene.log.as_array_mut().unwrap();
        entries.retain(|entry| entry["imr"] == 3);
    });
    assert!(detail.contains("leaves out firmware"), "{detail}");
}

#[test]
fn the_operating_systems_log_has_to_add_up() {
    line(Subject::EventLog, Differs, |scene, _| {
        scene.quote[RTMR3] ^= 1;
    });
    line(Subject::EventLog, Differs, |scene, _| {
        scene.refill("app-id", &[1; 20]);
    });
    line(Subject::EventLog, Differs, |scene, _| {
        scene.rename("boot-mr-done", "boot-mr-dome");
    });
    line(Subject::EventLog, Differs, |scene, _| {
        scene.edit(|log| log.reverse());
    });
    line(Subject::EventLog, Differs, |scene, _| {
        scene.log = json!("{");
    });
    line(Subject::EventLog, NotChecked, |scene, _| {
        scene.log = Value::Null;
    });
    let detail = line(Subject::EventLog, Fine, |scene, _| scene.edit(|_| {}));
    assert!(detail.starts_with("All 9 entries"), "{detail}");
}

#[test]
fn entries_after_the_quote_are_counted() {
    let detail = line(Subject::EventLog, Differs, |scene, _| {
        scene.edit(|log| log.push(runtime("compose-hash", COMPOSE_HASH)));
    });
    assert!(detail.contains("first 9 of its 10 entries"), "{detail}");
}

#[test]
fn an_entry_that_protects_nothing_is_named() {
    let detail = line(Subject::EventLog, Differs, |scene, _| {
        entry(&mut scene.log, "app-id")["event_type"] = json!(1);
    });
    assert!(
        detail.contains("(app-id) is not of the operating system's type"),
        "{detail}"
    );
    let detail = line(Subject::EventLog, Differs, |scene, _| {
        entry(&mut scene.log, "app-id")["event_payload"] = json!("00");
    });
    assert!(detail.contains("somebody changed it"), "{detail}");
    let detail = line(Subject::EventLog, Differs, |scene, _| {
        scene.edit(|log| log.push(json!({"imr": 4, "event_type": 1, "event": "\u{202e}"})));
    });
    assert!(detail.contains("(\\u{202e}) names a register"), "{detail}");
    let detail = line(Subject::EventLog, Differs, |scene, _| {
        entry(&mut scene.log, "app-id")["version"] = json!(3);
    });
    assert!(
        detail.contains("version this program does not know"),
        "{detail}"
    );
}

#[test]
fn nothing_is_read_from_a_log_that_was_not_measured() {
    let mut scene = Scene::real();
    scene.refill("mr-kms", &[1; 32]);
    let report = scene.report(&everything());
    for subject in [
        Subject::ComposeHash,
        Subject::AppId,
        Subject::InstanceId,
        Subject::KeyProvider,
        Subject::OsImage,
    ] {
        assert_eq!(verdict(&report, subject), NotChecked, "{subject:?}");
        assert!(
            detail(&report, subject).contains("not the one that was measured"),
            "{subject:?}"
        );
    }
}

/// The values that are compared with what was previewed: entry, line, and a contents of the same shape.
const VALUES: &[(&str, Subject, usize)] = &[
    ("compose-hash", Subject::ComposeHash, 32),
    ("app-id", Subject::AppId, 20),
    ("instance-id", Subject::InstanceId, 20),
    ("os-image-hash", Subject::OsImage, 32),
];

#[test]
fn another_value_differs() {
    for (name, subject, length) in VALUES {
        let detail = line(*subject, Differs, |scene, _| {
            scene.refill(name, &vec![0xab; *length]);
            scene.measure();
        });
        assert!(detail.contains(&"ab".repeat(*length)), "{detail}");
    }
}

#[test]
fn a_value_counts_only_once_and_only_before_the_app_runs() {
    for (name, subject, length) in VALUES {
        let again = runtime(name, &"ab".repeat(*length));
        let detail = line(*subject, Differs, |scene, _| {
            scene.edit(|log| log.insert(0, again.clone()));
            scene.measure();
        });
        assert!(detail.contains("2 times"), "{detail}");
        line(*subject, Fine, |scene, _| {
            scene.edit(|log| log.push(again.clone()));
            scene.measure();
        });
    }
}

#[test]
fn a_value_the_app_wrote_does_not_count() {
    for (name, subject, _) in VALUES {
        let wanted = match subject {
            Subject::OsImage => NotChecked,
            _ => Differs,
        };
        line(*subject, wanted, |scene, _| {
            scene.edit(|log| {
                let at = log
                    .iter()
                    .position(|entry| entry["event"] == *name)
                    .unwrap();
                let moved = log.remove(at);
                log.push(moved);
            });
            scene.measure();
        });
    }
}

#[test]
fn a_log_without_an_end_of_the_boot_is_read_with_care() {
    for (subject, wanted) in [
        (Subject::ComposeHash, Fine),
        (Subject::AppId, Fine),
        (Subject::InstanceId, Fine),
        (Subject::KeyProvider, NotChecked),
        (Subject::OsImage, NotChecked),
    ] {
        line(subject, wanted, |scene, _| {
            scene.rename("system-ready", "ca-cert-hash");
            scene.measure();
        });
    }
}

#[test]
fn an_entry_of_the_firmware_is_none_of_the_operating_system() {
    line(Subject::ComposeHash, Fine, |scene, _| {
        let mut entry = runtime("compose-hash", &"ab".repeat(32));
        entry["imr"] = json!(1);
        scene.edit(|log| log.insert(0, entry));
    });
}

#[test]
fn a_value_of_another_length_differs() {
    for (name, subject, length) in &VALUES[..3] {
        let detail = line(*subject, Differs, |scene, _| {
            scene.refill(name, &vec![1; length - 1]);
            scene.measure();
        });
        assert!(detail.contains("bytes instead of"), "{detail}");
    }
}

#[test]
fn without_an_expectation_the_value_is_told_and_not_judged() {
    for (subject, value) in [
        (Subject::ComposeHash, COMPOSE_HASH),
        (Subject::AppId, APP_ID),
        (Subject::InstanceId, INSTANCE_ID),
        (Subject::DeviceId, DEVICE_ID),
        (Subject::DeviceId, OLDER_DEVICE_ID),
        (Subject::KeyProvider, "KMS"),
        (Subject::OsImage, OS_IMAGE_HASH),
    ] {
        let detail = line(subject, NotChecked, |_, expected| {
            *expected = Expected::default();
        });
        assert!(detail.contains(value), "{detail}");
    }
}

#[test]
fn a_service_that_contradicts_the_log_is_caught() {
    for (member, subject) in [
        ("app_id", Subject::AppId),
        ("instance_id", Subject::InstanceId),
    ] {
        let mut value = Scene::real().json();
        value[member] = json!(format!("0x{}", "AB".repeat(20)));
        let report = check(&parse(&value), &Expected::default(), None, 0);
        assert_eq!(verdict(&report, subject), Differs);
        assert!(detail(&report, subject).contains("the service says abab"));
        value[member] = Value::Null;
        let report = check(&parse(&value), &Expected::default(), None, 0);
        assert_eq!(verdict(&report, subject), NotChecked);
    }
    let mut value = Scene::real().json();
    value["tcb_info"]["compose_hash"] = json!("ab".repeat(32));
    let report = check(&parse(&value), &Expected::default(), None, 0);
    assert_eq!(verdict(&report, Subject::ComposeHash), Differs);
}

#[test]
fn an_instance_may_have_no_id() {
    let empty = |scene: &mut Scene| {
        scene.refill("instance-id", &[]);
        scene.measure();
    };
    line(Subject::InstanceId, Differs, |scene, _| empty(scene));
    line(Subject::InstanceId, NotChecked, |scene, expected| {
        empty(scene);
        expected.instance_id = None;
    });
}

#[test]
fn a_machine_may_be_named_in_either_way() {
    line(Subject::DeviceId, Fine, |_, expected| {
        expected.device_id = Expected::read_hash(OLDER_DEVICE_ID).ok();
    });
    line(Subject::DeviceId, Differs, |_, expected| {
        expected.device_id = Some(Sha256::digest([]).into());
    });
}

#[test]
fn the_verified_certificate_names_the_machine_before_the_one_in_the_quote() {
    let scene = Scene::real();
    let bundle = scene.bundle();
    let expected = everything();
    let Picked::One(evidence) = bundle.pick(None) else {
        panic!("one instance");
    };
    let mut case = case(evidence, &expected);
    assert_eq!(case.check_device_id().verdict, Fine);
    case.verified = Some(Ok(verified("UpToDate")));
    assert_eq!(case.check_device_id().verdict, Differs);
}

#[test]
fn the_key_provider_is_compared_by_kind_and_by_key() {
    let fine = line(Subject::KeyProvider, Fine, |_, _| {});
    assert!(fine.contains("the expected one"), "{fine}");
    line(Subject::KeyProvider, Differs, |_, expected| {
        let mut other = named_provider();
        other.id.as_mut().unwrap()[9] ^= 1;
        expected.key_provider = Some(other);
    });
    let any = line(Subject::KeyProvider, NotChecked, |_, expected| {
        expected.key_provider.as_mut().unwrap().id = None;
    });
    assert!(any.contains("(KMS); which one was not compared"), "{any}");
    line(Subject::KeyProvider, Differs, |_, expected| {
        expected.key_provider = Some(KeyProvider {
            kind: KeyProviderKind::Local,
            id: None,
        });
    });
    for (contents, word) in [
        (&br#"{"name":"\u001bx","id":""}"#[..], "\\u{1b}x"),
        (b"kms", "not JSON"),
        (br#"{"name":"kms","id":"0"}"#, "not hex"),
    ] {
        let detail = line(Subject::KeyProvider, Differs, |scene, _| {
            scene.refill("key-provider", contents);
            scene.measure();
        });
        assert!(detail.contains(word), "{detail}");
    }
    for (word, kind, wanted) in [
        ("none", KeyProviderKind::None, Fine),
        ("local-sgx", KeyProviderKind::Local, NotChecked),
        ("tpm", KeyProviderKind::Tpm, NotChecked),
    ] {
        line(Subject::KeyProvider, wanted, |scene, expected| {
            scene.refill("key-provider", format!(r#"{{"name":"{word}"}}"#).as_bytes());
            scene.measure();
            expected.key_provider = Some(KeyProvider { kind, id: None });
        });
    }
    let gone = |scene: &mut Scene| {
        scene.rename("key-provider", "key-taker");
        scene.measure();
    };
    line(Subject::KeyProvider, Differs, |scene, _| gone(scene));
    line(Subject::KeyProvider, NotChecked, |scene, expected| {
        gone(scene);
        expected.key_provider = None;
    });
    line(Subject::KeyProvider, Differs, |scene, _| {
        scene.rename("mr-kms", "key-provider");
        scene.measure();
    });
}

#[test]
fn the_document_shown_is_the_one_that_was_started() {
    line(Subject::Document, Differs, |scene, _| {
        scene.document.push('\n');
    });
    let detail = line(Subject::Document, Differs, |scene, _| {
        scene.document.push('\n');
        scene.log = Value::Null;
    });
    assert!(detail.contains("MRCONFIGID"), "{detail}");
    line(Subject::Document, Fine, |scene, _| scene.log = Value::Null);
    line(Subject::Document, NotChecked, |scene, _| {
        scene.log = Value::Null;
        scene.set(MR_CONFIG_ID, &[0; 48]);
    });
    let mut value = Scene::real().json();
    value["tcb_info"]["app_compose"] = Value::Null;
    let report = check(&parse(&value), &everything(), None, 0);
    assert_eq!(verdict(&report, Subject::Document), NotChecked);
}

/// A register of this form.
fn config_id(form: u8, hash: [u8; 32]) -> [u8; 48] {
    let mut register = [0; 48];
    register[0] = form;
    register[1..33].copy_from_slice(&hash);
    register
}

#[test]
fn what_was_fixed_before_the_start_is_compared_with_every_hash_at_hand() {
    let other = config_id(1, [9; 32]);
    line(Subject::ConfigId, Differs, |scene, expected| {
        scene.set(MR_CONFIG_ID, &other);
        expected.compose_hash = None;
    });
    line(Subject::ConfigId, Differs, |_, expected| {
        expected.compose_hash = Some([9; 32]);
    });
    // The one that was previewed, but not the one in the log.
    let both = line(Subject::ConfigId, Differs, |scene, expected| {
        scene.set(MR_CONFIG_ID, &other);
        expected.compose_hash = Some([9; 32]);
    });
    assert!(both.contains("the one in the log has"), "{both}");
    let hidden = |scene: &mut Scene| scene.log = Value::Null;
    line(Subject::ConfigId, Differs, |scene, expected| {
        hidden(scene);
        expected.compose_hash = Some([9; 32]);
    });
    line(Subject::ConfigId, Fine, |scene, _| hidden(scene));
    line(Subject::ConfigId, Fine, |scene, expected| {
        hidden(scene);
        expected.compose_hash = None;
    });
    line(Subject::ConfigId, Differs, |scene, expected| {
        hidden(scene);
        expected.compose_hash = None;
        scene.document.push(' ');
    });
    line(Subject::ConfigId, NotChecked, |scene, _| {
        scene.set(MR_CONFIG_ID, &[0; 48]);
    });
    line(Subject::ConfigId, NotChecked, |scene, _| {
        scene.set(MR_CONFIG_ID, &[4; 48]);
    });
    line(Subject::ConfigId, Differs, |scene, _| {
        scene.set(MR_CONFIG_ID + 47, &[1]);
    });
    let mut value = Scene::real().json();
    value["tcb_info"] = Value::Null;
    let report = check(&parse(&value), &Expected::default(), None, 0);
    assert_eq!(verdict(&report, Subject::ConfigId), NotChecked);
    assert!(detail(&report, Subject::ConfigId).contains(COMPOSE_HASH));
}

#[test]
fn the_second_form_binds_app_document_and_key_provider() {
    let hash = Expected::read_hash(COMPOSE_HASH).unwrap();
    let app = Expected::read_id(APP_ID).unwrap();
    let form = |app: &[u8; 20], kind, id: &[u8]| {
        config_id(
            2,
            super::super::config_id::identity_hash(&hash, app, kind, id),
        )
    };
    let kms = KeyProviderKind::Kms;
    let named = named_provider().id.unwrap();
    for (register, wanted, words) in [
        (
            form(&app, kms, &named),
            Fine,
            "App, document and key provider are the ones fixed before the start.",
        ),
        (
            form(&app, kms, &[]),
            Fine,
            "App and document are the ones fixed before the start; of the key provider only the kind was.",
        ),
        (form(&app, kms, &[1]), Differs, "are not the ones fixed"),
        (
            form(&app, KeyProviderKind::Local, &[]),
            Differs,
            "are not the ones fixed",
        ),
        (form(&[1; 20], kms, &[]), Differs, "are not the ones fixed"),
    ] {
        let detail = line(Subject::ConfigId, wanted, |scene, _| {
            scene.set(MR_CONFIG_ID, &register);
        });
        assert!(
            detail.ends_with(words) || wanted == Differs && detail.contains(words),
            "{detail}"
        );
    }
    let shown = line(Subject::ConfigId, Fine, |scene, _| {
        scene.set(MR_CONFIG_ID, &form(&app, kms, &[0xab, 0xcd]));
        scene.document = json!({"key_provider_id": "0xabcd"}).to_string();
    });
    assert!(
        shown.contains("and the key provider that the document shown names"),
        "{shown}"
    );
    line(Subject::ConfigId, NotChecked, |scene, _| {
        scene.set(MR_CONFIG_ID, &form(&app, kms, &[]));
        scene.log = Value::Null;
    });
}

#[test]
fn the_third_form_binds_a_text() {
    let text = |app: &str| {
        json!({"version": 3, "compose_hash": COMPOSE_HASH, "app_id": app, "instance_id": INSTANCE_ID}).to_string()
    };
    let told = |text: &str, place: &str, bound: &str, expected: &Expected, has_log: bool| {
        let mut scene = Scene::real();
        if !has_log {
            scene.log = Value::Null;
        }
        scene.set(
            MR_CONFIG_ID,
            &config_id(3, super::super::config_id::document_hash(bound)),
        );
        let mut value = scene.json();
        match place {
            "vm_config" => value["vm_config"] = json!(json!({"mr_config": text}).to_string()),
            place => value[place] = json!(text),
        }
        let report = check(&parse(&value), expected, None, 0);
        let found = report.about(Subject::ConfigId).unwrap();
        (found.verdict, found.detail.clone())
    };
    let about =
        |text: &str, place: &str, bound: &str| told(text, place, bound, &everything(), true).0;
    let good = text(APP_ID);
    assert_eq!(about(&good, "vm_config", &good), Fine);
    assert_eq!(about(&good, "mr_config", &good), Fine);
    assert_eq!(about(&good, "elsewhere", &good), NotChecked);
    assert_eq!(about(&good, "mr_config", "other"), Differs);
    let other = text(&"ab".repeat(20));
    assert_eq!(about(&other, "mr_config", &other), Differs);
    let other = good.replace(COMPOSE_HASH, &"ab".repeat(32));
    assert_eq!(about(&other, "mr_config", &other), Differs);
    let other = good.replace(INSTANCE_ID, &"ab".repeat(20));
    assert_eq!(about(&other, "mr_config", &other), Differs);
    assert_eq!(about("{}", "mr_config", "{}"), Differs);

    // Without a log the fixed ids are held against the expected ones, and only what was compared is told.
    let hidden = |text: &str, change: fn(&mut Expected)| {
        let mut expected = everything();
        change(&mut expected);
        told(text, "mr_config", text, &expected, false)
    };
    let of_all = "Document, app and instance are the ones fixed before the start.";
    let of_document = "The document is the one fixed before the start.";
    assert_eq!(hidden(&good, |_| ()), (Fine, of_all.to_owned()));
    let (verdict, detail) = hidden(&good, |expected| expected.app_id = Some([7; 20]));
    assert_eq!(verdict, Differs);
    assert!(
        detail.contains(&format!(
            "The app fixed before the start is {APP_ID}, not 0707"
        )),
        "{detail}"
    );
    let forget = |expected: &mut Expected| {
        expected.app_id = None;
        expected.instance_id = None;
    };
    assert_eq!(hidden(&good, forget), (Fine, of_document.to_owned()));
    let bare = json!({ "compose_hash": COMPOSE_HASH, "app_id": "ab" }).to_string();
    let (verdict, detail) = hidden(&bare, |_| ());
    assert_eq!(verdict, Differs, "{detail}");
    let bare = json!({ "compose_hash": COMPOSE_HASH }).to_string();
    assert_eq!(hidden(&bare, |_| ()), (Fine, of_document.to_owned()));
}

#[test]
fn the_certificates_key_is_the_one_in_the_quote() {
    let key = b"some SubjectPublicKeyInfo".to_vec();
    let bound: [u8; 64] = Sha512::digest([b"ratls-cert:", &key[..]].concat()).into();
    line(Subject::Certificate, Fine, |scene, expected| {
        scene.set(REPORT_DATA, &bound);
        expected.certificate_key = Some(key.clone());
    });
    line(Subject::Certificate, Differs, |_, expected| {
        expected.certificate_key = Some(key.clone());
    });
    let how = line(Subject::Certificate, NotChecked, |_, _| ());
    assert!(how.contains("--certificate FILE"), "{how}");
    let unsigned = line(Subject::Certificate, NotChecked, |scene, expected| {
        scene.quote.truncate(600);
        expected.certificate_key = Some(key.clone());
    });
    assert!(
        unsigned.starts_with("Without a readable quote"),
        "{unsigned}"
    );
}
