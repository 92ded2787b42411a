//! A whole session on key strings: no terminal, no network, no clock.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::expect_used, reason = "a panic in a test is a message to us")]

use super::cloud::{Cloud, cockpit};
use super::typed::{parse, text};
use phala_wizard::api::types::LogSource;
use phala_wizard::secret::Secret;
use phala_wizard::theme::Theme;
use phala_wizard::ui;
use phala_wizard::wizard::event::{Answer, Effect, Event, Exit, Request, RequestId};
use phala_wizard::wizard::{Start, Wizard};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

pub struct Journey {
    pub wizard: Wizard,
    pub cloud: Cloud,
    /// Questions nobody has answered yet.
    pub open: Vec<(RequestId, Request)>,
    /// Questions that were answered and stay open: streams, logs, keys.
    pub streams: Vec<(RequestId, Request)>,
    /// Questions that the pretend service is silent about.
    pub held: Vec<(RequestId, Request)>,
    /// Everything that was ever asked, in order.
    pub asked: Vec<Request>,
    pub copied: Vec<String>,
    pub bells: u32,
    /// Addresses that were to be opened, and other effects that leave no trace here.
    pub opened: u32,
    pub exit: Option<Exit>,
    now: u64,
}

impl Journey {
    /// A journey that has just begun, with nothing answered.
    pub fn begin(cloud: Cloud, start: Start) -> Self {
        let mut journey = Self {
            wizard: Wizard::new(start),
            cloud,
            open: Vec::new(),
            streams: Vec::new(),
            held: Vec::new(),
            asked: Vec::new(),
            copied: Vec::new(),
            bells: 0,
            opened: 0,
            exit: None,
            now: 0,
        };
        let effects = journey.wizard.begin();
        journey.perform(effects);
        journey
    }

    /// A journey that stands in front of the list of apps.
    pub fn signed_in(cloud: Cloud) -> Self {
        let mut journey = Self::begin(
            cloud,
            Start {
                folder: "/home/dana/orders".into(),
                ..Start::default()
            },
        );
        journey.settle();
        journey
    }

    /// Presses keys: letters as they are, `<enter>`, `<esc>`, `<tab>`, `<right>`, `<^c>`, `<a-1>` and so on.
    /// Whatever is asked is answered at once.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in parse(keys) {
            self.event(Event::Key(key));
            self.settle();
        }
        self
    }

    /// Presses keys and leaves every question open.
    pub fn press_only(&mut self, keys: &str) -> &mut Self {
        for key in parse(keys) {
            self.event(Event::Key(key));
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.event(Event::Paste(Secret::new(text)));
        self.settle();
        self
    }

    /// Lets seconds go by, as the shell would: only while something moves.
    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            self.now += 1;
            if self.wizard.moves() {
                self.event(Event::Tick(self.now));
                self.settle();
            }
        }
        self
    }

    /// Lets seconds go by while nobody answers.
    pub fn pass(&mut self, seconds: u64) -> &mut Self {
        self.now += seconds;
        self.event(Event::Tick(self.now));
        self
    }

    /// Answers every open question, and the ones that raises.
    pub fn settle(&mut self) -> &mut Self {
        for _ in 0..1000 {
            let Some((id, request)) = self.take_open() else {
                return self;
            };
            if let Some(answer) = self.cloud.answer(&request) {
                self.answer(id, &request, answer);
            } else {
                self.held.push((id, request));
            }
        }
        panic!("the wizard keeps asking: {:?}", self.asked.last());
    }

    /// Brings an answer, and what follows it.
    fn answer(&mut self, id: RequestId, request: &Request, answer: Answer) {
        if request.streams() && answer.goes_on() {
            self.streams.push((id, request.clone()));
        }
        self.event(Event::Reply(id, answer));
        if let Some(more) = self.cloud.more(request) {
            self.reply(id, more);
        }
    }

    /// The stream tells how the instance is doing by now.
    pub fn news(&mut self) -> &mut Self {
        let mut streams = self.streams.iter();
        let open = streams.find(|(_, request)| matches!(request, Request::Stream(_)));
        if let Some((id, _)) = open.cloned() {
            self.reply(id, Answer::Streamed(self.cloud.state.clone()));
        }
        self.settle()
    }

    /// What was held back is answered after all.
    pub fn release(&mut self) -> &mut Self {
        self.open.append(&mut self.held);
        self.settle()
    }

    /// More lines come in a log that is open.
    #[track_caller]
    pub fn logs(&mut self, source: &LogSource, texts: &[&str]) -> &mut Self {
        let id = self.open_log(source).expect("the log is not open");
        self.reply(id, Answer::Logged(source.clone(), cockpit::lines(texts)));
        self.settle()
    }

    /// The number under which this log is open.
    pub fn open_log(&self, of: &LogSource) -> Option<RequestId> {
        let mut streams = self.streams.iter();
        let open = streams
            .find(|(_, request)| matches!(request, Request::Log { source, .. } if source == of));
        open.map(|(id, _)| *id)
    }

    /// How many questions of this kind were ever asked.
    pub fn count(&self, kind: fn(&Request) -> bool) -> usize {
        self.asked.iter().filter(|request| kind(request)).count()
    }

    pub fn event(&mut self, event: Event) {
        let effects = self.wizard.update(event);
        self.perform(effects);
    }

    /// The request of the only kind of creating question that was sent, how often.
    pub fn creating(&self) -> Vec<&Request> {
        self.asked
            .iter()
            .filter(|request| request.may_create())
            .collect()
    }

    pub fn commits(&self) -> usize {
        self.asked
            .iter()
            .filter(|request| matches!(request, Request::Commit { .. }))
            .count()
    }

    /// The screen as text.
    pub fn frame_at(&self, width: u16, height: u16) -> String {
        draw(&self.wizard, Theme::default(), width, height)
    }

    pub fn frame(&self) -> String {
        self.frame_at(80, 24)
    }

    #[track_caller]
    pub fn sees(&mut self, words: &str) -> &mut Self {
        let frame = self.frame_at(100, 40);
        assert!(
            frame.contains(words),
            "'{words}' is not on screen:\n{frame}"
        );
        self
    }

    #[track_caller]
    pub fn does_not_see(&mut self, words: &str) -> &mut Self {
        let frame = self.frame_at(100, 40);
        assert!(!frame.contains(words), "'{words}' is on screen:\n{frame}");
        self
    }

    fn take_open(&mut self) -> Option<(RequestId, Request)> {
        // A stream stays open; it is answered once, and then only by tests that want more of it.
        if self.open.is_empty() {
            None
        } else {
            Some(self.open.remove(0))
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(id, request) => {
                    self.asked.push(request.clone());
                    self.open.push((id, request));
                }
                Effect::Forget(id) => self.close(id),
                Effect::Copy(text) => self.copied.push(text.expose().to_owned()),
                Effect::Alert(_) => self.bells += 1,
                Effect::Quit(exit) => self.exit = Some(exit),
                Effect::Open(_) | Effect::Suspend | Effect::Redraw => self.opened += 1,
            }
        }
    }

    /// Brings a reply by hand.
    pub fn reply(&mut self, id: RequestId, answer: Answer) {
        if !answer.goes_on() {
            self.close(id);
        }
        self.event(Event::Reply(id, answer));
    }

    fn close(&mut self, id: RequestId) {
        self.open.retain(|(open, _)| *open != id);
        self.held.retain(|(open, _)| *open != id);
        self.streams.retain(|(open, _)| *open != id);
    }
}

pub fn draw(wizard: &Wizard, theme: Theme, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test terminal");
    terminal
        .draw(|frame| ui::draw(wizard, &theme, frame))
        .expect("drawing into memory");
    text(terminal.backend().buffer())
}
