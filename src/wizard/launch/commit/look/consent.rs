//! What a person has to type before something is sent that may give a second instance.

use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::screen::Input;

/// The ways on from a search that found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nothing is sent.
    KeepLooking,
    /// The same token once more: while tokens are good for one use only, at most one instance comes of both.
    SameToken,
    /// A new preparation, and with it a second instance if the first request comes to something.
    Anew,
}

/// The app's name, being typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Consent(Field);

/// What typing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not there yet.
    Stay,
    /// Never mind.
    Back,
    /// The name was typed, and Enter pressed.
    Given,
}

impl Consent {
    /// Takes an input. Only the name itself, letter by letter, is a consent.
    pub fn update(&mut self, input: Input, name: &str) -> Verdict {
        match input {
            Input::Key(key) => {
                self.0.key(key);
                Verdict::Stay
            }
            Input::Command(Command::Back) => Verdict::Back,
            Input::Command(Command::Next) if self.is_given(name) => Verdict::Given,
            // A pasted name shows that somebody can paste.
            _ => Verdict::Stay,
        }
    }

    /// What can be done now.
    pub fn offer(&self, name: &str) -> Offer {
        let offer = Offer::new(Typing::Line);
        let offer = if self.is_given(name) {
            offer.with(Command::Next, "go on, knowing that")
        } else {
            offer.blocked(
                Command::Next,
                "go on",
                format!("type the app's name: {name}"),
            )
        };
        offer.with(Command::Back, "never mind")
    }

    /// What was typed.
    pub fn field(&self) -> &Field {
        &self.0
    }

    fn is_given(&self, name: &str) -> bool {
        !name.is_empty() && self.0.text() == name
    }
}
