//! What a person does to the instance that is watched: restart it, or delete it.
//!
//! Each is asked for once, said what it means, and sent once. Deleting takes the name of the instance, typed.

use crate::api::error::Error;
use crate::api::types::CvmUuid;
use crate::wizard::event::Request;
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::page::{Block, Line, Mark, points, title};
use crate::wizard::screen::{Input, Wish};
use crate::wizard::trouble;

/// What is being done to the instance.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Care {
    /// Nothing.
    #[default]
    None,
    /// A person is asked whether to restart it.
    AskRestart,
    /// A person is asked whether to delete it.
    AskDelete(Field),
    /// The request has left.
    Doing(Deed),
    /// The service did not do it, or did not answer.
    Failed(Deed, Error),
}

/// What can be done to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Its machine stops and starts again.
    Restart,
    /// It is taken away, with its disk.
    Delete,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Delete => "delete",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Restart => "restarted",
            Self::Delete => "deleted",
        }
    }
}

/// The instance that it is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub uuid: CvmUuid,
    /// What has to be typed before it is deleted; never empty, so that Enter alone deletes nothing.
    pub name: String,
    /// Where it runs.
    pub node: String,
    /// Whether all of it is made up.
    pub sandbox: bool,
}

impl Care {
    /// Asks whether to delete it.
    pub fn ask_delete() -> Self {
        Self::AskDelete(Field::default())
    }

    /// Whether a question stands in front of the panes.
    pub fn asks(&self) -> bool {
        matches!(self, Self::AskRestart | Self::AskDelete(_))
    }

    /// Whether a request is under way.
    pub fn is_doing(&self) -> bool {
        matches!(self, Self::Doing(_))
    }

    /// What can be done while a question is asked.
    pub fn offer(&self, target: &Target) -> Offer {
        match self {
            Self::AskDelete(typed) => {
                let offer = Offer::new(Typing::Line);
                let offer = if typed.text() == target.name {
                    offer.with(Command::Next, "delete it")
                } else {
                    offer.blocked(
                        Command::Next,
                        "delete it",
                        format!("type its name first: {}", target.name),
                    )
                };
                offer.with(Command::Back, "keep it")
            }
            _ => Offer::default()
                .with(Command::Next, "restart it")
                .with(Command::Back, "leave it alone"),
        }
    }

    /// Takes an input while a question is asked.
    pub fn update(&mut self, input: Input, target: &Target) -> Vec<Wish> {
        match (&mut *self, input) {
            (_, Input::Command(Command::Back)) => {
                *self = Self::None;
                Vec::new()
            }
            (Self::AskRestart, Input::Command(Command::Next)) => {
                *self = Self::Doing(Deed::Restart);
                vec![Wish::Ask(Request::Restart(target.uuid.clone()))]
            }
            (Self::AskDelete(typed), Input::Command(Command::Next))
                if typed.text() == target.name =>
            {
                *self = Self::Doing(Deed::Delete);
                vec![Wish::Ask(Request::Delete(target.uuid.clone()))]
            }
            (Self::AskDelete(typed), Input::Key(key)) => {
                typed.key(key);
                Vec::new()
            }
            (Self::AskDelete(typed), Input::Paste(text)) => {
                typed.paste(text.expose());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The question as blocks.
    pub fn blocks(&self, target: &Target) -> Vec<Block<'_>> {
        let place = Line::new().dim(format!("{} on {}", target.uuid, target.node));
        let Self::AskDelete(typed) = self else {
            let mut lines = vec![
                title(format!("Restart {}?", target.name)),
                place,
                Line::new(),
            ];
            lines.extend(points(&[
                "The same machine boots again from the same disk, with what it was made from.",
                "Its containers are asked to end first. It does not answer for a minute or more.",
                "Nothing new is made, and it is billed as before.",
            ]));
            return vec![Block::Text(lines)];
        };
        let mut lines = vec![
            title(format!("Delete {}?", target.name)),
            place,
            Line::new(),
        ];
        lines.extend(points(&[
            "Its disk goes with it, and so does everything its containers wrote there.",
            "The app, its other instances and what is registered on chain stay as they are.",
            if target.sandbox {
                "It is made up: nothing real is lost."
            } else {
                "It is not billed any more. It cannot be taken back."
            },
        ]));
        lines.push(Line::new());
        lines.push(
            Line::new()
                .plain("To delete it, type its name:  ")
                .strong(target.name.as_str()),
        );
        vec![
            Block::Text(lines),
            Block::Field {
                label: "name",
                field: typed,
            },
        ]
    }

    /// What became of it, to stand above a pane.
    pub fn news(&self) -> Option<Vec<Line>> {
        match self {
            Self::Doing(deed) => Some(vec![
                Line::new()
                    .mark(Mark::Busy)
                    .plain(format!("asking the service to {} it", deed.word())),
            ]),
            Self::Failed(deed, error) => Some(vec![
                Line::new()
                    .mark(Mark::Warn)
                    .warn(format!("It was not {}, as far as is known.", deed.done())),
                trouble::brief(error),
                Line::new().dim("  Nothing is sent again by itself."),
            ]),
            Self::None | Self::AskRestart | Self::AskDelete(_) => None,
        }
    }
}
