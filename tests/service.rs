//! `phala-wizard sandbox` as another program meets it: one line on stdout, a log on stderr, an end when asked.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

#[path = "support/service.rs"]
mod service;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Output, Stdio};

use phala_wizard::sandbox::Scenario;
use rustix::process::Signal;
use service::{Service, program};

/// The status line of the answer to a GET of this path, sent with this key.
fn ask(service: &Service, path: &str, key: &str) -> String {
    let host = service.text("url").strip_prefix("http://").unwrap();
    let host = host.strip_suffix("/api/v1").unwrap();
    let mut socket = TcpStream::connect(host).unwrap();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

#[test]
fn it_says_where_it_is_and_answers_there() {
    let arguments = ["--listen", "127.0.0.1:0", "--scenario", "central-kms"];
    let service = Service::start(&arguments, Stdio::piped());
    assert_eq!(service.text("scenario"), "central-kms");
    let key = service.text("api_key");
    assert!(key.starts_with("phak_sandbox_"), "{key}");
    let root = service.text("url").strip_suffix("/api/v1").unwrap();
    assert_eq!(service.text("rpc_url"), format!("{root}/rpc"));
    let members = ["api_key", "rpc_url", "scenario", "url"];
    assert_eq!(service.members(), members);
    assert_eq!(ask(&service, "/api/v1/auth/me", key), "HTTP/1.1 200 OK");
    let stranger = ask(&service, "/api/v1/auth/me", "phak_other");
    assert_eq!(stranger, "HTTP/1.1 401 Unauthorized");
}

#[test]
fn a_story_that_waits_for_a_signature_names_the_key_for_it() {
    let arguments = ["--listen", "127.0.0.1:0", "--scenario", "own-key"];
    let service = Service::start(&arguments, Stdio::piped());
    assert_eq!(service.text("test_key").len(), "0x".len() + 64);
}

#[test]
fn each_signal_ends_it_well_even_while_someone_is_half_way_through_a_request() {
    for signal in [Signal::INT, Signal::TERM] {
        let service = Service::start(&["--listen", "127.0.0.1:0"], Stdio::piped());
        let url = service.text("url").to_owned();
        let host = url.strip_prefix("http://").unwrap().split('/').next();
        let mut slow = TcpStream::connect(host.unwrap()).unwrap();
        write!(slow, "GET /api/v1/auth/me HTTP/1.1\r\nHost:").unwrap();
        // A whole request behind it, so that the half one has surely been seen.
        ask(&service, "/api/v1/auth/me", "any");
        let (rest, _, code) = service.end(signal);
        assert_eq!((rest.as_str(), code), ("", Some(0)), "{signal:?}");
    }
}

#[test]
fn the_log_has_the_path_and_no_secret() {
    let service = Service::start(
        &["--listen", "127.0.0.1:0", "--api-key", "phak_sandbox_mine"],
        Stdio::piped(),
    );
    assert_eq!(service.text("api_key"), "phak_sandbox_mine");
    ask(
        &service,
        "/api/v1/auth/me?token=hidden",
        "phak_sandbox_mine",
    );
    ask(&service, "/api/v1/nowhere", "phak_sandbox_mine");
    let (_, log, _) = service.end(Signal::TERM);
    let lines: Vec<&str> = log.lines().collect();
    let [first, second] = lines.as_slice() else {
        panic!("not two lines: {log}")
    };
    assert!(first.starts_with("GET /api/v1/auth/me 200 "), "{first}");
    assert!(second.starts_with("GET /api/v1/nowhere 404 "), "{second}");
    assert!(first.ends_with(" ms") && second.ends_with(" ms"), "{log}");
    assert!(!log.contains("hidden") && !log.contains("phak"), "{log}");
}

#[test]
fn a_port_that_is_taken_is_said_to_be() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let output = output(&["--listen", &address]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("cannot listen on {address}")),
        "{said}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn the_list_names_every_scenario() {
    let output = output(&["--list"]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    let scenarios = Scenario::all();
    assert_eq!(said.lines().count(), scenarios.len());
    for (line, scenario) in said.lines().zip(scenarios) {
        let words = line.split_once(' ').unwrap();
        assert_eq!(words.0, scenario.name);
        assert_eq!(words.1.trim_start(), scenario.sentence);
    }
}
