//! Real evidence with the answers of others: it lies beside the repository, not in it.
//!
//! Some of it may not be passed on, so it is read where it is and left out, with a word, where it is not.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::report::Verdict::{Differs, NotChecked, Ok as Fine};
use super::*;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/attestation")
}

/// The fixtures with what others found in them, or nothing with a line that says so.
fn fixtures() -> Vec<Fixture> {
    let Ok(index) = fs::read(folder().join("index.json")) else {
        println!(
            "left out: no real evidence in {}, it is not part of the repository",
            folder().display()
        );
        return Vec::new();
    };
    let list: Vec<Value> = serde_json::from_slice(&index).unwrap();
    assert!(!list.is_empty());
    list.into_iter().map(Fixture::load).collect()
}

struct Fixture {
    name: String,
    /// Its entry in the index.
    says: Value,
    evidence: Value,
    collateral: Option<Collateral>,
}

impl Fixture {
    fn load(says: Value) -> Self {
        let name = says["name"].as_str().unwrap().to_owned();
        let file = |end: &str| fs::read(folder().join(format!("{name}.{end}"))).ok();
        let quote = String::from_utf8(file("quote.hex").unwrap()).unwrap();
        let mut evidence: Value = file("evidence.json").map_or_else(
            || json!({}),
            |bytes| serde_json::from_slice(&bytes).unwrap(),
        );
        evidence["quote"] = json!(quote);
        let collateral = file("collateral.json").map(|bytes| Collateral::parse(&bytes).unwrap());
        Self {
            name,
            says,
            evidence,
            collateral,
        }
    }

    fn time(&self) -> u64 {
        self.says["verify_time"].as_u64().unwrap_or_default()
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.says[member].as_str().filter(|text| !text.is_empty())
    }

    /// What the others found, as an expectation.
    fn expected(&self) -> Expected {
        let hash = |text: Option<&str>| text.map(|text| Expected::read_hash(text).unwrap());
        let id = |text: Option<&str>| text.map(|text| Expected::read_id(text).unwrap());
        Expected {
            compose_hash: hash(self.text("compose_hash_event")),
            app_id: id(self.text("app_id")),
            instance_id: id(self.text("instance_id")),
            device_id: hash(self.says["dcap_qvl_0_7_1"]["device_id_sha256_ppid"].as_str()),
            key_provider: self.text("key_provider").map(|name| KeyProvider {
                kind: match name {
                    "kms" => KeyProviderKind::Kms,
                    "local-sgx" => KeyProviderKind::Local,
                    other => panic!("{other}"),
                },
                id: None,
            }),
            os_image_hash: hash(self.text("os_image_hash_event")),
            certificate_key: None,
        }
    }

    fn report(&self, expected: &Expected) -> Report {
        check(
            &parse(&self.evidence),
            expected,
            self.collateral.as_ref(),
            self.time(),
        )
    }
}

#[test]
fn registers_are_read_as_others_read_them() {
    for fixture in fixtures() {
        let quote = fixture.evidence["quote"].as_str().unwrap();
        let quote = Quote::parse(&hex::decode(quote.trim()).unwrap()).unwrap();
        let report = quote.report();
        let says = &fixture.says["dcap_qvl_0_7_1"];
        for (member, bytes) in [
            ("mr_td", &report.mr_td[..]),
            ("mr_config_id", &report.mr_config_id),
            ("rt_mr0", &report.rt_mr0),
            ("rt_mr1", &report.rt_mr1),
            ("rt_mr2", &report.rt_mr2),
            ("rt_mr3", &report.rt_mr3),
            ("report_data", &report.report_data),
            ("td_attributes", &report.td_attributes),
        ] {
            assert_eq!(
                says[member],
                hex::encode(bytes),
                "{}: {member}",
                fixture.name
            );
        }
    }
}

#[test]
fn every_line_is_what_others_found() {
    for fixture in fixtures() {
        let says = &fixture.says;
        let report = fixture.report(&fixture.expected());
        let wanted = |found: &Value| match found {
            Value::Bool(true) => Fine,
            Value::Null => NotChecked,
            _ => Differs,
        };
        let told = |member: &str| match says[member].as_str() {
            None | Some("") => NotChecked,
            Some(_) => Fine,
        };
        let verified = match &fixture.collateral {
            Some(_) => {
                assert_eq!(says["dcap_qvl_0_7_1"]["verify"]["status"], "UpToDate");
                Fine
            }
            None => NotChecked,
        };
        let replay = &says["rtmr_replay_from_digests_matches_quote"];
        let firmware = match replay {
            Value::Null => NotChecked,
            replay => wanted(&json!(
                replay["rtmr0"] == true && replay["rtmr1"] == true && replay["rtmr2"] == true
            )),
        };
        let config_id = match says["mr_config_id_version"].as_u64() {
            None | Some(0) => NotChecked,
            Some(_) => wanted(&says["mr_config_id_v1_matches_compose_hash"]),
        };
        for (subject, verdict) in [
            (Subject::Quote, verified),
            (Subject::FirmwareState, verified),
            (Subject::Debug, Fine),
            (Subject::FirmwareLog, firmware),
            (
                Subject::EventLog,
                wanted(&says["rtmr3_replay_from_recomputed_digests"]),
            ),
            (Subject::ConfigId, config_id),
            (
                Subject::Document,
                wanted(&says["sha256_app_compose_matches_event"]),
            ),
            (Subject::ComposeHash, told("compose_hash_event")),
            (Subject::AppId, told("app_id")),
            (Subject::InstanceId, told("instance_id")),
            (Subject::DeviceId, Fine),
            // Others tell its kind and not its key.
            (Subject::KeyProvider, NotChecked),
            (Subject::OsImage, told("os_image_hash_event")),
            (Subject::Certificate, NotChecked),
        ] {
            let line = report.about(subject).unwrap();
            assert_eq!(
                line.verdict,
                verdict,
                "{}: {}: {}",
                fixture.name,
                line.name(),
                line.detail
            );
        }
        assert_eq!(report.verdict(), Fine, "{}", fixture.name);
    }
}

#[test]
fn what_the_guest_calls_its_machine_is_believed_only_where_it_is_true() {
    for fixture in fixtures() {
        let Some(told) = fixture.text("device_id_in_guest_info") else {
            continue;
        };
        let mut expected = fixture.expected();
        expected.device_id = Expected::read_hash(told).ok();
        let is_true = fixture.says["device_id_is_sha256_of_quote_user_data"] == true
            || fixture.says["device_id_is_sha256_of_ppid"] == true;
        let wanted = if is_true { Fine } else { Differs };
        assert_eq!(
            verdict(&fixture.report(&expected), Subject::DeviceId),
            wanted,
            "{}",
            fixture.name
        );
    }
}

#[test]
fn collateral_holds_from_its_first_second_to_before_its_last() {
    for fixture in fixtures() {
        let Some(collateral) = &fixture.collateral else {
            continue;
        };
        let window = &fixture.says["collateral_window"];
        let (first, last) = (window[0].as_u64().unwrap(), window[1].as_u64().unwrap());
        for (at, wanted) in [
            (0, Differs),
            (first - 1, Differs),
            (first, Fine),
            (last - 1, Fine),
            (last, Differs),
            (u64::MAX, Differs),
        ] {
            let report = check(
                &parse(&fixture.evidence),
                &Expected::default(),
                Some(collateral),
                at,
            );
            assert_eq!(
                verdict(&report, Subject::Quote),
                wanted,
                "{} at {at}",
                fixture.name
            );
        }
    }
}

#[test]
fn one_machines_collateral_is_not_anothers() {
    let fixtures = fixtures();
    let of = |name: &str| fixtures.iter().find(|fixture| fixture.name == name);
    let (Some(one), Some(other)) = (of("phala-cloud-app-kms-alice"), of("near-mpc-local-key"))
    else {
        assert!(fixtures.is_empty());
        return;
    };
    let report = check(
        &parse(&one.evidence),
        &one.expected(),
        other.collateral.as_ref(),
        other.time(),
    );
    assert_eq!(verdict(&report, Subject::Quote), Differs);
}

#[test]
fn the_committed_changes_are_those_of_this_evidence() {
    for fixture in fixtures() {
        if fixture.name == "phala-cloud-app-kms-alice" {
            let scene = Scene::real();
            assert_eq!(
                fixture.evidence["quote"].as_str().unwrap().trim(),
                hex::encode(&scene.quote)
            );
            assert_eq!(fixture.evidence["tcb_info"]["event_log"], scene.log);
            assert_eq!(fixture.evidence["tcb_info"]["app_compose"], scene.document);
        }
    }
}

/// One change to a fixture: the evidence after it, and when it is looked at.
fn change(fixture: &Fixture, changed: &Value) -> (Value, u64) {
    let mut evidence = fixture.evidence.clone();
    let mut at = fixture.time();
    for (member, new) in changed.as_object().unwrap() {
        match member.as_str() {
            "quote_hex" => evidence["quote"] = new.clone(),
            "event_log" | "app_compose" => evidence["tcb_info"][member] = new.clone(),
            "time" => at = new.as_u64().unwrap(),
            other => panic!("{other}"),
        }
    }
    (evidence, at)
}

#[test]
fn every_change_is_caught_by_the_line_it_concerns() {
    let fixtures = fixtures();
    let changes = changes();
    let vectors = changes["vectors"].as_array().unwrap();
    assert_eq!(changes["count"], vectors.len());
    for vector in vectors {
        let Some(fixture) = fixtures
            .iter()
            .find(|fixture| vector["fixture"] == fixture.name)
        else {
            assert!(fixtures.is_empty(), "{}", vector["id"]);
            continue;
        };
        let (evidence, at) = change(fixture, &vector["changed"]);
        let report = check(
            &parse(&evidence),
            &fixture.expected(),
            fixture.collateral.as_ref(),
            at,
        );
        let id = &vector["id"];
        let wanted = if vector["verdict"] == "accept" {
            Fine
        } else {
            Differs
        };
        assert_eq!(report.verdict(), wanted, "{id}: {report:?}");
        let says = &vector["checks"];
        let quote = says["quote"].as_str().unwrap();
        let genuine = if quote.starts_with("ok: ") {
            Fine
        } else {
            Differs
        };
        assert_eq!(verdict(&report, Subject::Quote), genuine, "{id}");
        let log_is_sound = says["rtmr3_from_recomputed_digests"] == true;
        for (member, subject) in [
            ("rtmr0_2", Subject::FirmwareLog),
            ("rtmr3_from_recomputed_digests", Subject::EventLog),
            ("app_compose_matches_event", Subject::Document),
            ("mr_config_id_matches_event", Subject::ConfigId),
        ] {
            let found = verdict(&report, subject);
            match &says[member] {
                // The quote cannot be read at all.
                Value::Null => assert_eq!(found, NotChecked, "{id}: {member}"),
                // What an unsound log says of the document is not looked at; the register is.
                _ if !log_is_sound && subject != Subject::EventLog && says[member] == false => {
                    assert_eq!(found, Fine, "{id}: {member}");
                }
                says => assert_eq!(found == Fine, *says == true, "{id}: {member}"),
            }
        }
        assert_eq!(
            verdict(&report, Subject::ComposeHash) == Fine,
            log_is_sound,
            "{id}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_changed_byte_of_a_signed_quote_passes(at in 0..632_usize, change in 1..=u8::MAX) {
        for fixture in fixtures().iter().filter(|fixture| fixture.collateral.is_some()) {
            let mut quote = hex::decode(fixture.evidence["quote"].as_str().unwrap().trim()).unwrap();
            quote[at] ^= change;
            let bundle = parse(&json!({ "quote": hex::encode(quote) }));
            let report = check(&bundle, &Expected::default(), fixture.collateral.as_ref(), fixture.time());
            prop_assert_eq!(verdict(&report, Subject::Quote), Differs);
        }
    }

    #[test]
    fn any_damage_to_collateral_is_judged_without_panic(at in any::<Index>(), byte in any::<u8>()) {
        for fixture in fixtures().iter().filter(|fixture| fixture.collateral.is_some()) {
            let path = folder().join(format!("{}.collateral.json", fixture.name));
            let mut bytes = fs::read(path).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(collateral) = Collateral::parse(&bytes) {
                let report = check(&parse(&fixture.evidence), &Expected::default(), Some(&collateral), fixture.time());
                prop_assert_ne!(verdict(&report, Subject::Quote), NotChecked);
            }
        }
    }
}
