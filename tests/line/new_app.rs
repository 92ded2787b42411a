//! `deploy --new-app`: a first app without a screen, and everything that can be missing.

use crate::run::{Cloud, VALUE};

const COMPOSE: &str =
    "services:\n  web:\n    image: nginx:1.29\n    environment:\n      - GREETING\n";

const ALL: &str = "--new-app first-shop --kms phala --size tdx.small --node prod9 --compose web.yml --env-file web.env";

fn cloud() -> Cloud {
    let cloud = Cloud::with("empty-workspace");
    cloud.file("web.yml", COMPOSE);
    cloud.file("web.env", &format!("GREETING={VALUE}\n"));
    cloud
}

/// How often the service was asked to provision and to create, as its log has it.
fn posted(cloud: &Cloud) -> (usize, usize) {
    let log = cloud.log();
    let to = |place: &str| {
        let sent = log.lines().filter(|line| line.starts_with("POST "));
        let path = |line: &str| line.split(' ').nth(1).unwrap().to_owned();
        sent.filter(|line| path(line).ends_with(place)).count()
    };
    (to("/cvms/provision"), to("/cvms"))
}

#[test]
fn a_first_app_without_a_screen_from_nothing_to_running() {
    let cloud = cloud();
    let plan = cloud.deploy(ALL);
    plan.ends(2, "unusable");
    assert_eq!(plan.last("error")["option"], "--yes");
    let request = &plan.first("plan")["request"];
    assert!(
        request["url"]
            .as_str()
            .unwrap()
            .ends_with("/cvms/provision")
    );
    let run = cloud.deploy(&format!("{ALL} --disk 33 --yes"));
    run.ends(0, "running");
    assert_eq!(run.first("created")["name"], "first-shop");
    let again = cloud.deploy(&format!("{ALL} --yes"));
    again.ends(2, "unusable");
    assert_eq!(again.last("error")["option"], "--new-app");
    assert_eq!(posted(&cloud), (1, 1));
}

#[test]
fn what_is_missing_is_said_with_what_would_do_and_nothing_is_sent() {
    let cloud = cloud();
    for (words, option, usable) in [
        ("--new-app x", "--new-app", None),
        ("--new-app first-shop", "--kms", Some("phala")),
        (
            "--new-app first-shop --kms phala",
            "--size",
            Some("tdx.small"),
        ),
        (
            "--new-app first-shop --kms phala --size tdx.smal",
            "--size",
            Some("tdx.small"),
        ),
        (
            "--new-app first-shop --kms phala --size tdx.small --disk 900000",
            "--disk",
            None,
        ),
        (
            "--new-app first-shop --kms phala --size tdx.small --node none",
            "--node",
            Some("prod9"),
        ),
        (
            "--new-app first-shop --kms phala --size tdx.small",
            "--compose",
            None,
        ),
    ] {
        let run = cloud.deploy(&format!("{words} --yes"));
        let error = run.last("error");
        assert_eq!(error["option"], option, "{words}: {error}");
        let listed = error["usable"].as_array().cloned().unwrap_or_default();
        assert_eq!(usable.is_some(), !listed.is_empty(), "{words}: {error}");
        if let Some(usable) = usable {
            let names = |one: &serde_json::Value| one.as_str() == Some(usable);
            assert!(listed.iter().any(names), "{words}: {error}");
        }
    }
    assert_eq!(posted(&cloud), (0, 0));
}

#[test]
fn a_recipe_can_make_one_and_an_option_comes_before_it() {
    let cloud = cloud();
    cloud.file(
        "new.toml",
        "schema = 1\nnew_app = { name = \"first-shop\", kms = \"phala\", size = \"tdx.small\" }\n\
         compose = { file = \"web.yml\" }\nvariables = { file = \"web.env\", names = [\"GREETING\"] }\n",
    );
    let of_recipe = cloud.deploy("--recipe new.toml");
    let of_options = cloud.deploy(&ALL.replace(" --node prod9", ""));
    let body = |run: &crate::run::Run| {
        let body = &run.first("plan")["request"]["body"];
        let mut body: serde_json::Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
        // The id of the next app is the same until one is made.
        assert!(body["app_id"].take().is_string());
        body
    };
    assert_eq!(body(&of_recipe), body(&of_options));
    let other = cloud.deploy("--recipe new.toml --new-app other-shop --kms phala --size tdx.small");
    assert_eq!(body(&other)["name"], "other-shop");
    let run = cloud.deploy("--recipe new.toml --yes");
    run.ends(0, "running");
    assert_eq!(posted(&cloud), (1, 1));
}
