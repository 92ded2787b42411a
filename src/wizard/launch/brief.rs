//! What the person decided, as every later stage needs it: the plan to send, and what to call things on screen.

use std::sync::Arc;

use crate::api::error::{Error, ErrorKind};
use crate::api::types::{Allowlist, ComposeHash, Created, CvmUuid, Document, Node, Plan, Prepared};
use crate::shown::Shown;
use crate::wizard::page::Line;

/// The decided launch. It is handed from stage to stage and never changed after the review.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// What is sent.
    pub plan: Plan,
    /// Whether a contract has to agree before an instance may boot.
    pub on_chain: bool,
    /// The contract and its allowed machines, where there is one.
    pub allowlist: Option<Allowlist>,
    /// The chosen node; `None` where the service chooses.
    pub node: Option<Node>,
    /// Instances of the app that existed when the plan was made.
    pub before: Vec<CvmUuid>,
    /// The size, in words.
    pub size: String,
    /// The price, in words, where the service says one.
    pub price: Option<String>,
    /// Every answer with its source, for the review.
    pub answers: Vec<Decided>,
    /// What the checks remarked.
    pub remarks: Vec<Line>,
    /// Cost and quota, as lines.
    pub cost: Vec<Line>,
    /// Files that compose file, variables and script came from, in this order.
    pub paths: [Option<String>; 3],
    /// What the live revision runs, for the difference.
    pub live: Option<Arc<Document>>,
    /// Base address of the service, for the exact request.
    pub base: Shown,
    /// The service in short, for "waiting for".
    pub host: Shown,
    /// The key, as far as it may be shown.
    pub key_tail: String,
    /// Whether this is the sandbox.
    pub sandbox: bool,
}

/// One answer in the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The question.
    pub label: &'static str,
    /// The answer.
    pub value: String,
    /// Where it came from.
    pub source: String,
    /// The step that changes it, from 1.
    pub step: u8,
}

/// An instance that was created, as the stage that made it hands it on.
#[derive(Debug, Clone, PartialEq)]
pub struct Birth {
    /// What the service said of it.
    pub created: Created,
    /// What it was registered under; `None` where no ticket came before it.
    pub compose_hash: Option<ComposeHash>,
    /// Instances of the app that existed just before.
    pub before: Vec<CvmUuid>,
}

impl Brief {
    /// Why a ticket is not for what was asked: it names another app or another machine. Such a ticket is never used.
    pub fn mismatch(&self, prepared: &Prepared) -> Option<Error> {
        let Prepared::Ticket(ticket) = prepared else {
            return None;
        };
        let asked_device = self.node.as_ref().and_then(|node| node.device);
        let cause = match (ticket.app, ticket.device.zip(asked_device)) {
            (Some(app), _) if app != self.plan.app => {
                format!(
                    "it is about app {}, and {} was asked for",
                    app.short(),
                    self.plan.app.short()
                )
            }
            (_, Some((got, asked))) if got != asked => {
                format!(
                    "it is about machine {}, and {} was asked for",
                    got.short(),
                    asked.short()
                )
            }
            _ => return None,
        };
        Some(Error {
            asked: Shown::line(&format!("POST {}", self.plan.path())),
            tries: 1,
            kind: ErrorKind::Garbled {
                status: 465,
                cause: Shown::line(&cause),
                excerpt: Shown::default(),
            },
        })
    }

    /// Where it will run, in words.
    pub fn place(&self) -> String {
        match &self.node {
            Some(node) => match &node.region {
                Some(region) => format!("{} ({region})", node.name),
                None => node.name.to_string(),
            },
            None => "a node the service chooses".to_owned(),
        }
    }
}
