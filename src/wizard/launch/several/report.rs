//! Several nodes for a face without pages, and how the program ends for all of them.

use super::{Came, Several};
use crate::wizard::event::{Exit, Outcome};
use crate::wizard::trouble;

/// How far several nodes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeveralReport {
    /// The node that everything else is about.
    pub node: String,
    /// Its number among them, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// How many instances were made.
    pub made: usize,
    /// How many nodes are still to come, this one not counted.
    pub ahead: usize,
    /// Nodes that the service refused, each with its words.
    pub refused: Vec<(String, String)>,
}

impl Several {
    /// How far they are; `None` where there are not several.
    pub fn report(&self) -> Option<SeveralReport> {
        let here = self.berths.get(self.at)?;
        let count = |of: fn(&Came) -> bool| {
            let others = self.berths.iter().enumerate();
            let of = others.filter(|(index, berth)| *index != self.at && of(&berth.came));
            of.count()
        };
        let is_made = matches!(here.came, Came::Made(_));
        let wanted = self.berths.iter().enumerate();
        let mut wanted = wanted.filter(|(_, berth)| berth.came != Came::LeftOut);
        Some(SeveralReport {
            node: here.node.name.to_string(),
            number: 1 + wanted.position(|(index, _)| index == self.at)?,
            of: self.count(),
            made: usize::from(is_made) + count(|came| matches!(came, Came::Made(_))),
            ahead: count(|came| matches!(came, Came::Ahead | Came::Prepared { .. })),
            refused: self
                .berths
                .iter()
                .filter_map(|berth| match &berth.came {
                    Came::Refused(error) => Some((berth.node.name.to_string(), error.to_string())),
                    _ => None,
                })
                .collect(),
        })
    }

    /// How the program ends for the nodes that nothing was made on.
    pub fn amend(&self, exit: &mut Exit) {
        if !self.confirmed {
            if let (Outcome::Prepared, Some(here)) = (exit.outcome, self.berths.get(self.at)) {
                exit.receipt.push(format!(
                    "of {} nodes   resume goes on with {} alone; the same answers once more with all",
                    self.count(),
                    here.node.name
                ));
            }
            return;
        }
        for (index, berth) in self.berths.iter().enumerate() {
            match &berth.came {
                Came::Refused(error) => {
                    let line = format!("{}: not created: {error}", berth.node.name);
                    exit.receipt.push(line);
                    exit.outcome = worse(exit.outcome, trouble::outcome(error));
                }
                Came::Ahead | Came::Prepared { .. } if index != self.at => {
                    let line = format!("{}: nothing was sent that creates there", berth.node.name);
                    exit.receipt.push(line);
                }
                Came::Ahead | Came::Prepared { .. } | Came::Made(_) | Came::LeftOut => (),
            }
        }
    }
}

/// The outcome that says more about what went wrong.
pub fn worse(one: Outcome, other: Outcome) -> Outcome {
    let rank = |outcome| match outcome {
        Outcome::Unknown => 0,
        Outcome::TokenDead => 1,
        Outcome::NoRoom => 2,
        Outcome::Failed | Outcome::Unusable | Outcome::SignedOut | Outcome::NotFound => 3,
        Outcome::Prepared => 4,
        Outcome::Unhealthy => 5,
        Outcome::Nothing => 6,
        Outcome::Running => 7,
    };
    if rank(other) < rank(one) { other } else { one }
}
