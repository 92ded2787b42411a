//! A login that waits for somebody to approve it in a browser (S02), and when to ask whether that happened.
//!
//! The rules of the reference (10.1): the interval passes before the first question too, `slow_down` makes it five
//! seconds longer for good, a network that fails is tried again until the code has expired. Time is handed in, in
//! seconds, and nothing is asked from here. The screen and `phala-wizard login` wait with the same value.

use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::types::{Approval, DeviceCode};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::page::{Block, Line, Mark, Page, Tone, title};

/// What `slow_down` adds to the interval.
const SLOWER: u64 = 5;

/// The clock here counts whole seconds: one more is never too early.
const SURE: u64 = 1;

/// No pause that the service asks for is longer than this; the code expires anyway.
const LONGEST_PAUSE: u64 = 60;

/// A login under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    code: DeviceCode,
    begun: u64,
    now: u64,
    /// When to ask next.
    next: u64,
    interval: u64,
    /// It was asked, and the answer is not here yet.
    asking: bool,
    /// Why the last question got no answer.
    trouble: Option<Error>,
}

/// What follows.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// Nothing yet.
    Wait,
    /// Ask, with this code.
    Ask(Secret),
    /// It was approved; this is the key.
    Enter(Secret),
    /// It is over without a key.
    Over(Ending),
}

/// Why a login is over without a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It was denied on the page.
    Denied,
    /// Nobody approved it in time. What was in the way of asking last, if anything was.
    Expired(Option<Error>),
    /// The service ended it, in its own words.
    Ended(Shown),
    /// There was no code, or what came back cannot be used.
    Failed(Error),
}

impl Device {
    /// A login whose code came at this time.
    pub fn new(code: DeviceCode, now: u64) -> Self {
        let interval = code.interval.max(1);
        Self {
            code,
            begun: now,
            now,
            next: now + interval + SURE,
            interval,
            asking: false,
            trouble: None,
        }
    }

    /// What the page and this machine show alike.
    pub fn user_code(&self) -> &Shown {
        &self.code.user_code
    }

    /// The address to open: with the code in it, where the service names one.
    pub fn page_address(&self) -> &Shown {
        self.code.page_with_code.as_ref().unwrap_or(&self.code.page)
    }

    /// The address where the code has to be typed.
    pub fn bare_address(&self) -> &Shown {
        &self.code.page
    }

    /// Seconds until the code expires.
    pub fn left(&self) -> u64 {
        (self.begun + self.code.expires_in).saturating_sub(self.now)
    }

    /// Why the last question got no answer.
    pub fn trouble(&self) -> Option<&Error> {
        self.trouble.as_ref()
    }

    /// Time went by.
    pub fn tick(&mut self, now: u64) -> Move {
        self.now = self.now.max(now);
        if self.left() == 0 {
            return Move::Over(Ending::Expired(self.trouble.take()));
        }
        if self.asking || self.now < self.next {
            return Move::Wait;
        }
        self.asking = true;
        Move::Ask(self.code.code.clone())
    }

    /// The answer to what was asked.
    pub fn polled(&mut self, answer: Result<Approval, Error>) -> Move {
        self.asking = false;
        let ending = match answer {
            Ok(Approval::Token(token)) => return Move::Enter(token),
            Ok(Approval::Pending) => {
                self.trouble = None;
                return self.later(0);
            }
            Ok(Approval::SlowDown) => {
                self.trouble = None;
                self.interval += SLOWER;
                return self.later(0);
            }
            Ok(Approval::Denied) => Ending::Denied,
            Ok(Approval::Expired) => Ending::Expired(None),
            Ok(Approval::Ended(words)) => Ending::Ended(words),
            Err(error) if may_recover(&error) => {
                let pause = match &error.kind {
                    ErrorKind::Refused(refusal) => refusal.retry_after.unwrap_or(0),
                    _ => 0,
                };
                self.trouble = Some(error);
                return self.later(pause.min(LONGEST_PAUSE));
            }
            Err(error) => Ending::Failed(error),
        };
        Move::Over(ending)
    }

    /// Asks again after the interval, or after a longer pause.
    fn later(&mut self, pause: u64) -> Move {
        self.next = self.now + self.interval.max(pause) + SURE;
        Move::Wait
    }

    /// The page of the wait.
    pub fn page(&self) -> Page<'static> {
        let mut lines = vec![
            title("Sign in with the browser"),
            Line::from("1. Open this page on any device:"),
            Line::new()
                .plain("     ")
                .tone(Tone::Address, self.page_address().as_str()),
            Line::from("2. Check that it shows this code:"),
            Line::new()
                .plain("     ")
                .strong(spaced(self.user_code().as_str())),
            Line::from("3. Approve. This window goes on by itself."),
            Line::new(),
            Line::new().mark(Mark::Busy).plain(format!(
                "waiting for approval; the code is good for {}",
                clock(self.left())
            )),
        ];
        if let Some(error) = &self.trouble {
            lines.push(Line::new().mark(Mark::Warn).warn(format!("{error}")));
            lines.push(Line::new().dim("The code stays good; it is asked again until it expires."));
        }
        lines.push(Line::new());
        lines.push(
            Line::label("asked for", 12)
                .plain("read your profile, read and create instances, read nodes"),
        );
        lines.push(Line::label("workspace", 12).plain("you choose it on the page"));
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim("Nothing is stored before you have approved and said where."),
        }
    }
}

impl Ending {
    /// What happened, as a card.
    pub fn lines(&self) -> Vec<Line> {
        let (headline, means) = match self {
            Self::Denied => (
                "The login was denied on the page.",
                "If that was not you, somebody else saw the code. Nothing was stored.",
            ),
            Self::Expired(_) => (
                "The code has expired before anybody approved it.",
                "It opens nothing any more. A new one is made when you try again.",
            ),
            Self::Ended(_) => ("The service ended the login.", "Nothing was stored."),
            Self::Failed(error) => return crate::wizard::trouble::card(error),
        };
        let mut lines = vec![title(headline), Line::new(), Line::from(means)];
        match self {
            Self::Ended(words) => {
                lines.push(Line::pair("it said", 12, words.as_str()));
            }
            Self::Expired(Some(error)) => {
                lines.push(Line::new().warn(format!("The last question got no answer: {error}")));
            }
            _ => (),
        }
        lines
    }
}

/// Whether asking later may go better: nothing answered, or something in between did, or the service is busy.
fn may_recover(error: &Error) -> bool {
    match &error.kind {
        ErrorKind::Unreachable(how, _) => !matches!(how, Unreachable::NotSent),
        ErrorKind::Refused(refusal) => {
            refusal.foreign || matches!(refusal.status, 408 | 425 | 429 | 500..)
        }
        ErrorKind::Garbled { status, .. } => *status >= 500,
        ErrorKind::Unkept { .. } => false,
    }
}

/// Letters apart from each other, to be compared and typed elsewhere.
fn spaced(code: &str) -> String {
    let letters: Vec<String> = code.chars().map(String::from).collect();
    letters.join(" ")
}

/// Minutes and seconds.
fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests;
