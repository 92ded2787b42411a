//! A pretend service of plain values: it answers the wizard's questions without sockets, time or bytes.
//!
//! The sandbox is the witness for the wire; this is only the other side of the alphabet, so that a journey can say
//! exactly what comes back, and when.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::expect_used, reason = "a panic in a test is a message to us")]

use phala_wizard::api::error::{Error, ErrorKind, Refusal, Unreachable};
use phala_wizard::api::types::*;
use phala_wizard::journal::found::{Found as Begun, LockState, Unfinished};
use phala_wizard::journal::state::State as Kept;
use phala_wizard::secret::Secret;
use phala_wizard::shown::Shown;
use phala_wizard::trust::compose_hash::{self, Form};
use phala_wizard::wizard::elsewhere::Elsewhere;
use phala_wizard::wizard::event::{
    Answer, Folder, FolderEntry, KeyInfo, Request, SignedIn, TextFile,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[path = "cockpit.rs"]
pub mod cockpit;

use cockpit::Fault;
#[path = "chain_node.rs"]
pub mod node;
#[path = "signin.rs"]
pub mod signin;

pub const APP: &str = "3f91deaf16ff7c823ee65081d6bafa1ceea05ffc";
pub const CENTRAL: &str = "09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3";
/// The id that the next new app will have.
pub const NEXT: &str = "0a11ce0000000000000000000000000000000003";
pub const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/acme/api:1.8.1\n    environment:\n      - DATABASE_URL\n    ports:\n      - \"8080:8080\"\n";

/// What is in every script.
pub const SCRIPT: &str = "#!/bin/bash\nset -e\necho before\n";

/// What the pretend service does; every field can be turned by a test.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each one is a switch for a test"
)]
pub struct Cloud {
    pub signed_in: bool,
    /// No file can be read any more.
    pub gone: bool,
    pub apps: Vec<App>,
    pub instances: Vec<Instance>,
    pub nodes: Vec<Node>,
    /// Looks at the contract until it allows everything; `u32::MAX` is never.
    pub looks_until_allowed: u32,
    pub looks: u32,
    pub hash_allowed: bool,
    pub device_allowed: bool,
    /// What the commit comes to.
    pub commit: Fate,
    /// What the prepare comes to.
    pub prepare: Fate,
    /// The one node that both fates are for; `None`: for all of them.
    pub unlucky: Option<NodeId>,
    /// Whether it names another compose hash than that of what it was sent.
    pub lies: bool,
    /// The hash it named last.
    pub named: ComposeHash,
    /// Tokens handed out.
    pub tokens: u32,
    /// Instances that exist but are not listed yet: how many looks until they are.
    pub hidden_for: u32,
    pub created: Vec<Instance>,
    pub state: State,
    pub env_file: String,
    pub compose_file: String,
    /// Files that were written, or are to be found there.
    pub disk: BTreeMap<PathBuf, String>,
    /// What an instance shows of itself.
    pub evidence: Evidence,
    /// What else it says of one instance.
    pub cockpit: cockpit::Cockpit,
    /// The deployment that an earlier run left.
    pub begun: Option<Box<Kept>>,
    /// The node of the app's chain that is configured.
    pub node: Option<node::Node>,
    /// Whether a new app is provisioned with the KMS of another chain than was asked for.
    pub other_chain: bool,
    /// What becomes of a sign-in.
    pub signin: signin::SignIn,
}

/// What becomes of a creating request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// As it should.
    Good,
    /// The service acts, and its answer is lost.
    Lost,
    /// A refusal.
    Refused(u16, Option<&'static str>),
    /// It never leaves this machine.
    NotSent,
}

impl Default for Cloud {
    fn default() -> Self {
        Self {
            signed_in: true,
            gone: false,
            apps: vec![
                app(APP, "orders-api", "base"),
                app(CENTRAL, "kv-cache", "phala"),
            ],
            instances: vec![
                instance("orders-api", 1, 'a'),
                instance("orders-api-b", 2, 'a'),
            ],
            nodes: vec![
                node(6, "prod6", 11, 'd'),
                node(7, "use2", 4, 'e'),
                node(5, "prod5", 0, 'f'),
            ],
            looks_until_allowed: 2,
            looks: 0,
            hash_allowed: false,
            device_allowed: true,
            commit: Fate::Good,
            prepare: Fate::Good,
            unlucky: None,
            lies: false,
            named: hash('a'),
            tokens: 0,
            hidden_for: 0,
            created: Vec::new(),
            state: State {
                status: "starting".into(),
                ..State::default()
            },
            env_file: "DATABASE_URL=postgres://canary-value\n".into(),
            compose_file: COMPOSE.replace("1.8.1", "1.8.2"),
            disk: BTreeMap::new(),
            evidence: Evidence::new(br#"{"is_online": false, "tcb_info": null}"#),
            cockpit: cockpit::Cockpit::default(),
            begun: None,
            node: None,
            other_chain: false,
            signin: signin::SignIn::default(),
        }
    }
}

impl Cloud {
    /// The answer to a question; `None` while nobody answers.
    pub fn answer(&mut self, request: &Request) -> Option<Answer> {
        match self.cockpit.fault(request) {
            Some(Fault::Silent) => return None,
            Some(Fault::Fails(error)) => return cockpit::fails(request, error),
            Some(Fault::Breaks(error)) if !request.streams() => {
                return cockpit::fails(request, error);
            }
            Some(Fault::Breaks(_)) | None => {}
        }
        let about_the_chain =
            |node: &node::Node| node.answer(request, self.hash_allowed, self.device_allowed);
        self.node
            .as_ref()
            .and_then(about_the_chain)
            .or_else(|| self.of_the_form(request))
            .or_else(|| self.of_the_launch(request))
            .or_else(|| of_others(request))
            .or_else(|| self.of_an_instance(request))
    }

    /// What follows that answer under the same number, where something does.
    pub fn more(&self, request: &Request) -> Option<Answer> {
        match (self.cockpit.fault(request), request) {
            (Some(Fault::Breaks(error)), _) if request.streams() => cockpit::fails(request, error),
            (_, Request::Log { source, .. }) => {
                let why = self.cockpit.ends.get(source)?.clone();
                // A log without a line is over with its first answer.
                let began = self.cockpit.logs.contains_key(source);
                began.then(|| Answer::LogEnded(source.clone(), why))
            }
            _ => None,
        }
    }

    /// What a person is asked before anything is sent.
    fn of_the_form(&mut self, request: &Request) -> Option<Answer> {
        Some(match request {
            Request::SignIn(None) if !self.signed_in => Answer::SignedIn(SignedIn::NoKey {
                host: "https://api.example".into(),
                note: None,
            }),
            Request::SignIn(None) => Answer::SignedIn(self.good()),
            Request::SignIn(Some(_)) => Answer::SignedIn(self.signin.elsewhere(self.good())),
            Request::Login(login) => {
                let good = self.good();
                self.signin.answer(login, good)
            }
            Request::OpenSandbox(_) => Answer::Sandbox(Ok("http://127.0.0.1:1/api/v1".into())),
            Request::Apps { page, .. } => Answer::Apps(Ok(self.page(*page))),
            Request::App(id) => Answer::App(
                self.apps
                    .iter()
                    .find(|app| app.id == *id)
                    .cloned()
                    .ok_or_else(|| refused("GET /apps/..", 404, None)),
            ),
            Request::Instances(id) => Answer::Instances(if self.is_unmade(*id) {
                if !self.created.is_empty() {
                    self.hidden_for = self.hidden_for.saturating_sub(1);
                }
                Err(refused("GET /apps/../cvms", 404, None))
            } else {
                Ok(self.list(*id))
            }),
            Request::NextApp => Answer::NextApp(Ok(NextApp {
                app: app_id(NEXT),
                nonce: 3,
            })),
            Request::Sizes => Answer::Sizes(Ok(sizes())),
            Request::TermsSeen => Answer::TermsSeen(Vec::new()),
            Request::KeepTerms(_) => Answer::TermsKept(Ok(())),
            Request::Nodes => Answer::Nodes(Ok(NodeList {
                nodes: self.nodes.clone(),
            })),
            Request::Allowlist(id) => Answer::Allowlist(Ok(allowlist(*id))),
            Request::Quotas(_) => Answer::Quotas(Ok(quotas())),
            Request::Document(_) => Answer::Document(Ok(document())),
            Request::EnvKey { .. } => {
                let public_key =
                    "8a1f0927b5d3c64e9f0a1b2c3d4e5f60718293a4b5c6d7e8f901234567890a0b".into();
                Answer::EnvKey(Ok(EnvKeyAnswer {
                    public_key,
                    signature: None,
                }))
            }
            Request::ListFolder(path) => Answer::Folder(Ok(folder(path.clone()))),
            Request::ReadAgain(files) => Answer::FilesAgain(
                files
                    .iter()
                    .map(|(question, path)| (*question, self.file(path)))
                    .collect(),
            ),
            Request::ReadFile(path) => Answer::File(self.file(path)),
            Request::LookAt(path) => Answer::LookedAt(
                self.disk
                    .contains_key(path)
                    .then(|| self.file(path))
                    .transpose(),
            ),
            Request::SaveFiles(files) => Answer::FilesSaved(Ok(files
                .iter()
                .map(|file| {
                    let text = file.text.expose().to_owned();
                    self.disk.insert(file.path.clone(), text);
                    file.path.clone()
                })
                .collect())),
            Request::Edit { text, .. } => Answer::Edited(Ok(format!("{text}# edited\n"))),
            _ => return None,
        })
    }

    /// What is said of a key that is good.
    fn good(&self) -> SignedIn {
        SignedIn::Yes {
            host: "api.example".into(),
            base: "https://api.example/api/v1".into(),
            key: key(),
            identity: identity(),
            elsewhere: Elsewhere {
                rpc: self.node.iter().map(|_| "base.example".into()).collect(),
                ..Elsewhere::default()
            },
        }
    }

    /// What is prepared, created and written down.
    fn of_the_launch(&mut self, request: &Request) -> Option<Answer> {
        Some(match request {
            Request::Seal { entries, .. } => Answer::Sealed(Ok("ab".repeat(60 + entries.len()))),
            Request::Prepare(order) if order.plan.is_new_app() => {
                Answer::Prepared(self.provision(&order.plan, order.seal.len()))
            }
            Request::Prepare(order) => Answer::Prepared(self.prepare(&order.plan)),
            Request::IsAllowed { .. } => Answer::IsAllowed(Ok(self.look())),
            Request::Commit { order, .. } => Answer::Committed(self.commit(order.plan.node)),
            Request::Note(_) => Answer::Noted(Ok(())),
            Request::Unfinished => Answer::Unfinished(Ok(self.unfinished())),
            Request::Resume(_) => {
                let begun = self.begun.clone();
                Answer::Resumed(begun.ok_or_else(|| "it is not there any more".into()))
            }
            Request::Forget(id) => Answer::Forgotten(Ok(*id)),
            Request::HandOver { .. } => Answer::HandedOver(Err("the disk is full".into())),
            _ => return None,
        })
    }

    /// What it says of one instance.
    fn of_an_instance(&self, request: &Request) -> Option<Answer> {
        let cockpit = &self.cockpit;
        Some(match request {
            Request::Stream(of) => Answer::Streamed(self.state_of(of)),
            Request::State(of) => Answer::State(Ok(self.state_of(of))),
            Request::States(of) => {
                let state = |uuid: &CvmUuid| (uuid.clone(), self.state_of(uuid));
                Answer::States(Ok(of.iter().map(state).collect()))
            }
            Request::Find(name) => Answer::Found(self.find(name)),
            Request::Network(_) => Answer::Network(cockpit.network.clone()),
            Request::Composition(_) => Answer::Composition(cockpit.composition.clone()),
            Request::Stats(_) => Answer::Stats(cockpit.stats.clone()),
            Request::Operations(_) => Answer::Operations(cockpit.operations.clone()),
            Request::Attestation(_) => Answer::Attestation(Ok(self.evidence.clone())),
            Request::Log {
                source,
                mask,
                after,
                ..
            } => cockpit.log(source, mask, after.as_ref()),
            Request::CheckAddress(_) => Answer::AddressChecked(cockpit.reached.clone()),
            Request::Restart(_) => Answer::Restarted(cockpit.restarted.clone()),
            Request::Delete(_) => Answer::Deleted(cockpit.deleted.clone()),
            Request::PastBoots(_) => Answer::PastBoots(cockpit.past.clone()),
            Request::KeepBoot(..) => Answer::BootKept(Ok(())),
            Request::SaveLog { name, .. } => Answer::LogSaved(Ok(name.into())),
            Request::ShowPaged(_) => Answer::Paged(Ok(())),
            _ => return None,
        })
    }

    /// How an instance is doing: the one that was made, unless something else was set for it.
    fn state_of(&self, uuid: &CvmUuid) -> State {
        let set = self.cockpit.siblings.get(uuid);
        set.unwrap_or(&self.state).clone()
    }

    fn find(&self, name: &CvmName) -> Result<Box<Found>, Error> {
        let mut all = self.instances.iter().chain(&self.created);
        let is_named = |one: &&Instance| {
            let uuid = one.uuid.as_ref().map(CvmUuid::in_path);
            uuid.as_deref() == Some(name.as_str()) || one.name.as_str() == name.as_str()
        };
        let instance = all.find(is_named).filter(|_| !self.cockpit.hides);
        let instance = instance.ok_or_else(|| refused("GET /cvms/..", 404, None))?;
        let state = instance.uuid.as_ref().map(|uuid| self.state_of(uuid));
        Ok(Box::new(Found {
            instance: instance.clone(),
            app: Some(app_id(APP)),
            state: state.unwrap_or_default(),
        }))
    }

    /// A file as it is on the disk now.
    fn file(&self, path: &Path) -> Result<TextFile, Shown> {
        if self.gone {
            return Err("it does not exist".into());
        }
        let name = path.to_string_lossy();
        let text = match self.disk.get(path) {
            Some(text) => text.as_str(),
            None if name.contains(".env") => &self.env_file,
            None if name.ends_with(".sh") => SCRIPT,
            None => &self.compose_file,
        };
        Ok(TextFile {
            path: path.to_owned(),
            text: Secret::new(text),
            lasts: true,
        })
    }

    /// The instance is up and well.
    pub fn boots_well(&mut self) {
        self.state = State {
            status: "running".into(),
            boot_progress: Some("done".into()),
            boot_error: None,
            instance_id: Some("ab".repeat(20).as_str().into()),
            uptime: Some("1m".into()),
        };
    }

    /// The app's other instances are up and well, whatever becomes of the one that is made.
    pub fn siblings_are_well(&mut self) {
        let mut well = self.clone();
        well.boots_well();
        let uuids = self.instances.iter().filter_map(|one| one.uuid.clone());
        let states = uuids.map(|uuid| (uuid, well.state.clone()));
        self.cockpit.siblings = states.collect();
    }

    fn unfinished(&self) -> Unfinished {
        let found = self.begun.iter().map(|state| Begun {
            state: state.as_ref().clone(),
            lock: LockState::Free,
        });
        Unfinished {
            found: found.collect(),
            set_aside: Vec::new(),
        }
    }

    fn page(&self, page: u32) -> AppPage {
        const SIZE: usize = 50;
        let start = (page as usize - 1) * SIZE;
        let pages = u32::try_from(self.apps.len().div_ceil(SIZE)).unwrap_or(1);
        let apps = self.apps.iter().skip(start).take(SIZE).cloned().collect();
        AppPage {
            apps,
            page,
            pages,
            total: u32::try_from(self.apps.len()).unwrap_or(0),
        }
    }

    fn list(&mut self, _app: AppId) -> Vec<Instance> {
        let mut list = self.instances.clone();
        if self.hidden_for == 0 {
            list.extend(self.created.iter().cloned());
        }
        self.hidden_for = self.hidden_for.saturating_sub(1);
        list
    }

    /// Whether this is the id of the next app, and nothing was made of it yet.
    fn is_unmade(&self, app: AppId) -> bool {
        app == app_id(NEXT) && (self.created.is_empty() || self.hidden_for > 0)
    }

    fn provision(&mut self, plan: &Plan, values: usize) -> Result<Prepared, Error> {
        match self.prepare {
            Fate::Refused(status, code) => {
                return Err(refused("POST /cvms/provision", status, code));
            }
            Fate::NotSent => return Err(not_sent()),
            Fate::Lost => return Err(lost()),
            Fate::Good => (),
        }
        // The instances of another app are none of this one's.
        self.instances.clear();
        let document = plan.new_app().expect("a new app").document(plan);
        self.named = if self.lies {
            hash('b')
        } else {
            let foretold = compose_hash::Foretold::anew(&document).expect("a hash");
            ComposeHash::from(foretold.likeliest())
        };
        let chain = plan.kms_chain();
        Ok(Prepared::Ticket(Box::new(Ticket {
            token: Secret::new(self.named.to_string()),
            compose_hash: self.named,
            app: chain.is_none().then_some(plan.app),
            device: plan
                .node
                .and_then(|id| self.nodes.iter().find(|node| node.id == id)?.device)
                .or(chain.map(|_| DeviceId::from([0x11; 32]))),
            chain_id: chain.map(|chain| if self.other_chain { 1 } else { chain.id() }),
            hash_allowed: true,
            device_allowed: true,
            commit_url: None,
            provision: Some(Provision {
                env_key: chain.is_none().then(|| "ab".repeat(32).as_str().into()),
                sealed: (values > 0 && chain.is_none()).then(|| "cd".repeat(80)),
                kms: Some("kms_0a".into()),
                kms_contract: chain.map(|_| format!("0x{}", "2f".repeat(20)).as_str().into()),
                founded: None,
            }),
        })))
    }

    /// What becomes of a request for this node.
    fn fate(&self, fate: &Fate, node: Option<NodeId>) -> Fate {
        let is_meant = self.unlucky.is_none() || self.unlucky == node;
        if is_meant { fate.clone() } else { Fate::Good }
    }

    fn prepare(&mut self, plan: &Plan) -> Result<Prepared, Error> {
        match self.fate(&self.prepare, plan.node) {
            Fate::Refused(status, code) => {
                return Err(refused("POST /apps/../instances", status, code));
            }
            Fate::NotSent => return Err(not_sent()),
            Fate::Lost if plan.app == app_id(APP) => return Err(lost()),
            Fate::Lost => {
                self.create(plan.node);
                return Err(lost());
            }
            Fate::Good => (),
        }
        if plan.app != app_id(APP) {
            let instance = self.create(plan.node);
            return Ok(Prepared::Created(Box::new(created(&instance))));
        }
        self.tokens += 1;
        self.named = if self.lies {
            hash('b')
        } else {
            compose_hash(plan.compose.as_deref(), plan.script.as_deref())
        };
        Ok(Prepared::Ticket(Box::new(Ticket {
            token: Secret::new(format!(
                "54ce8e5d-284b-41dd-a78e-5ba38a1f{:04}",
                self.tokens
            )),
            compose_hash: self.named,
            app: Some(plan.app),
            device: plan
                .node
                .and_then(|id| self.nodes.iter().find(|node| node.id == id)?.device),
            chain_id: Some(8453),
            hash_allowed: self.hash_allowed,
            device_allowed: self.device_allowed,
            commit_url: Some(Secret::new("https://cloud.example/confirm?token=canary")),
            provision: None,
        })))
    }

    fn look(&mut self) -> Permission {
        self.looks += 1;
        let allowed = self.looks >= self.looks_until_allowed;
        Permission {
            hash: allowed || self.hash_allowed,
            device: Some(allowed || self.device_allowed),
            all: allowed || self.hash_allowed && self.device_allowed,
            error: None,
        }
    }

    fn commit(&mut self, node: Option<NodeId>) -> Result<Prepared, Error> {
        let node = node.or(Some(NodeId(6)));
        match self.fate(&self.commit, node) {
            Fate::Refused(status, code) => Err(refused("POST /apps/../instances", status, code)),
            Fate::NotSent => Err(not_sent()),
            Fate::Lost => {
                self.create(node);
                Err(lost())
            }
            Fate::Good => {
                let instance = self.create(node);
                Ok(Prepared::Created(Box::new(created(&instance))))
            }
        }
    }

    fn create(&mut self, node: Option<NodeId>) -> Instance {
        let number = 100 + self.created.len() as u64;
        let mut new = instance("orders-api-c", number, 'a');
        new.compose_hash = Some(self.named);
        new.status = "creating".into();
        new.created_at = Some("2026-11-21T10:00:00Z".into());
        if let Some(at) = &mut new.node {
            at.id = node;
        }
        self.created.push(new.clone());
        new
    }
}

/// Nobody outside the service is asked unless a test lets it answer.
fn of_others(request: &Request) -> Option<Answer> {
    Some(match request {
        Request::Collateral { .. } => Answer::Collateral(Err(lost())),
        Request::KmsKeys { .. } => Answer::KmsKeys(Err(lost())),
        Request::FindApp { .. } => Answer::AppFound(Err(lost())),
        Request::ReadContract { at, .. } => {
            Answer::Contract(at.iter().map(|place| (*place, Err(lost()))).collect())
        }
        Request::ReadAllowed { at, .. } => {
            Answer::Allowed(at.iter().map(|place| (*place, Err(lost()))).collect())
        }
        Request::FindRegistration { .. } => Answer::Registration(Err(lost())),
        Request::Transactions => Answer::Transactions(Vec::new()),
        Request::FindKeys => Answer::Keys(Vec::new()),
        Request::OpenKey { .. } => Answer::KeyOpened(Err("there is no such key".into())),
        Request::Examine { .. } => Answer::Examined(Err(lost())),
        Request::Sign { .. } => Answer::Signed(Err("no key is open".into())),
        Request::SendAgain { .. } => Answer::SentAgain(Err(lost())),
        Request::Follow { transactions, .. } => Answer::Followed(
            transactions
                .iter()
                .map(|transaction| (transaction.hash, Err(lost())))
                .collect(),
        ),
        _ => return None,
    })
}

pub fn app_id(hex: &str) -> AppId {
    AppId::parse(hex).expect("an app id")
}

/// A compose hash that is easy to recognise; `a` is the one of the live document.
pub fn hash(letter: char) -> ComposeHash {
    if letter == 'a' {
        return compose_hash(None, None);
    }
    ComposeHash::parse(&letter.to_string().repeat(64)).expect("a hash")
}

pub fn device(letter: char) -> DeviceId {
    DeviceId::parse(&letter.to_string().repeat(64)).expect("a device id")
}

pub fn identity() -> Identity {
    Identity {
        user: "dana".into(),
        workspace: "acme".into(),
        slug: Some("acme".into()),
        tier: Some("PRO".into()),
        balance: Some("61.20".into()),
        post_paid: false,
    }
}

pub fn key() -> KeyInfo {
    KeyInfo {
        tail: "****09c1".into(),
        origin: "PHALA_CLOUD_API_KEY".into(),
    }
}

pub fn sizes() -> Vec<Size> {
    let size = |id: &str, vcpu: f64, hourly: &str| Size {
        id: id.into(),
        vcpu: Some(vcpu),
        memory_mb: Some(2048.0 * vcpu),
        disk_gb: Some(20.0 * vcpu),
        hourly: Some(hourly.into()),
        gpu: false,
    };
    vec![
        size("tdx.small", 1.0, "0.058"),
        size("tdx.medium", 2.0, "0.116"),
        Size {
            gpu: true,
            ..size("h200.small", 24.0, "3.500")
        },
    ]
}

pub fn app(id: &str, name: &str, kms: &str) -> App {
    App {
        id: app_id(id),
        name: name.into(),
        kms: if kms == "phala" {
            KmsKind::Central
        } else {
            KmsKind::OnChain(kms.into())
        },
        created_at: Some("2026-11-21T09:00:00Z".into()),
        instances: vec![instance(name, 1, 'a')],
        instance_count: Some(2),
    }
}

pub fn instance(name: &str, number: u64, hash_letter: char) -> Instance {
    Instance {
        uuid: CvmUuid::parse(&format!("f2e4c1a088d24c0eb5b6{number:012x}")),
        name: name.into(),
        status: "running".into(),
        node: Some(NodeRef {
            id: Some(NodeId(5)),
            name: "prod5".into(),
            region: Some("US West".into()),
            device: Some(device('f')),
        }),
        compose_hash: Some(hash(hash_letter)),
        resource: Resource {
            kind: Some("tdx.medium".into()),
            vcpu: Some(2.0),
            memory_gb: Some(4.0),
            disk_gb: Some(40.0),
            price: Some("0.116".into()),
            period: Some("hourly".into()),
        },
        kms_word: Some("base".into()),
        kms: KmsInfo {
            chain_id: Some(8453),
            contract: None,
            env_key: None,
            ..KmsInfo::default()
        },
        ..Instance::default()
    }
}

pub fn node(id: u64, name: &str, slots: u64, device_letter: char) -> Node {
    Node {
        id: NodeId(id),
        name: name.into(),
        region: Some("US West".into()),
        slots: Some(slots),
        vcpu: Some(16.0),
        memory_mb: Some(32768.0),
        on_chain: Some(true),
        device: Some(device(device_letter)),
        images: Vec::new(),
    }
}

pub fn document() -> Document {
    Document {
        compose: COMPOSE.into(),
        script: None,
        allowed_envs: Some(vec!["DATABASE_URL".into()]),
        stored: Some(stored().to_string().into()),
    }
}

/// The live document as the service stores it.
fn stored() -> serde_json::Value {
    serde_json::json!({
        "name": "orders-api",
        "runner": "docker-compose",
        "docker_compose_file": COMPOSE,
        "allowed_envs": ["DATABASE_URL"],
    })
}

/// The hash of the live document with these parts replaced.
pub fn compose_hash(compose: Option<&str>, script: Option<&str>) -> ComposeHash {
    let document = compose_hash::Document::parse(&stored().to_string())
        .and_then(|document| document.with(compose, script))
        .expect("a document");
    let hash = document.hash(Form::CompactDeep);
    ComposeHash::parse(&hex::encode(hash)).expect("a hash")
}

pub fn quotas() -> Quotas {
    let quota = |name: &str, limit, remaining| Quota {
        name: name.into(),
        limit,
        remaining,
    };
    Quotas {
        limits: vec![
            quota("vm_slots", 8.0, 3.0),
            quota("vcpu", 16.0, 4.0),
            quota("memory_mb", 32768.0, 8192.0),
            quota("disk_gb", 160.0, 40.0),
        ],
    }
}

pub fn created(instance: &Instance) -> Created {
    Created {
        uuid: instance.uuid.clone(),
        name: instance.name.clone(),
        status: instance.status.clone(),
        app: None,
        node: instance.node.clone(),
        instance_id: None,
    }
}

pub fn refused(asked: &str, status: u16, code: Option<&str>) -> Error {
    let refusal = Refusal {
        status,
        code: code.map(Into::into),
        message: "in the service's own words".into(),
        ..Refusal::default()
    };
    Error {
        asked: asked.into(),
        tries: 1,
        kind: ErrorKind::Refused(refusal),
    }
}

pub fn lost() -> Error {
    Error {
        asked: "POST /apps/../instances".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(Unreachable::Broken, "".into()),
    }
}

pub fn not_sent() -> Error {
    let why = "an earlier request for this app may still come to something";
    Error {
        kind: ErrorKind::Unreachable(Unreachable::NotSent, why.into()),
        ..lost()
    }
}

fn allowlist(app: AppId) -> Allowlist {
    let on_chain = app == app_id(APP);
    Allowlist {
        on_chain,
        any_device: false,
        chain_id: on_chain.then_some(8453),
        contract: on_chain.then(|| format!("0x{app}").as_str().into()),
        devices: vec![
            (device('d'), Some("prod6".into()), true),
            (device('e'), Some("use2".into()), false),
        ],
    }
}

fn folder(path: PathBuf) -> Folder {
    let entry = |name: &str, is_folder, size| FolderEntry {
        name: name.into(),
        is_folder,
        size,
    };
    Folder {
        path,
        entries: vec![
            entry("sub", true, 0),
            entry(".env.prod", false, 40),
            entry("docker-compose.yml", false, 200),
            entry("before.sh", false, 30),
        ],
    }
}
