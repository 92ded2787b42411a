//! Who is not signed in and why, for a face without pages.

use super::{At, Door};
use crate::wizard::status::SignedOut;

impl Door {
    /// Why nobody is signed in; `None` while that is being asked.
    pub fn signed_out(&self) -> Option<SignedOut> {
        match (&self.at, &self.refused) {
            (At::Asking | At::Opening, _) => None,
            (At::Closed(why), _) => Some(SignedOut::NoSandbox(why.clone())),
            (_, Some((_, error))) => Some(SignedOut::No(error.clone())),
            (_, None) => Some(SignedOut::NoKey(self.note.clone())),
        }
    }
}
