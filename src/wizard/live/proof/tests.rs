//! The proof as the watch drives it: answers in, wishes and words out.
//!
//! Real evidence lies beside the repository and may not be passed on: tests that need it say so where it is not.

mod lists;
mod wanted;
mod words;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::api::error::{ErrorKind, Unreachable};
use crate::trust::attestation::Collateral;
use crate::wizard::page::Line;

const CVM: &str = "f2e4c1a0-88d2-4c0e-b5b6-0a1c2f3e91b0";

fn cvm() -> CvmUuid {
    CvmUuid::parse(CVM).expect("a uuid")
}

fn offline() -> Error {
    Error {
        asked: "GET /sgx/certification/v4/pckcrl".into(),
        tries: 3,
        kind: ErrorKind::Unreachable(Unreachable::Connect, Shown::default()),
    }
}

fn proof(expected: Expected, place: Option<Place>) -> Proof {
    Proof::new(Wanted {
        expected,
        previewed: true,
        told: false,
        lists: place.map(|place| (place, "pccs.example".into())),
    })
}

fn words(lines: impl IntoIterator<Item = Line>) -> String {
    let lines: Vec<String> = lines.into_iter().map(|line| line.words()).collect();
    lines.join("\n")
}

fn list(proof: &Proof) -> String {
    words(proof.lines())
}

/// A real instance: its evidence, what is to be expected of it, and Intel's lists of its day.
struct Recorded {
    evidence: Value,
    expected: Expected,
    lists: Collateral,
    at: u64,
}

impl Recorded {
    fn read(name: &str) -> Option<Self> {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/attestation");
        let Ok(index) = fs::read(folder.join("index.json")) else {
            println!("left out: no real evidence in {}", folder.display());
            return None;
        };
        let index: Vec<Value> = serde_json::from_slice(&index).expect("an index");
        let says = index.into_iter().find(|one| one["name"] == name)?;
        let file = |end: &str| fs::read(folder.join(format!("{name}.{end}"))).expect("a file");
        let mut evidence: Value = serde_json::from_slice(&file("evidence.json")).expect("evidence");
        evidence["quote"] = String::from_utf8(file("quote.hex")).expect("hex").into();
        let text = |member: &str| says[member].as_str().expect("a text").to_owned();
        Some(Self {
            evidence,
            expected: Expected {
                compose_hash: Expected::read_hash(&text("compose_hash_event")).ok(),
                app_id: Expected::read_id(&text("app_id")).ok(),
                instance_id: Expected::read_id(&text("instance_id")).ok(),
                ..Expected::default()
            },
            lists: Collateral::parse(&file("collateral.json")).expect("collateral"),
            at: says["verify_time"].as_u64().expect("a time"),
        })
    }

    fn shown(&self) -> Answer {
        let bytes = serde_json::to_vec(&self.evidence).expect("JSON");
        Answer::Attestation(Ok(Evidence::new(&bytes)))
    }

    fn vouched(&self) -> Answer {
        Answer::Collateral(Ok(Box::new(Vouched {
            collateral: self.lists.clone(),
            at: self.at,
        })))
    }
}

const ALICE: &str = "phala-cloud-app-kms-alice";

#[test]
fn evidence_is_judged_at_once_and_the_hardware_only_when_the_person_says_so() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let mut proof = proof(recorded.expected.clone(), Some(Place::Public(0)));
    assert_eq!(
        proof.ask(&cvm()),
        [Wish::Ask(Request::Attestation(cvm()))],
        "the service brings it"
    );
    assert_eq!(
        proof.answer(recorded.shown(), 7),
        [],
        "nobody else is asked unasked"
    );
    let text = list(&proof);
    assert!(
        text.contains("real hardware signed it is not checked"),
        "{text}"
    );
    assert!(
        text.contains("ok          it runs the document you previewed"),
        "{text}"
    );
    assert!(
        text.contains("not checked genuine Intel hardware signed this"),
        "{text}"
    );
    assert!(
        text.contains("p asks pccs.example for Intel's lists"),
        "{text}"
    );
    assert!(proof.can_ask_lists() && !proof.moves());

    let wishes = proof.ask_lists();
    let [
        Wish::Ask(Request::Collateral {
            at: Place::Public(0),
            ..
        }),
    ] = wishes.as_slice()
    else {
        panic!("{wishes:?}");
    };
    assert_eq!(proof.ask_lists(), [], "it is under way");
    assert!(list(&proof).contains("asking pccs.example for Intel's lists"));
    proof.answer(recorded.vouched(), 9);
    let text = list(&proof);
    assert!(
        text.contains("Proven by hardware: it runs what you previewed."),
        "{text}"
    );
    assert!(
        text.contains("ok          genuine Intel hardware signed this"),
        "{text}"
    );
    assert!(
        text.contains("Intel's lists came from pccs.example"),
        "{text}"
    );
    assert_eq!(proof.alarms().count(), 0);
    assert_eq!(
        proof.receipt(),
        [(
            "proof",
            "runs what was previewed, signed by hardware".to_owned()
        )]
    );
}

#[test]
fn a_configured_place_is_asked_by_itself_and_failing_is_not_checked() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let mut proof = proof(recorded.expected.clone(), Some(Place::Configured(0)));
    proof.ask(&cvm());
    let wishes = proof.answer(recorded.shown(), 7);
    assert!(
        matches!(
            wishes.as_slice(),
            [Wish::Ask(Request::Collateral {
                at: Place::Configured(0),
                ..
            })]
        ),
        "{wishes:?}"
    );
    proof.answer(Answer::Collateral(Err(offline())), 9);
    let text = list(&proof);
    assert!(
        text.contains("not checked genuine Intel hardware signed this"),
        "{text}"
    );
    assert!(
        text.contains("Intel's lists did not come: no connection"),
        "{text}"
    );
    assert!(text.contains("p asks pccs.example again"), "{text}");
    assert!(proof.can_ask_lists());
    let fits = Outcome::Runs {
        previewed: true,
        hardware: Hardware::NotChecked,
    };
    assert_eq!(proof.outcome(), fits, "what could be looked at is well");
}

#[test]
fn another_document_is_an_alarm_that_stands_first() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let expected = Expected {
        compose_hash: Some([7; 32]),
        ..recorded.expected.clone()
    };
    let mut proof = proof(expected, None);
    proof.ask(&cvm());
    proof.answer(recorded.shown(), 7);
    let text = list(&proof);
    assert!(
        text.contains("It does NOT prove to be what you asked for"),
        "{text}"
    );
    let first = text.lines().nth(2).unwrap_or_default();
    assert!(
        first.contains("differs") && first.contains("the document you previewed"),
        "{text}"
    );
    assert!(
        proof
            .alarms()
            .any(|subject| subject == Subject::ComposeHash)
    );
    let receipt = proof.receipt();
    assert_eq!(receipt[0].1, "DIFFERS from what was asked for");
    assert!(receipt[1].1.contains(&"07".repeat(32)), "{receipt:?}");
}

#[test]
fn an_instance_whose_id_comes_late_is_judged_again() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let id = recorded.expected.instance_id.expect("an id");
    let expected = Expected {
        instance_id: None,
        ..recorded.expected.clone()
    };
    let mut proof = proof(expected, None);
    proof.ask(&cvm());
    proof.answer(recorded.shown(), 7);
    assert!(list(&proof).contains("not checked it is this very instance"));
    proof.identify(&Shown::line(&hex::encode(id)));
    assert!(list(&proof).contains("ok          it is this very instance"));
    proof.identify(&Shown::line(&"99".repeat(20)));
    assert!(proof.alarms().any(|subject| subject == Subject::InstanceId));
}

#[test]
fn an_instance_that_shows_nothing_yet_is_asked_again_a_few_times() {
    let nothing = json!({ "is_online": false, "tcb_info": null, "error": "not reachable" });
    let nothing = || Answer::Attestation(Ok(Evidence::new(nothing.to_string().as_bytes())));
    let mut proof = proof(Expected::default(), Some(Place::Public(0)));
    let mut now = 100;
    let mut asked = proof.ask(&cvm()).len();
    proof.answer(nothing(), now);
    while proof.moves() {
        let text = list(&proof);
        assert!(
            text.contains("The instance shows no evidence yet."),
            "{text}"
        );
        now += 1;
        if !proof.tick(Some(&cvm()), now).is_empty() {
            asked += 1;
            proof.answer(nothing(), now);
        }
    }
    assert_eq!(asked, 1 + PAUSES.len());
    assert_eq!(now, 100 + PAUSES.iter().sum::<u64>());
    assert!(list(&proof).contains("r asks again"));
    assert!(!proof.can_ask_lists(), "there is no quote to ask lists for");
    assert_eq!(proof.receipt()[0].1, "not checked: there was no evidence");
}

#[test]
fn evidence_that_does_not_name_the_document_is_asked_for_again_while_one_is_expected() {
    let shown = || Answer::Attestation(Ok(Evidence::new(lists::unnamed().as_bytes())));
    let mut proof = proof(
        Expected {
            compose_hash: Some([7; 32]),
            ..Expected::default()
        },
        None,
    );
    proof.ask(&cvm());
    proof.answer(shown(), 100);
    assert_eq!(proof.outcome(), Outcome::Uncompared);
    let text = list(&proof);
    assert!(
        text.contains("could not be compared with what you previewed.   I ask again in a moment"),
        "{text}"
    );
    assert_eq!(proof.tick(Some(&cvm()), 100 + PAUSES[0]).len(), 1);
    while proof.moves() || proof.bundle == Asked::Waiting {
        proof.answer(shown(), 200);
        proof.tick(Some(&cvm()), 300);
    }
    assert!(list(&proof).contains("r asks again"));
    let proven = proof.proven().expect("it is settled");
    assert_eq!(proven.verdict, Verdict::NotChecked, "nothing was compared");

    let mut unknown = self::proof(Expected::default(), None);
    unknown.ask(&cvm());
    unknown.answer(shown(), 100);
    assert_eq!(unknown.outcome(), Outcome::Uncompared);
    assert!(!unknown.moves(), "there is nothing to wait for");
}

#[test]
fn an_answer_that_is_no_evidence_is_said_to_be_none() {
    let mut proof = proof(Expected::default(), None);
    proof.ask(&cvm());
    proof.answer(Answer::Attestation(Ok(Evidence::new(b"{\"hello\": 1}"))), 1);
    let text = list(&proof);
    assert!(
        text.contains("differs     its evidence is readable"),
        "{text}"
    );
    assert!(words(proof.detailed()).contains("not an attestation bundle"));
    let mut lost = self::proof(Expected::default(), None);
    lost.ask(&cvm());
    lost.answer(Answer::Attestation(Err(offline())), 1);
    let text = list(&lost);
    assert!(
        text.contains("the evidence could not be read: no connection"),
        "{text}"
    );
    assert_eq!(lost.receipt()[0].1, "not checked");
}

#[test]
fn the_details_say_of_every_line_what_it_does_not_prove() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let mut proof = proof(recorded.expected.clone(), None);
    assert!(!proof.has_details());
    proof.ask(&cvm());
    proof.answer(recorded.shown(), 7);
    assert!(proof.has_details());
    let text = words(proof.detailed());
    let lines = proof.lines().len() - 3;
    let caveats = text.matches("Does not prove").count() + text.matches("Only rebuilding").count();
    assert_eq!(caveats, lines, "{text}");
    assert!(text.contains("No hardware signs in the sandbox"), "{text}");
}

#[test]
fn lists_are_asked_for_the_expected_instance_of_several() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let mut ours = recorded.evidence.clone();
    ours["instance_id"] = hex::encode(recorded.expected.instance_id.expect("an id")).into();
    let other = json!({ "instance_id": "ab".repeat(20), "quote": "00" });
    let bundle = json!({ "instances": [other, ours] }).to_string();
    let mut proof = proof(recorded.expected.clone(), Some(Place::Public(0)));
    proof.ask(&cvm());
    proof.answer(Answer::Attestation(Ok(Evidence::new(bundle.as_bytes()))), 7);
    assert!(proof.can_ask_lists(), "{}", list(&proof));
}

#[test]
fn evidence_that_was_refused_is_asked_for_again() {
    let mut proof = proof(Expected::default(), None);
    assert_eq!(proof.outcome(), Outcome::Empty);
    proof.ask(&cvm());
    proof.answer(Answer::Attestation(Err(offline())), 7);
    assert_eq!(proof.outcome(), Outcome::Empty);
    assert!(proof.moves());
    assert_eq!(proof.tick(Some(&cvm()), 7 + PAUSES[0]).len(), 1);
}

#[test]
fn evidence_that_is_asked_for_again_in_vain_stays() {
    let Some(recorded) = Recorded::read(ALICE) else {
        return;
    };
    let mut proof = proof(recorded.expected.clone(), None);
    proof.ask(&cvm());
    proof.answer(recorded.shown(), 7);
    let before = words(proof.lines());
    proof.ask(&cvm());
    proof.answer(Answer::Attestation(Err(offline())), 20);
    let after = words(proof.lines());
    assert!(after.contains("this is from before"), "{after}");
    for line in before.lines() {
        assert!(after.contains(line), "{line} is gone from\n{after}");
    }
}
