//! How an instance is doing, for a face that does not draw pages.
//!
//! What was heard of it and what it proved, as values; the words a person reads are the pages'.

use crate::api::types::{ComposeHash, Container, CvmUuid};
use crate::shown::Shown;
use crate::trust::attestation;
use crate::wizard::live::Verdict;

/// How the instance is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// Its name.
    pub name: Shown,
    /// Its UUID, as soon as the service has one.
    pub uuid: Option<CvmUuid>,
    /// The node it is on.
    pub node: String,
    /// Its compose hash, where known.
    pub compose_hash: Option<ComposeHash>,
    /// The id it has once it got its keys.
    pub instance_id: Option<Shown>,
    /// The phase its boot is in.
    pub phase: Option<Shown>,
    /// The verdict over what was heard.
    pub verdict: Verdict,
    /// The verdict in a sentence.
    pub headline: String,
    /// Its addresses, as far as they are known.
    pub addresses: Vec<Shown>,
    /// What it proved of itself, once its evidence was judged.
    pub proof: Option<Proven>,
    /// Whether everything that is asked about it, as it is now, has been answered: what runs, or why it does not.
    pub settled: bool,
    /// Whether it was made by this deployment; else somebody only watches it.
    pub made: bool,
    /// Its containers, as docker has them.
    pub containers: Vec<Container>,
    /// Why it is not well, where that is known.
    pub why: Option<Why>,
    /// Seconds that the phase its boot is in mostly takes for this app, where enough boots were seen.
    pub usual: Option<u64>,
    /// How its system is doing.
    pub figures: Option<Figures>,
    /// Why the log that was ordered cannot be read now.
    pub unread: Option<(Shown, String)>,
}

/// How a guest's system is doing: hundredths, in steps of five.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Of the processors, by the load of the last minute.
    pub processors: Option<u8>,
    /// Of the memory.
    pub memory: Option<u8>,
    /// Of each disk, by where it is mounted.
    pub disks: Vec<(Shown, u8)>,
}

/// Why an instance is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The cause in a word that stays as it is.
    pub cause: &'static str,
    /// The cause in a sentence.
    pub sentence: String,
    /// The words it rests on.
    pub rests_on: String,
    /// The log and the number of the line those are from, where they are.
    pub line: Option<(Shown, u64)>,
    /// What fits to it.
    pub fits: Option<String>,
    /// What helps, most useful first.
    pub advice: Vec<&'static str>,
    /// What one key does about it, in a word that stays as it is.
    pub repair: &'static str,
}

/// What an instance proved of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// What all lines together come to.
    pub verdict: attestation::Verdict,
    /// The same in a sentence.
    pub message: String,
    /// Every line: its name in machine-readable output, what it is about, and how it came out.
    pub checks: Vec<(&'static str, &'static str, attestation::Verdict)>,
}
