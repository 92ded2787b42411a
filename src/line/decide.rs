//! Which command follows from where the wizard stands, under which orders. One total function, and nothing else.
//!
//! `--yes` is the one explicit confirmation here, as the button is on the screen, and it presses that very button:
//! [`Move::Confirm`] is the same command, and the wizard offers it on the same conditions. It confirms once. Whatever
//! the service says after that, no second creating request leaves, and a hash that differs is never gone on with.

use crate::wizard::answers::Problem;
use crate::wizard::event::Outcome;
use crate::wizard::keymap::Command;
use crate::wizard::status::{
    Cause, Life, Noted, Recalling, Registration, Rereading, Reviewing, Seeking, SignedOut, Status,
    Transaction, Verdict, Work,
};
use crate::wizard::trouble;

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orders {
    /// Create, without a person to ask.
    pub yes: bool,
    /// Go as far as the preparation and never further.
    pub prepare_only: bool,
    /// How long it stays with an instance that exists.
    pub stay: Stay,
    /// Most seconds to wait for one thing: the contract, an answer that got lost, the boot.
    pub timeout: u64,
    /// Most seconds to wait for the contract, where that is another time; it is waited for after a hand-over only where
    /// this says so.
    pub wait_chain: Option<u64>,
}

/// How long it stays with an instance that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// It leaves at once.
    No,
    /// Until it runs, or is known not to.
    UntilItRuns,
    /// When it runs too, until the time is up.
    On,
}

/// What the pilot has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SoFar {
    /// The service prepared it.
    pub prepared: bool,
    /// The creating request has left, by the confirmation; of several nodes, the one of this node.
    pub confirmed: bool,
    /// The token was kept where that was ordered.
    pub kept: bool,
    /// Seconds at this place.
    pub waited: u64,
    /// Of several nodes, how many are still to come.
    pub ahead: usize,
    /// Of several instances, how many were not watched yet, this one not counted.
    pub unwatched: usize,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Nothing: something will happen.
    Wait,
    /// This command, as if its key was pressed.
    Give(Command),
    /// The command that creates: the same button as on the screen, pressed because of `--yes`.
    Confirm,
    /// The token goes where it was ordered to.
    KeepToken,
    /// The end: with this outcome, or with the wizard's own.
    End(Option<Outcome>),
}

/// What follows from this place under these orders.
#[expect(
    clippy::match_same_arms,
    reason = "one arm per place, in the order of a walk, so that each is read and changed alone"
)]
pub fn decide(status: &Status, orders: &Orders, so_far: &SoFar) -> Move {
    let late = so_far.waited >= orders.timeout;
    match status {
        Status::SigningIn | Status::Preparing | Status::Sent => Move::Wait,
        Status::SignedOut { why, behind } => signed_out(why, behind.as_deref()),
        Status::Recalling(recalling) => recall(recalling, orders),
        Status::Choosing { stop: None, .. } => Move::Wait,
        Status::Choosing {
            stop: Some(stop), ..
        } => end(match &stop.problem {
            Problem::Unusable(_) => Outcome::Unusable,
            Problem::NotFound(_) => Outcome::NotFound,
            Problem::Trouble(error) => trouble::outcome(error),
        }),
        Status::Reviewing(Reviewing::Sealing) => Move::Wait,
        Status::Reviewing(Reviewing::Failed(_)) => end(Outcome::Failed),
        // The order was for the files as they were.
        Status::Reviewing(Reviewing::Ready(overview)) if !overview.changed.is_empty() => {
            end(if so_far.prepared {
                Outcome::Prepared
            } else {
                Outcome::Failed
            })
        }
        Status::Reviewing(Reviewing::Ready(overview)) => {
            match (orders.prepare_only, orders.yes, overview.on_chain) {
                (true, _, true) | (false, true, _) => Move::Give(Command::Next),
                (true, _, false) | (false, false, _) => end(Outcome::Unusable),
            }
        }
        Status::Rereading(Rereading::Reading) => Move::Wait,
        // What was prepared before is what was ordered, whatever the files say by now; it is told.
        Status::Rereading(Rereading::Changed(_)) => Move::Give(Command::Next),
        Status::Unprepared(error) => end(trouble::outcome(error)),
        Status::Doubt { .. } => end(Outcome::Failed),
        // Whoever went on with it on the screen did so for the screen.
        Status::Chain(registration)
        | Status::Asking {
            registered: Some(registration),
            ..
        } if registration.hash_checked == Some(false) => end(Outcome::Failed),
        // Whoever named the one hash that may be signed for means no other.
        Status::Chain(registration) if matches!(registration.work, Work::Forbidden { .. }) => {
            end(Outcome::Unusable)
        }
        Status::Chain(_) | Status::Asking { .. } if orders.prepare_only && !so_far.kept => {
            Move::KeepToken
        }
        Status::Chain(registration) if orders.prepare_only => match registration.work {
            Work::Busy => Move::Wait,
            _ => end(Outcome::Prepared),
        },
        Status::Asking { .. } if orders.prepare_only => end(Outcome::Prepared),
        // It came back here from a confirmation: what was prepared stays prepared.
        Status::Chain(_) | Status::Asking { .. } if so_far.confirmed => Move::End(None),
        // Only what was taken up again comes here without it.
        Status::Chain(_) if !orders.yes => end(Outcome::Unusable),
        Status::Chain(registration) => chain(registration, orders, so_far.waited),
        Status::Asking { .. } if !orders.yes => end(Outcome::Unusable),
        Status::Asking { create, before, .. } => match (before, create) {
            (Noted::Reading, _) => Move::Wait,
            (Noted::Unread(error), _) => end(trouble::outcome(error)),
            (Noted::Known { .. }, false) => Move::Give(Command::Right),
            (Noted::Known { .. }, true) => Move::Confirm,
        },
        Status::Unknown {
            error,
            outcome,
            clear,
            strangers,
            candidates,
        } => match (candidates.len(), strangers) {
            (0, _) if late => Move::End(None),
            // A token that was refused just now makes nothing any more.
            (0, _) if *clear && error.is_some() && *outcome == Outcome::TokenDead => {
                Move::End(None)
            }
            (0, _) => Move::Wait,
            (1, 0) => Move::Give(Command::Next),
            // Only a person can tell which one is theirs.
            _ => Move::End(None),
        },
        Status::Refused { cause, error } => match cause {
            // It may have been used, even by this request on a way that doubles: looking is free.
            Cause::Token if so_far.confirmed => Move::Give(Command::Next),
            Cause::Token => end(Outcome::TokenDead),
            // The token stays good, and the contract may agree later.
            Cause::Transaction | Cause::NotAllowed => end(Outcome::Prepared),
            Cause::Other => end(trouble::outcome(error)),
        },
        Status::Seeking(seeking) => seek(seeking),
        // It goes on to the next node by itself, as soon as this one is written down.
        Status::Live(_) if so_far.ahead > 0 && !late => Move::Wait,
        Status::Live(life) => match live(life, orders, late) {
            Move::End(_) if so_far.unwatched > 0 && orders.stay != Stay::No => {
                Move::Give(Command::Switch)
            }
            next => next,
        },
    }
}

/// Signs what was ordered, once everything was tried out, and waits for the contract as long as it shall.
fn chain(registration: &Registration, orders: &Orders, waited: u64) -> Move {
    let is_late = waited >= orders.wait_chain.unwrap_or(orders.timeout);
    let under_way = registration.transactions.iter().any(Transaction::is_open);
    match &registration.work {
        Work::Ready => Move::Give(Command::Next),
        Work::Busy if !is_late => Move::Wait,
        Work::Stopped(_) if !registration.all => end(Outcome::Prepared),
        _ if registration.all && (!under_way || is_late) => Move::Give(Command::Next),
        _ if is_late => Move::End(None),
        // The owners take their time, and whoever handed it over said whether to wait for them.
        _ if registration.handed.is_some() && orders.wait_chain.is_none() => end(Outcome::Prepared),
        _ => Move::Wait,
    }
}

/// Looking is free. What would prepare by itself after it waits for the confirmation too.
fn recall(recalling: &Recalling, orders: &Orders) -> Move {
    match recalling {
        Recalling::Reading | Recalling::Opening => Move::Wait,
        Recalling::Found(begun) if begun.prepares && !orders.yes => end(Outcome::Unusable),
        Recalling::Found(_) => Move::Give(Command::Next),
        Recalling::Missing(_) => end(Outcome::NotFound),
        Recalling::Refused(_) => end(Outcome::Failed),
    }
}

/// Which of several instances is meant only a person can tell.
fn seek(seeking: &Seeking) -> Move {
    match seeking {
        Seeking::Asking => Move::Wait,
        Seeking::Unreadable | Seeking::Several(_) => end(Outcome::Unusable),
        Seeking::None => end(Outcome::NotFound),
        Seeking::Failed(error) => end(trouble::outcome(error)),
    }
}

fn live(life: &Life, orders: &Orders, late: bool) -> Move {
    match life.verdict {
        _ if orders.stay == Stay::No || late => Move::End(None),
        Verdict::Gone | Verdict::Deleted => Move::End(None),
        Verdict::Failed if life.settled => Move::End(None),
        Verdict::Running if life.settled && orders.stay != Stay::On => Move::End(None),
        Verdict::Failed
        | Verdict::Running
        | Verdict::Booting
        | Verdict::Stalled
        | Verdict::Degraded => Move::Wait,
    }
}

/// Nobody can sign in again here. What was sent before that counts more.
fn signed_out(why: &SignedOut, behind: Option<&Status>) -> Move {
    match behind {
        Some(Status::Sent) => Move::Wait,
        Some(Status::Unknown { .. } | Status::Live(_)) => Move::End(None),
        _ => end(match why {
            SignedOut::No(error) if error.status() != Some(401) => match trouble::outcome(error) {
                // Whether there is such an address says nothing about apps.
                Outcome::NotFound => Outcome::Failed,
                outcome => outcome,
            },
            SignedOut::NoSandbox(_) => Outcome::Failed,
            SignedOut::NoKey(_) | SignedOut::No(_) => Outcome::SignedOut,
        }),
    }
}

fn end(outcome: Outcome) -> Move {
    Move::End(Some(outcome))
}
