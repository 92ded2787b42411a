//! Going on with what an earlier run of the program wrote down: the plan, and the one stage that is safe to be at.

use super::brief::{Birth, Brief, Known, Run, foretold};
use super::commit::{Commit, Errand, Resumed, Why};
use super::review::Review;
use super::several::Several;
use super::{Course, Launch, next};
use crate::api::types::{Allowlist, Created, Node, NodeId, Proof, Ticket};
use crate::journal::record::Governed;
use crate::journal::state::{self, NextStep, State};
use crate::secret::mask::Mask;
use crate::wizard::facts::Session;
use crate::wizard::launch::brief::Decided;
use crate::wizard::live::Live;
use crate::wizard::page::{Line, Mark};
use crate::wizard::plan::bytes;
use crate::wizard::reread::FileRead;

impl Launch {
    /// The stage that this deployment goes on at. Nothing that creates is sent by arriving there.
    pub fn resume(state: &State, session: &Session, now: u64) -> Course {
        let brief = Box::new(Brief::recorded(state, session));
        let why = match state.next_step() {
            NextStep::Watch | NextStep::Nothing => {
                let birth = birth(state);
                return next(Self::Live, Live::start(&brief, birth, now));
            }
            NextStep::StartOver => return Self::start(Review::start(*brief, None)),
            NextStep::LookThenPrepare => Why::Resumed(Resumed::Preparing),
            NextStep::LookThenAsk
            | NextStep::LookThenOfferCommit
            | NextStep::LookThenFollowTransaction
            | NextStep::LookOnly => why(state),
        };
        next(Self::Commit, Commit::resume(brief, errand(state), why))
    }
}

/// What a look that finds nothing leaves open. Only [`NextStep::LookThenPrepare`] prepares by itself.
fn why(state: &State) -> Why {
    match state.known() {
        state::Known::TokenGone => Why::Refused(None),
        _ if state.something_may_come() => Why::Resumed(Resumed::Sent),
        state::Known::TokenUseless => Why::Refused(None),
        state::Known::Contradiction => Why::Resumed(Resumed::Sent),
        _ if usable(state).is_some() => Why::Resumed(Resumed::Prepared),
        _ => Why::Resumed(Resumed::Sent),
    }
}

fn errand(state: &State) -> Errand {
    let proof = state.sent().last();
    let proof = proof.map_or(Proof::AlreadyRegistered, |sent| sent.proof);
    usable(state).map_or(Errand::AtOnce, |ticket| {
        Errand::Redeem(Box::new(ticket), proof)
    })
}

/// The token to go on with.
fn usable(state: &State) -> Option<Ticket> {
    match state.offered() {
        // Beside a commit that has no answer, another token makes another instance.
        Some(_) if state.something_may_come() => None,
        Some(offered) => offered.ticket(),
        None => state.ticket(),
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
            Governed::MayCreate | Governed::NewApp => None,
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
            None if plan.is_new_app() => "the service's own".to_owned(),
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
            None if plan.is_new_app() => match (facts.env_names.len(), state.prepared()) {
                (0, _) => "none".to_owned(),
                (count, Some(_)) => format!("{count} names, encrypted before"),
                (count, None) => format!("{count} names; their values are gone"),
            },
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
            on_chain: matches!(facts.governed, Governed::ByContract { .. }),
            allowlist,
            node,
            several: Several::default(),
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
            run: Run::Earlier,
            live: None,
            kms_keys: None,
            elsewhere: session.elsewhere.clone(),
            foretold: foretold(facts),
            unanswered: false,
            accepted: state.accepted(),
            transaction: None,
            registering: session.registering.clone(),
            env_names: facts.env_names.clone(),
            // Values are written down nowhere.
            seal: Vec::new(),
            // What was encrypted by another run is not known here.
            mask: Mask::default(),
            workspace: facts.workspace.clone(),
            base: session.base.clone(),
            host: session.host.clone(),
            key_tail: session.key.tail.clone(),
            sandbox: session.sandbox.is_some(),
            plan,
        }
    }
}
