//! What the service tells of one instance that is there: itself, its containers, its system, what was done to it.
//!
//! It does not know who asked, and what a log says is none of its business: only where one is read.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::instance::instance;
use super::look::{self, Look};
use super::{Unreadable, app_id, line, missing, object, state};
use crate::api::types::{
    Composition, Container, CvmUuid, Disk, Found, LogEnd, Network, Operation, State, Stats,
};
use crate::secret::Secret;
use crate::shown::Shown;

/// `GET /cvms/{id}` (5.4, and 5.6 for the older shape). An object without any sign of an instance is not one.
pub fn found(value: &Value) -> Result<Found, Unreadable> {
    let top = object(value)?;
    let row = instance(top);
    if row.uuid.is_none() && row.name.is_empty() && row.status.is_empty() {
        return Err(missing("vm_uuid"));
    }
    let hosted = top.at("hosted");
    let word = |name: &str| top.at(name).or(hosted.at(name));
    Ok(Found {
        app: app_id(top).or_else(|| app_id(hosted)),
        state: State {
            status: row.status.clone(),
            boot_progress: word("boot_progress").prose(),
            boot_error: word("boot_error").prose(),
            instance_id: row.instance_id.clone(),
            uptime: word("uptime").line(),
        },
        instance: row,
    })
}

/// `POST /status/batch` (8.3), in the order asked. Who is not in the answer is left out.
pub fn states(value: &Value, asked: &[CvmUuid]) -> Result<Vec<(CvmUuid, State)>, Unreadable> {
    let top = object(value)?;
    let told = |cvm: &CvmUuid| {
        // The keys are the very texts that were sent; an instance may be known by its other form.
        let row = top.at(&cvm.to_string()).or(top.at(&cvm.in_path()));
        row.as_value()
            .and_then(|row| Some((cvm.clone(), state(row).ok()?)))
    };
    Ok(asked.iter().filter_map(told).collect())
}

/// `GET /cvms/{id}/network` (9.3).
pub fn network(value: &Value) -> Result<Network, Unreadable> {
    let top = object(value)?;
    Ok(Network {
        online: top.at("is_online").is_true(),
        public: top.at("is_public").truth(),
        trouble: top.at("error").prose(),
        internal_ip: top.at("internal_ip").line(),
        handshake: top.at("latest_handshake").line(),
        urls: top
            .at("public_urls")
            .rows()
            .filter_map(|url| url.at("instance").link().or(url.at("app").link()))
            .collect(),
    })
}

/// `GET /cvms/{id}/composition` (9.5).
pub fn composition(value: &Value) -> Result<Composition, Unreadable> {
    let container = |row: Look| Container {
        name: names(row).next().unwrap_or_default(),
        image: line(row.at("image")),
        state: line(row.at("state")),
        status: line(row.at("status")),
        has_log: row.at("log_endpoint").link().is_some(),
    };
    let top = object(value)?;
    Ok(Composition {
        online: top.at("is_online").is_true(),
        public: top.at("is_public").truth(),
        trouble: top.at("error").prose(),
        containers: top.at("containers").rows().map(container).collect(),
    })
}

/// The same answer, asked for the log of one container: its address, or why there is none.
pub fn container_log(value: &Value, name: &Shown) -> Result<Result<Secret, LogEnd>, Unreadable> {
    let top = object(value)?;
    if top.at("is_public").truth() == Some(false) {
        return Ok(Err(LogEnd::Private));
    }
    if top.at("is_online").truth() == Some(false) {
        return Ok(Err(LogEnd::Offline(top.at("error").prose())));
    }
    let wanted = look::bounded(name.as_str().trim_start_matches('/'));
    let rows = || top.at("containers").rows();
    let Some(row) = rows().find(|row| names(*row).any(|name| name == wanted)) else {
        let known = rows().filter_map(|row| names(row).next()).collect();
        return Ok(Err(LogEnd::NoContainer(known)));
    };
    Ok(address(row.at("log_endpoint")).ok_or(LogEnd::Private))
}

/// `GET /cvms/{id}` at version 2025-10-28 (5.6), asked for where the logs of the VM are read (9.6).
pub fn vm_log(value: &Value) -> Result<Result<Secret, LogEnd>, Unreadable> {
    let top = object(value)?;
    Ok(address(top.at("syslog_endpoint")).ok_or(LogEnd::NoAddress))
}

/// `GET /cvms/{id}/stats` (9.4).
pub fn stats(value: &Value) -> Result<Stats, Unreadable> {
    let top = object(value)?;
    let system = top.at("sysinfo");
    let name = [system.at("os_name").line(), system.at("os_version").line()];
    let name: Vec<Shown> = name.into_iter().flatten().collect();
    let name: Vec<&str> = name.iter().map(Shown::as_str).collect();
    let disk = |row: Look| Disk {
        place: line(row.at("mount_point").or(row.at("name"))),
        size: row.at("total_size").whole().unwrap_or(0),
        free: row.at("free_size").whole().unwrap_or(0),
    };
    Ok(Stats {
        online: top.at("is_online").is_true(),
        public: top.at("is_public").truth(),
        trouble: top.at("error").prose(),
        system: (!name.is_empty()).then(|| look::bounded(&name.join(" "))),
        kernel: system.at("kernel_version").line(),
        cpus: system.at("num_cpus").whole(),
        load: ["loadavg_one", "loadavg_five", "loadavg_fifteen"].map(|name| load(system.at(name))),
        memory: system.at("total_memory").whole(),
        memory_used: system.at("used_memory").whole(),
        uptime: system.at("uptime").whole_seconds(),
        disks: system.at("disks").rows().map(disk).collect(),
    })
}

/// `GET /cvms/{id}/operations` (9.8), newest first: by their times, or as the service has them where one has none.
pub fn operations(value: &Value) -> Result<Vec<Operation>, Unreadable> {
    let top = Look::new(value);
    let list = if top.is_list() {
        top
    } else {
        object(value)?.at("items")
    };
    let operation = |row: Look| Operation {
        kind: line(row.at("operation_type")),
        status: line(row.at("status")),
        error: row.at("error_message").prose(),
        started_at: row.at("started_at").line(),
    };
    let mut operations: Vec<Operation> = list.rows().map(operation).collect();
    if operations.iter().all(|one| began(one).is_some()) {
        operations.sort_by_key(|one| Reverse(began(one)));
    }
    Ok(operations)
}

fn began(operation: &Operation) -> Option<Timestamp> {
    operation.started_at.as_ref()?.as_str().parse().ok()
}

/// What a container is called, without the slash that Docker puts before it.
fn names(row: Look<'_>) -> impl Iterator<Item = Shown> {
    row.at("names")
        .each()
        .filter_map(|name| name.read(|text| Some(look::bounded(text.trim_start_matches('/')))))
}

/// An address with a token in it: as it came, and never shown.
fn address(look: Look) -> Option<Secret> {
    look.raw().filter(|text| !text.is_empty()).map(Secret::new)
}

/// A load average. The guest's agent tells whole numbers, in hundredths; with a fraction it is the load itself.
fn load(look: Look) -> Option<f64> {
    let number = look.number()?;
    Some(if number.fract() == 0.0 {
        number / 100.0
    } else {
        number
    })
}
