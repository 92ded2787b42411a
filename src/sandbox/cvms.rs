//! Endpoints under `/cvms` and `/status`: lists, state, streams, and the life cycle.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    apps::App,
    boot::{Life, State, Why},
    chain::normal,
    cvm::Cvm,
    guest::usage,
    message::{Reply, Request, Subject, Watch},
    moment::human,
    refusal::{CVM_NOT_FOUND, Refusal, SEVERAL_CVMS, SEVERAL_OF_NAME},
    version::Version,
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
    force: Option<bool>,
}

impl World {
    pub(super) fn cvm_list(&self, request: &Request) -> Answer {
        Ok(Reply::json(
            200,
            &page(request, &self.cvm_rows(request), 30, 100)?,
        ))
    }

    /// The list before it had pages.
    pub(super) fn bare_cvm_list(&self, request: &Request) -> Reply {
        Reply::json(200, &Value::Array(self.cvm_rows(request)))
    }

    fn cvm_rows(&self, request: &Request) -> Vec<Value> {
        let version = Version::of(request);
        self.cvms
            .iter()
            .filter_map(|cvm| Some(self.cvm_row(version, cvm, self.app(&cvm.app_id).ok()?)))
            .collect()
    }

    pub(super) fn cvm_info(&self, id: &str, request: &Request) -> Answer {
        let (cvm, app) = self.cvm_and_app(id)?;
        if Version::of(request) == Version::V20251028 {
            return Ok(Reply::json(200, &self.detail_shape(cvm, app)));
        }
        let mut shape = self.cvm_shape(cvm, app);
        shape["compose_file"] = cvm.document.to_json();
        if self.has_digit_ids(request) {
            shape["id"] = cvm.number.to_string().into();
        }
        Ok(Reply::json(200, &shape))
    }

    /// Digits are the one text that all official clients of 2026-01-21 take for an id.
    fn has_digit_ids(&self, request: &Request) -> bool {
        self.scenario.rules.digit_ids && Version::of(request) == Version::V20260121
    }

    /// A snapshot, or a stream if a target is named.
    pub(super) fn cvm_state(&self, id: &str, request: &Request) -> Answer {
        let cvm = self.cvm(id)?;
        let interval = request.number("interval", 5, &(5..=30))?;
        let timeout = request.number("timeout", 300, &(10..=600))?;
        let Some(target) = request.parameter("target") else {
            let mut shape = self.state_shape(cvm);
            if self.has_digit_ids(request) {
                shape["id"] = cvm.number.to_string().into();
            }
            return Ok(Reply::json(200, &shape));
        };
        // The world itself holds one of the copies.
        if Arc::strong_count(&self.streams) > self.scenario.rules.stream_limit {
            let status = self.scenario.rules.stream_limit_status;
            return Err(Refusal::plain(status, "Too many open streams"));
        }
        let watch = Watch {
            vm_uuid: cvm.vm_uuid.clone(),
            interval: Duration::from_secs(interval),
            subject: Subject::State {
                target: target.to_owned(),
                timeout: Duration::from_secs(timeout),
            },
            lease: Arc::clone(&self.streams),
        };
        Ok(Reply::stream("text/event-stream", watch))
    }

    /// What a stream writes now, and whether it ends with that. There is no failure verdict in this protocol.
    pub(super) fn events(
        &self,
        vm_uuid: &str,
        target: &str,
        timeout: Duration,
        elapsed: Duration,
    ) -> (String, bool) {
        let elapsed_seconds = elapsed.as_secs_f64();
        let Ok(cvm) = self.cvm(vm_uuid) else {
            let gone = json!({ "error": "CVM not found", "elapsed": elapsed_seconds });
            return (event("error", &gone), true);
        };
        let mut text = event("state", &self.state_shape(cvm));
        let status = cvm.state(self.now).status;
        if status == target {
            let complete =
                json!({ "status": status, "elapsed": elapsed_seconds, "target": target });
            text += &event("complete", &complete);
        } else if elapsed >= timeout {
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
            return Err(Refusal::missing("vm_uuids"));
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

    pub(super) fn start_cvm(&mut self, id: &str, request: &Request) -> Answer {
        self.afford_running()?;
        let is_down = |state: &State| !matches!(state.status, "running" | "starting");
        self.operate(id, "start", is_down, request, |world, cvm| {
            world.boot(Why::Start, &cvm.document, cvm.mishap.as_ref())
        })
    }

    /// Pulls the plug, whatever goes on.
    pub(super) fn stop_cvm(&mut self, id: &str, request: &Request) -> Answer {
        let now = self.now;
        let cvm = self.cvm_mut(id)?;
        let status = cvm.state(now).status;
        if matches!(status, "stopped" | "stopping" | "exited" | "error") {
            return Err(Refusal::plain(400, format!("The CVM is {status}")));
        }
        cvm.begin("stop", Life::stopping(now, false));
        self.acted(id, request)
    }

    /// Lets the guest end by itself.
    pub(super) fn shut_cvm_down(&mut self, id: &str, request: &Request) -> Answer {
        let is_up = |state: &State| state.status == "running";
        self.operate(id, "shutdown", is_up, request, |world, _| {
            Life::stopping(world.now, true)
        })
    }

    pub(super) fn restart_cvm(&mut self, id: &str, request: &Request) -> Answer {
        let Restart { force } = request.json()?;
        let gracefully = !force.unwrap_or_default();
        self.afford_running()?;
        self.operate(
            id,
            "restart",
            |_| true,
            request,
            |world, cvm| {
                world.boot(
                    Why::Restart { gracefully },
                    &cvm.document,
                    cvm.mishap.as_ref(),
                )
            },
        )
    }

    pub(super) fn delete_cvm(&mut self, id: &str) -> Answer {
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        for gone in self.cvms.extract_if(.., |cvm| cvm.vm_uuid == vm_uuid) {
            if let Some(node) = self.nodes.iter_mut().find(|node| node.id == gone.node) {
                node.give_back(gone.size);
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

    pub(super) fn cvm_mut(&mut self, id: &str) -> Result<&mut Cvm, Refusal> {
        let number = self.cvm(id)?.number;
        let mut all = self.cvms.iter_mut();
        all.find(|cvm| cvm.number == number)
            .ok_or_else(|| Refusal::coded(CVM_NOT_FOUND, "CVM not found"))
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

    /// Begins another life; 409 without a code while an operation runs.
    fn operate(
        &mut self,
        id: &str,
        kind: &'static str,
        fits: impl Fn(&State) -> bool,
        request: &Request,
        life: impl Fn(&Self, &Cvm) -> Life,
    ) -> Answer {
        let cvm = self.cvm(id)?;
        let state = cvm.state(self.now);
        if state.in_progress {
            return Err(Refusal::plain(409, "Another operation is in progress"));
        }
        if !fits(&state) {
            return Err(Refusal::plain(400, format!("The CVM is {}", state.status)));
        }
        let life = life(self, cvm);
        self.cvm_mut(id)?.begin(kind, life);
        self.acted(id, request)
    }

    /// The instance after it was told to do something.
    fn acted(&self, id: &str, request: &Request) -> Answer {
        let (cvm, app) = self.cvm_and_app(id)?;
        let shape = self.vm_shape(Version::of(request), cvm, app);
        Ok(Reply::json(200, &shape))
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
        for (member, text) in [
            ("instance_id", cvm.known_instance_id(&state)),
            ("boot_progress", state.progress),
            ("boot_error", state.error.as_deref()),
            ("shutdown_progress", state.shutdown_progress()),
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
        let mut events: Vec<Value> = state
            .events
            .iter()
            .map(|(at, name, body)| {
                let body = if *name == "instance.info" {
                    &cvm.instance_id
                } else {
                    body
                };
                json!({ "event": name, "body": body, "timestamp": at.unix_milliseconds() })
            })
            .collect();
        if !cvm.life.is_boot() || state.shutdown_progress().is_some() {
            let at = cvm.life.since.unix_milliseconds();
            events.push(json!({
                "event": "shutdown.progress",
                "body": "powering off",
                "timestamp": at,
            }));
        }
        let kind = cvm.operations.last().map(|operation| operation.kind);
        let operation = busy.then(|| {
            json!({
                "type": kind,
                "phase": state.progress.unwrap_or(state.status),
                "started_at": cvm.life.since.iso(),
                "correlation_id": cvm.correlation_id(),
            })
        });
        json!({
            "vm_uuid": cvm.vm_uuid,
            "status": state.status,
            "uptime": human(state.uptime),
            "in_progress": busy,
            "boot_progress": state.progress,
            "boot_error": state.error,
            "shutdown_progress": state.shutdown_progress(),
            "events": events,
            "operation_type": kind.filter(|_| busy),
            "operation_started_at": busy.then(|| cvm.life.since.iso()),
            "correlation_id": busy.then(|| cvm.correlation_id()),
            "operation": operation,
            "resource_usage": state.is_reachable().then(|| usage(cvm, &state, self.now)),
        })
    }
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}
