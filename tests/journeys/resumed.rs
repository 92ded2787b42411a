//! Deployments that an earlier run left, taken up again with and without a person.

use phala_wizard::api::types::{ComposeHash, NodeId, Plan, Proof, Ticket};
use phala_wizard::journal::again::prepare_again;
use phala_wizard::journal::id::IntentId;
use phala_wizard::journal::moment::Moment;
use phala_wizard::journal::reader::Stamped;
use phala_wizard::journal::record::{
    Answering, Choice, CommitRefused, CommitSent, Decision, Expected, Facts, Governed, Intent,
    Meaning, Mismatch, PrepareRefused, PrepareSent, Prepared, Record, fingerprint,
};
use phala_wizard::journal::state::State;
use phala_wizard::line::Orders;
use phala_wizard::secret::Secret;
use phala_wizard::trust::compose_hash::Form;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Answer, Noted, Outcome, Request};

use super::cloud::{self, Cloud};
use super::journey::Journey;
use super::line::{Errand, yes};

const OLD: &str = "54ce8e5d-the-one-from-before";
const NEW: &str = "54ce8e5d-the-one-offered-later";

fn no() -> Orders {
    Orders {
        yes: false,
        ..yes()
    }
}

/// What these records, behind an intent for this app, add up to. `expected`: the hash that was computed.
fn begun(governed: Governed, expected: Option<ComposeHash>, records: Vec<Record>) -> Cloud {
    let cloud = Cloud::default();
    let app = match governed {
        Governed::ByContract { .. } => cloud::APP,
        Governed::MayCreate | Governed::NewApp => cloud::CENTRAL,
    };
    let plan = Plan {
        app: cloud::app_id(app),
        name: "orders-api".into(),
        node: Some(NodeId(6)),
        revision: None,
        compose: None,
        env: None,
        script: None,
        making: phala_wizard::api::types::Making::Instance,
    };
    let before = cloud.instances.iter();
    let facts = Facts {
        api_base: "https://api.example/api/v1".into(),
        profile: None,
        workspace: None,
        sandbox: false,
        governed,
        node: None,
        expected: expected.map(|hash| Expected {
            hash,
            form: Form::CompactDeep,
        }),
        also: Vec::new(),
        env_names: Vec::new(),
        files: Vec::new(),
        before: before.filter_map(|one| one.uuid.clone()).collect(),
    };
    let intent = Intent::new(IntentId::new(1_763_900_000_000, 1), &plan, facts);
    let at = |unix| Moment { unix, boot: None };
    let mut state = State::begin(intent, at(1));
    for (unix, record) in (2..).zip(records) {
        state.take(&Stamped {
            at: at(unix),
            record,
        });
    }
    Cloud {
        begun: Some(Box::new(state)),
        ..cloud
    }
}

fn by_contract() -> Governed {
    Governed::ByContract {
        chain_id: Some(8453),
        contract: None,
    }
}

fn on_chain(records: Vec<Record>) -> Cloud {
    begun(by_contract(), None, records)
}

/// The same, and the service named another hash than was computed.
fn doubtful(records: Vec<Record>) -> Cloud {
    begun(by_contract(), Some(cloud::hash('b')), records)
}

fn prepared(token: &str, answering: Answering) -> Prepared {
    let ticket = Ticket {
        token: Secret::new(token),
        compose_hash: cloud::hash('a'),
        app: Some(cloud::app_id(cloud::APP)),
        device: Some(cloud::device('d')),
        chain_id: Some(8453),
        hash_allowed: true,
        device_allowed: true,
        commit_url: None,
        provision: None,
    };
    Prepared::of(&ticket, answering)
}

fn prepare() -> Record {
    PrepareSent::first().into()
}

fn token() -> Record {
    prepared(OLD, Answering::Prepare(1)).into()
}

fn sent(send: u32) -> Record {
    CommitSent {
        send,
        token: fingerprint(&Secret::new(OLD)),
        proof: Proof::AlreadyRegistered,
    }
    .into()
}

fn refused(send: u32, status: u16, meaning: Meaning) -> Record {
    CommitRefused {
        send,
        status,
        code: None,
        meaning,
    }
    .into()
}

fn useless() -> Record {
    let mismatch = vec![Mismatch {
        member: "app_id".into(),
        asked: "3f".into(),
        named: "4f".into(),
    }];
    Prepared {
        mismatch,
        ..prepared(OLD, Answering::Prepare(1))
    }
    .into()
}

fn boots(mut cloud: Cloud) -> Cloud {
    cloud.boots_well();
    cloud
}

fn tokens(asked: &[Request]) -> Vec<&str> {
    let tokens = asked.iter().filter_map(|ask| match ask {
        Request::Commit { ticket, .. } => Some(ticket.token.expose()),
        _ => None,
    });
    tokens.collect()
}

/// On the screen, in front of the list of what is unfinished.
fn recalled(cloud: Cloud) -> Journey {
    let start = Start {
        registering: phala_wizard::wizard::registering::Registering::default(),
        resume: Some(String::new()),
        ..Start::default()
    };
    let mut journey = Journey::begin(cloud, start);
    journey.settle();
    journey.sees("unfinished work");
    journey
}

/// In front of the confirmation, with a token that an earlier run was given.
pub fn at_the_confirmation(cloud: Cloud) -> Journey {
    let Cloud { begun, .. } = on_chain(vec![prepare(), token()]);
    let mut journey = recalled(Cloud { begun, ..cloud });
    journey.press("<enter>").wait(10);
    journey.sees("Create this instance?");
    journey
}

#[test]
fn what_was_refused_for_certain_goes_on_with_the_token_that_is_kept() {
    for (status, meaning) in [
        (467, Meaning::NotRegistered),
        (468, Meaning::NotRegistered),
        (402, Meaning::NothingMade),
    ] {
        let cloud = on_chain(vec![
            prepare(),
            token(),
            sent(1),
            refused(1, status, meaning),
        ]);
        let mut errand = Errand::resume(boots(cloud), yes());
        errand.wait(120).came_to(Outcome::Running, (0, 1));
        assert_eq!(tokens(&errand.asked), [OLD], "{status}");
    }
}

/// Only a preparation whose answer was not seen is repeated without being told to.
#[test]
fn a_useless_token_and_a_contradiction_send_nothing_by_themselves() {
    let twice = || vec![prepare(), prepare()];
    for records in [vec![prepare(), useless()], twice()] {
        for orders in [no(), yes()] {
            let mut errand = Errand::resume(on_chain(records.clone()), orders);
            errand.wait(700);
            assert_eq!(errand.sent(), (0, 0));
        }
    }
}

#[test]
fn a_token_that_was_offered_instead_of_an_answer_is_the_one_that_is_used() {
    let offered = || prepared(NEW, Answering::Commit(1)).into();
    let cloud = on_chain(vec![prepare(), token(), sent(1), offered()]);
    let mut errand = Errand::resume(boots(cloud), yes());
    errand.wait(120).came_to(Outcome::Running, (0, 1));
    assert_eq!(tokens(&errand.asked), [NEW]);
    // Beside a commit without an answer it could make a second instance.
    let two = vec![prepare(), token(), sent(1), sent(2), {
        prepared(NEW, Answering::Commit(2)).into()
    }];
    let mut journey = recalled(on_chain(two));
    journey.press("<enter>").wait(20).sees("create again");
    journey.does_not_see("SAME token");
}

#[test]
fn another_hash_stops_what_is_taken_up_again_too() {
    let mut errand = Errand::resume(doubtful(vec![prepare(), token()]), yes());
    errand.wait(60).came_to(Outcome::Failed, (0, 0));
    errand.tells(&cloud::hash('b').to_string());
    let mut journey = recalled(doubtful(vec![prepare(), token()]));
    journey
        .press("<enter>")
        .wait(10)
        .sees("wants another content registered");
    journey
        .press("<right><enter>")
        .sees("Create this instance?");
    let accepted = Request::Note(Noted::Accepted(cloud::hash('a')));
    assert!(journey.asked.contains(&accepted));
}

#[test]
fn who_went_on_with_another_hash_is_not_asked_again_and_yes_still_stops_there() {
    let accepted = || {
        let accepted = Decision {
            choice: Choice::AcceptOtherHash,
            facts: Vec::new(),
        };
        doubtful(vec![prepare(), token(), accepted.into()])
    };
    let mut journey = recalled(accepted());
    journey
        .press("<enter>")
        .wait(10)
        .sees("Create this instance?")
        .sees("not as computed here");
    let mut errand = Errand::resume(accepted(), yes());
    errand.wait(60).came_to(Outcome::Failed, (0, 0));
    errand.tells("Only a person goes on with it");
    // A token for yet another hash is another question.
    let offered = || {
        let mut offered = prepared(NEW, Answering::Commit(1));
        offered.compose_hash = cloud::hash('c');
        offered.into()
    };
    let mut cloud = accepted();
    let state = cloud.begun.as_mut().expect("one was begun");
    for record in [sent(1), offered()] {
        let at = state.last().clone();
        state.take(&Stamped { at, record });
    }
    let mut journey = recalled(cloud);
    journey
        .press("<enter>")
        .wait(10)
        .sees("wants another content registered");
}

#[test]
fn a_token_that_is_gone_ends_as_gone_and_is_not_offered_again() {
    let gone = || {
        let refused = refused(1, 466, Meaning::TokenGone);
        on_chain(vec![prepare(), token(), sent(1), refused])
    };
    for orders in [no(), yes()] {
        let mut errand = Errand::resume(gone(), orders);
        errand.wait(700).came_to(Outcome::TokenDead, (0, 0));
        errand.tells("the commit token is no longer good");
    }
    let mut journey = recalled(gone());
    journey
        .press("<enter>")
        .wait(20)
        .sees("The token was used, or ran out")
        .sees("create again")
        .does_not_see("SAME token");
    journey.press("<^c><right><enter>");
    let exit = journey.exit.map(|exit| exit.outcome);
    assert_eq!(exit, Some(Outcome::TokenDead));
}

/// A list that cannot be read keeps the look from its end.
#[test]
fn what_was_never_sent_is_not_told_as_sent() {
    for (records, outcome) in [
        (vec![prepare(), token()], Outcome::Prepared),
        (vec![prepare()], Outcome::Nothing),
        (vec![prepare(), token(), sent(1)], Outcome::Unknown),
    ] {
        let mut journey = recalled(on_chain(records));
        journey.press_only("<enter>");
        let resume = journey.open.pop().expect("the journal is opened");
        let state = journey.cloud.begun.clone().expect("one was begun");
        journey.reply(resume.0, Answer::Resumed(Ok(state)));
        journey.press_only("<^c><right><enter>");
        let exit = journey.exit.expect("it left");
        assert_eq!(exit.outcome, outcome);
        let says_sent = exit.receipt.concat().contains("Sent, and the answer");
        assert_eq!(says_sent, outcome == Outcome::Unknown, "{exit:?}");
    }
}

#[test]
fn an_app_under_a_contract_is_prepared_again_and_not_asked_about_as_one_without() {
    let no = PrepareRefused {
        attempt: 2,
        status: 503,
        code: None,
    };
    let again = Decision {
        choice: Choice::PrepareAgain,
        facts: Vec::new(),
    };
    let mut cloud = on_chain(vec![prepare(), token(), sent(1), again.into()]);
    let state = cloud.begun.as_mut().expect("one was begun");
    let may = prepare_again(state).expect("a person said so");
    for record in [PrepareSent::again(may).into(), no.into()] {
        let at = state.last().clone();
        state.take(&Stamped { at, record });
    }
    cloud.hash_allowed = true;
    let mut journey = recalled(cloud);
    journey
        .press("<enter>")
        .wait(20)
        .press("2orders-api<enter>")
        .sees("Create this instance?")
        .does_not_see("no contract governs this app");
    let [Request::Prepare(order)] = journey.creating()[..] else {
        panic!("{:?}", journey.creating());
    };
    assert_eq!(order.consent, Some(Choice::PrepareAgain));
}
