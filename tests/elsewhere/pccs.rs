//! Intel's lists from a server of them: taken apart, fetched, put together, and held against real quotes.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use phala_wizard::api::elsewhere::Limits;
use phala_wizard::api::error::Error;
use phala_wizard::http::Unreachable;
use phala_wizard::pccs::Pccs;
use phala_wizard::trust::attestation::{
    Bundle, Ca, Collateral, Expected, Need, Subject, Verdict, check,
};
use serde_json::{Value, json};

use super::server::{Reply, Server, Then};
use super::{garbled, how, limits, refusal};

const NEED: Need = Need {
    fmspc: [0xb0, 0xc0, 0x6f, 0, 0, 0],
    ca: Ca::Platform,
};

/// Four answers of a server, in the order they are asked for.
#[derive(Clone)]
struct Shelf {
    bodies: [Vec<u8>; 4],
    /// Name and value of the header of each.
    chains: [(&'static str, String); 4],
}

impl Shelf {
    /// A collateral taken apart again, as PCCS serves it.
    fn of(collateral: &Value) -> Self {
        let text = |name: &str| collateral[name].as_str().unwrap();
        let signed = |member: &str, name: &str| {
            format!(
                "{{\"{member}\":{},\"signature\":\"{}\"}}",
                text(name),
                text(&format!("{name}_signature"))
            )
            .into_bytes()
        };
        let chain = |name: &str| escaped(text(&format!("{name}_issuer_chain")));
        Self {
            bodies: [
                hex::decode(text("pck_crl")).unwrap(),
                signed("tcbInfo", "tcb_info"),
                signed("enclaveIdentity", "qe_identity"),
                text("root_ca_crl").as_bytes().to_vec(),
            ],
            chains: [
                ("SGX-PCK-CRL-Issuer-Chain", chain("pck_crl")),
                ("TCB-Info-Issuer-Chain", chain("tcb_info")),
                ("SGX-Enclave-Identity-Issuer-Chain", chain("qe_identity")),
                ("X-None", String::new()),
            ],
        }
    }

    /// Made up, and of the right form.
    fn made_up() -> Self {
        let chain = "-----BEGIN CERTIFICATE-----\nAA+A\n-----END CERTIFICATE-----\n";
        Self::of(&json!({
            "pck_crl": "3000", "pck_crl_issuer_chain": chain,
            "tcb_info": "{\"id\": \"TDX\"}", "tcb_info_signature": "00ff", "tcb_info_issuer_chain": chain,
            "qe_identity": "{}", "qe_identity_signature": "00ff", "qe_identity_issuer_chain": chain,
            "root_ca_crl": "3000",
        }))
    }

    fn replies(&self) -> Vec<Reply> {
        let each = self.bodies.iter().zip(&self.chains);
        each.map(|(body, (name, chain))| {
            let head = format!(
                "HTTP/1.1 200 OK\r\n{name}: {chain}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let bytes = [head.as_bytes(), body].concat();
            Reply::Bytes(bytes, Duration::ZERO, Then::Keep)
        })
        .collect()
    }

    async fn fetched(&self, need: &Need) -> Result<Collateral, Error> {
        fetched(&Server::new(self.replies()), need).await
    }
}

/// As Intel's servers write a chain into a header.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' => out.push(byte.into()),
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
        out
    })
}

async fn fetched(server: &Server, need: &Need) -> Result<Collateral, Error> {
    let pccs = Pccs::new(&server.origin(), limits()).unwrap();
    pccs.collateral(need).await
}

/// A real quote with its collateral.
struct Real {
    name: String,
    quote: String,
    collateral: Value,
    at: u64,
}

impl Real {
    fn verdict(&self, collateral: &Collateral) -> Verdict {
        self.about(collateral, Subject::Quote).0
    }

    fn about(&self, collateral: &Collateral, subject: Subject) -> (Verdict, String) {
        let bundle = json!({ "quote": self.quote }).to_string();
        let bundle = Bundle::parse(bundle.as_bytes()).unwrap();
        let report = check(&bundle, &Expected::default(), Some(collateral), self.at);
        let line = report.about(subject).unwrap();
        (line.verdict, line.detail.clone())
    }

    fn need(&self) -> Need {
        Need::of_quote(&hex::decode(&self.quote).unwrap()).unwrap()
    }
}

/// They lie beside the repository, not in it: read where they are, and left out, with a word, where they are not.
#[allow(clippy::print_stdout, reason = "what was left out must be said")]
fn reals() -> Vec<Real> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/attestation");
    let Ok(index) = fs::read(folder.join("index.json")) else {
        println!("left out: no real evidence in {}", folder.display());
        return Vec::new();
    };
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let reals: Vec<Real> = index
        .iter()
        .filter_map(|says| {
            let name = says["name"].as_str().unwrap().to_owned();
            let file = |end: &str| fs::read_to_string(folder.join(format!("{name}.{end}"))).ok();
            Some(Real {
                collateral: serde_json::from_str(&file("collateral.json")?).unwrap(),
                quote: file("quote.hex").unwrap().trim().to_owned(),
                at: says["verify_time"].as_u64().unwrap(),
                name,
            })
        })
        .collect();
    assert!(!reals.is_empty());
    reals
}

#[tokio::test]
async fn what_was_taken_apart_verifies_its_quote_again() {
    for real in reals() {
        let server = Server::new(Shelf::of(&real.collateral).replies());
        let need = real.need();
        let collateral = fetched(&server, &need).await.unwrap();
        assert_eq!(real.verdict(&collateral), Verdict::Ok, "{}", real.name);
        let fmspc = hex::encode_upper(need.fmspc);
        let lines: Vec<String> = server.seen().iter().map(|seen| seen.line.clone()).collect();
        assert_eq!(
            lines,
            [
                "GET /sgx/certification/v4/pckcrl?ca=platform&encoding=der HTTP/1.1".to_owned(),
                format!("GET /tdx/certification/v4/tcb?fmspc={fmspc} HTTP/1.1"),
                "GET /tdx/certification/v4/qe/identity HTTP/1.1".to_owned(),
                "GET /sgx/certification/v4/rootcacrl HTTP/1.1".to_owned(),
            ],
            "{}",
            real.name
        );
        let signed: Value =
            serde_json::from_str(real.collateral["tcb_info"].as_str().unwrap()).unwrap();
        let named = signed["fmspc"].as_str().unwrap();
        assert_eq!(named.to_uppercase(), fmspc, "{}", real.name);
    }
}

#[tokio::test]
async fn the_other_spellings_of_servers_give_the_same_collateral() {
    let shelf = Shelf::made_up();
    let expected = shelf.fetched(&NEED).await.unwrap();
    let mut other = shelf.clone();
    other.chains[1].0 = "sgx-tcb-info-issuer-chain";
    other.bodies[0] = b"3000".to_vec();
    other.bodies[3] = vec![0x30, 0];
    assert_eq!(other.fetched(&NEED).await.unwrap(), expected);
}

#[tokio::test]
async fn a_real_list_with_one_other_byte_does_not_verify() {
    for real in reals() {
        let shelf = Shelf::of(&real.collateral);
        // A list of withdrawn machines, a text of firmware, one of enclaves.
        for part in 0..4 {
            let mut damaged = shelf.clone();
            let body = &mut damaged.bodies[part];
            if part == 1 || part == 2 {
                let at = body
                    .windows(4)
                    .position(|four| four == b"2025" || four == b"2026");
                body[at.unwrap() + 3] ^= 1;
            } else if part == 3 {
                let last = body.len() - 1;
                body[last] = if body[last] == b'0' { b'1' } else { b'0' };
            } else {
                *body.last_mut().unwrap() ^= 1;
            }
            let collateral = damaged.fetched(&real.need()).await.unwrap();
            let (verdict, detail) = real.about(&collateral, Subject::Quote);
            assert_eq!(verdict, Verdict::Differs, "{} {part}", real.name);
            assert!(detail.contains("does not hold"), "{detail}");
        }
        let mut cut = shelf.clone();
        cut.bodies[0].truncate(1000);
        let collateral = cut.fetched(&real.need()).await.unwrap();
        assert_eq!(real.verdict(&collateral), Verdict::Differs, "{}", real.name);
    }
}

#[tokio::test]
async fn a_list_of_another_form_is_named() {
    let names = ["(PCK CRL)", "(TCB info)", "(QE identity)", "(root CA CRL)"];
    for (part, name) in names.iter().enumerate() {
        let mut shelf = Shelf::made_up();
        shelf.bodies[part] = b"<html>\x1b[2J</html>".to_vec();
        let error = shelf.fetched(&NEED).await.unwrap_err();
        let (cause, _) = garbled(&error);
        assert!(cause.contains(name), "{cause}");
        assert!(error.asked.as_str().contains(name), "{}", error.asked);
        if part < 3 {
            let mut shelf = Shelf::made_up();
            shelf.chains[part].0 = "X-Other";
            let error = shelf.fetched(&NEED).await.unwrap_err();
            let (cause, _) = garbled(&error);
            assert!(
                cause.contains(name) && cause.contains("no header"),
                "{cause}"
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_machine_is_quoted() {
    let mut replies = Shelf::made_up().replies();
    let body = "No cache data for this platform.\n";
    replies[1] = Reply::json(404, body);
    let server = Server::new(replies);
    let error = fetched(&server, &NEED).await.unwrap_err();
    let refusal = refusal(&error);
    assert_eq!(refusal.message.as_str(), body.trim_end());
    assert_eq!((refusal.status, error.tries), (404, 1));
    assert_eq!(
        error.asked.as_str(),
        format!("the list of good firmware (TCB info) at {}", server.host())
    );
    assert_eq!(server.seen().len(), 2, "nothing is asked after that");
}

#[tokio::test]
async fn what_may_be_over_in_a_moment_is_asked_again() {
    let mut replies = Shelf::made_up().replies();
    replies.insert(0, Reply::json(503, "{}"));
    replies.insert(2, Reply::ReadAndDrop);
    let server = Server::new(replies);
    assert!(fetched(&server, &NEED).await.is_ok());
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn answers_and_time_are_bounded_and_no_redirect_is_followed() {
    let error = fetched(&Server::new([Reply::Endless(200)]), &NEED).await;
    let error = error.unwrap_err();
    assert_eq!(garbled(&error).0, "the answer is longer than 2048 KB");
    let elsewhere = Server::new([]);
    let error = fetched(
        &Server::new([Reply::raw(&format!(
            "HTTP/1.1 302 X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
            elsewhere.origin()
        ))]),
        &NEED,
    )
    .await
    .unwrap_err();
    assert!(refusal(&error).redirect.is_some());
    assert_eq!(elsewhere.connections(), 0);
    let server = Server::new([Reply::Hang]);
    let short = Limits {
        whole: Duration::from_millis(200),
        ..limits()
    };
    let pccs = Pccs::new(&server.origin(), short).unwrap();
    let error = pccs.collateral(&NEED).await.unwrap_err();
    assert_eq!((how(&error), error.tries), (Unreachable::TimedOut, 1));
    let error = fetched(&Server::new([Reply::EndlessHead]), &NEED).await;
    assert_eq!(how(&error.unwrap_err()), Unreachable::Broken);
}
