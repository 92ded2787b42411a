//! What has to be known before a single line is judged: where the boot stands, where the newest one begins in the
//! console, which containers are in trouble, and which variables docker compose found blank.
//!
//! It names no cause of a boot that failed.

use super::line::{COMPOSE, Heard};
use super::signs::{self, Weight};
use super::stage::{self, Stages};
use super::{Cause, ContainerSeen, Evidence, LogLine, subject};

/// Blank variables beyond this are not kept.
const MOST_BLANKS: usize = 64;
/// Services in trouble beyond this are not kept.
const MOST_BROKEN: usize = 64;

/// What the default script says when its pull failed and it goes on all the same.
const PULL_GIVEN_UP: &str = "docker compose pull failed; continuing";

/// The scene of a boot.
pub(super) struct Scene {
    pub(super) stage: Stages,
    /// Variables docker compose puts nothing in the place of, in the newest boot.
    pub(super) blanks: Vec<Blank>,
    /// Services in trouble.
    broken: Vec<String>,
    /// Where the newest boot begins, or what it did not go past, as a place among the lines.
    begins: usize,
    /// Something is wrong, as far as status, error and containers tell.
    in_trouble: bool,
}

/// A variable that docker compose found blank.
pub(super) struct Blank {
    pub(super) name: String,
    /// The place of the line that says so.
    pub(super) place: usize,
}

impl Scene {
    pub(super) fn new(evidence: &Evidence<'_>) -> Self {
        let mut scene = Self {
            stage: stage::ANYWHERE,
            blanks: Vec::new(),
            broken: Vec::new(),
            begins: 0,
            in_trouble: false,
        };
        for seen in evidence.containers {
            if trouble(seen).is_some() {
                scene.breaks(subject::service(seen.name));
            }
        }
        let mut heard_of = None;
        let serial = evidence.lines.iter().enumerate();
        for (place, line) in serial.filter(|(_, line)| line.source == "serial") {
            let heard = Heard::new(line.source, line.text);
            if heard.body.starts_with("Linux version ") {
                scene.begins = place;
                scene.blanks.clear();
                heard_of = None;
            }
            let step = stage::of_line(&heard.body);
            // The scripts are over, whatever they complained of; the default one says so of its own pull, too.
            if step == Some(stage::CONTAINERS) || heard.low.contains(PULL_GIVEN_UP) {
                scene.begins = place;
            }
            heard_of = step.or(heard_of);
            scene.hear(&heard, place);
        }
        scene.stage = stage::of_progress(evidence.phase)
            .or(heard_of)
            .unwrap_or(stage::ANYWHERE);
        let ended = ["exited", "stopped", "error", "failed"]
            .iter()
            .any(|word| evidence.status.eq_ignore_ascii_case(word));
        let reported = evidence.error.is_some_and(|error| !error.trim().is_empty());
        scene.in_trouble = ended || reported || !scene.broken.is_empty();
        scene
    }

    fn hear(&mut self, heard: &Heard<'_>, place: usize) {
        if let Some(name) = signs::blank(heard).filter(|_| self.blanks.len() < MOST_BLANKS) {
            self.blanks.push(Blank { name, place });
        }
        let says = |words: &[&str]| words.iter().any(|words| heard.low.contains(words));
        if heard.is_of(COMPOSE)
            && says(&["dependency failed to start", "didn't complete successfully"])
            && let Some(service) = subject::container(&heard.body, &heard.low)
        {
            self.breaks(subject::service(&service));
        }
    }

    fn breaks(&mut self, service: &str) {
        if self.broken.len() < MOST_BROKEN {
            self.broken.push(service.to_owned());
        }
    }

    /// Whether it has booted and nothing says that it is not well.
    pub(super) fn is_well(&self) -> bool {
        self.stage == stage::DONE && !self.in_trouble
    }

    /// Whether the line may be evidence at all.
    pub(super) fn counts(&self, place: usize, line: &LogLine<'_>) -> bool {
        match line.source {
            "serial" => place >= self.begins,
            "stdout" | "stderr" => true,
            source => {
                let service = subject::service(source);
                self.broken.iter().any(|broken| broken == service)
            }
        }
    }

    /// The blank variable that is named in these words, as a word of its own.
    pub(super) fn blank_in(&self, words: &str) -> Option<&Blank> {
        if self.blanks.is_empty() {
            return None;
        }
        words
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .find_map(|word| self.blanks.iter().find(|blank| blank.name == word))
    }
}

/// What is wrong with a container, if something is.
///
/// 137 is a process that was killed, which the kernel does when memory runs out; docker does it too, but rarely to one
/// that is to stay up. A container that ended with 0 has done its work, unless it is started again and again.
pub(super) fn trouble(seen: &ContainerSeen<'_>) -> Option<(Cause, Weight)> {
    let state = seen.state.to_ascii_lowercase();
    let status = seen.status.to_ascii_lowercase();
    let code = status
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(code, _)| code.parse::<u8>().ok());
    let restarting = state == "restarting" || status.starts_with("restarting");
    let exited = state == "exited" || state == "dead" || status.starts_with("exited");
    match code {
        Some(137) if restarting || exited => Some((Cause::OutOfMemory, Weight::Likely)),
        _ if restarting => Some((Cause::ContainerExits, Weight::Where)),
        Some(0) => None,
        _ if exited => Some((Cause::ContainerExits, Weight::Where)),
        _ => status
            .contains("(unhealthy)")
            .then_some((Cause::ContainerUnhealthy, Weight::Where)),
    }
}
