//! The wizard's launch as a value: what it says, what it offers, and what tells it from another one.

use std::rc::Rc;

use crossterm::event::{KeyCode, KeyEvent};
use phala_wizard::api::types::{CvmUuid, NodeId, Plan};
use phala_wizard::journal::record::{Question, sha256};
use phala_wizard::secret::Secret;
use phala_wizard::wizard::elsewhere::Elsewhere;
use phala_wizard::wizard::event::{Answer, Outcome, TextFile};
use phala_wizard::wizard::facts::Session;
use phala_wizard::wizard::keymap::{Command, Offer, Typing};
use phala_wizard::wizard::launch::brief::{Brief, Run};
use phala_wizard::wizard::launch::review::Review;
use phala_wizard::wizard::launch::several::Several;
use phala_wizard::wizard::launch::{Course, Launch};
use phala_wizard::wizard::page::{Block, Line, Page};
use phala_wizard::wizard::registering::Registering;
use phala_wizard::wizard::reread::FileRead;
use phala_wizard::wizard::screen::Input;
use phala_wizard::wizard::status::Status;
use phala_wizard::zone::Zone;

use super::digest_of;
use super::service::{app, device};

/// When the timer fires, whatever it was set to.
const LATER: u64 = 1_000_000;

/// The app's name: what has to be typed before a second instance is risked.
const NAME: &str = "a";

/// Where the compose file lies.
const PATH: &str = "compose.yml";

/// Sentences that say that there is nothing, and that nothing will come of what was done here.
const NOTHING: [&str; 6] = [
    "othing was created",
    "created nothing",
    "othing was sent.",
    "othing was made",
    "not created",
    "othing is billed",
];

/// A launch on screen.
pub struct Stage {
    pub launch: Launch,
    pub digest: u64,
}

/// What a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Give(Command),
    /// The other button, and then the one that creates.
    Confirm,
    /// The app's name, and Enter.
    Type,
}

/// What a launch says and offers.
#[derive(Debug)]
pub struct Says {
    /// Everything that says that there is nothing; and whether the wizard says something else in its place while an older
    /// request has no clear answer.
    pub nothing: Vec<(String, bool)>,
    pub keys: Vec<Key>,
    pub moves: bool,
    pub is_live: bool,
    /// It says that it is asked and waits for the person.
    pub asks: bool,
}

impl Stage {
    pub fn new(launch: Launch) -> Rc<Self> {
        let text = format!("{launch:?}");
        Rc::new(Self {
            digest: digest_of(&without_looks(&text)),
            launch,
        })
    }

    pub fn key(&self, key: Key) -> Course {
        let launch = self.launch.clone();
        match key {
            Key::Give(command) => launch.update(Input::Command(command), 0),
            Key::Confirm => then(launch, Input::Command(Command::Tab)),
            Key::Type => then(launch, Input::Key(KeyEvent::from(KeyCode::Char('a')))),
        }
    }

    pub fn tick(&self) -> Course {
        self.launch.clone().update(Input::Tick, LATER)
    }

    pub fn answer(&self, answer: Answer) -> Course {
        self.launch.clone().update(Input::Answer(answer), 0)
    }

    /// Whether it has this token at hand.
    pub fn has(&self, mark: u64) -> bool {
        format!("{:?}", self.launch).contains(&format!("chain_id: Some({mark})"))
    }

    pub fn watches(&self) -> Option<CvmUuid> {
        match self.launch.status(&Zone::default()) {
            Status::Live(life) => life.uuid,
            _ => None,
        }
    }

    pub fn says(&self) -> Says {
        let offer = self.launch.offer();
        let is_live = matches!(self.launch, Launch::Live(_));
        let keys = if is_live {
            Vec::new()
        } else {
            keys(self, &offer)
        };
        Says {
            nothing: self.nothing(),
            asks: offer.typing != Typing::No || !keys.is_empty(),
            keys,
            moves: self.launch.moves(),
            is_live,
        }
    }

    fn nothing(&self) -> Vec<(String, bool)> {
        let name = stage_name(&self.launch);
        let exit = self.launch.exit();
        let mut said = Vec::new();
        if matches!(
            exit.outcome,
            Outcome::Nothing | Outcome::Failed | Outcome::Prepared | Outcome::NoRoom
        ) {
            said.push((format!("{name}: exit {:?}", exit.outcome), true));
        }
        let zone = Zone::default();
        let page = self.launch.page(LATER, &zone);
        let texts = [
            ("receipt", exit.receipt.join("\n")),
            ("leaving", self.launch.leaving().to_owned()),
            ("page", words(&page)),
        ];
        let is_review = matches!(self.launch, Launch::Review(_));
        for (place, text) in &texts {
            let replaced = *place == "receipt" || *place == "leaving" && is_review;
            // Of one request, beside another that is named.
            let text = text.replace("This created nothing. The request before it may still", "");
            for phrase in NOTHING.iter().filter(|phrase| text.contains(*phrase)) {
                said.push((format!("{name}: {place} says {phrase:?}"), replaced));
            }
        }
        said
    }
}

fn then(launch: Launch, input: Input) -> Course {
    let Course::At(launch, ..) = launch.update(input, 0) else {
        panic!("this only moves a focus or types a letter");
    };
    launch.update(Input::Command(Command::Next), 0)
}

fn keys(stage: &Stage, offer: &Offer) -> Vec<Key> {
    let can = |offer: &Offer, command: Command| {
        let offered = offer.find(command);
        offered.is_some_and(|offered| offered.blocked.is_none())
    };
    let launch = &stage.launch;
    let wanted: &[Command] = match launch {
        _ if matches!(launch.status(&Zone::default()), Status::Rereading(_)) => {
            &[Command::Next, Command::Back]
        }
        Launch::Prepare(_) => &[Command::Refresh, Command::Back],
        Launch::Review(_) | Launch::Chain(_) | Launch::Founding(_) | Launch::Doubt(_) => {
            &[Command::Next, Command::Back]
        }
        Launch::Commit(_) if offer.typing != Typing::No => &[Command::Back],
        Launch::Commit(_) => &[
            Command::Choose(1),
            Command::Choose(2),
            Command::Choose(3),
            Command::Back,
        ],
        Launch::Finding(_) | Launch::Live(_) => &[],
    };
    let given = wanted.iter().copied().filter(|it| can(offer, *it));
    let mut keys: Vec<Key> = given.map(Key::Give).collect();
    if offer.typing != Typing::No {
        keys.push(Key::Type);
    }
    if let (Launch::Commit(_), Status::Asking { .. }) = (launch, launch.status(&Zone::default())) {
        let other = launch.clone().update(Input::Command(Command::Tab), 0);
        if let Course::At(other, ..) = other
            && can(&other.offer(), Command::Next)
        {
            keys.push(Key::Confirm);
        }
    }
    // Found alone, it is taken over with Enter.
    if !keys.contains(&Key::Give(Command::Choose(1)))
        && matches!(launch.status(&Zone::default()), Status::Unknown { .. })
        && can(offer, Command::Next)
        && offer.typing == Typing::No
    {
        keys.push(Key::Give(Command::Next));
    }
    keys
}

/// How often it was looked, and when next, changes words and waiting times and nothing else.
fn without_looks(text: &str) -> String {
    let cut = || {
        let (head, rest) = text.split_once("looks: [")?;
        let (_, rest) = rest.split_once("], next: ")?;
        let rest = match rest.strip_prefix("Some(") {
            Some(rest) => rest.split_once(')')?.1,
            None => rest.strip_prefix("None")?,
        };
        let waits = text.contains("], next: Some(");
        Some(format!("{head}{waits}{rest}"))
    };
    cut().unwrap_or_else(|| text.to_owned())
}

pub fn stage_name(launch: &Launch) -> &'static str {
    match launch.status(&Zone::default()) {
        Status::Reviewing(_) => "review",
        Status::Preparing => "preparing",
        Status::Rereading(_) => "gate",
        Status::Unprepared(_) => "not prepared",
        Status::Doubt { .. } => "doubt",
        Status::Chain(_) => "chain",
        Status::Asking { .. } => "confirmation",
        Status::Sent => "sent",
        Status::Unknown { .. } => "look",
        Status::Refused { .. } => "refused",
        Status::Live(_) => "live",
        _ => "elsewhere",
    }
}

fn words(page: &Page) -> String {
    let lines = page.main.iter().flat_map(|block| match block {
        Block::Text(lines) => lines.as_slice(),
        _ => &[],
    });
    let lines = lines.chain(&page.side).chain([&page.note]);
    lines.map(Line::words).collect::<Vec<_>>().join("\n")
}

pub fn session() -> Session {
    Session {
        host: "cloud".into(),
        base: "https://cloud/api/v1".into(),
        ..Session::default()
    }
}

/// What the form hands to the review.
pub fn review(plan: u8, on_chain: bool, before: Vec<CvmUuid>, has_file: bool) -> Course {
    let node = phala_wizard::api::types::Node {
        id: NodeId(6),
        name: "prod6".into(),
        region: None,
        slots: None,
        vcpu: None,
        memory_mb: None,
        on_chain: None,
        device: Some(device()),
        images: Vec::new(),
    };
    let session = session();
    let brief = Brief {
        plan: Plan {
            app: app(),
            name: NAME.into(),
            node: Some(NodeId(6)),
            revision: None,
            compose: Some(compose(plan)),
            env: None,
            script: None,
            making: phala_wizard::api::types::Making::Instance,
        },
        on_chain,
        allowlist: None,
        node: Some(node),
        several: Several::default(),
        before,
        size: String::new(),
        price: None,
        answers: Vec::new(),
        remarks: Vec::new(),
        cost: Vec::new(),
        paths: [None, None, None],
        files: has_file.then(|| file(plan)).into_iter().collect(),
        run: Run::This,
        live: None,
        kms_keys: None,
        elsewhere: Elsewhere::default(),
        foretold: Err("not here".to_owned()),
        unanswered: false,
        accepted: None,
        transaction: None,
        registering: Registering::default(),
        env_names: Vec::new(),
        seal: Vec::new(),
        mask: phala_wizard::secret::mask::Mask::default(),
        workspace: None,
        base: session.base.clone(),
        host: session.host.clone(),
        key_tail: String::new(),
        sandbox: false,
    };
    Launch::start(Review::start(brief, None))
}

/// The compose file, as it was read.
fn file(plan: u8) -> FileRead {
    FileRead {
        question: Question::Compose,
        path: PATH.into(),
        sha256: sha256(compose(plan).as_bytes()),
    }
}

/// The compose file, read again.
pub fn read_again(plan: u8) -> Answer {
    let file = TextFile {
        path: PATH.into(),
        text: Secret::new(compose(plan)),
        lasts: true,
    };
    Answer::FilesAgain(vec![(Question::Compose, Ok(file))])
}

fn compose(plan: u8) -> String {
    format!("# {plan}\n")
}

/// Which plan is sent.
pub fn plan_of(plan: &Plan) -> u8 {
    u8::from(plan.compose.as_deref() == Some("# 1\n"))
}
