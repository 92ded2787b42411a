//! The two alphabets: everything that enters the wizard, and everything that leaves it.
//!
//! Both are closed, comparable and printable, so a whole session can be written down, compared and replayed.
//! Nothing in here can act.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use super::boots::PastBoot;
use super::elsewhere::{Elsewhere, Place};
use super::guide::Term;
use super::keys::{FoundKey, KeySource, Opened, Password};
use super::signin::{Login, Told};
use crate::api::error::Error;
use crate::api::types::{
    Allowlist, App, AppId, AppPage, ComposeHash, Composition, Created, CvmName, CvmUuid, DeviceId,
    Document, EnvKeyAnswer, Evidence, Found, Founded, Identity, Instance, LogEnd, LogLine,
    LogSource, Network, NextApp, NodeList, Operation, Permission, Plan, Prepared, Proof, Provision,
    Quotas, Reached, Size, State, Stats, Ticket, TransactionHash,
};
use crate::chain::contract::{Allowed, Reading};
use crate::chain::examination::Examination;
use crate::chain::founding::FoundApp;
use crate::chain::kms::KmsKeys;
use crate::chain::transaction::{Standing, Tracked, Unsigned};
use crate::chain::{Address, Call, Deployment, Subject};
use crate::journal::found::Unfinished;
use crate::journal::id::IntentId;
use crate::journal::record::{self, Choice, Facts, TransactionSeen};
use crate::journal::state::{State as Kept, Transaction};
use crate::secret::Secret;
use crate::secret::mask::Mask;
use crate::shown::Shown;
use crate::trust::attestation::{Collateral, Need};
use crate::wizard::keymap::Command;
use crate::zone::Zone;

/// What can happen to the wizard.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key went down.
    Key(KeyEvent),
    /// A block of text was pasted, as one piece. It may hold values of variables.
    Paste(Secret),
    /// Seconds since the program started. Sent before any other event of a new second, and once a second while
    /// something on screen [moves](crate::wizard::Wizard::moves).
    Tick(u64),
    /// A reply to the question of this number.
    Reply(RequestId, Answer),
    /// The zone of the clock beside the person, in which instants are shown. Until it is told that is UTC.
    Zone(Zone),
    /// A command from a face without keys. Like a key, it acts only where the screen offers it and nothing blocks it.
    Command(Command),
    /// The system asks the program to leave (SIGTERM, SIGHUP).
    Leave,
}

/// Most bytes that can be copied: terminals drop a sequence (OSC 52) with more than 74,994 bytes of base64.
pub const COPY_LIMIT: usize = 74_994 / 4 * 3;

/// Most bytes that are taken of a paste, wherever it goes: more was not meant to be typed.
pub const PASTE_LIMIT: usize = 256 * 1024;

/// What the wizard can want done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask this, and bring the reply under this number.
    Send(RequestId, Request),
    /// Nobody waits for this reply any more; a question still under way is given up.
    Forget(RequestId),
    /// Put this on the clipboard: at most [`COPY_LIMIT`] bytes.
    Copy(Secret),
    /// Show this address in the browser. Never one with a token in it: other users can read a program's arguments.
    Open(String),
    /// A long wait is over: tell a person who looks elsewhere.
    Alert(&'static str),
    /// Go to the shell until `fg`.
    Suspend,
    /// Clear the terminal and draw everything again.
    Redraw,
    /// Leave.
    Quit(Exit),
}

/// The number of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// How the program ends: what the shell is told, and what stays in the scrollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// How it came out.
    pub outcome: Outcome,
    /// Lines for the terminal once the screen is given back.
    pub receipt: Vec<String>,
}

/// How it came out, as the exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The instance runs.
    Running,
    /// Something else went wrong, and nothing was created.
    Failed,
    /// The arguments, or what they name, cannot be used.
    Unusable,
    /// Nobody signed in.
    SignedOut,
    /// What was named is not there.
    NotFound,
    /// Prepared, not created.
    Prepared,
    /// The commit token is no longer good.
    TokenDead,
    /// Sent, and the answer was not seen.
    Unknown,
    /// Created, and not (yet) known to be healthy.
    Unhealthy,
    /// Quota, capacity or credit does not suffice.
    NoRoom,
    /// Left before anything was created.
    Nothing,
}

impl Outcome {
    /// Every outcome, in the order of the exit codes.
    pub const ALL: [Self; 11] = [
        Self::Running,
        Self::Failed,
        Self::Unusable,
        Self::SignedOut,
        Self::NotFound,
        Self::Prepared,
        Self::TokenDead,
        Self::Unknown,
        Self::Unhealthy,
        Self::NoRoom,
        Self::Nothing,
    ];

    /// The exit code. 0 only where what was asked for is true.
    pub fn code(self) -> u8 {
        match self {
            Self::Running => 0,
            Self::Failed => 1,
            Self::Unusable => 2,
            Self::SignedOut => 3,
            Self::NotFound => 4,
            Self::Prepared => 5,
            Self::TokenDead => 6,
            Self::Unknown => 7,
            Self::Unhealthy => 8,
            Self::NoRoom => 9,
            Self::Nothing => 130,
        }
    }

    /// One word for programs; it stays as it is.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Unusable => "unusable",
            Self::SignedOut => "signed_out",
            Self::NotFound => "not_found",
            Self::Prepared => "prepared",
            Self::TokenDead => "token_dead",
            Self::Unknown => "unknown",
            Self::Unhealthy => "unhealthy",
            Self::NoRoom => "no_room",
            Self::Nothing => "nothing_created",
        }
    }

    /// What the code means, for `--help` and the README.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Running => "the instance runs",
            Self::Failed => "it went wrong, and nothing was created, or it was deleted again",
            Self::Unusable => "the arguments cannot be used, or there is no terminal",
            Self::SignedOut => "not signed in",
            Self::NotFound => "there is no such app, or it may not be seen",
            Self::Prepared => "prepared, not created",
            Self::TokenDead => "the commit token is no longer good",
            Self::Unknown => "the creating request was sent and its answer not seen",
            Self::Unhealthy => "created, not known to be healthy",
            Self::NoRoom => "quota, capacity or credit does not suffice",
            Self::Nothing => "left before anything was created",
        }
    }
}

/// A question to the world: the service, the disk, an editor.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Whose key this is; `None` asks with the key found in the environment. A good key is used from then on.
    SignIn(Option<Secret>),
    /// Whatever else a sign-in needs.
    Login(Login),
    /// Start the sandbox with this scenario, and talk to it from then on.
    OpenSandbox(String),
    /// A page of apps, from 1, optionally only those that match.
    Apps {
        /// Page number, from 1.
        page: u32,
        /// Text the service searches names and ids for.
        search: Option<String>,
    },
    /// One app by its id.
    App(AppId),
    /// The app's instances.
    Instances(AppId),
    /// The nodes that can be deployed to.
    Nodes,
    /// The id that a new app would have.
    NextApp,
    /// The sizes an instance of a new app can have.
    Sizes,
    /// The machines the app's contract allows.
    Allowlist(AppId),
    /// What is left of the workspace's limits.
    Quotas(String),
    /// What an instance was started from.
    Document(CvmUuid),
    /// The key that values for this app are encrypted to, from the KMS of this name.
    EnvKey {
        /// KMS id, slug or type word.
        kms: String,
        /// The app.
        app: AppId,
    },
    /// The entries of a folder.
    ListFolder(PathBuf),
    /// A text file. What it is for decides who gets the answer.
    ReadFile(PathBuf),
    /// The files that answers came from, once more.
    ReadAgain(Vec<(record::Question, PathBuf)>),
    /// The person's editor, on this text. Never used for secrets.
    Edit {
        /// The text to begin with.
        text: String,
        /// File name ending, so the editor knows the language.
        ending: &'static str,
    },
    /// Encrypt these values to this key (64 hex digits). The answer is the blob.
    Seal {
        /// The app's encryption key, as the service gave it.
        key: String,
        /// Names and values, in order.
        entries: Vec<(String, Secret)>,
    },
    /// The prepare-only request, or the provision of a new app. May create at once where no contract governs an app that
    /// exists. It is written down first.
    Prepare(Box<Order>),
    /// Whether the contract lets this hash boot on this device.
    IsAllowed {
        /// The app.
        app: AppId,
        /// The hash the service issued.
        hash: ComposeHash,
        /// The device of the chosen node.
        device: Option<DeviceId>,
    },
    /// The request that redeems a token. Sent at most once per confirmation. It is written down first.
    Commit {
        /// What the token was given out for.
        order: Box<Order>,
        /// The token, with the hash it belongs to.
        ticket: Box<Ticket>,
        /// What shows that the hash is registered.
        proof: Proof,
    },
    /// Write down what was learnt or decided without a creating request.
    Note(Noted),
    /// What was begun on this machine and is not closed.
    Unfinished,
    /// Go on with an intent: its journal is opened, under the lock of its app.
    Resume(IntentId),
    /// Put an intent aside for good.
    Forget(IntentId),
    /// A stream of states until the instance reaches `running`.
    Stream(CvmUuid),
    /// The state, once.
    State(CvmUuid),
    /// The addresses of an instance.
    Network(CvmUuid),
    /// The containers of an instance.
    Composition(CvmUuid),
    /// An instance by whatever names it.
    Find(CvmName),
    /// How several instances are doing, in one question.
    States(Vec<CvmUuid>),
    /// How the guest's system is doing.
    Stats(CvmUuid),
    /// What was done to an instance, and why it failed.
    Operations(CvmUuid),
    /// A log, from where it was left and as it grows.
    Log {
        /// The instance.
        of: CvmUuid,
        /// Which of its logs.
        source: LogSource,
        /// What must not be seen in it.
        mask: Mask,
        /// Time stamp of the last line that is known: what came before is not asked for again.
        after: Option<Shown>,
    },
    /// Whether the app answers at its own address. The key is not sent there.
    CheckAddress(Shown),
    /// Restart an instance.
    Restart(CvmUuid),
    /// Delete an instance, with its disk.
    Delete(CvmUuid),
    /// Which terms were explained on this machine.
    TermsSeen,
    /// Keep that these were.
    KeepTerms(Vec<Term>),
    /// How long earlier boots of the app took, as far as they were seen from this machine.
    PastBoots(AppId),
    /// Keep how long this boot took, for the next ones.
    KeepBoot(AppId, PastBoot),
    /// Write a log to a new file beside the person's files. Nothing that is there already is written over.
    SaveLog {
        /// The name it should have.
        name: String,
        /// Its lines, values masked.
        text: Secret,
    },
    /// The file at this path, if there is one: it may be written over.
    LookAt(PathBuf),
    /// Write these files, each whole or not at all.
    SaveFiles(Vec<NewFile>),
    /// Show a text in the person's pager. It goes there by a pipe, never by a file.
    ShowPaged(Secret),
    /// The evidence of what an instance is.
    Attestation(CvmUuid),
    /// Intel's lists for one kind of machine.
    Collateral {
        /// Which lists.
        need: Need,
        /// Whom to ask.
        at: Place,
    },
    /// The keys of a KMS, read from its contract.
    KmsKeys {
        /// The chain the contract is on.
        chain: u64,
        /// The address of the contract, as the service told it.
        contract: Shown,
        /// Whom to ask.
        at: Place,
    },
    /// Everything an app's contract says of itself, by each of these nodes.
    ReadContract {
        /// The contract.
        of: Subject,
        /// Whom to ask.
        at: Vec<Place>,
    },
    /// What it allows by now, by each of these nodes.
    ReadAllowed {
        /// The contract.
        of: Subject,
        /// Whom to ask.
        at: Vec<Place>,
    },
    /// The transaction that made the contract allow the hash.
    FindRegistration {
        /// The contract.
        of: Subject,
        /// Whom to ask.
        at: Place,
    },
    /// Whether the contract of a new app is there.
    FindApp {
        /// The contract of the KMS, which deploys it.
        of: Subject,
        /// What it has to be.
        wanted: Deployment,
        /// The transaction that should have deployed it; else the newest are looked through.
        transaction: Option<TransactionHash>,
        /// Whom to ask.
        at: Place,
    },
    /// The transactions of this deployment, as its journal has them.
    Transactions,
    /// The keys on this machine that could sign.
    FindKeys,
    /// Open a key. It stays open until it has signed, or until nobody waits for this any more.
    OpenKey {
        /// Where it is.
        source: KeySource,
        /// What opens it.
        password: Password,
    },
    /// What a transaction of this account would cost, and what keeps it from being signed.
    Examine {
        /// The contract.
        of: Subject,
        /// Whom to ask.
        at: Place,
        /// The account.
        from: Address,
        /// What would be called, in order.
        calls: Vec<Call>,
    },
    /// Sign this with the open key, write it down, and broadcast it, once.
    Sign {
        /// What is called.
        call: Call,
        /// What is signed.
        transaction: Unsigned,
        /// Whom to hand it to.
        at: Place,
        /// Whether more is to be signed with the same key; else it is wiped.
        more: bool,
    },
    /// Hand the same bytes to a node once more. They cannot count twice.
    SendAgain {
        /// Which transaction.
        hash: TransactionHash,
        /// The chain it is for.
        chain_id: u64,
        /// Whom to hand it to.
        at: Place,
    },
    /// How these transactions fare.
    Follow {
        /// Which.
        transactions: Vec<Tracked>,
        /// Whom to ask.
        at: Place,
    },
    /// Write what others need to register it.
    HandOver {
        /// The contract.
        of: Subject,
        /// What has to be called.
        calls: Vec<Call>,
        /// What the app is called.
        app_name: Shown,
        /// What is written, and where to.
        to: HandTo,
    },
}

/// A file that a person wants to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Where it goes.
    pub path: PathBuf,
    /// All of it. People do write passwords into texts.
    pub text: Secret,
    /// What was there when the person said yes, and is written over; `None` where nothing was.
    pub over: Option<record::Sha256>,
}

/// What is written for those who register it. Nothing that is there already is written over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandTo {
    /// Everything, into a new folder beside the person's files.
    Folder(PathBuf),
    /// The file for the Safe's transaction builder.
    Safe(PathBuf),
    /// Commands for Foundry's `cast`.
    Cast(PathBuf),
    /// The bare calls.
    Calldata(PathBuf),
}

/// A reply, one kind per [`Request`] and two for a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Request::SignIn`].
    SignedIn(SignedIn),
    /// To [`Request::Login`].
    Login(Told),
    /// To [`Request::OpenSandbox`]: its base address, or why it did not start.
    Sandbox(Result<Shown, Shown>),
    /// To [`Request::Apps`].
    Apps(Result<AppPage, Error>),
    /// To [`Request::App`].
    App(Result<App, Error>),
    /// To [`Request::Instances`].
    Instances(Result<Vec<Instance>, Error>),
    /// To [`Request::NextApp`].
    NextApp(Result<NextApp, Error>),
    /// To [`Request::Sizes`].
    Sizes(Result<Vec<Size>, Error>),
    /// To [`Request::Nodes`].
    Nodes(Result<NodeList, Error>),
    /// To [`Request::Allowlist`].
    Allowlist(Result<Allowlist, Error>),
    /// To [`Request::Quotas`].
    Quotas(Result<Quotas, Error>),
    /// To [`Request::Document`].
    Document(Result<Document, Error>),
    /// To [`Request::EnvKey`].
    EnvKey(Result<EnvKeyAnswer, Error>),
    /// To [`Request::ListFolder`].
    Folder(Result<Folder, Shown>),
    /// To [`Request::ReadFile`].
    File(Result<TextFile, Shown>),
    /// To [`Request::ReadAgain`], in the same order.
    FilesAgain(Vec<(record::Question, Result<TextFile, Shown>)>),
    /// To [`Request::Edit`]: the new text, or why there is none.
    Edited(Result<String, Shown>),
    /// To [`Request::Seal`]: the blob in hex, or why there is none.
    Sealed(Result<String, Shown>),
    /// To [`Request::Prepare`].
    Prepared(Result<Prepared, Error>),
    /// To [`Request::IsAllowed`].
    IsAllowed(Result<Permission, Error>),
    /// To [`Request::Commit`]. `Prepared::Ticket` if the service asks for registration again.
    Committed(Result<Prepared, Error>),
    /// To [`Request::Note`].
    Noted(Result<(), Shown>),
    /// To [`Request::Unfinished`].
    Unfinished(Result<Unfinished, Shown>),
    /// To [`Request::Resume`].
    Resumed(Result<Box<Kept>, Shown>),
    /// To [`Request::Forget`].
    Forgotten(Result<IntentId, Shown>),
    /// To [`Request::State`].
    State(Result<State, Error>),
    /// A state from [`Request::Stream`]; more may follow under the same number.
    Streamed(State),
    /// The stream is over: the reason, where there was one.
    StreamEnded(Option<Error>),
    /// To [`Request::Network`].
    Network(Result<Network, Error>),
    /// To [`Request::Composition`].
    Composition(Result<Composition, Error>),
    /// To [`Request::Find`].
    Found(Result<Box<Found>, Error>),
    /// To [`Request::States`]: those that the service knows.
    States(Result<Vec<(CvmUuid, State)>, Error>),
    /// To [`Request::Stats`].
    Stats(Result<Stats, Error>),
    /// To [`Request::Operations`], newest first.
    Operations(Result<Vec<Operation>, Error>),
    /// Lines from [`Request::Log`]; more may follow under the same number.
    Logged(LogSource, Vec<LogLine>),
    /// The log is over, and why.
    LogEnded(LogSource, LogEnd),
    /// To [`Request::CheckAddress`].
    AddressChecked(Result<Reached, Shown>),
    /// To [`Request::Restart`].
    Restarted(Result<(), Error>),
    /// To [`Request::Delete`].
    Deleted(Result<(), Error>),
    /// To [`Request::TermsSeen`].
    TermsSeen(Vec<Term>),
    /// To [`Request::KeepTerms`].
    TermsKept(Result<(), Shown>),
    /// To [`Request::PastBoots`], oldest first.
    PastBoots(Vec<PastBoot>),
    /// To [`Request::KeepBoot`].
    BootKept(Result<(), Shown>),
    /// To [`Request::SaveLog`]: where it is.
    LogSaved(Result<PathBuf, Shown>),
    /// To [`Request::LookAt`]; `None` where there is none.
    LookedAt(Result<Option<TextFile>, Shown>),
    /// To [`Request::SaveFiles`]: where they are, in the same order.
    FilesSaved(Result<Vec<PathBuf>, Shown>),
    /// To [`Request::ShowPaged`].
    Paged(Result<(), Shown>),
    /// To [`Request::Attestation`].
    Attestation(Result<Evidence, Error>),
    /// To [`Request::Collateral`].
    Collateral(Result<Box<Vouched>, Error>),
    /// To [`Request::KmsKeys`].
    KmsKeys(Result<KmsKeys, Error>),
    /// To [`Request::ReadContract`], in the same order.
    Contract(Vec<(Place, Result<Reading, Error>)>),
    /// To [`Request::ReadAllowed`], in the same order.
    Allowed(Vec<(Place, Result<Allowed, Error>)>),
    /// To [`Request::FindRegistration`]; `None` where no log of it was found.
    Registration(Result<Option<TransactionHash>, Error>),
    /// To [`Request::FindApp`]; `None` where it is not there yet.
    AppFound(Result<Option<Box<FoundApp>>, Error>),
    /// To [`Request::Transactions`].
    Transactions(Vec<Transaction>),
    /// To [`Request::FindKeys`].
    Keys(Vec<FoundKey>),
    /// To [`Request::OpenKey`].
    KeyOpened(Result<Opened, Shown>),
    /// To [`Request::Examine`].
    Examined(Result<Box<Examination>, Error>),
    /// To [`Request::Sign`]. `Err`: nothing was signed, and why.
    Signed(Result<Box<Broadcast>, Shown>),
    /// To [`Request::SendAgain`].
    SentAgain(Result<(), Error>),
    /// To [`Request::Follow`], in the same order.
    Followed(Vec<(TransactionHash, Result<Standing, Error>)>),
    /// To [`Request::HandOver`]: what was written.
    HandedOver(Result<PathBuf, Shown>),
}

/// A transaction that is signed and written down, and whether a node took it.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    /// What it calls.
    pub call: Call,
    /// The transaction.
    pub transaction: Tracked,
    /// The node's answer. Whatever it is, the transaction may still count: it is followed.
    pub taken: Result<(), Error>,
}

/// Intel's lists, and when they were fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Vouched {
    /// The lists.
    pub collateral: Collateral,
    /// Unix seconds: the time a quote is verified at.
    pub at: u64,
}

impl Answer {
    /// Whether more may follow under the same number.
    pub fn goes_on(&self) -> bool {
        matches!(
            self,
            Self::Streamed(_) | Self::KeyOpened(Ok(_)) | Self::Logged(..)
        )
    }

    /// Why the service gave no answer, where that is what this says.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::SignedIn(SignedIn::No { error, .. }) => Some(error),
            Self::Apps(reply) => reply.as_ref().err(),
            Self::App(reply) => reply.as_ref().err(),
            Self::Instances(reply) => reply.as_ref().err(),
            Self::Nodes(reply) => reply.as_ref().err(),
            Self::NextApp(reply) => reply.as_ref().err(),
            Self::Sizes(reply) => reply.as_ref().err(),
            Self::Allowlist(reply) => reply.as_ref().err(),
            Self::Quotas(reply) => reply.as_ref().err(),
            Self::Document(reply) => reply.as_ref().err(),
            Self::EnvKey(reply) => reply.as_ref().err(),
            Self::Prepared(reply) | Self::Committed(reply) => reply.as_ref().err(),
            Self::IsAllowed(reply) => reply.as_ref().err(),
            Self::State(reply) => reply.as_ref().err(),
            Self::StreamEnded(reason) => reason.as_ref(),
            Self::Network(reply) => reply.as_ref().err(),
            Self::Composition(reply) => reply.as_ref().err(),
            Self::Found(reply) => reply.as_ref().err(),
            Self::States(reply) => reply.as_ref().err(),
            Self::Stats(reply) => reply.as_ref().err(),
            Self::Operations(reply) => reply.as_ref().err(),
            Self::Restarted(reply) | Self::Deleted(reply) => reply.as_ref().err(),
            Self::Attestation(reply) => reply.as_ref().err(),
            // Somebody else's no is none of the service's.
            Self::Collateral(_)
            | Self::KmsKeys(_)
            | Self::Contract(_)
            | Self::Allowed(_)
            | Self::Registration(_)
            | Self::AppFound(_)
            | Self::Transactions(_)
            | Self::Keys(_)
            | Self::KeyOpened(_)
            | Self::Examined(_)
            | Self::Signed(_)
            | Self::SentAgain(_)
            | Self::Followed(_)
            | Self::HandedOver(_)
            | Self::Noted(_)
            | Self::Unfinished(_)
            | Self::Resumed(_)
            | Self::Forgotten(_)
            | Self::SignedIn(_)
            | Self::Login(_)
            | Self::Sandbox(_)
            | Self::Folder(_)
            | Self::File(_)
            | Self::FilesAgain(_)
            | Self::Edited(_)
            | Self::Sealed(_)
            | Self::Logged(..)
            // The node is asked without a key, so its no is none of the service's.
            | Self::LogEnded(..)
            | Self::AddressChecked(_)
            | Self::TermsSeen(_)
            | Self::TermsKept(_)
            | Self::PastBoots(_)
            | Self::BootKept(_)
            | Self::LogSaved(_)
            | Self::LookedAt(_)
            | Self::FilesSaved(_)
            | Self::Paged(_)
            | Self::Streamed(_) => None,
        }
    }
}

/// What is to be made, with everything that has to be on the disk before it leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What is sent.
    pub plan: Plan,
    /// What was known around it.
    pub facts: Facts,
    /// What the person decided for this one request, where the rules ask for it.
    pub consent: Option<Choice>,
    /// Values that are encrypted once the key of the new app is known. They are written down nowhere.
    pub seal: Vec<(String, Secret)>,
}

/// What is written down without a creating request.
#[derive(Debug, Clone, PartialEq)]
pub enum Noted {
    /// The person goes on with this hash, although it is that of another content.
    Accepted(ComposeHash),
    /// The service answered with this instance.
    Answered(Box<Created>),
    /// The instance was found in the app's list.
    Adopted {
        /// As the list has it.
        created: Box<Created>,
        /// Whether the person picked it among several.
        chosen: bool,
    },
    /// What the chain says of transactions of this deployment.
    Transactions(Vec<TransactionSeen>),
    /// The contract of the new app is there, and its values are encrypted.
    Founded(Box<Founded>, Box<Provision>),
    /// It was deleted again.
    Deleted {
        /// `vm_uuid`.
        uuid: Option<CvmUuid>,
    },
    /// It was seen to run: nothing is left to do.
    Runs {
        /// `vm_uuid`.
        uuid: Option<CvmUuid>,
        /// `instance_id`.
        instance_id: Option<Shown>,
    },
}

/// How a sign-in came out.
#[derive(Debug, Clone, PartialEq)]
pub enum SignedIn {
    /// There is no key anywhere.
    NoKey {
        /// The service that would be talked to.
        host: Shown,
        /// What kept a key from being found, as an unreadable credentials file.
        note: Option<Shown>,
    },
    /// The key is good.
    Yes {
        /// The service that was asked.
        host: Shown,
        /// The base address every request goes to.
        base: Shown,
        /// The key, as far as it may be shown.
        key: KeyInfo,
        /// Whose key it is.
        identity: Identity,
        /// Who else can be asked.
        elsewhere: Elsewhere,
    },
    /// The question was not answered with yes.
    No {
        /// The service that was asked.
        host: Shown,
        /// The key, as far as it may be shown.
        key: KeyInfo,
        /// Why not.
        error: Error,
    },
}

/// A key, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyInfo {
    /// `****` and its last four characters.
    pub tail: String,
    /// Where it came from: a variable, a file and profile, or the keyboard.
    pub origin: Shown,
}

/// A folder as the file browser shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Absolute path.
    pub path: PathBuf,
    /// Folders first, then files, each by name.
    pub entries: Vec<FolderEntry>,
}

/// One line of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Name inside the folder, as the disk has it.
    pub name: std::ffi::OsString,
    /// Whether it can be opened as a folder.
    pub is_folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
}

/// A text file, read whole.
#[derive(Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Where it was read.
    pub path: PathBuf,
    /// Every byte of it; it may hold values of variables.
    pub text: Secret,
    /// Whether it can be read once more: a pipe cannot.
    pub lasts: bool,
}

impl std::fmt::Debug for TextFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "TextFile({}, {} bytes)",
            self.path.display(),
            self.text.len()
        )
    }
}

/// Kinds of questions. Per kind only the latest question counts; an older one is forgotten. Every log is a kind of its
/// own: they are read beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// Reading this log.
    Log(LogSource),
    /// Every other question of one kind.
    Kind(std::mem::Discriminant<Request>),
}

impl Request {
    /// What kind of question this is.
    pub fn topic(&self) -> Topic {
        match self {
            Self::Log { source, .. } => Topic::Log(source.clone()),
            _ => Topic::Kind(std::mem::discriminant(self)),
        }
    }

    /// What a person is told while waiting for it.
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "asking whose key this is",
            Self::Login(login) => login.purpose(),
            Self::OpenSandbox(_) => "starting the sandbox",
            Self::Apps { .. } => "asking for the list of apps",
            Self::App(_) => "asking for the app",
            Self::Instances(_) => "asking for the app's instances",
            Self::Nodes => "asking for the nodes",
            Self::NextApp => "asking which id the new app will have",
            Self::Sizes => "asking for the sizes and their prices",
            Self::Allowlist(_) => "asking which machines the contract allows",
            Self::Quotas(_) => "asking what is left of the quota",
            Self::Document(_) => "asking what the live revision runs",
            Self::EnvKey { .. } => "asking for the app's encryption key",
            Self::ListFolder(_) => "reading the folder",
            Self::ReadFile(_) => "reading the file",
            Self::ReadAgain(_) => "reading the files again",
            Self::Edit { .. } => "waiting for your editor",
            Self::Seal { .. } => "encrypting the values",
            Self::Prepare(_) => "asking the service to prepare",
            Self::IsAllowed { .. } => "asking what the contract allows",
            Self::Commit { .. } => "asking the service to create the instance",
            Self::Note(_) => "writing it down",
            Self::Unfinished => "looking for unfinished work",
            Self::Resume(_) => "opening the journal",
            Self::Forget(_) => "putting it aside",
            Self::Stream(_) => "following the boot",
            Self::State(_) => "asking how the instance is doing",
            Self::Network(_) => "asking for its addresses",
            Self::Composition(_) => "asking for its containers",
            Self::Find(_) => "looking for the instance",
            Self::States(_) => "asking how the instances are doing",
            Self::Stats(_) => "asking how its system is doing",
            Self::Operations(_) => "asking what was done to it",
            Self::Log { .. } => "reading its log",
            Self::CheckAddress(_) => "asking the app itself",
            Self::Restart(_) => "asking the service to restart it",
            Self::Delete(_) => "asking the service to delete it",
            Self::TermsSeen => "reading which terms were explained",
            Self::KeepTerms(_) => "keeping which terms were explained",
            Self::PastBoots(_) => "reading how long earlier boots took",
            Self::KeepBoot(..) => "keeping how long the boot took",
            Self::SaveLog { .. } => "writing the log",
            Self::LookAt(_) => "looking what is there",
            Self::SaveFiles(_) => "writing it",
            Self::ShowPaged(_) => "waiting for your pager",
            Self::Attestation(_) => "asking for its evidence",
            Self::Collateral { .. } => "asking for Intel's lists",
            Self::KmsKeys { .. } => "reading the contract of the KMS",
            Self::ReadContract { .. } => "reading the app's contract",
            Self::ReadAllowed { .. } => "asking the chain what the contract allows",
            Self::FindRegistration { .. } => "looking for the transaction that registered it",
            Self::FindApp { .. } => "looking for the contract of the new app",
            Self::Transactions => "reading the journal",
            Self::FindKeys => "looking for keys",
            Self::OpenKey { .. } => "opening the key",
            Self::Examine { .. } => "simulating it on the chain",
            Self::Sign { .. } => "signing and broadcasting",
            Self::SendAgain { .. } => "broadcasting the same transaction again",
            Self::Follow { .. } => "following the transactions",
            Self::HandOver { .. } => "writing the files for the owners",
        }
    }

    /// Whether it is answered more than once, or stays open as long as somebody waits.
    pub fn streams(&self) -> bool {
        matches!(
            self,
            Self::Stream(_) | Self::OpenKey { .. } | Self::Log { .. }
        )
    }

    /// Whether it is done to its end even where nobody waits for the answer any more.
    pub fn must_finish(&self) -> bool {
        self.may_create()
            || matches!(
                self,
                Self::Note(_)
                    | Self::Login(Login::Keep(_))
                    | Self::Sign { .. }
                    | Self::Restart(_)
                    | Self::Delete(_)
                    | Self::KeepBoot(..)
                    | Self::SaveFiles(_)
            )
    }

    /// Whether the service may create something because of it.
    pub fn may_create(&self) -> bool {
        matches!(self, Self::Prepare(_) | Self::Commit { .. })
    }
}
