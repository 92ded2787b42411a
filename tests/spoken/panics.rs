//! A bug while a hidden line is typed: it is told where the shell was, and the shell shows what is typed.
//!
//! The test starts itself once more in a terminal, and there it is the program with the bug.

use std::env;
use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, pending};
use phala_wizard::secret::Secret;
use phala_wizard::shell::questions::Ask;
use phala_wizard::shell::run::Core;
use phala_wizard::shell::spoken::play;
use phala_wizard::spoken::{Prompt, Speech};
use phala_wizard::wizard::event::{Answer, Effect, Event, Request};
use ratatui::Frame;

use crate::harness::{End, Program, Pty, Size};

/// Set in the terminal, and only there.
const INSIDE: &str = "PHALA_WIZARD_SPOKEN_PROBE";

const QUESTION: &str = "A key, not shown: ";

/// Asks for a hidden line, and cannot stand one.
#[derive(Debug, Default)]
struct Probe {
    asked: bool,
}

impl Core for Probe {
    fn begin(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    fn update(&mut self, _event: Event) -> Vec<Effect> {
        Vec::new()
    }

    fn moves(&self) -> bool {
        false
    }

    fn draw(&self, _frame: &mut Frame) {}

    fn answer(&mut self, line: Secret) -> Vec<Effect> {
        panic!("the probe cannot stand {line:?}");
    }

    fn speak(&mut self) -> Option<Speech> {
        let prompt = Prompt {
            text: QUESTION.to_owned(),
            is_hidden: true,
        };
        let asked = std::mem::replace(&mut self.asked, true);
        (!asked).then(|| Speech {
            prompt: Some(prompt),
            ..Speech::default()
        })
    }
}

struct Silent;

impl Ask for Silent {
    fn ask(self: Arc<Self>, _request: Request) -> BoxStream<'static, Answer> {
        pending().boxed()
    }
}

#[test]
fn a_bug_shows_typing_again_and_no_secret() {
    if env::var_os(INSIDE).is_some() {
        // The panic ends it; a good end would be seen as the exit code.
        let _ = play(Probe::default(), true, || Silent);
        return;
    }
    let this = env::current_exe().expect("this program");
    let test = "panics::a_bug_shows_typing_again_and_no_secret";
    let options = ["--exact", "--nocapture", "--test-threads=1", test];
    let program = Program::other(this, &options).with(INSIDE, "1");
    let mut pty = Pty::start(Size(200, 60), &program);
    pty.wait_for(QUESTION.trim_end());
    pty.assert_unseen();
    pty.keys("canary-typed-unseen\n");
    assert_eq!(pty.wait_for_end(), End::Code(101), "{}", pty.screen());
    let screen = pty.screen();
    assert!(screen.contains("the probe cannot stand"), "{screen}");
    assert!(screen.contains("a bug in phala-wizard"), "{screen}");
    assert!(screen.contains("reports/report.txt"), "{screen}");
    let report = pty
        .home()
        .join(".local/state/phala-wizard/reports/report.txt");
    let report = std::fs::read_to_string(report).expect("a report");
    for said in [&pty.raw(), &report] {
        assert!(!said.contains("canary"), "{said}");
    }
}
