//! Random lives: whatever keys come, in whatever order answers come, the promises hold.
//!
//! A failing life says its seed; `WALK_SEED=17 cargo test --test walk` replays it alone.

#![allow(
    clippy::cast_possible_truncation,
    reason = "every random number here is small"
)]

#[path = "support/cloud.rs"]
mod cloud;
#[path = "support/journey.rs"]
mod journey;
#[path = "support/typed.rs"]
mod typed;

use std::collections::HashSet;

use cloud::{Cloud, Fate};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use journey::{Journey, draw};
use phala_wizard::api::error::{Error, ErrorKind, Refusal, Unreachable};
use phala_wizard::api::types::LogEnd;
use phala_wizard::journal::record::Choice;
use phala_wizard::secret::Secret;
use phala_wizard::theme::{Colours, Hidden, Theme};
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Answer, Event, Request, RequestId, SignedIn};
use phala_wizard::wizard::keymap::{self, Command, Offered, Typing};
use phala_wizard::wizard::signin::{Login, Told};

const LIVES: u64 = 260;
const EVENTS: usize = 160;

#[test]
fn random_lives_keep_every_promise() {
    let seeds: Vec<u64> = match std::env::var("WALK_SEED") {
        Ok(seed) => vec![seed.parse().expect("WALK_SEED is a number")],
        Err(_) => (0..LIVES).collect(),
    };
    let mut reached = Reached::default();
    for seed in seeds.iter().copied() {
        Life::new(seed).live(&mut reached);
    }
    if seeds.len() > 1 {
        // A walk that never gets anywhere would keep every promise too.
        assert!(
            reached.commits > 10,
            "only {} commits in {} lives",
            reached.commits,
            seeds.len()
        );
        assert!(
            reached.direct > 5,
            "only {} direct creations",
            reached.direct
        );
        assert!(
            reached.places.len() == 9,
            "only reached {:?}",
            reached.places
        );
    }
}

#[derive(Default)]
struct Reached {
    commits: usize,
    direct: usize,
    places: HashSet<usize>,
}

struct Life {
    seed: u64,
    random: Random,
    journey: Journey,
    now: u64,
    spent: HashSet<String>,
    /// Confirmations given and creating requests sent.
    confirmed: usize,
    created: usize,
    /// The question after the files that a confirmation raised: its answer may let the request leave.
    gate: Option<RequestId>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut cloud = Cloud {
            signed_in: random.chance(90),
            ..Cloud::default()
        };
        if random.chance(40) {
            cloud.apps.remove(0);
        }
        if random.chance(30) {
            cloud.instances[1].compose_hash = Some(cloud::hash('c'));
        }
        cloud.hash_allowed = random.chance(50);
        cloud.lies = random.chance(10);
        cloud.looks_until_allowed = random.below(6) as u32;
        cloud.commit = random.fate();
        cloud.prepare = random.fate();
        if random.chance(60) {
            cloud.boots_well();
        }
        let start = Start {
            folder: "/home/dana".into(),
            scenarios: vec![
                ("on-chain".into(), "Everything works.".into()),
                ("node-full".into(), "No node fits.".into()),
            ],
            ..Start::default()
        };
        let mut journey = Journey::begin(cloud, start);
        // Most lives begin further along, or few of them would ever get to what matters.
        if random.chance(75) {
            let steps = 3 + random.below(5);
            journey
                .settle()
                .press(&"<enter>".repeat(steps))
                .press_only("<right>");
        }
        Self {
            seed,
            random,
            journey,
            now: 1,
            spent: HashSet::new(),
            confirmed: 0,
            created: 0,
            gate: None,
        }
    }

    fn live(&mut self, reached: &mut Reached) {
        for _ in 0..EVENTS {
            match self.random.below(100) {
                0..45 => self.footer_key(),
                45..50 => self.deliver(Event::Key(KeyEvent::from(KeyCode::Right))),
                50..60 => {
                    let key = self.random.key();
                    self.deliver(Event::Key(key));
                }
                60..63 => {
                    let text = Secret::new(self.random.text());
                    self.deliver(Event::Paste(text));
                }
                63..72 => {
                    self.now += 1;
                    self.deliver(Event::Tick(self.now));
                }
                _ => self.reply(),
            }
            if self.journey.exit.is_some() {
                break;
            }
            if self.random.chance(10) {
                self.draws();
            }
            reached.places.insert(self.journey.wizard.place());
        }
        reached.commits += self.journey.commits();
        reached.direct += self.created - self.journey.commits();
    }

    /// Delivers an event, and holds what is asked because of it to the promises.
    fn deliver(&mut self, event: Event) {
        let asked = self.journey.asked.len();
        let presses = matches!(&event, Event::Key(key) if keymap::look_up(*key, &self.journey.wizard.offer()) == Some(Command::Next));
        let confirmed = presses && self.focus_creates();
        let passes = matches!(&event, Event::Reply(id, _) if self.gate == Some(*id));
        self.journey.event(event);
        self.confirmed += usize::from(confirmed);
        if confirmed {
            let mut open = self.journey.open.iter();
            let gate = open.rfind(|(_, request)| matches!(request, Request::ReadAgain(_)));
            self.gate = gate.map(|(id, _)| *id);
        }
        self.check_requests(asked, confirmed || passes);
    }

    /// Presses a key that the footer shows, and holds the footer to it.
    fn footer_key(&mut self) {
        let offer = self.journey.wizard.offer();
        // Somebody who mostly goes on gets further than one who goes back as often.
        let onward = self.random.chance(70);
        let honest: Vec<&Offered> = offer
            .commands
            .iter()
            .filter(|offered| match offered.command {
                Command::Leave | Command::Choose(_) => false,
                Command::Back | Command::Help | Command::Save if onward => false,
                _ => !offered.label.is_empty(),
            })
            .collect();
        let Some(offered) = honest
            .get(self.random.below(honest.len()))
            .map(|offered| (*offered).clone())
        else {
            return;
        };
        let Some(key) = key_of(offered.command, offer.typing) else {
            panic!("no key for {offered:?}")
        };
        let asked = self.journey.asked.len();
        let (copied, open, opened) = (
            self.journey.copied.len(),
            self.journey.open.len(),
            self.journey.opened,
        );
        let frame = self.journey.frame();
        self.deliver(Event::Key(key));
        if let Some(reason) = &offered.blocked {
            assert_eq!(
                self.journey.wizard.notice(),
                Some(reason.as_str()),
                "seed {}",
                self.seed
            );
            return;
        }
        let acted = self.journey.asked.len() > asked
            || self.journey.copied.len() > copied
            || self.journey.open.len() != open
            || self.journey.opened > opened
            || self.journey.exit.is_some()
            || self.journey.wizard.notice().is_some()
            || self.journey.frame() != frame;
        assert!(
            acted,
            "seed {}: '{}' is in the footer and does nothing\n{}",
            self.seed, offered.label, frame
        );
    }

    fn reply(&mut self) {
        if self.journey.open.is_empty() {
            return;
        }
        let index = self.random.below(self.journey.open.len());
        let (id, request): (RequestId, Request) = self.journey.open.remove(index);
        let answer = if self.random.chance(15) {
            Some(fail(&request, self.random.error()))
        } else {
            self.journey.cloud.answer(&request)
        };
        if let Some(answer) = answer {
            self.deliver(Event::Reply(id, answer));
        }
    }

    fn focus_creates(&self) -> bool {
        let offer = self.journey.wizard.offer();
        offer
            .find(Command::Next)
            .is_some_and(|offered| offered.creates)
    }

    /// What creates leaves only from the confirmation, once, and never twice with one token.
    fn check_requests(&mut self, before: usize, confirmed: bool) {
        for request in &self.journey.asked[before..] {
            let creates = match request {
                Request::Commit { order, ticket, .. } => {
                    let is_first = self.spent.insert(ticket.token.expose().to_owned());
                    let decided = order.consent == Some(Choice::SendAgain);
                    // The contract did not agree: the token was not used, and is still good.
                    let unused = matches!(self.journey.cloud.commit, Fate::Refused(467 | 468, _));
                    assert!(
                        is_first || decided || unused,
                        "seed {}: a token is sent twice only where a person said so",
                        self.seed
                    );
                    true
                }
                Request::Prepare(order) => order.plan.app == cloud::app_id(cloud::CENTRAL),
                _ => false,
            };
            if creates {
                assert!(
                    confirmed,
                    "seed {}: {request:?} left without the confirmation",
                    self.seed
                );
                self.created += 1;
            }
        }
        assert!(
            self.created <= self.confirmed,
            "seed {}: more requests than confirmations",
            self.seed
        );
    }

    fn draws(&mut self) {
        let offer = self.journey.wizard.offer();
        assert_eq!(keymap::strangers(&offer), [], "seed {}: parts", self.seed);
        assert_eq!(keymap::clashes(&offer), [], "seed {}: keys", self.seed);
        let (width, height) = (
            self.random.below(140) as u16 + 1,
            self.random.below(50) as u16 + 1,
        );
        let theme = Theme {
            colours: Colours::None,
            ascii: self.random.chance(50),
            hides: Hidden {
                banner: self.random.chance(10),
                footer: self.random.chance(10),
            },
        };
        let frame = draw(&self.journey.wizard, theme, width, height);
        assert_eq!(frame.lines().count(), usize::from(height));
        if theme.ascii {
            let own = frame.chars().find(|c| "─│╭╮╰╯✓✗●○◉•▸▌…↑↓–◌·".contains(*c));
            assert_eq!(own, None, "seed {}: not ASCII:\n{frame}", self.seed);
        }
    }
}

/// A key for this command, as the footer shows it.
fn key_of(command: Command, typing: Typing) -> Option<KeyEvent> {
    let binding = keymap::binding(command)?;
    let shown = keymap::shown_key(command, typing);
    let key = keymap::keys(binding, typing).find(|key| keymap::name(**key) == shown)?;
    Some(KeyEvent::new(key.0, key.1))
}

fn fail(request: &Request, error: Error) -> Answer {
    match request {
        Request::SignIn(_) => Answer::SignedIn(SignedIn::No {
            host: "https://api.example".into(),
            key: cloud::key(),
            error,
        }),
        Request::Login(login) => Answer::Login(match login {
            Login::Begin => Told::Begun(Err(error)),
            Login::Poll(_) => Told::Polled(Err(error)),
            Login::Enter(_) | Login::Use(_) => {
                return Answer::SignedIn(SignedIn::No {
                    host: "https://api.example".into(),
                    key: cloud::key(),
                    error,
                });
            }
            Login::Profiles => Told::Profiles(Err("no such folder".into())),
            Login::Places => Told::Places(Box::default()),
            Login::Keep(_) => Told::Kept(Err("the disk is full".into())),
            Login::LayDown => Told::LaidDown(Ok(())),
        }),
        Request::OpenSandbox(_) => Answer::Sandbox(Err("no port".into())),
        Request::Apps { .. } => Answer::Apps(Err(error)),
        Request::App(_) => Answer::App(Err(error)),
        Request::Instances(_) => Answer::Instances(Err(error)),
        Request::Nodes => Answer::Nodes(Err(error)),
        Request::NextApp => Answer::NextApp(Err(error)),
        Request::Sizes => Answer::Sizes(Err(error)),
        Request::TermsSeen => Answer::TermsSeen(Vec::new()),
        Request::KeepTerms(_) => Answer::TermsKept(Err("the disk is full".into())),
        Request::Allowlist(_) => Answer::Allowlist(Err(error)),
        Request::Quotas(_) => Answer::Quotas(Err(error)),
        Request::Document(_) => Answer::Document(Err(error)),
        Request::EnvKey { .. } => Answer::EnvKey(Err(error)),
        Request::ListFolder(_) => Answer::Folder(Err("no such folder".into())),
        Request::ReadAgain(files) => Answer::FilesAgain(
            files
                .iter()
                .map(|(question, _)| (*question, Err("no such file".into())))
                .collect(),
        ),
        Request::ReadFile(_) => Answer::File(Err("no such file".into())),
        Request::Edit { .. } => Answer::Edited(Err("the editor ended with 1".into())),
        Request::Seal { .. } => Answer::Sealed(Err("a weak key".into())),
        Request::Prepare(_) => Answer::Prepared(Err(error)),
        Request::IsAllowed { .. } => Answer::IsAllowed(Err(error)),
        Request::Commit { .. } => Answer::Committed(Err(error)),
        Request::Note(_) => Answer::Noted(Err("the disk is full".into())),
        Request::Unfinished => Answer::Unfinished(Err("no such folder".into())),
        Request::Resume(_) => Answer::Resumed(Err("it is gone".into())),
        Request::Forget(_) => Answer::Forgotten(Err("it is locked".into())),
        Request::Stream(_) => Answer::StreamEnded(Some(error)),
        Request::State(_) => Answer::State(Err(error)),
        Request::Network(_) => Answer::Network(Err(error)),
        Request::Composition(_) => Answer::Composition(Err(error)),
        Request::Find(_) => Answer::Found(Err(error)),
        Request::States(_) => Answer::States(Err(error)),
        Request::Stats(_) => Answer::Stats(Err(error)),
        Request::Operations(_) => Answer::Operations(Err(error)),
        Request::Log { source, .. } => Answer::LogEnded(source.clone(), LogEnd::Failed(error)),
        Request::CheckAddress(_) => Answer::AddressChecked(Err("refused".into())),
        Request::Restart(_) => Answer::Restarted(Err(error)),
        Request::Delete(_) => Answer::Deleted(Err(error)),
        Request::PastBoots(_) => Answer::PastBoots(Vec::new()),
        Request::KeepBoot(..) => Answer::BootKept(Err("the disk is full".into())),
        Request::SaveLog { .. } => Answer::LogSaved(Err("the disk is full".into())),
        Request::LookAt(_) => Answer::LookedAt(Err("no such folder".into())),
        Request::SaveFiles(_) => Answer::FilesSaved(Err("the disk is full".into())),
        Request::ShowPaged(_) => Answer::Paged(Err("there is no pager".into())),
        Request::Attestation(_) => Answer::Attestation(Err(error)),
        Request::Collateral { .. } => Answer::Collateral(Err(error)),
        Request::KmsKeys { .. } => Answer::KmsKeys(Err(error)),
        Request::ReadContract { at, .. } => Answer::Contract(
            at.iter()
                .map(|place| (*place, Err(error.clone())))
                .collect(),
        ),
        Request::ReadAllowed { at, .. } => Answer::Allowed(
            at.iter()
                .map(|place| (*place, Err(error.clone())))
                .collect(),
        ),
        Request::FindRegistration { .. } => Answer::Registration(Err(error.clone())),
        Request::FindApp { .. } => Answer::AppFound(Err(error.clone())),
        Request::Transactions => Answer::Transactions(Vec::new()),
        Request::FindKeys => Answer::Keys(Vec::new()),
        Request::OpenKey { .. } => Answer::KeyOpened(Err("there is no such key".into())),
        Request::Examine { .. } => Answer::Examined(Err(error.clone())),
        Request::Sign { .. } => Answer::Signed(Err("no key is open".into())),
        Request::SendAgain { .. } => Answer::SentAgain(Err(error.clone())),
        Request::Follow { transactions, .. } => Answer::Followed(
            transactions
                .iter()
                .map(|transaction| (transaction.hash, Err(error.clone())))
                .collect(),
        ),
        Request::HandOver { .. } => Answer::HandedOver(Err("the disk is full".into())),
    }
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn fate(&mut self) -> Fate {
        match self.below(8) {
            0 => Fate::Lost,
            1 => Fate::Refused(466, Some("ERR-01-006")),
            2 => Fate::Refused(468, Some("ERR-01-008")),
            3 => Fate::Refused(503, None),
            4 => Fate::Refused(400, Some("ERR-02-005")),
            _ => Fate::Good,
        }
    }

    fn error(&mut self) -> Error {
        let kind = match self.below(6) {
            0 => ErrorKind::Unreachable(Unreachable::TimedOut, "".into()),
            1 => ErrorKind::Unreachable(Unreachable::Connect, "refused".into()),
            2 => ErrorKind::Garbled {
                status: 200,
                cause: "line 1".into(),
                excerpt: "<html>".into(),
            },
            3 => ErrorKind::Refused(Refusal {
                status: 401,
                message: "no".into(),
                ..Refusal::default()
            }),
            4 => ErrorKind::Refused(Refusal {
                status: 404,
                message: "no".into(),
                ..Refusal::default()
            }),
            _ => ErrorKind::Refused(Refusal {
                status: 503,
                message: "busy".into(),
                ..Refusal::default()
            }),
        };
        Error {
            asked: "GET /x".into(),
            tries: 1,
            kind,
        }
    }

    fn key(&mut self) -> KeyEvent {
        const CODES: [KeyCode; 12] = [
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Tab,
            KeyCode::PageDown,
            KeyCode::PageUp,
            KeyCode::Backspace,
            KeyCode::F(1),
            KeyCode::End,
        ];
        if self.chance(50) {
            return KeyEvent::from(CODES[self.below(CODES.len())]);
        }
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789/?G =東";
        let letter = letters
            .chars()
            .nth(self.below(letters.chars().count()))
            .unwrap_or('x');
        let modifiers = match self.below(10) {
            0 if !matches!(letter, 'c' | 'z') => KeyModifiers::CONTROL,
            1 => KeyModifiers::ALT,
            _ => KeyModifiers::NONE,
        };
        KeyEvent::new(KeyCode::Char(letter), modifiers)
    }

    fn text(&mut self) -> String {
        let texts = [
            "orders",
            "A=1\nB=2\n",
            "services:\n  web:\n    image: nginx\n",
            "\u{1b}[31mred\n",
            "",
            "0xabc",
        ];
        texts[self.below(texts.len())].to_owned()
    }
}
