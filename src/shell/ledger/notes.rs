//! What is written down without a creating request: what was learnt, decided, and how it ended.

use super::{Ledger, answers, append, decide, say};
use crate::api::types::Prepared as Answered;
use crate::journal::record::{Answering, Choice, Committed, End, Founded, How, Made, Running};
use crate::journal::store::Journal;
use crate::shell::clock;
use crate::shown::Shown;
use crate::wizard::event::Noted;

impl Ledger {
    /// Writes down what was learnt or decided without a creating request.
    pub(in crate::shell) async fn note(&self, noted: Noted) -> Result<(), Shown> {
        self.with(move |_, open| {
            let Some(journal) = open.as_mut() else {
                return Ok(());
            };
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
                Noted::Deleted => close(open, End::Deleted)?,
                Noted::Runs { uuid, instance_id } => {
                    append(journal, Running { uuid, instance_id })?;
                    close(open, End::Running)?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// Nothing is left to do for what this journal is about.
fn close(open: &mut Option<Journal>, end: End) -> Result<(), Shown> {
    match open.take() {
        Some(journal) => journal.close(end, clock::moment()).map(drop).map_err(say),
        None => Ok(()),
    }
}
