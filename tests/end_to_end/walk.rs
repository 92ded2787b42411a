//! A walk of the real program but for its terminal: loop, client and sockets are real, and the sandbox answers.
//!
//! ```text
//!   walk in words ──keys──▶ shell::drive ──HTTP──▶ tap ──▶ sandbox
//!        ▲───────frames────────┘
//! ```
//!
//! Waiting is always for words on screen, with a deadline far beyond what a slow machine needs.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use phala_wizard::api::client::Client;
use phala_wizard::api::error::Error;
use phala_wizard::api::types::Instance;
use phala_wizard::sandbox::{self, Scenario, World};
use phala_wizard::secret::Secret;
use phala_wizard::shell::ask::Asker;
use phala_wizard::shell::credentials::Environment;
use phala_wizard::shell::demo;
use phala_wizard::shell::places::Places;
use phala_wizard::shell::questions::Questions;
use phala_wizard::shell::run::{Core, INBOX, Input, Screen, Typed};
use phala_wizard::shell::{self, Walk};
use phala_wizard::theme::Theme;
use phala_wizard::theme::address::Links;
use phala_wizard::wizard::event::{Exit, Outcome};
use phala_wizard::wizard::{Start, Wizard};
use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::tap::{self, Record, Sent};
use crate::typed::{parse, text};
use crate::wallet::{Draft, Wallet};

/// A walk that waits longer than this for anything has failed.
const DEADLINE: Duration = Duration::from_mins(1);

/// A walk that is not over after this has failed. Much of a walk through a bad network is pauses the service asks for.
const LONGEST: Duration = Duration::from_mins(5);

/// The one key that the service knows.
pub const KEY: &str = "phak_sandbox_end_to_end";

/// What a walk begins with.
pub struct Stage {
    scenario: Scenario,
    speed: f64,
    folder: PathBuf,
    reads_chain: bool,
    /// What an earlier walk left.
    left: Option<Left>,
}

impl Stage {
    /// The scenario of this name. Ten minutes pass in it every second.
    pub fn of(scenario: &str) -> Self {
        Self {
            scenario: Scenario::named(scenario).expect("a scenario"),
            speed: 600.0,
            folder: PathBuf::from("/"),
            reads_chain: false,
            left: None,
        }
    }

    /// The same with these lines added to its story.
    pub fn where_also(self, lines: &str) -> Self {
        let name = &self.scenario.name;
        let text = format!("sentence = 'told'\n[workspace]\napps = []\n{lines}");
        let scenario = Scenario::parse(name, &text).expect("a scenario");
        Self { scenario, ..self }
    }

    /// Begun where an earlier walk stopped: on its machine, with its service.
    pub fn after(self, visit: Visit) -> Self {
        Self {
            left: Some(visit.left),
            ..self
        }
    }

    /// With so many seconds of it in every one here.
    pub fn at_speed(self, speed: f64) -> Self {
        Self { speed, ..self }
    }

    /// With the pretend chain as the person's own node, behind the tap too.
    pub fn with_a_node(self) -> Self {
        Self {
            reads_chain: true,
            ..self
        }
    }

    /// With the file browser beginning here.
    pub fn in_folder(self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder, ..self }
    }

    /// The walk itself, from the first frame to the receipt.
    pub fn walk(self, walk: impl AsyncFnOnce(&mut Visitor)) -> Visit {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(self.play(walk))
    }

    /// The same, where a runtime is there already: the service lives as long as that.
    pub async fn walk_on(self, walk: impl AsyncFnOnce(&mut Visitor)) -> Visit {
        Box::pin(self.play(walk)).await
    }

    async fn play(self, walk: impl AsyncFnOnce(&mut Visitor)) -> Visit {
        let left = match self.left {
            Some(left) => left,
            None => Left::fresh(open(self.scenario.clone(), self.speed).await).await,
        };
        let (service, tapped, record) = (left.service, left.tapped, left.record.clone());
        // Asked of a twin, so that the walk meets every fault itself.
        let before = instances(open(self.scenario.clone(), self.speed).await).await;
        let (to, inbox) = mpsc::channel(INBOX);
        let (shown, frames) = watch::channel(String::new());
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let paper = Paper {
            terminal: Terminal::new(TestBackend::new(100, 40)).expect("a terminal"),
            shown,
            seen: Arc::clone(&seen),
        };
        let environment = Environment {
            state: Some(left.state.path().join("phala-wizard")),
            key: Some(Secret::new(KEY)),
            base: Some(base(tapped)),
            ..Environment::default()
        };
        let node = Secret::new(format!("http://{tapped}/rpc/8453"));
        let places = Places {
            rpc: self.reads_chain.then_some(node).into_iter().collect(),
            ..Places::default()
        };
        let asker = Asker::new(environment, places, demo::Options::default());
        let questions = Questions::new(Arc::new(asker), to.clone());
        let start = Start {
            folder: self.folder,
            ..Start::default()
        };
        let scenario = self.scenario.name.clone();
        let mut visitor = Visitor {
            to,
            frames,
            service,
            scenario,
            record: record.clone(),
        };
        let drive = async move {
            let (mut core, mut paper) = (wizard(start), paper);
            paper.draw(&mut |frame| core.draw_linked(frame))?;
            shell::drive(&mut core, &mut paper, questions, inbox).await
        };
        let both = async { tokio::join!(drive, walk(&mut visitor)) };
        let both = timeout(LONGEST, both).await;
        let Ok((exit, ())) = both else {
            panic!(
                "it never left:\n{}",
                seen.lock().expect("the frames").last().expect("a frame")
            );
        };
        let after = instances(service).await;
        let seen = seen.lock().expect("the frames").clone();
        Visit {
            exit: exit.expect("a screen that works"),
            left,
            seen,
            record,
            before: before.len(),
            after,
        }
    }
}

fn wizard(start: Start) -> Walk {
    Walk {
        wizard: Wizard::new(start),
        theme: Theme::default(),
    }
}

/// A twin of the sandbox's world at its start: whatever is drawn from the seed is the same in both.
pub fn twin(scenario: &str) -> World {
    world(Scenario::named(scenario).expect("a scenario"), "")
}

/// The address of an app's contract, which is its id.
pub fn app(scenario: &str, name: &str) -> String {
    let request = sandbox::Request {
        method: "GET".to_owned(),
        path: "/apps".to_owned(),
        headers: vec![("x-api-key".to_owned(), KEY.to_owned())],
        ..sandbox::Request::default()
    };
    let reply = twin(scenario).answer(Duration::ZERO, &request);
    let answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
    let apps = answer["dstack_apps"].as_array().expect("a list");
    let app = apps.iter().find(|app| app["name"] == name);
    let id = app.and_then(|app| app["app_id"].as_str());
    format!("0x{}", id.expect("an app of this name"))
}

fn world(scenario: Scenario, base_url: &str) -> World {
    let options = sandbox::Options {
        seed: 1,
        api_key: KEY.to_owned(),
        base_url: base_url.to_owned(),
    };
    World::new(scenario, options)
}

/// A sandbox of its own, for as long as the runtime lives.
pub async fn open(scenario: Scenario, speed: f64) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let world = world(scenario, &base(address));
    tokio::spawn(sandbox::serve(
        listener,
        world,
        speed,
        std::future::pending(),
    ));
    address
}

/// Where its API is.
pub fn base(address: SocketAddr) -> String {
    format!("http://{address}/api/v1")
}

/// Every instance of the apps on the first page, asked past the tap, and again where a fault of the story answers.
async fn instances(service: SocketAddr) -> Vec<Instance> {
    let client = Client::new(&base(service), Some(Secret::new(KEY))).expect("a client");
    let mut all = Vec::new();
    let apps = insisting(async || client.apps(1, None).await).await.apps;
    for app in apps.iter().take(8) {
        all.extend(insisting(async || client.instances(app.id).await).await);
    }
    all
}

/// The answer, if it comes within a few tries.
async fn insisting<T>(ask: impl AsyncFn() -> Result<T, Error>) -> T {
    for _ in 0..5 {
        if let Ok(answer) = ask().await {
            return answer;
        }
    }
    ask().await.expect("an answer")
}

/// Whoever sits at the keyboard.
pub struct Visitor {
    to: mpsc::Sender<Input>,
    frames: watch::Receiver<String>,
    service: SocketAddr,
    scenario: String,
    record: Record,
}

impl Visitor {
    /// Waits until these words are on screen, then presses these keys.
    pub async fn at(&mut self, words: &str, keys: &str) {
        self.sees(words).await;
        self.presses(keys).await;
    }

    /// Waits until these words are on screen.
    pub async fn sees(&mut self, words: &str) {
        let here = self.frames.wait_for(|frame| frame.contains(words));
        let how = match timeout(DEADLINE, here).await.map(|seen| seen.is_ok()) {
            Ok(true) => return,
            Ok(false) => "can no longer come",
            Err(_) => "did not come",
        };
        panic!("'{words}' {how}; on screen:\n{}", self.frame());
    }

    /// Waits until these words are not on screen any more.
    pub async fn sees_no_more(&mut self, words: &str) {
        let gone = self.frames.wait_for(|frame| !frame.contains(words));
        let is_gone = timeout(DEADLINE, gone).await.is_ok_and(|gone| gone.is_ok());
        assert!(is_gone, "'{words}' stays on screen:\n{}", self.frame());
    }

    /// Waits until these words are on screen, and asks again whenever the service could not answer.
    pub async fn insists_on(&mut self, words: &str) {
        for _ in 0..20 {
            let either = |frame: &String| frame.contains(words) || frame.contains("r try again");
            let here = timeout(DEADLINE, self.frames.wait_for(either)).await;
            let frame = here.ok().and_then(Result::ok).map(|frame| frame.clone());
            match frame {
                Some(frame) if frame.contains(words) => return,
                Some(_) => self.presses("r").await,
                None => break,
            }
            let left = self.frames.wait_for(|frame| !frame.contains("r try again"));
            let _ = timeout(DEADLINE, left).await;
        }
        panic!("'{words}' did not come; on screen:\n{}", self.frame());
    }

    /// Signs this call of the contract with the key of the test account, and sends it past the tap. Its hash.
    pub async fn signs(&self, contract: &str, input: &str) -> String {
        let wallet = Wallet::new(&twin(&self.scenario).test_key());
        let count = json!([wallet.address(), "pending"]);
        let nonce = self.chain("eth_getTransactionCount", count).await;
        let draft = Draft {
            chain_id: 8453,
            nonce: u64::from_str_radix(&nonce[2..], 16).expect("a nonce"),
            tip: 1_000_000,
            max_fee: 20_000_000,
            gas: 100_000,
            to: contract.to_owned(),
            value: 0,
            input: input.to_owned(),
        };
        self.chain("eth_sendRawTransaction", json!([wallet.sign(&draft)]))
            .await
    }

    /// A call of the pretend chain that gives a text.
    async fn chain(&self, method: &str, parameters: Value) -> String {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        let body = call.to_string();
        let request = format!(
            "POST /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut socket = TcpStream::connect(self.service).await.expect("a socket");
        socket
            .write_all(request.as_bytes())
            .await
            .expect("it listens");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let answer: Value = serde_json::from_str(body).expect("JSON");
        let result = answer["result"].as_str();
        result
            .unwrap_or_else(|| panic!("{method}: {answer}"))
            .to_owned()
    }

    /// Presses these keys, without waiting for what they do.
    pub async fn presses(&mut self, keys: &str) {
        let typed = parse(keys).into_iter().map(Typed::Key).collect();
        self.send(Input::Typed(typed)).await;
    }

    /// Pastes this text.
    pub async fn pastes(&mut self, text: &str) {
        let typed = vec![Typed::Paste(Secret::new(text))];
        self.send(Input::Typed(typed)).await;
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.record.requests()
    }

    /// The frame on screen.
    pub fn frame(&self) -> String {
        self.frames.borrow().clone()
    }

    async fn send(&mut self, input: Input) {
        let heard = self.to.send(input).await.is_ok();
        assert!(heard, "it left from:\n{}", self.frame());
    }
}

/// Shows frames to the visitor, and keeps all that differ.
struct Paper {
    terminal: Terminal<TestBackend>,
    shown: watch::Sender<String>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Screen for Paper {
    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        let drawn: Result<_, Infallible> = self.terminal.draw(|frame| {
            paint(frame);
        });
        let Ok(drawn) = drawn;
        let cells = drawn.buffer.content.iter();
        let control = cells
            .flat_map(|cell| cell.symbol().chars())
            .find(|c| steers(*c));
        assert_eq!(control, None, "a terminal would obey this");
        let frame = text(drawn.buffer);
        self.seen.lock().expect("the frames").push(frame.clone());
        self.shown.send_replace(frame);
        Ok(())
    }
}

/// Characters that move the cursor, start a sequence, turn the direction of writing, or are there and not seen.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{E0000}'..='\u{E007F}')
}

/// What a walk leaves behind, for as long as its runtime lives.
pub struct Left {
    /// The folder of the state, in which the program has one of its own.
    pub state: TempDir,
    service: SocketAddr,
    tapped: SocketAddr,
    record: Record,
}

impl Left {
    /// Nothing yet, before this service.
    async fn fresh(service: SocketAddr) -> Self {
        let (tapped, record) = tap::before(service).await.expect("a tap");
        Self {
            state: tempfile::tempdir().expect("a folder"),
            service,
            tapped,
            record,
        }
    }
}

/// How a walk came out.
pub struct Visit {
    pub exit: Exit,
    /// What another walk can begin with.
    pub left: Left,
    /// Every frame.
    pub seen: Vec<String>,
    pub record: Record,
    /// How many instances there were at first.
    before: usize,
    /// What there was at the end.
    pub after: Vec<Instance>,
}

impl Visit {
    /// Fails unless it came out like this, and the service was asked to prepare, and to redeem a token, this often,
    /// and so many instances exist now that did not before.
    #[track_caller]
    pub fn came_to(
        &self,
        outcome: Outcome,
        prepares: usize,
        commits: usize,
        created: usize,
    ) -> &Self {
        let sent = self.creating();
        let (with_token, without_token): (Vec<_>, Vec<_>) =
            sent.iter().partition(|sent| sent.commits());
        assert!(
            without_token.iter().all(|sent| sent.only_prepares()),
            "{sent:?}"
        );
        assert!(
            !with_token.iter().any(|sent| sent.only_prepares()),
            "{sent:?}"
        );
        assert_eq!(
            (
                self.exit.outcome,
                without_token.len(),
                with_token.len(),
                self.after.len() - self.before
            ),
            (outcome, prepares, commits, created),
            "{:#?}\n{}",
            self.exit.receipt,
            self.seen.last().map_or("", String::as_str)
        );
        self
    }

    /// Every request that could have created an instance.
    pub fn creating(&self) -> Vec<Sent> {
        let mut sent = self.record.requests();
        sent.retain(Sent::creates);
        sent
    }
}
