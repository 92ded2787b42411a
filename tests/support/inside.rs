//! A sandbox inside the test, telling a story of the test's own.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

use std::net::SocketAddr;

use phala_wizard::sandbox::{self, Options, Scenario, World};
use tokio::net::TcpListener;

/// Five minutes pass in it every second.
const SPEED: f64 = 300.0;

/// Opens it on a port of its own, for as long as the runtime lives. It knows this one key.
pub async fn open(story: &str, key: &str) -> SocketAddr {
    let scenario = Scenario::parse("of-a-test", story);
    let scenario = scenario.unwrap_or_else(|why| panic!("{why}\n{story}"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = Options {
        seed: 1,
        api_key: key.to_owned(),
        base_url: format!("http://{address}/api/v1"),
    };
    let world = World::new(scenario, options);
    tokio::spawn(sandbox::serve(
        listener,
        world,
        SPEED,
        std::future::pending(),
    ));
    address
}
