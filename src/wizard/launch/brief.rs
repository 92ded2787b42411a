//! What the person decided, as every later stage needs it: the plan to send, and what to call things on screen.

mod birth;
mod founding;
mod receipt;

use std::sync::Arc;

pub use birth::{Birth, Known};

use crate::api::error::{Error, ErrorKind};
use crate::api::types::{
    Allowlist, ComposeHash, CvmUuid, Document, Node, Permission, Plan, Prepared, Proof, Ticket,
    TransactionHash,
};
use crate::chain::kms::KmsKeys;
use crate::journal::record::{Choice, Expected, Facts, Governed, NodeChoice};
use crate::secret::Secret;
use crate::secret::mask::Mask;
use crate::shown::Shown;
use crate::trust::compose_hash::{Foretold, Form, Hash, Verdict};
use crate::wizard::elsewhere::{Elsewhere, Place};
use crate::wizard::event::Order;
use crate::wizard::launch::several::Several;
use crate::wizard::page::{Line, Mark, title};
use crate::wizard::registering::Registering;
use crate::wizard::reread::FileRead;
use crate::wizard::status::{Registration, Work};

/// The decided launch. It is handed from stage to stage, and nothing but what a person decides on the way is added.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// What is sent.
    pub plan: Plan,
    /// Whether a contract has to agree before an instance may boot.
    pub on_chain: bool,
    /// The contract and its allowed machines, where there is one.
    pub allowlist: Option<Allowlist>,
    /// The chosen node; `None` where the service chooses.
    pub node: Option<Node>,
    /// The other nodes, where several were chosen.
    pub several: Several,
    /// Instances of the app that existed when the plan was made.
    pub before: Vec<CvmUuid>,
    /// The size, in words.
    pub size: String,
    /// The price, in words, where the service says one.
    pub price: Option<String>,
    /// Every answer with its source, for the review.
    pub answers: Vec<Decided>,
    /// What the checks remarked.
    pub remarks: Vec<Line>,
    /// Cost and quota, as lines.
    pub cost: Vec<Line>,
    /// Files that compose file, variables and script came from, in this order.
    pub paths: [Option<String>; 3],
    /// The same files as they were read, to be read again before a request leaves.
    pub files: Vec<FileRead>,
    /// The run of the program that made the plan.
    pub run: Run,
    /// What the live revision runs, for the difference.
    pub live: Option<Arc<Document>>,
    /// The keys of the app's KMS, where its contract was read.
    pub kms_keys: Option<KmsKeys>,
    /// Who else can be asked.
    pub elsewhere: Elsewhere,
    /// The compose hashes the service may name, or why they cannot be computed.
    pub foretold: Result<Foretold, String>,
    /// Whether a request that may have created has no clear answer, and a person went on all the same.
    pub unanswered: bool,
    /// The hash of another content that a person goes on with all the same.
    pub accepted: Option<ComposeHash>,
    /// The transaction that registered the compose hash, where one was named beforehand.
    pub transaction: Option<TransactionHash>,
    /// Who registers the compose hash, where that was ordered beforehand.
    pub registering: Registering,
    /// Names of the variables that are set; their values are only in the blob.
    pub env_names: Vec<String>,
    /// The values of a new app, to be encrypted once its key is known; for any other app they are in the plan.
    pub seal: Vec<(String, Secret)>,
    /// Their values, to be hidden wherever logs are shown.
    pub mask: Mask,
    /// The workspace the key belongs to.
    pub workspace: Option<Shown>,
    /// Base address of the service, for the exact request.
    pub base: Shown,
    /// The service in short, for "waiting for".
    pub host: Shown,
    /// The key, as far as it may be shown.
    pub key_tail: String,
    /// Whether this is the sandbox.
    pub sandbox: bool,
}

/// A run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// This one: its answers are in the form.
    This,
    /// An earlier one, of which the journal is left.
    Earlier,
}

/// How the hash that the service named compares with the one computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashVerdict {
    /// The same content, written in this form.
    Same(Form),
    /// Another content. This is what was expected, written in the form of the live document.
    Differs {
        /// The form of the live document.
        form: Form,
        /// The hash computed here.
        computed: [u8; 32],
    },
    /// It could not be computed.
    Unknown,
}

/// One answer in the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The question.
    pub label: &'static str,
    /// The answer.
    pub value: String,
    /// Where it came from.
    pub source: String,
    /// The step that changes it, from 1.
    pub step: u8,
}

impl Brief {
    /// Why a ticket is not for what was asked: it names another app or another machine, or none. Such a ticket is never
    /// used.
    pub fn mismatch(&self, prepared: &Prepared) -> Option<Error> {
        let Prepared::Ticket(ticket) = prepared else {
            return None;
        };
        let asked_device = self.node.as_ref().and_then(|node| node.device);
        let strays = ticket.strays(&self.plan, asked_device);
        let stray = strays.first()?;
        let (noun, asked) = (stray.noun, &stray.asked);
        let cause = match &stray.named {
            None => format!("it does not say which {noun} it is about"),
            Some(named) => format!("it is about {noun} {named}, and {asked} was asked for"),
        };
        Some(Error {
            asked: Shown::line(&format!("POST {}", self.plan.path())),
            tries: 1,
            kind: ErrorKind::Garbled {
                status: if self.plan.is_new_app() { 200 } else { 465 },
                cause: Shown::line(&cause),
                excerpt: Shown::default(),
            },
        })
    }

    /// What the hash the service named has to do with what was previewed; never a reason to fail by itself.
    pub fn hash_verdict(&self, named: &ComposeHash) -> HashVerdict {
        match &self.foretold {
            Ok(foretold) => match foretold.judge(named.bytes()) {
                Verdict::Same(form) => HashVerdict::Same(form),
                Verdict::Differs { form, computed } => HashVerdict::Differs { form, computed },
            },
            Err(_) => HashVerdict::Unknown,
        }
    }

    /// The verdict in a line, to stand under the hash.
    pub fn hash_line(&self, named: &ComposeHash) -> Line {
        match (self.hash_verdict(named), &self.foretold) {
            (HashVerdict::Same(form), _) => Line::new()
                .mark(Mark::Ok)
                .plain("computed here from what you previewed: ")
                .dim(form.to_string()),
            (HashVerdict::Differs { .. }, _) => Line::new()
                .mark(Mark::Bad)
                .bad("not the hash of what you previewed"),
            (HashVerdict::Unknown, Err(why)) => Line::new()
                .mark(Mark::Warn)
                .dim(format!("not checked: {why}")),
            (HashVerdict::Unknown, Ok(_)) => Line::new(),
        }
    }

    /// The verdict in a few words, to stand behind the hash.
    pub fn hash_note(&self, named: &ComposeHash) -> Line {
        match self.hash_verdict(named) {
            HashVerdict::Same(_) => Line::new().mark(Mark::Ok).plain("as computed here"),
            HashVerdict::Differs { .. } => Line::new().mark(Mark::Bad).bad("not as computed here"),
            HashVerdict::Unknown => Line::new().mark(Mark::Warn).dim("not checked here"),
        }
    }

    /// What stands behind the verdict on a hash: every form, and what it proves. For the review nothing is named yet.
    pub fn hash_details(&self, named: Option<&ComposeHash>) -> Vec<Line> {
        let mut lines = vec![title("The compose hash, computed here"), Line::new()];
        if let Some(named) = named {
            lines.push(Line::new().dim("the service names"));
            lines.push(Line::new().plain("   0x").strong(named.to_string()));
        }
        let foretold = match &self.foretold {
            Ok(foretold) => foretold,
            Err(why) => {
                lines.push(Line::new().mark(Mark::Warn).plain(format!(
                    "It cannot be computed here: {why}. So nothing here says what the service's hash stands for."
                )));
                return lines;
            }
        };
        let mut told: Vec<&Hash> = Vec::new();
        for (_, hash) in foretold.hashes() {
            if told.contains(&hash) {
                continue;
            }
            told.push(hash);
            let forms = foretold.hashes().iter().filter(|(_, other)| other == hash);
            let forms: Vec<Form> = forms.map(|(form, _)| *form).collect();
            let line = Line::new().plain("0x").strong(hex::encode(hash));
            lines.push(if named.is_some_and(|named| named.bytes() == hash) {
                line.plain("  ").mark(Mark::Ok).good("named")
            } else if forms.contains(&foretold.form()) {
                line.dim(if self.plan.is_new_app() {
                    "  the likeliest"
                } else {
                    "  as the live one"
                })
            } else {
                line
            });
            let forms: Vec<String> = forms.iter().map(ToString::to_string).collect();
            lines.push(Line::new().dim(format!("   {}", forms.join("; "))));
        }
        lines.push(Line::new());
        let what = if self.plan.is_new_app() {
            "the one that is sent, every member spelt out."
        } else {
            "the live one, with your compose file and script in their places."
        };
        lines.push(Line::from(format!(
            "The hash stands for the whole document: {what} The service may write one document in several ways, so \
             each is hashed; any of them stands for the same content.",
        )));
        lines.push(Line::new().dim(
            "It does not cover the values of variables, what lies behind image tags without a digest, or what a script \
             downloads.",
        ));
        lines
    }

    /// What stands for the registration, unless another transaction is named on the way.
    pub fn proof(&self) -> Proof {
        self.transaction
            .map_or(Proof::AlreadyRegistered, Proof::Transaction)
    }

    /// What the contract has to allow for this ticket, and does.
    pub fn registration(&self, ticket: &Ticket, permission: &Permission) -> Registration {
        let listed = self.allowlist.as_ref();
        let contract = listed.and_then(|list| list.contract.clone());
        Registration {
            hash: ticket.compose_hash,
            hash_allowed: permission.hash,
            hash_checked: match self.hash_verdict(&ticket.compose_hash) {
                HashVerdict::Same(_) => Some(true),
                HashVerdict::Differs { .. } => Some(false),
                HashVerdict::Unknown => None,
            },
            device: ticket.device,
            device_allowed: permission.device,
            all: permission.all,
            contract: contract.unwrap_or_else(|| Shown::line(&format!("0x{}", self.plan.app))),
            chain_id: ticket.chain_id.or(listed.and_then(|list| list.chain_id)),
            trouble: None,
            read: None,
            work: Work::Idle,
            signer: None,
            transactions: Vec::new(),
            handed: None,
            proof: self.transaction,
            founding: None,
        }
    }

    /// What is sent, with everything that is written down about it before. `consent`: what the person decided for it.
    pub fn order(&self, consent: Option<Choice>) -> Box<Order> {
        let chain_id = self.allowlist.as_ref().and_then(|list| list.chain_id);
        let contract = self
            .allowlist
            .as_ref()
            .and_then(|list| list.contract.clone());
        let (expected, also) = self.expected();
        Box::new(Order {
            plan: self.plan.clone(),
            facts: Facts {
                api_base: self.base.clone(),
                profile: None,
                workspace: self.workspace.clone(),
                sandbox: self.sandbox,
                governed: match (self.plan.is_new_app(), self.on_chain) {
                    (true, _) => Governed::NewApp,
                    (false, true) => Governed::ByContract { chain_id, contract },
                    (false, false) => Governed::MayCreate,
                },
                node: self.node.as_ref().map(|node| NodeChoice {
                    id: Some(node.id.0),
                    name: node.name.clone(),
                    region: node.region.clone(),
                    device: node.device,
                }),
                expected,
                also,
                env_names: self.env_names.clone(),
                files: self.files_written_down(),
                before: self.before.clone(),
            },
            consent,
            seal: self.seal.clone(),
        })
    }

    /// The hash the service is likeliest to name, and those it may name instead.
    fn expected(&self) -> (Option<Expected>, Vec<Expected>) {
        let Ok(foretold) = &self.foretold else {
            return (None, Vec::new());
        };
        let (mut likeliest, mut also) = (None, Vec::new());
        for (form, hash) in foretold.hashes() {
            let expected = Expected {
                hash: ComposeHash::from(*hash),
                form: *form,
            };
            if *form == foretold.form() {
                likeliest = Some(expected);
            } else {
                also.push(expected);
            }
        }
        (likeliest, also)
    }

    /// The nodes of this chain that can be asked. What is made up in a sandbox can be looked up nowhere outside.
    pub(super) fn nodes_of(&self, chain_id: u64) -> Vec<(Place, Shown)> {
        let mut nodes = self.elsewhere.nodes(chain_id);
        nodes.retain(|(at, _)| at.is_configured() || !self.sandbox);
        nodes
    }

    /// Where it will run, in words.
    pub fn place(&self) -> String {
        match &self.node {
            Some(node) => match &node.region {
                Some(region) => format!("{} ({region})", node.name),
                None => node.name.to_string(),
            },
            None => "a node the service chooses".to_owned(),
        }
    }
}

/// The hashes the service may name, as they were written down with an [`Order`].
pub fn foretold(facts: &Facts) -> Result<Foretold, String> {
    let pair = |expected: &Expected| (expected.form, *expected.hash.bytes());
    match &facts.expected {
        Some(expected) => Ok(Foretold::recalled(
            pair(expected),
            facts.also.iter().map(pair),
        )),
        None => Err("it was not computed before".to_owned()),
    }
}

#[cfg(test)]
pub(super) mod tests;
