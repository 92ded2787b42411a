//! What each screen looks like, as text a person reads in a diff: at 80x24, and some at 100x30 and 40x12.

#![expect(clippy::expect_used, reason = "a panic in a test is a message to us")]

#[path = "support/cloud.rs"]
mod cloud;
#[path = "frames/cockpit.rs"]
mod cockpit;
#[path = "frames/dress.rs"]
mod dress;
#[path = "support/journey.rs"]
mod journey;
#[path = "support/sizes.rs"]
mod sizes;
#[path = "support/typed.rs"]
mod typed;

use cloud::node::{ACCOUNT, Node};
use cloud::{Cloud, Fate};
use journey::Journey;
use phala_wizard::api::types::{Approval, NodeId};
use phala_wizard::chain::Address;
use phala_wizard::chain::contract::Owner;
use phala_wizard::chain::transaction::Standing;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Answer, Request, SignedIn};
use phala_wizard::wizard::keymap;

const TO_REVIEW: &str = "<enter><enter><enter><enter><enter>";

fn journey() -> Journey {
    Journey::signed_in(Cloud::default())
}

fn after(keys: &str) -> Journey {
    let mut journey = journey();
    journey.press(keys);
    journey
}

fn central() -> Cloud {
    Cloud {
        apps: vec![cloud::app(cloud::CENTRAL, "kv-cache", "phala")],
        ..Cloud::default()
    }
}

fn registered(commit: Fate) -> Cloud {
    Cloud {
        hash_allowed: true,
        commit,
        ..Cloud::default()
    }
}

/// One frame per line: a name, the journey, and the size.
macro_rules! frames {
    ($($name:ident at $width:literal x $height:literal: $journey:expr;)*) => {
        $(#[test]
        fn $name() {
            let journey: Journey = $journey;
            assert_eq!(keymap::clashes(&journey.wizard.offer()), [], "keys");
            assert_eq!(keymap::strangers(&journey.wizard.offer()), [], "parts");
            sizes::everywhere(&journey);
            insta::assert_snapshot!(stringify!($name), journey.frame_at($width, $height));
        })*
    };
}

frames! {
    // Before the form.
    door_before_anything_is_known at 80 x 24: Journey::begin(Cloud::default(), Start::default());
    door_nobody_signed_in at 80 x 24: nobody();
    door_typing_a_key at 80 x 24: { let mut j = nobody(); j.press_only("2phak_secret"); j };
    door_key_refused at 80 x 24: refused_key();
    door_scenarios at 80 x 24: { let mut j = nobody(); j.press("4"); j };
    door_browser_wide at 100 x 30: browser();
    door_browser at 80 x 24: browser();
    door_browser_small at 40 x 12: browser();
    door_browser_trouble at 80 x 24: browser_in_trouble();
    door_browser_denied at 80 x 24: denied();
    door_keep_wide at 100 x 30: keeping();
    door_keep at 80 x 24: keeping();
    door_keep_small at 40 x 12: keeping();
    door_profiles at 80 x 24: after("P");
    door_profiles_small at 40 x 12: after("P");
    door_other_workspace at 80 x 24: other_workspace();
    // The form.
    app_list at 80 x 24: journey();
    app_list_wide at 100 x 30: journey();
    app_list_small at 40 x 12: journey();
    app_list_loading at 80 x 24: loading();
    app_facts_behind_tab at 80 x 24: after("<tab>");
    app_nothing_matches at 80 x 24: after("/zzz");
    app_workspace_is_empty at 80 x 24: Journey::signed_in(Cloud { apps: Vec::new(), ..Cloud::default() });
    new_app_name at 80 x 24: new_app("");
    new_app_name_small at 40 x 12: new_app("");
    new_app_keys at 80 x 24: new_app("<enter><down>");
    new_app_size at 80 x 24: new_app("<enter><enter>");
    new_app_size_wide at 100 x 30: new_app("<enter><enter>");
    new_app_disk at 80 x 24: new_app("<enter><enter><enter>");
    new_app_compose at 80 x 24: new_app("<enter><enter><enter><enter>a");
    new_app_env at 80 x 24: new_app("<enter><enter><enter><enter>af<enter><enter>");
    new_app_script at 80 x 24: new_app("<enter><enter><enter><enter>af<enter><enter><enter>");
    new_app_review at 80 x 24: new_app(NEW_TO_REVIEW);
    new_app_review_wide at 100 x 30: new_app(NEW_TO_REVIEW);
    new_app_requests at 100 x 60: { let mut j = new_app(NEW_TO_REVIEW); j.press("<tab>"); j };
    new_app_provisioning at 80 x 24: { let mut j = new_app(WRITTEN_HERE); j.press_only("<enter>").pass(2); j };
    new_app_refused at 80 x 24: { let mut j = new_app(WRITTEN_HERE); j.cloud.prepare = Fate::Refused(409, Some("ERR-03-007")); j.press("<enter>"); j };
    new_app_unknown at 80 x 24: { let mut j = new_app(WRITTEN_HERE); j.cloud.commit = Fate::Lost; j.cloud.hidden_for = 99; j.press("<enter><right><enter>").wait(20); j };
    new_app_in_doubt at 80 x 24: { let mut j = new_app(NEW_TO_REVIEW); j.cloud.lies = true; j.press("<enter>"); j };
    new_app_confirmation at 80 x 24: { let mut j = new_app(NEW_TO_REVIEW); j.press("<enter>"); j };
    new_app_confirmation_small at 40 x 12: { let mut j = new_app(NEW_TO_REVIEW); j.press("<enter>"); j };
    founding_overview at 80 x 24: founding("");
    founding_overview_wide at 100 x 40: founding("");
    founding_overview_small at 40 x 12: founding("");
    founding_owner at 80 x 24: founding("2");
    founding_words at 100 x 30: founding("11");
    founding_under_way at 80 x 24: deployed(Standing::Waiting, 3);
    founding_there at 80 x 24: deployed(Standing::Mined { block: 8, depth: 2 }, 6);
    founding_confirmation at 80 x 24: { let mut j = deployed(Standing::Mined { block: 8, depth: 2 }, 6); j.press("<enter>"); j };
    terms_on_the_first_screen at 80 x 24: guided("");
    terms_on_a_small_screen at 40 x 12: guided("");
    terms_in_the_help at 80 x 24: guided("<enter><esc>?");
    app_several_revisions at 80 x 24: several_revisions();
    node_list at 80 x 24: after("<enter>");
    node_list_wide at 100 x 30: after("<enter>");
    node_list_small at 40 x 12: after("<enter>");
    node_list_ticked at 80 x 24: several("<enter> <down> ");
    node_list_ticked_small at 40 x 12: several("<enter> <down> ");
    node_service_busy at 80 x 24: nodes_refused(503);
    node_signed_out at 80 x 24: nodes_refused(401);
    compose_keep at 80 x 24: after("<enter><enter>");
    compose_keep_wide at 100 x 30: after("<enter><enter>");
    compose_keep_small at 40 x 12: after("<enter><enter>");
    compose_browser at 80 x 24: after("<enter><enter>f");
    compose_file at 100 x 30: after("<enter><enter>f/docker<enter>");
    compose_broken at 80 x 24: broken_compose();
    env_inherit at 80 x 24: after("<enter><enter><enter>");
    env_import at 80 x 24: import();
    env_table at 100 x 30: table();
    script_keep at 80 x 24: after("<enter><enter><enter><enter>");
    // The launch.
    review_plan at 80 x 24: after(TO_REVIEW);
    review_plan_wide at 100 x 30: after(TO_REVIEW);
    review_plan_small at 40 x 12: after(TO_REVIEW);
    review_after_a_change at 100 x 30: changed_on_disk();
    review_after_a_change_small at 40 x 12: changed_on_disk();
    reading_files_again at 80 x 24: { let mut j = with_a_file(); j.press_only("<enter>"); j };
    review_request at 100 x 30: { let mut j = after(TO_REVIEW); j.press("<tab>"); j };
    review_commands at 100 x 30: { let mut j = after(TO_REVIEW); j.press("c"); j };
    prepare_waiting at 80 x 24: { let mut j = after(TO_REVIEW); j.press_only("<enter>").pass(3); j };
    prepare_lost at 80 x 24: lost_prepare();
    chain_missing at 80 x 24: { let mut j = after(TO_REVIEW); j.press("<enter>"); j };
    chain_missing_wide at 100 x 30: { let mut j = after(TO_REVIEW); j.press("<enter>"); j };
    chain_agrees at 80 x 24: { let mut j = after(TO_REVIEW); j.press("<enter>").wait(10); j };
    chain_read at 100 x 30: on_chain(mine(), "<enter>");
    chain_of_a_safe at 80 x 24: on_chain(safe(), "<enter>");
    chain_key at 80 x 24: on_chain(mine(), "<enter>1");
    chain_sign at 80 x 24: on_chain(mine(), "<enter>11");
    chain_sign_wide at 100 x 30: on_chain(mine(), "<enter>11");
    chain_sign_small at 40 x 12: on_chain(mine(), "<enter>11");
    chain_not_mine at 80 x 24: on_chain(Owner::Wallet(Address::repeat_byte(0xf6)), "<enter>11");
    chain_under_way at 80 x 24: signed(Standing::Waiting, 70);
    chain_dropped at 80 x 24: signed(Standing::Unknown, 2);
    chain_refused at 80 x 24: signed(Standing::Reverted { block: 51_375_550, why: None }, 2);
    commit_confirmation at 80 x 24: confirmation(registered(Fate::Good));
    commit_confirmation_wide at 100 x 30: confirmation(registered(Fate::Good));
    hash_in_doubt at 80 x 24: review_then_enter(Cloud { lies: true, ..Cloud::default() });
    hash_in_doubt_small at 40 x 12: review_then_enter(Cloud { lies: true, ..Cloud::default() });
    commit_confirmation_small at 40 x 12: confirmation(registered(Fate::Good));
    commit_confirmation_without_a_contract at 80 x 24: confirmation(central());
    several_review at 80 x 24: several(TWO);
    several_contract_wide at 100 x 30: { let mut j = several(TWO); j.cloud.device_allowed = false; j.press("<enter>"); j };
    several_confirmation at 80 x 24: { let mut j = several(TWO); j.press("<enter>"); j };
    several_confirmation_small at 40 x 12: { let mut j = several(TWO); j.press("<enter>"); j };
    several_cannot_be_prepared at 80 x 24: { let mut j = several(TWO); j.cloud.prepare = Fate::Refused(400, Some("ERR-02-003")); j.press("<enter>"); j };
    several_with_a_refusal at 80 x 24: { let mut j = several(TWO); j.cloud.commit = Fate::Refused(400, Some("ERR-02-003")); j.cloud.unlucky = Some(NodeId(6)); j.press("<enter><right><enter>"); j };
    commit_in_flight at 80 x 24: { let mut j = confirmation(registered(Fate::Good)); j.press_only("<right><enter>").pass(9); j };
    door_with_a_token_left at 80 x 24: revoked_at_the_chain();
    door_with_a_token_left_small at 40 x 12: revoked_at_the_chain();
    commit_without_a_key at 80 x 24: { let mut j = revoked_at_the_chain(); j.press("5"); j };
    door_wants_a_key at 80 x 24: { let mut j = revoked_at_the_chain(); j.cloud.commit = Fate::Refused(401, None); j.press("5<right><enter>"); j };
    commit_unknown at 80 x 24: unknown(u32::MAX);
    commit_found at 100 x 30: unknown(1);
    commit_token_refused at 80 x 24: sent(registered(Fate::Refused(466, Some("ERR-01-006"))));
    commit_node_full at 80 x 24: sent(registered(Fate::Refused(400, Some("ERR-02-005"))));
    // In front of everything.
    help at 80 x 24: after("<enter>?");
    leaving at 80 x 24: after("<enter><^c>");
    too_small at 30 x 8: journey();
}

/// To the review of a new app, with a compose file and a script written here.
const NEW_TO_REVIEW: &str = "<enter><enter><enter><enter>af<enter><enter><enter>3<^s><enter>";

/// The same without a file.
const WRITTEN_HERE: &str = "<enter><enter><enter><enter>a3<^s><enter><enter>3<^s><enter>";

/// In an empty workspace, with these keys pressed at the questions about a new app.
fn new_app(keys: &str) -> Journey {
    let mut journey = Journey::signed_in(Cloud {
        apps: Vec::new(),
        ..Cloud::default()
    });
    journey.press("1").press(keys);
    journey
}

/// A new app on Base, provisioned, with these keys pressed at its contract.
fn founding(keys: &str) -> Journey {
    let mut journey = Journey::signed_in(Cloud {
        apps: Vec::new(),
        node: Some(Node {
            owner: mine(),
            standing: Standing::Waiting,
        }),
        ..Cloud::default()
    });
    journey.press("1<enter>2<enter><enter>a3<^s><enter><enter>3<^s><enter>");
    journey.press("<enter>").press(keys);
    journey
}

/// The same after it was signed for, so many seconds later.
fn deployed(standing: Standing, seconds: u64) -> Journey {
    let mut journey = founding("");
    journey.cloud.node = Some(Node {
        owner: mine(),
        standing,
    });
    let hash = journey.cloud.named.to_string();
    journey
        .press("11")
        .press(&hash[60..])
        .press("<enter>")
        .wait(seconds);
    journey
}

/// Somebody who is here for the first time.
fn guided(keys: &str) -> Journey {
    let start = Start {
        folder: "/home/dana/orders".into(),
        guide: true,
        ..Start::default()
    };
    let mut journey = Journey::begin(Cloud::default(), start);
    journey.settle();
    journey.press(keys);
    journey
}

fn review_then_enter(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press("<enter><enter><enter><enter><enter><enter>");
    journey
}

/// At the review, with a compose file that was read from the disk.
fn with_a_file() -> Journey {
    let mut journey = after("<enter><enter>f/docker<enter><enter>");
    journey.press("<enter><enter>");
    journey
}

fn changed_on_disk() -> Journey {
    let mut journey = with_a_file();
    let text = journey.cloud.compose_file.replace("1.8.2", "1.8.3");
    journey.cloud.compose_file = text;
    journey.press("<enter>");
    journey
}

fn nobody() -> Journey {
    let scenarios = vec![
        ("on-chain".into(), "Everything works.".into()),
        ("node-full".into(), "No node fits.".into()),
    ];
    let start = Start {
        scenarios,
        ..Start::default()
    };
    let mut journey = Journey::begin(
        Cloud {
            signed_in: false,
            ..Cloud::default()
        },
        start,
    );
    journey.settle();
    journey
}

fn browser() -> Journey {
    let mut journey = nobody();
    journey.press("1");
    journey.wait(3);
    journey
}

fn browser_in_trouble() -> Journey {
    let mut journey = nobody();
    let lost = cloud::lost();
    journey.cloud.signin.polls = [Err(lost)].into();
    journey.press("1").wait(7);
    journey
}

fn denied() -> Journey {
    let mut journey = nobody();
    journey.cloud.signin.polls = [Ok(Approval::Denied)].into();
    journey.press("1").wait(7);
    journey
}

fn keeping() -> Journey {
    let mut journey = nobody();
    journey.press("1").wait(7);
    journey
}

/// At a commit that was refused, with a key of somebody else.
fn other_workspace() -> Journey {
    let mut journey = sent(registered(Fate::Refused(401, None)));
    journey.cloud.signin.workspace = Some("beta");
    journey.press("3").paste("phak_of_beta").press("<enter>");
    journey
}

fn refused_key() -> Journey {
    let mut journey = Journey::begin(Cloud::default(), Start::default());
    let (id, _) = journey.open.remove(0);
    let error = cloud::refused("GET /auth/me", 401, None);
    let host = "https://cloud-api.phala.com/api/v1".into();
    journey.reply(
        id,
        Answer::SignedIn(SignedIn::No {
            host,
            key: cloud::key(),
            error,
        }),
    );
    journey
}

fn loading() -> Journey {
    let mut journey = Journey::begin(Cloud::default(), Start::default());
    let (id, request) = journey.open.remove(0);
    let answer = journey.cloud.answer(&request).expect("an identity");
    journey.reply(id, answer);
    journey.pass(2);
    journey
}

fn several_revisions() -> Journey {
    let mut cloud = Cloud::default();
    cloud.instances[1].compose_hash = Some(cloud::hash('c'));
    let mut journey = Journey::signed_in(cloud);
    journey.press("<enter>");
    journey
}

fn nodes_refused(status: u16) -> Journey {
    let mut journey = after("<enter>");
    journey.press_only("r");
    let index = journey
        .open
        .iter()
        .position(|(_, request)| *request == Request::Nodes)
        .expect("asked for nodes");
    let (id, _) = journey.open.remove(index);
    journey.reply(
        id,
        Answer::Nodes(Err(cloud::refused("GET /teepods/available", status, None))),
    );
    journey.open.clear();
    journey
}

/// The key is refused while the contract is waited for.
fn revoked_at_the_chain() -> Journey {
    let mut journey = after(TO_REVIEW);
    journey.cloud.looks_until_allowed = 99;
    journey.press("<enter>");
    let is_contract: fn(&Request) -> bool = |it| matches!(it, Request::IsAllowed { .. });
    let no: cloud::cockpit::Meets = |_| {
        let asked = "POST /apps/../is-allowed";
        cloud::cockpit::Fault::Fails(cloud::refused(asked, 401, None))
    };
    journey.cloud.cockpit.faults.push((is_contract, no));
    journey.wait(9);
    journey
}

fn broken_compose() -> Journey {
    let compose_file = "services:\n  web:\n    image: nginx\n    ports: [\"8080:80\"\n".to_owned();
    let mut journey = Journey::signed_in(Cloud {
        compose_file,
        ..Cloud::default()
    });
    journey.press("<enter><enter>f/docker<enter>");
    journey
}

fn import() -> Journey {
    let env_file =
        "export DATABASE_URL=\"postgres://db\"  # main\nAPI KEY=abc\njusttext\n".to_owned();
    let mut journey = Journey::signed_in(Cloud {
        env_file,
        ..Cloud::default()
    });
    journey.press("<enter><enter><enter>2/env<enter>");
    journey
}

fn table() -> Journey {
    let mut journey = after("<enter><enter><enter>");
    journey.press("2/env<enter>");
    journey
}

fn lost_prepare() -> Journey {
    let mut journey = Journey::signed_in(Cloud {
        prepare: Fate::Lost,
        ..Cloud::default()
    });
    journey.press(TO_REVIEW).press("<enter>");
    journey
}

/// From the list of apps to the review, two nodes ticked.
const TWO: &str = "<enter> <down> <enter><enter><enter><enter>";

fn several(keys: &str) -> Journey {
    let mut journey = Journey::signed_in(registered(Fate::Good));
    journey.press(keys);
    journey
}

fn confirmation(cloud: Cloud) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press(TO_REVIEW).press("<enter>");
    journey
}

fn sent(cloud: Cloud) -> Journey {
    let mut journey = confirmation(cloud);
    journey.press("<right><enter>");
    journey
}

fn unknown(hidden_for: u32) -> Journey {
    let mut journey = confirmation(registered(Fate::Lost));
    journey.cloud.hidden_for = hidden_for;
    journey.press("<right><enter>").wait(20);
    journey
}

/// With a node that says this of who owns the contract.
fn on_chain(owner: Owner, keys: &str) -> Journey {
    with_node(owner, Standing::Waiting, keys)
}

fn with_node(owner: Owner, standing: Standing, keys: &str) -> Journey {
    let mut journey = Journey::signed_in(Cloud {
        node: Some(Node { owner, standing }),
        looks_until_allowed: u32::MAX,
        ..Cloud::default()
    });
    journey.press(TO_REVIEW).press(keys);
    journey
}

/// After the hash was signed for, so many seconds later.
fn signed(standing: Standing, seconds: u64) -> Journey {
    let mut journey = with_node(mine(), standing, "<enter>11");
    let hash = journey.cloud.named.to_string();
    journey.press(&hash[60..]).press("<enter>").wait(seconds);
    journey
}

fn mine() -> Owner {
    Owner::Wallet(ACCOUNT)
}

fn safe() -> Owner {
    Owner::Safe {
        address: Address::repeat_byte(0x5a),
        threshold: 2,
        owners: [1, 2, 3, 4].map(Address::repeat_byte).to_vec(),
    }
}
