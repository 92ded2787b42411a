//! `phala-wizard sandbox`: the sandbox alone, in the foreground, for other programs to talk to.
//!
//! It says on stdout where it is, once and as JSON, and on stderr what it is asked. It has no screen and knows nothing
//! of what the sandbox answers.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::sleep;

use super::demo::{self, Handled, Opened};
use crate::shown::Shown;

/// How long a client that has begun a request and does not finish it can hold up the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// Where the service listens and what it tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// The address and port.
    pub listen: Place,
    /// The name of its scenario.
    pub scenario: String,
    /// The one key that opens it, a pretend one; made up where there is none.
    pub key: Option<String>,
    /// How fast its time passes and what its ids are drawn from.
    pub options: demo::Options,
}

/// An address that only this machine can reach, with a port; port 0 takes a free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(SocketAddr);

impl FromStr for Place {
    type Err = &'static str;

    /// Reads 127.0.0.1, [::1] or localhost with a port. As a host name, the sandbox lets in nothing else.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}").parse(),
            None => text.parse::<SocketAddr>(),
        };
        let address =
            address.map_err(|_| "an address and a port are needed, such as 127.0.0.1:18777")?;
        match address.ip() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST) => Ok(Self(address)),
            _ => Err("the sandbox is for this machine only: 127.0.0.1 or [::1]"),
        }
    }
}

/// What a program that started it reads, in this order.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    api_key: &'a str,
    scenario: &'a str,
    rpc_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_key: Option<&'a str>,
}

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// Fails if the address is taken, if there is no such scenario, or if nobody can be told
/// where the service is.
pub fn run(service: Service) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start")?;
    let end = runtime.block_on(serve(service));
    runtime.shutdown_background();
    end
}

async fn serve(service: Service) -> anyhow::Result<()> {
    let Service {
        listen,
        scenario,
        key,
        options,
    } = service;
    // Before anyone is told that it is there: who reads the line may end it at once.
    let asked = asked_to_end().context("cannot listen to signals")?;
    let key = key.unwrap_or_else(demo::fresh_key);
    let opened = Opened::at(listen.0, &scenario, key.clone(), options);
    let opened = opened.await.map_err(|problem| anyhow!("{problem}"))?;
    let ready = Ready {
        url: &opened.base,
        api_key: &key,
        scenario: &scenario,
        rpc_url: &opened.rpc,
        test_key: opened.test_key.as_deref(),
    };
    say_ready(&ready).context("cannot say where the service is")?;
    let (end, mut ended) = watch::channel(false);
    tokio::spawn(async move {
        asked.await;
        end.send_replace(true);
    });
    let mut late = ended.clone();
    let shutdown = async move {
        let _ = ended.wait_for(|end| *end).await;
    };
    let overdue = async move {
        let _ = late.wait_for(|end| *end).await;
        sleep(FAREWELL).await;
    };
    tokio::select! {
        served = opened.serve(log, shutdown) => served.context("the service broke"),
        () = overdue => Ok(()),
    }
}

fn say_ready(ready: &Ready) -> anyhow::Result<()> {
    let line = serde_json::to_string(ready)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// A line of the log. A path is what a client sent, so it is shown and not obeyed.
fn log(handled: Handled) {
    // Where nobody reads the log there is no one to tell, and the service goes on.
    let _ = writeln!(io::stderr(), "{}", line(&handled));
}

fn line(handled: &Handled) -> Shown {
    let Handled {
        method,
        path,
        status,
        took,
    } = handled;
    Shown::line(&format!("{method} {path} {status} {} ms", took.as_millis()))
}

/// Resolves when someone wants the service to end. Listens from now on, not from the first look.
#[cfg(unix)]
fn asked_to_end() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

#[cfg(windows)]
fn asked_to_end() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::windows::{ctrl_break, ctrl_c};
    let (mut interrupt, mut terminate) = (ctrl_c()?, ctrl_break()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_is_one_line_and_shows_what_a_path_hides() {
        let handled = Handled {
            method: "GET".to_owned(),
            path: "/api/v1/auth/me\u{1b}[2J\n".to_owned(),
            status: 200,
            took: Duration::from_micros(3400),
        };
        let line = line(&handled).to_string();
        assert!(line.starts_with("GET /api/v1/auth/me"), "{line}");
        assert!(line.ends_with(" 200 3 ms"), "{line}");
        assert!(!line.contains(['\u{1b}', '\n']), "{line:?}");
    }

    #[test]
    fn only_an_address_of_this_machine_is_a_place() {
        let place = |text: &str| text.parse::<Place>().map(|place| place.0.to_string());
        assert_eq!(place("127.0.0.1:0").unwrap(), "127.0.0.1:0");
        assert_eq!(place("localhost:80").unwrap(), "127.0.0.1:80");
        assert_eq!(place("[::1]:80").unwrap(), "[::1]:80");
        for other in [
            "0.0.0.0:0",
            "192.168.0.7:80",
            "[::]:80",
            "127.0.0.2:80",
            "[::ffff:127.0.0.1]:80",
        ] {
            let refused = place(other).unwrap_err();
            assert!(refused.contains("for this machine only"), "{other}");
        }
        for half in ["18777", "localhost", "localhost:", "evil.example:80", ""] {
            assert!(
                place(half).unwrap_err().contains("a port are needed"),
                "{half}"
            );
        }
    }
}
