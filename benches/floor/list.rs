//! The floor: the least a list of this size can cost with the same crates. Everything else is measured against it.
//!
//! It draws one title, one rule and the visible rows, moves a cursor, and knows nothing of the wizard.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{List, ListState, Paragraph};

/// A list of names with a cursor.
pub struct Floor {
    names: Vec<String>,
    at: usize,
}

impl Floor {
    /// A list of this many rows.
    pub fn new(rows: usize) -> Self {
        let names = (0..rows)
            .map(|row| format!("amber-ledger-{row:04}  1/2  1  Base chain  2026-11-21"))
            .collect();
        Self { names, at: 0 }
    }

    /// Moves the cursor.
    pub fn key(&mut self, key: KeyEvent) {
        match key.code {
            KeyCode::Down => self.at = (self.at + 1).min(self.names.len() - 1),
            KeyCode::Up => self.at = self.at.saturating_sub(1),
            _ => (),
        }
    }

    /// Draws the rows that can be seen. Whole pages turn, as in the wizard.
    pub fn draw(&self, frame: &mut Frame) {
        let [title, rows] =
            Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(frame.area());
        frame.render_widget(Paragraph::new("apps"), title);
        let height = usize::from(rows.height);
        let first = self.at / height * height;
        let visible = self
            .names
            .iter()
            .skip(first)
            .take(height)
            .map(String::as_str);
        let list = List::new(visible)
            .highlight_symbol("> ")
            .highlight_style(Style::new().add_modifier(Modifier::BOLD));
        let mut state = ListState::default().with_selected(Some(self.at - first));
        frame.render_stateful_widget(list, rows, &mut state);
    }
}
