//! What the instance proves of itself: evidence is fetched once it runs, and judged on this machine.
//!
//! ```text
//! running ──▶ evidence (asked again while the guest has none yet) ──▶ report ◀── Intel's lists, asked for by name
//! ```
//!
//! The service brings the evidence and is not believed: the judging is done in [`trust`](crate::trust::attestation).
//! Intel's lists come from the address the person configured, or from the public one once the person says so; without
//! them the signature of the hardware stays "not checked". What cannot be learnt here never stops the instance.

mod page;

use crate::api::error::Error;
use crate::api::types::{ComposeHash, CvmUuid, DeviceId, Evidence, Found};
use crate::shown::Shown;
use crate::trust::attestation::{
    Bundle, Check, Expected, KeyProvider, KeyProviderKind, Need, Report, Subject, Verdict, check,
};
use crate::wizard::elsewhere::Place;
use crate::wizard::event::{Answer, Request, Vouched};
use crate::wizard::facts::Session;
use crate::wizard::launch::brief::{Brief, HashVerdict};
use crate::wizard::screen::Wish;
use crate::wizard::status::Proven;

/// Seconds between one try to get evidence and the next: the guest's agent answers a little after the boot is done.
const PAUSES: [u64; 4] = [5, 10, 20, 40];

/// What was previewed, as far as evidence can be compared with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    expected: Expected,
    /// Whether the expected compose hash was computed here; else it is only the one that was registered.
    previewed: bool,
    /// Whether all of it is only what the service says: nothing was previewed here.
    told: bool,
    /// Who is asked for Intel's lists, and its host; `None` in the sandbox, whose hardware is made up.
    lists: Option<(Place, Shown)>,
}

/// The evidence about one instance, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    wanted: Wanted,
    bundle: Asked<Evidence>,
    /// What there was before it was asked for again.
    kept: Option<Evidence>,
    /// Why it could not be read again.
    lost: Option<Error>,
    lists: Asked<Vouched>,
    report: Option<Report>,
    /// Which of Intel's lists the evidence needs; read from it once, not per frame.
    need: Option<Need>,
    tries: usize,
    /// When evidence is asked for again.
    next: Option<u64>,
}

/// What a report comes to for the person who asked for the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing could be looked at.
    Empty,
    /// Something speaks against trusting it with anything.
    Alarm,
    /// Nothing says which document it runs, or nothing was known to compare with.
    Uncompared,
    /// It runs the expected document.
    Runs {
        /// The one that was previewed; else only known to be the one that was registered.
        previewed: bool,
        hardware: Hardware,
    },
}

/// How far the hardware stands behind a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hardware {
    /// It signed the report.
    Signed,
    /// It did, and its firmware has known weaknesses.
    Weak,
    /// The signature was not checked.
    NotChecked,
}

/// Something that was asked for, or not yet.
#[derive(Debug, Clone, PartialEq)]
enum Asked<T> {
    Not,
    Waiting,
    Here(T),
    Failed(Error),
}

impl Wanted {
    /// What this brief previewed. `named`: the hash it was registered under; `device`: the machine it was prepared for,
    /// which counts only where the choice of the node was left to the service.
    pub fn of(brief: &Brief, named: Option<ComposeHash>, device: Option<DeviceId>) -> Self {
        let device = match &brief.node {
            Some(chosen) => chosen.device,
            None => device,
        };
        let key_provider = brief.on_chain.then(|| KeyProvider {
            kind: KeyProviderKind::Kms,
            id: brief
                .kms_keys
                .as_ref()
                .map(|keys| keys.ca.clone())
                // A contract may name a signer and no authority.
                .filter(|ca| !ca.is_empty()),
        });
        let (compose_hash, previewed) = expected_hash(brief, named);
        Self {
            expected: Expected {
                compose_hash,
                app_id: Some(*brief.plan.app.bytes()),
                device_id: device.map(|device| *device.bytes()),
                key_provider,
                ..Expected::default()
            },
            previewed,
            told: false,
            lists: (!brief.sandbox).then(|| brief.elsewhere.pccs()),
        }
    }

    /// What the service says of an instance that nothing was previewed for.
    pub fn told(found: &Found, session: &Session) -> Self {
        Self {
            expected: Expected {
                compose_hash: found.instance.compose_hash.map(|hash| *hash.bytes()),
                app_id: found.app.map(|app| *app.bytes()),
                ..Expected::default()
            },
            previewed: false,
            told: true,
            lists: session.sandbox.is_none().then(|| session.elsewhere.pccs()),
        }
    }
}

impl Proof {
    /// Nothing asked yet.
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            bundle: Asked::Not,
            kept: None,
            lost: None,
            lists: Asked::Not,
            report: None,
            need: None,
            tries: 0,
            next: None,
        }
    }

    /// The instance has this id now.
    pub fn identify(&mut self, instance_id: &Shown) {
        let read = Expected::read_id(instance_id.as_str()).ok();
        if read.is_some() && self.wanted.expected.instance_id != read {
            self.wanted.expected.instance_id = read;
            self.judge();
        }
    }

    /// Asks for the evidence, unless that is under way.
    pub fn ask(&mut self, cvm: &CvmUuid) -> Vec<Wish> {
        if self.bundle == Asked::Waiting {
            return Vec::new();
        }
        if let Asked::Here(evidence) = std::mem::replace(&mut self.bundle, Asked::Waiting) {
            self.kept = Some(evidence);
        }
        self.next = None;
        self.tries += 1;
        vec![Wish::Ask(Request::Attestation(cvm.clone()))]
    }

    /// Nothing is under way. Says whether evidence is to be asked for.
    pub fn wake(&mut self) -> bool {
        if self.lists == Asked::Waiting {
            self.lists = Asked::Not;
        }
        let waited = self.bundle == Asked::Waiting;
        if waited {
            self.bundle = Asked::Not;
        }
        waited
    }

    /// A second went by.
    pub fn tick(&mut self, cvm: Option<&CvmUuid>, now: u64) -> Vec<Wish> {
        match (cvm, self.next) {
            (Some(cvm), Some(next)) if now >= next => self.ask(cvm),
            _ => Vec::new(),
        }
    }

    /// Takes an answer that is about evidence.
    pub fn answer(&mut self, answer: Answer, now: u64) -> Vec<Wish> {
        match answer {
            Answer::Attestation(reply) => {
                // A look that failed takes away nothing that is proven.
                let kept = self.kept.take();
                self.lost = reply.as_ref().err().filter(|_| kept.is_some()).cloned();
                self.bundle = match (reply, kept) {
                    (Ok(evidence), _) | (Err(_), Some(evidence)) => Asked::Here(evidence),
                    (Err(error), None) => Asked::Failed(error),
                };
                self.judge();
                let pause = PAUSES.get(self.tries.saturating_sub(1));
                self.next = pause
                    .filter(|_| self.may_say_more())
                    .map(|pause| now + pause);
                // A configured address was chosen by the person already, and is on screen.
                match self.wanted.lists {
                    Some((Place::Configured(_), _)) => self.ask_lists(),
                    _ => Vec::new(),
                }
            }
            Answer::Collateral(reply) => {
                self.lists = match reply {
                    Ok(vouched) => Asked::Here(*vouched),
                    Err(error) => Asked::Failed(error),
                };
                self.judge();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Asks for Intel's lists for the machine that signed the quote.
    pub fn ask_lists(&mut self) -> Vec<Wish> {
        let (Some((at, _)), Some(need)) = (&self.wanted.lists, self.need) else {
            return Vec::new();
        };
        let at = *at;
        if matches!(self.lists, Asked::Waiting | Asked::Here(_)) {
            return Vec::new();
        }
        self.lists = Asked::Waiting;
        vec![Wish::Ask(Request::Collateral { need, at })]
    }

    /// Whether asking for Intel's lists would tell something new.
    pub fn can_ask_lists(&self) -> bool {
        self.wanted.lists.is_some()
            && matches!(self.lists, Asked::Not | Asked::Failed(_))
            && self.need.is_some()
    }

    /// Whether there is a report to look into.
    pub fn has_details(&self) -> bool {
        self.report.is_some()
    }

    /// Whether evidence is still to come by itself.
    pub fn moves(&self) -> bool {
        self.next.is_some()
    }

    /// Whether nothing more is under way.
    pub fn is_settled(&self) -> bool {
        matches!(self.bundle, Asked::Here(_) | Asked::Failed(_))
            && self.lists != Asked::Waiting
            && !self.moves()
    }

    /// What it proved, for a face without pages, once nothing more is under way.
    pub fn proven(&self) -> Option<Proven> {
        let report = self.report.as_ref().filter(|_| self.is_settled())?;
        let line = |check: &Check| (check.name(), self.statement(check.subject), check.verdict);
        Some(Proven {
            verdict: match self.outcome() {
                Outcome::Empty | Outcome::Uncompared => Verdict::NotChecked,
                Outcome::Alarm | Outcome::Runs { .. } => report.verdict(),
            },
            message: self.words().to_owned(),
            checks: report.checks.iter().map(line).collect(),
        })
    }

    /// What differs and speaks against trusting the instance with anything. Old firmware is told, and is no such thing.
    pub fn alarms(&self) -> impl Iterator<Item = Subject> {
        let checks = self.report.iter().flat_map(|report| &report.checks);
        checks
            .filter(|check| check.verdict == Verdict::Differs)
            .map(|check| check.subject)
            .filter(|subject| *subject != Subject::FirmwareState)
    }

    fn outcome(&self) -> Outcome {
        let Some(report) = &self.report else {
            return Outcome::Empty;
        };
        let verdict = |subject| report.about(subject).map(|check| check.verdict);
        let hardware = || match (verdict(Subject::Quote), verdict(Subject::FirmwareState)) {
            (_, Some(Verdict::Differs)) => Hardware::Weak,
            (Some(Verdict::Ok), _) => Hardware::Signed,
            _ => Hardware::NotChecked,
        };
        if report.verdict() == Verdict::NotChecked {
            Outcome::Empty
        } else if self.alarms().next().is_some() {
            Outcome::Alarm
        } else if !report.compares_hash(&self.wanted.expected) {
            Outcome::Uncompared
        } else {
            Outcome::Runs {
                previewed: self.wanted.previewed,
                hardware: hardware(),
            }
        }
    }

    /// Whether evidence that is asked for again may answer what this left open: the guest's agent shows its log last.
    fn may_say_more(&self) -> bool {
        match self.outcome() {
            Outcome::Empty => true,
            Outcome::Uncompared => self.wanted.expected.compose_hash.is_some(),
            Outcome::Alarm | Outcome::Runs { .. } => false,
        }
    }

    /// What an `ok` says here.
    fn statement(&self, subject: Subject) -> &'static str {
        match subject {
            Subject::ComposeHash if !self.wanted.previewed => {
                "it runs the document that was registered"
            }
            subject => subject.statement(),
        }
    }

    fn judge(&mut self) {
        (self.report, self.need) = (None, None);
        let Asked::Here(evidence) = &self.bundle else {
            return;
        };
        let bundle = match Bundle::parse(evidence.bytes()) {
            Ok(bundle) => bundle,
            Err(flaw) => {
                self.report = Some(Report::unreadable(&flaw));
                return;
            }
        };
        let expected = &self.wanted.expected;
        self.need = Need::of(&bundle, expected.instance_id).ok();
        let (collateral, at) = match &self.lists {
            Asked::Here(vouched) => (Some(&vouched.collateral), vouched.at),
            _ => (None, 0),
        };
        self.report = Some(check(&bundle, expected, collateral, at));
    }
}

/// The hash it should run, and whether that stands for what was previewed: it is the one that was registered, unless
/// another one was computed here.
fn expected_hash(brief: &Brief, named: Option<ComposeHash>) -> (Option<[u8; 32]>, bool) {
    let foretold = brief.foretold.as_ref().ok();
    let computed = foretold.map(crate::trust::compose_hash::Foretold::likeliest);
    let Some(named) = named else {
        return (computed, computed.is_some());
    };
    match brief.hash_verdict(&named) {
        HashVerdict::Same(_) => (Some(*named.bytes()), true),
        // A person who went on in doubt was told; what runs is still compared with what was previewed.
        HashVerdict::Differs { computed, .. } => (Some(computed), true),
        HashVerdict::Unknown => (Some(*named.bytes()), false),
    }
}

#[cfg(test)]
mod tests;
