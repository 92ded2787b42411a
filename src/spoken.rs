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
mod help;
mod memory;
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
use crate::wizard::page::Block;
use crate::wizard::{RAIL, Start, Wizard};
use memory::Memory;
use question::{Kind, Question};
use reading::{Reading, Said};
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
    /// The place on the rail that was said.
    place: Option<usize>,
    /// Who is signed in was said.
    greeted: bool,
    /// The first row of the list that is read.
    from: usize,
    /// Rows of the log that were said.
    log: usize,
    /// The note below a page that was said last.
    note: String,
    /// The notice that was said last.
    notice: Option<String>,
    /// Kinds of questions that came up before.
    learnt: HashSet<Kind>,
    /// The facts beside a page were pointed out, and the pages beside each other.
    knows_facts: bool,
    knows_pages: HashSet<String>,
    /// What was asked last, while no answer came.
    asked: Option<Question>,
    /// Something was printed behind which the cursor stands.
    open: bool,
    /// A yes is wanted before what is chosen is done.
    wants_yes: bool,
    /// A text that is typed line by line.
    writing: Option<Zeroizing<String>>,
    /// What would have been copied, and holds a token.
    kept: Option<Secret>,
    /// It was left: nothing more is asked.
    has_left: bool,
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
            place: None,
            greeted: false,
            from: 0,
            log: 0,
            note: String::new(),
            notice: None,
            learnt: HashSet::new(),
            knows_facts: false,
            knows_pages: HashSet::new(),
            asked: None,
            open: false,
            wants_yes: false,
            writing: None,
            kept: None,
            has_left: false,
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
        self.wants_yes = false;
        if self.writing.take().is_some() {
            self.out.push("The text stays as it was.".to_owned());
            return Vec::new();
        }
        self.memory.answered();
        let effects = steer::press(&mut self.wizard, Command::Leave);
        self.kept_back(effects)
    }

    /// Nothing can be typed any more.
    pub fn ended(&mut self) -> Vec<Effect> {
        self.writing = None;
        if self.wizard.overlay().is_some() {
            return self.wizard.update(Event::Leave);
        }
        self.interrupted()
    }

    /// What is to be said now. Whatever was said is not said again.
    pub fn speak(&mut self) -> Speech {
        let mut lines = std::mem::take(&mut self.out);
        if self.writing.is_some() || self.has_left {
            return self.speech(lines, None);
        }
        self.greet(&mut lines);
        let reading = self.read();
        let offer = self.wizard.offer();
        let kind = Kind::of(&reading, &offer);
        let screen = format!("{}/{}", self.wizard.place(), words::key(&reading.title));
        let is_new = self.turn_to(&screen, &reading, &mut lines);
        let mut said = reading.lines.clone();
        said.extend(self.accompanying(&reading, is_new));
        let memory = self.in_front();
        let news: Vec<String> = memory.news(&said).into_iter().map(str::to_owned).collect();
        lines.extend(news);
        self.hear_log(&reading, &mut lines);
        self.hear_notice(&mut lines);
        if !reading.side.is_empty() && !self.knows_facts {
            self.knows_facts = true;
            lines.push("\"facts\" says more about what is chosen here.".to_owned());
        }
        if let Some((labels, _)) = &reading.tabs
            && self.knows_pages.insert(labels.concat())
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
        let is_waiting = kind == Kind::Look && reading.tabs.is_none() && is_busy();
        let question = Question::of(&reading, &offer);
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

    /// Says who is signed in and which step it is, once.
    fn greet(&mut self, lines: &mut Vec<String>) {
        let Some(session) = self.wizard.session() else {
            return;
        };
        if !self.greeted {
            self.greeted = true;
            let who = &session.identity;
            lines.push(format!(
                "Signed in as {}, in the workspace {}.",
                who.user, who.workspace
            ));
            if let Some(story) = &session.sandbox {
                lines.push(format!(
                    "This is the sandbox with the story {story}. Nothing leaves this machine."
                ));
            }
        }
        let place = self.wizard.place();
        if self.place != Some(place) && self.wizard.overlay().is_none() {
            self.place = Some(place);
            lines.push(if self.wizard.watches() {
                "Watching an instance. By itself this changes nothing.".to_owned()
            } else {
                format!("Step {} of {}, {}.", place + 1, RAIL.len(), RAIL[place])
            });
        }
    }

    /// What stands below the page: its note, and a wait that a person could notice.
    fn accompanying(&mut self, reading: &Reading, is_new: bool) -> Vec<Said> {
        let mut said = Vec::new();
        let has = |text: &str| reading.lines.iter().any(|line| line.text == text);
        // Nothing is said by where a cursor stands.
        // In a text it tells keys of the text.
        let is_said =
            has(&reading.note) || reading.note.contains("cursor") || reading.text.is_some();
        let key = words::rough_key(&reading.note);
        let is_known = is_new && key == self.note;
        if is_known {
            self.in_front().hush(&key);
        }
        if !reading.note.is_empty() && !is_said && !self.wants_yes {
            self.note.clone_from(&key);
            said.push(Said {
                key,
                text: reading.note.clone(),
                is_ahead: false,
            });
        }
        if let (None, Some(purpose)) = (&reading.busy, self.slow()) {
            said.push(Said::new(format!("Waiting: {purpose}. \"quit\" leaves.")));
        }
        said
    }

    /// What is waited for, for longer than a person would not notice.
    fn slow(&self) -> Option<&'static str> {
        let mut waits = self.wizard.waits();
        waits
            .find(|(_, seconds)| *seconds >= 2)
            .map(|(purpose, _)| purpose)
    }

    /// What is waited for, in words that do not change while it is.
    fn pending(&self, reading: &Reading) -> Option<String> {
        if !self.wizard.moves() {
            return None;
        }
        let busy = reading.busy.clone();
        let slow = || self.slow().map(str::to_owned);
        let blocked = || {
            let is_chain = RAIL[self.wizard.place()] == "Chain";
            let offer = is_chain.then(|| self.wizard.offer())?;
            offer.find(Command::Next)?.blocked.clone()
        };
        let words = busy.or_else(slow).or_else(blocked)?;
        let first = words.split(',').next().unwrap_or_default();
        Some(first.trim_end_matches('.').to_owned())
    }

    fn hear_log(&mut self, reading: &Reading, lines: &mut Vec<String>) {
        let Some((len, _)) = reading.log else { return };
        if self.log == 0 && len > 0 {
            lines.extend(self.log_rows(len.saturating_sub(LOG_AT_FIRST), len));
            self.log = len;
        }
    }

    /// These rows of the log in front, from 0.
    fn log_rows(&self, from: usize, upto: usize) -> Vec<String> {
        let page = self.wizard.page();
        let log = page.main.iter().find_map(|block| match block {
            Block::Log(log) => Some(log),
            _ => None,
        });
        let Some(log) = log else { return Vec::new() };
        let row = |row| reading::log_row(log, row);
        (from..upto.min(log.len)).map(row).collect()
    }

    fn hear_notice(&mut self, lines: &mut Vec<String>) {
        let notice = self.wizard.notice().map(words::verbatim);
        if notice != self.notice {
            if let Some(notice) = &notice {
                lines.push(sentence(notice));
            }
            self.notice = notice;
        }
    }

    /// Asks where it was not asked yet, or something else is to be answered now.
    fn ask(
        &mut self,
        question: Question,
        is_waiting: bool,
        lines: &mut Vec<String>,
    ) -> Option<Prompt> {
        if self.wants_yes {
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
        if self.learnt.insert(kind) && !question.lesson.is_empty() {
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
        self.has_left |= rest.iter().any(|effect| matches!(effect, Effect::Quit(_)));
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
        self.out
            .extend(text.expose().lines().map(|line| words::verbatim(line)));
    }
}

/// A notice as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase());
    let text: String = first.into_iter().flatten().chain(letters).collect();
    if text.ends_with(['.', '?', ':']) {
        text
    } else {
        format!("{text}.")
    }
}
