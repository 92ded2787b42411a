//! Several nodes one after the other: which of them what is told is about, and which were watched.

use super::news::News;
use crate::wizard::status::{SeveralReport, Status};

/// What was told of several nodes.
#[derive(Debug, Default)]
pub struct Convoy {
    /// The node that was told last.
    node: Option<String>,
    /// Whether it was told just now.
    turned: bool,
    /// Nodes whose instance was told.
    created: Vec<String>,
    /// Whether this one's was.
    known: bool,
    /// Nodes whose instance was watched to its end.
    watched: Vec<String>,
    /// How many refusals were told.
    refused: usize,
}

impl Convoy {
    /// What is new. Before anything is sent all nodes are in one plan.
    pub fn take(&mut self, several: &SeveralReport, status: &Status) -> Vec<News> {
        self.turned = false;
        if matches!(status, Status::Choosing { .. } | Status::Reviewing(_)) {
            return Vec::new();
        }
        let mut news = Vec::new();
        for (node, message) in several.refused.iter().skip(self.refused) {
            news.push(News::NotCreated {
                node: node.clone(),
                message: message.clone(),
            });
        }
        self.refused = several.refused.len();
        if self.node.as_ref() != Some(&several.node) {
            self.node = Some(several.node.clone());
            self.turned = true;
            news.push(News::Node {
                node: several.node.clone(),
                number: several.number,
                of: several.of,
            });
        }
        self.known = self.created.contains(&several.node);
        if let Status::Live(life) = status {
            if !self.known {
                self.created.push(several.node.clone());
            } else if self.turned {
                news.push(News::watching(life));
            }
        }
        news
    }

    /// Whether the last news is that it turned to another node.
    pub fn has_turned(&self) -> bool {
        self.turned
    }

    /// What counts as seen before at a node that was just turned to: an instance that was told is not told as new.
    pub fn seen_before(&self, status: &Status) -> Option<Status> {
        self.known.then(|| status.clone())
    }

    /// The instance of this node was watched to its end.
    pub fn watched(&mut self) {
        self.watched.extend(self.node.clone());
    }

    /// How many instances were not watched yet, the one of this node not counted.
    pub fn unwatched(&self, several: &SeveralReport) -> usize {
        several.made.saturating_sub(self.watched.len() + 1)
    }
}
