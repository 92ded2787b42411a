//! Why an instance does not come up, or does not stay up: what was said of it and by it, judged.
//!
//! Pure: words in, one cause out, or none. It asks nobody, knows no clock, no service and no screen, and it does not
//! guess: what no known words explain stays unknown, and the screen says so.
//!
//! The rule, in the order in which it is applied:
//!
//! 1. A creation that failed has no boot: only its own words count.
//! 2. A line counts only from a speaker it can be of (`line`), and only if it explains a boot that stands where this
//!    one stands (`stage`): what the boot went past is no cause. Of the console only the newest boot counts, and a
//!    container's lines only if that container is in trouble.
//! 3. If the reported error itself says why, that is the cause, and the first line that says the same is shown for it.
//! 4. Otherwise a line that says why comes before one that says what is mostly behind it, before one that says only
//!    where; among equals the first, because what follows is mostly its echo. What docker says of the containers comes
//!    after lines of the same weight.
//! 5. A variable that docker compose found blank is the cause only if what failed can come from a gap, or if the
//!    container in trouble names it. Most blank variables are harmless.

mod advice;
mod cause;
pub mod harmless;
mod line;
mod scene;
mod sentence;
mod signs;
mod stage;
mod subject;

pub use cause::{Cause, Repair};

use crate::shown::Shown;
use line::{APP, COMPOSE, CREATION, GUEST, Heard, REPORT};
use scene::Scene;
use signs::Weight;

/// Characters of a line that are shown.
const MOST_TEXT: usize = 600;
/// Characters of a subject that are shown.
const MOST_SUBJECT: usize = 160;

/// What is known about an instance that does not come up, or does not stay up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The word of `status`.
    pub status: &'a str,
    /// The word of `boot_progress` it stands at; empty if there is none.
    pub phase: &'a str,
    /// `boot_error`.
    pub error: Option<&'a str>,
    /// What is said of the creation that failed, or of the refusal to create it: code and words.
    pub creation: Option<&'a str>,
    /// Lines of its logs, newest last. Lines of one source are in order; how sources are mixed does not matter.
    pub lines: &'a [LogLine<'a>],
    /// Its containers.
    pub containers: &'a [ContainerSeen<'a>],
    /// What is known of the deployment.
    pub known: Known<'a>,
}

/// A line of a log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogLine<'a> {
    /// `serial`, `stdout` or `stderr` of the machine, or the service or container that said it.
    pub source: &'a str,
    /// Its number in the log it is from.
    pub number: u64,
    /// The line, as it came.
    pub text: &'a str,
}

/// A container, in the words of docker.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContainerSeen<'a> {
    /// Its name, or its service's.
    pub name: &'a str,
    /// `running`, `restarting`, `exited`, …
    pub state: &'a str,
    /// `Restarting (137) 4 seconds ago`, `Up 2 minutes (unhealthy)`, …
    pub status: &'a str,
}

/// What is known of the deployment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Names of the variables it sets.
    pub env_names: &'a [String],
    /// Images of its compose file; may be empty.
    pub images: &'a [String],
}

/// The verdict. None at all means: unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Why.
    pub cause: Cause,
    /// What says so.
    pub rests_on: Rest,
    /// The image, variable, port or container it is about.
    pub subject: Option<Shown>,
}

/// What a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// A line of a log.
    Log {
        /// The log.
        source: Shown,
        /// The number of the line in it.
        number: u64,
        /// The line.
        text: Shown,
    },
    /// The error that was reported of the boot.
    BootError(Shown),
    /// What was said of the creation.
    Creation(Shown),
    /// What docker says of a container.
    Container {
        /// Its name.
        name: Shown,
        /// Its status.
        status: Shown,
    },
    /// The status word alone.
    Status,
}

impl Diagnosis {
    /// The cause as a sentence, with what it is about.
    pub fn sentence(&self) -> String {
        self.cause.sentence(self.subject.as_ref())
    }

    /// What fits to it from what is known.
    pub fn why(&self, known: &Known<'_>) -> Option<String> {
        self.cause.why(self.subject.as_ref(), known)
    }
}

/// A cause that may be the one, while others are still looked for.
struct Found {
    cause: Cause,
    weight: Weight,
    subject: Option<String>,
    rests_on: Rest,
    gap: bool,
}

/// The cause, if known words explain what is seen.
///
/// ```
/// use phala_wizard::diagnosis::{Cause, Evidence, LogLine, diagnose};
///
/// let lines = [LogLine {
///     source: "serial",
///     number: 412,
///     text: "app-compose.sh[302]: Error response from daemon: pull access denied for acme/api, repository \
///            does not exist or may require 'docker login'",
/// }];
/// let evidence = Evidence {
///     status: "running",
///     phase: "starting containers",
///     error: Some("failed to start containers"),
///     lines: &lines,
///     ..Evidence::default()
/// };
/// let found = diagnose(&evidence).expect("a telling line");
/// assert_eq!(found.cause, Cause::ImageDenied);
/// assert_eq!(found.subject.expect("an image").as_str(), "acme/api");
/// ```
pub fn diagnose(evidence: &Evidence<'_>) -> Option<Diagnosis> {
    if let Some(text) = evidence.creation.filter(|text| !text.trim().is_empty()) {
        return of_creation(text).map(|found| told(found, evidence));
    }
    let scene = Scene::new(evidence);
    if scene.is_well() {
        return None;
    }
    let reported = evidence.error.and_then(|error| of_error(error, &scene));
    let best = match reported {
        Some(reported) if reported.weight == Weight::Why => {
            let same = of_lines(evidence, &scene, Some(reported.cause))
                .filter(|found| found.cause == reported.cause);
            better(same, Some(reported))
        }
        other => {
            let cause = other.as_ref().map(|found| found.cause);
            let lines = of_lines(evidence, &scene, cause);
            // What is reported without a reason rests on the line before it, where there is one.
            let line = better(lines, other);
            better(line, of_containers(evidence))
        }
    };
    let best = best.or_else(|| of_status(evidence))?;
    Some(told(best, evidence))
}

/// The better of two; the first, if neither is.
fn better(one: Option<Found>, other: Option<Found>) -> Option<Found> {
    match (one, other) {
        (Some(one), Some(other)) if other.weight > one.weight => Some(other),
        (one, other) => one.or(other),
    }
}

/// Finishes it: what is missing is filled in from what is known, and everything is made safe to show.
fn told(found: Found, evidence: &Evidence<'_>) -> Diagnosis {
    let known = &evidence.known;
    let mut cause = found.cause;
    let mut subject = found.subject;
    let of_an_image = matches!(
        cause,
        Cause::ImageNotFound | Cause::ImageDenied | Cause::WrongArchitecture | Cause::PullLimit
    );
    if let ([only], None, true) = (known.images, &subject, of_an_image) {
        subject = Some(only.clone());
    }
    if cause == Cause::EnvMissing
        && let Some(name) = &subject
        && known.env_names.contains(name)
    {
        cause = Cause::EnvNotAllowed;
    }
    Diagnosis {
        cause,
        rests_on: found.rests_on,
        subject: subject.map(|subject| Shown::bounded(&subject, MOST_SUBJECT)),
    }
}

fn of_creation(text: &str) -> Option<Found> {
    let heard = Heard::text(CREATION, text);
    let (sign, subject) = signs::read(&heard, stage::ANYWHERE, None)?;
    Some(Found {
        cause: sign.cause,
        weight: sign.weight,
        subject,
        rests_on: Rest::Creation(Shown::bounded(text, MOST_TEXT)),
        gap: false,
    })
}

/// The reported error counts wherever the boot stands by now: it is what has to be explained.
fn of_error(error: &str, scene: &Scene) -> Option<Found> {
    let heard = Heard::text(REPORT, error);
    let (sign, subject) = signs::read(&heard, scene.stage, None)
        .or_else(|| signs::read(&heard, stage::ANYWHERE, None))?;
    Some(Found {
        cause: sign.cause,
        weight: sign.weight,
        subject,
        rests_on: Rest::BootError(Shown::bounded(error, MOST_TEXT)),
        gap: false,
    })
}

/// The best line, as rules 2, 4 and 5 have it.
fn of_lines(evidence: &Evidence<'_>, scene: &Scene, reported: Option<Cause>) -> Option<Found> {
    let mut best: Option<Found> = None;
    // What the scripts said last before one of them failed tells more than that it failed.
    let mut said: Option<&LogLine<'_>> = None;
    for (place, line) in evidence.lines.iter().enumerate() {
        if !scene.counts(place, line) {
            continue;
        }
        let heard = Heard::new(line.source, line.text);
        if let Some((sign, subject)) = signs::read(&heard, scene.stage, reported) {
            let failed = sign.cause == Cause::ScriptFailed;
            let shown = said.filter(|_| failed).unwrap_or(line);
            let found = Found {
                cause: sign.cause,
                weight: sign.weight,
                subject,
                rests_on: logged(shown),
                gap: sign.gap,
            };
            best = better(best, Some(found));
        } else if heard.is_of(APP)
            && let Some(blank) = scene.blank_in(&heard.body)
        {
            best = better(best, Some(missing(blank, evidence)));
        } else if heard.is_of(COMPOSE | GUEST) && !heard.body.is_empty() {
            said = Some(line);
        }
    }
    if reported == Some(Cause::ScriptFailed) && best.is_none() {
        best = said.map(|line| Found {
            cause: Cause::ScriptFailed,
            weight: Weight::Where,
            subject: evidence
                .error
                .and_then(|error| subject::exit_code(error, &error.to_ascii_lowercase())),
            rests_on: logged(line),
            gap: false,
        });
    }
    match (best, scene.blanks.first()) {
        (Some(found), Some(blank)) if found.gap => Some(missing(blank, evidence)),
        (best, _) => best,
    }
}

fn missing(blank: &scene::Blank, evidence: &Evidence<'_>) -> Found {
    Found {
        cause: Cause::EnvMissing,
        weight: Weight::Why,
        subject: Some(blank.name.clone()),
        rests_on: logged(&evidence.lines[blank.place]),
        gap: false,
    }
}

fn logged(line: &LogLine<'_>) -> Rest {
    Rest::Log {
        source: Shown::bounded(line.source, MOST_SUBJECT),
        number: line.number,
        text: Shown::bounded(line.text, MOST_TEXT),
    }
}

/// The first container that ends, or else the first that is not healthy.
fn of_containers(evidence: &Evidence<'_>) -> Option<Found> {
    evidence
        .containers
        .iter()
        .filter_map(|seen| {
            let (cause, weight) = scene::trouble(seen)?;
            Some(Found {
                cause,
                weight,
                subject: Some(subject::service(seen.name).to_owned()),
                rests_on: Rest::Container {
                    name: Shown::bounded(seen.name, MOST_SUBJECT),
                    status: Shown::bounded(seen.status, MOST_TEXT),
                },
                gap: false,
            })
        })
        .fold(None, |best, found| match best {
            Some(Found {
                cause: Cause::ContainerUnhealthy,
                ..
            }) if found.cause != Cause::ContainerUnhealthy => Some(found),
            best => better(best, Some(found)),
        })
}

/// A machine that is gone without a word of anybody has ended by itself; nothing more is known.
fn of_status(evidence: &Evidence<'_>) -> Option<Found> {
    let unexplained = evidence.error.is_none_or(|error| error.trim().is_empty());
    (unexplained && evidence.status.eq_ignore_ascii_case("exited")).then_some(Found {
        cause: Cause::MachineExited,
        weight: Weight::Where,
        subject: None,
        rests_on: Rest::Status,
        gap: false,
    })
}

#[cfg(test)]
mod tests;
