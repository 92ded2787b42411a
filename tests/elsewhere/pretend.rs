//! The sandbox with its chain, on a port of its own.

use std::net::SocketAddr;

use phala_wizard::sandbox::{Options, Scenario, World, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const KEY: &str = "phak_sandbox_elsewhere";

pub struct Sandbox {
    address: SocketAddr,
}

impl Sandbox {
    /// It ends with the test.
    pub async fn open(scenario: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = Options {
            seed: 4,
            api_key: KEY.to_owned(),
            base_url: format!("http://{address}/api/v1"),
        };
        let world = World::new(Scenario::named(scenario).unwrap(), options);
        tokio::spawn(serve(listener, world, 1000.0, std::future::pending()));
        Self { address }
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
