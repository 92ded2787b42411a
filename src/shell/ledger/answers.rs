//! What an answer means for the journal: a clear one is a record, an unclear one leaves its request unanswered, which
//! is the truth.

use super::append;
use crate::api::error::{Error, ErrorKind, No};
use crate::api::types::{Prepared as Answered, Ticket};
use crate::journal::record::{
    Answering, CommitRefused, Committed, CreatedDirectly, How, Made, Meaning, Mismatch,
    PrepareRefused, Prepared,
};
use crate::journal::state::{CommitAnswer, Sent, State};
use crate::journal::store::Journal;
use crate::shown::Shown;

/// The HTTP status that brings a token.
const REGISTRATION_REQUIRED: u16 = 465;

/// Stands for the HTTP status of a request that is known not to have arrived.
const NEVER_ARRIVED: u16 = 0;

/// Writes an answer down, where it is a clear one.
pub(super) fn write(
    journal: &mut Journal,
    answer: Result<Answered, Error>,
    answering: Answering,
) -> Result<(), Shown> {
    match (answer, answering) {
        (Ok(Answered::Ticket(ticket)), _) => {
            append(journal, prepared(journal, &ticket, answering)).map(drop)
        }
        (Ok(Answered::Created(created)), Answering::Prepare(attempt)) => {
            let made = Made::of(&created, None);
            append(journal, CreatedDirectly { attempt, made }).map(drop)
        }
        (Ok(Answered::Created(created)), Answering::Commit(send)) => {
            let hash = journal.state().prepared().map(|known| known.compose_hash);
            let made = Made::of(&created, hash);
            let how = How::Answered(send);
            append(journal, Committed { how, made }).map(drop)
        }
        (Err(error), answering) => refused(journal, &error, answering),
    }
}

/// A ticket as it is recorded, with what is not as it was asked for.
fn prepared(journal: &Journal, ticket: &Ticket, answering: Answering) -> Prepared {
    let intent = journal.state().intent();
    let device = intent.facts.node.as_ref().and_then(|node| node.device);
    Prepared {
        mismatch: ticket
            .strays(&intent.plan(), device)
            .into_iter()
            .map(|stray| Mismatch {
                member: Shown::line(stray.member),
                asked: Shown::line(&stray.asked),
                named: Shown::line(&stray.named.unwrap_or_default()),
            })
            .collect(),
        ..Prepared::of(ticket, answering)
    }
}

/// A refusal, where it is a clear one.
fn refused(journal: &mut Journal, error: &Error, answering: Answering) -> Result<(), Shown> {
    let arrived = error.status();
    if arrived.is_none() && error.may_have_acted() {
        return Ok(());
    }
    let status = arrived.unwrap_or(NEVER_ARRIVED);
    let code = error.code().map(Shown::line);
    match answering {
        Answering::Prepare(attempt) if !error.may_have_acted() => append(
            journal,
            PrepareRefused {
                attempt,
                status,
                code,
            },
        )
        .map(drop),
        Answering::Commit(send) => match meaning(error, send, journal.state()) {
            Some(meaning) => append(
                journal,
                CommitRefused {
                    send,
                    status,
                    code,
                    meaning,
                },
            )
            .map(drop),
            None => Ok(()),
        },
        Answering::Prepare(_) => Ok(()),
    }
}

/// What this refusal of a commit says; `None` where the service may have acted.
fn meaning(error: &Error, send: u32, state: &State) -> Option<Meaning> {
    match error.verdict_on_commit()? {
        No::TokenGone => Some(Meaning::TokenGone),
        No::NotRegistered { .. } => Some(Meaning::NotRegistered),
        // A no says nothing about another send that has no clear answer.
        No::NothingMade => {
            let is_open = |sent: &Sent| sent.send != send && sent.answer == CommitAnswer::None;
            (!state.sent().any(is_open)).then_some(Meaning::NothingMade)
        }
    }
}

/// A token that there is no record of is not used. What exists stays said: whoever shows it tells that it is not kept.
pub(super) fn as_kept(
    answer: Result<Answered, Error>,
    heard: Result<(), Shown>,
    asked: &Shown,
) -> Result<Answered, Error> {
    match (answer, heard) {
        (Ok(Answered::Ticket(_)), Err(cause)) => Err(Error {
            asked: asked.clone(),
            tries: 1,
            kind: ErrorKind::Unkept {
                status: REGISTRATION_REQUIRED,
                cause,
            },
        }),
        (answer, _) => answer,
    }
}
