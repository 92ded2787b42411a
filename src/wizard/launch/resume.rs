//! Going on with what an earlier run of the program wrote down: the plan, and the one stage that is safe to be at.

use super::brief::{Birth, Brief, Known, foretold};
use super::commit::{Commit, Errand, Resumed};
use super::live::Live;
use super::review::Review;
use super::{Course, Launch, next};
use crate::api::types::{Allowlist, Created, Node, NodeId, Proof};
use crate::journal::record::Governed;
use crate::journal::state::{self, NextStep, State};
use crate::wizard::facts::Session;
use crate::wizard::launch::brief::Decided;
use crate::wizard::page::{Line, Mark};
use crate::wizard::plan::bytes;
use crate::wizard::reread::FileRead;

impl Launch {
    /// The stage that this deployment goes on at. Nothing that creates is sent by arriving there.
    pub fn resume(state: &State, session: &Session, now: u64) -> Course {
        let brief = Box::new(Brief::recorded(state, session));
        let is_sent = state.sends() > 0 || !state.intent().is_governed();
        match (state.next_step(), state.ticket()) {
            (NextStep::Watch | NextStep::Nothing, _) => {
                let birth = birth(state);
                next(Self::Live, Live::start(brief, birth, now))
            }
            (NextStep::StartOver, _) => Self::start(Review::start(*brief, None)),
            (NextStep::LookThenPrepare, _) => next(
                Self::Commit,
                Commit::resume(brief, Errand::AtOnce, Resumed::Preparing),
            ),
            (_, Some(ticket)) => {
                let last = state.sent().last();
                let proof = last.map_or(Proof::AlreadyRegistered, |sent| sent.proof);
                let errand = Errand::Redeem(Box::new(ticket), proof);
                let how_far = match state.known() {
                    state::Known::TokenGone | state::Known::TokenUseless => Resumed::Refused,
                    _ if state.sends() > 0 => Resumed::Sent,
                    _ => Resumed::Prepared,
                };
                next(Self::Commit, Commit::resume(brief, errand, how_far))
            }
            (_, None) => {
                let how_far = if is_sent {
                    Resumed::Sent
                } else {
                    Resumed::Preparing
                };
                next(Self::Commit, Commit::resume(brief, Errand::AtOnce, how_far))
            }
        }
    }
}

fn birth(state: &State) -> Birth {
    let made = state.made().next().map(|(_, made)| made);
    let listed = || Created {
        uuid: state.uuid().cloned(),
        name: state.intent().plan.app_name.clone(),
        ..Created::default()
    };
    let prepared = state.prepared();
    Birth {
        created: made.map_or_else(listed, crate::journal::record::Made::created),
        compose_hash: prepared.map(|prepared| prepared.compose_hash),
        device: prepared.and_then(|prepared| prepared.device),
        before: state.intent().facts.before.clone(),
        known: Known::Recorded,
    }
}

impl Brief {
    /// The brief of a plan that was written down. What only the form knew is left out.
    fn recorded(state: &State, session: &Session) -> Self {
        let intent = state.intent();
        let (plan, facts) = (intent.plan(), &intent.facts);
        let allowlist = match &facts.governed {
            Governed::ByContract { chain_id, contract } => Some(Allowlist {
                on_chain: true,
                chain_id: *chain_id,
                contract: contract.clone(),
                ..Allowlist::default()
            }),
            Governed::MayCreate => None,
        };
        let node = facts.node.as_ref().and_then(|node| {
            Some(Node {
                id: NodeId(node.id?),
                name: node.name.clone(),
                region: node.region.clone(),
                slots: None,
                vcpu: None,
                memory_mb: None,
                on_chain: None,
                device: node.device,
                images: Vec::new(),
            })
        });
        let row = |label, value: String| Decided {
            label,
            value,
            source: "as written down".to_owned(),
            step: 1,
        };
        let text = |text: &Option<String>| match text {
            Some(text) => format!("new, {}", bytes(text.len())),
            None => "keep the live one".to_owned(),
        };
        let place = node.as_ref().map_or_else(
            || "the service chooses".to_owned(),
            |node| node.name.to_string(),
        );
        let values = match &plan.env {
            Some(blob) => format!(
                "{} names, encrypted before, {}",
                facts.env_names.len(),
                bytes(blob.len() / 2)
            ),
            None => "inherit".to_owned(),
        };
        Self {
            answers: vec![
                row("App", format!("{} {}", plan.name, plan.app.short())),
                row("Node", place),
                row("Compose", text(&plan.compose)),
                row("Variables", values),
                row("Script", text(&plan.script)),
            ],
            on_chain: intent.is_governed(),
            allowlist,
            node,
            before: facts.before.clone(),
            size: "as planned before".to_owned(),
            price: None,
            remarks: vec![
                Line::new()
                    .mark(Mark::Warn)
                    .plain("taken up again: prices and checks are those of the first review"),
            ],
            cost: Vec::new(),
            paths: [None, None, None],
            files: facts.files.iter().map(FileRead::from).collect(),
            recalled: true,
            live: None,
            kms_keys: None,
            elsewhere: session.elsewhere.clone(),
            foretold: foretold(facts),
            transaction: None,
            env_names: facts.env_names.clone(),
            workspace: facts.workspace.clone(),
            base: session.base.clone(),
            host: session.host.clone(),
            key_tail: session.key.tail.clone(),
            sandbox: session.sandbox.is_some(),
            plan,
        }
    }
}
