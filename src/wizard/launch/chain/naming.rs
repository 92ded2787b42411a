//! The transaction that registered the hash, named by a person: it goes along with the commit.

use super::{Chain, Next, View};
use crate::api::types::TransactionHash;
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::screen::{Input, Outcome, Wish};

/// What can be done while it is typed.
pub(super) fn offer(field: &Field) -> Offer {
    let offer = Offer::new(Typing::Line);
    let offer = match named(field.text()) {
        Ok(_) => offer.with(Command::Next, "use it"),
        Err(reason) => offer.blocked(Command::Next, "use it", reason),
    };
    offer.with(Command::Back, "never mind")
}

impl Chain {
    pub(super) fn name_transaction(mut self, input: Input, now: u64) -> Next {
        let View::Naming(field) = &mut self.view else {
            return Outcome::stay(self);
        };
        match input {
            Input::Key(key) => {
                field.key(key);
            }
            Input::Paste(text) => field.paste(text.expose()),
            Input::Command(Command::Back) => self.view = View::Overview,
            Input::Command(Command::Next) => {
                match named(field.text()) {
                    Ok(transaction) => self.brief.transaction = transaction,
                    Err(reason) => return Outcome::Stay(self, vec![Wish::Say(reason.to_owned())]),
                }
                self.view = View::Overview;
                let wishes = self.sight.look(now);
                return Outcome::Stay(self, wishes);
            }
            _ => (),
        }
        Outcome::stay(self)
    }
}

/// What was typed: a transaction, or that there is none to name. `Err` says why it is neither.
fn named(text: &str) -> Result<Option<TransactionHash>, &'static str> {
    match text.trim() {
        "" | "already-registered" => Ok(None),
        text => TransactionHash::parse(text)
            .map(Some)
            .ok_or("a transaction hash has 64 hex digits; leave it empty for 'already registered'"),
    }
}
