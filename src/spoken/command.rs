//! Every command as a word, for who types words instead of keys.

use crate::wizard::keymap::{Command, Offer, Offered};
use crate::wizard::sight::RAIL;

/// The word for a command. Commands that only move a cursor have none: what they lead to has a number or a name.
pub(super) fn word(command: Command) -> Option<&'static str> {
    Some(match command {
        Command::Next => "next",
        Command::Back => "back",
        Command::Filter => "find",
        Command::Toggle => "toggle",
        Command::Auto => "auto",
        Command::Add => "add",
        Command::Drop => "drop",
        Command::Edit => "edit",
        Command::Files => "files",
        Command::Difference => "difference",
        Command::Prove => "prove",
        Command::Elsewhere => "elsewhere",
        Command::Faster => "faster",
        Command::Refresh => "refresh",
        Command::Copy => "copy",
        Command::Curl => "commands",
        Command::Open => "open",
        Command::Profiles => "profiles",
        Command::Follow => "follow",
        Command::Wrap => "wrap",
        Command::Stamps => "stamps",
        Command::Fold => "fold",
        Command::FindNext => "find next",
        Command::FindBefore => "find before",
        Command::Save => "save",
        Command::Pager => "print",
        Command::Logs => "logs",
        Command::Switch => "switch",
        Command::Detach => "detach",
        Command::Restart => "restart",
        Command::Delete => "delete",
        Command::Check => "check",
        Command::Suspend => "suspend",
        Command::Leave => "quit",
        Command::Jump(step) => RAIL.get(usize::from(step).saturating_sub(1)).copied()?,
        Command::Up
        | Command::Down
        | Command::Left
        | Command::Right
        | Command::PageUp
        | Command::PageDown
        | Command::First
        | Command::Last
        | Command::Tab
        | Command::BackTab
        | Command::Choose(_)
        | Command::Help
        | Command::Redraw => return None,
    })
}

/// What can be typed for it here: its word, and what the screen calls it.
pub(super) fn names(offered: &Offered) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = word(offered.command).into_iter().collect();
    let is_word = !matches!(offered.command, Command::Choose(_) | Command::Help);
    if is_word && !offered.label.is_empty() && !names.contains(&offered.label) {
        names.push(offered.label);
    }
    names
}

/// What is offered and can be typed, without what only moves.
pub(super) fn typeable(offer: &Offer) -> impl Iterator<Item = &Offered> {
    let mut seen: Vec<Command> = Vec::new();
    offer.commands.iter().filter(move |offered| {
        let fresh = !seen.contains(&offered.command);
        seen.push(offered.command);
        // The facts beside a page have a word of their own.
        let is_facts = offered.command == Command::Tab && offered.label == "facts";
        fresh && !is_facts && !names(offered).is_empty()
    })
}

/// The command that is typed so, in full or by the beginning of one name alone.
pub(super) fn typed<'o>(offer: &'o Offer, text: &str) -> Option<&'o Offered> {
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    let exact = typeable(offer).find(|offered| names(offered).into_iter().any(is));
    exact.or_else(|| {
        let begins = |name: &str| begins(name, text);
        let mut found = typeable(offer).filter(|offered| names(offered).into_iter().any(begins));
        let first = found.next();
        first.filter(|_| text.len() > 2 && found.next().is_none())
    })
}

/// Whether a name begins with what was typed, whatever its case.
pub(super) fn begins(name: &str, text: &str) -> bool {
    let mut name = name.chars().flat_map(char::to_lowercase);
    !text.is_empty()
        && text
            .chars()
            .flat_map(char::to_lowercase)
            .all(|letter| name.next() == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::keymap::{BINDINGS, Typing};

    #[test]
    fn every_command_with_a_key_has_a_word_or_only_moves() {
        let moves = [
            Command::Up,
            Command::Down,
            Command::Left,
            Command::Right,
            Command::PageUp,
            Command::PageDown,
            Command::First,
            Command::Last,
            Command::Tab,
            Command::BackTab,
            Command::Help,
            Command::Redraw,
        ];
        let mut words = Vec::new();
        for binding in BINDINGS {
            match word(binding.command) {
                Some(word) => words.push(word),
                None => assert!(
                    moves.contains(&binding.command)
                        || matches!(binding.command, Command::Choose(_)),
                    "{:?} cannot be typed",
                    binding.command
                ),
            }
        }
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count, "a word means two things");
    }

    #[test]
    fn a_command_is_typed_by_its_word_its_label_or_the_beginning_of_one() {
        let offer = Offer::new(Typing::No)
            .with(Command::Next, "prepare")
            .with(Command::Tab, "facts")
            .with(Command::Restart, "restart")
            .with(Command::Refresh, "look now");
        let command = |text| typed(&offer, text).map(|offered| offered.command);
        assert_eq!(command("PREPARE"), Some(Command::Next));
        assert_eq!(command("prep"), Some(Command::Next));
        assert_eq!(command("look"), Some(Command::Refresh));
        assert_eq!(command("re"), None, "two begin so");
        assert_eq!(command("facts"), None);
    }
}
