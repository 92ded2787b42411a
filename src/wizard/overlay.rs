//! What stands in front of a page for a moment: the keys that work there, and the question before leaving.

use std::borrow::Cow;

use crossterm::event::KeyEvent;

use super::form::picker::Picker;
use super::guide::Term;
use super::keymap::{self, Command, Offer, Typing};
use super::page::{Block, Column, Line, List, Page, Row, title};

/// An overlay.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that work on the screen behind it; searchable, and runnable.
    Help {
        /// What the screen behind offers.
        rows: Vec<HelpRow>,
        /// Search and cursor.
        picker: Picker,
        /// The terms of the screen behind.
        terms: &'static [Term],
    },
    /// Asks before leaving. The focus starts on staying.
    Leaving {
        /// What leaving means.
        sentence: &'static str,
        /// Whether the button that leaves is in focus.
        leave: bool,
    },
}

/// A line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRow {
    command: Command,
    keys: String,
    text: String,
    blocked: Option<String>,
}

/// What the person wants of an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Stay,
    /// It goes.
    Close,
    /// Leave the program.
    Quit,
    /// Close it and do this.
    Run(Command),
}

const BUTTONS: &[&str] = &["Stay", "Leave"];

impl Overlay {
    /// The keys of a screen that offers this, and its terms.
    pub fn help(offer: &Offer, terms: &'static [Term]) -> Self {
        let rows = offer.commands.iter().filter_map(|offered| {
            let binding = keymap::binding(offered.command)?;
            let own = if offered.label.is_empty() || matches!(offered.command, Command::Choose(_)) {
                binding.help.to_owned()
            } else {
                format!("{}   ({})", offered.label, binding.help)
            };
            Some(HelpRow {
                command: offered.command,
                keys: keymap::all_keys(binding),
                text: own,
                blocked: if offered.creates {
                    Some("press it on the screen itself".to_owned())
                } else {
                    offered.blocked.clone()
                },
            })
        });
        let mut seen: Vec<Command> = Vec::new();
        let rows = rows.filter(|row| {
            let fresh = !seen.contains(&row.command);
            seen.push(row.command);
            fresh
        });
        let rows: Vec<HelpRow> = rows.collect();
        let mut overlay = Self::Help {
            rows,
            picker: Picker::default(),
            terms,
        };
        if let Self::Help { picker, .. } = &mut overlay {
            picker.command(Command::Filter);
        }
        overlay.rematch();
        overlay
    }

    /// The question before leaving.
    pub fn leaving(sentence: &'static str) -> Self {
        Self::Leaving {
            sentence,
            leave: false,
        }
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match self {
            Self::Help { rows, picker, .. } => {
                let offer = Offer::new(Typing::Line);
                let offer = match picker.selected().map(|index| &rows[index].blocked) {
                    Some(Some(reason)) => offer.blocked(Command::Next, "do it", reason.clone()),
                    Some(None) => offer.with(Command::Next, "do it"),
                    None => offer,
                };
                offer
                    .with(Command::Up, "")
                    .with(Command::Down, "")
                    .with(Command::PageUp, "")
                    .with(Command::PageDown, "")
                    .with(Command::Help, "")
                    .with(Command::Back, "close")
            }
            Self::Leaving { .. } => Offer::default()
                .with(Command::Next, "press")
                .with(Command::Left, "")
                .with(Command::Right, "")
                .with(Command::Tab, "other button")
                .with(Command::Back, "stay")
                .with(Command::Leave, "leave now"),
        }
    }

    /// Takes a key of the search.
    pub fn key(&mut self, key: KeyEvent) {
        if let Self::Help { picker, .. } = self
            && picker.key(key)
        {
            self.rematch();
        }
    }

    /// Takes a command.
    pub fn command(&mut self, command: Command) -> Verdict {
        match self {
            Self::Help { rows, picker, .. } => match command {
                Command::Back | Command::Help => Verdict::Close,
                Command::Next => picker
                    .selected()
                    .map_or(Verdict::Stay, |index| Verdict::Run(rows[index].command)),
                command => {
                    picker.command(command);
                    Verdict::Stay
                }
            },
            Self::Leaving { leave, .. } => match command {
                Command::Leave => Verdict::Quit,
                Command::Next if *leave => Verdict::Quit,
                Command::Next | Command::Back => Verdict::Close,
                Command::Left => {
                    *leave = false;
                    Verdict::Stay
                }
                Command::Right => {
                    *leave = true;
                    Verdict::Stay
                }
                _ => {
                    *leave = !*leave;
                    Verdict::Stay
                }
            },
        }
    }

    /// What it says.
    pub fn page(&self) -> Page<'_> {
        match self {
            Self::Help {
                rows,
                picker,
                terms,
            } => Page {
                main: vec![
                    Block::Text(vec![title("These keys work here")]),
                    Block::Field {
                        label: "search",
                        field: picker.filter(),
                    },
                    Block::List(help_list(rows, picker)),
                    Block::Text(terms.iter().map(|term| term.line()).collect()),
                ],
                side: Vec::new(),
                note: Line::new().dim("While a field is open, letters belong to the text."),
            },
            Self::Leaving { sentence, leave } => Page {
                main: vec![
                    Block::Text(vec![
                        title("Leave?"),
                        Line::new(),
                        Line::from(*sentence),
                        Line::new(),
                    ]),
                    Block::Buttons(BUTTONS, usize::from(*leave)),
                ],
                side: Vec::new(),
                note: Line::new().dim("Ctrl-C again leaves at once."),
            },
        }
    }

    fn rematch(&mut self) {
        if let Self::Help { rows, picker, .. } = self {
            picker.refresh(
                rows.iter()
                    .map(|row| Cow::Owned(format!("{} {}", row.text, row.keys))),
            );
        }
    }
}

fn help_list<'a>(rows: &'a [HelpRow], picker: &'a Picker) -> List<'a> {
    const COLUMNS: &[Column] = &[Column::new("", 14, 0), Column::grow("", 20)];
    List {
        columns: COLUMNS,
        len: picker.matches().len(),
        selected: picker.cursor(),
        row: Box::new(|place| {
            let Some(row) = picker.matches().get(place).map(|index| &rows[*index]) else {
                return Row::default();
            };
            let text = Line::from(row.text.as_str());
            let text = match &row.blocked {
                Some(reason) => text.warn(format!("   not now: {reason}")),
                None => text,
            };
            Row {
                cells: vec![Line::new().accent(row.keys.as_str()), text],
                usable: row.blocked.is_none(),
            }
        }),
        empty: vec![Line::new().dim("No key does that here.")],
    }
}
