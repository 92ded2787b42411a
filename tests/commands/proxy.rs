//! Whom the program talks to, as a proxy sees it: the service that was named, through the tunnel that was named, with the
//! authorities that were named, and nobody else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const KEY: &str = "phak_proxy_canary_4711";

/// The authority that the pretend service's certificate is from.
const AUTHORITY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/vectors/tls/authority.pem"
);

/// A proxy that opens every tunnel, with the service at its other end.
struct Proxy {
    address: SocketAddr,
    /// What it was told before the tunnel was there, and what came through it.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        let service = Arc::new(service());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (heard, service) = (Arc::clone(&kept), Arc::clone(&service));
                // Whoever hangs up in the middle has said what there is to hear.
                thread::spawn(move || drop(tunnel(client, &service, &heard)));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Runs it with these variables, and with a key for the service that is called so.
fn run(words: &str, variables: &[(&str, &str)]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_phala-wizard"))
        .args(words.split_whitespace())
        .env_clear()
        .env("HOME", home.path())
        .env("PHALA_CLOUD_API_KEY", KEY)
        .env("PHALA_CLOUD_API_PREFIX", "https://cloud.test/api/v1")
        .envs(variables.iter().copied())
        .current_dir(home.path())
        .output()
        .unwrap()
}

fn service() -> ServerConfig {
    let certificate = include_bytes!("../vectors/tls/certificate.pem");
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../vectors/tls/key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// Everything up to the first empty line.
fn head(from: &mut impl Read) -> std::io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn tunnel(
    mut client: TcpStream,
    service: &Arc<ServerConfig>,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    heard.lock().unwrap().push(head(&mut client)?);
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let connection = ServerConnection::new(Arc::clone(service)).unwrap();
    let mut inside = StreamOwned::new(connection, client);
    heard.lock().unwrap().push(head(&mut inside)?);
    let identity = include_str!("../answers/identity.json");
    write!(
        inside,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{identity}",
        identity.len()
    )?;
    inside.flush()
}

fn first_line(head: &str) -> &str {
    head.lines().next().unwrap_or_default()
}

#[test]
fn a_proxy_carries_what_is_for_the_service_and_sees_no_key() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy = Proxy::open();
        let variables = [(name, &*proxy.url()), ("SSL_CERT_FILE", AUTHORITY)];
        let output = run("status", &variables);
        assert_eq!(output.status.code(), Some(0), "{name}: {output:?}");
        let heard = proxy.heard();
        let lines: Vec<&str> = heard.iter().map(|head| first_line(head)).collect();
        let expected = [
            "CONNECT cloud.test:443 HTTP/1.1",
            "GET /api/v1/auth/me HTTP/1.1",
        ];
        assert_eq!(lines, expected, "{name}: nobody else is talked to");
        assert!(
            !heard[0].contains("canary"),
            "{name}: the proxy sees no key"
        );
        assert!(heard[1].contains(KEY), "{name}: the service does");
    }
}

#[test]
fn a_host_that_is_excepted_is_not_asked_for_at_the_proxy() {
    for except in ["cloud.test", "*"] {
        let proxy = Proxy::open();
        let variables = [
            ("HTTPS_PROXY", &*proxy.url()),
            ("NO_PROXY", except),
            ("SSL_CERT_FILE", AUTHORITY),
        ];
        let output = run("status", &variables);
        assert_ne!(output.status.code(), Some(0), "there is no such host");
        assert_eq!(proxy.heard(), Vec::<String>::new(), "{except}");
    }
}

#[test]
fn a_certificate_of_an_authority_that_nobody_named_gets_no_key() {
    let proxy = Proxy::open();
    let output = run("status", &[("HTTPS_PROXY", &*proxy.url())]);
    assert_ne!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("no secure connection"), "{said}");
    let heard = proxy.heard();
    assert!(
        heard.iter().all(|head| head.starts_with("CONNECT ")),
        "{heard:?}"
    );
}

#[test]
fn nobody_is_talked_to_by_what_needs_nobody() {
    let proxy = Proxy::open();
    let url = proxy.url();
    let variables: Vec<(&str, &str)> = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]
        .into_iter()
        .map(|name| (name, &*url))
        .collect();
    for words in [
        "--version",
        "version",
        "help",
        "help keys",
        "man",
        "completions bash",
        "config path",
        "config check",
        "status --offline",
        "list",
        "sandbox --list",
        "deploy --sandbox already-registered --app orders-api --node prod5 --yes --speed 60",
    ] {
        let output = run(words, &variables);
        assert_ne!(output.status.code(), Some(2), "{words}: {output:?}");
    }
    assert_eq!(proxy.heard(), Vec::<String>::new());
}
