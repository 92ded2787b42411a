//! What stands beside the chain step: the contract as it was read, and what a person has by now.

use super::Chain;
use super::sight::Node;
use crate::chain::contract::Owner;
use crate::wizard::form::app::shorten;
use crate::wizard::page::{Line, title};

/// Seconds a commit token is good for, as documented for updates: 14 days.
const TOKEN_LIFE: u64 = 14 * 24 * 60 * 60;

impl Chain {
    /// The contract as it was read, and what everybody who was asked says.
    fn read(&self, now: u64) -> Vec<Line> {
        let mut lines = Vec::new();
        if let (Some(of), Some((_, reading))) = (&self.sight.of, self.sight.witness()) {
            let upgrades = if reading.implementation.is_none() {
                "its code stays"
            } else if reading.upgrades_disabled {
                "its code can never be replaced"
            } else {
                "its owner can replace its code"
            };
            lines.push(title("The contract"));
            lines.push(Line::from(of.contract.to_string()));
            lines.push(Line::new().dim(format!("{}; {upgrades}", reading.generation)));
            if let Owner::Safe { owners, .. } = &reading.owner {
                let owners: Vec<String> =
                    owners.iter().map(|one| shorten(&one.to_string())).collect();
                lines.push(
                    Line::new()
                        .dim("its Safe's owners: ")
                        .plain(owners.join(" ")),
                );
            }
            if let Some(pending) = reading.pending_owner {
                lines.push(Line::new().warn(format!(
                    "{pending} was offered to own it, and has not accepted"
                )));
            }
        }
        for node in self.sight.used() {
            lines.push(Line::new().dim("read at ").plain(node.host.to_string()));
            lines.push(said(node, now));
        }
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        lines
    }

    pub(super) fn side(&self, now: u64) -> Vec<Line> {
        let mut lines = self.read(now);
        lines.extend([
            title("What you have now"),
            Line::new().dim("token  ").plain(self.ticket.token.tail()),
            Line::from("It works like a password: whoever has it can finish this request."),
            Line::new().dim(
                "Good for 14 days, as documented for updates. It is kept in a file that only you can read: \
                 phala-wizard resume goes on from here.",
            ),
            Line::new(),
            title("What can spoil it"),
            Line::from("Preparing again for this app: the older token stops working."),
        ]);
        if let Some((_, reading)) = self.sight.witness()
            && let Owner::Timelock { delay, .. } = reading.owner
            && delay >= TOKEN_LIFE
        {
            lines.push(Line::new().warn(
                "The timelock takes longer than the token lives: have the hash allowed first, then prepare again with \
                 the same answers. The hash stays the same.",
            ));
        }
        lines.extend([
            Line::new(),
            Line::from(
                "Nothing was created or billed. If you stop here there is nothing to clean up.",
            ),
        ]);
        lines
    }
}

fn said(node: &Node, now: u64) -> Line {
    let Some(reading) = &node.reading else {
        return match node.trouble {
            Some(_) => Line::new().warn("no answer"),
            None => Line::new().dim("reading the contract .."),
        };
    };
    let allowed = &reading.allowed;
    let says = |what: Option<bool>| match what {
        Some(true) => "yes",
        Some(false) => "not yet",
        None => "not asked",
    };
    Line::new().dim(format!(
        "block {}, {} s ago: hash {}, machine {}",
        allowed.block,
        now.saturating_sub(node.read),
        says(allowed.hash),
        says(allowed.machine())
    ))
}
