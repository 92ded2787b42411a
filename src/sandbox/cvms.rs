//! Endpoints under `/cvms` and `/status`: lists, state, streams, and the life cycle.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    apps::App,
    boot::{Course, Life, State},
    chain::normal,
    cvm::Cvm,
    message::{Reply, Request, Watch},
    moment::human,
    refusal::{CVM_NOT_FOUND, FieldProblem, Refusal, SEVERAL_CVMS, SEVERAL_OF_NAME},
    world::{Answer, World, page},
};

/// Body of `POST /status/batch`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    vm_uuids: Option<Vec<String>>,
}

/// Body of `POST /cvms/{id}/restart`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restart {
    #[expect(dead_code, reason = "the sandbox restarts the same way either way")]
    force: Option<bool>,
}

impl World {
    pub(super) fn cvm_list(&self, request: &Request) -> Answer {
        let rows: Vec<Value> = self
            .cvms
            .iter()
            .filter_map(|cvm| Some(self.cvm_shape(cvm, self.app(&cvm.app_id).ok()?)))
            .collect();
        Ok(Reply::json(200, &page(request, &rows, 30, 100)?))
    }

    pub(super) fn cvm_info(&self, id: &str) -> Answer {
        let (cvm, app) = self.cvm_and_app(id)?;
        let mut shape = self.cvm_shape(cvm, app);
        shape["compose_file"] = cvm.document.to_json();
        Ok(Reply::json(200, &shape))
    }

    /// A snapshot, or a stream if a target is named.
    pub(super) fn cvm_state(&self, id: &str, request: &Request) -> Answer {
        let cvm = self.cvm(id)?;
        let Some(target) = request.parameter("target") else {
            return Ok(Reply::json(200, &self.state_shape(cvm)));
        };
        let interval = request.number("interval", 5, &(5..=30))?;
        let timeout = request.number("timeout", 300, &(10..=600))?;
        // The world itself holds one of the copies.
        if Arc::strong_count(&self.streams) > self.scenario.rules.stream_limit {
            // The status of this refusal is inference.
            return Err(Refusal::plain(429, "Too many open streams"));
        }
        Ok(Reply::stream(Watch {
            vm_uuid: cvm.vm_uuid.clone(),
            target: target.to_owned(),
            interval: Duration::from_secs(interval),
            timeout: Duration::from_secs(timeout),
            lease: Arc::clone(&self.streams),
        }))
    }

    /// What a stream writes now, and whether it ends with that. There is no failure verdict in this protocol.
    pub(super) fn events(&self, watch: &Watch, elapsed: Duration) -> (String, bool) {
        let elapsed_seconds = elapsed.as_secs_f64();
        let Ok(cvm) = self.cvm(&watch.vm_uuid) else {
            let gone = json!({ "error": "CVM not found", "elapsed": elapsed_seconds });
            return (event("error", &gone), true);
        };
        let mut text = event("state", &self.state_shape(cvm));
        let status = cvm.state(self.now).status;
        let target = &watch.target;
        if status == target {
            let complete =
                json!({ "status": status, "elapsed": elapsed_seconds, "target": target });
            text += &event("complete", &complete);
        } else if elapsed >= watch.timeout {
            let timeout =
                json!({ "error": "timeout", "elapsed": elapsed_seconds, "target": target });
            text += &event("timeout", &timeout);
        } else {
            return (text, false);
        }
        (text, true)
    }

    /// Keyed by the very strings received; unknown ones are left out.
    pub(super) fn status_batch(&self, request: &Request) -> Answer {
        let Some(ids) = request.json::<Batch>()?.vm_uuids else {
            let problem = FieldProblem::body("vm_uuids", "missing", "Field required");
            return Err(Refusal::field(problem));
        };
        let rows: Map<String, Value> = ids
            .into_iter()
            .filter_map(|id| {
                let row = self.batch_row(self.cvm(&id).ok()?);
                Some((id, row))
            })
            .collect();
        Ok(Reply::json(200, &Value::Object(rows)))
    }

    pub(super) fn start_cvm(&mut self, id: &str) -> Answer {
        self.operate(id, |state| state.status != "running", None)
    }

    pub(super) fn stop_cvm(&mut self, id: &str) -> Answer {
        self.operate(id, |state| state.status == "running", Some(Course::Stop))
    }

    pub(super) fn restart_cvm(&mut self, id: &str, request: &Request) -> Answer {
        let Restart { .. } = request.json()?;
        self.operate(id, |_| true, None)
    }

    pub(super) fn delete_cvm(&mut self, id: &str) -> Answer {
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        for gone in self.cvms.extract_if(.., |cvm| cvm.vm_uuid == vm_uuid) {
            let kind = &self.scenario.instance_types[&gone.instance_type];
            if let Some(node) = self.nodes.iter_mut().find(|node| node.id == gone.node) {
                node.give_back(kind);
            }
        }
        Ok(Reply::nothing())
    }

    /// Resolves every form of the reference's section 3.1.
    pub(super) fn cvm(&self, id: &str) -> Result<&Cvm, Refusal> {
        let plain = normal(id);
        let undashed = plain.replace('-', "");
        let number: Option<u64> = id.parse().ok();
        let by_identity = self.cvms.iter().find(|cvm| {
            cvm.vm_uuid.replace('-', "") == undashed
                || cvm.id() == id
                || plain.strip_prefix("instance_") == Some(cvm.instance_id.as_str())
                || number == Some(cvm.number)
        });
        if let Some(cvm) = by_identity {
            return Ok(cvm);
        }
        let app_id = plain.strip_prefix("app_").map_or(plain.clone(), normal);
        self.only(|cvm| cvm.app_id == app_id, SEVERAL_CVMS)
            .or_else(|| self.only(|cvm| cvm.instance_id == plain, SEVERAL_CVMS))
            .or_else(|| self.only(|cvm| cvm.name == id, SEVERAL_OF_NAME))
            .unwrap_or_else(|| Err(Refusal::coded(CVM_NOT_FOUND, "CVM not found")))
    }

    pub(super) fn cvm_and_app(&self, id: &str) -> Result<(&Cvm, &App), Refusal> {
        let cvm = self.cvm(id)?;
        Ok((cvm, self.app(&cvm.app_id)?))
    }

    /// `None` if there is no such instance, a refusal if there are several.
    fn only(
        &self,
        wanted: impl Fn(&Cvm) -> bool,
        several: super::refusal::Code,
    ) -> Option<Result<&Cvm, Refusal>> {
        let mut found = self.cvms.iter().filter(|cvm| wanted(cvm));
        let first = found.next()?;
        Some(match found.next() {
            None => Ok(first),
            Some(_) => Err(Refusal::coded(
                several,
                "Several CVMs match this identifier",
            )),
        })
    }

    /// Begins a boot (without a course) or another course; 409 without a code while an operation runs.
    fn operate(&mut self, id: &str, fits: fn(&State) -> bool, course: Option<Course>) -> Answer {
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        let (now, running_early) = (self.now, self.scenario.rules.running_while_booting);
        for cvm in self.cvms.iter_mut().filter(|cvm| cvm.vm_uuid == vm_uuid) {
            let state = cvm.state(now);
            if state.in_progress {
                return Err(Refusal::plain(409, "Another operation is in progress"));
            }
            if !fits(&state) {
                return Err(Refusal::plain(400, format!("The CVM is {}", state.status)));
            }
            cvm.identified |= state.identified;
            let boot = Course::Boot {
                first: false,
                has_script: !cvm.document.script().is_empty(),
                story: cvm.story,
                running_early,
            };
            cvm.life = Life {
                since: now,
                course: course.unwrap_or(boot),
            };
        }
        let (cvm, app) = self.cvm_and_app(&vm_uuid)?;
        Ok(Reply::json(200, &self.vm_shape(cvm, app)))
    }

    /// Optional members are left out: the official TypeScript client refuses null here.
    fn state_shape(&self, cvm: &Cvm) -> Value {
        let state = cvm.state(self.now);
        let mut shape = json!({
            "id": cvm.vm_uuid.replace('-', ""),
            "name": cvm.name,
            "status": state.status,
            "uptime": human(state.uptime),
        });
        let shutdown = (state.status == "stopping").then_some("powering off");
        for (member, text) in [
            ("instance_id", cvm.known_instance_id(&state)),
            ("boot_progress", state.progress),
            ("boot_error", state.error),
            ("shutdown_progress", shutdown),
        ] {
            if let Some(text) = text {
                shape[member] = text.into();
            }
        }
        if let Some(exit) = state.exited_at {
            shape["exited_at"] = human(self.now.since(exit)).into();
        }
        shape
    }

    fn batch_row(&self, cvm: &Cvm) -> Value {
        let state = cvm.state(self.now);
        let busy = state.in_progress;
        let events: Vec<Value> = state
            .events
            .iter()
            .map(|(at, name, body)| {
                let body = if *name == "instance.info" {
                    cvm.instance_id.as_str()
                } else {
                    *body
                };
                json!({ "event": name, "body": body, "timestamp": at.unix_milliseconds() })
            })
            .collect();
        let operation = match cvm.life.course {
            Course::Stop => "stop",
            Course::Boot { first: true, .. } => "create",
            Course::Boot { first: false, .. } => "start",
        };
        json!({
            "vm_uuid": cvm.vm_uuid,
            "status": state.status,
            "uptime": human(state.uptime),
            "in_progress": busy,
            "boot_progress": state.progress,
            "boot_error": state.error,
            "shutdown_progress": (state.status == "stopping").then_some("powering off"),
            "events": events,
            "operation_type": busy.then_some(operation),
            "operation_started_at": busy.then(|| cvm.life.since.iso()),
            "correlation_id": busy.then(|| cvm.correlation_id()),
            "operation": null,
            "resource_usage": null,
        })
    }
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}
