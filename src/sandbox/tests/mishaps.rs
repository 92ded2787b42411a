//! What goes wrong in a boot, member by member of `[mishap]`, seen through every endpoint that tells of it.

use super::logs::decoded;
use super::*;

/// Seconds from the order to the phase that starts the containers, for an app without a script.
const CONTAINERS: f64 = 3.0 + 12.0 + 6.0 + 8.0 + 2.0 + 7.0 + 6.0;
/// And until all is done.
const DONE: f64 = CONTAINERS + 95.0;

/// A world in which this goes wrong, and a new instance of kv-cache in it.
fn met(mishap: &str) -> (Visitor, String) {
    let mut visitor = Visitor::changed(&format!("[mishap]\n{mishap}"));
    let (status, vm) = visitor.direct("kv-cache", &json!({}));
    assert_eq!(status, 200, "{vm}");
    (visitor, vm["vm_uuid"].as_str().unwrap().to_owned())
}

impl Visitor {
    /// Status, phase and error.
    fn told_of(&mut self, id: &str) -> (String, String, String) {
        let state = self.get(&format!("/cvms/{id}/state"));
        let word = |member: &str| state[member].as_str().unwrap_or("-").to_owned();
        (word("status"), word("boot_progress"), word("boot_error"))
    }

    fn is_told(&mut self, id: &str, status: &str, progress: &str, error: &str) {
        let told = self.told_of(id);
        let told = (told.0.as_str(), told.1.as_str(), told.2.as_str());
        assert_eq!(told, (status, progress, error), "after {:?}", self.now);
    }

    /// Turns the clock to so many seconds after the start.
    fn until(&mut self, seconds: f64) {
        self.now = Duration::from_secs_f64(seconds);
    }

    fn containers(&mut self, id: &str) -> Vec<(String, String)> {
        let composition = self.get(&format!("/cvms/{id}/composition"));
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let containers = composition["containers"].as_array();
        containers
            .into_iter()
            .flatten()
            .map(|it| (word(&it["state"]), word(&it["status"])))
            .collect()
    }

    fn row(&mut self, id: &str) -> Value {
        let (_, batch) = self.post("/status/batch", &json!({ "vm_uuids": [id] }));
        batch[id].clone()
    }
}

#[test]
fn an_error_comes_in_its_phase_and_ends_the_boot() {
    let (mut visitor, id) =
        met("phase = 'setting up docker'\nafter = 2.5\nerror = 'no space left on device'");
    visitor.until(CONTAINERS - 6.0 + 2.4);
    visitor.is_told(&id, "starting", "setting up docker", "-");
    assert_eq!(visitor.row(&id)["in_progress"], true);
    visitor.until(CONTAINERS - 6.0 + 2.5);
    visitor.is_told(
        &id,
        "starting",
        "setting up docker",
        "no space left on device",
    );
    let row = visitor.row(&id);
    assert_eq!(row["in_progress"], false);
    let last = row["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["event"], &last["body"]),
        (&json!("boot.error"), &json!("no space left on device"))
    );
    visitor.until(100_000.0);
    visitor.is_told(
        &id,
        "starting",
        "setting up docker",
        "no space left on device",
    );
}

#[test]
fn a_guest_powers_off_with_or_without_a_word() {
    let failed = "error = 'measurement differs'\n";
    for (error, said) in [(failed, "measurement differs"), ("", "-")] {
        let (mut visitor, id) = met(&format!(
            "phase = 'booting'\nafter = 5.0\n{error}exits_after = 4.0"
        ));
        visitor.until(3.0 + 8.9);
        visitor.is_told(&id, "starting", "booting", said);
        visitor.until(3.0 + 9.0);
        visitor.is_told(&id, "exited", "booting", said);
        let operation = visitor.get(&format!("/cvms/{id}/operations"))["items"][0].clone();
        assert_eq!(operation["status"], "failed");
        let reason = operation["error_message"].as_str().unwrap();
        let silent = "The guest powered off without a word";
        assert_eq!(reason, if said == "-" { silent } else { said });
    }
}

#[test]
fn a_boot_may_go_on_and_all_be_well_again() {
    let (mut visitor, id) = met(
        "phase = 'setting up dstack-gateway'\nafter = 1.0\nerror = 'no route'\ngoes_on = true\n\
         clears_after = 200.0",
    );
    visitor.until(CONTAINERS + 1.0);
    visitor.is_told(&id, "starting", "starting containers", "no route");
    assert_eq!(visitor.row(&id)["in_progress"], true);
    visitor.until(DONE + 1.0);
    visitor.is_told(&id, "running", "done", "no route");
    let row = visitor.row(&id);
    let events = row["events"].as_array().unwrap().iter();
    let stamps: Vec<i64> = events.map(|it| it["timestamp"].as_i64().unwrap()).collect();
    assert!(stamps.is_sorted() && stamps.len() == 10, "{stamps:?}");
    let target = format!("/cvms/{id}/network");
    let network = visitor.get(&target);
    assert_eq!(
        (&network["error"], &network["public_urls"]),
        (&json!("no route"), &Value::Null)
    );
    visitor.until(DONE + 200.0);
    visitor.is_told(&id, "running", "done", "-");
    assert!(visitor.get(&target)["public_urls"].is_array());
    // Without the word, nothing is taken back.
    let (mut visitor, id) =
        met("phase = 'setting up dstack-gateway'\nerror = 'no route'\ngoes_on = true");
    visitor.until(100_000.0);
    visitor.is_told(&id, "running", "done", "no route");
}

#[test]
fn what_goes_on_waits_for_the_mishap_and_may_still_power_off() {
    let gateway = CONTAINERS - 13.0;
    let (mut visitor, id) = met(
        "phase = 'setting up dstack-gateway'\nafter = 30.0\nerror = 'no route'\ngoes_on = true\n\
         exits_after = 20.0",
    );
    visitor.until(gateway + 29.9);
    visitor.is_told(&id, "starting", "setting up dstack-gateway", "-");
    visitor.until(gateway + 30.0);
    visitor.is_told(&id, "starting", "setting up docker", "no route");
    visitor.until(gateway + 49.9);
    visitor.is_told(&id, "starting", "starting containers", "no route");
    visitor.until(10_000.0);
    visitor.is_told(&id, "exited", "starting containers", "no route");
    assert_eq!(visitor.row(&id)["in_progress"], false);
}

#[test]
fn what_stalls_reports_nothing_and_never_ends() {
    let (mut visitor, id) = met("phase = 'requesting app keys'\nstalls = true");
    visitor.until(100_000.0);
    visitor.is_told(&id, "starting", "requesting app keys", "-");
    assert_eq!(visitor.row(&id)["in_progress"], true);
    let (mut visitor, id) = met("phase = 'creating'\nstalls = true");
    visitor.until(100_000.0);
    visitor.is_told(&id, "provisioning", "-", "-");
}

#[test]
fn a_machine_that_is_never_made_says_why_in_its_operation() {
    let (mut visitor, id) = met(
        "phase = 'creating'\nafter = 9.0\nerror = 'no GPU is free'\n\
         [[mishap.log]]\nsource = 'stderr'\nafter = -1.0\ntext = 'qemu: no device'",
    );
    visitor.until(8.9);
    visitor.is_told(&id, "provisioning", "-", "-");
    visitor.until(9.0);
    visitor.is_told(&id, "error", "-", "-");
    let operation = visitor.get(&format!("/cvms/{id}/operations"))["items"][0].clone();
    assert_eq!(
        (&operation["status"], &operation["error_message"]),
        (&json!("failed"), &json!("no GPU is free"))
    );
    assert_eq!(operation["duration_ms"], 9000);
    let log = visitor.syslog(&id);
    assert_eq!(
        visitor.lines(&format!("{log}&ch=stderr")),
        ["qemu: no device"]
    );
}

#[test]
fn a_container_may_restart_for_ever_after_all_is_done() {
    let (mut visitor, id) = met("phase = 'done'\nafter = 20.0\n\
         [[mishap.container]]\nservice = '{service}'\nstate = 'restarting'\n\
         status = 'Restarting (137) 4 seconds ago'\n\
         [[mishap.log]]\nsource = '{service}'\nafter = 1.0\nchannel = 'stderr'\ntext = 'out of memory'");
    visitor.until(DONE + 19.9);
    let up = visitor.containers(&id);
    assert_eq!(up[0].0, "running");
    visitor.until(DONE + 300.0);
    visitor.is_told(&id, "running", "done", "-");
    let seen = visitor.containers(&id);
    assert_eq!(seen[0].0, "restarting");
    assert_eq!(seen[0].1, "Restarting (137) 4 seconds ago");
    assert_eq!(seen[1].1, "Up 5 minutes (healthy)");
    let log = visitor.container_log(&id, 0);
    let last = decoded(visitor.lines(&log).last().unwrap());
    assert_eq!(last, ("stderr".to_owned(), "out of memory\n".to_owned()));
    let other = visitor.container_log(&id, 1);
    assert!(
        decoded(visitor.lines(&other).last().unwrap())
            .1
            .contains("beat")
    );
    let operation = visitor.get(&format!("/cvms/{id}/operations"))["items"][0].clone();
    assert_eq!(operation["status"], "completed");
}

#[test]
fn lines_come_at_their_moments_with_what_was_left_open() {
    let (mut visitor, id) = met(
        "phase = 'starting containers'\nafter = 12.0\nerror = 'failed'\n\
         [[mishap.log]]\nsource = 'serial'\nafter = -3.0\ntext = 'no access to {image}'\n\
         [[mishap.log]]\nsource = 'serial'\nafter = 4.0\ntext = '[FAILED] {instance}'\n\
         [[mishap.log]]\nsource = 'stdout'\nafter = 5.0\ntext = 'qemu: idle'\n\
         [[mishap.log]]\nsource = 'metrics'\nafter = 6.0\ntext = 'no {service}'\n\
         [[mishap.log]]\nsource = 'nobody'\ntext = 'unheard'",
    );
    let strikes = CONTAINERS + 12.0;
    let log = visitor.syslog(&id);
    for (at, channel, text) in [
        (strikes - 3.0, "serial", "no access to valkey/valkey:8.0"),
        (strikes + 4.0, "serial", "[FAILED] "),
        (strikes + 5.0, "stdout", "qemu: idle"),
    ] {
        let target = format!("{log}&ch={channel}");
        let count = |lines: Vec<String>| lines.iter().filter(|it| it.contains(text)).count();
        let before = usize::from(text == "[FAILED] ");
        visitor.until(at - 0.1);
        assert_eq!(count(visitor.lines(&target)), before, "{text} too early");
        visitor.until(at);
        assert_eq!(count(visitor.lines(&target)), before + 1, "{text}");
    }
    let serial = visitor.lines(&format!("{log}&ch=serial"));
    let denied = serial.iter().find(|it| it.contains("no access")).unwrap();
    assert!(denied.starts_with("[   50.000000] "), "{denied}");
    let instance = visitor.get(&format!("/cvms/{id}/state"))["instance_id"].clone();
    let failed = format!("[FAILED] {}", instance.as_str().unwrap());
    assert_eq!(*serial.last().unwrap(), failed);
    // Nothing is pulled any more, however long one waits.
    visitor.until(CONTAINERS + 500.0);
    let serial = visitor.lines(&format!("{log}&ch=serial"));
    let pulled = |line: &&String| line.contains("Pull complete");
    assert_eq!(serial.iter().filter(pulled).count(), 0);
    assert!(serial.iter().any(|line| line.contains("Downloading")));
    assert_eq!(visitor.containers(&id), [], "none was ever made");
    let kv = visitor.syslog("kv-cache");
    let others = visitor.lines(&format!("{kv}&ch=serial"));
    assert!(others.iter().all(|line| !line.contains("no access")));
}

#[test]
fn lines_of_a_container_end_with_the_guest() {
    let (mut visitor, id) = met("phase = 'done'\nafter = 10.0\nexits_after = 5.0\n\
         [[mishap.log]]\nsource = 'serial'\nafter = 4.0\ntext = 'last words'\n\
         [[mishap.log]]\nsource = 'serial'\nafter = 6.0\ntext = 'from beyond'\n\
         [[mishap.log]]\nsource = 'stdout'\nafter = 6.0\ntext = 'guest is gone'");
    visitor.until(DONE + 15.0);
    visitor.is_told(&id, "exited", "done", "-");
    visitor.until(DONE + 100.0);
    let log = visitor.syslog(&id);
    let serial = visitor.lines(&format!("{log}&ch=serial")).join("\n");
    assert!(serial.contains("last words") && !serial.contains("from beyond"));
    let manager = visitor.lines(&format!("{log}&ch=stdout")).join("\n");
    assert!(manager.contains("guest is gone"));
    let operation = visitor.get(&format!("/cvms/{id}/operations"))["items"][0].clone();
    assert_eq!(operation["status"], "completed", "it had been made well");
}

#[test]
fn a_restart_meets_it_again_unless_it_comes_once() {
    let mishap = "phase = 'starting containers'\nafter = 40.0\nerror = 'failed'";
    for (once, progress, error) in [
        ("", "starting containers", "failed"),
        ("\nonce = true", "done", "-"),
    ] {
        let (mut visitor, id) = met(&format!("{mishap}{once}"));
        visitor.until(CONTAINERS + 40.0);
        assert_eq!(visitor.told_of(&id).2, "failed");
        let target = format!("/cvms/{id}/restart");
        assert_eq!(visitor.post(&target, &json!({ "force": true })).0, 200);
        visitor.wait(60.0);
        let later = visitor.told_of(&id);
        assert_ne!(later.2, "failed", "its moment has not come");
        visitor.wait(200.0);
        let told = visitor.told_of(&id);
        assert_eq!((told.1.as_str(), told.2.as_str()), (progress, error));
    }
}

#[test]
fn a_disk_that_cannot_be_made_cannot_be_mounted_either() {
    let (mut visitor, id) = met("phase = 'initializing data disk'\nerror = 'bad disk'");
    visitor.until(100.0);
    visitor.is_told(&id, "starting", "initializing data disk", "bad disk");
    visitor.post(&format!("/cvms/{id}/restart"), &json!({ "force": true }));
    visitor.wait(100.0);
    visitor.is_told(&id, "starting", "mounting data disk", "bad disk");
}

#[test]
fn a_phase_that_is_named_is_gone_through() {
    for phase in ["attesting GPU", "init-script", "pre-launch"] {
        let (mut visitor, id) = met(&format!("phase = '{phase}'\nerror = 'exit status 1'"));
        visitor.until(100.0);
        visitor.is_told(&id, "starting", phase, "exit status 1");
    }
}

#[test]
fn a_story_of_its_own_goes_before_a_short_name_and_old_instances_are_spared() {
    let mut visitor = Visitor::changed("boot = 'stalls'\n[mishap]\nphase = 'booting'\nerror = 'x'");
    let (_, vm) = visitor.direct("kv-cache", &json!({}));
    let id = vm["vm_uuid"].as_str().unwrap().to_owned();
    visitor.post("/cvms/orders-api-1/restart", &json!({ "force": true }));
    visitor.until(300.0);
    visitor.is_told(&id, "starting", "booting", "x");
    visitor.is_told("orders-api-1", "running", "done", "-");
    let mut healthy = Visitor::changed("boot = 'healthy'");
    let (_, vm) = healthy.direct("kv-cache", &json!({}));
    healthy.until(300.0);
    healthy.is_told(vm["vm_uuid"].as_str().unwrap(), "running", "done", "-");
}

#[test]
fn containers_follow_the_boot() {
    let mut visitor = Visitor::changed("");
    let (_, vm) = visitor.direct("kv-cache", &json!({}));
    let id = vm["vm_uuid"].as_str().unwrap().to_owned();
    visitor.until(CONTAINERS + 75.9);
    assert_eq!(visitor.containers(&id), [], "images are being pulled");
    for (at, state, status) in [
        (CONTAINERS + 76.0, "created", "Created"),
        (DONE + 12.0, "running", "Up 12 seconds (health: starting)"),
        (DONE + 181.0, "running", "Up 3 minutes (healthy)"),
    ] {
        visitor.until(at);
        let words = (state.to_owned(), status.to_owned());
        assert_eq!(visitor.containers(&id), [words.clone(), words]);
    }
}

#[test]
fn a_boot_says_what_it_pulls_and_two_things_that_mean_nothing() {
    let mut visitor = Visitor::changed("");
    let (_, vm) = visitor.direct("kv-cache", &json!({}));
    let log = visitor.syslog(vm["vm_uuid"].as_str().unwrap());
    let serial = format!("{log}&ch=serial");
    let mut before = 0;
    for fifth in 1..=5 {
        visitor.until(CONTAINERS + 15.2 * f64::from(fifth));
        let lines = visitor.lines(&serial).len();
        assert!(lines > before + 2, "something is said all the time");
        before = lines;
    }
    let lines = visitor.lines(&serial);
    for text in [
        "cache Pulling",
        "metrics Pulling",
        "cache Pulled",
        "metrics Pulled",
    ] {
        let said = format!("app-compose.sh[302]: {text}");
        assert_eq!(
            lines.iter().filter(|it| it.ends_with(&said)).count(),
            1,
            "{text}"
        );
    }
    assert!(lines.contains(&"[FAILED] Failed to start Virtual Console Setup.".to_owned()));
    let display = "kernel: [drm] failed to open /dev/dri: no display";
    assert!(lines.iter().any(|line| line.ends_with(display)));
}

#[test]
fn figures_move_and_say_the_same_in_every_run() {
    let told = || {
        let mut visitor = Visitor::to("on-chain");
        let mut told = Vec::new();
        for _ in 0..40 {
            told.push(visitor.get("/cvms/kv-cache/stats")["sysinfo"].clone());
            visitor.wait(60.0);
        }
        told
    };
    let figures = told();
    assert_eq!(figures, told());
    let of = |member: &str| -> Vec<u64> {
        let figures = figures.iter().map(|it| it[member].as_u64().unwrap());
        figures.collect()
    };
    let memory = of("used_memory");
    assert!(memory.windows(2).any(|pair| pair[0] < pair[1]));
    assert!(memory.windows(2).any(|pair| pair[0] > pair[1]));
    assert!(memory.iter().all(|used| *used < of("total_memory")[0]));
    for member in ["loadavg_one", "loadavg_five", "loadavg_fifteen"] {
        let mut load = of(member);
        load.dedup();
        assert!(load.len() > 3, "{member}: {load:?}");
    }
    let free: Vec<u64> = figures
        .iter()
        .map(|it| it["disks"][0]["free_size"].as_u64().unwrap())
        .collect();
    assert!(
        free.is_sorted_by(|a, b| a >= b) && free[0] > free[39],
        "{free:?}"
    );
    let mut visitor = Visitor::to("on-chain");
    let [one, other] = ["orders-api-1", "orders-api-2"]
        .map(|name| visitor.get(&format!("/cvms/{name}/stats"))["sysinfo"].clone());
    assert_ne!(one["used_memory"], other["used_memory"]);
}

#[test]
fn a_batch_tells_of_every_instance_of_an_app() {
    let mut visitor = Visitor::to("already-registered");
    let ticket = visitor.prepared();
    let (_, vm) = visitor.commit(&ticket);
    let new = vm["vm_uuid"].as_str().unwrap().to_owned();
    visitor.post("/cvms/orders-api-1/stop", &json!({}));
    visitor.wait(1.0);
    let app = visitor.app_id("orders-api");
    let cvms = visitor.get(&format!("/apps/{app}/cvms"));
    let ids: Vec<String> = cvms
        .as_array()
        .unwrap()
        .iter()
        .map(|cvm| cvm["vm_uuid"].as_str().unwrap().to_owned())
        .collect();
    let (_, batch) = visitor.post("/status/batch", &json!({ "vm_uuids": ids }));
    assert_eq!(batch.as_object().unwrap().len(), 3);
    for id in &ids {
        let row = &batch[id];
        assert_eq!(row["vm_uuid"], *id);
        assert!(row["status"].is_string() && row["in_progress"].is_boolean());
        let events = row["events"].as_array().unwrap();
        assert!(
            events
                .iter()
                .all(|it| it["event"].is_string() && it["body"].is_string())
        );
        let stamps: Vec<i64> = events
            .iter()
            .map(|it| it["timestamp"].as_i64().unwrap())
            .collect();
        assert!(stamps.is_sorted(), "newest last: {stamps:?}");
        let busy = row["in_progress"] == true;
        for member in ["operation_type", "operation_started_at", "correlation_id"] {
            assert_eq!(row[member].is_string(), busy, "{member}");
        }
        assert_eq!(row["operation"].is_object(), busy);
    }
    let words = |id: &str| {
        let row = &batch[id];
        (row["status"].clone(), row["operation_type"].clone())
    };
    assert_eq!(words(&new), (json!("provisioning"), json!("create")));
    let stopping = visitor.get("/cvms/orders-api-1")["vm_uuid"].clone();
    let stopping = stopping.as_str().unwrap();
    assert_eq!(words(stopping), (json!("stopping"), json!("stop")));
    assert_eq!(batch[stopping]["shutdown_progress"], "powering off");
    assert_eq!(batch[stopping]["events"][0]["event"], "shutdown.progress");
    let running = ids
        .iter()
        .find(|id| **id != new && *id != stopping)
        .unwrap();
    let usage = &batch[running.as_str()]["resource_usage"];
    has(
        usage,
        "cpu_percent memory_used_bytes memory_total_bytes egress_bytes",
    );
    assert_eq!(batch[&new]["resource_usage"], Value::Null);
}
