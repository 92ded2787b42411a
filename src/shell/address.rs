//! Whether an app answers at its own address, and with which certificate.
//!
//! It is asked as anybody would ask it: without a key, once, and a redirect is an answer like any other. What it says
//! is not read, and what its status means for the person is not known here.

use std::fmt::Write;
use std::time::{Duration, Instant};

use x509_cert::der::Decode;
use x509_cert::name::Name;

use crate::api::types::{Certificate, Reached};
use crate::http::{Address, Failure, Method, Request, Transport, Unreachable, Way};
use crate::shown::Shown;

/// How long an answer may take to begin.
const LONGEST: Duration = Duration::from_secs(10);

/// Most characters of a name in a certificate.
const NAME: usize = 200;

/// Asks there. `only_here`: nobody outside this machine, as what the sandbox made up is nowhere outside.
pub(super) async fn check(address: &Shown, only_here: bool) -> Result<Reached, Shown> {
    let address = Address::endpoint(address.as_str()).map_err(Shown::line)?;
    if only_here && !address.is_loopback() {
        return Err("the sandbox's apps are at no address outside of it".into());
    }
    let transport = Transport::new(address, LONGEST);
    let request = Request::of(Method::GET, Way::Own);
    let begun = Instant::now();
    let open = transport.open(&request, LONGEST).await.map_err(said)?;
    let millis = begun.elapsed().as_millis();
    Ok(Reached {
        status: open.status(),
        millis: u64::try_from(millis).unwrap_or(u64::MAX),
        certificate: open.certificate().map(certificate),
    })
}

fn said(failure: Failure) -> Shown {
    let (how, cause) = (failure.how, failure.cause);
    if how == Unreachable::TimedOut {
        let seconds = LONGEST.as_secs();
        return Shown::line(&format!("{how}: {seconds} seconds were waited"));
    }
    if cause.is_empty() {
        return Shown::line(&how.to_string());
    }
    Shown::line(&format!("{how}: {cause}"))
}

/// What of a certificate cannot be read stays empty: that it was accepted is known already.
fn certificate(der: &[u8]) -> Certificate {
    let Ok(read) = x509_cert::Certificate::from_der(der) else {
        return Certificate::default();
    };
    let about = read.tbs_certificate();
    let until = about.validity().not_after.to_date_time();
    Certificate {
        subject: named(about.subject()),
        issuer: named(about.issuer()),
        until: Shown::line(&until.to_string()),
    }
}

fn named(name: &Name) -> Shown {
    let mut text = String::new();
    // Writing fails where a part of the name has no form in letters; what stands before it is told.
    let _ = write!(text, "{name}");
    Shown::bounded(&text, NAME)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers once with these bytes; gives back what it was asked.
    async fn once(answer: &'static [u8]) -> (Shown, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Shown::line(&format!("http://{}/", listener.local_addr().unwrap()));
        let asked = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let read = socket.read(&mut head).await.unwrap();
            socket.write_all(answer).await.unwrap();
            String::from_utf8_lossy(&head[..read]).into_owned()
        });
        (address, asked)
    }

    #[tokio::test]
    async fn an_app_is_asked_without_a_key_and_any_status_is_an_answer() {
        for (answer, status) in [
            (&b"HTTP/1.1 200 OK\r\n\r\nhello"[..], 200),
            (
                b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
                302,
            ),
            (b"HTTP/1.1 503 X\r\nContent-Length: 1000000\r\n\r\n", 503),
        ] {
            let (address, asked) = once(answer).await;
            let reached = check(&address, true).await.unwrap();
            assert_eq!((reached.status, reached.certificate), (status, None));
            let asked = asked.await.unwrap().to_ascii_lowercase();
            assert!(asked.starts_with("get / http/1.1\r\n"), "{asked}");
            assert!(!asked.contains("x-api-key") && !asked.contains("x-phala"));
        }
    }

    #[tokio::test]
    async fn what_went_wrong_has_a_name() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let free = listener.local_addr().unwrap();
        drop(listener);
        let error = check(&Shown::line(&format!("http://{free}")), true).await;
        let error = error.unwrap_err();
        assert!(error.as_str().starts_with("no connection: "), "{error}");
        assert!(error.as_str().contains("refused"), "{error}");
        let (address, _asked) = once(b"HTTP/1.1 400 no TLS here\r\n\r\n").await;
        let secure = Shown::line(&address.as_str().replace("http:", "https:"));
        let error = check(&secure, true).await.unwrap_err();
        assert!(
            error.as_str().starts_with("no secure connection: "),
            "{error}"
        );
        let (address, _asked) = once(b"").await;
        let error = check(&address, true).await.unwrap_err();
        assert!(error.as_str().contains("ended before"), "{error}");
        let error = check(&"http://app.example/".into(), false).await;
        assert!(error.unwrap_err().as_str().contains("plain http"));
    }

    #[tokio::test]
    async fn in_the_sandbox_nobody_outside_is_asked() {
        let error = check(&"https://app.example.invalid/".into(), true).await;
        assert!(error.unwrap_err().as_str().contains("sandbox"));
    }

    #[test]
    fn a_certificate_says_whom_it_names_and_until_when() {
        use base64::Engine;
        let pem = include_str!("../../tests/vectors/certificate.pem");
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = base64::engine::general_purpose::STANDARD
            .decode(body)
            .unwrap();
        let read = certificate(&der);
        assert!(read.subject.as_str().contains("CN="), "{read:?}");
        assert!(!read.issuer.is_empty(), "{read:?}");
        let until = read.until.as_str();
        assert!(until.parse::<jiff::Timestamp>().is_ok(), "{until}");
        assert_eq!(certificate(b"nothing"), Certificate::default());
    }
}
