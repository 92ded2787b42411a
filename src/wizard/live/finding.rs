//! Looking for the instance that somebody wants to watch, by whatever names it.
//!
//! An app's id names all of its instances: with several of them a person chooses.

use crate::api::error::Error;
use crate::api::types::{AppId, CvmName, Found, Instance};
use crate::shown::Shown;
use crate::wizard::event::{self, Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::live::Live;
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Seeking;
use crate::wizard::trouble;

/// The search.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    typed: Shown,
    /// What is asked for if no app has this id: instance ids have the same form.
    or_else: Option<CvmName>,
    menu: Menu,
    /// The instance to come back to.
    before: Option<Box<Live>>,
    standing: Standing,
}

#[derive(Debug, Clone, PartialEq)]
enum Standing {
    /// What was typed can name nothing.
    Unreadable,
    Asking(Request),
    Choosing(Vec<Instance>),
    /// The app has no instance.
    Empty,
    Failed(Request, Error),
}

/// What a search comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Sought {
    /// The instance, and the one to come back to.
    Found(Box<Found>, Option<Box<Live>>),
    /// Back to the one that was watched before.
    Back(Box<Live>),
}

impl Finding {
    /// Begins to look.
    pub fn start(typed: &str) -> (Self, Vec<Wish>) {
        let plain = typed.trim().trim_start_matches("app_");
        let (request, or_else) = match (AppId::parse(plain), CvmName::parse(typed)) {
            (Some(app), _) if plain == typed.trim() => (
                Some(Request::Instances(app)),
                CvmName::parse(&format!("instance_{app}")),
            ),
            (Some(app), _) => (Some(Request::Instances(app)), None),
            (None, name) => (name.map(Request::Find), None),
        };
        let wishes = request.clone().map(Wish::Ask).into_iter().collect();
        let finding = Self {
            typed: Shown::bounded(typed, 80),
            or_else,
            menu: Menu::default(),
            before: None,
            standing: request.map_or(Standing::Unreadable, Standing::Asking),
        };
        (finding, wishes)
    }

    /// Begins with this instance of the same app.
    pub fn other(instance: &Instance, before: Option<Box<Live>>) -> (Self, Vec<Wish>) {
        let (finding, wishes) = match &instance.uuid {
            Some(uuid) => Self::start(&uuid.to_string()),
            None => Self::start(instance.name.as_str()),
        };
        (Self { before, ..finding }, wishes)
    }

    /// Takes an input.
    pub fn update(mut self, input: Input) -> Outcome<Self, Sought> {
        match input {
            Input::Answer(Answer::Found(Ok(found))) => {
                return Outcome::Done(Sought::Found(found, self.before));
            }
            Input::Command(Command::Back) => {
                if let Some(before) = self.before.take() {
                    return Outcome::Done(Sought::Back(before));
                }
            }
            Input::Answer(Answer::Instances(Ok(instances))) => return self.listed(instances),
            Input::Answer(Answer::Instances(Err(error)))
                if error.status() == Some(404) && self.or_else.is_some() =>
            {
                if let Some(request) = self.or_else.take().map(Request::Find) {
                    self.standing = Standing::Asking(request.clone());
                    return Outcome::ask(self, request);
                }
            }
            Input::Answer(Answer::Found(Err(error)) | Answer::Instances(Err(error))) => {
                if let Standing::Asking(request) = self.standing {
                    self.standing = Standing::Failed(request, error);
                }
            }
            Input::Command(Command::Refresh) => {
                if let Standing::Failed(request, _) = self.standing {
                    self.standing = Standing::Asking(request.clone());
                    return Outcome::ask(self, request);
                }
            }
            Input::Command(command) => {
                if let Standing::Choosing(instances) = &self.standing
                    && let Some(taken) = self.menu.update(command, instances.len())
                    && let Some(instance) = instances.get(taken)
                {
                    let (next, wishes) = Self::other(instance, self.before.take());
                    return Outcome::Stay(next, wishes);
                }
            }
            _ => {}
        }
        Outcome::stay(self)
    }

    fn listed(mut self, instances: Vec<Instance>) -> Outcome<Self, Sought> {
        match instances.as_slice() {
            [] => self.standing = Standing::Empty,
            [only] => {
                let (next, wishes) = Self::other(only, self.before.take());
                return Outcome::Stay(next, wishes);
            }
            _ => self.standing = Standing::Choosing(instances),
        }
        Outcome::stay(self)
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.standing {
            Standing::Choosing(instances) => Menu::offer(Offer::default(), instances.len().min(9)),
            Standing::Failed(..) => Offer::default().with(Command::Refresh, "try again"),
            Standing::Unreadable | Standing::Asking(_) | Standing::Empty => Offer::default(),
        }
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let mut lines = vec![title(format!("Looking for {}", self.typed)), Line::new()];
        match &self.standing {
            Standing::Unreadable => lines.extend([
                Line::new()
                    .mark(Mark::Bad)
                    .bad("That names no instance."),
                Line::new().dim(
                    "An instance is named by its uuid, its instance id, its name, or the id of an app that has it.",
                ),
            ]),
            Standing::Asking(_) => lines.push(
                Line::new()
                    .mark(Mark::Busy)
                    .plain("asking the service")
                    .dim("   nothing is changed by that"),
            ),
            Standing::Choosing(instances) => {
                lines.push(Line::from("The app has several instances. Which one?"));
                lines.push(Line::new());
                lines.extend(self.menu.lines(&choices(instances)));
            }
            Standing::Empty => lines.push(Line::from("The app has no instance.")),
            Standing::Failed(_, error) => {
                lines.extend(trouble::card(error));
                if error.status() == Some(404) {
                    lines.push(Line::new());
                    lines.push(Line::new().dim(
                        "It may be deleted, or belong to another workspace than this key.",
                    ));
                }
            }
        }
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim("Watching changes nothing and costs nothing."),
        }
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        let outcome = match &self.standing {
            Standing::Unreadable => event::Outcome::Unusable,
            Standing::Asking(_) | Standing::Choosing(_) => event::Outcome::Nothing,
            Standing::Empty => event::Outcome::NotFound,
            Standing::Failed(_, error) => match error.status() {
                Some(404) => event::Outcome::NotFound,
                _ => event::Outcome::Failed,
            },
        };
        event::Exit {
            outcome,
            receipt: vec![format!("{}: not watched.", self.typed)],
        }
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Seeking {
        match &self.standing {
            Standing::Unreadable => Seeking::Unreadable,
            Standing::Asking(_) => Seeking::Asking,
            Standing::Choosing(instances) => Seeking::Several(
                choices(instances)
                    .into_iter()
                    .map(|choice| format!("{} {}", choice.what, choice.why))
                    .collect(),
            ),
            Standing::Empty => Seeking::None,
            Standing::Failed(_, error) => Seeking::Failed(error.clone()),
        }
    }
}

fn choices(instances: &[Instance]) -> Vec<Choice> {
    let choice = |instance: &Instance| {
        let node = instance
            .node
            .as_ref()
            .map_or("-", |node| node.name.as_str());
        let uuid = instance.uuid.as_ref().map(ToString::to_string);
        Choice::new(
            instance.name.as_str(),
            format!(
                "{}, {node}, {}",
                instance.status,
                uuid.as_deref().unwrap_or("no id yet")
            ),
        )
    };
    instances.iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_decides_what_is_asked() {
        let asked = |typed: &str| Finding::start(typed).1;
        let app = "3f".repeat(20);
        assert!(matches!(
            asked(&app)[..],
            [Wish::Ask(Request::Instances(_))]
        ));
        assert!(matches!(
            asked("f2e4c1a0-88d2-4c0e-b5b6-0a1c2f3e91b0")[..],
            [Wish::Ask(Request::Find(_))]
        ));
        assert!(matches!(
            asked("orders-api-c")[..],
            [Wish::Ask(Request::Find(_))]
        ));
        for nothing in ["", "a b", "../x", "a/b", "\u{1b}[2J"] {
            let (finding, wishes) = Finding::start(nothing);
            assert_eq!(wishes, [], "{nothing}");
            assert_eq!(finding.exit().outcome, event::Outcome::Unusable);
        }
    }

    #[test]
    fn several_instances_are_a_choice_and_one_is_not() {
        let instance = |number: u8| Instance {
            uuid: crate::api::types::CvmUuid::parse(&format!("{number:032x}")),
            name: format!("api-{number}").as_str().into(),
            ..Instance::default()
        };
        let asked = |instances: Vec<Instance>| {
            let (finding, _) = Finding::start(&"3f".repeat(20));
            finding.update(Input::Answer(Answer::Instances(Ok(instances))))
        };
        let Outcome::Stay(_, wishes) = asked(vec![instance(1)]) else {
            panic!("it goes on");
        };
        assert!(matches!(wishes[..], [Wish::Ask(Request::Find(_))]));
        let Outcome::Stay(choosing, wishes) = asked(vec![instance(1), instance(2)]) else {
            panic!("it goes on");
        };
        assert_eq!(wishes, []);
        let Outcome::Stay(_, wishes) = choosing.update(Input::Command(Command::Choose(2))) else {
            panic!("it goes on");
        };
        let second = instance(2).uuid.map(|uuid| uuid.to_string());
        assert_eq!(
            wishes,
            [Wish::Ask(Request::Find(
                CvmName::parse(&second.unwrap_or_default()).expect("a name")
            ))]
        );
    }
}
