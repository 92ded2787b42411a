//! Several nodes under one plan: which of them is at it, and what came of the others.
//!
//! ```text
//! prepare on each (free) ──▶ register once, for all machines ──▶ one confirmation ──▶ one by one: prepare, create
//! ```
//!
//! It travels in the [`Brief`], so every stage knows it, and each stage is still about one node. A newer preparation may
//! make an older token useless, so the node that was prepared last is created first, and every other is prepared once
//! more just before. Each creating request leaves once: a clear no is noted, and the others go on; what is not clear
//! keeps the others back until a person, or a look, has settled it.

mod page;
mod report;

use super::brief::{Birth, Brief};
use crate::api::error::Error;
use crate::api::types::{CvmUuid, DeviceId, Node, NodeId, Ticket};

pub use report::{SeveralReport, worse};

/// The nodes of one plan. Without any there is one node, or the service chooses.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Several {
    berths: Vec<Berth>,
    /// The one that the stage on screen is about.
    at: usize,
    /// Whether the one confirmation was given.
    confirmed: bool,
}

/// One node, and what came of it.
#[derive(Debug, Clone, PartialEq)]
struct Berth {
    node: Node,
    came: Came,
}

/// What came of a node.
#[derive(Debug, Clone, PartialEq)]
enum Came {
    /// Nothing yet.
    Ahead,
    /// It was prepared. The token is not kept: it may be useless by now.
    Prepared {
        /// Its machine, where that is not allowed yet.
        missing: Option<DeviceId>,
    },
    /// Its instance exists.
    Made(Box<Birth>),
    /// The service said no, and nothing was created.
    Refused(Error),
    /// A person left it out.
    LeftOut,
}

impl Several {
    /// These nodes, in the order they are prepared. A single one needs none of this.
    pub fn over(nodes: Vec<Node>) -> Self {
        if nodes.len() < 2 {
            return Self::default();
        }
        let came = Came::Ahead;
        let berth = |node| Berth {
            node,
            came: came.clone(),
        };
        Self {
            berths: nodes.into_iter().map(berth).collect(),
            ..Self::default()
        }
    }

    /// Whether there are several.
    pub fn is_some(&self) -> bool {
        !self.berths.is_empty()
    }

    /// The nodes that an instance is wanted on.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        let wanted = |berth: &&Berth| berth.came != Came::LeftOut;
        self.berths.iter().filter(wanted).map(|berth| &berth.node)
    }

    /// How many instances are wanted.
    pub fn count(&self) -> usize {
        self.nodes().count()
    }

    /// Whether the one confirmation was given: what follows is sent without another.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// The one confirmation was given.
    pub fn confirm(&mut self) {
        self.confirmed = self.is_some();
    }

    /// This one is prepared.
    pub fn prepared(&mut self, ticket: &Ticket) {
        let device = ticket.device;
        let missing = device.filter(|_| !ticket.device_allowed);
        self.came_to(Came::Prepared { missing });
    }

    /// This one is made.
    pub fn made(&mut self, birth: &Birth) {
        self.came_to(Came::Made(Box::new(birth.clone())));
    }

    /// This one was refused.
    pub fn refused(&mut self, error: Error) {
        self.came_to(Came::Refused(error));
    }

    /// Whether it goes on with the others after this no: it was confirmed, the no is the service's and certain, and it is
    /// about this node rather than about who asks.
    pub fn goes_on_after(&self, error: &Error) -> bool {
        let is_clear = error.left() && error.status().is_some() && !error.may_have_acted();
        let has_others = self.next().is_some() || self.any_made();
        self.confirmed && has_others && is_clear && !error.is_signed_out()
    }

    /// Whether this node can be left out.
    pub fn can_leave_out(&self) -> bool {
        !self.confirmed && self.count() > 1
    }

    /// The other nodes that have their instance by now.
    pub fn made_elsewhere(&self) -> Vec<NodeId> {
        let others = self.berths.iter().enumerate();
        let made = others
            .filter(|(index, berth)| *index != self.at && matches!(berth.came, Came::Made(_)));
        made.map(|(_, berth)| berth.node.id).collect()
    }

    /// The machines of the other nodes that the contract does not allow yet, as far as preparing told.
    pub fn machines(&self) -> impl Iterator<Item = (&Node, DeviceId)> {
        let others = self.berths.iter().enumerate();
        others.filter_map(|(index, berth)| match &berth.came {
            Came::Prepared {
                missing: Some(device),
            } if index != self.at => Some((&berth.node, *device)),
            _ => None,
        })
    }

    /// The next node to prepare, or to create on.
    fn next(&self) -> Option<usize> {
        let is_open = |berth: &Berth| match berth.came {
            Came::Ahead => true,
            Came::Prepared { .. } => self.confirmed,
            Came::Made(_) | Came::Refused(_) | Came::LeftOut => false,
        };
        let others = self.berths.iter().enumerate();
        let mut open = others.filter(|(index, berth)| *index != self.at && is_open(berth));
        open.next().map(|(index, _)| index)
    }

    /// Whether a node is still to be prepared, or to be created on once that was confirmed.
    pub fn has_next(&self) -> bool {
        self.next().is_some()
    }

    /// Whether the instance of this UUID was made on one of the nodes.
    pub fn has(&self, uuid: &CvmUuid) -> bool {
        self.place_of(uuid).is_some()
    }

    fn place_of(&self, uuid: &CvmUuid) -> Option<usize> {
        self.berths.iter().position(|berth| match &berth.came {
            Came::Made(birth) => birth.created.uuid.as_ref() == Some(uuid),
            _ => false,
        })
    }

    fn any_made(&self) -> bool {
        let is_made = |berth: &Berth| matches!(berth.came, Came::Made(_));
        self.berths.iter().any(is_made)
    }

    /// Another instance that was made, after this one and around.
    fn other(&self) -> Option<usize> {
        let count = self.berths.len();
        let around = (1..count).map(|step| (self.at + step) % count);
        around
            .into_iter()
            .find(|index| matches!(self.berths[*index].came, Came::Made(_)))
    }

    fn came_to(&mut self, came: Came) {
        if let Some(berth) = self.berths.get_mut(self.at) {
            berth.came = came;
        }
    }
}

impl Brief {
    /// To the next node that is still to be prepared, or created on once that was confirmed. Says whether there is one.
    pub(super) fn turn_on(&mut self) -> bool {
        let next = self.several.next();
        if let Some(next) = next {
            self.turn_to(next);
        }
        next.is_some()
    }

    /// Leaves this node out, and turns to the next. The one that was prepared last is prepared anew, where none is
    /// ahead: its token may be useless by now.
    pub(super) fn leave_out(&mut self) {
        self.several.came_to(Came::LeftOut);
        if self.turn_on() {
            return;
        }
        let berths = &self.several.berths;
        let is_prepared = |berth: &Berth| matches!(berth.came, Came::Prepared { .. });
        if let Some(last) = berths.iter().rposition(is_prepared) {
            self.turn_to(last);
            self.several.came_to(Came::Ahead);
        }
    }

    /// The instance that was made on another of the nodes, or on this one where there is no other: to be watched.
    pub(in crate::wizard) fn turn_to_made(&mut self) -> Option<Birth> {
        let here = || self.several.any_made().then_some(self.several.at);
        let index = self.several.other().or_else(here)?;
        self.birth_at(index)
    }

    /// The instance of this UUID, where it was made on one of the nodes.
    pub(in crate::wizard) fn turn_to_uuid(&mut self, uuid: &CvmUuid) -> Option<Birth> {
        let index = self.several.place_of(uuid)?;
        self.birth_at(index)
    }

    /// Whether the instance of another node can be watched.
    pub(in crate::wizard) fn has_other(&self) -> bool {
        self.several.other().is_some()
    }

    fn birth_at(&mut self, index: usize) -> Option<Birth> {
        self.turn_to(index);
        match &self.several.berths.get(index)?.came {
            Came::Made(birth) => Some((**birth).clone()),
            _ => None,
        }
    }

    fn turn_to(&mut self, index: usize) {
        if let Some(berth) = self.several.berths.get(index) {
            self.plan.node = Some(berth.node.id);
            self.node = Some(berth.node.clone());
            self.several.at = index;
        }
    }
}

#[cfg(test)]
mod tests;
