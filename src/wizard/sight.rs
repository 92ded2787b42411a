//! What is seen of the wizard: its page, what can be done there, the rail, and how the page is looked at.
//!
//! How any of it is drawn is not known here, nor where a key leads.

use super::Wizard;
use super::facts::Session;
use super::form::Step;
use super::guide::Term;
use super::keymap::{Command, Offer, Typing};
use super::launch::Launch;
use super::overlay::Overlay;
use super::page::{Block, Page};

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
    /// Whether something on screen moves with time, so that ticks are needed.
    pub fn moves(&self) -> bool {
        self.asked.is_waiting()
            || match (&self.door, &self.launch) {
                (Some(door), _) => door.moves(),
                (None, Some(launch)) => launch.moves(),
                (None, None) => self.recall.is_none() && self.form.moves(),
            }
    }

    /// What the screen says.
    pub fn page(&self) -> Page<'_> {
        let mut page = self.plain_page();
        self.guide.explain(&mut page);
        page
    }

    /// The terms of the screen.
    pub(super) fn terms(&self) -> &'static [Term] {
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

    /// What the screen in front of the launch offers.
    fn front_offer(&self) -> Offer {
        match &self.recall {
            Some(recall) => recall.offer(),
            None => self.form.offer(),
        }
    }

    /// Whether another profile can be taken: only before an app is chosen for good, and never in the sandbox.
    pub(super) fn takes_profiles(&self) -> bool {
        self.door.is_none()
            && self.launch.is_none()
            && self.recall.is_none()
            && self.form.at == Step::App
            && self.start.answers.is_none()
            && self.session().is_some_and(|it| it.sandbox.is_none())
    }

    /// Commands that only change how the page is looked at. Says whether this was one.
    pub(super) fn looks(&mut self, command: Command) -> bool {
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
            Block::Text(lines) => lines.len(),
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
    pub(super) fn takes_paste(&self) -> bool {
        self.door.is_none() && self.launch.is_none()
    }
}
