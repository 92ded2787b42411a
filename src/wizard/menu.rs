//! A few numbered choices, one under the cursor.

use super::keymap::{Command, Offer};
use super::page::{Line, Mark};

/// The cursor of a menu. The choices themselves belong to the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Menu {
    cursor: usize,
}

/// A choice of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it does.
    pub what: String,
    /// What that means, dim beside it.
    pub why: String,
}

impl Choice {
    /// A choice and what it means.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
        }
    }
}

impl Menu {
    /// A menu with the cursor on this choice, from 0.
    pub fn at(cursor: usize) -> Self {
        Self { cursor }
    }

    /// The choice under the cursor, from 0.
    pub fn cursor(self) -> usize {
        self.cursor
    }

    /// Takes a command. Says which choice was taken, from 0, if one was.
    pub fn update(&mut self, command: Command, count: usize) -> Option<usize> {
        match command {
            Command::Up => {
                self.cursor = self
                    .cursor
                    .checked_sub(1)
                    .unwrap_or(count.saturating_sub(1));
            }
            Command::Down => {
                self.cursor = if self.cursor + 1 < count {
                    self.cursor + 1
                } else {
                    0
                }
            }
            Command::First => self.cursor = 0,
            Command::Last => self.cursor = count.saturating_sub(1),
            Command::Choose(number) if usize::from(number) <= count => {
                self.cursor = usize::from(number) - 1;
                return Some(self.cursor);
            }
            Command::Next if self.cursor < count => return Some(self.cursor),
            _ => (),
        }
        None
    }

    /// The keys of a menu with this many choices.
    pub fn offer(offer: Offer, count: usize) -> Offer {
        offer
            .with(Command::Next, "take")
            .with(Command::Up, "")
            .with(Command::Down, "")
            .with_choices(count, "choose")
    }

    /// The menu as lines, with the choice that was taken ticked.
    pub fn ticked(self, choices: &[Choice], taken: usize) -> Vec<Line> {
        let tick = |(index, mut line): (usize, Line)| {
            let mark = if index == taken {
                Mark::Chosen
            } else {
                Mark::Free
            };
            // Behind the arrow and the number.
            let signs = Line::new().mark(mark).0;
            let behind = line.0.len().saturating_sub(2);
            line.0.splice(behind..behind, signs);
            line
        };
        self.lines(choices)
            .into_iter()
            .enumerate()
            .map(tick)
            .collect()
    }

    /// The menu as lines.
    pub fn lines(self, choices: &[Choice]) -> Vec<Line> {
        let width = choices
            .iter()
            .map(|choice| choice.what.chars().count())
            .max()
            .unwrap_or(0);
        let line = |(index, choice): (usize, &Choice)| {
            let here = index == self.cursor;
            let line = if here {
                Line::new().mark(Mark::Arrow)
            } else {
                Line::from("  ")
            };
            let line = line.key(format!("{} ", index + 1));
            let what = format!("{:width$}  ", choice.what);
            let line = if here {
                line.strong(what)
            } else {
                line.plain(what)
            };
            line.dim(choice.why.clone())
        };
        choices.iter().enumerate().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_its_choice_and_only_one_that_exists() {
        let mut menu = Menu::default();
        assert_eq!(menu.update(Command::Choose(2), 3), Some(1));
        assert_eq!(menu.update(Command::Choose(4), 3), None);
        assert_eq!(menu.cursor(), 1);
    }

    #[test]
    fn the_tick_stands_with_the_choice_taken_and_the_arrow_with_the_cursor() {
        let choices = [Choice::new("keep", "it"), Choice::new("write", "anew")];
        let lines: Vec<String> = Menu::at(1)
            .ticked(&choices, 0)
            .iter()
            .map(Line::words)
            .collect();
        assert_eq!(lines, ["  1 (*) keep   it", "-> 2 ( ) write  anew"]);
    }

    #[test]
    fn the_cursor_goes_round() {
        let mut menu = Menu::default();
        menu.update(Command::Up, 3);
        assert_eq!(menu.cursor(), 2);
        menu.update(Command::Down, 3);
        assert_eq!(menu.cursor(), 0);
    }
}
