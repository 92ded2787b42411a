//! How keys and commands are written, and read again.
//!
//! One spelling for screens, README and configuration file. What a key does, it does not know.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{Command, Key};

/// Keys that have a name, with the way a terminal tells them.
const NAMED: [(&str, KeyCode); 17] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("Tab", KeyCode::Tab),
    ("Shift-Tab", KeyCode::BackTab),
    ("Insert", KeyCode::Insert),
    ("Delete", KeyCode::Delete),
    ("Backspace", KeyCode::Backspace),
    ("Space", KeyCode::Char(' ')),
    ("Minus", KeyCode::Char('-')),
];

/// Control keys that a terminal sends as another key.
const TAKEN_FOR: [(char, &str); 5] = [
    ('i', "Tab"),
    ('m', "Enter"),
    ('j', "Enter"),
    ('h', "Backspace"),
    ('[', "Esc"),
];

/// How a key is written for people.
pub fn name(Key(code, modifiers): Key) -> String {
    let named = NAMED.iter().find(|(_, known)| *known == code);
    let plain = match (named, code) {
        (Some(("Minus", _)), _) => "-".to_owned(),
        (Some((name, _)), _) => (*name).to_owned(),
        (None, KeyCode::F(number)) => format!("F{number}"),
        (None, KeyCode::Char(letter)) if modifiers.is_empty() => letter.to_string(),
        (None, KeyCode::Char(letter)) => letter.to_uppercase().to_string(),
        (None, other) => format!("{other:?}"),
    };
    if modifiers.contains(KeyModifiers::CONTROL) {
        format!("Ctrl-{plain}")
    } else if modifiers.contains(KeyModifiers::ALT) {
        format!("Alt-{plain}")
    } else {
        plain
    }
}

/// Reads a key as [`name`] writes it. `Err` says what is the matter.
pub fn read(text: &str) -> Result<Key, String> {
    for (prefix, modifiers) in [
        ("Ctrl-", KeyModifiers::CONTROL),
        ("Alt-", KeyModifiers::ALT),
    ] {
        let Some(rest) = text.strip_prefix(prefix) else {
            continue;
        };
        let Some(letter) = only(rest).filter(char::is_ascii_graphic) else {
            return Err(format!("after {prefix} there is one letter or digit"));
        };
        let letter = letter.to_ascii_lowercase();
        let taken = TAKEN_FOR.iter().find(|(other, _)| *other == letter);
        return match taken {
            Some((_, key)) if prefix == "Ctrl-" => {
                Err(format!("a terminal sends the same for it as for {key}"))
            }
            // Esc and such a letter at once are the beginning of what terminals send for other keys.
            _ if prefix == "Alt-" && matches!(letter, '[' | 'o' | ']' | 'p' | '_' | '^') => {
                Err("terminals begin other keys with it".to_owned())
            }
            _ if prefix == "Ctrl-" && !letter.is_ascii_alphabetic() => {
                Err("Ctrl goes with letters only".to_owned())
            }
            _ => Ok(Key(KeyCode::Char(letter), modifiers)),
        };
    }
    let plain = |code| Ok(Key(code, KeyModifiers::NONE));
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
        return plain(*code);
    }
    let number = text
        .strip_prefix('F')
        .and_then(|digits| digits.parse().ok());
    match (number, only(text)) {
        (Some(number @ 1..=12), _) => plain(KeyCode::F(number)),
        (_, Some(letter)) if !letter.is_control() && !letter.is_whitespace() => {
            plain(KeyCode::Char(letter))
        }
        _ => Err(
            "a key is one letter, or a name such as PgDn, Space, F2, Shift-Tab, Ctrl-S or Alt-X"
                .to_owned(),
        ),
    }
}

/// The one letter of a text that has only one.
fn only(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// What a command is called in the configuration file: its name here, in small letters. Numbered choices have none,
/// because their numbers stand beside them on the screen.
pub fn word(command: Command) -> Option<String> {
    let name = match command {
        Command::Choose(_) => return None,
        Command::Jump(step) => return Some(format!("jump_{step}")),
        command => format!("{command:?}"),
    };
    let mut word = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::super::BINDINGS;
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let keys = || {
            let rows = BINDINGS.iter();
            rows.flat_map(|row| row.always.iter().chain(&*row.letters))
        };
        assert!(keys().count() > 50);
        for key in keys() {
            assert_eq!(read(&name(*key)), Ok(*key));
        }
        for (name, code) in NAMED {
            assert_eq!(read(name), Ok(Key(code, KeyModifiers::NONE)));
        }
        assert!(read("ctrl-s").is_err(), "names are written in one way");
        assert_eq!(read("Ctrl-s"), read("Ctrl-S"));
    }

    #[test]
    fn what_no_terminal_sends_is_refused_with_a_reason() {
        for (text, reason) in [
            ("Ctrl-I", "as for Tab"),
            ("Ctrl-m", "as for Enter"),
            ("Ctrl-H", "as for Backspace"),
            ("Ctrl-1", "letters only"),
            ("Ctrl-", "one letter"),
            ("Ctrl-PgDn", "one letter"),
            ("Alt-[", "begin other keys"),
            ("Alt-O", "begin other keys"),
            ("F13", "a key is one letter"),
            ("F0", "a key is one letter"),
            ("", "a key is one letter"),
            (" ", "a key is one letter"),
            ("\u{1b}", "a key is one letter"),
            ("pgdn", "a key is one letter"),
            ("gg", "a key is one letter"),
        ] {
            let why = read(text).unwrap_err();
            assert!(why.contains(reason), "{text:?}: {why}");
        }
    }

    #[test]
    fn every_command_has_a_word_of_its_own() {
        let words: Vec<String> = BINDINGS
            .iter()
            .filter_map(|row| word(row.command))
            .collect();
        for (place, one) in words.iter().enumerate() {
            assert!(!words[place + 1..].contains(one), "{one}");
        }
        assert_eq!(word(Command::PageUp).as_deref(), Some("page_up"));
        assert_eq!(word(Command::Jump(3)).as_deref(), Some("jump_3"));
        assert_eq!(word(Command::Choose(3)), None);
    }
}
