//! What is different where the app does not exist yet.

use super::Brief;
use crate::api::error::Error;
use crate::api::types::{Instance, Ticket};

impl Brief {
    /// Whether a request comes first that creates nothing.
    pub fn prepares(&self) -> bool {
        self.on_chain || self.plan.is_new_app()
    }

    /// Whether values are to be encrypted that are not here: a new app was begun in another run, which kept none.
    ///
    /// Where a contract governs the app they are given anew once that is there.
    pub fn lacks_values(&self) -> bool {
        let here = self.plan.is_new_app() && self.plan.kms_chain().is_none();
        here && self.seal.is_empty() && !self.env_names.is_empty()
    }

    /// Whether the contract of the new app has to be there first, and is not known to be for this ticket.
    pub fn lacks_contract(&self, ticket: &Ticket) -> bool {
        let provision = ticket.provision.as_ref();
        let founded = provision.is_some_and(|provision| provision.founded.is_some());
        self.plan.kms_chain().is_some() && !founded
    }

    /// The app's instances as they were told. Of a new app nobody knows any before it is made.
    pub fn listed(&self, reply: Result<Vec<Instance>, Error>) -> Result<Vec<Instance>, Error> {
        match reply {
            Err(error) if self.plan.is_new_app() && error.status() == Some(404) => Ok(Vec::new()),
            reply => reply,
        }
    }
}
