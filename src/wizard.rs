//! The wizard decides: events in, effects out. It does no IO and knows no clock, so all of it runs in a test.
//!
//! ```text
//!  Event ──▶ Wizard::update ──▶ Vec<Effect>
//!              │  a key: what the screen offers, looked up in the key table
//!              │  a reply: only if somebody still waits for it
//!              ▼
//!        overlay, else door, else form (all answers at once) or launch (one stage at a time)
//! ```

mod account;
pub mod answers;
mod asked;
pub mod boots;
mod courses;
mod difference;
pub mod door;
pub mod elsewhere;
pub mod event;
pub mod facts;
pub mod field;
pub mod form;
pub mod guide;
pub mod keymap;
pub mod keys;
pub mod launch;
pub mod live;
pub mod menu;
mod nearest;
pub mod overlay;
pub mod page;
mod plan;
pub mod recall;
pub mod registering;
pub mod reread;
pub mod saving;
pub mod screen;
pub mod sight;
pub mod signin;
pub mod status;
pub mod trouble;

use std::path::PathBuf;

use crate::secret::Secret;
use crate::zone::Zone;
use answers::Answers;
use asked::{Asked, Owner};
use crossterm::event::KeyEvent;
use door::{Bound, Door};
use event::{Answer, COPY_LIMIT, Effect, Event, Exit, PASTE_LIMIT, Request};
use form::Form;
use guide::Guide;
use keymap::{Command, Typing};
use launch::Launch;
use overlay::{Overlay, Verdict};
use recall::Recall;
use registering::Registering;
use saving::Saving;
use screen::{Input, Wish};
use sight::View;

/// What is known before the first frame: the arguments, and nothing that had to be read or asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Start {
    /// Walk against the sandbox: `Some("")` asks which scenario, `Some(name)` opens that one.
    pub sandbox: Option<String>,
    /// Where the file browser begins.
    pub folder: PathBuf,
    /// The sandbox's scenarios: name and sentence.
    pub scenarios: Vec<(String, String)>,
    /// What the form is answered with, where that is known beforehand.
    pub answers: Option<Answers>,
    /// Who registers a compose hash, where that is decided beforehand.
    pub registering: Registering,
    /// Watch this instance, by whatever names it.
    pub watch: Option<String>,
    /// The log that is read beside it: `serial`, `stdout`, `stderr` or a container.
    pub log: Option<String>,
    /// Go on with unfinished work: `Some("")` shows it, `Some(id)` opens that one.
    pub resume: Option<String>,
    /// What is to be said at the beginning.
    pub note: Option<String>,
    /// Terms are explained where they first matter.
    pub guide: bool,
}

/// The whole state of the program.
#[derive(Debug)]
pub struct Wizard {
    start: Start,
    door: Option<Door>,
    /// Unfinished work, in front of a form that was not touched yet.
    recall: Option<Recall>,
    form: Form,
    launch: Option<Launch>,
    /// The answers on their way into a file, in front of a launch.
    saving: Option<Box<Saving>>,
    /// Where they were saved.
    saved: Option<String>,
    overlay: Option<Overlay>,
    asked: Asked,
    view: View,
    notice: Option<String>,
    now: u64,
    /// The zone that instants are shown in.
    zone: Zone,
    /// Whether unfinished work was asked for.
    recalled: bool,
    /// How it ends while a request of this run that may have created has no clear answer, wherever it went from there.
    unanswered: Option<Exit>,
    /// Whether a request was begun that could lead to an instance, and none is on screen.
    begun: bool,
    /// How it ends for the instances that were made and are not on screen any more, the newest last.
    made: Vec<Exit>,
    /// What is explained.
    guide: Guide,
}

impl Wizard {
    /// A wizard that has asked nothing yet.
    pub fn new(start: Start) -> Self {
        let (door, _) = Door::start(start.sandbox.as_deref(), start.scenarios.clone());
        let form = Form::new(start.folder.clone());
        Self {
            form: match start.answers.clone() {
                Some(answers) => form.answered(answers),
                None => form,
            },
            notice: start.note.clone(),
            start,
            door: Some(door),
            recall: None,
            launch: None,
            saving: None,
            saved: None,
            overlay: None,
            asked: Asked::default(),
            view: View::default(),
            now: 0,
            zone: Zone::default(),
            recalled: false,
            unanswered: None,
            begun: false,
            made: Vec::new(),
            guide: Guide::default(),
        }
    }

    /// What it wants done before anything has happened. Called once, after the first frame.
    pub fn begin(&mut self) -> Vec<Effect> {
        let (door, wishes) =
            Door::start(self.start.sandbox.as_deref(), self.start.scenarios.clone());
        self.door = Some(door);
        let mut effects = self.grant(Owner::Door, wishes);
        if self.start.guide {
            effects.extend(self.grant(Owner::Form, vec![Wish::Ask(Request::TermsSeen)]));
        }
        effects
    }

    /// Takes one event and says what shall be done about it.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.happen(event);
        if let Some(seen) = self.guide.arrive(self.terms()) {
            effects.extend(self.grant(Owner::Form, vec![Wish::Ask(Request::KeepTerms(seen))]));
        }
        effects
    }

    fn happen(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.paste(text),
            Event::Tick(now) => {
                self.now = now;
                self.tick()
            }
            Event::Zone(zone) => {
                self.zone = zone;
                Vec::new()
            }
            Event::Reply(id, answer) => match self.asked.answered(id, &answer) {
                Some(owner) => self.reply(owner, answer),
                None => Vec::new(),
            },
            Event::Command(command) => {
                if self.offer().find(command).is_none() {
                    return Vec::new();
                }
                self.notice = None;
                self.command(command)
            }
            Event::Leave => vec![Effect::Quit(self.exit())],
        }
    }

    fn paste(&mut self, text: Secret) -> Vec<Effect> {
        let length = text.expose().len();
        if length > PASTE_LIMIT {
            self.notice = Some(format!(
                "not pasted: {} KB, and {} KB at most is taken at once",
                length.div_ceil(1024),
                PASTE_LIMIT / 1024
            ));
            return Vec::new();
        }
        if self.overlay.is_some() || self.offer().typing == Typing::No && !self.takes_paste() {
            self.notice = Some("pasted text has no place here".to_owned());
            return Vec::new();
        }
        self.input(Input::Paste(text))
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.notice = None;
        let offer = self.offer();
        let Some(command) = keymap::look_up(key, &offer) else {
            return if offer.typing == Typing::No {
                Vec::new()
            } else {
                self.input(Input::Key(key))
            };
        };
        self.command(command)
    }

    /// Runs a command that is offered.
    fn command(&mut self, command: Command) -> Vec<Effect> {
        let offer = self.offer();
        if let Some(reason) = offer
            .find(command)
            .and_then(|offered| offered.blocked.clone())
        {
            self.notice = Some(reason);
            return Vec::new();
        }
        if let Some(overlay) = &mut self.overlay {
            let verdict = overlay.command(command);
            return self.judge(verdict);
        }
        match command {
            Command::Help => {
                self.overlay = Some(Overlay::help(&offer, self.terms()));
                Vec::new()
            }
            Command::Leave => self.leave(),
            Command::Suspend => vec![Effect::Suspend],
            Command::Redraw => vec![Effect::Redraw],
            Command::Jump(number) => self.jump(number),
            Command::Profiles => self.profiles(),
            Command::Choose(number)
                if self.door.is_none() && matches!(self.launch, Some(Launch::Review(_))) =>
            {
                self.jump(number)
            }
            Command::Save if self.saves() => self.save(),
            command if self.looks(command) => Vec::new(),
            command => self.input(Input::Command(command)),
        }
    }

    /// Hands an input to whatever is in front.
    fn input(&mut self, input: Input) -> Vec<Effect> {
        if let Some(overlay) = &mut self.overlay {
            if let Input::Key(key) = input {
                overlay.key(key);
            }
            return Vec::new();
        }
        if self.door.is_some() {
            return self.door_input(input);
        }
        if self.saving.is_some() && self.launch.is_some() {
            return self.saving_input(input);
        }
        if self.launch.is_some() {
            return self.launch_input(input);
        }
        if self.recall.is_some() {
            return self.recall_input(input);
        }
        let course = self.form.update(input);
        self.form_course(course)
    }

    fn reply(&mut self, owner: Owner, answer: Answer) -> Vec<Effect> {
        if let Answer::TermsSeen(seen) = answer {
            // In the sandbox it does not count what was seen outside of it.
            if self.sandbox().is_none() {
                self.guide.read(seen);
            }
            return Vec::new();
        }
        if owner != Owner::Door
            && let Some(error) = answer.error().filter(|error| error.is_signed_out())
            && let Some(session) = self.session()
            && self.door.as_ref().is_none_or(Door::can_go_back)
        {
            let bound = match &self.launch {
                None | Some(Launch::Review(_)) => Bound::Form,
                Some(_) => Bound::Sent,
            };
            let launch = self.launch.as_ref();
            let has_token = launch.is_some_and(Launch::can_go_without_key);
            let door = Door::again(session, bound, error.clone());
            self.door = Some(door.with_token(has_token));
        }
        match owner {
            Owner::Door => self.door_input(Input::Answer(answer)),
            Owner::Recall => self.recall_answer(answer),
            Owner::Form => {
                let course = self.form.answer(answer);
                self.form_course(course)
            }
            Owner::Stage => self.launch_input(Input::Answer(answer)),
            Owner::Saving => self.saving_input(Input::Answer(answer)),
        }
    }

    fn tick(&mut self) -> Vec<Effect> {
        if let Some(door) = &mut self.door {
            let passage = door.tick(self.now);
            return self.passage(passage);
        }
        if self.launch.is_some() {
            return self.launch_input(Input::Tick);
        }
        let course = self.form.update(Input::Tick);
        self.form_course(course)
    }

    fn grant(&mut self, owner: Owner, wishes: Vec<Wish>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for wish in wishes {
            match wish {
                Wish::Ask(request) => {
                    self.begun |= request.may_create();
                    effects.extend(self.asked.ask(owner, request, self.now));
                }
                Wish::Say(sentence) => self.notice = Some(sentence),
                Wish::Copy(_, text) if text.len() > COPY_LIMIT => {
                    self.notice = Some(format!(
                        "not copied: {}, and a terminal takes {} at most",
                        plan::bytes(text.len()),
                        plan::bytes(COPY_LIMIT)
                    ));
                }
                Wish::Copy(what, text) => {
                    self.notice = Some(format!("copied {what}"));
                    effects.push(Effect::Copy(text));
                }
                Wish::Open(url) => {
                    self.notice = Some(format!("opening a page of {}", host(&url)));
                    effects.push(Effect::Open(url));
                }
                Wish::Alert(what) => {
                    // A long wait is over: what was said during it is not so any more.
                    self.notice = None;
                    effects.push(Effect::Alert(what));
                }
                Wish::Quit => effects.push(Effect::Quit(self.exit())),
                Wish::CloseLog(source) => effects.extend(self.asked.close_log(owner, source)),
                Wish::CloseKey => effects.extend(self.asked.close_key(owner)),
                Wish::Profiles => effects.extend(self.profiles()),
                Wish::Sandbox => {
                    if let Some(session) = self.session() {
                        let stories = self.start.scenarios.clone();
                        self.door = Some(Door::stories(session, stories));
                        self.view = View::default();
                    }
                }
            }
        }
        effects
    }

    fn judge(&mut self, verdict: Verdict) -> Vec<Effect> {
        match verdict {
            Verdict::Stay => Vec::new(),
            Verdict::Close => {
                self.overlay = None;
                Vec::new()
            }
            Verdict::Quit => vec![Effect::Quit(self.exit())],
            Verdict::Run(command) => {
                self.overlay = None;
                self.command(command)
            }
        }
    }
}

/// The host of an address: the rest of it may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
