//! Takes the terminal and gives it back, on every way out.
//!
//! There is one terminal, so its state is one value here, and giving it back twice does nothing the second time.
//! That lets the loop, the panic hook and the signal thread each restore without knowing of each other. Nothing in
//! here knows what is drawn.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::Command;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange,
};
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};

use super::{alert, report};
use attributes::Attributes;

#[cfg(windows)]
#[path = "terminal/console.rs"]
mod attributes;

#[cfg(windows)]
pub(super) use attributes::shows_typing;

static TERMINAL: Mutex<Holding> = Mutex::new(Holding::Free);

/// A terminal that answers at all does so within this time.
const ANSWER: Duration = Duration::from_millis(100);

/// Whose the terminal is.
#[derive(Debug)]
enum Holding {
    /// The shell's, as it was before us.
    Free,
    /// Ours.
    Taken(Before),
    /// Ours, but handed to an editor or to the shell for a while.
    Lent(Before),
}

/// What has to be put back.
#[derive(Debug, Clone)]
struct Before {
    attributes: Attributes,
    /// Nothing but its line settings was changed: no sequence is ever sent.
    is_plain: bool,
    alternate: bool,
    /// The terminal was asked to remember the title it had.
    titled: bool,
    /// When the terminal was asked something that it may still answer.
    asked: Option<Instant>,
}

/// The terminal is ours as long as this lives.
#[derive(Debug)]
#[must_use = "the terminal is given back when this is dropped"]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Takes the terminal: no echo, no line editing, a hidden cursor, pastes in brackets, changes of focus told, and, unless `alternate` is
/// false, a screen of its own. From here on a panic anywhere gives it back before it says anything.
pub fn take(alternate: bool) -> io::Result<Guard> {
    let before = Before {
        attributes: Attributes::now()?,
        is_plain: false,
        alternate,
        titled: false,
        asked: None,
    };
    report::listen();
    enter(&before)?;
    *terminal() = Holding::Taken(before);
    Ok(Guard(()))
}

/// Takes the terminal for plain lines: it goes on echoing and editing lines, and gets no sequence.
pub fn take_plain() -> io::Result<Guard> {
    let before = Before {
        attributes: Attributes::now()?,
        is_plain: true,
        alternate: false,
        titled: false,
        asked: None,
    };
    report::listen();
    before.attributes.apply_lines(true)?;
    *terminal() = Holding::Taken(before);
    Ok(Guard(()))
}

/// Whether a screen can be drawn here: whether sequences are obeyed. Elsewhere than on Windows `TERM` says so.
pub fn can_show_a_screen() -> bool {
    attributes::obey()
}

/// Has the terminal show what is typed, or not, while it is ours for plain lines.
pub fn show_typing(is_shown: bool) -> io::Result<()> {
    match &*terminal() {
        Holding::Taken(before) if before.is_plain => before.attributes.apply_lines(is_shown),
        _ => Ok(()),
    }
}

/// Gives the terminal back for good, and drops what was typed at a screen that is gone.
pub fn give_back() {
    let mut terminal = terminal();
    match &*terminal {
        Holding::Free => {}
        Holding::Taken(before) => {
            leave(before);
            attributes::forget_input();
        }
        Holding::Lent(before) => before.attributes.apply(),
    }
    *terminal = Holding::Free;
}

/// Hands the terminal to another program, as it was before us. [`take_again`] ends that.
pub fn lend() {
    let mut terminal = terminal();
    if let Holding::Taken(before) = &*terminal {
        let before = before.clone();
        leave(&before);
        *terminal = Holding::Lent(Before {
            titled: false,
            asked: None,
            ..before
        });
    }
}

/// Takes a lent terminal again. One that was never lent has its modes set once more, as whoever continued us after
/// a stop may have changed them. Either way nothing on the screen is to be relied on.
pub fn take_again() -> io::Result<()> {
    let mut terminal = terminal();
    match &*terminal {
        Holding::Free => Ok(()),
        Holding::Taken(before) if before.is_plain => before.attributes.apply_lines(true),
        Holding::Taken(before) => before.attributes.apply_raw(),
        Holding::Lent(before) => {
            let before = before.clone();
            enter(&before)?;
            *terminal = Holding::Taken(before);
            Ok(())
        }
    }
}

/// Writes to the terminal while it is ours, and nowhere while it is not: a frame that was begun before the terminal
/// was given back must not land in the shell.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    match &*terminal() {
        Holding::Taken(_) => attributes::write(bytes),
        Holding::Free | Holding::Lent(_) => Ok(()),
    }
}

/// Gives the window a title while the terminal is ours. The one it had before comes back with the terminal.
pub fn entitle(title: &str) -> io::Result<()> {
    let mut terminal = terminal();
    let Holding::Taken(before) = &mut *terminal else {
        return Ok(());
    };
    if !before.titled {
        before.titled = true;
        attributes::write(alert::KEEP_TITLE.as_bytes())?;
    }
    attributes::write(alert::title(title).as_bytes())
}

/// Asks the terminal something, and does not wait for the answer.
pub(super) fn ask(question: &str) -> io::Result<()> {
    let mut terminal = terminal();
    let Holding::Taken(before) = &mut *terminal else {
        return Ok(());
    };
    before.asked = Some(Instant::now());
    attributes::write(question.as_bytes())
}

/// Whether frames can be seen.
pub fn is_taken() -> bool {
    matches!(*terminal(), Holding::Taken(_))
}

/// Whether another program has the terminal at the moment.
pub fn is_lent() -> bool {
    matches!(*terminal(), Holding::Lent(_))
}

/// Stops the whole job, as Ctrl-Z does to programs that do not read keys. Returns once it is continued.
///
/// Where nobody could continue it, as in a terminal window that runs nothing but this program, it does nothing.
pub fn suspend() {
    if signals::can_be_continued() {
        lend();
        signals::stop();
    }
}

fn terminal() -> MutexGuard<'static, Holding> {
    TERMINAL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn enter(before: &Before) -> io::Result<()> {
    if before.is_plain {
        return before.attributes.apply_lines(true);
    }
    before.attributes.apply_raw()?;
    let mut sequences = String::new();
    if before.alternate {
        say(&mut sequences, EnterAlternateScreen);
    }
    // A console hands over records of keys, which have no brackets; asking for them makes some terminals change the
    // line ends of what is pasted.
    if cfg!(unix) {
        say(&mut sequences, EnableBracketedPaste);
    }
    say(&mut sequences, EnableFocusChange);
    say(&mut sequences, Hide);
    say(&mut sequences, Clear(ClearType::All));
    attributes::write(sequences.as_bytes())
}

/// Undoes [`enter`], and whatever an editor may have left switched on. A terminal that is gone is not an error.
fn leave(before: &Before) {
    await_answer(before);
    // First, so that whoever sees the screen change and types is read the way the shell reads.
    before.attributes.apply();
    if before.is_plain {
        return;
    }
    let mut sequences = String::from("\x1b[0m");
    say(&mut sequences, DisableMouseCapture);
    say(&mut sequences, DisableFocusChange);
    say(&mut sequences, DisableBracketedPaste);
    if before.alternate {
        say(&mut sequences, LeaveAlternateScreen);
    } else {
        // The last frame stays; what follows begins below it.
        sequences.push_str("\x1b[9999;1H\r\n");
    }
    say(&mut sequences, Show);
    if before.titled {
        sequences.push_str(alert::PUT_TITLE_BACK);
    }
    let _ = attributes::write(sequences.as_bytes());
}

/// Whoever has the terminal next must not read an answer to us: where one may be on its way, it has this long.
fn await_answer(before: &Before) {
    let left = before
        .asked
        .and_then(|asked| ANSWER.checked_sub(asked.elapsed()));
    if let Some(left) = left {
        thread::sleep(left);
        attributes::forget_input();
    }
}

fn say(sequences: &mut String, command: impl Command) {
    // Writing to a String cannot fail.
    let _ = command.write_ansi(sequences);
}

/// Line settings of the terminal, kept bit for bit.
#[cfg(unix)]
mod attributes {
    use std::io;

    use rustix::stdio::{stdin, stdout};
    use rustix::termios::{
        LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
    };

    #[derive(Debug, Clone)]
    pub(super) struct Attributes(Termios);

    impl Attributes {
        pub(super) fn now() -> io::Result<Self> {
            Ok(Self(tcgetattr(stdin())?))
        }

        pub(super) fn apply(&self) {
            // At once: waiting for output to drain could wait for a terminal that is gone.
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
        }

        pub(super) fn apply_raw(&self) -> io::Result<()> {
            let mut raw = self.0.clone();
            raw.make_raw();
            Ok(tcsetattr(stdin(), OptionalActions::Now, &raw)?)
        }

        /// For plain lines, which the terminal edits; what is typed is shown, or not.
        pub(super) fn apply_lines(&self, is_shown: bool) -> io::Result<()> {
            let mut lines = self.0.clone();
            if !is_shown {
                lines.local_modes.remove(LocalModes::ECHO);
            }
            Ok(tcsetattr(stdin(), OptionalActions::Now, &lines)?)
        }
    }

    /// Every terminal does.
    pub(super) fn obey() -> bool {
        true
    }

    /// The second half of a paste must not become a command line.
    pub(super) fn forget_input() {
        let _ = tcflush(stdin(), QueueSelector::IFlush);
    }

    /// Writes past the lock and the buffer of `io::stdout`, either of which a stuck frame may hold.
    pub(super) fn write(mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(stdout(), bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

use super::signals;
