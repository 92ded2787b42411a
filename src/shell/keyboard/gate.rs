//! Where a thread that reads is told to wait, and says that it does.
//!
//! What it reads is not known here.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
pub(in crate::shell) struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    held: bool,
    waiting: bool,
}

impl Gate {
    /// Closes it, has the thread woken, and returns once the thread waits, or after so long.
    pub(in crate::shell) fn hold(&self, longest: Duration, wake: impl FnOnce()) {
        let mut state = self.lock();
        state.held = true;
        wake();
        let _ = self
            .changed
            .wait_timeout_while(state, longest, |state| !state.waiting);
    }

    /// Opens it.
    pub(in crate::shell) fn release(&self) {
        self.lock().held = false;
        self.changed.notify_all();
    }

    /// Returns once nobody holds the thread.
    pub(in crate::shell) fn pass(&self) {
        let mut state = self.lock();
        while state.held {
            state.waiting = true;
            self.changed.notify_all();
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting = false;
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
