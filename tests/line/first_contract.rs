//! A first app whose keys a contract governs, without a screen: deployed once, whoever signs and whatever dies when.

use phala_wizard::api::types::AppId;
use rustix::process::Signal;
use serde_json::Value;

use super::run::{Cloud, Run, VALUE};
use super::wallet::Wallet;

const COMPOSE: &str =
    "services:\n  web:\n    image: nginx:1.29\n    environment:\n      - GREETING\n";

const WHAT: &str = "--new-app first-shop --kms base --size tdx.small --node prod9 --compose web.yml --script before.sh";

/// A sandbox without an app, with the key of an account that can have a contract deployed.
struct First {
    cloud: Cloud,
    account: String,
    /// Of what would be deployed.
    hash: String,
}

impl First {
    fn open() -> Self {
        let cloud = Cloud::with("first-contract");
        cloud.file("web.yml", COMPOSE);
        cloud.file("before.sh", "#!/bin/bash\necho before\n");
        cloud.file("web.env", &format!("GREETING={VALUE}\n"));
        cloud.file("key", &format!("{}\n", cloud.test_key));
        let account = Wallet::new(&cloud.test_key).address();
        let plan = cloud.deploy(&format!("{WHAT} --env-file web.env"));
        plan.ends(2, "unusable");
        let hash = plan.first("plan")["compose_hash"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(!plan.has("app"), "it has no id yet: {plan}");
        Self {
            cloud,
            account,
            hash,
        }
    }

    /// `deploy` with `--yes`, a node of the chain, and these words.
    fn words(&self, words: &str) -> String {
        let node = &self.cloud.node.0;
        format!("deploy {WHAT} --env-file web.env --yes --rpc-url {node} --json {words}")
    }

    fn signing(&self) -> String {
        self.words(&format!(
            "--allow-hash {} --private-key-file key",
            self.hash
        ))
    }

    /// The same with what an earlier run left.
    fn commit(&self, words: &str) -> Run {
        let (id, _) = self.cloud.unfinished();
        let node = &self.cloud.node.0;
        let run = self
            .cloud
            .commit(&format!("--id {id} --yes --rpc-url {node} {words}"));
        self.is_in_nothing_said(&run);
        run
    }

    fn run(&self, words: &str) -> Run {
        let run = Run::of(self.cloud.program(words));
        self.is_in_nothing_said(&run);
        run
    }

    #[track_caller]
    fn is_in_nothing_said(&self, run: &Run) {
        run.never_says(&self.cloud.test_key[2..]);
        run.never_says(VALUE);
    }

    fn signed(&self) -> u64 {
        self.cloud.node.count(&self.account, "pending")
    }

    /// How often the service was asked to provision and to create. It ends the sandbox.
    fn posted(&self) -> (usize, usize) {
        let log = self.cloud.log();
        let to = |place: &str| {
            let sent = log.lines().filter(|line| line.starts_with("POST "));
            let path = |line: &str| line.split(' ').nth(1).unwrap().to_owned();
            sent.filter(|line| path(line).ends_with(place)).count()
        };
        (to("/cvms/provision"), to("/cvms"))
    }

    /// Fails unless it runs, one contract was deployed in all, and the app is called by its address.
    #[track_caller]
    fn runs(&self, run: &Run) {
        run.ends(0, "running");
        assert_eq!(run.first("created")["compose_hash"], self.hash.as_str());
        assert_eq!(self.signed(), 1, "deployed once: {run}");
        let told = run.first("receipt")["lines"].to_string();
        let id = told
            .split("0x")
            .find_map(|part| AppId::parse(part.get(..40)?));
        assert!(id.is_some(), "{told}");
    }
}

fn deployed(run: &Run) -> Vec<Value> {
    let all = run.all("transaction").into_iter();
    all.filter(|it| it["call"] == "deployAndRegisterApp")
        .cloned()
        .collect()
}

#[test]
fn a_key_that_was_named_with_the_hash_deploys_the_contract_and_the_app_runs() {
    let first = First::open();
    let run = first.run(&first.signing());
    first.runs(&run);
    let states: Vec<Value> = deployed(&run)
        .iter()
        .map(|it| it["state"].clone())
        .collect();
    assert_eq!(states.first(), Some(&"sent".into()), "{run}");
    assert_eq!(states.last(), Some(&"confirmed".into()), "{run}");
    assert_eq!(
        run.first("waiting_for_chain")["calls"][0],
        "deployAndRegisterApp"
    );
    assert_eq!(run.first("waiting_for_chain")["missing"][0], "app_contract");
    let app = run.first("app");
    assert_eq!(
        (&app["on_chain"], &app["name"]),
        (&true.into(), &"first-shop".into())
    );
    assert_eq!(first.posted(), (1, 1));
}

#[test]
fn for_another_hash_nothing_is_signed_and_without_an_order_it_stops_there() {
    let first = First::open();
    let other = "9".repeat(64);
    let run = first.run(&first.words(&format!("--allow-hash {other} --private-key-file key")));
    run.ends(2, "unusable");
    assert_eq!(run.last("error")["option"], "--allow-hash");
    let run = first.run(&first.words(""));
    run.ends(5, "prepared");
    let message = run.last("error")["message"].to_string();
    assert!(message.contains("--allow-hash"), "{message}");
    assert_eq!(first.signed(), 0);
    assert_eq!(first.posted().1, 0);
}

/// A run that is dead by this event or soon after it. Where the request that creates had left by then, nobody knows what
/// became of it, and it is looked for as long as one cares to wait: other tests do. Here another one is run.
fn killed_at(event: &str) -> First {
    for _ in 0..10 {
        let first = First::open();
        let program = first.cloud.program(&first.signing());
        let run = program.until(event, Signal::KILL);
        first.is_in_nothing_said(&run);
        let list = first.cloud.list();
        if list
            .iter()
            .all(|it| it["standing"] != "SENT, ANSWER NOT SEEN: may exist")
        {
            return first;
        }
    }
    panic!("killed too late, ten times");
}

#[test]
fn whatever_dies_when_the_contract_is_deployed_once_and_found_again() {
    for (event, needs_values) in [
        ("preparing", true),
        ("prepared", true),
        ("key_opened", true),
        ("transaction", true),
        ("registered", false),
    ] {
        let first = killed_at(event);
        if event == "preparing" {
            // Whether it was written down by then is the disk's secret. Nothing of it can act, so it may begin anew.
            let run = first.run(&first.signing());
            first.runs(&run);
            assert_eq!(first.posted().1, 1);
            continue;
        }
        if event == "transaction" {
            let run = first.run(&first.signing());
            let message = run.last("error")["message"].to_string();
            assert!(message.contains("phala-wizard resume"), "{message}");
        }
        let order = format!("--allow-hash {} --private-key-file key", first.hash);
        if needs_values && first.cloud.unfinished().1 != "provisioned, not created" {
            // Its values were not encrypted: they are given anew, or nothing goes on.
            let run = first.commit(&order);
            run.ends(5, "prepared");
            let message = run.last("error")["message"].to_string();
            assert!(message.contains("--env-file"), "{event}: {message}");
        }
        let run = first.commit(&format!("{order} --env-file web.env"));
        first.runs(&run);
        assert_eq!(first.posted().1, 1, "created once: {event}");
    }
}

#[test]
fn others_get_the_call_in_a_file_and_what_they_deploy_is_found_by_what_it_is() {
    let first = First::open();
    let run = first.run(&first.words("--handoff calldata --out call.txt"));
    run.ends(2, "unusable");
    let message = run.last("error")["message"].to_string();
    assert!(message.contains("--owner"), "{message}");
    let owner = &first.account;
    let words = format!("--handoff calldata --out call.txt --owner {owner}");
    let run = first.run(&first.words(&words));
    run.ends(5, "prepared");
    let path = first.cloud.folder.path().join("call.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let line = |name: &str| {
        let line = text.lines().find(|line| line.trim().starts_with(name));
        line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
    };
    assert!(text.to_lowercase().contains(owner), "{text}");
    let (node, key) = (&first.cloud.node, &first.cloud.test_key);
    let sent = node.sign_with_gas(key, &line("to"), &line("data"), 400_000);
    assert!(sent.starts_with("0x"), "{sent}");
    let words = format!(
        "--handoff calldata --out again.txt --owner {owner} --wait-chain 60 --env-file web.env"
    );
    let run = first.commit(&words);
    first.runs(&run);
    assert_eq!(first.posted().1, 1);
}
