//! `phala-wizard login` and `logout`: plain lines, no screen, and the same rules as at the door.
//!
//! What people read goes to stdout, or with `--json` to stderr; a key is read from the terminal unseen or from a pipe,
//! and never from an argument. Nothing is written before the key was accepted by the service.

mod hidden;

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::ask::Asker;
use super::credentials::Environment;
use super::places::Places;
use super::{browser, demo, names};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::door::device::{Device, Ending, Move};
use crate::wizard::event::{Outcome, SignedIn};
use crate::wizard::signin::Keeping;

/// Most bytes of a key that comes through a pipe.
const LONGEST_KEY: u16 = 4096;

/// How often the clock is looked at.
const BEAT: Duration = Duration::from_millis(500);

/// It went as it was asked.
const DONE: u8 = 0;

/// How to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The name to keep it under.
    pub profile: Option<String>,
    /// Where the key comes from.
    pub way: Way,
    /// Keep the key in the system's keyring instead of the official CLI's file.
    pub keyring: bool,
    /// One JSON object on stdout, lines for people on stderr.
    pub json: bool,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A code, approved in a browser.
    Browser {
        /// Open the page too.
        open: bool,
    },
    /// The terminal, unseen.
    Typed,
    /// Standard input.
    Pipe,
}

/// Why there is no key.
enum Stop {
    /// In a sentence, and as which outcome.
    Because(Shown, Outcome),
    /// The person left.
    Left,
}

/// Signs in and keeps the key. The exit code.
pub fn login(wanted: &Wanted) -> u8 {
    let paper = Paper(wanted.json);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return paper.stop(&Stop::Because("cannot start".into(), Outcome::Failed));
    };
    let end = runtime.block_on(sign_in(wanted, &paper));
    runtime.shutdown_background();
    match end {
        Ok(()) => DONE,
        Err(stop) => paper.stop(&stop),
    }
}

/// Takes a profile out. The exit code.
pub fn logout(profile: Option<String>, json: bool) -> u8 {
    let paper = Paper(json);
    let environment = Environment::here(profile);
    let failed = |why: Shown| Stop::Because(why, Outcome::Failed);
    let gone = environment.named().map_err(failed).and_then(|named| {
        let (name, _) = named.ok_or_else(|| {
            Stop::Because(
                "nobody is signed in on this machine".into(),
                Outcome::SignedOut,
            )
        })?;
        let was = environment.forget(&name).map_err(failed)?;
        if was.is_empty() {
            let why = format!("there is no profile {name} on this machine");
            return Err(Stop::Because(Shown::line(&why), Outcome::SignedOut));
        }
        Ok((name, was))
    });
    let (name, was) = match gone {
        Ok(gone) => gone,
        Err(stop) => return paper.stop(&stop),
    };
    names::forget(environment.cache.as_deref());
    let was: Vec<String> = was.iter().map(ToString::to_string).collect();
    let name = Shown::line(&name);
    paper.line(&format!(
        "Profile {name} is gone from {}.",
        was.join(" and ")
    ));
    paper.line("The key itself stays good until you revoke it at https://cloud.phala.com.");
    if environment.key.is_some() {
        paper.line("PHALA_CLOUD_API_KEY is still set, and is used.");
    }
    paper.json(&json!({ "profile": name.as_str(), "removed_from": was }));
    DONE
}

async fn sign_in(wanted: &Wanted, paper: &Paper) -> Result<(), Stop> {
    let environment = Environment::here(wanted.profile.clone());
    let asker = Asker::new(environment, Places::default(), demo::Options::default());
    let signed_in = match wanted.way {
        Way::Browser { open } => {
            let key = approved(&asker, open, paper).await?;
            asker.enter_with(key).await
        }
        Way::Typed => asker.sign_in(Some(typed()?)).await,
        Way::Pipe => asker.sign_in(Some(piped()?)).await,
    };
    let (host, key, identity) = match signed_in {
        SignedIn::Yes {
            host,
            key,
            identity,
            ..
        } => (host, key, identity),
        SignedIn::No { host, error, .. } => {
            let outcome = if error.is_signed_out() {
                Outcome::SignedOut
            } else {
                Outcome::Failed
            };
            let why = format!("{host} does not accept this key: {error}; nothing was stored");
            return Err(Stop::Because(Shown::line(&why), outcome));
        }
        SignedIn::NoKey { .. } => {
            return Err(Stop::Because("there is no key".into(), Outcome::SignedOut));
        }
    };
    let places = asker.places_to_keep().await;
    let keeping = if wanted.keyring {
        Keeping::Keyring
    } else {
        Keeping::File
    };
    let failed = |why: Shown| Stop::Because(why, Outcome::Failed);
    match keeping {
        Keeping::File if places.file_blocked.is_some() => {
            let why = places.file_blocked.unwrap_or_default();
            return Err(failed(Shown::line(&format!("it cannot be kept: {why}"))));
        }
        Keeping::Keyring => {
            if let Some(Ok(term)) = &places.keyring {
                paper.line(&format!("The key goes into {term}."));
            }
        }
        Keeping::File => (),
    }
    let kept = asker.keep(keeping).await.map_err(failed)?;
    paper.line(&format!(
        "Signed in to {host} as {}, workspace {}.",
        identity.user, identity.workspace
    ));
    let replaced = match (places.replaces, keeping) {
        (true, Keeping::File) => ", in place of the one that was there",
        _ => "",
    };
    paper.line(&format!(
        "Kept as {kept}{replaced}. It is used from now on{}.",
        match keeping {
            Keeping::File => ", by the official CLI too",
            Keeping::Keyring => "; the official CLI does not see it",
        }
    ));
    if places.shadowed {
        paper.line("PHALA_CLOUD_API_KEY is set, and comes before it.");
    }
    paper.json(&json!({
        "service": host.as_str(),
        "user": identity.user.as_str(),
        "workspace": identity.workspace.as_str(),
        "key": key.tail,
        "profile": places.profile.as_str(),
        "kept_in": kept.as_str(),
    }));
    Ok(())
}

/// A key by way of a code that somebody approves in a browser.
async fn approved(asker: &Asker, open: bool, paper: &Paper) -> Result<Secret, Stop> {
    let code = asker.begin().await.map_err(|error| {
        let why = format!("no code was given out: {error}");
        Stop::Because(Shown::line(&why), Outcome::Failed)
    })?;
    let begun = Instant::now();
    let mut device = Device::new(code, 0);
    paper.line("Open this page, here or on any other device:");
    paper.line(&format!("    {}", device.page_address()));
    paper.line("Check that it shows this code, or type it there, and approve:");
    paper.line(&format!("    {}", device.user_code()));
    let left = device.left();
    paper.line(&format!(
        "Waiting; the code is good for {} min {:02} s. Ctrl-C gives up, and nothing is stored.",
        left / 60,
        left % 60
    ));
    if open && !is_remote() {
        browser::open(device.page_address().as_str());
    }
    let mut told = None;
    loop {
        let mut next = device.tick(begun.elapsed().as_secs());
        if let Move::Ask(code) = next {
            let answer = asker.poll(&code).await;
            device.tick(begun.elapsed().as_secs());
            next = device.polled(answer);
        }
        match next {
            Move::Enter(key) => return Ok(key),
            Move::Over(ending) => return Err(over(&ending)),
            Move::Wait | Move::Ask(_) => (),
        }
        let trouble = device.trouble().map(ToString::to_string);
        if trouble != told {
            match &trouble {
                Some(why) => paper.line(&format!("no answer: {why}; the code stays good")),
                None => paper.line("it answers again"),
            }
            told = trouble;
        }
        sleep(BEAT).await;
    }
}

fn over(ending: &Ending) -> Stop {
    let (why, outcome) = match ending {
        Ending::Denied => (
            "the login was denied on the page".into(),
            Outcome::SignedOut,
        ),
        Ending::Expired(None) => (
            "the code has expired before anybody approved it".into(),
            Outcome::SignedOut,
        ),
        Ending::Expired(Some(error)) => (
            Shown::line(&format!(
                "the code has expired; the last question got no answer: {error}"
            )),
            Outcome::SignedOut,
        ),
        Ending::Ended(words) => (
            Shown::line(&format!("the service ended the login: {words}")),
            Outcome::SignedOut,
        ),
        Ending::Failed(error) => (Shown::line(&error.to_string()), Outcome::Failed),
    };
    let why = format!("{why}; nothing was stored");
    Stop::Because(Shown::line(&why), outcome)
}

fn typed() -> Result<Secret, Stop> {
    if !io::stdin().is_terminal() {
        return Err(Stop::Because(
            "the keyboard is not a terminal; --with-key reads the key from a pipe".into(),
            Outcome::Unusable,
        ));
    }
    let failed = |error: io::Error| {
        let why = format!("the terminal cannot be used: {error}");
        Stop::Because(Shown::line(&why), Outcome::Failed)
    };
    hidden::ask("API key (not shown; Ctrl-U clears it, Ctrl-C gives up): ")
        .map_err(failed)?
        .ok_or(Stop::Left)
}

fn piped() -> Result<Secret, Stop> {
    let unusable = |why: &str| Stop::Because(why.into(), Outcome::Unusable);
    if io::stdin().is_terminal() {
        return Err(unusable(
            "--with-key reads the key from a pipe, and the keyboard is a terminal; --manual asks for it unseen",
        ));
    }
    let mut text = Zeroizing::new(String::with_capacity(usize::from(LONGEST_KEY) + 1));
    let read = io::stdin()
        .take(u64::from(LONGEST_KEY) + 1)
        .read_to_string(&mut text);
    read.map_err(|_| unusable("what comes through the pipe is no text"))?;
    let key = text.trim();
    if key.is_empty() || text.len() > usize::from(LONGEST_KEY) {
        return Err(unusable("what comes through the pipe is no key"));
    }
    Ok(Secret::new(key))
}

/// Whether a browser that opens here would open far from the person.
fn is_remote() -> bool {
    ["SSH_CONNECTION", "SSH_TTY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// Where things are told.
struct Paper(bool);

impl Paper {
    fn line(&self, line: &str) {
        // Where nobody reads there is nobody to tell.
        let _ = if self.0 {
            writeln!(io::stderr(), "{line}")
        } else {
            writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush())
        };
    }

    fn json(&self, value: &serde_json::Value) {
        if self.0 {
            let _ = writeln!(io::stdout(), "{value}");
        }
    }

    fn stop(&self, stop: &Stop) -> u8 {
        let (why, outcome) = match stop {
            Stop::Because(why, outcome) => (why.as_str(), *outcome),
            Stop::Left => ("left; nothing was stored", Outcome::Nothing),
        };
        let _ = writeln!(io::stderr(), "phala-wizard: {why}");
        self.json(&json!({ "error": why, "outcome": outcome.word() }));
        outcome.code()
    }
}
