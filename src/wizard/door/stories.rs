//! The stories that the sandbox can tell, as a list: there are more of them than rows.

use super::{At, Bound, Door};
use crate::wizard::facts::Session;
use crate::wizard::menu::Menu;
use crate::wizard::page::{Block, Column, Line, List, Mark, Page, Row, title};

const COLUMNS: &[Column] = &[
    Column::new("", 2, 1),
    Column::new("", 27, 0),
    Column::grow("", 20),
];

impl Door {
    /// The stories of the sandbox, for somebody who is signed in and may come back.
    pub fn stories(session: &Session, scenarios: Vec<(String, String)>) -> Self {
        Self {
            scenarios,
            can_go_back: true,
            ..Self::inside(session, Bound::Form, At::Scenarios(Menu::default()))
        }
    }
}

/// The list, with all of what the one under the cursor is about below it.
pub fn page(scenarios: &[(String, String)], menu: Menu) -> Page<'_> {
    let chosen = scenarios.get(menu.cursor());
    let about = chosen.map_or_else(Line::new, |(_, sentence)| {
        Line::new().mark(Mark::Arrow).plain(sentence.as_str())
    });
    let row = move |index: usize| {
        scenarios
            .get(index)
            .map_or_else(Row::default, |(name, sentence)| {
                let number = match index {
                    0..9 => (index + 1).to_string(),
                    _ => String::new(),
                };
                Row::new(vec![
                    Line::new().key(number),
                    Line::from(name.as_str()),
                    Line::new().dim(sentence.as_str()),
                ])
            })
    };
    Page {
        main: vec![
            Block::Text(vec![
                title("Which story?"),
                Line::new().dim("A made-up workspace, a made-up chain, and a faster clock."),
                Line::new(),
            ]),
            Block::List(List {
                columns: COLUMNS,
                len: scenarios.len(),
                selected: Some(menu.cursor()),
                row: Box::new(row),
                empty: Vec::new(),
            }),
            Block::Text(vec![Line::new(), about]),
        ],
        side: Vec::new(),
        note: Line::new()
            .dim("Made up and on this machine alone: no account, no network, nothing is billed."),
    }
}
