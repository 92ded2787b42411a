//! What a client sees of a running instance beside the API: its addresses, and a log it cannot read to its end.

use std::time::Instant;

use super::*;

impl Sandbox {
    /// The path of an address of this sandbox.
    fn path(&self, address: &Value) -> String {
        let origin = format!("http://{}", self.address);
        let address = address.as_str().unwrap();
        address.strip_prefix(&origin).unwrap().to_owned()
    }
}

#[tokio::test]
async fn an_address_of_an_instance_answers_without_a_key() {
    let sandbox = Sandbox::open("on-chain").await;
    let (_, network) = sandbox
        .json("GET /api/v1/cvms/kv-cache/network", "", &json!({}))
        .await;
    for member in ["app", "instance"] {
        let path = sandbox.path(&network["public_urls"][0][member]);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            sandbox.address
        );
        let text = String::from_utf8(sandbox.raw(&request).await.0).unwrap();
        assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
        assert!(text.ends_with("\r\n\r\nhello from kv-cache"), "{text}");
    }
    for (target, status) in [("/ingress/nobody-80", 404), ("/ingressive", 404)] {
        let (said, _, _) = sandbox.ask(&format!("GET {target}"), "", "").await;
        assert_eq!(said, status, "{target}");
    }
    sandbox.close().await;
}

#[tokio::test]
async fn a_flood_comes_as_fast_as_it_says_and_lets_others_be_answered() {
    let sandbox = Sandbox::telling(Scenario::named("flood").unwrap(), 1.0).await;
    let (_, composition) = sandbox
        .json("GET /api/v1/cvms/orders-api-1/composition", "", &json!({}))
        .await;
    let path = sandbox.path(&composition["containers"][0]["log_endpoint"]);
    let ask = format!(
        "GET {path}&bare&tail=1&follow HTTP/1.0\r\nHost: {}\r\n\r\n",
        sandbox.address
    );
    let mut socket = TcpStream::connect(sandbox.address).await.unwrap();
    socket.write_all(ask.as_bytes()).await.unwrap();
    let (began, mut heard) = (Instant::now(), Vec::new());
    let mut piece = vec![0; 1 << 16];
    let mut slowest = Duration::ZERO;
    while began.elapsed() < Duration::from_secs(2) {
        let count = socket.read(&mut piece).await.unwrap();
        heard.extend_from_slice(&piece[..count]);
        let asked = Instant::now();
        sandbox.ask("GET /api/v1/auth/me", "", "").await;
        slowest = slowest.max(asked.elapsed());
    }
    let span = began.elapsed();
    let text = String::from_utf8(heard).unwrap();
    let (_, lines) = text.split_once("\r\n\r\n").unwrap();
    let whole = lines.rsplit_once('\n').unwrap().0;
    let numbers: Vec<u64> = whole
        .lines()
        .map(|line| line.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    let rate = f64::from(u32::try_from(numbers.len()).unwrap()) / span.as_secs_f64();
    // The last look may be a tenth of a second old; a busy machine may be later still.
    assert!((6000.0..10_500.0).contains(&rate), "{rate} lines a second");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    sandbox.close().await;
}
