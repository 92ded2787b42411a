//! What was done to an instance, and how it went: the place to read why a creation failed.
//!
//! An operation is a life of the instance and nothing more: how far it came follows from the clock.

use serde_json::{Value, json};

use super::{
    account::USER_NUMBER,
    boot::{Life, State},
    cvm::Cvm,
    message::{Reply, Request},
    moment::Moment,
    refusal::{FieldProblem, Refusal},
    world::{Answer, World},
};

/// One change that somebody asked for.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) correlation_id: String,
    /// `create`, `start`, `update` and so on.
    pub(super) kind: &'static str,
    pub(super) started_at: Moment,
    /// The life it began; absent if it was over at once.
    life: Option<Life>,
    compose_hash: String,
}

impl Operation {
    pub(super) fn new(
        number: u64,
        place: usize,
        kind: &'static str,
        started_at: Moment,
        life: Option<Life>,
        compose_hash: &str,
    ) -> Self {
        Self {
            correlation_id: format!("corr_{number}_{place}"),
            kind,
            started_at,
            life,
            compose_hash: compose_hash.to_owned(),
        }
    }

    /// As seen now, or when the next operation began.
    fn shape(&self, cvm: &Cvm, until: Moment) -> Value {
        let life = self.life.as_ref();
        let state = life.map(|life| life.state(until));
        let failed = state.as_ref().filter(|state| state.has_failed());
        let status = match &state {
            Some(state) if state.in_progress => "in_progress",
            _ if failed.is_some() => "failed",
            _ => "completed",
        };
        let ends = life.map_or(Some(self.started_at), |life| life.ends(until));
        let events: Vec<Value> = std::iter::once((self.started_at, "start"))
            .chain(ends.map(|end| (end, "end")))
            .map(|(at, word)| {
                json!({
                    "event_type": format!("instance.{}.{word}", self.kind),
                    "timestamp": at.iso(),
                    "state": life.map_or("running", |life| life.state(at).status),
                })
            })
            .collect();
        json!({
            "correlation_id": self.correlation_id,
            "operation_type": self.kind,
            "target_state": life.map_or("running", |life| life.target()),
            "triggered_by": USER_NUMBER,
            "started_at": self.started_at.iso(),
            "completed_at": ends.map(Moment::iso),
            "duration_ms": ends.map(|end| {
                end.unix_milliseconds() - self.started_at.unix_milliseconds()
            }),
            "status": status,
            "error_message": failed.map(State::reason),
            "sub_operations": [],
            "events": events,
            "instance_name": cvm.name,
            "compose_hash": self.compose_hash,
        })
    }
}

impl World {
    /// Newest first, in pages of up to 500 that are named by an opaque cursor.
    pub(super) fn operations(&self, id: &str, request: &Request) -> Answer {
        let cvm = self.cvm(id)?;
        let limit = request.number("limit", 50, &(1..=500))?;
        let skipped = match request.parameter("cursor") {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("after_")
                .and_then(|count| count.parse().ok())
                .ok_or_else(|| {
                    let problem = FieldProblem::query("cursor", "value_error", "Invalid cursor");
                    Refusal::field(problem)
                })?,
        };
        let wanted: Vec<&str> = request.parameters("operation_types").collect();
        let rows: Vec<Value> = self
            .told_operations(cvm)
            .filter(|(operation, _)| wanted.is_empty() || wanted.contains(&operation.kind))
            .map(|(operation, until)| operation.shape(cvm, until))
            .collect();
        let shown: Vec<&Value> = rows.iter().skip(skipped).take(limit).collect();
        let told = skipped.saturating_add(shown.len());
        let answer = json!({
            "items": shown,
            "next_cursor": (told < rows.len()).then(|| format!("after_{told}")),
            "total": rows.len(),
        });
        Ok(Reply::json(200, &answer))
    }

    /// What holds the instance now, if anything does. The shape is inference.
    pub(super) fn operation_status(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let busy = cvm.state(self.now).in_progress;
        let operation = cvm.operations.last().filter(|_| busy);
        let answer = json!({
            "status": if busy { "in_progress" } else { "idle" },
            "operation_type": operation.map(|operation| operation.kind),
            "correlation_id": operation.map(|operation| operation.correlation_id.as_str()),
            "started_at": operation.map(|operation| operation.started_at.iso()),
        });
        Ok(Reply::json(200, &answer))
    }

    /// Only a boot can be cancelled; the instance is stopped then (inference).
    pub(super) fn cancel_operation(&mut self, id: &str) -> Answer {
        let now = self.now;
        let cvm = self.cvm_mut(id)?;
        if !cvm.state(now).in_progress {
            return Ok(Reply::json(
                200,
                &json!({ "cancelled": false, "correlation_id": null }),
            ));
        }
        if !cvm.life.is_boot() {
            return Err(Refusal::plain(409, "This operation cannot be cancelled"));
        }
        let cancelled = cvm.correlation_id().to_owned();
        cvm.begin("cancel", Life::stopping(now, false));
        Ok(Reply::json(
            200,
            &json!({ "cancelled": true, "correlation_id": cancelled }),
        ))
    }

    /// Newest first, each with the moment at which its telling ends.
    fn told_operations<'a>(
        &'a self,
        cvm: &'a Cvm,
    ) -> impl Iterator<Item = (&'a Operation, Moment)> {
        let next = cvm.operations.iter().skip(1);
        let until = next
            .map(|operation| operation.started_at)
            .chain([self.now])
            .collect::<Vec<_>>();
        cvm.operations.iter().zip(until).rev()
    }
}
