//! Who is asked for Intel's lists and when, over a quote whose registers were changed: it names its machine all the
//! same.

use super::*;

fn quote() -> String {
    let changes = include_str!("../../../../../tests/vectors/attestation_changes.json");
    let changes: Value = serde_json::from_str(changes).expect("JSON");
    let vectors = changes["vectors"].as_array().expect("vectors");
    let mut quotes = vectors
        .iter()
        .filter_map(|vector| vector["changed"]["quote_hex"].as_str());
    quotes.next().expect("a quote").to_owned()
}

/// Evidence that says nowhere which document runs: no log, and nothing in MRCONFIGID.
pub(super) fn unnamed() -> String {
    let mut quote = quote();
    quote.replace_range(2 * 232..2 * (232 + 48), &"00".repeat(48));
    json!({ "quote": quote }).to_string()
}

/// The changed quote; with `id` as one of two instances.
fn shown(id: Option<&str>) -> Answer {
    let quote = quote();
    let bundle = match id {
        None => json!({ "quote": quote }),
        Some(id) => json!({ "instances": [
            { "instance_id": "ab".repeat(20), "quote": "00" },
            { "instance_id": id, "quote": quote },
        ] }),
    };
    Answer::Attestation(Ok(Evidence::new(bundle.to_string().as_bytes())))
}

fn asked(place: Option<Place>) -> (Proof, Vec<Wish>) {
    let mut proof = proof(Expected::default(), place);
    proof.ask(&cvm());
    let wishes = proof.answer(shown(None), 7);
    (proof, wishes)
}

#[test]
fn a_public_place_waits_for_the_person_and_a_configured_one_does_not() {
    let (mut public, wishes) = asked(Some(Place::Public(0)));
    assert_eq!(wishes, []);
    assert!(list(&public).contains("p asks pccs.example for Intel's lists"));
    assert_eq!(public.ask_lists().len(), 1);
    assert_eq!(public.ask_lists(), [], "they are under way");
    assert!(!public.can_ask_lists());
    public.answer(Answer::Collateral(Err(offline())), 8);
    assert!(list(&public).contains("Intel's lists did not come"));
    assert!(public.can_ask_lists());

    let (mut configured, wishes) = asked(Some(Place::Configured(0)));
    assert_eq!(wishes.len(), 1);
    assert_eq!(configured.ask_lists(), [], "they are under way");
}

#[test]
fn the_sandbox_says_that_its_machines_are_made_up_and_asks_nobody() {
    let (mut proof, wishes) = asked(None);
    assert_eq!(wishes, []);
    assert_eq!(proof.ask_lists(), []);
    assert!(!proof.can_ask_lists());
    assert!(list(&proof).contains("its machines are made up"));
}

#[test]
fn evidence_that_is_here_is_not_asked_for_again() {
    let (proof, _) = asked(None);
    assert_ne!(proof.outcome(), Outcome::Empty);
    assert!(!proof.moves());
}

#[test]
fn evidence_is_read_when_it_comes_and_not_for_every_frame() {
    let (mut proof, _) = asked(Some(Place::Public(0)));
    // What is kept of it is enough: nobody reads this any more.
    proof.bundle = Asked::Here(Evidence::new(b"{"));
    assert!(proof.can_ask_lists());
    assert_eq!(proof.ask_lists().len(), 1);
    proof.lists = Asked::Not;
    proof.answer(Answer::Attestation(Err(offline())), 8);
    assert!(!proof.can_ask_lists(), "the evidence is gone");
}

#[test]
fn an_id_that_comes_late_picks_the_instance() {
    let id = "cd".repeat(20);
    let mut proof = proof(Expected::default(), Some(Place::Public(0)));
    proof.ask(&cvm());
    proof.answer(shown(Some(&id)), 7);
    assert_eq!(proof.outcome(), Outcome::Empty);
    assert!(!proof.can_ask_lists(), "nobody knows which quote");
    proof.identify(&Shown::line(&id));
    assert_ne!(proof.outcome(), Outcome::Empty);
    assert!(proof.can_ask_lists(), "for the expected one");
    proof.identify(&Shown::line(&"99".repeat(20)));
    assert!(proof.alarms().any(|subject| subject == Subject::InstanceId));
}
