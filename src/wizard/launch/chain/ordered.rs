//! What was ordered beforehand: a key that signs for one hash, or files for the owners.

use super::sign::Sign;
use super::{Chain, View};
use crate::wizard::screen::Wish;

impl Chain {
    /// Signs with the key that was named beforehand, for the hash that was named with it, as soon as the contract was
    /// read. Another hash is never signed for.
    pub(super) fn sign_by_order(&mut self) -> Vec<Wish> {
        let Some(signing) = self.brief.registering.signing.clone() else {
            return Vec::new();
        };
        let may = signing.allow == self.ticket.compose_hash && !self.to_sign().is_empty();
        let (Some(of), Some(node)) = (self.sight.of, self.node()) else {
            return Vec::new();
        };
        if self.begun || !may || self.sight.witness().is_none() || self.unsettled().is_some() {
            return Vec::new();
        }
        self.begun = true;
        let hash = self.ticket.compose_hash;
        let (sign, _) = Sign::start(of, node, self.to_sign(), hash, None, None);
        let (sign, wishes) = sign.by_order(&signing);
        self.view = View::Signing(Box::new(sign));
        wishes
    }

    pub(super) fn hand_over_by_order(&mut self) -> Vec<Wish> {
        match self.brief.registering.hand_to.clone() {
            Some(to) => self.hand_over(to),
            None => Vec::new(),
        }
    }
}
