//! Finishing without a key (S31): what was prepared can be redeemed with its token alone.
//!
//! It is offered only where there is a token that was not sent. Whether the service takes it so is not known here: it
//! says so itself, and then nothing was created and the other ways are still there.

use super::{At, Door, Menu, Passage};
use crate::api::error::Error;
use crate::wizard::facts::Session;
use crate::wizard::page::{Line, Mark, Piece, title};
use crate::wizard::trouble;

impl Door {
    /// The same, with or without a token behind it that was not sent.
    #[must_use]
    pub fn with_token(self, has_token: bool) -> Self {
        Self { has_token, ..self }
    }

    /// Whether it can be finished without a key: only with the token, and only once.
    pub(super) fn can_finish(&self) -> bool {
        self.has_token && !self.is_without_key()
    }

    /// Whether what is behind it went on without a key.
    pub(super) fn is_without_key(&self) -> bool {
        self.session.as_deref().is_some_and(Session::is_without_key)
    }

    /// What became of laying the key down.
    pub(super) fn laid_down(&mut self, done: Result<(), Error>) -> Passage {
        match done {
            Ok(()) => Passage::WithoutKey,
            Err(error) => {
                self.refused = self.refused.take().map(|(key, _)| (key, error));
                self.at = At::Menu(Menu::default());
                Passage::closed()
            }
        }
    }

    /// What was asked without a key, and wants one.
    pub(super) fn wants_a_key(error: &Error) -> Vec<Line> {
        let mut lines = vec![title("The service wants a key for this.")];
        let card = trouble::card(error).into_iter().skip(1);
        let is_advice = |line: &Line| line.0.first() == Some(&Piece::Mark(Mark::Dot));
        lines.extend(card.take_while(|line| !is_advice(line)));
        for sentence in [
            "It was asked without one, as you chose.",
            "Nothing is lost: after signing in you come back to this place.",
        ] {
            lines.push(Line::new().mark(Mark::Dot).plain(sentence));
        }
        lines
    }
}
