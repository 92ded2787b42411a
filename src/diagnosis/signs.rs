//! Signs: words that give a cause away, who has to say them, and where the boot has to stand.
//!
//! A sign is narrow on purpose. "denied" alone is none: who says it, in which words and when makes it one. The tables
//! are read in order, the most specific sign first; they know nothing of the lines around the one they look at.

mod boot;
mod creation;
mod machine;
mod pull;
mod start;

use super::Cause;
use super::line::{COMPOSE, Heard};
use super::stage::Stages;
use super::subject;

/// How much a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Where it went wrong, not why.
    Where,
    /// What is mostly behind it.
    Likely,
    /// Why.
    Why,
}

/// Words that give a cause away. All of them are in lower case.
pub(super) struct Sign {
    pub(super) cause: Cause,
    pub(super) weight: Weight,
    /// Who has to say it.
    from: u16,
    /// Where the boot has to stand, so that it is the cause.
    pub(super) at: Stages,
    /// All of these, in any order.
    all: &'static [&'static str],
    /// And one of these, if there are any.
    any: &'static [&'static str],
    /// And none of these.
    not: &'static [&'static str],
    subject: fn(&str, &str) -> Option<String>,
    /// It counts only if it is clear what it is about.
    named: bool,
    /// A variable without a value may be behind it.
    pub(super) gap: bool,
}

/// A sign, and what it is about.
type Read = (&'static Sign, Option<String>);

impl Sign {
    const fn new(cause: Cause, from: u16, at: Stages, all: &'static [&'static str]) -> Self {
        Self {
            cause,
            weight: Weight::Why,
            from,
            at,
            all,
            any: &[],
            not: &[],
            subject: subject::none,
            named: false,
            gap: false,
        }
    }

    const fn any(self, any: &'static [&'static str]) -> Self {
        Self { any, ..self }
    }

    const fn not(self, not: &'static [&'static str]) -> Self {
        Self { not, ..self }
    }

    const fn about(self, subject: fn(&str, &str) -> Option<String>) -> Self {
        Self { subject, ..self }
    }

    const fn named(self) -> Self {
        Self {
            named: true,
            ..self
        }
    }

    const fn weight(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    const fn gap(self) -> Self {
        Self { gap: true, ..self }
    }

    /// This sign and what the line is about, if the line says it.
    fn read(&'static self, heard: &Heard<'_>) -> Option<Read> {
        let says = |words: &&str| heard.low.contains(words);
        let fits = heard.is_of(self.from)
            && self.all.iter().all(says)
            && (self.any.is_empty() || self.any.iter().any(says))
            && !self.not.iter().any(says);
        if !fits {
            return None;
        }
        let subject = (self.subject)(&heard.body, &heard.low);
        (subject.is_some() || !self.named).then_some((self, subject))
    }
}

/// The first sign in a line among those that hold where the boot stands, or that are of the cause already reported.
pub(super) fn read(heard: &Heard<'_>, stage: Stages, reported: Option<Cause>) -> Option<Read> {
    [
        creation::SIGNS,
        pull::SIGNS,
        boot::SIGNS,
        start::SIGNS,
        machine::SIGNS,
    ]
    .into_iter()
    .flatten()
    .filter(|sign| sign.at & stage != 0 || reported == Some(sign.cause))
    .find_map(|sign| sign.read(heard))
}

/// The variable that docker compose puts nothing in the place of. It says so of every optional one, too.
pub(super) fn blank(heard: &Heard<'_>) -> Option<String> {
    let blank = heard.is_of(COMPOSE)
        && heard
            .low
            .contains("variable is not set. defaulting to a blank string");
    if !blank {
        return None;
    }
    let rest = &heard.body[heard.low.find("the ")? + 4..];
    let name = rest
        .trim_start_matches(['\\', '"'])
        .split(['\\', '"'])
        .next()?;
    (!name.is_empty()).then(|| name.to_owned())
}
