//! The lines of every log, as a function of what an instance lived through.
//!
//! Words are made up in the manner of the real ones; moments are those of the boot's phases.

use super::{Source, pulling};
use crate::sandbox::{
    boot::{Course, Life, State},
    cvm::Cvm,
    document::Service,
    moment::Moment,
};

/// Seconds between two signs of life of a container.
const BEAT: f64 = 30.0;
/// Seconds after which lines of a container are rotated away.
const KEPT: f64 = 6.0 * 3600.0;
/// The first phases in which scripts run instead of the guest's own services. They report to the host alone what went
/// wrong; on the console is only what their programs said.
const SCRIPTS: [&str; 2] = ["pre-launch", "starting containers"];

/// One line of a log.
#[derive(PartialEq, Debug)]
pub(super) struct Line {
    pub(super) at: Moment,
    pub(super) channel: &'static str,
    pub(super) text: String,
}

/// All lines up to now, oldest first.
pub(super) fn all(cvm: &Cvm, source: &Source, now: Moment) -> Vec<Line> {
    let mut log = Log(Vec::new());
    for life in lives(cvm, now) {
        match source {
            Source::Serial => serial(&life, cvm, &mut log),
            Source::Stdout => manager(&life, cvm, &mut log),
            Source::Stderr => manager_trouble(&life, &mut log),
            Source::Container(name) => container(&life, cvm, name, &mut log),
        }
        told_of_mishap(&life, cvm, source, &mut log);
    }
    let mut lines = log.0;
    lines.retain(|line| line.at <= now);
    lines.sort_by_key(|line| line.at);
    lines
}

/// One life of an instance, as far as it came.
struct Told<'a> {
    life: &'a Life,
    until: Moment,
    state: State,
    /// Another life came after it.
    is_over: bool,
}

impl Told<'_> {
    /// When the boot was done, if it was.
    fn done(&self) -> Option<Moment> {
        self.state.when("boot.progress", "done")
    }

    fn switched_on(&self) -> Option<Moment> {
        self.state.events.first().map(|(at, _, _)| *at)
    }

    /// When the guest was told to end, if it was.
    fn told_to_end(&self) -> Option<Moment> {
        (self.is_over && self.state.exited_at.is_none()).then_some(self.until)
    }
}

fn lives(cvm: &Cvm, now: Moment) -> impl Iterator<Item = Told<'_>> {
    let mut lives = cvm.past.iter().chain([&cvm.life]).peekable();
    std::iter::from_fn(move || {
        let life = lives.next()?;
        let next = lives.peek();
        let until = next.map_or(now, |next| next.since);
        Some(Told {
            life,
            until,
            state: life.state(until),
            is_over: next.is_some(),
        })
    })
}

struct Log(Vec<Line>);

impl Log {
    fn say(&mut self, at: Moment, text: impl Into<String>) {
        self.on("stdout", at, text);
    }

    fn on(&mut self, channel: &'static str, at: Moment, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Line { at, channel, text });
    }
}

/// The guest's console.
fn serial(life: &Told<'_>, cvm: &Cvm, log: &mut Log) {
    let Some(start) = life.switched_on() else {
        if matches!(life.life.course, Course::Stop { .. }) {
            let end = life.state.exited_at.unwrap_or(life.until);
            log.say(
                life.life.since,
                "systemd[1]: Stopping app-compose.service...",
            );
            log.say(end, "reboot: Power down");
        }
        return;
    };
    let mut say = |at: Moment, text: &str| log.say(at, on_console(start, at, text));
    for (after, text) in [
        (0.0, "Linux version 6.9.0-dstack"),
        (0.1, "tdx: Guest detected"),
        // Both of these come at every boot and mean nothing.
        (0.9, "kernel: [drm] failed to open /dev/dri: no display"),
        (1.2, "EXT4-fs (dm-0): mounted filesystem ro"),
        (1.6, "[FAILED] Failed to start Virtual Console Setup."),
        (2.0, "systemd[1]: Hostname set to <dstack>"),
    ] {
        say(start.plus(after), text);
    }
    let mut by_scripts = false;
    for (at, name, body) in &life.state.events {
        by_scripts |= *name == "boot.progress" && SCRIPTS.contains(&body.as_str());
        match *name {
            "boot.error" if by_scripts => (),
            "boot.error" => say(*at, &format!("dstack-prepare.sh[231]: Error: {body}")),
            "instance.info" => say(
                *at,
                &format!("dstack-util[244]: instance id {}", cvm.instance_id),
            ),
            _ => say(*at, &format!("dstack-prepare.sh[231]: {body}")),
        }
    }
    let services = cvm.document.services();
    if let Some((from, to)) = life.life.pulling() {
        let fate = life.life.fate().filter(|fate| !fate.mishap.goes_on);
        let end = fate.map(|fate| fate.at);
        for (at, text) in pulling::lines(&services, from, to) {
            if end.is_none_or(|end| at < end) {
                say(at, &format!("app-compose.sh[302]: {text}"));
            }
        }
    }
    if let Some(done) = life.done() {
        for Service { name, .. } in &services {
            say(
                done,
                &format!("app-compose.sh[302]: Container dstack-{name}-1 Started"),
            );
        }
    }
    if let Some(exit) = life.state.exited_at {
        say(exit, "reboot: Power down");
    } else if let Some(end) = life.told_to_end() {
        say(end, "systemd[1]: Stopping app-compose.service...");
    }
}

/// The console puts the kernel's time before everything but what is in brackets already.
fn on_console(start: Moment, at: Moment, text: &str) -> String {
    if text.starts_with('[') {
        return text.to_owned();
    }
    let seconds = at.since(start);
    format!("[{seconds:>12.6}] {text}")
}

/// What the logs hold of what went wrong, as far as this life came.
fn told_of_mishap(life: &Told<'_>, cvm: &Cvm, source: &Source, log: &mut Log) {
    let Some(fate) = life.life.fate() else {
        return;
    };
    let wanted = match source {
        Source::Serial => "serial",
        Source::Stdout => "stdout",
        Source::Stderr => "stderr",
        Source::Container(name) => name,
    };
    // A guest that is off says nothing; the process around it may.
    let guest_ends = life.state.exited_at.unwrap_or(life.until);
    let end = match source {
        Source::Serial | Source::Container(_) => guest_ends,
        Source::Stdout | Source::Stderr => life.until,
    };
    for said in &fate.mishap.lines {
        let at = fate.at.plus(said.after);
        if cvm.filled_in(&said.source) != wanted || at > end {
            continue;
        }
        for text in cvm.filled_in(&said.text).lines() {
            match source {
                Source::Serial => {
                    let start = life.switched_on().unwrap_or(life.life.since);
                    log.say(at, on_console(start, at, text));
                }
                Source::Stdout => log.say(at, text),
                Source::Stderr => log.on("stderr", at, text),
                Source::Container(_) => log.on(said.channel.word(), at, text),
            }
        }
    }
}

/// What the process around the guest says.
fn manager(life: &Told<'_>, cvm: &Cvm, log: &mut Log) {
    if let Some(start) = life.switched_on() {
        log.say(
            start,
            format!(
                "qemu: {} vCPU, {} MB, {} GB, image {}",
                cvm.size.vcpu, cvm.size.memory_mb, cvm.size.disk_gb, cvm.image
            ),
        );
        log.say(start.plus(0.2), "qemu: guest started");
    }
    if let Some(end) = life.state.exited_at.or(life.told_to_end()) {
        log.say(end, "qemu: guest powered off");
    }
}

fn manager_trouble(life: &Told<'_>, log: &mut Log) {
    if let Some(start) = life.switched_on() {
        log.on(
            "stderr",
            start.plus(0.1),
            "qemu: warning: TDX forces the guest's memory to be private",
        );
    }
}

/// A container from its start to the end of this life, as far as lines are kept.
fn container(life: &Told<'_>, cvm: &Cvm, name: &str, log: &mut Log) {
    let services = cvm.document.services();
    let service = services.iter().find(|service| service.name == name);
    if let (Some(service), Some(start)) = (service, life.done()) {
        running(life, cvm, service, start, log);
    }
}

fn running(life: &Told<'_>, cvm: &Cvm, service: &Service, start: Moment, log: &mut Log) {
    let name = &service.name;
    // What a mishap says of this container is all there is of it as long as that lasts.
    let fate = life.life.fate();
    let fate = fate.filter(|fate| cvm.seen(fate.mishap, name).is_some());
    let until = life.state.exited_at.unwrap_or(life.until);
    let kept = life.until.plus(-KEPT);
    if start >= kept {
        log.say(start, format!("{name}: starting"));
        for port in &service.ports {
            log.say(
                start.plus(0.4),
                format!("{name}: listening on 0.0.0.0:{port}"),
            );
        }
    }
    let mut beat = (kept.since(start) / BEAT).ceil().max(1.0);
    while start.plus(beat * BEAT) <= until {
        let at = start.plus(beat * BEAT);
        if fate.is_some_and(|fate| fate.lasts_at(at)) {
            // Silent.
        } else if beat % 7.0 < 0.5 {
            log.on(
                "stderr",
                at,
                format!("{name}: warning: slow answer, 412 ms"),
            );
        } else {
            log.say(at, format!("{name}: healthy, beat {beat}"));
        }
        beat += 1.0;
    }
    if let Some(end) = life.told_to_end() {
        log.say(end, format!("{name}: received SIGTERM, ending"));
    }
}
