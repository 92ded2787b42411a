//! A last look: the plan, the exact request, the difference, before anything typed has left this machine.
//!
//! Values are encrypted here on arrival, so what is shown is what will be sent, byte for byte.

mod differing;
mod past;
mod report;
mod second;
mod steps;

pub use past::Past;

use super::brief::Brief;
use crate::api::preview::{self, RequestPreview};
use crate::api::types::ComposeHash;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::event::{Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, Tone, title};
use crate::wizard::reread::Difference;
use crate::wizard::screen::{Input, Outcome, Wish};

/// The review is done: this is what to launch.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed(pub Box<Brief>);

/// The review.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    brief: Box<Brief>,
    seal: Seal,
    tab: Tab,
    /// The exact request, once everything in it is known. Made once, not per frame.
    request: Option<RequestPreview>,
    difference: Vec<Line>,
    /// What changed on the disk since the last review.
    changed: Vec<Difference>,
    past: Past,
}

/// Whether the values are encrypted.
#[derive(Debug, Clone, PartialEq)]
enum Seal {
    /// There is nothing to encrypt, or it is done.
    Done,
    /// Under way, for so many values.
    Waiting(usize),
    /// It did not work.
    Failed(Shown),
}

/// The pages of the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Plan,
    Request,
    Difference,
    Commands,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Plan, Self::Request, Self::Difference, Self::Commands];

    fn name(self) -> &'static str {
        match self {
            Self::Plan => "Plan",
            Self::Request => "Request",
            Self::Difference => "Difference",
            Self::Commands => "Commands",
        }
    }
}

/// Why a new app that was begun in another run cannot be gone on with.
const GONE: &str =
    "its values were not encrypted yet, and are written down nowhere: begin anew (Esc, then n)";

/// Values to encrypt before the review: the app's key, and names with values.
pub type ToSeal = Option<(String, Vec<(String, Secret)>)>;

impl Review {
    /// Begins the review; encrypts first where there is something to encrypt.
    pub fn start(brief: Brief, to_seal: ToSeal) -> (Self, Vec<Wish>) {
        let difference = differing::lines(&brief);
        let mut review = Self {
            brief: Box::new(brief),
            seal: Seal::Done,
            tab: Tab::Plan,
            request: None,
            difference,
            changed: Vec::new(),
            past: Past::Nothing,
        };
        let Some((key, entries)) = to_seal else {
            review.preview();
            return (review, Vec::new());
        };
        review.seal = Seal::Waiting(entries.len());
        (review, vec![Wish::Ask(Request::Seal { key, entries })])
    }

    /// The same after what went before, with what changed on the disk since the last review.
    #[must_use]
    pub fn after(mut self, past: Past, changed: Vec<Difference>) -> Self {
        if !changed.is_empty() {
            self.tab = Tab::Difference;
        }
        self.changed = changed;
        self.past = past;
        self
    }

    /// What leaving now means, in one sentence.
    pub fn leaving(&self) -> &'static str {
        self.past.leaving()
    }

    /// Takes an input.
    pub fn update(mut self, input: Input) -> Outcome<Self, Reviewed> {
        match input {
            Input::Answer(Answer::Sealed(Ok(blob))) => {
                self.brief.plan.env = Some(blob);
                self.seal = Seal::Done;
                self.preview();
            }
            Input::Answer(Answer::Sealed(Err(reason))) => self.seal = Seal::Failed(reason),
            Input::Command(Command::Next)
                if self.seal == Seal::Done && !self.brief.lacks_values() =>
            {
                return Outcome::Done(Reviewed(self.brief));
            }
            Input::Command(Command::Back) => return Outcome::Leave,
            Input::Command(Command::Tab | Command::Right) => self.turn(1),
            Input::Command(Command::BackTab | Command::Left) => self.turn(Tab::ALL.len() - 1),
            Input::Command(Command::Difference) => self.toggle(Tab::Difference),
            Input::Command(Command::Curl) => self.toggle(Tab::Commands),
            Input::Command(Command::Copy) => {
                let wishes = self.copy().into_iter().collect();
                return Outcome::Stay(self, wishes);
            }
            _ => (),
        }
        Outcome::stay(self)
    }

    /// What was decided.
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        let go = if self.brief.plan.is_new_app() {
            "provision"
        } else if self.brief.on_chain {
            "prepare"
        } else {
            "go on to the confirmation"
        };
        let offer = Offer::default();
        let offer = match &self.seal {
            Seal::Done if self.brief.lacks_values() => offer.blocked(Command::Next, go, GONE),
            Seal::Done => offer.with(Command::Next, go),
            Seal::Waiting(_) => offer.blocked(
                Command::Next,
                go,
                "one moment: the values are being encrypted",
            ),
            Seal::Failed(_) => {
                offer.blocked(Command::Next, go, "the values could not be encrypted")
            }
        };
        let offer = offer
            .with(Command::Tab, "next page")
            .with(Command::BackTab, "")
            .with(Command::Left, "")
            .with(Command::Right, "")
            .with(Command::Difference, "difference")
            .with(Command::Curl, "commands")
            .with_if(self.request.is_some(), Command::Copy, "copy");
        (1..=5)
            .fold(offer, |offer, step| offer.with(Command::Jump(step), ""))
            .with_choices(5, "change a step")
            .with(Command::Back, "back")
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let mut lines = vec![self.tabs(), Line::new()];
        let mut side = Vec::new();
        match self.tab {
            Tab::Plan => {
                lines.extend(self.plan());
                side = self.side();
            }
            Tab::Request => lines.extend(self.exact_request()),
            Tab::Difference => {
                lines.extend(self.since_the_last());
                lines.extend(self.difference.iter().cloned());
            }
            Tab::Commands => lines.extend(self.commands()),
        }
        Page {
            main: vec![Block::Text(lines)],
            side,
            note: self.note(),
        }
    }

    fn turn(&mut self, by: usize) {
        let here = Tab::ALL
            .iter()
            .position(|tab| *tab == self.tab)
            .unwrap_or(0);
        self.tab = Tab::ALL[(here + by) % Tab::ALL.len()];
    }

    /// To this page, or back to the plan from it.
    fn toggle(&mut self, tab: Tab) {
        self.tab = if self.tab == tab { Tab::Plan } else { tab };
    }

    fn preview(&mut self) {
        self.request = Some(preview::preview(
            self.brief.base.as_str(),
            &self.brief.plan,
            &self.brief.key_tail,
        ));
    }

    fn copy(&self) -> Option<Wish> {
        let request = self.request.as_ref()?;
        Some(match self.tab {
            Tab::Commands => Wish::Copy("the curl command", Secret::new(request.as_curl())),
            _ => Wish::Copy("the request body", Secret::new(request.body.clone())),
        })
    }

    fn note(&self) -> Line {
        match &self.seal {
            Seal::Waiting(count) => {
                Line::new().plain(format!("Encrypting {count} values on this machine."))
            }
            Seal::Failed(reason) => {
                Line::new().bad(format!("The values could not be encrypted: {reason}."))
            }
            Seal::Done if !self.changed.is_empty() => Line::new().warn(
                "Files changed on the disk since you looked. Nothing leaves before you go on.",
            ),
            Seal::Done => self.past.note(self.brief.prepares()),
        }
    }

    fn tabs(&self) -> Line {
        Tab::ALL.iter().fold(Line::new(), |line, tab| {
            let line = if *tab == self.tab {
                line.tone(Tone::Title, format!("[{}]", tab.name()))
            } else {
                line.dim(format!(" {} ", tab.name()))
            };
            line.plain(" ")
        })
    }

    fn since_the_last(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for Difference { file, lines: what } in &self.changed {
            lines.push(title(format!("Changed on the disk: {file}")));
            lines.extend(what.iter().cloned());
            lines.push(Line::new());
        }
        lines
    }

    fn plan(&self) -> Vec<Line> {
        let brief = &self.brief;
        let mut lines: Vec<Line> = brief
            .answers
            .iter()
            .map(|answer| {
                Line::label(answer.label, 11)
                    .plain(format!("{:<36} ", answer.value))
                    .dim(answer.source.clone())
            })
            .collect();
        lines.push(match &brief.foretold {
            Ok(foretold) => Line::label("Hash", 11)
                .plain(format!(
                    "{:<36} ",
                    ComposeHash::from(foretold.likeliest()).short()
                ))
                .dim("computed"),
            Err(why) => Line::label("Hash", 11).dim(format!("cannot be computed here: {why}")),
        });
        lines.push(Line::new());
        lines.extend(steps::lines(brief));
        lines.push(Line::new());
        lines.push(Line::new().strong("It will not").plain(
            " copy disks or volumes, balance traffic, or touch the instances that run now.",
        ));
        lines
    }

    fn side(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self
            .brief
            .cost
            .iter()
            .skip_while(|line| line.0.is_empty())
            .cloned()
            .collect();
        lines.push(Line::new());
        lines.push(title("Remarks"));
        if self.brief.remarks.is_empty() {
            lines.push(Line::new().mark(Mark::Ok).good("none"));
        }
        lines.extend(self.brief.remarks.iter().cloned());
        lines
    }

    fn exact_request(&self) -> Vec<Line> {
        let Some(request) = &self.request else {
            return vec![Line::new().dim("Known once the values are encrypted.")];
        };
        let mut lines = vec![Line::new().strong("POST ").plain(request.url.clone())];
        if self.brief.several.is_some() {
            let places = self.brief.several.places();
            let note = format!("  the same for each of {places}; only node_id differs");
            lines.push(Line::new().dim(note));
        }
        for (name, value) in &request.headers {
            lines.push(Line::new().dim(format!("  {name}: ")).plain(value.clone()));
        }
        lines.push(Line::new().dim(format!("  body of {} bytes", request.body.len())));
        lines.push(Line::new());
        lines.extend(request.pretty().as_str().lines().map(Line::from));
        if self.brief.plan.is_new_app() {
            lines.extend(second::lines(&self.brief));
        }
        lines
    }

    fn commands(&self) -> Vec<Line> {
        let Some(request) = &self.request else {
            return vec![Line::new().dim("Known once the values are encrypted.")];
        };
        let path = |step: usize| self.brief.paths[step].as_deref();
        let official = request.as_official_cli(path(0), path(1), path(2));
        let mut lines = vec![
            title("The same with curl"),
            Line::new().dim("The key is read from PHALA_CLOUD_API_KEY, not from the command line."),
        ];
        lines.extend(
            request
                .as_curl()
                .lines()
                .take(12)
                .map(|line| Line::from(Shown::line(line).as_str())),
        );
        lines.push(Line::new());
        lines.push(title("The same with the official CLI"));
        lines.push(Line::new().dim("Its reader of .env files differs: see the remarks of step 4."));
        lines.extend(
            official
                .lines()
                .map(|line| Line::from(Shown::line(line).as_str())),
        );
        lines
    }
}
