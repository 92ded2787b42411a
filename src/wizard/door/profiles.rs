//! The profiles of this machine, to sign in with another one: another key, another workspace.

use crate::shown::Shown;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::Menu;
use crate::wizard::page::{Block, Column, Line, List, Mark, Page, Row, title};
use crate::wizard::signin::Profile;

const COLUMNS: &[Column] = &[
    Column::new("", 2, 1),
    Column::new("profile", 16, 0),
    Column::new("", 7, 2),
    Column::grow("workspace", 12),
    Column::new("user", 12, 3),
    Column::new("key", 9, 1),
    Column::new("service", 22, 4),
];

/// The list.
#[derive(Debug, Default)]
pub struct Profiles {
    /// `None` while they are read.
    known: Option<Result<Vec<Profile>, Shown>>,
    menu: Menu,
}

impl Profiles {
    /// They were read. The cursor starts on the current one.
    pub fn known(&mut self, profiles: Result<Vec<Profile>, Shown>) {
        let current = profiles
            .iter()
            .flatten()
            .position(|profile| profile.is_current);
        self.menu = Menu::at(current.unwrap_or(0));
        self.known = Some(profiles);
    }

    /// Takes a command. The profile that was chosen, if one was.
    pub fn command(&mut self, command: Command) -> Option<String> {
        let count = self.rows().len();
        let index = self.menu.update(command, count)?;
        Some(self.rows().get(index)?.key_name.clone())
    }

    /// What can be done.
    pub fn offer(&self) -> Offer {
        let count = self.rows().len();
        let offer = if count == 0 {
            Offer::default()
        } else {
            Menu::offer(Offer::default(), count)
                .with(Command::First, "")
                .with(Command::Last, "")
        };
        offer.with(Command::Back, "back")
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let head = vec![
            title("Which profile?"),
            Line::new()
                .dim("A key is bound to one workspace: another workspace is another profile."),
            Line::new(),
        ];
        let below = match &self.known {
            None => Block::Text(vec![
                Line::new().mark(Mark::Busy).plain("reading the profiles"),
            ]),
            Some(Err(why)) => Block::Text(vec![Line::new().mark(Mark::Warn).warn(why.as_str())]),
            Some(Ok(rows)) if rows.is_empty() => Block::Text(vec![Line::from(
                "There is none on this machine yet. A sign-in that is kept makes one.",
            )]),
            Some(Ok(rows)) => Block::List(List {
                columns: COLUMNS,
                len: rows.len(),
                selected: Some(self.menu.cursor()),
                row: Box::new(|index| {
                    self.rows()
                        .get(index)
                        .map_or_else(Row::default, |it| row(index, it))
                }),
                empty: Vec::new(),
            }),
        };
        Page {
            main: vec![Block::Text(head), below],
            side: Vec::new(),
            note: Line::new()
                .dim("Taking one changes no file: it holds as long as this window is open."),
        }
    }

    fn rows(&self) -> &[Profile] {
        match &self.known {
            Some(Ok(rows)) => rows,
            _ => &[],
        }
    }
}

fn row(index: usize, profile: &Profile) -> Row {
    let number = match index {
        0..9 => (index + 1).to_string(),
        _ => String::new(),
    };
    let current = if profile.is_current { "current" } else { "" };
    let text = |shown: &Option<Shown>| {
        Line::from(
            shown
                .as_ref()
                .map_or_else(|| "-".to_owned(), ToString::to_string),
        )
    };
    Row::new(vec![
        Line::new().accent(number),
        Line::from(profile.name.as_str()),
        Line::new().dim(current),
        text(&profile.workspace),
        text(&profile.user),
        Line::from(profile.tail.clone().unwrap_or_else(|| "keyring".to_owned())),
        Line::new().dim(profile.host.as_str()),
    ])
}
