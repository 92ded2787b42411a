//! The lines of every log, as a function of what an instance lived through.
//!
//! Words are made up in the manner of the real ones; moments are those of the boot's phases.

use super::Source;
use crate::sandbox::{
    boot::{Course, State, Why},
    cvm::Cvm,
    document::Service,
    moment::Moment,
};

/// Seconds between two signs of life of a container.
const BEAT: f64 = 30.0;
/// Seconds after which lines of a container are rotated away.
const KEPT: f64 = 6.0 * 3600.0;

/// One line of a log.
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
    }
    let mut lines = log.0;
    lines.retain(|line| line.at <= now);
    lines.sort_by_key(|line| line.at);
    lines
}

/// One life of an instance, as far as it came.
struct Told {
    since: Moment,
    until: Moment,
    course: Course,
    state: State,
    /// Another life came after it.
    is_over: bool,
}

impl Told {
    /// When this word of the boot was said, if it was.
    fn when(&self, word: &str) -> Option<Moment> {
        let mut events = self.state.events.iter();
        events
            .find(|(_, _, body)| *body == word)
            .map(|(at, _, _)| *at)
    }

    fn switched_on(&self) -> Option<Moment> {
        self.state.events.first().map(|(at, _, _)| *at)
    }

    fn error(&self) -> Option<Moment> {
        self.when(self.state.error?)
    }

    /// When the guest was told to end, if it was.
    fn told_to_end(&self) -> Option<Moment> {
        (self.is_over && self.state.exited_at.is_none()).then_some(self.until)
    }
}

fn lives(cvm: &Cvm, now: Moment) -> impl Iterator<Item = Told> {
    let mut lives = cvm.past.iter().chain([&cvm.life]).peekable();
    std::iter::from_fn(move || {
        let life = lives.next()?;
        let next = lives.peek();
        let until = next.map_or(now, |next| next.since);
        Some(Told {
            since: life.since,
            until,
            course: life.course,
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
fn serial(life: &Told, cvm: &Cvm, log: &mut Log) {
    let Some(start) = life.switched_on() else {
        if matches!(life.course, Course::Stop { .. }) {
            let end = life.state.exited_at.unwrap_or(life.until);
            log.say(life.since, "systemd[1]: Stopping app-compose.service...");
            log.say(end, "reboot: Power down");
        }
        return;
    };
    let mut say = |at: Moment, text: &str| {
        let seconds = at.since(start);
        log.say(at, format!("[{seconds:>12.6}] {text}"));
    };
    for (after, text) in [
        (0.0, "Linux version 6.9.0-dstack"),
        (0.1, "tdx: Guest detected"),
        (1.2, "EXT4-fs (dm-0): mounted filesystem ro"),
        (2.0, "systemd[1]: Hostname set to <dstack>"),
    ] {
        say(start.plus(after), text);
    }
    for (at, name, body) in &life.state.events {
        match *name {
            "boot.error" => say(*at, &format!("dstack-prepare.sh[231]: Error: {body}")),
            "instance.info" => say(
                *at,
                &format!("dstack-util[244]: instance id {}", cvm.instance_id),
            ),
            _ => say(*at, &format!("dstack-prepare.sh[231]: {body}")),
        }
    }
    if let Some(begin) = life.when("starting containers") {
        let done = life.when("done");
        let pulls = matches!(
            life.course,
            Course::Boot {
                why: Why::Create | Why::Update,
                ..
            }
        );
        let mut at = begin;
        for service in cvm.document.services() {
            at = at.plus(1.0);
            if pulls {
                say(
                    at,
                    &format!("app-compose.sh[302]: {} Pulling", service.image),
                );
            }
            if let Some(done) = done {
                let name = &service.name;
                say(
                    done,
                    &format!("app-compose.sh[302]: Container dstack-{name}-1 Started"),
                );
            }
        }
    }
    if let Some(exit) = life.state.exited_at {
        say(exit, "reboot: Power down");
    } else if let Some(end) = life.told_to_end() {
        say(end, "systemd[1]: Stopping app-compose.service...");
    }
}

/// What the process around the guest says.
fn manager(life: &Told, cvm: &Cvm, log: &mut Log) {
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

fn manager_trouble(life: &Told, log: &mut Log) {
    if let Some(start) = life.switched_on() {
        log.on(
            "stderr",
            start.plus(0.1),
            "qemu: warning: TDX forces the guest's memory to be private",
        );
    }
}

/// A container from its start to the end of this life, as far as lines are kept.
fn container(life: &Told, cvm: &Cvm, name: &str, log: &mut Log) {
    let services = cvm.document.services();
    let Some(place) = services.iter().position(|service| service.name == name) else {
        return;
    };
    let service = &services[place];
    if let Some(start) = life.when("done") {
        running(life, service, start, log);
    } else if let Some(failed) = life
        .error()
        .filter(|_| life.when("starting containers").is_some())
        && place == 0
    {
        log.say(failed.plus(-3.0), format!("{name}: starting"));
        log.on(
            "stderr",
            failed.plus(-1.0),
            format!("{name}: fatal: configuration is incomplete"),
        );
    }
}

fn running(life: &Told, service: &Service, start: Moment, log: &mut Log) {
    let name = &service.name;
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
    while start.plus(beat * BEAT) <= life.until {
        let at = start.plus(beat * BEAT);
        if beat % 7.0 < 0.5 {
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
