//! What stays in the terminal where the program is left before there is an instance.

use super::Brief;
use crate::api::types::Ticket;
use crate::wizard::event;

impl Brief {
    /// How the program ends while there is a token, and nothing it could have made.
    pub fn prepared(&self, ticket: &Ticket) -> event::Exit {
        let (what, kept) = if self.plan.is_new_app() {
            (
                format!("Provisioned, not created: the new app {}.", self.plan.name),
                "Nothing is billed. The service keeps it for 14 days.",
            )
        } else {
            (
                format!("Prepared, not created: an instance of {}.", self.plan.name),
                "Nothing is billed. The token is kept on this machine.",
            )
        };
        event::Exit {
            outcome: event::Outcome::Prepared,
            receipt: vec![
                what,
                format!("compose hash   0x{}", ticket.compose_hash),
                kept.to_owned(),
                "go on with     phala-wizard resume".to_owned(),
            ],
        }
    }

    /// How the program ends while a request that may have created has no clear answer.
    pub fn may_exist(&self) -> event::Exit {
        let (name, app) = (&self.plan.name, self.plan.app);
        event::Exit {
            outcome: event::Outcome::Unknown,
            receipt: vec![
                format!(
                    "Sent, and the answer was not seen: an instance of {name} may exist and be billed."
                ),
                "It is written down: phala-wizard resume looks first, and sends nothing by itself."
                    .to_owned(),
                format!("Look for yourself:  phala instances ls --app-id {app}"),
            ],
        }
    }
}
