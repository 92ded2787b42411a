//! What is written down without a creating request: what was learnt, decided, and how it ended.

use super::others::beside;
use super::{Home, Ledger, answers, append, decide, say};
use crate::api::types::{CvmUuid, Prepared as Answered};
use crate::journal::record::{Answering, Choice, Committed, End, Founded, How, Made, Running};
use crate::journal::state::State;
use crate::journal::store::Journal;
use crate::shell::clock;
use crate::shown::Shown;
use crate::wizard::event::Noted;

impl Ledger {
    /// Writes down what was learnt or decided without a creating request.
    pub(in crate::shell) async fn note(&self, noted: Noted) -> Result<(), Shown> {
        self.with(move |home, open| match noted {
            Noted::Deleted { uuid } => settle(home, open, uuid, End::Deleted, None),
            Noted::Runs { uuid, instance_id } => {
                let running = Running {
                    uuid: uuid.clone(),
                    instance_id,
                };
                settle(home, open, uuid, End::Running, Some(running))
            }
            noted => match open.as_mut() {
                Some(journal) => learn(journal, noted),
                None => Ok(()),
            },
        })
        .await
    }
}

/// What was learnt for the journal that is open.
fn learn(journal: &mut Journal, noted: Noted) -> Result<(), Shown> {
    match noted {
        Noted::Accepted(hash) => {
            let named = journal.state().newest().map(|token| token.compose_hash);
            if named == Some(hash) {
                decide(journal, Choice::AcceptOtherHash)?;
            }
        }
        Noted::Answered(created) => {
            // It was written down as it came. Where that failed, it is tried once more, and the reason told.
            if journal.state().made().next().is_none() {
                let answering = match journal.state().sends() {
                    0 => Answering::Prepare(journal.state().attempts()),
                    send => Answering::Commit(send),
                };
                answers::write(journal, Ok(Answered::Created(created)), answering)?;
            }
        }
        Noted::Adopted { created, chosen } => {
            let how = if chosen { How::Chosen } else { How::Found };
            let made = Made::of(&created, None);
            append(journal, Committed { how, made })?;
        }
        Noted::Transactions(seen) => {
            for seen in seen {
                append(journal, seen)?;
            }
        }
        Noted::Founded(founded, provision) => {
            append(journal, Founded::of(&founded, &provision))?;
        }
        Noted::Deleted { .. } | Noted::Runs { .. } => (),
    }
    Ok(())
}

/// Closes the journal of this instance, which may be another one than the open one: of several nodes each has its own.
fn settle(
    home: &Home,
    open: &mut Option<Journal>,
    uuid: Option<CvmUuid>,
    end: End,
    running: Option<Running>,
) -> Result<(), Shown> {
    let is_named = |state: &State| uuid.is_none() || state.uuid() == uuid.as_ref();
    // Its answer may have come without an id.
    let is_unnamed = |state: &State| state.uuid().is_none() && state.made().next().is_some();
    let mut found = open.take_if(|journal| is_named(journal.state()));
    if found.is_none() && uuid.is_some() {
        found = beside(home, open.as_ref(), is_named)?;
    }
    let found = found.or_else(|| open.take_if(|journal| is_unnamed(journal.state())));
    let Some(mut journal) = found else {
        return Ok(());
    };
    if let Some(running) = running
        && let Err(why) = append(&mut journal, running)
    {
        open.get_or_insert(journal);
        return Err(why);
    }
    journal.close(end, clock::moment()).map(drop).map_err(say)
}
