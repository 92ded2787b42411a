//! The journals of this machine, for commands that only list them or put one aside.

use std::path::Path;

use super::clock;
use super::folders;
use crate::journal::found::Unfinished;
use crate::journal::id::IntentId;
use crate::journal::store::Store;
use crate::shown::Shown;

/// Everything that is not closed, newest first.
///
/// # Errors
///
/// The folder cannot be used; the error says why.
pub fn unfinished() -> Result<Unfinished, Shown> {
    store()?.unfinished().map_err(say)
}

/// Puts one aside for good: its token is dropped, and what it may have made is not known here any more.
///
/// # Errors
///
/// It is not there, somebody is at it, or the disk says no.
pub fn forget(id: IntentId) -> Result<(), Shown> {
    store()?.forget(id, clock::moment()).map_err(say)
}

/// The journals in this folder. `None`: the system names no place for state.
pub(super) fn open(folder: Option<&Path>) -> Result<Store, Shown> {
    let folder = folder.ok_or("this system names no folder for state")?;
    Store::open(folder).map_err(say)
}

fn store() -> Result<Store, Shown> {
    open(folders::state().as_deref())
}

/// A reason, to be shown.
pub(super) fn say(why: impl ToString) -> Shown {
    Shown::line(&why.to_string())
}
