//! The third face of the wizard: plain lines, said once, and answers that are typed.
//!
//! For ears and for terminals that can do nothing but print. It is made from the pages and offers that the screen is
//! drawn from, so it knows no screen by name and nothing about the flow; what was said is remembered, and only what
//! differs is said again. It is pure: lines out, lines in, and no terminal.
//!
//! ```text
//!  Wizard ──page, offer──▶ reading, question ──▶ memory ──▶ Speech
//!     ▲                                                        │
//!     └────── steer (commands, as keys give them) ◀── answer ◀─┘
//! ```

mod answer;
pub mod chosen;
mod command;
mod hear;
mod help;
mod memory;
mod named;
mod question;
mod reading;
mod steer;
mod wait;
mod words;

use std::collections::HashSet;

use crate::secret::Secret;
use crate::wizard::door::PLAIN_LINES;
use crate::wizard::event::{Effect, Event, Outcome};
use crate::wizard::keymap::Command;
use crate::wizard::{Start, Wizard};
use memory::Memory;
use question::{Kind, Question};
use reading::Reading;
use wait::Wait;
use zeroize::Zeroizing;

/// Lines of a log that are said when it comes up.
const LOG_AT_FIRST: usize = 10;
/// Lines of a log that are said at once.
const LOG_AT_ONCE: usize = 100;

/// What is to be said now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Speech {
    /// The cursor may stand behind a prompt: begin with a new line.
    pub breaks: bool,
    /// Whole lines.
    pub lines: Vec<String>,
    /// What asks for an answer, without an end of line; nothing where the last one still stands.
    pub prompt: Option<Prompt>,
}

/// What asks for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The words.
    pub text: String,
    /// What is typed must not be seen.
    pub is_hidden: bool,
}

/// What a line that is typed is for.
#[derive(Debug, Default)]
enum Mode {
    /// The question of the page.
    #[default]
    Asking,
    /// A yes, before what is chosen is done.
    Yes,
    /// A text, line by line.
    Writing(Zeroizing<String>),
    /// Nothing: it was left.
    Left,
}

/// What was said once and need not be said again.
#[derive(Debug, Default)]
struct Taught {
    /// Who is signed in.
    session: bool,
    /// The place on the rail.
    place: Option<usize>,
    /// Kinds of questions.
    kinds: HashSet<Kind>,
    /// That there are facts beside a page.
    facts: bool,
    /// Pages beside each other, by their names.
    pages: HashSet<String>,
}

/// The wizard, spoken.
#[derive(Debug)]
pub struct Spoken {
    wizard: Wizard,
    /// Sentences that wait to be said before anything else.
    out: Vec<String>,
    /// What was said of the page, and of an overlay in front of it.
    memory: Memory,
    overlay: Memory,
    /// What was said of the page before this one, and at which place that was.
    behind: (usize, Memory),
    /// The page was asked for by its name.
    fresh: bool,
    /// The first row of the list that is read.
    from: usize,
    /// Rows of the log that were said.
    log: usize,
    /// The note below a page that was said last.
    note: String,
    /// The notice that was said last.
    notice: Option<String>,
    taught: Taught,
    /// What was asked last, while no answer came.
    asked: Option<Question>,
    /// Something was printed behind which the cursor stands.
    open: bool,
    mode: Mode,
    /// What would have been copied, and holds a token.
    kept: Option<Secret>,
    wait: Wait,
}

impl Spoken {
    /// A wizard that has said nothing yet. `why` says why it speaks in plain lines.
    pub fn new(start: Start, why: &str) -> Self {
        Self {
            wizard: Wizard::new(start),
            out: vec![
                why.to_owned(),
                "Type \"help\" at any question, and \"quit\" to leave.".to_owned(),
            ],
            memory: Memory::default(),
            overlay: Memory::default(),
            behind: (0, Memory::default()),
            fresh: false,
            from: 0,
            log: 0,
            note: String::new(),
            notice: None,
            taught: Taught::default(),
            asked: None,
            open: false,
            mode: Mode::Asking,
            kept: None,
            wait: Wait::default(),
        }
    }

    /// What decides.
    pub fn wizard(&self) -> &Wizard {
        &self.wizard
    }

    /// What it wants done before anything has happened.
    pub fn begin(&mut self) -> Vec<Effect> {
        let effects = self.wizard.begin();
        self.kept_back(effects)
    }

    /// Takes an event that is not an answer.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        if let Event::Tick(now) = event {
            self.wait.tick(now);
        }
        let effects = self.wizard.update(event);
        self.kept_back(effects)
    }

    /// Somebody pressed Ctrl-C: asks, and leaves at once where it was asked already.
    pub fn interrupted(&mut self) -> Vec<Effect> {
        self.open = true;
        self.asked = None;
        if let Mode::Writing(_) = std::mem::take(&mut self.mode) {
            self.out.push("The text stays as it was.".to_owned());
            return Vec::new();
        }
        self.memory.answered();
        let effects = steer::press(&mut self.wizard, Command::Leave);
        self.kept_back(effects)
    }

    /// Nothing can be typed any more.
    pub fn ended(&mut self) -> Vec<Effect> {
        self.mode = Mode::Asking;
        if self.wizard.overlay().is_some() {
            return self.wizard.update(Event::Leave);
        }
        self.interrupted()
    }

    /// What is to be said now. Whatever was said is not said again.
    pub fn speak(&mut self) -> Speech {
        let mut lines = std::mem::take(&mut self.out);
        if matches!(self.mode, Mode::Writing(_) | Mode::Left) {
            return self.speech(lines, None);
        }
        self.greet(&mut lines);
        let reading = self.read();
        let offer = self.wizard.offer();
        let creates = offer.find(Command::Next).is_some_and(|next| next.creates);
        if matches!(self.mode, Mode::Yes) && !creates {
            // Something came in between.
            (self.mode, self.asked) = (Mode::Asking, None);
        }
        let screen = format!("{}/{}", self.wizard.place(), words::key(&reading.title));
        let is_new = self.turn_to(&screen, &reading, &mut lines);
        let mut said = reading.lines.clone();
        said.extend(self.accompanying(&reading, is_new));
        let memory = self.in_front();
        let news: Vec<String> = memory.news(&said).into_iter().map(str::to_owned).collect();
        lines.extend(news);
        self.hear_log(&reading, &mut lines);
        self.hear_notice(&mut lines);
        if !reading.side.is_empty() && !self.taught.facts {
            self.taught.facts = true;
            lines.push("\"facts\" says more about what is chosen here.".to_owned());
        }
        if let Some((labels, _)) = &reading.tabs
            && self.taught.pages.insert(labels.concat())
        {
            let names = labels.join(", ");
            lines.push(format!(
                "There are the pages {names}. Type the name of one."
            ));
        }
        let pending = self.pending(&reading);
        lines.extend(self.wait.beat(pending, !lines.is_empty()));
        let is_busy = || {
            reading.busy.is_some()
                || self.wizard.session().is_none()
                || self.wizard.waits().next().is_some()
        };
        // A cockpit is never done, and can be asked at any time.
        let question = Question::of(&reading, &offer);
        let is_waiting = question.kind == Kind::Look && reading.tabs.is_none() && is_busy();
        let prompt = self.ask(question, is_waiting, &mut lines);
        self.speech(lines, prompt)
    }

    /// Turns to the screen in front. Says whether it is another one; of one that was left for a question about it, only
    /// its heading is said again.
    fn turn_to(&mut self, screen: &str, reading: &Reading, lines: &mut Vec<String>) -> bool {
        let place = self.wizard.place();
        if self.wizard.overlay().is_none() {
            self.overlay = Memory::default();
        }
        let fresh = std::mem::take(&mut self.fresh);
        if self.in_front().knows(screen) {
            return false;
        }
        (self.from, self.log) = (0, 0);
        if self.wizard.overlay().is_some() {
            self.overlay.begin(screen);
            return true;
        }
        let mut before = Memory::default();
        before.begin(screen);
        std::mem::swap(&mut before, &mut self.memory);
        if self.behind.1.knows(screen) && self.behind.0 == place && !fresh {
            std::mem::swap(&mut self.memory, &mut self.behind.1);
            self.memory.answered();
            lines.push(reading.title.clone());
        }
        self.behind = (place, before);
        true
    }

    /// What was said of the page in front.
    fn in_front(&mut self) -> &mut Memory {
        match self.wizard.overlay() {
            Some(_) => &mut self.overlay,
            None => &mut self.memory,
        }
    }

    fn speech(&mut self, lines: Vec<String>, prompt: Option<Prompt>) -> Speech {
        let breaks = self.open && !(lines.is_empty() && prompt.is_none());
        if breaks {
            self.open = false;
        }
        self.open |= prompt.is_some();
        Speech {
            breaks,
            lines,
            prompt,
        }
    }

    /// Asks where it was not asked yet, or something else is to be answered now.
    fn ask(
        &mut self,
        question: Question,
        is_waiting: bool,
        lines: &mut Vec<String>,
    ) -> Option<Prompt> {
        if let Mode::Yes = self.mode {
            let text = "This is the one confirmation. Type yes to do it. Default no: ".to_owned();
            let fresh = self.asked.is_none();
            self.asked = Some(question);
            return fresh.then_some(Prompt {
                text,
                is_hidden: false,
            });
        }
        if self.asked.as_ref() == Some(&question) {
            return None;
        }
        let kind = question.kind;
        // What cannot be answered is not asked; a word works all the same.
        if is_waiting {
            return None;
        }
        if self.taught.kinds.insert(kind) && !question.lesson.is_empty() {
            lines.push(question.lesson.clone());
        }
        let prompt = Prompt {
            text: format!("{} ", question.short),
            is_hidden: kind == Kind::Field(true),
        };
        self.asked = Some(question);
        Some(prompt)
    }

    fn read(&self) -> Reading {
        let mut reading = steer::read(&self.wizard, self.from);
        // It is said already that this face exists.
        reading
            .lines
            .retain(|said| !said.text.contains(PLAIN_LINES));
        reading
    }

    /// Takes out of the effects what a terminal of lines cannot do, and does it in lines.
    fn kept_back(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::with_capacity(effects.len());
        for effect in effects {
            match effect {
                Effect::Copy(text) => self.print(text),
                Effect::Redraw => self.memory.forget(),
                Effect::Quit(exit) => {
                    // Not left out where nothing else says it: that nothing came of it.
                    if exit.outcome == Outcome::Nothing {
                        self.out.push("Leaving.".to_owned());
                    }
                    rest.push(Effect::Quit(exit));
                }
                effect => rest.push(effect),
            }
        }
        if rest.iter().any(|effect| matches!(effect, Effect::Quit(_))) {
            self.mode = Mode::Left;
        }
        rest
    }

    /// Plain lines have no clipboard: what would be copied is printed, but for a token.
    fn print(&mut self, text: Secret) {
        // The notice says that it was copied.
        self.notice = self.wizard.notice().map(words::verbatim);
        let has_token = self
            .wizard
            .token()
            .is_some_and(|token| !token.is_empty() && text.expose().contains(token.expose()));
        if has_token {
            self.kept = Some(text);
            self.out.push(
                "Not copied: plain lines use no clipboard. The commit token is in it, and whoever reads it can finish \
                 the request. \"print\" prints it here all the same."
                    .to_owned(),
            );
            return;
        }
        self.out
            .push("Plain lines use no clipboard, so it is printed here:".to_owned());
        self.out.extend(text.expose().lines().map(words::verbatim));
    }
}
