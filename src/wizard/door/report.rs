//! Who is not signed in and why, for a face without pages.

use super::{At, Door};
use crate::wizard::status::SignedOut;

impl Door {
    /// Why nobody is signed in; `None` while that is being asked.
    pub fn signed_out(&self) -> Option<SignedOut> {
        match &self.at {
            At::Asking | At::Opening => None,
            At::Menu(_) | At::Key(_) | At::Scenarios(_) => {
                Some(SignedOut::NoKey(self.note.clone()))
            }
            At::No { error, .. } => Some(SignedOut::No(error.clone())),
            At::Closed(why) => Some(SignedOut::NoSandbox(why.clone())),
        }
    }
}
