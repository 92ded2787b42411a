//! The journals beside the one that is open: of the same app, of the same token, of other nodes.
//!
//! What is sent is not decided here, only what must not be sent because of one of them, and which of them are over.

use super::{Home, say};
use crate::journal::id::IntentId;
use crate::journal::record::{End, Fingerprint, Intent, Prepared};
use crate::journal::state::{Known, State};
use crate::journal::store::{Journal, Store};
use crate::shell::clock;
use crate::shown::Shown;
use crate::wizard::event::Order;

/// A journal beside the open one, under the same lock where it is about the same app.
pub(super) fn beside(
    home: &Home,
    open: Option<&Journal>,
    is_it: impl Fn(&State) -> bool,
) -> Result<Option<Journal>, Shown> {
    let store = home.store()?;
    let all = store.unfinished().map_err(say)?;
    let Some(found) = all.found.iter().find(|found| is_it(&found.state)) else {
        return Ok(None);
    };
    let app = found.state.intent().plan.app;
    let lock = match open.filter(|open| open.state().intent().plan.app == app) {
        Some(open) => open.lock(),
        None => store.lock(app, clock::moment().unix).map_err(say)?,
    };
    let journal = store.reopen(lock, found.state.id()).map_err(say)?;
    Ok(Some(journal))
}

/// Whether it only waits with a token that another journal, this one, sends: it was handed on in a file.
pub(super) fn is_kept_twice(state: &State, sender: IntentId, token: Fingerprint) -> bool {
    let waits = state.sends() == 0 && !state.may_have_contract();
    let has_it = |prepared: &Prepared| prepared.fingerprint == token;
    waits && state.id() != sender && state.prepared().is_some_and(has_it)
}

/// Closes a journal that nothing can come of any more, once the request of this order is on the disk. Until then its token
/// is kept; another stays for a later look.
pub(super) fn retire(journal: Option<Journal>, next: &Order) {
    let Some(journal) = journal else { return };
    let state = journal.state();
    let nothing = !state.something_may_come() && state.made().next().is_none();
    // Only a preparation of the same app makes an older token useless.
    let outlived = state.ticket().is_none() || state.intent().plan.app == next.plan.app;
    if nothing && outlived {
        // A journal that cannot be closed is offered again, which is harmless.
        let _ = journal.close(End::NothingMade, clock::moment());
    }
}

/// No request for an app while one of another journal may still come to something.
pub(super) fn unanswered(store: &Store, intent: &Intent) -> Result<(), Shown> {
    let all = store.unfinished().map_err(say)?;
    let older = all.found.iter().find(|found| {
        found.state.id() != intent.id
            && found.state.intent().plan.app == intent.plan.app
            && found.state.intent().facts.api_base == intent.facts.api_base
            && found.state.something_may_come()
            && !matches!(found.state.known(), Known::Created | Known::Running)
    });
    // The stand-in of a new app follows from its name.
    let deployed = all.found.iter().find(|found| {
        found.state.id() != intent.id
            && found.state.intent().plan.app == intent.plan.app
            && found.state.intent().facts.api_base == intent.facts.api_base
            && found.state.may_have_contract()
            && !matches!(found.state.known(), Known::Created | Known::Running)
    });
    if let Some(found) = deployed {
        return Err(Shown::line(&format!(
            "a contract was deployed for an app of this name already, and another one would be another app; go on with it: \
             phala-wizard resume {}",
            found.state.id()
        )));
    }
    match older {
        None => Ok(()),
        Some(found) => Err(Shown::line(&format!(
            "an earlier request for this app may still come to something; look first: phala-wizard resume {}",
            found.state.id()
        ))),
    }
}
