//! What the chain step makes of answers and of time: who says what by now, how transactions fare, what is asked next.

use super::{Chain, View};
use crate::wizard::event::{Answer, Noted, Request};
use crate::wizard::screen::{Input, Wish};
use crate::wizard::status::Signer;

impl Chain {
    pub(super) fn answer(&mut self, answer: Answer, now: u64) -> Vec<Wish> {
        let was_all = self.sight.all();
        match answer {
            Answer::IsAllowed(reply) => self.sight.take_service(reply, now),
            Answer::Contract(replies) => self.sight.take_readings(replies, now),
            Answer::Allowed(replies) => self.sight.take_allowed(replies, now),
            Answer::Registration(reply) => {
                // Where no log is found the contract's own state stands for it.
                self.found = reply.ok().flatten();
                self.finding = false;
                return Vec::new();
            }
            Answer::Transactions(kept) => {
                self.tracking.recall(kept, now);
                self.recalled = true;
                let mut wishes = self.follow(now);
                wishes.extend(self.sign_by_order());
                return wishes;
            }
            Answer::Followed(replies) => {
                let open = self.tracking.is_open();
                let (notes, again) = self.tracking.take(replies, now);
                let mut wishes = Vec::new();
                if !notes.is_empty() {
                    wishes.push(Wish::Ask(Request::Note(Noted::Transactions(notes))));
                }
                if let (Some((hash, chain_id)), Some((at, _))) = (again, self.node()) {
                    wishes.push(Wish::Ask(Request::SendAgain { hash, chain_id, at }));
                }
                // It came to an end: what counts is what the contract says by now.
                if open && !self.tracking.is_open() {
                    wishes.extend(self.sight.look(now));
                }
                return wishes;
            }
            Answer::HandedOver(reply) => {
                let done = reply.is_ok();
                self.handed = Some(reply);
                return if done {
                    vec![Wish::Alert("The contract allows it.")]
                } else {
                    Vec::new()
                };
            }
            answer => {
                if let Answer::KeyOpened(Ok(opened)) = &answer {
                    self.signer = Some(Signer {
                        account: opened.address.to_string(),
                        remarks: opened.remarks.iter().map(ToString::to_string).collect(),
                    });
                }
                return match &mut self.view {
                    View::Signing(_) => self.sign(Input::Answer(answer), now),
                    _ => Vec::new(),
                };
            }
        }
        let mut wishes = self.sign_by_order();
        if self.sight.all() && !was_all {
            wishes.push(Wish::Alert("The contract allows it."));
            // A node that does not answer would only be waited for.
            let is_known = self.transaction().is_some() || self.sight.witness().is_none();
            if let (Some(of), Some((at, _)), false) = (self.sight.of, self.node(), is_known) {
                self.finding = true;
                wishes.push(Wish::Ask(Request::FindRegistration { of, at }));
            }
        }
        wishes
    }

    /// Whether the transaction that goes along is still being looked for. One that is named is not.
    pub(super) fn is_finding(&self) -> bool {
        self.finding && self.transaction().is_none()
    }

    pub(super) fn tick(&mut self, now: u64) -> Vec<Wish> {
        let mut wishes = if self.sight.is_due(now) {
            self.sight.look(now)
        } else {
            Vec::new()
        };
        wishes.extend(self.follow(now));
        wishes
    }

    fn follow(&mut self, now: u64) -> Vec<Wish> {
        let Some((at, _)) = self.node() else {
            return Vec::new();
        };
        let request = self.tracking.follow(at, now);
        request.map(Wish::Ask).into_iter().collect()
    }
}
