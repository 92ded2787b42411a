//! What is left in the hands of the person: the receipt, the report for support, and the commands for afterwards.
//!
//! Plain lines without looks; texts of the service are already safe to print.

use super::Live;
use super::phase;
use super::verdict::Verdict;
use crate::api::types::ComposeHash;
use crate::wizard::event;

/// Something that can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copyable {
    /// What it is for, in a word or two.
    pub label: &'static str,
    /// What it is, after the word "copied".
    pub what: &'static str,
    /// The text itself.
    pub text: String,
}

impl Copyable {
    fn new(label: &'static str, what: &'static str, text: impl Into<String>) -> Self {
        Self {
            label,
            what,
            text: text.into(),
        }
    }
}

impl Live {
    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        event::Exit {
            outcome: match self.verdict {
                Verdict::Running if self.is_well() => event::Outcome::Running,
                Verdict::Deleted => event::Outcome::Failed,
                _ => event::Outcome::Unhealthy,
            },
            receipt: self.receipt(),
        }
    }

    /// Whether nothing that was learnt speaks against it: its containers, and what it proves.
    pub(super) fn is_well(&self) -> bool {
        self.proof.alarms().next().is_none() && self.containers.troubled().next().is_none()
    }

    /// What leaving now means.
    pub fn leaving(&self) -> &'static str {
        match self.verdict {
            Verdict::Booting | Verdict::Stalled => {
                "The boot goes on without this window; phala-wizard watch shows it again."
            }
            Verdict::Running => "It runs on. The receipt is printed.",
            Verdict::Degraded => {
                "It runs on, and so does the guest's try to register. The commands to look are printed."
            }
            Verdict::Failed => {
                "It stays as it is, and is billed while it exists. The commands to look and to delete are printed."
            }
            Verdict::Gone => "The service does not know the instance any more.",
            Verdict::Deleted => "The instance is deleted. Nothing of it is billed.",
        }
    }

    /// What can be copied now, most useful first: `y` takes the first, numbers take any.
    pub(super) fn copies(&self) -> Vec<Copyable> {
        let uuid = || {
            self.feed
                .uuid()
                .map(|uuid| Copyable::new("copy uuid", "the uuid", uuid.to_string()))
        };
        let address = || {
            self.address()
                .map(|url| Copyable::new("copy address", "the address", url))
        };
        let report = || Copyable::new("copy for support", "the report", self.report());
        let first = match self.verdict {
            Verdict::Booting => return uuid().into_iter().collect(),
            Verdict::Running | Verdict::Degraded => address().or_else(uuid),
            Verdict::Stalled | Verdict::Failed | Verdict::Gone | Verdict::Deleted => Some(report()),
        };
        first.into_iter().chain(self.commands()).collect()
    }

    /// The official CLI's commands that make sense now.
    pub(super) fn commands(&self) -> Vec<Copyable> {
        let Some(uuid) = self.feed.uuid() else {
            return Vec::new();
        };
        let logs = || {
            Copyable::new(
                "see the logs",
                "the command that shows the logs",
                format!("phala logs --cvm-id {uuid}"),
            )
        };
        let serial = || {
            Copyable::new(
                "see the boot",
                "the command that shows the boot log",
                format!("phala logs --serial --cvm-id {uuid}"),
            )
        };
        let restart = || {
            Copyable::new(
                "restart it",
                "the command that restarts it",
                format!("phala cvms restart {uuid}"),
            )
        };
        let delete = Copyable::new(
            "delete it",
            "the command that deletes it",
            format!("phala instances rm {uuid}"),
        );
        let again = Copyable::new(
            "watch again",
            "the command that watches it again",
            format!("phala-wizard watch {uuid}"),
        );
        match self.verdict {
            Verdict::Booting | Verdict::Running => vec![again, logs(), delete],
            Verdict::Degraded => vec![again, logs(), restart(), delete],
            Verdict::Stalled | Verdict::Failed => vec![again, serial(), logs(), restart(), delete],
            Verdict::Gone | Verdict::Deleted => Vec::new(),
        }
    }

    /// The lines for the scrollback.
    pub(super) fn receipt(&self) -> Vec<String> {
        let row = |label: &str, value: &str| format!("  {label:<14}{value}");
        let mut lines = vec![format!("{}: {}", self.name(), self.headline())];
        if self.about.sandbox {
            lines.push(
                "  This was the sandbox: the instance is made up, nothing exists or is billed."
                    .to_owned(),
            );
        }
        let mut facts = self.facts(|hash| format!("0x{hash}"));
        if self.verdict == Verdict::Running && self.from_birth {
            facts.push(("time to run", span(self.verdict_since - self.since)));
        }
        if self.verdict.is_up() {
            facts.extend(self.proof.receipt());
        }
        lines.extend(facts.iter().map(|(label, value)| row(label, value)));
        if let Some(why) = &self.unkept {
            lines.push(row("not kept", &format!("{why}; keep its uuid")));
        }
        for command in self.commands() {
            lines.push(row(command.label, &command.text));
        }
        if let (None, Some(app)) = (self.feed.uuid(), self.about.app) {
            let list = format!("phala instances ls --app-id {app}");
            lines.push(row("find it", &list));
        }
        lines
    }

    /// Everything support needs to know, and no secret: none ever reaches this stage except encrypted.
    pub(super) fn report(&self) -> String {
        let mut lines = self.receipt();
        if let Some(state) = &self.state {
            lines.push(format!("  status        {}", state.status));
        }
        for entry in self.timeline.entries() {
            let at = clock(entry.since.saturating_sub(self.since));
            lines.push(format!("  {at:>8}      {}", entry.word));
        }
        if let Some(error) = self.feed.trouble() {
            lines.push(format!("  last look     {}: {error}", error.asked));
            if let Some(id) = error.request_id() {
                lines.push(format!("  request id    {id}"));
            }
        }
        lines.join("\n")
    }

    /// What is known of the instance, label and value; its compose hash written like this.
    pub(super) fn facts(
        &self,
        hash: impl Fn(ComposeHash) -> String,
    ) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        let mut fact =
            |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
        fact("uuid", self.feed.uuid().map(ToString::to_string));
        fact(
            "instance id",
            self.instance_id.as_ref().map(ToString::to_string),
        );
        fact("app", self.about.app.map(|app| format!("0x{app}")));
        fact("node", Some(self.node()));
        fact(
            "compose hash",
            self.listed
                .as_ref()
                .and_then(|instance| instance.compose_hash)
                .or(self.compose_hash)
                .map(hash),
        );
        fact(
            "size",
            Some(self.about.size.clone()).filter(|size| !size.is_empty()),
        );
        fact("price", self.about.price.clone());
        for url in self.reach.addresses() {
            fact("address", Some(url.to_string()));
        }
        facts
    }

    /// Its name: the service's, else the app's.
    pub(super) fn name(&self) -> &str {
        let listed = self.listed.as_ref().map(|instance| &instance.name);
        [Some(&self.created.name), listed]
            .into_iter()
            .flatten()
            .find(|name| !name.is_empty())
            .unwrap_or(&self.about.name)
            .as_str()
    }

    /// The verdict in one line; the guest's error word for word.
    pub(super) fn headline(&self) -> String {
        let error = self.state.as_ref().and_then(phase::error);
        let error = error.map(|text| text.as_str().replace('\n', " "));
        let status = self.state.as_ref().map(|state| state.status.as_str());
        match (self.verdict, error) {
            (Verdict::Running, _) => {
                let troubled: Vec<&str> = self.containers.troubled().collect();
                if troubled.is_empty() {
                    "running.".to_owned()
                } else {
                    format!("running, and not well: {}", troubled.join(", "))
                }
            }
            (Verdict::Degraded, Some(error)) => format!("running, and it reports: {error}"),
            (Verdict::Failed, error) => {
                let what = if self.has_run {
                    "does not run any more"
                } else {
                    "did not come up"
                };
                let why = error.as_deref().or(status).unwrap_or("no reason given");
                format!("{what}: {why}")
            }
            (Verdict::Deleted, _) => "deleted: nothing of it exists or is billed.".to_owned(),
            (Verdict::Gone, _) => "gone: the service does not know it any more.".to_owned(),
            (Verdict::Stalled, _) => "created; its boot makes no progress.".to_owned(),
            (Verdict::Booting | Verdict::Degraded, _) => {
                "created; not yet known to run.".to_owned()
            }
        }
    }

    pub(super) fn node(&self) -> String {
        let listed = self
            .listed
            .as_ref()
            .and_then(|instance| instance.node.as_ref());
        let told = self.created.node.as_ref().or(listed);
        match told.filter(|node| !node.name.is_empty()) {
            Some(node) => match &node.region {
                Some(region) => format!("{} ({region})", node.name),
                None => node.name.to_string(),
            },
            None => self.about.place.clone(),
        }
    }
}

/// Seconds as a clock: `01:54`, `1:02:03`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Seconds in words: `54 s`, `3 min 44 s`, `2 h 5 min`.
pub fn span(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, _) => format!("{rest} s"),
        (0, _, 0) => format!("{minutes} min"),
        (0, ..) => format!("{minutes} min {rest} s"),
        (_, 0, _) => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}
