//! The lines that come out: what was asked, what was found, and what that proves.
//!
//! Knows the questions and the words for them, nothing of quotes and logs.

use std::fmt;

use super::bundle::BundleError;
use super::identity::Expected;

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The bundle itself, where it cannot be read.
    Bundle,
    /// The signature of the hardware over the registers.
    Quote,
    /// How current the machine's firmware is, by Intel's lists (TCB status).
    FirmwareState,
    /// Whether the host may look into the machine.
    Debug,
    /// RTMR 0 to 2: firmware, kernel, kernel command line.
    FirmwareLog,
    /// RTMR 3: what the operating system wrote down about the app.
    EventLog,
    /// MRCONFIGID: what was fixed before the machine started.
    ConfigId,
    /// The document of the app, as text.
    Document,
    /// The hash of that document.
    ComposeHash,
    /// Which app.
    AppId,
    /// Which instance of it.
    InstanceId,
    /// Which physical machine.
    DeviceId,
    /// Who gives the instance its keys.
    KeyProvider,
    /// Which build of the operating system.
    OsImage,
    /// The key of the instance's TLS certificate.
    Certificate,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Looked at, and as it should be.
    Ok,
    /// Looked at, and not as it should be.
    Differs,
    /// Not looked at, because something for it was missing.
    NotChecked,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is about.
    pub subject: Subject,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, in a sentence. Safe to show.
    pub detail: String,
}

/// Every line, in the order in which each leans on the ones before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The lines.
    pub checks: Vec<Check>,
}

impl Subject {
    /// The name in machine-readable output; it does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Quote => "quote",
            Self::FirmwareState => "tcb-status",
            Self::Debug => "debug",
            Self::FirmwareLog => "firmware-log",
            Self::EventLog => "event-log",
            Self::ConfigId => "mr-config-id",
            Self::Document => "app-compose",
            Self::ComposeHash => "compose-hash",
            Self::AppId => "app-id",
            Self::InstanceId => "instance-id",
            Self::DeviceId => "device-id",
            Self::KeyProvider => "key-provider",
            Self::OsImage => "os-image",
            Self::Certificate => "certificate",
        }
    }

    /// What an `ok` says, for somebody who knows nothing of TDX.
    pub fn statement(self) -> &'static str {
        match self {
            Self::Bundle => "its evidence is readable",
            Self::Quote => "genuine Intel hardware signed this",
            Self::FirmwareState => "that hardware's firmware is up to date",
            Self::Debug => "its host cannot look into its memory",
            Self::FirmwareLog => "the list of its boot parts is the measured one",
            Self::EventLog => "its start-up log is the measured one",
            Self::ConfigId => "the document was fixed before it started",
            Self::Document => "its document is the one that was measured",
            Self::ComposeHash => "it runs the document you previewed",
            Self::AppId => "it belongs to your app",
            Self::InstanceId => "it is this very instance",
            Self::DeviceId => "it is on the machine that was chosen",
            Self::KeyProvider => "its keys come from where they should",
            Self::OsImage => "its operating system is the expected build",
            Self::Certificate => "its TLS key never leaves it",
        }
    }

    /// What an `ok` here proves, and what it leaves open.
    pub fn proves(self) -> &'static str {
        match self {
            Self::Bundle => "Shows nothing by itself: without readable evidence nothing is proven.",
            Self::Quote => {
                "Proves that a genuine Intel TDX machine made the registers of the quote. \
                 Does not prove who runs the machine, that the quote is recent, or that it is your instance."
            }
            Self::FirmwareState => {
                "Proves that Intel knows of no open weakness in this firmware that an update would close. \
                 Does not prove that there are no unknown ones."
            }
            Self::Debug => {
                "Proves that the host has no debugger's view into the machine's memory. \
                 Does not prove that there is no flaw that gives it one."
            }
            Self::FirmwareLog => {
                "Proves that the list of firmware, kernel and boot options is the one the hardware measured. \
                 Does not prove that they are the published ones, and says nothing about the app."
            }
            Self::EventLog => {
                "Proves that the operating system measured just these entries, in this order. \
                 Does not prove that the operating system is honest: it is the one that measures."
            }
            Self::ConfigId => {
                "Proves that this document was fixed before the machine started, without trusting the log. \
                 Does not prove that the operating system obeyed it."
            }
            Self::Document | Self::ComposeHash => {
                "Proves that the instance was started from exactly this document. \
                 Does not prove what lies behind image tags without a digest, what scripts download, the values of \
                 variables, or what older volumes hold."
            }
            Self::AppId => {
                "Proves that the instance was started for this app. Does not prove which of its revisions it runs."
            }
            Self::InstanceId => {
                "Proves that this is one particular instance. Does not prove that it is yours, unless its id was \
                 learnt from somebody you trust."
            }
            Self::DeviceId => {
                "Proves on which physical machine the instance runs. Does not prove where that machine stands."
            }
            Self::KeyProvider => {
                "Proves from whom the instance asked for its keys. Does not prove that this key service is sound."
            }
            Self::OsImage => {
                "Shows which build the operating system says it is. Only rebuilding that image and comparing its \
                 measurements would prove it."
            }
            Self::Certificate => {
                "Proves that the holder of this TLS key is inside the measured machine. Does not prove that the \
                 quote is fresh: it may be shown again for as long as the key lives."
            }
        }
    }
}

impl Verdict {
    /// The word in machine-readable output; it does not change.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Differs => "differs",
            Self::NotChecked => "not-checked",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Differs => "differs",
            Self::NotChecked => "not checked",
        })
    }
}

impl Check {
    /// The name of the check in machine-readable output.
    pub fn name(&self) -> &'static str {
        self.subject.name()
    }

    /// What an `ok` of this check proves, and what it leaves open.
    pub fn proves(&self) -> &'static str {
        self.subject.proves()
    }

    pub(super) fn ok(subject: Subject, detail: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Ok, detail)
    }

    pub(super) fn differs(subject: Subject, detail: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Differs, detail)
    }

    pub(super) fn not_checked(subject: Subject, detail: impl Into<String>) -> Self {
        Self::new(subject, Verdict::NotChecked, detail)
    }

    fn new(subject: Subject, verdict: Verdict, detail: impl Into<String>) -> Self {
        Self {
            subject,
            verdict,
            detail: detail.into(),
        }
    }
}

impl Report {
    pub(super) fn of(checks: Vec<Check>) -> Self {
        Self { checks }
    }

    /// Of what was given as evidence and is none.
    pub fn unreadable(flaw: &BundleError) -> Self {
        Self::of(vec![Check::differs(Subject::Bundle, flaw.to_string())])
    }

    /// `differs` if any line differs; `not checked` if nothing at all could be looked at; else `ok`.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.checks.iter().any(|check| check.verdict == verdict);
        if any(Verdict::Differs) {
            Verdict::Differs
        } else if any(Verdict::Ok) {
            Verdict::Ok
        } else {
            Verdict::NotChecked
        }
    }

    /// Whether the expected compose hash was held against a measured one: the one in the log or, for an app that keeps
    /// its log to itself, the one fixed before the start.
    pub fn compares_hash(&self, expected: &Expected) -> bool {
        let is_compared = |subject| {
            let check = self.about(subject);
            check.is_some_and(|check| check.verdict != Verdict::NotChecked)
        };
        expected.compose_hash.is_some()
            && (is_compared(Subject::ComposeHash) || is_compared(Subject::ConfigId))
    }

    /// The line about this subject; a report on a bundle whose instance is unclear has only one line.
    pub fn about(&self, subject: Subject) -> Option<&Check> {
        self.checks.iter().find(|check| check.subject == subject)
    }
}
