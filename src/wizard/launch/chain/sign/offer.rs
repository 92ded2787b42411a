//! What can be done while signing, and which keys there are to choose from.

use super::{Sign, Step, TYPED};
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::keys::KeySource;
use crate::wizard::menu::{Choice, Menu};

impl Sign {
    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.step {
            Step::Choosing { .. } => Menu::offer(Offer::default(), self.choices().len())
                .with(Command::Back, "sign nothing"),
            Step::Path(field) | Step::Typing(field) => typing(field, "open it"),
            Step::Password { .. } => Offer::new(Typing::Line)
                .with(Command::Next, "open it")
                .with(Command::Back, "other key"),
            Step::Opening { .. } | Step::Examining { .. } => {
                Offer::default().with(Command::Back, "other key")
            }
            Step::Failed { .. } => Offer::default()
                .with(Command::Refresh, "check again")
                .with_if(self.other.is_some(), Command::Elsewhere, "other node")
                .with(Command::Back, "other key"),
            Step::Ready { problems, .. } if !problems.is_empty() => Offer::default()
                .with(Command::Refresh, "check again")
                .with_if(self.other.is_some(), Command::Elsewhere, "other node")
                .with(Command::Copy, "copy account")
                .with(Command::Back, "other key"),
            Step::Ready { .. } => {
                let offer = Offer::new(if self.allowed {
                    Typing::No
                } else {
                    Typing::Line
                });
                let offer = if self.may_sign() {
                    offer.creating(Command::Next, "SIGN")
                } else {
                    let reason = format!(
                        "type the last {TYPED} characters of the hash; Enter alone signs nothing"
                    );
                    offer.blocked(Command::Next, "sign", reason)
                };
                offer
                    .with(Command::Tab, "check again")
                    .with(Command::Back, "other key")
            }
            Step::Sending { .. } => Offer::default(),
        }
    }

    pub(super) fn choices(&self) -> Vec<Choice> {
        let Step::Choosing {
            keys: Some(keys), ..
        } = &self.step
        else {
            return Vec::new();
        };
        let keys = keys.iter().map(|key| {
            let address = key.address.map(|address| address.to_string());
            let why = match key.source {
                KeySource::Environment => {
                    "in the environment: other programs you start can read it"
                }
                _ => "keystore; its password is typed hidden",
            };
            let why = address.unwrap_or_else(|| why.to_owned());
            Choice::new(key.name.as_str(), why)
        });
        let always = [
            Choice::new("A key file", "64 hex digits; a pipe will do too"),
            Choice::new("Type or paste a key", "hidden; used once and wiped"),
        ];
        keys.chain(always).collect()
    }
}

fn typing(field: &Field, label: &'static str) -> Offer {
    let offer = Offer::new(Typing::Line);
    let offer = if field.is_empty() {
        offer.blocked(Command::Next, label, "nothing was typed")
    } else {
        offer.with(Command::Next, label)
    };
    offer.with(Command::Back, "other key")
}
