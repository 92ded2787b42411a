//! Several nodes at once against the sandbox: what is sent, what journals are left, and a kill in the middle.

use std::collections::BTreeSet;

use rustix::process::Signal;
use serde_json::Value;

use crate::run::{Cloud, Run};

const TWO: &str = "--app orders-api --node prod5 --node prod9";

/// What `list` has: the id of each.
fn unfinished(cloud: &Cloud) -> Vec<String> {
    let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
    cloud.list().iter().map(id).collect()
}

/// The node and the id of every instance that was told as created, or taken up again.
fn made(runs: &[Run]) -> BTreeSet<(String, String)> {
    let told = |run: &Run| -> Vec<(String, String)> {
        let text = |event: &Value, name: &str| event[name].as_str().unwrap_or("-").to_owned();
        let pair = |event: &&Value| (text(event, "node"), text(event, "uuid"));
        run.all("created").iter().map(pair).collect()
    };
    runs.iter().flat_map(told).collect()
}

#[test]
fn each_node_has_its_instance_and_nothing_stays_unfinished() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.deploy(&format!("{TWO} --yes"));
    run.ends(0, "running");
    let nodes: BTreeSet<String> = made(&[run]).into_iter().map(|(node, _)| node).collect();
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    assert_eq!(nodes, ["prod5 (US-WEST-1)", "prod9 (EU-CENTRAL-1)"]);
    assert!(unfinished(&cloud).is_empty(), "both journals are closed");
    assert_eq!(cloud.end(), (3, 2), "one preparation more, each token once");
}

#[test]
fn a_recipe_lists_nodes_as_the_options_do() {
    let cloud = Cloud::with("on-chain");
    let recipe = "schema = 1\napp = \"orders-api\"\nnode = [\"prod5\", 9]\n";
    cloud.file("recipe.toml", recipe);
    let (options, recipe) = (cloud.deploy(TWO), cloud.deploy("--recipe recipe.toml"));
    let request = |run: &Run| run.first("plan")["request"].clone();
    assert_eq!(request(&options), request(&recipe));
    let nodes = |run: &Run| run.first("plan")["answers"][3]["answer"].clone();
    assert_eq!(nodes(&options), "prod5, prod9");
    assert_eq!(nodes(&recipe), "prod5, prod9");
    for (words, why) in [
        (
            "--app orders-api --node prod5 --node auto",
            "auto is none of them",
        ),
        (
            "--app orders-api --node prod5 --node prod9 --prepare-only --token-file t",
            "a token file is for one node",
        ),
    ] {
        let run = cloud.deploy(words);
        run.ends(2, "unusable");
        assert!(run.says(why), "{run}");
    }
    assert_eq!(cloud.end(), (0, 0));
}

/// At each of these moments the program is gone; what it left is gone on with, one after the other.
#[test]
fn after_a_kill_what_was_made_is_known_and_nothing_is_made_twice() {
    for moment in ["prepared", "creating", "created", "verdict"] {
        let cloud = Cloud::with("on-chain");
        let program = cloud.program(&format!("deploy {TWO} --yes --json"));
        let mut runs = vec![program.until(moment, Signal::KILL)];
        let mut unknown = Vec::new();
        for id in unfinished(&cloud) {
            let run = cloud.commit(&format!("--id {id} --yes --timeout 60"));
            if run.last("exit")["code"] == 7 {
                // Dead between its record and its request: nobody can know that, and nothing is sent again.
                assert!(run.has("looking") && !run.has("created"), "{run}");
                unknown.push(id);
                continue;
            }
            assert!(run.has("verdict"), "{moment}: {run}");
            assert_eq!(run.last("verdict")["verdict"], "running", "{run}");
            runs.push(run);
        }
        assert_eq!(unfinished(&cloud), unknown, "{moment}");
        let nodes: Vec<String> = made(&runs).into_iter().map(|(node, _)| node).collect();
        let distinct: BTreeSet<&String> = nodes.iter().collect();
        assert_eq!(distinct.len(), nodes.len(), "{moment}: {nodes:?}");
        let (_, created) = cloud.end();
        assert_eq!(created, nodes.len(), "{moment}: all are known, {nodes:?}");
        let expected = 1 - unknown.len().min(1)..=2;
        assert!(expected.contains(&created), "{moment}: {created}");
    }
}
