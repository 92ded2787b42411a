//! What goes wrong in a boot, as a file tells it: when, what is said of it, and what the logs hold.
//!
//! Data and its checks. What follows from them is known by the timetable and by the logs; no failure has code of its
//! own.

use serde::Deserialize;

use super::phases::{CREATING, DONE, GATEWAY, PHASES};

/// The KMS gives no keys because the contract says no. `base.toml` has it.
pub(in crate::sandbox) const KEYS_REFUSED: &str = "keys-refused";
/// The environment does not open in the guest. `base.toml` has it.
pub(in crate::sandbox) const ENV_UNREADABLE: &str = "env-unreadable";

/// One thing that goes wrong. Times are sandbox seconds.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Mishap {
    /// What `boot` calls it; empty for a story's own.
    #[serde(skip)]
    pub(in crate::sandbox) name: String,
    /// The phase it happens in. In `creating` the virtual machine is never made.
    pub(super) phase: String,
    /// How far into that phase.
    #[serde(default)]
    pub(super) after: f64,
    /// What is reported, if anything is.
    pub(super) error: Option<String>,
    /// How long after it the guest powers off; absent: never.
    pub(super) exits_after: Option<f64>,
    /// The boot goes on in spite of it.
    #[serde(default)]
    pub(in crate::sandbox) goes_on: bool,
    /// How long after it all is well again.
    pub(super) clears_after: Option<f64>,
    /// The phase never ends, and nothing is reported.
    #[serde(default)]
    stalls: bool,
    /// Only the first boot of an instance meets it.
    #[serde(default)]
    pub(in crate::sandbox) once: bool,
    #[serde(default, rename = "log")]
    pub(in crate::sandbox) lines: Vec<Said>,
    #[serde(default, rename = "container")]
    pub(in crate::sandbox) containers: Vec<Seen>,
}

/// One line of a log.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Said {
    /// `serial`, `stdout`, `stderr`, or the name of a service.
    pub(in crate::sandbox) source: String,
    /// Seconds from the mishap, negative before it.
    #[serde(default)]
    pub(in crate::sandbox) after: f64,
    pub(in crate::sandbox) text: String,
    /// Where a container says it.
    #[serde(default)]
    pub(in crate::sandbox) channel: Channel,
}

/// Where a container says something.
#[derive(Clone, Copy, PartialEq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::sandbox) enum Channel {
    #[default]
    Stdout,
    Stderr,
}

impl Channel {
    pub(in crate::sandbox) fn word(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// What the composition says of a service from the mishap on.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Seen {
    pub(in crate::sandbox) service: String,
    pub(in crate::sandbox) state: String,
    pub(in crate::sandbox) status: String,
}

impl Mishap {
    pub(in crate::sandbox) fn is_called(&self, name: &str) -> bool {
        self.name == name
    }

    /// A later boot only mounts the disk, and that fails in the same way.
    pub(super) fn is_in(&self, phase: &str) -> bool {
        let disk = |word: &str| matches!(word, "initializing data disk" | "mounting data disk");
        self.phase == phase || (disk(&self.phase) && disk(phase))
    }

    /// Nothing comes after its phase.
    pub(super) fn ends_the_boot(&self) -> bool {
        !self.goes_on && self.phase != DONE
    }

    /// The app has no address: the gateway was not told of it, and the boot went on all the same.
    pub(super) fn closes_the_gateway(&self) -> bool {
        self.goes_on && self.is_in(GATEWAY)
    }

    /// Says what fits the form and cannot be meant.
    pub(in crate::sandbox) fn check(&self) -> Result<(), String> {
        let is_known = self.phase == CREATING || PHASES.contains(&self.phase.as_str());
        let spans = [Some(self.after), self.exits_after, self.clears_after];
        let is_span = |seconds: f64| seconds.is_finite() && seconds >= 0.0;
        let is_whole = self.containers.iter().all(|seen| !seen.state.is_empty());
        if !is_known {
            let known = PHASES.join(", ");
            Err(format!(
                "phase `{}` is none of {CREATING}, {known}",
                self.phase
            ))
        } else if !spans.into_iter().flatten().all(is_span) {
            Err("after, exits_after and clears_after must be finite and not negative".to_owned())
        } else if !self.lines.iter().all(|said| said.after.is_finite()) {
            Err("after of a log line must be finite".to_owned())
        } else if self.error.as_deref() == Some("") {
            Err("an error must not be empty; leave it out if none is reported".to_owned())
        } else if self.stalls && (self.error.is_some() || self.goes_on) {
            Err("what stalls reports no error and does not go on".to_owned())
        } else if self.stalls && self.phase == DONE {
            Err("`done` cannot stall".to_owned())
        } else if self.clears_after.is_some() && self.ends_the_boot() {
            Err("clears_after needs goes_on".to_owned())
        } else if self.phase == CREATING && (self.goes_on || self.exits_after.is_some()) {
            Err("what is never made neither goes on nor powers off".to_owned())
        } else if !is_whole {
            Err("a container needs a state".to_owned())
        } else {
            Ok(())
        }
    }

    /// Made, yet nothing more comes of making it.
    pub(super) fn stalls_creation(&self) -> bool {
        self.stalls && self.phase == CREATING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        for (text, said) in [
            (
                "phase = 'sleeping'",
                "phase `sleeping` is none of creating, booting",
            ),
            ("phase = 'booting'\nafter = -1.0", "not negative"),
            ("phase = 'booting'\nexits_after = inf", "finite"),
            ("phase = 'booting'\nerror = ''", "leave it out"),
            (
                "phase = 'booting'\nerror = 'x'\nstalls = true",
                "reports no error",
            ),
            ("phase = 'done'\nstalls = true", "cannot stall"),
            (
                "phase = 'booting'\nerror = 'x'\nclears_after = 1.0",
                "needs goes_on",
            ),
            ("phase = 'creating'\ngoes_on = true", "never made"),
            (
                "phase = 'done'\n[[container]]\nservice = 'a'\nstate = ''\nstatus = ''",
                "a container needs a state",
            ),
            (
                "phase = 'done'\n[[log]]\nsource = 'serial'\nafter = nan\ntext = ''",
                "log line must be finite",
            ),
        ] {
            let mishap: Mishap = toml::from_str(text).unwrap();
            let words = mishap.check().unwrap_err();
            assert!(words.contains(said), "{words}");
        }
        let fine = "phase = 'starting containers'\nerror = 'x'\nexits_after = 3.0";
        assert_eq!(toml::from_str::<Mishap>(fine).unwrap().check(), Ok(()));
    }
}
