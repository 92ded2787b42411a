//! The last two rows: what is at stake, and the keys that do something now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, Runs, put, runs_width};
use crate::theme::Theme;
use crate::wizard::Wizard;
use crate::wizard::keymap::{Command, Offer, shown_key};
use crate::wizard::page::{Page, Tone};

/// Only a wait that a person could notice is told.
const NOTICEABLE: u64 = 1;
/// A label is cut to no less than this many letters.
const SHORTEST: usize = 6;

/// The note: the last notice, else a wait, else what the page says.
pub fn note(wizard: &Wizard, page: &Page, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(1),
        ..area
    };
    if let Some(notice) = wizard.notice() {
        put(
            &vec![(notice.to_owned(), theme.tone(Tone::Strong))],
            area,
            theme,
            buffer,
        );
        return;
    }
    let waits: Vec<(&str, u64)> = wizard.waits().collect();
    let slow = waits.iter().find(|(_, seconds)| *seconds >= NOTICEABLE);
    let runs: Runs = match (slow, waits.first()) {
        (Some((purpose, seconds)), _) => {
            let (sign, style) = theme.sign(crate::wizard::page::Mark::Busy);
            let more = if waits.len() > 1 {
                format!(" and {} more", waits.len() - 1)
            } else {
                String::new()
            };
            vec![
                (format!("{sign} "), style),
                (
                    format!("{purpose}  {seconds} s{more}"),
                    theme.tone(Tone::Plain),
                ),
                (
                    "   Ctrl-C works at any time".to_owned(),
                    theme.tone(Tone::Dim),
                ),
            ]
        }
        (None, Some((purpose, _))) if page.note == crate::wizard::page::Line::new() => {
            vec![((*purpose).to_owned(), theme.tone(Tone::Dim))]
        }
        _ => text::runs(&page.note, theme),
    };
    put(&runs, area, theme, buffer);
}

/// The keys of this screen, most important first; what does not fit is behind the help.
pub fn keys(offer: &Offer, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(1),
        ..area
    };
    let mut entries: Vec<(Command, Runs)> = Vec::new();
    let choices = offer
        .commands
        .iter()
        .filter(|offered| matches!(offered.command, Command::Choose(_)))
        .count();
    let mut help: Runs = Vec::new();
    for offered in &offer.commands {
        let (key, label) = match offered.command {
            Command::Choose(1) if choices > 1 => (format!("1-{choices}"), offered.label),
            Command::Choose(_) => continue,
            command => (shown_key(command, offer.typing), offered.label),
        };
        if label.is_empty() || key.is_empty() {
            continue;
        }
        let tone = if offered.blocked.is_some() {
            Tone::Dim
        } else {
            Tone::Plain
        };
        let key_style = if offered.blocked.is_some() {
            theme.tone(Tone::Dim)
        } else {
            theme.key()
        };
        let entry: Runs = vec![
            (key, key_style),
            (format!(" {label}"), theme.tone(tone)),
            ("   ".to_owned(), theme.tone(Tone::Plain)),
        ];
        if offered.command == Command::Help {
            help = entry;
        } else {
            entries.push((offered.command, entry));
        }
    }
    let room = usize::from(area.width).saturating_sub(runs_width(&help));
    let mut line: Runs = Vec::new();
    for (command, mut entry) in entries {
        let left = room.saturating_sub(runs_width(&line));
        if command == Command::Next {
            shorten(&mut entry, left, theme);
        }
        if runs_width(&entry) <= left {
            line.extend(entry);
        }
    }
    line.extend(help);
    put(&line, area, theme, buffer);
}

/// Cuts the label of an entry that is too wide: what goes on from here is told even where there is little room.
fn shorten(entry: &mut Runs, room: usize, theme: Theme) {
    let excess = runs_width(entry).saturating_sub(room);
    let Some((label, _)) = entry.get_mut(1).filter(|_| excess > 0) else {
        return;
    };
    let kept = label.chars().count().saturating_sub(excess + 1);
    // A letter or two would say nothing.
    if kept >= SHORTEST {
        *label = label
            .chars()
            .take(kept)
            .chain(theme.cut().chars())
            .collect();
    }
}
