//! `check chain` against the sandbox's chain: what is said, how it ends, and who is not asked.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::service::Service;

const NOTHING: &str = "5555555555555555555555555555555555555555555555555555555555555555";

/// The program with these arguments and, where it is one, this address in `ETH_RPC_URL`.
fn run(arguments: &[&str], variable: Option<&str>) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
    program.args(["check", "chain"]).args(arguments);
    program.env_remove("ETH_RPC_URL");
    program.envs(variable.map(|address| ("ETH_RPC_URL", address)));
    program.output().unwrap()
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn object(output: &Output) -> Value {
    assert!(output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A service with a chain, and an app on it.
struct Chain {
    service: Service,
    app: String,
}

impl Chain {
    fn open() -> Self {
        let arguments = ["--listen", "127.0.0.1:0", "--scenario", "on-chain"];
        let service = Service::start(&arguments, Stdio::null());
        let apps = get(&service, "/apps");
        let apps = apps["dstack_apps"].as_array().unwrap();
        let app = apps.iter().find(|app| app["name"] == "orders-api").unwrap();
        let app = app["app_id"].as_str().unwrap().to_owned();
        Self { service, app }
    }

    /// What the service says of the app, under this path.
    fn of_app(&self, path: &str) -> Value {
        get(&self.service, &format!("/apps/{}{path}", self.app))
    }

    fn node(&self) -> String {
        format!("{}/8453", self.service.text("rpc_url"))
    }

    fn check(&self, arguments: &[&str]) -> Output {
        let node = self.node();
        let usual = ["--app-id", &self.app, "--rpc-url", &node];
        run(&[&usual, arguments].concat(), None)
    }

    /// Machines that the contract allows, or does not.
    fn device(&self, allowed: bool) -> String {
        let list = self.of_app("/device-allowlist");
        let mut devices = list["devices"].as_array().unwrap().iter();
        let device = devices.find(|it| it["allowed_onchain"] == allowed);
        device.unwrap()["device_id"].as_str().unwrap().to_owned()
    }

    fn live_hash(&self) -> String {
        let revisions = self.of_app("/revisions");
        let hash = &revisions["revisions"][0]["compose_hash"];
        hash.as_str().unwrap().to_owned()
    }
}

fn get(service: &Service, path: &str) -> Value {
    let host = service.text("url").strip_prefix("http://").unwrap();
    let (host, prefix) = host.split_once('/').unwrap();
    let key = service.text("api_key");
    let mut socket = TcpStream::connect(host).unwrap();
    write!(
        socket,
        "GET /{prefix}{path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn what_the_service_says_is_allowed_the_contract_allows() {
    let chain = Chain::open();
    let (hash, device) = (chain.live_hash(), chain.device(true));
    let asked = ["--compose-hash", &hash, "--device", &device, "--json"];
    let output = chain.check(&asked);
    let told = object(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told["verdict"], "allowed");
    assert_eq!(told["compose_hash"]["allowed"], true);
    assert_eq!(
        (&told["device"]["listed"], &told["device"]["allowed"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&told["chain_id"], &told["chain"]),
        (&8453.into(), &"Base".into())
    );
    let info = chain.of_app("/kms-info");
    assert_eq!(told["contract"], info["app_contract_address"]);
    assert_eq!(told["owner"]["address"], info["deployer_address"]);
    assert_eq!(
        (&told["owner"]["kind"], &told["generation"]),
        (&"wallet".into(), &"v3".into())
    );
    assert_eq!(told["missing"].as_array().map(Vec::len), Some(0));
    let host = chain.service.text("url").split('/').nth(2).unwrap();
    assert_eq!(told["node"], host);
}

#[test]
fn what_is_missing_is_listed_and_ends_with_1() {
    let chain = Chain::open();
    let device = chain.device(false);
    let asked = ["--compose-hash", NOTHING, "--device", &device];
    let output = chain.check(&asked);
    let (lines, complaint) = text(&output);
    assert_eq!((output.status.code(), complaint.as_str()), (Some(1), ""));
    let owner = chain.of_app("/kms-info")["deployer_address"].to_string();
    for words in [
        format!("compose hash  NOT allowed  {NOTHING}"),
        format!("device        NOT allowed  {device}"),
        format!("missing       addDevice(0x{device})"),
        format!("missing       addComposeHash(0x{NOTHING})"),
        format!("whoever has the key of {}", owner.trim_matches('"')),
        "chain 8453 (Base), block ".to_owned(),
    ] {
        assert!(lines.contains(&words), "{words}\n{lines}");
    }
    assert!(lines.ends_with("not allowed\n"));
    let one = chain.check(&["--device", &device, "--json"]);
    let told = object(&one);
    assert_eq!(one.status.code(), Some(1));
    assert_eq!(told["missing"][0]["function"], "addDevice");
    assert!(told["compose_hash"].is_null());
}

#[test]
fn nothing_asked_about_is_well_and_the_variable_is_enough() {
    let chain = Chain::open();
    let node = chain.node();
    let output = run(&["--app-id", &chain.app], Some(&node));
    let (lines, _) = text(&output);
    assert_eq!(output.status.code(), Some(0), "{lines}");
    assert_eq!(lines.matches("not asked").count(), 2);
    assert!(lines.ends_with("nothing asked\n"));
    let pasted = format!("https://cloud.phala.com/x/apps/app_{}", chain.app);
    assert_eq!(
        run(&["--app-id", &pasted, "--chain", "8453"], Some(&node))
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn without_a_node_none_is_asked_and_a_public_one_is_named() {
    let app = "11".repeat(20);
    for variable in [None, Some(" ")] {
        let output = run(&["--app-id", &app, "--chain", "8453", "--json"], variable);
        let (told, complaint) = text(&output);
        assert_eq!((output.status.code(), told.as_str()), (Some(2), ""));
        assert!(
            complaint.contains("--rpc-url https://mainnet.base.org"),
            "{complaint}"
        );
    }
    let unfit = run(
        &["--app-id", &app, "--rpc-url", "http://node.example/canary"],
        None,
    );
    let (_, complaint) = text(&unfit);
    assert_eq!(unfit.status.code(), Some(2));
    assert!(
        !complaint.is_empty() && !complaint.contains("canary"),
        "{complaint}"
    );
    for wrong in [["--app-id", "12"], ["--chain", "base"], ["--device", "00"]] {
        assert_eq!(run(&wrong, None).status.code(), Some(2));
    }
}

#[test]
fn what_cannot_be_read_says_what_was_asked_and_what_came_back() {
    let chain = Chain::open();
    let nowhere = "11".repeat(20);
    for (arguments, words) in [
        (&["--chain", "1"][..], "chain 1 (Ethereum) is wanted"),
        (&["--contract", &nowhere], "there is no contract at 0x1111"),
    ] {
        let output = chain.check(arguments);
        let (lines, complaint) = text(&output);
        assert_eq!((output.status.code(), complaint.as_str()), (Some(1), ""));
        let told: Vec<&str> = lines.lines().collect();
        let [asked, came_back, next, last] = told[..] else {
            panic!("{lines}")
        };
        assert!(
            asked.starts_with("asked         the contract 0x"),
            "{asked}"
        );
        assert!(came_back.contains(words), "{came_back}");
        assert!(next.starts_with("next          look at --app-id"), "{next}");
        assert_eq!(last, "unreadable");
    }
    let shut = run(
        &[
            "--app-id",
            &nowhere,
            "--rpc-url",
            "http://127.0.0.1:1/canary",
            "--json",
        ],
        None,
    );
    let told = object(&shut);
    assert_eq!(
        (shut.status.code(), &told["verdict"]),
        (Some(1), &"unreadable".into())
    );
    assert_eq!(told["asked"], "eth_chainId at 127.0.0.1:1");
    assert!(!told.to_string().contains("canary"));
}
