//! Several nodes at once, on the screen and without one: prepared on each, registered once, confirmed once, created one by
//! one. Whatever becomes of one node, what is told of the others is true, and no creating request leaves twice.

use phala_wizard::api::types::NodeId;
use phala_wizard::line::{News, Orders, Stay};
use phala_wizard::secret::Secret;
use phala_wizard::wizard::answers::Answers;
use phala_wizard::wizard::event::{Outcome, Request};

use super::cloud::{Cloud, Fate};
use super::journey::Journey;
use super::line::{Errand, yes};

/// From the node step, two nodes ticked, to the review.
const TWO: &str = "<enter> <down> <enter><enter><enter><enter>";
const THREE: &str = "<enter> <down> <down> <enter><enter><enter><enter>";

/// A cloud where three nodes can take it: the contract knows the machine of the first alone.
fn roomy() -> Cloud {
    let mut cloud = Cloud {
        hash_allowed: true,
        ..Cloud::default()
    };
    for node in &mut cloud.nodes {
        node.slots = Some(4);
    }
    cloud.boots_well();
    cloud
}

fn journey(cloud: Cloud, keys: &str) -> Journey {
    let mut journey = Journey::signed_in(cloud);
    journey.press(keys);
    journey
}

fn answers(app: &str, nodes: &[&str]) -> Answers {
    Answers {
        app: Some(app.to_owned()),
        nodes: nodes.iter().map(|name| (*name).to_owned()).collect(),
        ..Answers::default()
    }
}

/// Every creating request in order: its node and its token, where it redeems one.
fn sent<'a>(asked: impl IntoIterator<Item = &'a Request>) -> Vec<(u64, Option<Secret>)> {
    let node = |node: Option<NodeId>| node.map_or(0, |id| id.0);
    let asked = asked.into_iter();
    asked
        .filter_map(|request| match request {
            Request::Prepare(order) => Some((node(order.plan.node), None)),
            Request::Commit { order, ticket, .. } => {
                Some((node(order.plan.node), Some(ticket.token.clone())))
            }
            _ => None,
        })
        .collect()
}

/// Every token is redeemed right after the preparation that brought it, for the same node, and once.
#[track_caller]
fn tokens_are_fresh<'a>(asked: impl IntoIterator<Item = &'a Request>) {
    let sent = sent(asked);
    for (index, (node, token)) in sent.iter().enumerate() {
        let Some(token) = token else { continue };
        let before = index.checked_sub(1).map(|before| &sent[before]);
        assert_eq!(before, Some(&(*node, None)), "{sent:?}");
        let redeemed = sent
            .iter()
            .filter(|(_, other)| other.as_ref() == Some(token));
        assert_eq!(redeemed.count(), 1, "{sent:?}");
    }
}

fn nodes<'a>(asked: impl IntoIterator<Item = &'a Request>, redeemed: bool) -> Vec<u64> {
    let sent = sent(asked);
    let of = sent.iter().filter(|(_, token)| token.is_some() == redeemed);
    of.map(|(node, _)| *node).collect()
}

#[test]
fn ticked_nodes_are_one_plan_one_confirmation_and_an_instance_on_each() {
    let cloud = Cloud {
        device_allowed: false,
        ..roomy()
    };
    let mut journey = journey(cloud, TWO);
    journey
        .sees("prod6, use2")
        .sees("$0.232/hour")
        .sees("create them one by one")
        .press("<enter>");
    assert_eq!(nodes(&journey.asked, false), [6, 7], "both are prepared");
    journey.wait(10).sees("Everything is registered");
    assert_eq!(journey.commits(), 0);
    journey.cloud.device_allowed = true;
    journey
        .press("<enter>")
        .sees("Create these instances?")
        .sees("2 instances, one after the other")
        .sees("$0.116/hour x 2")
        .press("<enter>")
        .sees("Going on prepares anew");
    assert_eq!(journey.commits(), 0, "the cursor stood on the other button");
    journey
        .press("<enter><enter><enter>")
        .sees("Create these instances?");
    journey.press("<right><enter>").wait(10);
    assert_eq!(nodes(&journey.asked, true), [7, 6], "the last one first");
    tokens_are_fresh(&journey.asked);
    journey.sees("Running");
    // Both can be looked at, and both are in what is left behind.
    journey
        .press("s")
        .wait(5)
        .sees("use2 this one")
        .sees("Running");
    journey.press("<^c><right><enter>");
    let exit = journey.exit.take().expect("it left");
    assert_eq!(exit.outcome, Outcome::Running, "{exit:?}");
    let uuids = exit
        .receipt
        .iter()
        .filter(|line| line.starts_with("  uuid "));
    assert_eq!(uuids.count(), 2, "{exit:?}");
}

#[test]
fn a_tick_is_taken_away_again_and_a_node_that_cannot_take_it_gets_none() {
    let mut cloud = roomy();
    cloud.nodes[1].slots = Some(0);
    let mut journey = journey(cloud, "<enter>");
    journey.press(" <down> ");
    let notice = journey.wizard.notice().unwrap_or_default().to_owned();
    assert!(notice.contains("no free slot"), "{notice}");
    journey.press("<down> ").sees("2 instances: one on each");
    journey.press(" ").does_not_see("2 instances: one on each");
    // One tick is the node that is taken, wherever the cursor is.
    journey
        .press("<enter><enter><enter><enter>")
        .sees("prod6, US West");
    journey.press("<enter>");
    assert_eq!(nodes(&journey.asked, false), [6]);
}

#[test]
fn one_that_runs_does_not_hide_one_that_was_last_seen_to_fail() {
    let mut cloud = roomy();
    cloud.state.boot_error = Some("failed to start containers".into());
    cloud.state.status = "running".into();
    let mut journey = journey(cloud, TWO);
    journey.press("<enter><right><enter>").wait(10);
    journey
        .sees("It runs, yet something is wrong")
        .cloud
        .boots_well();
    journey.press("s").wait(10).sees("Running");
    journey.press("<^c><right><enter>");
    let exit = journey.exit.take().expect("it left");
    assert_eq!(exit.outcome, Outcome::Unhealthy, "{exit:?}");
}

#[test]
fn the_saved_answers_have_all_nodes() {
    let mut journey = journey(roomy(), TWO);
    journey.press("w<enter><enter>");
    let text = journey.cloud.disk.values().next().map(String::as_str);
    let line = text.and_then(|text| text.lines().find(|line| line.starts_with("node")));
    assert_eq!(line, Some("node = [\"prod6\", \"use2\"]"), "{text:?}");
}

#[test]
fn machines_that_are_missing_are_handed_over_in_one_go() {
    let cloud = Cloud {
        hash_allowed: false,
        device_allowed: false,
        looks_until_allowed: u32::MAX,
        ..roomy()
    };
    let mut journey = journey(cloud, THREE);
    journey.press("<enter>").sees("NOT registered");
    assert_eq!(nodes(&journey.asked, false), [6, 7, 5]);
    journey
        .sees("under prod6, in the same go")
        .sees("under use2, in the same go");
    journey.press("2");
    let calls = journey.asked.iter().find_map(|request| match request {
        Request::HandOver { calls, .. } => Some(calls.len()),
        _ => None,
    });
    assert_eq!(calls, Some(4), "a hash and three machines");
}

#[test]
fn without_a_contract_each_is_created_once_after_one_confirmation() {
    let mut cloud = roomy();
    cloud.apps.remove(0);
    let mut journey = journey(cloud, THREE);
    journey
        .press("<enter>")
        .sees("Create these instances?")
        .sees("3 instances");
    assert!(journey.creating().is_empty());
    journey.press("<right><enter>").wait(10);
    assert_eq!(nodes(&journey.asked, false), [6, 7, 5]);
    assert_eq!(journey.cloud.created.len(), 3);
    journey.sees("Running");
}

#[test]
fn a_node_that_is_refused_is_noted_and_the_others_go_on() {
    for (refused, created) in [(7, [5, 6]), (6, [5, 7]), (5, [6, 7])] {
        let cloud = Cloud {
            commit: Fate::Refused(400, Some("ERR-02-005")),
            unlucky: Some(NodeId(refused)),
            device_allowed: true,
            ..roomy()
        };
        let mut journey = journey(cloud, THREE);
        journey.press("<enter><right><enter>").wait(10);
        let mut tried = nodes(&journey.asked, true);
        tried.sort_unstable();
        assert_eq!(tried, [5, 6, 7], "each once");
        tokens_are_fresh(&journey.asked);
        let made: Vec<u64> = journey.cloud.created.iter().filter_map(on).collect();
        assert_eq!(
            {
                let mut made = made;
                made.sort_unstable();
                made
            },
            created
        );
        journey.sees("refused").press("<^c><right><enter>");
        let exit = journey.exit.take().expect("it left");
        assert_eq!(exit.outcome, Outcome::NoRoom, "{exit:?}");
        let told = exit.receipt.join("\n");
        assert!(
            told.contains("not created: in the service's own words (HTTP 400, ERR-02-005)"),
            "{told}"
        );
        assert_eq!(told.matches("  uuid ").count(), 2, "{told}");
    }
}

fn on(instance: &phala_wizard::api::types::Instance) -> Option<u64> {
    instance.node.as_ref()?.id.map(|id| id.0)
}

#[test]
fn without_a_clear_answer_nothing_else_leaves_until_it_is_settled() {
    let cloud = Cloud {
        commit: Fate::Lost,
        unlucky: Some(NodeId(7)),
        device_allowed: true,
        hidden_for: 5,
        ..roomy()
    };
    let mut journey = journey(cloud, TWO);
    journey.press("<enter><right><enter>");
    assert_eq!(nodes(&journey.asked, true), [7]);
    journey.sees("use2").sees("prod6 prepared");
    let asked = journey.creating().len();
    for _ in 0..4 {
        journey.wait(2);
        assert_eq!(journey.creating().len(), asked, "it is only looked for");
    }
    // It is found, and a person says that it is the one: that is what was confirmed, so the other follows.
    journey.wait(60).press("<enter>").wait(10);
    assert_eq!(nodes(&journey.asked, true), [7, 6]);
    assert_eq!(journey.cloud.created.len(), 2);
    tokens_are_fresh(&journey.asked);
}

#[test]
fn a_plan_made_anew_leaves_out_the_nodes_that_have_their_instance() {
    let cloud = Cloud {
        device_allowed: true,
        ..roomy()
    };
    let mut journey = journey(cloud, TWO);
    journey.press("<enter>").cloud.prepare = Fate::Refused(503, None);
    journey.press("<right><enter>").wait(5);
    assert_eq!(
        nodes(&journey.asked, true),
        [7],
        "the other waits for a person"
    );
    journey
        .press("<esc>")
        .sees("prod6, US West")
        .does_not_see("use2");
    journey.cloud.prepare = Fate::Good;
    journey.press("<enter>").sees("Create this instance?");
    journey.press("<right><enter>").wait(10);
    assert_eq!(nodes(&journey.asked, true), [7, 6]);
}

#[test]
fn a_node_that_cannot_be_prepared_can_be_left_out() {
    let cloud = Cloud {
        prepare: Fate::Refused(400, Some("ERR-02-003")),
        unlucky: Some(NodeId(7)),
        device_allowed: true,
        ..roomy()
    };
    let mut journey = journey(cloud, THREE);
    journey
        .press("<enter>")
        .sees("leave this node out")
        .wait(60);
    assert_eq!(
        nodes(&journey.asked, false),
        [6, 7],
        "it waits for a person"
    );
    journey
        .press("d")
        .sees("2 instances")
        .press("<right><enter>")
        .wait(10);
    assert_eq!(nodes(&journey.asked, true), [5, 6]);
    assert_eq!(journey.cloud.created.len(), 2);
    tokens_are_fresh(&journey.asked);
}

#[test]
fn the_last_one_left_out_has_the_one_before_prepared_anew() {
    let cloud = Cloud {
        prepare: Fate::Refused(400, Some("ERR-02-003")),
        unlucky: Some(NodeId(7)),
        device_allowed: true,
        ..roomy()
    };
    let mut journey = journey(cloud, TWO);
    journey.press("<enter>d").sees("Create these instances?");
    assert_eq!(nodes(&journey.asked, false), [6, 7, 6]);
    journey.press("<right><enter>").wait(10).sees("Running");
    assert_eq!(nodes(&journey.asked, true), [6]);
    tokens_are_fresh(&journey.asked);
}

#[test]
fn without_a_screen_all_are_created_and_watched_and_each_is_told() {
    let cloud = Cloud {
        device_allowed: true,
        ..roomy()
    };
    let mut errand = Errand::start(cloud, answers("orders-api", &["prod6", "use2", "5"]), yes());
    errand.wait(400).came_to(Outcome::Running, (5, 3));
    tokens_are_fresh(&errand.asked);
    let created = |news: &&News| matches!(news, News::Created { .. });
    assert_eq!(errand.news().iter().filter(created).count(), 3);
    let mut running: Vec<&str> = errand
        .news()
        .iter()
        .filter_map(|news| match news {
            News::Verdict { verdict, uuid, .. } if *verdict == "running" => uuid.as_deref(),
            _ => None,
        })
        .collect();
    running.sort_unstable();
    running.dedup();
    assert_eq!(running.len(), 3, "each was seen to run");
    let told: Vec<&str> = errand
        .news()
        .iter()
        .filter_map(|news| match news {
            News::Node { node, of: 3, .. } => Some(node.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        ["prod6", "use2", "prod5", "prod6", "use2", "prod5", "prod6"],
        "prepared, created, and watched in turn"
    );
}

#[test]
fn without_a_screen_the_worst_is_how_it_ends() {
    let refused = Fate::Refused(400, Some("ERR-02-005"));
    for (commit, outcome, commits) in [
        (refused, Outcome::NoRoom, 2),
        (Fate::Lost, Outcome::Running, 2),
        (
            Fate::Refused(466, Some("ERR-01-006")),
            Outcome::TokenDead,
            1,
        ),
    ] {
        let cloud = Cloud {
            commit: commit.clone(),
            unlucky: Some(NodeId(7)),
            device_allowed: true,
            ..roomy()
        };
        let mut errand = Errand::start(cloud, answers("orders-api", &["prod6", "use2"]), yes());
        errand.wait(700).came_to(outcome, (1 + commits, commits));
    }
    // One that was not asked about any more makes it unknown, and nothing else leaves.
    let cloud = Cloud {
        commit: Fate::Lost,
        unlucky: Some(NodeId(7)),
        device_allowed: true,
        hidden_for: u32::MAX,
        ..roomy()
    };
    let mut errand = Errand::start(cloud, answers("orders-api", &["prod6", "use2"]), yes());
    errand.wait(700).came_to(Outcome::Unknown, (2, 1));
    errand.tells("prod6: nothing was sent that creates there");
}

#[test]
fn orders_that_stop_before_hold_for_all_of_them() {
    let cloud = || Cloud {
        device_allowed: true,
        ..roomy()
    };
    let two = || answers("orders-api", &["prod6", "use2"]);
    let no = Orders {
        yes: false,
        ..yes()
    };
    Errand::start(cloud(), two(), no.clone()).came_to(Outcome::Unusable, (0, 0));
    let prepare_only = Orders {
        prepare_only: true,
        ..no
    };
    let errand = Errand::start(cloud(), two(), prepare_only);
    errand.came_to(Outcome::Prepared, (2, 0));
    errand.tells("resume goes on with use2 alone");
    let leaves = Orders {
        stay: Stay::No,
        ..yes()
    };
    let mut errand = Errand::start(cloud(), two(), leaves);
    errand.wait(5).came_to(Outcome::Unhealthy, (3, 2));
}

#[test]
fn names_that_are_no_node_or_named_twice_are_told_before_anything_is_sent() {
    for (names, why) in [
        (["prod6", "prod6"], "named twice"),
        (["prod6", "6"], "named twice"),
        (["prod6", "prod4"], "there is no node prod4"),
    ] {
        let errand = Errand::start(roomy(), answers("orders-api", &names), yes());
        errand.came_to(Outcome::Unusable, (0, 0));
        errand.tells(why);
    }
}
