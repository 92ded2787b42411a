//! The records: everything that is ever written, in the words of the API and of the chain.
//!
//! These are the file's own types. They may gain members, and a member that is not known is passed over; a kind of
//! record that is not known makes the file one of a newer version, which is never acted on. Beside the commit token and
//! the page that carries it, no record has room for a secret.

mod answer;
mod chain;
mod founded;
mod intent;

use serde::{Deserialize, Serialize};

pub use super::text::Hex;
use super::text::{maybe, one};
use crate::api::types::{CvmUuid, Proof};
use crate::secret::Secret;
use crate::shown::Shown;
pub use answer::{
    Answering, CommitRefused, Committed, CreatedDirectly, How, Made, Meaning, Mismatch,
    PrepareRefused, Prepared, Provision,
};
pub use chain::{Address, Call, RawTransaction, Seen, TransactionSeen, TransactionSigned};
pub use founded::Founded;
pub use intent::{
    AnswerFile, Expected, Facts, Governed, Intent, Kms, NewApp, NodeChoice, Plan, Question, Sha256,
    sha256,
};

/// Head of the SHA-256 of a commit token: tells tokens apart, and is of no use to anybody who finds it.
pub type Fingerprint = Hex<8>;

/// One record. What is about to be done stands here before it is done, what happened before it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub enum Record {
    /// What is to be made. The first record of every file.
    Intent(Box<Intent>),
    /// The prepare-only request is about to leave.
    PrepareSent(PrepareSent),
    /// It was refused, for certain: nothing was made by it.
    PrepareRefused(PrepareRefused),
    /// A commit token came.
    Prepared(Box<Prepared>),
    /// The service created at once, without a token.
    CreatedDirectly(Box<CreatedDirectly>),
    /// A transaction is signed and about to be broadcast.
    TransactionSigned(Box<TransactionSigned>),
    /// What the chain says of it.
    TransactionSeen(TransactionSeen),
    /// The contract of a new app is there, and its values are encrypted.
    Founded(Box<Founded>),
    /// The commit is about to leave.
    CommitSent(CommitSent),
    /// A clear answer that was no instance.
    CommitRefused(CommitRefused),
    /// The instance exists.
    Committed(Box<Committed>),
    /// The app's list of instances has it.
    Visible(Visible),
    /// It was seen to run.
    Running(Running),
    /// What a person decided, and on which facts.
    Decision(Decision),
    /// Nothing is left to do. Closing drops the token from the file.
    Closed(Closed),
}

/// What can be appended to a journal that is open. An intent begins one and closing ends one, so neither is.
pub trait Entry: Clone + Into<Record> {}

macro_rules! entries {
    ($($type:ident: $wrap:expr;)*) => {$(
        impl From<$type> for Record {
            fn from(entry: $type) -> Self {
                let wrap: fn($type) -> Self = $wrap;
                wrap(entry)
            }
        }

        impl Entry for $type {}
    )*};
}

entries! {
    PrepareSent: Record::PrepareSent;
    PrepareRefused: Record::PrepareRefused;
    Prepared: |entry| Record::Prepared(Box::new(entry));
    CreatedDirectly: |entry| Record::CreatedDirectly(Box::new(entry));
    TransactionSigned: |entry| Record::TransactionSigned(Box::new(entry));
    TransactionSeen: Record::TransactionSeen;
    Founded: |entry| Record::Founded(Box::new(entry));
    CommitSent: Record::CommitSent;
    CommitRefused: Record::CommitRefused;
    Committed: |entry| Record::Committed(Box::new(entry));
    Visible: Record::Visible;
    Running: Record::Running;
    Decision: Record::Decision;
}

/// The prepare-only request is about to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepareSent {
    /// Which attempt of this intent, from 1.
    attempt: u32,
}

impl PrepareSent {
    /// The first of an intent.
    pub fn first() -> Self {
        Self { attempt: 1 }
    }

    /// Another one, by permission.
    pub fn again(may: super::again::MayPrepare) -> Self {
        Self {
            attempt: may.attempt(),
        }
    }

    /// Which attempt of this intent, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// The commit is about to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitSent {
    /// Which commit of this intent, from 1, whatever its token.
    pub send: u32,
    /// Which token goes with it.
    pub token: Fingerprint,
    /// What stands for the registration: `transaction_hash` of the request.
    #[serde(with = "one")]
    pub proof: Proof,
}

/// The app's list of instances has the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visible {
    /// `vm_uuid`.
    #[serde(with = "one")]
    pub uuid: CvmUuid,
}

/// The instance was seen to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// `vm_uuid`, where it is known by now.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<CvmUuid>,
    /// `instance_id`.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Shown>,
}

/// What a person decided, with what was on screen at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The choice.
    pub choice: Choice,
    /// The facts it was made on, a line each.
    #[serde(default, with = "super::text::many")]
    pub facts: Vec<Shown>,
}

/// The choices that only a person makes. Each counts for what it names, or else for the next thing that is done, and no
/// further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Prepare again although an instance may exist or still come.
    PrepareAgain,
    /// Send the same token again after an unanswered commit.
    SendAgain,
    /// Use the token that came in place of an answer to a commit.
    UseOfferedToken,
    /// Go on although the service named another compose hash than was computed here: the one it named last.
    AcceptOtherHash,
    /// This instance is the one that was asked for.
    Mine(#[serde(with = "one")] CvmUuid),
    /// This instance is somebody else's.
    NotMine(#[serde(with = "one")] CvmUuid),
}

/// The end of an intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// How it ended.
    pub end: End,
}

/// How an intent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The instance runs.
    Running,
    /// The instance exists, and was left before it was seen to run.
    Created,
    /// For certain, nothing was made.
    NothingMade,
    /// The instance was made, and deleted again.
    Deleted,
    /// A person put it aside. What it may have made is not known here any more.
    Forgotten,
}

/// Head of the token's SHA-256.
pub fn fingerprint(token: &Secret) -> Fingerprint {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest(token.expose().as_bytes()).into();
    let mut head = [0; 8];
    head.copy_from_slice(&digest[..8]);
    Hex(head)
}

#[cfg(test)]
mod tests;
