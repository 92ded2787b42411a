//! Where the wizard stands, for a face that does not draw pages: small values that compare.
//!
//! A page says what a person reads; this says what a program acts on. Secrets are not in it.

mod chain;
mod life;

use super::answers::Stop;
use super::event::Outcome;
use super::facts::Session;
use super::form::Step;
use super::launch::brief::Decided;
pub use super::launch::commit::Cause;
pub use super::launch::several::SeveralReport;
pub use super::live::Verdict;
use crate::api::error::Error;
use crate::api::preview::RequestPreview;
use crate::api::types::{AppId, ComposeHash, CvmUuid};
use crate::shown::Shown;
pub use chain::{Contract, Founding, Registration, Signer, Transaction, Work};
pub use life::{Figures, Life, Proven, Why};

/// All that another face needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Who is signed in.
    pub session: Option<Session>,
    /// The app that was taken, once everything about it is known.
    pub app: Option<AppReport>,
    /// How far several nodes are, where several were chosen.
    pub several: Option<SeveralReport>,
    /// Where the wizard stands.
    pub status: Status,
}

/// The app an instance is added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppReport {
    /// Its id.
    pub id: AppId,
    /// Its name.
    pub name: Shown,
    /// How many instances it has.
    pub instances: usize,
    /// Whether a contract governs it.
    pub on_chain: bool,
}

/// Where the wizard stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// It is being asked who is signed in, or the sandbox starts.
    SigningIn,
    /// Nobody is signed in, or not any more.
    SignedOut {
        /// Why.
        why: SignedOut,
        /// What goes on behind the door, where the launch had begun.
        behind: Option<Box<Status>>,
    },
    /// Unfinished work of this machine is in front.
    Recalling(Recalling),
    /// The form is being answered.
    Choosing {
        /// The question it is at.
        step: Step,
        /// The answer that does not do.
        stop: Option<Stop>,
    },
    /// The last look before anything is sent.
    Reviewing(Reviewing),
    /// The files are read again before a request leaves.
    Rereading(Rereading),
    /// The prepare-only request is under way, on an app where it creates nothing.
    Preparing,
    /// The service did not prepare.
    Unprepared(Error),
    /// The service named the hash of another content. Nothing was created.
    Doubt {
        /// What it named.
        named: ComposeHash,
        /// What was computed here, in hex.
        computed: String,
    },
    /// The contract does not allow it yet, or does as of now.
    Chain(Registration),
    /// The one confirmation.
    Asking {
        /// Whether the button that creates is in focus.
        create: bool,
        /// The instances there are, noted before the request.
        before: Noted,
        /// What was registered, where a contract governs the app.
        registered: Option<Registration>,
    },
    /// The creating request has left, and no answer has come yet.
    Sent,
    /// No clear answer came, or it was taken up again; the instance is looked for.
    Unknown {
        /// What came instead of an answer, where that was in this run.
        error: Option<Error>,
        /// How it ends if it is left now.
        outcome: Outcome,
        /// Whether two looks agreed that there is none.
        clear: bool,
        /// New instances that cannot be the one: somebody else adds some too.
        strangers: usize,
        /// Instances that can be the one.
        candidates: Vec<Candidate>,
    },
    /// A definite no to the creating request. Nothing was created.
    Refused {
        /// Its kind.
        cause: Cause,
        /// The service's words.
        error: Error,
    },
    /// The instance that is to be watched is looked for.
    Seeking(Seeking),
    /// The instance exists.
    Live(Box<Life>),
}

/// An instance that can be the one: its name, where it runs, how it is doing and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// For people.
    pub said: String,
    /// For programs: its time in the service's words.
    pub told: String,
}

/// How far the search for an instance is.
#[derive(Debug, Clone, PartialEq)]
pub enum Seeking {
    /// What was typed can name nothing.
    Unreadable,
    /// The service is being asked.
    Asking,
    /// The app has several: name, node, status and id of each.
    Several(Vec<String>),
    /// The app has none.
    None,
    /// The service did not name it.
    Failed(Error),
}

/// How far an unfinished deployment is taken up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recalling {
    /// The journals are being read.
    Reading,
    /// This one can be gone on with.
    Found(Box<Begun>),
    /// Its journal is being opened.
    Opening,
    /// It is not there, at this service.
    Missing(Shown),
    /// It cannot be read, or somebody else is at it.
    Refused(Shown),
}

/// An unfinished deployment, as its journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub id: String,
    /// The app it adds to.
    pub app: AppId,
    /// The app's name.
    pub name: Shown,
    /// Where it stopped.
    pub standing: &'static str,
    /// The one way on.
    pub way_on: &'static str,
    /// Its instance, where one is known.
    pub uuid: Option<CvmUuid>,
    /// What was prepared, where it was.
    pub compose_hash: Option<ComposeHash>,
    /// Whether the prepare-only request leaves once more by itself, where a look finds nothing.
    pub prepares: bool,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq)]
pub enum SignedOut {
    /// There is no key yet; what kept one from being found.
    NoKey(Option<Shown>),
    /// The key got no yes.
    No(Error),
    /// The sandbox did not start.
    NoSandbox(Shown),
}

/// How far the review is.
#[derive(Debug, Clone, PartialEq)]
pub enum Reviewing {
    /// The values are being encrypted.
    Sealing,
    /// They could not be.
    Failed(Shown),
    /// This is what would be sent.
    Ready(Box<Overview>),
}

/// What came of reading the files again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rereading {
    /// They are being read.
    Reading,
    /// These changed, in words, and what was planned stays as it is.
    Changed(Vec<String>),
}

/// What is about to be sent, and all that was remarked about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Whether a contract governs the app, so that preparing creates nothing.
    pub on_chain: bool,
    /// Every answer with its source.
    pub answers: Vec<Decided>,
    /// The exact request, the key masked.
    pub request: RequestPreview,
    /// The compose hash that the service should name, in hex, or why it cannot be computed.
    pub hash: Result<String, String>,
    /// Files that changed on the disk since the last review; none at the first one.
    pub changed: Vec<String>,
    /// What the checks remarked.
    pub remarks: Vec<String>,
    /// Cost and quota.
    pub cost: Vec<String>,
}

/// Whether the instances from before are known.
#[derive(Debug, Clone, PartialEq)]
pub enum Noted {
    /// They are being read.
    Reading,
    /// They are.
    Known {
        /// Names of those with the same content that have not come up yet.
        alike: Vec<String>,
    },
    /// They could not be read.
    Unread(Error),
}
