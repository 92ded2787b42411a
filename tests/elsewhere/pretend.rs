//! The sandbox with its chain, on a port of its own.

use std::net::SocketAddr;

use phala_wizard::api::types::{AppId, ComposeHash, DeviceId};
use phala_wizard::chain::Subject;
use phala_wizard::chain::rpc::Rpc;
use phala_wizard::sandbox::{Options, Scenario, World, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::limits;
use super::node::{DEVICE, HASH, address};

const KEY: &str = "phak_sandbox_elsewhere";

pub struct Sandbox {
    address: SocketAddr,
    /// What the funded account signs with.
    pub test_key: String,
}

impl Sandbox {
    /// It ends with the test.
    pub async fn open(scenario: &str) -> Self {
        Self::telling(Scenario::named(scenario).unwrap()).await
    }

    /// Of this story.
    pub async fn telling(scenario: Scenario) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = Options {
            seed: 4,
            api_key: KEY.to_owned(),
            base_url: format!("http://{address}/api/v1"),
        };
        let world = World::new(scenario, options);
        let test_key = world.test_key();
        tokio::spawn(serve(listener, world, 1000.0, std::future::pending()));
        Self { address, test_key }
    }

    /// Where the chain of this id is asked.
    pub fn rpc(&self, chain_id: u64) -> String {
        format!("http://{}/rpc/{chain_id}", self.address)
    }

    /// What the service says at this path.
    pub async fn get(&self, path: &str) -> Value {
        let request = format!(
            "GET /api/v1{path} HTTP/1.1\r\nHost: {}\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n",
            self.address
        );
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).await.unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}

/// The contract of `orders-api` on the pretend chain, and the node to ask.
pub async fn of_an_app(sandbox: &Sandbox) -> (Rpc, Subject) {
    let apps = sandbox.get("/apps").await;
    let apps = apps["dstack_apps"].as_array().unwrap();
    let app = apps.iter().find(|it| it["name"] == "orders-api").unwrap();
    let app = app["app_id"].as_str().unwrap();
    let info = sandbox.get(&format!("/apps/{app}/kms-info")).await;
    let chain_id = info["chain_id"].as_u64().unwrap();
    let subject = Subject {
        chain_id,
        contract: address(info["app_contract_address"].as_str().unwrap()),
        app: AppId::parse(app).unwrap(),
        hash: ComposeHash::parse(HASH),
        device: DeviceId::parse(DEVICE),
    };
    (Rpc::new(&sandbox.rpc(chain_id), limits()).unwrap(), subject)
}
