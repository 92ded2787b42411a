//! A definite no to the creating request, told by its cause: four cards, each with one way on (S25, S32).

use super::look::{Look, Why};
use super::{At, Commit, Committed, Errand, Next, with_card};
use crate::api::error::{Error, No};
use crate::api::types::CvmUuid;
use crate::secret::Secret;
use crate::wizard::event;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::launch::brief::Brief;
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Status;
use crate::wizard::trouble;

/// Why the service said no, as far as it decides what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// 466: the token was used, ran out, was replaced, or does not belong to the hash.
    Token,
    /// 467: the transaction does not prove the registration.
    Transaction,
    /// 468: the contract says no.
    NotAllowed,
    /// Node, capacity, quota, credit, role, or a value: nothing was created, the answers can be changed.
    Other,
}

impl Cause {
    /// The cause, where the answer is a definite no. `None` means that the service may have acted.
    pub fn of(error: &Error, errand: &Errand) -> Option<Self> {
        match errand {
            Errand::Redeem(..) => error.verdict_on_commit().map(Self::from),
            Errand::AtOnce => (!error.may_have_acted()).then_some(Self::Other),
        }
    }
}

impl From<No> for Cause {
    fn from(no: No) -> Self {
        match no {
            No::TokenGone => Self::Token,
            No::NotRegistered { transaction: true } => Self::Transaction,
            No::NotRegistered { transaction: false } => Self::NotAllowed,
            No::NothingMade => Self::Other,
        }
    }
}

/// The card of a refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    cause: Cause,
    error: Error,
    /// The app's instances from before the request.
    before: Vec<CvmUuid>,
    menu: Menu,
}

/// What the choices of a card do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    LookFirst,
    ToChain,
    ToAnswers,
}

impl Refused {
    /// A card for this refusal.
    pub fn new(cause: Cause, error: Error, before: Vec<CvmUuid>) -> Self {
        Self {
            cause,
            error,
            before,
            menu: Menu::default(),
        }
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, brief: Box<Brief>, errand: Errand) -> Next {
        let ways = self.ways(&errand);
        let way = match input {
            Input::Command(Command::Back) => return Outcome::Leave,
            Input::Command(Command::Copy) => {
                let text = format!("{}: {}", self.error.asked, self.error);
                let wish = Wish::Copy("the error", Secret::new(text));
                return Outcome::Stay(self.back_into(brief, errand), vec![wish]);
            }
            Input::Command(command) => self
                .menu
                .update(command, ways.len())
                .map(|index| ways[index].0),
            _ => None,
        };
        match (way, errand) {
            (Some(Way::LookFirst), errand) => {
                let why = Why::Refused(Some(self.error));
                let (look, wishes) = Look::start(why, self.before, &brief);
                let commit = Commit {
                    brief,
                    errand,
                    again: None,
                    at: At::Unknown(look),
                };
                Outcome::Stay(commit, wishes)
            }
            (Some(Way::ToChain), Errand::Redeem(ticket, _)) => {
                Outcome::Done((brief, Committed::NotRegistered(ticket)))
            }
            (Some(Way::ToAnswers), _) => Outcome::Leave,
            (_, errand) => Outcome::stay(self.back_into(brief, errand)),
        }
    }

    /// What can be done now.
    pub fn offer(&self, errand: &Errand) -> Offer {
        Menu::offer(Offer::default(), self.ways(errand).len())
            .with(Command::Copy, "copy for support")
            .with(Command::Back, "back to review")
    }

    /// How the program ends if it is left here, where the cause has an end of its own.
    pub fn outcome(&self) -> Option<event::Outcome> {
        match self.cause {
            Cause::Token => Some(event::Outcome::TokenDead),
            Cause::Transaction | Cause::NotAllowed => None,
            Cause::Other => {
                Some(trouble::outcome(&self.error)).filter(|end| *end == event::Outcome::NoRoom)
            }
        }
    }

    /// Why the service said no.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Whether it is the token that is no longer good.
    pub fn is_of_token(&self) -> bool {
        self.cause == Cause::Token
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Status {
        Status::Refused {
            cause: self.cause,
            error: self.error.clone(),
        }
    }

    /// The page.
    pub fn page(&self, errand: &Errand) -> Page<'_> {
        let mut lines = with_card(vec![title(self.headline())], &self.error);
        lines.push(Line::new());
        lines.extend(self.explanation());
        lines.push(Line::new());
        let choices: Vec<Choice> = self
            .ways(errand)
            .into_iter()
            .map(|(_, choice)| choice)
            .collect();
        lines.extend(self.menu.lines(&choices));
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new()
                .dim("The service's words are shown unchanged; our advice stands below them."),
        }
    }

    fn back_into(self, brief: Box<Brief>, errand: Errand) -> Commit {
        Commit {
            brief,
            errand,
            again: None,
            at: At::Refused(self),
        }
    }

    fn headline(&self) -> &'static str {
        match self.cause {
            Cause::Token => "The token is no longer good.",
            Cause::Transaction => {
                "The transaction does not prove the registration. Nothing was created."
            }
            Cause::NotAllowed => "The contract says no. Nothing was created.",
            Cause::Other if !self.error.left() => "This was not sent.",
            Cause::Other if self.error.never_arrived() => {
                "The service was not reached. Nothing was created."
            }
            Cause::Other => "The service said no. Nothing was created.",
        }
    }

    fn explanation(&self) -> Vec<Line> {
        let sentences: &[&str] = match self.cause {
            Cause::Token => &[
                "One code stands for four causes: used, older than its term, replaced by a newer preparation, or not \
                 belonging to this hash.",
                "If somebody used it through its link, an instance exists: the list of instances shows it.",
                "A registration on chain is not lost: the hash stays registered.",
            ],
            Cause::Transaction => &[
                "It may not be mined yet, may have been reverted, or went to another contract.",
                "The token is still good.",
            ],
            Cause::NotAllowed => &[
                "The service read the contract: hash or machine is not allowed there (yet).",
                "A transaction that was just mined can take a moment to be seen. The token is still good.",
            ],
            Cause::Other => &[],
        };
        sentences
            .iter()
            .map(|sentence| Line::new().mark(Mark::Dot).plain(*sentence))
            .collect()
    }

    fn ways(&self, errand: &Errand) -> Vec<(Way, Choice)> {
        let back = (
            Way::ToAnswers,
            Choice::new("Back to review", "everything you entered is still there"),
        );
        match (self.cause, errand) {
            (Cause::Token, _) => vec![
                (
                    Way::LookFirst,
                    Choice::new(
                        "Look whether it exists",
                        "free; then you decide whether to create again",
                    ),
                ),
                back,
            ],
            (Cause::Transaction | Cause::NotAllowed, Errand::Redeem(..)) => vec![
                (
                    Way::ToChain,
                    Choice::new(
                        "Back to the contract",
                        "look again, or enter another transaction",
                    ),
                ),
                back,
            ],
            _ => vec![back],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::{ErrorKind, Refusal, Unreachable};
    use crate::api::types::{ComposeHash, Proof, Ticket};
    use crate::secret::Secret;

    fn redeem() -> Errand {
        let ticket = Ticket {
            token: Secret::new("t"),
            compose_hash: ComposeHash::parse(&"ab".repeat(32)).expect("a hash"),
            app: None,
            device: None,
            chain_id: None,
            hash_allowed: true,
            device_allowed: true,
            commit_url: None,
            provision: None,
        };
        Errand::Redeem(Box::new(ticket), Proof::AlreadyRegistered)
    }

    fn refused(status: u16, code: Option<&str>) -> Error {
        let refusal = Refusal {
            status,
            code: code.map(Into::into),
            message: "no".into(),
            ..Refusal::default()
        };
        Error {
            asked: "POST /x".into(),
            tries: 1,
            kind: ErrorKind::Refused(refusal),
        }
    }

    #[test]
    fn without_a_token_no_code_is_about_one() {
        for status in [466, 467, 468, 404] {
            let error = refused(status, None);
            let cause = Some(Cause::Other);
            assert_eq!(Cause::of(&error, &Errand::AtOnce), cause, "{status}");
        }
        let lost = refused(502, None);
        assert_eq!(Cause::of(&lost, &Errand::AtOnce), None);
        assert_eq!(Cause::of(&refused(404, None), &redeem()), None);
    }

    #[test]
    fn no_answer_is_never_a_no_once_the_request_has_left() {
        for (how, cause) in [
            (Unreachable::TimedOut, None),
            (Unreachable::Broken, None),
            (Unreachable::Connect, Some(Cause::Other)),
        ] {
            let error = Error {
                asked: "POST /x".into(),
                tries: 1,
                kind: ErrorKind::Unreachable(how, "".into()),
            };
            assert_eq!(Cause::of(&error, &redeem()), cause, "{how}");
        }
    }
}
