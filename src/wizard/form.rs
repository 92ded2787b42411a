//! The questions, in their order. All answers exist at once and a person walks among them freely.
//!
//! A step may read the steps before it and what the service said; never the ones after it. Going back loses nothing,
//! and there is no code for that.

pub mod app;
pub mod compose;
pub mod editor;
pub mod env;
pub mod files;
mod given;
pub mod node;
pub mod picker;
pub mod recipe;
mod reread;
pub mod script;
pub mod source;

use std::path::PathBuf;

use app::AppStep;
use compose::ComposeStep;
use env::EnvStep;
use given::Given;
use node::NodeStep;
use script::ScriptStep;

use super::event::Answer;
use super::facts::{Facts, Session};
use super::guide::Term;
use super::keymap::Offer;
use super::page::Page;
use super::screen::{Go, Input, Reaction, Wish};
use crate::secret::Secret;
use crate::zone::Zone;

/// A question of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Step {
    /// Which app.
    #[default]
    App,
    /// Which node.
    Node,
    /// Which compose file.
    Compose,
    /// Which values for its variables.
    Env,
    /// Which pre-launch script.
    Script,
}

impl Step {
    /// All questions, in their order.
    pub const ALL: [Self; 5] = [
        Self::App,
        Self::Node,
        Self::Compose,
        Self::Env,
        Self::Script,
    ];

    /// Its name on the rail.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "App",
            Self::Node => "Node",
            Self::Compose => "Compose",
            Self::Env => "Env",
            Self::Script => "Script",
        }
    }

    /// Its place, from 0.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// The answers, and where the person is among them.
#[derive(Debug, Default)]
pub struct Form {
    /// The question on screen.
    pub at: Step,
    /// The last question that was seen.
    pub seen: Step,
    /// Where the file browser begins.
    pub folder: PathBuf,
    /// The question that asked for a file or an editor last.
    asker: Step,
    /// What is known before anybody is asked.
    given: Given,
    /// What the service said.
    pub facts: Facts,
    /// Step 1.
    pub app: AppStep,
    /// Step 2.
    pub node: NodeStep,
    /// Step 3.
    pub compose: ComposeStep,
    /// Step 4.
    pub env: EnvStep,
    /// Step 5.
    pub script: ScriptStep,
}

/// What a form comes to.
#[derive(Debug, PartialEq)]
pub enum Course {
    /// The person goes on answering.
    Stay(Vec<Wish>),
    /// Every question is answered.
    Review,
    /// All is known that it takes to redeem this token, which was handed out before.
    Redeem(Secret),
}

impl Form {
    /// An empty form; files are looked for from this folder on.
    pub fn new(folder: PathBuf) -> Self {
        let name = folder.file_name().map(|name| name.to_string_lossy());
        let name = app::new::suggestion(&name.unwrap_or_default());
        Self {
            app: AppStep::new(name),
            compose: ComposeStep::new(folder.clone()),
            env: EnvStep::new(folder.clone()),
            script: ScriptStep::new(folder.clone()),
            folder,
            ..Self::default()
        }
    }

    /// Somebody is signed in: the list of apps can be asked for. Signing in anew keeps every answer.
    pub fn signed_in(&mut self, session: Session) -> Vec<Wish> {
        let other = self.facts.session.as_ref().is_some_and(|before| {
            before.base != session.base || before.identity.slug != session.identity.slug
        });
        self.facts.session = Some(session);
        self.facts.refresh();
        if other {
            self.app.forget_new(&mut self.facts);
        }
        self.node.settle(&self.facts);
        let mut wishes: Vec<Wish> = self.app.start().into_iter().map(Wish::Ask).collect();
        wishes.extend(self.facts.missing().into_iter().map(Wish::Ask));
        wishes
    }

    /// Forgets what belongs to one workspace: the app, the node, and all that was asked of the service.
    pub fn move_out(&mut self) {
        self.app = AppStep::default();
        self.node = NodeStep::default();
        self.facts = Facts::default();
        self.at = Step::App;
        self.seen = Step::App;
    }

    /// Whether anything was answered yet.
    pub fn is_touched(&self) -> bool {
        self.at != Step::App || self.app.taken().is_some()
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match self.at {
            Step::App => self.app.offer(&self.facts),
            Step::Node => self.node.offer(&self.facts),
            Step::Compose => self.compose.offer(&self.facts),
            Step::Env => self.env.offer(&self.facts, &self.compose),
            Step::Script => self.script.offer(&self.facts),
        }
    }

    /// The terms of the question on screen.
    pub fn terms(&self) -> &'static [Term] {
        match self.at {
            Step::App => self.app.terms(),
            Step::Node => &[Term::Node],
            Step::Compose => &[Term::ComposeHash],
            Step::Env => &[Term::Kms],
            Step::Script => &[],
        }
    }

    /// The page of the question on screen.
    pub fn page<'a>(&'a self, zone: &'a Zone) -> Page<'a> {
        self.remarked(match self.at {
            Step::App => self.app.page(&self.facts, zone),
            Step::Node => self.node.page(&self.facts),
            Step::Compose => self.compose.page(&self.facts),
            Step::Env => self.env.page(&self.facts, &self.compose),
            Step::Script => self.script.page(&self.facts, &self.compose, &self.env),
        })
    }

    /// Takes an input for the question on screen.
    pub fn update(&mut self, input: Input) -> Course {
        if input != Input::Tick {
            self.hand_over();
        }
        let reaction = self.step(self.at, input);
        if reaction.wishes.iter().any(asks_this_machine) {
            self.asker = self.at;
            self.answers_it(self.at);
        }
        let course = self.follow(reaction);
        self.go_on(course)
    }

    /// Takes a reply. It goes to whoever asked, wherever the person is by now.
    pub fn answer(&mut self, answer: Answer) -> Course {
        let course = self.hear(answer);
        self.go_on(course)
    }

    fn hear(&mut self, answer: Answer) -> Course {
        let answer = match self.facts.take(answer) {
            None => return self.settle(),
            Some(Answer::File(reply)) if self.is_reading() => return self.take_file(reply),
            Some(answer) => answer,
        };
        let asker = match &answer {
            Answer::Apps(_) | Answer::App(_) => Step::App,
            _ => self.asker,
        };
        let reaction = self.step(asker, Input::Answer(answer));
        self.follow(reaction)
    }

    /// Goes to a question that was seen before.
    pub fn jump(&mut self, step: Step) {
        if step <= self.seen {
            // Looking at other apps in the list does not change which one was taken.
            self.app.restore(&mut self.facts);
            self.env.hide();
            if step == Step::App && self.facts.is_new_app() {
                // The id that was told may be somebody's by now.
                self.facts.renew_id();
            }
            self.at = step;
        }
    }

    /// Why this question stops the form, if it does.
    pub fn problem(&self, step: Step) -> Option<String> {
        match step {
            Step::App => self.app.problem(&self.facts),
            Step::Node => self.node.problem(&self.facts),
            Step::Compose => self.compose.problem(&self.facts),
            Step::Env => self.env.problem(&self.facts, &self.compose),
            Step::Script => self.script.problem(&self.facts, &self.compose, &self.env),
        }
    }

    /// Whether something will happen by itself in a second.
    pub fn moves(&self) -> bool {
        match self.at {
            Step::App => self.app.moves(&self.facts),
            Step::Env => self.env.moves(),
            _ => false,
        }
    }

    fn step(&mut self, step: Step, input: Input) -> Reaction {
        match step {
            Step::App => self.app.update(input, &mut self.facts),
            Step::Node => self.node.update(input, &mut self.facts),
            Step::Compose => self.compose.update(input, &self.facts),
            Step::Env => self.env.update(input, &mut self.facts, &self.compose),
            Step::Script => self
                .script
                .update(input, &self.facts, &self.compose, &self.env),
        }
    }

    /// The facts changed: every step looks whether that concerns it.
    fn settle(&mut self) -> Course {
        let reaction = self.app.settle(&mut self.facts);
        self.check();
        self.follow(reaction)
    }

    /// Answers are checked against each other, whichever changed; compose file and script have one limit together.
    fn check(&mut self) {
        let live = || self.facts.app.as_ref()?.document.get()?.script.as_deref();
        let script = self.script.text().map(AsRef::as_ref).or_else(live);
        let length = script.map_or(0, str::len);
        self.compose.settle(&self.facts, length);
        self.env.settle(&self.facts, &self.compose);
        self.script.settle(&self.facts, &self.compose, &self.env);
    }

    fn follow(&mut self, reaction: Reaction) -> Course {
        let Reaction { mut wishes, go } = reaction;
        // Asking again empties the list of nodes; its cursor must not point into what is gone.
        self.node.settle(&self.facts);
        self.check();
        wishes.extend(self.facts.missing().into_iter().map(Wish::Ask));
        match go {
            Go::Stay => (),
            Go::Back => self.at = Step::ALL[self.at.index().saturating_sub(1)],
            Go::Next => {
                if let Some(problem) = self.problem(self.at) {
                    self.stop_answering(&problem);
                    wishes.push(Wish::Say(problem));
                    return Course::Stay(wishes);
                }
                if self.at == Step::Script {
                    // The first question that still stops the form is where it goes instead.
                    return match Step::ALL
                        .into_iter()
                        .find_map(|step| Some((step, self.problem(step)?)))
                    {
                        Some((step, problem)) => {
                            self.at = step;
                            wishes.push(Wish::Say(problem));
                            Course::Stay(wishes)
                        }
                        None => Course::Review,
                    };
                }
                self.passes(self.at);
                self.at = Step::ALL[self.at.index() + 1];
                self.seen = self.seen.max(self.at);
            }
        }
        Course::Stay(wishes)
    }
}

/// Whether this asks for a file, an editor or the like: what a step asks for itself.
fn asks_this_machine(wish: &Wish) -> bool {
    use super::event::Request;
    matches!(
        wish,
        Wish::Ask(
            Request::ListFolder(_)
                | Request::ReadFile(_)
                | Request::Edit { .. }
                | Request::Seal { .. }
        )
    )
}
