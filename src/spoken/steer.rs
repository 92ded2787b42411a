//! Hands on the wizard: a choice by its number is made with the commands that keys give, looking after each of them.
//!
//! So nothing can be done here that the screen does not offer, and whatever the screen refuses is refused here.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::reading::Reading;
use crate::secret::Secret;
use crate::wizard::Wizard;
use crate::wizard::event::{Effect, Event};
use crate::wizard::keymap::Command;

/// Longer than this a line is no typing: it goes in at once.
const TYPED: usize = 200;

/// Does this, if it is offered.
pub(super) fn press(wizard: &mut Wizard, command: Command) -> Vec<Effect> {
    wizard.update(Event::Command(command))
}

/// What is read of the page in front.
pub(super) fn read(wizard: &Wizard, from: usize) -> Reading {
    match wizard.overlay() {
        Some(overlay) => Reading::of(&overlay.page(), from),
        None => Reading::of(&wizard.page(), from),
    }
}

/// Moves to the row of a list, from 0. Says whether it is there.
pub(super) fn to_row(wizard: &mut Wizard, row: usize, effects: &mut Vec<Effect>) -> bool {
    let place = |wizard: &Wizard| read(wizard, 0).list.and_then(|list| list.selected);
    toward(wizard, row, place, Command::Up, Command::Down, effects)
}

/// Moves the cursor of a menu to the way of this number. Says whether it is there.
pub(super) fn to_way(wizard: &mut Wizard, number: &str, effects: &mut Vec<Effect>) -> bool {
    let reading = read(wizard, 0);
    let Some(wanted) = reading.ways.iter().position(|way| way.key == number) else {
        return false;
    };
    let place = |wizard: &Wizard| read(wizard, 0).ways.iter().position(|way| way.is_here);
    toward(wizard, wanted, place, Command::Up, Command::Down, effects)
}

/// Puts a button in focus, from 0. Says whether it is.
pub(super) fn to_button(wizard: &mut Wizard, button: usize, effects: &mut Vec<Effect>) -> bool {
    let place = |wizard: &Wizard| read(wizard, 0).buttons.map(|(_, focus)| focus);
    toward(
        wizard,
        button,
        place,
        Command::Left,
        Command::Right,
        effects,
    )
}

/// Brings a page to the front, from 0. Says whether it is.
pub(super) fn to_tab(wizard: &mut Wizard, tab: usize, effects: &mut Vec<Effect>) -> bool {
    let place = |wizard: &Wizard| read(wizard, 0).tabs.map(|(_, front)| front);
    toward(wizard, tab, place, Command::Left, Command::Right, effects)
}

/// One step after the other, as long as each of them leads nearer.
fn toward(
    wizard: &mut Wizard,
    wanted: usize,
    place: impl Fn(&Wizard) -> Option<usize>,
    less: Command,
    more: Command,
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(mut here) = place(wizard) else {
        return false;
    };
    while here != wanted {
        effects.extend(press(wizard, if here > wanted { less } else { more }));
        match place(wizard) {
            Some(now) if now.abs_diff(wanted) < here.abs_diff(wanted) => here = now,
            _ => return false,
        }
    }
    true
}

/// Types a line into the field in front, in place of what it says.
pub(super) fn fill(wizard: &mut Wizard, text: &Secret) -> Vec<Effect> {
    let mut effects = wizard.update(Event::Key(KeyCode::End.into()));
    let clear = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
    effects.extend(wizard.update(Event::Key(clear)));
    if text.expose().len() > TYPED {
        effects.extend(wizard.update(Event::Paste(text.clone())));
        return effects;
    }
    for letter in text.expose().chars() {
        effects.extend(wizard.update(Event::Key(KeyCode::Char(letter).into())));
    }
    effects
}

/// Writes a text in place of the one in front.
pub(super) fn write(wizard: &mut Wizard, text: &Secret) -> Vec<Effect> {
    let lines = read(wizard, 0).text.map_or(0, |lines| lines.len());
    let top = KeyEvent::new(KeyCode::Char('<'), KeyModifiers::ALT);
    let mut effects = wizard.update(Event::Key(top));
    // Each takes the rest of a line, or the end of one.
    let drop = KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL);
    for _ in 0..=lines * 2 {
        effects.extend(wizard.update(Event::Key(drop)));
    }
    effects.extend(wizard.update(Event::Paste(text.clone())));
    effects
}
