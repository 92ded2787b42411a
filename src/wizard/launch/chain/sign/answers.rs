//! What signing makes of answers: a key that is open, what was found out, a transaction that is out.

use std::collections::VecDeque;

use super::{Sign, Step, Turn};
use crate::chain::Call;
use crate::chain::transaction::Unsigned;
use crate::shown::Shown;
use crate::wizard::event::{Answer, Broadcast, Request};
use crate::wizard::field::Field;
use crate::wizard::keys::Opened;
use crate::wizard::menu::Menu;
use crate::wizard::screen::Wish;

impl Sign {
    pub(super) fn answer(&mut self, answer: Answer) -> Turn {
        let step = std::mem::replace(&mut self.step, nowhere());
        let (step, turn) = match (answer, step) {
            (Answer::Keys(found), Step::Choosing { menu, note, .. }) => {
                let keys = Some(found);
                (Step::Choosing { keys, menu, note }, Turn::Stay(Vec::new()))
            }
            (Answer::KeyOpened(Ok(opened)), Step::Opening { .. }) => {
                let wish = self.examine(&opened);
                (Step::Examining { opened }, Turn::Stay(vec![wish]))
            }
            (Answer::KeyOpened(Err(why)), Step::Opening { .. }) => {
                let step = Step::Choosing {
                    keys: None,
                    menu: Menu::default(),
                    note: Some(why),
                };
                (step, Turn::Stay(vec![Wish::Ask(Request::FindKeys)]))
            }
            (Answer::Examined(Ok(found)), Step::Examining { opened }) => {
                let problems = self.problems(&opened, &found);
                let step = Step::Ready {
                    opened,
                    found,
                    problems,
                    typed: Field::open(""),
                };
                (step, Turn::Stay(Vec::new()))
            }
            (Answer::Examined(Err(error)), Step::Examining { opened }) => {
                (Step::Failed { opened, error }, Turn::Stay(Vec::new()))
            }
            (Answer::Signed(reply), Step::Sending { opened, rest, sent }) => {
                return self.signed(reply, opened, rest, sent);
            }
            (_, step) => (step, Turn::Stay(Vec::new())),
        };
        self.step = step;
        turn
    }

    /// One is out, or was not signed. Then the others stay unsigned too: they were found to work together.
    fn signed(
        &mut self,
        reply: Result<Box<Broadcast>, Shown>,
        opened: Opened,
        mut rest: VecDeque<(Call, Unsigned)>,
        sent: usize,
    ) -> Turn {
        let (Ok(broadcast), Some((_, unsigned))) = (reply.clone(), rest.pop_front()) else {
            return Turn::Unsigned(reply.err().unwrap_or_default());
        };
        // A node that refuses one does so for a reason that was not found before.
        if broadcast.taken.is_err() {
            rest.clear();
        }
        let fees = (unsigned.tip, unsigned.max_fee);
        let wishes: Vec<Wish> = self.next_signature(&rest).into_iter().collect();
        let is_last = rest.is_empty();
        self.step = Step::Sending {
            opened,
            rest,
            sent: sent + 1,
        };
        Turn::Sent(broadcast, fees, is_last, wishes)
    }
}

/// A step that is about to be replaced.
fn nowhere() -> Step {
    Step::Opening {
        name: Shown::default(),
    }
}
