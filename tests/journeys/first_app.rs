//! A person without an app deploys one: from an empty workspace to running, and every way in which that can go wrong.

use phala_wizard::api::types::{AppId, Keeper, Plan, Ticket, stand_in};
use phala_wizard::chain::contract::Owner;
use phala_wizard::chain::transaction::Standing;
use phala_wizard::journal::id::IntentId;
use phala_wizard::journal::moment::Moment;
use phala_wizard::journal::reader::Stamped;
use phala_wizard::journal::record::{
    Answering, Choice, CommitSent, Governed, Intent, PrepareSent, Prepared, Record, fingerprint,
};
use phala_wizard::journal::state::State;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Answer, Effect, Event, Outcome, Request};
use phala_wizard::wizard::guide::Term;

use super::cloud::node::{ACCOUNT, Node};
use super::cloud::{self, Cloud, Fate};
use super::journey::Journey;

/// From the menu of an empty workspace to step 2: name, keys, size, disk.
const NAMED: &str = "1<enter><enter><enter><enter>";

/// From there to the review: the service chooses the node, a compose file, no values, a script written here.
const ANSWERED: &str = "a f<enter><enter><enter>3<^s><enter>";

fn empty() -> Cloud {
    Cloud {
        apps: Vec::new(),
        ..Cloud::default()
    }
}

fn at_review(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.sees("has no apps yet").press(NAMED);
    journey.sees("Where should it run?");
    journey.press(&ANSWERED.replace(' ', ""));
    journey.sees("Nothing was sent yet");
    journey
}

fn at_confirmation(cloud: Cloud) -> Journey {
    let mut journey = at_review(cloud);
    journey.press("<enter>").sees("Create this app");
    journey
}

fn orders(journey: &Journey) -> Vec<&Plan> {
    let plans = journey.asked.iter().filter_map(|ask| match ask {
        Request::Prepare(order) | Request::Commit { order, .. } => Some(&order.plan),
        _ => None,
    });
    plans.collect()
}

fn tickets(journey: &Journey) -> Vec<&Ticket> {
    let tickets = journey.asked.iter().filter_map(|ask| match ask {
        Request::Commit { ticket, .. } => Some(ticket.as_ref()),
        _ => None,
    });
    tickets.collect()
}

#[test]
fn from_nothing_to_running_with_one_confirmation() {
    let mut journey = at_review(empty());
    journey.sees("New app").sees("orders").sees("$0.058/hour");
    // There is one app of its id, so its answers are not for another time.
    journey.does_not_see("save answers");
    assert_eq!(journey.creating().len(), 0, "nothing has left");
    journey.press("<enter>").sees("Create this app");
    journey.sees("as computed here").sees("0 instances noted");
    assert_eq!(journey.commits(), 0, "a provision creates nothing");
    // The focus is on the button that does nothing.
    journey.press("<enter>").sees("[Plan]").press("<enter>");
    journey.sees("Create this app").press("<right><enter>");
    assert_eq!(journey.commits(), 1);
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running");
    let plan = orders(&journey)[0];
    assert_eq!(plan.path(), "/cvms/provision");
    let app = plan.new_app().expect("a new app");
    assert_eq!(
        (app.keeper, app.size.as_str(), app.disk_gb),
        (Keeper::Phala { nonce: 3 }, "tdx.small", Some(20))
    );
    assert_eq!((plan.app, plan.node), (cloud::app_id(cloud::NEXT), None));
    journey.press("<^c><right><enter>");
    assert_eq!(
        journey.exit.map(|exit| exit.outcome),
        Some(Outcome::Running)
    );
}

#[test]
fn nothing_is_asked_about_an_app_that_nobody_knows() {
    let journey = at_confirmation(empty());
    let asked = |kind: fn(&Request) -> bool| journey.count(kind);
    assert_eq!(asked(|ask| matches!(ask, Request::NextApp)), 1);
    assert_eq!(asked(|ask| matches!(ask, Request::Sizes)), 1);
    let about = |ask: &Request| {
        matches!(
            ask,
            Request::App(_) | Request::Allowlist(_) | Request::Document(_) | Request::EnvKey { .. }
        )
    };
    assert_eq!(asked(about), 0);
    // The one list is what is noted before the request that creates.
    assert_eq!(asked(|ask| matches!(ask, Request::Instances(_))), 1);
}

#[test]
fn values_go_along_with_the_provision_and_never_into_the_plan() {
    let mut journey = Journey::signed_in(Cloud {
        env_file: "GREETING=canary-hello\n".to_owned(),
        ..empty()
    });
    journey.press(NAMED).press("af<enter><enter>");
    journey.press("2").sees(".env").press("<enter>");
    journey.sees("GREETING").press("<enter>3<^s><enter>");
    journey.sees("1 value, encrypted once its key is known");
    journey
        .press("<tab>")
        .sees("/cvms/provision")
        .does_not_see("canary-hello");
    journey.press("<enter>").sees("1 value encrypted here");
    journey.press("<right><enter>");
    for plan in orders(&journey) {
        assert_eq!(plan.env, None);
        assert_eq!(plan.new_app().expect("new").env_names, ["GREETING"]);
        assert!(!format!("{plan:?}").contains("canary-hello"));
    }
    let sealed = tickets(&journey)[0]
        .provision
        .as_ref()
        .expect("a provision");
    assert_eq!(sealed.sealed.as_deref(), Some("cd".repeat(80).as_str()));
    assert!(!format!("{:?}", journey.asked).contains("canary-hello"));
}

#[test]
fn a_hash_of_another_content_is_where_it_ends() {
    let mut journey = at_review(Cloud {
        lies: true,
        ..empty()
    });
    journey
        .press("<enter>")
        .sees("another content than you previewed");
    journey.sees("There is no way on from here");
    journey.press("<tab><right><enter>").sees("[Plan]");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn with_the_script_of_the_service_the_hash_is_named_and_not_judged() {
    let mut journey = Journey::signed_in(Cloud {
        lies: true,
        ..empty()
    });
    journey.press(NAMED).press("af<enter><enter><enter><enter>");
    journey.sees("cannot be computed here").press("<enter>");
    journey.sees("Create this app").sees("not checked here");
}

#[test]
fn a_provision_without_an_answer_is_asked_again_only_by_a_person() {
    let mut journey = at_review(Cloud {
        prepare: Fate::Lost,
        ..empty()
    });
    journey
        .press("<enter>")
        .sees("Nothing was created and nothing is billed");
    journey.wait(300);
    assert_eq!(journey.creating().len(), 1);
    journey.cloud.prepare = Fate::Good;
    journey.press("r").sees("Create this app");
}

#[test]
fn an_id_that_was_taken_is_asked_for_anew_in_step_1() {
    let mut journey = at_review(Cloud {
        prepare: Fate::Refused(409, Some("ERR-03-007")),
        ..empty()
    });
    journey.press("<enter>").sees("back to step 1");
    journey.press("<esc>").sees("[Plan]").press("1");
    journey.sees("what is it called?");
    assert_eq!(journey.count(|ask| matches!(ask, Request::NextApp)), 2);
}

#[test]
fn a_creation_without_an_answer_is_looked_for_and_never_sent_again_by_itself() {
    let mut journey = at_confirmation(Cloud {
        commit: Fate::Lost,
        hidden_for: 3,
        ..empty()
    });
    journey.press("<right><enter>").sees("may or may not exist");
    journey.wait(60);
    assert_eq!(journey.commits(), 1);
    journey.sees("FOUND").press("<enter>");
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running");
    assert_eq!(journey.commits(), 1);
}

#[test]
fn what_is_sent_again_names_the_same_app_and_is_asked_for_first() {
    let mut journey = at_confirmation(Cloud {
        commit: Fate::Lost,
        hidden_for: u32::MAX,
        ..empty()
    });
    journey.press("<right><enter>");
    journey.wait(60);
    journey.sees("send the SAME request again").press("2");
    journey.sees("Create this app").press("<enter>");
    assert_eq!(journey.commits(), 1, "the focus is on the way back");
    journey.wait(60);
    journey.press("2<right><enter>");
    assert_eq!(journey.commits(), 2);
    let plans = orders(&journey);
    assert!(
        plans
            .iter()
            .all(|plan| plan.app == cloud::app_id(cloud::NEXT))
    );
    let consent = journey.asked.iter().rev().find_map(|ask| match ask {
        Request::Commit { order, .. } => order.consent.clone(),
        _ => None,
    });
    assert_eq!(consent, Some(Choice::SendAgain));
}

#[test]
fn a_new_app_can_be_made_beside_others_and_given_up_again() {
    let mut journey = Journey::signed_in(Cloud::default());
    journey.press("n").sees("what is it called?").press("<esc>");
    journey.sees("Which app gets a new instance?");
    journey.press("n<enter><enter><enter><enter>");
    journey.sees("Where should it run?").press("<esc>");
    // Back among the apps, one that exists is taken instead.
    journey.press("<esc><enter><enter><enter><enter><enter>");
    journey.sees("Nothing was sent yet").does_not_see("New app");
}

#[test]
fn the_menu_of_an_empty_workspace_leads_to_the_sandbox_and_back() {
    let start = Start {
        scenarios: vec![("on-chain".into(), "An app with a contract.".into())],
        ..Start::default()
    };
    let mut journey = Journey::begin(empty(), start);
    journey.settle();
    journey.sees("has no apps yet").press("2");
    journey.sees("An app with a contract").press("<esc>");
    journey.sees("has no apps yet").press("3");
    journey.sees("Which profile?").press("<esc>");
    journey.sees("has no apps yet");
}

/// What an earlier run wrote down of a new app, behind its intent.
fn begun(order: &phala_wizard::wizard::event::Order, records: Vec<Record>) -> Cloud {
    let intent = Intent::new(IntentId::new(1, 1), &order.plan, order.facts.clone());
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
        ..empty()
    }
}

/// The order and the ticket of a run that came as far as the confirmation.
fn earlier() -> (phala_wizard::wizard::event::Order, Ticket) {
    let mut journey = at_confirmation(empty());
    journey.press("<right><enter>");
    let sent = journey.asked.iter().find_map(|ask| match ask {
        Request::Commit { order, ticket, .. } => Some((order.as_ref(), ticket.as_ref())),
        _ => None,
    });
    let Some((order, ticket)) = sent else {
        panic!("nothing was committed");
    };
    assert_eq!(order.facts.governed, Governed::NewApp);
    (order.clone(), ticket.clone())
}

fn recalled(cloud: Cloud) -> Journey {
    let start = Start {
        resume: Some(String::new()),
        ..Start::default()
    };
    let mut journey = Journey::begin(cloud, start);
    journey.settle();
    journey.sees("unfinished work");
    journey
}

#[test]
fn what_was_provisioned_before_is_gone_on_with_after_a_look() {
    let (order, ticket) = earlier();
    let provisioned = Prepared::of(&ticket, Answering::Prepare(1));
    let cloud = begun(
        &order,
        vec![PrepareSent::first().into(), provisioned.into()],
    );
    let mut journey = recalled(cloud);
    journey.cloud.instances.clear();
    journey.sees("provisioned, not created").sees("none new");
    journey.press("<enter>").wait(10);
    journey.sees("Create this app").sees("as computed here");
    assert_eq!(journey.commits(), 0);
    journey.press("<right><enter>");
    assert_eq!(tickets(&journey)[0].provision, ticket.provision);
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running");
}

#[test]
fn what_may_have_been_created_before_is_looked_for_and_found() {
    let (order, ticket) = earlier();
    let sent = CommitSent {
        send: 1,
        token: fingerprint(&ticket.token),
        proof: phala_wizard::api::types::Proof::AlreadyRegistered,
    };
    let provisioned = Prepared::of(&ticket, Answering::Prepare(1));
    let records = vec![PrepareSent::first().into(), provisioned.into(), sent.into()];
    let mut cloud = begun(&order, records);
    let mut made = cloud::instance("orders", 100, 'a');
    made.compose_hash = Some(ticket.compose_hash);
    cloud.instances.clear();
    cloud.created = vec![made];
    let mut journey = recalled(cloud);
    journey.sees("ANSWER NOT SEEN").press("<enter>").wait(10);
    journey.sees("FOUND").press("<enter>");
    assert_eq!(journey.commits(), 0);
}

#[test]
fn values_that_nobody_has_any_more_are_not_left_out_in_silence() {
    let (mut order, _) = earlier();
    order.facts.env_names = vec!["GREETING".to_owned()];
    let mut journey = recalled(begun(&order, vec![PrepareSent::first().into()]));
    journey.press("<enter>").wait(10);
    journey.sees("their values are gone").press("<enter>");
    journey.sees("written down nowhere");
    assert_eq!(journey.creating().len(), 0);
}

#[test]
fn terms_are_explained_once_and_always_in_the_help() {
    let start = Start {
        guide: true,
        ..Start::default()
    };
    let mut journey = Journey::begin(Cloud::default(), start);
    journey.settle();
    journey.sees("CVM: a virtual machine").press("<enter>");
    journey.sees("Node: a host").press("<esc>");
    journey.does_not_see("CVM: a virtual machine").press("?");
    journey.sees("CVM: a virtual machine").press("<esc>");
    let kept = journey.asked.iter().rev().find_map(|ask| match ask {
        Request::KeepTerms(terms) => Some(terms.clone()),
        _ => None,
    });
    assert_eq!(kept, Some(vec![Term::Cvm, Term::Node]));

    // Whoever has seen them all is explained nothing.
    let start = Start {
        guide: true,
        ..Start::default()
    };
    let mut journey = Journey::begin(Cloud::default(), start);
    let asked = journey
        .open
        .iter()
        .position(|(_, ask)| *ask == Request::TermsSeen);
    let (id, _) = journey.open.remove(asked.expect("it is asked"));
    let effects = journey
        .wizard
        .update(Event::Reply(id, Answer::TermsSeen(Term::ALL.to_vec())));
    assert_eq!(effects, Vec::<Effect>::new());
    journey.settle();
    journey.does_not_see("CVM: a virtual machine");
}

/// From the menu of an empty workspace to step 2, with keys on Base.
const NAMED_ON_CHAIN: &str = "1<enter>2<enter><enter>";

fn at_the_contract() -> Journey {
    let mut journey = Journey::signed_in(Cloud {
        node: Some(Node {
            owner: Owner::Wallet(ACCOUNT),
            standing: Standing::Mined { block: 8, depth: 2 },
        }),
        ..empty()
    });
    journey.press(NAMED_ON_CHAIN).sees("Where should it run?");
    journey.press(&ANSWERED.replace(' ', ""));
    journey.sees("by a contract of its own").press("<enter>");
    journey.sees("NOT deployed");
    journey
}

#[test]
fn with_keys_on_a_chain_nothing_is_signed_or_created_before_it_was_said_so() {
    let mut journey = at_the_contract();
    let signs = |journey: &Journey| journey.count(|ask| matches!(ask, Request::Sign { .. }));
    assert_eq!(
        journey.count(|ask| matches!(ask, Request::NextApp)),
        1,
        "asked and not used"
    );
    assert_eq!(
        journey.count(|ask| matches!(ask, Request::Instances(_))),
        0,
        "there is no app"
    );
    // However long Enter is held.
    journey.press("<enter><enter>11<enter><enter><enter>");
    assert_eq!((signs(&journey), journey.commits()), (0, 0));
    let hash = journey.cloud.named.to_string();
    journey.press(&hash[60..]).press("<enter>").wait(6);
    assert_eq!((signs(&journey), journey.commits()), (1, 0));
    journey.sees("The contract is there").press("<enter>");
    journey.sees("Create this app").press("<right><enter>");
    assert_eq!((signs(&journey), journey.commits()), (1, 1));
    journey.cloud.boots_well();
    journey.wait(10);
    journey.sees("Running");
    let made = orders(&journey);
    // The stand-in went nowhere but into the plan that was written down.
    assert_eq!(made[0].app, stand_in(made[0].name.as_str()));
    assert_eq!(made[1].app, AppId::from([0x3d; 20]));
    let founded = tickets(&journey)[0]
        .provision
        .as_ref()
        .and_then(|it| it.founded.clone());
    let founded = founded.expect("a contract");
    assert_eq!(founded.owner.to_string(), ACCOUNT.to_string());
    let instances = journey.asked.iter().filter_map(|ask| match ask {
        Request::Instances(app) => Some(*app),
        _ => None,
    });
    assert!(
        instances
            .into_iter()
            .all(|app| app == AppId::from([0x3d; 20]))
    );
}

#[test]
fn a_kms_on_another_chain_than_was_chosen_is_where_it_ends() {
    let mut journey = Journey::signed_in(empty());
    journey
        .press(NAMED_ON_CHAIN)
        .press(&ANSWERED.replace(' ', ""));
    journey.cloud.other_chain = true;
    journey
        .press("<enter>")
        .sees("it is about chain 1, and 8453 was asked for");
    assert_eq!(journey.commits(), 0);
}
