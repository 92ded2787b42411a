//! Every key, once.
//!
//! A screen says what it offers right now ([`Offer`]); the table below says which keys that takes. Looking up a key,
//! the footer, the help overlay and the README all read the same table, so none of them can lie about a key. A person
//! may bind other keys ([`bound`]); that makes another table of the same rows, and everything but the README reads it.

pub mod bound;
mod meeting;
mod names;

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
pub use meeting::strangers;
pub use names::{name, read, word};

/// What a key can mean. A screen offers the commands it understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Take, press, go on.
    Next,
    /// One step back.
    Back,
    /// Up one line.
    Up,
    /// Down one line.
    Down,
    /// Left: the other button, the other tab.
    Left,
    /// Right: the other button, the other tab.
    Right,
    /// Up one page.
    PageUp,
    /// Down one page.
    PageDown,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// The next pane or field.
    Tab,
    /// The pane or field before.
    BackTab,
    /// One of the numbered choices, from 1.
    Choose(u8),
    /// Filter the list while typing.
    Filter,
    /// Tick a box, or show a hidden value for a moment.
    Toggle,
    /// Let the service choose.
    Auto,
    /// Add a line.
    Add,
    /// Drop the line under the cursor.
    Drop,
    /// Edit in the person's own editor.
    Edit,
    /// Pick a file.
    Files,
    /// The difference to the live revision, or what stands behind a verdict.
    Difference,
    /// Have it checked by somebody else than the service.
    Prove,
    /// Ask another node of the chain.
    Elsewhere,
    /// Pay more for a transaction that waits.
    Faster,
    /// Ask again.
    Refresh,
    /// Put it on the clipboard.
    Copy,
    /// The request as a curl command.
    Curl,
    /// Show it in the browser.
    Open,
    /// Follow a log as it grows.
    Follow,
    /// Wrap long lines, or cut them.
    Wrap,
    /// Show the time of each line.
    Stamps,
    /// Fold lines that are known to be harmless.
    Fold,
    /// To the next place that was found.
    FindNext,
    /// To the place found before.
    FindBefore,
    /// Save to a file.
    Save,
    /// Show in the person's own pager.
    Pager,
    /// The logs.
    Logs,
    /// To the next instance of the same plan.
    Switch,
    /// Leave it running and go.
    Detach,
    /// Restart the instance.
    Restart,
    /// Delete the instance.
    Delete,
    /// Ask the app at its own address.
    Check,
    /// Jump to a step already seen, from 1.
    Jump(u8),
    /// The profiles of this machine: another key, another workspace.
    Profiles,
    /// The keys of this screen.
    Help,
    /// Draw everything again.
    Redraw,
    /// To the shell until `fg`.
    Suspend,
    /// Leave the program.
    Leave,
}

/// Who the letters belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Typing {
    /// Letters are commands.
    #[default]
    No,
    /// Letters go into one line; Enter takes it.
    Line,
    /// Letters go into a text; Enter breaks the line.
    Text,
}

/// One thing a screen can do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The command.
    pub command: Command,
    /// What it does here, in a word or two, for the footer.
    pub label: &'static str,
    /// Why it cannot be used now; pressing it says so.
    pub blocked: Option<String>,
    /// It creates something: only a key pressed on the screen itself does it, never the help in front of it.
    pub creates: bool,
}

/// What a screen can do now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// Who the letters belong to.
    pub typing: Typing,
    /// The commands, most important first.
    pub commands: Vec<Offered>,
}

impl Offer {
    /// An offer for a screen of this kind.
    pub fn new(typing: Typing) -> Self {
        Self {
            typing,
            commands: Vec::new(),
        }
    }

    /// Adds a command.
    #[must_use]
    pub fn with(mut self, command: Command, label: &'static str) -> Self {
        self.push(command, label, None, false);
        self
    }

    /// Adds a command if the condition holds.
    #[must_use]
    pub fn with_if(self, condition: bool, command: Command, label: &'static str) -> Self {
        if condition {
            self.with(command, label)
        } else {
            self
        }
    }

    /// Adds a command in front of this one, or at the end.
    #[must_use]
    pub fn with_before(mut self, other: Command, command: Command, label: &'static str) -> Self {
        let place = self
            .commands
            .iter()
            .position(|offered| offered.command == other);
        self.push(command, label, None, false);
        if let Some(place) = place {
            self.commands[place..].rotate_right(1);
        }
        self
    }

    /// Adds a command that answers with a reason instead of acting.
    #[must_use]
    pub fn blocked(
        mut self,
        command: Command,
        label: &'static str,
        reason: impl Into<String>,
    ) -> Self {
        self.push(command, label, Some(reason.into()), false);
        self
    }

    /// Adds the command that creates.
    #[must_use]
    pub fn creating(mut self, command: Command, label: &'static str) -> Self {
        self.push(command, label, None, true);
        self
    }

    /// Adds the keys that move in a list.
    #[must_use]
    pub fn with_list(self) -> Self {
        LIST.iter()
            .fold(self, |offer, command| offer.with(*command, ""))
    }

    /// Adds the numbered choices 1 to `count`.
    #[must_use]
    pub fn with_choices(self, count: usize, label: &'static str) -> Self {
        (1..=9).take(count).fold(self, |offer, number| {
            offer.with(Command::Choose(number), label)
        })
    }

    fn push(
        &mut self,
        command: Command,
        label: &'static str,
        blocked: Option<String>,
        creates: bool,
    ) {
        self.commands.push(Offered {
            command,
            label,
            blocked,
            creates,
        });
    }

    /// The entry for this command.
    pub fn find(&self, command: Command) -> Option<&Offered> {
        self.commands
            .iter()
            .find(|offered| offered.command == command)
    }
}

const LIST: [Command; 6] = [
    Command::Up,
    Command::Down,
    Command::PageUp,
    Command::PageDown,
    Command::First,
    Command::Last,
];

/// A row of the key table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What the keys mean.
    pub command: Command,
    /// Keys that work whoever the letters belong to.
    pub always: Cow<'static, [Key]>,
    /// Keys that work only while letters are commands.
    pub letters: Cow<'static, [Key]>,
    /// What it does, for help and README.
    pub help: &'static str,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub KeyCode, pub KeyModifiers);

const fn key(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}
const fn letter(letter: char) -> Key {
    key(KeyCode::Char(letter))
}
const fn ctrl(letter: char) -> Key {
    Key(KeyCode::Char(letter), KeyModifiers::CONTROL)
}
const fn alt(letter: char) -> Key {
    Key(KeyCode::Char(letter), KeyModifiers::ALT)
}

/// Builds a row; keeps the table below readable.
const fn row(
    command: Command,
    always: &'static [Key],
    letters: &'static [Key],
    help: &'static str,
) -> Binding {
    Binding {
        command,
        always: Cow::Borrowed(always),
        letters: Cow::Borrowed(letters),
        help,
    }
}

use Command as C;

/// The usual keys. A key may stand in several rows if no screen offers two of them together; see [`clashes`].
pub static BINDINGS: &[Binding] = &[
    row(
        C::Next,
        &[key(KeyCode::Enter), ctrl('s')],
        &[],
        "take, go on, press the button",
    ),
    row(
        C::Back,
        &[key(KeyCode::Esc)],
        &[],
        "one step back; closes overlays and filters first",
    ),
    row(C::Up, &[key(KeyCode::Up)], &[letter('k')], "up"),
    row(C::Down, &[key(KeyCode::Down)], &[letter('j')], "down"),
    row(
        C::Left,
        &[key(KeyCode::Left)],
        &[letter('h')],
        "left: the other button or page",
    ),
    row(
        C::Right,
        &[key(KeyCode::Right)],
        &[letter('l')],
        "right: the other button or page",
    ),
    row(
        C::PageUp,
        &[key(KeyCode::PageUp)],
        &[ctrl('b')],
        "one page up",
    ),
    row(
        C::PageDown,
        &[key(KeyCode::PageDown)],
        &[ctrl('f')],
        "one page down",
    ),
    row(
        C::First,
        &[key(KeyCode::Home)],
        &[letter('g')],
        "to the first line",
    ),
    row(
        C::Last,
        &[key(KeyCode::End)],
        &[letter('G')],
        "to the last line",
    ),
    row(
        C::Tab,
        &[key(KeyCode::Tab)],
        &[],
        "next pane, page or field",
    ),
    row(
        C::BackTab,
        &[key(KeyCode::BackTab)],
        &[],
        "the pane, page or field before",
    ),
    row(C::Choose(1), &[], &[letter('1')], "a numbered choice"),
    row(C::Choose(2), &[], &[letter('2')], "a numbered choice"),
    row(C::Choose(3), &[], &[letter('3')], "a numbered choice"),
    row(C::Choose(4), &[], &[letter('4')], "a numbered choice"),
    row(C::Choose(5), &[], &[letter('5')], "a numbered choice"),
    row(C::Choose(6), &[], &[letter('6')], "a numbered choice"),
    row(C::Choose(7), &[], &[letter('7')], "a numbered choice"),
    row(C::Choose(8), &[], &[letter('8')], "a numbered choice"),
    row(C::Choose(9), &[], &[letter('9')], "a numbered choice"),
    row(
        C::Filter,
        &[],
        &[letter('/')],
        "filter the list while typing",
    ),
    row(C::Toggle, &[], &[letter(' ')], "tick; show a hidden value"),
    row(C::Auto, &[], &[letter('a')], "let the service choose"),
    row(
        C::Add,
        &[],
        &[letter('n')],
        "add a line, or begin a new app",
    ),
    row(C::Drop, &[], &[letter('d')], "drop this line, or this node"),
    row(
        C::Edit,
        &[ctrl('e')],
        &[letter('e')],
        "open in $VISUAL or $EDITOR",
    ),
    row(C::Files, &[], &[letter('f')], "pick a file"),
    row(
        C::Difference,
        &[],
        &[letter('v')],
        "the difference to what runs now; what stands behind a verdict",
    ),
    row(
        C::Prove,
        &[],
        &[letter('p')],
        "check it elsewhere: the chain, Intel's lists",
    ),
    row(
        C::Elsewhere,
        &[],
        &[letter('R')],
        "ask another node of the chain",
    ),
    row(
        C::Faster,
        &[],
        &[letter('u')],
        "pay more for a transaction that waits",
    ),
    row(C::Refresh, &[], &[letter('r')], "ask again"),
    row(C::Copy, &[], &[letter('y')], "copy to the clipboard"),
    row(
        C::Curl,
        &[],
        &[letter('c')],
        "the request as other commands",
    ),
    row(C::Open, &[], &[letter('o')], "show in the browser"),
    row(C::Follow, &[], &[letter('f')], "follow the log as it grows"),
    row(C::Wrap, &[], &[letter('W')], "wrap long lines"),
    row(C::Stamps, &[], &[letter('t')], "show the time of each line"),
    row(C::Fold, &[], &[letter('z')], "fold known harmless lines"),
    row(
        C::FindNext,
        &[],
        &[letter('n')],
        "to the next line that was found",
    ),
    row(
        C::FindBefore,
        &[],
        &[letter('N')],
        "to the line found before",
    ),
    row(C::Save, &[], &[letter('w')], "save to a file"),
    row(C::Pager, &[], &[letter('v')], "show in $PAGER"),
    row(C::Logs, &[], &[letter('L')], "the logs"),
    row(
        C::Switch,
        &[],
        &[letter('s')],
        "to the next instance, where several were made",
    ),
    row(C::Detach, &[], &[letter('d')], "leave it running and go"),
    row(C::Restart, &[], &[letter('x')], "restart the instance"),
    row(
        C::Delete,
        &[],
        &[letter('D')],
        "delete the instance; asks for its name",
    ),
    row(
        C::Check,
        &[],
        &[letter('c')],
        "ask the app at its own address",
    ),
    row(C::Jump(1), &[alt('1')], &[], "jump to a step already seen"),
    row(C::Jump(2), &[alt('2')], &[], "jump to a step already seen"),
    row(C::Jump(3), &[alt('3')], &[], "jump to a step already seen"),
    row(C::Jump(4), &[alt('4')], &[], "jump to a step already seen"),
    row(C::Jump(5), &[alt('5')], &[], "jump to a step already seen"),
    row(C::Jump(6), &[alt('6')], &[], "jump to a step already seen"),
    row(
        C::Profiles,
        &[],
        &[letter('P')],
        "another profile: another key, another workspace",
    ),
    row(
        C::Help,
        &[key(KeyCode::F(1))],
        &[letter('?')],
        "the keys of this screen",
    ),
    row(C::Redraw, &[ctrl('l')], &[], "draw everything again"),
    row(
        C::Suspend,
        &[ctrl('z')],
        &[],
        "to the shell; `fg` comes back",
    ),
    row(
        C::Leave,
        &[ctrl('c')],
        &[letter('q')],
        "leave; asks first where something would be lost",
    ),
];

/// What a key means on a screen that offers this, if anything.
///
/// In a text, Enter breaks the line and Ctrl-S goes on; arrows, Home and the like move the text's own cursor.
pub fn look_up(event: KeyEvent, offer: &Offer) -> Option<Command> {
    let pressed = Key(event.code, event.modifiers - KeyModifiers::SHIFT);
    let belongs_to_text = match offer.typing {
        Typing::No => false,
        Typing::Line => matches!(
            event.code,
            KeyCode::Left
                | KeyCode::Right
                | KeyCode::Home
                | KeyCode::End
                | KeyCode::Backspace
                | KeyCode::Delete
        ),
        Typing::Text => {
            pressed != Key(KeyCode::Tab, KeyModifiers::NONE)
                && pressed.1.is_empty()
                && !matches!(event.code, KeyCode::Esc | KeyCode::F(_) | KeyCode::BackTab)
        }
    };
    if belongs_to_text {
        return None;
    }
    offered(offer)
        .find(|binding| keys(binding, offer.typing).any(|key| *key == pressed))
        .map(|binding| binding.command)
}

/// Keys that would mean two things on a screen that offers this. There must be none.
pub fn clashes(offer: &Offer) -> Vec<Key> {
    let mut seen: Vec<Key> = Vec::new();
    let mut twice: Vec<Key> = Vec::new();
    for key in offered(offer).flat_map(|binding| keys(binding, offer.typing)) {
        if !seen.contains(key) {
            seen.push(*key);
        } else if !twice.contains(key) {
            twice.push(*key);
        }
    }
    twice
}

/// The rows of what is offered, in the order of the table.
fn offered(offer: &Offer) -> impl Iterator<Item = &'static Binding> {
    bound::rows()
        .iter()
        .filter(|binding| offer.find(binding.command).is_some())
}

/// The keys of a row that work on a screen of this kind.
pub fn keys(binding: &Binding, typing: Typing) -> impl Iterator<Item = &Key> {
    let letters = if typing == Typing::No {
        &binding.letters[..]
    } else {
        &[]
    };
    binding.always.iter().chain(letters)
}

/// The row of a command.
pub fn binding(command: Command) -> Option<&'static Binding> {
    bound::rows()
        .iter()
        .find(|binding| binding.command == command)
}

/// The key that a sentence names for a command. It is for sentences on screens where letters are commands.
pub fn hint(command: Command) -> String {
    shown_key(command, Typing::No)
}

/// The key to show for a command on a screen of this kind: the shortest that works there.
pub fn shown_key(command: Command, typing: Typing) -> String {
    let Some(binding) = binding(command) else {
        return String::new();
    };
    let mut keys = binding
        .always
        .iter()
        .filter(|key| typing != Typing::Text || key.0 != KeyCode::Enter);
    let letter = binding.letters.first().filter(|_| typing == Typing::No);
    match command {
        // An arrow or a named key says more than a letter; a letter more than a control key.
        Command::Help | Command::Edit => letter.or_else(|| keys.next()),
        _ => keys.next().or(letter),
    }
    .map(|key| name(*key))
    .unwrap_or_default()
}

/// All keys of a row, as help and README print them.
pub fn all_keys(binding: &Binding) -> String {
    let keys: Vec<String> = binding
        .always
        .iter()
        .chain(&*binding.letters)
        .map(|key| name(*key))
        .collect();
    keys.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(text: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(text), KeyModifiers::NONE)
    }

    #[test]
    fn a_key_that_always_works_means_one_thing() {
        let always = || BINDINGS.iter().flat_map(|binding| &*binding.always);
        let letters = || BINDINGS.iter().flat_map(|binding| &*binding.letters);
        for key in always() {
            let rows = always().chain(letters()).filter(|other| *other == key);
            assert_eq!(rows.count(), 1, "{} is bound twice", name(*key));
        }
    }

    #[test]
    fn a_key_of_two_rows_means_what_the_screen_offers() {
        for (offered, other) in [
            (Command::Files, Command::Follow),
            (Command::Drop, Command::Detach),
            (Command::Curl, Command::Check),
        ] {
            for (offered, other) in [(offered, other), (other, offered)] {
                let offer = Offer::new(Typing::No).with(offered, "it");
                let key = binding(other).unwrap().letters[0];
                let event = KeyEvent::new(key.0, key.1);
                assert_eq!(look_up(event, &offer), Some(offered));
                assert_eq!(clashes(&offer), []);
                let both = offer.with(other, "the other");
                assert_eq!(clashes(&both), [key]);
            }
        }
    }

    #[test]
    fn what_is_offered_twice_and_what_belongs_to_the_text_does_not_clash() {
        let offer = Offer::new(Typing::No).with_list().with_list();
        assert_eq!(clashes(&offer), []);
        let offer = Offer::new(Typing::Line)
            .with(Command::Files, "pick")
            .with(Command::Follow, "follow");
        assert_eq!(clashes(&offer), []);
    }

    #[test]
    fn a_command_has_one_row() {
        for (index, binding) in BINDINGS.iter().enumerate() {
            assert!(
                BINDINGS[index + 1..]
                    .iter()
                    .all(|other| other.command != binding.command),
                "{binding:?}"
            );
        }
    }

    #[test]
    fn a_key_that_nobody_offers_means_nothing() {
        let offer = Offer::new(Typing::No).with(Command::Next, "take");
        assert_eq!(look_up(press('r'), &offer), None);
        assert_eq!(
            look_up(press('r'), &offer.with(Command::Refresh, "again")),
            Some(Command::Refresh)
        );
    }

    #[test]
    fn while_typing_letters_belong_to_the_text() {
        let offer = Offer::new(Typing::Line)
            .with(Command::Refresh, "again")
            .with(Command::Help, "help");
        assert_eq!(look_up(press('r'), &offer), None);
        assert_eq!(look_up(press('?'), &offer), None);
        assert_eq!(
            look_up(KeyEvent::from(KeyCode::F(1)), &offer),
            Some(Command::Help)
        );
    }

    #[test]
    fn in_a_text_enter_breaks_the_line_and_control_s_goes_on() {
        let offer = Offer::new(Typing::Text)
            .with(Command::Next, "done")
            .with(Command::Up, "");
        assert_eq!(look_up(KeyEvent::from(KeyCode::Enter), &offer), None);
        assert_eq!(look_up(KeyEvent::from(KeyCode::Up), &offer), None);
        let control_s = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL);
        assert_eq!(look_up(control_s, &offer), Some(Command::Next));
        assert_eq!(shown_key(Command::Next, Typing::Text), "Ctrl-S");
    }

    #[test]
    fn a_capital_letter_is_a_key_of_its_own() {
        let offer = Offer::new(Typing::No).with_list();
        let capital = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(look_up(capital, &offer), Some(Command::Last));
    }
}
