//! Reading from somebody who is not the service: a node of a chain, a cache of Intel's lists.
//!
//! They have no words of their own that this program knows, so an answer is a 2xx in full, or a refusal with whatever
//! words it carries. Errors are the service's, so that one screen can show them all. Nothing here may create anything.

use std::time::Duration;

use serde_json::Value;

use super::decode::look::Look;
use super::error::{Error, ErrorKind, Refusal, Unreachable};
use super::told::{Asking, Head};
use crate::http::{Address, Again, Answer, Bounds, Patience, Request, Transport};
use crate::shown::Shown;

/// Most characters of the other side's words that are kept.
const WORDS: usize = 400;

/// Most bytes of a refusal.
const REFUSED_BYTES: usize = 64 << 10;

/// How long things may take, and how often they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To a connection, TLS included.
    pub connect: Duration,
    /// For a whole exchange.
    pub whole: Duration,
    /// Most bytes of an answer.
    pub most: usize,
    /// How often a read is tried.
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(20),
            most: 2 << 20,
            patience: Patience::default(),
        }
    }
}

/// Somebody to read from. Prints the host only.
#[derive(Debug)]
pub struct Place {
    transport: Transport,
    limits: Limits,
}

impl Place {
    /// Somebody at this address. Nothing is opened yet.
    pub fn new(address: Address, limits: Limits) -> Self {
        Self {
            transport: Transport::new(address, limits.connect),
            limits,
        }
    }

    /// The name of the machine, with its port where one is written.
    pub fn host(&self) -> Shown {
        self.transport.address().host()
    }

    /// Asks until there is an answer that another try would not change. `asked` is what the error says was asked.
    pub async fn read<T>(
        &self,
        asked: &Shown,
        request: &Request,
        decode: impl Fn(&Heard<'_>) -> Result<T, ErrorKind>,
        again: impl Fn(&Error) -> Again,
    ) -> Result<T, Error> {
        let bounds = Bounds {
            whole: self.limits.whole,
            most: self.limits.most,
            most_refused: REFUSED_BYTES,
        };
        let address = self.transport.address();
        let asking = Asking::begin();
        let attempt = || async {
            let answer = self.transport.ask(request, bounds).await;
            answer
                .map_err(ErrorKind::from)
                .and_then(|answer| {
                    let heard = Heard { answer, address };
                    heard.accept()?;
                    Ok((decode(&heard)?, Head::of(&heard.answer)))
                })
                .map_err(|kind| error(asked, kind))
        };
        let (result, tries) = self.limits.patience.repeat(attempt, again).await;
        asking.end(asked, tries, result.as_ref().map(|(_, head)| head));
        result
            .map(|(thing, _)| thing)
            .map_err(|error| Error { tries, ..error })
    }
}

/// What came back, and from where.
pub struct Heard<'p> {
    /// In full.
    pub answer: Answer,
    address: &'p Address,
}

impl Heard<'_> {
    fn accept(&self) -> Result<(), ErrorKind> {
        if !self.answer.is_success() {
            return Err(ErrorKind::Refused(self.refusal()));
        }
        if self.answer.cut {
            let kib = self.answer.body.len() >> 10;
            return Err(self.garbled(&format!("the answer is longer than {kib} KB")));
        }
        Ok(())
    }

    /// That this is an answer which cannot be read, and why.
    pub fn garbled(&self, cause: &str) -> ErrorKind {
        let text = String::from_utf8_lossy(&self.answer.body);
        let text = self.address.masked_in(&text);
        ErrorKind::Garbled {
            status: self.answer.status,
            cause: self.words(cause),
            excerpt: Shown::text(&text.chars().take(WORDS).collect::<String>()),
        }
    }

    /// That this is a no in the other side's words, with the code it gives.
    pub fn refused(&self, message: &str, code: Option<&str>) -> ErrorKind {
        ErrorKind::Refused(Refusal {
            status: self.answer.status,
            code: code.map(Shown::line),
            message: self.words(message),
            ..Refusal::default()
        })
    }

    fn refusal(&self) -> Refusal {
        let answer = &self.answer;
        let status = format!("{} {}", answer.status, answer.reason());
        let message = match &answer.redirect {
            Some(host) => self.words(&format!("redirected to {host}, not followed")),
            None => said(&answer.body)
                .map_or_else(|| Shown::line(status.trim()), |said| self.words(&said)),
        };
        Refusal {
            status: answer.status,
            message,
            retry_after: answer.retry_after(),
            redirect: answer.redirect.clone(),
            ..Refusal::default()
        }
    }

    /// The other side's words as one line of bounded length, without our own address in it.
    pub fn words(&self, text: &str) -> Shown {
        Shown::bounded(&self.address.masked_in(text), WORDS)
    }
}

/// The no that this answer is: a refusal, or where it is a 2xx, something that is of no use for this reason.
pub(super) fn no(answer: Answer, address: &Address, why: &str) -> ErrorKind {
    let heard = Heard { answer, address };
    heard.accept().err().unwrap_or_else(|| heard.garbled(why))
}

/// Nothing was sent, because sending it would not have been safe.
pub fn not_sent(asked: &Shown, why: &str) -> Error {
    let kind = ErrorKind::Unreachable(Unreachable::NotSent, Shown::line(why));
    Error {
        tries: 0,
        ..error(asked, kind)
    }
}

/// That this question came to this.
pub fn error(asked: &Shown, kind: ErrorKind) -> Error {
    Error {
        asked: asked.clone(),
        tries: 1,
        kind,
    }
}

/// What a refusal says: in JSON, or in a few plain words. A page is not meant for us.
fn said(body: &[u8]) -> Option<String> {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let top = Look::new(&value);
        let words = top
            .at("error")
            .at("message")
            .prose()
            .or(top.at("message").prose())
            .or(top.at("error").prose());
        return words.map(|words| words.as_str().to_owned());
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_prose = !text.is_empty() && !text.starts_with('<') && text.len() <= WORDS;
    is_prose.then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_its_own_words_where_it_has_any() {
        for (body, expected) in [
            (
                r#"{"error":{"code":-32005,"message":"too\n fast"}}"#,
                Some("too fast"),
            ),
            (r#"{"message":"no such key"}"#, Some("no such key")),
            (r#"{"error":"nope"}"#, Some("nope")),
            (
                "No cache data for this platform.\n",
                Some("No cache data for this platform."),
            ),
            ("<html>Bad gateway</html>", None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(said(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(said(&[0xff, 0xfe]), None);
        assert_eq!(said("x".repeat(1000).as_bytes()), None);
    }
}
