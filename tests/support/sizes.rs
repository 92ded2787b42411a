//! Every screen at every size and in every dress: nothing panics, nothing that matters is cut off, nothing is told by
//! colour alone.

#![allow(dead_code, reason = "each test file uses its own part")]

use phala_wizard::theme::{Colours, Hidden, Theme};
use phala_wizard::ui::{self, SMALLEST};
use phala_wizard::wizard::keymap::{Command, shown_key};

use ratatui::backend::TestBackend;
use ratatui::style::Color;
use ratatui::{Frame, Terminal};

use super::journey::{Journey, draw};

/// Comfortable, complete, usable, one less each way, a phone, a cell, and a wall.
const SIZES: [(u16, u16); 7] = [
    (100, 30),
    (80, 24),
    (40, 12),
    (39, 11),
    (20, 5),
    (1, 1),
    (220, 70),
];

/// So much of what a key does can be read where there is little room.
const SHORTEST: usize = 20;

const DRESSES: [Theme; 4] = [
    dress(Colours::Dark, false),
    dress(Colours::Light, false),
    dress(Colours::None, false),
    dress(Colours::None, true),
];

const fn dress(colours: Colours, ascii: bool) -> Theme {
    Theme {
        colours,
        ascii,
        hides: Hidden::NOTHING,
    }
}

/// No colour but the named ones that are seen on light and on dark, and never a background.
#[track_caller]
fn only_named_colours(journey: &Journey, theme: Theme) {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).expect("a test terminal");
    let draw = |frame: &mut Frame| ui::draw(&journey.wizard, &theme, frame);
    terminal.draw(draw).expect("drawing into memory");
    for cell in &terminal.backend().buffer().content {
        let is_named = match cell.fg {
            Color::Reset => true,
            Color::Cyan
            | Color::Blue
            | Color::Green
            | Color::Yellow
            | Color::Magenta
            | Color::Red => theme.colours != Colours::None,
            _ => false,
        };
        assert!(is_named, "{:?} in front, {theme:?}", cell.fg);
        assert_eq!(
            cell.bg,
            Color::Reset,
            "behind '{}', {theme:?}",
            cell.symbol()
        );
    }
}

/// Draws it everywhere.
#[track_caller]
pub fn everywhere(journey: &Journey) {
    let offer = journey.wizard.offer();
    let shown = |command| {
        let offered = offer.find(command).filter(|it| !it.label.is_empty());
        offered.map(|offered| (shown_key(command, offer.typing), offered.label))
    };
    for theme in DRESSES {
        only_named_colours(journey, theme);
    }
    for (width, height) in SIZES {
        let frames = DRESSES.map(|theme| draw(&journey.wizard, theme, width, height));
        // Colour is all that they differ in, so whatever is said is said by words and signs.
        assert_eq!(frames[0], frames[1], "light at {width}x{height}");
        assert_eq!(frames[0], frames[2], "without colours at {width}x{height}");
        let own = frames[3]
            .chars()
            .find(|c| "─│╭╮╰╯✓✗●○◉•▸▌…↑↓–◌·█░‹".contains(*c));
        assert_eq!(own, None, "not ASCII at {width}x{height}:\n{}", frames[3]);
        let rows: Vec<&str> = frames[0].lines().collect();
        assert_eq!(rows.len(), usize::from(height));
        if width < SMALLEST.0 || height < SMALLEST.1 {
            assert!("window too small".starts_with(&rows[0][..rows[0].len().min(16)]));
            continue;
        }
        // What goes on, creates or deletes stands there, cut only where a row is too short for it, and so does the way to all the keys.
        let keys = rows[rows.len() - 1];
        for (key, label) in [Command::Next, Command::Help].into_iter().filter_map(shown) {
            let entry = format!("{key} {label}");
            let begins: String = entry.chars().take(SHORTEST).collect();
            let is_there = keys.contains(&entry) || keys.contains(&begins) && keys.contains('…');
            assert!(is_there, "{entry} at {width}x{height}:\n{}", frames[0]);
        }
    }
}
