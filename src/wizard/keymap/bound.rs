//! The keys as a person wants them: the usual table, with some rows changed.
//!
//! It is made once, before the first frame, and is as fixed from then on as the usual one. Enter, Esc and Ctrl-C keep
//! their meaning, so that nobody can shut themselves in. Where the wishes come from, it does not know.

use std::borrow::Cow;
use std::sync::OnceLock;

use crossterm::event::{KeyCode, KeyModifiers};

use super::meeting::may_meet;
use super::{BINDINGS, Binding, Command, Key, name, word};

static BOUND: OnceLock<Vec<Binding>> = OnceLock::new();

/// Keys that always mean the same.
const KEPT: [(Key, Command); 3] = [
    (Key(KeyCode::Enter, KeyModifiers::NONE), Command::Next),
    (Key(KeyCode::Esc, KeyModifiers::NONE), Command::Back),
    (
        Key(KeyCode::Char('c'), KeyModifiers::CONTROL),
        Command::Leave,
    ),
];

/// Control keys that mean nothing to somebody who types a text, so that they can be commands there too.
const FREE_IN_TEXTS: [char; 7] = ['g', 'l', 'o', 'q', 's', 't', 'z'];

/// These keys for this command, in place of the usual ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The command.
    pub command: Command,
    /// All its keys, the one to show first.
    pub keys: Vec<Key>,
}

/// Why a wish cannot be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Which wish it is, from 0.
    pub wish: usize,
    /// What is the matter, with the names of both commands.
    pub why: String,
}

/// The table of keys: the usual rows, those that are wished for with other keys.
///
/// # Errors
///
/// A key would mean two things on one screen, or one that always means the same would mean something else.
pub fn table(wishes: &[Wish]) -> Result<Vec<Binding>, Conflict> {
    let mut rows = BINDINGS.to_vec();
    for (place, wish) in wishes.iter().enumerate() {
        let conflict = |why| Conflict { wish: place, why };
        if let Some(why) = unfit(wish) {
            return Err(conflict(why));
        }
        if let Some(row) = rows.iter_mut().find(|row| row.command == wish.command) {
            *row = rebound(row, &wish.keys);
        }
    }
    for (place, wish) in wishes.iter().enumerate() {
        if let Some(why) = collision(&rows, wish.command) {
            return Err(Conflict { wish: place, why });
        }
    }
    Ok(rows)
}

/// From now on these are the keys. `false` where keys were bound, or looked at, before.
pub fn bind(rows: Vec<Binding>) -> bool {
    BOUND.set(rows).is_ok()
}

/// The rows that hold in this program.
pub(super) fn rows() -> &'static [Binding] {
    BOUND.get().map_or(BINDINGS, Vec::as_slice)
}

/// Why these keys cannot be those of this command, whatever the other commands have.
fn unfit(wish: &Wish) -> Option<String> {
    let own = title(wish.command);
    for (key, command) in KEPT {
        if command != wish.command && wish.keys.contains(&key) {
            return Some(format!("{} is {} and stays so", name(key), title(command)));
        }
    }
    let works_in_a_text = |key: &Key| {
        let is_free = matches!(key, Key(KeyCode::Char(letter), KeyModifiers::CONTROL) if FREE_IN_TEXTS.contains(letter));
        is_free || matches!(key, Key(KeyCode::F(_), _))
    };
    if wish.command == Command::Next && !wish.keys.iter().any(works_in_a_text) {
        return Some(format!(
            "{own} needs a key that goes on from a text, where Enter breaks the line: Ctrl-S, or F2 and the like"
        ));
    }
    let digit = wish
        .keys
        .iter()
        .find(|key| matches!(key, Key(KeyCode::Char('1'..='9'), KeyModifiers::NONE)));
    digit.map(|key| format!("{} is a numbered choice and stays so", name(*key)))
}

/// A row with other keys.
fn rebound(row: &Binding, wished: &[Key]) -> Binding {
    let (mut always, mut letters) = (Vec::new(), Vec::new());
    let kept = KEPT.iter().filter(|(_, command)| *command == row.command);
    for key in kept.map(|(key, _)| key).chain(wished) {
        if always.contains(key) || letters.contains(key) {
            continue;
        }
        if row.always.contains(key) || (!row.letters.contains(key) && !is_for_texts(*key)) {
            always.push(*key);
        } else {
            letters.push(*key);
        }
    }
    Binding {
        command: row.command,
        always: Cow::Owned(always),
        letters: Cow::Owned(letters),
        help: row.help,
    }
}

/// Whether a key means something to somebody who types: a letter, or a key that edits.
fn is_for_texts(Key(code, modifiers): Key) -> bool {
    match code {
        KeyCode::Char(letter) if modifiers == KeyModifiers::CONTROL => {
            !FREE_IN_TEXTS.contains(&letter)
        }
        KeyCode::Char(letter) if modifiers == KeyModifiers::ALT => {
            matches!(letter, 'b' | 'd' | 'f')
        }
        KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete | KeyCode::Insert => true,
        _ => false,
    }
}

/// The first key of this command that means something else on a screen that can offer both.
fn collision(rows: &[Binding], command: Command) -> Option<String> {
    let own = rows.iter().find(|row| row.command == command)?;
    let others = rows.iter().filter(|row| row.command != command);
    let others = || others.clone().filter(|row| may_meet(row.command, command));
    for key in own.always.iter().chain(&*own.letters) {
        let taken = others().find(|row| row.always.contains(key) || row.letters.contains(key));
        if let Some(taken) = taken {
            return Some(format!(
                "{} would be {} and {} on one screen; give one of them another key",
                name(*key),
                title(command),
                title(taken.command),
            ));
        }
    }
    None
}

fn title(command: Command) -> String {
    word(command).unwrap_or_else(|| "a numbered choice".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Typing, read, shown_key};
    use super::*;

    fn wish(command: Command, keys: &[&str]) -> Wish {
        Wish {
            command,
            keys: keys.iter().map(|key| read(key).unwrap()).collect(),
        }
    }

    fn row(rows: &[Binding], command: Command) -> (Vec<String>, Vec<String>) {
        let row = rows.iter().find(|row| row.command == command).unwrap();
        let names = |keys: &[Key]| keys.iter().map(|key| name(*key)).collect();
        (names(&row.always), names(&row.letters))
    }

    fn refused(wishes: &[Wish]) -> (usize, String) {
        let conflict = table(wishes).unwrap_err();
        (conflict.wish, conflict.why)
    }

    #[test]
    fn without_a_wish_the_keys_are_the_usual_ones() {
        assert_eq!(table(&[]).unwrap(), BINDINGS);
        assert_eq!(shown_key(Command::Refresh, Typing::No), "r");
    }

    #[test]
    fn a_wish_replaces_the_keys_of_its_row_and_of_no_other() {
        let rows = table(&[
            wish(Command::Refresh, &["F5", "u"]),
            wish(Command::Faster, &["b"]),
        ])
        .unwrap();
        assert_eq!(
            row(&rows, Command::Refresh),
            (vec!["F5".into()], vec!["u".into()])
        );
        assert_eq!(row(&rows, Command::Faster), (vec![], vec!["b".into()]));
        for usual in BINDINGS {
            let changed = matches!(usual.command, Command::Refresh | Command::Faster);
            assert_eq!(rows.contains(usual), !changed, "{:?}", usual.command);
        }
    }

    #[test]
    fn two_may_change_places() {
        let rows = table(&[wish(Command::Refresh, &["y"]), wish(Command::Copy, &["r"])]).unwrap();
        assert_eq!(row(&rows, Command::Copy).1, ["r"]);
    }

    #[test]
    fn a_key_that_would_mean_two_things_on_one_screen_is_told_with_both() {
        let (place, why) = refused(&[wish(Command::Auto, &["b"]), wish(Command::Refresh, &["y"])]);
        assert_eq!(place, 1);
        assert_eq!(
            why,
            "y would be refresh and copy on one screen; give one of them another key"
        );
        // What no screen offers together may share a key.
        assert!(table(&[wish(Command::Auto, &["z"])]).is_ok());
    }

    #[test]
    fn enter_esc_and_control_c_cannot_be_taken_away() {
        for (key, command) in [("Enter", "next"), ("Esc", "back"), ("Ctrl-C", "leave")] {
            let (_, why) = refused(&[wish(Command::Copy, &["y", key])]);
            assert_eq!(why, format!("{key} is {command} and stays so"));
        }
        let wishes = [
            wish(Command::Next, &["Ctrl-O"]),
            wish(Command::Back, &["b"]),
            wish(Command::Leave, &[]),
        ];
        let rows = table(&wishes).unwrap();
        assert_eq!(
            row(&rows, Command::Next),
            (vec!["Enter".into(), "Ctrl-O".into()], vec![])
        );
        assert_eq!(
            row(&rows, Command::Back),
            (vec!["Esc".into()], vec!["b".into()])
        );
        assert_eq!(row(&rows, Command::Leave), (vec!["Ctrl-C".into()], vec![]));
    }

    #[test]
    fn a_text_can_always_be_left() {
        for keys in [&["x"][..], &["Ctrl-A"], &[], &["Space", "Right"]] {
            let (_, why) = refused(&[wish(Command::Next, keys)]);
            assert!(why.contains("Ctrl-S"), "{why}");
        }
        assert!(table(&[wish(Command::Next, &["F2"])]).is_ok());
    }

    #[test]
    fn numbers_stay_with_the_choices_they_stand_beside() {
        let (_, why) = refused(&[wish(Command::Copy, &["3"])]);
        assert_eq!(why, "3 is a numbered choice and stays so");
    }

    #[test]
    fn a_key_that_edits_is_a_command_only_where_nobody_types() {
        let rows = table(&[wish(
            Command::Copy,
            &["Ctrl-W", "Alt-B", "Alt-Y", "Ctrl-G", "Delete"],
        )])
        .unwrap();
        assert_eq!(
            row(&rows, Command::Copy),
            (
                vec!["Alt-Y".into(), "Ctrl-G".into()],
                vec!["Ctrl-W".into(), "Alt-B".into(), "Delete".into()]
            )
        );
    }

    #[test]
    fn nothing_is_hidden_behind_alt_alone() {
        for row in BINDINGS {
            let with_alt = |key: &Key| key.1.contains(KeyModifiers::ALT);
            let mut keys = row.always.iter().chain(&*row.letters);
            // A step is also reached with Esc and Enter, and the help runs it.
            let is_jump = matches!(row.command, Command::Jump(_));
            assert!(is_jump || !keys.any(with_alt), "{:?}", row.command);
        }
    }
}
