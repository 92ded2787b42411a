//! A machine that shows what the shell tells it, to look at the shell from outside without the wizard.
//!
//! A test that wants it starts itself once more in a terminal: there the same test runs the probe instead.

use std::env;
use std::sync::Arc;

use crossterm::event::KeyCode;
use futures_util::stream::{self, BoxStream, StreamExt};
use phala_wizard::api::types::{AppId, ComposeHash, Plan, Proof, Ticket};
use phala_wizard::journal::record::{Facts, Governed};
use phala_wizard::secret::Secret;
use phala_wizard::shell::alert::{Alert, Note};
use phala_wizard::shell::questions::Ask;
use phala_wizard::shell::run::Core;
use phala_wizard::shell::{Looks, play};
use phala_wizard::wizard::event::{
    Answer, Effect, Event, Exit, Order, Outcome, Request, RequestId,
};
use ratatui::Frame;

use crate::harness::{Program, Pty, Size};

/// What is on screen from the first frame on.
pub const READY: &str = "probe is ready";

/// What it opens in the browser.
pub const ADDRESS: &str = "https://probe.example/seen";

/// What it says is over.
pub const OVER: &str = "The probe has waited.";

/// What it calls its window.
pub const TITLE: &str = "phala-wizard: probe";

/// The exit code of a probe whose terminal went away.
pub const TERMINAL_GONE: i32 = 70;

/// Set in the terminal, and only there.
const INSIDE: &str = "PHALA_WIZARD_PROBE";

/// Whether this is the test inside the terminal. If so, the probe has run by the time this returns.
pub fn ran() -> bool {
    if env::var_os(INSIDE).is_none() {
        return false;
    }
    let probe = Probe {
        said: vec![READY.to_owned()],
    };
    let alert = Alert {
        note: Note::Osc9,
        ..Alert::default()
    };
    match play(probe, Looks::default(), alert, || Silent) {
        Ok(end) => println!("{}", end.receipt.join("\n")),
        Err(_) => std::process::exit(TERMINAL_GONE),
    }
    true
}

/// Starts this test in a terminal, with these variables.
pub fn start(test: &str, variables: &[(&str, &str)]) -> Pty {
    start_by("exec \"$0\" \"$@\"", test, variables)
}

/// The same, started by this shell script: `"$0" "$@"` in it is the command.
pub fn start_by(script: &str, test: &str, variables: &[(&str, &str)]) -> Pty {
    let this = env::current_exe().expect("this program");
    let this = this.to_str().expect("a path in UTF-8");
    let options = ["--exact", "--nocapture", "--test-threads=1"];
    let arguments = [&["-c", script, this, test], &options[..]].concat();
    let program = Program::other("sh", &arguments).with(INSIDE, "1");
    let program = variables
        .iter()
        .fold(program, |program, (name, value)| program.with(name, value));
    let mut pty = Pty::start(Size::USUAL, &program);
    pty.wait_for(READY);
    pty
}

/// `p` panics, `s` panics with secrets in hand, `t` panics in a task, `e` asks for the editor, `v` for the pager, `o`
/// for the browser, `a` has a wait be over, `q` quits; whoever asks it to leave is not heard.
#[derive(Debug)]
struct Probe {
    said: Vec<String>,
}

impl Core for Probe {
    fn begin(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        let (said, effects) = match event {
            Event::Key(key) => match key.code {
                KeyCode::Char('p') => panic!("the probe was told to"),
                KeyCode::Char('s') => panic!("the probe has {:?}", secrets()),
                KeyCode::Char('o') => ("opened".into(), vec![Effect::Open(ADDRESS.into())]),
                KeyCode::Char('t') => ("asked".into(), vec![send(Request::Nodes)]),
                KeyCode::Char('e') => ("edited".into(), vec![send(edit())]),
                KeyCode::Char('v') => ("paged".into(), vec![send(page())]),
                KeyCode::Char('a') => {
                    let told = self.said.iter().filter(|said| said.starts_with("told"));
                    let said = format!("told {}", told.count() + 1);
                    (said, vec![Effect::Alert(OVER)])
                }
                KeyCode::Char('q') => ("left".into(), vec![quit()]),
                code => (format!("key {code}"), Vec::new()),
            },
            Event::Paste(text) => (format!("pasted {}", text.chars()), Vec::new()),
            Event::Reply(_, Answer::Edited(Ok(text))) => (format!("became {text:?}"), Vec::new()),
            Event::Reply(_, Answer::Paged(paged)) => (format!("paged {paged:?}"), Vec::new()),
            other => (format!("{other:?}"), Vec::new()),
        };
        self.said.push(said);
        effects
    }

    fn moves(&self) -> bool {
        false
    }

    fn title(&self) -> String {
        TITLE.to_owned()
    }

    fn draw(&self, frame: &mut Frame) {
        let area = frame.area();
        let size = format!("{} by {}", area.width, area.height);
        let lines = self.said.iter().rev().chain([&size]);
        for (line, y) in lines.zip(area.y..area.bottom()) {
            let width = usize::from(area.width);
            frame
                .buffer_mut()
                .set_stringn(0, y, line, width, ratatui::style::Style::new());
        }
    }
}

fn send(request: Request) -> Effect {
    Effect::Send(RequestId(1), request)
}

fn page() -> Request {
    Request::ShowPaged(Secret::new("first\nsecond \x1b[31m\n"))
}

fn edit() -> Request {
    Request::Edit {
        text: "before\n".into(),
        ending: "sh",
    }
}

/// Every question that has a secret in it, with the one this process was given.
fn secrets() -> [Request; 3] {
    let secret = || Secret::new(env::var("PHALA_WIZARD_CANARY").expect("a canary"));
    [
        Request::SignIn(Some(secret())),
        Request::Seal {
            key: "09".repeat(32),
            entries: vec![("CANARY_NAME".into(), secret())],
        },
        Request::Commit {
            order: order(),
            ticket: Box::new(Ticket {
                token: secret(),
                compose_hash: ComposeHash::parse(&"12".repeat(32)).expect("a hash"),
                app: None,
                device: None,
                chain_id: None,
                hash_allowed: true,
                device_allowed: true,
                commit_url: None,
                provision: None,
            }),
            proof: Proof::AlreadyRegistered,
        },
    ]
}

fn order() -> Box<Order> {
    Box::new(Order {
        plan: Plan {
            app: AppId::parse(&"3f".repeat(20)).expect("an app id"),
            name: "orders-api".into(),
            node: None,
            revision: None,
            compose: None,
            env: None,
            script: None,
            making: phala_wizard::api::types::Making::Instance,
        },
        facts: Facts {
            api_base: "https://api.example".into(),
            profile: None,
            workspace: None,
            sandbox: false,
            governed: Governed::MayCreate,
            node: None,
            expected: None,
            also: Vec::new(),
            env_names: Vec::new(),
            files: Vec::new(),
            before: Vec::new(),
        },
        consent: None,
        seal: Vec::new(),
    })
}

fn quit() -> Effect {
    Effect::Quit(Exit {
        outcome: Outcome::Nothing,
        receipt: vec!["probe has left".into()],
    })
}

/// Knows nothing, and panics about it.
struct Silent;

impl Ask for Silent {
    fn ask(self: Arc<Self>, _request: Request) -> BoxStream<'static, Answer> {
        stream::once(async { panic!("the task was told to") }).boxed()
    }
}
