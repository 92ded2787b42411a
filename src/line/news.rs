//! What is told, one thing at a time. As JSON each is one object on one line, with names that stay as they are.
//!
//! Texts of the service come in as [`Shown`], the key masked, and the token not at all.

use serde::Serialize;

use crate::api::error::{Error, ErrorKind};
use crate::api::types::Container;
use crate::shown::Shown;
use crate::wizard::event::Outcome;
use crate::wizard::facts::Session;
use crate::wizard::live::LogRow;
use crate::wizard::status::{
    AppReport, Begun, Contract, Figures, Founding, Life, Overview, Proven, Registration, Signer,
    Transaction, Verdict, Why,
};

/// One thing that happened. The names are those of the documentation for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "fields say what the documentation for programs says of them"
)]
pub enum News {
    /// The key is good.
    SignedIn {
        host: String,
        user: String,
        workspace: String,
        /// `****` and its last four characters.
        key: String,
        key_from: String,
        /// The scenario, in the sandbox.
        sandbox: Option<String>,
    },
    /// The app was found, and everything about it read.
    App {
        app_id: String,
        name: String,
        instances: usize,
        /// Whether a contract governs it.
        on_chain: bool,
    },
    /// The journal of an unfinished deployment was found.
    Unfinished {
        id: String,
        app_id: String,
        app: String,
        /// Where it stopped.
        standing: &'static str,
        /// The one way on.
        next: &'static str,
        uuid: Option<String>,
        compose_hash: Option<String>,
    },
    /// The instance of an unfinished deployment is looked for; nothing is sent.
    Looking,
    /// What would be sent, or is about to be.
    Plan(Box<Plan>),
    /// Files say something else than what was prepared from them; what was prepared is gone on with.
    FilesChanged { files: Vec<String> },
    /// The prepare-only request has left; it creates nothing.
    Preparing,
    /// The service prepared it.
    Prepared {
        compose_hash: String,
        /// Whether it was computed here too; null where it cannot be.
        compose_hash_checked: Option<bool>,
        device_id: Option<String>,
        contract: String,
        chain_id: Option<u64>,
        /// `compose_hash`, `device`.
        missing: Vec<&'static str>,
    },
    /// The commit token was written to this file.
    TokenKept { token_file: String },
    /// The contract has to allow something first.
    WaitingForChain {
        missing: Vec<&'static str>,
        contract: String,
        chain_id: Option<u64>,
        /// What the contract's owner has to call.
        calls: Vec<String>,
    },
    /// The contract was read at a node of its chain.
    ContractRead {
        host: String,
        block: u64,
        generation: String,
        owner: Option<String>,
        owner_kind: String,
    },
    /// The key that signs is open.
    KeyOpened {
        account: String,
        remarks: Vec<String>,
    },
    /// A transaction that was signed here fares so.
    Transaction {
        call: Option<&'static str>,
        transaction_hash: String,
        nonce: u64,
        state: &'static str,
    },
    /// This was written for those who register it.
    HandedOver { file: String },
    /// The contract allows everything.
    Registered,
    /// These have the same content and have not come up yet: what is created comes beside them.
    Alike { instances: Vec<String> },
    /// What follows is about this node, of several.
    Node {
        node: String,
        number: usize,
        of: usize,
    },
    /// Of several nodes this one was refused; the others go on.
    NotCreated { node: String, message: String },
    /// The creating request has left.
    Creating,
    /// No clear answer came; the instance is looked for, and nothing is sent again.
    AnswerLost { message: String },
    /// The instance exists.
    Created {
        name: String,
        /// Null while the service has none.
        uuid: Option<String>,
        node: String,
        compose_hash: Option<String>,
        /// Found by looking, because the answer was lost.
        found: bool,
    },
    /// An instance that is there is watched.
    Watching {
        name: String,
        uuid: Option<String>,
        node: String,
        compose_hash: Option<String>,
    },
    /// What docker says of its containers.
    Containers { containers: Vec<ContainerNews> },
    /// Why it is not well.
    Cause {
        cause: &'static str,
        message: String,
        rests_on: String,
        /// Null where no log says it.
        log: Option<String>,
        line: Option<u64>,
        fits: Option<String>,
        advice: Vec<&'static str>,
        repair: &'static str,
    },
    /// How its system is doing, in hundredths and steps of five.
    Stats {
        processors: Option<u8>,
        memory: Option<u8>,
        disks: Vec<DiskNews>,
    },
    /// The log that was asked for cannot be read now.
    LogUnread { log: String, message: String },
    /// A line of the log that was asked for, values masked.
    Log {
        log: String,
        line: u64,
        at: Option<String>,
        text: String,
    },
    /// The service has given it its UUID.
    Identified { uuid: String },
    /// The boot came to this phase.
    Phase {
        phase: String,
        /// Since it was created.
        seconds: u64,
        /// What it mostly takes for this app; null where too few boots were seen.
        usual: Option<u64>,
    },
    /// How it is doing is judged otherwise than before.
    Verdict {
        verdict: &'static str,
        message: String,
        uuid: Option<String>,
        instance_id: Option<String>,
        seconds: u64,
    },
    /// The addresses became known.
    Addresses { addresses: Vec<String> },
    /// Its evidence was judged here.
    Proof {
        /// `ok`, `differs` or `not-checked`.
        verdict: &'static str,
        message: String,
        checks: Vec<Checked>,
    },
    /// Nothing happened for a while.
    Waiting {
        #[serde(rename = "for")]
        what: &'static str,
        seconds: u64,
    },
    /// What is left in the hands of whoever asked.
    Receipt { lines: Vec<String> },
    /// Why it ends, where it does not end well.
    Error(Box<Trouble>),
    /// The last one.
    Exit { code: u8, outcome: &'static str },
}

/// How full a disk is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs, reason = "as above")]
pub struct DiskNews {
    pub place: String,
    pub full: u8,
}

/// A container, in docker's words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs, reason = "as above")]
pub struct ContainerNews {
    pub name: String,
    pub image: String,
    pub state: String,
    pub status: String,
}

/// What would be sent, or is about to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs, reason = "as above")]
pub struct Plan {
    pub on_chain: bool,
    pub answers: Vec<Decision>,
    pub request: Request,
    /// The hash the service should name; null where it cannot be computed here.
    pub compose_hash: Option<String>,
    /// Why it cannot be.
    pub compose_hash_unknown: Option<String>,
    pub remarks: Vec<String>,
    pub cost: Vec<String>,
}

/// An answer of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "as above")]
pub struct Decision {
    pub question: &'static str,
    pub answer: String,
    pub source: String,
}

/// One line of the proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "as above")]
pub struct Checked {
    pub name: &'static str,
    pub verdict: &'static str,
    /// What an `ok` says.
    pub statement: &'static str,
}

/// The exact request, the key masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "as above")]
pub struct Request {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Indented, made safe to show.
    pub body: String,
}

/// Why it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[allow(missing_docs, reason = "as above")]
pub struct Trouble {
    pub message: String,
    /// The option that would mend it.
    pub option: Option<&'static str>,
    /// What could be given to it.
    pub usable: Vec<String>,
    /// The same as people read it, where that differs.
    #[serde(skip)]
    pub readable: Vec<String>,
    /// Method and path of the request that failed.
    pub asked: Option<String>,
    pub http_status: Option<u16>,
    /// `ERR-MM-NNN`.
    pub error_code: Option<String>,
    pub request_id: Option<String>,
}

impl News {
    /// The object for programs, on one line.
    pub fn json(&self) -> String {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The end with this outcome.
    pub fn exit(outcome: Outcome) -> Self {
        Self::Exit {
            code: outcome.code(),
            outcome: outcome.word(),
        }
    }

    /// An end for this reason, which is not the service's.
    pub fn error(message: impl Into<String>) -> Self {
        Self::Error(Box::new(Trouble::new(message)))
    }

    /// An end for this reason, which this option would mend.
    pub fn error_about(message: impl Into<String>, option: &'static str) -> Self {
        Self::Error(Box::new(Trouble {
            option: Some(option),
            ..Trouble::new(message)
        }))
    }

    pub(super) fn signed_in(session: &Session) -> Self {
        Self::SignedIn {
            host: session.host.to_string(),
            user: session.identity.user.to_string(),
            workspace: session.identity.workspace.to_string(),
            key: session.key.tail.clone(),
            key_from: session.key.origin.to_string(),
            sandbox: session.sandbox.clone(),
        }
    }

    pub(super) fn app(app: &AppReport) -> Self {
        Self::App {
            app_id: app.id.to_string(),
            name: app.name.to_string(),
            instances: app.instances,
            on_chain: app.on_chain,
        }
    }

    pub(super) fn unfinished(begun: &Begun) -> Self {
        Self::Unfinished {
            id: begun.id.clone(),
            app_id: begun.app.to_string(),
            app: begun.name.to_string(),
            standing: begun.standing,
            next: begun.way_on,
            uuid: begun.uuid.as_ref().map(ToString::to_string),
            compose_hash: begun.compose_hash.map(|hash| hash.to_string()),
        }
    }

    pub(super) fn plan(overview: &Overview) -> Self {
        let (compose_hash, compose_hash_unknown) = match &overview.hash {
            Ok(hash) => (Some(hash.clone()), None),
            Err(why) => (None, Some(why.clone())),
        };
        let answers = overview.answers.iter().map(|answer| Decision {
            question: answer.label,
            answer: answer.value.clone(),
            source: answer.source.clone(),
        });
        let request = &overview.request;
        Self::Plan(Box::new(Plan {
            on_chain: overview.on_chain,
            answers: answers.collect(),
            request: Request {
                method: request.method,
                url: Shown::line(&request.url).to_string(),
                headers: request.headers.clone(),
                body: request.pretty().to_string(),
            },
            compose_hash,
            compose_hash_unknown,
            remarks: overview.remarks.clone(),
            cost: overview.cost.clone(),
        }))
    }

    pub(super) fn prepared(registration: &Registration) -> Self {
        Self::Prepared {
            compose_hash: registration.hash.to_string(),
            compose_hash_checked: registration.hash_checked,
            device_id: registration.device.map(|device| device.to_string()),
            contract: registration.contract.to_string(),
            chain_id: registration.chain_id,
            missing: missing(registration),
        }
    }

    pub(super) fn waiting_for_chain(registration: &Registration) -> Self {
        let hash = registration.hash;
        let device = registration.device;
        if let Some(Founding { call, .. }) = registration.founding {
            return Self::WaitingForChain {
                missing: missing(registration),
                contract: registration.contract.to_string(),
                chain_id: registration.chain_id,
                calls: call.map(str::to_owned).into_iter().collect(),
            };
        }
        let calls = missing(registration)
            .into_iter()
            .filter_map(|what| match what {
                HASH => Some(format!("addComposeHash(0x{hash})")),
                _ => device.map(|device| format!("addDevice(0x{device})")),
            });
        Self::WaitingForChain {
            missing: missing(registration),
            contract: registration.contract.to_string(),
            chain_id: registration.chain_id,
            calls: calls.collect(),
        }
    }

    pub(super) fn contract_read(contract: &Contract) -> Self {
        Self::ContractRead {
            host: contract.host.to_string(),
            block: contract.block,
            generation: contract.generation.clone(),
            owner: contract.owner.clone(),
            owner_kind: contract.owner_kind.clone(),
        }
    }

    pub(super) fn key_opened(signer: &Signer) -> Self {
        Self::KeyOpened {
            account: signer.account.clone(),
            remarks: signer.remarks.clone(),
        }
    }

    pub(super) fn transaction(transaction: &Transaction) -> Self {
        Self::Transaction {
            call: transaction.call,
            transaction_hash: transaction.hash.to_string(),
            nonce: transaction.nonce,
            state: transaction.state,
        }
    }

    pub(super) fn created(life: &Life, found: bool) -> Self {
        Self::Created {
            name: life.name.to_string(),
            uuid: life.uuid.as_ref().map(ToString::to_string),
            node: life.node.clone(),
            compose_hash: life.compose_hash.map(|hash| hash.to_string()),
            found,
        }
    }

    pub(super) fn proof(proven: &Proven) -> Self {
        let checks = proven.checks.iter();
        Self::Proof {
            verdict: proven.verdict.word(),
            message: proven.message.clone(),
            checks: checks
                .map(|(name, statement, verdict)| Checked {
                    name,
                    verdict: verdict.word(),
                    statement,
                })
                .collect(),
        }
    }

    pub(super) fn log(row: LogRow) -> Self {
        Self::Log {
            log: row.log,
            line: row.number,
            at: row.at.map(|at| at.to_string()),
            text: row.text.to_string(),
        }
    }

    pub(super) fn stats(figures: &Figures) -> Self {
        let disk = |(place, full): &(Shown, u8)| DiskNews {
            place: place.to_string(),
            full: *full,
        };
        Self::Stats {
            processors: figures.processors,
            memory: figures.memory,
            disks: figures.disks.iter().map(disk).collect(),
        }
    }

    pub(super) fn watching(life: &Life) -> Self {
        Self::Watching {
            name: life.name.to_string(),
            uuid: life.uuid.as_ref().map(ToString::to_string),
            node: life.node.clone(),
            compose_hash: life.compose_hash.map(|hash| format!("0x{hash}")),
        }
    }

    pub(super) fn containers(containers: &[Container]) -> Self {
        let news = |one: &Container| ContainerNews {
            name: one.name.to_string(),
            image: one.image.to_string(),
            state: one.state.to_string(),
            status: one.status.to_string(),
        };
        Self::Containers {
            containers: containers.iter().map(news).collect(),
        }
    }

    pub(super) fn cause(why: &Why) -> Self {
        Self::Cause {
            cause: why.cause,
            message: why.sentence.clone(),
            rests_on: why.rests_on.clone(),
            log: why.line.as_ref().map(|(log, _)| log.to_string()),
            line: why.line.as_ref().map(|(_, number)| *number),
            fits: why.fits.clone(),
            advice: why.advice.clone(),
            repair: why.repair,
        }
    }

    pub(super) fn verdict(life: &Life, seconds: u64) -> Self {
        Self::Verdict {
            verdict: match life.verdict {
                Verdict::Booting => "booting",
                Verdict::Stalled => "stalled",
                Verdict::Degraded => "degraded",
                Verdict::Running => "running",
                Verdict::Failed => "failed",
                Verdict::Gone => "gone",
                Verdict::Deleted => "deleted",
            },
            message: life.headline.clone(),
            uuid: life.uuid.as_ref().map(ToString::to_string),
            instance_id: life.instance_id.as_ref().map(ToString::to_string),
            seconds,
        }
    }
}

impl Trouble {
    /// A reason that is not the service's.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// What the service said, or did not, under these words.
    pub fn of(words: &str, error: &Error) -> Self {
        let advice = match &error.kind {
            ErrorKind::Refused(refusal) => {
                let details = refusal.details.iter();
                let details = details.map(|(field, what)| format!("; {field}: {what}"));
                let suggestions = refusal.suggestions.iter();
                let suggestions = suggestions.map(|what| format!("; it suggests: {what}"));
                details.chain(suggestions).collect()
            }
            _ => String::new(),
        };
        Self {
            message: format!("{words}: {error}{advice}"),
            asked: Some(error.asked.to_string()),
            http_status: error.status(),
            error_code: error.code().map(ToOwned::to_owned),
            request_id: error.request_id().map(ToString::to_string),
            ..Self::default()
        }
    }
}

const HASH: &str = "compose_hash";

/// What the contract does not allow yet.
fn missing(registration: &Registration) -> Vec<&'static str> {
    if registration.founding.is_some() {
        return (!registration.all)
            .then_some("app_contract")
            .into_iter()
            .collect();
    }
    let hash = (!registration.hash_allowed).then_some(HASH);
    let device = (registration.device_allowed == Some(false)).then_some("device");
    hash.into_iter().chain(device).collect()
}
