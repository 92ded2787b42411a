//! The wizard decides: events in, effects out. It does no IO and knows no clock, so all of it runs in a test.
//!
//! ```text
//!  Event ──▶ Wizard::update ──▶ Vec<Effect>
//!              │  a key: what the screen offers, looked up in the key table
//!              │  a reply: only if somebody still waits for it
//!              ▼
//!        overlay, else door, else form (all answers at once) or launch (one stage at a time)
//! ```

pub mod answers;
mod asked;
pub mod boots;
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
pub mod signin;
pub mod status;
pub mod trouble;

use std::path::PathBuf;

use crate::secret::Secret;
use crate::zone::Zone;
use answers::{Answers, Pace};
use asked::{Asked, Owner};
use crossterm::event::KeyEvent;
use door::{Bound, Door, Passage};
use event::{Answer, COPY_LIMIT, Effect, Event, Exit, Outcome, PASTE_LIMIT, Request};
use facts::Session;
use form::{Form, Step};
use guide::{Guide, Term};
use keymap::{Command, Offer, Typing};
use launch::Launch;
use launch::review::Past;
use launch::several::{Several, worse};
use live::LogRow;
use overlay::{Overlay, Verdict};
use page::Page;
use recall::{Recall, Recalled};
use registering::Registering;
use reread::Difference;
use saving::{Saved, Saving};
use screen::{Input, Wish};
use status::{AppReport, Recalling, Report, Status};

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

/// How the page on screen is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Lines scrolled down.
    pub scroll: u16,
    /// Where there is no room for both, the facts beside the page are shown instead of it.
    pub side: bool,
}

/// A place on the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RailMark {
    /// Not there yet.
    Ahead,
    /// Here.
    Here,
    /// Seen, and in order.
    Done,
    /// Seen, and something stops it.
    Attention,
    /// Not needed for this app.
    Skipped,
}

/// The names on the rail.
pub const RAIL: [&str; 9] = [
    "App", "Node", "Compose", "Env", "Script", "Review", "Chain", "Commit", "Live",
];

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
            Event::Paste(text) => {
                if text.expose().len() > PASTE_LIMIT {
                    self.notice = Some(format!(
                        "not pasted: {} KB, and {} KB at most is taken at once",
                        text.expose().len().div_ceil(1024),
                        PASTE_LIMIT / 1024
                    ));
                    return Vec::new();
                }
                if self.overlay.is_some()
                    || self.offer().typing == Typing::No && !self.takes_paste()
                {
                    self.notice = Some("pasted text has no place here".to_owned());
                    return Vec::new();
                }
                self.input(Input::Paste(text))
            }
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

    /// Whether something on screen moves with time, so that ticks are needed.
    pub fn moves(&self) -> bool {
        self.asked.is_waiting()
            || match (&self.door, &self.launch) {
                (Some(door), _) => door.moves(),
                (None, Some(launch)) => launch.moves(),
                (None, None) => self.recall.is_none() && self.form.moves(),
            }
    }

    /// Where it stands, for a face without pages.
    pub fn report(&self) -> Report {
        Report {
            session: self.session().cloned(),
            app: self.app(),
            several: self
                .launch
                .as_ref()
                .and_then(Launch::several)
                .and_then(Several::report),
            status: self.status(),
        }
    }

    /// The commit token that was handed out and not sent yet. Whoever has it can finish the request.
    pub fn token(&self) -> Option<&Secret> {
        self.launch.as_ref()?.token()
    }

    /// The lines of the log that was asked for beside the watch, after this number.
    pub fn log_after(&self, number: u64) -> Vec<LogRow> {
        match (&self.start.log, &self.launch) {
            (Some(_), Some(launch)) => launch.log_after(number),
            _ => Vec::new(),
        }
    }

    fn status(&self) -> Status {
        let behind = || self.launch.as_ref().map(|launch| launch.status(&self.zone));
        match &self.door {
            Some(door) => match door.signed_out() {
                Some(why) => Status::SignedOut {
                    why,
                    behind: behind().map(Box::new),
                },
                None => Status::SigningIn,
            },
            None => behind().unwrap_or_else(|| match &self.recall {
                Some(recall) => Status::Recalling(recall.status()),
                None if self.asked.is_open(Owner::Recall) && self.wanted().is_some() => {
                    Status::Recalling(Recalling::Reading)
                }
                None => Status::Choosing {
                    step: self.form.at,
                    stop: self.form.stop().cloned(),
                },
            }),
        }
    }

    /// The unfinished deployment that was asked for by its id.
    fn wanted(&self) -> Option<&str> {
        self.start.resume.as_deref().filter(|id| !id.is_empty())
    }

    fn app(&self) -> Option<AppReport> {
        let about = self.form.facts.about(self.form.app.taken()?)?;
        let founding = about.new.as_ref();
        // Its id is known once its contract is there.
        let id = match founding.and_then(|founding| founding.keeper.chain()) {
            Some(_) => self.launch.as_ref()?.app()?,
            None => about.app.id,
        };
        self.form.facts.is_settled().then(|| AppReport {
            id,
            name: about.app.name.clone(),
            instances: about.instances().len(),
            on_chain: about.is_on_chain(),
        })
    }

    /// What the screen says.
    pub fn page(&self) -> Page<'_> {
        let mut page = self.plain_page();
        self.guide.explain(&mut page);
        page
    }

    /// The terms of the screen.
    fn terms(&self) -> &'static [Term] {
        match (&self.door, &self.recall, &self.launch) {
            (None, _, Some(launch)) => launch.terms(),
            (None, None, None) => self.form.terms(),
            (Some(_), _, _) | (None, Some(_), None) => &[],
        }
    }

    fn plain_page(&self) -> Page<'_> {
        match (&self.door, &self.launch) {
            (Some(door), _) => door.page(),
            (None, Some(launch)) => match &self.saving {
                Some(saving) => saving.page(),
                None => launch.page(self.now, &self.zone),
            },
            (None, None) => match &self.recall {
                Some(recall) => recall.page(),
                None => self.form.page(&self.zone),
            },
        }
    }

    /// What can be done now: what the screen offers, and what works everywhere.
    pub fn offer(&self) -> Offer {
        self.offer_with(&self.page())
    }

    /// The same, for who has the page at hand already.
    pub fn offer_with(&self, page: &Page) -> Offer {
        if let Some(overlay) = &self.overlay {
            return overlay.offer();
        }
        let offer = match (&self.door, &self.launch) {
            (Some(door), _) => door.offer(),
            (None, Some(launch)) => match &self.saving {
                Some(saving) => saving.offer(),
                None => self.with_saving(launch, launch.offer()),
            },
            (None, None) => self.front_offer(),
        };
        self.everywhere(offer, page)
    }

    /// The overlay in front of the page, if one is.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// How the page is looked at.
    pub fn view(&self) -> View {
        self.view
    }

    /// What the person was told last, until the next key.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// What is waited for, and for how many seconds.
    pub fn waits(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.asked.waits(self.now)
    }

    /// Who is signed in where.
    pub fn session(&self) -> Option<&Session> {
        self.form.facts.session.as_ref()
    }

    /// The scenario, where the sandbox was asked for or is open.
    pub fn sandbox(&self) -> Option<&str> {
        match self.session() {
            Some(session) => session.sandbox.as_deref(),
            None => self.start.sandbox.as_deref(),
        }
    }

    /// The rail: every place with how it stands; `None` while the door is closed.
    pub fn rail(&self) -> [RailMark; 9] {
        let mut marks = [RailMark::Ahead; 9];
        if self.door.is_some() && self.session().is_none() {
            return marks;
        }
        for step in Step::ALL {
            let problem = || self.form.problem(step).is_some();
            marks[step.index()] = match (
                self.launch.is_none() && self.form.at == step,
                step <= self.form.seen,
            ) {
                (true, _) => RailMark::Here,
                (false, true) if problem() => RailMark::Attention,
                (false, true) => RailMark::Done,
                (false, false) => RailMark::Ahead,
            };
        }
        if self
            .form
            .facts
            .app
            .as_ref()
            .is_some_and(|app| !app.is_on_chain() && !app.allowlist.is_pending())
        {
            marks[6] = RailMark::Skipped;
        }
        if let Some(launch) = &self.launch {
            if !self.form.is_touched() {
                // Taken up from the journal: these were answered in another run.
                marks[..5].fill(RailMark::Done);
            }
            for mark in &mut marks[5..launch.index()] {
                if *mark == RailMark::Ahead {
                    *mark = RailMark::Done;
                }
            }
            marks[launch.index()] = RailMark::Here;
        }
        marks
    }

    /// The instance on screen and how it is, in a few words.
    pub fn subject(&self) -> Option<String> {
        match &self.launch {
            Some(Launch::Live(live)) => Some(live.title()),
            _ => None,
        }
    }

    /// Whether an instance is only watched: then there are no steps.
    pub fn watches(&self) -> bool {
        self.start.watch.is_some()
    }

    /// What the window is called: where it stands. Names of the service may be in it, and no secret.
    pub fn title(&self) -> String {
        match self.session() {
            Some(_) => match self.subject() {
                Some(subject) => format!("phala-wizard: {subject}"),
                None => format!("phala-wizard: {}", RAIL[self.place()]),
            },
            None => "phala-wizard".to_owned(),
        }
    }

    /// Place on the rail, from 0.
    pub fn place(&self) -> usize {
        self.launch
            .as_ref()
            .map_or(self.form.at.index(), Launch::index)
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

    /// The same offer, where the answers that led here can be saved.
    fn with_saving(&self, launch: &Launch, offer: Offer) -> Offer {
        let is_free = offer.typing == Typing::No
            && offer.find(Command::Save).is_none()
            && self.form.can_be_repeated();
        match launch {
            Launch::Review(_) if is_free => {
                offer.with_before(Command::Copy, Command::Save, "save answers")
            }
            // Not while it is asked about something, and after what the instance itself needs.
            Launch::Live(live) if is_free && live.is_made() && self.form.is_touched() => {
                let is_asked = offer.find(Command::Logs).is_none();
                offer.with_if(!is_asked, Command::Save, "save answers")
            }
            _ => offer,
        }
    }

    /// Whether the key that saves means the answers.
    fn saves(&self) -> bool {
        let launch = self.launch.as_ref().filter(|_| self.door.is_none());
        self.saving.is_none()
            && self.form.can_be_repeated()
            && launch.is_some_and(|launch| launch.offer().find(Command::Save).is_none())
    }

    fn save(&mut self) -> Vec<Effect> {
        if let Some(answered) = self.form.recipe() {
            let folder = self.start.folder.clone();
            self.saving = Some(Box::new(Saving::start(answered, folder)));
            self.view = View::default();
        }
        Vec::new()
    }

    fn saving_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(saving) = &mut self.saving else {
            return Vec::new();
        };
        let before = self.view;
        self.view = View::default();
        match saving.update(input) {
            Saved::Stay(wishes) => {
                if wishes.is_empty() {
                    self.view = before;
                }
                self.grant(Owner::Saving, wishes)
            }
            Saved::Leave => {
                self.saving = None;
                self.asked.forget(Owner::Saving)
            }
            Saved::Done(paths) => {
                self.saving = None;
                if let Some(path) = paths.first() {
                    let path = form::source::shown_path(path, &self.start.folder);
                    self.notice = Some(format!("the answers are in {path}"));
                    self.saved = Some(path);
                }
                Vec::new()
            }
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

    fn door_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(door) = &mut self.door else {
            return Vec::new();
        };
        let passage = door.update(input);
        self.passage(passage)
    }

    fn passage(&mut self, passage: Passage) -> Vec<Effect> {
        match passage {
            Passage::Closed(wishes) => self.grant(Owner::Door, wishes),
            Passage::Back => {
                self.door = None;
                self.view = View::default();
                self.asked.forget(Owner::Door)
            }
            Passage::WithoutKey => self.without_key(),
            Passage::Open(mut session) => {
                let was_without = self.session().is_some_and(Session::is_without_key);
                session.registering = self.start.registering.clone();
                if session.sandbox.is_some() && self.start.guide {
                    self.guide.in_sandbox();
                }
                self.door = None;
                self.view = View::default();
                let moved = self
                    .session()
                    .is_some_and(|it| !it.is_same_workspace(&session));
                let mut dropped = Vec::new();
                if moved {
                    dropped = self.move_out();
                }
                let wishes = self.form.signed_in(session);
                if let Some(typed) = self.start.watch.clone() {
                    // Nothing is asked for a form that nobody fills in.
                    return if self.launch.is_none() {
                        self.launch_course(Launch::find(&typed))
                    } else {
                        Vec::new()
                    };
                }
                if was_without && let Some(launch) = self.launch.take() {
                    let course = launch.with_a_key(self.now);
                    dropped.extend(self.launch_course(course));
                }
                let mut effects = dropped;
                effects.extend(self.grant(Owner::Form, wishes));
                // Once, and only where a person can choose; an untouched form has nothing that could get lost.
                let answers = self.start.answers.as_ref();
                let asks = answers.is_none_or(|answers| answers.pace == Pace::Beside);
                if asks && self.launch.is_none() && !self.recalled {
                    self.recalled = true;
                    effects.extend(self.grant(Owner::Recall, vec![Wish::Ask(Request::Unfinished)]));
                }
                effects
            }
        }
    }

    /// The key was laid down: what was prepared is finished with its token alone.
    fn without_key(&mut self) -> Vec<Effect> {
        self.door = None;
        self.view = View::default();
        let session = self.form.facts.session.take();
        self.form.facts.session = session.map(Session::without_key);
        let mut effects = self.asked.forget(Owner::Door);
        if let Some(launch) = self.launch.take() {
            effects.extend(self.launch_course(launch.without_key()));
        }
        effects
    }

    /// To another workspace: its apps and nodes are others, what comes from this machine stays.
    fn move_out(&mut self) -> Vec<Effect> {
        self.launch = None;
        self.recall = None;
        self.recalled = false;
        if self.form.is_touched() {
            self.notice = Some(
                "another workspace: app and node are chosen anew, the rest is kept".to_owned(),
            );
        }
        self.form.move_out();
        let mut effects = self.asked.forget(Owner::Stage);
        effects.extend(self.asked.forget(Owner::Form));
        effects.extend(self.asked.forget(Owner::Recall));
        effects
    }

    /// Goes to the profiles, and comes back with another one or with the same.
    fn profiles(&mut self) -> Vec<Effect> {
        let Some(session) = self.session() else {
            return Vec::new();
        };
        let (door, wishes) = Door::profiles(session);
        self.door = Some(door);
        self.view = View::default();
        self.grant(Owner::Door, wishes)
    }

    /// Whether another profile can be taken: only before an app is chosen for good, and never in the sandbox.
    fn takes_profiles(&self) -> bool {
        self.door.is_none()
            && self.launch.is_none()
            && self.recall.is_none()
            && self.form.at == Step::App
            && self.start.answers.is_none()
            && self.session().is_some_and(|it| it.sandbox.is_none())
    }

    /// What the screen in front of the launch offers.
    fn front_offer(&self) -> Offer {
        match &self.recall {
            Some(recall) => recall.offer(),
            None => self.form.offer(),
        }
    }

    fn recall_answer(&mut self, answer: Answer) -> Vec<Effect> {
        let Answer::Unfinished(reply) = answer else {
            return if self.recall.is_some() {
                self.recall_input(Input::Answer(answer))
            } else {
                Vec::new()
            };
        };
        let Some(session) = self.session().cloned() else {
            return Vec::new();
        };
        let wanted = self.wanted();
        let unfinished = match reply {
            Ok(unfinished) => unfinished,
            Err(why) => {
                // Without a journal nothing is created; the request that would create says why.
                self.recall = wanted.map(|_| Recall::unreadable(why));
                return Vec::new();
            }
        };
        // Who has begun to answer already is not interrupted, unless that is what was asked for.
        if self.form.is_touched() && wanted.is_none() {
            return Vec::new();
        }
        if let Some((recall, wishes)) = Recall::of(unfinished, &session, wanted) {
            self.recall = Some(recall);
            self.view = View::default();
            return self.grant(Owner::Recall, wishes);
        }
        if self.start.resume.is_some() {
            self.notice = Some("nothing is unfinished on this machine".to_owned());
        }
        Vec::new()
    }

    fn recall_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(recall) = &mut self.recall else {
            return Vec::new();
        };
        match recall.update(input) {
            Recalled::Stay(wishes) => self.grant(Owner::Recall, wishes),
            Recalled::New => {
                self.recall = None;
                self.view = View::default();
                self.asked.forget(Owner::Recall)
            }
            Recalled::Resume(state) => {
                let Some(session) = self.session().cloned() else {
                    return Vec::new();
                };
                self.recall = None;
                let mut effects = self.asked.forget(Owner::Recall);
                let course = Launch::resume(&state, &session, self.now);
                effects.extend(self.launch_course(course));
                effects
            }
        }
    }

    fn form_course(&mut self, course: form::Course) -> Vec<Effect> {
        match course {
            form::Course::Stay(wishes) => self.grant(Owner::Form, wishes),
            form::Course::Review => self.review(Vec::new()),
            form::Course::Redeem(token) => match plan::redeem(&self.form, token) {
                Ok((brief, ticket)) => {
                    let course = Launch::redeem(brief, ticket);
                    self.launch_course(course)
                }
                Err(problem) => {
                    self.notice = Some(problem);
                    Vec::new()
                }
            },
        }
    }

    /// Begins the review, or goes to the question that still stops it. `changed` on the disk since the last one.
    fn review(&mut self, changed: Vec<Difference>) -> Vec<Effect> {
        match plan::review(&self.form) {
            Ok((brief, to_seal)) => {
                let (review, wishes) = launch::review::Review::start(brief, to_seal);
                let course = Launch::start((review.after(self.past(), changed), wishes));
                self.launch_course(course)
            }
            Err((step, problem)) => {
                self.launch = None;
                self.form.jump(step);
                let files: Vec<String> = changed.into_iter().map(|of| of.file).collect();
                self.notice = Some(if files.is_empty() {
                    problem
                } else {
                    format!("changed on the disk: {}; {problem}", files.join(", "))
                });
                Vec::new()
            }
        }
    }

    fn past(&self) -> Past {
        match (&self.unanswered, self.begun) {
            (Some(_), _) => Past::Unanswered,
            (None, true) => Past::Begun,
            (None, false) => Past::Nothing,
        }
    }

    fn launch_input(&mut self, input: Input) -> Vec<Effect> {
        let Some(launch) = self.launch.take() else {
            return Vec::new();
        };
        // Only these lead away from an instance: what a person does, and its record, where several are made.
        let away = matches!(
            input,
            Input::Command(Command::Next | Command::Choose(_) | Command::Switch)
                | Input::Answer(Answer::Noted(_))
        );
        let made = away.then(|| launch.made()).flatten();
        let elsewhere = launch.several().map(Several::made_elsewhere);
        let course = launch.update(input, self.now);
        if !matches!(course, launch::Course::At(_, _, false)) {
            self.made.extend(made);
        }
        // Whoever plans anew does not want a second instance where there is one.
        if !matches!(course, launch::Course::At(..))
            && let Some(made) = elsewhere
        {
            self.form.node.leave_out(&made);
        }
        self.launch_course(course)
    }

    fn launch_course(&mut self, course: launch::Course) -> Vec<Effect> {
        match course {
            launch::Course::At(launch, wishes, another) => {
                self.begun &= !matches!(*launch, Launch::Live(_));
                self.unanswered = match *launch {
                    Launch::Live(_) => None,
                    _ => launch.unanswered().or(self.unanswered.take()),
                };
                self.launch = Some(*launch);
                let mut effects = Vec::new();
                if another {
                    effects.extend(self.asked.forget(Owner::Stage));
                    self.saving = None;
                    self.view = View::default();
                }
                effects.extend(self.grant(Owner::Stage, wishes));
                effects
            }
            launch::Course::Review => {
                let mut effects = self.asked.forget(Owner::Stage);
                effects.extend(self.review(Vec::new()));
                effects
            }
            launch::Course::Reread(files) => {
                let mut effects = self.asked.forget(Owner::Stage);
                let changed = self.form.take_again(files);
                effects.extend(self.review(changed));
                effects
            }
            launch::Course::Change(step) => {
                let mut effects = self.asked.forget(Owner::Stage);
                self.launch = None;
                self.view = View::default();
                // What was made has its id: the same answers once more are another app.
                self.form.facts.renew_id();
                self.form.jump(step);
                effects.extend(self.tick());
                self.notice = Some(
                    "answers kept; what failed stays, and is billed, until it is deleted"
                        .to_owned(),
                );
                effects
            }
            launch::Course::Found(found, first) => {
                let Some(session) = self.session().cloned() else {
                    return Vec::new();
                };
                let log = self.start.log.as_deref();
                let course = Launch::watch(&found, first, &session, log, self.now);
                self.launch_course(course)
            }
            launch::Course::Form => {
                self.launch = None;
                self.view = View::default();
                self.asked.forget(Owner::Stage)
            }
        }
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

    /// Jumps to a form step that was seen; from a launch stage only where nothing was sent.
    fn jump(&mut self, number: u8) -> Vec<Effect> {
        let Some(step) = Step::ALL.get(usize::from(number).saturating_sub(1)) else {
            return Vec::new();
        };
        if *step > self.form.seen {
            self.notice = Some(format!("{} was not reached yet", step.name()));
            return Vec::new();
        }
        self.launch = None;
        self.view = View::default();
        self.form.jump(*step);
        let mut effects = self.asked.forget(Owner::Stage);
        let course = self.form.update(Input::Tick);
        effects.extend(self.form_course(course));
        effects
    }

    fn leave(&mut self) -> Vec<Effect> {
        if self.session().is_none() {
            return vec![Effect::Quit(self.exit())];
        }
        let sentence =
            match &self.launch {
                None | Some(Launch::Review(_)) if self.unanswered.is_some() => launch::UNANSWERED,
                None
                | Some(
                    Launch::Review(_) | Launch::Doubt(_) | Launch::Chain(_) | Launch::Finding(_),
                ) if !self.made.is_empty() => launch::MADE,
                Some(launch) => launch.leaving(),
                None if self.begun => launch::BEGUN,
                None => launch::UNSENT,
            };
        self.overlay = Some(Overlay::leaving(sentence));
        Vec::new()
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
                match command {
                    Command::Jump(number) => self.jump(number),
                    Command::Profiles => self.profiles(),
                    Command::Leave => self.leave(),
                    Command::Suspend => vec![Effect::Suspend],
                    Command::Redraw => vec![Effect::Redraw],
                    Command::Save if self.saves() => self.save(),
                    command if self.looks(command) => Vec::new(),
                    command => self.input(Input::Command(command)),
                }
            }
        }
    }

    /// How the program ends if it is left now: nothing that was made is left out.
    pub fn exit(&self) -> Exit {
        let mut exit = self.exit_here();
        let are_several = self
            .launch
            .as_ref()
            .is_some_and(|launch| launch.several().is_some());
        let on_screen = matches!(self.launch, Some(Launch::Live(_)));
        if let Some(last) = self.made.last()
            && !on_screen
            && exit.outcome != Outcome::Unknown
        {
            if exit.outcome == Outcome::Nothing {
                exit.receipt.clear();
            }
            exit.outcome = last.outcome;
        }
        for made in self.made.iter().rev() {
            // Somebody may have come back to it by the list of instances.
            let mut lines = made.receipt.iter();
            let uuid = lines.find(|line| line.starts_with("  uuid "));
            if uuid.is_none_or(|uuid| !exit.receipt.contains(uuid)) {
                exit.receipt.extend(made.receipt.iter().cloned());
                if are_several {
                    exit.outcome = worse(exit.outcome, made.outcome);
                }
            }
        }
        if let Some(path) = &self.saved {
            exit.receipt.extend(saving::receipt(path));
        }
        exit
    }

    fn exit_here(&self) -> Exit {
        match (&self.unanswered, &self.launch, self.session()) {
            (Some(exit), _, _) => exit.clone(),
            (None, Some(launch), _) => launch.exit(),
            (None, None, Some(_)) => launch::nothing_created(),
            (None, None, None) => Exit {
                outcome: Outcome::SignedOut,
                receipt: vec!["Not signed in; nothing was asked for.".to_owned()],
            },
        }
    }

    /// Commands that only change how the page is looked at. Says whether this was one.
    fn looks(&mut self, command: Command) -> bool {
        let own = match (&self.door, &self.launch) {
            (Some(door), _) => door.offer(),
            (None, Some(launch)) => match &self.saving {
                Some(saving) => saving.offer(),
                None => launch.offer(),
            },
            (None, None) => self.front_offer(),
        };
        if own.find(command).is_some() {
            // What is done is done on the page, so the page comes back into sight.
            self.view = View::default();
            return false;
        }
        match command {
            Command::Tab | Command::BackTab => {
                self.view.side = !self.view.side;
                self.view.scroll = 0;
            }
            Command::Up => self.view.scroll = self.view.scroll.saturating_sub(1),
            Command::Down => {
                self.view.scroll = self.view.scroll.saturating_add(1).min(self.longest());
            }
            Command::PageUp => self.view.scroll = self.view.scroll.saturating_sub(8),
            Command::PageDown => {
                self.view.scroll = self.view.scroll.saturating_add(8).min(self.longest());
            }
            _ => return false,
        }
        true
    }

    /// No page needs to be scrolled further than this.
    fn longest(&self) -> u16 {
        let page = self.page();
        let text = page.main.iter().map(|block| match block {
            page::Block::Text(lines) => lines.len(),
            _ => 1,
        });
        u16::try_from(text.sum::<usize>().max(page.side.len()).saturating_mul(3))
            .unwrap_or(u16::MAX)
    }

    fn everywhere(&self, offer: Offer, page: &Page) -> Offer {
        let has_side = !page.side.is_empty();
        let own_tab = offer.find(Command::Tab).is_some();
        let own_list = offer.find(Command::Down).is_some();
        let scrolls = offer.typing == Typing::No && !own_list;
        // A menu moves by lines, and the page below it by pages.
        let pages = offer.typing == Typing::No && offer.find(Command::PageDown).is_none();
        let profiles = offer.typing == Typing::No && self.takes_profiles();
        let jumps = if self.door.is_none() && self.launch.is_none() {
            self.form.seen.index() + 1
        } else {
            0
        };
        let offer = (1..=jumps).fold(offer, |offer, step| {
            offer.with(Command::Jump(u8::try_from(step).unwrap_or(1)), "")
        });
        offer
            .with_if(has_side && !own_tab, Command::Tab, "facts")
            .with_if(scrolls, Command::Up, "")
            .with_if(scrolls, Command::Down, "")
            .with_if(pages, Command::PageUp, "")
            .with_if(pages, Command::PageDown, "")
            .with(Command::Help, "keys")
            .with(Command::Redraw, "")
            .with(Command::Suspend, "")
            .with(Command::Leave, "leave")
            .with_if(profiles, Command::Profiles, "other profile")
    }

    /// Whether the screen takes pasted text although no field is open: a list filters by it.
    fn takes_paste(&self) -> bool {
        self.door.is_none() && self.launch.is_none()
    }
}

/// The host of an address: the rest of it may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
