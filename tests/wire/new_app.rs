//! A new app on the wire: the two requests are those of the official tool, and each leaves once.

use phala_wizard::api::error::ErrorKind;
use phala_wizard::api::preview::preview;
use phala_wizard::api::types::{
    AppId, Founded, Keeper, KmsChain, Making, NewApp, NodeId, Plan, Prepared, Provision, Ticket,
};

use super::server::{Reply, Server};
use crate::{APP, HASH, KEY, app, client, hash, plan};

const KEY_OF_APP: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

fn new_app(disk_gb: Option<u64>) -> Plan {
    Plan {
        name: "my-shop".into(),
        node: Some(NodeId(5)),
        script: Some("echo 1\n".to_owned()),
        making: Making::App(Box::new(NewApp {
            keeper: Keeper::Phala { nonce: 4 },
            size: "tdx.small".to_owned(),
            disk_gb,
            env_names: vec!["A".to_owned()],
        })),
        ..plan()
    }
}

fn provisioned() -> String {
    format!(
        r#"{{"app_id":"0x{APP}","app_env_encrypt_pubkey":"{KEY_OF_APP}","compose_hash":"{HASH}","kms_info":null,
            "device_id":"{}","instance_type":"tdx.small","node_id":5,"teepod_id":5}}"#,
        "aa".repeat(32)
    )
}

#[tokio::test]
async fn a_provision_has_the_members_of_the_official_tool_in_its_order() {
    let server = Server::new([Reply::json(200, &provisioned())]);
    let plan = new_app(Some(20));
    let prepared = client(&server).prepare(&plan).await.expect("a ticket");
    let Prepared::Ticket(ticket) = prepared else {
        panic!("a provision creates nothing")
    };
    assert_eq!((ticket.app, ticket.compose_hash), (Some(app()), hash()));
    assert_eq!(
        ticket.device.map(|id| id.to_string()),
        Some("aa".repeat(32))
    );
    let key = ticket.provision.and_then(|provision| provision.env_key);
    assert_eq!(
        key.as_ref().map(phala_wizard::shown::Shown::as_str),
        Some(KEY_OF_APP)
    );

    let seen = server.seen();
    let [request] = &seen[..] else {
        panic!("one request")
    };
    assert_eq!(request.line, "POST /api/v1/cvms/provision HTTP/1.1");
    assert_eq!(
        request.body,
        concat!(
            r#"{"name":"my-shop","compose_file":{"allowed_envs":["A"],"#,
            r#""docker_compose_file":"services:\n  web:\n    image: nginx:1.28\n","#,
            r#""features":["kms","tproxy-net"],"gateway_enabled":true,"kms_enabled":true,"#,
            r#""local_key_provider_enabled":false,"manifest_version":2,"name":"my-shop","#,
            r#""no_instance_id":false,"pre_launch_script":"echo 1\n","public_logs":true,"#,
            r#""public_sysinfo":true,"public_tcbinfo":true,"runner":"docker-compose","#,
            r#""secure_time":false,"storage_fs":"zfs","tproxy_enabled":true},"#,
            r#""listed":false,"instance_type":"tdx.small","disk_size":20,"teepod_id":5,"#,
            r#""kms":"PHALA","prefer_dev":false,"#,
            r#""app_id":"09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3","nonce":4}"#
        )
    );
    let headers = request.headers();
    assert!(headers.contains(&("x-api-key", KEY)));
    let is_there = headers.iter().any(|(name, _)| *name == "x-prepare-only");
    assert!(!is_there, "that header is another endpoint's: {headers:?}");

    let shown = preview(&server.base, &plan, "****_key");
    assert_eq!(
        shown.body, request.body,
        "what is previewed is what is sent"
    );
    let names = |name: &str| shown.headers.iter().any(|(header, _)| header == name);
    assert!(names("Content-Type") && !names("X-Prepare-Only"));
}

#[tokio::test]
async fn what_is_not_chosen_is_not_sent() {
    let server = Server::new([Reply::json(200, &provisioned())]);
    let plan = Plan {
        node: None,
        script: None,
        ..new_app(None)
    };
    client(&server).prepare(&plan).await.expect("a ticket");
    let body = &server.seen()[0].body;
    for member in ["disk_size", "teepod_id", "pre_launch_script", "null"] {
        assert!(!body.contains(member), "{member}: {body}");
    }
}

#[tokio::test]
async fn the_creation_names_the_provision_and_carries_the_values_encrypted() {
    let created = include_str!("../answers/created.json");
    for (sealed, body) in [
        (
            Some("0abc"),
            format!(r#"{{"app_id":"{APP}","encrypted_env":"0abc","compose_hash":"{HASH}"}}"#),
        ),
        (
            None,
            format!(r#"{{"app_id":"{APP}","compose_hash":"{HASH}"}}"#),
        ),
    ] {
        let server = Server::new([Reply::json(200, created)]);
        let ticket = Ticket {
            token: phala_wizard::secret::Secret::new(HASH),
            compose_hash: hash(),
            app: Some(app()),
            device: None,
            chain_id: None,
            hash_allowed: true,
            device_allowed: true,
            commit_url: None,
            provision: Some(Provision {
                env_key: None,
                sealed: sealed.map(ToOwned::to_owned),
                ..Provision::default()
            }),
        };
        let made = client(&server)
            .create_app(app(), &ticket)
            .await
            .expect("an app");
        assert!(matches!(made, Prepared::Created(_)));
        let seen = server.seen();
        assert_eq!(seen[0].line, "POST /api/v1/cvms HTTP/1.1");
        assert_eq!(seen[0].body, body);
    }
}

#[tokio::test]
async fn an_app_with_a_contract_has_no_id_at_first_and_is_created_by_its_address() {
    let contract = "2f".repeat(20);
    let provisioned = format!(
        r#"{{"app_id":null,"app_env_encrypt_pubkey":null,"compose_hash":"{HASH}","device_id":"{}","kms_id":"kms_0b",
            "kms_info":{{"id":"kms_0a","slug":"base","url":"https://k","version":"v0.5.6","chain_id":8453,
            "kms_contract_address":"0x{contract}","gateway_app_id":null}}}}"#,
        "aa".repeat(32)
    );
    let server = Server::new([Reply::json(200, &provisioned)]);
    let mut plan = new_app(None);
    let Making::App(app) = &mut plan.making else {
        unreachable!()
    };
    app.keeper = Keeper::OnChain(KmsChain::Base);
    let Ok(Prepared::Ticket(mut ticket)) = client(&server).prepare(&plan).await else {
        panic!("a ticket")
    };
    let sent: serde_json::Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(sent["kms"], "BASE");
    assert!(
        sent.get("app_id").is_none() && sent.get("nonce").is_none(),
        "{sent}"
    );
    assert_eq!((ticket.app, ticket.chain_id), (None, Some(8453)));
    assert_eq!(ticket.strays(&plan, ticket.device), []);
    ticket.chain_id = None;
    assert_eq!(ticket.strays(&plan, None)[0].member, "chain_id");
    let provision = ticket.provision.as_mut().unwrap();
    assert_eq!(provision.kms, Some("kms_0a".into()));
    let named = provision.kms_contract.as_ref().map(ToString::to_string);
    assert_eq!(named, Some(format!("0x{contract}")));

    let id = "3d".repeat(20);
    provision.founded = Some(Founded {
        app: AppId::parse(&id).unwrap(),
        owner: "0xAbC".into(),
        transaction: None,
    });
    let server = Server::new([Reply::json(200, include_str!("../answers/created.json"))]);
    let app = AppId::parse(&id).unwrap();
    client(&server)
        .create_app(app, &ticket)
        .await
        .expect("an app");
    assert_eq!(
        server.seen()[0].body,
        format!(
            r#"{{"app_id":"{id}","compose_hash":"{HASH}","kms_id":"kms_0a","contract_address":"0x{id}","deployer_address":"0xAbC"}}"#
        )
    );
}

#[tokio::test]
async fn neither_is_ever_sent_twice() {
    for status in [429, 500, 503] {
        let server = Server::new([Reply::json(status, "{}"), Reply::json(200, &provisioned())]);
        let error = client(&server)
            .prepare(&new_app(None))
            .await
            .expect_err("a no");
        assert!(matches!(error.kind, ErrorKind::Refused(_)), "{status}");
        assert_eq!(server.seen().len(), 1, "{status}");
    }
}

#[test]
fn the_official_tool_is_told_the_same() {
    let shown = preview("http://127.0.0.1:1/api/v1", &new_app(Some(20)), "");
    let command = shown.as_official_cli(Some("docker-compose.yml"), Some(".env"), None);
    assert_eq!(
        command,
        format!(
            "PHALA_CLOUD_API_PREFIX='http://127.0.0.1:1/api/v1' phala deploy -n my-shop --kms phala -t tdx.small -d 20 \
             --no-dev-os --custom-app-id {APP} --nonce 4 --node-id 5 -c docker-compose.yml \
             --pre-launch-script pre-launch.sh -e .env"
        )
    );
}
