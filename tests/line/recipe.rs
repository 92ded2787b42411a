//! `deploy --recipe`, and a `phala.toml` in the folder: the same request as by options, and what comes before what.

use serde_json::Value;

use crate::run::{Cloud, Run, VALUE};

const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/acme/orders-api:1.8.2\n";

/// What the plan would send, with the one part that is never twice the same by its length.
fn request(run: &Run) -> Value {
    let mut request = run.first("plan")["request"].clone();
    let body = &mut request["body"];
    let mut parsed: Value = match body {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.take(),
    };
    if let Some(sealed) = parsed.get_mut("encrypted_env") {
        *sealed = sealed.as_str().map(str::len).into();
    }
    request["body"] = parsed;
    request
}

fn sources(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let answers = run.first("plan")["answers"].as_array().unwrap().clone();
    let row = |row: &Value| (text(&row["question"]), text(&row["source"]));
    answers.iter().map(row).collect()
}

#[track_caller]
fn source<'a>(of: &'a [(String, String)], label: &str) -> &'a str {
    let row = of.iter().find(|(name, _)| name.eq_ignore_ascii_case(label));
    row.map_or("", |(_, source)| source)
}

#[test]
fn a_recipe_sends_what_the_options_would() {
    let cloud = Cloud::with("on-chain");
    cloud.file("app.yaml", COMPOSE);
    cloud.file("before.sh", "#!/bin/bash\nset -e\necho before\n");
    cloud.file("recipe.toml", "schema = 1\napp = \"orders-api\"\nnode = \"prod9\"\ncompose = { file = \"app.yaml\" }\nscript = { file = \"before.sh\" }\nvariables = \"inherit\"\n");
    let options =
        cloud.deploy("--app orders-api --node prod9 --compose app.yaml --script before.sh");
    let recipe = cloud.deploy("--recipe recipe.toml");
    options.ends(2, "unusable");
    recipe.ends(2, "unusable");
    assert_eq!(request(&recipe), request(&options));
    assert_eq!(request(&recipe)["body"]["node_id"], 9);
    let told = sources(&recipe);
    assert_eq!(source(&told, "Node"), "recipe");
    assert_eq!(source(&sources(&options), "Node"), "--node");
    let other = cloud.deploy("--recipe recipe.toml --node auto --keep-compose --keep-script");
    let body = request(&other)["body"].clone();
    for name in ["node_id", "docker_compose_file", "pre_launch_script"] {
        assert_eq!(body.get(name), None, "{body}");
    }
    assert_eq!(source(&sources(&other), "Node"), "--node");
    let run = cloud.deploy("--recipe recipe.toml --yes");
    run.ends(0, "running");
    assert_eq!(cloud.end(), (1, 1));
}

#[test]
fn values_stay_in_their_file_and_have_to_have_the_names_of_the_recipe() {
    let cloud = Cloud::with("central-kms");
    cloud.file(
        "canary.env",
        &format!("MAX_MEMORY=1gb\nCACHE_PASSWORD={VALUE}\n"),
    );
    let recipe = "schema = 1\napp = \"kv-cache\"\nnode = \"prod15\"\nvariables = { file = \"canary.env\", names = [\"MAX_MEMORY\", \"CACHE_PASSWORD\"] }\n";
    cloud.file("recipe.toml", recipe);
    cloud.file("other.toml", &recipe.replace(", \"CACHE_PASSWORD\"", ""));
    let options = cloud.deploy("--app kv-cache --node prod15 --env-file canary.env");
    let run = cloud.deploy("--recipe other.toml --yes");
    run.ends(2, "unusable");
    let message = run.last("error")["message"].to_string();
    assert!(
        message.contains("not in the recipe: CACHE_PASSWORD"),
        "{message}"
    );
    let run = cloud.deploy("--recipe recipe.toml --yes");
    run.ends(0, "running");
    assert_eq!(request(&run), request(&options));
    assert_eq!(cloud.end(), (0, 1));
}

#[test]
fn a_recipe_that_is_not_understood_says_where_and_sends_nothing() {
    let cloud = Cloud::with("on-chain");
    cloud.file("recipe.toml", "schema = 1\nnodes = \"prod9\"\n");
    let run = cloud.deploy("--recipe recipe.toml --yes");
    run.ends(2, "unusable");
    let error = run.last("error");
    assert_eq!(error["option"], "--recipe");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("recipe.toml, line 2, column 1: nodes is not known here"),
        "{message}"
    );
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn a_project_is_used_after_options_and_a_recipe_and_stops_only_who_needs_it() {
    let cloud = Cloud::with("on-chain");
    cloud.file("app.yaml", COMPOSE);
    cloud.file(
        "phala.toml",
        "name = \"orders-api\"\ncompose_file = \"app.yaml\"\nlater = 1\n",
    );
    let told = sources(&cloud.deploy(""));
    assert_eq!(source(&told, "App"), "phala.toml");
    assert!(source(&told, "Compose").contains("app.yaml"), "{told:?}");
    cloud.file("recipe.toml", "schema = 1\ncompose = \"keep\"\n");
    let told = sources(&cloud.deploy("--recipe recipe.toml"));
    assert_eq!(source(&told, "App"), "phala.toml");
    assert_eq!(source(&told, "Compose"), "recipe");
    let told = sources(&cloud.deploy("--app pricing-oracle"));
    assert_eq!(source(&told, "Compose"), "as others", "it is another app");

    cloud.file("phala.toml", "name = \n");
    let run = cloud.deploy("--app orders-api");
    run.ends(2, "unusable");
    let message = run.last("error")["message"].as_str().unwrap();
    assert_eq!(message, "phala.toml, line 1, column 8: this is no TOML");
    let run = cloud.deploy("--app orders-api --keep-compose --inherit-env");
    assert_eq!(run.last("error")["option"], "--yes");
    assert_eq!(cloud.end(), (0, 0));
}

#[test]
fn a_project_names_the_instance_that_is_watched() {
    let cloud = Cloud::with("on-chain");
    let run = cloud.watch("");
    run.ends(2, "unusable");
    cloud.file("phala.toml", "name = \"orders-api-1\"\n");
    cloud.watch("").ends(0, "running");
}
