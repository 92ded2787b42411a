//! Whom the program talks to beside the service: nobody, whatever variables and answers say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use phala_wizard::sandbox::{self, Options, Scenario, World};

const KEY: &str = "phak_sandbox_hostile-7ac03e91bd";

/// Somebody who listens, and writes down what comes.
struct Trap {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Trap {
    /// It answers the first words with this, and then hears on until the other side hangs up.
    fn answering(words: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let all = Arc::clone(&heard);
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (socket, all) = (socket.unwrap(), Arc::clone(&all));
                thread::spawn(move || hear(socket, words, &all));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }
}

fn hear(mut socket: TcpStream, words: &str, all: &Mutex<Vec<Vec<u8>>>) {
    let index = {
        let mut all = all.lock().unwrap();
        all.push(Vec::new());
        all.len() - 1
    };
    let mut piece = [0; 4096];
    let mut answered = false;
    while let Ok(count @ 1..) = socket.read(&mut piece) {
        all.lock().unwrap()[index].extend(&piece[..count]);
        if !answered {
            answered = true;
            let _ = socket.write_all(words.as_bytes());
        }
    }
}

/// The plan of a deployment, asked of this service in this environment: what it said, and the exit code.
fn plan(base: &str, variables: &[(&str, String)]) -> (String, Option<i32>) {
    run(
        "deploy --app orders-api --node prod5 --json --timeout 2",
        base,
        variables,
    )
}

fn run(words: &str, base: &str, variables: &[(&str, String)]) -> (String, Option<i32>) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_phala-wizard"))
        .args(words.split_whitespace())
        .env_clear()
        .env("HOME", home.path())
        .env("PHALA_CLOUD_API_KEY", KEY)
        .env("PHALA_CLOUD_API_PREFIX", base)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        String::from_utf8_lossy(&said).into_owned(),
        output.status.code(),
    )
}

/// A sandbox whose links all lead to this address.
fn service(runtime: &tokio::runtime::Runtime, links: &str) -> String {
    let story =
        "sentence = ''\n[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n";
    let scenario = Scenario::parse("hostile", story).unwrap();
    let options = Options {
        seed: 1,
        api_key: KEY.to_owned(),
        base_url: links.to_owned(),
    };
    let world = World::new(scenario, options);
    let address = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(sandbox::serve(
            listener,
            world,
            300.0,
            std::future::pending(),
        ));
        address
    });
    format!("http://{address}/api/v1")
}

#[test]
fn no_variable_takes_a_question_for_this_machine_to_a_proxy() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let base = service(&runtime, "http://127.0.0.1:1/api/v1");
    let trap = Trap::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        for scheme in ["http", "socks5"] {
            let proxy = format!("{scheme}://{}", trap.address);
            let (said, code) = plan(&base, &[(name, proxy)]);
            assert_eq!(code, Some(2), "{name}: {said}");
            assert!(said.contains("\"event\":\"plan\""), "{name}: {said}");
        }
    }
    assert_eq!(trap.heard().len(), 0);
}

#[test]
fn a_proxy_is_told_a_host_and_never_a_key() {
    let base = "https://api.example.invalid/api/v1";
    let answers = [
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 307 X\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"your API key\"\r\nContent-Length: 0\r\n\r\n",
    ];
    thread::scope(|scope| {
        for words in answers {
            for (name, is_asked) in [
                ("HTTPS_PROXY", true),
                ("https_proxy", true),
                ("ALL_PROXY", true),
                ("HTTP_PROXY", false),
            ] {
                scope.spawn(move || {
                    let trap = Trap::answering(words);
                    let proxy = format!("http://{}", trap.address);
                    let (said, code) = plan(base, &[(name, proxy)]);
                    assert_eq!(code, Some(1), "{name}, {words}: {said}");
                    let heard = trap.heard();
                    assert_eq!(!heard.is_empty(), is_asked, "{name}, {words}");
                    for bytes in heard {
                        let text = String::from_utf8_lossy(&bytes);
                        assert!(
                            text.starts_with("CONNECT api.example.invalid:443 "),
                            "{text}"
                        );
                        assert!(!text.contains("hostile-7ac03e91bd"), "{text}");
                        assert!(!text.to_lowercase().contains("x-api-key"), "{text}");
                    }
                });
            }
        }
    });
}

#[test]
fn no_link_of_the_service_is_followed_by_itself() {
    let trap = Trap::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let base = service(&runtime, &format!("http://{}/api/v1", trap.address));
    let words = "deploy --app orders-api --node prod5 --yes --json --timeout 10";
    let (said, code) = run(words, &base, &[]);
    assert_eq!(code, Some(0), "{said}");
    // Its logs are read where the service says that they are: as a stranger, who brings no key.
    for bytes in trap.heard() {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(text.starts_with("get /api/v1/nodelog/"), "{text}");
        assert!(!text.contains("x-api-key"), "{text}");
        assert!(!text.contains("hostile-7ac03e91bd"), "{text}");
    }
    let address = trap.address.to_string();
    for line in said.lines().filter(|line| line.contains(&address)) {
        assert!(line.contains("/ingress/"), "only its own address: {line}");
    }
}
