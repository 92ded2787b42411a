//! A value shown on purpose, for a moment, with what cannot be seen made visible.

use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::page::Line;

/// How long a value stays on screen, in seconds.
const SECONDS: u8 = 5;
/// Characters of a long value that are shown.
const MOST: usize = 300;

/// The value on screen, if one is.
#[derive(Debug, Default)]
pub struct Reveal(Option<Open>);

#[derive(Debug)]
struct Open {
    name: String,
    value: Secret,
    left: u8,
}

impl Reveal {
    /// Shows this value, or hides the one that is shown.
    pub fn toggle(&mut self, value: Option<(String, Secret)>) {
        let open = value.filter(|_| self.0.is_none());
        self.0 = open.map(|(name, value)| Open {
            name,
            value,
            left: SECONDS,
        });
    }

    /// Hides it.
    pub fn hide(&mut self) {
        self.0 = None;
    }

    /// A second went by.
    pub fn tick(&mut self) {
        if let Some(open) = &mut self.0 {
            open.left = open.left.saturating_sub(1);
            if open.left == 0 {
                self.0 = None;
            }
        }
    }

    /// Whether a value is shown.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// The value, as lines; none while nothing is shown.
    pub fn lines(&self) -> Vec<Line> {
        let Some(Open { name, value, left }) = &self.0 else {
            return Vec::new();
        };
        let text = value.expose();
        let mut shown = visible(text);
        let more = text.chars().count().saturating_sub(MOST);
        if more > 0 {
            shown = format!("{shown} .. {more} more characters");
        }
        vec![
            Line::new()
                .strong(name.clone())
                .dim(format!("   hidden again in {left} s")),
            Line::new().dim("  [").plain(shown).dim("]"),
        ]
    }
}

/// The beginning of a value. Brackets stand around it, so blanks at its ends can be seen.
fn visible(text: &str) -> String {
    let beginning: String = text.chars().take(MOST).collect();
    Shown::line(&beginning).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::testing::words_of;
    use super::*;

    fn open(value: &str) -> Reveal {
        let mut reveal = Reveal::default();
        reveal.toggle(Some(("A".into(), Secret::new(value))));
        reveal
    }

    #[test]
    fn blanks_and_control_characters_can_be_seen() {
        assert!(words_of(&open("a b \n").lines()).contains("[a b \\u{a}]"));
    }

    #[test]
    fn only_the_beginning_of_a_long_value_is_shown() {
        let text = words_of(&open(&"x".repeat(301)).lines());
        assert!(text.contains("1 more characters") && !text.contains(&"x".repeat(301)));
    }

    #[test]
    fn it_hides_by_itself_and_on_the_same_key() {
        let mut reveal = open("secret");
        (0..4).for_each(|_| reveal.tick());
        assert!(reveal.is_open());
        reveal.tick();
        assert!(reveal.lines().is_empty());
        let mut reveal = open("secret");
        reveal.toggle(Some(("A".into(), Secret::new("secret"))));
        assert!(!reveal.is_open());
    }
}
